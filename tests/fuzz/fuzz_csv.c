/* fuzz_csv.c - any bytes as a text file: unpacked, decoded, cut into rows, its cells read as times.
 *
 * The first byte says with which delimiter and encoding. Each row must lie within the limits, in order of
 * lines, with every cell and place inside it, and must be read again the same from its own raw bytes.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "ingest/csv.h"
#include "ingest/time_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_row(const struct gy_row *row)
{
    check(row->n_cells > 0 && row->n_cells <= GY_CSV_COLUMNS_MAX);
    check(row->raw.len > 0 && row->raw.len <= GY_CSV_ROW_MAX);
    check(gy_text_is_utf8(row->raw));
    uint32_t last_line = row->line;
    for (uint32_t i = 0; i < row->n_cells; i++) {
        const struct gy_cell *cell = &row->cells[i];
        uint32_t line;
        uint32_t column;
        gy_row_place(row, i, &line, &column);
        check(cell->offset <= row->raw.len && cell->text.len <= row->raw.len);
        check(gy_text_is_utf8(cell->text));
        check(line >= last_line && column >= 1);
        last_line = line;
    }
}

/* A line break inside a row that has no quoted cell is one of a file with lone CRs: such a row is not
 * the same by itself. */
static bool stands_alone(const struct gy_row *row)
{
    return memchr(row->raw.ptr, '\r', row->raw.len) == NULL;
}

static void check_again(const struct gy_row *row, char delimiter)
{
    struct gy_source *source = NULL;
    struct gy_csv *csv = NULL;
    struct gy_row again;
    bool has_row = false;
    if (!stands_alone(row) || gy_str_starts_with(row->raw, GY_STR("\xef\xbb\xbf"))) {
        return;
    }
    unsigned char first = (unsigned char)row->raw.ptr[0];
    if (first == 0x1f || first == 0x28 || (first & 0xf0) == 0x50) {
        return; /* may look like packed data */
    }
    check(gy_source_open_bytes("row", row->raw, "utf-8", &source, NULL) == GY_OK);
    check(gy_csv_open(source, delimiter, &csv, NULL) == GY_OK);
    check(gy_csv_next(csv, &again, &has_row, NULL) == GY_OK && has_row);
    check(again.n_cells == row->n_cells && gy_str_equal(again.raw, row->raw));
    for (uint32_t i = 0; i < row->n_cells; i++) {
        check(gy_str_equal(again.cells[i].text, row->cells[i].text));
    }
    gy_csv_close(csv);
    gy_source_close(source);
}

static void read_times(const struct gy_row *row, struct gy_time_guess *guess)
{
    for (uint32_t i = 0; i < row->n_cells && i < 8; i++) {
        gy_time_guess_add(guess, row->cells[i].text);
    }
}

static void read_rows(struct gy_source *source, char delimiter)
{
    struct gy_csv *csv = NULL;
    if (gy_csv_open(source, delimiter, &csv, NULL) != GY_OK) {
        return;
    }
    struct gy_time_guess guess = {0};
    struct gy_row row;
    struct gy_error err = {0};
    bool has_row = true;
    uint32_t last_line = 0;
    for (int n = 0; n < 1000; n++) {
        if (gy_csv_next(csv, &row, &has_row, &err) != GY_OK || !has_row) {
            break;
        }
        check(row.line > last_line);
        last_line = row.line;
        check_row(&row);
        read_times(&row, &guess);
        if (n < 2) { /* each opens a source: more would make chance slow */
            check_again(&row, gy_csv_delimiter(csv));
        }
    }
    struct gy_time_format format;
    (void)!gy_time_guess_finish(&guess, &format, &err);
    gy_csv_close(csv);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char delimiters[] = {0, ',', '\t', GY_CSV_BLANKS};
    static const char *const encodings[] = {NULL, "utf-8", "cp949", "utf-16le"};
    if (len == 0) {
        return 0;
    }
    struct gy_str text = {(const char *)bytes + 1, len - 1};
    struct gy_source *source = NULL;
    if (gy_source_open_bytes("fuzz", text, encodings[bytes[0] >> 2 & 3], &source, NULL) == GY_OK) {
        read_rows(source, delimiters[bytes[0] & 3]);
        gy_source_close(source);
    }
    /* the same bytes as a time format */
    struct gy_time_format format;
    if (gy_time_format_parse(text, &format, NULL) == GY_OK) {
        int64_t ms;
        (void)gy_time_format_read(&format, NULL, text, &ms);
    }
    return 0;
}
