/* erased.h - who was erased: the ordinals that are nobody's any more, and the hashes of the ids they had.
 *
 * Of an erased customer a hash of each id stays, under the workspace's key: so a call that names one is
 * refused, and who reads the hash does not learn the id. The ordinal stays too, for none is given twice; in
 * the id file another text stands in its place (gy_erased_placeholder).
 *
 * An erasure is *pending* until nothing of the customer is on disk any more. Until then queries leave out what
 * is left (snapshot.c), and merges do not carry it on (merge.h).
 */
#ifndef GY_STORE_ERASED_H
#define GY_STORE_ERASED_H

#include <roaring/roaring.h>

#include "base/buf.h"
#include "store/catalog.h"

enum {
    GY_ERASED_HASH = 16 /* bytes */
};

/* All zero is nobody. */
struct gy_erased {
    uint8_t key[16];
    roaring_bitmap_t *all;             /* ordinals, pending or not; NULL: none */
    roaring_bitmap_t *pending;         /* NULL: none */
    uint8_t (*hashes)[GY_ERASED_HASH]; /* ascending */
    size_t n_hashes;
};

void gy_erased_hash(const struct gy_erased *erased, bool is_external, struct gy_str id,
                    uint8_t out[GY_ERASED_HASH]);

/* Reads the catalog's table, in the transaction that is open; a catalog that has none yet is of nobody.
 * `erased` is all zero, or is made anew. */
GY_CHECKED enum gy_status gy_erased_load(struct gy_erased *erased, struct gy_catalog *c,
                                         struct gy_error *err);

/* The ordinals alone, which is all that a query asks about: without the key and the hashes. */
GY_CHECKED enum gy_status gy_erased_load_ordinals(struct gy_erased *erased, struct gy_catalog *c,
                                                  struct gy_error *err);
void gy_erased_release(struct gy_erased *erased);

static inline bool gy_erased_has(const struct gy_erased *erased, uint32_t ordinal)
{
    return erased->all != NULL && roaring_bitmap_contains(erased->all, ordinal);
}

bool gy_erased_has_hash(const struct gy_erased *erased, const uint8_t hash[GY_ERASED_HASH]);

/* Whether that was an id of an erased customer. */
bool gy_erased_has_id(const struct gy_erased *erased, bool is_external, struct gy_str id);

/* Whether a text that should be a JSON object names one: any of its strings and numbers is such an id, be it
 * written with escapes. A text that is cut off or damaged is searched as far as it goes. */
bool gy_erased_is_named(const struct gy_erased *erased, struct gy_str json);

/* What stands in place of an id. No id begins with that byte, since ids are UTF-8. */
void gy_erased_placeholder(uint32_t ordinal, struct gy_buf *out);

#endif
