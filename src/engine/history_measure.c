/* history_measure.c - running sums, and a total that follows the members. */
#include "engine/history_measure.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/kernel_aggregate.h"
#include "engine/kernel_column.h"
#include "engine/kernel_sum.h"

/* ---- posting ---- */

/* Amounts of a selection: whole numbers at the scale, or the bits of doubles. */
static void take_amounts(const struct gy_measure_walk *walk, const struct gy_scan *scan,
                         int64_t *amounts, uint8_t *known)
{
    const struct gy_selection *selection = &scan->selection;
    const struct gy_column *column =
        &gy_reader_column(walk->block->reader, gy_scan_view(scan), walk->plan->property)->column;
    if (walk->is_scaled && column->encoding == GY_ENCODING_INT) {
        gy_column_known(column, selection, known);
        gy_column_scaled(column, selection, gy_sum_factor(walk->scale, column), amounts);
        return;
    }
    double numbers[GY_SELECTION_SIZE];
    gy_column_numbers(column, selection, numbers, known);
    memcpy(amounts, numbers, selection->n * sizeof *amounts);
}

/* Whole numbers of one customer and instant, neighbours in a run, make one entry. */
static void post(struct gy_measure_walk *walk, struct gy_ledger_entry entry)
{
    struct gy_ledger *ledger = &walk->ledger;
    struct gy_ledger_entry *last = ledger->n == 0 ? NULL : &ledger->entries[ledger->n - 1];
    if (walk->is_scaled && last != NULL && last->customer == entry.customer &&
        last->instant == entry.instant)
        last->amount += entry.amount;
    else
        gy_ledger_post(ledger, entry);
}

static void post_selection(struct gy_measure_walk *walk, const struct gy_scan *scan)
{
    int64_t amounts[GY_SELECTION_SIZE];
    uint8_t known[GY_SELECTION_SIZE];
    const struct gy_selection *selection = &scan->selection;
    take_amounts(walk, scan, amounts, known);
    for (uint32_t i = 0; i < selection->n; i++) {
        int64_t time_ms = gy_slice_view_time(gy_scan_view(scan), selection->rows[i]);
        uint32_t instant = gy_instant_index_find(&walk->plan->enters, time_ms);
        if (known[i] != 0)
            post(walk, (struct gy_ledger_entry){.amount = amounts[i],
                                                .customer = selection->customers[i],
                                                .instant = (uint16_t)instant});
    }
}

static void begin_sums(struct gy_measure_walk *walk)
{
    if (walk->is_scaled) {
        walk->sums = gy_block_take(walk->block);
        memset(walk->sums, 0, GY_BLOCK_SIZE * sizeof *walk->sums);
        return;
    }
    walk->decimals = gy_alloc_zero(GY_BLOCK_SIZE, sizeof *walk->decimals);
    walk->negatives = gy_alloc_zero(GY_BLOCK_SIZE, sizeof *walk->negatives);
}

void gy_measure_walk_begin(struct gy_measure_walk *walk, const struct gy_measure_plan *plan,
                           struct gy_block_eval *block, const struct gy_bits *mask)
{
    struct gy_scan scan;
    *walk = (struct gy_measure_walk){.plan = plan, .block = block};
    if (!plan->is_known)
        return;
    walk->is_scaled = gy_sum_scale(block, plan->stream, plan->property, &walk->scale);
    begin_sums(walk);
    gy_scan_begin(&scan, block, plan->stream, NULL, plan->range, mask);
    while (gy_scan_next(&scan))
        post_selection(walk, &scan);
    gy_ledger_close(&walk->ledger, plan->n_instants);
}

void gy_measure_walk_end(struct gy_measure_walk *walk)
{
    for (uint32_t i = 0; walk->decimals != NULL && i < GY_BLOCK_SIZE; i++) {
        gy_decimal_sum_release(&walk->decimals[i]);
        gy_decimal_sum_release(&walk->negatives[i]);
    }
    free(walk->decimals);
    free(walk->negatives);
    gy_decimal_sum_release(&walk->decimal_total);
    if (walk->sums != NULL)
        gy_block_give(walk->block, walk->sums);
    gy_ledger_release(&walk->ledger);
    *walk = (struct gy_measure_walk){0};
}

/* ---- from instant to instant ---- */

static void add_scaled(struct gy_measure_walk *walk, const struct gy_ledger_entry *entries,
                       size_t n, const struct gy_bits *before)
{
    for (size_t i = 0; i < n; i++) {
        walk->sums[entries[i].customer] += entries[i].amount;
        walk->total += gy_bits_has(before, entries[i].customer) ? entries[i].amount : 0;
    }
}

static void add_decimals(struct gy_measure_walk *walk, const struct gy_ledger_entry *entries,
                         size_t n, const struct gy_bits *before)
{
    for (size_t i = 0; i < n; i++) {
        double number;
        uint32_t c = entries[i].customer;
        memcpy(&number, &entries[i].amount, sizeof number);
        gy_decimal_sum_add(&walk->decimals[c], number);
        gy_decimal_sum_add(&walk->negatives[c], -number);
        if (gy_bits_has(before, c))
            gy_decimal_sum_add(&walk->decimal_total, number);
    }
}

static void move(struct gy_measure_walk *walk, uint32_t customer, bool enters)
{
    if (walk->is_scaled)
        walk->total += enters ? walk->sums[customer] : -walk->sums[customer];
    else
        gy_decimal_sum_add_sum(&walk->decimal_total,
                               enters ? &walk->decimals[customer] : &walk->negatives[customer]);
}

static void move_members(struct gy_measure_walk *walk, const struct gy_bits *before,
                         const struct gy_bits *now)
{
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++) {
        uint64_t moved = before->words[w] ^ now->words[w];
        for (; moved != 0; moved &= moved - 1) {
            uint32_t bit = (uint32_t)__builtin_ctzll(moved);
            move(walk, w * 64 + bit, (now->words[w] >> bit & 1) != 0);
        }
    }
}

void gy_measure_walk_step(struct gy_measure_walk *walk, uint32_t instant,
                          const struct gy_bits *before, const struct gy_bits *now,
                          struct gy_decimal_sum *out)
{
    size_t n;
    if (!walk->plan->is_known)
        return;
    const struct gy_ledger_entry *entries = gy_ledger_at(&walk->ledger, instant, &n);
    if (walk->is_scaled)
        add_scaled(walk, entries, n, before);
    else
        add_decimals(walk, entries, n, before);
    move_members(walk, before, now);
    if (walk->is_scaled)
        gy_decimal_sum_add_scaled(out, walk->total, walk->scale);
    else
        gy_decimal_sum_add_sum(out, &walk->decimal_total);
}
