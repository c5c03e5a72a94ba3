/* api_members.c - who is in: page by page, whole as a file, and whether somebody is.
 *
 * Pages are in the order of ordinals, in which customers first came: so the place of the last one is all that the next
 * page needs, and a page costs one evaluation whatever comes before it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "engine/memberships.h"
#include "server/api_definition.h"
#include "workspace/member_rows.h"
#include "workspace/members_excel.h"

enum {
    BODY_MAX = 256 << 10,
    PAGE = 100,
    PAGE_MAX = 10000,
    EXPORT_SECONDS = 3600,
    PIECE = 64 << 10 /* bytes of an export that are written at once */
};

/* ---- what is shown of members ---- */

/* The query's, or the body's: "trait.region, sum(\"Order Completed\".revenue)". NULL: none. */
static enum gy_status read_columns(struct gy_api_call *call, struct gy_ask *ask,
                                   struct gy_columns *out, struct gy_error *err)
{
    const char *list = gy_api_query(call, "columns");
    const json_t *said = json_object_get(call->body, "columns");
    bool allow_unknown;
    *out = (struct gy_columns){0};
    GY_TRY(gy_api_flag(call, "allow_unknown", &allow_unknown, err));
    if (list == NULL && said != NULL && !json_is_string(said)) {
        return gy_error_set(err, GY_INVALID, "\"columns\" is a string");
    }
    return gy_columns_read(ask, list != NULL ? list : json_string_value(said), allow_unknown, out,
                           err);
}

/* Members with their values. Released with release_rows. */
struct rows {
    struct gy_columns columns;
    struct gy_value_table values;
    struct gy_member *members;
    struct gy_export x;
};

static void release_rows(struct rows *rows)
{
    free(rows->members);
    gy_value_table_release(&rows->values);
    gy_columns_release(&rows->columns);
}

static enum gy_status fill_rows(struct gy_ask *ask, const roaring_bitmap_t *audience,
                                struct rows *rows, struct gy_error *err)
{
    if (rows->columns.n > 0) {
        GY_TRY(gy_columns_values(ask, &rows->columns, audience, &rows->values, err));
    }
    size_t n = gy_ask_members(ask, audience, &rows->members);
    rows->x = (struct gy_export){&rows->columns, &rows->values, rows->members, n};
    return GY_OK;
}

/* ---- a page ---- */

struct page {
    uint32_t after; /* ordinals from here on */
    uint32_t limit;
};

static enum gy_status read_page(struct gy_api_call *call, struct page *out, struct gy_error *err)
{
    GY_TRY(gy_api_query_count(call, "cursor", 0, UINT32_MAX, &out->after, err));
    GY_TRY(gy_api_query_count(call, "limit", PAGE, PAGE_MAX, &out->limit, err));
    return out->limit > 0 ? GY_OK
                          : gy_error_set(err, GY_INVALID,
                                         "\"limit\" is a whole number from 1 to %d", PAGE_MAX);
}

/* The members of the page; `*next` is where the next one begins, 0: this was the last. */
static roaring_bitmap_t *cut_page(const roaring_bitmap_t *audience, const struct page *page,
                                  uint32_t *next)
{
    roaring_bitmap_t *cut = roaring_bitmap_create();
    roaring_uint32_iterator_t *at = roaring_create_iterator(audience);
    uint32_t n = 0;
    *next = 0;
    if (page->after > 0) {
        (void)roaring_move_uint32_iterator_equalorlarger(at, page->after);
    }
    for (; at->has_value && n < page->limit; n++) {
        roaring_bitmap_add(cut, at->current_value);
        (void)roaring_advance_uint32_iterator(at);
    }
    if (at->has_value) {
        *next = at->current_value;
    }
    roaring_free_uint32_iterator(at);
    return cut;
}

static int by_ordinal(const void *a, const void *b)
{
    const struct gy_member *x = a;
    const struct gy_member *y = b;
    return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

static void put_page(struct gy_api_call *call, const struct gy_ask *ask, struct rows *rows,
                     uint64_t n_all, uint32_t next)
{
    struct gy_json_writer *w = &call->out;
    char cursor[16];
    qsort(rows->members, rows->x.n, sizeof *rows->members, by_ordinal);
    gy_json_open(w, '{');
    gy_json_key(w, "count");
    gy_json_count(w, n_all);
    gy_json_key(w, "as_of");
    gy_json_time(w, ask->now_ms);
    gy_json_key(w, "members");
    gy_json_open(w, '[');
    for (size_t i = 0; i < rows->x.n; i++) {
        gy_members_json_row(&rows->x, i, w);
    }
    gy_json_close(w, ']');
    gy_json_key(w, "next");
    if (next == 0) {
        gy_json_null(w);
    } else {
        snprintf(cursor, sizeof cursor, "%u", next);
        gy_json_text(w, cursor);
    }
    gy_json_close(w, '}');
}

static enum gy_status answer_page(struct gy_api_call *call, struct gy_ask *ask,
                                  const struct gy_expr *expr, struct gy_error *err)
{
    struct page page;
    struct rows rows = {0};
    roaring_bitmap_t *audience = NULL;
    uint32_t next;
    GY_TRY(read_page(call, &page, err));
    enum gy_status status = read_columns(call, ask, &rows.columns, err);
    if (status == GY_OK) {
        status = gy_audience(ask->snapshot, expr, ask->now_ms, &ask->run, &audience, err);
    }
    if (status == GY_OK) {
        roaring_bitmap_t *cut = cut_page(audience, &page, &next);
        status = fill_rows(ask, cut, &rows, err);
        if (status == GY_OK) {
            put_page(call, ask, &rows, roaring_bitmap_get_cardinality(audience), next);
        }
        roaring_bitmap_free(cut);
        roaring_bitmap_free(audience);
    }
    release_rows(&rows);
    return status;
}

static enum gy_status members(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_definition(call, answer_page, err);
}

static enum gy_status members_of_segment(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_segment(call, answer_page, err);
}

/* ---- whether somebody is in ---- */

static enum gy_status answer_membership(struct gy_api_call *call, struct gy_ask *ask,
                                        const struct gy_expr *expr, struct gy_error *err)
{
    uint32_t root;
    struct gy_str id;
    struct gy_membership question = {0};
    GY_TRY(gy_ask_find_customer(ask, gy_api_piece(call, 1).ptr, &root, &id, err));
    question.root = root;
    GY_TRY(gy_memberships(ask->snapshot, &expr, &ask->now_ms, 1, &question, 1, &ask->run, err));
    gy_json_open(&call->out, '{');
    gy_json_key(&call->out, "customer");
    gy_json_str(&call->out, id);
    gy_json_key(&call->out, "member");
    gy_json_bool(&call->out, question.holds);
    gy_json_key(&call->out, "as_of");
    gy_json_time(&call->out, ask->now_ms);
    gy_json_close(&call->out, '}');
    return GY_OK;
}

static enum gy_status membership(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_segment(call, answer_membership, err);
}

/* ---- a file ---- */

/* Puts row `i` behind `out`. */
static void put_csv(const struct gy_export *x, size_t i, struct gy_buf *out)
{
    gy_members_csv_row(x, i, out);
}

static void put_jsonl(const struct gy_export *x, size_t i, struct gy_buf *out)
{
    struct gy_json_writer w = {0};
    gy_members_json_row(x, i, &w);
    gy_buf_str(out, gy_buf_view(&w.text));
    gy_buf_char(out, '\n');
    gy_json_writer_release(&w);
}

/* Rows in pieces, as fast as the client reads; ends early where it has gone. */
static void stream_rows(struct gy_api_call *call, const struct gy_export *x, const char *type,
                        const char *name,
                        void (*put)(const struct gy_export *x, size_t i, struct gy_buf *out))
{
    struct gy_buf out = {0};
    bool is_read = true;
    gy_api_begin_file(call, type, name);
    if (put == put_csv) {
        gy_buf_text(&out, "\xEF\xBB\xBF"); /* without it Excel takes UTF-8 for something else */
        gy_members_csv_head(x, &out);
    }
    for (size_t i = 0; i < x->n && is_read; i++) {
        put(x, i, &out);
        if (out.len >= PIECE) {
            is_read = gy_api_put_file(call, gy_buf_view(&out));
            gy_buf_reset(&out);
        }
    }
    is_read = is_read && gy_api_put_file(call, gy_buf_view(&out));
    gy_api_end_file(call, is_read);
    gy_buf_release(&out);
}

/* In a folder that is nobody else's; mapped, it needs no name any more. */
static enum gy_status make_excel(const struct gy_ask *ask, const struct gy_export *x,
                                 struct gy_map *map, struct gy_error *err)
{
    char folder[] = "/tmp/gyeol-export-XXXXXX";
    char path[sizeof folder + sizeof "/members.xlsx"];
    if (mkdtemp(folder) == NULL) {
        return gy_error_sys(err, errno, "could not make a temporary folder");
    }
    snprintf(path, sizeof path, "%s/members.xlsx", folder);
    enum gy_status status = gy_members_excel(ask, x, path, err);
    if (status == GY_OK) {
        status = gy_map_open(path, map, err);
    }
    (void)unlink(path);
    (void)rmdir(folder);
    return status;
}

static enum gy_status stream_excel(struct gy_api_call *call, const struct gy_ask *ask,
                                   const struct gy_export *x, struct gy_error *err)
{
    struct gy_map map;
    GY_TRY(make_excel(ask, x, &map, err));
    gy_api_begin_file(call, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                      "members.xlsx");
    bool is_read = true;
    for (size_t at = 0; at < map.size && is_read; at += PIECE) {
        size_t n = map.size - at < PIECE ? map.size - at : PIECE;
        is_read = gy_api_put_file(call, (struct gy_str){(const char *)map.ptr + at, n});
    }
    gy_api_end_file(call, is_read);
    gy_map_close(&map);
    return GY_OK;
}

static enum gy_status stream(struct gy_api_call *call, const struct gy_ask *ask,
                             const struct gy_export *x, const char *format, struct gy_error *err)
{
    if (strcmp(format, "xlsx") == 0) {
        return stream_excel(call, ask, x, err);
    }
    if (strcmp(format, "csv") == 0) {
        stream_rows(call, x, "text/csv; charset=utf-8", "members.csv", put_csv);
    } else {
        stream_rows(call, x, "application/jsonl", "members.jsonl", put_jsonl);
    }
    return GY_OK;
}

static enum gy_status answer_export(struct gy_api_call *call, struct gy_ask *ask,
                                    const struct gy_expr *expr, struct gy_error *err)
{
    struct rows rows = {0};
    roaring_bitmap_t *audience = NULL;
    const char *format = gy_api_query(call, "format");
    format = format == NULL ? "csv" : format;
    if (strcmp(format, "csv") != 0 && strcmp(format, "jsonl") != 0 && strcmp(format, "xlsx") != 0) {
        return gy_error_set(err, GY_INVALID, "\"%s\" is none of the formats csv, jsonl and xlsx",
                            format);
    }
    GY_TRY(gy_api_may_file(call, err));
    enum gy_status status = read_columns(call, ask, &rows.columns, err);
    if (status == GY_OK) {
        status = gy_audience(ask->snapshot, expr, ask->now_ms, &ask->run, &audience, err);
    }
    if (status == GY_OK) {
        status = fill_rows(ask, audience, &rows, err);
        roaring_bitmap_free(audience);
    }
    if (status == GY_OK) {
        status = stream(call, ask, &rows.x, format, err);
    }
    release_rows(&rows);
    return status;
}

static enum gy_status export_members(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_definition(call, answer_export, err);
}

static enum gy_status export_segment(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_segment(call, answer_export, err);
}

static const struct gy_api_route routes[] = {
    {GY_METHOD_POST, "/api/members", GY_RIGHT_READ, BODY_MAX, 0, members},
    {GY_METHOD_POST, "/api/export", GY_RIGHT_READ, BODY_MAX, EXPORT_SECONDS, export_members},
    {GY_METHOD_GET, "/api/segments/*/members", GY_RIGHT_READ, 0, 0, members_of_segment},
    {GY_METHOD_GET, "/api/segments/*/members/*", GY_RIGHT_READ, 0, 0, membership},
    {GY_METHOD_GET, "/api/segments/*/export", GY_RIGHT_READ, 0, EXPORT_SECONDS, export_segment},
};

const struct gy_api_table gy_api_member_routes = {routes, sizeof routes / sizeof *routes};
