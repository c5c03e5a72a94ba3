/* import_orders.c - a file of orders or of order lines: kept, grouped, compared with what is stored, taken.
 *
 * An order is looked up by its id before it is given to the writer: stored with the same content it is a
 * duplicate, with another one it is *changed*.
 *
 * A column `trait.NAME` is the customer's from the order's time on; it is written where it changes.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "ingest/order_call.h"
#include "ingest/table.h"

/* What is to be done with an order. */
struct plan {
    bool has_new_traits;
    bool is_changed[GY_ORDER_N_KINDS];
};

struct job {
    struct gy_import *import;
    struct gy_order_rows rows;
    struct plan *plans; /* by order */
};

static enum gy_status read_rows(struct job *job, struct gy_table *table, struct gy_error *err)
{
    for (;;) {
        struct gy_row row;
        bool has_row;
        GY_TRY(gy_table_next(table, &row, &has_row, err));
        if (!has_row) {
            return GY_OK;
        }
        job->import->position = gy_table_position(table);
        GY_TRY(gy_import_step(job->import, err));
        bool is_repeat;
        const char *reason = gy_order_rows_add(&job->rows, &row, &is_repeat);
        if (reason != NULL) {
            gy_import_reject_row(job->import, &row, reason);
        }
        job->import->report->lines_duplicate += is_repeat;
    }
}

/* ---- traits ---- */

struct sorted_order {
    uint32_t customer;
    uint32_t order;
    int64_t time_ms;
};

static int by_customer_and_time(const void *x, const void *y)
{
    const struct sorted_order *a = x;
    const struct sorted_order *b = y;
    if (a->customer != b->customer) {
        return a->customer < b->customer ? -1 : 1;
    }
    if (a->time_ms != b->time_ms) {
        return a->time_ms < b->time_ms ? -1 : 1;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

static struct sorted_order *sort_orders(const struct gy_order_rows *rows, uint32_t *n)
{
    struct sorted_order *sorted = gy_alloc((rows->ids.n + 1) * sizeof *sorted);
    *n = 0;
    for (uint32_t k = 0; k < rows->ids.n; k++) {
        const struct gy_order *order = &rows->orders[k];
        if (order->n > 0) {
            sorted[(*n)++] = (struct sorted_order){order->customer, k, gy_order_time(rows, order)};
        }
    }
    qsort(sorted, *n, sizeof *sorted, by_customer_and_time);
    return sorted;
}

/* Finds the orders with which a trait of their customer changes. */
static void find_new_traits(struct job *job)
{
    const struct gy_order_rows *rows = &job->rows;
    uint32_t n;
    struct sorted_order *sorted = sort_orders(rows, &n);
    uint32_t *last = gy_alloc((rows->map->n_extras + 1) * sizeof *last);
    for (uint32_t i = 0; i < n; i++) {
        bool is_first = i == 0 || sorted[i].customer != sorted[i - 1].customer;
        for (uint32_t e = 0; e < rows->map->n_extras; e++) {
            uint32_t text = gy_order_trait(rows, &rows->orders[sorted[i].order], e);
            if (is_first) {
                last[e] = GY_INTERN_NONE;
            }
            if (text != GY_INTERN_NONE && text != last[e]) {
                job->plans[sorted[i].order].has_new_traits = true;
                last[e] = text;
            }
        }
    }
    free(last);
    free(sorted);
}

static struct gy_call traits_call(const struct gy_order_rows *rows, const struct gy_order *order)
{
    const struct gy_column_map *map = rows->map;
    int64_t ms = gy_order_time(rows, order);
    struct gy_field *fields =
        GY_NEW_ARRAY(&rows->import->arena, struct gy_field, map->n_extras + 1);
    struct gy_call call = {.type = GY_CALL_IDENTIFY,
                           .user_id = rows->texts.strings[order->customer],
                           .has_time = true,
                           .time_ms = ms,
                           .written_ms = ms,
                           .fields = fields};
    for (uint32_t e = 0; e < map->n_extras; e++) {
        uint32_t text = gy_order_trait(rows, order, e);
        if (text != GY_INTERN_NONE) {
            struct gy_str name = map->extras[e].name;
            struct gy_str value = rows->texts.strings[text];
            fields[call.n_fields++] = (struct gy_field){name, gy_order_text_value(rows, text)};
            call.content += gy_hash(value.ptr, value.len, gy_hash(name.ptr, name.len, 0));
        }
    }
    return call;
}

/* ---- what is stored already ---- */

static enum gy_status find_changed(struct job *job, enum gy_order_kind kind, struct gy_error *err)
{
    struct gy_order_rows *rows = &job->rows;
    struct gy_writer *writer = job->import->writer;
    struct gy_stored_call *stored = gy_alloc_zero(rows->ids.n + 1, sizeof *stored);
    enum gy_status status =
        gy_writer_find_calls(writer, gy_str_of(gy_order_event(kind)), GY_STR("order_id"),
                             rows->ids.strings, rows->ids.n, stored, err);
    for (uint32_t k = 0; status == GY_OK && k < rows->ids.n; k++) {
        struct gy_call call;
        if (stored[k].is_there && gy_order_call(rows, k, kind, &call)) {
            job->plans[k].is_changed[kind] =
                gy_writer_call_content(writer, &call) != stored[k].content;
        }
        gy_arena_reset(&job->import->arena);
    }
    free(stored);
    return status;
}

/* ---- taking orders ---- */

/* The lines of an order that the call of this kind accounts for. */
static void reject_lines(struct job *job, uint32_t order_no, enum gy_order_kind kind,
                         const char *why)
{
    const struct gy_order_rows *rows = &job->rows;
    const struct gy_order *order = &rows->orders[order_no];
    for (size_t i = 0; i < order->n; i++) {
        const struct gy_order_line *line = &rows->lines[rows->by_order[order->first + i]];
        if (gy_order_line_kind(line) == kind) {
            gy_import_reject_line(job->import, line->line, line->raw, why);
        }
    }
}

static void count_changed(struct gy_import_report *report, const struct gy_call *call)
{
    report->orders_changed++;
    report->lines_changed += call->n_lines;
}

/* The order's calls that are to be taken; those that differ from what is stored are counted and left out,
 * but where they replace it. */
struct taken {
    struct gy_call calls[1 + GY_ORDER_N_KINDS];
    uint32_t n;
    bool has_kind[GY_ORDER_N_KINDS];
};

static void gather_calls(struct job *job, uint32_t order_no, struct taken *out)
{
    const struct plan *plan = &job->plans[order_no];
    *out = (struct taken){0};
    if (plan->has_new_traits) {
        out->calls[out->n++] = traits_call(&job->rows, &job->rows.orders[order_no]);
    }
    for (int kind = 0; kind < GY_ORDER_N_KINDS; kind++) {
        struct gy_call *call = &out->calls[out->n];
        if (!gy_order_call(&job->rows, order_no, (enum gy_order_kind)kind, call)) {
            continue;
        }
        if (plan->is_changed[kind] && !job->import->options->replace) {
            count_changed(job->import->report, call);
        } else {
            out->has_kind[kind] = true;
            out->n++;
        }
    }
}

static void replace_stored(struct job *job, uint32_t order_no, const struct taken *taken)
{
    for (int kind = 0; kind < GY_ORDER_N_KINDS; kind++) {
        if (taken->has_kind[kind] && job->plans[order_no].is_changed[kind]) {
            struct gy_str event = gy_str_of(gy_order_event((enum gy_order_kind)kind));
            job->import->report->orders_replaced++;
            gy_writer_replace_calls(job->import->writer, event, GY_STR("order_id"),
                                    &job->rows.ids.strings[order_no], 1);
        }
    }
}

/* Whole or not at all. */
static enum gy_status take_order(struct job *job, uint32_t order_no, struct gy_error *err)
{
    struct taken taken;
    bool refused;
    char why[512];
    gather_calls(job, order_no, &taken);
    GY_TRY(gy_import_calls(job->import, taken.calls, taken.n, &refused, why, err));
    for (int kind = 0; refused && kind < GY_ORDER_N_KINDS; kind++) {
        if (taken.has_kind[kind]) {
            reject_lines(job, order_no, (enum gy_order_kind)kind, why);
        }
    }
    if (!refused) {
        replace_stored(job, order_no, &taken);
    }
    gy_arena_reset(&job->import->arena);
    return GY_OK;
}

static enum gy_status take_orders(struct job *job, struct gy_error *err)
{
    const struct gy_order_rows *rows = &job->rows;
    job->plans = gy_alloc_zero(rows->ids.n + 1, sizeof *job->plans);
    find_new_traits(job);
    for (int kind = 0; kind < GY_ORDER_N_KINDS; kind++) {
        GY_TRY(find_changed(job, (enum gy_order_kind)kind, err));
    }
    for (uint32_t k = 0; k < rows->ids.n; k++) {
        if (rows->orders[k].n > 0) {
            GY_TRY(gy_import_go_on(job->import, err));
            GY_TRY(take_order(job, k, err));
        }
    }
    return GY_OK;
}

enum gy_status gy_import_orders(struct gy_import *import, struct gy_table *table,
                                const struct gy_column_map *map, struct gy_error *err)
{
    struct job job = {.import = import};
    enum gy_status status = gy_order_rows_init(&job.rows, import, table, map, err);
    if (status == GY_OK) {
        status = read_rows(&job, table, err);
    }
    if (status == GY_OK) {
        gy_order_rows_group(&job.rows);
        status = take_orders(&job, err);
    }
    gy_order_rows_release(&job.rows);
    free(job.plans);
    return status;
}
