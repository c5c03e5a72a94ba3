/* problem.c - see problem.h. */
#include "server/problem.h"

#include "base/text.h"
#include "store/json_writer.h"

const char *gy_http_status_name(unsigned status)
{
    static const struct {
        unsigned status;
        const char *name;
    } names[] = {
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {413, "Content Too Large"},
        {429, "Too Many Requests"},
        {499, "Client Closed Request"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].status == status) {
            return names[i].name;
        }
    }
    return "";
}

static void begin(struct gy_json_writer *w, unsigned status, struct gy_str detail)
{
    gy_json_open(w, '{');
    gy_json_key(w, "type");
    gy_json_text(w, "about:blank");
    gy_json_key(w, "title");
    gy_json_text(w, gy_http_status_name(status));
    gy_json_key(w, "status");
    gy_json_count(w, status);
    gy_json_key(w, "detail");
    gy_json_str(w, gy_text_is_utf8(detail) ? detail : GY_STR(""));
}

static void end(struct gy_json_writer *w, struct gy_buf *out)
{
    gy_json_close(w, '}');
    gy_buf_str(out, gy_buf_view(&w->text));
    gy_json_writer_release(w);
}

void gy_problem_put(unsigned status, struct gy_str detail, struct gy_buf *out)
{
    struct gy_json_writer w = {0};
    begin(&w, status, detail);
    end(&w, out);
}

static void put_text(struct gy_json_writer *w, const char *key, const char *text)
{
    if (text[0] != '\0' && gy_text_is_utf8(gy_str_of(text))) {
        gy_json_key(w, key);
        gy_json_text(w, text);
    }
}

void gy_problem_put_error(unsigned status, const struct gy_error *err, struct gy_buf *out)
{
    struct gy_json_writer w = {0};
    begin(&w, status, gy_str_of(err->message));
    put_text(&w, "code", gy_status_name(err->status));
    put_text(&w, "hint", err->hint);
    put_text(&w, "context", err->context);
    if (err->line > 0) {
        gy_json_key(&w, "line");
        gy_json_count(&w, err->line);
    }
    if (err->line > 0 && err->column > 0) {
        gy_json_key(&w, "column");
        gy_json_count(&w, err->column);
    }
    end(&w, out);
}
