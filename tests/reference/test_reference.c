/* test_reference.c - the reference evaluator against the conformance cases: what the engine is
 * compared with must itself be right. Cases over the small data set; the large one is the engine's. */
#include "harness.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "reference/reference.h"

static const char *root(void)
{
    const char *dir = getenv("GYEOL_CASES");
    return dir == NULL ? "tests/conformance" : dir;
}

static struct gy_str str_of(const json_t *json)
{
    return (struct gy_str){json_string_value(json), json_string_length(json)};
}

static int64_t time_of(const json_t *json)
{
    int64_t ms;
    assert_true(gy_time_read(str_of(json), NULL, &ms, NULL));
    return ms;
}

/* What a case defines beside its data. */
static void define(struct ref_data *data, const json_t *c)
{
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(c, "lists"), key, value)
    {
        struct gy_str ids[256];
        size_t n = json_array_size(value);
        assert_true(n <= 256);
        for (size_t i = 0; i < n; i++) {
            ids[i] = str_of(json_array_get(value, i));
        }
        ref_data_list(data, gy_str_of(key), ids, n);
    }
    json_object_foreach(json_object_get(c, "segments"), key, value)
    {
        ref_data_segment(data, gy_str_of(key), str_of(value));
    }
    json_object_foreach(json_object_get(c, "metrics"), key, value)
    {
        ref_data_metric(data, gy_str_of(key), str_of(value));
    }
    size_t i;
    json_array_foreach(json_object_get(c, "history"), i, value)
    {
        ref_data_change(data, str_of(json_object_get(value, "segment")),
                        str_of(json_object_get(value, "id")),
                        gy_str_equal(str_of(json_object_get(value, "change")), GY_STR("entered")),
                        time_of(json_object_get(value, "at")));
    }
}

static bool agrees(struct gy_str lines, const json_t *c)
{
    struct gy_error err;
    struct gy_zone *zone = NULL;
    assert_ok(gy_zone_open(json_string_value(json_object_get(c, "time_zone")), &zone, &err), &err);
    struct ref_data *data = ref_data_new(lines, zone);
    define(data, c);
    struct gy_vocabulary vocabulary = ref_vocabulary(data);
    struct gy_check_options options = {.allow_unknown =
                                           json_is_true(json_object_get(c, "allow_unknown"))};
    struct gy_definition definition = {0};
    assert_ok(
        gy_define(str_of(json_object_get(c, "where")), &vocabulary, &options, &definition, &err),
        &err);
    struct gy_buf members = {0};
    struct gy_buf expected = {0};
    gy_buf_text(&members, "");
    gy_buf_text(&expected, "");
    ref_members(data, definition.expr, time_of(json_object_get(c, "as_of")), &members);
    size_t i;
    json_t *id;
    json_array_foreach(json_object_get(c, "expect"), i, id)
    {
        gy_buf_str(&expected, str_of(id));
        gy_buf_char(&expected, '\n');
    }
    bool is_same = gy_str_equal(gy_buf_view(&members), gy_buf_view(&expected));
    if (!is_same) {
        print_error("%s\n%s\nexpected:\n%s\nfound:\n%s\n",
                    json_string_value(json_object_get(c, "name")),
                    json_string_value(json_object_get(c, "where")), expected.ptr, members.ptr);
    }
    gy_buf_release(&members);
    gy_buf_release(&expected);
    gy_definition_release(&definition);
    ref_data_free(data);
    gy_zone_close(zone);
    return is_same;
}

/* How many cases of the file were asked; `*wrong` counts those that were answered otherwise. */
static size_t check_file(struct gy_str lines, const char *path, size_t *wrong)
{
    json_error_t error;
    json_t *cases = json_load_file(path, JSON_ALLOW_NUL, &error);
    assert_non_null(cases);
    size_t n = 0;
    size_t i;
    json_t *c;
    json_array_foreach(cases, i, c)
    {
        if (json_is_array(json_object_get(c, "expect")) &&
            gy_str_equal(str_of(json_object_get(c, "data")), GY_STR("small"))) {
            *wrong += !agrees(lines, c);
            n++;
        }
    }
    json_decref(cases);
    return n;
}

static void agrees_with_the_cases(void **state)
{
    (void)state;
    char path[4096];
    struct gy_error err;
    struct gy_buf lines = {0};
    snprintf(path, sizeof path, "%s/data/small.jsonl", root());
    assert_ok(gy_file_read(path, &lines, &err), &err);
    snprintf(path, sizeof path, "%s/cases", root());
    DIR *dir = opendir(path);
    assert_non_null(dir);
    size_t n = 0;
    size_t wrong = 0;
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] != '.') {
            snprintf(path, sizeof path, "%s/cases/%s", root(), entry->d_name);
            n += check_file(gy_buf_view(&lines), path, &wrong);
        }
    }
    closedir(dir);
    gy_buf_release(&lines);
    print_message("%zu cases\n", n);
    assert_int_equal(wrong, 0);
    assert_true(n > 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_the_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
