/* reference_tables.c - values of everyone, and sums over events by group, as lines of text. */
#include <stdlib.h>

#include "base/mem.h"
#include "reference/reference_internal.h"

static void put_value(const struct ref_value *v, struct gy_buf *out)
{
    char time[GY_TIME_TEXT];
    switch (v->type) {
    case GY_TYPE_NUMBER:
        gy_buf_printf(out, "%.17g", v->number + 0.0);
        break;
    case GY_TYPE_BOOL:
        gy_buf_text(out, v->number != 0 ? "true" : "false");
        break;
    case GY_TYPE_TIME:
        gy_time_print(v->time_ms, time);
        gy_buf_text(out, time);
        break;
    case GY_TYPE_STRING:
        gy_buf_str(out, v->string);
        break;
    case GY_TYPE_LIST:
    case GY_TYPE_ANY:
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

static void put_lines(struct gy_str *lines, size_t n, struct gy_buf *out)
{
    qsort(lines, n, sizeof *lines, by_bytes);
    for (size_t i = 0; i < n; i++) {
        gy_buf_str(out, lines[i]);
        gy_buf_char(out, '\n');
    }
}

void ref_values(struct ref_data *data, const struct gy_term *term, int64_t now_ms,
                struct gy_buf *out)
{
    struct gy_arena arena = {0};
    struct gy_str *lines = GY_NEW_ARRAY(&arena, struct gy_str, data->n_customers + 1);
    size_t n = 0;
    for (size_t i = 0; i < data->n_customers; i++) {
        const struct ref_customer *c = &data->customers[i];
        struct ref_value v = {.type = GY_TYPE_ANY};
        if (ref_exists(data, c, now_ms)) {
            v = ref_value_of(data, c, term, now_ms);
        }
        if (v.type != GY_TYPE_ANY) {
            struct gy_buf line = {0};
            gy_buf_str(&line, c->id);
            gy_buf_char(&line, ' ');
            put_value(&v, &line);
            lines[n++] = gy_arena_str(&arena, gy_buf_view(&line));
            gy_buf_release(&line);
        }
    }
    put_lines(lines, n, out);
    gy_arena_release(&arena);
}

/* ---- reports ---- */

struct group {
    struct gy_str key;
    uint64_t n_events;
    uint64_t n_customers;
    const struct ref_customer *last_customer;
    struct ref_sum sum;
};

struct groups {
    struct gy_arena arena;
    struct group *groups;
    size_t n;
    size_t capacity;
};

static struct group *group_of(struct groups *all, struct gy_str key)
{
    for (size_t i = 0; i < all->n; i++) {
        if (gy_str_equal(all->groups[i].key, key)) {
            return &all->groups[i];
        }
    }
    GY_GROW(all->groups, all->capacity, all->n + 1);
    all->groups[all->n] = (struct group){.key = gy_arena_str(&all->arena, key)};
    return &all->groups[all->n++];
}

static void put_key(const struct ref_data *data, const struct ref_report *report,
                    const struct ref_event *e, struct gy_buf *key)
{
    if (report->by_period) {
        int64_t day = ref_period_day(gy_zone_day(data->zone, e->time_ms), report->period, 0);
        gy_buf_printf(key, "%lld", (long long)day);
    } else if (report->by_property.len > 0) {
        struct ref_value v = ref_property_of(e, report->by_property);
        put_value(&v, key);
    } else {
        gy_buf_text(key, "all");
    }
}

static void count_event(struct groups *all, struct ref_data *data, const struct ref_report *report,
                        const struct ref_customer *c, const struct ref_event *e)
{
    struct gy_buf key = {0};
    gy_buf_text(&key, "");
    put_key(data, report, e, &key);
    struct group *group = group_of(all, gy_buf_view(&key));
    group->n_events++;
    group->n_customers += group->last_customer != c;
    group->last_customer = c;
    struct ref_value v = ref_property_of(e, report->sum);
    if (report->sum.len > 0 && v.type == GY_TYPE_NUMBER) {
        ref_sum_add(&group->sum, v.number);
    }
    gy_buf_release(&key);
}

static void count_customer(struct groups *all, struct ref_data *data,
                           const struct ref_report *report, const struct ref_customer *c,
                           int64_t now_ms)
{
    if (gy_str_equal(report->event, GY_STR("Visit")) && ref_has_visits(data)) {
        c = ref_with_visits(data, c, now_ms);
    }
    for (size_t i = 0; i < c->n_events; i++) {
        const struct ref_event *e = &c->events[i];
        if (gy_str_equal(e->name, report->event) && e->time_ms >= report->from_ms &&
            e->time_ms < report->to_ms && e->time_ms <= now_ms &&
            ref_passes(data, e, report->where)) {
            count_event(all, data, report, c, e);
        }
    }
}

void ref_report(struct ref_data *data, const struct ref_report *report, int64_t now_ms,
                struct gy_buf *out)
{
    struct groups all = {0};
    if (!report->by_period && report->by_property.len == 0) {
        group_of(&all, GY_STR("all"));
    }
    for (size_t i = 0; i < data->n_customers; i++) {
        const struct ref_customer *c = &data->customers[i];
        if (ref_exists(data, c, now_ms) &&
            (report->audience == NULL || ref_holds(data, c, report->audience, now_ms))) {
            count_customer(&all, data, report, c, now_ms);
        }
    }
    struct gy_str *lines = GY_NEW_ARRAY(&all.arena, struct gy_str, all.n + 1);
    for (size_t i = 0; i < all.n; i++) {
        struct gy_buf line = {0};
        const struct group *g = &all.groups[i];
        gy_buf_str(&line, g->key);
        gy_buf_printf(&line, " %llu %llu %.17g", (unsigned long long)g->n_events,
                      (unsigned long long)g->n_customers, ref_sum_mean(&g->sum, 1) + 0.0);
        lines[i] = gy_arena_str(&all.arena, gy_buf_view(&line));
        gy_buf_release(&line);
    }
    put_lines(lines, all.n, out);
    free(all.groups);
    gy_arena_release(&all.arena);
}
