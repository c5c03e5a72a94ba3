/* webhooks.c - reading the tables of webhooks, and the recorded changes that they follow. */
#include "store/webhooks.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/catalog.h"
#include "store/ordinal_set.h"

enum {
    FIRST_VERSION = 4 /* older catalogs have no webhooks */
};

typedef void (*row_fn)(void *out, sqlite3_stmt *row);

static enum gy_status each_row(struct gy_catalog *c, sqlite3_stmt *row, row_fn take, void *out,
                               struct gy_error *err)
{
    bool has_row = true;
    enum gy_status status = gy_catalog_next(c, row, &has_row, err);
    while (status == GY_OK && has_row) {
        take(out, row);
        status = gy_catalog_next(c, row, &has_row, err);
    }
    sqlite3_finalize(row);
    return status;
}

/* Runs a question that takes one number (-1: it takes none). */
static enum gy_status read_rows(const char *dir, const char *sql, int64_t number, row_fn take,
                                void *out, struct gy_error *err)
{
    struct gy_catalog c;
    sqlite3_stmt *row;
    int64_t version;
    GY_TRY(gy_catalog_open(&c, dir, err));
    enum gy_status status = gy_catalog_version(&c, &version, err);
    if (status == GY_OK && version >= FIRST_VERSION) {
        status = number < 0 ? gy_catalog_select(&c, &row, err, sql, "")
                            : gy_catalog_select(&c, &row, err, sql, "i", number);
        if (status == GY_OK)
            status = each_row(&c, row, take, out, err);
    }
    gy_catalog_close(&c);
    return status;
}

/* ---- webhooks ---- */

static void take_webhook(void *context, sqlite3_stmt *row)
{
    struct gy_webhooks *out = context;
    out->webhooks = gy_realloc(out->webhooks, out->n + 1, sizeof *out->webhooks);
    out->webhooks[out->n++] = (struct gy_webhook){
        .id = sqlite3_column_int64(row, 0),
        .name = gy_arena_str(&out->arena, gy_catalog_str(row, 1)),
        .url = gy_arena_str(&out->arena, gy_catalog_str(row, 2)),
        .segments = gy_arena_str(&out->arena, gy_catalog_str(row, 3)),
        .secret = gy_arena_str(&out->arena, gy_catalog_str(row, 4)),
        .is_active = sqlite3_column_int64(row, 5) != 0,
        .created_ms = sqlite3_column_int64(row, 6),
        .change = sqlite3_column_int64(row, 7),
        .place = sqlite3_column_int64(row, 8),
        .n_waiting = sqlite3_column_int64(row, 9),
        .n_dead = sqlite3_column_int64(row, 10),
    };
}

enum gy_status gy_webhooks_read(const char *dir, struct gy_webhooks *out, struct gy_error *err)
{
    *out = (struct gy_webhooks){0};
    enum gy_status status = read_rows(
        dir,
        "SELECT id, name, url, segments, secret, is_active, created_ms, webhook.change,"
        " webhook.place, count(r.is_dead) - total(r.is_dead), total(r.is_dead)"
        " FROM webhook LEFT JOIN webhook_retry r ON r.webhook = id GROUP BY id ORDER BY name",
        -1, take_webhook, out, err);
    if (status != GY_OK)
        gy_webhooks_release(out);
    return status;
}

void gy_webhooks_release(struct gy_webhooks *webhooks)
{
    free(webhooks->webhooks);
    gy_arena_release(&webhooks->arena);
    *webhooks = (struct gy_webhooks){0};
}

static void take_retry(void *context, sqlite3_stmt *row)
{
    struct gy_webhook_retries *out = context;
    if ((out->n & (out->n + 1)) == 0) /* twice the room whenever it is full */
        out->retries = gy_realloc(out->retries, 2 * out->n + 1, sizeof *out->retries);
    out->retries[out->n++] = (struct gy_webhook_retry){
        .webhook = sqlite3_column_int64(row, 0),
        .change = sqlite3_column_int64(row, 1),
        .place = sqlite3_column_int64(row, 2),
        .attempts = sqlite3_column_int64(row, 3),
        .next_ms = sqlite3_column_int64(row, 4),
        .until_ms = sqlite3_column_int64(row, 5),
        .is_dead = sqlite3_column_int64(row, 6) != 0,
        .reason = gy_arena_str(&out->arena, gy_catalog_str(row, 7)),
    };
}

enum gy_status gy_webhook_retries_read(const char *dir, bool dead_ones,
                                       struct gy_webhook_retries *out, struct gy_error *err)
{
    *out = (struct gy_webhook_retries){0};
    enum gy_status status =
        read_rows(dir,
                  "SELECT webhook, change, place, attempts, next_ms, until_ms, is_dead, reason"
                  " FROM webhook_retry WHERE is_dead = ? ORDER BY webhook, change, place",
                  dead_ones, take_retry, out, err);
    if (status != GY_OK)
        gy_webhook_retries_release(out);
    return status;
}

void gy_webhook_retries_release(struct gy_webhook_retries *retries)
{
    free(retries->retries);
    gy_arena_release(&retries->arena);
    *retries = (struct gy_webhook_retries){0};
}

/* ---- recorded changes ---- */

struct gy_change_log {
    struct gy_catalog catalog;
};

enum gy_status gy_change_log_open(const char *dir, struct gy_change_log **out, struct gy_error *err)
{
    struct gy_change_log *log = gy_alloc_zero(1, sizeof *log);
    enum gy_status status = gy_catalog_open(&log->catalog, dir, err);
    if (status != GY_OK) {
        free(log);
        return status;
    }
    *out = log;
    return GY_OK;
}

void gy_change_log_close(struct gy_change_log *log)
{
    if (log == NULL)
        return;
    gy_catalog_close(&log->catalog);
    free(log);
}

static enum gy_status take_set(struct gy_str bytes, struct gy_arena *arena, const uint32_t **out,
                               uint64_t *n, struct gy_error *err)
{
    roaring_bitmap_t *set;
    GY_TRY(gy_ordinal_set_unpack(bytes, &set, err));
    *n = roaring_bitmap_get_cardinality(set);
    uint32_t *ordinals = GY_NEW_ARRAY(arena, uint32_t, (size_t)*n + 1);
    roaring_bitmap_to_uint32_array(set, ordinals);
    roaring_bitmap_free(set);
    *out = ordinals;
    return GY_OK;
}

static enum gy_status take_change(struct gy_recorded_changes *out, sqlite3_stmt *row,
                                  struct gy_error *err)
{
    struct gy_recorded_change change = {
        .id = sqlite3_column_int64(row, 0),
        .segment = gy_arena_str(&out->arena, gy_catalog_str(row, 1)),
        .version = (uint32_t)sqlite3_column_int64(row, 2),
        .at_ms = sqlite3_column_int64(row, 3),
        .cause = gy_arena_str(&out->arena, gy_catalog_str(row, 4)),
    };
    GY_TRY(take_set(gy_catalog_str(row, 5), &out->arena, &change.came, &change.n_came, err));
    GY_TRY(take_set(gy_catalog_str(row, 6), &out->arena, &change.went, &change.n_went, err));
    out->changes = gy_realloc(out->changes, out->n + 1, sizeof *out->changes);
    out->changes[out->n++] = change;
    out->n_places += gy_recorded_change_places(&change);
    return GY_OK;
}

enum gy_status gy_change_log_read(struct gy_change_log *log, int64_t first, size_t max,
                                  uint64_t places_max, struct gy_recorded_changes *out,
                                  struct gy_error *err)
{
    sqlite3_stmt *row;
    bool has_row = false;
    *out = (struct gy_recorded_changes){0};
    GY_TRY(gy_catalog_select(&log->catalog, &row, err,
                             "SELECT c.id, segment.name, c.version, c.at_ms, cause, came, went"
                             " FROM refresh_change c JOIN change_cause ON change = c.id"
                             " JOIN segment ON segment.id = c.segment"
                             " WHERE c.id >= ? ORDER BY c.id LIMIT ?",
                             "ii", first, (int64_t)max));
    enum gy_status status = gy_catalog_next(&log->catalog, row, &has_row, err);
    while (status == GY_OK && has_row && out->n_places < places_max) {
        status = take_change(out, row, err);
        if (status == GY_OK)
            status = gy_catalog_next(&log->catalog, row, &has_row, err);
    }
    sqlite3_finalize(row);
    return status;
}

void gy_recorded_changes_release(struct gy_recorded_changes *changes)
{
    free(changes->changes);
    gy_arena_release(&changes->arena);
    *changes = (struct gy_recorded_changes){0};
}
