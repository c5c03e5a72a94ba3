/* part_reader.h - reads everything that a part hands out, as kernels do: without checks of its own. A
 * part that passes its checks must stand that, whatever its bytes are. */
#ifndef GY_TESTS_PART_READER_H
#define GY_TESTS_PART_READER_H

#include "base/arena.h"
#include "store/part.h"

static inline uint64_t read_bytes(struct gy_str s)
{
    uint64_t sum = s.len;
    for (size_t i = 0; i < s.len; i++) {
        sum += (uint8_t)s.ptr[i];
    }
    return sum;
}

static inline uint64_t read_value(const struct gy_value *v)
{
    uint64_t sum = v->type == GY_VALUE_STRING ? read_bytes(v->string) : (uint64_t)v->type;
    for (uint32_t i = 0; v->type == GY_VALUE_LIST && i < v->list.n; i++) {
        sum += read_bytes(v->list.strings[i]);
    }
    return sum;
}

static inline uint64_t read_column(const struct gy_column *c, const struct gy_dictionary *d)
{
    uint64_t sum = 0;
    struct gy_arena arena = {0};
    for (uint32_t row = 0; row < c->n_rows; row++) {
        struct gy_value value;
        gy_column_value(c, d, row, &arena, &value);
        sum += read_value(&value);
        sum += c->encoding == GY_ENCODING_INT ? (uint64_t)gy_column_int(c, row) : 0;
        sum += c->encoding == GY_ENCODING_CODE
                   ? read_bytes(gy_dictionary_str(d, (uint32_t)gy_column_raw(c, row)))
                   : 0;
        gy_arena_reset(&arena);
    }
    for (uint32_t i = 0; i < c->n_misfits; i++) {
        sum += c->misfit_rows[i] +
               read_bytes((struct gy_str){c->misfit_bytes + c->misfit_starts[i],
                                          c->misfit_starts[i + 1] - c->misfit_starts[i]});
    }
    gy_arena_release(&arena);
    return sum;
}

static inline uint64_t read_runs(const struct gy_slice *slice, const struct gy_runs *runs,
                                 const struct gy_times *times)
{
    uint64_t sum = 0;
    for (uint32_t run = 0; run < runs->n; run++) {
        uint32_t first = runs->starts == NULL ? run : runs->starts[run];
        uint32_t end = runs->starts == NULL ? run + 1 : runs->starts[run + 1];
        sum += runs->customers == NULL ? run : runs->customers[run];
        for (uint32_t row = first; row < end; row++) {
            sum += times->codes[row];
            sum += times->millis == NULL ? 0 : times->millis[row];
        }
    }
    return sum + slice->n_rows;
}

static inline enum gy_status read_slice(const struct gy_part *part, const struct gy_slice *slice,
                                        uint64_t *sum, struct gy_error *err)
{
    struct gy_runs runs;
    struct gy_times times;
    struct gy_column ranks;
    struct gy_fingerprints fingerprints;
    GY_TRY(gy_part_runs(part, slice, &runs, err));
    GY_TRY(gy_part_times(part, slice, &times, err));
    GY_TRY(gy_part_ranks(part, slice, &ranks, err));
    GY_TRY(gy_part_fingerprints(part, slice, &fingerprints, err));
    *sum += read_runs(slice, &runs, &times);
    for (uint32_t row = 0; row < slice->n_rows; row++) {
        *sum += (uint64_t)gy_column_int(&ranks, row);
        *sum += gy_fingerprint_at(&fingerprints, row);
    }
    for (uint32_t i = 0; i < gy_part_n_properties(part, slice); i++) {
        struct gy_column column;
        struct gy_dictionary dictionary;
        uint32_t property = gy_part_property(part, slice, i);
        GY_TRY(gy_part_column(part, slice, property, &column, err));
        GY_TRY(gy_part_dictionary(part, slice->stream, property, &dictionary, err));
        *sum += read_column(&column, &dictionary);
    }
    return GY_OK;
}

/* Reads what can be read; a slice that is damaged is given up where it says so. The sum keeps the
 * compiler from leaving the reading out. */
static inline uint64_t read_part(const struct gy_part *part)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < gy_part_n_slices(part); i++) {
        struct gy_error err;
        if (read_slice(part, gy_part_slice(part, i), &sum, &err) != GY_OK) {
            sum++;
        }
    }
    return sum;
}

#endif
