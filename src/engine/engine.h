/* engine.h - asks a snapshot: who, how many, what values, what sums. A few primitives; every report,
 * export and page is written on these, never on parts.
 *
 * A definition is checked against the snapshot's vocabulary (vocabulary.h), planned (plan.h) and
 * evaluated as of one instant, block by block over all cores. The same definition, snapshot and
 * instant give the same answer, whatever the threads, the parts or the kernels.
 *
 *   text ──lang──> tree ──plan──> leaves ──per block──> bits ──> audience (Roaring bitmap of ordinals)
 *
 * Two evaluators share the meaning: kernels over whole slices for what they cover, and one that walks
 * a single customer's rows for everything (also used where a customer's rows lie under several
 * ordinals). They are held together by tests.
 */
#ifndef GY_ENGINE_ENGINE_H
#define GY_ENGINE_ENGINE_H

#include <roaring/roaring.h>
#include <stdatomic.h>

#include "base/status.h"
#include "lang/ast.h"
#include "store/snapshot.h"

/* All zero: all cores, no limit, the best kernels. */
struct gy_run_options {
    unsigned n_threads;        /* 0: as many as cores */
    const atomic_bool *cancel; /* stops with CANCELLED soon after it is set; may be NULL */
    int64_t deadline_us;       /* by gy_monotonic_us; past it CANCELLED; 0: none */
    bool row_by_row;           /* no block kernels: every customer by itself (tests) */
};

/* The customers (roots, as of `now_ms`) for whom `expr` holds. `*out` is owned by the caller
 * (roaring_bitmap_free). */
GY_CHECKED enum gy_status gy_audience(const struct gy_snapshot *snapshot,
                                      const struct gy_expr *expr, int64_t now_ms,
                                      const struct gy_run_options *options, roaring_bitmap_t **out,
                                      struct gy_error *err);

/* The same for n definitions in one pass, each as of its own instant; what they have in common is
 * evaluated once. `out` has room for n; on failure all of it is NULL. */
GY_CHECKED enum gy_status gy_audiences(const struct gy_snapshot *snapshot,
                                       const struct gy_expr *const *exprs,
                                       const int64_t *instants_ms, uint32_t n,
                                       const struct gy_run_options *options, roaring_bitmap_t **out,
                                       struct gy_error *err);

/* The same for one customer (a root). */
GY_CHECKED enum gy_status gy_holds(const struct gy_snapshot *snapshot, const struct gy_expr *expr,
                                   int64_t now_ms, uint32_t ordinal, bool *out,
                                   struct gy_error *err);

/* One column of values, a row for each customer asked for. */
struct gy_value_column {
    enum gy_type type;    /* of the term; what is not there is missing */
    uint64_t *known;      /* a bit a row */
    double *numbers;      /* NUMBER; BOOL as 0 and 1 */
    int64_t *times_ms;    /* TIME */
    struct gy_str *texts; /* STRING; a LIST as a JSON array */
};

struct gy_value_table {
    uint32_t n_rows;
    uint32_t *ordinals; /* ascending */
    struct gy_value_column *columns;
    uint32_t n_columns;
    struct gy_arena arena; /* holds all of it */
};

/* The values of `terms` for each customer of `audience`. Released by the caller. */
GY_CHECKED enum gy_status gy_values(const struct gy_snapshot *snapshot,
                                    const struct gy_term *const *terms, uint32_t n_terms,
                                    const roaring_bitmap_t *audience, int64_t now_ms,
                                    const struct gy_run_options *options,
                                    struct gy_value_table *out, struct gy_error *err);
void gy_value_table_release(struct gy_value_table *table);

/* ---- sums over events ---- */

enum gy_group_by {
    GY_GROUP_NONE,
    GY_GROUP_DAY, /* of the event's time in the workspace's zone; the key is the period's first day number */
    GY_GROUP_WEEK,
    GY_GROUP_MONTH,
    GY_GROUP_YEAR,
    GY_GROUP_PROPERTY, /* the key is the value; events that lack it make one group, last */
};

/* DAY to YEAR: the first day of the period that a day is in; weeks begin on Monday. */
int64_t gy_group_first_day(enum gy_group_by group_by, int64_t day);

struct gy_aggregation {
    const roaring_bitmap_t *audience; /* NULL: everyone */
    struct gy_str event;
    const struct gy_expr *where; /* a checked filter, or NULL */
    int64_t from_ms;             /* events at from_ms ≤ t < to_ms, and t ≤ now */
    int64_t to_ms;
    enum gy_group_by group_by;
    struct gy_str group_property;        /* PROPERTY */
    const struct gy_str *sum_properties; /* number properties to sum, exactly */
    uint32_t n_sums;
};

struct gy_group {
    int64_t day;           /* DAY to YEAR */
    struct gy_value value; /* PROPERTY */
    uint64_t n_events;
    uint64_t n_customers; /* distinct */
    const double *sums;   /* n_sums */
};

struct gy_group_table {
    struct gy_group *groups; /* by key, ascending */
    uint32_t n_groups;
    struct gy_arena arena;
};

/* An event that the schema does not know gives no groups (GROUP_NONE: one, of zeros). */
GY_CHECKED enum gy_status gy_aggregate(const struct gy_snapshot *snapshot,
                                       const struct gy_aggregation *aggregation, int64_t now_ms,
                                       const struct gy_run_options *options,
                                       struct gy_group_table *out, struct gy_error *err);
void gy_group_table_release(struct gy_group_table *table);

/* ---- one customer's events, newest last ---- */

struct gy_event {
    int64_t time_ms;
    uint32_t stream;
    uint32_t n_fields;
    struct gy_str *names;
    struct gy_value *values;
};

struct gy_trait_value {
    struct gy_str name;
    struct gy_value value; /* MISSING: it was removed */
    int64_t since_ms;      /* GY_TIME_ALWAYS_MS: has always been there */
};

struct gy_customer_view {
    uint32_t ordinal;
    struct gy_str id;
    bool is_external;
    struct gy_str *other_ids; /* merged into it */
    uint32_t n_other_ids;
    int64_t first_seen_ms;
    struct gy_trait_value *traits; /* as of now, by name; those that have a value */
    uint32_t n_traits;
    struct gy_event *events; /* the newest `max_events` up to now, in order; items left out */
    uint32_t n_events;
    uint64_t n_all_events;
    struct gy_arena arena;
};

/* NOT_FOUND where nobody has the id, or the customer came after `now_ms`. */
GY_CHECKED enum gy_status gy_customer(const struct gy_snapshot *snapshot, struct gy_str id,
                                      int64_t now_ms, uint32_t max_events,
                                      struct gy_customer_view *out, struct gy_error *err);
void gy_customer_view_release(struct gy_customer_view *view);

#endif
