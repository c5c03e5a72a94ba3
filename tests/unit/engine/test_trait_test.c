/* test_trait_test.c - tests of traits of thousands of customers, not all of whom have each: so many that words of
 * 64 are compared, single ones are asked and their list runs over. What is expected is counted from what the
 * traits were made of. */
#include "harness.h"

#include <stdlib.h>

#include "questions.h"

#include "base/mem.h"
#include "base/zone.h"

enum {
    N_CUSTOMERS = 20000
};

static const char now[] = "2025-12-31T00:00:00Z";

/* One customer's traits; those that are missing are empty. */
struct person {
    char tier[8];
    char born[16];
    char joined[GY_TIME_TEXT];
};

/* Dates of 70 years; instants of 90, whose milliseconds take 8 bytes. */
static struct person draw_person(uint64_t *seed)
{
    struct person p = {0};
    struct gy_civil day;
    gy_day_to_civil((int64_t)gy_test_below(seed, 25567) - 9000, &day);
    snprintf(p.tier, sizeof p.tier, "t%u", (unsigned)gy_test_below(seed, 12));
    if (gy_test_below(seed, 10) != 0)
        snprintf(p.born, sizeof p.born, "%04d-%02d-%02d", day.year, day.month, day.day);
    if (gy_test_below(seed, 11) != 0)
        gy_time_print((int64_t)gy_test_below(seed, UINT64_C(2840000000000)) - 1000000000000,
                      p.joined);
    return p;
}

static void add_person(struct gy_fixture *f, uint32_t i, const struct person *p)
{
    char id[16];
    struct gy_buf traits = {0};
    snprintf(id, sizeof id, "c%05u", i);
    gy_buf_printf(&traits, "{\"tier\": \"%s\"", p->tier);
    if (p->born[0] != '\0')
        gy_buf_printf(&traits, ", \"born\": {\"$time\": \"%s\"}", p->born);
    if (p->joined[0] != '\0')
        gy_buf_printf(&traits, ", \"joined\": {\"$time\": \"%s\"}", p->joined);
    gy_buf_append(&traits, "}", 2); /* and its end */
    gy_fixture_identify(f, id, NULL, traits.ptr);
    gy_buf_release(&traits);
}

/* Texts of one form are in the order of what they say. */
static bool is_of_age(const struct person *p)
{
    return strcmp(p->born, "1985-12-31") > 0 && strcmp(p->born, "2000-12-31") <= 0;
}

static bool has_joined(const struct person *p)
{
    return p->joined[0] != '\0' && strcmp(p->joined, "2001-01-01T00:00:00.000Z") >= 0;
}

static bool is_third(const struct person *p)
{
    return strcmp(p->tier, "t3") == 0;
}

static bool is_third_and_has_joined(const struct person *p)
{
    return is_third(p) && has_joined(p);
}

static bool is_third_of_age(const struct person *p)
{
    return is_third(p) && is_of_age(p);
}

static roaring_bitmap_t *ask(const struct gy_snapshot *s, const struct gy_expr *expr,
                             struct gy_run_options options)
{
    struct gy_error err;
    roaring_bitmap_t *out;
    assert_ok(gy_audience(s, expr, instant(now), &options, &out, &err), &err);
    return out;
}

static void expect_count(const struct gy_snapshot *s, const struct person *people, const char *text,
                         bool (*holds)(const struct person *p))
{
    struct gy_definition definition = {0};
    uint64_t expected = 0;
    define(s, text, &definition);
    for (uint32_t i = 0; i < N_CUSTOMERS; i++)
        expected += holds(&people[i]);
    roaring_bitmap_t *rows = ask(s, definition.expr, (struct gy_run_options){.row_by_row = true});
    roaring_bitmap_t *words = ask(s, definition.expr, (struct gy_run_options){.n_threads = 1});
    assert_int_equal(roaring_bitmap_get_cardinality(rows), expected);
    assert_true(roaring_bitmap_equals(rows, words));
    assert_in_range(expected, 1, N_CUSTOMERS / 2);
    roaring_bitmap_free(rows);
    roaring_bitmap_free(words);
    gy_definition_release(&definition);
}

static void test_traits_that_not_all_have(void **state)
{
    struct gy_fixture f;
    struct person *people = gy_alloc(N_CUSTOMERS * sizeof *people);
    uint64_t seed = gy_test_seed();
    (void)state;
    gy_fixture_open(&f, "Asia/Seoul");
    for (uint32_t i = 0; i < N_CUSTOMERS; i++) {
        people[i] = draw_person(&seed);
        add_person(&f, i, &people[i]);
    }
    gy_fixture_commit(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    expect_count(s, people, "trait.tier = \"t3\"", is_third);
    expect_count(s, people, "age(trait.born) between 25 and 39", is_of_age);
    expect_count(s, people, "trait.joined >= \"2001-01-01T00:00:00Z\"", has_joined);
    expect_count(s, people, "trait.tier = \"t3\" and trait.joined >= \"2001-01-01T00:00:00Z\"",
                 is_third_and_has_joined);
    expect_count(s, people, "trait.tier = \"t3\" and age(trait.born) between 25 and 39",
                 is_third_of_age);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
    free(people);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_traits_that_not_all_have),
};

GY_TEST_MAIN(cases)
