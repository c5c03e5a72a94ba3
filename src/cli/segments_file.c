/* segments_file.c - see segments_file.h. libyaml makes the nodes; what is read here never goes
 * deeper than the form does, so aliases cannot make it large. */
#include "cli/segments_file.h"

#include <limits.h>
#include <string.h>
#include <yaml.h>

#include "base/number.h"
#include "base/text.h"
#include "cli/lines.h"
#include "cli/options.h"
#include "workspace/attributes.h"
#include "workspace/names.h"

enum {
    MAX_FILE = 4 << 20,
    MAX_SEGMENTS = 10000
};

struct reader {
    yaml_document_t *document;
    struct gy_segments_file *out;
};

/* ---- nodes ---- */

static uint32_t line_of(const yaml_node_t *node)
{
    return (uint32_t)node->start_mark.line + 1;
}

static uint32_t column_of(const yaml_node_t *node)
{
    return (uint32_t)node->start_mark.column + 1;
}

#define FAIL_AT(err, node, ...) gy_error_at((err), line_of(node), column_of(node), __VA_ARGS__)

static struct gy_str scalar_of(const yaml_node_t *node)
{
    return (struct gy_str){(const char *)node->data.scalar.value, node->data.scalar.length};
}

static bool is_scalar(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE;
}

static bool is_key(const yaml_node_t *node, const char *key)
{
    return is_scalar(node) && gy_str_equal(scalar_of(node), gy_str_of(key));
}

static size_t count_pairs(const yaml_node_t *map)
{
    return (size_t)(map->data.mapping.pairs.top - map->data.mapping.pairs.start);
}

static void pair_at(const struct reader *r, const yaml_node_t *map, size_t i, yaml_node_t **key,
                    yaml_node_t **value)
{
    const yaml_node_pair_t *pair = &map->data.mapping.pairs.start[i];
    *key = yaml_document_get_node(r->document, pair->key);
    *value = yaml_document_get_node(r->document, pair->value);
}

/* No key twice, and each a text. */
static enum gy_status check_keys(const struct reader *r, const yaml_node_t *map,
                                 struct gy_error *err)
{
    yaml_node_t *key;
    yaml_node_t *value;
    yaml_node_t *other;
    if (count_pairs(map) > 64) {
        return FAIL_AT(err, map, "too many keys");
    }
    for (size_t i = 0; i < count_pairs(map); i++) {
        pair_at(r, map, i, &key, &value);
        if (!is_scalar(key)) {
            return FAIL_AT(err, key, "a key must be a text");
        }
        for (size_t k = 0; k < i; k++) {
            pair_at(r, map, k, &other, &value);
            if (gy_str_equal(scalar_of(other), scalar_of(key))) {
                return FAIL_AT(err, key, "key \"%.*s\" stands twice", GY_STR_ARG(scalar_of(key)));
            }
        }
    }
    return GY_OK;
}

/* ---- attributes ---- */

static json_t *json_of_scalar(const yaml_node_t *node, bool numbers)
{
    struct gy_str text = scalar_of(node);
    double number;
    bool is_plain = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (numbers && is_plain && gy_number_read(text, &number) && number >= 0 && number < 1e9 &&
        number == (double)(json_int_t)number) {
        return json_integer((json_int_t)number);
    }
    return json_stringn(text.ptr, text.len);
}

/* Scalars, and lists and maps of them; NULL for what goes deeper. */
static json_t *json_of_node(const struct reader *r, const yaml_node_t *node, bool numbers)
{
    if (is_scalar(node)) {
        return json_of_scalar(node, numbers);
    }
    if (node->type == YAML_SEQUENCE_NODE) {
        json_t *list = json_array();
        const yaml_node_item_t *item = node->data.sequence.items.start;
        for (; item < node->data.sequence.items.top; item++) {
            const yaml_node_t *child = yaml_document_get_node(r->document, *item);
            json_array_append_new(list,
                                  is_scalar(child) ? json_of_scalar(child, false) : json_null());
        }
        return list;
    }
    json_t *object = json_object();
    for (size_t i = 0; i < count_pairs(node); i++) {
        yaml_node_t *key;
        yaml_node_t *value;
        pair_at(r, node, i, &key, &value);
        if (is_scalar(key)) {
            json_object_set_new(object, (const char *)key->data.scalar.value,
                                is_scalar(value) ? json_of_scalar(value, false) : json_null());
        }
    }
    return object;
}

static enum gy_status read_attribute(const struct reader *r, struct gy_file_segment *segment,
                                     const yaml_node_t *key, const yaml_node_t *value,
                                     struct gy_error *err)
{
    const char *name = (const char *)key->data.scalar.value;
    if (value->type == YAML_MAPPING_NODE) {
        GY_TRY(check_keys(r, value, err));
    }
    json_t *json = json_of_node(r, value, strcmp(name, "priority") == 0);
    struct gy_error why = {0};
    if (gy_attributes_set(segment->attributes, name, json, &why) != GY_OK) {
        return FAIL_AT(err, value, "%s", why.message);
    }
    return GY_OK;
}

static enum gy_status refuse_key(const yaml_node_t *key, struct gy_error *err)
{
    const char *names[GY_N_ATTRIBUTES + 2] = {"name", "where"};
    memcpy(names + 2, gy_attribute_names, GY_N_ATTRIBUTES * sizeof names[0]);
    const char *typed = (const char *)key->data.scalar.value;
    FAIL_AT(err, key, "unknown key \"%s\" of a segment", typed);
    const char *nearest = gy_nearest_word(typed, names, GY_N_ATTRIBUTES + 2);
    if (nearest != NULL) {
        gy_error_hint(err, "Did you mean \"%s\"?", nearest);
    }
    return GY_INVALID;
}

static bool is_attribute(const yaml_node_t *key)
{
    for (size_t i = 0; i < GY_N_ATTRIBUTES; i++) {
        if (is_key(key, gy_attribute_names[i])) {
            return true;
        }
    }
    return false;
}

/* ---- segments ---- */

static enum gy_status read_name(struct reader *r, struct gy_file_segment *segment,
                                const yaml_node_t *value, struct gy_error *err)
{
    struct gy_error why = {0};
    if (!is_scalar(value)) {
        return FAIL_AT(err, value, "a name must be a text");
    }
    if (strlen((const char *)value->data.scalar.value) != value->data.scalar.length) {
        return FAIL_AT(err, value, "the name of a segment has no control characters");
    }
    if (gy_name_read((const char *)value->data.scalar.value, "segment", &r->out->arena,
                     &segment->name, &why) != GY_OK) {
        return FAIL_AT(err, value, "%s", why.message);
    }
    return GY_OK;
}

static enum gy_status read_where(struct reader *r, struct gy_file_segment *segment,
                                 const yaml_node_t *value, struct gy_error *err)
{
    if (!is_scalar(value) || value->data.scalar.length == 0) {
        return FAIL_AT(err, value, "a definition must be a text");
    }
    struct gy_str text = scalar_of(value);
    while (text.len > 0 && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == ' ')) {
        text.len--; /* the end of a block's last line is not of the definition */
    }
    segment->text = gy_arena_str(&r->out->arena, text);
    return GY_OK;
}

static enum gy_status read_key(struct reader *r, struct gy_file_segment *segment,
                               const yaml_node_t *key, const yaml_node_t *value,
                               struct gy_error *err)
{
    if (is_key(key, "name")) {
        return read_name(r, segment, value, err);
    }
    if (is_key(key, "where")) {
        return read_where(r, segment, value, err);
    }
    return is_attribute(key) ? read_attribute(r, segment, key, value, err) : refuse_key(key, err);
}

static enum gy_status check_segment(const struct reader *r, const struct gy_file_segment *segment,
                                    const yaml_node_t *node, struct gy_error *err)
{
    if (segment->name.len == 0) {
        return FAIL_AT(err, node, "a segment needs a name");
    }
    if (segment->text.len == 0) {
        return FAIL_AT(err, node, "segment \"%.*s\" needs a definition, under \"where\"",
                       GY_STR_ARG(segment->name));
    }
    for (size_t i = 0; i + 1 < r->out->n; i++) {
        if (gy_str_equal(r->out->segments[i].name, segment->name)) {
            return FAIL_AT(err, node, "segment \"%.*s\" stands twice, first in line %u",
                           GY_STR_ARG(segment->name), r->out->segments[i].line);
        }
    }
    return GY_OK;
}

static enum gy_status read_segment(struct reader *r, const yaml_node_t *node, struct gy_error *err)
{
    if (node->type != YAML_MAPPING_NODE) {
        return FAIL_AT(err, node, "a segment must be keys with values");
    }
    struct gy_file_segment *segment = &r->out->segments[r->out->n++];
    segment->attributes = json_object();
    segment->line = line_of(node);
    GY_TRY(check_keys(r, node, err));
    for (size_t i = 0; i < count_pairs(node); i++) {
        yaml_node_t *key;
        yaml_node_t *value;
        pair_at(r, node, i, &key, &value);
        GY_TRY(read_key(r, segment, key, value, err));
    }
    return check_segment(r, segment, node, err);
}

static enum gy_status read_list(struct reader *r, const yaml_node_t *list, struct gy_error *err)
{
    if (list->type != YAML_SEQUENCE_NODE) {
        return FAIL_AT(err, list, "\"segments\" must be a list");
    }
    size_t n = (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
    if (n > MAX_SEGMENTS) {
        return FAIL_AT(err, list, "a file has at most %d segments", MAX_SEGMENTS);
    }
    r->out->segments = GY_NEW_ARRAY(&r->out->arena, struct gy_file_segment, n == 0 ? 1 : n);
    for (size_t i = 0; i < n; i++) {
        yaml_node_item_t item = list->data.sequence.items.start[i];
        GY_TRY(read_segment(r, yaml_document_get_node(r->document, item), err));
    }
    return GY_OK;
}

static enum gy_status read_document(struct reader *r, struct gy_error *err)
{
    yaml_node_t *root = yaml_document_get_root_node(r->document);
    yaml_node_t *list = NULL;
    if (root == NULL) {
        return gy_error_at(err, 1, 1, "the file is empty; it needs the key \"segments\"");
    }
    if (root->type != YAML_MAPPING_NODE) {
        return FAIL_AT(err, root, "the file needs the key \"segments\"");
    }
    GY_TRY(check_keys(r, root, err));
    for (size_t i = 0; i < count_pairs(root); i++) {
        yaml_node_t *key;
        yaml_node_t *value;
        pair_at(r, root, i, &key, &value);
        if (!is_key(key, "segments")) {
            return FAIL_AT(err, key, "unknown key \"%.*s\"; the file has only \"segments\"",
                           GY_STR_ARG(scalar_of(key)));
        }
        list = value;
    }
    if (list == NULL) {
        return FAIL_AT(err, root, "the file needs the key \"segments\"");
    }
    return read_list(r, list, err);
}

/* ---- the file ---- */

static enum gy_status load(yaml_parser_t *parser, struct gy_segments_file *out,
                           struct gy_error *err)
{
    yaml_document_t document;
    struct reader reader = {&document, out};
    if (yaml_parser_load(parser, &document) == 0) {
        return gy_error_at(err, (uint32_t)parser->problem_mark.line + 1,
                           (uint32_t)parser->problem_mark.column + 1, "the file is no YAML: %s",
                           parser->problem != NULL ? parser->problem : "it cannot be read");
    }
    enum gy_status status = read_document(&reader, err);
    yaml_document_delete(&document);
    return status;
}

enum gy_status gy_segments_file_read(const char *path, struct gy_segments_file *out,
                                     struct gy_error *err)
{
    struct gy_buf text = {0};
    yaml_parser_t parser;
    *out = (struct gy_segments_file){0};
    enum gy_status status = gy_lines_read(path, MAX_FILE, &text, err);
    if (status == GY_OK && yaml_parser_initialize(&parser) != 0) {
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&parser, (const unsigned char *)text.ptr, text.len);
        status = load(&parser, out, err);
        if (status != GY_OK) {
            gy_error_context(err, "reading \"%s\"", path);
        }
        yaml_parser_delete(&parser);
    }
    gy_buf_release(&text);
    return status;
}

void gy_segments_file_release(struct gy_segments_file *file)
{
    for (size_t i = 0; i < file->n; i++) {
        json_decref(file->segments[i].attributes);
    }
    gy_arena_release(&file->arena);
    *file = (struct gy_segments_file){0};
}
