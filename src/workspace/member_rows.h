/* member_rows.h - the members of an audience as CSV, JSON lines or ids: a row each, with its columns. */
#ifndef GY_WORKSPACE_MEMBER_ROWS_H
#define GY_WORKSPACE_MEMBER_ROWS_H

#include "store/json_writer.h"
#include "workspace/columns.h"

/* CSV as RFC 4180 has it. */
void gy_members_csv_head(const struct gy_export *x, struct gy_buf *out);
void gy_members_csv_row(const struct gy_export *x, size_t i, struct gy_buf *out);

/* {"id":…, "COLUMN":…}; missing values are null. */
void gy_members_json_row(const struct gy_export *x, size_t i, struct gy_json_writer *w);

#endif
