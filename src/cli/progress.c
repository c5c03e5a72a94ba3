/* progress.c - see progress.h. */
#include "cli/progress.h"

#include <stdio.h>

#include "base/zone.h"
#include "cli/output.h"

enum {
    BAR_WIDTH = 24
};

static void put_bar(struct gy_buf *out, double done)
{
    int full = (int)(done * BAR_WIDTH);
    for (int i = 0; i < BAR_WIDTH; i++) {
        gy_buf_text(out, i < full ? "█" : "░");
    }
    gy_buf_printf(out, " %3d%%  ", (int)(done * 100));
}

static void put_duration(struct gy_buf *out, double seconds)
{
    uint64_t s = (uint64_t)(seconds + 0.5);
    if (s >= 3600) {
        gy_buf_printf(out, "%llu h %02llu min", (unsigned long long)(s / 3600),
                      (unsigned long long)(s / 60 % 60));
    } else if (s >= 60) {
        gy_buf_printf(out, "%llu min %02llu s", (unsigned long long)(s / 60),
                      (unsigned long long)(s % 60));
    } else {
        gy_buf_printf(out, "%llu s", (unsigned long long)s);
    }
}

void gy_progress_line(struct gy_buf *out, uint64_t bytes_done, uint64_t bytes_total, uint64_t lines,
                      int64_t elapsed_us)
{
    double elapsed = (double)elapsed_us / 1e6;
    double done = bytes_total == 0 ? 0 : (double)bytes_done / (double)bytes_total;
    done = done > 1 ? 1 : done;
    if (bytes_total != 0) {
        put_bar(out, done);
    }
    gy_put_count(out, lines);
    gy_buf_text(out, " lines");
    if (elapsed <= 0) {
        return;
    }
    gy_buf_text(out, "  ");
    gy_put_count(out, (uint64_t)((double)lines / elapsed));
    gy_buf_text(out, " lines/s");
    if (done > 0) {
        gy_buf_text(out, "  ");
        put_duration(out, elapsed * (1 - done) / done);
        gy_buf_text(out, " left");
    }
}

void gy_progress_begin(struct gy_progress *progress, bool is_shown)
{
    *progress = (struct gy_progress){.is_shown = is_shown, .start_us = gy_monotonic_us()};
}

void gy_progress_update(void *context, uint64_t bytes_done, uint64_t bytes_total, uint64_t lines)
{
    struct gy_progress *progress = context;
    if (!progress->is_shown) {
        return;
    }
    gy_buf_reset(&progress->line);
    gy_buf_text(&progress->line, "\r");
    gy_progress_line(&progress->line, bytes_done, bytes_total, lines,
                     gy_monotonic_us() - progress->start_us);
    gy_buf_text(&progress->line, "\033[K");
    (void)fwrite(progress->line.ptr, 1, progress->line.len, stderr);
    (void)fflush(stderr);
    progress->is_drawn = true;
}

void gy_progress_clear(struct gy_progress *progress)
{
    if (progress->is_drawn) {
        (void)fputs("\r\033[K", stderr);
    }
    gy_buf_release(&progress->line);
    *progress = (struct gy_progress){0};
}
