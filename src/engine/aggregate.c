/* aggregate.c - sums over events, by group.
 *
 * Each worker goes from customer to customer and keeps groups of its own; the workers' groups are
 * joined at the end. A customer's events are looked at together, so a group counts a customer once by
 * remembering the last one it saw. Sums are exact (decimal_sum.h), so their order never shows.
 */
#include <stdlib.h>

#include "base/decimal_sum.h"
#include "base/intern.h"
#include "base/mem.h"
#include "engine/run.h"
#include "engine/value_ops.h"

struct group {
    int64_t day;
    struct gy_value value;
    uint64_t n_events;
    uint64_t n_customers;
    uint32_t last_customer;
    struct gy_decimal_sum *sums;
};

/* One worker's groups, found by the bytes of their key. */
struct groups {
    struct gy_intern keys; /* number: the place in `groups` */
    struct group *groups;
    uint32_t capacity;
    struct gy_rows rows;
};

struct aggregate {
    struct gy_run *run;
    const struct gy_aggregation *aggregation;
    struct gy_range range;
    int64_t now_ms;
    const struct gy_filter *filter;
    uint32_t stream;
    uint32_t group_property;
    uint32_t *sum_properties;
    struct groups *workers;
};

static void release_groups(struct groups *g, uint32_t n_sums)
{
    for (uint32_t i = 0; i < g->keys.n; i++) {
        for (uint32_t s = 0; s < n_sums; s++)
            gy_decimal_sum_release(&g->groups[i].sums[s]);
        free(g->groups[i].sums);
    }
    free(g->groups);
    gy_rows_release(&g->rows);
    gy_intern_release(&g->keys);
}

/* ---- keys ---- */

int64_t gy_group_first_day(enum gy_group_by group_by, int64_t day)
{
    struct gy_civil civil;
    if (group_by == GY_GROUP_DAY)
        return day;
    if (group_by == GY_GROUP_WEEK)
        return day - (gy_day_weekday(day) - 1);
    gy_day_to_civil(day, &civil);
    return gy_day_from_civil(civil.year, group_by == GY_GROUP_MONTH ? civil.month : 1, 1);
}

/* The group of this day and value, new where it is not there yet. */
static struct group *group_of(struct groups *g, int64_t day, const struct gy_value *value,
                              uint32_t n_sums)
{
    struct gy_buf key = {0};
    char bytes[1 + sizeof(int64_t) + sizeof(double)] = {(char)value->type};
    double number = value->type == GY_VALUE_STRING || value->type == GY_VALUE_MISSING ? 0.0
                    : value->type == GY_VALUE_TIME ? (double)value->time_ms
                                                   : gy_value_as_number(value) + 0.0;
    memcpy(bytes + 1, &day, sizeof day);
    memcpy(bytes + 1 + sizeof day, &number, sizeof number);
    gy_buf_append(&key, bytes, sizeof bytes);
    if (value->type == GY_VALUE_STRING)
        gy_buf_str(&key, value->string);
    uint32_t n_before = g->keys.n;
    uint32_t place = gy_intern_add(&g->keys, gy_buf_view(&key));
    gy_buf_release(&key);
    GY_GROW(g->groups, g->capacity, g->keys.n);
    if (g->keys.n > n_before) {
        struct gy_value own = *value; /* a string is kept with the key */
        if (own.type == GY_VALUE_STRING)
            own.string.ptr = g->keys.strings[place].ptr + sizeof bytes;
        g->groups[place] =
            (struct group){.day = day,
                           .value = own,
                           .last_customer = GY_ID_NONE,
                           .sums = gy_alloc_zero(n_sums, sizeof(struct gy_decimal_sum))};
    }
    return &g->groups[place];
}

static struct group *group_of_row(const struct aggregate *a, struct groups *g,
                                  const struct gy_row_context *context, const struct gy_row *row)
{
    struct gy_value value = gy_value_missing();
    enum gy_group_by group_by = a->aggregation->group_by;
    int64_t day = 0;
    if (group_by == GY_GROUP_PROPERTY && a->group_property != GY_ID_NONE)
        value = gy_row_value(context->reader, row, a->group_property, context->arena);
    else if (group_by >= GY_GROUP_DAY && group_by <= GY_GROUP_YEAR)
        day = gy_group_first_day(group_by, gy_zone_day(context->zone, row->time_ms));
    return group_of(g, day, &value, a->aggregation->n_sums);
}

/* ---- rows ---- */

static void take_row(const struct aggregate *a, struct groups *g,
                     const struct gy_row_context *context, uint32_t root, const struct gy_row *row)
{
    struct group *group = group_of_row(a, g, context, row);
    group->n_events++;
    group->n_customers += group->last_customer != root;
    group->last_customer = root;
    for (uint32_t s = 0; s < a->aggregation->n_sums; s++) {
        if (a->sum_properties[s] == GY_ID_NONE)
            continue;
        struct gy_value value =
            gy_row_value(context->reader, row, a->sum_properties[s], context->arena);
        if (value.type == GY_VALUE_NUMBER || value.type == GY_VALUE_BOOL)
            gy_decimal_sum_add(&group->sums[s], gy_value_as_number(&value));
    }
}

static void take_customer(const struct aggregate *a, struct groups *g,
                          struct gy_customer_eval *eval, const struct gy_subject *subject)
{
    struct gy_row_context context = {eval->reader, a->run->plan.zone, &eval->arena};
    gy_arena_reset(&eval->arena);
    g->rows.n = 0;
    gy_rows_gather(&g->rows, eval->reader, subject, a->stream, a->range);
    for (size_t i = 0; i < g->rows.n; i++) {
        if (gy_filter_passes(a->filter, &context, &g->rows.rows[i]))
            take_row(a, g, &context, subject->root, &g->rows.rows[i]);
    }
}

static bool is_asked(const struct aggregate *a, uint32_t root)
{
    const roaring_bitmap_t *audience = a->aggregation->audience;
    return audience == NULL || roaring_bitmap_contains(audience, root);
}

static void take_block(const struct aggregate *a, struct groups *g, struct gy_block_eval *block)
{
    const struct gy_bits *roots = gy_block_roots_at(block, a->now_ms);
    GY_FOR_EACH_BIT(i, roots)
    {
        uint32_t ordinal = block->block_no * (uint32_t)GY_BLOCK_SIZE + i;
        struct gy_subject subject = {ordinal, &ordinal, 1};
        if (i % 64 == 0 && !gy_reader_may_go_on(block->reader))
            return;
        if (is_asked(a, ordinal))
            take_customer(a, g, block->eval, &subject);
    }
}

static enum gy_status take_piece(void *context, struct gy_worker *worker,
                                 const struct gy_piece *piece, struct gy_error *err)
{
    struct aggregate *a = context;
    struct groups *g = &a->workers[worker - a->run->workers];
    (void)err;
    if (piece->is_block) {
        take_block(a, g, &worker->block);
        return GY_OK;
    }
    for (size_t i = piece->first_scattered; i < piece->end_scattered; i++) {
        struct gy_subject subject = gy_run_scattered(a->run, i);
        if (is_asked(a, subject.root))
            take_customer(a, g, &worker->eval, &subject);
    }
    return GY_OK;
}

/* ---- joining ---- */

static void join_groups(struct groups *into, const struct groups *from, uint32_t n_sums)
{
    for (uint32_t i = 0; i < from->keys.n; i++) {
        const struct group *g = &from->groups[i];
        struct group *to = group_of(into, g->day, &g->value, n_sums);
        to->n_events += g->n_events;
        to->n_customers += g->n_customers;
        for (uint32_t s = 0; s < n_sums; s++)
            gy_decimal_sum_add_sum(&to->sums[s], &g->sums[s]);
    }
}

/* By key, the missing one last. */
static int compare_groups(const void *a, const void *b)
{
    const struct group *l = a;
    const struct group *r = b;
    if (l->day != r->day)
        return l->day < r->day ? -1 : 1;
    bool l_missing = l->value.type == GY_VALUE_MISSING;
    bool r_missing = r->value.type == GY_VALUE_MISSING;
    return l_missing != r_missing ? (int)l_missing - (int)r_missing
                                  : gy_value_order(&l->value, &r->value);
}

static struct gy_value copy_value(struct gy_value value, struct gy_arena *arena)
{
    if (value.type == GY_VALUE_STRING)
        value.string = gy_arena_str(arena, value.string);
    return value;
}

static void make_table(struct groups *all, uint32_t n_sums, struct gy_group_table *out)
{
    if (all->keys.n > 0)
        qsort(all->groups, all->keys.n, sizeof *all->groups, compare_groups);
    out->n_groups = all->keys.n;
    out->groups = GY_NEW_ARRAY(&out->arena, struct gy_group, out->n_groups);
    for (uint32_t i = 0; i < out->n_groups; i++) {
        struct group *g = &all->groups[i];
        double *sums = GY_NEW_ARRAY(&out->arena, double, n_sums);
        for (uint32_t s = 0; s < n_sums; s++)
            sums[s] = gy_decimal_sum_value(&g->sums[s]);
        out->groups[i] = (struct gy_group){g->day, copy_value(g->value, &out->arena), g->n_events,
                                           g->n_customers, sums};
    }
}

/* ---- the way in ---- */

static enum gy_status prepare(struct aggregate *a, struct gy_error *err)
{
    const struct gy_aggregation *aggregation = a->aggregation;
    const struct gy_schema *schema = gy_snapshot_schema(a->run->snapshot);
    struct gy_arena *arena = &a->run->plan.arena;
    uint32_t event = gy_event_find(schema, aggregation->event);
    a->stream = gy_derived_stream(&a->run->plan.derived, event, a->now_ms);
    a->group_property = GY_ID_NONE;
    a->sum_properties = GY_NEW_ARRAY(arena, uint32_t, aggregation->n_sums);
    for (uint32_t s = 0; s < aggregation->n_sums; s++)
        a->sum_properties[s] =
            a->stream == GY_ID_NONE
                ? GY_ID_NONE
                : gy_event_find_property(schema, event, aggregation->sum_properties[s]);
    if (a->stream != GY_ID_NONE && aggregation->group_by == GY_GROUP_PROPERTY)
        a->group_property = gy_event_find_property(schema, event, aggregation->group_property);
    if (aggregation->where != NULL)
        GY_TRY(
            gy_filter_compile(aggregation->where, arena, &a->run->plan.regexes, &a->filter, err));
    return gy_run_prepare(a->run, err);
}

static enum gy_status take_all(struct aggregate *a, struct gy_group_table *out,
                               struct gy_error *err)
{
    uint32_t n_sums = a->aggregation->n_sums;
    struct groups all = {0};
    struct gy_value none = gy_value_missing();
    a->workers = gy_alloc_zero(a->run->n_workers, sizeof *a->workers);
    if (a->aggregation->group_by == GY_GROUP_NONE)
        (void)group_of(&all, 0, &none, n_sums);
    enum gy_status status =
        a->stream == GY_ID_NONE ? GY_OK : gy_run_pieces(a->run, take_piece, a, err);
    for (unsigned w = 0; w < a->run->n_workers; w++) {
        join_groups(&all, &a->workers[w], n_sums);
        release_groups(&a->workers[w], n_sums);
    }
    if (status == GY_OK)
        make_table(&all, n_sums, out);
    release_groups(&all, n_sums);
    free(a->workers);
    return status;
}

enum gy_status gy_aggregate(const struct gy_snapshot *snapshot,
                            const struct gy_aggregation *aggregation, int64_t now_ms,
                            const struct gy_run_options *options, struct gy_group_table *out,
                            struct gy_error *err)
{
    struct gy_run run;
    *out = (struct gy_group_table){0};
    gy_run_init(&run, snapshot, options);
    struct aggregate a = {.run = &run, .aggregation = aggregation, .now_ms = now_ms};
    a.range = (struct gy_range){aggregation->from_ms, aggregation->to_ms};
    if (a.range.to_ms > now_ms)
        a.range.to_ms = now_ms + 1;
    enum gy_status status = prepare(&a, err);
    if (status == GY_OK)
        status = take_all(&a, out, err);
    gy_run_release(&run);
    return status;
}

void gy_group_table_release(struct gy_group_table *table)
{
    gy_arena_release(&table->arena);
    *table = (struct gy_group_table){0};
}
