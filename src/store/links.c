/* links.c - a hash table child -> parent over the parents that the id files tell.
 *
 * A chain of aliases can be long (a was b, b was c, …). gy_links_find_root enters the root it found as
 * the parent in the table, so that a long way is walked once; the table then says more than was linked,
 * but never anything else.
 */
#include "store/links.h"

#include <stdlib.h>

#include "base/mem.h"

enum {
    FIRST_SLOTS = 64
};

void gy_links_release(struct gy_links *links)
{
    free(links->children);
    free(links->parents);
    *links = (struct gy_links){0};
}

/* Fibonacci hashing: ordinals are dense, and nobody outside chooses them. */
static uint32_t slot_of(const struct gy_links *links, uint32_t child)
{
    uint32_t mask = links->n_slots - 1;
    uint32_t slot = (uint32_t)((child * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & mask;
    while (links->children[slot] != GY_ID_NONE && links->children[slot] != child)
        slot = (slot + 1) & mask;
    return slot;
}

static void put(struct gy_links *links, uint32_t child, uint32_t parent)
{
    uint32_t slot = slot_of(links, child);
    links->n += links->children[slot] == GY_ID_NONE;
    links->children[slot] = child;
    links->parents[slot] = parent;
}

static void grow(struct gy_links *links)
{
    struct gy_links old = *links;
    links->n = 0;
    links->n_slots = old.n_slots == 0 ? FIRST_SLOTS : old.n_slots * 2;
    GY_ASSERT(links->n_slots != 0);
    links->children = gy_realloc(NULL, links->n_slots, sizeof *links->children);
    links->parents = gy_realloc(NULL, links->n_slots, sizeof *links->parents);
    memset(links->children, 0xff, links->n_slots * sizeof *links->children);
    for (uint32_t i = 0; i < old.n_slots; i++) {
        if (old.children[i] != GY_ID_NONE)
            put(links, old.children[i], old.parents[i]);
    }
    free(old.children);
    free(old.parents);
}

void gy_links_set(struct gy_links *links, uint32_t child, uint32_t parent)
{
    if (links->n >= links->n_slots / 4 * 3)
        grow(links);
    put(links, child, parent);
}

void gy_links_add(struct gy_links *links, uint32_t child, uint32_t parent)
{
    GY_ASSERT(child != parent);
    gy_links_set(links, child, parent);
}

uint32_t gy_links_parent(const struct gy_links *links, uint32_t ordinal)
{
    if (links->n > 0) {
        uint32_t slot = slot_of(links, ordinal);
        if (links->children[slot] != GY_ID_NONE)
            return links->parents[slot];
    }
    if (links->ids == NULL || ordinal >= links->ids->n)
        return GY_ID_NONE;
    return gy_ids_parent(links->ids, ordinal);
}

static uint32_t walk(const struct gy_links *links, uint32_t ordinal, uint64_t *n_steps)
{
    uint64_t longest = (links->ids == NULL ? 0 : (uint64_t)links->ids->n) + links->n;
    for (*n_steps = 0; *n_steps <= longest; ++*n_steps) {
        uint32_t parent = gy_links_parent(links, ordinal);
        if (parent == GY_ID_NONE)
            break;
        ordinal = parent;
    }
    return ordinal;
}

uint32_t gy_links_root(const struct gy_links *links, uint32_t ordinal)
{
    uint64_t n_steps;
    return walk(links, ordinal, &n_steps);
}

uint32_t gy_links_find_root(struct gy_links *links, uint32_t ordinal)
{
    uint64_t n_steps;
    uint32_t root = walk(links, ordinal, &n_steps);
    for (uint64_t i = 0; n_steps > 1 && i + 1 < n_steps; i++) {
        uint32_t parent = gy_links_parent(links, ordinal);
        gy_links_set(links, ordinal, root);
        ordinal = parent;
    }
    return root;
}
