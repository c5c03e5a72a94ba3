/* buf.h - bytes that grow: for building text, rows and files in memory. All zero is empty. */
#ifndef GY_BASE_BUF_H
#define GY_BASE_BUF_H

#include <stdarg.h>
#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

struct gy_buf {
    char *ptr; /* a NUL stands behind the last byte once anything was appended */
    size_t len;
    size_t capacity;
};

void gy_buf_release(struct gy_buf *buf);
void gy_buf_reset(struct gy_buf *buf); /* empty, keeps its memory */

void gy_buf_append(struct gy_buf *buf, const void *bytes, size_t len);
void gy_buf_str(struct gy_buf *buf, struct gy_str s);
void gy_buf_text(struct gy_buf *buf, const char *terminated);
void gy_buf_char(struct gy_buf *buf, char c);
void gy_buf_printf(struct gy_buf *buf, const char *format, ...) GY_PRINTF(2, 3);
void gy_buf_zero(struct gy_buf *buf, size_t len); /* `len` zero bytes */

/* Makes room for `len` more bytes and gives their place; gy_buf_added takes those that were written. */
char *gy_buf_room(struct gy_buf *buf, size_t len);
void gy_buf_added(struct gy_buf *buf, size_t len);

/* A view, valid until the buffer changes. */
static inline struct gy_str gy_buf_view(const struct gy_buf *buf)
{
    return (struct gy_str){buf->ptr, buf->len};
}

#endif
