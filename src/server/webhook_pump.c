/* webhook_pump.c - see webhook_pump.h. */
#include "server/webhook_pump.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "server/log_line.h"
#include "server/webhook_body.h"
#include "server/webhook_line.h"
#include "server/webhook_sender.h"
#include "store/webhooks.h"

enum {
    STORE_MS = 500, /* what was told is stored so often */
    WAIT_MAX_MS = 10000,
    STOP_MS = 2000,  /* what is on its way when it ends is waited for so long */
    AGAIN_MS = 1000, /* after it could not be read or stored */
    CHANGES = 200,   /* read at once */
    LINE_SENT_MAX = GY_WEBHOOK_HOST_CONNECTIONS
};

struct gy_webhook_pump {
    struct gy_webhook_pump_options o;
    char *dir;
    pthread_t thread;
    struct gy_webhook_sender *sender;

    pthread_mutex_t lock; /* of what follows */
    bool is_stopping;
    bool is_changed;
    bool is_recorded;
    struct gy_held_snapshot *newest; /* that it was given */

    struct gy_held_snapshot *snapshot; /* the thread's, like all that follows */
    int64_t begun_us; /* of the newest one that it had: none from before it is used any more */
    struct gy_change_log *log;
    struct gy_webhook_line **lines;
    size_t n_lines;
    size_t lines_capacity;
    int64_t stored_us; /* when it was last stored, by the monotonic clock */
    int64_t again_us;  /* before it nothing is tried; 0 */
    bool was_said;
};

static void say(struct gy_webhook_pump *pump, const char *what, const struct gy_error *err)
{
    pump->again_us = gy_monotonic_us() + AGAIN_MS * 1000;
    if (!pump->was_said) {
        gy_log_error(what, err);
    }
    pump->was_said = true;
}

/* ---- customers ---- */

static void use_snapshot(struct gy_webhook_pump *pump, struct gy_held_snapshot *held)
{
    gy_snapshot_let_go(pump->snapshot);
    pump->snapshot = held;
    pump->begun_us = held->begun_us;
}

static void take_newest(struct gy_webhook_pump *pump)
{
    pthread_mutex_lock(&pump->lock);
    struct gy_held_snapshot *newest = pump->newest;
    pump->newest = NULL;
    pthread_mutex_unlock(&pump->lock);
    if (newest == NULL) {
        return;
    }
    if (newest->begun_us < pump->begun_us) {
        gy_snapshot_let_go(newest); /* whom it still knows may have been erased since */
    } else {
        use_snapshot(pump, newest);
    }
}

static enum gy_status renew_snapshot(struct gy_webhook_pump *pump, struct gy_error *err)
{
    struct gy_snapshot *snapshot;
    int64_t begun_us = gy_monotonic_us();
    GY_TRY(gy_snapshot_open_after(
        pump->dir, pump->snapshot == NULL ? NULL : pump->snapshot->snapshot, &snapshot, err));
    use_snapshot(pump, gy_snapshot_hold_new(snapshot, begun_us));
    return GY_OK;
}

/* One that knows the customer: nobody's number is given to another. */
static enum gy_status have_snapshot(struct gy_webhook_pump *pump, uint32_t ordinal,
                                    struct gy_error *err)
{
    if (pump->snapshot == NULL || ordinal >= gy_snapshot_n_ordinals(pump->snapshot->snapshot)) {
        GY_TRY(renew_snapshot(pump, err));
    }
    return ordinal < gy_snapshot_n_ordinals(pump->snapshot->snapshot)
               ? GY_OK
               : gy_error_set(err, GY_CORRUPT, "the catalog records a customer that has no id");
}

/* ---- what is to be told ---- */

static bool wants(const struct gy_webhook_line *line, struct gy_str segment)
{
    json_t *names = json_loadb(line->segments.ptr, line->segments.len, 0, NULL);
    bool does = json_array_size(names) == 0;
    for (size_t i = 0; i < json_array_size(names) && !does; i++) {
        const json_t *name = json_array_get(names, i);
        does = gy_str_equal((struct gy_str){json_string_value(name), json_string_length(name)},
                            segment);
    }
    json_decref(names);
    return does;
}

static void forget_retry(struct gy_webhook_line *line, const struct gy_webhook_retry *retry)
{
    if (retry != NULL) {
        GY_GROW(line->done, line->done_capacity, line->n_done + 1);
        line->done[line->n_done++] = *retry;
        line->has_moved = true;
    }
}

/* An erased customer has no root: there is nothing left to tell. */
static bool is_erased(const struct gy_webhook_pump *pump, uint32_t ordinal)
{
    return gy_snapshot_root(pump->snapshot->snapshot, ordinal) == GY_ID_NONE;
}

static enum gy_status add_place(struct gy_webhook_pump *pump, struct gy_webhook_line *line,
                                const struct gy_recorded_change *change, uint64_t place,
                                const struct gy_webhook_retry *retry, struct gy_error *err)
{
    bool entered;
    bool is_external;
    struct gy_buf id = {0};
    struct gy_buf body = {0};
    uint32_t ordinal = gy_recorded_change_at(change, place, &entered);
    GY_TRY(have_snapshot(pump, ordinal, err));
    struct gy_str name = gy_snapshot_id(pump->snapshot->snapshot, ordinal, &is_external);
    if (is_erased(pump, ordinal)) {
        forget_retry(line, retry);
        return GY_OK;
    }
    struct gy_webhook_customer customer = {name, is_external};
    gy_webhook_id(change, place, &id);
    gy_webhook_body(change, gy_buf_view(&id), entered, &customer, &body);
    uint64_t key = gy_hash(change->segment.ptr, change->segment.len, ordinal);
    gy_webhook_line_add(line, change->id, (int64_t)place, ordinal, key, retry, &id, &body);
    return GY_OK;
}

/* The rest of a change, as far as there is room. */
static enum gy_status add_change(struct gy_webhook_pump *pump, struct gy_webhook_line *line,
                                 const struct gy_recorded_change *change, struct gy_error *err)
{
    uint64_t n = gy_recorded_change_places(change);
    uint64_t place = change->id == line->change ? (uint64_t)line->place : 0;
    bool is_wanted = wants(line, change->segment);
    for (; is_wanted && place < n && gy_webhook_line_has_room(line); place++) {
        GY_TRY(add_place(pump, line, change, place, NULL, err));
        line->change = change->id;
        line->place = (int64_t)place + 1;
        line->has_moved = true;
    }
    if (!is_wanted || place >= n) {
        line->change = change->id + 1;
        line->place = 0;
        line->has_moved = true;
    }
    return GY_OK;
}

static enum gy_status read_line(struct gy_webhook_pump *pump, struct gy_webhook_line *line,
                                struct gy_error *err)
{
    struct gy_recorded_changes changes;
    bool has_more = true;
    enum gy_status status = GY_OK;
    while (status == GY_OK && has_more && gy_webhook_line_has_room(line)) {
        status = gy_change_log_read(pump->log, line->change, CHANGES, GY_WEBHOOK_READY_MAX,
                                    &changes, err);
        for (size_t i = 0; status == GY_OK && i < changes.n && gy_webhook_line_has_room(line);
             i++) {
            status = add_change(pump, line, &changes.changes[i], err);
        }
        has_more = changes.n == CHANGES || changes.n_places >= GY_WEBHOOK_READY_MAX;
        gy_recorded_changes_release(&changes);
    }
    return status;
}

/* Half of what is read ahead must have been sent before more is read. The snapshot is kept only as long as there is more:
 * it keeps files. */
static enum gy_status read_all(struct gy_webhook_pump *pump, bool is_recorded, struct gy_error *err)
{
    bool is_behind = false;
    for (size_t i = 0; i < pump->n_lines; i++) {
        struct gy_webhook_line *line = pump->lines[i];
        if (is_recorded || (line->is_behind && line->n_ready < GY_WEBHOOK_READY_MAX / 2)) {
            GY_TRY(read_line(pump, line, err));
            line->is_behind = !gy_webhook_line_has_room(line);
        }
        is_behind |= line->is_behind && !line->is_dropped;
    }
    if (!is_behind) {
        gy_snapshot_let_go(pump->snapshot);
        pump->snapshot = NULL;
    }
    return GY_OK;
}

/* ---- webhooks ---- */

static enum gy_status add_retry(struct gy_webhook_pump *pump, struct gy_webhook_line *line,
                                const struct gy_webhook_retry *retry, struct gy_error *err)
{
    struct gy_recorded_changes changes;
    enum gy_status status =
        gy_change_log_read(pump->log, retry->change, 1, UINT64_MAX, &changes, err);
    bool is_there = status == GY_OK && changes.n == 1 && changes.changes[0].id == retry->change &&
                    (uint64_t)retry->place < gy_recorded_change_places(&changes.changes[0]);
    if (is_there) {
        status = add_place(pump, line, &changes.changes[0], (uint64_t)retry->place, retry, err);
    } else if (status == GY_OK) {
        forget_retry(line, retry); /* its segment was removed */
    }
    gy_recorded_changes_release(&changes);
    return status;
}

static enum gy_status add_retries(struct gy_webhook_pump *pump, struct gy_webhook_line *line,
                                  const struct gy_webhook_retries *retries, struct gy_error *err)
{
    const struct gy_webhook_item *at = NULL;
    for (size_t i = 0; i < retries->n; i++) {
        const struct gy_webhook_retry *retry = &retries->retries[i];
        if (retry->webhook == line->webhook &&
            !gy_webhook_line_has(line, retry->change, retry->place, &at)) {
            GY_TRY(add_retry(pump, line, retry, err));
        }
    }
    return GY_OK;
}

static const struct gy_webhook *find_webhook(const struct gy_webhooks *webhooks, int64_t id)
{
    for (size_t i = 0; i < webhooks->n; i++) {
        if (webhooks->webhooks[i].id == id && webhooks->webhooks[i].is_active) {
            return &webhooks->webhooks[i];
        }
    }
    return NULL;
}

static bool has_line(const struct gy_webhook_pump *pump, int64_t webhook)
{
    for (size_t i = 0; i < pump->n_lines; i++) {
        if (pump->lines[i]->webhook == webhook && !pump->lines[i]->is_dropped) {
            return true;
        }
    }
    return false;
}

/* Somebody in it was erased: it is to be made anew of what is stored. */
static bool has_erased(const struct gy_webhook_pump *pump, const struct gy_webhook_line *line)
{
    for (const struct gy_webhook_item *item = line->first; item != NULL; item = item->after) {
        if (is_erased(pump, item->customer)) {
            return true;
        }
    }
    return false;
}

/* Lines that are over begin anew if their webhook is active again. */
static enum gy_status settle_lines(struct gy_webhook_pump *pump, const struct gy_webhooks *webhooks,
                                   const struct gy_webhook_retries *retries, struct gy_error *err)
{
    for (size_t i = 0; i < pump->n_lines; i++) {
        struct gy_webhook_line *line = pump->lines[i];
        line->is_dropped |= line->is_over || find_webhook(webhooks, line->webhook) == NULL ||
                            has_erased(pump, line);
    }
    for (size_t i = 0; i < webhooks->n; i++) {
        const struct gy_webhook *webhook = &webhooks->webhooks[i];
        if (webhook->is_active && !has_line(pump, webhook->id)) {
            GY_GROW(pump->lines, pump->lines_capacity, pump->n_lines + 1);
            pump->lines[pump->n_lines++] = gy_webhook_line_new(webhook);
        }
    }
    for (size_t i = 0; i < pump->n_lines; i++) {
        if (!pump->lines[i]->is_dropped) {
            GY_TRY(add_retries(pump, pump->lines[i], retries, err));
        }
    }
    return GY_OK;
}

static enum gy_status read_webhooks(struct gy_webhook_pump *pump, struct gy_error *err)
{
    struct gy_webhooks webhooks = {0};
    struct gy_webhook_retries retries = {0};
    enum gy_status status = gy_webhooks_read(pump->dir, &webhooks, err);
    if (status == GY_OK) {
        status = gy_webhook_retries_read(pump->dir, false, &retries, err);
    }
    if (status == GY_OK && webhooks.n > 0 && pump->log == NULL) {
        status = gy_change_log_open(pump->dir, &pump->log, err);
    }
    if (status == GY_OK) {
        status = settle_lines(pump, &webhooks, &retries, err);
    }
    gy_webhook_retries_release(&retries);
    gy_webhooks_release(&webhooks);
    return status;
}

/* Those that are dropped, and wait for nothing. */
static void free_dropped(struct gy_webhook_pump *pump)
{
    size_t n = 0;
    for (size_t i = 0; i < pump->n_lines; i++) {
        struct gy_webhook_line *line = pump->lines[i];
        if (line->is_dropped && line->n_sent == 0) {
            gy_webhook_line_free(line);
        } else {
            pump->lines[n++] = line;
        }
    }
    pump->n_lines = n;
}

/* ---- sending ---- */

static bool is_well(long http_status)
{
    return http_status >= 200 && http_status <= 299;
}

static void answered(void *context, void *item_of_line, const struct gy_webhook_answer *answer)
{
    struct gy_webhook_item *item = item_of_line;
    struct gy_webhook_line *line = item->line;
    (void)context;
    if (is_well(answer->http_status)) {
        gy_webhook_item_delivered(item);
        return;
    }
    bool is_gone = answer->http_status == 410;
    gy_webhook_item_failed(item, gy_now_ms(), answer->retry_after_s * 1000, answer->reason,
                           is_gone);
    if (is_gone && !line->is_over) {
        struct gy_log_line said;
        line->is_over = true;
        gy_log_begin(&said, "warning", "webhook wants no more");
        gy_log_count(&said, "webhook", (uint64_t)line->webhook);
        gy_log_text(&said, "reason", answer->reason);
        gy_log_end(&said);
    }
}

static void send_line(struct gy_webhook_pump *pump, struct gy_webhook_line *line)
{
    while (!line->is_dropped && line->n_sent < LINE_SENT_MAX &&
           gy_webhook_sender_n(pump->sender) < GY_WEBHOOK_CONNECTIONS) {
        struct gy_webhook_item *item = gy_webhook_line_take(line);
        if (item == NULL) {
            return;
        }
        struct gy_webhook_request request = {gy_buf_view(&line->url), gy_buf_view(&line->secret),
                                             gy_buf_view(&item->id), gy_buf_view(&item->body),
                                             item};
        gy_webhook_sender_begin(pump->sender, &request);
    }
}

/* ---- storing ---- */

static enum gy_status put_progress(struct gy_writer *writer, void *context, struct gy_error *err)
{
    const struct gy_webhook_store *store = context;
    struct gy_webhook_progress progress = {store->cursors,   store->n_cursors, store->retries,
                                           store->n_retries, store->done,      store->n_done};
    return gy_writer_put_webhook_progress(writer, &progress, err);
}

static enum gy_status store_all(struct gy_webhook_pump *pump, struct gy_error *err)
{
    struct gy_webhook_store store = {0};
    for (size_t i = 0; i < pump->n_lines; i++) {
        gy_webhook_line_progress(pump->lines[i], &store);
    }
    enum gy_status status = store.n_cursors == 0
                                ? GY_OK
                                : gy_write_queue_record(pump->o.queue, put_progress, &store, err);
    for (size_t i = 0; i < pump->n_lines && status == GY_OK; i++) {
        gy_webhook_line_stored(pump->lines[i]);
    }
    gy_webhook_store_release(&store);
    pump->stored_us = gy_monotonic_us();
    return status;
}

static bool has_moved(const struct gy_webhook_pump *pump)
{
    for (size_t i = 0; i < pump->n_lines; i++) {
        if (pump->lines[i]->has_moved && !pump->lines[i]->is_dropped) {
            return true;
        }
    }
    return false;
}

/* ---- the thread ---- */

struct wanted {
    bool is_stopping;
    bool is_changed;
    bool is_recorded;
};

static struct wanted take_wanted(struct gy_webhook_pump *pump)
{
    pthread_mutex_lock(&pump->lock);
    struct wanted wanted = {pump->is_stopping, pump->is_changed, pump->is_recorded};
    pump->is_changed = false;
    pump->is_recorded = false;
    pthread_mutex_unlock(&pump->lock);
    return wanted;
}

static void want_again(struct gy_webhook_pump *pump, const struct wanted *wanted)
{
    pthread_mutex_lock(&pump->lock);
    pump->is_changed |= wanted->is_changed;
    pump->is_recorded = true;
    pthread_mutex_unlock(&pump->lock);
}

/* Webhooks are read after what was told of them is stored: what is stored then stands for what is not in a line. */
static enum gy_status catch_up(struct gy_webhook_pump *pump, const struct wanted *wanted,
                               struct gy_error *err)
{
    take_newest(pump);
    if (wanted->is_changed) {
        GY_TRY(store_all(pump, err));
        if (pump->n_lines > 0) {
            GY_TRY(renew_snapshot(pump, err));
        }
        GY_TRY(read_webhooks(pump, err));
    }
    return read_all(pump, wanted->is_recorded || wanted->is_changed, err);
}

static int64_t send_all(struct gy_webhook_pump *pump)
{
    int64_t now_ms = gy_now_ms();
    int64_t wait_ms = WAIT_MAX_MS;
    for (size_t i = 0; i < pump->n_lines; i++) {
        int64_t next_ms = gy_webhook_line_wake(pump->lines[i], now_ms);
        send_line(pump, pump->lines[i]);
        if (next_ms != INT64_MAX && next_ms - now_ms < wait_ms) {
            wait_ms = next_ms - now_ms;
        }
    }
    return wait_ms;
}

static void turn(struct gy_webhook_pump *pump, const struct wanted *wanted)
{
    struct gy_error err = {0};
    int64_t now_us = gy_monotonic_us();
    enum gy_status status = GY_OK;
    if (now_us >= pump->again_us) {
        status = catch_up(pump, wanted, &err);
        if (status == GY_OK && has_moved(pump) &&
            now_us >= pump->stored_us + (int64_t)STORE_MS * 1000) {
            status = store_all(pump, &err);
        }
        pump->was_said = pump->was_said && status != GY_OK;
    } else if (wanted->is_changed || wanted->is_recorded) {
        want_again(pump, wanted);
    }
    if (status != GY_OK) {
        want_again(pump, wanted);
        say(pump, "webhooks wait", &err);
    }
    free_dropped(pump);
    int64_t wait_ms = send_all(pump);
    wait_ms = has_moved(pump) && wait_ms > STORE_MS ? STORE_MS : wait_ms;
    wait_ms = pump->was_said && wait_ms > AGAIN_MS ? AGAIN_MS : wait_ms;
    gy_webhook_sender_wait(pump->sender, wait_ms, answered, pump);
}

/* Nothing more is sent; what was answered is stored. */
static void end(struct gy_webhook_pump *pump)
{
    struct gy_error err = {0};
    int64_t until_us = gy_monotonic_us() + (int64_t)STOP_MS * 1000;
    while (gy_webhook_sender_n(pump->sender) > 0 && gy_monotonic_us() < until_us) {
        gy_webhook_sender_wait(pump->sender, 50, answered, pump);
    }
    (void)store_all(pump, &err); /* where it cannot be, they are told again */
}

static void *run(void *context)
{
    struct gy_webhook_pump *pump = context;
    for (struct wanted wanted = take_wanted(pump); !wanted.is_stopping;
         wanted = take_wanted(pump)) {
        turn(pump, &wanted);
    }
    end(pump);
    return NULL;
}

/* ---- for others ---- */

void gy_webhook_pump_free(struct gy_webhook_pump *pump)
{
    if (pump == NULL) {
        return;
    }
    gy_webhook_sender_free(pump->sender);
    for (size_t i = 0; i < pump->n_lines; i++) {
        gy_webhook_line_free(pump->lines[i]);
    }
    free(pump->lines);
    gy_change_log_close(pump->log);
    gy_snapshot_let_go(pump->snapshot);
    gy_snapshot_let_go(pump->newest);
    pthread_mutex_destroy(&pump->lock);
    free(pump->dir);
    free(pump);
}

enum gy_status gy_webhook_pump_start(const struct gy_webhook_pump_options *options,
                                     struct gy_webhook_pump **out, struct gy_error *err)
{
    struct gy_webhook_pump *pump = gy_alloc_zero(1, sizeof *pump);
    pump->o = *options;
    pump->dir = gy_strndup(options->dir, strlen(options->dir));
    pump->sender = gy_webhook_sender_new(options->only_public);
    pump->is_changed = true;
    pthread_mutex_init(&pump->lock, NULL);
    int code = pthread_create(&pump->thread, NULL, run, pump);
    if (code != 0) {
        gy_webhook_pump_free(pump);
        return gy_error_sys(err, code, "could not start a thread");
    }
    *out = pump;
    return GY_OK;
}

void gy_webhook_pump_end(struct gy_webhook_pump *pump)
{
    if (pump == NULL) {
        return;
    }
    pthread_mutex_lock(&pump->lock);
    pump->is_stopping = true;
    pthread_mutex_unlock(&pump->lock);
    gy_webhook_sender_wake(pump->sender);
    pthread_join(pump->thread, NULL);
}

void gy_webhook_pump_recorded(struct gy_webhook_pump *pump, struct gy_held_snapshot *snapshot)
{
    if (pump == NULL) {
        return;
    }
    pthread_mutex_lock(&pump->lock);
    struct gy_held_snapshot *old = pump->newest;
    pump->newest = gy_snapshot_hold(snapshot);
    pump->is_recorded = true;
    pthread_mutex_unlock(&pump->lock);
    gy_snapshot_let_go(old);
    gy_webhook_sender_wake(pump->sender);
}

void gy_webhook_pump_changed(struct gy_webhook_pump *pump)
{
    if (pump == NULL) {
        return;
    }
    pthread_mutex_lock(&pump->lock);
    pump->is_changed = true;
    pthread_mutex_unlock(&pump->lock);
    gy_webhook_sender_wake(pump->sender);
}
