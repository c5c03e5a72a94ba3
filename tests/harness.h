/* harness.h - what every test program includes: cmocka, and a few lines on top.
 *
 * A program lists its cases and ends with GY_TEST_MAIN(cases); its first argument, if any, is a
 * pattern of the cases to run (`test_zone "gap*"`). A case that uses chance draws from gy_test_seed,
 * which prints SEED=n; the same run again is `SEED=n test_zone`.
 */
#ifndef GY_TESTS_HARNESS_H
#define GY_TESTS_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/status.h"

#define GY_TEST_MAIN(cases)                               \
    int main(int argc, char **argv)                       \
    {                                                     \
        if (argc > 1) {                                   \
            cmocka_set_test_filter(argv[1]);              \
        }                                                 \
        return cmocka_run_group_tests(cases, NULL, NULL); \
    }

/* Fails with the error's own words. */
#define assert_ok(expression, err)                                           \
    do {                                                                     \
        if ((expression) != GY_OK) {                                         \
            fail_msg("%s: %s %s", #expression, (err)->message, (err)->hint); \
        }                                                                    \
    } while (0)

/* The seed of this run: the environment's SEED, else the time. */
static inline uint64_t gy_test_seed(void)
{
    const char *given = getenv("SEED");
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10)
                                  : (uint64_t)now.tv_sec * 1000003 + (uint64_t)now.tv_nsec;
    printf("SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

/* splitmix64: the next 64 random bits of `state`. */
static inline uint64_t gy_test_random(uint64_t *state)
{
    *state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* A random number below `n`, which is not 0. */
static inline uint64_t gy_test_below(uint64_t *state, uint64_t n)
{
    return gy_test_random(state) % n;
}

#endif
