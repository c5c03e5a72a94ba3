/* json_term.c - JSON to values: a number, a string, a boolean, or an object known by one key. */
#include "base/text.h"
#include "lang/json_internal.h"
#include "lang/quote.h"

static struct gy_term *new_term(struct gy_json_reader *r, enum gy_term_kind kind)
{
    struct gy_term *term = GY_NEW(r->arena, struct gy_term);
    term->kind = kind;
    return term;
}

/* ---- literals ---- */

enum gy_status gy_json_literal(struct gy_json_reader *r, json_t *value, struct gy_term **out)
{
    if (json_is_real(value)) {
        *out = new_term(r, GY_TERM_NUMBER);
        (*out)->number = json_real_value(value) == 0 ? 0 : json_real_value(value);
    } else if (json_is_boolean(value)) {
        *out = new_term(r, GY_TERM_BOOL);
        (*out)->number = json_is_true(value) ? 1 : 0;
    } else if (json_is_string(value)) {
        *out = new_term(r, GY_TERM_STRING);
        struct gy_str s = {json_string_value(value), json_string_length(value)};
        (*out)->string = gy_text_nfc(gy_arena_str(r->arena, s), r->arena);
    } else {
        return gy_json_fail(r, "expected a number, a string, true or false");
    }
    return GY_OK;
}

static enum gy_status read_literal(struct gy_json_reader *r, json_t *value, struct gy_term **out)
{
    GY_TRY(gy_json_literal(r, value, out));
    if ((*out)->number < 0) {
        return gy_json_fail(r, "a number here is not negative: {\"negative\": …}");
    }
    if ((*out)->kind == GY_TERM_STRING && r->mode != GY_PARSER_PLAIN && !r->is_right) {
        return gy_json_fail(r, "in a filter a string stands right of the comparison only");
    }
    return GY_OK;
}

/* ---- names ---- */

static enum gy_status read_named(struct gy_json_reader *r, json_t *object, const char *key,
                                 enum gy_term_kind kind, struct gy_term **out)
{
    const char *const keys[] = {key, NULL};
    GY_TRY(gy_json_only(r, object, keys));
    *out = new_term(r, kind);
    return gy_json_name(r, object, key, &(*out)->name);
}

static enum gy_status read_property(struct gy_json_reader *r, json_t *object, struct gy_term **out)
{
    static const char *const keys[] = {"property", "of", NULL};
    *out = new_term(r, GY_TERM_PROPERTY);
    GY_TRY(gy_json_only(r, object, keys));
    GY_TRY(gy_json_name(r, object, "property", &(*out)->name));
    if (json_object_get(object, "of") != NULL) {
        if (r->mode != GY_PARSER_CHAIN_FILTER) {
            return gy_json_fail(r, "\"of\" stands in the filters of a chain only");
        }
        (*out)->kind = GY_TERM_STEP_PROPERTY;
        return gy_json_name(r, object, "of", &(*out)->step);
    }
    if (r->is_right && gy_quote_is_needed((*out)->name.text, GY_NAME_OPERAND)) {
        return gy_json_fail(r, "a property whose name needs quotes stands left of the comparison");
    }
    return GY_OK;
}

static enum gy_status read_function(struct gy_json_reader *r, json_t *object, const char *key,
                                    enum gy_term_kind kind, struct gy_term **out)
{
    const char *const keys[] = {key, NULL};
    *out = new_term(r, kind);
    GY_TRY(gy_json_only(r, object, keys));
    return gy_json_true(r, object, key);
}

/* ---- operations ---- */

static enum gy_status read_binary(struct gy_json_reader *r, json_t *object, const char *key,
                                  enum gy_term_kind kind, struct gy_term **out)
{
    const char *const keys[] = {key, NULL};
    json_t *sides = json_object_get(object, key);
    struct gy_term *term = new_term(r, kind);
    *out = term;
    GY_TRY(gy_json_only(r, object, keys));
    if (json_array_size(sides) != 2) {
        return gy_json_fail(r, "\"%s\" wants an array of two values", key);
    }
    for (size_t i = 0; i < 2; i++) {
        size_t path = gy_json_enter_at(r, key, i);
        GY_TRY(gy_json_read_term(r, json_array_get(sides, i), i == 0 ? &term->left : &term->right));
        gy_json_leave(r, path);
    }
    return GY_OK;
}

static enum gy_status read_negative(struct gy_json_reader *r, json_t *object, struct gy_term **out)
{
    static const char *const keys[] = {"negative", NULL};
    *out = new_term(r, GY_TERM_NEGATIVE);
    GY_TRY(gy_json_only(r, object, keys));
    return gy_json_term_key(r, object, "negative", &(*out)->left);
}

/* ---- aggregates and populations ---- */

static enum gy_status read_aggregate(struct gy_json_reader *r, json_t *object,
                                     enum gy_aggregate aggregate, struct gy_term **out)
{
    static const char *const with[] = {"event", "property", "where", "window", NULL};
    static const char *const without[] = {"event", "where", "window", NULL};
    const char *const keys[] = {gy_aggregate_word(aggregate), NULL};
    bool takes_property = gy_aggregate_takes_property(aggregate);
    struct gy_term *term = new_term(r, GY_TERM_AGGREGATE);
    *out = term;
    term->aggregate = aggregate;
    GY_TRY(gy_json_only(r, object, keys));
    json_t *events = json_object_get(object, keys[0]);
    size_t path = gy_json_enter(r, keys[0]);
    GY_TRY(gy_json_only(r, events, takes_property ? with : without));
    GY_TRY(gy_json_name(r, events, "event", &term->event));
    if (takes_property) {
        GY_TRY(gy_json_name(r, events, "property", &term->name));
    }
    GY_TRY(gy_json_where(r, events, GY_PARSER_FILTER, &term->where));
    GY_TRY(gy_json_window(r, events, &term->window));
    gy_json_leave(r, path);
    return GY_OK;
}

static enum gy_status read_population(struct gy_json_reader *r, json_t *object,
                                      enum gy_term_kind kind, struct gy_term **out)
{
    static const char *const percentile[] = {"percentile", "among", NULL};
    static const char *const ntile[] = {"ntile", "parts", "among", NULL};
    struct gy_term *term = new_term(r, kind);
    *out = term;
    GY_TRY(gy_json_only(r, object, kind == GY_TERM_NTILE ? ntile : percentile));
    GY_TRY(
        gy_json_term_key(r, object, kind == GY_TERM_NTILE ? "ntile" : "percentile", &term->left));
    if (kind == GY_TERM_NTILE) {
        GY_TRY(gy_json_integer_key(r, object, "parts", &term->parts));
    }
    if (json_object_get(object, "among") == NULL) {
        return GY_OK;
    }
    return gy_json_expr_key(r, object, "among", &term->among);
}

/* ---- any of them ---- */

struct kind_key {
    const char *key;
    enum gy_term_kind kind;
};

static const struct kind_key anywhere[] = {
    {"+", GY_TERM_ADD},    {"-", GY_TERM_SUBTRACT},        {"*", GY_TERM_MULTIPLY},
    {"/", GY_TERM_DIVIDE}, {"negative", GY_TERM_NEGATIVE}, {NULL, GY_TERM_NUMBER},
};
static const struct kind_key outside_filters[] = {
    {"trait", GY_TERM_TRAIT},           {"metric", GY_TERM_METRIC}, {"age", GY_TERM_AGE},
    {"percentile", GY_TERM_PERCENTILE}, {"ntile", GY_TERM_NTILE},   {NULL, GY_TERM_NUMBER},
};
static const struct kind_key in_filters[] = {
    {"property", GY_TERM_PROPERTY}, {"hour", GY_TERM_HOUR}, {"weekday", GY_TERM_WEEKDAY},
    {"month", GY_TERM_MONTH},       {"day", GY_TERM_DAY},   {NULL, GY_TERM_NUMBER},
};

static const struct kind_key *find(const struct kind_key *kinds, json_t *object)
{
    for (; kinds->key != NULL; kinds++) {
        if (json_object_get(object, kinds->key) != NULL) {
            return kinds;
        }
    }
    return NULL;
}

static const struct kind_key *find_kind(const struct gy_json_reader *r, json_t *object)
{
    const struct kind_key *kind = find(anywhere, object);
    if (kind != NULL) {
        return kind;
    }
    return find(r->mode == GY_PARSER_PLAIN ? outside_filters : in_filters, object);
}

static bool find_aggregate(json_t *object, enum gy_aggregate *out)
{
    for (int a = GY_COUNT; a <= GY_TOP; a++) {
        if (json_object_get(object, gy_aggregate_word((enum gy_aggregate)a)) != NULL) {
            *out = (enum gy_aggregate)a;
            return true;
        }
    }
    return false;
}

static enum gy_status read_kind(struct gy_json_reader *r, json_t *object,
                                const struct kind_key *kind, struct gy_term **out)
{
    switch (kind->kind) {
    case GY_TERM_ADD:
    case GY_TERM_SUBTRACT:
    case GY_TERM_MULTIPLY:
    case GY_TERM_DIVIDE:
        return read_binary(r, object, kind->key, kind->kind, out);
    case GY_TERM_NEGATIVE:
        return read_negative(r, object, out);
    case GY_TERM_TRAIT:
    case GY_TERM_METRIC:
    case GY_TERM_AGE:
        return read_named(r, object, kind->key, kind->kind, out);
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
        return read_population(r, object, kind->kind, out);
    case GY_TERM_PROPERTY:
    case GY_TERM_STEP_PROPERTY:
        return read_property(r, object, out);
    case GY_TERM_HOUR:
    case GY_TERM_WEEKDAY:
    case GY_TERM_MONTH:
    case GY_TERM_DAY:
        return read_function(r, object, kind->key, kind->kind, out);
    case GY_TERM_NUMBER:
    case GY_TERM_STRING:
    case GY_TERM_BOOL:
    case GY_TERM_AGGREGATE:
        break;
    }
    return gy_json_fail(r, "expected a value");
}

enum gy_status gy_json_read_term(struct gy_json_reader *r, json_t *value, struct gy_term **out)
{
    if (!json_is_object(value)) {
        return read_literal(r, value, out);
    }
    const struct kind_key *kind = find_kind(r, value);
    if (kind != NULL) {
        return read_kind(r, value, kind, out);
    }
    enum gy_aggregate aggregate;
    if (r->mode == GY_PARSER_PLAIN && find_aggregate(value, &aggregate)) {
        return read_aggregate(r, value, aggregate, out);
    }
    return gy_json_fail(r, r->mode == GY_PARSER_PLAIN
                               ? "no key of this object says what value it is"
                               : "no key of this object says what value of an event it is");
}
