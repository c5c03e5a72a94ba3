/* merge_internal.h - what the files of a merge share.
 *
 * A merge makes its output slice by slice. For each it plans the rows (merge_rows.c): which rows of
 * which inputs, in which order, as *pieces* of consecutive rows of one source. Then everything else
 * is copying pieces (merge_slice.c), column by column (merge_columns.c). Before the first slice of a
 * file, a pass over the same plans finds the strings that the file needs (merge_strings.c); before
 * the first slice of a block, another the rows of one customer and one millisecond that come from
 * several sources and get new ranks (merge_ties.c). So memory holds one column of one slice, the plan
 * of its rows, and the dictionaries of one file.
 */
#ifndef GY_STORE_MERGE_INTERNAL_H
#define GY_STORE_MERGE_INTERNAL_H

#include "base/arena.h"
#include "base/intern.h"
#include "store/merge.h"
#include "store/part_writer.h"

/* ---- what is merged ---- */

struct gy_merge_job {
    const struct gy_merge *merge;
    struct gy_move *by_from; /* the moves, sorted by `from` */
    uint32_t *streams;       /* of all inputs, ascending */
    size_t n_streams;
    uint32_t *blocks; /* that may get rows, ascending */
    uint64_t *block_sizes;
    size_t n_blocks;
};

/* The moves whose `to` resp. `from` lies in a block, as [first, end) of merge->moves resp. by_from. */
void gy_merge_moves_into(const struct gy_merge_job *job, uint32_t block_no, size_t *first,
                         size_t *end);
void gy_merge_moves_out(const struct gy_merge_job *job, uint32_t block_no, size_t *first,
                        size_t *end);

/* Whether rows of the stream share the order of events, and so the ranks, with other streams. */
bool gy_merge_is_event(const struct gy_merge_job *job, uint32_t stream);

/* The type that the schema gives a column. Fails with CORRUPT where the schema does not know it. */
GY_CHECKED enum gy_status gy_merge_type(const struct gy_merge_job *job, uint32_t stream,
                                        uint32_t property, enum gy_value_type *out,
                                        struct gy_error *err);

/* ---- rows ---- */

/* A slice of an input. */
struct gy_merge_source {
    size_t input;
    const struct gy_part *part;
    const struct gy_slice *slice;
    struct gy_runs runs;
    struct gy_times times;
    struct gy_column ranks;
    struct gy_fingerprints fingerprints;
};

/* Rows of one ordinal in one source, and the customer that they go to (low 16 bits of both). */
struct gy_merge_run {
    uint32_t source;
    uint32_t first;
    uint32_t end;
    uint16_t from;
    uint16_t customer;
};

struct gy_merge_piece {
    uint32_t source;
    uint32_t first;
    uint32_t n;
};

/* The rows of one output slice. All zero is empty; kept from slice to slice. */
struct gy_merge_rows {
    uint32_t block_no;
    uint32_t stream;
    struct gy_merge_source *sources;
    uint32_t n_sources;
    uint32_t sources_capacity;
    struct gy_merge_run *runs; /* by customer, then input, own rows first */
    uint32_t n_runs;
    uint32_t runs_capacity;
    struct gy_merge_run *spare_runs;
    uint32_t spare_capacity;
    uint32_t *heap; /* numbers of runs that are being merged */
    uint32_t heap_capacity;
    struct gy_merge_piece *pieces; /* in the order of the output's rows */
    uint32_t n_pieces;
    uint32_t pieces_capacity;
    uint16_t *customers;
    uint32_t *starts;
    uint32_t n_customers;
    uint32_t customers_capacity;
    uint32_t starts_capacity;
    uint64_t n_rows;
};

void gy_merge_rows_release(struct gy_merge_rows *rows);

/* Collects the runs of a slice, without ordering them: for what needs no order of rows. */
GY_CHECKED enum gy_status gy_merge_collect(const struct gy_merge_job *job, uint32_t block_no,
                                           uint32_t stream, struct gy_merge_rows *rows,
                                           struct gy_error *err);

/* Collects and plans; n_rows is 0 where nothing is left. Fails with LIMIT past 2^32 - 1 rows. */
GY_CHECKED enum gy_status gy_merge_plan(const struct gy_merge_job *job, uint32_t block_no,
                                        uint32_t stream, struct gy_merge_rows *rows,
                                        struct gy_error *err);

/* The rows of a slice in any order, for what needs none of them apart: as gy_merge_plan where rows move
 * or are left out, else all rows of the sources (of existence too), without looking at them. */
GY_CHECKED enum gy_status gy_merge_plan_unordered(const struct gy_merge_job *job,
                                                  uint32_t block_no, uint32_t stream,
                                                  struct gy_merge_rows *rows,
                                                  struct gy_error *err);

/* ---- ranks ---- */

/* A row that gets another rank than it had. */
struct gy_merge_tie {
    uint32_t stream;
    uint32_t input;
    uint32_t block_no; /* of the input's slice */
    uint32_t row;
    uint32_t rank;
};

struct gy_merge_spans;

/* Of one block; sorted by all but the rank. All zero is empty; kept from block to block. */
struct gy_merge_ties {
    struct gy_merge_tie *ties;
    size_t n;
    size_t capacity;
    struct gy_merge_spans *spans; /* scratch */
};

void gy_merge_ties_release(struct gy_merge_ties *ties);

GY_CHECKED enum gy_status gy_merge_find_ties(const struct gy_merge_job *job, uint32_t block_no,
                                             struct gy_merge_rows *rows, struct gy_merge_ties *ties,
                                             struct gy_error *err);

/* ---- strings ---- */

/* The strings of one column of one output file. */
struct gy_merge_text {
    uint32_t stream;
    uint32_t property;
    enum gy_value_type type; /* STRING or LIST */
    uint32_t **codes;        /* per input: by its code, the new one; NULL: none of it is used */
    struct gy_dictionary *dictionaries; /* per input */
    struct gy_intern others;            /* strings that stand in no dictionary */
    uint32_t *other_codes;              /* by the number in `others` */
    uint64_t n_values;
    bool is_dictionary; /* else the strings are written themselves */
    struct gy_str *strings;
    uint32_t n_strings;
};

struct gy_merge_texts {
    struct gy_merge_text *texts; /* by stream, then property */
    size_t n;
    size_t capacity;
    size_t n_inputs;
};

void gy_merge_texts_release(struct gy_merge_texts *texts);
const struct gy_merge_text *gy_merge_find_text(const struct gy_merge_texts *texts, uint32_t stream,
                                               uint32_t property);

/* Finds the strings that rows of the planned slice have. Slices come stream by stream. */
GY_CHECKED enum gy_status gy_merge_scan_strings(const struct gy_merge_job *job,
                                                const struct gy_merge_rows *rows,
                                                struct gy_merge_texts *texts, struct gy_error *err);

/* Numbers what was found, and decides what becomes a dictionary. */
void gy_merge_settle_strings(struct gy_merge_texts *texts);

/* ---- columns ---- */

/* The properties that any source of the rows has, ascending; memory is the caller's (free). */
uint32_t *gy_merge_properties(const struct gy_merge_rows *rows, uint32_t *n);

/* What a row of a column of another type, or its misfit, is as the type `type`. False where it does
 * not read as that; then `*misfit` is its JSON, or all zero where the row has nothing. Texts are
 * views of the column or allocated in `arena`. */
bool gy_merge_reread(const struct gy_merge_job *job, const struct gy_column *column,
                     const struct gy_dictionary *dictionary, uint32_t row, enum gy_value_type type,
                     struct gy_arena *arena, struct gy_value *out, struct gy_str *misfit);

/* The rows of all sources of a slice, one behind the other (merge_flat.c). */
struct gy_merge_flat {
    bool is_used;     /* else rows are copied piece by piece */
    uint32_t *places; /* a row of the output: its place among the rows of all sources */
    uint32_t *starts; /* a source: the place of its first row */
    size_t starts_capacity;
    uint32_t n_rows; /* of all sources */
    size_t capacity; /* in rows, of the next ones and of `places` */
    int64_t *ints;   /* of one column, from here on */
    uint32_t *codes;
    uint8_t *present; /* 0 or 1 */
};

/* What slices are gathered into; kept from slice to slice. All zero is empty. */
struct gy_merge_buffers {
    size_t capacity; /* in rows */
    uint32_t *times;
    uint32_t *millis;
    uint32_t *ranks;
    uint64_t *fingerprints;
    uint64_t *present; /* of one column, from here on */
    double *numbers;
    int64_t *ints;
    uint32_t *codes;
    struct gy_str *strings;
    uint32_t *list_starts;
    uint32_t *list_codes;
    uint32_t n_list_codes;
    uint32_t list_codes_capacity;
    uint32_t *misfit_rows;
    uint32_t misfit_rows_capacity;
    struct gy_str *misfits;
    uint32_t misfits_capacity;
    uint32_t n_misfits;
    struct gy_arena arena; /* texts that no input holds */
    struct gy_merge_flat flat;
};

void gy_merge_flat_release(struct gy_merge_flat *flat);

/* Decides whether a planned slice is gathered by place, and finds the places. */
void gy_merge_flat_begin(struct gy_merge_flat *flat, const struct gy_merge_rows *rows);

/* The time codes of the output's rows; `is_used`. */
void gy_merge_flat_times(struct gy_merge_flat *flat, const struct gy_merge_rows *rows,
                         uint32_t *out);

/* Gathers a column, all but its misfits, into the buffers and sets `out` (which has its type) to them.
 * False, and nothing set, where it has to be copied piece by piece. `columns`: by source. */
bool gy_merge_flat_column(struct gy_merge_buffers *buffers, const struct gy_merge_rows *rows,
                          const struct gy_merge_text *text, const struct gy_column *columns,
                          struct gy_plain_column *out);

void gy_merge_buffers_release(struct gy_merge_buffers *buffers);

/* Writes the planned slice. */
GY_CHECKED enum gy_status gy_merge_write_slice(const struct gy_merge_job *job,
                                               const struct gy_merge_rows *rows,
                                               const struct gy_merge_texts *texts,
                                               const struct gy_merge_ties *ties,
                                               struct gy_merge_buffers *buffers,
                                               struct gy_part_writer *writer, struct gy_error *err);

/* Its properties, into buffers that have room for its rows. */
GY_CHECKED enum gy_status gy_merge_write_columns(const struct gy_merge_job *job,
                                                 const struct gy_merge_rows *rows,
                                                 const struct gy_merge_texts *texts,
                                                 struct gy_merge_buffers *buffers,
                                                 struct gy_part_writer *writer,
                                                 struct gy_error *err);

#endif
