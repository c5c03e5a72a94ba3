/* history_leaf.c - posting rows, and carrying answers along. */
#include "engine/history_leaf.h"

#include "engine/kernel_aggregate.h"
#include "engine/kernel_column.h"
#include "engine/kernel_sum.h"

/* ---- posting ---- */

/* A selection's rows as the ledger has them. */
struct postings {
    int64_t amounts[GY_SELECTION_SIZE];
    uint8_t known[GY_SELECTION_SIZE]; /* 0: the row does not matter */
    uint32_t enters[GY_SELECTION_SIZE];
    uint32_t leaves[GY_SELECTION_SIZE];
};

static void take_sums(const struct gy_leaf_walk *walk, const struct gy_scan *scan,
                      struct postings *p)
{
    const struct gy_column *column =
        &gy_reader_column(walk->block->reader, gy_scan_view(scan), walk->leaf->property)->column;
    if (column->encoding != GY_ENCODING_INT) { /* no row has a value */
        memset(p->known, 0, scan->selection.n);
        return;
    }
    gy_column_known(column, &scan->selection, p->known);
    gy_column_scaled(column, &scan->selection, gy_sum_factor(walk->scale, column), p->amounts);
}

static void take_amounts(const struct gy_leaf_walk *walk, const struct gy_scan *scan,
                         struct postings *p)
{
    const struct gy_selection *selection = &scan->selection;
    if (walk->follow == GY_FOLLOW_SUM && walk->leaf->aggregate != GY_COUNT) {
        take_sums(walk, scan, p);
        return;
    }
    memset(p->known, 1, selection->n);
    memset(p->amounts, 0, selection->n * sizeof *p->amounts);
    for (uint32_t i = 0; walk->follow == GY_FOLLOW_LATEST && i < selection->n; i++)
        p->amounts[i] = gy_slice_view_time(gy_scan_view(scan), selection->rows[i]);
}

/* Posts what is known at its instant; `sign` -1 takes it back. */
static void post(struct gy_ledger *ledger, const struct gy_selection *selection,
                 const struct postings *p, const uint32_t *instants, uint32_t n_instants, int sign)
{
    for (uint32_t i = 0; i < selection->n; i++) {
        if (p->known[i] == 0 || instants[i] >= n_instants)
            continue;
        gy_ledger_post(ledger, (struct gy_ledger_entry){.amount = sign * p->amounts[i],
                                                        .n_rows = sign,
                                                        .customer = selection->customers[i],
                                                        .instant = (uint16_t)instants[i]});
    }
}

/* A row turns old after it came in, if it matters. */
static void post_turns(const struct gy_watch *watch, const struct gy_scan *scan,
                       const struct postings *p, uint32_t n_instants, struct gy_ledger *ledger)
{
    uint32_t turns[GY_SELECTION_SIZE];
    for (uint32_t t = 0; t < watch->n_turns; t++) {
        for (uint32_t i = 0; i < scan->selection.n; i++) {
            int64_t time_ms = gy_slice_view_time(gy_scan_view(scan), scan->selection.rows[i]);
            turns[i] = gy_instant_index_find(&watch->turns[t], time_ms);
            turns[i] = turns[i] > p->enters[i] ? turns[i] : n_instants;
        }
        post(ledger, &scan->selection, p, turns, n_instants, 1);
    }
}

static void post_selection(struct gy_leaf_walk *walk, const struct gy_watch *watch,
                           const struct gy_scan *scan, uint32_t n_instants)
{
    struct postings p;
    const struct gy_selection *selection = &scan->selection;
    take_amounts(walk, scan, &p);
    for (uint32_t i = 0; i < selection->n; i++) {
        int64_t time_ms = gy_slice_view_time(gy_scan_view(scan), selection->rows[i]);
        p.enters[i] = gy_instant_index_find(&watch->enters, time_ms);
        p.leaves[i] = gy_instant_index_find(&watch->leaves, time_ms);
        p.known[i] &= p.enters[i] < p.leaves[i];
    }
    post(&walk->ledger, selection, &p, p.enters, n_instants, 1);
    post(&walk->ledger, selection, &p, p.leaves, n_instants,
         walk->follow == GY_FOLLOW_LATEST ? 1 : -1);
    post_turns(watch, scan, &p, n_instants, &walk->ledger);
}

static void post_watch(struct gy_leaf_walk *walk, const struct gy_watch *watch, uint32_t n_instants,
                       const struct gy_bits *mask)
{
    struct gy_scan scan;
    gy_scan_begin(&scan, walk->block, watch->stream, watch->filter, watch->range, mask);
    while (gy_scan_next(&scan))
        post_selection(walk, watch, &scan, n_instants);
}

/* ---- beginning and ending ---- */

static bool needs_scale(const struct gy_history_leaf *leaf)
{
    return leaf->follow == GY_FOLLOW_SUM && leaf->aggregate != GY_COUNT;
}

/* What holds for those who have no rows. */
static void answer_for_none(struct gy_leaf_walk *walk)
{
    bool is_known = walk->follow == GY_FOLLOW_SUM && walk->leaf->aggregate != GY_AVG;
    bool holds = is_known && gy_number_test_passes(&walk->leaf->test, 0);
    memset(&walk->known->asked, 0xff, sizeof walk->known->asked);
    memset(&walk->known->holds, holds ? 0xff : 0, sizeof walk->known->holds);
}

static void begin_values(struct gy_leaf_walk *walk)
{
    walk->counts = gy_block_take(walk->block);
    walk->sums = gy_block_take(walk->block);
    for (uint32_t i = 0; i < GY_BLOCK_SIZE; i++) {
        walk->counts[i] = 0;
        walk->sums[i] = walk->follow == GY_FOLLOW_LATEST ? INT64_MIN : 0;
    }
    answer_for_none(walk);
}

void gy_leaf_walk_begin(struct gy_leaf_walk *walk, const struct gy_history_leaf *leaf,
                        struct gy_block_eval *block, uint32_t n_instants,
                        const struct gy_bits *mask)
{
    *walk = (struct gy_leaf_walk){.leaf = leaf, .block = block, .follow = leaf->follow};
    if (leaf->follow == GY_FOLLOW_NOT)
        return;
    if (needs_scale(leaf) &&
        !gy_sum_scale(block, leaf->watches[0].stream, leaf->property, &walk->scale))
        walk->follow = GY_FOLLOW_ASK;
    walk->known = GY_NEW(&block->arena, struct gy_block_known_expr);
    if (walk->follow != GY_FOLLOW_ASK)
        begin_values(walk);
    for (uint32_t w = 0; w < leaf->n_watches; w++)
        post_watch(walk, &leaf->watches[w], n_instants, mask);
    gy_ledger_close(&walk->ledger, n_instants);
}

void gy_leaf_walk_end(struct gy_leaf_walk *walk)
{
    gy_ledger_release(&walk->ledger);
    if (walk->counts != NULL) {
        gy_block_give(walk->block, walk->counts);
        gy_block_give(walk->block, walk->sums);
    }
    *walk = (struct gy_leaf_walk){0};
}

/* ---- from instant to instant ---- */

static void forget_touched(struct gy_leaf_walk *walk, const struct gy_ledger_entry *entries,
                           size_t n, bool is_stirred)
{
    if (is_stirred)
        *walk->known = (struct gy_block_known_expr){0};
    for (size_t i = 0; i < n; i++) {
        gy_bits_unset(&walk->known->asked, entries[i].customer);
        gy_bits_unset(&walk->known->holds, entries[i].customer);
    }
}

static void answer(struct gy_leaf_walk *walk, uint32_t customer, bool holds)
{
    if (holds)
        gy_bits_set(&walk->known->holds, customer);
    else
        gy_bits_unset(&walk->known->holds, customer);
}

static bool sum_passes(const struct gy_leaf_walk *walk, uint32_t customer)
{
    const struct gy_history_leaf *leaf = walk->leaf;
    int64_t count = walk->counts[customer];
    int64_t sum = walk->sums[customer];
    if (leaf->aggregate == GY_COUNT)
        return gy_number_test_passes(&leaf->test, (double)count);
    if (leaf->aggregate == GY_SUM)
        return gy_number_test_passes(&leaf->test, gy_scaled_sum(sum, walk->scale));
    return count > 0 &&
           gy_number_test_passes(&leaf->test, gy_scaled_mean(sum, walk->scale, (double)count));
}

static void add_up(struct gy_leaf_walk *walk, const struct gy_ledger_entry *entries, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        walk->counts[entries[i].customer] += entries[i].n_rows;
        walk->sums[entries[i].customer] += entries[i].amount;
    }
    for (size_t i = 0; i < n; i++)
        answer(walk, entries[i].customer, sum_passes(walk, entries[i].customer));
}

static bool latest_passes(const struct gy_leaf_walk *walk, uint32_t instant, int64_t latest_ms)
{
    const struct gy_history_leaf *leaf = walk->leaf;
    if (latest_ms < leaf->watches[0].from_ms[instant] || latest_ms == INT64_MIN)
        return false;
    if (leaf->aggregate == GY_LAST_TIME)
        return gy_number_test_passes(&leaf->test, (double)latest_ms);
    int64_t since_ms = leaf->nodes[instant]->now_ms - latest_ms;
    return gy_number_test_passes(&leaf->test, (double)since_ms / (double)GY_DAY_MS);
}

static void keep_latest(struct gy_leaf_walk *walk, uint32_t instant,
                        const struct gy_ledger_entry *entries, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int64_t *latest_ms = &walk->sums[entries[i].customer];
        *latest_ms = entries[i].amount > *latest_ms ? entries[i].amount : *latest_ms;
    }
    for (size_t i = 0; i < n; i++)
        answer(walk, entries[i].customer,
               latest_passes(walk, instant, walk->sums[entries[i].customer]));
}

void gy_leaf_walk_withdraw(struct gy_leaf_walk *walk, uint32_t instant)
{
    if (walk->known != NULL && instant > 0)
        walk->block->exprs[walk->leaf->nodes[instant - 1]->id] = NULL;
}

void gy_leaf_walk_step(struct gy_leaf_walk *walk, uint32_t instant)
{
    size_t n;
    if (walk->known == NULL)
        return;
    const struct gy_ledger_entry *entries = gy_ledger_at(&walk->ledger, instant, &n);
    if (walk->follow == GY_FOLLOW_SUM)
        add_up(walk, entries, n);
    else if (walk->follow == GY_FOLLOW_LATEST)
        keep_latest(walk, instant, entries, n);
    else
        forget_touched(walk, entries, n, walk->leaf->stirs[instant]);
    walk->block->exprs[walk->leaf->nodes[instant]->id] = walk->known;
}
