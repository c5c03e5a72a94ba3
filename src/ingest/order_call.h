/* order_call.h - the events that the lines of an order make.
 *
 *   Order Completed   the lines with a quantity of at least 0, as `products`, at the earliest time
 *   Order Refunded    the lines with a negative quantity, and those whose status is "returned"
 *   Order Cancelled   the lines whose status is "cancelled"
 *
 * The messageId is the order's id: the event's name tells the kind.
 */
#ifndef GY_INGEST_ORDER_CALL_H
#define GY_INGEST_ORDER_CALL_H

#include "ingest/order_rows.h"

enum gy_order_kind {
    GY_ORDER_COMPLETED,
    GY_ORDER_REFUNDED,
    GY_ORDER_CANCELLED,
    GY_ORDER_N_KINDS,
};

const char *gy_order_event(enum gy_order_kind kind); /* "Order Completed" */

/* A line may be in calls of several kinds; this one accounts for it. */
enum gy_order_kind gy_order_line_kind(const struct gy_order_line *line);

/* The call of one kind of an order, allocated in the import's arena; false where the order has no line of
 * that kind. Its n_lines are those that it accounts for. */
bool gy_order_call(struct gy_order_rows *rows, uint32_t order_no, enum gy_order_kind kind,
                   struct gy_call *out);

/* A text of a row as a value that says its type itself. */
struct gy_value gy_order_text_value(const struct gy_order_rows *rows, uint32_t text);

#endif
