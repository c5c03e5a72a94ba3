/* Who is in a segment: small data, answers worked by hand from the contract. */
#include "harness.h"

#include "base/zone.h"
#include "unit/engine/questions.h"

#define NOW "2025-03-31T12:00:00Z"

static void track(struct gy_fixture *f, const char *user, const char *event, const char *time,
                  const char *properties)
{
    gy_fixture_track(f, user, event, time, properties);
}

/* ---- who exists ---- */

static void customers_exist_from_their_first_call_on(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    track(&f, "early", "Visit", "2025-01-01T00:00:00Z", NULL);
    track(&f, "late", "Visit", "2025-02-01T00:00:00Z", NULL);
    gy_fixture_identify(&f, "always", NULL, "{\"age\": 30}");
    gy_fixture_commit(&f);
    expect_members(&f, "2025-01-31T23:59:59.999Z", "everyone", "always early");
    expect_members(&f, "2025-02-01T00:00:00.000Z", "everyone", "always early late");
    expect_members(&f, "2025-01-31T00:00:00Z", "not did(Visit)", "always");
    expect_members(&f, NOW, "nobody", "");
    gy_fixture_close(&f);
}

/* A device that was claimed after its rows were written: its customer is scattered. */
static void claimed_devices_count_for_their_customer(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_add(&f, "{\"type\": \"track\", \"anonymousId\": \"phone\", \"event\": \"Visit\","
                       " \"timestamp\": \"2025-01-01T00:00:00Z\", \"properties\": {\"n\": 1}}");
    gy_fixture_commit(&f);
    expect_members(&f, NOW, "did(Visit) and not identified", "phone");
    track(&f, "a", "Visit", "2025-01-02T00:00:00Z", "{\"n\": 2}");
    gy_fixture_add(&f, "{\"type\": \"identify\", \"userId\": \"a\", \"anonymousId\": \"phone\","
                       " \"timestamp\": \"2025-01-03T00:00:00Z\", \"traits\": {\"age\": 5}}");
    gy_fixture_commit(&f);
    expect_members(&f, NOW, "count(Visit) = 2 and identified", "a");
    expect_members(&f, NOW, "sum(Visit.n) = 3 and first(Visit.n) = 1 and last(Visit.n) = 2", "a");
    expect_members(&f, "2025-01-01T00:00:00Z", "everyone", "a"); /* for every instant */
    expect_members(&f, NOW, "did(Visit where n = 1 then Visit where n = 2)", "a");
    expect_members(&f, NOW, "percentile(sum(Visit.n)) = 0", "a");
    gy_fixture_compact(&f);
    expect_members(&f, NOW, "count(Visit) = 2", "a");
    gy_fixture_close(&f);
}

/* ---- traits ---- */

static void traits_are_those_of_the_instant(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_identify(&f, "a", "2025-01-01T00:00:00Z",
                        "{\"tier\": \"gold\", \"points\": 10, \"tags\": [\"x\", \"y\"]}");
    gy_fixture_commit(&f);
    gy_fixture_identify(&f, "a", "2025-02-01T00:00:00Z",
                        "{\"tier\": \"silver\", \"points\": null}");
    gy_fixture_identify(&f, "b", "2025-02-01T00:00:00Z",
                        "{\"tier\": \"gold\", \"tags\": [\"xy\"]}");
    gy_fixture_commit(&f);
    expect_members(&f, "2025-01-15T00:00:00Z", "trait.tier = \"gold\"", "a");
    expect_members(&f, NOW, "trait.tier = \"gold\"", "b");
    expect_members(&f, NOW, "trait.tier in (\"gold\", \"silver\")", "a b");
    expect_members(&f, NOW, "trait.tier not in (\"silver\")", "b");
    expect_members(&f, NOW, "trait.points is missing", "a b"); /* removed, never set */
    expect_members(&f, "2025-01-15T00:00:00Z", "trait.points + 5 = 15", "a");
    expect_members(&f, NOW, "not trait.points > 5", "a b"); /* unknown: false, then complemented */
    expect_members(&f, NOW, "trait.tags contains \"x\"", "a");
    expect_members(&f, NOW, "trait.tags not contains \"x\"", "b");
    expect_members(&f, NOW, "trait.tier matches \"^s.*r$\" or trait.tier starts with \"go\"",
                   "a b");
    gy_fixture_close(&f);
}

/* ---- aggregates ---- */

/* Orders of a: 10, 0.1, 0.2, (no amount), 10; of b: 7. The third and fourth at one instant. */
static void orders(struct gy_fixture *f)
{
    gy_fixture_open(f, "Asia/Seoul");
    track(f, "a", "Order", "2025-03-01T14:59:00Z", "{\"amount\": 10, \"kind\": \"web\"}");
    track(f, "a", "Order", "2025-03-01T15:01:00Z", "{\"amount\": 0.1, \"kind\": \"app\"}");
    gy_fixture_commit(f);
    track(f, "a", "Order", "2025-03-05T00:00:00Z", "{\"amount\": 0.2, \"kind\": \"app\"}");
    track(f, "a", "Order", "2025-03-05T00:00:00Z", "{\"kind\": \"web\"}");
    track(f, "b", "Order", "2025-03-10T00:00:00Z", "{\"amount\": 7, \"kind\": \"app\"}");
    gy_fixture_commit(f);
    track(f, "a", "Order", "2025-03-11T14:59:00Z", "{\"amount\": 10, \"kind\": \"shop\"}");
    gy_fixture_commit_log(f);
}

static void aggregates(void **state)
{
    (void)state;
    struct gy_fixture f;
    orders(&f);
    expect_members(&f, NOW, "count(Order) = 5", "a");
    expect_members(&f, NOW, "days(Order) = 4", "a");          /* midnight in Seoul is 15:00Z */
    expect_members(&f, NOW, "sum(Order.amount) = 20.3", "a"); /* as decimals */
    expect_members(&f, NOW, "avg(Order.amount) = 5.075", "a");
    expect_members(&f, NOW, "median(Order.amount) = 5.1", "a");
    expect_members(&f, NOW, "min(Order.amount) = 0.1 and max(Order.amount) = 10", "a");
    expect_members(&f, NOW, "distinct(Order.amount) = 3 and distinct(Order.kind) = 3", "a");
    expect_members(&f, NOW, "interval(Order) = 2.5", "a");
    expect_members(&f, NOW, "interval(Order) is missing", "b");
    expect_members(&f, NOW, "last_time(Order) = \"2025-03-10T00:00:00Z\"", "b");
    expect_members(&f, NOW, "days_since(Order) = 21.5", "b");
    expect_members(&f, NOW, "first(Order.kind) = \"web\" and last(Order.kind) = \"shop\"", "a");
    expect_members(&f, NOW, "top(Order.kind) = \"web\"", "a"); /* as often as app, but later */
    expect_members(&f, NOW, "count(Order where amount is missing) = 1", "a");
    expect_members(&f, NOW, "count(Order where not amount > 5) = 3", "a");
    expect_members(&f, NOW, "sum(Order.amount where kind = \"app\") between 0.3 and 0.3", "a");
    gy_fixture_close(&f);
}

static void windows_reach_to_their_ends(void **state)
{
    (void)state;
    struct gy_fixture f;
    orders(&f);
    expect_members(&f, "2025-03-05T00:00:00Z", "count(Order) = 4", "a"); /* now itself is in */
    expect_members(&f, "2025-03-04T23:59:59.999Z", "count(Order) = 2", "a");
    expect_members(&f, "2025-03-15T00:00:00Z", "did(Order last 10 days)", "a b");
    expect_members(&f, "2025-03-15T00:00:00Z", "count(Order last 10 days) = 1", "a b"); /* open */
    expect_members(&f, "2025-03-15T00:00:00.000Z", "count(Order last 14400 minutes) = 1", "a b");
    expect_members(&f, "2025-03-14T23:59:59.999Z", "count(Order last 10 days) = 3", "a");
    expect_members(&f, NOW, "count(Order from \"2025-03-02\" to \"2025-03-05\") = 3", "a");
    expect_members(&f, NOW, "did(Order before \"2025-03-02\")", "a");
    gy_fixture_close(&f);
}

/* ---- chains ---- */

static void chains(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    /* u: A B at one instant, in this order; v: B then A then B; w: A C B; x: A only, long ago */
    track(&f, "u", "A", "2025-03-01T00:00:00Z", "{\"k\": \"1\"}");
    track(&f, "u", "B", "2025-03-01T00:00:00Z", "{\"k\": \"1\"}");
    track(&f, "v", "B", "2025-03-01T00:00:00Z", "{\"k\": \"2\"}");
    track(&f, "v", "A", "2025-03-02T00:00:00Z", "{\"k\": \"2\"}");
    track(&f, "v", "B", "2025-03-09T00:00:00Z", "{\"k\": \"3\"}");
    track(&f, "w", "A", "2025-03-01T00:00:00Z", "{\"k\": \"1\"}");
    track(&f, "w", "C", "2025-03-02T00:00:00Z", "{\"k\": \"9\"}");
    track(&f, "w", "B", "2025-03-03T00:00:00Z", "{\"k\": \"2\"}");
    track(&f, "x", "A", "2025-03-20T00:00:00Z", "{\"k\": \"1\"}");
    gy_fixture_commit(&f);
    expect_members(&f, NOW, "did(A then B)", "u v w");
    expect_members(&f, NOW, "did(B then A)", "v");
    expect_members(&f, NOW, "did(A then B within 7 days)", "u v w");
    expect_members(&f, NOW, "did(A then B within 10_079 minutes)", "u w");
    expect_members(&f, NOW, "did(A then no C then B)", "u v");
    expect_members(&f, NOW, "did(A as a then B where k = a.k)", "u");
    expect_members(&f, NOW, "did(A then no B within 3 days)", "v x");
    expect_members(&f, "2025-03-22T23:59:59.999Z", "did(A then no B within 3 days)", "v");
    expect_members(&f, "2025-03-23T00:00:00.000Z", "did(A then no B within 3 days)", "v x");
    expect_members(&f, NOW, "did(A as a then no B where k = a.k within 29 days)", "v w");
    expect_members(&f, NOW, "did(A as a then no B where k = a.k within 30 days)", "w");
    expect_members(&f, NOW, "did(A then B since \"2025-03-02\")", "v");
    gy_fixture_close(&f);
}

/* Named steps over many events must not try every choice: 3,000 carts and 3,000 orders of one
 * customer, where only the last cart's product is ordered after it. */
static void chains_over_many_events(void **state)
{
    (void)state;
    struct gy_fixture f;
    int64_t start_us = gy_monotonic_us();
    gy_fixture_open(&f, "UTC");
    for (int i = 0; i < 6000; i++) {
        char time[GY_TIME_TEXT];
        char properties[64];
        bool is_order = i >= 2999 && i < 5999;
        int product = is_order ? 10000 + i : i;
        gy_time_print(instant("2025-01-01") + (int64_t)i * 60000, time);
        snprintf(properties, sizeof properties, "{\"p\": \"%d\"}", i == 5998 ? 17 : product);
        track(&f, "a", is_order ? "Order" : "Cart", time, properties);
    }
    gy_fixture_commit(&f);
    expect_members(&f, NOW, "did(Cart as c then Order where p = c.p)", "a");
    expect_members(&f, NOW, "did(Cart as c then Order where p = c.p within 2 days)", "");
    expect_members(&f, NOW, "did(Cart as c then Cart as d then Order where p = d.p)", "a");
    expect_members(&f, NOW, "did(Cart as c then no Order where p = c.p within 1 day)", "a");
    gy_fixture_close(&f);
    assert_true(gy_monotonic_us() - start_us < 60 * 1000000);
}

/* ---- populations ---- */

static void populations(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    const char *traits[] = {"{\"p\": 1}", "{\"p\": 2}", "{\"p\": 2}", "{\"p\": 9}", "{\"q\": 1}"};
    const char *ids[] = {"a", "b", "c", "d", "e"};
    for (int i = 0; i < 5; i++)
        gy_fixture_identify(&f, ids[i], NULL, traits[i]);
    gy_fixture_commit(&f);
    expect_members(&f, NOW, "percentile(trait.p) = 0", "a");
    expect_members(&f, NOW, "percentile(trait.p) = 25", "b c"); /* one of four is smaller */
    expect_members(&f, NOW, "percentile(trait.p) = 75", "d");
    expect_members(&f, NOW, "percentile(trait.p) is missing", "e");
    expect_members(&f, NOW, "ntile(trait.p, 4) = 2", "b c"); /* 1 + floor(1 × 4 / 4) */
    expect_members(&f, NOW, "ntile(trait.p, 4) = 4", "d");
    expect_members(&f, NOW, "ntile(trait.p, 400) = 101", "b c");
    expect_members(&f, NOW, "ntile(trait.p, 2 among (trait.p > 1)) = 1", "b c");
    expect_members(&f, NOW, "percentile(percentile(trait.p) among (percentile(trait.p) > 0)) > 50",
                   "d");
    gy_fixture_close(&f);
}

/* Members without any event of the kind stand among those who have some. */
static void populations_of_events(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    const char *ids[] = {"a", "b", "c", "d", "e", "f"};
    for (int i = 0; i < 6; i++)
        gy_fixture_identify(&f, ids[i], NULL, "{\"p\": 1}");
    gy_fixture_track(&f, "b", "Order", "2025-03-02T10:00:00Z", "{\"n\": 5}");
    gy_fixture_track(&f, "b", "Order", "2025-03-03T10:00:00Z", "{\"n\": -7.5}");
    gy_fixture_track(&f, "d", "Order", "2025-03-04T10:00:00Z", "{\"n\": 20}");
    gy_fixture_track(&f, "e", "Order", "2025-01-04T10:00:00Z", NULL);
    gy_fixture_commit(&f);
    const char *now = "2025-03-05T00:00:00Z";
    /* 0 2 0 1 1 0 */
    expect_members(&f, now, "ntile(count(Order), 2) = 1", "a c f");
    expect_members(&f, now, "ntile(count(Order), 6) = 4", "d e");
    expect_members(&f, now, "ntile(count(Order), 6) != 4", "a b c f");
    expect_members(&f, now, "percentile(count(Order) among (did(Order))) = 0", "d e");
    expect_members(&f, now, "percentile(count(Order last 30 days) among (did(Order))) = 0", "e");
    /* 0 -2.5 0 20 0 0 */
    expect_members(&f, now, "percentile(sum(Order.n)) > 20", "d");
    expect_members(&f, now, "ntile(sum(Order.n), 6) = 2", "a c e f");
    expect_members(&f, now, "ntile(sum(Order.n), 6) = 1", "b");
    /* e d b, and nobody else */
    expect_members(&f, now, "ntile(last_time(Order), 3) >= 2", "b d");
    expect_members(&f, now, "ntile(last_time(Order), 3) < 3", "b e");
    expect_members(&f, now, "ntile(avg(Order.n), 2) = 1", "b");
    gy_fixture_close(&f);
}

/* ---- traits of one load ---- */

/* One value a customer, all of one commit: tests go straight from the column to bits. */
static void traits_loaded_once(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "Asia/Seoul");
    gy_fixture_identify(&f, "a", NULL,
                        "{\"city\": \"서울\", \"points\": 10, \"rate\": 0.5, \"vip\": true}");
    gy_fixture_identify(&f, "b", NULL,
                        "{\"city\": \"부산\", \"points\": -3, \"rate\": 2.25, \"vip\": false}");
    gy_fixture_identify(&f, "c", NULL, "{\"city\": \"서귀포\", \"points\": 300}");
    gy_fixture_identify(&f, "d", NULL, "{\"since\": \"2025-01-01T00:00:00Z\", \"vip\": true}");
    gy_fixture_commit(&f);
    expect_members(&f, NOW, "trait.city = \"서울\"", "a");
    expect_members(&f, NOW, "trait.city != \"서울\"", "b c");
    expect_members(&f, NOW, "trait.city in (\"서울\", \"부산\")", "a b");
    expect_members(&f, NOW, "trait.city not in (\"서울\", \"부산\")", "c");
    expect_members(&f, NOW, "trait.city starts with \"서\"", "a c");
    expect_members(&f, NOW, "trait.city matches \"산$\"", "b");
    expect_members(&f, NOW, "trait.city not contains \"서\"", "b");
    expect_members(&f, NOW, "trait.city is missing", "d");
    expect_members(&f, NOW, "trait.points >= 10", "a c");
    expect_members(&f, NOW, "trait.points < 0", "b");
    expect_members(&f, NOW, "trait.points = -3", "b");
    expect_members(&f, NOW, "trait.points between -3 and 10", "a b");
    expect_members(&f, NOW, "trait.points in (10, 300)", "a c");
    expect_members(&f, NOW, "trait.points > trait.rate", "a");
    expect_members(&f, NOW, "trait.rate <= 0.5", "a");
    expect_members(&f, NOW, "trait.vip = true", "a d");
    expect_members(&f, NOW, "trait.vip != true", "b");
    expect_members(&f, NOW, "not trait.vip = true", "b c");
    expect_members(&f, NOW, "trait.since < \"2025-01-02\"", "d");
    expect_members(&f, NOW, "trait.points is known and not trait.city = \"서울\"", "b c");
    gy_fixture_close(&f);
}

/* ---- one stream ---- */

/* What is known of one event says nothing of another that never was. */
static void events_that_were_never_seen(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    track(&f, "a", "Order", "2025-01-01T00:00:00Z", "{\"coupon\": \"x\"}");
    track(&f, "b", "Visit", "2025-01-01T00:00:00Z", NULL);
    gy_fixture_commit(&f);
    expect_members(&f, NOW, "count(Refund) = 0 and count(Order) >= 1", "a");
    expect_members(&f, NOW, "count(Order) >= 1 and count(Refund) = 0", "a");
    expect_members(&f, NOW, "not did(Trial) and did(Order)", "a");
    expect_members(&f, NOW, "did(Trial) or not did(Order)", "b");
    expect_members(&f, NOW, "count(Refund) + count(Order) = 1", "a");
    expect_members(&f, NOW, "days_since(Refund) is missing and days(Order) = 1", "a");
    expect_members(&f, NOW, "did(Refund where reason = \"x\") or did(Order where coupon = \"x\")",
                   "a");
    expect_members(&f, NOW, "ntile(count(Refund) + count(Order), 2) = 1", "b");
    gy_fixture_close(&f);
}

/* Each window ends where the next one begins: nine instants part the same rows. */
static void windows_that_meet(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_buf text = {0};
    gy_fixture_open(&f, "UTC");
    for (unsigned month = 1; month <= 8; month++) {
        for (unsigned day = 5; day <= 25; day += 10) {
            char time[32];
            snprintf(time, sizeof time, "2024-%02u-%02uT00:00:00Z", month, day);
            track(&f, "all", "Order", time, NULL);
            if (month < 8)
                track(&f, "seven", "Order", time, NULL);
        }
        static const unsigned last_days[] = {31, 29, 31, 30, 31, 30, 31, 31};
        gy_buf_printf(&text, "%scount(Order from \"2024-%02u-01\" to \"2024-%02u-%u\") >= 1",
                      month == 1 ? "" : " and ", month, month, last_days[month - 1]);
    }
    gy_fixture_commit(&f);
    expect_members(&f, NOW, text.ptr, "all");
    gy_buf_release(&text);
    gy_fixture_close(&f);
}

/* ---- blocks ---- */

static void expect_count(const struct gy_snapshot *s, const char *text, uint64_t expected)
{
    struct gy_error err;
    struct gy_definition definition;
    struct gy_run_options options = {.n_threads = 1};
    roaring_bitmap_t *audience;
    define(s, text, &definition);
    assert_ok(gy_audience(s, definition.expr, instant(NOW), &options, &audience, &err), &err);
    assert_int_equal(roaring_bitmap_get_cardinality(audience), expected);
    roaring_bitmap_free(audience);
    gy_definition_release(&definition);
}

/* The customer of the second block has the event, and its block no value of the property. */
static void a_block_without_a_value_of_a_property(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    track(&f, "first", "Visit", "2025-01-01T00:00:00Z", "{\"page\": \"/cart\"}");
    for (unsigned i = 1; i < GY_BLOCK_SIZE; i++) {
        char id[16];
        snprintf(id, sizeof id, "%u", i);
        gy_fixture_identify(&f, id, NULL, NULL);
    }
    track(&f, "last", "Visit", "2025-01-01T00:00:00Z", NULL);
    gy_fixture_commit(&f);
    struct gy_snapshot *snapshot = gy_fixture_snapshot(&f);
    expect_count(snapshot, "last(Visit.page) contains \"cart\"", 1);
    expect_count(snapshot, "did(Visit) and not first(Visit.page) contains \"cart\"", 1);
    expect_count(snapshot, "did(Visit) and not top(Visit.page) = \"/cart\"", 1);
    gy_snapshot_close(snapshot);
    gy_fixture_close(&f);
}

/* ---- ends ---- */

static void stops_when_told_to(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_error err;
    struct gy_definition definition;
    roaring_bitmap_t *audience;
    atomic_bool cancel = true;
    orders(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    define(s, "count(Order) > 0", &definition);
    struct gy_run_options options = {.cancel = &cancel};
    assert_int_equal(gy_audience(s, definition.expr, instant(NOW), &options, &audience, &err),
                     GY_CANCELLED);
    assert_null(audience);
    const struct gy_expr *twice[] = {definition.expr, definition.expr};
    const int64_t instants_ms[] = {instant(NOW), instant("2025-01-01")};
    roaring_bitmap_t *audiences[2];
    assert_int_equal(gy_audiences(s, twice, instants_ms, 2, &options, audiences, &err),
                     GY_CANCELLED);
    assert_true(audiences[0] == NULL && audiences[1] == NULL);
    options = (struct gy_run_options){.deadline_us = 1};
    assert_int_equal(gy_audience(s, definition.expr, instant(NOW), &options, &audience, &err),
                     GY_CANCELLED);
    gy_definition_release(&definition);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

/* Each segment asks for the one before as of two instants: 2^40 evaluations, were each a new one. */
static void references_that_multiply(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_error err;
    struct gy_str none = {0};
    orders(&f);
    assert_ok(gy_writer_put_segment(f.writer, GY_STR("s0"), GY_STR("did(Order)"), GY_STR("{}"),
                                    none, none, &err),
              &err);
    for (int i = 1; i <= 40; i++) {
        char name[16];
        char text[128];
        snprintf(name, sizeof name, "s%d", i);
        snprintf(text, sizeof text, "in segment(s%d 1 day ago) or in segment(s%d 2 days ago)",
                 i - 1, i - 1);
        assert_ok(gy_writer_put_segment(f.writer, gy_str_of(name), gy_str_of(text), GY_STR("{}"),
                                        none, none, &err),
                  &err);
    }
    expect_members(&f, NOW, "in segment(s3)", "a b");
    expect_members(&f, "2025-05-01T00:00:00Z", "in segment(s40)", "a b");
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(customers_exist_from_their_first_call_on),
    cmocka_unit_test(claimed_devices_count_for_their_customer),
    cmocka_unit_test(traits_are_those_of_the_instant),
    cmocka_unit_test(aggregates),
    cmocka_unit_test(windows_reach_to_their_ends),
    cmocka_unit_test(chains),
    cmocka_unit_test(chains_over_many_events),
    cmocka_unit_test(populations),
    cmocka_unit_test(populations_of_events),
    cmocka_unit_test(traits_loaded_once),
    cmocka_unit_test(events_that_were_never_seen),
    cmocka_unit_test(windows_that_meet),
    cmocka_unit_test(a_block_without_a_value_of_a_property),
    cmocka_unit_test(stops_when_told_to),
    cmocka_unit_test(references_that_multiply),
};

GY_TEST_MAIN(cases)
