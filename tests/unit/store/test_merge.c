/* test_merge.c - merging against a model that sorts rows and knows nothing of parts.
 *
 * The laws: however the rows are split into inputs, the merge has all of them, in the order (time,
 * input, rank); moved, dropped and reread ones as the model says. */
#include <sys/stat.h>
#include <unistd.h>

#include "rows_fixture.h"

#include "store/merge.h"

enum {
    MAX_ROWS = 600,
    MAX_INPUTS = 5
};

/* A case at random: rows in order of arrival, split into inputs. */
struct sample {
    struct test_row rows[MAX_ROWS];
    size_t n_rows;
    size_t n_inputs;
    struct gy_part *parts[MAX_INPUTS];
    struct gy_schema schema;
    struct gy_arena arena;
    uint64_t random;
    int64_t apart_ms; /* times that are values */
};

/* ---- random rows ---- */

static struct gy_str random_string(struct sample *s)
{
    char text[24];
    static const char *const words[4] = {"", "red", "결", "a longer text"};
    uint64_t pick = gy_test_below(&s->random, 6);
    int len = pick < 4 ? snprintf(text, sizeof text, "%s", words[pick])
                       : snprintf(text, sizeof text, "text %llu",
                                  (unsigned long long)gy_test_below(&s->random, 1000));
    return gy_arena_str(&s->arena, (struct gy_str){text, (size_t)len});
}

static struct gy_value random_list(struct sample *s)
{
    uint32_t n = (uint32_t)gy_test_below(&s->random, 4);
    struct gy_str *strings = GY_NEW_ARRAY(&s->arena, struct gy_str, n);
    for (uint32_t i = 0; i < n; i++) {
        strings[i] = random_string(s);
    }
    return (struct gy_value){.type = GY_VALUE_LIST, .list = {.strings = strings, .n = n}};
}

static struct gy_value random_value(struct sample *s, enum gy_value_type type)
{
    uint64_t pick = gy_test_below(&s->random, 8);
    if (pick == 0) {
        return (struct gy_value){.type = GY_VALUE_MISSING};
    }
    if (pick == 1 && type != GY_VALUE_STRING) {
        return (struct gy_value){.type = GY_VALUE_CELL, .string = GY_STR("\"none\"")};
    }
    switch (type) {
    case GY_VALUE_NUMBER:
        return (struct gy_value){.type = type,
                                 .number = (double)gy_test_below(&s->random, 100000) / 100 - 50};
    case GY_VALUE_STRING:
        return (struct gy_value){.type = type, .string = random_string(s)};
    case GY_VALUE_BOOL:
        return (struct gy_value){.type = type, .boolean = gy_test_below(&s->random, 2) == 1};
    case GY_VALUE_TIME:
        return (struct gy_value){
            .type = type, .time_ms = (int64_t)gy_test_below(&s->random, 1u << 15) * s->apart_ms};
    default:
        return random_list(s);
    }
}

/* Few customers in three blocks and few instants, so that ties are frequent. */
static struct test_row random_row(struct sample *s)
{
    struct test_row row = {
        .stream = EVENT_A + (uint32_t)gy_test_below(&s->random, 4),
        .ordinal = (uint32_t)(gy_test_below(&s->random, 3) * GY_BLOCK_SIZE +
                              gy_test_below(&s->random, 4) * 21845),
        .time_ms = (int64_t)gy_test_below(&s->random, 12) * 500,
    };
    if (gy_test_below(&s->random, 6) == 0) {
        row.time_ms = -row.time_ms * 86400; /* before 1970, every half day */
    }
    row.from = row.ordinal;
    if (row.stream >= TRAIT_NAME && gy_test_below(&s->random, 4) == 0) {
        row.time_ms = GY_TIME_ALWAYS_MS;
    }
    row.fingerprint = row.stream < TRAIT_NAME ? gy_test_random(&s->random) : 0;
    for (uint32_t i = 0; i < n_properties(row.stream); i++) {
        row.values[i] = random_value(s, property_type(row.stream, i));
    }
    return row;
}

static bool is_event(const struct test_row *row)
{
    return row->stream == EVENT_A || row->stream == EVENT_B;
}

/* Ranks as a part has them: among the event rows of one customer and instant, by arrival. */
static void rank_input(struct test_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        rows[i].rank = 0;
        for (size_t k = 0; k < i && is_event(&rows[i]); k++) {
            rows[i].rank += is_event(&rows[k]) && rows[k].ordinal == rows[i].ordinal &&
                            rows[k].time_ms == rows[i].time_ms;
        }
    }
}

static void make_sample(struct sample *s, uint64_t seed)
{
    static const int64_t units_ms[4] = {1, 1000, 86400000, 32769};
    *s = (struct sample){.random = seed, .apart_ms = units_ms[seed % 4]};
    test_schema(&s->schema);
    s->n_rows = gy_test_below(&s->random, ((size_t)MAX_ROWS >> gy_test_below(&s->random, 6)) + 1);
    s->n_inputs = 1 + gy_test_below(&s->random, MAX_INPUTS);
    for (size_t i = 0; i < s->n_rows; i++) {
        s->rows[i] = random_row(s);
        s->rows[i].number = (uint32_t)i;
        s->rows[i].input = i * s->n_inputs / s->n_rows;
    }
    for (size_t input = 0, first = 0, end = 0; input < s->n_inputs; input++, first = end) {
        while (end < s->n_rows && s->rows[end].input == input) {
            end++;
        }
        rank_input(&s->rows[first], end - first);
        struct test_row *copy = gy_alloc((end - first) * sizeof *copy);
        memcpy(copy, &s->rows[first], (end - first) * sizeof *copy);
        s->parts[input] = part_of_rows(copy, end - first);
        free(copy);
    }
}

static void release_sample(struct sample *s)
{
    for (size_t i = 0; i < s->n_inputs; i++) {
        gy_part_close(s->parts[i]);
    }
    gy_schema_release(&s->schema);
    gy_arena_release(&s->arena);
}

/* ---- the model ---- */

/* Among rows of one customer and instant: input, rank, own before moved, stream, arrival. */
static int compare_arrival(const struct test_row *a, const struct test_row *b)
{
    uint64_t a_place = a->from == a->ordinal ? 0 : (uint64_t)a->from + 1;
    uint64_t b_place = b->from == b->ordinal ? 0 : (uint64_t)b->from + 1;
    const uint64_t as[5] = {a->input, a->rank, a_place, a->stream, a->number};
    const uint64_t bs[5] = {b->input, b->rank, b_place, b->stream, b->number};
    for (int i = 0; i < 5; i++) {
        if (as[i] != bs[i]) {
            return as[i] < bs[i] ? -1 : 1;
        }
    }
    return 0;
}

static int compare_model_rows(const void *left, const void *right)
{
    const struct test_row *a = left;
    const struct test_row *b = right;
    if (a->ordinal >> 16 != b->ordinal >> 16) {
        return a->ordinal < b->ordinal ? -1 : 1;
    }
    if (a->stream != b->stream) {
        return a->stream < b->stream ? -1 : 1;
    }
    if (a->ordinal != b->ordinal) {
        return a->ordinal < b->ordinal ? -1 : 1;
    }
    if (a->time_ms != b->time_ms) {
        return a->time_ms < b->time_ms ? -1 : 1;
    }
    return compare_arrival(a, b);
}

/* The rank that a row has after the merge. */
static uint32_t merged_rank(const struct test_row *rows, size_t n, const struct test_row *row)
{
    uint32_t rank = 0;
    bool has_others = false;
    for (size_t i = 0; i < n && is_event(row); i++) {
        const struct test_row *other = &rows[i];
        if (!is_event(other) || other->ordinal != row->ordinal || other->time_ms != row->time_ms) {
            continue;
        }
        has_others |= other->input != row->input || other->from != row->from;
        rank += compare_arrival(other, row) < 0;
    }
    return has_others ? rank : row->rank;
}

/* The rows as they must come out. */
static void model(const struct sample *s, const struct gy_move *moves, size_t n_moves,
                  struct test_row *out)
{
    struct test_row *rows = gy_alloc(s->n_rows * sizeof *rows);
    memcpy(rows, s->rows, s->n_rows * sizeof *rows);
    for (size_t i = 0; i < s->n_rows; i++) {
        for (size_t m = 0; m < n_moves; m++) {
            rows[i].ordinal = rows[i].from == moves[m].from ? moves[m].to : rows[i].ordinal;
        }
    }
    for (size_t i = 0; i < s->n_rows; i++) {
        out[i] = rows[i];
        out[i].rank = merged_rank(rows, s->n_rows, &rows[i]);
    }
    free(rows);
}

/* ---- merging ---- */

static struct gy_merge merge_of(const struct sample *s)
{
    return (struct gy_merge){.inputs = (const struct gy_part *const *)s->parts,
                             .n_inputs = s->n_inputs,
                             .schema = &s->schema};
}

static void check_merge(const struct sample *s, const struct gy_merge *merge,
                        struct test_row *expected, size_t n)
{
    struct gy_error err;
    struct gy_part *part;
    struct gy_buf got = {0};
    struct gy_buf want = {0};
    (void)s;
    assert_ok(gy_merge_memory(merge, &part, &err), &err);
    assert_true((part == NULL) == (n == 0));
    if (part != NULL) {
        assert_ok(gy_part_check(part, &err), &err);
    }
    /* Ordered by the ranks they had; dumped with those they get. */
    dump_part(part, &got);
    dump_rows(expected, n, &want);
    assert_same_text(&got, &want);
    gy_buf_release(&got);
    gy_buf_release(&want);
    gy_part_close(part);
}

/* Sorts by old ranks, then puts the new ones. */
static void expect(const struct sample *s, const struct gy_move *moves, size_t n_moves,
                   struct test_row *out)
{
    model(s, moves, n_moves, out);
    uint32_t new_ranks[MAX_ROWS];
    for (size_t i = 0; i < s->n_rows; i++) {
        new_ranks[s->rows[i].number] = out[i].rank;
        out[i].rank = s->rows[i].rank;
    }
    if (s->n_rows > 0) {
        qsort(out, s->n_rows, sizeof *out, compare_model_rows);
    }
    for (size_t i = 0; i < s->n_rows; i++) {
        out[i].rank = new_ranks[out[i].number];
    }
}

static void a_merge_of_the_split_is_the_whole(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    static struct sample s;
    static struct test_row expected[MAX_ROWS];
    for (int round = 0; round < 60; round++) {
        make_sample(&s, gy_test_random(&random));
        struct gy_merge merge = merge_of(&s);
        expect(&s, NULL, 0, expected);
        check_merge(&s, &merge, expected, s.n_rows);

        /* Without a split the ranks are by arrival: the merge must have the same. */
        rank_input(s.rows, s.n_rows);
        struct gy_part *whole = part_of_rows(s.rows, s.n_rows);
        struct gy_part *part;
        struct gy_error err;
        struct gy_buf got = {0};
        struct gy_buf want = {0};
        assert_ok(gy_merge_memory(&merge, &part, &err), &err);
        dump_part(part, &got);
        dump_part(whole, &want);
        assert_same_text(&got, &want);
        assert_true(part == NULL || gy_part_size(part) == gy_part_size(whole));
        gy_buf_release(&got);
        gy_buf_release(&want);
        gy_part_close(part);
        gy_part_close(whole);
        release_sample(&s);
    }
}

static void moved_rows_stand_under_their_root(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    static struct sample s;
    static struct test_row expected[MAX_ROWS];
    /* By `to`, then `from`: into a smaller block, a greater one, the same, and where nobody is. */
    const struct gy_move moves[4] = {
        {2 * GY_BLOCK_SIZE, 0},
        {21845, 2 * 21845},
        {GY_BLOCK_SIZE, 2 * GY_BLOCK_SIZE + 21845},
        {2 * GY_BLOCK_SIZE + 43690, 7 * GY_BLOCK_SIZE + 5},
    };
    for (int round = 0; round < 60; round++) {
        make_sample(&s, gy_test_random(&random));
        struct gy_merge merge = merge_of(&s);
        merge.moves = moves;
        merge.n_moves = 4;
        expect(&s, moves, 4, expected);
        check_merge(&s, &merge, expected, s.n_rows);
        release_sample(&s);
    }
}

/* ---- erasing ---- */

static size_t keep_others(struct sample *s, const roaring_bitmap_t *erased)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_rows; i++) {
        if (!roaring_bitmap_contains(erased, s->rows[i].from)) {
            s->rows[n++] = s->rows[i];
        }
    }
    return n;
}

/* Wherever they would have gone. */
static void erased_customers_are_left_out(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    static struct sample s;
    static struct test_row expected[MAX_ROWS];
    const struct gy_move moves[2] = {
        {2 * GY_BLOCK_SIZE, 0},
        {21845, 2 * 21845},
    };
    roaring_bitmap_t *erased =
        roaring_bitmap_of(4, 21845, GY_BLOCK_SIZE, GY_BLOCK_SIZE + 3 * 21845, 7);
    for (int round = 0; round < 60; round++) {
        make_sample(&s, gy_test_random(&random));
        struct gy_merge merge = merge_of(&s);
        merge.erased = erased;
        merge.moves = moves;
        merge.n_moves = round % 2 == 0 ? 0 : 2;
        s.n_rows = keep_others(&s, erased);
        expect(&s, moves, merge.n_moves, expected);
        check_merge(&s, &merge, expected, s.n_rows);
        release_sample(&s);
    }
    roaring_bitmap_free(erased);
}

/* ---- dropping ---- */

static bool drop_some(void *context, uint32_t stream, uint32_t ordinal, int64_t time_ms,
                      uint32_t rank, uint64_t fingerprint, size_t input, uint32_t row)
{
    (void)rank;
    (void)input;
    (void)row;
    const uint64_t *limit = context;
    return (stream == EVENT_A && fingerprint < *limit) || (stream == TRAIT_NAME && ordinal == 0) ||
           (stream == EVENT_B && time_ms == 500);
}

static bool drop_all(void *context, uint32_t stream, uint32_t ordinal, int64_t time_ms,
                     uint32_t rank, uint64_t fingerprint, size_t input, uint32_t row)
{
    size_t *n = context;
    (void)stream;
    (void)ordinal;
    (void)time_ms;
    (void)rank;
    (void)fingerprint;
    (void)input;
    (void)row;
    ++*n;
    return true;
}

static void dropped_rows_are_gone(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    static struct sample s;
    static struct test_row expected[MAX_ROWS];
    for (int round = 0; round < 20; round++) {
        make_sample(&s, gy_test_random(&random));
        struct gy_merge merge = merge_of(&s);
        uint64_t limit = UINT64_MAX / 3;
        merge.drop = drop_some;
        merge.drop_context = &limit;
        expect(&s, NULL, 0, expected);
        size_t n = 0;
        for (size_t i = 0; i < s.n_rows; i++) {
            const struct test_row *r = &expected[i];
            if (!drop_some(&limit, r->stream, r->ordinal, r->time_ms, 0, r->fingerprint, 0, 0)) {
                expected[n++] = *r;
            }
        }
        check_merge(&s, &merge, expected, n);
        size_t n_asked = 0;
        merge.drop = drop_all;
        merge.drop_context = &n_asked;
        check_merge(&s, &merge, NULL, 0);
        assert_true(n_asked >= s.n_rows);
        release_sample(&s);
    }
}

static void strings_of_dropped_rows_are_gone(void **state)
{
    (void)state;
    struct gy_error err;
    struct gy_schema schema;
    test_schema(&schema);
    struct test_row rows[6] = {0};
    for (uint32_t i = 0; i < 6; i++) {
        rows[i] = (struct test_row){.stream = EVENT_B, .ordinal = i / 2, .time_ms = 1000};
        rows[i].fingerprint = 1;
        rows[i].number = i;
        rows[i].values[0] = (struct gy_value){
            .type = GY_VALUE_STRING, .string = i < 2 ? GY_STR("secret name") : GY_STR("other")};
    }
    rows[0].time_ms = rows[1].time_ms = 500; /* what drop_some drops */
    struct gy_part *part = part_of_rows(rows, 6);
    struct gy_dictionary d;
    assert_ok(gy_part_dictionary(part, EVENT_B, 5, &d, &err), &err);
    assert_int_equal(d.n, 2);
    uint64_t limit = 0;
    struct gy_merge merge = {.inputs = (const struct gy_part *const *)&part,
                             .n_inputs = 1,
                             .schema = &schema,
                             .drop = drop_some,
                             .drop_context = &limit};
    struct gy_part *merged;
    assert_ok(gy_merge_memory(&merge, &merged, &err), &err);
    assert_ok(gy_part_dictionary(merged, EVENT_B, 5, &d, &err), &err);
    assert_int_equal(d.n, 1);
    assert_true(gy_str_equal(gy_dictionary_str(&d, 0), GY_STR("other")));
    gy_part_close(merged);
    gy_part_close(part);
    gy_schema_release(&schema);
}

/* ---- streams of their own kind ---- */

static void existence_is_the_earliest_row(void **state)
{
    (void)state;
    struct gy_error err;
    struct gy_schema schema;
    test_schema(&schema);
    struct test_row first[3] = {
        {.stream = GY_STREAM_EXISTENCE, .ordinal = 1, .time_ms = 5000},
        {.stream = GY_STREAM_EXISTENCE, .ordinal = 2, .time_ms = 7000},
        {.stream = GY_STREAM_EXISTENCE, .ordinal = 70000, .time_ms = 100},
    };
    struct test_row second[3] = {
        {.stream = GY_STREAM_EXISTENCE, .ordinal = 1, .time_ms = 4999},
        {.stream = GY_STREAM_EXISTENCE, .ordinal = 2, .time_ms = 7000},
        {.stream = GY_STREAM_EXISTENCE, .ordinal = 3, .time_ms = GY_TIME_ALWAYS_MS},
    };
    struct gy_part *parts[2] = {part_of_rows(first, 3), part_of_rows(second, 3)};
    const struct gy_move moves[1] = {{70000, 2}};
    struct gy_merge merge = {.inputs = (const struct gy_part *const *)parts,
                             .n_inputs = 2,
                             .schema = &schema,
                             .moves = moves,
                             .n_moves = 1};
    struct gy_part *merged;
    struct gy_buf got = {0};
    assert_ok(gy_merge_memory(&merge, &merged, &err), &err);
    assert_ok(gy_part_check(merged, &err), &err);
    dump_part(merged, &got);
    assert_string_equal(got.ptr, "0 1 4999 #0 f0\n"
                                 "0 2 100 #0 f0\n"
                                 "0 3 -9223372036854775808 #0 f0\n");
    gy_buf_release(&got);
    gy_part_close(merged);
    gy_part_close(parts[0]);
    gy_part_close(parts[1]);
    gy_schema_release(&schema);
}

static void calls_keep_their_fingerprints(void **state)
{
    (void)state;
    struct gy_error err;
    struct gy_schema schema;
    test_schema(&schema);
    struct test_row first[1] = {
        {.stream = GY_STREAM_CALLS, .ordinal = 1, .time_ms = 5000, .fingerprint = 11}};
    struct test_row second[1] = {
        {.stream = GY_STREAM_CALLS, .ordinal = 1, .time_ms = 5000, .fingerprint = 22}};
    struct gy_part *parts[2] = {part_of_rows(first, 1), part_of_rows(second, 1)};
    struct gy_merge merge = {
        .inputs = (const struct gy_part *const *)parts, .n_inputs = 2, .schema = &schema};
    struct gy_part *merged;
    struct gy_buf got = {0};
    assert_ok(gy_merge_memory(&merge, &merged, &err), &err);
    dump_part(merged, &got);
    assert_string_equal(got.ptr, "1 1 5000 #0 f11\n1 1 5000 #0 f22\n");
    gy_buf_release(&got);
    gy_part_close(merged);
    gy_part_close(parts[0]);
    gy_part_close(parts[1]);
    gy_schema_release(&schema);
}

/* ---- other types ---- */

static void check_reread(struct test_row *rows, size_t n, uint32_t property,
                         enum gy_value_type type, const char *want)
{
    struct gy_error err;
    struct gy_schema schema;
    test_schema(&schema);
    schema.properties[property - 1].type = type;
    struct gy_part *part = part_of_rows(rows, n);
    struct gy_merge merge = {
        .inputs = (const struct gy_part *const *)&part, .n_inputs = 1, .schema = &schema};
    struct gy_part *merged;
    struct gy_arena arena = {0};
    struct gy_buf got = {0};
    assert_ok(gy_merge_memory(&merge, &merged, &err), &err);
    assert_ok(gy_part_check(merged, &err), &err);
    for (uint32_t row = 0; row < n; row++) {
        struct gy_value value;
        value_of_row(merged, gy_part_slice(merged, 0), property, row, &arena, &value);
        dump_value(&got, property, &value);
    }
    assert_string_equal(got.ptr, want);
    gy_buf_release(&got);
    gy_arena_release(&arena);
    gy_part_close(merged);
    gy_part_close(part);
    gy_schema_release(&schema);
}

static void values_are_read_as_the_schema_now_says(void **state)
{
    (void)state;
    struct test_row rows[7] = {0};
    const struct gy_str texts[7] = {GY_STR("12.50"),
                                    GY_STR("old"),
                                    GY_STR("2024-02-29"),
                                    GY_STR("TRUE"),
                                    GY_STR("1e2"),
                                    {0},
                                    {0}};
    for (uint32_t i = 0; i < 7; i++) {
        rows[i] = (struct test_row){.stream = EVENT_B, .ordinal = i, .number = i};
        rows[i].values[0] = (struct gy_value){.type = GY_VALUE_STRING, .string = texts[i]};
    }
    rows[5].values[0] = (struct gy_value){.type = GY_VALUE_MISSING};
    rows[6].values[0] = (struct gy_value){.type = GY_VALUE_CELL, .string = GY_STR("0.75")};
    check_reread(rows, 7, 5, GY_VALUE_NUMBER,
                 " 5=12.5 5!\"old\" 5!\"2024-02-29\" 5!\"TRUE\" 5=100 5=0.75");
    check_reread(rows, 7, 5, GY_VALUE_TIME,
                 " 5!\"12.50\" 5!\"old\" 5=\"2024-02-29T00:00:00.000Z\" 5!\"TRUE\" 5!\"1e2\" "
                 "5!0.75");
    check_reread(rows, 7, 5, GY_VALUE_BOOL,
                 " 5!\"12.50\" 5!\"old\" 5!\"2024-02-29\" 5=true 5!\"1e2\" 5!0.75");
    /* Of the same type, misfits have been judged already. */
    check_reread(rows, 7, 5, GY_VALUE_STRING,
                 " 5=\"12.50\" 5=\"old\" 5=\"2024-02-29\" 5=\"TRUE\" 5=\"1e2\" 5!0.75");
}

static void numbers_become_strings_with_all_their_digits(void **state)
{
    (void)state;
    struct test_row rows[5] = {0};
    for (uint32_t i = 0; i < 5; i++) {
        rows[i] = (struct test_row){.stream = EVENT_A, .ordinal = i, .number = i};
    }
    rows[0].values[0] = (struct gy_value){.type = GY_VALUE_NUMBER, .number = 17850};
    rows[1].values[0] = (struct gy_value){.type = GY_VALUE_NUMBER, .number = -0.25};
    rows[2].values[0] =
        (struct gy_value){.type = GY_VALUE_CELL, .string = GY_STR("\"a\\\"\\u0000\"")};
    rows[3].values[0] =
        (struct gy_value){.type = GY_VALUE_CELL, .string = GY_STR("12345678901234567890")};
    rows[4].values[0] = (struct gy_value){.type = GY_VALUE_CELL, .string = GY_STR("[\"a\"]")};
    check_reread(rows, 5, 1, GY_VALUE_STRING,
                 " 1=\"17850\" 1=\"-0.25\" 1=\"a\\\"\\u0000\" 1=\"12345678901234567890\" "
                 "1![\"a\"]");
    check_reread(rows, 5, 1, GY_VALUE_LIST,
                 " 1!17850 1!-0.25 1!\"a\\\"\\u0000\" "
                 "1!12345678901234567890 1=[\"a\"]");
    check_reread(rows, 5, 1, GY_VALUE_BOOL,
                 " 1!17850 1!-0.25 1!\"a\\\"\\u0000\" 1!12345678901234567890 1![\"a\"]");
}

static void an_unknown_column_is_damage(void **state)
{
    (void)state;
    struct gy_error err;
    struct gy_schema schema;
    gy_schema_init(&schema);
    struct test_row row = {.stream = EVENT_B, .ordinal = 1, .time_ms = 0};
    row.values[0] = (struct gy_value){.type = GY_VALUE_STRING, .string = GY_STR("x")};
    struct gy_part *part = part_of_rows(&row, 1);
    struct gy_merge merge = {
        .inputs = (const struct gy_part *const *)&part, .n_inputs = 1, .schema = &schema};
    struct gy_part *merged;
    assert_int_equal(gy_merge_memory(&merge, &merged, &err), GY_CORRUPT);
    assert_null(merged);
    gy_part_close(part);
}

/* ---- files ---- */

static void path_in(void *context, size_t i, char out[4096])
{
    snprintf(out, 4096, "%s/%zu.part", (const char *)context, i);
}

/* Every file's rows, one behind the other, and how many blocks the files share. */
static void dump_files(char *dir, const size_t *made, size_t n, struct gy_buf *out)
{
    uint32_t last_block = 0;
    for (size_t i = 0; i < n; i++) {
        struct gy_error err;
        struct gy_part *part;
        char path[4096];
        path_in(dir, made[i], path);
        assert_ok(gy_part_open(path, &part, &err), &err);
        assert_ok(gy_part_check(part, &err), &err);
        uint32_t first_block = gy_part_slice(part, 0)->block_no;
        assert_true(i == 0 || first_block > last_block);
        last_block = gy_part_slice(part, gy_part_n_slices(part) - 1)->block_no;
        dump_part(part, out);
        gy_part_close(part);
        assert_int_equal(unlink(path), 0);
    }
}

static void files_are_cut_between_blocks(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    static struct sample s;
    static struct test_row expected[MAX_ROWS];
    char dir[] = "/tmp/gyeol-merge-XXXXXX";
    assert_non_null(mkdtemp(dir));
    const uint64_t targets[3] = {0, 1, 8192};
    for (int round = 0; round < 15; round++) {
        make_sample(&s, gy_test_random(&random));
        struct gy_merge merge = merge_of(&s);
        struct gy_error err;
        struct gy_buf got = {0};
        struct gy_buf want = {0};
        size_t *made;
        size_t n;
        merge.path = path_in;
        merge.path_context = dir;
        merge.target_size = targets[round % 3];
        assert_ok(gy_merge_files(&merge, &made, &n, &err), &err);
        assert_true(n <= (merge.target_size == 0 ? 1 : 3));
        dump_files(dir, made, n, &got);
        free(made);
        expect(&s, NULL, 0, expected);
        dump_rows(expected, s.n_rows, &want);
        assert_same_text(&got, &want);
        gy_buf_release(&got);
        gy_buf_release(&want);
        release_sample(&s);
    }
    assert_int_equal(rmdir(dir), 0);
}

static void after_a_failure_no_file_stays(void **state)
{
    (void)state;
    static struct sample s;
    char dir[] = "/tmp/gyeol-merge-XXXXXX";
    assert_non_null(mkdtemp(dir));
    uint64_t seed = 1;
    do {
        make_sample(&s, seed++);
    } while (s.n_rows < 100 && (release_sample(&s), true));
    struct gy_merge merge = merge_of(&s);
    struct gy_error err;
    char blocker[4096];
    size_t *made;
    size_t n;
    path_in(dir, 1, blocker);
    assert_int_equal(mkdir(blocker, 0700), 0); /* the second file cannot be put in place */
    merge.path = path_in;
    merge.path_context = dir;
    merge.target_size = 1;
    assert_int_equal(gy_merge_files(&merge, &made, &n, &err), GY_IO);
    assert_int_equal(n, 0);
    free(made);
    assert_int_equal(rmdir(blocker), 0);
    assert_int_equal(rmdir(dir), 0);
    release_sample(&s);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(a_merge_of_the_split_is_the_whole),
    cmocka_unit_test(moved_rows_stand_under_their_root),
    cmocka_unit_test(erased_customers_are_left_out),
    cmocka_unit_test(dropped_rows_are_gone),
    cmocka_unit_test(strings_of_dropped_rows_are_gone),
    cmocka_unit_test(existence_is_the_earliest_row),
    cmocka_unit_test(calls_keep_their_fingerprints),
    cmocka_unit_test(values_are_read_as_the_schema_now_says),
    cmocka_unit_test(numbers_become_strings_with_all_their_digits),
    cmocka_unit_test(an_unknown_column_is_damage),
    cmocka_unit_test(files_are_cut_between_blocks),
    cmocka_unit_test(after_a_failure_no_file_stays),
};

GY_TEST_MAIN(cases)
