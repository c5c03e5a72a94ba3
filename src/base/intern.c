/* intern.c - linear probing over numbers, at most three quarters full.
 *
 * A slot is only a number: the hash beside the string's view decides nearly every comparison, and
 * growing rehashes nothing.
 */
#include "base/intern.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/status.h"

enum {
    FIRST_SLOTS = 64
};

void gy_intern_release(struct gy_intern *set)
{
    free(set->strings);
    free(set->hashes);
    free(set->slots);
    gy_arena_release(&set->bytes);
    *set = (struct gy_intern){0};
}

void gy_intern_reset(struct gy_intern *set)
{
    set->n = 0;
    gy_arena_reset(&set->bytes);
    if (set->n_slots > 0) {
        memset(set->slots, 0, set->n_slots * sizeof *set->slots);
    }
}

/* The slot where a string with this hash is, or the empty one where it would be. */
static uint32_t find_slot(const struct gy_intern *set, struct gy_str s, uint64_t hash)
{
    uint32_t mask = set->n_slots - 1;
    uint32_t slot = (uint32_t)hash & mask;
    while (set->slots[slot] != 0) {
        uint32_t number = set->slots[slot] - 1;
        if (set->hashes[number] == hash && gy_str_equal(set->strings[number], s)) {
            break;
        }
        slot = (slot + 1) & mask;
    }
    return slot;
}

static void place_all(struct gy_intern *set)
{
    uint32_t mask = set->n_slots - 1;
    for (uint32_t number = 0; number < set->n; number++) {
        uint32_t slot = (uint32_t)set->hashes[number] & mask;
        while (set->slots[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        set->slots[slot] = number + 1;
    }
}

static void make_room(struct gy_intern *set)
{
    if (set->n_slots == 0) {
        gy_random_bytes(&set->seed, sizeof set->seed);
    }
    if (set->n >= set->n_slots / 4 * 3) {
        GY_ASSERT(set->n_slots <= UINT32_MAX / 4);
        set->n_slots = set->n_slots == 0 ? FIRST_SLOTS : set->n_slots * 2;
        free(set->slots);
        set->slots = gy_alloc_zero(set->n_slots, sizeof *set->slots);
        place_all(set);
    }
    if (set->n == set->capacity) {
        GY_GROW(set->strings, set->capacity, set->n + 1);
        set->hashes = gy_realloc(set->hashes, set->capacity, sizeof *set->hashes);
    }
}

uint32_t gy_intern_add(struct gy_intern *set, struct gy_str s)
{
    make_room(set);
    uint64_t hash = gy_hash(s.ptr, s.len, set->seed);
    uint32_t slot = find_slot(set, s, hash);
    if (set->slots[slot] != 0) {
        return set->slots[slot] - 1;
    }
    uint32_t number = set->n++;
    set->strings[number] = gy_arena_str(&set->bytes, s);
    set->hashes[number] = hash;
    set->slots[slot] = number + 1;
    return number;
}

uint32_t gy_intern_find(const struct gy_intern *set, struct gy_str s)
{
    if (set->n == 0) {
        return GY_INTERN_NONE;
    }
    uint32_t slot = find_slot(set, s, gy_hash(s.ptr, s.len, set->seed));
    return set->slots[slot] == 0 ? GY_INTERN_NONE : set->slots[slot] - 1;
}
