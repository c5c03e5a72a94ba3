/* test_xlsx.c - workbooks as libxlsxwriter makes them, and ones put together by hand for what it does not. */
#include "harness.h"

#include <string.h>
#include <unistd.h>

#include <xlsxwriter.h>
#include <zip.h>

#include "base/buf.h"
#include "ingest/xlsx.h"
#include "ingest/xlsx_internal.h"

/* All rows as "ROW:cell|cell↵"; cells that are not text as n:, b:, t: and e:. */
static enum gy_status print_rows(struct gy_xlsx *x, struct gy_buf *out, struct gy_error *err)
{
    static const char *const marks[] = {"", "n:", "b:", "t:", "e:"};
    struct gy_row row;
    bool has_row = true;
    gy_buf_text(out, "");
    for (;;) {
        GY_TRY(gy_xlsx_next(x, &row, &has_row, err));
        if (!has_row) {
            return GY_OK;
        }
        gy_buf_printf(out, "%u:", row.line);
        for (uint32_t i = 0; i < row.n_cells; i++) {
            gy_buf_text(out, i > 0 ? "|" : "");
            gy_buf_text(out, marks[row.cells[i].kind]);
            gy_buf_str(out, row.cells[i].text);
        }
        gy_buf_char(out, '\n');
    }
}

/* ---- workbooks put together by hand ---- */

#define NS "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""
#define RELATIONS(inside)                                                                           \
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">" inside \
    "</Relationships>"
#define RELATION(id, type, target)                                                        \
    "<Relationship Id=\"" id                                                              \
    "\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/" type \
    "\" Target=\"" target "\"/>"

struct entry {
    const char *name;
    const char *text;
};

/* `*out` is the zip of the entries. */
static void make_zip(const struct entry *entries, size_t n, struct gy_buf *out)
{
    char path[] = "/tmp/gyeol-xlsx-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    assert_non_null(zip);
    for (size_t i = 0; i < n; i++) {
        zip_source_t *source = zip_source_buffer(zip, entries[i].text, strlen(entries[i].text), 0);
        assert_true(zip_file_add(zip, entries[i].name, source, 0) >= 0);
    }
    assert_int_equal(zip_close(zip), 0);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char piece[4096];
    size_t got;
    while ((got = fread(piece, 1, sizeof piece, f)) > 0) {
        gy_buf_append(out, piece, got);
    }
    fclose(f);
    unlink(path);
}

/* A workbook with one sheet; styles: 0 plain, 1 a built-in date, 2 yyyy"년" m"월", 3 [h]:mm. */
static void make_book(const char *properties, const char *strings, const char *rows,
                      struct gy_buf *out)
{
    struct gy_buf workbook = {0};
    struct gy_buf sst = {0};
    struct gy_buf sheet = {0};
    gy_buf_printf(&workbook,
                  "<workbook " NS " xmlns:r=\"r\">%s<sheets><sheet name=\"Data\" sheetId=\"1\" "
                  "r:id=\"rId1\"/></sheets></workbook>",
                  properties);
    gy_buf_printf(&sst, "<sst " NS ">%s</sst>", strings);
    gy_buf_printf(&sheet, "<worksheet " NS "><sheetData>%s</sheetData></worksheet>", rows);
    const struct entry entries[] = {
        {"_rels/.rels", RELATIONS(RELATION("rId1", "officeDocument", "xl/workbook.xml"))},
        {"xl/workbook.xml", workbook.ptr},
        {"xl/_rels/workbook.xml.rels",
         RELATIONS(RELATION("rId1", "worksheet", "worksheets/sheet1.xml")
                       RELATION("rId2", "styles", "styles.xml")
                           RELATION("rId3", "sharedStrings", "/xl/sharedStrings.xml"))},
        {"xl/styles.xml",
         "<styleSheet " NS "><numFmts count=\"2\">"
         "<numFmt numFmtId=\"164\" formatCode=\"yyyy&quot;년&quot;\\ m&quot;월&quot;\"/>"
         "<numFmt numFmtId=\"165\" formatCode=\"[h]:mm\"/></numFmts>"
         "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"
         "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"22\"/><xf numFmtId=\"164\"/>"
         "<xf numFmtId=\"165\"/></cellXfs></styleSheet>"},
        {"xl/sharedStrings.xml", sst.ptr},
        {"xl/worksheets/sheet1.xml", sheet.ptr},
    };
    make_zip(entries, sizeof entries / sizeof *entries, out);
    gy_buf_release(&workbook);
    gy_buf_release(&sst);
    gy_buf_release(&sheet);
}

static enum gy_status read_book(struct gy_str bytes, const char *sheet, struct gy_buf *out,
                                struct gy_error *err)
{
    struct gy_xlsx *x = NULL;
    enum gy_status status = gy_xlsx_open_bytes("test.xlsx", bytes, sheet, &x, err);
    if (status == GY_OK) {
        status = print_rows(x, out, err);
    }
    gy_xlsx_close(x);
    return status;
}

static void assert_book(const char *properties, const char *strings, const char *rows,
                        const char *want)
{
    struct gy_buf book = {0};
    struct gy_buf out = {0};
    struct gy_error err;
    make_book(properties, strings, rows, &book);
    assert_ok(read_book(gy_buf_view(&book), NULL, &out, &err), &err);
    assert_string_equal(out.ptr, want);
    gy_buf_release(&book);
    gy_buf_release(&out);
}

static void assert_refused(struct gy_str bytes, enum gy_status want, const char *mentions)
{
    struct gy_buf out = {0};
    struct gy_error err = {0};
    assert_int_equal(read_book(bytes, NULL, &out, &err), want);
    if (strstr(err.message, mentions) == NULL) {
        fail_msg("\"%s\" does not mention \"%s\"", err.message, mentions);
    }
    gy_buf_release(&out);
}

/* ---- values ---- */

/* 45356 is 2024-03-05: 19787 days since 1970-01-01, which is serial 25569. */
static void serial_days_are_dates(void **state)
{
    (void)state;
    const struct {
        double serial;
        bool is_1904;
        const char *want;
    } rows[] = {
        {45356, false, "2024-03-05T00:00:00"},
        {45356.5, false, "2024-03-05T12:00:00"},
        {45356.638888888891, false, "2024-03-05T15:20:00"},
        {45356.638889467591, false, "2024-03-05T15:20:00.050"},
        {45356.999999999, false, "2024-03-06T00:00:00"}, /* 0.09 ms before midnight */
        {1, false, "1900-01-01T00:00:00"},
        {59, false, "1900-02-28T00:00:00"},
        {60, false, "1900-02-29T00:00:00"}, /* the day that never was */
        {61, false, "1900-03-01T00:00:00"},
        {0.25, false, "06:00:00"},
        {0, false, "00:00:00"},
        {2958465, false, "9999-12-31T00:00:00"},
        {0, true, "1904-01-01T00:00:00"},
        {43894, true, "2024-03-05T00:00:00"}, /* 45356 - 1462 */
        {2957003, true, "9999-12-31T00:00:00"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gy_buf out = {0};
        assert_true(gy_xlsx_put_time(rows[i].serial, rows[i].is_1904, &out));
        assert_string_equal(out.ptr, rows[i].want);
        gy_buf_release(&out);
    }
    const double none[] = {-1, 2958466, 2958465.9999999999, 1e300};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct gy_buf out = {0};
        assert_false(gy_xlsx_put_time(none[i], false, &out));
        assert_int_equal(out.len, 0);
    }
}

static void formats_that_show_dates(void **state)
{
    (void)state;
    const char *const dates[] = {
        "yyyy-mm-dd", "m/d/yy h:mm",  "[$-412]yyyy\"년\" m\"월\"", "h:mm AM/PM", "mm:ss.0",
        "[Red]dd;@",  "dd\\.mm\\.yy", "yyyy/mm/dd;[Red]0.00"};
    const char *const others[] = {
        "General", "0.00",      "#,##0\" days\"", "[h]:mm:ss", "[mm]:ss", "0;yyyy", "\\d0",
        "_d0",     "[$USD] #0", "0.00E+00",       "@",         "",        "\"year", "0.0\\",
        "[Red"};
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        assert_true(gy_xlsx_is_date_format(gy_str_of(dates[i])));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(gy_xlsx_is_date_format(gy_str_of(others[i])));
    }
    assert_true(gy_xlsx_is_date_format_id(14));
    assert_true(gy_xlsx_is_date_format_id(22));
    assert_true(gy_xlsx_is_date_format_id(31));  /* yyyy"년" mm"월" dd"일" in a Korean Excel */
    assert_false(gy_xlsx_is_date_format_id(46)); /* [h]:mm:ss */
    assert_false(gy_xlsx_is_date_format_id(0));
}

static void numbers_are_the_doubles_they_are(void **state)
{
    (void)state;
    const char *const rows[][2] = {
        {"17850", "17850"},
        {"2.5499999999999998", "2.55"},
        {"-0.10000000000000001", "-0.1"},
        {"1.2345678901234E+18", "1234567890123400000"},
        {"0042", "0042"},
        {"1E-3", "0.001"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gy_buf out = {0};
        assert_true(gy_xlsx_put_number(gy_str_of(rows[i][0]), &out));
        assert_string_equal(out.ptr, rows[i][1]);
        gy_buf_release(&out);
    }
    struct gy_buf out = {0};
    assert_false(gy_xlsx_put_number(GY_STR("12x"), &out));
    assert_false(gy_xlsx_put_number(GY_STR("1e999"), &out));
}

static void escapes_are_characters(void **state)
{
    (void)state;
    struct gy_buf out = {0};
    gy_xlsx_put_text(GY_STR("a_x000D_b_x005F_x_xAC00_"), &out);
    assert_string_equal(out.ptr, "a\rb_x가");
    gy_buf_reset(&out);
    gy_xlsx_put_text(GY_STR("_x00 _xZZZZ_ _xD800_ _x000_ _"), &out);
    assert_string_equal(out.ptr, "_x00 _xZZZZ_ _xD800_ _x000_ _");
    gy_buf_release(&out);
}

/* ---- sheets ---- */

static void every_kind_of_cell(void **state)
{
    (void)state;
    assert_book(
        "", "<si><t>이름</t></si><si><r><t>two </t></r><r><t>runs</t></r></si>",
        "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row>"
        "<row r=\"2\"><c r=\"A2\"><v>17850</v></c><c r=\"B2\" t=\"b\"><v>1</v></c>"
        "<c r=\"C2\" t=\"e\"><v>#N/A</v></c>"
        "<c r=\"D2\" t=\"str\"><f>A1&amp;\"x\"</f><v>이름x</v></c>"
        "<c r=\"E2\" t=\"inlineStr\"><is><t>in</t><rPh><t>no</t></rPh></is></c>"
        "<c r=\"F2\" s=\"1\"><v>45356.5</v></c><c r=\"G2\" s=\"2\"><v>45356</v></c>"
        "<c r=\"H2\" s=\"3\"><v>1.5</v></c><c r=\"I2\" t=\"d\"><v>2024-03-05</v></c></row>",
        "1:이름|two runs\n"
        "2:n:17850|b:true|e:|이름x|in|t:2024-03-05T12:00:00|t:2024-03-05T00:00:00|n:1.5|"
        "t:2024-03-05\n");
}

static void rows_and_cells_may_be_missing(void **state)
{
    (void)state;
    assert_book(
        "", "<si/>",
        "<row r=\"2\"><c r=\"C2\"><v>1</v></c><c r=\"D2\" t=\"s\"><v>0</v></c><c r=\"E2\"/></row>"
        "<row r=\"3\"/><row r=\"4\"><c r=\"A4\" s=\"1\"/></row>"
        "<row><c><v>5</v></c><c><v>6</v></c></row>"
        "<row r=\"9\"><c r=\"AA9\"><v>7</v></c></row>",
        "2:||n:1\n5:n:5|n:6|\n9:||||||||||||||||||||||||||n:7\n");
}

static void days_may_count_from_1904(void **state)
{
    (void)state;
    const char *rows = "<row r=\"1\"><c r=\"A1\" s=\"1\"><v>43894</v></c></row>";
    assert_book("<workbookPr date1904=\"1\"/>", "", rows, "1:t:2024-03-05T00:00:00\n");
    assert_book("<workbookPr date1904=\"0\"/>", "", rows, "1:t:2020-03-04T00:00:00\n");
}

static void names_may_have_prefixes(void **state)
{
    (void)state;
    const struct entry entries[] = {
        {"xl/workbook.xml", "<x:workbook xmlns:x=\"m\" xmlns:r=\"r\"><x:sheets><x:sheet name=\"S\" "
                            "r:id=\"a\"/></x:sheets></x:workbook>"},
        {"xl/_rels/workbook.xml.rels", RELATIONS(RELATION("a", "worksheet", "../other/s.xml"))},
        {"other/s.xml", "<x:worksheet xmlns:x=\"m\"><x:sheetData><x:row><x:c t=\"inlineStr\"><x:is>"
                        "<x:t>ok</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>"},
    };
    struct gy_buf book = {0};
    struct gy_buf out = {0};
    struct gy_error err;
    make_zip(entries, 3, &book);
    assert_ok(read_book(gy_buf_view(&book), NULL, &out, &err), &err);
    assert_string_equal(out.ptr, "1:ok\n");
    gy_buf_release(&book);
    gy_buf_release(&out);
}

/* ---- what a real writer makes ---- */

static void read_path(const char *path, const char *sheet, struct gy_buf *out)
{
    struct gy_xlsx *x = NULL;
    struct gy_error err;
    assert_ok(gy_xlsx_open(path, sheet, &x, &err), &err);
    assert_ok(print_rows(x, out, &err), &err);
    gy_xlsx_close(x);
}

static void workbooks_of_libxlsxwriter(void **state)
{
    (void)state;
    char path[] = "/tmp/gyeol-book-XXXXXX.xlsx";
    int fd = mkstemps(path, 5);
    assert_true(fd >= 0);
    close(fd);
    lxw_workbook *book = workbook_new(path);
    lxw_worksheet *hidden = workbook_add_worksheet(book, "Notes");
    lxw_worksheet *data = workbook_add_worksheet(book, "주문");
    worksheet_write_string(hidden, 0, 0, "not this", NULL);
    worksheet_activate(data);
    worksheet_set_first_sheet(data);
    worksheet_hide(hidden);
    lxw_format *date = workbook_add_format(book);
    format_set_num_format(date, "yyyy-mm-dd hh:mm:ss.000");
    lxw_datetime when = {2024, 3, 5, 15, 20, 30.25};
    worksheet_write_string(data, 0, 0, "a,\"b\"\n<&> 한글", NULL);
    worksheet_write_number(data, 1, 0, 2.55, NULL);
    worksheet_write_datetime(data, 1, 1, &when, date);
    worksheet_write_boolean(data, 1, 2, 0, NULL);
    worksheet_write_formula_num(data, 1, 3, "=1+1", NULL, 2);
    assert_int_equal(workbook_close(book), LXW_NO_ERROR);

    struct gy_buf out = {0};
    read_path(path, NULL, &out);
    assert_string_equal(out.ptr, "1:a,\"b\"\n<&> 한글\n"
                                 "2:n:2.55|t:2024-03-05T15:20:30.250|b:false|n:2\n");
    gy_buf_reset(&out);
    read_path(path, "Notes", &out);
    assert_string_equal(out.ptr, "1:not this\n");

    struct gy_xlsx *x = NULL;
    struct gy_error err;
    assert_int_equal(gy_xlsx_open(path, "nope", &x, &err), GY_INVALID);
    assert_non_null(strstr(err.message, "nope"));
    assert_non_null(strstr(err.hint, "\"Notes\", \"주문\""));
    gy_buf_release(&out);
    unlink(path);
}

/* Enough rows that the sheet comes in many pieces. */
static void long_sheets_come_row_by_row(void **state)
{
    (void)state;
    char path[] = "/tmp/gyeol-book-XXXXXX.xlsx";
    int fd = mkstemps(path, 5);
    assert_true(fd >= 0);
    close(fd);
    lxw_workbook *book = workbook_new(path);
    lxw_worksheet *sheet = workbook_add_worksheet(book, NULL);
    char text[32];
    for (uint32_t i = 0; i < 20000; i++) {
        snprintf(text, sizeof text, "customer %u", i / 3);
        worksheet_write_number(sheet, i, 0, i, NULL);
        worksheet_write_string(sheet, i, 1, text, NULL);
    }
    assert_int_equal(workbook_close(book), LXW_NO_ERROR);
    struct gy_xlsx *x = NULL;
    struct gy_error err;
    struct gy_row row;
    bool has_row;
    assert_ok(gy_xlsx_open(path, NULL, &x, &err), &err);
    for (uint32_t i = 0; i < 20000; i++) {
        assert_ok(gy_xlsx_next(x, &row, &has_row, &err), &err);
        assert_true(has_row);
        assert_int_equal(row.line, i + 1);
        snprintf(text, sizeof text, "customer %u", i / 3);
        assert_true(gy_str_equal(row.cells[1].text, gy_str_of(text)));
    }
    assert_ok(gy_xlsx_next(x, &row, &has_row, &err), &err);
    assert_false(has_row);
    assert_int_equal(gy_xlsx_position(x), gy_xlsx_size(x));
    gy_xlsx_close(x);
    unlink(path);
}

static void a_row_is_written_as_csv(void **state)
{
    (void)state;
    struct gy_buf book = {0};
    struct gy_buf out = {0};
    struct gy_xlsx *x = NULL;
    struct gy_row row;
    struct gy_error err;
    bool has_row;
    make_book("", "<si><t>a,b</t></si><si><t>q\"q</t></si>",
              "<row r=\"7\"><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c><c><v>3</v></c></row>",
              &book);
    assert_ok(gy_xlsx_open_bytes("x", gy_buf_view(&book), NULL, &x, &err), &err);
    assert_string_equal(gy_xlsx_sheet(x), "Data");
    assert_ok(gy_xlsx_next(x, &row, &has_row, &err), &err);
    gy_row_write(&row, &out);
    assert_string_equal(out.ptr, "\"a,b\",\"q\"\"q\",3\n");
    uint32_t line;
    uint32_t column;
    gy_row_place(&row, 2, &line, &column);
    assert_int_equal(line, 7);
    assert_int_equal(column, 3);
    gy_xlsx_close(x);
    gy_buf_release(&book);
    gy_buf_release(&out);
}

/* ---- what is refused ---- */

static void other_files_are_refused(void **state)
{
    (void)state;
    assert_refused(GY_STR("id,name\n1,x\n"), GY_INVALID, "no Excel workbook");
    assert_refused(GY_STR("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old"), GY_INVALID, "old .xls");
    assert_refused(GY_STR(""), GY_INVALID, "no Excel workbook");
    const struct entry entries[] = {{"readme.txt", "hello"}};
    struct gy_buf zip = {0};
    make_zip(entries, 1, &zip);
    assert_refused(gy_buf_view(&zip), GY_INVALID, "no Excel workbook");
    gy_buf_release(&zip);
}

static void assert_sheet_refused(const char *strings, const char *rows, enum gy_status want,
                                 const char *mentions)
{
    struct gy_buf book = {0};
    make_book("", strings, rows, &book);
    assert_refused(gy_buf_view(&book), want, mentions);
    gy_buf_release(&book);
}

static void broken_sheets_are_refused(void **state)
{
    (void)state;
    assert_sheet_refused("", "<row r=\"1\"><c t=\"s\"><v>0</v></c></row>", GY_INVALID,
                         "refers to no text");
    assert_sheet_refused("", "<row r=\"1\"><c r=\"XFE1\"><v>0</v></c></row>", GY_LIMIT,
                         "more than 16384 columns");
    assert_sheet_refused("", "<row r=\"99999999\"><c><v>0</v></c></row>", GY_LIMIT, "number");
    assert_sheet_refused("", "<row r=\"1\"><c></row>", GY_INVALID, "mismatched tag");
    assert_sheet_refused("", "<row r=\"1\"><c t=\"str\"><v>&lol;</v></c></row>", GY_INVALID,
                         "undefined entity");
}

static void document_types_are_refused(void **state)
{
    (void)state;
    const struct entry entries[] = {{"xl/workbook.xml",
                                     "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>"
                                     "<workbook>&b;</workbook>"}};
    struct gy_buf zip = {0};
    make_zip(entries, 1, &zip);
    assert_refused(gy_buf_view(&zip), GY_INVALID, "document type");
    gy_buf_release(&zip);
}

static void bombs_are_refused(void **state)
{
    (void)state;
    /* 200 MB of blanks pack to about 200 kB */
    struct gy_buf rows = {0};
    size_t len = 200u << 20;
    memset(gy_buf_room(&rows, len), ' ', len);
    gy_buf_added(&rows, len);
    assert_sheet_refused("", rows.ptr, GY_LIMIT, "too much");
    gy_buf_release(&rows);

    struct gy_buf deep = {0};
    for (int i = 0; i < 100; i++) {
        gy_buf_text(&deep, "<a>");
    }
    assert_sheet_refused("", deep.ptr, GY_LIMIT, "nested deeper");
    gy_buf_release(&deep);

    /* one tag of 3 MB, of text that does not pack too well */
    struct gy_buf tag = {0};
    uint64_t random = 1;
    gy_buf_text(&tag, "<row spans=\"");
    while (tag.len < 3u << 20) {
        gy_buf_printf(&tag, "%llx", (unsigned long long)gy_test_random(&random));
    }
    gy_buf_text(&tag, "\"/>");
    assert_sheet_refused("", tag.ptr, GY_LIMIT, "a tag of more than");
    gy_buf_release(&tag);
}

static void a_damaged_zip_is_refused(void **state)
{
    (void)state;
    struct gy_buf rows = {0};
    uint64_t random = 3;
    for (int i = 0; i < 3000; i++) {
        gy_buf_printf(&rows, "<row><c><v>%llu</v></c></row>",
                      (unsigned long long)gy_test_random(&random));
    }
    struct gy_buf book = {0};
    make_book("", "", rows.ptr, &book);
    char *sheet = memmem(book.ptr, book.len, "xl/worksheets", 13);
    assert_non_null(sheet);
    sheet[5000] ^= 0x10;
    assert_refused(gy_buf_view(&book), GY_INVALID, "");
    book.len /= 2;
    assert_refused(gy_buf_view(&book), GY_INVALID, "no Excel workbook");
    gy_buf_release(&rows);
    gy_buf_release(&book);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(serial_days_are_dates),
    cmocka_unit_test(formats_that_show_dates),
    cmocka_unit_test(numbers_are_the_doubles_they_are),
    cmocka_unit_test(escapes_are_characters),
    cmocka_unit_test(every_kind_of_cell),
    cmocka_unit_test(rows_and_cells_may_be_missing),
    cmocka_unit_test(days_may_count_from_1904),
    cmocka_unit_test(names_may_have_prefixes),
    cmocka_unit_test(workbooks_of_libxlsxwriter),
    cmocka_unit_test(long_sheets_come_row_by_row),
    cmocka_unit_test(a_row_is_written_as_csv),
    cmocka_unit_test(other_files_are_refused),
    cmocka_unit_test(broken_sheets_are_refused),
    cmocka_unit_test(document_types_are_refused),
    cmocka_unit_test(bombs_are_refused),
    cmocka_unit_test(a_damaged_zip_is_refused),
};

GY_TEST_MAIN(cases)
