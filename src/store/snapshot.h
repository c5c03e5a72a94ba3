/* snapshot.h - everything one query sees: an unchanging view of a data directory.
 *
 * Made in one short SQLite transaction (the list of parts, the log, the schema, the links between
 * ids, the definitions); then it is only read, by any number of threads, while a writer goes on.
 *
 * Ordinals. Each id, external or anonymous, has an ordinal of its own. A claimed anonymous id, or an
 * external id that an `alias` merged away, is a *child*: its customer is its *root*, an ordinal that
 * is nobody's child. Rows of a child that were written before it became one stay under its ordinal
 * until their parts are rewritten; such a root is *scattered*: its rows lie under several ordinals.
 * The ordinals of an erased customer are nobody's: they count as children here, and have no root.
 */
#ifndef GY_STORE_SNAPSHOT_H
#define GY_STORE_SNAPSHOT_H

#include <roaring/roaring.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/zone.h"
#include "store/part.h"
#include "store/schema.h"

struct gy_snapshot;

/* Opens `dir` for reading. Fails with NO_WORKSPACE where there is no data directory, naming the path;
 * IO, CORRUPT. `*out` is owned by the caller (gy_snapshot_close). */
GY_CHECKED enum gy_status gy_snapshot_open(const char *dir, struct gy_snapshot **out,
                                           struct gy_error *err);

/* The same, sharing with an earlier snapshot of it (or NULL) the files that are open and the batches of the
 * log that were read: what it costs is what has changed. Either may be closed first. */
GY_CHECKED enum gy_status gy_snapshot_open_after(const char *dir, const struct gy_snapshot *before,
                                                 struct gy_snapshot **out, struct gy_error *err);
void gy_snapshot_close(struct gy_snapshot *snapshot);

const struct gy_schema *gy_snapshot_schema(const struct gy_snapshot *s);
const struct gy_zone *gy_snapshot_zone(const struct gy_snapshot *s);
const char *gy_snapshot_currency(const struct gy_snapshot *s); /* "GBP"; "" where none was set */
const char *gy_snapshot_language(const struct gy_snapshot *s); /* "en" or "ko" */
const char *gy_snapshot_dir(const struct gy_snapshot *s);

/* Parts in order of arrival, tail parts last. Several files of one merge share a sequence; they hold
 * different blocks. */
size_t gy_snapshot_n_parts(const struct gy_snapshot *s);
const struct gy_part *gy_snapshot_part(const struct gy_snapshot *s, size_t i);
uint64_t gy_snapshot_part_sequence(const struct gy_snapshot *s, size_t i);

uint32_t gy_snapshot_n_ordinals(const struct gy_snapshot *s);
static inline uint32_t gy_blocks_of(uint32_t n_ordinals)
{
    return (uint32_t)(((uint64_t)n_ordinals + GY_BLOCK_SIZE - 1) / GY_BLOCK_SIZE);
}

/* The primary id of a root (the own id of any ordinal). A view, valid as long as the snapshot. */
struct gy_str gy_snapshot_id(const struct gy_snapshot *s, uint32_t ordinal, bool *is_external);

/* The root that an external id, or else an anonymous id, belongs to: GY_ID_NONE if nobody has it. */
uint32_t gy_snapshot_find(const struct gy_snapshot *s, struct gy_str id);

/* The same among external ids alone, resp. anonymous ids. */
uint32_t gy_snapshot_find_kind(const struct gy_snapshot *s, bool is_external, struct gy_str id);

/* The root that an ordinal belongs to: itself, where it is nobody's child; GY_ID_NONE of an erased customer's. */
uint32_t gy_snapshot_root(const struct gy_snapshot *s, uint32_t ordinal);

/* Blocks of bits, 1,024 words each, one bit an ordinal; NULL where all are 0. */
const uint64_t *gy_snapshot_external(const struct gy_snapshot *s,
                                     uint32_t block_no); /* own id is external */
const uint64_t *gy_snapshot_children(const struct gy_snapshot *s, uint32_t block_no);

/* Scattered roots, ascending, each with the ordinals under which its rows lie (itself first). */
size_t gy_snapshot_n_scattered(const struct gy_snapshot *s);
void gy_snapshot_scattered(const struct gy_snapshot *s, size_t i, uint32_t *root,
                           const uint32_t **ordinals, uint32_t *n_ordinals);
/* The place of a root in that list, or SIZE_MAX. */
size_t gy_snapshot_find_scattered(const struct gy_snapshot *s, uint32_t root);

/* ---- stored definitions ---- */

struct gy_segment_info {
    struct gy_str name;
    struct gy_str text; /* the newest version's, as it was written */
    struct gy_str json; /* its attributes as one JSON object: title, purpose, action, owner, … */
    uint32_t version;   /* from 1 on */
    int64_t changed_ms;
    bool is_refreshed;          /* at least once; then: */
    int64_t refreshed_ms;       /* the instant that it was last refreshed as of */
    uint32_t refreshed_version; /* the version that was evaluated then */
};

/* A definition that a segment has or had. */
struct gy_segment_version {
    uint32_t version;
    struct gy_str text;
    struct gy_str author; /* may be empty */
    struct gy_str reason; /* may be empty */
    int64_t at_ms;
};

struct gy_segment_versions {
    struct gy_segment_version *at; /* the oldest first */
    size_t n;
};

struct gy_metric_info {
    struct gy_str name;
    struct gy_str text;
};

struct gy_list_info {
    struct gy_str name;
    int64_t changed_ms;
};

/* Ordered by name; the place is the id by which the language calls them. */
uint32_t gy_snapshot_n_segments(const struct gy_snapshot *s);
const struct gy_segment_info *gy_snapshot_segment(const struct gy_snapshot *s, uint32_t i);
uint32_t gy_snapshot_find_segment(const struct gy_snapshot *s, struct gy_str name);
uint32_t gy_snapshot_n_metrics(const struct gy_snapshot *s);
const struct gy_metric_info *gy_snapshot_metric(const struct gy_snapshot *s, uint32_t i);
uint32_t gy_snapshot_find_metric(const struct gy_snapshot *s, struct gy_str name);
uint32_t gy_snapshot_n_lists(const struct gy_snapshot *s);
const struct gy_list_info *gy_snapshot_list(const struct gy_snapshot *s, uint32_t i);
uint32_t gy_snapshot_find_list(const struct gy_snapshot *s, struct gy_str name);

/* ---- what is read from the catalog when it is asked for ----
 *
 * As the snapshot saw it: what was added later is left out. What was removed altogether cannot be read
 * any more: that is BUSY, and whoever opens another snapshot sees the workspace without it.
 */

/* The versions of segment `i`, allocated in `arena`. */
GY_CHECKED enum gy_status gy_snapshot_versions(const struct gy_snapshot *s, uint32_t i,
                                               struct gy_arena *arena,
                                               struct gy_segment_versions *out,
                                               struct gy_error *err);

/* The customers (roots of now) who were in segment `i` when it was last refreshed; nobody where it never
 * was. `*out` is owned by the caller (roaring_bitmap_free). */
GY_CHECKED enum gy_status gy_snapshot_refreshed(const struct gy_snapshot *s, uint32_t i,
                                                roaring_bitmap_t **out, struct gy_error *err);

/* How many ids are in list `i` as of `now_ms`, those that nobody has included. */
GY_CHECKED enum gy_status gy_snapshot_list_size(const struct gy_snapshot *s, uint32_t i,
                                                int64_t now_ms, uint64_t *out,
                                                struct gy_error *err);

/* Ordinals (roots, ascending, distinct) of the customers whose primary id is in list `i` as of
 * `now_ms`. `*out` is owned by the caller (free). The first upload of a list has always been there;
 * later changes hold from their instant. */
GY_CHECKED enum gy_status gy_snapshot_list_members(const struct gy_snapshot *s, uint32_t i,
                                                   int64_t now_ms, uint32_t **out, size_t *n,
                                                   struct gy_error *err);

/* Ordinals (roots, ascending, distinct) for which a change ("entered" or left) of segment `i` was
 * recorded at a time in [from_ms, to_ms), by a refresh or from elsewhere. `*out` is owned by the caller.
 * A place behind the last segment (one that is only being tried) has none. */
GY_CHECKED enum gy_status gy_snapshot_changes(const struct gy_snapshot *s, uint32_t i, bool entered,
                                              int64_t from_ms, int64_t to_ms, uint32_t **out,
                                              size_t *n, struct gy_error *err);

/* The instants at which the customer of a root was put on list `i` or taken off it (INT64_MIN: has
 * always been on it; INT64_MAX: has not been taken off), and at which changes of segment `i` were
 * recorded of it; ascending. `*out` is owned by the caller (free). */
GY_CHECKED enum gy_status gy_snapshot_list_times(const struct gy_snapshot *s, uint32_t i,
                                                 uint32_t root, int64_t **out, size_t *n,
                                                 struct gy_error *err);
GY_CHECKED enum gy_status gy_snapshot_change_times(const struct gy_snapshot *s, uint32_t i,
                                                   bool entered, uint32_t root, int64_t **out,
                                                   size_t *n, struct gy_error *err);

/* For tests and tools that have no data directory: a snapshot over parts and a schema. Takes the
 * parts; copies the rest. Every ordinal below n is an external customer "c<ordinal>" unless `ids` is
 * given. `links` are child -> parent; `scattered` is derived from them, as if no part was rewritten. */
struct gy_snapshot_parts {
    struct gy_part **parts;
    size_t n_parts;
    const struct gy_schema *schema;
    const char *zone;
    uint32_t n_ordinals;
    const struct gy_str *ids; /* or NULL */
    const bool *is_external;  /* or NULL: all are */
    const uint32_t (*links)[2];
    size_t n_links;
};
GY_CHECKED enum gy_status gy_snapshot_of_parts(const struct gy_snapshot_parts *parts,
                                               struct gy_snapshot **out, struct gy_error *err);

#endif
