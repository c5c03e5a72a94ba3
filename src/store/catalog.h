/* catalog.h - gyeol.db: what is true of a data directory.
 *
 * A thin layer over SQLite: opening with the right settings, statements with their values bound in
 * one call, transactions, and errors in our words. What the tables are for stands in catalog_tables.c.
 *
 * One owner. Only the store includes this header, and only the store sees SQLite.
 */
#ifndef GY_STORE_CATALOG_H
#define GY_STORE_CATALOG_H

#include <sqlite3.h>

#include "base/status.h"
#include "base/str.h"
#include "store/schema.h"

enum {
    GY_CATALOG_VERSION = 4,
    GY_CATALOG_READABLE = 2, /* the oldest that readers take as it is */
    GY_PATH_SIZE = 4096,
    GY_CATALOG_PATIENCE_MS = 10000, /* of a statement for another process's */
    GY_DIR_MAX = 4000 /* bytes of a data directory's path, so that its files' paths fit */
};

struct gy_catalog {
    sqlite3 *db; /* NULL: closed */
    char path[GY_PATH_SIZE];
    /* Adds to a transaction that writes what belongs to it, just before its COMMIT; may be NULL. */
    enum gy_status (*before_commit)(void *context, struct gy_error *err);
    void *context;
};

/* Makes a new catalog at `dir`/gyeol.db, whole or not at all. */
GY_CHECKED enum gy_status gy_catalog_create(const char *dir, const char *time_zone,
                                            const char *currency, const char *language,
                                            struct gy_error *err);

/* True if `dir` has a catalog, be it whole or damaged, or may not be looked into. */
bool gy_catalog_exists(const char *dir);

/* A version that readers can take as it is stays that: so it does not matter to older programs that ours
 * has looked. Fails with NO_WORKSPACE where there is none, UNSUPPORTED for a
 * newer version, CORRUPT for a file that is no catalog, IO. Released by gy_catalog_close, which a closed
 * one may be given. */
GY_CHECKED enum gy_status gy_catalog_open(struct gy_catalog *c, const char *dir,
                                          struct gy_error *err);
void gy_catalog_close(struct gy_catalog *c);

/* Brings an older version up to ours: before it is written. */
GY_CHECKED enum gy_status gy_catalog_upgrade(struct gy_catalog *c, struct gy_error *err);

/* GY_CATALOG_READABLE or later. */
GY_CHECKED enum gy_status gy_catalog_version(struct gy_catalog *c, int64_t *out,
                                             struct gy_error *err);

/* ---- statements ----
 *
 * `format` has a letter for each value: i int64_t, s struct gy_str as text, b struct gy_str as a blob,
 * n nothing (NULL).
 */

GY_CHECKED enum gy_status gy_catalog_run(struct gy_catalog *c, struct gy_error *err,
                                         const char *sql, const char *format, ...);

/* Begins to read rows; gy_catalog_next goes on to the next one. The statement is owned by the caller
 * (sqlite3_finalize). */
GY_CHECKED enum gy_status gy_catalog_select(struct gy_catalog *c, sqlite3_stmt **out,
                                            struct gy_error *err, const char *sql,
                                            const char *format, ...);
GY_CHECKED enum gy_status gy_catalog_next(struct gy_catalog *c, sqlite3_stmt *stmt, bool *has_row,
                                          struct gy_error *err);

/* Runs a statement again, or for the first time after gy_catalog_select, with new values: for one that
 * gives no rows. */
GY_CHECKED enum gy_status gy_catalog_again(struct gy_catalog *c, sqlite3_stmt *stmt,
                                           struct gy_error *err, const char *format, ...);

/* A view of a text or a blob, valid until the next row. */
struct gy_str gy_catalog_str(sqlite3_stmt *stmt, int column);

/* The one number that a statement gives; 0 where it gives nothing. */
GY_CHECKED enum gy_status gy_catalog_number(struct gy_catalog *c, int64_t *out,
                                            struct gy_error *err, const char *sql,
                                            const char *format, ...);

GY_CHECKED enum gy_status gy_catalog_begin(struct gy_catalog *c, bool is_write,
                                           struct gy_error *err);
GY_CHECKED enum gy_status gy_catalog_commit(struct gy_catalog *c, struct gy_error *err);
void gy_catalog_rollback(struct gy_catalog *c); /* nothing where no transaction is open */

/* Everything that is committed into the file itself: the write-ahead log is empty. BUSY where a reader keeps it in use
 * for longer than `patience_ms`. Outside a transaction. */
GY_CHECKED enum gy_status gy_catalog_empty_log(struct gy_catalog *c, int patience_ms,
                                               struct gy_error *err);

/* Leaves nothing of what was deleted: neither in the file, where pages that were rebuilt may keep scraps, nor in
 * the write-ahead log. BUSY where a reader keeps the log in use for longer than `patience_ms`. Outside a transaction. */
GY_CHECKED enum gy_status gy_catalog_scrub(struct gy_catalog *c, int patience_ms,
                                           struct gy_error *err);

/* ---- rows that readers and the writer both need ---- */

/* Fills `out`, which is all zero. */
GY_CHECKED enum gy_status gy_catalog_schema(struct gy_catalog *c, struct gy_schema *out,
                                            struct gy_error *err);

/* A setting as text with a NUL behind it, cut to `size`; "" where there is none. */
GY_CHECKED enum gy_status gy_catalog_setting(struct gy_catalog *c, const char *key, char *out,
                                             size_t size, struct gy_error *err);

/* "DIR/parts/%016x.SUFFIX" */
void gy_store_path(const char *dir, uint64_t file, const char *suffix, char out[GY_PATH_SIZE]);

#endif
