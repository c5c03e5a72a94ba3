/* live_look.h - one look at the segments of a set: who is in them now and was not when that was last recorded, and why.
 *
 *   notes of commits ─┐
 *   new customers    ─┼─> concerns ─> questions, each evaluated ─┐
 *   merges           ─┘      │                                   ├─> differences, each with its cause
 *   a sweep of whole segments, as of now ───────────────────────┘
 *
 * A *concern* says that a customer may have come or gone, since a definition that reads what has changed may turn. Where
 * there are many, sweeping is cheaper than asking. What a sweep finds without a concern came about by time.
 *
 * A look changes nothing: what it found is recorded (live_record.h), and only then known.
 */
#ifndef GY_SERVER_LIVE_LOOK_H
#define GY_SERVER_LIVE_LOOK_H

#include "server/live_inbox.h"
#include "server/live_set.h"

/* Why a customer may have come or gone. */
struct gy_concern {
    uint32_t root;
    uint32_t stream;  /* that changed; GY_ID_NONE: perhaps everything did */
    uint32_t segment; /* place of the segment whose recorded changes did; GY_ID_NONE: none */
    uint32_t cause;   /* its number among the causes of the look */
    uint32_t order;   /* of several: the later one has the greater */
};

struct gy_difference {
    uint32_t watched; /* its place in the set */
    uint32_t cause;
    uint32_t root;
    bool entered;
};

/* Who became children of others, of those who are known to be in a segment. */
struct gy_live_moved {
    roaring_bitmap_t *gone; /* NULL: nobody */
    roaring_bitmap_t *instead;
};

struct gy_look {
    struct gy_live_set *set;
    const struct gy_snapshot *snapshot;
    int64_t now_ms;
    struct gy_intern causes; /* JSON objects */
    struct gy_concern *concerns;
    size_t n_concerns;
    size_t concerns_capacity;
    struct gy_difference *differences;
    size_t n_differences;
    size_t differences_capacity;
    struct gy_live_moved *moved; /* by the place in the set */
    bool *is_swept;              /* likewise: the whole segment was looked at */
    int64_t *instants_ms;        /* likewise: as of when it was looked at */
    roaring_bitmap_t **swept;    /* likewise: who is in it then */
};

/* `set` was defined against `snapshot`. Released by the caller. */
void gy_look_begin(struct gy_look *look, struct gy_live_set *set,
                   const struct gy_snapshot *snapshot, int64_t now_ms);
void gy_look_release(struct gy_look *look);

/* ---- concerns ---- */

/* The number of a cause: {"type":TYPE} and, where `key` is not NULL, KEY: NAME. */
uint32_t gy_look_cause(struct gy_look *look, const char *type, const char *key, struct gy_str name);

void gy_look_add_concern(struct gy_look *look, uint32_t root, uint32_t stream, uint32_t segment,
                         uint32_t cause);

/* What commits told. */
void gy_look_add_notes(struct gy_look *look, const struct gy_live_notes *notes);

/* Customers that are new, and those who were merged, since the snapshot before. The latter move in what is known. */
void gy_look_add_news(struct gy_look *look, const struct gy_snapshot *before);

/* ---- looking ---- */

/* How many questions the concerns come to. */
size_t gy_look_count_questions(struct gy_look *look);

/* Asks them about live segments that were not swept. */
GY_CHECKED enum gy_status gy_look_ask(struct gy_look *look, const struct gy_run_options *options,
                                      struct gy_error *err);

/* Sweeps those for which `wanted` is set, by their place. Differences without a concern get `cause`, unless the segment's
 * definition or schedule is one. */
GY_CHECKED enum gy_status gy_look_sweep(struct gy_look *look, const bool *wanted, uint32_t cause,
                                        const struct gy_run_options *options, struct gy_error *err);

#endif
