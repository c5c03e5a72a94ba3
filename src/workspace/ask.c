/* ask.c - see ask.h. */
#include "workspace/ask.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"
#include "base/zone.h"
#include "lang/check.h"
#include "lang/parser.h"

/* ---- opening ---- */

static enum gy_status read_as_of(const struct gy_snapshot *snapshot, const char *as_of,
                                 int64_t *now_ms, struct gy_error *err)
{
    if (as_of == NULL) {
        *now_ms = gy_now_ms();
        return GY_OK;
    }
    if (!gy_time_read(gy_str_of(as_of), gy_snapshot_zone(snapshot), now_ms, NULL)) {
        gy_error_set(err, GY_INVALID, "\"%s\" is no time, as of which to ask", as_of);
        gy_error_hint(err, "A time is 2025-01-31 or 2025-01-31T18:30, with Z or +09:00 if it is "
                           "not of the workspace's zone.");
        return GY_INVALID;
    }
    return GY_OK;
}

enum gy_status gy_ask_open_on(struct gy_asker *asker, struct gy_snapshot *snapshot,
                              const char *as_of, struct gy_ask *out, struct gy_error *err)
{
    *out = (struct gy_ask){
        .asker = asker, .snapshot = snapshot, .is_borrowed = true, .closed = GY_ID_NONE};
    GY_TRY(read_as_of(snapshot, as_of, &out->now_ms, err));
    out->vocabulary = gy_vocabulary_of(snapshot);
    out->run = (struct gy_run_options){.cancel = &asker->cancel};
    return GY_OK;
}

enum gy_status gy_ask_open(struct gy_asker *asker, const char *as_of, struct gy_ask *out,
                           struct gy_error *err)
{
    struct gy_snapshot *snapshot;
    *out = (struct gy_ask){.asker = asker, .closed = GY_ID_NONE};
    gy_mem_keep_freed(); /* a report asks many questions */
    GY_TRY(gy_snapshot_open(asker->dir, &snapshot, err));
    enum gy_status status = gy_ask_open_on(asker, snapshot, as_of, out, err);
    out->is_borrowed = false;
    return status;
}

void gy_ask_close(struct gy_ask *ask)
{
    if (!ask->is_borrowed) {
        gy_snapshot_close(ask->snapshot);
    }
    gy_arena_release(&ask->arena);
    *ask = (struct gy_ask){0};
}

enum gy_status gy_ask_find_segment(struct gy_ask *ask, const char *name, uint32_t *out,
                                   struct gy_error *err)
{
    return gy_name_find(ask->snapshot, GY_NAME_SEGMENT, name, out, err);
}

/* ---- definitions ---- */

static void remember_text(struct gy_asker *asker, struct gy_str text)
{
    struct gy_buf copy = {0};
    gy_buf_str(&copy, text);
    gy_buf_release(&asker->text);
    asker->text = copy;
}

enum gy_status gy_ask_define_text(struct gy_asker *asker, struct gy_str text,
                                  const struct gy_vocabulary *vocabulary,
                                  const struct gy_check_options *options, struct gy_definition *out,
                                  struct gy_error *err)
{
    enum gy_status status = gy_define(text, vocabulary, options, out, err);
    if (status != GY_OK) {
        remember_text(asker, text);
    }
    return status;
}

enum gy_status gy_ask_define_value(struct gy_asker *asker, struct gy_str text,
                                   const struct gy_vocabulary *vocabulary,
                                   const struct gy_check_options *options,
                                   struct gy_definition *out, struct gy_error *err)
{
    enum gy_status status = gy_define_value(text, vocabulary, options, out, err);
    if (status != GY_OK) {
        remember_text(asker, text);
    }
    return status;
}

/* The segment that a text names and that is no definition, or GY_ID_NONE. */
static uint32_t find_named(const struct gy_ask *ask, struct gy_str text)
{
    struct gy_arena arena = {0};
    struct gy_definition parsed = {0};
    uint32_t found = GY_ID_NONE;
    if (gy_text_is_utf8(text) && gy_parse(text, &parsed, NULL) != GY_OK) {
        found = gy_snapshot_find_segment(ask->snapshot, gy_text_nfc(text, &arena));
    }
    gy_definition_release(&parsed);
    gy_arena_release(&arena);
    return found;
}

/* Words and nothing else: perhaps the name of a segment, misspelt. */
static bool is_like_a_name(const char *text)
{
    return gy_text_is_utf8(gy_str_of(text)) && strpbrk(text, "().<>=\"'") == NULL;
}

static enum gy_status define_stored(struct gy_ask *ask, uint32_t segment, struct gy_str text,
                                    struct gy_definition *out, struct gy_error *err)
{
    /* It was checked when it was stored; what it names may have been allowed though never seen. */
    struct gy_check_options options = {.allow_unknown = true};
    enum gy_status status =
        gy_ask_define_text(ask->asker, text, &ask->vocabulary, &options, out, err);
    if (status != GY_OK) {
        gy_error_context(err, "segment \"%.*s\"",
                         GY_STR_ARG(gy_snapshot_segment(ask->snapshot, segment)->name));
    }
    return status;
}

/* From here on the ask is as of the instant until which the segment was valid, if that is over. */
static void keep_last_audience(struct gy_ask *ask, uint32_t segment)
{
    int64_t instant_ms = gy_ask_instant(ask, segment);
    if (instant_ms != ask->now_ms) {
        ask->now_ms = instant_ms;
        ask->closed = segment;
    }
}

enum gy_status gy_ask_define_segment(struct gy_ask *ask, uint32_t segment,
                                     struct gy_definition *out, struct gy_error *err)
{
    keep_last_audience(ask, segment);
    return define_stored(ask, segment, gy_snapshot_segment(ask->snapshot, segment)->text, out, err);
}

enum gy_status gy_ask_define(struct gy_ask *ask, const char *text, bool allow_unknown,
                             struct gy_definition *out, struct gy_error *err)
{
    struct gy_str s = gy_str_of(text);
    uint32_t segment = find_named(ask, s);
    if (segment != GY_ID_NONE) {
        return gy_ask_define_segment(ask, segment, out, err);
    }
    struct gy_check_options options = {.allow_unknown = allow_unknown};
    enum gy_status status = gy_ask_define_text(ask->asker, s, &ask->vocabulary, &options, out, err);
    if (status != GY_OK && is_like_a_name(text)) {
        gy_name_hint(ask->snapshot, GY_NAME_SEGMENT, s, err);
    }
    return status;
}

struct gy_span gy_ask_span(const struct gy_ask *ask, uint32_t segment)
{
    return gy_span_of(gy_snapshot_segment(ask->snapshot, segment)->json,
                      gy_snapshot_zone(ask->snapshot));
}

int64_t gy_ask_instant(const struct gy_ask *ask, uint32_t segment)
{
    struct gy_span span = gy_ask_span(ask, segment);
    return gy_span_instant(&span, ask->now_ms);
}

enum gy_status gy_ask_segments(struct gy_ask *ask, const struct gy_segment_question *questions,
                               uint32_t n, roaring_bitmap_t **out, struct gy_error *err)
{
    struct gy_definition *definitions = gy_alloc_zero((size_t)n + 1, sizeof *definitions);
    const struct gy_expr **exprs = gy_alloc_zero((size_t)n + 1, sizeof *exprs);
    int64_t *instants_ms = gy_alloc_zero((size_t)n + 1, sizeof *instants_ms);
    enum gy_status status = GY_OK;
    memset(out, 0, n * sizeof(roaring_bitmap_t *));
    for (uint32_t i = 0; i < n && status == GY_OK; i++) {
        status = define_stored(ask, questions[i].segment, questions[i].text, &definitions[i], err);
        exprs[i] = definitions[i].expr;
        instants_ms[i] = questions[i].at_ms;
    }
    if (status == GY_OK) {
        status = gy_audiences(ask->snapshot, exprs, instants_ms, n, &ask->run, out, err);
    }
    for (uint32_t i = 0; i < n; i++) {
        gy_definition_release(&definitions[i]);
    }
    free(instants_ms);
    free(exprs);
    free(definitions);
    return status;
}

enum gy_status gy_ask_segment(struct gy_ask *ask, const struct gy_segment_question *question,
                              roaring_bitmap_t **out, struct gy_error *err)
{
    return gy_ask_segments(ask, question, 1, out, err);
}

enum gy_status gy_ask_everyone(const struct gy_ask *ask, uint64_t *out, struct gy_error *err)
{
    struct gy_expr everyone = {.kind = GY_EXPR_EVERYONE};
    roaring_bitmap_t *audience = NULL;
    GY_TRY(gy_audience(ask->snapshot, &everyone, ask->now_ms, &ask->run, &audience, err));
    *out = roaring_bitmap_get_cardinality(audience);
    roaring_bitmap_free(audience);
    return GY_OK;
}

/* ---- versions ---- */

enum gy_status gy_ask_version(struct gy_ask *ask, uint32_t segment, const char *typed,
                              struct gy_segment_version *out, struct gy_error *err)
{
    struct gy_segment_versions versions;
    double wanted;
    struct gy_str name = gy_snapshot_segment(ask->snapshot, segment)->name;
    if (!gy_number_read(gy_str_of(typed), &wanted) || wanted != floor(wanted) || wanted < 1) {
        return gy_error_set(err, GY_INVALID, "the version \"%s\" is no whole number from 1 on",
                            typed);
    }
    GY_TRY(gy_snapshot_versions(ask->snapshot, segment, &ask->arena, &versions, err));
    for (size_t i = 0; i < versions.n; i++) {
        if (versions.at[i].version == wanted) {
            *out = versions.at[i];
            return GY_OK;
        }
    }
    gy_error_set(err, GY_NOT_FOUND, "segment \"%.*s\" has no version %s", GY_STR_ARG(name), typed);
    gy_error_hint(err, "\"gyeol segment show\" lists them; the newest is %u.",
                  gy_snapshot_segment(ask->snapshot, segment)->version);
    return GY_NOT_FOUND;
}

enum gy_status gy_ask_define_version(struct gy_ask *ask, const char *segment, const char *typed,
                                     struct gy_definition *out, struct gy_error *err)
{
    struct gy_segment_version version;
    uint32_t i;
    GY_TRY(gy_ask_find_segment(ask, segment, &i, err));
    GY_TRY(gy_ask_version(ask, i, typed, &version, err));
    keep_last_audience(ask, i);
    return define_stored(ask, i, version.text, out, err);
}

/* ---- customers ---- */

enum gy_status gy_ask_customer_id(const char *typed, struct gy_arena *arena, struct gy_str *out,
                                  struct gy_error *err)
{
    struct gy_str id = gy_str_of(typed);
    if (!gy_text_is_utf8(id)) {
        return gy_error_set(err, GY_INVALID, "the id of the customer is not UTF-8");
    }
    *out = gy_text_nfc(id, arena);
    return GY_OK;
}

enum gy_status gy_ask_find_customer(const struct gy_ask *ask, const char *typed, uint32_t *root,
                                    struct gy_str *id, struct gy_error *err)
{
    struct gy_arena arena = {0};
    struct gy_str read;
    bool is_external;
    enum gy_status status = gy_ask_customer_id(typed, &arena, &read, err);
    if (status == GY_OK) {
        *root = gy_snapshot_find(ask->snapshot, read);
        if (*root == GY_ID_NONE) {
            status =
                gy_error_set(err, GY_NOT_FOUND, "there is no customer \"%.*s\"", GY_STR_ARG(read));
        } else {
            *id = gy_snapshot_id(ask->snapshot, *root, &is_external);
        }
    }
    gy_arena_release(&arena);
    return status;
}

/* ---- members ---- */

static int compare_ids(const void *a, const void *b)
{
    const struct gy_member *left = a;
    const struct gy_member *right = b;
    int order = gy_str_compare(left->id, right->id);
    return order != 0 ? order : (left->ordinal > right->ordinal) - (left->ordinal < right->ordinal);
}

size_t gy_ask_members(const struct gy_ask *ask, const roaring_bitmap_t *audience,
                      struct gy_member **out)
{
    size_t n = (size_t)roaring_bitmap_get_cardinality(audience);
    struct gy_member *members = gy_alloc_zero(n == 0 ? 1 : n, sizeof *members);
    uint32_t *ordinals = gy_alloc_zero(n == 0 ? 1 : n, sizeof *ordinals);
    bool is_external;
    roaring_bitmap_to_uint32_array(audience, ordinals);
    for (size_t i = 0; i < n; i++) {
        struct gy_str id = gy_snapshot_id(ask->snapshot, ordinals[i], &is_external);
        members[i] = (struct gy_member){.id = id, .ordinal = ordinals[i], .row = (uint32_t)i};
    }
    free(ordinals);
    qsort(members, n, sizeof *members, compare_ids);
    *out = members;
    return n;
}

static enum gy_status refuse_line_end(struct gy_str id, struct gy_error *err)
{
    gy_error_set(err, GY_INVALID, "the id \"%.*s\" has a line end in it, and ids are one a line",
                 GY_STR_ARG(id));
    gy_error_hint(err, "`gyeol members` with --format csv, jsonl or xlsx can say such an id.");
    return GY_INVALID;
}

enum gy_status gy_members_put_ids(const struct gy_member *members, size_t n, struct gy_buf *out,
                                  struct gy_error *err)
{
    for (size_t i = 0; i < n; i++) {
        struct gy_str id = members[i].id;
        if (memchr(id.ptr, '\n', id.len) != NULL || memchr(id.ptr, '\r', id.len) != NULL) {
            return refuse_line_end(id, err);
        }
        gy_buf_str(out, id);
        gy_buf_char(out, '\n');
    }
    return GY_OK;
}
