/* test_url.c - addresses as browsers and people write them. */
#include "harness.h"

#include "base/url.h"

static void expect_split(const char *text, const char *host, const char *path, const char *query)
{
    struct gy_url url = gy_url_split(gy_str_of(text));
    if (!gy_str_equal(url.host, gy_str_of(host)) || !gy_str_equal(url.path, gy_str_of(path)) ||
        !gy_str_equal(url.query, gy_str_of(query)))
        fail_msg("%s: host \"%.*s\" path \"%.*s\" query \"%.*s\"", text, GY_STR_ARG(url.host),
                 GY_STR_ARG(url.path), GY_STR_ARG(url.query));
}

static void pieces(void **state)
{
    (void)state;
    expect_split("https://www.shop.example/a/b?c=d&e#f?g", "www.shop.example", "/a/b", "c=d&e");
    expect_split("https://user:word@Shop.example.:8080/", "Shop.example", "/", "");
    expect_split("https://shop.example", "shop.example", "", "");
    expect_split("https://shop.example?a=b", "shop.example", "", "a=b");
    expect_split("https://[::1]:80/a", "[::1]", "/a", "");
    expect_split("android-app://com.google.android.gm/x", "com.google.android.gm", "/x", "");
    expect_split("/a?b=https://c/d", "", "/a", "b=https://c/d");
    expect_split("?b", "", "", "b");
    expect_split("#https://a/b", "", "", "");
    expect_split("no address", "", "", "");
    expect_split("://a/b", "", "", "");
    expect_split("", "", "", "");
}

static void expect_parameter(const char *query, const char *name, const char *value)
{
    struct gy_arena arena = {0};
    struct gy_str found = gy_url_parameter(gy_str_of(query), gy_str_of(name), &arena);
    if (!gy_str_equal(found, gy_str_of(value)))
        fail_msg("%s of %s: \"%.*s\"", name, query, GY_STR_ARG(found));
    gy_arena_release(&arena);
}

static void parameters(void **state)
{
    (void)state;
    expect_parameter("a=1&b=2;c=3", "a", "1");
    expect_parameter("a=1&b=2;c=3", "b", "2");
    expect_parameter("a=1&b=2;c=3", "c", "3");
    expect_parameter("ab=1&a=2", "a", "2");
    expect_parameter("a=&a=2&a=3", "a", "2");
    expect_parameter("a&A=1&=2&a", "a", "");
    expect_parameter("a=x=y", "a", "x=y");
    expect_parameter("", "a", "");
    expect_parameter("q=a+b%20c%2B", "q", "a b c+");
    expect_parameter("q=%EC%8b%a0%EB%B0%9C", "q", "신발");
    /* the letters of 가 (NFD) become one character */
    expect_parameter("q=%e1%84%80%e1%85%a1", "q", "가");
    /* what does not decode to text stays as it came; CP949 is not guessed */
    expect_parameter("q=%bd%c5", "q", "%bd%c5");
    expect_parameter("q=100%", "q", "100%");
    expect_parameter("q=%4", "q", "%4");
    expect_parameter("q=%zz%41", "q", "%zzA");
}

static void sites(void **state)
{
    (void)state;
    struct gy_arena arena = {0};
    assert_true(
        gy_str_equal(gy_url_site(GY_STR("WWW.Shop.Example"), &arena), GY_STR("shop.example")));
    assert_true(gy_str_equal(gy_url_site(GY_STR("www2.a"), &arena), GY_STR("www2.a")));
    assert_true(gy_str_equal(gy_url_site(GY_STR(""), &arena), GY_STR("")));
    gy_arena_release(&arena);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(pieces),
    cmocka_unit_test(parameters),
    cmocka_unit_test(sites),
};

GY_TEST_MAIN(cases)
