/* backup.c - see backup.h.
 *
 * It is made under another name beside its place, checked there, and renamed. A file that a merge removes before it
 * could be linked is missed like any reader misses it: then the whole is begun again, from the newer list.
 */
#include "store/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/catalog.h"

enum {
    TRIES = 8,
    CHUNK = 1 << 20
};

struct backup {
    const struct gy_backup_options *options;
    struct gy_backup_report *report;
    char from[GY_PATH_SIZE];
    char to[GY_PATH_SIZE];   /* where it will be */
    char made[GY_PATH_SIZE]; /* where it is until then; "": nowhere */
    bool is_gone;            /* a listed file is not there any more */
};

/* ---- one file ---- */

static enum gy_status write_rest(int from, int to, char *chunk, struct gy_error *err)
{
    ssize_t n;
    while ((n = read(from, chunk, CHUNK)) > 0) {
        for (ssize_t at = 0, written; at < n; at += written) {
            written = write(to, chunk + at, (size_t)(n - at));
            if (written <= 0)
                return gy_error_sys(err, written == 0 ? EIO : errno, "could not write the backup");
        }
    }
    if (n < 0)
        return gy_error_sys(err, errno, "could not read a file for the backup");
    return fsync(to) == 0 ? GY_OK : gy_error_sys(err, errno, "could not sync the backup");
}

static enum gy_status copy_file(struct backup *b, const char *from, const char *to,
                                struct gy_error *err)
{
    int source = open(from, O_RDONLY | O_CLOEXEC);
    if (source < 0) {
        b->is_gone = errno == ENOENT;
        return gy_error_sys(err, errno, "could not open the file \"%s\"", from);
    }
    int target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum gy_status status =
        target >= 0 ? GY_OK : gy_error_sys(err, errno, "could not create the file \"%s\"", to);
    char *chunk = gy_alloc(CHUNK);
    if (status == GY_OK)
        status = write_rest(source, target, chunk, err);
    free(chunk);
    if (target >= 0 && close(target) != 0 && status == GY_OK)
        status = gy_error_sys(err, errno, "could not close the file \"%s\"", to);
    close(source);
    b->report->n_copied += status == GY_OK;
    return status;
}

/* Where a link cannot be made (another file system, or one that has none) the bytes are copied. */
static enum gy_status share_file(struct backup *b, int64_t file, const char *suffix,
                                 struct gy_error *err)
{
    char from[GY_PATH_SIZE];
    char to[GY_PATH_SIZE];
    gy_store_path(b->from, (uint64_t)file, suffix, from);
    gy_store_path(b->made, (uint64_t)file, suffix, to);
    if (!b->options->copies && link(from, to) == 0) {
        b->report->n_linked++;
        return GY_OK;
    }
    return copy_file(b, from, to, err);
}

static enum gy_status share_each(struct backup *b, struct gy_catalog *c, const char *sql,
                                 const char *suffix, struct gy_error *err)
{
    sqlite3_stmt *stmt;
    bool has_row = true;
    enum gy_status status = gy_catalog_select(c, &stmt, err, sql, "");
    while (status == GY_OK) {
        status = gy_catalog_next(c, stmt, &has_row, err);
        if (status != GY_OK || !has_row)
            break;
        status = share_file(b, sqlite3_column_int64(stmt, 0), suffix, err);
    }
    sqlite3_finalize(stmt);
    return status;
}

/* ---- the catalog ---- */

static enum gy_status sync_path(const char *path, struct gy_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum gy_status status =
        fd >= 0 && fsync(fd) == 0 ? GY_OK : gy_error_sys(err, errno, "could not sync \"%s\"", path);
    if (fd >= 0)
        close(fd);
    return status;
}

/* The transaction that is open on `c` is the one that is copied. */
static enum gy_status copy_catalog(const struct backup *b, struct gy_catalog *c,
                                   struct gy_error *err)
{
    char path[GY_PATH_SIZE];
    sqlite3 *db = NULL;
    snprintf(path, sizeof path, "%.*s/gyeol.db", GY_DIR_MAX, b->made);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return gy_error_sys(err, errno, "could not create the file \"%s\"", path);
    close(fd);
    int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    sqlite3_backup *copying =
        code == SQLITE_OK ? sqlite3_backup_init(db, "main", c->db, "main") : NULL;
    if (copying != NULL)
        (void)sqlite3_backup_step(copying, -1);
    code = copying == NULL ? sqlite3_errcode(db) : sqlite3_backup_finish(copying);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    enum gy_status status =
        code == SQLITE_OK ? GY_OK
                          : gy_error_set(err, GY_IO, "could not copy the catalog to \"%s\": %s",
                                         path, sqlite3_errmsg(db));
    (void)sqlite3_close(db);
    return status == GY_OK ? sync_path(path, err) : status;
}

/* The catalog has what it says, so it need not be of the same instant. */
static enum gy_status copy_ledger(struct backup *b, struct gy_error *err)
{
    char from[GY_PATH_SIZE];
    char to[GY_PATH_SIZE];
    snprintf(from, sizeof from, "%.*s/erasures", GY_DIR_MAX, b->from);
    snprintf(to, sizeof to, "%.*s/erasures", GY_DIR_MAX, b->made);
    return access(from, F_OK) == 0 ? copy_file(b, from, to, err) : GY_OK;
}

/* ---- the folder ---- */

static bool is_empty_folder(const char *path)
{
    DIR *dir = opendir(path);
    size_t n = 0;
    if (dir == NULL)
        return false;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else reads this stream */
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(dir);
    return n == 0;
}

static void remove_files(const char *folder)
{
    char path[GY_PATH_SIZE + 300];
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else reads this stream */
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        (void)unlink(path); /* not of folders */
    }
    closedir(dir);
}

static void remove_made(struct backup *b)
{
    char parts[GY_PATH_SIZE];
    if (b->made[0] == '\0')
        return;
    snprintf(parts, sizeof parts, "%.*s/parts", GY_DIR_MAX, b->made);
    remove_files(parts);
    (void)rmdir(parts);
    remove_files(b->made);
    (void)rmdir(b->made);
    b->made[0] = '\0';
}

/* Beside the place where it will be, so that it can be renamed; for its owner alone. */
static enum gy_status make_folder(struct backup *b, struct gy_error *err)
{
    char parts[GY_PATH_SIZE];
    int len = snprintf(b->made, sizeof b->made, "%.*s.new-XXXXXX", GY_DIR_MAX, b->to);
    if (len > GY_DIR_MAX || mkdtemp(b->made) == NULL) {
        enum gy_status status = gy_error_sys(err, len > GY_DIR_MAX ? ENAMETOOLONG : errno,
                                             "could not make a folder beside \"%s\"", b->to);
        b->made[0] = '\0';
        return status;
    }
    snprintf(parts, sizeof parts, "%.*s/parts", GY_DIR_MAX, b->made);
    return gy_dir_make(parts, 0700, err);
}

static enum gy_status sync_parent(const char *path, struct gy_error *err)
{
    char parent[GY_PATH_SIZE];
    snprintf(parent, sizeof parent, "%s", path);
    char *slash = strrchr(parent, '/');
    if (slash == NULL)
        return gy_dir_sync(".", err);
    slash[slash == parent] = '\0';
    return gy_dir_sync(parent, err);
}

static enum gy_status put_in_place(struct backup *b, struct gy_error *err)
{
    char parts[GY_PATH_SIZE];
    snprintf(parts, sizeof parts, "%.*s/parts", GY_DIR_MAX, b->made);
    GY_TRY(gy_dir_sync(parts, err));
    GY_TRY(gy_dir_sync(b->made, err));
    if (rename(b->made, b->to) != 0)
        return gy_error_sys(err, errno, "could not rename \"%s\" to \"%s\"", b->made, b->to);
    b->made[0] = '\0';
    return sync_parent(b->to, err);
}

/* ---- all of it ---- */

static enum gy_status copy_as_of_now(struct backup *b, struct gy_catalog *c, struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(c, false, err));
    GY_TRY(share_each(b, c, "SELECT file FROM part", "part", err));
    GY_TRY(share_each(b, c, "SELECT file FROM ids", "ids", err));
    GY_TRY(copy_catalog(b, c, err));
    return copy_ledger(b, err);
}

static enum gy_status try_once(struct backup *b, struct gy_error *err)
{
    struct gy_catalog c;
    b->is_gone = false;
    *b->report = (struct gy_backup_report){0};
    GY_TRY(make_folder(b, err));
    GY_TRY(gy_catalog_open(&c, b->from, err));
    enum gy_status status = copy_as_of_now(b, &c, err);
    gy_catalog_rollback(&c);
    gy_catalog_close(&c);
    return status;
}

static enum gy_status make(struct backup *b, struct gy_error *err)
{
    enum gy_status status = GY_IO;
    b->is_gone = true;
    for (int left = TRIES; left > 0 && b->is_gone; left--) {
        remove_made(b);
        status = try_once(b, err);
    }
    return status;
}

static enum gy_status check_target(struct backup *b, const char *to, struct gy_error *err)
{
    size_t len = strlen(to);
    struct stat about;
    while (len > 1 && to[len - 1] == '/')
        len--;
    if (len == 0 || len > GY_DIR_MAX - 16)
        return gy_error_set(err, GY_INVALID, "the path of the backup is %s",
                            len == 0 ? "empty" : "too long");
    snprintf(b->to, sizeof b->to, "%.*s", (int)len, to);
    if (stat(b->to, &about) != 0 || is_empty_folder(b->to))
        return GY_OK;
    gy_error_set(err, GY_CONFLICT, "there is something at \"%s\" already", b->to);
    gy_error_hint(err, "A backup makes a folder of its own; give each its name, as the day.");
    return GY_CONFLICT;
}

enum gy_status gy_backup(const char *dir, const char *to, const struct gy_backup_options *options,
                         struct gy_backup_report *report, struct gy_error *err)
{
    struct gy_error ours = {0}; /* of a try that was begun again nothing is told */
    struct backup b = {.options = options, .report = report};
    *report = (struct gy_backup_report){0};
    if (strlen(dir) > GY_DIR_MAX)
        return gy_error_set(err, GY_INVALID, "the path of the data directory is too long");
    snprintf(b.from, sizeof b.from, "%s", dir);
    GY_TRY(check_target(&b, to, err));
    enum gy_status status = make(&b, &ours);
    if (status == GY_OK)
        status = gy_store_check(b.made, NULL, NULL, &report->check, &ours);
    if (status == GY_OK)
        status = put_in_place(&b, &ours);
    remove_made(&b);
    if (status != GY_OK && err != NULL)
        *err = ours;
    return status;
}
