/* test_dedupe.c - a call that is there already is dropped, wherever the first one lies, and has no
 * effect at all. */
#include "harness.h"
#include "store_fixture.h"

#include <string.h>

#define AT(time) ",\"timestamp\":\"2025-01-01T" time "Z\""
#define TRACK(event, user, id, rest)                                                          \
    "{\"type\":\"track\",\"event\":\"" event "\",\"userId\":\"" user "\",\"messageId\":\"" id \
    "\"" rest "}"
#define E1 TRACK("E", "a", "m1", AT("00:00:00"))

/* Adds both lines, with `between` after the first, and says how many the second commit took. */
static uint64_t taken_after(const char *first, void (*between)(struct gy_fixture *),
                            const char *second)
{
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_add(&f, first);
    if (between != NULL)
        between(&f);
    gy_fixture_add(&f, second);
    gy_fixture_commit(&f);
    uint64_t taken = f.counts.taken - (between == NULL);
    assert_int_equal(taken + f.counts.duplicates, 1);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
    return taken;
}

static void commit_and_compact(struct gy_fixture *f)
{
    gy_fixture_commit(f);
    gy_fixture_compact(f);
}

static void log_and_reopen(struct gy_fixture *f)
{
    gy_fixture_commit_log(f);
    gy_fixture_reopen(f);
}

/* Holds for the batch, for parts, for the log, and after either was rewritten. */
static void assert_pair(const char *first, const char *second, bool is_duplicate)
{
    void (*const ways[])(struct gy_fixture *) = {NULL, gy_fixture_commit, gy_fixture_commit_log,
                                                 commit_and_compact, log_and_reopen};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        assert_int_equal(taken_after(first, ways[i], second), is_duplicate ? 0 : 1);
}

static void test_what_makes_a_duplicate(void **state)
{
    (void)state;
    assert_pair(E1, E1, true);
    /* whatever else it says */
    assert_pair(E1, TRACK("E", "a", "m1", AT("00:00:00") ",\"properties\":{\"n\":1}"), true);
    assert_pair(E1, TRACK("E", "a", "m2", AT("00:00:00")), false);
    assert_pair(E1, TRACK("F", "a", "m1", AT("00:00:00")), false);
    assert_pair(E1, TRACK("E", "b", "m1", AT("00:00:00")), false);
    assert_pair(E1, TRACK("E", "a", "m1", AT("00:00:00.001")), false);
    assert_pair(E1, TRACK("E", "a", "m1", AT("00:00:01")), false);
}

static void test_types_are_apart(void **state)
{
    (void)state;
    static const char page[] = "{\"type\":\"page\",\"event\":\"Page Viewed\",\"userId\":\"a\","
                               "\"messageId\":\"m\"" AT("00:00:00") "}";
    static const char track[] = "{\"type\":\"track\",\"event\":\"Page Viewed\",\"userId\":\"a\","
                                "\"messageId\":\"m\"" AT("00:00:00") "}";
    static const char identify[] = "{\"type\":\"identify\",\"userId\":\"a\",\"messageId\":\"m\","
                                   "\"traits\":{\"n\":1}" AT("00:00:00") "}";
    assert_pair(page, page, true);
    assert_pair(page, track, false);
    assert_pair(identify, identify, true);
    assert_pair(identify, track, false);
}

/* The clock of the sender was corrected differently on the second way; what it wrote is the same. */
static void test_the_time_as_written_counts(void **state)
{
    (void)state;
    static const char first[] =
        TRACK("E", "a", "m", AT("00:00:10") ",\"originalTimestamp\":\"2025-01-01T00:00:00Z\"");
    static const char again[] =
        TRACK("E", "a", "m", AT("00:00:12") ",\"originalTimestamp\":\"2025-01-01T00:00:00Z\"");
    static const char other[] =
        TRACK("E", "a", "m", AT("00:00:10") ",\"originalTimestamp\":\"2025-01-01T00:00:01Z\"");
    static const char exact[] = TRACK("E", "a", "m", AT("00:00:00"));
    assert_pair(first, again, true);
    assert_pair(first, other, false);
    assert_pair(first, exact, true);
    assert_pair(exact, first, true);
}

static void test_an_identify_without_a_time(void **state)
{
    (void)state;
    static const char untimed[] =
        "{\"type\":\"identify\",\"userId\":\"a\",\"messageId\":\"m\",\"traits\":{\"n\":1}}";
    static const char other[] =
        "{\"type\":\"identify\",\"userId\":\"a\",\"messageId\":\"m2\",\"traits\":{\"n\":1}}";
    assert_pair(untimed, untimed, true);
    assert_pair(untimed, other, false);
}

/* Rows of a file are counted: two equal ones are two, and the same file again brings none. */
static void test_rows_without_an_id(void **state)
{
    (void)state;
    static const char row[] =
        "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"a\"" AT("00:00:00") "}";
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_writer_begin_file(f.writer, "one.csv");
    gy_fixture_add(&f, row);
    gy_fixture_add(&f, row);
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.taken, 2);
    gy_writer_begin_file(f.writer, "one.csv");
    gy_fixture_add(&f, row);
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.taken, 0);
    gy_fixture_add(&f, row);
    gy_fixture_add(&f, row);
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.taken, 1);
    assert_int_equal(f.counts.duplicates, 1);
    gy_fixture_close(&f);
}

#define ROW(id, p, at) \
    "{\"type\":\"track\",\"event\":\"E\"," id ",\"properties\":{\"p\":" p "}" AT(at) "}"
#define OF_A     "\"userId\":\"a\""
#define OF_PHONE "\"anonymousId\":\"phone\""

/* Adds the lines of a file and commits; how many were taken. */
static uint64_t import_lines(struct gy_fixture *f, const char *const *lines, size_t n)
{
    gy_writer_begin_file(f->writer, "file");
    for (size_t i = 0; i < n; i++)
        gy_fixture_add(f, lines[i]);
    gy_fixture_commit(f);
    return f->counts.taken;
}

/* Equal are rows that say the same, however they write it and in whatever order they come. */
static void test_rows_are_known_by_what_they_say(void **state)
{
    (void)state;
    static const char *const first[] = {ROW(OF_A, "1", "00:00:00"), ROW(OF_A, "2", "00:00:00"),
                                        ROW(OF_A, "\"x\"", "00:00:00"), ROW(OF_A, "2", "00:00:01")};
    static const char *const again[] = {
        ROW(OF_A, "\"x\"", "00:00:00"), ROW(OF_A, "2", "00:00:01"),
        "{\"event\":\"E\",\"type\":\"track\",\"userId\":\"a\",\"properties\":{\"p\":2.0}" AT(
            "00:00:00.000") "}",
        ROW(OF_A, "1", "00:00:00")};
    static const char *const other[] = {
        ROW(OF_A, "3", "00:00:00"), ROW(OF_A, "1", "00:00:01"), ROW(OF_A, "\"2\"", "00:00:00"),
        ROW("\"userId\":\"b\"", "1", "00:00:00"), ROW(OF_A, "1,\"q\":1", "00:00:00")};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    assert_int_equal(import_lines(&f, first, 4), 4);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(import_lines(&f, again, 4), 0);
        gy_fixture_compact(&f);
        assert_int_equal(import_lines(&f, other, 5), i == 0 ? 5 : 0);
    }
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* The store ends with as many equal rows as that file has which has most. */
static void test_many_equal_rows(void **state)
{
    (void)state;
    static const uint32_t n_rows[5] = {40, 7, 41, 0, 41};
    static const uint64_t n_taken[5] = {40, 0, 1, 0, 0};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    for (size_t i = 0; i < 5; i++) {
        uint64_t taken = 0;
        gy_writer_begin_file(f.writer, "file");
        for (uint32_t row = 0; row < n_rows[i]; row++) {
            gy_fixture_add(&f, ROW(OF_A, "1", "00:00:00"));
            if (row % 9 == 8) {
                gy_fixture_commit(&f);
                taken += f.counts.taken;
            }
        }
        gy_fixture_commit(&f);
        assert_int_equal(taken + f.counts.taken, n_taken[i]);
        if (i == 2)
            gy_fixture_compact(&f);
    }
    gy_fixture_close(&f);
}

/* Rows under an id that became another's since, before and after they move there. */
static void test_rows_of_an_id_that_was_claimed(void **state)
{
    (void)state;
    static const char *const rows[] = {ROW(OF_PHONE, "1", "00:00:00"),
                                       ROW(OF_PHONE, "1", "00:00:00"),
                                       ROW(OF_PHONE, "2", "00:00:00")};
    static const char *const claim[] = {"{\"type\":\"identify\",\"userId\":\"a\",\"anonymousId\":"
                                        "\"phone\",\"messageId\":\"m2\"" AT("00:00:01") "}"};
    static const char *const under_both[] = {
        ROW(OF_A, "1", "00:00:00"), ROW(OF_PHONE, "1", "00:00:00"), ROW(OF_A, "1", "00:00:00"),
        ROW(OF_A, "2", "00:00:00")};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    assert_int_equal(import_lines(&f, rows, 3), 3);
    assert_int_equal(import_lines(&f, claim, 1), 1);
    assert_int_equal(import_lines(&f, rows, 3), 0);
    assert_int_equal(import_lines(&f, under_both, 4), 1);
    gy_fixture_compact(&f);
    assert_int_equal(import_lines(&f, rows, 3), 0);
    assert_int_equal(import_lines(&f, under_both, 4), 0);
    gy_fixture_close(&f);
}

/* Earlier releases gave fingerprints to all rows, as calls that come from no file still have them. */
static void test_rows_that_have_fingerprints(void **state)
{
    (void)state;
    static const char *const rows[] = {ROW(OF_A, "1", "00:00:00"), ROW(OF_A, "1", "00:00:00"),
                                       ROW(OF_A, "1", "00:00:00"), ROW(OF_A, "2", "00:00:00")};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_writer_begin_file(f.writer, NULL);
    gy_fixture_add(&f, rows[0]);
    gy_fixture_add(&f, rows[1]);
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.taken, 2);
    assert_int_equal(import_lines(&f, rows, 2), 0);
    assert_int_equal(import_lines(&f, rows, 4), 2);
    gy_fixture_compact(&f);
    assert_int_equal(import_lines(&f, rows + 1, 3), 0);
    assert_int_equal(import_lines(&f, rows, 4), 0);
    gy_fixture_close(&f);
}

/* What a line says need not be hashed where nobody will ask for it. */
static void test_contents_that_are_asked_for(void **state)
{
    (void)state;
    struct gy_call event = {
        .type = GY_CALL_TRACK, .user_id = GY_STR("a"), .event = GY_STR("E"), .has_time = true};
    struct gy_call with_id = event;
    struct gy_call traits = event;
    struct gy_call with_items = event;
    with_id.message_id = GY_STR("m1");
    traits.type = GY_CALL_IDENTIFY;
    with_items.n_lists = 1;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_writer_begin_file(f.writer, "events.csv");
    assert_false(gy_writer_wants_content(f.writer, &event));
    assert_false(gy_writer_wants_content(f.writer, &with_id));
    assert_true(gy_writer_wants_content(f.writer, &traits));
    assert_true(gy_writer_wants_content(f.writer, &with_items));
    gy_writer_begin_file(f.writer, NULL);
    assert_true(gy_writer_wants_content(f.writer, &event));
    gy_fixture_add(&f, ROW(OF_A, "1", "00:00:00"));
    gy_fixture_commit(&f);
    gy_writer_begin_file(f.writer, "events.csv");
    assert_true(gy_writer_wants_content(f.writer, &event));
    assert_false(gy_writer_wants_content(f.writer, &with_id));
    gy_fixture_close(&f);
}

/* The customer is compared by place: also under ids that became one later. */
static void test_duplicates_under_another_id(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_add(&f, "{\"type\":\"track\",\"event\":\"E\",\"anonymousId\":\"phone\","
                       "\"messageId\":\"m1\"" AT("00:00:00") "}");
    gy_fixture_commit(&f);
    gy_fixture_add(&f, "{\"type\":\"identify\",\"userId\":\"a\",\"anonymousId\":\"phone\","
                       "\"messageId\":\"m2\"" AT("00:00:01") "}");
    gy_fixture_add(&f, E1);
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.taken, 1);
    gy_fixture_add(&f, E1);
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.taken, 0);
    gy_fixture_compact(&f);
    gy_fixture_add(&f, E1);
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.taken, 0);
    gy_fixture_expect(&f, "a", "2025-01-01T00:00:00.000Z E\n");
    gy_fixture_close(&f);
}

/* The same in one batch, in either order. */
static void test_duplicates_that_a_claim_reveals(void **state)
{
    (void)state;
    static const char alone[] = "{\"type\":\"track\",\"event\":\"E\",\"anonymousId\":\"phone\","
                                "\"messageId\":\"m1\"" AT("00:00:00") "}";
    static const char both[] = "{\"type\":\"track\",\"event\":\"E\",\"anonymousId\":\"phone\","
                               "\"userId\":\"a\",\"messageId\":\"m1\"" AT("00:00:00") "}";
    for (int i = 0; i < 2; i++) {
        struct gy_fixture f;
        gy_fixture_open(&f, "UTC");
        gy_fixture_add(&f, i == 0 ? alone : both);
        gy_fixture_add(&f, i == 0 ? both : alone);
        gy_fixture_commit(&f);
        assert_int_equal(f.counts.taken, 1);
        gy_fixture_expect(&f, "a", "2025-01-01T00:00:00.000Z E\n");
        gy_fixture_expect(&f, "phone", "2025-01-01T00:00:00.000Z E\n");
        gy_fixture_check(&f);
        gy_fixture_close(&f);
    }
}

/* The same again when the first call is stored: the claim holds, the call is not taken twice. */
static void test_a_claim_by_a_call_that_is_stored(void **state)
{
    (void)state;
    static const char alone[] = "{\"type\":\"track\",\"event\":\"E\",\"anonymousId\":\"phone\","
                                "\"messageId\":\"m1\"" AT("00:00:00") "}";
    static const char both[] = "{\"type\":\"track\",\"event\":\"E\",\"anonymousId\":\"phone\","
                               "\"userId\":\"a\",\"messageId\":\"m1\"" AT("00:00:00") "}";
    for (int i = 0; i < 4; i++) {
        struct gy_fixture f;
        gy_fixture_open(&f, "UTC");
        gy_fixture_add(&f, alone);
        if (i % 2 == 0) {
            gy_fixture_commit(&f);
        } else {
            gy_fixture_commit_log(&f);
        }
        gy_fixture_add(&f, both);
        if (i / 2 == 0) {
            gy_fixture_commit(&f);
        } else {
            gy_fixture_commit_log(&f);
        }
        assert_int_equal(f.counts.taken, 0);
        assert_int_equal(f.counts.duplicates, 1);
        gy_fixture_reopen(&f);
        gy_fixture_expect(&f, "a", "2025-01-01T00:00:00.000Z E\n");
        gy_fixture_check(&f);
        gy_fixture_compact(&f);
        gy_fixture_expect(&f, "a", "2025-01-01T00:00:00.000Z E\n");
        gy_fixture_check(&f);
        gy_fixture_close(&f);
    }
}

/* A duplicate claims nothing, links nothing, adds no id, name or trait. */
static void test_a_duplicate_has_no_effect(void **state)
{
    (void)state;
    void (*const commits[])(struct gy_fixture *) = {NULL, gy_fixture_commit, gy_fixture_commit_log};
    for (size_t i = 0; i < 3; i++) {
        struct gy_fixture f;
        gy_fixture_open(&f, "UTC");
        gy_fixture_add(&f, E1);
        gy_fixture_add(&f, "{\"type\":\"track\",\"event\":\"E\",\"anonymousId\":\"phone\","
                           "\"messageId\":\"m2\"" AT("00:00:01") "}");
        gy_fixture_add(&f, "{\"type\":\"identify\",\"userId\":\"a\",\"messageId\":\"m3\","
                           "\"traits\":{\"x\":1}" AT("00:00:02") "}");
        if (commits[i] != NULL)
            commits[i](&f);
        gy_fixture_add(&f,
                       "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"a\",\"messageId\":\"m1\","
                       "\"anonymousId\":\"phone\",\"properties\":{\"p\":1}" AT("00:00:00") "}");
        gy_fixture_add(&f,
                       "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"a\",\"messageId\":\"m1\","
                       "\"anonymousId\":\"fresh\"" AT("00:00:00") "}");
        gy_fixture_add(&f, "{\"type\":\"identify\",\"userId\":\"a\",\"messageId\":\"m3\","
                           "\"traits\":{\"x\":2,\"y\":1}" AT("00:00:02") "}");
        gy_fixture_commit(&f);
        assert_int_equal(f.counts.duplicates, 3);
        gy_fixture_expect(&f, "a",
                          "2025-01-01T00:00:00.000Z E\n"
                          "2025-01-01T00:00:02.000Z trait.x=1\n");
        gy_fixture_expect(&f, "phone", "2025-01-01T00:00:01.000Z E\n");
        struct gy_snapshot *s = gy_fixture_snapshot(&f);
        assert_int_equal(gy_snapshot_n_ordinals(s), 2);
        assert_int_equal(gy_snapshot_schema(s)->n_streams, 2);
        assert_int_equal(gy_snapshot_schema(s)->n_properties, 0);
        gy_snapshot_close(s);
        gy_fixture_close(&f);
    }
}

/* What was cut where times were as written is compared by time also where later some are not. */
static void test_short_and_long_fingerprints(void **state)
{
    (void)state;
    static const char corrected[] =
        TRACK("E", "a", "m3", AT("00:00:10") ",\"originalTimestamp\":\"2025-01-01T00:00:07Z\"");
    static const char later[] =
        TRACK("E", "a", "m1", AT("00:00:10") ",\"originalTimestamp\":\"2025-01-01T00:00:00Z\"");
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_add(&f, E1);
    gy_fixture_commit(&f);
    gy_fixture_add(&f, corrected);
    gy_fixture_commit(&f);
    for (int i = 0; i < 2; i++) {
        gy_fixture_add(&f, E1);
        gy_fixture_add(&f, corrected);
        gy_fixture_commit(&f);
        assert_int_equal(f.counts.duplicates, 2);
        gy_fixture_add(&f, later);
        gy_fixture_commit(&f);
        assert_int_equal(f.counts.duplicates, 1);
        gy_fixture_compact(&f);
    }
    gy_fixture_add(&f, TRACK("E", "a", "m1", AT("00:00:10")));
    gy_fixture_add(&f, TRACK("E", "a", "m3", AT("00:00:00")));
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.taken, 2);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* An alias said twice, the second time after the two have become others. */
static void test_an_alias_twice(void **state)
{
    (void)state;
    static const char alias[] = "{\"type\":\"alias\",\"previousId\":\"old\",\"userId\":\"new\","
                                "\"messageId\":\"m1\"" AT("00:00:00") "}";
    assert_pair(alias, alias, true);
}

/* More calls of one customer at one instant than are searched for one by one. */
static void test_many_at_one_instant(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 300; i++) {
            char line[200];
            snprintf(line, sizeof line, TRACK("E", "a", "m%d", AT("00:00:00")), i + round * 100);
            gy_fixture_add(&f, line);
        }
        gy_fixture_commit(&f);
        assert_int_equal(f.counts.taken, round == 0 ? 300 : 100);
        assert_int_equal(f.counts.duplicates, round == 0 ? 0 : 200);
    }
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* Any order and any repetition of the same lines gives the same events. */
static void test_repeating_and_permuting_changes_nothing(void **state)
{
    (void)state;
    enum {
        N = 30
    };
    uint64_t random = gy_test_seed();
    for (int round = 0; round < 4; round++) {
        struct gy_fixture f;
        gy_fixture_open(&f, "UTC");
        bool was_added[N] = {false};
        int left = N;
        for (int i = 0; left > 0 || i < 3 * N; i++) {
            char line[200];
            int n = (int)gy_test_below(&random, N);
            snprintf(line, sizeof line,
                     "{\"type\":\"track\",\"event\":\"E%d\",\"userId\":\"a\",\"messageId\":\"m%d\","
                     "\"timestamp\":\"2025-01-%02dT00:00:00Z\",\"properties\":{\"n\":%d}}",
                     n % 3, n, n % 28 + 1, n);
            gy_fixture_add(&f, line);
            left -= !was_added[n];
            was_added[n] = true;
            if (gy_test_below(&random, 6) == 0) {
                gy_fixture_commit(&f);
            } else if (gy_test_below(&random, 6) == 0) {
                gy_fixture_commit_log(&f);
            }
            if (gy_test_below(&random, 20) == 0)
                gy_fixture_maintain(&f);
        }
        gy_fixture_commit(&f);
        struct gy_snapshot *s = gy_fixture_snapshot(&f);
        uint64_t n_rows = 0;
        for (size_t p = 0; p < gy_snapshot_n_parts(s); p++) {
            for (uint32_t e = 0; e < 3; e++)
                n_rows += gy_part_n_rows(gy_snapshot_part(s, p), GY_STREAM_FIRST + e);
        }
        assert_int_equal(n_rows, N);
        gy_snapshot_close(s);
        gy_fixture_close(&f);
    }
}

enum {
    DEVICES = 40
};

static void device_call(struct gy_fixture *f, const char *ids, int device, int minute,
                        const char *message)
{
    char line[256];
    snprintf(line, sizeof line,
             "{\"type\":\"track\",\"event\":\"E\",%s%d\",\"messageId\":\"%s%d\","
             "\"timestamp\":\"2025-01-01T00:%02d:00Z\"}",
             ids, device, message, device, minute);
    gy_fixture_add(f, line);
}

#define GUEST "\"userId\":\"guest\",\"anonymousId\":"

/* One user id on many devices: what any of them has sent is found under all of them, also when it joined
 * a moment ago, and a call that is there already claims no device. Each device sent two calls, so that
 * all of them interleave. */
static void test_a_customer_of_many_ids(void **state)
{
    (void)state;
    void (*const afterwards[])(struct gy_fixture *) = {gy_fixture_reopen, gy_fixture_maintain,
                                                       gy_fixture_compact};
    for (size_t way = 0; way < 3; way++) {
        struct gy_fixture f;
        struct gy_buf expected = {0};
        gy_fixture_open(&f, "UTC");
        for (int i = 0; i < DEVICES; i++) {
            device_call(&f, "\"anonymousId\":\"d", i, i / 2, "first");
            device_call(&f, "\"anonymousId\":\"d", i, 59 - i, "second");
        }
        gy_fixture_commit(&f);
        for (int i = 0; i < DEVICES; i++) {
            device_call(&f, GUEST "\"d", i, 59, "guest");
            device_call(&f, GUEST "\"other", i, i / 2, "first");
            device_call(&f, GUEST "\"other", i, 59 - i, "second");
        }
        gy_fixture_commit(&f);
        assert_int_equal(f.counts.taken, DEVICES);
        assert_int_equal(f.counts.duplicates, 2 * DEVICES);
        for (int i = 0; i < DEVICES; i++)
            device_call(&f, GUEST "\"late", i, 59 - i, "second");
        device_call(&f, "\"anonymousId\":\"other", 7, 30, "own");
        gy_fixture_commit(&f);
        assert_int_equal(f.counts.taken, 1);
        afterwards[way](&f);
        for (int minute = 0; minute < 60; minute++) {
            int n = 2 * (minute < DEVICES / 2) + (minute > 59 - DEVICES);
            for (int k = 0; k < n + (minute == 59 ? DEVICES : 0); k++)
                gy_buf_printf(&expected, "2025-01-01T00:%02d:00.000Z E\n", minute);
        }
        gy_fixture_expect(&f, "guest", expected.ptr);
        gy_fixture_expect(&f, "other7", "2025-01-01T00:30:00.000Z E\n");
        gy_fixture_check(&f);
        gy_buf_release(&expected);
        gy_fixture_close(&f);
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_what_makes_a_duplicate),
    cmocka_unit_test(test_types_are_apart),
    cmocka_unit_test(test_the_time_as_written_counts),
    cmocka_unit_test(test_an_identify_without_a_time),
    cmocka_unit_test(test_rows_without_an_id),
    cmocka_unit_test(test_duplicates_under_another_id),
    cmocka_unit_test(test_duplicates_that_a_claim_reveals),
    cmocka_unit_test(test_a_claim_by_a_call_that_is_stored),
    cmocka_unit_test(test_a_duplicate_has_no_effect),
    cmocka_unit_test(test_rows_are_known_by_what_they_say),
    cmocka_unit_test(test_many_equal_rows),
    cmocka_unit_test(test_rows_of_an_id_that_was_claimed),
    cmocka_unit_test(test_rows_that_have_fingerprints),
    cmocka_unit_test(test_contents_that_are_asked_for),
    cmocka_unit_test(test_short_and_long_fingerprints),
    cmocka_unit_test(test_an_alias_twice),
    cmocka_unit_test(test_many_at_one_instant),
    cmocka_unit_test(test_a_customer_of_many_ids),
    cmocka_unit_test(test_repeating_and_permuting_changes_nothing),
};

GY_TEST_MAIN(cases)
