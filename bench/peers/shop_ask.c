/* shop_ask.c - asks a data directory definitions, by lines (answer_lines.h).
 *
 *   shop_ask DIR THREADS                    says "ready", and the microseconds that opening took
 *   count    INSTANT DEFINITION             how many customers
 *   read     INSTANT DEFINITION             reads the columns that the definition names, and nothing else
 *                                           (plain_read.h): bytes
 *   differ   INSTANT DEFINITION             how many customers the kernels and the row-at-a-time evaluator
 *                                           do not agree on
 *   members  INSTANT DEFINITION             how many customers, and a hash of their ids in order
 */
#include <stdio.h>
#include <stdlib.h>

#include "answer_lines.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/zone.h"
#include "engine/engine.h"
#include "engine/vocabulary.h"
#include "plain_read.h"

struct asker {
    struct gy_snapshot *snapshot;
    unsigned n_threads;
};

/* A definition of a question, and what is done with it. */
typedef bool (*ask_fn)(const struct asker *a, const struct gy_expr *expr, int64_t now_ms,
                       struct gy_buf *value, struct gy_error *err);

static bool define(void *engine, const struct question *q, struct gy_buf *value, ask_fn ask)
{
    const struct asker *a = engine;
    struct gy_error err = {0};
    struct gy_definition definition = {0};
    int64_t now_ms;
    struct gy_vocabulary vocabulary = gy_vocabulary_of(a->snapshot);
    if (!gy_time_read(gy_str_of(q->arguments[0]), NULL, &now_ms, NULL)) {
        gy_buf_printf(value, "\"%s\" is no instant", q->arguments[0]);
        return false;
    }
    bool is_done =
        gy_define(gy_str_of(q->arguments[1]), &vocabulary, NULL, &definition, &err) == GY_OK &&
        ask(a, definition.expr, now_ms, value, &err);
    if (!is_done)
        gy_buf_text(value, err.message);
    gy_definition_release(&definition);
    return is_done;
}

static bool ask_count(const struct asker *a, const struct gy_expr *expr, int64_t now_ms,
                      struct gy_buf *value, struct gy_error *err)
{
    struct gy_run_options options = {.n_threads = a->n_threads};
    roaring_bitmap_t *audience = NULL;
    if (gy_audience(a->snapshot, expr, now_ms, &options, &audience, err) != GY_OK)
        return false;
    gy_buf_printf(value, "%llu", (unsigned long long)roaring_bitmap_get_cardinality(audience));
    roaring_bitmap_free(audience);
    return true;
}

static bool ask_read(const struct asker *a, const struct gy_expr *expr, int64_t now_ms,
                     struct gy_buf *value, struct gy_error *err)
{
    uint64_t n_bytes;
    if (plain_read(a->snapshot, expr, now_ms, a->n_threads, &n_bytes, err) != GY_OK)
        return false;
    gy_buf_printf(value, "%llu", (unsigned long long)n_bytes);
    return true;
}

static bool ask_differ(const struct asker *a, const struct gy_expr *expr, int64_t now_ms,
                       struct gy_buf *value, struct gy_error *err)
{
    struct gy_run_options options = {.n_threads = a->n_threads};
    roaring_bitmap_t *by_blocks = NULL;
    roaring_bitmap_t *by_rows = NULL;
    bool is_done = gy_audience(a->snapshot, expr, now_ms, &options, &by_blocks, err) == GY_OK;
    options.row_by_row = true;
    if (is_done)
        is_done = gy_audience(a->snapshot, expr, now_ms, &options, &by_rows, err) == GY_OK;
    if (is_done)
        gy_buf_printf(value, "%llu",
                      (unsigned long long)roaring_bitmap_xor_cardinality(by_blocks, by_rows));
    if (by_blocks != NULL)
        roaring_bitmap_free(by_blocks);
    if (by_rows != NULL)
        roaring_bitmap_free(by_rows);
    return is_done;
}

static int compare_ids(const void *a, const void *b)
{
    return gy_str_compare(*(const struct gy_str *)a, *(const struct gy_str *)b);
}

/* The members' ids in order, a line each. */
static void put_ids(const struct gy_snapshot *snapshot, const roaring_bitmap_t *audience,
                    struct gy_buf *out)
{
    size_t n = (size_t)roaring_bitmap_get_cardinality(audience);
    uint32_t *ordinals = gy_alloc_zero(n, sizeof *ordinals);
    struct gy_str *ids = gy_alloc_zero(n, sizeof *ids);
    roaring_bitmap_to_uint32_array(audience, ordinals);
    for (size_t i = 0; i < n; i++) {
        bool is_external;
        ids[i] = gy_snapshot_id(snapshot, ordinals[i], &is_external);
    }
    qsort(ids, n, sizeof *ids, compare_ids);
    for (size_t i = 0; i < n; i++) {
        gy_buf_str(out, ids[i]);
        gy_buf_char(out, '\n');
    }
    free(ids);
    free(ordinals);
}

static bool ask_members(const struct asker *a, const struct gy_expr *expr, int64_t now_ms,
                        struct gy_buf *value, struct gy_error *err)
{
    struct gy_run_options options = {.n_threads = a->n_threads};
    roaring_bitmap_t *audience = NULL;
    struct gy_buf ids = {0};
    if (gy_audience(a->snapshot, expr, now_ms, &options, &audience, err) != GY_OK)
        return false;
    put_ids(a->snapshot, audience, &ids);
    gy_buf_printf(value, "%llu %016llx",
                  (unsigned long long)roaring_bitmap_get_cardinality(audience),
                  (unsigned long long)gy_hash(ids.ptr, ids.len, 0));
    gy_buf_release(&ids);
    roaring_bitmap_free(audience);
    return true;
}

static bool run_members(void *engine, const struct question *q, struct gy_buf *value)
{
    return define(engine, q, value, ask_members);
}

static bool run_count(void *engine, const struct question *q, struct gy_buf *value)
{
    return define(engine, q, value, ask_count);
}

static bool run_read(void *engine, const struct question *q, struct gy_buf *value)
{
    return define(engine, q, value, ask_read);
}

static bool run_differ(void *engine, const struct question *q, struct gy_buf *value)
{
    return define(engine, q, value, ask_differ);
}

static const struct line_verb verbs[] = {
    {"count", run_count, true},
    {"read", run_read, true},
    {"differ", run_differ, false},
    {"members", run_members, false},
};

int main(int argc, char **argv)
{
    int64_t start_us = gy_monotonic_us();
    struct gy_error err = {0};
    struct asker a = {0};
    if (argc != 3) {
        fprintf(stderr, "usage: shop_ask DIR THREADS\n");
        return 2;
    }
    gy_mem_keep_freed();
    a.n_threads = (unsigned)strtoul(argv[2], NULL, 10);
    if (gy_snapshot_open(argv[1], &a.snapshot, &err) != GY_OK) {
        fprintf(stderr, "shop_ask: %s\n", err.message);
        return 1;
    }
    printf("ready\t%lld\n", (long long)(gy_monotonic_us() - start_us));
    fflush(stdout);
    lines_serve(&a, verbs, sizeof verbs / sizeof *verbs);
    gy_snapshot_close(a.snapshot);
    return 0;
}
