/* order_rows.h - the rows of a file of orders or of order lines, kept and grouped by order.
 *
 * The rows of one order may stand anywhere in the file, so all of them are kept until its end: their
 * texts as numbers of distinct strings, what is reckoned with as numbers.
 *
 *   add, add, …            each row, or why it cannot be taken
 *   group                  then by_order[order.first, order.first + order.n) are the lines of an order
 */
#ifndef GY_INGEST_ORDER_ROWS_H
#define GY_INGEST_ORDER_ROWS_H

#include "base/intern.h"
#include "ingest/import_internal.h"

enum gy_order_status {
    GY_ORDER_HAS_OTHER,
    GY_ORDER_IS_CANCELLED,
    GY_ORDER_IS_RETURNED,
};

/* The texts that a row keeps, before those of its extra columns. */
enum gy_order_text {
    GY_ORDER_TEXT_PRODUCT_ID,
    GY_ORDER_TEXT_NAME,
    GY_ORDER_TEXT_CATEGORY,
    GY_ORDER_TEXT_BRAND,
    GY_ORDER_TEXT_DISCOUNT,
    GY_ORDER_TEXT_COUPON, /* from here on: of the order where all its lines say the same */
    GY_ORDER_TEXT_CHANNEL,
    GY_ORDER_TEXT_STATUS,
    GY_ORDER_N_TEXTS,
};

struct gy_order_line {
    uint32_t order;
    enum gy_order_status status;
    int64_t time_ms;
    int64_t status_time_ms;
    double quantity;   /* orders: 1, or -1 where the revenue is negative */
    double amount;     /* the price; orders: the revenue, not negative */
    bool has_amount;   /* orders may have none */
    uint32_t line;     /* of the file, where its row begins */
    struct gy_str raw; /* the row as it came, where rejected rows are kept; else empty */
};

struct gy_order {
    uint32_t customer; /* number of a text */
    size_t
        first; /* its lines are by_order[first, first + n); before they are grouped: its first line */
    size_t n; /* 0: all its rows were rejected */
};

struct gy_order_rows {
    struct gy_import *import;
    const struct gy_column_map *map;
    struct gy_time_format times;
    struct gy_time_format status_times;
    struct gy_intern ids;   /* order ids; the number is the order's place */
    struct gy_intern texts; /* all others */
    struct gy_order *orders;
    size_t orders_capacity;
    struct gy_order_line *lines;
    size_t n_lines;
    size_t lines_capacity;
    uint32_t *cells; /* n_lines × width: numbers of texts, GY_INTERN_NONE where empty */
    size_t cells_capacity;
    uint32_t width;
    uint32_t *by_order; /* lines, grouped */
    struct gy_arena raws;
    struct gy_json_tree *json; /* scratch, for cells that are items */
};

/* Finds the forms of the times among the rows that were read ahead. To be released also on failure. */
GY_CHECKED enum gy_status gy_order_rows_init(struct gy_order_rows *rows, struct gy_import *import,
                                             const struct gy_table *table,
                                             const struct gy_column_map *map, struct gy_error *err);
void gy_order_rows_release(struct gy_order_rows *rows);

/* Whether a row is an order; else it is a line of one. */
bool gy_order_rows_are_orders(const struct gy_order_rows *rows);

/* Keeps the row; one that says the same as an order before (in a file of orders, where each is one row)
 * is a `*is_repeat`, and not kept. NULL, or why it cannot be taken. */
const char *gy_order_rows_add(struct gy_order_rows *rows, const struct gy_row *row,
                              bool *is_repeat);

/* After the last row. */
void gy_order_rows_group(struct gy_order_rows *rows);

/* ---- of an order, when they are grouped ---- */

int64_t gy_order_time(const struct gy_order_rows *rows, const struct gy_order *order);

/* The text of an extra column that is a trait: of the order's last line that has one; else
 * GY_INTERN_NONE. */
uint32_t gy_order_trait(const struct gy_order_rows *rows, const struct gy_order *order,
                        uint32_t extra);

#endif
