/* dead_letters.c - see dead_letters.h. */
#include "store/dead_letters.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/catalog.h"

static void take_letter(struct gy_letter_page *page, sqlite3_stmt *row)
{
    page->letters = gy_realloc(page->letters, page->n + 1, sizeof *page->letters);
    page->letters[page->n++] =
        (struct gy_stored_letter){.id = sqlite3_column_int64(row, 0),
                                  .at_ms = sqlite3_column_int64(row, 1),
                                  .write_key = gy_arena_str(&page->arena, gy_catalog_str(row, 2)),
                                  .reason = gy_arena_str(&page->arena, gy_catalog_str(row, 3)),
                                  .call = gy_arena_str(&page->arena, gy_catalog_str(row, 4))};
}

/* Before version 3 there are none yet. */
static enum gy_status read_page(struct gy_catalog *c, int64_t before, size_t n_max,
                                struct gy_letter_page *out, struct gy_error *err)
{
    sqlite3_stmt *row;
    int64_t version;
    bool has_row = true;
    GY_TRY(gy_catalog_version(c, &version, err));
    if (version < 3)
        return GY_OK;
    enum gy_status status =
        gy_catalog_select(c, &row, err,
                          "SELECT id, at_ms, write_key, reason, call FROM dead_letter"
                          " WHERE id < ? ORDER BY id DESC LIMIT ?",
                          "ii", before, (int64_t)n_max);
    while (status == GY_OK) {
        status = gy_catalog_next(c, row, &has_row, err);
        if (status != GY_OK || !has_row)
            break;
        take_letter(out, row);
    }
    sqlite3_finalize(row);
    return status;
}

enum gy_status gy_dead_letters_read(const char *dir, int64_t before, size_t n_max,
                                    struct gy_letter_page *out, struct gy_error *err)
{
    struct gy_catalog c;
    *out = (struct gy_letter_page){0};
    GY_TRY(gy_catalog_open(&c, dir, err));
    enum gy_status status = read_page(&c, before, n_max, out, err);
    gy_catalog_close(&c);
    if (status != GY_OK)
        gy_letter_page_release(out);
    return status;
}

void gy_letter_page_release(struct gy_letter_page *page)
{
    free(page->letters);
    gy_arena_release(&page->arena);
    *page = (struct gy_letter_page){0};
}
