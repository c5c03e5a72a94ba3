/* cmd_segment_history.c - how a segment went, period by period. */
#include <string.h>

#include "base/text.h"
#include "base/zone.h"
#include "cli/asking.h"
#include "cli/output.h"
#include "insight/trend.h"
#include "insight/trend_excel.h"
#include "insight/words.h"
#include "lang/print.h"
#include "store/json_writer.h"

/* ---- which periods ---- */

struct by {
    const char *name;
    enum gy_group_by group_by;
    int64_t n_periods; /* shown where --from is not given */
    enum gy_word head;
};

static const struct by bys[] = {
    {"day", GY_GROUP_DAY, 30, GY_WORD_DAY},
    {"week", GY_GROUP_WEEK, 26, GY_WORD_WEEK},
    {"month", GY_GROUP_MONTH, 24, GY_WORD_MONTH},
};

static enum gy_status read_by(const char *word, const struct by **out, struct gy_error *err)
{
    for (size_t i = 0; i < sizeof bys / sizeof bys[0]; i++) {
        if (word == NULL || strcmp(word, bys[i].name) == 0) {
            *out = &bys[i];
            return GY_OK;
        }
    }
    return gy_error_set(err, GY_INVALID, "\"%s\" of option \"--by\" is none of day, week and month",
                        word);
}

/* The day, in the workspace's zone, of an option's time; `otherwise` where it is not given. */
static enum gy_status read_day(const struct gy_ask *ask, const char *option, const char *text,
                               int64_t otherwise, int64_t *out, struct gy_error *err)
{
    int64_t time_ms;
    const struct gy_zone *zone = gy_snapshot_zone(ask->snapshot);
    *out = otherwise;
    if (text == NULL) {
        return GY_OK;
    }
    if (!gy_time_read(gy_str_of(text), zone, &time_ms, NULL)) {
        gy_error_set(err, GY_INVALID, "\"%s\" of option \"--%s\" is no time", text, option);
        gy_error_hint(err, "A day is 2025-01-31.");
        return GY_INVALID;
    }
    *out = gy_zone_day(zone, time_ms);
    return GY_OK;
}

static enum gy_status read_periods(const struct gy_ask *ask, const struct gy_args *args,
                                   const struct by *by, struct gy_trend_query *out,
                                   struct gy_error *err)
{
    int64_t today = gy_zone_day(gy_snapshot_zone(ask->snapshot), ask->now_ms);
    out->by = by->group_by;
    out->now_ms = ask->now_ms;
    GY_TRY(read_day(ask, "to", args->to, today, &out->to_day, err));
    int64_t last_day = out->to_day < today ? out->to_day : today;
    int64_t first_day =
        gy_trend_step(by->group_by, gy_group_first_day(by->group_by, last_day), 1 - by->n_periods);
    return read_day(ask, "from", args->from, first_day, &out->from_day, err);
}

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

static void print_table(const struct gy_ask *ask, const struct by *by, const struct gy_trend *trend)
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

/* ---- as JSON ---- */

static void add_row_json(struct gy_json_writer *w, const struct gy_trend *trend,
                         const struct gy_trend_row *row)
{
    char label[16];
    gy_trend_label(trend->by, row->day, label);
    gy_json_open(w, '{');
    gy_json_key(w, "period");
    gy_json_text(w, label);
    gy_json_key(w, "as_of");
    gy_json_time(w, row->at_ms);
    gy_json_key(w, "size");
    gy_json_count(w, row->size);
    gy_json_key(w, "entered");
    gy_json_count(w, row->entered);
    gy_json_key(w, "left");
    gy_json_count(w, row->left);
    gy_json_key(w, "revenue");
    gy_json_number(w, row->revenue);
    gy_json_close(w, '}');
}

static void print_json(const struct gy_ask *ask, const struct by *by, const struct gy_expr *expr,
                       const struct gy_trend *trend)
{
    struct gy_buf text = {0};
    struct gy_json_writer w = {0};
    gy_print_expr(expr, &text);
    gy_json_open(&w, '{');
    gy_json_key(&w, "text");
    gy_json_str(&w, gy_buf_view(&text));
    gy_json_key(&w, "as_of");
    gy_json_time(&w, ask->now_ms);
    gy_json_key(&w, "by");
    gy_json_text(&w, by->name);
    gy_json_key(&w, "currency");
    gy_json_text(&w, gy_snapshot_currency(ask->snapshot));
    gy_json_key(&w, "rows");
    gy_json_open(&w, '[');
    for (uint32_t i = 0; i < trend->n_rows; i++) {
        add_row_json(&w, trend, &trend->rows[i]);
    }
    gy_json_close(&w, ']');
    gy_json_close(&w, '}');
    gy_json_finish(&w);
    gy_buf_release(&text);
}

/* ---- the command ---- */

static enum gy_status show(struct gy_ask *ask, const struct gy_args *args,
                           const struct gy_trend_query *query, const struct by *by,
                           struct gy_error *err)
{
    struct gy_trend trend = {0};
    enum gy_status status = gy_trend_make(ask->snapshot, query, &ask->run, &trend, err);
    if (status == GY_OK && gy_cli_of(ask)->json) {
        print_json(ask, by, query->expr, &trend);
    } else if (status == GY_OK) {
        print_table(ask, by, &trend);
    }
    if (status == GY_OK && args->output != NULL) {
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
    const struct by *by = NULL;
    GY_TRY(read_by(args->by, &by, err));
    enum gy_status status = gy_ask_define_operand(ask, args, &definition, err);
    if (status == GY_OK) {
        query.expr = definition.expr;
        status = read_periods(ask, args, by, &query, err);
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
