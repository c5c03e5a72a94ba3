/* reader.h - a snapshot's slices, opened as they are asked for and kept while they are of use.
 *
 * A block's part of a stream is a list of slices, one for each part that has any, in the order of
 * arrival. Runs and times are there from the start, ranks and columns are opened on first use.
 *
 * Reading a part can fail (CORRUPT). The reader keeps the first failure and gives what is empty from
 * then on, so that evaluators need not ask after every value: who started them looks at `status`
 * when they are done, and throws the result away.
 *
 * One owner: each thread has a reader of its own.
 */
#ifndef GY_ENGINE_READER_H
#define GY_ENGINE_READER_H

#include <stdatomic.h>

#include "base/arena.h"
#include "store/snapshot.h"

struct gy_view_column {
    uint32_t property;
    struct gy_column column;
    struct gy_dictionary dictionary; /* n 0 where the column has no codes */
};

struct gy_visit_slice;
struct gy_page_texts;

struct gy_slice_view {
    const struct gy_part *part;    /* NULL: its rows are derived, and `visits` has them */
    struct gy_visit_slice *visits; /* visits_internal.h */
    const struct gy_slice *slice;
    struct gy_page_texts *page_texts; /* of pages, what visits say by them: visits_internal.h */
    uint64_t sequence;                /* of its part: smaller ones arrived first */
    struct gy_runs runs;
    struct gy_times times;
    struct gy_column ranks;
    bool has_ranks; /* `ranks` was opened */
    struct gy_view_column **columns;
    uint32_t n_columns;
    uint32_t columns_capacity;
};

/* What a block has of a stream. */
struct gy_stream_view {
    struct gy_slice_view *slices;
    uint32_t n_slices;
};

struct gy_block_view;
struct gy_visits;
struct gy_derived_streams;

struct gy_reader {
    const struct gy_snapshot *snapshot;
    struct gy_arena arena;
    struct gy_block_view **blocks;
    uint32_t n_blocks;
    uint32_t blocks_capacity;
    int64_t known_until_ms; /* rows later than this are not gathered (customer_rows.h) */
    const struct gy_derived_streams *derived; /* of the plan that is evaluated; may be NULL */
    struct gy_visits *block_visits;           /* derived rows: visits.h */
    struct gy_visits *subject_visits;
    const atomic_bool *cancel; /* may be NULL */
    int64_t deadline_us;       /* by gy_monotonic_us; 0: none */
    enum gy_status status;
    struct gy_error error;
};

void gy_reader_init(struct gy_reader *reader, const struct gy_snapshot *snapshot);
void gy_reader_release(struct gy_reader *reader);

/* Closes all views. */
void gy_reader_reset(struct gy_reader *reader);

/* The first failure, if there was one; `err` gets a copy. */
GY_CHECKED enum gy_status gy_reader_status(const struct gy_reader *reader, struct gy_error *err);

/* Notes a failure of whoever reads, unless there was one already. */
void gy_reader_fail(struct gy_reader *reader, enum gy_status status, const char *message);

/* False once something failed, it was cancelled or time is up (CANCELLED is noted then). */
bool gy_reader_may_go_on(struct gy_reader *reader);

/* Views are valid until the reader is reset. A stream that was never seen (any id outside the
 * schema, and not a derived one of the plan) has no slices. */
const struct gy_stream_view *gy_reader_stream(struct gy_reader *reader, uint32_t block_no,
                                              uint32_t stream);
const struct gy_view_column *gy_reader_column(struct gy_reader *reader, struct gy_slice_view *view,
                                              uint32_t property);
const struct gy_column *gy_reader_ranks(struct gy_reader *reader, struct gy_slice_view *view);

/* The time of a row; GY_TIME_ALWAYS_MS where it has always been there. */
static inline int64_t gy_slice_view_time(const struct gy_slice_view *view, uint32_t row)
{
    return gy_times_ms(&view->times, row);
}

#endif
