/* fuzz_parser.c - any bytes as a definition: as an expression, as a value, as JSON.
 *
 * What parses must print as text that parses to the same, and as JSON that reads as the same; what
 * is checked against some vocabulary must end, with an error at a place or without one; what is valid
 * can be said.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "lang/check.h"
#include "lang/json.h"
#include "lang/parser.h"
#include "lang/print.h"
#include "lang/sentence.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum {
    TEXT_MAX = 64 * 1024
};

/* ---- a vocabulary where a name's first letter says what it is ---- */

static uint32_t find(void *context, enum gy_name_kind kind, uint32_t scope, struct gy_str name)
{
    (void)context;
    (void)kind;
    (void)scope;
    return name.len == 0 ? GY_NAME_UNKNOWN : (unsigned char)name.ptr[0];
}

static enum gy_type type(void *context, enum gy_name_kind kind, uint32_t scope, uint32_t id)
{
    (void)context;
    (void)scope;
    return (enum gy_type)(GY_TYPE_NUMBER + id % (kind == GY_NAME_TRAIT ? 5 : 4));
}

static struct gy_str text(void *context, enum gy_name_kind kind, uint32_t id)
{
    (void)context;
    static const char *const metrics[] = {"metric.b + 1", "trait.a", "count(x where y = 1)", "1 +"};
    static const char *const segments[] = {"in segment(b) or in segment(c)", "everyone",
                                           "metric.a = 1 and in segment(a)", "trait.x >"};
    return gy_str_of(kind == GY_NAME_METRIC ? metrics[id % 4] : segments[id % 4]);
}

static bool name_at(void *context, enum gy_name_kind kind, uint32_t scope, uint32_t i,
                    struct gy_str *name)
{
    (void)context;
    (void)kind;
    (void)scope;
    static const char *const names[] = {"price", "product_id", "구매"};
    if (i < 3) {
        *name = gy_str_of(names[i]);
    }
    return i < 3;
}

static const struct gy_vocabulary vocabulary = {
    .find = find, .type = type, .text = text, .name_at = name_at};

/* ---- laws ---- */

static void print(const struct gy_definition *tree, struct gy_buf *out)
{
    if (tree->expr != NULL) {
        gy_print_expr(tree->expr, out);
    } else {
        gy_print_term(tree->term, out);
    }
}

static void write_json(const struct gy_definition *tree, struct gy_buf *out)
{
    if (tree->expr != NULL) {
        gy_json_expr(tree->expr, out);
    } else {
        gy_json_term(tree->term, out);
    }
}

static void must_be_same(const struct gy_definition *tree, const struct gy_buf *canonical,
                         const struct gy_buf *json)
{
    struct gy_buf text_again = {0};
    struct gy_buf json_again = {0};
    print(tree, &text_again);
    write_json(tree, &json_again);
    GY_ASSERT(gy_str_equal(gy_buf_view(&text_again), gy_buf_view(canonical)));
    GY_ASSERT(gy_str_equal(gy_buf_view(&json_again), gy_buf_view(json)));
    gy_buf_release(&text_again);
    gy_buf_release(&json_again);
}

static void must_go_round(const struct gy_definition *tree)
{
    struct gy_error err = {0};
    struct gy_definition again = {0};
    struct gy_buf canonical = {0};
    struct gy_buf json = {0};
    bool is_value = tree->term != NULL;
    print(tree, &canonical);
    write_json(tree, &json);
    if (canonical.len <= TEXT_MAX) {
        struct gy_str s = gy_buf_view(&canonical);
        GY_ASSERT((is_value ? gy_parse_value(s, &again, &err) : gy_parse(s, &again, &err)) ==
                  GY_OK);
        must_be_same(&again, &canonical, &json);
        gy_definition_release(&again);
    }
    struct gy_str s = gy_buf_view(&json);
    GY_ASSERT((is_value ? gy_json_parse_value(s, &again, &err) : gy_json_parse(s, &again, &err)) ==
              GY_OK);
    must_be_same(&again, &canonical, &json);
    gy_definition_release(&again);
    gy_buf_release(&canonical);
    gy_buf_release(&json);
}

static void must_be_sayable(const struct gy_definition *tree)
{
    const int64_t now_ms = INT64_C(1796115600000); /* 2026-12-01T09:00Z */
    struct gy_buf out = {0};
    for (int language = GY_LANGUAGE_EN; language <= GY_LANGUAGE_KO; language++) {
        if (tree->expr != NULL) {
            gy_sentence(tree->expr, (enum gy_language)language, NULL, now_ms, &out);
        } else {
            gy_sentence_value(tree->term, (enum gy_language)language, NULL, now_ms, &out);
        }
    }
    GY_ASSERT(gy_text_is_utf8(gy_buf_view(&out)));
    gy_buf_release(&out);
}

static void must_check(struct gy_definition *tree)
{
    struct gy_error err = {0};
    struct gy_check_options options = {.allow_unknown = true};
    if (gy_check(tree, &vocabulary, &options, &err) != GY_OK) {
        GY_ASSERT(err.line > 0 && err.column > 0 && err.message[0] != '\0');
    } else {
        must_be_sayable(tree);
    }
}

static void use(enum gy_status status, bool has_place, struct gy_definition *tree,
                const struct gy_error *err)
{
    if (status == GY_OK) {
        must_go_round(tree);
        must_check(tree);
    } else {
        GY_ASSERT(err->message[0] != '\0');
        GY_ASSERT(!has_place || (err->line > 0 && err->column > 0));
    }
    gy_definition_release(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct gy_str input = {(const char *)bytes, len};
    struct gy_definition tree;
    struct gy_error err = {0};
    use(gy_parse(input, &tree, &err), true, &tree, &err);
    use(gy_parse_value(input, &tree, &err), true, &tree, &err);
    use(gy_json_parse(input, &tree, &err), false, &tree, &err);
    use(gy_json_parse_value(input, &tree, &err), false, &tree, &err);
    return 0;
}
