/* run_means.c - means of 32 bits are divided and compared in one loop. */
#include "engine/run_means.h"

#include "base/cpu.h"
#include "engine/kernel_sum.h"
#include "engine/run_sums.h"

static GY_ALWAYS_INLINE void test_small_means_body(const uint32_t *sums, const uint32_t *counts,
                                                   uint32_t n, double power,
                                                   struct gy_number_span span, uint8_t *out)
{
    for (uint32_t i = 0; i < n; i++) {
        double mean = gy_double_of_u32(sums[i]) / (gy_double_of_u32(counts[i]) * power);
        bool is_between = (mean >= span.low) & (mean <= span.high);
        out[i] = (uint8_t)((counts[i] > 0) & (is_between != span.is_negated) ? 0xff : 0);
    }
}

GY_COMPILE_FOR_AVX2(test_small_means,
                    (const uint32_t *sums, const uint32_t *counts, uint32_t n, double power,
                     struct gy_number_span span, uint8_t *out),
                    (sums, counts, n, power, span, out))

static GY_ALWAYS_INLINE void test_means_body(const struct gy_run_numbers *means, uint32_t n,
                                             struct gy_number_span span, uint8_t *out)
{
    for (uint32_t i = 0; i < n; i++) {
        bool is_between = (means->values[i] >= span.low) & (means->values[i] <= span.high);
        out[i] = (uint8_t)(is_between != span.is_negated ? means->known[i] : 0);
    }
}

GY_COMPILE_FOR_AVX2(test_means,
                    (const struct gy_run_numbers *means, uint32_t n, struct gy_number_span span,
                     uint8_t *out),
                    (means, n, span, out))

void gy_run_test_mean(struct gy_run_eval *eval, const struct gy_plan_term *term,
                      struct gy_number_span span, uint8_t *out)
{
    struct gy_run_numbers means;
    uint32_t n = eval->chunk.n_runs;
    uint32_t sums[GY_CHUNK_RUNS];
    int scale = gy_run_note_of(eval, term)->scale;
    if (gy_run_small_means(eval, term, sums, eval->counts)) {
        test_small_means(sums, eval->counts, n, gy_sum_power(scale), span, out);
    } else {
        gy_run_values(eval, term, &means);
        test_means(&means, n, span, out);
    }
}
