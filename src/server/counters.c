/* counters.c - see counters.h. */
#include "server/counters.h"

#include <stdatomic.h>
#include <string.h>

#include "base/number.h"

static const struct {
    const char *metric;
    const char *help;
} names[GY_N_COUNTERS] = {
#define GY_COUNTER(name, metric, help) {metric, help},
#include "server/counters.def"
#undef GY_COUNTER
};

static _Atomic uint64_t counts[GY_N_COUNTERS];

/* How many commits took at most so long; the last one: any time. */
static const int64_t bounds_us[] = {500,   1000,  2500,   5000,   10000,
                                    25000, 50000, 100000, 250000, 1000000};
enum {
    N_BOUNDS = sizeof bounds_us / sizeof *bounds_us
};
static _Atomic uint64_t commits[N_BOUNDS + 1];
static _Atomic uint64_t commits_us;

void gy_count(enum gy_counter counter, uint64_t n)
{
    atomic_fetch_add_explicit(&counts[counter], n, memory_order_relaxed);
}

uint64_t gy_counted(enum gy_counter counter)
{
    return atomic_load_explicit(&counts[counter], memory_order_relaxed);
}

void gy_count_answer(unsigned status)
{
    if (status >= 200 && status < 600) {
        gy_count((enum gy_counter)(GY_COUNTER_ANSWERS_2XX + status / 100 - 2), 1);
    }
}

void gy_count_commit_us(int64_t us)
{
    size_t i = 0;
    while (i < N_BOUNDS && us > bounds_us[i]) {
        i++;
    }
    atomic_fetch_add_explicit(&commits[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&commits_us, us > 0 ? (uint64_t)us : 0, memory_order_relaxed);
}

/* ---- as text ---- */

/* Without labels. */
static size_t bare_size(const char *metric)
{
    return strcspn(metric, "{");
}

static void put_head(struct gy_buf *out, const char *metric, const char *help, const char *type)
{
    int size = (int)bare_size(metric);
    gy_buf_printf(out, "# HELP %.*s %s\n# TYPE %.*s %s\n", size, metric, help, size, metric, type);
}

static void put_number(struct gy_buf *out, double value)
{
    char text[GY_NUMBER_TEXT];
    gy_buf_append(out, text, gy_number_print(value, text));
}

void gy_gauge_put(struct gy_buf *out, const char *metric, const char *help, double value)
{
    put_head(out, metric, help, "gauge");
    gy_buf_printf(out, "%s ", metric);
    put_number(out, value);
    gy_buf_char(out, '\n');
}

static void put_commits(struct gy_buf *out)
{
    uint64_t n = 0;
    put_head(out, "gyeol_commit_seconds", "How long commits took", "histogram");
    for (size_t i = 0; i < N_BOUNDS; i++) {
        n += atomic_load_explicit(&commits[i], memory_order_relaxed);
        gy_buf_text(out, "gyeol_commit_seconds_bucket{le=\"");
        put_number(out, (double)bounds_us[i] / 1e6);
        gy_buf_printf(out, "\"} %llu\n", (unsigned long long)n);
    }
    n += atomic_load_explicit(&commits[N_BOUNDS], memory_order_relaxed);
    gy_buf_printf(out, "gyeol_commit_seconds_bucket{le=\"+Inf\"} %llu\n", (unsigned long long)n);
    gy_buf_text(out, "gyeol_commit_seconds_sum ");
    put_number(out, (double)atomic_load_explicit(&commits_us, memory_order_relaxed) / 1e6);
    gy_buf_printf(out, "\ngyeol_commit_seconds_count %llu\n", (unsigned long long)n);
}

void gy_counters_put(struct gy_buf *out)
{
    for (size_t i = 0; i < GY_N_COUNTERS; i++) {
        if (names[i].help[0] != '\0') {
            put_head(out, names[i].metric, names[i].help, "counter");
        }
        gy_buf_printf(out, "%s %llu\n", names[i].metric,
                      (unsigned long long)gy_counted((enum gy_counter)i));
    }
    put_commits(out);
}
