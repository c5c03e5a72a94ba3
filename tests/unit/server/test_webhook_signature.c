/* test_webhook_signature.c - the test vectors of RFC 4231 for HMAC-SHA-256, and the header made of it. */
#include "harness.h"

#include <string.h>

#include "server/webhook_signature.h"

static void expect(struct gy_str key, struct gy_str data, const char *mac)
{
    char out[GY_HMAC_HEX + 1];
    for (size_t cut = 0; cut <= data.len; cut++) { /* in two texts, wherever one ends */
        struct gy_str first = {data.ptr, cut};
        struct gy_str second = {data.ptr + cut, data.len - cut};
        gy_hmac_sha256(key, first, second, out);
        assert_string_equal(out, mac);
    }
}

static void rfc_4231(void **state)
{
    (void)state;
    char key[131];
    char data[50];
    memset(key, 0x0b, 20); /* test case 1 */
    expect((struct gy_str){key, 20}, GY_STR("Hi There"),
           "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    expect(GY_STR("Jefe"), GY_STR("what do ya want for nothing?"), /* 2 */
           "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    memset(data, 0xdd, sizeof data);
    expect((struct gy_str){key, 20}, (struct gy_str){data, 50}, /* 3 */
           "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    expect((struct gy_str){key, 131}, /* 6: a key longer than a block */
           GY_STR("Test Using Larger Than Block-Size Key - Hash Key First"),
           "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* The MAC of "1735786800.{}" under "whsec", by another implementation (OpenSSL's). */
static void the_header(void **state)
{
    (void)state;
    struct gy_buf out = {0};
    gy_webhook_sign(GY_STR("whsec"), 1735786800999, GY_STR("{}"), &out);
    assert_string_equal(
        out.ptr,
        "t=1735786800,v1=c0585839ca30abc79d4cc35f10effd8b1eccd69993c5fcb71ce3dc01ba19cfab");
    gy_buf_release(&out);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(rfc_4231),
    cmocka_unit_test(the_header),
};

GY_TEST_MAIN(cases)
