/* http.h - requests come and answers go: libmicrohttpd behind a small interface.
 *
 * A few threads of the library wait for sockets (epoll) and call the handler of a request's route once its
 * body is whole; a handler must not block. It answers, or it suspends the exchange and some other thread
 * answers and resumes it:
 *
 *     arriving ── body whole ──> handler ──> answered ──> gone
 *                                   └─> suspended ── answer, resume ──┘
 *
 * What arrives is bounded before memory is taken: the body of a request by its route, all bodies together by
 * `bodies_max` (then 429), the time of a request by `request_seconds`, an idle connection by `idle_seconds`.
 * An error is a problem detail (RFC 9457). Every answer tells browsers to take it for nothing else than it is, not to
 * show it within another page, and, unless the handler says otherwise, to load nothing for it.
 *
 * The one file that knows the library is http.c.
 */
#ifndef GY_SERVER_HTTP_H
#define GY_SERVER_HTTP_H

#include <stdatomic.h>

#include "base/buf.h"
#include "base/status.h"
#include "server/pipe.h"
#include "server/proxies.h"
#include "server/router.h"

struct gy_http;

struct gy_http_options {
    int fd; /* listening; taken, also on failure */
    const struct gy_route *routes;
    size_t n_routes;
    void *context; /* of the handlers */
    /* Called once the headers of a request are there; what it answers stands, and no body is read. May be
     * NULL. */
    void (*admit)(void *context, struct gy_exchange *x);
    unsigned n_threads;
    unsigned request_seconds; /* from the end of a request's headers to the end of its body */
    unsigned idle_seconds;    /* between requests, the headers of the next one included */
    size_t bodies_max;        /* bytes of all bodies that are in memory */
    const char *tls_cert;     /* PEM, copied: the certificate and those above it; NULL: no TLS */
    const char *tls_key;      /* PEM, copied */
    struct gy_proxies proxies;
    bool only_proxies; /* others' connections are closed at once */
};

/* Begins to serve. Owned by the caller (gy_http_stop). */
GY_CHECKED enum gy_status gy_http_start(const struct gy_http_options *options, struct gy_http **out,
                                        struct gy_error *err);

/* Takes no connection and no request any more: what comes on open connections is answered with 503. Waits, at
 * most `seconds`, until every exchange has been answered. True if all were. Those who answer suspended exchanges must go on
 * meanwhile. */
bool gy_http_drain(struct gy_http *http, unsigned seconds);

/* After draining, and after every suspended exchange was resumed. */
void gy_http_stop(struct gy_http *http);

/* ---- a request: views, valid until it is answered ---- */

struct gy_str gy_exchange_path(const struct gy_exchange *x);
struct gy_str gy_exchange_piece(const struct gy_exchange *x,
                                size_t i); /* at star i of its route, decoded */
struct gy_str gy_exchange_body(const struct gy_exchange *x);
const struct gy_route *gy_exchange_route(const struct gy_exchange *x);
struct gy_str gy_exchange_header(const struct gy_exchange *x, const char *name); /* empty: none */
/* Decoded; empty: none. On the thread that has the exchange. */
struct gy_str gy_exchange_query(struct gy_exchange *x, const char *name);
/* Who asks, behind proxies that are believed (proxies.h). */
const char *gy_exchange_address(struct gy_exchange *x);
bool gy_exchange_is_local(struct gy_exchange *x);        /* who asks is on this machine */
bool gy_exchange_is_secure(const struct gy_exchange *x); /* over TLS, here or at such a proxy */
bool gy_exchange_is_safe(const struct gy_exchange *x);   /* GET, HEAD, OPTIONS: changes nothing */
bool gy_exchange_has_query(const struct gy_exchange *x, const char *name);
/* The first name in the query that is none of `known`, as it was sent; NULL: there is none. */
const char *gy_exchange_unknown_query(const struct gy_exchange *x, const char *const *known,
                                      size_t n);

/* ---- its answer ---- */

/* A header of the answer; copied. What cannot stand in a header is left out. */
void gy_exchange_put_header(struct gy_exchange *x, const char *name, struct gy_str value);

/* The answer; once. `text` is copied, `type` is not. */
void gy_exchange_answer(struct gy_exchange *x, unsigned status, const char *type,
                        struct gy_str text);

/* A problem detail as the answer: the status, its name, and what is the matter. */
void gy_exchange_refuse(struct gy_exchange *x, unsigned status, const char *detail);

/* In the handler, before another thread can know of the exchange. */
void gy_exchange_suspend(struct gy_exchange *x);

/* On any thread, after the answer: the exchange is gone with this. */
void gy_exchange_resume(struct gy_exchange *x);

/* While it is suspended: `*gone` becomes true when the client goes away, until it is resumed. It is to be answered
 * nevertheless. */
void gy_exchange_watch(struct gy_exchange *x, atomic_bool *gone);

/* In place of answer and resume, of one that is suspended: the answer's bytes come through the pipe, which is the
 * caller's (gy_pipe_end); the exchange is gone with this. */
struct gy_pipe *gy_exchange_stream(struct gy_exchange *x, unsigned status, const char *type);

#endif
