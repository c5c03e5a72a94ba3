/* visits.c - from pages to rows: who visited when, and which pages. */
#include "engine/visits.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/derived.h"
#include "engine/visits_internal.h"

/* ---- memory: as parts hand out their columns ---- */

enum {
    ALIGN = 64
};

void *gy_visit_array(struct gy_arena *arena, size_t n, size_t size)
{
    char *bytes = gy_arena_alloc(arena, n * size + 2 * ALIGN);
    return bytes + (ALIGN - (uintptr_t)bytes % ALIGN) % ALIGN;
}

/* ---- from pages to visits ---- */

/* What is made of one list of slices of pages. */
struct making {
    struct gy_visits *out;
    struct gy_rows pages;    /* of the customer at hand */
    struct gy_visit *visits; /* malloc'ed, while they become more */
    size_t n_visits;
    size_t visits_capacity;
    size_t places_capacity;
    size_t *n_of_slice; /* visits that begin in a slice, by its place */
};

static uint32_t place_of(const struct gy_visits *visits, const struct gy_slice_view *view)
{
    uint32_t place = 0;
    while (visits->views[place] != view) {
        place++;
    }
    return place;
}

/* `pages` are a customer's, in order. */
static void add_customer(struct making *m, uint16_t customer)
{
    struct gy_visits *out = m->out;
    const struct gy_rows *pages = &m->pages;
    GY_GROW(out->pages, m->places_capacity, out->n_pages + pages->n);
    GY_GROW(m->visits, m->visits_capacity, m->n_visits + pages->n);
    for (size_t i = 0; i < pages->n; i++) {
        const struct gy_row *page = &pages->rows[i];
        bool is_new = i == 0 || page->time_ms - pages->rows[i - 1].time_ms > GY_VISIT_SILENCE_MS;
        uint32_t slice = i > 0 && page->view == pages->rows[i - 1].view
                             ? out->pages[out->n_pages - 1].slice
                             : place_of(out, page->view);
        if (is_new) {
            m->visits[m->n_visits++] = (struct gy_visit){.first_page = (uint32_t)out->n_pages,
                                                         .first_ms = page->time_ms,
                                                         .rank = page->rank,
                                                         .slice = slice,
                                                         .customer = customer};
            m->n_of_slice[slice]++;
        }
        struct gy_visit *visit = &m->visits[m->n_visits - 1];
        visit->n_pages++;
        visit->last_ms = page->time_ms;
        out->pages[out->n_pages++] = (struct gy_visit_page){slice, page->row};
    }
}

/* Rows [first, end) of a slice up to the instant. */
static void gather(struct making *m, struct gy_reader *reader, struct gy_slice_view *view,
                   uint32_t first, uint32_t end)
{
    GY_GROW(m->pages.rows, m->pages.capacity, m->pages.n + (end - first));
    for (uint32_t row = first; row < end && gy_slice_view_time(view, row) <= m->out->now_ms;
         row++) {
        m->pages.rows[m->pages.n++] = gy_row_at(reader, view, row);
    }
}

/* ---- rows as slices ---- */

static void fill_runs(struct gy_arena *arena, struct gy_slice_view *view)
{
    const struct gy_visit_slice *rows = view->visits;
    uint16_t *customers = gy_visit_array(arena, rows->n, sizeof *customers);
    uint32_t *starts = gy_visit_array(arena, (size_t)rows->n + 1, sizeof *starts);
    uint32_t n = 0;
    for (uint32_t row = 0; row < rows->n; row++) {
        uint16_t customer = rows->at[row]->customer;
        if (n == 0 || customers[n - 1] != customer) {
            customers[n] = customer;
            starts[n++] = row;
        }
    }
    starts[n] = rows->n;
    view->runs = (struct gy_runs){n, n == GY_BLOCK_SIZE ? NULL : customers, starts};
}

static void fill_millis(struct gy_arena *arena, const struct gy_visit_slice *rows,
                        const uint32_t *millis, struct gy_times *out)
{
    bool is_of_days = false;
    bool has_any = false;
    for (uint32_t row = 0; row < rows->n; row++) {
        has_any |= millis[row] > 0;
        is_of_days |= out->codes[row] < GY_CODE_1970;
    }
    if (is_of_days) {
        out->day_millis = millis;
    } else if (has_any) {
        uint16_t *narrow = gy_visit_array(arena, rows->n, sizeof *narrow);
        for (uint32_t row = 0; row < rows->n; row++) {
            narrow[row] = (uint16_t)millis[row];
        }
        out->millis = narrow;
    }
}

static void fill_times(struct gy_arena *arena, struct gy_slice_view *view, struct gy_slice *slice)
{
    const struct gy_visit_slice *rows = view->visits;
    uint32_t *codes = gy_visit_array(arena, rows->n, sizeof *codes);
    uint32_t *millis = gy_visit_array(arena, rows->n, sizeof *millis);
    slice->min_code = UINT32_MAX;
    for (uint32_t row = 0; row < rows->n; row++) {
        codes[row] = gy_code_of(rows->at[row]->first_ms, &millis[row]);
        slice->min_code = codes[row] < slice->min_code ? codes[row] : slice->min_code;
        slice->max_code = codes[row] > slice->max_code ? codes[row] : slice->max_code;
    }
    view->times.codes = codes;
    fill_millis(arena, rows, millis, &view->times);
}

static void fill_ranks(struct gy_arena *arena, struct gy_slice_view *view)
{
    const struct gy_visit_slice *rows = view->visits;
    uint32_t *ranks = gy_visit_array(arena, rows->n, sizeof *ranks);
    for (uint32_t row = 0; row < rows->n; row++) {
        ranks[row] = rows->at[row]->rank;
    }
    view->has_ranks = true;
    view->ranks = (struct gy_column){.type = GY_VALUE_NUMBER,
                                     .encoding = GY_ENCODING_INT,
                                     .width = sizeof *ranks,
                                     .n_rows = rows->n,
                                     .data = ranks,
                                     .max_int = UINT32_MAX};
}

/* The visits that begin in a slice of pages, as a slice. */
static void open_slice(struct gy_visits *visits, uint32_t place, struct gy_visit_slice *rows,
                       struct gy_slice *slice, struct gy_slice_view *view)
{
    const struct gy_slice_view *pages = visits->views[place];
    *slice = (struct gy_slice){
        .block_no = pages->slice->block_no, .stream = visits->stream, .n_rows = rows->n};
    *view = (struct gy_slice_view){.slice = slice, .sequence = pages->sequence, .visits = rows};
    fill_runs(&visits->arena, view);
    fill_times(&visits->arena, view, slice);
    fill_ranks(&visits->arena, view);
    slice->n_customers = view->runs.n;
}

static struct gy_visit_slice *part_visits(struct making *m)
{
    struct gy_visits *out = m->out;
    struct gy_visit_slice *rows =
        GY_NEW_ARRAY(&out->arena, struct gy_visit_slice, (size_t)out->n_views + 1);
    for (uint32_t place = 0; place < out->n_views; place++) {
        rows[place].all = out;
        rows[place].arena = &out->arena;
        rows[place].at =
            gy_arena_alloc(&out->arena, (m->n_of_slice[place] + 1) * sizeof *rows[place].at);
    }
    for (size_t i = 0; i < out->n_visits; i++) {
        struct gy_visit_slice *of = &rows[out->visits[i].slice];
        of->at[of->n++] = &out->visits[i];
    }
    return rows;
}

/* `views` is for the views: those of a block stay when its rows are forgotten, since caches of kernels know slices by
 * their places. */
static void lay_out(struct making *m, struct gy_arena *views)
{
    struct gy_visits *out = m->out;
    struct gy_slice *slices = GY_NEW_ARRAY(views, struct gy_slice, (size_t)out->n_views + 1);
    out->stream_view.slices = GY_NEW_ARRAY(views, struct gy_slice_view, (size_t)out->n_views + 1);
    out->visits = m->visits;
    out->n_visits = m->n_visits;
    struct gy_visit_slice *rows = part_visits(m);
    for (uint32_t place = 0; place < out->n_views; place++) {
        uint32_t n = out->stream_view.n_slices;
        if (rows[place].n > 0) {
            open_slice(out, place, &rows[place], &slices[n], &out->stream_view.slices[n]);
            out->stream_view.n_slices++;
        }
    }
    gy_rows_release(&m->pages);
}

/* ---- what was made is kept ---- */

static struct gy_visits *begin(struct gy_reader *reader, uint32_t stream, struct making *m)
{
    int64_t now_ms = reader->derived->instants_ms[stream - GY_EVENT_VISIT - 1];
    struct gy_visits *out = gy_alloc_zero(1, sizeof *out);
    out->stream = stream;
    out->now_ms = now_ms < reader->known_until_ms ? now_ms : reader->known_until_ms;
    *m = (struct making){.out = out};
    return out;
}

static void free_visits(struct gy_visits *visits)
{
    free(visits->pages);
    free(visits->visits);
    gy_arena_release(&visits->arena);
    free(visits);
}

static void free_list(struct gy_visits **list)
{
    while (*list != NULL) {
        struct gy_visits *next = (*list)->next;
        free_visits(*list);
        *list = next;
    }
}

void gy_visits_forget(struct gy_reader *reader)
{
    free_list(&reader->block_visits);
    free_list(&reader->subject_visits);
}

static struct gy_visits *find(struct gy_visits *list, const struct gy_reader *reader,
                              uint32_t whose, uint32_t stream)
{
    int64_t now_ms = reader->derived->instants_ms[stream - GY_EVENT_VISIT - 1];
    now_ms = now_ms < reader->known_until_ms ? now_ms : reader->known_until_ms;
    while (list != NULL &&
           (list->whose != whose || list->stream != stream || list->now_ms != now_ms)) {
        list = list->next;
    }
    return list;
}

static const struct gy_stream_view no_visits;

static bool is_of_plan(const struct gy_reader *reader, uint32_t stream)
{
    return reader->derived != NULL && stream > GY_EVENT_VISIT &&
           stream - GY_EVENT_VISIT <= reader->derived->n;
}

/* ---- a block ---- */

static uint32_t next_customer(const struct gy_stream_view *pages, const uint32_t *runs)
{
    uint32_t least = GY_BLOCK_SIZE;
    for (uint32_t s = 0; s < pages->n_slices; s++) {
        const struct gy_runs *all = &pages->slices[s].runs;
        uint32_t customer = runs[s] < all->n ? gy_runs_customer(all, runs[s]) : least;
        least = customer < least ? customer : least;
    }
    return least;
}

static void add_block(struct making *m, struct gy_reader *reader,
                      const struct gy_stream_view *pages)
{
    uint32_t *runs = gy_alloc_zero((size_t)pages->n_slices + 1, sizeof *runs);
    uint32_t customer;
    while ((customer = next_customer(pages, runs)) < GY_BLOCK_SIZE) {
        uint32_t n_slices = 0;
        m->pages.n = 0;
        for (uint32_t s = 0; s < pages->n_slices; s++) {
            struct gy_slice_view *view = &pages->slices[s];
            if (runs[s] == view->runs.n || gy_runs_customer(&view->runs, runs[s]) != customer) {
                continue;
            }
            gather(m, reader, view, gy_runs_start(&view->runs, runs[s]),
                   gy_runs_start(&view->runs, runs[s] + 1));
            runs[s]++;
            n_slices++;
        }
        if (n_slices > 1) {
            gy_rows_sort(&m->pages);
        }
        add_customer(m, (uint16_t)customer);
    }
    free(runs);
}

const struct gy_stream_view *gy_visits_of_block(struct gy_reader *reader, uint32_t block_no,
                                                uint32_t stream)
{
    struct making m;
    if (!is_of_plan(reader, stream)) {
        return &no_visits;
    }
    struct gy_visits *visits = find(reader->block_visits, reader, block_no, stream);
    if (visits != NULL) {
        return &visits->stream_view;
    }
    const struct gy_stream_view *pages =
        gy_reader_stream(reader, block_no, gy_page_stream(gy_snapshot_schema(reader->snapshot)));
    visits = begin(reader, stream, &m);
    visits->is_of_block = true;
    visits->whose = block_no;
    visits->n_views = pages->n_slices;
    visits->views =
        GY_NEW_ARRAY(&visits->arena, struct gy_slice_view *, (size_t)pages->n_slices + 1);
    for (uint32_t s = 0; s < pages->n_slices; s++) {
        visits->views[s] = &pages->slices[s];
    }
    m.n_of_slice = GY_NEW_ARRAY(&visits->arena, size_t, (size_t)pages->n_slices + 1);
    add_block(&m, reader, pages);
    lay_out(&m, &reader->arena);
    visits->next = reader->block_visits;
    reader->block_visits = visits;
    return &visits->stream_view;
}

/* ---- one customer ---- */

/* Its pages, in order, and the slices that they lie in. */
static void gather_subject(struct making *m, struct gy_reader *reader,
                           const struct gy_subject *subject)
{
    struct gy_visits *out = m->out;
    struct gy_range until = {INT64_MIN, out->now_ms == INT64_MAX ? INT64_MAX : out->now_ms + 1};
    gy_rows_gather(&m->pages, reader, subject, gy_page_stream(gy_snapshot_schema(reader->snapshot)),
                   until);
    gy_rows_sort(&m->pages);
    out->views = GY_NEW_ARRAY(&out->arena, struct gy_slice_view *, m->pages.n + 1);
    for (size_t i = 0; i < m->pages.n; i++) {
        uint32_t place = 0;
        while (place < out->n_views && out->views[place] != m->pages.rows[i].view) {
            place++;
        }
        out->views[place] = m->pages.rows[i].view;
        out->n_views += place == out->n_views;
    }
    m->n_of_slice = GY_NEW_ARRAY(&out->arena, size_t, (size_t)out->n_views + 1);
}

const struct gy_stream_view *gy_visits_of_subject(struct gy_reader *reader,
                                                  const struct gy_subject *subject, uint32_t stream)
{
    struct making m;
    if (!is_of_plan(reader, stream)) {
        return &no_visits;
    }
    if (reader->subject_visits != NULL && reader->subject_visits->whose != subject->root) {
        free_list(&reader->subject_visits);
    }
    struct gy_visits *visits = find(reader->subject_visits, reader, subject->root, stream);
    if (visits != NULL) {
        return &visits->stream_view;
    }
    visits = begin(reader, stream, &m);
    visits->whose = subject->root;
    gather_subject(&m, reader, subject);
    add_customer(&m, (uint16_t)(subject->root % GY_BLOCK_SIZE));
    lay_out(&m, &visits->arena);
    visits->next = reader->subject_visits;
    reader->subject_visits = visits;
    return &visits->stream_view;
}
