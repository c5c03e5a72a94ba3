/* audit.c - see audit.h. */
#include "store/audit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "store/writer_internal.h"

enum {
    TEXT_MAX = 1000 /* bytes of each text of an entry */
};

/* ---- writing ---- */

/* Cut between two characters. */
static struct gy_str short_text(struct gy_arena *arena, struct gy_str s)
{
    size_t len = s.len < TEXT_MAX ? s.len : TEXT_MAX;
    while (len > 0 && len < s.len && ((unsigned char)s.ptr[len] & 0xc0) == 0x80)
        len--;
    return gy_arena_str(arena, (struct gy_str){s.ptr, len});
}

void gy_writer_tell(struct gy_writer *w, const struct gy_audit_entry *entry)
{
    gy_arena_reset(&w->audit_arena);
    w->audit = GY_NEW(&w->audit_arena, struct gy_audit_entry);
    *w->audit = (struct gy_audit_entry){.who = short_text(&w->audit_arena, entry->who),
                                        .address = short_text(&w->audit_arena, entry->address),
                                        .action = short_text(&w->audit_arena, entry->action),
                                        .object = short_text(&w->audit_arena, entry->object),
                                        .detail = short_text(&w->audit_arena, entry->detail)};
}

/* A transaction that took it along may have been undone since. */
static enum gy_status is_put(struct gy_writer *w, bool *out, struct gy_error *err)
{
    int64_t n = 0;
    if (w->audit->id > 0)
        GY_TRY(gy_catalog_number(&w->catalog, &n, err, "SELECT count(*) FROM audit WHERE id = ?",
                                 "i", w->audit->id));
    *out = n > 0;
    return GY_OK;
}

enum gy_status gy_writer_put_audit(void *writer, struct gy_error *err)
{
    struct gy_writer *w = writer;
    struct gy_audit_entry *e = w->audit;
    bool is_there = true;
    if (e != NULL)
        GY_TRY(is_put(w, &is_there, err));
    if (is_there)
        return GY_OK;
    GY_TRY(gy_catalog_run(&w->catalog, err, "INSERT INTO audit VALUES(NULL, ?, ?, ?, ?, ?, ?)",
                          "isssss", gy_now_ms(), e->who, e->address, e->action, e->object,
                          e->detail));
    e->id = sqlite3_last_insert_rowid(w->catalog.db);
    return GY_OK;
}

/* In a transaction of its own, unless it is there already. */
static enum gy_status put_alone(struct gy_writer *w, struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    enum gy_status status = gy_catalog_commit(&w->catalog, err);
    gy_catalog_rollback(&w->catalog);
    return status;
}

enum gy_status gy_writer_told(struct gy_writer *w, enum gy_status status, struct gy_error *err)
{
    if (status == GY_OK && w->audit != NULL)
        status = put_alone(w, err);
    w->audit = NULL;
    return status;
}

/* ---- reading ---- */

static void take_entry(struct gy_audit_page *page, sqlite3_stmt *row)
{
    page->entries = gy_realloc(page->entries, page->n + 1, sizeof *page->entries);
    page->entries[page->n++] =
        (struct gy_audit_entry){.id = sqlite3_column_int64(row, 0),
                                .at_ms = sqlite3_column_int64(row, 1),
                                .who = gy_arena_str(&page->arena, gy_catalog_str(row, 2)),
                                .address = gy_arena_str(&page->arena, gy_catalog_str(row, 3)),
                                .action = gy_arena_str(&page->arena, gy_catalog_str(row, 4)),
                                .object = gy_arena_str(&page->arena, gy_catalog_str(row, 5)),
                                .detail = gy_arena_str(&page->arena, gy_catalog_str(row, 6))};
}

/* Before version 4 there are none yet. */
static enum gy_status read_page(struct gy_catalog *c, int64_t before, size_t n_max,
                                struct gy_audit_page *out, struct gy_error *err)
{
    sqlite3_stmt *row;
    int64_t version;
    bool has_row = true;
    GY_TRY(gy_catalog_version(c, &version, err));
    if (version < 4)
        return GY_OK;
    enum gy_status status =
        gy_catalog_select(c, &row, err,
                          "SELECT id, at_ms, who, address, action, object, detail FROM audit"
                          " WHERE id < ? ORDER BY id DESC LIMIT ?",
                          "ii", before, (int64_t)n_max);
    while (status == GY_OK) {
        status = gy_catalog_next(c, row, &has_row, err);
        if (status != GY_OK || !has_row)
            break;
        take_entry(out, row);
    }
    sqlite3_finalize(row);
    return status;
}

enum gy_status gy_audit_read(const char *dir, int64_t before, size_t n_max,
                             struct gy_audit_page *out, struct gy_error *err)
{
    struct gy_catalog c;
    *out = (struct gy_audit_page){0};
    GY_TRY(gy_catalog_open(&c, dir, err));
    enum gy_status status = read_page(&c, before, n_max, out, err);
    gy_catalog_close(&c);
    if (status != GY_OK)
        gy_audit_page_release(out);
    return status;
}

void gy_audit_page_release(struct gy_audit_page *page)
{
    free(page->entries);
    gy_arena_release(&page->arena);
    *page = (struct gy_audit_page){0};
}
