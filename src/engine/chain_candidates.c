/* chain_candidates.c - the events that can stand at each step, and the values that they lend and are asked for. */
#include <stdlib.h>

#include "base/mem.h"
#include "engine/chain_internal.h"
#include "engine/value_ops.h"

/* ---- numbers for values ---- */

enum {
    MAX_NUMBERS = 1 << 20 /* that are kept from customer to customer */
};

static void forget_numbers(struct gy_chain_state *state)
{
    for (size_t i = 0; i < state->n_codes; i++)
        free(state->codes[i].numbers);
    state->n_codes = 0;
    gy_intern_reset(&state->values);
}

void gy_chain_trim_numbers(struct gy_chain_state *state)
{
    if (state->values.n > MAX_NUMBERS)
        forget_numbers(state);
}

void gy_chain_state_release(struct gy_chain_state *state)
{
    forget_numbers(state);
    gy_rows_release(&state->events);
    gy_intern_release(&state->values);
    gy_arena_release(&state->arena);
    free(state->codes);
    free(state->standing[0].items);
    free(state->standing[1].items);
    *state = (struct gy_chain_state){0};
}

static uint32_t *numbers_of(struct gy_chain_state *state, const struct gy_dictionary *dictionary)
{
    for (size_t i = 0; i < state->n_codes; i++) {
        if (state->codes[i].dictionary == dictionary->starts)
            return state->codes[i].numbers;
    }
    GY_GROW(state->codes, state->codes_capacity, state->n_codes + 1);
    state->codes[state->n_codes] = (struct gy_code_numbers){
        dictionary->starts, gy_alloc_zero(dictionary->n, sizeof *state->codes->numbers)};
    return state->codes[state->n_codes++].numbers;
}

/* A string that is read for many events is looked up once. */
static uint32_t number_of_code(struct gy_chain_state *state, const struct gy_view_column *column,
                               uint32_t row)
{
    if (!gy_column_is_present(&column->column, row))
        return GY_CHAIN_NO_VALUE;
    uint32_t code = (uint32_t)gy_column_raw(&column->column, row);
    uint32_t *number = &numbers_of(state, &column->dictionary)[code];
    if (*number == 0)
        *number = gy_intern_add(&state->values, gy_dictionary_str(&column->dictionary, code)) + 1;
    return *number - 1;
}

/* Events of equal values get equal numbers. */
static uint32_t number_of(struct gy_chain_run *run, const struct gy_row *event, uint32_t property)
{
    if (property == GY_NAME_UNKNOWN)
        return GY_CHAIN_NO_VALUE;
    const struct gy_view_column *column =
        gy_reader_column(run->context->reader, event->view, property);
    if (column->column.encoding == GY_ENCODING_CODE)
        return number_of_code(run->state, column, event->row);
    struct gy_value value =
        gy_row_value(run->context->reader, event, property, run->context->arena);
    struct gy_str bytes = value.type == GY_VALUE_STRING ? value.string : (struct gy_str){0};
    char key[9] = {(char)value.type};
    double number = value.type == GY_VALUE_TIME     ? (double)value.time_ms
                    : value.type == GY_VALUE_NUMBER ? value.number + 0.0
                    : value.type == GY_VALUE_BOOL   ? gy_value_as_number(&value)
                                                    : 0.0;
    if (value.type == GY_VALUE_MISSING)
        return GY_CHAIN_NO_VALUE;
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

/* ---- events ---- */

/* What is absent at the end is looked for beyond the window. */
struct gy_range gy_chain_step_range(const struct gy_chain *chain, uint32_t step)
{
    struct gy_range range = chain->range;
    if (chain->steps[step].is_absent && chain->steps[chain->n_steps - 1].is_absent &&
        range.from_ms < range.to_ms)
        range.to_ms = chain->now_ms + 1;
    return range;
}

/* All events of the chain's streams, in the widest range that one of their steps has. */
void gy_chain_gather_events(struct gy_chain_run *run, const struct gy_subject *subject)
{
    const struct gy_chain *chain = run->chain;
    run->state->events.n = 0;
    for (uint32_t i = 0; i < chain->n_steps; i++) {
        if (stream_is_new(chain, i))
            gy_rows_gather(&run->state->events, run->context->reader, subject,
                           chain->steps[i].stream, gy_chain_step_range(chain, chain->n_steps - 1));
    }
    gy_rows_sort(&run->state->events);
}

static bool may_stand(const struct gy_chain_run *run, uint32_t s, const struct gy_row *event)
{
    const struct gy_chain_step *step = &run->chain->steps[s];
    return event->view->slice->stream == step->stream &&
           gy_range_has(gy_chain_step_range(run->chain, s), event->time_ms) &&
           gy_filter_passes(step->filter, run->context, event);
}

void gy_chain_find_events(struct gy_chain_run *run, uint32_t s, struct gy_chain_events *out)
{
    const struct gy_rows *events = &run->state->events;
    *out = (struct gy_chain_events){GY_NEW_ARRAY(&run->state->arena, uint32_t, events->n), 0};
    for (size_t i = 0; i < events->n; i++) {
        if (may_stand(run, s, &events->rows[i]))
            out->places[out->n++] = (uint32_t)i;
    }
}

static void lend(struct gy_chain_run *run, uint32_t step, const struct gy_row *event,
                 uint32_t *slots)
{
    for (uint32_t s = 0; s < run->chain->n_slots; s++) {
        const struct gy_chain_slot *slot = &run->chain->slots[s];
        slots[s] = slot->step == step ? number_of(run, event, slot->property) : GY_CHAIN_NO_VALUE;
    }
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t l = *(const uint64_t *)a;
    uint64_t r = *(const uint64_t *)b;
    return (l > r) - (l < r);
}

static int compare_u32(const void *a, const void *b)
{
    uint32_t l = *(const uint32_t *)a;
    uint32_t r = *(const uint32_t *)b;
    return (l > r) - (l < r);
}

/* What the events of an earlier step lend to a slot, ascending. */
struct lent {
    uint32_t *values;
    uint32_t n;
};

static struct lent lent_values(struct gy_chain_run *run, uint32_t slot)
{
    const struct gy_chain_candidates *lenders = &run->steps[run->chain->slots[slot].step];
    struct lent lent = {GY_NEW_ARRAY(&run->state->arena, uint32_t, lenders->n), lenders->n};
    for (uint32_t i = 0; i < lenders->n; i++)
        lent.values[i] = lenders->lending[(size_t)i * run->chain->n_slots + slot];
    if (lent.n > 1)
        qsort(lent.values, lent.n, sizeof *lent.values, compare_u32);
    return lent;
}

static bool is_lent(const struct lent *lent, uint32_t value)
{
    uint32_t low = 0;
    uint32_t high = lent->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (lent->values[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return value != GY_CHAIN_NO_VALUE && low < lent->n && lent->values[low] == value;
}

/* Of the step's events those whose first linked value is lent by some event, by (that value, place): those
 * that agree with a binding are then neighbours. How many there are. */
static uint32_t choose_places(struct gy_chain_run *run, const struct gy_chain_step *step,
                              uint32_t *places, uint32_t n)
{
    struct lent lent = lent_values(run, step->links[0].slot);
    uint64_t *keys = GY_NEW_ARRAY(&run->state->arena, uint64_t, n);
    uint32_t n_keys = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct gy_row *event = &run->state->events.rows[places[i]];
        uint32_t value = number_of(run, event, step->links[0].property);
        if (is_lent(&lent, value))
            keys[n_keys++] = (uint64_t)value << 32 | places[i];
    }
    if (n_keys > 1)
        qsort(keys, n_keys, sizeof *keys, compare_u64);
    for (uint32_t i = 0; i < n_keys; i++)
        places[i] = (uint32_t)keys[i];
    return n_keys;
}

void gy_chain_fill_candidates(struct gy_chain_run *run, uint32_t s,
                              const struct gy_chain_events *can_stand)
{
    const struct gy_chain_step *step = &run->chain->steps[s];
    const struct gy_rows *events = &run->state->events;
    struct gy_arena *arena = &run->state->arena;
    struct gy_chain_candidates *c = &run->steps[s];
    *c = (struct gy_chain_candidates){.places = can_stand->places, .n = can_stand->n};
    if (step->n_links > 0)
        c->n = choose_places(run, step, c->places, c->n);
    if (run->chain->n_slots == 0)
        return;
    c->values = GY_NEW_ARRAY(arena, uint32_t, (size_t)c->n * step->n_links);
    c->lending = GY_NEW_ARRAY(arena, uint32_t, (size_t)c->n * run->chain->n_slots);
    for (uint32_t i = 0; i < c->n; i++) {
        const struct gy_row *event = &events->rows[c->places[i]];
        for (uint32_t l = 0; l < step->n_links; l++)
            c->values[i * step->n_links + l] = number_of(run, event, step->links[l].property);
        lend(run, s, event, c->lending + (size_t)i * run->chain->n_slots);
    }
}
