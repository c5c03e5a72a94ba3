/* identity.c - a cache and two sets of ids in front of the id files, and a forest of links. */
#include "store/identity.h"

#include <stdlib.h>

#include "base/mem.h"

enum {
    KEPT_NAMES = 1 << 20, /* a set that has more gives its memory back after a batch */
    SMALL_SET = 4096
};

/* ---- sets of ids ---- */

static uint32_t name_of(struct gy_id_set *set, struct gy_str id)
{
    if (set->last < set->names.n && gy_str_equal(set->names.strings[set->last], id))
        return set->last;
    return gy_intern_find(&set->names, id);
}

static uint32_t enter(struct gy_id_set *set, struct gy_str id, uint32_t ordinal)
{
    uint32_t name = gy_intern_add(&set->names, id);
    GY_GROW(set->ordinals, set->capacity, name + (size_t)1);
    set->ordinals[name] = ordinal;
    set->last = name;
    return ordinal;
}

/* ---- life ---- */

/* No row lies under an id that this batch has brought: nobody need look there, but for what was linked
 * to it before. */
static void enter_below(struct gy_identity *identity, uint32_t child, uint32_t parent)
{
    if (child >= identity->live->ids.n && !gy_identity_is_scattered(identity, child))
        return;
    uint32_t next = gy_links_parent(&identity->heads, parent);
    GY_GROW(identity->below, identity->below_capacity, identity->n_below + 1);
    identity->below[identity->n_below] = (struct gy_below){child, next};
    gy_links_set(&identity->heads, parent, (uint32_t)identity->n_below);
    identity->n_below++;
}

void gy_identity_refresh(struct gy_identity *identity)
{
    const struct gy_live *live = identity->live;
    uint64_t applied = gy_live_links_applied(live);
    gy_links_release(&identity->heads);
    identity->n_below = 0;
    for (size_t i = 0; i < live->n_link_rows; i++) {
        if (live->link_rows[i].seq > applied)
            enter_below(identity, live->link_rows[i].child, live->link_rows[i].parent);
    }
    for (size_t i = 0; i < identity->n_made; i++)
        enter_below(identity, identity->made[i].child, identity->made[i].parent);
}

void gy_identity_init(struct gy_identity *identity, struct gy_live *live)
{
    *identity = (struct gy_identity){.live = live};
    gy_identity_refresh(identity);
}

static void release_set(struct gy_id_set *set)
{
    gy_intern_release(&set->names);
    free(set->ordinals);
    *set = (struct gy_id_set){0};
}

void gy_identity_release(struct gy_identity *identity)
{
    gy_id_cache_release(&identity->cache);
    release_set(&identity->sets[0]);
    release_set(&identity->sets[1]);
    free(identity->fresh);
    free(identity->made);
    free(identity->below);
    gy_links_release(&identity->heads);
    *identity = (struct gy_identity){0};
}

static void empty_set(struct gy_id_set *set)
{
    if (set->names.n > SMALL_SET) {
        release_set(set);
    } else {
        gy_intern_reset(&set->names);
    }
    set->last = 0;
}

/* Ids that are not stored yet must be found again. */
static void shrink_sets(struct gy_identity *identity)
{
    struct gy_id_set old[2] = {identity->sets[0], identity->sets[1]};
    identity->sets[0] = (struct gy_id_set){0};
    identity->sets[1] = (struct gy_id_set){0};
    for (size_t i = 0; i < identity->n_fresh; i++) {
        struct gy_fresh_id *fresh = &identity->fresh[i];
        struct gy_id_set *set = &identity->sets[fresh->is_external];
        enter(set, fresh->id, identity->live->ids.n + (uint32_t)i);
        fresh->id = set->names.strings[set->last];
    }
    release_set(&old[0]);
    release_set(&old[1]);
}

/* An ordinal stays what it is, so what the sets know of ids that are stored now still holds. */
void gy_identity_settled(struct gy_identity *identity, size_t n_fresh)
{
    GY_ASSERT(n_fresh <= identity->n_fresh);
    identity->n_fresh -= n_fresh;
    if (n_fresh > 0) { /* where nothing ever was there is no array either */
        memmove(identity->fresh, identity->fresh + n_fresh,
                identity->n_fresh * sizeof *identity->fresh);
    }
    identity->n_made = 0;
    if (identity->sets[0].names.n > KEPT_NAMES || identity->sets[1].names.n > KEPT_NAMES)
        shrink_sets(identity);
    gy_identity_refresh(identity);
}

/* The table of links is made anew from what is stored: it also held the batch's. */
void gy_identity_reset(struct gy_identity *identity)
{
    struct gy_live *live = identity->live;
    if (identity->n_made > 0) {
        gy_links_release(&live->links);
        live->links.ids = &live->ids;
        for (size_t i = 0; i < live->n_link_rows; i++)
            gy_links_add(&live->links, live->link_rows[i].child, live->link_rows[i].parent);
    }
    if (identity->n_fresh > 0) /* it knows them */
        gy_id_cache_release(&identity->cache);
    identity->n_fresh = 0;
    identity->n_made = 0;
    empty_set(&identity->sets[0]);
    empty_set(&identity->sets[1]);
    gy_identity_refresh(identity);
}

/* Where the cache does not know it. */
static uint32_t find_id(struct gy_identity *identity, bool is_external, struct gy_str id)
{
    struct gy_id_set *set = &identity->sets[is_external];
    uint32_t name = name_of(set, id);
    if (name != GY_INTERN_NONE) {
        set->last = name;
        return set->ordinals[name];
    }
    return gy_ids_find(&identity->live->ids, is_external, id);
}

/* So that it is found sooner when it comes again. */
static uint32_t remember(struct gy_identity *identity, bool is_external, struct gy_str id,
                         uint32_t ordinal)
{
    if (gy_is_short(id)) {
        gy_id_cache_put(&identity->cache, is_external, id, ordinal);
        return ordinal;
    }
    return enter(&identity->sets[is_external], id, ordinal);
}

uint32_t gy_identity_find(struct gy_identity *identity, bool is_external, struct gy_str id)
{
    uint32_t ordinal = GY_ID_CACHE_NONE;
    if (gy_is_short(id))
        ordinal = gy_id_cache_find(&identity->cache, is_external, id);
    if (ordinal != GY_ID_CACHE_NONE)
        return ordinal;
    ordinal = find_id(identity, is_external, id);
    return ordinal == GY_ID_NONE ? ordinal : remember(identity, is_external, id, ordinal);
}

void gy_identity_expect(const struct gy_identity *identity, bool is_external, struct gy_str id)
{
    if (id.len > 0 && gy_is_short(id)) {
        gy_id_cache_expect(&identity->cache, is_external, id);
    } else {
        gy_intern_expect(&identity->sets[is_external].names, id);
    }
}

uint32_t gy_identity_take(struct gy_identity *identity, bool is_external, struct gy_str id)
{
    uint32_t ordinal = gy_identity_find(identity, is_external, id);
    if (ordinal != GY_ID_NONE)
        return ordinal;
    struct gy_id_set *set = &identity->sets[is_external];
    GY_ASSERT((uint64_t)identity->live->ids.n + identity->n_fresh < GY_ID_NONE - 1);
    ordinal = enter(set, id, identity->live->ids.n + (uint32_t)identity->n_fresh);
    if (gy_is_short(id))
        gy_id_cache_put(&identity->cache, is_external, id, ordinal);
    GY_GROW(identity->fresh, identity->fresh_capacity, identity->n_fresh + 1);
    identity->fresh[identity->n_fresh++] =
        (struct gy_fresh_id){set->names.strings[set->last], is_external};
    return ordinal;
}

/* ---- links ---- */

uint32_t gy_identity_root(struct gy_identity *identity, uint32_t ordinal)
{
    return gy_links_find_root(&identity->live->links, ordinal);
}

bool gy_identity_is_child(const struct gy_identity *identity, uint32_t ordinal)
{
    return gy_links_parent(&identity->live->links, ordinal) != GY_ID_NONE;
}

void gy_identity_link(struct gy_identity *identity, uint32_t child, uint32_t parent)
{
    gy_links_add(&identity->live->links, child, parent);
    GY_GROW(identity->made, identity->made_capacity, identity->n_made + 1);
    identity->made[identity->n_made++] = (struct gy_link){.child = child, .parent = parent};
    enter_below(identity, child, parent);
}

bool gy_identity_is_scattered(const struct gy_identity *identity, uint32_t root)
{
    return identity->n_below > 0 && gy_links_parent(&identity->heads, root) != GY_ID_NONE;
}

/* Breadth first: what was found last is still to be looked below. A stored cycle would be followed
 * for ever, so no more is taken than there are links. */
size_t gy_identity_members(const struct gy_identity *identity, uint32_t root, uint32_t **out,
                           size_t *capacity)
{
    size_t n = 1;
    GY_GROW(*out, *capacity, 1);
    (*out)[0] = root;
    for (size_t i = 0; i < n; i++) {
        uint32_t at =
            identity->n_below == 0 ? GY_ID_NONE : gy_links_parent(&identity->heads, (*out)[i]);
        for (; at != GY_ID_NONE && n <= identity->n_below; at = identity->below[at].next) {
            GY_GROW(*out, *capacity, n + 1);
            (*out)[n++] = identity->below[at].child;
        }
    }
    return n;
}
