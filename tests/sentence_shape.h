/* sentence_shape.h - what every sentence of a definition must look like, whatever it says. */
#ifndef GY_TESTS_SENTENCE_SHAPE_H
#define GY_TESTS_SENTENCE_SHAPE_H

#include "base/text.h"
#include "harness.h"

/* Behind the closing quote of what begins with one at `i`; the end where there is none. */
static inline size_t skip_quoted(struct gy_str s, size_t i)
{
    for (i++; i < s.len && s.ptr[i] != '"'; i++) {
        i += s.ptr[i] == '\\';
    }
    return i < s.len ? i + 1 : s.len + 1;
}

static inline bool may_follow(char before, char c)
{
    bool is_opened = before == ' ' || before == '(' || before == '[';
    return !is_opened || strchr(" ,.;:)]", c) == NULL;
}

/* Whether brackets pair up, quotes end, and no word is missing between spaces, brackets and marks.
 * NULL: it is whole; else what is wrong. */
static inline const char *find_gap(struct gy_str s)
{
    char open[1024];
    size_t depth = 0;
    char before = ' ';
    for (size_t i = 0; i < s.len;) {
        char c = s.ptr[i];
        if (!may_follow(before, c)) {
            return "nothing stands where something should";
        }
        if (c == '(' || c == '[') {
            open[depth++ % sizeof open] = c == '(' ? ')' : ']';
        } else if ((c == ')' || c == ']') && (depth == 0 || open[--depth % sizeof open] != c)) {
            return "brackets do not pair up";
        }
        i = c == '"' ? skip_quoted(s, i) : i + 1;
        before = c;
        if (i > s.len) {
            return "a quote does not end";
        }
    }
    return depth > 0                               ? "a bracket stays open"
           : s.len == 0 || s.ptr[s.len - 1] != '.' ? "it does not end with a full stop"
           : gy_str_contains(s, GY_STR("(null)"))  ? "a text was missing"
           : !gy_text_is_utf8(s)                   ? "it is no UTF-8"
                                                   : NULL;
}

static inline void check_shape(struct gy_str sentence)
{
    const char *gap = find_gap(sentence);
    if (gap != NULL) {
        fail_msg("%s: %.*s", gap, GY_STR_ARG(sentence));
    }
}

#endif
