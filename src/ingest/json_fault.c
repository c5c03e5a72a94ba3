/* json_fault.c - RFC 8259 by recursive descent, at most 64 levels deep; it keeps nothing but the place. */
#include "ingest/json_fault.h"

#include "base/number.h"
#include "ingest/encoding.h"

struct look {
    struct gy_str s;
    size_t i;
    const char *what;
};

static bool fail(struct look *l, const char *what)
{
    l->what = l->what == NULL ? what : l->what;
    return false;
}

static char peek(const struct look *l)
{
    return l->i < l->s.len ? l->s.ptr[l->i] : '\0';
}

static void skip_blanks(struct look *l)
{
    while (l->i < l->s.len &&
           (peek(l) == ' ' || peek(l) == '\t' || peek(l) == '\r' || peek(l) == '\n')) {
        l->i++;
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- strings ---- */

static int hex_digit(char c)
{
    return is_digit(c)                              ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : -1;
}

/* The four digits behind \u; -1 if they are not there. */
static int look_at_hex(struct look *l)
{
    int unit = 0;
    for (int n = 0; n < 4; n++, l->i++) {
        int digit = hex_digit(peek(l));
        if (digit < 0) {
            return -1;
        }
        unit = unit * 16 + digit;
    }
    return unit;
}

static bool look_at_unicode(struct look *l)
{
    size_t begin = l->i;
    l->i++;
    int unit = look_at_hex(l);
    if (unit < 0) {
        l->i = begin;
        return fail(l, "\\u without four hexadecimal digits");
    }
    bool is_low = unit >= 0xdc00 && unit <= 0xdfff;
    bool is_high = unit >= 0xd800 && unit <= 0xdbff;
    int low = -1;
    if (is_high &&
        gy_str_starts_with((struct gy_str){l->s.ptr + l->i, l->s.len - l->i}, GY_STR("\\u"))) {
        l->i += 2;
        low = look_at_hex(l);
    }
    if (is_low || (is_high && (low < 0xdc00 || low > 0xdfff))) {
        l->i = begin;
        return fail(l, "half of a surrogate pair");
    }
    return true;
}

static bool look_at_escape(struct look *l)
{
    l->i++;
    switch (peek(l)) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        l->i++;
        return true;
    case 'u':
        return look_at_unicode(l);
    default:
        return fail(l, "an unknown escape");
    }
}

static bool look_at_string(struct look *l)
{
    size_t begin = l->i++;
    while (l->i < l->s.len && peek(l) != '"') {
        if ((unsigned char)peek(l) < 0x20) {
            return fail(l, "a control character inside a string");
        }
        if (peek(l) != '\\') {
            l->i++;
        } else if (!look_at_escape(l)) {
            return false;
        }
    }
    if (l->i >= l->s.len) {
        l->i = begin;
        return fail(l, "a string is not closed");
    }
    l->i++;
    return true;
}

/* ---- numbers and words ---- */

static bool look_at_digits(struct look *l)
{
    if (!is_digit(peek(l))) {
        return fail(l, "a digit is missing");
    }
    while (is_digit(peek(l))) {
        l->i++;
    }
    return true;
}

static bool look_at_number(struct look *l)
{
    size_t begin = l->i;
    l->i += peek(l) == '-';
    size_t first = l->i;
    if (!look_at_digits(l)) {
        return false;
    }
    if (l->s.ptr[first] == '0' && l->i > first + 1) {
        l->i = begin;
        return fail(l, "a number with a leading zero");
    }
    if (peek(l) == '.') {
        l->i++;
        if (!look_at_digits(l)) {
            return false;
        }
    }
    if (peek(l) == 'e' || peek(l) == 'E') {
        l->i++;
        l->i += peek(l) == '+' || peek(l) == '-';
        if (!look_at_digits(l)) {
            return false;
        }
    }
    double value;
    if (!gy_number_read((struct gy_str){l->s.ptr + begin, l->i - begin}, &value)) {
        l->i = begin;
        return fail(l, "a number beyond the range of doubles");
    }
    return true;
}

static bool look_at_word(struct look *l)
{
    static const struct gy_str words[] = {{"true", 4}, {"false", 5}, {"null", 4}};
    struct gy_str rest = {l->s.ptr + l->i, l->s.len - l->i};
    for (int i = 0; i < 3; i++) {
        if (gy_str_starts_with(rest, words[i])) {
            l->i += words[i].len;
            return true;
        }
    }
    return fail(l, l->i < l->s.len ? "a value is missing" : "it ends too early");
}

/* ---- values ---- */

static bool look_at_value(struct look *l, int depth);

/* A comma, or the closing bracket (`*is_closed`). */
static bool look_at_separator(struct look *l, char closing, bool *is_closed)
{
    skip_blanks(l);
    *is_closed = peek(l) == closing;
    if (l->i >= l->s.len) {
        return fail(l, "it ends too early");
    }
    if (!*is_closed && peek(l) != ',') {
        return fail(l, closing == '}' ? "a comma or } is missing" : "a comma or ] is missing");
    }
    l->i++;
    return true;
}

static bool look_at_member(struct look *l, int depth)
{
    skip_blanks(l);
    if (peek(l) != '"') {
        return fail(l, l->i < l->s.len ? "a name in quotes is missing" : "it ends too early");
    }
    if (!look_at_string(l)) {
        return false;
    }
    skip_blanks(l);
    if (peek(l) != ':') {
        return fail(l, "a colon is missing");
    }
    l->i++;
    return look_at_value(l, depth);
}

static bool look_at_inside(struct look *l, int depth)
{
    char closing = peek(l) == '{' ? '}' : ']';
    if (depth > GY_JSON_DEPTH_MAX) {
        return fail(l, "it is nested deeper than 64 levels");
    }
    l->i++;
    skip_blanks(l);
    bool is_closed = peek(l) == closing;
    l->i += is_closed;
    while (!is_closed) {
        bool is_fine = closing == '}' ? look_at_member(l, depth) : look_at_value(l, depth);
        if (!is_fine || !look_at_separator(l, closing, &is_closed)) {
            return false;
        }
    }
    return true;
}

static bool look_at_value(struct look *l, int depth)
{
    skip_blanks(l);
    char c = peek(l);
    if (c == '{' || c == '[') {
        return look_at_inside(l, depth + 1);
    }
    if (c == '"') {
        return look_at_string(l);
    }
    return c == '-' || is_digit(c) ? look_at_number(l) : look_at_word(l);
}

struct gy_json_fault gy_json_find_fault(struct gy_str text)
{
    size_t well_formed = gy_utf8_prefix(text);
    struct look l = {.s = text};
    if (look_at_value(&l, 0)) {
        skip_blanks(&l);
        if (l.i < text.len) {
            fail(&l, "something stands behind its end");
        }
    }
    bool is_utf8_first = well_formed < text.len && (l.what == NULL || well_formed < l.i);
    if (is_utf8_first) {
        return (struct gy_json_fault){"a byte that is not UTF-8", well_formed};
    }
    return (struct gy_json_fault){l.what, l.i};
}
