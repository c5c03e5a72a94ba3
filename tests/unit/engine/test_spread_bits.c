/* test_spread_bits.c - spread bit by bit. */
#include "harness.h"

#include "engine/spread_bits.h"

enum {
    N = 61
};

static uint64_t one_by_one(uint64_t word, uint64_t places)
{
    uint64_t out = 0;
    for (int i = 0; i < 64; i++) {
        if ((places >> i & 1) == 0)
            continue;
        out |= (word & 1) << i;
        word >>= 1;
    }
    return out;
}

/* Of nearly all places, of some, and of hardly one. */
static uint64_t draw_places(uint64_t *seed)
{
    uint64_t places = gy_test_random(seed);
    uint64_t others = gy_test_random(seed) & gy_test_random(seed);
    switch (gy_test_random(seed) % 6) {
    case 0:
        return places;
    case 1:
        return places | ~others;
    case 2:
        return places & others;
    case 3:
        return ~(others & gy_test_random(seed));
    case 4:
        return UINT64_MAX << places % 64;
    default:
        return places % 2 == 0 ? 0 : UINT64_MAX;
    }
}

static void test_words_are_spread(void **state)
{
    uint64_t seed = gy_test_seed();
    (void)state;
    for (int round = 0; round < 2000; round++) {
        uint32_t n = (uint32_t)(gy_test_random(&seed) % (N + 1));
        uint64_t places[N];
        uint64_t words[N];
        uint64_t plain[N];
        uint64_t expected[N];
        for (uint32_t i = 0; i < n; i++) {
            places[i] = draw_places(&seed);
            words[i] = plain[i] = gy_test_random(&seed);
            expected[i] = one_by_one(words[i], places[i]);
        }
        gy_spread_bits(words, places, n);
        gy_spread_bits_plain(plain, places, n);
        for (uint32_t i = 0; i < n; i++) {
            assert_true((words[i] & places[i]) == expected[i]);
            assert_true((plain[i] & places[i]) == expected[i]);
        }
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_words_are_spread),
};

GY_TEST_MAIN(cases)
