/* status.c - errors as values on the caller's stack. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    const char *text;
    int exit;
    int http;
} table[] = {
#define GY_STATUS(name, exit, http, text) {#name, text, exit, http},
#include "base/status.def"
#undef GY_STATUS
};

/* Takes an incomplete UTF-8 sequence off the end of `text`, which was cut to its buffer. */
static void trim_cut_sequence(char *text)
{
    size_t len = strlen(text);
    size_t start = len;
    while (start > 0 && len - start < 4 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) {
        start--;
    }
    if (start == 0) {
        return;
    }
    unsigned char lead = (unsigned char)text[start - 1];
    size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (want > len - start + 1) {
        text[start - 1] = '\0';
    }
}

GY_PRINTF(3, 0)
static void format_into(char *out, size_t size, const char *format, va_list args)
{
    int n = vsnprintf(out, size, format, args);
    if (n < 0) {
        out[0] = '\0';
    } else if ((size_t)n >= size) {
        trim_cut_sequence(out);
    }
}

GY_PRINTF(3, 0)
static void fill(struct gy_error *err, enum gy_status status, const char *format, va_list args)
{
    memset(err, 0, sizeof *err);
    err->status = status;
    format_into(err->message, sizeof err->message, format, args);
}

enum gy_status gy_error_set(struct gy_error *err, enum gy_status status, const char *format, ...)
{
    GY_ASSERT(status != GY_OK);
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        fill(err, status, format, args);
        va_end(args);
    }
    return status;
}

enum gy_status gy_error_sys(struct gy_error *err, int sys_errno, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        fill(err, GY_IO, format, args);
        va_end(args);
        err->sys_errno = sys_errno;
        char text[128];
        size_t len = strlen(err->message);
        snprintf(err->message + len, sizeof err->message - len, ": %s",
                 strerror_r(sys_errno, text, sizeof text));
        trim_cut_sequence(err->message);
    }
    return GY_IO;
}

enum gy_status gy_error_at(struct gy_error *err, uint32_t line, uint32_t column, const char *format,
                           ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        fill(err, GY_INVALID, format, args);
        va_end(args);
        err->line = line;
        err->column = column;
    }
    return GY_INVALID;
}

void gy_error_hint(struct gy_error *err, const char *format, ...)
{
    if (err == NULL) {
        return;
    }
    va_list args;
    va_start(args, format);
    format_into(err->hint, sizeof err->hint, format, args);
    va_end(args);
}

void gy_error_context(struct gy_error *err, const char *format, ...)
{
    if (err == NULL) {
        return;
    }
    char inner[sizeof err->context];
    memcpy(inner, err->context, sizeof inner);
    va_list args;
    va_start(args, format);
    format_into(err->context, sizeof err->context, format, args);
    va_end(args);
    if (inner[0] != '\0') {
        size_t len = strlen(err->context);
        snprintf(err->context + len, sizeof err->context - len, ": %.*s", (int)(sizeof inner - 1),
                 inner);
        trim_cut_sequence(err->context);
    }
}

const char *gy_status_name(enum gy_status status)
{
    return table[status].name;
}

const char *gy_status_text(enum gy_status status)
{
    return table[status].text;
}

int gy_status_exit(enum gy_status status)
{
    return table[status].exit;
}

int gy_status_http(enum gy_status status)
{
    return table[status].http;
}

void gy_assert_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "gyeol: a bug: \"%s\" does not hold at %s:%d\n", what, file, line);
    abort();
}
