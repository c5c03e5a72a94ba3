/* chain.c - the sweep. */
#include <stdlib.h>

#include "base/mem.h"
#include "engine/chain_internal.h"

/* ---- events that can stand, by binding ---- */

/* How an event came to stand: one of the choices that lead to it, from the back. */
struct choice {
    uint32_t place;
    const struct choice *before; /* NULL: it is the first step's */
};

/* An event that can stand at a present step, with the binding of the choice before it. */
struct gy_standing {
    uint32_t place;
    const uint32_t *binding;     /* n_slots; a slot that is not asked for any more is 0 */
    const struct choice *choice; /* NULL where choices are not kept */
};

/* qsort_r's argument: how many slots. */
static int compare_bindings(const uint32_t *a, const uint32_t *b, uint32_t n_slots)
{
    for (uint32_t i = 0; i < n_slots; i++) {
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    }
    return 0;
}

static int compare_standing(const void *a, const void *b, void *n_slots)
{
    const struct gy_standing *l = a;
    const struct gy_standing *r = b;
    int order = compare_bindings(l->binding, r->binding, *(uint32_t *)n_slots);
    return order != 0 ? order : (l->place > r->place) - (l->place < r->place);
}

static void sort_standing(struct gy_standing_list *list, uint32_t n_slots)
{
    if (n_slots == 0 || list->n < 2)
        return; /* a single group, filled in order */
    qsort_r(list->items, list->n, sizeof *list->items, compare_standing, &n_slots);
    size_t n = 1;
    for (size_t i = 1; i < list->n; i++) {
        if (compare_standing(&list->items[n - 1], &list->items[i], &n_slots) != 0)
            list->items[n++] = list->items[i];
    }
    list->n = n;
}

static size_t group_end(const struct gy_standing_list *list, size_t first, uint32_t n_slots)
{
    size_t end = first + 1;
    while (end < list->n &&
           compare_bindings(list->items[first].binding, list->items[end].binding, n_slots) == 0)
        end++;
    return end;
}

/* The binding after candidate `i` of `step` was chosen: what it lends comes in, what nobody asks for
 * any more goes out. */
static const uint32_t *bind(struct gy_chain_run *run, uint32_t step, uint32_t i,
                            const uint32_t *before)
{
    uint32_t n_slots = run->chain->n_slots;
    if (n_slots == 0)
        return NULL;
    uint32_t *binding = GY_NEW_ARRAY(&run->state->arena, uint32_t, n_slots);
    const uint32_t *lending = run->steps[step].lending + (size_t)i * n_slots;
    for (uint32_t s = 0; s < n_slots; s++) {
        const struct gy_chain_slot *slot = &run->chain->slots[s];
        if (slot->last_use <= step || slot->step > step)
            binding[s] = 0;
        else
            binding[s] = slot->step == step ? lending[s] : before[s];
    }
    return binding;
}

/* ---- the sweep ---- */

/* The candidates of a step that agree with a binding, from the front on. */
struct cursor {
    const struct gy_chain_step *step;
    const struct gy_chain_candidates *candidates;
    const uint32_t *binding;
    uint32_t at;
    uint32_t end;
};

static bool agrees(const struct cursor *c, uint32_t i)
{
    const uint32_t *values = c->candidates->values + (size_t)i * c->step->n_links;
    for (uint32_t l = 0; l < c->step->n_links; l++) {
        if (values[l] == GY_CHAIN_NO_VALUE || values[l] != c->binding[c->step->links[l].slot])
            return false;
    }
    return true;
}

static void skip_strangers(struct cursor *c)
{
    while (c->at < c->end && !agrees(c, c->at))
        c->at++;
}

/* The first candidate whose first linked value is not below `value`. */
static uint32_t first_with(const struct cursor *c, uint64_t value)
{
    uint32_t low = 0;
    uint32_t high = c->candidates->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (c->candidates->values[(size_t)middle * c->step->n_links] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct cursor cursor_at(const struct gy_chain_run *run, uint32_t step,
                               const uint32_t *binding)
{
    struct cursor c = {&run->chain->steps[step], &run->steps[step], binding, 0, run->steps[step].n};
    if (c.step->n_links > 0) {
        uint64_t value = binding[c.step->links[0].slot];
        c.at = first_with(&c, value);
        c.end = first_with(&c, value + 1);
    }
    skip_strangers(&c);
    return c;
}

static uint32_t place_of(const struct cursor *c)
{
    return c->at < c->end ? c->candidates->places[c->at] : UINT32_MAX;
}

static void advance(struct cursor *c)
{
    c->at++;
    skip_strangers(c);
}

static int64_t limit_after(const struct gy_chain_run *run, uint32_t place,
                           const struct gy_duration *within)
{
    if (within->n == 0)
        return INT64_MAX;
    return gy_duration_after(run->state->events.rows[place].time_ms, within, run->context->zone);
}

/* One binding's sweep from the present step before to the present step `to`, with the absent ones
 * in between. */
struct sweep {
    const struct gy_standing *from;
    size_t n_from;
    struct cursor *absent;
    uint32_t n_absent;
    const struct gy_duration *within;
    int64_t limit;               /* the latest one; INT64_MIN: nothing stands */
    const struct choice *latest; /* whose limit that is */
};

/* Takes in what comes before `place`: absent events forget, standing ones add their limit. */
static void take_until(struct sweep *s, const struct gy_chain_run *run, uint32_t place)
{
    for (;;) {
        uint32_t next_from = s->n_from > 0 ? s->from->place : UINT32_MAX;
        struct cursor *first = NULL;
        for (uint32_t i = 0; i < s->n_absent; i++) {
            if (first == NULL || place_of(&s->absent[i]) < place_of(first))
                first = &s->absent[i];
        }
        uint32_t next_absent = first == NULL ? UINT32_MAX : place_of(first);
        if (next_from >= place && next_absent >= place)
            return;
        if (next_absent <= next_from) {
            s->limit = INT64_MIN;
            advance(first);
            continue;
        }
        int64_t limit = limit_after(run, next_from, s->within);
        if (limit > s->limit) {
            s->limit = limit;
            s->latest = s->from->choice;
        }
        s->from++;
        s->n_from--;
    }
}

/* More choices than this at one step are no question of a customer's events any more. */
enum {
    MAX_STANDING = 4000000
};

/* `before` is how the step before it came to stand. */
static void add_standing(struct gy_chain_run *run, struct gy_standing_list *list,
                         struct gy_standing standing, const struct choice *before)
{
    if (list->n >= MAX_STANDING) {
        gy_reader_fail(run->context->reader, GY_LIMIT,
                       "named steps of a chain leave too many choices among a customer's events");
        return;
    }
    if (run->keeps_choices) {
        struct choice *choice = GY_NEW(&run->state->arena, struct choice);
        *choice = (struct choice){standing.place, before};
        standing.choice = choice;
    }
    GY_GROW(list->items, list->capacity, list->n + 1);
    list->items[list->n++] = standing;
}

static void sweep_group(struct gy_chain_run *run, const struct gy_standing *from, size_t n_from,
                        uint32_t first_absent, uint32_t to, struct cursor *absent,
                        struct gy_standing_list *out)
{
    struct sweep s = {.from = from,
                      .n_from = n_from,
                      .absent = absent,
                      .n_absent = to - first_absent,
                      .within = &run->chain->steps[to].within,
                      .limit = INT64_MIN};
    for (uint32_t i = 0; i < s.n_absent; i++)
        absent[i] = cursor_at(run, first_absent + i, from->binding);
    struct cursor c = cursor_at(run, to, from->binding);
    for (; c.at < c.end; advance(&c)) {
        uint32_t place = place_of(&c);
        take_until(&s, run, place);
        if (s.limit >= run->state->events.rows[place].time_ms)
            add_standing(run, out,
                         (struct gy_standing){place, bind(run, to, c.at, from->binding), NULL},
                         s.latest);
    }
}

/* From the events that stand at a present step to those that stand at present step `to`. */
static void sweep_step(struct gy_chain_run *run, uint32_t first_absent, uint32_t to,
                       struct gy_standing_list *from, struct gy_standing_list *out)
{
    uint32_t n_slots = run->chain->n_slots;
    struct cursor *absent =
        GY_NEW_ARRAY(&run->state->arena, struct cursor, (size_t)(to - first_absent));
    out->n = 0;
    sort_standing(from, n_slots);
    for (size_t i = 0; i < from->n && gy_reader_may_go_on(run->context->reader);) {
        size_t end = n_slots == 0 ? from->n : group_end(from, i, n_slots);
        sweep_group(run, &from->items[i], end - i, first_absent, to, absent, out);
        i = end;
    }
}

/* ---- what must be absent at the end ---- */

/* No event of absent step `s` follows within its time, which has passed. */
static bool nothing_follows(const struct gy_chain_run *run, const struct gy_standing *last,
                            uint32_t s)
{
    int64_t limit = limit_after(run, last->place, &run->chain->steps[s].within);
    if (limit > run->chain->now_ms)
        return false;
    struct cursor c = cursor_at(run, s, last->binding);
    uint32_t low = c.at;
    uint32_t high = c.end;
    while (low < high) { /* the first candidate behind the last step's event */
        uint32_t middle = low + (high - low) / 2;
        if (c.candidates->places[middle] <= last->place)
            low = middle + 1;
        else
            high = middle;
    }
    c.at = low;
    skip_strangers(&c);
    return c.at >= c.end || run->state->events.rows[place_of(&c)].time_ms > limit;
}

static bool ends_well(const struct gy_chain_run *run, uint32_t first_absent,
                      const struct gy_standing *last)
{
    for (uint32_t s = first_absent; s < run->chain->n_steps; s++) {
        if (!nothing_follows(run, last, s))
            return false;
    }
    return true;
}

static void stand_first(struct gy_chain_run *run, struct gy_standing_list *out)
{
    const struct gy_chain_candidates *c = &run->steps[0];
    for (uint32_t i = 0; i < c->n; i++)
        add_standing(run, out, (struct gy_standing){c->places[i], bind(run, 0, i, NULL), NULL},
                     NULL);
}

/* An event at which the chain ends well: of several the latest, where choices are kept. It is one of
 * `from`'s. */
static const struct gy_standing *run_chain(struct gy_chain_run *run, struct gy_standing_list *from,
                                           struct gy_standing_list *to)
{
    const struct gy_standing *best = NULL;
    uint32_t first_absent = 1;
    stand_first(run, from);
    for (uint32_t s = 1; s < run->chain->n_steps && from->n > 0; s++) {
        if (run->chain->steps[s].is_absent)
            continue;
        sweep_step(run, first_absent, s, from, to);
        first_absent = s + 1;
        struct gy_standing_list swap = *from;
        *from = *to;
        *to = swap;
    }
    for (size_t i = 0; i < from->n && (best == NULL || run->keeps_choices); i++) {
        const struct gy_standing *last = &from->items[i];
        if ((best == NULL || last->place > best->place) && ends_well(run, first_absent, last))
            best = last;
    }
    return best;
}

/* The events of the choice in order; how many. */
static uint32_t give_choice(const struct gy_chain_run *run, const struct choice *last,
                            struct gy_row *out)
{
    uint32_t n = 0;
    for (const struct choice *c = last; c != NULL; c = c->before)
        n++;
    for (uint32_t i = n; i > 0; last = last->before)
        out[--i] = run->state->events.rows[last->place];
    return n;
}

static const struct gy_standing *run_steps(struct gy_chain_run *run,
                                           const struct gy_chain_events *steps)
{
    const struct gy_chain *chain = run->chain;
    struct gy_chain_state *state = run->state;
    run->steps = GY_NEW_ARRAY(&state->arena, struct gy_chain_candidates, chain->n_steps);
    state->standing[0].n = 0;
    state->standing[1].n = 0;
    gy_chain_trim_numbers(state);
    for (uint32_t i = 0; i < chain->n_steps; i++)
        gy_chain_fill_candidates(run, i, &steps[i]);
    return run_chain(run, &state->standing[0], &state->standing[1]);
}

static const struct gy_standing *run_subject(struct gy_chain_run *run,
                                             const struct gy_subject *subject)
{
    uint32_t n_steps = run->chain->n_steps;
    gy_arena_reset(&run->state->arena);
    gy_chain_gather_events(run, subject);
    struct gy_chain_events *steps =
        GY_NEW_ARRAY(&run->state->arena, struct gy_chain_events, n_steps);
    for (uint32_t i = 0; i < n_steps; i++)
        gy_chain_find_events(run, i, &steps[i]);
    return run_steps(run, steps);
}

bool gy_chain_decide(const struct gy_chain *chain, struct gy_chain_state *state,
                     const struct gy_row_context *context, const struct gy_chain_events *steps)
{
    struct gy_chain_run run = {.chain = chain, .state = state, .context = context};
    return run_steps(&run, steps) != NULL;
}

bool gy_chain_holds(const struct gy_chain *chain, struct gy_chain_state *state,
                    const struct gy_row_context *context, const struct gy_subject *subject)
{
    struct gy_chain_run run = {.chain = chain, .state = state, .context = context};
    return run_subject(&run, subject) != NULL;
}

uint32_t gy_chain_choose(const struct gy_chain *chain, struct gy_chain_state *state,
                         const struct gy_row_context *context, const struct gy_subject *subject,
                         struct gy_row *out)
{
    struct gy_chain_run run = {
        .chain = chain, .state = state, .context = context, .keeps_choices = true};
    const struct gy_standing *last = run_subject(&run, subject);
    return last == NULL ? 0 : give_choice(&run, last->choice, out);
}
