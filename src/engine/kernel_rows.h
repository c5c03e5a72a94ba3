/* kernel_rows.h - which rows of a slice: those of the asked customers, within a window.
 *
 * Rows of a customer are in order of time, so a window cuts one range out of each run, found at its
 * ends; a slice whose zone map lies within the window (or outside) needs no look at its times.
 * Where runs are short, the rows of a window are first marked with a bit each, all in one loop without
 * branches, and a run's range is where its bits are.
 *
 * Ranges come in batches; what filters or values need single rows for is a *selection*: a few
 * thousand (row, customer) pairs at a time, small enough to stay in the first cache.
 *
 *     runs      | a a a a | b b | c c c c c |
 *     ranges    |     └─┘ |     |   └─────┘ |     window
 *     selection  (2,a)(3,a)  (7,c)(8,c)(9,c)(10,c)
 */
#ifndef GY_ENGINE_KERNEL_ROWS_H
#define GY_ENGINE_KERNEL_ROWS_H

#include "engine/bits.h"
#include "engine/reader.h"
#include "lang/window.h"

enum {
    GY_RANGES_BATCH = 1024,
    GY_SELECTION_SIZE = 4096,
    GY_SELECTION_SLACK = 4 /* short ranges are written four rows at a time */
};

/* Rows [first, end) of a customer, at least one. */
struct gy_row_range {
    uint32_t first;
    uint32_t end;
    uint16_t customer;
};

struct gy_selection {
    uint32_t n;
    uint32_t rows[GY_SELECTION_SIZE + GY_SELECTION_SLACK];
    uint16_t customers[GY_SELECTION_SIZE + GY_SELECTION_SLACK];
};

/* Walks a slice: first ranges, from these selections. */
struct gy_slice_walk {
    const struct gy_slice_view *view;
    const struct gy_bits *mask;
    bool cuts_from; /* rows before `from` are possible */
    bool cuts_to;
    uint32_t from_code; /* the first instant of the window … */
    uint32_t from_millis;
    uint32_t to_code; /* … and the first behind it, each as code and milliseconds */
    uint32_t to_millis;
    const uint64_t *marks;    /* a bit a row in the window; NULL: runs are cut at their ends */
    uint32_t run;             /* the next one */
    struct gy_row_range rest; /* what the last selection had no room for */
    struct gy_row_range ranges[GY_RANGES_BATCH];
    uint32_t n_ranges;
    uint32_t next_range;
};

/* The marks of one walk at a time, kept for the next one over the same slice and window. All zero is
 * empty; `words` is freed by its owner. */
struct gy_marks {
    uint64_t *words;
    size_t capacity;
    const struct gy_slice *slice;
    struct gy_range range;
};

/* False where the slice has no row in the range. `marks` is the walk's until it ends. */
bool gy_slice_walk_begin(struct gy_slice_walk *walk, const struct gy_slice_view *view,
                         struct gy_range range, const struct gy_bits *mask, struct gy_marks *marks);

/* Fills `ranges` with the next batch; false at the end. */
bool gy_slice_walk_ranges(struct gy_slice_walk *walk);

/* Fills the selection with the next rows, in order; false at the end. */
bool gy_slice_walk_select(struct gy_slice_walk *walk, struct gy_selection *selection);

#endif
