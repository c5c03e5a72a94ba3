/* basic_auth.c - see basic_auth.h. */
#include "server/basic_auth.h"

#include <stdint.h>
#include <strings.h>

static int digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    return at == NULL ? -1 : (int)(at - digits);
}

/* Base64, with or without the padding; false for what is none. */
static bool decode(struct gy_str text, char *out, size_t *len)
{
    uint32_t bits = 0;
    int n_bits = 0;
    *len = 0;
    while (text.len > 0 && text.ptr[text.len - 1] == '=') {
        text.len--;
    }
    for (size_t i = 0; i < text.len; i++) {
        int digit = digit_of(text.ptr[i]);
        if (digit < 0) {
            return false;
        }
        bits = (bits << 6 | (uint32_t)digit) & 0xffffff;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            out[(*len)++] = (char)(bits >> n_bits & 0xff);
        }
    }
    return true;
}

struct gy_str gy_basic_user(struct gy_str header, struct gy_arena *arena)
{
    size_t len;
    struct gy_str none = {"", 0};
    if (header.len < 6 || strncasecmp(header.ptr, "Basic ", 6) != 0) {
        return none;
    }
    struct gy_str text = {header.ptr + 6, header.len - 6};
    while (text.len > 0 && text.ptr[0] == ' ') {
        text = (struct gy_str){text.ptr + 1, text.len - 1};
    }
    char *user = gy_arena_alloc(arena, text.len + 1);
    if (!decode(text, user, &len)) {
        return none;
    }
    const char *colon = memchr(user, ':', len);
    return (struct gy_str){user, colon == NULL ? len : (size_t)(colon - user)};
}
