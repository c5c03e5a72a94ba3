/* merge_flat.c - columns of slices whose rows come from their sources by ones and twos.
 *
 * The parts of an import follow each other in time, so each has a row or two of a customer, and a slice
 * of their merge has nearly as many pieces as rows: a loop over pieces would begin anew for each row.
 * Here the rows of all sources stand one behind the other; a column is widened source by source, and
 * then fetched by place. Both are plain loops.
 *
 * Numbers stay whole numbers of one power of ten, the greatest of the sources'. Each source's own is the
 * least that its values need, so that is the least for all of them together; unless rows were left out,
 * which the encoder looks after. */
#include <stdlib.h>

#include "base/mem.h"
#include "store/merge_internal.h"
#include "store/part_internal.h"

enum {
    SHORT_PIECE = 8 /* rows, on average */
};

void gy_merge_flat_release(struct gy_merge_flat *flat)
{
    free(flat->places);
    free(flat->starts);
    free(flat->ints);
    free(flat->codes);
    free(flat->present);
    *flat = (struct gy_merge_flat){0};
}

/* ---- places ---- */

/* Rows that move come from slices of other blocks: where most of the sources' rows stay, each piece is
 * fetched by itself. */
static bool pays(const struct gy_merge_rows *rows)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < rows->n_sources; i++) {
        n += rows->sources[i].slice->n_rows;
    }
    return n < UINT32_MAX && n / 2 <= rows->n_rows && rows->n_rows / SHORT_PIECE < rows->n_pieces;
}

static void set_places(struct gy_merge_flat *flat, const struct gy_merge_rows *rows)
{
    uint32_t *to = flat->places;
    for (uint32_t i = 0; i < rows->n_pieces; i++) {
        const struct gy_merge_piece *piece = &rows->pieces[i];
        uint32_t place = flat->starts[piece->source] + piece->first;
        for (uint32_t k = 0; k < piece->n; k++) {
            *to++ = place + k;
        }
    }
}

void gy_merge_flat_begin(struct gy_merge_flat *flat, const struct gy_merge_rows *rows)
{
    flat->is_used = pays(rows);
    if (!flat->is_used) {
        return;
    }
    GY_GROW(flat->starts, flat->starts_capacity, rows->n_sources + 1);
    flat->n_rows = 0;
    for (uint32_t i = 0; i < rows->n_sources; i++) {
        flat->starts[i] = flat->n_rows;
        flat->n_rows += rows->sources[i].slice->n_rows;
    }
    if (flat->n_rows > flat->capacity) {
        flat->capacity = flat->n_rows;
        flat->ints = gy_realloc(flat->ints, flat->capacity, sizeof *flat->ints);
        flat->codes = gy_realloc(flat->codes, flat->capacity, sizeof *flat->codes);
        flat->present = gy_realloc(flat->present, flat->capacity, sizeof *flat->present);
        flat->places = gy_realloc(flat->places, flat->capacity, sizeof *flat->places);
    }
    set_places(flat, rows);
}

void gy_merge_flat_times(struct gy_merge_flat *flat, const struct gy_merge_rows *rows,
                         uint32_t *out)
{
    for (uint32_t i = 0; i < rows->n_sources; i++) {
        const struct gy_merge_source *source = &rows->sources[i];
        memcpy(flat->codes + flat->starts[i], source->times.codes,
               source->slice->n_rows * sizeof *flat->codes);
    }
    for (uint64_t i = 0; i < rows->n_rows; i++) {
        out[i] = flat->codes[flat->places[i]];
    }
}

/* ---- presence ---- */

static bool are_all_present(const struct gy_merge_rows *rows, const struct gy_column *columns)
{
    bool all = true;
    for (uint32_t i = 0; i < rows->n_sources; i++) {
        all &= columns[i].encoding != GY_ENCODING_NONE && columns[i].present == NULL;
    }
    return all;
}

static void lay_presence(const struct gy_column *c, uint32_t n, uint8_t *out)
{
    if (c->encoding == GY_ENCODING_NONE || c->present == NULL) {
        memset(out, c->encoding != GY_ENCODING_NONE, n);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        out[i] = c->present[i >> 6] >> (i & 63) & 1;
    }
}

/* NULL where every row has a value. */
static const uint64_t *fetch_presence(struct gy_merge_flat *flat, const struct gy_merge_rows *rows,
                                      const struct gy_column *columns, uint64_t *out)
{
    if (are_all_present(rows, columns)) {
        return NULL;
    }
    for (uint32_t i = 0; i < rows->n_sources; i++) {
        lay_presence(&columns[i], rows->sources[i].slice->n_rows, flat->present + flat->starts[i]);
    }
    for (uint64_t first = 0; first < rows->n_rows; first += 64) {
        uint64_t n = rows->n_rows - first < 64 ? rows->n_rows - first : 64;
        uint64_t word = 0;
        for (uint64_t i = 0; i < n; i++) {
            word |= (uint64_t)flat->present[flat->places[first + i]] << i;
        }
        out[first / 64] = word;
    }
    return out;
}

/* ---- whole numbers ---- */

#define DEFINE_LAY(type)                                                                        \
    static void lay_##type(const struct gy_column *c, uint32_t n, int64_t factor, int64_t *out) \
    {                                                                                           \
        const type *raw = c->data;                                                              \
        uint64_t unit = (uint64_t)gy_time_units_ms[c->unit];                                    \
        for (uint32_t i = 0; i < n; i++) {                                                      \
            out[i] = (int64_t)((uint64_t)c->base + raw[i] * unit) * factor;                     \
        }                                                                                       \
    }

DEFINE_LAY(uint8_t)
DEFINE_LAY(uint16_t)
DEFINE_LAY(uint32_t)
DEFINE_LAY(uint64_t)

static void lay_ints(const struct gy_column *c, uint32_t n, int64_t factor, int64_t *out)
{
    switch (c->width) {
    case 1:
        lay_uint8_t(c, n, factor, out);
        return;
    case 2:
        lay_uint16_t(c, n, factor, out);
        return;
    case 4:
        lay_uint32_t(c, n, factor, out);
        return;
    case 8:
        lay_uint64_t(c, n, factor, out);
        return;
    default:
        for (uint32_t i = 0; i < n; i++) {
            out[i] = c->base * factor;
        }
    }
}

/* The factor that takes a column's whole numbers to a scale; 0 where one would be too large. */
static int64_t factor_to(const struct gy_column *c, uint8_t scale)
{
    int64_t factor = 1;
    int64_t most = c->max_int > -c->min_int ? c->max_int : -c->min_int;
    for (int i = c->scale; i < scale; i++) {
        factor *= 10;
        most = most > GY_PART_MAX_WHOLE / 10 ? GY_PART_MAX_WHOLE + 1 : most * 10;
    }
    return most > GY_PART_MAX_WHOLE ? 0 : factor;
}

static uint8_t greatest_scale(const struct gy_merge_rows *rows, const struct gy_column *columns)
{
    uint8_t scale = 0;
    for (uint32_t i = 0; i < rows->n_sources; i++) {
        scale = columns[i].scale > scale ? (uint8_t)columns[i].scale : scale;
    }
    return scale;
}

/* False where the numbers are no whole numbers of one power of ten. */
static bool lay_numbers(struct gy_merge_flat *flat, const struct gy_merge_rows *rows,
                        const struct gy_column *columns, uint8_t scale)
{
    for (uint32_t i = 0; i < rows->n_sources; i++) {
        const struct gy_column *c = &columns[i];
        if (c->encoding == GY_ENCODING_NONE) {
            continue;
        }
        int64_t factor = c->type == GY_VALUE_NUMBER ? factor_to(c, scale) : 1;
        if (c->encoding != GY_ENCODING_INT || factor == 0) {
            return false;
        }
        lay_ints(c, rows->sources[i].slice->n_rows, factor, flat->ints + flat->starts[i]);
    }
    return true;
}

static void fetch_ints(const struct gy_merge_flat *flat, const uint64_t *present, uint64_t n,
                       int64_t *out)
{
    for (uint64_t i = 0; i < n; i++) {
        bool is_there = present == NULL || (present[i >> 6] >> (i & 63) & 1) != 0;
        out[i] = is_there ? flat->ints[flat->places[i]] : 0;
    }
}

/* ---- codes ---- */

#define DEFINE_RECODE(type)                                                                 \
    static void recode_##type(const struct gy_column *c, uint32_t n, const uint32_t *codes, \
                              uint32_t *out)                                                \
    {                                                                                       \
        const type *raw = c->data;                                                          \
        for (uint32_t i = 0; i < n; i++) {                                                  \
            out[i] = codes[raw[i]];                                                         \
        }                                                                                   \
    }

DEFINE_RECODE(uint8_t)
DEFINE_RECODE(uint16_t)
DEFINE_RECODE(uint32_t)

static bool lay_codes(struct gy_merge_flat *flat, const struct gy_merge_rows *rows,
                      const struct gy_merge_text *text, const struct gy_column *columns)
{
    for (uint32_t i = 0; i < rows->n_sources; i++) {
        const struct gy_column *c = &columns[i];
        uint32_t n = rows->sources[i].slice->n_rows;
        uint32_t *out = flat->codes + flat->starts[i];
        if (c->encoding == GY_ENCODING_NONE) {
            continue;
        }
        if (c->encoding != GY_ENCODING_CODE || c->width == 0 || c->width == 8) {
            return false;
        }
        const uint32_t *codes = text->codes[rows->sources[i].input];
        if (c->width == 1) {
            recode_uint8_t(c, n, codes, out);
        } else if (c->width == 2) {
            recode_uint16_t(c, n, codes, out);
        } else {
            recode_uint32_t(c, n, codes, out);
        }
    }
    return true;
}

static void fetch_codes(const struct gy_merge_flat *flat, const uint64_t *present, uint64_t n,
                        uint32_t *out)
{
    for (uint64_t i = 0; i < n; i++) {
        bool is_there = present == NULL || (present[i >> 6] >> (i & 63) & 1) != 0;
        out[i] = is_there ? flat->codes[flat->places[i]] : 0;
    }
}

/* ---- a column ---- */

static bool are_plain(const struct gy_merge_rows *rows, const struct gy_column *columns,
                      enum gy_value_type type)
{
    for (uint32_t i = 0; i < rows->n_sources; i++) {
        const struct gy_column *c = &columns[i];
        if (c->n_misfits > 0 || (c->encoding != GY_ENCODING_NONE && c->type != type)) {
            return false;
        }
    }
    return true;
}

bool gy_merge_flat_column(struct gy_merge_buffers *b, const struct gy_merge_rows *rows,
                          const struct gy_merge_text *text, const struct gy_column *columns,
                          struct gy_plain_column *out)
{
    struct gy_merge_flat *flat = &b->flat;
    bool is_text = out->type == GY_VALUE_STRING;
    bool is_known = is_text ? text != NULL && text->is_dictionary : out->type != GY_VALUE_LIST;
    uint8_t scale = out->type == GY_VALUE_NUMBER ? greatest_scale(rows, columns) : 0;
    if (!flat->is_used || !is_known || !are_plain(rows, columns, out->type) ||
        !(is_text ? lay_codes(flat, rows, text, columns)
                  : lay_numbers(flat, rows, columns, scale))) {
        return false;
    }
    out->present = fetch_presence(flat, rows, columns, b->present);
    out->scale = scale;
    if (is_text) {
        fetch_codes(flat, out->present, rows->n_rows, b->codes);
        out->codes = b->codes;
    } else {
        fetch_ints(flat, out->present, rows->n_rows, b->ints);
        out->ints = b->ints;
    }
    return true;
}
