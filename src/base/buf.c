/* buf.c - bytes that grow by doubling. */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void gy_buf_release(struct gy_buf *buf)
{
    free(buf->ptr);
    *buf = (struct gy_buf){0};
}

void gy_buf_reset(struct gy_buf *buf)
{
    buf->len = 0;
}

char *gy_buf_room(struct gy_buf *buf, size_t len)
{
    size_t want;
    GY_ASSERT(!__builtin_add_overflow(buf->len, len + 1, &want));
    GY_GROW(buf->ptr, buf->capacity, want);
    return buf->ptr + buf->len;
}

void gy_buf_added(struct gy_buf *buf, size_t len)
{
    buf->len += len;
    buf->ptr[buf->len] = '\0';
}

void gy_buf_append(struct gy_buf *buf, const void *bytes, size_t len)
{
    char *room = gy_buf_room(buf, len);
    if (len > 0) {
        memcpy(room, bytes, len);
    }
    gy_buf_added(buf, len);
}

void gy_buf_str(struct gy_buf *buf, struct gy_str s)
{
    gy_buf_append(buf, s.ptr, s.len);
}

void gy_buf_text(struct gy_buf *buf, const char *terminated)
{
    gy_buf_append(buf, terminated, strlen(terminated));
}

void gy_buf_char(struct gy_buf *buf, char c)
{
    gy_buf_append(buf, &c, 1);
}

void gy_buf_printf(struct gy_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    GY_ASSERT(n >= 0);
    char *room = gy_buf_room(buf, (size_t)n);
    vsnprintf(room, (size_t)n + 1, format, again);
    va_end(again);
    gy_buf_added(buf, (size_t)n);
}

void gy_buf_zero(struct gy_buf *buf, size_t len)
{
    memset(gy_buf_room(buf, len), 0, len);
    gy_buf_added(buf, len);
}
