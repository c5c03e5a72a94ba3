/* part_fixture.h - parts in memory, written in a few lines, for tests of what reads them. */
#ifndef GY_TESTS_PART_FIXTURE_H
#define GY_TESTS_PART_FIXTURE_H

#include "harness.h"

#include "base/mem.h"
#include "store/part.h"
#include "store/part_writer.h"

static inline struct gy_part_writer *fixture_writer(void)
{
    struct gy_error err;
    struct gy_part_writer *w;
    assert_ok(gy_part_writer_new(NULL, &w, &err), &err);
    return w;
}

static inline void fixture_bytes(struct gy_part_writer *w, uint8_t **bytes, size_t *len)
{
    struct gy_error err;
    assert_ok(gy_part_writer_finish_memory(w, bytes, len, &err), &err);
}

static inline struct gy_part *fixture_part(struct gy_part_writer *w)
{
    struct gy_error err;
    uint8_t *bytes;
    size_t len;
    struct gy_part *part;
    fixture_bytes(w, &bytes, &len);
    assert_ok(gy_part_open_memory(bytes, len, "fixture", &part, &err), &err);
    return part;
}

/* A slice of block 0 with `n` customers 0, 1, 2, … of one row each, one second apart. The arrays of
 * its structure are owned by it; release with fixture_release. */
static inline struct gy_plain_slice fixture_slice(uint32_t stream, uint32_t n)
{
    uint16_t *customers = gy_alloc(n * sizeof *customers);
    uint32_t *starts = gy_alloc((n + 1) * sizeof *starts);
    uint32_t *codes = gy_alloc(n * sizeof *codes);
    for (uint32_t i = 0; i < n; i++) {
        customers[i] = (uint16_t)i;
        starts[i] = i;
        codes[i] = 1000 + i;
    }
    starts[n] = n;
    return (struct gy_plain_slice){
        .stream = stream,
        .n_rows = n,
        .n_customers = n,
        .customers = customers,
        .starts = starts,
        .codes = codes,
    };
}

static inline void fixture_release(struct gy_plain_slice *slice)
{
    free((void *)(uintptr_t)slice->customers);
    free((void *)(uintptr_t)slice->starts);
    free((void *)(uintptr_t)slice->codes);
}

#endif
