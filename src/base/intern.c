/* intern.c - linear probing over numbers, at most half full.
 *
 * A slot is a number with half of the string's hash: that decides nearly every comparison where the
 * processor is looking anyway, without a jump to the string. With numbers alone, at three quarters, a
 * million strings took twice as long to enter. Growing rehashes nothing.
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

/* What a slot holds for a number with this hash. */
static uint64_t slot_for(uint64_t hash, uint32_t number)
{
    return (hash & ~(uint64_t)UINT32_MAX) | (number + UINT64_C(1));
}

static uint32_t number_in(uint64_t slot)
{
    return (uint32_t)slot - 1;
}

/* The slot where a string with this hash is, or the empty one where it would be. */
static uint32_t find_slot(const struct gy_intern *set, struct gy_str s, uint64_t hash)
{
    uint32_t mask = set->n_slots - 1;
    uint32_t slot = (uint32_t)hash & mask;
    while (set->slots[slot] != 0) {
        uint64_t taken = set->slots[slot];
        if ((taken ^ hash) >> 32 == 0 && gy_str_equal(set->strings[number_in(taken)], s)) {
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
        set->slots[slot] = slot_for(set->hashes[number], number);
    }
}

static void make_room(struct gy_intern *set)
{
    if (set->n_slots == 0) {
        gy_random_bytes(&set->seed, sizeof set->seed);
    }
    if (set->n >= set->n_slots / 2) {
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
        return number_in(set->slots[slot]);
    }
    uint32_t number = set->n++;
    set->strings[number] = gy_arena_str(&set->bytes, s);
    set->hashes[number] = hash;
    set->slots[slot] = slot_for(hash, number);
    return number;
}

uint32_t gy_intern_find(const struct gy_intern *set, struct gy_str s)
{
    if (set->n == 0) {
        return GY_INTERN_NONE;
    }
    uint32_t slot = find_slot(set, s, gy_hash(s.ptr, s.len, set->seed));
    return set->slots[slot] == 0 ? GY_INTERN_NONE : number_in(set->slots[slot]);
}
