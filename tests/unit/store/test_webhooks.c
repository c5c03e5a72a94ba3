/* test_webhooks.c - webhooks, how far they were told, and the recorded changes that they follow. */
#include "harness.h"
#include "store_fixture.h"

#include <string.h>

#include "store/webhooks.h"

static void open_shop(struct gy_fixture *f)
{
    struct gy_error err = {0};
    gy_fixture_open(f, "UTC");
    gy_fixture_track(f, "a", "E", "2025-01-01T00:00:00Z", NULL);
    gy_fixture_track(f, "b", "E", "2025-01-01T00:00:00Z", NULL);
    gy_fixture_commit(f);
    assert_ok(gy_writer_put_segment(f->writer, GY_STR("s"), GY_STR("everyone"), GY_STR("{}"),
                                    GY_STR(""), GY_STR(""), &err),
              &err);
}

static void record(struct gy_fixture *f, int64_t before_ms, int64_t at_ms, uint32_t came,
                   uint32_t went)
{
    struct gy_error err = {0};
    roaring_bitmap_t *sets[] = {roaring_bitmap_of_ptr(1, &came), roaring_bitmap_of_ptr(1, &went)};
    struct gy_refresh look = {
        .segment = GY_STR("s"), .version = 1, .at_ms = at_ms, .before_ms = before_ms};
    struct gy_refresh change = {.segment = GY_STR("s"),
                                .version = 1,
                                .at_ms = at_ms,
                                .came = sets[0],
                                .went = sets[1],
                                .cause = GY_STR("{\"type\":\"time\"}")};
    struct gy_live_record all = {&look, 1, NULL, 0, &change, 1};
    assert_ok(gy_writer_record_live(f->writer, &all, &err), &err);
    roaring_bitmap_free(sets[0]);
    roaring_bitmap_free(sets[1]);
}

static void put(struct gy_fixture *f, const char *name)
{
    struct gy_error err = {0};
    struct gy_webhook_put webhook = {gy_str_of(name), GY_STR("http://127.0.0.1/"), GY_STR("[]"),
                                     GY_STR("secret")};
    assert_ok(gy_writer_put_webhook(f->writer, &webhook, &err), &err);
    assert_int_equal(gy_writer_put_webhook(f->writer, &webhook, &err), GY_CONFLICT);
}

static struct gy_webhooks read_all(const struct gy_fixture *f)
{
    struct gy_error err = {0};
    struct gy_webhooks out;
    assert_ok(gy_webhooks_read(f->dir, &out, &err), &err);
    return out;
}

/* It is told of what is recorded after it came to be, place by place. */
static void a_webhook_follows_changes(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    struct gy_change_log *log;
    struct gy_recorded_changes changes;
    bool entered;
    open_shop(&f);
    record(&f, INT64_MIN, 1000, 0, 1);
    put(&f, "w");
    struct gy_webhooks hooks = read_all(&f);
    assert_int_equal(hooks.n, 1);
    assert_true(hooks.webhooks[0].is_active);
    assert_ok(gy_change_log_open(f.dir, &log, &err), &err);
    assert_ok(gy_change_log_read(log, hooks.webhooks[0].change, 10, UINT64_MAX, &changes, &err),
              &err);
    assert_int_equal(changes.n, 0);
    record(&f, 1000, 2000, 1, 0);
    assert_ok(gy_change_log_read(log, hooks.webhooks[0].change, 10, UINT64_MAX, &changes, &err),
              &err);
    assert_int_equal(changes.n, 1);
    const struct gy_recorded_change *change = &changes.changes[0];
    assert_int_equal(change->at_ms, 2000);
    assert_true(gy_str_equal(change->segment, GY_STR("s")));
    assert_true(gy_str_equal(change->cause, GY_STR("{\"type\":\"time\"}")));
    assert_int_equal(gy_recorded_change_places(change), 2);
    assert_int_equal(gy_recorded_change_at(change, 0, &entered), 0);
    assert_false(entered);
    assert_int_equal(gy_recorded_change_at(change, 1, &entered), 1);
    assert_true(entered);
    gy_recorded_changes_release(&changes);
    gy_change_log_close(log);
    gy_webhooks_release(&hooks);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void tell(struct gy_fixture *f, const struct gy_webhook_progress *progress)
{
    struct gy_error err = {0};
    assert_ok(gy_writer_put_webhook_progress(f->writer, progress, &err), &err);
}

static void assert_counts(const struct gy_fixture *f, size_t n, int64_t waiting, int64_t dead)
{
    struct gy_webhooks hooks = read_all(f);
    assert_int_equal(hooks.n, n);
    for (size_t i = 0; i < n; i++) {
        bool is_first = strcmp(hooks.webhooks[i].name.ptr, "a") == 0;
        assert_int_equal(hooks.webhooks[i].n_waiting, is_first ? waiting : 0);
        assert_int_equal(hooks.webhooks[i].n_dead, is_first ? dead : 0);
    }
    gy_webhooks_release(&hooks);
}

/* Cursors and retries go on together; the dead come back by a replay; all goes with the webhook. */
static void progress_retries_and_the_dead(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    int64_t n;
    open_shop(&f);
    put(&f, "a");
    put(&f, "b");
    struct gy_webhooks hooks = read_all(&f);
    int64_t id = hooks.webhooks[0].id;
    struct gy_webhook_cursor cursor = {id, 7, 1, false};
    struct gy_webhook_retry retries[] = {{id, 5, 0, 1, 100, 900, false, GY_STR("503")},
                                         {id, 6, 3, 1, 100, 900, false, GY_STR("503")},
                                         {id + 99, 6, 3, 1, 100, 900, false, GY_STR("503")}};
    tell(&f, &(struct gy_webhook_progress){&cursor, 1, retries, 3, NULL, 0});
    assert_counts(&f, 2, 2, 0);
    retries[1].is_dead = true;
    tell(&f, &(struct gy_webhook_progress){NULL, 0, &retries[1], 1, &retries[0], 1});
    assert_counts(&f, 2, 0, 1);
    cursor.is_over = true;
    tell(&f, &(struct gy_webhook_progress){&cursor, 1, NULL, 0, NULL, 0});
    gy_webhooks_release(&hooks);
    hooks = read_all(&f);
    assert_int_equal(hooks.webhooks[0].change, 7);
    assert_int_equal(hooks.webhooks[0].place, 1);
    assert_false(hooks.webhooks[0].is_active);
    assert_true(hooks.webhooks[1].is_active);
    assert_ok(gy_writer_replay_webhook(f.writer, GY_STR("a"), 9000, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_counts(&f, 2, 1, 0);
    struct gy_webhook_retries waiting;
    assert_ok(gy_webhook_retries_read(f.dir, false, &waiting, &err), &err);
    assert_int_equal(waiting.n, 1);
    assert_int_equal(waiting.retries[0].change, 6);
    assert_int_equal(waiting.retries[0].place, 3);
    assert_int_equal(waiting.retries[0].attempts, 0);
    assert_int_equal(waiting.retries[0].until_ms, 9000);
    gy_webhook_retries_release(&waiting);
    assert_ok(gy_writer_remove_webhook(f.writer, GY_STR("a"), &err), &err);
    assert_int_equal(gy_writer_remove_webhook(f.writer, GY_STR("a"), &err), GY_NOT_FOUND);
    assert_int_equal(gy_writer_replay_webhook(f.writer, GY_STR("a"), 0, &n, &err), GY_NOT_FOUND);
    assert_ok(gy_webhook_retries_read(f.dir, false, &waiting, &err), &err);
    assert_int_equal(waiting.n, 0);
    gy_webhook_retries_release(&waiting);
    gy_webhooks_release(&hooks);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* A removed segment takes its changes along, and their ids are not given again. */
static void ids_are_not_given_again(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    struct gy_change_log *log;
    struct gy_recorded_changes changes;
    open_shop(&f);
    record(&f, INT64_MIN, 1000, 0, 1);
    put(&f, "w");
    struct gy_webhooks hooks = read_all(&f);
    assert_ok(gy_writer_remove_segment(f.writer, GY_STR("s"), &err), &err);
    assert_ok(gy_writer_put_segment(f.writer, GY_STR("s"), GY_STR("everyone"), GY_STR("{}"),
                                    GY_STR(""), GY_STR(""), &err),
              &err);
    record(&f, INT64_MIN, 2000, 1, 0);
    assert_ok(gy_change_log_open(f.dir, &log, &err), &err);
    assert_ok(gy_change_log_read(log, hooks.webhooks[0].change, 10, UINT64_MAX, &changes, &err),
              &err);
    assert_int_equal(changes.n, 1);
    assert_int_equal(changes.changes[0].at_ms, 2000);
    gy_recorded_changes_release(&changes);
    gy_change_log_close(log);
    gy_webhooks_release(&hooks);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* Changes may be of millions of customers: no more of them are read than are asked for, but always one. */
static void reading_is_bounded_by_places(void **state)
{
    (void)state;
    static const struct {
        uint64_t places_max;
        size_t n;
    } reads[] = {{1, 1}, {2, 1}, {3, 2}, {4, 2}, {5, 3}, {UINT64_MAX, 3}};
    struct gy_error err = {0};
    struct gy_fixture f;
    struct gy_change_log *log;
    struct gy_recorded_changes changes;
    open_shop(&f);
    record(&f, INT64_MIN, 1000, 0, 1);
    record(&f, 1000, 2000, 1, 0);
    record(&f, 2000, 3000, 0, 1);
    assert_ok(gy_change_log_open(f.dir, &log, &err), &err);
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        assert_ok(gy_change_log_read(log, 0, 10, reads[i].places_max, &changes, &err), &err);
        assert_int_equal(changes.n, reads[i].n);
        assert_int_equal(changes.n_places, 2 * reads[i].n);
        gy_recorded_changes_release(&changes);
    }
    gy_change_log_close(log);
    gy_fixture_close(&f);
}

/* Who looked before somebody was erased records afterwards. */
static void the_erased_are_not_recorded(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    struct gy_change_log *log;
    struct gy_recorded_changes changes;
    uint32_t n_ids;
    bool was_erased;
    open_shop(&f);
    put(&f, "w"); /* what it has not been told yet is not taken out by the erasure */
    assert_ok(gy_writer_erase(f.writer, GY_STR("a"), &n_ids, &was_erased, &err), &err);
    record(&f, INT64_MIN, 1000, 0, 1);
    assert_ok(gy_change_log_open(f.dir, &log, &err), &err);
    assert_ok(gy_change_log_read(log, 0, 10, UINT64_MAX, &changes, &err), &err);
    assert_int_equal(changes.n, 1);
    assert_int_equal(changes.changes[0].n_came, 0);
    assert_int_equal(changes.changes[0].n_went, 1);
    assert_int_equal(changes.changes[0].went[0], 1);
    gy_recorded_changes_release(&changes);
    gy_change_log_close(log);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(a_webhook_follows_changes),   cmocka_unit_test(progress_retries_and_the_dead),
    cmocka_unit_test(ids_are_not_given_again),     cmocka_unit_test(reading_is_bounded_by_places),
    cmocka_unit_test(the_erased_are_not_recorded),
};

GY_TEST_MAIN(cases)
