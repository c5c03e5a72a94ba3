/* snapshot_times.c - when lists and recorded membership changed for one customer. */
#include <stdlib.h>

#include "base/mem.h"
#include "store/ordinal_set.h"
#include "store/snapshot_internal.h"

struct times {
    const struct gy_snapshot *s;
    uint32_t root;
    int64_t *ms;
    size_t n;
    size_t capacity;
};

static void take_time(struct times *times, int64_t ms)
{
    GY_GROW(times->ms, times->capacity, times->n + 1);
    times->ms[times->n++] = ms;
}

static int compare_times(const void *a, const void *b)
{
    int64_t l = *(const int64_t *)a;
    int64_t r = *(const int64_t *)b;
    return (l > r) - (l < r);
}

static enum gy_status give_times(struct times *times, enum gy_status status, int64_t **out,
                                 size_t *n)
{
    if (status != GY_OK) {
        free(times->ms);
        return status;
    }
    if (times->n > 1)
        qsort(times->ms, times->n, sizeof *times->ms, compare_times);
    *out = times->ms;
    *n = times->n;
    return GY_OK;
}

/* Hands each row to `take`. */
static enum gy_status take_rows(struct times *times, struct gy_catalog *c, sqlite3_stmt *stmt,
                                enum gy_status (*take)(struct times *, sqlite3_stmt *,
                                                       struct gy_error *),
                                struct gy_error *err)
{
    bool has_row;
    enum gy_status status = gy_catalog_next(c, stmt, &has_row, err);
    while (status == GY_OK && has_row) {
        status = take(times, stmt, err);
        if (status == GY_OK)
            status = gy_catalog_next(c, stmt, &has_row, err);
    }
    sqlite3_finalize(stmt);
    return status;
}

/* ---- lists ---- */

static enum gy_status take_stay(struct times *times, sqlite3_stmt *row, struct gy_error *err)
{
    (void)err;
    take_time(times, sqlite3_column_int64(row, 0));
    take_time(times, sqlite3_column_int64(row, 1));
    return GY_OK;
}

/* What changed after the last change that the snapshot knows is left out. */
static enum gy_status read_list_times(struct times *times, struct gy_catalog *c, uint32_t i,
                                      struct gy_error *err)
{
    sqlite3_stmt *stmt;
    bool is_external;
    struct gy_str id = gy_snapshot_id(times->s, times->root, &is_external);
    int64_t known_ms = times->s->lists[i].changed_ms;
    GY_TRY(gy_catalog_select(c, &stmt, err,
                             "SELECT added_ms, iif(removed_ms > ?, 9223372036854775807, removed_ms)"
                             " FROM list_member WHERE list = ? AND member = ? AND added_ms <= ?",
                             "iisi", known_ms, times->s->list_ids[i], id, known_ms));
    return take_rows(times, c, stmt, take_stay, err);
}

enum gy_status gy_snapshot_list_times(const struct gy_snapshot *s, uint32_t i, uint32_t root,
                                      int64_t **out, size_t *n, struct gy_error *err)
{
    struct gy_catalog c = {0};
    struct times times = {.s = s, .root = root};
    *out = NULL;
    *n = 0;
    enum gy_status status = gy_snapshot_ask_list(s, i, &c, err);
    if (status == GY_OK)
        status = read_list_times(&times, &c, i, err);
    gy_snapshot_hang_up(&c);
    return give_times(&times, status, out, n);
}

/* ---- recorded changes ---- */

static bool is_of(const struct times *times, uint32_t ordinal)
{
    return ordinal != GY_ID_NONE && gy_links_root(&times->s->live.links, ordinal) == times->root;
}

/* One that came from elsewhere, by id. */
static enum gy_status take_change(struct times *times, sqlite3_stmt *row, struct gy_error *err)
{
    struct gy_str id = gy_catalog_str(row, 0);
    (void)err;
    if (is_of(times, gy_ids_find(&times->s->live.ids, true, id)) ||
        is_of(times, gy_ids_find(&times->s->live.ids, false, id)))
        take_time(times, sqlite3_column_int64(row, 1));
    return GY_OK;
}

/* One that a refresh recorded, of many; some of its roots may have become children since. */
static enum gy_status take_refresh(struct times *times, sqlite3_stmt *row, struct gy_error *err)
{
    roaring_bitmap_t *set;
    bool is_found = false;
    GY_TRY(gy_ordinal_set_unpack(gy_catalog_str(row, 0), &set, err));
    bool is_known = roaring_bitmap_is_empty(set) ||
                    roaring_bitmap_maximum(set) < gy_snapshot_n_ordinals(times->s);
    roaring_uint32_iterator_t at;
    for (roaring_init_iterator(set, &at); is_known && at.has_value && !is_found;
         roaring_advance_uint32_iterator(&at))
        is_found = is_of(times, at.current_value);
    roaring_bitmap_free(set);
    if (!is_known)
        return gy_error_set(err, GY_CORRUPT, "the catalog records a customer that has no id");
    if (is_found)
        take_time(times, sqlite3_column_int64(row, 1));
    return GY_OK;
}

static enum gy_status read_change_times(struct times *times, struct gy_catalog *c, uint32_t i,
                                        bool entered, struct gy_error *err)
{
    sqlite3_stmt *stmt;
    const struct gy_snapshot *s = times->s;
    GY_TRY(gy_catalog_select(
        c, &stmt, err,
        "SELECT member, at_ms FROM change WHERE segment = ? AND entered = ? AND id <= ?", "sii",
        s->segments[i].name, (int64_t)entered, s->last_change));
    GY_TRY(take_rows(times, c, stmt, take_change, err));
    GY_TRY(gy_catalog_select(
        c, &stmt, err,
        entered ? "SELECT came, at_ms FROM refresh_change WHERE segment = ? AND id <= ?"
                : "SELECT went, at_ms FROM refresh_change WHERE segment = ? AND id <= ?",
        "ii", s->segment_ids[i], s->last_refresh_change));
    return take_rows(times, c, stmt, take_refresh, err);
}

enum gy_status gy_snapshot_change_times(const struct gy_snapshot *s, uint32_t i, bool entered,
                                        uint32_t root, int64_t **out, size_t *n,
                                        struct gy_error *err)
{
    struct gy_catalog c = {0};
    struct times times = {.s = s, .root = root};
    *out = NULL;
    *n = 0;
    if (i >= s->n_segments)
        return GY_OK;
    enum gy_status status = gy_snapshot_ask_segment(s, i, &c, err);
    if (status == GY_OK)
        status = read_change_times(&times, &c, i, entered, err);
    gy_snapshot_hang_up(&c);
    return give_times(&times, status, out, n);
}
