/* why_json.c - the answer of `why` as one object. */
#include "workspace/why_json.h"
#include "engine/derived.h"
#include "engine/reads.h"
#include "lang/print.h"
#include "store/json_writer.h"
#include "workspace/masking.h"

const char *gy_unforeseen_text(enum gy_unforeseen reason)
{
    switch (reason) {
    case GY_UNFORESEEN_OTHERS:
        return "it rests on what other customers do";
    case GY_UNFORESEEN_RUNNING:
        return "values that change with every moment are combined";
    case GY_UNFORESEEN_WORK:
        break;
    }
    return "too many instants would have to be looked at";
}

static void add_text(struct gy_json_writer *w, const struct gy_expr *expr)
{
    struct gy_buf text = {0};
    gy_print_expr(expr, &text);
    gy_json_key(w, "text");
    gy_json_str(w, gy_buf_view(&text));
    gy_buf_release(&text);
}

/* ---- flips ---- */

static const char *flip_word(enum gy_flip_kind kind)
{
    switch (kind) {
    case GY_FLIP_NEVER:
        return "never";
    case GY_FLIP_AT:
        return "at";
    case GY_FLIP_UNFORESEEN:
        break;
    }
    return "not foreseeable";
}

/* Whether what is masked from the asker could be reckoned from when a condition turns, or from what is missing to it: from
 * the instant at which somebody becomes 60, the day of birth. */
static bool hides_turns(const struct gy_ask *ask, const struct gy_why *why)
{
    struct gy_reads reads = {0};
    bool hides = false;
    if (!ask->asker->masks_personal) {
        return false;
    }
    bool is_known = gy_reads_of(ask->snapshot, why->root->expr, ask->now_ms, &reads, NULL) == GY_OK;
    for (uint32_t i = 0; i < reads.n_streams && is_known; i++) {
        const struct gy_read *read = &reads.streams[i];
        hides |= read->kind == GY_READ_TRAIT && gy_masks_field(ask, (struct gy_str){0}, read->name);
        for (uint32_t c = 0; c < read->n_columns && read->kind == GY_READ_EVENT; c++) {
            hides |= gy_masks_field(ask, read->name, read->columns[c].name);
        }
    }
    gy_reads_release(&reads);
    return hides || !is_known;
}

static void add_flip(struct gy_json_writer *w, const struct gy_why_node *node, bool is_hidden)
{
    const struct gy_flip *flip = &node->flip;
    gy_json_key(w, "flip");
    gy_json_open(w, '{');
    gy_json_key(w, "when");
    if (is_hidden) {
        gy_json_text(w, GY_MASKED);
        gy_json_close(w, '}');
        return;
    }
    gy_json_text(w, flip_word(flip->kind));
    if (flip->kind == GY_FLIP_AT) {
        gy_json_key(w, "at");
        gy_json_time(w, flip->at_ms);
    } else if (flip->kind == GY_FLIP_UNFORESEEN) {
        gy_json_key(w, "because");
        gy_json_text(w, gy_unforeseen_text(flip->reason));
        gy_json_key(w, "not_before");
        gy_json_time(w, flip->at_ms);
    }
    gy_json_close(w, '}');
}

/* ---- evidence ---- */

static void add_event(struct gy_json_writer *w, const struct gy_ask *ask,
                      const struct gy_event *event)
{
    struct gy_str stream = {0};
    gy_json_open(w, '{');
    if (event->stream != GY_ID_NONE) {
        const struct gy_schema *schema = gy_snapshot_schema(ask->snapshot);
        stream = gy_event_name(schema, event->stream);
        gy_json_key(w, "event");
        gy_json_str(w, stream);
    }
    gy_json_key(w, "time");
    gy_json_time(w, event->time_ms);
    if (event->stream != GY_ID_NONE) {
        gy_json_key(w, "properties");
        gy_json_open(w, '{');
        for (uint32_t i = 0; i < event->n_fields; i++) {
            gy_json_key_str(w, event->names[i]);
            gy_json_masked(w, gy_masks_field(ask, stream, event->names[i]), &event->values[i]);
        }
        gy_json_close(w, '}');
    }
    gy_json_close(w, '}');
}

static void add_events(struct gy_json_writer *w, const struct gy_ask *ask,
                       const struct gy_why_events *events)
{
    gy_json_key(w, "n_events");
    gy_json_count(w, events->n_all);
    gy_json_key(w, "events");
    gy_json_open(w, '[');
    for (uint32_t i = 0; i < events->n_events; i++) {
        add_event(w, ask, &events->events[i]);
    }
    gy_json_close(w, ']');
}

static void add_found(struct gy_json_writer *w, const struct gy_ask *ask,
                      const struct gy_why_value *found)
{
    struct gy_buf text = {0};
    gy_print_term(found->term, &text);
    gy_json_open(w, '{');
    gy_json_key(w, "text");
    gy_json_str(w, gy_buf_view(&text));
    gy_json_key(w, "value");
    gy_json_masked(w, gy_masks_term(ask, found->term), &found->value);
    if (gy_why_meant(found->term)->kind == GY_TERM_AGGREGATE) {
        add_events(w, ask, &found->events);
    }
    gy_json_close(w, '}');
    gy_buf_release(&text);
}

static const char *counted_word(enum gy_aggregate aggregate)
{
    return aggregate == GY_COUNT      ? "events"
           : aggregate == GY_DAYS     ? "days"
           : aggregate == GY_DISTINCT ? "values"
                                      : "sum";
}

static void add_shortfall(struct gy_json_writer *w, const struct gy_shortfall *shortfall)
{
    gy_json_key(w, "missing");
    gy_json_open(w, '{');
    gy_json_key(w, "of");
    gy_json_text(w, counted_word(shortfall->aggregate));
    gy_json_key(w, "event");
    gy_json_str(w, shortfall->event);
    if (gy_aggregate_takes_property(shortfall->aggregate)) {
        gy_json_key(w, "property");
        gy_json_str(w, shortfall->property);
    }
    gy_json_key(w, shortfall->is_exclusive ? "more_than" : "amount");
    gy_json_number(w, shortfall->amount);
    gy_json_close(w, '}');
}

/* ---- nodes ---- */

static void add_node(struct gy_json_writer *w, const struct gy_ask *ask,
                     const struct gy_why_node *node, bool is_hidden)
{
    enum gy_expr_kind kind = node->expr->kind;
    gy_json_open(w, '{');
    add_text(w, node->expr);
    gy_json_key(w, "as_of");
    gy_json_time(w, node->now_ms);
    gy_json_key(w, "holds");
    gy_json_bool(w, node->holds);
    add_flip(w, node, is_hidden);
    if (node->n_values > 0) {
        gy_json_key(w, "values");
        gy_json_open(w, '[');
        for (uint32_t i = 0; i < node->n_values; i++) {
            add_found(w, ask, &node->values[i]);
        }
        gy_json_close(w, ']');
    }
    if (kind == GY_EXPR_DID || kind == GY_EXPR_ENTERED || kind == GY_EXPR_LEFT) {
        add_events(w, ask, &node->events);
    }
    if (node->shortfall.is_given && !is_hidden) {
        add_shortfall(w, &node->shortfall);
    }
    if (node->n_children > 0) {
        gy_json_key(w, "conditions");
        gy_json_open(w, '[');
        for (uint32_t i = 0; i < node->n_children; i++) {
            add_node(w, ask, &node->children[i], is_hidden);
        }
        gy_json_close(w, ']');
    }
    gy_json_close(w, '}');
}

void gy_why_json(const struct gy_ask *ask, struct gy_str id, const struct gy_why *why,
                 struct gy_json_writer *w)
{
    gy_json_open(w, '{');
    gy_json_key(w, "customer");
    gy_json_str(w, id);
    gy_json_key(w, "why");
    add_node(w, ask, why->root, hides_turns(ask, why));
    gy_json_close(w, '}');
}
