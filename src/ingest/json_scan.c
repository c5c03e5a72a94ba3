/* json_scan.c - see json_scan.h. */
#include "ingest/json_scan.h"

static void drop(struct gy_str *rest, size_t n)
{
    *rest = (struct gy_str){rest->ptr + n, rest->len - n};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static void pass_blanks(struct gy_str *rest)
{
    while (rest->len > 0 && is_blank(rest->ptr[0])) {
        drop(rest, 1);
    }
}

static bool take_char(struct gy_str *rest, char c)
{
    pass_blanks(rest);
    if (rest->len == 0 || rest->ptr[0] != c) {
        return false;
    }
    drop(rest, 1);
    return true;
}

/* Whether an odd number of backslashes stands before `at`, from `first` on. */
static bool is_escaped(struct gy_str s, size_t first, size_t at)
{
    size_t n = 0;
    while (at - n > first && s.ptr[at - n - 1] == '\\') {
        n++;
    }
    return n % 2 == 1;
}

/* The place behind the string that begins at `at`; 0 where it does not end. Most of a call is strings, and
 * memchr goes through them many bytes at a time. */
static size_t string_end(struct gy_str s, size_t at)
{
    size_t first = at + 1;
    const char *quote = memchr(s.ptr + first, '"', s.len - first);
    while (quote != NULL) {
        size_t i = (size_t)(quote - s.ptr);
        if (!is_escaped(s, first, i)) {
            return i + 1;
        }
        quote = memchr(quote + 1, '"', s.len - i - 1);
    }
    return 0;
}

/* Likewise for brackets and what is in them. */
static size_t brackets_end(struct gy_str s)
{
    size_t depth = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '"') {
            i = string_end(s, i);
            if (i == 0) {
                return 0;
            }
            i--;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return i + 1;
        }
    }
    return 0;
}

static size_t plain_end(struct gy_str s)
{
    size_t i = 0;
    while (i < s.len && !is_blank(s.ptr[i]) && memchr(",]}:\"{[", s.ptr[i], 7) == NULL) {
        i++;
    }
    return i;
}

bool gy_json_scan_value(struct gy_str *rest, struct gy_str *value)
{
    pass_blanks(rest);
    char first = rest->len == 0 ? '\0' : rest->ptr[0];
    size_t len = first == '"'                   ? string_end(*rest, 0)
                 : first == '{' || first == '[' ? brackets_end(*rest)
                                                : plain_end(*rest);
    *value = (struct gy_str){rest->ptr, len};
    if (len > 0) {
        drop(rest, len);
    }
    return len > 0;
}

/* Whether there is another member or element, of which the first comes behind `open` and the others behind a comma. */
static bool take_next(struct gy_str *rest, char open, char close, bool *is_end)
{
    bool is_first = take_char(rest, open);
    *is_end = false;
    if (take_char(rest, close)) {
        *is_end = true;
        return true;
    }
    return is_first || take_char(rest, ',');
}

bool gy_json_scan_member(struct gy_str *rest, struct gy_str *name, struct gy_str *value,
                         bool *is_end)
{
    if (!take_next(rest, '{', '}', is_end)) {
        return false;
    }
    if (*is_end) {
        return true;
    }
    pass_blanks(rest);
    if (rest->len == 0 || rest->ptr[0] != '"' || !gy_json_scan_value(rest, name)) {
        return false;
    }
    *name = (struct gy_str){name->ptr + 1, name->len - 2};
    return take_char(rest, ':') && gy_json_scan_value(rest, value);
}

bool gy_json_scan_element(struct gy_str *rest, struct gy_str *value, bool *is_end)
{
    return take_next(rest, '[', ']', is_end) && (*is_end || gy_json_scan_value(rest, value));
}

bool gy_json_scan_end(struct gy_str *rest)
{
    pass_blanks(rest);
    return rest->len == 0;
}
