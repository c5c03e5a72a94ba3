/* column_map.c - headers, `--map` and `--set` to fields.
 *
 * Names are compared as keys: letters and digits only, in lower case, so that "Customer ID",
 * "customer_id" and "CustomerID" are one. The usual names of each field stand in one table.
 */
#include "ingest/column_map.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

enum {
    KEY_MAX = 128,
    NAMES_MAX = 20
};

#define EVENTS    (1U << GY_IMPORT_EVENTS)
#define ORDERS    (1U << GY_IMPORT_ORDERS)
#define LINES     (1U << GY_IMPORT_ORDER_LINES)
#define CUSTOMERS (1U << GY_IMPORT_CUSTOMERS)
#define ALL       (EVENTS | ORDERS | LINES | CUSTOMERS)

/* A field: the kinds that have it, those that cannot do without, and its usual names as keys. */
static const struct {
    const char *word;
    unsigned kinds;
    unsigned needed;
    const char *names[NAMES_MAX];
} fields[GY_N_FIELDS] = {
    [GY_FIELD_CUSTOMER_ID] = {"customer_id",
                              ALL,
                              ORDERS | LINES | CUSTOMERS,
                              {"customerid", "userid", "customer", "memberid", "user", "고객번호",
                               "고객id", "고객아이디", "회원번호", "회원id", "회원아이디", "고객"}},
    [GY_FIELD_ANONYMOUS_ID] = {"anonymous_id",
                               EVENTS,
                               0,
                               {"anonymousid", "visitorid", "deviceid", "방문자id"}},
    [GY_FIELD_TIME] = {"time",
                       ALL,
                       EVENTS | ORDERS | LINES,
                       {"time", "timestamp", "datetime", "eventtime", "invoicedate", "orderdate",
                        "ordertime", "orderedat", "createdat", "date", "주문일시", "주문일자",
                        "주문일", "일시", "시각", "날짜"}},
    [GY_FIELD_EVENT] = {"event",
                        EVENTS,
                        EVENTS,
                        {"event", "eventtype", "eventname", "behavior", "behaviour", "action",
                         "이벤트", "행동"}},
    [GY_FIELD_MESSAGE_ID] = {"message_id", EVENTS, 0, {"messageid", "eventid"}},
    [GY_FIELD_ORDER_ID] = {"order_id",
                           ORDERS | LINES,
                           ORDERS | LINES,
                           {"orderid", "orderno", "ordernumber", "invoiceno", "invoice",
                            "invoiceid", "transactionid", "order", "주문번호", "주문id"}},
    [GY_FIELD_REVENUE] = {"revenue",
                          ORDERS,
                          0,
                          {"revenue", "total", "amount", "ordertotal", "totalprice", "결제금액",
                           "주문금액", "매출", "금액"}},
    [GY_FIELD_QUANTITY] = {"quantity", LINES, LINES, {"quantity", "qty", "수량", "주문수량"}},
    [GY_FIELD_PRICE] = {"price",
                        LINES,
                        LINES,
                        {"price", "unitprice", "itemprice", "단가", "가격", "판매가"}},
    [GY_FIELD_PRODUCT_ID] = {"product_id",
                             LINES,
                             LINES,
                             {"productid", "stockcode", "sku", "itemid", "productcode", "상품번호",
                              "상품코드", "상품id", "품번"}},
    [GY_FIELD_NAME] = {"name",
                       LINES,
                       0,
                       {"name", "productname", "description", "itemname", "상품명", "품명"}},
    [GY_FIELD_CATEGORY] = {"category", LINES, 0, {"category", "카테고리", "분류"}},
    [GY_FIELD_BRAND] = {"brand", LINES, 0, {"brand", "브랜드"}},
    [GY_FIELD_DISCOUNT] = {"discount", ORDERS | LINES, 0, {"discount", "할인", "할인금액"}},
    [GY_FIELD_COUPON] = {"coupon", ORDERS | LINES, 0, {"coupon", "couponcode", "쿠폰", "쿠폰코드"}},
    [GY_FIELD_CHANNEL] = {"channel", ORDERS | LINES, 0, {"channel", "채널", "주문채널"}},
    [GY_FIELD_STATUS] = {"status",
                         ORDERS | LINES,
                         0,
                         {"status", "orderstatus", "상태", "주문상태"}},
    [GY_FIELD_STATUS_TIME] = {"status_time",
                              ORDERS | LINES,
                              0,
                              {"statustime", "statusdate", "상태일시", "상태변경일시"}},
};

const char *gy_table_field_word(enum gy_table_field field)
{
    return fields[field].word;
}

/* ---- names ---- */

static struct gy_str trim(struct gy_str s)
{
    while (s.len > 0 && (unsigned char)s.ptr[0] <= ' ') {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && (unsigned char)s.ptr[s.len - 1] <= ' ') {
        s.len--;
    }
    return s;
}

static struct gy_str key_of(struct gy_str name, char out[KEY_MAX])
{
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < KEY_MAX; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c >= 'A' && c <= 'Z') {
            out[len++] = (char)(c + ('a' - 'A'));
        } else if (c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            out[len++] = (char)c;
        }
    }
    return (struct gy_str){out, len};
}

static uint32_t find_field(struct gy_str word)
{
    for (uint32_t f = 0; f < GY_N_FIELDS; f++) {
        if (gy_str_equal(gy_str_of(fields[f].word), word)) {
            return f;
        }
    }
    return GY_N_FIELDS;
}

/* The column that the user calls `name`: by header, else by number. UINT32_MAX: there is none. */
static uint32_t find_column(const struct gy_row *header, uint32_t n_columns, struct gy_str name)
{
    for (uint32_t i = 0; header != NULL && i < header->n_cells; i++) {
        if (gy_str_equal(trim(header->cells[i].text), name)) {
            return i;
        }
    }
    uint32_t number = 0;
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] < '0' || name.ptr[i] > '9' || number > 100000) {
            return UINT32_MAX;
        }
        number = number * 10 + (uint32_t)(name.ptr[i] - '0');
    }
    return number >= 1 && number <= n_columns ? number - 1 : UINT32_MAX;
}

/* ---- building the map ---- */

struct builder {
    struct gy_column_map *map;
    const struct gy_row *header;
    uint32_t n_columns;
    bool *used; /* by column */
    bool is_recognized[GY_N_FIELDS];
    uint32_t extras_capacity;
    struct gy_error *err;
};

static void add_extra(struct builder *b, struct gy_str name, uint32_t column,
                      struct gy_str constant, bool is_trait)
{
    struct gy_column_map *map = b->map;
    if (map->n_extras == b->extras_capacity) {
        uint32_t capacity = b->extras_capacity == 0 ? 16 : b->extras_capacity * 2;
        struct gy_extra_column *more = GY_NEW_ARRAY(&map->arena, struct gy_extra_column, capacity);
        if (map->n_extras > 0) {
            memcpy(more, map->extras, map->n_extras * sizeof *more);
        }
        map->extras = more;
        b->extras_capacity = capacity;
    }
    map->extras[map->n_extras++] = (struct gy_extra_column){
        gy_arena_str(&map->arena, gy_text_nfc(name, &map->arena)), column,
        gy_arena_str(&map->arena, gy_text_nfc(constant, &map->arena)), is_trait};
}

static bool split(struct gy_str pair, struct gy_str *left, struct gy_str *right)
{
    const char *equals = pair.len == 0 ? NULL : memchr(pair.ptr, '=', pair.len);
    if (equals == NULL) {
        return false;
    }
    size_t at = (size_t)(equals - pair.ptr);
    *left = trim((struct gy_str){pair.ptr, at});
    *right = trim((struct gy_str){equals + 1, pair.len - at - 1});
    return left->len > 0;
}

/* One `NAME=COLUMN` or `NAME=VALUE`: a field's, a trait's or a property's. */
static enum gy_status assign(struct builder *b, struct gy_str name, uint32_t column,
                             struct gy_str constant)
{
    struct gy_str prefix = GY_STR("trait.");
    if (gy_str_starts_with(name, prefix)) {
        struct gy_str trait = {name.ptr + prefix.len, name.len - prefix.len};
        add_extra(b, trait, column, constant, true);
        return GY_OK;
    }
    uint32_t f = find_field(name);
    if (f == GY_N_FIELDS ||
        (b->map->kind != GY_IMPORT_AUTO && (fields[f].kinds & (1U << b->map->kind)) == 0)) {
        add_extra(b, name, column, constant, b->map->kind == GY_IMPORT_CUSTOMERS);
        return GY_OK;
    }
    if (b->map->columns[f] != UINT32_MAX || b->map->constants[f].ptr != NULL) {
        return gy_error_set(b->err, GY_INVALID, "the field \"%s\" is mapped twice", fields[f].word);
    }
    b->map->columns[f] = column;
    if (column == UINT32_MAX) {
        b->map->constants[f] = gy_arena_str(&b->map->arena, constant);
    }
    return GY_OK;
}

/* Behind what is to be done, which may be empty. As many columns as a hint has room for. */
static void hint_columns(const struct builder *b, const char *advice)
{
    size_t room = sizeof b->err->hint - strlen(advice) - sizeof "The columns are , ….";
    struct gy_buf list = {0};
    for (uint32_t i = 0; b->header != NULL && i < b->header->n_cells; i++) {
        struct gy_str name = trim(b->header->cells[i].text);
        if (i > 0 && list.len + name.len + sizeof "\"\", " > room) {
            gy_buf_text(&list, ", …");
            break;
        }
        gy_buf_printf(&list, "%s\"%.*s\"", i == 0 ? "" : ", ", GY_STR_ARG(name));
    }
    if (list.len > 0) {
        gy_error_hint(b->err, "%sThe columns are %s.", advice, list.ptr);
    } else {
        gy_error_hint(b->err, "%sThe columns are numbered 1 to %u.", advice, b->n_columns);
    }
    gy_buf_release(&list);
}

static enum gy_status no_such_column(const struct builder *b, struct gy_str name)
{
    gy_error_set(b->err, GY_INVALID, "there is no column \"%.*s\"", GY_STR_ARG(name));
    hint_columns(b, "");
    return GY_INVALID;
}

static enum gy_status map_given(struct builder *b, const char *text)
{
    struct gy_str rest = text == NULL ? (struct gy_str){"", 0} : gy_str_of(text);
    while (rest.len > 0) {
        const char *comma = memchr(rest.ptr, ',', rest.len);
        size_t len = comma == NULL ? rest.len : (size_t)(comma - rest.ptr);
        struct gy_str pair = {rest.ptr, len};
        rest = (struct gy_str){rest.ptr + len + (comma != NULL), rest.len - len - (comma != NULL)};
        struct gy_str name;
        struct gy_str column_name;
        if (!split(pair, &name, &column_name)) {
            return gy_error_set(b->err, GY_INVALID, "\"%.*s\" in --map is not FIELD=COLUMN",
                                GY_STR_ARG(pair));
        }
        uint32_t column = find_column(b->header, b->n_columns, column_name);
        if (column == UINT32_MAX) {
            return no_such_column(b, column_name);
        }
        b->used[column] = true;
        GY_TRY(assign(b, name, column, (struct gy_str){"", 0}));
    }
    return GY_OK;
}

static enum gy_status set_given(struct builder *b, const struct gy_import_options *options)
{
    for (size_t i = 0; i < options->n_sets; i++) {
        struct gy_str name;
        struct gy_str value;
        if (!split(gy_str_of(options->sets[i]), &name, &value)) {
            return gy_error_set(b->err, GY_INVALID, "\"%s\" in --set is not FIELD=VALUE",
                                options->sets[i]);
        }
        GY_TRY(assign(b, name, UINT32_MAX, value));
    }
    return GY_OK;
}

/* The free column that has one of the field's usual names, the more usual one first. */
static uint32_t find_usual(const struct builder *b, enum gy_table_field field)
{
    for (uint32_t k = 0; k < NAMES_MAX && fields[field].names[k] != NULL; k++) {
        for (uint32_t i = 0; b->header != NULL && i < b->header->n_cells; i++) {
            char key[KEY_MAX];
            if (!b->used[i] && gy_str_equal(key_of(b->header->cells[i].text, key),
                                            gy_str_of(fields[field].names[k]))) {
                return i;
            }
        }
    }
    return UINT32_MAX;
}

static void recognize(struct builder *b, enum gy_table_field field)
{
    uint32_t column = gy_column_map_has(b->map, field) ? UINT32_MAX : find_usual(b, field);
    if (column != UINT32_MAX) {
        b->map->columns[field] = column;
        b->used[column] = true;
        b->is_recognized[field] = true;
    }
}

static bool is_usual(enum gy_table_field field, struct gy_str header)
{
    char key[KEY_MAX];
    struct gy_str name = key_of(header, key);
    bool found = false;
    for (uint32_t k = 0; k < NAMES_MAX && fields[field].names[k] != NULL; k++) {
        found = found || gy_str_equal(name, gy_str_of(fields[field].names[k]));
    }
    return found;
}

/* Free columns that a recognized field could have been taken from as well. */
static void find_choices(struct builder *b, enum gy_table_field field)
{
    struct gy_column_map *map = b->map;
    for (uint32_t i = 0; b->is_recognized[field] && i < b->header->n_cells; i++) {
        if (!b->used[i] && is_usual(field, b->header->cells[i].text) &&
            map->n_choices < GY_IMPORT_MAX_CHOICES) {
            map->choices[map->n_choices++] =
                (struct gy_column_choice){field, map->columns[field], i};
        }
    }
}

static void recognize_all(struct builder *b)
{
    for (uint32_t f = 0; f < GY_N_FIELDS; f++) {
        if ((fields[f].kinds & (1U << b->map->kind)) != 0) {
            recognize(b, (enum gy_table_field)f);
        }
    }
    for (uint32_t f = 0; f < GY_N_FIELDS; f++) {
        find_choices(b, (enum gy_table_field)f);
    }
}

/* The kind that the fields make: those that are mapped, or there under a usual name. */
static enum gy_import_kind guess_kind(const struct builder *b)
{
    bool has[GY_N_FIELDS];
    for (uint32_t f = 0; f < GY_N_FIELDS; f++) {
        has[f] = gy_column_map_has(b->map, (enum gy_table_field)f) ||
                 find_usual(b, (enum gy_table_field)f) != UINT32_MAX;
    }
    bool has_customer = has[GY_FIELD_CUSTOMER_ID] || has[GY_FIELD_ANONYMOUS_ID];
    if (has[GY_FIELD_ORDER_ID] && has[GY_FIELD_QUANTITY] && has[GY_FIELD_PRICE] && has_customer) {
        return GY_IMPORT_ORDER_LINES;
    }
    if (has[GY_FIELD_EVENT] && has[GY_FIELD_TIME] && has_customer) {
        return GY_IMPORT_EVENTS;
    }
    if (has[GY_FIELD_ORDER_ID] && has[GY_FIELD_TIME] && has_customer) {
        return GY_IMPORT_ORDERS;
    }
    return has_customer && !has[GY_FIELD_TIME] ? GY_IMPORT_CUSTOMERS : GY_IMPORT_AUTO;
}

static void add_rest(struct builder *b)
{
    for (uint32_t i = 0; i < b->n_columns; i++) {
        char number[16];
        struct gy_str name = {number, 0};
        if (b->header != NULL && i < b->header->n_cells) {
            name = trim(b->header->cells[i].text);
        } else if (b->header == NULL) {
            name.len = (size_t)snprintf(number, sizeof number, "column_%u", i + 1);
        }
        if (!b->used[i] && name.len > 0) {
            add_extra(b, name, i, (struct gy_str){"", 0}, b->map->kind == GY_IMPORT_CUSTOMERS);
        }
    }
}

/* A property or trait of one name comes from one place. */
static enum gy_status check_extras(struct builder *b)
{
    const struct gy_column_map *map = b->map;
    for (uint32_t i = 0; i < map->n_extras; i++) {
        for (uint32_t k = 0; k < i; k++) {
            if (map->extras[i].is_trait == map->extras[k].is_trait &&
                gy_str_equal(map->extras[i].name, map->extras[k].name)) {
                enum gy_status status =
                    gy_error_set(b->err, GY_INVALID, "there are two columns \"%.*s\"",
                                 GY_STR_ARG(map->extras[i].name));
                gy_error_hint(b->err, "Give one another name with --map NAME=NUMBER.");
                return status;
            }
        }
    }
    return GY_OK;
}

static enum gy_status check_needed(struct builder *b)
{
    const struct gy_column_map *map = b->map;
    for (uint32_t f = 0; f < GY_N_FIELDS; f++) {
        bool is_needed = (fields[f].needed & (1U << map->kind)) != 0;
        if (is_needed && !gy_column_map_has(map, (enum gy_table_field)f)) {
            enum gy_status status =
                gy_error_set(b->err, GY_INVALID, "no column is recognized as the \"%s\" of %s",
                             fields[f].word, gy_import_kind_word(map->kind));
            gy_error_hint(b->err, "Say which one it is with --map %s=COLUMN, or --set %s=VALUE.",
                          fields[f].word, fields[f].word);
            return status;
        }
    }
    if (!gy_column_map_has(map, GY_FIELD_CUSTOMER_ID) &&
        !gy_column_map_has(map, GY_FIELD_ANONYMOUS_ID)) {
        enum gy_status status =
            gy_error_set(b->err, GY_INVALID, "no column is recognized as the customer's id");
        gy_error_hint(b->err, "Say which one it is with --map customer_id=COLUMN.");
        return status;
    }
    return GY_OK;
}

static enum gy_status build(struct builder *b, const struct gy_import_options *options)
{
    GY_TRY(map_given(b, options->map));
    GY_TRY(set_given(b, options));
    if (b->map->kind == GY_IMPORT_AUTO) {
        b->map->kind = guess_kind(b);
    }
    if (b->map->kind == GY_IMPORT_AUTO) {
        gy_error_set(b->err, GY_INVALID, "the columns do not tell what kind of table this is");
        hint_columns(b, "Say it with --as events, orders, order-lines or customers, and map "
                        "its columns with --map FIELD=COLUMN. ");
        return GY_INVALID;
    }
    recognize_all(b);
    add_rest(b);
    GY_TRY(check_extras(b));
    return check_needed(b);
}

enum gy_status gy_column_map_make(const struct gy_import_options *options,
                                  const struct gy_row *header, const struct gy_row *first,
                                  struct gy_column_map *out, struct gy_error *err)
{
    *out = (struct gy_column_map){.kind = options->kind};
    for (uint32_t f = 0; f < GY_N_FIELDS; f++) {
        out->columns[f] = UINT32_MAX;
    }
    const struct gy_row *wide = header != NULL ? header : first;
    uint32_t n_columns = wide == NULL ? 0 : wide->n_cells;
    out->n_columns = n_columns;
    struct builder b = {.map = out,
                        .header = header,
                        .n_columns = n_columns,
                        .used = gy_alloc_zero(n_columns + 1, sizeof(bool)),
                        .err = err};
    enum gy_status status = build(&b, options);
    free(b.used);
    return status;
}

void gy_column_map_release(struct gy_column_map *map)
{
    gy_arena_release(&map->arena);
    *map = (struct gy_column_map){0};
}

bool gy_column_map_has(const struct gy_column_map *map, enum gy_table_field field)
{
    return map->columns[field] != UINT32_MAX || map->constants[field].ptr != NULL;
}

static bool is_empty(const struct gy_cell *cell)
{
    return cell->kind != GY_CELL_ERROR && trim(cell->text).len == 0;
}

bool gy_column_map_fits(const struct gy_column_map *map, const struct gy_row *row)
{
    if (map->n_columns == 0 || !row->is_sheet) {
        return map->n_columns == 0 || row->n_cells == map->n_columns;
    }
    uint32_t n = row->n_cells;
    while (n > map->n_columns && is_empty(&row->cells[n - 1])) {
        n--;
    }
    return n <= map->n_columns;
}

bool gy_column_map_is_error(const struct gy_column_map *map, const struct gy_row *row,
                            enum gy_table_field field)
{
    uint32_t column = map->columns[field];
    return column < row->n_cells && row->cells[column].kind == GY_CELL_ERROR;
}
