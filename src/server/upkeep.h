/* upkeep.h - what the stored data want done while calls are taken: the log becomes a part file, files become
 * fewer, rows move to the customers that they were linked to.
 *
 * Each such work (store/writer.h: background) runs on a thread of its own; the writing thread only begins and
 * ends it, so no acknowledgement waits for any. Turning the log into a file goes before all else; other work comes
 * after what else the machine does, unless so much of it has gathered that it must not wait. What fails is tried again
 * later, and later each time.
 *
 * The thread that owns the gy_writer calls these; `ended` is called on any.
 */
#ifndef GY_SERVER_UPKEEP_H
#define GY_SERVER_UPKEEP_H

#include "store/writer.h"

struct gy_upkeep;

struct gy_upkeep_options {
    uint64_t log_calls_max;       /* the log becomes a file when it has as many calls, */
    int64_t log_ms_max;           /* or is as old */
    void (*ended)(void *context); /* gy_upkeep_step has something to do */
    void *context;
};

/* Owned by the caller (gy_upkeep_free, after gy_upkeep_end). */
struct gy_upkeep *gy_upkeep_new(const struct gy_upkeep_options *options);
void gy_upkeep_free(struct gy_upkeep *upkeep);

/* The writer was opened: its log may hold something. */
void gy_upkeep_begin(struct gy_upkeep *upkeep);

/* So many calls were committed to the log. */
void gy_upkeep_note(struct gy_upkeep *upkeep, uint64_t n_calls);

/* The instant of the next step, gy_monotonic_ms, where `ended` is not called before; INT64_MAX: none. */
int64_t gy_upkeep_next_ms(const struct gy_upkeep *upkeep);
bool gy_upkeep_is_due(const struct gy_upkeep *upkeep);

/* Ends what is done and begins what is due. Waits for nothing. No calls may be in the batch. */
void gy_upkeep_step(struct gy_upkeep *upkeep, struct gy_writer *writer);

/* Whether the log has grown so far past its limit that no more should be taken. */
bool gy_upkeep_is_behind(const struct gy_upkeep *upkeep);

/* Begins nothing any more, until gy_upkeep_begin. */
void gy_upkeep_hold(struct gy_upkeep *upkeep);

/* What runs ends soon, without having done anything. */
void gy_upkeep_cancel(struct gy_upkeep *upkeep);
bool gy_upkeep_is_idle(const struct gy_upkeep *upkeep); /* nothing runs */

/* Both, and waits until nothing runs. */
void gy_upkeep_end(struct gy_upkeep *upkeep, struct gy_writer *writer);

#endif
