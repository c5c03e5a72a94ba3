/* short_key.h - a string of up to 11 bytes as a number of 96 bits.
 *
 * Most ids, words and prices are so short. As numbers they are compared and hashed without a loop, and a table
 * holds them whole in its slots, so that finding one is a single place in memory.
 */
#ifndef GY_BASE_SHORT_KEY_H
#define GY_BASE_SHORT_KEY_H

#include <stdint.h>

#include "base/str.h"

enum {
    GY_SHORT_KEY_BYTES = 11
};

struct gy_short_key {
    uint64_t head; /* the first eight bytes */
    uint32_t tail; /* the others, and the length in the highest byte */
};

static inline bool gy_is_short(struct gy_str s)
{
    return s.len <= GY_SHORT_KEY_BYTES;
}

/* Up to seven bytes. */
static inline uint64_t gy_few_bytes(const char *bytes, size_t len)
{
    const unsigned char *b = (const unsigned char *)bytes;
    if (len >= 4) {
        uint32_t first;
        uint32_t last;
        memcpy(&first, b, sizeof first);
        memcpy(&last, b + len - 4, sizeof last);
        return first | (uint64_t)last << (len - 4) * 8;
    }
    return len == 0
               ? 0
               : b[0] | (uint64_t)b[len / 2] << len / 2 * 8 | (uint64_t)b[len - 1] << (len - 1) * 8;
}

/* Of a short string. */
static inline struct gy_short_key gy_short_key_of(struct gy_str s)
{
    struct gy_short_key key = {.tail = (uint32_t)s.len << 24};
    if (s.len < sizeof key.head) {
        key.head = gy_few_bytes(s.ptr, s.len);
    } else {
        memcpy(&key.head, s.ptr, sizeof key.head);
        key.tail |= (uint32_t)gy_few_bytes(s.ptr + sizeof key.head, s.len - sizeof key.head);
    }
    return key;
}

/* The two halves of a product of 128 bits: who does not know the seed cannot aim at a place. */
static inline uint64_t gy_short_key_hash(struct gy_short_key key, uint64_t seed)
{
    uint64_t other = (seed * UINT64_C(0x9E3779B97F4A7C15)) ^ (key.tail * UINT64_C(0x100000001));
    unsigned __int128 product = (unsigned __int128)(key.head ^ seed) * (other | 1);
    uint64_t mixed = ((uint64_t)product ^ (uint64_t)(product >> 64)) * UINT64_C(0xBF58476D1CE4E5B9);
    return mixed ^ mixed >> 32;
}

#endif
