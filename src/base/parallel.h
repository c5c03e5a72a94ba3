/* parallel.h - the same work for many pieces, over all cores. */
#ifndef GY_BASE_PARALLEL_H
#define GY_BASE_PARALLEL_H

#include <stdatomic.h>

#include "base/status.h"

/* One piece. Returns not GY_OK to stop: the pieces that run go on to their end, no other begins. */
typedef enum gy_status (*gy_piece_fn)(void *context, size_t piece, unsigned worker,
                                      struct gy_error *err);

/* Runs pieces 0 to n - 1, handed out in order, on at most `n_threads` threads (the caller is one of
 * them; 0 means as many as the machine has cores). `worker` is below the number of threads: state
 * per worker needs no lock. Gives the error of the lowest piece that failed. */
GY_CHECKED enum gy_status gy_parallel(size_t n, unsigned n_threads, gy_piece_fn run, void *context,
                                      struct gy_error *err);

unsigned gy_cores(void);

#endif
