/* Values, sums by group, and one customer's view: small data, answers worked by hand. */
#include "harness.h"

#include "unit/engine/questions.h"

#define NOW "2025-03-31T12:00:00Z"

/* Three customers: a with orders and traits, b of a device and an id, c without events. */
static struct gy_snapshot *shop(struct gy_fixture *f)
{
    gy_fixture_open(f, "Asia/Seoul");
    gy_fixture_identify(
        f, "a", "2025-01-01T00:00:00Z",
        "{\"vip\": true, \"tier\": \"gold\", \"tags\": [\"x\", \"y\"], \"born\": {\"$time\": \"1990-02-03\"}}");
    gy_fixture_identify(f, "c", NULL, "{\"vip\": false}");
    gy_fixture_track(f, "a", "Order", "2025-02-28T14:00:00Z",
                     "{\"amount\": 0.1, \"tax\": 1, \"kind\": \"web\"}");
    gy_fixture_track(f, "a", "Order", "2025-02-28T15:00:00Z",
                     "{\"amount\": 0.2, \"kind\": \"app\"}");
    gy_fixture_add(f, "{\"type\": \"track\", \"anonymousId\": \"phone\", \"event\": \"Order\","
                      " \"timestamp\": \"2025-03-03T00:00:00Z\", \"properties\": {\"amount\": 5}}");
    gy_fixture_commit(f);
    gy_fixture_add(f,
                   "{\"type\": \"track\", \"userId\": \"b\", \"anonymousId\": \"phone\", \"event\":"
                   " \"Order\", \"timestamp\": \"2025-03-04T00:00:00Z\", \"properties\":"
                   " {\"amount\": 7, \"kind\": \"web\"}}");
    gy_fixture_track(f, "a", "Order", "2025-04-01T00:00:00Z",
                     "{\"amount\": 999, \"kind\": \"web\"}");
    gy_fixture_commit(f);
    return gy_fixture_snapshot(f);
}

static uint32_t find(const struct gy_snapshot *s, const char *id)
{
    uint32_t root = gy_snapshot_find(s, gy_str_of(id));
    assert_int_not_equal(root, GY_ID_NONE);
    return root;
}

static roaring_bitmap_t *audience_of(const struct gy_snapshot *s, const char *const *ids, size_t n)
{
    roaring_bitmap_t *out = roaring_bitmap_create();
    for (size_t i = 0; i < n; i++)
        roaring_bitmap_add(out, find(s, ids[i]));
    return out;
}

static bool is_known(const struct gy_value_column *c, uint32_t row)
{
    return (c->known[row / 64] >> (row % 64) & 1) != 0;
}

static uint32_t row_of(const struct gy_snapshot *s, const struct gy_value_table *t, const char *id)
{
    uint32_t root = find(s, id);
    for (uint32_t row = 0; row < t->n_rows; row++) {
        if (t->ordinals[row] == root)
            return row;
    }
    fail_msg("no row of %s", id);
    return 0;
}

/* Prices in hundreds are kept without the zeros; then one with a decimal stands beside them. */
static void sums_of_numbers_that_end_with_zeros(void **state)
{
    (void)state;
    const char *const texts[] = {"sum(Order.amount)", "avg(Order.amount)", "max(Order.amount)",
                                 "count(Order where amount >= 25600)",
                                 "count(Order where amount < 101)"};
    const double want[2][5] = {{25700, 12850, 25600, 1, 1}, {25700.5, 25700.5 / 3, 25600, 1, 2}};
    const char *const ids[] = {"a"};
    struct gy_fixture f;
    struct gy_error err;
    gy_fixture_open(&f, "Asia/Seoul");
    gy_fixture_track(&f, "a", "Order", "2025-02-28T14:00:00Z", "{\"amount\": 100}");
    gy_fixture_track(&f, "a", "Order", "2025-02-28T15:00:00Z", "{\"amount\": 25600}");
    for (int pass = 0; pass < 2; pass++) {
        gy_fixture_commit(&f);
        struct gy_snapshot *s = gy_fixture_snapshot(&f);
        roaring_bitmap_t *audience = audience_of(s, ids, 1);
        for (int i = 0; i < 5; i++) {
            struct gy_definition definition;
            struct gy_value_table t;
            define_value(s, texts[i], &definition);
            const struct gy_term *term = definition.term;
            assert_ok(gy_values(s, &term, 1, audience, instant(NOW), NULL, &t, &err), &err);
            assert_true(t.columns[0].numbers[0] == want[pass][i]);
            gy_value_table_release(&t);
            gy_definition_release(&definition);
        }
        roaring_bitmap_free(audience);
        gy_snapshot_close(s);
        gy_fixture_track(&f, "a", "Order", "2025-02-28T16:00:00Z", "{\"amount\": 0.5}");
    }
    gy_fixture_close(&f);
}

static void values_of_every_type(void **state)
{
    (void)state;
    const char *const ids[] = {"a", "b", "c"};
    const char *const texts[] = {"sum(Order.amount)", "trait.vip",  "last_time(Order)",
                                 "last(Order.kind)",  "trait.tags", "age(trait.born)"};
    enum {
        N = sizeof texts / sizeof *texts
    };
    struct gy_fixture f;
    struct gy_error err;
    struct gy_snapshot *s = shop(&f);
    struct gy_definition definitions[N];
    const struct gy_term *terms[N];
    struct gy_value_table t;
    for (int i = 0; i < N; i++) {
        define_value(s, texts[i], &definitions[i]);
        terms[i] = definitions[i].term;
    }
    roaring_bitmap_t *audience = audience_of(s, ids, 3);
    assert_ok(gy_values(s, terms, N, audience, instant(NOW), NULL, &t, &err), &err);
    assert_int_equal(t.n_rows, 3);
    uint32_t a = row_of(s, &t, "a");
    uint32_t b = row_of(s, &t, "b");
    uint32_t c = row_of(s, &t, "c");
    assert_true(t.columns[0].numbers[a] == 0.3 && is_known(&t.columns[0], a)); /* as decimals */
    assert_true(t.columns[0].numbers[b] == 12.0 && t.columns[0].numbers[c] == 0.0);
    assert_true(t.columns[1].numbers[a] == 1.0 && !is_known(&t.columns[1], b));
    assert_true(t.columns[1].numbers[c] == 0.0 && is_known(&t.columns[1], c));
    assert_int_equal(t.columns[2].times_ms[b], instant("2025-03-04T00:00:00Z"));
    assert_false(is_known(&t.columns[2], c));
    assert_string_equal(t.columns[3].texts[a].ptr, "app"); /* what comes after now is not there */
    assert_string_equal(t.columns[3].texts[b].ptr, "web");
    assert_string_equal(t.columns[4].texts[a].ptr, "[\"x\",\"y\"]");
    assert_true(t.columns[5].numbers[a] == 35.0 && !is_known(&t.columns[5], c));
    gy_value_table_release(&t);
    roaring_bitmap_free(audience);
    for (int i = 0; i < N; i++)
        gy_definition_release(&definitions[i]);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

/* ---- sums ---- */

static struct gy_group_table aggregate(const struct gy_snapshot *s, enum gy_group_by group_by,
                                       const roaring_bitmap_t *audience,
                                       const struct gy_expr *where)
{
    struct gy_error err;
    struct gy_group_table out;
    const struct gy_str sums[] = {GY_STR("amount"), GY_STR("tax"), GY_STR("nothing")};
    struct gy_aggregation aggregation = {
        .audience = audience,
        .event = GY_STR("Order"),
        .where = where,
        .from_ms = instant("2025-01-01"),
        .to_ms = instant("2026-01-01"),
        .group_by = group_by,
        .group_property = GY_STR("kind"),
        .sum_properties = sums,
        .n_sums = 3,
    };
    assert_ok(gy_aggregate(s, &aggregation, instant(NOW), NULL, &out, &err), &err);
    return out;
}

static int64_t day(int month, int day_of_month)
{
    return gy_day_from_civil(2025, month, day_of_month);
}

static void sums_by_period(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_snapshot *s = shop(&f);
    struct gy_group_table t = aggregate(s, GY_GROUP_NONE, NULL, NULL);
    assert_int_equal(t.n_groups, 1);
    assert_int_equal(t.groups[0].n_events, 4);
    assert_int_equal(t.groups[0].n_customers, 2);
    assert_true(t.groups[0].sums[0] == 12.3 && t.groups[0].sums[1] == 1 &&
                t.groups[0].sums[2] == 0);
    gy_group_table_release(&t);
    t = aggregate(s, GY_GROUP_DAY, NULL, NULL); /* midnight in Seoul is 15:00Z */
    assert_int_equal(t.n_groups, 4);
    assert_int_equal(t.groups[0].day, day(2, 28));
    assert_int_equal(t.groups[1].day, day(3, 1));
    gy_group_table_release(&t);
    t = aggregate(s, GY_GROUP_WEEK, NULL, NULL); /* 24 February and 3 March 2025 are Mondays */
    assert_int_equal(t.n_groups, 2);
    assert_int_equal(t.groups[0].day, day(2, 24));
    assert_int_equal(t.groups[1].day, day(3, 3));
    assert_int_equal(t.groups[1].n_customers, 1); /* b's device and b are one */
    gy_group_table_release(&t);
    t = aggregate(s, GY_GROUP_MONTH, NULL, NULL);
    assert_int_equal(t.n_groups, 2);
    assert_int_equal(t.groups[1].day, day(3, 1));
    assert_true(t.groups[1].sums[0] == 12.2);
    gy_group_table_release(&t);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static void sums_by_value(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_snapshot *s = shop(&f);
    struct gy_group_table t = aggregate(s, GY_GROUP_PROPERTY, NULL, NULL);
    assert_int_equal(t.n_groups, 3);
    assert_string_equal(t.groups[0].value.string.ptr, "app");
    assert_string_equal(t.groups[1].value.string.ptr, "web");
    assert_int_equal(t.groups[1].n_customers, 2);
    assert_true(t.groups[1].sums[0] == 7.1);
    assert_int_equal(t.groups[2].value.type, GY_VALUE_MISSING); /* the device's order has no kind */
    assert_true(t.groups[2].sums[0] == 5.0);
    gy_group_table_release(&t);
    const char *const ids[] = {"a"};
    roaring_bitmap_t *audience = audience_of(s, ids, 1);
    t = aggregate(s, GY_GROUP_PROPERTY, audience, NULL);
    assert_int_equal(t.n_groups, 2);
    assert_true(t.groups[1].sums[0] == 0.1);
    gy_group_table_release(&t);
    struct gy_definition definition;
    define(s, "did(Order where amount > 1)", &definition);
    t = aggregate(s, GY_GROUP_NONE, NULL, definition.expr->steps[0].where);
    assert_int_equal(t.groups[0].n_events, 2);
    gy_group_table_release(&t);
    gy_definition_release(&definition);
    roaring_bitmap_free(audience);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static void sums_of_an_unknown_event(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_error err;
    struct gy_snapshot *s = shop(&f);
    struct gy_group_table t;
    struct gy_aggregation aggregation = {.event = GY_STR("Never"), .to_ms = INT64_MAX};
    assert_ok(gy_aggregate(s, &aggregation, instant(NOW), NULL, &t, &err), &err);
    assert_int_equal(t.n_groups, 1);
    assert_int_equal(t.groups[0].n_events, 0);
    gy_group_table_release(&t);
    aggregation.group_by = GY_GROUP_DAY;
    assert_ok(gy_aggregate(s, &aggregation, instant(NOW), NULL, &t, &err), &err);
    assert_int_equal(t.n_groups, 0);
    gy_group_table_release(&t);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

/* ---- one customer ---- */

static void one_customer(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_error err;
    struct gy_customer_view v;
    struct gy_snapshot *s = shop(&f);
    assert_ok(gy_customer(s, GY_STR("phone"), instant(NOW), 1, &v, &err), &err);
    assert_string_equal(v.id.ptr, "b");
    assert_true(v.is_external);
    assert_int_equal(v.n_other_ids, 1);
    assert_string_equal(v.other_ids[0].ptr, "phone");
    assert_int_equal(v.first_seen_ms, instant("2025-03-03T00:00:00Z"));
    assert_int_equal(v.n_all_events, 2);
    assert_int_equal(v.n_events, 1); /* the newest */
    assert_int_equal(v.events[0].time_ms, instant("2025-03-04T00:00:00Z"));
    gy_customer_view_release(&v);
    assert_ok(gy_customer(s, GY_STR("a"), instant(NOW), 100, &v, &err), &err);
    assert_int_equal(v.n_all_events, 2); /* the third comes after now */
    assert_int_equal(v.n_traits, 4);
    assert_string_equal(v.traits[0].name.ptr, "born");
    assert_string_equal(v.traits[1].name.ptr, "tags");
    assert_int_equal(v.traits[1].value.list.n, 2);
    assert_string_equal(v.traits[2].value.string.ptr, "gold");
    assert_int_equal(v.events[0].n_fields, 3);
    assert_int_equal(v.events[1].n_fields, 2); /* what an event does not carry is left out */
    gy_customer_view_release(&v);
    assert_int_equal(gy_customer(s, GY_STR("b"), instant("2025-03-02"), 1, &v, &err), GY_NOT_FOUND);
    assert_int_equal(gy_customer(s, GY_STR("nobody"), instant(NOW), 1, &v, &err), GY_NOT_FOUND);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(sums_of_numbers_that_end_with_zeros),
    cmocka_unit_test(values_of_every_type),
    cmocka_unit_test(sums_by_period),
    cmocka_unit_test(sums_by_value),
    cmocka_unit_test(sums_of_an_unknown_event),
    cmocka_unit_test(one_customer),
};

GY_TEST_MAIN(cases)
