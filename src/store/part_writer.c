/* part_writer.c - lays a part out: regions one behind the other as they come, then the directory.
 *
 * What a reader checks is asserted here, so that a wrong caller shows where it is wrong and not when
 * the part is read. */
#include "store/part_writer.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "store/column_encode.h"
#include "store/column_keys.h"
#include "store/part_internal.h"

struct gy_part_writer {
    bool is_memory;
    struct gy_file_writer file;
    struct gy_buf memory;
    uint64_t offset;      /* bytes so far, a multiple of 64 */
    struct gy_buf region; /* the one that is being made */
    struct gy_encode_scratch scratch;
    struct gy_slice_entry *slices;
    uint32_t n_slices;
    uint32_t slices_capacity;
    struct gy_column_entry *columns;
    uint32_t n_columns;
    uint32_t columns_capacity;
    struct gy_dictionary_entry *dictionaries; /* sorted by stream and property */
    uint32_t n_dictionaries;
    uint32_t dictionaries_capacity;
    struct gy_part_header header;
    struct gy_slice_entry slice; /* the one that is being written */
    bool is_in_slice;
    struct gy_column_keys keys; /* its columns that may tell others' values */
};

/* ---- bytes out ---- */

static enum gy_status append(struct gy_part_writer *w, const void *bytes, size_t len,
                             struct gy_error *err)
{
    if (w->is_memory) {
        gy_buf_append(&w->memory, bytes, len);
    } else {
        GY_TRY(gy_file_writer_append(&w->file, bytes, len, err));
    }
    w->offset += len;
    return GY_OK;
}

/* Writes what `region` holds and says where it is. */
static enum gy_status flush_region(struct gy_part_writer *w, uint64_t *offset, uint64_t *size,
                                   uint64_t *checksum, struct gy_error *err)
{
    *offset = w->offset;
    *size = w->region.len;
    *checksum = gy_hash(w->region.len == 0 ? "" : w->region.ptr, w->region.len, 0);
    if (w->region.len == 0) {
        return GY_OK;
    }
    GY_TRY(append(w, w->region.ptr, w->region.len, err));
    gy_buf_reset(&w->region);
    return GY_OK;
}

static enum gy_status add_column(struct gy_part_writer *w, struct gy_column_entry *entry,
                                 enum gy_column_role role, struct gy_error *err)
{
    entry->role = (uint8_t)role;
    GY_TRY(flush_region(w, &entry->offset, &entry->size, &entry->checksum, err));
    GY_GROW(w->columns, w->columns_capacity, w->n_columns + 1);
    w->columns[w->n_columns++] = *entry;
    return GY_OK;
}

/* ---- lifecycle ---- */

enum gy_status gy_part_writer_new(const char *path, struct gy_part_writer **out,
                                  struct gy_error *err)
{
    *out = NULL;
    struct gy_part_writer *w = gy_alloc_zero(1, sizeof *w);
    w->is_memory = path == NULL;
    w->header.version = GY_PART_VERSION;
    memcpy(w->header.magic, GY_PART_MAGIC, sizeof w->header.magic);
    enum gy_status status = w->is_memory ? GY_OK : gy_file_writer_open(&w->file, path, err);
    if (status == GY_OK) {
        status = append(w, &w->header, sizeof w->header, err);
    }
    if (status != GY_OK) {
        gy_part_writer_abandon(w);
        return status;
    }
    *out = w;
    return GY_OK;
}

/* Everything but the file, which finish has taken already. */
static void free_writer(struct gy_part_writer *w)
{
    gy_buf_release(&w->memory);
    gy_buf_release(&w->region);
    gy_encode_scratch_release(&w->scratch);
    gy_column_keys_release(&w->keys);
    free(w->slices);
    free(w->columns);
    free(w->dictionaries);
    free(w);
}

void gy_part_writer_abandon(struct gy_part_writer *w)
{
    if (w == NULL) {
        return;
    }
    if (!w->is_memory) {
        gy_file_writer_abandon(&w->file);
    }
    free_writer(w);
}

uint64_t gy_part_writer_size(const struct gy_part_writer *w)
{
    return w->offset;
}

/* ---- dictionaries ---- */

/* The place of a dictionary, or where it would be. */
static uint32_t dictionary_place(const struct gy_part_writer *w, uint32_t stream, uint32_t property)
{
    uint32_t low = 0;
    uint32_t high = w->n_dictionaries;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct gy_dictionary_entry *e = &w->dictionaries[middle];
        if (e->stream < stream || (e->stream == stream && e->property < property)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static uint32_t dictionary_size(const struct gy_part_writer *w, uint32_t stream, uint32_t property)
{
    uint32_t place = dictionary_place(w, stream, property);
    bool is_there = place < w->n_dictionaries && w->dictionaries[place].stream == stream &&
                    w->dictionaries[place].property == property;
    return is_there ? w->dictionaries[place].n : 0;
}

static enum gy_status make_dictionary(struct gy_part_writer *w, const struct gy_str *strings,
                                      struct gy_dictionary_entry *entry, struct gy_error *err)
{
    for (uint32_t i = 1; i < entry->n; i++) {
        GY_ASSERT(gy_str_compare(strings[i - 1], strings[i]) < 0);
    }
    if (!gy_region_put_texts(&w->region, strings, NULL, entry->n, &entry->n_bytes)) {
        return gy_error_set(err, GY_LIMIT, "the dictionary of one property is past 4 GiB");
    }
    return GY_OK;
}

enum gy_status gy_part_writer_dictionary(struct gy_part_writer *w, uint32_t stream,
                                         uint32_t property, const struct gy_str *strings,
                                         uint32_t n, struct gy_error *err)
{
    GY_ASSERT(w->n_slices == 0);
    if (n == 0) {
        return GY_OK;
    }
    struct gy_dictionary_entry entry = {.stream = stream, .property = property, .n = n};
    GY_TRY(make_dictionary(w, strings, &entry, err));
    GY_TRY(flush_region(w, &entry.offset, &entry.size, &entry.checksum, err));
    GY_ASSERT(dictionary_size(w, stream, property) == 0);
    uint32_t place = dictionary_place(w, stream, property);
    GY_GROW(w->dictionaries, w->dictionaries_capacity, w->n_dictionaries + 1);
    memmove(&w->dictionaries[place + 1], &w->dictionaries[place],
            (w->n_dictionaries - place) * sizeof entry);
    w->dictionaries[place] = entry;
    w->n_dictionaries++;
    return GY_OK;
}

/* ---- slices ---- */

static void assert_order(const struct gy_plain_slice *s)
{
    GY_ASSERT(s->starts[0] == 0 && s->starts[s->n_customers] == s->n_rows);
    for (uint32_t run = 0; run < s->n_customers; run++) {
        GY_ASSERT(run == 0 || s->customers[run - 1] < s->customers[run]);
        GY_ASSERT(s->starts[run] < s->starts[run + 1]);
        for (uint32_t row = s->starts[run] + 1; row < s->starts[run + 1]; row++) {
            GY_ASSERT(s->codes[row - 1] <= s->codes[row]);
        }
    }
}

static void assert_slice(const struct gy_part_writer *w, const struct gy_plain_slice *s)
{
    GY_ASSERT(s->block_no < GY_BLOCK_SIZE);
    GY_ASSERT(s->n_customers >= 1 && s->n_customers <= GY_BLOCK_SIZE);
    if (w->n_slices > 0) {
        const struct gy_slice_entry *last = &w->slices[w->n_slices - 1];
        GY_ASSERT(last->block_no < s->block_no ||
                  (last->block_no == s->block_no && last->stream < s->stream));
    }
    assert_order(s);
}

static struct gy_column_entry structural_entry(uint8_t width)
{
    return (struct gy_column_entry){
        .type = GY_VALUE_NUMBER, .encoding = GY_ENCODING_INT, .width = width};
}

static enum gy_status put_structural(struct gy_part_writer *w, enum gy_column_role role,
                                     const void *data, size_t n, uint8_t width,
                                     struct gy_error *err)
{
    struct gy_column_entry entry = structural_entry(width);
    gy_region_put(&w->region, data, n * width);
    return add_column(w, &entry, role, err);
}

/* Two bytes a row where no day before 1970 needs four; nothing where all are 0. */
static enum gy_status put_millis(struct gy_part_writer *w, const struct gy_plain_slice *s,
                                 struct gy_error *err)
{
    uint32_t max = 0;
    for (uint32_t i = 0; i < s->n_rows && s->millis != NULL; i++) {
        GY_ASSERT(s->millis[i] < (s->codes[i] < GY_CODE_1970 ? 86400000U : 1000U));
        max = s->millis[i] > max ? s->millis[i] : max;
    }
    if (max == 0) {
        return GY_OK;
    }
    if (max >= 1000) {
        return put_structural(w, GY_ROLE_MILLIS, s->millis, s->n_rows, 4, err);
    }
    uint16_t *narrow = gy_alloc(s->n_rows * sizeof *narrow);
    for (uint32_t i = 0; i < s->n_rows; i++) {
        narrow[i] = (uint16_t)s->millis[i];
    }
    enum gy_status status = put_structural(w, GY_ROLE_MILLIS, narrow, s->n_rows, 2, err);
    free(narrow);
    return status;
}

static bool has_ranks(const struct gy_plain_slice *s)
{
    uint32_t any = 0;
    for (uint32_t i = 0; i < s->n_rows && s->ranks != NULL; i++) {
        any |= s->ranks[i];
    }
    return any != 0;
}

static enum gy_status put_runs(struct gy_part_writer *w, const struct gy_plain_slice *s,
                               struct gy_error *err)
{
    if (s->n_customers < GY_BLOCK_SIZE) {
        GY_TRY(put_structural(w, GY_ROLE_CUSTOMERS, s->customers, s->n_customers, 2, err));
    }
    if (s->n_rows > s->n_customers) {
        GY_TRY(put_structural(w, GY_ROLE_STARTS, s->starts, (size_t)s->n_customers + 1, 4, err));
    }
    return GY_OK;
}

static enum gy_status put_ranks(struct gy_part_writer *w, const struct gy_plain_slice *s,
                                struct gy_error *err)
{
    struct gy_column_entry entry;
    gy_ranks_encode(s->ranks, s->n_rows, &w->scratch, &entry, &w->region);
    return add_column(w, &entry, GY_ROLE_RANK, err);
}

/* Rows of one customer and time, each against each other. */
static double count_pairs(const struct gy_plain_slice *s)
{
    double pairs = 0;
    for (uint32_t run = 0; run < s->n_customers; run++) {
        uint32_t n_before = 0;
        for (uint32_t row = s->starts[run] + 1; row < s->starts[run + 1]; row++) {
            bool is_tie = s->codes[row] == s->codes[row - 1] &&
                          (s->millis == NULL || s->millis[row] == s->millis[row - 1]);
            n_before = is_tie ? n_before + 1 : 0;
            pairs += 2 * n_before;
        }
    }
    return pairs;
}

/* Bytes of fingerprints. A call is compared with the rows of its time, where times are as written: so many
 * bytes that of 10^9 calls in such slices less than 10^-6 are taken for another. What is cut stays cut. */
static unsigned fingerprint_width(const struct gy_plain_slice *s)
{
    unsigned known = 8;
    if (!s->is_as_written)
        return 8;
    for (uint32_t i = 0; i < s->n_rows; i++) {
        unsigned width = (unsigned)(s->fingerprints[i] >> 56);
        if (width != 0 && width < known)
            known = width;
    }
    double others = (count_pairs(s) + 1) / s->n_rows;
    unsigned width = GY_FINGERPRINT_LEAST;
    while (width < known && 1e9 * others > 1e-6 * (double)(UINT64_C(1) << 8 * width))
        width++;
    return width;
}

static enum gy_status put_fingerprints(struct gy_part_writer *w, const struct gy_plain_slice *s,
                                       struct gy_error *err)
{
    unsigned width = fingerprint_width(s);
    if (width == 8)
        return put_structural(w, GY_ROLE_FINGERPRINT, s->fingerprints, s->n_rows, 8, err);
    uint8_t *cut = gy_alloc((size_t)s->n_rows * width + 8);
    for (uint32_t i = 0; i < s->n_rows; i++)
        memcpy(cut + (size_t)i * width, &s->fingerprints[i], sizeof s->fingerprints[i]);
    enum gy_status status =
        put_structural(w, GY_ROLE_FINGERPRINT, cut, s->n_rows, (uint8_t)width, err);
    free(cut);
    return status;
}

static enum gy_status put_times(struct gy_part_writer *w, const struct gy_plain_slice *s,
                                struct gy_error *err)
{
    if (gy_slice_needs_times(w->slice.max_code, s->n_rows)) {
        GY_TRY(put_structural(w, GY_ROLE_TIME, s->codes, s->n_rows, 4, err));
    }
    GY_TRY(put_millis(w, s, err));
    if (has_ranks(s)) {
        GY_TRY(put_ranks(w, s, err));
    }
    if (s->fingerprints != NULL) {
        GY_TRY(put_fingerprints(w, s, err));
    }
    return GY_OK;
}

static void begin_entry(struct gy_part_writer *w, const struct gy_plain_slice *s)
{
    struct gy_slice_entry entry = {
        .block_no = s->block_no,
        .stream = s->stream,
        .n_rows = s->n_rows,
        .n_customers = s->n_customers,
        .min_code = UINT32_MAX,
        .first_column = w->n_columns,
        .min_written_ms = s->min_written_ms,
        .max_written_ms = s->max_written_ms,
        .is_as_written = s->is_as_written,
    };
    for (uint32_t i = 0; i < s->n_rows; i++) {
        entry.min_code = s->codes[i] < entry.min_code ? s->codes[i] : entry.min_code;
        entry.max_code = s->codes[i] > entry.max_code ? s->codes[i] : entry.max_code;
    }
    w->slice = entry;
    w->is_in_slice = true;
}

enum gy_status gy_part_writer_begin(struct gy_part_writer *w, const struct gy_plain_slice *slice,
                                    struct gy_error *err)
{
    GY_ASSERT(!w->is_in_slice);
    assert_slice(w, slice);
    begin_entry(w, slice);
    gy_column_keys_begin(&w->keys, slice->n_rows);
    GY_TRY(put_runs(w, slice, err));
    return put_times(w, slice, err);
}

/* Codes that no dictionary has would make a part that nobody can read. */
static void assert_codes(const struct gy_part_writer *w, const struct gy_column_entry *e,
                         const struct gy_plain_column *column)
{
    uint64_t n = dictionary_size(w, w->slice.stream, column->property);
    if (e->encoding == GY_ENCODING_CODE) {
        GY_ASSERT(e->max < n);
    }
    for (uint32_t i = 0; e->encoding == GY_ENCODING_LIST && i < e->n_values; i++) {
        GY_ASSERT(column->codes[i] < n);
    }
}

enum gy_status gy_part_writer_column(struct gy_part_writer *w, const struct gy_plain_column *column,
                                     struct gy_error *err)
{
    GY_ASSERT(w->is_in_slice);
    if (w->n_columns > w->slice.first_column) {
        const struct gy_column_entry *last = &w->columns[w->n_columns - 1];
        GY_ASSERT(last->role < GY_ROLE_PROPERTY || last->property < column->property);
    }
    struct gy_column_entry entry;
    GY_TRY(gy_column_encode(column, w->slice.n_rows, &w->scratch, &entry, &w->region, err));
    assert_codes(w, &entry, column);
    if (entry.encoding == GY_ENCODING_NONE && entry.n_misfits == 0) {
        return GY_OK;
    }
    gy_column_keys_use(&w->keys, &entry, column->property, &w->region);
    return add_column(w, &entry, GY_ROLE_PROPERTY, err);
}

void gy_part_writer_end(struct gy_part_writer *w)
{
    GY_ASSERT(w->is_in_slice);
    w->slice.n_columns = w->n_columns - w->slice.first_column;
    w->is_in_slice = false;
    GY_GROW(w->slices, w->slices_capacity, w->n_slices + 1);
    w->slices[w->n_slices++] = w->slice;
}

enum gy_status gy_part_writer_slice(struct gy_part_writer *w, const struct gy_plain_slice *slice,
                                    struct gy_error *err)
{
    GY_TRY(gy_part_writer_begin(w, slice, err));
    for (uint32_t i = 0; i < slice->n_columns; i++) {
        GY_TRY(gy_part_writer_column(w, &slice->columns[i], err));
    }
    gy_part_writer_end(w);
    return GY_OK;
}

/* ---- the end ---- */

static void put_table(struct gy_buf *region, const void *entries, size_t n, size_t size)
{
    if (n > 0) {
        gy_buf_append(region, entries, n * size);
    }
}

static void make_footer(const struct gy_part_writer *w, struct gy_part_footer *footer)
{
    footer->n_slices = w->n_slices;
    footer->n_columns = w->n_columns;
    footer->n_dictionaries = w->n_dictionaries;
    footer->file_size = w->offset + sizeof *footer;
    memcpy(footer->magic, GY_PART_MAGIC, sizeof footer->magic);
    footer->checksum = gy_part_footer_checksum(&w->header, footer);
}

static enum gy_status put_end(struct gy_part_writer *w, struct gy_error *err)
{
    struct gy_part_footer footer = {0};
    put_table(&w->region, w->slices, w->n_slices, sizeof *w->slices);
    put_table(&w->region, w->columns, w->n_columns, sizeof *w->columns);
    put_table(&w->region, w->dictionaries, w->n_dictionaries, sizeof *w->dictionaries);
    gy_buf_zero(&w->region, gy_part_align(w->region.len) - w->region.len);
    GY_TRY(flush_region(w, &footer.directory_offset, &footer.directory_size,
                        &footer.directory_checksum, err));
    make_footer(w, &footer);
    return append(w, &footer, sizeof footer, err);
}

enum gy_status gy_part_writer_finish(struct gy_part_writer *w, struct gy_error *err)
{
    GY_ASSERT(!w->is_memory);
    enum gy_status status = put_end(w, err);
    if (status == GY_OK) {
        status = gy_file_writer_finish(&w->file, err);
    } else {
        gy_file_writer_abandon(&w->file);
    }
    free_writer(w);
    return status;
}

enum gy_status gy_part_writer_finish_memory(struct gy_part_writer *w, uint8_t **bytes, size_t *len,
                                            struct gy_error *err)
{
    GY_ASSERT(w->is_memory);
    enum gy_status status = put_end(w, err);
    if (status == GY_OK) {
        *len = w->memory.len;
        *bytes = gy_alloc_aligned(GY_PART_ALIGN, *len);
        memcpy(*bytes, w->memory.ptr, *len);
    }
    free_writer(w);
    return status;
}
