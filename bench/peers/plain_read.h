/* plain_read.h - the yardstick of count and sum: the bytes that a definition names, read and added up.
 *
 * Of every stream the definition names: whose the rows are and when, and the columns it names, as they lie
 * in the parts. They are summed as 64-bit words on as many threads as the evaluation has. No
 * evaluation that looks at every row can be much faster than that.
 */
#ifndef GY_BENCH_PLAIN_READ_H
#define GY_BENCH_PLAIN_READ_H

#include "lang/ast.h"
#include "store/snapshot.h"

/* Fails as gy_reads_of does, and with CORRUPT. */
GY_CHECKED enum gy_status plain_read(const struct gy_snapshot *snapshot, const struct gy_expr *expr,
                                     int64_t now_ms, unsigned n_threads, uint64_t *n_bytes,
                                     struct gy_error *err);

#endif
