/* snapshot_definitions.c - segments, metrics and lists as they were, members and changes when asked. */
#include <stdlib.h>

#include "base/mem.h"
#include "store/snapshot_internal.h"

/* ---- loading ---- */

static struct gy_str keep(struct gy_snapshot *s, sqlite3_stmt *row, int column)
{
    return gy_arena_str(&s->arena, gy_catalog_str(row, column));
}

static void take_segment(struct gy_snapshot *s, sqlite3_stmt *row)
{
    s->segments = gy_realloc(s->segments, (size_t)s->n_segments + 1, sizeof *s->segments);
    s->segments[s->n_segments++] =
        (struct gy_segment_info){.name = keep(s, row, 0),
                                 .text = keep(s, row, 1),
                                 .json = keep(s, row, 2),
                                 .version = (uint32_t)sqlite3_column_int64(row, 3),
                                 .changed_ms = sqlite3_column_int64(row, 4)};
}

static void take_metric(struct gy_snapshot *s, sqlite3_stmt *row)
{
    s->metrics = gy_realloc(s->metrics, (size_t)s->n_metrics + 1, sizeof *s->metrics);
    s->metrics[s->n_metrics++] =
        (struct gy_metric_info){.name = keep(s, row, 0), .text = keep(s, row, 1)};
}

static void take_list(struct gy_snapshot *s, sqlite3_stmt *row)
{
    s->lists = gy_realloc(s->lists, (size_t)s->n_lists + 1, sizeof *s->lists);
    s->list_ids = gy_realloc(s->list_ids, (size_t)s->n_lists + 1, sizeof *s->list_ids);
    s->list_ids[s->n_lists] = sqlite3_column_int64(row, 0);
    s->lists[s->n_lists++] =
        (struct gy_list_info){.name = keep(s, row, 1),
                              .changed_ms = sqlite3_column_int64(row, 2),
                              .n_members = (uint64_t)sqlite3_column_int64(row, 3)};
}

static enum gy_status each(struct gy_snapshot *s, struct gy_catalog *c, const char *sql,
                           void (*take)(struct gy_snapshot *, sqlite3_stmt *), struct gy_error *err)
{
    sqlite3_stmt *stmt;
    bool has_row = true;
    enum gy_status status = gy_catalog_select(c, &stmt, err, sql, "");
    while (status == GY_OK) {
        status = gy_catalog_next(c, stmt, &has_row, err);
        if (status != GY_OK || !has_row)
            break;
        take(s, stmt);
    }
    sqlite3_finalize(stmt);
    return status;
}

/* SQLite compares text by its bytes, which is by code point. */
enum gy_status gy_snapshot_load_definitions(struct gy_snapshot *s, struct gy_catalog *c,
                                            struct gy_error *err)
{
    GY_TRY(each(s, c, "SELECT name, text, json, version, changed_ms FROM segment ORDER BY name",
                take_segment, err));
    GY_TRY(each(s, c, "SELECT name, text FROM metric ORDER BY name", take_metric, err));
    GY_TRY(each(s, c,
                "SELECT id, name, changed_ms, (SELECT count(*) FROM list_member WHERE list ="
                " list.id AND removed_ms = 9223372036854775807) FROM list ORDER BY name",
                take_list, err));
    return gy_catalog_number(c, &s->last_change, err, "SELECT max(id) FROM change", "");
}

/* ---- definitions ---- */

uint32_t gy_snapshot_n_segments(const struct gy_snapshot *s)
{
    return s->n_segments;
}

const struct gy_segment_info *gy_snapshot_segment(const struct gy_snapshot *s, uint32_t i)
{
    return &s->segments[i];
}

uint32_t gy_snapshot_n_metrics(const struct gy_snapshot *s)
{
    return s->n_metrics;
}

const struct gy_metric_info *gy_snapshot_metric(const struct gy_snapshot *s, uint32_t i)
{
    return &s->metrics[i];
}

uint32_t gy_snapshot_n_lists(const struct gy_snapshot *s)
{
    return s->n_lists;
}

const struct gy_list_info *gy_snapshot_list(const struct gy_snapshot *s, uint32_t i)
{
    return &s->lists[i];
}

/* The place of a name in an array of structs that begin with one. */
static uint32_t find(const void *array, size_t size, uint32_t n, struct gy_str name)
{
    uint32_t low = 0;
    uint32_t high = n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        struct gy_str at;
        memcpy(&at, (const char *)array + middle * size, sizeof at);
        int order = gy_str_compare(at, name);
        if (order == 0)
            return middle;
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return GY_ID_NONE;
}

uint32_t gy_snapshot_find_segment(const struct gy_snapshot *s, struct gy_str name)
{
    return find(s->segments, sizeof *s->segments, s->n_segments, name);
}

uint32_t gy_snapshot_find_metric(const struct gy_snapshot *s, struct gy_str name)
{
    return find(s->metrics, sizeof *s->metrics, s->n_metrics, name);
}

uint32_t gy_snapshot_find_list(const struct gy_snapshot *s, struct gy_str name)
{
    return find(s->lists, sizeof *s->lists, s->n_lists, name);
}

/* ---- customers by id ---- */

struct ordinals {
    const struct gy_snapshot *s;
    bool takes_children; /* an id that was merged away stands for its root */
    uint32_t *at;
    size_t n;
    size_t capacity;
};

static void take_ordinal(struct ordinals *out, uint32_t ordinal)
{
    if (ordinal == GY_ID_NONE)
        return;
    uint32_t root = gy_links_root(&out->s->live.links, ordinal);
    if (root != ordinal && !out->takes_children)
        return;
    GY_GROW(out->at, out->capacity, out->n + 1);
    out->at[out->n++] = root;
}

static void take_id(struct ordinals *out, struct gy_str id)
{
    take_ordinal(out, gy_ids_find(&out->s->live.ids, true, id));
    take_ordinal(out, gy_ids_find(&out->s->live.ids, false, id));
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

static enum gy_status take_rows(struct ordinals *out, struct gy_catalog *c, sqlite3_stmt *stmt,
                                struct gy_error *err)
{
    bool has_row = true;
    enum gy_status status = GY_OK;
    while (status == GY_OK) {
        status = gy_catalog_next(c, stmt, &has_row, err);
        if (status != GY_OK || !has_row)
            break;
        take_id(out, gy_catalog_str(stmt, 0));
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

/* ---- members and changes ---- */

static enum gy_status read_members(struct ordinals *found, struct gy_catalog *c, uint32_t i,
                                   int64_t now_ms, struct gy_error *err)
{
    sqlite3_stmt *stmt;
    GY_TRY(gy_catalog_select(c, &stmt, err,
                             "SELECT member FROM list_member WHERE list = ? AND added_ms <= ? AND"
                             " removed_ms > ?",
                             "iii", found->s->list_ids[i], now_ms, now_ms));
    return take_rows(found, c, stmt, err);
}

enum gy_status gy_snapshot_list_members(const struct gy_snapshot *s, uint32_t i, int64_t now_ms,
                                        uint32_t **out, size_t *n, struct gy_error *err)
{
    struct gy_catalog c;
    struct ordinals found = {.s = s};
    *out = NULL;
    *n = 0;
    GY_TRY(gy_catalog_open(&c, s->live.dir, err));
    enum gy_status status = read_members(&found, &c, i, now_ms, err);
    gy_catalog_close(&c);
    return give(&found, status, out, n);
}

static enum gy_status read_changes(struct ordinals *found, struct gy_catalog *c, uint32_t i,
                                   bool entered, int64_t from_ms, int64_t to_ms,
                                   struct gy_error *err)
{
    sqlite3_stmt *stmt;
    const struct gy_snapshot *s = found->s;
    GY_TRY(gy_catalog_select(c, &stmt, err,
                             "SELECT member FROM change WHERE segment = ? AND entered = ? AND"
                             " at_ms >= ? AND at_ms < ? AND id <= ?",
                             "siiii", s->segments[i].name, (int64_t)entered, from_ms, to_ms,
                             s->last_change));
    return take_rows(found, c, stmt, err);
}

enum gy_status gy_snapshot_changes(const struct gy_snapshot *s, uint32_t i, bool entered,
                                   int64_t from_ms, int64_t to_ms, uint32_t **out, size_t *n,
                                   struct gy_error *err)
{
    struct gy_catalog c;
    struct ordinals found = {.s = s, .takes_children = true};
    *out = NULL;
    *n = 0;
    if (i >= s->n_segments)
        return give(&found, GY_OK, out, n);
    GY_TRY(gy_catalog_open(&c, s->live.dir, err));
    enum gy_status status = read_changes(&found, &c, i, entered, from_ms, to_ms, err);
    gy_catalog_close(&c);
    return give(&found, status, out, n);
}
