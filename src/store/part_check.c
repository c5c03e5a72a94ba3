/* part_check.c - what stands in the columns, against what their entries promise.
 *
 * Kernels read a verified column without another check, so everything that they use as an index or
 * an offset is compared with its bound here, once. Loops keep a maximum or a flag instead of
 * leaving early, so that they are vectorised; damage is rare. */
#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "store/part_internal.h"

static enum gy_status bad_column(const struct gy_part *part, const struct gy_slice *slice,
                                 const struct gy_column_entry *e, const char *what,
                                 struct gy_error *err)
{
    static const char *const names[] = {"",       "customers", "starts",       "times",
                                        "millis", "ranks",     "fingerprints", "property"};
    return gy_part_corrupt(part, err, "%s %u of stream %u in block %u: %s", names[e->role],
                           e->property, slice->stream, slice->block_no, what);
}

/* ---- arrays ---- */

struct range {
    uint64_t min;
    uint64_t max;
};

#define DEFINE_RANGE(type)                                        \
    static struct range range_##type(const type *raw, uint64_t n) \
    {                                                             \
        type min = (type)-1;                                      \
        type max = 0;                                             \
        for (uint64_t i = 0; i < n; i++) {                        \
            min = raw[i] < min ? raw[i] : min;                    \
            max = raw[i] > max ? raw[i] : max;                    \
        }                                                         \
        return (struct range){min, max};                          \
    }

DEFINE_RANGE(uint8_t)
DEFINE_RANGE(uint16_t)
DEFINE_RANGE(uint32_t)
DEFINE_RANGE(uint64_t)

/* The smallest and largest of n raw values, n > 0. */
static struct range range_of(const void *data, uint8_t width, uint64_t n)
{
    switch (width) {
    case 1:
        return range_uint8_t(data, n);
    case 2:
        return range_uint16_t(data, n);
    case 4:
        return range_uint32_t(data, n);
    case 8:
        return range_uint64_t(data, n);
    default:
        return (struct range){0, 0};
    }
}

static bool are_ascending(const uint32_t *starts, uint64_t n, uint32_t end)
{
    bool is_ok = starts[0] == 0 && starts[n] == end;
    for (uint64_t i = 0; i < n; i++) {
        is_ok &= starts[i] <= starts[i + 1];
    }
    return is_ok;
}

static bool are_strictly_ascending_u16(const uint16_t *values, uint64_t n)
{
    bool is_ok = true;
    for (uint64_t i = 1; i < n; i++) {
        is_ok &= values[i - 1] < values[i];
    }
    return is_ok;
}

static bool are_strictly_ascending_u32(const uint32_t *values, uint64_t n)
{
    bool is_ok = true;
    for (uint64_t i = 1; i < n; i++) {
        is_ok &= values[i - 1] < values[i];
    }
    return is_ok;
}

/* ---- runs and times ---- */

static bool check_starts(const struct gy_slice *slice, const uint32_t *starts)
{
    return are_ascending(starts, slice->n_customers, slice->n_rows) &&
           are_strictly_ascending_u32(starts, (uint64_t)slice->n_customers + 1);
}

static bool check_order(const struct gy_slice *slice, const struct gy_runs *runs,
                        const uint32_t *codes)
{
    if (runs->starts == NULL) {
        return true;
    }
    bool is_ok = true;
    for (uint32_t run = 0; run < slice->n_customers; run++) {
        for (uint32_t row = runs->starts[run] + 1; row < runs->starts[run + 1]; row++) {
            is_ok &= codes[row - 1] <= codes[row];
        }
    }
    return is_ok;
}

static enum gy_status check_times(const struct gy_part *part, const struct gy_slice *slice,
                                  const struct gy_column_entry *e, const uint32_t *codes,
                                  struct gy_error *err)
{
    struct gy_runs runs;
    GY_TRY(gy_part_runs(part, slice, &runs, err));
    if (!check_order(slice, &runs, codes)) {
        return bad_column(part, slice, e, "the times of a customer are unordered", err);
    }
    bool is_inside = true;
    for (uint32_t i = 0; i < slice->n_rows; i++) {
        is_inside &= codes[i] >= slice->min_code && codes[i] <= slice->max_code;
    }
    return is_inside ? GY_OK : bad_column(part, slice, e, "a time is outside its zone map", err);
}

/* Below 1,000; where they are wide, those of days before 1970 within the day. */
static bool check_millis(const struct gy_part *part, const struct gy_slice *slice,
                         const struct gy_column *c)
{
    if (c->width == 2) {
        return range_uint16_t(c->data, slice->n_rows).max < 1000;
    }
    const struct gy_column_entry *e = gy_part_find_column(part, slice, GY_ROLE_TIME, 0);
    struct gy_column times;
    if (e == NULL) {
        return false;
    }
    gy_part_view_column(part, slice, e, &times);
    const uint32_t *codes = times.data;
    const uint32_t *millis = c->data;
    bool is_ok = true;
    for (uint32_t i = 0; i < slice->n_rows; i++) {
        is_ok &= millis[i] < (codes[i] < GY_CODE_1970 ? 86400000U : 1000U);
    }
    return is_ok;
}

/* ---- properties ---- */

static bool check_doubles(const struct gy_column *c)
{
    const double *numbers = c->data;
    bool is_ok = true;
    for (uint32_t i = 0; i < c->n_rows; i++) {
        is_ok &= numbers[i] >= c->min_number && numbers[i] <= c->max_number;
    }
    return is_ok;
}

/* A zone map holds for the raw values of missing rows too: the writer puts its minimum there. */
static bool check_codes(const struct gy_column *c, uint32_t n)
{
    struct range range = range_of(c->data, c->width, n);
    return range.min >= (uint64_t)c->min_int && range.max <= (uint64_t)c->max_int;
}

static bool check_list(const struct gy_part *part, const struct gy_slice *slice,
                       const struct gy_column_entry *e, const struct gy_column *c)
{
    const struct gy_dictionary_entry *d = gy_part_find_dictionary(part, slice->stream, e->property);
    if (!are_ascending(c->starts, c->n_rows, e->n_values)) {
        return false;
    }
    return e->n_values == 0 || (d != NULL && range_of(c->data, c->width, e->n_values).max < d->n);
}

static bool check_presence(const struct gy_column *c)
{
    if (c->present == NULL || c->n_rows % 64 == 0) {
        return true;
    }
    return c->present[c->n_rows / 64] >> (c->n_rows % 64) == 0;
}

static bool check_misfits(const struct gy_column *c, const struct gy_column_entry *e)
{
    if (c->n_misfits == 0) {
        return true;
    }
    bool is_ok = are_ascending(c->misfit_starts, c->n_misfits, e->n_misfit_bytes) &&
                 are_strictly_ascending_u32(c->misfit_rows, c->n_misfits) &&
                 c->misfit_rows[c->n_misfits - 1] < c->n_rows;
    for (uint32_t i = 0; i < c->n_misfits && is_ok; i++) {
        is_ok = !gy_column_is_present(c, c->misfit_rows[i]);
    }
    return is_ok;
}

static bool check_pattern(const struct gy_part *part, const struct gy_slice *slice,
                          const struct gy_column_entry *e, const struct gy_column *c)
{
    struct gy_pattern pattern;
    struct gy_pattern again;
    gy_part_pattern(part, slice, e, &pattern);
    bool is_ok = gy_pattern_of((struct gy_str){pattern.text, pattern.len}, &again) &&
                 memcmp(pattern.text, again.text, pattern.len) == 0 &&
                 e->max < gy_pattern_end(&pattern);
    for (uint32_t row = 0; row < c->n_rows && is_ok; row++) {
        is_ok = gy_part_pattern_raw(c->data, e->width, row) <= e->max - e->min;
    }
    return is_ok;
}

static bool check_values(const struct gy_part *part, const struct gy_slice *slice,
                         const struct gy_column_entry *e, const struct gy_column *c)
{
    if (e->encoding == GY_ENCODING_PATTERN) {
        return check_pattern(part, slice, e, c);
    }
    uint32_t n = gy_column_has_key(e) ? (uint32_t)e->last_place + 1 : c->n_rows;
    switch (c->encoding) {
    case GY_ENCODING_NONE:
        return true;
    case GY_ENCODING_INT:
        return range_of(c->data, c->width, n).max <= gy_column_last_raw(c);
    case GY_ENCODING_DOUBLE:
        return check_doubles(c);
    case GY_ENCODING_CODE:
        return check_codes(c, n);
    case GY_ENCODING_TEXT:
        return are_ascending(c->starts, c->n_rows, e->n_values);
    case GY_ENCODING_LIST:
        return check_list(part, slice, e, c);
    }
    return false;
}

static enum gy_status check_property(const struct gy_part *part, const struct gy_slice *slice,
                                     const struct gy_column_entry *e, const struct gy_column *c,
                                     struct gy_error *err)
{
    if (!check_presence(c)) {
        return bad_column(part, slice, e, "it has more values than rows", err);
    }
    if (!check_values(part, slice, e, c)) {
        return bad_column(part, slice, e, "a value is out of bounds", err);
    }
    if (!check_misfits(c, e)) {
        return bad_column(part, slice, e, "a misfit is out of bounds", err);
    }
    return GY_OK;
}

/* ---- one column, one dictionary ---- */

static enum gy_status check_content(const struct gy_part *part, const struct gy_slice *slice,
                                    const struct gy_column_entry *e, struct gy_error *err)
{
    struct gy_column c;
    gy_part_view_column(part, slice, e, &c);
    switch ((enum gy_column_role)e->role) {
    case GY_ROLE_CUSTOMERS:
        return are_strictly_ascending_u16(c.data, slice->n_customers)
                   ? GY_OK
                   : bad_column(part, slice, e, "they are unordered", err);
    case GY_ROLE_STARTS:
        return check_starts(slice, c.data) ? GY_OK
                                           : bad_column(part, slice, e, "they are unordered", err);
    case GY_ROLE_TIME:
        return check_times(part, slice, e, c.data, err);
    case GY_ROLE_MILLIS:
        return check_millis(part, slice, &c)
                   ? GY_OK
                   : bad_column(part, slice, e, "one is past its second or day", err);
    case GY_ROLE_FINGERPRINT:
        return GY_OK;
    case GY_ROLE_RANK:
    case GY_ROLE_PROPERTY:
        return check_property(part, slice, e, &c, err);
    }
    return bad_column(part, slice, e, "it has no such role", err);
}

enum gy_status gy_part_verify_column(const struct gy_part *part, const struct gy_slice *slice,
                                     const struct gy_column_entry *e, struct gy_error *err)
{
    if (gy_hash(part->bytes + e->offset, e->size, 0) != e->checksum) {
        return bad_column(part, slice, e, "its checksum does not match", err);
    }
    return check_content(part, slice, e, err);
}

static bool are_sorted(const struct gy_dictionary *d)
{
    for (uint32_t code = 1; code < d->n; code++) {
        if (gy_str_compare(gy_dictionary_str(d, code - 1), gy_dictionary_str(d, code)) >= 0) {
            return false;
        }
    }
    return true;
}

enum gy_status gy_part_verify_dictionary(const struct gy_part *part,
                                         const struct gy_dictionary_entry *e, struct gy_error *err)
{
    if (gy_hash(part->bytes + e->offset, e->size, 0) != e->checksum) {
        return gy_part_corrupt(part, err,
                               "the checksum of dictionary %u of stream %u does not match",
                               e->property, e->stream);
    }
    struct gy_dictionary d;
    gy_part_view_dictionary(part, e, &d);
    if (!are_ascending(d.starts, d.n, e->n_bytes) || !are_sorted(&d)) {
        return gy_part_corrupt(part, err, "dictionary %u of stream %u is unordered", e->property,
                               e->stream);
    }
    return GY_OK;
}

/* ---- the whole part ---- */

static int compare_events(const struct gy_times *times, const struct gy_column *ranks, uint32_t a,
                          uint32_t b)
{
    int64_t a_ms = gy_times_ms(times, a);
    int64_t b_ms = gy_times_ms(times, b);
    if (a_ms != b_ms) {
        return a_ms < b_ms ? -1 : 1;
    }
    int64_t a_rank = gy_column_int(ranks, a);
    int64_t b_rank = gy_column_int(ranks, b);
    return (a_rank > b_rank) - (a_rank < b_rank);
}

/* part.h (4), to the millisecond and with ranks. */
static enum gy_status check_events(const struct gy_part *part, const struct gy_slice *slice,
                                   struct gy_error *err)
{
    struct gy_runs runs;
    struct gy_times times;
    struct gy_column ranks;
    GY_TRY(gy_part_runs(part, slice, &runs, err));
    GY_TRY(gy_part_times(part, slice, &times, err));
    GY_TRY(gy_part_ranks(part, slice, &ranks, err));
    for (uint32_t run = 0; run < runs.n && runs.starts != NULL; run++) {
        for (uint32_t row = runs.starts[run] + 1; row < runs.starts[run + 1]; row++) {
            if (compare_events(&times, &ranks, row - 1, row) > 0) {
                return gy_part_corrupt(part, err,
                                       "rows of a customer of stream %u in block %u are unordered",
                                       slice->stream, slice->block_no);
            }
        }
    }
    return GY_OK;
}

static enum gy_status check_slice(const struct gy_part *part, const struct gy_slice *slice,
                                  struct gy_error *err)
{
    for (uint32_t i = 0; i < slice->n_columns; i++) {
        GY_TRY(gy_part_verify_column(part, slice, &part->columns[slice->first_column + i], err));
    }
    if (slice->stream == GY_STREAM_EXISTENCE && slice->n_rows != slice->n_customers) {
        return gy_part_corrupt(part, err, "a customer of block %u exists twice", slice->block_no);
    }
    return check_events(part, slice, err);
}

struct extent {
    uint64_t offset;
    uint64_t size;
};

static int compare_extents(const void *left, const void *right)
{
    const struct extent *a = left;
    const struct extent *b = right;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

/* Every byte between header and directory belongs to exactly one region, so every byte of the file
 * is under a checksum. */
static enum gy_status check_tiling(const struct gy_part *part, struct gy_error *err)
{
    size_t n = 0;
    struct extent *extents =
        gy_alloc(((size_t)part->n_columns + part->n_dictionaries) * sizeof *extents);
    for (uint32_t i = 0; i < part->n_columns; i++) {
        extents[n++] = (struct extent){part->columns[i].offset, part->columns[i].size};
    }
    for (uint32_t i = 0; i < part->n_dictionaries; i++) {
        extents[n++] = (struct extent){part->dictionaries[i].offset, part->dictionaries[i].size};
    }
    qsort(extents, n, sizeof *extents, compare_extents);
    uint64_t next = sizeof(struct gy_part_header);
    bool is_tiled = true;
    for (size_t i = 0; i < n; i++) {
        is_tiled &= extents[i].size == 0 || extents[i].offset == next;
        next += extents[i].size;
    }
    free(extents);
    struct gy_part_footer footer;
    memcpy(&footer, part->bytes + part->size - sizeof footer, sizeof footer);
    if (!is_tiled || next != footer.directory_offset) {
        return gy_part_corrupt(part, err, "its columns overlap or leave bytes over");
    }
    return GY_OK;
}

enum gy_status gy_part_check(const struct gy_part *part, struct gy_error *err)
{
    GY_TRY(check_tiling(part, err));
    for (uint32_t i = 0; i < part->n_dictionaries; i++) {
        GY_TRY(gy_part_verify_dictionary(part, &part->dictionaries[i], err));
    }
    for (uint32_t i = 0; i < part->n_slices; i++) {
        GY_TRY(check_slice(part, &part->slices[i], err));
    }
    return GY_OK;
}
