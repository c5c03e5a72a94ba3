/* kernel_window.h - where a window cuts the runs of a slice.
 *
 * Rows of a customer are in order of time, so a window keeps one range of each run. Two ways to find it:
 *
 *   short runs   each row of the slice gets a bit that says whether it is in the window, all in one loop
 *                without branches; a run's range is where its bits are
 *   long runs    the first and the last row mostly decide; else a binary search
 *
 * Several aggregates of a definition share a window. So the ranges of all runs are kept for the next
 * walk over the same slice, but where few customers are asked.
 */
#ifndef GY_ENGINE_KERNEL_WINDOW_H
#define GY_ENGINE_KERNEL_WINDOW_H

#include "engine/raw_marks.h"
#include "engine/reader.h"
#include "lang/window.h"

/* A window in the codes of a slice's times. */
struct gy_window_codes {
    bool cuts_from; /* rows before the first instant are possible */
    bool cuts_to;
    uint32_t from_code; /* the first instant … */
    uint32_t from_millis;
    uint32_t to_code; /* … and the first behind it */
    uint32_t to_millis;
};

/* False where the slice has no row in the range. */
bool gy_window_codes_of(const struct gy_slice_view *view, struct gy_range range,
                        struct gy_window_codes *out);

/* The codes of the rows in the window; false where codes alone do not tell, or there is
 * none. */
bool gy_window_code_range(const struct gy_slice_view *view, const struct gy_window_codes *window,
                          struct gy_raw_range *out);

/* Of rows [*first, *end) of one run, those in the window; none where *first ≥ *end afterwards. */
void gy_window_cut(const struct gy_slice_view *view, const struct gy_window_codes *window,
                   uint32_t *first, uint32_t *end);

/* The rows of each run that are in the window; none where first ≥ end. */
struct gy_run_cuts {
    const struct gy_slice *slice;
    struct gy_range range;
    uint32_t *firsts;
    uint32_t *ends;
    size_t firsts_capacity;
    size_t ends_capacity;
};

enum {
    GY_KEPT_CUTS = 4
};

/* One thread's, all zero at first. */
struct gy_cut_cache {
    struct gy_run_cuts kept[GY_KEPT_CUTS];
    unsigned next; /* to be forgotten */
    uint64_t *marks;
    size_t marks_capacity;
};

void gy_cut_cache_release(struct gy_cut_cache *cache);

/* The cuts of all runs of a slice. A view, valid until GY_KEPT_CUTS others were asked for. */
const struct gy_run_cuts *gy_cut_cache_get(struct gy_cut_cache *cache,
                                           const struct gy_slice_view *view, struct gy_range range,
                                           const struct gy_window_codes *window);

#endif
