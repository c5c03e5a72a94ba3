/* test_access.c - who asks is known by a token or a session and by nothing else; a session ends; what another site's page
 * makes a browser send changes nothing; a change and who made it are committed together. */
#include "harness.h"
#include "store_fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "server/access.h"
#include "store/audit.h"

#define HOUR       INT64_C(3600000)
#define T          INT64_C(1700000000000)
#define PASSWORD   GY_STR("$argon2id$stands-for-a-hash")
#define SESSION    "gys_abcdefghijklmnopqrstuvwxyz012345"
#define COOKIE     "a=b; gyeol=" SESSION "; c=d"
#define TLS_COOKIE "gyeol=old; __Host-gyeol=" SESSION

struct shop {
    struct gy_fixture f;
    struct gy_access *access;
    int64_t user;
};

static void add_token(struct gy_fixture *f, const char *name, const char *secret, enum gy_role role,
                      bool sees_personal)
{
    struct gy_error err = {0};
    struct gy_token token = {gy_str_of(name), {0}, role, sees_personal, 0};
    gy_hash_secret(gy_str_of(secret), token.hash);
    assert_ok(gy_writer_add_token(f->writer, &token, &err), &err);
}

/* An editor who logged in at T, and three tokens. */
static void open_shop(struct shop *shop)
{
    struct gy_error err = {0};
    struct gy_session session = {.created_ms = T, .used_ms = T};
    gy_fixture_open(&shop->f, "UTC");
    struct gy_writer *w = shop->f.writer;
    assert_ok(gy_writer_add_user(w, GY_STR("kim"), GY_ROLE_EDITOR, false, &shop->user, &err), &err);
    session.user = shop->user;
    gy_hash_secret(GY_STR(SESSION), session.hash);
    assert_ok(gy_writer_add_session(w, &session, &err), &err);
    add_token(&shop->f, "reads", "gyt_reads", GY_ROLE_ANALYST, false);
    add_token(&shop->f, "sees", "gyt_sees", GY_ROLE_ANALYST, true);
    add_token(&shop->f, "owns", "gyt_owns", GY_ROLE_OWNER, false);
    assert_ok(gy_access_open(shop->f.dir, &shop->access, &err), &err);
}

static void close_shop(struct shop *shop)
{
    gy_access_close(shop->access);
    gy_fixture_close(&shop->f);
}

/* By an Authorization header, or by a cookie that changes nothing. */
static enum gy_status ask(struct shop *shop, const char *authorization, const char *cookie,
                          int64_t now_ms, struct gy_caller *caller)
{
    struct gy_error err = {0};
    struct gy_access_request request = {.authorization = gy_str_of(authorization),
                                        .cookie = gy_str_of(cookie),
                                        .address = "10.1.2.3",
                                        .is_safe = true,
                                        .now_ms = now_ms};
    return gy_access_identify(shop->access, &request, caller, &err);
}

static void test_tokens(void **state)
{
    (void)state;
    struct shop shop;
    struct gy_caller caller;
    open_shop(&shop);
    assert_int_equal(ask(&shop, "Bearer gyt_reads", "", T, &caller), GY_OK);
    assert_string_equal(caller.name, "reads");
    assert_int_equal(caller.role, GY_ROLE_ANALYST);
    assert_false(caller.sees_personal);
    assert_false(caller.is_session);
    assert_int_equal(caller.user, 0);
    assert_string_equal(caller.address, "10.1.2.3");
    assert_int_equal(ask(&shop, "bearer  gyt_sees", "", T, &caller), GY_OK);
    assert_true(caller.sees_personal);
    assert_int_equal(ask(&shop, "Bearer gyt_owns", "", T, &caller), GY_OK);
    assert_true(caller.sees_personal); /* goes with the role */
    static const char *const wrong[] = {
        "Bearer gyt_read", "Bearer gyt_reads ", "Bearer reads",   "Bearer ",
        "Bearer",          "gyt_reads",         "Basic Z3l0Og==", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(ask(&shop, wrong[i], "", T, &caller), GY_UNAUTHORIZED);
        assert_int_equal(caller.role, GY_ROLE_NONE);
        assert_string_equal(caller.name, "");
    }
    /* a wrong token is not made good by a session */
    assert_int_equal(ask(&shop, "Bearer gyt_no", COOKIE, T, &caller), GY_UNAUTHORIZED);
    /* nor is a session's secret a token, or a token's a session */
    assert_int_equal(ask(&shop, "Bearer " SESSION, "", T, &caller), GY_UNAUTHORIZED);
    assert_int_equal(ask(&shop, "", "gyeol=gyt_owns", T, &caller), GY_UNAUTHORIZED);
    close_shop(&shop);
}

static void test_sessions_end_by_time(void **state)
{
    (void)state;
    struct shop shop;
    struct gy_caller caller;
    open_shop(&shop);
    assert_int_equal(ask(&shop, "", COOKIE, T + 12 * HOUR - 1, &caller), GY_OK);
    assert_true(caller.is_session);
    assert_string_equal(caller.name, "kim");
    assert_int_equal(caller.role, GY_ROLE_EDITOR);
    gy_access_reload(shop.access); /* which does not forget that it was used */
    int64_t at = T + 12 * HOUR - 1;
    while (at + 11 * HOUR < T + 7 * 24 * HOUR) { /* in use, it lives for seven days */
        at += 11 * HOUR;
        assert_int_equal(ask(&shop, "", COOKIE, at, &caller), GY_OK);
    }
    assert_int_equal(ask(&shop, "", COOKIE, T + 7 * 24 * HOUR, &caller), GY_UNAUTHORIZED);
    close_shop(&shop);
    open_shop(&shop); /* idle */
    assert_int_equal(ask(&shop, "", COOKIE, T + 12 * HOUR, &caller), GY_UNAUTHORIZED);
    assert_int_equal(ask(&shop, "", "gyeol=" SESSION "x", T, &caller), GY_UNAUTHORIZED);
    assert_int_equal(ask(&shop, "", "xgyeol=" SESSION, T, &caller), GY_UNAUTHORIZED);
    close_shop(&shop);
}

static void test_what_another_process_changed(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct shop shop;
    struct gy_caller caller;
    open_shop(&shop);
    assert_ok(gy_writer_set_role(shop.f.writer, shop.user, GY_ROLE_ANALYST, false, &err), &err);
    assert_ok(gy_writer_remove_token(shop.f.writer, GY_STR("owns"), &err), &err);
    gy_access_reload(shop.access);
    assert_int_equal(ask(&shop, "", COOKIE, T, &caller), GY_OK);
    assert_int_equal(caller.role, GY_ROLE_ANALYST);
    assert_int_equal(ask(&shop, "Bearer gyt_owns", "", T, &caller), GY_UNAUTHORIZED);
    assert_ok(gy_writer_remove_user(shop.f.writer, shop.user, &err), &err);
    gy_access_reload(shop.access);
    assert_int_equal(ask(&shop, "", COOKIE, T, &caller), GY_UNAUTHORIZED);
    close_shop(&shop);
}

/* ---- requests that change something ---- */

static enum gy_status change(struct shop *shop, const char *csrf, const char *origin,
                             const char *fetch_site)
{
    struct gy_error err = {0};
    struct gy_caller caller;
    struct gy_access_request request = {.cookie = GY_STR(COOKIE),
                                        .csrf = gy_str_of(csrf),
                                        .origin = gy_str_of(origin),
                                        .fetch_site = gy_str_of(fetch_site),
                                        .host = GY_STR("crm.example.com:8700"),
                                        .now_ms = T};
    return gy_access_identify(shop->access, &request, &caller, &err);
}

static void test_csrf(void **state)
{
    (void)state;
    struct shop shop;
    char csrf[GY_CSRF_SIZE];
    char other[GY_CSRF_SIZE];
    open_shop(&shop);
    gy_csrf_token(GY_STR(SESSION), csrf);
    gy_csrf_token(GY_STR("gys_other"), other);
    assert_int_equal(strlen(csrf), 64);
    assert_int_equal(change(&shop, csrf, "", ""), GY_OK);
    assert_int_equal(change(&shop, csrf, "http://crm.example.com:8700", "same-origin"), GY_OK);
    assert_int_equal(change(&shop, csrf, "https://CRM.example.com:8700", ""), GY_OK);
    assert_int_equal(change(&shop, "", "", ""), GY_FORBIDDEN);
    assert_int_equal(change(&shop, other, "", ""), GY_FORBIDDEN);
    assert_int_equal(change(&shop, SESSION, "", ""), GY_FORBIDDEN);
    static const char *const sites[][2] = {
        {"https://evil.example.com", ""},
        {"http://crm.example.com", ""}, /* another port */
        {"http://crm.example.com:8700.evil.com", ""},
        {"null", ""},
        {"http://crm.example.com:8700", "cross-site"},
        {"", "same-site"},
        {"", "none"},
    };
    for (size_t i = 0; i < sizeof sites / sizeof *sites; i++) {
        assert_int_equal(change(&shop, csrf, sites[i][0], sites[i][1]), GY_FORBIDDEN);
    }
    close_shop(&shop);
}

static void test_cookies(void **state)
{
    (void)state;
    char cookie[GY_SESSION_COOKIE_SIZE];
    gy_session_cookie_put(SESSION, false, 604800, cookie);
    assert_string_equal(cookie,
                        "gyeol=" SESSION "; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800");
    gy_session_cookie_put(SESSION, true, 604800, cookie);
    assert_string_equal(cookie, "__Host-gyeol=" SESSION
                                "; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=604800");
    gy_session_cookie_put("", true, 604800, cookie);
    assert_string_equal(cookie, "__Host-gyeol=; Path=/; HttpOnly; SameSite=Strict; Secure;"
                                " Max-Age=0");
    /* over TLS only what came over TLS is taken */
    assert_true(gy_str_equal(gy_session_cookie_find(GY_STR(TLS_COOKIE), true), GY_STR(SESSION)));
    assert_true(gy_str_equal(gy_session_cookie_find(GY_STR(TLS_COOKIE), false), GY_STR("old")));
    assert_int_equal(gy_session_cookie_find(GY_STR(COOKIE), true).len, 0);
    assert_int_equal(gy_session_cookie_find(GY_STR("gyeol"), false).len, 0);
    assert_int_equal(gy_session_cookie_find(GY_STR(";;=;gyeol=;"), false).len, 0);
}

/* ---- rights ---- */

static void test_rights(void **state)
{
    (void)state;
    static const bool may[4][4] = {
        /* public, read, edit, own */
        [GY_ROLE_NONE] = {true, false, false, false},
        [GY_ROLE_ANALYST] = {true, true, false, false},
        [GY_ROLE_EDITOR] = {true, true, true, false},
        [GY_ROLE_OWNER] = {true, true, true, true},
    };
    struct gy_error err = {0};
    for (int role = GY_ROLE_NONE; role <= GY_ROLE_OWNER; role++) {
        struct gy_caller caller = {.role = (enum gy_role)role};
        for (int right = GY_RIGHT_PUBLIC; right <= GY_RIGHT_OWN; right++) {
            enum gy_status status = gy_access_check(&caller, (enum gy_right)right, &err);
            enum gy_status refused = role == GY_ROLE_NONE ? GY_UNAUTHORIZED : GY_FORBIDDEN;
            assert_int_equal(status, may[role][right] ? GY_OK : refused);
        }
    }
}

/* ---- changes ---- */

static enum gy_status put_metric(struct gy_writer *w, void *name, struct gy_error *err)
{
    return gy_writer_put_metric(w, gy_str_of(name), GY_STR("count(\"a\")"), err);
}

static enum gy_status remove_metric(struct gy_writer *w, void *name, struct gy_error *err)
{
    return gy_writer_remove_metric(w, gy_str_of(name), err);
}

static void test_changes_are_told(void **state)
{
    (void)state;
    static char name[] = "aov";
    struct gy_error err = {0};
    struct shop shop;
    struct gy_caller caller;
    struct gy_audit_page page;
    struct gy_write_queue *queue;
    struct gy_change_told told = {"metric.put", GY_STR("aov"), GY_STR("count")};
    open_shop(&shop);
    gy_writer_close(shop.f.writer);
    shop.f.writer = NULL;
    struct gy_write_queue_options options = {.dir = shop.f.dir, .bytes_max = 1000, .log_ms_max = 1};
    assert_ok(gy_write_queue_start(&options, &queue, &err), &err);
    gy_access_use(shop.access, queue);
    assert_int_equal(ask(&shop, "Bearer gyt_owns", "", T, &caller), GY_OK);
    assert_ok(gy_access_write(shop.access, &caller, &told, put_metric, name, &err), &err);
    told.action = "metric.remove";
    assert_ok(gy_access_write(shop.access, &caller, &told, remove_metric, name, &err), &err);
    assert_int_equal(gy_access_write(shop.access, &caller, &told, remove_metric, name, &err),
                     GY_NOT_FOUND);
    gy_write_queue_begin_stop(queue);
    gy_write_queue_stop(queue);
    assert_ok(gy_audit_read(shop.f.dir, INT64_MAX, 10, &page, &err), &err);
    assert_int_equal(page.n, 2);
    assert_string_equal(page.entries[0].action.ptr, "metric.remove");
    assert_string_equal(page.entries[1].action.ptr, "metric.put");
    assert_string_equal(page.entries[1].who.ptr, "owns");
    assert_string_equal(page.entries[1].address.ptr, "10.1.2.3");
    assert_string_equal(page.entries[1].detail.ptr, "count");
    gy_audit_page_release(&page);
    close_shop(&shop);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_tokens),
    cmocka_unit_test(test_sessions_end_by_time),
    cmocka_unit_test(test_what_another_process_changed),
    cmocka_unit_test(test_csrf),
    cmocka_unit_test(test_cookies),
    cmocka_unit_test(test_rights),
    cmocka_unit_test(test_changes_are_told),
};

GY_TEST_MAIN(cases)
