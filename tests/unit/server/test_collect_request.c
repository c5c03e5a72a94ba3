/* test_collect_request.c - bodies as calls; what is wrong with one call is its own affair. */
#include "harness.h"

#include <string.h>

#include "base/buf.h"
#include "server/collect_request.h"

/* "0=E 2=F | 1 a call without a \"type\"", or "! reason" for a body that is refused. */
static void print_collected(struct gy_str body, bool is_batch, struct gy_buf *out)
{
    struct gy_error err = {0};
    struct gy_collected c = {0};
    struct gy_spec_parser *parser = gy_spec_parser_new();
    struct gy_collect_source source = {
        .is_batch = is_batch, .type = GY_CALL_TRACK, .received_ms = 1000};
    if (gy_collect_read(parser, body, &source, &c, &err) != GY_OK) {
        gy_buf_printf(out, "! %s", err.message);
    } else {
        gy_buf_text(out, "");
        for (uint32_t i = 0; i < c.n_calls; i++) {
            gy_buf_printf(out, "%u=%.*s ", c.indexes[i], GY_STR_ARG(c.calls[i].event));
            assert_true(c.texts[i].ptr >= body.ptr && c.texts[i].len <= body.len);
        }
        for (uint32_t i = 0; i < c.n_rejected; i++) {
            gy_buf_printf(out, "| %u %.*s", c.rejected[i].index, GY_STR_ARG(c.rejected[i].reason));
        }
    }
    gy_collected_release(&c);
    gy_spec_parser_free(parser);
}

static void expect(const char *body, bool is_batch, const char *want)
{
    struct gy_buf out = {0};
    print_collected(gy_str_of(body), is_batch, &out);
    assert_string_equal(out.ptr, want);
    gy_buf_release(&out);
}

#define CALL(event) "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"" event "\"}"

static void batches(void **state)
{
    (void)state;
    expect("{\"batch\":[" CALL("A") ", " CALL("B") "],\"sentAt\":\"2025-01-01T00:00:00Z\"}", true,
           "0=A 1=B ");
    expect("{\"batch\":[]}", true, "");
    expect(" {\"context\":{\"batch\":[1]},\"batch\" : [ " CALL("A") " ] } \r\n", true, "0=A ");
    expect(
        "{\"batch\":[" CALL("A") ",{},3," CALL("B") ",{\"a\":\"\xff\"},{\"a\":[1,]}]}", true,
        "0=A 3=B | 1 a call without a \"type\"| 2 a call is a JSON object"
        "| 4 it is not valid JSON: a byte that is not UTF-8| 5 it is not valid JSON: a value is missing");
}

static void calls_alone(void **state)
{
    (void)state;
    expect("{\"userId\":\"u\",\"event\":\"A\",\"writeKey\":\"k\"}", false, "0=A ");
    expect("{\"userId\":\"u\"}", false, "| 0 a track call without the name of its event");
}

static void bodies_that_are_refused(void **state)
{
    (void)state;
    static const char *const bodies[] = {"",    "[]",   "3", "null", "{", "{\"batch\":[{}",
                                         "{}x", "[[[[["};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        expect(bodies[i], true, "! the body is no JSON object");
    }
    expect("{}", true, "! a batch without \"batch\"");
    expect("{\"batch\":{}}", true, "! \"batch\" is not an array of calls");
    expect("{\"batch\":3}", true, "! \"batch\" is not an array of calls");
    expect("{\"batch\":[1 [2]]}", true, "! \"batch\" is not an array of calls");
    expect("{\"batch\":[1 2]}", true, "! \"batch\" is not an array of calls");
}

static void keys(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        const char *key;
    } cases[] = {
        {"{\"writeKey\":\"k1\"}", "k1"},
        {"{\"a\":{\"writeKey\":\"no\"},\"batch\":[],\"writeKey\" : \"k1\"}", "k1"},
        {"{\"writeKey\":3}", ""},
        {"{\"writeKey\":null}", ""},
        {"{}", ""},
        {"", ""},
        {"{\"writeKey\":\"k1\"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gy_str key = gy_collect_write_key(gy_str_of(cases[i].body));
        if (!gy_str_equal(key, gy_str_of(cases[i].key))) {
            fail_msg("%s: \"%.*s\"", cases[i].body, GY_STR_ARG(key));
        }
    }
}

static void put_many(struct gy_buf *body, const char *piece, int n)
{
    for (int i = 0; i < n; i++) {
        gy_buf_text(body, piece);
    }
}

static void limits(void **state)
{
    (void)state;
    struct gy_buf body = {0};
    struct gy_buf out = {0};
    gy_buf_text(&body,
                "{\"batch\":[" CALL("A") ",{\"type\":\"track\",\"userId\":\"u\",\"event\":\"");
    put_many(&body, "x", GY_COLLECT_CALL_MAX);
    gy_buf_text(&body, "\"}," CALL("B") "]}");
    print_collected(gy_buf_view(&body), true, &out);
    assert_string_equal(out.ptr, "0=A 2=B | 1 a call has at most 32768 bytes");
    gy_buf_reset(&body);
    gy_buf_reset(&out);
    gy_buf_text(&body, "{\"batch\":[0");
    put_many(&body, ",0", GY_COLLECT_CALLS_MAX);
    gy_buf_text(&body, "]}");
    print_collected(gy_buf_view(&body), true, &out);
    assert_string_equal(out.ptr, "! a batch has at most 10000 calls");
    gy_buf_reset(&body);
    gy_buf_reset(&out);
    gy_buf_text(&body, "{\"batch\":[");
    put_many(&body, "[", 200000);
    put_many(&body, "]", 200000);
    gy_buf_text(&body, "," CALL("B") "]}");
    print_collected(gy_buf_view(&body), true, &out);
    assert_string_equal(out.ptr, "1=B | 0 a call has at most 32768 bytes");
    gy_buf_release(&body);
    gy_buf_release(&out);
}

static void rejected_ones_stand_in_order(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_collected c = {0};
    struct gy_spec_parser *parser = gy_spec_parser_new();
    struct gy_collect_source source = {.is_batch = true};
    struct gy_str body = GY_STR("{\"batch\":[" CALL("A") ",1," CALL("B") ",2]}");
    assert_ok(gy_collect_read(parser, body, &source, &c, &err), &err);
    gy_error_set(&err, GY_INVALID, "late");
    gy_collected_reject(&c, 2, c.texts[1], &err);
    gy_collected_reject(&c, 0, c.texts[0], &err);
    assert_int_equal(c.n_rejected, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(c.rejected[i].index, i);
    }
    gy_collected_release(&c);
    gy_spec_parser_free(parser);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(batches),
    cmocka_unit_test(calls_alone),
    cmocka_unit_test(bodies_that_are_refused),
    cmocka_unit_test(keys),
    cmocka_unit_test(limits),
    cmocka_unit_test(rejected_ones_stand_in_order),
};

GY_TEST_MAIN(cases)
