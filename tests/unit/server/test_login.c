/* test_login.c - people come by a link, with a password, and go; what is stored of it does not open anything. */
#include "harness.h"
#include "store_fixture.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/zone.h"
#include "server/login.h"
#include "server/password.h"
#include "store/audit.h"
#include "store/catalog.h"

#define GOOD  GY_STR("correct horse battery")
#define OTHER GY_STR("another horse battery")
#define LINK  GY_STR("gyi_link")

struct shop {
    struct gy_fixture f;
    struct gy_access *access;
    struct gy_write_queue *queue;
};

static void start(struct shop *shop)
{
    struct gy_error err = {0};
    struct gy_write_queue_options options = {
        .dir = shop->f.dir, .bytes_max = 1000, .log_ms_max = 1};
    assert_ok(gy_access_open(shop->f.dir, &shop->access, &err), &err);
    assert_ok(gy_write_queue_start(&options, &shop->queue, &err), &err);
    gy_access_use(shop->access, shop->queue);
}

static void stop(struct shop *shop)
{
    gy_access_keep_sessions(shop->access);
    gy_write_queue_begin_stop(shop->queue);
    gy_write_queue_stop(shop->queue);
    gy_access_close(shop->access);
}

/* With a link for the first owner. */
static void open_shop(struct shop *shop)
{
    struct gy_error err = {0};
    uint8_t hash[32];
    gy_fixture_open(&shop->f, "UTC");
    gy_hash_secret(LINK, hash);
    assert_ok(gy_writer_invite(shop->f.writer, 0, hash, gy_now_ms() + 60000, &err), &err);
    gy_writer_close(shop->f.writer);
    shop->f.writer = NULL;
    start(shop);
}

static void close_shop(struct shop *shop)
{
    stop(shop);
    gy_fixture_close(&shop->f);
}

static struct gy_caller from(const char *address)
{
    struct gy_caller caller = {0};
    snprintf(caller.address, sizeof caller.address, "%s", address);
    return caller;
}

static struct gy_caller accept_owner(struct shop *shop)
{
    struct gy_error err = {0};
    struct gy_caller caller = from("10.0.0.1");
    assert_ok(gy_login_accept(shop->access, &caller, LINK, GY_STR("kim"), GOOD, &err), &err);
    return caller;
}

static enum gy_status log_in(struct shop *shop, const char *address, struct gy_str name,
                             struct gy_str password, struct gy_caller *caller)
{
    struct gy_error err = {0};
    int64_t wait_ms;
    *caller = from(address);
    enum gy_status status = gy_login(shop->access, caller, name, password, &wait_ms, &err);
    assert_true((status == GY_TOO_MANY) == (wait_ms > 0));
    return status;
}

static bool is_known(struct shop *shop, const struct gy_caller *caller)
{
    struct gy_error err = {0};
    struct gy_caller known;
    char cookie[100];
    snprintf(cookie, sizeof cookie, "gyeol=%s", caller->session);
    struct gy_access_request request = {
        .cookie = gy_str_of(cookie), .is_safe = true, .now_ms = gy_now_ms()};
    enum gy_status status = gy_access_identify(shop->access, &request, &known, &err);
    assert_true(status != GY_OK || strcmp(known.name, caller->name) == 0);
    return status == GY_OK;
}

static void test_the_first_owner(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct shop shop;
    struct gy_arena arena = {0};
    struct gy_str name;
    struct gy_caller nobody = from("10.0.0.1");
    open_shop(&shop);
    assert_ok(gy_login_invited(shop.access, LINK, &arena, &name, &err), &err);
    assert_int_equal(name.len, 0);
    assert_int_equal(
        gy_login_accept(shop.access, &nobody, LINK, GY_STR("kim"), GY_STR("short"), &err),
        GY_INVALID);
    assert_int_equal(
        gy_login_accept(shop.access, &nobody, LINK, GY_STR("correct horse BATTERY"), GOOD, &err),
        GY_INVALID); /* the name */
    assert_int_equal(
        gy_login_accept(shop.access, &nobody, GY_STR("gyi_other"), GY_STR("kim"), GOOD, &err),
        GY_NOT_FOUND);
    assert_string_equal(nobody.name, "");
    struct gy_caller owner = accept_owner(&shop);
    assert_string_equal(owner.name, "kim");
    assert_int_equal(owner.role, GY_ROLE_OWNER);
    assert_true(owner.sees_personal);
    assert_true(is_known(&shop, &owner));
    assert_int_equal(gy_login_accept(shop.access, &nobody, LINK, GY_STR("lee"), GOOD, &err),
                     GY_NOT_FOUND);
    assert_int_equal(gy_login_invited(shop.access, LINK, &arena, &name, &err), GY_NOT_FOUND);
    gy_arena_release(&arena);
    close_shop(&shop);
}

/* Such a link that was left from before there were users opens nothing. */
static void test_the_first_owners_link_beside_users(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct shop shop;
    struct gy_arena arena = {0};
    struct gy_catalog c;
    struct gy_str name;
    struct gy_caller nobody = from("10.0.0.1");
    uint8_t hash[32];
    open_shop(&shop);
    (void)accept_owner(&shop);
    stop(&shop);
    gy_hash_secret(LINK, hash);
    assert_ok(gy_catalog_open(&c, shop.f.dir, &err), &err);
    assert_ok(gy_catalog_run(&c, &err, "INSERT INTO invitation VALUES(?, 0, ?)", "bi",
                             (struct gy_str){(const char *)hash, sizeof hash}, gy_now_ms() + 60000),
              &err);
    gy_catalog_close(&c);
    start(&shop);
    assert_int_equal(gy_login_invited(shop.access, LINK, &arena, &name, &err), GY_NOT_FOUND);
    assert_int_equal(gy_login_accept(shop.access, &nobody, LINK, GY_STR("lee"), GOOD, &err),
                     GY_NOT_FOUND);
    gy_arena_release(&arena);
    close_shop(&shop);
}

static void test_sessions(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct shop shop;
    struct gy_caller one;
    struct gy_caller two;
    struct gy_caller nobody;
    open_shop(&shop);
    struct gy_caller owner = accept_owner(&shop);
    assert_int_equal(log_in(&shop, "10.0.0.2", GY_STR("KIM"), GOOD, &one), GY_OK);
    assert_int_equal(log_in(&shop, "10.0.0.3", GY_STR("kim"), GOOD, &two), GY_OK);
    assert_string_not_equal(one.session, two.session);
    stop(&shop); /* sessions outlive the server */
    start(&shop);
    assert_true(is_known(&shop, &owner) && is_known(&shop, &one) && is_known(&shop, &two));
    assert_ok(gy_logout(shop.access, &one, &err), &err);
    assert_false(is_known(&shop, &one));
    assert_true(is_known(&shop, &two));
    assert_int_equal(gy_login_change_password(shop.access, &two, OTHER, OTHER, &err), GY_FORBIDDEN);
    assert_int_equal(gy_login_change_password(shop.access, &two, GOOD, GY_STR("short"), &err),
                     GY_INVALID);
    assert_ok(gy_login_change_password(shop.access, &two, GOOD, OTHER, &err), &err);
    assert_true(is_known(&shop, &two));
    assert_false(is_known(&shop, &owner)); /* the others end */
    assert_int_equal(log_in(&shop, "10.0.0.2", GY_STR("kim"), GOOD, &nobody), GY_UNAUTHORIZED);
    assert_int_equal(log_in(&shop, "10.0.0.2", GY_STR("kim"), OTHER, &nobody), GY_OK);
    struct gy_caller token = {.name = "token", .role = GY_ROLE_OWNER};
    assert_int_equal(gy_logout(shop.access, &token, &err), GY_INVALID);
    assert_int_equal(gy_login_change_password(shop.access, &token, GOOD, OTHER, &err), GY_INVALID);
    close_shop(&shop);
}

static void test_wrong_passwords_are_throttled(void **state)
{
    (void)state;
    struct shop shop;
    struct gy_caller caller;
    char address[32];
    int n_refused = 0;
    open_shop(&shop);
    accept_owner(&shop);
    assert_int_equal(log_in(&shop, "10.0.0.9", GY_STR(""), GY_STR(""), &caller), GY_UNAUTHORIZED);
    for (int i = 0; i < 8; i++) { /* a user, from anywhere */
        snprintf(address, sizeof address, "10.0.1.%d", i);
        enum gy_status status = log_in(&shop, address, GY_STR("kim"), OTHER, &caller);
        assert_true(status == GY_UNAUTHORIZED || status == GY_TOO_MANY);
        assert_string_equal(caller.name, "");
        n_refused += status == GY_TOO_MANY;
    }
    assert_true(n_refused >= 1);
    assert_int_equal(log_in(&shop, "10.0.0.2", GY_STR("Kim"), GOOD, &caller), GY_TOO_MANY);
    n_refused = 0;
    for (int i = 0; i < 26; i++) { /* users whom nobody knows, from one network */
        char name[16];
        snprintf(name, sizeof name, "user%d", i);
        snprintf(address, sizeof address, "2001:db8::%x", i + 1);
        n_refused += log_in(&shop, address, gy_str_of(name), OTHER, &caller) == GY_TOO_MANY;
    }
    assert_true(n_refused >= 1);
    assert_int_equal(log_in(&shop, "2001:db8:0:1::1", GY_STR("lee"), OTHER, &caller),
                     GY_UNAUTHORIZED);
    close_shop(&shop);
}

static void test_the_trail(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct shop shop;
    struct gy_audit_page page;
    open_shop(&shop);
    struct gy_caller owner = accept_owner(&shop);
    assert_ok(gy_logout(shop.access, &owner, &err), &err);
    assert_ok(gy_audit_read(shop.f.dir, INT64_MAX, 10, &page, &err), &err);
    assert_int_equal(page.n, 3);
    assert_string_equal(page.entries[2].action.ptr, "user accept");
    assert_string_equal(page.entries[1].action.ptr, "login");
    assert_string_equal(page.entries[0].action.ptr, "logout");
    for (size_t i = 0; i < page.n; i++) {
        assert_string_equal(page.entries[i].who.ptr, "kim");
        assert_string_equal(page.entries[i].address.ptr, "10.0.0.1");
    }
    gy_audit_page_release(&page);
    close_shop(&shop);
}

/* ---- hashing ---- */

struct
try {
    struct gy_password_gate *gate;
    enum gy_status status;
};

static void *hash_one(void *context)
{
    struct try *try = context;
    struct gy_error err = {0};
    char hash[GY_PASSWORD_HASH_SIZE];
    try->status = gy_password_hash(try->gate, GOOD, hash, &err);
    return NULL;
}

static void test_hashes(void **state)
{
    (void)state;
    enum {
        N = 24
    };
    struct gy_error err = {0};
    char one[GY_PASSWORD_HASH_SIZE];
    char two[GY_PASSWORD_HASH_SIZE];
    bool is;
    pthread_t threads[N];
    struct try tries[N];
    int n_done = 0;
    struct gy_password_gate *gate = gy_password_gate_new();
    assert_ok(gy_password_hash(gate, GOOD, one, &err), &err);
    assert_ok(gy_password_hash(gate, GOOD, two, &err), &err);
    assert_string_not_equal(one, two); /* salted */
    assert_memory_equal(one, "$argon2id$v=19$m=65536,t=2,p=1$", 31);
    assert_ok(gy_password_is(gate, one, GOOD, &is, &err), &err);
    assert_true(is);
    assert_ok(gy_password_is(gate, one, OTHER, &is, &err), &err);
    assert_false(is);
    assert_ok(gy_password_is(gate, "", GOOD, &is, &err), &err);
    assert_false(is);
    for (int i = 0; i < N; i++) { /* the memory of two, and a bounded queue */
        tries[i] = (struct try){gate, GY_OK};
        assert_int_equal(pthread_create(&threads[i], NULL, hash_one, &tries[i]), 0);
    }
    for (int i = 0; i < N; i++) {
        pthread_join(threads[i], NULL);
        assert_true(tries[i].status == GY_OK || tries[i].status == GY_TOO_MANY);
        n_done += tries[i].status == GY_OK;
    }
    assert_in_range(n_done, 6, N - 1);
    gy_password_gate_free(gate);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_the_first_owner),
    cmocka_unit_test(test_the_first_owners_link_beside_users),
    cmocka_unit_test(test_sessions),
    cmocka_unit_test(test_wrong_passwords_are_throttled),
    cmocka_unit_test(test_the_trail),
    cmocka_unit_test(test_hashes),
};

GY_TEST_MAIN(cases)
