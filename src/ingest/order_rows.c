/* order_rows.c - what a row must have, and where it is kept. */
#include "ingest/order_rows.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/json_tree.h"
#include "ingest/table.h"
#include "store/part.h"

static const enum gy_table_field text_fields[GY_ORDER_N_TEXTS] = {
    GY_FIELD_PRODUCT_ID, GY_FIELD_NAME,   GY_FIELD_CATEGORY, GY_FIELD_BRAND,
    GY_FIELD_DISCOUNT,   GY_FIELD_COUPON, GY_FIELD_CHANNEL,  GY_FIELD_STATUS,
};

enum gy_status gy_order_rows_init(struct gy_order_rows *rows, struct gy_import *import,
                                  const struct gy_table *table, const struct gy_column_map *map,
                                  struct gy_error *err)
{
    *rows = (struct gy_order_rows){.import = import,
                                   .map = map,
                                   .width = GY_ORDER_N_TEXTS + map->n_extras,
                                   .json = gy_json_tree_new()};
    GY_TRY(gy_import_time_format(import, table, map, GY_FIELD_TIME, &rows->times, err));
    return gy_import_time_format(import, table, map, GY_FIELD_STATUS_TIME, &rows->status_times,
                                 err);
}

void gy_order_rows_release(struct gy_order_rows *rows)
{
    gy_intern_release(&rows->ids);
    gy_intern_release(&rows->texts);
    gy_arena_release(&rows->raws);
    gy_json_tree_free(rows->json);
    free(rows->orders);
    free(rows->lines);
    free(rows->cells);
    free(rows->by_order);
    *rows = (struct gy_order_rows){0};
}

bool gy_order_rows_are_orders(const struct gy_order_rows *rows)
{
    return rows->map->kind == GY_IMPORT_ORDERS;
}

/* ---- reading rows ---- */

/* Whatever the case and the blanks: 취소완료 is written 취소 완료 as well. */
static bool is_word(struct gy_str text, const char *word)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == ' ') {
            continue;
        }
        if (*word == '\0' || strncasecmp(text.ptr + i, word, 1) != 0) {
            return false;
        }
        word++;
    }
    return *word == '\0';
}

static enum gy_order_status read_status(struct gy_str text)
{
    static const struct {
        const char *word;
        enum gy_order_status status;
    } words[] = {
        {"cancelled", GY_ORDER_IS_CANCELLED}, {"canceled", GY_ORDER_IS_CANCELLED},
        {"cancel", GY_ORDER_IS_CANCELLED},    {"취소", GY_ORDER_IS_CANCELLED},
        {"취소완료", GY_ORDER_IS_CANCELLED},  {"주문취소", GY_ORDER_IS_CANCELLED},
        {"returned", GY_ORDER_IS_RETURNED},   {"return", GY_ORDER_IS_RETURNED},
        {"refunded", GY_ORDER_IS_RETURNED},   {"refund", GY_ORDER_IS_RETURNED},
        {"반품", GY_ORDER_IS_RETURNED},       {"반품완료", GY_ORDER_IS_RETURNED},
        {"환불", GY_ORDER_IS_RETURNED},       {"환불완료", GY_ORDER_IS_RETURNED},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (is_word(text, words[i].word)) {
            return words[i].status;
        }
    }
    return GY_ORDER_HAS_OTHER;
}

/* Each of these reads into `line`; NULL, or why the row cannot be taken. */

static const char *read_time(const struct gy_order_rows *rows, const struct gy_row *row,
                             struct gy_order_line *line)
{
    struct gy_str time = gy_column_map_field(rows->map, row, GY_FIELD_TIME);
    if (time.len == 0) {
        return "no time";
    }
    if (!gy_time_format_read(&rows->times, rows->import->zone, time, &line->time_ms)) {
        return "the time does not read as one";
    }
    bool is_in_range = line->time_ms >= GY_TIME_MIN_MS && line->time_ms <= GY_TIME_MAX_MS;
    return is_in_range ? NULL : "the time is outside the years 1 to 2105";
}

static const char *read_revenue(const struct gy_order_rows *rows, const struct gy_row *row,
                                struct gy_order_line *line)
{
    struct gy_str revenue = gy_column_map_field(rows->map, row, GY_FIELD_REVENUE);
    line->quantity = 1;
    line->has_amount = revenue.len > 0;
    if (gy_column_map_is_error(rows->map, row, GY_FIELD_REVENUE) ||
        (line->has_amount && !gy_import_amount(revenue, &line->amount))) {
        return "the revenue is not a number";
    }
    if (line->amount < 0) {
        line->amount = -line->amount;
        line->quantity = -1;
    }
    return NULL;
}

static const char *read_amounts(const struct gy_order_rows *rows, const struct gy_row *row,
                                struct gy_order_line *line)
{
    line->has_amount = true;
    if (!gy_import_amount(gy_column_map_field(rows->map, row, GY_FIELD_QUANTITY),
                          &line->quantity)) {
        return "the quantity is not a number";
    }
    if (!gy_import_amount(gy_column_map_field(rows->map, row, GY_FIELD_PRICE), &line->amount)) {
        return "the price is not a number";
    }
    return NULL;
}

/* The status's own time matters only where the status makes an event. */
static const char *read_row_status(const struct gy_order_rows *rows, const struct gy_row *row,
                                   struct gy_order_line *line)
{
    struct gy_str time = gy_column_map_field(rows->map, row, GY_FIELD_STATUS_TIME);
    line->status = read_status(gy_column_map_field(rows->map, row, GY_FIELD_STATUS));
    line->status_time_ms = line->time_ms;
    if (line->status == GY_ORDER_HAS_OTHER || time.len == 0) {
        return NULL;
    }
    if (!gy_time_format_read(&rows->status_times, rows->import->zone, time,
                             &line->status_time_ms) ||
        line->status_time_ms < GY_TIME_MIN_MS || line->status_time_ms > GY_TIME_MAX_MS) {
        return "the time of the status does not read as one";
    }
    return NULL;
}

static const char *read_line(const struct gy_order_rows *rows, const struct gy_row *row,
                             struct gy_order_line *line)
{
    const char *reason = read_time(rows, row, line);
    if (reason == NULL) {
        reason = gy_order_rows_are_orders(rows) ? read_revenue(rows, row, line)
                                                : read_amounts(rows, row, line);
    }
    return reason != NULL ? reason : read_row_status(rows, row, line);
}

static uint32_t keep_text(struct gy_order_rows *rows, struct gy_str text)
{
    return text.len == 0 ? GY_INTERN_NONE
                         : gy_intern_add(&rows->texts, gy_text_nfc(text, &rows->import->arena));
}

/* The row as it came, where it will be asked for. */
static struct gy_str keep_raw(struct gy_order_rows *rows, const struct gy_row *row)
{
    struct gy_buf *line = &rows->import->line;
    if (rows->import->rejects == NULL) {
        return (struct gy_str){"", 0};
    }
    gy_buf_reset(line);
    gy_row_write(row, line);
    return gy_arena_str(&rows->raws, gy_buf_view(line));
}

static void keep_row(struct gy_order_rows *rows, const struct gy_row *row,
                     const struct gy_order_line *line)
{
    GY_GROW(rows->lines, rows->lines_capacity, rows->n_lines + 1);
    GY_GROW(rows->cells, rows->cells_capacity, (rows->n_lines + 1) * rows->width);
    uint32_t *cells = rows->cells + rows->n_lines * rows->width;
    for (uint32_t k = 0; k < GY_ORDER_N_TEXTS; k++) {
        cells[k] = keep_text(rows, gy_column_map_field(rows->map, row, text_fields[k]));
    }
    for (uint32_t i = 0; i < rows->map->n_extras; i++) {
        cells[GY_ORDER_N_TEXTS + i] = keep_text(rows, gy_column_map_extra(rows->map, row, i));
    }
    rows->lines[rows->n_lines] = *line;
    rows->lines[rows->n_lines++].raw = keep_raw(rows, row);
}

/* The number of the order with this id, which is new with its first line. */
static uint32_t enter_order(struct gy_order_rows *rows, struct gy_str id, uint32_t customer)
{
    uint32_t n_before = rows->ids.n;
    uint32_t order = gy_intern_add(&rows->ids, id);
    if (order == n_before) {
        GY_GROW(rows->orders, rows->orders_capacity, rows->ids.n);
        rows->orders[order] = (struct gy_order){.customer = customer, .first = rows->n_lines};
    }
    return order;
}

/* The order that the row belongs to; NULL, or why it cannot be taken. */
static const char *find_order(struct gy_order_rows *rows, const struct gy_row *row,
                              struct gy_order_line *line)
{
    struct gy_arena *arena = &rows->import->arena;
    struct gy_str id = gy_text_nfc(gy_column_map_field(rows->map, row, GY_FIELD_ORDER_ID), arena);
    struct gy_str customer =
        gy_text_nfc(gy_column_map_field(rows->map, row, GY_FIELD_CUSTOMER_ID), arena);
    if (customer.len == 0) {
        return "no customer";
    }
    if (id.len == 0) {
        return "no order id";
    }
    uint32_t customer_code = gy_intern_add(&rows->texts, customer);
    line->order = enter_order(rows, id, customer_code);
    return rows->orders[line->order].customer == customer_code
               ? NULL
               : "the order's first line has another customer";
}

/* Whether two lines say the same, however their numbers and times are written. */
static bool say_the_same(const struct gy_order_rows *rows, size_t i, size_t k)
{
    const struct gy_order_line *a = &rows->lines[i];
    const struct gy_order_line *b = &rows->lines[k];
    return a->status == b->status && a->time_ms == b->time_ms &&
           a->status_time_ms == b->status_time_ms && a->quantity == b->quantity &&
           a->amount == b->amount && a->has_amount == b->has_amount &&
           memcmp(rows->cells + i * rows->width, rows->cells + k * rows->width,
                  rows->width * sizeof *rows->cells) == 0;
}

/* In a file of orders: compares the row that was kept last with the first of its order. One after that is
 * not kept. */
static const char *take_back_second(struct gy_order_rows *rows, bool *is_repeat)
{
    size_t last = rows->n_lines - 1;
    size_t first = rows->orders[rows->lines[last].order].first;
    if (first == last) {
        return NULL;
    }
    rows->n_lines--;
    *is_repeat = say_the_same(rows, first, last);
    return *is_repeat ? NULL : "the order stands in the file already, with other content";
}

static const char *read_row(const struct gy_order_rows *rows, const struct gy_row *row,
                            struct gy_order_line *line)
{
    if (row->problem != NULL) {
        return row->problem;
    }
    return gy_column_map_fits(rows->map, row) ? read_line(rows, row, line) : GY_ROW_DOES_NOT_FIT;
}

const char *gy_order_rows_add(struct gy_order_rows *rows, const struct gy_row *row, bool *is_repeat)
{
    struct gy_order_line line = {.line = row->line};
    const char *reason = read_row(rows, row, &line);
    *is_repeat = false;
    if (reason == NULL) {
        reason = find_order(rows, row, &line);
    }
    if (reason == NULL) {
        keep_row(rows, row, &line);
        if (gy_order_rows_are_orders(rows)) {
            reason = take_back_second(rows, is_repeat);
        }
    }
    gy_arena_reset(&rows->import->arena);
    return reason;
}

/* ---- grouping ---- */

void gy_order_rows_group(struct gy_order_rows *rows)
{
    for (size_t i = 0; i < rows->n_lines; i++) {
        rows->orders[rows->lines[i].order].n++;
    }
    size_t first = 0;
    for (uint32_t k = 0; k < rows->ids.n; k++) {
        rows->orders[k].first = first;
        first += rows->orders[k].n;
        rows->orders[k].n = 0;
    }
    rows->by_order = gy_alloc((rows->n_lines + 1) * sizeof *rows->by_order);
    for (size_t i = 0; i < rows->n_lines; i++) {
        struct gy_order *order = &rows->orders[rows->lines[i].order];
        rows->by_order[order->first + order->n++] = (uint32_t)i;
    }
}

int64_t gy_order_time(const struct gy_order_rows *rows, const struct gy_order *order)
{
    int64_t earliest = INT64_MAX;
    for (size_t i = 0; i < order->n; i++) {
        int64_t ms = rows->lines[rows->by_order[order->first + i]].time_ms;
        earliest = ms < earliest ? ms : earliest;
    }
    return earliest;
}

uint32_t gy_order_trait(const struct gy_order_rows *rows, const struct gy_order *order,
                        uint32_t extra)
{
    if (!rows->map->extras[extra].is_trait) {
        return GY_INTERN_NONE;
    }
    for (size_t i = order->n; i-- > 0;) {
        size_t line = rows->by_order[order->first + i];
        uint32_t text = rows->cells[line * rows->width + GY_ORDER_N_TEXTS + extra];
        if (text != GY_INTERN_NONE) {
            return text;
        }
    }
    return GY_INTERN_NONE;
}
