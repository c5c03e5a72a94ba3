/* columns.h - the columns of an export: value expressions, and a table of their values.
 *
 *     --columns 'trait.region, sum("Order Completed".revenue last 1 year)'
 *
 * Commas within quotes and parentheses belong to the value. A column is named by its canonical text.
 */
#ifndef GY_WORKSPACE_COLUMNS_H
#define GY_WORKSPACE_COLUMNS_H

#include "workspace/ask.h"

enum {
    GY_MAX_COLUMNS = 200
};

struct gy_columns {
    struct gy_definition *definitions;
    struct gy_str *names; /* canonical texts */
    size_t n;
    struct gy_arena arena;
};

/* Splits and checks `list` (NULL: no columns). The error's place is within the column's text, and
 * says which column it is. Released by the caller, also on failure. */
GY_CHECKED enum gy_status gy_columns_read(struct gy_ask *ask, const char *list, bool allow_unknown,
                                          struct gy_columns *out, struct gy_error *err);
void gy_columns_release(struct gy_columns *columns);

/* Their values for the audience, masked where the asker may not see them. Released by the caller (gy_value_table_release). */
GY_CHECKED enum gy_status gy_columns_values(struct gy_ask *ask, const struct gy_columns *columns,
                                            const roaring_bitmap_t *audience,
                                            struct gy_value_table *out, struct gy_error *err);

static inline bool gy_value_is_known(const struct gy_value_column *column, uint32_t row)
{
    return (column->known[row >> 6] >> (row & 63) & 1) != 0;
}

/* What is exported: a row for each member, and the members' values. */
struct gy_export {
    const struct gy_columns *columns;
    const struct gy_value_table *values;
    const struct gy_member *members;
    size_t n;
};

/* A value as text: nothing where it is missing, a time in UTC as 2025-01-02T03:04:05.678Z. */
void gy_put_value(struct gy_buf *out, const struct gy_value_column *column, uint32_t row);

#endif
