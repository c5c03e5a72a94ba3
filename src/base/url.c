/* url.c - see url.h. */
#include "base/url.h"

#include "base/text.h"

/* ---- pieces ---- */

static struct gy_str from(struct gy_str s, size_t at)
{
    return (struct gy_str){s.ptr + at, s.len - at};
}

/* The place of the first of the two characters, or the length. */
static size_t find_either(struct gy_str s, char a, char b)
{
    size_t at = 0;
    if (a == b) {
        const char *found = s.len == 0 ? NULL : memchr(s.ptr, a, s.len);
        return found == NULL ? s.len : (size_t)(found - s.ptr);
    }
    while (at < s.len && s.ptr[at] != a && s.ptr[at] != b) {
        at++;
    }
    return at;
}

static bool is_scheme_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.';
}

/* How long "https://" at the beginning is; 0: it is not there. */
static size_t scheme_length(struct gy_str text)
{
    size_t at = 0;
    while (at < text.len && is_scheme_character(text.ptr[at])) {
        at++;
    }
    return at > 0 && gy_str_starts_with(from(text, at), GY_STR("://")) ? at + 3 : 0;
}

static bool is_port(struct gy_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9') {
            return false;
        }
    }
    return true;
}

/* Of "user@host:port" the host. */
static struct gy_str host_of(struct gy_str authority)
{
    for (size_t at = authority.len; at > 0; at--) {
        if (authority.ptr[at - 1] == '@') {
            authority = from(authority, at);
            break;
        }
    }
    for (size_t at = authority.len; at > 0; at--) {
        if (authority.ptr[at - 1] == ':' && is_port(from(authority, at))) {
            authority.len = at - 1;
            break;
        }
    }
    if (authority.len > 0 && authority.ptr[authority.len - 1] == '.') {
        authority.len--;
    }
    return authority;
}

struct gy_url gy_url_split(struct gy_str text)
{
    struct gy_url url = {GY_STR(""), GY_STR(""), GY_STR("")};
    size_t scheme = scheme_length(text);
    text.len = find_either(text, '#', '#');
    if (scheme > text.len) {
        return url;
    }
    size_t query = find_either(text, '?', '?');
    if (query < text.len) {
        url.query = from(text, query + 1);
        text.len = query;
    }
    if (scheme > 0 && scheme <= text.len) {
        text = from(text, scheme);
        size_t end = find_either(text, '/', '\\');
        url.host = host_of((struct gy_str){text.ptr, end});
        text = from(text, end);
    }
    if (text.len > 0 && text.ptr[0] == '/') {
        url.path = text;
    }
    return url;
}

/* ---- parameters ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* `s` itself where there is nothing to decode, or where that gives no text. */
static struct gy_str decode(struct gy_str s, struct gy_arena *arena)
{
    if (find_either(s, '%', '+') == s.len) {
        return gy_text_nfc(s, arena);
    }
    char *out = gy_arena_alloc(arena, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        bool is_escape = s.ptr[i] == '%' && i + 2 < s.len && hex_digit(s.ptr[i + 1]) >= 0 &&
                         hex_digit(s.ptr[i + 2]) >= 0;
        if (is_escape) {
            out[n++] = (char)(hex_digit(s.ptr[i + 1]) * 16 + hex_digit(s.ptr[i + 2]));
            i += 2;
        } else {
            out[n++] = s.ptr[i] == '+' ? ' ' : s.ptr[i];
        }
    }
    struct gy_str decoded = {out, n};
    return gy_text_nfc(gy_text_is_utf8(decoded) ? decoded : s, arena);
}

struct gy_str gy_url_parameter(struct gy_str query, struct gy_str name, struct gy_arena *arena)
{
    while (query.len > 0) {
        struct gy_str pair = {query.ptr, find_either(query, '&', ';')};
        query = from(query, pair.len < query.len ? pair.len + 1 : pair.len);
        if (gy_str_starts_with(pair, name) && pair.len > name.len + 1 &&
            pair.ptr[name.len] == '=') {
            return decode(from(pair, name.len + 1), arena);
        }
    }
    return GY_STR("");
}

struct gy_str gy_url_site(struct gy_str host, struct gy_arena *arena)
{
    char *out = gy_arena_alloc(arena, host.len + 1);
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    struct gy_str site = {out, host.len};
    return gy_str_starts_with(site, GY_STR("www.")) ? from(site, 4) : site;
}
