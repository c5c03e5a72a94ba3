/* shop_csv.c - see shop_csv.h. No text of the shop has a comma or a quote in it but the products. */
#include "shop_csv.h"

#include "shop_text.h"

static void put_word_of(struct gy_buf *out, const char *const *words, uint32_t from_1)
{
    if (from_1 > 0)
        gy_buf_text(out, words[from_1 - 1]);
}

void shop_csv_customer(struct gy_buf *out, const struct shopper *s)
{
    put_number(out, s->customer);
    gy_buf_char(out, ',');
    put_word_of(out, shop_regions, s->region);
    gy_buf_char(out, ',');
    if (s->birth_year > 0)
        put_date(out, s->birth_year, s->birth_month, s->birth_day);
    gy_buf_char(out, ',');
    put_word_of(out, shop_genders, s->gender);
    gy_buf_char(out, ',');
    gy_buf_text(out, shop_tiers[s->tier]);
    gy_buf_char(out, ',');
    put_time(out, s->signed_up, ' ');
    gy_buf_text(out, s->has_marketing_consent ? ",true" : ",false");
    gy_buf_text(out, s->has_push_consent ? ",true\n" : ",false\n");
}

/* ---- events ---- */

/* The columns behind `t`, in order; a cell says which it is, and commas are put up to it. */
enum column {
    PATH = 3,
    SECONDS,
    PRODUCT_ID,
    CATEGORY,
    BRAND,
    PRICE,
    QUANTITY,
    ORDER_ID,
    REVENUE,
    DISCOUNT,
    SHIPPING,
    CHANNEL,
    PAYMENT,
    COUPON,
    CAMPAIGN,
    QUERY,
    RESULTS,
    RATING,
    OS,
    VERSION,
    PRODUCTS,
};

struct line {
    struct gy_buf *out;
    enum column at; /* of the last cell that was begun */
};

static struct gy_buf *cell(struct line *line, enum column column)
{
    static const char commas[] = ",,,,,,,,,,,,,,,,,,,,,,,,";
    gy_buf_append(line->out, commas, (size_t)(column - line->at));
    line->at = column;
    return line->out;
}

static void put_product_cells(struct line *line, const struct catalogue *c,
                              const struct shop_item *item)
{
    const struct catalogue_product *p = &c->products[item->product];
    put_number(cell(line, PRODUCT_ID), item->product);
    gy_buf_text(cell(line, CATEGORY), shop_categories[p->category]);
    gy_buf_str(cell(line, BRAND), c->brand_names[p->brand]);
    put_number(cell(line, PRICE), p->price);
}

static void put_order_cells(struct line *line, const struct shop_event *e)
{
    put_order(cell(line, ORDER_ID), e->order);
    put_number(cell(line, REVENUE), e->revenue);
    put_number(cell(line, DISCOUNT), e->discount);
    put_number(cell(line, SHIPPING), e->shipping);
    gy_buf_text(cell(line, CHANNEL), shop_channels[e->choice]);
    gy_buf_text(cell(line, PAYMENT), shop_payments[e->payment]);
    if (e->code > 0)
        put_coupon(cell(line, COUPON), e->code);
}

static void put_cells(struct line *line, const struct catalogue *c, const struct shop_event *e)
{
    switch ((enum shop_kind)e->kind) {
    case PAGE_VIEWED:
        gy_buf_str(cell(line, PATH), c->path_names[e->code]);
        if (e->revenue > 0)
            put_hundredths(cell(line, SECONDS), e->revenue);
        break;
    case PRODUCT_VIEWED:
        put_product_cells(line, c, &e->items[0]);
        break;
    case PRODUCT_ADDED:
        put_product_cells(line, c, &e->items[0]);
        put_number(cell(line, QUANTITY), e->items[0].quantity);
        break;
    case ORDER_COMPLETED:
        put_order_cells(line, e);
        break;
    case EMAIL_SENT:
    case EMAIL_OPENED:
    case EMAIL_LINK_CLICKED:
        gy_buf_str(cell(line, CAMPAIGN), c->campaign_names[e->code]);
        break;
    case PRODUCTS_SEARCHED:
        catalogue_put_query(cell(line, QUERY), &e->query);
        put_number(cell(line, RESULTS), e->revenue);
        break;
    case PRODUCT_REVIEWED:
        put_number(cell(line, PRODUCT_ID), e->items[0].product);
        put_number(cell(line, RATING), e->choice);
        break;
    case ORDER_REFUNDED:
        put_order(cell(line, ORDER_ID), e->order);
        put_number(cell(line, REVENUE), e->revenue);
        break;
    case COUPON_USED:
        put_number(cell(line, DISCOUNT), e->discount);
        put_coupon(cell(line, COUPON), e->code);
        break;
    case APP_OPENED:
        gy_buf_text(cell(line, OS), shop_systems[e->choice]);
        put_version(cell(line, VERSION), e->code);
        break;
    case SHOP_KINDS:
        break;
    }
}

void shop_csv_event(struct gy_buf *out, const struct catalogue *catalogue,
                    const struct shop_event *e, bool has_products)
{
    struct line line = {out, PATH - 1};
    gy_buf_text(out, shop_event_names[e->kind]);
    gy_buf_char(out, ',');
    put_number(out, e->customer);
    gy_buf_char(out, ',');
    put_time(out, e->time, ' ');
    put_cells(&line, catalogue, e);
    (void)cell(&line, has_products ? PRODUCTS : VERSION);
    if (has_products && e->kind == ORDER_COMPLETED) {
        gy_buf_char(out, '"');
        put_products(out, catalogue, e, true);
        gy_buf_char(out, '"');
    }
    gy_buf_char(out, '\n');
}

void shop_csv_items(struct gy_buf *out, const struct catalogue *catalogue,
                    const struct shop_event *order)
{
    for (uint32_t i = 0; i < order->n_items; i++) {
        const struct shop_item *item = &order->items[i];
        const struct catalogue_product *p = &catalogue->products[item->product];
        put_number(out, order->customer);
        gy_buf_char(out, ',');
        put_time(out, order->time, ' ');
        gy_buf_char(out, ',');
        put_order(out, order->order);
        gy_buf_char(out, ',');
        put_number(out, item->product);
        gy_buf_char(out, ',');
        gy_buf_text(out, shop_categories[p->category]);
        gy_buf_char(out, ',');
        gy_buf_str(out, catalogue->brand_names[p->brand]);
        gy_buf_char(out, ',');
        put_number(out, p->price);
        gy_buf_char(out, ',');
        put_number(out, item->quantity);
        gy_buf_char(out, ',');
        gy_buf_text(out, shop_channels[order->choice]);
        gy_buf_char(out, '\n');
    }
}
