/* condition_diff.c - see condition_diff.h. */
#include "workspace/condition_diff.h"

#include "base/buf.h"
#include "lang/parser.h"
#include "lang/print.h"

struct conditions {
    struct gy_str *texts;
    size_t n;
};

static bool is_chain(const struct gy_expr *expr)
{
    return expr->kind == GY_EXPR_AND || expr->kind == GY_EXPR_OR;
}

static struct gy_str text_of(const struct gy_expr *expr, struct gy_arena *arena)
{
    struct gy_buf text = {0};
    gy_print_expr(expr, &text);
    struct gy_str kept = gy_arena_str(arena, gy_buf_view(&text));
    gy_buf_release(&text);
    return kept;
}

/* The conditions of a chain; of anything else, or if the chain is to stay whole, one. */
static struct conditions split(const struct gy_expr *expr, bool is_whole, struct gy_arena *arena)
{
    size_t n = is_whole || !is_chain(expr) ? 1 : expr->n_children;
    struct conditions found = {GY_NEW_ARRAY(arena, struct gy_str, n), n};
    for (size_t i = 0; i < n; i++) {
        found.texts[i] = text_of(is_whole || !is_chain(expr) ? expr : expr->children[i], arena);
    }
    return found;
}

static bool has(const struct conditions *conditions, struct gy_str text)
{
    for (size_t i = 0; i < conditions->n; i++) {
        if (gy_str_equal(conditions->texts[i], text)) {
            return true;
        }
    }
    return false;
}

/* Those of `all` that are not among `others`. */
static struct conditions without(const struct conditions *all, const struct conditions *others,
                                 struct gy_arena *arena)
{
    struct conditions found = {GY_NEW_ARRAY(arena, struct gy_str, all->n), 0};
    for (size_t i = 0; i < all->n; i++) {
        if (!has(others, all->texts[i])) {
            found.texts[found.n++] = all->texts[i];
        }
    }
    return found;
}

static struct gy_condition_diff compare(const struct gy_expr *before, const struct gy_expr *after,
                                        struct gy_arena *arena)
{
    bool is_whole = is_chain(before) && is_chain(after) && before->kind != after->kind;
    struct conditions old = split(before, is_whole, arena);
    struct conditions new = split(after, is_whole, arena);
    struct conditions removed = without(&old, &new, arena);
    struct conditions added = without(&new, &old, arena);
    return (struct gy_condition_diff){removed.texts, removed.n, added.texts, added.n};
}

struct gy_condition_diff gy_condition_diff(struct gy_str before, struct gy_str after,
                                           struct gy_arena *arena)
{
    struct gy_definition old = {0};
    struct gy_definition new = {0};
    struct gy_condition_diff diff = {0};
    if (gy_parse(before, &old, NULL) == GY_OK && gy_parse(after, &new, NULL) == GY_OK) {
        diff = compare(old.expr, new.expr, arena);
    }
    gy_definition_release(&old);
    gy_definition_release(&new);
    return diff;
}
