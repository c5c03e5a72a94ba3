/* hash.h - the hashes: one for tables and checksums, one that nobody can aim at, one of secrets. */
#ifndef GY_BASE_HASH_H
#define GY_BASE_HASH_H

#include <stdint.h>

#include "base/str.h"

/* XXH3, 64 bits: hash tables and the checksums of what is on disk. */
uint64_t gy_hash(const void *bytes, size_t len, uint64_t seed);

/* SipHash-2-4, 64 bits, under a key of 16 bytes that only this workspace has. */
uint64_t gy_hash_keyed(const void *bytes, size_t len, const uint8_t key[16]);

/* BLAKE2b, 32 bytes: of a secret that is long and random, so that it can be known again and not be found. */
void gy_hash_secret(struct gy_str secret, uint8_t out[32]);

/* BLAKE2b, 16 bytes, under a key of 16 bytes: so many that no two inputs that ever come have the same. */
void gy_hash_keyed_wide(const void *bytes, size_t len, const uint8_t key[16], uint8_t out[16]);

/* The language's sample: FNV-1a of salt, a NUL and the id, through MurmurHash3's 64-bit finaliser. */
uint64_t gy_hash_sample(struct gy_str salt, struct gy_str id);

void gy_random_bytes(void *out, size_t len); /* from the system's generator */

#endif
