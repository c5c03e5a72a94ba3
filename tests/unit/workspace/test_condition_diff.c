/* test_condition_diff.c - what changed between two definitions, condition by condition. */
#include "harness.h"

#include "base/buf.h"
#include "workspace/condition_diff.h"

static void put_all(struct gy_buf *out, const char *sign, const struct gy_str *texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        gy_buf_text(out, sign);
        gy_buf_str(out, texts[i]);
        gy_buf_char(out, '\n');
    }
}

static void assert_diff(const char *before, const char *after, const char *expected)
{
    struct gy_arena arena = {0};
    struct gy_buf said = {0};
    struct gy_condition_diff diff = gy_condition_diff(gy_str_of(before), gy_str_of(after), &arena);
    gy_buf_text(&said, "");
    put_all(&said, "-", diff.removed, diff.n_removed);
    put_all(&said, "+", diff.added, diff.n_added);
    assert_string_equal(said.ptr, expected);
    gy_buf_release(&said);
    gy_arena_release(&arena);
}

static void test_chains_of_one_kind(void **state)
{
    (void)state;
    assert_diff("did(A) and did(B) and did(C)", "did(C) and did(D) and did(A)",
                "-did(B)\n+did(D)\n");
    assert_diff("did(A) or did(B)", "did(A) or did(B) or did(C)", "+did(C)\n");
    assert_diff("did(A) and (did(B) or did(C))", "did(A) and (did(B) or did(D))",
                "-did(B) or did(C)\n+did(B) or did(D)\n");
}

static void test_one_condition_is_a_chain_of_one(void **state)
{
    (void)state;
    assert_diff("did(A)", "did(A) and did(B)", "+did(B)\n");
    assert_diff("did(A) or did(B)", "did(B)", "-did(A)\n");
    assert_diff("did(A)", "did(B)", "-did(A)\n+did(B)\n");
}

/* The same conditions joined otherwise are another definition altogether. */
static void test_and_is_not_or(void **state)
{
    (void)state;
    assert_diff("did(A) and did(B)", "did(A) or did(B)", "-did(A) and did(B)\n+did(A) or did(B)\n");
}

static void test_only_what_it_means_counts(void **state)
{
    (void)state;
    assert_diff("DID(A) and did(\"B\") -- why", "(did(A)) AND did(B)", "");
    assert_diff("did(A", "did(B)", "");
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_chains_of_one_kind),
    cmocka_unit_test(test_one_condition_is_a_chain_of_one),
    cmocka_unit_test(test_and_is_not_or),
    cmocka_unit_test(test_only_what_it_means_counts),
};

GY_TEST_MAIN(cases)
