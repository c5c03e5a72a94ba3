/* mem.h - memory that is there, or the process ends.
 *
 * Every allocation goes through these. When the system has no memory left, the process ends at once
 * with a clear message, as for a bug: what was acknowledged is on disk and stays there, and an
 * error path for each allocation would be code that nobody has ever seen run. What could ask for
 * much because of its input is bounded before it asks (limits say so, GY_LIMIT).
 * docs/decisions/0001-memory.md weighs this.
 */
#ifndef GY_BASE_MEM_H
#define GY_BASE_MEM_H

#include <stddef.h>

#include "base/status.h"

/* Owned by the caller (free with free). `size` 0 gives a pointer that may be freed. */
void *gy_alloc(size_t size);
void *gy_alloc_zero(size_t n, size_t size); /* n × size, checked for overflow */
void *gy_realloc(void *old, size_t n, size_t size);
void *gy_alloc_aligned(size_t alignment, size_t size); /* a power of two, at least 8 */

/* For a program that asks many questions, before the first: what is freed stays with the process, up to
 * 64 MiB a thread's arena, since to give it back costs a page fault for every 4 KiB of the next question.
 * Larger blocks, from 4 MiB on, are given back. A library never calls this: it is the process's to decide. */
void gy_mem_keep_freed(void);

char *gy_strndup(const char *ptr, size_t len); /* with a NUL behind it */

/* Makes room for at least `want` elements in a growing array: doubles, from 16 on. */
#define GY_GROW(array, capacity, want)                                                             \
    do {                                                                                           \
        if ((size_t)(want) > (size_t)(capacity)) {                                                 \
            size_t gy_grow_n_ = (size_t)(capacity) < 16 ? 16 : (size_t)(capacity)*2;               \
            while (gy_grow_n_ < (size_t)(want))                                                    \
                gy_grow_n_ *= 2;                                                                   \
            (array) = gy_realloc((array), gy_grow_n_, sizeof *(array));                            \
            (capacity) = (__typeof__(capacity))gy_grow_n_;                                         \
            GY_ASSERT((size_t)(capacity) == gy_grow_n_); /* it has room for the number */          \
        }                                                                                          \
    } while (0)

#endif
