/* str.h - a view of bytes, mostly UTF-8: may hold NUL, is not terminated, owns nothing. */
#ifndef GY_BASE_STR_H
#define GY_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct gy_str {
    const char *ptr; /* may be NULL where len is 0 */
    size_t len;
};

#define GY_STR(literal)     ((struct gy_str){(literal), sizeof(literal) - 1})
#define GY_STR_ARG(s)       (int)(s).len, ((s).ptr == NULL ? "" : (s).ptr) /* for "%.*s" */

static inline struct gy_str gy_str_of(const char *terminated)
{
    return (struct gy_str){terminated, strlen(terminated)};
}

static inline bool gy_str_equal(struct gy_str a, struct gy_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* By bytes, which for UTF-8 is by code point: < 0, 0 or > 0. */
static inline int gy_str_compare(struct gy_str a, struct gy_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n == 0 ? 0 : memcmp(a.ptr, b.ptr, n);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static inline bool gy_str_starts_with(struct gy_str s, struct gy_str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool gy_str_ends_with(struct gy_str s, struct gy_str suffix)
{
    return s.len >= suffix.len &&
           (suffix.len == 0 ||
            memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

static inline bool gy_str_contains(struct gy_str s, struct gy_str part)
{
    return part.len == 0 ||
           (s.len >= part.len && memmem(s.ptr, s.len, part.ptr, part.len) != NULL);
}

#endif
