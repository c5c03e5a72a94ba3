/* pipe.h - an answer that comes in pieces: an export, server-sent events.
 *
 * One side writes, on any thread of its own; the other, HTTP, sends. What is written and not sent yet is
 * bounded: `gy_pipe_write` waits then, for a while, `gy_pipe_offer` does not. A client that went away is noticed by the next write.
 *
 *     handler: suspend ──> thread: pipe = gy_exchange_stream(x, 200, type); write, write, …; gy_pipe_end
 */
#ifndef GY_SERVER_PIPE_H
#define GY_SERVER_PIPE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/str.h"

struct gy_pipe;

enum {
    GY_PIPE_BYTES = 256 << 10 /* that wait at most, but for one piece that is larger */
};

/* ---- who writes ---- */

/* Takes all of it. Waits while much has not been sent, at most so many seconds. False: nobody reads any more, or too
 * slowly, or the pipe was broken. */
bool gy_pipe_write(struct gy_pipe *pipe, struct gy_str bytes, unsigned seconds);

/* Takes all of it or nothing, at once. False: too much waits, or nobody reads any more. */
bool gy_pipe_offer(struct gy_pipe *pipe, struct gy_str bytes);

bool gy_pipe_is_gone(struct gy_pipe *pipe); /* nobody reads any more */

/* Any thread, before gy_pipe_end: a write that waits, and every later one, is false. */
void gy_pipe_break(struct gy_pipe *pipe);

/* The pipe is the writer's no more. Not `whole`: the connection is cut, so that the client does not take
 * what came for everything. */
void gy_pipe_end(struct gy_pipe *pipe, bool whole);

/* ---- who reads ---- */

/* `wake` is called, by whoever writes, when there is something again after gy_pipe_read said that there is not.
 * Both sides end their use; then it is freed. */
struct gy_pipe *gy_pipe_new(void (*wake)(void *context), void *context);

enum {
    GY_PIPE_WAIT = 0,   /* nothing is there now; `wake` tells */
    GY_PIPE_END = -1,   /* everything was read */
    GY_PIPE_BROKEN = -2 /* everything that was written was read, but it is not whole */
};

/* How many bytes it put at `out`, up to `size`; or one of these. `before_wait` (may be NULL) is called before WAIT is
 * returned, and before `wake` can be. */
ssize_t gy_pipe_read(struct gy_pipe *pipe, char *out, size_t size,
                     void (*before_wait)(void *context));
void gy_pipe_close(struct gy_pipe *pipe);

#endif
