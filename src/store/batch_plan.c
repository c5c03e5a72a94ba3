/* batch_plan.c - the order of a batch's rows, and the names it brings.
 *
 * Only calls are sorted by customer and time; rows follow the places of their calls, so that a row of
 * a stream is sorted by one small number. Within one customer and millisecond the rows of all event
 * streams are numbered by arrival: that is the rank, which keeps "A, then B" known when the two lie in
 * different streams.
 */
#include "store/batch_plan.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "store/probe.h"
#include "store/radix.h"

enum {
    FETCHED_AHEAD = 16 /* calls */
};

/* Times as numbers that sort: ALWAYS comes before all. */
static uint64_t time_key(int64_t time_ms)
{
    return time_ms == GY_TIME_ALWAYS_MS ? 0 : (uint64_t)(time_ms - GY_TIME_MIN_MS) + 1;
}

/* ---- life ---- */

void gy_plan_init(struct gy_plan *plan, const struct gy_batch *batch, struct gy_identity *identity)
{
    *plan = (struct gy_plan){.batch = batch, .identity = identity};
    size_t n = (size_t)batch->n_calls + 1;
    plan->roots = gy_realloc(NULL, n, sizeof *plan->roots);
    plan->order = gy_realloc(NULL, n, sizeof *plan->order);
    plan->positions = gy_realloc(NULL, n, sizeof *plan->positions);
    plan->rank_bases = gy_alloc_zero(n, sizeof *plan->rank_bases);
    plan->dropped = gy_alloc_zero(n / 64 + 1, sizeof *plan->dropped);
    plan->string_classes = gy_alloc_zero((size_t)batch->strings.n + 1, 1);
    plan->string_marks = gy_alloc_zero((size_t)batch->strings.n + 1, sizeof *plan->string_marks);
    plan->stream_ids = gy_realloc(NULL, batch->n_streams, sizeof *plan->stream_ids);
    plan->schema = batch->schema;
}

static void release_column(struct gy_plan_column *c)
{
    free(c->has_entry);
    free(c->before);
    free(c->values);
    free(c->is_misfit);
    free(c->dictionary);
    free(c->list_codes);
}

void gy_plan_release(struct gy_plan *plan)
{
    for (uint32_t s = 0; s < plan->n_streams; s++) {
        for (uint32_t c = 0; c < plan->streams[s].n_columns; c++)
            release_column(&plan->streams[s].columns[c]);
        free(plan->streams[s].columns);
        free(plan->streams[s].rows);
        free(plan->streams[s].times);
    }
    free(plan->streams);
    free(plan->roots);
    free(plan->order);
    free(plan->positions);
    free(plan->rank_bases);
    for (uint32_t s = 0; s < plan->n_own_rows; s++)
        free(plan->own_rows[s].rows);
    free(plan->own_rows);
    free(plan->dropped);
    free(plan->string_classes);
    free(plan->string_marks);
    free(plan->stream_ids);
    if (plan->has_new_schema)
        gy_schema_release(&plan->new_schema);
    gy_arena_release(&plan->arena);
    *plan = (struct gy_plan){0};
}

/* ---- order ---- */

void gy_plan_roots(struct gy_plan *plan)
{
    const struct gy_batch *b = plan->batch;
    for (uint32_t i = 0; i < b->n_calls; i++)
        plan->roots[i] = gy_identity_root(plan->identity, b->calls[i].customer);
}

void gy_plan_order(struct gy_plan *plan)
{
    const struct gy_batch *b = plan->batch;
    uint64_t *times = gy_realloc(NULL, (size_t)b->n_calls + 1, sizeof *times);
    for (uint32_t i = 0; i < b->n_calls; i++) {
        plan->order[i] = i;
        times[i] = time_key(b->calls[i].time_ms);
    }
    plan->n_order = b->n_calls;
    gy_radix_sort_u64(plan->order, b->n_calls, times);
    gy_radix_sort_u32(plan->order, b->n_calls, plan->roots);
    free(times);
}

static void leave_out_dropped(struct gy_plan *plan)
{
    uint32_t n = 0;
    memset(plan->positions, 0xff, plan->batch->n_calls * sizeof *plan->positions);
    for (uint32_t i = 0; i < plan->n_order; i++) {
        uint32_t call = plan->order[i];
        if (gy_plan_is_dropped(plan, call))
            continue;
        plan->positions[call] = n;
        plan->order[n++] = call;
    }
    plan->n_order = n;
}

static uint32_t event_rows_of(const struct gy_batch *b, uint32_t call)
{
    uint32_t end = call + 1 < b->n_calls ? b->calls[call + 1].first_seq : b->n_seqs;
    return end - b->calls[call].first_seq;
}

static void make_own_rows(struct gy_plan *plan)
{
    const struct gy_batch *b = plan->batch;
    plan->own_rows = gy_alloc_zero(b->n_streams, sizeof *plan->own_rows);
    plan->n_own_rows = b->n_streams;
    for (uint32_t s = 0; s < b->n_streams; s++) {
        if (b->streams[s].n_calls == b->streams[s].n_rows)
            plan->own_rows[s].rows =
                gy_realloc(NULL, (size_t)b->streams[s].n_rows + 1, sizeof(uint32_t));
    }
}

/* The calls that stay are looked at in their order here, each somewhere else in memory: asked for ahead,
 * and once for all that is needed of them. Where each row of a stream is a call's own, those are its rows in
 * order. */
static void set_ranks(struct gy_plan *plan)
{
    const struct gy_batch *b = plan->batch;
    uint32_t rank = 0;
    for (uint32_t i = 0; i < plan->n_order; i++) {
        uint32_t ahead = i + FETCHED_AHEAD < plan->n_order ? i + FETCHED_AHEAD : i;
        __builtin_prefetch(&b->calls[plan->order[ahead]]);
        __builtin_prefetch(&plan->roots[plan->order[ahead]]);
        uint32_t call = plan->order[i];
        uint32_t before = i == 0 ? call : plan->order[i - 1];
        if (plan->roots[call] != plan->roots[before] ||
            b->calls[call].time_ms != b->calls[before].time_ms)
            rank = 0;
        plan->rank_bases[call] = rank;
        rank += event_rows_of(b, call);
        struct gy_own_rows *own = &plan->own_rows[b->calls[call].stream];
        if (own->rows != NULL)
            own->rows[own->n++] = b->calls[call].row;
    }
}

/* ---- names ---- */

static struct gy_schema *schema_to_change(struct gy_plan *plan)
{
    if (!plan->has_new_schema) {
        gy_schema_copy(&plan->new_schema, plan->schema);
        plan->has_new_schema = true;
        plan->schema = &plan->new_schema;
    }
    return &plan->new_schema;
}

static uint32_t count_rows(const struct gy_plan *plan, const struct gy_batch_stream *s)
{
    if (plan->n_dropped == 0)
        return s->n_rows;
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->n_rows; i++)
        n += !gy_plan_is_dropped(plan, s->calls[i]);
    return n;
}

/* The event's id; a new event gets one, its parent's first. The parent's name is shorter, so this
 * ends. */
static uint32_t event_id(struct gy_plan *plan, uint32_t at)
{
    const struct gy_batch_stream *s = &plan->batch->streams[at];
    if (plan->stream_ids[at] != GY_ID_NONE)
        return plan->stream_ids[at];
    uint32_t parent = s->parent == GY_BATCH_NONE ? 0 : event_id(plan, s->parent);
    plan->stream_ids[at] = gy_schema_add_stream(schema_to_change(plan), GY_STREAM_EVENT, s->name,
                                                GY_VALUE_MISSING, parent);
    return plan->stream_ids[at];
}

static void add_column(struct gy_plan_stream *s, const struct gy_plan_column *column)
{
    s->columns = gy_realloc(s->columns, (size_t)s->n_columns + 1, sizeof *s->columns);
    s->columns[s->n_columns++] = *column;
}

static const char *type_noun(enum gy_value_type type)
{
    switch (type) {
    case GY_VALUE_NUMBER:
        return "a number";
    case GY_VALUE_STRING:
        return "a string";
    case GY_VALUE_BOOL:
        return "a boolean";
    case GY_VALUE_TIME:
        return "a time";
    case GY_VALUE_LIST:
        return "a list";
    case GY_VALUE_MISSING:
    case GY_VALUE_CELL:
        break;
    }
    return "unknown";
}

static void first_misfit(struct gy_plan *plan, const struct gy_plan_column *column,
                         struct gy_buf *out)
{
    struct gy_value value;
    uint32_t e = 0;
    while (column->is_misfit[e] == 0)
        e++;
    gy_batch_value(plan->batch, column->from, e, &plan->arena, &value);
    gy_value_json(&value, out);
}

static void note_misfits(struct gy_plan *plan, const struct gy_batch_stream *s,
                         const struct gy_plan_column *column)
{
    struct gy_buf text = {0};
    plan->n_misfits += column->n_misfits;
    if (column->n_misfits == 0 || plan->misfit_example[0] != '\0')
        return;
    if (s->kind == GY_BATCH_KIND_TRAIT) {
        gy_buf_printf(&text, "trait \"%.*s\"", GY_STR_ARG(s->name));
    } else {
        gy_buf_printf(&text, "property \"%.*s\" of \"%.*s\"", GY_STR_ARG(column->from->name),
                      GY_STR_ARG(s->name));
    }
    gy_buf_printf(&text, " is %s; %u %s not, the first is ", type_noun(column->type),
                  column->n_misfits, column->n_misfits == 1 ? "value is" : "values are");
    first_misfit(plan, column, &text);
    struct gy_error cut; /* cuts at a code point */
    gy_error_set(&cut, GY_INVALID, "%s", text.ptr);
    snprintf(plan->misfit_example, sizeof plan->misfit_example, "%.*s",
             (int)sizeof plan->misfit_example - 1, cut.message);
    gy_buf_release(&text);
}

static void settle_property(struct gy_plan *plan, struct gy_plan_stream *to,
                            const struct gy_batch_column *from)
{
    uint32_t id = gy_schema_find_property(plan->schema, to->id, from->name);
    bool is_new = id == GY_ID_NONE;
    struct gy_plan_column column = {.from = from, .property = id};
    enum gy_value_type type =
        is_new ? GY_VALUE_MISSING : gy_schema_property(plan->schema, id)->type;
    if (!gy_plan_settle_column(plan, to->from, type, &column))
        return;
    if (is_new) {
        column.property =
            gy_schema_add_property(schema_to_change(plan), to->id, from->name, column.type);
    }
    note_misfits(plan, to->from, &column);
    add_column(to, &column);
}

static int by_property(const void *a, const void *b)
{
    uint32_t x = ((const struct gy_plan_column *)a)->property;
    uint32_t y = ((const struct gy_plan_column *)b)->property;
    return (x > y) - (x < y);
}

static void settle_event(struct gy_plan *plan, uint32_t at, struct gy_plan_stream *to)
{
    to->id = event_id(plan, at);
    for (uint32_t c = 0; c < to->from->n_columns; c++)
        settle_property(plan, to, &to->from->columns[c]);
    if (to->n_columns > 1)
        qsort(to->columns, to->n_columns, sizeof *to->columns, by_property);
}

/* A trait of which only removals have come has no type yet, but they are kept: a value of an earlier
 * time may come later. */
static void settle_trait(struct gy_plan *plan, uint32_t at, struct gy_plan_stream *to)
{
    uint32_t id = plan->stream_ids[at];
    struct gy_plan_column column = {.from = &to->from->columns[0], .property = GY_PROPERTY_VALUE};
    enum gy_value_type type =
        id == GY_ID_NONE ? GY_VALUE_MISSING : gy_schema_stream(plan->schema, id)->type;
    bool has_values = gy_plan_settle_column(plan, to->from, type, &column);
    if (id == GY_ID_NONE) {
        id = gy_schema_add_stream(schema_to_change(plan), GY_STREAM_TRAIT, to->from->name,
                                  has_values ? column.type : GY_VALUE_MISSING, 0);
    } else if (has_values && type == GY_VALUE_MISSING) {
        schema_to_change(plan)->streams[id - GY_STREAM_FIRST].type = column.type;
    }
    plan->stream_ids[at] = id;
    to->id = id;
    if (has_values) {
        note_misfits(plan, to->from, &column);
        add_column(to, &column);
    }
}

/* ---- rows ---- */

static void sort_rows(struct gy_plan *plan, struct gy_plan_stream *to)
{
    const struct gy_batch_stream *s = to->from;
    struct gy_own_rows *own = &plan->own_rows[s - plan->batch->streams];
    if (own->rows != NULL) {
        GY_ASSERT(own->n == to->n_rows);
        to->rows = own->rows;
        own->rows = NULL;
        return;
    }
    uint32_t *keys = gy_realloc(NULL, (size_t)s->n_rows + 1, sizeof *keys);
    to->rows = gy_realloc(NULL, (size_t)to->n_rows + 1, sizeof *to->rows);
    uint32_t n = 0;
    for (uint32_t row = 0; row < s->n_rows; row++) {
        keys[row] = plan->positions[s->calls[row]];
        if (keys[row] != GY_PLAN_DROPPED)
            to->rows[n++] = row;
    }
    GY_ASSERT(n == to->n_rows);
    gy_radix_sort_u32(to->rows, n, keys);
    free(keys);
}

static bool is_untimed(const struct gy_plan *plan, const struct gy_plan_stream *to, uint32_t row)
{
    return plan->batch->calls[to->from->calls[row]].time_ms == GY_TIME_ALWAYS_MS;
}

static uint32_t root_of(const struct gy_plan *plan, const struct gy_plan_stream *to, uint32_t row)
{
    return plan->roots[to->from->calls[row]];
}

/* Sets the times of a trait's rows without one. In order they stand first among their customer's
 * rows, by arrival. True if one of them moves. */
static enum gy_status place_untimed(struct gy_plan *plan, struct gy_plan_stream *to,
                                    int64_t import_ms, bool *moves, struct gy_error *err)
{
    uint32_t *members = NULL;
    size_t capacity = 0;
    enum gy_status status = GY_OK;
    for (uint32_t i = 0; i < to->n_rows && status == GY_OK; i++) {
        uint32_t row = to->rows[i];
        uint32_t root = root_of(plan, to, row);
        bool is_first = i == 0 || root_of(plan, to, to->rows[i - 1]) != root;
        bool has_always = !is_first;
        if (!is_untimed(plan, to, row))
            continue;
        if (is_first) {
            size_t n = gy_identity_members(plan->identity, root, &members, &capacity);
            status = gy_probe_always(plan->identity->live, members, n, to->id, &has_always, err);
        }
        to->times[row] = has_always ? import_ms : GY_TIME_ALWAYS_MS;
        *moves |= has_always;
    }
    free(members);
    return status;
}

static void sort_rows_by_time(struct gy_plan *plan, struct gy_plan_stream *to)
{
    uint64_t *keys = gy_realloc(NULL, (size_t)to->from->n_rows + 1, sizeof *keys);
    for (uint32_t i = 0; i < to->n_rows; i++)
        keys[to->rows[i]] = time_key(to->times[to->rows[i]]);
    gy_radix_sort_u64(to->rows, to->n_rows, keys);
    for (uint32_t i = 0; i < to->n_rows; i++)
        keys[to->rows[i]] = root_of(plan, to, to->rows[i]);
    gy_radix_sort_u64(to->rows, to->n_rows, keys);
    free(keys);
}

/* Values without a time arrive at the instant of the import, so they sort behind those that came
 * before with that very time: rows go back into the order of arrival first. */
static enum gy_status settle_times(struct gy_plan *plan, struct gy_plan_stream *to,
                                   int64_t import_ms, struct gy_error *err)
{
    bool any = false;
    bool moves = false;
    for (uint32_t i = 0; i < to->n_rows && !any; i++)
        any = is_untimed(plan, to, to->rows[i]);
    if (!any)
        return GY_OK;
    to->times = gy_realloc(NULL, (size_t)to->from->n_rows + 1, sizeof *to->times);
    for (uint32_t i = 0; i < to->n_rows; i++)
        to->times[to->rows[i]] = plan->batch->calls[to->from->calls[to->rows[i]]].time_ms;
    GY_TRY(place_untimed(plan, to, import_ms, &moves, err));
    if (!moves)
        return GY_OK;
    uint32_t n = 0;
    for (uint32_t row = 0; row < to->from->n_rows; row++) {
        if (plan->positions[to->from->calls[row]] != GY_PLAN_DROPPED)
            to->rows[n++] = row;
    }
    sort_rows_by_time(plan, to);
    return GY_OK;
}

/* The first call of each customer: the earliest, for that is the order. */
static void settle_existence(struct gy_plan *plan, struct gy_plan_stream *to)
{
    to->id = GY_STREAM_EXISTENCE;
    to->rows = gy_realloc(NULL, (size_t)plan->n_order + 1, sizeof *to->rows);
    for (uint32_t i = 0; i < plan->n_order; i++) {
        if (i == 0 || plan->roots[plan->order[i]] != plan->roots[plan->order[i - 1]])
            to->rows[to->n_rows++] = plan->order[i];
    }
}

/* ---- all streams ---- */

static enum gy_status settle_stream(struct gy_plan *plan, uint32_t at, int64_t import_ms,
                                    struct gy_error *err)
{
    struct gy_plan_stream *to = &plan->streams[plan->n_streams];
    const struct gy_batch_stream *from = &plan->batch->streams[at];
    *to = (struct gy_plan_stream){.from = from, .n_rows = count_rows(plan, from)};
    if (to->n_rows == 0)
        return GY_OK;
    plan->n_streams++;
    sort_rows(plan, to);
    switch (from->kind) {
    case GY_BATCH_KIND_CALLS:
        to->id = GY_STREAM_CALLS;
        return GY_OK;
    case GY_BATCH_KIND_EVENT:
        settle_event(plan, at, to);
        return GY_OK;
    case GY_BATCH_KIND_TRAIT:
        break;
    }
    settle_trait(plan, at, to);
    return settle_times(plan, to, import_ms, err);
}

static int by_id(const void *a, const void *b)
{
    uint32_t x = ((const struct gy_plan_stream *)a)->id;
    uint32_t y = ((const struct gy_plan_stream *)b)->id;
    return (x > y) - (x < y);
}

enum gy_status gy_plan_settle(struct gy_plan *plan, int64_t import_ms, struct gy_error *err)
{
    const struct gy_batch *b = plan->batch;
    leave_out_dropped(plan);
    make_own_rows(plan);
    set_ranks(plan);
    for (uint32_t s = 0; s < b->n_streams; s++)
        plan->stream_ids[s] = b->streams[s].schema_id;
    plan->streams = gy_alloc_zero((size_t)b->n_streams + 1, sizeof *plan->streams);
    settle_existence(plan, &plan->streams[plan->n_streams++]);
    for (uint32_t s = 0; s < b->n_streams; s++)
        GY_TRY(settle_stream(plan, s, import_ms, err));
    qsort(plan->streams, plan->n_streams, sizeof *plan->streams, by_id);
    return GY_OK;
}
