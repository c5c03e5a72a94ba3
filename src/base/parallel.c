/* parallel.c - one counter, from which each thread takes its next piece.
 *
 * A thread looks for a failure before it takes a piece, never after. So every piece before one that
 * failed was taken and is run to its end, and which error is given does not depend on the threads.
 */
#include "base/parallel.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

struct job {
    gy_piece_fn run;
    void *context;
    size_t n;
    atomic_size_t next;
    atomic_bool has_failed;
    pthread_mutex_t lock; /* for what follows */
    size_t failed_piece;
    enum gy_status status;
    struct gy_error error;
};

struct worker {
    struct job *job;
    pthread_t thread;
    unsigned number;
};

static void record_failure(struct job *job, size_t piece, enum gy_status status,
                           const struct gy_error *error)
{
    pthread_mutex_lock(&job->lock);
    if (job->status == GY_OK || piece < job->failed_piece) {
        job->failed_piece = piece;
        job->status = status;
        job->error = *error;
    }
    pthread_mutex_unlock(&job->lock);
    atomic_store(&job->has_failed, true);
}

static void *work(void *arg)
{
    struct worker *worker = arg;
    struct job *job = worker->job;
    struct gy_error error = {0};
    while (!atomic_load(&job->has_failed)) {
        size_t piece = atomic_fetch_add(&job->next, 1);
        if (piece >= job->n) {
            break;
        }
        enum gy_status status = job->run(job->context, piece, worker->number, &error);
        if (status != GY_OK) {
            record_failure(job, piece, status, &error);
        }
    }
    return NULL;
}

/* Starts workers 1, 2, …; where the system has no thread left, fewer do the same work. */
static unsigned start_workers(struct worker *workers, unsigned n)
{
    unsigned started = 1;
    while (started < n &&
           pthread_create(&workers[started].thread, NULL, work, &workers[started]) == 0) {
        started++;
    }
    return started;
}

enum gy_status gy_parallel(size_t n, unsigned n_threads, gy_piece_fn run, void *context,
                           struct gy_error *err)
{
    if (n == 0) {
        return GY_OK;
    }
    if (n_threads == 0) {
        n_threads = gy_cores();
    }
    if (n_threads > n) {
        n_threads = (unsigned)n;
    }
    struct job job = {.run = run, .context = context, .n = n, .lock = PTHREAD_MUTEX_INITIALIZER};
    struct worker *workers = gy_alloc_zero(n_threads, sizeof *workers);
    for (unsigned i = 0; i < n_threads; i++) {
        workers[i].job = &job;
        workers[i].number = i;
    }
    unsigned n_started = start_workers(workers, n_threads);
    work(&workers[0]);
    for (unsigned i = 1; i < n_started; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    free(workers);
    if (job.status != GY_OK && err != NULL) {
        *err = job.error;
    }
    return job.status;
}

unsigned gy_cores(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : (unsigned)n;
}
