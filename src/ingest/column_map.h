/* column_map.h - which column of a table is which field.
 *
 * A table has a kind (import_job.h), and a kind has fields. Each field is found by, in this order: what
 * the user said (`FIELD=COLUMN`, by header or by number from 1), a constant (`FIELD=VALUE`), a header
 * that is one of the field's usual names in English or Korean, whatever its case, blanks and
 * punctuation. Columns that are no field's become properties or traits under their own header.
 */
#ifndef GY_INGEST_COLUMN_MAP_H
#define GY_INGEST_COLUMN_MAP_H

#include "base/arena.h"
#include "base/status.h"
#include "ingest/import_job.h"
#include "ingest/row.h"

enum gy_table_field {
    GY_FIELD_CUSTOMER_ID,
    GY_FIELD_ANONYMOUS_ID,
    GY_FIELD_TIME,
    GY_FIELD_EVENT,
    GY_FIELD_MESSAGE_ID,
    GY_FIELD_ORDER_ID,
    GY_FIELD_REVENUE,
    GY_FIELD_QUANTITY,
    GY_FIELD_PRICE,
    GY_FIELD_PRODUCT_ID,
    GY_FIELD_NAME,
    GY_FIELD_CATEGORY,
    GY_FIELD_BRAND,
    GY_FIELD_DISCOUNT,
    GY_FIELD_COUPON,
    GY_FIELD_CHANNEL,
    GY_FIELD_STATUS,
    GY_FIELD_STATUS_TIME,
    GY_N_FIELDS,
};

const char *gy_table_field_word(enum gy_table_field field); /* "customer_id" */

/* A column that is no field's, or a constant that is none: a property (or a trait) of that name. */
struct gy_extra_column {
    struct gy_str name;
    uint32_t column; /* UINT32_MAX: a constant */
    struct gy_str constant;
    bool is_trait;
};

/* Two columns with a usual name of one field, of which one was taken. */
struct gy_column_choice {
    enum gy_table_field field;
    uint32_t taken;
    uint32_t other;
};

struct gy_column_map {
    enum gy_import_kind kind;
    uint32_t columns[GY_N_FIELDS];        /* UINT32_MAX: none */
    struct gy_str constants[GY_N_FIELDS]; /* ptr NULL: none */
    struct gy_extra_column *extras;
    uint32_t n_extras;
    uint32_t n_columns; /* that a row should have; 0: not known (no header) */
    struct gy_column_choice choices[GY_IMPORT_MAX_CHOICES]; /* the first of them */
    uint32_t n_choices;
    struct gy_arena arena;
};

/* `header` is NULL for a table without one; `first` is then its first row. Settles the kind where it is
 * AUTO. INVALID: no such column, no such field of this kind, a field twice, or a field that the kind needs
 * is not there; the hint says how to map it. Released by the caller, also on failure. */
GY_CHECKED enum gy_status gy_column_map_make(const struct gy_import_options *options,
                                             const struct gy_row *header,
                                             const struct gy_row *first, struct gy_column_map *out,
                                             struct gy_error *err);
void gy_column_map_release(struct gy_column_map *map);

/* Why a row is rejected that does not fit. */
#define GY_ROW_DOES_NOT_FIT "the row has more or fewer columns than the first"

/* Whether the row has as many cells as the header. A sheet's rows end with their last text: there, none with
 * anything in it stands right of the header. */
bool gy_column_map_fits(const struct gy_column_map *map, const struct gy_row *row);

bool gy_column_map_has(const struct gy_column_map *map, enum gy_table_field field);

/* The text of a row's cell, blanks around it taken off; empty where there is none. */
static inline struct gy_str gy_row_text(const struct gy_row *row, uint32_t column)
{
    struct gy_str s = column < row->n_cells ? row->cells[column].text : (struct gy_str){"", 0};
    while (s.len > 0 && (unsigned char)s.ptr[0] <= ' ') {
        s = (struct gy_str){s.ptr + 1, s.len - 1};
    }
    while (s.len > 0 && (unsigned char)s.ptr[s.len - 1] <= ' ') {
        s.len--;
    }
    return s;
}

/* The field of a row, blanks around it taken off; empty where it is not there. */
static inline struct gy_str gy_column_map_field(const struct gy_column_map *map,
                                                const struct gy_row *row, enum gy_table_field field)
{
    if (map->columns[field] != UINT32_MAX) {
        return gy_row_text(row, map->columns[field]);
    }
    struct gy_str constant = map->constants[field];
    return constant.ptr == NULL ? (struct gy_str){"", 0} : constant;
}

/* Likewise of an extra column. */
static inline struct gy_str gy_column_map_extra(const struct gy_column_map *map,
                                                const struct gy_row *row, uint32_t i)
{
    const struct gy_extra_column *extra = &map->extras[i];
    return extra->column == UINT32_MAX ? extra->constant : gy_row_text(row, extra->column);
}

/* Whether a sheet has an error there (#DIV/0!): the field is empty, but not for want of a value. */
bool gy_column_map_is_error(const struct gy_column_map *map, const struct gy_row *row,
                            enum gy_table_field field);

#endif
