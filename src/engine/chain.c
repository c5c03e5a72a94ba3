/* chain.c - the compiler and the sweep. */
#include "engine/chain.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/value_ops.h"

/* ---- compiling: links leave the filters ---- */

static bool is_link(const struct gy_expr *expr)
{
    return expr->kind == GY_EXPR_COMPARE && (expr->left->kind == GY_TERM_STEP_PROPERTY ||
                                             expr->right->kind == GY_TERM_STEP_PROPERTY);
}

struct compiler {
    const struct gy_expr *did;
    struct gy_arena *arena;
    struct gy_regex_list *regexes;
    struct gy_chain_slot *slots;
    uint32_t n_slots;
};

/* The slot of `step`'s property, one for all who ask. */
static uint32_t slot_of(struct compiler *c, const struct gy_term *term, uint32_t asking_step)
{
    uint32_t slot = 0;
    while (slot < c->n_slots &&
           (c->slots[slot].step != term->step.id || c->slots[slot].property != term->name.id))
        slot++;
    c->slots[slot] = (struct gy_chain_slot){term->step.id, term->name.id, asking_step};
    if (slot == c->n_slots)
        c->n_slots++;
    return slot;
}

static struct gy_chain_link link_of(struct compiler *c, const struct gy_expr *expr, uint32_t step)
{
    bool is_left = expr->left->kind == GY_TERM_PROPERTY;
    const struct gy_term *own = is_left ? expr->left : expr->right;
    const struct gy_term *other = is_left ? expr->right : expr->left;
    return (struct gy_chain_link){own->name.id, slot_of(c, other, step)};
}

static enum gy_status compile_where(struct compiler *c, uint32_t step, struct gy_chain_step *out,
                                    struct gy_error *err)
{
    struct gy_expr *where = c->did->steps[step].where;
    if (where == NULL)
        return GY_OK;
    struct gy_expr *const *conjuncts = where->kind == GY_EXPR_AND ? where->children : &where;
    uint32_t n = where->kind == GY_EXPR_AND ? where->n_children : 1;
    struct gy_chain_link *links = GY_NEW_ARRAY(c->arena, struct gy_chain_link, n);
    const struct gy_filter **filters = GY_NEW_ARRAY(c->arena, const struct gy_filter *, n);
    uint32_t n_filters = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (is_link(conjuncts[i]))
            links[out->n_links++] = link_of(c, conjuncts[i], step);
        else
            GY_TRY(
                gy_filter_compile(conjuncts[i], c->arena, c->regexes, &filters[n_filters++], err));
    }
    out->links = links;
    out->filter = gy_filter_and(filters, n_filters, c->arena);
    return GY_OK;
}

/* Room for the slots: every conjunct of every step may be a link. */
static uint32_t count_conjuncts(const struct gy_expr *did)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < did->n_steps; i++) {
        const struct gy_expr *where = did->steps[i].where;
        n += where == NULL ? 0 : where->kind == GY_EXPR_AND ? where->n_children : 1;
    }
    return n;
}

enum gy_status gy_chain_compile(const struct gy_expr *did, struct gy_range range, int64_t now_ms,
                                struct gy_arena *arena, struct gy_regex_list *regexes,
                                const struct gy_chain **out, struct gy_error *err)
{
    struct gy_chain *chain = GY_NEW(arena, struct gy_chain);
    struct gy_chain_step *steps = GY_NEW_ARRAY(arena, struct gy_chain_step, did->n_steps);
    struct compiler c = {.did = did, .arena = arena, .regexes = regexes};
    c.slots = GY_NEW_ARRAY(arena, struct gy_chain_slot, count_conjuncts(did));
    for (uint32_t i = 0; i < did->n_steps; i++) {
        steps[i].stream = did->steps[i].event.id;
        steps[i].within = did->steps[i].within;
        steps[i].is_absent = did->steps[i].is_absent;
        GY_TRY(compile_where(&c, i, &steps[i], err));
    }
    *chain = (struct gy_chain){steps, did->n_steps, c.slots, c.n_slots, range, now_ms};
    *out = chain;
    return GY_OK;
}

/* ---- one customer's events, sorted out by step ---- */

#define VALUE_NONE UINT32_MAX /* of a missing value: agrees with nothing */

/* The events that may stand at one step. */
struct candidates {
    uint32_t *places;  /* into the ordered events; sorted by (first linked value, place) */
    uint32_t *values;  /* n × n_links: numbers of the values of the linked properties */
    uint32_t *lending; /* n × n_slots: what the event lends to slots of this step */
    uint32_t n;
};

struct run {
    const struct gy_chain *chain;
    struct gy_chain_state *state;
    const struct gy_row_context *context;
    bool keeps_choices;
    struct candidates *steps;
};

void gy_chain_state_release(struct gy_chain_state *state)
{
    gy_rows_release(&state->events);
    gy_intern_release(&state->values);
    gy_arena_release(&state->arena);
}

/* Events of equal values get equal numbers. */
static uint32_t number_of(struct run *run, const struct gy_row *event, uint32_t property)
{
    if (property == GY_NAME_UNKNOWN)
        return VALUE_NONE;
    struct gy_value value =
        gy_row_value(run->context->reader, event, property, run->context->arena);
    struct gy_str bytes = value.type == GY_VALUE_STRING ? value.string : (struct gy_str){0};
    char key[9] = {(char)value.type};
    double number = value.type == GY_VALUE_TIME     ? (double)value.time_ms
                    : value.type == GY_VALUE_NUMBER ? value.number + 0.0
                    : value.type == GY_VALUE_BOOL   ? gy_value_as_number(&value)
                                                    : 0.0;
    if (value.type == GY_VALUE_MISSING)
        return VALUE_NONE;
    memcpy(key + 1, &number, sizeof number);
    /* A linked pair has one type, so a string need not be told from a number. */
    return gy_intern_add(&run->state->values,
                         value.type == GY_VALUE_STRING ? bytes : (struct gy_str){key, sizeof key});
}

static bool stream_is_new(const struct gy_chain *chain, uint32_t step)
{
    for (uint32_t i = 0; i < step; i++) {
        if (chain->steps[i].stream == chain->steps[step].stream)
            return false;
    }
    return true;
}

/* All events of the chain's streams from the window's start on: what is absent at the end is looked
 * for beyond the window. */
static void gather_events(struct run *run, const struct gy_subject *subject)
{
    const struct gy_chain *chain = run->chain;
    bool looks_beyond = chain->steps[chain->n_steps - 1].is_absent;
    struct gy_range range = chain->range;
    if (looks_beyond && range.from_ms < range.to_ms)
        range.to_ms = chain->now_ms + 1;
    run->state->events.n = 0;
    for (uint32_t i = 0; i < chain->n_steps; i++) {
        if (stream_is_new(chain, i))
            gy_rows_gather(&run->state->events, run->context->reader, subject,
                           chain->steps[i].stream, range);
    }
    gy_rows_sort(&run->state->events);
}

static bool may_stand(const struct run *run, const struct gy_chain_step *step,
                      const struct gy_row *event)
{
    return event->view->slice->stream == step->stream &&
           (step->is_absent || gy_range_has(run->chain->range, event->time_ms)) &&
           gy_filter_passes(step->filter, run->context, event);
}

static void lend(struct run *run, uint32_t step, const struct gy_row *event, uint32_t *slots)
{
    for (uint32_t s = 0; s < run->chain->n_slots; s++) {
        const struct gy_chain_slot *slot = &run->chain->slots[s];
        slots[s] = slot->step == step ? number_of(run, event, slot->property) : VALUE_NONE;
    }
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t l = *(const uint64_t *)a;
    uint64_t r = *(const uint64_t *)b;
    return (l > r) - (l < r);
}

/* The places of the step's events, by (first linked value, place): those that agree with a binding
 * are then neighbours. */
static void sort_places(struct run *run, const struct gy_chain_step *step, uint32_t *places,
                        uint32_t n)
{
    uint64_t *keys = GY_NEW_ARRAY(&run->state->arena, uint64_t, n);
    for (uint32_t i = 0; i < n; i++) {
        const struct gy_row *event = &run->state->events.rows[places[i]];
        keys[i] = (uint64_t)number_of(run, event, step->links[0].property) << 32 | places[i];
    }
    qsort(keys, n, sizeof *keys, compare_u64);
    for (uint32_t i = 0; i < n; i++)
        places[i] = (uint32_t)keys[i];
}

static void fill_candidates(struct run *run, uint32_t s)
{
    const struct gy_chain_step *step = &run->chain->steps[s];
    const struct gy_rows *events = &run->state->events;
    struct gy_arena *arena = &run->state->arena;
    struct candidates *c = &run->steps[s];
    c->places = GY_NEW_ARRAY(arena, uint32_t, events->n);
    for (size_t i = 0; i < events->n; i++) {
        if (may_stand(run, step, &events->rows[i]))
            c->places[c->n++] = (uint32_t)i;
    }
    if (step->n_links > 0)
        sort_places(run, step, c->places, c->n);
    c->values = GY_NEW_ARRAY(arena, uint32_t, (size_t)c->n * step->n_links);
    c->lending = GY_NEW_ARRAY(arena, uint32_t, (size_t)c->n * run->chain->n_slots);
    for (uint32_t i = 0; i < c->n; i++) {
        const struct gy_row *event = &events->rows[c->places[i]];
        for (uint32_t l = 0; l < step->n_links; l++)
            c->values[i * step->n_links + l] = number_of(run, event, step->links[l].property);
        lend(run, s, event, c->lending + (size_t)i * run->chain->n_slots);
    }
}

/* ---- events that can stand, by binding ---- */

/* How an event came to stand: one of the choices that lead to it, from the back. */
struct choice {
    uint32_t place;
    const struct choice *before; /* NULL: it is the first step's */
};

/* An event that can stand at a present step, with the binding of the choice before it. */
struct standing {
    uint32_t place;
    const uint32_t *binding;     /* n_slots; a slot that is not asked for any more is 0 */
    const struct choice *choice; /* NULL where choices are not kept */
};

struct standing_list {
    struct standing *items;
    size_t n;
    size_t capacity;
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
    const struct standing *l = a;
    const struct standing *r = b;
    int order = compare_bindings(l->binding, r->binding, *(uint32_t *)n_slots);
    return order != 0 ? order : (l->place > r->place) - (l->place < r->place);
}

static void sort_standing(struct standing_list *list, uint32_t n_slots)
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

static size_t group_end(const struct standing_list *list, size_t first, uint32_t n_slots)
{
    size_t end = first + 1;
    while (end < list->n &&
           compare_bindings(list->items[first].binding, list->items[end].binding, n_slots) == 0)
        end++;
    return end;
}

/* The binding after candidate `i` of `step` was chosen: what it lends comes in, what nobody asks for
 * any more goes out. */
static const uint32_t *bind(struct run *run, uint32_t step, uint32_t i, const uint32_t *before)
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
    const struct candidates *candidates;
    const uint32_t *binding;
    uint32_t at;
    uint32_t end;
};

static bool agrees(const struct cursor *c, uint32_t i)
{
    const uint32_t *values = c->candidates->values + (size_t)i * c->step->n_links;
    for (uint32_t l = 0; l < c->step->n_links; l++) {
        if (values[l] == VALUE_NONE || values[l] != c->binding[c->step->links[l].slot])
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

static struct cursor cursor_at(const struct run *run, uint32_t step, const uint32_t *binding)
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

static int64_t limit_after(const struct run *run, uint32_t place, const struct gy_duration *within)
{
    if (within->n == 0)
        return INT64_MAX;
    return gy_duration_after(run->state->events.rows[place].time_ms, within, run->context->zone);
}

/* One binding's sweep from the present step before to the present step `to`, with the absent ones
 * in between. */
struct sweep {
    const struct standing *from;
    size_t n_from;
    struct cursor *absent;
    uint32_t n_absent;
    const struct gy_duration *within;
    int64_t limit;               /* the latest one; INT64_MIN: nothing stands */
    const struct choice *latest; /* whose limit that is */
};

/* Takes in what comes before `place`: absent events forget, standing ones add their limit. */
static void take_until(struct sweep *s, const struct run *run, uint32_t place)
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
static void add_standing(struct run *run, struct standing_list *list, struct standing standing,
                         const struct choice *before)
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

static void sweep_group(struct run *run, const struct standing *from, size_t n_from,
                        uint32_t first_absent, uint32_t to, struct cursor *absent,
                        struct standing_list *out)
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
                         (struct standing){place, bind(run, to, c.at, from->binding), NULL},
                         s.latest);
    }
}

/* From the events that stand at a present step to those that stand at present step `to`. */
static void sweep_step(struct run *run, uint32_t first_absent, uint32_t to,
                       struct standing_list *from, struct standing_list *out)
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
static bool nothing_follows(const struct run *run, const struct standing *last, uint32_t s)
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

static bool ends_well(const struct run *run, uint32_t first_absent, const struct standing *last)
{
    for (uint32_t s = first_absent; s < run->chain->n_steps; s++) {
        if (!nothing_follows(run, last, s))
            return false;
    }
    return true;
}

static void stand_first(struct run *run, struct standing_list *out)
{
    const struct candidates *c = &run->steps[0];
    for (uint32_t i = 0; i < c->n; i++)
        add_standing(run, out, (struct standing){c->places[i], bind(run, 0, i, NULL), NULL}, NULL);
}

/* An event at which the chain ends well: of several the latest, where choices are kept. It is one of
 * `from`'s. */
static const struct standing *run_chain(struct run *run, struct standing_list *from,
                                        struct standing_list *to)
{
    const struct standing *best = NULL;
    uint32_t first_absent = 1;
    stand_first(run, from);
    for (uint32_t s = 1; s < run->chain->n_steps && from->n > 0; s++) {
        if (run->chain->steps[s].is_absent)
            continue;
        sweep_step(run, first_absent, s, from, to);
        first_absent = s + 1;
        struct standing_list swap = *from;
        *from = *to;
        *to = swap;
    }
    for (size_t i = 0; i < from->n && (best == NULL || run->keeps_choices); i++) {
        const struct standing *last = &from->items[i];
        if ((best == NULL || last->place > best->place) && ends_well(run, first_absent, last))
            best = last;
    }
    return best;
}

/* The events of the choice in order; how many. */
static uint32_t give_choice(const struct run *run, const struct choice *last, struct gy_row *out)
{
    uint32_t n = 0;
    for (const struct choice *c = last; c != NULL; c = c->before)
        n++;
    for (uint32_t i = n; i > 0; last = last->before)
        out[--i] = run->state->events.rows[last->place];
    return n;
}

static uint32_t choose(struct run *run, const struct gy_subject *subject, struct gy_row *out)
{
    const struct gy_chain *chain = run->chain;
    struct standing_list from = {0};
    struct standing_list to = {0};
    gy_arena_reset(&run->state->arena);
    if (chain->n_slots > 0)
        gy_intern_reset(&run->state->values);
    gather_events(run, subject);
    run->steps = GY_NEW_ARRAY(&run->state->arena, struct candidates, chain->n_steps);
    for (uint32_t i = 0; i < chain->n_steps; i++)
        fill_candidates(run, i);
    const struct standing *last = run_chain(run, &from, &to);
    uint32_t n = last == NULL ? 0 : 1;
    if (last != NULL && run->keeps_choices)
        n = give_choice(run, last->choice, out);
    free(from.items);
    free(to.items);
    return n;
}

bool gy_chain_holds(const struct gy_chain *chain, struct gy_chain_state *state,
                    const struct gy_row_context *context, const struct gy_subject *subject)
{
    struct run run = {.chain = chain, .state = state, .context = context};
    return choose(&run, subject, NULL) > 0;
}

uint32_t gy_chain_choose(const struct gy_chain *chain, struct gy_chain_state *state,
                         const struct gy_row_context *context, const struct gy_subject *subject,
                         struct gy_row *out)
{
    struct run run = {.chain = chain, .state = state, .context = context, .keeps_choices = true};
    return choose(&run, subject, out);
}
