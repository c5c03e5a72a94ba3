/* kernel_rows.c - from runs to ranges, from ranges to selections. */
#include "engine/kernel_rows.h"

enum {
    FEW_ASKED = 8 /* one in so many: then only their runs are cut */
};

bool gy_slice_walk_begin(struct gy_slice_walk *walk, const struct gy_slice_view *view,
                         struct gy_range range, const struct gy_bits *mask,
                         struct gy_cut_cache *cache)
{
    if (!gy_window_codes_of(view, range, &walk->window))
        return false;
    walk->view = view;
    walk->mask = mask;
    walk->run = 0;
    walk->rest = (struct gy_row_range){0};
    walk->n_ranges = 0;
    walk->next_range = 0;
    walk->cuts = NULL;
    bool is_cut = walk->window.cuts_from || walk->window.cuts_to;
    if (is_cut && gy_bits_count(mask) >= view->slice->n_customers / FEW_ASKED)
        walk->cuts = gy_cut_cache_get(cache, view, range, &walk->window);
    return true;
}

static uint32_t customer_of(const struct gy_runs *runs, uint32_t run)
{
    return runs->customers == NULL ? run : runs->customers[run];
}

/* All of each run. */
static uint32_t take_whole_runs(struct gy_slice_walk *walk)
{
    const struct gy_runs *runs = &walk->view->runs;
    uint32_t run = walk->run;
    uint32_t n = 0;
    for (; run < runs->n && n < GY_RANGES_BATCH; run++) {
        uint32_t customer = customer_of(runs, run);
        walk->ranges[n] = (struct gy_row_range){gy_runs_start(runs, run),
                                                gy_runs_start(runs, run + 1), (uint16_t)customer};
        n += gy_bits_has(walk->mask, customer);
    }
    walk->run = run;
    return n;
}

/* Whether a run is kept is seldom to be guessed: each is written, and only counted if it is. */
static uint32_t take_kept_cuts(struct gy_slice_walk *walk)
{
    const struct gy_runs *runs = &walk->view->runs;
    uint32_t run = walk->run;
    uint32_t n = 0;
    for (; run < runs->n && n < GY_RANGES_BATCH; run++) {
        uint32_t customer = customer_of(runs, run);
        uint32_t first = walk->cuts->firsts[run];
        uint32_t end = walk->cuts->ends[run];
        walk->ranges[n] = (struct gy_row_range){first, end, (uint16_t)customer};
        n += (uint32_t)gy_bits_has(walk->mask, customer) & (first < end);
    }
    walk->run = run;
    return n;
}

static uint32_t cut_asked_runs(struct gy_slice_walk *walk)
{
    const struct gy_runs *runs = &walk->view->runs;
    uint32_t run = walk->run;
    uint32_t n = 0;
    for (; run < runs->n && n < GY_RANGES_BATCH; run++) {
        uint32_t customer = customer_of(runs, run);
        if (!gy_bits_has(walk->mask, customer))
            continue;
        uint32_t first = gy_runs_start(runs, run);
        uint32_t end = gy_runs_start(runs, run + 1);
        gy_window_cut(walk->view, &walk->window, &first, &end);
        walk->ranges[n] = (struct gy_row_range){first, end, (uint16_t)customer};
        n += first < end;
    }
    walk->run = run;
    return n;
}

bool gy_slice_walk_ranges(struct gy_slice_walk *walk)
{
    bool is_cut = walk->window.cuts_from || walk->window.cuts_to;
    walk->n_ranges = walk->cuts != NULL ? take_kept_cuts(walk)
                     : is_cut           ? cut_asked_runs(walk)
                                        : take_whole_runs(walk);
    walk->next_range = 0;
    return walk->n_ranges > 0;
}

/* Puts rows of a range into the selection, as far as there is room; what is left of the range. */
static struct gy_row_range take(struct gy_selection *selection, struct gy_row_range range)
{
    uint32_t room = GY_SELECTION_SIZE - selection->n;
    uint32_t n = range.end - range.first < room ? range.end - range.first : room;
    uint32_t *rows = selection->rows + selection->n;
    uint16_t *customers = selection->customers + selection->n;
    for (uint32_t i = 0; i < n; i += GY_SELECTION_SLACK) {
        for (uint32_t j = i; j < i + GY_SELECTION_SLACK; j++) {
            rows[j] = range.first + j;
            customers[j] = range.customer;
        }
    }
    selection->n += n;
    range.first += n;
    return range;
}

bool gy_slice_walk_select(struct gy_slice_walk *walk, struct gy_selection *selection)
{
    selection->n = 0;
    walk->rest = take(selection, walk->rest);
    while (selection->n < GY_SELECTION_SIZE) {
        if (walk->next_range == walk->n_ranges && !gy_slice_walk_ranges(walk))
            break;
        walk->rest = take(selection, walk->ranges[walk->next_range++]);
    }
    return selection->n > 0;
}
