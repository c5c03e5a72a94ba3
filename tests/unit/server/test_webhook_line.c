/* test_webhook_line.c - the order of deliveries, back-off, what is stored, and a random run that loses and doubles nothing. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "server/webhook_line.h"
#include "server/webhook_sender.h"

#define NOW INT64_C(1000000000000)

static struct gy_webhook_line *open_line(int64_t change, int64_t place)
{
    struct gy_webhook webhook = {.id = 7,
                                 .url = GY_STR("http://127.0.0.1/"),
                                 .segments = GY_STR("[]"),
                                 .secret = GY_STR("s"),
                                 .is_active = true,
                                 .change = change,
                                 .place = place};
    return gy_webhook_line_new(&webhook);
}

static void add(struct gy_webhook_line *line, int64_t change, int64_t place, uint64_t key)
{
    struct gy_buf id = {0};
    struct gy_buf body = {0};
    gy_webhook_line_add(line, change, place, (uint32_t)key, key, NULL, &id, &body);
    line->change = change;
    line->place = place + 1;
    line->has_moved = true;
}

static void expect_place(const struct gy_webhook_item *item, int64_t place)
{
    assert_non_null(item);
    assert_int_equal(item->at.place, place);
}

static void expect_stored(struct gy_webhook_line *line, int64_t place, size_t n_retries,
                          size_t n_done)
{
    struct gy_webhook_store store = {0};
    gy_webhook_line_progress(line, &store);
    assert_int_equal(store.n_cursors, 1);
    assert_int_equal(store.cursors[0].place, place);
    assert_int_equal(store.n_retries, n_retries);
    assert_int_equal(store.n_done, n_done);
    gy_webhook_line_stored(line);
    gy_webhook_store_release(&store);
}

/* Of one customer nothing overtakes; others do. */
static void the_order_of_a_customer(void **state)
{
    (void)state;
    struct gy_webhook_line *line = open_line(1, 0);
    add(line, 1, 0, 11);
    add(line, 1, 1, 22);
    add(line, 1, 2, 11);
    add(line, 1, 3, 11);
    struct gy_webhook_item *first = gy_webhook_line_take(line);
    struct gy_webhook_item *other = gy_webhook_line_take(line);
    expect_place(first, 0);
    expect_place(other, 1);
    assert_null(gy_webhook_line_take(line));
    gy_webhook_item_delivered(other);
    gy_webhook_item_failed(first, NOW, 0, "503", false);
    assert_null(gy_webhook_line_take(line));
    /* the cursor goes on: what failed and what waits behind it stand by themselves */
    expect_stored(line, 4, 3, 0);
    int64_t next_ms = gy_webhook_line_wake(line, NOW);
    assert_in_range(next_ms, NOW + 750, NOW + 1250);
    assert_null(gy_webhook_line_take(line));
    assert_int_equal(gy_webhook_line_wake(line, next_ms), INT64_MAX);
    first = gy_webhook_line_take(line);
    expect_place(first, 0);
    gy_webhook_item_delivered(first);
    struct gy_webhook_item *second = gy_webhook_line_take(line);
    expect_place(second, 2);
    assert_null(gy_webhook_line_take(line));
    gy_webhook_item_delivered(second);
    expect_place(gy_webhook_line_take(line), 3);
    expect_stored(line, 4, 0, 2);
    gy_webhook_line_free(line);
}

/* 1, 2, 4 … s with a quarter of chance, at most an hour and a quarter; a receiver's wish counts where it is longer. */
static void back_off(void **state)
{
    (void)state;
    struct gy_webhook_line *line = open_line(1, 0);
    int64_t now_ms = NOW;
    add(line, 1, 0, 1);
    for (int attempt = 0; attempt < 20; attempt++) {
        struct gy_webhook_item *item = gy_webhook_line_take(line);
        expect_place(item, 0);
        assert_int_equal(item->at.attempts, attempt);
        gy_webhook_item_failed(item, now_ms, attempt == 2 ? 60000 : 0, "503", false);
        int64_t wait_ms = attempt < 12 ? INT64_C(1000) << attempt : 3600000;
        int64_t next_ms = gy_webhook_line_wake(line, now_ms);
        if (attempt == 2) {
            assert_int_equal(next_ms, now_ms + 60000);
        } else {
            assert_in_range(next_ms - now_ms, wait_ms * 3 / 4, wait_ms * 5 / 4);
        }
        now_ms = next_ms;
        (void)gy_webhook_line_wake(line, now_ms);
    }
    gy_webhook_line_free(line);
}

/* After a day, or at once where that is final, it is dead, and the next one of the customer goes. */
static void given_up(void **state)
{
    (void)state;
    struct gy_webhook_line *line = open_line(1, 0);
    struct gy_webhook_store store = {0};
    add(line, 1, 0, 1);
    add(line, 1, 1, 1);
    gy_webhook_item_failed(gy_webhook_line_take(line), NOW, 0, "503", false);
    (void)gy_webhook_line_wake(line, NOW + 10000);
    gy_webhook_item_failed(gy_webhook_line_take(line), NOW + GY_WEBHOOK_UNTIL_MS, 0, "504", false);
    struct gy_webhook_item *next = gy_webhook_line_take(line);
    expect_place(next, 1);
    gy_webhook_item_failed(next, NOW, 0, "410", true);
    gy_webhook_line_progress(line, &store);
    assert_int_equal(store.n_retries, 2);
    assert_true(store.retries[0].is_dead && store.retries[1].is_dead);
    assert_true(gy_str_equal(store.retries[0].reason, GY_STR("410")));
    assert_true(gy_str_equal(store.retries[1].reason, GY_STR("504")));
    assert_int_equal(store.cursors[0].place, 2);
    gy_webhook_line_stored(line);
    assert_null(gy_webhook_line_take(line));
    gy_webhook_store_release(&store);
    gy_webhook_line_free(line);
}

/* Whatever the receiver says, it is tried once more when the day is over, and not after. */
static void once_more_at_the_end(void **state)
{
    (void)state;
    struct gy_webhook_line *line = open_line(1, 0);
    int64_t end_ms = NOW + GY_WEBHOOK_UNTIL_MS;
    add(line, 1, 0, 1);
    gy_webhook_item_failed(gy_webhook_line_take(line), NOW, 2 * (int64_t)GY_WEBHOOK_UNTIL_MS, "429",
                           false);
    assert_int_equal(gy_webhook_line_wake(line, NOW), end_ms);
    (void)gy_webhook_line_wake(line, end_ms);
    gy_webhook_item_failed(gy_webhook_line_take(line), end_ms, 0, "429", false);
    assert_non_null(line->dead);
    assert_int_equal(gy_webhook_line_wake(line, INT64_MAX), INT64_MAX);
    gy_webhook_line_free(line);
}

static bool is_stored_as_over(struct gy_webhook_line *line)
{
    struct gy_webhook_store store = {0};
    gy_webhook_line_progress(line, &store);
    assert_int_equal(store.n_cursors, 1);
    bool is_over = store.cursors[0].is_over;
    gy_webhook_store_release(&store);
    return is_over;
}

/* That it wants no more is stored once: it may be replayed while what was on its way is still answered. */
static void over_is_stored_once(void **state)
{
    (void)state;
    struct gy_webhook_line *line = open_line(1, 0);
    add(line, 1, 0, 1);
    add(line, 1, 1, 2);
    struct gy_webhook_item *first = gy_webhook_line_take(line);
    struct gy_webhook_item *second = gy_webhook_line_take(line);
    gy_webhook_item_failed(first, NOW, 0, "410", true);
    line->is_over = true;
    assert_true(is_stored_as_over(line)); /* which fails */
    assert_true(is_stored_as_over(line));
    gy_webhook_line_stored(line);
    gy_webhook_item_failed(second, NOW, 0, "410", true);
    assert_false(is_stored_as_over(line));
    gy_webhook_line_free(line);
}

/* What is stored after a failure to store is stored the next time. */
static void not_stored(void **state)
{
    (void)state;
    struct gy_webhook_line *line = open_line(1, 0);
    struct gy_webhook_store store = {0};
    add(line, 1, 0, 1);
    gy_webhook_item_failed(gy_webhook_line_take(line), NOW, 0, "503", false);
    gy_webhook_line_progress(line, &store);
    assert_int_equal(store.n_retries, 1);
    gy_webhook_store_release(&store);
    expect_stored(line, 1, 1, 0);
    assert_false(line->has_moved);
    gy_webhook_line_free(line);
}

/* ---- a random run, with crashes: each place is delivered, in the order of its customer, and twice only after a crash ---- */

enum {
    PLACES = 3000,
    CUSTOMERS = 40
};

struct stored_row {
    bool is_there;
    struct gy_webhook_retry retry;
};

struct world {
    int64_t cursor;
    struct stored_row rows[PLACES];
    int n_delivered[PLACES];
    int n_crashes;
};

static uint64_t key_of(int64_t place)
{
    return (uint64_t)(place * 7919 % CUSTOMERS) + 1;
}

static struct gy_webhook_line *start(const struct world *w)
{
    struct gy_webhook_line *line = open_line(1, w->cursor);
    for (int64_t i = 0; i < PLACES; i++) {
        struct gy_buf id = {0};
        struct gy_buf body = {0};
        if (w->rows[i].is_there) {
            gy_webhook_line_add(line, 1, i, (uint32_t)key_of(i), key_of(i), &w->rows[i].retry, &id,
                                &body);
        }
    }
    return line;
}

static void store(struct world *w, struct gy_webhook_line *line)
{
    struct gy_webhook_store out = {0};
    gy_webhook_line_progress(line, &out);
    for (size_t i = 0; i < out.n_done; i++) {
        w->rows[out.done[i].place].is_there = false;
    }
    for (size_t i = 0; i < out.n_retries; i++) {
        w->rows[out.retries[i].place] = (struct stored_row){true, out.retries[i]};
        w->rows[out.retries[i].place].retry.reason = GY_STR("");
    }
    if (out.n_cursors > 0) {
        assert_true(out.cursors[0].place >= w->cursor);
        w->cursor = out.cursors[0].place;
    }
    gy_webhook_line_stored(line);
    gy_webhook_store_release(&out);
}

static void deliver(struct world *w, struct gy_webhook_item *item)
{
    int64_t place = item->at.place;
    for (int64_t i = 0; i < place; i++) { /* nothing of the customer is left behind */
        assert_true(key_of(i) != key_of(place) || w->n_delivered[i] > 0);
    }
    w->n_delivered[place]++;
    gy_webhook_item_delivered(item);
}

static void nothing_is_lost(void **state)
{
    (void)state;
    static struct world w;
    struct gy_webhook_item *sent[8];
    size_t n_sent = 0;
    int64_t now_ms = NOW;
    struct gy_webhook_line *line;
    srand((unsigned)gy_test_seed());
    line = start(&w);
    for (bool is_done = false; !is_done;) {
        int what = rand() % 100;
        now_ms += rand() % 2000;
        while (line->place < PLACES && line->n_ready < 5) {
            add(line, 1, line->place, key_of(line->place));
        }
        (void)gy_webhook_line_wake(line, now_ms);
        struct gy_webhook_item *item = n_sent < 8 ? gy_webhook_line_take(line) : NULL;
        if (item != NULL) {
            sent[n_sent++] = item;
        }
        if (what < 60 && n_sent > 0) {
            size_t i = (size_t)rand() % n_sent;
            item = sent[i];
            sent[i] = sent[--n_sent];
            if (rand() % 4 > 0) {
                deliver(&w, item);
            } else {
                gy_webhook_item_failed(item, now_ms, 0, "503", false);
            }
        } else if (what < 80) {
            store(&w, line);
        } else if (what == 99 && rand() % 10 == 0) {
            gy_webhook_line_free(line); /* a crash */
            n_sent = 0;
            w.n_crashes++;
            line = start(&w);
        }
        is_done = line->place == PLACES && line->first == NULL;
    }
    store(&w, line);
    assert_int_equal(w.cursor, PLACES);
    for (int i = 0; i < PLACES; i++) {
        assert_false(w.rows[i].is_there);
        assert_true(w.n_delivered[i] >= 1);
        assert_true(w.n_delivered[i] <= 1 + w.n_crashes);
    }
    gy_webhook_line_free(line);
}

/* ---- URLs ---- */

static void urls(void **state)
{
    (void)state;
    struct gy_error err = {0};
    static const char *const good[] = {"http://a.example/", "https://a.example:8443/x?y=z",
                                       "http://127.0.0.1:9/", "https://[::1]/"};
    static const char *const bad[] = {"",
                                      "a.example",
                                      "ftp://a.example/",
                                      "file:///etc/passwd",
                                      "http://",
                                      "https://user:word@a.example/",
                                      "gopher://x/"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_ok(gy_webhook_check_url(gy_str_of(good[i]), &err), &err);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(gy_webhook_check_url(gy_str_of(bad[i]), &err), GY_INVALID);
    }
}

static void keep_answer(void *out, void *context, const struct gy_webhook_answer *answer)
{
    (void)context;
    *(struct gy_webhook_answer *)out = *answer;
}

/* Addresses that lead to this machine or a private network, whatever they are called. */
static void only_public_addresses(void **state)
{
    (void)state;
    static const char *const urls[] = {"http://127.0.0.1:9/",
                                       "http://localhost:9/",
                                       "http://10.1.2.3:9/",
                                       "http://[::1]:9/",
                                       "http://169.254.169.254/",
                                       "http://0x7f.1:9/",
                                       "http://[::ffff:192.168.0.1]:9/"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct gy_webhook_answer answer = {0};
        struct gy_webhook_sender *sender = gy_webhook_sender_new(true);
        struct gy_webhook_request request = {gy_str_of(urls[i]), GY_STR("s"), GY_STR("i"),
                                             GY_STR("{}"), NULL};
        gy_webhook_sender_begin(sender, &request);
        while (gy_webhook_sender_n(sender) > 0) {
            gy_webhook_sender_wait(sender, 1000, keep_answer, &answer);
        }
        assert_int_equal(answer.http_status, 0);
        assert_string_equal(answer.reason, "its address is not public");
        gy_webhook_sender_free(sender);
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(the_order_of_a_customer),
    cmocka_unit_test(back_off),
    cmocka_unit_test(given_up),
    cmocka_unit_test(once_more_at_the_end),
    cmocka_unit_test(over_is_stored_once),
    cmocka_unit_test(not_stored),
    cmocka_unit_test(nothing_is_lost),
    cmocka_unit_test(urls),
    cmocka_unit_test(only_public_addresses),
};

GY_TEST_MAIN(cases)
