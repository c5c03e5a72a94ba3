/* json_parse.c - JSON to tree.
 *
 * Reading checks the form of every node and says the path of what is wrong. Whether some text has
 * the whole tree (its limits, the order of its steps, which names can stand where) is decided at the
 * end by the one judge there is: the tree is printed, the text parsed, and the two trees compared.
 * The tree handed out is the parsed one, so its places are those of the canonical text.
 */
#include <math.h>

#include "base/text.h"
#include "lang/json_internal.h"
#include "lang/print.h"
#include "lang/quote.h"

enum {
    JSON_MAX = 1024 * 1024
};

/* ---- path and errors ---- */

enum gy_status gy_json_fail(struct gy_json_reader *r, const char *format, ...)
{
    char reason[256];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    if (r->path.len == 0) {
        return gy_error_set(r->err, GY_INVALID, "in the JSON tree: %s", reason);
    }
    return gy_error_set(r->err, GY_INVALID, "in the JSON tree, at %.*s: %s", (int)r->path.len,
                        r->path.ptr, reason);
}

size_t gy_json_enter(struct gy_json_reader *r, const char *key)
{
    size_t len = r->path.len;
    gy_buf_printf(&r->path, "%s%s", len == 0 ? "" : ".", key);
    return len;
}

size_t gy_json_enter_at(struct gy_json_reader *r, const char *key, size_t i)
{
    size_t len = gy_json_enter(r, key);
    gy_buf_printf(&r->path, "[%zu]", i);
    return len;
}

void gy_json_leave(struct gy_json_reader *r, size_t path_len)
{
    r->path.len = path_len;
}

/* ---- small steps ---- */

static bool is_among(const char *key, const char *const *keys)
{
    for (; *keys != NULL; keys++) {
        if (strcmp(key, *keys) == 0) {
            return true;
        }
    }
    return false;
}

enum gy_status gy_json_only(struct gy_json_reader *r, json_t *object, const char *const *keys)
{
    if (!json_is_object(object)) {
        return gy_json_fail(r, "expected an object");
    }
    for (void *i = json_object_iter(object); i != NULL; i = json_object_iter_next(object, i)) {
        if (!is_among(json_object_iter_key(i), keys)) {
            struct gy_str key = gy_quote_short(gy_str_of(json_object_iter_key(i)));
            return gy_json_fail(r, "the key \"%.*s\" does not belong here", GY_STR_ARG(key));
        }
    }
    return GY_OK;
}

static enum gy_status take_string(struct gy_json_reader *r, json_t *value, struct gy_str *out)
{
    if (!json_is_string(value)) {
        return gy_json_fail(r, "expected a string");
    }
    struct gy_str s = {json_string_value(value), json_string_length(value)};
    *out = gy_text_nfc(gy_arena_str(r->arena, s), r->arena);
    return GY_OK;
}

enum gy_status gy_json_string(struct gy_json_reader *r, json_t *object, const char *key,
                              struct gy_str *out)
{
    size_t path = gy_json_enter(r, key);
    GY_TRY(take_string(r, json_object_get(object, key), out));
    gy_json_leave(r, path);
    return GY_OK;
}

enum gy_status gy_json_name(struct gy_json_reader *r, json_t *object, const char *key,
                            struct gy_name *out)
{
    *out = (struct gy_name){.id = GY_NAME_UNKNOWN};
    return gy_json_string(r, object, key, &out->text);
}

enum gy_status gy_json_true(struct gy_json_reader *r, json_t *object, const char *key)
{
    size_t path = gy_json_enter(r, key);
    if (!json_is_true(json_object_get(object, key))) {
        return gy_json_fail(r, "expected true, or no such key");
    }
    gy_json_leave(r, path);
    return GY_OK;
}

enum gy_status gy_json_integer(struct gy_json_reader *r, json_t *value, uint64_t *out)
{
    const double most = 0x1p63;
    double number = json_is_real(value) ? json_real_value(value) : -1;
    if (number < 0 || floor(number) != number) {
        return gy_json_fail(r, "expected a whole number, not negative");
    }
    *out = (uint64_t)(number < most ? number : most);
    return GY_OK;
}

enum gy_status gy_json_integer_key(struct gy_json_reader *r, json_t *object, const char *key,
                                   uint64_t *out)
{
    size_t path = gy_json_enter(r, key);
    GY_TRY(gy_json_integer(r, json_object_get(object, key), out));
    gy_json_leave(r, path);
    return GY_OK;
}

/* ---- durations and windows ---- */

static enum gy_status take_unit(struct gy_json_reader *r, json_t *value, enum gy_unit least,
                                enum gy_unit *out)
{
    struct gy_str word = {json_string_value(value), json_string_length(value)};
    for (int unit = (int)least; unit <= GY_UNIT_YEAR; unit++) {
        if (json_is_string(value) &&
            gy_str_equal(word, gy_str_of(gy_unit_word((enum gy_unit)unit)))) {
            *out = (enum gy_unit)unit;
            return GY_OK;
        }
    }
    return gy_json_fail(r, "expected a unit: %s\"days\", \"weeks\", \"months\" or \"years\"",
                        least == GY_UNIT_MINUTE ? "\"minutes\", \"hours\", " : "");
}

/* The `n` numbers and the unit of an array of n + 1. */
static enum gy_status take_amount(struct gy_json_reader *r, json_t *object, const char *key,
                                  enum gy_unit least, uint64_t **numbers, enum gy_unit *unit)
{
    size_t path = gy_json_enter(r, key);
    json_t *array = json_object_get(object, key);
    size_t n = 0;
    while (numbers[n] != NULL) {
        n++;
    }
    if (!json_is_array(array) || json_array_size(array) != n + 1) {
        return gy_json_fail(r, n == 1 ? "expected a number and a unit, like [7, \"days\"]"
                                      : "expected two numbers and a unit, like [30, 60, \"days\"]");
    }
    for (size_t i = 0; i < n; i++) {
        GY_TRY(gy_json_integer(r, json_array_get(array, i), numbers[i]));
    }
    GY_TRY(take_unit(r, json_array_get(array, n), least, unit));
    gy_json_leave(r, path);
    return GY_OK;
}

enum gy_status gy_json_duration(struct gy_json_reader *r, json_t *object, const char *key,
                                struct gy_duration *out)
{
    if (json_object_get(object, key) == NULL) {
        return GY_OK;
    }
    out->place = (struct gy_place){1, 1};
    uint64_t *numbers[] = {&out->n, NULL};
    return take_amount(r, object, key, GY_UNIT_MINUTE, numbers, &out->unit);
}

static enum gy_status take_period(struct gy_json_reader *r, json_t *object, struct gy_window *out)
{
    struct gy_str word = {0};
    size_t path = gy_json_enter(r, "period");
    GY_TRY(take_string(r, json_object_get(object, "period"), &word));
    out->kind = GY_WINDOW_PERIOD;
    for (int period = 0; period <= GY_PERIOD_PREVIOUS_YEAR; period++) {
        if (gy_str_equal(word, gy_str_of(gy_period_word((enum gy_period)period)))) {
            out->period = (enum gy_period)period;
            gy_json_leave(r, path);
            return GY_OK;
        }
    }
    return gy_json_fail(r, "expected a period, like \"previous month\"");
}

static enum gy_status take_window(struct gy_json_reader *r, json_t *window, struct gy_window *out)
{
    static const char *const from_to[] = {"from", "to", NULL};
    uint64_t *one[] = {&out->n, NULL};
    uint64_t *two[] = {&out->n, &out->m, NULL};
    if (json_object_get(window, "from") != NULL) {
        out->kind = GY_WINDOW_FROM_TO;
        GY_TRY(gy_json_only(r, window, from_to));
        GY_TRY(gy_json_string(r, window, "from", &out->from.text));
        return gy_json_string(r, window, "to", &out->to.text);
    }
    if (json_object_size(window) != 1) {
        return gy_json_fail(r, "expected a window: an object with one key, or with from and to");
    }
    if (json_object_get(window, "last") != NULL) {
        out->kind = GY_WINDOW_LAST;
        return take_amount(r, window, "last", GY_UNIT_MINUTE, one, &out->unit);
    }
    if (json_object_get(window, "last_full") != NULL) {
        out->kind = GY_WINDOW_LAST_FULL;
        return take_amount(r, window, "last_full", GY_UNIT_DAY, one, &out->unit);
    }
    if (json_object_get(window, "ago") != NULL) {
        out->kind = GY_WINDOW_AGO;
        return take_amount(r, window, "ago", GY_UNIT_MINUTE, two, &out->unit);
    }
    if (json_object_get(window, "since") != NULL) {
        out->kind = GY_WINDOW_SINCE;
        return gy_json_string(r, window, "since", &out->from.text);
    }
    if (json_object_get(window, "before") != NULL) {
        out->kind = GY_WINDOW_BEFORE;
        return gy_json_string(r, window, "before", &out->to.text);
    }
    if (json_object_get(window, "period") != NULL) {
        return take_period(r, window, out);
    }
    return gy_json_fail(r, "expected a window: last, last_full, ago, since, before, from and to, "
                           "or period");
}

enum gy_status gy_json_window(struct gy_json_reader *r, json_t *object, struct gy_window *out)
{
    json_t *window = json_object_get(object, "window");
    if (window == NULL) {
        return GY_OK;
    }
    size_t path = gy_json_enter(r, "window");
    GY_TRY(take_window(r, window, out));
    gy_json_leave(r, path);
    return GY_OK;
}

enum gy_status gy_json_where(struct gy_json_reader *r, json_t *object, enum gy_parser_mode mode,
                             struct gy_expr **out)
{
    if (json_object_get(object, "where") == NULL) {
        return GY_OK;
    }
    enum gy_parser_mode outer = r->mode;
    bool was_right = r->is_right;
    r->mode = mode;
    r->is_right = false;
    GY_TRY(gy_json_expr_key(r, object, "where", out));
    r->mode = outer;
    r->is_right = was_right;
    return GY_OK;
}

enum gy_status gy_json_expr_key(struct gy_json_reader *r, json_t *object, const char *key,
                                struct gy_expr **out)
{
    size_t path = gy_json_enter(r, key);
    GY_TRY(gy_json_read_expr(r, json_object_get(object, key), out));
    gy_json_leave(r, path);
    return GY_OK;
}

enum gy_status gy_json_term_key(struct gy_json_reader *r, json_t *object, const char *key,
                                struct gy_term **out)
{
    size_t path = gy_json_enter(r, key);
    GY_TRY(gy_json_read_term(r, json_object_get(object, key), out));
    gy_json_leave(r, path);
    return GY_OK;
}

/* ---- whole trees ---- */

static enum gy_status load(struct gy_str json, json_t **out, struct gy_error *err)
{
    if (json.len > JSON_MAX) {
        return gy_error_set(err, GY_INVALID, "the JSON tree has more than %d bytes", JSON_MAX);
    }
    json_error_t why;
    *out = json_loadb(
        json.ptr == NULL ? "" : json.ptr, json.len,
        JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &why);
    if (*out == NULL) {
        return gy_error_set(err, GY_INVALID, "this is not JSON: %s at line %d, column %d", why.text,
                            why.line, why.column);
    }
    return GY_OK;
}

static enum gy_status read_tree(struct gy_json_reader *r, json_t *root, struct gy_definition *tree,
                                bool is_value)
{
    return is_value ? gy_json_read_term(r, root, &tree->term)
                    : gy_json_read_expr(r, root, &tree->expr);
}

static void print_tree(const struct gy_definition *tree, struct gy_buf *out)
{
    if (tree->term != NULL) {
        gy_print_term(tree->term, out);
    } else {
        gy_print_expr(tree->expr, out);
    }
}

static void write_tree(const struct gy_definition *tree, struct gy_buf *out)
{
    if (tree->term != NULL) {
        gy_json_term(tree->term, out);
    } else {
        gy_json_expr(tree->expr, out);
    }
}

static enum gy_status judge(const struct gy_definition *read, const struct gy_definition *parsed,
                            struct gy_error *err)
{
    struct gy_buf a = {0};
    struct gy_buf b = {0};
    write_tree(read, &a);
    write_tree(parsed, &b);
    bool is_same = gy_str_equal(gy_buf_view(&a), gy_buf_view(&b));
    gy_buf_release(&a);
    gy_buf_release(&b);
    return is_same ? GY_OK
                   : gy_error_set(err, GY_INVALID,
                                  "no text has this JSON tree: its text reads as "
                                  "another one");
}

static enum gy_status parse_again(const struct gy_definition *read, struct gy_definition *out,
                                  struct gy_error *err)
{
    struct gy_buf text = {0};
    struct gy_error why = {0};
    print_tree(read, &text);
    bool is_value = read->term != NULL;
    enum gy_status status =
        gy_parse_into(gy_buf_view(&text), GY_LEXER_CANONICAL_MAX, &out->arena,
                      is_value ? NULL : &out->expr, is_value ? &out->term : NULL, &why);
    if (status != GY_OK) {
        status = gy_error_set(err, GY_INVALID, "no text has this JSON tree: %.400s", why.message);
    } else {
        status = judge(read, out, err);
    }
    gy_buf_release(&text);
    return status;
}

static enum gy_status parse(struct gy_str json, bool is_value, struct gy_definition *out,
                            struct gy_error *err)
{
    json_t *root = NULL;
    struct gy_definition read = {0};
    *out = (struct gy_definition){0};
    GY_TRY(load(json, &root, err));
    struct gy_json_reader r = {.arena = &read.arena, .err = err};
    enum gy_status status = read_tree(&r, root, &read, is_value);
    if (status == GY_OK) {
        status = parse_again(&read, out, err);
    }
    gy_buf_release(&r.path);
    gy_definition_release(&read);
    json_decref(root);
    return status;
}

enum gy_status gy_json_parse(struct gy_str json, struct gy_definition *out, struct gy_error *err)
{
    return parse(json, false, out, err);
}

enum gy_status gy_json_parse_value(struct gy_str json, struct gy_definition *out,
                                   struct gy_error *err)
{
    return parse(json, true, out, err);
}
