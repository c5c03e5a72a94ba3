/* snapshots.c - see snapshots.h. */
#include "server/snapshots.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/zone.h"

enum {
    YOUNG_MS = 100
};

struct gy_snapshot_use {
    struct gy_snapshot *snapshot;
    unsigned n_users; /* with the lock; the holder is one as long as it is the newest */
};

struct gy_snapshots {
    const char *dir;
    pthread_mutex_t opening; /* one opens, others wait for it */
    pthread_mutex_t lock; /* of what follows; taken for moments only, inside `opening` or alone */
    struct gy_snapshot_use *newest; /* or NULL */
    int64_t opened_ms;              /* on the monotonic clock */
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

/* Returns the snapshot if nobody uses it any more: the caller closes it, without the lock. With the lock held. */
static struct gy_snapshot *leave(struct gy_snapshot_use *use)
{
    struct gy_snapshot *last = NULL;
    if (use != NULL && --use->n_users == 0) {
        last = use->snapshot;
        free(use);
    }
    return last;
}

void gy_snapshots_give_back(struct gy_snapshots *s, struct gy_snapshot_use *use)
{
    pthread_mutex_lock(&s->lock);
    struct gy_snapshot *last = leave(use);
    pthread_mutex_unlock(&s->lock);
    gy_snapshot_close(last);
}

void gy_snapshots_forget(struct gy_snapshots *s)
{
    pthread_mutex_lock(&s->lock);
    struct gy_snapshot *last = leave(s->newest);
    s->newest = NULL;
    pthread_mutex_unlock(&s->lock);
    gy_snapshot_close(last);
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

static int64_t monotonic_ms(void)
{
    return gy_monotonic_us() / 1000;
}

/* The newest one with a user more, if it will do; else NULL. `*before` is the newest one with a user more in any case. */
static struct gy_snapshot_use *take_newest(struct gy_snapshots *s, struct gy_snapshot_use **before)
{
    pthread_mutex_lock(&s->lock);
    struct gy_snapshot_use *newest = s->newest;
    bool will_do =
        newest != NULL && !s->is_wrong && (!s->is_old || monotonic_ms() - s->opened_ms < YOUNG_MS);
    if (newest != NULL) {
        newest->n_users++;
    }
    if (!will_do) { /* what changes from here on may not be seen by the one that is opened next */
        s->is_old = false;
        s->is_wrong = false;
    }
    pthread_mutex_unlock(&s->lock);
    *before = newest;
    return will_do ? newest : NULL;
}

static struct gy_snapshot_use *make_newest(struct gy_snapshots *s, struct gy_snapshot *snapshot,
                                           int64_t opened_ms)
{
    struct gy_snapshot_use *use = gy_alloc_zero(1, sizeof *use);
    *use = (struct gy_snapshot_use){.snapshot = snapshot, .n_users = 2};
    pthread_mutex_lock(&s->lock);
    struct gy_snapshot *last = leave(s->newest);
    s->newest = use;
    s->opened_ms = opened_ms;
    pthread_mutex_unlock(&s->lock);
    gy_snapshot_close(last);
    return use;
}

static enum gy_status open_next(struct gy_snapshots *s, struct gy_snapshot_use *before,
                                struct gy_snapshot_use **out, struct gy_error *err)
{
    struct gy_snapshot *snapshot;
    int64_t now_ms = monotonic_ms();
    enum gy_status status =
        gy_snapshot_open_after(s->dir, before == NULL ? NULL : before->snapshot, &snapshot, err);
    if (status != GY_OK) {
        gy_snapshots_renew(s);
        return status;
    }
    *out = make_newest(s, snapshot, now_ms);
    return GY_OK;
}

enum gy_status gy_snapshots_take(struct gy_snapshots *s, struct gy_snapshot_use **out,
                                 struct gy_error *err)
{
    struct gy_snapshot_use *before;
    enum gy_status status = GY_OK;
    pthread_mutex_lock(&s->opening);
    *out = take_newest(s, &before);
    if (*out == NULL) {
        status = open_next(s, before, out, err);
        if (before != NULL) {
            gy_snapshots_give_back(s, before);
        }
    }
    pthread_mutex_unlock(&s->opening);
    return status;
}

struct gy_snapshot *gy_snapshots_see(struct gy_snapshot_use *use)
{
    return use->snapshot;
}
