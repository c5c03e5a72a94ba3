/* write_queue.c - see write_queue.h. */
#include "server/write_queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "base/zone.h"
#include "server/counters.h"
#include "server/log_line.h"
#include "server/upkeep.h"
#include "store/writer.h"

enum {
    GROUP_BYTES = 16 << 20,
    REOPEN_MS = 50, /* to the next try; twice as long after each */
    REOPEN_MS_MAX = 1000,
    REOPEN_PATIENCE_MS = 1000,
    JOB_PATIENCE_MS = 5000,
    LEND_PATIENCE_MS = 10000, /* so long a merge may still run before it is given up */
    SAY_EVERY_MS = 10000
};

/* A write that is not a delivery; it lies on the stack of who waits for it. */
struct job {
    gy_write_fn run;
    void *context;
    bool is_told;    /* others are, that something has changed */
    bool is_patient; /* waits for a writer that is lent, however long that takes */
    bool is_done;
    enum gy_status status;
    struct gy_error err;
    struct job *next;
};

struct gy_write_queue {
    struct gy_write_queue_options o;
    char *dir;
    pthread_t thread;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t wakes; /* the thread: something waits, or another state is wanted */
    pthread_cond_t told;  /* others: the writer is lent, or is not */
    struct gy_delivery *first;
    struct gy_delivery **last;
    size_t bytes;
    struct job *first_job;
    struct job **last_job;
    bool is_stopping; /* nothing new is taken, nor lent */
    bool is_ending;   /* what waits is the last */
    bool is_lending;  /* wanted */
    int64_t lend_until_ms;
    bool is_lent;
    bool is_well;
    bool is_behind; /* what was taken has to become files first */

    struct gy_writer *writer; /* the thread's alone */
    struct gy_upkeep *upkeep;
    int64_t say_at_ms;
    struct gy_commit_counts counts; /* since it was last said */
    uint64_t n_rejected;
    uint64_t n_commits;
};

/* ---- one group ---- */

static void put_dead_letters(struct gy_write_queue *queue, const struct gy_delivery *d)
{
    for (uint32_t i = 0; i < d->collected.n_rejected; i++) {
        struct gy_dead_letter letter = {d->write_key, d->collected.rejected[i].reason,
                                        d->collected.rejected[i].call};
        gy_writer_add_dead_letter(queue->writer, &letter);
    }
}

/* A call that is rejected leaves the delivery's list, so that the delivery can be tried again. */
static enum gy_status add_calls(struct gy_write_queue *queue, struct gy_delivery *d,
                                struct gy_error *err)
{
    struct gy_collected *c = &d->collected;
    uint32_t n = 0;
    enum gy_status status = GY_OK;
    for (uint32_t i = 0; i < c->n_calls; i++) {
        struct gy_error why = {0};
        enum gy_status one =
            status == GY_OK ? gy_writer_add(queue->writer, &c->calls[i], &why) : GY_OK;
        if (one == GY_INVALID || one == GY_LIMIT || one == GY_ERASED) {
            gy_collected_reject(c, c->indexes[i], c->texts[i], &why);
            continue;
        }
        if (one != GY_OK) {
            status = one;
            *err = why;
        }
        c->calls[n] = c->calls[i];
        c->texts[n] = c->texts[i];
        c->indexes[n++] = c->indexes[i];
    }
    c->n_calls = n;
    if (status == GY_OK) {
        put_dead_letters(queue, d);
    }
    return status;
}

/* Commits the deliveries from `first` up to `end`, all of them or none. */
static enum gy_status commit(struct gy_write_queue *queue, struct gy_delivery *first,
                             const struct gy_delivery *end, struct gy_error *err)
{
    struct gy_commit_counts counts = {0};
    int64_t began_us = gy_monotonic_us();
    enum gy_status status = GY_OK;
    for (struct gy_delivery *d = first; d != end && status == GY_OK; d = d->next) {
        status = add_calls(queue, d, err);
    }
    if (status == GY_OK) {
        status = gy_writer_commit_log(queue->writer, &counts, err);
    }
    if (status != GY_OK) {
        gy_writer_discard(queue->writer);
        gy_count(GY_COUNTER_COMMIT_FAILURES, 1);
        return status;
    }
    gy_count_commit_us(gy_monotonic_us() - began_us);
    gy_count(GY_COUNTER_CALLS_TAKEN, counts.taken);
    gy_count(GY_COUNTER_CALLS_DUPLICATE, counts.duplicates);
    gy_count(GY_COUNTER_COMMITS, 1);
    queue->counts.taken += counts.taken;
    queue->counts.duplicates += counts.duplicates;
    queue->n_commits++;
    gy_upkeep_note(queue->upkeep, counts.taken);
    return GY_OK;
}

static void say_failure(struct gy_write_queue *queue, bool is_well, const struct gy_error *err)
{
    pthread_mutex_lock(&queue->lock);
    bool was_well = queue->is_well;
    queue->is_well = is_well;
    pthread_mutex_unlock(&queue->lock);
    if (was_well && !is_well) {
        gy_log_error("commit failed", err);
    }
}

static void write_group(struct gy_write_queue *queue, struct gy_delivery *first)
{
    struct gy_error err = {0};
    enum gy_status status = commit(queue, first, NULL, &err);
    bool is_alone = first->next == NULL;
    bool is_well = status == GY_OK;
    for (struct gy_delivery *d = first; d != NULL; d = d->next) {
        d->status = status == GY_OK || is_alone ? status : commit(queue, d, d->next, &err);
        is_well |= d->status == GY_OK;
        queue->n_rejected += d->collected.n_rejected;
        gy_count(GY_COUNTER_CALLS_REJECTED, d->collected.n_rejected);
        if (d->status != GY_OK) {
            d->err = err;
        }
    }
    say_failure(queue, is_well, &err);
}

/* The deliveries are their callers' again from here on. */
static void answer_group(struct gy_write_queue *queue, struct gy_delivery *first)
{
    size_t bytes = 0;
    for (struct gy_delivery *d = first, *next; d != NULL; d = next) {
        next = d->next;
        bytes += d->bytes;
        if (d->status == GY_OK && queue->o.committed != NULL) {
            queue->o.committed(queue->o.context, d);
        }
        d->done(d);
    }
    pthread_mutex_lock(&queue->lock);
    queue->bytes -= bytes;
    pthread_mutex_unlock(&queue->lock);
}

/* ---- between groups ---- */

static void say_counts(struct gy_write_queue *queue)
{
    struct gy_log_line line;
    queue->say_at_ms = gy_monotonic_ms() + SAY_EVERY_MS;
    if (queue->n_commits == 0) {
        return;
    }
    gy_log_begin(&line, "info", "collected");
    gy_log_count(&line, "calls", queue->counts.taken);
    gy_log_count(&line, "duplicates", queue->counts.duplicates);
    gy_log_count(&line, "rejected", queue->n_rejected);
    gy_log_count(&line, "commits", queue->n_commits);
    gy_log_end(&line);
    queue->counts = (struct gy_commit_counts){0};
    queue->n_rejected = 0;
    queue->n_commits = 0;
}

/* With the lock held. */
static void wait(struct gy_write_queue *queue, pthread_cond_t *condition, int64_t until_ms)
{
    if (until_ms == INT64_MAX) {
        pthread_cond_wait(condition, &queue->lock);
        return;
    }
    struct timespec until = {until_ms / 1000, until_ms % 1000 * 1000000};
    (void)pthread_cond_timedwait(condition, &queue->lock, &until);
}

/* Takes the group that is next; with the lock held. */
static struct gy_delivery *take_group(struct gy_write_queue *queue)
{
    struct gy_delivery *group = queue->first;
    size_t bytes = 0;
    struct gy_delivery **end = &queue->first;
    while (*end != NULL && (bytes == 0 || bytes + (*end)->bytes <= GROUP_BYTES)) {
        bytes += (*end)->bytes;
        end = &(*end)->next;
    }
    struct gy_delivery *rest = *end;
    *end = NULL;
    queue->first = rest;
    if (rest == NULL) {
        queue->last = &queue->first;
    }
    return group;
}

static void fail_group(struct gy_delivery *first)
{
    for (struct gy_delivery *d = first; d != NULL; d = d->next) {
        d->status = gy_error_set(&d->err, GY_BUSY, "another process writes to the data directory");
    }
}

/* ---- jobs ---- */

/* All that wait, with the lock held. */
static void run_jobs(struct gy_write_queue *queue)
{
    while (queue->first_job != NULL) {
        struct job *job = queue->first_job;
        queue->first_job = job->next;
        if (queue->first_job == NULL) {
            queue->last_job = &queue->first_job;
        }
        pthread_mutex_unlock(&queue->lock);
        job->status =
            queue->writer == NULL
                ? gy_error_set(&job->err, GY_BUSY, "another process writes to the data directory")
                : job->run(queue->writer, job->context, &job->err);
        if (job->status == GY_OK && job->is_told && queue->o.changed != NULL) {
            queue->o.changed(queue->o.context);
        }
        pthread_mutex_lock(&queue->lock);
        job->is_done = true;
        pthread_cond_broadcast(&queue->told);
    }
}

/* With the lock held. */
static bool is_idle(const struct gy_write_queue *queue)
{
    return queue->first == NULL && queue->first_job == NULL && !queue->is_ending &&
           (!queue->is_lending || queue->is_stopping || !gy_upkeep_is_idle(queue->upkeep));
}

/* ---- the writer is lent ---- */

/* With the lock held; what waits would wait for nobody knows how long. */
static void fail_what_waits(struct gy_write_queue *queue)
{
    struct gy_delivery *group;
    while ((group = take_group(queue)) != NULL) {
        pthread_mutex_unlock(&queue->lock);
        fail_group(group);
        answer_group(queue, group);
        pthread_mutex_lock(&queue->lock);
    }
    run_jobs(queue);
}

static bool try_to_open(struct gy_write_queue *queue, int64_t began_ms)
{
    struct gy_error err = {0};
    enum gy_status status = gy_writer_open_own(queue->dir, &queue->writer, &err);
    if (status == GY_OK) {
        gy_upkeep_begin(queue->upkeep);
        if (queue->o.reopened != NULL) {
            queue->o.reopened(queue->o.context);
        }
    }
    if (status == GY_OK || status != GY_BUSY || gy_monotonic_ms() > began_ms + REOPEN_PATIENCE_MS) {
        say_failure(queue, status == GY_OK, &err);
    }
    return status == GY_OK;
}

/* Somebody else may have been quicker with the lock; where it lasts, it is said and nothing is kept waiting. */
static void reopen(struct gy_write_queue *queue)
{
    int64_t began_ms = gy_monotonic_ms();
    int64_t pause_ms = REOPEN_MS;
    while (!queue->is_stopping) {
        pthread_mutex_unlock(&queue->lock);
        bool is_open = try_to_open(queue, began_ms);
        pthread_mutex_lock(&queue->lock);
        if (is_open) {
            return;
        }
        int64_t until_ms = gy_monotonic_ms() + pause_ms;
        while (!queue->is_stopping && gy_monotonic_ms() < until_ms) {
            if (!queue->is_well) {
                fail_what_waits(queue);
            }
            wait(queue, &queue->wakes, until_ms);
        }
        pause_ms = 2 * pause_ms < REOPEN_MS_MAX ? 2 * pause_ms : REOPEN_MS_MAX;
    }
}

/* With the lock held. */
static void lend(struct gy_write_queue *queue)
{
    pthread_mutex_unlock(&queue->lock);
    gy_writer_close(queue->writer);
    pthread_mutex_lock(&queue->lock);
    queue->writer = NULL;
    queue->is_lent = true;
    pthread_cond_broadcast(&queue->told);
    while (queue->is_lending && !queue->is_stopping) {
        wait(queue, &queue->wakes, INT64_MAX);
    }
    reopen(queue);
    queue->is_lent = false;
    pthread_cond_broadcast(&queue->told);
}

/* ---- the thread ---- */

/* With the lock held: until there is something to do. */
static void rest(struct gy_write_queue *queue)
{
    int64_t until_ms = INT64_MAX;
    if (queue->writer != NULL) {
        int64_t next_ms = gy_upkeep_next_ms(queue->upkeep);
        until_ms = queue->n_commits > 0 && queue->say_at_ms < next_ms ? queue->say_at_ms : next_ms;
    }
    if (queue->is_lending && gy_monotonic_ms() < queue->lend_until_ms) {
        until_ms = queue->lend_until_ms < until_ms ? queue->lend_until_ms : until_ms;
    }
    if (is_idle(queue) && until_ms > gy_monotonic_ms()) {
        wait(queue, &queue->wakes, until_ms);
    }
}

static void write_next(struct gy_write_queue *queue, struct gy_delivery *group)
{
    if (group != NULL && queue->writer != NULL) {
        write_group(queue, group);
    } else {
        fail_group(group);
    }
    answer_group(queue, group);
    if (queue->writer != NULL && gy_upkeep_is_due(queue->upkeep)) {
        gy_upkeep_step(queue->upkeep, queue->writer);
    }
    if (gy_monotonic_ms() >= queue->say_at_ms) {
        say_counts(queue);
    }
}

/* Whether it is lent now; with the lock held. What is going on beside is ended first, and calls are taken until it
 * has. */
static bool lend_if_wanted(struct gy_write_queue *queue)
{
    if (!queue->is_lending || queue->is_stopping) {
        return false;
    }
    gy_upkeep_hold(queue->upkeep);
    if (!gy_upkeep_is_idle(queue->upkeep)) {
        if (gy_monotonic_ms() >= queue->lend_until_ms) {
            gy_upkeep_cancel(queue->upkeep);
        }
        return false;
    }
    lend(queue);
    return true;
}

static void *run(void *context)
{
    struct gy_write_queue *queue = context;
    pthread_mutex_lock(&queue->lock);
    for (;;) {
        if (lend_if_wanted(queue)) {
            continue;
        }
        run_jobs(queue);
        struct gy_delivery *group = take_group(queue);
        if (group == NULL && queue->is_ending) {
            break;
        }
        pthread_mutex_unlock(&queue->lock);
        write_next(queue, group);
        pthread_mutex_lock(&queue->lock);
        queue->is_behind = gy_upkeep_is_behind(queue->upkeep);
        rest(queue);
    }
    pthread_mutex_unlock(&queue->lock);
    if (queue->writer != NULL) {
        gy_upkeep_end(queue->upkeep, queue->writer);
    }
    say_counts(queue);
    return NULL;
}

/* On any thread. */
static void wake(void *context)
{
    struct gy_write_queue *queue = context;
    pthread_mutex_lock(&queue->lock);
    pthread_cond_broadcast(&queue->wakes);
    pthread_mutex_unlock(&queue->lock);
}

/* ---- for others ---- */

static void release(struct gy_write_queue *queue)
{
    gy_upkeep_free(queue->upkeep);
    gy_writer_close(queue->writer);
    pthread_cond_destroy(&queue->wakes);
    pthread_cond_destroy(&queue->told);
    pthread_mutex_destroy(&queue->lock);
    free(queue->dir);
    free(queue);
}

enum gy_status gy_write_queue_start(const struct gy_write_queue_options *options,
                                    struct gy_write_queue **out, struct gy_error *err)
{
    pthread_condattr_t attributes;
    struct gy_write_queue *queue = gy_alloc_zero(1, sizeof *queue);
    queue->o = *options;
    queue->dir = gy_strndup(options->dir, strlen(options->dir));
    queue->last = &queue->first;
    queue->last_job = &queue->first_job;
    queue->is_well = true;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&queue->wakes, &attributes);
    pthread_cond_init(&queue->told, &attributes);
    pthread_condattr_destroy(&attributes);
    queue->upkeep =
        gy_upkeep_new(&(struct gy_upkeep_options){.log_calls_max = options->log_calls_max,
                                                  .log_ms_max = options->log_ms_max,
                                                  .ended = wake,
                                                  .context = queue});
    enum gy_status status = gy_writer_open_own(options->dir, &queue->writer, err);
    if (status == GY_OK) {
        int code = pthread_create(&queue->thread, NULL, run, queue);
        status = code == 0 ? GY_OK : gy_error_sys(err, code, "could not start a thread");
    }
    if (status != GY_OK) {
        release(queue);
        return status;
    }
    *out = queue;
    return GY_OK;
}

void gy_write_queue_begin_stop(struct gy_write_queue *queue)
{
    if (queue == NULL) {
        return;
    }
    pthread_mutex_lock(&queue->lock);
    queue->is_stopping = true;
    pthread_cond_broadcast(&queue->wakes);
    pthread_cond_broadcast(&queue->told);
    pthread_mutex_unlock(&queue->lock);
}

void gy_write_queue_stop(struct gy_write_queue *queue)
{
    if (queue == NULL) {
        return;
    }
    gy_write_queue_begin_stop(queue);
    pthread_mutex_lock(&queue->lock);
    queue->is_ending = true;
    pthread_cond_broadcast(&queue->wakes);
    pthread_mutex_unlock(&queue->lock);
    pthread_join(queue->thread, NULL);
    release(queue);
}

bool gy_write_queue_push(struct gy_write_queue *queue, struct gy_delivery *delivery)
{
    delivery->next = NULL;
    pthread_mutex_lock(&queue->lock);
    bool is_taken = !queue->is_stopping && !queue->is_behind &&
                    queue->bytes + delivery->bytes <= queue->o.bytes_max;
    if (is_taken) {
        bool was_empty = queue->first == NULL;
        queue->bytes += delivery->bytes;
        *queue->last = delivery;
        queue->last = &delivery->next;
        if (was_empty) {
            pthread_cond_signal(&queue->wakes);
        }
    }
    pthread_mutex_unlock(&queue->lock);
    return is_taken;
}

/* With the lock held. False: it is not on the list any more, for it has begun. */
static bool take_off(struct gy_write_queue *queue, struct job *job)
{
    struct job **at = &queue->first_job;
    while (*at != NULL && *at != job) {
        at = &(*at)->next;
    }
    if (*at == NULL) {
        return false;
    }
    *at = job->next;
    if (queue->last_job == &job->next) {
        queue->last_job = at;
    }
    return true;
}

/* With the lock held. */
static void wait_for_job(struct gy_write_queue *queue, struct job *job)
{
    int64_t most_ms = queue->o.job_ms_max == 0 ? JOB_PATIENCE_MS : queue->o.job_ms_max;
    int64_t until_ms = gy_monotonic_ms() + most_ms;
    while (!job->is_done) {
        bool is_limited = queue->is_lent && !job->is_patient;
        if (is_limited && gy_monotonic_ms() >= until_ms && take_off(queue, job)) {
            job->status =
                gy_error_set(&job->err, GY_BUSY, "another command writes to the data directory");
            return;
        }
        wait(queue, &queue->told, is_limited ? until_ms : INT64_MAX);
    }
}

static enum gy_status do_job(struct gy_write_queue *queue, struct job *job, struct gy_error *err)
{
    pthread_mutex_lock(&queue->lock);
    *queue->last_job = job;
    queue->last_job = &job->next;
    pthread_cond_broadcast(&queue->wakes);
    wait_for_job(queue, job);
    pthread_mutex_unlock(&queue->lock);
    if (job->status != GY_OK && err != NULL) {
        *err = job->err;
    }
    return job->status;
}

enum gy_status gy_write_queue_run(struct gy_write_queue *queue, gy_write_fn fn, void *context,
                                  struct gy_error *err)
{
    struct job job = {.run = fn, .context = context, .is_told = true};
    return do_job(queue, &job, err);
}

enum gy_status gy_write_queue_record(struct gy_write_queue *queue, gy_write_fn fn, void *context,
                                     struct gy_error *err)
{
    struct job job = {.run = fn, .context = context, .is_patient = true};
    return do_job(queue, &job, err);
}

size_t gy_write_queue_bytes(struct gy_write_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    size_t bytes = queue->bytes;
    pthread_mutex_unlock(&queue->lock);
    return bytes;
}

bool gy_write_queue_is_well(struct gy_write_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    bool is_well = queue->is_well;
    pthread_mutex_unlock(&queue->lock);
    return is_well;
}

bool gy_write_queue_lend(struct gy_write_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->is_lending = true;
    queue->lend_until_ms = gy_monotonic_ms() + LEND_PATIENCE_MS;
    pthread_cond_broadcast(&queue->wakes);
    while (!queue->is_lent && !queue->is_stopping) {
        wait(queue, &queue->told, INT64_MAX);
    }
    bool is_lent = queue->is_lent;
    pthread_mutex_unlock(&queue->lock);
    return is_lent;
}

void gy_write_queue_take_back(struct gy_write_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->is_lending = false;
    pthread_cond_broadcast(&queue->wakes);
    while (queue->is_lent && !queue->is_stopping) {
        wait(queue, &queue->told, INT64_MAX);
    }
    pthread_mutex_unlock(&queue->lock);
}
