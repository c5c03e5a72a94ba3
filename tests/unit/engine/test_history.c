/* Histories: small data, every row worked out by hand; and what is refused. */
#include "harness.h"

#include "engine/history.h"
#include "unit/engine/questions.h"

enum {
    N_DAYS = 6
};

/* 2025-01-01 to 2025-01-06, each as it begins. */
static void midnights(int64_t *instants_ms)
{
    for (int i = 0; i < N_DAYS; i++)
        instants_ms[i] = instant("2025-01-01T00:00:00Z") + i * INT64_C(86400000);
}

/* a orders at noon of the 1st and the 3rd, b as the 2nd begins; c comes at noon of the 2nd. */
static struct gy_snapshot *shop(struct gy_fixture *f)
{
    gy_fixture_open(f, "UTC");
    gy_fixture_track(f, "a", "Order", "2025-01-01T12:00:00Z", "{\"revenue\": 10.1}");
    gy_fixture_track(f, "b", "Order", "2025-01-02T00:00:00Z", "{\"revenue\": 5}");
    gy_fixture_commit(f);
    gy_fixture_track(f, "a", "Order", "2025-01-03T12:00:00Z", "{\"revenue\": 0.2}");
    gy_fixture_identify(f, "c", "2025-01-02T12:00:00Z", "{\"tier\": \"gold\"}");
    gy_fixture_commit(f);
    return gy_fixture_snapshot(f);
}

static enum gy_status ask(const struct gy_snapshot *s, const char *text, const int64_t *instants_ms,
                          const struct gy_run_options *options, struct gy_history_row *rows,
                          struct gy_error *err)
{
    struct gy_definition definition;
    define(s, text, &definition);
    struct gy_history_query query = {.expr = definition.expr,
                                     .instants_ms = instants_ms,
                                     .n_instants = N_DAYS,
                                     .measure = {GY_STR("Order"), GY_STR("revenue")}};
    enum gy_status status = gy_history(s, &query, options, rows, err);
    gy_definition_release(&definition);
    return status;
}

struct row {
    uint64_t size;
    uint64_t entered;
    uint64_t left;
    double revenue;
};

static void expect(const char *text, const struct row *expected)
{
    struct gy_fixture f;
    struct gy_snapshot *s = shop(&f);
    for (int row_by_row = 0; row_by_row < 2; row_by_row++) {
        int64_t instants_ms[N_DAYS];
        struct gy_history_row rows[N_DAYS];
        struct gy_error err = {0};
        struct gy_run_options options = {.row_by_row = row_by_row != 0};
        midnights(instants_ms);
        assert_ok(ask(s, text, instants_ms, &options, rows, &err), &err);
        for (int i = 0; i < N_DAYS; i++) {
            assert_int_equal(rows[i].at_ms, instants_ms[i]);
            assert_int_equal(rows[i].size, expected[i].size);
            assert_int_equal(rows[i].entered, expected[i].entered);
            assert_int_equal(rows[i].left, expected[i].left);
            assert_true(rows[i].measured == expected[i].revenue);
        }
    }
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

/* b's order is two days old to the millisecond as the 4th begins, and out of the window. */
static void counts_in_a_window(void **state)
{
    (void)state;
    expect("count(Order last 2 days) >= 1", (struct row[]){{0, 0, 0, 0},
                                                           {2, 2, 0, 15.1},
                                                           {2, 0, 0, 15.1},
                                                           {1, 0, 1, 10.3},
                                                           {1, 0, 0, 10.3},
                                                           {0, 0, 1, 0}});
}

static void sums_in_a_window(void **state)
{
    (void)state;
    expect("sum(Order.revenue last 2 days) >= 10", (struct row[]){{0, 0, 0, 0},
                                                                  {1, 1, 0, 10.1},
                                                                  {1, 0, 0, 10.1},
                                                                  {0, 0, 1, 0},
                                                                  {0, 0, 0, 0},
                                                                  {0, 0, 0, 0}});
}

/* Exactly one day is not more than one: b comes with the 4th, as a, who has just ordered, goes. */
static void days_pass(void **state)
{
    (void)state;
    expect("days_since(Order) > 1", (struct row[]){{0, 0, 0, 0},
                                                   {0, 0, 0, 0},
                                                   {1, 1, 0, 10.1},
                                                   {1, 1, 1, 5},
                                                   {2, 1, 0, 15.3},
                                                   {2, 0, 0, 15.3}});
}

static void the_latest_event(void **state)
{
    (void)state;
    expect("last_time(Order) >= \"2025-01-02\"", (struct row[]){{0, 0, 0, 0},
                                                                {1, 1, 0, 5},
                                                                {1, 0, 0, 5},
                                                                {2, 1, 0, 15.3},
                                                                {2, 0, 0, 15.3},
                                                                {2, 0, 0, 15.3}});
}

/* Those who are not there yet are no members of anything. */
static void customers_come_to_be(void **state)
{
    (void)state;
    expect("not trait.tier = \"silver\" and count(Order) < 2", (struct row[]){{0, 0, 0, 0},
                                                                              {2, 2, 0, 15.1},
                                                                              {3, 1, 0, 15.1},
                                                                              {2, 0, 1, 5},
                                                                              {2, 0, 0, 5},
                                                                              {2, 0, 0, 5}});
}

/* Of the three customers the two with orders are ranked; populations change with every instant. */
static void ranks_move(void **state)
{
    (void)state;
    expect("percentile(sum(Order.revenue) among (did(Order))) >= 50",
           (struct row[]){{0, 0, 0, 0},
                          {1, 1, 0, 10.1},
                          {1, 0, 0, 10.1},
                          {1, 0, 0, 10.3},
                          {1, 0, 0, 10.3},
                          {1, 0, 0, 10.3}});
}

/* Sums that 64 bits do not hold: what a has spent is taken away again to the last digit. */
static void nothing_is_left_behind(void **state)
{
    (void)state;
    static const double revenue[N_DAYS] = {0, 1e20, 1e20, 1e-5, 0, 0};
    struct gy_fixture f;
    struct gy_error err = {0};
    struct gy_history_row rows[N_DAYS];
    int64_t instants_ms[N_DAYS];
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "Order", "2025-01-01T12:00:00Z", "{\"revenue\": 1e20}");
    gy_fixture_track(&f, "b", "Order", "2025-01-02T12:00:00Z", "{\"revenue\": 0.00001}");
    gy_fixture_commit(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    midnights(instants_ms);
    assert_ok(ask(s, "did(Order last 2 days)", instants_ms, NULL, rows, &err), &err);
    for (int i = 0; i < N_DAYS; i++)
        assert_true(rows[i].measured == revenue[i]);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static void instants_must_ascend(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_error err = {0};
    struct gy_history_row rows[N_DAYS];
    int64_t instants_ms[N_DAYS];
    struct gy_snapshot *s = shop(&f);
    midnights(instants_ms);
    instants_ms[3] = instants_ms[1];
    assert_int_equal(ask(s, "everyone", instants_ms, NULL, rows, &err), GY_INVALID);
    assert_string_equal(err.message, "instant 4 is before the one that precedes it");
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static void a_history_can_be_cancelled(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_error err = {0};
    struct gy_history_row rows[N_DAYS];
    int64_t instants_ms[N_DAYS];
    atomic_bool cancel = true;
    struct gy_run_options options = {.cancel = &cancel};
    struct gy_snapshot *s = shop(&f);
    midnights(instants_ms);
    assert_int_equal(ask(s, "everyone", instants_ms, &options, rows, &err), GY_CANCELLED);
    options = (struct gy_run_options){.deadline_us = 1};
    assert_int_equal(ask(s, "everyone", instants_ms, &options, rows, &err), GY_CANCELLED);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest cases[] = {cmocka_unit_test(counts_in_a_window),
                                       cmocka_unit_test(sums_in_a_window),
                                       cmocka_unit_test(days_pass),
                                       cmocka_unit_test(the_latest_event),
                                       cmocka_unit_test(customers_come_to_be),
                                       cmocka_unit_test(ranks_move),
                                       cmocka_unit_test(nothing_is_left_behind),
                                       cmocka_unit_test(instants_must_ascend),
                                       cmocka_unit_test(a_history_can_be_cancelled)};
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(cases, NULL, NULL);
}
