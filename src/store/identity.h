/* identity.h - whose call it is: ids to ordinals, and who becomes whose child.
 *
 * What is stored, and on top of it what the batch in hand adds: new ids with the next ordinals, and
 * links. A commit makes these durable (gy_identity_settled), or they are forgotten (gy_identity_reset).
 *
 *   - A call with a user id belongs to it, else to its anonymous id.
 *   - An anonymous id belongs to the first external id that comes in one call with it, or that an
 *     alias names it the previous id of. Later ones link nothing.
 *   - Two external ids are one customer only by alias: the previous id's root becomes the child of
 *     the user id's root. An alias that would close a cycle (the two are one already) does nothing.
 */
#ifndef GY_STORE_IDENTITY_H
#define GY_STORE_IDENTITY_H

#include "base/intern.h"
#include "store/id_cache.h"
#include "store/live.h"

struct gy_fresh_id {
    struct gy_str id; /* a view into one of the sets */
    bool is_external;
};

struct gy_id_set {
    struct gy_intern names;
    uint32_t *ordinals; /* by name */
    size_t capacity;
    uint32_t last; /* the name found last; many calls in a row have one customer */
};

struct gy_identity {
    struct gy_live *live;     /* its `links` also hold the batch's links */
    struct gy_id_cache cache; /* in front of the sets and the id files, for short ids */
    struct gy_id_set sets[2]; /* anonymous, external: ids that are new, and long ones that came */
    struct gy_fresh_id *fresh;
    size_t n_fresh;
    size_t fresh_capacity;
    struct gy_link *made; /* seq is not set */
    size_t n_made;
    size_t made_capacity;
    /* The links that not all parts follow yet, the batch's too, as lists by parent. */
    struct gy_links heads; /* parent -> place in `below`; not a forest, only the table */
    struct gy_below {
        uint32_t child;
        uint32_t next; /* or GY_ID_NONE */
    } * below;
    size_t n_below;
    size_t below_capacity;
};

/* `live` is borrowed and stays where it is. */
void gy_identity_init(struct gy_identity *identity, struct gy_live *live);
void gy_identity_release(struct gy_identity *identity);

/* Forgets what the batch added. */
void gy_identity_reset(struct gy_identity *identity);

/* The first `n_fresh` ids and all links that were added are in `live` now (its link rows too). */
void gy_identity_settled(struct gy_identity *identity, size_t n_fresh);

/* The parts have changed, and with them the links that not all of them follow. */
void gy_identity_refresh(struct gy_identity *identity);

static inline uint32_t gy_identity_n_stored(const struct gy_identity *identity)
{
    return identity->live->ids.n;
}

/* The ordinal of an id, or GY_ID_NONE. */
uint32_t gy_identity_find(struct gy_identity *identity, bool is_external, struct gy_str id);

/* It will be asked for soon. */
void gy_identity_expect(const struct gy_identity *identity, bool is_external, struct gy_str id);

/* The same, and makes it where there is none. */
uint32_t gy_identity_take(struct gy_identity *identity, bool is_external, struct gy_str id);

uint32_t gy_identity_root(struct gy_identity *identity, uint32_t ordinal);
bool gy_identity_is_child(const struct gy_identity *identity, uint32_t ordinal);

/* `child` is a root, and not that of `parent`. */
void gy_identity_link(struct gy_identity *identity, uint32_t child, uint32_t parent);

/* True if rows of this root may lie under other ordinals too. */
bool gy_identity_is_scattered(const struct gy_identity *identity, uint32_t root);

/* Those ordinals, the root first. `*out` is an array owned by the caller that grows. */
size_t gy_identity_members(const struct gy_identity *identity, uint32_t root, uint32_t **out,
                           size_t *capacity);

#endif
