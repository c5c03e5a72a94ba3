/* merge_columns.c - copies the planned rows, one column at a time.
 *
 * A column of the schema's type is copied piece by piece in a loop of its encoding, if not by place (merge_flat.c). A column of
 * another type goes value by value through gy_merge_reread; so does nothing else. */
#include <stdlib.h>

#include "base/mem.h"
#include "store/merge_internal.h"
#include "store/part_internal.h"

/* ---- values of another type ---- */

static uint32_t misfit_from(const struct gy_column *c, uint32_t row)
{
    uint32_t low = 0;
    uint32_t high = c->n_misfits;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (c->misfit_rows[middle] < row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct gy_str misfit_text(const struct gy_column *c, uint32_t i)
{
    return (struct gy_str){c->misfit_bytes + c->misfit_starts[i],
                           c->misfit_starts[i + 1] - c->misfit_starts[i]};
}

static struct gy_str json_of(const struct gy_value *value, struct gy_arena *arena)
{
    struct gy_buf text = {0};
    gy_value_json(value, &text);
    struct gy_str json = gy_arena_str(arena, gy_buf_view(&text));
    gy_buf_release(&text);
    return json;
}

static bool reread_misfit(const struct gy_merge_job *job, const struct gy_column *c, uint32_t row,
                          enum gy_value_type type, struct gy_arena *arena, struct gy_value *out,
                          struct gy_str *misfit)
{
    uint32_t i = misfit_from(c, row);
    if (i == c->n_misfits || c->misfit_rows[i] != row) {
        return false;
    }
    *misfit = misfit_text(c, i);
    struct gy_value value;
    if (!gy_value_parse_json(*misfit, arena, &value)) {
        return false;
    }
    if (value.type == GY_VALUE_NUMBER && type == GY_VALUE_STRING) {
        *out = (struct gy_value){.type = type, .string = *misfit}; /* all its digits */
        return true;
    }
    return gy_value_convert(&value, type, job->merge->zone, arena, out);
}

bool gy_merge_reread(const struct gy_merge_job *job, const struct gy_column *column,
                     const struct gy_dictionary *dictionary, uint32_t row, enum gy_value_type type,
                     struct gy_arena *arena, struct gy_value *out, struct gy_str *misfit)
{
    *misfit = (struct gy_str){0};
    if (!gy_column_is_present(column, row)) {
        return reread_misfit(job, column, row, type, arena, out, misfit);
    }
    struct gy_value value;
    gy_column_value(column, dictionary, row, arena, &value);
    if (gy_value_convert(&value, type, job->merge->zone, arena, out)) {
        return true;
    }
    *misfit = json_of(&value, arena);
    return false;
}

/* ---- a column ---- */

/* One column of the output that is being gathered. */
struct gather {
    const struct gy_merge_job *job;
    const struct gy_merge_rows *rows;
    const struct gy_merge_text *text; /* STRING, LIST */
    enum gy_value_type type;
    struct gy_column *columns;          /* by source */
    struct gy_dictionary *dictionaries; /* by source */
    struct gy_merge_buffers *to;
};

static void set_present(struct gather *g, uint32_t row)
{
    g->to->present[row >> 6] |= UINT64_C(1) << (row & 63);
}

static void copy_presence(struct gather *g, const struct gy_column *c, uint32_t first, uint32_t n,
                          uint32_t to)
{
    for (uint32_t i = 0; i < n; i++) {
        if (gy_column_is_present(c, first + i)) {
            set_present(g, to + i);
        }
    }
}

#define DEFINE_WIDEN(type)                                                                        \
    static void widen_##type(const struct gy_column *c, uint32_t first, uint32_t n, int64_t *out) \
    {                                                                                             \
        const type *raw = (const type *)c->data + first;                                          \
        uint64_t unit = (uint64_t)gy_time_units_ms[c->unit];                                      \
        for (uint32_t i = 0; i < n; i++) {                                                        \
            out[i] = (int64_t)((uint64_t)c->base + raw[i] * unit);                                \
        }                                                                                         \
    }

DEFINE_WIDEN(uint8_t)
DEFINE_WIDEN(uint16_t)
DEFINE_WIDEN(uint32_t)
DEFINE_WIDEN(uint64_t)

static void copy_ints(const struct gy_column *c, uint32_t first, uint32_t n, int64_t *out)
{
    switch (c->width) {
    case 1:
        widen_uint8_t(c, first, n, out);
        return;
    case 2:
        widen_uint16_t(c, first, n, out);
        return;
    case 4:
        widen_uint32_t(c, first, n, out);
        return;
    case 8:
        widen_uint64_t(c, first, n, out);
        return;
    default:
        for (uint32_t i = 0; i < n; i++) {
            out[i] = c->base;
        }
    }
}

static void copy_numbers(struct gather *g, const struct gy_column *c, uint32_t first, uint32_t n,
                         uint32_t to)
{
    if (c->encoding == GY_ENCODING_DOUBLE) {
        memcpy(g->to->numbers + to, (const double *)c->data + first, n * sizeof(double));
        return;
    }
    copy_ints(c, first, n, g->to->ints + to);
    if (c->scale < 0) {
        for (uint32_t i = to; i < to + n; i++) {
            g->to->numbers[i] = gy_scaled((double)g->to->ints[i], c->scale);
        }
        return;
    }
    double power = gy_powers_of_ten[c->scale];
    for (uint32_t i = to; i < to + n; i++) {
        g->to->numbers[i] = (double)g->to->ints[i] / power;
    }
}

/* The code of a string that stands in no dictionary of an input. */
static uint32_t other_code(const struct gather *g, struct gy_str string)
{
    uint32_t number = gy_intern_find(&g->text->others, string);
    GY_ASSERT(number != GY_INTERN_NONE);
    return g->text->other_codes[number];
}

static void put_string(struct gather *g, uint32_t to, struct gy_str string)
{
    if (g->text->is_dictionary) {
        g->to->codes[to] = other_code(g, string);
    } else {
        g->to->strings[to] = string;
    }
}

static void copy_strings(struct gather *g, uint32_t source, uint32_t first, uint32_t n, uint32_t to)
{
    const struct gy_column *c = &g->columns[source];
    if (c->encoding == GY_ENCODING_TEXT) {
        for (uint32_t i = 0; i < n; i++) {
            if (gy_column_is_present(c, first + i)) {
                put_string(g, to + i, gy_column_text(c, first + i));
            }
        }
        return;
    }
    const uint32_t *codes = g->text->codes[g->rows->sources[source].input];
    const struct gy_dictionary *dictionary = &g->dictionaries[source];
    for (uint32_t i = 0; i < n; i++) {
        uint32_t code = (uint32_t)gy_column_raw(c, first + i);
        if (g->text->is_dictionary) {
            g->to->codes[to + i] = codes[code];
        } else {
            g->to->strings[to + i] = gy_dictionary_str(dictionary, code);
        }
    }
}

static void add_list_code(struct gather *g, uint32_t code)
{
    GY_GROW(g->to->list_codes, g->to->list_codes_capacity, g->to->n_list_codes + 1);
    g->to->list_codes[g->to->n_list_codes++] = code;
}

static void copy_lists(struct gather *g, uint32_t source, uint32_t first, uint32_t n, uint32_t to)
{
    const struct gy_column *c = &g->columns[source];
    const uint32_t *codes = g->text->codes[g->rows->sources[source].input];
    for (uint32_t row = first; row < first + n; row++) {
        for (uint32_t i = c->starts[row]; i < c->starts[row + 1]; i++) {
            add_list_code(g, codes[gy_column_raw(c, i)]);
        }
        g->to->list_starts[to + (row - first) + 1] = g->to->n_list_codes;
    }
}

static void add_misfit(struct gather *g, uint32_t row, struct gy_str json)
{
    GY_GROW(g->to->misfit_rows, g->to->misfit_rows_capacity, g->to->n_misfits + 1);
    GY_GROW(g->to->misfits, g->to->misfits_capacity, g->to->n_misfits + 1);
    g->to->misfit_rows[g->to->n_misfits] = row;
    g->to->misfits[g->to->n_misfits++] = json;
}

static void copy_misfits(struct gather *g, const struct gy_column *c, uint32_t first, uint32_t n,
                         uint32_t to)
{
    for (uint32_t i = misfit_from(c, first); i < c->n_misfits && c->misfit_rows[i] < first + n;
         i++) {
        add_misfit(g, to + (c->misfit_rows[i] - first), misfit_text(c, i));
    }
}

static void put_value(struct gather *g, uint32_t to, const struct gy_value *value)
{
    set_present(g, to);
    switch (value->type) {
    case GY_VALUE_NUMBER:
        g->to->numbers[to] = value->number;
        return;
    case GY_VALUE_BOOL:
        g->to->ints[to] = value->boolean;
        return;
    case GY_VALUE_TIME:
        g->to->ints[to] = value->time_ms;
        return;
    case GY_VALUE_STRING:
        put_string(g, to, value->string);
        return;
    case GY_VALUE_LIST:
        for (uint32_t i = 0; i < value->list.n; i++) {
            add_list_code(g, other_code(g, value->list.strings[i]));
        }
        return;
    case GY_VALUE_MISSING:
    case GY_VALUE_CELL:
        return;
    }
}

static void reread_piece(struct gather *g, uint32_t source, uint32_t first, uint32_t n, uint32_t to)
{
    const struct gy_column *c = &g->columns[source];
    for (uint32_t i = 0; i < n; i++) {
        struct gy_value value;
        struct gy_str misfit;
        if (gy_merge_reread(g->job, c, &g->dictionaries[source], first + i, g->type, &g->to->arena,
                            &value, &misfit)) {
            put_value(g, to + i, &value);
        } else if (misfit.ptr != NULL) {
            add_misfit(g, to + i, misfit);
        }
        if (g->type == GY_VALUE_LIST) {
            g->to->list_starts[to + i + 1] = g->to->n_list_codes;
        }
    }
}

static void skip_lists(struct gather *g, uint32_t n, uint32_t to)
{
    for (uint32_t i = 0; i < n && g->type == GY_VALUE_LIST; i++) {
        g->to->list_starts[to + i + 1] = g->to->n_list_codes;
    }
}

static void copy_piece(struct gather *g, uint32_t source, uint32_t first, uint32_t n, uint32_t to)
{
    const struct gy_column *c = &g->columns[source];
    if (c->type != g->type && (c->encoding != GY_ENCODING_NONE || c->n_misfits > 0)) {
        reread_piece(g, source, first, n, to);
        return;
    }
    copy_misfits(g, c, first, n, to);
    if (c->encoding == GY_ENCODING_NONE) {
        skip_lists(g, n, to);
        return;
    }
    copy_presence(g, c, first, n, to);
    switch (g->type) {
    case GY_VALUE_NUMBER:
        copy_numbers(g, c, first, n, to);
        return;
    case GY_VALUE_BOOL:
    case GY_VALUE_TIME:
        copy_ints(c, first, n, g->to->ints + to);
        return;
    case GY_VALUE_STRING:
        copy_strings(g, source, first, n, to);
        return;
    case GY_VALUE_LIST:
        copy_lists(g, source, first, n, to);
        return;
    case GY_VALUE_MISSING:
    case GY_VALUE_CELL:
        return;
    }
}

static enum gy_status open_columns(struct gather *g, uint32_t property, struct gy_error *err)
{
    for (uint32_t i = 0; i < g->rows->n_sources; i++) {
        const struct gy_merge_source *source = &g->rows->sources[i];
        struct gy_column *c = &g->columns[i];
        GY_TRY(gy_part_column(source->part, source->slice, property, c, err));
        if (c->encoding == GY_ENCODING_CODE || c->encoding == GY_ENCODING_LIST) {
            GY_TRY(gy_part_dictionary(source->part, g->rows->stream, property, &g->dictionaries[i],
                                      err));
        }
    }
    return GY_OK;
}

static void gather_pieces(struct gather *g)
{
    memset(g->to->present, 0, (g->rows->n_rows + 63) / 64 * sizeof *g->to->present);
    g->to->n_misfits = 0;
    g->to->n_list_codes = 0;
    g->to->list_starts[0] = 0;
    uint32_t to = 0;
    for (uint32_t i = 0; i < g->rows->n_pieces; i++) {
        const struct gy_merge_piece *piece = &g->rows->pieces[i];
        copy_piece(g, piece->source, piece->first, piece->n, to);
        to += piece->n;
    }
}

static void gather_by_piece(struct gather *g, struct gy_plain_column *out)
{
    bool is_list = g->type == GY_VALUE_LIST;
    bool is_code = is_list || (g->text != NULL && g->text->is_dictionary);
    gather_pieces(g);
    out->present = g->to->present;
    out->numbers = g->to->numbers;
    out->ints = g->to->ints;
    out->codes = is_list ? g->to->list_codes : is_code ? g->to->codes : NULL;
    out->strings = is_code ? NULL : g->to->strings;
    out->list_starts = is_list ? g->to->list_starts : NULL;
    out->n_misfits = g->to->n_misfits;
    out->misfit_rows = g->to->misfit_rows;
    out->misfits = g->to->misfits;
}

static enum gy_status write_column(struct gather *g, uint32_t property,
                                   const struct gy_merge_texts *texts,
                                   struct gy_part_writer *writer, struct gy_error *err)
{
    GY_TRY(gy_merge_type(g->job, g->rows->stream, property, &g->type, err));
    g->text = gy_merge_find_text(texts, g->rows->stream, property);
    GY_TRY(open_columns(g, property, err));
    struct gy_plain_column plain = {.property = property, .type = g->type};
    if (!gy_merge_flat_column(g->to, g->rows, g->text, g->columns, &plain)) {
        gather_by_piece(g, &plain);
    }
    enum gy_status status = gy_part_writer_column(writer, &plain, err);
    gy_arena_reset(&g->to->arena);
    return status;
}

static int compare_u32(const void *left, const void *right)
{
    const uint32_t *a = left;
    const uint32_t *b = right;
    return (*a > *b) - (*a < *b);
}

uint32_t *gy_merge_properties(const struct gy_merge_rows *rows, uint32_t *n)
{
    uint32_t *properties = NULL;
    size_t n_all = 0;
    size_t capacity = 0;
    for (uint32_t s = 0; s < rows->n_sources; s++) {
        const struct gy_merge_source *source = &rows->sources[s];
        uint32_t n_own = gy_part_n_properties(source->part, source->slice);
        GY_GROW(properties, capacity, n_all + n_own);
        for (uint32_t i = 0; i < n_own; i++) {
            properties[n_all++] = gy_part_property(source->part, source->slice, i);
        }
    }
    if (n_all > 0) {
        qsort(properties, n_all, sizeof *properties, compare_u32);
    }
    *n = 0;
    for (size_t i = 0; i < n_all; i++) {
        if (*n == 0 || properties[*n - 1] != properties[i]) {
            properties[(*n)++] = properties[i];
        }
    }
    return properties;
}

enum gy_status gy_merge_write_columns(const struct gy_merge_job *job,
                                      const struct gy_merge_rows *rows,
                                      const struct gy_merge_texts *texts,
                                      struct gy_merge_buffers *buffers,
                                      struct gy_part_writer *writer, struct gy_error *err)
{
    uint32_t n;
    uint32_t *properties = gy_merge_properties(rows, &n);
    struct gather g = {
        .job = job,
        .rows = rows,
        .columns = gy_alloc_zero(rows->n_sources, sizeof *g.columns),
        .dictionaries = gy_alloc_zero(rows->n_sources, sizeof *g.dictionaries),
        .to = buffers,
    };
    enum gy_status status = GY_OK;
    for (uint32_t i = 0; i < n && status == GY_OK; i++) {
        status = write_column(&g, properties[i], texts, writer, err);
    }
    free(g.columns);
    free(g.dictionaries);
    free(properties);
    return status;
}
