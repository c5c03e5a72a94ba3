/* test_write_queue.c - what was done is stored; what cannot be done says so. */
#include "harness.h"
#include "store_fixture.h"

#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "server/write_queue.h"
#include "store/snapshot.h"
#include "store/writer.h"

struct sent {
    struct gy_delivery delivery;
    sem_t *done;
};

static void done(struct gy_delivery *d)
{
    sem_post(((struct sent *)d->context)->done);
}

static void fill(struct sent *sent, const char *body, sem_t *semaphore)
{
    struct gy_error err = {0};
    struct gy_spec_parser *parser = gy_spec_parser_new();
    struct gy_collect_source source = {.is_batch = true, .received_ms = 1000};
    *sent = (struct sent){.done = semaphore};
    assert_ok(gy_collect_read(parser, gy_str_of(body), &source, &sent->delivery.collected, &err),
              &err);
    sent->delivery.write_key = GY_STR("web");
    sent->delivery.bytes = strlen(body);
    sent->delivery.done = done;
    sent->delivery.context = sent;
    gy_spec_parser_free(parser);
}

static struct gy_write_queue *start(struct gy_fixture *f, size_t bytes_max)
{
    struct gy_error err = {0};
    struct gy_write_queue *queue;
    struct gy_write_queue_options options = {
        .dir = f->dir, .bytes_max = bytes_max, .log_calls_max = 100, .log_ms_max = 10000};
    gy_fixture_open(f, "UTC");
    gy_writer_close(f->writer);
    f->writer = NULL;
    assert_ok(gy_write_queue_start(&options, &queue, &err), &err);
    return queue;
}

#define CALL(user, event, time)                                                                 \
    "{\"type\":\"track\",\"userId\":\"" user "\",\"event\":\"" event "\",\"timestamp\":\"" time \
    "\"}"

static void what_is_done_is_stored(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct sent sent;
    sem_t semaphore;
    struct gy_write_queue *queue = start(&f, 1000);
    sem_init(&semaphore, 0, 0);
    fill(&sent,
         "{\"batch\":[" CALL("a", "Visit", "2025-01-01T00:00:00Z") "," CALL("a", "Visit",
                                                                            "2900-01-01") ",7]}",
         &semaphore);
    assert_true(gy_write_queue_push(queue, &sent.delivery));
    sem_wait(&semaphore);
    assert_int_equal(sent.delivery.status, GY_OK);
    assert_int_equal(sent.delivery.collected.n_rejected, 2);
    assert_int_equal(sent.delivery.collected.rejected[0].index, 1);
    gy_fixture_expect(&f, "a", "2025-01-01T00:00:00.000Z Visit\n");
    assert_true(gy_write_queue_is_well(queue));
    gy_write_queue_stop(queue);
    gy_collected_release(&sent.delivery.collected);
    sem_destroy(&semaphore);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* Lent, it holds what comes until there is no room; then it goes on where it was. */
static void while_the_writer_is_lent(void **state)
{
    (void)state;
    static const char body[] = "{\"batch\":[" CALL("a", "Visit", "2025-01-01T00:00:00Z") "]}";
    struct gy_error err = {0};
    struct gy_fixture f;
    struct sent sent[3];
    sem_t semaphore;
    struct gy_writer *writer;
    struct gy_write_queue *queue = start(&f, 2 * (sizeof body - 1));
    sem_init(&semaphore, 0, 0);
    assert_int_equal(gy_writer_open(f.dir, &writer, &err), GY_BUSY);
    assert_true(gy_write_queue_lend(queue));
    assert_ok(gy_writer_open(f.dir, &writer, &err), &err);
    for (int i = 0; i < 3; i++) {
        fill(&sent[i], body, &semaphore);
        assert_int_equal(gy_write_queue_push(queue, &sent[i].delivery), i < 2);
    }
    assert_int_equal(sem_trywait(&semaphore), -1);
    gy_writer_close(writer);
    gy_write_queue_take_back(queue);
    sem_wait(&semaphore);
    sem_wait(&semaphore);
    assert_int_equal(sent[0].delivery.status, GY_OK);
    assert_int_equal(sent[1].delivery.status, GY_OK);
    gy_write_queue_stop(queue);
    for (int i = 0; i < 3; i++) {
        gy_collected_release(&sent[i].delivery.collected);
    }
    sem_destroy(&semaphore);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* The other process keeps it: what waits fails, and it ends. */
static void it_ends_while_it_is_lent(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct sent sent;
    sem_t semaphore;
    struct gy_write_queue *queue = start(&f, 1000);
    sem_init(&semaphore, 0, 0);
    assert_true(gy_write_queue_lend(queue));
    fill(&sent, "{\"batch\":[" CALL("a", "Visit", "2025-01-01T00:00:00Z") "]}", &semaphore);
    assert_true(gy_write_queue_push(queue, &sent.delivery));
    gy_write_queue_begin_stop(queue);
    gy_write_queue_take_back(queue);
    gy_write_queue_stop(queue);
    sem_wait(&semaphore);
    assert_int_equal(sent.delivery.status, GY_BUSY);
    gy_collected_release(&sent.delivery.collected);
    sem_destroy(&semaphore);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static char names[][8] = {"one", "two", "later", "never"};

static enum gy_status add_metric(struct gy_writer *writer, void *name, struct gy_error *err)
{
    return gy_writer_put_metric(writer, gy_str_of(name), GY_STR("count(\"Visit\")"), err);
}

static void count_changed(void *context)
{
    ++*(int *)context;
}

static uint32_t n_metrics(const struct gy_fixture *f)
{
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    uint32_t n = gy_snapshot_n_metrics(s);
    gy_snapshot_close(s);
    return n;
}

static void *run_later(void *queue)
{
    struct gy_error err = {0};
    assert_ok(gy_write_queue_run(queue, add_metric, names[2], &err), &err);
    return NULL;
}

/* A job writes between commits, waits while the writer is lent, and fails where there is none any more. */
static void jobs(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_error err = {0};
    struct gy_writer *writer;
    pthread_t thread;
    int n_changed = 0;
    struct gy_write_queue *queue;
    struct gy_write_queue_options options;
    gy_fixture_open(&f, "UTC");
    gy_writer_close(f.writer);
    f.writer = NULL;
    options = (struct gy_write_queue_options){.dir = f.dir,
                                              .bytes_max = 1000,
                                              .log_calls_max = 100,
                                              .log_ms_max = 10000,
                                              .context = &n_changed,
                                              .changed = count_changed};
    assert_ok(gy_write_queue_start(&options, &queue, &err), &err);
    assert_ok(gy_write_queue_run(queue, add_metric, names[0], &err), &err);
    assert_ok(gy_write_queue_record(queue, add_metric, names[1], &err), &err);
    assert_int_equal(n_changed, 1);
    assert_int_equal(n_metrics(&f), 2);

    assert_true(gy_write_queue_lend(queue));
    assert_ok(gy_writer_open(f.dir, &writer, &err), &err);
    assert_int_equal(pthread_create(&thread, NULL, run_later, queue), 0);
    gy_writer_close(writer);
    gy_write_queue_take_back(queue);
    pthread_join(thread, NULL);
    assert_int_equal(n_changed, 2);
    assert_int_equal(n_metrics(&f), 3);

    assert_true(gy_write_queue_lend(queue));
    gy_write_queue_begin_stop(queue);
    assert_int_equal(gy_write_queue_run(queue, add_metric, names[3], &err), GY_BUSY);
    gy_write_queue_take_back(queue);
    gy_write_queue_stop(queue);
    assert_int_equal(n_metrics(&f), 3);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void *record_later(void *queue)
{
    struct gy_error err = {0};
    assert_ok(gy_write_queue_record(queue, add_metric, names[1], &err), &err);
    return NULL;
}

/* Somebody waits for what is asked for, so it does not wait for ever; what is only recorded does. */
static void a_job_while_an_import_takes_long(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_error err = {0};
    pthread_t thread;
    struct gy_write_queue *queue;
    struct gy_write_queue_options options;
    gy_fixture_open(&f, "UTC");
    gy_writer_close(f.writer);
    f.writer = NULL;
    options = (struct gy_write_queue_options){.dir = f.dir,
                                              .bytes_max = 1000,
                                              .log_calls_max = 100,
                                              .log_ms_max = 10000,
                                              .job_ms_max = 50};
    assert_ok(gy_write_queue_start(&options, &queue, &err), &err);
    assert_true(gy_write_queue_lend(queue));
    assert_int_equal(pthread_create(&thread, NULL, record_later, queue), 0);
    assert_int_equal(gy_write_queue_run(queue, add_metric, names[0], &err), GY_BUSY);
    assert_int_equal(gy_write_queue_run(queue, add_metric, names[0], &err), GY_BUSY);
    gy_write_queue_take_back(queue);
    pthread_join(thread, NULL);
    assert_int_equal(n_metrics(&f), 1);
    assert_ok(gy_write_queue_run(queue, add_metric, names[2], &err), &err);
    assert_int_equal(n_metrics(&f), 2);
    gy_write_queue_begin_stop(queue);
    gy_write_queue_stop(queue);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void *take_back(void *queue)
{
    gy_write_queue_take_back(queue);
    return NULL;
}

static void wait_until_well(struct gy_write_queue *queue, bool is_well)
{
    struct timespec pause = {0, 10000000};
    for (int i = 0; i < 1000 && gy_write_queue_is_well(queue) != is_well; i++) {
        nanosleep(&pause, NULL);
    }
    assert_int_equal(gy_write_queue_is_well(queue), is_well);
}

/* Another process has the writer, and it was not lent: that is said, nothing is kept waiting, and it goes on once
 * the other one has ended. */
static void a_writer_that_does_not_come_back(void **state)
{
    (void)state;
    static const char body[] = "{\"batch\":[" CALL("a", "Visit", "2025-01-01T00:00:00Z") "]}";
    struct gy_error err = {0};
    struct gy_fixture f;
    struct sent sent[2];
    sem_t semaphore;
    pthread_t thread;
    struct gy_writer *writer;
    struct gy_write_queue *queue = start(&f, 1000);
    sem_init(&semaphore, 0, 0);
    assert_true(gy_write_queue_lend(queue));
    assert_ok(gy_writer_open(f.dir, &writer, &err), &err);
    assert_int_equal(pthread_create(&thread, NULL, take_back, queue), 0);
    fill(&sent[0], body, &semaphore);
    assert_true(gy_write_queue_push(queue, &sent[0].delivery));
    sem_wait(&semaphore);
    assert_int_equal(sent[0].delivery.status, GY_BUSY);
    wait_until_well(queue, false);
    gy_writer_close(writer);
    pthread_join(thread, NULL);
    wait_until_well(queue, true);
    fill(&sent[1], body, &semaphore);
    assert_true(gy_write_queue_push(queue, &sent[1].delivery));
    sem_wait(&semaphore);
    assert_int_equal(sent[1].delivery.status, GY_OK);
    gy_write_queue_stop(queue);
    for (int i = 0; i < 2; i++) {
        gy_collected_release(&sent[i].delivery.collected);
    }
    sem_destroy(&semaphore);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

enum {
    SENDERS = 4,
    EACH = 100
};

struct sender {
    struct gy_write_queue *queue;
    int no;
};

static void *send_many(void *context)
{
    const struct sender *sender = context;
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    for (int i = 0; i < EACH; i++) {
        char body[200];
        struct sent sent;
        snprintf(body, sizeof body,
                 "{\"batch\":[{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\",\"messageId\":"
                 "\"%d-%d\",\"timestamp\":\"2025-01-01\"}]}",
                 sender->no, i);
        fill(&sent, body, &semaphore);
        assert_true(gy_write_queue_push(sender->queue, &sent.delivery));
        sem_wait(&semaphore);
        assert_int_equal(sent.delivery.status, GY_OK);
        gy_collected_release(&sent.delivery.collected);
    }
    sem_destroy(&semaphore);
    return NULL;
}

/* Several senders, several times the log's limit: nothing is lost and nothing doubled. */
static void many_senders(void **state)
{
    (void)state;
    struct gy_fixture f;
    pthread_t threads[SENDERS];
    struct sender senders[SENDERS];
    struct gy_write_queue *queue = start(&f, 1 << 20);
    for (int i = 0; i < SENDERS; i++) {
        senders[i] = (struct sender){queue, i};
        assert_int_equal(pthread_create(&threads[i], NULL, send_many, &senders[i]), 0);
    }
    for (int i = 0; i < SENDERS; i++) {
        pthread_join(threads[i], NULL);
    }
    gy_write_queue_stop(queue);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    uint32_t stream = gy_schema_find_event(gy_snapshot_schema(s), GY_STR("E"));
    uint64_t n = 0;
    for (size_t i = 0; i < gy_snapshot_n_parts(s); i++) {
        n += gy_part_n_rows(gy_snapshot_part(s, i), stream);
    }
    assert_int_equal(n, SENDERS * EACH);
    gy_snapshot_close(s);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(what_is_done_is_stored),
    cmocka_unit_test(while_the_writer_is_lent),
    cmocka_unit_test(it_ends_while_it_is_lent),
    cmocka_unit_test(jobs),
    cmocka_unit_test(a_job_while_an_import_takes_long),
    cmocka_unit_test(a_writer_that_does_not_come_back),
    cmocka_unit_test(many_senders),
};

GY_TEST_MAIN(cases)
