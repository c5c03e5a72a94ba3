/* xlsx_book.c - relations, sheets, styles and shared strings.
 *
 * Each part of the workbook has a small reader: a struct with where it is, and three handlers.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/xlsx.h"
#include "ingest/xlsx_internal.h"

#define SMALL_PART_MAX (UINT64_C(64) << 20)
#define STRINGS_MAX    (UINT64_C(1) << 30)

enum {
    LIST_MAX = 65536,
    N_FORMATS = 65536
};

static uint32_t read_number(const char *text, uint32_t missing)
{
    if (text == NULL || text[0] < '0' || text[0] > '9') {
        return missing;
    }
    unsigned long long n = strtoull(text, NULL, 10);
    return n < UINT32_MAX ? (uint32_t)n : missing;
}

static bool is_true(const char *text)
{
    return text != NULL && (strcmp(text, "1") == 0 || strcmp(text, "true") == 0);
}

static struct gy_str keep(struct gy_xlsx_book *book, const char *text)
{
    return gy_arena_str(&book->arena, gy_str_of(text == NULL ? "" : text));
}

/* What all readers begin with. */
struct reader {
    struct gy_xlsx_part part;
    struct gy_xlsx_book *book;
};

static void ignore_end(void *context, const char *name)
{
    (void)context;
    (void)name;
}

static void ignore_text(void *context, const char *text, size_t len)
{
    (void)context;
    (void)text;
    (void)len;
}

static enum gy_status read_part(struct reader *reader, const char *name, uint64_t limit,
                                const struct gy_xlsx_handlers *handlers, bool *is_missing,
                                struct gy_error *err)
{
    enum gy_status status =
        gy_xlsx_part_init(&reader->part, reader->book->zip, name, limit, is_missing, err);
    reader->part.handlers = handlers;
    reader->part.context = reader;
    if (status == GY_OK) {
        status = gy_xlsx_part_run(&reader->part, err);
    }
    gy_xlsx_part_release(&reader->part);
    return status;
}

/* ---- relations ---- */

static void on_relation(void *context, const char *name, const char **attributes)
{
    struct reader *reader = context;
    struct gy_xlsx_book *book = reader->book;
    if (strcmp(name, "Relationship") != 0) {
        return;
    }
    if (book->n_relations == LIST_MAX) {
        gy_xlsx_part_fail(&reader->part, GY_LIMIT, "more than %d relations", LIST_MAX);
        return;
    }
    GY_GROW(book->relations, book->relations_capacity, book->n_relations + 1);
    book->relations[book->n_relations++] = (struct gy_xlsx_relation){
        .id = keep(book, gy_xlsx_attribute(attributes, "Id")),
        .type = keep(book, gy_xlsx_attribute(attributes, "Type")),
        .target = keep(book, gy_xlsx_attribute(attributes, "Target")),
    };
}

static const struct gy_xlsx_handlers relation_handlers = {on_relation, ignore_end, ignore_text};

static enum gy_status read_relations(struct gy_xlsx_book *book, const char *file,
                                     struct gy_error *err)
{
    struct reader reader = {.book = book};
    book->n_relations = 0;
    return read_part(&reader, file, SMALL_PART_MAX, &relation_handlers, NULL, err);
}

/* The types are long addresses, in two families; their last words are the same. */
static const struct gy_xlsx_relation *find_type(const struct gy_xlsx_book *book, const char *type)
{
    for (uint32_t i = 0; i < book->n_relations; i++) {
        if (gy_str_ends_with(book->relations[i].type, gy_str_of(type))) {
            return &book->relations[i];
        }
    }
    return NULL;
}

static const struct gy_xlsx_relation *find_id(const struct gy_xlsx_book *book, struct gy_str id)
{
    for (uint32_t i = 0; i < book->n_relations; i++) {
        if (gy_str_equal(book->relations[i].id, id)) {
            return &book->relations[i];
        }
    }
    return NULL;
}

/* The length of the folder in a path, with its last slash. */
static size_t folder_length(struct gy_str path)
{
    const char *slash = path.len > 0 ? memrchr(path.ptr, '/', path.len) : NULL;
    return slash != NULL ? (size_t)(slash - path.ptr) + 1 : 0;
}

/* A target is relative to the folder of `from`, or to the top where it begins with a slash. */
static struct gy_str resolve(struct gy_xlsx_book *book, struct gy_str from, struct gy_str target)
{
    if (target.len > 0 && target.ptr[0] == '/') {
        return gy_arena_str(&book->arena, (struct gy_str){target.ptr + 1, target.len - 1});
    }
    struct gy_str folder = {from.ptr, folder_length(from)};
    while (gy_str_starts_with(target, GY_STR("../"))) {
        target = (struct gy_str){target.ptr + 3, target.len - 3};
        folder.len -= folder.len > 0;
        folder.len = folder_length(folder);
    }
    struct gy_buf path = {0};
    gy_buf_str(&path, folder);
    gy_buf_str(&path, target);
    struct gy_str kept = gy_arena_str(&book->arena, gy_buf_view(&path));
    gy_buf_release(&path);
    return kept;
}

/* ---- the list of sheets ---- */

static void on_workbook(void *context, const char *name, const char **attributes)
{
    struct reader *reader = context;
    struct gy_xlsx_book *book = reader->book;
    if (strcmp(name, "workbookPr") == 0) {
        book->is_1904 = is_true(gy_xlsx_attribute(attributes, "date1904"));
    }
    if (strcmp(name, "sheet") != 0) {
        return;
    }
    if (book->n_sheets == LIST_MAX) {
        gy_xlsx_part_fail(&reader->part, GY_LIMIT, "more than %d sheets", LIST_MAX);
        return;
    }
    const char *state = gy_xlsx_attribute(attributes, "state");
    GY_GROW(book->sheets, book->sheets_capacity, book->n_sheets + 1);
    book->sheets[book->n_sheets++] = (struct gy_xlsx_sheet){
        .name = keep(book, gy_xlsx_attribute(attributes, "name")),
        .relation = keep(book, gy_xlsx_attribute(attributes, "id")),
        .is_hidden = state != NULL && strcmp(state, "visible") != 0,
    };
}

static const struct gy_xlsx_handlers workbook_handlers = {on_workbook, ignore_end, ignore_text};

/* ---- styles ---- */

struct style_reader {
    struct reader reader;
    bool is_in_cell_formats;
};

static void add_style(struct style_reader *styles, uint32_t format)
{
    struct gy_xlsx_book *book = styles->reader.book;
    if (book->n_styles == LIST_MAX) {
        gy_xlsx_part_fail(&styles->reader.part, GY_LIMIT, "more than %d styles", LIST_MAX);
        return;
    }
    GY_GROW(book->is_date_style, book->styles_capacity, book->n_styles + 1);
    book->is_date_style[book->n_styles++] = format < N_FORMATS && book->is_date_format[format];
}

static void on_style(void *context, const char *name, const char **attributes)
{
    struct style_reader *styles = context;
    uint32_t format = read_number(gy_xlsx_attribute(attributes, "numFmtId"), 0);
    if (strcmp(name, "cellXfs") == 0) {
        styles->is_in_cell_formats = true;
    } else if (strcmp(name, "xf") == 0 && styles->is_in_cell_formats) {
        add_style(styles, format);
    } else if (strcmp(name, "numFmt") == 0 && format < N_FORMATS) {
        const char *code = gy_xlsx_attribute(attributes, "formatCode");
        styles->reader.book->is_date_format[format] =
            code != NULL && gy_xlsx_is_date_format(gy_str_of(code));
    }
}

static void on_style_end(void *context, const char *name)
{
    struct style_reader *styles = context;
    if (strcmp(name, "cellXfs") == 0) {
        styles->is_in_cell_formats = false;
    }
}

static const struct gy_xlsx_handlers style_handlers = {on_style, on_style_end, ignore_text};

/* ---- shared strings ---- */

struct string_reader {
    struct reader reader;
    bool is_in_text;
    bool is_in_phonetic; /* how a Japanese text is pronounced: no part of it */
    struct gy_buf stored;
    struct gy_buf text;
};

static void on_string_start(void *context, const char *name, const char **attributes)
{
    struct string_reader *strings = context;
    (void)attributes;
    if (strcmp(name, "si") == 0) {
        gy_buf_reset(&strings->stored);
    } else if (strcmp(name, "rPh") == 0) {
        strings->is_in_phonetic = true;
    } else if (strcmp(name, "t") == 0) {
        strings->is_in_text = !strings->is_in_phonetic;
    }
}

static void on_string_text(void *context, const char *text, size_t len)
{
    struct string_reader *strings = context;
    if (!strings->is_in_text) {
        return;
    }
    if (strings->stored.len + len > GY_XLSX_CELL_MAX) {
        gy_xlsx_part_fail(&strings->reader.part, GY_LIMIT, "a text of more than %d bytes",
                          GY_XLSX_CELL_MAX);
        return;
    }
    gy_buf_append(&strings->stored, text, len);
}

static void keep_string(struct string_reader *strings)
{
    struct gy_xlsx_book *book = strings->reader.book;
    if (book->n_strings == GY_XLSX_STRINGS_MAX) {
        gy_xlsx_part_fail(&strings->reader.part, GY_LIMIT, "more than %d texts",
                          GY_XLSX_STRINGS_MAX);
        return;
    }
    gy_buf_reset(&strings->text);
    gy_xlsx_put_text(gy_buf_view(&strings->stored), &strings->text);
    GY_GROW(book->strings, book->strings_capacity, book->n_strings + 1);
    book->strings[book->n_strings++] =
        strings->text.len == 0 ? (struct gy_str){"", 0}
                               : gy_arena_str(&book->arena, gy_buf_view(&strings->text));
}

static void on_string_end(void *context, const char *name)
{
    struct string_reader *strings = context;
    if (strcmp(name, "si") == 0) {
        keep_string(strings);
    } else if (strcmp(name, "rPh") == 0) {
        strings->is_in_phonetic = false;
    } else if (strcmp(name, "t") == 0) {
        strings->is_in_text = false;
    }
}

static const struct gy_xlsx_handlers string_handlers = {on_string_start, on_string_end,
                                                        on_string_text};

/* ---- the whole ---- */

static enum gy_status read_styles(struct gy_xlsx_book *book, struct gy_str workbook,
                                  struct gy_error *err)
{
    const struct gy_xlsx_relation *relation = find_type(book, "/styles");
    if (relation == NULL) {
        return GY_OK;
    }
    struct style_reader styles = {.reader.book = book};
    struct gy_str file = resolve(book, workbook, relation->target);
    return read_part(&styles.reader, file.ptr, SMALL_PART_MAX, &style_handlers, NULL, err);
}

static enum gy_status read_strings(struct gy_xlsx_book *book, struct gy_str workbook,
                                   struct gy_error *err)
{
    const struct gy_xlsx_relation *relation = find_type(book, "/sharedStrings");
    if (relation == NULL) {
        return GY_OK;
    }
    struct string_reader strings = {.reader.book = book};
    struct gy_str file = resolve(book, workbook, relation->target);
    enum gy_status status =
        read_part(&strings.reader, file.ptr, STRINGS_MAX, &string_handlers, NULL, err);
    gy_buf_release(&strings.stored);
    gy_buf_release(&strings.text);
    return status;
}

/* xl/workbook.xml, unless the top relations say something else. */
static enum gy_status find_workbook(struct gy_xlsx_book *book, struct gy_str *file,
                                    struct gy_error *err)
{
    *file = GY_STR("xl/workbook.xml");
    if (zip_name_locate(book->zip, "_rels/.rels", ZIP_FL_NOCASE) < 0) {
        return GY_OK;
    }
    GY_TRY(read_relations(book, "_rels/.rels", err));
    const struct gy_xlsx_relation *relation = find_type(book, "/officeDocument");
    if (relation != NULL) {
        *file = resolve(book, GY_STR(""), relation->target);
    }
    return GY_OK;
}

static enum gy_status read_workbook(struct gy_xlsx_book *book, struct gy_str workbook,
                                    struct gy_error *err)
{
    struct reader reader = {.book = book};
    bool is_missing = false;
    enum gy_status status =
        read_part(&reader, workbook.ptr, SMALL_PART_MAX, &workbook_handlers, &is_missing, err);
    if (is_missing) {
        return gy_error_set(err, GY_INVALID, "it is a zip file, but no Excel workbook");
    }
    return status;
}

/* Targets of sheets are made whole here, where the workbook's folder is known. */
static void resolve_sheets(struct gy_xlsx_book *book, struct gy_str workbook)
{
    for (uint32_t i = 0; i < book->n_relations; i++) {
        struct gy_xlsx_relation *relation = &book->relations[i];
        relation->target = resolve(book, workbook, relation->target);
    }
}

enum gy_status gy_xlsx_book_read(struct gy_xlsx_book *book, struct gy_error *err)
{
    book->is_date_format = gy_alloc_zero(N_FORMATS, 1);
    for (uint32_t id = 0; id < 64; id++) {
        book->is_date_format[id] = gy_xlsx_is_date_format_id(id);
    }
    struct gy_str workbook;
    GY_TRY(find_workbook(book, &workbook, err));
    GY_TRY(read_workbook(book, workbook, err));
    struct gy_buf path = {0};
    size_t folder = folder_length(workbook);
    gy_buf_printf(&path, "%.*s_rels/%s.rels", (int)folder, workbook.ptr, workbook.ptr + folder);
    enum gy_status status = read_relations(book, path.ptr, err);
    gy_buf_release(&path);
    GY_TRY(status);
    GY_TRY(read_styles(book, workbook, err));
    GY_TRY(read_strings(book, workbook, err));
    resolve_sheets(book, workbook);
    return GY_OK;
}

void gy_xlsx_book_release(struct gy_xlsx_book *book)
{
    free(book->relations);
    free(book->sheets);
    free(book->is_date_format);
    free(book->is_date_style);
    free(book->strings);
    gy_arena_release(&book->arena);
    *book = (struct gy_xlsx_book){0};
}

/* ---- choosing a sheet ---- */

static enum gy_status no_sheet(const struct gy_xlsx_book *book, const char *sheet,
                               struct gy_error *err)
{
    if (sheet == NULL) {
        return gy_error_set(err, GY_INVALID, "the workbook has no sheet with cells");
    }
    gy_error_set(err, GY_INVALID, "the workbook has no sheet \"%s\"", sheet);
    struct gy_buf names = {0};
    for (uint32_t i = 0; i < book->n_sheets && names.len < 160; i++) {
        gy_buf_printf(&names, "%s\"%.*s\"", i > 0 ? ", " : "", GY_STR_ARG(book->sheets[i].name));
    }
    gy_error_hint(err, "Its sheets are %s.", names.len > 0 ? names.ptr : "none");
    gy_buf_release(&names);
    return GY_INVALID;
}

enum gy_status gy_xlsx_book_find(struct gy_xlsx_book *book, const char *sheet, struct gy_str *name,
                                 struct gy_str *file, struct gy_error *err)
{
    const struct gy_xlsx_sheet *found = NULL;
    for (uint32_t i = 0; i < book->n_sheets; i++) {
        const struct gy_xlsx_sheet *candidate = &book->sheets[i];
        const struct gy_xlsx_relation *relation = find_id(book, candidate->relation);
        bool is_wanted =
            sheet != NULL ? gy_str_equal(candidate->name, gy_str_of(sheet)) : !candidate->is_hidden;
        bool has_cells = relation != NULL && gy_str_ends_with(relation->type, GY_STR("/worksheet"));
        if (is_wanted && has_cells && found == NULL) {
            found = candidate;
            *name = candidate->name;
            *file = relation->target;
        }
    }
    return found != NULL ? GY_OK : no_sheet(book, sheet, err);
}
