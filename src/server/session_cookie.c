/* session_cookie.c - see session_cookie.h. */
#include "server/session_cookie.h"

#include <sodium.h>
#include <stdio.h>

#include "base/hash.h"

static const char *name_of(bool is_secure)
{
    return is_secure ? "__Host-gyeol" : "gyeol";
}

static struct gy_str trim(struct gy_str s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t')) {
        s = (struct gy_str){s.ptr + 1, s.len - 1};
    }
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t')) {
        s.len--;
    }
    return s;
}

struct gy_str gy_session_cookie_find(struct gy_str header, bool is_secure)
{
    struct gy_str name = gy_str_of(name_of(is_secure));
    while (header.len > 0) {
        const char *end = memchr(header.ptr, ';', header.len);
        size_t len = end == NULL ? header.len : (size_t)(end - header.ptr);
        struct gy_str pair = trim((struct gy_str){header.ptr, len});
        if (gy_str_starts_with(pair, name) && pair.len > name.len && pair.ptr[name.len] == '=') {
            return (struct gy_str){pair.ptr + name.len + 1, pair.len - name.len - 1};
        }
        len += end != NULL;
        header = (struct gy_str){header.ptr + len, header.len - len};
    }
    return (struct gy_str){"", 0};
}

void gy_session_cookie_put(const char *secret, bool is_secure, long max_age_seconds,
                           char out[GY_SESSION_COOKIE_SIZE])
{
    bool ends = secret[0] == '\0';
    snprintf(out, GY_SESSION_COOKIE_SIZE, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s; Max-Age=%ld",
             name_of(is_secure), secret, is_secure ? "; Secure" : "", ends ? 0 : max_age_seconds);
}

/* Of the secret with something before it: so it tells neither the secret nor the hash that is stored. */
void gy_csrf_token(struct gy_str secret, char out[GY_CSRF_SIZE])
{
    static const char before[] = "csrf of ";
    uint8_t hash[32];
    char text[sizeof before + GY_SECRET_SIZE];
    int len = snprintf(text, sizeof text, "%s%.*s", before, GY_STR_ARG(secret));
    size_t kept = len < 0 ? 0 : (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    gy_hash_secret((struct gy_str){text, kept}, hash);
    sodium_bin2hex(out, GY_CSRF_SIZE, hash, sizeof hash);
}

bool gy_csrf_token_is(struct gy_str secret, struct gy_str token)
{
    char expected[GY_CSRF_SIZE];
    gy_csrf_token(secret, expected);
    return token.len == GY_CSRF_SIZE - 1 && sodium_memcmp(token.ptr, expected, token.len) == 0;
}
