/* output.c - see output.h. */
#include "cli/output.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

/* ---- figures ---- */

/* Puts digits with a comma before every third from the right. */
static void put_grouped(struct gy_buf *out, const char *digits, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) {
            gy_buf_char(out, ',');
        }
        gy_buf_char(out, digits[i]);
    }
}

void gy_put_count(struct gy_buf *out, uint64_t n)
{
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    put_grouped(out, digits, (size_t)len);
}

void gy_put_counted(struct gy_buf *out, uint64_t n, const char *noun)
{
    gy_put_count(out, n);
    gy_buf_printf(out, " %s%s", noun, n == 1 ? "" : "s");
}

/* A minus sign stands before the currency's, and only where a digit is left that is not 0. */
static void put_amount(struct gy_buf *out, const char *sign, double value, int places)
{
    char digits[400]; /* the largest double has 309 digits before its point */
    if (!isfinite(value)) {
        gy_buf_char(out, '-');
        return;
    }
    int len = snprintf(digits, sizeof digits, "%.*f", places, fabs(value));
    size_t whole = strcspn(digits, ".");
    bool is_zero = strspn(digits, "0.") == (size_t)len;
    gy_buf_text(out, value < 0 && !is_zero ? "-" : "");
    gy_buf_text(out, sign);
    put_grouped(out, digits, whole);
    gy_buf_append(out, digits + whole, (size_t)len - whole);
}

void gy_put_decimal(struct gy_buf *out, double value, int places)
{
    put_amount(out, "", value, places);
}

struct currency {
    const char *code;
    const char *sign;
    int places;
};

static const struct currency currencies[] = {
    {"GBP", "£", 2}, {"EUR", "€", 2}, {"USD", "$", 2}, {"KRW", "₩", 0}, {"JPY", "¥", 0},
};

void gy_put_money(struct gy_buf *out, double value, const char *currency)
{
    for (size_t i = 0; i < sizeof currencies / sizeof currencies[0]; i++) {
        if (strcmp(currencies[i].code, currency) == 0) {
            put_amount(out, currencies[i].sign, value, currencies[i].places);
            return;
        }
    }
    gy_put_decimal(out, value, 2);
    if (currency[0] != '\0' && isfinite(value)) {
        gy_buf_char(out, ' ');
        gy_buf_text(out, currency);
    }
}

void gy_put_share(struct gy_buf *out, double part, double whole)
{
    if (whole == 0) {
        gy_buf_char(out, '-');
        return;
    }
    gy_buf_printf(out, "%.1f%%", 100 * part / whole);
}

void gy_put_bytes(struct gy_buf *out, uint64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) {
        gy_buf_printf(out, "%llu B", (unsigned long long)bytes);
        return;
    }
    double value = (double)bytes / 1000;
    size_t unit = 0;
    while (value >= 999.95 && unit + 1 < sizeof units / sizeof units[0]) {
        value /= 1000;
        unit++;
    }
    gy_buf_printf(out, "%.1f %s", value, units[unit]);
}

void gy_put_safe(struct gy_buf *out, struct gy_str s)
{
    while (s.len > 0) {
        uint32_t c = gy_text_next(&s);
        bool is_control = c < 32 || (c >= 127 && c < 160) || (c >= 0x202A && c <= 0x202E) ||
                          (c >= 0x2066 && c <= 0x2069);
        gy_text_put(out, c == '\n' || c == '\t' ? ' ' : is_control ? '?' : c);
    }
}

void gy_put_shown(struct gy_buf *out, const struct gy_zone *zone, const struct gy_value *value)
{
    char time[GY_TIME_TEXT];
    struct gy_buf json = {0};
    if (value->type == GY_VALUE_STRING) {
        gy_put_safe(out, value->string);
    } else if (value->type == GY_VALUE_TIME) {
        (void)gy_time_print_local(zone, value->time_ms, time);
        gy_buf_text(out, time);
    } else {
        gy_value_json(value, &json);
        gy_put_safe(out, gy_buf_view(&json));
        gy_buf_release(&json);
    }
}

void gy_put_padded(struct gy_buf *out, struct gy_str s, size_t width, bool to_right)
{
    size_t own = gy_text_width(s);
    size_t gap = own < width ? width - own : 0;
    for (size_t i = 0; to_right && i < gap; i++) {
        gy_buf_char(out, ' ');
    }
    gy_buf_str(out, s);
    for (size_t i = 0; !to_right && i < gap; i++) {
        gy_buf_char(out, ' ');
    }
}

/* ---- tables ---- */

void gy_listing_init(struct gy_listing *table, const char *aligns)
{
    *table = (struct gy_listing){.aligns = aligns, .n_columns = strlen(aligns), .has_head = true};
    GY_ASSERT(table->n_columns <= GY_LISTING_COLUMNS);
}

void gy_listing_release(struct gy_listing *table)
{
    gy_buf_release(&table->bytes);
    free(table->ends);
    *table = (struct gy_listing){0};
}

static void end_cell(struct gy_listing *table)
{
    GY_GROW(table->ends, table->capacity, table->n_cells + 1);
    table->ends[table->n_cells++] = table->bytes.len;
}

void gy_listing_str(struct gy_listing *table, struct gy_str s)
{
    gy_put_safe(&table->bytes, s);
    end_cell(table);
}

void gy_listing_text(struct gy_listing *table, const char *terminated)
{
    gy_listing_str(table, gy_str_of(terminated));
}

void gy_listing_count(struct gy_listing *table, uint64_t n)
{
    gy_put_count(&table->bytes, n);
    end_cell(table);
}

void gy_listing_decimal(struct gy_listing *table, double value, int places)
{
    gy_put_decimal(&table->bytes, value, places);
    end_cell(table);
}

void gy_listing_money(struct gy_listing *table, double value, const char *currency)
{
    gy_put_money(&table->bytes, value, currency);
    end_cell(table);
}

void gy_listing_share(struct gy_listing *table, double part, double whole)
{
    gy_put_share(&table->bytes, part, whole);
    end_cell(table);
}

static struct gy_str cell_of(const struct gy_listing *table, size_t i)
{
    size_t start = i == 0 ? 0 : table->ends[i - 1];
    return (struct gy_str){table->bytes.ptr + start, table->ends[i] - start};
}

static void measure(const struct gy_listing *table, size_t widths[GY_LISTING_COLUMNS])
{
    memset(widths, 0, GY_LISTING_COLUMNS * sizeof widths[0]);
    for (size_t i = 0; i < table->n_cells; i++) {
        size_t width = gy_text_width(cell_of(table, i));
        size_t column = i % table->n_columns;
        widths[column] = width > widths[column] ? width : widths[column];
    }
}

static void put_row(const struct gy_listing *table, size_t first, const size_t *widths,
                    struct gy_buf *out)
{
    for (size_t c = 0; c < table->n_columns; c++) {
        bool to_right = table->aligns[c] == 'r';
        bool is_last = c + 1 == table->n_columns;
        gy_buf_text(out, c == 0 ? "" : "  ");
        gy_put_padded(out, cell_of(table, first + c), is_last && !to_right ? 0 : widths[c],
                      to_right);
    }
}

static void put_rule(const struct gy_listing *table, const size_t *widths, struct gy_buf *out)
{
    for (size_t c = 0; c < table->n_columns; c++) {
        gy_buf_text(out, c == 0 ? "" : "  ");
        for (size_t i = 0; i < widths[c]; i++) {
            gy_buf_text(out, "─");
        }
    }
    gy_buf_char(out, '\n');
}

void gy_listing_print(const struct gy_listing *table, bool color, FILE *out)
{
    size_t widths[GY_LISTING_COLUMNS];
    struct gy_buf text = {0};
    measure(table, widths);
    for (size_t i = 0; i < table->n_cells; i += table->n_columns) {
        bool is_head = i == 0 && table->has_head;
        gy_buf_text(&text, is_head && color ? "\033[1m" : "");
        put_row(table, i, widths, &text);
        gy_buf_text(&text, is_head && color ? "\033[0m\n" : "\n");
        if (is_head && table->n_cells > table->n_columns) {
            put_rule(table, widths, &text);
        }
    }
    (void)fwrite(text.ptr == NULL ? "" : text.ptr, 1, text.len, out);
    gy_buf_release(&text);
}

/* ---- files ---- */

static enum gy_status write_stream(FILE *stream, const char *name, struct gy_str bytes,
                                   struct gy_error *err)
{
    if (fwrite(bytes.ptr == NULL ? "" : bytes.ptr, 1, bytes.len, stream) != bytes.len ||
        fflush(stream) != 0) {
        return gy_error_sys(err, errno, "could not write to %s", name);
    }
    return GY_OK;
}

/* A device or a pipe is written to as it is: a file renamed over it would replace it. */
static enum gy_status write_device(const char *path, struct gy_str bytes, struct gy_error *err)
{
    FILE *stream = fopen(path, "w");
    if (stream == NULL) {
        return gy_error_sys(err, errno, "could not open \"%s\" for writing", path);
    }
    enum gy_status status = write_stream(stream, path, bytes, err);
    if (fclose(stream) != 0 && status == GY_OK) {
        status = gy_error_sys(err, errno, "could not write to \"%s\"", path);
    }
    return status;
}

enum gy_status gy_output_write(const char *path, struct gy_str bytes, struct gy_error *err)
{
    struct stat stat_of_path;
    if (path == NULL || strcmp(path, "-") == 0) {
        return write_stream(stdout, "standard output", bytes, err);
    }
    if (stat(path, &stat_of_path) == 0 && !S_ISREG(stat_of_path.st_mode)) {
        return write_device(path, bytes, err);
    }
    return gy_file_write(path, bytes, err);
}
