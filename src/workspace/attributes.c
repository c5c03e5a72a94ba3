/* attributes.c - see attributes.h. */
#include "workspace/attributes.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "base/zone.h"

const char *const gy_attribute_names[GY_N_ATTRIBUTES] = {"title",   "purpose",    "action",
                                                         "owner",   "priority",   "tags",
                                                         "refresh", "valid_from", "valid_until"};

json_t *gy_attributes_of(struct gy_str json)
{
    json_t *object = json.len == 0 ? NULL : json_loadb(json.ptr, json.len, 0, NULL);
    if (json_is_object(object)) {
        return object;
    }
    json_decref(object);
    return json_object();
}

/* ---- forms ---- */

static bool is_text(const json_t *value)
{
    return json_is_string(value) && json_string_length(value) <= 2000;
}

static bool is_text_or_texts(const json_t *value)
{
    if (!json_is_object(value)) {
        return is_text(value);
    }
    json_t *en = json_object_get(value, "en");
    json_t *ko = json_object_get(value, "ko");
    size_t n = (en != NULL ? 1U : 0U) + (ko != NULL ? 1U : 0U);
    return n > 0 && json_object_size(value) == n && (en == NULL || is_text(en)) &&
           (ko == NULL || is_text(ko));
}

static bool is_text_list(const json_t *value)
{
    if (!json_is_array(value) || json_array_size(value) > 100) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (!is_text(json_array_get(value, i))) {
            return false;
        }
    }
    return true;
}

static bool is_refresh(const json_t *value)
{
    const char *word = json_string_value(value);
    return word != NULL && (strcmp(word, "live") == 0 || strcmp(word, "hourly") == 0 ||
                            strcmp(word, "daily") == 0 || strcmp(word, "weekly") == 0 ||
                            strcmp(word, "manual") == 0);
}

static bool is_priority(const json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) >= 1 &&
           json_integer_value(value) <= 1000000;
}

static bool is_time(const json_t *value)
{
    int64_t ms;
    struct gy_str text = {json_string_value(value), json_string_length(value)};
    return json_is_string(value) && gy_time_read(text, NULL, &ms, NULL);
}

struct form {
    const char *name;
    bool (*fits)(const json_t *value);
    const char *wanted;
};

static const struct form forms[] = {
    {"title", is_text_or_texts, "a text, or texts under en and ko"},
    {"purpose", is_text_or_texts, "a text, or texts under en and ko"},
    {"action", is_text_or_texts, "a text, or texts under en and ko"},
    {"owner", is_text, "a text"},
    {"priority", is_priority, "a whole number from 1 on"},
    {"tags", is_text_list, "a list of texts"},
    {"refresh", is_refresh, "live, hourly, daily, weekly or manual"},
    {"valid_from", is_time, "a time, as 2025-01-31 or 2025-01-31T18:30"},
    {"valid_until", is_time, "a time, as 2025-01-31 or 2025-01-31T18:30"},
};

enum gy_status gy_attributes_set(json_t *attributes, const char *name, json_t *value,
                                 struct gy_error *err)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (strcmp(forms[i].name, name) != 0) {
            continue;
        }
        if (!forms[i].fits(value)) {
            json_decref(value);
            return gy_error_set(err, GY_INVALID, "the %s of a segment is %s", name,
                                forms[i].wanted);
        }
        json_object_set_new(attributes, name, value);
        return GY_OK;
    }
    json_decref(value);
    return gy_error_set(err, GY_INVALID, "a segment has no attribute \"%s\"", name);
}

/* ---- from the command line ---- */

static json_t *split_tags(const char *text)
{
    json_t *tags = json_array();
    while (*text != '\0') {
        size_t len = strcspn(text, ",");
        size_t begin = strspn(text, " ");
        begin = begin < len ? begin : len;
        if (len > begin) {
            json_array_append_new(tags, json_stringn(text + begin, len - begin));
        }
        text += len + (text[len] == ',' ? 1 : 0);
    }
    return tags;
}

static json_t *read_priority(const char *text)
{
    double number;
    if (gy_number_read(gy_str_of(text), &number) && number >= 1 && number <= 1000000 &&
        number == (double)(json_int_t)number) {
        return json_integer((json_int_t)number);
    }
    return json_null();
}

enum gy_status gy_attributes_set_text(json_t *attributes, const char *name, const char *value,
                                      struct gy_error *err)
{
    if (value == NULL) {
        return GY_OK;
    }
    if (value[0] == '\0') {
        json_object_del(attributes, name);
        return GY_OK;
    }
    if (!gy_text_is_utf8(gy_str_of(value))) {
        return gy_error_set(err, GY_INVALID, "the %s is not UTF-8", name);
    }
    json_t *json = strcmp(name, "tags") == 0       ? split_tags(value)
                   : strcmp(name, "priority") == 0 ? read_priority(value)
                                                   : json_string(value);
    return gy_attributes_set(attributes, name, json, err);
}

/* ---- reading ---- */

void gy_attributes_text(const json_t *attributes, struct gy_buf *out)
{
    char *text = json_dumps(attributes, JSON_COMPACT | JSON_SORT_KEYS);
    gy_buf_text(out, text != NULL ? text : "{}");
    free(text);
}

static struct gy_str view(const json_t *string)
{
    return json_is_string(string)
               ? (struct gy_str){json_string_value(string), json_string_length(string)}
               : GY_STR("");
}

struct gy_str gy_attributes_string(const json_t *attributes, const char *name, const char *language)
{
    const json_t *value = json_object_get(attributes, name);
    if (!json_is_object(value)) {
        return view(value);
    }
    struct gy_str wanted = view(json_object_get(value, language));
    if (wanted.len > 0) {
        return wanted;
    }
    return view(json_object_get(value, strcmp(language, "ko") == 0 ? "en" : "ko"));
}
