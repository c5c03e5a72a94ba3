/* columns.c - see columns.h. */
#include "workspace/columns.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "lang/print.h"
#include "workspace/masking.h"

/* ---- splitting ---- */

/* The bytes of the quoted token at the front of `s`. */
static size_t skip_quoted(struct gy_str s)
{
    size_t i = 1;
    while (i < s.len && s.ptr[i] != s.ptr[0]) {
        i += s.ptr[i] == '\\' && i + 1 < s.len ? 2 : 1;
    }
    return i < s.len ? i + 1 : s.len;
}

/* Takes the next column off `rest`: up to a comma outside quotes and parentheses. */
static struct gy_str next_column(struct gy_str *rest)
{
    size_t depth = 0;
    size_t i = 0;
    while (i < rest->len && (rest->ptr[i] != ',' || depth > 0)) {
        char c = rest->ptr[i];
        if (c == '"' || c == '\'') {
            i += skip_quoted((struct gy_str){rest->ptr + i, rest->len - i});
            continue;
        }
        depth += c == '(' ? 1 : 0;
        depth -= c == ')' && depth > 0 ? 1 : 0;
        i++;
    }
    struct gy_str column = {rest->ptr, i};
    size_t taken = i < rest->len ? i + 1 : i;
    *rest = (struct gy_str){rest->ptr + taken, rest->len - taken};
    while (column.len > 0 && column.ptr[0] == ' ') {
        column = (struct gy_str){column.ptr + 1, column.len - 1};
    }
    return column;
}

/* ---- reading ---- */

static enum gy_status read_column(struct gy_ask *ask, struct gy_str text, bool allow_unknown,
                                  struct gy_columns *out, struct gy_error *err)
{
    struct gy_check_options options = {.allow_unknown = allow_unknown};
    if (out->n == GY_MAX_COLUMNS) {
        return gy_error_set(err, GY_LIMIT, "there are more than %d columns", GY_MAX_COLUMNS);
    }
    struct gy_definition *definition = &out->definitions[out->n++];
    enum gy_status status =
        gy_ask_define_value(ask->asker, text, &ask->vocabulary, &options, definition, err);
    if (status != GY_OK) {
        gy_error_context(err, "column %zu", out->n);
        return status;
    }
    struct gy_buf name = {0};
    gy_print_term(definition->term, &name);
    out->names[out->n - 1] = gy_arena_str(&out->arena, gy_buf_view(&name));
    gy_buf_release(&name);
    return GY_OK;
}

enum gy_status gy_columns_read(struct gy_ask *ask, const char *list, bool allow_unknown,
                               struct gy_columns *out, struct gy_error *err)
{
    *out = (struct gy_columns){0};
    if (list == NULL) {
        return GY_OK;
    }
    struct gy_str rest = gy_str_of(list);
    out->definitions = gy_alloc_zero(GY_MAX_COLUMNS, sizeof *out->definitions);
    out->names = gy_alloc_zero(GY_MAX_COLUMNS, sizeof *out->names);
    do {
        bool ends_with_comma;
        struct gy_str before = rest;
        struct gy_str column = next_column(&rest);
        ends_with_comma = rest.len == 0 && before.len > 0 && before.ptr[before.len - 1] == ',';
        GY_TRY(read_column(ask, column, allow_unknown, out, err));
        if (ends_with_comma) {
            return gy_error_set(err, GY_INVALID, "the list of columns ends with a comma");
        }
    } while (rest.len > 0);
    return GY_OK;
}

void gy_columns_release(struct gy_columns *columns)
{
    for (size_t i = 0; i < columns->n; i++) {
        gy_definition_release(&columns->definitions[i]);
    }
    free(columns->definitions);
    free(columns->names);
    gy_arena_release(&columns->arena);
    *columns = (struct gy_columns){0};
}

enum gy_status gy_columns_values(struct gy_ask *ask, const struct gy_columns *columns,
                                 const roaring_bitmap_t *audience, struct gy_value_table *out,
                                 struct gy_error *err)
{
    const struct gy_term *terms[GY_MAX_COLUMNS];
    for (size_t i = 0; i < columns->n; i++) {
        terms[i] = columns->definitions[i].term;
    }
    GY_TRY(gy_values(ask->snapshot, terms, (uint32_t)columns->n, audience, ask->now_ms, &ask->run,
                     out, err));
    for (uint32_t i = 0; i < out->n_columns; i++) {
        if (gy_masks_term(ask, terms[i])) {
            gy_mask_column(out, i);
        }
    }
    return GY_OK;
}

/* ---- printing ---- */

void gy_put_value(struct gy_buf *out, const struct gy_value_column *column, uint32_t row)
{
    char text[64]; /* the longest is GY_TIME_TEXT */
    if (!gy_value_is_known(column, row)) {
        return;
    }
    switch (column->type) {
    case GY_TYPE_ANY:
        return;
    case GY_TYPE_NUMBER:
        gy_buf_append(out, text, gy_number_print(column->numbers[row], text));
        return;
    case GY_TYPE_BOOL:
        gy_buf_text(out, column->numbers[row] != 0 ? "true" : "false");
        return;
    case GY_TYPE_TIME:
        gy_buf_append(out, text, gy_time_print(column->times_ms[row], text));
        return;
    case GY_TYPE_STRING:
    case GY_TYPE_LIST:
        gy_buf_str(out, column->texts[row]);
        return;
    }
}
