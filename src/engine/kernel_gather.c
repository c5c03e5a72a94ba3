/* kernel_gather.c - keys by customer. */
#include "engine/kernel_gather.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/aggregate_rows.h"
#include "engine/kernel_aggregate.h"
#include "engine/kernel_column.h"

struct gather {
    struct gy_block_eval *block;
    const struct gy_plan_term *term;
    struct gy_bits asked; /* customers to be asked one by one */
    uint16_t *customers;
    uint64_t *keys;
    size_t n;
    size_t capacity;
    uint32_t *last_slice; /* of each customer, plus one; 0: none yet */
    bool comes_grouped;   /* a single slice had rows: they are in the order of customers */
    uint32_t first_slice; /* plus one */
};

/* ---- keys ---- */

/* In the order of the numbers; equal numbers have equal keys. */
static uint64_t key_of_number(double number)
{
    uint64_t bits;
    number += 0.0; /* −0 is 0 */
    memcpy(&bits, &number, sizeof bits);
    return bits >> 63 != 0 ? ~bits : bits | UINT64_C(1) << 63;
}

static double number_of_key(uint64_t key)
{
    uint64_t bits = key >> 63 != 0 ? key & ~(UINT64_C(1) << 63) : ~key;
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static void put(struct gather *g, uint32_t slice, uint16_t customer, uint64_t key)
{
    g->customers[g->n] = customer;
    g->keys[g->n++] = key;
    g->last_slice[customer] = slice + 1;
}

static void make_room(struct gather *g, uint32_t more)
{
    size_t capacity = g->capacity;
    GY_GROW(g->keys, capacity, g->n + more);
    if (capacity != g->capacity)
        g->customers = gy_realloc(g->customers, capacity, sizeof *g->customers);
    g->capacity = capacity;
}

static void put_days(struct gather *g, const struct gy_scan *scan)
{
    const struct gy_selection *selection = &scan->selection;
    const struct gy_times *times = &gy_scan_view(scan)->times;
    for (uint32_t i = 0; i < selection->n; i++) {
        int64_t local_s =
            gy_local_clock_seconds(&g->block->filters.clock, times, selection->rows[i]);
        put(g, scan->slice, selection->customers[i],
            (uint64_t)gy_local_day(local_s) ^ UINT64_C(1) << 63);
    }
}

static void put_numbers(struct gather *g, const struct gy_scan *scan,
                        const struct gy_column *column)
{
    const struct gy_selection *selection = &scan->selection;
    double numbers[GY_SELECTION_SIZE];
    uint8_t known[GY_SELECTION_SIZE];
    gy_column_numbers(column, selection, numbers, known);
    for (uint32_t i = 0; i < selection->n; i++) {
        if (known[i] != 0)
            put(g, scan->slice, selection->customers[i], key_of_number(numbers[i]));
    }
}

/* Codes stand for strings within their slice; strings that have none are for customer_eval. */
static void put_codes(struct gather *g, const struct gy_scan *scan, const struct gy_column *column)
{
    const struct gy_selection *selection = &scan->selection;
    uint8_t known[GY_SELECTION_SIZE];
    gy_column_known(column, selection, known);
    for (uint32_t i = 0; i < selection->n; i++) {
        uint16_t customer = selection->customers[i];
        if (known[i] == 0)
            continue;
        uint32_t last = g->last_slice[customer];
        if (column->encoding != GY_ENCODING_CODE || (last != 0 && last != scan->slice + 1))
            gy_bits_set(&g->asked, customer);
        put(g, scan->slice, customer,
            column->encoding == GY_ENCODING_CODE ? gy_column_raw(column, selection->rows[i]) : 0);
    }
}

static void put_selection(struct gather *g, const struct gy_scan *scan)
{
    make_room(g, scan->selection.n);
    g->comes_grouped &= g->first_slice == 0 || g->first_slice == scan->slice + 1;
    g->first_slice = scan->slice + 1;
    if (g->term->term->aggregate == GY_DAYS) {
        put_days(g, scan);
        return;
    }
    const struct gy_column *column =
        &gy_reader_column(g->block->reader, gy_scan_view(scan), g->term->property)->column;
    if (column->type == GY_VALUE_STRING)
        put_codes(g, scan, column);
    else
        put_numbers(g, scan, column);
}

/* ---- by customer ---- */

/* Where each customer's keys begin; afterwards they stand together, in the order they came. */
static uint32_t *group(struct gather *g)
{
    uint32_t *starts = gy_alloc_zero(GY_BLOCK_SIZE + 1, sizeof *starts);
    for (size_t i = 0; i < g->n; i++)
        starts[g->customers[i] + 1]++;
    for (uint32_t c = 0; c < GY_BLOCK_SIZE; c++)
        starts[c + 1] += starts[c];
    if (g->comes_grouped)
        return starts;
    uint32_t *next = gy_alloc(GY_BLOCK_SIZE * sizeof *next);
    uint64_t *keys = gy_alloc_zero(g->n + 1, sizeof *keys);
    memcpy(next, starts, GY_BLOCK_SIZE * sizeof *next);
    for (size_t i = 0; i < g->n; i++)
        keys[next[g->customers[i]]++] = g->keys[i];
    free(next);
    free(g->keys);
    g->keys = keys;
    return starts;
}

static int compare_keys(const void *a, const void *b)
{
    uint64_t l = *(const uint64_t *)a;
    uint64_t r = *(const uint64_t *)b;
    return (l > r) - (l < r);
}

static bool are_sorted(const uint64_t *keys, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        if (keys[i - 1] > keys[i])
            return false;
    }
    return true;
}

static void sort_keys(uint64_t *keys, uint32_t n)
{
    if (are_sorted(keys, n)) /* as days are, of one slice */
        return;
    if (n > 32) {
        qsort(keys, n, sizeof *keys, compare_keys);
        return;
    }
    for (uint32_t i = 1; i < n; i++) {
        uint64_t key = keys[i];
        uint32_t at = i;
        for (; at > 0 && keys[at - 1] > key; at--)
            keys[at] = keys[at - 1];
        keys[at] = key;
    }
}

static double count_distinct(const uint64_t *sorted, uint32_t n)
{
    double distinct = 0;
    for (uint32_t i = 0; i < n; i++)
        distinct += i == 0 || sorted[i] != sorted[i - 1];
    return distinct;
}

static double median_of(const uint64_t *sorted, uint32_t n)
{
    double upper = number_of_key(sorted[n / 2]);
    return n % 2 == 1 ? upper : gy_mean_of_two(number_of_key(sorted[n / 2 - 1]), upper);
}

static bool value_of_keys(enum gy_aggregate aggregate, uint64_t *keys, uint32_t n, double *out)
{
    sort_keys(keys, n);
    if (aggregate == GY_DAYS || aggregate == GY_DISTINCT) {
        *out = count_distinct(keys, n);
        return true;
    }
    if (n == 0)
        return false;
    *out = median_of(keys, n);
    return isfinite(*out);
}

static void settle(struct gather *g, const struct gy_bits *mask, struct gy_bits *known,
                   double *values)
{
    enum gy_aggregate aggregate = g->term->term->aggregate;
    uint32_t *starts = group(g);
    gy_bits_clear(known);
    GY_FOR_EACH_BIT(i, mask)
    {
        uint64_t *keys = g->keys + starts[i];
        if (value_of_keys(aggregate, keys, starts[i + 1] - starts[i], &values[i]))
            gy_bits_set(known, i);
    }
    free(starts);
}

/* ---- distinct codes of a single slice: no need to keep them ---- */

/* Where there is one slice and its strings have codes, and not too many. */
static const struct gy_view_column *only_codes(struct gy_block_eval *block,
                                               const struct gy_plan_term *term)
{
    const struct gy_stream_view *stream =
        gy_reader_stream(block->reader, block->block_no, term->stream);
    if (term->term->aggregate != GY_DISTINCT || stream->n_slices != 1)
        return NULL;
    const struct gy_view_column *column =
        gy_reader_column(block->reader, &stream->slices[0], term->property);
    bool has_codes = column->column.encoding == GY_ENCODING_CODE &&
                     column->dictionary.n <= GY_MOST_COUNTED_CODES;
    return has_codes ? column : NULL;
}

/* `seen` says of each code who had it last. */
static void count_new_codes(const struct gy_scan *scan, const struct gy_column *column,
                            uint32_t *seen, double *values)
{
    const struct gy_selection *selection = &scan->selection;
    uint8_t known[GY_SELECTION_SIZE];
    gy_column_known(column, selection, known);
    for (uint32_t i = 0; i < selection->n; i++) {
        uint32_t customer = selection->customers[i];
        uint64_t code = gy_column_raw(column, selection->rows[i]);
        bool is_new = known[i] != 0 && seen[code] != customer + 1;
        seen[code] = known[i] != 0 ? customer + 1 : seen[code];
        values[customer] += is_new ? 1.0 : 0.0;
    }
}

static void distinct_codes(struct gy_block_eval *block, const struct gy_plan_term *term,
                           const struct gy_view_column *column, const struct gy_bits *mask,
                           struct gy_bits *known, double *values)
{
    struct gy_scan scan;
    uint32_t *seen = gy_alloc_zero(column->dictionary.n + 1, sizeof *seen);
    memset(values, 0, GY_BLOCK_SIZE * sizeof *values);
    gy_scan_begin(&scan, block, term->stream, term->filter, term->range, mask);
    while (gy_scan_next(&scan))
        count_new_codes(&scan, &column->column, seen, values);
    *known = *mask;
    free(seen);
}

/* ---- all ---- */

void gy_kernel_gather(struct gy_block_eval *block, const struct gy_plan_term *term,
                      const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    const struct gy_view_column *codes = only_codes(block, term);
    if (codes != NULL) {
        distinct_codes(block, term, codes, mask, known, values);
        return;
    }
    struct gather g = {.block = block, .term = term, .comes_grouped = true};
    struct gy_scan scan;
    if (term->term->aggregate == GY_TOP) {
        gy_block_ask_numbers(block, term, mask, known, values);
        return;
    }
    g.last_slice = gy_alloc_zero(GY_BLOCK_SIZE, sizeof *g.last_slice);
    make_room(&g, 1);
    gy_scan_begin(&scan, block, term->stream, term->filter, term->range, mask);
    while (gy_scan_next(&scan))
        put_selection(&g, &scan);
    settle(&g, mask, known, values);
    if (gy_bits_any(&g.asked)) {
        struct gy_bits asked_known;
        gy_bits_and_not(known, &g.asked);
        gy_block_ask_numbers(block, term, &g.asked, &asked_known, values);
        gy_bits_or(known, &asked_known);
    }
    free(g.last_slice);
    free(g.customers);
    free(g.keys);
}
