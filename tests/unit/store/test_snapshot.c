/* test_snapshot.c - definitions, lists and recorded changes, as they were at an instant. */
#include "harness.h"
#include "store_fixture.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/zone.h"

static void put_segment(const struct gy_fixture *f, const char *name, const char *text,
                        const char *json)
{
    struct gy_error err = {0};
    assert_ok(gy_writer_put_segment(f->writer, gy_str_of(name), gy_str_of(text), gy_str_of(json),
                                    GY_STR("me"), GY_STR("because"), &err),
              &err);
}

static void put_list(const struct gy_fixture *f, const char *name, const char *const *ids, size_t n,
                     bool keep_others)
{
    struct gy_error err = {0};
    struct gy_str strings[16];
    for (size_t i = 0; i < n; i++)
        strings[i] = gy_str_of(ids[i]);
    assert_ok(gy_writer_put_list(f->writer, gy_str_of(name), strings, n, keep_others, &err), &err);
}

/* ---- definitions ---- */

static void test_segments_have_versions(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    put_segment(&f, "b", "everyone", "{}");
    put_segment(&f, "a", "did(E)", "{\"title\":\"A\"}");
    put_segment(&f, "b", "did(F)", "{}");
    put_segment(&f, "b", "did(F)", "{\"title\":\"B\"}");
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_int_equal(gy_snapshot_n_segments(s), 2);
    const struct gy_segment_info *a = gy_snapshot_segment(s, 0);
    const struct gy_segment_info *b = gy_snapshot_segment(s, 1);
    assert_true(gy_str_equal(a->name, GY_STR("a")));
    assert_int_equal(a->version, 1);
    assert_true(gy_str_equal(a->json, GY_STR("{\"title\":\"A\"}")));
    assert_true(gy_str_equal(b->text, GY_STR("did(F)")));
    assert_true(gy_str_equal(b->json, GY_STR("{\"title\":\"B\"}")));
    assert_int_equal(b->version, 2);
    assert_int_equal(gy_snapshot_find_segment(s, GY_STR("b")), 1);
    assert_int_equal(gy_snapshot_find_segment(s, GY_STR("c")), GY_ID_NONE);
    assert_ok(gy_writer_remove_segment(f.writer, GY_STR("a"), &err), &err);
    assert_int_equal(gy_writer_remove_segment(f.writer, GY_STR("a"), &err), GY_NOT_FOUND);
    assert_int_equal(gy_snapshot_n_segments(s), 2);
    gy_snapshot_close(s);
    s = gy_fixture_snapshot(&f);
    assert_int_equal(gy_snapshot_n_segments(s), 1);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static void test_several_segments_are_put_or_none(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    uint32_t *ordinals;
    size_t n;
    gy_fixture_open(&f, "UTC");
    put_segment(&f, "a", "everyone", "{}");
    struct gy_segment_put puts[] = {
        {.name = GY_STR("a")},
        {.name = GY_STR("b"), .text = GY_STR("nobody"), .json = GY_STR("{}")},
        {.name = GY_STR("c")},
    };
    assert_int_equal(gy_writer_put_segments(f.writer, puts, 3, &err), GY_NOT_FOUND);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_int_equal(gy_snapshot_n_segments(s), 1);
    assert_int_equal(gy_snapshot_find_segment(s, GY_STR("a")), 0);
    gy_snapshot_close(s);
    assert_ok(gy_writer_put_segments(f.writer, puts, 2, &err), &err);
    s = gy_fixture_snapshot(&f);
    assert_int_equal(gy_snapshot_n_segments(s), 1);
    assert_true(gy_str_equal(gy_snapshot_segment(s, 0)->text, GY_STR("nobody")));
    assert_ok(gy_snapshot_changes(s, 1, true, INT64_MIN, INT64_MAX, &ordinals, &n, &err), &err);
    assert_int_equal(n, 0); /* of a segment that is only being tried */
    free(ordinals);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static void test_metrics(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    assert_ok(gy_writer_put_metric(f.writer, GY_STR("m"), GY_STR("count(E)"), &err), &err);
    assert_ok(gy_writer_put_metric(f.writer, GY_STR("m"), GY_STR("count(F)"), &err), &err);
    assert_ok(gy_writer_put_metric(f.writer, GY_STR("가"), GY_STR("1"), &err), &err);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_int_equal(gy_snapshot_n_metrics(s), 2);
    assert_true(gy_str_equal(gy_snapshot_metric(s, 0)->text, GY_STR("count(F)")));
    assert_int_equal(gy_snapshot_find_metric(s, GY_STR("가")), 1);
    gy_snapshot_close(s);
    assert_ok(gy_writer_remove_metric(f.writer, GY_STR("m"), &err), &err);
    assert_int_equal(gy_writer_remove_metric(f.writer, GY_STR("m"), &err), GY_NOT_FOUND);
    assert_int_equal(gy_writer_put_metric(f.writer, (struct gy_str){0}, GY_STR("1"), &err),
                     GY_INVALID);
    gy_fixture_close(&f);
}

/* ---- lists ---- */

/* The ids of the members, in the order of their ordinals, with a blank behind each. */
static void assert_members(const struct gy_fixture *f, const char *list, int64_t now_ms,
                           const char *expected)
{
    struct gy_error err = {0};
    struct gy_buf text = {0};
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    uint32_t *ordinals;
    size_t n;
    uint32_t place = gy_snapshot_find_list(s, gy_str_of(list));
    assert_int_not_equal(place, GY_ID_NONE);
    assert_ok(gy_snapshot_list_members(s, place, now_ms, &ordinals, &n, &err), &err);
    gy_buf_text(&text, "");
    for (size_t i = 0; i < n; i++) {
        gy_buf_str(&text, gy_snapshot_id(s, ordinals[i], NULL));
        gy_buf_char(&text, ' ');
    }
    assert_string_equal(text.ptr, expected);
    gy_buf_release(&text);
    free(ordinals);
    gy_snapshot_close(s);
}

static int64_t changed_ms(const struct gy_fixture *f, const char *list)
{
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    int64_t ms = gy_snapshot_list(s, gy_snapshot_find_list(s, gy_str_of(list)))->changed_ms;
    gy_snapshot_close(s);
    return ms;
}

static void add_customers(struct gy_fixture *f)
{
    static const char *const ids[] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < 4; i++)
        gy_fixture_track(f, ids[i], "E", "2025-01-01T00:00:00Z", NULL);
    gy_fixture_commit(f);
}

static void test_lists_have_a_history(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    add_customers(&f);
    put_list(&f, "l", (const char *[]){"b", "a", "nobody", "a"}, 4, false);
    assert_members(&f, "l", 0, "a b ");
    put_list(&f, "l", (const char *[]){"b", "c"}, 2, false);
    int64_t second = changed_ms(&f, "l");
    assert_members(&f, "l", second - 1, "a b ");
    assert_members(&f, "l", second, "b c ");
    put_list(&f, "l", (const char *[]){"a"}, 1, true);
    int64_t third = changed_ms(&f, "l");
    assert_true(third > second);
    assert_members(&f, "l", third - 1, "b c ");
    assert_members(&f, "l", third, "a b c ");
    assert_members(&f, "l", second - 1, "a b ");
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    uint64_t size;
    assert_ok(gy_snapshot_list_size(s, 0, third, &size, &err), &err);
    assert_int_equal(size, 3);
    assert_ok(gy_snapshot_list_size(s, 0, 0, &size, &err), &err);
    assert_int_equal(size, 3); /* a, b, and an id that nobody has */
    gy_snapshot_close(s);
    assert_ok(gy_writer_remove_list(f.writer, GY_STR("l"), &err), &err);
    assert_int_equal(gy_writer_remove_list(f.writer, GY_STR("l"), &err), GY_NOT_FOUND);
    put_list(&f, "l", (const char *[]){"d"}, 1, false);
    assert_members(&f, "l", 0, "d ");
    gy_fixture_close(&f);
}

/* In a list stand primary ids: one that was merged away is nobody's. */
static void test_lists_hold_primary_ids(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    add_customers(&f);
    gy_fixture_add(&f, "{\"type\":\"alias\",\"previousId\":\"a\",\"userId\":\"b\"}");
    gy_fixture_add(&f, "{\"type\":\"track\",\"anonymousId\":\"phone\",\"event\":\"E\","
                       "\"timestamp\":\"2025-01-01T00:00:00Z\"}");
    gy_fixture_commit(&f);
    put_list(&f, "l", (const char *[]){"a", "phone"}, 2, false);
    assert_members(&f, "l", gy_now_ms(), "phone ");
    gy_fixture_close(&f);
}

static void test_an_invalid_list_changes_nothing(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_str wrong[] = {GY_STR("b"), {0}};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    add_customers(&f);
    put_list(&f, "l", (const char *[]){"a"}, 1, false);
    assert_int_equal(gy_writer_put_list(f.writer, GY_STR("l"), wrong, 2, false, &err), GY_INVALID);
    assert_members(&f, "l", gy_now_ms(), "a ");
    gy_fixture_close(&f);
}

/* ---- recorded changes ---- */

static size_t n_changes(const struct gy_snapshot *s, bool entered, int64_t from_ms, int64_t to_ms,
                        uint32_t *first)
{
    struct gy_error err = {0};
    uint32_t *ordinals;
    size_t n;
    uint32_t place = gy_snapshot_find_segment(s, GY_STR("s"));
    assert_ok(gy_snapshot_changes(s, place, entered, from_ms, to_ms, &ordinals, &n, &err), &err);
    *first = n > 0 ? ordinals[0] : GY_ID_NONE;
    free(ordinals);
    return n;
}

static void test_changes_are_recorded_once(void **state)
{
    (void)state;
    struct gy_error err = {0};
    uint32_t first;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    add_customers(&f);
    put_segment(&f, "s", "everyone", "{}");
    struct gy_change changes[] = {
        {GY_STR("s"), GY_STR("b"), true, 1000},     {GY_STR("s"), GY_STR("b"), true, 1000},
        {GY_STR("s"), GY_STR("b"), false, 2000},    {GY_STR("s"), GY_STR("nobody"), true, 1000},
        {GY_STR("other"), GY_STR("c"), true, 1000},
    };
    assert_ok(gy_writer_record_changes(f.writer, changes, 5, &err), &err);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_int_equal(n_changes(s, true, 1000, 1001, &first), 1);
    assert_int_equal(first, gy_snapshot_find(s, GY_STR("b")));
    assert_int_equal(n_changes(s, true, 0, 1000, &first), 0);
    assert_int_equal(n_changes(s, true, 1001, INT64_MAX, &first), 0);
    assert_int_equal(n_changes(s, false, 0, INT64_MAX, &first), 1);
    /* what is recorded later, of whatever instant, is not in this snapshot */
    struct gy_change late = {GY_STR("s"), GY_STR("a"), true, 1000};
    assert_ok(gy_writer_record_changes(f.writer, &late, 1, &err), &err);
    assert_int_equal(n_changes(s, true, 1000, 1001, &first), 1);
    gy_snapshot_close(s);
    s = gy_fixture_snapshot(&f);
    assert_int_equal(n_changes(s, true, 1000, 1001, &first), 2);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static void test_changes_come_whole_or_not(void **state)
{
    (void)state;
    struct gy_error err = {0};
    uint32_t first;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    add_customers(&f);
    put_segment(&f, "s", "everyone", "{}");
    struct gy_change changes[] = {{GY_STR("s"), GY_STR("b"), true, 1000},
                                  {GY_STR("s"), {0}, true, 1000}};
    assert_int_equal(gy_writer_record_changes(f.writer, changes, 2, &err), GY_INVALID);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_int_equal(n_changes(s, true, 0, INT64_MAX, &first), 0);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

/* A change of a customer that was merged since is a change of the customer it is now. */
static void test_changes_follow_merges(void **state)
{
    (void)state;
    struct gy_error err = {0};
    uint32_t first;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    add_customers(&f);
    put_segment(&f, "s", "everyone", "{}");
    struct gy_change change = {GY_STR("s"), GY_STR("a"), true, 1000};
    assert_ok(gy_writer_record_changes(f.writer, &change, 1, &err), &err);
    gy_fixture_add(&f, "{\"type\":\"alias\",\"previousId\":\"a\",\"userId\":\"b\"}");
    gy_fixture_commit(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_int_equal(n_changes(s, true, 0, INT64_MAX, &first), 1);
    assert_int_equal(first, gy_snapshot_find(s, GY_STR("b")));
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

/* ---- without a data directory ---- */

static void test_a_snapshot_of_parts(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_schema schema = {0};
    gy_schema_init(&schema);
    static const uint32_t links[][2] = {{0, 2}, {2, 3}};
    struct gy_snapshot_parts parts = {
        .schema = &schema, .zone = "Asia/Seoul", .n_ordinals = 5, .links = links, .n_links = 2};
    struct gy_snapshot *s = NULL;
    assert_ok(gy_snapshot_of_parts(&parts, &s, &err), &err);
    bool is_external;
    assert_true(gy_str_equal(gy_snapshot_id(s, 4, &is_external), GY_STR("c4")));
    assert_true(is_external);
    assert_int_equal(gy_snapshot_find(s, GY_STR("c0")), 3);
    assert_int_equal(gy_snapshot_find(s, GY_STR("c1")), 1);
    assert_int_equal(gy_snapshot_children(s, 0)[0], 0x5);
    assert_int_equal(gy_snapshot_external(s, 0)[0], 0x1f);
    assert_string_equal(gy_zone_name(gy_snapshot_zone(s)), "Asia/Seoul");
    gy_snapshot_close(s);
    gy_schema_release(&schema);
}

/* ---- beside a writer ---- */

enum {
    STEPS = 150
};

/* Each batch has one event of two customers. */
static void write_steps(struct gy_fixture *f)
{
    struct gy_error err = {0};
    if (gy_writer_open(f->dir, &f->writer, &err) != GY_OK)
        _exit(1);
    for (int i = 0; i < STEPS; i++) {
        char properties[32];
        snprintf(properties, sizeof properties, "{\"n\":%d}", i);
        gy_fixture_track(f, "a", "E", "2025-01-01T00:00:00Z", properties);
        gy_fixture_track(f, "b", "F", "2025-01-01T00:00:00Z", properties);
        if (i % 3 == 0) {
            gy_fixture_commit(f);
        } else {
            gy_fixture_commit_log(f);
        }
        if (i % 10 == 9)
            gy_fixture_maintain(f);
        if (i % 40 == 39)
            gy_fixture_compact(f);
    }
    gy_writer_close(f->writer);
    _exit(0);
}

static uint64_t n_rows_of(const struct gy_snapshot *s, const char *event)
{
    uint32_t stream = gy_schema_find_event(gy_snapshot_schema(s), gy_str_of(event));
    uint64_t n = 0;
    for (size_t i = 0; stream != GY_ID_NONE && i < gy_snapshot_n_parts(s); i++)
        n += gy_part_n_rows(gy_snapshot_part(s, i), stream);
    return n;
}

/* Whatever the writer is at, a reader sees whole batches, and never fewer than before. */
static void test_a_reader_beside_a_writer(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_writer_close(f.writer);
    f.writer = NULL;
    pid_t child = fork();
    if (child == 0)
        write_steps(&f);
    uint64_t n_before = 0;
    int status = 0;
    for (pid_t ended = 0; ended == 0 || n_before < STEPS;) {
        if (ended == 0)
            ended = waitpid(child, &status, WNOHANG);
        struct gy_snapshot *s = gy_fixture_snapshot(&f);
        uint64_t n = n_rows_of(s, "E");
        assert_int_equal(n, n_rows_of(s, "F"));
        assert_true(n >= n_before);
        gy_snapshot_close(s);
        n_before = n;
        if (n % 16 == 0)
            gy_fixture_check(&f);
        if (ended != 0) {
            assert_int_equal(n, STEPS);
        }
    }
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_segments_have_versions),
    cmocka_unit_test(test_several_segments_are_put_or_none),
    cmocka_unit_test(test_metrics),
    cmocka_unit_test(test_lists_have_a_history),
    cmocka_unit_test(test_lists_hold_primary_ids),
    cmocka_unit_test(test_an_invalid_list_changes_nothing),
    cmocka_unit_test(test_changes_are_recorded_once),
    cmocka_unit_test(test_changes_come_whole_or_not),
    cmocka_unit_test(test_changes_follow_merges),
    cmocka_unit_test(test_a_snapshot_of_parts),
    cmocka_unit_test(test_a_reader_beside_a_writer),
};

GY_TEST_MAIN(cases)
