/* bench_history.c - a daily year of a segment, against asking each of its days by itself.
 *
 *   bench_history [CUSTOMERS [ITEMS [SEGMENT]]] (437,200 and 40,000,000, all segments)
 *   bench_history 2364000 10000000 (10 million orders)
 *
 * Makes a shop in memory (bench_shop.h). Prints for each segment the median of five histories on all
 * cores, and the processor's time that one takes on all of them together (which a busy machine does
 * not change much); the processor's time that gy_audience takes as of each of the days, one after the other;
 * and how many times that is more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/zone.h"
#include "bench_shop.h"
#include "engine/history.h"
#include "engine/vocabulary.h"
#include "lang/check.h"

enum {
    N_DAYS = 366, /* a year, and the day before it */
    N_RUNS = 5
};

static const char *const segments[] = {
    "count(\"Order Completed\" last 365 days) >= 3",
    "sum(\"Order Completed\".revenue last 365 days) >= 300_000",
    "did(\"Order Completed\" last 30 days)",
    "days_since(\"Order Completed\") > 90",
    "count(\"Order Completed\") >= 4 and not did(\"Order Completed\" last 180 days)",
    "trait.region in (\"r000001\", \"r000002\") and count(\"Order Completed\" last 365 days) >= 3",
    "count(\"Order Completed\" where discount > 0 last 365 days) >= 2",
};

static int compare_times(const void *a, const void *b)
{
    int64_t l = *(const int64_t *)a;
    int64_t r = *(const int64_t *)b;
    return (l > r) - (l < r);
}

static int64_t processor_us(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

struct times {
    double all_cores_ms;
    double used_ms;
};

static struct times history_times(const struct gy_snapshot *snapshot,
                                  const struct gy_history_query *query, struct gy_history_row *rows)
{
    int64_t times_us[N_RUNS];
    int64_t used_us = processor_us();
    for (int i = 0; i < N_RUNS; i++) {
        struct gy_error err;
        int64_t start_us = gy_monotonic_us();
        bench_must(gy_history(snapshot, query, NULL, rows, &err), &err);
        times_us[i] = gy_monotonic_us() - start_us;
    }
    used_us = processor_us() - used_us;
    qsort(times_us, N_RUNS, sizeof *times_us, compare_times);
    return (struct times){(double)times_us[N_RUNS / 2] / 1000.0, (double)used_us / N_RUNS / 1000.0};
}

/* Every day by itself; its size must be the history's. */
static double day_by_day_ms(const struct gy_snapshot *snapshot,
                            const struct gy_history_query *query, const struct gy_history_row *rows)
{
    int64_t start_us = processor_us();
    for (uint32_t i = 0; i < query->n_instants; i++) {
        struct gy_error err;
        roaring_bitmap_t *audience;
        bench_must(gy_audience(snapshot, query->expr, query->instants_ms[i], NULL, &audience, &err),
                   &err);
        if (roaring_bitmap_get_cardinality(audience) != rows[i].size) {
            fprintf(stderr, "day %u: the history and the audience differ\n", i);
            exit(1);
        }
        roaring_bitmap_free(audience);
    }
    return (double)(processor_us() - start_us) / 1000.0;
}

static void bench(const struct gy_snapshot *snapshot, const char *text)
{
    struct gy_error err;
    struct gy_definition definition = {0};
    struct gy_vocabulary vocabulary = gy_vocabulary_of(snapshot);
    struct gy_history_row rows[N_DAYS];
    int64_t instants_ms[N_DAYS];
    bench_must(gy_define(gy_str_of(text), &vocabulary, NULL, &definition, &err), &err);
    for (int i = 0; i < N_DAYS; i++)
        instants_ms[i] = BENCH_NOW_MS - (int64_t)(N_DAYS - 1 - i) * GY_DAY_MS;
    struct gy_history_query query = {
        .expr = definition.expr,
        .instants_ms = instants_ms,
        .n_instants = N_DAYS,
        .measure = {GY_STR("Order Completed"), GY_STR("revenue")},
    };
    struct times one_pass = history_times(snapshot, &query, rows);
    double days_ms = day_by_day_ms(snapshot, &query, rows);
    printf("%7.1f ms %7.1f ms %9.1f ms %6.1f×  %9llu  %s\n", one_pass.all_cores_ms,
           one_pass.used_ms, days_ms, days_ms / one_pass.used_ms,
           (unsigned long long)rows[N_DAYS - 1].size, text);
    fflush(stdout);
    gy_definition_release(&definition);
}

int main(int argc, char **argv)
{
    size_t only = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    struct gy_snapshot *snapshot = bench_shop_of(argc, argv);
    printf("%10s %10s %12s\n", "all cores", "used", "day by day");
    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++) {
        if (only == 0 || only == i + 1)
            bench(snapshot, segments[i]);
    }
    gy_snapshot_close(snapshot);
    return 0;
}
