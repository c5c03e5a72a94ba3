/* excel_file.h - an Excel file that is there as a whole, or not at all. */
#ifndef GY_INSIGHT_EXCEL_FILE_H
#define GY_INSIGHT_EXCEL_FILE_H

#include <xlsxwriter.h>

#include "base/status.h"

struct gy_excel_file {
    lxw_workbook *workbook; /* rows are written as they come: a cell cannot be gone back to */
    const char *path;
    char temporary[4096];
};

/* Begins a workbook beside `path`, which is borrowed. Fails with IO where no file can be made there. */
GY_CHECKED enum gy_status gy_excel_file_open(struct gy_excel_file *file, const char *path,
                                             struct gy_error *err);

/* Where it fails, libxlsxwriter says so by itself on standard error. A program that has nothing else to say there meanwhile,
 * and no other threads, can spare people that: once, before the first file. */
void gy_excel_file_hush(void);

/* Writes it and puts it in its place; closes it in any case. */
GY_CHECKED enum gy_status gy_excel_file_finish(struct gy_excel_file *file, struct gy_error *err);

#endif
