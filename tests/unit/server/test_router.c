/* test_router.c - a path leads to its route, whatever the method; nothing else does. */
#include "harness.h"

#include "server/router.h"

static const struct gy_route routes[] = {
    {GY_METHOD_POST, "/v1/track", 0, NULL, 1},
    {GY_METHOD_OPTIONS, "/v1/track", 0, NULL, 2},
    {GY_METHOD_GET, "/v1/projects/*/settings", 0, NULL, 3},
    {GY_METHOD_GET, "/", 0, NULL, 4},
    {GY_METHOD_GET, "/api/segments/*", 0, NULL, 5},
    {GY_METHOD_PUT, "/api/segments/*", 0, NULL, 6},
    {GY_METHOD_GET, "/api/customers/*/segments/*", 0, NULL, 7},
};

static int find(const char *method, const char *path, struct gy_str pieces[GY_ROUTE_STARS],
                unsigned *methods)
{
    const struct gy_route *route =
        gy_route_find(routes, sizeof routes / sizeof *routes, gy_method_of(gy_str_of(method)),
                      gy_str_of(path), pieces, methods);
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
        {"GET", "/api/segments/a%2Fb", 5, 0},
        {"PUT", "/api/segments/a", 6, 0},
        {"DELETE", "/api/segments/a", 0, GY_METHOD_GET | GY_METHOD_PUT},
        {"GET", "/api/customers/1/segments/vip", 7, 0},
        {"GET", "/api/customers//segments/vip", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gy_str pieces[GY_ROUTE_STARS];
        unsigned methods;
        int kind = find(cases[i].method, cases[i].path, pieces, &methods);
        if (kind != cases[i].kind || (kind == 0 && methods != cases[i].methods)) {
            fail_msg("%s %s: route %d, methods %u", cases[i].method, cases[i].path, kind, methods);
        }
    }
}

static void the_pieces_at_the_stars(void **state)
{
    (void)state;
    struct gy_str pieces[GY_ROUTE_STARS];
    unsigned methods;
    assert_int_equal(find("GET", "/v1/projects/*key*/settings", pieces, &methods), 3);
    assert_true(gy_str_equal(pieces[0], GY_STR("*key*")));
    assert_int_equal(pieces[1].len, 0);
    assert_int_equal(find("GET", "/api/customers/c%2F1/segments/vip", pieces, &methods), 7);
    assert_true(gy_str_equal(pieces[0], GY_STR("c%2F1")));
    assert_true(gy_str_equal(pieces[1], GY_STR("vip")));
}

static void names_of_methods(void **state)
{
    (void)state;
    struct gy_buf text = {0};
    gy_methods_put(GY_METHOD_DELETE | GY_METHOD_GET | GY_METHOD_OPTIONS, &text);
    assert_string_equal(text.ptr, "GET, HEAD, DELETE, OPTIONS");
    gy_buf_release(&text);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(paths),
    cmocka_unit_test(the_pieces_at_the_stars),
    cmocka_unit_test(names_of_methods),
};

GY_TEST_MAIN(cases)
