/* progress.h - a line on a terminal that says how far a long import is: a bar, the rate, the time left.
 *
 *     ████████████░░░░░░░░  61%  330,512 lines  412,003 lines/s  1 s left
 *
 * Drawn over itself; gy_progress_clear takes it away. Where the size is not known there is no bar.
 */
#ifndef GY_CLI_PROGRESS_H
#define GY_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct gy_progress {
    bool is_shown; /* false: nothing is drawn */
    bool is_drawn;
    int64_t start_us;
    struct gy_buf line;
};

void gy_progress_begin(struct gy_progress *progress, bool is_shown);
/* The form that an import calls: `context` is a gy_progress. */
void gy_progress_update(void *context, uint64_t bytes_done, uint64_t bytes_total, uint64_t lines);
void gy_progress_clear(struct gy_progress *progress); /* and releases it */

/* The line after `elapsed_us`; for the drawing and for tests. */
void gy_progress_line(struct gy_buf *out, uint64_t bytes_done, uint64_t bytes_total, uint64_t lines,
                      int64_t elapsed_us);

#endif
