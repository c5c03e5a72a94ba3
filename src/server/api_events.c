/* api_events.c - what happens, as it happens (event_stream.h). */
#include "server/api.h"
#include "server/event_stream.h"

static enum gy_status listen_to(struct gy_api_call *call, struct gy_error *err)
{
    (void)err;
    struct gy_event_stream *stream = gy_api_events(call);
    (void)gy_event_stream_add(stream, gy_api_stream(call, "text/event-stream", NULL));
    return GY_OK;
}

static const struct gy_api_route routes[] = {
    {GY_METHOD_GET, "/api/events", GY_RIGHT_READ, 0, 0, listen_to},
};

const struct gy_api_table gy_api_event_routes = {routes, sizeof routes / sizeof *routes};
