/* kernel_chain_runs.c - whoever may have the chain, a few hundred at a time; then run against run. */
#include "engine/kernel_chain_runs.h"

#include "engine/kernel_codes.h"

enum {
    MAX_STEPS = 6,
    BATCH = 256,          /* customers at a time: their rows are fetched while others are found */
    MANY_PAIRS = 1 << 18, /* of linked rows of one customer: these are left to be sorted */
    SKIP = 16             /* runs that are passed at once */
};

/* An event of the customer at hand. */
struct event {
    uint32_t row;
    int64_t time_ms;
};

/* A step, and its events of the customer at hand. */
struct step {
    struct gy_slice_view *view; /* NULL: nobody has any */
    int64_t within_ms;          /* -1: of no fixed length */
    struct gy_range range;
    bool cuts_to; /* rows behind the range are possible */
    bool has_test;
    struct gy_code_test test;
    uint32_t run; /* those before it are of customers before */

    uint32_t first; /* the rows [first, row) were not looked at yet */
    uint32_t row;
    bool has_found; /* the latest event of those that were not asked for yet */
    bool has_next;  /* the earliest event after the one at hand */
    struct event found;
    struct event next;
};

/* A linked property in both steps: equal values are equal raw ones, once those of the first step are
 * translated. */
struct link {
    const struct gy_column *first;
    const struct gy_column *second;
    const uint32_t *codes; /* the second's by those of the first; NULL: no other ones */
    uint64_t more;         /* what to add to a number */
};

struct chain_runs {
    struct gy_block_eval *block;
    const struct gy_chain *chain;
    struct step steps[MAX_STEPS];
    uint32_t wanted[MAX_STEPS]; /* the present steps, that with the fewest rows first */
    uint32_t n_wanted;
    bool is_linked;
    struct link link;
};

/* Who may have the chain, with the rows of each step. */
struct candidate {
    uint32_t customer;
    uint32_t firsts[MAX_STEPS];
    uint32_t ends[MAX_STEPS];
};

struct batch {
    uint32_t n;
    struct candidate candidates[BATCH];
};

/* ---- rows ---- */

/* Of a slice whose times are from 1970 on. */
static int64_t time_of(const struct step *s, uint32_t row)
{
    const struct gy_times *times = &s->view->times;
    return ((int64_t)times->codes[row] - GY_CODE_1970) * 1000 + gy_times_millis(times, row);
}

static struct event event_at(const struct step *s, uint32_t row)
{
    return (struct event){row, time_of(s, row)};
}

static bool passes(const struct step *s, uint32_t row)
{
    return !s->has_test || s->test.passes[gy_column_raw(s->test.column, row)] != 0;
}

static bool is_later_row(const struct chain_runs *r, const struct step *sa, uint32_t a,
                         const struct step *sb, uint32_t b)
{
    if (sa->view == sb->view)
        return a > b;
    struct gy_row row_a = gy_row_at(r->block->reader, sa->view, a);
    struct gy_row row_b = gy_row_at(r->block->reader, sb->view, b);
    return gy_row_compare(&row_a, &row_b) > 0;
}

/* Whether an event of one step comes after that of another one, in the order of events. */
static bool is_after(const struct chain_runs *r, const struct step *sa, struct event a,
                     const struct step *sb, struct event b)
{
    return a.time_ms != b.time_ms ? a.time_ms > b.time_ms : is_later_row(r, sa, a.row, sb, b.row);
}

/* Until when what step `s` says of what comes after `time_ms` is in time. */
static int64_t limit_of(const struct chain_runs *r, uint32_t s, int64_t time_ms)
{
    if (r->steps[s].within_ms >= 0)
        return time_ms + r->steps[s].within_ms;
    return gy_duration_after(time_ms, &r->chain->steps[s].within, r->block->plan->zone);
}

/* ---- one customer: events that stand, the latest first ---- */

static bool find_standing(struct chain_runs *r, uint32_t s);

/* The earliest event of present step `to` that stands after event `e` of step `s`. */
static bool find_next(struct chain_runs *r, uint32_t to, const struct step *s, struct event e)
{
    struct step *next = &r->steps[to];
    while (next->has_found && is_after(r, next, next->found, s, e)) {
        next->next = next->found;
        next->has_next = true;
        next->has_found = find_standing(r, to);
    }
    return next->has_next;
}

/* The first event of an absent step after event `e` of step `s`. */
static bool find_absent(struct chain_runs *r, struct step *absent, const struct step *s,
                        struct event e)
{
    while (absent->row > absent->first) {
        struct event x = event_at(absent, absent->row - 1);
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
static bool is_free_until(struct chain_runs *r, uint32_t s, struct event e, uint32_t to)
{
    const struct step *next = &r->steps[to];
    for (uint32_t i = s + 1; i < to; i++) {
        struct step *absent = &r->steps[i];
        if (find_absent(r, absent, &r->steps[s], e) &&
            is_after(r, next, next->next, absent, absent->next))
            return false;
    }
    return true;
}

/* The absent steps behind `s`, which end the chain: each one's time has passed, and nothing came. */
static bool ends_well(struct chain_runs *r, uint32_t s, struct event e)
{
    for (uint32_t i = s + 1; i < r->chain->n_steps; i++) {
        struct step *absent = &r->steps[i];
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

static bool stands(struct chain_runs *r, uint32_t s, struct event e)
{
    uint32_t to = present_after(r->chain, s);
    if (to == r->chain->n_steps)
        return ends_well(r, s, e);
    return find_next(r, to, &r->steps[s], e) &&
           r->steps[to].next.time_ms <= limit_of(r, to, e.time_ms) && is_free_until(r, s, e, to);
}

/* Whether no event before `e` of step `s` can stand: what comes next is out of reach for it, and nothing
 * comes before that. */
static bool is_beyond(const struct chain_runs *r, uint32_t s, struct event e)
{
    uint32_t to = present_after(r->chain, s);
    if (to == r->chain->n_steps || r->steps[to].has_found || r->steps[to].within_ms < 0)
        return false;
    return !r->steps[to].has_next || r->steps[to].next.time_ms > limit_of(r, to, e.time_ms);
}

/* The next event of a present step, going back, that stands: `found`. */
static bool find_standing(struct chain_runs *r, uint32_t s)
{
    struct step *step = &r->steps[s];
    while (step->row > step->first) {
        struct event e = event_at(step, --step->row);
        if (e.time_ms < step->range.from_ms)
            return false;
        if (!passes(step, e.row))
            continue;
        if (stands(r, s, e)) {
            step->found = e;
            return true;
        }
        if (is_beyond(r, s, e))
            return false;
    }
    return false;
}

static bool decide(struct chain_runs *r)
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
static bool has_raw(const struct chain_runs *r, uint32_t row, uint32_t end, int64_t limit,
                    uint64_t raw)
{
    const struct step *second = &r->steps[1];
    for (; row < end && time_of(second, row) <= limit; row++) {
        if (gy_column_raw(r->link.second, row) == raw && passes(second, row) &&
            gy_column_is_present(r->link.second, row))
            return true;
    }
    return false;
}

/* The second step's raw value of what a first event lends; false where it has none. */
static bool lend(const struct link *link, uint32_t row, uint64_t *out)
{
    if (!gy_column_is_present(link->first, row))
        return false;
    uint64_t raw = gy_column_raw(link->first, row);
    *out = link->codes == NULL ? raw + link->more : link->codes[raw];
    return link->codes == NULL || *out != GY_NO_CODE;
}

static bool decide_linked(struct chain_runs *r)
{
    struct step *first = &r->steps[0];
    struct step *second = &r->steps[1];
    uint32_t end = second->row;
    bool is_absent = r->chain->steps[1].is_absent;
    while (first->row > first->first) {
        struct event e = event_at(first, --first->row);
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

/* The customer's run; false where there is none. Customers are asked for in order. */
static bool seek(struct step *s, uint32_t customer)
{
    const struct gy_runs *runs = &s->view->runs;
    if (runs->customers == NULL) {
        s->run = customer;
        return true;
    }
    while (s->run + SKIP < runs->n && runs->customers[s->run + SKIP] < customer)
        s->run += SKIP;
    while (s->run < runs->n && runs->customers[s->run] < customer)
        s->run++;
    return s->run < runs->n && runs->customers[s->run] == customer;
}

/* Gives the batch's customers their runs of a step. Only those stay who have one, or need none. */
static void join(struct chain_runs *r, uint32_t s, struct batch *batch)
{
    struct step *step = &r->steps[s];
    bool needs_none = r->chain->steps[s].is_absent;
    uint32_t n = 0;
    for (uint32_t i = 0; i < batch->n; i++) {
        struct candidate *c = &batch->candidates[i];
        bool has = step->view != NULL && seek(step, c->customer);
        c->firsts[s] = has ? gy_runs_start(&step->view->runs, step->run) : 0;
        c->ends[s] = has ? gy_runs_start(&step->view->runs, step->run + 1) : 0;
        if (has)
            __builtin_prefetch(&step->view->times.codes[c->ends[s] - 1]);
        batch->candidates[n] = *c;
        n += has || needs_none;
    }
    batch->n = n;
}

/* Leaves out rows behind the range. Whether there is one within it. */
static bool reaches(const struct step *step, uint32_t first, uint32_t *end)
{
    while (step->cuts_to && *end > first && time_of(step, *end - 1) >= step->range.to_ms)
        --*end;
    return *end > first && time_of(step, *end - 1) >= step->range.from_ms;
}

/* Only those stay who have a row within the range, or need none. */
static void keep_who_reach(struct chain_runs *r, uint32_t s, struct batch *batch)
{
    bool needs_none = r->chain->steps[s].is_absent;
    uint32_t n = 0;
    for (uint32_t i = 0; i < batch->n; i++) {
        struct candidate *c = &batch->candidates[i];
        bool has = reaches(&r->steps[s], c->firsts[s], &c->ends[s]);
        batch->candidates[n] = *c;
        n += has || needs_none;
    }
    batch->n = n;
}

/* The next customers of a step; false at its end. */
static bool next_batch(struct chain_runs *r, uint32_t s, const struct gy_bits *mask,
                       struct batch *batch)
{
    struct step *step = &r->steps[s];
    const struct gy_runs *runs = &step->view->runs;
    uint32_t n = 0;
    uint32_t run = step->run;
    for (; run < runs->n && n < BATCH; run++) {
        struct candidate *c = &batch->candidates[n];
        c->customer = runs->customers == NULL ? run : runs->customers[run];
        c->firsts[s] = gy_runs_start(runs, run);
        c->ends[s] = gy_runs_start(runs, run + 1);
        n += gy_bits_has(mask, c->customer) && reaches(step, c->firsts[s], &c->ends[s]);
    }
    step->run = run;
    batch->n = n;
    return n > 0;
}

static void find_candidates(struct chain_runs *r, struct batch *batch)
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
static bool decide_candidate(struct chain_runs *r, const struct candidate *c, struct gy_bits *out)
{
    for (uint32_t s = 0; s < r->chain->n_steps; s++) {
        r->steps[s].first = c->firsts[s];
        r->steps[s].row = c->ends[s];
    }
    if (r->is_linked &&
        (uint64_t)(c->ends[0] - c->firsts[0]) * (c->ends[1] - c->firsts[1]) > MANY_PAIRS)
        return false;
    if (r->is_linked ? decide_linked(r) : decide(r))
        gy_bits_set(out, c->customer);
    return true;
}

static void decide_all(struct chain_runs *r, const struct gy_bits *mask, struct gy_bits *left,
                       struct gy_bits *out)
{
    struct batch batch;
    while (gy_reader_may_go_on(r->block->reader) && next_batch(r, r->wanted[0], mask, &batch)) {
        find_candidates(r, &batch);
        for (uint32_t i = 0; i < batch.n; i++) {
            if (!decide_candidate(r, &batch.candidates[i], out))
                gy_bits_set(left, batch.candidates[i].customer);
        }
    }
}

/* ---- which chains ---- */

/* The steps' events are looked for in one slice each. Whoever has some in another one is left to others. */
static void find_slice(struct step *step, const struct gy_stream_view *stream, struct gy_bits *mask)
{
    struct gy_window_codes window;
    for (uint32_t i = 0; i < stream->n_slices; i++) {
        struct gy_slice_view *view = &stream->slices[i];
        if (gy_window_codes_of(view, step->range, &window) &&
            (step->view == NULL || view->slice->n_rows > step->view->slice->n_rows)) {
            step->view = view;
            step->cuts_to = window.cuts_to;
        }
    }
    for (uint32_t i = 0; i < stream->n_slices; i++) {
        const struct gy_slice_view *view = &stream->slices[i];
        if (view == step->view || !gy_window_codes_of(view, step->range, &window))
            continue;
        for (uint32_t run = 0; run < view->runs.n; run++)
            gy_bits_unset(mask, view->runs.customers == NULL ? run : view->runs.customers[run]);
    }
}

static bool find_test(struct chain_runs *r, const struct gy_filter *filter, struct step *step)
{
    step->has_test = filter != NULL && step->view != NULL;
    if (!step->has_test)
        return true;
    if (filter->n_children > 0 || !gy_filter_is_string_test(filter->expr))
        return false;
    const struct gy_view_column *column =
        gy_reader_column(r->block->reader, step->view, filter->expr->left->name.id);
    return gy_code_test_of(&r->block->filters.verdicts, filter, step->view, column, &step->test);
}

/* Months and years have no fixed length; what is longer than all times is endless. */
static int64_t fixed_ms(const struct gy_duration *within, int64_t now_ms)
{
    if (within->n == 0)
        return INT64_MAX / 2;
    if (within->unit == GY_UNIT_MONTH || within->unit == GY_UNIT_YEAR)
        return -1;
    int64_t after_ms = gy_duration_after(now_ms, within, NULL);
    return after_ms == INT64_MAX ? INT64_MAX / 2 : after_ms - now_ms;
}

static bool find_step(struct chain_runs *r, uint32_t s, struct gy_bits *mask)
{
    const struct gy_chain_step *from = &r->chain->steps[s];
    struct step *step = &r->steps[s];
    *step = (struct step){.range = gy_chain_step_range(r->chain, s),
                          .within_ms = fixed_ms(&from->within, r->chain->now_ms)};
    find_slice(step, gy_reader_stream(r->block->reader, r->block->block_no, from->stream), mask);
    return (step->view == NULL || step->view->slice->min_code >= GY_CODE_1970) &&
           find_test(r, from->filter, step);
}

static uint32_t rows_of(const struct step *step)
{
    return step->view == NULL ? 0 : step->view->slice->n_rows;
}

static void order_wanted(struct chain_runs *r)
{
    r->n_wanted = 0;
    for (uint32_t s = 0; s < r->chain->n_steps; s++) {
        uint32_t w = r->n_wanted;
        if (r->chain->steps[s].is_absent)
            continue;
        for (; w > 0 && rows_of(&r->steps[r->wanted[w - 1]]) > rows_of(&r->steps[s]); w--)
            r->wanted[w] = r->wanted[w - 1];
        r->wanted[w] = s;
        r->n_wanted++;
    }
}

/* Strings with codes, or whole numbers at one power of ten. */
static bool link_columns(struct chain_runs *r, const struct gy_view_column *first,
                         const struct gy_view_column *second)
{
    const struct gy_column *a = &first->column;
    const struct gy_column *b = &second->column;
    r->link = (struct link){.first = a, .second = b};
    if (a->encoding != b->encoding || a->type != b->type)
        return false;
    if (a->encoding == GY_ENCODING_INT) {
        r->link.more = (uint64_t)a->base - (uint64_t)b->base;
        return a->scale == b->scale;
    }
    if (a->encoding != GY_ENCODING_CODE)
        return false;
    if (first->dictionary.starts != second->dictionary.starts)
        r->link.codes =
            gy_code_map_get(&r->block->code_map, &first->dictionary, &second->dictionary);
    return true;
}

/* Of two steps the second one is linked to the first by one property, or nothing is. */
static bool find_link(struct chain_runs *r)
{
    const struct gy_chain *chain = r->chain;
    struct step *steps = r->steps;
    r->is_linked = chain->n_slots > 0 && steps[0].view != NULL && steps[1].view != NULL;
    if (chain->n_slots == 0)
        return true;
    if (chain->n_steps != 2 || chain->n_slots != 1 || chain->steps[1].n_links != 1)
        return false;
    if (!r->is_linked)
        return true; /* nothing is there to agree with */
    uint32_t lent = chain->slots[0].property;
    uint32_t own = chain->steps[1].links[0].property;
    struct gy_reader *reader = r->block->reader;
    return lent != GY_NAME_UNKNOWN && own != GY_NAME_UNKNOWN &&
           link_columns(r, gy_reader_column(reader, steps[0].view, lent),
                        gy_reader_column(reader, steps[1].view, own));
}

static bool prepare(struct chain_runs *r, struct gy_bits *mask)
{
    if (r->chain->n_steps > MAX_STEPS)
        return false;
    for (uint32_t s = 0; s < r->chain->n_steps; s++) {
        if (!find_step(r, s, mask))
            return false;
    }
    order_wanted(r);
    return find_link(r);
}

void gy_kernel_chain_runs(struct gy_block_eval *block, const struct gy_chain *chain,
                          struct gy_bits *left, struct gy_bits *out)
{
    struct chain_runs r = {.block = block, .chain = chain};
    struct gy_bits *mask = gy_block_take_bits(block);
    *mask = *left;
    if (prepare(&r, mask)) {
        gy_bits_and_not(left, mask);
        if (r.steps[r.wanted[0]].view != NULL)
            decide_all(&r, mask, left, out);
    }
    gy_block_give_bits(block, mask);
}
