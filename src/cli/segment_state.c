/* segment_state.c - see segment_state.h. */
#include "cli/segment_state.h"

enum gy_status gy_segment_state(struct gy_ask *ask, uint32_t i, struct gy_str text,
                                struct gy_segment_state *out, struct gy_error *err)
{
    struct gy_span span = gy_ask_span(ask, i);
    struct gy_error why = {0};
    roaring_bitmap_t *audience = NULL;
    *out = (struct gy_segment_state){.validity = gy_span_validity(&span, ask->now_ms),
                                     .at_ms = gy_span_instant(&span, ask->now_ms)};
    enum gy_status status = gy_ask_segment(ask, i, text, out->at_ms, &audience, &why);
    out->has_size = status == GY_OK;
    if (status == GY_OK) {
        out->size = roaring_bitmap_get_cardinality(audience);
        roaring_bitmap_free(audience);
    } else if (status != GY_UNSUPPORTED) {
        *err = why;
        return status;
    }
    return GY_OK;
}

void gy_segment_state_json(const struct gy_segment_info *segment,
                           const struct gy_segment_state *state, struct gy_json_writer *w)
{
    gy_json_key(w, "name");
    gy_json_str(w, segment->name);
    gy_json_key(w, "status");
    gy_json_text(w, gy_validity_word(state->validity));
    gy_json_key(w, "as_of");
    gy_json_time(w, state->at_ms);
    gy_json_key(w, "customers");
    if (state->has_size) {
        gy_json_count(w, state->size);
    } else {
        gy_json_null(w);
    }
    gy_json_key(w, "refreshed");
    if (segment->is_refreshed) {
        gy_json_time(w, segment->refreshed_ms);
    } else {
        gy_json_null(w);
    }
    gy_json_key(w, "changed");
    gy_json_time(w, segment->changed_ms);
    gy_json_key(w, "attributes");
    gy_json_raw(w, segment->json.len == 0 ? GY_STR("{}") : segment->json);
}

void gy_put_refreshed(const struct gy_segment_info *segment, const struct gy_zone *zone,
                      char out[GY_TIME_TEXT])
{
    if (segment->is_refreshed) {
        (void)gy_time_print_local(zone, segment->refreshed_ms, out);
    } else {
        (void)snprintf(out, GY_TIME_TEXT, "-");
    }
}
