/* metrics.c - see metrics.h. */
#include "server/metrics.h"

#include <stdio.h>
#include <unistd.h>

#include "base/zone.h"
#include "server/api.h"
#include "server/counters.h"

/* Bytes of memory that are resident; 0 where the system does not tell. */
static double resident_bytes(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL) {
        return 0;
    }
    if (fscanf(file, "%*u %lu", &pages) != 1) {
        pages = 0;
    }
    fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static void put_metrics(struct gy_write_queue *queue, struct gy_buf *out)
{
    gy_counters_put(out);
    gy_gauge_put(out, "gyeol_can_store", "1 while events can be stored",
                 gy_write_queue_is_well(queue) ? 1 : 0);
    gy_gauge_put(out, "gyeol_waiting_bytes", "What waits for its commit",
                 (double)gy_write_queue_bytes(queue));
    gy_gauge_put(out, "process_resident_memory_bytes", "Resident memory size in bytes",
                 resident_bytes());
}

void gy_metrics_answer(struct gy_exchange *x, struct gy_access *access,
                       struct gy_write_queue *queue)
{
    struct gy_buf text = {0};
    struct gy_error err = {0};
    if (!gy_exchange_is_local(x) && gy_api_admit(access, GY_RIGHT_READ, x, &err) != GY_OK) {
        gy_exchange_refuse(x, (unsigned)gy_status_http(err.status), err.message);
        return;
    }
    put_metrics(queue, &text);
    gy_exchange_answer(x, 200, "text/plain; version=0.0.4; charset=utf-8", gy_buf_view(&text));
    gy_buf_release(&text);
}
