/* kernel_rows.h - which rows of a slice: those of the asked customers, within a window.
 *
 * A window keeps one range of each run (kernel_window.h); a slice whose zone map lies within the window
 * needs no look at its times.
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
#include "engine/kernel_window.h"

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
    struct gy_window_codes window;
    const struct gy_run_cuts *cuts; /* of all runs; NULL: whole runs, or each is cut by itself */
    uint32_t run;                   /* the next one */
    struct gy_row_range rest;       /* what the last selection had no room for */
    struct gy_row_range ranges[GY_RANGES_BATCH];
    uint32_t n_ranges;
    uint32_t next_range;
};

/* False where the slice has no row in the range. */
bool gy_slice_walk_begin(struct gy_slice_walk *walk, const struct gy_slice_view *view,
                         struct gy_range range, const struct gy_bits *mask,
                         struct gy_cut_cache *cache);

/* Fills `ranges` with the next batch; false at the end. */
bool gy_slice_walk_ranges(struct gy_slice_walk *walk);

/* Fills the selection with the next rows, in order; false at the end. */
bool gy_slice_walk_select(struct gy_slice_walk *walk, struct gy_selection *selection);

#endif
