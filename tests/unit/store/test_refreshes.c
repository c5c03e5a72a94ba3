/* test_refreshes.c - versions of segments, who was in them when they were refreshed, and what a snapshot
 * reads after the workspace went on. */
#include "harness.h"
#include "store_fixture.h"

#include <string.h>

#include "base/buf.h"
#include "store/catalog.h"
#include "store/ordinal_set.h"
#include "store/webhooks.h"
#include "store/write_keys.h"

/* The tables that a version has beside those of the one before. */
#define DROP_OF_3 "DROP TABLE write_key", "DROP TABLE dead_letter"
#define DROP_OF_4                                                                         \
    "DROP TABLE user", "DROP TABLE session", "DROP TABLE invitation", "DROP TABLE token", \
        "DROP TABLE audit", "DROP TABLE personal", "DROP TABLE change_cause",             \
        "DROP TABLE live_look", "DROP TABLE live_move", "DROP TABLE webhook",             \
        "DROP TABLE webhook_retry", "DROP TABLE erased"

static void open_shop(struct gy_fixture *f)
{
    static const char *const ids[] = {"a", "b", "c", "d"};
    struct gy_error err = {0};
    gy_fixture_open(f, "UTC");
    for (size_t i = 0; i < 4; i++)
        gy_fixture_track(f, ids[i], "E", "2025-01-01T00:00:00Z", NULL);
    gy_fixture_commit(f);
    assert_ok(gy_writer_put_segment(f->writer, GY_STR("s"), GY_STR("everyone"), GY_STR("{}"),
                                    GY_STR("kim"), GY_STR("first"), &err),
              &err);
}

static uint32_t ordinal_of(const struct gy_fixture *f, char id)
{
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    uint32_t ordinal = gy_snapshot_find(s, (struct gy_str){&id, 1});
    gy_snapshot_close(s);
    assert_int_not_equal(ordinal, GY_ID_NONE);
    return ordinal;
}

/* "abc": a customer a letter. */
static roaring_bitmap_t *set_of(const struct gy_fixture *f, const char *ids)
{
    roaring_bitmap_t *set = roaring_bitmap_create();
    for (; *ids != '\0'; ids++)
        roaring_bitmap_add(set, ordinal_of(f, *ids));
    return set;
}

static void refresh(struct gy_fixture *f, int64_t at_ms, const char *members, const char *came,
                    const char *went)
{
    struct gy_error err = {0};
    roaring_bitmap_t *sets[] = {set_of(f, members), set_of(f, came), set_of(f, went)};
    struct gy_refresh one = {GY_STR("s"), 1, at_ms, sets[0], sets[1], sets[2], GY_STR(""), 0};
    assert_ok(gy_writer_put_refreshes(f->writer, &one, 1, &err), &err);
    for (size_t i = 0; i < 3; i++)
        roaring_bitmap_free(sets[i]);
}

/* The primary ids, in the order of their ordinals, as one word. */
static void assert_ids(const struct gy_snapshot *s, const uint32_t *ordinals, size_t n,
                       const char *expected)
{
    struct gy_buf text = {0};
    gy_buf_text(&text, "");
    for (size_t i = 0; i < n; i++)
        gy_buf_str(&text, gy_snapshot_id(s, ordinals[i], NULL));
    assert_string_equal(text.ptr, expected);
    gy_buf_release(&text);
}

static void assert_changes(const struct gy_snapshot *s, bool entered, int64_t from_ms,
                           int64_t to_ms, const char *expected)
{
    struct gy_error err = {0};
    uint32_t *ordinals;
    size_t n;
    assert_ok(gy_snapshot_changes(s, 0, entered, from_ms, to_ms, &ordinals, &n, &err), &err);
    assert_ids(s, ordinals, n, expected);
    free(ordinals);
}

static void assert_refreshed(const struct gy_snapshot *s, const char *expected)
{
    struct gy_error err = {0};
    uint32_t ordinals[16];
    roaring_bitmap_t *set;
    assert_ok(gy_snapshot_refreshed(s, 0, &set, &err), &err);
    size_t n = (size_t)roaring_bitmap_get_cardinality(set);
    assert_true(n <= 16);
    roaring_bitmap_to_uint32_array(set, ordinals);
    assert_ids(s, ordinals, n, expected);
    roaring_bitmap_free(set);
}

/* ---- versions ---- */

static void test_versions_say_who_and_why(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_arena arena = {0};
    struct gy_segment_versions versions;
    struct gy_fixture f;
    open_shop(&f);
    struct gy_segment_put again = {GY_STR("s"), GY_STR("nobody"), GY_STR("{}"), GY_STR("lee"),
                                   GY_STR("too many")};
    assert_ok(gy_writer_put_segments(f.writer, &again, 1, &err), &err);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    again.text = GY_STR("identified"); /* after the snapshot was opened: it has two */
    assert_ok(gy_writer_put_segments(f.writer, &again, 1, &err), &err);
    assert_ok(gy_snapshot_versions(s, 0, &arena, &versions, &err), &err);
    assert_int_equal(versions.n, 2);
    assert_int_equal(versions.at[0].version, 1);
    assert_true(gy_str_equal(versions.at[0].text, GY_STR("everyone")));
    assert_true(gy_str_equal(versions.at[0].author, GY_STR("kim")));
    assert_true(gy_str_equal(versions.at[0].reason, GY_STR("first")));
    assert_int_equal(versions.at[1].version, 2);
    assert_true(gy_str_equal(versions.at[1].text, GY_STR("nobody")));
    assert_true(gy_str_equal(versions.at[1].author, GY_STR("lee")));
    assert_true(gy_str_equal(versions.at[1].reason, GY_STR("too many")));
    assert_true(versions.at[0].at_ms <= versions.at[1].at_ms);
    gy_snapshot_close(s);
    gy_arena_release(&arena);
    gy_fixture_close(&f);
}

/* ---- refreshes ---- */

static void test_a_refresh_replaces_the_one_before(void **state)
{
    (void)state;
    struct gy_fixture f;
    open_shop(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_false(gy_snapshot_segment(s, 0)->is_refreshed);
    assert_refreshed(s, "");
    gy_snapshot_close(s);
    refresh(&f, 1000, "ab", "", "");
    refresh(&f, 2000, "bc", "c", "a");
    refresh(&f, 3000, "bcd", "d", "");
    s = gy_fixture_snapshot(&f);
    assert_true(gy_snapshot_segment(s, 0)->is_refreshed);
    assert_int_equal(gy_snapshot_segment(s, 0)->refreshed_ms, 3000);
    assert_int_equal(gy_snapshot_segment(s, 0)->refreshed_version, 1);
    assert_refreshed(s, "bcd");
    assert_changes(s, true, INT64_MIN, INT64_MAX, "cd");
    assert_changes(s, true, 2000, 3000, "c");
    assert_changes(s, true, 2001, 3001, "d");
    assert_changes(s, false, 2000, 2001, "a");
    assert_changes(s, false, 0, 2000, "");
    gy_snapshot_close(s);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void test_changes_from_elsewhere_stay(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    open_shop(&f);
    struct gy_change change = {GY_STR("s"), GY_STR("d"), true, 500};
    assert_ok(gy_writer_record_changes(f.writer, &change, 1, &err), &err);
    refresh(&f, 1000, "a", "a", "");
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_changes(s, true, 0, 2000, "ad");
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

/* Who was merged into another since is that other. */
static void test_refreshes_follow_merges(void **state)
{
    (void)state;
    struct gy_fixture f;
    open_shop(&f);
    refresh(&f, 1000, "a", "", "");
    refresh(&f, 2000, "ac", "c", "");
    gy_fixture_add(&f, "{\"type\":\"alias\",\"previousId\":\"a\",\"userId\":\"b\"}");
    gy_fixture_add(&f, "{\"type\":\"alias\",\"previousId\":\"c\",\"userId\":\"d\"}");
    gy_fixture_commit(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_refreshed(s, "bd");
    assert_changes(s, true, 0, 9000, "d");
    gy_snapshot_close(s);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* ---- live looks ---- */

/* "abc" each; `members` NULL: not stored anew. */
static void look(struct gy_fixture *f, int64_t at_ms, const char *members, const char *came,
                 const char *went, const char *gone, const char *instead)
{
    struct gy_error err = {0};
    roaring_bitmap_t *sets[] = {set_of(f, members == NULL ? "" : members), set_of(f, came),
                                set_of(f, went)};
    roaring_bitmap_t *moved[] = {roaring_bitmap_create(), set_of(f, instead)};
    for (; *gone != '\0'; gone++) /* the ordinals of the letters, whoever they are now */
        roaring_bitmap_add(moved[0], (uint32_t)(*gone - 'a'));
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    const struct gy_segment_info *before = gy_snapshot_segment(s, 0);
    struct gy_refresh one = {.segment = GY_STR("s"),
                             .version = 1,
                             .at_ms = at_ms,
                             .members = members == NULL ? NULL : sets[0],
                             .before_ms = before->is_refreshed ? before->refreshed_ms : INT64_MIN};
    gy_snapshot_close(s);
    struct gy_refresh change = {
        .segment = GY_STR("s"), .version = 1, .at_ms = at_ms, .came = sets[1], .went = sets[2]};
    struct gy_live_move move = {GY_STR("s"), moved[0], moved[1]};
    struct gy_live_record record = {&one, 1, &move, 1, &change, 1};
    struct gy_refresh late = one;
    late.before_ms = at_ms + 1; /* somebody else was first: nothing of it is stored */
    struct gy_live_record refused = {&late, 1, &move, 1, &change, 1};
    assert_int_equal(gy_writer_record_live(f->writer, &refused, &err), GY_CONFLICT);
    assert_ok(gy_writer_record_live(f->writer, &record, &err), &err);
    for (size_t i = 0; i < 3; i++)
        roaring_bitmap_free(sets[i]);
    roaring_bitmap_free(moved[0]);
    roaring_bitmap_free(moved[1]);
}

static void expect_refreshed(struct gy_fixture *f, const char *members, int64_t at_ms)
{
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    assert_refreshed(s, members);
    assert_true(gy_snapshot_segment(s, 0)->is_refreshed);
    assert_int_equal(gy_snapshot_segment(s, 0)->refreshed_ms, at_ms);
    gy_snapshot_close(s);
}

/* Members are those that were stored and what was recorded since. */
static void test_live_looks_add_up(void **state)
{
    (void)state;
    struct gy_fixture f;
    open_shop(&f);
    refresh(&f, 1000, "ab", "b", "");
    look(&f, 2000, NULL, "c", "a", "", "");
    expect_refreshed(&f, "bc", 2000);
    look(&f, 3000, NULL, "a", "c", "", "");
    expect_refreshed(&f, "ab", 3000);
    look(&f, 4000, "abd", "d", "", "", "");
    expect_refreshed(&f, "abd", 4000);
    look(&f, 5000, NULL, "", "", "", "");
    expect_refreshed(&f, "abd", 5000);
    look(&f, 6000, NULL, "", "d", "", "");
    refresh(&f, 7000, "c", "c", "ab");
    expect_refreshed(&f, "c", 7000);
    look(&f, 8000, NULL, "d", "", "", "");
    gy_fixture_reopen(&f);
    expect_refreshed(&f, "cd", 8000);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_changes(s, true, 0, 9000, "abcd");
    assert_changes(s, false, 6000, 9000, "abd");
    gy_snapshot_close(s);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* a is merged into b, who had left when a still was in it: b is in it by that, until b leaves; then nobody is, though
 * a never left. */
static void test_live_looks_follow_merges(void **state)
{
    (void)state;
    struct gy_fixture f;
    open_shop(&f);
    look(&f, 1000, "", "", "", "", "");
    look(&f, 2000, NULL, "ab", "", "", "");
    look(&f, 3000, NULL, "", "b", "", "");
    gy_fixture_add(&f, "{\"type\":\"alias\",\"previousId\":\"a\",\"userId\":\"b\"}");
    gy_fixture_commit(&f);
    expect_refreshed(&f, "b", 3000);
    look(&f, 4000, NULL, "", "", "a", "b");
    expect_refreshed(&f, "b", 4000);
    look(&f, 5000, NULL, "", "b", "", "");
    expect_refreshed(&f, "", 5000);
    gy_fixture_add(&f, "{\"type\":\"alias\",\"previousId\":\"b\",\"userId\":\"c\"}");
    gy_fixture_commit(&f);
    expect_refreshed(&f, "", 5000);
    look(&f, 6000, NULL, "c", "", "", "");
    expect_refreshed(&f, "c", 6000);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void test_all_refreshes_or_none(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    open_shop(&f);
    roaring_bitmap_t *members = set_of(&f, "ab");
    struct gy_refresh refreshes[] = {{GY_STR("s"), 1, 1000, members, members, NULL, GY_STR(""), 0},
                                     {GY_STR("t"), 1, 1000, members, NULL, NULL, GY_STR(""), 0}};
    assert_int_equal(gy_writer_put_refreshes(f.writer, refreshes, 2, &err), GY_NOT_FOUND);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_false(gy_snapshot_segment(s, 0)->is_refreshed);
    assert_changes(s, true, 0, 9000, "");
    gy_snapshot_close(s);
    roaring_bitmap_free(members);
    gy_fixture_close(&f);
}

/* A segment of the same name that is made later has no past. */
static void test_a_removed_segment_takes_its_past_with_it(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    open_shop(&f);
    struct gy_change change = {GY_STR("s"), GY_STR("d"), true, 500};
    assert_ok(gy_writer_record_changes(f.writer, &change, 1, &err), &err);
    refresh(&f, 1000, "a", "a", "");
    assert_ok(gy_writer_remove_segment(f.writer, GY_STR("s"), &err), &err);
    assert_ok(gy_writer_put_segment(f.writer, GY_STR("s"), GY_STR("nobody"), GY_STR("{}"),
                                    GY_STR(""), GY_STR(""), &err),
              &err);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_false(gy_snapshot_segment(s, 0)->is_refreshed);
    assert_refreshed(s, "");
    assert_changes(s, true, 0, 9000, "");
    gy_snapshot_close(s);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* ---- a snapshot, and a workspace that goes on ---- */

static void put_list(struct gy_fixture *f, const char *ids)
{
    struct gy_error err = {0};
    struct gy_str strings[8];
    size_t n = strlen(ids);
    for (size_t i = 0; i < n; i++)
        strings[i] = (struct gy_str){ids + i, 1};
    assert_ok(gy_writer_put_list(f->writer, GY_STR("l"), strings, n, false, &err), &err);
}

static void assert_members(const struct gy_snapshot *s, int64_t now_ms, const char *expected)
{
    struct gy_error err = {0};
    uint32_t *ordinals;
    uint64_t size;
    size_t n;
    assert_ok(gy_snapshot_list_members(s, 0, now_ms, &ordinals, &n, &err), &err);
    assert_ids(s, ordinals, n, expected);
    free(ordinals);
    assert_ok(gy_snapshot_list_size(s, 0, now_ms, &size, &err), &err);
    assert_int_equal(size, strlen(expected));
}

static void test_what_comes_later_is_not_seen(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    open_shop(&f);
    put_list(&f, "ab");
    put_list(&f, "bc");
    refresh(&f, 1000, "a", "a", "");
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    int64_t changed_ms = gy_snapshot_list(s, 0)->changed_ms;
    put_list(&f, "d");
    refresh(&f, 1000, "b", "b", "a");
    assert_members(s, INT64_MAX - 1, "bc"); /* not d, whatever the instant */
    assert_members(s, changed_ms, "bc");
    assert_members(s, changed_ms - 1, "ab");
    assert_changes(s, true, 0, 9000, "a");
    assert_changes(s, false, 0, 9000, "");
    gy_snapshot_close(s);
    s = gy_fixture_snapshot(&f);
    assert_members(s, INT64_MAX - 1, "d");
    assert_changes(s, true, 0, 9000, "ab");
    assert_ok(gy_writer_remove_list(f.writer, GY_STR("l"), &err), &err);
    assert_ok(gy_writer_remove_segment(f.writer, GY_STR("s"), &err), &err);
    uint32_t *ordinals;
    size_t n;
    assert_int_equal(gy_snapshot_list_members(s, 0, 0, &ordinals, &n, &err), GY_BUSY);
    assert_int_equal(gy_snapshot_changes(s, 0, true, 0, 1, &ordinals, &n, &err), GY_BUSY);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

/* ---- of one customer ---- */

static void assert_times(const int64_t *found, size_t n, const int64_t *expected)
{
    for (size_t i = 0; i < n; i++)
        assert_int_equal(found[i], expected[i]);
}

static void assert_stay(const struct gy_snapshot *s, const char *id, int64_t from_ms, int64_t to_ms)
{
    struct gy_error err = {0};
    int64_t *times_ms;
    size_t n;
    uint32_t root = gy_snapshot_find(s, gy_str_of(id));
    assert_ok(gy_snapshot_list_times(s, 0, root, &times_ms, &n, &err), &err);
    assert_int_equal(n, 2);
    assert_times(times_ms, n, (const int64_t[]){from_ms, to_ms});
    free(times_ms);
}

static void assert_change_times(const struct gy_snapshot *s, const char *id, bool entered,
                                size_t n_expected, const int64_t *expected)
{
    struct gy_error err = {0};
    int64_t *times_ms;
    size_t n;
    uint32_t root = gy_snapshot_find(s, gy_str_of(id));
    assert_ok(gy_snapshot_change_times(s, 0, entered, root, &times_ms, &n, &err), &err);
    assert_int_equal(n, n_expected);
    assert_times(times_ms, n, expected);
    free(times_ms);
}

static void test_when_a_customer_was_on_a_list(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    int64_t *times_ms;
    size_t n;
    open_shop(&f);
    put_list(&f, "ab");
    put_list(&f, "bc");
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    int64_t changed_ms = gy_snapshot_list(s, 0)->changed_ms;
    put_list(&f, "d"); /* later than the snapshot */
    assert_stay(s, "a", INT64_MIN, changed_ms);
    assert_stay(s, "b", INT64_MIN, INT64_MAX);
    assert_stay(s, "c", changed_ms, INT64_MAX);
    assert_ok(gy_snapshot_list_times(s, 0, gy_snapshot_find(s, GY_STR("d")), &times_ms, &n, &err),
              &err);
    assert_int_equal(n, 0);
    free(times_ms);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static void test_when_a_customer_came_and_went(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    open_shop(&f);
    struct gy_change change = {GY_STR("s"), GY_STR("a"), true, 500};
    refresh(&f, 1000, "ac", "ac", "");
    refresh(&f, 2000, "bc", "b", "a");
    refresh(&f, 3000, "abc", "a", "");
    assert_ok(gy_writer_record_changes(f.writer, &change, 1, &err), &err);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_change_times(s, "a", true, 3, (const int64_t[]){500, 1000, 3000});
    assert_change_times(s, "a", false, 1, (const int64_t[]){2000});
    assert_change_times(s, "d", true, 0, NULL);
    gy_snapshot_close(s);
    /* what a was is b's once they are one */
    gy_fixture_add(&f, "{\"type\":\"alias\",\"previousId\":\"a\",\"userId\":\"b\"}");
    gy_fixture_commit(&f);
    s = gy_fixture_snapshot(&f);
    assert_change_times(s, "b", true, 4, (const int64_t[]){500, 1000, 2000, 3000});
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

/* ---- the bytes ---- */

static void test_a_set_is_what_was_packed_or_corrupt(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_buf bytes = {0};
    roaring_bitmap_t *back;
    roaring_bitmap_t *set = roaring_bitmap_from_range(70000, 140000, 3);
    roaring_bitmap_add(set, UINT32_MAX);
    roaring_bitmap_add_range(set, 300000, 400000);
    gy_ordinal_set_pack(set, &bytes);
    assert_ok(gy_ordinal_set_unpack(gy_buf_view(&bytes), &back, &err), &err);
    assert_true(roaring_bitmap_equals(set, back));
    roaring_bitmap_free(back);
    for (size_t at = 0; at < bytes.len; at += 1 + at / 8) {
        bytes.ptr[at] ^= 0x10;
        assert_int_equal(gy_ordinal_set_unpack(gy_buf_view(&bytes), &back, &err), GY_CORRUPT);
        bytes.ptr[at] ^= 0x10;
        struct gy_str cut = {bytes.ptr, at};
        assert_int_equal(gy_ordinal_set_unpack(cut, &back, &err), GY_CORRUPT);
    }
    roaring_bitmap_free(set);
    gy_buf_reset(&bytes);
    gy_ordinal_set_pack(NULL, &bytes);
    assert_ok(gy_ordinal_set_unpack(gy_buf_view(&bytes), &back, &err), &err);
    assert_true(roaring_bitmap_is_empty(back));
    roaring_bitmap_free(back);
    gy_buf_release(&bytes);
}

/* A directory of version 1: nothing was refreshed, and it goes on as one of ours. */
static void test_a_catalog_of_version_1(void **state)
{
    (void)state;
    static const char *const older[] = {DROP_OF_4, DROP_OF_3, "DROP TABLE refresh",
                                        "DROP TABLE refresh_change", "PRAGMA user_version = 1"};
    struct gy_error err = {0};
    struct gy_catalog c;
    struct gy_fixture f;
    open_shop(&f);
    gy_writer_close(f.writer);
    f.writer = NULL;
    assert_ok(gy_catalog_open(&c, f.dir, &err), &err);
    for (size_t i = 0; i < sizeof older / sizeof *older; i++)
        assert_ok(gy_catalog_run(&c, &err, older[i], ""), &err);
    gy_catalog_close(&c);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_refreshed(s, "");
    gy_snapshot_close(s);
    gy_fixture_reopen(&f);
    refresh(&f, 1000, "a", "a", "");
    s = gy_fixture_snapshot(&f);
    assert_refreshed(s, "a");
    gy_snapshot_close(s);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static int64_t version_of(const struct gy_fixture *f)
{
    struct gy_error err = {0};
    struct gy_catalog c;
    int64_t version;
    assert_ok(gy_catalog_open(&c, f->dir, &err), &err);
    assert_ok(gy_catalog_version(&c, &version, &err), &err);
    gy_catalog_close(&c);
    return version;
}

/* Readers leave it as it is; a writer makes it one of ours. */
static void test_a_catalog_of_version_2(void **state)
{
    (void)state;
    static const char *const older[] = {DROP_OF_4, DROP_OF_3, "PRAGMA user_version = 2"};
    struct gy_error err = {0};
    struct gy_catalog c;
    struct gy_write_keys keys;
    struct gy_fixture f;
    open_shop(&f);
    gy_writer_close(f.writer);
    f.writer = NULL;
    assert_ok(gy_catalog_open(&c, f.dir, &err), &err);
    for (size_t i = 0; i < sizeof older / sizeof *older; i++)
        assert_ok(gy_catalog_run(&c, &err, older[i], ""), &err);
    gy_catalog_close(&c);
    gy_snapshot_close(gy_fixture_snapshot(&f));
    gy_fixture_check(&f);
    assert_ok(gy_write_keys_read(f.dir, &keys, &err), &err);
    assert_int_equal(keys.n, 0);
    assert_int_equal(version_of(&f), 2);
    gy_fixture_reopen(&f);
    gy_fixture_check(&f);
    assert_int_equal(version_of(&f), GY_CATALOG_VERSION);
    gy_fixture_close(&f);
}

/* A recorded change of version 3 has no cause, and its id is not given again. */
static void test_a_catalog_of_version_3(void **state)
{
    (void)state;
    static const char *const older[] = {DROP_OF_4, "PRAGMA user_version = 3"};
    struct gy_error err = {0};
    struct gy_catalog c;
    struct gy_webhooks webhooks;
    struct gy_change_log *log;
    struct gy_recorded_changes changes;
    struct gy_fixture f;
    open_shop(&f);
    refresh(&f, 1000, "a", "a", "");
    gy_writer_close(f.writer);
    f.writer = NULL;
    assert_ok(gy_catalog_open(&c, f.dir, &err), &err);
    for (size_t i = 0; i < sizeof older / sizeof *older; i++)
        assert_ok(gy_catalog_run(&c, &err, older[i], ""), &err);
    gy_catalog_close(&c);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_refreshed(s, "a");
    gy_snapshot_close(s);
    assert_ok(gy_webhooks_read(f.dir, &webhooks, &err), &err);
    assert_int_equal(webhooks.n, 0);
    assert_int_equal(version_of(&f), 3);
    gy_fixture_reopen(&f);
    refresh(&f, 2000, "b", "b", "a");
    assert_ok(gy_change_log_open(f.dir, &log, &err), &err);
    assert_ok(gy_change_log_read(log, 0, 10, UINT64_MAX, &changes, &err), &err);
    assert_int_equal(changes.n, 2);
    assert_int_equal(changes.changes[0].n_came, 1);
    assert_int_equal(changes.changes[1].id, changes.changes[0].id + 1);
    assert_int_equal(changes.changes[1].n_went, 1);
    gy_recorded_changes_release(&changes);
    gy_change_log_close(log);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_versions_say_who_and_why),
    cmocka_unit_test(test_a_refresh_replaces_the_one_before),
    cmocka_unit_test(test_changes_from_elsewhere_stay),
    cmocka_unit_test(test_refreshes_follow_merges),
    cmocka_unit_test(test_live_looks_add_up),
    cmocka_unit_test(test_live_looks_follow_merges),
    cmocka_unit_test(test_all_refreshes_or_none),
    cmocka_unit_test(test_a_removed_segment_takes_its_past_with_it),
    cmocka_unit_test(test_what_comes_later_is_not_seen),
    cmocka_unit_test(test_when_a_customer_was_on_a_list),
    cmocka_unit_test(test_when_a_customer_came_and_went),
    cmocka_unit_test(test_a_set_is_what_was_packed_or_corrupt),
    cmocka_unit_test(test_a_catalog_of_version_1),
    cmocka_unit_test(test_a_catalog_of_version_2),
    cmocka_unit_test(test_a_catalog_of_version_3),
};

GY_TEST_MAIN(cases)
