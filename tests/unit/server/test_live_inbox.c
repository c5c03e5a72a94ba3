/* test_live_inbox.c - what commits tell is kept if somebody reads it, and until it has happened. */
#include "harness.h"

#include <string.h>

#include "server/live_inbox.h"

static struct gy_live_inbox *open_inbox(void)
{
    struct gy_live_inbox *inbox = gy_live_inbox_new();
    struct gy_intern known = {0};
    struct gy_intern read = {0};
    gy_intern_add(&known, GY_STR("eOrder"));
    gy_intern_add(&known, GY_STR("eVisit"));
    gy_intern_add(&known, GY_STR("tage"));
    gy_intern_add(&read, GY_STR("eOrder"));
    gy_intern_add(&read, GY_STR("tage"));
    gy_live_inbox_expect(inbox, true, &known, &read);
    return inbox;
}

static bool put(struct gy_live_inbox *inbox, const char *user, const char *event, int64_t time_ms)
{
    struct gy_call call = {.type = GY_CALL_TRACK,
                           .user_id = gy_str_of(user),
                           .event = gy_str_of(event),
                           .has_time = true,
                           .time_ms = time_ms};
    return gy_live_inbox_put(inbox, &call, 1);
}

/* Takes as of `now_ms`, and expects customers, each a letter. */
static void expect_taken(struct gy_live_inbox *inbox, int64_t now_ms, const char *users,
                         int64_t next_ms)
{
    struct gy_live_notes notes;
    gy_live_inbox_take(inbox, now_ms, &notes);
    assert_int_equal(notes.n, strlen(users));
    for (size_t i = 0; i < notes.n; i++) {
        assert_true(gy_str_equal(notes.notes[i].id, (struct gy_str){users + i, 1}));
    }
    assert_int_equal(notes.next_ms, next_ms);
    assert_false(notes.are_too_many);
    gy_live_notes_release(&notes);
}

static void what_is_read_is_kept(void **state)
{
    (void)state;
    struct gy_live_inbox *inbox = open_inbox();
    struct gy_field age = {GY_STR("age"), {0}};
    struct gy_call identify = {
        .type = GY_CALL_IDENTIFY, .user_id = GY_STR("d"), .fields = &age, .n_fields = 1};
    assert_true(put(inbox, "a", "Order", 1000));
    assert_false(put(inbox, "b", "Visit", 1000));
    assert_true(put(inbox, "c", "New", 1000)); /* nobody has seen it yet */
    assert_true(gy_live_inbox_put(inbox, &identify, 1));
    expect_taken(inbox, 1000, "acd", INT64_MAX);
    expect_taken(inbox, 1000, "", INT64_MAX);
    gy_live_inbox_free(inbox);
}

/* A look as of before something happens does not use up what was told of it. */
static void what_is_a_little_ahead_waits(void **state)
{
    (void)state;
    struct gy_live_inbox *inbox = open_inbox();
    put(inbox, "a", "Order", 1000);
    put(inbox, "b", "Order", 3000);
    put(inbox, "c", "Order", 1000 + GY_LIVE_AHEAD_MS);
    put(inbox, "d", "Order", 1001 + GY_LIVE_AHEAD_MS); /* nobody waits for so long */
    put(inbox, "e", "Order", 1001);
    expect_taken(inbox, 1000, "ad", 1001);
    expect_taken(inbox, 2999, "e", 3000);
    put(inbox, "f", "Order", 2000);
    expect_taken(inbox, 3000, "bf", 1000 + GY_LIVE_AHEAD_MS);
    expect_taken(inbox, 1000 + GY_LIVE_AHEAD_MS, "c", INT64_MAX);
    expect_taken(inbox, INT64_MAX - GY_LIVE_AHEAD_MS, "", INT64_MAX);
    gy_live_inbox_free(inbox);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(what_is_read_is_kept),
    cmocka_unit_test(what_is_a_little_ahead_waits),
};

GY_TEST_MAIN(cases)
