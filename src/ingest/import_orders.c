/* import_orders.c - rows of orders and of order lines to order events.
 *
 * The rows of one order may stand anywhere in the file, so all rows are kept (their texts as numbers of
 * distinct strings), grouped by order, and turned into events at the end:
 *
 *   Order Completed   the rows with a quantity of at least 0, as `products`, at the earliest time
 *   Order Refunded    the rows with a negative quantity, and those whose status is "returned"
 *   Order Cancelled   the rows whose status is "cancelled"
 *
 * The messageId is the order's id (the event's name tells the kind). What is stored already is looked up
 * by it first: the same content is a duplicate, another one is *changed*.
 *
 * A column `trait.NAME` is the customer's from the order's time on; it is written where it changes.
 */
#include <stdlib.h>

#include "base/decimal_sum.h"
#include "base/hash.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"
#include "ingest/import_internal.h"
#include "ingest/table.h"
#include "store/part.h"

#define NONE GY_INTERN_NONE

enum status {
    STATUS_OTHER,
    STATUS_CANCELLED,
    STATUS_RETURNED,
};

enum kind {
    COMPLETED,
    REFUNDED,
    CANCELLED,
    N_KINDS,
};

static const char *const event_names[N_KINDS] = {"Order Completed", "Order Refunded",
                                                 "Order Cancelled"};

/* The texts that a row keeps, before its extra columns. */
enum kept {
    KEPT_PRODUCT_ID,
    KEPT_NAME,
    KEPT_CATEGORY,
    KEPT_BRAND,
    KEPT_DISCOUNT,
    KEPT_COUPON,
    KEPT_CHANNEL,
    KEPT_STATUS,
    N_KEPT,
};

static const enum gy_table_field kept_fields[N_KEPT] = {
    GY_FIELD_PRODUCT_ID, GY_FIELD_NAME,   GY_FIELD_CATEGORY, GY_FIELD_BRAND,
    GY_FIELD_DISCOUNT,   GY_FIELD_COUPON, GY_FIELD_CHANNEL,  GY_FIELD_STATUS,
};

struct line {
    uint32_t order;
    enum status status;
    int64_t time_ms;
    int64_t status_time_ms;
    double quantity; /* orders: 1, or -1 where the revenue is negative */
    double amount;   /* the price; orders: the revenue, not negative */
    bool has_amount; /* orders may have none */
    uint32_t line;   /* of the file, where its row begins */
};

struct order {
    uint32_t customer;
    bool emits_traits;
    bool is_changed[N_KINDS];
    size_t first; /* its lines are by_order[first, first + n) */
    size_t n;
};

struct orders {
    struct gy_import *import;
    const struct gy_column_map *map;
    struct gy_time_format times;
    struct gy_time_format status_times;
    struct gy_intern ids;   /* order ids; the number is the order's place */
    struct gy_intern texts; /* all others */
    struct order *orders;
    size_t orders_capacity;
    struct line *lines;
    size_t n_lines;
    size_t lines_capacity;
    uint32_t *cells; /* n_lines × width: numbers of texts, NONE where empty */
    size_t cells_capacity;
    uint32_t width;
    uint32_t *by_order; /* lines, grouped */
};

static bool is_orders(const struct orders *o)
{
    return o->map->kind == GY_IMPORT_ORDERS;
}

/* ---- reading rows ---- */

static enum status read_status(struct gy_str text)
{
    static const struct {
        const char *word;
        enum status status;
    } words[] = {
        {"cancelled", STATUS_CANCELLED}, {"canceled", STATUS_CANCELLED},
        {"cancel", STATUS_CANCELLED},    {"취소", STATUS_CANCELLED},
        {"취소완료", STATUS_CANCELLED},  {"주문취소", STATUS_CANCELLED},
        {"returned", STATUS_RETURNED},   {"return", STATUS_RETURNED},
        {"refunded", STATUS_RETURNED},   {"refund", STATUS_RETURNED},
        {"반품", STATUS_RETURNED},       {"반품완료", STATUS_RETURNED},
        {"환불", STATUS_RETURNED},       {"환불완료", STATUS_RETURNED},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = strlen(words[i].word);
        if (text.len == len && strncasecmp(text.ptr, words[i].word, len) == 0) {
            return words[i].status;
        }
    }
    return STATUS_OTHER;
}

/* Reads what every row must have into `line`; NULL, or why the row cannot be taken. */
static const char *read_numbers(struct orders *o, const struct gy_row *row, struct line *line)
{
    const struct gy_column_map *map = o->map;
    struct gy_str time = gy_column_map_field(map, row, GY_FIELD_TIME);
    if (time.len == 0) {
        return "no time";
    }
    if (!gy_time_format_read(&o->times, o->import->zone, time, &line->time_ms)) {
        return "the time does not read as one";
    }
    if (line->time_ms < GY_TIME_MIN_MS || line->time_ms > GY_TIME_MAX_MS) {
        return "the time is outside the years 1 to 2105";
    }
    line->quantity = 1;
    if (is_orders(o)) {
        struct gy_str revenue = gy_column_map_field(map, row, GY_FIELD_REVENUE);
        line->has_amount = revenue.len > 0;
        if (line->has_amount && !gy_import_amount(revenue, &line->amount)) {
            return "the revenue is not a number";
        }
        if (line->amount < 0) {
            line->amount = -line->amount;
            line->quantity = -1;
        }
        return NULL;
    }
    line->has_amount = true;
    if (!gy_import_amount(gy_column_map_field(map, row, GY_FIELD_QUANTITY), &line->quantity)) {
        return "the quantity is not a number";
    }
    if (!gy_import_amount(gy_column_map_field(map, row, GY_FIELD_PRICE), &line->amount)) {
        return "the price is not a number";
    }
    return NULL;
}

static void read_row_status(struct orders *o, const struct gy_row *row, struct line *line)
{
    line->status = read_status(gy_column_map_field(o->map, row, GY_FIELD_STATUS));
    line->status_time_ms = line->time_ms;
    struct gy_str time = gy_column_map_field(o->map, row, GY_FIELD_STATUS_TIME);
    int64_t ms;
    if (time.len > 0 && gy_time_format_read(&o->status_times, o->import->zone, time, &ms) &&
        ms >= GY_TIME_MIN_MS && ms <= GY_TIME_MAX_MS) {
        line->status_time_ms = ms;
    }
}

static uint32_t keep_text(struct orders *o, struct gy_str text)
{
    return text.len == 0 ? NONE : gy_intern_add(&o->texts, gy_text_nfc(text, &o->import->arena));
}

static void keep_row(struct orders *o, const struct gy_row *row, const struct line *line)
{
    GY_GROW(o->lines, o->lines_capacity, o->n_lines + 1);
    GY_GROW(o->cells, o->cells_capacity, (o->n_lines + 1) * o->width);
    uint32_t *cells = o->cells + o->n_lines * o->width;
    for (uint32_t k = 0; k < N_KEPT; k++) {
        cells[k] = keep_text(o, gy_column_map_field(o->map, row, kept_fields[k]));
    }
    for (uint32_t i = 0; i < o->map->n_extras; i++) {
        cells[N_KEPT + i] = keep_text(o, gy_column_map_extra(o->map, row, i));
    }
    o->lines[o->n_lines++] = *line;
}

/* The order that the row belongs to; NULL, or why it cannot be taken. */
static const char *find_order(struct orders *o, const struct gy_row *row, struct line *line)
{
    struct gy_arena *arena = &o->import->arena;
    struct gy_str id = gy_text_nfc(gy_column_map_field(o->map, row, GY_FIELD_ORDER_ID), arena);
    struct gy_str customer =
        gy_text_nfc(gy_column_map_field(o->map, row, GY_FIELD_CUSTOMER_ID), arena);
    if (customer.len == 0) {
        return "no customer";
    }
    if (id.len == 0) {
        return "no order id";
    }
    uint32_t customer_code = gy_intern_add(&o->texts, customer);
    uint32_t n_before = o->ids.n;
    line->order = gy_intern_add(&o->ids, id);
    if (line->order == n_before) {
        GY_GROW(o->orders, o->orders_capacity, o->ids.n);
        o->orders[line->order] = (struct order){.customer = customer_code};
    } else if (is_orders(o)) {
        return "the order stands in the file already";
    }
    if (o->orders[line->order].customer != customer_code) {
        return "the order's first line has another customer";
    }
    return NULL;
}

static enum gy_status read_rows(struct orders *o, struct gy_table *table, struct gy_error *err)
{
    for (;;) {
        struct gy_row row;
        bool has_row;
        GY_TRY(gy_table_next(table, &row, &has_row, err));
        if (!has_row) {
            return GY_OK;
        }
        o->import->position = gy_table_position(table);
        GY_TRY(gy_import_step(o->import, err));
        struct line line = {.line = row.line};
        const char *reason = row.problem;
        if (reason == NULL && !gy_column_map_fits(o->map, &row)) {
            reason = "the row has more or fewer columns than the first";
        }
        if (reason == NULL) {
            reason = read_numbers(o, &row, &line);
        }
        if (reason == NULL) {
            reason = find_order(o, &row, &line);
        }
        if (reason != NULL) {
            GY_TRY(gy_import_reject_row(o->import, &row, reason));
        } else {
            read_row_status(o, &row, &line);
            keep_row(o, &row, &line);
        }
        gy_arena_reset(&o->import->arena);
    }
}

/* ---- grouping ---- */

static void group_lines(struct orders *o)
{
    for (size_t i = 0; i < o->n_lines; i++) {
        o->orders[o->lines[i].order].n++;
    }
    size_t first = 0;
    for (uint32_t k = 0; k < o->ids.n; k++) {
        o->orders[k].first = first;
        first += o->orders[k].n;
        o->orders[k].n = 0;
    }
    o->by_order = gy_alloc((o->n_lines + 1) * sizeof *o->by_order);
    for (size_t i = 0; i < o->n_lines; i++) {
        struct order *order = &o->orders[o->lines[i].order];
        o->by_order[order->first + order->n++] = (uint32_t)i;
    }
}

static int64_t order_time(const struct orders *o, const struct order *order)
{
    int64_t earliest = INT64_MAX;
    for (size_t i = 0; i < order->n; i++) {
        int64_t ms = o->lines[o->by_order[order->first + i]].time_ms;
        earliest = ms < earliest ? ms : earliest;
    }
    return earliest;
}

/* The text of an extra column of an order: of its last line that has one; NONE without. */
static uint32_t order_trait(const struct orders *o, const struct order *order, uint32_t extra)
{
    for (size_t i = order->n; i-- > 0;) {
        size_t line = o->by_order[order->first + i];
        uint32_t text = o->cells[line * o->width + N_KEPT + extra];
        if (text != NONE) {
            return text;
        }
    }
    return NONE;
}

struct sorted_order {
    uint32_t customer;
    uint32_t order;
    int64_t time_ms;
};

static int by_customer_and_time(const void *x, const void *y)
{
    const struct sorted_order *a = x;
    const struct sorted_order *b = y;
    if (a->customer != b->customer) {
        return a->customer < b->customer ? -1 : 1;
    }
    if (a->time_ms != b->time_ms) {
        return a->time_ms < b->time_ms ? -1 : 1;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

/* Marks the orders with which a trait of their customer changes. */
static void mark_traits(struct orders *o)
{
    uint32_t n_extras = o->map->n_extras;
    struct sorted_order *sorted = gy_alloc((o->ids.n + 1) * sizeof *sorted);
    uint32_t *last = gy_alloc((n_extras + 1) * sizeof *last);
    uint32_t n = 0;
    for (uint32_t k = 0; k < o->ids.n; k++) {
        if (o->orders[k].n > 0) {
            sorted[n++] =
                (struct sorted_order){o->orders[k].customer, k, order_time(o, &o->orders[k])};
        }
    }
    qsort(sorted, n, sizeof *sorted, by_customer_and_time);
    for (uint32_t i = 0; i < n; i++) {
        struct order *order = &o->orders[sorted[i].order];
        bool is_first = i == 0 || sorted[i].customer != sorted[i - 1].customer;
        for (uint32_t e = 0; e < n_extras; e++) {
            uint32_t text = o->map->extras[e].is_trait ? order_trait(o, order, e) : NONE;
            if (is_first) {
                last[e] = NONE;
            }
            if (text != NONE && text != last[e]) {
                order->emits_traits = true;
                last[e] = text;
            }
        }
    }
    free(last);
    free(sorted);
}

/* ---- calls ---- */

static bool is_of(const struct line *line, enum kind kind)
{
    switch (kind) {
    case COMPLETED:
        return line->quantity >= 0;
    case REFUNDED:
        return line->quantity < 0 || line->status == STATUS_RETURNED;
    case CANCELLED:
        return line->quantity >= 0 && line->status == STATUS_CANCELLED;
    case N_KINDS:
        break;
    }
    return false;
}

static int64_t time_of(const struct line *line, enum kind kind)
{
    return kind == COMPLETED || line->quantity < 0 ? line->time_ms : line->status_time_ms;
}

/* Of the calls of an order one accounts for the line. */
static bool is_counted_by(const struct line *line, enum kind kind)
{
    return kind == COMPLETED || (kind == REFUNDED && line->quantity < 0);
}

/* sum += quantity × price, exactly: digits times digits. */
static void add_product(struct gy_decimal_sum *sum, double quantity, double price)
{
    int64_t a;
    int64_t b;
    int a_exponent;
    int b_exponent;
    gy_number_split(quantity, &a, &a_exponent);
    gy_number_split(price, &b, &b_exponent);
    __int128 digits = (__int128)a * b;
    int exponent = a_exponent + b_exponent;
    while (exponent > 0 && digits < INT64_MAX && digits > INT64_MIN) {
        digits *= 10;
        exponent--;
    }
    if (exponent > 0) {
        gy_decimal_sum_add(sum, quantity * price);
    } else {
        gy_decimal_sum_add_scaled(sum, digits, -exponent);
    }
}

static struct gy_value text_value(const struct orders *o, uint32_t text)
{
    return (struct gy_value){.type = GY_VALUE_CELL, .string = o->texts.strings[text]};
}

static struct gy_value id_value(struct gy_str id)
{
    return (struct gy_value){.type = GY_VALUE_STRING, .string = id};
}

static struct gy_value number_value(double number)
{
    return (struct gy_value){.type = GY_VALUE_NUMBER, .number = number};
}

/* Whether all lines of the order that have this text have the same: then it is the order's, else the
 * items'. The text, or NONE. */
static uint32_t common_text(const struct orders *o, const struct order *order, enum kept kept,
                            bool *differ)
{
    uint32_t common = NONE;
    *differ = false;
    for (size_t i = 0; i < order->n; i++) {
        uint32_t text = o->cells[o->by_order[order->first + i] * (size_t)o->width + kept];
        if (text != NONE && common != NONE && text != common) {
            *differ = true;
        }
        common = text != NONE ? text : common;
    }
    return common;
}

struct draft {
    struct gy_call call;
    struct gy_field *fields;
    uint32_t n_fields;
    struct gy_item *items;
    uint32_t n_items;
    struct gy_item_list *lists;
    uint32_t n_lists;
    struct gy_decimal_sum revenue;
    struct gy_decimal_sum discount;
    bool has_revenue;
    bool has_discount;
    uint32_t common[N_KEPT]; /* from KEPT_COUPON on: the text of all lines that have one, or NONE */
    bool differ[N_KEPT];     /* the lines have several */
};

static void find_common_texts(const struct orders *o, const struct order *order, struct draft *d)
{
    for (int k = KEPT_COUPON; k < N_KEPT; k++)
        d->common[k] = common_text(o, order, (enum kept)k, &d->differ[k]);
}

static void add_field(struct draft *d, const char *name, struct gy_value value)
{
    d->fields[d->n_fields++] = (struct gy_field){gy_str_of(name), value};
}

static void add_discount(struct draft *d, const struct orders *o, uint32_t text)
{
    double amount;
    if (text != NONE && gy_import_amount(o->texts.strings[text], &amount)) {
        gy_decimal_sum_add(&d->discount, amount);
        d->has_discount = true;
    }
}

/* One line as an item of `products`. */
static struct gy_item item_of(struct orders *o, const struct draft *d, size_t line_no)
{
    static const char *const words[N_KEPT] = {"product_id", "name",   "category", "brand",
                                              "discount",   "coupon", "channel",  "status"};
    struct gy_arena *arena = &o->import->arena;
    const struct line *line = &o->lines[line_no];
    const uint32_t *cells = o->cells + line_no * o->width;
    struct gy_field *fields = GY_NEW_ARRAY(arena, struct gy_field, N_KEPT + 2 + o->map->n_extras);
    uint32_t n = 0;
    for (uint32_t k = 0; k < N_KEPT; k++) {
        bool is_order_s = k >= KEPT_COUPON && !d->differ[k];
        if (cells[k] == NONE || is_order_s) {
            continue;
        }
        struct gy_value value =
            k == KEPT_PRODUCT_ID ? id_value(o->texts.strings[cells[k]]) : text_value(o, cells[k]);
        double amount;
        if (k == KEPT_DISCOUNT && gy_import_amount(o->texts.strings[cells[k]], &amount)) {
            value = number_value(amount);
        }
        fields[n++] = (struct gy_field){gy_str_of(words[k]), value};
    }
    double quantity = line->quantity < 0 ? -line->quantity : line->quantity;
    fields[n++] = (struct gy_field){GY_STR("quantity"), number_value(quantity)};
    fields[n++] = (struct gy_field){GY_STR("price"), number_value(line->amount)};
    for (uint32_t i = 0; i < o->map->n_extras; i++) {
        if (!o->map->extras[i].is_trait && cells[N_KEPT + i] != NONE) {
            fields[n++] =
                (struct gy_field){o->map->extras[i].name, text_value(o, cells[N_KEPT + i])};
        }
    }
    return (struct gy_item){fields, n};
}

/* An order's own row: its extra columns are properties of the order, or items. */
static void add_order_row(struct orders *o, struct draft *d, size_t line_no)
{
    const struct line *line = &o->lines[line_no];
    const uint32_t *cells = o->cells + line_no * o->width;
    if (line->has_amount) {
        gy_decimal_sum_add(&d->revenue, line->amount);
        d->has_revenue = true;
    }
    for (uint32_t i = 0; i < o->map->n_extras; i++) {
        uint32_t text = cells[N_KEPT + i];
        struct gy_str name = o->map->extras[i].name;
        if (o->map->extras[i].is_trait || text == NONE) {
            continue;
        }
        if (gy_import_items(name, o->texts.strings[text], &o->import->arena,
                            &d->lists[d->n_lists])) {
            d->n_lists++;
        } else {
            d->fields[d->n_fields++] = (struct gy_field){name, text_value(o, text)};
        }
    }
}

static void add_line(struct orders *o, struct draft *d, enum kind kind, size_t line_no)
{
    const struct line *line = &o->lines[line_no];
    int64_t ms = time_of(line, kind);
    if (!d->call.has_time || ms < d->call.time_ms) {
        d->call.time_ms = ms;
        d->call.has_time = true;
    }
    add_discount(d, o, o->cells[line_no * o->width + KEPT_DISCOUNT]);
    d->call.n_lines += is_counted_by(line, kind);
    if (is_orders(o)) {
        add_order_row(o, d, line_no);
        return;
    }
    double quantity = line->quantity < 0 ? -line->quantity : line->quantity;
    add_product(&d->revenue, quantity, line->amount);
    d->has_revenue = true;
    d->items[d->n_items++] = item_of(o, d, line_no);
}

/* The call of one kind of an order; false if the order has no line of that kind. */
static bool make_call(struct orders *o, uint32_t order_no, enum kind kind, struct gy_call *out)
{
    const struct order *order = &o->orders[order_no];
    struct gy_arena *arena = &o->import->arena;
    struct draft d = {
        .fields = GY_NEW_ARRAY(arena, struct gy_field, 8 + o->map->n_extras),
        .items = GY_NEW_ARRAY(arena, struct gy_item, order->n + 1),
        .lists = GY_NEW_ARRAY(arena, struct gy_item_list, 2 + o->map->n_extras),
    };
    find_common_texts(o, order, &d);
    add_field(&d, "order_id", id_value(o->ids.strings[order_no]));
    uint32_t n_lines = 0;
    for (size_t i = 0; i < order->n; i++) {
        size_t line_no = o->by_order[order->first + i];
        if (is_of(&o->lines[line_no], kind)) {
            add_line(o, &d, kind, line_no);
            n_lines++;
        }
    }
    if (d.has_revenue) {
        add_field(&d, "revenue", number_value(gy_decimal_sum_value(&d.revenue)));
    }
    if (d.has_discount) {
        add_field(&d, "discount", number_value(gy_decimal_sum_value(&d.discount)));
    }
    static const struct {
        enum kept kept;
        const char *word;
    } common[] = {{KEPT_COUPON, "coupon"}, {KEPT_CHANNEL, "channel"}, {KEPT_STATUS, "status"}};
    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        enum kept kept = common[i].kept;
        if (d.common[kept] != NONE && !d.differ[kept]) {
            add_field(&d, common[i].word, text_value(o, d.common[kept]));
        }
    }
    if (d.n_items > 0) {
        d.lists[d.n_lists++] = (struct gy_item_list){GY_STR("products"), d.items, d.n_items};
    }
    gy_decimal_sum_release(&d.revenue);
    gy_decimal_sum_release(&d.discount);
    *out = d.call;
    out->type = GY_CALL_TRACK;
    out->user_id = o->texts.strings[order->customer];
    out->event = gy_str_of(event_names[kind]);
    out->message_id = o->ids.strings[order_no];
    out->written_ms = out->time_ms;
    out->fields = d.fields;
    out->n_fields = d.n_fields;
    out->lists = d.lists;
    out->n_lists = d.n_lists;
    return n_lines > 0;
}

static enum gy_status take_traits(struct orders *o, uint32_t order_no, struct gy_error *err)
{
    const struct order *order = &o->orders[order_no];
    struct gy_field *fields =
        GY_NEW_ARRAY(&o->import->arena, struct gy_field, o->map->n_extras + 1);
    struct gy_call call = {.type = GY_CALL_IDENTIFY,
                           .user_id = o->texts.strings[order->customer],
                           .has_time = true,
                           .time_ms = order_time(o, order),
                           .fields = fields};
    call.written_ms = call.time_ms;
    for (uint32_t e = 0; e < o->map->n_extras; e++) {
        uint32_t text = o->map->extras[e].is_trait ? order_trait(o, order, e) : NONE;
        if (text != NONE) {
            struct gy_str name = o->map->extras[e].name;
            struct gy_str value = o->texts.strings[text];
            fields[call.n_fields++] = (struct gy_field){name, text_value(o, text)};
            call.content += gy_hash(value.ptr, value.len, gy_hash(name.ptr, name.len, 0));
        }
    }
    bool refused;
    char why[512];
    return gy_import_call(o->import, &call, &refused, why, err);
}

/* ---- what is stored already ---- */

static enum gy_status find_changed(struct orders *o, enum kind kind, struct gy_error *err)
{
    struct gy_stored_call *stored = gy_alloc_zero(o->ids.n + 1, sizeof *stored);
    enum gy_status status =
        gy_writer_find_calls(o->import->writer, gy_str_of(event_names[kind]), GY_STR("order_id"),
                             o->ids.strings, o->ids.n, stored, err);
    for (uint32_t k = 0; status == GY_OK && k < o->ids.n; k++) {
        struct gy_call call;
        if (stored[k].is_there && make_call(o, k, kind, &call)) {
            o->orders[k].is_changed[kind] =
                gy_writer_call_content(o->import->writer, &call) != stored[k].content;
        }
        gy_arena_reset(&o->import->arena);
    }
    free(stored);
    return status;
}

/* ---- all of it ---- */

/* The rows themselves are no longer at hand. */
static void reject_lines(struct orders *o, uint32_t order_no, enum kind kind, const char *why)
{
    const struct order *order = &o->orders[order_no];
    for (size_t i = 0; i < order->n; i++) {
        const struct line *line = &o->lines[o->by_order[order->first + i]];
        if (is_of(line, kind) && is_counted_by(line, kind)) {
            gy_import_reject_line(o->import, line->line, (struct gy_str){"", 0}, why);
        }
    }
}

static enum gy_status take_call(struct orders *o, uint32_t order_no, enum kind kind,
                                struct gy_error *err)
{
    struct gy_call call;
    if (!make_call(o, order_no, kind, &call)) {
        return GY_OK;
    }
    struct gy_import_report *report = o->import->report;
    bool is_changed = o->orders[order_no].is_changed[kind];
    if (is_changed && !o->import->options->replace) {
        report->orders_changed++;
        report->lines_changed += call.n_lines;
        return GY_OK;
    }
    bool refused;
    char why[512];
    GY_TRY(gy_import_call(o->import, &call, &refused, why, err));
    if (is_changed && !refused) {
        report->orders_replaced++;
        gy_writer_replace_calls(o->import->writer, call.event, GY_STR("order_id"),
                                &o->ids.strings[order_no], 1);
    }
    if (refused) {
        reject_lines(o, order_no, kind, why);
    }
    return GY_OK;
}

static enum gy_status take_orders(struct orders *o, struct gy_error *err)
{
    for (int kind = 0; kind < N_KINDS; kind++) {
        GY_TRY(find_changed(o, (enum kind)kind, err));
    }
    for (uint32_t k = 0; k < o->ids.n; k++) {
        if (o->orders[k].n == 0) {
            continue;
        }
        GY_TRY(gy_import_go_on(o->import, err));
        if (o->orders[k].emits_traits) {
            GY_TRY(take_traits(o, k, err));
        }
        for (int kind = 0; kind < N_KINDS; kind++) {
            GY_TRY(take_call(o, k, (enum kind)kind, err));
        }
        gy_arena_reset(&o->import->arena);
    }
    return GY_OK;
}

enum gy_status gy_import_orders(struct gy_import *import, struct gy_table *table,
                                const struct gy_column_map *map, struct gy_error *err)
{
    struct orders o = {.import = import, .map = map, .width = N_KEPT + map->n_extras};
    enum gy_status status = gy_import_time_format(import, table, map, GY_FIELD_TIME, &o.times, err);
    if (status == GY_OK) {
        status =
            gy_import_time_format(import, table, map, GY_FIELD_STATUS_TIME, &o.status_times, err);
    }
    if (status == GY_OK) {
        status = read_rows(&o, table, err);
    }
    if (status == GY_OK) {
        group_lines(&o);
        mark_traits(&o);
        status = take_orders(&o, err);
    }
    gy_intern_release(&o.ids);
    gy_intern_release(&o.texts);
    free(o.orders);
    free(o.lines);
    free(o.cells);
    free(o.by_order);
    return status;
}
