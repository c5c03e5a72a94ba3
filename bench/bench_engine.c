/* bench_engine.c - how long the engine takes for typical segments, warm.
 *
 *   bench_engine [CUSTOMERS [ITEMS [SEGMENT]]] (437,200 and 40,000,000, all segments)
 *
 * Makes a shop (bench_shop.h), asks each segment six times and prints the medians of the last five:
 * the time on all cores, and the processor's time on one (which a busy machine does not change much).
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/zone.h"
#include "bench_shop.h"
#include "engine/engine.h"
#include "engine/vocabulary.h"
#include "lang/check.h"

static const char *const segments[] = {
    "ntile(last_time(\"Order Completed\"), 5 among (did(\"Order Completed\"))) = 5 and ntile(count(\"Order Completed\"), 5 among (did(\"Order Completed\"))) = 5 and ntile(sum(\"Order Completed\".revenue), 5 among (did(\"Order Completed\"))) = 5",
    "ntile(last_time(\"Order Completed\" before \"2025-10-02\"), 5 among (did(\"Order Completed\" before \"2025-10-02\"))) = 5 and ntile(count(\"Order Completed\" before \"2025-10-02\"), 5 among (did(\"Order Completed\" before \"2025-10-02\"))) = 5 and ntile(sum(\"Order Completed\".revenue before \"2025-10-02\"), 5 among (did(\"Order Completed\" before \"2025-10-02\"))) = 5 and not (ntile(last_time(\"Order Completed\"), 5 among (did(\"Order Completed\"))) = 5 and ntile(count(\"Order Completed\"), 5 among (did(\"Order Completed\"))) = 5 and ntile(sum(\"Order Completed\".revenue), 5 among (did(\"Order Completed\"))) = 5)",
    "percentile(sum(\"Order Completed\".revenue) among (did(\"Order Completed\"))) >= 80 and not did(\"Order Completed\" last 120 days)",
    "count(\"Order Completed\") >= 4 and days_since(\"Order Completed\") > 2 * interval(\"Order Completed\") and did(\"Order Completed\" last 180 days)",
    "did(\"Order Completed\" last 30 days) and count(\"Order Completed\") = count(\"Order Completed\" last 30 days)",
    "count(\"Order Completed\") = 1 and did(\"Order Completed\" 30 to 90 days ago)",
    "count(\"Order Completed/products\" last 365 days) >= 10 and median(\"Order Completed/products\".quantity last 365 days) >= 24",
    "trait.region not in (\"r000000\", \"r000001\") and count(\"Order Completed\" last 365 days) >= 3",
    "did(\"Order Completed/products\" where product_id contains \"0012\" 11 to 14 months ago) and not did(\"Order Completed/products\" where product_id contains \"0012\" last 90 days)",
    "count(\"Order Refunded\" last 365 days) >= 3 and sum(\"Order Refunded\".revenue last 365 days) >= 10% * sum(\"Order Completed\".revenue last 365 days)",
    "did(\"Order Completed\" last 30 days)",
    "count(\"Order Completed\" last 365 days) >= 3 and sum(\"Order Completed\".revenue last 365 "
    "days) >= 300_000",
    "ntile(last_time(\"Order Completed\"), 5 among (did(\"Order Completed\"))) = 5 and "
    "ntile(count(\"Order Completed\"), 5 among (did(\"Order Completed\"))) = 5 and "
    "ntile(sum(\"Order Completed\".revenue), 5 among (did(\"Order Completed\"))) = 5",
    "trait.region in (\"r000001\", \"r000002\") and age(trait.birthday) between 25 and 39 and "
    "trait.vip = true",
    "not did(\"Order Completed\" last 180 days) and count(\"Order Completed\") >= 4",
    "avg(\"Order Completed\".revenue this year) between 50_000 and 100_000",
    "count(\"Order Completed\" where discount > 0 last 365 days) >= 2",
    "days_since(\"Order Completed\") > 2 * interval(\"Order Completed\")",
    "first(\"Order Completed\".channel) = \"c000000\"",
    "sum(\"Order Completed\".revenue last 30 days) > sum(\"Order Completed\".revenue 30 to 60 days "
    "ago)",
    "count(\"Order Completed/products\" last 90 days) >= 20",
    "did(\"Order Completed/products\" where category = \"c000012\" last 90 days)",
    "sum(\"Order Completed/products\".quantity where brand in (\"b000007\", \"b000100\", "
    "\"b000200\") since \"2025-01-01\") >= 3",
    "count(\"Order Completed/products\" where product_id = \"p000001\") >= 2",
    "distinct(\"Order Completed/products\".category last 180 days) >= 10",
    "top(\"Order Completed/products\".category last 365 days) = \"c000000\"",
    "days(\"Order Completed\") >= 10",
    "median(\"Order Completed\".revenue) > 100_000",
    "count(\"Order Completed\" where weekday() >= 6 and hour() between 18 and 23) >= 2",
    "did(\"Order Completed\" where channel = \"c000001\" then \"Order Completed\" where channel = "
    "\"c000002\" within 30 days)",
    "did(\"Order Completed/products\" as a where category = \"c000023\" then no \"Order "
    "Completed/products\" where product_id = a.product_id within 30 days last 90 days)",
};

/* How many of the first segments are the ten that make a page of a shop. */
enum {
    N_TYPICAL = 10,
    N_RUNS = 6
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

static double ask(const struct gy_snapshot *snapshot, const struct gy_expr *expr,
                  unsigned n_threads, uint64_t *n_members)
{
    int64_t times_us[N_RUNS];
    for (int i = 0; i < N_RUNS; i++) {
        struct gy_error err;
        roaring_bitmap_t *audience;
        struct gy_run_options options = {.n_threads = n_threads};
        int64_t start_us = n_threads == 1 ? processor_us() : gy_monotonic_us();
        bench_must(gy_audience(snapshot, expr, BENCH_NOW_MS, &options, &audience, &err), &err);
        times_us[i] = (n_threads == 1 ? processor_us() : gy_monotonic_us()) - start_us;
        *n_members = roaring_bitmap_get_cardinality(audience);
        roaring_bitmap_free(audience);
    }
    qsort(times_us + 1, N_RUNS - 1, sizeof *times_us, compare_times);
    return (double)times_us[1 + (N_RUNS - 1) / 2] / 1000.0;
}

static void ask_all(const struct gy_snapshot *snapshot, size_t only)
{
    double typical_ms = 0;
    double typical_used_ms = 0;
    struct gy_vocabulary vocabulary = gy_vocabulary_of(snapshot);
    printf("%10s %10s %10s\n", "all cores", "one, used", "members");
    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++) {
        struct gy_error err;
        struct gy_definition definition = {0};
        uint64_t n_members;
        if (only != 0 && only != i + 1)
            continue;
        bench_must(gy_define(gy_str_of(segments[i]), &vocabulary, NULL, &definition, &err), &err);
        double one_ms = ask(snapshot, definition.expr, 1, &n_members);
        double all_ms = ask(snapshot, definition.expr, 0, &n_members);
        typical_ms += i < N_TYPICAL ? all_ms : 0;
        typical_used_ms += i < N_TYPICAL ? one_ms : 0;
        printf("%7.2f ms %7.2f ms %10llu  %.90s\n", all_ms, one_ms, (unsigned long long)n_members,
               segments[i]);
        gy_definition_release(&definition);
    }
    printf("the first %d together: %.2f ms on all cores, %.2f ms used on one\n", (int)N_TYPICAL,
           typical_ms, typical_used_ms);
}

int main(int argc, char **argv)
{
    struct gy_snapshot *snapshot = bench_shop_of(argc, argv);
    ask_all(snapshot, argc > 3 ? strtoul(argv[3], NULL, 10) : 0);
    gy_snapshot_close(snapshot);
    return 0;
}
