/* Why: small data, answers worked by hand. The laws over random data are in tests/differential. */
#include "harness.h"

#include "engine/why.h"
#include "unit/engine/questions.h"

#define NOW "2025-03-25T00:00:00Z"

/* What is asked, and the answer. */
struct answer {
    struct gy_snapshot *snapshot;
    struct gy_definition definition;
    struct gy_why why;
};

static struct answer ask(const struct gy_fixture *f, const char *id, const char *now,
                         const char *text)
{
    struct gy_error err = {0};
    struct answer a = {.snapshot = gy_fixture_snapshot(f)};
    uint32_t root = gy_snapshot_find(a.snapshot, gy_str_of(id));
    assert_int_not_equal(root, GY_ID_NONE);
    define(a.snapshot, text, &a.definition);
    assert_ok(gy_why(a.snapshot, a.definition.expr, instant(now), root, NULL, &a.why, &err), &err);
    return a;
}

static void forget(struct answer *a)
{
    gy_why_release(&a->why);
    gy_definition_release(&a->definition);
    gy_snapshot_close(a->snapshot);
}

/* The flip as "at 2025-…Z", "never", "others", "running" or "work"; behind the last three from when on,
 * where that is not at once. */
static void expect_flip_of(const struct gy_why_node *node, int64_t now_ms, const char *expected)
{
    static const char *const REASONS[] = {"others", "running", "work"};
    char time[GY_TIME_TEXT];
    char found[100];
    gy_time_print(node->flip.at_ms, time);
    if (node->flip.kind == GY_FLIP_NEVER)
        snprintf(found, sizeof found, "never");
    else if (node->flip.kind == GY_FLIP_AT)
        snprintf(found, sizeof found, "at %s", time);
    else if (node->flip.at_ms > now_ms + 1)
        snprintf(found, sizeof found, "%s after %s", REASONS[node->flip.reason], time);
    else
        snprintf(found, sizeof found, "%s", REASONS[node->flip.reason]);
    assert_string_equal(found, expected);
}

static void expect_flip_as_of(const struct gy_fixture *f, const char *now, const char *text,
                              bool holds, const char *flip)
{
    struct answer a = ask(f, "a", now, text);
    if (a.why.root->holds != holds)
        fail_msg("%s", text);
    expect_flip_of(a.why.root, instant(now), flip);
    forget(&a);
}

static void expect_flip(const struct gy_fixture *f, const char *text, bool holds, const char *flip)
{
    expect_flip_as_of(f, NOW, text, holds, flip);
}

/* a: four orders, one of them and a change of tier later than now; b: none. */
static void shop(struct gy_fixture *f)
{
    gy_fixture_open(f, "Asia/Seoul");
    gy_fixture_identify(f, "a", "2025-01-01T00:00:00Z",
                        "{\"tier\": \"gold\", \"born\": {\"$time\": \"1990-04-10\"}}");
    gy_fixture_identify(f, "b", "2025-01-01T00:00:00Z", "{\"tier\": \"tin\"}");
    gy_fixture_track(f, "a", "Order", "2025-03-01T12:00:00Z",
                     "{\"revenue\": 1000.1, \"kind\": \"web\", \"tax\": 1}");
    gy_fixture_track(f, "a", "Order", "2025-03-10T12:00:00Z",
                     "{\"revenue\": 2000.2, \"kind\": \"app\", \"tax\": 2}");
    gy_fixture_track(f, "a", "Order", "2025-03-20T12:00:00Z",
                     "{\"revenue\": 3000, \"kind\": \"web\", \"tax\": 3}");
    gy_fixture_track(f, "a", "Order", "2025-04-02T00:00:00Z",
                     "{\"revenue\": 9, \"kind\": \"web\"}");
    gy_fixture_identify(f, "a", "2025-04-01T00:00:00Z", "{\"tier\": \"tin\"}");
    gy_fixture_track(f, "b", "Visit", "2025-03-24T12:00:00Z", "{\"page\": \"x\"}");
    gy_fixture_commit(f);
}

/* ---- what was found ---- */

static void a_count_shows_the_newest_events_with_what_was_asked_of_them(void **state)
{
    (void)state;
    struct gy_fixture f;
    shop(&f);
    struct answer a =
        ask(&f, "a", NOW, "sum(Order.revenue where kind in (\"web\", \"app\") last 90 days) > 10");
    const struct gy_why_node *node = a.why.root;
    assert_true(node->holds);
    assert_int_equal(node->n_values, 1); /* the constant is left out */
    assert_true(node->values[0].value.number == 6000.3);
    const struct gy_why_events *events = &node->values[0].events;
    assert_int_equal(events->n_all, 3);
    assert_int_equal(events->n_events, 3);
    assert_int_equal(events->events[2].time_ms, instant("2025-03-20T12:00:00Z"));
    assert_int_equal(events->events[2].n_fields, 2); /* not the tax */
    assert_true(gy_str_equal(events->events[2].names[0], GY_STR("revenue")));
    assert_true(gy_str_equal(events->events[2].names[1], GY_STR("kind")));
    assert_true(gy_str_equal(events->events[2].values[1].string, GY_STR("web")));
    forget(&a);
    gy_fixture_close(&f);
}

static void values_within_values_are_told_once(void **state)
{
    (void)state;
    struct gy_error err;
    struct gy_fixture f;
    shop(&f);
    assert_ok(gy_writer_put_metric(f.writer, GY_STR("basket"),
                                   GY_STR("sum(Order.revenue) / count(Order)"), &err),
              &err);
    struct answer a = ask(&f, "a", NOW, "metric.basket between 1 and count(Order)");
    const struct gy_why_node *node = a.why.root;
    assert_false(node->holds);
    assert_int_equal(node->n_values, 3); /* the metric, its sum, the count */
    assert_int_equal(node->values[0].term->kind, GY_TERM_METRIC);
    assert_true(node->values[0].value.number == 6000.3 / 3);
    assert_true(node->values[2].value.number == 3);
    forget(&a);
    a = ask(&f, "b", NOW, "metric.basket > 1");
    assert_int_equal(a.why.root->values[0].value.type, GY_VALUE_MISSING);
    forget(&a);
    gy_fixture_close(&f);
}

static void a_chain_shows_a_choice_that_fits(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "Add", "2025-03-01T00:00:00Z", "{\"product\": 1}");
    gy_fixture_track(&f, "a", "Add", "2025-03-02T00:00:00Z", "{\"product\": 2}");
    gy_fixture_track(&f, "a", "Look", "2025-03-03T00:00:00Z", "{\"product\": 1}");
    gy_fixture_track(&f, "a", "Buy", "2025-03-04T00:00:00Z", "{\"product\": 1, \"price\": 5}");
    gy_fixture_track(&f, "a", "Buy", "2025-03-05T00:00:00Z", "{\"product\": 3}");
    gy_fixture_commit(&f);
    struct answer a =
        ask(&f, "a", NOW, "did(Add as x then Buy where product = x.product and price > 1)");
    const struct gy_why_events *events = &a.why.root->events;
    assert_int_equal(events->n_all, 2);
    assert_int_equal(events->events[0].time_ms, instant("2025-03-01T00:00:00Z"));
    assert_int_equal(events->events[1].time_ms, instant("2025-03-04T00:00:00Z"));
    assert_int_equal(events->events[0].n_fields, 1); /* what it lends */
    assert_int_equal(events->events[1].n_fields, 2);
    forget(&a);
    a = ask(&f, "a", NOW, "did(Add then no Look then Buy)");
    assert_int_equal(a.why.root->events.n_all, 0);
    forget(&a);
    a = ask(&f, "a", NOW, "did(Add then Look then Buy within 1 day)");
    events = &a.why.root->events;
    assert_int_equal(events->n_all, 3);
    assert_int_equal(events->events[2].time_ms, instant("2025-03-04T00:00:00Z"));
    forget(&a);
    gy_fixture_close(&f);
}

static void recorded_changes_are_shown(void **state)
{
    (void)state;
    struct gy_error err;
    struct gy_fixture f;
    shop(&f);
    assert_ok(gy_writer_put_segment(f.writer, GY_STR("s"), GY_STR("everyone"), GY_STR("{}"),
                                    (struct gy_str){0}, (struct gy_str){0}, &err),
              &err);
    struct gy_change changes[] = {
        {GY_STR("s"), GY_STR("a"), true, instant("2025-03-02T00:00:00Z")},
        {GY_STR("s"), GY_STR("a"), true, instant("2025-03-12T00:00:00Z")},
        {GY_STR("s"), GY_STR("b"), true, instant("2025-03-12T00:00:00Z")},
        {GY_STR("s"), GY_STR("a"), true, instant("2025-03-28T00:00:00Z")},
    };
    assert_ok(gy_writer_record_changes(f.writer, changes, 4, &err), &err);
    struct answer a = ask(&f, "a", NOW, "entered segment(s last 20 days)");
    assert_int_equal(a.why.root->events.n_all, 1);
    assert_int_equal(a.why.root->events.events[0].time_ms, instant("2025-03-12T00:00:00Z"));
    expect_flip_of(a.why.root, instant(NOW), "at 2025-04-01T00:00:00.000Z");
    forget(&a);
    gy_fixture_close(&f);
}

/* ---- until when ---- */

static void events_leave_their_window(void **state)
{
    (void)state;
    struct gy_fixture f;
    shop(&f);
    /* The order of 2 April is not known yet. */
    expect_flip(&f, "count(Order last 30 days) >= 2", true, "at 2025-04-09T12:00:00.000Z");
    expect_flip(&f, "count(Order last 30 days) >= 3", true, "at 2025-03-31T12:00:00.000Z");
    expect_flip(&f, "count(Order last 30 days) = 1", false, "at 2025-04-09T12:00:00.000Z");
    expect_flip(&f, "count(Order last 30 days) >= 4", false, "never");
    expect_flip(&f, "did(Order 30 to 60 days ago)", false, "at 2025-03-31T12:00:00.000Z");
    expect_flip(&f, "did(Order this month)", true, "at 2025-03-31T15:00:00.000Z");
    expect_flip(&f, "sum(Order.revenue last 1 full month) > 0", false,
                "at 2025-03-31T15:00:00.000Z");
    expect_flip(&f, "count(Order last 30 days) / count(Order) < 0.5", false,
                "at 2025-04-09T12:00:00.000Z");
    expect_flip(&f, "last(Order.kind where tax < 3 last 3 weeks) = \"app\"", true,
                "at 2025-03-31T12:00:00.000Z");
    expect_flip(&f, "count(Order) >= 3", true, "never");
    expect_flip(&f, "did(Order from \"2025-01-01\" to \"2030-01-01\")", true, "never");
    gy_fixture_close(&f);
}

static void dates_of_the_zone(void **state)
{
    (void)state;
    struct gy_fixture f;
    shop(&f);
    expect_flip(&f, "anniversary(trait.born next 7 days)", false, "at 2025-04-03T15:00:00.000Z");
    expect_flip_as_of(&f, "2025-04-05T00:00:00Z", "anniversary(trait.born next 7 days)", true,
                      "at 2025-04-10T15:00:00.000Z");
    expect_flip(&f, "age(trait.born) between 20 and 34", true, "at 2025-04-09T15:00:00.000Z");
    expect_flip(&f, "age(trait.born) >= 40", false, "at 2030-04-09T15:00:00.000Z");
    expect_flip(&f, "age(trait.born) >= 19", true, "never");
    expect_flip(&f, "trait.tier = \"gold\"", true, "never");
    gy_fixture_close(&f);
}

static void time_runs(void **state)
{
    (void)state;
    struct gy_fixture f;
    shop(&f);
    /* The last order is 4.5 days ago; the mean interval is 9.5 days. */
    expect_flip(&f, "days_since(Order) >= 60", false, "at 2025-05-19T12:00:00.000Z");
    expect_flip(&f, "days_since(Order) > 60", false, "at 2025-05-19T12:00:00.001Z");
    expect_flip(&f, "days_since(Order) between 5 and 6", false, "at 2025-03-25T12:00:00.000Z");
    expect_flip_as_of(&f, "2025-03-26T00:00:00Z", "days_since(Order) between 5 and 6", true,
                      "at 2025-03-26T12:00:00.001Z");
    expect_flip(&f, "days_since(Order) > 2 * interval(Order)", false,
                "at 2025-04-08T12:00:00.001Z");
    expect_flip(&f, "30 - days_since(Order) < 0", false, "at 2025-04-19T12:00:00.001Z");
    expect_flip(&f, "days_since(Order last 10 days) > 5", false, "at 2025-03-25T12:00:00.001Z");
    expect_flip(&f, "days_since(Order last 10 days) > 10", false, "never"); /* it is out by then */
    expect_flip(&f, "days_since(Order) = 7", false, "at 2025-03-27T12:00:00.000Z");
    expect_flip(&f, "days_since(Order) is known", true, "never");
    gy_fixture_close(&f);
}

static void what_is_not_foreseeable_is_said_so(void **state)
{
    (void)state;
    struct gy_fixture f;
    shop(&f);
    expect_flip(&f, "percentile(count(Order)) >= 50", true, "others");
    expect_flip(&f, "ntile(last_time(Order), 2) = 1 and trait.tier = \"tin\"", false, "never");
    expect_flip(&f, "days_since(Order) - days_since(Order where kind = \"app\") < 0", true,
                "running");
    expect_flip(&f, "10 / days_since(Order) > 1", true, "running");
    expect_flip(&f, "days_since(Visit) > days_since(Order)", false, "never"); /* missing */
    expect_flip(&f, "did(Order last 30 days) or percentile(count(Order)) >= 50", true,
                "others after 2025-04-19T12:00:00.000Z");
    expect_flip(&f, "percentile(count(Order)) >= 50 and did(Order last 30 days)", true, "others");
    expect_flip(&f, "days_since(Order) * 1e308 - 1e308 > 0", false, "running"); /* beyond doubles */
    gy_fixture_close(&f);
}

static void what_must_be_absent_has_its_time(void **state)
{
    (void)state;
    struct gy_fixture f;
    shop(&f);
    expect_flip(&f, "did(Order then no Visit within 10 days last 6 days)", false, "never");
    expect_flip(&f, "did(Order then no Visit within 10 days last 12 days)", false,
                "at 2025-03-30T12:00:00.000Z");
    expect_flip_as_of(&f, "2025-03-30T12:00:00Z",
                      "did(Order then no Visit within 10 days last 12 days)", true,
                      "at 2025-04-01T12:00:00.000Z");
    expect_flip(&f, "did(Order then Order within 8 days)", false, "never");
    gy_fixture_close(&f);
}

static void groups_follow_from_their_parts(void **state)
{
    (void)state;
    struct gy_fixture f;
    shop(&f);
    struct answer a = ask(&f, "a", NOW,
                          "count(Order last 30 days) >= 2 and not (days_since(Order) > 10"
                          " or trait.tier = \"tin\")");
    const struct gy_why_node *root = a.why.root;
    int64_t now_ms = instant(NOW);
    assert_true(root->holds);
    expect_flip_of(root, now_ms, "at 2025-03-30T12:00:00.001Z");
    assert_int_equal(root->n_children, 2); /* in the order of the text */
    expect_flip_of(&root->children[0], now_ms, "at 2025-04-09T12:00:00.000Z");
    const struct gy_why_node *either = &root->children[1].children[0];
    assert_int_equal(either->expr->kind, GY_EXPR_OR);
    assert_false(either->holds);
    expect_flip_of(&either->children[1], now_ms, "never");
    forget(&a);
    /* The one becomes true as the other becomes false: nothing is seen of it. */
    expect_flip(
        &f, "did(Order where tax = 1 last 30 days) or did(Order where tax = 1 30 to 31 days ago)",
        true, "at 2025-04-01T12:00:00.000Z");
    gy_fixture_close(&f);
}

static void put_segment(struct gy_fixture *f, const char *name, const char *text)
{
    struct gy_error err;
    assert_ok(gy_writer_put_segment(f->writer, gy_str_of(name), gy_str_of(text), GY_STR("{}"),
                                    (struct gy_str){0}, (struct gy_str){0}, &err),
              &err);
}

static void references_are_opened_and_shifted(void **state)
{
    (void)state;
    struct gy_fixture f;
    shop(&f);
    put_segment(&f, "active", "did(Order last 30 days)");
    struct answer a = ask(&f, "a", NOW, "in segment(active 30 days ago)");
    const struct gy_why_node *inside = &a.why.root->children[0];
    assert_false(a.why.root->holds); /* 23 February */
    assert_int_equal(inside->now_ms, instant("2025-02-23T00:00:00Z"));
    expect_flip_of(a.why.root, instant(NOW), "at 2025-03-31T12:00:00.000Z");
    expect_flip_of(inside, instant(NOW), "at 2025-03-31T12:00:00.000Z");
    forget(&a);
    expect_flip(&f, "in segment(active)", true, "at 2025-04-19T12:00:00.000Z");
    expect_flip(&f, "in segment(active 1 day ago)", true, "at 2025-04-20T12:00:00.000Z");
    expect_flip_as_of(&f, "2025-01-20T00:00:00Z", "in segment(active 1 month ago)", false, "never");
    put_segment(&f, "tinned", "trait.tier = \"tin\""); /* as a is from 1 April */
    expect_flip_as_of(&f, "2025-04-05T00:00:00Z", "in segment(tinned 10 days ago)", false,
                      "at 2025-04-11T00:00:00.000Z");
    /* Nobody who was not there yet is outside either. */
    put_segment(&f, "inactive", "not in segment(active)");
    expect_flip_as_of(&f, "2025-01-20T00:00:00Z", "in segment(inactive 1 month ago)", false,
                      "at 2025-02-01T00:00:00.000Z");
    gy_fixture_close(&f);
}

static void a_list_is_foreseen_as_it_was_changed(void **state)
{
    (void)state;
    struct gy_error err;
    struct gy_fixture f;
    struct gy_str ids[] = {GY_STR("a"), GY_STR("b")};
    char now[GY_TIME_TEXT];
    char expected[GY_TIME_TEXT + 3];
    char flip[GY_TIME_TEXT];
    shop(&f);
    assert_ok(gy_writer_put_list(f.writer, GY_STR("mail"), ids, 2, false, &err), &err);
    assert_ok(gy_writer_take_from_list(f.writer, GY_STR("mail"), ids, 1, &err), &err);
    put_segment(&f, "mailed", "in list(mail)");
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    int64_t taken_ms = gy_snapshot_list(s, 0)->changed_ms;
    gy_snapshot_close(s);
    gy_time_print(taken_ms + 1, now);
    gy_time_print(taken_ms + 30 * GY_DAY_MS, flip);
    snprintf(expected, sizeof expected, "at %s", flip);
    expect_flip_as_of(&f, now, "in list(mail)", false, "never");
    expect_flip_as_of(&f, now, "in segment(mailed 30 days ago)", true, expected);
    expect_flip(&f, "in list(mail)", true, "never"); /* before it was taken off */
    gy_fixture_close(&f);
}

/* ---- what is missing ---- */

static struct gy_shortfall shortfall_of(const struct gy_fixture *f, const char *id,
                                        const char *text)
{
    struct answer a = ask(f, id, NOW, text);
    struct gy_shortfall out = a.why.root->shortfall;
    forget(&a);
    return out;
}

static void expect_shortfall(const struct gy_fixture *f, const char *text, double amount,
                             bool is_exclusive)
{
    struct gy_shortfall s = shortfall_of(f, "a", text);
    if (!s.is_given || s.amount != amount || s.is_exclusive != is_exclusive)
        fail_msg("%s: given %d, %.17g, exclusive %d", text, s.is_given, s.amount, s.is_exclusive);
}

static void what_is_missing_is_counted(void **state)
{
    (void)state;
    struct gy_fixture f;
    shop(&f);
    expect_shortfall(&f, "count(Order) >= 5", 2, false);
    expect_shortfall(&f, "count(Order last 10 days) > 1.5", 1, false);
    expect_shortfall(&f, "5 <= count(Order)", 2, false);
    expect_shortfall(&f, "count(Order) = 2 + 2", 1, false);
    expect_shortfall(&f, "count(Order) != 3", 1, false);
    expect_shortfall(&f, "count(Order) between 4 and 9", 1, false);
    expect_shortfall(&f, "days(Order) >= 4", 1, false);
    expect_shortfall(&f, "distinct(Order.kind) >= 4", 2, false);
    expect_shortfall(&f, "did(Visit)", 1, false);
    expect_shortfall(&f, "sum(Order.revenue) >= 6000.4", 0.1, false); /* in decimals */
    expect_shortfall(&f, "sum(Order.revenue) > 6000.3", 0, true);
    gy_fixture_close(&f);
}

static void nothing_is_missing_where_more_does_not_help(void **state)
{
    static const char *const TEXTS[] = {
        "count(Order) < 3",
        "count(Order) = 2",
        "count(Order) = 3.5",
        "count(Order) >= 3",
        "count(Order) between 1 and 2",
        "did(Order before \"2025-01-01\")",
        "did(Order 60 to 90 days ago)",
        "count(Order) >= count(Order) + 1",
        "avg(Order.revenue) > 99999",
        "sum(Order.revenue) = 6000",
    };
    (void)state;
    struct gy_fixture f;
    shop(&f);
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        if (shortfall_of(&f, "a", TEXTS[i]).is_given)
            fail_msg("%s", TEXTS[i]);
    }
    gy_fixture_close(&f);
}

/* `n` orders of `amount` in all, on as many days that have none (20 March has), each of a new kind. */
static void add_orders(struct gy_fixture *f, unsigned n, double amount)
{
    for (unsigned i = 0; i < n; i++) {
        char time[GY_TIME_TEXT];
        char properties[100];
        gy_time_print(instant(NOW) - (int64_t)(i < 5 ? i : i + 1) * GY_DAY_MS, time);
        snprintf(properties, sizeof properties, "{\"revenue\": %.17g, \"kind\": \"new %u\"}",
                 i == 0 ? amount : 0.0, i);
        gy_fixture_track(f, "a", "Order", time, properties);
    }
    gy_fixture_commit(f);
}

static void making_it_good_lets_in_and_less_does_not(void **state)
{
    static const char *const TESTS[] = {
        "count(Order last 20 days) >= ", "days(Order last 10 days) > ",
        "distinct(Order.kind) >= ", "sum(Order.revenue) >= "};
    (void)state;
    uint64_t random = gy_test_seed();
    for (unsigned i = 0; i < 24; i++) {
        char text[100];
        struct gy_fixture f;
        double bound = i % 4 == 3 ? 6000 + (double)gy_test_below(&random, 100000) / 100 + 1
                                  : 4 + (double)gy_test_below(&random, 4);
        shop(&f);
        snprintf(text, sizeof text, "%s%.17g", TESTS[i % 4], bound);
        struct gy_shortfall s = shortfall_of(&f, "a", text);
        assert_true(s.is_given);
        bool is_sum = s.aggregate == GY_SUM;
        bool is_one = !is_sum && s.amount == 1;
        add_orders(&f, is_sum ? 1 : (unsigned)s.amount - 1, is_sum ? s.amount - 0.01 : 0);
        if (!is_one)
            assert_true(shortfall_of(&f, "a", text).is_given);
        gy_fixture_close(&f);
        shop(&f);
        add_orders(&f, is_sum ? 1 : (unsigned)s.amount, is_sum ? s.amount : 0);
        struct answer a = ask(&f, "a", NOW, text);
        if (!a.why.root->holds)
            fail_msg("%s is short of %.17g still", text, s.amount);
        forget(&a);
        gy_fixture_close(&f);
    }
}

/* ---- bounds ---- */

static enum gy_status try_it(const struct gy_snapshot *s, const char *id, const char *now,
                             const char *text, struct gy_error *err)
{
    struct gy_definition definition;
    struct gy_why why;
    define(s, text, &definition);
    enum gy_status status = gy_why(s, definition.expr, instant(now),
                                   gy_snapshot_find(s, gy_str_of(id)), NULL, &why, err);
    if (status == GY_OK)
        gy_why_release(&why);
    gy_definition_release(&definition);
    return status;
}

static void who_comes_later_is_not_there(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    shop(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_int_equal(try_it(s, "a", "2024-12-31T00:00:00Z", "everyone", &err), GY_NOT_FOUND);
    assert_string_equal(err.message, "customer \"a\" came later");
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static void references_that_double_are_bounded(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    shop(&f);
    put_segment(&f, "s0", "did(Order)");
    for (unsigned i = 1; i <= 20; i++) {
        char name[10];
        char text[60];
        snprintf(name, sizeof name, "s%u", i);
        snprintf(text, sizeof text, "in segment(s%u) and in segment(s%u)", i - 1, i - 1);
        put_segment(&f, name, text);
    }
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_int_equal(try_it(s, "a", NOW, "in segment(s8)", &err), GY_OK);
    assert_int_equal(try_it(s, "a", NOW, "in segment(s20)", &err), GY_LIMIT);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(a_count_shows_the_newest_events_with_what_was_asked_of_them),
        cmocka_unit_test(values_within_values_are_told_once),
        cmocka_unit_test(a_chain_shows_a_choice_that_fits),
        cmocka_unit_test(recorded_changes_are_shown),
        cmocka_unit_test(events_leave_their_window),
        cmocka_unit_test(dates_of_the_zone),
        cmocka_unit_test(time_runs),
        cmocka_unit_test(what_is_not_foreseeable_is_said_so),
        cmocka_unit_test(what_must_be_absent_has_its_time),
        cmocka_unit_test(groups_follow_from_their_parts),
        cmocka_unit_test(references_are_opened_and_shifted),
        cmocka_unit_test(a_list_is_foreseen_as_it_was_changed),
        cmocka_unit_test(what_is_missing_is_counted),
        cmocka_unit_test(nothing_is_missing_where_more_does_not_help),
        cmocka_unit_test(making_it_good_lets_in_and_less_does_not),
        cmocka_unit_test(who_comes_later_is_not_there),
        cmocka_unit_test(references_that_double_are_bounded),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(cases, NULL, NULL);
}
