/* collector.c - see collector.h. */
#include "server/collector.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "server/basic_auth.h"
#include "server/gunzip.h"
#include "server/log_line.h"
#include "store/json_writer.h"
#include "store/snapshot.h"
#include "store/write_keys.h"

enum {
    PARSERS_MAX = 64,
    KEY_MAX = 200, /* bytes that are looked at */
    REJECTED_SHOWN = 100,
    READ_AGAIN_MS = 1000
};

#define JSON_TYPE "application/json"

struct gy_collector {
    const char *dir;
    struct gy_write_queue *queue;
    struct gy_zone *zone;

    pthread_rwlock_t keys_lock;
    struct gy_write_keys keys;
    pthread_mutex_t
        reading; /* one reads the keys and puts them in place; else an older reading could come later */
    atomic_bool are_keys_old; /* they could not be read when they had changed */
    _Atomic int64_t read_again_ms;

    pthread_mutex_t parsers_lock;
    struct gy_spec_parser *parsers[PARSERS_MAX]; /* that nobody uses now */
    size_t n_parsers;
};

/* ---- parsers: each keeps the memory it has grown to ---- */

static struct gy_spec_parser *take_parser(struct gy_collector *c)
{
    struct gy_spec_parser *parser = NULL;
    pthread_mutex_lock(&c->parsers_lock);
    if (c->n_parsers > 0) {
        parser = c->parsers[--c->n_parsers];
    }
    pthread_mutex_unlock(&c->parsers_lock);
    return parser != NULL ? parser : gy_spec_parser_new();
}

static void give_parser(struct gy_collector *c, struct gy_spec_parser *parser)
{
    pthread_mutex_lock(&c->parsers_lock);
    bool is_kept = c->n_parsers < PARSERS_MAX;
    if (is_kept) {
        c->parsers[c->n_parsers++] = parser;
    }
    pthread_mutex_unlock(&c->parsers_lock);
    if (!is_kept) {
        gy_spec_parser_free(parser);
    }
}

/* ---- from other origins ---- */

/* Pages of any site may send. A beacon is sent with credentials, and browsers then want the origin by name. */
static void put_origin(struct gy_exchange *x)
{
    struct gy_str origin = gy_exchange_header(x, "Origin");
    if (origin.len == 0) {
        return;
    }
    gy_exchange_put_header(x, "Access-Control-Allow-Origin", origin);
    gy_exchange_put_header(x, "Access-Control-Allow-Credentials", GY_STR("true"));
    gy_exchange_put_header(x, "Vary", GY_STR("Origin"));
}

void gy_collector_preflight(struct gy_exchange *x)
{
    struct gy_str headers = gy_exchange_header(x, "Access-Control-Request-Headers");
    put_origin(x);
    gy_exchange_put_header(x, "Access-Control-Allow-Methods", GY_STR("GET, POST, OPTIONS"));
    if (headers.len > 0) {
        gy_exchange_put_header(x, "Access-Control-Allow-Headers", headers);
    }
    gy_exchange_put_header(x, "Access-Control-Max-Age", GY_STR("86400"));
    gy_exchange_answer(x, 204, NULL, (struct gy_str){0});
}

/* ---- keys ---- */

void gy_collector_reload(struct gy_collector *c)
{
    struct gy_error err = {0};
    struct gy_write_keys keys;
    pthread_mutex_lock(&c->reading);
    if (gy_write_keys_read(c->dir, &keys, &err) != GY_OK) {
        gy_log_error("keys could not be read", &err);
        atomic_store(&c->read_again_ms, gy_monotonic_ms() + READ_AGAIN_MS);
        atomic_store(&c->are_keys_old, true);
        pthread_mutex_unlock(&c->reading);
        return;
    }
    pthread_rwlock_wrlock(&c->keys_lock);
    struct gy_write_keys old = c->keys;
    c->keys = keys;
    pthread_rwlock_unlock(&c->keys_lock);
    gy_write_keys_release(&old);
    atomic_store(&c->are_keys_old, false);
    pthread_mutex_unlock(&c->reading);
}

/* Whether the keys are what is stored; old ones are read again now and then. */
static bool has_keys(struct gy_collector *c)
{
    if (!atomic_load_explicit(&c->are_keys_old, memory_order_acquire)) {
        return true;
    }
    int64_t now = gy_monotonic_ms();
    int64_t then = atomic_load(&c->read_again_ms);
    if (now >= then &&
        atomic_compare_exchange_strong(&c->read_again_ms, &then, now + READ_AGAIN_MS)) {
        gy_collector_reload(c);
    }
    return !atomic_load_explicit(&c->are_keys_old, memory_order_acquire);
}

/* The name of the key whose text this is, copied; empty: it is not known. */
static struct gy_str name_of_key(struct gy_collector *c, struct gy_str key, struct gy_arena *arena)
{
    struct gy_str name = {"", 0};
    if (key.len == 0 || key.len > KEY_MAX || !has_keys(c)) {
        return name;
    }
    pthread_rwlock_rdlock(&c->keys_lock);
    const struct gy_write_key *found = gy_write_keys_find(&c->keys, key);
    if (found != NULL) {
        name = gy_arena_str(arena, found->name);
    }
    pthread_rwlock_unlock(&c->keys_lock);
    return name;
}

/* The key in the header, or else in the query; empty: none. */
static struct gy_str sent_key(struct gy_exchange *x, struct gy_arena *arena)
{
    struct gy_str key = gy_basic_user(gy_exchange_header(x, "Authorization"), arena);
    return key.len > 0 ? key : gy_exchange_query(x, "writeKey");
}

/* A known key in the header, in the query or in the body, in this order. */
static struct gy_str find_key(struct gy_collector *c, struct gy_exchange *x, struct gy_str body,
                              struct gy_arena *arena)
{
    struct gy_str key = sent_key(x, arena);
    if (key.len == 0) {
        key = gy_collect_write_key(body);
    }
    return name_of_key(c, key, arena);
}

/* The answer to one whose key is not known; nobody's is while the keys cannot be read. */
static void refuse_key(struct gy_collector *c, struct gy_exchange *x)
{
    if (has_keys(c)) {
        gy_exchange_refuse(x, 401, "no write key that is known: `gyeol key add NAME` makes one");
    } else {
        gy_exchange_refuse(x, 503, "the write keys cannot be read");
    }
}

void gy_collector_admit(struct gy_collector *c, struct gy_exchange *x)
{
    struct gy_arena arena = {0};
    struct gy_str key = sent_key(x, &arena);
    if (key.len > 0 && name_of_key(c, key, &arena).len == 0) {
        put_origin(x);
        refuse_key(c, x);
    }
    gy_arena_release(&arena);
}

size_t gy_collector_n_keys(struct gy_collector *c)
{
    pthread_rwlock_rdlock(&c->keys_lock);
    size_t n = c->keys.n;
    pthread_rwlock_unlock(&c->keys_lock);
    return n;
}

/* ---- answers ---- */

/* A request on its way to the disk. */
struct sent {
    struct gy_delivery delivery;
    struct gy_exchange *exchange;
    struct gy_buf unzipped;
};

static void free_sent(struct sent *sent)
{
    gy_collected_release(&sent->delivery.collected);
    gy_buf_release(&sent->unzipped);
    free(sent);
}

static void put_rejected(struct gy_json_writer *w, const struct gy_collected *collected)
{
    gy_json_key(w, "rejected_count");
    gy_json_count(w, collected->n_rejected);
    gy_json_key(w, "rejected");
    gy_json_open(w, '[');
    for (uint32_t i = 0; i < collected->n_rejected && i < REJECTED_SHOWN; i++) {
        gy_json_open(w, '{');
        gy_json_key(w, "index");
        gy_json_count(w, collected->rejected[i].index);
        gy_json_key(w, "reason");
        gy_json_str(w, collected->rejected[i].reason);
        gy_json_close(w, '}');
    }
    gy_json_close(w, ']');
}

static void answer_taken(struct gy_exchange *x, const struct gy_collected *collected)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '{');
    gy_json_key(&w, "success");
    gy_json_bool(&w, true);
    if (collected->n_rejected > 0) {
        put_rejected(&w, collected);
    }
    gy_json_close(&w, '}');
    gy_exchange_answer(x, 200, JSON_TYPE, gy_buf_view(&w.text));
    gy_json_writer_release(&w);
}

static void answer(struct gy_exchange *x, const struct gy_delivery *d)
{
    const struct gy_collected *collected = &d->collected;
    if (d->status != GY_OK) {
        gy_exchange_refuse(x, 503, "the events could not be stored");
    } else if (!collected->is_batch && collected->n_rejected > 0) {
        gy_exchange_refuse(x, 400, collected->rejected[0].reason.ptr);
    } else {
        answer_taken(x, collected);
    }
}

/* On the writer's thread. What was sent is views of the exchange's body, so it goes first. */
static void finish(struct gy_delivery *d)
{
    struct sent *sent = d->context;
    struct gy_exchange *x = sent->exchange;
    answer(x, d);
    free_sent(sent);
    gy_exchange_resume(x);
}

/* ---- taking ---- */

static enum gy_status open_body(struct sent *sent, struct gy_str *body, struct gy_error *err)
{
    *body = gy_exchange_body(sent->exchange);
    if (!gy_is_gzip(*body)) {
        return GY_OK;
    }
    GY_TRY(gy_gunzip(*body, GY_COLLECT_BODY_MAX, &sent->unzipped, err));
    *body = gy_buf_view(&sent->unzipped);
    return GY_OK;
}

static enum gy_status read_calls(struct gy_collector *c, struct sent *sent, struct gy_str body,
                                 struct gy_error *err)
{
    int kind = gy_exchange_route(sent->exchange)->kind;
    struct gy_collect_source source = {.is_batch = kind == GY_COLLECT_BATCH,
                                       .type = kind == GY_COLLECT_BATCH ? GY_CALL_TRACK
                                                                        : (enum gy_call_type)kind,
                                       .received_ms = gy_now_ms(),
                                       .zone = c->zone};
    struct gy_spec_parser *parser = take_parser(c);
    enum gy_status status = gy_collect_read(parser, body, &source, &sent->delivery.collected, err);
    give_parser(c, parser);
    return status;
}

/* Copies take about as much as the text: names and values once more, and a call's own fields, be it taken or
 * rejected; what is rejected is kept and answered, too. */
static size_t size_of(const struct sent *sent, struct gy_str body)
{
    const struct gy_collected *collected = &sent->delivery.collected;
    size_t n = (size_t)collected->n_calls + collected->n_rejected;
    return 2 * body.len + sent->unzipped.capacity + n * sizeof(struct gy_call) +
           collected->n_rejected * 2 * sizeof(struct gy_rejected);
}

static void refuse(struct sent *sent, unsigned status, const char *detail)
{
    gy_exchange_refuse(sent->exchange, status, detail);
    free_sent(sent);
}

static void deliver(struct gy_collector *c, struct sent *sent, struct gy_str body)
{
    struct gy_delivery *d = &sent->delivery;
    struct gy_exchange *x = sent->exchange;
    d->bytes = size_of(sent, body);
    d->done = finish;
    d->context = sent;
    gy_exchange_suspend(x);
    if (!gy_write_queue_push(c->queue, d)) {
        refuse(sent, 429, "the server has more to write than it can hold");
        gy_exchange_resume(x);
    }
}

void gy_collector_take(struct gy_collector *c, struct gy_exchange *x)
{
    struct gy_error err = {0};
    struct gy_str body;
    struct sent *sent = gy_alloc_zero(1, sizeof *sent);
    sent->exchange = x;
    put_origin(x);
    enum gy_status status = open_body(sent, &body, &err);
    if (status != GY_OK) {
        refuse(sent, status == GY_LIMIT ? 413 : 400, err.message);
        return;
    }
    sent->delivery.write_key = find_key(c, x, body, &sent->delivery.collected.arena);
    if (sent->delivery.write_key.len == 0) {
        refuse_key(c, x);
        free_sent(sent);
        return;
    }
    status = read_calls(c, sent, body, &err);
    if (status != GY_OK) {
        refuse(sent, status == GY_LIMIT ? 413 : 400, err.message);
        return;
    }
    deliver(c, sent, body);
}

/* ---- what the browser's library asks first ---- */

/* Where the request was sent to, so that the library sends its calls there too. */
static void put_host(const struct gy_exchange *x, struct gy_json_writer *w)
{
    struct gy_buf host = {0};
    gy_buf_str(&host, gy_exchange_header(x, "Host"));
    gy_buf_text(&host, "/v1");
    gy_json_key(w, "apiHost");
    gy_json_text(w, gy_text_is_utf8(gy_buf_view(&host)) ? host.ptr : "/v1");
    gy_json_key(w, "protocol");
    gy_json_text(w, gy_exchange_is_secure(x) ? "https" : "http");
    gy_buf_release(&host);
}

static void put_integrations(const struct gy_exchange *x, struct gy_str key,
                             struct gy_json_writer *w)
{
    gy_json_key(w, "integrations");
    gy_json_open(w, '{');
    gy_json_key(w, "Segment.io");
    gy_json_open(w, '{');
    gy_json_key(w, "apiKey");
    gy_json_str(w, key);
    put_host(x, w);
    gy_json_close(w, '}');
    gy_json_close(w, '}');
}

static void put_settings(const struct gy_exchange *x, struct gy_str key, struct gy_json_writer *w)
{
    gy_json_open(w, '{');
    put_integrations(x, key, w);
    gy_json_key(w, "plan");
    gy_json_raw(w, GY_STR("{\"track\":{\"__default\":{\"enabled\":true,\"integrations\":{}}}}"));
    gy_json_key(w, "metrics"); /* of the library about itself, which would go to its makers */
    gy_json_raw(w, GY_STR("{\"sampleRate\":0}"));
    gy_json_close(w, '}');
}

void gy_collector_settings(struct gy_collector *c, struct gy_exchange *x)
{
    struct gy_arena arena = {0};
    struct gy_json_writer w = {0};
    struct gy_str key = gy_exchange_piece(x, 0);
    put_origin(x);
    if (name_of_key(c, key, &arena).len == 0) {
        gy_exchange_refuse(x, has_keys(c) ? 404 : 503, "there is no such write key");
    } else {
        put_settings(x, key, &w);
        gy_exchange_put_header(x, "Cache-Control", GY_STR("no-cache"));
        gy_exchange_answer(x, 200, JSON_TYPE, gy_buf_view(&w.text));
    }
    gy_json_writer_release(&w);
    gy_arena_release(&arena);
}

/* The same for the library of RudderStack: a source without destinations of its own, that reports to nobody. */
static void put_source(struct gy_str name, struct gy_json_writer *w)
{
    gy_json_open(w, '{');
    gy_json_key(w, "source");
    gy_json_open(w, '{');
    gy_json_key(w, "id");
    gy_json_str(w, name);
    gy_json_key(w, "name");
    gy_json_str(w, name);
    gy_json_key(w, "enabled");
    gy_json_bool(w, true);
    gy_json_key(w, "config");
    gy_json_raw(w, GY_STR("{\"statsCollection\":{\"errors\":{\"enabled\":false},"
                          "\"metrics\":{\"enabled\":false}}}"));
    gy_json_key(w, "destinations");
    gy_json_raw(w, GY_STR("[]"));
    gy_json_close(w, '}');
    gy_json_close(w, '}');
}

void gy_collector_source_config(struct gy_collector *c, struct gy_exchange *x)
{
    struct gy_arena arena = {0};
    struct gy_json_writer w = {0};
    struct gy_str name = find_key(c, x, (struct gy_str){0}, &arena);
    put_origin(x);
    if (name.len == 0) {
        refuse_key(c, x);
    } else {
        put_source(name, &w);
        gy_exchange_put_header(x, "Cache-Control", GY_STR("no-cache"));
        gy_exchange_answer(x, 200, JSON_TYPE, gy_buf_view(&w.text));
    }
    gy_json_writer_release(&w);
    gy_arena_release(&arena);
}

/* ---- all of it ---- */

static enum gy_status read_zone(struct gy_collector *c, struct gy_error *err)
{
    struct gy_snapshot *snapshot;
    GY_TRY(gy_snapshot_open(c->dir, &snapshot, err));
    enum gy_status status = gy_zone_open(gy_zone_name(gy_snapshot_zone(snapshot)), &c->zone, err);
    gy_snapshot_close(snapshot);
    return status;
}

enum gy_status gy_collector_new(const char *dir, struct gy_collector **out, struct gy_error *err)
{
    struct gy_collector *c = gy_alloc_zero(1, sizeof *c);
    c->dir = dir;
    pthread_mutex_init(&c->reading, NULL);
    pthread_rwlock_init(&c->keys_lock, NULL);
    pthread_mutex_init(&c->parsers_lock, NULL);
    enum gy_status status = read_zone(c, err);
    if (status == GY_OK) {
        status = gy_write_keys_read(dir, &c->keys, err);
    }
    if (status != GY_OK) {
        gy_collector_free(c);
        return status;
    }
    *out = c;
    return GY_OK;
}

void gy_collector_use(struct gy_collector *c, struct gy_write_queue *queue)
{
    c->queue = queue;
}

void gy_collector_free(struct gy_collector *c)
{
    if (c == NULL) {
        return;
    }
    for (size_t i = 0; i < c->n_parsers; i++) {
        gy_spec_parser_free(c->parsers[i]);
    }
    gy_write_keys_release(&c->keys);
    gy_zone_close(c->zone);
    pthread_mutex_destroy(&c->reading);
    pthread_rwlock_destroy(&c->keys_lock);
    pthread_mutex_destroy(&c->parsers_lock);
    free(c);
}
