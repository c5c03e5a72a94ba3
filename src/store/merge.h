/* merge.h - several parts into fewer, larger ones.
 *
 * Inputs are adjacent in arrival, oldest first; the output has the same rows in the same order, with
 * dictionaries joined. On the way
 *   - rows of an ordinal that was merged into another customer move to it (`moves`), in the order
 *     (time, input, rank), the customer's own rows before moved ones;
 *   - rows can be left out (`drop`: a replaced order; `erased`: all of a customer);
 *   - columns of another type than the schema now has are read again (gy_value_convert): misfits that
 *     fit become values, values that do not fit become misfits (after `schema set`).
 * Strings that no row has any more are not carried on. Output is cut by block range at about
 * `target_size` bytes a file.
 */
#ifndef GY_STORE_MERGE_H
#define GY_STORE_MERGE_H

#include <roaring/roaring.h>
#include <stdatomic.h>

#include "base/status.h"
#include "base/zone.h"
#include "store/part.h"
#include "store/schema.h"

/* All rows of ordinal `from` become rows of `to`. Sorted by `to`, then `from`. */
struct gy_move {
    uint32_t from;
    uint32_t to;
};

/* True: this row (its customer already moved) is left out. `rank` and `row` are those of the input. It
 * is asked several times for a row, from several threads, and must say the same. */
typedef bool (*gy_drop_fn)(void *context, uint32_t stream, uint32_t ordinal, int64_t time_ms,
                           uint32_t rank, uint64_t fingerprint, size_t input, uint32_t row);

struct gy_merge {
    const struct gy_part *const *inputs;
    size_t n_inputs;
    const struct gy_schema *schema;
    const struct gy_zone *zone; /* of local times in strings that become times; NULL: UTC */
    const struct gy_move *moves;
    size_t n_moves;
    const atomic_bool *is_cancelled; /* it ends with CANCELLED once that is true; or NULL */
    const roaring_bitmap_t
        *erased;     /* ordinals whose rows are left out, wherever they go; or NULL */
    gy_drop_fn drop; /* or NULL */
    void *drop_context;
    uint64_t target_size; /* bytes; 0 or in memory: one output */
    /* Gives the path of file `i`; asked from 0 on, also for files that are then not made. */
    void (*path)(void *context, size_t i, char out[4096]);
    void *path_context;
};

/* Writes files, on all cores. `*made` are the numbers of those that have rows, ascending, owned by the
 * caller (free, also on failure). On failure no file stays. */
GY_CHECKED enum gy_status gy_merge_files(const struct gy_merge *merge, size_t **made,
                                         size_t *n_made, struct gy_error *err);

/* In memory, as one part; `*out` is NULL if no row is left, else owned by the caller. */
GY_CHECKED enum gy_status gy_merge_memory(const struct gy_merge *merge, struct gy_part **out,
                                          struct gy_error *err);

#endif
