/* reads.h - what a definition reads: which streams and columns, and how much of them lies in the
 * snapshot's parts; and the populations that are counted before everything else.
 *
 * It is the most that an evaluation can touch. A test whose answer is decided for all customers of a
 * block is not asked there, so its columns may stay unread; a window skips rows, but hardly columns:
 * their times are what it is looked for in.
 */
#ifndef GY_ENGINE_READS_H
#define GY_ENGINE_READS_H

#include "base/arena.h"
#include "lang/ast.h"
#include "store/snapshot.h"

enum gy_read_kind {
    GY_READ_CUSTOMERS, /* since when each customer exists; every evaluation reads that */
    GY_READ_EVENT,     /* or items */
    GY_READ_TRAIT,
};

struct gy_read_column {
    struct gy_str name; /* of the property; a trait has one column, "value" */
    uint64_t bytes;     /* with its dictionaries */
};

/* One stream. */
struct gy_read {
    enum gy_read_kind kind;
    struct gy_str name; /* of the event or trait; empty for CUSTOMERS */
    uint32_t n_parts;   /* that have rows of it */
    uint64_t n_rows;
    uint64_t row_bytes; /* whose the rows are, when, in which order */
    struct gy_read_column *columns;
    uint32_t n_columns;
    uint64_t bytes; /* of all that */
};

/* A population that `percentile` or `ntile` ranks in. */
struct gy_read_population {
    const struct gy_term *value;
    const struct gy_expr *among; /* NULL: everyone */
    int64_t now_ms;
    uint32_t level; /* those of a level are counted in one pass, after the levels below */
};

struct gy_reads {
    struct gy_read *streams; /* customers, then in the order of the schema */
    uint32_t n_streams;
    struct gy_read_population *populations; /* by level */
    uint32_t n_populations;
    uint32_t *
        recorded; /* segments (places in the snapshot) whose recorded changes it asks for, each once */
    uint32_t n_recorded;
    uint32_t n_parts; /* that have rows of any of the streams */
    uint32_t n_columns;
    uint64_t n_rows;
    uint64_t bytes;
    struct gy_arena arena;
};

/* Of a checked definition as of an instant; what was never seen has nothing to read, and is left out.
 * Expressions and names are views of the definition and the snapshot. `out` is released by the caller,
 * also on failure. Fails as gy_plan_expr does. */
GY_CHECKED enum gy_status gy_reads_of(const struct gy_snapshot *snapshot,
                                      const struct gy_expr *expr, int64_t now_ms,
                                      struct gy_reads *out, struct gy_error *err);
void gy_reads_release(struct gy_reads *reads);

#endif
