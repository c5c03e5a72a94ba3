/* test_throttle.c - free tries, then waits that double, up to fifteen minutes; one's own only. */
#include "harness.h"

#include "server/throttle.h"

#define T    INT64_C(1700000000000)
#define HOUR INT64_C(3600000)

static void test_waits_double(void **state)
{
    (void)state;
    static const int64_t seconds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900};
    struct gy_throttle *t = gy_throttle_new(3);
    int64_t now = T;
    for (int i = 0; i < 4; i++) { /* three are free, and the fourth is not forbidden yet */
        assert_int_equal(gy_throttle_try(t, GY_STR("kim"), now), 0);
    }
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        assert_int_equal(gy_throttle_try(t, GY_STR("kim"), now), seconds[i] * 1000);
        assert_int_equal(gy_throttle_try(t, GY_STR("kim"), now + 400), seconds[i] * 1000 - 400);
        now += seconds[i] * 1000;
        assert_int_equal(gy_throttle_try(t, GY_STR("kim"), now), 0);
    }
    assert_int_equal(gy_throttle_try(t, GY_STR("lee"), now), 0);
    assert_true(gy_throttle_try(t, GY_STR("kim"), now + 899999) > 0);
    assert_int_equal(gy_throttle_try(t, GY_STR("kim"), now + HOUR), 0); /* and all are free again */
    assert_int_equal(gy_throttle_try(t, GY_STR("kim"), now + HOUR), 0);
    gy_throttle_free(t);
}

static void test_success(void **state)
{
    (void)state;
    struct gy_throttle *t = gy_throttle_new(1);
    assert_int_equal(gy_throttle_try(t, GY_STR("kim"), T), 0);
    assert_int_equal(gy_throttle_try(t, GY_STR("kim"), T), 0);
    gy_throttle_undo(t, GY_STR("kim"));
    assert_int_equal(gy_throttle_try(t, GY_STR("kim"), T), 0); /* the second once more */
    assert_true(gy_throttle_try(t, GY_STR("kim"), T) > 0);
    gy_throttle_forget(t, GY_STR("kim"));
    assert_int_equal(gy_throttle_try(t, GY_STR("kim"), T), 0);
    assert_int_equal(gy_throttle_try(t, GY_STR("kim"), T), 0);
    assert_true(gy_throttle_try(t, GY_STR("kim"), T) > 0);
    gy_throttle_forget(t, GY_STR("nobody"));
    gy_throttle_undo(t, GY_STR("nobody"));
    gy_throttle_free(t);
}

/* However many others try, one who keeps trying is not forgotten. */
static void test_many_others(void **state)
{
    (void)state;
    char name[16];
    struct gy_throttle *t = gy_throttle_new(0);
    int64_t now = T;
    int64_t waits = 0;
    for (int i = 0; i < 100000; i++) {
        snprintf(name, sizeof name, "other%d", i);
        assert_int_equal(gy_throttle_try(t, gy_str_of(name), now), 0);
        if (i % 100 == 0) {
            waits += gy_throttle_try(t, GY_STR("kim"), now) > 0;
            now += 10;
        }
    }
    /* ten seconds: tries at 0, 1, 3 and 7 s are let through, and a few more where others took the place */
    assert_true(waits >= 900);
    gy_throttle_free(t);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_waits_double),
    cmocka_unit_test(test_success),
    cmocka_unit_test(test_many_others),
};

GY_TEST_MAIN(cases)
