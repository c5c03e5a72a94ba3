/* test_erasure.c - who is erased is nobody at once and nowhere in the end, and is refused; others are as they were. */
#include "harness.h"
#include "store_fixture.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "store/catalog.h"
#include "store/erased.h"
#include "store/json_words.h"

#define AT(day) ",\"timestamp\":\"2025-01-" day "T00:00:00Z\",\"messageId\":\"m" day "\""

/* Of three customers, whose rows stand among one another; "a" has four ids. */
static const char *const lines[] = {
    "{\"type\":\"track\",\"event\":\"E\",\"anonymousId\":\"phone\"" AT("01") "}",
    "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"b\"" AT(
        "01") ",\"properties\":{\"t\":\"same\"}}",
    "{\"type\":\"identify\",\"userId\":\"a\",\"anonymousId\":\"phone\"" AT(
        "02") ",\"traits\":{\"email\":\"a@x.example\",\"tags\":[\"all\",\"hers\"]}}",
    "{\"type\":\"identify\",\"userId\":\"b\"" AT(
        "02") ",\"traits\":{\"email\":\"b@x.example\",\"tags\":[\"all\"]}}",
    "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"a\"" AT(
        "03") ",\"properties\":{\"t\":\"same\"}}",
    "{\"type\":\"track\",\"event\":\"F\",\"userId\":\"old\",\"anonymousId\":\"slate\"" AT(
        "04") ",\"properties\":{\"t\":\"whisper\"}}",
    "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"c\",\"anonymousId\":\"laptop\"" AT(
        "04") ",\"properties\":{\"t\":\"mine\"}}",
    "{\"type\":\"alias\",\"previousId\":\"old\",\"userId\":\"a\"" AT("05") "}",
    "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"old\"" AT("06") "}",
};

enum {
    N_LINES = sizeof lines / sizeof *lines
};

static const char *const hers[] = {"a", "old", "phone", "slate"};

enum {
    N_HERS = sizeof hers / sizeof *hers
};

#define B_IS                                                 \
    "2025-01-01T00:00:00.000Z E t=\"same\"\n"                \
    "2025-01-02T00:00:00.000Z trait.email=\"b@x.example\"\n" \
    "2025-01-02T00:00:00.000Z trait.tags=[\"all\"]\n"
#define C_IS "2025-01-04T00:00:00.000Z E t=\"mine\"\n"

static void commit(struct gy_fixture *f, bool in_log)
{
    if (in_log) {
        gy_fixture_commit_log(f);
    } else {
        gy_fixture_commit(f);
    }
}

static void fill(struct gy_fixture *f, size_t each, bool in_log)
{
    gy_fixture_open(f, "UTC");
    for (size_t i = 0; i < N_LINES; i++) {
        gy_fixture_add(f, lines[i]);
        if ((i + 1) % each == 0 || i + 1 == N_LINES)
            commit(f, in_log);
    }
}

static void erase(struct gy_fixture *f, const char *id, uint32_t expected_ids)
{
    uint32_t n_ids;
    bool was_erased;
    struct gy_error err = {0};
    assert_ok(gy_writer_erase(f->writer, gy_str_of(id), &n_ids, &was_erased, &err), &err);
    assert_int_equal(n_ids, expected_ids);
    assert_int_equal(was_erased, expected_ids == 0);
}

static void finish(struct gy_fixture *f)
{
    struct gy_error err = {0};
    assert_ok(gy_writer_finish_erasures(f->writer, &err), &err);
    assert_false(gy_writer_has_erasures(f->writer));
}

static void expect_nobody(const struct gy_fixture *f)
{
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    for (size_t i = 0; i < N_HERS; i++)
        assert_int_equal(gy_snapshot_find(s, gy_str_of(hers[i])), GY_ID_NONE);
    gy_snapshot_close(s);
    gy_fixture_expect(f, "b", B_IS);
    gy_fixture_expect(f, "c", C_IS);
}

static void expect_refused(struct gy_fixture *f)
{
    static const size_t refused[] = {0, 2, 4, 5, 7, 8};
    struct gy_error err = {0};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_int_equal(gy_fixture_try(f, lines[refused[i]], &err), GY_ERASED);
        assert_string_equal(err.message, "the customer was erased");
    }
}

static bool is_in_bytes(struct gy_str bytes, const char *text)
{
    return memmem(bytes.ptr, bytes.len, text, strlen(text)) != NULL;
}

static void expect_not_in(const char *path, const char *const *texts, size_t n)
{
    struct gy_buf bytes = {0};
    struct gy_error err = {0};
    if (access(path, F_OK) != 0)
        return;
    assert_ok(gy_file_read(path, &bytes, &err), &err);
    for (size_t i = 0; i < n; i++)
        assert_false(bytes.len > 0 && is_in_bytes(gy_buf_view(&bytes), texts[i]));
    gy_buf_release(&bytes);
}

/* Of what is in the directory only the catalog and its log are looked at here: parts show their rows. */
static void expect_catalog_without(const struct gy_fixture *f)
{
    static const char *const texts[] = {"a@x.example", "whisper", "phone", "slate"};
    static const char *const files[] = {"gyeol.db", "gyeol.db-wal"};
    for (size_t i = 0; i < 2; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", f->dir, files[i]);
        expect_not_in(path, texts, 4);
    }
}

static void expect_parts_without(const struct gy_fixture *f)
{
    static const char *const texts[] = {"a@x.example", "whisper", "hers"};
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    for (size_t i = 0; i < gy_snapshot_n_parts(s); i++)
        expect_not_in(gy_part_label(gy_snapshot_part(s, i)), texts, 3);
    gy_snapshot_close(s);
}

static void test_however_it_was_stored(void **state)
{
    (void)state;
    static const size_t splits[] = {1, 3, N_LINES};
    for (size_t way = 0; way < 12; way++) {
        struct gy_fixture f;
        fill(&f, splits[way % 3], way / 3 % 2 == 1);
        if (way >= 6)
            gy_fixture_maintain(&f);
        erase(&f, hers[way % N_HERS], N_HERS);
        expect_nobody(&f);
        expect_refused(&f);
        gy_fixture_check(&f);
        gy_fixture_reopen(&f);
        expect_nobody(&f);
        erase(&f, hers[(way + 1) % N_HERS], 0);
        finish(&f);
        expect_nobody(&f);
        expect_refused(&f);
        expect_catalog_without(&f);
        expect_parts_without(&f);
        gy_fixture_check(&f);
        gy_fixture_reopen(&f);
        assert_false(gy_writer_has_erasures(f.writer));
        expect_refused(&f);
        gy_fixture_compact(&f);
        expect_nobody(&f);
        struct gy_check_report report = gy_fixture_check(&f);
        assert_int_equal(report.n_customers, 2);
        gy_fixture_close(&f);
    }
}

/* Maintenance does it too; and again for the next one. */
static void test_by_maintenance(void **state)
{
    (void)state;
    struct gy_fixture f;
    fill(&f, 2, true);
    erase(&f, "a", N_HERS);
    gy_fixture_maintain(&f);
    assert_false(gy_writer_has_erasures(f.writer));
    erase(&f, "b", 1);
    erase(&f, "laptop", 2);
    gy_fixture_maintain(&f);
    struct gy_check_report report = gy_fixture_check(&f);
    assert_int_equal(report.n_customers, 0);
    assert_int_equal(report.n_rows, 0);
    gy_fixture_close(&f);
}

/* An alias from or to an erased customer is refused; another's call from their device is not, and the device stays
 * nobody's. An anonymous id is none of the external ids. */
static void test_what_is_refused(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    fill(&f, N_LINES, false);
    erase(&f, "a", N_HERS);
    for (int finished = 0; finished < 2; finished++) {
        assert_int_equal(
            gy_fixture_try(&f, "{\"type\":\"alias\",\"previousId\":\"phone\",\"userId\":\"b\"}",
                           &err),
            GY_ERASED);
        assert_int_equal(
            gy_fixture_try(&f, "{\"type\":\"alias\",\"previousId\":\"b\",\"userId\":\"old\"}",
                           &err),
            GY_ERASED);
        struct gy_call call =
            gy_fixture_call(&f, "{\"type\":\"identify\",\"userId\":\"a\",\"traits\":{\"x\":1}}");
        assert_int_equal(gy_writer_check(f.writer, &call, 1, &err), GY_ERASED);
        finish(&f);
    }
    gy_fixture_add(
        &f, "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"d\",\"anonymousId\":\"phone\"" AT(
                "07") "}");
    gy_fixture_add(&f, "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"phone\"" AT("08") "}");
    gy_fixture_commit(&f);
    gy_fixture_expect(&f, "d", "2025-01-07T00:00:00.000Z E\n");
    gy_fixture_expect(&f, "phone", "2025-01-08T00:00:00.000Z E\n");
    assert_int_equal(gy_fixture_try(&f, lines[0], &err), GY_ERASED);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static int64_t number(const struct gy_fixture *f, const char *sql)
{
    struct gy_error err = {0};
    struct gy_catalog c;
    int64_t n;
    assert_ok(gy_catalog_open(&c, f->dir, &err), &err);
    assert_ok(gy_catalog_number(&c, &n, &err, sql, ""), &err);
    gy_catalog_close(&c);
    return n;
}

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

static uint32_t ordinal_of(const struct gy_fixture *f, const char *id)
{
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    uint32_t ordinal = gy_snapshot_find(s, gy_str_of(id));
    gy_snapshot_close(s);
    return ordinal;
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

static void forget(struct gy_fixture *f, const char *id, enum gy_status expected)
{
    struct gy_error err = {0};
    assert_int_equal(gy_writer_forget_erased(f->writer, gy_str_of(id), &err), expected);
}

static void test_forgetting(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    fill(&f, 2, false);
    erase(&f, "a", N_HERS);
    forget(&f, "b", GY_NOT_FOUND);
    forget(&f, "a", GY_OK);
    forget(&f, "a", GY_NOT_FOUND);
    gy_fixture_reopen(&f);
    gy_fixture_add(&f, lines[4]);
    assert_int_equal(gy_fixture_try(&f, lines[0], &err), GY_ERASED); /* phone */
    gy_fixture_commit(&f);
    gy_fixture_expect(&f, "a", "2025-01-03T00:00:00.000Z E t=\"same\"\n");
    erase(&f, "a", 1);
    finish(&f);
    assert_int_equal(gy_fixture_try(&f, lines[4], &err), GY_ERASED);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void ledger_path(const struct gy_fixture *f, char out[128])
{
    snprintf(out, 128, "%s/erasures", f->dir);
}

/* The store of before, with the ledger of after. */
static void test_the_ledger(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture after;
    struct gy_fixture before;
    struct gy_buf ledger = {0};
    char path[128];
    fill(&after, N_LINES, false);
    erase(&after, "a", N_HERS);
    ledger_path(&after, path);
    assert_ok(gy_file_read(path, &ledger, &err), &err);
    assert_int_equal(ledger.len, N_HERS * 33);
    assert_int_equal(unlink(path), 0);
    gy_fixture_reopen(&after); /* it is made anew */
    struct gy_buf again = {0};
    assert_ok(gy_file_read(path, &again, &err), &err);
    assert_true(gy_str_equal(gy_buf_view(&ledger), gy_buf_view(&again)));

    /* Under another key the hashes are of ids that nobody has, but are kept. */
    fill(&before, N_LINES, false);
    ledger_path(&before, path);
    assert_ok(gy_file_write(path, gy_buf_view(&ledger), &err), &err);
    gy_fixture_reopen(&before);
    gy_fixture_expect(&before, "c", C_IS);
    assert_int_equal(ordinal_of(&before, "a") == GY_ID_NONE, false);
    assert_int_equal(number(&before, "SELECT count(*) FROM erased WHERE ordinal IS NULL"), N_HERS);
    finish(&before);
    gy_fixture_check(&before);
    gy_buf_release(&ledger);
    gy_buf_release(&again);
    gy_fixture_close(&before);
    gy_fixture_close(&after);
}

/* One file at a time, while calls are taken; the catalog last. */
static void test_in_the_background(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    int n = 0;
    fill(&f, 3, false);
    erase(&f, "a", N_HERS);
    for (;;) {
        struct gy_background *background = gy_writer_begin_background(f.writer);
        if (background == NULL)
            break;
        assert_ok(gy_writer_end_erasures(f.writer, &err), &err);
        gy_fixture_track(&f, "d", "E", "2025-02-01T00:00:00Z", NULL);
        gy_fixture_commit_log(&f);
        assert_ok(gy_background_run(background, &err), &err);
        assert_ok(gy_writer_end_background(f.writer, background, &err), &err);
        gy_fixture_check(&f);
        expect_nobody(&f);
        assert_true(++n < 10);
    }
    assert_true(n >= 5); /* three parts, and the ids of two commits */
    assert_ok(gy_writer_end_erasures(f.writer, &err), &err);
    assert_false(gy_writer_has_erasures(f.writer));
    expect_nobody(&f);
    expect_parts_without(&f);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void test_calls_in_hand_are_not_lost(void **state)
{
    (void)state;
    struct gy_error err = {0};
    uint32_t n_ids;
    bool was_erased;
    struct gy_fixture f;
    fill(&f, N_LINES, false);
    gy_fixture_track(&f, "d", "E", "2025-02-01T00:00:00Z", NULL);
    assert_int_equal(gy_writer_erase(f.writer, GY_STR("a"), &n_ids, &was_erased, &err),
                     GY_CONFLICT);
    gy_fixture_commit(&f);
    assert_int_equal(gy_writer_erase(f.writer, GY_STR("nobody"), &n_ids, &was_erased, &err),
                     GY_NOT_FOUND);
    gy_fixture_expect(&f, "d", "2025-02-01T00:00:00.000Z E\n");
    gy_fixture_close(&f);
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
    cmocka_unit_test(test_however_it_was_stored),
    cmocka_unit_test(test_by_maintenance),
    cmocka_unit_test(test_what_is_refused),
    cmocka_unit_test(test_dead_letters),
    cmocka_unit_test(test_lists_and_changes),
    cmocka_unit_test(test_recorded_members),
    cmocka_unit_test(test_forgetting),
    cmocka_unit_test(test_the_ledger),
    cmocka_unit_test(test_in_the_background),
    cmocka_unit_test(test_calls_in_hand_are_not_lost),
    cmocka_unit_test(test_words),
};

GY_TEST_MAIN(cases)
