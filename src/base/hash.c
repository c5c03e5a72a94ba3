/* hash.c - XXH3 and SipHash from their libraries; the language's sample in full, since its value is
 * part of what a segment means and must never change. */
#include "base/hash.h"

#include <errno.h>
#include <sys/random.h>

#include <sodium/crypto_generichash_blake2b.h>
#include <sodium/crypto_shorthash_siphash24.h>
#define XXH_INLINE_ALL /* short keys, the common ones, are hashed without a call */
#include <xxhash.h>

#include "base/status.h"

uint64_t gy_hash(const void *bytes, size_t len, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes, len, seed);
}

uint64_t gy_hash_keyed(const void *bytes, size_t len, const uint8_t key[16])
{
    uint8_t out[crypto_shorthash_siphash24_BYTES];
    crypto_shorthash_siphash24(out, bytes, len, key);
    uint64_t hash = 0;
    for (int i = 7; i >= 0; i--) {
        hash = hash << 8 | out[i];
    }
    return hash;
}

void gy_hash_secret(struct gy_str secret, uint8_t out[32])
{
    const unsigned char *bytes = (const unsigned char *)(secret.len == 0 ? "" : secret.ptr);
    GY_ASSERT(crypto_generichash_blake2b(out, 32, bytes, secret.len, NULL, 0) == 0);
}

void gy_hash_keyed_wide(const void *bytes, size_t len, const uint8_t key[16], uint8_t out[16])
{
    GY_ASSERT(crypto_generichash_blake2b(out, 16, bytes, len, key, 16) == 0);
}

/* FNV-1a, 64 bits, of more bytes. */
static uint64_t fnv1a(uint64_t hash, struct gy_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        hash = (hash ^ (uint8_t)s.ptr[i]) * UINT64_C(0x100000001B3);
    }
    return hash;
}

/* MurmurHash3's 64-bit finaliser: every bit of `hash` reaches every bit of the result. */
static uint64_t finalise(uint64_t hash)
{
    hash ^= hash >> 33;
    hash *= UINT64_C(0xFF51AFD7ED558CCD);
    hash ^= hash >> 33;
    hash *= UINT64_C(0xC4CEB9FE1A85EC53);
    hash ^= hash >> 33;
    return hash;
}

uint64_t gy_hash_sample(struct gy_str salt, struct gy_str id)
{
    uint64_t hash = fnv1a(UINT64_C(0xCBF29CE484222325), salt);
    hash = fnv1a(hash, (struct gy_str){"", 1});
    return finalise(fnv1a(hash, id));
}

void gy_random_bytes(void *out, size_t len)
{
    uint8_t *next = out;
    while (len > 0) {
        ssize_t n = getrandom(next, len, 0);
        if (n < 0) {
            GY_ASSERT(errno == EINTR);
            continue;
        }
        next += n;
        len -= (size_t)n;
    }
}
