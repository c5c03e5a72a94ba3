/* rows_fixture.h - rows as a test thinks of them, parts made of them, and parts as text again.
 *
 * The schema has two events and two traits:
 *   16 "A": 1 number, 2 string, 3 boolean, 4 time      18 "name": string
 *   17 "B": 5 string                                   19 "tags": list
 */
#ifndef GY_TESTS_ROWS_FIXTURE_H
#define GY_TESTS_ROWS_FIXTURE_H

#include "part_fixture.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/intern.h"
#include "store/schema.h"

enum {
    EVENT_A = 16,
    EVENT_B = 17,
    TRAIT_NAME = 18,
    TRAIT_TAGS = 19,
    N_VALUES = 4
};

struct test_row {
    uint32_t stream;
    uint32_t ordinal;
    int64_t time_ms; /* or GY_TIME_ALWAYS_MS */
    uint32_t rank;
    uint64_t fingerprint;
    struct gy_value
        values[N_VALUES]; /* by property from the stream's first; a CELL is a misfit's JSON */
    size_t input;         /* for models of a merge */
    uint32_t from;        /* the ordinal before it moved */
    uint32_t number;      /* in the order of arrival */
};

static inline void test_schema(struct gy_schema *schema)
{
    gy_schema_init(schema);
    gy_schema_add_stream(schema, GY_STREAM_EVENT, GY_STR("A"), GY_VALUE_MISSING, 0);
    gy_schema_add_stream(schema, GY_STREAM_EVENT, GY_STR("B"), GY_VALUE_MISSING, 0);
    gy_schema_add_stream(schema, GY_STREAM_TRAIT, GY_STR("name"), GY_VALUE_STRING, 0);
    gy_schema_add_stream(schema, GY_STREAM_TRAIT, GY_STR("tags"), GY_VALUE_LIST, 0);
    gy_schema_add_property(schema, EVENT_A, GY_STR("number"), GY_VALUE_NUMBER);
    gy_schema_add_property(schema, EVENT_A, GY_STR("string"), GY_VALUE_STRING);
    gy_schema_add_property(schema, EVENT_A, GY_STR("boolean"), GY_VALUE_BOOL);
    gy_schema_add_property(schema, EVENT_A, GY_STR("time"), GY_VALUE_TIME);
    gy_schema_add_property(schema, EVENT_B, GY_STR("string"), GY_VALUE_STRING);
}

static inline uint32_t first_property(uint32_t stream)
{
    return stream == EVENT_A ? 1 : stream == EVENT_B ? 5 : GY_PROPERTY_VALUE;
}

static inline uint32_t n_properties(uint32_t stream)
{
    return stream == EVENT_A ? 4 : stream < EVENT_A ? 0 : 1;
}

static inline enum gy_value_type property_type(uint32_t stream, uint32_t i)
{
    static const enum gy_value_type types[N_VALUES] = {GY_VALUE_NUMBER, GY_VALUE_STRING,
                                                       GY_VALUE_BOOL, GY_VALUE_TIME};
    return stream == EVENT_A ? types[i] : stream == TRAIT_TAGS ? GY_VALUE_LIST : GY_VALUE_STRING;
}

/* ---- rows to a part ---- */

/* The order of a part: block, stream, customer, time, arrival. */
static inline int compare_rows_of_part(const void *left, const void *right)
{
    const struct test_row *a = left;
    const struct test_row *b = right;
    const uint64_t as[4] = {a->ordinal >> 16, a->stream, a->ordinal, a->number};
    const uint64_t bs[4] = {b->ordinal >> 16, b->stream, b->ordinal, b->number};
    for (int i = 0; i < 3; i++) {
        if (as[i] != bs[i]) {
            return as[i] < bs[i] ? -1 : 1;
        }
    }
    if (a->time_ms != b->time_ms) {
        return a->time_ms < b->time_ms ? -1 : 1;
    }
    return as[3] < bs[3] ? -1 : as[3] > bs[3];
}

static inline int compare_strings(const void *left, const void *right)
{
    const struct gy_str *a = left;
    const struct gy_str *b = right;
    return gy_str_compare(*a, *b);
}

/* The sorted distinct strings of one property; adds up its values. */
static inline void strings_of(const struct test_row *rows, size_t n, uint32_t stream, uint32_t i,
                              struct gy_intern *sorted, uint64_t *n_values)
{
    struct gy_intern set = {0};
    *n_values = 0;
    for (size_t r = 0; r < n; r++) {
        const struct gy_value *v = &rows[r].values[i];
        if (rows[r].stream != stream) {
            continue;
        }
        if (v->type == GY_VALUE_STRING) {
            gy_intern_add(&set, v->string);
            ++*n_values;
        }
        for (uint32_t k = 0; v->type == GY_VALUE_LIST && k < v->list.n; k++) {
            gy_intern_add(&set, v->list.strings[k]);
        }
    }
    if (set.n > 0) {
        qsort(set.strings, set.n, sizeof *set.strings, compare_strings);
    }
    for (uint32_t k = 0; k < set.n; k++) {
        gy_intern_add(sorted, set.strings[k]);
    }
    gy_intern_release(&set);
}

struct plain_buffers {
    struct gy_arena arena;
    struct gy_intern strings[20][N_VALUES]; /* by stream */
    bool has_dictionary[20][N_VALUES];
};

static inline void plain_column(struct plain_buffers *b, const struct test_row *rows, uint32_t n,
                                uint32_t i, struct gy_plain_column *out)
{
    uint32_t stream = rows[0].stream;
    struct gy_arena *arena = &b->arena;
    uint64_t *present = GY_NEW_ARRAY(arena, uint64_t, n / 64 + 1);
    double *numbers = GY_NEW_ARRAY(arena, double, n);
    int64_t *ints = GY_NEW_ARRAY(arena, int64_t, n);
    uint32_t *codes = GY_NEW_ARRAY(arena, uint32_t, n * 4 + 1);
    struct gy_str *strings = GY_NEW_ARRAY(arena, struct gy_str, n);
    uint32_t *starts = GY_NEW_ARRAY(arena, uint32_t, n + 1);
    uint32_t *misfit_rows = GY_NEW_ARRAY(arena, uint32_t, n);
    struct gy_str *misfits = GY_NEW_ARRAY(arena, struct gy_str, n);
    uint32_t n_codes = 0;
    *out = (struct gy_plain_column){.property = first_property(stream) + i,
                                    .type = property_type(stream, i)};
    for (uint32_t r = 0; r < n; r++) {
        const struct gy_value *v = &rows[r].values[i];
        bool is_value = v->type != GY_VALUE_MISSING && v->type != GY_VALUE_CELL;
        present[r / 64] |= (uint64_t)is_value << r % 64;
        numbers[r] = v->type == GY_VALUE_NUMBER ? v->number : 0;
        ints[r] = v->type == GY_VALUE_BOOL ? v->boolean : v->type == GY_VALUE_TIME ? v->time_ms : 0;
        if (v->type == GY_VALUE_STRING) {
            strings[r] = v->string;
            codes[r] = gy_intern_find(&b->strings[stream][i], v->string);
        }
        for (uint32_t k = 0; v->type == GY_VALUE_LIST && k < v->list.n; k++) {
            codes[n_codes++] = gy_intern_find(&b->strings[stream][i], v->list.strings[k]);
        }
        starts[r + 1] = n_codes;
        if (v->type == GY_VALUE_CELL) {
            misfit_rows[out->n_misfits] = r;
            misfits[out->n_misfits++] = v->string;
        }
    }
    out->present = present;
    out->numbers = numbers;
    out->ints = ints;
    out->codes = b->has_dictionary[stream][i] ? codes : NULL;
    out->strings = strings;
    out->list_starts = starts;
    out->misfit_rows = misfit_rows;
    out->misfits = misfits;
}

static inline void write_rows_of_slice(struct gy_part_writer *w, struct plain_buffers *b,
                                       const struct test_row *rows, uint32_t n)
{
    struct gy_error err;
    struct gy_arena *arena = &b->arena;
    uint16_t *customers = GY_NEW_ARRAY(arena, uint16_t, n);
    uint32_t *starts = GY_NEW_ARRAY(arena, uint32_t, n + 1);
    uint32_t *codes = GY_NEW_ARRAY(arena, uint32_t, n);
    uint32_t *millis = GY_NEW_ARRAY(arena, uint32_t, n);
    uint32_t *ranks = GY_NEW_ARRAY(arena, uint32_t, n);
    uint64_t *fingerprints = GY_NEW_ARRAY(arena, uint64_t, n);
    struct gy_plain_column columns[N_VALUES];
    uint32_t n_customers = 0;
    for (uint32_t r = 0; r < n; r++) {
        if (r == 0 || rows[r].ordinal != rows[r - 1].ordinal) {
            customers[n_customers] = (uint16_t)rows[r].ordinal;
            starts[n_customers++] = r;
        }
        codes[r] = gy_code_of(rows[r].time_ms, &millis[r]);
        ranks[r] = rows[r].rank;
        fingerprints[r] = rows[r].fingerprint;
    }
    starts[n_customers] = n;
    uint32_t n_columns = n_properties(rows[0].stream);
    for (uint32_t i = 0; i < n_columns; i++) {
        plain_column(b, rows, n, i, &columns[i]);
    }
    struct gy_plain_slice slice = {.block_no = rows[0].ordinal >> 16,
                                   .stream = rows[0].stream,
                                   .n_rows = n,
                                   .n_customers = n_customers,
                                   .customers = customers,
                                   .starts = starts,
                                   .codes = codes,
                                   .millis = millis,
                                   .ranks = ranks,
                                   .fingerprints = rows[0].stream < EVENT_A + 2 &&
                                                           rows[0].stream != GY_STREAM_EXISTENCE
                                                       ? fingerprints
                                                       : NULL,
                                   .columns = columns,
                                   .n_columns = n_columns,
                                   .min_written_ms = codes[0],
                                   .max_written_ms = codes[0]};
    assert_ok(gy_part_writer_slice(w, &slice, &err), &err);
}

/* Sorts the rows and writes them; ranks are taken as they stand. */
static inline void write_rows(struct gy_part_writer *w, struct test_row *rows, size_t n)
{
    struct gy_error err;
    struct plain_buffers *b = gy_alloc_zero(1, sizeof *b);
    if (n > 0) {
        qsort(rows, n, sizeof *rows, compare_rows_of_part);
    }
    for (uint32_t stream = EVENT_A; stream <= TRAIT_TAGS; stream++) {
        for (uint32_t i = 0; i < n_properties(stream); i++) {
            struct gy_intern *strings = &b->strings[stream][i];
            uint64_t n_values;
            strings_of(rows, n, stream, i, strings, &n_values);
            bool *has_dictionary = &b->has_dictionary[stream][i];
            *has_dictionary = stream == TRAIT_TAGS || gy_dictionary_pays(strings->n, n_values);
            if (*has_dictionary) {
                assert_ok(gy_part_writer_dictionary(w, stream, first_property(stream) + i,
                                                    strings->strings, strings->n, &err),
                          &err);
            }
        }
    }
    size_t end;
    for (size_t first = 0; first < n; first = end) {
        end = first + 1;
        while (end < n && rows[end].stream == rows[first].stream &&
               rows[end].ordinal >> 16 == rows[first].ordinal >> 16) {
            end++;
        }
        write_rows_of_slice(w, b, &rows[first], (uint32_t)(end - first));
    }
    for (uint32_t stream = 0; stream <= TRAIT_TAGS; stream++) {
        for (uint32_t i = 0; i < N_VALUES; i++) {
            gy_intern_release(&b->strings[stream][i]);
        }
    }
    gy_arena_release(&b->arena);
    free(b);
}

static inline struct gy_part *part_of_rows(struct test_row *rows, size_t n)
{
    struct gy_error err;
    struct gy_part_writer *w = fixture_writer();
    write_rows(w, rows, n);
    struct gy_part *part = fixture_part(w);
    assert_ok(gy_part_check(part, &err), &err);
    return part;
}

/* ---- rows and parts to text ---- */

static inline void dump_head(struct gy_buf *out, uint32_t stream, uint32_t ordinal, int64_t time_ms,
                             uint32_t rank, uint64_t fingerprint)
{
    gy_buf_printf(out, "%u %u %lld #%u f%llu", stream, ordinal, (long long)time_ms, rank,
                  (unsigned long long)fingerprint);
}

static inline void dump_value(struct gy_buf *out, uint32_t property, const struct gy_value *v)
{
    if (v->type == GY_VALUE_MISSING) {
        return;
    }
    gy_buf_printf(out, " %u%s", property, v->type == GY_VALUE_CELL ? "!" : "=");
    if (v->type == GY_VALUE_CELL) {
        gy_buf_str(out, v->string);
    } else {
        gy_value_json(v, out);
    }
}

/* Rows that are sorted as in a part. */
static inline void dump_rows(const struct test_row *rows, size_t n, struct gy_buf *out)
{
    for (size_t r = 0; r < n; r++) {
        dump_head(out, rows[r].stream, rows[r].ordinal, rows[r].time_ms, rows[r].rank,
                  rows[r].fingerprint);
        for (uint32_t i = 0; i < n_properties(rows[r].stream); i++) {
            dump_value(out, first_property(rows[r].stream) + i, &rows[r].values[i]);
        }
        gy_buf_char(out, '\n');
    }
}

/* A row's value or its misfit, as a CELL. */
static inline void value_of_row(const struct gy_part *part, const struct gy_slice *slice,
                                uint32_t property, uint32_t row, struct gy_arena *arena,
                                struct gy_value *out)
{
    struct gy_error err;
    struct gy_column c;
    struct gy_dictionary d;
    assert_ok(gy_part_column(part, slice, property, &c, &err), &err);
    assert_ok(gy_part_dictionary(part, slice->stream, property, &d, &err), &err);
    gy_column_value(&c, &d, row, arena, out);
    for (uint32_t i = 0; i < c.n_misfits; i++) {
        if (c.misfit_rows[i] == row) {
            assert_int_equal(out->type, GY_VALUE_MISSING);
            *out = (struct gy_value){
                .type = GY_VALUE_CELL,
                .string = {c.misfit_bytes + c.misfit_starts[i],
                           c.misfit_starts[i + 1] - c.misfit_starts[i]},
            };
        }
    }
}

/* As it stands in the part. */
static inline uint64_t stored_fingerprint(const struct gy_fingerprints *fingerprints, uint32_t row)
{
    uint64_t raw = 0;
    if (fingerprints->data != NULL) {
        memcpy(&raw, fingerprints->data + (size_t)row * fingerprints->width, fingerprints->width);
    }
    return raw;
}

static inline void dump_slice(const struct gy_part *part, const struct gy_slice *slice,
                              struct gy_buf *out)
{
    struct gy_error err;
    struct gy_runs runs;
    struct gy_times times;
    struct gy_column ranks;
    struct gy_fingerprints fingerprints;
    assert_ok(gy_part_runs(part, slice, &runs, &err), &err);
    assert_ok(gy_part_times(part, slice, &times, &err), &err);
    assert_ok(gy_part_ranks(part, slice, &ranks, &err), &err);
    assert_ok(gy_part_fingerprints(part, slice, &fingerprints, &err), &err);
    struct gy_arena arena = {0};
    uint32_t run = 0;
    for (uint32_t row = 0; row < slice->n_rows; row++) {
        while (row >= (runs.starts == NULL ? run + 1 : runs.starts[run + 1])) {
            run++;
        }
        uint32_t customer = runs.customers == NULL ? run : runs.customers[run];
        dump_head(out, slice->stream, slice->block_no * GY_BLOCK_SIZE + customer,
                  gy_times_ms(&times, row), (uint32_t)gy_column_int(&ranks, row),
                  stored_fingerprint(&fingerprints, row));
        for (uint32_t i = 0; i < gy_part_n_properties(part, slice); i++) {
            struct gy_value value;
            value_of_row(part, slice, gy_part_property(part, slice, i), row, &arena, &value);
            dump_value(out, gy_part_property(part, slice, i), &value);
        }
        gy_buf_char(out, '\n');
        gy_arena_reset(&arena);
    }
    gy_arena_release(&arena);
}

static inline void dump_part(const struct gy_part *part, struct gy_buf *out)
{
    for (size_t i = 0; part != NULL && i < gy_part_n_slices(part); i++) {
        dump_slice(part, gy_part_slice(part, i), out);
    }
}

static inline void assert_same_text(const struct gy_buf *got, const struct gy_buf *want)
{
    if (!gy_str_equal(gy_buf_view(got), gy_buf_view(want))) {
        fail_msg("got:\n%s\nwanted:\n%s", got->len == 0 ? "" : got->ptr,
                 want->len == 0 ? "" : want->ptr);
    }
}

#endif
