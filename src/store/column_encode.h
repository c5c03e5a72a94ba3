/* column_encode.h - the bytes of one column: the narrowest encoding of its plain values. */
#ifndef GY_STORE_COLUMN_ENCODE_H
#define GY_STORE_COLUMN_ENCODE_H

#include "base/buf.h"
#include "base/status.h"
#include "store/part_internal.h"
#include "store/part_writer.h"

/* Arrays kept between columns. All zero is empty. */
struct gy_encode_scratch {
    int64_t *ints;
    size_t ints_capacity;
    uint64_t *present;
    size_t present_capacity;
};

void gy_encode_scratch_release(struct gy_encode_scratch *scratch);

/* Puts an array into a region and pads it. */
void gy_region_put(struct gy_buf *region, const void *bytes, size_t len);

/* Puts the starts of `n` texts, then their bytes; those that are not present are empty. False where
 * they are past 4 GiB. */
bool gy_region_put_texts(struct gy_buf *region, const struct gy_str *texts, const uint64_t *present,
                         uint32_t n, uint32_t *n_bytes);

/* Fills `region` (empty) and `entry`, but for its role, place and checksum. Encoding NONE without
 * misfits: nothing is worth writing. Fails with LIMIT where texts are past 4 GiB. */
GY_CHECKED enum gy_status gy_column_encode(const struct gy_plain_column *column, uint32_t n_rows,
                                           struct gy_encode_scratch *scratch,
                                           struct gy_column_entry *entry, struct gy_buf *region,
                                           struct gy_error *err);

/* Whole numbers as an INT column without presence, for ranks. */
void gy_ranks_encode(const uint32_t *ranks, uint32_t n_rows, struct gy_encode_scratch *scratch,
                     struct gy_column_entry *entry, struct gy_buf *region);

#endif
