/* trend_excel.c - see trend_excel.h. */
#include "insight/trend_excel.h"

#include "base/zone.h"
#include "insight/excel_file.h"
#include "insight/words.h"

enum {
    PERIOD,
    SIZE,
    ENTERED,
    LEFT,
    REVENUE,
    N_COLUMNS,
    CHARTS = N_COLUMNS + 1 /* the column where they stand */
};

struct book {
    const char *language;
    const struct gy_trend *trend;
    lxw_workbook *workbook;
    lxw_worksheet *sheet;
    lxw_format *head;
    lxw_format *date;
    lxw_format *count;
    lxw_format *money;
};

static const char *say(const struct book *b, enum gy_word word)
{
    return gy_word(word, b->language);
}

static lxw_format *add_format(const struct book *b, const char *numbers)
{
    lxw_format *format = workbook_add_format(b->workbook);
    format_set_num_format(format, numbers);
    return format;
}

static void add_formats(struct book *b)
{
    b->head = workbook_add_format(b->workbook);
    format_set_bold(b->head);
    format_set_bottom(b->head, LXW_BORDER_THIN);
    b->date = add_format(b, b->trend->by == GY_GROUP_MONTH ? "yyyy-mm" : "yyyy-mm-dd");
    b->count = add_format(b, "#,##0");
    b->money = add_format(b, "#,##0.00");
}

static void put_head(const struct book *b)
{
    enum gy_word period = b->trend->by == GY_GROUP_MONTH  ? GY_WORD_MONTH
                          : b->trend->by == GY_GROUP_WEEK ? GY_WORD_WEEK
                                                          : GY_WORD_DAY;
    const enum gy_word heads[N_COLUMNS] = {period, GY_WORD_CUSTOMERS, GY_WORD_ENTERED, GY_WORD_LEFT,
                                           GY_WORD_REVENUE};
    worksheet_set_column(b->sheet, 0, N_COLUMNS - 1, 14, NULL);
    worksheet_freeze_panes(b->sheet, 1, 0);
    for (int c = 0; c < N_COLUMNS; c++) {
        worksheet_write_string(b->sheet, 0, (lxw_col_t)c, say(b, heads[c]), b->head);
    }
}

static void put_row(const struct book *b, lxw_row_t row, const struct gy_trend_row *r)
{
    struct gy_civil civil;
    gy_day_to_civil(r->day, &civil);
    lxw_datetime date = {.year = civil.year, .month = civil.month, .day = civil.day};
    worksheet_write_datetime(b->sheet, row, PERIOD, &date, b->date);
    worksheet_write_number(b->sheet, row, SIZE, (double)r->size, b->count);
    worksheet_write_number(b->sheet, row, ENTERED, (double)r->entered, b->count);
    worksheet_write_number(b->sheet, row, LEFT, (double)r->left, b->count);
    worksheet_write_number(b->sheet, row, REVENUE, r->revenue, b->money);
}

static lxw_chart *add_chart(const struct book *b, uint8_t type)
{
    lxw_chart *chart = workbook_add_chart(b->workbook, type);
    chart_legend_set_position(chart, LXW_CHART_LEGEND_BOTTOM);
    return chart;
}

static void add_series(const struct book *b, lxw_chart *chart, lxw_col_t column)
{
    const char *name = say(b, GY_WORD_HISTORY);
    lxw_row_t last = b->trend->n_rows;
    lxw_chart_series *series = chart_add_series(chart, NULL, NULL);
    chart_series_set_categories(series, name, 1, PERIOD, last, PERIOD);
    chart_series_set_values(series, name, 1, column, last, column);
    chart_series_set_name_range(series, name, 0, column);
}

static void add_charts(const struct book *b)
{
    lxw_chart_options options = {.x_scale = 1.5, .y_scale = 1.2};
    lxw_chart *sizes = add_chart(b, LXW_CHART_LINE);
    add_series(b, sizes, SIZE);
    worksheet_insert_chart_opt(b->sheet, 1, CHARTS, sizes, &options);
    lxw_chart *moves = add_chart(b, LXW_CHART_COLUMN);
    add_series(b, moves, ENTERED);
    add_series(b, moves, LEFT);
    worksheet_insert_chart_opt(b->sheet, 20, CHARTS, moves, &options);
}

enum gy_status gy_trend_excel(const struct gy_snapshot *snapshot, const struct gy_trend *trend,
                              const char *path, struct gy_error *err)
{
    struct gy_excel_file file;
    GY_TRY(gy_excel_file_open(&file, path, err));
    struct book b = {
        .language = gy_snapshot_language(snapshot), .trend = trend, .workbook = file.workbook};
    b.sheet = workbook_add_worksheet(b.workbook, say(&b, GY_WORD_HISTORY));
    add_formats(&b);
    put_head(&b);
    for (uint32_t i = 0; i < trend->n_rows; i++) {
        put_row(&b, i + 1, &trend->rows[i]);
    }
    add_charts(&b);
    return gy_excel_file_finish(&file, err);
}
