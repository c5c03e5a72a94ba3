/* test_identity.c - whose call it is: by the rules, in any split into commits, before and after parts
 * are rewritten. */
#include "harness.h"
#include "store_fixture.h"

#include <string.h>

/* Each scenario is told in lines; a run puts a commit after every n-th of them, and merges or not. */
struct scenario {
    const char *const *lines;
    size_t n_lines;
    const char *id;
    const char *expected;
};

#define AT(day)     ",\"timestamp\":\"2025-01-" day "T00:00:00Z\",\"messageId\":\"m" day "\"}"
#define TRACK       "{\"type\":\"track\",\"event\":\"E\""
#define USER(u)     ",\"userId\":\"" u "\""
#define ANON(a)     ",\"anonymousId\":\"" a "\""
#define ALIAS(p, u) "{\"type\":\"alias\",\"previousId\":\"" p "\",\"userId\":\"" u "\""
#define E(day)      "2025-01-" day "T00:00:00.000Z E\n"

static void run(const struct scenario *sc, size_t each, bool in_log,
                void (*then)(struct gy_fixture *))
{
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    for (size_t i = 0; i < sc->n_lines; i++) {
        gy_fixture_add(&f, sc->lines[i]);
        if ((i + 1) % each == 0 || i + 1 == sc->n_lines) {
            if (in_log) {
                gy_fixture_commit_log(&f);
            } else {
                gy_fixture_commit(&f);
            }
        }
    }
    if (then != NULL)
        then(&f);
    gy_fixture_expect(&f, sc->id, sc->expected);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void run_all_ways(const struct scenario *sc)
{
    void (*const afterwards[])(struct gy_fixture *) = {NULL, gy_fixture_reopen, gy_fixture_maintain,
                                                       gy_fixture_compact};
    size_t splits[] = {1, 2, sc->n_lines};
    for (size_t k = 0; k < 3; k++) {
        size_t each = splits[k];
        for (size_t i = 0; i < 4; i++) {
            run(sc, each, false, afterwards[i]);
            run(sc, each, true, afterwards[i]);
        }
    }
}

#define RUN(id, expected, ...)                                                    \
    do {                                                                          \
        static const char *const lines[] = {__VA_ARGS__};                         \
        struct scenario sc = {lines, sizeof lines / sizeof *lines, id, expected}; \
        run_all_ways(&sc);                                                        \
    } while (0)

static void test_an_anonymous_customer(void **state)
{
    (void)state;
    RUN("phone", E("01") E("02"), TRACK ANON("phone") AT("01"), TRACK ANON("phone") AT("02"));
}

/* A claim holds for what came before and after it, under either id. */
static void test_a_claim(void **state)
{
    (void)state;
    RUN("a", E("01") E("02") E("03") E("04"), TRACK ANON("phone") AT("01"),
        TRACK USER("a") ANON("phone") AT("02"), TRACK USER("a") AT("03"),
        TRACK ANON("phone") AT("04"));
    RUN("phone", E("01") E("02"), TRACK ANON("phone") AT("01"),
        TRACK USER("a") ANON("phone") AT("02"));
}

static void test_an_identify_claims_too(void **state)
{
    (void)state;
    RUN("a", E("01"), TRACK ANON("phone") AT("01"),
        "{\"type\":\"identify\",\"traits\":{}" USER("a") ANON("phone") AT("02"));
}

/* The second user of a device gets his own calls and nothing else. */
static void test_later_claims_link_nothing(void **state)
{
    (void)state;
    RUN("a", E("01") E("02") E("04"), TRACK ANON("phone") AT("01"),
        TRACK USER("a") ANON("phone") AT("02"), TRACK USER("b") ANON("phone") AT("03"),
        TRACK ANON("phone") AT("04"));
    RUN("b", E("03"), TRACK ANON("phone") AT("01"), TRACK USER("a") ANON("phone") AT("02"),
        TRACK USER("b") ANON("phone") AT("03"), TRACK ANON("phone") AT("04"));
}

static void test_several_devices_of_one_customer(void **state)
{
    (void)state;
    RUN("a", E("01") E("02") E("03") E("04"), TRACK ANON("phone") AT("01"),
        TRACK ANON("laptop") AT("02"), TRACK USER("a") ANON("laptop") AT("03"),
        TRACK USER("a") ANON("phone") AT("04"));
}

/* The two name spaces are apart: the anonymous id "x" is not the user "x". */
static void test_ids_of_the_same_text(void **state)
{
    (void)state;
    RUN("x", E("02"), TRACK ANON("x") AT("01"), TRACK USER("x") AT("02"));
}

static void test_an_alias_merges(void **state)
{
    (void)state;
    RUN("new", E("01") E("02") E("04"), TRACK USER("old") AT("01"), TRACK USER("new") AT("02"),
        ALIAS("old", "new") AT("03"), TRACK USER("old") AT("04"));
    RUN("old", E("01") E("02"), TRACK USER("old") AT("01"), TRACK USER("new") AT("02"),
        ALIAS("old", "new") AT("03"));
}

static void test_an_alias_before_any_call(void **state)
{
    (void)state;
    RUN("new", E("02") E("03"), ALIAS("old", "new") AT("01"), TRACK USER("old") AT("02"),
        TRACK USER("new") AT("03"));
}

static void test_aliases_make_chains(void **state)
{
    (void)state;
    RUN("c", E("01") E("02") E("03") E("06"), TRACK USER("a") AT("01"), TRACK USER("b") AT("02"),
        TRACK USER("c") AT("03"), ALIAS("a", "b") AT("04"), ALIAS("b", "c") AT("05"),
        TRACK USER("a") AT("06"));
    /* The other way round it is the same customer. */
    RUN("a", E("01") E("02") E("03"), TRACK USER("a") AT("01"), TRACK USER("b") AT("02"),
        TRACK USER("c") AT("03"), ALIAS("b", "c") AT("04"), ALIAS("a", "b") AT("05"));
}

static void test_an_alias_that_closes_a_cycle_does_nothing(void **state)
{
    (void)state;
    RUN("b", E("01") E("02"), TRACK USER("a") AT("01"), TRACK USER("b") AT("02"),
        ALIAS("a", "b") AT("03"), ALIAS("b", "a") AT("04"), ALIAS("a", "a") AT("05"));
}

/* With no external id of that name, an alias claims the anonymous one, if it is free. */
static void test_an_alias_of_an_anonymous_id(void **state)
{
    (void)state;
    RUN("a", E("01") E("03"), TRACK ANON("phone") AT("01"), ALIAS("phone", "a") AT("02"),
        TRACK ANON("phone") AT("03"));
    RUN("b", "", TRACK USER("a") ANON("phone") AT("01"), ALIAS("phone", "b") AT("02"));
    RUN("a", E("01"), TRACK USER("a") ANON("phone") AT("01"), ALIAS("phone", "b") AT("02"));
}

static void test_a_merge_takes_the_devices_along(void **state)
{
    (void)state;
    RUN("new", E("01") E("02") E("04"), TRACK ANON("phone") AT("01"),
        TRACK USER("old") ANON("phone") AT("02"), ALIAS("old", "new") AT("03"),
        TRACK ANON("phone") AT("04"));
}

static void test_the_primary_id(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_add(&f, TRACK ANON("phone") AT("01"));
    gy_fixture_commit(&f);
    gy_fixture_add(&f, TRACK USER("old") ANON("phone") AT("02"));
    gy_fixture_add(&f, ALIAS("old", "new") AT("03"));
    gy_fixture_add(&f, TRACK ANON("tablet") AT("04"));
    gy_fixture_commit(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    bool is_external;
    struct gy_str id = gy_snapshot_id(s, gy_snapshot_find(s, GY_STR("phone")), &is_external);
    assert_true(gy_str_equal(id, GY_STR("new")) && is_external);
    id = gy_snapshot_id(s, gy_snapshot_find(s, GY_STR("tablet")), &is_external);
    assert_true(gy_str_equal(id, GY_STR("tablet")) && !is_external);
    assert_int_equal(gy_snapshot_find(s, GY_STR("nobody")), GY_ID_NONE);
    /* phone 0, old 1, new 2, tablet 3 */
    assert_int_equal(gy_snapshot_n_ordinals(s), 4);
    assert_int_equal(gy_snapshot_external(s, 0)[0], 0x6);
    assert_int_equal(gy_snapshot_children(s, 0)[0], 0x3);
    assert_null(gy_snapshot_children(s, 1));
    assert_int_equal(gy_snapshot_n_scattered(s), 1);
    assert_int_equal(gy_snapshot_find_scattered(s, 2), 0);
    assert_int_equal(gy_snapshot_find_scattered(s, 1), SIZE_MAX);
    gy_snapshot_close(s);
    gy_fixture_compact(&f);
    s = gy_fixture_snapshot(&f);
    assert_int_equal(gy_snapshot_n_scattered(s), 0);
    assert_int_equal(gy_snapshot_children(s, 0)[0], 0x3);
    assert_int_equal(gy_snapshot_find(s, GY_STR("phone")), 2);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

/* A merge of files knows nothing of links that are not committed: with them gone, everybody has his
 * own again. */
static void test_merges_follow_no_link_before_its_commit(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_add(&f, TRACK ANON("phone") AT("01"));
    gy_fixture_commit_log(&f);
    gy_fixture_add(&f, TRACK USER("a") ANON("phone") AT("02"));
    gy_fixture_commit_log(&f);
    gy_fixture_add(&f, ALIAS("a", "new") AT("03"));
    gy_fixture_maintain(&f); /* the log becomes a part, and the phone's row moves to "a" */
    gy_fixture_reopen(&f);
    gy_fixture_check(&f);
    gy_fixture_expect(&f, "a", E("01") E("02"));
    gy_fixture_track(&f, "stranger", "E", "2025-01-09T00:00:00Z", NULL);
    gy_fixture_commit(&f);
    gy_fixture_expect(&f, "stranger", E("09"));
    gy_fixture_close(&f);
}

/* Whatever is random about it: groups of ids are merged along the edges that were linked, as a plain
 * union of sets says. */
static void test_random_aliases_are_a_union_of_sets(void **state)
{
    (void)state;
    enum {
        N = 40,
        STEPS = 120
    };
    uint64_t random = gy_test_seed();
    int group[N];
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    for (int i = 0; i < N; i++) {
        char user[16];
        snprintf(user, sizeof user, "u%d", i);
        group[i] = i;
        gy_fixture_track(&f, user, "E", "2025-01-01T00:00:00Z", NULL);
    }
    gy_fixture_commit(&f);
    for (int step = 0; step < STEPS; step++) {
        char line[160];
        int from = (int)gy_test_below(&random, N);
        int to = (int)gy_test_below(&random, N);
        if (gy_test_below(&random, 4) != 0) {
            to = from; /* mostly nothing happens, so that groups stay apart */
        }
        snprintf(line, sizeof line,
                 "{\"type\":\"alias\",\"previousId\":\"u%d\",\"userId\":\"u%d\","
                 "\"timestamp\":\"2025-01-02T00:00:00Z\",\"messageId\":\"s%d\"}",
                 from, to, step);
        gy_fixture_add(&f, line);
        for (int i = 0, old = group[from], new = group[to]; i < N; i++)
            group[i] = group[i] == old ? new : group[i];
        if (gy_test_below(&random, 5) == 0)
            gy_fixture_commit(&f);
        if (gy_test_below(&random, 30) == 0)
            gy_fixture_maintain(&f);
    }
    gy_fixture_commit(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < N; k++) {
            char a[16];
            char b[16];
            snprintf(a, sizeof a, "u%d", i);
            snprintf(b, sizeof b, "u%d", k);
            bool is_one = gy_snapshot_find(s, gy_str_of(a)) == gy_snapshot_find(s, gy_str_of(b));
            assert_int_equal(is_one, group[i] == group[k]);
        }
    }
    gy_snapshot_close(s);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* Events of one millisecond, one under the device and one under its owner: batches of the log that are
 * merged in memory keep who came first, when the device was claimed between the two. */
static void test_arrival_across_ids_in_the_log(void **state)
{
    (void)state;
    static const char *const expected = "2025-01-01T00:00:00.000Z Late\n"
                                        "2025-01-02T00:00:00.000Z Early\n"
                                        "2025-01-02T00:00:00.000Z Late\n";
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    /* so that neither the streams' numbers nor the places of rows tell it by chance */
    gy_fixture_track(&f, "a", "Late", "2025-01-01T00:00:00Z", NULL);
    gy_fixture_track(&f, "b", "Early", "2025-01-01T00:00:00Z", NULL);
    gy_fixture_track(&f, "b", "Early", "2025-01-02T00:00:00Z", NULL);
    gy_fixture_commit_log(&f);
    gy_fixture_add(&f, "{\"type\": \"track\", \"anonymousId\": \"phone\", \"event\": \"Early\","
                       " \"timestamp\": \"2025-01-02T00:00:00Z\"}");
    gy_fixture_commit_log(&f);
    gy_fixture_add(&f, "{\"type\": \"identify\", \"anonymousId\": \"phone\", \"userId\": \"a\","
                       " \"timestamp\": \"2025-01-03T00:00:00Z\"}");
    gy_fixture_commit_log(&f);
    gy_fixture_track(&f, "a", "Late", "2025-01-02T00:00:00Z", NULL);
    for (int i = 0; i < 10; i++) { /* as large as those before, so that all are merged */
        char user[16];
        snprintf(user, sizeof user, "c%d", i);
        gy_fixture_track(&f, user, "Late", "2025-01-02T00:00:00Z", NULL);
    }
    gy_fixture_commit_log(&f);
    gy_fixture_expect(&f, "a", expected);
    gy_fixture_reopen(&f);
    gy_fixture_expect(&f, "a", expected);
    gy_fixture_maintain(&f);
    gy_fixture_expect(&f, "a", expected);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_an_anonymous_customer),
    cmocka_unit_test(test_a_claim),
    cmocka_unit_test(test_an_identify_claims_too),
    cmocka_unit_test(test_later_claims_link_nothing),
    cmocka_unit_test(test_several_devices_of_one_customer),
    cmocka_unit_test(test_ids_of_the_same_text),
    cmocka_unit_test(test_an_alias_merges),
    cmocka_unit_test(test_an_alias_before_any_call),
    cmocka_unit_test(test_aliases_make_chains),
    cmocka_unit_test(test_an_alias_that_closes_a_cycle_does_nothing),
    cmocka_unit_test(test_an_alias_of_an_anonymous_id),
    cmocka_unit_test(test_a_merge_takes_the_devices_along),
    cmocka_unit_test(test_the_primary_id),
    cmocka_unit_test(test_merges_follow_no_link_before_its_commit),
    cmocka_unit_test(test_arrival_across_ids_in_the_log),
    cmocka_unit_test(test_random_aliases_are_a_union_of_sets),
};

GY_TEST_MAIN(cases)
