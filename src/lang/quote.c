/* quote.c - strings and names on their way out. */
#include "lang/quote.h"

#include "lang/lexer.h"

static void put_escaped(unsigned char c, struct gy_buf *out)
{
    static const char named[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *found = c == '\0' ? NULL : strchr(named, c);
    if (found == NULL) {
        gy_buf_printf(out, "\\u%04x", c);
        return;
    }
    gy_buf_char(out, '\\');
    gy_buf_char(out, letters[found - named]);
}

void gy_quote(struct gy_str s, struct gy_buf *out)
{
    size_t from = 0;
    gy_buf_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c < 0x20 || c == '"' || c == '\\') {
            gy_buf_append(out, s.ptr + from, i - from);
            put_escaped(c, out);
            from = i + 1;
        }
    }
    gy_buf_append(out, s.ptr + from, s.len - from);
    gy_buf_char(out, '"');
}

bool gy_quote_is_needed(struct gy_str name, enum gy_name_position position)
{
    if (!gy_lexer_is_word(name)) {
        return true;
    }
    enum gy_keyword keyword = gy_keyword_find(name);
    switch (position) {
    case GY_NAME_ALONE:
        return keyword != GY_KEYWORD_NONE;
    case GY_NAME_AFTER_DOT:
        return false;
    case GY_NAME_OPERAND:
        return keyword == GY_KEYWORD_NOT || keyword == GY_KEYWORD_TRUE ||
               keyword == GY_KEYWORD_FALSE;
    }
    return true;
}

void gy_quote_name(struct gy_str name, enum gy_name_position position, struct gy_buf *out)
{
    if (gy_quote_is_needed(name, position)) {
        gy_quote(name, out);
    } else {
        gy_buf_str(out, name);
    }
}

struct gy_str gy_quote_short(struct gy_str s)
{
    enum {
        MOST = 80
    };
    if (s.len <= MOST) {
        return s;
    }
    s.len = MOST;
    while (s.len > 0 && ((unsigned char)s.ptr[s.len] & 0xC0) == 0x80) {
        s.len--;
    }
    return s;
}
