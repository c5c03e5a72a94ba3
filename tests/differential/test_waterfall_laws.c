/* test_waterfall_laws.c - a waterfall's numbers are those of audiences asked one by one, over random
 * definitions and data: of each condition alone, of the definition cut off behind it, of the definition
 * without it; and what is unknown is what the plain reference finds missing.
 *
 * Runs for GYEOL_DIFFERENTIAL_SECONDS (6), each trial under a seed of its own (seeds.h). */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "differential/seeds.h"
#include "differential/trial.h"
#include "engine/vocabulary.h"
#include "engine/waterfall.h"
#include "lang/print.h"

static int64_t seconds(void)
{
    const char *given = getenv("GYEOL_DIFFERENTIAL_SECONDS");
    return given == NULL ? 6 : strtoll(given, NULL, 10);
}

/* ---- definitions without some of their conditions ---- */

/* Conditions are counted as the waterfall has them: in the order of the text, groups before what is in
 * them. */
struct cut {
    struct gy_arena *arena;
    uint32_t next;  /* the place of the next condition */
    uint32_t last;  /* conditions behind it are left out … */
    uint32_t leave; /* … and so is this one; UINT32_MAX: none */
};

static struct gy_expr *cut_condition(struct cut *cut, struct gy_expr *expr, bool is_out);

static bool is_group(const struct gy_expr *expr)
{
    return expr->kind == GY_EXPR_AND || expr->kind == GY_EXPR_OR;
}

/* NULL where nothing is left of it. */
static struct gy_expr *cut_group(struct cut *cut, const struct gy_expr *group, bool is_out)
{
    struct gy_expr *out = GY_NEW(cut->arena, struct gy_expr);
    *out = *group;
    out->children = GY_NEW_ARRAY(cut->arena, struct gy_expr *, group->n_children);
    out->n_children = 0;
    for (uint32_t i = 0; i < group->n_children; i++) {
        struct gy_expr *child = cut_condition(cut, group->children[i], is_out);
        if (child != NULL)
            out->children[out->n_children++] = child;
    }
    return out->n_children > 1 ? out : out->n_children == 1 ? out->children[0] : NULL;
}

static struct gy_expr *negate(struct cut *cut, struct gy_expr *expr)
{
    struct gy_expr *out = GY_NEW(cut->arena, struct gy_expr);
    out->kind = GY_EXPR_NOT;
    out->children = GY_NEW_ARRAY(cut->arena, struct gy_expr *, 1);
    out->children[0] = expr;
    out->n_children = 1;
    return out;
}

static struct gy_expr *cut_condition(struct cut *cut, struct gy_expr *expr, bool is_out)
{
    uint32_t place = cut->next++;
    uint32_t n_nots = 0;
    struct gy_expr *inner = expr;
    for (; inner->kind == GY_EXPR_NOT; inner = inner->children[0])
        n_nots++;
    is_out = is_out || place == cut->leave;
    if (!is_group(inner))
        return is_out || place > cut->last ? NULL : expr;
    struct gy_expr *left = cut_group(cut, inner, is_out);
    for (; left != NULL && n_nots > 0; n_nots--)
        left = negate(cut, left);
    return left;
}

static const struct gy_expr everyone = {.kind = GY_EXPR_EVERYONE};

static const struct gy_expr *cut_definition(struct gy_expr *definition, uint32_t last,
                                            uint32_t leave, struct gy_arena *arena)
{
    struct cut cut = {arena, 0, last, leave};
    const struct gy_expr *out = is_group(definition) ? cut_group(&cut, definition, false)
                                                     : cut_condition(&cut, definition, false);
    return out == NULL ? &everyone : out;
}

/* ---- what is missing ---- */

static void put_missing_side(const struct gy_term *side, struct gy_buf *text)
{
    gy_buf_text(text, text->len > 0 ? " or (" : "(");
    gy_print_term(side, text);
    gy_buf_text(text, ") is missing");
}

/* "side is missing or …" of every comparison in a condition, whatever its sides are. */
static void put_missing(const struct gy_expr *expr, struct gy_buf *text)
{
    struct gy_term date = {.kind = GY_TERM_TRAIT, .type = GY_TYPE_TIME, .name = expr->name};
    bool is_sided = expr->kind == GY_EXPR_COMPARE || expr->kind == GY_EXPR_BETWEEN;
    for (uint32_t i = 0; i < expr->n_children; i++)
        put_missing(expr->children[i], text);
    if (is_sided || expr->kind == GY_EXPR_IN || expr->kind == GY_EXPR_TEXT)
        put_missing_side(expr->left, text);
    if (expr->kind == GY_EXPR_COMPARE)
        put_missing_side(expr->right, text);
    if (expr->kind == GY_EXPR_BETWEEN) {
        put_missing_side(expr->low, text);
        put_missing_side(expr->high, text);
    }
    if (expr->kind == GY_EXPR_ANNIVERSARY)
        put_missing_side(&date, text);
}

/* ---- one waterfall ---- */

struct asked {
    struct trial *trial;
    struct gy_str text;
    int64_t now_ms;
};

static void expect(const struct asked *a, const struct gy_condition *condition, const char *what,
                   int64_t expected, int64_t found)
{
    struct gy_buf text = {0};
    if (expected == found)
        return;
    gy_buf_text(&text, "");
    if (condition != NULL)
        gy_print_expr(condition->expr, &text);
    fail_msg("SEED=%llu as of %lld\n%.*s\n%s of %s: expected %lld, found %lld",
             (unsigned long long)a->trial->seed, (long long)a->now_ms, GY_STR_ARG(a->text), what,
             text.ptr, (long long)expected, (long long)found);
}

static int64_t size_of(const struct asked *a, const struct gy_expr *expr)
{
    struct gy_error err;
    roaring_bitmap_t *audience;
    assert_ok(gy_audience(a->trial->snapshot, expr, a->now_ms, NULL, &audience, &err), &err);
    int64_t size = (int64_t)roaring_bitmap_get_cardinality(audience);
    roaring_bitmap_free(audience);
    return size;
}

/* By the reference; strangers are too many for it. */
static int64_t count_reference(const struct asked *a, struct gy_str text)
{
    struct gy_buf members = {0};
    struct gy_error err = {0};
    int64_t n = 0;
    if (!trial_ask_reference(a->trial, text, a->now_ms, &members, &err))
        fail_msg("SEED=%llu %.*s: %s", (unsigned long long)a->trial->seed, GY_STR_ARG(text),
                 err.message);
    for (size_t i = 0; i < members.len; i++)
        n += members.ptr[i] == '\n';
    gy_buf_release(&members);
    return n;
}

static int64_t count_engine(const struct asked *a, struct gy_str text)
{
    struct gy_error err = {0};
    roaring_bitmap_t *audience = trial_audience(a->trial, text, a->now_ms, NULL, &err);
    assert_non_null(audience);
    int64_t n = (int64_t)roaring_bitmap_get_cardinality(audience);
    roaring_bitmap_free(audience);
    return n;
}

static void check_unknown(const struct asked *a, const struct gy_condition *c)
{
    struct gy_buf text = {0};
    put_missing(c->expr, &text);
    if (text.len == 0)
        gy_buf_text(&text, "nobody");
    expect(a, c, "unknown",
           a->trial->n_strangers == 0 ? count_reference(a, gy_buf_view(&text))
                                      : count_engine(a, gy_buf_view(&text)),
           (int64_t)c->n_unknown);
    gy_buf_release(&text);
}

static void check_condition(const struct asked *a, struct gy_expr *definition,
                            const struct gy_waterfall *w, uint32_t place)
{
    struct gy_arena arena = {0};
    const struct gy_condition *c = &w->conditions[place];
    const struct gy_expr *up_to_here = cut_definition(definition, c->end - 1, UINT32_MAX, &arena);
    const struct gy_expr *without = cut_definition(definition, UINT32_MAX, place, &arena);
    expect(a, c, "alone", size_of(a, c->expr), (int64_t)c->n_alone);
    expect(a, c, "remain", size_of(a, up_to_here), (int64_t)c->n_remain);
    expect(a, c, "without", size_of(a, without) - (int64_t)w->n_members, c->more_without);
    check_unknown(a, c);
    gy_arena_release(&arena);
}

static uint32_t check_waterfall(struct trial *t)
{
    struct gy_buf text = {0};
    struct gy_error err;
    struct gy_definition definition = {0};
    struct gy_waterfall w;
    struct gy_vocabulary vocabulary = gy_vocabulary_of(t->snapshot);
    struct gy_check_options check = {.allow_unknown = true};
    struct gy_run_options options = {.n_threads = 1 + (unsigned)gy_test_below(&t->state, 4),
                                     .row_by_row = gy_test_below(&t->state, 3) == 0};
    trial_text(t, 1 + (uint32_t)gy_test_below(&t->state, 3), false, &text);
    struct asked a = {t, gy_buf_view(&text), trial_now(t)};
    assert_ok(gy_define(a.text, &vocabulary, &check, &definition, &err), &err);
    assert_ok(gy_waterfall(t->snapshot, definition.expr, a.now_ms, &options, &w, &err), &err);
    expect(&a, NULL, "everyone", size_of(&a, &everyone), (int64_t)w.n_everyone);
    expect(&a, NULL, "members", size_of(&a, definition.expr), (int64_t)w.n_members);
    for (uint32_t i = 0; i < w.n_conditions; i++)
        check_condition(&a, definition.expr, &w, i);
    uint32_t n = w.n_conditions;
    expect(&a, &w.conditions[n - 1], "remain at the end", (int64_t)w.n_members,
           (int64_t)w.conditions[n - 1].n_remain);
    gy_waterfall_release(&w);
    gy_definition_release(&definition);
    gy_buf_release(&text);
    return n;
}

/* ---- trials ---- */

enum {
    DEFINITIONS = 30
};

static void run(const struct trial_options *options, int64_t run_us)
{
    struct seeds seeds;
    uint64_t seed;
    uint64_t n_waterfalls = 0;
    uint64_t n_conditions = 0;
    seeds_begin(&seeds, run_us);
    while (seeds_next(&seeds, &seed)) {
        struct trial trial;
        trial_open(&trial, seed, options);
        for (unsigned i = 0; i < DEFINITIONS; i++) {
            n_conditions += check_waterfall(&trial);
            n_waterfalls++;
        }
        trial_close(&trial);
    }
    print_message("%llu waterfalls, %llu conditions\n", (unsigned long long)n_waterfalls,
                  (unsigned long long)n_conditions);
    assert_true(n_waterfalls < 300 || n_conditions > 2 * n_waterfalls);
}

static void numbers_are_those_of_audiences(void **unused)
{
    (void)unused;
    struct trial_options options = {.most_persons = 40, .most_calls = 20};
    run(&options, seconds() * 700000);
}

static void over_several_blocks_too(void **unused)
{
    (void)unused;
    struct trial_options options = {.most_persons = 20,
                                    .most_calls = 20,
                                    .with_strangers = true,
                                    .without = RANDOM_WITHOUT_POPULATIONS};
    run(&options, seconds() * 300000);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(numbers_are_those_of_audiences),
    cmocka_unit_test(over_several_blocks_too),
};

GY_TEST_MAIN(cases)
