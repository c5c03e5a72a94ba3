/* table.h - the rows of a table file, whatever it is: CSV, TSV, blanks or a sheet of XLSX.
 *
 * The header is read apart, and the first rows are read ahead, so that columns and time formats can be
 * recognized before the first row is given.
 */
#ifndef GY_INGEST_TABLE_H
#define GY_INGEST_TABLE_H

#include "base/status.h"
#include "ingest/import_job.h"
#include "ingest/row.h"
#include "ingest/source.h"

struct gy_table;

/* Opens `path` by its name: .xlsx is a sheet, everything else is text. A text that is open already is
 * given as `source`, which is taken, also on failure; else it is NULL. `*out` is owned by the caller. A
 * file without any row is INVALID. */
GY_CHECKED enum gy_status gy_table_open(const char *path, struct gy_source *source,
                                        const struct gy_import_options *options,
                                        struct gy_table **out, struct gy_error *err);
void gy_table_close(struct gy_table *table);

const struct gy_row *gy_table_header(const struct gy_table *table); /* NULL: it has none */

/* The rows that were read ahead: at most 10,000, less at the end of the file. */
uint32_t gy_table_n_ahead(const struct gy_table *table);
const struct gy_row *gy_table_ahead(const struct gy_table *table, uint32_t i);

/* The next row, from the first after the header on; `*has_row` is false at the end. */
GY_CHECKED enum gy_status gy_table_next(struct gy_table *table, struct gy_row *row, bool *has_row,
                                        struct gy_error *err);

/* As they were recognized or given: "UTF-8", ","; empty for a sheet. */
const char *gy_table_encoding(const struct gy_table *table);
char gy_table_delimiter(const struct gy_table *table);
uint64_t gy_table_position(const struct gy_table *table);
uint64_t gy_table_size(const struct gy_table *table);

#endif
