/* bits_bitmap.h - the bits of all blocks as one Roaring bitmap.
 *
 * A block is one container of a Roaring bitmap. So the containers are made where the blocks are
 * evaluated, each by itself, and are joined by laying them side by side.
 */
#ifndef GY_ENGINE_BITS_BITMAP_H
#define GY_ENGINE_BITS_BITMAP_H

#include <roaring/roaring.h>

#include "engine/bits.h"

/* A block's bits as the format of Roaring bitmaps has them: the places of few bits, or the words. */
struct gy_bits_container {
    uint32_t n; /* bits, at least 1 */
    uint32_t n_bytes;
    uint8_t bytes[];
};

/* NULL where no bit is set. Owned by the caller (free). */
struct gy_bits_container *gy_bits_container_of(const struct gy_bits *bits);

/* Block i's container is containers[i × stride], or NULL. Owned by the caller (roaring_bitmap_free). */
roaring_bitmap_t *gy_bitmap_of_containers(struct gy_bits_container *const *containers,
                                          uint32_t n_blocks, size_t stride);

#endif
