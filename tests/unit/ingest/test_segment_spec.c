/* test_segment_spec.c - lines of JSON as calls. */
#include "harness.h"

#include <string.h>

#include "base/buf.h"
#include "ingest/segment_spec.h"

static struct gy_spec_parser *parser;

static int open_parser(void **state)
{
    (void)state;
    parser = gy_spec_parser_new();
    return 0;
}

static int close_parser(void **state)
{
    (void)state;
    gy_spec_parser_free(parser);
    return 0;
}

static void print_value(const struct gy_value *value, struct gy_buf *out)
{
    switch (value->type) {
    case GY_VALUE_MISSING:
        gy_buf_text(out, "null");
        break;
    case GY_VALUE_NUMBER:
        gy_buf_printf(out, "%.17g", value->number);
        break;
    case GY_VALUE_STRING:
        gy_buf_printf(out, "'%.*s'", GY_STR_ARG(value->string));
        break;
    case GY_VALUE_BOOL:
        gy_buf_text(out, value->boolean ? "true" : "false");
        break;
    case GY_VALUE_LIST:
        gy_buf_char(out, '[');
        for (uint32_t i = 0; i < value->list.n; i++) {
            gy_buf_printf(out, "%s'%.*s'", i > 0 ? " " : "", GY_STR_ARG(value->list.strings[i]));
        }
        gy_buf_char(out, ']');
        break;
    case GY_VALUE_TIME:
    case GY_VALUE_CELL:
        fail_msg("a parsed call has no such value");
    }
}

static void print_fields(const struct gy_field *fields, uint32_t n, struct gy_buf *out)
{
    for (uint32_t i = 0; i < n; i++) {
        gy_buf_printf(out, " %.*s=", GY_STR_ARG(fields[i].name));
        print_value(&fields[i].value, out);
    }
}

/* "track u=c01 a=phone e=Read m=m1 t=... name=value | list{ a=1}{ a=2}" */
static void print_call(const struct gy_call *call, struct gy_buf *out)
{
    static const char *const types[] = {"track", "identify", "alias", "page", "screen", "group"};
    char time[GY_TIME_TEXT] = "-";
    if (call->has_time) {
        gy_time_print(call->time_ms, time);
        assert_int_equal(call->time_ms, call->written_ms);
    }
    gy_buf_text(out, types[call->type]);
    const struct {
        char letter;
        struct gy_str text;
    } texts[] = {{'u', call->user_id},
                 {'a', call->anonymous_id},
                 {'p', call->previous_id},
                 {'e', call->event},
                 {'m', call->message_id}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].text.len > 0) {
            gy_buf_printf(out, " %c=%.*s", texts[i].letter, GY_STR_ARG(texts[i].text));
        }
    }
    gy_buf_printf(out, " t=%s", time);
    print_fields(call->fields, call->n_fields, out);
    for (uint32_t i = 0; i < call->n_lists; i++) {
        gy_buf_printf(out, " | %.*s", GY_STR_ARG(call->lists[i].property));
        for (uint32_t k = 0; k < call->lists[i].n_items; k++) {
            gy_buf_char(out, '{');
            print_fields(call->lists[i].items[k].fields, call->lists[i].items[k].n_fields, out);
            gy_buf_char(out, '}');
        }
    }
}

static void assert_call(const char *line, const char *want)
{
    struct gy_call call;
    struct gy_error err;
    struct gy_buf out = {0};
    assert_ok(gy_spec_parse(parser, gy_str_of(line), NULL, &call, &err), &err);
    print_call(&call, &out);
    assert_string_equal(out.ptr, want);
    gy_buf_release(&out);
}

static void assert_refused(struct gy_str line, enum gy_status want, uint32_t column,
                           const char *mentions)
{
    struct gy_call call;
    struct gy_error err = {0};
    assert_int_equal(gy_spec_parse(parser, line, NULL, &call, &err), want);
    if (strstr(err.message, mentions) == NULL || err.column != column) {
        fail_msg("%u: \"%s\", not %u: \"%s\"", err.column, err.message, column, mentions);
    }
}

#define REFUSED(line, column, mentions) assert_refused(GY_STR(line), GY_INVALID, column, mentions)

/* ---- the calls ---- */

static void track(void **state)
{
    (void)state;
    assert_call(
        "{\"type\": \"track\", \"userId\": \"c01\", \"event\": \"Order Completed\", \"timestamp\": "
        "\"2025-01-02T12:04:05.678+09:00\", \"properties\": {\"revenue\": 100, \"rate\": 0.25, "
        "\"coupon\": \"\", \"first\": true, \"again\": false, \"none\": null}, \"messageId\": \"m2\"}\r\n",
        "track u=c01 e=Order Completed m=m2 t=2025-01-02T03:04:05.678Z revenue=100 rate=0.25 "
        "coupon='' first=true again=false");
    assert_call(
        "{\"type\":\"track\",\"anonymousId\":\"phone-1\",\"event\":\"Read\",\"timestamp\":\"2025-02-01\"}",
        "track a=phone-1 e=Read t=2025-02-01T00:00:00.000Z");
}

static void items(void **state)
{
    (void)state;
    assert_call(
        "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\",\"timestamp\":\"2025-01-01\","
        "\"properties\":{\"products\":[{\"sku\":\"a\",\"n\":2,\"x\":null,\"deep\":{\"y\":1},\"l\":[1]},{}],"
        "\"total\":3,\"tags\":[\"a\"],\"empty\":[],\"mixed\":[{},1],\"object\":{\"k\":1}}}",
        "track u=u e=E t=2025-01-01T00:00:00.000Z total=3 | products{ sku='a' n=2 x=null}{}");
}

static void identify(void **state)
{
    (void)state;
    assert_call(
        "{\"type\":\"identify\",\"userId\":\"i01\",\"anonymousId\":\"phone-1\",\"traits\":{\"age\":34,"
        "\"region\":null,\"interests\":[\"골프\",\"등산\"],\"none\":[],\"bad\":[1],\"objects\":[{}]}}",
        "identify u=i01 a=phone-1 t=- age=34 region=null interests=['골프' '등산'] none=[]");
    assert_call("{\"type\":\"identify\",\"userId\":\"i01\"}", "identify u=i01 t=-");
}

static void traits_in_the_context(void **state)
{
    (void)state;
    assert_call(
        "{\"type\":\"identify\",\"userId\":\"u\",\"context\":{\"traits\":{\"plan\":\"pro\"}}}",
        "identify u=u t=- plan='pro'");
    assert_call("{\"type\":\"identify\",\"userId\":\"u\",\"traits\":null,"
                "\"context\":{\"traits\":{\"plan\":\"pro\"}}}",
                "identify u=u t=- plan='pro'");
    /* those of the call itself are all of it */
    assert_call("{\"type\":\"identify\",\"userId\":\"u\",\"traits\":{\"age\":3},"
                "\"context\":{\"traits\":{\"plan\":\"pro\"}}}",
                "identify u=u t=- age=3");
    /* other calls say there what an identify said before */
    assert_call(
        "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\","
        "\"timestamp\":\"2025-01-01T00:00:00Z\",\"context\":{\"traits\":{\"plan\":\"pro\"}}}",
        "track u=u e=E t=2025-01-01T00:00:00.000Z");
    static const char *const without[] = {"3", "[]", "{}", "{\"traits\":\"x\"}",
                                          "{\"traits\":[\"x\"]}"};
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        char line[100];
        snprintf(line, sizeof line, "{\"type\":\"identify\",\"userId\":\"u\",\"context\":%s}",
                 without[i]);
        assert_call(line, "identify u=u t=-");
    }
}

static void consent_by_category(void **state)
{
    (void)state;
#define CONSENT(preferences) \
    "\"context\":{\"consent\":{\"categoryPreferences\":{" preferences "}}}}"
    assert_call("{\"type\":\"identify\",\"userId\":\"u\",\"traits\":{\"age\":3}," CONSENT(
                    "\"email.marketing\":true,\"sms.marketing\":false"),
                "identify u=u t=- age=3 consent.email.marketing=true consent.sms.marketing=false");
    /* neither true nor false is no preference; a trait of that name is set by what is said last */
    assert_call("{\"type\":\"identify\",\"userId\":\"u\",\"traits\":{\"consent.a\":true}," CONSENT(
                    "\"a\":false,\"b\":\"yes\",\"c\":null,\"d\":{\"e\":true}"),
                "identify u=u t=- consent.a=false");
    assert_call(
        "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"Segment Consent Preference Updated\","
        "\"timestamp\":\"2025-01-01T00:00:00Z\",\"messageId\":\"m\"," CONSENT("\"ads\":false"),
        "identify u=u m=m t=2025-01-01T00:00:00.000Z consent.ads=false");
    /* other events say what was said before; that one without preferences is an event like others */
    assert_call("{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\","
                "\"timestamp\":\"2025-01-01T00:00:00Z\"," CONSENT("\"ads\":false"),
                "track u=u e=E t=2025-01-01T00:00:00.000Z");
    assert_call(
        "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"Segment Consent Preference Updated\","
        "\"timestamp\":\"2025-01-01T00:00:00Z\",\"context\":{\"consent\":{\"categoryPreferences\":1}}}",
        "track u=u e=Segment Consent Preference Updated t=2025-01-01T00:00:00.000Z");
#undef CONSENT
}

static void alias(void **state)
{
    (void)state;
    assert_call(
        "{\"type\": \"alias\", \"previousId\": \"old\", \"userId\": \"new\", \"timestamp\": "
        "\"2025-01-01T00:00:00Z\", \"messageId\": \"m5\"}",
        "alias u=new p=old m=m5 t=2025-01-01T00:00:00.000Z");
    REFUSED("{\"type\":\"alias\",\"userId\":\"new\"}", 0, "previousId");
    REFUSED("{\"type\":\"alias\",\"previousId\":\"a\",\"anonymousId\":\"new\"}", 0, "userId");
}

static void page_screen_and_group(void **state)
{
    (void)state;
    assert_call(
        "{\"type\":\"page\",\"userId\":\"u\",\"name\":\"Home\",\"category\":\"Shop\",\"timestamp\":\"2025-01-01\","
        "\"properties\":{\"url\":\"/\",\"name\":\"other\"}}",
        "page u=u e=Page Viewed t=2025-01-01T00:00:00.000Z url='/' name='Home' category='Shop'");
    assert_call(
        "{\"type\":\"screen\",\"userId\":\"u\",\"name\":\"Main\",\"timestamp\":\"2025-01-01\"}",
        "screen u=u e=Screen Viewed t=2025-01-01T00:00:00.000Z name='Main'");
    assert_call(
        "{\"type\":\"group\",\"userId\":\"u\",\"groupId\":\"g1\",\"timestamp\":\"2025-01-01\",\"traits\":"
        "{\"plan\":\"pro\",\"seats\":3}}",
        "group u=u e=Group Joined t=2025-01-01T00:00:00.000Z plan='pro' seats=3 group_id='g1'");
}

/* ---- names, numbers, times ---- */

/* é as e and U+0301, and 가 as U+1100 U+1161, become one code point each. */
static void texts_become_nfc(void **state)
{
    (void)state;
    assert_call(
        "{\"type\":\"track\",\"userId\":\"e\\u0301\",\"event\":\"\\u1100\\u1161\",\"timestamp\":\"2025-01-01\","
        "\"properties\":{\"e\\u0301\":\"\\u1100\\u1161\",\"l\":[{\"e\\u0301\":\"e\\u0301\"}]}}",
        "track u=é e=가 t=2025-01-01T00:00:00.000Z é='가' | l{ é='é'}");
    assert_call("{\"type\":\"identify\",\"userId\":\"u\",\"traits\":{\"l\":[\"e\\u0301\"]}}",
                "identify u=u t=- l=['é']");
}

static void of_a_repeated_name_the_last_counts(void **state)
{
    (void)state;
    assert_call(
        "{\"type\":\"identify\",\"userId\":\"a\",\"userId\":\"b\",\"traits\":{\"x\":1,\"y\":2,\"x\":3,"
        "\"\xc3\xa9\":1,\"e\\u0301\":2}}",
        "identify u=b t=- x=3 y=2 é=2");
}

static void numbers(void **state)
{
    (void)state;
    assert_call(
        "{\"type\":\"identify\",\"userId\":123,\"messageId\":-9007199254740993,\"traits\":{\"a\":-5,"
        "\"b\":9223372036854775807,\"c\":18446744073709551615,\"d\":123456789012345678901234567890,"
        "\"e\":-1e-3,\"f\":\"123456789012345678901234567890 \\\\\",\"g\":0.1234567890123456789012,"
        "\"h\":-99999999999999999999}}",
        "identify u=123 m=-9007199254740993 t=- a=-5 b=9.2233720368547758e+18 "
        "c=1.8446744073709552e+19 d=1.2345678901234568e+29 e=-0.001 "
        "f='123456789012345678901234567890 \\' g=0.12345678901234568 h=-1e+20");
    REFUSED("{\"type\":\"identify\",\"userId\":1.5}", 0, "\"userId\" is not a string");
    REFUSED("{\"type\":\"identify\",\"userId\":true}", 0, "\"userId\" is not a string");
    REFUSED("{\"type\":\"identify\",\"userId\":\"u\",\"traits\":{\"a\":1e999}}", 47,
            "beyond the range");
}

static void times(void **state)
{
    (void)state;
    const char *zoned =
        "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\",\"timestamp\":\"2025-01-01T09:00\"}";
    struct gy_zone *seoul = NULL;
    struct gy_call call;
    struct gy_error err;
    assert_ok(gy_zone_open("Asia/Seoul", &seoul, &err), &err);
    assert_ok(gy_spec_parse(parser, gy_str_of(zoned), seoul, &call, &err), &err);
    assert_int_equal(call.time_ms, INT64_C(1735689600000)); /* 2025-01-01T00:00:00Z */
    gy_zone_close(seoul);
    assert_call(
        "{\"type\":\"identify\",\"userId\":\"u\",\"timestamp\":null,\"originalTimestamp\":\"2025-01-01\"}",
        "identify u=u t=2025-01-01T00:00:00.000Z");
    REFUSED("{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\"}", 0, "without a \"timestamp\"");
    REFUSED("{\"type\":\"page\",\"userId\":\"u\"}", 0, "without a \"timestamp\"");
    REFUSED("{\"type\":\"identify\",\"userId\":\"u\",\"timestamp\":\"yesterday\"}", 0,
            "does not read");
    REFUSED("{\"type\":\"identify\",\"userId\":\"u\",\"timestamp\":1735689600}", 0,
            "does not read");
}

static void content_is_of_what_the_line_says(void **state)
{
    (void)state;
    struct gy_call call;
    struct gy_error err;
    struct gy_str a = GY_STR("{\"type\":\"identify\",\"userId\":\"u\"}");
    struct gy_str a_again = GY_STR("{\"type\":\"identify\",\"userId\":\"u\"}\r\n");
    struct gy_str b = GY_STR("{\"type\":\"identify\",\"userId\":\"v\"}");
    assert_ok(gy_spec_parse(parser, a, NULL, &call, &err), &err);
    uint64_t content = call.content;
    assert_ok(gy_spec_parse(parser, a_again, NULL, &call, &err), &err);
    assert_true(call.content == content);
    assert_ok(gy_spec_parse(parser, b, NULL, &call, &err), &err);
    assert_true(call.content != content);
}

/* ---- what is wrong ---- */

static void calls_that_are_none(void **state)
{
    (void)state;
    REFUSED("[]", 0, "a JSON object");
    REFUSED("\"track\"", 0, "a JSON object");
    REFUSED("{}", 0, "without a \"type\"");
    REFUSED("{\"type\":3}", 0, "without a \"type\"");
    REFUSED("{\"type\":\"buy\",\"userId\":\"u\"}", 0, "unknown type of call \"buy\"");
    REFUSED("{\"type\":\"identify\",\"userId\":\"\",\"anonymousId\":null}", 0, "neither");
    REFUSED("{\"type\":\"track\",\"userId\":\"u\",\"event\":\"\",\"timestamp\":\"2025-01-01\"}", 0,
            "name of its event");
    REFUSED("{\"type\":\"identify\",\"userId\":\"u\",\"traits\":[]}", 0,
            "\"traits\" is not an object");
    REFUSED("{\"type\":\"identify\",\"userId\":\"u\",\"properties\":1}", 0,
            "\"properties\" is not");
}

static void broken_json_has_its_place(void **state)
{
    (void)state;
    REFUSED("", 1, "ends too early");
    REFUSED("{", 2, "ends too early");
    REFUSED("{\"a\":1", 7, "ends too early");
    REFUSED("{\"a\" 1}", 6, "colon");
    REFUSED("{\"a\":1 \"b\":2}", 8, "a comma or }");
    REFUSED("[1 2]", 4, "a comma or ]");
    REFUSED("{a:1}", 2, "a name in quotes");
    REFUSED("{\"a\":1,}", 8, "a name in quotes");
    REFUSED("[1,]", 4, "a value");
    REFUSED("{\"한글\":tru}", 7, "a value");
    REFUSED("{\"a\":\"x", 6, "not closed");
    REFUSED("{\"a\":\"\t\"}", 7, "control character");
    REFUSED("{\"a\":\"\\x\"}", 8, "unknown escape");
    REFUSED("{\"a\":\"\\u12g4\"}", 8, "hexadecimal");
    REFUSED("{\"a\":\"\\ud800\"}", 8, "surrogate");
    REFUSED("{\"a\":\"\\udc00\"}", 8, "surrogate");
    REFUSED("{\"a\":01}", 6, "leading zero");
    REFUSED("{\"a\":-}", 7, "digit");
    REFUSED("{\"a\":1.}", 8, "digit");
    REFUSED("{\"a\":.5}", 6, "a value");
    REFUSED("{\"a\":NaN}", 6, "a value");
    REFUSED("{} {}", 4, "behind its end");
    REFUSED("{\"a\":\"\xff\"}", 7, "not UTF-8");
    REFUSED("{\"a\":\"\xed\xa0\x80\"}", 7, "not UTF-8");
}

/* What nobody looks at is checked too. */
static void what_is_passed_over_is_checked(void **state)
{
    (void)state;
    REFUSED("{\"type\":\"identify\",\"userId\":\"u\",\"context\":{\"x\":[1,{\"y\":tru}]}}", 56,
            "a value");
    REFUSED("{\"type\":\"identify\",\"userId\":\"u\",\"context\":\"\\q\"}", 45, "unknown escape");
}

static void depth_and_counts_are_bounded(void **state)
{
    (void)state;
    struct gy_buf line = {0};
    gy_buf_text(&line, "{\"type\":\"identify\",\"userId\":\"u\",\"x\":");
    size_t head = line.len;
    for (int depth = 63; depth <= 64; depth++) {
        line.len = head;
        for (int i = 0; i < depth; i++) {
            gy_buf_char(&line, '[');
        }
        for (int i = 0; i < depth; i++) {
            gy_buf_char(&line, ']');
        }
        gy_buf_char(&line, '}');
        if (depth == 63) {
            struct gy_call call;
            struct gy_error err;
            assert_ok(gy_spec_parse(parser, gy_buf_view(&line), NULL, &call, &err), &err);
        } else {
            assert_refused(gy_buf_view(&line), GY_INVALID, (uint32_t)head + 64, "64 levels");
        }
    }
    gy_buf_reset(&line);
    gy_buf_text(&line, "{\"type\":\"identify\",\"userId\":\"u\",\"traits\":{\"t\":0");
    for (int i = 0; i < 1024; i++) {
        gy_buf_printf(&line, ",\"t%d\":1", i);
    }
    gy_buf_text(&line, "}}");
    assert_refused(gy_buf_view(&line), GY_LIMIT, 0, "1024 fields");
    gy_buf_release(&line);
}

/* ---- as they are sent ---- */

#define RECEIVED_MS INT64_C(1735732800000) /* 2025-01-01T12:00:00Z */

static void read_live(const struct gy_spec_live *live, const char *text, struct gy_call *call)
{
    struct gy_error err = {0};
    assert_ok(gy_spec_parse_live(parser, gy_str_of(text), live, NULL, call, &err), &err);
}

static void assert_times(const char *sent_at, const char *timestamp, int64_t time_ms,
                         int64_t written_ms)
{
    struct gy_arena arena = {0};
    struct gy_call call;
    struct gy_buf text = {0};
    struct gy_spec_live live = {.arena = &arena, .received_ms = RECEIVED_MS};
    gy_buf_printf(
        &text,
        "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\",\"sentAt\":%s,\"timestamp\":%s}",
        sent_at, timestamp);
    read_live(&live, text.ptr, &call);
    assert_true(call.has_time);
    assert_int_equal(call.time_ms, time_ms);
    assert_int_equal(call.written_ms, written_ms);
    gy_buf_release(&text);
    gy_arena_release(&arena);
}

static void a_clock_that_is_off_is_corrected(void **state)
{
    (void)state;
    /* an hour slow: what it calls 10:30 was 11:30 */
    assert_times("\"2025-01-01T11:00:00Z\"", "\"2025-01-01T10:30:00Z\"",
                 RECEIVED_MS - 30 * GY_MINUTE_MS, RECEIVED_MS - 90 * GY_MINUTE_MS);
    /* a day fast */
    assert_times("\"2025-01-02T12:00:00Z\"", "\"2025-01-02T11:59:59Z\"", RECEIVED_MS - 1000,
                 RECEIVED_MS + GY_DAY_MS - 1000);
    /* under a second it is the way that took the time */
    assert_times("\"2025-01-01T11:59:59.001Z\"", "\"2025-01-01T11:59:58Z\"", RECEIVED_MS - 2000,
                 RECEIVED_MS - 2000);
    assert_times("\"yesterday\"", "\"2025-01-01T11:59:58Z\"", RECEIVED_MS - 2000,
                 RECEIVED_MS - 2000);
    assert_times("null", "\"2025-01-01T11:59:58Z\"", RECEIVED_MS - 2000, RECEIVED_MS - 2000);
    /* without a time it is of now, whatever the clock says, and the same when it is sent again */
    assert_times("\"2025-01-01T11:00:00Z\"", "null", RECEIVED_MS, 0);
}

static void what_the_batch_says_goes_first(void **state)
{
    (void)state;
    struct gy_arena arena = {0};
    struct gy_call call;
    struct gy_spec_live live = {.arena = &arena,
                                .received_ms = RECEIVED_MS,
                                .has_sent_at = true,
                                .sent_at_ms = RECEIVED_MS - 5000};
    read_live(
        &live,
        "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\",\"sentAt\":\"2020-01-01\",\"originalTimestamp\":\"2025-01-01T11:59:50Z\"}",
        &call);
    assert_int_equal(call.time_ms, RECEIVED_MS - 5000);
    live.has_type = true;
    live.type = GY_CALL_IDENTIFY;
    read_live(&live, "{\"userId\":\"u\",\"traits\":{\"a\":1}}", &call);
    assert_int_equal(call.type, GY_CALL_IDENTIFY);
    assert_int_equal(call.time_ms, RECEIVED_MS);
    read_live(&live, "{\"type\":\"track\",\"userId\":\"u\"}", &call);
    assert_int_equal(call.type, GY_CALL_IDENTIFY);
    gy_arena_release(&arena);
}

static void calls_outlive_the_next(void **state)
{
    (void)state;
    struct gy_arena arena = {0};
    struct gy_call one;
    struct gy_call two;
    struct gy_spec_live live = {.arena = &arena, .received_ms = RECEIVED_MS};
    read_live(
        &live,
        "{\"type\":\"track\",\"userId\":\"first\",\"event\":\"E\",\"properties\":{\"name\":\"value\"}}",
        &one);
    read_live(
        &live,
        "{\"type\":\"track\",\"userId\":\"other\",\"event\":\"F\",\"properties\":{\"mane\":\"eulav\"}}",
        &two);
    assert_true(gy_str_equal(one.user_id, GY_STR("first")));
    assert_true(gy_str_equal(one.fields[0].name, GY_STR("name")));
    assert_true(gy_str_equal(one.fields[0].value.string, GY_STR("value")));
    assert_int_equal(one.message_id.len, 32); /* each is one of its own */
    assert_false(gy_str_equal(one.message_id, two.message_id));
    gy_arena_release(&arena);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(track),
    cmocka_unit_test(items),
    cmocka_unit_test(identify),
    cmocka_unit_test(traits_in_the_context),
    cmocka_unit_test(consent_by_category),
    cmocka_unit_test(alias),
    cmocka_unit_test(page_screen_and_group),
    cmocka_unit_test(texts_become_nfc),
    cmocka_unit_test(of_a_repeated_name_the_last_counts),
    cmocka_unit_test(numbers),
    cmocka_unit_test(times),
    cmocka_unit_test(content_is_of_what_the_line_says),
    cmocka_unit_test(calls_that_are_none),
    cmocka_unit_test(broken_json_has_its_place),
    cmocka_unit_test(what_is_passed_over_is_checked),
    cmocka_unit_test(depth_and_counts_are_bounded),
    cmocka_unit_test(a_clock_that_is_off_is_corrected),
    cmocka_unit_test(what_the_batch_says_goes_first),
    cmocka_unit_test(calls_outlive_the_next),
};

int main(int argc, char **argv)
{
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(cases, open_parser, close_parser);
}
