/* write_keys.c - reading the table write_key. */
#include "store/write_keys.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "store/catalog.h"

static enum gy_status take_key(struct gy_write_keys *keys, size_t *capacity, sqlite3_stmt *row,
                               struct gy_error *err)
{
    struct gy_write_key key = {.created_ms = sqlite3_column_int64(row, 2)};
    struct gy_str hash = gy_catalog_str(row, 1);
    if (hash.len != sizeof key.hash)
        return gy_error_set(err, GY_CORRUPT, "the catalog holds a write key without a hash");
    memcpy(key.hash, hash.ptr, sizeof key.hash);
    key.name = gy_arena_str(&keys->arena, gy_catalog_str(row, 0));
    GY_GROW(keys->keys, *capacity, keys->n + 1);
    keys->keys[keys->n++] = key;
    return GY_OK;
}

/* Of version 2, there are none yet. */
static enum gy_status read_all(struct gy_catalog *c, struct gy_write_keys *out,
                               struct gy_error *err)
{
    sqlite3_stmt *row;
    int64_t version;
    size_t capacity = 0;
    bool has_row = true;
    GY_TRY(gy_catalog_version(c, &version, err));
    if (version < 3)
        return GY_OK;
    enum gy_status status = gy_catalog_select(
        c, &row, err, "SELECT name, hash, created_ms FROM write_key ORDER BY name", "");
    while (status == GY_OK) {
        status = gy_catalog_next(c, row, &has_row, err);
        if (status != GY_OK || !has_row)
            break;
        status = take_key(out, &capacity, row, err);
    }
    sqlite3_finalize(row);
    return status;
}

enum gy_status gy_write_keys_read(const char *dir, struct gy_write_keys *out, struct gy_error *err)
{
    struct gy_catalog c;
    *out = (struct gy_write_keys){0};
    GY_TRY(gy_catalog_open(&c, dir, err));
    enum gy_status status = read_all(&c, out, err);
    gy_catalog_close(&c);
    if (status != GY_OK)
        gy_write_keys_release(out);
    return status;
}

void gy_write_keys_release(struct gy_write_keys *keys)
{
    free(keys->keys);
    gy_arena_release(&keys->arena);
    *keys = (struct gy_write_keys){0};
}

/* Hashes may be compared as they lie: who could tell from the time how much of a hash was right would
 * still have to find a key that has it. */
const struct gy_write_key *gy_write_keys_find(const struct gy_write_keys *keys, struct gy_str key)
{
    uint8_t hash[32];
    gy_hash_secret(key, hash);
    for (size_t i = 0; i < keys->n; i++) {
        if (memcmp(keys->keys[i].hash, hash, sizeof hash) == 0)
            return &keys->keys[i];
    }
    return NULL;
}
