/* report_json.h - reports as JSON. */
#ifndef GY_WORKSPACE_REPORT_JSON_H
#define GY_WORKSPACE_REPORT_JSON_H

#include "insight/rfm.h"
#include "insight/summary.h"
#include "store/json_writer.h"
#include "workspace/ask.h"

/* Each puts one object. */
void gy_summary_json(const struct gy_ask *ask, const struct gy_summary *s,
                     struct gy_json_writer *w);
void gy_rfm_json(const struct gy_ask *ask, const struct gy_rfm *rfm, struct gy_json_writer *w);

/* "2025-01", of the month that a day begins. */
void gy_month_label(int64_t day, char out[16]);

/* ---- what they are made of ---- */

/* Of nothing there is none: null in JSON, "-" for people. */
double gy_report_ratio(double part, double whole);

/* An object with the instant and the currency, left open. */
void gy_report_open(struct gy_json_writer *w, const struct gy_ask *ask);
void gy_report_number(struct gy_json_writer *w, const char *key, double number);
void gy_report_count(struct gy_json_writer *w, const char *key, uint64_t n);

#endif
