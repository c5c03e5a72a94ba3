/* lines.c - see lines.h. */
#include "cli/lines.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static enum gy_status read_stream(FILE *stream, const char *path, size_t max_bytes,
                                  struct gy_buf *out, struct gy_error *err)
{
    enum {
        STEP = 65536
    };
    for (;;) {
        char *room = gy_buf_room(out, STEP);
        size_t n = fread(room, 1, STEP, stream);
        gy_buf_added(out, n);
        if (out->len > max_bytes) {
            return gy_error_set(err, GY_LIMIT, "\"%s\" has more than %zu bytes", path, max_bytes);
        }
        if (n == 0) {
            break;
        }
    }
    return ferror(stream) == 0 ? GY_OK : gy_error_sys(err, errno, "could not read \"%s\"", path);
}

static enum gy_status check_text(struct gy_str text, const char *path, struct gy_error *err)
{
    struct gy_str line;
    for (uint32_t line_no = 1; gy_lines_next(&text, &line); line_no++) {
        if (!gy_text_is_utf8(line)) {
            gy_error_at(err, line_no, 0, "the line is not UTF-8");
            gy_error_context(err, "reading \"%s\"", path);
            return GY_INVALID;
        }
    }
    return GY_OK;
}

static void drop_byte_order_mark(struct gy_buf *text)
{
    if (text->len >= 3 && memcmp(text->ptr, "\xEF\xBB\xBF", 3) == 0) {
        memmove(text->ptr, text->ptr + 3, text->len - 3);
        text->len -= 3;
    }
}

enum gy_status gy_lines_read(const char *path, size_t max_bytes, struct gy_buf *out,
                             struct gy_error *err)
{
    bool is_input = strcmp(path, "-") == 0;
    FILE *stream = is_input ? stdin : fopen(path, "r");
    if (stream == NULL) {
        return gy_error_sys(err, errno, "could not open \"%s\"", path);
    }
    enum gy_status status = read_stream(stream, path, max_bytes, out, err);
    if (!is_input) {
        (void)fclose(stream);
    }
    drop_byte_order_mark(out);
    return status == GY_OK ? check_text(gy_buf_view(out), path, err) : status;
}

bool gy_lines_next(struct gy_str *rest, struct gy_str *line)
{
    if (rest->len == 0) {
        return false;
    }
    const char *end = memchr(rest->ptr, '\n', rest->len);
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->ptr);
    size_t taken = end == NULL ? len : len + 1;
    *line = (struct gy_str){rest->ptr, len};
    if (line->len > 0 && line->ptr[line->len - 1] == '\r') {
        line->len--;
    }
    *rest = (struct gy_str){rest->ptr + taken, rest->len - taken};
    return true;
}
