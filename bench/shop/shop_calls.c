/* shop_calls.c - see shop_calls.h. No text of the shop needs an escape. */
#include "shop_calls.h"

#include "shop_text.h"

/* Members of one object, put one behind the other. */
struct object {
    struct gy_buf *out;
    bool has_member;
};

static struct gy_buf *member(struct object *o, const char *key)
{
    gy_buf_text(o->out, o->has_member ? ",\"" : "{\"");
    gy_buf_text(o->out, key);
    gy_buf_text(o->out, "\":");
    o->has_member = true;
    return o->out;
}

static void put_text(struct object *o, const char *key, struct gy_str text)
{
    gy_buf_char(member(o, key), '"');
    gy_buf_str(o->out, text);
    gy_buf_char(o->out, '"');
}

static void put_count(struct object *o, const char *key, uint32_t n)
{
    put_number(member(o, key), n);
}

static void put_flag(struct object *o, const char *key, bool flag)
{
    gy_buf_text(member(o, key), flag ? "true" : "false");
}

/* Between the quotes of a member; the closing one is the caller's. */
static struct gy_buf *open_text(struct object *o, const char *key)
{
    gy_buf_char(member(o, key), '"');
    return o->out;
}

static void put_head(struct gy_buf *out, const char *type, uint32_t customer, uint64_t message)
{
    gy_buf_text(out, "{\"type\":\"");
    gy_buf_text(out, type);
    gy_buf_text(out, "\",\"userId\":\"c");
    put_padded(out, customer, 7);
    gy_buf_char(out, '"');
    if (message > 0)
        gy_buf_printf(out, ",\"messageId\":\"m%llx\"", (unsigned long long)message);
}

void shop_call_identify(struct gy_buf *out, const struct shopper *s, uint64_t message)
{
    struct object traits = {.out = out};
    put_head(out, "identify", s->customer, message);
    gy_buf_text(out, ",\"traits\":");
    if (s->region > 0)
        put_text(&traits, "region", gy_str_of(shop_regions[s->region - 1]));
    if (s->birth_year > 0) {
        put_date(open_text(&traits, "birthday"), s->birth_year, s->birth_month, s->birth_day);
        gy_buf_char(out, '"');
    }
    if (s->gender > 0)
        put_text(&traits, "gender", gy_str_of(shop_genders[s->gender - 1]));
    put_text(&traits, "tier", gy_str_of(shop_tiers[s->tier]));
    put_time(open_text(&traits, "signed_up"), s->signed_up, 'T');
    gy_buf_text(out, "Z\"");
    put_flag(&traits, "marketing_consent", s->has_marketing_consent);
    put_flag(&traits, "push_consent", s->has_push_consent);
    gy_buf_text(out, "}}\n");
}

/* ---- events ---- */

static void put_product(struct object *o, const struct catalogue *c, const struct shop_item *item)
{
    const struct catalogue_product *p = &c->products[item->product];
    gy_buf_char(open_text(o, "product_id"), 'p');
    put_padded(o->out, item->product, 5);
    gy_buf_char(o->out, '"');
    put_text(o, "category", gy_str_of(shop_categories[p->category]));
    put_text(o, "brand", c->brand_names[p->brand]);
    put_count(o, "price", p->price);
}

static void put_order_id(struct object *o, uint32_t order)
{
    put_order(open_text(o, "order_id"), order);
    gy_buf_char(o->out, '"');
}

static void put_coupon_code(struct object *o, uint32_t coupon)
{
    put_coupon(open_text(o, "coupon"), coupon);
    gy_buf_char(o->out, '"');
}

static void put_whole_order(struct object *o, const struct catalogue *c, const struct shop_event *e)
{
    put_order_id(o, e->order);
    put_count(o, "revenue", e->revenue);
    put_count(o, "discount", e->discount);
    put_count(o, "shipping", e->shipping);
    put_text(o, "channel", gy_str_of(shop_channels[e->choice]));
    put_text(o, "payment", gy_str_of(shop_payments[e->payment]));
    if (e->code > 0)
        put_coupon_code(o, e->code);
    put_products(member(o, "products"), c, e, false);
}

static void put_review(struct object *o, const struct shop_event *e)
{
    gy_buf_char(open_text(o, "product_id"), 'p');
    put_padded(o->out, e->items[0].product, 5);
    gy_buf_char(o->out, '"');
    put_count(o, "rating", e->choice);
}

static void put_app(struct object *o, const struct shop_event *e)
{
    put_text(o, "os", gy_str_of(shop_systems[e->choice]));
    put_version(open_text(o, "version"), e->code);
    gy_buf_char(o->out, '"');
}

static void put_search(struct object *o, const struct shop_event *e)
{
    catalogue_put_query(open_text(o, "query"), &e->query);
    gy_buf_char(o->out, '"');
    put_count(o, "results", e->revenue);
}

static void put_properties(struct object *o, const struct catalogue *c, const struct shop_event *e)
{
    switch ((enum shop_kind)e->kind) {
    case PAGE_VIEWED:
        put_text(o, "path", c->path_names[e->code]);
        if (e->revenue > 0)
            put_hundredths(member(o, "seconds"), e->revenue);
        break;
    case PRODUCT_VIEWED:
        put_product(o, c, &e->items[0]);
        break;
    case PRODUCT_ADDED:
        put_product(o, c, &e->items[0]);
        put_count(o, "quantity", e->items[0].quantity);
        break;
    case ORDER_COMPLETED:
        put_whole_order(o, c, e);
        break;
    case EMAIL_SENT:
    case EMAIL_OPENED:
    case EMAIL_LINK_CLICKED:
        put_text(o, "campaign", c->campaign_names[e->code]);
        break;
    case PRODUCTS_SEARCHED:
        put_search(o, e);
        break;
    case PRODUCT_REVIEWED:
        put_review(o, e);
        break;
    case ORDER_REFUNDED:
        put_order_id(o, e->order);
        put_count(o, "revenue", e->revenue);
        break;
    case COUPON_USED:
        put_coupon_code(o, e->code);
        put_count(o, "discount", e->discount);
        break;
    case APP_OPENED:
        put_app(o, e);
        break;
    case SHOP_KINDS:
        break;
    }
}

void shop_call_track(struct gy_buf *out, const struct catalogue *catalogue,
                     const struct shop_event *e, uint64_t message)
{
    struct object properties = {.out = out};
    put_head(out, "track", e->customer, message);
    gy_buf_text(out, ",\"event\":\"");
    gy_buf_text(out, shop_event_names[e->kind]);
    gy_buf_text(out, "\",\"timestamp\":\"");
    put_time(out, e->time, 'T');
    gy_buf_text(out, "Z\",\"properties\":");
    put_properties(&properties, catalogue, e);
    gy_buf_text(out, "}}\n");
}
