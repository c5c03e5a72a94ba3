/* masking.c - see masking.h. */
#include "workspace/masking.h"

#include "engine/derived.h"

/* A text that visits take from pages of which some text is personal. */
static bool is_of_personal_pages(const struct gy_snapshot *s, struct gy_str event,
                                 struct gy_str name)
{
    const struct gy_schema *schema = gy_snapshot_schema(s);
    if (event.len == 0 || gy_event_find(schema, event) != GY_EVENT_VISIT) {
        return false;
    }
    uint32_t property = gy_event_find_property(schema, GY_EVENT_VISIT, name);
    if (property == GY_ID_NONE || gy_event_property_type(schema, property) != GY_VALUE_STRING) {
        return false;
    }
    struct gy_str pages = gy_event_name(schema, gy_page_stream(schema));
    for (int which = 0; which < GY_N_PAGE_PROPERTIES; which++) {
        uint32_t text = gy_page_property(schema, (enum gy_page_property)which);
        if (text != GY_ID_NONE &&
            gy_snapshot_is_personal(s, pages, gy_event_property_name(schema, text))) {
            return true;
        }
    }
    return false;
}

bool gy_masks_field(const struct gy_ask *ask, struct gy_str event, struct gy_str name)
{
    return ask->asker->masks_personal && (gy_snapshot_is_personal(ask->snapshot, event, name) ||
                                          is_of_personal_pages(ask->snapshot, event, name));
}

/* Aggregates that give values of the property, or are reckoned from them. */
static bool shows_property(enum gy_aggregate aggregate)
{
    return gy_aggregate_takes_property(aggregate) && aggregate != GY_DISTINCT;
}

static bool is_personal(const struct gy_ask *ask, const struct gy_term *term)
{
    switch (term->kind) {
    case GY_TERM_TRAIT:
        return gy_masks_field(ask, (struct gy_str){0}, term->name.text);
    case GY_TERM_AGGREGATE:
        return shows_property(term->aggregate) &&
               gy_masks_field(ask, term->event.text, term->name.text);
    case GY_TERM_METRIC:
    case GY_TERM_ADD:
    case GY_TERM_SUBTRACT:
    case GY_TERM_MULTIPLY:
    case GY_TERM_DIVIDE:
    case GY_TERM_NEGATIVE:
        return (term->left != NULL && is_personal(ask, term->left)) ||
               (term->right != NULL && is_personal(ask, term->right));
    case GY_TERM_NUMBER:
    case GY_TERM_STRING:
    case GY_TERM_BOOL:
    case GY_TERM_AGE:
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
    case GY_TERM_PROPERTY: /* in a filter, and not shown */
    case GY_TERM_STEP_PROPERTY:
    case GY_TERM_HOUR:
    case GY_TERM_WEEKDAY:
    case GY_TERM_MONTH:
    case GY_TERM_DAY:
        return false;
    }
    return true;
}

bool gy_masks_term(const struct gy_ask *ask, const struct gy_term *term)
{
    return ask->asker->masks_personal && is_personal(ask, term);
}

void gy_json_masked(struct gy_json_writer *w, bool is_masked, const struct gy_value *value)
{
    if (is_masked && value->type != GY_VALUE_MISSING) {
        gy_json_text(w, GY_MASKED);
    } else {
        gy_json_value(w, value);
    }
}

void gy_mask_column(struct gy_value_table *table, uint32_t column)
{
    struct gy_value_column *c = &table->columns[column];
    struct gy_str *texts = GY_NEW_ARRAY(&table->arena, struct gy_str, table->n_rows);
    for (uint32_t row = 0; row < table->n_rows; row++) {
        texts[row] = GY_STR(GY_MASKED);
    }
    *c = (struct gy_value_column){.type = GY_TYPE_STRING, .known = c->known, .texts = texts};
}
