/* csv.h - rows of a CSV, TSV or blank-separated text.
 *
 * RFC 4180, as files in the wild have it: lines end with LF or CR LF, or all with CR, the last one may
 * have no end; a field that begins with a quote runs to the closing one, over delimiters and line ends,
 * with "" for a quote in it; a quote inside an unquoted field is a character like any other. Lines
 * without any byte are skipped.
 *
 *   id,name,note↵            3 cells
 *   1,"Kim, ""Bo""",↵        1 | Kim, "Bo" | (empty)
 *   2,"two↵
 *   lines",x↵                2 | two↵lines | x       line 3
 *
 * With the delimiter GY_CSV_BLANKS, fields are separated by runs of blanks and tabs, blanks around the
 * line do not count, and quotes are characters.
 *
 * A quote that is never closed is an error at the place where it opens. Bytes between a closing
 * quote and the delimiter are the row's `problem`: the row is given, for the caller to reject.
 * How many cells a row has is for the caller to compare.
 *
 * One owner; not for several threads at once.
 */
#ifndef GY_INGEST_CSV_H
#define GY_INGEST_CSV_H

#include "base/status.h"
#include "base/str.h"
#include "ingest/row.h"
#include "ingest/source.h"

struct gy_csv;

#define GY_CSV_BLANKS ' '

enum {
    GY_CSV_COLUMNS_MAX = 1024,
    GY_CSV_ROW_MAX = 16 << 20, /* bytes */
};

/* Reads rows from `source`, which is borrowed and must outlive the reader. `delimiter` is any ASCII
 * character but a quote or a line end; 0 takes the likeliest of , ; tab | by the first megabyte.
 * `*out` is owned by the caller (gy_csv_close). Fails as gy_source_read does. */
GY_CHECKED enum gy_status gy_csv_open(struct gy_source *source, char delimiter, struct gy_csv **out,
                                      struct gy_error *err);
void gy_csv_close(struct gy_csv *csv); /* NULL is allowed */

/* The next row; `*has_row` is false at the end. Fails with INVALID for an open quote, LIMIT for a row
 * with too many columns or bytes, and as gy_source_read does. */
GY_CHECKED enum gy_status gy_csv_next(struct gy_csv *csv, struct gy_row *row, bool *has_row,
                                      struct gy_error *err);

char gy_csv_delimiter(const struct gy_csv *csv); /* given or taken */

/* The likeliest of , ; tab | in `sample`, the front of a text; `fallback` where none is in it. */
char gy_csv_guess_delimiter(struct gy_str sample, char fallback);

#endif
