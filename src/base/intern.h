/* intern.h - distinct strings, numbered 0, 1, 2, … in the order they first came.
 *
 * All zero is an empty set. Bytes are copied in. Open addressing under a random seed, so that input
 * cannot be made to collide. One owner.
 */
#ifndef GY_BASE_INTERN_H
#define GY_BASE_INTERN_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* A string of up to 11 bytes: the first eight, then the others and the length. Else its hash. All zero is
 * an empty slot. */
struct gy_intern_slot {
    uint64_t head;
    uint32_t tail;
    uint32_t place; /* its number + 1 */
};

struct gy_intern {
    struct gy_str *strings; /* by number */
    uint64_t *hashes;       /* by number */
    uint32_t n;
    uint32_t capacity;
    struct gy_intern_slot *slots;
    uint32_t n_slots;
    uint64_t seed;
    struct gy_arena bytes;
};

#define GY_INTERN_NONE UINT32_MAX

void gy_intern_release(struct gy_intern *set);
void gy_intern_reset(struct gy_intern *set); /* empty again */

uint32_t gy_intern_add(struct gy_intern *set, struct gy_str s);        /* its number, old or new */
uint32_t gy_intern_find(const struct gy_intern *set, struct gy_str s); /* or GY_INTERN_NONE */

/* The same as gy_intern_add, where `recent` are `n_recent` slots of the caller (a power of two; all zero at
 * first) for what it had from here lately: a string that comes again is found without a look at the set. */
uint32_t gy_intern_add_again(struct gy_intern *set, struct gy_str s, struct gy_intern_slot *recent,
                             uint32_t n_recent);

/* It will be looked for soon. */
void gy_intern_expect(const struct gy_intern *set, struct gy_str s);

#endif
