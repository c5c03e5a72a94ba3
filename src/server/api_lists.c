/* api_lists.c - uploaded lists of ids. */
#include <stdlib.h>

#include "server/api.h"
#include "store/writer.h"
#include "workspace/definitions.h"
#include "workspace/lists.h"
#include "workspace/names.h"

enum {
    BODY_MAX = 16 << 20,
    ID_MAX = 1024,
    PAGE = 1000,
    PAGE_MAX = 100000
};

static enum gy_status list_all(struct gy_api_call *call, struct gy_ask *ask, struct gy_error *err)
{
    size_t n = gy_snapshot_n_lists(ask->snapshot);
    uint64_t *sizes = gy_arena_zero(&call->arena, n + 1, sizeof *sizes);
    GY_TRY(gy_list_sizes(ask, sizes, err));
    gy_json_open(&call->out, '{');
    gy_json_key(&call->out, "lists");
    gy_lists_json(ask->snapshot, sizes, &call->out);
    gy_json_close(&call->out, '}');
    return GY_OK;
}

static enum gy_status list(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_ask(call, list_all, err);
}

/* ---- one ---- */

static enum gy_status answer_members(struct gy_api_call *call, struct gy_ask *ask,
                                     struct gy_error *err)
{
    struct gy_member *members;
    size_t n;
    uint32_t first;
    uint32_t limit;
    struct gy_json_writer *w = &call->out;
    GY_TRY(gy_api_query_count(call, "cursor", 0, UINT32_MAX, &first, err));
    GY_TRY(gy_api_query_count(call, "limit", PAGE, PAGE_MAX, &limit, err));
    GY_TRY(gy_list_customers(ask, gy_api_piece(call, 0).ptr, &members, &n, err));
    size_t end = first + (size_t)limit < n ? first + (size_t)limit : n;
    gy_json_open(w, '{');
    gy_json_key(w, "count");
    gy_json_count(w, n);
    gy_json_key(w, "customers");
    gy_json_open(w, '[');
    for (size_t i = first; i < end; i++) {
        gy_json_str(w, members[i].id);
    }
    gy_json_close(w, ']');
    gy_json_key(w, "next");
    if (end < n) {
        char cursor[32];
        snprintf(cursor, sizeof cursor, "%zu", end);
        gy_json_text(w, cursor);
    } else {
        gy_json_null(w);
    }
    gy_json_close(w, '}');
    free(members);
    return GY_OK;
}

static enum gy_status show(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_ask(call, answer_members, err);
}

/* ---- changing ---- */

struct change {
    struct gy_api_call *call;
    struct gy_str name;
    struct gy_str *ids;
    size_t n;
    bool keeps_others;
};

/* The body's "ids", in NFC. */
static enum gy_status read_ids(struct gy_api_call *call, struct change *change,
                               struct gy_error *err)
{
    size_t i;
    json_t *id;
    static const char *const keys[] = {"ids"};
    const json_t *ids = json_object_get(call->body, "ids");
    GY_TRY(gy_api_only(call, keys, 1, err));
    if (!json_is_array(ids)) {
        return gy_error_set(err, GY_INVALID, "the body lacks \"ids\", an array of strings");
    }
    change->ids = gy_arena_zero(&call->arena, json_array_size(ids) + 1, sizeof *change->ids);
    json_array_foreach(ids, i, id)
    {
        size_t size = json_string_length(id);
        if (!json_is_string(id) || size == 0 || size > ID_MAX ||
            strlen(json_string_value(id)) != size) {
            return gy_error_set(err, GY_INVALID, "ids[%zu] is no string of 1 to %d bytes", i,
                                ID_MAX);
        }
        GY_TRY(gy_ask_customer_id(json_string_value(id), &call->arena, &change->ids[change->n++],
                                  err));
    }
    return GY_OK;
}

static enum gy_status put_list(struct gy_writer *writer, void *context, struct gy_error *err)
{
    const struct change *c = context;
    return gy_writer_put_list(writer, c->name, c->ids, c->n, c->keeps_others, err);
}

static enum gy_status put(struct gy_api_call *call, bool keeps_others, struct gy_error *err)
{
    struct change change = {.call = call, .keeps_others = keeps_others};
    char detail[64];
    GY_TRY(gy_name_read(gy_api_piece(call, 0).ptr, "list", &call->arena, &change.name, err));
    GY_TRY(read_ids(call, &change, err));
    snprintf(detail, sizeof detail, "%zu ids", change.n);
    struct gy_change_told told = {
        .action = "list add", .object = change.name, .detail = gy_str_of(detail)};
    return gy_api_write(call, &told, put_list, &change, err);
}

static enum gy_status replace(struct gy_api_call *call, struct gy_error *err)
{
    return put(call, false, err);
}

static enum gy_status add(struct gy_api_call *call, struct gy_error *err)
{
    return put(call, true, err);
}

static enum gy_status take_off(struct gy_writer *writer, void *context, struct gy_error *err)
{
    const struct change *c = context;
    return gy_writer_take_from_list(writer, c->name, c->ids, c->n, err);
}

static enum gy_status take(struct gy_api_call *call, struct gy_error *err)
{
    struct change change = {.call = call};
    char detail[64];
    GY_TRY(gy_name_read(gy_api_piece(call, 0).ptr, "list", &call->arena, &change.name, err));
    GY_TRY(read_ids(call, &change, err));
    snprintf(detail, sizeof detail, "%zu ids", change.n);
    struct gy_change_told told = {
        .action = "list remove", .object = change.name, .detail = gy_str_of(detail)};
    return gy_api_write(call, &told, take_off, &change, err);
}

static enum gy_status check_and_remove(struct gy_writer *writer, void *context,
                                       struct gy_error *err)
{
    struct gy_api_call *call = context;
    struct gy_ask ask;
    enum gy_status status = gy_api_ask_now(call, &ask, err);
    if (status == GY_OK) {
        status =
            gy_definition_remove(&ask, writer, GY_NAME_LIST, gy_api_piece(call, 0).ptr, NULL, err);
    }
    gy_ask_close(&ask);
    return status;
}

static enum gy_status remove_list(struct gy_api_call *call, struct gy_error *err)
{
    struct gy_change_told told = {.action = "list remove", .object = gy_api_piece(call, 0)};
    return gy_api_write(call, &told, check_and_remove, call, err);
}

static const struct gy_api_route routes[] = {
    {GY_METHOD_GET, "/api/lists", GY_RIGHT_READ, 0, 0, list},
    {GY_METHOD_GET, "/api/lists/*", GY_RIGHT_READ, 0, 0, show},
    {GY_METHOD_PUT, "/api/lists/*", GY_RIGHT_EDIT, BODY_MAX, 0, replace},
    {GY_METHOD_POST, "/api/lists/*/add", GY_RIGHT_EDIT, BODY_MAX, 0, add},
    {GY_METHOD_POST, "/api/lists/*/take", GY_RIGHT_EDIT, BODY_MAX, 0, take},
    {GY_METHOD_DELETE, "/api/lists/*", GY_RIGHT_EDIT, 0, 0, remove_list},
};

const struct gy_api_table gy_api_list_routes = {routes, sizeof routes / sizeof *routes};
