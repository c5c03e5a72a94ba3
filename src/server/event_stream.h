/* event_stream.h - GET /api/events: what happens, told to whoever listens, as server-sent events (the HTML standard's
 * text/event-stream).
 *
 *     event: collected    {"calls": N}     calls taken since the server started; at most once a second, when there are more
 *     event: changed      {}               definitions, lists or settings are other than they were
 *     event: recorded     {}               customers entered or left segments
 *
 * Nothing is repeated for who was away: an event says that it is worth asking again, and what is asked is always as of now.
 * Who does not read is dropped, and comes back by itself, as browsers do.
 */
#ifndef GY_SERVER_EVENT_STREAM_H
#define GY_SERVER_EVENT_STREAM_H

#include "base/status.h"
#include "server/pipe.h"

struct gy_event_stream;

/* Starts the thread that tells. Owned by the caller (gy_event_stream_stop). */
GY_CHECKED enum gy_status gy_event_stream_start(struct gy_event_stream **out, struct gy_error *err);

/* Takes the pipe. False: too many listen, or it stops; then the pipe has ended. */
bool gy_event_stream_add(struct gy_event_stream *stream, struct gy_pipe *pipe);

/* Any thread; told within a moment, together with what else happened by then. */
void gy_event_stream_changed(struct gy_event_stream *stream);
void gy_event_stream_recorded(struct gy_event_stream *stream);

/* Ends every pipe; the second frees it. */
void gy_event_stream_begin_stop(struct gy_event_stream *stream);
void gy_event_stream_stop(struct gy_event_stream *stream);

#endif
