/* parser_value.c - values, and the comparisons behind them.
 *
 * In a filter the operands are literals, properties and functions of the event's time; elsewhere
 * traits, metrics, aggregates and populations. Arithmetic and comparisons are the same in both.
 * `a + b + …` makes a tree as deep as it is long, so its height has a limit of its own: whoever
 * walks a tree may recurse.
 */
#include "lang/parser_internal.h"

static struct gy_term *new_term(struct gy_parser *p, enum gy_term_kind kind, struct gy_place place)
{
    struct gy_term *term = GY_NEW(p->arena, struct gy_term);
    term->kind = kind;
    term->place = place;
    term->name.id = GY_NAME_UNKNOWN;
    term->event.id = GY_NAME_UNKNOWN;
    term->step.id = GY_NAME_UNKNOWN;
    p->height = 0;
    return term;
}

/* ---- literals ---- */

static struct gy_term *take_number(struct gy_parser *p)
{
    struct gy_term *term = new_term(p, GY_TERM_NUMBER, p->token->place);
    term->number = p->token->number;
    gy_parser_next(p);
    return term;
}

static struct gy_term *take_string(struct gy_parser *p)
{
    struct gy_term *term = new_term(p, GY_TERM_STRING, p->token->place);
    term->literal = term->place;
    term->string = p->token->text;
    gy_parser_next(p);
    return term;
}

static struct gy_term *take_bool(struct gy_parser *p)
{
    struct gy_term *term = new_term(p, GY_TERM_BOOL, p->token->place);
    term->number = p->token->keyword == GY_KEYWORD_TRUE ? 1 : 0;
    gy_parser_next(p);
    return term;
}

static bool at_bool(const struct gy_parser *p)
{
    return gy_parser_at_word(p, GY_KEYWORD_TRUE) || gy_parser_at_word(p, GY_KEYWORD_FALSE);
}

/* ---- operands of a filter ---- */

static enum gy_status parse_time_function(struct gy_parser *p, enum gy_term_kind kind,
                                          struct gy_term **out)
{
    *out = new_term(p, kind, p->token->place);
    gy_parser_next(p);
    GY_TRY(gy_parser_open(p));
    return gy_parser_close(p, "\")\"");
}

static bool time_function(const struct gy_token *t, enum gy_term_kind *kind)
{
    if (t->kind != GY_TOKEN_WORD || t[1].kind != GY_TOKEN_OPEN) {
        return false;
    }
    switch ((int)t->keyword) {
    case GY_KEYWORD_HOUR:
        *kind = GY_TERM_HOUR;
        return true;
    case GY_KEYWORD_WEEKDAY:
        *kind = GY_TERM_WEEKDAY;
        return true;
    case GY_KEYWORD_MONTH:
        *kind = GY_TERM_MONTH;
        return true;
    case GY_KEYWORD_DAY:
        *kind = GY_TERM_DAY;
        return true;
    default:
        return false;
    }
}

static enum gy_status parse_property(struct gy_parser *p, struct gy_term **out)
{
    struct gy_term *term = new_term(p, GY_TERM_PROPERTY, p->token->place);
    term->name = (struct gy_name){p->token->text, p->token->place, GY_NAME_UNKNOWN};
    gy_parser_next(p);
    *out = term;
    if (p->mode != GY_PARSER_CHAIN_FILTER || !gy_parser_at(p, GY_TOKEN_DOT)) {
        return GY_OK;
    }
    term->kind = GY_TERM_STEP_PROPERTY;
    term->step = term->name;
    return gy_parser_dot_name(p, "the name of a property", &term->name);
}

static enum gy_status parse_filter_operand(struct gy_parser *p, struct gy_term **out)
{
    enum gy_term_kind function;
    if (time_function(p->token, &function)) {
        return parse_time_function(p, function, out);
    }
    bool is_word = gy_parser_at(p, GY_TOKEN_WORD) && !gy_parser_at_word(p, GY_KEYWORD_NOT);
    if (is_word && !at_bool(p)) {
        return parse_property(p, out);
    }
    if (gy_parser_at(p, GY_TOKEN_QUOTED)) {
        bool is_step = p->mode == GY_PARSER_CHAIN_FILTER && p->token[1].kind == GY_TOKEN_DOT;
        if (!p->is_right || is_step) {
            return parse_property(p, out);
        }
        *out = take_string(p);
        return GY_OK;
    }
    return gy_parser_unexpected(p, "a property or a value");
}

/* ---- operands elsewhere ---- */

enum gy_status gy_parser_trait(struct gy_parser *p, struct gy_name *out)
{
    GY_TRY(gy_parser_expect_word(p, GY_KEYWORD_TRAIT));
    return gy_parser_dot_name(p, "the name of a trait", out);
}

static enum gy_status parse_trait(struct gy_parser *p, struct gy_term **out)
{
    *out = new_term(p, GY_TERM_TRAIT, p->token->place);
    return gy_parser_trait(p, &(*out)->name);
}

static enum gy_status parse_metric(struct gy_parser *p, struct gy_term **out)
{
    *out = new_term(p, GY_TERM_METRIC, p->token->place);
    gy_parser_next(p);
    return gy_parser_dot_name(p, "the name of a metric", &(*out)->name);
}

static enum gy_status parse_age(struct gy_parser *p, struct gy_term **out)
{
    *out = new_term(p, GY_TERM_AGE, p->token->place);
    gy_parser_next(p);
    GY_TRY(gy_parser_open(p));
    (*out)->literal = p->token->place;
    GY_TRY(gy_parser_trait(p, &(*out)->name));
    return gy_parser_close(p, "\")\"");
}

static bool find_aggregate(enum gy_keyword keyword, enum gy_aggregate *out)
{
    static const enum gy_keyword words[] = {
        [GY_COUNT] = GY_KEYWORD_COUNT,
        [GY_DAYS] = GY_KEYWORD_DAYS,
        [GY_FIRST_TIME] = GY_KEYWORD_FIRST_TIME,
        [GY_LAST_TIME] = GY_KEYWORD_LAST_TIME,
        [GY_DAYS_SINCE] = GY_KEYWORD_DAYS_SINCE,
        [GY_INTERVAL] = GY_KEYWORD_INTERVAL,
        [GY_SUM] = GY_KEYWORD_SUM,
        [GY_AVG] = GY_KEYWORD_AVG,
        [GY_MEDIAN] = GY_KEYWORD_MEDIAN,
        [GY_MIN] = GY_KEYWORD_MIN,
        [GY_MAX] = GY_KEYWORD_MAX,
        [GY_DISTINCT] = GY_KEYWORD_DISTINCT,
        [GY_FIRST] = GY_KEYWORD_FIRST,
        [GY_LAST] = GY_KEYWORD_LAST,
        [GY_TOP] = GY_KEYWORD_TOP,
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (words[i] == keyword) {
            *out = (enum gy_aggregate)i;
            return true;
        }
    }
    return false;
}

static enum gy_status parse_aggregate(struct gy_parser *p, enum gy_aggregate aggregate,
                                      struct gy_term **out)
{
    struct gy_term *term = new_term(p, GY_TERM_AGGREGATE, p->token->place);
    *out = term;
    term->aggregate = aggregate;
    gy_parser_next(p);
    GY_TRY(gy_parser_open(p));
    GY_TRY(gy_parser_name(p, "the name of an event", &term->event));
    if (gy_aggregate_takes_property(aggregate)) {
        GY_TRY(gy_parser_dot_name(p, "the name of a property", &term->name));
    }
    bool has_filter = gy_parser_take_word(p, GY_KEYWORD_WHERE);
    if (has_filter) {
        GY_TRY(gy_parser_filter(p, GY_PARSER_FILTER, &term->where));
    }
    GY_TRY(gy_parser_window(p, &term->window));
    p->height = 0;
    return gy_parser_close(p, has_filter ? "\"and\", \"or\", a window or \")\""
                                         : "\"where\", a window or \")\"");
}

static enum gy_status parse_among(struct gy_parser *p, struct gy_expr **out)
{
    if (!gy_parser_take_word(p, GY_KEYWORD_AMONG)) {
        return GY_OK;
    }
    GY_TRY(gy_parser_open(p));
    GY_TRY(gy_parser_expr(p, out));
    return gy_parser_close(p, "\"and\", \"or\" or \")\"");
}

static enum gy_status parse_population(struct gy_parser *p, bool is_ntile, struct gy_term **out)
{
    struct gy_term *term =
        new_term(p, is_ntile ? GY_TERM_NTILE : GY_TERM_PERCENTILE, p->token->place);
    *out = term;
    gy_parser_next(p);
    GY_TRY(gy_parser_open(p));
    GY_TRY(gy_parser_value(p, NULL, &term->left));
    uint32_t height = p->height;
    if (is_ntile) {
        GY_TRY(gy_parser_expect(p, GY_TOKEN_COMMA, "\",\" and the number of parts"));
        GY_TRY(gy_parser_integer(p, &term->parts, &term->literal));
    }
    GY_TRY(parse_among(p, &term->among));
    p->height = height + 1;
    return gy_parser_close(p, term->among != NULL ? "\")\"" : "an operator, \"among\" or \")\"");
}

static enum gy_status parse_plain_operand(struct gy_parser *p, struct gy_term **out)
{
    if (gy_parser_at(p, GY_TOKEN_QUOTED)) {
        *out = take_string(p);
        return GY_OK;
    }
    enum gy_keyword keyword = gy_parser_at(p, GY_TOKEN_WORD) ? p->token->keyword : GY_KEYWORD_NONE;
    enum gy_aggregate aggregate;
    if (find_aggregate(keyword, &aggregate)) {
        return parse_aggregate(p, aggregate, out);
    }
    switch ((int)keyword) {
    case GY_KEYWORD_TRAIT:
        return parse_trait(p, out);
    case GY_KEYWORD_METRIC:
        return parse_metric(p, out);
    case GY_KEYWORD_AGE:
        return parse_age(p, out);
    case GY_KEYWORD_PERCENTILE:
        return parse_population(p, false, out);
    case GY_KEYWORD_NTILE:
        return parse_population(p, true, out);
    default:
        return gy_parser_unexpected(p, p->token == p->test ? "a test or a value" : "a value");
    }
}

/* ---- arithmetic ---- */

static enum gy_status parse_factor(struct gy_parser *p, struct gy_term **out);

static enum gy_status parse_negative(struct gy_parser *p, struct gy_term **out)
{
    struct gy_term *operand;
    struct gy_place place = p->token->place;
    GY_TRY(gy_parser_enter(p));
    GY_TRY(parse_factor(p, &operand));
    gy_parser_leave(p);
    uint32_t height = p->height;
    *out = new_term(p, GY_TERM_NEGATIVE, place);
    (*out)->left = operand;
    p->height = height + 1;
    return GY_OK;
}

static enum gy_status parse_parenthesis(struct gy_parser *p, struct gy_term **out)
{
    struct gy_place place = p->token->place;
    GY_TRY(gy_parser_open(p));
    GY_TRY(gy_parser_value(p, NULL, out));
    GY_TRY(gy_parser_close(p, "an operator or \")\""));
    (*out)->place = place;
    return GY_OK;
}

static enum gy_status parse_factor(struct gy_parser *p, struct gy_term **out)
{
    if (gy_parser_at(p, GY_TOKEN_MINUS)) {
        return parse_negative(p, out);
    }
    if (gy_parser_at(p, GY_TOKEN_OPEN)) {
        return parse_parenthesis(p, out);
    }
    if (gy_parser_at(p, GY_TOKEN_NUMBER)) {
        *out = take_number(p);
        return GY_OK;
    }
    if (at_bool(p)) {
        *out = take_bool(p);
        return GY_OK;
    }
    return p->mode == GY_PARSER_PLAIN ? parse_plain_operand(p, out) : parse_filter_operand(p, out);
}

static bool binary_kind(enum gy_token_kind token, bool is_product, enum gy_term_kind *out)
{
    *out = token == GY_TOKEN_PLUS    ? GY_TERM_ADD
           : token == GY_TOKEN_MINUS ? GY_TERM_SUBTRACT
           : token == GY_TOKEN_STAR  ? GY_TERM_MULTIPLY
                                     : GY_TERM_DIVIDE;
    return is_product ? token == GY_TOKEN_STAR || token == GY_TOKEN_SLASH
                      : token == GY_TOKEN_PLUS || token == GY_TOKEN_MINUS;
}

static enum gy_status join(struct gy_parser *p, enum gy_term_kind kind, uint32_t left_height,
                           struct gy_term *right, struct gy_term **left)
{
    uint32_t height = 1 + (left_height > p->height ? left_height : p->height);
    if (height > GY_PARSER_HEIGHT) {
        return gy_error_at(p->err, right->place.line, right->place.column,
                           "more than %d operations upon each other in one value",
                           GY_PARSER_HEIGHT);
    }
    struct gy_term *both = new_term(p, kind, (*left)->place);
    both->left = *left;
    both->right = right;
    *left = both;
    p->height = height;
    return GY_OK;
}

static enum gy_status parse_product(struct gy_parser *p, struct gy_term *first,
                                    struct gy_term **out)
{
    *out = first;
    if (first == NULL) {
        GY_TRY(parse_factor(p, out));
    }
    enum gy_term_kind kind;
    while (binary_kind(p->token->kind, true, &kind)) {
        uint32_t height = p->height;
        struct gy_term *right;
        gy_parser_next(p);
        GY_TRY(parse_factor(p, &right));
        GY_TRY(join(p, kind, height, right, out));
    }
    return GY_OK;
}

enum gy_status gy_parser_value(struct gy_parser *p, struct gy_term *first, struct gy_term **out)
{
    GY_TRY(parse_product(p, first, out));
    enum gy_term_kind kind;
    while (binary_kind(p->token->kind, false, &kind)) {
        uint32_t height = p->height;
        struct gy_term *right;
        gy_parser_next(p);
        GY_TRY(parse_product(p, NULL, &right));
        GY_TRY(join(p, kind, height, right, out));
    }
    return GY_OK;
}

/* ---- comparisons ---- */

static enum gy_status parse_right(struct gy_parser *p, struct gy_term **out)
{
    bool was_right = p->is_right;
    p->is_right = true;
    GY_TRY(gy_parser_value(p, NULL, out));
    p->is_right = was_right;
    return GY_OK;
}

static enum gy_status parse_between(struct gy_parser *p, struct gy_expr *expr)
{
    gy_parser_next(p);
    GY_TRY(parse_right(p, &expr->low));
    GY_TRY(gy_parser_expect_word(p, GY_KEYWORD_AND));
    return parse_right(p, &expr->high);
}

static enum gy_status parse_signed_number(struct gy_parser *p, struct gy_term **out)
{
    struct gy_place place = p->token->place;
    GY_TRY(gy_parser_enter(p));
    gy_parser_leave(p);
    if (!gy_parser_at(p, GY_TOKEN_NUMBER)) {
        return gy_parser_unexpected(p, "a number");
    }
    *out = take_number(p);
    (*out)->place = place;
    (*out)->number = (*out)->number == 0 ? 0 : -(*out)->number;
    return GY_OK;
}

static enum gy_status parse_literal(struct gy_parser *p, struct gy_term **out)
{
    if (gy_parser_at(p, GY_TOKEN_MINUS)) {
        return parse_signed_number(p, out);
    }
    if (gy_parser_at(p, GY_TOKEN_NUMBER)) {
        *out = take_number(p);
    } else if (gy_parser_at(p, GY_TOKEN_QUOTED)) {
        *out = take_string(p);
    } else if (at_bool(p)) {
        *out = take_bool(p);
    } else {
        return gy_parser_unexpected(p, "a number, a string, true or false");
    }
    return GY_OK;
}

/* An upper bound, so that the array is made once: what stands up to the next parenthesis. */
static size_t count_values(const struct gy_parser *p)
{
    size_t n = 1;
    for (const struct gy_token *t = p->token; t->kind != GY_TOKEN_END && t->kind != GY_TOKEN_CLOSE;
         t++) {
        n += t->kind == GY_TOKEN_COMMA;
    }
    return n;
}

static enum gy_status parse_in(struct gy_parser *p, struct gy_expr *expr)
{
    gy_parser_next(p);
    expr->kind = GY_EXPR_IN;
    GY_TRY(gy_parser_open(p));
    expr->values = GY_NEW_ARRAY(p->arena, struct gy_term *, count_values(p));
    do {
        GY_TRY(parse_literal(p, &expr->values[expr->n_values]));
        expr->n_values++;
    } while (gy_parser_take(p, GY_TOKEN_COMMA));
    return gy_parser_close(p, "\",\" or \")\"");
}

static bool text_op(enum gy_keyword keyword, enum gy_text_op *op)
{
    *op = keyword == GY_KEYWORD_CONTAINS ? GY_TEXT_CONTAINS
          : keyword == GY_KEYWORD_STARTS ? GY_TEXT_STARTS_WITH
          : keyword == GY_KEYWORD_ENDS   ? GY_TEXT_ENDS_WITH
                                         : GY_TEXT_MATCHES;
    return keyword == GY_KEYWORD_CONTAINS || keyword == GY_KEYWORD_STARTS ||
           keyword == GY_KEYWORD_ENDS || keyword == GY_KEYWORD_MATCHES;
}

static enum gy_status parse_text(struct gy_parser *p, struct gy_expr *expr)
{
    gy_parser_next(p);
    expr->kind = GY_EXPR_TEXT;
    if (expr->text_op == GY_TEXT_STARTS_WITH || expr->text_op == GY_TEXT_ENDS_WITH) {
        GY_TRY(gy_parser_expect_word(p, GY_KEYWORD_WITH));
    }
    if (!gy_parser_at(p, GY_TOKEN_QUOTED)) {
        return gy_parser_unexpected(p, "a string in quotes");
    }
    expr->right = take_string(p);
    return GY_OK;
}

static enum gy_status parse_is(struct gy_parser *p, struct gy_expr *expr)
{
    gy_parser_next(p);
    expr->kind = GY_EXPR_KNOWN;
    if (gy_parser_take_word(p, GY_KEYWORD_KNOWN)) {
        return GY_OK;
    }
    expr->kind = GY_EXPR_MISSING;
    if (gy_parser_take_word(p, GY_KEYWORD_MISSING)) {
        return GY_OK;
    }
    return gy_parser_unexpected(p, "\"known\" or \"missing\"");
}

static enum gy_status parse_word_comparison(struct gy_parser *p, struct gy_expr *expr)
{
    expr->is_negated = gy_parser_take_word(p, GY_KEYWORD_NOT);
    if (gy_parser_at_word(p, GY_KEYWORD_IN)) {
        return parse_in(p, expr);
    }
    if (gy_parser_at(p, GY_TOKEN_WORD) && text_op(p->token->keyword, &expr->text_op)) {
        return parse_text(p, expr);
    }
    if (expr->is_negated) {
        return gy_parser_unexpected(
            p, "\"in\", \"contains\", \"starts with\", \"ends with\" or \"matches\"");
    }
    if (gy_parser_at_word(p, GY_KEYWORD_BETWEEN)) {
        expr->kind = GY_EXPR_BETWEEN;
        return parse_between(p, expr);
    }
    return parse_is(p, expr);
}

static bool begins_word_comparison(const struct gy_parser *p)
{
    enum gy_text_op op;
    return gy_parser_at(p, GY_TOKEN_WORD) &&
           (p->token->keyword == GY_KEYWORD_NOT || p->token->keyword == GY_KEYWORD_IN ||
            p->token->keyword == GY_KEYWORD_BETWEEN || p->token->keyword == GY_KEYWORD_IS ||
            text_op(p->token->keyword, &op));
}

static bool at_symbol(const struct gy_parser *p)
{
    return p->token->kind >= GY_TOKEN_EQ && p->token->kind <= GY_TOKEN_GE;
}

enum gy_status gy_parser_comparison(struct gy_parser *p, struct gy_term *left, bool may_be_value,
                                    struct gy_either *out)
{
    bool is_symbol = at_symbol(p);
    if (!is_symbol && !begins_word_comparison(p)) {
        if (!may_be_value) {
            return gy_parser_unexpected(p, "a comparison or an operator");
        }
        *out = (struct gy_either){.term = left};
        return GY_OK;
    }
    struct gy_expr *expr;
    GY_TRY(gy_parser_leaf(p, GY_EXPR_COMPARE, left->place, &expr));
    expr->left = left;
    *out = (struct gy_either){.expr = expr};
    if (!is_symbol) {
        return parse_word_comparison(p, expr);
    }
    expr->compare = (enum gy_compare)(p->token->kind - GY_TOKEN_EQ);
    gy_parser_next(p);
    return parse_right(p, &expr->right);
}

enum gy_status gy_parser_filter(struct gy_parser *p, enum gy_parser_mode mode, struct gy_expr **out)
{
    enum gy_parser_mode outer = p->mode;
    bool was_right = p->is_right;
    p->mode = mode;
    p->is_right = false;
    GY_TRY(gy_parser_expr(p, out));
    p->mode = outer;
    p->is_right = was_right;
    return GY_OK;
}
