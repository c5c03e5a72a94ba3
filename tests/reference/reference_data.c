/* reference_data.c - reads calls into customers, by the rules of identity, order and types. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "reference/reference_internal.h"

/* ---- names and types ---- */

static struct ref_name *find_name(struct ref_data *d, enum gy_name_kind kind, uint32_t scope,
                                  struct gy_str name)
{
    for (size_t i = 0; i < d->n_names; i++) {
        if (d->names[i].kind == kind && d->names[i].scope == scope &&
            gy_str_equal(d->names[i].name, name)) {
            return &d->names[i];
        }
    }
    return NULL;
}

static size_t add_name(struct ref_data *d, enum gy_name_kind kind, uint32_t scope,
                       struct gy_str name)
{
    struct ref_name *found = find_name(d, kind, scope, name);
    if (found == NULL) {
        GY_GROW(d->names, d->names_capacity, d->n_names + 1);
        found = &d->names[d->n_names++];
        *found = (struct ref_name){kind, scope, name, GY_TYPE_ANY, false, 0};
    }
    return (size_t)(found - d->names);
}

static struct gy_str text_of(struct ref_data *d, const json_t *json)
{
    struct gy_str raw = {json_string_value(json), json_string_length(json)};
    return gy_arena_str(&d->arena, gy_text_nfc(raw, &d->arena));
}

/* The value as JSON has it; strings stay strings here. False for what is not read at all. */
static bool value_of(struct ref_data *d, const json_t *json, bool lists, struct ref_value *out)
{
    *out = (struct ref_value){0};
    if (json_is_null(json)) {
        return true;
    }
    if (json_is_number(json)) {
        out->type = GY_TYPE_NUMBER;
        out->number = json_number_value(json);
        return true;
    }
    if (json_is_boolean(json)) {
        out->type = GY_TYPE_BOOL;
        out->number = json_is_true(json) ? 1 : 0;
        return true;
    }
    if (json_is_string(json)) {
        out->type = GY_TYPE_STRING;
        out->string = text_of(d, json);
        return true;
    }
    if (!lists || !json_is_array(json)) {
        return false;
    }
    out->type = GY_TYPE_LIST;
    out->n_list = json_array_size(json);
    out->list = GY_NEW_ARRAY(&d->arena, struct gy_str, out->n_list + 1);
    for (size_t i = 0; i < out->n_list; i++) {
        if (!json_is_string(json_array_get(json, i))) {
            return false;
        }
        out->list[i] = text_of(d, json_array_get(json, i));
    }
    return true;
}

/* The first value's kind is the name's type; strings are times where all of them that the first file
 * with one has read as times. */
static void note_type(struct ref_data *d, size_t name, const struct ref_value *value)
{
    struct ref_name *n = &d->names[name];
    if (n->type == GY_TYPE_ANY) {
        n->type = value->type;
        n->file = d->n_files;
    }
    if (n->file != d->n_files) {
        return;
    }
    int64_t ms;
    if (value->type == GY_TYPE_STRING && !gy_time_read(value->string, d->zone, &ms, NULL)) {
        n->has_other_strings = true;
    }
}

/* The value read as the type that its name has in the end. */
static void settle(const struct ref_data *d, const struct ref_name *name, struct ref_value *value)
{
    bool is_time = name->type == GY_TYPE_TIME;
    if (value->type == GY_TYPE_STRING && is_time) {
        value->type = gy_time_read(value->string, d->zone, &value->time_ms, NULL) ? GY_TYPE_TIME
                                                                                  : GY_TYPE_ANY;
    } else if (value->type != name->type) {
        value->type = GY_TYPE_ANY;
    }
}

/* ---- customers ---- */

static size_t find_id(const struct ref_data *d, struct gy_str id, bool is_external)
{
    for (size_t i = 0; i < d->n_customers; i++) {
        if (d->customers[i].is_external == is_external && gy_str_equal(d->customers[i].id, id)) {
            return i;
        }
    }
    return SIZE_MAX;
}

static size_t add_id(struct ref_data *d, struct gy_str id, bool is_external)
{
    size_t found = find_id(d, id, is_external);
    if (found != SIZE_MAX) {
        return found;
    }
    GY_GROW(d->customers, d->customers_capacity, d->n_customers + 1);
    d->customers[d->n_customers] = (struct ref_customer){
        .id = id, .is_external = is_external, .parent = SIZE_MAX, .first_ms = INT64_MAX};
    return d->n_customers++;
}

static size_t root_of(const struct ref_data *d, size_t i)
{
    while (d->customers[i].parent != SIZE_MAX) {
        i = d->customers[i].parent;
    }
    return i;
}

bool ref_has_id(const struct ref_data *d, const struct ref_customer *customer, struct gy_str id)
{
    size_t external = find_id(d, id, true);
    size_t anonymous = find_id(d, id, false);
    size_t own = (size_t)(customer - d->customers);
    return (external != SIZE_MAX && root_of(d, external) == own) ||
           (anonymous != SIZE_MAX && root_of(d, anonymous) == own);
}

static struct gy_str member(struct ref_data *d, const json_t *call, const char *key)
{
    const json_t *value = json_object_get(call, key);
    return json_is_string(value) ? text_of(d, value) : (struct gy_str){"", 0};
}

/* The ordinal that the call's rows go to; claims and aliases take effect. */
static size_t identify(struct ref_data *d, const json_t *call)
{
    struct gy_str user = member(d, call, "userId");
    struct gy_str anonymous = member(d, call, "anonymousId");
    if (user.len == 0) {
        return root_of(d, add_id(d, anonymous, false));
    }
    size_t own = root_of(d, add_id(d, user, true));
    if (anonymous.len > 0) {
        size_t a = add_id(d, anonymous, false);
        if (d->customers[a].parent == SIZE_MAX) {
            d->customers[a].parent = own;
        }
    }
    struct gy_str previous = member(d, call, "previousId");
    if (previous.len > 0) {
        size_t p = find_id(d, previous, true);
        if (p == SIZE_MAX) {
            p = find_id(d, previous, false);
        }
        if (p == SIZE_MAX) {
            p = add_id(d, previous, true);
        }
        bool is_free = d->customers[p].is_external || d->customers[p].parent == SIZE_MAX;
        if (is_free && root_of(d, p) != own) {
            d->customers[root_of(d, p)].parent = own;
        }
    }
    return own;
}

static void seen(struct ref_customer *c, int64_t ms)
{
    if (ms < c->first_ms) {
        c->first_ms = ms;
    }
}

/* ---- calls ---- */

static struct ref_event *add_event(struct ref_customer *c, struct gy_str name, int64_t ms,
                                   size_t arrival)
{
    GY_GROW(c->events, c->events_capacity, c->n_events + 1);
    c->events[c->n_events] = (struct ref_event){name, ms, arrival, NULL, 0};
    return &c->events[c->n_events++];
}

static void add_property(struct ref_data *d, struct ref_event *e, uint32_t scope,
                         struct gy_str name, const struct ref_value *value)
{
    note_type(d, add_name(d, GY_NAME_PROPERTY, scope, name), value);
    e->properties[e->n_properties++] = (struct ref_property){name, *value};
}

static bool has_property(const struct ref_event *e, struct gy_str name)
{
    for (size_t i = 0; i < e->n_properties; i++) {
        if (gy_str_equal(e->properties[i].name, name)) {
            return true;
        }
    }
    return false;
}

static bool is_items(const json_t *json)
{
    if (!json_is_array(json) || json_array_size(json) == 0) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(json); i++) {
        if (!json_is_object(json_array_get(json, i))) {
            return false;
        }
    }
    return true;
}

static void read_scalars(struct ref_data *d, struct ref_event *e, uint32_t scope, json_t *from,
                         bool where_missing)
{
    const char *key;
    json_t *json;
    json_object_foreach(from, key, json)
    {
        struct ref_value value;
        struct gy_str raw = gy_str_of(key);
        struct gy_str name = gy_arena_str(&d->arena, gy_text_nfc(raw, &d->arena));
        if (where_missing && has_property(e, name)) {
            continue;
        }
        if (value_of(d, json, false, &value)) {
            add_property(d, e, scope, name, &value);
        }
    }
}

static void read_items(struct ref_data *d, size_t customer, struct gy_str event, int64_t ms,
                       size_t *arrival, json_t *properties)
{
    const char *key;
    json_t *list;
    json_object_foreach(properties, key, list)
    {
        if (!is_items(list)) {
            continue;
        }
        struct gy_buf name = {0};
        gy_buf_str(&name, event);
        gy_buf_char(&name, '/');
        gy_buf_str(&name, gy_text_nfc(gy_str_of(key), &d->arena));
        struct gy_str full = gy_arena_str(&d->arena, gy_buf_view(&name));
        gy_buf_release(&name);
        uint32_t scope = (uint32_t)add_name(d, GY_NAME_EVENT, 0, full) + 1;
        for (size_t i = 0; i < json_array_size(list); i++) {
            json_t *item = json_array_get(list, i);
            struct ref_event *e = add_event(&d->customers[customer], full, ms, (*arrival)++);
            e->properties = GY_NEW_ARRAY(&d->arena, struct ref_property,
                                         json_object_size(item) + json_object_size(properties));
            read_scalars(d, e, scope, item, false);
            read_scalars(d, e, scope, properties, true);
        }
    }
}

static void read_track(struct ref_data *d, size_t customer, const json_t *call, int64_t ms,
                       size_t *arrival)
{
    struct gy_str event = member(d, call, "event");
    json_t *properties = json_object_get(call, "properties");
    uint32_t scope = (uint32_t)add_name(d, GY_NAME_EVENT, 0, event) + 1;
    struct ref_event *e = add_event(&d->customers[customer], event, ms, (*arrival)++);
    e->properties = GY_NEW_ARRAY(&d->arena, struct ref_property, json_object_size(properties) + 1);
    read_scalars(d, e, scope, properties, false);
    read_items(d, customer, event, ms, arrival, properties);
}

static bool has_untimed(const struct ref_data *d, size_t customer, struct gy_str name)
{
    for (size_t i = 0; i < d->n_customers; i++) {
        if (root_of(d, i) != root_of(d, customer)) {
            continue;
        }
        const struct ref_customer *c = &d->customers[i];
        for (size_t k = 0; k < c->n_traits; k++) {
            if (c->traits[k].time_ms == REF_ALWAYS && gy_str_equal(c->traits[k].name, name)) {
                return true;
            }
        }
    }
    return false;
}

static void read_traits(struct ref_data *d, size_t customer, const json_t *call, int64_t ms,
                        size_t arrival)
{
    const char *key;
    json_t *json;
    json_object_foreach(json_object_get(call, "traits"), key, json)
    {
        struct ref_value value;
        if (!value_of(d, json, true, &value)) {
            continue;
        }
        struct gy_str name = gy_arena_str(&d->arena, gy_text_nfc(gy_str_of(key), &d->arena));
        note_type(d, add_name(d, GY_NAME_TRAIT, 0, name), &value);
        int64_t at = ms == REF_ALWAYS && has_untimed(d, customer, name) ? gy_now_ms() : ms;
        struct ref_customer *c = &d->customers[customer];
        GY_GROW(c->traits, c->traits_capacity, c->n_traits + 1);
        c->traits[c->n_traits++] = (struct ref_trait){name, at, arrival, value};
    }
}

/* ---- order and duplicates ---- */

struct seen_call {
    size_t customer;
    int64_t ms;
    struct gy_str type;
    struct gy_str event;
    struct gy_str message;
};

static bool is_duplicate(const struct ref_data *d, const struct seen_call *seen_calls, size_t n,
                         const struct seen_call *call)
{
    for (size_t i = n; i-- > 0;) {
        const struct seen_call *s = &seen_calls[i];
        if (s->ms == call->ms && gy_str_equal(s->message, call->message) &&
            gy_str_equal(s->type, call->type) && gy_str_equal(s->event, call->event) &&
            root_of(d, s->customer) == root_of(d, call->customer)) {
            return true;
        }
    }
    return false;
}

static int compare_events(const void *a, const void *b)
{
    const struct ref_event *x = a;
    const struct ref_event *y = b;
    if (x->time_ms != y->time_ms) {
        return x->time_ms < y->time_ms ? -1 : 1;
    }
    return (x->arrival > y->arrival) - (x->arrival < y->arrival);
}

static int compare_traits(const void *a, const void *b)
{
    const struct ref_trait *x = a;
    const struct ref_trait *y = b;
    if (x->time_ms != y->time_ms) {
        return x->time_ms < y->time_ms ? -1 : 1;
    }
    return (x->arrival > y->arrival) - (x->arrival < y->arrival);
}

/* Everything a child has becomes its root's. */
static void gather_children(struct ref_data *d)
{
    for (size_t i = 0; i < d->n_customers; i++) {
        struct ref_customer *child = &d->customers[i];
        if (child->parent == SIZE_MAX) {
            continue;
        }
        struct ref_customer *root = &d->customers[root_of(d, i)];
        GY_GROW(root->events, root->events_capacity, root->n_events + child->n_events);
        GY_GROW(root->traits, root->traits_capacity, root->n_traits + child->n_traits);
        for (size_t k = 0; k < child->n_events; k++) {
            root->events[root->n_events++] = child->events[k];
        }
        for (size_t k = 0; k < child->n_traits; k++) {
            root->traits[root->n_traits++] = child->traits[k];
        }
        seen(root, child->first_ms);
    }
}

static void settle_all(struct ref_data *d)
{
    for (size_t i = 0; i < d->n_names; i++) {
        struct ref_name *n = &d->names[i];
        if (n->type == GY_TYPE_STRING && !n->has_other_strings) {
            n->type = GY_TYPE_TIME;
        }
    }
    for (size_t i = 0; i < d->n_customers; i++) {
        struct ref_customer *c = &d->customers[i];
        for (size_t k = 0; k < c->n_events; k++) {
            struct ref_event *e = &c->events[k];
            uint32_t scope = (uint32_t)(find_name(d, GY_NAME_EVENT, 0, e->name) - d->names) + 1;
            for (size_t p = 0; p < e->n_properties; p++) {
                settle(d, find_name(d, GY_NAME_PROPERTY, scope, e->properties[p].name),
                       &e->properties[p].value);
            }
        }
        for (size_t k = 0; k < c->n_traits; k++) {
            settle(d, find_name(d, GY_NAME_TRAIT, 0, c->traits[k].name), &c->traits[k].value);
        }
    }
}

/* The customer that a duplicate would have: without letting the call have any effect. */
static size_t would_be(struct ref_data *d, const json_t *call)
{
    struct gy_str user = member(d, call, "userId");
    size_t found =
        user.len > 0 ? find_id(d, user, true) : find_id(d, member(d, call, "anonymousId"), false);
    return found == SIZE_MAX ? SIZE_MAX : root_of(d, found);
}

static void read_call(struct ref_data *d, const json_t *call, struct seen_call **calls, size_t *n,
                      size_t *capacity, size_t *arrival)
{
    int64_t ms = REF_ALWAYS;
    if (json_object_get(call, "timestamp") != NULL) {
        GY_ASSERT(gy_time_read(member(d, call, "timestamp"), d->zone, &ms, NULL));
    }
    struct seen_call one = {would_be(d, call), ms, member(d, call, "type"),
                            member(d, call, "event"), member(d, call, "messageId")};
    if (one.customer != SIZE_MAX && is_duplicate(d, *calls, *n, &one)) {
        return;
    }
    one.customer = identify(d, call);
    GY_GROW(*calls, *capacity, *n + 1);
    (*calls)[(*n)++] = one;
    seen(&d->customers[one.customer], ms);
    if (gy_str_equal(one.type, GY_STR("track"))) {
        read_track(d, one.customer, call, ms, arrival);
    } else if (gy_str_equal(one.type, GY_STR("identify"))) {
        read_traits(d, one.customer, call, ms, (*arrival)++);
    }
}

struct ref_data *ref_data_new(struct gy_str lines, const struct gy_zone *zone)
{
    struct ref_data *d = gy_alloc_zero(1, sizeof *d);
    d->zone = zone;
    struct seen_call *calls = NULL;
    size_t n = 0;
    size_t capacity = 0;
    size_t arrival = 0;
    while (lines.len > 0) {
        const char *end = memchr(lines.ptr, '\n', lines.len);
        size_t len = end == NULL ? lines.len : (size_t)(end - lines.ptr);
        if (len == 0) {
            d->n_files++;
        } else {
            json_error_t error;
            json_t *call =
                json_loadb(lines.ptr, len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
            GY_ASSERT(call != NULL);
            read_call(d, call, &calls, &n, &capacity, &arrival);
            json_decref(call);
        }
        size_t step = len + (end != NULL);
        lines = (struct gy_str){lines.ptr + step, lines.len - step};
    }
    free(calls);
    gather_children(d);
    settle_all(d);
    for (size_t i = 0; i < d->n_customers; i++) {
        struct ref_customer *c = &d->customers[i];
        if (c->n_events > 0) {
            qsort(c->events, c->n_events, sizeof *c->events, compare_events);
        }
        if (c->n_traits > 0) {
            qsort(c->traits, c->n_traits, sizeof *c->traits, compare_traits);
        }
    }
    return d;
}

void ref_data_free(struct ref_data *d)
{
    for (size_t i = 0; i < d->n_customers; i++) {
        free(d->customers[i].events);
        free(d->customers[i].traits);
    }
    free(d->customers);
    free(d->names);
    free(d->lists);
    free(d->texts);
    free(d->changes);
    gy_arena_release(&d->arena);
    free(d);
}

/* ---- what else there is ---- */

void ref_data_list(struct ref_data *d, struct gy_str name, const struct gy_str *ids, size_t n)
{
    GY_GROW(d->lists, d->lists_capacity, d->n_lists + 1);
    struct ref_list *list = &d->lists[d->n_lists++];
    list->name = gy_arena_str(&d->arena, name);
    list->n = n;
    list->ids = GY_NEW_ARRAY(&d->arena, struct gy_str, n + 1);
    for (size_t i = 0; i < n; i++) {
        list->ids[i] = gy_arena_str(&d->arena, ids[i]);
    }
}

static void add_text(struct ref_data *d, enum gy_name_kind kind, struct gy_str name,
                     struct gy_str text)
{
    GY_GROW(d->texts, d->texts_capacity, d->n_texts + 1);
    d->texts[d->n_texts++] =
        (struct ref_text){kind, gy_arena_str(&d->arena, name), gy_arena_str(&d->arena, text)};
}

void ref_data_segment(struct ref_data *d, struct gy_str name, struct gy_str text)
{
    add_text(d, GY_NAME_SEGMENT, name, text);
}

void ref_data_metric(struct ref_data *d, struct gy_str name, struct gy_str text)
{
    add_text(d, GY_NAME_METRIC, name, text);
}

void ref_data_change(struct ref_data *d, struct gy_str segment, struct gy_str id, bool entered,
                     int64_t at_ms)
{
    GY_GROW(d->changes, d->changes_capacity, d->n_changes + 1);
    d->changes[d->n_changes++] = (struct ref_change){gy_arena_str(&d->arena, segment),
                                                     gy_arena_str(&d->arena, id), entered, at_ms};
}

/* ---- the vocabulary ---- */

#define VISIT UINT32_C(0x50000000) /* the event; its properties are numbered from there */

bool ref_has_visits(struct ref_data *d)
{
    return find_name(d, GY_NAME_EVENT, 0, GY_STR("Page Viewed")) != NULL &&
           find_name(d, GY_NAME_EVENT, 0, GY_STR("Visit")) == NULL;
}

static uint32_t find_of_visits(struct ref_data *d, enum gy_name_kind kind, uint32_t scope,
                               struct gy_str name)
{
    if (kind == GY_NAME_EVENT && gy_str_equal(name, GY_STR("Visit")) && ref_has_visits(d)) {
        return VISIT;
    }
    for (uint32_t i = 0; kind == GY_NAME_PROPERTY && scope == VISIT && i < REF_VISIT_PROPERTIES;
         i++) {
        if (gy_str_equal(name, ref_visit_property(i))) {
            return VISIT + i;
        }
    }
    return GY_NAME_UNKNOWN;
}

static uint32_t find(void *context, enum gy_name_kind kind, uint32_t scope, struct gy_str name)
{
    struct ref_data *d = context;
    for (size_t i = 0; kind == GY_NAME_LIST && i < d->n_lists; i++) {
        if (gy_str_equal(d->lists[i].name, name)) {
            return (uint32_t)i;
        }
    }
    for (size_t i = 0; i < d->n_texts; i++) {
        if (d->texts[i].kind == kind && gy_str_equal(d->texts[i].name, name)) {
            return (uint32_t)i;
        }
    }
    if (find_of_visits(d, kind, scope, name) != GY_NAME_UNKNOWN) {
        return find_of_visits(d, kind, scope, name);
    }
    struct ref_name *n = find_name(d, kind, kind == GY_NAME_PROPERTY ? scope + 1 : 0, name);
    bool is_known = n != NULL && (kind == GY_NAME_EVENT || n->type != GY_TYPE_ANY);
    return is_known ? (uint32_t)(n - d->names) : GY_NAME_UNKNOWN;
}

static enum gy_type type(void *context, enum gy_name_kind kind, uint32_t scope, uint32_t id)
{
    (void)kind;
    (void)scope;
    return id >= VISIT ? ref_visit_type(id - VISIT) : ((struct ref_data *)context)->names[id].type;
}

static struct gy_str text(void *context, enum gy_name_kind kind, uint32_t id)
{
    (void)kind;
    return ((struct ref_data *)context)->texts[id].text;
}

static bool name_at(void *context, enum gy_name_kind kind, uint32_t scope, uint32_t i,
                    struct gy_str *name)
{
    struct ref_data *d = context;
    uint32_t want = kind == GY_NAME_PROPERTY ? scope + 1 : 0;
    if (kind == GY_NAME_LIST && i < d->n_lists) {
        *name = d->lists[i].name;
        return true;
    }
    for (size_t k = 0; k < d->n_texts; k++) {
        if (d->texts[k].kind == kind && i-- == 0) {
            *name = d->texts[k].name;
            return true;
        }
    }
    for (size_t k = 0; k < d->n_names; k++) {
        if (d->names[k].kind == kind && d->names[k].scope == want && i-- == 0) {
            *name = d->names[k].name;
            return true;
        }
    }
    if (kind == GY_NAME_EVENT && i == 0 && ref_has_visits(d)) {
        *name = GY_STR("Visit");
        return true;
    }
    if (kind == GY_NAME_PROPERTY && scope == VISIT && i < REF_VISIT_PROPERTIES) {
        *name = ref_visit_property(i);
        return true;
    }
    return false;
}

struct gy_vocabulary ref_vocabulary(struct ref_data *data)
{
    return (struct gy_vocabulary){data, data->zone, find, type, text, name_at};
}
