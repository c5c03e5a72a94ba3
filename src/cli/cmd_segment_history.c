/* cmd_segment_history.c - how a segment went, period by period. */
#include "base/zone.h"
#include "insight/excel_file.h"
#include "cli/asking.h"
#include "cli/output.h"
#include "insight/trend_excel.h"
#include "workspace/segment_trend.h"

/* ---- as a table ---- */

enum {
    BAR_WIDTH = 24
};

static uint64_t largest_size(const struct gy_trend *trend)
{
    uint64_t largest = 0;
    for (uint32_t i = 0; i < trend->n_rows; i++) {
        largest = trend->rows[i].size > largest ? trend->rows[i].size : largest;
    }
    return largest;
}

/* A bar of eighths of a column. */
static void put_bar(struct gy_buf *out, uint64_t size, uint64_t largest)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    double share = largest == 0 ? 0 : (double)size / (double)largest;
    unsigned n = (unsigned)(share * BAR_WIDTH * 8 + 0.5);
    for (unsigned i = 0; i < n / 8; i++) {
        gy_buf_text(out, "█");
    }
    gy_buf_text(out, eighths[n % 8]);
}

static void add_row(struct gy_listing *t, const struct gy_ask *ask, const struct gy_trend *trend,
                    uint32_t i, uint64_t largest)
{
    const struct gy_trend_row *row = &trend->rows[i];
    struct gy_buf text = {0};
    char label[16];
    gy_trend_label(trend->by, row->day, label);
    gy_buf_printf(&text, "%s%s", label, trend->is_going_on && i + 1 == trend->n_rows ? "*" : "");
    gy_listing_str(t, gy_buf_view(&text));
    gy_listing_count(t, row->size);
    gy_listing_count(t, row->entered);
    gy_listing_count(t, row->left);
    gy_listing_money(t, row->revenue, gy_snapshot_currency(ask->snapshot));
    gy_buf_reset(&text);
    put_bar(&text, row->size, largest);
    gy_listing_str(t, gy_buf_view(&text));
    gy_buf_release(&text);
}

static void print_table(const struct gy_ask *ask, const struct gy_trend_by *by,
                        const struct gy_trend *trend)
{
    const char *language = gy_snapshot_language(ask->snapshot);
    const enum gy_word heads[] = {by->head, GY_WORD_CUSTOMERS, GY_WORD_ENTERED, GY_WORD_LEFT,
                                  GY_WORD_REVENUE};
    struct gy_listing t;
    gy_listing_init(&t, "lrrrrl");
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        gy_listing_text(&t, gy_word(heads[i], language));
    }
    gy_listing_text(&t, "");
    uint64_t largest = largest_size(trend);
    for (uint32_t i = 0; i < trend->n_rows; i++) {
        add_row(&t, ask, trend, i, largest);
    }
    gy_listing_print(&t, gy_cli_of(ask)->color, stdout);
    gy_listing_release(&t);
    if (trend->is_going_on) {
        char time[GY_TIME_TEXT];
        (void)gy_time_print_local(gy_snapshot_zone(ask->snapshot), ask->now_ms, time);
        printf("* %s %s\n", gy_word(GY_WORD_SO_FAR, language), time);
    }
}

/* ---- the command ---- */

static enum gy_status show(struct gy_ask *ask, const struct gy_args *args,
                           const struct gy_trend_query *query, const struct gy_trend_by *by,
                           struct gy_error *err)
{
    struct gy_trend trend = {0};
    enum gy_status status = gy_trend_make(ask->snapshot, query, &ask->run, &trend, err);
    if (status == GY_OK && gy_cli_of(ask)->json) {
        struct gy_json_writer w = {0};
        gy_trend_json(ask, by, query->expr, &trend, &w);
        gy_json_finish(&w);
    } else if (status == GY_OK) {
        print_table(ask, by, &trend);
    }
    if (status == GY_OK && args->output != NULL) {
        gy_excel_file_hush();
        status = gy_trend_excel(ask->snapshot, &trend, args->output, err);
    }
    gy_trend_release(&trend);
    return status;
}

static enum gy_status ask_history(struct gy_ask *ask, const struct gy_args *args,
                                  struct gy_error *err)
{
    struct gy_definition definition = {0};
    struct gy_trend_query query = {0};
    const struct gy_trend_by *by = NULL;
    GY_TRY(gy_trend_by_read(args->by, &by, err));
    enum gy_status status = gy_ask_define_operand(ask, args, &definition, err);
    if (status == GY_OK) {
        query.expr = definition.expr;
        status = gy_trend_periods(ask, by, args->from, args->to, &query, err);
    }
    if (status == GY_OK) {
        status = show(ask, args, &query, by, err);
    }
    gy_definition_release(&definition);
    return status;
}

static enum gy_status run_history(struct gy_cli *cli, const struct gy_args *args,
                                  struct gy_error *err)
{
    return gy_ask_run(cli, args, ask_history, err);
}

static const struct gy_option options_history[] = {
    {"by", 0, GY_OPTION_TEXT, offsetof(struct gy_args, by), "PERIOD",
     "a row for each day, week (from Monday) or month; day where it is not given"},
    {"from", 0, GY_OPTION_TEXT, offsetof(struct gy_args, from), "DAY",
     "the first period has this day; else 30 days, 26 weeks or 24 months are shown"},
    {"to", 0, GY_OPTION_TEXT, offsetof(struct gy_args, to), "DAY",
     "the last period has this day; else today"},
    GY_OPTION_AS_OF,
    GY_OPTION_VERSION,
    GY_OPTION_ALLOW_UNKNOWN,
    {"output", 'o', GY_OPTION_TEXT, offsetof(struct gy_args, output), "FILE.xlsx",
     "also an Excel file: the rows and two charts"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_segment_history = {
    .name = "segment history",
    .operands = "'EXPR'|SEGMENT",
    .about = "How a segment went: size, who entered and left, revenue, period by period",
    .example = "  gyeol segment history VIPs\n"
               "  gyeol segment history --by month --from 2024-01-01 -o vips.xlsx VIPs\n"
               "  gyeol segment history --by week --json 'count(\"Order Completed\") >= 5'\n",
    .options = options_history,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_history,
};
