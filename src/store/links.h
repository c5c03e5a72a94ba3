/* links.h - which ordinal is whose child.
 *
 * What the id files tell (the parent from the commit that made the id) and what came later (rows of
 * the catalog's table `link`), seen as one forest. A *root* has no parent; it stands for its customer.
 * Links never make a cycle: only a root becomes a child, and never of its own descendant.
 *
 * One owner; gy_links_root changes nothing and may be called by several threads.
 */
#ifndef GY_STORE_LINKS_H
#define GY_STORE_LINKS_H

#include <stdint.h>

#include "store/id_index.h"

struct gy_link {
    uint64_t seq; /* counts up, from 1; 0: made with its id, stands in the id file */
    uint32_t child;
    uint32_t parent;
};

/* All zero is empty. */
struct gy_links {
    const struct gy_ids *ids; /* or NULL: no id file tells anything */
    uint32_t *children;       /* open addressing; GY_ID_NONE: empty */
    uint32_t *parents;
    uint32_t n;
    uint32_t n_slots;
};

void gy_links_release(struct gy_links *links);

/* `child` has no parent yet, and `parent` is not below it. */
void gy_links_add(struct gy_links *links, uint32_t child, uint32_t parent);

/* Sets what the table says of `child`, whatever it said before. */
void gy_links_set(struct gy_links *links, uint32_t child, uint32_t parent);

/* The parent, or GY_ID_NONE. */
uint32_t gy_links_parent(const struct gy_links *links, uint32_t ordinal);

/* The root that an ordinal belongs to: itself if it is nobody's child. A path that is longer than
 * there are ordinals (a cycle in damaged data) ends where it is. */
uint32_t gy_links_root(const struct gy_links *links, uint32_t ordinal);

/* The same, and shortens the way for the next time. */
uint32_t gy_links_find_root(struct gy_links *links, uint32_t ordinal);

#endif
