/* run_chunk.c - marks and ranks for short runs, binary searches for long ones. */
#include "engine/run_chunk.h"

#include "base/cpu.h"

#if GY_HAS_AVX2_CODE
#include <immintrin.h>
#endif

enum {
    SHORT_RUN = 64, /* rows, on average: a search would touch as many cache lines as there are */
    FEW_ASKED = 16, /* one in so many: then only their runs are looked at */
    AHEAD = 16      /* runs whose times are fetched meanwhile */
};

static const uint32_t no_rows[2];

/* ---- from chunk to chunk ---- */

void gy_run_chunk_begin(struct gy_run_chunk *chunk, struct gy_slice_view *view,
                        const struct gy_bits *mask)
{
    chunk->view = view;
    chunk->mask = mask;
    chunk->first_run = 0;
    chunk->n_runs = 0;
}

void gy_run_chunk_nobody(struct gy_run_chunk *chunk)
{
    chunk->view = NULL;
    chunk->n_runs = 1;
    chunk->first_row = 0;
    chunk->n_rows = 0;
    chunk->are_few = false;
    chunk->starts = no_rows;
    chunk->n_instants = 0;
    chunk->n_uses = 0;
    chunk->next_cuts = 0;
}

static GY_ALWAYS_INLINE void count_ones_body(const uint64_t *words, uint32_t n, uint32_t *count)
{
    uint32_t ones = 0;
    for (uint32_t w = 0; w < n; w++)
        ones += (uint32_t)__builtin_popcountll(words[w]);
    *count = ones;
}

GY_COMPILE_FOR_AVX2(count_ones, (const uint64_t *words, uint32_t n, uint32_t *count),
                    (words, n, count))

/* How many of the customers from the first to the last of the chunk are asked about. */
static uint32_t count_asked(const struct gy_run_chunk *chunk)
{
    uint32_t first = gy_run_chunk_customer(chunk, 0) / 64;
    uint32_t last = gy_run_chunk_customer(chunk, chunk->n_runs - 1) / 64;
    uint32_t n;
    count_ones(chunk->mask->words + first, last - first + 1, &n);
    return n;
}

static void take_starts(struct gy_run_chunk *chunk)
{
    const struct gy_runs *runs = &chunk->view->runs;
    uint32_t left = runs->n - chunk->first_run;
    uint32_t n = left < GY_CHUNK_RUNS ? left : GY_CHUNK_RUNS;
    chunk->first_row = gy_runs_start(runs, chunk->first_run);
    while (n > 1 && gy_runs_start(runs, chunk->first_run + n) - chunk->first_row > GY_CHUNK_ROWS)
        n /= 2;
    chunk->n_runs = n;
    chunk->n_rows = gy_runs_start(runs, chunk->first_run + n) - chunk->first_row;
    chunk->starts = runs->starts == NULL ? chunk->own_starts : runs->starts + chunk->first_run;
    for (uint32_t i = 0; runs->starts == NULL && i <= n; i++)
        chunk->own_starts[i] = chunk->first_row + i;
}

bool gy_run_chunk_next(struct gy_run_chunk *chunk)
{
    uint32_t n_asked = 0;
    while (n_asked == 0) {
        chunk->first_run += chunk->n_runs;
        if (chunk->first_run >= chunk->view->runs.n)
            return false;
        take_starts(chunk);
        n_asked = count_asked(chunk);
    }
    chunk->are_few = n_asked < chunk->n_runs / FEW_ASKED;
    chunk->is_searched = chunk->are_few || chunk->n_rows > GY_CHUNK_ROWS ||
                         chunk->n_rows / chunk->n_runs >= SHORT_RUN;
    chunk->n_instants = 0;
    chunk->n_uses = 0;
    chunk->next_cuts = 0;
    return true;
}

/* ---- marks ---- */

void gy_mark_before_plain(const uint32_t *codes, uint32_t n, uint32_t bound, uint64_t *marks)
{
    for (uint32_t row = 0; row <= n; row += 64) {
        uint64_t word = 0;
        for (uint32_t i = 0; i < 64 && row + i < n; i++)
            word |= (uint64_t)(codes[row + i] < bound) << i;
        marks[row / 64] = word;
    }
}

#if GY_HAS_AVX2_CODE

/* Of eight codes, those that are not less than the bound, as lanes of ones: AVX2 has no comparison of unsigned
 * numbers, but the greater of two. */
GY_AVX2 static inline __m256i not_before(const uint32_t *codes, __m256i bound)
{
    __m256i eight = _mm256_loadu_si256((const __m256i_u *)(const void *)codes);
    return _mm256_cmpeq_epi32(_mm256_max_epu32(eight, bound), eight);
}

/* A bit for each of 32 codes. Packing keeps halves apart: their groups of four are put in order again. */
GY_AVX2 static inline uint64_t not_before_32(const uint32_t *codes, __m256i bound)
{
    __m256i ab = _mm256_packs_epi32(not_before(codes, bound), not_before(codes + 8, bound));
    __m256i cd = _mm256_packs_epi32(not_before(codes + 16, bound), not_before(codes + 24, bound));
    __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(ab, cd), order);
    return (uint32_t)_mm256_movemask_epi8(bytes);
}

GY_AVX2 static void mark_before_avx2(const uint32_t *codes, uint32_t n, uint32_t bound,
                                     uint64_t *marks)
{
    __m256i bounds = _mm256_set1_epi32((int)bound);
    uint32_t row = 0;
    for (; n - row >= 64; row += 64) {
        uint64_t low = not_before_32(codes + row, bounds);
        marks[row / 64] = ~(low | not_before_32(codes + row + 32, bounds) << 32);
    }
    uint64_t word = 0;
    for (uint32_t i = 0; row + i < n; i += 8) {
        __m256i lanes = not_before(codes + row + i, bounds);
        word |= (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(lanes)) << i;
    }
    marks[row / 64] = ~word;
}

#endif

void gy_mark_before(const uint32_t *codes, uint32_t n, uint32_t bound, uint64_t *marks)
{
#if GY_HAS_AVX2_CODE
    if (gy_cpu_has_avx2()) {
        mark_before_avx2(codes, n, bound, marks);
        return;
    }
#endif
    gy_mark_before_plain(codes, n, bound, marks);
}

/* Where times have milliseconds: those rows of the code itself that are before the instant. */
static void mark_within_code(struct gy_run_chunk *chunk, uint32_t code, uint32_t millis)
{
    const struct gy_times *times = &chunk->view->times;
    gy_mark_before(times->codes + chunk->first_row, chunk->n_rows, code + 1, chunk->more_marks);
    for (uint32_t w = 0; w <= chunk->n_rows / 64; w++) {
        uint64_t equal = chunk->more_marks[w] & ~chunk->marks[w];
        for (; equal != 0; equal &= equal - 1) {
            uint32_t row = w * 64 + (uint32_t)__builtin_ctzll(equal);
            if (row < chunk->n_rows && gy_times_millis(times, chunk->first_row + row) < millis)
                chunk->marks[w] |= UINT64_C(1) << (row & 63);
        }
    }
}

static void mark(struct gy_run_chunk *chunk, uint32_t code, uint32_t millis)
{
    const struct gy_times *times = &chunk->view->times;
    const uint32_t *codes = times->codes + chunk->first_row;
    bool has_millis = times->millis != NULL || times->day_millis != NULL;
    if (millis > 0 && !has_millis) {
        gy_mark_before(codes, chunk->n_rows, code + 1, chunk->marks);
        return;
    }
    gy_mark_before(codes, chunk->n_rows, code, chunk->marks);
    if (millis > 0)
        mark_within_code(chunk, code, millis);
}

/* ---- ranks ---- */

static GY_ALWAYS_INLINE uint32_t rank(const uint64_t *marks, const uint32_t *ranks, uint32_t row)
{
    uint64_t before = marks[row >> 6] & ((UINT64_C(1) << (row & 63)) - 1);
    return ranks[row >> 6] + (uint32_t)__builtin_popcountll(before);
}

static GY_ALWAYS_INLINE void count_marks_body(const uint64_t *marks, uint32_t n_words,
                                              uint32_t *ranks)
{
    uint32_t n = 0;
    for (uint32_t w = 0; w < n_words; w++) {
        ranks[w] = n;
        n += (uint32_t)__builtin_popcountll(marks[w]);
    }
}

GY_COMPILE_FOR_AVX2(count_marks, (const uint64_t *marks, uint32_t n_words, uint32_t *ranks),
                    (marks, n_words, ranks))

/* out[i]: the row behind those of run i that are marked, which come first. */
static GY_ALWAYS_INLINE void rank_runs_body(const uint64_t *restrict marks,
                                            const uint32_t *restrict ranks,
                                            const uint32_t *restrict starts, uint32_t n,
                                            uint32_t *restrict out)
{
    uint32_t first_row = starts[0];
    uint32_t start = starts[0];
    uint32_t before = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t end = starts[i + 1];
        uint32_t behind = rank(marks, ranks, end - first_row);
        out[i] = start + (behind - before);
        before = behind;
        start = end;
    }
}

GY_COMPILE_FOR_AVX2(rank_runs,
                    (const uint64_t *marks, const uint32_t *ranks, const uint32_t *starts,
                     uint32_t n, uint32_t *out),
                    (marks, ranks, starts, n, out))

/* ---- instants ---- */

static void search(const struct gy_run_chunk *chunk, struct gy_chunk_instant *instant)
{
    const uint32_t *codes = chunk->view->times.codes;
    struct gy_window_codes window = {
        .cuts_from = true, .from_code = instant->code, .from_millis = instant->millis};
    for (uint32_t i = 0; i < chunk->n_runs; i++) {
        uint32_t ahead = i + AHEAD < chunk->n_runs ? i + AHEAD : i;
        if (gy_run_chunk_asks(chunk, ahead))
            __builtin_prefetch(&codes[chunk->starts[ahead]]);
        uint32_t first = chunk->starts[i];
        uint32_t end = chunk->starts[i + 1];
        if (gy_run_chunk_asks(chunk, i))
            gy_window_cut(chunk->view, &window, &first, &end);
        instant->rows[i] = first;
    }
}

/* A new one, or the one whose last use is longest ago: those of the last GY_CHUNK_WINDOWS windows stay. */
static struct gy_chunk_instant *place_for_instant(struct gy_run_chunk *chunk)
{
    if (chunk->n_instants < GY_CHUNK_INSTANTS)
        return &chunk->instants[chunk->n_instants++];
    struct gy_chunk_instant *oldest = &chunk->instants[0];
    for (uint32_t i = 1; i < GY_CHUNK_INSTANTS; i++) {
        if (chunk->instants[i].last_use < oldest->last_use)
            oldest = &chunk->instants[i];
    }
    return oldest;
}

/* Where the instant parts the runs; of those not asked about, anywhere within. */
static const uint32_t *rows_before(struct gy_run_chunk *chunk, uint32_t code, uint32_t millis)
{
    for (uint32_t i = 0; i < chunk->n_instants; i++) {
        struct gy_chunk_instant *instant = &chunk->instants[i];
        if (instant->code == code && instant->millis == millis) {
            instant->last_use = chunk->n_uses++;
            return instant->rows;
        }
    }
    struct gy_chunk_instant *instant = place_for_instant(chunk);
    instant->code = code;
    instant->millis = millis;
    instant->last_use = chunk->n_uses++;
    if (chunk->is_searched) {
        search(chunk, instant);
    } else {
        mark(chunk, code, millis);
        count_marks(chunk->marks, chunk->n_rows / 64 + 1, chunk->ranks);
        rank_runs(chunk->marks, chunk->ranks, chunk->starts, chunk->n_runs, instant->rows);
    }
    return instant->rows;
}

/* ---- windows ---- */

const struct gy_chunk_cuts *gy_run_chunk_cut(struct gy_run_chunk *chunk, struct gy_range range)
{
    struct gy_window_codes window;
    struct gy_chunk_cuts *cuts = &chunk->cuts[chunk->next_cuts];
    chunk->next_cuts = (chunk->next_cuts + 1) % GY_CHUNK_WINDOWS;
    cuts->firsts = chunk->starts;
    cuts->ends = chunk->starts + 1;
    if (chunk->view == NULL)
        return cuts;
    if (!gy_window_codes_of(chunk->view, range, &window)) {
        cuts->ends = chunk->starts;
        return cuts;
    }
    if (window.cuts_from)
        cuts->firsts = rows_before(chunk, window.from_code, window.from_millis);
    if (window.cuts_to)
        cuts->ends = rows_before(chunk, window.to_code, window.to_millis);
    return cuts;
}

/* The codes of each run's row that is `back` rows before its end, or of a run before it. */
static void codes_of_tails(const struct gy_run_chunk *chunk, uint32_t back, uint32_t *out)
{
    const uint32_t *codes = chunk->view->times.codes;
    const uint32_t *starts = chunk->starts;
    uint32_t n = chunk->n_runs;
    for (uint32_t i = 0; i < n; i++) {
        out[i] = codes[starts[i + 1] - back];
        __asm__(""); /* vectors would be taken apart again for each load */
    }
}

static GY_ALWAYS_INLINE void test_tails_body(const uint32_t *tails, const uint32_t *starts,
                                             uint32_t n, uint32_t least, uint32_t bound,
                                             uint8_t *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = (uint8_t)((tails[i] >= bound) & (starts[i + 1] - starts[i] >= least) ? 0xff : 0);
}

GY_COMPILE_FOR_AVX2(test_tails,
                    (const uint32_t *tails, const uint32_t *starts, uint32_t n, uint32_t least,
                     uint32_t bound, uint8_t *out),
                    (tails, starts, n, least, bound, out))

bool gy_run_chunk_has(const struct gy_run_chunk *chunk, struct gy_range range, uint32_t least,
                      uint8_t *out)
{
    struct gy_window_codes window;
    uint32_t tails[GY_CHUNK_RUNS];
    if (chunk->view == NULL || least == 0 || least > chunk->starts[1] ||
        !gy_window_codes_of(chunk->view, range, &window) || !window.cuts_from || window.cuts_to)
        return false;
    const struct gy_times *times = &chunk->view->times;
    bool has_millis = times->millis != NULL || times->day_millis != NULL;
    if (has_millis && window.from_millis > 0)
        return false;
    codes_of_tails(chunk, least, tails);
    test_tails(tails, chunk->starts, chunk->n_runs, least,
               window.from_code + (window.from_millis > 0), out);
    return true;
}
