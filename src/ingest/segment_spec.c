/* segment_spec.c - from the tree of a line to a call.
 *
 * The members of the call itself are looked at once, each by its name; then what the type makes of them
 * is built.
 */
#include "ingest/segment_spec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "ingest/json_fault.h"
#include "ingest/json_tree.h"

enum {
    FIELDS_MAX = 1024,
    LEAST_SKEW_MS = 1000
};

struct gy_spec_parser {
    struct gy_json_tree *tree;
    struct gy_arena arena;
};

/* The members of a call that are looked at. */
enum member {
    TYPE,
    USER_ID,
    ANONYMOUS_ID,
    PREVIOUS_ID,
    GROUP_ID,
    MESSAGE_ID,
    EVENT,
    NAME,
    CATEGORY,
    TIMESTAMP,
    ORIGINAL_TIMESTAMP,
    SENT_AT,
    PROPERTIES,
    TRAITS,
    CONTEXT,
    N_MEMBERS,
};

static const char *const member_names[N_MEMBERS] = {
    "type",       "userId", "anonymousId", "previousId", "groupId",           "messageId",
    "event",      "name",   "category",    "timestamp",  "originalTimestamp", "sentAt",
    "properties", "traits", "context"};

struct build {
    struct gy_arena *arena;
    struct gy_json_node *nodes;
    const struct gy_zone *zone;
    const struct gy_spec_live *live; /* NULL: it stands in a file */
    uint32_t at[N_MEMBERS];          /* node numbers; 0 (the call itself): none, or null */
    struct gy_call *call;
    struct gy_error *err;
};

struct gy_spec_parser *gy_spec_parser_new(void)
{
    struct gy_spec_parser *parser = gy_alloc_zero(1, sizeof *parser);
    parser->tree = gy_json_tree_new();
    return parser;
}

void gy_spec_parser_free(struct gy_spec_parser *parser)
{
    if (parser == NULL) {
        return;
    }
    gy_json_tree_free(parser->tree);
    gy_arena_release(&parser->arena);
    free(parser);
}

/* ---- nodes ---- */

static struct gy_str node_text(const struct gy_json_node *node)
{
    return (struct gy_str){node->as.string, node->n};
}

static struct gy_str normal_text(const struct build *b, const struct gy_json_node *node)
{
    return gy_text_nfc(node_text(node), b->arena);
}

static void find_members(struct build *b)
{
    for (uint32_t i = 1; i < b->nodes[0].end; i = b->nodes[i + 1].end) {
        struct gy_str name = node_text(&b->nodes[i]);
        for (int m = 0; m < N_MEMBERS; m++) {
            if (gy_str_equal(name, gy_str_of(member_names[m]))) {
                b->at[m] = b->nodes[i + 1].kind == GY_JSON_NULL ? 0 : i + 1;
                break;
            }
        }
    }
}

/* A string, or a whole number written as one; empty where there is none. */
static enum gy_status read_id(struct build *b, enum member member, struct gy_str *out)
{
    *out = (struct gy_str){"", 0};
    uint32_t at = b->at[member];
    const struct gy_json_node *node = &b->nodes[at];
    if (at == 0) {
        return GY_OK;
    }
    if (node->kind == GY_JSON_INT) {
        char digits[32];
        int n = snprintf(digits, sizeof digits, "%" PRId64, node->as.integer);
        *out = gy_arena_str(b->arena, (struct gy_str){digits, (size_t)n});
        return GY_OK;
    }
    if (node->kind != GY_JSON_STRING) {
        return gy_error_set(b->err, GY_INVALID, "\"%s\" is not a string", member_names[member]);
    }
    *out = normal_text(b, node);
    return GY_OK;
}

/* ---- values ---- */

/* False where the node is no single value. */
static bool read_scalar(const struct build *b, const struct gy_json_node *node,
                        struct gy_value *out)
{
    switch ((enum gy_json_kind)node->kind) {
    case GY_JSON_NULL:
        *out = (struct gy_value){.type = GY_VALUE_MISSING};
        return true;
    case GY_JSON_FALSE:
    case GY_JSON_TRUE:
        *out = (struct gy_value){.type = GY_VALUE_BOOL, .boolean = node->kind == GY_JSON_TRUE};
        return true;
    case GY_JSON_INT:
        *out = (struct gy_value){.type = GY_VALUE_NUMBER, .number = (double)node->as.integer};
        return true;
    case GY_JSON_NUMBER:
        *out = (struct gy_value){.type = GY_VALUE_NUMBER, .number = node->as.number};
        return true;
    case GY_JSON_STRING:
        *out = (struct gy_value){.type = GY_VALUE_STRING, .string = normal_text(b, node)};
        return true;
    case GY_JSON_ARRAY:
    case GY_JSON_OBJECT:
        break;
    }
    return false;
}

static bool is_array_of(const struct build *b, uint32_t at, enum gy_json_kind kind)
{
    if (b->nodes[at].kind != GY_JSON_ARRAY) {
        return false;
    }
    for (uint32_t i = at + 1; i < b->nodes[at].end; i = b->nodes[i].end) {
        if (b->nodes[i].kind != (uint32_t)kind) {
            return false;
        }
    }
    return true;
}

static struct gy_value read_list(const struct build *b, uint32_t at)
{
    uint32_t n = b->nodes[at].n;
    struct gy_str *strings = GY_NEW_ARRAY(b->arena, struct gy_str, n);
    for (uint32_t i = 0; i < n; i++) {
        strings[i] = normal_text(b, &b->nodes[at + 1 + i]);
    }
    struct gy_value value = {.type = GY_VALUE_LIST};
    value.list.strings = strings;
    value.list.n = n;
    return value;
}

/* ---- fields ---- */

struct fields {
    struct gy_field *list;
    uint32_t n;
};

static void put_field(struct fields *fields, struct gy_str name, struct gy_value value)
{
    for (uint32_t i = 0; i < fields->n; i++) {
        if (gy_str_equal(fields->list[i].name, name)) {
            fields->list[i].value = value;
            return;
        }
    }
    fields->list[fields->n++] = (struct gy_field){name, value};
}

/* Room for the members of an object and `n_more`. */
static enum gy_status make_fields(struct build *b, uint32_t object, uint32_t n_more,
                                  struct fields *fields)
{
    uint32_t n = object == 0 ? 0 : b->nodes[object].n;
    if (n > FIELDS_MAX) {
        return gy_error_set(b->err, GY_LIMIT, "more than %d fields in one object", FIELDS_MAX);
    }
    *fields = (struct fields){.list = GY_NEW_ARRAY(b->arena, struct gy_field, n + n_more)};
    return GY_OK;
}

static enum gy_status read_item(struct build *b, uint32_t object, struct gy_item *item)
{
    struct fields fields = {0};
    GY_TRY(make_fields(b, object, 0, &fields));
    for (uint32_t i = object + 1; i < b->nodes[object].end; i = b->nodes[i + 1].end) {
        struct gy_value value;
        if (read_scalar(b, &b->nodes[i + 1], &value)) {
            put_field(&fields, normal_text(b, &b->nodes[i]), value);
        }
    }
    *item = (struct gy_item){fields.list, fields.n};
    return GY_OK;
}

static enum gy_status read_items(struct build *b, uint32_t at, struct gy_str name,
                                 struct gy_item_list *list)
{
    struct gy_item *items = GY_NEW_ARRAY(b->arena, struct gy_item, b->nodes[at].n);
    uint32_t n = 0;
    for (uint32_t i = at + 1; i < b->nodes[at].end; i = b->nodes[i].end) {
        GY_TRY(read_item(b, i, &items[n++]));
    }
    *list = (struct gy_item_list){.property = name, .items = items, .n_items = n};
    return GY_OK;
}

static uint32_t count_item_lists(const struct build *b, uint32_t object)
{
    uint32_t n = 0;
    for (uint32_t i = object + 1; i < b->nodes[object].end; i = b->nodes[i + 1].end) {
        n += b->nodes[i + 1].n > 0 && is_array_of(b, i + 1, GY_JSON_OBJECT);
    }
    return n;
}

static void put_list(struct gy_item_list *lists, uint32_t *n, const struct gy_item_list *list)
{
    uint32_t i = 0;
    while (i < *n && !gy_str_equal(lists[i].property, list->property)) {
        i++;
    }
    lists[i] = *list;
    *n += i == *n;
}

/* The properties of an event: single values as fields, arrays of objects as items. */
static enum gy_status read_properties(struct build *b, uint32_t object, struct fields *fields)
{
    GY_TRY(make_fields(b, object, 2, fields));
    if (object == 0) {
        return GY_OK;
    }
    struct gy_item_list *lists =
        GY_NEW_ARRAY(b->arena, struct gy_item_list, count_item_lists(b, object));
    uint32_t n_lists = 0;
    for (uint32_t i = object + 1; i < b->nodes[object].end; i = b->nodes[i + 1].end) {
        struct gy_str name = normal_text(b, &b->nodes[i]);
        struct gy_value value;
        if (read_scalar(b, &b->nodes[i + 1], &value)) {
            if (value.type != GY_VALUE_MISSING) {
                put_field(fields, name, value);
            }
        } else if (b->nodes[i + 1].n > 0 && is_array_of(b, i + 1, GY_JSON_OBJECT)) {
            struct gy_item_list list;
            GY_TRY(read_items(b, i + 1, name, &list));
            put_list(lists, &n_lists, &list);
        }
    }
    b->call->lists = lists;
    b->call->n_lists = n_lists;
    return GY_OK;
}

/* With room for `n_more`. */
static enum gy_status read_traits(struct build *b, uint32_t object, uint32_t n_more,
                                  struct fields *fields)
{
    GY_TRY(make_fields(b, object, n_more, fields));
    for (uint32_t i = object + 1; object != 0 && i < b->nodes[object].end;
         i = b->nodes[i + 1].end) {
        struct gy_value value;
        if (is_array_of(b, i + 1, GY_JSON_STRING)) {
            value = read_list(b, i + 1);
        } else if (!read_scalar(b, &b->nodes[i + 1], &value)) {
            continue;
        }
        put_field(fields, normal_text(b, &b->nodes[i]), value);
    }
    return GY_OK;
}

/* The node of a member that is an object; 0: there is none. */
static uint32_t find_object(const struct build *b, uint32_t object, struct gy_str name)
{
    uint32_t found = 0;
    if (object == 0 || b->nodes[object].kind != GY_JSON_OBJECT) {
        return 0;
    }
    for (uint32_t i = object + 1; i < b->nodes[object].end; i = b->nodes[i + 1].end) {
        if (gy_str_equal(node_text(&b->nodes[i]), name)) {
            found = b->nodes[i + 1].kind == GY_JSON_OBJECT ? i + 1 : 0;
        }
    }
    return found;
}

/* ---- the types ---- */

static void put_member(struct build *b, struct fields *fields, enum member member)
{
    uint32_t at = b->at[member];
    struct gy_value value;
    if (at != 0 && read_scalar(b, &b->nodes[at], &value)) {
        put_field(fields, gy_str_of(member_names[member]), value);
    }
}

static enum gy_status read_track(struct build *b, struct fields *fields)
{
    const struct gy_json_node *event = &b->nodes[b->at[EVENT]];
    if (b->at[EVENT] == 0 || event->kind != GY_JSON_STRING || event->n == 0) {
        return gy_error_set(b->err, GY_INVALID, "a track call without the name of its event");
    }
    b->call->event = normal_text(b, event);
    return read_properties(b, b->at[PROPERTIES], fields);
}

static enum gy_status read_view(struct build *b, struct gy_str event, struct fields *fields)
{
    b->call->event = event;
    GY_TRY(read_properties(b, b->at[PROPERTIES], fields));
    put_member(b, fields, NAME);
    put_member(b, fields, CATEGORY);
    return GY_OK;
}

static enum gy_status read_group(struct build *b, struct fields *fields)
{
    struct gy_str id;
    b->call->event = GY_STR("Group Joined");
    GY_TRY(read_id(b, GROUP_ID, &id));
    GY_TRY(read_properties(b, b->at[TRAITS], fields));
    if (id.len > 0) {
        struct gy_value value = {.type = GY_VALUE_STRING, .string = id};
        put_field(fields, GY_STR("group_id"), value);
    }
    return GY_OK;
}

/* What a person allows and what not, by category; 0: the call does not say. */
static uint32_t find_consent(const struct build *b)
{
    uint32_t consent = find_object(b, b->at[CONTEXT], GY_STR("consent"));
    return find_object(b, consent, GY_STR("categoryPreferences"));
}

/* A preference that is neither true nor false is none. */
static void put_consent(struct build *b, uint32_t consent, struct fields *fields)
{
    static const char prefix[] = "consent.";
    for (uint32_t i = consent + 1; consent != 0 && i < b->nodes[consent].end;
         i = b->nodes[i + 1].end) {
        struct gy_str category = normal_text(b, &b->nodes[i]);
        struct gy_value value;
        if (!read_scalar(b, &b->nodes[i + 1], &value) || value.type != GY_VALUE_BOOL) {
            continue;
        }
        size_t len = sizeof prefix - 1 + category.len;
        char *name = gy_arena_alloc(b->arena, len);
        memcpy(name, prefix, sizeof prefix - 1);
        memcpy(name + sizeof prefix - 1, category.ptr, category.len);
        put_field(fields, (struct gy_str){name, len}, value);
    }
}

/* RudderStack's libraries send a person's traits in the context. */
static enum gy_status read_identify(struct build *b, struct fields *fields)
{
    uint32_t traits = b->at[TRAITS];
    uint32_t consent = find_consent(b);
    if (traits == 0) {
        traits = find_object(b, b->at[CONTEXT], GY_STR("traits"));
    }
    GY_TRY(read_traits(b, traits, consent == 0 ? 0 : b->nodes[consent].n, fields));
    put_consent(b, consent, fields);
    return GY_OK;
}

/* Segment's libraries send this event when preferences change: it tells traits, so it is an identify. */
static bool is_consent_update(const struct build *b)
{
    const struct gy_json_node *event = &b->nodes[b->at[EVENT]];
    return b->call->type == GY_CALL_TRACK && b->at[EVENT] != 0 && event->kind == GY_JSON_STRING &&
           gy_str_equal(node_text(event), GY_STR("Segment Consent Preference Updated")) &&
           find_consent(b) != 0;
}

static enum gy_status read_consent_update(struct build *b, struct fields *fields)
{
    uint32_t consent = find_consent(b);
    b->call->type = GY_CALL_IDENTIFY;
    GY_TRY(make_fields(b, consent, 0, fields));
    put_consent(b, consent, fields);
    return GY_OK;
}

static enum gy_status read_alias(struct build *b)
{
    GY_TRY(read_id(b, PREVIOUS_ID, &b->call->previous_id));
    if (b->call->previous_id.len == 0 || b->call->user_id.len == 0) {
        return gy_error_set(b->err, GY_INVALID,
                            "an alias call needs \"previousId\" and \"userId\"");
    }
    return GY_OK;
}

static enum gy_status read_fields(struct build *b)
{
    struct fields fields = {0};
    enum gy_status status = GY_OK;
    switch (b->call->type) {
    case GY_CALL_TRACK:
        status = is_consent_update(b) ? read_consent_update(b, &fields) : read_track(b, &fields);
        break;
    case GY_CALL_IDENTIFY:
        status = read_identify(b, &fields);
        break;
    case GY_CALL_ALIAS:
        status = read_alias(b);
        break;
    case GY_CALL_PAGE:
        status = read_view(b, GY_STR("Page Viewed"), &fields);
        break;
    case GY_CALL_SCREEN:
        status = read_view(b, GY_STR("Screen Viewed"), &fields);
        break;
    case GY_CALL_GROUP:
        status = read_group(b, &fields);
        break;
    }
    b->call->fields = fields.list;
    b->call->n_fields = fields.n;
    return status;
}

/* ---- the call ---- */

static enum gy_status read_type(struct build *b)
{
    static const struct {
        struct gy_str name;
        enum gy_call_type type;
    } types[] = {{{"track", 5}, GY_CALL_TRACK},   {{"identify", 8}, GY_CALL_IDENTIFY},
                 {{"alias", 5}, GY_CALL_ALIAS},   {{"page", 4}, GY_CALL_PAGE},
                 {{"screen", 6}, GY_CALL_SCREEN}, {{"group", 5}, GY_CALL_GROUP}};
    const struct gy_json_node *node = &b->nodes[b->at[TYPE]];
    if (b->live != NULL && b->live->has_type) {
        b->call->type = b->live->type;
        return GY_OK;
    }
    if (b->at[TYPE] == 0 || node->kind != GY_JSON_STRING) {
        return gy_error_set(b->err, GY_INVALID, "a call without a \"type\"");
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (gy_str_equal(node_text(node), types[i].name)) {
            b->call->type = types[i].type;
            return GY_OK;
        }
    }
    return gy_error_set(b->err, GY_INVALID, "unknown type of call \"%.*s\"",
                        GY_STR_ARG(gy_text_cut(node_text(node), 40)));
}

static bool find_sent_at(const struct build *b, int64_t *ms)
{
    const struct gy_json_node *node = &b->nodes[b->at[SENT_AT]];
    *ms = b->live->sent_at_ms;
    return b->live->has_sent_at || (b->at[SENT_AT] != 0 && node->kind == GY_JSON_STRING &&
                                    gy_time_read(node_text(node), b->zone, ms, NULL));
}

/* What is written that way keeps its time, whatever way it came. */
static void correct_clock(struct build *b)
{
    int64_t sent_ms;
    if (b->live == NULL || !find_sent_at(b, &sent_ms)) {
        return;
    }
    int64_t skew_ms = b->live->received_ms - sent_ms;
    if (skew_ms >= LEAST_SKEW_MS || skew_ms <= -LEAST_SKEW_MS) {
        b->call->time_ms += skew_ms;
    }
}

static enum gy_status read_time(struct build *b)
{
    uint32_t at = b->at[TIMESTAMP] != 0 ? b->at[TIMESTAMP] : b->at[ORIGINAL_TIMESTAMP];
    if (at == 0 && b->live != NULL) {
        b->call->has_time = true;
        b->call->time_ms = b->live->received_ms;
        return GY_OK;
    }
    bool may_lack = b->call->type == GY_CALL_IDENTIFY || b->call->type == GY_CALL_ALIAS;
    if (at == 0) {
        return may_lack ? GY_OK
                        : gy_error_set(b->err, GY_INVALID, "an event without a \"timestamp\"");
    }
    if (b->nodes[at].kind != GY_JSON_STRING ||
        !gy_time_read(node_text(&b->nodes[at]), b->zone, &b->call->time_ms, NULL)) {
        gy_error_set(b->err, GY_INVALID, "the \"timestamp\" does not read as a time");
        gy_error_hint(b->err, "Times are written as in \"2025-01-02T03:04:05.678Z\".");
        return GY_INVALID;
    }
    b->call->has_time = true;
    b->call->written_ms = b->call->time_ms;
    correct_clock(b);
    return GY_OK;
}

static void make_message_id(struct build *b)
{
    uint64_t parts[2];
    char text[40];
    gy_random_bytes(parts, sizeof parts);
    int n = snprintf(text, sizeof text, "%016" PRIx64 "%016" PRIx64, parts[0], parts[1]);
    b->call->message_id = gy_arena_str(b->arena, (struct gy_str){text, (size_t)n});
}

static enum gy_status check_object(struct build *b, enum member member)
{
    uint32_t at = b->at[member];
    if (at != 0 && b->nodes[at].kind != GY_JSON_OBJECT) {
        return gy_error_set(b->err, GY_INVALID, "\"%s\" is not an object", member_names[member]);
    }
    return GY_OK;
}

static enum gy_status read_call(struct build *b)
{
    find_members(b);
    GY_TRY(read_type(b));
    GY_TRY(read_id(b, USER_ID, &b->call->user_id));
    GY_TRY(read_id(b, ANONYMOUS_ID, &b->call->anonymous_id));
    GY_TRY(read_id(b, MESSAGE_ID, &b->call->message_id));
    if (b->call->user_id.len == 0 && b->call->anonymous_id.len == 0) {
        return gy_error_set(b->err, GY_INVALID, "neither \"userId\" nor \"anonymousId\"");
    }
    GY_TRY(check_object(b, PROPERTIES));
    GY_TRY(check_object(b, TRAITS));
    GY_TRY(read_time(b));
    if (b->live != NULL && b->call->message_id.len == 0) {
        make_message_id(b);
    }
    return read_fields(b);
}

static enum gy_status not_json(struct gy_str line, struct gy_error *err)
{
    struct gy_json_fault fault = gy_json_find_fault(line);
    if (fault.what == NULL) {
        return gy_error_set(err, GY_INVALID, "it is not valid JSON");
    }
    struct gy_str before = {line.ptr, fault.offset};
    uint32_t column = 1;
    for (size_t i = 0; i < before.len; i++) {
        column += ((unsigned char)before.ptr[i] & 0xc0) != 0x80;
    }
    return gy_error_at(err, 1, column, "it is not valid JSON: %s", fault.what);
}

static struct gy_str trim(struct gy_str s)
{
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\r' ||
                         s.ptr[s.len - 1] == '\n' || s.ptr[s.len - 1] == '\t')) {
        s.len--;
    }
    return s;
}

/* The tree's strings lie one after the other in the tree's memory, in the order of the nodes: they are
 * copied as one piece. */
static void keep_strings(const struct build *b)
{
    const char *begin = NULL;
    const char *end = NULL;
    for (uint32_t i = 0; i < b->nodes[0].end; i++) {
        if (b->nodes[i].kind == GY_JSON_STRING) {
            begin = begin == NULL ? b->nodes[i].as.string : begin;
            end = b->nodes[i].as.string + b->nodes[i].n;
        }
    }
    if (begin == NULL) {
        return;
    }
    char *copy = gy_arena_alloc(b->arena, (size_t)(end - begin));
    memcpy(copy, begin, (size_t)(end - begin));
    for (uint32_t i = 0; i < b->nodes[0].end; i++) {
        if (b->nodes[i].kind == GY_JSON_STRING) {
            b->nodes[i].as.string = copy + (b->nodes[i].as.string - begin);
        }
    }
}

static enum gy_status read_text(struct gy_spec_parser *parser, struct gy_str text, bool is_kept,
                                struct build *b)
{
    *b->call = (struct gy_call){0};
    if (!gy_json_tree_read(parser->tree, text.ptr, text.len, &b->nodes)) {
        return not_json(text, b->err);
    }
    if (b->nodes[0].kind != GY_JSON_OBJECT) {
        return gy_error_set(b->err, GY_INVALID, "a call is a JSON object");
    }
    if (is_kept) {
        keep_strings(b);
    }
    b->call->content = gy_hash(text.ptr, text.len, 0);
    return read_call(b);
}

enum gy_status gy_spec_parse(struct gy_spec_parser *parser, struct gy_str line,
                             const struct gy_zone *zone, struct gy_call *call, struct gy_error *err)
{
    struct build b = {.arena = &parser->arena, .zone = zone, .call = call, .err = err};
    gy_arena_reset(&parser->arena);
    return read_text(parser, trim(line), false, &b);
}

enum gy_status gy_spec_parse_into(struct gy_spec_parser *parser, struct gy_str line,
                                  const struct gy_zone *zone, struct gy_arena *arena,
                                  struct gy_call *call, struct gy_error *err)
{
    struct build b = {.arena = arena, .zone = zone, .call = call, .err = err};
    return read_text(parser, trim(line), true, &b);
}

enum gy_status gy_spec_parse_live(struct gy_spec_parser *parser, struct gy_str text,
                                  const struct gy_spec_live *live, const struct gy_zone *zone,
                                  struct gy_call *call, struct gy_error *err)
{
    struct build b = {.arena = live->arena, .zone = zone, .live = live, .call = call, .err = err};
    return read_text(parser, trim(text), true, &b);
}
