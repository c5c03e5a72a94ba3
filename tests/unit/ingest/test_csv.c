/* test_csv.c - rows of CSV, worked by hand, and against a second reader that is written plainly. */
#include "harness.h"

#include <string.h>

#include "base/buf.h"
#include "ingest/csv.h"

struct reader {
    struct gy_source *source;
    struct gy_csv *csv;
};

static void open_text(struct reader *r, struct gy_str text, char delimiter)
{
    struct gy_error err;
    assert_ok(gy_source_open_bytes("input", text, "utf-8", &r->source, &err), &err);
    assert_ok(gy_csv_open(r->source, delimiter, &r->csv, &err), &err);
}

static void close_reader(struct reader *r)
{
    gy_csv_close(r->csv);
    gy_source_close(r->source);
}

/* All rows as "LINE:cell|cell↵", so that a case is one string. */
static void print_rows(struct gy_str text, char delimiter, struct gy_buf *out)
{
    struct reader r;
    struct gy_row row;
    struct gy_error err;
    bool has_row = true;
    open_text(&r, text, delimiter);
    for (;;) {
        assert_ok(gy_csv_next(r.csv, &row, &has_row, &err), &err);
        if (!has_row) {
            break;
        }
        gy_buf_printf(out, "%u:", row.line);
        for (uint32_t i = 0; i < row.n_cells; i++) {
            gy_buf_text(out, i > 0 ? "|" : "");
            gy_buf_str(out, row.cells[i].text);
            assert_true(i >= 64 || (row.empties >> i & 1) == 0 || row.cells[i].text.len == 0);
        }
        gy_buf_text(out, row.problem != NULL ? "!\n" : "\n");
    }
    close_reader(&r);
}

static void assert_rows(const char *text, char delimiter, const char *want)
{
    struct gy_buf out = {0};
    gy_buf_text(&out, "");
    print_rows(gy_str_of(text), delimiter, &out);
    assert_string_equal(out.ptr, want);
    gy_buf_release(&out);
}

/* ---- the form ---- */

static void fields_and_lines(void **state)
{
    (void)state;
    assert_rows("", ',', "");
    assert_rows("a,b,c\n1,2,3\n", ',', "1:a|b|c\n2:1|2|3\n");
    assert_rows("a,b\r\n1,2\r\n", ',', "1:a|b\n2:1|2\n");
    assert_rows("a,b\n1,2", ',', "1:a|b\n2:1|2\n");
    assert_rows("a,b\r\n1,2\r", ',', "1:a|b\n2:1|2\n");
    assert_rows(",\n,,\n", ',', "1:|\n2:||\n");
    assert_rows("a\n\n\r\nb\n", ',', "1:a\n4:b\n");
    assert_rows(" a , b \n", ',', "1: a | b \n");
    assert_rows("a\tb\n1\t\n", '\t', "1:a|b\n2:1|\n");
}

static void a_cr_inside_a_line_is_a_character(void **state)
{
    (void)state;
    assert_rows("a\rb,c\n", ',', "1:a\rb|c\n");
    assert_rows("a\r\r\nb\n", ',', "1:a\r\n2:b\n");
}

static void lines_may_all_end_with_cr(void **state)
{
    (void)state;
    assert_rows("a,b\r1,2\r\r3,4", ',', "1:a|b\n2:1|2\n4:3|4\n");
}

static void quotes(void **state)
{
    (void)state;
    assert_rows("\"a\",\"b,c\"\n", ',', "1:a|b,c\n");
    assert_rows("\"\"\n", ',', "1:\n");
    assert_rows("\"\",x\n", ',', "1:|x\n");
    assert_rows("\"a \"\"b\"\" c\",\"\"\"\"\n", ',', "1:a \"b\" c|\"\n");
    assert_rows("1,\"two\nlines\",x\n2,b,y\n", ',', "1:1|two\nlines|x\n3:2|b|y\n");
    assert_rows("1,\"two\r\nlines\"\r\n2,b\r\n", ',', "1:1|two\r\nlines\n3:2|b\n");
    assert_rows("5\" pipe,b\"c\n", ',', "1:5\" pipe|b\"c\n");
    assert_rows(" \"a,b\"\n", ',', "1: \"a|b\"\n");
    assert_rows("x,\"end\"", ',', "1:x|end\n");
    assert_rows("x,\"end\"\r", ',', "1:x|end\n");
}

static void bytes_behind_a_closing_quote_are_a_problem(void **state)
{
    (void)state;
    assert_rows("\"a\"b,c\nd,e\n", ',', "1:a|c!\n2:d|e\n");
    assert_rows("x,\"a\" ,c\n", ',', "1:x|a|c!\n");
    assert_rows("x,\"a\"\r\n", ',', "1:x|a\n");

    struct reader r;
    struct gy_row row;
    struct gy_error err;
    bool has_row;
    open_text(&r, GY_STR("한글,\"a\"b\n"), ',');
    assert_ok(gy_csv_next(r.csv, &row, &has_row, &err), &err);
    uint32_t line;
    uint32_t column;
    gy_row_place(&row, row.problem_cell, &line, &column);
    assert_int_equal(line, 1);
    assert_int_equal(column, 4); /* 한 글 , and then it begins */
    close_reader(&r);
}

static void blanks(void **state)
{
    (void)state;
    assert_rows(" 00001 19970101  1   11.77\r\n 00002\t19970112 \t1   12.00 \r\n", GY_CSV_BLANKS,
                "1:00001|19970101|1|11.77\n2:00002|19970112|1|12.00\n");
    assert_rows("  \n\nx \"y z\"", GY_CSV_BLANKS, "3:x|\"y|z\"\n");
}

/* ---- places and raw bytes ---- */

static void places_count_characters_and_lines(void **state)
{
    (void)state;
    struct reader r;
    struct gy_row row;
    struct gy_error err;
    bool has_row;
    uint32_t line;
    uint32_t column;
    open_text(&r, GY_STR("a,b\n가나,\"x\n한\",z\n"), ',');
    assert_ok(gy_csv_next(r.csv, &row, &has_row, &err), &err);
    assert_ok(gy_csv_next(r.csv, &row, &has_row, &err), &err);
    gy_row_place(&row, 0, &line, &column);
    assert_int_equal(line * 100 + column, 201);
    gy_row_place(&row, 1, &line, &column);
    assert_int_equal(line * 100 + column, 204);
    gy_row_place(&row, 2, &line, &column);
    assert_int_equal(line * 100 + column, 304);
    assert_true(row.cells[1].is_quoted);
    assert_false(row.cells[2].is_quoted);
    close_reader(&r);
}

/* What is written for the rejects file is the file itself, line ends made LF. */
static void raw_rows_are_as_they_came(void **state)
{
    (void)state;
    struct gy_str text = GY_STR("a,\"b\"\"\r\n\",c\r\n\"x\"y\r\n,,\r\nlast");
    struct reader r;
    struct gy_row row;
    struct gy_error err;
    bool has_row = true;
    struct gy_buf out = {0};
    open_text(&r, text, ',');
    for (;;) {
        assert_ok(gy_csv_next(r.csv, &row, &has_row, &err), &err);
        if (!has_row) {
            break;
        }
        gy_row_write(&row, &out);
    }
    assert_string_equal(out.ptr, "a,\"b\"\"\r\n\",c\n\"x\"y\n,,\nlast\n");
    gy_buf_release(&out);
    close_reader(&r);
}

/* ---- what is wrong ---- */

static void assert_fails(struct gy_str text, enum gy_status want, uint32_t line, uint32_t column)
{
    struct reader r;
    struct gy_row row;
    struct gy_error err = {0};
    bool has_row = true;
    enum gy_status status = GY_OK;
    open_text(&r, text, ',');
    while (status == GY_OK && has_row) {
        status = gy_csv_next(r.csv, &row, &has_row, &err);
    }
    assert_int_equal(status, want);
    assert_int_equal(err.status, want);
    assert_int_equal(err.line, line);
    assert_int_equal(err.column, column);
    close_reader(&r);
}

static void an_open_quote_is_placed_where_it_opens(void **state)
{
    (void)state;
    assert_fails(GY_STR("a,b\n가,\"never\nclosed\n"), GY_INVALID, 2, 3);
    assert_fails(GY_STR("\""), GY_INVALID, 1, 1);
    assert_fails(GY_STR("x,\"a\"\""), GY_INVALID, 1, 3);
    assert_fails(GY_STR("\"a\nb\",\"c\n"), GY_INVALID, 2, 4);
}

static void limits(void **state)
{
    (void)state;
    struct gy_buf text = {0};
    for (int i = 1; i < GY_CSV_COLUMNS_MAX; i++) {
        gy_buf_char(&text, ',');
    }
    gy_buf_char(&text, '\n');
    struct gy_buf out = {0};
    print_rows(gy_buf_view(&text), ',', &out);
    assert_int_equal(out.len, 2 + GY_CSV_COLUMNS_MAX - 1 + 1);
    text.ptr[text.len - 1] = ',';
    assert_fails(gy_buf_view(&text), GY_LIMIT, 1, 0);

    gy_buf_reset(&text);
    gy_buf_text(&text, "x\n");
    while (text.len < (size_t)GY_CSV_ROW_MAX + (3u << 20)) {
        gy_buf_text(&text, "0123456789abcdef");
    }
    assert_fails(gy_buf_view(&text), GY_LIMIT, 2, 0);
    text.ptr[2] = '"';
    assert_fails(gy_buf_view(&text), GY_INVALID, 2, 1);
    gy_buf_release(&text);
    gy_buf_release(&out);
}

/* ---- guessing ---- */

static void delimiters_are_guessed(void **state)
{
    (void)state;
    assert_int_equal(gy_csv_guess_delimiter(GY_STR("a,b\n1,2\n"), 0), ',');
    assert_int_equal(gy_csv_guess_delimiter(GY_STR("a;b;c\n1,5;2,5;x\n3;4,1;y"), 0), ';');
    assert_int_equal(gy_csv_guess_delimiter(GY_STR("id\tdocument\n1\tone, two, three\n"), 0), '\t');
    assert_int_equal(gy_csv_guess_delimiter(GY_STR("a|b\n1|x,y\n"), 0), '|');
    assert_int_equal(gy_csv_guess_delimiter(GY_STR("a,b\n\"x;y;z\",2\n\"p\n;;q\",3"), 0), ',');
    assert_int_equal(gy_csv_guess_delimiter(GY_STR("one\ntwo\n"), ','), ',');
    assert_int_equal(gy_csv_guess_delimiter(GY_STR(""), '\t'), '\t');
}

/* ---- against a plain reader ---- */

/* One character after the other, by the state machine of the format; for LF files, well formed ones. */
static void print_plainly(struct gy_str s, struct gy_buf *out)
{
    size_t i = 0;
    unsigned line = 1;
    while (i < s.len) {
        if (s.ptr[i] == '\n') {
            line++;
            i++;
            continue;
        }
        gy_buf_printf(out, "%u:", line);
        for (;;) {
            bool is_quoted = i < s.len && s.ptr[i] == '"';
            i += is_quoted;
            while (i < s.len) {
                char c = s.ptr[i];
                if (is_quoted && c == '"') {
                    if (i + 1 >= s.len || s.ptr[i + 1] != '"') {
                        i++;
                        break;
                    }
                    i++;
                } else if (!is_quoted && (c == ',' || c == '\n')) {
                    break;
                }
                line += c == '\n';
                gy_buf_char(out, c);
                i++;
            }
            if (i >= s.len || s.ptr[i] == '\n') {
                break;
            }
            gy_buf_char(out, '|');
            i++;
        }
        gy_buf_char(out, '\n');
        line++;
        i++;
    }
}

static void add_random_field(struct gy_buf *out, uint64_t *random)
{
    static const char *const pieces[] = {"a", "bb", "0123456789", "가", "", "long word of text",
                                         ";"};
    static const char *const quoted[] = {"\"\"", ",", "\n", "x", "\r\n", "한글 ,,", "\"\"\"\""};
    bool is_quoted = gy_test_below(random, 4) == 0;
    gy_buf_text(out, is_quoted ? "\"" : "");
    for (uint64_t n = gy_test_below(random, 6); n > 0; n--) {
        gy_buf_text(out, is_quoted ? quoted[gy_test_below(random, 7)]
                                   : pieces[gy_test_below(random, 7)]);
    }
    gy_buf_text(out, is_quoted ? "\"" : "");
}

static void random_files_read_as_by_the_plain_reader(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    for (int round = 0; round < 40; round++) {
        struct gy_buf text = {0};
        struct gy_buf got = {0};
        struct gy_buf want = {0};
        /* every eighth spans several chunks */
        size_t len = round % 8 == 0 ? 5u << 19 : gy_test_below(&random, 2000);
        gy_buf_text(&text, "");
        gy_buf_text(&got, "");
        gy_buf_text(&want, "");
        while (text.len < len) {
            gy_buf_text(&text, "k");
            for (uint64_t n = gy_test_below(&random, 8); n > 0; n--) {
                gy_buf_char(&text, ',');
                add_random_field(&text, &random);
            }
            gy_buf_char(&text, '\n');
        }
        print_rows(gy_buf_view(&text), ',', &got);
        print_plainly(gy_buf_view(&text), &want);
        assert_int_equal(got.len, want.len);
        assert_memory_equal(got.ptr, want.ptr, want.len);
        gy_buf_release(&text);
        gy_buf_release(&got);
        gy_buf_release(&want);
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(fields_and_lines),
    cmocka_unit_test(a_cr_inside_a_line_is_a_character),
    cmocka_unit_test(lines_may_all_end_with_cr),
    cmocka_unit_test(quotes),
    cmocka_unit_test(bytes_behind_a_closing_quote_are_a_problem),
    cmocka_unit_test(blanks),
    cmocka_unit_test(places_count_characters_and_lines),
    cmocka_unit_test(raw_rows_are_as_they_came),
    cmocka_unit_test(an_open_quote_is_placed_where_it_opens),
    cmocka_unit_test(limits),
    cmocka_unit_test(delimiters_are_guessed),
    cmocka_unit_test(random_files_read_as_by_the_plain_reader),
};

GY_TEST_MAIN(cases)
