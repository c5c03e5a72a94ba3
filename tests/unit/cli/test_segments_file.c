/* test_segments_file.c - segments under version control: what is taken, and where it is wrong. */
#include <string.h>
#include <unistd.h>

#include "harness.h"

#include "base/file.h"
#include "cli/segments_file.h"
#include "workspace/attributes.h"

/* Reads `text` as a file. */
static enum gy_status read_text(const char *text, struct gy_segments_file *out,
                                struct gy_error *err)
{
    char path[] = "/tmp/gyeol-test-XXXXXX";
    close(mkstemp(path));
    assert_ok(gy_file_write(path, gy_str_of(text), err), err);
    *err = (struct gy_error){0};
    enum gy_status status = gy_segments_file_read(path, out, err);
    unlink(path);
    return status;
}

static void segments_are_read_in_their_order(void **state)
{
    (void)state;
    struct gy_segments_file file;
    struct gy_error err = {0};
    struct gy_buf attributes = {0};
    const char *text = "# ours\n"
                       "segments:\n"
                       "  - name: At risk\n"
                       "    where: |\n"
                       "      did(Visit)\n"
                       "        and everyone\n"
                       "    title: { en: At risk, ko: 이탈 위험 }\n"
                       "    priority: 3\n"
                       "    tags: [a, 2]\n"
                       "    refresh: weekly\n"
                       "    valid_until: 2026-06-01\n"
                       "  - { where: nobody, name: 'no: one' }\n";
    assert_ok(read_text(text, &file, &err), &err);
    assert_int_equal(file.n, 2);
    assert_true(gy_str_equal(file.segments[0].name, GY_STR("At risk")));
    assert_true(gy_str_equal(file.segments[0].text, GY_STR("did(Visit)\n  and everyone")));
    assert_int_equal(file.segments[0].line, 3);
    assert_true(gy_str_equal(file.segments[1].name, GY_STR("no: one")));
    gy_attributes_text(file.segments[0].attributes, &attributes);
    assert_string_equal(attributes.ptr,
                        "{\"priority\":3,\"refresh\":\"weekly\",\"tags\":[\"a\","
                        "\"2\"],\"title\":{\"en\":\"At risk\",\"ko\":\"이탈 위험\"},"
                        "\"valid_until\":\"2026-06-01\"}");
    struct gy_str ko = gy_attributes_string(file.segments[0].attributes, "title", "ko");
    assert_true(gy_str_equal(ko, GY_STR("이탈 위험")));
    gy_buf_release(&attributes);
    gy_segments_file_release(&file);
}

struct wrong {
    const char *text;
    uint32_t line;
    uint32_t column;
    const char *message;
};

static void what_is_wrong_is_said_with_its_place(void **state)
{
    (void)state;
    static const struct wrong wrongs[] = {
        {"", 1, 1, "the file is empty; it needs the key \"segments\""},
        {"- a\n", 1, 1, "the file needs the key \"segments\""},
        {"segment:\n", 1, 1, "unknown key \"segment\"; the file has only \"segments\""},
        {"segments: 3\n", 1, 11, "\"segments\" must be a list"},
        {"segments:\n  - x\n", 2, 5, "a segment must be keys with values"},
        {"segments:\n  - name: a\n", 2, 5, "segment \"a\" needs a definition, under \"where\""},
        {"segments:\n  - where: everyone\n", 2, 5, "a segment needs a name"},
        {"segments:\n  - {name: a, where: x}\n  - {name: a, where: y}\n", 3, 5,
         "segment \"a\" stands twice, first in line 2"},
        {"segments:\n  - {name: a, where: x, where: y}\n", 2, 25, "key \"where\" stands twice"},
        {"segments:\n  - {name: a, were: x}\n", 2, 15, "unknown key \"were\" of a segment"},
        {"segments:\n  - {name: a, where: [x]}\n", 2, 22, "a definition must be a text"},
        {"segments:\n  - {name: [a], where: x}\n", 2, 12, "a name must be a text"},
        {"segments:\n  - {name: \"a\\tb\", where: x}\n", 2, 12,
         "the name of a segment has no control characters"},
        {"segments:\n  - {name: \"a\\0b\", where: x}\n", 2, 12,
         "the name of a segment has no control characters"},
        {"segments:\n  - {name: a, where: x, priority: high}\n", 2, 35,
         "the priority of a segment is a whole number from 1 on"},
        {"segments:\n  - {name: a, where: x, priority: '3'}\n", 2, 35,
         "the priority of a segment is a whole number from 1 on"},
        {"segments:\n  - {name: a, where: x, tags: [[b]]}\n", 2, 31,
         "the tags of a segment is a list of texts"},
        {"segments:\n  - {name: a, where: x, refresh: often}\n", 2, 34,
         "the refresh of a segment is live, hourly, daily, weekly or manual"},
        {"segments:\n  - {name: a, where: x, title: {de: A}}\n", 2, 32,
         "the title of a segment is a text, or texts under en and ko"},
    };
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        struct gy_segments_file file;
        struct gy_error err = {0};
        assert_int_equal(read_text(wrongs[i].text, &file, &err), GY_INVALID);
        assert_string_equal(err.message, wrongs[i].message);
        assert_int_equal(err.line, wrongs[i].line);
        assert_int_equal(err.column, wrongs[i].column);
        gy_segments_file_release(&file);
    }
}

static void what_is_no_yaml_is_refused(void **state)
{
    (void)state;
    static const char *const broken[] = {"segments: [\n", "a: 'b\n", "\tsegments:\n",
                                         "segments: *x\n", "segments: \x01\n"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct gy_segments_file file;
        struct gy_error err = {0};
        assert_int_equal(read_text(broken[i], &file, &err), GY_INVALID);
        assert_true(err.line > 0);
        gy_segments_file_release(&file);
    }
}

/* Nine levels of aliases would be a thousand million texts if each were opened. */
static void aliases_cannot_make_it_large(void **state)
{
    (void)state;
    struct gy_segments_file file;
    struct gy_error err = {0};
    const char *text = "segments:\n"
                       "  - name: &a [x, x, x, x, x, x, x, x, x, x]\n"
                       "    where: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
                       "    tags: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
                       "    title: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n"
                       "    owner: [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\n";
    assert_int_equal(read_text(text, &file, &err), GY_INVALID);
    gy_segments_file_release(&file);
    text = "segments: &s\n  - *s\n";
    assert_int_equal(read_text(text, &file, &err), GY_INVALID);
    gy_segments_file_release(&file);
}

static void attributes_of_the_command_line(void **state)
{
    (void)state;
    json_t *attributes = json_object();
    struct gy_buf text = {0};
    struct gy_error err = {0};
    assert_ok(gy_attributes_set_text(attributes, "tags", "a, b,,c", &err), &err);
    assert_ok(gy_attributes_set_text(attributes, "priority", "2", &err), &err);
    assert_ok(gy_attributes_set_text(attributes, "owner", NULL, &err), &err);
    assert_int_equal(gy_attributes_set_text(attributes, "priority", "1.5", &err), GY_INVALID);
    assert_int_equal(gy_attributes_set_text(attributes, "priority", "0", &err), GY_INVALID);
    assert_int_equal(gy_attributes_set_text(attributes, "owner", "\xFF", &err), GY_INVALID);
    gy_attributes_text(attributes, &text);
    assert_string_equal(text.ptr, "{\"priority\":2,\"tags\":[\"a\",\"b\",\"c\"]}");
    gy_buf_release(&text);
    json_decref(attributes);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(segments_are_read_in_their_order),
    cmocka_unit_test(what_is_wrong_is_said_with_its_place),
    cmocka_unit_test(what_is_no_yaml_is_refused),
    cmocka_unit_test(aliases_cannot_make_it_large),
    cmocka_unit_test(attributes_of_the_command_line),
};

GY_TEST_MAIN(cases)
