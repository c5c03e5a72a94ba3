/* part_checksums.h - makes the checksums of a part right again after its bytes were changed, so that a
 * test gets behind them to the checks of what the bytes say. */
#ifndef GY_TESTS_PART_CHECKSUMS_H
#define GY_TESTS_PART_CHECKSUMS_H

#include <string.h>

#include "base/hash.h"
#include "store/part_internal.h"

/* The checksum of a region at `place`, if the region lies in the file at all. */
static inline void fix_region(const uint8_t *bytes, size_t len, uint64_t offset, uint64_t size,
                              void *place)
{
    if (offset <= len && size <= len - offset) {
        uint64_t checksum = gy_hash(bytes + offset, size, 0);
        memcpy(place, &checksum, sizeof checksum);
    }
}

static inline void fix_entries(uint8_t *bytes, size_t len, const struct gy_part_footer *footer)
{
    uint8_t *at =
        bytes + footer->directory_offset + footer->n_slices * sizeof(struct gy_slice_entry);
    for (uint32_t i = 0; i < footer->n_columns; i++, at += sizeof(struct gy_column_entry)) {
        struct gy_column_entry e;
        memcpy(&e, at, sizeof e);
        fix_region(bytes, len, e.offset, e.size, at + offsetof(struct gy_column_entry, checksum));
    }
    for (uint32_t i = 0; i < footer->n_dictionaries;
         i++, at += sizeof(struct gy_dictionary_entry)) {
        struct gy_dictionary_entry e;
        memcpy(&e, at, sizeof e);
        fix_region(bytes, len, e.offset, e.size,
                   at + offsetof(struct gy_dictionary_entry, checksum));
    }
}

static inline void fix_checksums(uint8_t *bytes, size_t len)
{
    struct gy_part_header header;
    struct gy_part_footer footer;
    if (len < sizeof header + sizeof footer) {
        return;
    }
    uint8_t *end = bytes + len - sizeof footer;
    memcpy(&header, bytes, sizeof header);
    memcpy(&footer, end, sizeof footer);
    uint64_t tables = (uint64_t)footer.n_slices * sizeof(struct gy_slice_entry) +
                      (uint64_t)footer.n_columns * sizeof(struct gy_column_entry) +
                      (uint64_t)footer.n_dictionaries * sizeof(struct gy_dictionary_entry);
    if (footer.directory_offset <= len && tables <= len - footer.directory_offset) {
        fix_entries(bytes, len, &footer);
    }
    fix_region(bytes, len, footer.directory_offset, footer.directory_size,
               &footer.directory_checksum);
    footer.checksum = gy_part_footer_checksum(&header, &footer);
    memcpy(end, &footer, sizeof footer);
}

#endif
