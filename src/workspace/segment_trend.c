/* segment_trend.c - see segment_trend.h. */
#include "workspace/segment_trend.h"

#include <string.h>

#include "base/zone.h"
#include "lang/print.h"

/* ---- which periods ---- */

static const struct gy_trend_by bys[] = {
    {"day", GY_GROUP_DAY, 30, GY_WORD_DAY},
    {"week", GY_GROUP_WEEK, 26, GY_WORD_WEEK},
    {"month", GY_GROUP_MONTH, 24, GY_WORD_MONTH},
};

enum gy_status gy_trend_by_read(const char *word, const struct gy_trend_by **out,
                                struct gy_error *err)
{
    for (size_t i = 0; i < sizeof bys / sizeof bys[0]; i++) {
        if (word == NULL || strcmp(word, bys[i].name) == 0) {
            *out = &bys[i];
            return GY_OK;
        }
    }
    return gy_error_set(err, GY_INVALID, "\"%s\" is none of day, week and month", word);
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
        gy_error_set(err, GY_INVALID, "\"%s\" of \"%s\" is no time", text, option);
        gy_error_hint(err, "A day is 2025-01-31.");
        return GY_INVALID;
    }
    *out = gy_zone_day(zone, time_ms);
    return GY_OK;
}

enum gy_status gy_trend_periods(const struct gy_ask *ask, const struct gy_trend_by *by,
                                const char *from, const char *to, struct gy_trend_query *out,
                                struct gy_error *err)
{
    int64_t today = gy_zone_day(gy_snapshot_zone(ask->snapshot), ask->now_ms);
    out->by = by->group_by;
    out->now_ms = ask->now_ms;
    GY_TRY(read_day(ask, "to", to, today, &out->to_day, err));
    int64_t last_day = out->to_day < today ? out->to_day : today;
    int64_t first_day =
        gy_trend_step(by->group_by, gy_group_first_day(by->group_by, last_day), 1 - by->n_periods);
    return read_day(ask, "from", from, first_day, &out->from_day, err);
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

void gy_trend_json(const struct gy_ask *ask, const struct gy_trend_by *by,
                   const struct gy_expr *expr, const struct gy_trend *trend,
                   struct gy_json_writer *w)
{
    struct gy_buf text = {0};
    gy_print_expr(expr, &text);
    gy_json_open(w, '{');
    gy_json_key(w, "text");
    gy_json_str(w, gy_buf_view(&text));
    gy_json_key(w, "as_of");
    gy_json_time(w, ask->now_ms);
    gy_json_key(w, "by");
    gy_json_text(w, by->name);
    gy_json_key(w, "currency");
    gy_json_text(w, gy_snapshot_currency(ask->snapshot));
    gy_json_key(w, "rows");
    gy_json_open(w, '[');
    for (uint32_t i = 0; i < trend->n_rows; i++) {
        add_row_json(w, trend, &trend->rows[i]);
    }
    gy_json_close(w, ']');
    gy_json_close(w, '}');
    gy_buf_release(&text);
}
