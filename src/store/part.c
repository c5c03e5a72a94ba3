/* part.c - opens a part and hands out views of it, each verified when it is first asked for. */
#include "store/part.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "store/part_internal.h"

enum gy_status gy_part_corrupt(const struct gy_part *part, struct gy_error *err, const char *format,
                               ...)
{
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return gy_error_set(err, GY_CORRUPT, "part \"%s\" is damaged: %s", part->label, what);
}

/* ---- opening ---- */

static enum gy_status open_bytes(struct gy_part *part, struct gy_part **out, struct gy_error *err)
{
    enum gy_status status = gy_part_read_directory(part, err);
    if (status != GY_OK) {
        gy_part_close(part);
        return status;
    }
    *out = part;
    return GY_OK;
}

enum gy_status gy_part_open(const char *path, struct gy_part **out, struct gy_error *err)
{
    *out = NULL;
    struct gy_map map;
    GY_TRY(gy_map_open(path, &map, err));
    struct gy_part *part = gy_alloc_zero(1, sizeof *part);
    part->map = map;
    part->bytes = map.ptr;
    part->size = map.size;
    part->label = gy_strndup(path, strlen(path));
    return open_bytes(part, out, err);
}

static uint8_t *align_bytes(uint8_t *bytes, size_t len)
{
    if ((uintptr_t)bytes % GY_PART_ALIGN == 0) {
        return bytes;
    }
    uint8_t *aligned = gy_alloc_aligned(GY_PART_ALIGN, len);
    memcpy(aligned, bytes, len);
    free(bytes);
    return aligned;
}

enum gy_status gy_part_open_memory(uint8_t *bytes, size_t len, const char *label,
                                   struct gy_part **out, struct gy_error *err)
{
    *out = NULL;
    struct gy_part *part = gy_alloc_zero(1, sizeof *part);
    part->owned = align_bytes(bytes, len);
    part->bytes = part->owned;
    part->size = len;
    part->label = gy_strndup(label, strlen(label));
    return open_bytes(part, out, err);
}

struct gy_part *gy_part_share(struct gy_part *part)
{
    atomic_fetch_add(&part->n_more_owners, 1);
    return part;
}

void gy_part_close(struct gy_part *part)
{
    if (part == NULL || atomic_fetch_sub(&part->n_more_owners, 1) > 0) {
        return;
    }
    gy_map_close(&part->map);
    free(part->owned);
    free(part->label);
    gy_part_forget_places(part);
    free(part->slices);
    free((void *)(uintptr_t)part->verified);
    for (uint32_t i = 0; i < part->n_columns && part->made != NULL; i++) {
        free(part->made[i]);
    }
    free((void *)(uintptr_t)part->made);
    free(part);
}

/* ---- slices ---- */

size_t gy_part_n_slices(const struct gy_part *part)
{
    return part->n_slices;
}

const struct gy_slice *gy_part_slice(const struct gy_part *part, size_t i)
{
    return &part->slices[i];
}

const struct gy_slice *gy_part_find(const struct gy_part *part, uint32_t block_no, uint32_t stream)
{
    size_t low = 0;
    size_t high = part->n_slices;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct gy_slice *s = &part->slices[middle];
        if (s->block_no < block_no || (s->block_no == block_no && s->stream < stream)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const struct gy_slice *s = &part->slices[low];
    return low < part->n_slices && s->block_no == block_no && s->stream == stream ? s : NULL;
}

uint64_t gy_part_size(const struct gy_part *part)
{
    return part->size;
}

uint64_t gy_part_n_rows(const struct gy_part *part, uint32_t stream)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < part->n_slices; i++) {
        n += part->slices[i].stream == stream ? part->slices[i].n_rows : 0;
    }
    return n;
}

const char *gy_part_label(const struct gy_part *part)
{
    return part->label;
}

/* ---- finding entries ---- */

const struct gy_column_entry *gy_part_find_column(const struct gy_part *part,
                                                  const struct gy_slice *slice,
                                                  enum gy_column_role role, uint32_t property)
{
    const struct gy_column_entry *entries = part->columns + slice->first_column;
    uint32_t low = 0;
    uint32_t high = slice->n_columns;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct gy_column_entry *e = &entries[middle];
        if (e->role < role || (e->role == role && e->property < property)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == slice->n_columns || entries[low].role != role || entries[low].property != property) {
        return NULL;
    }
    return &entries[low];
}

const struct gy_dictionary_entry *gy_part_find_dictionary(const struct gy_part *part,
                                                          uint32_t stream, uint32_t property)
{
    uint32_t low = 0;
    uint32_t high = part->n_dictionaries;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct gy_dictionary_entry *e = &part->dictionaries[middle];
        if (e->stream < stream || (e->stream == stream && e->property < property)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == part->n_dictionaries || part->dictionaries[low].stream != stream ||
        part->dictionaries[low].property != property) {
        return NULL;
    }
    return &part->dictionaries[low];
}

/* ---- views ---- */

const double gy_powers_of_ten[GY_MAX_SCALE + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/* From ms on, each a multiple of the one before. */
const int64_t gy_time_units_ms[GY_TIME_UNITS] = {1, 1000, 60000, 3600000, 86400000};

static double scaled(const struct gy_column *c, int64_t value)
{
    return gy_scaled((double)value, c->scale);
}

void gy_part_view_column(const struct gy_part *part, const struct gy_slice *slice,
                         const struct gy_column_entry *e, struct gy_column *out)
{
    struct gy_column_layout at;
    gy_column_layout(e, slice, &at);
    const uint8_t *region = part->bytes + e->offset;
    *out = (struct gy_column){
        .type = (enum gy_value_type)e->type,
        .encoding = (enum gy_encoding)e->encoding,
        .width = e->width,
        .scale = e->type == GY_VALUE_TIME ? 0 : e->scale,
        .unit = e->type == GY_VALUE_TIME ? (uint8_t)e->scale : 0,
        .base = e->base,
        .n_rows = slice->n_rows,
        .data = e->width == 0 ? NULL : region + at.data,
        .present = e->has_presence ? (const void *)(region + at.present) : NULL,
        .min_number = 1,
        .max_number = 0,
        .n_misfits = e->n_misfits,
    };
    if (e->encoding == GY_ENCODING_TEXT || e->encoding == GY_ENCODING_LIST) {
        out->starts = (const void *)(region + at.starts);
    }
    if (e->encoding == GY_ENCODING_TEXT) {
        out->bytes = (const char *)(region + at.bytes);
    }
    if (e->n_misfits > 0) {
        out->misfit_rows = (const void *)(region + at.misfit_rows);
        out->misfit_starts = (const void *)(region + at.misfit_starts);
        out->misfit_bytes = (const char *)(region + at.misfit_bytes);
    }
    if (e->encoding == GY_ENCODING_DOUBLE) {
        memcpy(&out->min_number, &e->min, sizeof e->min);
        memcpy(&out->max_number, &e->max, sizeof e->max);
        return;
    }
    out->min_int = (int64_t)e->min;
    out->max_int = (int64_t)e->max;
    if (e->encoding == GY_ENCODING_INT && e->type == GY_VALUE_NUMBER) {
        out->min_number = scaled(out, out->min_int);
        out->max_number = scaled(out, out->max_int);
    }
}

void gy_part_view_dictionary(const struct gy_part *part, const struct gy_dictionary_entry *e,
                             struct gy_dictionary *out)
{
    const uint8_t *region = part->bytes + e->offset;
    *out = (struct gy_dictionary){
        .n = e->n,
        .starts = (const void *)region,
        .bytes = (const char *)(region + gy_part_align(((uint64_t)e->n + 1) * 4)),
    };
}

/* ---- patterns ---- */

void gy_part_pattern(const struct gy_part *part, const struct gy_slice *slice,
                     const struct gy_column_entry *e, struct gy_pattern *out)
{
    struct gy_column_layout at;
    gy_column_layout(e, slice, &at);
    *out = (struct gy_pattern){.len = e->n_values};
    memcpy(out->text, part->bytes + e->offset + at.bytes, e->n_values);
}

static struct gy_part_texts *make_texts(const struct gy_part *part, const struct gy_slice *slice,
                                        const struct gy_column_entry *e, const struct gy_column *c)
{
    struct gy_pattern pattern;
    gy_part_pattern(part, slice, e, &pattern);
    size_t n_starts = (size_t)c->n_rows + 1;
    struct gy_part_texts *texts = gy_alloc(sizeof *texts + n_starts * sizeof *texts->starts +
                                           (size_t)c->n_rows * pattern.len);
    char *bytes = (char *)(texts->starts + n_starts);
    uint32_t end = 0;
    texts->bytes = bytes;
    texts->starts[0] = 0;
    for (uint32_t row = 0; row < c->n_rows; row++) {
        if (c->present == NULL || (c->present[row >> 6] >> (row & 63) & 1) != 0) {
            uint64_t raw = gy_part_pattern_raw(c->data, e->width, row);
            gy_pattern_print(&pattern, (uint64_t)e->base + raw, bytes + end);
            end += pattern.len;
        }
        texts->starts[row + 1] = end;
    }
    return texts;
}

/* Keeps what was made of a column. Of two threads that meet here one's work is thrown away. */
static void *keep_made(const struct gy_part *part, const struct gy_column_entry *e, void *made)
{
    void *before = NULL;
    if (atomic_compare_exchange_strong(&part->made[e - part->columns], &before, made)) {
        return made;
    }
    free(made);
    return before;
}

static void *find_made(const struct gy_part *part, const struct gy_column_entry *e)
{
    return atomic_load_explicit(&part->made[e - part->columns], memory_order_acquire);
}

/* Makes a column of patterns one of texts. */
static void view_texts(const struct gy_part *part, const struct gy_slice *slice,
                       const struct gy_column_entry *e, struct gy_column *c)
{
    const struct gy_part_texts *texts = find_made(part, e);
    if (texts == NULL) {
        texts = keep_made(part, e, make_texts(part, slice, e, c));
    }
    c->encoding = GY_ENCODING_TEXT;
    c->width = 0;
    c->base = 0;
    c->data = NULL;
    c->min_int = 0;
    c->max_int = 0;
    c->starts = texts->starts;
    c->bytes = texts->bytes;
}

/* ---- tables ---- */

#define DEFINE_LOOK_UP(type)                                                                    \
    static void look_up_##type(const type *table, const struct gy_column *key, uint32_t n_rows, \
                               type *out)                                                       \
    {                                                                                           \
        for (uint32_t row = 0; row < n_rows; row++) {                                           \
            out[row] = table[gy_column_raw(key, row)];                                          \
        }                                                                                       \
    }

DEFINE_LOOK_UP(uint8_t)
DEFINE_LOOK_UP(uint16_t)
DEFINE_LOOK_UP(uint32_t)
DEFINE_LOOK_UP(uint64_t)

static void *make_values(const struct gy_column *c, const struct gy_column *key)
{
    uint64_t size = gy_part_align((uint64_t)c->n_rows * c->width) + GY_PART_ALIGN;
    void *out = gy_alloc_aligned(GY_PART_ALIGN, size);
    switch (c->width) {
    case 1:
        look_up_uint8_t(c->data, key, c->n_rows, out);
        break;
    case 2:
        look_up_uint16_t(c->data, key, c->n_rows, out);
        break;
    case 4:
        look_up_uint32_t(c->data, key, c->n_rows, out);
        break;
    default:
        look_up_uint64_t(c->data, key, c->n_rows, out);
    }
    return out;
}

/* Gives a column that is a table by a key a value for each row. */
static enum gy_status view_values(const struct gy_part *part, const struct gy_slice *slice,
                                  const struct gy_column_entry *e, struct gy_column *c,
                                  struct gy_error *err)
{
    void *values = find_made(part, e);
    if (values == NULL) {
        struct gy_column key;
        GY_TRY(gy_part_column(part, slice, e->n_values, &key, err));
        values = keep_made(part, e, make_values(c, &key));
    }
    c->data = values;
    return GY_OK;
}

/* A column verified once; two threads that meet here verify twice, which harms nobody. */
static enum gy_status touch_column(const struct gy_part *part, const struct gy_slice *slice,
                                   const struct gy_column_entry *e, struct gy_column *out,
                                   struct gy_error *err)
{
    _Atomic uint8_t *verified = &part->verified[e - part->columns];
    if (atomic_load_explicit(verified, memory_order_relaxed) == 0) {
        GY_TRY(gy_part_verify_column(part, slice, e, err));
        atomic_store_explicit(verified, 1, memory_order_relaxed);
    }
    gy_part_view_column(part, slice, e, out);
    if (e->encoding == GY_ENCODING_PATTERN) {
        view_texts(part, slice, e, out);
    }
    return gy_column_has_key(e) ? view_values(part, slice, e, out, err) : GY_OK;
}

/* The data of a structural column; NULL where the slice does without. */
static enum gy_status touch_data(const struct gy_part *part, const struct gy_slice *slice,
                                 enum gy_column_role role, const void **out, struct gy_error *err)
{
    const struct gy_column_entry *e = gy_part_find_column(part, slice, role, 0);
    struct gy_column column = {0};
    if (e != NULL) {
        GY_TRY(touch_column(part, slice, e, &column, err));
    }
    *out = column.data;
    return GY_OK;
}

enum gy_status gy_part_runs(const struct gy_part *part, const struct gy_slice *slice,
                            struct gy_runs *out, struct gy_error *err)
{
    const void *customers;
    const void *starts;
    GY_TRY(touch_data(part, slice, GY_ROLE_CUSTOMERS, &customers, err));
    GY_TRY(touch_data(part, slice, GY_ROLE_STARTS, &starts, err));
    *out = (struct gy_runs){.n = slice->n_customers, .customers = customers, .starts = starts};
    return GY_OK;
}

/* The codes of a slice that does without: GY_CODE_ALWAYS, laid out as columns are. Never written; not const, so that
 * the program is not longer by it. */
static _Alignas(GY_PART_ALIGN) uint32_t always[GY_BLOCK_SIZE + GY_PART_ALIGN / sizeof(uint32_t)];

enum gy_status gy_part_times(const struct gy_part *part, const struct gy_slice *slice,
                             struct gy_times *out, struct gy_error *err)
{
    const void *codes;
    const void *millis;
    GY_TRY(touch_data(part, slice, GY_ROLE_TIME, &codes, err));
    GY_TRY(touch_data(part, slice, GY_ROLE_MILLIS, &millis, err));
    const struct gy_column_entry *e = gy_part_find_column(part, slice, GY_ROLE_MILLIS, 0);
    bool is_wide = e != NULL && e->width == 4;
    *out = (struct gy_times){.codes = codes == NULL ? always : codes,
                             .millis = is_wide ? NULL : millis,
                             .day_millis = is_wide ? millis : NULL};
    return GY_OK;
}

enum gy_status gy_part_column(const struct gy_part *part, const struct gy_slice *slice,
                              uint32_t property, struct gy_column *out, struct gy_error *err)
{
    const struct gy_column_entry *e = gy_part_find_column(part, slice, GY_ROLE_PROPERTY, property);
    if (e == NULL) {
        *out = (struct gy_column){.n_rows = slice->n_rows, .min_number = 1};
        return GY_OK;
    }
    return touch_column(part, slice, e, out, err);
}

enum gy_status gy_part_ranks(const struct gy_part *part, const struct gy_slice *slice,
                             struct gy_column *out, struct gy_error *err)
{
    const struct gy_column_entry *e = gy_part_find_column(part, slice, GY_ROLE_RANK, 0);
    if (e == NULL) {
        *out = (struct gy_column){
            .type = GY_VALUE_NUMBER, .encoding = GY_ENCODING_INT, .n_rows = slice->n_rows};
        return GY_OK;
    }
    return touch_column(part, slice, e, out, err);
}

enum gy_status gy_part_fingerprints(const struct gy_part *part, const struct gy_slice *slice,
                                    struct gy_fingerprints *out, struct gy_error *err)
{
    const struct gy_column_entry *e = gy_part_find_column(part, slice, GY_ROLE_FINGERPRINT, 0);
    struct gy_column column = {0};
    if (e != NULL) {
        GY_TRY(touch_column(part, slice, e, &column, err));
    }
    *out = (struct gy_fingerprints){
        .data = column.data, .width = column.width, .is_unmarked = part->version == 1};
    return GY_OK;
}

bool gy_part_has_fingerprints(const struct gy_part *part, const struct gy_slice *slice)
{
    return gy_part_find_column(part, slice, GY_ROLE_FINGERPRINT, 0) != NULL;
}

enum gy_status gy_part_dictionary(const struct gy_part *part, uint32_t stream, uint32_t property,
                                  struct gy_dictionary *out, struct gy_error *err)
{
    const struct gy_dictionary_entry *e = gy_part_find_dictionary(part, stream, property);
    *out = (struct gy_dictionary){0};
    if (e == NULL) {
        return GY_OK;
    }
    _Atomic uint8_t *verified = &part->verified[part->n_columns + (e - part->dictionaries)];
    if (atomic_load_explicit(verified, memory_order_relaxed) == 0) {
        GY_TRY(gy_part_verify_dictionary(part, e, err));
        atomic_store_explicit(verified, 1, memory_order_relaxed);
    }
    gy_part_view_dictionary(part, e, out);
    return GY_OK;
}

/* Properties come last among the columns of a slice. */
uint32_t gy_part_n_properties(const struct gy_part *part, const struct gy_slice *slice)
{
    const struct gy_column_entry *entries = part->columns + slice->first_column;
    uint32_t n = 0;
    while (n < slice->n_columns && entries[slice->n_columns - 1 - n].role == GY_ROLE_PROPERTY) {
        n++;
    }
    return n;
}

uint32_t gy_part_property(const struct gy_part *part, const struct gy_slice *slice, uint32_t i)
{
    uint32_t first = slice->n_columns - gy_part_n_properties(part, slice);
    return part->columns[slice->first_column + first + i].property;
}

/* ---- bytes ---- */

uint64_t gy_part_rows_bytes(const struct gy_part *part, const struct gy_slice *slice)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < slice->n_columns; i++) {
        const struct gy_column_entry *e = &part->columns[slice->first_column + i];
        bytes += e->role < GY_ROLE_FINGERPRINT ? e->size : 0;
    }
    return bytes;
}

uint64_t gy_part_column_bytes(const struct gy_part *part, const struct gy_slice *slice,
                              uint32_t property)
{
    const struct gy_column_entry *e = gy_part_find_column(part, slice, GY_ROLE_PROPERTY, property);
    return e == NULL ? 0 : e->size;
}

uint64_t gy_part_dictionary_bytes(const struct gy_part *part, uint32_t stream, uint32_t property)
{
    const struct gy_dictionary_entry *e = gy_part_find_dictionary(part, stream, property);
    return e == NULL ? 0 : e->size;
}

/* ---- single rows ---- */

bool gy_runs_find(const struct gy_runs *runs, uint16_t customer, uint32_t *first_row,
                  uint32_t *end_row)
{
    uint32_t run = customer;
    if (runs->customers != NULL) {
        uint32_t high = runs->n;
        run = 0;
        while (run < high) {
            uint32_t middle = run + (high - run) / 2;
            if (runs->customers[middle] < customer) {
                run = middle + 1;
            } else {
                high = middle;
            }
        }
        if (run == runs->n || runs->customers[run] != customer) {
            return false;
        }
    }
    *first_row = gy_runs_start(runs, run);
    *end_row = gy_runs_start(runs, run + 1);
    return true;
}

double gy_column_number(const struct gy_column *c, uint32_t row)
{
    if (c->encoding == GY_ENCODING_DOUBLE) {
        return ((const double *)c->data)[row];
    }
    return scaled(c, gy_column_int(c, row));
}

static struct gy_str string_of(const struct gy_column *c, const struct gy_dictionary *dictionary,
                               uint32_t row)
{
    if (c->encoding == GY_ENCODING_CODE) {
        return gy_dictionary_str(dictionary, (uint32_t)gy_column_raw(c, row));
    }
    return gy_column_text(c, row);
}

static void list_of(const struct gy_column *c, const struct gy_dictionary *dictionary, uint32_t row,
                    struct gy_arena *arena, struct gy_value *out)
{
    uint32_t first = c->starts[row];
    uint32_t n = c->starts[row + 1] - first;
    struct gy_str *strings = GY_NEW_ARRAY(arena, struct gy_str, n);
    for (uint32_t i = 0; i < n; i++) {
        strings[i] = gy_dictionary_str(dictionary, (uint32_t)gy_column_raw(c, first + i));
    }
    *out = (struct gy_value){.type = GY_VALUE_LIST, .list = {.strings = strings, .n = n}};
}

void gy_column_value(const struct gy_column *c, const struct gy_dictionary *dictionary,
                     uint32_t row, struct gy_arena *arena, struct gy_value *out)
{
    *out = (struct gy_value){.type = GY_VALUE_MISSING};
    if (!gy_column_is_present(c, row)) {
        return;
    }
    switch (c->type) {
    case GY_VALUE_NUMBER:
        *out = (struct gy_value){.type = c->type, .number = gy_column_number(c, row)};
        return;
    case GY_VALUE_STRING:
        *out = (struct gy_value){.type = c->type, .string = string_of(c, dictionary, row)};
        return;
    case GY_VALUE_BOOL:
        *out = (struct gy_value){.type = c->type, .boolean = gy_column_int(c, row) != 0};
        return;
    case GY_VALUE_TIME:
        *out = (struct gy_value){.type = c->type, .time_ms = gy_column_int(c, row)};
        return;
    case GY_VALUE_LIST:
        list_of(c, dictionary, row, arena, out);
        return;
    case GY_VALUE_MISSING:
    case GY_VALUE_CELL:
        return;
    }
}
