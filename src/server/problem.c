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
        {400, "Bad Request"},        {401, "Unauthorized"},          {404, "Not Found"},
        {405, "Method Not Allowed"}, {408, "Request Timeout"},       {413, "Content Too Large"},
        {429, "Too Many Requests"},  {500, "Internal Server Error"}, {503, "Service Unavailable"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].status == status) {
            return names[i].name;
        }
    }
    return "";
}

void gy_problem_put(unsigned status, struct gy_str detail, struct gy_buf *out)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '{');
    gy_json_key(&w, "type");
    gy_json_text(&w, "about:blank");
    gy_json_key(&w, "title");
    gy_json_text(&w, gy_http_status_name(status));
    gy_json_key(&w, "status");
    gy_json_count(&w, status);
    gy_json_key(&w, "detail");
    gy_json_str(&w, gy_text_is_utf8(detail) ? detail : GY_STR(""));
    gy_json_close(&w, '}');
    gy_buf_str(out, gy_buf_view(&w.text));
    gy_json_writer_release(&w);
}
