/* event_stream.c - see event_stream.h. One thread looks ten times a second what has happened. */
#include "server/event_stream.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "base/zone.h"
#include "server/counters.h"

enum {
    LISTENERS_MAX = 1000,
    LOOK_EVERY_MS = 100,
    COLLECTED_EVERY_MS = 1000,
    PING_EVERY_MS = 15000 /* proxies end a connection on which nothing comes */
};

struct gy_event_stream {
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t wakes;
    struct gy_pipe *listeners[LISTENERS_MAX];
    size_t n;
    bool is_stopping;
    atomic_bool is_changed;
    atomic_bool is_recorded;
    uint64_t n_told; /* calls; the thread's alone */
    int64_t collected_ms;
    int64_t ping_ms;
};

/* With the lock held. */
static void tell(struct gy_event_stream *stream, const char *text)
{
    for (size_t i = stream->n; i-- > 0;) {
        if (!gy_pipe_offer(stream->listeners[i], gy_str_of(text))) {
            gy_pipe_end(stream->listeners[i], true);
            stream->listeners[i] = stream->listeners[--stream->n];
        }
    }
}

static void tell_collected(struct gy_event_stream *stream, int64_t now_ms)
{
    char text[80];
    uint64_t n = gy_counted(GY_COUNTER_CALLS_TAKEN);
    if (n == stream->n_told || now_ms - stream->collected_ms < COLLECTED_EVERY_MS) {
        return;
    }
    snprintf(text, sizeof text, "event: collected\ndata: {\"calls\":%llu}\n\n",
             (unsigned long long)n);
    stream->n_told = n;
    stream->collected_ms = now_ms;
    tell(stream, text);
}

static void tell_all(struct gy_event_stream *stream)
{
    int64_t now_ms = gy_monotonic_us() / 1000;
    if (atomic_exchange(&stream->is_changed, false)) {
        tell(stream, "event: changed\ndata: {}\n\n");
    }
    if (atomic_exchange(&stream->is_recorded, false)) {
        tell(stream, "event: recorded\ndata: {}\n\n");
    }
    tell_collected(stream, now_ms);
    if (now_ms - stream->ping_ms >= PING_EVERY_MS) {
        stream->ping_ms = now_ms;
        tell(stream, ": \n\n");
    }
}

static void *run(void *context)
{
    struct gy_event_stream *stream = context;
    pthread_mutex_lock(&stream->lock);
    while (!stream->is_stopping) {
        int64_t then_ms = gy_monotonic_us() / 1000 + LOOK_EVERY_MS;
        struct timespec then = {then_ms / 1000, then_ms % 1000 * 1000000};
        if (stream->n == 0) { /* nobody listens: nothing to look for */
            pthread_cond_wait(&stream->wakes, &stream->lock);
        } else {
            (void)pthread_cond_timedwait(&stream->wakes, &stream->lock, &then);
            tell_all(stream);
        }
    }
    pthread_mutex_unlock(&stream->lock);
    return NULL;
}

enum gy_status gy_event_stream_start(struct gy_event_stream **out, struct gy_error *err)
{
    pthread_condattr_t attributes;
    struct gy_event_stream *stream = gy_alloc_zero(1, sizeof *stream);
    pthread_mutex_init(&stream->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&stream->wakes, &attributes);
    pthread_condattr_destroy(&attributes);
    int code = pthread_create(&stream->thread, NULL, run, stream);
    if (code != 0) {
        pthread_cond_destroy(&stream->wakes);
        pthread_mutex_destroy(&stream->lock);
        free(stream);
        return gy_error_sys(err, code, "could not start a thread");
    }
    *out = stream;
    return GY_OK;
}

/* A first line at once: the client knows that it listens. */
bool gy_event_stream_add(struct gy_event_stream *stream, struct gy_pipe *pipe)
{
    pthread_mutex_lock(&stream->lock);
    bool is_taken = !stream->is_stopping && stream->n < LISTENERS_MAX &&
                    gy_pipe_offer(pipe, GY_STR("retry: 1000\n\n"));
    if (is_taken) {
        stream->listeners[stream->n++] = pipe;
        pthread_cond_signal(&stream->wakes);
    }
    pthread_mutex_unlock(&stream->lock);
    if (!is_taken) {
        gy_pipe_end(pipe, true);
    }
    return is_taken;
}

void gy_event_stream_changed(struct gy_event_stream *stream)
{
    atomic_store(&stream->is_changed, true);
}

void gy_event_stream_recorded(struct gy_event_stream *stream)
{
    atomic_store(&stream->is_recorded, true);
}

void gy_event_stream_begin_stop(struct gy_event_stream *stream)
{
    if (stream == NULL) {
        return;
    }
    pthread_mutex_lock(&stream->lock);
    stream->is_stopping = true;
    while (stream->n > 0) {
        gy_pipe_end(stream->listeners[--stream->n], true);
    }
    pthread_cond_broadcast(&stream->wakes);
    pthread_mutex_unlock(&stream->lock);
}

void gy_event_stream_stop(struct gy_event_stream *stream)
{
    if (stream == NULL) {
        return;
    }
    gy_event_stream_begin_stop(stream);
    pthread_join(stream->thread, NULL);
    pthread_cond_destroy(&stream->wakes);
    pthread_mutex_destroy(&stream->lock);
    free(stream);
}
