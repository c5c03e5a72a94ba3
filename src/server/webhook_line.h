/* webhook_line.h - what one webhook is still to be told, and in which order.
 *
 *   recorded changes ── add ──> ready ── take ──> on its way ──> delivered
 *                                 ^                   └─ failed ─> backing off ── due ──> ready
 *                                 └── next one of the same customer and segment <── waits behind it
 *
 * Of one customer and one segment nothing is sent before what came earlier was delivered or given up; all else may
 * overtake. A delivery that fails is tried again after 1 s, 2 s, 4 s … up to an hour (each up to a quarter more or less, so
 * that many do not come together), or when the receiver said, for 24 hours; then it is *dead*, and kept.
 *
 * It does no input and output: who drives it reads changes, sends, and stores what it says (gy_webhook_line_progress). What
 * is stored is a cursor, before which everything is delivered, or stands by itself as a retry.
 */
#ifndef GY_SERVER_WEBHOOK_LINE_H
#define GY_SERVER_WEBHOOK_LINE_H

#include "base/buf.h"
#include "store/webhooks.h"
#include "store/writer.h"

enum {
    GY_WEBHOOK_READY_MAX = 2000,    /* read ahead */
    GY_WEBHOOK_RETRIES_MAX = 10000, /* past it nothing more is read until some are done */
    GY_WEBHOOK_UNTIL_MS = 24 * 3600 * 1000,
    GY_WEBHOOK_BACKOFF_MAX_MS = 3600 * 1000
};

struct gy_webhook_item {
    struct gy_webhook_line *line;
    struct gy_webhook_retry
        at; /* webhook, change, place, attempts, times; its reason is in `reason` */
    struct gy_buf body;
    struct gy_buf id;
    struct gy_buf reason;
    uint32_t customer; /* its ordinal */
    uint64_t key;      /* of its customer and segment */
    bool is_stored;    /* there is a row of it */
    bool is_changed;   /* … or should be, and what it says is old */
    enum {
        GY_ITEM_READY,
        GY_ITEM_SENT,
        GY_ITEM_BACKING_OFF,
        GY_ITEM_BEHIND
    } state;
    struct gy_webhook_item *before; /* in the line, by change and place */
    struct gy_webhook_item *after;
    struct gy_webhook_item *next_ready;
    struct gy_webhook_item *next_same; /* the next one of its key */
    struct gy_webhook_item *last_same; /* of the first one of its key: the last */
};

struct gy_webhook_line {
    int64_t webhook;
    struct gy_buf url;
    struct gy_buf secret;
    struct gy_buf segments; /* the JSON array */
    int64_t change;         /* what is to be read next */
    int64_t place;
    bool is_behind;      /* there is more to read than there was room for */
    bool is_over;        /* it wants no more */
    bool is_over_stored; /* … which is stored once: from then on it is not for the line to say */
    bool is_dropped; /* removed, or another in its stead: only what is on its way is waited for */
    struct gy_webhook_item *first;
    struct gy_webhook_item *last;
    struct gy_webhook_item *first_ready;
    struct gy_webhook_item **last_ready;
    size_t n_ready;
    size_t n_sent;
    size_t n_later;                /* backing off, or behind */
    struct gy_webhook_item **keys; /* the first item of each key: open addressing */
    size_t n_keys;
    size_t n_slots;
    struct gy_webhook_retry *done; /* rows to be removed */
    size_t n_done;
    size_t done_capacity;
    struct gy_webhook_item *dead; /* to be stored as such, and forgotten; linked by next_ready */
    bool has_moved;               /* there is something to store */
};

/* Of a webhook as it is stored. Owned by the caller (gy_webhook_line_free). */
struct gy_webhook_line *gy_webhook_line_new(const struct gy_webhook *webhook);
void gy_webhook_line_free(struct gy_webhook_line *line);

/* Room for more from the recorded changes. */
bool gy_webhook_line_has_room(const struct gy_webhook_line *line);

/* Adds a delivery, unless the line has it. They come in order, but for retries that are stored (`retry` not NULL), which
 * come first or are replayed. `key` is that of the customer and segment. Takes `body` and `id`. */
void gy_webhook_line_add(struct gy_webhook_line *line, int64_t change, int64_t place,
                         uint32_t customer, uint64_t key, const struct gy_webhook_retry *retry,
                         struct gy_buf *id, struct gy_buf *body);

/* Whether it has this one. `*at` is where to look from, NULL at first: for places that are asked about in their order. */
bool gy_webhook_line_has(const struct gy_webhook_line *line, int64_t change, int64_t place,
                         const struct gy_webhook_item **at);

/* What backs off and is due becomes ready. The instant when the next one is, INT64_MAX: none is backing off. */
int64_t gy_webhook_line_wake(struct gy_webhook_line *line, int64_t now_ms);

/* The next one to send, now on its way; NULL: none is ready. */
struct gy_webhook_item *gy_webhook_line_take(struct gy_webhook_line *line);

/* It was delivered: the item is gone. */
void gy_webhook_item_delivered(struct gy_webhook_item *item);
/* It was not; the receiver says how long to wait (0: it does not). `is_final`: it is given up at once. */
void gy_webhook_item_failed(struct gy_webhook_item *item, int64_t now_ms, int64_t after_ms,
                            const char *reason, bool is_final);

/* What is to be stored, appended to the arrays; its texts are views of the line. After that was committed, or was
 * not, gy_webhook_line_stored says so; nothing may happen to the line between the two. */
struct gy_webhook_store {
    struct gy_webhook_cursor *cursors;
    size_t n_cursors;
    size_t cursors_capacity;
    struct gy_webhook_retry *retries;
    size_t n_retries;
    size_t retries_capacity;
    struct gy_webhook_retry *done;
    size_t n_done;
    size_t done_capacity;
};
void gy_webhook_line_progress(struct gy_webhook_line *line, struct gy_webhook_store *out);
void gy_webhook_line_stored(struct gy_webhook_line *line);
void gy_webhook_store_release(struct gy_webhook_store *store);

#endif
