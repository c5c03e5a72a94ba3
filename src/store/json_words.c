/* json_words.c - see json_words.h. */
#include "store/json_words.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Takes "uXXXX" from the text. */
static bool take_unit(struct gy_str *s, uint32_t *unit)
{
    *unit = 0;
    if (s->len < 5 || s->ptr[0] != 'u')
        return false;
    for (int i = 1; i < 5; i++) {
        int digit = hex_digit(s->ptr[i]);
        if (digit < 0)
            return false;
        *unit = *unit << 4 | (uint32_t)digit;
    }
    s->ptr += 5;
    s->len -= 5;
    return true;
}

/* `s` begins behind a backslash. Half a pair is left out. */
static void take_code_point(struct gy_str *s, struct gy_buf *out)
{
    uint32_t high;
    uint32_t low;
    if (!take_unit(s, &high))
        return;
    if (high < 0xd800 || high >= 0xe000) {
        gy_text_put(out, high);
        return;
    }
    if (high >= 0xdc00 || s->len == 0 || s->ptr[0] != '\\')
        return;
    struct gy_str second = {s->ptr + 1, s->len - 1};
    if (!take_unit(&second, &low) || low < 0xdc00 || low >= 0xe000)
        return;
    gy_text_put(out, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
    *s = second;
}

static void take_escape(struct gy_str *s, struct gy_buf *out)
{
    static const char names[] = "bfnrt";
    static const char meant[] = "\b\f\n\r\t";
    if (s->len == 0)
        return;
    if (s->ptr[0] == 'u') {
        take_code_point(s, out);
        return;
    }
    char c = s->ptr[0];
    for (size_t i = 0; names[i] != '\0'; i++)
        c = s->ptr[0] == names[i] ? meant[i] : c;
    gy_buf_char(out, c);
    s->ptr++;
    s->len--;
}

/* `s` begins behind the quote, and then behind the one that ends the string. */
static void take_string(struct gy_str *s, struct gy_buf *out)
{
    gy_buf_reset(out);
    while (s->len > 0 && s->ptr[0] != '"') {
        char c = s->ptr[0];
        s->ptr++;
        s->len--;
        if (c == '\\')
            take_escape(s, out);
        else
            gy_buf_char(out, c);
    }
    if (s->len > 0) {
        s->ptr++;
        s->len--;
    }
}

static bool is_of_number(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static struct gy_str take_number(struct gy_str *s)
{
    struct gy_str number = {s->ptr, 0};
    while (s->len > 0 && is_of_number(s->ptr[0])) {
        number.len++;
        s->ptr++;
        s->len--;
    }
    return number;
}

static struct gy_str normal(const struct gy_buf *text, struct gy_arena *arena)
{
    struct gy_str word = gy_buf_view(text);
    return gy_text_is_utf8(word) ? gy_text_nfc(word, arena) : word;
}

bool gy_json_any_word(struct gy_str json, bool (*is_it)(void *context, struct gy_str word),
                      void *context)
{
    struct gy_buf text = {0};
    struct gy_arena arena = {0};
    bool found = false;
    while (json.len > 0 && !found) {
        char c = json.ptr[0];
        if (is_of_number(c)) {
            found = is_it(context, take_number(&json));
            continue;
        }
        json.ptr++;
        json.len--;
        if (c != '"')
            continue;
        take_string(&json, &text);
        gy_arena_reset(&arena);
        found = is_it(context, normal(&text, &arena));
    }
    gy_buf_release(&text);
    gy_arena_release(&arena);
    return found;
}
