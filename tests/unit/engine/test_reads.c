/* What a definition reads: small parts, bytes worked by hand. In a part every array begins at a multiple
 * of 64 bytes, so each of these small ones takes 64. */
#include "harness.h"

#include "base/zone.h"
#include "engine/reads.h"
#include "engine/vocabulary.h"
#include "lang/print.h"
#include "unit/engine/questions.h"

#define NOW "2025-03-31T12:00:00Z"

static const char *word_of(enum gy_read_kind kind)
{
    return kind == GY_READ_CUSTOMERS ? "customers" : kind == GY_READ_EVENT ? "event" : "trait";
}

/* A line for each stream, for each population, and for all. */
static void describe(const struct gy_reads *reads, struct gy_buf *out)
{
    for (uint32_t i = 0; i < reads->n_streams; i++) {
        const struct gy_read *r = &reads->streams[i];
        gy_buf_printf(out, "%s %.*s: %u parts, %llu rows of %llu bytes", word_of(r->kind),
                      GY_STR_ARG(r->name), r->n_parts, (unsigned long long)r->n_rows,
                      (unsigned long long)r->row_bytes);
        for (uint32_t c = 0; c < r->n_columns; c++)
            gy_buf_printf(out, ", %.*s %llu", GY_STR_ARG(r->columns[c].name),
                          (unsigned long long)r->columns[c].bytes);
        gy_buf_printf(out, ": %llu\n", (unsigned long long)r->bytes);
    }
    for (uint32_t i = 0; i < reads->n_populations; i++) {
        const struct gy_read_population *p = &reads->populations[i];
        char time[GY_TIME_TEXT];
        gy_time_print(p->now_ms, time);
        gy_buf_printf(out, "level %u as of %s: ", p->level, time);
        gy_print_term(p->value, out);
        if (p->among != NULL) {
            gy_buf_text(out, " among ");
            gy_print_expr(p->among, out);
        }
        gy_buf_char(out, '\n');
    }
    gy_buf_printf(out, "all: %u parts, %u columns, %llu rows, %llu bytes\n", reads->n_parts,
                  reads->n_columns, (unsigned long long)reads->n_rows,
                  (unsigned long long)reads->bytes);
}

static void expect_reads(const struct gy_fixture *f, const char *text, const char *expected)
{
    struct gy_error err;
    struct gy_reads reads;
    struct gy_definition definition = {0};
    struct gy_buf found = {0};
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    struct gy_vocabulary vocabulary = gy_vocabulary_of(s);
    struct gy_check_options options = {.allow_unknown = true};
    assert_ok(gy_define(gy_str_of(text), &vocabulary, &options, &definition, &err), &err);
    assert_ok(gy_reads_of(s, definition.expr, instant(NOW), &reads, &err), &err);
    describe(&reads, &found);
    assert_string_equal(found.ptr, expected);
    gy_buf_release(&found);
    gy_reads_release(&reads);
    gy_definition_release(&definition);
    gy_snapshot_close(s);
}

/* Part 1: visits of a (two) and b, an order of b, a's city. Part 2: a visit of c, who is new there. */
static void shop(struct gy_fixture *f)
{
    gy_fixture_open(f, "UTC");
    gy_fixture_track(f, "a", "Visit", "2025-01-01T00:00:00Z", "{\"depth\": 1, \"page\": \"x\"}");
    gy_fixture_track(f, "a", "Visit", "2025-01-02T00:00:00Z", "{\"depth\": 3, \"page\": \"x\"}");
    gy_fixture_track(f, "b", "Visit", "2025-01-01T00:00:00Z", "{\"depth\": 2, \"page\": \"y\"}");
    gy_fixture_track(f, "b", "Order", "2025-01-05T00:00:00Z", "{\"amount\": 2.5}");
    gy_fixture_identify(f, "a", NULL, "{\"city\": \"seoul\", \"tags\": [\"x\", \"y\"]}");
    gy_fixture_commit(f);
    gy_fixture_track(f, "c", "Visit", "2025-02-01T00:00:00Z", "{\"depth\": 4}");
    gy_fixture_commit(f);
}

#define CUSTOMERS "customers : 2 parts, 3 rows of 256 bytes: 256\n"

static void streams_and_their_columns(void **state)
{
    (void)state;
    struct gy_fixture f;
    shop(&f);
    expect_reads(&f, "everyone", CUSTOMERS "all: 2 parts, 0 columns, 3 rows, 256 bytes\n");
    /* customers, starts and times; in the second part every customer has one row: no starts */
    expect_reads(&f, "count(Visit last 1 day) > 1 and did(Visit)",
                 CUSTOMERS "event Visit: 2 parts, 4 rows of 320 bytes: 320\n"
                           "all: 2 parts, 0 columns, 7 rows, 576 bytes\n");
    /* the second part's only value needs no array */
    expect_reads(&f, "sum(Visit.depth where depth > 1) > 1 and max(Visit.depth) > 3",
                 CUSTOMERS "event Visit: 2 parts, 4 rows of 320 bytes, depth 64: 384\n"
                           "all: 2 parts, 1 columns, 7 rows, 640 bytes\n");
    /* so few strings stand as they are: starts and letters */
    expect_reads(&f, "count(Visit where page = \"x\") > count(Order)",
                 CUSTOMERS "event Visit: 2 parts, 4 rows of 320 bytes, page 128: 448\n"
                           "event Order: 1 parts, 1 rows of 128 bytes: 128\n"
                           "all: 2 parts, 1 columns, 8 rows, 832 bytes\n");
    gy_fixture_close(&f);
}

static void whatever_the_definition_rests_on(void **state)
{
    (void)state;
    struct gy_fixture f;
    shop(&f);
    /* no times, since it came without; the letters of a string without digits */
    expect_reads(&f, "trait.city = \"seoul\" or not trait.city is known",
                 CUSTOMERS "trait city: 1 parts, 1 rows of 64 bytes, value 64: 128\n"
                           "all: 2 parts, 1 columns, 4 rows, 384 bytes\n");
    /* starts and codes, and the dictionary's starts and letters */
    expect_reads(&f, "trait.tags contains \"x\"",
                 CUSTOMERS "trait tags: 1 parts, 1 rows of 64 bytes, value 256: 320\n"
                           "all: 2 parts, 1 columns, 4 rows, 576 bytes\n");
    expect_reads(&f,
                 "did(Visit as v then no Order where amount > 1 then Visit where page = v.page)",
                 CUSTOMERS "event Visit: 2 parts, 4 rows of 320 bytes, page 128: 448\n"
                           "event Order: 1 parts, 1 rows of 128 bytes, amount 0: 128\n"
                           "all: 2 parts, 2 columns, 8 rows, 832 bytes\n");
    expect_reads(&f, "percentile(count(Visit) among (percentile(sum(Order.amount)) > 3)) >= 50",
                 CUSTOMERS "event Visit: 2 parts, 4 rows of 320 bytes: 320\n"
                           "event Order: 1 parts, 1 rows of 128 bytes, amount 0: 128\n"
                           "level 0 as of 2025-03-31T12:00:00.000Z: sum(Order.amount)\n"
                           "level 1 as of 2025-03-31T12:00:00.000Z: count(Visit) among"
                           " percentile(sum(Order.amount)) > 3\n"
                           "all: 2 parts, 1 columns, 8 rows, 704 bytes\n");
    expect_reads(&f, "did(Never) or trait.never = 3 or sum(Visit.never) > 1 or sample(10%)",
                 CUSTOMERS "event Visit: 2 parts, 4 rows of 320 bytes: 320\n"
                           "all: 2 parts, 0 columns, 7 rows, 576 bytes\n");
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(streams_and_their_columns),
    cmocka_unit_test(whatever_the_definition_rests_on),
};

GY_TEST_MAIN(cases)
