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
