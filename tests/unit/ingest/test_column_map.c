/* test_column_map.c - which column is which field. */
#include "harness.h"

#include <string.h>

#include "ingest/column_map.h"

/* A row of the texts, for maps that only look. */
static struct gy_row row_of(const char *const *texts, uint32_t n, struct gy_cell cells[16])
{
    for (uint32_t i = 0; i < n; i++) {
        cells[i] = (struct gy_cell){.text = gy_str_of(texts[i])};
    }
    return (struct gy_row){.cells = cells, .n_cells = n, .line = 1};
}

static struct gy_column_map map_of(const char *const *header, uint32_t n,
                                   struct gy_import_options options)
{
    struct gy_cell cells[16];
    struct gy_row row = row_of(header, n, cells);
    struct gy_column_map map;
    struct gy_error err;
    assert_ok(gy_column_map_make(&options, &row, NULL, &map, &err), &err);
    return map;
}

static void knows_the_usual_names(void **state)
{
    (void)state;
    const char *header[] = {"InvoiceNo",   "StockCode", "Description", "Quantity",
                            "InvoiceDate", "UnitPrice", "CustomerID",  "Country"};
    struct gy_column_map map = map_of(header, 8, (struct gy_import_options){0});
    assert_int_equal(map.kind, GY_IMPORT_ORDER_LINES);
    assert_int_equal(map.columns[GY_FIELD_ORDER_ID], 0);
    assert_int_equal(map.columns[GY_FIELD_PRODUCT_ID], 1);
    assert_int_equal(map.columns[GY_FIELD_NAME], 2);
    assert_int_equal(map.columns[GY_FIELD_TIME], 4);
    assert_int_equal(map.columns[GY_FIELD_CUSTOMER_ID], 6);
    assert_int_equal(map.n_extras, 1);
    assert_true(gy_str_equal(map.extras[0].name, GY_STR("Country")));
    assert_false(map.extras[0].is_trait);
    gy_column_map_release(&map);
}

static void knows_korean_names(void **state)
{
    (void)state;
    const char *header[] = {"주문번호", "고객 번호", "주문일시", "상품코드", "수량", "단가"};
    struct gy_column_map map = map_of(header, 6, (struct gy_import_options){0});
    assert_int_equal(map.kind, GY_IMPORT_ORDER_LINES);
    assert_int_equal(map.columns[GY_FIELD_CUSTOMER_ID], 1);
    assert_int_equal(map.columns[GY_FIELD_QUANTITY], 4);
    gy_column_map_release(&map);
}

static void tells_the_kind(void **state)
{
    (void)state;
    const char *events[] = {"user_id", "event_type", "event_time"};
    const char *customers[] = {"id no", "Customer ID", "age"};
    const char *orders[] = {"order id", "customer id", "date", "total"};
    struct gy_column_map map = map_of(events, 3, (struct gy_import_options){0});
    assert_int_equal(map.kind, GY_IMPORT_EVENTS);
    gy_column_map_release(&map);
    map = map_of(customers, 3, (struct gy_import_options){0});
    assert_int_equal(map.kind, GY_IMPORT_CUSTOMERS);
    assert_int_equal(map.n_extras, 2);
    assert_true(map.extras[0].is_trait);
    gy_column_map_release(&map);
    map = map_of(orders, 4, (struct gy_import_options){0});
    assert_int_equal(map.kind, GY_IMPORT_ORDERS);
    assert_int_equal(map.columns[GY_FIELD_REVENUE], 3);
    gy_column_map_release(&map);
}

static void takes_what_was_said(void **state)
{
    (void)state;
    const char *header[] = {"who", "when", "2", "land"};
    const char *sets[] = {"event=Order Completed", "shop=north"};
    struct gy_column_map map = map_of(
        header, 4,
        (struct gy_import_options){.kind = GY_IMPORT_EVENTS,
                                   .map = "customer_id=who, time=when,revenue=2,trait.country=4",
                                   .sets = sets,
                                   .n_sets = 2});
    assert_int_equal(map.columns[GY_FIELD_CUSTOMER_ID], 0);
    assert_int_equal(map.columns[GY_FIELD_TIME], 1);
    assert_true(gy_str_equal(map.constants[GY_FIELD_EVENT], GY_STR("Order Completed")));
    assert_int_equal(map.n_extras, 3); /* revenue (a header "2" before the number), country, shop */
    assert_int_equal(map.extras[0].column, 2);
    assert_true(map.extras[1].is_trait);
    assert_int_equal(map.extras[1].column, 3);
    assert_true(gy_str_equal(map.extras[2].constant, GY_STR("north")));
    gy_column_map_release(&map);
}

static void reads_fields_without_blanks(void **state)
{
    (void)state;
    const char *header[] = {"user id", "event", "time", "x"};
    const char *texts[] = {" u1 ", "Visit", "2024-01-01", " a b "};
    struct gy_column_map map = map_of(header, 4, (struct gy_import_options){0});
    struct gy_cell cells[16];
    struct gy_row row = row_of(texts, 4, cells);
    assert_true(gy_str_equal(gy_column_map_field(&map, &row, GY_FIELD_CUSTOMER_ID), GY_STR("u1")));
    assert_true(gy_str_equal(gy_column_map_extra(&map, &row, 0), GY_STR("a b")));
    assert_true(gy_column_map_fits(&map, &row));
    row.n_cells = 3;
    assert_false(gy_column_map_fits(&map, &row));
    assert_int_equal(gy_column_map_extra(&map, &row, 0).len, 0);
    gy_column_map_release(&map);
}

static void assert_refused(const char *const *header, uint32_t n, struct gy_import_options options,
                           const char *message, const char *hint)
{
    struct gy_cell cells[16];
    struct gy_row row = row_of(header, n, cells);
    struct gy_column_map map;
    struct gy_error err;
    assert_int_equal(gy_column_map_make(&options, &row, NULL, &map, &err), GY_INVALID);
    assert_non_null(strstr(err.message, message));
    assert_non_null(strstr(err.hint, hint));
    gy_column_map_release(&map);
}

static void refuses_with_a_reason(void **state)
{
    (void)state;
    const char *header[] = {"who", "when", "what"};
    const char *twice[] = {"user_id", "event", "time", "x", "x"};
    assert_refused(header, 3, (struct gy_import_options){0}, "what kind of table", "--as");
    assert_refused(header, 3, (struct gy_import_options){.map = "time=wehn"}, "no column \"wehn\"",
                   "\"who\", \"when\", \"what\"");
    assert_refused(
        header, 3,
        (struct gy_import_options){.kind = GY_IMPORT_EVENTS, .map = "customer_id=who,event=what"},
        "the \"time\" of events", "--map time=COLUMN");
    assert_refused(header, 3, (struct gy_import_options){.map = "time=1,time=2"},
                   "\"time\" is mapped twice", "");
    assert_refused(header, 3, (struct gy_import_options){.map = "time"}, "not FIELD=COLUMN", "");
    assert_refused(twice, 5, (struct gy_import_options){0}, "two columns \"x\"", "--map");
}

static void names_columns_by_number_without_a_header(void **state)
{
    (void)state;
    const char *texts[] = {"00004", "0001", "19970101", "2", "29.33"};
    struct gy_cell cells[16];
    struct gy_row row = row_of(texts, 5, cells);
    struct gy_column_map map;
    struct gy_error err;
    const char *sets[] = {"event=Order Completed"};
    struct gy_import_options options = {.kind = GY_IMPORT_EVENTS,
                                        .map = "customer_id=1,time=3,revenue=5",
                                        .sets = sets,
                                        .n_sets = 1,
                                        .no_header = true};
    assert_ok(gy_column_map_make(&options, NULL, &row, &map, &err), &err);
    assert_int_equal(map.columns[GY_FIELD_TIME], 2);
    assert_int_equal(map.n_extras, 3);
    assert_true(gy_str_equal(map.extras[0].name, GY_STR("revenue")));
    assert_true(gy_str_equal(map.extras[1].name, GY_STR("column_2")));
    gy_column_map_release(&map);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(knows_the_usual_names),
    cmocka_unit_test(knows_korean_names),
    cmocka_unit_test(tells_the_kind),
    cmocka_unit_test(takes_what_was_said),
    cmocka_unit_test(reads_fields_without_blanks),
    cmocka_unit_test(refuses_with_a_reason),
    cmocka_unit_test(names_columns_by_number_without_a_header),
};

GY_TEST_MAIN(tests)
