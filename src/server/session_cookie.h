/* session_cookie.h - how a browser shows its session: a cookie that scripts cannot read and that no other site can send,
 * and beside it, in a header, a token that only a page of ours can know.
 *
 *     Set-Cookie: __Host-gyeol=gys_…; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=…
 *     X-CSRF-Token: 5d2c…              derived from the session's secret, so nothing more is stored
 *
 * Over plain HTTP (which only this machine hears) browsers take neither Secure nor "__Host-", and the name is "gyeol".
 */
#ifndef GY_SERVER_SESSION_COOKIE_H
#define GY_SERVER_SESSION_COOKIE_H

#include "base/secret.h"
#include "base/str.h"

enum {
    GY_CSRF_SIZE = 65,            /* with the NUL */
    GY_SESSION_COOKIE_SIZE = 200, /* likewise */
};

/* The session's secret in a Cookie header, a view of it; empty: none. */
struct gy_str gy_session_cookie_find(struct gy_str header, bool is_secure);

/* What Set-Cookie says. An empty secret ends the cookie. */
void gy_session_cookie_put(const char *secret, bool is_secure, long max_age_seconds,
                           char out[GY_SESSION_COOKIE_SIZE]);

/* The token of a session. */
void gy_csrf_token(struct gy_str secret, char out[GY_CSRF_SIZE]);
bool gy_csrf_token_is(struct gy_str secret, struct gy_str token); /* in constant time */

#endif
