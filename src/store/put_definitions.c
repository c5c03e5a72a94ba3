/* put_definitions.c - segments, metrics, lists and recorded changes: rows of the catalog, each change one
 * transaction. What a definition means is not the store's business. */
#include "base/zone.h"
#include "store/writer_internal.h"

/* A list's member that has always been in it, resp. still is. */
#define ALWAYS_MS INT64_MIN
#define NEVER_MS  INT64_MAX

/* Ends the transaction one way or the other. */
static enum gy_status finish(struct gy_writer *w, enum gy_status status, struct gy_error *err)
{
    if (status == GY_OK)
        status = gy_catalog_commit(&w->catalog, err);
    gy_catalog_rollback(&w->catalog);
    return status;
}

static enum gy_status check_name(struct gy_str name, const char *what, struct gy_error *err)
{
    if (name.len > 0 && name.len <= GY_MAX_NAME_BYTES)
        return GY_OK;
    return gy_error_set(err, name.len == 0 ? GY_INVALID : GY_LIMIT,
                        "the name of a %s has between 1 and %d bytes", what, GY_MAX_NAME_BYTES);
}

/* Deletes what `sql` says of the name; NOT_FOUND if that is nothing. */
static enum gy_status remove_named(struct gy_writer *w, const char *sql, const char *what,
                                   struct gy_str name, struct gy_error *err)
{
    GY_TRY(gy_catalog_run(&w->catalog, err, sql, "s", name));
    if (sqlite3_changes(w->catalog.db) > 0)
        return GY_OK;
    return gy_error_set(err, GY_NOT_FOUND, "there is no %s \"%.*s\"", what, GY_STR_ARG(name));
}

/* ---- segments ---- */

struct newest {
    int64_t id; /* 0: there is none */
    int64_t version;
    bool has_text; /* the same text */
    bool has_json;
};

static enum gy_status find_segment(struct gy_writer *w, struct gy_str name, struct gy_str text,
                                   struct gy_str json, struct newest *out, struct gy_error *err)
{
    sqlite3_stmt *stmt;
    bool has_row;
    *out = (struct newest){0};
    GY_TRY(gy_catalog_select(&w->catalog, &stmt, err,
                             "SELECT id, version, text, json FROM segment WHERE name = ?", "s",
                             name));
    enum gy_status status = gy_catalog_next(&w->catalog, stmt, &has_row, err);
    if (status == GY_OK && has_row) {
        *out = (struct newest){sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1),
                               gy_str_equal(gy_catalog_str(stmt, 2), text),
                               gy_str_equal(gy_catalog_str(stmt, 3), json)};
    }
    sqlite3_finalize(stmt);
    return status;
}

static enum gy_status add_version(struct gy_writer *w, int64_t id, int64_t version,
                                  const struct gy_segment_put *put, int64_t now_ms,
                                  struct gy_error *err)
{
    return gy_catalog_run(&w->catalog, err,
                          "INSERT INTO segment_version VALUES(?, ?, ?, ?, ?, ?, ?)", "iissssi", id,
                          version, put->text, put->json, put->author, put->reason, now_ms);
}

static enum gy_status put_segment(struct gy_writer *w, const struct gy_segment_put *put,
                                  struct gy_error *err)
{
    struct newest newest;
    int64_t now_ms = gy_now_ms();
    GY_TRY(find_segment(w, put->name, put->text, put->json, &newest, err));
    if (newest.id == 0) {
        GY_TRY(gy_catalog_run(&w->catalog, err, "INSERT INTO segment VALUES(NULL, ?, 1, ?, ?, ?)",
                              "sssi", put->name, put->text, put->json, now_ms));
        return add_version(w, sqlite3_last_insert_rowid(w->catalog.db), 1, put, now_ms, err);
    }
    if (newest.has_text && newest.has_json)
        return GY_OK;
    newest.version += !newest.has_text;
    GY_TRY(gy_catalog_run(
        &w->catalog, err,
        "UPDATE segment SET version = ?, text = ?, json = ?, changed_ms = ? WHERE id = ?", "issii",
        newest.version, put->text, put->json, now_ms, newest.id));
    return newest.has_text ? GY_OK : add_version(w, newest.id, newest.version, put, now_ms, err);
}

enum gy_status gy_writer_put_segment(struct gy_writer *w, struct gy_str name, struct gy_str text,
                                     struct gy_str json, struct gy_str author, struct gy_str reason,
                                     struct gy_error *err)
{
    struct gy_segment_put put = {name, text, json, author, reason};
    GY_TRY(check_name(name, "segment", err));
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    return finish(w, put_segment(w, &put, err), err);
}

static enum gy_status remove_segment(struct gy_writer *w, struct gy_str name, struct gy_error *err)
{
    static const char *const what[] = {
        "DELETE FROM segment_version WHERE segment = (SELECT id FROM segment WHERE name = ?)",
        "DELETE FROM refresh WHERE segment = (SELECT id FROM segment WHERE name = ?)",
        "DELETE FROM change_cause WHERE change IN (SELECT id FROM refresh_change WHERE segment ="
        " (SELECT id FROM segment WHERE name = ?))",
        "DELETE FROM refresh_change WHERE segment = (SELECT id FROM segment WHERE name = ?)",
        "DELETE FROM live_look WHERE segment = (SELECT id FROM segment WHERE name = ?)",
        "DELETE FROM live_move WHERE segment = (SELECT id FROM segment WHERE name = ?)",
        "DELETE FROM change WHERE segment = ?",
    };
    for (size_t i = 0; i < sizeof what / sizeof *what; i++)
        GY_TRY(gy_catalog_run(&w->catalog, err, what[i], "s", name));
    return remove_named(w, "DELETE FROM segment WHERE name = ?", "segment", name, err);
}

enum gy_status gy_writer_remove_segment(struct gy_writer *w, struct gy_str name,
                                        struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    return finish(w, remove_segment(w, name, err), err);
}

static enum gy_status put_segments(struct gy_writer *w, const struct gy_segment_put *puts, size_t n,
                                   struct gy_error *err)
{
    for (size_t i = 0; i < n; i++) {
        GY_TRY(check_name(puts[i].name, "segment", err));
        GY_TRY(puts[i].text.len == 0 ? remove_segment(w, puts[i].name, err)
                                     : put_segment(w, &puts[i], err));
    }
    return GY_OK;
}

enum gy_status gy_writer_put_segments(struct gy_writer *w, const struct gy_segment_put *puts,
                                      size_t n, struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    return finish(w, put_segments(w, puts, n, err), err);
}

/* ---- metrics ---- */

enum gy_status gy_writer_put_metric(struct gy_writer *w, struct gy_str name, struct gy_str text,
                                    struct gy_error *err)
{
    GY_TRY(check_name(name, "metric", err));
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    return finish(
        w,
        gy_catalog_run(&w->catalog, err,
                       "INSERT INTO metric VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET text ="
                       " excluded.text",
                       "ss", name, text),
        err);
}

enum gy_status gy_writer_remove_metric(struct gy_writer *w, struct gy_str name,
                                       struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    return finish(w, remove_named(w, "DELETE FROM metric WHERE name = ?", "metric", name, err),
                  err);
}

/* ---- lists ----
 *
 * A member is there in [added_ms, removed_ms). Who comes back gets another row. The new ids stand in a
 * temporary table, so that what is gone is found by SQLite.
 */

static bool is_somebodys(const struct gy_writer *w, bool is_external, struct gy_str id)
{
    uint32_t ordinal = gy_ids_find(&w->live.ids, is_external, id);
    return ordinal != GY_ID_NONE && !gy_erased_has(&w->live.erased, ordinal);
}

/* Not where the same text is another customer's id in the other name space. */
static bool is_erased(const struct gy_writer *w, struct gy_str id)
{
    bool was_erased =
        gy_erased_has_id(&w->live.erased, true, id) || gy_erased_has_id(&w->live.erased, false, id);
    return was_erased && !is_somebodys(w, true, id) && !is_somebodys(w, false, id);
}

static enum gy_status take_id(struct gy_writer *w, sqlite3_stmt *insert, struct gy_str id,
                              size_t place, struct gy_error *err)
{
    if (id.len == 0 || id.len > GY_MAX_ID_BYTES) {
        return gy_error_set(err, GY_INVALID, "the %zu. id of the list is %s", place,
                            id.len == 0 ? "empty" : "too long");
    }
    if (is_erased(w, id))
        return GY_OK;
    return gy_catalog_again(&w->catalog, insert, err, "s", id);
}

static enum gy_status take_ids(struct gy_writer *w, const struct gy_str *ids, size_t n,
                               struct gy_error *err)
{
    sqlite3_stmt *insert;
    GY_TRY(gy_catalog_run(&w->catalog, err,
                          "CREATE TEMP TABLE IF NOT EXISTS upload(member TEXT PRIMARY KEY)"
                          " WITHOUT ROWID",
                          ""));
    GY_TRY(gy_catalog_run(&w->catalog, err, "DELETE FROM upload", ""));
    enum gy_status status =
        gy_catalog_select(&w->catalog, &insert, err, "INSERT OR IGNORE INTO upload VALUES(?)", "");
    for (size_t i = 0; i < n && status == GY_OK; i++)
        status = take_id(w, insert, ids[i], i + 1, err);
    sqlite3_finalize(insert);
    return status;
}

static enum gy_status update_members(struct gy_writer *w, int64_t list, int64_t now_ms,
                                     bool keep_others, struct gy_error *err)
{
    if (!keep_others) {
        GY_TRY(gy_catalog_run(&w->catalog, err,
                              "UPDATE list_member SET removed_ms = ? WHERE list = ? AND removed_ms"
                              " = ? AND member NOT IN (SELECT member FROM upload)",
                              "iii", now_ms, list, NEVER_MS));
    }
    return gy_catalog_run(&w->catalog, err,
                          "INSERT INTO list_member SELECT ?, member, ?, ? FROM upload WHERE member"
                          " NOT IN (SELECT member FROM list_member WHERE list = ? AND removed_ms ="
                          " ?)",
                          "iiiii", list, now_ms, NEVER_MS, list, NEVER_MS);
}

/* An instant after every change of the list so far: two uploads within one millisecond stay apart. */
static enum gy_status instant_after(struct gy_writer *w, int64_t list, int64_t *now_ms,
                                    struct gy_error *err)
{
    int64_t last;
    GY_TRY(gy_catalog_number(&w->catalog, &last, err, "SELECT changed_ms FROM list WHERE id = ?",
                             "i", list));
    *now_ms = gy_now_ms();
    if (*now_ms <= last)
        *now_ms = last + 1;
    return GY_OK;
}

static enum gy_status put_list(struct gy_writer *w, struct gy_str name, const struct gy_str *ids,
                               size_t n, bool keep_others, struct gy_error *err)
{
    int64_t list;
    int64_t now_ms = gy_now_ms();
    GY_TRY(take_ids(w, ids, n, err));
    GY_TRY(gy_catalog_number(&w->catalog, &list, err, "SELECT id FROM list WHERE name = ?", "s",
                             name));
    if (list == 0) {
        GY_TRY(gy_catalog_run(&w->catalog, err, "INSERT INTO list VALUES(NULL, ?, ?)", "si", name,
                              now_ms));
        return gy_catalog_run(
            &w->catalog, err, "INSERT INTO list_member SELECT ?, member, ?, ? FROM upload", "iii",
            (int64_t)sqlite3_last_insert_rowid(w->catalog.db), ALWAYS_MS, NEVER_MS);
    }
    GY_TRY(instant_after(w, list, &now_ms, err));
    GY_TRY(update_members(w, list, now_ms, keep_others, err));
    return gy_catalog_run(&w->catalog, err, "UPDATE list SET changed_ms = ? WHERE id = ?", "ii",
                          now_ms, list);
}

enum gy_status gy_writer_put_list(struct gy_writer *w, struct gy_str name, const struct gy_str *ids,
                                  size_t n, bool keep_others, struct gy_error *err)
{
    GY_TRY(check_name(name, "list", err));
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    return finish(w, put_list(w, name, ids, n, keep_others, err), err);
}

static enum gy_status take_from_list(struct gy_writer *w, struct gy_str name,
                                     const struct gy_str *ids, size_t n, struct gy_error *err)
{
    int64_t list;
    int64_t now_ms;
    GY_TRY(take_ids(w, ids, n, err));
    GY_TRY(gy_catalog_number(&w->catalog, &list, err, "SELECT id FROM list WHERE name = ?", "s",
                             name));
    if (list == 0)
        return gy_error_set(err, GY_NOT_FOUND, "there is no list \"%.*s\"", GY_STR_ARG(name));
    GY_TRY(instant_after(w, list, &now_ms, err));
    GY_TRY(gy_catalog_run(&w->catalog, err,
                          "UPDATE list_member SET removed_ms = ? WHERE list = ? AND removed_ms = ?"
                          " AND member IN (SELECT member FROM upload)",
                          "iii", now_ms, list, NEVER_MS));
    return gy_catalog_run(&w->catalog, err, "UPDATE list SET changed_ms = ? WHERE id = ?", "ii",
                          now_ms, list);
}

enum gy_status gy_writer_take_from_list(struct gy_writer *w, struct gy_str name,
                                        const struct gy_str *ids, size_t n, struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    return finish(w, take_from_list(w, name, ids, n, err), err);
}

static enum gy_status remove_list(struct gy_writer *w, struct gy_str name, struct gy_error *err)
{
    GY_TRY(gy_catalog_run(&w->catalog, err,
                          "DELETE FROM list_member WHERE list ="
                          " (SELECT id FROM list WHERE name = ?)",
                          "s", name));
    return remove_named(w, "DELETE FROM list WHERE name = ?", "list", name, err);
}

enum gy_status gy_writer_remove_list(struct gy_writer *w, struct gy_str name, struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    return finish(w, remove_list(w, name, err), err);
}

/* ---- recorded changes ---- */

static enum gy_status record(struct gy_writer *w, sqlite3_stmt *insert,
                             const struct gy_change *change, struct gy_error *err)
{
    if (change->segment.len == 0 || change->id.len == 0)
        return gy_error_set(err, GY_INVALID, "a recorded change names a segment and a customer");
    if (is_erased(w, change->id))
        return GY_OK;
    return gy_catalog_again(&w->catalog, insert, err, "ssii", change->segment, change->id,
                            (int64_t)change->entered, change->at_ms);
}

enum gy_status gy_writer_record_changes(struct gy_writer *w, const struct gy_change *changes,
                                        size_t n, struct gy_error *err)
{
    sqlite3_stmt *insert;
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    enum gy_status status = gy_catalog_select(
        &w->catalog, &insert, err, "INSERT OR IGNORE INTO change VALUES(NULL, ?, ?, ?, ?)", "");
    for (size_t i = 0; i < n && status == GY_OK; i++)
        status = record(w, insert, &changes[i], err);
    sqlite3_finalize(insert);
    return finish(w, status, err);
}
