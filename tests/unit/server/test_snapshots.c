/* test_snapshots.c - who asks sees what was changed before, and what is used stays. */
#include "harness.h"
#include "store_fixture.h"

#include <pthread.h>
#include <unistd.h>

#include "server/snapshots.h"

static void track(struct gy_fixture *f, const char *user)
{
    gy_fixture_track(f, user, "E", "2025-01-02T03:04:05Z", NULL);
    gy_fixture_commit_log(f);
}

static uint32_t count_now(struct gy_snapshots *s)
{
    struct gy_error err = {0};
    struct gy_held_snapshot *use;
    assert_ok(gy_snapshots_take(s, &use, &err), &err);
    uint32_t n = gy_snapshot_n_ordinals(use->snapshot);
    gy_snapshot_let_go(use);
    return n;
}

static void a_change_is_seen_at_once(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    struct gy_snapshots *s = gy_snapshots_new(f.dir);
    track(&f, "a");
    assert_int_equal(count_now(s), 1);
    track(&f, "b");
    assert_int_equal(count_now(s), 1); /* nobody has said that something changed */
    gy_snapshots_renew(s);
    assert_int_equal(count_now(s), 2);
    gy_snapshots_free(s);
    gy_fixture_close(&f);
}

static void events_are_seen_a_moment_later(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    struct gy_snapshots *s = gy_snapshots_new(f.dir);
    assert_int_equal(count_now(s), 0);
    track(&f, "a");
    gy_snapshots_age(s);
    usleep(150000);
    assert_int_equal(count_now(s), 1);
    gy_snapshots_free(s);
    gy_fixture_close(&f);
}

static void what_is_used_stays(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_error err = {0};
    struct gy_held_snapshot *use;
    struct gy_buf text = {0};
    gy_fixture_open(&f, "UTC");
    struct gy_snapshots *s = gy_snapshots_new(f.dir);
    track(&f, "a");
    assert_ok(gy_snapshots_take(s, &use, &err), &err);
    track(&f, "b");
    gy_snapshots_forget(s);
    assert_int_equal(count_now(s), 2);
    gy_fixture_describe(use->snapshot, "a", &text);
    assert_string_equal(text.ptr, "2025-01-02T03:04:05.000Z E\n");
    gy_buf_release(&text);
    gy_snapshot_let_go(use);
    gy_snapshots_free(s);
    gy_fixture_close(&f);
}

/* Where it cannot be opened, the next one who asks tries again. */
static void a_failure_is_not_kept(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_error err = {0};
    struct gy_held_snapshot *use;
    char dir[96];
    gy_fixture_open(&f, "UTC");
    snprintf(dir, sizeof dir, "%s-elsewhere", f.dir);
    struct gy_snapshots *s = gy_snapshots_new(dir);
    assert_int_equal(gy_snapshots_take(s, &use, &err), GY_NO_WORKSPACE);
    assert_int_equal(symlink(f.dir, dir), 0);
    assert_int_equal(count_now(s), 0);
    assert_int_equal(unlink(dir), 0);
    gy_snapshots_free(s);
    gy_fixture_close(&f);
}

enum {
    N_READERS = 4,
    N_TURNS = 200
};

static void *read_all(void *snapshots)
{
    uint32_t last = 0;
    for (int i = 0; i < N_TURNS; i++) {
        uint32_t n = count_now(snapshots);
        assert_true(n >= last);
        last = n;
    }
    return NULL;
}

static void many_read_while_one_changes(void **state)
{
    (void)state;
    struct gy_fixture f;
    pthread_t readers[N_READERS];
    gy_fixture_open(&f, "UTC");
    struct gy_snapshots *s = gy_snapshots_new(f.dir);
    for (int i = 0; i < N_READERS; i++) {
        assert_int_equal(pthread_create(&readers[i], NULL, read_all, s), 0);
    }
    for (int i = 0; i < 20; i++) {
        char user[16];
        snprintf(user, sizeof user, "u%d", i);
        track(&f, user);
        gy_snapshots_renew(s);
    }
    for (int i = 0; i < N_READERS; i++) {
        pthread_join(readers[i], NULL);
    }
    assert_int_equal(count_now(s), 20);
    gy_snapshots_free(s);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(a_change_is_seen_at_once),    cmocka_unit_test(events_are_seen_a_moment_later),
    cmocka_unit_test(what_is_used_stays),          cmocka_unit_test(a_failure_is_not_kept),
    cmocka_unit_test(many_read_while_one_changes),
};

GY_TEST_MAIN(cases)
