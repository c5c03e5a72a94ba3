/* xlsx.c - rows, pulled out of a parser that pushes.
 *
 * expat calls back for every tag. At the end of a row with any text in it the reading is paused, and
 * gy_xlsx_next gives what has gathered; the next call resumes.
 */
#include "ingest/xlsx.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "ingest/xlsx_internal.h"

#define SHEET_MAX (UINT64_C(8) << 30)

enum cell_form {
    NUMBER,
    SHARED,
    BOOLEAN,
    STRING,
    FAULT,
    ISO_TIME,
};

struct gy_xlsx {
    char *name; /* of the file */
    zip_t *zip;
    struct gy_xlsx_book book;
    struct gy_str sheet;
    struct gy_xlsx_part part;

    struct gy_arena texts; /* of the row */
    struct gy_cell *cells;
    uint32_t n_cells;
    uint32_t cells_capacity;
    uint32_t n_used; /* cells up to the last one with something in it */
    uint32_t width;  /* of the first row with a text */
    uint32_t row;    /* the number of the row */
    bool has_row;

    bool is_in_data;
    bool is_in_row;
    bool is_in_cell;
    bool is_in_value; /* inside <v>, or a <t> that counts */
    bool is_in_phonetic;
    enum cell_form form;
    uint32_t style;
    uint32_t column; /* from 0 */
    struct gy_buf stored;
    struct gy_buf text;
};

/* ---- cells ---- */

static enum cell_form read_form(const char *type)
{
    static const struct {
        const char *name;
        enum cell_form form;
    } forms[] = {{"n", NUMBER},         {"s", SHARED}, {"b", BOOLEAN}, {"str", STRING},
                 {"inlineStr", STRING}, {"e", FAULT},  {"d", ISO_TIME}};
    for (size_t i = 0; type != NULL && i < sizeof forms / sizeof *forms; i++) {
        if (strcmp(type, forms[i].name) == 0) {
            return forms[i].form;
        }
    }
    return NUMBER;
}

/* "BC23" is column 54, from 0; `otherwise` where the name is missing or none. */
static uint32_t read_column(const char *reference, uint32_t otherwise)
{
    uint32_t column = 0;
    const char *p = reference;
    while (p != NULL && *p >= 'A' && *p <= 'Z' && p - reference < 4) {
        column = column * 26 + (uint32_t)(*p++ - 'A') + 1;
    }
    return column > 0 ? column - 1 : otherwise;
}

static uint32_t read_count(const char *text, uint32_t otherwise)
{
    if (text == NULL || text[0] < '0' || text[0] > '9') {
        return otherwise;
    }
    unsigned long long n = strtoull(text, NULL, 10);
    return n <= UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static void begin_cell(struct gy_xlsx *x, const char **attributes)
{
    x->is_in_cell = true;
    x->form = read_form(gy_xlsx_attribute(attributes, "t"));
    x->style = read_count(gy_xlsx_attribute(attributes, "s"), 0);
    x->column = read_column(gy_xlsx_attribute(attributes, "r"), x->n_cells);
    gy_buf_reset(&x->stored);
    gy_buf_reset(&x->text);
    if (x->column >= GY_XLSX_COLUMNS_MAX) {
        gy_xlsx_part_fail(&x->part, GY_LIMIT, "row %u has more than %d columns", x->row,
                          GY_XLSX_COLUMNS_MAX);
    }
}

static bool is_date(const struct gy_xlsx *x)
{
    return x->style < x->book.n_styles && x->book.is_date_style[x->style];
}

static enum gy_cell_kind read_number_cell(struct gy_xlsx *x)
{
    struct gy_str stored = gy_buf_view(&x->stored);
    double serial;
    if (is_date(x) && gy_number_read(stored, &serial) &&
        gy_xlsx_put_time(serial, x->book.is_1904, &x->text)) {
        return GY_CELL_TIME;
    }
    if (gy_xlsx_put_number(stored, &x->text)) {
        return GY_CELL_NUMBER;
    }
    gy_buf_str(&x->text, stored);
    return GY_CELL_TEXT;
}

static struct gy_str shared_string(struct gy_xlsx *x)
{
    gy_buf_char(&x->stored, '\0');
    uint32_t i = read_count(x->stored.ptr, UINT32_MAX);
    if (i < x->book.n_strings) {
        return x->book.strings[i];
    }
    gy_xlsx_part_fail(&x->part, GY_INVALID, "a cell of row %u refers to no text", x->row);
    return GY_STR("");
}

/* Sets the cell's text (in `texts` or among the shared ones) and kind. */
static void read_cell(struct gy_xlsx *x, struct gy_cell *cell)
{
    enum gy_cell_kind kind = GY_CELL_TEXT;
    switch (x->form) {
    case NUMBER:
        kind = read_number_cell(x);
        break;
    case SHARED:
        cell->text = shared_string(x);
        return;
    case BOOLEAN:
        kind = GY_CELL_BOOL;
        gy_buf_text(&x->text,
                    x->stored.ptr[0] == '1' || x->stored.ptr[0] == 't' ? "true" : "false");
        break;
    case STRING:
        gy_xlsx_put_text(gy_buf_view(&x->stored), &x->text);
        break;
    case FAULT:
        kind = GY_CELL_ERROR;
        break;
    case ISO_TIME:
        kind = GY_CELL_TIME;
        gy_buf_str(&x->text, gy_buf_view(&x->stored));
        break;
    }
    cell->kind = (uint8_t)kind;
    cell->text = gy_arena_str(&x->texts, gy_buf_view(&x->text));
}

/* Empty ones, until there are `n`. */
static void add_cells(struct gy_xlsx *x, uint32_t n)
{
    GY_GROW(x->cells, x->cells_capacity, n);
    while (x->n_cells < n) {
        x->cells[x->n_cells++] = (struct gy_cell){.text = {"", 0}};
    }
}

static void end_cell(struct gy_xlsx *x)
{
    x->is_in_cell = false;
    add_cells(x, x->column + 1);
    if (x->stored.len == 0) {
        return;
    }
    struct gy_cell *cell = &x->cells[x->column];
    read_cell(x, cell);
    if ((cell->text.len > 0 || cell->kind == GY_CELL_ERROR) && x->column >= x->n_used) {
        x->n_used = x->column + 1;
    }
}

/* ---- what the parser finds ---- */

static void begin_row(struct gy_xlsx *x, const char **attributes)
{
    x->is_in_row = true;
    x->row = read_count(gy_xlsx_attribute(attributes, "r"), x->row + 1);
    x->n_cells = 0;
    x->n_used = 0;
    gy_arena_reset(&x->texts);
    if (x->row == 0 || x->row > GY_XLSX_ROWS_MAX) {
        gy_xlsx_part_fail(&x->part, GY_LIMIT, "a row with a number that is not from 1 to %d",
                          GY_XLSX_ROWS_MAX);
    }
}

static void on_start(void *context, const char *name, const char **attributes)
{
    struct gy_xlsx *x = context;
    if (x->is_in_cell) {
        if (strcmp(name, "rPh") == 0) {
            x->is_in_phonetic = true;
        } else if (strcmp(name, "v") == 0 || (strcmp(name, "t") == 0 && !x->is_in_phonetic)) {
            x->is_in_value = true;
        }
    } else if (x->is_in_row && strcmp(name, "c") == 0) {
        begin_cell(x, attributes);
    } else if (x->is_in_data && !x->is_in_row && strcmp(name, "row") == 0) {
        begin_row(x, attributes);
    } else if (strcmp(name, "sheetData") == 0) {
        x->is_in_data = true;
    }
}

static void end_row(struct gy_xlsx *x)
{
    x->is_in_row = false;
    if (x->n_used > 0) {
        x->width = x->width == 0 ? x->n_used : x->width;
        add_cells(x, x->width);
        x->n_used = x->n_used < x->width ? x->width : x->n_used;
        x->has_row = true;
        gy_xlsx_part_pause(&x->part);
    }
}

static void on_end(void *context, const char *name)
{
    struct gy_xlsx *x = context;
    if (x->is_in_cell) {
        if (strcmp(name, "c") == 0) {
            end_cell(x);
        } else if (strcmp(name, "rPh") == 0) {
            x->is_in_phonetic = false;
        } else if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0) {
            x->is_in_value = false;
        }
    } else if (x->is_in_row && strcmp(name, "row") == 0) {
        end_row(x);
    } else if (strcmp(name, "sheetData") == 0) {
        x->is_in_data = false;
    }
}

static void on_text(void *context, const char *text, size_t len)
{
    struct gy_xlsx *x = context;
    if (!x->is_in_value) {
        return;
    }
    if (x->stored.len + len > GY_XLSX_CELL_MAX) {
        gy_xlsx_part_fail(&x->part, GY_LIMIT, "a cell of row %u has more than %d bytes", x->row,
                          GY_XLSX_CELL_MAX);
        return;
    }
    gy_buf_append(&x->stored, text, len);
}

static const struct gy_xlsx_handlers sheet_handlers = {on_start, on_end, on_text};

/* ---- opening ---- */

bool gy_xlsx_is_zip(struct gy_str magic)
{
    return gy_str_starts_with(magic, GY_STR("PK\3\4"));
}

static enum gy_status no_workbook(const char *path, struct gy_str magic, const char *why,
                                  struct gy_error *err)
{
    bool is_ole = gy_str_starts_with(magic, GY_STR("\xd0\xcf\x11\xe0"));
    gy_error_set(err, GY_INVALID, "\"%s\" is no Excel workbook (.xlsx): %s", path,
                 is_ole ? "it is an old .xls file, or has a password" : why);
    if (is_ole) {
        gy_error_hint(err, "Save it in Excel as .xlsx, without a password.");
    }
    return GY_INVALID;
}

static enum gy_status open_zip(struct gy_xlsx *x, zip_source_t *source, struct gy_str magic,
                               zip_error_t *why, struct gy_error *err)
{
    if (source != NULL) {
        x->zip = zip_open_from_source(source, ZIP_RDONLY, why);
    }
    if (x->zip == NULL) {
        zip_source_free(source);
        return no_workbook(x->name, magic, zip_error_strerror(why), err);
    }
    return GY_OK;
}

static enum gy_status open_sheet(struct gy_xlsx *x, const char *sheet, struct gy_error *err)
{
    x->book.zip = x->zip;
    GY_TRY(gy_xlsx_book_read(&x->book, err));
    struct gy_str file;
    GY_TRY(gy_xlsx_book_find(&x->book, sheet, &x->sheet, &file, err));
    enum gy_status status = gy_xlsx_part_init(&x->part, x->zip, file.ptr, SHEET_MAX, NULL, err);
    x->part.handlers = &sheet_handlers;
    x->part.context = x;
    return status;
}

/* Takes `source`. */
static enum gy_status open_source(const char *name, zip_source_t *source, struct gy_str magic,
                                  zip_error_t *why, const char *sheet, struct gy_xlsx **out,
                                  struct gy_error *err)
{
    struct gy_xlsx *x = gy_alloc_zero(1, sizeof *x);
    x->name = gy_strndup(name, strlen(name));
    enum gy_status status = open_zip(x, source, magic, why, err);
    if (status == GY_OK) {
        status = open_sheet(x, sheet, err);
        if (status != GY_OK) {
            gy_error_context(err, "reading \"%s\"", name);
        }
    }
    if (status != GY_OK) {
        gy_xlsx_close(x);
        x = NULL;
    }
    *out = x;
    return status;
}

static enum gy_status read_magic(const char *path, char magic[4], size_t *n, struct gy_error *err)
{
    FILE *f = fopen(path, "rbe");
    if (f == NULL) {
        return gy_error_sys(err, errno, "could not open \"%s\"", path);
    }
    *n = fread(magic, 1, 4, f);
    int failed = ferror(f) ? errno : 0;
    fclose(f);
    return failed != 0 ? gy_error_sys(err, failed, "could not read \"%s\"", path) : GY_OK;
}

enum gy_status gy_xlsx_open(const char *path, const char *sheet, struct gy_xlsx **out,
                            struct gy_error *err)
{
    *out = NULL;
    char magic[4];
    size_t n = 0;
    GY_TRY(read_magic(path, magic, &n, err));
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *source = zip_source_file_create(path, 0, -1, &why);
    struct gy_str begins = {magic, n};
    enum gy_status status = open_source(path, source, begins, &why, sheet, out, err);
    zip_error_fini(&why);
    return status;
}

enum gy_status gy_xlsx_open_bytes(const char *name, struct gy_str bytes, const char *sheet,
                                  struct gy_xlsx **out, struct gy_error *err)
{
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *source = zip_source_buffer_create(bytes.ptr, bytes.len, 0, &why);
    enum gy_status status = open_source(name, source, bytes, &why, sheet, out, err);
    zip_error_fini(&why);
    return status;
}

void gy_xlsx_close(struct gy_xlsx *x)
{
    if (x == NULL) {
        return;
    }
    gy_xlsx_part_release(&x->part);
    gy_xlsx_book_release(&x->book);
    if (x->zip != NULL) {
        zip_discard(x->zip);
    }
    gy_arena_release(&x->texts);
    gy_buf_release(&x->stored);
    gy_buf_release(&x->text);
    free(x->cells);
    free(x->name);
    free(x);
}

/* ---- reading ---- */

enum gy_status gy_xlsx_next(struct gy_xlsx *x, struct gy_row *row, bool *has_row,
                            struct gy_error *err)
{
    *has_row = false;
    x->has_row = false;
    enum gy_status status = gy_xlsx_part_run(&x->part, err);
    if (status != GY_OK) {
        gy_error_context(err, "reading \"%s\"", x->name);
        return status;
    }
    *has_row = x->has_row;
    *row =
        (struct gy_row){.cells = x->cells, .n_cells = x->n_used, .line = x->row, .is_sheet = true};
    return GY_OK;
}

const char *gy_xlsx_sheet(const struct gy_xlsx *x)
{
    return x->sheet.ptr;
}

uint64_t gy_xlsx_position(const struct gy_xlsx *x)
{
    return x->part.fed;
}

uint64_t gy_xlsx_size(const struct gy_xlsx *x)
{
    return x->part.size;
}
