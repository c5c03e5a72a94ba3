/* segment_state.c - see segment_state.h. */
#include "workspace/segment_state.h"

#include <stdlib.h>

#include "base/mem.h"

/* Asks the questions, and says of each when and how many. */
static enum gy_status fill_states(struct gy_ask *ask, const struct gy_segment_question *questions,
                                  uint32_t n, struct gy_segment_state *out, struct gy_error *err)
{
    roaring_bitmap_t **audiences = gy_alloc_zero((size_t)n + 1, sizeof(roaring_bitmap_t *));
    enum gy_status status = gy_ask_segments(ask, questions, n, audiences, err);
    for (uint32_t i = 0; i < n && status == GY_OK; i++) {
        struct gy_span span = gy_ask_span(ask, questions[i].segment);
        out[i] = (struct gy_segment_state){
            .validity = gy_span_validity(&span, ask->now_ms),
            .at_ms = questions[i].at_ms,
            .size = roaring_bitmap_get_cardinality(audiences[i]),
        };
        roaring_bitmap_free(audiences[i]);
    }
    free(audiences);
    return status;
}

enum gy_status gy_segment_state(struct gy_ask *ask, uint32_t i, struct gy_str text,
                                struct gy_segment_state *out, struct gy_error *err)
{
    struct gy_segment_question question = {i, text, gy_ask_instant(ask, i)};
    return fill_states(ask, &question, 1, out, err);
}

enum gy_status gy_segment_states(struct gy_ask *ask, struct gy_segment_state *out,
                                 struct gy_error *err)
{
    uint32_t n = gy_snapshot_n_segments(ask->snapshot);
    struct gy_segment_question *questions = gy_alloc_zero((size_t)n + 1, sizeof *questions);
    for (uint32_t i = 0; i < n; i++) {
        questions[i] = (struct gy_segment_question){i, gy_snapshot_segment(ask->snapshot, i)->text,
                                                    gy_ask_instant(ask, i)};
    }
    enum gy_status status = fill_states(ask, questions, n, out, err);
    free(questions);
    return status;
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
    gy_json_count(w, state->size);
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
