/* ordinal_set.h - a set of customers as bytes in the catalog.
 *
 *   8 bytes                                  the rest
 *   XXH3 of the rest, little-endian          a Roaring bitmap of ordinals in the portable format
 *
 * SQLite keeps no checksums, and a bitmap whose containers are damaged must not be computed with: so the
 * checksum is looked at first.
 */
#ifndef GY_STORE_ORDINAL_SET_H
#define GY_STORE_ORDINAL_SET_H

#include <roaring/roaring.h>

#include "base/buf.h"
#include "base/status.h"

/* Appends the bytes of a set; NULL is the empty set. */
void gy_ordinal_set_pack(const roaring_bitmap_t *set, struct gy_buf *out);

/* `*out` is owned by the caller (roaring_bitmap_free). CORRUPT where the bytes are no set. */
GY_CHECKED enum gy_status gy_ordinal_set_unpack(struct gy_str bytes, roaring_bitmap_t **out,
                                                struct gy_error *err);

#endif
