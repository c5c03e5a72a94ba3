/* json_expr.c - JSON to expressions: one object is one node, known by its first key. */
#include "lang/json_internal.h"

struct kind_key {
    const char *key;
    enum gy_expr_kind kind;
    bool in_filters;
};

static const struct kind_key kinds[] = {
    {"everyone", GY_EXPR_EVERYONE, false},
    {"nobody", GY_EXPR_NOBODY, false},
    {"identified", GY_EXPR_IDENTIFIED, false},
    {"not", GY_EXPR_NOT, true},
    {"and", GY_EXPR_AND, true},
    {"or", GY_EXPR_OR, true},
    {"did", GY_EXPR_DID, false},
    {"in_segment", GY_EXPR_IN_SEGMENT, false},
    {"in_list", GY_EXPR_IN_LIST, false},
    {"entered_segment", GY_EXPR_ENTERED, false},
    {"left_segment", GY_EXPR_LEFT, false},
    {"anniversary", GY_EXPR_ANNIVERSARY, false},
    {"sample", GY_EXPR_SAMPLE, false},
    {"compare", GY_EXPR_COMPARE, true},
    {"between", GY_EXPR_BETWEEN, true},
    {"in", GY_EXPR_IN, true},
    {"contains", GY_EXPR_TEXT, true},
    {"starts_with", GY_EXPR_TEXT, true},
    {"ends_with", GY_EXPR_TEXT, true},
    {"matches", GY_EXPR_TEXT, true},
    {"known", GY_EXPR_KNOWN, true},
    {"missing", GY_EXPR_MISSING, true},
};

static const struct kind_key *find_kind(const struct gy_json_reader *r, json_t *object)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        bool fits = r->mode == GY_PARSER_PLAIN || kinds[i].in_filters;
        if (fits && json_object_get(object, kinds[i].key) != NULL) {
            return &kinds[i];
        }
    }
    return NULL;
}

/* ---- chains ---- */

static enum gy_status read_not(struct gy_json_reader *r, json_t *object, struct gy_expr *expr)
{
    static const char *const keys[] = {"not", NULL};
    GY_TRY(gy_json_only(r, object, keys));
    expr->children = GY_NEW_ARRAY(r->arena, struct gy_expr *, 1);
    expr->n_children = 1;
    return gy_json_expr_key(r, object, "not", &expr->children[0]);
}

static enum gy_status read_chain(struct gy_json_reader *r, json_t *object, const char *key,
                                 struct gy_expr *expr)
{
    const char *const keys[] = {key, NULL};
    json_t *list = json_object_get(object, key);
    size_t n = json_array_size(list);
    GY_TRY(gy_json_only(r, object, keys));
    if (n < 2) {
        return gy_json_fail(r, "\"%s\" wants an array of two or more", key);
    }
    expr->children = GY_NEW_ARRAY(r->arena, struct gy_expr *, n);
    for (size_t i = 0; i < n; i++) {
        size_t path = gy_json_enter_at(r, key, i);
        GY_TRY(gy_json_read_expr(r, json_array_get(list, i), &expr->children[i]));
        if (expr->children[i]->kind == expr->kind) {
            return gy_json_fail(r, "an \"%s\" within an \"%s\" is one list with it", key, key);
        }
        expr->n_children++;
        gy_json_leave(r, path);
    }
    return GY_OK;
}

/* ---- chains of steps ---- */

static enum gy_status read_step_keys(struct gy_json_reader *r, json_t *json, struct gy_step *step)
{
    static const char *const keys[] = {"event", "as", "where", "within", "no", NULL};
    step->as.id = GY_NAME_UNKNOWN;
    GY_TRY(gy_json_only(r, json, keys));
    GY_TRY(gy_json_name(r, json, "event", &step->event));
    if (json_object_get(json, "as") != NULL) {
        GY_TRY(gy_json_name(r, json, "as", &step->as));
        if (step->as.text.len == 0) {
            return gy_json_fail(r, "the name of a step cannot be empty");
        }
    }
    GY_TRY(gy_json_where(r, json, GY_PARSER_CHAIN_FILTER, &step->where));
    GY_TRY(gy_json_duration(r, json, "within", &step->within));
    step->is_absent = json_object_get(json, "no") != NULL;
    return step->is_absent ? gy_json_true(r, json, "no") : GY_OK;
}

static enum gy_status check_step(struct gy_json_reader *r, const struct gy_expr *did, size_t i)
{
    const struct gy_step *step = &did->steps[i];
    bool is_last = i + 1 == did->n_steps;
    bool has_within = gy_duration_is_given(&step->within);
    if (i == 0 && (step->is_absent || has_within)) {
        return gy_json_fail(r, "the first step has no \"no\" and no \"within\"");
    }
    if (step->is_absent && step->as.text.len > 0) {
        return gy_json_fail(r, "a step that is absent has no name");
    }
    if (step->is_absent && is_last && !has_within) {
        return gy_json_fail(r, "a last step that is absent wants a \"within\"");
    }
    bool is_tail =
        i > 0 && did->steps[i - 1].is_absent && gy_duration_is_given(&did->steps[i - 1].within);
    if (is_tail && (!step->is_absent || !has_within)) {
        return gy_json_fail(r, "behind an absent step with a \"within\" only others like it stand");
    }
    return GY_OK;
}

static enum gy_status read_did(struct gy_json_reader *r, json_t *object, struct gy_expr *expr)
{
    static const char *const keys[] = {"did", "window", NULL};
    json_t *steps = json_object_get(object, "did");
    size_t n = json_array_size(steps);
    GY_TRY(gy_json_only(r, object, keys));
    if (n == 0 || n > UINT32_MAX) {
        return gy_json_fail(r, "\"did\" wants an array of steps");
    }
    expr->steps = GY_NEW_ARRAY(r->arena, struct gy_step, n);
    expr->n_steps = (uint32_t)n;
    for (size_t i = 0; i < n; i++) {
        size_t path = gy_json_enter_at(r, "did", i);
        GY_TRY(read_step_keys(r, json_array_get(steps, i), &expr->steps[i]));
        GY_TRY(check_step(r, expr, i));
        gy_json_leave(r, path);
    }
    return gy_json_window(r, object, &expr->window);
}

/* ---- tests of a name ---- */

static enum gy_status read_membership(struct gy_json_reader *r, json_t *object, const char *key,
                                      struct gy_expr *expr)
{
    const char *const with_ago[] = {key, "ago", NULL};
    const char *const with_window[] = {key, "window", NULL};
    const char *const alone[] = {key, NULL};
    bool is_change = expr->kind == GY_EXPR_ENTERED || expr->kind == GY_EXPR_LEFT;
    GY_TRY(gy_json_only(r, object,
                        expr->kind == GY_EXPR_IN_SEGMENT ? with_ago
                        : is_change                      ? with_window
                                                         : alone));
    GY_TRY(gy_json_name(r, object, key, &expr->name));
    GY_TRY(gy_json_duration(r, object, "ago", &expr->ago));
    GY_TRY(gy_json_window(r, object, &expr->window));
    if (is_change && expr->window.kind == GY_WINDOW_NONE) {
        return gy_json_fail(r, "\"%s\" wants a window", key);
    }
    return GY_OK;
}

static enum gy_status read_anniversary(struct gy_json_reader *r, json_t *object,
                                       struct gy_expr *expr)
{
    static const char *const keys[] = {"anniversary", "next_days", NULL};
    GY_TRY(gy_json_only(r, object, keys));
    GY_TRY(gy_json_name(r, object, "anniversary", &expr->name));
    return gy_json_integer_key(r, object, "next_days", &expr->next_days);
}

static enum gy_status read_sample(struct gy_json_reader *r, json_t *object, struct gy_expr *expr)
{
    static const char *const keys[] = {"sample", "salt", NULL};
    json_t *share = json_object_get(object, "sample");
    GY_TRY(gy_json_only(r, object, keys));
    if (!json_is_real(share) || json_real_value(share) < 0) {
        return gy_json_fail(r, "\"sample\" wants a share from 0 to 1");
    }
    expr->share = json_real_value(share) + 0.0;
    if (json_object_get(object, "salt") == NULL) {
        return GY_OK;
    }
    GY_TRY(gy_json_string(r, object, "salt", &expr->salt));
    return expr->salt.len > 0 ? GY_OK : gy_json_fail(r, "an empty \"salt\" is left out");
}

static enum gy_status read_word(struct gy_json_reader *r, json_t *object, const char *key)
{
    const char *const keys[] = {key, NULL};
    GY_TRY(gy_json_only(r, object, keys));
    return gy_json_true(r, object, key);
}

/* ---- comparisons ---- */

static enum gy_status read_right(struct gy_json_reader *r, json_t *object, const char *key,
                                 struct gy_term **out)
{
    bool was_right = r->is_right;
    r->is_right = true;
    GY_TRY(gy_json_term_key(r, object, key, out));
    r->is_right = was_right;
    return GY_OK;
}

static enum gy_status read_compare(struct gy_json_reader *r, json_t *object, struct gy_expr *expr)
{
    static const char *const keys[] = {"compare", "left", "right", NULL};
    struct gy_str word = {0};
    GY_TRY(gy_json_only(r, object, keys));
    GY_TRY(gy_json_string(r, object, "compare", &word));
    int compare = GY_EQ;
    while (compare <= GY_GE &&
           !gy_str_equal(word, gy_str_of(gy_compare_word((enum gy_compare)compare)))) {
        compare++;
    }
    if (compare > GY_GE) {
        return gy_json_fail(r, "\"compare\" is one of = != < <= > >=");
    }
    expr->compare = (enum gy_compare)compare;
    GY_TRY(gy_json_term_key(r, object, "left", &expr->left));
    return read_right(r, object, "right", &expr->right);
}

static enum gy_status read_between(struct gy_json_reader *r, json_t *object, struct gy_expr *expr)
{
    static const char *const keys[] = {"between", "low", "high", NULL};
    GY_TRY(gy_json_only(r, object, keys));
    GY_TRY(gy_json_term_key(r, object, "between", &expr->left));
    GY_TRY(read_right(r, object, "low", &expr->low));
    return read_right(r, object, "high", &expr->high);
}

static enum gy_status read_negated(struct gy_json_reader *r, json_t *object, struct gy_expr *expr)
{
    expr->is_negated = json_object_get(object, "negated") != NULL;
    return expr->is_negated ? gy_json_true(r, object, "negated") : GY_OK;
}

static enum gy_status read_in(struct gy_json_reader *r, json_t *object, struct gy_expr *expr)
{
    static const char *const keys[] = {"in", "values", "negated", NULL};
    json_t *values = json_object_get(object, "values");
    size_t n = json_array_size(values);
    GY_TRY(gy_json_only(r, object, keys));
    GY_TRY(gy_json_term_key(r, object, "in", &expr->left));
    if (n == 0 || n > UINT32_MAX) {
        return gy_json_fail(r, "\"values\" wants an array of one or more");
    }
    expr->values = GY_NEW_ARRAY(r->arena, struct gy_term *, n);
    for (size_t i = 0; i < n; i++) {
        size_t path = gy_json_enter_at(r, "values", i);
        GY_TRY(gy_json_literal(r, json_array_get(values, i), &expr->values[i]));
        gy_json_leave(r, path);
    }
    expr->n_values = (uint32_t)n;
    return read_negated(r, object, expr);
}

static enum gy_text_op text_op(const char *key)
{
    return key[0] == 'c'   ? GY_TEXT_CONTAINS
           : key[0] == 's' ? GY_TEXT_STARTS_WITH
           : key[0] == 'e' ? GY_TEXT_ENDS_WITH
                           : GY_TEXT_MATCHES;
}

static enum gy_status read_text(struct gy_json_reader *r, json_t *object, const char *key,
                                struct gy_expr *expr)
{
    const char *const keys[] = {key, "text", "negated", NULL};
    GY_TRY(gy_json_only(r, object, keys));
    GY_TRY(gy_json_term_key(r, object, key, &expr->left));
    expr->text_op = text_op(key);
    expr->right = GY_NEW(r->arena, struct gy_term);
    expr->right->kind = GY_TERM_STRING;
    GY_TRY(gy_json_string(r, object, "text", &expr->right->string));
    return read_negated(r, object, expr);
}

static enum gy_status read_is(struct gy_json_reader *r, json_t *object, const char *key,
                              struct gy_expr *expr)
{
    const char *const keys[] = {key, NULL};
    GY_TRY(gy_json_only(r, object, keys));
    return gy_json_term_key(r, object, key, &expr->left);
}

/* ---- any of them ---- */

static enum gy_status read_kind(struct gy_json_reader *r, json_t *object, const char *key,
                                struct gy_expr *expr)
{
    switch (expr->kind) {
    case GY_EXPR_EVERYONE:
    case GY_EXPR_NOBODY:
    case GY_EXPR_IDENTIFIED:
        return read_word(r, object, key);
    case GY_EXPR_NOT:
        return read_not(r, object, expr);
    case GY_EXPR_AND:
    case GY_EXPR_OR:
        return read_chain(r, object, key, expr);
    case GY_EXPR_DID:
        return read_did(r, object, expr);
    case GY_EXPR_IN_SEGMENT:
    case GY_EXPR_IN_LIST:
    case GY_EXPR_ENTERED:
    case GY_EXPR_LEFT:
        return read_membership(r, object, key, expr);
    case GY_EXPR_ANNIVERSARY:
        return read_anniversary(r, object, expr);
    case GY_EXPR_SAMPLE:
        return read_sample(r, object, expr);
    case GY_EXPR_COMPARE:
        return read_compare(r, object, expr);
    case GY_EXPR_BETWEEN:
        return read_between(r, object, expr);
    case GY_EXPR_IN:
        return read_in(r, object, expr);
    case GY_EXPR_TEXT:
        return read_text(r, object, key, expr);
    case GY_EXPR_KNOWN:
    case GY_EXPR_MISSING:
        return read_is(r, object, key, expr);
    }
    return GY_OK;
}

enum gy_status gy_json_read_expr(struct gy_json_reader *r, json_t *value, struct gy_expr **out)
{
    if (!json_is_object(value)) {
        return gy_json_fail(r, "expected an object that is a test");
    }
    const struct kind_key *kind = find_kind(r, value);
    if (kind == NULL) {
        return gy_json_fail(r, r->mode == GY_PARSER_PLAIN
                                   ? "no key of this object says what test it is"
                                   : "no key of this object says what test of an event it is");
    }
    *out = GY_NEW(r->arena, struct gy_expr);
    (*out)->kind = kind->kind;
    return read_kind(r, value, kind->key, *out);
}
