/* lexer.c - one pass over the text, a cursor that knows its line and column.
 *
 * The cursor stops before the first byte that is not UTF-8 and gives BAD there, so every way of
 * reading a token ends at it by itself. Names and strings leave in NFC. A name that was typed with
 * combining marks (as some systems hand out Korean and accented letters) is a name where the marks
 * compose into letters; a mark that does not compose is no part of a name.
 */
#include "lang/lexer.h"

#include <stdlib.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"

enum {
    AT_END = -1,
    BAD = -2
};

struct lexer {
    struct gy_str text;
    size_t valid; /* bytes up to the first that is not UTF-8 */
    size_t at;
    struct gy_place place;
    struct gy_arena *arena;
    struct gy_buf scratch;
    struct gy_token *tokens; /* on the heap while it grows */
    size_t n;
    size_t capacity;
    struct gy_error *err;
};

/* ---- words of the language ---- */

static const char *const keywords[] = {
    "",
#define GY_KEYWORD(name, word) word,
#include "lang/keyword.def"
#undef GY_KEYWORD
};

const char *gy_keyword_word(enum gy_keyword keyword)
{
    return keywords[keyword];
}

enum gy_keyword gy_keyword_find(struct gy_str word)
{
    for (int k = 1; k < GY_KEYWORD_COUNT_; k++) {
        size_t len = strlen(keywords[k]);
        if (word.len == len && strncasecmp(word.ptr, keywords[k], len) == 0) {
            return (enum gy_keyword)k;
        }
    }
    return GY_KEYWORD_NONE;
}

static bool starts_name(int32_t c)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= 0x80 && gy_text_is_letter((uint32_t)c));
}

static bool is_digit(int32_t c)
{
    return c >= '0' && c <= '9';
}

bool gy_lexer_is_word(struct gy_str name)
{
    if (name.len == 0 || !gy_text_is_utf8(name)) {
        return false;
    }
    if (!starts_name((int32_t)gy_text_next(&name))) {
        return false;
    }
    while (name.len > 0) {
        int32_t c = (int32_t)gy_text_next(&name);
        if (!starts_name(c) && !is_digit(c)) {
            return false;
        }
    }
    return true;
}

/* ---- the cursor ---- */

static size_t sequence_length(unsigned char lead)
{
    return lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

static size_t valid_prefix(struct gy_str text)
{
    if (gy_text_is_utf8(text)) {
        return text.len;
    }
    size_t at = 0;
    while (at < text.len) {
        size_t len = sequence_length((unsigned char)text.ptr[at]);
        if (len > text.len - at || !gy_text_is_utf8((struct gy_str){text.ptr + at, len})) {
            break;
        }
        at += len;
    }
    return at;
}

static int32_t peek(const struct lexer *l)
{
    if (l->at < l->valid) {
        struct gy_str rest = {l->text.ptr + l->at, l->valid - l->at};
        return (int32_t)gy_text_next(&rest);
    }
    return l->at == l->text.len ? AT_END : BAD;
}

static char peek_byte(const struct lexer *l, size_t ahead)
{
    if (ahead >= l->valid - l->at) {
        return '\0';
    }
    return l->text.ptr[l->at + ahead];
}

static void advance(struct lexer *l)
{
    unsigned char lead = (unsigned char)l->text.ptr[l->at];
    l->at += sequence_length(lead);
    l->place.column++;
    if (lead == '\n') {
        l->place.line++;
        l->place.column = 1;
    }
}

static void advance_ascii(struct lexer *l, size_t n)
{
    l->at += n;
    l->place.column += (uint32_t)n;
}

static void skip_space(struct lexer *l)
{
    for (;;) {
        int32_t c = peek(l);
        if (c == '-' && peek_byte(l, 1) == '-') {
            while (c != '\n' && c != AT_END && c != BAD) {
                advance(l);
                c = peek(l);
            }
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            advance(l);
        } else {
            return;
        }
    }
}

/* ---- what cannot be read ---- */

static const char *advice(int32_t c)
{
    switch (c) {
    case '&':
        return "Conditions are joined with the word and.";
    case '|':
        return "Conditions are joined with the word or.";
    case '!':
        return "A condition is turned round with the word not; unequal is !=.";
    case '%':
        return "A percent sign stands right behind its number: 20%.";
    case 0x201C:
    case 0x201D:
    case 0x2018:
    case 0x2019:
        return "Quotes are the straight ones, \" or '.";
    default:
        return "A name with such characters is put in quotes.";
    }
}

static enum gy_status unreadable(struct lexer *l)
{
    int32_t c = peek(l);
    if (c == BAD) {
        return gy_error_at(l->err, l->place.line, l->place.column,
                           "the text is not UTF-8 from here on (byte 0x%02X)",
                           (unsigned char)l->text.ptr[l->at]);
    }
    struct gy_place place = l->place;
    size_t from = l->at;
    advance(l);
    if (c < 0x20) {
        return gy_error_at(l->err, place.line, place.column,
                           "the control character U+%04X cannot stand here", (unsigned)c);
    }
    gy_error_at(l->err, place.line, place.column, "\"%.*s\" cannot be read here",
                (int)(l->at - from), l->text.ptr + from);
    gy_error_hint(l->err, "%s", advice(c));
    return GY_INVALID;
}

/* ---- tokens ---- */

static struct gy_token *add(struct lexer *l, enum gy_token_kind kind)
{
    GY_GROW(l->tokens, l->capacity, l->n + 1);
    struct gy_token *token = &l->tokens[l->n++];
    *token = (struct gy_token){.kind = kind, .place = l->place, .source = {l->text.ptr + l->at, 0}};
    return token;
}

static void finish(struct lexer *l, struct gy_token *token)
{
    token->source.len = (size_t)(l->text.ptr + l->at - token->source.ptr);
}

/* Puts base + mark in `*out` where they compose into one letter. */
static bool compose(struct lexer *l, struct gy_str base, int32_t mark, struct gy_str *out)
{
    gy_buf_reset(&l->scratch);
    gy_buf_str(&l->scratch, base);
    gy_text_put(&l->scratch, (uint32_t)mark);
    struct gy_str copy = gy_arena_str(l->arena, gy_buf_view(&l->scratch));
    struct gy_str nfc = gy_text_nfc(copy, l->arena);
    *out = nfc;
    return starts_name((int32_t)gy_text_next(&nfc)) && nfc.len == 0;
}

static bool may_be_mark(int32_t c)
{
    return c >= 0x300 && !gy_text_is_letter((uint32_t)c);
}

static enum gy_status read_word(struct lexer *l)
{
    struct gy_token *token = add(l, GY_TOKEN_WORD);
    struct gy_str last = {0};
    for (;;) {
        int32_t c = peek(l);
        struct gy_str here = {l->text.ptr + l->at, 0};
        if (starts_name(c) || is_digit(c)) {
            advance(l);
            here.len = (size_t)(l->text.ptr + l->at - here.ptr);
            last = here;
        } else if (may_be_mark(c) && compose(l, last, c, &last)) {
            advance(l);
        } else {
            break;
        }
    }
    finish(l, token);
    token->text = gy_text_nfc(token->source, l->arena);
    token->keyword = gy_keyword_find(token->text);
    return GY_OK;
}

static size_t digits_ahead(const struct lexer *l, size_t ahead)
{
    size_t n = 0;
    while (is_digit(peek_byte(l, ahead + n)) ||
           (n > 0 && peek_byte(l, ahead + n) == '_' && is_digit(peek_byte(l, ahead + n + 1)))) {
        n++;
    }
    return n;
}

static size_t exponent_ahead(const struct lexer *l, size_t ahead)
{
    if (peek_byte(l, ahead) != 'e' && peek_byte(l, ahead) != 'E') {
        return 0;
    }
    char sign = peek_byte(l, ahead + 1);
    size_t before = sign == '+' || sign == '-' ? 2 : 1;
    size_t digits = 0;
    while (is_digit(peek_byte(l, ahead + before + digits))) {
        digits++;
    }
    return digits == 0 ? 0 : before + digits;
}

/* The exponent of a number, moved by two places for a percentage; far ones stay far. */
static void put_percent(struct gy_buf *out, struct gy_str exponent)
{
    long value = 0;
    bool is_negative = exponent.len > 1 && exponent.ptr[1] == '-';
    for (size_t i = 1; i < exponent.len; i++) {
        if (is_digit(exponent.ptr[i]) && value < 1000000) {
            value = value * 10 + (exponent.ptr[i] - '0');
        }
    }
    gy_buf_printf(out, "e%ld", (is_negative ? -value : value) - 2);
}

static enum gy_status read_number(struct lexer *l)
{
    struct gy_token *token = add(l, GY_TOKEN_NUMBER);
    size_t n = digits_ahead(l, 0);
    token->is_integer = true;
    if (peek_byte(l, n) == '.' && is_digit(peek_byte(l, n + 1))) {
        n += 1 + digits_ahead(l, n + 1);
        token->is_integer = false;
    }
    size_t mantissa = n;
    n += exponent_ahead(l, n);
    gy_buf_reset(&l->scratch);
    for (size_t i = 0; i < mantissa; i++) {
        if (token->source.ptr[i] != '_') {
            gy_buf_char(&l->scratch, token->source.ptr[i]);
        }
    }
    struct gy_str exponent = {token->source.ptr + mantissa, n - mantissa};
    bool is_percent = peek_byte(l, n) == '%';
    if (is_percent) {
        put_percent(&l->scratch, exponent);
        n++;
    } else {
        gy_buf_str(&l->scratch, exponent);
    }
    token->is_integer = token->is_integer && exponent.len == 0 && !is_percent;
    if (!gy_number_read(gy_buf_view(&l->scratch), &token->number)) {
        return gy_error_at(l->err, token->place.line, token->place.column,
                           "this number is beyond what a double can hold");
    }
    advance_ascii(l, n);
    finish(l, token);
    return GY_OK;
}

static int hex_value(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits of \uXXXX; -1 if they are not that. */
static int32_t hex4(const struct lexer *l, size_t ahead)
{
    int32_t value = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_value(peek_byte(l, ahead + i));
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* At the backslash of \uXXXX, or of a pair of them. */
static bool read_unicode_escape(struct lexer *l)
{
    int32_t c = hex4(l, 2);
    size_t n = 6;
    if (c >= 0xD800 && c <= 0xDBFF && peek_byte(l, 6) == '\\' && peek_byte(l, 7) == 'u') {
        int32_t low = hex4(l, 8);
        if (low < 0xDC00 || low > 0xDFFF) {
            return false;
        }
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        n = 12;
    }
    if (c < 0 || (c >= 0xD800 && c <= 0xDFFF)) {
        return false;
    }
    gy_text_put(&l->scratch, (uint32_t)c);
    advance_ascii(l, n);
    return true;
}

static bool read_escape(struct lexer *l)
{
    static const char from[] = "\"'\\/bfnrt";
    static const char to[] = "\"'\\/\b\f\n\r\t";
    char c = peek_byte(l, 1);
    if (c == 'u') {
        return read_unicode_escape(l);
    }
    const char *found = c == '\0' ? NULL : strchr(from, c);
    if (found == NULL) {
        return false;
    }
    gy_buf_char(&l->scratch, to[found - from]);
    advance_ascii(l, 2);
    return true;
}

static enum gy_status bad_string(struct lexer *l, struct gy_place place, int32_t c)
{
    struct gy_place at = l->place;
    if (c == AT_END) {
        return gy_error_at(l->err, place.line, place.column,
                           "the string that begins here has no closing quote");
    }
    if (c == BAD) {
        return gy_error_at(l->err, place.line, place.column,
                           "the string that begins here is not UTF-8 at column %u", at.column);
    }
    if (c == '\\') {
        gy_error_at(l->err, place.line, place.column,
                    "the string that begins here has an unknown escape at column %u", at.column);
        gy_error_hint(l->err, "Escapes are \\\" \\' \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX; a "
                              "backslash itself is \\\\.");
        return GY_INVALID;
    }
    return gy_error_at(l->err, place.line, place.column,
                       "the string that begins here is broken by the control character U+%04X",
                       (unsigned)c);
}

static enum gy_status read_string(struct lexer *l)
{
    struct gy_token *token = add(l, GY_TOKEN_QUOTED);
    int32_t quote = peek(l);
    advance(l);
    gy_buf_reset(&l->scratch);
    for (;;) {
        int32_t c = peek(l);
        if (c == quote) {
            break;
        }
        if (c < 0x20 || (c == '\\' && !read_escape(l))) {
            return bad_string(l, token->place, c);
        }
        if (c != '\\') {
            size_t from = l->at;
            advance(l);
            gy_buf_append(&l->scratch, l->text.ptr + from, l->at - from);
        }
    }
    advance(l);
    finish(l, token);
    token->text = gy_text_nfc(gy_arena_str(l->arena, gy_buf_view(&l->scratch)), l->arena);
    return GY_OK;
}

static enum gy_token_kind symbol_kind(char c, char next, size_t *len)
{
    *len = next == '=' && (c == '!' || c == '<' || c == '>') ? 2 : 1;
    switch (c) {
    case '(':
        return GY_TOKEN_OPEN;
    case ')':
        return GY_TOKEN_CLOSE;
    case ',':
        return GY_TOKEN_COMMA;
    case '.':
        return GY_TOKEN_DOT;
    case '=':
        return GY_TOKEN_EQ;
    case '!':
        return *len == 2 ? GY_TOKEN_NE : GY_TOKEN_END;
    case '<':
        return *len == 2 ? GY_TOKEN_LE : GY_TOKEN_LT;
    case '>':
        return *len == 2 ? GY_TOKEN_GE : GY_TOKEN_GT;
    case '+':
        return GY_TOKEN_PLUS;
    case '-':
        return GY_TOKEN_MINUS;
    case '*':
        return GY_TOKEN_STAR;
    case '/':
        return GY_TOKEN_SLASH;
    default:
        return GY_TOKEN_END;
    }
}

static enum gy_status read_symbol(struct lexer *l)
{
    size_t len;
    enum gy_token_kind kind = symbol_kind(peek_byte(l, 0), peek_byte(l, 1), &len);
    if (kind == GY_TOKEN_END) {
        return unreadable(l);
    }
    struct gy_token *token = add(l, kind);
    advance_ascii(l, len);
    finish(l, token);
    return GY_OK;
}

static enum gy_status read_token(struct lexer *l)
{
    int32_t c = peek(l);
    if (starts_name(c)) {
        return read_word(l);
    }
    if (is_digit(c)) {
        return read_number(l);
    }
    if (c == '"' || c == '\'') {
        return read_string(l);
    }
    return read_symbol(l);
}

static enum gy_status read_all(struct lexer *l)
{
    for (;;) {
        skip_space(l);
        if (peek(l) == AT_END) {
            add(l, GY_TOKEN_END);
            return GY_OK;
        }
        GY_TRY(read_token(l));
    }
}

static enum gy_status too_long(struct lexer *l, size_t max)
{
    while (l->at < max && l->at < l->valid) {
        advance(l);
    }
    gy_error_at(l->err, l->place.line, l->place.column,
                "the text has %zu bytes, and at most %zu are allowed", l->text.len, max);
    gy_error_hint(l->err, "A long list of values is uploaded as a list and asked with in list(…).");
    return GY_INVALID;
}

enum gy_status gy_lexer_read(struct gy_str text, size_t max, struct gy_arena *arena,
                             struct gy_token **tokens, size_t *n, struct gy_error *err)
{
    struct lexer l = {.text = text, .place = {1, 1}, .arena = arena, .err = err};
    l.valid = valid_prefix(text);
    enum gy_status status = text.len > max ? too_long(&l, max) : read_all(&l);
    if (status == GY_OK) {
        *tokens = GY_NEW_ARRAY(arena, struct gy_token, l.n);
        memcpy(*tokens, l.tokens, l.n * sizeof *l.tokens);
        *n = l.n;
    }
    free(l.tokens);
    gy_buf_release(&l.scratch);
    return status;
}
