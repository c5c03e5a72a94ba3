/* router.c - see router.h. */
#include "server/router.h"

enum gy_method gy_method_of(struct gy_str name)
{
    if (gy_str_equal(name, GY_STR("GET")) || gy_str_equal(name, GY_STR("HEAD"))) {
        return GY_METHOD_GET;
    }
    if (gy_str_equal(name, GY_STR("POST"))) {
        return GY_METHOD_POST;
    }
    return gy_str_equal(name, GY_STR("OPTIONS")) ? GY_METHOD_OPTIONS : GY_METHOD_OTHER;
}

/* Takes the front up to the next "/" off `rest`. */
static struct gy_str next_piece(struct gy_str *rest)
{
    const char *slash = rest->len == 0 ? NULL : memchr(rest->ptr, '/', rest->len);
    struct gy_str piece = {rest->ptr, slash == NULL ? rest->len : (size_t)(slash - rest->ptr)};
    size_t taken = slash == NULL ? rest->len : piece.len + 1;
    *rest = (struct gy_str){rest->ptr + taken, rest->len - taken};
    return piece;
}

static bool matches(struct gy_str pattern, struct gy_str path, struct gy_str *piece)
{
    while (pattern.len > 0 && path.len > 0) {
        struct gy_str want = next_piece(&pattern);
        struct gy_str have = next_piece(&path);
        if (gy_str_equal(want, GY_STR("*")) && have.len > 0) {
            *piece = have;
        } else if (!gy_str_equal(want, have)) {
            return false;
        }
    }
    return pattern.len == 0 && path.len == 0;
}

static bool ends_with_slash(struct gy_str path)
{
    return path.len > 1 && path.ptr[path.len - 1] == '/';
}

const struct gy_route *gy_route_find(const struct gy_route *routes, size_t n, enum gy_method method,
                                     struct gy_str path, struct gy_str *piece, unsigned *methods)
{
    *methods = 0;
    *piece = (struct gy_str){0};
    path.len -= ends_with_slash(path);
    for (size_t i = 0; i < n; i++) {
        if (ends_with_slash(path) || !matches(gy_str_of(routes[i].path), path, piece)) {
            continue;
        }
        if ((routes[i].methods & (unsigned)method) != 0) {
            return &routes[i];
        }
        *methods |= routes[i].methods;
    }
    return NULL;
}
