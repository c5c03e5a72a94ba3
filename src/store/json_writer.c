/* json_writer.c - see json_writer.h. */
#include "store/json_writer.h"

#include <math.h>

#include "base/number.h"
#include "base/zone.h"

static void begin_value(struct gy_json_writer *w)
{
    if (w->needs_comma) {
        gy_buf_char(&w->text, ',');
    }
    w->needs_comma = true;
}

static void put_string(struct gy_buf *out, struct gy_str s)
{
    static const char short_names[] = "btn\0fr"; /* of 8 to 13; 11 has none */
    gy_buf_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == '"' || c == '\\') {
            gy_buf_char(out, '\\');
            gy_buf_char(out, (char)c);
        } else if (c >= 8 && c <= 13 && c != 11) {
            gy_buf_char(out, '\\');
            gy_buf_char(out, short_names[c - 8]);
        } else if (c < 32 || c == 127) {
            gy_buf_printf(out, "\\u%04x", c);
        } else {
            gy_buf_char(out, (char)c);
        }
    }
    gy_buf_char(out, '"');
}

void gy_json_writer_release(struct gy_json_writer *w)
{
    gy_buf_release(&w->text);
    w->needs_comma = false;
}

void gy_json_open(struct gy_json_writer *w, char bracket)
{
    begin_value(w);
    gy_buf_char(&w->text, bracket);
    w->needs_comma = false;
}

void gy_json_close(struct gy_json_writer *w, char bracket)
{
    gy_buf_char(&w->text, bracket);
    w->needs_comma = true;
}

void gy_json_key_str(struct gy_json_writer *w, struct gy_str key)
{
    begin_value(w);
    put_string(&w->text, key);
    gy_buf_char(&w->text, ':');
    w->needs_comma = false;
}

void gy_json_key(struct gy_json_writer *w, const char *key)
{
    gy_json_key_str(w, gy_str_of(key));
}

void gy_json_str(struct gy_json_writer *w, struct gy_str s)
{
    begin_value(w);
    put_string(&w->text, s);
}

void gy_json_text(struct gy_json_writer *w, const char *terminated)
{
    gy_json_str(w, gy_str_of(terminated));
}

void gy_json_number(struct gy_json_writer *w, double number)
{
    if (!isfinite(number)) {
        gy_json_null(w);
        return;
    }
    char text[GY_NUMBER_TEXT];
    size_t len = gy_number_print(number, text);
    gy_json_raw(w, (struct gy_str){text, len});
}

void gy_json_count(struct gy_json_writer *w, uint64_t n)
{
    begin_value(w);
    gy_buf_printf(&w->text, "%llu", (unsigned long long)n);
}

void gy_json_bool(struct gy_json_writer *w, bool b)
{
    gy_json_raw(w, b ? GY_STR("true") : GY_STR("false"));
}

void gy_json_null(struct gy_json_writer *w)
{
    gy_json_raw(w, GY_STR("null"));
}

void gy_json_time(struct gy_json_writer *w, int64_t ms)
{
    char text[GY_TIME_TEXT];
    size_t len = gy_time_print(ms, text);
    gy_json_str(w, (struct gy_str){text, len});
}

void gy_json_value(struct gy_json_writer *w, const struct gy_value *value)
{
    struct gy_buf json = {0};
    gy_value_json(value, &json);
    gy_json_raw(w, gy_buf_view(&json));
    gy_buf_release(&json);
}

void gy_json_raw(struct gy_json_writer *w, struct gy_str json)
{
    begin_value(w);
    gy_buf_str(&w->text, json);
}

void gy_json_finish(struct gy_json_writer *w)
{
    gy_buf_char(&w->text, '\n');
    (void)fwrite(w->text.ptr, 1, w->text.len, stdout);
    gy_json_writer_release(w);
}
