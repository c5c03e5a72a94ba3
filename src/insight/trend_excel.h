/* trend_excel.h - a trend as an Excel file: the rows, and charts of the size and of who came and went. */
#ifndef GY_INSIGHT_TREND_EXCEL_H
#define GY_INSIGHT_TREND_EXCEL_H

#include "insight/trend.h"

/* Writes `path`, by way of a file beside it, in the workspace's language. */
GY_CHECKED enum gy_status gy_trend_excel(const struct gy_snapshot *snapshot,
                                         const struct gy_trend *trend, const char *path,
                                         struct gy_error *err);

#endif
