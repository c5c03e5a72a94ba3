/* test_accounts.c - who may ask: people come by invitation, once and in time; an owner stays; secrets are not stored. */
#include "harness.h"
#include "store_fixture.h"

#include <string.h>

#include "base/hash.h"
#include "store/accounts.h"
#include "store/catalog.h"

#define PASSWORD GY_STR("$argon2id$stands-for-a-hash")

static struct gy_accounts read_accounts(const struct gy_fixture *f)
{
    struct gy_error err = {0};
    struct gy_accounts accounts;
    assert_ok(gy_accounts_read(f->dir, &accounts, &err), &err);
    return accounts;
}

static void hash_of(const char *secret, uint8_t out[32])
{
    gy_hash_secret(gy_str_of(secret), out);
}

/* A user who can log in. */
static int64_t add_person(struct gy_fixture *f, const char *name, enum gy_role role)
{
    struct gy_error err = {0};
    uint8_t hash[32];
    int64_t id;
    hash_of(name, hash);
    assert_ok(gy_writer_add_user(f->writer, gy_str_of(name), role, false, &id, &err), &err);
    assert_ok(gy_writer_invite(f->writer, id, hash, 2000, &err), &err);
    assert_ok(gy_writer_accept(f->writer, hash, GY_STR(""), PASSWORD, 1000, NULL, &err), &err);
    return id;
}

static void add_session(struct gy_fixture *f, int64_t user, const char *secret, int64_t used_ms)
{
    struct gy_error err = {0};
    struct gy_session session = {.user = user, .created_ms = 5, .used_ms = used_ms};
    hash_of(secret, session.hash);
    assert_ok(gy_writer_add_session(f->writer, &session, &err), &err);
}

static bool has_session(const struct gy_accounts *a, const char *secret)
{
    bool found = false;
    uint8_t hash[32];
    hash_of(secret, hash);
    for (size_t i = 0; i < a->n_sessions; i++)
        found |= memcmp(a->sessions[i].hash, hash, 32) == 0;
    return found;
}

static void test_the_first_owner(void **state)
{
    (void)state;
    struct gy_error err = {0};
    uint8_t one[32];
    uint8_t two[32];
    int64_t id;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    hash_of("one", one);
    hash_of("two", two);
    assert_ok(gy_writer_invite(f.writer, 0, one, 1000, &err), &err);
    assert_ok(gy_writer_invite(f.writer, 0, two, 1000, &err), &err); /* in place of it */
    assert_int_equal(gy_writer_accept(f.writer, one, GY_STR("kim"), PASSWORD, 1, NULL, &err),
                     GY_NOT_FOUND);
    assert_int_equal(gy_writer_accept(f.writer, two, GY_STR("kim"), PASSWORD, 1000, NULL, &err),
                     GY_NOT_FOUND); /* too late */
    assert_int_equal(gy_writer_accept(f.writer, two, GY_STR("a\nb"), PASSWORD, 999, NULL, &err),
                     GY_INVALID); /* which does not use it up */
    assert_ok(gy_writer_accept(f.writer, two, GY_STR("kim"), PASSWORD, 999, &id, &err), &err);
    assert_int_equal(gy_writer_accept(f.writer, two, GY_STR("lee"), PASSWORD, 999, NULL, &err),
                     GY_NOT_FOUND); /* once */
    assert_int_equal(gy_writer_invite(f.writer, 0, one, 1000, &err), GY_CONFLICT);
    struct gy_accounts a = read_accounts(&f);
    assert_int_equal(a.n_users, 1);
    assert_int_equal(a.users[0].id, id);
    assert_int_equal(a.users[0].role, GY_ROLE_OWNER);
    assert_int_equal(a.n_invitations, 0);
    gy_accounts_release(&a);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* A link of the time when there was no user: it holds neither once there is one, nor again once they are gone. */
static void test_the_first_owners_link_ends_with_the_first_user(void **state)
{
    (void)state;
    struct gy_error err = {0};
    uint8_t link[32];
    int64_t kim;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    hash_of("link", link);
    assert_ok(gy_writer_invite(f.writer, 0, link, 1000, &err), &err);
    assert_ok(gy_writer_add_user(f.writer, GY_STR("kim"), GY_ROLE_ANALYST, false, &kim, &err),
              &err);
    assert_int_equal(gy_writer_accept(f.writer, link, GY_STR("lee"), PASSWORD, 1, NULL, &err),
                     GY_NOT_FOUND);
    assert_ok(gy_writer_remove_user(f.writer, kim, &err), &err);
    assert_int_equal(gy_writer_accept(f.writer, link, GY_STR("lee"), PASSWORD, 1, NULL, &err),
                     GY_NOT_FOUND);
    struct gy_accounts a = read_accounts(&f);
    assert_int_equal(a.n_users, 0);
    assert_int_equal(a.n_invitations, 0);
    gy_accounts_release(&a);
    gy_fixture_close(&f);
}

/* Nor one that an earlier version left beside users. */
static void test_a_link_that_was_left(void **state)
{
    (void)state;
    struct gy_error err = {0};
    uint8_t link[32];
    struct gy_catalog c;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    hash_of("link", link);
    add_person(&f, "kim", GY_ROLE_OWNER);
    assert_ok(gy_catalog_open(&c, f.dir, &err), &err);
    assert_ok(gy_catalog_run(&c, &err, "INSERT INTO invitation VALUES(?, 0, 1000)", "b",
                             (struct gy_str){(const char *)link, sizeof link}),
              &err);
    gy_catalog_close(&c);
    assert_int_equal(gy_writer_accept(f.writer, link, GY_STR("lee"), PASSWORD, 1, NULL, &err),
                     GY_NOT_FOUND);
    struct gy_accounts a = read_accounts(&f);
    assert_int_equal(a.n_users, 1);
    gy_accounts_release(&a);
    gy_fixture_close(&f);
}

static void test_names_are_not_given_twice(void **state)
{
    (void)state;
    struct gy_error err = {0};
    int64_t first;
    int64_t second;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    first = add_person(&f, "Kim", GY_ROLE_OWNER);
    assert_int_equal(
        gy_writer_add_user(f.writer, GY_STR("kIM"), GY_ROLE_EDITOR, false, &second, &err),
        GY_CONFLICT);
    assert_int_equal(
        gy_writer_add_user(f.writer, GY_STR(" kim"), GY_ROLE_EDITOR, false, NULL, &err),
        GY_INVALID);
    assert_int_equal(gy_writer_add_user(f.writer, GY_STR(""), GY_ROLE_EDITOR, false, NULL, &err),
                     GY_INVALID);
    second = add_person(&f, "Lee", GY_ROLE_OWNER);
    assert_ok(gy_writer_remove_user(f.writer, second, &err), &err);
    assert_true(add_person(&f, "Lee", GY_ROLE_EDITOR) >
                second); /* what was the other's is not theirs */
    struct gy_accounts a = read_accounts(&f);
    assert_int_equal(gy_accounts_user_named(&a, GY_STR("KIM"))->id, first);
    assert_null(gy_accounts_user_named(&a, GY_STR("Ki")));
    gy_accounts_release(&a);
    gy_fixture_close(&f);
}

static void test_an_owner_stays(void **state)
{
    (void)state;
    struct gy_error err = {0};
    int64_t invited;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    int64_t kim = add_person(&f, "kim", GY_ROLE_OWNER);
    add_person(&f, "lee", GY_ROLE_EDITOR);
    assert_ok(gy_writer_add_user(f.writer, GY_STR("park"), GY_ROLE_OWNER, false, &invited, &err),
              &err); /* cannot log in yet */
    assert_int_equal(gy_writer_remove_user(f.writer, kim, &err), GY_CONFLICT);
    assert_int_equal(gy_writer_set_role(f.writer, kim, GY_ROLE_EDITOR, false, &err), GY_CONFLICT);
    assert_ok(gy_writer_set_role(f.writer, kim, GY_ROLE_OWNER, true, &err), &err);
    assert_ok(gy_writer_remove_user(f.writer, invited, &err), &err);
    int64_t choi = add_person(&f, "choi", GY_ROLE_OWNER);
    assert_ok(gy_writer_set_role(f.writer, kim, GY_ROLE_ANALYST, false, &err), &err);
    assert_int_equal(gy_writer_remove_user(f.writer, choi, &err), GY_CONFLICT);
    assert_ok(gy_writer_remove_user(f.writer, kim, &err), &err);
    assert_int_equal(gy_writer_remove_user(f.writer, kim, &err), GY_NOT_FOUND);
    gy_fixture_close(&f);
}

static void test_sessions_end(void **state)
{
    (void)state;
    struct gy_error err = {0};
    uint8_t hash[32];
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    int64_t kim = add_person(&f, "kim", GY_ROLE_OWNER);
    int64_t lee = add_person(&f, "lee", GY_ROLE_EDITOR);
    add_session(&f, kim, "k1", 10);
    add_session(&f, kim, "k2", 10);
    add_session(&f, kim, "k3", 10);
    add_session(&f, lee, "l1", 20);
    hash_of("k2", hash);
    assert_ok(gy_writer_set_password(f.writer, kim, PASSWORD, hash, &err), &err);
    struct gy_accounts a = read_accounts(&f);
    assert_int_equal(a.n_sessions, 2); /* the one that changed it, and the other user's */
    assert_true(has_session(&a, "k2") && has_session(&a, "l1"));
    gy_accounts_release(&a);
    struct gy_session used = {.used_ms = 30};
    memcpy(used.hash, hash, sizeof hash);
    assert_ok(gy_writer_use_sessions(f.writer, &used, 1, &err), &err);
    assert_ok(gy_writer_end_old_sessions(f.writer, 5, 25, &err), &err); /* l1 was idle */
    a = read_accounts(&f);
    assert_int_equal(a.n_sessions, 1);
    assert_int_equal(a.sessions[0].used_ms, 30);
    gy_accounts_release(&a);
    assert_ok(gy_writer_end_old_sessions(f.writer, 6, 0, &err),
              &err); /* k2 has been there too long */
    add_session(&f, lee, "l2", 20);
    hash_of("l2", hash);
    assert_ok(gy_writer_end_session(f.writer, hash, &err), &err);
    add_session(&f, lee, "l3", 20);
    hash_of("new", hash);
    assert_ok(gy_writer_invite(f.writer, lee, hash, 1000, &err), &err); /* a reset */
    a = read_accounts(&f);
    assert_int_equal(a.n_sessions, 0);
    assert_int_equal(gy_accounts_user(&a, lee)->password.len, 0);
    assert_true(gy_accounts_user(&a, kim)->password.len > 0);
    gy_accounts_release(&a);
    assert_ok(gy_writer_remove_user(f.writer, lee, &err), &err);
    struct gy_session session = {.user = lee};
    assert_int_equal(gy_writer_add_session(f.writer, &session, &err), GY_NOT_FOUND);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void test_sessions_make_room(void **state)
{
    (void)state;
    struct gy_fixture f;
    char secret[8];
    gy_fixture_open(&f, "UTC");
    int64_t kim = add_person(&f, "kim", GY_ROLE_OWNER);
    for (int i = 0; i < GY_USER_SESSIONS + 3; i++) {
        snprintf(secret, sizeof secret, "s%d", i);
        add_session(&f, kim, secret, 1000 + i);
    }
    struct gy_accounts a = read_accounts(&f);
    assert_int_equal(a.n_sessions, GY_USER_SESSIONS);
    assert_false(has_session(&a, "s2"));
    assert_true(has_session(&a, "s3"));
    gy_accounts_release(&a);
    gy_fixture_close(&f);
}

static void test_tokens(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_token token = {.name = GY_STR("crm"), .role = GY_ROLE_EDITOR, .sees_personal = true};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    hash_of("secret-of-crm", token.hash);
    assert_ok(gy_writer_add_token(f.writer, &token, &err), &err);
    assert_int_equal(gy_writer_add_token(f.writer, &token, &err), GY_CONFLICT);
    struct gy_accounts a = read_accounts(&f);
    assert_int_equal(a.n_tokens, 1);
    assert_string_equal(a.tokens[0].name.ptr, "crm");
    assert_int_equal(a.tokens[0].role, GY_ROLE_EDITOR);
    assert_true(a.tokens[0].sees_personal);
    assert_memory_equal(a.tokens[0].hash, token.hash, 32);
    gy_accounts_release(&a);
    assert_ok(gy_writer_remove_token(f.writer, GY_STR("crm"), &err), &err);
    assert_int_equal(gy_writer_remove_token(f.writer, GY_STR("crm"), &err), GY_NOT_FOUND);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_the_first_owner),
    cmocka_unit_test(test_the_first_owners_link_ends_with_the_first_user),
    cmocka_unit_test(test_a_link_that_was_left),
    cmocka_unit_test(test_names_are_not_given_twice),
    cmocka_unit_test(test_an_owner_stays),
    cmocka_unit_test(test_sessions_end),
    cmocka_unit_test(test_sessions_make_room),
    cmocka_unit_test(test_tokens),
};

GY_TEST_MAIN(cases)
