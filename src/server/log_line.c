/* log_line.c - see log_line.h. */
#include "server/log_line.h"

#include <unistd.h>

#include "base/text.h"
#include "base/zone.h"

void gy_log_begin(struct gy_log_line *line, const char *level, const char *event)
{
    *line = (struct gy_log_line){0};
    gy_json_open(&line->json, '{');
    gy_json_key(&line->json, "time");
    gy_json_time(&line->json, gy_now_ms());
    gy_log_text(line, "level", level);
    gy_log_text(line, "event", event);
}

/* Paths may be no UTF-8, and a line must be. */
void gy_log_text(struct gy_log_line *line, const char *name, const char *text)
{
    gy_json_key(&line->json, name);
    gy_json_text(&line->json, gy_text_is_utf8(gy_str_of(text)) ? text : "?");
}

void gy_log_count(struct gy_log_line *line, const char *name, uint64_t n)
{
    gy_json_key(&line->json, name);
    gy_json_count(&line->json, n);
}

/* That nobody can read it is no reason to stop. */
void gy_log_end(struct gy_log_line *line)
{
    gy_json_close(&line->json, '}');
    gy_buf_char(&line->json.text, '\n');
    ssize_t written = write(STDERR_FILENO, line->json.text.ptr, line->json.text.len);
    (void)written;
    gy_json_writer_release(&line->json);
}

void gy_log_error(const char *event, const struct gy_error *err)
{
    struct gy_log_line line;
    gy_log_begin(&line, "error", event);
    if (err->context[0] != '\0') {
        gy_log_text(&line, "context", err->context);
    }
    gy_log_text(&line, "message", err->message);
    if (err->hint[0] != '\0') {
        gy_log_text(&line, "hint", err->hint);
    }
    gy_log_end(&line);
}
