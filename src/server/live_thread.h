/* live_thread.h - the thread that keeps recorded membership up with what happens.
 *
 *     a commit ── committed ──> who is concerned ──> are they in it now? ──> recorded, with its cause ──> webhooks
 *     a minute, an hour, a day ────────────────────> who is in it now? ──┘
 *
 * Live segments are evaluated for the customers whom a commit concerns, at once; all live segments are swept every
 * half minute as of now, which finds what time alone changes, and what ranks customers among others. Segments of other
 * schedules are swept after their turn. What is found is recorded in one transaction through the write queue, so a
 * commit never waits for a look.
 *
 * State is what is recorded, so a restart loses nothing and doubles nothing: the first look sweeps.
 */
#ifndef GY_SERVER_LIVE_THREAD_H
#define GY_SERVER_LIVE_THREAD_H

#include "server/held_snapshot.h"
#include "server/write_queue.h"

struct gy_live;

struct gy_live_options {
    const char *dir;
    struct gy_write_queue *queue;
    /* On the live thread, after something was recorded, with a snapshot that knows all who are in it: to be held if it
     * is to be kept. May be NULL. */
    void (*recorded)(void *context, struct gy_held_snapshot *snapshot);
    void *context;
};

/* Starts the thread. Owned by the caller (gy_live_free). */
GY_CHECKED enum gy_status gy_live_start(const struct gy_live_options *options, struct gy_live **out,
                                        struct gy_error *err);

/* Ends the thread; what is not recorded yet is found after the next start. The queue must still run. NULL is allowed. */
void gy_live_stop(struct gy_live *live);

/* After it was stopped, and once nobody tells it anything any more. NULL is allowed. */
void gy_live_free(struct gy_live *live);

/* On the writing thread, for each delivery that is committed. NULL is allowed. */
void gy_live_committed(struct gy_live *live, const struct gy_delivery *delivery);

/* Any thread: definitions or lists may have changed. NULL is allowed. */
void gy_live_changed(struct gy_live *live);

/* Any thread: another process has written, be it what it may. NULL is allowed. */
void gy_live_reopened(struct gy_live *live);

#endif
