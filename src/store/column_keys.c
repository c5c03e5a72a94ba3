/* column_keys.c - see column_keys.h. A column that no key tells is found out within a few rows. */
#include "store/column_keys.h"

#include <stdlib.h>

#include "base/mem.h"

enum {
    LEAST_ROWS = 2 /* for each place of a key, so that a table pays */
};

void gy_column_keys_release(struct gy_column_keys *k)
{
    for (uint32_t i = 0; i < GY_MAX_KEYS; i++)
        free(k->keys[i].places);
    free(k->table);
    free(k->is_set);
    *k = (struct gy_column_keys){0};
}

void gy_column_keys_begin(struct gy_column_keys *k, uint32_t n_rows)
{
    k->n_rows = n_rows;
    k->n = 0;
}

/* ---- an encoded column ---- */

static bool has_row_values(const struct gy_column_entry *e)
{
    return e->encoding == GY_ENCODING_INT || e->encoding == GY_ENCODING_CODE;
}

/* As a reader sees it; views of the region. */
static struct gy_column view_region(const struct gy_column_entry *e, uint32_t n_rows,
                                    const struct gy_buf *region, struct gy_column_layout *at)
{
    struct gy_slice slice = {.n_rows = n_rows};
    struct gy_column_entry as_property = *e;
    as_property.role = GY_ROLE_PROPERTY;
    gy_column_layout(&as_property, &slice, at);
    return (struct gy_column){.encoding = (enum gy_encoding)e->encoding,
                              .width = e->width,
                              .n_rows = n_rows,
                              .data = region->ptr + at->data,
                              .present = e->has_presence ? (const void *)(region->ptr + at->present)
                                                         : NULL};
}

/* ---- keys ---- */

/* One byte tells too little: what it tells takes one byte itself. */
static void keep_key(struct gy_column_keys *k, const struct gy_column_entry *e, uint32_t property,
                     const struct gy_column *c)
{
    uint64_t n_places = gy_column_last_place(e) + 1;
    bool may_tell = e->width == 2 && (e->type == GY_VALUE_NUMBER || e->type == GY_VALUE_STRING) &&
                    property != GY_PROPERTY_VALUE;
    if (!may_tell || k->n == GY_MAX_KEYS || n_places > GY_MAX_PLACES ||
        n_places * LEAST_ROWS > k->n_rows)
        return;
    struct gy_column_key *key = &k->keys[k->n++];
    GY_GROW(key->places, key->capacity, k->n_rows);
    key->property = property;
    key->n_places = (uint32_t)n_places;
    for (uint32_t row = 0; row < k->n_rows; row++) {
        key->places[row] =
            gy_column_is_present(c, row) ? (uint32_t)gy_column_raw(c, row) : UINT32_MAX;
    }
}

/* ---- tables ---- */

static void clear_table(struct gy_column_keys *k)
{
    if (k->table == NULL) {
        k->table = gy_alloc(GY_MAX_PLACES * sizeof *k->table);
        k->is_set = gy_alloc(GY_MAX_PLACES);
    }
    memset(k->is_set, 0, GY_MAX_PLACES);
}

/* Fills the table; false where two rows of one place differ, or a value has no place. */
static bool fill_table(struct gy_column_keys *k, const struct gy_column_key *key,
                       const struct gy_column *c)
{
    clear_table(k);
    for (uint32_t row = 0; row < k->n_rows; row++) {
        if (!gy_column_is_present(c, row))
            continue;
        uint32_t place = key->places[row];
        uint64_t raw = gy_column_raw(c, row);
        if (place == UINT32_MAX || (k->is_set[place] != 0 && k->table[place] != raw))
            return false;
        k->table[place] = raw;
        k->is_set[place] = 1;
    }
    return true;
}

/* A place without a row has the least value: zone maps hold for it too. */
static void put_table(const struct gy_column_keys *k, const struct gy_column_key *key,
                      const struct gy_column_entry *e, struct gy_buf *out)
{
    uint64_t least = e->encoding == GY_ENCODING_CODE ? e->min : 0;
    for (uint32_t place = 0; place < key->n_places; place++) {
        uint64_t raw = k->is_set[place] != 0 ? k->table[place] : least;
        gy_buf_append(out, &raw, e->width);
    }
    gy_buf_zero(out, gy_part_align(out->len) - out->len);
}

/* Puts the table where the values of all rows were. */
static void use_table(const struct gy_column_keys *k, const struct gy_column_key *key,
                      const struct gy_column_layout *at, struct gy_column_entry *e,
                      struct gy_buf *region)
{
    struct gy_buf with_table = {0};
    if (at->data > 0)
        gy_buf_append(&with_table, region->ptr, at->data);
    put_table(k, key, e, &with_table);
    if (region->len > at->starts)
        gy_buf_append(&with_table, region->ptr + at->starts, region->len - at->starts);
    gy_buf_release(region);
    *region = with_table;
    e->n_values = key->property;
    e->last_place = (uint16_t)(key->n_places - 1);
}

void gy_column_keys_use(struct gy_column_keys *k, struct gy_column_entry *e, uint32_t property,
                        struct gy_buf *region)
{
    struct gy_column_layout at;
    if (!has_row_values(e) || e->width == 0)
        return;
    struct gy_column c = view_region(e, k->n_rows, region, &at);
    for (uint32_t i = 0; i < k->n; i++) {
        if (fill_table(k, &k->keys[i], &c)) {
            use_table(k, &k->keys[i], &at, e, region);
            return;
        }
    }
    keep_key(k, e, property, &c);
}
