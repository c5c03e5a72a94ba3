/* members_excel.h - an audience as an Excel file: a sheet with a row for each customer. */
#ifndef GY_WORKSPACE_MEMBERS_EXCEL_H
#define GY_WORKSPACE_MEMBERS_EXCEL_H

#include "workspace/columns.h"

/* Writes `path`, by way of a file beside it. LIMIT where there are more customers than a sheet has
 * rows. Times are local ones of the workspace. */
GY_CHECKED enum gy_status gy_members_excel(const struct gy_ask *ask, const struct gy_export *x,
                                           const char *path, struct gy_error *err);

#endif
