/* server.c - the parts of the server, put together; and its routes. */
#include "server/server.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "server/access.h"
#include "server/api.h"
#include "server/collector.h"
#include "server/event_stream.h"
#include "server/first_owner.h"
#include "server/http.h"
#include "server/lender.h"
#include "server/listen.h"
#include "server/live_thread.h"
#include "server/log_line.h"
#include "server/metrics.h"
#include "server/setup_page.h"
#include "server/snapshots.h"
#include "server/webhook_pump.h"
#include "server/write_queue.h"
#include "store/writer.h"

enum {
    REQUEST_SECONDS = 30,
    IDLE_SECONDS = 75, /* longer than proxies keep a connection that they think is open */
    DRAIN_SECONDS = 10,
    QUEUE_BYTES = 64 << 20,
    BODIES_BYTES = 128 << 20,
    LOG_CALLS_MAX = 250000,
    LOG_MS_MAX = 10000
};

struct gy_server {
    char *dir;
    struct gy_write_queue *queue;
    struct gy_access *access;
    struct gy_collector *collector;
    struct gy_lender *lender;
    struct gy_snapshots *snapshots;
    struct gy_event_stream *events;
    struct gy_api *api;
    struct gy_route *routes; /* with those of the API */
    size_t n_routes;
    struct gy_live *live;
    struct gy_webhook_pump *webhooks;
    struct gy_http *http;
    int listen_fd; /* until HTTP has it */
    char url[GY_URL_SIZE];
};

/* ---- routes ---- */

static void take(void *server, struct gy_exchange *x)
{
    gy_collector_take(((struct gy_server *)server)->collector, x);
}

static void preflight(void *server, struct gy_exchange *x)
{
    (void)server;
    gy_collector_preflight(x);
}

static void settings(void *server, struct gy_exchange *x)
{
    gy_collector_settings(((struct gy_server *)server)->collector, x);
}

static void source_config(void *server, struct gy_exchange *x)
{
    gy_collector_source_config(((struct gy_server *)server)->collector, x);
}

/* For those who watch whether it works: 503 while nothing can be committed. */
static void health(void *context, struct gy_exchange *x)
{
    struct gy_server *server = context;
    if (gy_write_queue_is_well(server->queue)) {
        gy_exchange_answer(x, 200, "application/json", GY_STR("{\"status\":\"ok\"}"));
    } else {
        gy_exchange_refuse(x, 503, "events cannot be stored");
    }
}

static void metrics(void *context, struct gy_exchange *x)
{
    struct gy_server *server = context;
    gy_metrics_answer(x, server->access, server->queue);
}

static void ask_api(void *server, struct gy_exchange *x)
{
    gy_api_take(((struct gy_server *)server)->api, x);
}

/* Who sends without a key that is known, or asks what they may not, is not listened to. */
static void admit(void *server, struct gy_exchange *x)
{
    if (gy_exchange_route(x)->handle == take) {
        gy_collector_admit(((struct gy_server *)server)->collector, x);
    } else if (gy_exchange_route(x)->handle == ask_api) {
        gy_api_meet(((struct gy_server *)server)->api, x);
    }
}

#define COLLECT(path, kind)                                  \
    {GY_METHOD_POST, path, GY_COLLECT_BODY_MAX, take, kind}, \
    {                                                        \
        GY_METHOD_OPTIONS, path, 0, preflight, 0             \
    }

/* Beside those of the API. */
static const struct gy_route routes[] = {
    COLLECT("/v1/batch", GY_COLLECT_BATCH),
    COLLECT("/v1/b", GY_COLLECT_BATCH),
    COLLECT("/v1/import", GY_COLLECT_BATCH),
    COLLECT("/beacon/v1/batch", GY_COLLECT_BATCH),
    COLLECT("/v1/track", GY_CALL_TRACK),
    COLLECT("/v1/t", GY_CALL_TRACK),
    COLLECT("/v1/identify", GY_CALL_IDENTIFY),
    COLLECT("/v1/i", GY_CALL_IDENTIFY),
    COLLECT("/v1/page", GY_CALL_PAGE),
    COLLECT("/v1/p", GY_CALL_PAGE),
    COLLECT("/v1/screen", GY_CALL_SCREEN),
    COLLECT("/v1/s", GY_CALL_SCREEN),
    COLLECT("/v1/group", GY_CALL_GROUP),
    COLLECT("/v1/g", GY_CALL_GROUP),
    COLLECT("/v1/alias", GY_CALL_ALIAS),
    COLLECT("/v1/a", GY_CALL_ALIAS),
    {GY_METHOD_GET, "/v1/projects/*/settings", 0, settings, 0},
    {GY_METHOD_OPTIONS, "/v1/projects/*/settings", 0, preflight, 0},
    {GY_METHOD_GET, "/sourceConfig", 0, source_config, 0},
    {GY_METHOD_OPTIONS, "/sourceConfig", 0, preflight, 0},
    {GY_METHOD_GET, "/healthz", 0, health, 0},
    {GY_METHOD_GET, "/metrics", 0, metrics, 0},
    {GY_METHOD_GET, "/setup", 0, gy_setup_page, 0},
    {GY_METHOD_GET, "/setup.css", 0, gy_setup_style, 0},
    {GY_METHOD_GET, "/setup.js", 0, gy_setup_script, 0},
};

/* ---- start ---- */

static enum gy_status make_directory(const char *dir, struct gy_error *err)
{
    struct gy_log_line line;
    if (gy_workspace_exists(dir)) {
        return GY_OK;
    }
    GY_TRY(gy_workspace_init(dir, NULL, err));
    gy_log_begin(&line, "info", "made the data directory");
    gy_log_text(&line, "data", dir);
    gy_log_end(&line);
    return GY_OK;
}

static void reload(void *context)
{
    struct gy_server *server = context;
    gy_snapshots_forget(server->snapshots); /* somebody may have been erased */
    gy_event_stream_changed(server->events);
    gy_collector_reload(server->collector);
    gy_access_reload(server->access);
    gy_live_reopened(server->live);
    gy_webhook_pump_changed(server->webhooks);
}

static void committed(void *context, const struct gy_delivery *delivery)
{
    struct gy_server *server = context;
    gy_snapshots_age(server->snapshots);
    gy_live_committed(server->live, delivery);
}

static void changed(void *context)
{
    struct gy_server *server = context;
    gy_snapshots_renew(server->snapshots);
    gy_event_stream_changed(server->events);
    gy_live_changed(server->live);
    gy_webhook_pump_changed(server->webhooks);
}

static void recorded(void *context, struct gy_held_snapshot *snapshot)
{
    struct gy_server *server = context;
    gy_snapshots_renew(server->snapshots);
    gy_event_stream_recorded(server->events);
    gy_webhook_pump_recorded(server->webhooks, snapshot);
}

static enum gy_status start_live(struct gy_server *server, const struct gy_server_options *o,
                                 struct gy_error *err)
{
    struct gy_webhook_pump_options webhooks = {
        .dir = server->dir, .queue = server->queue, .only_public = o->only_public_webhooks};
    struct gy_live_options options = {
        .dir = server->dir, .queue = server->queue, .recorded = recorded, .context = server};
    GY_TRY(gy_webhook_pump_start(&webhooks, &server->webhooks, err));
    return gy_live_start(&options, &server->live, err);
}

static enum gy_status start_writing(struct gy_server *server, const struct gy_server_options *o,
                                    struct gy_error *err)
{
    struct gy_write_queue_options options = {.dir = server->dir,
                                             .bytes_max = QUEUE_BYTES,
                                             .log_calls_max = LOG_CALLS_MAX,
                                             .log_ms_max = LOG_MS_MAX,
                                             .reopened = reload,
                                             .committed = committed,
                                             .changed = changed,
                                             .context = server};
    GY_TRY(gy_collector_new(server->dir, &server->collector, err));
    GY_TRY(gy_access_open(server->dir, &server->access, err));
    server->snapshots = gy_snapshots_new(server->dir);
    GY_TRY(gy_event_stream_start(&server->events, err));
    GY_TRY(gy_write_queue_start(&options, &server->queue, err));
    gy_collector_use(server->collector, server->queue);
    gy_access_use(server->access, server->queue);
    GY_TRY(start_live(server, o, err));
    return gy_lender_start(server->dir, server->queue, &server->lender, err);
}

/* Ends with a NUL. Nothing where there is no path. */
static enum gy_status read_pem(const char *path, struct gy_buf *out, struct gy_error *err)
{
    if (path == NULL) {
        return GY_OK;
    }
    GY_TRY(gy_file_read(path, out, err));
    return memmem(out->ptr, out->len, "-----BEGIN", 10) != NULL
               ? GY_OK
               : gy_error_set(err, GY_INVALID, "the file \"%s\" is no PEM", path);
}

static void keys_changed(void *server)
{
    gy_collector_reload(((struct gy_server *)server)->collector);
}

static enum gy_status start_api(struct gy_server *server, struct gy_error *err)
{
    struct gy_api_options options = {.dir = server->dir,
                                     .access = server->access,
                                     .snapshots = server->snapshots,
                                     .events = server->events,
                                     .context = server,
                                     .keys_changed = keys_changed};
    server->routes =
        gy_api_join_routes(routes, sizeof routes / sizeof *routes, &server->n_routes, ask_api);
    return gy_api_start(&options, &server->api, err);
}

static enum gy_status start_http(struct gy_server *server, const struct gy_server_options *o,
                                 struct gy_error *err)
{
    struct gy_buf cert = {0};
    struct gy_buf key = {0};
    struct gy_http_options options = {
        .fd = server->listen_fd,
        .routes = server->routes,
        .n_routes = server->n_routes,
        .context = server,
        .admit = admit,
        .n_threads = gy_cores(),
        .request_seconds = o->request_seconds == 0 ? REQUEST_SECONDS : o->request_seconds,
        .idle_seconds = IDLE_SECONDS,
        .bodies_max = BODIES_BYTES,
        .only_proxies = o->behind_proxy != NULL};
    enum gy_status status =
        o->behind_proxy == NULL ? GY_OK : gy_proxies_read(o->behind_proxy, &options.proxies, err);
    if (status == GY_OK) {
        status = read_pem(o->tls_cert, &cert, err);
    }
    if (status == GY_OK) {
        status = read_pem(o->tls_key, &key, err);
    }
    if (status == GY_OK) {
        options.tls_cert = cert.ptr;
        options.tls_key = key.ptr;
        server->listen_fd = -1;
        status = gy_http_start(&options, &server->http, err);
    }
    gy_buf_release(&cert);
    gy_buf_release(&key);
    return status;
}

static void say_listening(struct gy_server *server, const char *bound)
{
    struct gy_log_line line;
    gy_log_begin(&line, "info", "listening");
    gy_log_text(&line, "address", bound);
    gy_log_text(&line, "data", server->dir);
    gy_log_end(&line);
    if (gy_collector_n_keys(server->collector) == 0) {
        gy_log_begin(&line, "warning", "nobody can send events: there is no write key");
        gy_log_text(&line, "hint", "`gyeol key add NAME` makes one.");
        gy_log_end(&line);
    }
}

/* Where people reach the server, without a "/" at the end. */
static void put_url(struct gy_server *server, const struct gy_server_options *options,
                    const char *bound)
{
    if (options->url != NULL) {
        snprintf(server->url, sizeof server->url, "%s", options->url);
    } else {
        snprintf(server->url, sizeof server->url, "%s://%s",
                 options->tls_cert != NULL ? "https" : "http", bound);
    }
    size_t len = strlen(server->url);
    server->url[len - (server->url[len - 1] == '/')] = '\0';
}

static enum gy_status start(struct gy_server *server, const struct gy_server_options *options,
                            struct gy_error *err)
{
    char bound[GY_ADDRESS_SIZE];
    const char *address = options->listen == NULL ? "127.0.0.1:8700" : options->listen;
    bool has_tls = options->tls_cert != NULL;
    if (has_tls != (options->tls_key != NULL)) {
        return gy_error_set(err, GY_INVALID, "TLS takes both a certificate and its key");
    }
    GY_TRY(gy_listen(address, has_tls || options->behind_proxy != NULL, &server->listen_fd, bound,
                     err));
    put_url(server, options, bound);
    GY_TRY(make_directory(server->dir, err));
    GY_TRY(start_writing(server, options, err));
    GY_TRY(start_api(server, err));
    GY_TRY(start_http(server, options, err));
    say_listening(server, bound);
    gy_first_owner_invite(server->access, server->queue, server->url);
    return GY_OK;
}

/* ---- stop ---- */

/* What was taken is committed and answered while HTTP drains, so the queue goes on until then. */
static void release(struct gy_server *server)
{
    gy_api_begin_stop(server->api);
    gy_event_stream_begin_stop(server->events);
    if (server->http != NULL) {
        (void)gy_http_drain(server->http, DRAIN_SECONDS);
    }
    if (server->http != NULL) {
        gy_access_keep_sessions(server->access);
    }
    gy_api_join(server->api); /* changes are still written */
    gy_write_queue_begin_stop(server->queue);
    gy_live_stop(server->live);
    gy_lender_stop(server->lender);
    gy_webhook_pump_end(server->webhooks);
    gy_write_queue_stop(server->queue);
    gy_webhook_pump_free(server->webhooks);
    gy_live_free(server->live);
    gy_http_stop(server->http);
    gy_api_free(server->api);
    gy_event_stream_stop(server->events);
    free(server->routes);
    gy_snapshots_free(server->snapshots);
    gy_access_close(server->access);
    gy_collector_free(server->collector);
    if (server->listen_fd >= 0) {
        close(server->listen_fd);
    }
    free(server->dir);
    free(server);
}

enum gy_status gy_server_start(const struct gy_server_options *options, struct gy_server **out,
                               struct gy_error *err)
{
    struct gy_server *server = gy_alloc_zero(1, sizeof *server);
    (void)umask(077); /* nothing that it makes is for others on this machine */
    server->dir = gy_strndup(options->dir, strlen(options->dir));
    server->listen_fd = -1;
    enum gy_status status = start(server, options, err);
    if (status != GY_OK) {
        release(server);
        return status;
    }
    *out = server;
    return GY_OK;
}

void gy_server_stop(struct gy_server *server)
{
    struct gy_log_line line;
    gy_log_begin(&line, "info", "stopping");
    gy_log_end(&line);
    release(server);
    gy_log_begin(&line, "info", "stopped");
    gy_log_end(&line);
}
