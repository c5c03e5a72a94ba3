/* live_set.h - the segments that the server looks at by itself: what each means, reads, and who is known to be in it.
 *
 * Who is known to be in a segment is what was recorded, no more and no less: it is read from the catalog, and goes on with
 * each record that was committed. So a look after a restart finds what has changed since the last record, once.
 */
#ifndef GY_SERVER_LIVE_SET_H
#define GY_SERVER_LIVE_SET_H

#include "base/intern.h"
#include "engine/engine.h"
#include "workspace/schedule.h"
#include "workspace/validity.h"

struct gy_watched {
    struct gy_str name;
    uint32_t place; /* in the snapshot */
    uint32_t version;
    enum gy_schedule schedule;
    struct gy_span span;
    struct gy_definition definition; /* checked against the snapshot of the look */
    bool is_broken;                  /* it cannot be evaluated, which was said */

    uint64_t *reads;    /* LIVE: a bit for each stream; of items, that of their event */
    uint32_t *recorded; /* places of segments whose recorded changes it asks for */
    uint32_t n_recorded;
    bool has_population; /* it ranks among others: any of them may change it */

    bool is_refreshed; /* at least once; then as of at_ms, by the definition of looked_version */
    int64_t at_ms;
    int64_t swept_ms; /* LIVE: when all were looked at; INT64_MIN: not by this process */
    uint32_t looked_version;
    roaring_bitmap_t
        *known;       /* LIVE: who is in it as far as is recorded; else NULL, but during a look */
    uint32_t n_since; /* changes and moves recorded since its members were stored */
    bool
        is_fresh; /* just loaded: who was merged since members were stored is not told apart; they are to be stored */
};

/* All zero is empty. */
struct gy_live_set {
    struct gy_watched
        *watched; /* in the order of the snapshot's segments; those that are MANUAL are left out */
    size_t n;
    size_t n_live;
    uint32_t n_streams; /* of the schema when `reads` was made */
    struct gy_arena arena;
    struct gy_intern definitions; /* what the set was made of, to see that it is another */
};

void gy_live_set_release(struct gy_live_set *set);

/* Whether segments, metrics and lists are still those that the set was made of, and nobody else has refreshed one. */
bool gy_live_set_is_current(const struct gy_live_set *set, const struct gy_snapshot *snapshot);

/* Makes it anew from what is stored. `set` was released, or is all zero; after a failure too. */
GY_CHECKED enum gy_status gy_live_set_load(struct gy_live_set *set,
                                           const struct gy_snapshot *snapshot,
                                           struct gy_error *err);

/* Checks the definitions against `snapshot`, of which the set is, and where the schema has grown finds what they read.
 * True in `*has_read` then: others are to be told (gy_live_set_names). */
GY_CHECKED enum gy_status gy_live_set_define(struct gy_live_set *set,
                                             const struct gy_snapshot *snapshot, int64_t now_ms,
                                             bool *has_read, struct gy_error *err);

/* The names for gy_live_inbox_expect. `known` and `read` are empty. */
void gy_live_set_names(const struct gy_live_set *set, const struct gy_snapshot *snapshot,
                       struct gy_intern *known, struct gy_intern *read);

static inline bool gy_watched_reads(const struct gy_watched *watched, uint32_t stream)
{
    return watched->reads != NULL && (watched->reads[stream >> 6] >> (stream & 63) & 1) != 0;
}

#endif
