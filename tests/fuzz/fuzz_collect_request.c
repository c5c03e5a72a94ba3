/* fuzz_collect_request.c - any bytes as a request: the first says whether it is a batch, the rest is its body.
 *
 * Every call of a batch is taken or rejected, once; and what simdjson reads as an object with an array "batch"
 * is never refused whole, and has as many calls as that array has elements.
 */
#include <stdint.h>
#include <stdlib.h>

#include "ingest/json_tree.h"
#include "server/basic_auth.h"
#include "server/collect_request.h"
#include "server/gunzip.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* The elements of the last member "batch"; -1 where there is none, or it is no array. */
static int64_t count_elements(const struct gy_json_node *nodes)
{
    int64_t n = -1;
    for (uint32_t i = 1; nodes[0].kind == GY_JSON_OBJECT && i < nodes[0].end;
         i = nodes[i + 1].end) {
        struct gy_str name = {nodes[i].as.string, nodes[i].n};
        if (gy_str_equal(name, GY_STR("batch"))) {
            n = nodes[i + 1].kind == GY_JSON_ARRAY ? (int64_t)nodes[i + 1].n : -1;
        }
    }
    return n;
}

/* A name with an escape in it is another for the scan, which does not read it. */
static void compare(struct gy_str body, enum gy_status status, uint32_t n)
{
    struct gy_json_tree *tree = gy_json_tree_new();
    struct gy_json_node *nodes;
    bool has_escapes = gy_str_contains(body, GY_STR("\\u00"));
    if (!has_escapes && gy_json_tree_read(tree, body.ptr, body.len, &nodes)) {
        int64_t want = count_elements(nodes);
        check(want < 0 || want > GY_COLLECT_CALLS_MAX ? status != GY_OK
                                                      : status == GY_OK && n == want);
    }
    gy_json_tree_free(tree);
}

static void check_indexes(const struct gy_collected *c)
{
    uint32_t taken = 0;
    uint32_t rejected = 0;
    for (uint32_t i = 0; i < c->n_calls + c->n_rejected; i++) {
        bool is_taken = taken < c->n_calls && c->indexes[taken] == i;
        bool is_rejected = rejected < c->n_rejected && c->rejected[rejected].index == i;
        check(is_taken != is_rejected);
        taken += is_taken;
        rejected += is_rejected;
    }
}

static void read(struct gy_str body, bool is_batch)
{
    struct gy_error err = {0};
    struct gy_collected c = {0};
    struct gy_spec_parser *parser = gy_spec_parser_new();
    struct gy_collect_source source = {
        .is_batch = is_batch, .type = GY_CALL_TRACK, .received_ms = INT64_C(1735689600000)};
    enum gy_status status = gy_collect_read(parser, body, &source, &c, &err);
    if (status == GY_OK) {
        check_indexes(&c);
        check(is_batch || c.n_calls + c.n_rejected == 1);
    } else {
        check(err.message[0] != '\0');
    }
    if (is_batch) {
        compare(body, status, c.n_calls + c.n_rejected);
    }
    gy_collected_release(&c);
    gy_spec_parser_free(parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct gy_arena arena = {0};
    struct gy_buf unzipped = {0};
    if (len == 0) {
        return 0;
    }
    struct gy_str body = {(const char *)bytes + 1, len - 1};
    (void)gy_basic_user(body, &arena);
    if (gy_is_gzip(body)) {
        if (gy_gunzip(body, GY_COLLECT_BODY_MAX, &unzipped, NULL) != GY_OK) {
            gy_buf_reset(&unzipped);
        }
        body = unzipped.len > 0 ? gy_buf_view(&unzipped) : GY_STR("");
    }
    (void)gy_collect_write_key(body);
    read(body, bytes[0] % 2 == 1);
    gy_buf_release(&unzipped);
    gy_arena_release(&arena);
    return 0;
}
