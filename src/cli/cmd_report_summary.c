/* cmd_report_summary.c - the shop's figures, and by month. */
#include "cli/output.h"
#include "cli/report_page.h"
#include "insight/summary.h"

static void print_figures(const struct gy_ask *ask, const struct gy_summary *s)
{
    const char *currency = gy_snapshot_currency(ask->snapshot);
    struct gy_listing t;
    gy_listing_init(&t, "lr");
    t.has_head = false;
    gy_listing_text(&t, gy_report_word(ask, GY_WORD_CUSTOMERS));
    gy_listing_count(&t, s->n_customers);
    gy_listing_text(&t, gy_report_word(ask, GY_WORD_BUYERS));
    gy_listing_count(&t, s->n_buyers);
    gy_listing_text(&t, gy_report_word(ask, GY_WORD_REPEAT_BUYERS));
    gy_listing_count(&t, s->n_repeat_buyers);
    gy_listing_text(&t, gy_report_word(ask, GY_WORD_REPEAT_RATE));
    gy_listing_share(&t, (double)s->n_repeat_buyers, (double)s->n_buyers);
    gy_listing_text(&t, gy_report_word(ask, GY_WORD_ORDERS));
    gy_listing_count(&t, s->n_orders);
    gy_listing_text(&t, gy_report_word(ask, GY_WORD_CHARGED_ORDERS));
    gy_listing_count(&t, s->n_charged_orders);
    gy_listing_text(&t, gy_report_word(ask, GY_WORD_REVENUE));
    gy_listing_money(&t, s->revenue, currency);
    gy_listing_text(&t, gy_report_word(ask, GY_WORD_ORDER_VALUE));
    gy_listing_money(&t, gy_report_ratio(s->revenue, (double)s->n_orders), currency);
    gy_listing_text(&t, gy_report_word(ask, GY_WORD_RETURNS));
    gy_listing_count(&t, s->n_returns);
    gy_listing_text(&t, gy_report_word(ask, GY_WORD_RETURNED));
    gy_listing_money(&t, s->returned, currency);
    gy_listing_text(&t, gy_report_word(ask, GY_WORD_RETURN_RATE));
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
        gy_listing_text(&t, gy_report_word(ask, heads[i]));
    }
    for (size_t i = s->n_months > SHOWN_MONTHS ? s->n_months - SHOWN_MONTHS : 0; i < s->n_months;
         i++) {
        gy_month_label(s->months[i].day, month);
        gy_listing_text(&t, month);
        gy_listing_count(&t, s->months[i].n_buyers);
        gy_listing_count(&t, s->months[i].n_orders);
        gy_listing_money(&t, s->months[i].revenue, currency);
        gy_listing_count(&t, s->months[i].n_returns);
        gy_listing_money(&t, s->months[i].returned, currency);
    }
    printf("\n");
    gy_listing_print(&t, gy_cli_of(ask)->color, stdout);
    gy_listing_release(&t);
}

static enum gy_status report(struct gy_ask *ask, const struct gy_args *args, struct gy_error *err)
{
    struct gy_summary summary = {0};
    roaring_bitmap_t *audience = NULL;
    GY_TRY(gy_report_audience(ask, args, &audience, err));
    enum gy_status status =
        gy_summary_make(ask->snapshot, audience, ask->now_ms, &ask->run, &summary, err);
    if (status == GY_OK && gy_cli_of(ask)->json) {
        struct gy_json_writer w = {0};
        gy_summary_json(ask, &summary, &w);
        gy_json_finish(&w);
    } else if (status == GY_OK) {
        gy_report_title(ask, GY_WORD_SUMMARY);
        print_figures(ask, &summary);
        print_months(ask, &summary);
    }
    gy_summary_release(&summary);
    if (audience != NULL) {
        roaring_bitmap_free(audience);
    }
    return status;
}

static enum gy_status run_summary(struct gy_cli *cli, const struct gy_args *args,
                                  struct gy_error *err)
{
    return gy_ask_run(cli, args, report, err);
}

static const struct gy_option options_summary[] = {
    GY_OPTION_SEGMENT,
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
