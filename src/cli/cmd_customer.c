/* cmd_customer.c - one customer: ids, traits, metrics, segments, the newest events. */
#include "cli/asking.h"
#include "cli/output.h"
#include "workspace/customer_card.h"

enum {
    DEFAULT_EVENTS = 20
};

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

static void print_metrics(const struct gy_cli *cli, const struct gy_customer_card *card)
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

static void print_segments(const struct gy_ask *ask, const struct gy_customer_card *card)
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

static void print_card(const struct gy_ask *ask, const struct gy_customer_card *card)
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
    struct gy_customer_card card = {0};
    uint32_t max_events = DEFAULT_EVENTS;
    GY_TRY(gy_ask_max_events(args->events, &max_events, err));
    enum gy_status status = gy_ask_open(&cli->asker, args->as_of, &ask, err);
    if (status == GY_OK) {
        status = gy_customer_card_gather(&ask, args->operands.words[0], max_events, &card, err);
    }
    if (status == GY_OK) {
        if (cli->json) {
            struct gy_json_writer w = {0};
            gy_customer_card_json(&ask, &card, &w);
            gy_json_finish(&w);
        } else {
            print_card(&ask, &card);
        }
    }
    gy_customer_card_release(&card);
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
