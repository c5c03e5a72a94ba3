/* missing.c - see missing.h. */
#include "engine/missing.h"

/* Sums, means and what is calculated are also missing where they are not finite. */
static bool may_be_missing(const struct gy_term *term)
{
    switch (term->kind) {
    case GY_TERM_NUMBER:
    case GY_TERM_STRING:
    case GY_TERM_BOOL:
        return false;
    case GY_TERM_METRIC:
    case GY_TERM_NEGATIVE:
        return may_be_missing(term->left);
    case GY_TERM_AGGREGATE:
        return term->aggregate != GY_COUNT && term->aggregate != GY_DAYS &&
               term->aggregate != GY_DISTINCT;
    case GY_TERM_TRAIT:
    case GY_TERM_AGE:
    case GY_TERM_ADD:
    case GY_TERM_SUBTRACT:
    case GY_TERM_MULTIPLY:
    case GY_TERM_DIVIDE:
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
    case GY_TERM_PROPERTY:
    case GY_TERM_STEP_PROPERTY:
    case GY_TERM_HOUR:
    case GY_TERM_WEEKDAY:
    case GY_TERM_MONTH:
    case GY_TERM_DAY:
        break;
    }
    return true;
}

static struct gy_term *date_of(const struct gy_expr *anniversary, struct gy_arena *arena)
{
    struct gy_term *date = GY_NEW(arena, struct gy_term);
    *date =
        (struct gy_term){.kind = GY_TERM_TRAIT, .type = GY_TYPE_TIME, .name = anniversary->name};
    return date;
}

enum {
    MAX_SIDES = 3
};

static uint32_t sides_of(const struct gy_expr *test, struct gy_arena *arena,
                         struct gy_term *sides[MAX_SIDES])
{
    switch (test->kind) {
    case GY_EXPR_COMPARE:
        sides[0] = test->left;
        sides[1] = test->right;
        return 2;
    case GY_EXPR_BETWEEN:
        sides[0] = test->left;
        sides[1] = test->low;
        sides[2] = test->high;
        return 3;
    case GY_EXPR_IN:
    case GY_EXPR_TEXT:
        sides[0] = test->left;
        return 1;
    case GY_EXPR_ANNIVERSARY:
        sides[0] = date_of(test, arena);
        return 1;
    case GY_EXPR_EVERYONE:
    case GY_EXPR_NOBODY:
    case GY_EXPR_IDENTIFIED:
    case GY_EXPR_NOT:
    case GY_EXPR_AND:
    case GY_EXPR_OR:
    case GY_EXPR_DID:
    case GY_EXPR_IN_SEGMENT:
    case GY_EXPR_IN_LIST:
    case GY_EXPR_ENTERED:
    case GY_EXPR_LEFT:
    case GY_EXPR_SAMPLE:
    case GY_EXPR_KNOWN:
    case GY_EXPR_MISSING:
        break;
    }
    return 0;
}

const struct gy_expr *gy_missing_test(const struct gy_expr *test, struct gy_arena *arena)
{
    struct gy_term *sides[MAX_SIDES];
    struct gy_expr **tests = GY_NEW_ARRAY(arena, struct gy_expr *, MAX_SIDES);
    uint32_t n_sides = sides_of(test, arena, sides);
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_sides; i++) {
        if (!may_be_missing(sides[i]))
            continue;
        tests[n] = GY_NEW(arena, struct gy_expr);
        *tests[n++] = (struct gy_expr){.kind = GY_EXPR_MISSING, .left = sides[i]};
    }
    if (n < 2)
        return n == 0 ? NULL : tests[0];
    struct gy_expr *either = GY_NEW(arena, struct gy_expr);
    *either = (struct gy_expr){.kind = GY_EXPR_OR, .children = tests, .n_children = n};
    return either;
}
