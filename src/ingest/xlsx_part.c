/* xlsx_part.c - unpack a piece, parse a piece, and watch how much it becomes.
 *
 * Three ways to make a small file expensive are closed here: a part that unpacks to more than its limit
 * (counted, not believed), entities (no document type is accepted), and a single token that never ends,
 * which expat would keep and scan again from its beginning with every piece.
 */
#include "ingest/xlsx_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    PIECE = 64 * 1024,
    DEPTH_MAX = 64,
    TOKEN_MAX = 1 << 20,
    RATIO_MAX = 400, /* genuine sheets stay below 100, deflate ends at 1,032 */
    RATIO_FREE = 16 << 20,
};

static const char *local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon != NULL ? colon + 1 : name;
}

const char *gy_xlsx_attribute(const char **attributes, const char *name)
{
    for (; attributes[0] != NULL; attributes += 2) {
        if (strcmp(local_name(attributes[0]), name) == 0) {
            return attributes[1];
        }
    }
    return NULL;
}

void gy_xlsx_part_fail(struct gy_xlsx_part *part, enum gy_status status, const char *format, ...)
{
    if (part->status != GY_OK) {
        return;
    }
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    part->status =
        gy_error_set(&part->error, status, "%s, in \"%s\" of the workbook", what, part->name);
    XML_StopParser(part->parser, XML_FALSE);
}

void gy_xlsx_part_pause(struct gy_xlsx_part *part)
{
    XML_StopParser(part->parser, XML_TRUE);
}

/* ---- what expat calls ---- */

static void on_start(void *context, const char *name, const char **attributes)
{
    struct gy_xlsx_part *part = context;
    if (++part->depth > DEPTH_MAX) {
        gy_xlsx_part_fail(part, GY_LIMIT, "XML nested deeper than %d", DEPTH_MAX);
        return;
    }
    part->handlers->start(part->context, local_name(name), attributes);
}

static void on_end(void *context, const char *name)
{
    struct gy_xlsx_part *part = context;
    part->depth--;
    if (part->status == GY_OK) {
        part->handlers->end(part->context, local_name(name));
    }
}

static void on_text(void *context, const char *text, int len)
{
    struct gy_xlsx_part *part = context;
    if (part->status == GY_OK) {
        part->handlers->text(part->context, text, (size_t)len);
    }
}

static void on_doctype(void *context, const char *name, const char *system_id,
                       const char *public_id, int has_internal_subset)
{
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_internal_subset;
    gy_xlsx_part_fail(context, GY_INVALID, "a document type definition is not accepted");
}

/* ---- lifecycle ---- */

static enum gy_status check_size(const struct gy_xlsx_part *part, const zip_stat_t *about,
                                 struct gy_error *err)
{
    bool is_bomb = about->size > RATIO_FREE && about->comp_size < about->size / RATIO_MAX;
    if (about->size > part->limit || is_bomb) {
        return gy_error_set(err, GY_LIMIT,
                            "\"%s\" of the workbook unpacks from %llu to %llu bytes, which is too "
                            "much",
                            part->name, (unsigned long long)about->comp_size,
                            (unsigned long long)about->size);
    }
    return GY_OK;
}

static enum gy_status open_file(struct gy_xlsx_part *part, zip_t *zip, zip_uint64_t index,
                                struct gy_error *err)
{
    zip_stat_t about;
    zip_stat_init(&about);
    if (zip_stat_index(zip, index, 0, &about) == 0) {
        part->size = about.size;
        GY_TRY(check_size(part, &about, err));
        part->file = zip_fopen_index(zip, index, 0);
    }
    if (part->file == NULL) {
        return gy_error_set(err, GY_INVALID, "cannot unpack \"%s\" of the workbook: %s", part->name,
                            zip_strerror(zip));
    }
    return GY_OK;
}

static void make_parser(struct gy_xlsx_part *part)
{
    part->parser = XML_ParserCreate(NULL);
    GY_ASSERT(part->parser != NULL);
    XML_SetUserData(part->parser, part);
    XML_SetElementHandler(part->parser, on_start, on_end);
    XML_SetCharacterDataHandler(part->parser, on_text);
    XML_SetStartDoctypeDeclHandler(part->parser, on_doctype);
}

enum gy_status gy_xlsx_part_init(struct gy_xlsx_part *part, zip_t *zip, const char *name,
                                 uint64_t limit, bool *is_missing, struct gy_error *err)
{
    *part = (struct gy_xlsx_part){.name = name, .limit = limit};
    zip_int64_t index = zip_name_locate(zip, name, ZIP_FL_NOCASE);
    if (is_missing != NULL) {
        *is_missing = index < 0;
    }
    if (index < 0) {
        return gy_error_set(err, GY_INVALID, "there is no \"%s\" in the workbook", name);
    }
    GY_TRY(open_file(part, zip, (zip_uint64_t)index, err));
    make_parser(part);
    return GY_OK;
}

void gy_xlsx_part_release(struct gy_xlsx_part *part)
{
    if (part->parser != NULL) {
        XML_ParserFree(part->parser);
    }
    if (part->file != NULL) {
        zip_fclose(part->file);
    }
    part->parser = NULL;
    part->file = NULL;
}

/* ---- reading ---- */

static enum XML_Status feed(struct gy_xlsx_part *part)
{
    void *piece = XML_GetBuffer(part->parser, PIECE);
    GY_ASSERT(piece != NULL);
    zip_int64_t n = zip_fread(part->file, piece, PIECE);
    if (n < 0) {
        gy_xlsx_part_fail(part, GY_INVALID, "damaged data (%s) after %llu bytes",
                          zip_file_strerror(part->file), (unsigned long long)part->fed);
        return XML_STATUS_ERROR;
    }
    part->fed += (uint64_t)n;
    part->is_done = n == 0;
    if (part->fed > part->limit) {
        gy_xlsx_part_fail(part, GY_LIMIT, "more than %llu bytes", (unsigned long long)part->limit);
        return XML_STATUS_ERROR;
    }
    return XML_ParseBuffer(part->parser, (int)n, n == 0);
}

static bool is_token_endless(const struct gy_xlsx_part *part)
{
    XML_Index at = XML_GetCurrentByteIndex(part->parser);
    return at >= 0 && part->fed > (uint64_t)at + TOKEN_MAX;
}

static void fail_as_xml(struct gy_xlsx_part *part)
{
    enum XML_Error code = XML_GetErrorCode(part->parser);
    gy_xlsx_part_fail(part, GY_INVALID, "%s at line %lu", XML_ErrorString(code),
                      (unsigned long)XML_GetCurrentLineNumber(part->parser));
}

enum gy_status gy_xlsx_part_run(struct gy_xlsx_part *part, struct gy_error *err)
{
    while (part->status == GY_OK && (part->is_paused || !part->is_done)) {
        enum XML_Status status;
        if (part->is_paused) {
            part->is_paused = false;
            status = XML_ResumeParser(part->parser);
        } else {
            status = feed(part);
        }
        if (status == XML_STATUS_SUSPENDED) {
            part->is_paused = true;
            return GY_OK;
        }
        if (status == XML_STATUS_ERROR) {
            fail_as_xml(part);
        } else if (is_token_endless(part)) {
            gy_xlsx_part_fail(part, GY_LIMIT, "a tag of more than %d bytes", TOKEN_MAX);
        }
    }
    if (part->status != GY_OK && err != NULL) {
        *err = part->error;
    }
    return part->status;
}
