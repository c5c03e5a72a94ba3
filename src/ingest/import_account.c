/* import_account.c - the lines that are not taken: counted by reason, and kept as they came. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ingest/import_internal.h"

/* ---- reasons ---- */

static struct gy_import_reason *find_reason(struct gy_import_report *report, const char *text)
{
    for (uint32_t i = 0; i < report->n_reasons; i++) {
        if (strncmp(report->reasons[i].text, text, sizeof report->reasons[i].text - 1) == 0) {
            return &report->reasons[i];
        }
    }
    if (report->n_reasons == GY_IMPORT_MAX_REASONS) {
        struct gy_import_reason *last = &report->reasons[GY_IMPORT_MAX_REASONS - 1];
        snprintf(last->text, sizeof last->text, "other reasons");
        return last;
    }
    struct gy_import_reason *reason = &report->reasons[report->n_reasons++];
    snprintf(reason->text, sizeof reason->text, "%s", text);
    return reason;
}

void gy_import_keep_header(struct gy_import *import, const struct gy_row *header)
{
    if (import->rejects != NULL && header != NULL) {
        gy_row_write(header, &import->head);
    }
}

static void write_reject(struct gy_import *import, struct gy_str raw)
{
    if (import->rejects == NULL || raw.len == 0) {
        return;
    }
    gy_buf_str(&import->head, raw);
    fwrite(import->head.ptr, 1, import->head.len, import->rejects);
    gy_buf_reset(&import->head);
}

void gy_import_reject_line(struct gy_import *import, uint64_t line, struct gy_str raw,
                           const char *reason)
{
    struct gy_import_reason *found = find_reason(import->report, reason);
    if (found->count++ == 0) {
        found->first_line = line;
    }
    import->report->lines_rejected++;
    write_reject(import, raw);
}

void gy_import_reject_row(struct gy_import *import, const struct gy_row *row, const char *reason)
{
    gy_buf_reset(&import->line);
    if (import->rejects != NULL) {
        gy_row_write(row, &import->line);
    }
    gy_import_reject_line(import, row->line, gy_buf_view(&import->line), reason);
}

static int by_count(const void *x, const void *y)
{
    const struct gy_import_reason *a = x;
    const struct gy_import_reason *b = y;
    if (a->count != b->count) {
        return a->count < b->count ? 1 : -1;
    }
    return a->first_line < b->first_line ? -1 : a->first_line > b->first_line;
}

/* ---- the rejects file ---- */

/* The file that is read would be empty before its first line was. */
static bool is_input(const char *rejects, const char *input)
{
    struct stat a;
    struct stat b;
    bool is_there =
        stat(rejects, &a) == 0 && (strcmp(input, "-") == 0 ? fstat(0, &b) : stat(input, &b)) == 0;
    return is_there && S_ISREG(a.st_mode) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

enum gy_status gy_import_open_rejects(struct gy_import *import, struct gy_error *err)
{
    const char *path = import->options->rejects_path;
    if (path == NULL) {
        return GY_OK;
    }
    if (is_input(path, import->path)) {
        gy_error_set(err, GY_INVALID, "the rejects file \"%s\" is the file to be imported", path);
        gy_error_hint(err, "Give the rejected lines a file of their own.");
        return GY_INVALID;
    }
    import->rejects = fopen(path, "wb");
    return import->rejects == NULL
               ? gy_error_sys(err, errno, "could not open the rejects file \"%s\"", path)
               : GY_OK;
}

enum gy_status gy_import_close_account(struct gy_import *import, struct gy_error *err)
{
    struct gy_import_report *report = import->report;
    qsort(report->reasons, report->n_reasons, sizeof *report->reasons, by_count);
    if (import->rejects == NULL) {
        return GY_OK;
    }
    bool failed = ferror(import->rejects) != 0;
    failed = fclose(import->rejects) != 0 || failed;
    return failed ? gy_error_sys(err, errno, "could not write the rejects file \"%s\"",
                                 import->options->rejects_path)
                  : GY_OK;
}
