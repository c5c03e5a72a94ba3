/* metrics.h - GET /metrics: what Prometheus reads. */
#ifndef GY_SERVER_METRICS_H
#define GY_SERVER_METRICS_H

#include "server/access.h"
#include "server/http.h"
#include "server/write_queue.h"

/* For who asks on this machine, or with a token or session of an analyst or more; others are 401. */
void gy_metrics_answer(struct gy_exchange *x, struct gy_access *access,
                       struct gy_write_queue *queue);

#endif
