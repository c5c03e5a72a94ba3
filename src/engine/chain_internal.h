/* chain_internal.h - what chain.c and chain_candidates.c share. */
#ifndef GY_ENGINE_CHAIN_INTERNAL_H
#define GY_ENGINE_CHAIN_INTERNAL_H

#include "engine/chain.h"

#define GY_CHAIN_NO_VALUE UINT32_MAX /* of a missing value: agrees with nothing */

/* The events that may stand at one step. */
struct gy_chain_candidates {
    uint32_t *places; /* into the ordered events; of a linked step by (first linked value, place) */
    uint32_t *values; /* n × n_links: numbers of the values of the linked properties */
    uint32_t *lending; /* n × n_slots: what the event lends to slots of this step */
    uint32_t n;
};

struct gy_chain_run {
    const struct gy_chain *chain;
    struct gy_chain_state *state;
    const struct gy_row_context *context;
    bool keeps_choices;
    struct gy_chain_candidates *steps;
};

/* Puts all events that can matter into the state, in order; then says which of them can stand at a step. */
void gy_chain_gather_events(struct gy_chain_run *run, const struct gy_subject *subject);
void gy_chain_find_events(struct gy_chain_run *run, uint32_t s, struct gy_chain_events *out);

/* Makes the step's candidates; of the steps before it they are made. */
void gy_chain_fill_candidates(struct gy_chain_run *run, uint32_t s,
                              const struct gy_chain_events *can_stand);

/* Forgets numbers where they became many; none may be in use. */
void gy_chain_trim_numbers(struct gy_chain_state *state);

#endif
