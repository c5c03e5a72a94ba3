/* intern.c - linear probing over keys, at most half full.
 *
 * Most strings are short (numbers of customers, words, prices), and then the slot holds them whole: the
 * one place in memory where the processor has to wait decides. Of a longer one it holds the hash, and
 * the string is looked at where the hashes are equal. Growing rehashes nothing.
 */
#include "base/intern.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/short_key.h"
#include "base/status.h"

enum {
    FIRST_SLOTS = 64
};

#define LONG_TAIL (UINT32_C(0xff) << 24) /* no short string is so long */

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

/* ---- keys ---- */

/* A short string, or the hash of a long one; and where it would be. */
struct key {
    struct gy_short_key part;
    uint64_t hash;
};

static inline struct key key_of(const struct gy_intern *set, struct gy_str s)
{
    struct key key;
    if (gy_is_short(s)) {
        key.part = gy_short_key_of(s);
        key.hash = gy_short_key_hash(key.part, set->seed);
    } else {
        key.hash = gy_hash(s.ptr, s.len, set->seed);
        key.part = (struct gy_short_key){key.hash, LONG_TAIL};
    }
    return key;
}

/* ---- slots ---- */

static bool is_empty(const struct gy_intern_slot *slot)
{
    return slot->place == 0;
}

static bool holds(const struct gy_intern *set, const struct gy_intern_slot *slot, struct key key,
                  struct gy_str s)
{
    return slot->head == key.part.head && slot->tail == key.part.tail &&
           (key.part.tail != LONG_TAIL || gy_str_equal(set->strings[slot->place - 1], s));
}

/* The slot where the string is, or the empty one where it would be. */
static struct gy_intern_slot *find_slot(const struct gy_intern *set, struct gy_str s,
                                        struct key key)
{
    uint32_t mask = set->n_slots - 1;
    uint32_t at = (uint32_t)key.hash & mask;
    while (!is_empty(&set->slots[at]) && !holds(set, &set->slots[at], key, s)) {
        at = (at + 1) & mask;
    }
    return &set->slots[at];
}

static void grow(struct gy_intern *set)
{
    struct gy_intern_slot *old = set->slots;
    uint32_t n_old = set->n_slots;
    GY_ASSERT(n_old <= UINT32_MAX / 4);
    set->n_slots = n_old == 0 ? FIRST_SLOTS : n_old * 2;
    set->slots = gy_alloc_zero(set->n_slots, sizeof *set->slots);
    uint32_t mask = set->n_slots - 1;
    for (uint32_t i = 0; i < n_old; i++) {
        if (is_empty(&old[i])) {
            continue;
        }
        uint32_t at = (uint32_t)set->hashes[old[i].place - 1] & mask;
        while (!is_empty(&set->slots[at])) {
            at = (at + 1) & mask;
        }
        set->slots[at] = old[i];
    }
    free(old);
}

static void make_room(struct gy_intern *set)
{
    if (set->n_slots == 0) {
        gy_random_bytes(&set->seed, sizeof set->seed);
    }
    if (set->n >= set->n_slots / 2) {
        grow(set);
    }
    if (set->n == set->capacity) {
        GY_GROW(set->strings, set->capacity, set->n + 1);
        set->hashes = gy_realloc(set->hashes, set->capacity, sizeof *set->hashes);
    }
}

/* ---- strings ---- */

static uint32_t add(struct gy_intern *set, struct gy_str s, struct key key)
{
    struct gy_intern_slot *slot = find_slot(set, s, key);
    if (!is_empty(slot)) {
        return slot->place - 1;
    }
    uint32_t number = set->n++;
    set->strings[number] = gy_arena_str(&set->bytes, s);
    set->hashes[number] = key.hash;
    *slot = (struct gy_intern_slot){key.part.head, key.part.tail, number + 1};
    return number;
}

uint32_t gy_intern_add(struct gy_intern *set, struct gy_str s)
{
    make_room(set);
    return add(set, s, key_of(set, s));
}

uint32_t gy_intern_add_again(struct gy_intern *set, struct gy_str s, struct gy_intern_slot *recent,
                             uint32_t n_recent)
{
    make_room(set);
    struct key key = key_of(set, s);
    struct gy_intern_slot *last = &recent[key.hash >> 40 & (n_recent - 1)];
    if (!is_empty(last) && holds(set, last, key, s)) {
        return last->place - 1;
    }
    uint32_t number = add(set, s, key);
    *last = (struct gy_intern_slot){key.part.head, key.part.tail, number + 1};
    return number;
}

uint32_t gy_intern_find(const struct gy_intern *set, struct gy_str s)
{
    if (set->n == 0) {
        return GY_INTERN_NONE;
    }
    const struct gy_intern_slot *slot = find_slot(set, s, key_of(set, s));
    return is_empty(slot) ? GY_INTERN_NONE : slot->place - 1;
}

void gy_intern_expect(const struct gy_intern *set, struct gy_str s)
{
    if (set->n_slots > 0) {
        __builtin_prefetch(&set->slots[key_of(set, s).hash & (set->n_slots - 1)]);
    }
}
