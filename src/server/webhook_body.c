/* webhook_body.c - see webhook_body.h. */
#include "server/webhook_body.h"

#include "store/json_writer.h"

void gy_webhook_id(const struct gy_recorded_change *change, uint64_t place, struct gy_buf *out)
{
    gy_buf_printf(out, "%lld-%llu-%llx", (long long)change->id, (unsigned long long)place,
                  (unsigned long long)change->at_ms);
}

static void put_customer(struct gy_json_writer *w, const struct gy_webhook_customer *customer)
{
    gy_json_key(w, "customer");
    gy_json_open(w, '{');
    gy_json_key(w, "id");
    gy_json_str(w, customer->id);
    gy_json_key(w, "is_identified");
    gy_json_bool(w, customer->is_identified);
    gy_json_close(w, '}');
}

void gy_webhook_body(const struct gy_recorded_change *change, struct gy_str id, bool entered,
                     const struct gy_webhook_customer *customer, struct gy_buf *out)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '{');
    gy_json_key(&w, "id");
    gy_json_str(&w, id);
    gy_json_key(&w, "type");
    gy_json_text(&w, entered ? "segment.entered" : "segment.left");
    gy_json_key(&w, "segment");
    gy_json_str(&w, change->segment);
    gy_json_key(&w, "version");
    gy_json_count(&w, change->version);
    gy_json_key(&w, "change");
    gy_json_text(&w, entered ? "entered" : "left");
    put_customer(&w, customer);
    gy_json_key(&w, "at");
    gy_json_time(&w, change->at_ms);
    gy_json_key(&w, "cause");
    gy_json_raw(&w, change->cause.len > 0 ? change->cause : GY_STR("{\"type\":\"refresh\"}"));
    gy_json_close(&w, '}');
    gy_buf_str(out, gy_buf_view(&w.text));
    gy_json_writer_release(&w);
}

void gy_webhook_test_body(struct gy_str webhook, int64_t now_ms, struct gy_buf *id,
                          struct gy_buf *out)
{
    struct gy_json_writer w = {0};
    gy_buf_printf(id, "test-%llx", (unsigned long long)now_ms);
    gy_json_open(&w, '{');
    gy_json_key(&w, "id");
    gy_json_str(&w, gy_buf_view(id));
    gy_json_key(&w, "type");
    gy_json_text(&w, "test");
    gy_json_key(&w, "webhook");
    gy_json_str(&w, webhook);
    gy_json_key(&w, "at");
    gy_json_time(&w, now_ms);
    gy_json_close(&w, '}');
    gy_buf_str(out, gy_buf_view(&w.text));
    gy_json_writer_release(&w);
}

void gy_webhooks_json(const struct gy_webhooks *webhooks, struct gy_json_writer *out)
{
    gy_json_open(out, '[');
    for (size_t i = 0; i < webhooks->n; i++) {
        const struct gy_webhook *webhook = &webhooks->webhooks[i];
        gy_json_open(out, '{');
        gy_json_key(out, "name");
        gy_json_str(out, webhook->name);
        gy_json_key(out, "url");
        gy_json_str(out, webhook->url);
        gy_json_key(out, "segments");
        gy_json_raw(out, webhook->segments);
        gy_json_key(out, "is_active");
        gy_json_bool(out, webhook->is_active);
        gy_json_key(out, "waiting");
        gy_json_count(out, (uint64_t)webhook->n_waiting);
        gy_json_key(out, "dead");
        gy_json_count(out, (uint64_t)webhook->n_dead);
        gy_json_key(out, "created");
        gy_json_time(out, webhook->created_ms);
        gy_json_close(out, '}');
    }
    gy_json_close(out, ']');
}
