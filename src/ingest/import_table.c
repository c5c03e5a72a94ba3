/* import_table.c - events and customers: each row is a call of its own. */
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"
#include "ingest/import_internal.h"
#include "ingest/json_tree.h"
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

/* The tree's strings are gone with the next text. */
static struct gy_str keep_text(const struct gy_json_node *node, struct gy_arena *arena)
{
    struct gy_str text = gy_arena_str(arena, (struct gy_str){node->as.string, node->n});
    return gy_text_nfc(text, arena);
}

/* False where the node is an array or an object. */
static bool read_single(const struct gy_json_node *node, struct gy_arena *arena,
                        struct gy_value *out)
{
    *out = (struct gy_value){.type = GY_VALUE_MISSING};
    switch ((enum gy_json_kind)node->kind) {
    case GY_JSON_FALSE:
    case GY_JSON_TRUE:
        out->type = GY_VALUE_BOOL;
        out->boolean = node->kind == GY_JSON_TRUE;
        break;
    case GY_JSON_INT:
        out->type = GY_VALUE_NUMBER;
        out->number = (double)node->as.integer;
        break;
    case GY_JSON_NUMBER:
        out->type = GY_VALUE_NUMBER;
        out->number = node->as.number;
        break;
    case GY_JSON_STRING:
        out->type = GY_VALUE_STRING;
        out->string = keep_text(node, arena);
        break;
    case GY_JSON_NULL:
        break;
    case GY_JSON_ARRAY:
    case GY_JSON_OBJECT:
        return false;
    }
    return true;
}

/* Of two members of one name the last counts. More of them than an event can have are refused later. */
static void put_member(struct gy_field *fields, uint32_t *n, struct gy_field field)
{
    uint32_t i = *n > GY_MAX_PROPERTIES ? *n : 0;
    while (i < *n && !gy_str_equal(fields[i].name, field.name)) {
        i++;
    }
    fields[i] = field;
    *n += i == *n;
}

static struct gy_item item_of_json(const struct gy_json_node *nodes, uint32_t object,
                                   struct gy_arena *arena)
{
    struct gy_field *fields = gy_arena_alloc(arena, ((size_t)nodes[object].n + 1) * sizeof *fields);
    uint32_t n = 0;
    for (uint32_t i = object + 1; i < nodes[object].end; i = nodes[i + 1].end) {
        struct gy_value value;
        if (read_single(&nodes[i + 1], arena, &value)) {
            put_member(fields, &n, (struct gy_field){keep_text(&nodes[i], arena), value});
        }
    }
    return (struct gy_item){fields, n};
}

static bool is_array_of_objects(const struct gy_json_node *nodes)
{
    for (uint32_t i = 1; i < nodes[0].end; i = nodes[i].end) {
        if (nodes[i].kind != GY_JSON_OBJECT) {
            return false;
        }
    }
    return nodes[0].n > 0;
}

bool gy_import_items(struct gy_json_tree *tree, struct gy_str name, struct gy_str text,
                     struct gy_arena *arena, struct gy_item_list *out)
{
    struct gy_json_node *nodes;
    if (text.len < 4 || text.ptr[0] != '[' || text.ptr[text.len - 1] != ']' ||
        !gy_json_tree_read(tree, text.ptr, text.len, &nodes) || !is_array_of_objects(nodes)) {
        return false;
    }
    struct gy_item *items = gy_arena_alloc(arena, nodes[0].n * sizeof *items);
    uint32_t n = 0;
    for (uint32_t i = 1; i < nodes[0].end; i = nodes[i].end) {
        items[n++] = item_of_json(nodes, i, arena);
    }
    *out = (struct gy_item_list){name, items, n};
    return true;
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

/* What reads a table, in a thread of its own (pack.h). */
struct reader {
    const struct gy_import *import;
    struct gy_table *table;
    const struct gy_column_map *map;
    struct gy_time_format times;
    uint32_t fields[GY_N_FIELDS]; /* those that the table has */
    uint32_t n_fields;
    uint64_t *seeds;       /* of the contents of the extra columns */
    uint64_t near_extras;  /* a bit for each of the first 64 columns that is an extra one */
    uint32_t extra_of[64]; /* which, of those */
    uint32_t *far_extras;  /* the others: constants, and columns further right */
    uint32_t n_far_extras;
    struct gy_field *properties; /* of the row in hand */
    uint32_t n_properties;
    struct gy_field *traits;
    uint32_t n_traits;
    struct gy_item_list *lists;
    uint32_t n_lists;
    struct gy_json_tree *json;
    struct gy_buf written; /* a sheet's row */
};

/* Two extras may be of one column. */
static void place_extra(struct reader *r, uint32_t i)
{
    uint32_t column = r->map->extras[i].column;
    if (column < 64 && (r->near_extras >> column & 1) == 0) {
        r->near_extras |= UINT64_C(1) << column;
        r->extra_of[column] = i;
    } else {
        r->far_extras[r->n_far_extras++] = i;
    }
}

static enum gy_status open_reader(struct reader *r, struct gy_import *import,
                                  struct gy_table *table, const struct gy_column_map *map,
                                  struct gy_error *err)
{
    *r = (struct reader){.import = import, .table = table, .map = map, .json = gy_json_tree_new()};
    size_t n = (size_t)map->n_extras + 1;
    r->seeds = gy_realloc(NULL, n, sizeof *r->seeds);
    r->properties = gy_realloc(NULL, n, sizeof *r->properties);
    r->traits = gy_realloc(NULL, n, sizeof *r->traits);
    r->lists = gy_realloc(NULL, n, sizeof *r->lists);
    r->far_extras = gy_realloc(NULL, n, sizeof *r->far_extras);
    for (uint32_t f = 0; f < GY_N_FIELDS; f++) {
        if (gy_column_map_has(map, (enum gy_table_field)f)) {
            r->fields[r->n_fields++] = f;
        }
    }
    for (uint32_t i = 0; i < map->n_extras; i++) {
        struct gy_str name = map->extras[i].name;
        r->seeds[i] = gy_hash(name.ptr, name.len, map->extras[i].is_trait);
        place_extra(r, i);
    }
    return gy_import_time_format(import, table, map, GY_FIELD_TIME, &r->times, err);
}

static void release_reader(struct reader *r)
{
    free(r->seeds);
    free(r->properties);
    free(r->traits);
    free(r->lists);
    free(r->far_extras);
    gy_json_tree_free(r->json);
    gy_buf_release(&r->written);
}

/* A row on its way into a pack: the row, and the copy of its bytes that the pack has. */
struct kept_row {
    const struct gy_row *row;
    const char *bytes; /* of row->raw */
    struct gy_arena *arena;
    bool is_ascii; /* the row is: all of it is in NFC */
};

/* In NFC. The row's bytes are copied at once; a cell's text is a piece of them, but where quotes were
 * doubled, and where it is a constant. */
static struct gy_str keep(const struct kept_row *k, struct gy_str text)
{
    struct gy_str raw = k->row->raw;
    if (text.len == 0) {
        return (struct gy_str){"", 0};
    }
    if (text.ptr < raw.ptr || text.ptr + text.len > raw.ptr + raw.len) {
        return gy_text_nfc(gy_arena_str(k->arena, text), k->arena);
    }
    struct gy_str kept = {k->bytes + (text.ptr - raw.ptr), text.len};
    return k->is_ascii ? kept : gy_text_nfc(kept, k->arena);
}

static struct gy_str keep_field(const struct reader *r, const struct kept_row *k,
                                enum gy_table_field field)
{
    return keep(k, gy_column_map_field(r->map, k->row, field));
}

/* A row's own identity where it has no messageId: what its cells say under which names, in any order
 * of columns. */
static uint64_t content_of(const struct reader *r, const struct gy_row *row)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < r->n_fields; i++) {
        struct gy_str text = gy_column_map_field(r->map, row, (enum gy_table_field)r->fields[i]);
        if (text.len > 0) {
            sum += gy_hash(text.ptr, text.len, r->fields[i] + 1);
        }
    }
    for (uint32_t i = 0; i < r->map->n_extras; i++) {
        struct gy_str text = gy_column_map_extra(r->map, row, i);
        if (text.len > 0) {
            sum += gy_hash(text.ptr, text.len, r->seeds[i]);
        }
    }
    return sum;
}

static void read_extra(struct reader *r, const struct kept_row *k, uint32_t i)
{
    const struct gy_extra_column *extra = &r->map->extras[i];
    struct gy_str text = gy_column_map_extra(r->map, k->row, i);
    if (text.len == 0) {
        return;
    }
    if (!extra->is_trait &&
        gy_import_items(r->json, extra->name, text, k->arena, &r->lists[r->n_lists])) {
        r->n_lists++;
        return;
    }
    struct gy_value value = {.type = GY_VALUE_CELL, .string = keep(k, text)};
    if (extra->is_trait) {
        r->traits[r->n_traits++] = (struct gy_field){extra->name, value};
    } else {
        r->properties[r->n_properties++] = (struct gy_field){extra->name, value};
    }
}

/* The extra columns of a row become properties (with items) and traits. Most cells of most rows are
 * empty, and those are not even looked at. */
static void read_extras(struct reader *r, const struct kept_row *k)
{
    r->n_properties = r->n_traits = r->n_lists = 0;
    for (uint64_t left = r->near_extras & ~k->row->empties; left != 0; left &= left - 1) {
        read_extra(r, k, r->extra_of[__builtin_ctzll(left)]);
    }
    for (uint32_t i = 0; i < r->n_far_extras; i++) {
        read_extra(r, k, r->far_extras[i]);
    }
}

/* The ids and the time that every call of a row has. NULL, or the reason why the row cannot be taken. */
static const char *read_common(const struct reader *r, const struct kept_row *k,
                               struct gy_call *call)
{
    call->user_id = keep_field(r, k, GY_FIELD_CUSTOMER_ID);
    call->anonymous_id = keep_field(r, k, GY_FIELD_ANONYMOUS_ID);
    if (call->user_id.len == 0 && call->anonymous_id.len == 0) {
        return "no customer";
    }
    struct gy_str time = gy_column_map_field(r->map, k->row, GY_FIELD_TIME);
    call->has_time = time.len > 0;
    if (call->has_time && !gy_time_format_read(&r->times, r->import->zone, time, &call->time_ms)) {
        return "the time does not read as one";
    }
    if (!call->has_time && r->map->kind == GY_IMPORT_EVENTS) {
        return "no time";
    }
    call->written_ms = call->time_ms;
    call->message_id = keep_field(r, k, GY_FIELD_MESSAGE_ID);
    return NULL;
}

/* The reason why the row cannot be taken, or NULL. */
static const char *read_row(const struct reader *r, const struct kept_row *k, struct gy_call *call)
{
    if (k->row->problem != NULL) {
        return k->row->problem;
    }
    if (!gy_column_map_fits(r->map, k->row)) {
        return GY_ROW_DOES_NOT_FIT;
    }
    const char *reason = read_common(r, k, call);
    if (reason != NULL || r->map->kind == GY_IMPORT_CUSTOMERS) {
        return reason;
    }
    call->event = keep_field(r, k, GY_FIELD_EVENT);
    return call->event.len == 0 ? "no event" : NULL;
}

/* A copy of the first `n` elements, in the arena. */
static void *copy_array(struct gy_arena *arena, const void *from, uint32_t n, size_t size)
{
    void *copy = gy_arena_alloc(arena, n * size);
    if (n > 0) {
        memcpy(copy, from, n * size);
    }
    return copy;
}

/* A line counts once: with its event, or with the traits where it is a customer. */
static void set_traits(const struct reader *r, struct gy_call *call, bool is_customer,
                       struct gy_arena *arena)
{
    call->type = GY_CALL_IDENTIFY;
    call->n_lines = is_customer ? 1 : 0;
    call->event = (struct gy_str){"", 0};
    call->fields = copy_array(arena, r->traits, r->n_traits, sizeof *r->traits);
    call->n_fields = r->n_traits;
}

static void set_event(const struct reader *r, struct gy_call *call, struct gy_arena *arena)
{
    call->type = GY_CALL_TRACK;
    call->n_lines = 1;
    call->fields = copy_array(arena, r->properties, r->n_properties, sizeof *r->properties);
    call->n_fields = r->n_properties;
    if (r->n_lists > 0) {
        call->lists = copy_array(arena, r->lists, r->n_lists, sizeof *r->lists);
        call->n_lists = r->n_lists;
    }
}

static void set_content(const struct reader *r, const struct gy_row *row, struct gy_call *calls,
                        uint32_t n)
{
    bool is_wanted = false;
    for (uint32_t i = 0; i < n; i++) {
        is_wanted |= gy_writer_wants_content(r->import->writer, &calls[i]);
    }
    uint64_t content = is_wanted ? content_of(r, row) : 0;
    for (uint32_t i = 0; i < n; i++) {
        calls[i].content = content;
    }
}

/* The row as it came, for the rejects file, and its bytes for the cells that are kept. */
static struct gy_str copy_raw(struct reader *r, const struct gy_row *row, struct gy_arena *arena)
{
    if (row->is_sheet && r->import->rejects != NULL) {
        gy_buf_reset(&r->written);
        gy_row_write(row, &r->written);
        return gy_arena_str(arena, gy_buf_view(&r->written));
    }
    if (row->is_sheet) {
        return (struct gy_str){"", 0};
    }
    char *bytes = gy_arena_alloc(arena, row->raw.len + 1);
    memcpy(bytes, row->raw.ptr, row->raw.len);
    bytes[row->raw.len] = '\n';
    return (struct gy_str){bytes, row->raw.len + 1};
}

/* Makes the calls of a row that can be taken, the first of which has what all have. */
static void add_calls(struct reader *r, const struct kept_row *k, struct gy_pack *pack)
{
    bool is_customer = r->map->kind == GY_IMPORT_CUSTOMERS;
    uint32_t first = pack->n_calls - 1;
    read_extras(r, k);
    pack->calls[first].names_stay = true;
    if (is_customer) {
        set_traits(r, &pack->calls[first], true, &pack->arena);
    } else if (r->n_traits > 0) {
        struct gy_call *event = gy_pack_add_call(pack);
        *event = pack->calls[first];
        set_event(r, event, &pack->arena);
        set_traits(r, &pack->calls[first], false, &pack->arena);
    } else {
        set_event(r, &pack->calls[first], &pack->arena);
    }
    set_content(r, k->row, pack->calls + first, pack->n_calls - first);
}

static void add_row(struct reader *r, const struct gy_row *row, struct gy_pack *pack)
{
    struct gy_pack_line *line = gy_pack_add_line(pack);
    line->line = row->line;
    line->position = gy_table_position(r->table);
    line->raw = copy_raw(r, row, &pack->arena);
    pack->bytes += row->raw.len;
    struct kept_row kept = {.row = row,
                            .bytes = line->raw.ptr,
                            .arena = &pack->arena,
                            .is_ascii = !row->is_sheet && gy_text_is_ascii(row->raw)};
    line->reason = read_row(r, &kept, gy_pack_add_call(pack));
    if (line->reason != NULL) {
        gy_pack_drop_call(pack);
    } else {
        add_calls(r, &kept, pack);
    }
}

static enum gy_status fill(void *context, struct gy_pack *pack, struct gy_error *err)
{
    struct reader *r = context;
    while (!gy_pack_is_full(pack)) {
        struct gy_row row;
        bool has_row;
        GY_TRY(gy_table_next(r->table, &row, &has_row, err));
        if (!has_row) {
            pack->is_last = true;
            return GY_OK;
        }
        add_row(r, &row, pack);
    }
    return GY_OK;
}

enum gy_status gy_import_table(struct gy_import *import, struct gy_table *table,
                               const struct gy_column_map *map, struct gy_error *err)
{
    struct reader r;
    enum gy_status status = open_reader(&r, import, table, map, err);
    if (status == GY_OK) {
        status = gy_import_packs(import, fill, &r, err);
    }
    release_reader(&r);
    return status;
}
