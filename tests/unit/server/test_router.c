/* test_router.c - a path leads to its route, whatever the method; nothing else does. */
#include "harness.h"

#include "server/router.h"

static const struct gy_route routes[] = {
    {GY_METHOD_POST, "/v1/track", 0, NULL, 1},
    {GY_METHOD_OPTIONS, "/v1/track", 0, NULL, 2},
    {GY_METHOD_GET, "/v1/projects/*/settings", 0, NULL, 3},
    {GY_METHOD_GET, "/", 0, NULL, 4},
};

static int find(const char *method, const char *path, struct gy_str *piece, unsigned *methods)
{
    const struct gy_route *route =
        gy_route_find(routes, sizeof routes / sizeof *routes, gy_method_of(gy_str_of(method)),
                      gy_str_of(path), piece, methods);
    return route == NULL ? 0 : route->kind;
}

static void paths(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        const char *path;
        int kind;
        unsigned methods;
    } cases[] = {
        {"POST", "/v1/track", 1, 0},
        {"POST", "/v1/track/", 1, 0},
        {"OPTIONS", "/v1/track", 2, 1 << 1},
        {"GET", "/v1/track", 0, GY_METHOD_POST | GY_METHOD_OPTIONS},
        {"BREW", "/v1/track", 0, GY_METHOD_POST | GY_METHOD_OPTIONS},
        {"post", "/v1/track", 0, GY_METHOD_POST | GY_METHOD_OPTIONS},
        {"POST", "/v1/tracks", 0, 0},
        {"POST", "/v1/trac", 0, 0},
        {"POST", "/v1/track//", 0, 0},
        {"POST", "/v1//track", 0, 0},
        {"POST", "v1/track", 0, 0},
        {"POST", "/v1/track/x", 0, 0},
        {"HEAD", "/v1/projects/k/settings", 3, 0},
        {"GET", "/v1/projects//settings", 0, 0},
        {"GET", "/v1/projects/a/b/settings", 0, 0},
        {"GET", "/", 4, 0},
        {"GET", "", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gy_str piece;
        unsigned methods;
        int kind = find(cases[i].method, cases[i].path, &piece, &methods);
        if (kind != cases[i].kind || (kind == 0 && methods != cases[i].methods)) {
            fail_msg("%s %s: route %d, methods %u", cases[i].method, cases[i].path, kind, methods);
        }
    }
}

static void the_piece_at_the_star(void **state)
{
    (void)state;
    struct gy_str piece;
    unsigned methods;
    assert_int_equal(find("GET", "/v1/projects/*key*/settings", &piece, &methods), 3);
    assert_true(gy_str_equal(piece, GY_STR("*key*")));
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(paths),
    cmocka_unit_test(the_piece_at_the_star),
};

GY_TEST_MAIN(cases)
