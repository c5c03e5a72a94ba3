/* chain_runs.c - who may have a chain, a few hundred at a time; then run against run. */
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "engine/kernel_chain_runs_internal.h"

enum {
    BATCH = 256,          /* customers at a time: their rows are fetched while others are found */
    MANY_PAIRS = 1 << 18, /* of linked rows of one customer: these are left to be sorted */
    EIGHT = 8             /* runs that are looked at together */
};

/* Who may have the chain, and the rows of each step. Those that are left stay where they are. */
struct batch {
    uint32_t n;
    uint16_t left[BATCH]; /* their places in the arrays */
    uint16_t customers[BATCH];
    uint32_t firsts[GY_RUN_STEPS][BATCH];
    uint32_t ends[GY_RUN_STEPS][BATCH];
};

/* ---- rows ---- */

/* Of a slice whose times are from 1970 on. */
static int64_t time_of(const struct gy_run_step *s, uint32_t row)
{
    const struct gy_times *times = &s->view->times;
    return ((int64_t)times->codes[row] - GY_CODE_1970) * 1000 + gy_times_millis(times, row);
}

static struct gy_run_event event_at(const struct gy_run_step *s, uint32_t row)
{
    return (struct gy_run_event){row, time_of(s, row)};
}

static bool passes(const struct gy_run_step *s, uint32_t row)
{
    return !s->has_test || s->test.passes[gy_column_raw(s->test.column, row)] != 0;
}

static bool is_later_row(const struct gy_chain_runs *r, const struct gy_run_step *sa, uint32_t a,
                         const struct gy_run_step *sb, uint32_t b)
{
    if (sa->view == sb->view)
        return a > b;
    struct gy_row row_a = gy_row_at(r->block->reader, sa->view, a);
    struct gy_row row_b = gy_row_at(r->block->reader, sb->view, b);
    return gy_row_compare(&row_a, &row_b) > 0;
}

/* Whether an event of one step comes after that of another one, in the order of events. */
static bool is_after(const struct gy_chain_runs *r, const struct gy_run_step *sa,
                     struct gy_run_event a, const struct gy_run_step *sb, struct gy_run_event b)
{
    return a.time_ms != b.time_ms ? a.time_ms > b.time_ms : is_later_row(r, sa, a.row, sb, b.row);
}

/* Until when what step `s` says of what comes after `time_ms` is in time. */
static int64_t limit_of(const struct gy_chain_runs *r, uint32_t s, int64_t time_ms)
{
    if (r->steps[s].within_ms >= 0)
        return time_ms + r->steps[s].within_ms;
    return gy_duration_after(time_ms, &r->chain->steps[s].within, r->block->plan->zone);
}

/* ---- one customer: events that stand, the latest first ---- */

static bool find_standing(struct gy_chain_runs *r, uint32_t s);

/* The earliest event of present step `to` that stands after event `e` of step `s`. */
static bool find_next(struct gy_chain_runs *r, uint32_t to, const struct gy_run_step *s,
                      struct gy_run_event e)
{
    struct gy_run_step *next = &r->steps[to];
    while (next->has_found && is_after(r, next, next->found, s, e)) {
        next->next = next->found;
        next->has_next = true;
        next->has_found = find_standing(r, to);
    }
    return next->has_next;
}

/* The first event of an absent step after event `e` of step `s`. */
static bool find_absent(struct gy_chain_runs *r, struct gy_run_step *absent,
                        const struct gy_run_step *s, struct gy_run_event e)
{
    while (absent->row > absent->first) {
        struct gy_run_event x = event_at(absent, absent->row - 1);
        if (!is_after(r, absent, x, s, e))
            break;
        absent->row--;
        if (passes(absent, x.row)) {
            absent->next = x;
            absent->has_next = true;
        }
    }
    return absent->has_next;
}

/* Nothing of the absent steps from `s` + 1 to `to` comes before the next event of `to`. */
static bool is_free_until(struct gy_chain_runs *r, uint32_t s, struct gy_run_event e, uint32_t to)
{
    const struct gy_run_step *next = &r->steps[to];
    for (uint32_t i = s + 1; i < to; i++) {
        struct gy_run_step *absent = &r->steps[i];
        if (find_absent(r, absent, &r->steps[s], e) &&
            is_after(r, next, next->next, absent, absent->next))
            return false;
    }
    return true;
}

/* The absent steps behind `s`, which end the chain: each one's time has passed, and nothing came. */
static bool ends_well(struct gy_chain_runs *r, uint32_t s, struct gy_run_event e)
{
    for (uint32_t i = s + 1; i < r->chain->n_steps; i++) {
        struct gy_run_step *absent = &r->steps[i];
        int64_t limit = limit_of(r, i, e.time_ms);
        if (limit > r->chain->now_ms ||
            (find_absent(r, absent, &r->steps[s], e) && absent->next.time_ms <= limit))
            return false;
    }
    return true;
}

static uint32_t present_after(const struct gy_chain *chain, uint32_t s)
{
    do
        s++;
    while (s < chain->n_steps && chain->steps[s].is_absent);
    return s;
}

static bool stands(struct gy_chain_runs *r, uint32_t s, struct gy_run_event e)
{
    uint32_t to = present_after(r->chain, s);
    if (to == r->chain->n_steps)
        return ends_well(r, s, e);
    return find_next(r, to, &r->steps[s], e) &&
           r->steps[to].next.time_ms <= limit_of(r, to, e.time_ms) && is_free_until(r, s, e, to);
}

/* What comes next after an event that cannot stand comes next after those before it, too, and is as far
 * away or further, until they are before the event that was found last. Goes back to there; false where
 * no event can stand any more. */
static bool go_back(const struct gy_chain_runs *r, uint32_t s, struct gy_run_step *step)
{
    uint32_t to = present_after(r->chain, s);
    if (to == r->chain->n_steps || r->steps[to].within_ms < 0)
        return true;
    const struct gy_run_step *next = &r->steps[to];
    if (!next->has_found)
        return false;
    while (step->row > step->first && time_of(step, step->row - 1) > next->found.time_ms)
        step->row--;
    return true;
}

/* The next event of a present step, going back, that stands: `found`. */
static bool find_standing(struct gy_chain_runs *r, uint32_t s)
{
    struct gy_run_step *step = &r->steps[s];
    while (step->row > step->first) {
        struct gy_run_event e = event_at(step, --step->row);
        if (e.time_ms < step->range.from_ms)
            return false;
        if (!passes(step, e.row))
            continue;
        if (stands(r, s, e)) {
            step->found = e;
            return true;
        }
        if (!go_back(r, s, step))
            return false;
    }
    return false;
}

static bool decide(struct gy_chain_runs *r)
{
    for (uint32_t s = r->chain->n_steps; s-- > 1;) {
        r->steps[s].has_next = false;
        r->steps[s].has_found = false;
        if (!r->chain->steps[s].is_absent)
            r->steps[s].has_found = find_standing(r, s);
    }
    return find_standing(r, 0);
}

/* ---- one customer: two linked steps ---- */

/* Whether one of the second step's events from `row` on, up to the limit, has a raw value. */
static bool has_raw(const struct gy_chain_runs *r, uint32_t row, uint32_t end, int64_t limit,
                    uint64_t raw)
{
    const struct gy_run_step *second = &r->steps[1];
    for (; row < end && time_of(second, row) <= limit; row++) {
        if (gy_column_raw(r->link.second, row) == raw && passes(second, row) &&
            gy_column_is_present(r->link.second, row))
            return true;
    }
    return false;
}

/* The second step's raw value of what a first event lends; false where it has none. */
static bool lend(const struct gy_run_link *link, uint32_t row, uint64_t *out)
{
    if (!gy_column_is_present(link->first, row))
        return false;
    uint64_t raw = gy_column_raw(link->first, row);
    *out = link->codes == NULL ? raw + link->more : link->codes[raw];
    return link->codes == NULL || *out != GY_NO_CODE;
}

static bool decide_linked(struct gy_chain_runs *r)
{
    struct gy_run_step *first = &r->steps[0];
    struct gy_run_step *second = &r->steps[1];
    uint32_t end = second->row;
    bool is_absent = r->chain->steps[1].is_absent;
    while (first->row > first->first) {
        struct gy_run_event e = event_at(first, --first->row);
        if (e.time_ms < first->range.from_ms)
            return false;
        int64_t limit = limit_of(r, 1, e.time_ms);
        if (!passes(first, e.row) || (is_absent && limit > r->chain->now_ms))
            continue;
        while (second->row > second->first &&
               is_after(r, second, event_at(second, second->row - 1), first, e))
            second->row--;
        uint64_t raw;
        bool is_found = lend(&r->link, e.row, &raw) && has_raw(r, second->row, end, limit, raw);
        if (is_found != is_absent)
            return true;
    }
    return false;
}

/* ---- who may have the chain ---- */

/* How many of eight ascending customers come before one. */
static uint32_t count_before(const uint16_t *customers, uint16_t customer)
{
#ifdef __SSE2__
    __m128i eight = _mm_loadu_si128((const __m128i_u *)(const void *)customers);
    __m128i before = _mm_subs_epu16(_mm_set1_epi16((short)customer), eight);
    __m128i is_not = _mm_cmpeq_epi16(before, _mm_setzero_si128());
    return (uint32_t)__builtin_ctz((unsigned)_mm_movemask_epi8(is_not) | 1U << 16) / 2;
#else
    uint32_t n = 0;
    for (uint32_t i = 0; i < EIGHT; i++)
        n += customers[i] < customer;
    return n;
#endif
}

/* The customer's run; false where there is none. Customers are asked for in order. */
static bool seek(struct gy_run_step *s, uint32_t customer)
{
    const struct gy_runs *runs = &s->view->runs;
    uint32_t run = s->run;
    if (runs->customers == NULL) {
        s->run = customer;
        return true;
    }
    for (uint32_t n = EIGHT; n == EIGHT && run + EIGHT <= runs->n; run += n)
        n = count_before(runs->customers + run, (uint16_t)customer);
    while (run < runs->n && runs->customers[run] < customer)
        run++;
    s->run = run;
    return run < runs->n && runs->customers[run] == customer;
}

/* Gives the batch's customers their runs of a step. Only those stay who have one, or need none. */
static void join(struct gy_chain_runs *r, uint32_t s, struct batch *batch)
{
    struct gy_run_step *step = &r->steps[s];
    bool needs_none = r->chain->steps[s].is_absent;
    uint32_t n = 0;
    for (uint32_t i = 0; i < batch->n; i++) {
        uint16_t c = batch->left[i];
        bool has = step->view != NULL && seek(step, batch->customers[c]);
        batch->firsts[s][c] = has ? gy_runs_start(&step->view->runs, step->run) : 0;
        batch->ends[s][c] = has ? gy_runs_start(&step->view->runs, step->run + 1) : 0;
        if (has)
            __builtin_prefetch(&step->view->times.codes[batch->ends[s][c] - 1]);
        batch->left[n] = c;
        n += has || needs_none;
    }
    batch->n = n;
}

/* Leaves out rows behind the range. Whether one is within it, or in the second in which it begins. */
static bool reaches(const struct gy_run_step *step, uint32_t first, uint32_t *end)
{
    while (step->cuts_to && *end > first && time_of(step, *end - 1) >= step->range.to_ms)
        --*end;
    return *end > first && step->view->times.codes[*end - 1] >= step->from_code;
}

/* Only those stay who have a row within the range, or need none. */
static void keep_who_reach(struct gy_chain_runs *r, uint32_t s, struct batch *batch)
{
    bool needs_none = r->chain->steps[s].is_absent;
    uint32_t n = 0;
    for (uint32_t i = 0; i < batch->n; i++) {
        uint16_t c = batch->left[i];
        bool has = reaches(&r->steps[s], batch->firsts[s][c], &batch->ends[s][c]);
        batch->left[n] = c;
        n += has || needs_none;
    }
    batch->n = n;
}

/* The next customers of a step; false at its end. */
static bool next_batch(struct gy_chain_runs *r, uint32_t s, const struct gy_bits *mask,
                       struct batch *batch)
{
    struct gy_run_step *step = &r->steps[s];
    const struct gy_runs *runs = &step->view->runs;
    uint32_t n = 0;
    uint32_t run = step->run;
    for (; run < runs->n && n < BATCH; run++) {
        uint32_t customer = runs->customers == NULL ? run : runs->customers[run];
        batch->left[n] = (uint16_t)n;
        batch->customers[n] = (uint16_t)customer;
        batch->firsts[s][n] = gy_runs_start(runs, run);
        batch->ends[s][n] = gy_runs_start(runs, run + 1);
        n += (uint32_t)gy_bits_has(mask, customer) &
             reaches(step, batch->firsts[s][n], &batch->ends[s][n]);
    }
    step->run = run;
    batch->n = n;
    return n > 0;
}

static void find_candidates(struct gy_chain_runs *r, struct batch *batch)
{
    for (uint32_t w = 1; w < r->n_wanted; w++) {
        join(r, r->wanted[w], batch);
        keep_who_reach(r, r->wanted[w], batch);
    }
    for (uint32_t s = 0; s < r->chain->n_steps; s++) {
        if (r->chain->steps[s].is_absent) {
            join(r, s, batch);
            keep_who_reach(r, s, batch);
        }
    }
}

/* False where the customer is left to others. */
static bool decide_one(struct gy_chain_runs *r, const struct batch *batch, uint32_t c,
                       struct gy_bits *out)
{
    struct gy_run_step *steps = r->steps;
    for (uint32_t s = 0; s < r->chain->n_steps; s++) {
        steps[s].first = batch->firsts[s][c];
        steps[s].row = batch->ends[s][c];
    }
    uint64_t n_pairs = (uint64_t)(steps[0].row - steps[0].first) * (steps[1].row - steps[1].first);
    if (r->is_linked && n_pairs > MANY_PAIRS)
        return false;
    if (r->is_linked ? decide_linked(r) : decide(r))
        gy_bits_set(out, batch->customers[c]);
    return true;
}

void gy_chain_runs_decide(struct gy_chain_runs *r, const struct gy_bits *mask, struct gy_bits *left,
                          struct gy_bits *out)
{
    struct batch batch;
    while (gy_reader_may_go_on(r->block->reader) && next_batch(r, r->wanted[0], mask, &batch)) {
        find_candidates(r, &batch);
        for (uint32_t i = 0; i < batch.n; i++) {
            uint32_t c = batch.left[i];
            if (!decide_one(r, &batch, c, out))
                gy_bits_set(left, batch.customers[c]);
        }
    }
}
