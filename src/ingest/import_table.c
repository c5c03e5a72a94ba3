/* import_table.c - events and customers: each row is a call of its own. */
#include <jansson.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"
#include "ingest/import_internal.h"
#include "ingest/table.h"

/* ---- cells ---- */

struct gy_value gy_import_cell(struct gy_str text, struct gy_arena *arena)
{
    struct gy_value value = {.type = GY_VALUE_MISSING};
    if (text.len > 0) {
        value.type = GY_VALUE_CELL;
        value.string = gy_text_nfc(text, arena);
    }
    return value;
}

static struct gy_value of_json(const json_t *json, struct gy_arena *arena)
{
    struct gy_value value = {.type = GY_VALUE_MISSING};
    if (json_is_number(json)) {
        value.type = GY_VALUE_NUMBER;
        value.number = json_number_value(json);
    } else if (json_is_boolean(json)) {
        value.type = GY_VALUE_BOOL;
        value.boolean = json_is_true(json);
    } else if (json_is_string(json)) {
        struct gy_str raw = {json_string_value(json), json_string_length(json)};
        value.type = GY_VALUE_STRING;
        value.string = gy_arena_str(arena, gy_text_nfc(raw, arena));
    }
    return value;
}

static struct gy_item item_of_json(json_t *object, struct gy_arena *arena)
{
    struct gy_field *fields = GY_NEW_ARRAY(arena, struct gy_field, json_object_size(object) + 1);
    uint32_t n = 0;
    const char *key;
    json_t *json;
    json_object_foreach(object, key, json)
    {
        if (!json_is_object(json) && !json_is_array(json)) {
            struct gy_str name = gy_text_nfc(gy_str_of(key), arena);
            fields[n++] = (struct gy_field){gy_arena_str(arena, name), of_json(json, arena)};
        }
    }
    return (struct gy_item){fields, n};
}

bool gy_import_items(struct gy_str name, struct gy_str text, struct gy_arena *arena,
                     struct gy_item_list *out)
{
    if (text.len < 4 || text.ptr[0] != '[' || text.ptr[text.len - 1] != ']') {
        return false;
    }
    json_t *array = json_loadb(text.ptr, text.len, 0, NULL);
    size_t n = json_array_size(array);
    bool are_objects = n > 0;
    for (size_t i = 0; i < n; i++) {
        are_objects = are_objects && json_is_object(json_array_get(array, i));
    }
    if (are_objects) {
        struct gy_item *items = GY_NEW_ARRAY(arena, struct gy_item, n);
        for (size_t i = 0; i < n; i++) {
            items[i] = item_of_json(json_array_get(array, i), arena);
        }
        *out = (struct gy_item_list){name, items, (uint32_t)n};
    }
    json_decref(array);
    return are_objects;
}

/* ---- amounts ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes the commas out of 1,234,567.8; false where they do not stand every three digits. */
static bool without_commas(struct gy_str s, char out[64], size_t *len)
{
    size_t n = 0;
    size_t since_comma = 0;
    bool has_comma = false;
    bool in_fraction = false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == ',') {
            if (in_fraction || since_comma == 0 ||
                (has_comma ? since_comma != 3 : since_comma > 3)) {
                return false;
            }
            has_comma = true;
            since_comma = 0;
            continue;
        }
        if (!is_digit(c) && has_comma && !in_fraction && since_comma != 3) {
            return false;
        }
        in_fraction = in_fraction || c == '.' || c == 'e' || c == 'E';
        since_comma += is_digit(c);
        if (n == 63) {
            return false;
        }
        out[n++] = c;
    }
    *len = n;
    return !has_comma || in_fraction || since_comma == 3;
}

static struct gy_str without_currency(struct gy_str s)
{
    static const char *const signs[] = {"₩", "￦", "£", "$", "€", "¥", "원"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        struct gy_str sign = gy_str_of(signs[i]);
        if (gy_str_starts_with(s, sign)) {
            s = (struct gy_str){s.ptr + sign.len, s.len - sign.len};
        }
        if (gy_str_ends_with(s, sign)) {
            s.len -= sign.len;
        }
    }
    while (s.len > 0 && s.ptr[0] == ' ') {
        s = (struct gy_str){s.ptr + 1, s.len - 1};
    }
    while (s.len > 0 && s.ptr[s.len - 1] == ' ') {
        s.len--;
    }
    return s;
}

bool gy_import_amount(struct gy_str s, double *out)
{
    if (gy_number_read(s, out)) {
        return true;
    }
    bool is_negative = false;
    if (s.len > 2 && s.ptr[0] == '(' && s.ptr[s.len - 1] == ')') {
        s = (struct gy_str){s.ptr + 1, s.len - 2};
        is_negative = true;
    } else if (s.len > 1 && s.ptr[0] == '-') {
        s = (struct gy_str){s.ptr + 1, s.len - 1};
        is_negative = true;
    }
    s = without_currency(s);
    char digits[64];
    size_t len;
    if (s.len == 0 || !is_digit(s.ptr[0]) || !without_commas(s, digits, &len) ||
        !gy_number_read((struct gy_str){digits, len}, out)) {
        return false;
    }
    *out = is_negative ? -*out : *out;
    return true;
}

/* ---- rows ---- */

/* A row's own identity where it has no messageId: what its cells say under which names, in any order
 * of columns. */
static uint64_t content_of(const struct gy_column_map *map, const struct gy_row *row)
{
    uint64_t sum = 0;
    for (uint32_t f = 0; f < GY_N_FIELDS; f++) {
        struct gy_str text = gy_column_map_field(map, row, (enum gy_table_field)f);
        if (text.len > 0) {
            sum += gy_hash(text.ptr, text.len, f + 1);
        }
    }
    for (uint32_t i = 0; i < map->n_extras; i++) {
        struct gy_str text = gy_column_map_extra(map, row, i);
        if (text.len > 0) {
            struct gy_str name = map->extras[i].name;
            sum +=
                gy_hash(text.ptr, text.len, gy_hash(name.ptr, name.len, map->extras[i].is_trait));
        }
    }
    return sum;
}

/* What the extra columns of a row become: properties (with items) and traits. */
struct row_extras {
    struct gy_field *properties;
    uint32_t n_properties;
    struct gy_field *traits;
    uint32_t n_traits;
    struct gy_item_list *lists;
    uint32_t n_lists;
};

static void read_extras(struct gy_import *import, const struct gy_column_map *map,
                        const struct gy_row *row, struct row_extras *out)
{
    uint32_t n = map->n_extras;
    out->properties = GY_NEW_ARRAY(&import->arena, struct gy_field, n + 1);
    out->traits = GY_NEW_ARRAY(&import->arena, struct gy_field, n + 1);
    out->lists = GY_NEW_ARRAY(&import->arena, struct gy_item_list, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        const struct gy_extra_column *extra = &map->extras[i];
        struct gy_str text = gy_column_map_extra(map, row, i);
        if (!extra->is_trait &&
            gy_import_items(extra->name, text, &import->arena, &out->lists[out->n_lists])) {
            out->n_lists++;
        } else if (text.len > 0) {
            struct gy_field field = {extra->name, gy_import_cell(text, &import->arena)};
            if (extra->is_trait) {
                out->traits[out->n_traits++] = field;
            } else {
                out->properties[out->n_properties++] = field;
            }
        }
    }
}

/* The ids and the time that every call of a row has. NULL, or the reason why the row cannot be taken. */
static const char *read_common(struct gy_import *import, const struct gy_column_map *map,
                               const struct gy_time_format *times, const struct gy_row *row,
                               struct gy_call *call)
{
    call->user_id =
        gy_text_nfc(gy_column_map_field(map, row, GY_FIELD_CUSTOMER_ID), &import->arena);
    call->anonymous_id =
        gy_text_nfc(gy_column_map_field(map, row, GY_FIELD_ANONYMOUS_ID), &import->arena);
    if (call->user_id.len == 0 && call->anonymous_id.len == 0) {
        return "no customer";
    }
    struct gy_str time = gy_column_map_field(map, row, GY_FIELD_TIME);
    call->has_time = time.len > 0;
    if (call->has_time && !gy_time_format_read(times, import->zone, time, &call->time_ms)) {
        return "the time does not read as one";
    }
    if (!call->has_time && map->kind == GY_IMPORT_EVENTS) {
        return "no time";
    }
    call->written_ms = call->time_ms;
    call->message_id =
        gy_text_nfc(gy_column_map_field(map, row, GY_FIELD_MESSAGE_ID), &import->arena);
    call->content = content_of(map, row);
    return NULL;
}

/* The reason why the row cannot be taken, or NULL. */
static const char *read_row(struct gy_import *import, const struct gy_column_map *map,
                            const struct gy_time_format *times, const struct gy_row *row,
                            struct gy_call *call)
{
    if (row->problem != NULL) {
        return row->problem;
    }
    if (!gy_column_map_fits(map, row)) {
        return GY_ROW_DOES_NOT_FIT;
    }
    const char *reason = read_common(import, map, times, row, call);
    if (reason != NULL || map->kind == GY_IMPORT_CUSTOMERS) {
        return reason;
    }
    call->event = gy_text_nfc(gy_column_map_field(map, row, GY_FIELD_EVENT), &import->arena);
    return call->event.len == 0 ? "no event" : NULL;
}

/* A line counts once: with its event, or with the traits where it is a customer. */
static struct gy_call traits_call(struct gy_call call, const struct row_extras *rest,
                                  bool is_customer)
{
    call.type = GY_CALL_IDENTIFY;
    call.n_lines = is_customer ? 1 : 0;
    call.event = (struct gy_str){"", 0};
    call.fields = rest->traits;
    call.n_fields = rest->n_traits;
    return call;
}

static struct gy_call event_call(struct gy_call call, const struct row_extras *rest)
{
    call.type = GY_CALL_TRACK;
    call.n_lines = 1;
    call.fields = rest->properties;
    call.n_fields = rest->n_properties;
    call.lists = rest->lists;
    call.n_lists = rest->n_lists;
    return call;
}

static enum gy_status take_row(struct gy_import *import, const struct gy_column_map *map,
                               const struct gy_time_format *times, const struct gy_row *row,
                               struct gy_error *err)
{
    struct gy_call common = {0};
    struct row_extras rest = {0};
    struct gy_call calls[2];
    uint32_t n = 0;
    bool is_customer = map->kind == GY_IMPORT_CUSTOMERS;
    bool refused;
    char why[512];
    const char *reason = read_row(import, map, times, row, &common);
    if (reason != NULL) {
        gy_import_reject_row(import, row, reason);
        return GY_OK;
    }
    read_extras(import, map, row, &rest);
    if (is_customer || rest.n_traits > 0) {
        calls[n++] = traits_call(common, &rest, is_customer);
    }
    if (!is_customer) {
        calls[n++] = event_call(common, &rest);
    }
    GY_TRY(gy_import_calls(import, calls, n, &refused, why, err));
    if (refused) {
        gy_import_reject_row(import, row, why);
    }
    return GY_OK;
}

enum gy_status gy_import_table(struct gy_import *import, struct gy_table *table,
                               const struct gy_column_map *map, struct gy_error *err)
{
    struct gy_time_format times;
    GY_TRY(gy_import_time_format(import, table, map, GY_FIELD_TIME, &times, err));
    for (;;) {
        struct gy_row row;
        bool has_row;
        GY_TRY(gy_table_next(table, &row, &has_row, err));
        if (!has_row) {
            return GY_OK;
        }
        import->position = gy_table_position(table);
        GY_TRY(gy_import_step(import, err));
        GY_TRY(take_row(import, map, &times, &row, err));
        gy_arena_reset(&import->arena);
    }
}
