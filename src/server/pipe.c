/* pipe.c - see pipe.h. */
#include "server/pipe.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/mem.h"

struct gy_pipe {
    pthread_mutex_t lock;
    pthread_cond_t has_room;
    struct gy_buf bytes;
    size_t n_read; /* of `bytes`, from its front */
    bool is_ended;
    bool is_whole;
    bool is_closed;
    bool is_broken;
    bool is_waiting; /* the reader */
    void (*wake)(void *context);
    void *context;
};

struct gy_pipe *gy_pipe_new(void (*wake)(void *context), void *context)
{
    struct gy_pipe *pipe = gy_alloc_zero(1, sizeof *pipe);
    pthread_condattr_t attributes;
    pthread_mutex_init(&pipe->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&pipe->has_room, &attributes);
    pthread_condattr_destroy(&attributes);
    pipe->wake = wake;
    pipe->context = context;
    return pipe;
}

/* Unlocks; frees it where neither side uses it any more. */
static void leave(struct gy_pipe *pipe)
{
    bool is_over = pipe->is_ended && pipe->is_closed;
    pthread_mutex_unlock(&pipe->lock);
    if (is_over) {
        pthread_cond_destroy(&pipe->has_room);
        pthread_mutex_destroy(&pipe->lock);
        gy_buf_release(&pipe->bytes);
        free(pipe);
    }
}

/* ---- who writes; all with the lock held ---- */

static bool has_room(const struct gy_pipe *pipe, size_t size)
{
    size_t waits = pipe->bytes.len - pipe->n_read;
    return waits == 0 || waits + size <= GY_PIPE_BYTES;
}

static void wake_reader(struct gy_pipe *pipe)
{
    if (pipe->is_waiting) {
        pipe->is_waiting = false;
        pipe->wake(pipe->context);
    }
}

static void put(struct gy_pipe *pipe, struct gy_str bytes)
{
    if (pipe->n_read > 0) {
        pipe->bytes.len -= pipe->n_read;
        memmove(pipe->bytes.ptr, pipe->bytes.ptr + pipe->n_read, pipe->bytes.len);
        pipe->n_read = 0;
    }
    gy_buf_str(&pipe->bytes, bytes);
    wake_reader(pipe);
}

bool gy_pipe_write(struct gy_pipe *pipe, struct gy_str bytes, unsigned seconds)
{
    struct timespec until;
    int code = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)seconds;
    pthread_mutex_lock(&pipe->lock);
    while (!pipe->is_closed && !pipe->is_broken && code == 0 && !has_room(pipe, bytes.len)) {
        code = pthread_cond_timedwait(&pipe->has_room, &pipe->lock, &until);
    }
    bool is_taken = !pipe->is_closed && !pipe->is_broken && has_room(pipe, bytes.len);
    if (is_taken && bytes.len > 0) {
        put(pipe, bytes);
    }
    pthread_mutex_unlock(&pipe->lock);
    return is_taken;
}

bool gy_pipe_offer(struct gy_pipe *pipe, struct gy_str bytes)
{
    pthread_mutex_lock(&pipe->lock);
    bool is_taken = !pipe->is_closed && has_room(pipe, bytes.len);
    if (is_taken && bytes.len > 0) {
        put(pipe, bytes);
    }
    pthread_mutex_unlock(&pipe->lock);
    return is_taken;
}

void gy_pipe_break(struct gy_pipe *pipe)
{
    pthread_mutex_lock(&pipe->lock);
    pipe->is_broken = true;
    pthread_cond_signal(&pipe->has_room);
    pthread_mutex_unlock(&pipe->lock);
}

bool gy_pipe_is_gone(struct gy_pipe *pipe)
{
    pthread_mutex_lock(&pipe->lock);
    bool is_gone = pipe->is_closed;
    pthread_mutex_unlock(&pipe->lock);
    return is_gone;
}

void gy_pipe_end(struct gy_pipe *pipe, bool whole)
{
    pthread_mutex_lock(&pipe->lock);
    pipe->is_ended = true;
    pipe->is_whole = whole;
    wake_reader(pipe);
    leave(pipe);
}

/* ---- who reads ---- */

ssize_t gy_pipe_read(struct gy_pipe *pipe, char *out, size_t size,
                     void (*before_wait)(void *context))
{
    ssize_t result;
    pthread_mutex_lock(&pipe->lock);
    size_t waits = pipe->bytes.len - pipe->n_read;
    if (waits > 0) {
        size_t n = waits < size ? waits : size;
        memcpy(out, pipe->bytes.ptr + pipe->n_read, n);
        pipe->n_read += n;
        result = (ssize_t)n;
        pthread_cond_signal(&pipe->has_room);
    } else if (pipe->is_ended) {
        result = pipe->is_whole ? GY_PIPE_END : GY_PIPE_BROKEN;
    } else {
        pipe->is_waiting = true;
        if (before_wait != NULL) {
            before_wait(pipe->context);
        }
        result = GY_PIPE_WAIT;
    }
    pthread_mutex_unlock(&pipe->lock);
    return result;
}

void gy_pipe_close(struct gy_pipe *pipe)
{
    pthread_mutex_lock(&pipe->lock);
    pipe->is_closed = true;
    pthread_cond_signal(&pipe->has_room);
    leave(pipe);
}
