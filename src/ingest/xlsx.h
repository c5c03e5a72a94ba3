/* xlsx.h - the rows of one sheet of an Excel workbook (.xlsx).
 *
 * A workbook is a zip of XML files. What we read of it:
 *
 *   _rels/.rels ──> xl/workbook.xml ──> names of sheets, which day 0 is
 *                     │ relations
 *                     ├─> styles.xml          which styles are dates
 *                     ├─> sharedStrings.xml   texts by number; held in memory
 *                     └─> worksheets/sheet1.xml  read row by row, never held
 *
 * Cells are what the sheet stores: of a formula its last result, of a number its digits (those of the
 * double it is, so that 2.5499999999999998 is 2.55), of a date its local time, of an error nothing.
 * Days are counted as Excel does, from 1900 (with its 1900-02-29, which never was) or from 1904.
 * Rows without any text are skipped. A sheet does not store empty cells: rows are given as long as the
 * first one, or up to their last cell with something in it where that is further.
 *
 * Refused: document type definitions (so no entities), parts that unpack to more than the limits below,
 * XML nested deeper than 64.
 *
 * One owner; not for several threads at once.
 */
#ifndef GY_INGEST_XLSX_H
#define GY_INGEST_XLSX_H

#include "base/status.h"
#include "base/str.h"
#include "ingest/row.h"

struct gy_xlsx;

enum {
    GY_XLSX_COLUMNS_MAX = 16384,
    GY_XLSX_ROWS_MAX = 1 << 24,
    GY_XLSX_STRINGS_MAX = 1 << 24,
    GY_XLSX_CELL_MAX = 1 << 20, /* bytes */
};

/* Opens the sheet named `sheet` of the workbook at `path`; NULL is the first that is not hidden. `*out`
 * is owned by the caller (gy_xlsx_close). Fails with IO; with INVALID for what is no such workbook or
 * has no such sheet (the hint names those there are); with LIMIT. */
GY_CHECKED enum gy_status gy_xlsx_open(const char *path, const char *sheet, struct gy_xlsx **out,
                                       struct gy_error *err);

/* The same over `bytes`, which must outlive the reader. */
GY_CHECKED enum gy_status gy_xlsx_open_bytes(const char *name, struct gy_str bytes,
                                             const char *sheet, struct gy_xlsx **out,
                                             struct gy_error *err);
void gy_xlsx_close(struct gy_xlsx *xlsx); /* NULL is allowed */

/* The next row; `*has_row` is false at the end. Fails with INVALID, LIMIT. */
GY_CHECKED enum gy_status gy_xlsx_next(struct gy_xlsx *xlsx, struct gy_row *row, bool *has_row,
                                       struct gy_error *err);

const char *gy_xlsx_sheet(const struct gy_xlsx *xlsx); /* the name of the sheet, a view */

/* Bytes of the sheet read so far and in all, unpacked. */
uint64_t gy_xlsx_position(const struct gy_xlsx *xlsx);
uint64_t gy_xlsx_size(const struct gy_xlsx *xlsx);

/* Whether a file that begins so is a zip, as every workbook is. */
bool gy_xlsx_is_zip(struct gy_str magic);

#endif
