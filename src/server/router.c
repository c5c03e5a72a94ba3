/* router.c - see router.h. */
#include "server/router.h"

#include <string.h>

#include "base/status.h"

static const struct {
    enum gy_method method;
    const char *name;
} methods_by_name[] = {
    {GY_METHOD_GET, "GET"},         {GY_METHOD_GET, "HEAD"},    {GY_METHOD_POST, "POST"},
    {GY_METHOD_PUT, "PUT"},         {GY_METHOD_PATCH, "PATCH"}, {GY_METHOD_DELETE, "DELETE"},
    {GY_METHOD_OPTIONS, "OPTIONS"},
};

enum {
    N_NAMES = sizeof methods_by_name / sizeof *methods_by_name
};

enum gy_method gy_method_of(struct gy_str name)
{
    for (size_t i = 0; i < N_NAMES; i++) {
        if (gy_str_equal(name, gy_str_of(methods_by_name[i].name))) {
            return methods_by_name[i].method;
        }
    }
    return GY_METHOD_OTHER;
}

void gy_methods_put(unsigned methods, struct gy_buf *out)
{
    const char *before = "";
    for (size_t i = 0; i < N_NAMES; i++) {
        if ((methods & methods_by_name[i].method) != 0) {
            gy_buf_text(out, before);
            gy_buf_text(out, methods_by_name[i].name);
            before = ", ";
        }
    }
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

static bool matches(struct gy_str pattern, struct gy_str path, struct gy_str pieces[GY_ROUTE_STARS])
{
    size_t n = 0;
    memset(pieces, 0, GY_ROUTE_STARS * sizeof *pieces);
    while (pattern.len > 0 && path.len > 0) {
        struct gy_str want = next_piece(&pattern);
        struct gy_str have = next_piece(&path);
        if (gy_str_equal(want, GY_STR("*")) && have.len > 0) {
            GY_ASSERT(n < GY_ROUTE_STARS);
            pieces[n++] = have;
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
                                     struct gy_str path, struct gy_str pieces[GY_ROUTE_STARS],
                                     unsigned *methods)
{
    *methods = 0;
    memset(pieces, 0, GY_ROUTE_STARS * sizeof *pieces);
    path.len -= ends_with_slash(path);
    for (size_t i = 0; i < n; i++) {
        if (ends_with_slash(path) || !matches(gy_str_of(routes[i].path), path, pieces)) {
            continue;
        }
        if ((routes[i].methods & (unsigned)method) != 0) {
            return &routes[i];
        }
        *methods |= routes[i].methods;
    }
    return NULL;
}
