/* http.c - see http.h.
 *
 * The library calls `take_request` several times for one request: first with its headers, then with pieces of
 * its body, then once with nothing; and once more when a suspended exchange was resumed. An answer can be
 * given in the first of them, which spares the body, or after the last piece.
 */
#include "server/http.h"

#include <microhttpd.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "server/connection_watch.h"
#include "server/counters.h"
#include "server/log_line.h"
#include "server/problem.h"

enum {
    MEMORY_PER_CONNECTION = 32 << 10, /* headers, and the piece of a body that is read at once */
    CONNECTIONS_MAX = 20000,
    FILES_OF_OUR_OWN = 1000, /* parts are mapped, and their files closed */
    HEADERS_MAX = 12,
    STREAM_BLOCK = 32 << 10,
    DRAIN_LOOK_MS = 5,
};

struct gy_http {
    struct MHD_Daemon *daemon;
    int listen_fd;
    struct gy_http_options o;
    char *tls_cert; /* NULL: no TLS */
    char *tls_key;
    struct gy_connection_watch *watch;
    atomic_bool is_stopping;
    atomic_size_t bodies_size;
    atomic_size_t n_exchanges;
};

struct header {
    const char *name;
    struct gy_str value;
};

struct gy_exchange {
    struct gy_http *http;
    struct MHD_Connection *connection;
    const struct gy_route *route; /* NULL: refused before it was known */
    struct gy_str path;
    struct gy_str pieces[GY_ROUTE_STARS];
    struct gy_buf body;
    size_t counted;       /* of bodies_size */
    size_t dropped;       /* bytes that came past the limit */
    unsigned late_status; /* of a body that is being dropped: 413 or 429 */

    bool is_safe;      /* its method changes nothing */
    bool is_handled;   /* the handler was called */
    bool is_suspended; /* it was, at least once */
    bool is_watched;
    bool is_answered;
    unsigned status;
    const char *type;
    struct gy_buf text;
    struct gy_pipe *pipe; /* in place of `text`, of an answer that comes in pieces */
    struct header headers[HEADERS_MAX];
    size_t n_headers;
    struct gy_arena arena;
};

/* ---- a request ---- */

struct gy_str gy_exchange_path(const struct gy_exchange *x)
{
    return x->path;
}

struct gy_str gy_exchange_piece(const struct gy_exchange *x, size_t i)
{
    return i < GY_ROUTE_STARS ? x->pieces[i] : (struct gy_str){0};
}

struct gy_str gy_exchange_body(const struct gy_exchange *x)
{
    return gy_buf_view(&x->body);
}

const struct gy_route *gy_exchange_route(const struct gy_exchange *x)
{
    return x->route;
}

static struct gy_str look_up(const struct gy_exchange *x, enum MHD_ValueKind kind, const char *name)
{
    const char *value = MHD_lookup_connection_value(x->connection, kind, name);
    return value == NULL ? (struct gy_str){0} : gy_str_of(value);
}

struct gy_str gy_exchange_header(const struct gy_exchange *x, const char *name)
{
    return look_up(x, MHD_HEADER_KIND, name);
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* %41 is "A"; what is no such escape stays as it is. */
static struct gy_str decode(struct gy_exchange *x, struct gy_str s)
{
    char *out = gy_arena_alloc(&x->arena, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        int high = s.ptr[i] == '%' && i + 2 < s.len ? digit_of(s.ptr[i + 1]) : -1;
        int low = high < 0 ? -1 : digit_of(s.ptr[i + 2]);
        if (low < 0) {
            out[n++] = s.ptr[i];
        } else {
            out[n++] = (char)(high * 16 + low);
            i += 2;
        }
    }
    out[n] = '\0';
    return (struct gy_str){out, n};
}

struct gy_str gy_exchange_query(struct gy_exchange *x, const char *name)
{
    return decode(x, look_up(x, MHD_GET_ARGUMENT_KIND, name));
}

bool gy_exchange_has_query(const struct gy_exchange *x, const char *name)
{
    const char *value = NULL;
    size_t size = 0;
    return MHD_lookup_connection_value_n(x->connection, MHD_GET_ARGUMENT_KIND, name, strlen(name),
                                         &value, &size) == MHD_YES;
}

struct known_names {
    const char *const *known;
    size_t n;
    const char *unknown;
};

static enum MHD_Result look_at_name(void *context, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    struct known_names *names = context;
    (void)kind;
    (void)value;
    for (size_t i = 0; i < names->n; i++) {
        if (strcmp(name, names->known[i]) == 0) {
            return MHD_YES;
        }
    }
    names->unknown = name;
    return MHD_NO;
}

const char *gy_exchange_unknown_query(const struct gy_exchange *x, const char *const *known,
                                      size_t n)
{
    struct known_names names = {known, n, NULL};
    (void)MHD_get_connection_values(x->connection, MHD_GET_ARGUMENT_KIND, look_at_name, &names);
    return names.unknown;
}

static const struct sockaddr *peer_of(const struct gy_exchange *x)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info->client_addr;
}

const char *gy_exchange_address(struct gy_exchange *x)
{
    char *address = gy_arena_alloc(&x->arena, GY_CLIENT_ADDRESS_SIZE);
    gy_proxies_client(&x->http->o.proxies, peer_of(x), gy_exchange_header(x, "X-Forwarded-For"),
                      address);
    return address;
}

bool gy_exchange_is_local(struct gy_exchange *x)
{
    const char *address = gy_exchange_address(x);
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

bool gy_exchange_is_secure(const struct gy_exchange *x)
{
    return x->http->tls_cert != NULL ||
           (gy_proxies_believe(&x->http->o.proxies, peer_of(x)) &&
            gy_str_ends_with(gy_exchange_header(x, "X-Forwarded-Proto"), GY_STR("https")));
}

bool gy_exchange_is_safe(const struct gy_exchange *x)
{
    return x->is_safe;
}

static struct gy_watched *watched_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

static void allow(const struct gy_exchange *x, unsigned seconds)
{
    struct gy_watched *watched = watched_of(x->connection);
    if (watched != NULL) {
        gy_watch_allow(watched, seconds);
    }
}

/* ---- its answer ---- */

static bool can_stand_in_header(struct gy_str value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if (c < ' ' || c == 0x7f) {
            return false;
        }
    }
    return true;
}

void gy_exchange_put_header(struct gy_exchange *x, const char *name, struct gy_str value)
{
    GY_ASSERT(x->n_headers < HEADERS_MAX);
    if (can_stand_in_header(value)) {
        x->headers[x->n_headers++] = (struct header){name, gy_arena_str(&x->arena, value)};
    }
}

void gy_exchange_answer(struct gy_exchange *x, unsigned status, const char *type,
                        struct gy_str text)
{
    GY_ASSERT(!x->is_answered);
    x->is_answered = true;
    x->status = status;
    x->type = type;
    gy_buf_str(&x->text, text);
}

void gy_exchange_refuse(struct gy_exchange *x, unsigned status, const char *detail)
{
    struct gy_buf problem = {0};
    gy_problem_put(status, gy_str_of(detail), &problem);
    if (status == 429 || status == 503) {
        gy_exchange_put_header(x, "Retry-After", GY_STR("1"));
    }
    gy_exchange_answer(x, status, GY_PROBLEM_TYPE, gy_buf_view(&problem));
    gy_buf_release(&problem);
}

void gy_exchange_suspend(struct gy_exchange *x)
{
    x->is_suspended = true;
    MHD_suspend_connection(x->connection);
}

static void stop_watching(struct gy_exchange *x)
{
    if (x->is_watched) {
        gy_watch_leaving(x->http->watch, watched_of(x->connection), NULL);
        x->is_watched = false;
    }
}

void gy_exchange_resume(struct gy_exchange *x)
{
    GY_ASSERT(x->is_answered);
    stop_watching(x);
    MHD_resume_connection(x->connection);
}

void gy_exchange_watch(struct gy_exchange *x, atomic_bool *gone)
{
    gy_watch_leaving(x->http->watch, watched_of(x->connection), gone);
    x->is_watched = true;
}

/* ---- an answer in pieces ---- */

static void wake_connection(void *connection)
{
    MHD_resume_connection(connection);
}

static void pause_connection(void *connection)
{
    MHD_suspend_connection(connection);
}

static ssize_t read_pipe(void *pipe, uint64_t position, char *out, size_t size)
{
    (void)position;
    ssize_t n = gy_pipe_read(pipe, out, size, pause_connection);
    return n == GY_PIPE_END      ? MHD_CONTENT_READER_END_OF_STREAM
           : n == GY_PIPE_BROKEN ? MHD_CONTENT_READER_END_WITH_ERROR
                                 : n;
}

static void close_pipe(void *pipe)
{
    gy_pipe_close(pipe);
}

struct gy_pipe *gy_exchange_stream(struct gy_exchange *x, unsigned status, const char *type)
{
    GY_ASSERT(!x->is_answered && x->is_suspended);
    struct gy_pipe *pipe = gy_pipe_new(wake_connection, x->connection);
    x->is_answered = true;
    x->status = status;
    x->type = type;
    x->pipe = pipe;
    gy_exchange_resume(x);
    return pipe;
}

/* The text may be large and is not needed again, so the library takes it. */
static struct MHD_Response *make_response(struct gy_exchange *x)
{
    if (x->pipe != NULL) {
        struct MHD_Response *response = MHD_create_response_from_callback(
            MHD_SIZE_UNKNOWN, STREAM_BLOCK, read_pipe, x->pipe, close_pipe);
        x->pipe = response == NULL ? x->pipe : NULL;
        return response;
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(x->text.len, x->text.ptr, MHD_RESPMEM_MUST_FREE);
    if (response != NULL) {
        x->text = (struct gy_buf){0};
    }
    return response;
}

/* Against answers that browsers would take for something else. */
static void put_guards(const struct gy_exchange *x, struct MHD_Response *response)
{
    bool has_policy = false;
    for (size_t i = 0; i < x->n_headers; i++) {
        has_policy |= strcmp(x->headers[i].name, "Content-Security-Policy") == 0;
    }
    if (!has_policy) {
        (void)MHD_add_response_header(response, "Content-Security-Policy",
                                      "default-src 'none'; frame-ancestors 'none'");
    }
    (void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    (void)MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    if (x->http->tls_cert != NULL) {
        (void)MHD_add_response_header(response, "Strict-Transport-Security", "max-age=31536000");
    }
}

static enum MHD_Result send_answer(struct gy_exchange *x)
{
    struct MHD_Response *response = make_response(x);
    if (response == NULL) {
        return MHD_NO;
    }
    if (x->type != NULL) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, x->type);
    }
    for (size_t i = 0; i < x->n_headers; i++) {
        (void)MHD_add_response_header(response, x->headers[i].name, x->headers[i].value.ptr);
    }
    put_guards(x, response);
    if (atomic_load_explicit(&x->http->is_stopping, memory_order_relaxed)) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    }
    gy_count_answer(x->status);
    enum MHD_Result result = MHD_queue_response(x->connection, x->status, response);
    MHD_destroy_response(response);
    return result;
}

/* ---- headers have come ---- */

static void refuse_method(struct gy_exchange *x, unsigned methods)
{
    struct gy_buf allowed = {0};
    gy_methods_put(methods, &allowed);
    gy_exchange_put_header(x, "Allow", gy_buf_view(&allowed));
    gy_buf_release(&allowed);
    gy_exchange_refuse(x, 405, "the path is there, but not for this method");
}

/* What the request says of its body's size; 0 where it says nothing. */
static size_t announced_size(const struct gy_exchange *x)
{
    struct gy_str text = gy_exchange_header(x, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return text.len == 0 ? 0 : strtoull(text.ptr, NULL, 10);
}

static void refuse_size(struct gy_exchange *x)
{
    char detail[80];
    if (x->late_status == 429) {
        gy_exchange_refuse(x, 429, "the server has more to do than it can hold");
        return;
    }
    snprintf(detail, sizeof detail, "a body has at most %zu bytes here", x->route->body_max);
    gy_exchange_refuse(x, 413, detail);
}

/* A name that can be stored: UTF-8 without a NUL. */
static bool is_text(struct gy_str s)
{
    return gy_text_is_utf8(s) && (s.len == 0 || memchr(s.ptr, '\0', s.len) == NULL);
}

static void meet(struct gy_exchange *x, const char *method)
{
    unsigned methods;
    const struct gy_http *http = x->http;
    const struct gy_route *route =
        gy_route_find(http->o.routes, http->o.n_routes, gy_method_of(gy_str_of(method)), x->path,
                      x->pieces, &methods);
    x->route = route;
    bool are_texts = true;
    for (size_t i = 0; i < GY_ROUTE_STARS; i++) {
        x->pieces[i] = decode(x, x->pieces[i]);
        are_texts = are_texts && is_text(x->pieces[i]);
    }
    if (atomic_load(&http->is_stopping)) {
        gy_exchange_refuse(x, 503, "the server stops");
    } else if (route == NULL && methods != 0) {
        refuse_method(x, methods);
    } else if (route == NULL) {
        gy_exchange_refuse(x, 404, "there is nothing at this path");
    } else if (!are_texts) {
        gy_exchange_refuse(x, 400, "the path is no UTF-8, or has a NUL in it");
    } else if (http->o.admit != NULL) {
        http->o.admit(http->o.context, x);
    }
    if (!x->is_answered && announced_size(x) > route->body_max) {
        x->late_status = 413;
        refuse_size(x);
    }
}

static struct gy_exchange *begin(struct gy_http *http, struct MHD_Connection *connection,
                                 const char *url, const char *method)
{
    struct gy_exchange *x = gy_alloc_zero(1, sizeof *x);
    x->http = http;
    x->connection = connection;
    x->path = gy_arena_str(&x->arena, gy_str_of(url));
    x->is_safe = (gy_method_of(gy_str_of(method)) & (GY_METHOD_GET | GY_METHOD_OPTIONS)) != 0;
    atomic_fetch_add(&http->n_exchanges, 1);
    allow(x, http->o.request_seconds);
    meet(x, method);
    return x;
}

/* ---- the body comes ---- */

/* Whether all bodies together leave room for so many bytes more. */
static bool take_room(struct gy_exchange *x, size_t size)
{
    size_t before = atomic_fetch_add(&x->http->bodies_size, size);
    if (before + size > x->http->o.bodies_max) {
        atomic_fetch_sub(&x->http->bodies_size, size);
        return false;
    }
    x->counted += size;
    return true;
}

static void give_room(struct gy_exchange *x)
{
    atomic_fetch_sub(&x->http->bodies_size, x->counted);
    x->counted = 0;
    gy_buf_release(&x->body);
}

/* False: so much came past the limit that it is not worth an answer. */
static bool take_piece(struct gy_exchange *x, struct gy_str piece)
{
    if (x->late_status == 0 && x->body.len + piece.len > x->route->body_max) {
        x->late_status = 413;
    } else if (x->late_status == 0 && !take_room(x, piece.len)) {
        x->late_status = 429;
    }
    if (x->late_status == 0) {
        gy_buf_str(&x->body, piece);
        return true;
    }
    give_room(x);
    x->dropped += piece.len;
    return x->dropped <= 4 * x->route->body_max;
}

/* A suspended exchange may be answered by now, but only the library's thread, which is this one, goes on
 * with it. */
static enum MHD_Result finish(struct gy_exchange *x)
{
    if (!x->is_handled) {
        x->is_handled = true;
        allow(x, 0);
        if (x->late_status != 0) {
            refuse_size(x);
        } else if (atomic_load(&x->http->is_stopping)) {
            gy_exchange_refuse(x, 503, "the server stops");
        } else {
            x->route->handle(x->http->o.context, x);
        }
        if (x->is_suspended) {
            return MHD_YES;
        }
    }
    return send_answer(x);
}

static enum MHD_Result take_request(void *context, struct MHD_Connection *connection,
                                    const char *url, const char *method, const char *version,
                                    const char *piece, size_t *piece_size, void **state)
{
    struct gy_exchange *x = *state;
    (void)version;
    if (x == NULL) {
        x = begin(context, connection, url, method);
        *state = x;
        return x->is_answered ? send_answer(x) : MHD_YES;
    }
    if (*piece_size > 0) {
        bool goes_on = take_piece(x, (struct gy_str){piece, *piece_size});
        *piece_size = 0;
        return goes_on ? MHD_YES : MHD_NO;
    }
    return finish(x);
}

/* ---- it is over ---- */

static void forget_request(void *context, struct MHD_Connection *connection, void **state,
                           enum MHD_RequestTerminationCode code)
{
    struct gy_http *http = context;
    struct gy_exchange *x = *state;
    (void)connection;
    (void)code;
    if (x == NULL) {
        return;
    }
    allow(x, http->o.idle_seconds);
    give_room(x);
    gy_buf_release(&x->text);
    if (x->pipe != NULL) {
        gy_pipe_close(x->pipe);
    }
    gy_arena_release(&x->arena);
    free(x);
    *state = NULL;
    atomic_fetch_sub(&http->n_exchanges, 1);
}

static void note_connection(void *context, struct MHD_Connection *connection, void **state,
                            enum MHD_ConnectionNotificationCode code)
{
    struct gy_http *http = context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        gy_watch_end(http->watch, *state);
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct gy_watched *watched = gy_watch_begin(http->watch, info->connect_fd);
    gy_watch_allow(watched, http->o.idle_seconds);
    *state = watched;
}

/* ---- all of it ---- */

/* Paths and queries are decoded here, piece by piece: the library would take %2F for a "/". */
static size_t leave_encoded(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

/* What the library says is of single connections: clients that went away, requests that are none. */
static void GY_PRINTF(2, 0) be_silent(void *context, const char *format, va_list values)
{
    (void)context;
    (void)format;
    (void)values;
}

/* As many connections as files can be open, which is first made as many as it may be. */
static unsigned connections_max(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
        return 1000;
    }
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    (void)getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur > CONNECTIONS_MAX + FILES_OF_OUR_OWN) {
        return CONNECTIONS_MAX;
    }
    return files.rlim_cur > 2 * FILES_OF_OUR_OWN ? (unsigned)files.rlim_cur - FILES_OF_OUR_OWN
                                                 : (unsigned)files.rlim_cur / 2;
}

/* Who may connect. */
static enum MHD_Result admit(void *context, const struct sockaddr *peer, socklen_t len)
{
    const struct gy_http *http = context;
    (void)len;
    return !http->o.only_proxies || gy_proxies_believe(&http->o.proxies, peer) ? MHD_YES : MHD_NO;
}

static enum gy_status start_daemon(struct gy_http *http, struct gy_error *err)
{
    bool has_tls = http->tls_cert != NULL;
    char versions[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE";
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, http->tls_cert},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, http->tls_key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, versions},
        {MHD_OPTION_END, 0, NULL},
    };
    http->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG |
            (has_tls ? MHD_USE_TLS : 0),
        0, admit, http, take_request, http, MHD_OPTION_EXTERNAL_LOGGER, be_silent, NULL,
        MHD_OPTION_LISTEN_SOCKET, http->listen_fd, MHD_OPTION_THREAD_POOL_SIZE,
        http->o.n_threads > 1 ? http->o.n_threads : 0, MHD_OPTION_CONNECTION_LIMIT,
        connections_max(), MHD_OPTION_CONNECTION_TIMEOUT, http->o.idle_seconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION,
        MHD_OPTION_NOTIFY_COMPLETED, forget_request, http, MHD_OPTION_NOTIFY_CONNECTION,
        note_connection, http, MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded, NULL, MHD_OPTION_ARRAY,
        has_tls ? tls : &tls[3], MHD_OPTION_END);
    if (http->daemon != NULL) {
        return GY_OK;
    }
    gy_error_set(err, GY_IO, "could not start to serve HTTP%s", has_tls ? " over TLS" : "");
    if (has_tls) {
        gy_error_hint(err, "The certificate and the key must be PEM and belong together.");
    }
    return GY_IO;
}

enum gy_status gy_http_start(const struct gy_http_options *options, struct gy_http **out,
                             struct gy_error *err)
{
    struct gy_http *http = gy_alloc_zero(1, sizeof *http);
    http->o = *options;
    if (options->tls_cert != NULL) {
        http->tls_cert = gy_strndup(options->tls_cert, strlen(options->tls_cert));
        http->tls_key = gy_strndup(options->tls_key, strlen(options->tls_key));
    }
    http->listen_fd = options->fd;
    enum gy_status status = gy_connection_watch_new(&http->watch, err);
    if (status == GY_OK) {
        status = start_daemon(http, err);
    }
    if (status != GY_OK) {
        gy_http_stop(http);
        return status;
    }
    *out = http;
    return GY_OK;
}

bool gy_http_drain(struct gy_http *http, unsigned seconds)
{
    struct timespec pause = {0, DRAIN_LOOK_MS * 1000000};
    atomic_store(&http->is_stopping, true);
    (void)MHD_quiesce_daemon(http->daemon);
    for (unsigned i = 0; i < seconds * 1000 / DRAIN_LOOK_MS; i++) {
        if (atomic_load(&http->n_exchanges) == 0) {
            return true;
        }
        nanosleep(&pause, NULL);
    }
    return atomic_load(&http->n_exchanges) == 0;
}

void gy_http_stop(struct gy_http *http)
{
    if (http == NULL) {
        return;
    }
    bool is_quiet = atomic_load(&http->is_stopping);
    if (http->daemon != NULL) {
        MHD_stop_daemon(http->daemon);
    }
    if (http->daemon == NULL || is_quiet) { /* a quiet daemon has given the socket back */
        close(http->listen_fd);
    }
    gy_connection_watch_free(http->watch);
    if (http->tls_key != NULL) {
        sodium_memzero(http->tls_key, strlen(http->tls_key));
    }
    free(http->tls_cert);
    free(http->tls_key);
    free(http);
}
