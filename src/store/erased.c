/* erased.c - see erased.h. */
#include "store/erased.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "store/json_words.h"

enum {
    FIRST_VERSION = 4 /* of the catalog, that has the table */
};

/* ---- life ---- */

void gy_erased_release(struct gy_erased *erased)
{
    if (erased->all != NULL)
        roaring_bitmap_free(erased->all);
    if (erased->pending != NULL)
        roaring_bitmap_free(erased->pending);
    free(erased->hashes);
    *erased = (struct gy_erased){0};
}

static void add_ordinal(roaring_bitmap_t **set, uint32_t ordinal)
{
    if (*set == NULL)
        *set = roaring_bitmap_create();
    roaring_bitmap_add(*set, ordinal);
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, GY_ERASED_HASH);
}

static enum gy_status damaged(struct gy_error *err)
{
    return gy_error_set(err, GY_CORRUPT, "the catalog holds an erasure that cannot be");
}

typedef enum gy_status (*row_fn)(struct gy_erased *erased, size_t *capacity, sqlite3_stmt *row,
                                 struct gy_error *err);

static enum gy_status each_row(struct gy_erased *erased, struct gy_catalog *c, const char *sql,
                               row_fn take, struct gy_error *err)
{
    sqlite3_stmt *stmt;
    size_t capacity = 0;
    bool has_row = true;
    enum gy_status status = gy_catalog_select(c, &stmt, err, sql, "");
    while (status == GY_OK) {
        status = gy_catalog_next(c, stmt, &has_row, err);
        if (status != GY_OK || !has_row)
            break;
        status = take(erased, &capacity, stmt, err);
    }
    sqlite3_finalize(stmt);
    return status;
}

/* Ordinal, is_done. */
static enum gy_status take_ordinal(struct gy_erased *erased, size_t *capacity, sqlite3_stmt *row,
                                   struct gy_error *err)
{
    int64_t ordinal = sqlite3_column_int64(row, 0);
    (void)capacity;
    if (ordinal < 0 || ordinal >= GY_ID_NONE)
        return damaged(err);
    add_ordinal(&erased->all, (uint32_t)ordinal);
    if (sqlite3_column_int64(row, 1) == 0)
        add_ordinal(&erased->pending, (uint32_t)ordinal);
    return GY_OK;
}

static enum gy_status take_hash(struct gy_erased *erased, size_t *capacity, sqlite3_stmt *row,
                                struct gy_error *err)
{
    struct gy_str hash = gy_catalog_str(row, 0);
    if (hash.len != GY_ERASED_HASH)
        return damaged(err);
    GY_GROW(erased->hashes, *capacity, erased->n_hashes + 1);
    memcpy(erased->hashes[erased->n_hashes++], hash.ptr, GY_ERASED_HASH);
    return GY_OK;
}

static enum gy_status read_key(struct gy_erased *erased, struct gy_catalog *c, struct gy_error *err)
{
    sqlite3_stmt *stmt;
    bool has_row;
    GY_TRY(gy_catalog_select(c, &stmt, err, "SELECT value FROM meta WHERE key = 'fingerprint_key'",
                             ""));
    enum gy_status status = gy_catalog_next(c, stmt, &has_row, err);
    struct gy_str key = status == GY_OK && has_row ? gy_catalog_str(stmt, 0) : (struct gy_str){0};
    if (key.len == sizeof erased->key)
        memcpy(erased->key, key.ptr, key.len);
    sqlite3_finalize(stmt);
    return status;
}

static enum gy_status load_ordinals(struct gy_erased *erased, struct gy_catalog *c,
                                    struct gy_error *err)
{
    return each_row(erased, c, "SELECT ordinal, is_done FROM erased WHERE ordinal IS NOT NULL",
                    take_ordinal, err);
}

static enum gy_status load_hashes(struct gy_erased *erased, struct gy_catalog *c,
                                  struct gy_error *err)
{
    enum gy_status status =
        each_row(erased, c, "SELECT hash FROM erased WHERE hash IS NOT NULL", take_hash, err);
    if (erased->n_hashes > 1)
        qsort(erased->hashes, erased->n_hashes, sizeof *erased->hashes, by_bytes);
    return status;
}

enum gy_status gy_erased_load(struct gy_erased *erased, struct gy_catalog *c, struct gy_error *err)
{
    int64_t version;
    gy_erased_release(erased);
    GY_TRY(read_key(erased, c, err));
    GY_TRY(gy_catalog_version(c, &version, err));
    if (version < FIRST_VERSION)
        return GY_OK;
    GY_TRY(load_ordinals(erased, c, err));
    return load_hashes(erased, c, err);
}

enum gy_status gy_erased_load_ordinals(struct gy_erased *erased, struct gy_catalog *c,
                                       struct gy_error *err)
{
    int64_t version;
    gy_erased_release(erased);
    GY_TRY(gy_catalog_version(c, &version, err));
    return version < FIRST_VERSION ? GY_OK : load_ordinals(erased, c, err);
}

/* ---- ids ---- */

/* The two name spaces have hashes of their own. */
void gy_erased_hash(const struct gy_erased *erased, bool is_external, struct gy_str id,
                    uint8_t out[GY_ERASED_HASH])
{
    struct gy_buf text = {0};
    gy_buf_char(&text, is_external ? 'e' : 'a');
    gy_buf_str(&text, id);
    gy_hash_keyed_wide(text.ptr, text.len, erased->key, out);
    gy_buf_release(&text);
}

bool gy_erased_has_hash(const struct gy_erased *erased, const uint8_t hash[GY_ERASED_HASH])
{
    return erased->n_hashes > 0 && bsearch(hash, erased->hashes, erased->n_hashes,
                                           sizeof *erased->hashes, by_bytes) != NULL;
}

bool gy_erased_has_id(const struct gy_erased *erased, bool is_external, struct gy_str id)
{
    uint8_t hash[GY_ERASED_HASH];
    if (erased->n_hashes == 0 || id.len == 0)
        return false;
    gy_erased_hash(erased, is_external, id, hash);
    return gy_erased_has_hash(erased, hash);
}

static bool is_erased_word(void *context, struct gy_str word)
{
    const struct gy_erased *const *erased = context;
    return gy_erased_has_id(*erased, true, word) || gy_erased_has_id(*erased, false, word);
}

bool gy_erased_is_named(const struct gy_erased *erased, struct gy_str json)
{
    return erased->n_hashes > 0 && gy_json_any_word(json, is_erased_word, &erased);
}

void gy_erased_placeholder(uint32_t ordinal, struct gy_buf *out)
{
    gy_buf_char(out, (char)0xff);
    gy_buf_printf(out, "%u", ordinal);
}
