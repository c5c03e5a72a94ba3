/* excel_file.c - see excel_file.h. */
#include "insight/excel_file.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* libxlsxwriter finds out at the end, and says so on standard error by itself. */
static enum gy_status check_writable(const struct gy_excel_file *file, struct gy_error *err)
{
    FILE *probe = fopen(file->temporary, "wb");
    if (probe == NULL) {
        return gy_error_sys(err, errno, "could not write \"%s\"", file->path);
    }
    (void)fclose(probe);
    return GY_OK;
}

enum gy_status gy_excel_file_open(struct gy_excel_file *file, const char *path,
                                  struct gy_error *err)
{
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    *file = (struct gy_excel_file){.path = path};
    if (snprintf(file->temporary, sizeof file->temporary, "%s.tmp", path) >=
        (int)sizeof file->temporary) {
        return gy_error_set(err, GY_INVALID, "the path \"%s\" is too long", path);
    }
    GY_TRY(check_writable(file, err));
    file->workbook = workbook_new_opt(file->temporary, &options);
    return GY_OK;
}

enum gy_status gy_excel_file_finish(struct gy_excel_file *file, struct gy_error *err)
{
    errno = 0;
    if (workbook_close(file->workbook) != LXW_NO_ERROR ||
        rename(file->temporary, file->path) != 0) {
        enum gy_status status = gy_error_sys(err, errno, "could not write \"%s\"", file->path);
        (void)unlink(file->temporary);
        return status;
    }
    return GY_OK;
}
