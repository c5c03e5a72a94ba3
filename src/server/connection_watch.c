/* connection_watch.c - see connection_watch.h.
 *
 * The lock is held while sockets are shut down, so that none is closed, and its number given to another,
 * in between. Twenty thousand connections are looked through in less than a millisecond. Clients that go
 * away are told by epoll; it too is asked with the lock held, so that what it tells of is still there. */
#include "server/connection_watch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/zone.h"

enum {
    LOOK_EVERY_MS = 500,
    EVENTS_AT_ONCE = 64
};

struct gy_watched {
    int fd;
    _Atomic int64_t until_ms; /* on the monotonic clock; INT64_MAX: there is time */
    atomic_bool *gone;        /* NULL: nobody wants to know; with the lock held */
    struct gy_watched *previous;
    struct gy_watched *next;
};

struct gy_connection_watch {
    pthread_t thread;
    pthread_mutex_t lock;
    int epoll_fd; /* of those whose leaving is told, and of `wake_fd` */
    int wake_fd;
    bool is_ending;
    struct gy_watched *first;
};

static void end_late(struct gy_connection_watch *watch)
{
    int64_t now = gy_monotonic_ms();
    for (struct gy_watched *w = watch->first; w != NULL; w = w->next) {
        if (atomic_load_explicit(&w->until_ms, memory_order_relaxed) < now) {
            (void)shutdown(w->fd, SHUT_RDWR);
            atomic_store_explicit(&w->until_ms, INT64_MAX, memory_order_relaxed);
        }
    }
}

/* Each is told once. */
static void tell_gone(struct gy_connection_watch *watch)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int n = epoll_wait(watch->epoll_fd, events, EVENTS_AT_ONCE, 0);
    for (int i = 0; i < n; i++) {
        struct gy_watched *w = events[i].data.ptr;
        if (w == NULL) { /* wake_fd */
            continue;
        }
        atomic_store(w->gone, true);
        w->gone = NULL;
        (void)epoll_ctl(watch->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
    }
}

static void *look(void *context)
{
    struct gy_connection_watch *watch = context;
    struct pollfd leaving = {.fd = watch->epoll_fd, .events = POLLIN};
    int64_t late_ms = 0;
    bool is_ending = false;
    while (!is_ending) {
        int64_t left = late_ms - gy_monotonic_ms();
        (void)poll(&leaving, 1, left < 0 ? 0 : (int)left);
        pthread_mutex_lock(&watch->lock);
        is_ending = watch->is_ending;
        tell_gone(watch);
        if (gy_monotonic_ms() >= late_ms) {
            end_late(watch);
            late_ms = gy_monotonic_ms() + LOOK_EVERY_MS;
        }
        pthread_mutex_unlock(&watch->lock);
    }
    return NULL;
}

static enum gy_status start_look(struct gy_connection_watch *watch, struct gy_error *err)
{
    struct epoll_event event = {.events = EPOLLIN};
    watch->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    watch->wake_fd = eventfd(0, EFD_CLOEXEC);
    if (watch->epoll_fd < 0 || watch->wake_fd < 0 ||
        epoll_ctl(watch->epoll_fd, EPOLL_CTL_ADD, watch->wake_fd, &event) != 0) {
        return gy_error_sys(err, errno, "could not watch connections");
    }
    int code = pthread_create(&watch->thread, NULL, look, watch);
    return code == 0 ? GY_OK : gy_error_sys(err, code, "could not start a thread");
}

static void release(struct gy_connection_watch *watch)
{
    close(watch->epoll_fd);
    close(watch->wake_fd);
    pthread_mutex_destroy(&watch->lock);
    free(watch);
}

enum gy_status gy_connection_watch_new(struct gy_connection_watch **out, struct gy_error *err)
{
    struct gy_connection_watch *watch = gy_alloc_zero(1, sizeof *watch);
    pthread_mutex_init(&watch->lock, NULL);
    enum gy_status status = start_look(watch, err);
    if (status != GY_OK) {
        release(watch);
        return status;
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
    pthread_mutex_unlock(&watch->lock);
    (void)eventfd_write(watch->wake_fd, 1);
    pthread_join(watch->thread, NULL);
    GY_ASSERT(watch->first == NULL);
    release(watch);
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
    if (w->gone != NULL) {
        (void)epoll_ctl(watch->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
    }
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
    int64_t until = seconds == 0 ? INT64_MAX : gy_monotonic_ms() + (int64_t)seconds * 1000;
    atomic_store_explicit(&watched->until_ms, until, memory_order_relaxed);
}

void gy_watch_leaving(struct gy_connection_watch *watch, struct gy_watched *watched,
                      atomic_bool *gone)
{
    struct epoll_event event = {.events = EPOLLRDHUP, .data.ptr = watched};
    pthread_mutex_lock(&watch->lock);
    bool was_watched = watched->gone != NULL;
    watched->gone = gone;
    if (gone != NULL && !was_watched) {
        if (epoll_ctl(watch->epoll_fd, EPOLL_CTL_ADD, watched->fd, &event) != 0) {
            watched->gone = NULL; /* it is not told then: the work is done for nobody */
        }
    } else if (gone == NULL && was_watched) {
        (void)epoll_ctl(watch->epoll_fd, EPOLL_CTL_DEL, watched->fd, NULL);
    }
    pthread_mutex_unlock(&watch->lock);
}
