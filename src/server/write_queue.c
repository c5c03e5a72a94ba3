/* write_queue.c - see write_queue.h. */
#include "server/write_queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/mem.h"
#include "server/log_line.h"
#include "store/writer.h"

enum {
    GROUP_BYTES = 16 << 20,
    REOPEN_EVERY_MS = 50,
    MAINTAIN_AGAIN_MS = 10000, /* after it failed */
    MERGE_NICE = 10
};

/* A write that is not a delivery; it lies on the stack of who waits for it. */
struct job {
    gy_write_fn run;
    void *context;
    bool is_told; /* others are, that something has changed */
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
    bool is_lent;
    bool is_well;
    bool is_merged; /* the merge has ended, well or not */

    struct gy_writer *writer;   /* the thread's alone */
    struct gy_merging *merging; /* NULL: no parts are being merged */
    pthread_t merger;
    uint64_t n_logged;              /* calls in the log */
    int64_t log_until_ms;           /* when it becomes a part; INT64_MAX: it is empty */
    struct gy_commit_counts counts; /* since it was last said */
    uint64_t n_rejected;
    uint64_t n_commits;
};

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

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
        if (one == GY_INVALID || one == GY_LIMIT) {
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
    enum gy_status status = GY_OK;
    for (struct gy_delivery *d = first; d != end && status == GY_OK; d = d->next) {
        status = add_calls(queue, d, err);
    }
    if (status == GY_OK) {
        status = gy_writer_commit_log(queue->writer, &counts, err);
    }
    if (status != GY_OK) {
        gy_writer_discard(queue->writer);
        return status;
    }
    queue->counts.taken += counts.taken;
    queue->counts.duplicates += counts.duplicates;
    queue->n_commits++;
    queue->n_logged += counts.taken;
    if (counts.taken > 0 && queue->log_until_ms == INT64_MAX) {
        queue->log_until_ms = monotonic_ms() + queue->o.log_ms_max;
    }
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

/* Its threads, those that share the work too, come after all others. */
static void *merge(void *context)
{
    struct gy_write_queue *queue = context;
    struct gy_error err = {0};
    (void)setpriority(PRIO_PROCESS, 0, MERGE_NICE); /* of this thread alone, on Linux */
    if (gy_merging_run(queue->merging, &err) != GY_OK) {
        gy_log_error("merge failed", &err);
    }
    pthread_mutex_lock(&queue->lock);
    queue->is_merged = true;
    pthread_cond_broadcast(&queue->wakes);
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

/* Waits until it is over. */
static void end_merge(struct gy_write_queue *queue)
{
    struct gy_error err = {0};
    if (queue->merging == NULL) {
        return;
    }
    pthread_join(queue->merger, NULL);
    if (gy_writer_end_merge(queue->writer, queue->merging, &err) != GY_OK) {
        gy_log_error("merge failed", &err);
    }
    queue->merging = NULL;
    queue->is_merged = false;
}

/* Where no thread is to be had, the merge waits for another time. */
static void begin_merge(struct gy_write_queue *queue)
{
    struct gy_error err = {0};
    queue->merging = gy_writer_begin_merge(queue->writer);
    if (queue->merging == NULL) {
        return;
    }
    int code = pthread_create(&queue->merger, NULL, merge, queue);
    if (code != 0) {
        GY_ASSERT(gy_writer_end_merge(queue->writer, queue->merging, &err) == GY_OK);
        queue->merging = NULL;
    }
}

/* Where no parts are to be merged, the rest: id files, and links where they are many. */
static enum gy_status tidy(struct gy_write_queue *queue, struct gy_error *err)
{
    GY_TRY(gy_writer_fold_log(queue->writer, err));
    if (queue->merging == NULL) {
        begin_merge(queue);
    }
    return queue->merging != NULL ? GY_OK : gy_writer_maintain(queue->writer, err);
}

static void maintain(struct gy_write_queue *queue)
{
    struct gy_error err = {0};
    if (tidy(queue, &err) == GY_OK) {
        queue->n_logged = 0;
        queue->log_until_ms = INT64_MAX;
    } else {
        gy_log_error("maintenance failed", &err);
        queue->log_until_ms = monotonic_ms() + MAINTAIN_AGAIN_MS;
    }
    say_counts(queue);
}

static bool should_maintain(const struct gy_write_queue *queue)
{
    return monotonic_ms() >= queue->log_until_ms ||
           (queue->n_logged >= queue->o.log_calls_max && queue->is_well);
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

/* Somebody else may have been quicker with the lock. */
static void reopen(struct gy_write_queue *queue)
{
    struct gy_error err = {0};
    bool is_said = false;
    while (!queue->is_stopping) {
        pthread_mutex_unlock(&queue->lock);
        enum gy_status status = gy_writer_open_own(queue->dir, &queue->writer, &err);
        if (status != GY_OK && !is_said) {
            gy_log_error("waits for the data directory", &err);
            is_said = true;
        }
        if (status == GY_OK) {
            queue->n_logged = 0;
            queue->log_until_ms = monotonic_ms() + queue->o.log_ms_max;
            if (queue->o.reopened != NULL) {
                queue->o.reopened(queue->o.context);
            }
        }
        pthread_mutex_lock(&queue->lock);
        if (status == GY_OK) {
            return;
        }
        wait(queue, &queue->wakes, monotonic_ms() + REOPEN_EVERY_MS);
    }
}

/* With the lock held. */
static void lend(struct gy_write_queue *queue)
{
    pthread_mutex_unlock(&queue->lock);
    end_merge(queue);
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
           (!queue->is_lending || queue->is_stopping) && !queue->is_merged;
}

static void *run(void *context)
{
    struct gy_write_queue *queue = context;
    pthread_mutex_lock(&queue->lock);
    for (;;) {
        if (queue->is_lending && !queue->is_stopping) {
            lend(queue);
            continue;
        }
        run_jobs(queue);
        bool is_merged = queue->is_merged;
        struct gy_delivery *group = take_group(queue);
        if (group == NULL && queue->is_ending) {
            break;
        }
        pthread_mutex_unlock(&queue->lock);
        if (group != NULL && queue->writer != NULL) {
            write_group(queue, group);
        } else {
            fail_group(group);
        }
        answer_group(queue, group);
        if (is_merged) {
            end_merge(queue);
        }
        if (queue->writer != NULL && should_maintain(queue)) {
            maintain(queue);
        }
        pthread_mutex_lock(&queue->lock);
        if (is_idle(queue)) {
            wait(queue, &queue->wakes, queue->writer == NULL ? INT64_MAX : queue->log_until_ms);
        }
    }
    pthread_mutex_unlock(&queue->lock);
    end_merge(queue);
    say_counts(queue);
    return NULL;
}

/* ---- for others ---- */

static void release(struct gy_write_queue *queue)
{
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
    queue->log_until_ms = monotonic_ms() + options->log_ms_max; /* what was left in the log */
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
    bool is_taken = !queue->is_stopping && queue->bytes + delivery->bytes <= queue->o.bytes_max;
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

static enum gy_status do_job(struct gy_write_queue *queue, struct job *job, struct gy_error *err)
{
    pthread_mutex_lock(&queue->lock);
    *queue->last_job = job;
    queue->last_job = &job->next;
    pthread_cond_broadcast(&queue->wakes);
    while (!job->is_done) {
        wait(queue, &queue->told, INT64_MAX);
    }
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
    struct job job = {.run = fn, .context = context};
    return do_job(queue, &job, err);
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
