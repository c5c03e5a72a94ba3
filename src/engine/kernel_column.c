/* kernel_column.c - one loop for each width; the compiler makes gathers of them. */
#include "engine/kernel_column.h"

#define DECODE(type)                 \
    for (uint32_t i = 0; i < n; i++) \
    values[i] = (double)(int64_t)(base + ((const type *)column->data)[rows[i]] * unit)

static void decode_ints(const struct gy_column *column, const struct gy_selection *selection,
                        double *values)
{
    uint32_t n = selection->n;
    const uint32_t *rows = selection->rows;
    uint64_t base = (uint64_t)column->base;
    uint64_t unit = (uint64_t)gy_time_units_ms[column->unit];
    switch (column->width) {
    case 1:
        DECODE(uint8_t);
        break;
    case 2:
        DECODE(uint16_t);
        break;
    case 4:
        DECODE(uint32_t);
        break;
    case 8:
        DECODE(uint64_t);
        break;
    default:
        for (uint32_t i = 0; i < n; i++)
            values[i] = (double)column->base;
    }
    if (column->scale == 0)
        return;
    if (column->scale < 0) {
        double factor = gy_powers_of_ten[-column->scale];
        for (uint32_t i = 0; i < n; i++)
            values[i] *= factor;
        return;
    }
    double divisor = gy_powers_of_ten[column->scale];
    for (uint32_t i = 0; i < n; i++)
        values[i] /= divisor;
}

#undef DECODE

double gy_column_value_of_raw(const struct gy_column *column, uint64_t raw)
{
    double value = (double)gy_column_int_of_raw(column, raw);
    return column->scale == 0 ? value : gy_scaled(value, column->scale);
}

void gy_column_known(const struct gy_column *column, const struct gy_selection *selection,
                     uint8_t *known)
{
    if (column->encoding == GY_ENCODING_NONE || column->present == NULL) {
        memset(known, column->encoding != GY_ENCODING_NONE, selection->n);
        return;
    }
    for (uint32_t i = 0; i < selection->n; i++) {
        uint32_t row = selection->rows[i];
        known[i] = (uint8_t)(column->present[row >> 6] >> (row & 63) & 1);
    }
}

void gy_column_numbers(const struct gy_column *column, const struct gy_selection *selection,
                       double *values, uint8_t *known)
{
    gy_column_known(column, selection, known);
    if (column->encoding == GY_ENCODING_INT) {
        decode_ints(column, selection, values);
    } else if (column->encoding == GY_ENCODING_DOUBLE) {
        const double *data = column->data;
        for (uint32_t i = 0; i < selection->n; i++)
            values[i] = data[selection->rows[i]];
    } else {
        memset(values, 0, selection->n * sizeof *values);
        memset(known, 0, selection->n);
    }
}

#define DECODE(type)                 \
    for (uint32_t i = 0; i < n; i++) \
    values[i] = (int64_t)((base + ((const type *)column->data)[rows[i]]) * times)

void gy_column_scaled(const struct gy_column *column, const struct gy_selection *selection,
                      int64_t factor, int64_t *values)
{
    uint32_t n = selection->n;
    const uint32_t *rows = selection->rows;
    uint64_t base = (uint64_t)column->base;
    uint64_t times = (uint64_t)factor; /* what is not known may overflow */
    switch (column->width) {
    case 1:
        DECODE(uint8_t);
        break;
    case 2:
        DECODE(uint16_t);
        break;
    case 4:
        DECODE(uint32_t);
        break;
    case 8:
        DECODE(uint64_t);
        break;
    default:
        for (uint32_t i = 0; i < n; i++)
            values[i] = (int64_t)(base * times);
    }
}

#undef DECODE

#define ADD_RAW(type)                                         \
    do {                                                      \
        const type *raw = (const type *)column->data + first; \
        for (uint32_t i = 0; i < n; i++)                      \
            sum += raw[i];                                    \
    } while (0)

int64_t gy_column_sum(const struct gy_column *column, uint32_t first, uint32_t n)
{
    uint64_t sum = (uint64_t)column->base * n;
    if (column->width == 1)
        ADD_RAW(uint8_t);
    else if (column->width == 2)
        ADD_RAW(uint16_t);
    else if (column->width == 4)
        ADD_RAW(uint32_t);
    else if (column->width == 8)
        ADD_RAW(uint64_t);
    return (int64_t)sum;
}

#undef ADD_RAW

uint64_t gy_column_raws_below(const struct gy_column *column, uint64_t n, double bound,
                              bool or_equal)
{
    uint64_t low = 0;
    while (low < n) {
        uint64_t middle = low + (n - low) / 2;
        double value = gy_column_value_of_raw(column, middle);
        if (or_equal ? value <= bound : value < bound)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}
