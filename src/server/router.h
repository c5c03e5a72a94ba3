/* router.h - which route a request takes: a table, searched.
 *
 * A path is compared piece by piece, as it was sent (not decoded, so that a piece may have a "/" in it as %2F);
 * the piece "*" of a route stands for any one that is not empty, and one "/" at the end does not matter. There
 * are a few dozen routes, so they are looked through one after the other. It knows nothing of how requests come.
 */
#ifndef GY_SERVER_ROUTER_H
#define GY_SERVER_ROUTER_H

#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"

enum gy_method {
    GY_METHOD_GET = 1, /* HEAD too */
    GY_METHOD_POST = 2,
    GY_METHOD_OPTIONS = 4,
    GY_METHOD_PUT = 8,
    GY_METHOD_PATCH = 16,
    GY_METHOD_DELETE = 32,
    GY_METHOD_OTHER = 64,
};

enum {
    GY_ROUTE_STARS = 3 /* of one path, at most */
};

struct gy_exchange; /* http.h */

struct gy_route {
    unsigned methods; /* of enum gy_method */
    const char *path; /* "/v1/projects/ * /settings", without blanks */
    size_t body_max;  /* bytes; 0: no body */
    void (*handle)(void *context, struct gy_exchange *exchange);
    int kind; /* for handlers that several routes share */
};

enum gy_method gy_method_of(struct gy_str name);

/* The route, or NULL; `*methods` then are those that the path has, 0 if it has none. `pieces` are what stands at
 * the route's stars, views of `path`; empty behind the last. */
const struct gy_route *gy_route_find(const struct gy_route *routes, size_t n, enum gy_method method,
                                     struct gy_str path, struct gy_str pieces[GY_ROUTE_STARS],
                                     unsigned *methods);

/* Puts the names of methods, "GET, HEAD, POST". */
void gy_methods_put(unsigned methods, struct gy_buf *out);

#endif
