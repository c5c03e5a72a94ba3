/* cmd_report.c - reports: the summary, and the map of recency and frequency. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "cli/ask.h"
#include "cli/json_writer.h"
#include "cli/output.h"
#include "insight/rfm.h"
#include "insight/rfm_excel.h"
#include "insight/summary.h"
#include "insight/words.h"

/* ---- what both have ---- */

/* The audience of --segment, a definition or a segment's name; NULL where none is given. Of a closed
 * segment it is the last one, and the report still is as of now: what became of them. */
static enum gy_status ask_audience(struct gy_ask *ask, const struct gy_args *args,
                                   roaring_bitmap_t **out, struct gy_error *err)
{
    struct gy_definition definition = {0};
    int64_t now_ms = ask->now_ms;
    *out = NULL;
    if (args->segment == NULL) {
        return GY_OK;
    }
    enum gy_status status =
        gy_ask_define(ask, args->segment, args->allow_unknown, &definition, err);
    if (status == GY_OK) {
        status = gy_audience(ask->snapshot, definition.expr, ask->now_ms, &ask->run, out, err);
    }
    gy_definition_release(&definition);
    ask->now_ms = now_ms;
    return status;
}

static const char *say(const struct gy_ask *ask, enum gy_word word)
{
    return gy_word(word, gy_snapshot_language(ask->snapshot));
}

static void print_title(const struct gy_ask *ask, enum gy_word title)
{
    char time[GY_TIME_TEXT];
    (void)gy_time_print_local(gy_snapshot_zone(ask->snapshot), ask->now_ms, time);
    printf("%s%s%s, %s %s\n\n", ask->cli->color ? "\033[1m" : "", say(ask, title),
           ask->cli->color ? "\033[0m" : "", say(ask, GY_WORD_AS_OF), time);
}

static void add_number(struct gy_json_writer *w, const char *key, double number)
{
    gy_json_key(w, key);
    gy_json_number(w, number);
}

static void add_count(struct gy_json_writer *w, const char *key, uint64_t n)
{
    gy_json_key(w, key);
    gy_json_count(w, n);
}

/* Of nothing there is none: null in JSON, "-" for people. */
static double ratio(double part, double whole)
{
    return whole == 0 ? (double)NAN : part / whole;
}

static void begin_json(struct gy_json_writer *w, const struct gy_ask *ask)
{
    gy_json_open(w, '{');
    gy_json_key(w, "as_of");
    gy_json_time(w, ask->now_ms);
    gy_json_key(w, "currency");
    gy_json_text(w, gy_snapshot_currency(ask->snapshot));
}

static void print_month(int64_t day, char out[16])
{
    struct gy_civil civil;
    gy_day_to_civil(day, &civil);
    (void)snprintf(out, 16, "%04d-%02d", civil.year, civil.month);
}

/* ---- summary ---- */

static void print_summary_json(const struct gy_ask *ask, const struct gy_summary *s)
{
    struct gy_json_writer w = {0};
    char month[16];
    begin_json(&w, ask);
    add_count(&w, "customers", s->n_customers);
    add_count(&w, "buyers", s->n_buyers);
    add_count(&w, "repeat_buyers", s->n_repeat_buyers);
    add_number(&w, "repeat_rate", ratio((double)s->n_repeat_buyers, (double)s->n_buyers));
    add_count(&w, "orders", s->n_orders);
    add_count(&w, "orders_with_revenue", s->n_charged_orders);
    add_number(&w, "revenue", s->revenue);
    add_number(&w, "average_order_value", ratio(s->revenue, (double)s->n_orders));
    add_count(&w, "returns", s->n_returns);
    add_number(&w, "returned", s->returned);
    add_number(&w, "return_rate", ratio(s->returned, s->revenue));
    gy_json_key(&w, "months");
    gy_json_open(&w, '[');
    for (size_t i = 0; i < s->n_months; i++) {
        const struct gy_summary_month *m = &s->months[i];
        gy_json_open(&w, '{');
        print_month(m->day, month);
        gy_json_key(&w, "month");
        gy_json_text(&w, month);
        add_count(&w, "orders", m->n_orders);
        add_count(&w, "buyers", m->n_buyers);
        add_number(&w, "revenue", m->revenue);
        add_count(&w, "returns", m->n_returns);
        add_number(&w, "returned", m->returned);
        gy_json_close(&w, '}');
    }
    gy_json_close(&w, ']');
    gy_json_close(&w, '}');
    gy_json_finish(&w);
}

static void print_figures(const struct gy_ask *ask, const struct gy_summary *s)
{
    const char *currency = gy_snapshot_currency(ask->snapshot);
    struct gy_listing t;
    gy_listing_init(&t, "lr");
    t.has_head = false;
    gy_listing_text(&t, say(ask, GY_WORD_CUSTOMERS));
    gy_listing_count(&t, s->n_customers);
    gy_listing_text(&t, say(ask, GY_WORD_BUYERS));
    gy_listing_count(&t, s->n_buyers);
    gy_listing_text(&t, say(ask, GY_WORD_REPEAT_BUYERS));
    gy_listing_count(&t, s->n_repeat_buyers);
    gy_listing_text(&t, say(ask, GY_WORD_REPEAT_RATE));
    gy_listing_share(&t, (double)s->n_repeat_buyers, (double)s->n_buyers);
    gy_listing_text(&t, say(ask, GY_WORD_ORDERS));
    gy_listing_count(&t, s->n_orders);
    gy_listing_text(&t, say(ask, GY_WORD_CHARGED_ORDERS));
    gy_listing_count(&t, s->n_charged_orders);
    gy_listing_text(&t, say(ask, GY_WORD_REVENUE));
    gy_listing_money(&t, s->revenue, currency);
    gy_listing_text(&t, say(ask, GY_WORD_ORDER_VALUE));
    gy_listing_money(&t, ratio(s->revenue, (double)s->n_orders), currency);
    gy_listing_text(&t, say(ask, GY_WORD_RETURNS));
    gy_listing_count(&t, s->n_returns);
    gy_listing_text(&t, say(ask, GY_WORD_RETURNED));
    gy_listing_money(&t, s->returned, currency);
    gy_listing_text(&t, say(ask, GY_WORD_RETURN_RATE));
    gy_listing_share(&t, s->returned, s->revenue);
    gy_listing_print(&t, false, stdout);
    gy_listing_release(&t);
}

enum {
    SHOWN_MONTHS = 36
};

static void print_months(const struct gy_ask *ask, const struct gy_summary *s)
{
    static const enum gy_word heads[] = {GY_WORD_MONTH,   GY_WORD_BUYERS,  GY_WORD_ORDERS,
                                         GY_WORD_REVENUE, GY_WORD_RETURNS, GY_WORD_RETURNED};
    const char *currency = gy_snapshot_currency(ask->snapshot);
    struct gy_listing t;
    char month[16];
    gy_listing_init(&t, "lrrrrr");
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        gy_listing_text(&t, say(ask, heads[i]));
    }
    for (size_t i = s->n_months > SHOWN_MONTHS ? s->n_months - SHOWN_MONTHS : 0; i < s->n_months;
         i++) {
        print_month(s->months[i].day, month);
        gy_listing_text(&t, month);
        gy_listing_count(&t, s->months[i].n_buyers);
        gy_listing_count(&t, s->months[i].n_orders);
        gy_listing_money(&t, s->months[i].revenue, currency);
        gy_listing_count(&t, s->months[i].n_returns);
        gy_listing_money(&t, s->months[i].returned, currency);
    }
    printf("\n");
    gy_listing_print(&t, ask->cli->color, stdout);
    gy_listing_release(&t);
}

static enum gy_status run_summary(struct gy_cli *cli, const struct gy_args *args,
                                  struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct gy_summary summary = {0};
    roaring_bitmap_t *audience = NULL;
    enum gy_status status = gy_ask_open(cli, args->as_of, &ask, err);
    if (status == GY_OK) {
        status = ask_audience(&ask, args, &audience, err);
    }
    if (status == GY_OK) {
        status = gy_summary_make(ask.snapshot, audience, ask.now_ms, &ask.run, &summary, err);
    }
    if (status == GY_OK && cli->json) {
        print_summary_json(&ask, &summary);
    } else if (status == GY_OK) {
        print_title(&ask, GY_WORD_SUMMARY);
        print_figures(&ask, &summary);
        print_months(&ask, &summary);
    }
    gy_summary_release(&summary);
    if (audience != NULL) {
        roaring_bitmap_free(audience);
    }
    gy_ask_close(&ask);
    return status;
}

#define OPTION_SEGMENT                                                             \
    {                                                                              \
        "segment", 0, GY_OPTION_TEXT, offsetof(struct gy_args, segment), "S",      \
            "only of this segment's customers, or of those a definition holds for" \
    }

static const struct gy_option options_summary[] = {
    OPTION_SEGMENT,
    GY_OPTION_AS_OF,
    GY_OPTION_ALLOW_UNKNOWN,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_report_summary = {
    .name = "report summary",
    .operands = "",
    .about = "Customers, orders, revenue, order value, repeat rate, returns; by month",
    .example = "  gyeol report summary\n"
               "  gyeol report summary --segment VIPs --as-of 2025-01-01 --json\n",
    .options = options_summary,
    .run = run_summary,
};

/* ---- RFM ---- */

static void add_row_json(struct gy_json_writer *w, const struct gy_rfm_row *row,
                         const struct gy_rfm_row *all)
{
    add_count(w, "customers", row->n_customers);
    add_number(w, "share", ratio((double)row->n_customers, (double)all->n_customers));
    add_number(w, "revenue", row->revenue);
    add_number(w, "revenue_share", ratio(row->revenue, all->revenue));
    add_number(w, "mean_recency_days", row->mean_recency_days);
    add_number(w, "mean_frequency", row->mean_frequency);
    add_number(w, "mean_monetary", row->mean_monetary);
}

static void print_rfm_json(const struct gy_ask *ask, const struct gy_rfm *rfm)
{
    struct gy_json_writer w = {0};
    begin_json(&w, ask);
    gy_json_key(&w, "scheme");
    gy_json_text(&w, "RF-11");
    add_row_json(&w, &rfm->all, &rfm->all);
    gy_json_key(&w, "groups");
    gy_json_open(&w, '[');
    for (int g = 0; g < GY_RFM_GROUPS; g++) {
        gy_json_open(&w, '{');
        gy_json_key(&w, "group");
        gy_json_text(&w, gy_rfm_group_name((enum gy_rfm_group)g, "en"));
        add_row_json(&w, &rfm->groups[g], &rfm->all);
        gy_json_close(&w, '}');
    }
    gy_json_close(&w, ']');
    gy_json_key(&w, "cells");
    gy_json_open(&w, '[');
    for (int r = 1; r <= GY_RFM_SCORES; r++) {
        for (int f = 1; f <= GY_RFM_SCORES; f++) {
            gy_json_open(&w, '{');
            add_count(&w, "r", (uint64_t)r);
            add_count(&w, "f", (uint64_t)f);
            gy_json_key(&w, "group");
            gy_json_text(&w, gy_rfm_group_name(gy_rfm_group_of(r, f), "en"));
            add_count(&w, "customers", rfm->cells[r - 1][f - 1]);
            gy_json_close(&w, '}');
        }
    }
    gy_json_close(&w, ']');
    gy_json_close(&w, '}');
    gy_json_finish(&w);
}

/* The map. A cell is three lines: the group's name in one or two, and how many.
 *
 *     ┌────────────┬────────────┐
 *   5 │ Cannot     │ Champions  │
 *     │ Lose       │            │
 *     │         12 │         34 │
 *     └────────────┴────────────┘
 *       1            2            recency
 */
enum {
    CELL_WIDTH = 12,
    CELL_LINES = 3
};

static void put_rule(struct gy_buf *out, const char *left, const char *middle, const char *right)
{
    gy_buf_text(out, "    ");
    for (int r = 0; r < GY_RFM_SCORES; r++) {
        gy_buf_text(out, r == 0 ? left : middle);
        for (int i = 0; i < CELL_WIDTH + 2; i++) {
            gy_buf_text(out, "─");
        }
    }
    gy_buf_text(out, right);
    gy_buf_char(out, '\n');
}

/* Line 0 or 1 of a name that is broken at blanks to the width of a cell. */
static struct gy_str name_line(const char *name, int line)
{
    struct gy_str all = gy_str_of(name);
    if (gy_text_width(all) <= CELL_WIDTH) {
        return line == 0 ? all : GY_STR("");
    }
    size_t cut = 0;
    for (size_t i = 0; i < all.len; i++) {
        if (all.ptr[i] == ' ' && gy_text_width((struct gy_str){all.ptr, i}) <= CELL_WIDTH) {
            cut = i;
        }
    }
    return line == 0 ? (struct gy_str){all.ptr, cut}
                     : (struct gy_str){all.ptr + cut + 1, all.len - cut - 1};
}

/* Backgrounds of the 256 colours, from nothing to a deep green; text stays readable on each. */
static void begin_shade(struct gy_buf *out, double share)
{
    static const int greens[] = {236, 22, 28, 34, 40};
    size_t level = share >= 0.15 ? 4 : share >= 0.08 ? 3 : share >= 0.04 ? 2 : share > 0 ? 1 : 0;
    gy_buf_printf(out, "\033[48;5;%dm\033[38;5;%dm", greens[level], level >= 3 ? 16 : 255);
}

static void put_cell_line(struct gy_buf *out, const struct gy_ask *ask, const struct gy_rfm *rfm,
                          int r, int f, int line)
{
    uint64_t n = rfm->cells[r - 1][f - 1];
    const char *name =
        gy_rfm_group_name(gy_rfm_group_of(r, f), gy_snapshot_language(ask->snapshot));
    struct gy_buf text = {0};
    if (line < CELL_LINES - 1) {
        gy_buf_str(&text, name_line(name, line));
    } else {
        gy_put_count(&text, n);
    }
    gy_buf_text(out, "│");
    if (ask->cli->color) {
        begin_shade(out, n == 0 ? 0 : (double)n / (double)rfm->all.n_customers);
    }
    gy_buf_char(out, ' ');
    gy_put_padded(out, gy_buf_view(&text), CELL_WIDTH, line == CELL_LINES - 1);
    gy_buf_char(out, ' ');
    gy_buf_text(out, ask->cli->color ? "\033[0m" : "");
    gy_buf_release(&text);
}

static void print_map(const struct gy_ask *ask, const struct gy_rfm *rfm)
{
    struct gy_buf out = {0};
    gy_buf_printf(&out, "  %s\n", say(ask, GY_WORD_FREQUENCY));
    put_rule(&out, "┌", "┬", "┐");
    for (int f = GY_RFM_SCORES; f >= 1; f--) {
        for (int line = 0; line < CELL_LINES; line++) {
            gy_buf_printf(&out, line == 0 ? "  %d " : "    ", f);
            for (int r = 1; r <= GY_RFM_SCORES; r++) {
                put_cell_line(&out, ask, rfm, r, f, line);
            }
            gy_buf_text(&out, "│\n");
        }
        if (f > 1) {
            put_rule(&out, "├", "┼", "┤");
        }
    }
    put_rule(&out, "└", "┴", "┘");
    gy_buf_text(&out, "    ");
    for (int r = 1; r <= GY_RFM_SCORES; r++) {
        gy_buf_printf(&out, "  %-*d", CELL_WIDTH + 1, r);
    }
    gy_buf_printf(&out, " %s\n\n", say(ask, GY_WORD_RECENCY));
    (void)fwrite(out.ptr, 1, out.len, stdout);
    gy_buf_release(&out);
}

static void add_row(struct gy_listing *t, const char *name, const struct gy_rfm_row *row,
                    const struct gy_rfm_row *all, const char *currency)
{
    gy_listing_text(t, name);
    gy_listing_count(t, row->n_customers);
    gy_listing_share(t, (double)row->n_customers, (double)all->n_customers);
    gy_listing_money(t, row->revenue, currency);
    gy_listing_share(t, row->revenue, all->revenue);
    gy_listing_decimal(t, row->mean_recency_days, 1);
    gy_listing_decimal(t, row->mean_frequency, 1);
    gy_listing_money(t, row->mean_monetary, currency);
}

static void print_groups(const struct gy_ask *ask, const struct gy_rfm *rfm)
{
    static const enum gy_word heads[] = {
        GY_WORD_GROUP,         GY_WORD_CUSTOMERS,    GY_WORD_SHARE,          GY_WORD_REVENUE,
        GY_WORD_REVENUE_SHARE, GY_WORD_MEAN_RECENCY, GY_WORD_MEAN_FREQUENCY, GY_WORD_MEAN_MONETARY};
    const char *currency = gy_snapshot_currency(ask->snapshot);
    const char *language = gy_snapshot_language(ask->snapshot);
    struct gy_listing t;
    gy_listing_init(&t, "lrrrrrrr");
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        gy_listing_text(&t, say(ask, heads[i]));
    }
    for (int g = 0; g < GY_RFM_GROUPS; g++) {
        add_row(&t, gy_rfm_group_name((enum gy_rfm_group)g, language), &rfm->groups[g], &rfm->all,
                currency);
    }
    add_row(&t, say(ask, GY_WORD_ALL), &rfm->all, &rfm->all, currency);
    gy_listing_print(&t, ask->cli->color, stdout);
    gy_listing_release(&t);
    printf("\n%s\n", say(ask, GY_WORD_SCHEME_NOTE));
}

static enum gy_status write_rfm(const struct gy_ask *ask, const struct gy_args *args,
                                const struct gy_rfm *rfm, struct gy_error *err)
{
    if (ask->cli->json) {
        print_rfm_json(ask, rfm);
    } else {
        print_title(ask, GY_WORD_RFM_TITLE);
        print_map(ask, rfm);
        print_groups(ask, rfm);
    }
    if (args->output == NULL) {
        return GY_OK;
    }
    return gy_rfm_excel(ask->snapshot, rfm, ask->now_ms, args->output, err);
}

static enum gy_status run_rfm(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct gy_rfm rfm = {0};
    roaring_bitmap_t *audience = NULL;
    enum gy_status status = gy_ask_open(cli, args->as_of, &ask, err);
    if (status == GY_OK) {
        status = ask_audience(&ask, args, &audience, err);
    }
    if (status == GY_OK) {
        status = gy_rfm_make(ask.snapshot, audience, ask.now_ms, &ask.run, &rfm, err);
    }
    if (status == GY_OK) {
        status = write_rfm(&ask, args, &rfm, err);
    }
    gy_rfm_release(&rfm);
    if (audience != NULL) {
        roaring_bitmap_free(audience);
    }
    gy_ask_close(&ask);
    return status;
}

static const struct gy_option options_rfm[] = {
    OPTION_SEGMENT,
    GY_OPTION_AS_OF,
    GY_OPTION_ALLOW_UNKNOWN,
    {"output", 'o', GY_OPTION_TEXT, offsetof(struct gy_args, output), "FILE.xlsx",
     "also an Excel file: the groups with charts, the map, the members"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_report_rfm = {
    .name = "report rfm",
    .operands = "",
    .about = "Buyers by recency, frequency and revenue: the map and its eleven groups",
    .example = "  gyeol report rfm\n"
               "  gyeol report rfm --as-of 2011-12-10 -o rfm.xlsx\n",
    .options = options_rfm,
    .run = run_rfm,
};
