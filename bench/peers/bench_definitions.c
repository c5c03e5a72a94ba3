/* bench_definitions.c - what each definition costs on one thread, beside a plain read of what it names.
 *
 *   bench_definitions DIR INSTANT DEFINITION...
 *
 * Asks each definition and the plain read (plain_read.h) many times, and prints the least processor time of
 * each, which other work on the machine changes little: microseconds and the ratio of the two.
 */
#include <stdio.h>
#include <time.h>

#include "base/zone.h"
#include "engine/engine.h"
#include "engine/vocabulary.h"
#include "plain_read.h"

enum {
    N_RUNS = 60
};

static double thread_us(void)
{
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (double)used.tv_sec * 1e6 + (double)used.tv_nsec / 1e3;
}

static enum gy_status ask(const struct gy_snapshot *snapshot, const struct gy_expr *expr,
                          int64_t now_ms, double *us, uint64_t *n, struct gy_error *err)
{
    struct gy_run_options options = {.n_threads = 1};
    roaring_bitmap_t *audience = NULL;
    double start_us = thread_us();
    GY_TRY(gy_audience(snapshot, expr, now_ms, &options, &audience, err));
    double took_us = thread_us() - start_us;
    *us = took_us < *us ? took_us : *us;
    *n = roaring_bitmap_get_cardinality(audience);
    roaring_bitmap_free(audience);
    return GY_OK;
}

static enum gy_status read_plainly(const struct gy_snapshot *snapshot, const struct gy_expr *expr,
                                   int64_t now_ms, double *us, struct gy_error *err)
{
    uint64_t n_bytes;
    double start_us = thread_us();
    GY_TRY(plain_read(snapshot, expr, now_ms, 1, &n_bytes, err));
    double took_us = thread_us() - start_us;
    *us = took_us < *us ? took_us : *us;
    return GY_OK;
}

static enum gy_status measure(const struct gy_snapshot *snapshot, const char *text, int64_t now_ms,
                              struct gy_error *err)
{
    struct gy_definition definition = {0};
    struct gy_vocabulary vocabulary = gy_vocabulary_of(snapshot);
    double ask_us = 1e300;
    double read_us = 1e300;
    uint64_t n = 0;
    enum gy_status status = gy_define(gy_str_of(text), &vocabulary, NULL, &definition, err);
    for (int i = 0; i < N_RUNS && status == GY_OK; i++)
        status = ask(snapshot, definition.expr, now_ms, &ask_us, &n, err);
    for (int i = 0; i < N_RUNS && status == GY_OK; i++)
        status = read_plainly(snapshot, definition.expr, now_ms, &read_us, err);
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
    int64_t now_ms;
    if (argc < 4 || !gy_time_read(gy_str_of(argv[2]), NULL, &now_ms, NULL)) {
        fprintf(stderr, "usage: bench_definitions DIR INSTANT DEFINITION...\n");
        return 2;
    }
    enum gy_status status = gy_snapshot_open(argv[1], &snapshot, &err);
    printf("%9s %9s %6s %9s  %s\n", "asked, us", "read, us", "ratio", "customers", "definition");
    for (int i = 3; i < argc && status == GY_OK; i++)
        status = measure(snapshot, argv[i], now_ms, &err);
    if (status != GY_OK)
        fprintf(stderr, "bench_definitions: %s\n", err.message);
    gy_snapshot_close(snapshot);
    return status == GY_OK ? 0 : 1;
}
