/* bench_waterfall.c - how long a waterfall takes, beside asking its conditions one by one.
 *
 *   bench_waterfall [CUSTOMERS [ITEMS]] (437,200 and 40,000,000)
 *
 * For each definition, over a made shop (bench_shop.h): the time that gy_audience takes for every
 * condition by itself, all together, the time of gy_waterfall, and their ratio. Both are asked in turn,
 * a round at a time, and the medians of nine rounds count; the processor's time on one thread, which a
 * busy machine does not change much.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench_shop.h"
#include "engine/vocabulary.h"
#include "engine/waterfall.h"
#include "lang/check.h"

enum {
    N_ROUNDS = 9
};

static const char *const definitions[] = {
    "count(\"Order Completed\" last 365 days) >= 3 and sum(\"Order Completed\".revenue last 365 "
    "days) >= 300_000 and not did(\"Order Completed\" last 60 days)",
    "trait.region in (\"r000001\", \"r000002\") and age(trait.birthday) between 25 and 39 and "
    "trait.vip = true",
    "count(\"Order Completed\") >= 4 and days_since(\"Order Completed\") > 2 * interval(\"Order "
    "Completed\") and did(\"Order Completed\" last 180 days) and trait.region != \"r000000\"",
    "avg(\"Order Completed\".revenue this year) between 50_000 and 100_000 and "
    "days_since(\"Order Completed\") < 90 and max(\"Order Completed\".discount) > 1_000",
    "ntile(last_time(\"Order Completed\"), 5 among (did(\"Order Completed\"))) = 5 and "
    "percentile(count(\"Order Completed\") among (did(\"Order Completed\"))) >= 80 and "
    "percentile(sum(\"Order Completed\".revenue)) >= 80",
    "count(\"Order Completed/products\" last 365 days) >= 10 and median(\"Order "
    "Completed/products\".quantity last 365 days) >= 24 and top(\"Order "
    "Completed/products\".category last 365 days) = \"c000000\"",
    "(first(\"Order Completed\".channel) = \"c000000\" or last(\"Order Completed\".channel) = "
    "\"c000001\") and not (trait.vip = true or trait.region starts with \"r00001\")",
    "trait.region = \"r000001\" or trait.region = \"r000002\" or trait.region = \"r000003\" or "
    "trait.vip = true and did(\"Order Completed\" last 30 days)",
    "metric.average_order_value > 50_000 and metric.order_interval < 60 and metric.favorite_brand "
    "!= \"b000000\"",
};

static int compare_times(const void *a, const void *b)
{
    int64_t l = *(const int64_t *)a;
    int64_t r = *(const int64_t *)b;
    return (l > r) - (l < r);
}

static double median_ms(int64_t *times_us)
{
    qsort(times_us, N_ROUNDS, sizeof *times_us, compare_times);
    return (double)times_us[N_ROUNDS / 2] / 1000.0;
}

static int64_t processor_us(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

static const struct gy_run_options one_thread = {.n_threads = 1};

/* The conditions that are no groups. */
static void ask_one_by_one(const struct gy_snapshot *snapshot, const struct gy_waterfall *w)
{
    for (uint32_t i = 0; i < w->n_conditions; i++) {
        struct gy_error err;
        roaring_bitmap_t *audience;
        if (w->conditions[i].end > i + 1)
            continue;
        bench_must(gy_audience(snapshot, w->conditions[i].expr, BENCH_NOW_MS, &one_thread,
                               &audience, &err),
                   &err);
        roaring_bitmap_free(audience);
    }
}

static void compare(const struct gy_snapshot *snapshot, const struct gy_expr *expr,
                    const char *text)
{
    int64_t one_by_one_us[N_ROUNDS];
    int64_t waterfall_us[N_ROUNDS];
    struct gy_waterfall w = {0};
    uint32_t n_conditions = 0;
    for (int i = 0; i < N_ROUNDS; i++) {
        struct gy_error err;
        gy_waterfall_release(&w);
        int64_t start_us = processor_us();
        bench_must(gy_waterfall(snapshot, expr, BENCH_NOW_MS, &one_thread, &w, &err), &err);
        waterfall_us[i] = processor_us() - start_us;
        start_us = processor_us();
        ask_one_by_one(snapshot, &w);
        one_by_one_us[i] = processor_us() - start_us;
    }
    for (uint32_t i = 0; i < w.n_conditions; i++)
        n_conditions += w.conditions[i].end == i + 1;
    double waterfall_ms = median_ms(waterfall_us);
    double one_by_one_ms = median_ms(one_by_one_us);
    printf("%10u %7.2f ms %7.2f ms %6.2f  %.90s\n", n_conditions, one_by_one_ms, waterfall_ms,
           waterfall_ms / one_by_one_ms, text);
    gy_waterfall_release(&w);
}

int main(int argc, char **argv)
{
    struct gy_snapshot *snapshot = bench_shop_of(argc, argv);
    struct gy_vocabulary vocabulary = gy_vocabulary_of(snapshot);
    printf("%10s %10s %10s %6s\n", "conditions", "one by one", "waterfall", "ratio");
    for (size_t i = 0; i < sizeof definitions / sizeof *definitions; i++) {
        struct gy_error err;
        struct gy_definition definition = {0};
        bench_must(gy_define(gy_str_of(definitions[i]), &vocabulary, NULL, &definition, &err),
                   &err);
        compare(snapshot, definition.expr, definitions[i]);
        gy_definition_release(&definition);
    }
    gy_snapshot_close(snapshot);
    return 0;
}
