/* api_ask.c - definitions that are being tried: how many, which condition does what, why somebody, in words. */
#include "engine/waterfall.h"
#include "server/api_definition.h"
#include "workspace/explanation.h"
#include "workspace/waterfall_json.h"
#include "workspace/why_json.h"

enum {
    BODY_MAX = 256 << 10,
    EVENTS_MAX = 1000 /* of the evidence of one condition */
};

static enum gy_status answer_count(struct gy_api_call *call, struct gy_ask *ask,
                                   const struct gy_expr *expr, struct gy_error *err)
{
    roaring_bitmap_t *audience = NULL;
    GY_TRY(gy_audience(ask->snapshot, expr, ask->now_ms, &ask->run, &audience, err));
    gy_json_open(&call->out, '{');
    gy_json_key(&call->out, "count");
    gy_json_count(&call->out, roaring_bitmap_get_cardinality(audience));
    gy_json_key(&call->out, "as_of");
    gy_json_time(&call->out, ask->now_ms);
    gy_json_close(&call->out, '}');
    roaring_bitmap_free(audience);
    return GY_OK;
}

static enum gy_status count(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_definition(call, answer_count, err);
}

static enum gy_status answer_explanation(struct gy_api_call *call, struct gy_ask *ask,
                                         const struct gy_expr *expr, struct gy_error *err)
{
    struct gy_explanation explanation;
    enum gy_status status = gy_explain(ask, expr, &explanation, err);
    if (status == GY_OK) {
        gy_explanation_json(&explanation, &call->out);
    }
    gy_explanation_release(&explanation);
    return status;
}

static enum gy_status explain(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_definition(call, answer_explanation, err);
}

static enum gy_status answer_waterfall(struct gy_api_call *call, struct gy_ask *ask,
                                       const struct gy_expr *expr, struct gy_error *err)
{
    struct gy_waterfall waterfall;
    enum gy_status status =
        gy_waterfall(ask->snapshot, expr, ask->now_ms, &ask->run, &waterfall, err);
    if (status == GY_OK) {
        gy_waterfall_json(ask, expr, &waterfall, &call->out);
    }
    gy_waterfall_release(&waterfall);
    return status;
}

static enum gy_status waterfall(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_definition(call, answer_waterfall, err);
}

static enum gy_status answer_why(struct gy_api_call *call, struct gy_ask *ask,
                                 const struct gy_expr *expr, struct gy_error *err)
{
    const char *typed;
    uint32_t root;
    struct gy_str id;
    struct gy_why why;
    struct gy_why_options options = {.max_events = GY_WHY_EVENTS,
                                     .cancel = &call->asker.cancel,
                                     .deadline_us = call->deadline_us};
    GY_TRY(gy_api_text(call, "customer", NULL, &typed, err));
    GY_TRY(gy_api_query_count(call, "events", GY_WHY_EVENTS, EVENTS_MAX, &options.max_events, err));
    GY_TRY(gy_ask_find_customer(ask, typed, &root, &id, err));
    GY_TRY(gy_why(ask->snapshot, expr, ask->now_ms, root, &options, &why, err));
    gy_why_json(ask, id, &why, &call->out);
    gy_why_release(&why);
    return GY_OK;
}

static enum gy_status why(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_definition(call, answer_why, err);
}

static const struct gy_api_route routes[] = {
    {GY_METHOD_POST, "/api/count", GY_RIGHT_READ, BODY_MAX, 0, count},
    {GY_METHOD_POST, "/api/explain", GY_RIGHT_READ, BODY_MAX, 0, explain},
    {GY_METHOD_POST, "/api/waterfall", GY_RIGHT_READ, BODY_MAX, 0, waterfall},
    {GY_METHOD_POST, "/api/why", GY_RIGHT_READ, BODY_MAX, 0, why},
};

const struct gy_api_table gy_api_ask_routes = {routes, sizeof routes / sizeof *routes};
