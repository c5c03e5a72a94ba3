/* reference_text.c - contains, starts with, ends with, and regular expressions by the C library. */
#include <regex.h>
#include <stdlib.h>

#include "base/text.h"
#include "reference/reference_internal.h"

/* The characters of two texts, each by a byte: ASCII by itself, the others by their rank among all of
 * them from 0x80 on, so that ranges stay ranges. */
struct alphabet {
    uint32_t letters[128];
    size_t n;
};

static int by_code_point(const void *x, const void *y)
{
    const uint32_t *a = x;
    const uint32_t *b = y;
    return (*a > *b) - (*a < *b);
}

static void learn(struct alphabet *alphabet, struct gy_str text)
{
    while (text.len > 0) {
        uint32_t c = gy_text_next(&text);
        if (c >= 0x80 &&
            bsearch(&c, alphabet->letters, alphabet->n, sizeof c, by_code_point) == NULL) {
            GY_ASSERT(alphabet->n < 128);
            alphabet->letters[alphabet->n++] = c;
            qsort(alphabet->letters, alphabet->n, sizeof c, by_code_point);
        }
    }
}

static void put_bytes(const struct alphabet *alphabet, struct gy_str text, struct gy_buf *out)
{
    gy_buf_text(out, "");
    while (text.len > 0) {
        uint32_t c = gy_text_next(&text);
        if (c >= 0x80) {
            const uint32_t *found =
                bsearch(&c, alphabet->letters, alphabet->n, sizeof c, by_code_point);
            c = 0x80 + (uint32_t)(found - alphabet->letters);
        }
        gy_buf_char(out, c == 0 ? '\1' : (char)c); /* a NUL is a character like any other */
    }
}

/* The C library's own expressions, in its plain locale, whose characters are bytes and whose classes
 * are ASCII's. */
static bool matches(struct gy_str pattern, struct gy_str text)
{
    struct alphabet alphabet = {.n = 0};
    struct gy_buf p = {0};
    struct gy_buf t = {0};
    regex_t regex;
    learn(&alphabet, pattern);
    learn(&alphabet, text);
    put_bytes(&alphabet, pattern, &p);
    put_bytes(&alphabet, text, &t);
    GY_ASSERT(regcomp(&regex, p.ptr, REG_EXTENDED | REG_NOSUB) == 0);
    bool is_match = regexec(&regex, t.ptr, 0, NULL, 0) == 0;
    regfree(&regex);
    gy_buf_release(&p);
    gy_buf_release(&t);
    return is_match;
}

bool ref_text_holds(enum gy_text_op op, struct gy_str s, struct gy_str part)
{
    switch (op) {
    case GY_TEXT_CONTAINS:
        return gy_str_contains(s, part);
    case GY_TEXT_STARTS_WITH:
        return gy_str_starts_with(s, part);
    case GY_TEXT_ENDS_WITH:
        return gy_str_ends_with(s, part);
    case GY_TEXT_MATCHES:
        break;
    }
    return matches(part, s);
}
