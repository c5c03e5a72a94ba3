/* pack.c - a ring of packs between two threads. */
#include "ingest/pack.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"

struct gy_ahead {
    gy_fill_fn fill;
    void *context;
    bool is_threaded;
    pthread_t thread;
    pthread_mutex_t lock; /* for the numbers below */
    pthread_cond_t moved;
    uint64_t n_filled;
    uint64_t n_taken; /* packs that are given back */
    bool is_closing;
    bool has_one; /* the pack `n_taken` is with who asked */
    struct gy_pack packs[GY_AHEAD_PACKS];
};

/* ---- packs ---- */

struct gy_pack_line *gy_pack_add_line(struct gy_pack *pack)
{
    GY_GROW(pack->lines, pack->lines_capacity, pack->n_lines + 1);
    struct gy_pack_line *line = &pack->lines[pack->n_lines++];
    *line = (struct gy_pack_line){.first_call = pack->n_calls};
    return line;
}

struct gy_call *gy_pack_add_call(struct gy_pack *pack)
{
    GY_GROW(pack->calls, pack->calls_capacity, pack->n_calls + 1);
    struct gy_call *call = &pack->calls[pack->n_calls++];
    *call = (struct gy_call){0};
    pack->lines[pack->n_lines - 1].n_calls++;
    return call;
}

void gy_pack_drop_call(struct gy_pack *pack)
{
    pack->n_calls--;
    pack->lines[pack->n_lines - 1].n_calls--;
}

static void empty_pack(struct gy_pack *pack)
{
    pack->n_lines = 0;
    pack->n_calls = 0;
    pack->n_blank = 0;
    pack->bytes = 0;
    gy_arena_reset(&pack->arena);
}

static void release_pack(struct gy_pack *pack)
{
    free(pack->lines);
    free(pack->calls);
    gy_arena_release(&pack->arena);
}

static void fill_pack(struct gy_ahead *a, struct gy_pack *pack)
{
    empty_pack(pack);
    pack->status = a->fill(a->context, pack, &pack->error);
    pack->is_last |= pack->status != GY_OK;
}

/* ---- reading ahead ---- */

/* The next pack to fill, or NULL where nobody wants more. */
static struct gy_pack *wait_for_room(struct gy_ahead *a)
{
    pthread_mutex_lock(&a->lock);
    while (!a->is_closing && a->n_filled - a->n_taken == GY_AHEAD_PACKS) {
        pthread_cond_wait(&a->moved, &a->lock);
    }
    struct gy_pack *pack = a->is_closing ? NULL : &a->packs[a->n_filled % GY_AHEAD_PACKS];
    pthread_mutex_unlock(&a->lock);
    return pack;
}

static void *read_ahead(void *arg)
{
    struct gy_ahead *a = arg;
    bool is_last = false;
    while (!is_last) {
        struct gy_pack *pack = wait_for_room(a);
        if (pack == NULL) {
            break;
        }
        fill_pack(a, pack);
        is_last = pack->is_last;
        pthread_mutex_lock(&a->lock);
        a->n_filled++;
        pthread_cond_signal(&a->moved);
        pthread_mutex_unlock(&a->lock);
    }
    return NULL;
}

struct gy_ahead *gy_ahead_open(gy_fill_fn fill, void *context, bool is_threaded)
{
    struct gy_ahead *a = gy_alloc_zero(1, sizeof *a);
    a->fill = fill;
    a->context = context;
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->moved, NULL);
    a->is_threaded = is_threaded && pthread_create(&a->thread, NULL, read_ahead, a) == 0;
    return a;
}

void gy_ahead_close(struct gy_ahead *a)
{
    if (a == NULL) {
        return;
    }
    if (a->is_threaded) {
        pthread_mutex_lock(&a->lock);
        a->is_closing = true;
        pthread_cond_signal(&a->moved);
        pthread_mutex_unlock(&a->lock);
        pthread_join(a->thread, NULL);
    }
    for (int i = 0; i < GY_AHEAD_PACKS; i++) {
        release_pack(&a->packs[i]);
    }
    pthread_cond_destroy(&a->moved);
    pthread_mutex_destroy(&a->lock);
    free(a);
}

/* Gives the pack back that was taken, and waits for the one behind it. */
static struct gy_pack *take_filled(struct gy_ahead *a)
{
    pthread_mutex_lock(&a->lock);
    if (a->has_one) {
        a->n_taken++;
        pthread_cond_signal(&a->moved);
    }
    while (a->n_filled == a->n_taken) {
        pthread_cond_wait(&a->moved, &a->lock);
    }
    pthread_mutex_unlock(&a->lock);
    return &a->packs[a->n_taken % GY_AHEAD_PACKS];
}

const struct gy_pack *gy_ahead_next(struct gy_ahead *a)
{
    if (a->has_one && a->packs[a->n_taken % GY_AHEAD_PACKS].is_last) {
        return NULL;
    }
    struct gy_pack *pack = &a->packs[0];
    if (a->is_threaded) {
        pack = take_filled(a);
    } else {
        fill_pack(a, pack);
    }
    a->has_one = true;
    return pack;
}
