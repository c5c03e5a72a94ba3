/* row.c - places are counted only when somebody asks: rows with errors are few. */
#include "ingest/row.h"

#include <string.h>

void gy_row_place(const struct gy_row *row, uint32_t cell, uint32_t *line, uint32_t *column)
{
    *line = row->line;
    *column = cell + 1;
    if (row->is_sheet || cell >= row->n_cells) {
        return;
    }
    *column = 1;
    size_t end = row->cells[cell].offset;
    for (size_t i = 0; i < end && i < row->raw.len; i++) {
        if (row->raw.ptr[i] == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)row->raw.ptr[i] & 0xc0) != 0x80) {
            ++*column;
        }
    }
}

static void write_quoted(struct gy_str text, struct gy_buf *out)
{
    bool needs_quotes = false;
    for (size_t i = 0; i < text.len; i++) {
        needs_quotes |= memchr(",\"\r\n", text.ptr[i], 4) != NULL;
    }
    if (!needs_quotes) {
        gy_buf_str(out, text);
        return;
    }
    gy_buf_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"') {
            gy_buf_char(out, '"');
        }
        gy_buf_char(out, text.ptr[i]);
    }
    gy_buf_char(out, '"');
}

void gy_row_write(const struct gy_row *row, struct gy_buf *out)
{
    if (!row->is_sheet) {
        gy_buf_str(out, row->raw);
    }
    for (uint32_t i = 0; row->is_sheet && i < row->n_cells; i++) {
        if (i > 0) {
            gy_buf_char(out, ',');
        }
        write_quoted(row->cells[i].text, out);
    }
    gy_buf_char(out, '\n');
}
