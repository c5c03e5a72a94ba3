/* test_visits.c - visits of small data, every row worked out by hand. */
#include "harness.h"

#include "engine/history.h"
#include "engine/reads.h"
#include "engine/vocabulary.h"
#include "unit/engine/questions.h"

#define NIGHT "2025-03-02T00:00:00Z"

static void page(struct gy_fixture *f, const char *who, const char *time, const char *properties)
{
    gy_fixture_track(f, who, "Page Viewed", time, properties);
}

/* a: three pages within 31 minutes, then, after more than 30, one. b: pages 30 minutes and 30 minutes and a millisecond
 * apart. c: one page, and an order in the middle of the night. */
static void shop(struct gy_fixture *f)
{
    gy_fixture_open(f, "UTC");
    page(f, "a", "2025-03-01T10:00:00Z",
         "{\"url\": \"https://www.shop.example/?utm_source=news&utm_medium=email&q=shoes\", "
         "\"path\": \"/\", \"referrer\": \"https://mail.example/\"}");
    page(f, "a", "2025-03-01T10:02:00.500Z", "{\"url\": \"https://www.shop.example/p/1\"}");
    page(f, "a", "2025-03-01T10:31:00Z", "{\"url\": \"https://www.shop.example/cart?q=hats\"}");
    page(f, "a", "2025-03-01T11:02:00Z",
         "{\"url\": \"https://www.shop.example/p/2\", "
         "\"referrer\": \"https://search.naver.com/search.naver?query=a\"}");
    page(f, "b", "2025-03-01T10:00:00Z", "{\"url\": \"https://www.shop.example/\"}");
    page(f, "b", "2025-03-01T10:30:00Z", NULL);
    page(f, "b", "2025-03-01T11:00:00.001Z", NULL);
    page(f, "c", "2025-03-01T23:50:00Z", "{\"url\": \"https://www.shop.example/\"}");
    gy_fixture_track(f, "c", "Order", "2025-03-01T23:55:00Z", NULL);
    gy_fixture_identify(f, "d", "2025-03-01T00:00:00Z", "{\"n\": 1}");
    gy_fixture_commit(f);
}

static void where_they_begin_and_end(void **state)
{
    (void)state;
    struct gy_fixture f;
    shop(&f);
    expect_members(&f, NIGHT, "count(Visit) = 2", "a b");
    expect_members(&f, NIGHT, "count(Visit) = 1", "c");
    expect_members(&f, NIGHT, "did(Visit where pages = 3 and seconds = 1_860)", "a");
    expect_members(&f, NIGHT, "did(Visit where pages = 2 and seconds = 1_800)", "b");
    expect_members(&f, NIGHT, "count(Visit where is_bounce = true) = 1", "a b c");
    expect_members(&f, NIGHT, "sum(Visit.pages) = count(\"Page Viewed\") and did(Visit)", "a b c");
    expect_members(&f, NIGHT, "avg(Visit.seconds) = 930", "a");
    expect_members(&f, NIGHT, "max(Visit.seconds) = 1_860 and min(Visit.seconds) = 0", "a");
    expect_members(&f, NIGHT, "first_time(Visit) = \"2025-03-01T10:00:00Z\"", "a b");
    expect_members(&f, NIGHT, "last_time(Visit) = \"2025-03-01T11:00:00.001Z\"", "b");
    gy_fixture_close(&f);
}

static void what_they_say(void **state)
{
    (void)state;
    struct gy_fixture f;
    shop(&f);
    expect_members(
        &f, NIGHT,
        "did(Visit where source = \"news\" and medium = \"email\" and channel = \"Email\" "
        "and campaign is missing and referrer_host = \"mail.example\" "
        "and referrer = \"https://mail.example/\")",
        "a");
    expect_members(&f, NIGHT, "did(Visit where landing_path = \"/\" and exit_path = \"/cart\")",
                   "a");
    expect_members(&f, NIGHT, "did(Visit where search_term = \"shoes\")", "a");
    expect_members(&f, NIGHT, "did(Visit where search_term = \"hats\")", "");
    expect_members(&f, NIGHT, "last(Visit.source) = \"naver\" and last(Visit.term) = \"a\"", "a");
    expect_members(&f, NIGHT, "first(Visit.source) = \"news\"", "a");
    expect_members(&f, NIGHT, "distinct(Visit.channel) = 2", "a");
    expect_members(&f, NIGHT, "top(Visit.source) = \"(direct)\"", "b c");
    expect_members(&f, NIGHT, "did(Visit where exit_path is missing)", "b");
    gy_fixture_close(&f);
}

/* What comes later than the instant is not there yet. */
static void as_of_an_instant(void **state)
{
    (void)state;
    struct gy_fixture f;
    shop(&f);
    expect_members(&f, "2025-03-01T09:59:59Z", "did(Visit)", "");
    expect_members(&f, "2025-03-01T10:00:00Z", "did(Visit where is_bounce = true)", "a b");
    expect_members(&f, "2025-03-01T10:02:00.499Z", "did(Visit where is_bounce = true)", "a b");
    expect_members(&f, "2025-03-01T10:02:00.500Z", "did(Visit where is_bounce = true)", "b");
    expect_members(&f, "2025-03-01T10:02:01Z",
                   "did(Visit where seconds = 120.5 and exit_path = \"/p/1\")", "a");
    expect_members(&f, "2025-03-01T11:00:00Z", "count(Visit) = 1", "a b");
    gy_fixture_close(&f);
}

/* A visit is where its first page is, and says what came after the window, too. */
static void in_windows(void **state)
{
    (void)state;
    struct gy_fixture f;
    shop(&f);
    page(&f, "c", "2025-03-02T00:10:00Z", "{\"url\": \"https://www.shop.example/b\"}");
    gy_fixture_commit(&f);
    expect_members(&f, "2025-03-02T12:00:00Z", "did(Visit where pages = 2 yesterday)", "b c");
    expect_members(&f, "2025-03-02T12:00:00Z", "did(Visit today)", "");
    expect_members(&f, "2025-03-02T12:00:00Z", "did(\"Page Viewed\" today)", "c");
    expect_members(&f, "2025-03-02T12:00:00Z", "days(Visit) = 1 and days(\"Page Viewed\") = 2",
                   "c");
    gy_fixture_close(&f);
}

static void late_page_joins_two(void **state)
{
    (void)state;
    struct gy_fixture f;
    shop(&f);
    page(&f, "a", "2025-03-01T10:40:00Z", NULL);
    gy_fixture_commit(&f);
    expect_members(&f, NIGHT, "count(Visit) = 1 and sum(Visit.pages) = 5", "a");
    expect_members(&f, NIGHT, "did(Visit where seconds = 3_720 and exit_path = \"/p/2\")", "a");
    expect_members(&f, NIGHT, "last(Visit.source) = \"news\"", "a");
    gy_fixture_compact(&f);
    expect_members(&f, NIGHT, "count(Visit) = 1 and sum(Visit.pages) = 5", "a");
    gy_fixture_close(&f);
}

/* A visit stands right behind its first page. */
static void in_chains(void **state)
{
    (void)state;
    struct gy_fixture f;
    shop(&f);
    expect_members(&f, NIGHT, "did(Visit then Order within 10 minutes)", "c");
    expect_members(&f, NIGHT, "did(Visit then \"Page Viewed\")", "a b");
    expect_members(&f, NIGHT, "did(\"Page Viewed\" then Visit within 1 minute)", "a b c");
    expect_members(&f, NIGHT, "did(\"Page Viewed\" then no \"Page Viewed\" then Visit)", "a b c");
    expect_members(&f, NIGHT,
                   "did(Visit where medium = \"email\" then Visit where medium = \"organic\")",
                   "a");
    expect_members(&f, NIGHT,
                   "did(Visit as v then no Visit then Visit where landing_path = v.landing_path)",
                   "");
    expect_members(&f, NIGHT, "did(Visit then no Visit within 90 minutes)", "a b");
    gy_fixture_close(&f);
}

/* Pages under a device's id and under that of its customer are one visit. */
static void of_several_ids(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_add(
        &f,
        "{\"type\": \"track\", \"event\": \"Page Viewed\", \"anonymousId\": \"phone\", \"timestamp\": "
        "\"2025-03-01T10:00:00Z\", \"properties\": {\"path\": \"/first\"}}");
    gy_fixture_commit(&f);
    page(&f, "a", "2025-03-01T10:20:00Z", "{\"path\": \"/then\"}");
    gy_fixture_commit(&f);
    expect_members(&f, NIGHT, "count(Visit where is_bounce = true) = 1", "a phone");
    gy_fixture_add(
        &f,
        "{\"type\": \"track\", \"event\": \"Page Viewed\", \"anonymousId\": \"phone\", \"userId\": \"a\", \"timestamp\": "
        "\"2025-03-01T10:10:00Z\"}");
    gy_fixture_commit(&f);
    expect_members(&f, NIGHT,
                   "count(Visit) = 1 and did(Visit where pages = 3 and landing_path = \"/first\" "
                   "and exit_path = \"/then\")",
                   "a");
    gy_fixture_compact(&f);
    expect_members(&f, NIGHT, "count(Visit) = 1 and sum(Visit.pages) = 3", "a");
    gy_fixture_close(&f);
}

static void a_stored_event_goes_first(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    page(&f, "a", "2025-03-01T10:00:00Z", NULL);
    gy_fixture_commit(&f);
    expect_members(&f, NIGHT, "did(Visit)", "a");
    gy_fixture_track(&f, "b", "Visit", "2025-03-01T10:00:00Z", "{\"pages\": 7}");
    gy_fixture_commit(&f);
    expect_members(&f, NIGHT, "did(Visit)", "b");
    expect_members(&f, NIGHT, "did(Visit where pages = 7)", "b");
    gy_fixture_close(&f);
}

static void without_pages_there_are_none(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_error err = {0};
    struct gy_definition definition = {0};
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "Order", "2025-03-01T10:00:00Z", NULL);
    gy_fixture_commit(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    struct gy_vocabulary vocabulary = gy_vocabulary_of(s);
    assert_int_equal(gy_define(GY_STR("did(Visit)"), &vocabulary, NULL, &definition, &err),
                     GY_INVALID);
    gy_definition_release(&definition);
    gy_snapshot_close(s);
    expect_members(&f, NIGHT, "did(Visit)", "");
    gy_fixture_close(&f);
}

/* From hour to hour: a visit that grows changes who is in. */
static void over_time(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_error err = {0};
    struct gy_definition definition;
    int64_t instants_ms[] = {instant("2025-03-01T10:00:00Z"), instant("2025-03-01T10:01:00Z"),
                             instant("2025-03-01T10:29:00Z"), instant("2025-03-01T10:30:00Z"),
                             instant("2025-03-01T10:31:00Z"), instant("2025-03-01T12:00:00Z")};
    static const uint64_t sizes[] = {0, 0, 1, 2, 1, 1};
    struct gy_history_row rows[6];
    shop(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    define(s, "did(Visit where pages = 2)", &definition);
    struct gy_history_query query = {
        .expr = definition.expr, .instants_ms = instants_ms, .n_instants = 6};
    assert_ok(gy_history(s, &query, NULL, rows, &err), &err);
    for (int i = 0; i < 6; i++)
        assert_int_equal(rows[i].size, sizes[i]);
    gy_definition_release(&definition);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

/* What is read are pages. */
static void reads(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_error err = {0};
    struct gy_definition definition;
    struct gy_reads found;
    shop(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    define(s, "count(Visit where landing_path = \"/\") >= 1", &definition);
    assert_ok(gy_reads_of(s, definition.expr, instant(NIGHT), &found, &err), &err);
    assert_int_equal(found.n_streams, 2);
    assert_true(gy_str_equal(found.streams[1].name, GY_STR("Page Viewed")));
    assert_int_equal(found.streams[1].n_rows, 8);
    assert_int_equal(found.streams[1].n_columns, 2);
    gy_reads_release(&found);
    gy_definition_release(&definition);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

/* Sums over them, and texts that outlive the customer whose they are. */
static void reports(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_error err = {0};
    struct gy_group_table table;
    struct gy_str pages = GY_STR("pages");
    struct gy_aggregation by_channel = {.event = GY_STR("Visit"),
                                        .from_ms = INT64_MIN,
                                        .to_ms = INT64_MAX,
                                        .group_by = GY_GROUP_PROPERTY,
                                        .group_property = GY_STR("channel"),
                                        .sum_properties = &pages,
                                        .n_sums = 1};
    shop(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_ok(gy_aggregate(s, &by_channel, instant(NIGHT), NULL, &table, &err), &err);
    assert_int_equal(table.n_groups, 3);
    static const char *const names[] = {"Direct", "Email", "Organic Search"};
    static const uint64_t n_events[] = {3, 1, 1};
    static const double sums[] = {4, 3, 1};
    for (int i = 0; i < 3; i++) {
        assert_true(gy_str_equal(table.groups[i].value.string, gy_str_of(names[i])));
        assert_int_equal(table.groups[i].n_events, n_events[i]);
        assert_true(table.groups[i].sums[0] == sums[i]);
    }
    gy_group_table_release(&table);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(where_they_begin_and_end),
    cmocka_unit_test(what_they_say),
    cmocka_unit_test(as_of_an_instant),
    cmocka_unit_test(in_windows),
    cmocka_unit_test(late_page_joins_two),
    cmocka_unit_test(in_chains),
    cmocka_unit_test(of_several_ids),
    cmocka_unit_test(a_stored_event_goes_first),
    cmocka_unit_test(without_pages_there_are_none),
    cmocka_unit_test(over_time),
    cmocka_unit_test(reads),
    cmocka_unit_test(reports),
};

GY_TEST_MAIN(cases)
