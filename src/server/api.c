/* api.c - see api.h. */
#include "server/api.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/text.h"
#include "base/zone.h"
#include "server/log_line.h"
#include "server/problem.h"

enum {
    THREADS_MIN = 8, /* most wait: for clients that read exports, for the disk */
    WAITING_MAX = 1000,
    SECONDS = 30,
    READ_SECONDS = 30 /* that a client takes for the next piece of a file */
};

struct gy_api {
    struct gy_api_options o;
    pthread_t *threads;
    unsigned n_threads;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t wakes;
    struct gy_api_call *first;
    struct gy_api_call **last;
    size_t n_waiting;
    unsigned n_files;             /* calls that write one */
    struct gy_api_call **running; /* by thread; NULL: it waits */
    bool is_stopping;
};

struct gy_event_stream *gy_api_events(const struct gy_api_call *call)
{
    return call->api->o.events;
}

struct gy_access *gy_api_access(const struct gy_api_call *call)
{
    return call->api->o.access;
}

void gy_api_keys_changed(const struct gy_api_call *call)
{
    call->api->o.keys_changed(call->api->o.context);
}

/* ---- an answer ---- */

static void put_common_headers(struct gy_exchange *x)
{
    gy_exchange_put_header(x, "Cache-Control", GY_STR("no-store"));
}

static void put_retry(struct gy_exchange *x, unsigned seconds)
{
    char text[16];
    snprintf(text, sizeof text, "%u", seconds == 0 ? 1 : seconds);
    gy_exchange_put_header(x, "Retry-After", gy_str_of(text));
}

static void answer_problem(struct gy_exchange *x, enum gy_status status, unsigned retry_seconds,
                           const struct gy_error *err)
{
    struct gy_buf problem = {0};
    unsigned code = (unsigned)gy_status_http(status);
    gy_problem_put_error(code, err, &problem);
    put_common_headers(x);
    if (code == 401) {
        gy_exchange_put_header(x, "WWW-Authenticate", GY_STR("Bearer"));
    }
    if (code == 429 || code == 503) {
        put_retry(x, retry_seconds);
    }
    gy_exchange_answer(x, code, GY_PROBLEM_TYPE, gy_buf_view(&problem));
    gy_buf_release(&problem);
}

static void answer(struct gy_api_call *call)
{
    struct gy_str text = gy_buf_view(&call->out.text);
    put_common_headers(call->x);
    if (text.len == 0) {
        gy_exchange_answer(call->x, call->status == 200 ? 204 : call->status, NULL, text);
    } else {
        gy_exchange_answer(call->x, call->status, "application/json", text);
    }
}

struct gy_pipe *gy_api_stream(struct gy_api_call *call, const char *type, const char *file_name)
{
    struct gy_exchange *x = call->x;
    put_common_headers(x);
    if (file_name != NULL) {
        struct gy_buf value = {0};
        gy_buf_printf(&value, "attachment; filename=\"%s\"", file_name);
        gy_exchange_put_header(x, "Content-Disposition", gy_buf_view(&value));
        gy_buf_release(&value);
    }
    call->x = NULL;
    return gy_exchange_stream(x, call->status, type);
}

/* ---- a file ---- */

enum gy_status gy_api_may_file(struct gy_api_call *call, struct gy_error *err)
{
    struct gy_api *api = call->api;
    pthread_mutex_lock(&api->lock);
    call->is_file = 2 * api->n_files < api->n_threads;
    api->n_files += call->is_file ? 1 : 0;
    pthread_mutex_unlock(&api->lock);
    return call->is_file
               ? GY_OK
               : gy_error_set(err, GY_BUSY, "as many files as may be are being written already");
}

void gy_api_begin_file(struct gy_api_call *call, const char *type, const char *name)
{
    struct gy_pipe *pipe = gy_api_stream(call, type, name);
    pthread_mutex_lock(&call->api->lock);
    call->pipe = pipe;
    if (call->api->is_stopping) {
        gy_pipe_break(pipe);
    }
    pthread_mutex_unlock(&call->api->lock);
}

bool gy_api_put_file(struct gy_api_call *call, struct gy_str bytes)
{
    return gy_monotonic_us() < call->deadline_us && gy_pipe_write(call->pipe, bytes, READ_SECONDS);
}

/* Nobody breaks the pipe from here on. */
void gy_api_end_file(struct gy_api_call *call, bool whole)
{
    pthread_mutex_lock(&call->api->lock);
    struct gy_pipe *pipe = call->pipe;
    call->pipe = NULL;
    pthread_mutex_unlock(&call->api->lock);
    gy_pipe_end(pipe, whole);
}

/* ---- what a handler reads ---- */

struct gy_str gy_api_piece(const struct gy_api_call *call, size_t i)
{
    return gy_exchange_piece(call->x, i);
}

const char *gy_api_query(struct gy_api_call *call, const char *key)
{
    if (!gy_exchange_has_query(call->x, key)) {
        return NULL;
    }
    struct gy_str value = gy_exchange_query(call->x, key);
    return value.ptr == NULL ? "" : value.ptr;
}

enum gy_status gy_api_query_count(struct gy_api_call *call, const char *key, uint32_t otherwise,
                                  uint32_t max, uint32_t *out, struct gy_error *err)
{
    const char *text = gy_api_query(call, key);
    char *end;
    *out = otherwise;
    if (text == NULL) {
        return GY_OK;
    }
    unsigned long n = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || n > max) {
        return gy_error_set(err, GY_INVALID, "\"%s\" is a whole number from 0 to %u", key, max);
    }
    *out = (uint32_t)n;
    return GY_OK;
}

enum gy_status gy_api_text(struct gy_api_call *call, const char *key, const char *otherwise,
                           const char **out, struct gy_error *err)
{
    const json_t *value = json_object_get(call->body, key);
    *out = otherwise;
    if (value == NULL || json_is_null(value)) {
        return otherwise != NULL
                   ? GY_OK
                   : gy_error_set(err, GY_INVALID, "the body lacks \"%s\", a string", key);
    }
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value)) {
        return gy_error_set(err, GY_INVALID, "\"%s\" is a string", key);
    }
    *out = json_string_value(value);
    return GY_OK;
}

enum gy_status gy_api_flag(struct gy_api_call *call, const char *key, bool *out,
                           struct gy_error *err)
{
    const json_t *value = json_object_get(call->body, key);
    *out = json_is_true(value);
    return value == NULL || json_is_boolean(value) || json_is_null(value)
               ? GY_OK
               : gy_error_set(err, GY_INVALID, "\"%s\" is true or false", key);
}

static enum gy_status refuse_name(const char *what, const char *name, const char *const *known,
                                  size_t n, struct gy_error *err)
{
    struct gy_buf names = {0};
    for (size_t i = 0; i < n; i++) {
        gy_buf_text(&names, i == 0 ? "" : ", ");
        gy_buf_text(&names, known[i]);
    }
    gy_error_set(err, GY_INVALID, "there is no %s \"%s\"", what,
                 gy_text_is_utf8(gy_str_of(name)) ? name : "");
    gy_error_hint(err, "There are %s.", names.ptr);
    gy_buf_release(&names);
    return GY_INVALID;
}

enum gy_status gy_api_only(const struct gy_api_call *call, const char *const *keys, size_t n,
                           struct gy_error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(call->body, key, value)
    {
        bool is_known = false;
        for (size_t i = 0; i < n; i++) {
            is_known = is_known || strcmp(key, keys[i]) == 0;
        }
        if (!is_known) {
            return refuse_name("key", key, keys, n, err);
        }
    }
    return GY_OK;
}

/* A name in the query that no route knows was misspelt: what was meant would be passed over without a word. */
static enum gy_status check_query(const struct gy_api_call *call, struct gy_error *err)
{
    static const char *const known[] = {"as_of",  "before", "by",    "columns", "cursor",  "events",
                                        "format", "from",   "limit", "search",  "segment", "to"};
    const size_t n = sizeof known / sizeof *known;
    const char *unknown = gy_exchange_unknown_query(call->x, known, n);
    return unknown == NULL ? GY_OK : refuse_name("parameter", unknown, known, n, err);
}

/* ---- what a handler asks and writes ---- */

enum gy_status gy_api_ask(struct gy_api_call *call, struct gy_ask *ask, struct gy_error *err)
{
    const char *as_of = gy_api_query(call, "as_of");
    *ask = (struct gy_ask){.is_borrowed = true};
    if (as_of == NULL && json_is_string(json_object_get(call->body, "as_of"))) {
        as_of = json_string_value(json_object_get(call->body, "as_of"));
    }
    if (call->seen == NULL) {
        GY_TRY(gy_snapshots_take(call->api->o.snapshots, &call->seen, err));
    }
    GY_TRY(gy_ask_open_on(&call->asker, call->seen->snapshot, as_of, ask, err));
    ask->run.deadline_us = call->deadline_us;
    return GY_OK;
}

enum gy_status gy_api_with_ask(struct gy_api_call *call,
                               enum gy_status (*run)(struct gy_api_call *call, struct gy_ask *ask,
                                                     struct gy_error *err),
                               struct gy_error *err)
{
    struct gy_ask ask;
    enum gy_status status = gy_api_ask(call, &ask, err);
    if (status == GY_OK) {
        status = run(call, &ask, err);
    }
    gy_ask_close(&ask);
    return status;
}

/* What was seen before is not what the handler goes on with, since it is about to change. */
enum gy_status gy_api_ask_now(struct gy_api_call *call, struct gy_ask *ask, struct gy_error *err)
{
    *ask = (struct gy_ask){.is_borrowed = true};
    gy_snapshots_renew(call->api->o.snapshots);
    gy_snapshot_let_go(call->seen);
    call->seen = NULL;
    GY_TRY(gy_snapshots_take(call->api->o.snapshots, &call->seen, err));
    return gy_ask_open_on(&call->asker, call->seen->snapshot, NULL, ask, err);
}

enum gy_status gy_api_write(struct gy_api_call *call, const struct gy_change_told *told,
                            gy_write_fn fn, void *context, struct gy_error *err)
{
    GY_TRY(gy_access_write(call->api->o.access, &call->caller, told, fn, context, err));
    gy_snapshots_renew(call->api->o.snapshots);
    gy_snapshot_let_go(call->seen);
    call->seen = NULL;
    return GY_OK;
}

/* ---- a call, on a thread of the pool ---- */

static enum gy_status read_body(struct gy_api_call *call, struct gy_error *err)
{
    json_error_t wrong;
    struct gy_str text = gy_exchange_body(call->x);
    if (call->route->body_max == 0) {
        return GY_OK;
    }
    if (text.len == 0) {
        call->body = json_object();
        return GY_OK;
    }
    call->body = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &wrong);
    if (call->body == NULL) {
        return gy_error_at(err, wrong.line > 0 ? (uint32_t)wrong.line : 1,
                           wrong.column > 0 ? (uint32_t)wrong.column : 1, "the body is no JSON: %s",
                           wrong.text);
    }
    return json_is_object(call->body) ? GY_OK
                                      : gy_error_set(err, GY_INVALID, "the body is a JSON object");
}

static bool is_stopping(struct gy_api *api)
{
    pthread_mutex_lock(&api->lock);
    bool is = api->is_stopping;
    pthread_mutex_unlock(&api->lock);
    return is;
}

static void finish(struct gy_api_call *call, enum gy_status status, struct gy_error *err)
{
    if (call->x == NULL) {
        return;
    }
    if (status == GY_CANCELLED && gy_monotonic_us() >= call->deadline_us) {
        status = gy_error_set(err, GY_BUSY, "it took longer than %u seconds",
                              call->route->seconds == 0 ? SECONDS : call->route->seconds);
    }
    if (status == GY_CANCELLED && is_stopping(call->api)) {
        status = gy_error_set(err, GY_BUSY, "the server stops");
    }
    if (status == GY_IO || status == GY_CORRUPT) {
        gy_log_error("a request failed", err);
    }
    if (status == GY_OK) {
        answer(call);
    } else {
        answer_problem(call->x, status, call->retry_seconds, err);
    }
    gy_exchange_resume(call->x);
}

static void release_call(struct gy_api_call *call)
{
    gy_snapshot_let_go(call->seen);
    json_decref(call->body);
    gy_buf_release(&call->asker.text);
    gy_json_writer_release(&call->out);
    gy_arena_release(&call->arena);
    free(call);
}

static void run_call(struct gy_api_call *call)
{
    struct gy_error err = {0};
    enum gy_status status = check_query(call, &err);
    if (status == GY_OK) {
        status = read_body(call, &err);
    }
    if (status == GY_OK) {
        status = call->route->run(call, &err);
    }
    finish(call, status, &err);
}

static void *work(void *context)
{
    struct gy_api *api = context;
    pthread_mutex_lock(&api->lock);
    unsigned me = api->n_threads++;
    for (;;) {
        while (api->first == NULL && !api->is_stopping) {
            pthread_cond_wait(&api->wakes, &api->lock);
        }
        struct gy_api_call *call = api->first;
        if (call == NULL) {
            break;
        }
        api->first = call->next;
        api->n_waiting--;
        if (api->first == NULL) {
            api->last = &api->first;
        }
        api->running[me] = call;
        if (api->is_stopping) {
            atomic_store(&call->asker.cancel, true);
        }
        pthread_mutex_unlock(&api->lock);
        run_call(call);
        pthread_mutex_lock(&api->lock);
        api->running[me] = NULL;
        api->n_files -= call->is_file ? 1 : 0;
        pthread_mutex_unlock(&api->lock);
        release_call(call);
        pthread_mutex_lock(&api->lock);
    }
    pthread_mutex_unlock(&api->lock);
    return NULL;
}

/* ---- a request, on a thread of HTTP ---- */

static struct gy_access_request request_of(struct gy_exchange *x)
{
    return (struct gy_access_request){
        .authorization = gy_exchange_header(x, "Authorization"),
        .cookie = gy_exchange_header(x, "Cookie"),
        .csrf = gy_exchange_header(x, "X-CSRF-Token"),
        .origin = gy_exchange_header(x, "Origin"),
        .fetch_site = gy_exchange_header(x, "Sec-Fetch-Site"),
        .host = gy_exchange_header(x, "Host"),
        .address = gy_exchange_address(x),
        .is_secure = gy_exchange_is_secure(x),
        .is_safe = gy_exchange_is_safe(x),
        .now_ms = gy_now_ms(),
    };
}

static enum gy_status admit(struct gy_access *access, enum gy_right right, struct gy_exchange *x,
                            struct gy_caller *caller, struct gy_error *err)
{
    struct gy_access_request request = request_of(x);
    if (right == GY_RIGHT_PUBLIC) {
        gy_access_nobody(&request, caller);
        return request.is_safe ? GY_OK : gy_access_check_site(&request, err);
    }
    GY_TRY(gy_access_identify(access, &request, caller, err));
    return gy_access_check(caller, right, err);
}

enum gy_status gy_api_admit(struct gy_access *access, enum gy_right right, struct gy_exchange *x,
                            struct gy_error *err)
{
    struct gy_caller caller;
    return admit(access, right, x, &caller, err);
}

/* The route behind a place in the joined table. */
static const struct gy_api_route *route_at(int place)
{
    size_t at = (size_t)place;
    for (size_t i = 0; i < gy_n_api_tables; i++) {
        if (at < gy_api_tables[i]->n) {
            return &gy_api_tables[i]->routes[at];
        }
        at -= gy_api_tables[i]->n;
    }
    return NULL;
}

struct gy_route *gy_api_join_routes(const struct gy_route *routes, size_t n, size_t *n_all,
                                    void (*take)(void *context, struct gy_exchange *x))
{
    size_t n_ours = 0;
    for (size_t i = 0; i < gy_n_api_tables; i++) {
        n_ours += gy_api_tables[i]->n;
    }
    struct gy_route *all = gy_alloc_zero(n + n_ours, sizeof *all);
    memcpy(all, routes, n * sizeof *all);
    for (size_t i = 0; i < n_ours; i++) {
        const struct gy_api_route *route = route_at((int)i);
        all[n + i] = (struct gy_route){route->method, route->path, route->body_max, take, (int)i};
    }
    *n_all = n + n_ours;
    return all;
}

static bool push(struct gy_api *api, struct gy_api_call *call)
{
    pthread_mutex_lock(&api->lock);
    bool is_taken = !api->is_stopping && api->n_waiting < WAITING_MAX;
    if (is_taken) { /* another thread may be done with it before this one returns */
        gy_exchange_suspend(call->x);
        gy_exchange_watch(call->x, &call->asker.cancel);
        *api->last = call;
        api->last = &call->next;
        api->n_waiting++;
        pthread_cond_signal(&api->wakes);
    }
    pthread_mutex_unlock(&api->lock);
    return is_taken;
}

void gy_api_meet(struct gy_api *api, struct gy_exchange *x)
{
    struct gy_error err = {0};
    struct gy_caller caller;
    const struct gy_api_route *route = route_at(gy_exchange_route(x)->kind);
    enum gy_status status = admit(api->o.access, route->right, x, &caller, &err);
    if (status != GY_OK) {
        answer_problem(x, status, 0, &err);
    }
}

void gy_api_take(struct gy_api *api, struct gy_exchange *x)
{
    struct gy_error err = {0};
    struct gy_api_call *call = gy_alloc_zero(1, sizeof *call);
    call->api = api;
    call->route = route_at(gy_exchange_route(x)->kind);
    call->x = x;
    call->status = 200;
    call->asker.dir = api->o.dir;
    call->deadline_us =
        gy_monotonic_us() +
        (int64_t)(call->route->seconds == 0 ? SECONDS : call->route->seconds) * 1000000;
    enum gy_status status = admit(api->o.access, call->route->right, x, &call->caller, &err);
    call->asker.masks_personal = !call->caller.sees_personal;
    if (status == GY_OK && !push(api, call)) {
        status = gy_error_set(&err, GY_BUSY, "the server has more to do than it can hold");
    } else if (status == GY_OK) {
        return;
    }
    answer_problem(x, status, 0, &err);
    release_call(call);
}

/* ---- life ---- */

enum gy_status gy_api_start(const struct gy_api_options *options, struct gy_api **out,
                            struct gy_error *err)
{
    unsigned n = 2 * gy_cores() > THREADS_MIN ? 2 * gy_cores() : THREADS_MIN;
    struct gy_api *api = gy_alloc_zero(1, sizeof *api);
    api->o = *options;
    api->last = &api->first;
    pthread_mutex_init(&api->lock, NULL);
    pthread_cond_init(&api->wakes, NULL);
    api->threads = gy_alloc_zero(n + 1, sizeof *api->threads);
    api->running = gy_alloc_zero(n, sizeof *api->running);
    *out = api;
    for (unsigned i = 0; i < n; i++) {
        int code = pthread_create(&api->threads[i], NULL, work, api);
        if (code != 0) {
            *out = NULL;
            api->threads[i] = 0;
            gy_api_free(api);
            return gy_error_sys(err, code, "could not start a thread");
        }
    }
    return GY_OK;
}

void gy_api_begin_stop(struct gy_api *api)
{
    if (api == NULL) {
        return;
    }
    pthread_mutex_lock(&api->lock);
    api->is_stopping = true;
    for (unsigned i = 0; i < api->n_threads; i++) {
        if (api->running[i] != NULL) {
            atomic_store(&api->running[i]->asker.cancel, true);
        }
        if (api->running[i] != NULL && api->running[i]->pipe != NULL) {
            gy_pipe_break(api->running[i]->pipe);
        }
    }
    pthread_cond_broadcast(&api->wakes);
    pthread_mutex_unlock(&api->lock);
}

void gy_api_join(struct gy_api *api)
{
    if (api == NULL) {
        return;
    }
    gy_api_begin_stop(api);
    for (unsigned i = 0; api->threads[i] != 0; i++) {
        pthread_join(api->threads[i], NULL);
        api->threads[i] = 0;
    }
}

void gy_api_free(struct gy_api *api)
{
    if (api == NULL) {
        return;
    }
    gy_api_join(api);
    pthread_cond_destroy(&api->wakes);
    pthread_mutex_destroy(&api->lock);
    free(api->threads);
    free(api->running);
    free(api);
}
