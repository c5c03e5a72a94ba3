/* kernel_rows.c - cutting runs by a window. */
#include "engine/kernel_rows.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/mem.h"

static bool row_is_before(const struct gy_slice_view *view, uint32_t row, uint32_t code,
                          uint32_t millis)
{
    uint32_t row_code = view->times.codes[row];
    if (row_code != code)
        return row_code < code;
    return gy_times_millis(&view->times, row) < millis;
}

/* The first row of [first, end) that is not before the instant. */
static uint32_t cut(const struct gy_slice_view *view, uint32_t first, uint32_t end, uint32_t code,
                    uint32_t millis)
{
    if (first < end && row_is_before(view, end - 1, code, millis))
        return end; /* long before a recent window */
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

/* ---- marks ---- */

/* Marks read all times one after the other, cuts some of each run at random places: where runs are
 * as short as this on average, and most customers are asked, marks are faster. */
enum {
    SHORT_RUN = 256,
    FEW_ASKED = 8,   /* one in so many */
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

static uint64_t mark_last(const struct gy_slice_walk *walk, uint32_t first, uint32_t end)
{
    uint64_t word = 0;
    for (uint32_t row = first; row < end; row++) {
        bool is_in = !row_is_before(walk->view, row, walk->from_code, walk->from_millis) &&
                     row_is_before(walk->view, row, walk->to_code, walk->to_millis);
        word |= (uint64_t)is_in << (row - first);
    }
    return word;
}

static void mark_rows(const struct gy_slice_walk *walk, uint64_t *marks)
{
    const struct gy_times *times = &walk->view->times;
    uint32_t n_rows = walk->view->slice->n_rows;
    uint32_t low = walk->from_code + (walk->from_millis > 0);
    uint32_t width = walk->to_code + (walk->to_millis > 0) - low;
    uint64_t low_time = (uint64_t)walk->from_code << MILLIS_BITS | walk->from_millis;
    uint64_t time_width = ((uint64_t)walk->to_code << MILLIS_BITS | walk->to_millis) - low_time;
    uint32_t row = 0;
    for (; n_rows - row >= 64; row += 64) {
        marks[row / 64] =
            times->millis == NULL
                ? mark_codes(times->codes + row, low, width)
                : mark_times(times->codes + row, times->millis + row, low_time, time_width);
    }
    marks[row / 64] = mark_last(walk, row, n_rows);
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

/* The marked rows of a run, which are neighbours; `end` 0 where there are none. */
static struct gy_row_range marked(const uint64_t *marks, uint32_t first, uint32_t end)
{
    uint64_t word = marks_from(marks, first, end);
    uint32_t last = 64 - (uint32_t)__builtin_clzll(word | 1);
    struct gy_row_range range = {
        .first = first + (uint32_t)__builtin_ctzll(word | UINT64_C(1) << 63),
        .end = word == 0 ? 0 : first + last,
    };
    for (first += 64; first < end; first += 64) {
        word = marks_from(marks, first, end);
        if (word == 0)
            continue;
        if (range.end == 0)
            range.first = first + (uint32_t)__builtin_ctzll(word);
        range.end = first + 64 - (uint32_t)__builtin_clzll(word);
    }
    return range;
}

/* ---- walking ---- */

static bool is_worth_marking(const struct gy_slice_view *view, const struct gy_bits *mask)
{
    const struct gy_slice *slice = view->slice;
    return view->times.day_millis == NULL && slice->n_rows / slice->n_customers < SHORT_RUN &&
           gy_bits_count(mask) >= slice->n_customers / FEW_ASKED;
}

static const uint64_t *mark(const struct gy_slice_walk *walk, struct gy_range range,
                            struct gy_marks *marks)
{
    const struct gy_slice *slice = walk->view->slice;
    if (marks->slice == slice && marks->range.from_ms == range.from_ms &&
        marks->range.to_ms == range.to_ms)
        return marks->words;
    GY_GROW(marks->words, marks->capacity, (size_t)slice->n_rows / 64 + 2);
    mark_rows(walk, marks->words);
    marks->slice = slice;
    marks->range = range;
    return marks->words;
}

bool gy_slice_walk_begin(struct gy_slice_walk *walk, const struct gy_slice_view *view,
                         struct gy_range range, const struct gy_bits *mask, struct gy_marks *marks)
{
    const struct gy_slice *slice = view->slice;
    if (range.from_ms >= range.to_ms || range.to_ms <= gy_code_ms(slice->min_code, 0) ||
        range.from_ms > gy_code_last_ms(slice->max_code))
        return false;
    walk->view = view;
    walk->mask = mask;
    walk->cuts_from = gy_code_ms(slice->min_code, 0) < range.from_ms;
    walk->cuts_to = gy_code_last_ms(slice->max_code) >= range.to_ms;
    walk->from_code = gy_code_of(range.from_ms, &walk->from_millis);
    walk->to_code = gy_code_of(range.to_ms, &walk->to_millis);
    walk->run = 0;
    walk->rest = (struct gy_row_range){0};
    walk->n_ranges = 0;
    walk->next_range = 0;
    walk->marks = NULL;
    if ((walk->cuts_from || walk->cuts_to) && is_worth_marking(view, mask))
        walk->marks = mark(walk, range, marks);
    return true;
}

static uint32_t start_of(const struct gy_runs *runs, uint32_t run)
{
    return runs->starts == NULL ? run : runs->starts[run];
}

/* All of each run. */
static uint32_t take_whole_runs(struct gy_slice_walk *walk)
{
    const struct gy_runs *runs = &walk->view->runs;
    uint32_t run = walk->run;
    uint32_t n = 0;
    for (; run < runs->n && n < GY_RANGES_BATCH; run++) {
        uint16_t customer = runs->customers == NULL ? (uint16_t)run : runs->customers[run];
        walk->ranges[n] =
            (struct gy_row_range){start_of(runs, run), start_of(runs, run + 1), customer};
        n += gy_bits_has(walk->mask, customer);
    }
    walk->run = run;
    return n;
}

static struct gy_row_range cut_run(const struct gy_slice_walk *walk, uint32_t first, uint32_t end)
{
    if (walk->marks != NULL)
        return marked(walk->marks, first, end);
    if (walk->cuts_to)
        end = cut(walk->view, first, end, walk->to_code, walk->to_millis);
    if (walk->cuts_from)
        first = cut(walk->view, first, end, walk->from_code, walk->from_millis);
    return (struct gy_row_range){.first = first, .end = end};
}

/* Whether a marked run is kept is seldom to be guessed: each is written, and only counted if it is. */
static uint32_t take_cut_runs(struct gy_slice_walk *walk)
{
    const struct gy_runs *runs = &walk->view->runs;
    uint32_t run = walk->run;
    uint32_t n = 0;
    for (; run < runs->n && n < GY_RANGES_BATCH; run++) {
        uint16_t customer = runs->customers == NULL ? (uint16_t)run : runs->customers[run];
        if (walk->marks == NULL && !gy_bits_has(walk->mask, customer))
            continue;
        struct gy_row_range range = cut_run(walk, start_of(runs, run), start_of(runs, run + 1));
        range.customer = customer;
        walk->ranges[n] = range;
        n += (uint32_t)gy_bits_has(walk->mask, customer) & (range.first < range.end);
    }
    walk->run = run;
    return n;
}

bool gy_slice_walk_ranges(struct gy_slice_walk *walk)
{
    bool is_cut = walk->cuts_from || walk->cuts_to;
    walk->n_ranges = is_cut ? take_cut_runs(walk) : take_whole_runs(walk);
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
