/* stream_rows.c - see stream_rows.h. Rows are counted by the slice; only one that the instant cuts through is read. */
#include "engine/stream_rows.h"

static enum gy_status count_cut(const struct gy_part *part, const struct gy_slice *slice,
                                int64_t now_ms, uint64_t *n, struct gy_error *err)
{
    struct gy_times times;
    uint32_t millis;
    uint32_t code = gy_code_of(now_ms, &millis);
    GY_TRY(gy_part_times(part, slice, &times, err));
    for (uint32_t row = 0; row < slice->n_rows; row++) {
        *n += times.codes[row] < code ||
              (times.codes[row] == code && gy_times_millis(&times, row) <= millis);
    }
    return GY_OK;
}

enum gy_status gy_stream_rows(const struct gy_snapshot *snapshot, uint32_t stream, int64_t now_ms,
                              uint64_t *out, struct gy_error *err)
{
    *out = 0;
    for (size_t p = 0; p < gy_snapshot_n_parts(snapshot); p++) {
        const struct gy_part *part = gy_snapshot_part(snapshot, p);
        for (size_t i = 0; i < gy_part_n_slices(part); i++) {
            const struct gy_slice *slice = gy_part_slice(part, i);
            if (slice->stream != stream) {
                continue;
            }
            if (gy_code_last_ms(slice->max_code) <= now_ms) {
                *out += slice->n_rows;
            } else {
                GY_TRY(count_cut(part, slice, now_ms, out, err));
            }
        }
    }
    return GY_OK;
}

static uint64_t count_present(const struct gy_column *column)
{
    uint64_t n = 0;
    if (column->encoding == GY_ENCODING_NONE) {
        return 0;
    }
    if (column->present == NULL) {
        return column->n_rows;
    }
    for (uint32_t row = 0; row < column->n_rows; row++) {
        n += column->present[row >> 6] >> (row & 63) & 1;
    }
    return n;
}

static void add_column(const struct gy_column *column, struct gy_stored_values *out)
{
    out->n_values += count_present(column);
    if (out->n_misfits == 0 && column->n_misfits > 0) {
        out->first_misfit = (struct gy_str){column->misfit_bytes + column->misfit_starts[0],
                                            column->misfit_starts[1] - column->misfit_starts[0]};
    }
    out->n_misfits += column->n_misfits;
}

enum gy_status gy_stream_values(const struct gy_snapshot *snapshot, uint32_t stream,
                                uint32_t property, struct gy_stored_values *out,
                                struct gy_error *err)
{
    *out = (struct gy_stored_values){.first_misfit = GY_STR("")};
    for (size_t p = 0; p < gy_snapshot_n_parts(snapshot); p++) {
        const struct gy_part *part = gy_snapshot_part(snapshot, p);
        for (size_t i = 0; i < gy_part_n_slices(part); i++) {
            const struct gy_slice *slice = gy_part_slice(part, i);
            struct gy_column column;
            if (slice->stream != stream) {
                continue;
            }
            GY_TRY(gy_part_column(part, slice, property, &column, err));
            add_column(&column, out);
        }
    }
    return GY_OK;
}
