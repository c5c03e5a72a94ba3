/* api_customers.c - customers: searched, and one with traits, metrics, segments and the newest events. */
#include <string.h>

#include "server/api.h"
#include "workspace/customer_card.h"
#include "workspace/customer_search.h"
#include "workspace/member_rows.h"

enum {
    FOUND = 20,
    FOUND_MAX = 1000,
    EVENTS = 50,
    EVENTS_MAX = 10000
};

/* ---- search ---- */

static void put_found(struct gy_api_call *call, const struct gy_ask *ask, const uint32_t *roots,
                      size_t n)
{
    struct gy_json_writer *w = &call->out;
    gy_json_open(w, '{');
    gy_json_key(w, "customers");
    gy_json_open(w, '[');
    for (size_t i = 0; i < n; i++) {
        bool is_external;
        gy_json_open(w, '{');
        gy_json_key(w, "id");
        gy_json_str(w, gy_snapshot_id(ask->snapshot, roots[i], &is_external));
        gy_json_key(w, "is_identified");
        gy_json_bool(w, is_external);
        gy_json_close(w, '}');
    }
    gy_json_close(w, ']');
    gy_json_close(w, '}');
}

/* Who may not see personal fields does not learn from a search what is in them. */
static enum gy_status answer_search(struct gy_api_call *call, struct gy_ask *ask,
                                    struct gy_error *err)
{
    uint32_t limit;
    uint32_t *roots;
    size_t n;
    const char *text = gy_api_query(call, "search");
    GY_TRY(gy_api_query_count(call, "limit", FOUND, FOUND_MAX, &limit, err));
    GY_TRY(gy_customer_search(ask, text == NULL ? "" : text, call->caller.sees_personal, limit,
                              &roots, &n, err));
    put_found(call, ask, roots, n);
    return GY_OK;
}

static enum gy_status search(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_ask(call, answer_search, err);
}

/* ---- one ---- */

static enum gy_status answer_card(struct gy_api_call *call, struct gy_ask *ask,
                                  struct gy_error *err)
{
    uint32_t n_events;
    struct gy_customer_card card = {0};
    GY_TRY(gy_api_query_count(call, "events", EVENTS, EVENTS_MAX, &n_events, err));
    enum gy_status status =
        gy_customer_card_gather(ask, gy_api_piece(call, 0).ptr, n_events, &card, err);
    if (status == GY_OK) {
        gy_customer_card_json(ask, &card, &call->out);
    }
    gy_customer_card_release(&card);
    return status;
}

static enum gy_status show(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_ask(call, answer_card, err);
}

static const struct gy_api_route routes[] = {
    {GY_METHOD_GET, "/api/customers", GY_RIGHT_READ, 0, 0, search},
    {GY_METHOD_GET, "/api/customers/*", GY_RIGHT_READ, 0, 0, show},
};

const struct gy_api_table gy_api_customer_routes = {routes, sizeof routes / sizeof *routes};
