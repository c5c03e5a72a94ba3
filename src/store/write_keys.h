/* write_keys.h - the keys that may send events, as readers see them.
 *
 * A key is shown once, when it is made; what is stored is its hash. */
#ifndef GY_STORE_WRITE_KEYS_H
#define GY_STORE_WRITE_KEYS_H

#include "base/arena.h"
#include "base/status.h"

struct gy_write_key {
    struct gy_str name;
    uint8_t hash[32]; /* gy_hash_secret of the key */
    int64_t created_ms;
};

/* By name; all zero is none. Immutable after it was read. */
struct gy_write_keys {
    struct gy_arena arena;
    struct gy_write_key *keys;
    size_t n;
};

/* Reads them. Fails with NO_WORKSPACE, IO, CORRUPT; then `out` is empty. */
GY_CHECKED enum gy_status gy_write_keys_read(const char *dir, struct gy_write_keys *out,
                                             struct gy_error *err);
void gy_write_keys_release(struct gy_write_keys *keys);

/* The key whose text this is, or NULL. */
const struct gy_write_key *gy_write_keys_find(const struct gy_write_keys *keys, struct gy_str key);

#endif
