/* api_webhooks.c - webhooks: who is told when customers enter and leave segments. A secret is in an answer once. */
#include "base/secret.h"
#include "base/zone.h"
#include "server/api.h"
#include "server/webhook_body.h"
#include "server/webhook_sender.h"
#include "store/webhooks.h"
#include "store/writer.h"
#include "workspace/names.h"

enum {
    BODY_MAX = 64 << 10,
    REPLAY_MS = 24 * 3600 * 1000
};

static enum gy_status list(struct gy_api_call *call, struct gy_error *err)
{
    struct gy_webhooks webhooks;
    GY_TRY(gy_webhooks_read(call->asker.dir, &webhooks, err));
    gy_webhooks_json(&webhooks, &call->out);
    gy_webhooks_release(&webhooks);
    return GY_OK;
}

/* ---- adding ---- */

/* The body's "segments", each of which must be there; without them, all. */
static enum gy_status read_segments(struct gy_api_call *call, struct gy_ask *ask,
                                    struct gy_json_writer *out, struct gy_error *err)
{
    size_t i;
    json_t *name;
    json_t *segments = json_object_get(call->body, "segments");
    if (segments != NULL && !json_is_array(segments)) {
        return gy_error_set(err, GY_INVALID, "\"segments\" is no array of names");
    }
    gy_json_open(out, '[');
    json_array_foreach(segments, i, name)
    {
        uint32_t place;
        if (!json_is_string(name)) {
            return gy_error_set(err, GY_INVALID, "segments[%zu] is no name", i);
        }
        GY_TRY(gy_name_find(ask->snapshot, GY_NAME_SEGMENT, json_string_value(name), &place, err));
        gy_json_str(out, gy_snapshot_segment(ask->snapshot, place)->name);
    }
    gy_json_close(out, ']');
    return GY_OK;
}

static enum gy_status put(struct gy_writer *writer, void *context, struct gy_error *err)
{
    return gy_writer_put_webhook(writer, context, err);
}

static void answer_secret(struct gy_api_call *call, struct gy_str name, const char *secret)
{
    call->status = 201;
    gy_json_open(&call->out, '{');
    gy_json_key(&call->out, "name");
    gy_json_str(&call->out, name);
    gy_json_key(&call->out, "secret");
    gy_json_text(&call->out, secret);
    gy_json_close(&call->out, '}');
}

static enum gy_status add_on(struct gy_api_call *call, struct gy_ask *ask, struct gy_error *err)
{
    char secret[GY_SECRET_SIZE];
    struct gy_webhook_put webhook;
    struct gy_json_writer segments = {0};
    const char *name;
    const char *url;
    GY_TRY(gy_api_text(call, "name", NULL, &name, err));
    GY_TRY(gy_api_text(call, "url", NULL, &url, err));
    GY_TRY(gy_name_read(name, "webhook", &call->arena, &webhook.name, err));
    GY_TRY(gy_webhook_check_url(gy_str_of(url), err));
    gy_secret_make(GY_SECRET_WEBHOOK, secret);
    webhook.url = gy_str_of(url);
    webhook.secret = gy_str_of(secret);
    enum gy_status status = read_segments(call, ask, &segments, err);
    webhook.segments = gy_buf_view(&segments.text);
    if (status == GY_OK) {
        struct gy_change_told told = {.action = "webhook add", .object = webhook.name};
        status = gy_api_write(call, &told, put, &webhook, err);
    }
    if (status == GY_OK) {
        answer_secret(call, webhook.name, secret);
    }
    gy_json_writer_release(&segments);
    return status;
}

static enum gy_status add(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_ask(call, add_on, err);
}

/* ---- one ---- */

struct change {
    struct gy_str name;
    int64_t n;
};

static enum gy_status take_away(struct gy_writer *writer, void *context, struct gy_error *err)
{
    return gy_writer_remove_webhook(writer, ((struct change *)context)->name, err);
}

static enum gy_status remove_webhook(struct gy_api_call *call, struct gy_error *err)
{
    struct change change = {.name = gy_api_piece(call, 0)};
    struct gy_change_told told = {.action = "webhook remove", .object = change.name};
    return gy_api_write(call, &told, take_away, &change, err);
}

static enum gy_status try_again(struct gy_writer *writer, void *context, struct gy_error *err)
{
    struct change *change = context;
    return gy_writer_replay_webhook(writer, change->name, gy_now_ms() + REPLAY_MS, &change->n, err);
}

static enum gy_status replay(struct gy_api_call *call, struct gy_error *err)
{
    struct change change = {.name = gy_api_piece(call, 0)};
    struct gy_change_told told = {.action = "webhook replay", .object = change.name};
    GY_TRY(gy_api_write(call, &told, try_again, &change, err));
    gy_json_open(&call->out, '{');
    gy_json_key(&call->out, "replayed");
    gy_json_count(&call->out, (uint64_t)change.n);
    gy_json_close(&call->out, '}');
    return GY_OK;
}

static const struct gy_api_route routes[] = {
    {GY_METHOD_GET, "/api/webhooks", GY_RIGHT_OWN, 0, 0, list},
    {GY_METHOD_POST, "/api/webhooks", GY_RIGHT_OWN, BODY_MAX, 0, add},
    {GY_METHOD_DELETE, "/api/webhooks/*", GY_RIGHT_OWN, 0, 0, remove_webhook},
    {GY_METHOD_POST, "/api/webhooks/*/replay", GY_RIGHT_OWN, 0, 0, replay},
};

const struct gy_api_table gy_api_webhook_routes = {routes, sizeof routes / sizeof *routes};
