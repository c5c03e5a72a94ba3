/* test_erasure.c - who is erased is nobody at once and nowhere in the end, and is refused; others are as they were. */
#include "erasure_fixture.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/audit.h"
#include "store/erased.h"

#define B_IS                                                 \
    "2025-01-01T00:00:00.000Z E t=\"same\"\n"                \
    "2025-01-02T00:00:00.000Z trait.email=\"b@x.example\"\n" \
    "2025-01-02T00:00:00.000Z trait.tags=[\"all\"]\n"
#define C_IS "2025-01-04T00:00:00.000Z E t=\"mine\"\n"

/* Hers, and the device that a customer has claimed. */
static void expect_children(const struct gy_snapshot *s)
{
    int n = 0;
    const uint64_t *children = gy_snapshot_children(s, 0);
    for (size_t w = 0; children != NULL && w < GY_BLOCK_SIZE / 64; w++)
        n += __builtin_popcountll(children[w]);
    assert_int_equal(n, N_HERS + 1);
}

static void expect_nobody(const struct gy_fixture *f)
{
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    expect_children(s);
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

/* What is finished first does not take along the entry that tells of the forgetting; here that fails, since the ledger
 * cannot be written. */
static void test_forgetting_is_told_once_it_is_done(void **state)
{
    (void)state;
    struct gy_error err = {0};
    char path[128];
    struct gy_audit_entry entry = {.who = GY_STR("kim"),
                                   .address = GY_STR(""),
                                   .action = GY_STR("customer erase"),
                                   .object = GY_STR(""),
                                   .detail = GY_STR("")};
    struct gy_fixture f;
    fill(&f, 2, true);
    erase(&f, "a", N_HERS);
    snprintf(path, sizeof path, "%s/erasures.tmp", f.dir);
    assert_int_equal(mkdir(path, 0700), 0);
    for (int works = 0; works < 2; works++) {
        gy_writer_tell(f.writer, &entry);
        enum gy_status status = gy_writer_forget_erased(f.writer, GY_STR("a"), &err);
        assert_int_equal(gy_writer_told(f.writer, status, &err), works ? GY_OK : GY_IO);
        assert_false(gy_writer_has_erasures(f.writer));
        assert_int_equal(number(&f, "SELECT count(*) FROM audit"), works);
        assert_int_equal(works ? 0 : rmdir(path), 0);
    }
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
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
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

/* Where somebody reads, the end of an erasure writes nothing that it would have to write again. */
static void test_beside_a_reader(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_catalog reader;
    struct gy_background *background;
    int64_t n_links;
    struct gy_fixture f;
    fill(&f, 3, false);
    erase(&f, "a", N_HERS);
    while ((background = gy_writer_begin_background(f.writer)) != NULL) {
        assert_ok(gy_background_run(background, &err), &err);
        assert_ok(gy_writer_end_background(f.writer, background, &err), &err);
    }
    assert_ok(gy_catalog_open(&reader, f.dir, &err), &err);
    assert_ok(gy_catalog_begin(&reader, false, &err), &err);
    assert_ok(gy_catalog_number(&reader, &n_links, &err, "SELECT count(*) FROM link", ""), &err);
    assert_true(n_links > 0);
    for (int i = 0; i < 2; i++) {
        assert_ok(gy_writer_end_erasures(f.writer, &err), &err);
        assert_true(gy_writer_has_erasures(f.writer));
        assert_int_equal(number(&f, "SELECT count(*) FROM link"), n_links);
    }
    gy_catalog_rollback(&reader);
    gy_catalog_close(&reader);
    assert_ok(gy_writer_end_erasures(f.writer, &err), &err);
    assert_false(gy_writer_has_erasures(f.writer));
    assert_int_equal(number(&f, "SELECT count(*) FROM link"), 0);
    expect_nobody(&f);
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

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_however_it_was_stored),
    cmocka_unit_test(test_by_maintenance),
    cmocka_unit_test(test_what_is_refused),
    cmocka_unit_test(test_forgetting),
    cmocka_unit_test(test_forgetting_is_told_once_it_is_done),
    cmocka_unit_test(test_the_ledger),
    cmocka_unit_test(test_in_the_background),
    cmocka_unit_test(test_beside_a_reader),
    cmocka_unit_test(test_calls_in_hand_are_not_lost),
};

GY_TEST_MAIN(cases)
