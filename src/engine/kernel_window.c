/* kernel_window.c - marks for short runs, binary searches for long ones. */
#include "engine/kernel_window.h"

#include <stdlib.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/mem.h"

bool gy_window_codes_of(const struct gy_slice_view *view, struct gy_range range,
                        struct gy_window_codes *out)
{
    const struct gy_slice *slice = view->slice;
    if (range.from_ms >= range.to_ms || range.to_ms <= gy_code_ms(slice->min_code, 0) ||
        range.from_ms > gy_code_last_ms(slice->max_code))
        return false;
    out->cuts_from = gy_code_ms(slice->min_code, 0) < range.from_ms;
    out->cuts_to = gy_code_last_ms(slice->max_code) >= range.to_ms;
    out->from_code = gy_code_of(range.from_ms, &out->from_millis);
    out->to_code = gy_code_of(range.to_ms, &out->to_millis);
    return true;
}

/* Rows without milliseconds are at the beginning of their second, or day. */
bool gy_window_code_range(const struct gy_slice_view *view, const struct gy_window_codes *window,
                          struct gy_raw_range *out)
{
    uint32_t from_code = window->from_code + (window->from_millis > 0);
    uint32_t to_code = window->to_code + (window->to_millis > 0);
    out->low = window->cuts_from ? from_code : 0;
    out->high = window->cuts_to ? to_code - 1 : UINT32_MAX;
    return view->times.millis == NULL && view->times.day_millis == NULL && out->low <= out->high;
}

/* ---- one run ---- */

static bool row_is_before(const struct gy_slice_view *view, uint32_t row, uint32_t code,
                          uint32_t millis)
{
    uint32_t row_code = view->times.codes[row];
    if (row_code != code)
        return row_code < code;
    return gy_times_millis(&view->times, row) < millis;
}

/* The first row of [first, end) that is not before the instant. Most runs lie wholly on one side; and
 * the last row of one is next to the first row of the next one. */
static uint32_t cut(const struct gy_slice_view *view, uint32_t first, uint32_t end, uint32_t code,
                    uint32_t millis)
{
    if (first == end || !row_is_before(view, first, code, millis))
        return first;
    if (row_is_before(view, end - 1, code, millis))
        return end;
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

void gy_window_cut(const struct gy_slice_view *view, const struct gy_window_codes *window,
                   uint32_t *first, uint32_t *end)
{
    if (window->cuts_to)
        *end = cut(view, *first, *end, window->to_code, window->to_millis);
    if (window->cuts_from)
        *first = cut(view, *first, *end, window->from_code, window->from_millis);
}

/* ---- marks ---- */

enum {
    MILLIS_BITS = 27 /* of a day */
};

/* One word of marks from 64 rows' times, as whole numbers in the order of time. */
#define MARK(time_of_row)             \
    for (uint32_t i = 0; i < 64; i++) \
    word |= (uint64_t)((time_of_row)-low < width) << i

static uint64_t mark_times(const uint32_t *codes, const uint16_t *millis, uint64_t low,
                           uint64_t width)
{
    uint64_t word = 0;
    MARK((uint64_t)codes[i] << MILLIS_BITS | millis[i]);
    return word;
}

#ifdef __SSE2__

/* Four codes less `low`, compared as unsigned numbers (which SSE2 only can with the sign turned). */
static __m128i mark_four(const uint32_t *codes, __m128i low, __m128i width)
{
    __m128i four = _mm_loadu_si128((const __m128i_u *)(const void *)codes);
    __m128i turned = _mm_xor_si128(_mm_sub_epi32(four, low), _mm_set1_epi32(INT32_MIN));
    return _mm_cmplt_epi32(turned, width);
}

static uint64_t mark_codes(const uint32_t *codes, uint32_t low, uint32_t width)
{
    uint64_t word = 0;
    __m128i lows = _mm_set1_epi32((int)low);
    __m128i widths = _mm_set1_epi32((int)(width ^ UINT32_C(0x80000000)));
    for (uint32_t i = 0; i < 64; i += 16) {
        __m128i a = mark_four(codes + i, lows, widths);
        __m128i b = mark_four(codes + i + 4, lows, widths);
        __m128i c = mark_four(codes + i + 8, lows, widths);
        __m128i d = mark_four(codes + i + 12, lows, widths);
        __m128i bytes = _mm_packs_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d));
        word |= (uint64_t)(uint32_t)_mm_movemask_epi8(bytes) << i;
    }
    return word;
}

#else

static uint64_t mark_codes(const uint32_t *codes, uint32_t low, uint32_t width)
{
    uint64_t word = 0;
    MARK(codes[i]);
    return word;
}

#endif

#undef MARK

static uint64_t mark_last(const struct gy_slice_view *view, const struct gy_window_codes *window,
                          uint32_t first, uint32_t end)
{
    uint64_t word = 0;
    for (uint32_t row = first; row < end; row++) {
        bool is_in = !row_is_before(view, row, window->from_code, window->from_millis) &&
                     row_is_before(view, row, window->to_code, window->to_millis);
        word |= (uint64_t)is_in << (row - first);
    }
    return word;
}

static void mark_rows(const struct gy_slice_view *view, const struct gy_window_codes *window,
                      uint64_t *marks)
{
    const struct gy_times *times = &view->times;
    uint32_t n_rows = view->slice->n_rows;
    uint32_t low = window->from_code + (window->from_millis > 0);
    uint32_t width = window->to_code + (window->to_millis > 0) - low;
    uint64_t low_time = (uint64_t)window->from_code << MILLIS_BITS | window->from_millis;
    uint64_t time_width = ((uint64_t)window->to_code << MILLIS_BITS | window->to_millis) - low_time;
    uint32_t row = 0;
    for (; n_rows - row >= 64; row += 64) {
        marks[row / 64] =
            times->millis == NULL
                ? mark_codes(times->codes + row, low, width)
                : mark_times(times->codes + row, times->millis + row, low_time, time_width);
    }
    marks[row / 64] = mark_last(view, window, row, n_rows);
    marks[row / 64 + 1] = 0;
}

/* The marks of up to 64 rows from `first` on. */
static uint64_t marks_from(const uint64_t *marks, uint32_t first, uint32_t end)
{
    uint32_t shift = first & 63;
    uint64_t word = marks[first >> 6] >> shift;
    word |= marks[(first >> 6) + 1] << 1 << (63 - shift);
    return end - first >= 64 ? word : word & ((UINT64_C(1) << (end - first)) - 1);
}

struct row_range {
    uint32_t first;
    uint32_t end;
};

/* How many of the lowest bits are one, without a gap. */
static uint32_t ones_from(uint64_t word)
{
    return word == UINT64_MAX ? 64 : (uint32_t)__builtin_ctzll(~word);
}

/* The marked rows of a run, which are neighbours; `end` 0 where there are none. */
static struct row_range marked(const uint64_t *marks, uint32_t first, uint32_t end)
{
    uint64_t word = marks_from(marks, first, end);
    uint32_t before = (uint32_t)__builtin_ctzll(word | UINT64_C(1) << 63);
    uint32_t n = ones_from(word >> before);
    struct row_range range = {
        .first = first + before,
        .end = word == 0 ? 0 : first + before + n,
    };
    for (first += 64; first < end; first += 64) {
        word = marks_from(marks, first, end);
        if (word == 0)
            continue;
        if (range.end == 0)
            range.first = first + (uint32_t)__builtin_ctzll(word);
        range.end =
            first + (uint32_t)__builtin_ctzll(word) + ones_from(word >> __builtin_ctzll(word));
    }
    return range;
}

/* ---- all runs ---- */

enum {
    SHORT_RUN = 24, /* rows, on average: a run has one or two cache lines of times */
    AHEAD = 16      /* runs whose times are fetched meanwhile */
};

void gy_cut_cache_release(struct gy_cut_cache *cache)
{
    for (unsigned i = 0; i < GY_KEPT_CUTS; i++) {
        free(cache->kept[i].firsts);
        free(cache->kept[i].ends);
    }
    free(cache->marks);
    *cache = (struct gy_cut_cache){0};
}

static void cut_by_marks(struct gy_cut_cache *cache, const struct gy_slice_view *view,
                         const struct gy_window_codes *window, struct gy_run_cuts *out)
{
    GY_GROW(cache->marks, cache->marks_capacity, (size_t)view->slice->n_rows / 64 + 2);
    mark_rows(view, window, cache->marks);
    for (uint32_t run = 0; run < view->runs.n; run++) {
        struct row_range range = marked(cache->marks, gy_runs_start(&view->runs, run),
                                        gy_runs_start(&view->runs, run + 1));
        out->firsts[run] = range.first;
        out->ends[run] = range.end;
    }
}

static void cut_by_search(const struct gy_slice_view *view, const struct gy_window_codes *window,
                          struct gy_run_cuts *out)
{
    const struct gy_runs *runs = &view->runs;
    for (uint32_t run = 0; run < runs->n; run++) {
        uint32_t ahead = run + AHEAD < runs->n ? run + AHEAD : run;
        __builtin_prefetch(&view->times.codes[gy_runs_start(runs, ahead)]);
        out->firsts[run] = gy_runs_start(runs, run);
        out->ends[run] = gy_runs_start(runs, run + 1);
        gy_window_cut(view, window, &out->firsts[run], &out->ends[run]);
    }
}

static void cut_all(struct gy_cut_cache *cache, const struct gy_slice_view *view,
                    const struct gy_window_codes *window, struct gy_run_cuts *out)
{
    bool is_short = view->slice->n_rows / view->slice->n_customers < SHORT_RUN;
    GY_GROW(out->firsts, out->firsts_capacity, view->runs.n);
    GY_GROW(out->ends, out->ends_capacity, view->runs.n);
    if (is_short && view->times.day_millis == NULL)
        cut_by_marks(cache, view, window, out);
    else
        cut_by_search(view, window, out);
}

const struct gy_run_cuts *gy_cut_cache_get(struct gy_cut_cache *cache,
                                           const struct gy_slice_view *view, struct gy_range range,
                                           const struct gy_window_codes *window)
{
    for (unsigned i = 0; i < GY_KEPT_CUTS; i++) {
        const struct gy_run_cuts *kept = &cache->kept[i];
        if (kept->slice == view->slice && kept->range.from_ms == range.from_ms &&
            kept->range.to_ms == range.to_ms)
            return kept;
    }
    struct gy_run_cuts *cuts = &cache->kept[cache->next];
    cache->next = (cache->next + 1) % GY_KEPT_CUTS;
    cut_all(cache, view, window, cuts);
    cuts->slice = view->slice;
    cuts->range = range;
    return cuts;
}
