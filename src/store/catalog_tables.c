/* catalog_tables.c - the tables.
 *
 *   meta         settings of the workspace, and the counters that must never go back
 *   stream       events, items and traits;  property  of events. Ids count up and are never reused.
 *   part         the part files that count, with the place in the order of arrival (`sequence`) and
 *                the last link that their rows follow (`links_applied`)
 *   ids          the id files that count, each with the ordinals it covers
 *   link         child -> parent, of ordinals that became children after the commit that made them
 *   log          batches that are not in a part file yet: each is a small part and its new ids
 *   import       which file was read how far
 *   segment, segment_version, metric, list, list_member, change    what people define and record
 *   refresh, refresh_change      who was in a segment when it was last refreshed, and who came and went
 *   write_key    the keys that may send events: of each only a hash
 *   dead_letter  calls that were sent and could not be taken, as they came
 *   user, session, invitation, token     who may ask the server, and how they show it: by a hash of a secret
 *   audit        who changed what; the database itself refuses to change or delete a row of it
 *   personal     the traits and properties that were said to be personal, or not to be
 *   change_cause the ids of refresh_change, none of which is given twice, and why each came about
 *   live_look    when a segment was last looked at without its members being stored anew: they are those of
 *                `refresh` and what was recorded after the change `through`
 *   live_move    customers who were in a segment and became others: not a change, but who was in it is another
 *   webhook      who is told of changes, up to which one it was told (the place-th customer of a change);
 *   webhook_retry  what it could not be told yet, or at all
 *   erased       a row for each id of an erased customer: its hash (NULL: the id may come again), the ordinal
 *                it had (NULL: it had none here), and whether nothing of it is on disk any more
 */
#include "store/catalog_tables.h"

static const char tables_of_1[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE stream(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL,"
    "  type INTEGER NOT NULL, parent INTEGER NOT NULL, UNIQUE(kind, name));"
    "CREATE TABLE property(id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, name TEXT NOT NULL,"
    "  type INTEGER NOT NULL, UNIQUE(stream, name));"
    "CREATE TABLE part(file INTEGER PRIMARY KEY, sequence INTEGER NOT NULL,"
    "  first_block INTEGER NOT NULL, n_blocks INTEGER NOT NULL, n_rows INTEGER NOT NULL,"
    "  bytes INTEGER NOT NULL, links_applied INTEGER NOT NULL);"
    "CREATE TABLE ids(file INTEGER PRIMARY KEY, first_ordinal INTEGER NOT NULL UNIQUE,"
    "  n INTEGER NOT NULL, bytes INTEGER NOT NULL);"
    "CREATE TABLE link(seq INTEGER PRIMARY KEY, child INTEGER NOT NULL UNIQUE,"
    "  parent INTEGER NOT NULL);"
    "CREATE TABLE log(sequence INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL,"
    "  n_ids INTEGER NOT NULL, links_applied INTEGER NOT NULL, part BLOB NOT NULL, ids BLOB);"
    "CREATE TABLE import(id INTEGER PRIMARY KEY, name TEXT NOT NULL, position INTEGER NOT NULL,"
    "  taken INTEGER NOT NULL, duplicates INTEGER NOT NULL, started_ms INTEGER NOT NULL,"
    "  committed_ms INTEGER NOT NULL);"
    "CREATE TABLE segment(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
    "  version INTEGER NOT NULL, text TEXT NOT NULL, json TEXT NOT NULL,"
    "  changed_ms INTEGER NOT NULL);"
    "CREATE TABLE segment_version(segment INTEGER NOT NULL, version INTEGER NOT NULL,"
    "  text TEXT NOT NULL, json TEXT NOT NULL, author TEXT NOT NULL, reason TEXT NOT NULL,"
    "  at_ms INTEGER NOT NULL, PRIMARY KEY(segment, version)) WITHOUT ROWID;"
    "CREATE TABLE metric(name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE list(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
    "  changed_ms INTEGER NOT NULL);"
    "CREATE TABLE list_member(list INTEGER NOT NULL, member TEXT NOT NULL,"
    "  added_ms INTEGER NOT NULL, removed_ms INTEGER NOT NULL,"
    "  PRIMARY KEY(list, member, added_ms)) WITHOUT ROWID;"
    "CREATE TABLE change(id INTEGER PRIMARY KEY, segment TEXT NOT NULL, member TEXT NOT NULL,"
    "  entered INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    "  UNIQUE(segment, entered, at_ms, member));";

/* What version 2 has beside them; version 1 had no refreshes. */
static const char tables_of_2[] =
    "CREATE TABLE refresh(segment INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL,"
    "  version INTEGER NOT NULL, members BLOB NOT NULL);"
    "CREATE TABLE refresh_change(id INTEGER PRIMARY KEY, segment INTEGER NOT NULL,"
    "  at_ms INTEGER NOT NULL, version INTEGER NOT NULL, came BLOB NOT NULL, went BLOB NOT NULL);"
    "CREATE INDEX refresh_change_at ON refresh_change(segment, at_ms);"
    "PRAGMA user_version=2;";

/* Version 2 had no server. */
static const char tables_of_3[] =
    "CREATE TABLE write_key(name TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE,"
    "  created_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE dead_letter(id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL,"
    "  write_key TEXT NOT NULL, reason TEXT NOT NULL, call BLOB NOT NULL);"
    "PRAGMA user_version=3;";

/* Version 3 had no people, and looked at segments only when it was asked to. */
static const char tables_of_4[] =
    "CREATE TABLE user(id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  name TEXT NOT NULL UNIQUE COLLATE NOCASE, role INTEGER NOT NULL,"
    "  sees_personal INTEGER NOT NULL, password TEXT NOT NULL, created_ms INTEGER NOT NULL);"
    "CREATE TABLE session(hash BLOB PRIMARY KEY, user INTEGER NOT NULL,"
    "  created_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE invitation(hash BLOB PRIMARY KEY, user INTEGER NOT NULL UNIQUE,"
    "  until_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE token(name TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, role INTEGER NOT NULL,"
    "  sees_personal INTEGER NOT NULL, created_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE audit(id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL,"
    "  who TEXT NOT NULL, address TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL,"
    "  detail TEXT NOT NULL);"
    "CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;"
    "CREATE TRIGGER audit_stays BEFORE UPDATE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;"
    "CREATE TABLE personal(event TEXT NOT NULL, name TEXT NOT NULL,"
    "  is_personal INTEGER NOT NULL, PRIMARY KEY(event, name)) WITHOUT ROWID;"
    "CREATE TABLE change_cause(change INTEGER PRIMARY KEY AUTOINCREMENT, cause TEXT NOT NULL);"
    "INSERT INTO change_cause SELECT id, '' FROM refresh_change;"
    "CREATE TABLE live_look(segment INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL,"
    "  version INTEGER NOT NULL, through INTEGER NOT NULL);"
    "CREATE TABLE live_move(id INTEGER PRIMARY KEY, segment INTEGER NOT NULL,"
    "  after INTEGER NOT NULL, gone BLOB NOT NULL, instead BLOB NOT NULL);"
    "CREATE INDEX live_move_of ON live_move(segment, after);"
    "CREATE TABLE webhook(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
    "  url TEXT NOT NULL, segments TEXT NOT NULL, secret TEXT NOT NULL,"
    "  is_active INTEGER NOT NULL, created_ms INTEGER NOT NULL, change INTEGER NOT NULL,"
    "  place INTEGER NOT NULL);"
    "CREATE TABLE webhook_retry(webhook INTEGER NOT NULL, change INTEGER NOT NULL,"
    "  place INTEGER NOT NULL, attempts INTEGER NOT NULL, next_ms INTEGER NOT NULL,"
    "  until_ms INTEGER NOT NULL, is_dead INTEGER NOT NULL, reason TEXT NOT NULL,"
    "  PRIMARY KEY(webhook, change, place)) WITHOUT ROWID;"
    "CREATE TABLE erased(id INTEGER PRIMARY KEY, hash BLOB, ordinal INTEGER UNIQUE,"
    "  at_ms INTEGER NOT NULL, is_done INTEGER NOT NULL);"
    "PRAGMA user_version=4;";

static bool run(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

bool gy_catalog_add_tables(sqlite3 *db, int64_t from, int64_t to)
{
    return (from >= 2 || to < 2 || run(db, tables_of_2)) &&
           (from >= 3 || to < 3 || run(db, tables_of_3)) &&
           (from >= 4 || to < 4 || run(db, tables_of_4));
}

bool gy_catalog_make_tables(sqlite3 *db, int64_t version)
{
    return run(db, tables_of_1) && gy_catalog_add_tables(db, 1, version);
}

/* ---- comparing ---- */

#define SAME_ENTRY                       \
    "SELECT count(*) FROM sqlite_schema" \
    " WHERE type = ? AND name = ? AND tbl_name = ? AND coalesce(sql, '') = ?"

/* Holds the entry that `row` of a new catalog is at against those of `c`. */
static enum gy_status compare_entry(struct gy_catalog *c, sqlite3_stmt *row,
                                    gy_catalog_say_difference say, void *context,
                                    struct gy_error *err)
{
    int64_t n_same;
    struct gy_str type = gy_catalog_str(row, 0);
    struct gy_str name = gy_catalog_str(row, 1);
    GY_TRY(gy_catalog_number(c, &n_same, err, SAME_ENTRY, "ssss", type, name,
                             gy_catalog_str(row, 2), gy_catalog_str(row, 3)));
    if (n_same != 1)
        say(context, type, name);
    return GY_OK;
}

static enum gy_status compare(struct gy_catalog *c, struct gy_catalog *fresh,
                              gy_catalog_say_difference say, void *context, struct gy_error *err)
{
    sqlite3_stmt *row;
    bool has_row = true;
    int64_t n;
    int64_t n_fresh = 0;
    enum gy_status status = gy_catalog_select(
        fresh, &row, err, "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema", "");
    while (status == GY_OK) {
        status = gy_catalog_next(fresh, row, &has_row, err);
        if (status != GY_OK || !has_row)
            break;
        n_fresh++;
        status = compare_entry(c, row, say, context, err);
    }
    sqlite3_finalize(row);
    GY_TRY(status);
    GY_TRY(gy_catalog_number(c, &n, err, "SELECT count(*) FROM sqlite_schema", ""));
    if (n > n_fresh)
        say(context, GY_STR("a table"), GY_STR("beside ours"));
    return GY_OK;
}

enum gy_status gy_catalog_compare_tables(struct gy_catalog *c, gy_catalog_say_difference say,
                                         void *context, struct gy_error *err)
{
    int64_t version;
    struct gy_catalog fresh = {.path = ":memory:"};
    enum gy_status status = GY_OK;
    GY_TRY(gy_catalog_version(c, &version, err));
    if (sqlite3_open(fresh.path, &fresh.db) != SQLITE_OK ||
        !gy_catalog_make_tables(fresh.db, version))
        status = gy_error_set(err, GY_IO, "could not make tables in memory to compare with");
    if (status == GY_OK)
        status = compare(c, &fresh, say, context, err);
    gy_catalog_close(&fresh);
    return status;
}
