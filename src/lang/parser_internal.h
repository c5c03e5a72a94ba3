/* parser_internal.h - what the files of the parser share.
 *
 * parser.c holds the chains of and/or/not and the tests, parser_value.c values and comparisons,
 * parser_window.c windows, durations and chains of steps. Every function stands at the first token
 * of what it reads and leaves behind its last one; on failure `err` names the token that could not
 * stand there.
 *
 * A parenthesis may open an expression or a value, and which of the two shows only inside. So the
 * functions on that way give an `either`, and one pass without looking ahead is enough.
 */
#ifndef GY_LANG_PARSER_INTERNAL_H
#define GY_LANG_PARSER_INTERNAL_H

#include "lang/lexer.h"
#include "lang/parser.h"

enum {
    GY_PARSER_LEVELS = 64,
    GY_PARSER_LEAVES = 1024,
    GY_PARSER_HEIGHT = 512
};

/* Where a word or a quoted token stands decides what it is. */
enum gy_parser_mode {
    GY_PARSER_PLAIN,
    GY_PARSER_FILTER,       /* behind an aggregate's `where` */
    GY_PARSER_CHAIN_FILTER, /* behind a step's: STEP.property too */
};

struct gy_parser {
    struct gy_arena *arena;
    const struct gy_token *token; /* the one that is looked at; the END is never passed */
    enum gy_parser_mode mode;
    const struct gy_token *first; /* of all */
    const struct gy_token *test;  /* the last place where a test could begin */
    bool is_right;   /* in a filter: right of a comparison, where a quoted token is a string */
    uint32_t level;  /* parentheses, nots and signs that are open */
    uint32_t leaves; /* tests so far */
    uint32_t height; /* of the value that was read last */
    struct gy_expr **stack; /* operands of the open chains of and/or */
    size_t n_stack;
    size_t stack_capacity;
    struct gy_error *err;
};

/* One of the two is NULL. */
struct gy_either {
    struct gy_expr *expr;
    struct gy_term *term;
};

/* ---- tokens ---- */

GY_CHECKED enum gy_status gy_parser_unexpected(struct gy_parser *p, const char *expected);
bool gy_parser_at(const struct gy_parser *p, enum gy_token_kind kind);
bool gy_parser_at_word(const struct gy_parser *p, enum gy_keyword keyword);
void gy_parser_next(struct gy_parser *p);
bool gy_parser_take(struct gy_parser *p, enum gy_token_kind kind);
bool gy_parser_take_word(struct gy_parser *p, enum gy_keyword keyword);
GY_CHECKED enum gy_status gy_parser_expect(struct gy_parser *p, enum gy_token_kind kind,
                                           const char *expected);
GY_CHECKED enum gy_status gy_parser_expect_word(struct gy_parser *p, enum gy_keyword keyword);

GY_CHECKED enum gy_status gy_parser_name(struct gy_parser *p, const char *expected,
                                         struct gy_name *out);
GY_CHECKED enum gy_status gy_parser_dot_name(struct gy_parser *p, const char *expected,
                                             struct gy_name *out);
GY_CHECKED enum gy_status gy_parser_integer(struct gy_parser *p, uint64_t *n,
                                            struct gy_place *place);

/* An open parenthesis, `not` or sign: takes the token, and counts the level until leave. */
GY_CHECKED enum gy_status gy_parser_enter(struct gy_parser *p);
void gy_parser_leave(struct gy_parser *p);
GY_CHECKED enum gy_status gy_parser_open(struct gy_parser *p); /* expects "(" and enters */
GY_CHECKED enum gy_status gy_parser_close(struct gy_parser *p, const char *expected);

/* A leaf at `place`, counted. */
GY_CHECKED enum gy_status gy_parser_leaf(struct gy_parser *p, enum gy_expr_kind kind,
                                         struct gy_place place, struct gy_expr **out);

/* ---- grammar ---- */

GY_CHECKED enum gy_status gy_parser_expr(struct gy_parser *p, struct gy_expr **out);
GY_CHECKED enum gy_status gy_parser_either(struct gy_parser *p, struct gy_either *out);

/* A value; where `first` is not NULL it is a first factor that has been read. */
GY_CHECKED enum gy_status gy_parser_value(struct gy_parser *p, struct gy_term *first,
                                          struct gy_term **out);
/* What stands behind the value `left`. Where `may_be_value`, nothing need stand there. */
GY_CHECKED enum gy_status gy_parser_comparison(struct gy_parser *p, struct gy_term *left,
                                               bool may_be_value, struct gy_either *out);
GY_CHECKED enum gy_status gy_parser_trait(struct gy_parser *p, struct gy_name *out);

/* A filter, standing behind its `where`. */
GY_CHECKED enum gy_status gy_parser_filter(struct gy_parser *p, enum gy_parser_mode mode,
                                           struct gy_expr **out);
/* Leaves `out` as it is where no window begins. */
GY_CHECKED enum gy_status gy_parser_window(struct gy_parser *p, struct gy_window *out);
GY_CHECKED enum gy_status gy_parser_duration(struct gy_parser *p, struct gy_duration *out);
GY_CHECKED enum gy_status gy_parser_chain(struct gy_parser *p, struct gy_expr *did);

/* Parses a text of at most `max` bytes into an arena that is there already, for definitions that
 * others refer to. One of `expr` and `term` is NULL: the other is wanted. */
GY_CHECKED enum gy_status gy_parse_into(struct gy_str text, size_t max, struct gy_arena *arena,
                                        struct gy_expr **expr, struct gy_term **term,
                                        struct gy_error *err);

#endif
