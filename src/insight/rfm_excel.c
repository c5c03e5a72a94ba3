/* rfm_excel.c - see rfm_excel.h. Rows are written as they come (constant_memory), each sheet from its
 * top: a cell cannot be gone back to. */
#include "insight/rfm_excel.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "insight/excel_file.h"
#include "insight/words.h"

enum {
    MAX_ROWS = 1048575,
    FIRST_ROW = 3
}; /* the groups' table begins in the fourth row */

struct book {
    const struct gy_snapshot *snapshot;
    const struct gy_rfm *rfm;
    const char *language;
    lxw_workbook *workbook;
    lxw_format *bold;
    lxw_format *head;
    lxw_format *count;
    lxw_format *money;
    lxw_format *share;
    lxw_format *decimal;
    lxw_format *cell; /* of the map */
};

static const char *say(const struct book *b, enum gy_word word)
{
    return gy_word(word, b->language);
}

static lxw_format *add_format(struct book *b, const char *numbers, bool is_bold)
{
    lxw_format *format = workbook_add_format(b->workbook);
    if (numbers != NULL) {
        format_set_num_format(format, numbers);
    }
    if (is_bold) {
        format_set_bold(format);
    }
    return format;
}

static void add_formats(struct book *b)
{
    b->bold = add_format(b, NULL, true);
    b->head = add_format(b, NULL, true);
    format_set_bottom(b->head, LXW_BORDER_THIN);
    format_set_text_wrap(b->head);
    b->count = add_format(b, "#,##0", false);
    b->money = add_format(b, "#,##0.00", false);
    b->share = add_format(b, "0.0%", false);
    b->decimal = add_format(b, "#,##0.0", false);
    b->cell = add_format(b, NULL, false);
    format_set_text_wrap(b->cell);
    format_set_align(b->cell, LXW_ALIGN_CENTER);
    format_set_align(b->cell, LXW_ALIGN_VERTICAL_CENTER);
    format_set_border(b->cell, LXW_BORDER_THIN);
}

/* ---- the groups ---- */

static double share_of(double part, double whole)
{
    return whole == 0 ? 0 : part / whole;
}

static void put_group(const struct book *b, lxw_worksheet *sheet, lxw_row_t row, const char *name,
                      const struct gy_rfm_row *group)
{
    const struct gy_rfm_row *all = &b->rfm->all;
    worksheet_write_string(sheet, row, 0, name, NULL);
    worksheet_write_number(sheet, row, 1, (double)group->n_customers, b->count);
    worksheet_write_number(
        sheet, row, 2, share_of((double)group->n_customers, (double)all->n_customers), b->share);
    worksheet_write_number(sheet, row, 3, group->revenue, b->money);
    worksheet_write_number(sheet, row, 4, share_of(group->revenue, all->revenue), b->share);
    if (group->n_customers > 0) {
        worksheet_write_number(sheet, row, 5, group->mean_recency_days, b->decimal);
        worksheet_write_number(sheet, row, 6, group->mean_frequency, b->decimal);
        worksheet_write_number(sheet, row, 7, group->mean_monetary, b->money);
    }
}

static void put_groups(const struct book *b, lxw_worksheet *sheet, int64_t now_ms)
{
    static const enum gy_word heads[] = {
        GY_WORD_GROUP,         GY_WORD_CUSTOMERS,    GY_WORD_SHARE,          GY_WORD_REVENUE,
        GY_WORD_REVENUE_SHARE, GY_WORD_MEAN_RECENCY, GY_WORD_MEAN_FREQUENCY, GY_WORD_MEAN_MONETARY};
    char time[GY_TIME_TEXT];
    char line[GY_TIME_TEXT + 64];
    (void)gy_time_print_local(gy_snapshot_zone(b->snapshot), now_ms, time);
    (void)snprintf(line, sizeof line, "%s %s", say(b, GY_WORD_AS_OF), time);
    worksheet_set_column(sheet, 0, 0, 22, NULL);
    worksheet_set_column(sheet, 1, 7, 14, NULL);
    worksheet_write_string(sheet, 0, 0, say(b, GY_WORD_RFM_TITLE), b->bold);
    worksheet_write_string(sheet, 1, 0, line, NULL);
    for (size_t c = 0; c < sizeof heads / sizeof heads[0]; c++) {
        worksheet_write_string(sheet, FIRST_ROW - 1, (lxw_col_t)c, say(b, heads[c]), b->head);
    }
    for (unsigned g = 0; g < GY_RFM_GROUPS; g++) {
        put_group(b, sheet, FIRST_ROW + g, gy_rfm_group_name((enum gy_rfm_group)g, b->language),
                  &b->rfm->groups[g]);
    }
    put_group(b, sheet, FIRST_ROW + GY_RFM_GROUPS, say(b, GY_WORD_ALL), &b->rfm->all);
    worksheet_write_string(sheet, FIRST_ROW + GY_RFM_GROUPS + 2, 0, say(b, GY_WORD_SCHEME_NOTE),
                           NULL);
}

static void add_chart(const struct book *b, lxw_worksheet *sheet, uint8_t type, enum gy_word title,
                      lxw_col_t values, lxw_col_t at)
{
    const char *name = say(b, GY_WORD_SHEET_GROUPS);
    lxw_chart *chart = workbook_add_chart(b->workbook, type);
    lxw_chart_series *series = chart_add_series(chart, NULL, NULL);
    chart_series_set_categories(series, name, FIRST_ROW, 0, FIRST_ROW + GY_RFM_GROUPS - 1, 0);
    chart_series_set_values(series, name, FIRST_ROW, values, FIRST_ROW + GY_RFM_GROUPS - 1, values);
    chart_series_set_labels(series);
    chart_title_set_name(chart, say(b, title));
    if (type == LXW_CHART_BAR) {
        chart_axis_set_reverse(chart->x_axis); /* the first group on top */
        chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
    } else {
        chart_series_set_labels_options(series, LXW_FALSE, LXW_FALSE, LXW_FALSE);
        chart_series_set_labels_percentage(series);
    }
    lxw_chart_options options = {.x_scale = 1.1, .y_scale = 1.4};
    worksheet_insert_chart_opt(sheet, FIRST_ROW + GY_RFM_GROUPS + 4, at, chart, &options);
}

/* ---- the map ---- */

static void put_map(const struct book *b, lxw_worksheet *sheet)
{
    char text[160];
    worksheet_set_column(sheet, 0, 0, 12, NULL);
    worksheet_set_column(sheet, 1, GY_RFM_SCORES, 18, NULL);
    for (int f = GY_RFM_SCORES; f >= 1; f--) {
        lxw_row_t row = (lxw_row_t)(GY_RFM_SCORES - f);
        worksheet_set_row(sheet, row, 42, NULL);
        (void)snprintf(text, sizeof text, "%s %d", say(b, GY_WORD_FREQUENCY), f);
        worksheet_write_string(sheet, row, 0, text, b->bold);
        for (int r = 1; r <= GY_RFM_SCORES; r++) {
            (void)snprintf(text, sizeof text, "%s\n%llu",
                           gy_rfm_group_name(gy_rfm_group_of(r, f), b->language),
                           (unsigned long long)b->rfm->cells[r - 1][f - 1]);
            worksheet_write_string(sheet, row, (lxw_col_t)r, text, b->cell);
        }
    }
    for (int r = 1; r <= GY_RFM_SCORES; r++) {
        (void)snprintf(text, sizeof text, "%s %d", say(b, GY_WORD_RECENCY), r);
        worksheet_write_string(sheet, GY_RFM_SCORES, (lxw_col_t)r, text, b->bold);
    }
}

/* ---- the members ---- */

struct named {
    struct gy_str id;
    const struct gy_rfm_customer *customer;
};

static int compare_ids(const void *a, const void *b)
{
    return gy_str_compare(((const struct named *)a)->id, ((const struct named *)b)->id);
}

static struct named *sort_by_id(const struct book *b)
{
    struct named *named = gy_alloc_zero(b->rfm->n == 0 ? 1 : b->rfm->n, sizeof *named);
    bool is_external;
    for (size_t i = 0; i < b->rfm->n; i++) {
        const struct gy_rfm_customer *c = &b->rfm->customers[i];
        named[i] = (struct named){gy_snapshot_id(b->snapshot, c->ordinal, &is_external), c};
    }
    qsort(named, b->rfm->n, sizeof *named, compare_ids);
    return named;
}

static void put_member(const struct book *b, lxw_worksheet *sheet, lxw_row_t row,
                       const struct named *member, struct gy_buf *text)
{
    const struct gy_rfm_customer *c = member->customer;
    gy_buf_reset(text);
    gy_buf_str(text, member->id);
    gy_buf_char(text, '\0');
    worksheet_write_string(sheet, row, 0, text->ptr, NULL);
    worksheet_write_string(sheet, row, 1, gy_rfm_group_name(c->group, b->language), NULL);
    worksheet_write_number(sheet, row, 2, c->r, NULL);
    worksheet_write_number(sheet, row, 3, c->f, NULL);
    worksheet_write_number(sheet, row, 4, c->m, NULL);
    worksheet_write_number(sheet, row, 5, c->recency_days, b->decimal);
    worksheet_write_number(sheet, row, 6, c->frequency, b->count);
    worksheet_write_number(sheet, row, 7, c->monetary, b->money);
}

static void put_members(const struct book *b, lxw_worksheet *sheet)
{
    const char *heads[] = {
        say(b, GY_WORD_ID),     say(b, GY_WORD_GROUP),  "R", "F", "M", say(b, GY_WORD_MEAN_RECENCY),
        say(b, GY_WORD_ORDERS), say(b, GY_WORD_REVENUE)};
    struct named *members = sort_by_id(b);
    struct gy_buf text = {0};
    worksheet_set_column(sheet, 0, 1, 20, NULL);
    worksheet_set_column(sheet, 5, 7, 14, NULL);
    worksheet_freeze_panes(sheet, 1, 0);
    for (size_t c = 0; c < sizeof heads / sizeof heads[0]; c++) {
        worksheet_write_string(sheet, 0, (lxw_col_t)c, heads[c], b->head);
    }
    for (size_t i = 0; i < b->rfm->n; i++) {
        put_member(b, sheet, (lxw_row_t)(i + 1), &members[i], &text);
    }
    gy_buf_release(&text);
    free(members);
}

/* ---- the file ---- */

static void fill_book(struct book *b, int64_t now_ms)
{
    lxw_worksheet *groups = workbook_add_worksheet(b->workbook, say(b, GY_WORD_SHEET_GROUPS));
    lxw_worksheet *map = workbook_add_worksheet(b->workbook, say(b, GY_WORD_SHEET_MAP));
    lxw_worksheet *members = workbook_add_worksheet(b->workbook, say(b, GY_WORD_SHEET_MEMBERS));
    add_formats(b);
    put_groups(b, groups, now_ms);
    add_chart(b, groups, LXW_CHART_BAR, GY_WORD_CHART_CUSTOMERS, 1, 0);
    add_chart(b, groups, LXW_CHART_DOUGHNUT, GY_WORD_CHART_REVENUE, 3, 5);
    put_map(b, map);
    put_members(b, members);
}

enum gy_status gy_rfm_excel(const struct gy_snapshot *snapshot, const struct gy_rfm *rfm,
                            int64_t now_ms, const char *path, struct gy_error *err)
{
    struct gy_excel_file file;
    if (rfm->n > MAX_ROWS) {
        return gy_error_set(err, GY_LIMIT, "%zu customers do not fit in a sheet, which has %d rows",
                            rfm->n, MAX_ROWS + 1);
    }
    GY_TRY(gy_excel_file_open(&file, path, err));
    struct book book = {.snapshot = snapshot,
                        .rfm = rfm,
                        .language = gy_snapshot_language(snapshot),
                        .workbook = file.workbook};
    fill_book(&book, now_ms);
    return gy_excel_file_finish(&file, err);
}
