/* collect_request.c - see collect_request.h. */
#include "server/collect_request.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ingest/json_scan.h"

/* ---- the members of the body ---- */

struct envelope {
    struct gy_str batch; /* the array as text; empty: none */
    struct gy_str sent_at;
    struct gy_str write_key;
};

/* The text of a string without escapes; those that are looked at here have none. */
static struct gy_str unquoted(struct gy_str value)
{
    bool is_string = value.len >= 2 && value.ptr[0] == '"';
    return is_string ? (struct gy_str){value.ptr + 1, value.len - 2} : (struct gy_str){0};
}

static bool open_envelope(struct gy_str body, struct envelope *out)
{
    struct gy_str name;
    struct gy_str value;
    bool is_end;
    *out = (struct envelope){0};
    while (gy_json_scan_member(&body, &name, &value, &is_end)) {
        if (is_end) {
            return gy_json_scan_end(&body);
        }
        if (gy_str_equal(name, GY_STR("batch"))) {
            out->batch = value;
        } else if (gy_str_equal(name, GY_STR("sentAt"))) {
            out->sent_at = unquoted(value);
        } else if (gy_str_equal(name, GY_STR("writeKey"))) {
            out->write_key = unquoted(value);
        }
    }
    return false;
}

struct gy_str gy_collect_write_key(struct gy_str body)
{
    struct envelope envelope;
    return open_envelope(body, &envelope) ? envelope.write_key : (struct gy_str){0};
}

/* ---- calls ---- */

struct reading {
    struct gy_spec_parser *parser;
    const struct gy_collect_source *source;
    struct gy_spec_live live;
    struct gy_collected *out;
};

void gy_collected_reject(struct gy_collected *collected, uint32_t index, struct gy_str call,
                         const struct gy_error *why)
{
    struct gy_rejected *list = collected->rejected;
    uint32_t at = collected->n_rejected++;
    while (at > 0 && list[at - 1].index > index) {
        list[at] = list[at - 1];
        at--;
    }
    struct gy_str reason = gy_arena_str(&collected->arena, gy_str_of(why->message));
    list[at] = (struct gy_rejected){index, call, reason};
}

static enum gy_status read_call(struct reading *r, struct gy_str text, struct gy_call *call,
                                struct gy_error *err)
{
    if (text.len > GY_COLLECT_CALL_MAX) {
        return gy_error_set(err, GY_LIMIT, "a call has at most %d bytes", GY_COLLECT_CALL_MAX);
    }
    return gy_spec_parse_live(r->parser, text, &r->live, r->source->zone, call, err);
}

static void take_call(struct reading *r, uint32_t index, struct gy_str text)
{
    struct gy_error why = {0};
    struct gy_collected *out = r->out;
    if (read_call(r, text, &out->calls[out->n_calls], &why) == GY_OK) {
        out->texts[out->n_calls] = text;
        out->indexes[out->n_calls++] = index;
    } else {
        gy_collected_reject(out, index, text, &why);
    }
}

static void make_room(struct gy_collected *out, uint32_t n)
{
    out->calls = GY_NEW_ARRAY(&out->arena, struct gy_call, n + 1);
    out->texts = GY_NEW_ARRAY(&out->arena, struct gy_str, n + 1);
    out->indexes = GY_NEW_ARRAY(&out->arena, uint32_t, n + 1);
    out->rejected = GY_NEW_ARRAY(&out->arena, struct gy_rejected, n + 1);
}

/* The calls as texts, in `*out` (free); checks the whole before anything is read. */
static enum gy_status cut_calls(struct gy_str batch, struct gy_str **out, uint32_t *n,
                                struct gy_error *err)
{
    struct gy_str value;
    bool is_end;
    size_t capacity = 0;
    *out = NULL;
    *n = 0;
    while (gy_json_scan_element(&batch, &value, &is_end)) {
        if (is_end && gy_json_scan_end(&batch)) {
            return GY_OK;
        }
        if (is_end) {
            break;
        }
        GY_GROW(*out, capacity, *n + (size_t)1);
        (*out)[*n] = value;
        if (++*n > GY_COLLECT_CALLS_MAX) {
            return gy_error_set(err, GY_LIMIT, "a batch has at most %d calls",
                                GY_COLLECT_CALLS_MAX);
        }
    }
    return gy_error_set(err, GY_INVALID, "\"batch\" is not an array of calls");
}

static enum gy_status read_batch(struct reading *r, struct gy_str batch, struct gy_error *err)
{
    uint32_t n;
    struct gy_str *texts;
    enum gy_status status = cut_calls(batch, &texts, &n, err);
    if (status == GY_OK) {
        make_room(r->out, n);
    }
    for (uint32_t i = 0; i < n && status == GY_OK; i++) {
        take_call(r, i, texts[i]);
    }
    free(texts);
    return status;
}

enum gy_status gy_collect_read(struct gy_spec_parser *parser, struct gy_str body,
                               const struct gy_collect_source *source, struct gy_collected *out,
                               struct gy_error *err)
{
    struct envelope envelope;
    struct reading r = {.parser = parser, .source = source, .out = out};
    out->is_batch = source->is_batch;
    if (!open_envelope(body, &envelope)) {
        return gy_error_set(err, GY_INVALID, "the body is no JSON object");
    }
    r.live = (struct gy_spec_live){.arena = &out->arena,
                                   .has_type = !source->is_batch,
                                   .type = source->type,
                                   .received_ms = source->received_ms};
    r.live.has_sent_at = gy_time_read(envelope.sent_at, source->zone, &r.live.sent_at_ms, NULL);
    if (!source->is_batch) {
        make_room(out, 1);
        take_call(&r, 0, body);
        return GY_OK;
    }
    if (envelope.batch.len == 0) {
        return gy_error_set(err, GY_INVALID, "a batch without \"batch\"");
    }
    return read_batch(&r, envelope.batch, err);
}

void gy_collected_release(struct gy_collected *collected)
{
    gy_arena_release(&collected->arena);
    *collected = (struct gy_collected){0};
}
