/* fuzz_part.c - bytes as a part: opened, checked, read and merged.
 *
 * The first byte says how the rest is taken: as it is (even), or with all checksums mended (odd), so
 * that fuzzing gets behind them. Whatever passes the checks must be readable without further ones,
 * and the merge of a part that is sound throughout must be sound. */
#include <stdlib.h>

#include "base/mem.h"
#include "part_checksums.h"
#include "part_reader.h"
#include "store/merge.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Streams and properties as the corpus has them, with the types turned round by `turn`, so that
 * values are read again as every other type. */
static void make_schema(struct gy_schema *schema, unsigned turn)
{
    static const struct gy_str names[5] = {GY_STR("a"), GY_STR("b"), GY_STR("c"), GY_STR("d"),
                                           GY_STR("e")};
    gy_schema_init(schema);
    for (unsigned i = 0; i < 4; i++) {
        gy_schema_add_stream(schema, i < 2 ? GY_STREAM_EVENT : GY_STREAM_TRAIT, names[i],
                             (enum gy_value_type)(GY_VALUE_NUMBER + (i + turn) % 5), 0);
    }
    for (unsigned i = 0; i < 5; i++) {
        gy_schema_add_property(schema, GY_STREAM_FIRST, names[i],
                               (enum gy_value_type)(GY_VALUE_NUMBER + (i + turn) % 5));
    }
}

static void merge_with_itself(const struct gy_part *part, unsigned turn, bool is_sound)
{
    struct gy_schema schema;
    const struct gy_part *const inputs[2] = {part, part};
    const struct gy_move moves[2] = {{1, 0}, {70000, 2}};
    make_schema(&schema, turn);
    struct gy_merge merge = {
        .inputs = inputs, .n_inputs = 2, .schema = &schema, .moves = moves, .n_moves = 2};
    struct gy_part *merged;
    struct gy_error err;
    if (gy_merge_memory(&merge, &merged, &err) == GY_OK && merged != NULL) {
        if (is_sound && gy_part_check(merged, &err) != GY_OK) {
            abort();
        }
        read_part(merged);
        gy_part_close(merged);
    }
    gy_schema_release(&schema);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len == 0) {
        return 0;
    }
    size_t n = len - 1;
    uint8_t *copy = gy_alloc_aligned(64, n);
    memcpy(copy, bytes + 1, n);
    if (bytes[0] % 2 == 1) {
        fix_checksums(copy, n);
    }
    struct gy_part *part;
    struct gy_error err;
    if (gy_part_open_memory(copy, n, "fuzzed", &part, &err) != GY_OK) {
        return 0;
    }
    read_part(part);
    bool is_sound = gy_part_check(part, &err) == GY_OK;
    merge_with_itself(part, bytes[0] / 2, is_sound);
    gy_part_close(part);
    return 0;
}
