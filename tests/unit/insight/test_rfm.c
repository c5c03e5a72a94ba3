/* test_rfm.c - the scheme RF-11, and scores and sums of five buyers worked out by hand. */
#include <math.h>
#include <string.h>

#include "harness.h"
#include "store_fixture.h"

#include "insight/rfm.h"
#include "insight/words.h"

/* The picture of rfm.h: F 5 on top, R 1 to the left. */
static void every_cell_has_its_group(void **state)
{
    (void)state;
    static const char *const map[5][5] = {
        {"Cannot Lose", "Cannot Lose", "Loyal", "Loyal", "Champions"},
        {"At Risk", "At Risk", "Loyal", "Loyal", "Champions"},
        {"At Risk", "At Risk", "Need Attention", "Potential Loyalists", "Potential Loyalists"},
        {"Hibernating", "Hibernating", "About to Sleep", "Potential Loyalists",
         "Potential Loyalists"},
        {"Lost", "Hibernating", "About to Sleep", "Promising", "New"},
    };
    for (int r = 1; r <= 5; r++) {
        for (int f = 1; f <= 5; f++) {
            enum gy_rfm_group group = gy_rfm_group_of(r, f);
            assert_string_equal(gy_rfm_group_name(group, "en"), map[5 - f][r - 1]);
        }
    }
    assert_string_equal(gy_rfm_group_name(GY_RFM_NEW, "ko"), "신규 고객");
}

static void order(struct gy_fixture *f, const char *user, const char *day, const char *revenue)
{
    char time[64];
    char properties[64];
    snprintf(time, sizeof time, "2024-05-%sT00:00:00Z", day);
    snprintf(properties, sizeof properties, "{\"revenue\": %s}", revenue);
    gy_fixture_track(f, user, "Order Completed", time, properties);
}

/* Five buyers, so that each fifth is one: a bought latest, and e most often. */
static struct gy_snapshot *open_shop(struct gy_fixture *f)
{
    static const char *const users[] = {"a", "b", "c", "d", "e"};
    static const char *const days[] = {"25", "24", "23", "22", "21"};
    static const char *const earlier[] = {"01", "02", "03", "04"};
    gy_fixture_open(f, "UTC");
    for (int i = 0; i < 5; i++) {
        order(f, users[i], days[i], "0.1");
        for (int k = 0; k < i; k++) {
            order(f, users[i], earlier[k], "0.2");
        }
    }
    gy_fixture_track(f, "looker", "Visit", "2024-05-01T00:00:00Z", NULL);
    gy_fixture_commit(f);
    return gy_fixture_snapshot(f);
}

static const int64_t now_ms = INT64_C(1716681600000); /* 2024-05-26T00:00:00Z */

static void scores_and_sums_of_five_buyers(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_rfm rfm;
    struct gy_error err = {0};
    struct gy_snapshot *s = open_shop(&f);
    assert_ok(gy_rfm_make(s, NULL, now_ms, NULL, &rfm, &err), &err);
    assert_int_equal(rfm.n, 5);
    for (size_t i = 0; i < rfm.n; i++) {
        const struct gy_rfm_customer *c = &rfm.customers[i];
        int place = gy_snapshot_id(s, c->ordinal, NULL).ptr[0] - 'a';
        assert_int_equal(c->r, 5 - place);
        assert_int_equal(c->f, 1 + place);
        assert_int_equal(c->m, 1 + place);
        assert_true(c->recency_days == 1 + place && c->frequency == 1 + place);
        assert_int_equal(rfm.cells[c->r - 1][c->f - 1], 1);
    }
    /* e: 0.1 and four times 0.2 are 0.9; all: 5 × 0.1 and 10 × 0.2 are 2.5. */
    assert_true(rfm.groups[GY_RFM_CANNOT_LOSE].revenue == 0.9);
    assert_true(rfm.all.revenue == 2.5);
    assert_true(rfm.all.mean_monetary == 0.5);
    assert_true(rfm.all.mean_frequency == 3);
    assert_int_equal(rfm.groups[GY_RFM_CHAMPIONS].n_customers, 0);
    gy_rfm_release(&rfm);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static void an_audience_keeps_the_scores_of_all(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_rfm rfm;
    struct gy_error err = {0};
    struct gy_snapshot *s = open_shop(&f);
    uint32_t e = gy_snapshot_find(s, GY_STR("e"));
    roaring_bitmap_t *audience = roaring_bitmap_of(2, e, gy_snapshot_find(s, GY_STR("looker")));
    assert_ok(gy_rfm_make(s, audience, now_ms, NULL, &rfm, &err), &err);
    assert_int_equal(rfm.n, 1);
    assert_int_equal(rfm.customers[0].f, 5);
    assert_int_equal(rfm.customers[0].group, GY_RFM_CANNOT_LOSE);
    gy_rfm_release(&rfm);
    roaring_bitmap_free(audience);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static void nobody_has_no_scores(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_rfm rfm;
    struct gy_error err = {0};
    gy_fixture_open(&f, "UTC");
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_ok(gy_rfm_make(s, NULL, now_ms, NULL, &rfm, &err), &err);
    assert_int_equal(rfm.n, 0);
    assert_true(rfm.all.revenue == 0 && isnan(rfm.all.mean_monetary));
    gy_rfm_release(&rfm);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static void every_word_is_there_in_both_languages(void **state)
{
    (void)state;
    for (int word = 0; word <= GY_WORD_LOST; word++) {
        assert_true(strlen(gy_word((enum gy_word)word, "en")) > 0);
        assert_true(strlen(gy_word((enum gy_word)word, "ko")) > 0);
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_cell_has_its_group),
    cmocka_unit_test(scores_and_sums_of_five_buyers),
    cmocka_unit_test(an_audience_keeps_the_scores_of_all),
    cmocka_unit_test(nobody_has_no_scores),
    cmocka_unit_test(every_word_is_there_in_both_languages),
};

GY_TEST_MAIN(cases)
