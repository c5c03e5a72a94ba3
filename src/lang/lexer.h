/* lexer.h - text to tokens.
 *
 * The whole text becomes an array of tokens before anything is parsed, because a token that cannot
 * be read, anywhere, is reported before any error of grammar. A word is a token of its own kind
 * whether it is a keyword or not: which of the two it is depends on what the parser wants there (in
 * a filter `last` is a property). The array ends with a token END that stands behind the last
 * character.
 */
#ifndef GY_LANG_LEXER_H
#define GY_LANG_LEXER_H

#include "base/status.h"
#include "lang/ast.h"

/* What people write is bounded; what we print of it may be longer (1e20 becomes 21 digits). */
enum {
    GY_LEXER_TEXT_MAX = 64 * 1024,
    GY_LEXER_CANONICAL_MAX = 8 * GY_LEXER_TEXT_MAX
};

enum gy_token_kind {
    GY_TOKEN_END,
    GY_TOKEN_WORD,   /* name-shaped */
    GY_TOKEN_QUOTED, /* a string, or a name */
    GY_TOKEN_NUMBER,
    GY_TOKEN_OPEN,
    GY_TOKEN_CLOSE,
    GY_TOKEN_COMMA,
    GY_TOKEN_DOT,
    GY_TOKEN_EQ,
    GY_TOKEN_NE,
    GY_TOKEN_LT,
    GY_TOKEN_LE,
    GY_TOKEN_GT,
    GY_TOKEN_GE,
    GY_TOKEN_PLUS,
    GY_TOKEN_MINUS,
    GY_TOKEN_STAR,
    GY_TOKEN_SLASH,
};

enum gy_keyword {
    GY_KEYWORD_NONE,
#define GY_KEYWORD(name, word) GY_KEYWORD_##name,
#include "lang/keyword.def"
#undef GY_KEYWORD
    GY_KEYWORD_COUNT_
};

struct gy_token {
    enum gy_token_kind kind;
    enum gy_keyword keyword; /* WORD */
    struct gy_place place;
    struct gy_str source; /* as it is written */
    struct gy_str text;   /* WORD, QUOTED: what it says, NFC */
    double number;        /* NUMBER */
    bool is_integer;      /* NUMBER: digits alone */
};

/* Fills `*tokens` (allocated in `arena`, as are the strings; `text` must live as long) with `*n`
 * tokens, the END among them. Fails with INVALID at the first token that cannot be read, or where
 * the text passes `max` bytes. */
GY_CHECKED enum gy_status gy_lexer_read(struct gy_str text, size_t max, struct gy_arena *arena,
                                        struct gy_token **tokens, size_t *n, struct gy_error *err);

/* The keyword that a word is, in any case of letters; NONE if it is none. */
enum gy_keyword gy_keyword_find(struct gy_str word);
const char *gy_keyword_word(enum gy_keyword keyword);

/* Whether a name reads as one token WORD: a letter or `_`, then letters, `_` and digits. */
bool gy_lexer_is_word(struct gy_str name);

#endif
