/* waterfall_tally.c - see waterfall_tally.h. */
#include "engine/waterfall_tally.h"

static uint64_t count(uint64_t bits)
{
    return (uint64_t)__builtin_popcountll(bits);
}

static uint64_t pick(uint64_t bits, struct gy_outcome outcome)
{
    return (bits & outcome.if_true) | (~bits & outcome.if_false);
}

/* The outcomes of something from those of its opposite. */
static struct gy_outcome turn(struct gy_outcome outcome, uint64_t turned)
{
    return turned == 0 ? outcome : (struct gy_outcome){outcome.if_false, outcome.if_true};
}

/* The children of node `i`, in order: `c` is the place of each. */
#define FOR_EACH_CHILD(c, nodes, i) \
    for (uint32_t c = (i) + 1; c < (nodes)[i].end; c = (nodes)[c].end)

static void add_up(const struct gy_tally_node *nodes, uint32_t i, uint64_t there,
                   struct gy_tally_bits *bits)
{
    uint64_t all = UINT64_MAX;
    bits[i].unknown = 0;
    FOR_EACH_CHILD(c, nodes, i)
    {
        all &= bits[c].holds ^ nodes[i].turn_in;
        bits[i].unknown |= bits[c].unknown;
    }
    bits[i].holds = (all ^ nodes[i].turn_out) & there;
}

/* For whom all children but `holds` are true, from for whom one or more, and two or more, are not. */
static uint64_t others_hold(uint64_t holds, uint64_t one_fails, uint64_t two_fail)
{
    return ~one_fails | (~two_fail & ~holds);
}

static void hand_down(const struct gy_tally_node *nodes, uint32_t i, struct gy_tally_bits *bits,
                      struct gy_tally *tallies)
{
    const struct gy_tally_node *group = &nodes[i];
    struct gy_outcome whole = turn(bits[i].whole, group->turn_out);
    struct gy_outcome so_far = turn(bits[i].so_far, group->turn_out);
    uint64_t one_fails = 0;
    uint64_t two_fail = 0;
    FOR_EACH_CHILD(c, nodes, i)
    {
        uint64_t fails = ~(bits[c].holds ^ group->turn_in);
        two_fail |= one_fails & fails;
        one_fails |= fails;
    }
    uint64_t before = UINT64_MAX; /* for whom all children before are true */
    FOR_EACH_CHILD(c, nodes, i)
    {
        uint64_t holds = bits[c].holds ^ group->turn_in;
        uint64_t without = pick(others_hold(holds, one_fails, two_fail), whole);
        struct gy_outcome of_child = {pick(before, so_far), so_far.if_false};
        bits[c].so_far = turn(of_child, group->turn_in);
        bits[c].whole = turn((struct gy_outcome){without, whole.if_false}, group->turn_in);
        before &= holds;
        tallies[c].n_without += count(without);
        tallies[c].n_remain += count(pick(before, so_far));
    }
}

void gy_tally_add(const struct gy_tally_node *nodes, uint32_t n, struct gy_tally_bits *bits,
                  uint64_t there, struct gy_tally *tallies)
{
    for (uint32_t i = n; i-- > 0;) {
        if (nodes[i].end > i + 1)
            add_up(nodes, i, there, bits);
        tallies[i].n_alone += count(bits[i].holds);
        tallies[i].n_unknown += count(bits[i].unknown);
    }
    bits[0].whole = (struct gy_outcome){there, 0};
    bits[0].so_far = bits[0].whole;
    for (uint32_t i = 0; i < n; i++)
        hand_down(nodes, i, bits, tallies);
}
