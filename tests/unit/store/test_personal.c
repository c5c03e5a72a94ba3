/* test_personal.c - which names say who somebody is, by hand; and what a workspace says of its own. */
#include "harness.h"
#include "store_fixture.h"

#include "store/personal.h"

static void test_names(void **state)
{
    (void)state;
    static const char *const always[] = {"email",           "Email",           "e-mail address",
                                         "customer_email",  "billing_address", "billingAddress",
                                         "Billing Address", "phone",           "homePhone",
                                         "phone_number",    "firstName",       "first_name",
                                         "LAST_NAME",       "birthday",        "date_of_birth",
                                         "user.email",      "이메일",          "고객 이름",
                                         "생년월일",        "휴대폰_번호",     "ip",
                                         "contact.address1"};
    static const char *const never[] = {"emails_opened",
                                        "email_verified",
                                        "femail",
                                        "region",
                                        "product_name",
                                        "plan.name",
                                        "city",
                                        "headphone",
                                        "revenue",
                                        "zip",
                                        "ship",
                                        "",
                                        "_",
                                        "상품명",
                                        "nameless",
                                        "address_count"};
    for (size_t i = 0; i < sizeof always / sizeof *always; i++) {
        bool is_both = gy_is_personal_name(true, gy_str_of(always[i])) &&
                       gy_is_personal_name(false, gy_str_of(always[i]));
        if (!is_both) {
            fail_msg("%s is personal", always[i]);
        }
    }
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        bool is_any = gy_is_personal_name(true, gy_str_of(never[i])) ||
                      gy_is_personal_name(false, gy_str_of(never[i]));
        if (is_any) {
            fail_msg("%s is not personal", never[i]);
        }
    }
    assert_true(gy_is_personal_name(true, GY_STR("name"))); /* a trait: whose */
    assert_true(gy_is_personal_name(true, GY_STR("Name")));
    assert_false(gy_is_personal_name(false, GY_STR("name"))); /* a product's */
}

static bool is_personal(const struct gy_fixture *f, const char *event, const char *name)
{
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    bool is = gy_snapshot_is_personal(s, gy_str_of(event), gy_str_of(name));
    gy_snapshot_close(s);
    return is;
}

static void test_what_a_workspace_says(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    assert_true(is_personal(&f, "", "email"));
    assert_false(is_personal(&f, "", "loyalty_card"));
    assert_ok(gy_writer_set_personal(f.writer, GY_STR(""), GY_STR("email"), false, &err), &err);
    assert_ok(gy_writer_set_personal(f.writer, GY_STR(""), GY_STR("loyalty_card"), true, &err),
              &err);
    assert_ok(gy_writer_set_personal(f.writer, GY_STR("Visit"), GY_STR("note"), true, &err), &err);
    assert_false(is_personal(&f, "", "email"));
    assert_true(is_personal(&f, "", "loyalty_card"));
    assert_true(is_personal(&f, "Visit", "email")); /* another field */
    assert_true(is_personal(&f, "Visit", "note"));
    assert_false(is_personal(&f, "Order", "note"));
    assert_ok(gy_writer_set_personal(f.writer, GY_STR(""), GY_STR("email"), true, &err), &err);
    assert_true(is_personal(&f, "", "email"));
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_names),
    cmocka_unit_test(test_what_a_workspace_says),
};

GY_TEST_MAIN(cases)
