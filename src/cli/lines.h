/* lines.h - a small text file, whole, line by line: ids, recorded changes, definitions.
 *
 * For what a person or a script hands over; the large files of an import go through ingest.
 */
#ifndef GY_CLI_LINES_H
#define GY_CLI_LINES_H

#include "base/buf.h"
#include "base/status.h"
#include "base/str.h"

/* Puts the file's text (of standard input for "-") into `out`. Fails with INVALID where it is not
 * UTF-8 (with the line), LIMIT past `max_bytes`. A byte order mark is taken off. */
GY_CHECKED enum gy_status gy_lines_read(const char *path, size_t max_bytes, struct gy_buf *out,
                                        struct gy_error *err);

/* Takes the next line off `rest`, without its end; false at the end of the text. */
bool gy_lines_next(struct gy_str *rest, struct gy_str *line);

#endif
