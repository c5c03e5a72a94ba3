/* xlsx_value.c - dates are numbers that look like dates.
 *
 * Excel stores an instant as days since 1899-12-31 with a fraction, and only the cell's number format
 * says that it is one. Serial 60 is 1900-02-29, a day that Lotus 1-2-3 believed in; so from 61 on the
 * count is one too high, which is the same as counting from 1899-12-30:
 *
 *   serial  1           59          60           61          45356
 *           1900-01-01  1900-02-28  1900-02-29!  1900-03-01  2024-03-05
 */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "base/zone.h"
#include "ingest/xlsx_internal.h"

enum {
    DAY_OF_SERIAL_0 = -25569,      /* 1899-12-30 */
    DAY_OF_SERIAL_0_1904 = -24107, /* 1904-01-01 */
    LOTUS_DAY = 60,
    SERIAL_END = 2958466, /* 10000-01-01 */
    PLAIN_DIGITS_MAX = 15,
};

/* ---- formats ---- */

bool gy_xlsx_is_date_format_id(uint32_t id)
{
    bool is_western = (id >= 14 && id <= 22) || id == 45 || id == 47;
    bool is_eastern = (id >= 27 && id <= 36) || (id >= 50 && id <= 58);
    return is_western || is_eastern;
}

static bool is_elapsed(const char *p, const char *end)
{
    char c = p < end ? (char)(*p | 0x20) : 0;
    if (c != 'h' && c != 'm' && c != 's') {
        return false;
    }
    while (p < end && (*p | 0x20) == c) {
        p++;
    }
    return p < end && *p == ']';
}

/* The place behind a quoted text, bracket or escaped character at `p`, which is one of these. */
static const char *skip_literal(const char *p, const char *end)
{
    if (*p == '\\' || *p == '_' || *p == '*') {
        return p + 1 < end ? p + 2 : end;
    }
    const char *close = memchr(p + 1, *p == '[' ? ']' : '"', (size_t)(end - p - 1));
    return close != NULL ? close + 1 : end;
}

bool gy_xlsx_is_date_format(struct gy_str code)
{
    static const char general[] = "General";
    const char *p = code.ptr;
    const char *end = code.ptr + code.len;
    bool has_date = false;
    while (p < end && *p != ';') {
        if (*p == '[' && is_elapsed(p + 1, end)) {
            return false;
        }
        if (strchr("\"[\\_*", *p) != NULL && *p != '\0') {
            p = skip_literal(p, end);
            continue;
        }
        if ((size_t)(end - p) >= 7 && strncasecmp(p, general, 7) == 0) {
            p += 7;
            continue;
        }
        char lower = (char)(*p | 0x20);
        has_date |= lower == 'y' || lower == 'm' || lower == 'd' || lower == 'h' || lower == 's';
        p++;
    }
    return has_date;
}

/* ---- times ---- */

static void put_clock(int64_t ms, struct gy_buf *out)
{
    gy_buf_printf(out, "%02d:%02d:%02d", (int)(ms / GY_HOUR_MS), (int)(ms / GY_MINUTE_MS % 60),
                  (int)(ms / 1000 % 60));
    if (ms % 1000 != 0) {
        gy_buf_printf(out, ".%03d", (int)(ms % 1000));
    }
}

static void put_day(int64_t serial, bool is_1904, struct gy_buf *out)
{
    if (!is_1904 && serial == LOTUS_DAY) {
        gy_buf_text(out, "1900-02-29");
        return;
    }
    int64_t day = serial + (is_1904 ? DAY_OF_SERIAL_0_1904 : DAY_OF_SERIAL_0);
    struct gy_civil date;
    gy_day_to_civil(!is_1904 && serial < LOTUS_DAY ? day + 1 : day, &date);
    gy_buf_printf(out, "%04d-%02d-%02d", date.year, date.month, date.day);
}

bool gy_xlsx_put_time(double serial, bool is_1904, struct gy_buf *out)
{
    double end = SERIAL_END - (is_1904 ? DAY_OF_SERIAL_0_1904 - DAY_OF_SERIAL_0 : 0);
    if (!(serial >= 0 && serial < end)) {
        return false;
    }
    int64_t day = (int64_t)serial;
    int64_t ms = llround((serial - (double)day) * (double)GY_DAY_MS);
    if (ms == GY_DAY_MS) {
        day++;
        ms = 0;
    }
    if (day >= (int64_t)end) {
        return false;
    }
    if (day > 0 || is_1904) {
        put_day(day, is_1904, out);
        gy_buf_char(out, 'T');
    }
    put_clock(ms, out);
    return true;
}

/* ---- numbers ---- */

static bool is_plain(struct gy_str s)
{
    size_t n_digits = 0;
    for (size_t i = 0; i < s.len; i++) {
        bool is_digit = s.ptr[i] >= '0' && s.ptr[i] <= '9';
        if (!is_digit && s.ptr[i] != '.' && !(s.ptr[i] == '-' && i == 0)) {
            return false;
        }
        n_digits += is_digit;
    }
    return n_digits <= PLAIN_DIGITS_MAX;
}

bool gy_xlsx_put_number(struct gy_str stored, struct gy_buf *out)
{
    double value;
    if (!gy_number_read(stored, &value)) {
        return false;
    }
    if (is_plain(stored)) {
        gy_buf_str(out, stored);
        return true;
    }
    char text[GY_NUMBER_TEXT];
    gy_buf_append(out, text, gy_number_print(value, text));
    return true;
}

/* ---- text ---- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#define NO_CHARACTER UINT32_MAX

/* The character of an escape _xHHHH_ at `p`, if there is one; a surrogate is none. */
static uint32_t escaped_character(const char *p, size_t len)
{
    if (len < 7 || p[0] != '_' || p[1] != 'x' || p[6] != '_') {
        return NO_CHARACTER;
    }
    uint32_t c = 0;
    for (int i = 2; i < 6; i++) {
        int digit = hex_value(p[i]);
        if (digit < 0) {
            return NO_CHARACTER;
        }
        c = c * 16 + (uint32_t)digit;
    }
    return c >= 0xd800 && c <= 0xdfff ? NO_CHARACTER : c;
}

void gy_xlsx_put_text(struct gy_str s, struct gy_buf *out)
{
    size_t i = 0;
    while (i < s.len) {
        const char *mark = memmem(s.ptr + i, s.len - i, "_x", 2);
        size_t plain = mark != NULL ? (size_t)(mark - s.ptr) - i : s.len - i;
        gy_buf_append(out, s.ptr + i, plain);
        i += plain;
        if (mark == NULL) {
            break;
        }
        uint32_t c = escaped_character(mark, s.len - i);
        if (c != NO_CHARACTER) {
            gy_text_put(out, c);
            i += 7;
        } else {
            gy_buf_char(out, '_');
            i++;
        }
    }
}
