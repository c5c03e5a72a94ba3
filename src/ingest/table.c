/* table.c - one row reader over CSV and XLSX, with the first rows read ahead. */
#include "ingest/table.h"

#include <stdlib.h>
#include <strings.h>

#include "base/arena.h"
#include "base/mem.h"
#include "ingest/csv.h"
#include "ingest/source.h"
#include "ingest/xlsx.h"

enum {
    AHEAD_MAX = 10000,
    AHEAD_BYTES_MAX = 64 << 20
};

struct gy_table {
    struct gy_source *source;
    struct gy_csv *csv; /* one of the two */
    struct gy_xlsx *xlsx;
    struct gy_row header;
    bool has_header;
    struct gy_row *ahead;
    uint32_t n_ahead;
    uint32_t next_ahead;
    struct gy_arena arena; /* of the header and the rows ahead */
};

static enum gy_status read_row(struct gy_table *t, struct gy_row *row, bool *has_row,
                               struct gy_error *err)
{
    return t->csv != NULL ? gy_csv_next(t->csv, row, has_row, err)
                          : gy_xlsx_next(t->xlsx, row, has_row, err);
}

static struct gy_row copy_row(const struct gy_row *row, struct gy_arena *arena)
{
    struct gy_row copy = *row;
    struct gy_cell *cells = GY_NEW_ARRAY(arena, struct gy_cell, row->n_cells + 1);
    for (uint32_t i = 0; i < row->n_cells; i++) {
        cells[i] = row->cells[i];
        cells[i].text = gy_arena_str(arena, row->cells[i].text);
    }
    copy.cells = cells;
    copy.raw = gy_arena_str(arena, row->raw);
    return copy;
}

static enum gy_status read_ahead(struct gy_table *t, bool has_header, struct gy_error *err)
{
    t->ahead = gy_alloc_zero(AHEAD_MAX, sizeof *t->ahead);
    size_t bytes = 0;
    while (t->n_ahead < AHEAD_MAX && bytes < AHEAD_BYTES_MAX) {
        struct gy_row row;
        bool has_row;
        GY_TRY(read_row(t, &row, &has_row, err));
        if (!has_row) {
            break;
        }
        struct gy_row copy = copy_row(&row, &t->arena);
        bytes += copy.raw.len + copy.n_cells * sizeof *copy.cells;
        if (has_header && !t->has_header) {
            t->header = copy;
            t->has_header = true;
        } else {
            t->ahead[t->n_ahead++] = copy;
        }
    }
    return GY_OK;
}

static enum gy_status read_delimiter(const char *text, char *out, struct gy_error *err)
{
    *out = 0;
    if (text == NULL) {
        return GY_OK;
    }
    if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0) {
        *out = '\t';
    } else if (strcmp(text, "blanks") == 0) {
        *out = GY_CSV_BLANKS;
    } else if (strlen(text) == 1 && strchr("\"\r\n ", text[0]) == NULL &&
               (unsigned char)text[0] < 0x80) {
        *out = text[0];
    } else {
        return gy_error_set(err, GY_INVALID,
                            "the delimiter \"%s\" is not one character, \"tab\" or \"blanks\"",
                            text);
    }
    return GY_OK;
}

static bool has_suffix(const char *path, const char *suffix)
{
    size_t n = strlen(path);
    size_t m = strlen(suffix);
    return n >= m && strcasecmp(path + n - m, suffix) == 0;
}

static enum gy_status open_text(struct gy_table *t, const char *path,
                                const struct gy_import_options *options, struct gy_error *err)
{
    char delimiter;
    GY_TRY(read_delimiter(options->delimiter, &delimiter, err));
    if (delimiter == 0 &&
        (has_suffix(path, ".tsv") || has_suffix(path, ".tsv.gz") || has_suffix(path, ".tsv.zst"))) {
        delimiter = '\t';
    }
    if (t->source == NULL) {
        GY_TRY(gy_source_open(path, options->encoding, &t->source, err));
    }
    return gy_csv_open(t->source, delimiter, &t->csv, err);
}

enum gy_status gy_table_open(const char *path, struct gy_source *source,
                             const struct gy_import_options *options, struct gy_table **out,
                             struct gy_error *err)
{
    struct gy_table *t = gy_alloc_zero(1, sizeof *t);
    t->source = source;
    *out = NULL;
    enum gy_status status = has_suffix(path, ".xlsx")
                                ? gy_xlsx_open(path, options->sheet, &t->xlsx, err)
                                : open_text(t, path, options, err);
    if (status == GY_OK) {
        status = read_ahead(t, !options->no_header, err);
    }
    if (status == GY_OK && !t->has_header && t->n_ahead == 0) {
        status = gy_error_set(err, GY_INVALID, "the file is empty");
    }
    if (status != GY_OK) {
        gy_table_close(t);
        return status;
    }
    *out = t;
    return GY_OK;
}

void gy_table_close(struct gy_table *t)
{
    if (t == NULL) {
        return;
    }
    gy_csv_close(t->csv);
    gy_xlsx_close(t->xlsx);
    gy_source_close(t->source);
    gy_arena_release(&t->arena);
    free(t->ahead);
    free(t);
}

const struct gy_row *gy_table_header(const struct gy_table *t)
{
    return t->has_header ? &t->header : NULL;
}

uint32_t gy_table_n_ahead(const struct gy_table *t)
{
    return t->n_ahead;
}

const struct gy_row *gy_table_ahead(const struct gy_table *t, uint32_t i)
{
    return &t->ahead[i];
}

enum gy_status gy_table_next(struct gy_table *t, struct gy_row *row, bool *has_row,
                             struct gy_error *err)
{
    if (t->next_ahead < t->n_ahead) {
        *row = t->ahead[t->next_ahead++];
        *has_row = true;
        return GY_OK;
    }
    return read_row(t, row, has_row, err);
}

const char *gy_table_encoding(const struct gy_table *t)
{
    return t->source == NULL ? "" : gy_source_encoding(t->source);
}

char gy_table_delimiter(const struct gy_table *t)
{
    return t->csv == NULL ? '\0' : gy_csv_delimiter(t->csv);
}

uint64_t gy_table_position(const struct gy_table *t)
{
    return t->source == NULL ? gy_xlsx_position(t->xlsx) : gy_source_position(t->source);
}

uint64_t gy_table_size(const struct gy_table *t)
{
    return t->source == NULL ? gy_xlsx_size(t->xlsx) : gy_source_size(t->source);
}
