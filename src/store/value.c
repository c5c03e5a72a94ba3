/* value.c - values as JSON, and values read as another type. */
#include "store/value.h"

#include <strings.h>

#include <jansson.h>

#include "base/number.h"

/* ---- to JSON ---- */

static void escape(unsigned char c, struct gy_buf *out)
{
    switch (c) {
    case '"':
        gy_buf_text(out, "\\\"");
        return;
    case '\\':
        gy_buf_text(out, "\\\\");
        return;
    case '\n':
        gy_buf_text(out, "\\n");
        return;
    case '\r':
        gy_buf_text(out, "\\r");
        return;
    case '\t':
        gy_buf_text(out, "\\t");
        return;
    default:
        gy_buf_printf(out, "\\u%04x", c);
    }
}

static void print_string(struct gy_str s, struct gy_buf *out)
{
    gy_buf_char(out, '"');
    size_t begin = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        gy_buf_append(out, s.ptr + begin, i - begin);
        escape(c, out);
        begin = i + 1;
    }
    if (s.len > begin) {
        gy_buf_append(out, s.ptr + begin, s.len - begin);
    }
    gy_buf_char(out, '"');
}

static void print_list(const struct gy_str *strings, uint32_t n, struct gy_buf *out)
{
    gy_buf_char(out, '[');
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0) {
            gy_buf_char(out, ',');
        }
        print_string(strings[i], out);
    }
    gy_buf_char(out, ']');
}

void gy_value_json(const struct gy_value *value, struct gy_buf *out)
{
    char number[GY_NUMBER_TEXT];
    char time[GY_TIME_TEXT];
    switch (value->type) {
    case GY_VALUE_MISSING:
        gy_buf_text(out, "null");
        return;
    case GY_VALUE_NUMBER:
        gy_buf_append(out, number, gy_number_print(value->number, number));
        return;
    case GY_VALUE_BOOL:
        gy_buf_text(out, value->boolean ? "true" : "false");
        return;
    case GY_VALUE_TIME:
        print_string((struct gy_str){time, gy_time_print(value->time_ms, time)}, out);
        return;
    case GY_VALUE_STRING:
    case GY_VALUE_CELL:
        print_string(value->string, out);
        return;
    case GY_VALUE_LIST:
        print_list(value->list.strings, value->list.n, out);
        return;
    }
}

/* ---- from JSON ---- */

static struct gy_str copy_json_string(const json_t *string, struct gy_arena *arena)
{
    return gy_arena_str(arena,
                        (struct gy_str){json_string_value(string), json_string_length(string)});
}

static bool read_json_list(const json_t *array, struct gy_arena *arena, struct gy_value *out)
{
    size_t n = json_array_size(array);
    struct gy_str *strings = GY_NEW_ARRAY(arena, struct gy_str, n);
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(array, i);
        if (!json_is_string(item)) {
            return false;
        }
        strings[i] = copy_json_string(item, arena);
    }
    *out = (struct gy_value){.type = GY_VALUE_LIST, .list = {.strings = strings, .n = (uint32_t)n}};
    return true;
}

static bool read_json(const json_t *json, struct gy_arena *arena, struct gy_value *out)
{
    switch (json_typeof(json)) {
    case JSON_NULL:
        *out = (struct gy_value){.type = GY_VALUE_MISSING};
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        *out = (struct gy_value){.type = GY_VALUE_BOOL, .boolean = json_is_true(json)};
        return true;
    case JSON_STRING:
        *out = (struct gy_value){.type = GY_VALUE_STRING, .string = copy_json_string(json, arena)};
        return true;
    case JSON_ARRAY:
        return read_json_list(json, arena, out);
    case JSON_INTEGER: /* numbers never come here */
    case JSON_REAL:
    case JSON_OBJECT:
        return false;
    }
    return false;
}

bool gy_value_parse_json(struct gy_str json, struct gy_arena *arena, struct gy_value *out)
{
    double number;
    if (gy_number_read(json, &number)) {
        *out = (struct gy_value){.type = GY_VALUE_NUMBER, .number = number};
        return true;
    }
    json_t *root = json_loadb(json.len == 0 ? "" : json.ptr, json.len,
                              JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
    if (root == NULL) {
        return false;
    }
    bool is_read = read_json(root, arena, out);
    json_decref(root);
    return is_read;
}

/* ---- comparing and converting ---- */

static bool equal_lists(const struct gy_value *a, const struct gy_value *b)
{
    if (a->list.n != b->list.n) {
        return false;
    }
    for (uint32_t i = 0; i < a->list.n; i++) {
        if (!gy_str_equal(a->list.strings[i], b->list.strings[i])) {
            return false;
        }
    }
    return true;
}

bool gy_value_equal(const struct gy_value *a, const struct gy_value *b)
{
    if (a->type != b->type) {
        return false;
    }
    switch (a->type) {
    case GY_VALUE_MISSING:
        return true;
    case GY_VALUE_NUMBER:
        return a->number == b->number;
    case GY_VALUE_BOOL:
        return a->boolean == b->boolean;
    case GY_VALUE_TIME:
        return a->time_ms == b->time_ms;
    case GY_VALUE_STRING:
    case GY_VALUE_CELL:
        return gy_str_equal(a->string, b->string);
    case GY_VALUE_LIST:
        return equal_lists(a, b);
    }
    return false;
}

static bool to_number(const struct gy_value *value, struct gy_value *out)
{
    double number;
    if (value->type == GY_VALUE_BOOL) {
        number = value->boolean ? 1 : 0;
    } else if (value->type != GY_VALUE_STRING || !gy_number_read(value->string, &number)) {
        return false;
    }
    *out = (struct gy_value){.type = GY_VALUE_NUMBER, .number = number};
    return true;
}

static bool to_string(const struct gy_value *value, struct gy_arena *arena, struct gy_value *out)
{
    char text[GY_TIME_TEXT]; /* of a number too: it has GY_NUMBER_TEXT */
    _Static_assert((int)GY_TIME_TEXT >= (int)GY_NUMBER_TEXT, "room for both");
    struct gy_str string;
    if (value->type == GY_VALUE_NUMBER) {
        string = (struct gy_str){text, gy_number_print(value->number, text)};
    } else if (value->type == GY_VALUE_TIME) {
        string = (struct gy_str){text, gy_time_print(value->time_ms, text)};
    } else if (value->type == GY_VALUE_BOOL) {
        string = value->boolean ? GY_STR("true") : GY_STR("false");
    } else {
        return false;
    }
    *out = (struct gy_value){.type = GY_VALUE_STRING, .string = gy_arena_str(arena, string)};
    return true;
}

static bool is_word(struct gy_str s, const char *word)
{
    return s.len == strlen(word) && strncasecmp(s.ptr, word, s.len) == 0;
}

static bool to_bool(const struct gy_value *value, struct gy_value *out)
{
    bool boolean;
    if (value->type == GY_VALUE_NUMBER && (value->number == 0 || value->number == 1)) {
        boolean = value->number == 1;
    } else if (value->type == GY_VALUE_STRING &&
               (is_word(value->string, "true") || is_word(value->string, "false"))) {
        boolean = value->string.len == 4;
    } else {
        return false;
    }
    *out = (struct gy_value){.type = GY_VALUE_BOOL, .boolean = boolean};
    return true;
}

static bool to_time(const struct gy_value *value, const struct gy_zone *zone, struct gy_value *out)
{
    int64_t ms;
    if (value->type != GY_VALUE_STRING || !gy_time_read(value->string, zone, &ms, NULL)) {
        return false;
    }
    *out = (struct gy_value){.type = GY_VALUE_TIME, .time_ms = ms};
    return true;
}

bool gy_value_convert(const struct gy_value *value, enum gy_value_type type,
                      const struct gy_zone *zone, struct gy_arena *arena, struct gy_value *out)
{
    struct gy_value from = *value;
    if (from.type == GY_VALUE_CELL) {
        from.type = GY_VALUE_STRING;
    }
    if (from.type == type && type != GY_VALUE_MISSING) {
        *out = from;
        return true;
    }
    switch (type) {
    case GY_VALUE_NUMBER:
        return to_number(&from, out);
    case GY_VALUE_STRING:
        return to_string(&from, arena, out);
    case GY_VALUE_BOOL:
        return to_bool(&from, out);
    case GY_VALUE_TIME:
        return to_time(&from, zone, out);
    case GY_VALUE_LIST:
    case GY_VALUE_CELL:
    case GY_VALUE_MISSING:
        return false;
    }
    return false;
}
