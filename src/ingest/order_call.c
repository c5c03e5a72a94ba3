/* order_call.c - lines into a call: what is the order's, and what is its items'. */
#include "ingest/order_call.h"

#include "base/decimal_sum.h"
#include "base/number.h"

const char *gy_order_event(enum gy_order_kind kind)
{
    switch (kind) {
    case GY_ORDER_COMPLETED:
        return "Order Completed";
    case GY_ORDER_REFUNDED:
        return "Order Refunded";
    case GY_ORDER_CANCELLED:
        return "Order Cancelled";
    case GY_ORDER_N_KINDS:
        break;
    }
    return "";
}

/* ---- lines ---- */

static bool is_of(const struct gy_order_line *line, enum gy_order_kind kind)
{
    switch (kind) {
    case GY_ORDER_COMPLETED:
        return line->quantity >= 0;
    case GY_ORDER_REFUNDED:
        return line->quantity < 0 || line->status == GY_ORDER_IS_RETURNED;
    case GY_ORDER_CANCELLED:
        return line->quantity >= 0 && line->status == GY_ORDER_IS_CANCELLED;
    case GY_ORDER_N_KINDS:
        break;
    }
    return false;
}

static int64_t time_of(const struct gy_order_line *line, enum gy_order_kind kind)
{
    return kind == GY_ORDER_COMPLETED || line->quantity < 0 ? line->time_ms : line->status_time_ms;
}

enum gy_order_kind gy_order_line_kind(const struct gy_order_line *line)
{
    return line->quantity < 0 ? GY_ORDER_REFUNDED : GY_ORDER_COMPLETED;
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

struct gy_value gy_order_text_value(const struct gy_order_rows *rows, uint32_t text)
{
    return (struct gy_value){.type = GY_VALUE_CELL, .string = rows->texts.strings[text]};
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
 * items'. The text, or GY_INTERN_NONE. */
static uint32_t common_text(const struct gy_order_rows *rows, const struct gy_order *order,
                            enum gy_order_text which, bool *differ)
{
    uint32_t common = GY_INTERN_NONE;
    *differ = false;
    for (size_t i = 0; i < order->n; i++) {
        uint32_t text = rows->cells[rows->by_order[order->first + i] * (size_t)rows->width + which];
        if (text != GY_INTERN_NONE && common != GY_INTERN_NONE && text != common) {
            *differ = true;
        }
        common = text != GY_INTERN_NONE ? text : common;
    }
    return common;
}

/* ---- a call as it grows ---- */

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
    uint32_t common[GY_ORDER_N_TEXTS]; /* from COUPON on: of all lines that have one, or NONE */
    bool differ[GY_ORDER_N_TEXTS];     /* the lines have several */
};

static void find_common_texts(const struct gy_order_rows *rows, const struct gy_order *order,
                              struct draft *d)
{
    for (int k = GY_ORDER_TEXT_COUPON; k < GY_ORDER_N_TEXTS; k++) {
        d->common[k] = common_text(rows, order, (enum gy_order_text)k, &d->differ[k]);
    }
}

static void add_field(struct draft *d, const char *name, struct gy_value value)
{
    d->fields[d->n_fields++] = (struct gy_field){gy_str_of(name), value};
}

static void add_discount(struct draft *d, const struct gy_order_rows *rows, uint32_t text)
{
    double amount;
    if (text != GY_INTERN_NONE && gy_import_amount(rows->texts.strings[text], &amount)) {
        gy_decimal_sum_add(&d->discount, amount);
        d->has_discount = true;
    }
}

static struct gy_value item_value(const struct gy_order_rows *rows, enum gy_order_text which,
                                  uint32_t text)
{
    double amount;
    if (which == GY_ORDER_TEXT_PRODUCT_ID) {
        return id_value(rows->texts.strings[text]);
    }
    if (which == GY_ORDER_TEXT_DISCOUNT && gy_import_amount(rows->texts.strings[text], &amount)) {
        return number_value(amount);
    }
    return gy_order_text_value(rows, text);
}

static double positive(double quantity)
{
    return quantity < 0 ? -quantity : quantity;
}

/* One line as an item of `products`. */
static struct gy_item item_of(struct gy_order_rows *rows, const struct draft *d, size_t line_no)
{
    static const char *const words[GY_ORDER_N_TEXTS] = {
        "product_id", "name", "category", "brand", "discount", "coupon", "channel", "status"};
    const struct gy_order_line *line = &rows->lines[line_no];
    const uint32_t *cells = rows->cells + line_no * rows->width;
    const uint32_t *extras = cells + GY_ORDER_N_TEXTS;
    struct gy_field *fields = GY_NEW_ARRAY(&rows->import->arena, struct gy_field,
                                           GY_ORDER_N_TEXTS + 2 + rows->map->n_extras);
    uint32_t n = 0;
    for (uint32_t k = 0; k < GY_ORDER_N_TEXTS; k++) {
        bool is_order_s = k >= GY_ORDER_TEXT_COUPON && !d->differ[k];
        if (cells[k] != GY_INTERN_NONE && !is_order_s) {
            fields[n++] = (struct gy_field){gy_str_of(words[k]),
                                            item_value(rows, (enum gy_order_text)k, cells[k])};
        }
    }
    fields[n++] = (struct gy_field){GY_STR("quantity"), number_value(positive(line->quantity))};
    fields[n++] = (struct gy_field){GY_STR("price"), number_value(line->amount)};
    for (uint32_t i = 0; i < rows->map->n_extras; i++) {
        const struct gy_extra_column *extra = &rows->map->extras[i];
        if (!extra->is_trait && extras[i] != GY_INTERN_NONE) {
            fields[n++] = (struct gy_field){extra->name, gy_order_text_value(rows, extras[i])};
        }
    }
    return (struct gy_item){fields, n};
}

/* An order's own row: its extra columns are properties of the order, or items. */
static void add_order_row(struct gy_order_rows *rows, struct draft *d, size_t line_no)
{
    const struct gy_order_line *line = &rows->lines[line_no];
    const uint32_t *cells = rows->cells + line_no * rows->width;
    if (line->has_amount) {
        gy_decimal_sum_add(&d->revenue, line->amount);
        d->has_revenue = true;
    }
    for (uint32_t i = 0; i < rows->map->n_extras; i++) {
        uint32_t text = cells[GY_ORDER_N_TEXTS + i];
        struct gy_str name = rows->map->extras[i].name;
        if (rows->map->extras[i].is_trait || text == GY_INTERN_NONE) {
            continue;
        }
        if (gy_import_items(rows->json, name, rows->texts.strings[text], &rows->import->arena,
                            &d->lists[d->n_lists])) {
            d->n_lists++;
        } else {
            d->fields[d->n_fields++] = (struct gy_field){name, gy_order_text_value(rows, text)};
        }
    }
}

static void add_line(struct gy_order_rows *rows, struct draft *d, enum gy_order_kind kind,
                     size_t line_no)
{
    const struct gy_order_line *line = &rows->lines[line_no];
    int64_t ms = time_of(line, kind);
    if (!d->call.has_time || ms < d->call.time_ms) {
        d->call.time_ms = ms;
        d->call.has_time = true;
    }
    add_discount(d, rows, rows->cells[line_no * rows->width + GY_ORDER_TEXT_DISCOUNT]);
    d->call.n_lines += kind == gy_order_line_kind(line);
    if (gy_order_rows_are_orders(rows)) {
        add_order_row(rows, d, line_no);
        return;
    }
    add_product(&d->revenue, positive(line->quantity), line->amount);
    d->has_revenue = true;
    d->items[d->n_items++] = item_of(rows, d, line_no);
}

/* What the order has besides its lines. */
static void add_totals(struct gy_order_rows *rows, struct draft *d)
{
    static const struct {
        enum gy_order_text text;
        const char *word;
    } common[] = {{GY_ORDER_TEXT_COUPON, "coupon"},
                  {GY_ORDER_TEXT_CHANNEL, "channel"},
                  {GY_ORDER_TEXT_STATUS, "status"}};
    if (d->has_revenue) {
        add_field(d, "revenue", number_value(gy_decimal_sum_value(&d->revenue)));
    }
    if (d->has_discount) {
        add_field(d, "discount", number_value(gy_decimal_sum_value(&d->discount)));
    }
    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        enum gy_order_text text = common[i].text;
        if (d->common[text] != GY_INTERN_NONE && !d->differ[text]) {
            add_field(d, common[i].word, gy_order_text_value(rows, d->common[text]));
        }
    }
    if (d->n_items > 0) {
        d->lists[d->n_lists++] = (struct gy_item_list){GY_STR("products"), d->items, d->n_items};
    }
}

static struct gy_call finish(const struct gy_order_rows *rows, uint32_t order_no,
                             enum gy_order_kind kind, const struct draft *d)
{
    struct gy_call call = d->call;
    call.type = GY_CALL_TRACK;
    call.user_id = rows->texts.strings[rows->orders[order_no].customer];
    call.event = gy_str_of(gy_order_event(kind));
    call.message_id = rows->ids.strings[order_no];
    call.written_ms = call.time_ms;
    call.fields = d->fields;
    call.n_fields = d->n_fields;
    call.lists = d->lists;
    call.n_lists = d->n_lists;
    return call;
}

bool gy_order_call(struct gy_order_rows *rows, uint32_t order_no, enum gy_order_kind kind,
                   struct gy_call *out)
{
    const struct gy_order *order = &rows->orders[order_no];
    struct gy_arena *arena = &rows->import->arena;
    struct draft d = {
        .fields = GY_NEW_ARRAY(arena, struct gy_field, 8 + rows->map->n_extras),
        .items = GY_NEW_ARRAY(arena, struct gy_item, order->n + 1),
        .lists = GY_NEW_ARRAY(arena, struct gy_item_list, 2 + rows->map->n_extras),
    };
    bool is_there = false;
    find_common_texts(rows, order, &d);
    add_field(&d, "order_id", id_value(rows->ids.strings[order_no]));
    for (size_t i = 0; i < order->n; i++) {
        size_t line_no = rows->by_order[order->first + i];
        if (is_of(&rows->lines[line_no], kind)) {
            add_line(rows, &d, kind, line_no);
            is_there = true;
        }
    }
    add_totals(rows, &d);
    gy_decimal_sum_release(&d.revenue);
    gy_decimal_sum_release(&d.discount);
    *out = finish(rows, order_no, kind, &d);
    return is_there;
}
