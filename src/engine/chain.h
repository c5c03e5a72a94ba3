/* chain.h - `did(A then B within 7 days then no C within 3 days)`, decided for one customer.
 *
 * A sweep over the events in order, step by step. Let R be the events that can stand at one present
 * step. An event b can stand at the next one if some a of R comes before it, b is within a's limit,
 * and no event of an absent kind lies between. One number is enough to know that: the latest limit of
 * the a's so far, forgotten at each absent event.
 *
 *     order of events   a1      c      a2          b         c absent: a1 is forgotten
 *     latest limit      a1+7d   none   a2+7d       b ≤ a2+7d: b can stand
 *
 * Named steps. `product_id = a.product_id` ties a step's event to the one that stands at step a. What
 * later steps ask of a is its *binding*, a tuple of values. Events of R are kept apart by their
 * binding, and the sweep runs once for each, over the events that agree with it. So the work is at
 * most events × distinct bindings a step, not all choices of events.
 */
#ifndef GY_ENGINE_CHAIN_H
#define GY_ENGINE_CHAIN_H

#include "base/intern.h"
#include "engine/derived.h"
#include "engine/filter.h"

/* `property = STEP.property`: the step's event has the value that is in a slot of the binding. */
struct gy_chain_link {
    uint32_t property;
    uint32_t slot;
};

/* A property of a named step that a later step asks for. */
struct gy_chain_slot {
    uint32_t step;
    uint32_t property;
    uint32_t last_use; /* the last step that asks for it */
};

struct gy_chain_step {
    uint32_t stream;                /* any id outside the schema: no such event was ever seen */
    const struct gy_filter *filter; /* without its links; or NULL */
    const struct gy_chain_link *links;
    uint32_t n_links;
    struct gy_duration within; /* n 0: none */
    bool is_absent;
};

/* As of one instant. Immutable. */
struct gy_chain {
    const struct gy_chain_step *steps;
    uint32_t n_steps;
    const struct gy_chain_slot *slots;
    uint32_t n_slots;
    struct gy_range range; /* of the present steps */
    int64_t now_ms;
};

/* Compiles the steps of a DID; allocated in `arena`. Steps of derived events get streams of `derived`. */
GY_CHECKED enum gy_status gy_chain_compile(const struct gy_expr *did, struct gy_range range,
                                           int64_t now_ms, struct gy_derived_streams *derived,
                                           struct gy_arena *arena, struct gy_regex_list *regexes,
                                           const struct gy_chain **out, struct gy_error *err);

/* What one thread needs for running chains, kept from customer to customer. All zero is ready. */
struct gy_chain_state {
    struct gy_rows events;          /* of all the chain's streams, in order */
    struct gy_intern values;        /* of linked properties: equal numbers for equal values */
    struct gy_code_numbers {        /* the same by code, for each dictionary that was met */
        const uint32_t *dictionary; /* its starts */
        uint32_t *numbers;          /* 0: not asked yet; else the number plus one */
    } * codes;
    size_t n_codes;
    size_t codes_capacity;
    struct gy_arena arena; /* emptied for each customer */
    struct gy_standing_list {
        struct gy_standing *items;
        size_t n;
        size_t capacity;
    } standing[2]; /* before and after a step */
};

void gy_chain_state_release(struct gy_chain_state *state);

/* All events of the chain's streams that can matter: of a present step those in the chain's range, of
 * an absent one those up to now where it stands at the end. */
struct gy_range gy_chain_step_range(const struct gy_chain *chain, uint32_t step);

/* The events that can stand at a step (they pass its filter and lie in its range). */
struct gy_chain_events {
    uint32_t *places; /* into `state->events`, ascending */
    uint32_t n;
};

/* Decides a chain whose events are gathered: `state->events` has at least those that can stand at some
 * step, in order; `steps` says which ones, for each step. */
bool gy_chain_decide(const struct gy_chain *chain, struct gy_chain_state *state,
                     const struct gy_row_context *context, const struct gy_chain_events *steps);

bool gy_chain_holds(const struct gy_chain *chain, struct gy_chain_state *state,
                    const struct gy_row_context *context, const struct gy_subject *subject);

/* One choice of events that fits: fills in the event of each present step, in order (`out` has room
 * for n_steps), and gives how many; 0 where the chain does not hold. Of several choices it is one with
 * the latest last event. */
uint32_t gy_chain_choose(const struct gy_chain *chain, struct gy_chain_state *state,
                         const struct gy_row_context *context, const struct gy_subject *subject,
                         struct gy_row *out);

#endif
