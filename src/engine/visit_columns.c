/* visit_columns.c - what visits say, a column at a time. */
#include <stdlib.h>

#include "base/buf.h"
#include "engine/customer_rows.h"
#include "engine/visit_source.h"
#include "engine/visits.h"
#include "engine/visits_internal.h"

/* ---- numbers ---- */

static int64_t number_of(const struct gy_visit *visit, uint32_t property)
{
    return property == GY_VISIT_PAGES     ? visit->n_pages
           : property == GY_VISIT_SECONDS ? visit->last_ms - visit->first_ms
                                          : visit->n_pages == 1;
}

/* Seconds are milliseconds with three decimals. */
static void fill_numbers(const struct gy_visit_slice *rows, uint32_t property,
                         struct gy_column *out)
{
    uint64_t *raws = gy_visit_array(rows->arena, rows->n, sizeof *raws);
    int64_t min = INT64_MAX;
    int64_t max = INT64_MIN;
    for (uint32_t row = 0; row < rows->n; row++) {
        int64_t number = number_of(rows->at[row], property);
        raws[row] = (uint64_t)number;
        min = number < min ? number : min;
        max = number > max ? number : max;
    }
    *out = (struct gy_column){.type = gy_event_property_type(NULL, property),
                              .encoding = GY_ENCODING_INT,
                              .width = sizeof *raws,
                              .scale = property == GY_VISIT_SECONDS ? 3 : 0,
                              .n_rows = rows->n,
                              .data = raws,
                              .min_int = min,
                              .max_int = max};
    out->min_number = gy_scaled((double)min, out->scale);
    out->max_number = gy_scaled((double)max, out->scale);
}

/* ---- texts ---- */

/* Where the texts of pages are. */
struct texts {
    struct gy_reader *reader;
    const struct gy_visit_slice *rows;
    uint32_t properties[GY_N_PAGE_PROPERTIES];
    struct gy_known_sites known;
    struct gy_arena arena; /* of one visit */
};

static struct gy_str text_of(struct texts *t, const struct gy_visit_page *page,
                             enum gy_page_property which)
{
    if (t->properties[which] == GY_ID_NONE) {
        return GY_STR("");
    }
    struct gy_row row = {.view = t->rows->all->views[page->slice], .row = page->row};
    struct gy_value value = gy_row_value(t->reader, &row, t->properties[which], &t->arena);
    return value.type == GY_VALUE_STRING ? value.string : GY_STR("");
}

static struct gy_page page_at(struct texts *t, const struct gy_visit *visit, uint32_t i)
{
    const struct gy_visit_page *page = &t->rows->all->pages[visit->first_page + i];
    return (struct gy_page){.url = text_of(t, page, GY_PAGE_URL),
                            .path = text_of(t, page, GY_PAGE_PATH),
                            .search = text_of(t, page, GY_PAGE_SEARCH),
                            .referrer = text_of(t, page, GY_PAGE_REFERRER)};
}

/* The first thing that was looked for. */
static struct gy_str search_term(struct texts *t, const struct gy_visit *visit)
{
    struct gy_str term = {"", 0};
    for (uint32_t i = 0; i < visit->n_pages && term.len == 0; i++) {
        struct gy_page page = page_at(t, visit, i);
        term = gy_page_search_term(&page, &t->arena);
    }
    return term;
}

static struct gy_str of_source(struct texts *t, const struct gy_page *first, uint32_t property)
{
    struct gy_visit_source source = {0};
    gy_visit_source_of(first, &t->known, &t->arena, &source);
    switch (property) {
    case GY_VISIT_SOURCE:
        return source.source;
    case GY_VISIT_MEDIUM:
        return source.medium;
    case GY_VISIT_CAMPAIGN:
        return source.campaign;
    case GY_VISIT_TERM:
        return source.term;
    case GY_VISIT_CONTENT:
        return source.content;
    default:
        return gy_visit_channel(&source, &t->known, &t->arena);
    }
}

static struct gy_str visit_text(struct texts *t, const struct gy_visit *visit, uint32_t property)
{
    bool is_of_last = property == GY_VISIT_EXIT_PATH;
    if (property == GY_VISIT_SEARCH_TERM) {
        return search_term(t, visit);
    }
    struct gy_page page = page_at(t, visit, is_of_last ? visit->n_pages - 1 : 0);
    switch (property) {
    case GY_VISIT_REFERRER:
        return gy_page_referrer(&page);
    case GY_VISIT_REFERRER_HOST:
        return gy_page_referrer_host(&page, &t->arena);
    case GY_VISIT_LANDING_PATH:
    case GY_VISIT_EXIT_PATH:
        return gy_page_path(&page);
    default:
        return of_source(t, &page, property);
    }
}

static struct gy_page_texts *texts_of(struct gy_slice_view *view, struct gy_arena *arena)
{
    if (view->page_texts == NULL) {
        view->page_texts = GY_NEW(arena, struct gy_page_texts);
        view->page_texts->visit_of_row = GY_NEW_ARRAY(arena, uint32_t, view->slice->n_rows);
    }
    return view->page_texts;
}

/* Makes room where there is none. */
static struct gy_str *room_for(struct gy_page_texts *texts, struct gy_slice_view *view,
                               uint32_t place, uint32_t row, struct gy_arena *arena)
{
    uint32_t *number = &texts->visit_of_row[row];
    if (*number == 0) {
        *number = ++texts->n_visits;
    }
    uint32_t visit = *number - 1;
    if (texts->texts[place] == NULL) {
        texts->texts[place] =
            GY_NEW_ARRAY(arena, struct gy_str *, view->slice->n_rows / GY_PAGE_TEXTS + 1);
    }
    struct gy_str **some = &texts->texts[place][visit / GY_PAGE_TEXTS];
    if (*some == NULL) {
        *some = GY_NEW_ARRAY(arena, struct gy_str, GY_PAGE_TEXTS);
    }
    return &(*some)[visit % GY_PAGE_TEXTS];
}

static struct gy_str *room_of(const struct gy_page_texts *texts, uint32_t place, uint32_t row)
{
    uint32_t visit = texts->visit_of_row[row] - 1;
    bool has_any = texts->visit_of_row[row] != 0 && texts->texts[place] != NULL;
    struct gy_str *some = has_any ? texts->texts[place][visit / GY_PAGE_TEXTS] : NULL;
    return some == NULL ? NULL : &some[visit % GY_PAGE_TEXTS];
}

/* Where the text is remembered by the first page; NULL: it is not. Room is made for whole blocks only. */
static struct gy_str *memory_of(struct texts *t, const struct gy_visit *visit, uint32_t property)
{
    struct gy_arena *arena = &t->reader->arena;
    const struct gy_visits *all = t->rows->all;
    const struct gy_visit_page *first = &all->pages[visit->first_page];
    struct gy_slice_view *view = all->views[first->slice];
    uint32_t place = property - GY_VISIT_PAGES;
    if (property > GY_VISIT_CHANNEL && property != GY_VISIT_REFERRER_HOST) {
        return NULL; /* it lies there, or is of other pages */
    }
    if (all->is_of_block) {
        return room_for(texts_of(view, arena), view, place, first->row, arena);
    }
    return view->page_texts == NULL ? NULL : room_of(view->page_texts, place, first->row);
}

static struct gy_str remembered_text(struct texts *t, const struct gy_visit *visit,
                                     uint32_t property)
{
    struct gy_str *memory = memory_of(t, visit, property);
    if (memory != NULL && memory->ptr != NULL) {
        return *memory;
    }
    struct gy_str text = visit_text(t, visit, property);
    if (memory != NULL) {
        *memory = gy_arena_str(&t->reader->arena, text);
    }
    return text;
}

static void fill_texts(struct gy_reader *reader, const struct gy_visit_slice *rows,
                       uint32_t property, struct gy_column *out)
{
    const struct gy_schema *schema = gy_snapshot_schema(reader->snapshot);
    struct texts t = {.reader = reader, .rows = rows};
    struct gy_buf bytes = {0};
    uint32_t *starts = gy_visit_array(rows->arena, (size_t)rows->n + 1, sizeof *starts);
    uint64_t *present = gy_visit_array(rows->arena, (size_t)rows->n / 64 + 1, sizeof *present);
    memset(present, 0, ((size_t)rows->n / 64 + 1) * sizeof *present);
    for (int which = 0; which < GY_N_PAGE_PROPERTIES; which++) {
        t.properties[which] = gy_page_property(schema, (enum gy_page_property)which);
    }
    for (uint32_t row = 0; row < rows->n; row++) {
        struct gy_str text = remembered_text(&t, rows->at[row], property);
        if (bytes.len + text.len > UINT32_MAX) {
            gy_reader_fail(reader, GY_LIMIT, "the texts of the visits of a block take too much");
            text.len = 0;
        }
        starts[row] = (uint32_t)bytes.len;
        present[row / 64] |= (uint64_t)(text.len > 0) << row % 64;
        gy_buf_str(&bytes, text);
        gy_arena_reset(&t.arena);
    }
    starts[rows->n] = (uint32_t)bytes.len;
    char *kept = gy_visit_array(rows->arena, bytes.len, 1);
    if (bytes.len > 0) {
        memcpy(kept, bytes.ptr, bytes.len);
    }
    *out = (struct gy_column){.type = GY_VALUE_STRING,
                              .encoding = GY_ENCODING_TEXT,
                              .n_rows = rows->n,
                              .present = present,
                              .starts = starts,
                              .bytes = kept};
    gy_buf_release(&bytes);
    gy_known_sites_release(&t.known);
    gy_arena_release(&t.arena);
}

/* ---- all ---- */

const struct gy_view_column *gy_visit_column(struct gy_reader *reader, struct gy_slice_view *view,
                                             uint32_t property)
{
    struct gy_visit_slice *rows = view->visits;
    uint32_t place = property - GY_VISIT_PAGES;
    GY_ASSERT(place < GY_N_VISIT_PROPERTIES);
    if (rows->columns[place] != NULL) {
        return rows->columns[place];
    }
    struct gy_view_column *out = GY_NEW(rows->arena, struct gy_view_column);
    out->property = property;
    if (gy_event_property_type(NULL, property) == GY_VALUE_STRING) {
        fill_texts(reader, rows, property, &out->column);
    } else {
        fill_numbers(rows, property, &out->column);
    }
    rows->columns[place] = out;
    return out;
}
