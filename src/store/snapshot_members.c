/* snapshot_members.c - what a snapshot reads when it is asked: versions, list members, recorded changes.
 *
 * Each question is one read transaction, within the bounds that the snapshot noted when it was opened
 * (snapshot.c).
 */
#include <stdlib.h>

#include "base/mem.h"
#include "store/ordinal_set.h"
#include "store/snapshot_internal.h"

/* ---- gathering ordinals ---- */

struct ordinals {
    const struct gy_snapshot *s;
    bool takes_children; /* an id that was merged away stands for its root */
    uint32_t *at;
    size_t n;
    size_t capacity;
};

static void take_ordinal(struct ordinals *out, uint32_t ordinal)
{
    if (ordinal == GY_ID_NONE || gy_erased_has(&out->s->live.erased, ordinal))
        return;
    uint32_t root = gy_links_root(&out->s->live.links, ordinal);
    if (root != ordinal && !out->takes_children)
        return;
    GY_GROW(out->at, out->capacity, out->n + 1);
    out->at[out->n++] = root;
}

static enum gy_status take_id(struct ordinals *out, struct gy_str id, struct gy_error *err)
{
    (void)err;
    take_ordinal(out, gy_ids_find(&out->s->live.ids, true, id));
    take_ordinal(out, gy_ids_find(&out->s->live.ids, false, id));
    return GY_OK;
}

/* A set that was recorded when its ordinals were roots; some may have become children since. */
static enum gy_status take_set(struct ordinals *out, struct gy_str bytes, struct gy_error *err)
{
    roaring_bitmap_t *set;
    GY_TRY(gy_ordinal_set_unpack(bytes, &set, err));
    bool is_known = roaring_bitmap_is_empty(set) ||
                    roaring_bitmap_maximum(set) < gy_snapshot_n_ordinals(out->s);
    roaring_uint32_iterator_t at;
    for (roaring_init_iterator(set, &at); is_known && at.has_value;
         roaring_advance_uint32_iterator(&at)) {
        take_ordinal(out, at.current_value);
    }
    roaring_bitmap_free(set);
    return is_known
               ? GY_OK
               : gy_error_set(err, GY_CORRUPT, "the catalog records a customer that has no id");
}

static int by_ordinal(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void sort_distinct(struct ordinals *o)
{
    size_t n = 0;
    if (o->n > 1)
        qsort(o->at, o->n, sizeof *o->at, by_ordinal);
    for (size_t i = 0; i < o->n; i++) {
        if (n == 0 || o->at[n - 1] != o->at[i])
            o->at[n++] = o->at[i];
    }
    o->n = n;
}

/* Each row has one column. */
static enum gy_status take_rows(struct ordinals *out, struct gy_catalog *c, sqlite3_stmt *stmt,
                                enum gy_status (*take)(struct ordinals *, struct gy_str,
                                                       struct gy_error *),
                                struct gy_error *err)
{
    bool has_row = true;
    enum gy_status status = GY_OK;
    while (status == GY_OK) {
        status = gy_catalog_next(c, stmt, &has_row, err);
        if (status != GY_OK || !has_row)
            break;
        status = take(out, gy_catalog_str(stmt, 0), err);
    }
    sqlite3_finalize(stmt);
    return status;
}

static enum gy_status give(struct ordinals *found, enum gy_status status, uint32_t **out, size_t *n)
{
    if (status != GY_OK) {
        free(found->at);
        return status;
    }
    sort_distinct(found);
    *out = found->at == NULL ? gy_alloc(sizeof **out) : found->at;
    *n = found->n;
    return GY_OK;
}

/* ---- asking ---- */

/* Opens the catalog, in a transaction in which the row still is. `sql` counts the rows of an id. */
static enum gy_status ask(const struct gy_snapshot *s, const char *sql, int64_t id,
                          struct gy_str name, struct gy_catalog *c, struct gy_error *err)
{
    int64_t n;
    GY_TRY(gy_catalog_open(c, s->live.dir, err));
    GY_TRY(gy_catalog_begin(c, false, err));
    GY_TRY(gy_catalog_number(c, &n, err, sql, "i", id));
    if (n > 0)
        return GY_OK;
    gy_error_set(err, GY_BUSY, "\"%.*s\" was removed while it was being read", GY_STR_ARG(name));
    gy_error_hint(err, "Ask again.");
    return GY_BUSY;
}

enum gy_status gy_snapshot_ask_segment(const struct gy_snapshot *s, uint32_t i,
                                       struct gy_catalog *c, struct gy_error *err)
{
    return ask(s, "SELECT count(*) FROM segment WHERE id = ?", s->segment_ids[i],
               s->segments[i].name, c, err);
}

enum gy_status gy_snapshot_ask_list(const struct gy_snapshot *s, uint32_t i, struct gy_catalog *c,
                                    struct gy_error *err)
{
    return ask(s, "SELECT count(*) FROM list WHERE id = ?", s->list_ids[i], s->lists[i].name, c,
               err);
}

void gy_snapshot_hang_up(struct gy_catalog *c)
{
    gy_catalog_rollback(c);
    gy_catalog_close(c);
}

/* ---- versions ---- */

static struct gy_segment_version take_version(sqlite3_stmt *row, struct gy_arena *arena)
{
    return (struct gy_segment_version){
        .version = (uint32_t)sqlite3_column_int64(row, 0),
        .text = gy_arena_str(arena, gy_catalog_str(row, 1)),
        .author = gy_arena_str(arena, gy_catalog_str(row, 2)),
        .reason = gy_arena_str(arena, gy_catalog_str(row, 3)),
        .at_ms = sqlite3_column_int64(row, 4),
    };
}

static enum gy_status read_versions(const struct gy_snapshot *s, uint32_t i, struct gy_catalog *c,
                                    struct gy_arena *arena, struct gy_segment_versions *out,
                                    struct gy_error *err)
{
    sqlite3_stmt *stmt;
    int64_t id = s->segment_ids[i];
    int64_t newest = s->segments[i].version;
    int64_t n;
    bool has_row;
    GY_TRY(gy_catalog_number(c, &n, err,
                             "SELECT count(*) FROM segment_version WHERE segment = ? AND"
                             " version <= ?",
                             "ii", id, newest));
    out->at = GY_NEW_ARRAY(arena, struct gy_segment_version, (size_t)n);
    GY_TRY(gy_catalog_select(c, &stmt, err,
                             "SELECT version, text, author, reason, at_ms FROM segment_version"
                             " WHERE segment = ? AND version <= ? ORDER BY version",
                             "ii", id, newest));
    enum gy_status status = gy_catalog_next(c, stmt, &has_row, err);
    while (status == GY_OK && has_row) {
        out->at[out->n++] = take_version(stmt, arena);
        status = gy_catalog_next(c, stmt, &has_row, err);
    }
    sqlite3_finalize(stmt);
    return status;
}

enum gy_status gy_snapshot_versions(const struct gy_snapshot *s, uint32_t i, struct gy_arena *arena,
                                    struct gy_segment_versions *out, struct gy_error *err)
{
    struct gy_catalog c = {0};
    *out = (struct gy_segment_versions){0};
    enum gy_status status = gy_snapshot_ask_segment(s, i, &c, err);
    if (status == GY_OK)
        status = read_versions(s, i, &c, arena, out, err);
    gy_snapshot_hang_up(&c);
    return status;
}

/* ---- list members ----
 *
 * Every change of a list has an instant of its own, later than all before it (put_definitions.c). So a
 * list as of an instant after the last change that the snapshot knows is the list as of that change, and
 * what changed since is left out.
 */

static int64_t list_instant(const struct gy_snapshot *s, uint32_t i, int64_t now_ms)
{
    return now_ms < s->lists[i].changed_ms ? now_ms : s->lists[i].changed_ms;
}

enum gy_status gy_snapshot_list_size(const struct gy_snapshot *s, uint32_t i, int64_t now_ms,
                                     uint64_t *out, struct gy_error *err)
{
    struct gy_catalog c = {0};
    int64_t at_ms = list_instant(s, i, now_ms);
    int64_t n = 0;
    enum gy_status status = gy_snapshot_ask_list(s, i, &c, err);
    if (status == GY_OK) {
        status = gy_catalog_number(&c, &n, err,
                                   "SELECT count(*) FROM list_member WHERE list = ? AND"
                                   " added_ms <= ? AND removed_ms > ?",
                                   "iii", s->list_ids[i], at_ms, at_ms);
    }
    gy_snapshot_hang_up(&c);
    *out = (uint64_t)n;
    return status;
}

static enum gy_status read_members(struct ordinals *found, struct gy_catalog *c, uint32_t i,
                                   int64_t now_ms, struct gy_error *err)
{
    sqlite3_stmt *stmt;
    int64_t at_ms = list_instant(found->s, i, now_ms);
    GY_TRY(gy_catalog_select(c, &stmt, err,
                             "SELECT member FROM list_member WHERE list = ? AND added_ms <= ? AND"
                             " removed_ms > ?",
                             "iii", found->s->list_ids[i], at_ms, at_ms));
    return take_rows(found, c, stmt, take_id, err);
}

enum gy_status gy_snapshot_list_members(const struct gy_snapshot *s, uint32_t i, int64_t now_ms,
                                        uint32_t **out, size_t *n, struct gy_error *err)
{
    struct gy_catalog c = {0};
    struct ordinals found = {.s = s};
    *out = NULL;
    *n = 0;
    enum gy_status status = gy_snapshot_ask_list(s, i, &c, err);
    if (status == GY_OK)
        status = read_members(&found, &c, i, now_ms, err);
    gy_snapshot_hang_up(&c);
    return give(&found, status, out, n);
}

/* ---- recorded changes ---- */

/* Of a segment, in [from_ms, to_ms). */
struct wanted {
    uint32_t segment;
    bool entered;
    int64_t from_ms;
    int64_t to_ms;
};

/* Those that came from elsewhere, by id. */
static enum gy_status read_changes(struct ordinals *found, struct gy_catalog *c,
                                   const struct wanted *wanted, struct gy_error *err)
{
    sqlite3_stmt *stmt;
    const struct gy_snapshot *s = found->s;
    GY_TRY(gy_catalog_select(c, &stmt, err,
                             "SELECT member FROM change WHERE segment = ? AND entered = ? AND"
                             " at_ms >= ? AND at_ms < ? AND id <= ?",
                             "siiii", s->segments[wanted->segment].name, (int64_t)wanted->entered,
                             wanted->from_ms, wanted->to_ms, s->last_change));
    return take_rows(found, c, stmt, take_id, err);
}

/* Those that refreshes recorded. */
static enum gy_status read_refresh_changes(struct ordinals *found, struct gy_catalog *c,
                                           const struct wanted *wanted, struct gy_error *err)
{
    sqlite3_stmt *stmt;
    const struct gy_snapshot *s = found->s;
    GY_TRY(gy_catalog_select(c, &stmt, err,
                             "SELECT iif(?, came, went) FROM refresh_change WHERE segment = ? AND"
                             " at_ms >= ? AND at_ms < ? AND id <= ?",
                             "iiiii", (int64_t)wanted->entered, s->segment_ids[wanted->segment],
                             wanted->from_ms, wanted->to_ms, s->last_refresh_change));
    return take_rows(found, c, stmt, take_set, err);
}

enum gy_status gy_snapshot_changes(const struct gy_snapshot *s, uint32_t i, bool entered,
                                   int64_t from_ms, int64_t to_ms, uint32_t **out, size_t *n,
                                   struct gy_error *err)
{
    struct gy_catalog c = {0};
    struct ordinals found = {.s = s, .takes_children = true};
    struct wanted wanted = {i, entered, from_ms, to_ms};
    *out = NULL;
    *n = 0;
    if (i >= s->n_segments)
        return give(&found, GY_OK, out, n);
    enum gy_status status = gy_snapshot_ask_segment(s, i, &c, err);
    if (status == GY_OK)
        status = read_changes(&found, &c, &wanted, err);
    if (status == GY_OK)
        status = read_refresh_changes(&found, &c, &wanted, err);
    gy_snapshot_hang_up(&c);
    return give(&found, status, out, n);
}

/* ---- the last refresh ----
 *
 * Its members, and where live looks came after it, what those recorded, in the order in which they did. Ordinals are
 * taken as they were then, and only in the end as the roots that they have become.
 */

static enum gy_status apply(roaring_bitmap_t *set, struct gy_str came, struct gy_str went,
                            struct gy_error *err)
{
    roaring_bitmap_t *more;
    roaring_bitmap_t *less;
    GY_TRY(gy_ordinal_set_unpack(went, &less, err));
    enum gy_status status = gy_ordinal_set_unpack(came, &more, err);
    if (status == GY_OK) {
        roaring_bitmap_andnot_inplace(set, less);
        roaring_bitmap_or_inplace(set, more);
        roaring_bitmap_free(more);
    }
    roaring_bitmap_free(less);
    return status;
}

/* A move comes after the change that it names. */
#define RECORDED_SINCE                                                                  \
    "SELECT came, went, id AS place, 0 AS is_move, id FROM refresh_change, live_look l" \
    " WHERE refresh_change.segment = ?1 AND l.segment = ?1 AND id > through UNION ALL"  \
    " SELECT instead, gone, after, 1, id FROM live_move WHERE segment = ?1 ORDER BY 3, 4, 5"

static enum gy_status apply_recorded(roaring_bitmap_t *set, struct gy_catalog *c, int64_t segment,
                                     struct gy_error *err)
{
    sqlite3_stmt *row;
    bool has_row;
    GY_TRY(gy_catalog_select(c, &row, err, RECORDED_SINCE, "i", segment));
    enum gy_status status = gy_catalog_next(c, row, &has_row, err);
    while (status == GY_OK && has_row) {
        status = apply(set, gy_catalog_str(row, 0), gy_catalog_str(row, 1), err);
        if (status == GY_OK)
            status = gy_catalog_next(c, row, &has_row, err);
    }
    sqlite3_finalize(row);
    return status;
}

/* `*out` NULL: it never was refreshed. */
static enum gy_status read_refreshed(struct gy_catalog *c, int64_t segment, roaring_bitmap_t **out,
                                     struct gy_error *err)
{
    sqlite3_stmt *row;
    bool has_row;
    GY_TRY(gy_catalog_select(c, &row, err, "SELECT members FROM refresh WHERE segment = ?", "i",
                             segment));
    enum gy_status status = gy_catalog_next(c, row, &has_row, err);
    if (status == GY_OK && has_row)
        status = gy_ordinal_set_unpack(gy_catalog_str(row, 0), out, err);
    sqlite3_finalize(row);
    return status;
}

static enum gy_status take_roots(struct ordinals *found, const roaring_bitmap_t *set,
                                 struct gy_error *err)
{
    roaring_uint32_iterator_t at;
    if (!roaring_bitmap_is_empty(set) &&
        roaring_bitmap_maximum(set) >= gy_snapshot_n_ordinals(found->s))
        return gy_error_set(err, GY_CORRUPT, "the catalog records a customer that has no id");
    for (roaring_init_iterator(set, &at); at.has_value; roaring_advance_uint32_iterator(&at))
        take_ordinal(found, at.current_value);
    return GY_OK;
}

enum gy_status gy_snapshot_refreshed(const struct gy_snapshot *s, uint32_t i,
                                     roaring_bitmap_t **out, struct gy_error *err)
{
    struct gy_catalog c = {0};
    struct ordinals found = {.s = s, .takes_children = true};
    roaring_bitmap_t *set = NULL;
    *out = NULL;
    enum gy_status status = gy_snapshot_ask_segment(s, i, &c, err);
    if (status == GY_OK)
        status = read_refreshed(&c, s->segment_ids[i], &set, err);
    if (status == GY_OK && set != NULL && s->catalog_version >= 4)
        status = apply_recorded(set, &c, s->segment_ids[i], err);
    gy_snapshot_hang_up(&c);
    if (status == GY_OK && set != NULL)
        status = take_roots(&found, set, err);
    if (status == GY_OK)
        *out = roaring_bitmap_of_ptr(found.n, found.at);
    if (set != NULL)
        roaring_bitmap_free(set);
    free(found.at);
    return status;
}
