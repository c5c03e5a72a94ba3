/* row.h - one row of a table file: what csv.h and xlsx.h both give.
 *
 * Everything in a row is a view, valid until the next row is read.
 */
#ifndef GY_INGEST_ROW_H
#define GY_INGEST_ROW_H

#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "base/str.h"

/* What a cell says it is. Cells of CSV are all text; an XLSX cell knows more. */
enum gy_cell_kind {
    GY_CELL_TEXT,
    GY_CELL_NUMBER, /* a decimal number */
    GY_CELL_BOOL,   /* "true" or "false" */
    GY_CELL_TIME,   /* "2024-03-05T15:20:00", local; "15:20:00" without a day */
    GY_CELL_ERROR,  /* the sheet has an error there (#N/A): the text is empty */
};

struct gy_cell {
    struct gy_str text; /* without the quotes, doubled quotes single */
    uint32_t offset; /* where it begins in the row's raw bytes; its opening quote, if it has one */
    uint8_t kind;    /* enum gy_cell_kind */
    bool is_quoted;
};

struct gy_row {
    const struct gy_cell *cells;
    uint32_t n_cells;
    uint64_t empties; /* a bit for each of the first 64 cells that is known to be empty */
    uint32_t line;    /* of the file, where it begins, or the number of the sheet's row; from 1 */
    bool is_sheet;    /* from an XLSX file */
    const char *problem;   /* what is wrong with its form, for a report; NULL where nothing is */
    uint32_t problem_cell; /* where */
    struct gy_str raw;     /* as it stands in the file, without its line end; empty for a sheet */
};

/* Where a cell is, for errors: line, and column in code points; in a sheet, row and column. */
void gy_row_place(const struct gy_row *row, uint32_t cell, uint32_t *line, uint32_t *column);

/* Appends the row and "\n": as it stood in the file, or a sheet's as CSV. */
void gy_row_write(const struct gy_row *row, struct gy_buf *out);

#endif
