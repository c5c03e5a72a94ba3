/* api.h - the runtime of `/api/`: what every one of its routes has in common.
 *
 *     HTTP thread: who asks, may they? ──> suspended ──> a thread of the pool: the body as JSON, the handler
 *                                                        └──> answer, or a problem detail ──> resumed
 *
 * A handler may wait: it evaluates, reads the catalog, writes. It ends early when its client goes away or its
 * time is over, since its asker's cancel flag and its ask's deadline say so to the engine.
 *
 * A resource is a file api_*.c with a table of routes. No handler is reached without its route's right: the
 * table says which, and the runtime asks access.h before anything else.
 */
#ifndef GY_SERVER_API_H
#define GY_SERVER_API_H

#include <jansson.h>

#include "server/access.h"
#include "server/http.h"
#include "server/snapshots.h"
#include "store/json_writer.h"
#include "workspace/ask.h"

struct gy_api;
struct gy_api_call;
struct gy_event_stream;

struct gy_api_route {
    enum gy_method method;
    const char *path; /* "/api/segments/ *" without blanks */
    enum gy_right right;
    size_t body_max;  /* bytes; 0: no body, else it is one JSON object */
    unsigned seconds; /* that it may take; 0: 30 */
    enum gy_status (*run)(struct gy_api_call *call, struct gy_error *err);
};

/* One request. */
struct gy_api_call {
    struct gy_api *api;
    const struct gy_api_route *route;
    struct gy_exchange *x; /* NULL once it is answered by a stream */
    struct gy_caller caller;
    struct gy_asker asker;
    struct gy_held_snapshot *seen; /* what it asks is of one snapshot; NULL: it has not asked */
    int64_t deadline_us;
    json_t *body;              /* an object; NULL where the route has none */
    struct gy_arena arena;     /* until it is answered */
    bool is_file;              /* it counts among those that write one */
    struct gy_pipe *pipe;      /* of its file, as long as it is written; with the lock of the API */
    unsigned status;           /* of the answer; 200 unless the handler says another */
    unsigned retry_seconds;    /* when to come again after TOO_MANY or BUSY; 0: in a second */
    struct gy_json_writer out; /* the answer; nothing in it: 204 */
    struct gy_api_call *next;  /* of those that wait */
};

/* ---- for handlers ---- */

/* Asks as of the query's or the body's `as_of`. Closed by the caller, also on failure. */
GY_CHECKED enum gy_status gy_api_ask(struct gy_api_call *call, struct gy_ask *ask,
                                     struct gy_error *err);

/* Asks, calls `run`, closes. */
GY_CHECKED enum gy_status gy_api_with_ask(struct gy_api_call *call,
                                          enum gy_status (*run)(struct gy_api_call *call,
                                                                struct gy_ask *ask,
                                                                struct gy_error *err),
                                          struct gy_error *err);

/* For the writing thread: asks as of now, of what is stored at this moment. Closed by the caller, also on failure. */
GY_CHECKED enum gy_status gy_api_ask_now(struct gy_api_call *call, struct gy_ask *ask,
                                         struct gy_error *err);

/* Runs `fn` on the writing thread, with an entry in the audit trail; whoever asks from then on sees it. */
GY_CHECKED enum gy_status gy_api_write(struct gy_api_call *call, const struct gy_change_told *told,
                                       gy_write_fn fn, void *context, struct gy_error *err);

/* Of those who ask; and that write keys have come or gone. */
struct gy_access *gy_api_access(const struct gy_api_call *call);
void gy_api_keys_changed(const struct gy_api_call *call);

/* What stands in the path at star `i`; a NUL is behind it. */
struct gy_str gy_api_piece(const struct gy_api_call *call, size_t i);

/* The string `key` of the body, in the arena; INVALID where it is none. Where it is not there: `otherwise`, and INVALID for
 * an `otherwise` of NULL. */
GY_CHECKED enum gy_status gy_api_text(struct gy_api_call *call, const char *key,
                                      const char *otherwise, const char **out,
                                      struct gy_error *err);
GY_CHECKED enum gy_status gy_api_flag(struct gy_api_call *call, const char *key, bool *out,
                                      struct gy_error *err);

/* INVALID where the body has a key that is none of these `n`, so that nothing is passed over that somebody meant. */
GY_CHECKED enum gy_status gy_api_only(const struct gy_api_call *call, const char *const *keys,
                                      size_t n, struct gy_error *err);

/* The same of the query. */
const char *gy_api_query(struct gy_api_call *call, const char *key); /* NULL: not there */
GY_CHECKED enum gy_status gy_api_query_count(struct gy_api_call *call, const char *key,
                                             uint32_t otherwise, uint32_t max, uint32_t *out,
                                             struct gy_error *err);

/* What happens, for who listens (event_stream.h). */
struct gy_event_stream *gy_api_events(const struct gy_api_call *call);

/* In place of an answer: a file that comes in pieces. First of all a handler asks whether it may: BUSY where half of the
 * pool's threads write files already, each of which may have a slow reader. Then begin, put as long as it is true, end: not
 * `whole` cuts the connection. */
GY_CHECKED enum gy_status gy_api_may_file(struct gy_api_call *call, struct gy_error *err);
void gy_api_begin_file(struct gy_api_call *call, const char *type, const char *name);
bool gy_api_put_file(struct gy_api_call *call, struct gy_str bytes);
void gy_api_end_file(struct gy_api_call *call, bool whole);

/* In place of an answer: it comes in pieces. The exchange is gone with this; the pipe is the handler's. */
struct gy_pipe *gy_api_stream(struct gy_api_call *call, const char *type, const char *file_name);

/* ---- for the server ---- */

struct gy_api_options {
    const char *dir; /* borrowed, as is all of it */
    struct gy_access *access;
    struct gy_snapshots *snapshots;
    struct gy_event_stream *events;
    void *context;
    void (*keys_changed)(void *context);
};

/* Starts the pool. Owned by the caller (gy_api_free). */
GY_CHECKED enum gy_status gy_api_start(const struct gy_api_options *options, struct gy_api **out,
                                       struct gy_error *err);

/* All routes of the API, after `n` others in `routes`; allocated, the caller's. */
struct gy_route *gy_api_join_routes(const struct gy_route *routes, size_t n, size_t *n_all,
                                    void (*take)(void *context, struct gy_exchange *x));

/* Whether whoever asks has that right: for what is not under /api/. */
GY_CHECKED enum gy_status gy_api_admit(struct gy_access *access, enum gy_right right,
                                       struct gy_exchange *x, struct gy_error *err);

/* When a request's headers have come: answers it where whoever asks may not, so that its body is not waited for. */
void gy_api_meet(struct gy_api *api, struct gy_exchange *x);

/* The handler of all of them. */
void gy_api_take(struct gy_api *api, struct gy_exchange *x);

/* What runs is cancelled, what waits is answered with 503; before HTTP drains. */
void gy_api_begin_stop(struct gy_api *api);

/* Every call is answered with this; before what they use ends. */
void gy_api_join(struct gy_api *api);

/* After HTTP has stopped. */
void gy_api_free(struct gy_api *api);

/* ---- the resources ---- */

struct gy_api_table {
    const struct gy_api_route *routes;
    size_t n;
};

/* All tables, api_routes.c. */
extern const struct gy_api_table *const gy_api_tables[];
extern const size_t gy_n_api_tables;

#endif
