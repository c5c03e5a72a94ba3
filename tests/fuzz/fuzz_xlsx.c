/* fuzz_xlsx.c - any bytes as a workbook.
 *
 * Bytes that begin as a zip are read as they are. All others become one part of an otherwise plain
 * workbook, which the first byte chooses: chance alone would never get through a zip's checksums.
 */
#include <stdint.h>
#include <stdlib.h>

#include <zip.h>

#include "base/text.h"
#include "ingest/xlsx.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(bool condition)
{
    if (!condition) {
        abort();
    }
}

#define TYPE(name) "http://schemas.openxmlformats.org/officeDocument/2006/relationships/" name

static const struct {
    const char *name;
    const char *text;
} parts[] = {
    {"xl/worksheets/sheet1.xml",
     "<worksheet><sheetData><row><c t=\"s\" s=\"1\"><v>0</v></c></row></sheetData></worksheet>"},
    {"xl/sharedStrings.xml", "<sst><si><t>text</t></si></sst>"},
    {"xl/styles.xml",
     "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"},
    {"xl/workbook.xml", "<workbook><sheets><sheet name=\"S\" r:id=\"a\"/></sheets></workbook>"},
    {"xl/_rels/workbook.xml.rels",
     "<Relationships><Relationship Id=\"a\" Type=\"" TYPE(
         "worksheet") "\" Target=\"worksheets/sheet1.xml\"/>"
                      "<Relationship Id=\"b\" Type=\"" TYPE(
                          "styles") "\" Target=\"styles.xml\"/>"
                                    "<Relationship Id=\"c\" Type=\"" TYPE(
                                        "sharedStrings") "\" Target=\"sharedStrings.xml\"/></Relationships>"},
};

enum {
    N_PARTS = sizeof parts / sizeof *parts
};

static void add_part(zip_t *zip, const char *name, const void *bytes, size_t len)
{
    zip_source_t *source = zip_source_buffer(zip, bytes, len, 0);
    zip_int64_t index = zip_file_add(zip, name, source, 0);
    check(index >= 0);
    zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0);
}

/* Appends the zip to `out`. */
static void make_book(size_t replaced, struct gy_str with, struct gy_buf *out)
{
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &why);
    zip_t *zip = zip_open_from_source(target, ZIP_TRUNCATE, &why);
    check(zip != NULL);
    zip_source_keep(target);
    for (size_t i = 0; i < N_PARTS; i++) {
        struct gy_str text = i == replaced ? with : gy_str_of(parts[i].text);
        add_part(zip, parts[i].name, text.ptr, text.len);
    }
    check(zip_close(zip) == 0);
    check(zip_source_open(target) == 0);
    zip_stat_t about;
    check(zip_source_stat(target, &about) == 0);
    char *room = gy_buf_room(out, about.size);
    check(zip_source_read(target, room, about.size) == (zip_int64_t)about.size);
    gy_buf_added(out, about.size);
    zip_source_close(target);
    zip_source_free(target);
    zip_error_fini(&why);
}

static void read_book(struct gy_str book)
{
    struct gy_xlsx *x = NULL;
    struct gy_row row;
    struct gy_error err = {0};
    struct gy_buf written = {0};
    bool has_row = true;
    if (gy_xlsx_open_bytes("fuzz", book, NULL, &x, &err) != GY_OK) {
        check(x == NULL && err.message[0] != '\0');
        return;
    }
    for (int n = 0; n < 1000 && gy_xlsx_next(x, &row, &has_row, &err) == GY_OK && has_row; n++) {
        check(row.n_cells > 0 && row.n_cells <= GY_XLSX_COLUMNS_MAX && row.line > 0);
        for (uint32_t i = 0; i < row.n_cells; i++) {
            check(gy_text_is_utf8(row.cells[i].text));
        }
        gy_buf_reset(&written);
        gy_row_write(&row, &written);
    }
    gy_buf_release(&written);
    gy_xlsx_close(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct gy_str all = {(const char *)bytes, len};
    if (len == 0 || gy_xlsx_is_zip(all)) {
        read_book(all);
        return 0;
    }
    struct gy_buf book = {0};
    make_book(bytes[0] % N_PARTS, (struct gy_str){all.ptr + 1, all.len - 1}, &book);
    read_book(gy_buf_view(&book));
    gy_buf_release(&book);
    return 0;
}
