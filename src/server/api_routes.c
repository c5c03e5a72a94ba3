/* api_routes.c - all resources of the API, and the document that describes them. */
#include "server/api.h"
#include "server/api_document.h"

extern const struct gy_api_table gy_api_access_routes;
extern const struct gy_api_table gy_api_ask_routes;
extern const struct gy_api_table gy_api_customer_routes;
extern const struct gy_api_table gy_api_event_routes;
extern const struct gy_api_table gy_api_list_routes;
extern const struct gy_api_table gy_api_workspace_routes;
extern const struct gy_api_table gy_api_member_routes;
extern const struct gy_api_table gy_api_segment_routes;
extern const struct gy_api_table gy_api_webhook_routes;

static enum gy_status document(struct gy_api_call *call, struct gy_error *err)
{
    (void)err;
    gy_json_raw(&call->out, gy_api_document());
    return GY_OK;
}

static const struct gy_api_route routes[] = {
    {GY_METHOD_GET, "/api/openapi.json", GY_RIGHT_PUBLIC, 0, 0, document},
};

const struct gy_api_table *const gy_api_tables[] = {
    &(const struct gy_api_table){routes, sizeof routes / sizeof *routes},
    &gy_api_access_routes,
    &gy_api_ask_routes,
    &gy_api_customer_routes,
    &gy_api_event_routes,
    &gy_api_list_routes,
    &gy_api_workspace_routes,
    &gy_api_member_routes,
    &gy_api_segment_routes,
    &gy_api_webhook_routes,
};
const size_t gy_n_api_tables = sizeof gy_api_tables / sizeof *gy_api_tables;
