/* router.h - which route a request takes: a table, searched.
 *
 * A path is compared piece by piece; the piece "*" of a route stands for any one that is not empty, and one
 * "/" at the end does not matter. There are a few dozen routes, so they are looked through one after the
 * other. It knows nothing of how requests come.
 */
#ifndef GY_SERVER_ROUTER_H
#define GY_SERVER_ROUTER_H

#include <stddef.h>

#include "base/str.h"

enum gy_method {
    GY_METHOD_GET = 1, /* HEAD too */
    GY_METHOD_POST = 2,
    GY_METHOD_OPTIONS = 4,
    GY_METHOD_OTHER = 8,
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

/* The route, or NULL; `*methods` then are those that the path has, 0 if it has none. `*piece` is what stands at
 * the route's star, a view of `path`. */
const struct gy_route *gy_route_find(const struct gy_route *routes, size_t n, enum gy_method method,
                                     struct gy_str path, struct gy_str *piece, unsigned *methods);

#endif
