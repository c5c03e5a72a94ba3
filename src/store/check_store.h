/* check_store.h - verifies a data directory: every checksum and every invariant. */
#ifndef GY_STORE_CHECK_STORE_H
#define GY_STORE_CHECK_STORE_H

#include "base/status.h"

struct gy_check_report {
    uint64_t n_parts;
    uint64_t n_slices;
    uint64_t n_rows;
    uint64_t n_customers;
    uint64_t bytes;
    uint64_t n_problems;
};

/* `say` is called with each problem found (the first 1,000 of them), one line. GY_CORRUPT if there was any; a directory that
 * cannot be read at all fails with its own reason. Works beside a writer. */
GY_CHECKED enum gy_status gy_store_check(const char *dir,
                                         void (*say)(void *context, const char *problem),
                                         void *context, struct gy_check_report *report,
                                         struct gy_error *err);

#endif
