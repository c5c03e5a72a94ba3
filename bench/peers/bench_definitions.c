/* bench_definitions.c - what each definition costs on one thread, beside a plain read of what it names.
 *
 *   bench_definitions [--cold] DIR INSTANT DEFINITION...
 *
 * Asks each definition and the plain read (plain_read.h) many times, and prints the least processor time of
 * each, which other work on the machine changes little: microseconds and the ratio of the two. With --cold,
 * other memory is written to before each, more than the caches hold: so a store of 10 M events is read from
 * memory, as one of 100 M is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/zone.h"
#include "engine/engine.h"
#include "engine/vocabulary.h"
#include "plain_read.h"

enum {
    N_RUNS = 60,
    CACHES = 96 << 20, /* bytes: more than any that are shared */
    LINE = 64
};

/* What is measured, and what pushes it out of the caches before: NULL, nothing does. */
struct bench {
    const struct gy_snapshot *snapshot;
    int64_t now_ms;
    volatile char *other;
};

static void empty_caches(const struct bench *bench)
{
    for (size_t i = 0; bench->other != NULL && i < CACHES; i += LINE)
        bench->other[i]++;
}

static double thread_us(void)
{
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (double)used.tv_sec * 1e6 + (double)used.tv_nsec / 1e3;
}

static enum gy_status ask(const struct bench *bench, const struct gy_expr *expr, double *us,
                          uint64_t *n, struct gy_error *err)
{
    struct gy_run_options options = {.n_threads = 1};
    roaring_bitmap_t *audience = NULL;
    empty_caches(bench);
    double start_us = thread_us();
    GY_TRY(gy_audience(bench->snapshot, expr, bench->now_ms, &options, &audience, err));
    double took_us = thread_us() - start_us;
    *us = took_us < *us ? took_us : *us;
    *n = roaring_bitmap_get_cardinality(audience);
    roaring_bitmap_free(audience);
    return GY_OK;
}

static enum gy_status read_plainly(const struct bench *bench, const struct gy_expr *expr,
                                   double *us, struct gy_error *err)
{
    uint64_t n_bytes;
    empty_caches(bench);
    double start_us = thread_us();
    GY_TRY(plain_read(bench->snapshot, expr, bench->now_ms, 1, &n_bytes, err));
    double took_us = thread_us() - start_us;
    *us = took_us < *us ? took_us : *us;
    return GY_OK;
}

static enum gy_status measure(const struct bench *bench, const char *text, struct gy_error *err)
{
    struct gy_definition definition = {0};
    struct gy_vocabulary vocabulary = gy_vocabulary_of(bench->snapshot);
    double ask_us = 1e300;
    double read_us = 1e300;
    uint64_t n = 0;
    enum gy_status status = gy_define(gy_str_of(text), &vocabulary, NULL, &definition, err);
    for (int i = 0; i < N_RUNS && status == GY_OK; i++)
        status = ask(bench, definition.expr, &ask_us, &n, err);
    for (int i = 0; i < N_RUNS && status == GY_OK; i++)
        status = read_plainly(bench, definition.expr, &read_us, err);
    if (status == GY_OK)
        printf("%9.0f %9.0f %6.2f %9llu  %.100s\n", ask_us, read_us, ask_us / read_us,
               (unsigned long long)n, text);
    gy_definition_release(&definition);
    return status;
}

int main(int argc, char **argv)
{
    struct gy_error err = {0};
    struct gy_snapshot *snapshot = NULL;
    struct bench bench = {0};
    bool is_cold = argc > 1 && strcmp(argv[1], "--cold") == 0;
    int first = is_cold ? 2 : 1;
    if (argc < first + 3 || !gy_time_read(gy_str_of(argv[first + 1]), NULL, &bench.now_ms, NULL)) {
        fprintf(stderr, "usage: bench_definitions [--cold] DIR INSTANT DEFINITION...\n");
        return 2;
    }
    void *other = is_cold ? gy_alloc_zero(CACHES, 1) : NULL;
    bench.other = other;
    enum gy_status status = gy_snapshot_open(argv[first], &snapshot, &err);
    bench.snapshot = snapshot;
    printf("%9s %9s %6s %9s  %s\n", "asked, us", "read, us", "ratio", "customers", "definition");
    for (int i = first + 2; i < argc && status == GY_OK; i++)
        status = measure(&bench, argv[i], &err);
    if (status != GY_OK)
        fprintf(stderr, "bench_definitions: %s\n", err.message);
    gy_snapshot_close(snapshot);
    free(other);
    return status == GY_OK ? 0 : 1;
}
