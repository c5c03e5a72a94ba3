/* test_erased_names.c - what the catalog names people in loses who is erased, and nobody else: dead letters, lists,
 * recorded changes and members. */
#include "erasure_fixture.h"

#include "store/json_words.h"

static void add_letter(struct gy_fixture *f, const char *call)
{
    struct gy_dead_letter letter = {GY_STR("web"), GY_STR("because"), gy_str_of(call)};
    gy_writer_add_dead_letter(f->writer, &letter);
}

static void add_letters(struct gy_fixture *f)
{
    add_letter(f, "{\"userId\":\"a\"}");
    add_letter(f, "{\"userId\":\"\\u0061\",");
    add_letter(f, "[{\"anonymousId\" : \"phone");
    add_letter(f, "{\"traits\":{\"note\":\"about a\",\"n\":1}}");
    add_letter(f, "{\"userId\":\"b\"}");
    gy_fixture_commit(f);
}

/* However it is stored: as a number, among others in a list, as what its name's type does not read. */
static void test_letters_with_contacts(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_identify(&f, "b", NULL, "{\"tel\":5550001,\"mails\":[\"b@x.example\"]}");
    gy_fixture_commit(&f);
    gy_fixture_identify(&f, "a", NULL,
                        "{\"tel\":\"555-12-34-567\",\"mails\":[\"x\",\"a@x.example\"],"
                        "\"mobile\":821012345678,\"age\":41}");
    gy_fixture_commit(&f);
    static const char *const letters[] = {
        "{\"traits\":{\"tel\":5550001}}",
        "{\"traits\":{\"mails\":[\"b@x.example\",\"x\"],\"age\":41}}",
        "{\"traits\":{\"tel\":\"555-12-34-567\"}}",
        "{\"traits\":{\"mails\":[\"a@x.example\"]}}",
        "{\"traits\":{\"mobile\":821012345678}}",
        "{\"traits\":{\"mobile\":\"821012345678\"}}",
    };
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        add_letter(&f, letters[i]);
    gy_fixture_commit(&f);
    assert_int_equal(number(&f, "SELECT count(*) FROM dead_letter"), 6);
    erase(&f, "a", 1);
    assert_int_equal(number(&f, "SELECT count(*) FROM dead_letter"), 2);
    assert_int_equal(number(&f, "SELECT max(id) FROM dead_letter"), 2);
    gy_fixture_close(&f);
}

/* Those from before are deleted, also the one that only has the address; later ones are not kept. */
static void test_dead_letters(void **state)
{
    (void)state;
    struct gy_fixture f;
    fill(&f, N_LINES, false);
    add_letters(&f);
    add_letter(&f, "{\"traits\":{\"email\":\"a@x.example\"}}");
    gy_fixture_commit(&f);
    assert_int_equal(number(&f, "SELECT count(*) FROM dead_letter"), 6);
    erase(&f, "a", N_HERS);
    assert_int_equal(number(&f, "SELECT count(*) FROM dead_letter"), 2);
    add_letters(&f);
    assert_int_equal(number(&f, "SELECT count(*) FROM dead_letter"), 4);
    gy_fixture_close(&f);
}

/* An erasure that is asked for again does not come upon somebody whose anonymous id reads the same. */
static void test_again_is_nobody_else(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    uint32_t n_ids;
    bool was_erased;
    gy_fixture_open(&f, "UTC");
    gy_fixture_add(&f, "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"t\"" AT("01") "}");
    gy_fixture_add(
        &f,
        "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"x\",\"anonymousId\":\"t\"" AT("02") "}");
    gy_fixture_commit(&f);
    erase(&f, "t", 1);
    gy_fixture_maintain(&f);
    gy_fixture_reopen(&f);
    assert_ok(gy_writer_erase(f.writer, GY_STR("t"), &n_ids, &was_erased, &err), &err);
    assert_true(was_erased);
    assert_int_equal(n_ids, 0);
    gy_fixture_expect(&f, "x", "2025-01-02T00:00:00.000Z E\n");
    gy_fixture_close(&f);
}

static void test_lists_and_changes(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    struct gy_str ids[] = {GY_STR("a"), GY_STR("b"), GY_STR("old")};
    struct gy_change changes[] = {{GY_STR("s"), GY_STR("a"), true, 5},
                                  {GY_STR("s"), GY_STR("b"), true, 5}};
    fill(&f, N_LINES, false);
    assert_ok(gy_writer_put_list(f.writer, GY_STR("l"), ids, 3, false, &err), &err);
    assert_ok(gy_writer_record_changes(f.writer, changes, 2, &err), &err);
    for (int again = 0; again < 2; again++) {
        erase(&f, "a", again == 0 ? N_HERS : 0);
        assert_int_equal(number(&f, "SELECT count(*) FROM list_member WHERE member = 'b'"), 1);
        assert_int_equal(number(&f, "SELECT count(*) FROM list_member"), 1);
        assert_int_equal(number(&f, "SELECT count(*) FROM change"), 1);
        assert_ok(gy_writer_put_list(f.writer, GY_STR("l"), ids, 3, true, &err), &err);
        assert_ok(gy_writer_record_changes(f.writer, changes, 2, &err), &err);
    }
    assert_int_equal(number(&f, "SELECT count(*) FROM list_member"), 1);
    gy_fixture_close(&f);
}

#define OF_PHONE "SELECT count(*) FROM list_member WHERE member = 'phone'"

/* An id text that is also somebody else's, as the other kind of id. */
static void test_a_text_that_is_two_ids(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    struct gy_str ids[] = {GY_STR("phone"), GY_STR("b")};
    struct gy_change changes[] = {{GY_STR("s"), GY_STR("phone"), true, 5}};
    fill(&f, N_LINES, false);
    gy_fixture_track(&f, "phone", "E", "2025-02-01T00:00:00Z", NULL);
    gy_fixture_commit(&f);
    assert_ok(gy_writer_put_list(f.writer, GY_STR("l"), ids, 2, false, &err), &err);
    assert_ok(gy_writer_record_changes(f.writer, changes, 1, &err), &err);
    erase(&f, "a", N_HERS);
    for (int finished = 0; finished < 2; finished++) {
        assert_int_equal(number(&f, OF_PHONE), 1 + finished);
        assert_int_equal(number(&f, "SELECT count(*) FROM change"), 1 + finished);
        assert_ok(gy_writer_put_list(f.writer, finished == 0 ? GY_STR("m") : GY_STR("n"), ids, 2,
                                     false, &err),
                  &err);
        changes[0].at_ms++;
        assert_ok(gy_writer_record_changes(f.writer, changes, 1, &err), &err);
        finish(&f);
    }
    assert_int_equal(number(&f, OF_PHONE), 3);
    assert_int_equal(number(&f, "SELECT count(*) FROM change"), 3);
    erase(&f, "phone", 1);
    assert_int_equal(number(&f, "SELECT count(*) FROM change"), 0);
    assert_ok(gy_writer_put_list(f.writer, GY_STR("l"), ids, 2, true, &err), &err);
    assert_int_equal(number(&f, OF_PHONE), 0);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static uint64_t n_refreshed(const struct gy_fixture *f)
{
    struct gy_error err = {0};
    roaring_bitmap_t *members;
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    assert_ok(gy_snapshot_refreshed(s, 0, &members, &err), &err);
    uint64_t n = roaring_bitmap_get_cardinality(members);
    roaring_bitmap_free(members);
    gy_snapshot_close(s);
    return n;
}

/* The members of a refresh lose them, and so do changes that every webhook knows; of others the places stay. */
static void test_recorded_members(void **state)
{
    (void)state;
    struct gy_error err = {0};
    for (int has_webhook = 0; has_webhook < 2; has_webhook++) {
        struct gy_fixture f;
        fill(&f, N_LINES, false);
        assert_ok(gy_writer_put_segment(f.writer, GY_STR("s"), GY_STR("everyone"), GY_STR("{}"),
                                        GY_STR(""), GY_STR(""), &err),
                  &err);
        struct gy_webhook_put put = {GY_STR("w"), GY_STR("http://h/"), GY_STR("[]"), GY_STR("x")};
        if (has_webhook == 1)
            assert_ok(gy_writer_put_webhook(f.writer, &put, &err), &err);
        roaring_bitmap_t *both = roaring_bitmap_of(2, ordinal_of(&f, "a"), ordinal_of(&f, "b"));
        struct gy_refresh refresh = {
            .segment = GY_STR("s"), .version = 1, .at_ms = 5, .members = both, .came = both};
        assert_ok(gy_writer_put_refreshes(f.writer, &refresh, 1, &err), &err);
        roaring_bitmap_free(both);
        assert_int_equal(n_refreshed(&f), 2);
        int64_t bytes = number(&f, "SELECT length(came) FROM refresh_change");
        erase(&f, "a", N_HERS);
        assert_int_equal(n_refreshed(&f), 1);
        assert_int_equal(number(&f, "SELECT length(came) FROM refresh_change") < bytes,
                         has_webhook == 0);
        finish(&f);
        gy_fixture_check(&f);
        gy_fixture_close(&f);
    }
}

/* ---- words ---- */

static bool collect(void *context, struct gy_str word)
{
    struct gy_buf *out = context;
    gy_buf_str(out, word);
    gy_buf_char(out, '|');
    return false;
}

static void expect_words(const char *json, const char *expected)
{
    struct gy_buf out = {0};
    gy_buf_text(&out, "");
    assert_false(gy_json_any_word(gy_str_of(json), collect, &out));
    gy_buf_char(&out, '\0');
    assert_string_equal(out.ptr, expected);
    gy_buf_release(&out);
}

static void test_words(void **state)
{
    (void)state;
    expect_words("", "");
    expect_words("{\"a\": [\"b\", 12, -1.5, true]}", "a|b|12|-1.5|e|");
    expect_words("\"\\u0061\\n\\\"\\\\\\/\"", "a\n\"\\/|");
    expect_words("\"\\ud83d\\ude00\" \"\\ud83d\" \"\\ud83dx\" \"\\ude00\"",
                 "\xf0\x9f\x98\x80||x||");
    expect_words("\"\\u12\" \"\\", "u12||");
    expect_words("\"\\u1112\\u1169\\u11ab\"", "\xed\x98\xbc|"); /* to NFC */
    expect_words("\"cut off", "cut off|");
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_dead_letters),
    cmocka_unit_test(test_letters_with_contacts),
    cmocka_unit_test(test_again_is_nobody_else),
    cmocka_unit_test(test_lists_and_changes),
    cmocka_unit_test(test_a_text_that_is_two_ids),
    cmocka_unit_test(test_recorded_members),
    cmocka_unit_test(test_words),
};

GY_TEST_MAIN(cases)
