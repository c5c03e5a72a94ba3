/* run_marks.c - marks of a chunk, less what is outside of the window. */
#include "engine/run_marks.h"

#include "base/cpu.h"
#include "engine/raw_marks.h"
#include "engine/row_marks.h"
#include "engine/row_sums.h"
#include "engine/run_sums.h"

enum {
    SPARSE = 32,       /* one row in so many passes: their times are asked for one by one */
    FEW_IN_WINDOW = 8, /* one row in so many is in the window: each is asked whether it passes */
    FEW_IN_RUNS = 8    /* a mark in so many runs: the run of each mark is searched for */
};

/* Marks of rows, from row `first` of the slice on. */
struct marks {
    uint32_t first;
    uint32_t n;
    bool are_in_window;     /* those marked; else … */
    const uint32_t *firsts; /* … each run's rows from here … */
    const uint32_t *ends;   /* … up to here are */
    uint64_t words[GY_CHUNK_WORDS];
};

bool gy_run_can_mark(struct gy_run_eval *eval, uint32_t stream, const struct gy_filter *filter)
{
    struct gy_block_eval *block = eval->block;
    const struct gy_stream_view *view = gy_reader_stream(block->reader, block->block_no, stream);
    return view->n_slices == 0 ||
           (view->n_slices == 1 && gy_marker_of(&block->filters, filter, &view->slices[0]) != NULL);
}

/* ---- counting marks ---- */

static GY_ALWAYS_INLINE void count_all_body(const uint64_t *words, uint32_t n, uint32_t *count)
{
    uint32_t ones = 0;
    for (uint32_t w = 0; w < n; w++)
        ones += (uint32_t)__builtin_popcountll(words[w]);
    *count = ones;
}

GY_COMPILE_FOR_AVX2(count_all, (const uint64_t *words, uint32_t n, uint32_t *count),
                    (words, n, count))

static uint32_t count_marks(const struct marks *m)
{
    uint32_t count;
    count_all(m->words, m->n / 64 + 1, &count);
    return count;
}

static GY_ALWAYS_INLINE uint32_t rank(const uint64_t *words, const uint32_t *before, uint32_t row)
{
    uint64_t left = words[row >> 6] & ((UINT64_C(1) << (row & 63)) - 1);
    return before[row >> 6] + (uint32_t)__builtin_popcountll(left);
}

static GY_ALWAYS_INLINE void rank_words(const struct marks *m, uint32_t *before)
{
    uint32_t ones = 0;
    for (uint32_t w = 0; w <= m->n / 64; w++) {
        before[w] = ones;
        ones += (uint32_t)__builtin_popcountll(m->words[w]);
    }
}

static GY_ALWAYS_INLINE void count_cuts_body(const struct marks *m, uint32_t n_runs,
                                             uint32_t *before, uint32_t *counts)
{
    rank_words(m, before);
    for (uint32_t i = 0; i < n_runs; i++)
        counts[i] = rank(m->words, before, m->ends[i] - m->first) -
                    rank(m->words, before, m->firsts[i] - m->first);
}

GY_COMPILE_FOR_AVX2(count_cuts,
                    (const struct marks *m, uint32_t n_runs, uint32_t *before, uint32_t *counts),
                    (m, n_runs, before, counts))

/* Where each run ends, the next begins. */
static GY_ALWAYS_INLINE void count_runs_body(const struct marks *m, uint32_t n_runs,
                                             uint32_t *before, uint32_t *counts)
{
    uint32_t last = 0;
    rank_words(m, before);
    for (uint32_t i = 0; i < n_runs; i++) {
        uint32_t next = rank(m->words, before, m->ends[i] - m->first);
        counts[i] = next - last;
        last = next;
    }
}

GY_COMPILE_FOR_AVX2(count_runs,
                    (const struct marks *m, uint32_t n_runs, uint32_t *before, uint32_t *counts),
                    (m, n_runs, before, counts))

/* The run of a row; there are `n` of them. In steps of which the processor takes several marks' at once. */
static GY_ALWAYS_INLINE uint32_t run_of_row(const uint32_t *starts, uint32_t n, uint32_t row)
{
    uint32_t run = 0;
    while (n > 1) {
        uint32_t half = n / 2;
        run += starts[run + half] <= row ? half : 0;
        n -= half;
    }
    return run;
}

/* For each mark its row and its run, in a function that was compiled for it. */
#define FOR_EACH_MARK(m, starts, n_runs, statement)                               \
    for (uint32_t w = 0; w <= (m)->n / 64; w++) {                                 \
        for (uint64_t left = (m)->words[w]; left != 0; left &= left - 1) {        \
            uint32_t row = (m)->first + w * 64 + (uint32_t)__builtin_ctzll(left); \
            uint32_t run = run_of_row(starts, n_runs, row);                       \
            statement;                                                            \
        }                                                                         \
    }

static GY_ALWAYS_INLINE void count_few_body(const struct marks *m, const uint32_t *starts,
                                            uint32_t n_runs, uint32_t *counts){
    FOR_EACH_MARK(m, starts, n_runs, counts[run]++)}

GY_COMPILE_FOR_AVX2(count_few,
                    (const struct marks *m, const uint32_t *starts, uint32_t n_runs,
                     uint32_t *counts),
                    (m, starts, n_runs, counts))

    /* ---- the marks of a whole chunk ---- */

    /* Drops marks of rows without a value. */
    static void drop_absent(const struct gy_column *column, struct marks *m)
{
    uint32_t shift = m->first & 63;
    const uint64_t *present = column->present + m->first / 64;
    for (uint32_t w = 0; w <= m->n / 64; w++) {
        if (m->words[w] != 0)
            m->words[w] &= present[w] >> shift | present[w + 1] << 1 << (63 - shift);
    }
}

/* Drops marks of rows whose codes are outside of the range. */
static void drop_codes(const uint32_t *codes, struct gy_raw_range range, struct marks *m)
{
    uint64_t inside[GY_CHUNK_WORDS];
    gy_mark_raws((struct gy_raws){codes, 4}, m->first, m->n, &range, 1, inside);
    for (uint32_t w = 0; w <= m->n / 64; w++)
        m->words[w] &= inside[w];
}

/* The same where there are few, one by one. */
static void drop_few(const uint32_t *codes, struct gy_raw_range range, struct marks *m)
{
    for (uint32_t w = 0; w <= m->n / 64; w++) {
        uint64_t kept = 0;
        for (uint64_t left = m->words[w]; left != 0; left &= left - 1) {
            uint32_t code = codes[m->first + w * 64 + (uint32_t)__builtin_ctzll(left)];
            bool is_kept = code - range.low <= range.high - range.low;
            kept |= is_kept ? left & (UINT64_C(0) - left) : 0;
        }
        m->words[w] = kept;
    }
}

/* The window's rows first, where that is cheaper: then few are left to be asked. */
static void mark_in_window(const struct gy_marker *marker, const uint32_t *codes,
                           struct gy_raw_range range, struct marks *m)
{
    uint64_t passes[GY_CHUNK_WORDS];
    gy_mark_raws((struct gy_raws){codes, 4}, m->first, m->n, &range, 1, m->words);
    if (count_marks(m) < m->n / FEW_IN_WINDOW) {
        gy_marker_keep(marker, m->first, m->n, m->words);
        return;
    }
    gy_marker_run(marker, m->first, m->n, passes);
    for (uint32_t w = 0; w <= m->n / 64; w++)
        m->words[w] &= passes[w];
}

/* Rows that pass and, where codes tell, are in the window: then also true. */
static bool mark_rows(const struct gy_run_chunk *chunk, const struct gy_marker *marker,
                      const struct gy_window_codes *window, struct marks *m)
{
    const uint32_t *codes = chunk->view->times.codes;
    struct gy_raw_range range;
    bool cuts = window->cuts_from || window->cuts_to;
    bool by_codes = cuts && gy_window_code_range(chunk->view, window, &range);
    if (by_codes && gy_marker_is_slow(marker)) {
        mark_in_window(marker, codes, range, m);
        return true;
    }
    gy_marker_run(marker, m->first, m->n, m->words);
    uint32_t n_marks = by_codes ? count_marks(m) : 0;
    if (n_marks > 0)
        (n_marks < m->n / SPARSE ? drop_few : drop_codes)(codes, range, m);
    return by_codes || !cuts;
}

/* Marks the rows that pass and, if `column` is not NULL, have a value of it; returns how many, 0 also where none
 * of the marks says anything. */
static uint32_t mark_chunk(struct gy_run_eval *eval, const struct gy_marker *marker,
                           struct gy_range range, const struct gy_column *column, struct marks *m)
{
    struct gy_run_chunk *chunk = &eval->chunk;
    struct gy_window_codes window;
    if (!gy_window_codes_of(chunk->view, range, &window))
        return 0;
    m->first = chunk->first_row;
    m->n = chunk->n_rows;
    m->firsts = chunk->starts;
    m->ends = chunk->starts + 1;
    m->are_in_window = mark_rows(chunk, marker, &window, m);
    if (column != NULL && column->present != NULL)
        drop_absent(column, m);
    uint32_t n_marks = count_marks(m);
    if (n_marks > 0 && !m->are_in_window) {
        const struct gy_chunk_cuts *cuts = gy_run_chunk_cut(chunk, range);
        m->firsts = cuts->firsts;
        m->ends = cuts->ends;
    }
    return n_marks;
}

/* Whether there are so few marks of the window's rows that the run of each is searched for. */
static bool are_few(const struct gy_run_chunk *chunk, const struct marks *m, uint32_t n_marks)
{
    return m->are_in_window && n_marks < chunk->n_runs / FEW_IN_RUNS;
}

/* ---- the marks of single runs ---- */

/* Goes on to the next rows of a run in the window; false behind them. */
static bool mark_piece(const struct gy_marker *marker, const struct gy_column *column, uint32_t end,
                       struct marks *m)
{
    m->first += m->n;
    if (m->first >= end)
        return false;
    m->n = end - m->first < GY_CHUNK_ROWS ? end - m->first : GY_CHUNK_ROWS;
    gy_marker_run(marker, m->first, m->n, m->words);
    if (column != NULL && column->present != NULL)
        drop_absent(column, m);
    return true;
}

static const struct gy_marker *marker_of_chunk(struct gy_run_eval *eval,
                                               const struct gy_filter *filter)
{
    if (eval->chunk.view == NULL)
        return NULL;
    const struct gy_marker *marker = gy_marker_of(&eval->block->filters, filter, eval->chunk.view);
    return gy_marker_is_none(marker) ? NULL : marker;
}

/* ---- counts ---- */

static void count_run_by_run(struct gy_run_eval *eval, const struct gy_marker *marker,
                             struct gy_range range, uint32_t *counts)
{
    const struct gy_chunk_cuts *cuts = gy_run_chunk_cut(&eval->chunk, range);
    for (uint32_t i = 0; i < eval->chunk.n_runs; i++) {
        struct marks m;
        if (!gy_run_chunk_asks(&eval->chunk, i))
            continue;
        m.first = cuts->firsts[i];
        m.n = 0;
        while (mark_piece(marker, NULL, cuts->ends[i], &m))
            counts[i] += count_marks(&m);
    }
}

static void count_chunk(struct gy_run_eval *eval, const struct marks *m, uint32_t n_marks,
                        uint32_t *counts)
{
    const struct gy_run_chunk *chunk = &eval->chunk;
    if (n_marks == 0)
        return;
    if (are_few(chunk, m, n_marks))
        count_few(m, chunk->starts, chunk->n_runs, counts);
    else if (m->are_in_window)
        count_runs(m, chunk->n_runs, eval->counts_before, counts);
    else
        count_cuts(m, chunk->n_runs, eval->counts_before, counts);
}

void gy_run_marked_counts(struct gy_run_eval *eval, const struct gy_filter *filter,
                          struct gy_range range, uint32_t *counts)
{
    const struct gy_marker *marker = marker_of_chunk(eval, filter);
    struct marks m;
    memset(counts, 0, eval->chunk.n_runs * sizeof *counts);
    if (marker == NULL)
        return;
    if (eval->chunk.is_searched)
        count_run_by_run(eval, marker, range, counts);
    else
        count_chunk(eval, &m, mark_chunk(eval, marker, range, NULL, &m), counts);
}

/* ---- sums ---- */

static void add_row(const struct gy_column *column, uint32_t row, int64_t factor, int64_t *sum,
                    uint32_t *count)
{
    *sum += gy_column_int(column, row) * factor;
    *count += 1;
}

static void sum_run_by_run(struct gy_run_eval *eval, const struct gy_marker *marker,
                           struct gy_range range, const struct gy_column *column, int64_t factor,
                           int64_t *sums, uint32_t *counts)
{
    const struct gy_chunk_cuts *cuts = gy_run_chunk_cut(&eval->chunk, range);
    for (uint32_t i = 0; i < eval->chunk.n_runs; i++) {
        struct marks m;
        if (!gy_run_chunk_asks(&eval->chunk, i))
            continue;
        m.first = cuts->firsts[i];
        m.n = 0;
        while (mark_piece(marker, column, cuts->ends[i], &m)) {
            for (uint32_t w = 0; w <= m.n / 64; w++) {
                for (uint64_t left = m.words[w]; left != 0; left &= left - 1)
                    add_row(column, m.first + w * 64 + (uint32_t)__builtin_ctzll(left), factor,
                            &sums[i], &counts[i]);
            }
        }
    }
}

/* A run's marks follow one another. */
static void sum_chunk(const struct gy_run_chunk *chunk, const struct marks *m,
                      const struct gy_column *column, int64_t factor, int64_t *sums,
                      uint32_t *counts)
{
    uint32_t run = 0;
    for (uint32_t w = 0; w <= m->n / 64; w++) {
        for (uint64_t left = m->words[w]; left != 0; left &= left - 1) {
            uint32_t row = m->first + w * 64 + (uint32_t)__builtin_ctzll(left);
            while (row >= chunk->starts[run + 1])
                run++;
            if (row >= m->firsts[run] && row < m->ends[run])
                add_row(column, row, factor, &sums[run], &counts[run]);
        }
    }
}

static GY_ALWAYS_INLINE void sum_few_body(const struct marks *m, const uint32_t *starts,
                                          uint32_t n_runs, const struct gy_column *column,
                                          int64_t factor, int64_t *sums, uint32_t *counts){
    FOR_EACH_MARK(m, starts, n_runs, add_row(column, row, factor, &sums[run], &counts[run]))}

GY_COMPILE_FOR_AVX2(sum_few,
                    (const struct marks *m, const uint32_t *starts, uint32_t n_runs,
                     const struct gy_column *column, int64_t factor, int64_t *sums,
                     uint32_t *counts),
                    (m, starts, n_runs, column, factor, sums, counts))

    void gy_run_marked_sums(struct gy_run_eval *eval, const struct gy_filter *filter,
                            struct gy_range range, const struct gy_column *column, int64_t factor,
                            int64_t *sums, uint32_t *counts)
{
    const struct gy_run_chunk *chunk = &eval->chunk;
    const struct gy_marker *marker = marker_of_chunk(eval, filter);
    uint32_t own_counts[GY_CHUNK_RUNS];
    struct marks m;
    counts = counts == NULL ? own_counts : counts;
    memset(sums, 0, chunk->n_runs * sizeof *sums);
    memset(counts, 0, chunk->n_runs * sizeof *counts);
    if (marker == NULL)
        return;
    if (chunk->is_searched) {
        sum_run_by_run(eval, marker, range, column, factor, sums, counts);
        return;
    }
    uint32_t n_marks = mark_chunk(eval, marker, range, column, &m);
    if (n_marks == 0)
        return;
    if (are_few(chunk, &m, n_marks))
        sum_few(&m, chunk->starts, chunk->n_runs, column, factor, sums, counts);
    else
        sum_chunk(chunk, &m, column, factor, sums, counts);
}

/* ---- sums of 32 bits ---- */

/* Whether no sum of the chunk's values is below 0, or 2^32 or more. */
static bool fit_32_bits(const struct gy_run_chunk *chunk, const struct gy_column *column)
{
    return column->width < 8 && column->base >= 0 && column->max_int <= UINT32_MAX &&
           (uint64_t)column->max_int * chunk->n_rows <= UINT32_MAX;
}

static GY_ALWAYS_INLINE void sum_few_small_body(const struct marks *m, const uint32_t *starts,
                                                uint32_t n_runs, const struct gy_column *column,
                                                uint32_t *sums){
    FOR_EACH_MARK(m, starts, n_runs, sums[run] += (uint32_t)gy_column_int(column, row))}

GY_COMPILE_FOR_AVX2(sum_few_small,
                    (const struct marks *m, const uint32_t *starts, uint32_t n_runs,
                     const struct gy_column *column, uint32_t *sums),
                    (m, starts, n_runs, column, sums))

    bool gy_run_marked_small_sums(struct gy_run_eval *eval, const struct gy_filter *filter,
                                  struct gy_range range, const struct gy_column *column,
                                  uint32_t *sums)
{
    const struct gy_run_chunk *chunk = &eval->chunk;
    struct marks m;
    if (!gy_run_are_short(chunk) || !fit_32_bits(chunk, column))
        return false;
    const struct gy_marker *marker = marker_of_chunk(eval, filter);
    memset(sums, 0, chunk->n_runs * sizeof *sums);
    uint32_t n_marks = marker == NULL ? 0 : mark_chunk(eval, marker, range, column, &m);
    if (n_marks == 0)
        return true;
    if (are_few(chunk, &m, n_marks)) {
        sum_few_small(&m, chunk->starts, chunk->n_runs, column, sums);
        return true;
    }
    struct gy_row_addends addends = {.raws = (const char *)column->data +
                                             (size_t)m.first * column->width,
                                     .width = column->width,
                                     .base = (uint32_t)column->base,
                                     .present = m.words};
    gy_row_sums(&addends, 0, m.n, eval->counts_before);
    const uint32_t *before = eval->counts_before;
    for (uint32_t i = 0; i < chunk->n_runs; i++)
        sums[i] = before[m.ends[i] - m.first] - before[m.firsts[i] - m.first];
    return true;
}
