/* test_batch.c - what type a new name gets, which values fit it, what items inherit, when a trait
 * without a time holds, and how many names there may be. */
#include "harness.h"
#include "store_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/zone.h"
#include "store/batch.h"

#define T1  "2025-01-01T00:00:00Z"
#define T2  "2025-01-02T00:00:00Z"
#define AT1 "2025-01-01T00:00:00.000Z "
#define AT2 "2025-01-02T00:00:00.000Z "

static enum gy_value_type trait_type(const struct gy_fixture *f, const char *name)
{
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    const struct gy_schema *schema = gy_snapshot_schema(s);
    uint32_t id = gy_schema_find_trait(schema, gy_str_of(name));
    enum gy_value_type type = id == GY_ID_NONE ? GY_VALUE_CELL : gy_schema_stream(schema, id)->type;
    gy_snapshot_close(s);
    return type;
}

/* The type that a trait gets from these values (JSON, "|" between them), one customer each. */
static enum gy_value_type type_from(const char *values)
{
    struct gy_fixture f;
    char copy[1024];
    char *rest = NULL;
    int n = 0;
    gy_fixture_open(&f, "Asia/Seoul");
    snprintf(copy, sizeof copy, "%s", values);
    for (char *v = strtok_r(copy, "|", &rest); v != NULL; v = strtok_r(NULL, "|", &rest)) {
        char user[16];
        char traits[256];
        snprintf(user, sizeof user, "u%d", n++);
        snprintf(traits, sizeof traits, "{\"x\":%s}", v);
        gy_fixture_identify(&f, user, T1, traits);
    }
    gy_fixture_commit(&f);
    gy_fixture_check(&f);
    enum gy_value_type type = trait_type(&f, "x");
    gy_fixture_close(&f);
    return type;
}

/* ---- types ---- */

static void test_types_of_json(void **state)
{
    (void)state;
    assert_int_equal(type_from("1|2.5"), GY_VALUE_NUMBER);
    assert_int_equal(type_from("true"), GY_VALUE_BOOL);
    assert_int_equal(type_from("\"a\"|\"12\""), GY_VALUE_STRING);
    assert_int_equal(type_from("\"12\"|\"007\""), GY_VALUE_STRING);
    assert_int_equal(type_from("\"2025-01-02\"|\"2025-01-02T03:04Z\""), GY_VALUE_TIME);
    assert_int_equal(type_from("\"2025-01-02\"|\"soon\""), GY_VALUE_STRING);
    assert_int_equal(type_from("\"2025-01-02\"|\"\""), GY_VALUE_STRING);
    assert_int_equal(type_from("[\"a\",\"b\"]|[]"), GY_VALUE_LIST);
    /* of several kinds the first to come counts */
    assert_int_equal(type_from("1|\"a\""), GY_VALUE_NUMBER);
    assert_int_equal(type_from("\"a\"|1"), GY_VALUE_STRING);
    assert_int_equal(type_from("null|true|1"), GY_VALUE_BOOL);
}

#define CELL(text) "{\"$cell\":\"" text "\"}"

static void test_types_of_cells(void **state)
{
    (void)state;
    assert_int_equal(type_from(CELL("1") "|" CELL("-2.50") "|" CELL("0")), GY_VALUE_NUMBER);
    assert_int_equal(type_from(CELL("12345678.91")), GY_VALUE_NUMBER);
    assert_int_equal(type_from(CELL("9007199254740992")), GY_VALUE_NUMBER);
    assert_int_equal(type_from(CELL("9007199254740993")), GY_VALUE_STRING);
    assert_int_equal(type_from(CELL("2053013555631882655")), GY_VALUE_STRING);
    assert_int_equal(type_from(CELL("1") "|" CELL("007")), GY_VALUE_STRING);
    assert_int_equal(type_from(CELL("+1")), GY_VALUE_STRING);
    assert_int_equal(type_from(CELL("1e5")), GY_VALUE_STRING);
    assert_int_equal(type_from(CELL(".5")), GY_VALUE_STRING);
    assert_int_equal(type_from(CELL("5.")), GY_VALUE_STRING);
    assert_int_equal(type_from(CELL("0.1234567890123456789")), GY_VALUE_STRING);
    assert_int_equal(type_from(CELL("-")), GY_VALUE_STRING);
    assert_int_equal(type_from(CELL("TRUE") "|" CELL("false")), GY_VALUE_BOOL);
    assert_int_equal(type_from(CELL("true") "|" CELL("1")), GY_VALUE_STRING);
    assert_int_equal(type_from(CELL("2025-01-02 ") "|" CELL("x")), GY_VALUE_STRING);
    assert_int_equal(type_from(CELL("2025-01-02") "|" CELL("2025-01-02T10:00+09:00")),
                     GY_VALUE_TIME);
}

static void test_cells_are_read(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "Asia/Seoul");
    gy_fixture_identify(&f, "a", T1,
                        "{\"b\":" CELL("True") ",\"n\":" CELL("-2.50") ",\"s\":" CELL(
                            "007") ",\"t\":" CELL("2025-01-02") "}");
    gy_fixture_commit(&f);
    gy_fixture_expect(&f, "a",
                      AT1 "trait.b=true\n" AT1 "trait.n=-2.5\n" AT1 "trait.s=\"007\"\n" AT1
                          "trait.t=\"2025-01-01T15:00:00.000Z\"\n");
    /* later, whatever reads as the type fits; the text of a number need not be plain any more */
    gy_fixture_identify(
        &f, "b", T1,
        "{\"b\":" CELL("1") ",\"n\":" CELL("007") ",\"s\":" CELL("5") ",\"t\":\"2025-01-02\"}");
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.misfits, 1);
    gy_fixture_expect(&f, "b",
                      AT1 "trait.b!=\"1\"\n" AT1 "trait.n=7\n" AT1 "trait.s=\"5\"\n" AT1
                          "trait.t=\"2025-01-01T15:00:00.000Z\"\n");
    gy_fixture_close(&f);
}

static void test_misfits_are_kept_and_reported(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "E", T1, "{\"age\":30}");
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.misfits, 0);
    gy_fixture_track(&f, "a", "E", T2, "{\"age\":\"old\"}");
    gy_fixture_track(&f, "b", "E", T2, "{\"age\":true}");
    gy_fixture_track(&f, "c", "E", T2, "{\"age\":[\"x\"]}");
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.misfits, 2);
    assert_string_equal(f.counts.misfit_example,
                        "property \"age\" of \"E\" is a number; 2 values are not, the first is "
                        "\"old\"");
    gy_fixture_expect(&f, "a", AT1 "E age=30\n" AT2 "E age!=\"old\"\n");
    gy_fixture_expect(&f, "b", AT2 "E age!=true\n");
    gy_fixture_expect(&f, "c", AT2 "E\n");
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void test_a_list_fits_only_a_list(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_identify(&f, "a", T1, "{\"l\":[\"x\",\"y\"],\"s\":\"x\"}");
    gy_fixture_commit(&f);
    gy_fixture_identify(&f, "a", T2, "{\"l\":\"x\",\"s\":[\"x\"]}");
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.misfits, 2);
    gy_fixture_expect(&f, "a",
                      AT1 "trait.l=[\"x\",\"y\"]\n" AT1 "trait.s=\"x\"\n" AT2 "trait.l!=\"x\"\n" AT2
                          "trait.s!=[\"x\"]\n");
    gy_fixture_close(&f);
}

/* What only a duplicate says has no say in the type. */
static void test_a_dropped_value_has_no_type(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_add(&f, "{\"type\":\"track\",\"userId\":\"a\",\"event\":\"E\",\"messageId\":\"m\","
                       "\"timestamp\":\"" T1 "\"}");
    gy_fixture_commit(&f);
    gy_fixture_add(&f, "{\"type\":\"track\",\"userId\":\"a\",\"event\":\"E\",\"messageId\":\"m\","
                       "\"timestamp\":\"" T1 "\",\"properties\":{\"x\":\"text\"}}");
    gy_fixture_track(&f, "b", "E", T1, "{\"x\":1}");
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.misfits, 0);
    gy_fixture_expect(&f, "b", AT1 "E x=1\n");
    gy_fixture_close(&f);
}

static void test_a_type_can_be_set(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "E", T1, "{\"n\":\"12\"}");
    gy_fixture_track(&f, "a", "E", T2, "{\"n\":\"many\"}");
    gy_fixture_commit(&f);
    assert_ok(gy_writer_set_type(f.writer, false, GY_STR("E"), GY_STR("n"), GY_VALUE_NUMBER, &err),
              &err);
    gy_fixture_expect(&f, "a", AT1 "E n=12\n" AT2 "E n!=\"many\"\n");
    assert_ok(gy_writer_set_type(f.writer, false, GY_STR("E"), GY_STR("n"), GY_VALUE_STRING, &err),
              &err);
    gy_fixture_expect(&f, "a", AT1 "E n=\"12\"\n" AT2 "E n=\"many\"\n");
    gy_fixture_check(&f);
    assert_int_equal(
        gy_writer_set_type(f.writer, false, GY_STR("E"), GY_STR("z"), GY_VALUE_STRING, &err),
        GY_NOT_FOUND);
    assert_int_equal(
        gy_writer_set_type(f.writer, true, (struct gy_str){0}, GY_STR("z"), GY_VALUE_STRING, &err),
        GY_NOT_FOUND);
    gy_fixture_close(&f);
}

/* ---- names ---- */

static void test_null_makes_no_name(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "E", T1, "{\"x\":null,\"y\":1}");
    gy_fixture_commit(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    const struct gy_schema *schema = gy_snapshot_schema(s);
    uint32_t event = gy_schema_find_event(schema, GY_STR("E"));
    assert_int_equal(gy_schema_find_property(schema, event, GY_STR("x")), GY_ID_NONE);
    assert_int_equal(schema->n_properties, 1);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static void test_the_last_of_two_values_counts(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    struct gy_call call = gy_fixture_call(
        &f, "{\"type\":\"track\",\"userId\":\"a\",\"event\":\"E\",\"timestamp\":\"" T1 "\"}");
    struct gy_field fields[] = {
        {GY_STR("x"), {.type = GY_VALUE_NUMBER, .number = 1}},
        {GY_STR("y"), {.type = GY_VALUE_NUMBER, .number = 2}},
        {GY_STR("x"), {.type = GY_VALUE_STRING, .string = GY_STR("later")}},
        {GY_STR("y"), {.type = GY_VALUE_MISSING}},
    };
    call.fields = fields;
    call.n_fields = 4;
    assert_ok(gy_writer_add(f.writer, &call, &err), &err);
    gy_fixture_commit(&f);
    gy_fixture_expect(&f, "a", AT1 "E x=\"later\"\n");
    gy_fixture_close(&f);
}

/* One event with `n` properties p<from> …, or as many traits. */
static enum gy_status add_names(struct gy_fixture *f, const char *type, int from, int n)
{
    struct gy_buf line = {0};
    struct gy_error err = {0};
    bool is_track = strcmp(type, "track") == 0;
    gy_buf_printf(&line,
                  "{\"type\":\"%s\",\"userId\":\"a\",\"event\":\"E\",\"timestamp\":\"" T1
                  "\",\"messageId\":\"%d\",\"%s\":{",
                  type, from, is_track ? "properties" : "traits");
    for (int i = 0; i < n; i++)
        gy_buf_printf(&line, "%s\"p%d\":1", i == 0 ? "" : ",", from + i);
    gy_buf_text(&line, "}}");
    enum gy_status status = gy_fixture_try(f, line.ptr, &err);
    gy_buf_release(&line);
    return status;
}

static void test_names_are_limited(void **state)
{
    (void)state;
    for (int commits = 0; commits < 2; commits++) {
        struct gy_fixture f;
        gy_fixture_open(&f, "UTC");
        assert_int_equal(add_names(&f, "track", 0, GY_MAX_PROPERTIES), GY_OK);
        assert_int_equal(add_names(&f, "identify", 0, GY_MAX_TRAITS), GY_OK);
        if (commits > 0)
            gy_fixture_commit(&f);
        assert_int_equal(add_names(&f, "track", GY_MAX_PROPERTIES, 1), GY_LIMIT);
        assert_int_equal(add_names(&f, "identify", GY_MAX_TRAITS, 1), GY_LIMIT);
        /* those that are known go on */
        assert_int_equal(add_names(&f, "track", 5, 10), GY_OK);
        assert_int_equal(add_names(&f, "identify", 6, 10), GY_OK);
        gy_fixture_commit(&f);
        gy_fixture_close(&f);
    }
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    assert_int_equal(add_names(&f, "track", 0, GY_MAX_PROPERTIES + 1), GY_LIMIT);
    assert_int_equal(add_names(&f, "track", 0, 3), GY_OK);
    gy_fixture_close(&f);
}

/* Every item has its event's properties: many of both would make of a short line more than fits. */
static void test_items_times_properties_are_limited(void **state)
{
    (void)state;
    enum {
        N_ITEMS = 100000,
        N_FIELDS = 200
    };
    struct gy_error err = {0};
    struct gy_fixture f;
    char names[N_FIELDS][8];
    struct gy_field fields[N_FIELDS];
    struct gy_item *items = calloc(N_ITEMS, sizeof *items);
    gy_fixture_open(&f, "UTC");
    struct gy_call call = gy_fixture_call(
        &f, "{\"type\":\"track\",\"userId\":\"a\",\"event\":\"E\",\"timestamp\":\"" T1 "\"}");
    for (int i = 0; i < N_FIELDS; i++) {
        snprintf(names[i], sizeof names[i], "p%d", i);
        fields[i] = (struct gy_field){gy_str_of(names[i]), {.type = GY_VALUE_BOOL}};
    }
    struct gy_item_list list = {GY_STR("l"), items, N_ITEMS};
    call.fields = fields;
    call.n_fields = N_FIELDS;
    call.lists = &list;
    call.n_lists = 1;
    assert_int_equal(gy_writer_add(f.writer, &call, &err), GY_LIMIT);
    list.n_items = 100;
    assert_ok(gy_writer_add(f.writer, &call, &err), &err);
    gy_fixture_commit(&f);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
    free(items);
}

static void test_events_are_limited(void **state)
{
    (void)state;
    struct gy_error err = {0};
    char name[32];
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    for (int i = 0; i < GY_MAX_EVENTS; i++) {
        snprintf(name, sizeof name, "E%d", i);
        gy_fixture_track(&f, "a", name, T1, NULL);
    }
    assert_int_equal(gy_fixture_try(&f,
                                    "{\"type\":\"track\",\"userId\":\"a\",\"event\":\"more\","
                                    "\"timestamp\":\"" T1 "\"}",
                                    &err),
                     GY_LIMIT);
    /* items would be an event too */
    assert_int_equal(gy_fixture_try(&f,
                                    "{\"type\":\"track\",\"userId\":\"a\",\"event\":\"E1\","
                                    "\"timestamp\":\"" T1 "\",\"properties\":{\"l\":[{\"x\":1}]}}",
                                    &err),
                     GY_LIMIT);
    gy_fixture_track(&f, "a", "E7", T2, NULL);
    gy_fixture_commit(&f);
    gy_fixture_close(&f);
}

/* ---- items ---- */

static void test_items_inherit(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "Order", T1,
                     "{\"id\":\"o1\",\"price\":100,\"tags\":[\"x\"],"
                     "\"products\":[{\"sku\":\"p\",\"price\":60},{\"sku\":\"q\",\"id\":null},"
                     "{\"sku\":\"r\",\"tags\":[\"y\"]}]}");
    gy_fixture_commit(&f);
    gy_fixture_expect(&f, "a",
                      AT1 "Order id=\"o1\" price=100\n" AT1
                          "Order/products id=\"o1\" price=60 sku=\"p\"\n" AT1
                          "Order/products price=100 sku=\"q\"\n" AT1
                          "Order/products id=\"o1\" price=100 sku=\"r\"\n");
    /* the next order has not what the last one had */
    gy_fixture_track(&f, "a", "Order", T2, "{\"products\":[{\"sku\":\"s\"}],\"note\":\"n\"}");
    gy_fixture_commit(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    struct gy_buf text = {0};
    gy_fixture_describe(s, "a", &text);
    assert_non_null(
        strstr(text.ptr, AT2 "Order note=\"n\"\n" AT2 "Order/products note=\"n\" sku=\"s\"\n"));
    const struct gy_schema *schema = gy_snapshot_schema(s);
    uint32_t items = gy_schema_find_event(schema, GY_STR("Order/products"));
    assert_int_equal(gy_schema_stream(schema, items)->parent,
                     gy_schema_find_event(schema, GY_STR("Order")));
    gy_buf_release(&text);
    gy_snapshot_close(s);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* Of a number that was a cell, items whose property is a string get what stood in the cell. */
static void test_items_inherit_the_text_of_a_number(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "Order", T1,
                     "{\"price\":" CELL("1.50") ",\"products\":[{\"price\":\"free\"}]}");
    gy_fixture_commit(&f);
    gy_fixture_track(&f, "b", "Order", T1, "{\"price\":" CELL("7.50") "}");
    gy_fixture_track(&f, "b", "Order", T2,
                     "{\"price\":" CELL("8.50") ",\"products\":[{\"sku\":\"p\"}]}");
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.misfits, 0);
    gy_fixture_expect(&f, "a", AT1 "Order price=1.5\n" AT1 "Order/products price=\"free\"\n");
    gy_fixture_expect(&f, "b",
                      AT1 "Order price=7.5\n" AT2 "Order price=8.5\n" AT2
                          "Order/products price=\"8.50\" sku=\"p\"\n");
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void test_several_lists(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    for (int i = 0; i < 2; i++) {
        gy_fixture_track(&f, "a", "O", i == 0 ? T1 : T2,
                         "{\"x\":[{\"n\":1},{\"n\":2}],\"y\":[{\"n\":3}]}");
        gy_fixture_commit(&f);
    }
    gy_fixture_expect(&f, "a",
                      AT1 "O\n" AT1 "O/x n=1\n" AT1 "O/x n=2\n" AT1 "O/y n=3\n" AT2 "O\n" AT2
                          "O/x n=1\n" AT2 "O/x n=2\n" AT2 "O/y n=3\n");
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* An event that is named as items are shares their stream. */
static void test_an_event_named_as_items(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "O/x", T1, "{\"n\":1}");
    gy_fixture_track(&f, "a", "O", T2, "{\"x\":[{\"n\":2}]}");
    gy_fixture_track(&f, "b", "O/x", T1, "{\"n\":3}");
    gy_fixture_commit(&f);
    gy_fixture_track(&f, "b", "O", T2, "{\"x\":[{\"n\":4}]}");
    gy_fixture_commit(&f);
    gy_fixture_expect(&f, "a", AT1 "O/x n=1\n" AT2 "O\n" AT2 "O/x n=2\n");
    gy_fixture_expect(&f, "b", AT1 "O/x n=3\n" AT2 "O\n" AT2 "O/x n=4\n");
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* ---- traits ---- */

static void test_traits_change_in_time(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_identify(&f, "a", T2, "{\"x\":2}");
    gy_fixture_identify(&f, "a", T1, "{\"x\":1}");
    gy_fixture_identify(&f, "a", T2, "{\"x\":null}");
    gy_fixture_commit(&f);
    gy_fixture_expect(&f, "a", AT1 "trait.x=1\n" AT2 "trait.x=2\n" AT2 "trait.x removed\n");
    gy_fixture_close(&f);
}

/* A removal may come before the value of an earlier time, and holds. */
static void test_a_removal_before_any_value(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_identify(&f, "a", T2, "{\"x\":null}");
    gy_fixture_commit(&f);
    gy_fixture_identify(&f, "a", T1, "{\"x\":\"v\"}");
    gy_fixture_commit(&f);
    assert_int_equal(trait_type(&f, "x"), GY_VALUE_STRING);
    gy_fixture_expect(&f, "a", AT1 "trait.x=\"v\"\n" AT2 "trait.x removed\n");
    gy_fixture_check(&f);
    gy_fixture_compact(&f);
    gy_fixture_expect(&f, "a", AT1 "trait.x=\"v\"\n" AT2 "trait.x removed\n");
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* The instant in a description's last line. */
static int64_t last_instant(const struct gy_fixture *f, const char *id)
{
    struct gy_buf text = {0};
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    gy_fixture_describe(s, id, &text);
    gy_snapshot_close(s);
    char *last = text.ptr + text.len - 1;
    while (last > text.ptr && last[-1] != '\n')
        last--;
    int64_t ms = 0;
    assert_true(gy_time_read((struct gy_str){last, strcspn(last, " ")}, NULL, &ms, NULL));
    gy_buf_release(&text);
    return ms;
}

/* The first value without a time has always been there, a later one holds from its import. */
static void test_traits_without_a_time(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) {
        struct gy_fixture f;
        gy_fixture_open(&f, "UTC");
        int64_t before = gy_now_ms();
        gy_writer_begin_file(f.writer, "one");
        gy_fixture_identify(&f, "a", NULL, "{\"x\":1}");
        if (way == 1)
            gy_fixture_commit(&f);
        if (way == 2)
            gy_fixture_commit_log(&f);
        if (way == 3) {
            gy_fixture_commit(&f);
            gy_fixture_compact(&f);
        }
        gy_fixture_expect(&f, "a", way == 0 ? "" : "always trait.x=1\n");
        gy_fixture_identify(&f, "a", NULL, "{\"x\":2,\"y\":3}");
        gy_fixture_identify(&f, "a", T1, "{\"y\":4}");
        gy_fixture_commit(&f);
        int64_t instant = last_instant(&f, "a");
        assert_in_range(instant, before, gy_now_ms());
        char expected[256];
        char time[GY_TIME_TEXT];
        gy_time_print(instant, time);
        snprintf(expected, sizeof expected,
                 "always trait.x=1\nalways trait.y=3\n" AT1 "trait.y=4\n%s trait.x=2\n", time);
        gy_fixture_expect(&f, "a", expected);
        gy_fixture_check(&f);
        gy_fixture_close(&f);
    }
}

/* The same for a customer whose first value lies under the id it had before. */
static void test_traits_without_a_time_of_a_merged_customer(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_identify(&f, "old", NULL, "{\"x\":1}");
    gy_fixture_commit(&f);
    gy_fixture_add(&f, "{\"type\":\"alias\",\"previousId\":\"old\",\"userId\":\"new\","
                       "\"timestamp\":\"" T1 "\"}");
    gy_fixture_identify(&f, "new", NULL, "{\"x\":2}");
    gy_fixture_commit(&f);
    assert_in_range(last_instant(&f, "new"), gy_now_ms() - 600000, gy_now_ms());
    gy_fixture_close(&f);
}

/* ---- existence ---- */

static int64_t existence_of(const struct gy_fixture *f, const char *id)
{
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    struct gy_error err = {0};
    uint32_t ordinal = gy_snapshot_find(s, gy_str_of(id));
    int64_t earliest = INT64_MAX;
    for (size_t p = 0; p < gy_snapshot_n_parts(s); p++) {
        const struct gy_part *part = gy_snapshot_part(s, p);
        const struct gy_slice *slice = gy_part_find(part, ordinal >> 16, GY_STREAM_EXISTENCE);
        struct gy_runs runs;
        struct gy_times times;
        uint32_t row;
        uint32_t end;
        assert_ok(gy_part_runs(part, slice, &runs, &err), &err);
        assert_ok(gy_part_times(part, slice, &times, &err), &err);
        if (!gy_runs_find(&runs, (uint16_t)(ordinal & 0xffff), &row, &end))
            continue;
        assert_int_equal(end - row, 1);
        int64_t ms = gy_times_ms(&times, row);
        earliest = ms < earliest ? ms : earliest;
    }
    gy_snapshot_close(s);
    return earliest;
}

static void test_existence_is_the_earliest_time(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "E", T2, NULL);
    gy_fixture_track(&f, "a", "F", T1, NULL);
    gy_fixture_identify(&f, "b", T2, "{}");
    gy_fixture_identify(&f, "c", NULL, "{}");
    gy_fixture_commit(&f);
    gy_fixture_identify(&f, "b", T1, "{}");
    gy_fixture_commit(&f);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(existence_of(&f, "a"), INT64_C(1735689600000)); /* 2025-01-01 */
        assert_int_equal(existence_of(&f, "b"), INT64_C(1735689600000));
        assert_int_equal(existence_of(&f, "c"), GY_TIME_ALWAYS_MS);
        gy_fixture_compact(&f);
    }
    gy_fixture_close(&f);
}

/* ---- many customers ---- */

/* More than one block: each customer has its own event back. */
static void test_several_blocks(void **state)
{
    (void)state;
    enum {
        N = 2 * GY_BLOCK_SIZE + 10
    };
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    for (int i = 0; i < N; i++) {
        char user[16];
        struct gy_error err = {0};
        struct gy_field field = {GY_STR("n"), {.type = GY_VALUE_NUMBER, .number = i}};
        int len = snprintf(user, sizeof user, "u%d", i);
        struct gy_call call = {.type = GY_CALL_TRACK,
                               .user_id = {user, (size_t)len},
                               .event = GY_STR("E"),
                               .content = (uint64_t)i,
                               .has_time = true,
                               .time_ms = i,
                               .written_ms = i,
                               .fields = &field,
                               .n_fields = 1};
        assert_ok(gy_writer_add(f.writer, &call, &err), &err);
    }
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.taken, N);
    gy_fixture_expect(&f, "u0", "1970-01-01T00:00:00.000Z E n=0\n");
    gy_fixture_expect(&f, "u65535", "1970-01-01T00:01:05.535Z E n=65535\n");
    gy_fixture_expect(&f, "u65536", "1970-01-01T00:01:05.536Z E n=65536\n");
    gy_fixture_expect(&f, "u131081", "1970-01-01T00:02:11.081Z E n=131081\n");
    struct gy_check_report report = gy_fixture_check(&f);
    assert_int_equal(report.n_customers, N);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_types_of_json),
    cmocka_unit_test(test_types_of_cells),
    cmocka_unit_test(test_cells_are_read),
    cmocka_unit_test(test_misfits_are_kept_and_reported),
    cmocka_unit_test(test_a_list_fits_only_a_list),
    cmocka_unit_test(test_a_dropped_value_has_no_type),
    cmocka_unit_test(test_a_type_can_be_set),
    cmocka_unit_test(test_null_makes_no_name),
    cmocka_unit_test(test_the_last_of_two_values_counts),
    cmocka_unit_test(test_names_are_limited),
    cmocka_unit_test(test_items_times_properties_are_limited),
    cmocka_unit_test(test_events_are_limited),
    cmocka_unit_test(test_items_inherit),
    cmocka_unit_test(test_items_inherit_the_text_of_a_number),
    cmocka_unit_test(test_several_lists),
    cmocka_unit_test(test_an_event_named_as_items),
    cmocka_unit_test(test_traits_change_in_time),
    cmocka_unit_test(test_a_removal_before_any_value),
    cmocka_unit_test(test_traits_without_a_time),
    cmocka_unit_test(test_traits_without_a_time_of_a_merged_customer),
    cmocka_unit_test(test_existence_is_the_earliest_time),
    cmocka_unit_test(test_several_blocks),
};

GY_TEST_MAIN(cases)
