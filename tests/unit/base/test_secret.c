/* test_secret.c - secrets are of letters and digits, all of which come, and none comes twice. */
#include "harness.h"

#include <string.h>

#include "base/secret.h"

static void test_secrets(void **state)
{
    (void)state;
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    enum {
        N = 500
    };
    static char made[N][GY_SECRET_SIZE];
    size_t seen[128] = {0};
    for (size_t i = 0; i < N; i++) {
        gy_secret_make(GY_SECRET_TOKEN, made[i]);
        assert_int_equal(strlen(made[i]), 36);
        assert_memory_equal(made[i], "gyt_", 4);
        assert_int_equal(strspn(made[i] + 4, letters), 32);
        for (size_t k = 4; k < 36; k++) {
            seen[(unsigned char)made[i][k]]++;
        }
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(made[i], made[k]);
        }
    }
    /* 258 of each are expected, with a deviation of 16: ten deviations are no chance */
    for (size_t i = 0; letters[i] != '\0'; i++) {
        assert_in_range(seen[(unsigned char)letters[i]], 100, 420);
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_secrets),
};

GY_TEST_MAIN(cases)
