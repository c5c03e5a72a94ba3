/* part_writer.h - writes one part, to a file or to memory.
 *
 * First the dictionaries, then the slices in (block, stream) order, each slice as a whole from plain
 * arrays; the writer picks the narrowest encoding. Used by the batch (fresh calls) and by merges.
 */
#ifndef GY_STORE_PART_WRITER_H
#define GY_STORE_PART_WRITER_H

#include "base/buf.h"
#include "base/status.h"
#include "store/part.h"

/* A column to be written: plain values a row, whatever its encoding will be. */
struct gy_plain_column {
    uint32_t property;       /* GY_PROPERTY_VALUE in a trait's stream */
    enum gy_value_type type; /* NUMBER, STRING, BOOL, TIME, LIST: the schema's */
    const uint64_t *present; /* a bit a row; NULL: all */
    const double *numbers;   /* NUMBER; finite */
    const int64_t *ints;     /* BOOL (0, 1), TIME (ms); NUMBER without `numbers`: × 10^-scale, of
                              * which |ints| ≤ 2^53 */
    uint8_t scale;           /* 0 to 15 */
    const uint32_t *codes;   /* STRING as codes of the dictionary; LIST: codes, by list_starts */
    const struct gy_str *strings; /* STRING where there is no dictionary: the texts themselves */
    const uint32_t *list_starts;  /* LIST: n_rows + 1 */
    uint32_t n_misfits;
    const uint32_t *misfit_rows;
    const struct gy_str *misfits; /* JSON text */
};

struct gy_plain_slice {
    uint32_t block_no;
    uint32_t stream;
    uint32_t n_rows;
    uint32_t n_customers;
    const uint16_t *customers;    /* ascending */
    const uint32_t *starts;       /* n_customers + 1 */
    const uint32_t *codes;        /* time codes, a row */
    const uint32_t *millis;       /* a row, within the code's second or day; NULL: all 0 */
    const uint32_t *ranks;        /* a row; NULL: all 0 */
    const uint64_t *fingerprints; /* a row, as gy_fingerprint_at says them; NULL: none are kept */
    int64_t min_written_ms;
    int64_t max_written_ms;
    bool is_as_written;
    const struct gy_plain_column *columns; /* ascending by property; a column without any present
                                            * value and without misfits may be left out */
    uint32_t n_columns;
};

struct gy_part_writer;

/* To a file (written beside `path`, durable and renamed by finish) or, with `path` NULL, to memory. */
GY_CHECKED enum gy_status gy_part_writer_new(const char *path, struct gy_part_writer **out,
                                             struct gy_error *err);

/* Whether strings of a part are better written as codes of a dictionary than as they are: not where
 * more than half of the `n_values` values are distinct. Lists have a dictionary always. */
static inline bool gy_dictionary_pays(uint64_t n_distinct, uint64_t n_values)
{
    return n_distinct <= n_values / 2;
}

/* `strings` are distinct and in code-point order; before the first slice. */
GY_CHECKED enum gy_status gy_part_writer_dictionary(struct gy_part_writer *w, uint32_t stream,
                                                    uint32_t property, const struct gy_str *strings,
                                                    uint32_t n, struct gy_error *err);
GY_CHECKED enum gy_status gy_part_writer_slice(struct gy_part_writer *w,
                                               const struct gy_plain_slice *slice,
                                               struct gy_error *err);

/* The same in steps, so that one column is held at a time: `begin` takes all but the columns, then
 * come the columns, ascending by property, then `end`. */
GY_CHECKED enum gy_status gy_part_writer_begin(struct gy_part_writer *w,
                                               const struct gy_plain_slice *slice,
                                               struct gy_error *err);
GY_CHECKED enum gy_status gy_part_writer_column(struct gy_part_writer *w,
                                                const struct gy_plain_column *column,
                                                struct gy_error *err);
void gy_part_writer_end(struct gy_part_writer *w);

uint64_t gy_part_writer_size(const struct gy_part_writer *w); /* bytes so far */

/* Both take `w`, also on failure. To memory: `*bytes` is owned by the caller (free). */
GY_CHECKED enum gy_status gy_part_writer_finish(struct gy_part_writer *w, struct gy_error *err);
GY_CHECKED enum gy_status gy_part_writer_finish_memory(struct gy_part_writer *w, uint8_t **bytes,
                                                       size_t *len, struct gy_error *err);
void gy_part_writer_abandon(struct gy_part_writer *w);

#endif
