/* bench_shop.c - see bench_shop.h. */
#include "bench_shop.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/zone.h"
#include "store/part_writer.h"

enum {
    N_PRODUCTS = 4000,
    N_CATEGORIES = 24,
    N_BRANDS = 300,
    N_DAYS = 730
};

#define START_S (BENCH_NOW_MS / 1000 - (int64_t)N_DAYS * 86400)

static uint64_t next(uint64_t *state)
{
    *state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static uint32_t below(uint64_t *state, uint32_t n)
{
    return (uint32_t)((next(state) >> 32) * n >> 32);
}

static double even(uint64_t *state)
{
    return (double)(next(state) >> 11) * 0x1p-53;
}

void bench_must(enum gy_status status, const struct gy_error *err)
{
    if (status == GY_OK)
        return;
    fprintf(stderr, "bench: %s\n", err->message);
    exit(1);
}

/* ---- names ---- */

struct shop {
    struct gy_schema schema;
    uint32_t orders;
    uint32_t revenue;
    uint32_t discount;
    uint32_t channel;
    uint32_t refunds;
    uint32_t refunded;
    uint32_t items;
    uint32_t product;
    uint32_t category;
    uint32_t brand;
    uint32_t quantity;
    uint32_t region;
    uint32_t birthday;
    uint32_t vip;
    struct gy_str *strings[4]; /* products, categories, brands, and the few of channel and region */
    uint32_t n_customers;
    double items_per_order;
};

static struct gy_str *numbered(const char *prefix, uint32_t n)
{
    struct gy_str *out = gy_alloc_zero(n, sizeof *out);
    for (uint32_t i = 0; i < n; i++) {
        char text[32];
        int len = snprintf(text, sizeof text, "%s%06u", prefix, i);
        out[i] = (struct gy_str){gy_strndup(text, (size_t)len), (size_t)len};
    }
    return out;
}

static void name_all(struct shop *s)
{
    struct gy_schema *schema = &s->schema;
    gy_schema_init(schema);
    s->orders = gy_schema_add_stream(schema, GY_STREAM_EVENT, GY_STR("Order Completed"),
                                     GY_VALUE_MISSING, 0);
    s->revenue = gy_schema_add_property(schema, s->orders, GY_STR("revenue"), GY_VALUE_NUMBER);
    s->discount = gy_schema_add_property(schema, s->orders, GY_STR("discount"), GY_VALUE_NUMBER);
    s->channel = gy_schema_add_property(schema, s->orders, GY_STR("channel"), GY_VALUE_STRING);
    s->refunds = gy_schema_add_stream(schema, GY_STREAM_EVENT, GY_STR("Order Refunded"),
                                      GY_VALUE_MISSING, 0);
    s->refunded = gy_schema_add_property(schema, s->refunds, GY_STR("revenue"), GY_VALUE_NUMBER);
    s->items = gy_schema_add_stream(schema, GY_STREAM_EVENT, GY_STR("Order Completed/products"),
                                    GY_VALUE_MISSING, s->orders);
    s->product = gy_schema_add_property(schema, s->items, GY_STR("product_id"), GY_VALUE_STRING);
    s->category = gy_schema_add_property(schema, s->items, GY_STR("category"), GY_VALUE_STRING);
    s->brand = gy_schema_add_property(schema, s->items, GY_STR("brand"), GY_VALUE_STRING);
    s->quantity = gy_schema_add_property(schema, s->items, GY_STR("quantity"), GY_VALUE_NUMBER);
    s->region = gy_schema_add_stream(schema, GY_STREAM_TRAIT, GY_STR("region"), GY_VALUE_STRING, 0);
    s->birthday =
        gy_schema_add_stream(schema, GY_STREAM_TRAIT, GY_STR("birthday"), GY_VALUE_TIME, 0);
    s->vip = gy_schema_add_stream(schema, GY_STREAM_TRAIT, GY_STR("vip"), GY_VALUE_BOOL, 0);
    s->strings[0] = numbered("p", N_PRODUCTS);
    s->strings[1] = numbered("c", N_CATEGORIES);
    s->strings[2] = numbered("b", N_BRANDS);
    s->strings[3] = numbered("r", 17);
}

/* ---- one block ---- */

struct block {
    const struct shop *shop;
    uint32_t block_no;
    uint32_t n_customers;
    uint64_t state;
    uint16_t *customers;
    uint32_t *order_starts;
    uint32_t *order_codes;
    uint32_t *item_starts;
    uint32_t n_orders;
    uint32_t n_items;
};

static int compare_codes(const void *a, const void *b)
{
    uint32_t l = *(const uint32_t *)a;
    uint32_t r = *(const uint32_t *)b;
    return (l > r) - (l < r);
}

/* How many orders each customer has, when, and how many items each order has. */
static uint32_t *draw_orders(struct block *b)
{
    uint32_t *items = gy_alloc_zero((size_t)b->n_customers * 200 + 1, sizeof *items);
    b->order_codes = gy_alloc_zero((size_t)b->n_customers * 200 + 1, sizeof *b->order_codes);
    for (uint32_t c = 0; c < b->n_customers; c++) {
        double n = floor(-log(1.0 - even(&b->state)) * 4.7 * (even(&b->state) < 0.9 ? 0.67 : 3.8));
        uint32_t first = b->n_orders;
        b->customers[c] = (uint16_t)c;
        b->order_starts[c] = first;
        b->item_starts[c] = b->n_items;
        for (uint32_t i = 0; i < (n > 199 ? 199 : (uint32_t)n); i++) {
            double size = -log(1.0 - even(&b->state)) * fmax(b->shop->items_per_order - 0.5, 0);
            items[b->n_orders] = 1 + (uint32_t)(size > 200 ? 200 : size);
            b->n_items += items[b->n_orders];
            b->order_codes[b->n_orders++] =
                (uint32_t)(GY_CODE_1970 + START_S + (int64_t)below(&b->state, N_DAYS * 86400));
        }
        qsort(b->order_codes + first, b->n_orders - first, sizeof(uint32_t), compare_codes);
    }
    b->order_starts[b->n_customers] = b->n_orders;
    b->item_starts[b->n_customers] = b->n_items;
    return items;
}

/* Leaves out customers without rows. */
static uint32_t squeeze(const struct block *b, const uint32_t *starts, uint16_t *customers,
                        uint32_t *out_starts)
{
    uint32_t n = 0;
    for (uint32_t c = 0; c < b->n_customers; c++) {
        if (starts[c] == starts[c + 1])
            continue;
        customers[n] = b->customers[c];
        out_starts[n++] = starts[c];
    }
    out_starts[n] = starts[b->n_customers];
    return n;
}

static void write_slice(const struct block *b, struct gy_part_writer *w, uint32_t stream,
                        const uint32_t *starts, uint32_t n_rows, const uint32_t *codes,
                        const struct gy_plain_column *columns, uint32_t n_columns)
{
    struct gy_error err;
    uint16_t *customers = gy_alloc_zero(b->n_customers, sizeof *customers);
    uint32_t *squeezed = gy_alloc_zero((size_t)b->n_customers + 1, sizeof *squeezed);
    struct gy_plain_slice slice = {
        .block_no = b->block_no,
        .stream = stream,
        .n_rows = n_rows,
        .n_customers = squeeze(b, starts, customers, squeezed),
        .customers = customers,
        .starts = squeezed,
        .codes = codes,
        .is_as_written = true,
        .columns = columns,
        .n_columns = n_columns,
    };
    bench_must(gy_part_writer_slice(w, &slice, &err), &err);
    free(customers);
    free(squeezed);
}

/* Most of what is bought is of few kinds. */
static uint32_t *draw_codes(struct block *b, uint32_t n_rows, uint32_t n_codes)
{
    uint32_t *out = gy_alloc_zero((size_t)n_rows + 1, sizeof *out);
    for (uint32_t i = 0; i < n_rows; i++) {
        double x = even(&b->state);
        out[i] = (uint32_t)(x * x * n_codes);
    }
    return out;
}

static void write_orders(struct block *b, struct gy_part_writer *w)
{
    const struct shop *s = b->shop;
    double *revenue = gy_alloc_zero((size_t)b->n_orders + 1, sizeof *revenue);
    double *discount = gy_alloc_zero((size_t)b->n_orders + 1, sizeof *discount);
    for (uint32_t i = 0; i < b->n_orders; i++) {
        revenue[i] = floor(1000.0 * exp(4.0 * even(&b->state))) * 10.0;
        discount[i] = below(&b->state, 5) == 0 ? floor(revenue[i] / 10.0) : 0.0;
    }
    uint32_t *channel = draw_codes(b, b->n_orders, 3);
    struct gy_plain_column columns[] = {
        {.property = s->revenue, .type = GY_VALUE_NUMBER, .numbers = revenue},
        {.property = s->discount, .type = GY_VALUE_NUMBER, .numbers = discount},
        {.property = s->channel, .type = GY_VALUE_STRING, .codes = channel},
    };
    write_slice(b, w, s->orders, b->order_starts, b->n_orders, b->order_codes, columns, 3);
    free(revenue);
    free(discount);
    free(channel);
}

/* One order in ten comes back, in part. */
static void write_refunds(struct block *b, struct gy_part_writer *w)
{
    uint32_t *starts = gy_alloc_zero((size_t)b->n_customers + 1, sizeof *starts);
    uint32_t *codes = gy_alloc_zero((size_t)b->n_orders + 1, sizeof *codes);
    double *revenue = gy_alloc_zero((size_t)b->n_orders + 1, sizeof *revenue);
    uint32_t n = 0;
    for (uint32_t c = 0; c < b->n_customers; c++) {
        starts[c] = n;
        for (uint32_t o = b->order_starts[c]; o < b->order_starts[c + 1]; o++) {
            codes[n] = b->order_codes[o];
            revenue[n] = 1000.0 * (1 + below(&b->state, 50));
            n += below(&b->state, 10) == 0;
        }
    }
    starts[b->n_customers] = n;
    struct gy_plain_column column = {
        .property = b->shop->refunded, .type = GY_VALUE_NUMBER, .numbers = revenue};
    write_slice(b, w, b->shop->refunds, starts, n, codes, &column, 1);
    free(starts);
    free(codes);
    free(revenue);
}

static void write_items(struct block *b, struct gy_part_writer *w, const uint32_t *per_order)
{
    const struct shop *s = b->shop;
    uint32_t *codes = gy_alloc_zero((size_t)b->n_items + 1, sizeof *codes);
    uint32_t at = 0;
    for (uint32_t o = 0; o < b->n_orders; o++) {
        for (uint32_t i = 0; i < per_order[o]; i++)
            codes[at++] = b->order_codes[o];
    }
    uint32_t *product = draw_codes(b, b->n_items, N_PRODUCTS);
    uint32_t *category = draw_codes(b, b->n_items, N_CATEGORIES);
    uint32_t *brand = draw_codes(b, b->n_items, N_BRANDS);
    double *quantity = gy_alloc_zero((size_t)b->n_items + 1, sizeof *quantity);
    for (uint32_t i = 0; i < b->n_items; i++)
        quantity[i] = floor(exp(5.0 * even(&b->state)));
    struct gy_plain_column columns[] = {
        {.property = s->product, .type = GY_VALUE_STRING, .codes = product},
        {.property = s->category, .type = GY_VALUE_STRING, .codes = category},
        {.property = s->brand, .type = GY_VALUE_STRING, .codes = brand},
        {.property = s->quantity, .type = GY_VALUE_NUMBER, .numbers = quantity},
    };
    write_slice(b, w, s->items, b->item_starts, b->n_items, codes, columns, 4);
    free(codes);
    free(product);
    free(category);
    free(brand);
    free(quantity);
}

/* Traits and existence: a row a customer, known from the start. */
static void write_traits(struct block *b, struct gy_part_writer *w)
{
    const struct shop *s = b->shop;
    uint32_t *starts = gy_alloc_zero((size_t)b->n_customers + 1, sizeof *starts);
    uint32_t *codes = gy_alloc_zero(b->n_customers, sizeof *codes);
    int64_t *ints = gy_alloc_zero(b->n_customers, sizeof *ints);
    uint32_t *region = draw_codes(b, b->n_customers, 17);
    for (uint32_t c = 0; c <= b->n_customers; c++)
        starts[c] = c;
    struct gy_plain_column column = {
        .property = GY_PROPERTY_VALUE, .type = GY_VALUE_STRING, .codes = region};
    write_slice(b, w, s->region, starts, b->n_customers, codes, &column, 1);
    for (uint32_t c = 0; c < b->n_customers; c++)
        ints[c] = ((int64_t)below(&b->state, 22000) - 10000) * GY_DAY_MS;
    column = (struct gy_plain_column){
        .property = GY_PROPERTY_VALUE, .type = GY_VALUE_TIME, .ints = ints};
    write_slice(b, w, s->birthday, starts, b->n_customers, codes, &column, 1);
    for (uint32_t c = 0; c < b->n_customers; c++)
        ints[c] = below(&b->state, 10) == 0;
    column.type = GY_VALUE_BOOL;
    write_slice(b, w, s->vip, starts, b->n_customers, codes, &column, 1);
    free(starts);
    free(codes);
    free(ints);
    free(region);
}

static void write_existence(struct block *b, struct gy_part_writer *w)
{
    uint32_t *starts = gy_alloc_zero((size_t)b->n_customers + 1, sizeof *starts);
    uint32_t *codes = gy_alloc_zero(b->n_customers, sizeof *codes);
    for (uint32_t c = 0; c <= b->n_customers; c++)
        starts[c] = c;
    write_slice(b, w, GY_STREAM_EXISTENCE, starts, b->n_customers, codes, NULL, 0);
    free(starts);
    free(codes);
}

static void write_dictionaries(const struct shop *s, struct gy_part_writer *w)
{
    struct gy_error err;
    bench_must(gy_part_writer_dictionary(w, s->orders, s->channel, s->strings[1], 3, &err), &err);
    bench_must(gy_part_writer_dictionary(w, s->items, s->product, s->strings[0], N_PRODUCTS, &err),
               &err);
    bench_must(
        gy_part_writer_dictionary(w, s->items, s->category, s->strings[1], N_CATEGORIES, &err),
        &err);
    bench_must(gy_part_writer_dictionary(w, s->items, s->brand, s->strings[2], N_BRANDS, &err),
               &err);
    bench_must(gy_part_writer_dictionary(w, s->region, GY_PROPERTY_VALUE, s->strings[3], 17, &err),
               &err);
}

static struct gy_part *make_block(const struct shop *s, uint32_t block_no, uint64_t *n_orders,
                                  uint64_t *n_items)
{
    struct gy_error err;
    struct gy_part_writer *w;
    struct gy_part *part;
    uint8_t *bytes;
    size_t len;
    uint32_t left = s->n_customers - block_no * (uint32_t)GY_BLOCK_SIZE;
    struct block b = {.shop = s, .block_no = block_no, .state = block_no + 1};
    b.n_customers = left < GY_BLOCK_SIZE ? left : GY_BLOCK_SIZE;
    b.customers = gy_alloc_zero(b.n_customers, sizeof *b.customers);
    b.order_starts = gy_alloc_zero((size_t)b.n_customers + 1, sizeof *b.order_starts);
    b.item_starts = gy_alloc_zero((size_t)b.n_customers + 1, sizeof *b.item_starts);
    uint32_t *per_order = draw_orders(&b);
    bench_must(gy_part_writer_new(NULL, &w, &err), &err);
    write_dictionaries(s, w);
    write_existence(&b, w);
    write_orders(&b, w);
    write_refunds(&b, w);
    write_items(&b, w, per_order);
    write_traits(&b, w);
    bench_must(gy_part_writer_finish_memory(w, &bytes, &len, &err), &err);
    bench_must(gy_part_open_memory(bytes, len, "bench", &part, &err), &err);
    *n_orders += b.n_orders;
    *n_items += b.n_items;
    free(b.customers);
    free(b.order_starts);
    free(b.item_starts);
    free(b.order_codes);
    free(per_order);
    return part;
}

struct gy_snapshot *bench_shop_new(uint32_t n_customers, double n_items)
{
    struct gy_error err;
    struct gy_snapshot *snapshot;
    struct shop s = {.n_customers = n_customers, .items_per_order = n_items / (4.23 * n_customers)};
    uint32_t n_blocks = gy_blocks_of(n_customers);
    struct gy_part **parts = gy_alloc_zero(n_blocks, sizeof *parts);
    uint64_t n_orders = 0;
    uint64_t n_made = 0;
    name_all(&s);
    for (uint32_t i = 0; i < n_blocks; i++)
        parts[i] = make_block(&s, i, &n_orders, &n_made);
    struct gy_snapshot_parts all = {.parts = parts,
                                    .n_parts = n_blocks,
                                    .schema = &s.schema,
                                    .zone = "Asia/Seoul",
                                    .n_ordinals = n_customers};
    bench_must(gy_snapshot_of_parts(&all, &snapshot, &err), &err);
    free(parts);
    printf("%u customers, %llu orders, %llu items, %u blocks\n", n_customers,
           (unsigned long long)n_orders, (unsigned long long)n_made, n_blocks);
    return snapshot;
}

struct gy_snapshot *bench_shop_of(int argc, char **argv)
{
    unsigned long n_customers = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    double n_items = argc > 2 ? strtod(argv[2], NULL) : 0;
    return bench_shop_new(n_customers == 0 ? 437200 : (uint32_t)n_customers,
                          n_items == 0 ? 40e6 : n_items);
}
