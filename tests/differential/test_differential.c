/* test_differential.c - random definitions over random data: the engine on a store and the plain
 * reference give the same members, and the engine keeps the language's laws.
 *
 * Runs for GYEOL_DIFFERENTIAL_SECONDS (15), each trial under a seed of its own (seeds.h). A difference is
 * shrunk, first the definition, then the data, and printed with what it takes to see it again: SEED=n GYEOL_DIFFERENTIAL_SECONDS=0 runs that trial alone. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "differential/seeds.h"
#include "differential/shrink.h"
#include "differential/trial.h"
#include "lang/parser.h"

static int64_t seconds(void)
{
    const char *given = getenv("GYEOL_DIFFERENTIAL_SECONDS");
    return given == NULL ? 15 : strtoll(given, NULL, 10);
}

/* ---- asking both ---- */

struct question {
    struct trial *trial;
    int64_t now_ms;
    bool is_value;
    struct gy_run_options options;
};

static bool ask_reference(const struct question *q, struct gy_str text, struct gy_buf *answer,
                          struct gy_error *err)
{
    return q->is_value ? trial_value_of_reference(q->trial, text, q->now_ms, answer, err)
                       : trial_ask_reference(q->trial, text, q->now_ms, answer, err);
}

static bool ask_engine(const struct question *q, struct gy_str text, struct gy_buf *answer,
                       struct gy_error *err)
{
    return q->is_value ? trial_value_of_engine(q->trial, text, q->now_ms, &q->options, answer, err)
                       : trial_ask_engine(q->trial, text, q->now_ms, &q->options, answer, err);
}

/* Where the reference answers and the engine does not, they differ. */
static bool differ(const struct question *q, struct gy_str text, struct gy_buf *expected,
                   struct gy_buf *found)
{
    struct gy_error err = {0};
    gy_buf_reset(expected);
    gy_buf_reset(found);
    gy_buf_text(expected, "");
    gy_buf_text(found, "");
    if (!ask_reference(q, text, expected, &err)) {
        return false;
    }
    if (!ask_engine(q, text, found, &err)) {
        gy_buf_printf(found, "%u:%u %s\n", err.line, err.column, err.message);
        return true;
    }
    return !gy_str_equal(gy_buf_view(expected), gy_buf_view(found));
}

static bool still_differs(void *context, struct gy_str text)
{
    struct gy_buf expected = {0};
    struct gy_buf found = {0};
    bool is_different = differ(context, text, &expected, &found);
    gy_buf_release(&expected);
    gy_buf_release(&found);
    return is_different;
}

/* ---- a difference, made small ---- */

/* Leaves out runs of lines, halves first, then ever shorter ones. */
static void shrink_lines(struct question *q, struct gy_str text)
{
    struct trial *t = q->trial;
    size_t n = t->calls.n_lines;
    uint32_t n_strangers = t->n_strangers;
    if (n_strangers > 1) { /* one of them may do, and is quicker */
        t->n_strangers = 1;
        trial_rebuild(t);
        t->n_strangers = still_differs(q, text) ? 1 : n_strangers;
        trial_rebuild(t);
    }
    for (size_t run = n / 2; run > 0; run /= 2) {
        for (size_t i = t->calls.n_first; i < n; i += run) {
            bool was[4096];
            size_t end = i + run < n ? i + run : n;
            if (n > 4096) {
                return;
            }
            memcpy(was, t->is_dropped, n * sizeof *was);
            memset(t->is_dropped + i, 1, end - i);
            if (memcmp(was, t->is_dropped, n * sizeof *was) == 0) {
                continue;
            }
            trial_rebuild(t);
            if (!still_differs(q, text)) {
                memcpy(t->is_dropped, was, n * sizeof *was);
            }
        }
    }
    trial_rebuild(t);
}

static void print_trial(const struct trial *t)
{
    static const char *const ACTIONS[] = {"",         "commit",  "commit_log",
                                          "maintain", "compact", "reopen"};
    for (size_t i = 0; i < t->n_texts; i++) {
        print_error("%s %.*s: %.*s\n", t->texts[i].is_metric ? "metric" : "segment",
                    GY_STR_ARG(t->texts[i].name), GY_STR_ARG(t->texts[i].text));
    }
    for (size_t i = 0; i < t->calls.n_lines; i++) {
        if (!t->is_dropped[i]) {
            print_error("%.*s\n", GY_STR_ARG(t->calls.lines[i].json));
        }
        if (t->actions[i] != TRIAL_GO_ON && !t->is_dropped[i]) {
            print_error("-- %s\n", ACTIONS[t->actions[i]]);
        }
    }
}

static void report(struct question *q, struct gy_str text)
{
    struct trial *t = q->trial;
    struct gy_buf small = {0};
    struct gy_buf expected = {0};
    struct gy_buf found = {0};
    char now[GY_TIME_TEXT];
    gy_time_print(q->now_ms, now);
    if (q->is_value) {
        gy_buf_str(&small, text);
    } else {
        shrink_definition(text, &t->vocabulary, still_differs, q, &small);
    }
    shrink_lines(q, gy_buf_view(&small));
    differ(q, gy_buf_view(&small), &expected, &found);
    print_trial(t);
    print_error("SEED=%llu zone %s as of %s threads %u row_by_row %d\n%.*s\nwas %.*s\n"
                "expected:\n%sfound:\n%s",
                (unsigned long long)t->seed, t->zone_name, now, q->options.n_threads,
                q->options.row_by_row, GY_STR_ARG(gy_buf_view(&small)), GY_STR_ARG(text),
                expected.ptr, found.ptr);
    fail();
}

/* ---- trials ---- */

enum {
    DEFINITIONS = 100
};

struct tally {
    uint64_t n_asked;
    uint64_t n_some; /* with members, but not everyone */
};

static void ask_both(struct trial *t, struct tally *tally)
{
    struct gy_buf text = {0};
    struct gy_buf expected = {0};
    struct gy_buf found = {0};
    bool is_value = t->n_strangers == 0 && gy_test_below(&t->state, 4) == 0;
    trial_text(t, (uint32_t)gy_test_below(&t->state, 4), is_value, &text);
    struct question q = {.trial = t, .now_ms = trial_now(t), .is_value = is_value};
    q.options.n_threads = 1 + (unsigned)gy_test_below(&t->state, 4);
    q.options.row_by_row = gy_test_below(&t->state, 3) == 0;
    if (differ(&q, gy_buf_view(&text), &expected, &found)) {
        report(&q, gy_buf_view(&text));
    }
    tally->n_asked++;
    tally->n_some += expected.len > 0;
    gy_buf_release(&text);
    gy_buf_release(&expected);
    gy_buf_release(&found);
}

static void run(const struct trial_options *options, int64_t run_seconds)
{
    struct seeds seeds;
    struct tally tally = {0};
    uint64_t seed;
    seeds_begin(&seeds, run_seconds * 1000000);
    while (seeds_next(&seeds, &seed)) {
        struct trial trial;
        trial_open(&trial, seed, options);
        for (unsigned i = 0; i < DEFINITIONS; i++) {
            ask_both(&trial, &tally);
        }
        trial_close(&trial);
    }
    print_message("%llu trials, %llu questions, %llu with members\n",
                  (unsigned long long)seeds.n_given, (unsigned long long)tally.n_asked,
                  (unsigned long long)tally.n_some);
    assert_true(seeds.n_given < 10 ||
                tally.n_some > tally.n_asked / 5); /* the questions are not idle */
}

static void engine_and_reference_agree(void **unused)
{
    (void)unused;
    struct trial_options options = {.most_persons = 40, .most_calls = 20};
    run(&options, seconds() * 5 / 10);
}

static void they_agree_over_several_blocks(void **unused)
{
    (void)unused;
    struct trial_options options = {.most_persons = 20,
                                    .most_calls = 20,
                                    .with_strangers = true,
                                    .without = RANDOM_WITHOUT_POPULATIONS};
    run(&options, seconds() * 2 / 10);
}

/* ---- reports ---- */

/* A value that is an aggregate, of an event that is known. */
static void draw_aggregate(struct trial *t, const struct random_event **event, struct gy_buf *text)
{
    for (;;) {
        struct gy_definition parsed = {0};
        struct gy_error err;
        *event = NULL;
        gy_buf_reset(text);
        trial_text(t, 0, true, text);
        assert_ok(gy_parse_value(gy_buf_view(text), &parsed, &err), &err);
        for (size_t i = 0; i < t->names.n_events; i++) {
            if (parsed.term->kind == GY_TERM_AGGREGATE &&
                gy_str_equal(parsed.term->event.text, t->names.events[i].name)) {
                *event = &t->names.events[i];
            }
        }
        gy_definition_release(&parsed);
        if (*event != NULL) {
            return;
        }
    }
}

static void check_report(struct trial *t)
{
    static const enum gy_group_by GROUPS[] = {GY_GROUP_NONE,    GY_GROUP_DAY,  GY_GROUP_WEEK,
                                              GY_GROUP_MONTH,   GY_GROUP_YEAR, GY_GROUP_PROPERTY,
                                              GY_GROUP_PROPERTY};
    struct gy_buf audience = {0};
    struct gy_buf aggregate = {0};
    struct gy_buf expected = {0};
    struct gy_buf found = {0};
    struct gy_error err = {0};
    const struct random_event *event;
    struct gy_run_options options = {.n_threads = 1 + (unsigned)gy_test_below(&t->state, 3)};
    draw_aggregate(t, &event, &aggregate);
    if (gy_test_below(&t->state, 2) == 0) {
        trial_text(t, 1, false, &audience);
    }
    struct trial_report report = {.audience = gy_buf_view(&audience),
                                  .aggregate = gy_buf_view(&aggregate),
                                  .from_ms = random_instant(&t->state, &t->calls),
                                  .to_ms = random_instant(&t->state, &t->calls)};
    report.group_by = GROUPS[gy_test_below(&t->state, 7)];
    if (report.group_by == GY_GROUP_PROPERTY && event->n_properties > 0) {
        report.group_property =
            event->properties[gy_test_below(&t->state, event->n_properties)].name;
    } else if (report.group_by == GY_GROUP_PROPERTY) {
        report.group_by = GY_GROUP_NONE;
    }
    int64_t now = trial_now(t);
    gy_buf_text(&expected, "");
    gy_buf_text(&found, "");
    if (!trial_report_of_reference(t, &report, now, &expected, &err) ||
        !trial_report_of_engine(t, &report, now, &options, &found, &err) ||
        !gy_str_equal(gy_buf_view(&expected), gy_buf_view(&found))) {
        char text[GY_TIME_TEXT];
        gy_time_print(now, text);
        print_trial(t);
        fail_msg("SEED=%llu zone %s as of %s: %.*s of %.*s from %lld to %lld by %d %.*s\n"
                 "expected:\n%sfound:\n%s%s",
                 (unsigned long long)t->seed, t->zone_name, text, GY_STR_ARG(report.aggregate),
                 GY_STR_ARG(report.audience), (long long)report.from_ms, (long long)report.to_ms,
                 (int)report.group_by, GY_STR_ARG(report.group_property), expected.ptr, found.ptr,
                 err.message);
    }
    gy_buf_release(&audience);
    gy_buf_release(&aggregate);
    gy_buf_release(&expected);
    gy_buf_release(&found);
}

static void reports_agree(void **unused)
{
    (void)unused;
    struct trial_options options = {.most_persons = 40, .most_calls = 20};
    struct seeds seeds;
    uint64_t seed;
    seeds_begin(&seeds, seconds() * 100000);
    while (seeds_next(&seeds, &seed)) {
        struct trial trial;
        trial_open(&trial, seed, &options);
        for (unsigned i = 0; i < DEFINITIONS; i++) {
            check_report(&trial);
        }
        trial_close(&trial);
    }
}

/* ---- laws ---- */

/* Of the texts one behind the other. */
static roaring_bitmap_t *audience(const struct trial *t, int64_t now_ms, const struct gy_str *parts,
                                  size_t n)
{
    struct gy_buf text = {0};
    struct gy_error err = {0};
    for (size_t i = 0; i < n; i++) {
        gy_buf_str(&text, parts[i]);
    }
    roaring_bitmap_t *members = trial_audience(t, gy_buf_view(&text), now_ms, NULL, &err);
    if (members == NULL) {
        fail_msg("SEED=%llu %s: %s", (unsigned long long)t->seed, text.ptr, err.message);
    }
    gy_buf_release(&text);
    return members;
}
#define AUDIENCE(t, now, ...)                                  \
    audience((t), (now), (const struct gy_str[]){__VA_ARGS__}, \
             sizeof((const struct gy_str[]){__VA_ARGS__}) / sizeof(struct gy_str))

/* Takes both. */
static void assert_same(const struct trial *t, const char *law, struct gy_str x, struct gy_str y,
                        roaring_bitmap_t *a, roaring_bitmap_t *b)
{
    if (!roaring_bitmap_equals(a, b)) {
        fail_msg("SEED=%llu %s, x: %.*s, y: %.*s", (unsigned long long)t->seed, law, GY_STR_ARG(x),
                 GY_STR_ARG(y));
    }
    roaring_bitmap_free(a);
    roaring_bitmap_free(b);
}

/* Of one customer asked for by itself. */
static void check_one(struct trial *t, struct gy_str text, const roaring_bitmap_t *all,
                      const roaring_bitmap_t *members, int64_t now_ms)
{
    struct gy_error err = {0};
    uint32_t ordinal;
    bool holds;
    uint64_t n = roaring_bitmap_get_cardinality(all);
    if (n == 0) {
        return;
    }
    assert_true(roaring_bitmap_select(all, (uint32_t)gy_test_below(&t->state, n), &ordinal));
    if (!trial_holds(t, text, now_ms, ordinal, &holds, &err) ||
        holds != roaring_bitmap_contains(members, ordinal)) {
        fail_msg("SEED=%llu %.*s: ordinal %u by itself: %d %s", (unsigned long long)t->seed,
                 GY_STR_ARG(text), ordinal, holds, err.message);
    }
}

static void check_sets(struct trial *t)
{
    struct gy_buf xs = {0};
    struct gy_buf ys = {0};
    trial_text(t, 2, false, &xs);
    trial_text(t, 2, false, &ys);
    struct gy_str x = gy_buf_view(&xs);
    struct gy_str y = gy_buf_view(&ys);
    int64_t now = trial_now(t);
    roaring_bitmap_t *all = AUDIENCE(t, now, GY_STR("everyone"));
    roaring_bitmap_t *of_x = AUDIENCE(t, now, x);
    roaring_bitmap_t *of_y = AUDIENCE(t, now, y);
    assert_same(t, "not x is everyone but x", x, y,
                AUDIENCE(t, now, GY_STR("not ("), x, GY_STR(")")),
                roaring_bitmap_andnot(all, of_x));
    assert_same(t, "not not x is x", x, y, AUDIENCE(t, now, GY_STR("not not ("), x, GY_STR(")")),
                roaring_bitmap_copy(of_x));
    assert_same(t, "x and y is what both have", x, y,
                AUDIENCE(t, now, GY_STR("("), x, GY_STR(") and ("), y, GY_STR(")")),
                roaring_bitmap_and(of_x, of_y));
    assert_same(t, "x or y is what one has", x, y,
                AUDIENCE(t, now, GY_STR("("), x, GY_STR(") or ("), y, GY_STR(")")),
                roaring_bitmap_or(of_x, of_y));
    check_one(t, x, all, of_x, now);
    check_one(t, y, all, of_y, now);
    roaring_bitmap_free(all);
    roaring_bitmap_free(of_x);
    roaring_bitmap_free(of_y);
    gy_buf_release(&xs);
    gy_buf_release(&ys);
}

static void and_or_not_are_those_of_sets(void **unused)
{
    (void)unused;
    struct trial_options options = {.most_persons = 60, .most_calls = 20};
    struct seeds seeds;
    uint64_t seed;
    seeds_begin(&seeds, seconds() * 100000);
    while (seeds_next(&seeds, &seed)) {
        struct trial trial;
        trial_open(&trial, seed, &options);
        for (unsigned i = 0; i < DEFINITIONS; i++) {
            check_sets(&trial);
        }
        trial_close(&trial);
    }
}

static void ask_many(struct trial *t, const struct gy_buf *texts, const int64_t *nows,
                     struct gy_buf *answers)
{
    struct gy_run_options options = {0};
    for (unsigned i = 0; i < DEFINITIONS; i++) {
        struct gy_error err = {0};
        struct gy_str text = gy_buf_view(&texts[i]);
        gy_buf_text(&answers[i], "");
        if (!trial_ask_engine(t, text, nows[i], &options, &answers[i], &err)) {
            fail_msg("SEED=%llu %.*s: %s", (unsigned long long)t->seed, GY_STR_ARG(text),
                     err.message);
        }
    }
}

static void check_order(struct trial *t)
{
    struct gy_buf texts[DEFINITIONS] = {0};
    int64_t nows[DEFINITIONS];
    struct gy_buf before[DEFINITIONS] = {0};
    struct gy_buf after[DEFINITIONS] = {0};
    for (unsigned i = 0; i < DEFINITIONS; i++) {
        trial_text(t, i % 3, false, &texts[i]);
        nows[i] = trial_now(t);
    }
    ask_many(t, texts, nows, before);
    trial_reorder(t);
    ask_many(t, texts, nows, after);
    for (unsigned i = 0; i < DEFINITIONS; i++) {
        if (!gy_str_equal(gy_buf_view(&before[i]), gy_buf_view(&after[i]))) {
            fail_msg("SEED=%llu %.*s\nbefore:\n%s\nin another order:\n%s",
                     (unsigned long long)t->seed, GY_STR_ARG(gy_buf_view(&texts[i])), before[i].ptr,
                     after[i].ptr);
        }
        gy_buf_release(&texts[i]);
        gy_buf_release(&before[i]);
        gy_buf_release(&after[i]);
    }
}

static void order_and_repetition_change_nothing(void **unused)
{
    (void)unused;
    struct trial_options options = {.most_persons = 20, .most_calls = 20, .is_order_free = true};
    struct seeds seeds;
    uint64_t seed;
    seeds_begin(&seeds, seconds() * 100000);
    while (seeds_next(&seeds, &seed)) {
        struct trial trial;
        trial_open(&trial, seed, &options);
        check_order(&trial);
        trial_close(&trial);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest cases[] = {cmocka_unit_test(engine_and_reference_agree),
                                       cmocka_unit_test(they_agree_over_several_blocks),
                                       cmocka_unit_test(reports_agree),
                                       cmocka_unit_test(and_or_not_are_those_of_sets),
                                       cmocka_unit_test(order_and_repetition_change_nothing)};
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(cases, NULL, NULL);
}
