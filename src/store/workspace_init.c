/* workspace_init.c - making a data directory: the folder, its folder of parts, the catalog. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "store/settings.h"
#include "store/writer.h"

static enum gy_status check_options(const struct gy_init_options *o, struct gy_error *err)
{
    struct gy_zone *zone;
    GY_TRY(gy_zone_open(o->time_zone, &zone, err));
    gy_zone_close(zone);
    GY_TRY(gy_currency_check(o->currency, err));
    return gy_language_check(o->language, err);
}

static enum gy_status make(const char *dir, const struct gy_init_options *o, struct gy_error *err)
{
    char parts[GY_PATH_SIZE];
    if (gy_catalog_exists(dir))
        return gy_error_set(err, GY_CONFLICT, "there is a data directory at \"%s\" already", dir);
    snprintf(parts, sizeof parts, "%.*s/parts", GY_DIR_MAX, dir);
    GY_TRY(gy_dir_make(parts, 0700, err));
    return gy_catalog_create(dir, o->time_zone, o->currency, o->language, err);
}

/* Two that make one at the same time: the lock lets one of them see what the other made. */
static enum gy_status make_locked(const char *dir, const struct gy_init_options *o,
                                  struct gy_error *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return gy_error_sys(err, errno, "could not open the folder \"%s\"", dir);
    enum gy_status status = GY_OK;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        status = gy_error_set(err, GY_BUSY, "another process has the data directory \"%s\"", dir);
    if (status == GY_OK)
        status = make(dir, o, err);
    close(fd);
    return status;
}

enum gy_status gy_workspace_init(const char *dir, const struct gy_init_options *options,
                                 struct gy_error *err)
{
    struct gy_init_options o = options == NULL ? (struct gy_init_options){0} : *options;
    o.time_zone = o.time_zone == NULL ? "UTC" : o.time_zone;
    o.currency = o.currency == NULL ? "" : o.currency;
    o.language = o.language == NULL ? "en" : o.language;
    if (strlen(dir) > GY_DIR_MAX)
        return gy_error_set(err, GY_INVALID, "the path of the data directory is too long");
    GY_TRY(check_options(&o, err));
    if (gy_catalog_exists(dir))
        return gy_error_set(err, GY_CONFLICT, "there is a data directory at \"%s\" already", dir);
    GY_TRY(gy_dir_make(dir, 0700, err));
    return make_locked(dir, &o, err);
}

bool gy_workspace_exists(const char *dir)
{
    return strlen(dir) <= GY_DIR_MAX && gy_catalog_exists(dir);
}

/* ---- for a rehearsal ---- */

enum gy_status gy_workspace_make_temporary(char dir[64], struct gy_error *err)
{
    snprintf(dir, 64, "%s/gyeol-rehearsal-XXXXXX", P_tmpdir);
    if (mkdtemp(dir) == NULL)
        return gy_error_sys(err, errno, "could not make the folder \"%s\"", dir);
    enum gy_status status = gy_workspace_init(dir, NULL, err);
    if (status != GY_OK)
        gy_workspace_remove_temporary(dir);
    return status;
}

void gy_workspace_remove_temporary(const char *dir)
{
    static const char *const files[] = {"gyeol.db-wal", "gyeol.db-shm", "gyeol.db"};
    char path[GY_PATH_SIZE];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%.*s/%s", GY_DIR_MAX, dir, files[i]);
        (void)unlink(path);
    }
    snprintf(path, sizeof path, "%.*s/parts", GY_DIR_MAX, dir);
    (void)rmdir(path);
    (void)rmdir(dir);
}
