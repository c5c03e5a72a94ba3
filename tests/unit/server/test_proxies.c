/* test_proxies.c - who is believed, and who asks: worked by hand. */
#include "harness.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "server/proxies.h"

static struct sockaddr_storage peer_of(const char *text)
{
    struct sockaddr_storage out = {0};
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        memcpy(&out, &v4, sizeof v4);
    } else {
        assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
        memcpy(&out, &v6, sizeof v6);
    }
    return out;
}

static bool believes(const char *networks, const char *peer)
{
    struct gy_error err = {0};
    struct gy_proxies proxies = {0};
    struct sockaddr_storage address = peer_of(peer);
    if (networks[0] != '\0') {
        assert_ok(gy_proxies_read(networks, &proxies, &err), &err);
    }
    return gy_proxies_believe(&proxies, (const struct sockaddr *)&address);
}

static void test_who_is_believed(void **state)
{
    (void)state;
    assert_true(believes("", "127.0.0.1"));
    assert_true(believes("", "127.9.9.9"));
    assert_true(believes("", "::1"));
    assert_true(believes("", "::ffff:127.0.0.1"));
    assert_false(believes("", "10.0.0.2"));
    assert_false(believes("", "::2"));
    assert_true(believes("10.0.0.2", "10.0.0.2"));
    assert_true(believes("10.0.0.2", "::ffff:10.0.0.2")); /* to a socket of version 6 */
    assert_false(believes("10.0.0.2", "10.0.0.3"));
    assert_true(believes("10.0.0.2", "127.0.0.1"));
    assert_true(believes("192.0.2.1, 172.16.0.0/12", "172.31.255.255"));
    assert_false(believes("192.0.2.1, 172.16.0.0/12", "172.32.0.0"));
    assert_true(believes("10.0.0.128/25", "10.0.0.129"));
    assert_false(believes("10.0.0.128/25", "10.0.0.127"));
    assert_true(believes("fd00::/8", "fdff::1"));
    assert_false(believes("fd00::/8", "fe00::1"));
    assert_false(believes("fd00::/8", "10.0.0.1"));
    assert_true(believes("0.0.0.0/0", "198.51.100.7"));
    assert_false(believes("0.0.0.0/0", "2001:db8::1"));
    assert_true(believes("::/0", "2001:db8::1"));
}

static void test_what_are_no_networks(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",           "proxy",      "10.0.0",      "10.0.0.2/", "10.0.0.2/33",      "10.0.0.2/-1",
        "fd00::/129", "10.0.0.2,,", "10.0.0.2/8x", ",10.0.0.2", "10.0.0.2 10.0.0.3"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct gy_error err = {0};
        struct gy_proxies proxies;
        assert_int_equal(gy_proxies_read(wrong[i], &proxies, &err), GY_INVALID);
        assert_non_null(strstr(err.hint, "172.16.0.0/12"));
    }
    struct gy_error err = {0};
    struct gy_proxies proxies;
    assert_int_equal(gy_proxies_read("1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,"
                                     "1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,"
                                     "1.1.1.1,1.1.1.1,1.1.1.1",
                                     &proxies, &err),
                     GY_LIMIT);
}

static void expect_client(const char *networks, const char *peer, const char *forwarded_for,
                          const char *expected)
{
    struct gy_error err = {0};
    struct gy_proxies proxies = {0};
    char out[GY_CLIENT_ADDRESS_SIZE];
    struct sockaddr_storage address = peer_of(peer);
    if (networks[0] != '\0') {
        assert_ok(gy_proxies_read(networks, &proxies, &err), &err);
    }
    gy_proxies_client(&proxies, (const struct sockaddr *)&address, gy_str_of(forwarded_for), out);
    assert_string_equal(out, expected);
}

static void test_who_asks(void **state)
{
    (void)state;
    expect_client("", "127.0.0.1", "", "127.0.0.1");
    expect_client("", "::1", "", "::1");
    expect_client("", "::ffff:10.0.0.9", "", "10.0.0.9");
    expect_client("", "127.0.0.1", "198.51.100.7", "198.51.100.7");
    expect_client("", "127.0.0.1", "2001:db8::7", "2001:db8::7");
    expect_client("", "10.0.0.2", "198.51.100.7", "10.0.0.2"); /* not believed */
    expect_client("10.0.0.0/8", "10.0.0.2", "6.6.6.6, 198.51.100.7, 10.0.0.1", "198.51.100.7");
    expect_client("10.0.0.2", "10.0.0.2", "6.6.6.6, 198.51.100.7, 10.0.0.1", "10.0.0.1");
    expect_client("10.0.0.0/8", "10.0.0.2", "10.0.0.3,10.0.0.4", "10.0.0.3");
    expect_client("", "127.0.0.1", "198.51.100.7, unknown", "127.0.0.1");
    expect_client("", "127.0.0.1", "198.51.100.7,", "127.0.0.1");
    expect_client("", "127.0.0.1", ",,,", "127.0.0.1");
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_who_is_believed),
    cmocka_unit_test(test_what_are_no_networks),
    cmocka_unit_test(test_who_asks),
};

GY_TEST_MAIN(cases)
