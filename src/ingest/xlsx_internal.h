/* xlsx_internal.h - what the files of the workbook reader share.
 *
 *   xlsx_part.c    one XML file of the zip through expat, within limits
 *   xlsx_book.c    everything about a workbook but its rows
 *   xlsx_value.c   what the text of a cell means: dates, digits, escapes
 *   xlsx.c         the rows of a sheet
 */
#ifndef GY_INGEST_XLSX_INTERNAL_H
#define GY_INGEST_XLSX_INTERNAL_H

#include <stdint.h>

#include <expat.h>
#include <zip.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/str.h"

/* ---- one XML file ---- */

/* Called with local names (without a prefix); `attributes` is name, value, ..., NULL. A handler fails by
 * gy_xlsx_part_fail, and pauses the reading after the present tag by gy_xlsx_part_pause. */
struct gy_xlsx_handlers {
    void (*start)(void *context, const char *name, const char **attributes);
    void (*end)(void *context, const char *name);
    void (*text)(void *context, const char *text, size_t len);
};

struct gy_xlsx_part {
    const char *name; /* in the zip */
    zip_file_t *file;
    XML_Parser parser;
    const struct gy_xlsx_handlers *handlers;
    void *context;
    uint64_t size;  /* unpacked, as the zip says */
    uint64_t limit; /* of unpacked bytes */
    uint64_t fed;   /* bytes given to the parser */
    uint32_t depth;
    bool is_paused;
    bool is_done;
    enum gy_status status;
    struct gy_error error; /* where status is not GY_OK */
};

/* Opens the file `name` of `zip`, both borrowed. `part` is the caller's, released also after a failure.
 * Fails with INVALID where there is none (`*is_missing`, which may be NULL) or it cannot be unpacked. */
GY_CHECKED enum gy_status gy_xlsx_part_init(struct gy_xlsx_part *part, zip_t *zip, const char *name,
                                            uint64_t limit, bool *is_missing, struct gy_error *err);
void gy_xlsx_part_release(struct gy_xlsx_part *part);

/* Reads on until a handler pauses, or to the end (`is_done`). */
GY_CHECKED enum gy_status gy_xlsx_part_run(struct gy_xlsx_part *part, struct gy_error *err);

void gy_xlsx_part_fail(struct gy_xlsx_part *part, enum gy_status status, const char *format, ...)
    GY_PRINTF(3, 4);
void gy_xlsx_part_pause(struct gy_xlsx_part *part);

/* The value of an attribute, or NULL. */
const char *gy_xlsx_attribute(const char **attributes, const char *name);

/* ---- the workbook ---- */

struct gy_xlsx_relation {
    struct gy_str id;
    struct gy_str type;
    struct gy_str target;
};

struct gy_xlsx_sheet {
    struct gy_str name;
    struct gy_str relation; /* its id */
    bool is_hidden;
};

struct gy_xlsx_book {
    zip_t *zip; /* borrowed */
    struct gy_arena arena;
    struct gy_xlsx_relation *relations;
    uint32_t n_relations;
    uint32_t relations_capacity;
    struct gy_xlsx_sheet *sheets;
    uint32_t n_sheets;
    uint32_t sheets_capacity;
    bool is_1904;
    uint8_t *is_date_format; /* by number of the format; 65,536 of them */
    uint8_t *is_date_style;  /* by number of the style */
    uint32_t n_styles;
    uint32_t styles_capacity;
    struct gy_str *strings;
    uint32_t n_strings;
    uint32_t strings_capacity;
};

/* Reads all of a workbook but its sheets. `book` is all zero but for `zip`; released by the caller also
 * after a failure. */
GY_CHECKED enum gy_status gy_xlsx_book_read(struct gy_xlsx_book *book, struct gy_error *err);
void gy_xlsx_book_release(struct gy_xlsx_book *book);

/* The sheet named so (NULL: the first visible one) and its file in the zip, in the book's arena. */
GY_CHECKED enum gy_status gy_xlsx_book_find(struct gy_xlsx_book *book, const char *sheet,
                                            struct gy_str *name, struct gy_str *file,
                                            struct gy_error *err);

/* ---- values ---- */

/* Whether numbers shown in this format are dates or times of day. Durations ([h]:mm) are not. */
bool gy_xlsx_is_date_format(struct gy_str code);
bool gy_xlsx_is_date_format_id(uint32_t id); /* one of those that need no definition */

/* Appends a serial day as "2024-03-05T15:20:00[.678]", below one day as "15:20:00[.678]". False (and
 * nothing appended) if it is no day from 1900 to 9999. */
bool gy_xlsx_put_time(double serial, bool is_1904, struct gy_buf *out);

/* Appends the digits of a stored number: as they are where they are plain and few, else the shortest that
 * are the same double. False if it is no number. */
bool gy_xlsx_put_number(struct gy_str stored, struct gy_buf *out);

/* Appends a text, _x000D_ and the like made the character that they stand for. */
void gy_xlsx_put_text(struct gy_str stored, struct gy_buf *out);

#endif
