/* questions.c - one question, every way of answering it. */
#include "harness.h"

#include "base/mem.h"
#include "base/zone.h"
#include "engine/vocabulary.h"
#include "unit/engine/questions.h"

int64_t instant(const char *text)
{
    int64_t ms;
    assert_true(gy_time_read(gy_str_of(text), NULL, &ms, NULL));
    return ms;
}

void define(const struct gy_snapshot *s, const char *text, struct gy_definition *out)
{
    struct gy_error err;
    struct gy_vocabulary vocabulary = gy_vocabulary_of(s);
    struct gy_check_options options = {.allow_unknown = true};
    *out = (struct gy_definition){0};
    assert_ok(gy_define(gy_str_of(text), &vocabulary, &options, out, &err), &err);
}

void define_value(const struct gy_snapshot *s, const char *text, struct gy_definition *out)
{
    struct gy_error err;
    struct gy_vocabulary vocabulary = gy_vocabulary_of(s);
    *out = (struct gy_definition){0};
    assert_ok(gy_define_value(gy_str_of(text), &vocabulary, NULL, out, &err), &err);
}

static int compare_ids(const void *a, const void *b)
{
    return gy_str_compare(*(const struct gy_str *)a, *(const struct gy_str *)b);
}

static void ids_of(const struct gy_snapshot *s, const roaring_bitmap_t *audience,
                   struct gy_buf *out)
{
    size_t n = roaring_bitmap_get_cardinality(audience);
    uint32_t *ordinals = gy_alloc_zero(n + 1, sizeof *ordinals);
    struct gy_str *ids = gy_alloc_zero(n + 1, sizeof *ids);
    bool is_external;
    roaring_bitmap_to_uint32_array(audience, ordinals);
    for (size_t i = 0; i < n; i++)
        ids[i] = gy_snapshot_id(s, ordinals[i], &is_external);
    qsort(ids, n, sizeof *ids, compare_ids);
    gy_buf_text(out, "");
    for (size_t i = 0; i < n; i++) {
        gy_buf_text(out, i == 0 ? "" : " ");
        gy_buf_str(out, ids[i]);
    }
    free(ids);
    free(ordinals);
}

static void expect_run(const struct gy_snapshot *s, const struct gy_expr *expr, int64_t now_ms,
                       struct gy_run_options options, const char *expected)
{
    struct gy_error err;
    roaring_bitmap_t *audience;
    struct gy_buf ids = {0};
    assert_ok(gy_audience(s, expr, now_ms, &options, &audience, &err), &err);
    ids_of(s, audience, &ids);
    assert_string_equal(ids.ptr, expected);
    bool holds;
    for (uint32_t i = 0; i < gy_snapshot_n_ordinals(s); i++) {
        bool is_external;
        if (gy_snapshot_find(s, gy_snapshot_id(s, i, &is_external)) != i)
            continue;
        assert_ok(gy_holds(s, expr, now_ms, i, &holds, &err), &err);
        assert_int_equal(holds, roaring_bitmap_contains(audience, i));
    }
    gy_buf_release(&ids);
    roaring_bitmap_free(audience);
}

/* Asked together, a definition and its complement part everyone; nothing changes for being asked twice. */
static void expect_together(const struct gy_snapshot *s, struct gy_expr *expr, int64_t now_ms,
                            const char *expected)
{
    struct gy_error err;
    struct gy_expr complement = {.kind = GY_EXPR_NOT, .children = &expr, .n_children = 1};
    struct gy_expr everyone = {.kind = GY_EXPR_EVERYONE};
    const struct gy_expr *exprs[] = {expr, &complement, &everyone, expr};
    struct gy_run_options options = {.n_threads = 2};
    roaring_bitmap_t *out[4];
    struct gy_buf ids = {0};
    const int64_t instants_ms[] = {now_ms, now_ms, now_ms, now_ms};
    assert_ok(gy_audiences(s, exprs, instants_ms, 4, &options, out, &err), &err);
    ids_of(s, out[0], &ids);
    assert_string_equal(ids.ptr, expected);
    assert_true(roaring_bitmap_equals(out[0], out[3]));
    assert_false(roaring_bitmap_intersect(out[0], out[1]));
    roaring_bitmap_or_inplace(out[0], out[1]);
    assert_true(roaring_bitmap_equals(out[0], out[2]));
    for (int i = 0; i < 4; i++)
        roaring_bitmap_free(out[i]);
    gy_buf_release(&ids);
}

void expect_members(const struct gy_fixture *f, const char *now, const char *text,
                    const char *expected)
{
    struct gy_definition definition;
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    define(s, text, &definition);
    expect_run(s, definition.expr, instant(now), (struct gy_run_options){.n_threads = 1}, expected);
    expect_run(s, definition.expr, instant(now), (struct gy_run_options){.n_threads = 3}, expected);
    expect_run(s, definition.expr, instant(now), (struct gy_run_options){.row_by_row = true},
               expected);
    expect_together(s, definition.expr, instant(now), expected);
    gy_definition_release(&definition);
    gy_snapshot_close(s);
}
