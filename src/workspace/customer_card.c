/* customer_card.c - see customer_card.h. */
#include "workspace/customer_card.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/memberships.h"
#include "workspace/masking.h"

/* ---- gathering ---- */

static enum gy_status gather_metrics(struct gy_ask *ask, struct gy_customer_card *card,
                                     struct gy_error *err)
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

/* Which segments hold, each as of its own instant; what they have in common is counted once. */
static enum gy_status gather_segments(struct gy_ask *ask, struct gy_customer_card *card,
                                      struct gy_error *err)
{
    uint32_t n = gy_snapshot_n_segments(ask->snapshot);
    struct gy_definition *definitions = gy_alloc_zero((size_t)n + 1, sizeof *definitions);
    const struct gy_expr **exprs = gy_alloc_zero((size_t)n + 1, sizeof *exprs);
    int64_t *instants_ms = gy_alloc_zero((size_t)n + 1, sizeof *instants_ms);
    struct gy_membership *questions = gy_alloc_zero((size_t)n + 1, sizeof *questions);
    enum gy_status status = GY_OK;
    for (uint32_t i = 0; i < n && status == GY_OK; i++) {
        struct gy_check_options options = {.allow_unknown = true};
        status = gy_ask_define_text(ask->asker, gy_snapshot_segment(ask->snapshot, i)->text,
                                    &ask->vocabulary, &options, &definitions[i], err);
        exprs[i] = definitions[i].expr;
        instants_ms[i] = gy_ask_instant(ask, i);
        questions[i] = (struct gy_membership){.root = card->view.ordinal, .definition = i};
    }
    if (status == GY_OK) {
        status = gy_memberships(ask->snapshot, exprs, instants_ms, n, questions, n, &ask->run, err);
    }
    for (uint32_t i = 0; i < n; i++) {
        card->is_in[i] = status == GY_OK && questions[i].holds;
        gy_definition_release(&definitions[i]);
    }
    free(questions);
    free(instants_ms);
    free(exprs);
    free(definitions);
    return status;
}

enum gy_status gy_customer_card_gather(struct gy_ask *ask, const char *id, uint32_t max_events,
                                       struct gy_customer_card *card, struct gy_error *err)
{
    uint32_t n_segments = gy_snapshot_n_segments(ask->snapshot);
    *card = (struct gy_customer_card){
        .is_in = gy_alloc_zero((size_t)n_segments + 1, sizeof *card->is_in)};
    struct gy_arena arena = {0};
    struct gy_str read;
    enum gy_status status = gy_ask_customer_id(id, &arena, &read, err);
    if (status == GY_OK) {
        status = gy_customer(ask->snapshot, read, ask->now_ms, max_events, &card->view, err);
    }
    gy_arena_release(&arena);
    GY_TRY(status);
    GY_TRY(gather_metrics(ask, card, err));
    return gather_segments(ask, card, err);
}

void gy_customer_card_release(struct gy_customer_card *card)
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

static void add_traits(struct gy_json_writer *w, const struct gy_ask *ask,
                       const struct gy_customer_view *view)
{
    gy_json_key(w, "traits");
    gy_json_open(w, '{');
    for (uint32_t i = 0; i < view->n_traits; i++) {
        gy_json_key_str(w, view->traits[i].name);
        gy_json_open(w, '{');
        gy_json_key(w, "value");
        gy_json_masked(w, gy_masks_field(ask, (struct gy_str){0}, view->traits[i].name),
                       &view->traits[i].value);
        add_time(w, "since", view->traits[i].since_ms);
        gy_json_close(w, '}');
    }
    gy_json_close(w, '}');
}

static void add_metrics(struct gy_json_writer *w, const struct gy_customer_card *card)
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
        struct gy_str stream = gy_schema_stream(schema, event->stream)->name;
        gy_json_str(w, stream);
        add_time(w, "time", event->time_ms);
        gy_json_key(w, "properties");
        gy_json_open(w, '{');
        for (uint32_t f = 0; f < event->n_fields; f++) {
            gy_json_key_str(w, event->names[f]);
            gy_json_masked(w, gy_masks_field(ask, stream, event->names[f]), &event->values[f]);
        }
        gy_json_close(w, '}');
        gy_json_close(w, '}');
    }
    gy_json_close(w, ']');
}

void gy_customer_card_json(const struct gy_ask *ask, const struct gy_customer_card *card,
                           struct gy_json_writer *w)
{
    gy_json_open(w, '{');
    add_ids(w, &card->view);
    add_time(w, "as_of", ask->now_ms);
    add_traits(w, ask, &card->view);
    add_metrics(w, card);
    gy_json_key(w, "segments");
    gy_json_open(w, '[');
    for (uint32_t i = 0; i < gy_snapshot_n_segments(ask->snapshot); i++) {
        if (card->is_in[i]) {
            gy_json_str(w, gy_snapshot_segment(ask->snapshot, i)->name);
        }
    }
    gy_json_close(w, ']');
    add_events(w, ask, &card->view);
    gy_json_close(w, '}');
}
