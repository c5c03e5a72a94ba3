/* waterfall_tally.h - the conditions of a definition, counted over 64 customers at a time, a bit each.
 *
 * Every group is an `and`, of bits that may have to be turned round before and after:
 *
 *     B and C              B & C
 *     B or C            ~(~B & ~C)      turned in and out
 *     not (B and C)      ~(B & C)       turned out
 *     not (B or C)       ~B & ~C        turned in
 *
 * Upwards, each group's bits come from those of its conditions. Downwards, each condition gets two
 * outcomes: who would be in the audience if it held, and who if it did not. Left out of its group it
 * is as if its turned bit were set. Both ways take time in proportion to the number of conditions:
 * whether all *others* hold is known from whether none, one or more of all do not.
 */
#ifndef GY_ENGINE_WATERFALL_TALLY_H
#define GY_ENGINE_WATERFALL_TALLY_H

#include <stdint.h>

/* A group, or a condition that is none. The first of all is the definition, as a group; those below a
 * node follow it. */
struct gy_tally_node {
    uint32_t end;     /* those below it are at [its own place + 1, end) */
    uint64_t turn_in; /* all bits or none */
    uint64_t turn_out;
};

struct gy_outcome {
    uint64_t if_true;
    uint64_t if_false;
};

/* A node's bits of 64 customers. */
struct gy_tally_bits {
    uint64_t holds;           /* within the customers that are there */
    uint64_t unknown;         /* likewise */
    struct gy_outcome whole;  /* of the definition */
    struct gy_outcome so_far; /* of the definition up to this node */
};

/* Sums over customers, for a node. */
struct gy_tally {
    uint64_t n_alone;
    uint64_t n_remain;
    uint64_t n_unknown;
    uint64_t n_without;
};

/* Adds 64 customers to the `n` tallies. `holds` and `unknown` of the nodes that are no groups are
 * given, everything else in `bits` is worked out. `there`: those of the 64 that exist. */
void gy_tally_add(const struct gy_tally_node *nodes, uint32_t n, struct gy_tally_bits *bits,
                  uint64_t there, struct gy_tally *tallies);

#endif
