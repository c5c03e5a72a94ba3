/* members_excel.c - see members_excel.h. Rows are written as they come (constant_memory), so a million of
 * them take no more memory than one. */
#include "workspace/members_excel.h"

#include "base/text.h"
#include "insight/excel_file.h"

enum {
    MAX_ROWS = 1048575,
    MAX_TEXT = 32767
};

struct sheet {
    lxw_worksheet *worksheet;
    lxw_format *head;
    lxw_format *time;
    struct gy_buf text;
};

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* Excel reads _x0041_ in a text as the character with that number. */
static bool reads_as_escape(struct gy_str s)
{
    return s.len >= 7 && s.ptr[0] == '_' && s.ptr[1] == 'x' && s.ptr[6] == '_' &&
           is_hex(s.ptr[2]) && is_hex(s.ptr[3]) && is_hex(s.ptr[4]) && is_hex(s.ptr[5]);
}

/* What would be read as an escape has its first character escaped; so has a NUL, which would end the
 * text. libxlsxwriter does it for the other characters that XML has not. */
static void put_escaped(struct gy_buf *out, struct gy_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\0') {
            gy_buf_text(out, "_x0000_");
        } else if (reads_as_escape((struct gy_str){s.ptr + i, s.len - i})) {
            gy_buf_text(out, "_x005F_");
        } else {
            gy_buf_char(out, s.ptr[i]);
        }
    }
}

/* Excel takes at most 32,767 characters in a cell; a longer text is cut. */
static void put_text(struct sheet *sheet, lxw_row_t row, lxw_col_t column, struct gy_str s)
{
    gy_buf_reset(&sheet->text);
    put_escaped(&sheet->text, gy_text_cut(s, MAX_TEXT));
    sheet->text.len = gy_text_cut(gy_buf_view(&sheet->text), MAX_TEXT).len;
    gy_buf_char(&sheet->text, '\0');
    worksheet_write_string(sheet->worksheet, row, column, sheet->text.ptr, NULL);
}

static void put_time(struct sheet *sheet, const struct gy_zone *zone, lxw_row_t row,
                     lxw_col_t column, int64_t ms)
{
    struct gy_civil civil;
    gy_zone_civil(zone, ms, &civil);
    lxw_datetime time = {civil.year, civil.month,  civil.day,
                         civil.hour, civil.minute, civil.second + civil.millisecond / 1000.0};
    worksheet_write_datetime(sheet->worksheet, row, column, &time, sheet->time);
}

static void put_cell(struct sheet *sheet, const struct gy_zone *zone, lxw_row_t row,
                     lxw_col_t column, const struct gy_value_column *values, uint32_t value_row)
{
    if (!gy_value_is_known(values, value_row)) {
        return;
    }
    switch (values->type) {
    case GY_TYPE_ANY:
        return;
    case GY_TYPE_NUMBER:
        worksheet_write_number(sheet->worksheet, row, column, values->numbers[value_row], NULL);
        return;
    case GY_TYPE_BOOL:
        worksheet_write_boolean(sheet->worksheet, row, column, values->numbers[value_row] != 0,
                                NULL);
        return;
    case GY_TYPE_TIME:
        put_time(sheet, zone, row, column, values->times_ms[value_row]);
        return;
    case GY_TYPE_STRING:
    case GY_TYPE_LIST:
        put_text(sheet, row, column, values->texts[value_row]);
        return;
    }
}

static void put_head(struct sheet *sheet, const struct gy_columns *columns)
{
    worksheet_set_column(sheet->worksheet, 0, (lxw_col_t)columns->n, 18, NULL);
    worksheet_freeze_panes(sheet->worksheet, 1, 0);
    worksheet_write_string(sheet->worksheet, 0, 0, "id", sheet->head);
    for (size_t i = 0; i < columns->n; i++) {
        gy_buf_reset(&sheet->text);
        gy_buf_str(&sheet->text, columns->names[i]);
        worksheet_write_string(sheet->worksheet, 0, (lxw_col_t)(i + 1), sheet->text.ptr,
                               sheet->head);
    }
}

static void fill(struct sheet *sheet, const struct gy_ask *ask, const struct gy_export *x)
{
    const struct gy_zone *zone = gy_snapshot_zone(ask->snapshot);
    put_head(sheet, x->columns);
    for (size_t i = 0; i < x->n; i++) {
        lxw_row_t row = (lxw_row_t)(i + 1);
        put_text(sheet, row, 0, x->members[i].id);
        for (size_t c = 0; c < x->columns->n; c++) {
            put_cell(sheet, zone, row, (lxw_col_t)(c + 1), &x->values->columns[c],
                     x->members[i].row);
        }
    }
}

enum gy_status gy_members_excel(const struct gy_ask *ask, const struct gy_export *x,
                                const char *path, struct gy_error *err)
{
    struct gy_excel_file file;
    if (x->n > MAX_ROWS) {
        gy_error_set(err, GY_LIMIT, "%zu customers do not fit in a sheet, which has %d rows", x->n,
                     MAX_ROWS + 1);
        gy_error_hint(err, "--format csv has no limit.");
        return GY_LIMIT;
    }
    GY_TRY(gy_excel_file_open(&file, path, err));
    struct sheet sheet = {.worksheet = workbook_add_worksheet(file.workbook, NULL)};
    sheet.head = workbook_add_format(file.workbook);
    format_set_bold(sheet.head);
    sheet.time = workbook_add_format(file.workbook);
    format_set_num_format(sheet.time, "yyyy-mm-dd hh:mm:ss");
    fill(&sheet, ask, x);
    gy_buf_release(&sheet.text);
    return gy_excel_file_finish(&file, err);
}
