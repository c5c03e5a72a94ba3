/* run_chunk.h - some hundred runs of a slice at a time.
 *
 * What is worked out of the runs of a chunk stays in the first cache until it is used: where windows cut
 * them, sums, what a test says. Nothing is kept by customer before the answer.
 *
 * Rows of a customer are in order of time, so those before an instant come first in each run. Two ways
 * to find how many:
 *
 *   short runs   each row of the chunk gets a bit that says whether it is before the instant; ones are
 *                counted up to the start of each run, and a run's are the difference of two such counts.
 *                Neither loop has a branch that could be guessed wrong
 *   long runs    a binary search in each, also where few of the runs are asked about
 */
#ifndef GY_ENGINE_RUN_CHUNK_H
#define GY_ENGINE_RUN_CHUNK_H

#include "engine/bits.h"
#include "engine/kernel_window.h"

enum {
    GY_CHUNK_RUNS = 512,
    GY_CHUNK_ROWS = 8192, /* but a longer run is a chunk by itself */
    GY_CHUNK_WORDS = GY_CHUNK_ROWS / 64 + 1,
    GY_CHUNK_INSTANTS = 8,
    GY_CHUNK_WINDOWS = GY_CHUNK_INSTANTS / 2 /* each of two instants */
};

/* Where an instant parts the runs: of each, the row behind those before it. */
struct gy_chunk_instant {
    uint32_t code;
    uint32_t millis;
    uint32_t last_use; /* the later, the greater */
    uint32_t rows[GY_CHUNK_RUNS];
};

/* Of each run the rows [firsts[i], ends[i]) of the slice; none where first ≥ end. */
struct gy_chunk_cuts {
    const uint32_t *firsts;
    const uint32_t *ends;
};

struct gy_run_chunk {
    struct gy_slice_view *view; /* NULL: one customer without rows */
    const struct gy_bits *mask;
    uint32_t first_run; /* runs [first_run, first_run + n_runs) … */
    uint32_t n_runs;
    uint32_t first_row; /* … and their rows */
    uint32_t n_rows;
    bool are_few;           /* customers that are asked about, of the chunk's */
    bool is_searched;       /* they are few, or runs are long */
    const uint32_t *starts; /* n_runs + 1 rows of the slice */
    uint32_t own_starts[GY_CHUNK_RUNS + 1];
    struct gy_chunk_instant
        instants[GY_CHUNK_INSTANTS]; /* that part this chunk, as far as asked for */
    uint32_t n_instants;
    uint32_t n_uses;                             /* of instants of this chunk */
    struct gy_chunk_cuts cuts[GY_CHUNK_WINDOWS]; /* that were given out last */
    uint32_t next_cuts;
    uint64_t marks[GY_CHUNK_WORDS];
    uint64_t more_marks[GY_CHUNK_WORDS];
    uint32_t ranks[GY_CHUNK_WORDS]; /* ones in the marks before each word */
};

/* Before the first chunk of a slice. Of customers outside of `mask` anything may be said. */
void gy_run_chunk_begin(struct gy_run_chunk *chunk, struct gy_slice_view *view,
                        const struct gy_bits *mask);
/* The next runs, some of which may be asked about; false at the end. */
bool gy_run_chunk_next(struct gy_run_chunk *chunk);
/* One run without rows. */
void gy_run_chunk_nobody(struct gy_run_chunk *chunk);

/* Where a window cuts the runs. A view, valid until GY_CHUNK_WINDOWS others were asked for, and within
 * this chunk. */
const struct gy_chunk_cuts *gy_run_chunk_cut(struct gy_run_chunk *chunk, struct gy_range range);

/* Whether each run has `least` rows or more in a window: 0xff or 0. That is a look at one row of each, where
 * the window reaches to the slice's end and whole seconds, or days, tell; else false. */
bool gy_run_chunk_has(const struct gy_run_chunk *chunk, struct gy_range range, uint32_t least,
                      uint8_t *out);

/* The customer of a run of the chunk. */
static inline uint32_t gy_run_chunk_customer(const struct gy_run_chunk *chunk, uint32_t i)
{
    const uint16_t *customers = chunk->view->runs.customers;
    return customers == NULL ? chunk->first_run + i : customers[chunk->first_run + i];
}

/* Whether a run's customer is asked about. */
static inline bool gy_run_chunk_asks(const struct gy_run_chunk *chunk, uint32_t i)
{
    return gy_bits_has(chunk->mask, gy_run_chunk_customer(chunk, i));
}

/* ---- for tests ---- */

/* Bit i of the marks: whether codes[i] < bound, for i < n; behind that anything, in n / 64 + 1 words. The
 * codes may be read up to 32 bytes behind their end. */
void gy_mark_before(const uint32_t *codes, uint32_t n, uint32_t bound, uint64_t *marks);
void gy_mark_before_plain(const uint32_t *codes, uint32_t n, uint32_t bound, uint64_t *marks);

#endif
