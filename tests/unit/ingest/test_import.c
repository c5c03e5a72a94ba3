/* test_import.c - whole files into a store and back: what became of each line, and of each order. */
#include "base/number.h"
#include "engine/engine.h"
#include "import_fixture.h"

/* The events of a customer as text: "name time field=value …", one a line; items left out. */
static void events_of(const struct place *p, const char *id, struct gy_buf *out)
{
    struct gy_error err;
    struct gy_snapshot *snapshot = NULL;
    struct gy_customer_view view = {0};
    gy_buf_reset(out);
    gy_buf_text(out, "");
    assert_ok(gy_snapshot_open(p->data, &snapshot, &err), &err);
    assert_ok(gy_customer(snapshot, gy_str_of(id), GY_TIME_MAX_MS, 1000, &view, &err), &err);
    for (uint32_t i = 0; i < view.n_events; i++) {
        const struct gy_event *e = &view.events[i];
        char time[GY_TIME_TEXT];
        gy_time_print(e->time_ms, time);
        gy_buf_str(out, gy_schema_stream(gy_snapshot_schema(snapshot), e->stream)->name);
        gy_buf_printf(out, " %.16s", time);
        for (uint32_t k = 0; k < e->n_fields; k++) {
            gy_buf_printf(out, " %.*s=", GY_STR_ARG(e->names[k]));
            gy_value_json(&e->values[k], out);
        }
        gy_buf_char(out, '\n');
    }
    gy_customer_view_release(&view);
    gy_snapshot_close(snapshot);
}

static void assert_events(const struct place *p, const char *id, const char *expected)
{
    struct gy_buf found = {0};
    events_of(p, id, &found);
    assert_string_equal(found.ptr, expected);
    gy_buf_release(&found);
}

/* The events of a stream: how many, and the exact sum of a property. */
static void assert_sum(const struct place *p, const char *event, const char *property,
                       uint64_t n_events, double sum)
{
    struct gy_error err;
    struct gy_snapshot *snapshot = NULL;
    struct gy_group_table table = {0};
    struct gy_str name = gy_str_of(property);
    struct gy_aggregation aggregation = {.event = gy_str_of(event),
                                         .from_ms = 0,
                                         .to_ms = INT64_MAX,
                                         .sum_properties = &name,
                                         .n_sums = 1};
    assert_ok(gy_snapshot_open(p->data, &snapshot, &err), &err);
    assert_ok(gy_aggregate(snapshot, &aggregation, GY_TIME_MAX_MS, NULL, &table, &err), &err);
    assert_int_equal(table.n_groups, 1);
    assert_int_equal(table.groups[0].n_events, n_events);
    assert_true(table.groups[0].sums[0] == sum);
    gy_group_table_release(&table);
    gy_snapshot_close(snapshot);
}

/* ---- orders ---- */

static const char lines_header[] =
    "order_id,customer_id,time,product_id,quantity,price,name,color\n";

static void makes_orders_of_lines(void **state)
{
    struct place *p = *state;
    struct gy_buf text = {0};
    gy_buf_text(&text, lines_header);
    gy_buf_text(&text, "o1,c1,2024-01-02 10:05:00,p1,2,1.10,Cup,red\n" /* 2.20, not the earliest */
                       "o2,c2,2024-01-03 00:00:00,p1,1,1.10,Cup,\n"
                       "o1,c1,2024-01-02 10:00:00,p2,3,0.10,Pen,blue\n" /* 0.30: 2.5 exactly */
                       "o3,c1,2024-02-01 09:00:00,p1,-1,1.10,Cup,red\n" /* only a refund */
                       "o4,,2024-02-01 09:00:00,p1,1,1.10,Cup,red\n"
                       "o5,c1,2024-02-01 09:00:00,p1,one,1.10,Cup,red\n"
                       "o6,c1,yesterday,p1,1,1.10,Cup,red\n"
                       "o2,c1,2024-01-03 00:00:00,p1,1,1.10,Cup,\n" /* o2 is c2's */
                       "o7,c1,2024-01-03,p1,1\n");
    struct gy_import_report r = import(p, "lines.csv", text.ptr, (struct gy_import_options){0});
    assert_int_equal(r.kind, GY_IMPORT_ORDER_LINES);
    assert_int_equal(r.lines, 9);
    assert_int_equal(r.lines_taken, 4);
    assert_int_equal(r.lines_rejected, 5);
    assert_int_equal(r.calls_taken, 3);
    assert_reason(&r, "no customer", 1, 6);
    assert_reason(&r, "quantity is not a number", 1, 7);
    assert_reason(&r, "time does not read", 1, 8);
    assert_reason(&r, "another customer", 1, 9);
    assert_reason(&r, "more or fewer columns", 1, 10);
    assert_events(p, "c1",
                  "Order Completed 2024-01-02T10:00 order_id=\"o1\" revenue=2.5\n"
                  "Order Refunded 2024-02-01T09:00 order_id=\"o3\" revenue=1.1\n");
    assert_sum(p, "Order Completed/products", "quantity", 3, 6);
    assert_sum(p, "Order Refunded/products", "quantity", 1, 1);
    gy_buf_release(&text);
}

static void takes_a_file_once(void **state)
{
    struct place *p = *state;
    struct gy_buf text = {0};
    gy_buf_text(&text, lines_header);
    gy_buf_text(&text, "o1,c1,2024-01-02,p1,2,1.10,Cup,red\n"
                       "o1,c1,2024-01-02,p1,2,1.10,Cup,red\n" /* bought twice: both count */
                       "o2,c2,2024-01-03,p1,1,7,Cup,\n");
    struct gy_import_options options = {.map = "trait.color=color"};
    struct gy_import_report r = import(p, "a.csv", text.ptr, options);
    assert_int_equal(r.lines_taken, 3);
    assert_sum(p, "Order Completed", "revenue", 2, 11.4);
    r = import(p, "b.csv", text.ptr, options);
    assert_int_equal(r.lines_taken, 0);
    assert_int_equal(r.lines_duplicate, 3);
    assert_int_equal(r.calls_taken, 0);
    gy_buf_text(&text, "o3,c2,2024-01-04,p1,1,1,Cup,green\n");
    r = import(p, "c.csv", text.ptr, options);
    assert_int_equal(r.lines_taken, 1);
    assert_int_equal(r.lines_duplicate, 3);
    assert_sum(p, "Order Completed", "revenue", 3, 12.4);
    gy_buf_release(&text);
}

/* What a trait's call is known by does not hang on the lines of others. */
static void takes_lines_in_any_order(void **state)
{
    struct place *p = *state;
    static const char header[] = "order_id,customer_id,time,product_id,quantity,price,Country\n";
    static const char *const lines[] = {"1,c1,2024-01-02,p1,2,5,France\n",
                                        "2,c2,2024-01-02,p1,2,5,France\n",
                                        "3,c3,2024-01-03,p1,2,5,France\n"};
    struct gy_import_options options = {.map = "trait.country=Country"};
    struct gy_buf text = {0};
    gy_buf_printf(&text, "%s%s%s", header, lines[0], lines[1]);
    struct gy_import_report r = import(p, "a.csv", text.ptr, options);
    assert_int_equal(r.calls_taken, 4);
    gy_buf_reset(&text);
    gy_buf_printf(&text, "%s%s%s%s", header, lines[2], lines[1], lines[0]);
    r = import(p, "b.csv", text.ptr, options);
    assert_int_equal(r.calls_taken, 2);
    assert_int_equal(r.calls_duplicate, 4);
    gy_buf_release(&text);
}

static void tells_changed_orders(void **state)
{
    struct place *p = *state;
    const char *first = "order_id,customer_id,time,product_id,quantity,price\n"
                        "1,c1,2024-01-02,p1,2,5\n"
                        "1,c1,2024-01-02,p2,1,5\n"
                        "2,c1,2024-01-03,p1,1,5\n";
    const char *second = "order_id,customer_id,time,product_id,quantity,price\n"
                         "1,c1,2024-01-02,p1,2,5\n"
                         "1,c1,2024-01-02,p2,2,5\n"
                         "2,c1,2024-01-03,p1,1,5\n";
    import(p, "a.csv", first, (struct gy_import_options){0});
    struct gy_import_report r = import(p, "b.csv", second, (struct gy_import_options){0});
    assert_int_equal(r.orders_changed, 1);
    assert_int_equal(r.lines_changed, 2);
    assert_int_equal(r.lines_duplicate, 1);
    assert_sum(p, "Order Completed", "revenue", 2, 20);
    assert_sum(p, "Order Completed/products", "quantity", 3, 4);

    r = import(p, "b.csv", second, (struct gy_import_options){.replace = true});
    assert_int_equal(r.orders_replaced, 1);
    assert_int_equal(r.lines_taken, 2);
    assert_sum(p, "Order Completed", "revenue", 2, 25);
    assert_sum(p, "Order Completed/products", "quantity", 3, 5);

    r = import(p, "b.csv", second, (struct gy_import_options){.replace = true});
    assert_int_equal(r.lines_duplicate, 3);
}

/* What cannot be taken does not take away what is there: with the columns of both files, an item has more
 * properties than there may be. */
static void keeps_an_order_whose_new_form_is_refused(void **state)
{
    struct place *p = *state;
    struct gy_buf text = {0};
    for (int file = 0; file < 2; file++) {
        int n = file == 0 ? 40 : 1000;
        gy_buf_reset(&text);
        gy_buf_text(&text, "order_id,customer_id,time,product_id,quantity,price");
        put_columns(&text, n, file == 0 ? "x" : "y");
        gy_buf_printf(&text, "1,c1,2024-01-02,p1,%d,5", 2 + file);
        put_columns(&text, n, NULL);
        struct gy_import_report r =
            import(p, "a.csv", text.ptr, (struct gy_import_options){.replace = true});
        assert_int_equal(r.lines_rejected, file);
        if (file > 0) {
            assert_reason(&r, "more than 1024 properties", 1, 2);
        }
        assert_int_equal(r.orders_replaced, 0);
        assert_sum(p, "Order Completed", "revenue", 1, 10);
    }
    gy_buf_release(&text);
}

/* Two rows of one order that say the same are one; the second of two that differ is not guessed at. */
static void tells_a_repeated_order_from_another_one(void **state)
{
    struct place *p = *state;
    const char *text = "order_id,customer_id,time,revenue,note\n"
                       "a,c1,2024-01-02 10:00,12.50,x\n"
                       "a,c1,2024-01-02 10:00,12.50,x\n"
                       "b,c1,2024-01-03 10:00,3,\n"
                       "a,c1,2024-01-02 10:00:00,12.5,x\n" /* the same said otherwise */
                       "a,c1,2024-01-02 10:00,12.50,y\n"
                       "b,c1,2024-01-03 10:01,3,\n"
                       "b,c1,2024-01-03 10:00,,\n"
                       "b,c2,2024-01-03 10:00,3,\n";
    for (uint64_t taken = 2;; taken = 0) {
        struct gy_import_report r =
            import(p, "orders.csv", text, (struct gy_import_options){.time_zone = "UTC"});
        assert_int_equal(r.lines_taken, taken);
        assert_int_equal(r.lines_duplicate, 2 + (2 - taken));
        assert_reason(&r, "stands in the file already", 3, 6);
        assert_reason(&r, "another customer", 1, 9);
        if (taken == 0) {
            break;
        }
    }
    assert_sum(p, "Order Completed", "revenue", 2, 15.5);
}

static void follows_the_status(void **state)
{
    struct place *p = *state;
    const char *text = "주문번호,고객번호,주문일시,결제금액,상태,status_time\n"
                       "a,c1,2024-01-02 10:00,\"12,000원\",배송완료,\n"
                       "b,c1,2024-01-03 10:00,\"₩3,000\",취소,2024-01-03 12:00\n"
                       "c,c1,2024-01-04 10:00,500,반품완료,2024-01-09 12:00\n"
                       "d,c1,2024-01-05 10:00,(700),,\n"
                       "d,c1,2024-01-05 10:00,1,,\n";
    struct gy_import_report r =
        import(p, "orders.csv", text, (struct gy_import_options){.time_zone = "UTC"});
    assert_int_equal(r.kind, GY_IMPORT_ORDERS);
    assert_int_equal(r.lines_taken, 4);
    assert_reason(&r, "stands in the file already", 1, 6);
    assert_events(
        p, "c1",
        "Order Completed 2024-01-02T10:00 order_id=\"a\" revenue=12000 status=\"배송완료\"\n"
        "Order Completed 2024-01-03T10:00 order_id=\"b\" revenue=3000 status=\"취소\"\n"
        "Order Cancelled 2024-01-03T12:00 order_id=\"b\" revenue=3000 status=\"취소\"\n"
        "Order Completed 2024-01-04T10:00 order_id=\"c\" revenue=500 status=\"반품완료\"\n"
        "Order Refunded 2024-01-05T10:00 order_id=\"d\" revenue=700\n"
        "Order Refunded 2024-01-09T12:00 order_id=\"c\" revenue=500 status=\"반품완료\"\n");
}

static void traits_change_with_orders(void **state)
{
    struct place *p = *state;
    const char *text = "order_id,customer_id,time,product_id,quantity,price,Country\n"
                       "2,c1,2024-03-01,p,1,1,France\n"
                       "1,c1,2024-01-01,p,1,1,Spain\n"
                       "3,c1,2024-02-01,p,1,1,Spain\n";
    struct gy_import_report r =
        import(p, "lines.csv", text, (struct gy_import_options){.map = "trait.country=Country"});
    assert_int_equal(r.calls_taken, 5); /* three orders; Spain once, France once */
    static const struct {
        const char *day;
        const char *country;
    } expected[] = {{"2024-01-15", "Spain"}, {"2024-02-15", "Spain"}, {"2024-03-02", "France"}};
    struct gy_error err;
    struct gy_snapshot *snapshot = NULL;
    assert_ok(gy_snapshot_open(p->data, &snapshot, &err), &err);
    for (size_t i = 0; i < 3; i++) {
        int64_t now;
        struct gy_customer_view view = {0};
        assert_true(gy_time_read(gy_str_of(expected[i].day), NULL, &now, NULL));
        assert_ok(gy_customer(snapshot, GY_STR("c1"), now, 10, &view, &err), &err);
        assert_int_equal(view.n_traits, 1);
        assert_true(gy_str_equal(view.traits[0].value.string, gy_str_of(expected[i].country)));
        gy_customer_view_release(&view);
    }
    gy_snapshot_close(snapshot);
}

/* ---- events and customers ---- */

static void identical_rows_are_counted(void **state)
{
    struct place *p = *state;
    const char *two = "user_id,event,time,amount\nc1,Paid,2024-01-01,5\nc1,Paid,2024-01-01,5\n";
    const char *three = "user_id,event,time,amount\n"
                        "c1,Paid,2024-01-01,5\nc1,Paid,2024-01-01,5\nc1,Paid,2024-01-01,5\n";
    struct gy_import_report r = import(p, "a.csv", two, (struct gy_import_options){0});
    assert_int_equal(r.lines_taken, 2);
    r = import(p, "b.csv", three, (struct gy_import_options){0});
    assert_int_equal(r.lines_taken, 1);
    assert_int_equal(r.lines_duplicate, 2);
    assert_sum(p, "Paid", "amount", 3, 15);
}

static void cells_become_items(void **state)
{
    struct place *p = *state;
    const char *text =
        "user_id,event,time,basket\n"
        "c1,Paid,2024-01-01,\"[{\"\"sku\"\":\"\"a\"\",\"\"n\"\":2},{\"\"n\"\":3}]\"\n";
    struct gy_import_report r = import(p, "a.csv", text, (struct gy_import_options){0});
    assert_int_equal(r.lines_taken, 1);
    assert_sum(p, "Paid/basket", "n", 2, 5);
}

/* The last of two members of one name counts; what is no single value is none of an item. */
static void items_of_odd_objects(void **state)
{
    struct place *p = *state;
    const char *text =
        "user_id,event,time,basket\n"
        "c1,Paid,2024-01-01,\"[{\"\"n\"\":2,\"\"n\"\":4,\"\"m\"\":{\"\"n\"\":1}},{}]\"\n"
        "c1,Paid,2024-01-02,\"[{\"\"n\"\":100},7]\"\n"
        "c1,Paid,2024-01-03,\"[{\"\"n\"\":100}\"\n";
    struct gy_import_report r = import(p, "a.csv", text, (struct gy_import_options){0});
    assert_int_equal(r.lines_taken, 3);
    assert_sum(p, "Paid/basket", "n", 2, 4);
}

/* Columns far to the right, and constants, are properties as well. */
static void wide_rows(void **state)
{
    struct place *p = *state;
    struct gy_buf text = {0};
    const char *const sets[] = {"points=2"};
    gy_buf_text(&text, "user_id,event,time");
    for (int i = 0; i < 100; i++)
        gy_buf_printf(&text, ",c%d", i);
    for (int row = 1; row <= 2; row++) {
        gy_buf_printf(&text, "\nc1,Paid,2024-01-0%d", row);
        for (int i = 0; i < 100; i++)
            gy_buf_printf(&text, i % 10 == row ? ",%d" : ",", i);
    }
    gy_buf_text(&text, "\n");
    struct gy_import_report r =
        import(p, "a.csv", text.ptr, (struct gy_import_options){.sets = sets, .n_sets = 1});
    gy_buf_release(&text);
    assert_int_equal(r.lines_taken, 2);
    assert_sum(p, "Paid", "points", 2, 4);
    assert_sum(p, "Paid", "c1", 2, 1);
    assert_sum(p, "Paid", "c52", 2, 52);
    assert_sum(p, "Paid", "c61", 2, 61);
    assert_sum(p, "Paid", "c62", 2, 62);
    assert_sum(p, "Paid", "c91", 2, 91);
}

/* A constant is in the one normal form whatever the rows are. */
static void constants_are_in_nfc(void **state)
{
    struct place *p = *state;
    static const char *const composed[] = {"shop=\xea\xb0\x80"};
    static const char *const apart[] = {"shop=\xe1\x84\x80\xe1\x85\xa1"};
    const char *text = "user_id,event,time\nc1,Paid,2024-01-01\n";
    import(p, "a.csv", text, (struct gy_import_options){.sets = composed, .n_sets = 1});
    struct gy_import_report r =
        import(p, "b.csv", text, (struct gy_import_options){.sets = apart, .n_sets = 1});
    assert_int_equal(r.lines_duplicate, 1);
}

static void a_rehearsal_changes_nothing(void **state)
{
    struct place *p = *state;
    const char *text = "user_id,event,time\nc1,Paid,2024-01-01\n,Paid,2024-01-01\n";
    struct gy_import_report r =
        import(p, "a.csv", text, (struct gy_import_options){.dry_run = true});
    assert_int_equal(r.lines_taken, 1);
    assert_int_equal(r.lines_rejected, 1);
    r = import(p, "a.csv", text, (struct gy_import_options){0});
    assert_int_equal(r.lines_taken, 1);
    r = import(p, "a.csv", text, (struct gy_import_options){.dry_run = true});
    assert_int_equal(r.lines_taken, 0);
    assert_int_equal(r.lines_duplicate, 1);
}

/* ---- calls ---- */

static void reads_calls(void **state)
{
    struct place *p = *state;
    const char *text =
        "{\"type\":\"track\",\"userId\":\"c1\",\"event\":\"Visit\",\"timestamp\":\"2024-01-01T00:00:00Z\","
        "\"properties\":{\"n\":1},\"messageId\":\"m1\"}\n"
        "\n"
        "{\"type\":\"track\",\"userId\":\"c1\",\"event\":\"Visit\",\"timestamp\":\"2024-01-01T00:00:00Z\","
        "\"properties\":{\"n\":9},\"messageId\":\"m1\"}\n"
        "{\"type\":\"track\",\"userId\":\"c1\",\"event\":\"Visit\",\"properties\":{\"n\":1}}\n"
        "{\"type\":\"track\",\"event\":\"Visit\",\"timestamp\":\"2024-01-01T00:00:00Z\"}\n"
        "{\"type\":\"dance\"}\n"
        "not json\n";
    struct gy_import_report r = import(p, "a.jsonl", text, (struct gy_import_options){0});
    assert_int_equal(r.lines, 6);
    assert_int_equal(r.lines_blank, 1);
    assert_int_equal(r.lines_taken, 1);
    assert_int_equal(r.lines_duplicate, 1);
    assert_int_equal(r.lines_rejected, 4);
    assert_sum(p, "Visit", "n", 1, 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(makes_orders_of_lines, make_place, remove_place),
    cmocka_unit_test_setup_teardown(takes_a_file_once, make_place, remove_place),
    cmocka_unit_test_setup_teardown(takes_lines_in_any_order, make_place, remove_place),
    cmocka_unit_test_setup_teardown(tells_changed_orders, make_place, remove_place),
    cmocka_unit_test_setup_teardown(keeps_an_order_whose_new_form_is_refused, make_place,
                                    remove_place),
    cmocka_unit_test_setup_teardown(tells_a_repeated_order_from_another_one, make_place,
                                    remove_place),
    cmocka_unit_test_setup_teardown(follows_the_status, make_place, remove_place),
    cmocka_unit_test_setup_teardown(traits_change_with_orders, make_place, remove_place),
    cmocka_unit_test_setup_teardown(identical_rows_are_counted, make_place, remove_place),
    cmocka_unit_test_setup_teardown(cells_become_items, make_place, remove_place),
    cmocka_unit_test_setup_teardown(items_of_odd_objects, make_place, remove_place),
    cmocka_unit_test_setup_teardown(wide_rows, make_place, remove_place),
    cmocka_unit_test_setup_teardown(constants_are_in_nfc, make_place, remove_place),
    cmocka_unit_test_setup_teardown(a_rehearsal_changes_nothing, make_place, remove_place),
    cmocka_unit_test_setup_teardown(reads_calls, make_place, remove_place),
};

GY_TEST_MAIN(tests)
