/* test_import_account.c - what becomes of lines that are not taken, and of the file they are kept in. */
#include "import_fixture.h"

struct rejects {
    char path[160];
    struct gy_buf text;
};

/* Imports `text`; what was rejected is then in `r->text`. */
static struct gy_import_report import_with_rejects(struct place *p, const char *name,
                                                   const char *text,
                                                   struct gy_import_options options,
                                                   struct rejects *r)
{
    struct gy_error err;
    snprintf(r->path, sizeof r->path, "%s/rejects.csv", p->dir);
    options.rejects_path = r->path;
    struct gy_import_report report = import(p, name, text, options);
    gy_buf_reset(&r->text);
    assert_ok(gy_file_read(r->path, &r->text, &err), &err);
    gy_buf_text(&r->text, "");
    return report;
}

/* As many traits as there may be. */
static void fill_up_traits(struct place *p)
{
    static const int n_columns[] = {1000, 1000, 1000, 1000, 96};
    struct gy_buf text = {0};
    for (size_t i = 0; i < sizeof n_columns / sizeof *n_columns; i++) {
        char prefix[] = {(char)('a' + i), '\0'};
        gy_buf_reset(&text);
        gy_buf_text(&text, "customer_id");
        put_columns(&text, n_columns[i], prefix);
        gy_buf_text(&text, "full");
        put_columns(&text, n_columns[i], NULL);
        struct gy_import_options options = {.kind = GY_IMPORT_CUSTOMERS};
        assert_int_equal(import(p, "traits.csv", text.ptr, options).lines_taken, 1);
    }
    gy_buf_release(&text);
}

static void keeps_rejected_lines_as_they_came(void **state)
{
    struct rejects kept = {0};
    import_with_rejects(*state, "a.csv",
                        "user_id,event,time\n"
                        ", Paid ,2024-01-01\n"
                        "c1,\"Paid\",never\n"
                        "c1,Paid,2024-01-01\n",
                        (struct gy_import_options){0}, &kept);
    assert_string_equal(kept.text.ptr,
                        "user_id,event,time\n, Paid ,2024-01-01\nc1,\"Paid\",never\n");
    gy_buf_release(&kept.text);
}

/* An order is refused when all its lines were read: they are kept as they came all the same. */
static void keeps_the_lines_of_a_refused_order(void **state)
{
    struct rejects kept = {0};
    struct gy_buf text = {0};
    struct gy_buf id = {0};
    for (int i = 0; i < 5000; i++) {
        gy_buf_char(&id, 'x'); /* longer than an id may be */
    }
    gy_buf_char(&id, '\0');
    gy_buf_printf(&text,
                  "order_id,customer_id,time,product_id,quantity,price\n"
                  "1,c1,2024-01-02,p1,1,5\n"
                  "2,%s,2024-01-02,\"p 1\",1,5\n"
                  "3,c1,2024-01-02,p1,1,5\n"
                  "2,%s,2024-01-02, p2 ,-1,5\n",
                  id.ptr, id.ptr);
    struct gy_import_report r =
        import_with_rejects(*state, "a.csv", text.ptr, (struct gy_import_options){0}, &kept);
    assert_int_equal(r.lines_taken, 2);
    assert_int_equal(r.lines_rejected, 2);
    gy_buf_reset(&text);
    gy_buf_printf(&text,
                  "order_id,customer_id,time,product_id,quantity,price\n"
                  "2,%s,2024-01-02,\"p 1\",1,5\n2,%s,2024-01-02, p2 ,-1,5\n",
                  id.ptr, id.ptr);
    assert_string_equal(kept.text.ptr, text.ptr);
    gy_buf_release(&kept.text);
    gy_buf_release(&text);
    gy_buf_release(&id);
}

/* When an order was cancelled is not guessed. */
static void a_status_needs_its_time(void **state)
{
    const char *text = "order_id,customer_id,time,revenue,status,status_time\n"
                       "1,c1,2024-01-02,5,cancelled,2024-01-03\n"
                       "2,c1,2024-01-02,5,cancelled,soon\n"
                       "3,c1,2024-01-02,5,sent,soon\n"
                       "4,c1,2024-01-02,5,cancelled,\n";
    struct gy_import_options options = {.time_format = "%Y-%m-%d"};
    struct gy_import_report r = import(*state, "orders.csv", text, options);
    assert_int_equal(r.lines_taken, 3);
    assert_reason(&r, "time of the status", 1, 3);
}

/* A row whose trait cannot be taken is rejected, and not taken as well. */
static void a_line_is_taken_or_rejected(void **state)
{
    struct place *p = *state;
    struct rejects kept = {0};
    fill_up_traits(p);
    const char *events = "user_id,event,time,hat\n"
                         "c1,Paid,2024-01-01,red\n"
                         "c2,Paid,2024-01-01,\n";
    struct gy_import_options options = {.map = "trait.hat=hat"};
    struct gy_import_report r = import_with_rejects(p, "events.csv", events, options, &kept);
    assert_int_equal(r.lines_taken, 1);
    assert_reason(&r, "more than 4096 traits", 1, 2);
    assert_string_equal(kept.text.ptr, "user_id,event,time,hat\nc1,Paid,2024-01-01,red\n");

    const char *lines = "order_id,customer_id,time,product_id,quantity,price,hat\n"
                        "1,c1,2024-01-02,p1,1,5,red\n"
                        "1,c1,2024-01-02,p1,-1,5,\n"
                        "2,c2,2024-01-02,p1,1,5,\n";
    r = import_with_rejects(p, "lines.csv", lines, options, &kept);
    assert_int_equal(r.lines_taken, 1);
    assert_int_equal(r.calls_taken, 1);
    assert_reason(&r, "more than 4096 traits", 2, 2);
    assert_string_equal(kept.text.ptr, "order_id,customer_id,time,product_id,quantity,price,hat\n"
                                       "1,c1,2024-01-02,p1,1,5,red\n1,c1,2024-01-02,p1,-1,5,\n");
    gy_buf_release(&kept.text);
}

/* Takes `n` events, each of a name of its own. */
static void take_event_names(struct place *p, int n)
{
    struct gy_buf text = {0};
    gy_buf_text(&text, "user_id,event,time\n");
    for (int i = 0; i < n; i++) {
        gy_buf_printf(&text, "c1,E%d,2024-01-01\n", i);
    }
    gy_buf_char(&text, '\0');
    assert_int_equal(import(p, "names.csv", text.ptr, (struct gy_import_options){0}).lines_taken,
                     n);
    gy_buf_release(&text);
}

static bool knows_trait(struct place *p, const char *name)
{
    struct gy_error err;
    struct gy_writer *writer = NULL;
    assert_ok(gy_writer_open(p->data, &writer, &err), &err);
    bool is_known = gy_schema_find_trait(gy_writer_schema(writer), gy_str_of(name)) != GY_ID_NONE;
    gy_writer_close(writer);
    return is_known;
}

/* Where the event of a row cannot be taken, its traits are not either. */
static void a_refused_event_leaves_no_traits(void **state)
{
    struct place *p = *state;
    struct gy_import_options options = {.map = "trait.hat=hat"};
    take_event_names(p, 4096);
    struct gy_import_report r = import(p, "events.csv",
                                       "user_id,event,time,hat\n"
                                       "c1,New,2024-01-01,red\n",
                                       options);
    assert_reason(&r, "more than 4096 event names", 1, 2);
    assert_int_equal(r.calls_taken, 0);
    assert_false(knows_trait(p, "hat"));
    r = import(p, "events.csv", "user_id,event,time,hat\nc1,E0,2024-01-02,red\n", options);
    assert_int_equal(r.calls_taken, 2);
    assert_true(knows_trait(p, "hat"));
}

/* Each of a returned order's two events would still fit by itself. */
static void an_order_is_taken_whole_or_not(void **state)
{
    struct place *p = *state;
    const char *orders = "order_id,customer_id,time,revenue,status,hat\n"
                         "1,c1,2024-01-02,5,returned,red\n";
    struct gy_import_options options = {.map = "trait.hat=hat"};
    take_event_names(p, 4095);
    struct gy_import_report r = import(p, "orders.csv", orders, options);
    assert_reason(&r, "more than 4096 event names", 1, 2);
    assert_int_equal(r.calls_taken, 0);
    assert_false(knows_trait(p, "hat"));
}

/* A whole file in another form is one error, not as many rejected lines. */
static void an_array_of_calls_is_no_lines(void **state)
{
    struct place *p = *state;
    struct gy_error err;
    struct gy_writer *writer = NULL;
    struct gy_import_report report;
    struct gy_import_options options = {0};
    snprintf(p->file, sizeof p->file, "%s/calls.json", p->dir);
    assert_ok(
        gy_file_write(p->file,
                      GY_STR("\n [\n{\"type\":\"track\",\"userId\":\"c1\",\"event\":\"Visit\","
                             "\"timestamp\":\"2024-01-01T00:00:00Z\"}\n]\n"),
                      &err),
        &err);
    assert_ok(gy_writer_open(p->data, &writer, &err), &err);
    assert_int_equal(gy_import_file(writer, p->file, &options, &report, &err), GY_INVALID);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 2);
    assert_non_null(strstr(err.message, "JSON array"));
    assert_int_equal(report.lines, 0);
    gy_writer_close(writer);
}

/* The file that is imported is not the place for its rejects, under whatever name. */
static void does_not_write_over_what_it_reads(void **state)
{
    struct place *p = *state;
    const char *text = "user_id,event,time\nc1,Paid,2024-01-01\n";
    char other[160];
    struct gy_error err;
    struct gy_buf found = {0};
    struct gy_writer *writer = NULL;
    struct gy_import_report report;
    snprintf(p->file, sizeof p->file, "%s/a.csv", p->dir);
    snprintf(other, sizeof other, "%s/b.csv", p->dir);
    assert_ok(gy_file_write(p->file, gy_str_of(text), &err), &err);
    assert_int_equal(symlink(p->file, other), 0);
    assert_ok(gy_writer_open(p->data, &writer, &err), &err);
    const char *const paths[] = {p->file, other};
    for (size_t i = 0; i < 2; i++) {
        struct gy_import_options options = {.rejects_path = paths[i]};
        assert_int_equal(gy_import_file(writer, p->file, &options, &report, &err), GY_INVALID);
        gy_buf_reset(&found);
        assert_ok(gy_file_read(p->file, &found, &err), &err);
        assert_true(gy_str_equal(gy_buf_view(&found), gy_str_of(text)));
    }
    gy_writer_close(writer);
    gy_buf_release(&found);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(keeps_rejected_lines_as_they_came, make_place, remove_place),
    cmocka_unit_test_setup_teardown(keeps_the_lines_of_a_refused_order, make_place, remove_place),
    cmocka_unit_test_setup_teardown(a_status_needs_its_time, make_place, remove_place),
    cmocka_unit_test_setup_teardown(a_line_is_taken_or_rejected, make_place, remove_place),
    cmocka_unit_test_setup_teardown(a_refused_event_leaves_no_traits, make_place, remove_place),
    cmocka_unit_test_setup_teardown(an_order_is_taken_whole_or_not, make_place, remove_place),
    cmocka_unit_test_setup_teardown(an_array_of_calls_is_no_lines, make_place, remove_place),
    cmocka_unit_test_setup_teardown(does_not_write_over_what_it_reads, make_place, remove_place),
};

GY_TEST_MAIN(tests)
