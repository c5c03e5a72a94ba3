/* part_directory.c - reads the footer and the three tables of a part, trusting nothing.
 *
 * After this every offset is within the file, every size is the one its entry asks for, and every
 * entry is one that the writer could have made. What stands in the columns is checked later, when
 * they are touched. */
#include <math.h>

#include "base/hash.h"
#include "base/mem.h"
#include "store/part_internal.h"

/* ---- footer ---- */

uint64_t gy_part_footer_checksum(const struct gy_part_header *header,
                                 const struct gy_part_footer *footer)
{
    uint64_t hash = gy_hash(header, sizeof *header, 0);
    return gy_hash(footer, offsetof(struct gy_part_footer, checksum), hash);
}

static enum gy_status check_ends(struct gy_part *part, struct gy_part_footer *footer,
                                 struct gy_error *err)
{
    struct gy_part_header header;
    if (part->size < sizeof header + sizeof *footer) {
        return gy_part_corrupt(part, err, "it has only %llu bytes", (unsigned long long)part->size);
    }
    memcpy(&header, part->bytes, sizeof header);
    memcpy(footer, part->bytes + part->size - sizeof *footer, sizeof *footer);
    if (memcmp(header.magic, GY_PART_MAGIC, sizeof header.magic) != 0) {
        return gy_part_corrupt(part, err, "it does not begin as a part does");
    }
    if (memcmp(footer->magic, GY_PART_MAGIC, sizeof footer->magic) != 0) {
        return gy_part_corrupt(part, err, "it does not end as a part does; it was cut off");
    }
    if (footer->checksum != gy_part_footer_checksum(&header, footer)) {
        return gy_part_corrupt(part, err, "the checksum of its header and footer does not match");
    }
    part->version = header.version;
    if (header.version < GY_PART_OLDEST_VERSION || header.version > GY_PART_VERSION ||
        header.entity_kind != 0) {
        return gy_error_set(err, GY_UNSUPPORTED,
                            "part \"%s\" has format version %u, entity kind %u; this program reads "
                            "versions %d to %d, kind 0",
                            part->label, header.version, header.entity_kind, GY_PART_OLDEST_VERSION,
                            GY_PART_VERSION);
    }
    return GY_OK;
}

static uint64_t tables_size(const struct gy_part_footer *footer)
{
    return (uint64_t)footer->n_slices * sizeof(struct gy_slice_entry) +
           (uint64_t)footer->n_columns * sizeof(struct gy_column_entry) +
           (uint64_t)footer->n_dictionaries * sizeof(struct gy_dictionary_entry);
}

static enum gy_status check_footer(const struct gy_part *part, const struct gy_part_footer *footer,
                                   struct gy_error *err)
{
    uint64_t end = part->size - sizeof *footer;
    if (footer->file_size != part->size || footer->directory_offset > end ||
        footer->directory_offset < sizeof(struct gy_part_header) ||
        footer->directory_offset % GY_PART_ALIGN != 0 ||
        footer->directory_size != end - footer->directory_offset ||
        footer->directory_size != gy_part_align(tables_size(footer))) {
        return gy_part_corrupt(part, err, "its footer does not fit its size");
    }
    if (gy_hash(part->bytes + footer->directory_offset, footer->directory_size, 0) !=
        footer->directory_checksum) {
        return gy_part_corrupt(part, err, "the checksum of its directory does not match");
    }
    return GY_OK;
}

/* ---- regions ---- */

void gy_column_layout(const struct gy_column_entry *entry, const struct gy_slice *slice,
                      struct gy_column_layout *out)
{
    uint64_t n_rows = slice->n_rows;
    bool has_starts = entry->encoding == GY_ENCODING_TEXT || entry->encoding == GY_ENCODING_LIST;
    bool is_text = entry->encoding == GY_ENCODING_TEXT;
    out->n_data = entry->role == GY_ROLE_CUSTOMERS      ? slice->n_customers
                  : entry->role == GY_ROLE_STARTS       ? (uint64_t)slice->n_customers + 1
                  : entry->encoding == GY_ENCODING_LIST ? entry->n_values
                  : gy_column_has_key(entry)            ? (uint64_t)entry->last_place + 1
                                                        : n_rows;
    out->present = 0;
    out->data = entry->has_presence ? gy_part_align((n_rows + 63) / 64 * 8) : 0;
    out->starts = out->data + gy_part_align(out->n_data * entry->width);
    out->bytes = out->starts + (has_starts ? gy_part_align((n_rows + 1) * 4) : 0);
    bool has_bytes = is_text || entry->encoding == GY_ENCODING_PATTERN;
    out->misfit_rows = out->bytes + (has_bytes ? gy_part_align(entry->n_values) : 0);
    uint64_t n_misfits = entry->n_misfits;
    out->misfit_starts = out->misfit_rows + gy_part_align(n_misfits * 4);
    out->misfit_bytes =
        out->misfit_starts + (n_misfits == 0 ? 0 : gy_part_align((n_misfits + 1) * 4));
    out->size = out->misfit_bytes + gy_part_align(entry->n_misfit_bytes);
}

static bool is_region(uint64_t offset, uint64_t size, uint64_t end)
{
    return offset % GY_PART_ALIGN == 0 && offset >= sizeof(struct gy_part_header) &&
           offset <= end && size <= end - offset;
}

/* ---- column entries ---- */

static bool fits_width(const struct gy_column_entry *e)
{
    uint64_t last = gy_column_entry_last_raw(e);
    return e->width == 8 ||
           (e->width <= 4 && e->width != 3 && last >> (8 * (unsigned)e->width) == 0);
}

static bool is_int_range(const struct gy_column_entry *e, int64_t low, int64_t high)
{
    int64_t min = (int64_t)e->min;
    int64_t max = (int64_t)e->max;
    return e->base == min && min >= low && min <= max && max <= high && fits_width(e);
}

static bool is_number_entry(const struct gy_part *part, const struct gy_column_entry *e)
{
    int least = part->version == 1 ? 0 : -GY_MAX_SCALE;
    if (e->scale < least || e->scale > GY_MAX_SCALE)
        return false;
    int64_t most = GY_PART_MAX_WHOLE;
    for (int scale = e->scale; scale < 0; scale++)
        most /= 10;
    return is_int_range(e, -most, most);
}

static bool is_time_entry(const struct gy_part *part, const struct gy_column_entry *e)
{
    int most = part->version == 1 ? 0 : GY_TIME_UNITS - 1;
    return e->scale >= 0 && e->scale <= most && is_int_range(e, INT64_MIN, INT64_MAX) &&
           (e->max - e->min) % gy_column_entry_unit_ms(e) == 0;
}

static bool is_int_entry(const struct gy_part *part, const struct gy_column_entry *e)
{
    switch (e->type) {
    case GY_VALUE_NUMBER:
        return is_number_entry(part, e);
    case GY_VALUE_BOOL:
        return e->scale == 0 && is_int_range(e, 0, 1);
    case GY_VALUE_TIME:
        return is_time_entry(part, e);
    default:
        return false;
    }
}

static bool is_double_entry(const struct gy_column_entry *e)
{
    double min;
    double max;
    memcpy(&min, &e->min, sizeof min);
    memcpy(&max, &e->max, sizeof max);
    return e->type == GY_VALUE_NUMBER && e->width == 8 && e->scale == 0 && e->base == 0 &&
           isfinite(min) && isfinite(max) && min <= max;
}

static bool is_plain(const struct gy_column_entry *e) /* without what only INT and DOUBLE have */
{
    return e->scale == 0 && e->base == 0;
}

static bool is_code_width(const struct gy_column_entry *e)
{
    return e->width == 1 || e->width == 2 || e->width == 4;
}

static uint32_t dictionary_size(const struct gy_part *part, const struct gy_slice *slice,
                                const struct gy_column_entry *e)
{
    const struct gy_dictionary_entry *d = gy_part_find_dictionary(part, slice->stream, e->property);
    return d == NULL ? 0 : d->n;
}

/* That there are as many digits as the numbers need is seen in the region. */
static bool is_pattern_entry(const struct gy_part *part, const struct gy_column_entry *e)
{
    uint64_t span = e->max - e->min;
    return part->version >= 2 && e->type == GY_VALUE_STRING && e->scale == 0 &&
           e->base == (int64_t)e->min && e->n_values >= 1 && e->n_values <= GY_PATTERN_MAX_BYTES &&
           e->min <= e->max && e->max <= INT64_MAX && e->width <= 8 &&
           (e->width == 8 || span >> (8 * (unsigned)e->width) == 0);
}

/* The key comes before, so that it was checked. */
static bool is_keyed_entry(const struct gy_part *part, const struct gy_slice *slice,
                           const struct gy_column_entry *e)
{
    if (part->version < 2 || e->n_values >= e->property || e->width == 0) {
        return false;
    }
    const struct gy_column_entry *key =
        gy_part_find_column(part, slice, GY_ROLE_PROPERTY, e->n_values);
    return key != NULL && (key->encoding == GY_ENCODING_INT || key->encoding == GY_ENCODING_CODE) &&
           !gy_column_has_key(key) && gy_column_last_place(key) == e->last_place;
}

static bool is_property_entry(const struct gy_part *part, const struct gy_slice *slice,
                              const struct gy_column_entry *e)
{
    bool has_values = e->encoding == GY_ENCODING_LIST || e->encoding == GY_ENCODING_TEXT ||
                      e->encoding == GY_ENCODING_PATTERN;
    if (gy_column_has_key(e) ? !is_keyed_entry(part, slice, e)
                             : (e->n_values != 0 && !has_values) || e->last_place != 0) {
        return false;
    }
    if (e->n_misfits > slice->n_rows || (e->n_misfits == 0 && e->n_misfit_bytes != 0)) {
        return false;
    }
    switch (e->encoding) {
    case GY_ENCODING_NONE:
        return is_plain(e) && e->width == 0 && !e->has_presence && e->min == 0 && e->max == 0 &&
               e->type >= GY_VALUE_NUMBER && e->type <= GY_VALUE_LIST;
    case GY_ENCODING_INT:
        return is_int_entry(part, e);
    case GY_ENCODING_DOUBLE:
        return is_double_entry(e);
    case GY_ENCODING_CODE:
        return is_plain(e) && e->type == GY_VALUE_STRING && is_code_width(e) && e->min <= e->max &&
               e->max < dictionary_size(part, slice, e);
    case GY_ENCODING_TEXT:
        return is_plain(e) && e->type == GY_VALUE_STRING && e->width == 0 && e->min == 0 &&
               e->max == 0;
    case GY_ENCODING_PATTERN:
        return is_pattern_entry(part, e);
    case GY_ENCODING_LIST:
        return is_plain(e) && e->type == GY_VALUE_LIST && is_code_width(e) && e->min == 0 &&
               e->max == 0;
    default:
        return false;
    }
}

/* The columns that are not properties: plain whole numbers, of a width that their role fixes. */
static bool is_structural_entry(const struct gy_part *part, const struct gy_column_entry *e)
{
    if (e->type != GY_VALUE_NUMBER || e->encoding != GY_ENCODING_INT || e->scale != 0 ||
        e->last_place != 0 || e->has_presence || e->property != 0 || e->n_values != 0 ||
        e->n_misfits != 0 || e->n_misfit_bytes != 0) {
        return false;
    }
    bool is_bare = e->base == 0 && e->min == 0 && e->max == 0;
    switch (e->role) {
    case GY_ROLE_CUSTOMERS:
        return is_bare && e->width == 2;
    case GY_ROLE_MILLIS:
        return is_bare && (e->width == 2 || e->width == 4);
    case GY_ROLE_STARTS:
    case GY_ROLE_TIME:
        return is_bare && e->width == 4;
    case GY_ROLE_FINGERPRINT:
        return is_bare && e->width <= 8 &&
               e->width >= (part->version == 1 ? 8 : GY_FINGERPRINT_LEAST);
    case GY_ROLE_RANK:
        return is_int_range(e, 0, UINT32_MAX);
    default:
        return false;
    }
}

static enum gy_status check_column_entry(const struct gy_part *part, const struct gy_slice *slice,
                                         const struct gy_column_entry *e, uint64_t end,
                                         struct gy_error *err)
{
    bool is_valid =
        e->has_presence <= 1 && (e->role == GY_ROLE_PROPERTY ? is_property_entry(part, slice, e)
                                                             : is_structural_entry(part, e));
    struct gy_column_layout layout;
    if (is_valid) {
        gy_column_layout(e, slice, &layout);
        is_valid = e->size == layout.size && is_region(e->offset, e->size, end);
    }
    if (!is_valid) {
        return gy_part_corrupt(part, err,
                               "the entry of column %u/%u of stream %u in block %u is wrong",
                               e->role, e->property, slice->stream, slice->block_no);
    }
    return GY_OK;
}

/* ---- tables ---- */

static bool is_column_before(const struct gy_column_entry *a, const struct gy_column_entry *b)
{
    return a->role != b->role ? a->role < b->role : a->property < b->property;
}

/* The columns that a slice cannot be read without. */
static bool has_needed_columns(const struct gy_part *part, const struct gy_slice *s)
{
    return (s->n_customers == GY_BLOCK_SIZE ||
            gy_part_find_column(part, s, GY_ROLE_CUSTOMERS, 0) != NULL) &&
           (s->n_customers == s->n_rows ||
            gy_part_find_column(part, s, GY_ROLE_STARTS, 0) != NULL) &&
           ((part->version >= 2 && !gy_slice_needs_times(s->max_code, s->n_rows)) ||
            gy_part_find_column(part, s, GY_ROLE_TIME, 0) != NULL);
}

static enum gy_status check_columns(const struct gy_part *part, const struct gy_slice *s,
                                    uint64_t end, struct gy_error *err)
{
    const struct gy_column_entry *entries = part->columns + s->first_column;
    for (uint32_t i = 0; i < s->n_columns; i++) {
        if (i > 0 && !is_column_before(&entries[i - 1], &entries[i])) {
            return gy_part_corrupt(part, err, "the columns of stream %u in block %u are unordered",
                                   s->stream, s->block_no);
        }
        GY_TRY(check_column_entry(part, s, &entries[i], end, err));
    }
    if (!has_needed_columns(part, s)) {
        return gy_part_corrupt(part, err, "stream %u in block %u lacks customers, starts or times",
                               s->stream, s->block_no);
    }
    return GY_OK;
}

static bool is_slice_entry(const struct gy_slice_entry *e)
{
    return e->block_no < GY_BLOCK_SIZE && e->n_customers >= 1 && e->n_customers <= GY_BLOCK_SIZE &&
           e->n_rows >= e->n_customers && e->min_code <= e->max_code && e->is_as_written <= 1 &&
           e->reserved == 0;
}

static uint64_t slice_key(uint32_t block_no, uint32_t stream)
{
    return (uint64_t)block_no << 32 | stream;
}

static void take_slice(const struct gy_slice_entry *e, struct gy_slice *out)
{
    *out = (struct gy_slice){
        .block_no = e->block_no,
        .stream = e->stream,
        .n_rows = e->n_rows,
        .n_customers = e->n_customers,
        .min_code = e->min_code,
        .max_code = e->max_code,
        .min_written_ms = e->min_written_ms,
        .max_written_ms = e->max_written_ms,
        .is_as_written = e->is_as_written != 0,
        .first_column = e->first_column,
        .n_columns = e->n_columns,
    };
}

static enum gy_status read_slices(struct gy_part *part, const struct gy_slice_entry *entries,
                                  uint64_t end, struct gy_error *err)
{
    uint64_t next_column = 0;
    for (uint32_t i = 0; i < part->n_slices; i++) {
        const struct gy_slice_entry *e = &entries[i];
        bool is_after =
            i == 0 || slice_key(e[-1].block_no, e[-1].stream) < slice_key(e->block_no, e->stream);
        if (!is_after || !is_slice_entry(e) || e->first_column != next_column ||
            e->n_columns > part->n_columns - next_column) {
            return gy_part_corrupt(part, err, "the entry of slice %u is wrong", i);
        }
        take_slice(e, &part->slices[i]);
        GY_TRY(check_columns(part, &part->slices[i], end, err));
        next_column += e->n_columns;
    }
    if (next_column != part->n_columns) {
        return gy_part_corrupt(part, err, "columns belong to no slice");
    }
    return GY_OK;
}

static enum gy_status check_dictionaries(const struct gy_part *part, uint64_t end,
                                         struct gy_error *err)
{
    for (uint32_t i = 0; i < part->n_dictionaries; i++) {
        const struct gy_dictionary_entry *e = &part->dictionaries[i];
        bool is_after =
            i == 0 || slice_key(e[-1].stream, e[-1].property) < slice_key(e->stream, e->property);
        uint64_t size = gy_part_align(((uint64_t)e->n + 1) * 4) + gy_part_align(e->n_bytes);
        if (!is_after || e->n == 0 || e->size != size || !is_region(e->offset, e->size, end)) {
            return gy_part_corrupt(part, err, "the entry of dictionary %u is wrong", i);
        }
    }
    return GY_OK;
}

enum gy_status gy_part_read_directory(struct gy_part *part, struct gy_error *err)
{
    struct gy_part_footer footer;
    GY_TRY(check_ends(part, &footer, err));
    GY_TRY(check_footer(part, &footer, err));
    const uint8_t *at = part->bytes + footer.directory_offset;
    const struct gy_slice_entry *entries = (const void *)at;
    at += footer.n_slices * sizeof *entries;
    part->columns = (const void *)at;
    at += footer.n_columns * sizeof *part->columns;
    part->dictionaries = (const void *)at;
    part->n_slices = footer.n_slices;
    part->n_columns = footer.n_columns;
    part->n_dictionaries = footer.n_dictionaries;
    part->slices = gy_alloc_zero(part->n_slices, sizeof *part->slices);
    part->places = gy_alloc_zero((size_t)part->n_slices + 1, sizeof *part->places);
    part->made = gy_alloc_zero(part->n_columns, sizeof *part->made);
    part->verified = gy_alloc_zero((size_t)part->n_columns + part->n_dictionaries, 1);
    GY_TRY(check_dictionaries(part, footer.directory_offset, err));
    return read_slices(part, entries, footer.directory_offset, err);
}
