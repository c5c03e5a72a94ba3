/* test_cases.c - the conformance cases, as far as the language alone can be held to them.
 *
 * Every case of tests/conformance/cases either is an error, whose place and words are compared, or
 * is checked, said in both languages, and taken through text and JSON and back. json.json gives the
 * tree and the canonical text. The vocabulary is that of the cases' own data.
 */
#include <string.h>
#include <strings.h>

#include "harness.h"

#include "known_names.h"
#include "lang/json.h"
#include "lang/parser.h"
#include "lang/print.h"
#include "lang/sentence.h"
#include "sentence_shape.h"

/* The two data sets of the cases, read once; `workspace` is the one of the case at hand. */
static struct workspace small;
static struct workspace medium;
static struct workspace *workspace;

static int read_data(void **state)
{
    (void)state;
    workspace_read(&small, CONFORMANCE "/data/small.jsonl");
    workspace_read(&medium, CONFORMANCE "/data/medium.jsonl.gz");
    return 0;
}

static int forget_data(void **state)
{
    (void)state;
    workspace_release(&small);
    workspace_release(&medium);
    return 0;
}

/* ---- text, tree and JSON ---- */

static char *print(const struct gy_definition *tree)
{
    struct gy_buf out = {0};
    tree->expr != NULL ? gy_print_expr(tree->expr, &out) : gy_print_term(tree->term, &out);
    return out.ptr;
}

static char *write_json(const struct gy_definition *tree)
{
    struct gy_buf out = {0};
    tree->expr != NULL ? gy_json_expr(tree->expr, &out) : gy_json_term(tree->term, &out);
    return out.ptr;
}

static void parse(const char *text, bool is_value, struct gy_definition *out)
{
    struct gy_error err = {0};
    enum gy_status status = is_value ? gy_parse_value(gy_str_of(text), out, &err)
                                     : gy_parse(gy_str_of(text), out, &err);
    if (status != GY_OK) {
        fail_msg("%s\n  %u:%u %s", text, err.line, err.column, err.message);
    }
}

static void parse_json(const char *json, bool is_value, struct gy_definition *out)
{
    struct gy_error err = {0};
    enum gy_status status = is_value ? gy_json_parse_value(gy_str_of(json), out, &err)
                                     : gy_json_parse(gy_str_of(json), out, &err);
    if (status != GY_OK) {
        fail_msg("%s\n  %s", json, err.message);
    }
}

/* text -> tree -> canonical text -> tree, and tree -> JSON -> tree: all the same. */
static void go_round(const char *text, bool is_value)
{
    struct gy_definition first;
    struct gy_definition second;
    struct gy_definition third;
    parse(text, is_value, &first);
    char *canonical = print(&first);
    char *json = write_json(&first);
    parse(canonical, is_value, &second);
    parse_json(json, is_value, &third);
    char *texts[] = {print(&second), print(&third)};
    char *trees[] = {write_json(&second), write_json(&third)};
    for (int i = 0; i < 2; i++) {
        assert_string_equal(texts[i], canonical);
        assert_string_equal(trees[i], json);
        free(texts[i]);
        free(trees[i]);
    }
    free(canonical);
    free(json);
    gy_definition_release(&first);
    gy_definition_release(&second);
    gy_definition_release(&third);
}

/* ---- sentences ---- */

/* Whether `sentence` has every quoted string of the canonical text, but for those that are times. */
static void check_quoted(struct gy_str canonical, struct gy_str sentence)
{
    for (size_t i = 0; i < canonical.len; i++) {
        if (canonical.ptr[i] == '"') {
            size_t end = skip_quoted(canonical, i);
            struct gy_str quoted = {canonical.ptr + i, end - i};
            struct gy_str inside = {quoted.ptr + 1, quoted.len - 2};
            if (!gy_time_read(inside, NULL, &(int64_t){0}, NULL) &&
                !gy_str_contains(sentence, quoted)) {
                fail_msg("%.*s is not in %.*s", GY_STR_ARG(quoted), GY_STR_ARG(sentence));
            }
            i = end - 1;
        }
    }
}

/* The definition in both languages, whole and with all that it names. */
static void say(const struct gy_expr *expr, const struct gy_zone *zone, int64_t now_ms)
{
    struct gy_buf canonical = {0};
    gy_print_expr(expr, &canonical);
    for (int language = GY_LANGUAGE_EN; language <= GY_LANGUAGE_KO; language++) {
        struct gy_buf sentence = {0};
        gy_sentence(expr, (enum gy_language)language, zone, now_ms, &sentence);
        check_shape(gy_buf_view(&sentence));
        check_quoted(gy_buf_view(&canonical), gy_buf_view(&sentence));
        gy_buf_release(&sentence);
    }
    gy_buf_release(&canonical);
}

/* ---- cases ---- */

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static int64_t instant_of(const json_t *c)
{
    int64_t ms;
    if (!gy_time_read(gy_str_of(text_of(c, "as_of")), workspace->vocabulary.zone, &ms, NULL)) {
        fail_msg("%s: its instant is no time", text_of(c, "name"));
    }
    return ms;
}

static void check_error(const json_t *c, const struct gy_error *err)
{
    const json_t *wanted = json_object_get(c, "error");
    const json_t *line = json_object_get(wanted, "line");
    const char *mentions = text_of(wanted, "mentions");
    char said[sizeof err->message + sizeof err->hint + 1];
    snprintf(said, sizeof said, "%s %s", err->message, err->hint);
    bool has_place = line == NULL
                         ? err->line > 0
                         : json_integer_value(line) == err->line &&
                               json_integer_value(json_object_get(wanted, "col")) == err->column;
    if (!has_place || strcasestr(said, mentions) == NULL) {
        fail_msg("%s: %s\n  gave %u:%u %s", text_of(c, "name"), json_dumps(wanted, 0), err->line,
                 err->column, said);
    }
}

/* Defines one; `owner` is the key of the error that says it belongs here. True if that came. */
static bool define(const json_t *c, const char *owner, const char *name, const char *text,
                   const struct gy_check_options *options)
{
    struct gy_error err = {0};
    struct gy_definition tree;
    const json_t *wanted = json_object_get(c, "error");
    const char *culprit = owner == NULL ? NULL : text_of(wanted, owner);
    bool is_metric = owner != NULL && strcmp(owner, "metric") == 0;
    bool is_culprit = wanted != NULL && (owner == NULL || (culprit && !strcmp(culprit, name)));
    enum gy_status status =
        is_metric ? gy_define_value(gy_str_of(text), &workspace->vocabulary, options, &tree, &err)
                  : gy_define(gy_str_of(text), &workspace->vocabulary, options, &tree, &err);
    if (status == GY_OK && !is_metric) {
        say(tree.expr, workspace->vocabulary.zone, instant_of(c));
    }
    gy_definition_release(&tree);
    if (is_culprit && status == GY_OK) {
        fail_msg("%s: an error was expected: %s", text_of(c, "name"), text);
    } else if (is_culprit) {
        check_error(c, &err);
    } else if (status != GY_OK) {
        fail_msg("%s: %s\n  %u:%u %s %s", text_of(c, "name"), text, err.line, err.column,
                 err.message, err.hint);
    } else {
        go_round(text, is_metric);
    }
    return is_culprit;
}

static bool define_all(const json_t *c, const char *key, const char *owner,
                       struct definitions *into, enum gy_name_kind kind)
{
    const char *name;
    json_t *text;
    json_object_foreach(json_object_get(c, key), name, text)
    {
        struct gy_check_options options = {.self = gy_str_of(name), .self_kind = kind};
        if (define(c, owner, name, json_string_value(text), &options)) {
            return true;
        }
        workspace_define(into, name, json_string_value(text));
    }
    return false;
}

static void run_case(const json_t *c)
{
    const char *name;
    json_t *value;
    struct gy_error err;
    struct gy_zone *zone;
    assert_ok(gy_zone_open(text_of(c, "time_zone"), &zone, &err), &err);
    workspace = strcmp(text_of(c, "data"), "small") == 0 ? &small : &medium;
    workspace->vocabulary.zone = zone;
    json_object_foreach(json_object_get(c, "lists"), name, value)
    {
        workspace_define(&workspace->lists, name, "");
    }
    struct gy_check_options options = {.allow_unknown =
                                           json_is_true(json_object_get(c, "allow_unknown"))};
    if (!define_all(c, "segments", "segment", &workspace->segments, GY_NAME_SEGMENT) &&
        !define_all(c, "metrics", "metric", &workspace->metrics, GY_NAME_METRIC)) {
        define(c, NULL, NULL, text_of(c, "where"), &options);
    }
    workspace_forget(workspace);
    gy_zone_close(zone);
}

static json_t *read_cases(const char *name)
{
    char path[512];
    json_error_t why;
    snprintf(path, sizeof path, "%s/cases/%s.json", CONFORMANCE, name);
    json_t *cases = json_load_file(path, 0, &why);
    if (cases == NULL) {
        fail_msg("%s: %s", path, why.text);
    }
    return cases;
}

static void every_case_is_checked_and_goes_round(void **state)
{
    (void)state;
    static const char *const names[] = {"absent",
                                        "aggregates",
                                        "ago",
                                        "calendar",
                                        "chains",
                                        "dates",
                                        "exact-sums",
                                        "filters",
                                        "full-windows",
                                        "history",
                                        "identity",
                                        "invalid-first",
                                        "items",
                                        "invalid-meaning",
                                        "invalid-syntax",
                                        "lexical",
                                        "logic",
                                        "metrics",
                                        "named-steps",
                                        "numbers",
                                        "populations",
                                        "random",
                                        "random-definitions",
                                        "recorded",
                                        "samples",
                                        "segments",
                                        "shop",
                                        "text",
                                        "time-strings",
                                        "traits",
                                        "unknown",
                                        "windows",
                                        "words"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t at;
        json_t *c;
        json_t *cases = read_cases(names[i]);
        assert_true(json_array_size(cases) > 0);
        json_array_foreach(cases, at, c)
        {
            run_case(c);
        }
        json_decref(cases);
    }
}

static void tree_and_canonical_text_are_as_given(void **state)
{
    (void)state;
    size_t at;
    json_t *c;
    json_t *cases = read_cases("json");
    assert_true(json_array_size(cases) > 0);
    json_array_foreach(cases, at, c)
    {
        struct gy_definition tree;
        parse(text_of(c, "text"), false, &tree);
        char *text = print(&tree);
        char *json = write_json(&tree);
        json_t *ours = json_loads(json, JSON_DECODE_INT_AS_REAL, NULL);
        char *wanted_text = json_dumps(json_object_get(c, "json"), 0);
        json_t *wanted = json_loads(wanted_text, JSON_DECODE_INT_AS_REAL, NULL);
        assert_string_equal(text, text_of(c, "canonical"));
        if (!json_equal(ours, wanted)) {
            fail_msg("%s: %s\n  not %s", text_of(c, "name"), json, wanted_text);
        }
        struct gy_definition again;
        parse_json(wanted_text, false, &again);
        char *from_json = print(&again);
        assert_string_equal(from_json, text);
        go_round(text_of(c, "text"), false);
        gy_definition_release(&again);
        gy_definition_release(&tree);
        json_decref(ours);
        json_decref(wanted);
        free(from_json);
        free(wanted_text);
        free(json);
        free(text);
    }
    json_decref(cases);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(tree_and_canonical_text_are_as_given),
        cmocka_unit_test(every_case_is_checked_and_goes_round),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(cases, read_data, forget_data);
}
