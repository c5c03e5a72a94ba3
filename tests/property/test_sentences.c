/* test_sentences.c - two definitions that say the same are the same.
 *
 * Random definitions are said in both languages. Where a sentence comes twice, the definitions must
 * have the same canonical text, once times that are written differently are written alike: an instant
 * has many spellings, and a window's last date stands for the midnight behind it.
 */
#include <string.h>

#include "harness.h"

#include "base/intern.h"
#include "base/mem.h"
#include "lang/check.h"
#include "lang/print.h"
#include "lang/sentence.h"
#include "lang/window.h"
#include "random/random_definition.h"
#include "reference/reference.h"
#include "sentence_shape.h"

/* ---- times written alike ---- */

static void alike_term(struct gy_arena *arena, const struct gy_zone *zone, struct gy_term *term);
static void alike_expr(struct gy_arena *arena, const struct gy_zone *zone, struct gy_expr *expr);

static struct gy_str spelling(struct gy_arena *arena, int64_t ms)
{
    char text[GY_TIME_TEXT];
    return gy_arena_str(arena, (struct gy_str){text, gy_time_print(ms, text)});
}

static void alike_window(struct gy_arena *arena, const struct gy_zone *zone, struct gy_window *w)
{
    if (w->kind == GY_WINDOW_SINCE || w->kind == GY_WINDOW_FROM_TO) {
        w->from.text = spelling(arena, w->from.ms);
    }
    if (w->kind == GY_WINDOW_BEFORE || w->kind == GY_WINDOW_FROM_TO) {
        w->to.text = spelling(arena, gy_window_range(w, INT64_MAX, zone).to_ms);
    }
}

static void alike_term(struct gy_arena *arena, const struct gy_zone *zone, struct gy_term *term)
{
    if (term == NULL) {
        return;
    }
    if (term->kind == GY_TERM_STRING && term->type == GY_TYPE_TIME) {
        term->string = spelling(arena, term->time_ms);
    }
    if (term->kind != GY_TERM_METRIC) {
        alike_term(arena, zone, term->left);
    }
    alike_term(arena, zone, term->right);
    alike_expr(arena, zone, term->where);
    alike_expr(arena, zone, term->among);
    alike_window(arena, zone, &term->window);
}

static void alike_expr(struct gy_arena *arena, const struct gy_zone *zone, struct gy_expr *expr)
{
    if (expr == NULL) {
        return;
    }
    for (uint32_t i = 0; i < expr->n_children; i++) {
        alike_expr(arena, zone, expr->children[i]);
    }
    for (uint32_t i = 0; i < expr->n_steps; i++) {
        alike_expr(arena, zone, expr->steps[i].where);
    }
    for (uint32_t i = 0; i < expr->n_values; i++) {
        alike_term(arena, zone, expr->values[i]);
    }
    struct gy_term *terms[] = {expr->left, expr->right, expr->low, expr->high};
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
        alike_term(arena, zone, terms[i]);
    }
    alike_window(arena, zone, &expr->window);
}

/* ---- sentences that were said ---- */

/* By a sentence's number, the definition that it said first. */
struct said {
    struct gy_intern sentences;
    struct gy_str *definitions;
    size_t capacity;
    struct gy_arena arena;
    size_t n_again;
};

static void remember(struct said *said, struct gy_str sentence, struct gy_str definition)
{
    uint32_t n = said->sentences.n;
    uint32_t id = gy_intern_add(&said->sentences, sentence);
    if (id == n) {
        GY_GROW(said->definitions, said->capacity, n + 1);
        said->definitions[id] = gy_arena_str(&said->arena, definition);
    } else if (gy_str_equal(said->definitions[id], definition)) {
        said->n_again++;
    } else {
        fail_msg("%.*s\n  says both %.*s\n  and %.*s", GY_STR_ARG(sentence),
                 GY_STR_ARG(said->definitions[id]), GY_STR_ARG(definition));
    }
}

static void forget(struct said *said)
{
    gy_intern_release(&said->sentences);
    gy_arena_release(&said->arena);
    free(said->definitions);
}

/* ---- definitions ---- */

struct world {
    struct gy_zone *zone;
    struct random_calls calls;
    struct ref_data *reference;
    struct gy_vocabulary vocabulary;
    struct random_names names;
};

static void open_world(uint64_t *state, struct world *w)
{
    struct gy_error err;
    struct gy_buf lines = {0};
    assert_ok(gy_zone_open("America/New_York", &w->zone, &err), &err);
    struct random_calls_options options = {.zone = w->zone, .n_persons = 3, .calls_per_person = 3};
    random_calls_make(state, &options, &w->calls);
    random_calls_text(&w->calls, 0, w->calls.n_lines, &lines);
    w->reference = ref_data_new(gy_buf_view(&lines), w->zone);
    ref_data_segment(w->reference, GY_STR("단골"), GY_STR("count(Visit) > 2"));
    ref_data_segment(w->reference, GY_STR("At risk"), GY_STR("in segment(\"단골\" 3 days ago)"));
    ref_data_metric(w->reference, GY_STR("last"), GY_STR("last_time(Ping)"));
    ref_data_metric(w->reference, GY_STR("aov"), GY_STR("avg(\"Order Completed\".revenue)"));
    ref_data_list(w->reference, GY_STR("뉴스 letter"), NULL, 0);
    w->vocabulary = ref_vocabulary(w->reference);
    random_names_init(&w->names, &w->vocabulary);
    gy_buf_release(&lines);
}

static void close_world(struct world *w)
{
    random_names_release(&w->names);
    ref_data_free(w->reference);
    random_calls_release(&w->calls);
    gy_zone_close(w->zone);
}

static void say_both(const struct world *w, struct gy_definition *d, struct said said[2])
{
    struct gy_buf canonical = {0};
    struct gy_buf sentences[2] = {{0}, {0}};
    for (int language = 0; language < 2; language++) {
        gy_sentence(d->expr, (enum gy_language)language, w->zone, w->calls.centre_ms,
                    &sentences[language]);
        check_shape(gy_buf_view(&sentences[language]));
    }
    alike_expr(&d->arena, w->zone, d->expr);
    gy_print_expr(d->expr, &canonical);
    for (int language = 0; language < 2; language++) {
        remember(&said[language], gy_buf_view(&sentences[language]), gy_buf_view(&canonical));
        gy_buf_release(&sentences[language]);
    }
    gy_buf_release(&canonical);
}

static void say_one(const struct world *w, struct gy_str text, struct said said[2])
{
    struct gy_check_options options = {.allow_unknown = true};
    struct gy_definition definition = {0};
    struct gy_error err = {0};
    if (gy_define(text, &w->vocabulary, &options, &definition, &err) != GY_OK) {
        fail_msg("%.*s\n  %u:%u %s", GY_STR_ARG(text), err.line, err.column, err.message);
    }
    say_both(w, &definition, said);
    gy_definition_release(&definition);
}

/* Small definitions mostly: of those many differ in one word, and some come twice. */
static void what_differs_is_said_differently(void **unused)
{
    (void)unused;
    uint64_t state = gy_test_seed();
    struct world w = {0};
    struct said said[2] = {0};
    open_world(&state, &w);
    for (unsigned i = 0; i < 8000; i++) {
        unsigned depth = i % 8 == 0 ? (unsigned)gy_test_below(&state, 4) : 0;
        struct random_definition_options o = {.names = &w.names, .calls = &w.calls, .depth = depth};
        struct gy_buf text = {0};
        random_expr(&state, &o, &text);
        say_one(&w, gy_buf_view(&text), said);
        gy_buf_release(&text);
    }
    assert_true(said[0].n_again > 0 && said[1].n_again > 0);
    assert_int_equal(said[0].sentences.n, said[1].sentences.n);
    forget(&said[0]);
    forget(&said[1]);
    close_world(&w);
}

/* Pairs of which one reading of an ambiguous sentence would be the other. */
static void near_misses_are_told_apart(void **unused)
{
    (void)unused;
    static const char *const texts[] = {
        "everyone and (everyone or nobody)",
        "(everyone and everyone) or nobody",
        "everyone and everyone or nobody and nobody",
        "everyone and (everyone or nobody) and nobody",
        "(everyone or nobody) and (everyone or nobody)",
        "everyone or (nobody and (everyone or nobody))",
        "not (everyone and nobody)",
        "not everyone and nobody",
        "not everyone and not nobody",
        "not (everyone or nobody)",
        "not not everyone",
        "not not (everyone and nobody)",
        "not (not everyone and nobody)",
        "did(Visit last 1 day)",
        "did(Visit last 24 hours)",
        "did(Visit last 1_440 minutes)",
        "did(Visit last 1 full day)",
        "did(Visit yesterday)",
        "did(Visit last 1 full week)",
        "did(Visit previous week)",
        "did(Visit last 7 days)",
        "did(Visit last 1 week)",
        "did(Visit 0 to 7 days ago)",
        "count(Visit last 7 days) >= 1",
        "count(Visit last 7 days) > 0",
        "not did(Visit)",
        "count(Visit) = 0",
        "count(Visit) <= 0",
        "not count(Visit) > 0",
        "count(Visit) not in (1)",
        "count(Visit) != 1",
        "count(Visit) in (1)",
        "count(Visit) = 1",
        "count(Visit) between 1 and 1",
        "count(Visit) = -1",
        "count(Visit) in (-1)",
        "count(Visit) = - -1",
        "count(Visit) - 1 - 1 = 1",
        "count(Visit) - (1 - 1) = 1",
        "count(Visit) / 1 * 1 = 1",
        "count(Visit) / (1 * 1) = 1",
        "-count(Visit) + 1 = 1",
        "-(count(Visit) + 1) = 1",
        "1 = count(Visit)",
        "did(Visit then Ping)",
        "did(Visit as a then Ping)",
        "did(Visit then Ping as a)",
        "did(Visit then Ping within 7 days)",
        "did(Visit then Ping last 7 days)",
        "did(Visit then no Ping then Visit)",
        "did(Visit then no Ping then no Ping then Visit)",
        "did(Visit then Visit then no Ping within 1 day)",
        "did(Visit then no Ping then Visit within 1 day)",
        "did(Visit then Ping within 1 day then Visit)",
        "did(Visit then Ping then Visit within 1 day)",
        "did(Visit) and did(Ping)",
        "trait.x = 1",
        "trait.x = '1'",
        "trait.x = true",
        "trait.x = 'true'",
        "trait.x in (1, 2)",
        "trait.x in (1_002)",
        "trait.x in ('1, 2')",
        "trait.x in ('1', '2')",
        "trait.x in ('1\", \"2')",
        "trait.x is missing",
        "not trait.x is known",
        "trait.x not contains 'a'",
        "not trait.x contains 'a'",
        "did(Visit where x = 1 or y = 1 and z = 1)",
        "did(Visit where (x = 1 or y = 1) and z = 1)",
        "everyone and nobody",
        "everyone or nobody",
        "did(Visit where x = 1 and y = 1)",
        "did(Visit where x = 1 or y = 1)",
        "did(Visit where not x = 1 and z = 1)",
        "did(Visit where not (x = 1 and z = 1))",
        "did(Visit where hour() = 1)",
        "did(Visit where hour = 1)",
        "percentile(trait.n among (identified)) > 1",
        "percentile(trait.n) > 1",
        "percentile(trait.n) > 1 and identified",
        "percentile(trait.n among (everyone)) > 1",
        "ntile(trait.n, 100) > 1",
        "in segment(\"단골\")",
        "in segment(\"단골\" 0 days ago)",
        "in segment(\"단골\" 1 day ago)",
        "in segment(\"단골\" 24 hours ago)",
        "sample(10%)",
        "sample(10%, '10%')",
        "sample(1%)",
        "anniversary(trait.t next 7 days)",
        "anniversary(trait.t next 400 days)",
        "anniversary(trait.t next 401 days)",
    };
    uint64_t state = 1;
    struct world w = {0};
    struct said said[2] = {0};
    open_world(&state, &w);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        say_one(&w, gy_str_of(texts[i]), said);
        assert_int_equal(said[0].sentences.n, i + 1);
    }
    forget(&said[0]);
    forget(&said[1]);
    close_world(&w);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(what_differs_is_said_differently),
        cmocka_unit_test(near_misses_are_told_apart),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(cases, NULL, NULL);
}
