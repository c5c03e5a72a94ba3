/* snapshots.c - see snapshots.h. */
#include "server/snapshots.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/zone.h"

enum {
    YOUNG_MS = 100
};

struct gy_snapshots {
    const char *dir;
    pthread_mutex_t opening; /* one opens, others wait for it */
    pthread_mutex_t lock; /* of what follows; taken for moments only, inside `opening` or alone */
    struct gy_held_snapshot *newest; /* or NULL */
    int64_t opened_ms;               /* on the monotonic clock */
    bool is_old;
    bool is_wrong; /* older than what somebody has been told */
};

struct gy_snapshots *gy_snapshots_new(const char *dir)
{
    struct gy_snapshots *s = gy_alloc_zero(1, sizeof *s);
    s->dir = dir;
    pthread_mutex_init(&s->opening, NULL);
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

void gy_snapshots_forget(struct gy_snapshots *s)
{
    pthread_mutex_lock(&s->lock);
    struct gy_held_snapshot *last = s->newest;
    s->newest = NULL;
    pthread_mutex_unlock(&s->lock);
    gy_snapshot_let_go(last);
}

void gy_snapshots_free(struct gy_snapshots *s)
{
    if (s == NULL) {
        return;
    }
    gy_snapshots_forget(s);
    pthread_mutex_destroy(&s->opening);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void gy_snapshots_age(struct gy_snapshots *s)
{
    pthread_mutex_lock(&s->lock);
    s->is_old = true;
    pthread_mutex_unlock(&s->lock);
}

void gy_snapshots_renew(struct gy_snapshots *s)
{
    pthread_mutex_lock(&s->lock);
    s->is_wrong = true;
    pthread_mutex_unlock(&s->lock);
}

/* The newest one, held, if it will do; else NULL. `*before` is the newest one, held too, in any case. */
static struct gy_held_snapshot *take_newest(struct gy_snapshots *s,
                                            struct gy_held_snapshot **before)
{
    pthread_mutex_lock(&s->lock);
    bool will_do = s->newest != NULL && !s->is_wrong &&
                   (!s->is_old || gy_monotonic_ms() - s->opened_ms < YOUNG_MS);
    if (!will_do) { /* what changes from here on may not be seen by the one that is opened next */
        s->is_old = false;
        s->is_wrong = false;
    }
    *before = gy_snapshot_hold(s->newest);
    struct gy_held_snapshot *taken = will_do ? gy_snapshot_hold(s->newest) : NULL;
    pthread_mutex_unlock(&s->lock);
    return taken;
}

static void make_newest(struct gy_snapshots *s, struct gy_held_snapshot *held)
{
    pthread_mutex_lock(&s->lock);
    struct gy_held_snapshot *last = s->newest;
    s->newest = gy_snapshot_hold(held);
    s->opened_ms = held->begun_us / 1000;
    pthread_mutex_unlock(&s->lock);
    gy_snapshot_let_go(last);
}

static enum gy_status open_next(struct gy_snapshots *s, const struct gy_held_snapshot *before,
                                struct gy_held_snapshot **out, struct gy_error *err)
{
    struct gy_snapshot *snapshot;
    int64_t begun_us = gy_monotonic_us();
    enum gy_status status =
        gy_snapshot_open_after(s->dir, before == NULL ? NULL : before->snapshot, &snapshot, err);
    if (status != GY_OK) {
        gy_snapshots_renew(s);
        return status;
    }
    *out = gy_snapshot_hold_new(snapshot, begun_us);
    make_newest(s, *out);
    return GY_OK;
}

enum gy_status gy_snapshots_take(struct gy_snapshots *s, struct gy_held_snapshot **out,
                                 struct gy_error *err)
{
    struct gy_held_snapshot *before;
    enum gy_status status = GY_OK;
    pthread_mutex_lock(&s->opening);
    *out = take_newest(s, &before);
    if (*out == NULL) {
        status = open_next(s, before, out, err);
    }
    pthread_mutex_unlock(&s->opening);
    gy_snapshot_let_go(before);
    return status;
}
