/* cmd_customer.c - one customer: ids, traits, metrics, segments, the newest events. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/asking.h"
#include "cli/output.h"
#include "store/json_writer.h"
#include "workspace/columns.h"

enum {
    DEFAULT_EVENTS = 20
};

/* Everything that is shown. */
struct card {
    struct gy_customer_view view;
    struct gy_columns metrics; /* in the order of the snapshot's metrics */
    struct gy_value_table values;
    bool *is_in; /* by segment */
};

/* ---- gathering ---- */

static enum gy_status gather_metrics(struct gy_ask *ask, struct card *card, struct gy_error *err)
{
    uint32_t n = gy_snapshot_n_metrics(ask->snapshot);
    if (n == 0) {
        return GY_OK;
    }
    card->metrics.definitions = gy_alloc_zero(n, sizeof *card->metrics.definitions);
    card->metrics.names = gy_alloc_zero(n, sizeof *card->metrics.names);
    roaring_bitmap_t *audience = roaring_bitmap_of(1, card->view.ordinal);
    enum gy_status status = GY_OK;
    for (uint32_t i = 0; i < n && i < GY_MAX_COLUMNS && status == GY_OK; i++) {
        const struct gy_metric_info *metric = gy_snapshot_metric(ask->snapshot, i);
        struct gy_check_options options = {.allow_unknown = true};
        card->metrics.names[i] = metric->name;
        card->metrics.n = i + 1;
        status = gy_ask_define_value(ask->asker, metric->text, &ask->vocabulary, &options,
                                     &card->metrics.definitions[i], err);
    }
    if (status == GY_OK) {
        status = gy_columns_values(ask, &card->metrics, audience, &card->values, err);
    }
    roaring_bitmap_free(audience);
    return status;
}

static enum gy_status gather_segment(struct gy_ask *ask, struct card *card, uint32_t i,
                                     struct gy_error *err)
{
    const struct gy_segment_info *segment = gy_snapshot_segment(ask->snapshot, i);
    struct gy_definition definition = {0};
    struct gy_check_options options = {.allow_unknown = true};
    enum gy_status status =
        gy_ask_define_text(ask->asker, segment->text, &ask->vocabulary, &options, &definition, err);
    if (status == GY_OK) {
        status = gy_holds(ask->snapshot, definition.expr, gy_ask_instant(ask, i),
                          card->view.ordinal, &card->is_in[i], err);
    }
    gy_definition_release(&definition);
    return status;
}

static enum gy_status gather(struct gy_ask *ask, const char *id, uint32_t max_events,
                             struct card *card, struct gy_error *err)
{
    uint32_t n_segments = gy_snapshot_n_segments(ask->snapshot);
    card->is_in = gy_alloc_zero((size_t)n_segments + 1, sizeof *card->is_in);
    struct gy_arena arena = {0};
    struct gy_str read;
    enum gy_status status = gy_ask_customer_id(id, &arena, &read, err);
    if (status == GY_OK) {
        status = gy_customer(ask->snapshot, read, ask->now_ms, max_events, &card->view, err);
    }
    gy_arena_release(&arena);
    GY_TRY(status);
    GY_TRY(gather_metrics(ask, card, err));
    for (uint32_t i = 0; i < n_segments; i++) {
        GY_TRY(gather_segment(ask, card, i, err));
    }
    return GY_OK;
}

static void release_card(struct card *card)
{
    gy_value_table_release(&card->values);
    gy_columns_release(&card->metrics);
    gy_customer_view_release(&card->view);
    free(card->is_in);
}

/* ---- as JSON ---- */

static void add_time(struct gy_json_writer *w, const char *key, int64_t ms)
{
    gy_json_key(w, key);
    if (ms == GY_TIME_ALWAYS_MS) {
        gy_json_null(w);
    } else {
        gy_json_time(w, ms);
    }
}

static void add_ids(struct gy_json_writer *w, const struct gy_customer_view *view)
{
    gy_json_key(w, "id");
    gy_json_str(w, view->id);
    gy_json_key(w, "is_identified");
    gy_json_bool(w, view->is_external);
    gy_json_key(w, "other_ids");
    gy_json_open(w, '[');
    for (uint32_t i = 0; i < view->n_other_ids; i++) {
        gy_json_str(w, view->other_ids[i]);
    }
    gy_json_close(w, ']');
    add_time(w, "first_seen", view->first_seen_ms);
}

static void add_traits(struct gy_json_writer *w, const struct gy_customer_view *view)
{
    gy_json_key(w, "traits");
    gy_json_open(w, '{');
    for (uint32_t i = 0; i < view->n_traits; i++) {
        gy_json_key_str(w, view->traits[i].name);
        gy_json_open(w, '{');
        gy_json_key(w, "value");
        gy_json_value(w, &view->traits[i].value);
        add_time(w, "since", view->traits[i].since_ms);
        gy_json_close(w, '}');
    }
    gy_json_close(w, '}');
}

static void add_metrics(struct gy_json_writer *w, const struct card *card)
{
    gy_json_key(w, "metrics");
    gy_json_open(w, '{');
    for (size_t i = 0; i < card->metrics.n; i++) {
        const struct gy_value_column *column = &card->values.columns[i];
        struct gy_buf text = {0};
        gy_json_key_str(w, card->metrics.names[i]);
        gy_put_value(&text, column, 0);
        if (!gy_value_is_known(column, 0)) {
            gy_json_null(w);
        } else if (column->type == GY_TYPE_STRING || column->type == GY_TYPE_TIME) {
            gy_json_str(w, gy_buf_view(&text));
        } else {
            gy_json_raw(w, gy_buf_view(&text));
        }
        gy_buf_release(&text);
    }
    gy_json_close(w, '}');
}

static void add_events(struct gy_json_writer *w, const struct gy_ask *ask,
                       const struct gy_customer_view *view)
{
    const struct gy_schema *schema = gy_snapshot_schema(ask->snapshot);
    gy_json_key(w, "n_events");
    gy_json_count(w, view->n_all_events);
    gy_json_key(w, "events");
    gy_json_open(w, '[');
    for (uint32_t i = 0; i < view->n_events; i++) {
        const struct gy_event *event = &view->events[i];
        gy_json_open(w, '{');
        gy_json_key(w, "event");
        gy_json_str(w, gy_schema_stream(schema, event->stream)->name);
        add_time(w, "time", event->time_ms);
        gy_json_key(w, "properties");
        gy_json_open(w, '{');
        for (uint32_t f = 0; f < event->n_fields; f++) {
            gy_json_key_str(w, event->names[f]);
            gy_json_value(w, &event->values[f]);
        }
        gy_json_close(w, '}');
        gy_json_close(w, '}');
    }
    gy_json_close(w, ']');
}

static void print_json(const struct gy_ask *ask, const struct card *card)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '{');
    add_ids(&w, &card->view);
    add_time(&w, "as_of", ask->now_ms);
    add_traits(&w, &card->view);
    add_metrics(&w, card);
    gy_json_key(&w, "segments");
    gy_json_open(&w, '[');
    for (uint32_t i = 0; i < gy_snapshot_n_segments(ask->snapshot); i++) {
        if (card->is_in[i]) {
            gy_json_str(&w, gy_snapshot_segment(ask->snapshot, i)->name);
        }
    }
    gy_json_close(&w, ']');
    add_events(&w, ask, &card->view);
    gy_json_close(&w, '}');
    gy_json_finish(&w);
}

/* ---- for people ---- */

static void print_time(const struct gy_zone *zone, int64_t ms, char out[GY_TIME_TEXT])
{
    if (ms == GY_TIME_ALWAYS_MS) {
        (void)snprintf(out, GY_TIME_TEXT, "always");
    } else {
        (void)gy_time_print_local(zone, ms, out);
    }
}

static void print_ids(const struct gy_customer_view *view, const struct gy_zone *zone)
{
    struct gy_buf text = {0};
    char time[GY_TIME_TEXT];
    print_time(zone, view->first_seen_ms, time);
    gy_put_safe(&text, view->id);
    gy_buf_text(&text, view->is_external ? "" : " (anonymous)");
    gy_buf_printf(&text, "\nfirst seen  %s\n", time);
    for (uint32_t i = 0; i < view->n_other_ids; i++) {
        gy_buf_text(&text, i == 0 ? "also        " : ", ");
        gy_put_safe(&text, view->other_ids[i]);
        gy_buf_text(&text, i + 1 == view->n_other_ids ? "\n" : "");
    }
    printf("%s", text.ptr);
    gy_buf_release(&text);
}

static void print_traits(const struct gy_cli *cli, const struct gy_customer_view *view,
                         const struct gy_zone *zone)
{
    struct gy_listing table;
    char since[GY_TIME_TEXT];
    if (view->n_traits == 0) {
        return;
    }
    gy_listing_init(&table, "lll");
    gy_listing_text(&table, "trait");
    gy_listing_text(&table, "value");
    gy_listing_text(&table, "since");
    for (uint32_t i = 0; i < view->n_traits; i++) {
        struct gy_buf text = {0};
        gy_put_shown(&text, zone, &view->traits[i].value);
        print_time(zone, view->traits[i].since_ms, since);
        gy_listing_str(&table, view->traits[i].name);
        gy_listing_str(&table, gy_buf_view(&text));
        gy_listing_text(&table, since);
        gy_buf_release(&text);
    }
    printf("\n");
    gy_listing_print(&table, cli->color, stdout);
    gy_listing_release(&table);
}

static void print_metrics(const struct gy_cli *cli, const struct card *card)
{
    struct gy_listing table;
    if (card->metrics.n == 0) {
        return;
    }
    gy_listing_init(&table, "lr");
    gy_listing_text(&table, "metric");
    gy_listing_text(&table, "value");
    for (size_t i = 0; i < card->metrics.n; i++) {
        struct gy_buf text = {0};
        gy_put_value(&text, &card->values.columns[i], 0);
        gy_listing_str(&table, card->metrics.names[i]);
        gy_listing_str(&table, text.len == 0 ? GY_STR("-") : gy_buf_view(&text));
        gy_buf_release(&text);
    }
    printf("\n");
    gy_listing_print(&table, cli->color, stdout);
    gy_listing_release(&table);
}

static void print_segments(const struct gy_ask *ask, const struct card *card)
{
    struct gy_buf text = {0};
    for (uint32_t i = 0; i < gy_snapshot_n_segments(ask->snapshot); i++) {
        if (card->is_in[i]) {
            gy_buf_text(&text, text.len == 0 ? "" : ", ");
            gy_put_safe(&text, gy_snapshot_segment(ask->snapshot, i)->name);
        }
    }
    printf("\nsegments  %s\n", text.len == 0 ? "-" : text.ptr);
    gy_buf_release(&text);
}

static void print_n_events(const struct gy_customer_view *view)
{
    struct gy_buf text = {0};
    gy_put_counted(&text, view->n_all_events, "event");
    printf("\n%s%s\n", text.ptr, view->n_events < view->n_all_events ? ", the newest:" : "");
    gy_buf_release(&text);
}

static void print_events(const struct gy_ask *ask, const struct gy_customer_view *view)
{
    const struct gy_schema *schema = gy_snapshot_schema(ask->snapshot);
    const struct gy_zone *zone = gy_snapshot_zone(ask->snapshot);
    struct gy_listing table;
    char time[GY_TIME_TEXT];
    print_n_events(view);
    gy_listing_init(&table, "lll");
    table.has_head = false;
    for (uint32_t i = view->n_events; i-- > 0;) {
        const struct gy_event *event = &view->events[i];
        struct gy_buf text = {0};
        print_time(zone, event->time_ms, time);
        gy_listing_text(&table, time);
        gy_listing_str(&table, gy_schema_stream(schema, event->stream)->name);
        for (uint32_t f = 0; f < event->n_fields; f++) {
            gy_buf_text(&text, f == 0 ? "" : "  ");
            gy_put_safe(&text, event->names[f]);
            gy_buf_char(&text, ' ');
            gy_put_shown(&text, zone, &event->values[f]);
        }
        gy_listing_str(&table, gy_buf_view(&text));
        gy_buf_release(&text);
    }
    gy_listing_print(&table, false, stdout);
    gy_listing_release(&table);
}

static void print_card(const struct gy_ask *ask, const struct card *card)
{
    const struct gy_zone *zone = gy_snapshot_zone(ask->snapshot);
    print_ids(&card->view, zone);
    print_traits(gy_cli_of(ask), &card->view, zone);
    print_metrics(gy_cli_of(ask), card);
    print_segments(ask, card);
    print_events(ask, &card->view);
}

static enum gy_status run_show(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct card card = {0};
    uint32_t max_events = DEFAULT_EVENTS;
    GY_TRY(gy_ask_max_events(args->events, &max_events, err));
    enum gy_status status = gy_ask_open(&cli->asker, args->as_of, &ask, err);
    if (status == GY_OK) {
        status = gather(&ask, args->operands.words[0], max_events, &card, err);
    }
    if (status == GY_OK) {
        if (cli->json) {
            print_json(&ask, &card);
        } else {
            print_card(&ask, &card);
        }
    }
    release_card(&card);
    gy_ask_close(&ask);
    return status;
}

static const struct gy_option options_show[] = {
    GY_OPTION_AS_OF,
    {"events", 0, GY_OPTION_TEXT, offsetof(struct gy_args, events), "N",
     "how many of the newest events are shown (20)"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_customer_show = {
    .name = "customer show",
    .operands = "ID",
    .about = "One customer: traits, metrics, segments, the newest events",
    .example = "  gyeol customer show 12748\n",
    .options = options_show,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_show,
};
