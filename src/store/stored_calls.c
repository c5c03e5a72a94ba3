/* stored_calls.c - calls that are stored, found again by a property: to compare them with what a later
 * file says, and to replace them.
 *
 * An event's items stand in the item streams at the same customer and millisecond, with ranks between its own and
 * that of the next event of its stream.
 */
#include <stdlib.h>
#include <strings.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/number.h"
#include "store/call_content.h"
#include "store/writer_internal.h"

static void add_item(struct gy_content *c, struct gy_str property, uint64_t place, uint64_t fields)
{
    gy_buf_append(&c->text, &place, sizeof place);
    gy_buf_append(&c->text, &fields, sizeof fields);
    c->sum += gy_content_field(c, 'i', property);
}

static void add_event(struct gy_content *c, struct gy_str event, uint32_t root, int64_t time_ms)
{
    gy_buf_append(&c->text, &root, sizeof root);
    gy_buf_append(&c->text, &time_ms, sizeof time_ms);
    c->sum += gy_content_field(c, 'e', event);
}

/* ---- the content of a call ---- */

static bool has_name(const struct gy_field *fields, uint32_t n, struct gy_str name)
{
    for (uint32_t i = 0; i < n; i++) {
        if (gy_str_equal(fields[i].name, name))
            return true;
    }
    return false;
}

/* Of a name that comes twice the last value counts. */
static uint64_t hash_fields(struct gy_content *c, const struct gy_writer *w, uint32_t stream,
                            const struct gy_field *fields, uint32_t n)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!has_name(fields + i + 1, n - i - 1, fields[i].name))
            sum += gy_content_given(c, &w->live, stream, &fields[i]);
    }
    return sum;
}

static uint64_t hash_item(struct gy_content *c, const struct gy_writer *w, uint32_t stream,
                          const struct gy_call *call, const struct gy_item *item)
{
    uint64_t sum = hash_fields(c, w, stream, item->fields, item->n_fields);
    for (uint32_t i = 0; i < call->n_fields; i++) {
        struct gy_str name = call->fields[i].name;
        if (!has_name(item->fields, item->n_fields, name) &&
            !has_name(call->fields + i + 1, call->n_fields - i - 1, name))
            sum += gy_content_given(c, &w->live, stream, &call->fields[i]);
    }
    return sum;
}

static uint32_t find_items(const struct gy_writer *w, struct gy_str event, struct gy_str property)
{
    struct gy_buf name = {0};
    gy_buf_str(&name, event);
    gy_buf_char(&name, '/');
    gy_buf_str(&name, property);
    uint32_t stream = gy_schema_find_event(&w->live.schema, gy_buf_view(&name));
    gy_buf_release(&name);
    return stream;
}

/* An id that is not there yet belongs to no stored call. */
static uint32_t root_of_call(const struct gy_writer *w, const struct gy_call *call)
{
    bool has_user = call->user_id.len > 0;
    uint32_t ordinal =
        gy_ids_find(&w->live.ids, has_user, has_user ? call->user_id : call->anonymous_id);
    return ordinal == GY_ID_NONE ? ordinal : gy_links_root(&w->live.links, ordinal);
}

uint64_t gy_writer_call_content(const struct gy_writer *w, const struct gy_call *call)
{
    struct gy_content c = {0};
    uint32_t stream = gy_schema_find_event(&w->live.schema, call->event);
    add_event(&c, call->event, root_of_call(w, call), call->time_ms);
    c.sum += hash_fields(&c, w, stream, call->fields, call->n_fields);
    for (uint32_t l = 0; l < call->n_lists; l++) {
        const struct gy_item_list *list = &call->lists[l];
        uint32_t items = find_items(w, call->event, list->property);
        for (uint32_t i = 0; i < list->n_items; i++)
            add_item(&c, list->property, i, hash_item(&c, w, items, call, &list->items[i]));
    }
    gy_buf_release(&c.text);
    return c.sum;
}

/* ---- an event's items ---- */

/* An event's row, and where its items have to be. */
struct event_row {
    struct gy_row_at at;
    uint32_t ordinal;
    uint32_t code;
    uint32_t millis;
    uint32_t rank;
    uint64_t next_rank; /* of the next event of its stream at that instant */
};

static enum gy_status rank_at(const struct gy_row_at *at, uint32_t *rank, struct gy_error *err)
{
    struct gy_column ranks;
    GY_TRY(gy_part_ranks(at->part, at->slice, &ranks, err));
    *rank = ranks.encoding == GY_ENCODING_NONE ? 0 : (uint32_t)gy_column_int(&ranks, at->row);
    return GY_OK;
}

/* The run that a row lies in. */
static uint32_t run_of(const struct gy_runs *runs, uint32_t row)
{
    uint32_t low = 0;
    uint32_t high = runs->n;
    if (runs->starts == NULL)
        return row;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (runs->starts[middle] <= row) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static enum gy_status look_at_event(const struct gy_row_at *at, struct event_row *out,
                                    struct gy_error *err)
{
    struct gy_runs runs;
    struct gy_times times;
    GY_TRY(gy_part_runs(at->part, at->slice, &runs, err));
    GY_TRY(gy_part_times(at->part, at->slice, &times, err));
    uint32_t run = run_of(&runs, at->row);
    uint32_t end = gy_runs_start(&runs, run + 1);
    uint32_t customer = runs.customers == NULL ? run : runs.customers[run];
    *out = (struct event_row){.at = *at,
                              .ordinal = at->slice->block_no * GY_BLOCK_SIZE + customer,
                              .code = times.codes[at->row],
                              .millis = gy_times_millis(&times, at->row),
                              .next_rank = UINT64_MAX};
    GY_TRY(rank_at(at, &out->rank, err));
    struct gy_row_at next = *at;
    next.row++;
    if (next.row < end && times.codes[next.row] == out->code &&
        gy_times_millis(&times, next.row) == out->millis) {
        uint32_t rank;
        GY_TRY(rank_at(&next, &rank, err));
        out->next_rank = rank;
    }
    return GY_OK;
}

/* The first of the rows [first, end) that is not before the event's instant with that rank. */
static uint32_t first_from(const struct event_row *event, uint64_t rank,
                           const struct gy_times *times, const struct gy_column *ranks,
                           uint32_t first, uint32_t end)
{
    while (first < end) {
        uint32_t row = first + (end - first) / 2;
        uint32_t millis = gy_times_millis(times, row);
        bool is_before = times->codes[row] != event->code ? times->codes[row] < event->code
                         : millis != event->millis        ? millis < event->millis
                                                   : (uint64_t)gy_column_int(ranks, row) < rank;
        if (is_before) {
            first = row + 1;
        } else {
            end = row;
        }
    }
    return first;
}

/* The rows [*first, *end) of a slice of items that belong to the event. */
static enum gy_status find_item_rows(const struct event_row *event, const struct gy_slice *slice,
                                     uint32_t *first, uint32_t *end, struct gy_error *err)
{
    struct gy_runs runs;
    struct gy_times times;
    struct gy_column ranks;
    const struct gy_part *part = event->at.part;
    uint32_t last;
    *first = 0;
    *end = 0;
    GY_TRY(gy_part_runs(part, slice, &runs, err));
    GY_TRY(gy_part_times(part, slice, &times, err));
    GY_TRY(gy_part_ranks(part, slice, &ranks, err));
    if (!gy_runs_find(&runs, (uint16_t)(event->ordinal & 0xffff), first, &last))
        return GY_OK;
    *first = first_from(event, (uint64_t)event->rank + 1, &times, &ranks, *first, last);
    *end = first_from(event, event->next_rank, &times, &ranks, *first, last);
    return GY_OK;
}

/* "products" of "Order Completed/products". */
static struct gy_str property_of_items(const struct gy_schema *schema, uint32_t stream)
{
    const struct gy_stream *s = gy_schema_stream(schema, stream);
    size_t skip = gy_schema_stream(schema, s->parent)->name.len + 1;
    if (s->name.len < skip)
        return (struct gy_str){0};
    return (struct gy_str){s->name.ptr + skip, s->name.len - skip};
}

static enum gy_status hash_item_rows(struct gy_content *c, const struct gy_schema *schema,
                                     const struct event_row *event, const struct gy_slice *slice,
                                     struct gy_error *err)
{
    uint32_t first;
    uint32_t end;
    GY_TRY(find_item_rows(event, slice, &first, &end, err));
    for (uint32_t row = first; row < end; row++) {
        struct gy_row_at at = {event->at.part, slice, row};
        uint64_t fields = 0;
        GY_TRY(gy_content_stored(c, schema, &at, &fields, err));
        add_item(c, property_of_items(schema, slice->stream), row - first, fields);
    }
    return GY_OK;
}

static enum gy_status content_of_row(const struct gy_writer *w, const struct gy_row_at *at,
                                     uint64_t *out, struct gy_error *err)
{
    struct gy_content c = {0};
    struct event_row event;
    const struct gy_schema *schema = &w->live.schema;
    enum gy_status status = look_at_event(at, &event, err);
    if (status == GY_OK) {
        add_event(&c, gy_schema_stream(schema, at->slice->stream)->name,
                  gy_links_root(&w->live.links, event.ordinal),
                  gy_code_ms(event.code, event.millis));
        status = gy_content_stored(&c, schema, at, &c.sum, err);
    }
    for (uint32_t i = 0; i < schema->n_streams && status == GY_OK; i++) {
        if (schema->streams[i].parent != at->slice->stream)
            continue;
        const struct gy_slice *items =
            gy_part_find(at->part, at->slice->block_no, schema->streams[i].id);
        if (items != NULL)
            status = hash_item_rows(&c, schema, &event, items, err);
    }
    *out = c.sum;
    gy_buf_release(&c.text);
    return status;
}

/* ---- searching ---- */

struct search {
    struct gy_writer *w;
    uint32_t stream;
    uint32_t property;
    const struct gy_intern *wanted;
    /* Takes a row whose value is wanted, with the value's number. */
    enum gy_status (*take)(struct search *s, const struct gy_row_at *at, uint32_t number,
                           struct gy_error *err);
    struct gy_stored_call *found; /* by number */
    struct gy_buf text;
    struct gy_arena arena;
};

/* Which value a row has, by number, or GY_INTERN_NONE. A value that came before the type of its name
 * was another counts as the text it was. */
static uint32_t number_at(struct search *s, const struct gy_column *column,
                          const struct gy_dictionary *dictionary, uint32_t row)
{
    struct gy_value value = {.type = GY_VALUE_MISSING};
    uint32_t misfit = gy_column_misfit(column, row);
    gy_arena_reset(&s->arena);
    if (misfit != GY_ID_NONE) {
        if (!gy_value_parse_json(gy_column_misfit_text(column, misfit), &s->arena, &value))
            return GY_INTERN_NONE;
    } else {
        gy_column_value(column, dictionary, row, &s->arena, &value);
    }
    if (value.type == GY_VALUE_STRING)
        return gy_intern_find(s->wanted, value.string);
    if (value.type == GY_VALUE_MISSING)
        return GY_INTERN_NONE;
    gy_buf_reset(&s->text);
    gy_value_json(&value, &s->text);
    return gy_intern_find(s->wanted, gy_buf_view(&s->text));
}

/* Each distinct value is looked up once. */
static uint32_t *numbers_of(const struct search *s, const struct gy_dictionary *dictionary)
{
    uint32_t *numbers = gy_realloc(NULL, (size_t)dictionary->n + 1, sizeof *numbers);
    for (uint32_t i = 0; i < dictionary->n; i++)
        numbers[i] = gy_intern_find(s->wanted, gy_dictionary_str(dictionary, i));
    return numbers;
}

static enum gy_status search_slice(struct search *s, const struct gy_part *part,
                                   const struct gy_slice *slice,
                                   const struct gy_dictionary *dictionary, const uint32_t *numbers,
                                   struct gy_error *err)
{
    struct gy_column column;
    GY_TRY(gy_part_column(part, slice, s->property, &column, err));
    for (uint32_t row = 0; row < slice->n_rows; row++) {
        uint32_t number;
        if (column.encoding == GY_ENCODING_CODE && gy_column_is_present(&column, row)) {
            number = numbers[gy_column_int(&column, row)];
        } else {
            number = number_at(s, &column, dictionary, row);
        }
        struct gy_row_at at = {part, slice, row};
        if (number != GY_INTERN_NONE)
            GY_TRY(s->take(s, &at, number, err));
    }
    return GY_OK;
}

static enum gy_status search_part(struct search *s, const struct gy_part *part,
                                  struct gy_error *err)
{
    struct gy_dictionary dictionary;
    if (gy_part_n_rows(part, s->stream) == 0)
        return GY_OK;
    GY_TRY(gy_part_dictionary(part, s->stream, s->property, &dictionary, err));
    uint32_t *numbers = numbers_of(s, &dictionary);
    enum gy_status status = GY_OK;
    for (size_t i = 0; i < gy_part_n_slices(part) && status == GY_OK; i++) {
        const struct gy_slice *slice = gy_part_slice(part, i);
        if (slice->stream == s->stream)
            status = search_slice(s, part, slice, &dictionary, numbers, err);
    }
    free(numbers);
    return status;
}

/* Nothing is found where the names are not known. */
static enum gy_status search_all(struct search *s, struct gy_str event, struct gy_str property,
                                 struct gy_error *err)
{
    const struct gy_live *live = &s->w->live;
    enum gy_status status = GY_OK;
    s->stream = gy_schema_find_event(&live->schema, event);
    s->property = s->stream == GY_ID_NONE
                      ? GY_ID_NONE
                      : gy_schema_find_property(&live->schema, s->stream, property);
    for (size_t i = 0; i < gy_live_n_parts(live) && s->property != GY_ID_NONE && status == GY_OK;
         i++)
        status = search_part(s, gy_live_part(live, i)->part, err);
    gy_buf_release(&s->text);
    gy_arena_release(&s->arena);
    return status;
}

static enum gy_status take_content(struct search *s, const struct gy_row_at *at, uint32_t number,
                                   struct gy_error *err)
{
    s->found[number].is_there = true;
    return content_of_row(s->w, at, &s->found[number].content, err);
}

enum gy_status gy_writer_find_calls(struct gy_writer *w, struct gy_str event,
                                    struct gy_str property, const struct gy_str *values, size_t n,
                                    struct gy_stored_call *out, struct gy_error *err)
{
    struct gy_intern wanted = {0};
    uint32_t *numbers = gy_realloc(NULL, n + 1, sizeof *numbers);
    for (size_t i = 0; i < n; i++)
        numbers[i] = gy_intern_add(&wanted, values[i]);
    struct gy_stored_call *found = gy_alloc_zero((size_t)wanted.n + 1, sizeof *found);
    struct search s = {.w = w, .wanted = &wanted, .take = take_content, .found = found};
    enum gy_status status = search_all(&s, event, property, err);
    for (size_t i = 0; i < n; i++)
        out[i] = found[numbers[i]];
    free(found);
    free(numbers);
    gy_intern_release(&wanted);
    return status;
}

/* ---- replacing ---- */

static void add_replaced_row(struct gy_writer *w, const struct gy_row_at *at,
                             const struct event_row *event)
{
    GY_GROW(w->replaced_rows, w->replaced_rows_capacity, w->n_replaced_rows + 1);
    w->replaced_rows[w->n_replaced_rows++] =
        (struct gy_stored_row){.part = at->part,
                               .stream = at->slice->stream,
                               .ordinal = event->ordinal,
                               .row = at->row,
                               .time_ms = gy_code_ms(event->code, event->millis)};
}

static enum gy_status take_items(struct gy_writer *w, const struct event_row *event,
                                 struct gy_error *err)
{
    const struct gy_schema *schema = &w->live.schema;
    for (uint32_t i = 0; i < schema->n_streams; i++) {
        uint32_t first;
        uint32_t end;
        if (schema->streams[i].parent != event->at.slice->stream)
            continue;
        const struct gy_slice *slice =
            gy_part_find(event->at.part, event->at.slice->block_no, schema->streams[i].id);
        if (slice == NULL)
            continue;
        GY_TRY(find_item_rows(event, slice, &first, &end, err));
        for (; first < end; first++) {
            struct gy_row_at at = {event->at.part, slice, first};
            add_replaced_row(w, &at, event);
        }
    }
    return GY_OK;
}

static enum gy_status take_replaced(struct search *s, const struct gy_row_at *at, uint32_t number,
                                    struct gy_error *err)
{
    struct event_row event;
    struct gy_fingerprints fingerprints;
    (void)number;
    GY_TRY(look_at_event(at, &event, err));
    GY_TRY(gy_part_fingerprints(at->part, at->slice, &fingerprints, err));
    uint64_t fingerprint = gy_fingerprint_at(&fingerprints, at->row);
    add_replaced_row(s->w, at, &event);
    struct gy_replaced *replaced = &s->w->replaced;
    GY_GROW(replaced->keys, replaced->capacity, replaced->n + 1);
    replaced->keys[replaced->n++] =
        gy_stored_key(at->slice->stream, fingerprint, gy_code_ms(event.code, event.millis));
    return take_items(s->w, &event, err);
}

static int by_key(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

enum gy_status gy_writer_find_replaced(struct gy_writer *w, struct gy_error *err)
{
    if (w->are_replacements_found)
        return GY_OK;
    w->n_replaced_rows = 0;
    w->replaced.n = 0;
    for (size_t i = 0; i < w->n_replacements; i++) {
        const struct gy_replacement *r = &w->replacements[i];
        struct search s = {.w = w, .wanted = &r->values, .take = take_replaced};
        GY_TRY(search_all(&s, (struct gy_str){r->event, r->event_len},
                          (struct gy_str){r->property, r->property_len}, err));
    }
    if (w->replaced.n > 1)
        qsort(w->replaced.keys, w->replaced.n, sizeof *w->replaced.keys, by_key);
    w->are_replacements_found = true;
    return GY_OK;
}

/* One for each event and property, so that the stored calls are searched once for all values. */
static struct gy_replacement *replacement_of(struct gy_writer *w, struct gy_str event,
                                             struct gy_str property)
{
    for (size_t i = 0; i < w->n_replacements; i++) {
        struct gy_replacement *r = &w->replacements[i];
        if (gy_str_equal((struct gy_str){r->event, r->event_len}, event) &&
            gy_str_equal((struct gy_str){r->property, r->property_len}, property))
            return r;
    }
    GY_GROW(w->replacements, w->replacements_capacity, w->n_replacements + 1);
    struct gy_replacement *r = &w->replacements[w->n_replacements++];
    *r = (struct gy_replacement){.event = gy_strndup(event.ptr, event.len),
                                 .event_len = event.len,
                                 .property = gy_strndup(property.ptr, property.len),
                                 .property_len = property.len};
    return r;
}

void gy_writer_replace_calls(struct gy_writer *w, struct gy_str event, struct gy_str property,
                             const struct gy_str *values, size_t n)
{
    struct gy_replacement *r = replacement_of(w, event, property);
    for (size_t i = 0; i < n; i++)
        gy_intern_add(&r->values, values[i]);
    w->are_replacements_found = false;
}

void gy_writer_forget_replacements(struct gy_writer *w)
{
    for (size_t i = 0; i < w->n_replacements; i++) {
        free(w->replacements[i].event);
        free(w->replacements[i].property);
        gy_intern_release(&w->replacements[i].values);
    }
    w->n_replacements = 0;
    w->n_replaced_rows = 0;
    w->replaced.n = 0;
    w->are_replacements_found = false;
}
