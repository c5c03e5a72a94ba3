/* member_rows.c - see member_rows.h. */
#include "workspace/member_rows.h"

#include <string.h>

/* RFC 4180: quoted where a comma, a quote or a line end is in it. */
static void put_csv_cell(struct gy_buf *out, struct gy_str s)
{
    bool is_plain = true;
    for (size_t i = 0; i < s.len && is_plain; i++) {
        is_plain = strchr(",\"\r\n", s.ptr[i]) == NULL || s.ptr[i] == '\0';
    }
    if (is_plain) {
        gy_buf_str(out, s);
        return;
    }
    gy_buf_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        gy_buf_text(out, s.ptr[i] == '"' ? "\"" : "");
        gy_buf_char(out, s.ptr[i]);
    }
    gy_buf_char(out, '"');
}

void gy_members_csv_head(const struct gy_export *x, struct gy_buf *out)
{
    gy_buf_text(out, "id");
    for (size_t c = 0; c < x->columns->n; c++) {
        gy_buf_char(out, ',');
        put_csv_cell(out, x->columns->names[c]);
    }
    gy_buf_char(out, '\n');
}

void gy_members_csv_row(const struct gy_export *x, size_t i, struct gy_buf *out)
{
    struct gy_buf cell = {0};
    put_csv_cell(out, x->members[i].id);
    for (size_t c = 0; c < x->columns->n; c++) {
        gy_buf_reset(&cell);
        gy_put_value(&cell, &x->values->columns[c], x->members[i].row);
        gy_buf_char(out, ',');
        put_csv_cell(out, gy_buf_view(&cell));
    }
    gy_buf_char(out, '\n');
    gy_buf_release(&cell);
}

static void put_json_value(struct gy_json_writer *w, const struct gy_value_column *column,
                           uint32_t row)
{
    struct gy_buf text = {0};
    if (!gy_value_is_known(column, row) || column->type == GY_TYPE_ANY) {
        gy_json_null(w);
        return;
    }
    gy_put_value(&text, column, row);
    if (column->type == GY_TYPE_STRING || column->type == GY_TYPE_TIME) {
        gy_json_str(w, gy_buf_view(&text));
    } else {
        gy_json_raw(w, gy_buf_view(&text));
    }
    gy_buf_release(&text);
}

void gy_members_json_row(const struct gy_export *x, size_t i, struct gy_json_writer *w)
{
    gy_json_open(w, '{');
    gy_json_key(w, "id");
    gy_json_str(w, x->members[i].id);
    for (size_t c = 0; c < x->columns->n; c++) {
        gy_json_key_str(w, x->columns->names[c]);
        put_json_value(w, &x->values->columns[c], x->members[i].row);
    }
    gy_json_close(w, '}');
}
