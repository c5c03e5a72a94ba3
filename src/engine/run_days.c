/* run_days.c - rows are in order of time, so a day's are neighbours. */
#include "engine/run_days.h"

#include "base/cpu.h"

enum {
    DAY_S = 86400
};

/* Where the clocks are as far from UTC at all times of a slice: the seconds to be added to a code, for whole
 * days since some local midnight. */
static bool find_shift(const struct gy_zone *zone, const struct gy_slice *slice, uint64_t *shift_s)
{
    int64_t first_ms = gy_code_ms(slice->min_code, 0);
    if (slice->min_code < GY_CODE_1970 ||
        gy_zone_next_change(zone, first_ms) <= gy_code_last_ms(slice->max_code))
        return false;
    int64_t offset_ms = gy_zone_offset_ms(zone, first_ms);
    int64_t days_s = (int64_t)DAY_S * 10000; /* more than GY_CODE_1970 */
    *shift_s = (uint64_t)(days_s - GY_CODE_1970 + offset_ms / 1000);
    return offset_ms % 1000 == 0;
}

static GY_ALWAYS_INLINE void count_shifted_body(const uint32_t *codes, uint64_t shift_s,
                                                const struct gy_chunk_cuts *cuts, uint32_t n_runs,
                                                uint32_t *counts)
{
    for (uint32_t i = 0; i < n_runs; i++) {
        uint32_t n = 0;
        uint64_t last = 0;
        for (uint32_t row = cuts->firsts[i]; row < cuts->ends[i]; row++) {
            uint64_t day = (codes[row] + shift_s) / DAY_S;
            n += day != last;
            last = day;
        }
        counts[i] = n;
    }
}

GY_COMPILE_FOR_AVX2(count_shifted,
                    (const uint32_t *codes, uint64_t shift_s, const struct gy_chunk_cuts *cuts,
                     uint32_t n_runs, uint32_t *counts),
                    (codes, shift_s, cuts, n_runs, counts))

static uint32_t count_days(struct gy_local_clock *clock, const struct gy_times *times,
                           uint32_t first, uint32_t end)
{
    uint32_t n = 0;
    int64_t last = 0;
    for (uint32_t row = first; row < end; row++) {
        int64_t day = gy_local_day(gy_local_clock_seconds(clock, times, row));
        n += row == first || day != last;
        last = day;
    }
    return n;
}

void gy_run_days(struct gy_run_eval *eval, struct gy_range range, uint32_t *counts)
{
    struct gy_run_chunk *chunk = &eval->chunk;
    struct gy_local_clock *clock = &eval->block->filters.clock;
    uint64_t shift_s;
    const struct gy_chunk_cuts *cuts = gy_run_chunk_cut(chunk, range);
    memset(counts, 0, chunk->n_runs * sizeof *counts);
    if (chunk->view == NULL)
        return;
    if (find_shift(clock->zone, chunk->view->slice, &shift_s)) {
        count_shifted(chunk->view->times.codes, shift_s, cuts, chunk->n_runs, counts);
        return;
    }
    for (uint32_t i = 0; i < chunk->n_runs; i++)
        counts[i] = count_days(clock, &chunk->view->times, cuts->firsts[i], cuts->ends[i]);
}
