/* column_encode.c - chooses how a column is written, and writes it.
 *
 * Numbers. A double stands for its shortest decimal. If all decimals of a column are d × 10^-k with
 * one k ≤ 15 and whole |d| ≤ 2^53, the column holds the d's: narrow, and exact to add up. The
 * smallest such k is found without printing numbers: round v × 10^k to a whole d; if d / 10^k, which
 * is rounded once, is v again, d × 10^-k reads as v. Below 2^50 no second d does, since neighbouring
 * d's are further apart than neighbouring doubles there; so d is the shortest decimal's. Beyond, the
 * digits are asked for (gy_number_split). */
#include "store/column_encode.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"

#define UNIQUE_BELOW 0x1p50

void gy_encode_scratch_release(struct gy_encode_scratch *scratch)
{
    free(scratch->ints);
    free(scratch->present);
    *scratch = (struct gy_encode_scratch){0};
}

static void pad(struct gy_buf *region)
{
    gy_buf_zero(region, gy_part_align(region->len) - region->len);
}

void gy_region_put(struct gy_buf *region, const void *bytes, size_t len)
{
    if (len > 0) {
        gy_buf_append(region, bytes, len);
        pad(region);
    }
}

/* ---- presence ---- */

static bool is_present(const uint64_t *present, uint32_t row)
{
    return present == NULL || (present[row >> 6] >> (row & 63) & 1) != 0;
}

static uint32_t count_present(const uint64_t *words, size_t n_words)
{
    uint32_t n = 0;
    for (size_t i = 0; i < n_words; i++) {
        n += (uint32_t)__builtin_popcountll(words[i]);
    }
    return n;
}

/* The bits without those past the last row; NULL where all rows are present. */
static const uint64_t *clean_presence(const uint64_t *present, uint32_t n_rows,
                                      struct gy_encode_scratch *scratch, uint32_t *n_present)
{
    *n_present = n_rows;
    if (present == NULL) {
        return NULL;
    }
    size_t n_words = ((size_t)n_rows + 63) / 64;
    GY_GROW(scratch->present, scratch->present_capacity, n_words);
    memcpy(scratch->present, present, n_words * sizeof *present);
    if (n_rows % 64 != 0) {
        scratch->present[n_words - 1] &= (UINT64_C(1) << n_rows % 64) - 1;
    }
    *n_present = count_present(scratch->present, n_words);
    return *n_present == n_rows ? NULL : scratch->present;
}

static void put_presence(const uint64_t *present, uint32_t n_rows, struct gy_column_entry *entry,
                         struct gy_buf *region)
{
    if (present != NULL) {
        entry->has_presence = 1;
        gy_region_put(region, present, ((size_t)n_rows + 63) / 64 * 8);
    }
}

/* ---- whole numbers ---- */

static uint8_t int_width(uint64_t span)
{
    if (span == 0) {
        return 0;
    }
    return span <= UINT8_MAX ? 1 : span <= UINT16_MAX ? 2 : span <= UINT32_MAX ? 4 : 8;
}

static uint8_t code_width(uint32_t max)
{
    return max <= UINT8_MAX ? 1 : max <= UINT16_MAX ? 2 : 4;
}

#define DEFINE_NARROW(type)                                                               \
    static void narrow_##type(const int64_t *ints, const uint64_t *present, int64_t base, \
                              uint32_t n, void *out)                                      \
    {                                                                                     \
        type *to = out;                                                                   \
        for (uint32_t i = 0; i < n; i++) {                                                \
            uint64_t raw = (uint64_t)ints[i] - (uint64_t)base;                            \
            to[i] = is_present(present, i) ? (type)raw : 0;                               \
        }                                                                                 \
    }

DEFINE_NARROW(uint8_t)
DEFINE_NARROW(uint16_t)
DEFINE_NARROW(uint32_t)
DEFINE_NARROW(uint64_t)

/* What the numbers are above `base`, in the entry's width. */
static void put_raw_ints(const int64_t *ints, const uint64_t *present, int64_t base,
                         uint32_t n_rows, const struct gy_column_entry *entry,
                         struct gy_buf *region)
{
    size_t len = (size_t)n_rows * entry->width;
    void *to = gy_buf_room(region, len);
    switch (entry->width) {
    case 0:
        return;
    case 1:
        narrow_uint8_t(ints, present, base, n_rows, to);
        break;
    case 2:
        narrow_uint16_t(ints, present, base, n_rows, to);
        break;
    case 4:
        narrow_uint32_t(ints, present, base, n_rows, to);
        break;
    default:
        narrow_uint64_t(ints, present, base, n_rows, to);
        break;
    }
    gy_buf_added(region, len);
    pad(region);
}

/* INT and its range; at least one row is present. */
static void set_range(const int64_t *ints, const uint64_t *present, uint32_t n_rows,
                      struct gy_column_entry *entry)
{
    int64_t min = INT64_MAX;
    int64_t max = INT64_MIN;
    for (uint32_t i = 0; i < n_rows; i++) {
        bool counts = is_present(present, i);
        min = counts && ints[i] < min ? ints[i] : min;
        max = counts && ints[i] > max ? ints[i] : max;
    }
    entry->encoding = GY_ENCODING_INT;
    entry->base = min;
    entry->min = (uint64_t)min;
    entry->max = (uint64_t)max;
    entry->width = int_width((uint64_t)max - (uint64_t)min);
}

static void encode_ints(const int64_t *ints, const uint64_t *present, uint32_t n_rows,
                        struct gy_column_entry *entry, struct gy_buf *region)
{
    set_range(ints, present, n_rows, entry);
    put_presence(present, n_rows, entry, region);
    put_raw_ints(ints, present, entry->base, n_rows, entry, region);
}

/* ---- times ---- */

static bool are_units_apart(const int64_t *ints, const uint64_t *present, uint32_t n_rows,
                            int64_t from, uint64_t unit)
{
    for (uint32_t i = 0; i < n_rows; i++) {
        if (is_present(present, i) && ((uint64_t)ints[i] - (uint64_t)from) % unit != 0) {
            return false;
        }
    }
    return true;
}

/* Dates are days apart, wherever their midnights are: the least unit with which values are narrowest. */
static void choose_unit(const int64_t *ints, const uint64_t *present, uint32_t n_rows,
                        struct gy_column_entry *entry)
{
    uint64_t span = entry->max - entry->min;
    for (int8_t k = 1; k < GY_TIME_UNITS && entry->width > 0; k++) {
        uint64_t unit = (uint64_t)gy_time_units_ms[k];
        if (!are_units_apart(ints, present, n_rows, entry->base, unit)) {
            return;
        }
        if (int_width(span / unit) < entry->width) {
            entry->scale = k;
            entry->width = int_width(span / unit);
        }
    }
}

static void encode_times(const int64_t *ints, const uint64_t *present, uint32_t n_rows,
                         struct gy_encode_scratch *scratch, struct gy_column_entry *entry,
                         struct gy_buf *region)
{
    set_range(ints, present, n_rows, entry);
    choose_unit(ints, present, n_rows, entry);
    uint64_t unit = (uint64_t)gy_time_units_ms[entry->scale];
    GY_GROW(scratch->ints, scratch->ints_capacity, n_rows);
    for (uint32_t i = 0; i < n_rows && unit > 1; i++) {
        uint64_t above = (uint64_t)ints[i] - (uint64_t)entry->base;
        scratch->ints[i] = is_present(present, i) ? (int64_t)(above / unit) : 0;
    }
    put_presence(present, n_rows, entry, region);
    if (unit > 1)
        put_raw_ints(scratch->ints, present, 0, n_rows, entry, region);
    else
        put_raw_ints(ints, present, entry->base, n_rows, entry, region);
}

/* ---- numbers ---- */

/* The whole d with d × 10^-scale = the decimal of `value`, where it is surely the only one. */
static inline bool scale_fast(double value, unsigned scale, int64_t *out)
{
    double moved = value * gy_powers_of_ten[scale];
    if (!(fabs(moved) < UNIQUE_BELOW)) {
        return false;
    }
    *out = (int64_t)(moved + (moved < 0 ? -0.5 : 0.5));
    return (double)*out / gy_powers_of_ten[scale] == value;
}

static bool scale_exact(double value, unsigned scale, int64_t *out)
{
    int64_t digits;
    int exponent;
    gy_number_split(value, &digits, &exponent);
    if (exponent + (int)scale < 0) {
        return false;
    }
    for (int i = 0; i < exponent + (int)scale && digits != 0; i++) {
        if (digits > GY_PART_MAX_WHOLE || digits < -GY_PART_MAX_WHOLE) {
            return false;
        }
        digits *= 10;
    }
    *out = digits;
    return digits <= GY_PART_MAX_WHOLE && digits >= -GY_PART_MAX_WHOLE;
}

/* Raises `*scale` until the value is whole at it. */
static bool raise_scale(double value, unsigned *scale)
{
    int64_t whole;
    for (unsigned k = *scale; k <= GY_MAX_SCALE; k++) {
        if (scale_fast(value, k, &whole)) {
            *scale = k;
            return true;
        }
    }
    for (unsigned k = *scale; k <= GY_MAX_SCALE; k++) {
        if (scale_exact(value, k, &whole)) {
            *scale = k;
            return true;
        }
    }
    return false;
}

/* Rows that came before one that raises the scale are done again: that is at most 15 times, and mostly
 * once, near the first row. */
static bool scale_numbers(const double *numbers, const uint64_t *present, uint32_t n_rows,
                          int64_t *ints, unsigned *scale)
{
    *scale = 0;
    for (uint32_t i = 0; i < n_rows; i++) {
        ints[i] = 0;
        if (!is_present(present, i) || scale_fast(numbers[i], *scale, &ints[i])) {
            continue;
        }
        unsigned before = *scale;
        if (!raise_scale(numbers[i], scale)) {
            return false;
        }
        if (*scale != before) {
            i = UINT32_MAX; /* from the first row on */
        } else if (!scale_exact(numbers[i], *scale, &ints[i])) {
            return false;
        }
    }
    return true;
}

/* How many powers of ten all the numbers can do without. */
static unsigned spare_scale(const int64_t *ints, const uint64_t *present, uint32_t n_rows,
                            unsigned scale)
{
    for (uint32_t i = 0; i < n_rows && scale > 0; i++) {
        while (is_present(present, i) && scale > 0 &&
               ints[i] % (int64_t)gy_powers_of_ten[scale] != 0) {
            scale--;
        }
    }
    return scale;
}

static bool are_multiples(const int64_t *ints, const uint64_t *present, uint32_t n_rows, int64_t of)
{
    for (uint32_t i = 0; i < n_rows; i++) {
        if (is_present(present, i) && ints[i] % of != 0) {
            return false;
        }
    }
    return true;
}

static uint8_t width_of_parts(const int64_t *ints, const uint64_t *present, uint32_t n_rows,
                              int64_t of)
{
    int64_t min = INT64_MAX;
    int64_t max = INT64_MIN;
    for (uint32_t i = 0; i < n_rows; i++) {
        bool counts = is_present(present, i);
        min = counts && ints[i] < min ? ints[i] : min;
        max = counts && ints[i] > max ? ints[i] : max;
    }
    return int_width((uint64_t)(max / of) - (uint64_t)(min / of));
}

/* Prices that are all in hundreds need not say the zeros: by how many more powers of ten than `spare` whole
 * numbers are to be divided, because they are narrower then. */
static unsigned zeros_to_drop(const int64_t *ints, const uint64_t *present, uint32_t n_rows,
                              unsigned spare)
{
    unsigned best = spare;
    uint8_t width = width_of_parts(ints, present, n_rows, (int64_t)gy_powers_of_ten[spare]);
    for (unsigned k = spare + 1; k <= GY_MAX_SCALE && width > 0; k++) {
        int64_t of = (int64_t)gy_powers_of_ten[k];
        if (!are_multiples(ints, present, n_rows, of)) {
            break;
        }
        uint8_t narrower = width_of_parts(ints, present, n_rows, of);
        best = narrower < width ? k : best;
        width = narrower;
    }
    return best - spare;
}

/* Of rows that were left out the others may not need the scale. */
static void encode_whole_numbers(const int64_t *ints, unsigned scale, const uint64_t *present,
                                 uint32_t n_rows, struct gy_encode_scratch *scratch,
                                 struct gy_column_entry *entry, struct gy_buf *region)
{
    unsigned spare = spare_scale(ints, present, n_rows, scale);
    if (spare == scale) {
        spare += zeros_to_drop(ints, present, n_rows, spare);
    }
    entry->scale = (int8_t)((int)scale - (int)spare);
    if (spare > 0) {
        int64_t divisor = (int64_t)gy_powers_of_ten[spare];
        GY_GROW(scratch->ints, scratch->ints_capacity, n_rows);
        for (uint32_t i = 0; i < n_rows; i++) {
            scratch->ints[i] = is_present(present, i) ? ints[i] / divisor : 0;
        }
        ints = scratch->ints;
    }
    encode_ints(ints, present, n_rows, entry, region);
}

static void encode_doubles(const double *numbers, const uint64_t *present, uint32_t n_rows,
                           struct gy_column_entry *entry, struct gy_buf *region)
{
    double min = DBL_MAX;
    double max = -DBL_MAX;
    for (uint32_t i = 0; i < n_rows; i++) {
        if (is_present(present, i)) {
            GY_ASSERT(isfinite(numbers[i]));
            min = numbers[i] < min ? numbers[i] : min;
            max = numbers[i] > max ? numbers[i] : max;
        }
    }
    min += 0.0; /* no minus zero */
    max += 0.0;
    entry->encoding = GY_ENCODING_DOUBLE;
    entry->width = 8;
    memcpy(&entry->min, &min, sizeof min);
    memcpy(&entry->max, &max, sizeof max);
    put_presence(present, n_rows, entry, region);
    double *to = (void *)gy_buf_room(region, n_rows * sizeof *to);
    for (uint32_t i = 0; i < n_rows; i++) {
        to[i] = is_present(present, i) ? numbers[i] + 0.0 : min;
    }
    gy_buf_added(region, n_rows * sizeof *to);
    pad(region);
}

static void encode_numbers(const double *numbers, const uint64_t *present, uint32_t n_rows,
                           struct gy_encode_scratch *scratch, struct gy_column_entry *entry,
                           struct gy_buf *region)
{
    unsigned scale;
    GY_GROW(scratch->ints, scratch->ints_capacity, n_rows);
    bool are_whole = scale_numbers(numbers, present, n_rows, scratch->ints, &scale);
    if (are_whole && scale == 0) {
        encode_whole_numbers(scratch->ints, 0, present, n_rows, scratch, entry, region);
    } else if (are_whole) {
        entry->scale = (int8_t)scale;
        encode_ints(scratch->ints, present, n_rows, entry, region);
    } else {
        encode_doubles(numbers, present, n_rows, entry, region);
    }
}

/* ---- strings and lists ---- */

static void put_codes(const uint32_t *codes, const uint64_t *present, uint32_t missing, uint32_t n,
                      uint8_t width, struct gy_buf *region)
{
    size_t len = (size_t)n * width;
    void *to = gy_buf_room(region, len);
    uint8_t *to_u8 = to;
    uint16_t *to_u16 = to;
    uint32_t *to_u32 = to;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t code = is_present(present, i) ? codes[i] : missing;
        if (width == 1) {
            to_u8[i] = (uint8_t)code;
        } else if (width == 2) {
            to_u16[i] = (uint16_t)code;
        } else {
            to_u32[i] = code;
        }
    }
    gy_buf_added(region, len);
    if (n > 0) {
        pad(region);
    }
}

static void encode_codes(const uint32_t *codes, const uint64_t *present, uint32_t n_rows,
                         struct gy_column_entry *entry, struct gy_buf *region)
{
    uint32_t min = UINT32_MAX;
    uint32_t max = 0;
    for (uint32_t i = 0; i < n_rows; i++) {
        bool counts = is_present(present, i);
        min = counts && codes[i] < min ? codes[i] : min;
        max = counts && codes[i] > max ? codes[i] : max;
    }
    entry->encoding = GY_ENCODING_CODE;
    entry->width = code_width(max);
    entry->min = min;
    entry->max = max;
    put_presence(present, n_rows, entry, region);
    put_codes(codes, present, min, n_rows, entry->width, region);
}

static void put_starts(const uint32_t *starts, size_t n, struct gy_buf *region)
{
    gy_region_put(region, starts, n * sizeof *starts);
}

bool gy_region_put_texts(struct gy_buf *region, const struct gy_str *texts, const uint64_t *present,
                         uint32_t n, uint32_t *n_bytes)
{
    uint64_t end = 0;
    size_t len = ((size_t)n + 1) * sizeof(uint32_t);
    uint32_t *starts = (void *)gy_buf_room(region, len);
    for (uint32_t i = 0; i < n; i++) {
        starts[i] = (uint32_t)end;
        end += is_present(present, i) ? texts[i].len : 0;
        if (end > UINT32_MAX) {
            return false;
        }
    }
    starts[n] = (uint32_t)end;
    gy_buf_added(region, len);
    pad(region);
    for (uint32_t i = 0; i < n; i++) {
        if (is_present(present, i) && texts[i].len > 0) {
            gy_buf_str(region, texts[i]);
        }
    }
    pad(region);
    *n_bytes = (uint32_t)end;
    return true;
}

/* Narrower than kernels could read it: nobody but view_texts (part.c) does. */
static uint8_t pattern_width(uint64_t span)
{
    uint8_t width = 0;
    while (width < 8 && span >> (8 * width) != 0) {
        width++;
    }
    return width;
}

/* The pattern that all have; false if there is none. */
static bool read_patterns(const struct gy_str *strings, const uint64_t *present, uint32_t n_rows,
                          struct gy_pattern *pattern, int64_t *numbers)
{
    pattern->len = 0;
    for (uint32_t i = 0; i < n_rows; i++) {
        numbers[i] = 0;
        if (!is_present(present, i)) {
            continue;
        }
        if ((pattern->len == 0 && !gy_pattern_of(strings[i], pattern)) ||
            !gy_pattern_read(pattern, strings[i], &numbers[i])) {
            return false;
        }
    }
    return pattern->len > 0;
}

static void encode_patterns(const int64_t *numbers, const uint64_t *present, uint32_t n_rows,
                            const struct gy_pattern *pattern, struct gy_column_entry *entry,
                            struct gy_buf *region)
{
    int64_t min = INT64_MAX;
    int64_t max = 0;
    for (uint32_t i = 0; i < n_rows; i++) {
        bool counts = is_present(present, i);
        min = counts && numbers[i] < min ? numbers[i] : min;
        max = counts && numbers[i] > max ? numbers[i] : max;
    }
    entry->encoding = GY_ENCODING_PATTERN;
    entry->base = min;
    entry->min = (uint64_t)min;
    entry->max = (uint64_t)max;
    entry->width = pattern_width((uint64_t)(max - min));
    entry->n_values = pattern->len;
    put_presence(present, n_rows, entry, region);
    size_t len = (size_t)n_rows * entry->width;
    char *to = gy_buf_room(region, len + 8);
    for (uint32_t i = 0; i < n_rows; i++) {
        uint64_t raw = is_present(present, i) ? (uint64_t)(numbers[i] - min) : 0;
        memcpy(to + (size_t)i * entry->width, &raw, sizeof raw);
    }
    gy_buf_added(region, len);
    pad(region);
    gy_region_put(region, pattern->text, pattern->len);
}

static enum gy_status encode_texts(const struct gy_str *strings, const uint64_t *present,
                                   uint32_t n_rows, struct gy_column_entry *entry,
                                   struct gy_buf *region, struct gy_error *err)
{
    entry->encoding = GY_ENCODING_TEXT;
    put_presence(present, n_rows, entry, region);
    if (!gy_region_put_texts(region, strings, present, n_rows, &entry->n_values)) {
        return gy_error_set(err, GY_LIMIT, "the texts of one property of one block are past 4 GiB");
    }
    return GY_OK;
}

static enum gy_status encode_strings(const struct gy_str *strings, const uint64_t *present,
                                     uint32_t n_rows, struct gy_encode_scratch *scratch,
                                     struct gy_column_entry *entry, struct gy_buf *region,
                                     struct gy_error *err)
{
    struct gy_pattern pattern;
    GY_GROW(scratch->ints, scratch->ints_capacity, n_rows);
    if (!read_patterns(strings, present, n_rows, &pattern, scratch->ints)) {
        return encode_texts(strings, present, n_rows, entry, region, err);
    }
    encode_patterns(scratch->ints, present, n_rows, &pattern, entry, region);
    return GY_OK;
}

static void encode_lists(const struct gy_plain_column *column, const uint64_t *present,
                         uint32_t n_rows, struct gy_column_entry *entry, struct gy_buf *region)
{
    uint32_t n = column->list_starts[n_rows];
    uint32_t max = 0;
    for (uint32_t i = 0; i < n; i++) {
        max = column->codes[i] > max ? column->codes[i] : max;
    }
    entry->encoding = GY_ENCODING_LIST;
    entry->width = code_width(max);
    entry->n_values = n;
    put_presence(present, n_rows, entry, region);
    put_codes(column->codes, NULL, 0, n, entry->width, region);
    put_starts(column->list_starts, (size_t)n_rows + 1, region);
}

/* ---- misfits ---- */

static enum gy_status put_misfits(const struct gy_plain_column *column,
                                  struct gy_column_entry *entry, struct gy_buf *region,
                                  struct gy_error *err)
{
    uint32_t n = column->n_misfits;
    if (n == 0) {
        return GY_OK;
    }
    gy_region_put(region, column->misfit_rows, n * sizeof *column->misfit_rows);
    if (!gy_region_put_texts(region, column->misfits, NULL, n, &entry->n_misfit_bytes)) {
        return gy_error_set(err, GY_LIMIT,
                            "the misfits of one property of one block are past 4 GiB");
    }
    entry->n_misfits = n;
    return GY_OK;
}

/* ---- a column ---- */

static enum gy_status encode_values(const struct gy_plain_column *column, const uint64_t *present,
                                    uint32_t n_rows, struct gy_encode_scratch *scratch,
                                    struct gy_column_entry *entry, struct gy_buf *region,
                                    struct gy_error *err)
{
    switch (column->type) {
    case GY_VALUE_NUMBER:
        if (column->numbers == NULL) {
            encode_whole_numbers(column->ints, column->scale, present, n_rows, scratch, entry,
                                 region);
            return GY_OK;
        }
        encode_numbers(column->numbers, present, n_rows, scratch, entry, region);
        return GY_OK;
    case GY_VALUE_BOOL:
        encode_ints(column->ints, present, n_rows, entry, region);
        return GY_OK;
    case GY_VALUE_TIME:
        encode_times(column->ints, present, n_rows, scratch, entry, region);
        return GY_OK;
    case GY_VALUE_STRING:
        if (column->codes == NULL) {
            return encode_strings(column->strings, present, n_rows, scratch, entry, region, err);
        }
        encode_codes(column->codes, present, n_rows, entry, region);
        return GY_OK;
    case GY_VALUE_LIST:
        encode_lists(column, present, n_rows, entry, region);
        return GY_OK;
    case GY_VALUE_MISSING:
    case GY_VALUE_CELL:
        break;
    }
    gy_assert_failed("a column has a type", __FILE__, __LINE__);
}

enum gy_status gy_column_encode(const struct gy_plain_column *column, uint32_t n_rows,
                                struct gy_encode_scratch *scratch, struct gy_column_entry *entry,
                                struct gy_buf *region, struct gy_error *err)
{
    uint32_t n_present;
    const uint64_t *present = clean_presence(column->present, n_rows, scratch, &n_present);
    *entry = (struct gy_column_entry){.property = column->property, .type = (uint8_t)column->type};
    if (n_present > 0) {
        GY_TRY(encode_values(column, present, n_rows, scratch, entry, region, err));
    }
    return put_misfits(column, entry, region, err);
}

void gy_ranks_encode(const uint32_t *ranks, uint32_t n_rows, struct gy_encode_scratch *scratch,
                     struct gy_column_entry *entry, struct gy_buf *region)
{
    *entry = (struct gy_column_entry){.type = GY_VALUE_NUMBER};
    GY_GROW(scratch->ints, scratch->ints_capacity, n_rows);
    for (uint32_t i = 0; i < n_rows; i++) {
        scratch->ints[i] = ranks[i];
    }
    encode_ints(scratch->ints, NULL, n_rows, entry, region);
}
