/* snapshot_definitions.c - segments, metrics and lists as they were when the snapshot was opened. */
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
    s->segment_ids = gy_realloc(s->segment_ids, (size_t)s->n_segments + 1, sizeof *s->segment_ids);
    s->segment_ids[s->n_segments] = sqlite3_column_int64(row, 0);
    s->segments[s->n_segments++] =
        (struct gy_segment_info){.name = keep(s, row, 1),
                                 .text = keep(s, row, 2),
                                 .json = keep(s, row, 3),
                                 .version = (uint32_t)sqlite3_column_int64(row, 4),
                                 .changed_ms = sqlite3_column_int64(row, 5),
                                 .is_refreshed = sqlite3_column_type(row, 6) != SQLITE_NULL,
                                 .refreshed_ms = sqlite3_column_int64(row, 6),
                                 .refreshed_version = (uint32_t)sqlite3_column_int64(row, 7)};
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
        (struct gy_list_info){.name = keep(s, row, 1), .changed_ms = sqlite3_column_int64(row, 2)};
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

#define SEGMENTS                                                                  \
    "SELECT id, name, text, json, segment.version, changed_ms,"                   \
    " coalesce(l.at_ms, refresh.at_ms), coalesce(l.version, refresh.version)"     \
    " FROM segment LEFT JOIN refresh ON refresh.segment = id LEFT JOIN live_look" \
    " l ON l.segment = id ORDER BY name"
#define SEGMENTS_OF_3                                                  \
    "SELECT id, name, text, json, segment.version, changed_ms, at_ms," \
    " refresh.version FROM segment LEFT JOIN refresh ON refresh.segment = id ORDER BY name"

/* SQLite compares text by its bytes, which is by code point. */
enum gy_status gy_snapshot_load_definitions(struct gy_snapshot *s, struct gy_catalog *c,
                                            struct gy_error *err)
{
    GY_TRY(gy_catalog_version(c, &s->catalog_version, err));
    GY_TRY(each(s, c, s->catalog_version < 4 ? SEGMENTS_OF_3 : SEGMENTS, take_segment, err));
    GY_TRY(each(s, c, "SELECT name, text FROM metric ORDER BY name", take_metric, err));
    GY_TRY(each(s, c, "SELECT id, name, changed_ms FROM list ORDER BY name", take_list, err));
    GY_TRY(gy_snapshot_load_personal(s, c, err));
    GY_TRY(gy_catalog_number(c, &s->last_change, err, "SELECT max(id) FROM change", ""));
    return gy_catalog_number(c, &s->last_refresh_change, err, "SELECT max(id) FROM refresh_change",
                             "");
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
