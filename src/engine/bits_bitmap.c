/* bits_bitmap.c - writes the portable format, which the library reads container by container. */
#include "engine/bits_bitmap.h"

#include <stdlib.h>

#include "base/mem.h"

/* https://github.com/RoaringBitmap/RoaringFormatSpec, without runs: cookie, number of containers, for
 * each its block and its bits less one, for each where it begins, then the containers. */
enum {
    COOKIE = 12346,
    MOST_PLACES = 4096, /* with more bits than that a container is words */
};

struct gy_bits_container *gy_bits_container_of(const struct gy_bits *bits)
{
    uint32_t n = gy_bits_count(bits);
    if (n == 0)
        return NULL;
    size_t n_bytes = n > MOST_PLACES ? sizeof *bits : n * sizeof(uint16_t);
    struct gy_bits_container *out = gy_alloc(sizeof *out + n_bytes);
    out->n = n;
    out->n_bytes = (uint32_t)n_bytes;
    if (n > MOST_PLACES) {
        memcpy(out->bytes, bits, n_bytes);
        return out;
    }
    uint16_t *places = (uint16_t *)(void *)out->bytes;
    GY_FOR_EACH_BIT(i, bits)
    *places++ = (uint16_t)i;
    return out;
}

/* The format's numbers are little-endian, as all that this code runs on. */
static uint8_t *put(uint8_t *to, const void *bytes, size_t n)
{
    memcpy(to, bytes, n);
    return to + n;
}

static uint8_t *put_u32(uint8_t *to, uint32_t value)
{
    return put(to, &value, sizeof value);
}

static uint8_t *put_head(uint8_t *to, struct gy_bits_container *const *containers,
                         uint32_t n_blocks, size_t stride, uint32_t n)
{
    uint32_t at = 8 + n * 8;
    to = put_u32(put_u32(to, COOKIE), n);
    for (uint32_t b = 0; b < n_blocks; b++) {
        const struct gy_bits_container *c = containers[b * stride];
        if (c != NULL)
            to = put_u32(to, b | (c->n - 1) << 16);
    }
    for (uint32_t b = 0; b < n_blocks; b++) {
        const struct gy_bits_container *c = containers[b * stride];
        if (c == NULL)
            continue;
        to = put_u32(to, at);
        at += c->n_bytes;
    }
    return to;
}

roaring_bitmap_t *gy_bitmap_of_containers(struct gy_bits_container *const *containers,
                                          uint32_t n_blocks, size_t stride)
{
    uint32_t n = 0;
    size_t size = 8;
    for (uint32_t b = 0; b < n_blocks; b++) {
        const struct gy_bits_container *c = containers[b * stride];
        n += c != NULL;
        size += c == NULL ? 0 : 8 + c->n_bytes;
    }
    if (n == 0)
        return roaring_bitmap_create();
    uint8_t *bytes = gy_alloc(size);
    uint8_t *to = put_head(bytes, containers, n_blocks, stride, n);
    for (uint32_t b = 0; b < n_blocks; b++) {
        const struct gy_bits_container *c = containers[b * stride];
        if (c != NULL)
            to = put(to, c->bytes, c->n_bytes);
    }
    roaring_bitmap_t *out = roaring_bitmap_portable_deserialize_safe((const char *)bytes, size);
    free(bytes);
    GY_ASSERT(out != NULL);
    return out;
}
