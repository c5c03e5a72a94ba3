/* url.h - addresses of web pages: their pieces, and the parameters of their queries.
 *
 * What browsers and people send is read as it comes, without a word about what is wrong with it: a text
 * that is no address has no host, and a parameter that is not there is empty.
 */
#ifndef GY_BASE_URL_H
#define GY_BASE_URL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* Views of the text; what is not there is empty. */
struct gy_url {
    struct gy_str host;  /* as written, without user, port and the dot at its end */
    struct gy_str path;  /* from its "/" on */
    struct gy_str query; /* behind the "?" */
};

/* "https://user@www.shop.example:8080/a?b=c#d", or an address without a host: "/a?b=c". */
struct gy_url gy_url_split(struct gy_str text);

/* The first parameter of that name that is not empty; percent signs and plus signs are decoded (where that
 * gives well-formed UTF-8), in NFC. Allocated in `arena`, or a view of the query. */
struct gy_str gy_url_parameter(struct gy_str query, struct gy_str name, struct gy_arena *arena);

/* The host in small letters, without a "www." before it; allocated in `arena`. */
struct gy_str gy_url_site(struct gy_str host, struct gy_arena *arena);

#endif
