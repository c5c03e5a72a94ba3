/* run_values.h - the values of terms for the runs of a chunk.
 *
 * A term is of this kind where all it rests on are constants and counts, sums, means and times of one
 * stream's events; behind a filter, counts, sums and means.
 */
#ifndef GY_ENGINE_RUN_VALUES_H
#define GY_ENGINE_RUN_VALUES_H

#include "engine/block_eval.h"
#include "engine/row_sums.h"
#include "engine/run_chunk.h"
#include "engine/whole_test.h"

enum {
    GY_RUN_NODES = 32,         /* expressions and terms of one evaluation */
    GY_RUN_PREFIX_ROWS = 4096, /* of a chunk whose sums are taken as differences */
};

/* What is worked out once a block: the scale of a sum or mean, how a test of a count or sum reads for whole
 * numbers, or that of a mean for numbers, and what a test of strings says of each code. */
struct gy_run_note {
    const void *node;
    int scale;
    struct gy_whole_test test;
    struct gy_number_span span;
    uint8_t *passes; /* 1 where it does; NULL where nobody has rows */
};

/* Of a chunk's short runs, the rows in the window that was asked for last. */
struct gy_run_counted {
    const struct gy_slice_view *view; /* NULL: none was */
    uint32_t first_run;
    struct gy_range range;
    uint32_t counts[GY_CHUNK_RUNS];
};

/* One thread's. */
struct gy_run_eval {
    struct gy_block_eval *block;
    struct gy_run_chunk chunk;
    struct gy_run_note notes[GY_RUN_NODES];
    uint32_t n_notes;
    uint32_t n_windows; /* aggregates of the expression, and events that are asked for */
    int64_t sums[GY_CHUNK_RUNS];
    uint32_t counts[GY_CHUNK_RUNS];
    uint32_t lengths[GY_CHUNK_RUNS]; /* run_sums.c: of the runs */
    uint32_t raws[GY_CHUNK_RUNS];
    struct gy_run_counted counted;
    uint64_t sums_before[GY_RUN_PREFIX_ROWS + 1]; /* of the chunk's rows before each row */
    uint32_t
        counts_before[GY_RUN_PREFIX_ROWS + 8]; /* or sums of 32 bits: eight are written at once */
    uint32_t *code_counts;                     /* by code, all 0 between runs */
    size_t code_counts_capacity;
};

/* A value for each run of the chunk; `known` is 0xff where there is one, else 0. */
struct gy_run_numbers {
    double values[GY_CHUNK_RUNS];
    uint8_t known[GY_CHUNK_RUNS];
};

/* In steps that AVX2 has. */
static inline double gy_double_of_u32(uint32_t whole)
{
    return (double)(int32_t)(whole ^ UINT32_C(0x80000000)) + 0x1p31;
}

/* The note of a node; NULL where there is none. */
const struct gy_run_note *gy_run_note_of(const struct gy_run_eval *eval, const void *node);

/* `counts` of each run's rows in a window. */
void gy_run_counts(struct gy_run_eval *eval, struct gy_range range, uint32_t *counts);

/* COUNT, DISTINCT and DAYS: whole numbers that every run has. */
bool gy_run_is_count(const struct gy_plan_term *aggregate);
void gy_run_count_of(struct gy_run_eval *eval, const struct gy_plan_term *term, uint32_t *counts);

/* Counts by code of at least `n`, all 0, and left so. */
uint32_t *gy_run_code_counts(struct gy_run_eval *eval, uint32_t n);

/* Any term of this kind. */
void gy_run_values(struct gy_run_eval *eval, const struct gy_plan_term *term,
                   struct gy_run_numbers *out);

#endif
