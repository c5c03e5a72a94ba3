/* batch.c - see batch.h.
 *
 * Stamps. Each row that is appended has a stamp of its own; a column keeps the stamp of the row that
 * gave it its last value. So a name that comes twice in one object is seen (the later value counts),
 * and an item sees which of its parent's properties it has names of its own for, null ones too.
 */
#include "store/batch.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "store/id_index.h"
#include "store/part.h"

enum {
    MAX_ROWS = 1 << 30,
    MAX_ITEMS = 1 << 20,  /* of one call */
    MAX_VALUES = 1 << 24, /* that they take over from it */
    KEPT_STRINGS = 4096
};

/* Years 1 to 9999. */
#define FIRST_TIME_MS INT64_C(-62135596800000)
#define LAST_TIME_MS  INT64_C(253402300799999)

/* ---- life ---- */

static void release_stream(struct gy_batch_stream *s)
{
    for (uint32_t i = 0; i < s->n_columns; i++) {
        free(s->columns[i].rows);
        free(s->columns[i].kinds);
        free(s->columns[i].bits);
        free(s->columns[i].recent);
    }
    free(s->columns);
    free(s->calls);
    free(s->seqs);
    free(s->shape);
    free(s->staying);
    free(s->from_parent);
    gy_intern_release(&s->names);
}

static uint32_t new_stream(struct gy_batch *b, enum gy_batch_kind kind, struct gy_str name,
                           uint32_t schema_id)
{
    GY_GROW(b->streams, b->streams_capacity, b->n_streams + 1);
    b->streams[b->n_streams] = (struct gy_batch_stream){.kind = kind,
                                                        .name = gy_arena_str(&b->arena, name),
                                                        .parent = GY_BATCH_NONE,
                                                        .first_written_ms = INT64_MAX,
                                                        .last_written_ms = INT64_MIN,
                                                        .schema_id = schema_id,
                                                        .first_items = GY_BATCH_NONE,
                                                        .next_items = GY_BATCH_NONE};
    return b->n_streams++;
}

static void count_known(struct gy_batch *b)
{
    b->n_known_events = 0;
    for (uint32_t i = 0; i < b->schema->n_streams; i++)
        b->n_known_events += b->schema->streams[i].kind == GY_STREAM_EVENT;
    b->n_known_traits = b->schema->n_streams - b->n_known_events;
}

static void begin(struct gy_batch *b, const struct gy_schema *schema)
{
    b->schema = schema;
    b->before = NULL;
    b->last_event = GY_BATCH_NONE;
    new_stream(b, GY_BATCH_KIND_CALLS, (struct gy_str){0}, GY_STREAM_CALLS);
    count_known(b);
}

void gy_batch_init(struct gy_batch *b, const struct gy_schema *schema)
{
    *b = (struct gy_batch){0};
    begin(b, schema);
}

void gy_batch_init_after(struct gy_batch *b, const struct gy_schema *schema,
                         const struct gy_batch *before)
{
    gy_batch_init(b, schema);
    b->before = before;
    b->n_known_events += before->n_new_events;
    b->n_known_traits += before->n_new_traits;
}

static void release_streams(struct gy_batch *b)
{
    for (uint32_t i = 0; i < b->n_streams; i++)
        release_stream(&b->streams[i]);
    b->n_streams = 0;
}

void gy_batch_release(struct gy_batch *b)
{
    release_streams(b);
    free(b->streams);
    free(b->calls);
    free(b->event_streams);
    free(b->trait_streams);
    free(b->list_codes);
    free(b->places);
    gy_intern_release(&b->event_names);
    gy_intern_release(&b->trait_names);
    gy_intern_release(&b->strings);
    gy_intern_release(&b->new_names);
    gy_arena_release(&b->arena);
    *b = (struct gy_batch){0};
}

/* A large batch gives its memory back, a small one keeps it for the next. */
void gy_batch_reset(struct gy_batch *b, const struct gy_schema *schema)
{
    if (b->strings.n > KEPT_STRINGS || b->n_calls > KEPT_STRINGS) {
        gy_batch_release(b);
    } else {
        release_streams(b);
        gy_intern_reset(&b->event_names);
        gy_intern_reset(&b->trait_names);
        gy_intern_reset(&b->strings);
        gy_arena_reset(&b->arena);
        b->n_calls = 0;
        b->n_list_codes = 0;
        b->n_seqs = 0;
        b->n_new_events = 0;
        b->n_new_traits = 0;
        b->bytes = 0;
        b->stamp = 0;
    }
    begin(b, schema);
}

void gy_batch_forget_names(struct gy_batch *b)
{
    for (uint32_t i = 0; i < b->n_streams; i++) {
        free(b->streams[i].staying);
        b->streams[i].staying = NULL;
    }
}

uint64_t gy_batch_bytes(const struct gy_batch *b)
{
    return b->bytes + b->n_calls * sizeof *b->calls + (uint64_t)b->strings.n * 40;
}

/* ---- checks ---- */

static enum gy_status check_str(struct gy_str s, size_t most, const char *what,
                                struct gy_error *err)
{
    return s.len <= most ? GY_OK
                         : gy_error_set(err, GY_LIMIT, "%s is longer than %zu bytes", what, most);
}

static enum gy_status check_list(const struct gy_value *v, struct gy_error *err)
{
    for (uint32_t i = 0; i < v->list.n; i++)
        GY_TRY(check_str(v->list.strings[i], GY_MAX_STRING_BYTES, "a value", err));
    return GY_OK;
}

static enum gy_status check_value(const struct gy_value *v, struct gy_error *err)
{
    switch (v->type) {
    case GY_VALUE_NUMBER:
        return isfinite(v->number) ? GY_OK
                                   : gy_error_set(err, GY_INVALID, "a number is not finite");
    case GY_VALUE_TIME:
        return v->time_ms >= FIRST_TIME_MS && v->time_ms <= LAST_TIME_MS
                   ? GY_OK
                   : gy_error_set(err, GY_INVALID, "a time is outside the years 1 to 9999");
    case GY_VALUE_STRING:
    case GY_VALUE_CELL:
        return check_str(v->string, GY_MAX_STRING_BYTES, "a value", err);
    case GY_VALUE_LIST:
        return check_list(v, err);
    case GY_VALUE_MISSING:
    case GY_VALUE_BOOL:
        break;
    }
    return GY_OK;
}

static enum gy_status check_fields(const struct gy_field *fields, uint32_t n, struct gy_error *err)
{
    for (uint32_t i = 0; i < n; i++) {
        if (fields[i].name.len == 0)
            return gy_error_set(err, GY_INVALID, "a property or trait has an empty name");
        GY_TRY(
            check_str(fields[i].name, GY_MAX_NAME_BYTES, "the name of a property or trait", err));
        GY_TRY(check_value(&fields[i].value, err));
    }
    return GY_OK;
}

static enum gy_status check_lists(const struct gy_call *call, struct gy_error *err)
{
    uint64_t n_items = 0;
    for (uint32_t l = 0; l < call->n_lists; l++) {
        const struct gy_item_list *list = &call->lists[l];
        if (list->property.len == 0)
            return gy_error_set(err, GY_INVALID, "a property has an empty name");
        GY_TRY(check_str(list->property, GY_MAX_NAME_BYTES, "the name of a property", err));
        n_items += list->n_items;
        for (uint32_t i = 0; i < list->n_items; i++)
            GY_TRY(check_fields(list->items[i].fields, list->items[i].n_fields, err));
    }
    if (n_items > MAX_ITEMS)
        return gy_error_set(err, GY_LIMIT, "an event has more than %d items", MAX_ITEMS);
    return n_items * call->n_fields <= MAX_VALUES
               ? GY_OK
               : gy_error_set(err, GY_LIMIT, "an event has too many items for its many properties");
}

static bool is_event(const struct gy_call *call)
{
    return call->type != GY_CALL_IDENTIFY && call->type != GY_CALL_ALIAS;
}

static enum gy_status check_event(const struct gy_call *call, struct gy_error *err)
{
    if (call->event.len == 0)
        return gy_error_set(err, GY_INVALID, "the event has no name");
    if (!call->has_time)
        return gy_error_set(err, GY_INVALID, "the event has no time");
    GY_TRY(check_str(call->event, GY_MAX_NAME_BYTES, "the name of the event", err));
    return check_lists(call, err);
}

static enum gy_status check_ids(const struct gy_call *call, struct gy_error *err)
{
    if (call->user_id.len == 0 && call->anonymous_id.len == 0) {
        return gy_error_set(err, GY_INVALID,
                            "there is no customer: neither a user id nor an anonymous id");
    }
    GY_TRY(check_str(call->user_id, GY_MAX_ID_BYTES, "the user id", err));
    GY_TRY(check_str(call->anonymous_id, GY_MAX_ID_BYTES, "the anonymous id", err));
    if (call->type != GY_CALL_ALIAS)
        return GY_OK;
    if (call->user_id.len == 0 || call->previous_id.len == 0)
        return gy_error_set(err, GY_INVALID, "an alias needs a user id and a previous id");
    return check_str(call->previous_id, GY_MAX_ID_BYTES, "the previous id", err);
}

static enum gy_status check_call(const struct gy_batch *b, const struct gy_call *call,
                                 struct gy_error *err)
{
    GY_TRY(check_ids(call, err));
    GY_TRY(check_str(call->message_id, GY_MAX_STRING_BYTES, "the message id", err));
    if (call->has_time && (call->time_ms < GY_TIME_MIN_MS || call->time_ms > GY_TIME_MAX_MS))
        return gy_error_set(err, GY_INVALID, "the time is outside the years 1 to 2105");
    if (is_event(call))
        GY_TRY(check_event(call, err));
    if (b->n_calls >= MAX_ROWS || b->n_seqs >= MAX_ROWS)
        return gy_error_set(err, GY_LIMIT, "too many calls in one batch");
    return check_fields(call->fields, call->n_fields, err);
}

/* ---- streams by name ---- */

static struct gy_batch_column new_column(struct gy_str name)
{
    return (struct gy_batch_column){.name = name};
}

static uint32_t find_event(struct gy_batch *b, struct gy_str name)
{
    if (b->last_event != GY_BATCH_NONE && gy_str_equal(b->streams[b->last_event].name, name))
        return b->last_event;
    uint32_t number = gy_intern_find(&b->event_names, name);
    return number == GY_INTERN_NONE ? GY_BATCH_NONE : b->event_streams[number];
}

static uint32_t find_trait(const struct gy_batch *b, struct gy_str name)
{
    uint32_t number = gy_intern_find(&b->trait_names, name);
    return number == GY_INTERN_NONE ? GY_BATCH_NONE : b->trait_streams[number];
}

/* The stream of an event in the batch before this one, or NULL. */
static const struct gy_batch_stream *event_before(const struct gy_batch *b, struct gy_str name)
{
    uint32_t number =
        b->before == NULL ? GY_INTERN_NONE : gy_intern_find(&b->before->event_names, name);
    return number == GY_INTERN_NONE ? NULL : &b->before->streams[b->before->event_streams[number]];
}

static uint32_t count_known_names(const struct gy_batch *b, uint32_t event)
{
    uint32_t n = 0;
    for (uint32_t i = 0; event != GY_ID_NONE && i < b->schema->n_properties; i++)
        n += b->schema->properties[i].stream == event;
    return n;
}

static uint32_t enter_event(struct gy_batch *b, struct gy_str name)
{
    uint32_t known = gy_schema_find_event(b->schema, name);
    uint32_t stream = new_stream(b, GY_BATCH_KIND_EVENT, name, known);
    const struct gy_batch_stream *before = event_before(b, name);
    b->streams[stream].n_known_names =
        count_known_names(b, known) + (before == NULL ? 0 : before->n_new_names);
    uint32_t number = gy_intern_add(&b->event_names, name);
    GY_GROW(b->event_streams, b->event_streams_capacity, number + (size_t)1);
    b->event_streams[number] = stream;
    b->n_new_events += known == GY_ID_NONE;
    return stream;
}

static uint32_t enter_trait(struct gy_batch *b, struct gy_str name)
{
    uint32_t known = gy_schema_find_trait(b->schema, name);
    uint32_t stream = new_stream(b, GY_BATCH_KIND_TRAIT, name, known);
    uint32_t number = gy_intern_add(&b->trait_names, name);
    GY_GROW(b->trait_streams, b->trait_streams_capacity, number + (size_t)1);
    b->trait_streams[number] = stream;
    b->n_new_traits += known == GY_ID_NONE;
    struct gy_batch_stream *s = &b->streams[stream];
    GY_GROW(s->columns, s->columns_capacity, 1);
    s->columns[0] = new_column((struct gy_str){0});
    s->columns[0].is_number =
        known != GY_ID_NONE && gy_schema_stream(b->schema, known)->type == GY_VALUE_NUMBER;
    s->n_columns = 1;
    return stream;
}

static uint32_t find_items(const struct gy_batch *b, uint32_t parent, struct gy_str property)
{
    uint32_t at = b->streams[parent].first_items;
    while (at != GY_BATCH_NONE && !gy_str_equal(b->streams[at].property, property))
        at = b->streams[at].next_items;
    return at;
}

/* "EVENT/PROPERTY", in the arena. */
static struct gy_str items_name(struct gy_batch *b, struct gy_str event, struct gy_str property)
{
    char *text = gy_arena_alloc(&b->arena, event.len + 1 + property.len);
    memcpy(text, event.ptr, event.len);
    text[event.len] = '/';
    memcpy(text + event.len + 1, property.ptr, property.len);
    return (struct gy_str){text, event.len + 1 + property.len};
}

/* A stream that plain events of that name have too is shared with them. */
static uint32_t enter_items(struct gy_batch *b, uint32_t parent, struct gy_str property)
{
    struct gy_str name = items_name(b, b->streams[parent].name, property);
    uint32_t stream = find_event(b, name);
    if (stream == GY_BATCH_NONE)
        stream = enter_event(b, name);
    struct gy_batch_stream *s = &b->streams[stream];
    if (s->parent != GY_BATCH_NONE)
        return stream; /* the same text cut at another "/": first come, first served */
    s->property = gy_arena_str(&b->arena, property);
    s->parent = parent;
    s->next_items = b->streams[parent].first_items;
    b->streams[parent].first_items = stream;
    return stream;
}

/* ---- columns by name ---- */

static uint32_t find_column(const struct gy_batch_stream *s, uint32_t field, struct gy_str name)
{
    if (field < s->n_shape && gy_str_equal(s->columns[s->shape[field]].name, name))
        return s->shape[field];
    return gy_intern_find(&s->names, name);
}

/* The slot of a name that stays where it is. */
static struct gy_batch_name *staying_name(struct gy_batch_stream *s, struct gy_str name)
{
    if (s->staying == NULL)
        s->staying = gy_alloc_zero(GY_BATCH_NAMES, sizeof *s->staying);
    uint64_t mixed = (uint64_t)(uintptr_t)name.ptr * UINT64_C(0x9E3779B97F4A7C15);
    return &s->staying[mixed >> 32 & (GY_BATCH_NAMES - 1)];
}

static uint32_t find_staying(struct gy_batch_stream *s, struct gy_str name)
{
    struct gy_batch_name *slot = staying_name(s, name);
    if (slot->ptr != name.ptr) {
        uint32_t column = gy_intern_find(&s->names, name);
        if (column == GY_INTERN_NONE)
            return column;
        *slot = (struct gy_batch_name){name.ptr, column};
    }
    return slot->column;
}

static void remember_shape(struct gy_batch_stream *s, uint32_t field, uint32_t column)
{
    if (field < s->n_shape) {
        s->shape[field] = column;
    } else if (field == s->n_shape) {
        GY_GROW(s->shape, s->shape_capacity, s->n_shape + 1);
        s->shape[s->n_shape++] = column;
    }
}

static uint32_t known_property(const struct gy_batch *b, const struct gy_batch_stream *s,
                               struct gy_str name)
{
    return s->schema_id == GY_ID_NONE ? GY_ID_NONE
                                      : gy_schema_find_property(b->schema, s->schema_id, name);
}

static bool is_known(const struct gy_batch *b, const struct gy_batch_stream *s, struct gy_str name)
{
    return known_property(b, s, name) != GY_ID_NONE;
}

static uint32_t enter_column(struct gy_batch *b, struct gy_batch_stream *s, struct gy_str name)
{
    uint32_t column = gy_intern_add(&s->names, name);
    if (column < s->n_columns)
        return column;
    uint32_t known = known_property(b, s, name);
    GY_GROW(s->columns, s->columns_capacity, s->n_columns + 1);
    s->columns[column] = new_column(s->names.strings[column]);
    s->columns[column].is_number =
        known != GY_ID_NONE && gy_schema_property(b->schema, known)->type == GY_VALUE_NUMBER;
    s->n_columns++;
    s->n_new_names += known == GY_ID_NONE;
    return column;
}

static void count_names(const struct gy_batch *b, struct gy_batch_stream *s)
{
    s->schema_id = s->kind == GY_BATCH_KIND_TRAIT ? gy_schema_find_trait(b->schema, s->name)
                                                  : gy_schema_find_event(b->schema, s->name);
    s->n_known_names = count_known_names(b, s->schema_id);
    s->n_new_names = 0;
    for (uint32_t i = 0; i < s->n_columns && s->kind == GY_BATCH_KIND_EVENT; i++) {
        uint32_t known = known_property(b, s, s->columns[i].name);
        s->n_new_names += known == GY_ID_NONE;
        s->columns[i].is_number =
            known != GY_ID_NONE && gy_schema_property(b->schema, known)->type == GY_VALUE_NUMBER;
    }
    if (s->kind == GY_BATCH_KIND_TRAIT)
        s->columns[0].is_number =
            s->schema_id != GY_ID_NONE &&
            gy_schema_stream(b->schema, s->schema_id)->type == GY_VALUE_NUMBER;
}

void gy_batch_stand_alone(struct gy_batch *b)
{
    if (b->before == NULL)
        return;
    b->before = NULL;
    count_known(b);
    b->n_new_events = 0;
    b->n_new_traits = 0;
    for (uint32_t i = 1; i < b->n_streams; i++) { /* CALLS is the same in every schema */
        struct gy_batch_stream *s = &b->streams[i];
        count_names(b, s);
        b->n_new_events += s->kind == GY_BATCH_KIND_EVENT && s->schema_id == GY_ID_NONE;
        b->n_new_traits += s->kind == GY_BATCH_KIND_TRAIT && s->schema_id == GY_ID_NONE;
    }
}

/* ---- resolving ---- */

static void put_place(struct gy_batch *b, uint32_t column)
{
    GY_GROW(b->places, b->places_capacity, b->n_places + 1);
    b->places[b->n_places++] = column;
}

/* The columns of some fields; names that have none yet are gathered. A value that no property can
 * have gets no column. */
static void resolve_fields(struct gy_batch *b, const struct gy_batch_stream *s,
                           const struct gy_field *fields, uint32_t n)
{
    GY_GROW(b->places, b->places_capacity, b->n_places + n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t column = s == NULL ? GY_INTERN_NONE : find_column(s, i, fields[i].name);
        if (column == GY_INTERN_NONE && (s == NULL || !is_known(b, s, fields[i].name)))
            gy_intern_add(&b->new_names, fields[i].name);
        put_place(b, column == GY_INTERN_NONE ? GY_BATCH_NONE : column);
    }
}

/* The same for names that stay where they are. False if one has no column yet. */
static bool resolve_staying(struct gy_batch *b, struct gy_batch_stream *s,
                            const struct gy_field *fields, uint32_t n)
{
    GY_GROW(b->places, b->places_capacity, b->n_places + n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t column = find_staying(s, fields[i].name);
        if (column == GY_INTERN_NONE)
            return false;
        b->places[b->n_places + i] = column;
    }
    b->n_places += n;
    return true;
}

static enum gy_status check_names(struct gy_batch *b, const struct gy_batch_stream *s,
                                  struct gy_str event, struct gy_error *err)
{
    uint32_t n = b->new_names.n + (s == NULL ? 0 : s->n_known_names + s->n_new_names);
    if (b->new_names.n == 0 || n <= GY_MAX_PROPERTIES)
        return GY_OK;
    return gy_error_set(err, GY_LIMIT, "the event \"%.*s\" would have more than %d properties",
                        GY_STR_ARG(event), GY_MAX_PROPERTIES);
}

/* The stream of an event that the batch or the schema knows, or GY_BATCH_NONE. */
static uint32_t known_event(struct gy_batch *b, struct gy_str name)
{
    uint32_t at = find_event(b, name);
    if (at == GY_BATCH_NONE &&
        (gy_schema_find_event(b->schema, name) != GY_ID_NONE || event_before(b, name) != NULL))
        at = enter_event(b, name);
    return at;
}

static uint32_t known_items(struct gy_batch *b, uint32_t event, struct gy_str property)
{
    if (event == GY_BATCH_NONE)
        return GY_BATCH_NONE;
    uint32_t at = find_items(b, event, property);
    if (at != GY_BATCH_NONE)
        return at;
    struct gy_str name = items_name(b, b->streams[event].name, property);
    bool is_there = known_event(b, name) != GY_BATCH_NONE;
    return is_there ? enter_items(b, event, property) : GY_BATCH_NONE;
}

static void forget_new_names(struct gy_batch *b)
{
    if (b->new_names.n > 0)
        gy_intern_reset(&b->new_names);
}

static enum gy_status resolve_items(struct gy_batch *b, const struct gy_call *call, uint32_t event,
                                    const struct gy_item_list *list, uint32_t *n_new_events,
                                    struct gy_error *err)
{
    uint32_t at = known_items(b, event, list->property);
    const struct gy_batch_stream *s = at == GY_BATCH_NONE ? NULL : &b->streams[at];
    *n_new_events += s == NULL;
    forget_new_names(b);
    for (uint32_t i = 0; i < list->n_items; i++)
        resolve_fields(b, s, list->items[i].fields, list->items[i].n_fields);
    for (uint32_t i = 0; i < call->n_fields; i++) {
        struct gy_str name = call->fields[i].name;
        if (s == NULL ||
            (gy_intern_find(&s->names, name) == GY_INTERN_NONE && !is_known(b, s, name)))
            gy_intern_add(&b->new_names, name);
    }
    return check_names(b, s, call->event, err);
}

static enum gy_status check_event_names(const struct gy_batch *b, uint32_t n_new,
                                        struct gy_error *err)
{
    if (n_new == 0 || b->n_known_events + b->n_new_events + n_new <= GY_MAX_EVENTS)
        return GY_OK;
    return gy_error_set(err, GY_LIMIT, "there would be more than %d event names", GY_MAX_EVENTS);
}

static enum gy_status resolve_event(struct gy_batch *b, const struct gy_call *call,
                                    uint32_t *n_new_events, struct gy_error *err)
{
    uint32_t at = known_event(b, call->event);
    struct gy_batch_stream *s = at == GY_BATCH_NONE ? NULL : &b->streams[at];
    b->resolved_event = at;
    *n_new_events += s == NULL;
    forget_new_names(b);
    if (s == NULL || !call->names_stay || !resolve_staying(b, s, call->fields, call->n_fields))
        resolve_fields(b, s, call->fields, call->n_fields);
    GY_TRY(check_names(b, s, call->event, err));
    for (uint32_t i = 0; i < call->n_lists; i++)
        GY_TRY(resolve_items(b, call, at, &call->lists[i], n_new_events, err));
    return check_event_names(b, *n_new_events, err);
}

static enum gy_status resolve_traits(struct gy_batch *b, const struct gy_call *call,
                                     struct gy_error *err)
{
    uint32_t n_new = 0;
    for (uint32_t i = 0; i < call->n_fields; i++) {
        uint32_t at = find_trait(b, call->fields[i].name);
        n_new += at == GY_BATCH_NONE &&
                 gy_schema_find_trait(b->schema, call->fields[i].name) == GY_ID_NONE;
        put_place(b, at);
    }
    if (n_new > 0 && b->n_known_traits + b->n_new_traits + n_new > GY_MAX_TRAITS)
        return gy_error_set(err, GY_LIMIT, "there would be more than %d traits", GY_MAX_TRAITS);
    return GY_OK;
}

/* Counts the names of events that are new with the call to those in `n_new_events`. */
static enum gy_status resolve(struct gy_batch *b, const struct gy_call *call,
                              uint32_t *n_new_events, struct gy_error *err)
{
    GY_TRY(check_call(b, call, err));
    b->n_places = 0;
    switch (call->type) {
    case GY_CALL_TRACK:
    case GY_CALL_PAGE:
    case GY_CALL_SCREEN:
    case GY_CALL_GROUP:
        return resolve_event(b, call, n_new_events, err);
    case GY_CALL_IDENTIFY:
        return resolve_traits(b, call, err);
    case GY_CALL_ALIAS:
        break;
    }
    return GY_OK;
}

enum gy_status gy_batch_resolve(struct gy_batch *b, const struct gy_call *call,
                                struct gy_error *err)
{
    uint32_t n_new_events = 0;
    return resolve(b, call, &n_new_events, err);
}

enum gy_status gy_batch_check(struct gy_batch *b, const struct gy_call *calls, uint32_t n,
                              struct gy_error *err)
{
    uint32_t n_new_events = 0;
    for (uint32_t i = 0; i < n; i++)
        GY_TRY(resolve(b, &calls[i], &n_new_events, err));
    return GY_OK;
}

/* ---- appending ---- */

static uint32_t append_row(struct gy_batch *b, struct gy_batch_stream *s)
{
    if (s->n_rows == s->capacity) {
        GY_GROW(s->calls, s->capacity, s->n_rows + 1);
        if (s->kind == GY_BATCH_KIND_EVENT)
            s->seqs = gy_realloc(s->seqs, s->capacity, sizeof *s->seqs);
    }
    s->calls[s->n_rows] = b->n_calls;
    if (s->kind == GY_BATCH_KIND_EVENT)
        s->seqs[s->n_rows] = b->n_seqs++;
    b->bytes += 8;
    b->stamp++;
    return s->n_rows++;
}

/* Most columns have few distinct values: those are found again without the table of all strings,
 * which is too large for the processor's caches. */
static uint32_t string_number(struct gy_batch *b, struct gy_batch_column *c, struct gy_str s)
{
    if (c->recent == NULL)
        c->recent = gy_alloc_zero(GY_BATCH_RECENT, sizeof *c->recent);
    uint32_t n = b->strings.n;
    uint32_t number = gy_intern_add_again(&b->strings, s, c->recent, GY_BATCH_RECENT);
    b->bytes += b->strings.n > n ? s.len : 0;
    return number;
}

static uint64_t list_bits(struct gy_batch *b, const struct gy_value *v)
{
    GY_ASSERT(b->n_list_codes + v->list.n <= UINT32_MAX);
    GY_GROW(b->list_codes, b->list_codes_capacity, b->n_list_codes + v->list.n);
    uint64_t bits = (uint64_t)b->n_list_codes << 32 | v->list.n;
    for (uint32_t i = 0; i < v->list.n; i++) {
        b->bytes += 4 + v->list.strings[i].len;
        b->list_codes[b->n_list_codes++] = gy_intern_add(&b->strings, v->list.strings[i]);
    }
    return bits;
}

static uint64_t bits_of(struct gy_batch *b, struct gy_batch_column *c, const struct gy_value *v)
{
    uint64_t bits = 0;
    switch (v->type) {
    case GY_VALUE_NUMBER: {
        double number = v->number == 0 ? 0 : v->number; /* -0 is 0 */
        memcpy(&bits, &number, sizeof bits);
        break;
    }
    case GY_VALUE_BOOL:
        bits = v->boolean;
        break;
    case GY_VALUE_TIME:
        bits = (uint64_t)v->time_ms;
        break;
    case GY_VALUE_STRING:
    case GY_VALUE_CELL:
        bits = string_number(b, c, v->string);
        break;
    case GY_VALUE_LIST:
        bits = list_bits(b, v);
        break;
    case GY_VALUE_MISSING:
        break;
    }
    return bits;
}

/* Most columns have a value in each row, and all of one kind: neither is written down until it is
 * otherwise. */
static void write_rows_down(struct gy_batch_column *c)
{
    c->rows = gy_realloc(NULL, c->capacity, sizeof *c->rows);
    for (uint32_t i = 0; i < c->n; i++)
        c->rows[i] = i;
}

static void write_kinds_down(struct gy_batch_column *c)
{
    c->kinds = gy_realloc(NULL, c->capacity, sizeof *c->kinds);
    memset(c->kinds, c->kind, c->n);
}

static void grow_column(struct gy_batch_column *c)
{
    GY_GROW(c->bits, c->capacity, c->n + 1);
    if (c->rows != NULL)
        c->rows = gy_realloc(c->rows, c->capacity, sizeof *c->rows);
    if (c->kinds != NULL)
        c->kinds = gy_realloc(c->kinds, c->capacity, sizeof *c->kinds);
}

static void put_entry(struct gy_batch *b, struct gy_batch_column *c, uint32_t row,
                      enum gy_value_type kind, uint64_t bits)
{
    if (c->n == c->capacity)
        grow_column(c);
    if (c->rows == NULL && row != c->n)
        write_rows_down(c);
    if (c->n == 0)
        c->kind = (uint8_t)kind;
    if (c->kinds == NULL && kind != c->kind)
        write_kinds_down(c);
    if (c->rows != NULL)
        c->rows[c->n] = row;
    if (c->kinds != NULL)
        c->kinds[c->n] = (uint8_t)kind;
    c->bits[c->n] = bits;
    c->n++;
    b->bytes += c->rows == NULL ? 8 : 13;
}

/* True if the column's last value is of that row. */
static bool has_last(const struct gy_batch_column *c, uint32_t row)
{
    return c->n > 0 && gy_batch_row(c, c->n - 1) == row;
}

/* A cell of a column of numbers is read at once: as a string it would be looked for among all others,
 * and read at the commit. Not so where items take it over, whose column may be one of strings. */
static struct gy_value value_for(const struct gy_batch_column *c, const struct gy_value *v,
                                 bool is_for_items)
{
    struct gy_value number = {.type = GY_VALUE_NUMBER};
    bool is_read = c->is_number && !is_for_items && v->type == GY_VALUE_CELL &&
                   gy_number_read(v->string, &number.number);
    return is_read ? number : *v;
}

/* A second value of one name in one object takes the place of the first. */
static void put_value(struct gy_batch *b, struct gy_batch_column *c, uint32_t row,
                      const struct gy_value *v, bool is_for_items)
{
    bool is_again = c->stamp == b->stamp;
    c->stamp = b->stamp;
    if (is_again && has_last(c, row))
        c->n--;
    if (v->type == GY_VALUE_MISSING)
        return;
    struct gy_value value = value_for(c, v, is_for_items);
    put_entry(b, c, row, value.type, bits_of(b, c, &value));
}

static const struct gy_value missing = {.type = GY_VALUE_MISSING};

static void append_fields(struct gy_batch *b, struct gy_batch_stream *s, uint32_t row,
                          const struct gy_field *fields, uint32_t n, const uint32_t *places,
                          bool is_for_items)
{
    for (uint32_t i = 0; i < n; i++) {
        /* No property is a list; the field counts as there, without a value. */
        bool is_read = fields[i].value.type != GY_VALUE_LIST;
        uint32_t column = places[i];
        if (column == GY_BATCH_NONE)
            column = enter_column(b, s, fields[i].name);
        remember_shape(s, i, column);
        put_value(b, &s->columns[column], row, is_read ? &fields[i].value : &missing, is_for_items);
    }
}

/* The column of the items that takes the parent's column `from`. */
static uint32_t column_for_parent(struct gy_batch *b, struct gy_batch_stream *s, uint32_t from,
                                  struct gy_str name)
{
    while (s->n_from_parent <= from) {
        GY_GROW(s->from_parent, s->from_parent_capacity, s->n_from_parent + 1);
        s->from_parent[s->n_from_parent++] = GY_BATCH_NONE;
    }
    if (s->from_parent[from] == GY_BATCH_NONE)
        s->from_parent[from] = enter_column(b, s, name);
    return s->from_parent[from];
}

/* The values that the parent's row has, where the item has no field of that name. */
static void append_from_parent(struct gy_batch *b, struct gy_batch_stream *s, uint32_t row,
                               const uint32_t *parent_columns, uint32_t n)
{
    uint32_t parent_row = b->streams[s->parent].n_rows - 1;
    for (uint32_t i = 0; i < n; i++) {
        if (parent_columns[i] == GY_BATCH_NONE)
            continue;
        const struct gy_batch_column *from = &b->streams[s->parent].columns[parent_columns[i]];
        if (!has_last(from, parent_row))
            continue;
        uint32_t at = column_for_parent(b, s, parent_columns[i], from->name);
        struct gy_batch_column *to = &s->columns[at];
        if (to->stamp == b->stamp)
            continue;
        to->stamp = b->stamp;
        put_entry(b, to, row, gy_batch_entry_kind(from, from->n - 1), from->bits[from->n - 1]);
    }
}

static size_t append_items(struct gy_batch *b, uint32_t event, const struct gy_item_list *list,
                           size_t place, const uint32_t *parent_columns, uint32_t n)
{
    uint32_t at = find_items(b, event, list->property);
    if (at == GY_BATCH_NONE)
        at = enter_items(b, event, list->property);
    struct gy_batch_stream *s = &b->streams[at];
    bool inherits = s->parent == event;
    for (uint32_t i = 0; i < list->n_items; i++) {
        const struct gy_item *item = &list->items[i];
        uint32_t row = append_row(b, s);
        append_fields(b, s, row, item->fields, item->n_fields, b->places + place, false);
        if (inherits)
            append_from_parent(b, s, row, parent_columns, n);
        place += item->n_fields;
    }
    return place;
}

static void note_call(struct gy_batch *b, uint32_t at)
{
    struct gy_batch_call *call = &b->calls[b->n_calls];
    struct gy_batch_stream *s = &b->streams[at];
    int64_t ms = call->written_ms;
    call->stream = at;
    call->row = s->n_rows;
    s->n_calls++;
    s->has_fingerprints |= call->fingerprint != 0;
    s->first_written_ms = ms < s->first_written_ms ? ms : s->first_written_ms;
    s->last_written_ms = ms > s->last_written_ms ? ms : s->last_written_ms;
}

static void append_event(struct gy_batch *b, const struct gy_call *call)
{
    uint32_t at = b->resolved_event;
    if (at == GY_BATCH_NONE)
        at = enter_event(b, call->event);
    b->last_event = at;
    note_call(b, at);
    uint32_t row = append_row(b, &b->streams[at]);
    append_fields(b, &b->streams[at], row, call->fields, call->n_fields, b->places,
                  call->n_lists > 0);
    size_t place = call->n_fields;
    for (uint32_t i = 0; i < call->n_fields && call->n_lists > 0; i++) {
        if (b->places[i] == GY_BATCH_NONE)
            b->places[i] = gy_intern_find(&b->streams[at].names, call->fields[i].name);
    }
    for (uint32_t i = 0; i < call->n_lists; i++)
        place = append_items(b, at, &call->lists[i], place, b->places, call->n_fields);
}

static void append_traits(struct gy_batch *b, const struct gy_call *call)
{
    note_call(b, GY_BATCH_CALLS);
    append_row(b, &b->streams[GY_BATCH_CALLS]);
    for (uint32_t i = 0; i < call->n_fields; i++) {
        uint32_t at = b->places[i];
        if (at == GY_BATCH_NONE)
            at = find_trait(b, call->fields[i].name);
        if (at == GY_BATCH_NONE)
            at = enter_trait(b, call->fields[i].name);
        uint32_t row = append_row(b, &b->streams[at]);
        put_value(b, &b->streams[at].columns[0], row, &call->fields[i].value, false);
    }
}

void gy_batch_append(struct gy_batch *b, const struct gy_call *call,
                     const struct gy_batch_call *entry)
{
    GY_GROW(b->calls, b->calls_capacity, b->n_calls + 1);
    b->calls[b->n_calls] = *entry;
    b->calls[b->n_calls].first_seq = b->n_seqs;
    switch (call->type) {
    case GY_CALL_TRACK:
    case GY_CALL_PAGE:
    case GY_CALL_SCREEN:
    case GY_CALL_GROUP:
        append_event(b, call);
        break;
    case GY_CALL_IDENTIFY:
        append_traits(b, call);
        break;
    case GY_CALL_ALIAS:
        note_call(b, GY_BATCH_CALLS);
        append_row(b, &b->streams[GY_BATCH_CALLS]);
        break;
    }
    b->n_calls++;
}
