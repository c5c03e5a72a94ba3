/* test_history_law.c - a history says at each of its instants what the audience as of it says.
 *
 * Random definitions over random data, as of random instants: each row's size is the audience's, who
 * entered and left is the difference to the audience before, and what is measured is the report over
 * that audience. Runs for GYEOL_DIFFERENTIAL_SECONDS (8), each
 * trial under a seed of its own (seeds.h). */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "differential/seeds.h"
#include "differential/trial.h"
#include "engine/history.h"
#include "engine/vocabulary.h"
#include "lang/check.h"

enum {
    MOST_INSTANTS = 40,
    DEFINITIONS = 25
};

static int64_t seconds(void)
{
    const char *given = getenv("GYEOL_DIFFERENTIAL_SECONDS");
    return given == NULL ? 8 : strtoll(given, NULL, 10);
}

/* ---- what is asked ---- */

static int compare_times(const void *a, const void *b)
{
    int64_t l = *(const int64_t *)a;
    int64_t r = *(const int64_t *)b;
    return (l > r) - (l < r);
}

/* Steps of one length around the data's centre, or instants that the data has, some of them twice. */
static uint32_t draw_instants(struct trial *t, int64_t *instants_ms)
{
    static const int64_t STEPS_MS[] = {GY_HOUR_MS, GY_DAY_MS, 7 * GY_DAY_MS, 31 * GY_DAY_MS};
    uint32_t n = 1 + (uint32_t)gy_test_below(&t->state, MOST_INSTANTS);
    uint64_t step = gy_test_below(&t->state, 6);
    for (uint32_t i = 0; i < n; i++) {
        instants_ms[i] = step < 4 ? t->calls.centre_ms + ((int64_t)i - n / 2) * STEPS_MS[step]
                                  : random_instant(&t->state, &t->calls);
    }
    qsort(instants_ms, n, sizeof *instants_ms, compare_times);
    return n;
}

/* A property of an event, most often a number; now and then one that nobody has seen. */
static struct gy_measure draw_measure(struct trial *t)
{
    const struct random_event *event =
        &t->names.events[gy_test_below(&t->state, t->names.n_events)];
    bool is_derived = gy_str_equal(event->name, GY_STR("Visit")); /* only what is stored is measured */
    if (event->n_properties == 0 || is_derived || gy_test_below(&t->state, 20) == 0)
        return (struct gy_measure){event->name, GY_STR("never seen")};
    size_t at = gy_test_below(&t->state, event->n_properties);
    for (size_t i = 0; i < event->n_properties; i++) {
        if (event->properties[at].type == GY_TYPE_NUMBER)
            break;
        at = (at + 1) % event->n_properties;
    }
    return (struct gy_measure){event->name, event->properties[at].name};
}

/* ---- what is to come out ---- */

struct question {
    const struct trial *trial;
    struct gy_str text;
    struct gy_history_query query;
    struct gy_run_options options;
};

static double measured_of(const struct question *q, const roaring_bitmap_t *audience,
                          int64_t now_ms)
{
    struct gy_error err = {0};
    struct gy_group_table table;
    struct gy_aggregation aggregation = {.audience = audience,
                                         .event = q->query.measure.event,
                                         .from_ms = INT64_MIN,
                                         .to_ms = INT64_MAX,
                                         .sum_properties = &q->query.measure.property,
                                         .n_sums = 1};
    assert_ok(gy_aggregate(q->trial->snapshot, &aggregation, now_ms, NULL, &table, &err), &err);
    double sum = table.groups[0].sums[0];
    gy_group_table_release(&table);
    return sum;
}

static void fail_at(const struct question *q, const struct gy_history_row *row,
                    const struct gy_history_row *expected)
{
    char now[GY_TIME_TEXT];
    gy_time_print(row->at_ms, now);
    fail_msg(
        "SEED=%llu zone %s threads %u row_by_row %d, %u instants, measuring %.*s of %.*s\n%.*s\n"
        "as of %s: size %llu not %llu, entered %llu not %llu, left %llu not %llu, measured "
        "%.17g not %.17g",
        (unsigned long long)q->trial->seed, q->trial->zone_name, q->options.n_threads,
        q->options.row_by_row, q->query.n_instants, GY_STR_ARG(q->query.measure.property),
        GY_STR_ARG(q->query.measure.event), GY_STR_ARG(q->text), now, (unsigned long long)row->size,
        (unsigned long long)expected->size, (unsigned long long)row->entered,
        (unsigned long long)expected->entered, (unsigned long long)row->left,
        (unsigned long long)expected->left, row->measured, expected->measured);
}

static bool rows_equal(const struct gy_history_row *a, const struct gy_history_row *b)
{
    return a->size == b->size && a->entered == b->entered && a->left == b->left &&
           a->measured == b->measured;
}

/* Compares each row with the audience as of its instant. */
static void check_rows(const struct question *q, const struct gy_history_row *rows)
{
    roaring_bitmap_t *before = NULL;
    for (uint32_t i = 0; i < q->query.n_instants; i++) {
        struct gy_error err = {0};
        roaring_bitmap_t *now;
        int64_t at_ms = q->query.instants_ms[i];
        assert_ok(gy_audience(q->trial->snapshot, q->query.expr, at_ms, NULL, &now, &err), &err);
        struct gy_history_row expected = {.at_ms = at_ms};
        expected.size = roaring_bitmap_get_cardinality(now);
        expected.entered = before == NULL ? 0 : roaring_bitmap_andnot_cardinality(now, before);
        expected.left = before == NULL ? 0 : roaring_bitmap_andnot_cardinality(before, now);
        expected.measured = measured_of(q, now, at_ms);
        assert_int_equal(rows[i].at_ms, at_ms);
        if (!rows_equal(&rows[i], &expected))
            fail_at(q, &rows[i], &expected);
        if (before != NULL)
            roaring_bitmap_free(before);
        before = now;
    }
    roaring_bitmap_free(before);
}

/* ---- trials ---- */

static bool check_history(struct trial *t)
{
    int64_t instants_ms[MOST_INSTANTS];
    struct gy_history_row rows[MOST_INSTANTS];
    struct gy_buf text = {0};
    struct gy_definition definition = {0};
    struct gy_error err = {0};
    struct gy_vocabulary vocabulary = gy_vocabulary_of(t->snapshot);
    struct gy_check_options check = {.allow_unknown = true};
    trial_text(t, (uint32_t)gy_test_below(&t->state, 4), false, &text);
    assert_ok(gy_define(gy_buf_view(&text), &vocabulary, &check, &definition, &err), &err);
    struct question q = {.trial = t, .text = gy_buf_view(&text)};
    q.query = (struct gy_history_query){.expr = definition.expr,
                                        .instants_ms = instants_ms,
                                        .n_instants = draw_instants(t, instants_ms),
                                        .measure = draw_measure(t)};
    q.options.n_threads = 1 + (unsigned)gy_test_below(&t->state, 4);
    q.options.row_by_row = gy_test_below(&t->state, 4) == 0;
    enum gy_status status = gy_history(t->snapshot, &q.query, &q.options, rows, &err);
    if (status != GY_OK)
        fail_msg("SEED=%llu %.*s: %s", (unsigned long long)t->seed, GY_STR_ARG(q.text),
                 err.message);
    check_rows(&q, rows);
    bool is_moving = false;
    for (uint32_t i = 0; i < q.query.n_instants; i++)
        is_moving = is_moving || rows[i].entered > 0 || rows[i].left > 0;
    gy_definition_release(&definition);
    gy_buf_release(&text);
    return is_moving;
}

static void run(const struct trial_options *options, int64_t run_us)
{
    struct seeds seeds;
    uint64_t seed;
    uint64_t n_moving = 0;
    seeds_begin(&seeds, run_us);
    while (seeds_next(&seeds, &seed)) {
        struct trial trial;
        trial_open(&trial, seed, options);
        for (unsigned i = 0; i < DEFINITIONS; i++)
            n_moving += check_history(&trial);
        trial_close(&trial);
    }
    print_message("%llu trials, %llu histories, %llu in which somebody moves\n",
                  (unsigned long long)seeds.n_given,
                  (unsigned long long)(seeds.n_given * DEFINITIONS), (unsigned long long)n_moving);
    assert_true(seeds.n_given < 10 || n_moving > seeds.n_given * DEFINITIONS / 10); /* not idle */
}

static void histories_are_audiences(void **unused)
{
    (void)unused;
    struct trial_options options = {.most_persons = 30, .most_calls = 20};
    run(&options, seconds() * 700000);
}

/* So many customers that kernels are asked, and that a block is full. */
static void histories_are_audiences_of_full_blocks(void **unused)
{
    (void)unused;
    struct trial_options options = {.most_persons = 20,
                                    .most_calls = 20,
                                    .with_strangers = true,
                                    .without = RANDOM_WITHOUT_POPULATIONS};
    run(&options, seconds() * 300000);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest cases[] = {cmocka_unit_test(histories_are_audiences),
                                       cmocka_unit_test(histories_are_audiences_of_full_blocks)};
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(cases, NULL, NULL);
}
