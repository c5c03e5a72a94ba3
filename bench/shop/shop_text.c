/* shop_text.c - see shop_text.h. Written out by hand, since a printf for each would take most of the time. */
#include "shop_text.h"

#include "base/zone.h"
#include "catalogue.h"

void put_padded(struct gy_buf *out, uint32_t n, int digits)
{
    char text[16];
    char *end = text + sizeof text;
    char *at = end;
    for (; n > 0 || end - at < digits; n /= 10)
        *--at = (char)('0' + n % 10);
    gy_buf_append(out, at, (size_t)(end - at));
}

void put_number(struct gy_buf *out, uint64_t n)
{
    char text[24];
    char *end = text + sizeof text;
    char *at = end;
    do {
        *--at = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    gy_buf_append(out, at, (size_t)(end - at));
}

void put_hundredths(struct gy_buf *out, uint32_t n)
{
    put_number(out, n / 100);
    gy_buf_char(out, '.');
    put_padded(out, n % 100, 2);
}

void put_date(struct gy_buf *out, uint32_t year, uint32_t month, uint32_t day)
{
    put_padded(out, year, 4);
    gy_buf_char(out, '-');
    put_padded(out, month, 2);
    gy_buf_char(out, '-');
    put_padded(out, day, 2);
}

void put_time(struct gy_buf *out, int64_t seconds, char between)
{
    struct gy_civil civil;
    uint32_t second = (uint32_t)(seconds % 86400);
    gy_day_to_civil(seconds / 86400, &civil);
    put_date(out, (uint32_t)civil.year, (uint32_t)civil.month, (uint32_t)civil.day);
    gy_buf_char(out, between);
    put_padded(out, second / 3600, 2);
    gy_buf_char(out, ':');
    put_padded(out, second / 60 % 60, 2);
    gy_buf_char(out, ':');
    put_padded(out, second % 60, 2);
}

void put_order(struct gy_buf *out, uint32_t order)
{
    gy_buf_char(out, 'o');
    put_padded(out, order, 9);
}

void put_coupon(struct gy_buf *out, uint32_t coupon)
{
    gy_buf_char(out, 'C');
    put_padded(out, coupon, 3);
}

void put_version(struct gy_buf *out, uint32_t version)
{
    gy_buf_text(out, "5.");
    put_number(out, version / 5);
    gy_buf_char(out, '.');
    put_number(out, version % 5);
}

/* ---- products ---- */

struct json {
    struct gy_buf *out;
    const char *quote;
    bool is_in_cell;
};

static void put_word(const struct json *j, struct gy_str word)
{
    gy_buf_text(j->out, j->quote);
    gy_buf_str(j->out, word);
    gy_buf_text(j->out, j->quote);
}

static void put_key(const struct json *j, const char *key)
{
    put_word(j, gy_str_of(key));
    gy_buf_char(j->out, ':');
}

static void put_product(const struct json *j, const struct catalogue *catalogue,
                        const struct shop_item *item)
{
    const struct catalogue_product *p = &catalogue->products[item->product];
    gy_buf_char(j->out, '{');
    put_key(j, "product_id");
    if (j->is_in_cell) {
        put_number(j->out, item->product);
    } else {
        gy_buf_text(j->out, "\"p");
        put_padded(j->out, item->product, 5);
        gy_buf_char(j->out, '"');
    }
    gy_buf_char(j->out, ',');
    put_key(j, "category");
    put_word(j, gy_str_of(shop_categories[p->category]));
    gy_buf_char(j->out, ',');
    put_key(j, "brand");
    put_word(j, catalogue->brand_names[p->brand]);
    gy_buf_char(j->out, ',');
    put_key(j, "price");
    put_number(j->out, p->price);
    gy_buf_char(j->out, ',');
    put_key(j, "quantity");
    put_number(j->out, item->quantity);
    gy_buf_char(j->out, '}');
}

void put_products(struct gy_buf *out, const struct catalogue *catalogue,
                  const struct shop_event *order, bool is_in_cell)
{
    struct json j = {out, is_in_cell ? "\"\"" : "\"", is_in_cell};
    gy_buf_char(out, '[');
    for (uint32_t i = 0; i < order->n_items; i++) {
        if (i > 0)
            gy_buf_char(out, ',');
        put_product(&j, catalogue, &order->items[i]);
    }
    gy_buf_char(out, ']');
}
