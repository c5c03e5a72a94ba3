/* test_visit_source.c - where visits came from, by first pages as they come; and the channels of Google Analytics 4, rule
 * by rule (support.google.com/analytics/answer/9756891). */
#include "harness.h"

#include "base/buf.h"
#include "engine/visit_source.h"

static struct gy_known_sites known;

/* "source/medium campaign term content: channel" */
static void expect_page(const struct gy_page *page, const char *expected)
{
    struct gy_arena arena = {0};
    struct gy_buf found = {0};
    struct gy_visit_source s = {0};
    gy_visit_source_of(page, &known, &arena, &s);
    struct gy_str channel = gy_visit_channel(&s, &known, &arena);
    gy_buf_printf(&found, "%.*s/%.*s %.*s|%.*s|%.*s: %.*s", GY_STR_ARG(s.source),
                  GY_STR_ARG(s.medium), GY_STR_ARG(s.campaign), GY_STR_ARG(s.term),
                  GY_STR_ARG(s.content), GY_STR_ARG(channel));
    if (!gy_str_equal(gy_buf_view(&found), gy_str_of(expected)))
        fail_msg("%.*s from %.*s: %s, not %s", GY_STR_ARG(page->url), GY_STR_ARG(page->referrer),
                 found.ptr, expected);
    gy_buf_release(&found);
    gy_arena_release(&arena);
}

static void expect(const char *url, const char *referrer, const char *expected)
{
    struct gy_page page = {.url = gy_str_of(url), .referrer = gy_str_of(referrer)};
    expect_page(&page, expected);
}

#define SHOP "https://www.shop.example/"

static void addresses_that_say_it(void **state)
{
    (void)state;
    expect(SHOP
           "?utm_source=news&utm_medium=email&utm_campaign=%EB%B4%84&utm_term=a+b&utm_content=top",
           "https://www.google.com/", "news/email 봄|a b|top: Email");
    expect(SHOP "?utm_campaign=x&gclid=1", "", "/ x||: Unassigned");
    expect(SHOP "?gclid=1", "https://www.google.com/", "google/cpc ||: Paid Search");
    expect(SHOP "?gbraid=1&utm_term=shoes", "", "google/cpc |shoes|: Paid Search");
    expect(SHOP "?msclkid=1", "", "bing/cpc ||: Paid Search");
    expect(SHOP "?n_media=27758&n_query=x&n_keyword=%EC%8B%A0%EB%B0%9C",
           "https://search.naver.com/", "naver/cpc |신발|: Paid Search");
    expect(SHOP "?NaPm=ct%3Dx", "", "naver/cpc ||: Paid Search");
    expect(SHOP "?ttclid=1", "", "tiktok/cpc ||: Paid Social");
    /* an address that has only its query */
    struct gy_page page = {.search = GY_STR("?utm_source=a&utm_medium=b")};
    expect_page(&page, "a/b ||: Unassigned");
}

static void sites_that_led(void **state)
{
    (void)state;
    expect(SHOP, "https://www.google.com/search?q=red+shoes",
           "google/organic |red shoes|: Organic Search");
    expect(SHOP, "https://www.google.co.kr/", "google/organic ||: Organic Search");
    expect(SHOP, "android-app://com.google.android.googlequicksearchbox/",
           "google/organic ||: Organic Search");
    expect(SHOP, "https://mail.google.com/mail", "mail.google.com/referral ||: Referral");
    expect(SHOP, "https://m.search.naver.com/search.naver?query=%EC%8B%A0%EB%B0%9C",
           "naver/organic |신발|: Organic Search");
    expect(SHOP, "https://search.daum.net/search?q=a", "daum/organic |a|: Organic Search");
    expect(SHOP, "https://r.search.yahoo.com/_ylt", "yahoo/organic ||: Organic Search");
    expect(SHOP, "https://www.bing.com/", "bing/organic ||: Organic Search");
    expect(SHOP, "https://m.blog.naver.com/x/1", "m.blog.naver.com/referral ||: Organic Social");
    expect(SHOP, "https://talk.kakao.com/", "talk.kakao.com/referral ||: Organic Social");
    expect(SHOP, "https://l.facebook.com/l.php?u=x", "l.facebook.com/referral ||: Organic Social");
    expect(SHOP, "https://t.co/abc", "t.co/referral ||: Organic Social");
    expect(SHOP, "https://www.youtube.com/watch?v=1", "youtube.com/referral ||: Organic Video");
    expect(SHOP, "https://tv.naver.com/v/1", "tv.naver.com/referral ||: Organic Video");
    expect(SHOP, "https://www.coupang.com/", "coupang.com/referral ||: Organic Shopping");
    expect(SHOP, "https://www.amazon.co.jp/", "amazon.co.jp/referral ||: Organic Shopping");
    expect(SHOP, "https://partner.example/a", "partner.example/referral ||: Referral");
    /* names that only look like those of sites */
    expect(SHOP, "https://googleblog.example/", "googleblog.example/referral ||: Referral");
    expect(SHOP, "https://notfacebook.com/", "notfacebook.com/referral ||: Referral");
    expect(SHOP, "https://cat.co/", "cat.co/referral ||: Referral");
}

static void nothing_led(void **state)
{
    (void)state;
    expect(SHOP, "", "(direct)/(none) ||: Direct");
    expect(SHOP, "$direct", "(direct)/(none) ||: Direct");
    expect(SHOP, SHOP "a", "(direct)/(none) ||: Direct");
    expect(SHOP, "https://shop.example/a", "(direct)/(none) ||: Direct");
    expect(SHOP, "no address", "(direct)/(none) ||: Direct");
    expect("", "", "(direct)/(none) ||: Direct");
    expect("/a", "https://partner.example/", "partner.example/referral ||: Referral");
}

static void expect_channel(const char *source, const char *medium, const char *campaign,
                           const char *expected)
{
    struct gy_arena arena = {0};
    struct gy_visit_source s = {
        .source = gy_str_of(source), .medium = gy_str_of(medium), .campaign = gy_str_of(campaign)};
    struct gy_str channel = gy_visit_channel(&s, &known, &arena);
    if (!gy_str_equal(channel, gy_str_of(expected)))
        fail_msg("%s/%s %s: %.*s, not %s", source, medium, campaign, GY_STR_ARG(channel), expected);
    gy_arena_release(&arena);
}

static void channels(void **state)
{
    (void)state;
    expect_channel("(direct)", "(not set)", "", "Direct");
    expect_channel("x", "cpc", "a cross-network b", "Cross-network");
    expect_channel("x", "PPC", "Summer Shopping", "Paid Shopping");
    expect_channel("x", "cpc", "eshop", "Paid Shopping"); /* [^a-df-z] lets an e stand before it */
    expect_channel("x", "cpc", "workshop", "Paid Other");
    expect_channel("coupang", "paid-feed", "", "Paid Shopping");
    expect_channel("Google", "cpc", "", "Paid Search");
    expect_channel("naver", "retargeting", "", "Paid Search");
    expect_channel("instagram", "paidsocial", "", "Paid Social");
    expect_channel("youtube.com", "cpv,cpc", "", "Paid Video");
    expect_channel("x", "banner", "", "Display");
    expect_channel("x", "cpm", "", "Display");
    expect_channel("x", "cpa", "", "Paid Other");
    expect_channel("x", "y", "shop", "Organic Shopping");
    expect_channel("x", "Social-Network", "", "Organic Social");
    expect_channel("kakao", "message", "", "Organic Social");
    expect_channel("x", "my-video", "", "Organic Video");
    expect_channel("x", "organic", "", "Organic Search");
    expect_channel("naver", "brandsearch", "", "Organic Search");
    expect_channel("x", "app", "", "Referral");
    expect_channel("e-mail", "y", "", "Email");
    expect_channel("x", "E_mail", "", "Email");
    expect_channel("x", "affiliate", "", "Affiliates");
    expect_channel("x", "audio", "", "Audio");
    expect_channel("sms", "y", "", "SMS");
    expect_channel("firebase", "y", "", "Mobile Push Notifications");
    expect_channel("x", "web-push", "", "Mobile Push Notifications");
    expect_channel("x", "lms", "", "Unassigned");
    expect_channel("", "", "", "Unassigned");
}

static struct gy_str search_of(const char *url, struct gy_arena *arena)
{
    struct gy_page page = {.url = gy_str_of(url)};
    return gy_page_search_term(&page, arena);
}

static void searches_of_the_site(void **state)
{
    (void)state;
    struct gy_arena arena = {0};
    assert_true(gy_str_equal(search_of(SHOP "?keyword=%EA%B0%80", &arena), GY_STR("가")));
    assert_true(gy_str_equal(search_of(SHOP "?s=a&q=b", &arena), GY_STR("b")));
    assert_true(gy_str_equal(search_of(SHOP "?search=a", &arena), GY_STR("a")));
    assert_int_equal(search_of(SHOP "?k=a", &arena).len, 0);
    gy_arena_release(&arena);
}

static int forget(void **state)
{
    (void)state;
    gy_known_sites_release(&known);
    return 0;
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(addresses_that_say_it), cmocka_unit_test(sites_that_led),
    cmocka_unit_test(nothing_led),           cmocka_unit_test(channels),
    cmocka_unit_test(searches_of_the_site),
};

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(cases, NULL, forget);
}
