/* test_print_parse.c - laws between text, tree and JSON, over random definitions.
 *
 * A tree is known by its canonical text and its JSON, so two trees are the same where both are. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "lang/json.h"
#include "lang/parser.h"
#include "lang/print.h"
#include "random/random_definition.h"
#include "reference/reference.h"

struct spelled {
    struct gy_buf text;
    struct gy_buf json;
};

static void spell(const struct gy_definition *definition, struct spelled *out)
{
    gy_buf_text(&out->text, "");
    gy_buf_text(&out->json, "");
    if (definition->expr != NULL) {
        gy_print_expr(definition->expr, &out->text);
        gy_json_expr(definition->expr, &out->json);
    } else {
        gy_print_term(definition->term, &out->text);
        gy_json_term(definition->term, &out->json);
    }
}

static void forget(struct spelled *s)
{
    gy_buf_release(&s->text);
    gy_buf_release(&s->json);
}

static void assert_same(const struct spelled *a, const struct spelled *b, struct gy_str text)
{
    if (!gy_str_equal(gy_buf_view(&a->text), gy_buf_view(&b->text)) ||
        !gy_str_equal(gy_buf_view(&a->json), gy_buf_view(&b->json))) {
        fail_msg("%.*s\n%s\n%s\n%s\n%s", GY_STR_ARG(text), a->text.ptr, b->text.ptr, a->json.ptr,
                 b->json.ptr);
    }
}

static void parse(struct gy_str text, bool is_value, struct gy_definition *out)
{
    struct gy_error err = {0};
    *out = (struct gy_definition){0};
    enum gy_status status = is_value ? gy_parse_value(text, out, &err) : gy_parse(text, out, &err);
    if (status != GY_OK) {
        fail_msg("%.*s\n%u:%u %s", GY_STR_ARG(text), err.line, err.column, err.message);
    }
}

static void parse_json(struct gy_str json, bool is_value, struct gy_definition *out)
{
    struct gy_error err = {0};
    *out = (struct gy_definition){0};
    enum gy_status status =
        is_value ? gy_json_parse_value(json, out, &err) : gy_json_parse(json, out, &err);
    if (status != GY_OK) {
        fail_msg("%.*s\n%s", GY_STR_ARG(json), err.message);
    }
}

/* text -> tree -> text -> tree, and tree -> JSON -> tree, end where they began. */
static void check_round_trips(struct gy_str text, bool is_value)
{
    struct gy_definition first;
    struct gy_definition second;
    struct gy_definition third;
    struct spelled a = {0};
    struct spelled b = {0};
    struct spelled c = {0};
    parse(text, is_value, &first);
    spell(&first, &a);
    parse(gy_buf_view(&a.text), is_value, &second);
    spell(&second, &b);
    parse_json(gy_buf_view(&a.json), is_value, &third);
    spell(&third, &c);
    assert_same(&a, &b, text);
    assert_same(&a, &c, text);
    gy_definition_release(&first);
    gy_definition_release(&second);
    gy_definition_release(&third);
    forget(&a);
    forget(&b);
    forget(&c);
}

/* Checking settles types; it changes nothing of what is written. */
static void check_checked(struct gy_str text, const struct gy_vocabulary *vocabulary)
{
    struct gy_check_options options = {.allow_unknown = true};
    struct gy_definition parsed;
    struct gy_definition checked = {0};
    struct gy_error err = {0};
    struct spelled a = {0};
    struct spelled b = {0};
    parse(text, false, &parsed);
    if (gy_define(text, vocabulary, &options, &checked, &err) != GY_OK) {
        fail_msg("%.*s\n%u:%u %s", GY_STR_ARG(text), err.line, err.column, err.message);
    }
    spell(&parsed, &a);
    spell(&checked, &b);
    assert_same(&a, &b, text);
    gy_definition_release(&parsed);
    gy_definition_release(&checked);
    forget(&a);
    forget(&b);
}

static void print_and_parse_are_inverse(void **unused)
{
    (void)unused;
    uint64_t state = gy_test_seed();
    struct gy_error err;
    struct gy_zone *zone = NULL;
    struct random_calls calls;
    struct random_names names;
    struct gy_buf lines = {0};
    assert_ok(gy_zone_open("Asia/Seoul", &zone, &err), &err);
    struct random_calls_options options = {
        .zone = zone, .n_persons = 3, .calls_per_person = 3, .without_device_aliases = false};
    random_calls_make(&state, &options, &calls);
    random_calls_text(&calls, 0, calls.n_lines, &lines);
    struct ref_data *reference = ref_data_new(gy_buf_view(&lines), zone);
    ref_data_segment(reference, GY_STR("단골"), GY_STR("count(Visit) > 2"));
    ref_data_segment(reference, GY_STR("At risk"), GY_STR("in segment(\"단골\" 3 days ago)"));
    ref_data_metric(reference, GY_STR("last"), GY_STR("last_time(Ping)"));
    ref_data_metric(reference, GY_STR("aov"), GY_STR("avg(\"Order Completed\".revenue)"));
    ref_data_list(reference, GY_STR("뉴스 letter"), NULL, 0);
    struct gy_vocabulary vocabulary = ref_vocabulary(reference);
    random_names_init(&names, &vocabulary);
    for (unsigned i = 0; i < 3000; i++) {
        struct random_definition_options o = {.names = &names, .calls = &calls, .depth = i % 4};
        struct gy_buf text = {0};
        random_expr(&state, &o, &text);
        check_round_trips(gy_buf_view(&text), false);
        check_checked(gy_buf_view(&text), &vocabulary);
        gy_buf_reset(&text);
        random_value(&state, &o, &text);
        check_round_trips(gy_buf_view(&text), true);
        gy_buf_release(&text);
    }
    random_names_release(&names);
    ref_data_free(reference);
    random_calls_release(&calls);
    gy_buf_release(&lines);
    gy_zone_close(zone);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest cases[] = {cmocka_unit_test(print_and_parse_are_inverse)};
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(cases, NULL, NULL);
}
