/* webhook_line.c - see webhook_line.h. */
#include "server/webhook_line.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

/* ---- items ---- */

static void free_item(struct gy_webhook_item *item)
{
    gy_buf_release(&item->body);
    gy_buf_release(&item->id);
    gy_buf_release(&item->reason);
    free(item);
}

struct gy_webhook_line *gy_webhook_line_new(const struct gy_webhook *webhook)
{
    struct gy_webhook_line *line = gy_alloc_zero(1, sizeof *line);
    line->webhook = webhook->id;
    line->change = webhook->change;
    line->place = webhook->place;
    line->last_ready = &line->first_ready;
    gy_buf_str(&line->url, webhook->url);
    gy_buf_str(&line->secret, webhook->secret);
    gy_buf_str(&line->segments, webhook->segments);
    return line;
}

static void free_dead(struct gy_webhook_line *line)
{
    while (line->dead != NULL) {
        struct gy_webhook_item *item = line->dead;
        line->dead = item->next_ready;
        free_item(item);
    }
}

void gy_webhook_line_free(struct gy_webhook_line *line)
{
    if (line == NULL) {
        return;
    }
    while (line->first != NULL) {
        struct gy_webhook_item *item = line->first;
        line->first = item->after;
        free_item(item);
    }
    free_dead(line);
    free(line->keys);
    free(line->done);
    gy_buf_release(&line->url);
    gy_buf_release(&line->secret);
    gy_buf_release(&line->segments);
    free(line);
}

/* ---- the first item of each key, with those behind it ---- */

static size_t slot_of(const struct gy_webhook_line *line, uint64_t key)
{
    size_t slot = key & (line->n_slots - 1);
    while (line->keys[slot] != NULL && line->keys[slot]->key != key) {
        slot = (slot + 1) & (line->n_slots - 1);
    }
    return slot;
}

static void grow_keys(struct gy_webhook_line *line)
{
    struct gy_webhook_item **old = line->keys;
    size_t n_old = line->n_slots;
    line->n_slots = n_old == 0 ? 64 : 2 * n_old;
    line->keys = gy_alloc_zero(line->n_slots, sizeof(struct gy_webhook_item *));
    for (size_t i = 0; i < n_old; i++) {
        if (old[i] != NULL) {
            line->keys[slot_of(line, old[i]->key)] = old[i];
        }
    }
    free(old);
}

/* Those behind it that it had pushed on move up. */
static void remove_key(struct gy_webhook_line *line, uint64_t key)
{
    size_t hole = slot_of(line, key);
    line->keys[hole] = NULL;
    line->n_keys--;
    for (size_t at = (hole + 1) & (line->n_slots - 1); line->keys[at] != NULL;
         at = (at + 1) & (line->n_slots - 1)) {
        struct gy_webhook_item *item = line->keys[at];
        line->keys[at] = NULL;
        line->keys[slot_of(line, item->key)] = item;
    }
}

static int compare_places(const struct gy_webhook_item *item, int64_t change, int64_t place)
{
    if (item->at.change != change) {
        return item->at.change < change ? -1 : 1;
    }
    return (item->at.place > place) - (item->at.place < place);
}

static bool is_earlier(const struct gy_webhook_item *item, const struct gy_webhook_item *other)
{
    return compare_places(item, other->at.change, other->at.place) < 0;
}

/* Puts it behind the last one that is earlier. The first one, which has its turn already, stays the first, unless it is a
 * retry that waits. True: it is the first. */
static bool put_key(struct gy_webhook_line *line, struct gy_webhook_item *item)
{
    if (2 * (line->n_keys + 1) > line->n_slots) {
        grow_keys(line);
    }
    struct gy_webhook_item **slot = &line->keys[slot_of(line, item->key)];
    struct gy_webhook_item *first = *slot;
    if (first == NULL) {
        *slot = item;
        item->last_same = item;
        line->n_keys++;
        return true;
    }
    if (first->state == GY_ITEM_BACKING_OFF && is_earlier(item, first)) {
        *slot = item;
        item->next_same = first;
        item->last_same = first->last_same;
        first->state = GY_ITEM_BEHIND;
        return true;
    }
    struct gy_webhook_item *before = is_earlier(item, first->last_same) ? first : first->last_same;
    while (before->next_same != NULL && is_earlier(before->next_same, item)) {
        before = before->next_same;
    }
    item->next_same = before->next_same;
    before->next_same = item;
    first->last_same = item->next_same == NULL ? item : first->last_same;
    return false;
}

/* ---- states ---- */

static void make_ready(struct gy_webhook_line *line, struct gy_webhook_item *item)
{
    item->state = GY_ITEM_READY;
    item->next_ready = NULL;
    *line->last_ready = item;
    line->last_ready = &item->next_ready;
    line->n_ready++;
}

static void make_later(struct gy_webhook_line *line, struct gy_webhook_item *item)
{
    line->n_later++;
    item->is_changed = true;
    line->has_moved = true;
}

bool gy_webhook_line_has_room(const struct gy_webhook_line *line)
{
    return !line->is_over && !line->is_dropped && line->n_ready < GY_WEBHOOK_READY_MAX &&
           line->n_later < GY_WEBHOOK_RETRIES_MAX;
}

/* Most come last. */
static void link_item(struct gy_webhook_line *line, struct gy_webhook_item *item)
{
    struct gy_webhook_item *before = line->last;
    while (before != NULL && compare_places(before, item->at.change, item->at.place) > 0) {
        before = before->before;
    }
    item->before = before;
    item->after = before == NULL ? line->first : before->after;
    *(before == NULL ? &line->first : &before->after) = item;
    *(item->after == NULL ? &line->last : &item->after->before) = item;
}

static void unlink_item(struct gy_webhook_line *line, struct gy_webhook_item *item)
{
    *(item->before == NULL ? &line->first : &item->before->after) = item->after;
    *(item->after == NULL ? &line->last : &item->after->before) = item->before;
}

bool gy_webhook_line_has(const struct gy_webhook_line *line, int64_t change, int64_t place,
                         const struct gy_webhook_item **at)
{
    const struct gy_webhook_item *item = *at == NULL ? line->first : *at;
    while (item != NULL && compare_places(item, change, place) < 0) {
        *at = item;
        item = item->after;
    }
    return item != NULL && compare_places(item, change, place) == 0;
}

void gy_webhook_line_add(struct gy_webhook_line *line, int64_t change, int64_t place,
                         uint32_t customer, uint64_t key, const struct gy_webhook_retry *retry,
                         struct gy_buf *id, struct gy_buf *body)
{
    const struct gy_webhook_item *at = NULL;
    bool is_new = line->last == NULL || compare_places(line->last, change, place) < 0 ||
                  !gy_webhook_line_has(line, change, place, &at);
    if (!is_new) {
        gy_buf_release(body);
        gy_buf_release(id);
        return;
    }
    struct gy_webhook_item *item = gy_alloc_zero(1, sizeof *item);
    *item = (struct gy_webhook_item){
        .line = line, .body = *body, .id = *id, .customer = customer, .key = key};
    *body = (struct gy_buf){0};
    *id = (struct gy_buf){0};
    item->at = (struct gy_webhook_retry){
        .webhook = line->webhook, .change = change, .place = place, .until_ms = INT64_MAX};
    if (retry != NULL) {
        item->at.attempts = retry->attempts;
        item->at.next_ms = retry->next_ms;
        item->at.until_ms = retry->until_ms;
        gy_buf_str(&item->reason, retry->reason);
        item->is_stored = true;
    }
    link_item(line, item);
    bool is_first = put_key(line, item);
    if (is_first && retry == NULL) {
        make_ready(line, item);
        return;
    }
    item->state = is_first ? GY_ITEM_BACKING_OFF : GY_ITEM_BEHIND;
    line->n_later++;
}

int64_t gy_webhook_line_wake(struct gy_webhook_line *line, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;
    if (line->n_later == 0 || line->is_over) {
        return INT64_MAX;
    }
    for (struct gy_webhook_item *item = line->first; item != NULL; item = item->after) {
        if (item->state != GY_ITEM_BACKING_OFF) {
            continue;
        }
        if (item->at.next_ms <= now_ms) {
            line->n_later--;
            make_ready(line, item);
        } else if (item->at.next_ms < next_ms) {
            next_ms = item->at.next_ms;
        }
    }
    return next_ms;
}

struct gy_webhook_item *gy_webhook_line_take(struct gy_webhook_line *line)
{
    struct gy_webhook_item *item = line->is_over ? NULL : line->first_ready;
    if (item == NULL) {
        return NULL;
    }
    line->first_ready = item->next_ready;
    if (line->first_ready == NULL) {
        line->last_ready = &line->first_ready;
    }
    line->n_ready--;
    line->n_sent++;
    item->state = GY_ITEM_SENT;
    return item;
}

/* ---- what became of one ---- */

/* It leaves the line; the next one of its key may go. */
static void leave(struct gy_webhook_item *item)
{
    struct gy_webhook_line *line = item->line;
    line->n_sent--;
    line->has_moved = true;
    unlink_item(line, item);
    struct gy_webhook_item *next = item->next_same;
    if (next == NULL) {
        remove_key(line, item->key);
        return;
    }
    line->keys[slot_of(line, item->key)] = next;
    next->last_same = item->last_same;
    if (next->at.attempts > 0) {
        next->state = GY_ITEM_BACKING_OFF; /* it was tried before a restart */
    } else {
        line->n_later--;
        make_ready(line, next);
    }
}

void gy_webhook_item_delivered(struct gy_webhook_item *item)
{
    struct gy_webhook_line *line = item->line;
    if (item->is_stored) {
        GY_GROW(line->done, line->done_capacity, line->n_done + 1);
        line->done[line->n_done++] = item->at;
    }
    leave(item);
    free_item(item);
}

/* 1 s, 2 s, 4 s … and each by chance a quarter more or less. */
static int64_t backoff_ms(int64_t attempts)
{
    uint8_t chance;
    int64_t ms = attempts < 13 ? INT64_C(1000) << (attempts - 1) : GY_WEBHOOK_BACKOFF_MAX_MS;
    ms = ms < GY_WEBHOOK_BACKOFF_MAX_MS ? ms : GY_WEBHOOK_BACKOFF_MAX_MS;
    gy_random_bytes(&chance, 1);
    return ms * (768 + 2 * (int64_t)chance) / 1024;
}

static void give_up(struct gy_webhook_item *item)
{
    struct gy_webhook_line *line = item->line;
    leave(item);
    item->at.is_dead = true;
    item->next_ready = line->dead;
    line->dead = item;
}

void gy_webhook_item_failed(struct gy_webhook_item *item, int64_t now_ms, int64_t after_ms,
                            const char *reason, bool is_final)
{
    struct gy_webhook_line *line = item->line;
    int64_t wait_ms = backoff_ms(++item->at.attempts);
    gy_buf_reset(&item->reason);
    gy_buf_text(&item->reason, reason);
    if (item->at.until_ms == INT64_MAX) {
        item->at.until_ms = now_ms + GY_WEBHOOK_UNTIL_MS;
    }
    item->at.next_ms = now_ms + (after_ms > wait_ms ? after_ms : wait_ms);
    if (now_ms < item->at.until_ms && item->at.next_ms > item->at.until_ms) {
        item->at.next_ms = item->at.until_ms; /* once more, at the end */
    }
    if (is_final || item->at.next_ms > item->at.until_ms) {
        give_up(item);
        return;
    }
    line->n_sent--;
    item->state = GY_ITEM_BACKING_OFF;
    make_later(line, item);
}

/* ---- what is stored ---- */

/* Retries, and what waits behind one: that may take long, and the cursor is not to wait for it. */
static bool is_retry(const struct gy_webhook_line *line, const struct gy_webhook_item *item)
{
    if (item->is_stored || item->state == GY_ITEM_BACKING_OFF) {
        return true;
    }
    if (item->state != GY_ITEM_BEHIND) {
        return false;
    }
    const struct gy_webhook_item *first = line->keys[slot_of(line, item->key)];
    return first->is_stored || first->state == GY_ITEM_BACKING_OFF;
}

static void put_retry(struct gy_webhook_store *out, const struct gy_webhook_item *item)
{
    GY_GROW(out->retries, out->retries_capacity, out->n_retries + 1);
    struct gy_webhook_retry *retry = &out->retries[out->n_retries++];
    *retry = item->at;
    retry->reason = gy_buf_view(&item->reason);
    if (retry->until_ms == INT64_MAX) {
        retry->until_ms = gy_now_ms() + GY_WEBHOOK_UNTIL_MS;
    }
}

void gy_webhook_line_progress(struct gy_webhook_line *line, struct gy_webhook_store *out)
{
    struct gy_webhook_cursor cursor = {line->webhook, line->change, line->place,
                                       line->is_over && !line->is_over_stored};
    bool is_found = false;
    if (!line->has_moved || line->is_dropped) {
        return;
    }
    for (const struct gy_webhook_item *item = line->first; item != NULL; item = item->after) {
        if (is_retry(line, item) && (item->is_changed || !item->is_stored)) {
            put_retry(out, item);
        } else if (!is_retry(line, item) && !is_found) {
            cursor.change = item->at.change;
            cursor.place = item->at.place;
            is_found = true;
        }
    }
    for (const struct gy_webhook_item *item = line->dead; item != NULL; item = item->next_ready) {
        put_retry(out, item);
    }
    for (size_t i = 0; i < line->n_done; i++) {
        GY_GROW(out->done, out->done_capacity, out->n_done + 1);
        out->done[out->n_done++] = line->done[i];
    }
    GY_GROW(out->cursors, out->cursors_capacity, out->n_cursors + 1);
    out->cursors[out->n_cursors++] = cursor;
}

void gy_webhook_line_stored(struct gy_webhook_line *line)
{
    if (!line->has_moved || line->is_dropped) {
        return;
    }
    for (struct gy_webhook_item *item = line->first; item != NULL; item = item->after) {
        item->is_stored = is_retry(line, item);
        item->is_changed = false;
    }
    free_dead(line);
    line->n_done = 0;
    line->has_moved = false;
    line->is_over_stored = line->is_over;
}

void gy_webhook_store_release(struct gy_webhook_store *store)
{
    free(store->cursors);
    free(store->retries);
    free(store->done);
    *store = (struct gy_webhook_store){0};
}
