/* test_engine_cases.c - the conformance cases against the engine, in one process: by kernels and row
 * by row, with the data in one part and in several. The program's own run over the cases is
 * tests/conformance; here a wrong answer is one function call away. */
#include "harness.h"

#include <dirent.h>
#include <jansson.h>
#include <zlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "differential/workspace.h"
#include "engine/vocabulary.h"
#include "lang/check.h"

#include <sodium.h>

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

/* ---- data ---- */

static void read_data(const char *name, struct gy_buf *out)
{
    char path[4096];
    bool is_small = strcmp(name, "small") == 0;
    snprintf(path, sizeof path, "%s/data/%s", root(), is_small ? "small.jsonl" : "medium.jsonl.gz");
    gzFile file = gzopen(path, "rb"); /* reads what is not packed as it is */
    assert_non_null(file);
    int n;
    do {
        n = gzread(file, gy_buf_room(out, 65536), 65536);
        assert_true(n >= 0);
        gy_buf_added(out, (size_t)n);
    } while (n > 0);
    gzclose(file);
}

/* ---- one case ---- */

/* What a case defines beside its data. */
static void define(struct workspace *w, const json_t *c)
{
    struct gy_error err;
    struct gy_str none = {0};
    const char *key;
    json_t *value;
    size_t i;
    json_object_foreach(json_object_get(c, "lists"), key, value)
    {
        size_t n = json_array_size(value);
        struct gy_str *ids = gy_alloc_zero(n + 1, sizeof *ids);
        for (i = 0; i < n; i++)
            ids[i] = str_of(json_array_get(value, i));
        assert_ok(gy_writer_put_list(w->writer, gy_str_of(key), ids, n, false, &err), &err);
        free(ids);
    }
    json_object_foreach(json_object_get(c, "segments"), key, value)
        assert_ok(gy_writer_put_segment(w->writer, gy_str_of(key), str_of(value), GY_STR("{}"),
                                        none, none, &err),
                  &err);
    json_object_foreach(json_object_get(c, "metrics"), key, value)
        assert_ok(gy_writer_put_metric(w->writer, gy_str_of(key), str_of(value), &err), &err);
    json_array_foreach(json_object_get(c, "history"), i, value)
    {
        struct gy_change change = {
            str_of(json_object_get(value, "segment")),
            str_of(json_object_get(value, "id")),
            gy_str_equal(str_of(json_object_get(value, "change")), GY_STR("entered")),
            time_of(json_object_get(value, "at")),
        };
        assert_ok(gy_writer_record_changes(w->writer, &change, 1, &err), &err);
    }
}

/* Leaves the workspace as it was. */
static void forget(struct workspace *w, const json_t *c)
{
    struct gy_error err;
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(c, "lists"), key, value)
        assert_ok(gy_writer_remove_list(w->writer, gy_str_of(key), &err), &err);
    json_object_foreach(json_object_get(c, "metrics"), key, value)
        assert_ok(gy_writer_remove_metric(w->writer, gy_str_of(key), &err), &err);
    json_object_foreach(json_object_get(c, "segments"), key, value)
        assert_ok(gy_writer_remove_segment(w->writer, gy_str_of(key), &err), &err);
}

static bool is_expected(const json_t *expected, struct gy_str ids)
{
    struct gy_buf text = {0};
    size_t i;
    json_t *id;
    if (json_is_object(expected)) { /* the hash of the ids without the last line feed */
        unsigned char sum[32];
        char hex[65];
        size_t len = ids.len > 0 ? ids.len - 1 : 0;
        crypto_hash_sha256(sum, (const unsigned char *)(len > 0 ? ids.ptr : ""), len);
        sodium_bin2hex(hex, sizeof hex, sum, sizeof sum);
        return gy_str_equal(gy_str_of(hex), str_of(json_object_get(expected, "sha256")));
    }
    json_array_foreach(expected, i, id)
    {
        gy_buf_str(&text, str_of(id));
        gy_buf_char(&text, '\n');
    }
    bool is_same = gy_str_equal(gy_buf_view(&text), ids);
    if (!is_same)
        print_error("expected:\n%s", text.ptr == NULL ? "" : text.ptr);
    gy_buf_release(&text);
    return is_same;
}

static bool ask(const struct workspace *w, const json_t *c, bool row_by_row, unsigned n_threads)
{
    struct gy_error err;
    struct gy_vocabulary vocabulary = gy_vocabulary_of(w->snapshot);
    struct gy_check_options check = {.allow_unknown =
                                         json_is_true(json_object_get(c, "allow_unknown"))};
    struct gy_run_options options = {.row_by_row = row_by_row, .n_threads = n_threads};
    struct gy_definition definition = {0};
    roaring_bitmap_t *audience;
    struct gy_buf ids = {0};
    assert_ok(
        gy_define(str_of(json_object_get(c, "where")), &vocabulary, &check, &definition, &err),
        &err);
    assert_ok(gy_audience(w->snapshot, definition.expr, time_of(json_object_get(c, "as_of")),
                          &options, &audience, &err),
              &err);
    workspace_ids(w, audience, &ids);
    bool is_right = is_expected(json_object_get(c, "expect"), gy_buf_view(&ids));
    if (!is_right)
        print_error(
            "%s (%s)\n%s\nfound %zu:\n%s\n", json_string_value(json_object_get(c, "name")),
            row_by_row ? "row by row" : "kernels", json_string_value(json_object_get(c, "where")),
            (size_t)roaring_bitmap_get_cardinality(audience), ids.len < 2000 ? ids.ptr : "(many)");
    gy_buf_release(&ids);
    roaring_bitmap_free(audience);
    gy_definition_release(&definition);
    return is_right;
}

/* ---- all cases of one data set and zone ---- */

struct tally {
    size_t n;
    size_t wrong;
};

static void check_case(struct workspace *w, const json_t *c, struct tally *tally)
{
    define(w, c);
    workspace_open(w);
    tally->wrong += !ask(w, c, false, 2);
    tally->wrong += !ask(w, c, true, 1);
    tally->n++;
    forget(w, c);
}

static json_t *all_cases(void)
{
    char path[4096];
    json_t *all = json_array();
    snprintf(path, sizeof path, "%s/cases", root());
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        json_error_t error;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/cases/%s", root(), entry->d_name);
        json_t *cases = json_load_file(path, JSON_ALLOW_NUL, &error);
        assert_non_null(cases);
        json_array_extend(all, cases);
        json_decref(cases);
    }
    closedir(dir);
    return all;
}

static void check_zone(const json_t *cases, const char *data, const char *zone, struct gy_str lines,
                       const struct workspace_shape *shape, struct tally *tally)
{
    struct workspace w = {0};
    size_t i;
    json_t *c;
    json_array_foreach(cases, i, c)
    {
        if (json_object_get(c, "expect") == NULL ||
            strcmp(json_string_value(json_object_get(c, "data")), data) != 0 ||
            strcmp(json_string_value(json_object_get(c, "time_zone")), zone) != 0)
            continue;
        if (w.writer == NULL)
            workspace_init(&w, zone, lines, shape);
        check_case(&w, c, tally);
        if (json_object_get(c, "history") != NULL) /* what was recorded stays */
            workspace_release(&w);
    }
    if (w.writer != NULL)
        workspace_release(&w);
}

static void check_all(const char *data, const struct workspace_shape *shape)
{
    struct gy_buf lines = {0};
    struct tally tally = {0};
    json_t *cases = all_cases();
    json_t *zones = json_object();
    const char *zone;
    json_t *ignored;
    size_t i;
    json_t *c;
    read_data(data, &lines);
    json_array_foreach(cases, i, c)
    {
        const json_t *name = json_object_get(c, "time_zone");
        if (name != NULL && json_object_get(c, "expect") != NULL)
            json_object_set_new(zones, json_string_value(name), json_true());
    }
    json_object_foreach(zones, zone, ignored)
        check_zone(cases, data, zone, gy_buf_view(&lines), shape, &tally);
    json_decref(zones);
    json_decref(cases);
    gy_buf_release(&lines);
    print_message("%zu cases\n", tally.n);
    assert_int_equal(tally.wrong, 0);
    assert_true(tally.n > 20);
}

static void small_in_one_part(void **state)
{
    (void)state;
    check_all("small", &(struct workspace_shape){.n_commits = 1});
}

static void small_merged(void **state)
{
    (void)state;
    check_all("small", &(struct workspace_shape){.n_commits = 1, .is_compacted = true});
}

static void medium_in_several_parts(void **state)
{
    (void)state;
    check_all("medium", &(struct workspace_shape){.n_commits = 5, .n_to_log = 1, .seed = 7});
}

static void medium_merged(void **state)
{
    (void)state;
    check_all("medium",
              &(struct workspace_shape){.n_commits = 4, .is_compacted = true, .seed = 11});
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(small_in_one_part),
    cmocka_unit_test(small_merged),
    cmocka_unit_test(medium_in_several_parts),
    cmocka_unit_test(medium_merged),
};

GY_TEST_MAIN(cases)
