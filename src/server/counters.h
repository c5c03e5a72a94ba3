/* counters.h - what the server counts since it started, and how long commits take: for GET /metrics, in Prometheus's text
 * format (version 0.0.4). One set for the process; any thread may count.
 */
#ifndef GY_SERVER_COUNTERS_H
#define GY_SERVER_COUNTERS_H

#include "base/buf.h"

enum gy_counter {
#define GY_COUNTER(name, metric, help) GY_COUNTER_##name,
#include "server/counters.def"
#undef GY_COUNTER
    GY_N_COUNTERS
};

void gy_count(enum gy_counter counter, uint64_t n);
uint64_t gy_counted(enum gy_counter counter);
void gy_count_answer(unsigned status); /* of HTTP */
void gy_count_commit_us(int64_t us);   /* how long one took */

/* Puts all of it. */
void gy_counters_put(struct gy_buf *out);

/* Puts a figure of this moment. */
void gy_gauge_put(struct gy_buf *out, const char *metric, const char *help, double value);

#endif
