/* catalog.c - SQLite in our words. What the tables are stands in catalog_tables.c.
 *
 * Version 1 had no refreshes, which readers want; version 2 no keys and dead letters, which only a writer
 * makes; version 3 no people, whom only a writer adds, and nobody erased (docs/format.md).
 *
 * A catalog is made under another name and renamed into place, so there is never half of one.
 * synchronous=FULL syncs the write-ahead log in every commit; secure_delete overwrites what is deleted.
 */
#include "store/catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "store/catalog_tables.h"
#include "store/part.h"

enum {
    APPLICATION_ID = 0x4759454F /* "GYEO" */
};

/* ---- errors ---- */

static enum gy_status status_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return GY_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return GY_CORRUPT;
    default:
        return GY_IO;
    }
}

static enum gy_status fail(const struct gy_catalog *c, struct gy_error *err)
{
    int code = sqlite3_extended_errcode(c->db);
    int sys_errno = sqlite3_system_errno(c->db);
    enum gy_status status =
        gy_error_set(err, status_of(code), "the catalog \"%s\" does not work: %s (%d)", c->path,
                     sqlite3_errmsg(c->db), code);
    if (err != NULL)
        err->sys_errno = sys_errno;
    return status;
}

/* ---- statements ---- */

static int bind_str(sqlite3_stmt *stmt, int at, struct gy_str s, bool is_blob)
{
    const char *ptr = s.ptr == NULL ? "" : s.ptr;
    return is_blob ? sqlite3_bind_blob64(stmt, at, ptr, s.len, SQLITE_STATIC)
                   : sqlite3_bind_text64(stmt, at, ptr, s.len, SQLITE_STATIC, SQLITE_UTF8);
}

static int bind_all(sqlite3_stmt *stmt, const char *format, va_list values)
{
    int code = SQLITE_OK;
    for (int at = 1; *format != '\0' && code == SQLITE_OK; at++, format++) {
        switch (*format) {
        case 'i':
            code = sqlite3_bind_int64(stmt, at, va_arg(values, int64_t));
            break;
        case 's':
        case 'b':
            code = bind_str(stmt, at, va_arg(values, struct gy_str), *format == 'b');
            break;
        default:
            GY_ASSERT(*format == 'n');
            code = sqlite3_bind_null(stmt, at);
        }
    }
    return code;
}

static enum gy_status prepare(struct gy_catalog *c, sqlite3_stmt **out, struct gy_error *err,
                              const char *sql, const char *format, va_list values)
{
    *out = NULL;
    if (sqlite3_prepare_v2(c->db, sql, -1, out, NULL) == SQLITE_OK &&
        bind_all(*out, format, values) == SQLITE_OK)
        return GY_OK;
    enum gy_status status = fail(c, err);
    sqlite3_finalize(*out);
    *out = NULL;
    return status;
}

enum gy_status gy_catalog_select(struct gy_catalog *c, sqlite3_stmt **out, struct gy_error *err,
                                 const char *sql, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    enum gy_status status = prepare(c, out, err, sql, format, values);
    va_end(values);
    return status;
}

enum gy_status gy_catalog_next(struct gy_catalog *c, sqlite3_stmt *stmt, bool *has_row,
                               struct gy_error *err)
{
    int code = sqlite3_step(stmt);
    *has_row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? GY_OK : fail(c, err);
}

enum gy_status gy_catalog_run(struct gy_catalog *c, struct gy_error *err, const char *sql,
                              const char *format, ...)
{
    sqlite3_stmt *stmt;
    va_list values;
    va_start(values, format);
    enum gy_status status = prepare(c, &stmt, err, sql, format, values);
    va_end(values);
    bool has_row = status == GY_OK;
    while (status == GY_OK && has_row)
        status = gy_catalog_next(c, stmt, &has_row, err);
    sqlite3_finalize(stmt);
    return status;
}

enum gy_status gy_catalog_again(struct gy_catalog *c, sqlite3_stmt *stmt, struct gy_error *err,
                                const char *format, ...)
{
    bool has_row;
    va_list values;
    sqlite3_reset(stmt);
    va_start(values, format);
    int code = bind_all(stmt, format, values);
    va_end(values);
    return code == SQLITE_OK ? gy_catalog_next(c, stmt, &has_row, err) : fail(c, err);
}

enum gy_status gy_catalog_number(struct gy_catalog *c, int64_t *out, struct gy_error *err,
                                 const char *sql, const char *format, ...)
{
    sqlite3_stmt *stmt;
    va_list values;
    va_start(values, format);
    enum gy_status status = prepare(c, &stmt, err, sql, format, values);
    va_end(values);
    bool has_row = false;
    if (status == GY_OK)
        status = gy_catalog_next(c, stmt, &has_row, err);
    *out = has_row ? sqlite3_column_int64(stmt, 0) : 0;
    sqlite3_finalize(stmt);
    return status;
}

struct gy_str gy_catalog_str(sqlite3_stmt *stmt, int column)
{
    const char *ptr = sqlite3_column_type(stmt, column) == SQLITE_BLOB
                          ? sqlite3_column_blob(stmt, column)
                          : (const char *)sqlite3_column_text(stmt, column);
    return (struct gy_str){ptr, (size_t)sqlite3_column_bytes(stmt, column)};
}

enum gy_status gy_catalog_begin(struct gy_catalog *c, bool is_write, struct gy_error *err)
{
    return gy_catalog_run(c, err, is_write ? "BEGIN IMMEDIATE" : "BEGIN", "");
}

enum gy_status gy_catalog_commit(struct gy_catalog *c, struct gy_error *err)
{
    enum gy_status status = c->before_commit != NULL ? c->before_commit(c->context, err) : GY_OK;
    if (status == GY_OK)
        status = gy_catalog_run(c, err, "COMMIT", "");
    if (status != GY_OK)
        gy_catalog_rollback(c);
    return status;
}

void gy_catalog_rollback(struct gy_catalog *c)
{
    if (c->db != NULL && sqlite3_get_autocommit(c->db) == 0)
        sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- the write-ahead log ---- */

static enum gy_status empty_log(struct gy_catalog *c, struct gy_error *err)
{
    int64_t is_busy;
    GY_TRY(gy_catalog_number(c, &is_busy, err, "PRAGMA wal_checkpoint(TRUNCATE)", ""));
    return is_busy == 0 ? GY_OK : gy_error_set(err, GY_BUSY, "another process has \"%s\"", c->path);
}

/* Where a reader is in the way that is known before everything is written anew. */
static enum gy_status scrub(struct gy_catalog *c, struct gy_error *err)
{
    GY_TRY(empty_log(c, err));
    GY_TRY(gy_catalog_run(c, err, "VACUUM", ""));
    return empty_log(c, err);
}

static enum gy_status with_patience(struct gy_catalog *c, int patience_ms,
                                    enum gy_status (*run)(struct gy_catalog *, struct gy_error *),
                                    struct gy_error *err)
{
    sqlite3_busy_timeout(c->db, patience_ms);
    enum gy_status status = run(c, err);
    sqlite3_busy_timeout(c->db, GY_CATALOG_PATIENCE_MS);
    return status;
}

enum gy_status gy_catalog_empty_log(struct gy_catalog *c, int patience_ms, struct gy_error *err)
{
    return with_patience(c, patience_ms, empty_log, err);
}

enum gy_status gy_catalog_scrub(struct gy_catalog *c, int patience_ms, struct gy_error *err)
{
    return with_patience(c, patience_ms, scrub, err);
}

/* ---- open and close ---- */

static enum gy_status open_db(struct gy_catalog *c, const char *path, int flags,
                              struct gy_error *err)
{
    *c = (struct gy_catalog){0};
    snprintf(c->path, sizeof c->path, "%s", path);
    int code = sqlite3_open_v2(path, &c->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(c->db, 1);
        sqlite3_busy_timeout(c->db, GY_CATALOG_PATIENCE_MS);
        return GY_OK;
    }
    enum gy_status status =
        c->db != NULL ? fail(c, err) : gy_error_set(err, GY_IO, "could not open \"%s\"", path);
    gy_catalog_close(c);
    return status;
}

void gy_catalog_close(struct gy_catalog *c)
{
    if (c->db != NULL)
        GY_ASSERT(sqlite3_close(c->db) == SQLITE_OK);
    c->db = NULL;
}

enum gy_status gy_catalog_version(struct gy_catalog *c, int64_t *out, struct gy_error *err)
{
    return gy_catalog_number(c, out, err, "PRAGMA user_version", "");
}

static enum gy_status check_version(struct gy_catalog *c, struct gy_error *err)
{
    int64_t application;
    int64_t version;
    GY_TRY(gy_catalog_number(c, &application, err, "PRAGMA application_id", ""));
    GY_TRY(gy_catalog_version(c, &version, err));
    if (application != APPLICATION_ID)
        return gy_error_set(err, GY_CORRUPT, "\"%s\" is no catalog of gyeol", c->path);
    if (version >= 1 && version <= GY_CATALOG_VERSION)
        return GY_OK;
    gy_error_set(err, GY_UNSUPPORTED,
                 "the data directory has format %lld, and this program reads format %d: \"%s\"",
                 (long long)version, GY_CATALOG_VERSION, c->path);
    gy_error_hint(err, "Use the version of gyeol that wrote it, or a newer one.");
    return GY_UNSUPPORTED;
}

static enum gy_status set_up(struct gy_catalog *c, struct gy_error *err)
{
    GY_TRY(gy_catalog_run(c, err, "PRAGMA synchronous=FULL", ""));
    GY_TRY(gy_catalog_run(c, err, "PRAGMA secure_delete=ON", ""));
    GY_TRY(gy_catalog_run(c, err, "PRAGMA cell_size_check=ON", ""));
    GY_TRY(gy_catalog_run(c, err, "PRAGMA temp_store=MEMORY", ""));
    GY_TRY(gy_catalog_run(c, err, "PRAGMA journal_size_limit=67108864", ""));
    return GY_OK;
}

/* Inside a transaction: another process may have been first. */
static enum gy_status add_tables(struct gy_catalog *c, int64_t to, struct gy_error *err)
{
    int64_t version;
    GY_TRY(gy_catalog_version(c, &version, err));
    if (!gy_catalog_add_tables(c->db, version, to))
        return fail(c, err);
    return gy_catalog_commit(c, err);
}

static enum gy_status upgrade_to(struct gy_catalog *c, int64_t to, struct gy_error *err)
{
    int64_t version;
    GY_TRY(gy_catalog_version(c, &version, err));
    if (version >= to)
        return GY_OK;
    GY_TRY(gy_catalog_begin(c, true, err));
    enum gy_status status = add_tables(c, to, err);
    gy_catalog_rollback(c);
    return status;
}

enum gy_status gy_catalog_upgrade(struct gy_catalog *c, struct gy_error *err)
{
    return upgrade_to(c, GY_CATALOG_VERSION, err);
}

bool gy_catalog_exists(const char *dir)
{
    char path[GY_PATH_SIZE];
    struct stat about;
    int len = snprintf(path, sizeof path, "%s/gyeol.db", dir);
    return len > 0 && (size_t)len < sizeof path &&
           (stat(path, &about) == 0 || (errno != ENOENT && errno != ENOTDIR));
}

/* SQLite would only say that it does not work. Who reads writes too: into the files beside the catalog
 * through which readers and the writer know of each other. */
static enum gy_status check_access(const char *dir, const char *path, struct gy_error *err)
{
    if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0 &&
        faccessat(AT_FDCWD, dir, R_OK | W_OK | X_OK, AT_EACCESS) == 0)
        return GY_OK;
    gy_error_sys(err, errno, "could not open the data directory \"%s\"", dir);
    gy_error_hint(err, "It belongs to one user, who must be able to write there, also to read.");
    return GY_IO;
}

enum gy_status gy_catalog_open(struct gy_catalog *c, const char *dir, struct gy_error *err)
{
    *c = (struct gy_catalog){0};
    if (strlen(dir) > GY_DIR_MAX)
        return gy_error_set(err, GY_INVALID, "the path of the data directory is too long");
    if (!gy_catalog_exists(dir)) {
        gy_error_set(err, GY_NO_WORKSPACE, "there is no data directory at \"%s\"", dir);
        gy_error_hint(err, "`gyeol init` makes one, and --data says where it is.");
        return GY_NO_WORKSPACE;
    }
    char path[GY_PATH_SIZE];
    snprintf(path, sizeof path, "%.*s/gyeol.db", GY_DIR_MAX, dir);
    GY_TRY(check_access(dir, path, err));
    GY_TRY(open_db(c, path, SQLITE_OPEN_READWRITE, err));
    enum gy_status status = check_version(c, err);
    if (status == GY_OK)
        status = set_up(c, err);
    if (status == GY_OK)
        status = upgrade_to(c, GY_CATALOG_READABLE, err);
    if (status != GY_OK)
        gy_catalog_close(c);
    return status;
}

/* ---- making one ---- */

static enum gy_status put_settings(struct gy_catalog *c, const char *time_zone,
                                   const char *currency, const char *language, struct gy_error *err)
{
    uint8_t key[16];
    gy_random_bytes(key, sizeof key);
    return gy_catalog_run(
        c, err,
        "INSERT INTO meta VALUES('time_zone', ?), ('currency', ?), ('language', ?),"
        " ('fingerprint_key', ?), ('next_file', 1), ('next_sequence', 1), ('next_link', 1)",
        "sssb", gy_str_of(time_zone), gy_str_of(currency), gy_str_of(language),
        (struct gy_str){(const char *)key, sizeof key});
}

static enum gy_status make_tables(struct gy_catalog *c, struct gy_error *err)
{
    char pragmas[128];
    snprintf(pragmas, sizeof pragmas, "PRAGMA application_id=%d;", (int)APPLICATION_ID);
    if (!gy_catalog_make_tables(c->db, GY_CATALOG_VERSION) ||
        sqlite3_exec(c->db, pragmas, NULL, NULL, NULL) != SQLITE_OK)
        return fail(c, err);
    return GY_OK;
}

static enum gy_status fill(struct gy_catalog *c, const char *time_zone, const char *currency,
                           const char *language, struct gy_error *err)
{
    GY_TRY(set_up(c, err));
    GY_TRY(gy_catalog_run(c, err, "PRAGMA journal_mode=WAL", ""));
    GY_TRY(gy_catalog_begin(c, true, err));
    GY_TRY(make_tables(c, err));
    GY_TRY(put_settings(c, time_zone, currency, language, err));
    GY_TRY(gy_catalog_commit(c, err));
    return empty_log(c,
                     err); /* only the file is renamed, and closing would not say that it failed */
}

/* The owner's alone, from its first byte on; SQLite gives its other files the same mode. */
static enum gy_status create_file(const char *path, struct gy_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return gy_error_sys(err, errno, "could not create the file \"%s\"", path);
    close(fd);
    return GY_OK;
}

static void remove_unfinished(const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char name[GY_PATH_SIZE + 16];
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        unlink(name);
    }
}

static enum gy_status sync_file(const char *path, struct gy_error *err)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return gy_error_sys(err, errno, "could not open the file \"%s\"", path);
    int code = fsync(fd);
    int why = errno;
    close(fd);
    return code == 0 ? GY_OK : gy_error_sys(err, why, "could not sync the file \"%s\"", path);
}

static enum gy_status put_in_place(const char *from, const char *to, const char *dir,
                                   struct gy_error *err)
{
    GY_TRY(sync_file(from, err));
    if (rename(from, to) != 0)
        return gy_error_sys(err, errno, "could not rename the file \"%s\"", from);
    return gy_dir_sync(dir, err);
}

enum gy_status gy_catalog_create(const char *dir, const char *time_zone, const char *currency,
                                 const char *language, struct gy_error *err)
{
    char made[GY_PATH_SIZE];
    char path[GY_PATH_SIZE];
    struct gy_catalog c;
    GY_ASSERT(strlen(dir) <= GY_DIR_MAX);
    snprintf(made, sizeof made, "%.*s/gyeol.db.new", GY_DIR_MAX, dir);
    snprintf(path, sizeof path, "%.*s/gyeol.db", GY_DIR_MAX, dir);
    remove_unfinished(made);
    GY_TRY(create_file(made, err));
    enum gy_status status = open_db(&c, made, SQLITE_OPEN_READWRITE, err);
    if (status == GY_OK)
        status = fill(&c, time_zone, currency, language, err);
    gy_catalog_rollback(&c);
    gy_catalog_close(&c);
    if (status == GY_OK)
        status = put_in_place(made, path, dir, err);
    remove_unfinished(made);
    return status;
}

/* ---- shared rows ---- */

static enum gy_status damaged(const struct gy_catalog *c, const char *what, struct gy_error *err)
{
    return gy_error_set(err, GY_CORRUPT, "the catalog \"%s\" holds %s", c->path, what);
}

static bool is_kind(int64_t kind)
{
    return kind == GY_STREAM_EVENT || kind == GY_STREAM_TRAIT;
}

static bool is_type(int64_t type)
{
    return type >= GY_VALUE_MISSING && type <= GY_VALUE_LIST;
}

static enum gy_status load_stream(struct gy_catalog *c, sqlite3_stmt *stmt, struct gy_schema *out,
                                  struct gy_error *err)
{
    int64_t kind = sqlite3_column_int64(stmt, 1);
    int64_t type = sqlite3_column_int64(stmt, 3);
    int64_t parent = sqlite3_column_int64(stmt, 4);
    if (sqlite3_column_int64(stmt, 0) != GY_STREAM_FIRST + (int64_t)out->n_streams ||
        !is_kind(kind) || !is_type(type) || parent < 0 ||
        (parent != 0 && (parent < GY_STREAM_FIRST || parent - GY_STREAM_FIRST >= out->n_streams)))
        return damaged(c, "a stream that cannot be", err);
    gy_schema_add_stream(out, (enum gy_stream_kind)kind, gy_catalog_str(stmt, 2),
                         (enum gy_value_type)type, (uint32_t)parent);
    return GY_OK;
}

static enum gy_status load_property(struct gy_catalog *c, sqlite3_stmt *stmt, struct gy_schema *out,
                                    struct gy_error *err)
{
    int64_t stream = sqlite3_column_int64(stmt, 1);
    int64_t type = sqlite3_column_int64(stmt, 3);
    if (sqlite3_column_int64(stmt, 0) != 1 + (int64_t)out->n_properties || !is_type(type) ||
        stream < GY_STREAM_FIRST || stream - GY_STREAM_FIRST >= out->n_streams)
        return damaged(c, "a property that cannot be", err);
    gy_schema_add_property(out, (uint32_t)stream, gy_catalog_str(stmt, 2),
                           (enum gy_value_type)type);
    return GY_OK;
}

static enum gy_status load_each(struct gy_catalog *c, const char *sql,
                                enum gy_status (*load)(struct gy_catalog *, sqlite3_stmt *,
                                                       struct gy_schema *, struct gy_error *),
                                struct gy_schema *out, struct gy_error *err)
{
    sqlite3_stmt *stmt;
    bool has_row = true;
    enum gy_status status = gy_catalog_select(c, &stmt, err, sql, "");
    while (status == GY_OK) {
        status = gy_catalog_next(c, stmt, &has_row, err);
        if (status != GY_OK || !has_row)
            break;
        status = load(c, stmt, out, err);
    }
    sqlite3_finalize(stmt);
    return status;
}

enum gy_status gy_catalog_schema(struct gy_catalog *c, struct gy_schema *out, struct gy_error *err)
{
    gy_schema_init(out);
    GY_TRY(load_each(c, "SELECT id, kind, name, type, parent FROM stream ORDER BY id", load_stream,
                     out, err));
    return load_each(c, "SELECT id, stream, name, type FROM property ORDER BY id", load_property,
                     out, err);
}

enum gy_status gy_catalog_setting(struct gy_catalog *c, const char *key, char *out, size_t size,
                                  struct gy_error *err)
{
    sqlite3_stmt *stmt;
    bool has_row = false;
    out[0] = '\0';
    GY_TRY(gy_catalog_select(c, &stmt, err, "SELECT value FROM meta WHERE key = ?", "s",
                             gy_str_of(key)));
    enum gy_status status = gy_catalog_next(c, stmt, &has_row, err);
    if (status == GY_OK && has_row) {
        struct gy_str text = gy_catalog_str(stmt, 0);
        snprintf(out, size, "%.*s", GY_STR_ARG(text));
    }
    sqlite3_finalize(stmt);
    return status;
}

void gy_store_path(const char *dir, uint64_t file, const char *suffix, char out[GY_PATH_SIZE])
{
    snprintf(out, GY_PATH_SIZE, "%.*s/parts/%016llx.%s", GY_DIR_MAX, dir, (unsigned long long)file,
             suffix);
}
