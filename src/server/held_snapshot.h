/* held_snapshot.h - a snapshot that several threads hold: it is closed when the last lets go. */
#ifndef GY_SERVER_HELD_SNAPSHOT_H
#define GY_SERVER_HELD_SNAPSHOT_H

#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "store/snapshot.h"

struct gy_held_snapshot {
    struct gy_snapshot *snapshot;
    int64_t begun_us; /* by the monotonic clock: what was committed until then, it knows */
    atomic_uint n_holders;
};

/* Takes the snapshot, which was begun to be opened at `begun_us`; the caller holds it (gy_snapshot_let_go). */
static inline struct gy_held_snapshot *gy_snapshot_hold_new(struct gy_snapshot *snapshot,
                                                            int64_t begun_us)
{
    struct gy_held_snapshot *held = gy_alloc_zero(1, sizeof *held);
    held->snapshot = snapshot;
    held->begun_us = begun_us;
    atomic_init(&held->n_holders, 1);
    return held;
}

static inline struct gy_held_snapshot *gy_snapshot_hold(struct gy_held_snapshot *held)
{
    if (held != NULL) {
        atomic_fetch_add(&held->n_holders, 1);
    }
    return held;
}

static inline void gy_snapshot_let_go(struct gy_held_snapshot *held)
{
    if (held != NULL && atomic_fetch_sub(&held->n_holders, 1) == 1) {
        gy_snapshot_close(held->snapshot);
        free(held);
    }
}

#endif
