/* excel_file.c - see excel_file.h. */
#include "insight/excel_file.h"

#include <errno.h>
#include <fcntl.h>
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

/* Rows go through a temporary file of each sheet, and nobody else looks whether that took them. */
static bool took_all_rows(const lxw_workbook *workbook)
{
    bool took_all = true;
    lxw_worksheet *sheet;
    STAILQ_FOREACH(sheet, workbook->worksheets, list_pointers)
    {
        FILE *rows = sheet->optimize_tmpfile;
        took_all = took_all && (rows == NULL || (fflush(rows) == 0 && ferror(rows) == 0));
    }
    return took_all;
}

static bool is_hushed;

void gy_excel_file_hush(void)
{
    is_hushed = true;
}

/* What fails here libxlsxwriter also says by itself, on standard error. */
static lxw_error close_quietly(lxw_workbook *workbook)
{
    if (!is_hushed) {
        return workbook_close(workbook);
    }
    int kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    bool is_quiet = kept >= 0 && nowhere >= 0 && dup2(nowhere, STDERR_FILENO) >= 0;
    errno = 0;
    lxw_error error = workbook_close(workbook);
    int why = errno;
    if (is_quiet) {
        (void)dup2(kept, STDERR_FILENO);
    }
    (void)close(kept);
    (void)close(nowhere);
    errno = why;
    return error;
}

enum gy_status gy_excel_file_finish(struct gy_excel_file *file, struct gy_error *err)
{
    errno = 0;
    bool took_all = took_all_rows(file->workbook);
    int why = errno;
    bool is_closed = close_quietly(file->workbook) == LXW_NO_ERROR;
    errno = took_all ? errno : why;
    if (!took_all || !is_closed || rename(file->temporary, file->path) != 0) {
        enum gy_status status = gy_error_sys(err, errno, "could not write \"%s\"", file->path);
        (void)unlink(file->temporary);
        return status;
    }
    return GY_OK;
}
