/* trial_report.c - sums over events, asked of the reference and of the engine. */
#include <stdlib.h>

#include "differential/trial.h"
#include "engine/vocabulary.h"
#include "lang/check.h"

/* The two texts, checked. */
struct asked {
    struct gy_definition audience;
    struct gy_definition aggregate;
};

static bool define(const struct trial_report *report, const struct gy_vocabulary *vocabulary,
                   struct asked *out, struct gy_error *err)
{
    struct gy_check_options options = {.allow_unknown = true};
    *out = (struct asked){0};
    return (report->audience.len == 0 ||
            gy_define(report->audience, vocabulary, &options, &out->audience, err) == GY_OK) &&
           gy_define_value(report->aggregate, vocabulary, &options, &out->aggregate, err) == GY_OK;
}

static void forget(struct asked *asked)
{
    gy_definition_release(&asked->audience);
    gy_definition_release(&asked->aggregate);
}

static bool sums_numbers(const struct gy_term *term, const struct gy_vocabulary *v)
{
    return gy_aggregate_takes_property(term->aggregate) && term->name.id != GY_NAME_UNKNOWN &&
           v->type(v->context, GY_NAME_PROPERTY, term->event.id, term->name.id) == GY_TYPE_NUMBER;
}

bool trial_report_of_reference(const struct trial *t, const struct trial_report *report,
                               int64_t now_ms, struct gy_buf *lines, struct gy_error *err)
{
    static const enum gy_unit UNITS[] = {[GY_GROUP_DAY] = GY_UNIT_DAY,
                                         [GY_GROUP_WEEK] = GY_UNIT_WEEK,
                                         [GY_GROUP_MONTH] = GY_UNIT_MONTH,
                                         [GY_GROUP_YEAR] = GY_UNIT_YEAR};
    struct asked asked;
    bool is_valid = define(report, &t->vocabulary, &asked, err);
    if (is_valid) {
        const struct gy_term *term = asked.aggregate.term;
        struct ref_report r = {.audience = asked.audience.expr,
                               .event = term->event.text,
                               .where = term->where,
                               .from_ms = report->from_ms,
                               .to_ms = report->to_ms};
        r.by_period = report->group_by >= GY_GROUP_DAY && report->group_by <= GY_GROUP_YEAR;
        if (r.by_period) {
            r.period = UNITS[report->group_by];
        } else if (report->group_by == GY_GROUP_PROPERTY) {
            r.by_property = report->group_property;
        }
        if (sums_numbers(term, &t->vocabulary)) {
            r.sum = term->name.text;
        }
        ref_report(t->reference, &r, now_ms, lines);
    }
    forget(&asked);
    return is_valid;
}

static void put_value(const struct gy_value *v, struct gy_buf *out)
{
    char time[GY_TIME_TEXT];
    switch (v->type) {
    case GY_VALUE_NUMBER:
        gy_buf_printf(out, "%.17g", v->number + 0.0);
        break;
    case GY_VALUE_BOOL:
        gy_buf_text(out, v->boolean ? "true" : "false");
        break;
    case GY_VALUE_TIME:
        gy_time_print(v->time_ms, time);
        gy_buf_text(out, time);
        break;
    case GY_VALUE_STRING:
    case GY_VALUE_CELL:
        gy_buf_str(out, v->string);
        break;
    case GY_VALUE_MISSING:
    case GY_VALUE_LIST:
        gy_buf_char(out, '-');
        break;
    }
}

static int by_bytes(const void *x, const void *y)
{
    const struct gy_str *a = x;
    const struct gy_str *b = y;
    return gy_str_compare(*a, *b);
}

static void put_groups(const struct gy_group_table *table, const struct gy_aggregation *asked,
                       struct gy_buf *out)
{
    struct gy_arena arena = {0};
    struct gy_str *lines = GY_NEW_ARRAY(&arena, struct gy_str, (size_t)table->n_groups + 1);
    for (uint32_t i = 0; i < table->n_groups; i++) {
        const struct gy_group *g = &table->groups[i];
        struct gy_buf line = {0};
        gy_buf_text(&line, "");
        if (asked->group_by == GY_GROUP_NONE) {
            gy_buf_text(&line, "all");
        } else if (asked->group_by == GY_GROUP_PROPERTY) {
            put_value(&g->value, &line);
        } else {
            gy_buf_printf(&line, "%lld", (long long)g->day);
        }
        gy_buf_printf(&line, " %llu %llu %.17g", (unsigned long long)g->n_events,
                      (unsigned long long)g->n_customers,
                      asked->n_sums > 0 ? g->sums[0] + 0.0 : 0.0);
        lines[i] = gy_arena_str(&arena, gy_buf_view(&line));
        gy_buf_release(&line);
    }
    qsort(lines, table->n_groups, sizeof *lines, by_bytes);
    for (uint32_t i = 0; i < table->n_groups; i++) {
        gy_buf_str(out, lines[i]);
        gy_buf_char(out, '\n');
    }
    gy_arena_release(&arena);
}

static bool ask_engine(const struct trial *t, const struct gy_aggregation *aggregation,
                       int64_t now_ms, const struct gy_run_options *options, struct gy_buf *lines,
                       struct gy_error *err)
{
    struct gy_group_table table = {0};
    bool is_answered =
        gy_aggregate(t->snapshot, aggregation, now_ms, options, &table, err) == GY_OK;
    if (is_answered) {
        put_groups(&table, aggregation, lines);
    }
    gy_group_table_release(&table);
    return is_answered;
}

bool trial_report_of_engine(const struct trial *t, const struct trial_report *report,
                            int64_t now_ms, const struct gy_run_options *options,
                            struct gy_buf *lines, struct gy_error *err)
{
    struct gy_vocabulary vocabulary = gy_vocabulary_of(t->snapshot);
    struct asked asked;
    roaring_bitmap_t *audience = NULL;
    bool is_answered =
        define(report, &vocabulary, &asked, err) &&
        (report->audience.len == 0 ||
         gy_audience(t->snapshot, asked.audience.expr, now_ms, options, &audience, err) == GY_OK);
    if (is_answered) {
        const struct gy_term *term = asked.aggregate.term;
        struct gy_aggregation a = {.audience = audience,
                                   .event = term->event.text,
                                   .where = term->where,
                                   .from_ms = report->from_ms,
                                   .to_ms = report->to_ms,
                                   .group_by = report->group_by,
                                   .group_property = report->group_property,
                                   .sum_properties = &term->name.text,
                                   .n_sums = sums_numbers(term, &vocabulary)};
        is_answered = ask_engine(t, &a, now_ms, options, lines, err);
    }
    if (audience != NULL) {
        roaring_bitmap_free(audience);
    }
    forget(&asked);
    return is_answered;
}
