/* api_workspace.c - the workspace: how it is, what it knows, its reports, and what could not be taken. */
#include <stdio.h>

#include "base/text.h"
#include "server/api.h"
#include "store/dead_letters.h"
#include "workspace/report_json.h"
#include "workspace/schema_json.h"
#include "workspace/workspace_figures.h"

enum {
    LETTERS = 100,
    LETTERS_MAX = 1000
};

static enum gy_status answer_status(struct gy_api_call *call, struct gy_ask *ask,
                                    struct gy_error *err)
{
    struct gy_workspace_figures figures;
    GY_TRY(gy_workspace_count(ask, &figures, err));
    gy_workspace_figures_json(ask, &figures, &call->out);
    return GY_OK;
}

static enum gy_status status_of(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_ask(call, answer_status, err);
}

static enum gy_status answer_schema(struct gy_api_call *call, struct gy_ask *ask,
                                    struct gy_error *err)
{
    size_t n = gy_snapshot_schema(ask->snapshot)->n_streams;
    uint64_t *rows = gy_arena_zero(&call->arena, n + 1, sizeof *rows);
    uint64_t n_visits;
    GY_TRY(gy_schema_rows(ask, rows, &n_visits, err));
    gy_schema_json(ask, rows, n_visits, &call->out);
    return GY_OK;
}

static enum gy_status schema(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_ask(call, answer_schema, err);
}

/* ---- reports ---- */

/* The audience of the query's `segment`, a definition or the name of one; NULL where none is given. Of a closed segment it is
 * the last one, and the report still is as of now. */
static enum gy_status read_audience(struct gy_api_call *call, struct gy_ask *ask,
                                    roaring_bitmap_t **out, struct gy_error *err)
{
    struct gy_definition definition = {0};
    int64_t now_ms = ask->now_ms;
    const char *segment = gy_api_query(call, "segment");
    *out = NULL;
    if (segment == NULL) {
        return GY_OK;
    }
    enum gy_status status = gy_ask_define(ask, segment, false, &definition, err);
    if (status == GY_OK) {
        status = gy_audience(ask->snapshot, definition.expr, ask->now_ms, &ask->run, out, err);
    }
    gy_definition_release(&definition);
    ask->now_ms = now_ms;
    return status;
}

static enum gy_status make_summary(struct gy_api_call *call, struct gy_ask *ask,
                                   const roaring_bitmap_t *audience, struct gy_error *err)
{
    struct gy_summary summary = {0};
    enum gy_status status =
        gy_summary_make(ask->snapshot, audience, ask->now_ms, &ask->run, &summary, err);
    if (status == GY_OK) {
        gy_summary_json(ask, &summary, &call->out);
    }
    gy_summary_release(&summary);
    return status;
}

static enum gy_status make_rfm(struct gy_api_call *call, struct gy_ask *ask,
                               const roaring_bitmap_t *audience, struct gy_error *err)
{
    struct gy_rfm rfm = {0};
    enum gy_status status = gy_rfm_make(ask->snapshot, audience, ask->now_ms, &ask->run, &rfm, err);
    if (status == GY_OK) {
        gy_rfm_json(ask, &rfm, &call->out);
    }
    gy_rfm_release(&rfm);
    return status;
}

static enum gy_status report(struct gy_api_call *call,
                             enum gy_status (*make)(struct gy_api_call *call, struct gy_ask *ask,
                                                    const roaring_bitmap_t *audience,
                                                    struct gy_error *err),
                             struct gy_error *err)
{
    struct gy_ask ask;
    roaring_bitmap_t *audience = NULL;
    enum gy_status status = gy_api_ask(call, &ask, err);
    if (status == GY_OK) {
        status = read_audience(call, &ask, &audience, err);
    }
    if (status == GY_OK) {
        status = make(call, &ask, audience, err);
    }
    if (audience != NULL) {
        roaring_bitmap_free(audience);
    }
    gy_ask_close(&ask);
    return status;
}

static enum gy_status summary(struct gy_api_call *call, struct gy_error *err)
{
    return report(call, make_summary, err);
}

static enum gy_status rfm(struct gy_api_call *call, struct gy_error *err)
{
    return report(call, make_rfm, err);
}

/* ---- dead letters ---- */

/* A call is any bytes: where it is no UTF-8, what is not ASCII is shown as U+FFFD. */
static void put_bytes(struct gy_json_writer *w, struct gy_str bytes)
{
    struct gy_buf text = {0};
    if (gy_text_is_utf8(bytes)) {
        gy_json_str(w, bytes);
        return;
    }
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        gy_text_put(&text, c < 0x80 ? c : 0xFFFD);
    }
    gy_json_str(w, gy_buf_view(&text));
    gy_buf_release(&text);
}

static void put_letters(struct gy_json_writer *w, const struct gy_letter_page *page, bool is_last)
{
    gy_json_open(w, '{');
    gy_json_key(w, "letters");
    gy_json_open(w, '[');
    for (size_t i = 0; i < page->n; i++) {
        const struct gy_stored_letter *letter = &page->letters[i];
        gy_json_open(w, '{');
        gy_json_key(w, "id");
        gy_json_count(w, (uint64_t)letter->id);
        gy_json_key(w, "at");
        gy_json_time(w, letter->at_ms);
        gy_json_key(w, "write_key");
        gy_json_str(w, letter->write_key);
        gy_json_key(w, "reason");
        gy_json_str(w, letter->reason);
        gy_json_key(w, "call");
        put_bytes(w, letter->call);
        gy_json_close(w, '}');
    }
    gy_json_close(w, ']');
    gy_json_key(w, "next");
    if (is_last) {
        gy_json_null(w);
    } else {
        char cursor[32];
        snprintf(cursor, sizeof cursor, "%lld", (long long)page->letters[page->n - 1].id);
        gy_json_text(w, cursor);
    }
    gy_json_close(w, '}');
}

static enum gy_status dead_letters(struct gy_api_call *call, struct gy_error *err)
{
    uint32_t before;
    uint32_t limit;
    struct gy_letter_page page;
    GY_TRY(gy_api_query_count(call, "cursor", UINT32_MAX, UINT32_MAX, &before, err));
    GY_TRY(gy_api_query_count(call, "limit", LETTERS, LETTERS_MAX, &limit, err));
    GY_TRY(gy_dead_letters_read(call->asker.dir, before == UINT32_MAX ? INT64_MAX : before, limit,
                                &page, err));
    put_letters(&call->out, &page, page.n < limit || page.n == 0);
    gy_letter_page_release(&page);
    return GY_OK;
}

static const struct gy_api_route routes[] = {
    {GY_METHOD_GET, "/api/status", GY_RIGHT_READ, 0, 0, status_of},
    {GY_METHOD_GET, "/api/schema", GY_RIGHT_READ, 0, 0, schema},
    {GY_METHOD_GET, "/api/reports/summary", GY_RIGHT_READ, 0, 0, summary},
    {GY_METHOD_GET, "/api/reports/rfm", GY_RIGHT_READ, 0, 0, rfm},
    {GY_METHOD_GET, "/api/dead-letters", GY_RIGHT_EDIT, 0, 0, dead_letters},
};

const struct gy_api_table gy_api_workspace_routes = {routes, sizeof routes / sizeof *routes};
