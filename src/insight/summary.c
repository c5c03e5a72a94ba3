/* summary.c - see summary.h. Four sums over events and two audiences; nothing is counted twice. */
#include "insight/summary.h"

#include "base/zone.h"
#include "engine/vocabulary.h"
#include "lang/check.h"

struct asking {
    const struct gy_snapshot *snapshot;
    const roaring_bitmap_t *audience;
    int64_t now_ms;
    const struct gy_run_options *options;
    struct gy_vocabulary vocabulary;
};

/* ---- audiences ---- */

/* How many customers of the audience a definition holds for. */
static enum gy_status count_in(const struct asking *a, struct gy_str text, uint64_t *out,
                               struct gy_error *err)
{
    struct gy_definition definition = {0};
    struct gy_check_options options = {.allow_unknown = true};
    roaring_bitmap_t *found = NULL;
    enum gy_status status = gy_define(text, &a->vocabulary, &options, &definition, err);
    if (status != GY_OK) {
        goto done;
    }
    status = gy_audience(a->snapshot, definition.expr, a->now_ms, a->options, &found, err);
    if (status != GY_OK) {
        goto done;
    }
    *out = a->audience == NULL ? roaring_bitmap_get_cardinality(found)
                               : roaring_bitmap_and_cardinality(found, a->audience);
done:
    if (found != NULL) {
        roaring_bitmap_free(found);
    }
    gy_definition_release(&definition);
    return status;
}

/* ---- sums ---- */

static enum gy_status sum_events(const struct asking *a, struct gy_str event,
                                 const struct gy_expr *where, enum gy_group_by group_by,
                                 struct gy_group_table *out, struct gy_error *err)
{
    static const struct gy_str revenue[] = {{"revenue", 7}};
    struct gy_aggregation aggregation = {
        .audience = a->audience,
        .event = event,
        .where = where,
        .from_ms = GY_TIME_MIN_MS,
        .to_ms = GY_TIME_MAX_MS + 1,
        .group_by = group_by,
        .sum_properties = revenue,
        .n_sums = 1,
    };
    return gy_aggregate(a->snapshot, &aggregation, a->now_ms, a->options, out, err);
}

static enum gy_status sum_all(const struct asking *a, struct gy_str event,
                              const struct gy_expr *where, uint64_t *n_events, double *revenue,
                              struct gy_error *err)
{
    struct gy_group_table table = {0};
    enum gy_status status = sum_events(a, event, where, GY_GROUP_NONE, &table, err);
    if (status == GY_OK && table.n_groups > 0) {
        *n_events = table.groups[0].n_events;
        *revenue = table.groups[0].sums[0];
    }
    gy_group_table_release(&table);
    return status;
}

/* The orders that cost something: through a checked filter, as a definition has it. */
static enum gy_status count_charged(const struct asking *a, uint64_t *out, struct gy_error *err)
{
    struct gy_definition definition = {0};
    struct gy_check_options options = {.allow_unknown = true};
    double revenue;
    enum gy_status status = gy_define(GY_STR("did(\"Order Completed\" where revenue > 0)"),
                                      &a->vocabulary, &options, &definition, err);
    if (status == GY_OK) {
        status = sum_all(a, GY_STR("Order Completed"), definition.expr->steps[0].where, out,
                         &revenue, err);
    }
    gy_definition_release(&definition);
    return status;
}

/* ---- months ---- */

static size_t count_months(int64_t first_day, int64_t last_day)
{
    struct gy_civil first;
    struct gy_civil last;
    gy_day_to_civil(first_day, &first);
    gy_day_to_civil(last_day, &last);
    int32_t n = (last.year - first.year) * 12 + last.month - first.month + 1;
    return (size_t)n;
}

/* One row for each month that is spanned, empty ones too. */
static void lay_out_months(struct gy_summary *out, const struct gy_group_table *orders,
                           const struct gy_group_table *returns)
{
    int64_t first = INT64_MAX;
    int64_t last = INT64_MIN;
    const struct gy_group_table *tables[] = {orders, returns};
    for (size_t t = 0; t < 2; t++) {
        if (tables[t]->n_groups > 0) {
            int64_t low = tables[t]->groups[0].day;
            int64_t high = tables[t]->groups[tables[t]->n_groups - 1].day;
            first = low < first ? low : first;
            last = high > last ? high : last;
        }
    }
    if (first > last) {
        return;
    }
    out->n_months = count_months(first, last);
    out->months = GY_NEW_ARRAY(&out->arena, struct gy_summary_month, out->n_months);
    for (size_t i = 0; i < out->n_months; i++) {
        out->months[i].day = gy_day_add_months(first, (int64_t)i);
    }
}

static struct gy_summary_month *find_month(struct gy_summary *out, int64_t day)
{
    return &out->months[count_months(out->months[0].day, day) - 1];
}

static enum gy_status fill_months(const struct asking *a, struct gy_summary *out,
                                  struct gy_error *err)
{
    struct gy_group_table orders = {0};
    struct gy_group_table returns = {0};
    enum gy_status status =
        sum_events(a, GY_STR("Order Completed"), NULL, GY_GROUP_MONTH, &orders, err);
    if (status == GY_OK) {
        status = sum_events(a, GY_STR("Order Refunded"), NULL, GY_GROUP_MONTH, &returns, err);
    }
    if (status == GY_OK) {
        lay_out_months(out, &orders, &returns);
        for (uint32_t i = 0; i < orders.n_groups; i++) {
            struct gy_summary_month *month = find_month(out, orders.groups[i].day);
            month->n_orders = orders.groups[i].n_events;
            month->n_buyers = orders.groups[i].n_customers;
            month->revenue = orders.groups[i].sums[0];
        }
        for (uint32_t i = 0; i < returns.n_groups; i++) {
            struct gy_summary_month *month = find_month(out, returns.groups[i].day);
            month->n_returns = returns.groups[i].n_events;
            month->returned = returns.groups[i].sums[0];
        }
    }
    gy_group_table_release(&orders);
    gy_group_table_release(&returns);
    return status;
}

/* ---- all of it ---- */

enum gy_status gy_summary_make(const struct gy_snapshot *snapshot, const roaring_bitmap_t *audience,
                               int64_t now_ms, const struct gy_run_options *options,
                               struct gy_summary *out, struct gy_error *err)
{
    struct asking a = {snapshot, audience, now_ms, options, gy_vocabulary_of(snapshot)};
    *out = (struct gy_summary){0};
    GY_TRY(count_in(&a, GY_STR("everyone"), &out->n_customers, err));
    GY_TRY(count_in(&a, GY_STR("did(\"Order Completed\")"), &out->n_buyers, err));
    GY_TRY(count_in(&a, GY_STR("count(\"Order Completed\") >= 2"), &out->n_repeat_buyers, err));
    GY_TRY(sum_all(&a, GY_STR("Order Completed"), NULL, &out->n_orders, &out->revenue, err));
    GY_TRY(count_charged(&a, &out->n_charged_orders, err));
    GY_TRY(sum_all(&a, GY_STR("Order Refunded"), NULL, &out->n_returns, &out->returned, err));
    return fill_months(&a, out, err);
}

void gy_summary_release(struct gy_summary *summary)
{
    gy_arena_release(&summary->arena);
    *summary = (struct gy_summary){0};
}
