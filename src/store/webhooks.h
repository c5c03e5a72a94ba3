/* webhooks.h - who is told of recorded changes of membership, and what is still to be told.
 *
 *   change 41   went 3 8   came 5        places 0 1 2: first those who went, then those who came, by ordinal
 *   change 42   went       came 3 9      places 0 1
 *                             └── cursor (42, 1): told of all before, but for what stands in webhook_retry
 *
 * A place of a change is one delivery: one customer entered or left one segment. What could not be delivered is a
 * *retry*, until it is delivered or given up; then it is *dead* and kept.
 */
#ifndef GY_STORE_WEBHOOKS_H
#define GY_STORE_WEBHOOKS_H

#include <roaring/roaring.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

struct gy_webhook {
    int64_t id; /* never given again */
    struct gy_str name;
    struct gy_str url;
    struct gy_str segments; /* a JSON array of names; an empty one: all */
    struct gy_str secret;
    bool is_active;
    int64_t created_ms;
    int64_t change; /* its cursor */
    int64_t place;
    int64_t n_waiting; /* retries */
    int64_t n_dead;
};

struct gy_webhooks {
    struct gy_arena arena;
    struct gy_webhook *webhooks; /* by name */
    size_t n;
};

struct gy_webhook_retry {
    int64_t webhook;
    int64_t change;
    int64_t place;
    int64_t attempts; /* made so far */
    int64_t next_ms;  /* when it is tried again */
    int64_t until_ms; /* when it is given up */
    bool is_dead;
    struct gy_str reason; /* of the last failure */
};

struct gy_webhook_retries {
    struct gy_arena arena;
    struct gy_webhook_retry *retries; /* by webhook, change, place */
    size_t n;
};

/* Fail with NO_WORKSPACE, IO, CORRUPT; then `out` is empty. A catalog of an older version has none. */
GY_CHECKED enum gy_status gy_webhooks_read(const char *dir, struct gy_webhooks *out,
                                           struct gy_error *err);
void gy_webhooks_release(struct gy_webhooks *webhooks);
GY_CHECKED enum gy_status gy_webhook_retries_read(const char *dir, bool dead_ones,
                                                  struct gy_webhook_retries *out,
                                                  struct gy_error *err);
void gy_webhook_retries_release(struct gy_webhook_retries *retries);

/* ---- the changes that were recorded, in the order in which they were ---- */

/* One transaction's view of one row. */
struct gy_recorded_change {
    int64_t id;
    struct gy_str segment; /* its name now */
    uint32_t version;
    int64_t at_ms;
    struct gy_str cause; /* a JSON object; may be empty */
    uint64_t n_went;
    uint64_t n_came;
    const uint32_t *went; /* ordinals, ascending */
    const uint32_t *came;
};

struct gy_recorded_changes {
    struct gy_arena arena;
    struct gy_recorded_change *changes;
    size_t n;
    uint64_t n_places; /* of all of them */
};

/* Reads them through one connection that stays open; one thread's. */
struct gy_change_log;
GY_CHECKED enum gy_status gy_change_log_open(const char *dir, struct gy_change_log **out,
                                             struct gy_error *err);
void gy_change_log_close(struct gy_change_log *log);

/* The changes with ids from `first` on, at most `max`, and no more once they have `places_max` places: there is more
 * perhaps where one of the two is reached. Released by the caller, also on failure. */
GY_CHECKED enum gy_status gy_change_log_read(struct gy_change_log *log, int64_t first, size_t max,
                                             uint64_t places_max, struct gy_recorded_changes *out,
                                             struct gy_error *err);
void gy_recorded_changes_release(struct gy_recorded_changes *changes);

static inline uint64_t gy_recorded_change_places(const struct gy_recorded_change *change)
{
    return change->n_went + change->n_came;
}

/* Who is at a place (below gy_recorded_change_places), and whether the customer entered or left. */
static inline uint32_t gy_recorded_change_at(const struct gy_recorded_change *change,
                                             uint64_t place, bool *entered)
{
    *entered = place >= change->n_went;
    return *entered ? change->came[place - change->n_went] : change->went[place];
}

#endif
