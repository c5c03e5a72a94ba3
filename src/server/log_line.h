/* log_line.h - what the server says of itself: a line of JSON on standard error for each event.
 *
 *     {"time":"2025-01-02T03:04:05.678Z","level":"info","event":"listening","address":"127.0.0.1:8700"}
 *
 *     struct gy_log_line line;
 *     gy_log_begin(&line, "info", "listening");
 *     gy_log_text(&line, "address", address);
 *     gy_log_end(&line);
 *
 * A line is one write, so lines of several threads do not mix. Neither keys nor what customers did are
 * logged.
 */
#ifndef GY_SERVER_LOG_LINE_H
#define GY_SERVER_LOG_LINE_H

#include "base/status.h"
#include "store/json_writer.h"

struct gy_log_line {
    struct gy_json_writer json;
};

void gy_log_begin(struct gy_log_line *line, const char *level, const char *event);
void gy_log_text(struct gy_log_line *line, const char *name, const char *text);
void gy_log_count(struct gy_log_line *line, const char *name, uint64_t n);
void gy_log_end(struct gy_log_line *line);

/* A line of level "error" with the error's context, message and hint. */
void gy_log_error(const char *event, const struct gy_error *err);

#endif
