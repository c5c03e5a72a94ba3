/* parser.c - recursive descent: chains, tests, and what all files of the parser use.
 *
 * Depth is bounded by the levels, which are counted where they open, so the C stack is too. Lists
 * of operands grow on a stack of the parser and are copied to the arena when the chain ends; a
 * chain inside a chain of its kind melts into it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "lang/parser_internal.h"

/* ---- errors ---- */

static struct gy_str shortened(struct gy_str source)
{
    struct gy_str rest = source;
    for (int i = 0; i < 40 && rest.len > 0; i++) {
        gy_text_next(&rest);
    }
    return (struct gy_str){source.ptr, source.len - rest.len};
}

/* The words that begin a test or a value, for "did you mean". */
static const enum gy_keyword beginnings[] = {
    GY_KEYWORD_EVERYONE,  GY_KEYWORD_NOBODY,      GY_KEYWORD_IDENTIFIED, GY_KEYWORD_DID,
    GY_KEYWORD_ENTERED,   GY_KEYWORD_ANNIVERSARY, GY_KEYWORD_SAMPLE,     GY_KEYWORD_TRAIT,
    GY_KEYWORD_METRIC,    GY_KEYWORD_COUNT,       GY_KEYWORD_DAYS,       GY_KEYWORD_FIRST_TIME,
    GY_KEYWORD_LAST_TIME, GY_KEYWORD_DAYS_SINCE,  GY_KEYWORD_INTERVAL,   GY_KEYWORD_MEDIAN,
    GY_KEYWORD_DISTINCT,  GY_KEYWORD_FIRST,       GY_KEYWORD_LAST,       GY_KEYWORD_PERCENTILE,
    GY_KEYWORD_NTILE,     GY_KEYWORD_WHERE,       GY_KEYWORD_WITHIN,     GY_KEYWORD_THEN,
    GY_KEYWORD_BETWEEN,   GY_KEYWORD_CONTAINS,    GY_KEYWORD_MATCHES,    GY_KEYWORD_AMONG,
};

/* The token before, for hints; the first one is before itself. */
static const struct gy_token *before(const struct gy_parser *p)
{
    return p->token > p->first ? p->token - 1 : p->token;
}

/* What people who know other languages write. */
static void explain_symbol(struct gy_parser *p)
{
    const struct gy_token *left = before(p);
    bool is_glued = left->source.ptr + left->source.len == p->token->source.ptr;
    if (is_glued && left->kind == GY_TOKEN_EQ && p->token->kind == GY_TOKEN_EQ) {
        gy_error_hint(p->err, "Equal is written =.");
    } else if (is_glued && left->kind == GY_TOKEN_EQ) {
        gy_error_hint(p->err, "The comparisons are = != < <= > >=.");
    } else if (is_glued && left->kind == GY_TOKEN_LT) {
        gy_error_hint(p->err, "Unequal is written !=.");
    }
}

static void suggest_word(struct gy_parser *p)
{
    size_t best = 3;
    enum gy_keyword found = GY_KEYWORD_NONE;
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        struct gy_str word = gy_str_of(gy_keyword_word(beginnings[i]));
        size_t distance = gy_text_distance(p->token->text, word, best - 1);
        if (distance < best) {
            best = distance;
            found = beginnings[i];
        }
    }
    if (found != GY_KEYWORD_NONE) {
        gy_error_hint(p->err, "Did you mean %s?", gy_keyword_word(found));
    } else if (p->mode == GY_PARSER_PLAIN && p->token == p->test) {
        gy_error_hint(p->err, "A trait is written trait.%.*s.", GY_STR_ARG(p->token->text));
    } else if (before(p)->kind >= GY_TOKEN_EQ && before(p)->kind <= GY_TOKEN_GE) {
        gy_error_hint(p->err, "A string stands in quotes: \"%.*s\".", GY_STR_ARG(p->token->text));
    }
}

enum gy_status gy_parser_unexpected(struct gy_parser *p, const char *expected)
{
    const struct gy_token *t = p->token;
    if (t->kind == GY_TOKEN_END) {
        return gy_error_at(p->err, t->place.line, t->place.column,
                           "expected %s, but the text ends here", expected);
    }
    struct gy_str source = shortened(t->source);
    bool is_cut = source.len < t->source.len;
    bool is_quoted = t->kind == GY_TOKEN_QUOTED;
    gy_error_at(p->err, t->place.line, t->place.column, "expected %s, but found %s%.*s%s%s",
                expected, is_quoted ? "" : "\"", GY_STR_ARG(source), is_cut ? "…" : "",
                is_quoted ? "" : "\"");
    if (t->kind == GY_TOKEN_WORD && t->keyword == GY_KEYWORD_NONE && t->text.len < 40) {
        suggest_word(p);
    } else if (t->kind == GY_TOKEN_EQ || t->kind == GY_TOKEN_GT) {
        explain_symbol(p);
    }
    return GY_INVALID;
}

/* ---- tokens ---- */

bool gy_parser_at(const struct gy_parser *p, enum gy_token_kind kind)
{
    return p->token->kind == kind;
}

bool gy_parser_at_word(const struct gy_parser *p, enum gy_keyword keyword)
{
    return p->token->kind == GY_TOKEN_WORD && p->token->keyword == keyword;
}

void gy_parser_next(struct gy_parser *p)
{
    GY_ASSERT(p->token->kind != GY_TOKEN_END);
    p->token++;
}

bool gy_parser_take(struct gy_parser *p, enum gy_token_kind kind)
{
    if (!gy_parser_at(p, kind)) {
        return false;
    }
    gy_parser_next(p);
    return true;
}

bool gy_parser_take_word(struct gy_parser *p, enum gy_keyword keyword)
{
    if (!gy_parser_at_word(p, keyword)) {
        return false;
    }
    gy_parser_next(p);
    return true;
}

enum gy_status gy_parser_expect(struct gy_parser *p, enum gy_token_kind kind, const char *expected)
{
    return gy_parser_take(p, kind) ? GY_OK : gy_parser_unexpected(p, expected);
}

enum gy_status gy_parser_expect_word(struct gy_parser *p, enum gy_keyword keyword)
{
    if (gy_parser_take_word(p, keyword)) {
        return GY_OK;
    }
    char expected[32];
    snprintf(expected, sizeof expected, "\"%s\"", gy_keyword_word(keyword));
    return gy_parser_unexpected(p, expected);
}

static void take_name(struct gy_parser *p, struct gy_name *out)
{
    *out = (struct gy_name){p->token->text, p->token->place, GY_NAME_UNKNOWN};
    gy_parser_next(p);
}

enum gy_status gy_parser_name(struct gy_parser *p, const char *expected, struct gy_name *out)
{
    bool is_word = gy_parser_at(p, GY_TOKEN_WORD);
    if (gy_parser_at(p, GY_TOKEN_QUOTED) || (is_word && p->token->keyword == GY_KEYWORD_NONE)) {
        take_name(p, out);
        return GY_OK;
    }
    enum gy_status status = gy_parser_unexpected(p, expected);
    if (is_word) {
        gy_error_hint(p->err, "%s is a word of the language; as a name it stands in quotes.",
                      gy_keyword_word(p->token->keyword));
    }
    return status;
}

enum gy_status gy_parser_dot_name(struct gy_parser *p, const char *expected, struct gy_name *out)
{
    char dot[64];
    snprintf(dot, sizeof dot, "\".\" and %s", expected);
    GY_TRY(gy_parser_expect(p, GY_TOKEN_DOT, dot));
    if (!gy_parser_at(p, GY_TOKEN_QUOTED) && !gy_parser_at(p, GY_TOKEN_WORD)) {
        return gy_parser_unexpected(p, expected);
    }
    take_name(p, out);
    return GY_OK;
}

/* Numbers are doubles, so far above 2^53 an integer is the double next to it; above 2^63 it is that. */
enum gy_status gy_parser_integer(struct gy_parser *p, uint64_t *n, struct gy_place *place)
{
    if (!gy_parser_at(p, GY_TOKEN_NUMBER) || !p->token->is_integer) {
        return gy_parser_unexpected(p, "a whole number");
    }
    const double most = 0x1p63;
    *n = (uint64_t)(p->token->number < most ? p->token->number : most);
    *place = p->token->place;
    gy_parser_next(p);
    return GY_OK;
}

/* ---- limits ---- */

enum gy_status gy_parser_enter(struct gy_parser *p)
{
    if (p->level == GY_PARSER_LEVELS) {
        return gy_error_at(p->err, p->token->place.line, p->token->place.column,
                           "more than %d levels of parentheses, nots and signs", GY_PARSER_LEVELS);
    }
    p->level++;
    gy_parser_next(p);
    return GY_OK;
}

void gy_parser_leave(struct gy_parser *p)
{
    p->level--;
}

enum gy_status gy_parser_open(struct gy_parser *p)
{
    if (!gy_parser_at(p, GY_TOKEN_OPEN)) {
        return gy_parser_unexpected(p, "\"(\"");
    }
    return gy_parser_enter(p);
}

enum gy_status gy_parser_close(struct gy_parser *p, const char *expected)
{
    gy_parser_leave(p);
    return gy_parser_expect(p, GY_TOKEN_CLOSE, expected);
}

static struct gy_expr *new_expr(struct gy_parser *p, enum gy_expr_kind kind, struct gy_place place)
{
    struct gy_expr *expr = GY_NEW(p->arena, struct gy_expr);
    expr->kind = kind;
    expr->place = place;
    expr->name.id = GY_NAME_UNKNOWN;
    return expr;
}

enum gy_status gy_parser_leaf(struct gy_parser *p, enum gy_expr_kind kind, struct gy_place place,
                              struct gy_expr **out)
{
    if (p->leaves == GY_PARSER_LEAVES) {
        gy_error_at(p->err, place.line, place.column, "more than %d tests in one definition",
                    GY_PARSER_LEAVES);
        gy_error_hint(p->err, "A part that stands for itself can be a segment of its own.");
        return GY_INVALID;
    }
    p->leaves++;
    *out = new_expr(p, kind, place);
    return GY_OK;
}

/* ---- tests ---- */

static enum gy_status parse_word_test(struct gy_parser *p, enum gy_expr_kind kind,
                                      struct gy_expr **out)
{
    GY_TRY(gy_parser_leaf(p, kind, p->token->place, out));
    gy_parser_next(p);
    return GY_OK;
}

/* Closes a chain, or says what its last step and its window leave to come. */
static enum gy_status close_chain(struct gy_parser *p, const struct gy_expr *did)
{
    const struct gy_step *last = &did->steps[did->n_steps - 1];
    bool is_step_over = last->is_absent || gy_duration_is_given(&last->within);
    char expected[80];
    if (did->window.kind != GY_WINDOW_NONE) {
        return gy_parser_close(p, "\")\"");
    }
    (void)snprintf(expected, sizeof expected, "%s%s\"then\", %sa window or \")\"",
                   is_step_over || last->as.text.len > 0 || last->where != NULL ? "" : "\"as\", ",
                   is_step_over          ? ""
                   : last->where == NULL ? "\"where\", "
                                         : "\"and\", \"or\", ",
                   is_step_over || did->n_steps == 1 ? "" : "\"within\", ");
    return gy_parser_close(p, expected);
}

static enum gy_status parse_did(struct gy_parser *p, struct gy_expr **out)
{
    GY_TRY(parse_word_test(p, GY_EXPR_DID, out));
    GY_TRY(gy_parser_open(p));
    GY_TRY(gy_parser_chain(p, *out));
    GY_TRY(gy_parser_window(p, &(*out)->window));
    return close_chain(p, *out);
}

static enum gy_status parse_in(struct gy_parser *p, struct gy_expr **out)
{
    GY_TRY(parse_word_test(p, GY_EXPR_IN_SEGMENT, out));
    bool is_segment = gy_parser_take_word(p, GY_KEYWORD_SEGMENT);
    if (!is_segment) {
        if (!gy_parser_take_word(p, GY_KEYWORD_LIST)) {
            return gy_parser_unexpected(p, "\"segment\" or \"list\"");
        }
        (*out)->kind = GY_EXPR_IN_LIST;
    }
    GY_TRY(gy_parser_open(p));
    GY_TRY(gy_parser_name(p, is_segment ? "the name of a segment" : "the name of a list",
                          &(*out)->name));
    if (is_segment && gy_parser_at(p, GY_TOKEN_NUMBER)) {
        GY_TRY(gy_parser_duration(p, &(*out)->ago));
        GY_TRY(gy_parser_expect_word(p, GY_KEYWORD_AGO));
    }
    return gy_parser_close(p, is_segment ? "a duration (\"30 days ago\") or \")\"" : "\")\"");
}

static enum gy_status parse_change(struct gy_parser *p, enum gy_expr_kind kind,
                                   struct gy_expr **out)
{
    GY_TRY(parse_word_test(p, kind, out));
    GY_TRY(gy_parser_expect_word(p, GY_KEYWORD_SEGMENT));
    GY_TRY(gy_parser_open(p));
    GY_TRY(gy_parser_name(p, "the name of a segment", &(*out)->name));
    GY_TRY(gy_parser_window(p, &(*out)->window));
    if ((*out)->window.kind == GY_WINDOW_NONE) {
        return gy_parser_unexpected(p, "a window");
    }
    return gy_parser_close(p, "\")\"");
}

static enum gy_status parse_anniversary(struct gy_parser *p, struct gy_expr **out)
{
    GY_TRY(parse_word_test(p, GY_EXPR_ANNIVERSARY, out));
    GY_TRY(gy_parser_open(p));
    (*out)->trait = p->token->place;
    GY_TRY(gy_parser_trait(p, &(*out)->name));
    GY_TRY(gy_parser_expect_word(p, GY_KEYWORD_NEXT));
    GY_TRY(gy_parser_integer(p, &(*out)->next_days, &(*out)->number));
    if (!gy_parser_take_word(p, GY_KEYWORD_DAY)) {
        GY_TRY(gy_parser_expect_word(p, GY_KEYWORD_DAYS));
    }
    return gy_parser_close(p, "\")\"");
}

static enum gy_status parse_sample(struct gy_parser *p, struct gy_expr **out)
{
    GY_TRY(parse_word_test(p, GY_EXPR_SAMPLE, out));
    GY_TRY(gy_parser_open(p));
    (*out)->share = p->token->number;
    (*out)->number = p->token->place;
    GY_TRY(gy_parser_expect(p, GY_TOKEN_NUMBER, "a share, like 20%"));
    if (gy_parser_take(p, GY_TOKEN_COMMA)) {
        (*out)->salt = p->token->text;
        GY_TRY(gy_parser_expect(p, GY_TOKEN_QUOTED, "a salt in quotes"));
    }
    return gy_parser_close(p, "\",\" or \")\"");
}

/* An open parenthesis: an expression, or a first factor with the rest of its value behind it. */
static enum gy_status parse_group(struct gy_parser *p, bool may_be_value, struct gy_either *out)
{
    struct gy_place place = p->token->place;
    GY_TRY(gy_parser_open(p));
    GY_TRY(gy_parser_either(p, out));
    GY_TRY(gy_parser_close(p, out->expr != NULL ? "\"and\", \"or\" or \")\""
                                                : "a comparison, an operator or \")\""));
    if (out->expr != NULL) {
        return GY_OK;
    }
    out->term->place = place;
    struct gy_term *value;
    GY_TRY(gy_parser_value(p, out->term, &value));
    return gy_parser_comparison(p, value, may_be_value, out);
}

static enum gy_status parse_value_test(struct gy_parser *p, bool may_be_value,
                                       struct gy_either *out)
{
    struct gy_term *value;
    GY_TRY(gy_parser_value(p, NULL, &value));
    return gy_parser_comparison(p, value, may_be_value, out);
}

static enum gy_status parse_test(struct gy_parser *p, bool may_be_value, struct gy_either *out)
{
    p->test = p->token;
    if (gy_parser_at(p, GY_TOKEN_OPEN)) {
        return parse_group(p, may_be_value, out);
    }
    if (p->mode != GY_PARSER_PLAIN || !gy_parser_at(p, GY_TOKEN_WORD)) {
        return parse_value_test(p, may_be_value, out);
    }
    switch ((int)p->token->keyword) {
    case GY_KEYWORD_EVERYONE:
        return parse_word_test(p, GY_EXPR_EVERYONE, &out->expr);
    case GY_KEYWORD_NOBODY:
        return parse_word_test(p, GY_EXPR_NOBODY, &out->expr);
    case GY_KEYWORD_IDENTIFIED:
        return parse_word_test(p, GY_EXPR_IDENTIFIED, &out->expr);
    case GY_KEYWORD_DID:
        return parse_did(p, &out->expr);
    case GY_KEYWORD_IN:
        return parse_in(p, &out->expr);
    case GY_KEYWORD_ENTERED:
        return parse_change(p, GY_EXPR_ENTERED, &out->expr);
    case GY_KEYWORD_LEFT:
        return parse_change(p, GY_EXPR_LEFT, &out->expr);
    case GY_KEYWORD_ANNIVERSARY:
        return parse_anniversary(p, &out->expr);
    case GY_KEYWORD_SAMPLE:
        return parse_sample(p, &out->expr);
    default:
        return parse_value_test(p, may_be_value, out);
    }
}

/* ---- chains of not, and, or ---- */

static enum gy_status parse_not(struct gy_parser *p, bool may_be_value, struct gy_either *out)
{
    if (!gy_parser_at_word(p, GY_KEYWORD_NOT)) {
        return parse_test(p, may_be_value, out);
    }
    struct gy_expr *not_ = new_expr(p, GY_EXPR_NOT, p->token->place);
    GY_TRY(gy_parser_enter(p));
    struct gy_either operand = {0};
    GY_TRY(parse_not(p, false, &operand));
    gy_parser_leave(p);
    not_->children = GY_NEW_ARRAY(p->arena, struct gy_expr *, 1);
    not_->children[0] = operand.expr;
    not_->n_children = 1;
    out->expr = not_;
    return GY_OK;
}

static void push(struct gy_parser *p, struct gy_expr *expr)
{
    GY_GROW(p->stack, p->stack_capacity, p->n_stack + 1);
    p->stack[p->n_stack++] = expr;
}

static void push_melted(struct gy_parser *p, enum gy_expr_kind kind, struct gy_expr *expr)
{
    if (expr->kind != kind) {
        push(p, expr);
        return;
    }
    for (uint32_t i = 0; i < expr->n_children; i++) {
        push(p, expr->children[i]);
    }
}

static struct gy_expr *pop_chain(struct gy_parser *p, enum gy_expr_kind kind, size_t from)
{
    size_t n = p->n_stack - from;
    struct gy_expr *chain = new_expr(p, kind, p->stack[from]->place);
    chain->children = GY_NEW_ARRAY(p->arena, struct gy_expr *, n);
    memcpy(chain->children, p->stack + from, n * sizeof *chain->children);
    chain->n_children = (uint32_t)n;
    p->n_stack = from;
    return chain;
}

static enum gy_status parse_and(struct gy_parser *p, bool may_be_value, struct gy_either *out);

static enum gy_status parse_operand(struct gy_parser *p, enum gy_expr_kind kind, bool may_be_value,
                                    struct gy_either *out)
{
    return kind == GY_EXPR_OR ? parse_and(p, may_be_value, out) : parse_not(p, may_be_value, out);
}

static enum gy_status parse_chain(struct gy_parser *p, enum gy_expr_kind kind, bool may_be_value,
                                  struct gy_either *out)
{
    enum gy_keyword joint = kind == GY_EXPR_OR ? GY_KEYWORD_OR : GY_KEYWORD_AND;
    GY_TRY(parse_operand(p, kind, may_be_value, out));
    if (out->expr == NULL || !gy_parser_at_word(p, joint)) {
        return GY_OK;
    }
    size_t from = p->n_stack;
    push_melted(p, kind, out->expr);
    while (gy_parser_take_word(p, joint)) {
        struct gy_either operand = {0};
        GY_TRY(parse_operand(p, kind, false, &operand));
        push_melted(p, kind, operand.expr);
    }
    out->expr = pop_chain(p, kind, from);
    return GY_OK;
}

static enum gy_status parse_and(struct gy_parser *p, bool may_be_value, struct gy_either *out)
{
    return parse_chain(p, GY_EXPR_AND, may_be_value, out);
}

enum gy_status gy_parser_either(struct gy_parser *p, struct gy_either *out)
{
    *out = (struct gy_either){0};
    return parse_chain(p, GY_EXPR_OR, true, out);
}

enum gy_status gy_parser_expr(struct gy_parser *p, struct gy_expr **out)
{
    struct gy_either either = {0};
    GY_TRY(parse_chain(p, GY_EXPR_OR, false, &either));
    *out = either.expr;
    return GY_OK;
}

/* ---- whole texts ---- */

static enum gy_status parse_all(struct gy_parser *p, struct gy_expr **expr, struct gy_term **term)
{
    if (expr != NULL) {
        GY_TRY(gy_parser_expr(p, expr));
    } else {
        GY_TRY(gy_parser_value(p, NULL, term));
    }
    if (gy_parser_at(p, GY_TOKEN_END)) {
        return GY_OK;
    }
    return gy_parser_unexpected(p, expr != NULL ? "\"and\", \"or\" or the end of the text"
                                                : "an operator or the end of the text");
}

enum gy_status gy_parse_into(struct gy_str text, size_t max, struct gy_arena *arena,
                             struct gy_expr **expr, struct gy_term **term, struct gy_error *err)
{
    struct gy_token *tokens;
    size_t n;
    if (text.len <= max) {
        text = gy_arena_str(arena, text);
    }
    GY_TRY(gy_lexer_read(text, max, arena, &tokens, &n, err));
    struct gy_parser p = {.arena = arena, .token = tokens, .first = tokens, .err = err};
    enum gy_status status = parse_all(&p, expr, term);
    free(p.stack);
    return status;
}

enum gy_status gy_parse(struct gy_str text, struct gy_definition *out, struct gy_error *err)
{
    *out = (struct gy_definition){0};
    return gy_parse_into(text, GY_LEXER_TEXT_MAX, &out->arena, &out->expr, NULL, err);
}

enum gy_status gy_parse_value(struct gy_str text, struct gy_definition *out, struct gy_error *err)
{
    *out = (struct gy_definition){0};
    return gy_parse_into(text, GY_LEXER_TEXT_MAX, &out->arena, NULL, &out->term, err);
}
