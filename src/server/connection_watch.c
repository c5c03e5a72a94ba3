/* connection_watch.c - see connection_watch.h.
 *
 * The lock is held while sockets are shut down, so that none is closed, and its number given to another,
 * in between. Twenty thousand connections are looked through in less than a millisecond. */
#include "server/connection_watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/mem.h"

enum {
    LOOK_EVERY_MS = 500
};

struct gy_watched {
    int fd;
    _Atomic int64_t until_ms; /* on the monotonic clock; INT64_MAX: there is time */
    struct gy_watched *previous;
    struct gy_watched *next;
};

struct gy_connection_watch {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wakes;
    bool is_ending;
    struct gy_watched *first;
};

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void end_late(struct gy_connection_watch *watch)
{
    int64_t now = monotonic_ms();
    for (struct gy_watched *w = watch->first; w != NULL; w = w->next) {
        if (atomic_load_explicit(&w->until_ms, memory_order_relaxed) < now) {
            (void)shutdown(w->fd, SHUT_RDWR);
            atomic_store_explicit(&w->until_ms, INT64_MAX, memory_order_relaxed);
        }
    }
}

static void *look(void *context)
{
    struct gy_connection_watch *watch = context;
    pthread_mutex_lock(&watch->lock);
    while (!watch->is_ending) {
        int64_t then = monotonic_ms() + LOOK_EVERY_MS;
        struct timespec until = {then / 1000, then % 1000 * 1000000};
        (void)pthread_cond_timedwait(&watch->wakes, &watch->lock, &until);
        end_late(watch);
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

enum gy_status gy_connection_watch_new(struct gy_connection_watch **out, struct gy_error *err)
{
    pthread_condattr_t attributes;
    struct gy_connection_watch *watch = gy_alloc_zero(1, sizeof *watch);
    pthread_mutex_init(&watch->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&watch->wakes, &attributes);
    pthread_condattr_destroy(&attributes);
    int code = pthread_create(&watch->thread, NULL, look, watch);
    if (code != 0) {
        free(watch);
        return gy_error_sys(err, code, "could not start a thread");
    }
    *out = watch;
    return GY_OK;
}

void gy_connection_watch_free(struct gy_connection_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    pthread_mutex_lock(&watch->lock);
    watch->is_ending = true;
    pthread_cond_signal(&watch->wakes);
    pthread_mutex_unlock(&watch->lock);
    pthread_join(watch->thread, NULL);
    GY_ASSERT(watch->first == NULL);
    pthread_cond_destroy(&watch->wakes);
    pthread_mutex_destroy(&watch->lock);
    free(watch);
}

struct gy_watched *gy_watch_begin(struct gy_connection_watch *watch, int fd)
{
    struct gy_watched *w = gy_alloc_zero(1, sizeof *w);
    w->fd = fd;
    atomic_init(&w->until_ms, INT64_MAX);
    pthread_mutex_lock(&watch->lock);
    w->next = watch->first;
    if (w->next != NULL) {
        w->next->previous = w;
    }
    watch->first = w;
    pthread_mutex_unlock(&watch->lock);
    return w;
}

void gy_watch_end(struct gy_connection_watch *watch, struct gy_watched *w)
{
    pthread_mutex_lock(&watch->lock);
    if (w->previous != NULL) {
        w->previous->next = w->next;
    } else {
        watch->first = w->next;
    }
    if (w->next != NULL) {
        w->next->previous = w->previous;
    }
    pthread_mutex_unlock(&watch->lock);
    free(w);
}

void gy_watch_allow(struct gy_watched *watched, unsigned seconds)
{
    int64_t until = seconds == 0 ? INT64_MAX : monotonic_ms() + (int64_t)seconds * 1000;
    atomic_store_explicit(&watched->until_ms, until, memory_order_relaxed);
}
