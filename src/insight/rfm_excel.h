/* rfm_excel.h - an RFM report as an Excel file: the groups with two charts, the map, the members. */
#ifndef GY_INSIGHT_RFM_EXCEL_H
#define GY_INSIGHT_RFM_EXCEL_H

#include "insight/rfm.h"

/* Writes `path`, by way of a file beside it, in the workspace's language. LIMIT where the members do
 * not fit in a sheet. */
GY_CHECKED enum gy_status gy_rfm_excel(const struct gy_snapshot *snapshot, const struct gy_rfm *rfm,
                                       int64_t now_ms, const char *path, struct gy_error *err);

#endif
