/* snapshot_internal.h - what the files of a snapshot share. */
#ifndef GY_STORE_SNAPSHOT_INTERNAL_H
#define GY_STORE_SNAPSHOT_INTERNAL_H

#include "base/arena.h"
#include "store/catalog.h"
#include "store/live.h"
#include "store/personal.h"
#include "store/snapshot.h"

struct gy_scattered {
    uint32_t root;
    size_t first; /* in `scattered_ordinals` */
    uint32_t n;
};

/* What was said of a field (personal.h). */
struct gy_personal {
    struct gy_str event; /* empty: a trait */
    struct gy_str name;
    bool is_personal;
};

struct gy_snapshot {
    struct gy_live live;
    uint64_t *external; /* a bit an ordinal */
    const uint64_t **external_blocks;
    uint64_t *children;
    const uint64_t **children_blocks;
    struct gy_scattered *scattered;
    size_t n_scattered;
    uint32_t *scattered_ordinals;
    size_t n_scattered_ordinals;
    struct gy_segment_info *segments;
    int64_t *segment_ids; /* their rows in the catalog */
    uint32_t n_segments;
    struct gy_metric_info *metrics;
    uint32_t n_metrics;
    struct gy_list_info *lists;
    int64_t *list_ids; /* their rows in the catalog */
    uint32_t n_lists;
    struct gy_personal *personal;
    uint32_t n_personal;
    int64_t catalog_version;
    int64_t last_change;         /* the row of the last change that came from elsewhere */
    int64_t last_refresh_change; /* and of the last one that a refresh recorded */
    struct gy_arena arena;
};

/* Inside the snapshot's transaction. */
GY_CHECKED enum gy_status gy_snapshot_load_definitions(struct gy_snapshot *s, struct gy_catalog *c,
                                                       struct gy_error *err);

GY_CHECKED enum gy_status gy_snapshot_load_personal(struct gy_snapshot *s, struct gy_catalog *c,
                                                    struct gy_error *err);

/* Opens the catalog, in a transaction in which segment or list `i` still is: BUSY where it was removed.
 * Whatever comes of it, the caller hangs up. `*c` is all zero. */
GY_CHECKED enum gy_status gy_snapshot_ask_segment(const struct gy_snapshot *s, uint32_t i,
                                                  struct gy_catalog *c, struct gy_error *err);
GY_CHECKED enum gy_status gy_snapshot_ask_list(const struct gy_snapshot *s, uint32_t i,
                                               struct gy_catalog *c, struct gy_error *err);
void gy_snapshot_hang_up(struct gy_catalog *c);

#endif
