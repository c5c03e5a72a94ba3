/* fuzz_segment_spec.c - any bytes as a line of JSON.
 *
 * simdjson and the second look for the place of a fault must agree on what JSON is; the texts of a call
 * that was taken must be well-formed and in NFC, and its names distinct.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "ingest/json_fault.h"
#include "ingest/json_tree.h"
#include "ingest/segment_spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_text(struct gy_str s)
{
    struct gy_arena arena = {0};
    check(gy_text_is_utf8(s));
    check(gy_str_equal(gy_text_nfc(s, &arena), s));
    gy_arena_release(&arena);
}

static void check_value(const struct gy_value *value)
{
    if (value->type == GY_VALUE_STRING) {
        check_text(value->string);
    }
    if (value->type == GY_VALUE_NUMBER) {
        check(isfinite(value->number));
    }
    for (uint32_t i = 0; value->type == GY_VALUE_LIST && i < value->list.n; i++) {
        check_text(value->list.strings[i]);
    }
}

static void check_fields(const struct gy_field *fields, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        check_text(fields[i].name);
        check_value(&fields[i].value);
        for (uint32_t k = 0; k < i; k++) {
            check(!gy_str_equal(fields[i].name, fields[k].name));
        }
    }
}

static void check_call(const struct gy_call *call)
{
    check(call->user_id.len > 0 || call->anonymous_id.len > 0);
    check_text(call->user_id);
    check_text(call->anonymous_id);
    check_text(call->previous_id);
    check_text(call->message_id);
    check_text(call->event);
    check_fields(call->fields, call->n_fields);
    for (uint32_t i = 0; i < call->n_lists; i++) {
        check_text(call->lists[i].property);
        for (uint32_t k = 0; k < call->lists[i].n_items; k++) {
            check_fields(call->lists[i].items[k].fields, call->lists[i].items[k].n_fields);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct gy_str line = {(const char *)bytes, len};
    struct gy_json_tree *tree = gy_json_tree_new();
    struct gy_json_node *nodes;
    bool is_json = gy_json_tree_read(tree, line.ptr, line.len, &nodes);
    check(is_json == (gy_json_find_fault(line).what == NULL));
    gy_json_tree_free(tree);

    struct gy_spec_parser *parser = gy_spec_parser_new();
    struct gy_call call;
    struct gy_error err = {0};
    if (gy_spec_parse(parser, line, NULL, &call, &err) == GY_OK) {
        check_call(&call);
    } else {
        check(err.message[0] != '\0');
    }
    gy_spec_parser_free(parser);
    return 0;
}
