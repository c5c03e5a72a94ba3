/* report_json.c - see report_json.h. */
#include "workspace/report_json.h"

#include <math.h>
#include <stdio.h>

#include "base/zone.h"

void gy_report_number(struct gy_json_writer *w, const char *key, double number)
{
    gy_json_key(w, key);
    gy_json_number(w, number);
}

void gy_report_count(struct gy_json_writer *w, const char *key, uint64_t n)
{
    gy_json_key(w, key);
    gy_json_count(w, n);
}

double gy_report_ratio(double part, double whole)
{
    return whole == 0 ? (double)NAN : part / whole;
}

void gy_report_open(struct gy_json_writer *w, const struct gy_ask *ask)
{
    gy_json_open(w, '{');
    gy_json_key(w, "as_of");
    gy_json_time(w, ask->now_ms);
    gy_json_key(w, "currency");
    gy_json_text(w, gy_snapshot_currency(ask->snapshot));
}

void gy_month_label(int64_t day, char out[16])
{
    struct gy_civil civil;
    gy_day_to_civil(day, &civil);
    (void)snprintf(out, 16, "%04d-%02d", civil.year, civil.month);
}

void gy_summary_json(const struct gy_ask *ask, const struct gy_summary *s, struct gy_json_writer *w)
{
    char month[16];
    gy_report_open(w, ask);
    gy_report_count(w, "customers", s->n_customers);
    gy_report_count(w, "buyers", s->n_buyers);
    gy_report_count(w, "repeat_buyers", s->n_repeat_buyers);
    gy_report_number(w, "repeat_rate",
                     gy_report_ratio((double)s->n_repeat_buyers, (double)s->n_buyers));
    gy_report_count(w, "orders", s->n_orders);
    gy_report_count(w, "orders_with_revenue", s->n_charged_orders);
    gy_report_number(w, "revenue", s->revenue);
    gy_report_number(w, "average_order_value", gy_report_ratio(s->revenue, (double)s->n_orders));
    gy_report_count(w, "returns", s->n_returns);
    gy_report_number(w, "returned", s->returned);
    gy_report_number(w, "return_rate", gy_report_ratio(s->returned, s->revenue));
    gy_json_key(w, "months");
    gy_json_open(w, '[');
    for (size_t i = 0; i < s->n_months; i++) {
        const struct gy_summary_month *m = &s->months[i];
        gy_json_open(w, '{');
        gy_month_label(m->day, month);
        gy_json_key(w, "month");
        gy_json_text(w, month);
        gy_report_count(w, "orders", m->n_orders);
        gy_report_count(w, "buyers", m->n_buyers);
        gy_report_number(w, "revenue", m->revenue);
        gy_report_count(w, "returns", m->n_returns);
        gy_report_number(w, "returned", m->returned);
        gy_json_close(w, '}');
    }
    gy_json_close(w, ']');
    gy_json_close(w, '}');
}

static void add_row_json(struct gy_json_writer *w, const struct gy_rfm_row *row,
                         const struct gy_rfm_row *all)
{
    gy_report_count(w, "customers", row->n_customers);
    gy_report_number(w, "share",
                     gy_report_ratio((double)row->n_customers, (double)all->n_customers));
    gy_report_number(w, "revenue", row->revenue);
    gy_report_number(w, "revenue_share", gy_report_ratio(row->revenue, all->revenue));
    gy_report_number(w, "mean_recency_days", row->mean_recency_days);
    gy_report_number(w, "mean_frequency", row->mean_frequency);
    gy_report_number(w, "mean_monetary", row->mean_monetary);
}

void gy_rfm_json(const struct gy_ask *ask, const struct gy_rfm *rfm, struct gy_json_writer *w)
{
    gy_report_open(w, ask);
    gy_json_key(w, "scheme");
    gy_json_text(w, "RF-11");
    add_row_json(w, &rfm->all, &rfm->all);
    gy_json_key(w, "groups");
    gy_json_open(w, '[');
    for (int g = 0; g < GY_RFM_GROUPS; g++) {
        gy_json_open(w, '{');
        gy_json_key(w, "group");
        gy_json_text(w, gy_rfm_group_name((enum gy_rfm_group)g, "en"));
        add_row_json(w, &rfm->groups[g], &rfm->all);
        gy_json_close(w, '}');
    }
    gy_json_close(w, ']');
    gy_json_key(w, "cells");
    gy_json_open(w, '[');
    for (int r = 1; r <= GY_RFM_SCORES; r++) {
        for (int f = 1; f <= GY_RFM_SCORES; f++) {
            gy_json_open(w, '{');
            gy_report_count(w, "r", (uint64_t)r);
            gy_report_count(w, "f", (uint64_t)f);
            gy_json_key(w, "group");
            gy_json_text(w, gy_rfm_group_name(gy_rfm_group_of(r, f), "en"));
            gy_report_count(w, "customers", rfm->cells[r - 1][f - 1]);
            gy_json_close(w, '}');
        }
    }
    gy_json_close(w, ']');
    gy_json_close(w, '}');
}
