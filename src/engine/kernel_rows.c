/* kernel_rows.c - cutting runs by a window. */
#include "engine/kernel_rows.h"

/* An instant as the code and milliseconds that a row of that time has; instants before 1970 are its
 * beginning (events have no earlier times), those after 2105 the last code. */
static void split(int64_t time_ms, uint32_t *code, uint32_t *millis)
{
    int64_t held = time_ms < 0 ? 0 : time_ms;
    bool is_late = held / 1000 >= UINT32_MAX - 1;
    *code = is_late ? UINT32_MAX : (uint32_t)(held / 1000) + 1;
    *millis = is_late ? 0 : (uint32_t)(held % 1000);
}

static bool row_is_before(const struct gy_slice_view *view, uint32_t row, uint32_t code,
                          uint32_t millis)
{
    uint32_t row_code = view->times.codes[row];
    if (row_code != code)
        return row_code < code;
    return (view->times.millis == NULL ? 0U : view->times.millis[row]) < millis;
}

/* The first row of [first, end) that is not before the instant. */
static uint32_t cut(const struct gy_slice_view *view, uint32_t first, uint32_t end, uint32_t code,
                    uint32_t millis)
{
    while (end - first > 8) {
        uint32_t middle = first + (end - first) / 2;
        if (row_is_before(view, middle, code, millis))
            first = middle + 1;
        else
            end = middle;
    }
    while (first < end && row_is_before(view, first, code, millis))
        first++;
    return first;
}

bool gy_slice_walk_begin(struct gy_slice_walk *walk, const struct gy_slice_view *view,
                         struct gy_range range, const struct gy_bits *mask)
{
    const struct gy_slice *slice = view->slice;
    if (range.from_ms >= range.to_ms || range.to_ms <= gy_code_ms(slice->min_code, 0) ||
        range.from_ms > gy_code_ms(slice->max_code, 999))
        return false;
    walk->view = view;
    walk->mask = mask;
    walk->cuts_from = gy_code_ms(slice->min_code, 0) < range.from_ms;
    walk->cuts_to = gy_code_ms(slice->max_code, 999) >= range.to_ms;
    split(range.from_ms, &walk->from_code, &walk->from_millis);
    split(range.to_ms, &walk->to_code, &walk->to_millis);
    walk->run = 0;
    walk->rest = (struct gy_row_range){0};
    walk->n_ranges = 0;
    walk->next_range = 0;
    return true;
}

static uint32_t start_of(const struct gy_runs *runs, uint32_t run)
{
    return runs->starts == NULL ? run : runs->starts[run];
}

bool gy_slice_walk_ranges(struct gy_slice_walk *walk)
{
    const struct gy_slice_view *view = walk->view;
    const struct gy_runs *runs = &view->runs;
    uint32_t run = walk->run;
    uint32_t n = 0;
    for (; run < runs->n && n < GY_RANGES_BATCH; run++) {
        uint16_t customer = runs->customers == NULL ? (uint16_t)run : runs->customers[run];
        uint32_t first = start_of(runs, run);
        uint32_t end = start_of(runs, run + 1);
        if (!gy_bits_has(walk->mask, customer))
            continue;
        if (walk->cuts_to)
            end = cut(view, first, end, walk->to_code, walk->to_millis);
        if (walk->cuts_from)
            first = cut(view, first, end, walk->from_code, walk->from_millis);
        walk->ranges[n] = (struct gy_row_range){first, end, customer};
        n += first < end;
    }
    walk->run = run;
    walk->n_ranges = n;
    walk->next_range = 0;
    return n > 0;
}

/* Puts rows of a range into the selection, as far as there is room; what is left of the range. */
static struct gy_row_range take(struct gy_selection *selection, struct gy_row_range range)
{
    uint32_t n = selection->n;
    uint32_t room = GY_SELECTION_SIZE - n;
    uint32_t end = range.end - range.first < room ? range.end : range.first + room;
    for (uint32_t row = range.first; row < end; row++, n++) {
        selection->rows[n] = row;
        selection->customers[n] = range.customer;
    }
    selection->n = n;
    range.first = end;
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
