/* shrink.c - cuts are numbered in the order in which a walk over the tree meets them; cut after cut is
 * tried on a fresh tree, and what stays a fault is gone on with. */
#include "differential/shrink.h"

#include "lang/parser.h"
#include "lang/print.h"

struct cutting {
    const struct gy_vocabulary *vocabulary;
    struct gy_arena *arena;
    size_t want; /* the cut to make */
    size_t at;   /* cuts met so far */
    bool is_done;
    bool is_longer; /* a name was replaced by what it stands for */
};

/* True where this is the cut to make. */
static bool is_cut(struct cutting *c)
{
    if (c->is_done || c->at++ != c->want) {
        return false;
    }
    c->is_done = true;
    return true;
}

static void cut_expr(struct cutting *c, struct gy_expr **slot);
static void cut_term(struct cutting *c, struct gy_term **slot);

static void cut_where(struct cutting *c, struct gy_expr **where)
{
    if (*where != NULL && is_cut(c)) {
        *where = NULL;
    } else if (*where != NULL) {
        cut_expr(c, where);
    }
}

static void cut_window(struct cutting *c, struct gy_window *window)
{
    if (window->kind != GY_WINDOW_NONE && is_cut(c)) {
        *window = (struct gy_window){0};
    }
}

/* ---- values ---- */

static void inline_metric(struct cutting *c, struct gy_term **slot)
{
    const struct gy_vocabulary *v = c->vocabulary;
    struct gy_definition *definition = GY_NEW(c->arena, struct gy_definition);
    struct gy_error err;
    uint32_t id = v->find(v->context, GY_NAME_METRIC, 0, (*slot)->name.text);
    if (id != GY_NAME_UNKNOWN &&
        gy_parse_value(v->text(v->context, GY_NAME_METRIC, id), definition, &err) == GY_OK) {
        *slot = definition->term;
        c->is_longer = true;
    }
}

static void cut_term(struct cutting *c, struct gy_term **slot)
{
    struct gy_term *t = *slot;
    if (t == NULL) {
        return;
    }
    if (t->kind == GY_TERM_METRIC) {
        if (is_cut(c)) {
            inline_metric(c, slot);
        }
        return;
    }
    bool has_parts = t->kind >= GY_TERM_ADD && t->kind <= GY_TERM_NEGATIVE;
    if (has_parts && is_cut(c)) {
        *slot = t->left;
        return;
    }
    if (has_parts && t->right != NULL && is_cut(c)) {
        *slot = t->right;
        return;
    }
    cut_term(c, &t->left);
    cut_term(c, &t->right);
    if (t->kind == GY_TERM_AGGREGATE) {
        cut_where(c, &t->where);
        cut_window(c, &t->window);
    }
    cut_where(c, &t->among);
}

/* ---- expressions ---- */

static void inline_segment(struct cutting *c, struct gy_expr **slot)
{
    const struct gy_vocabulary *v = c->vocabulary;
    struct gy_definition *definition = GY_NEW(c->arena, struct gy_definition);
    struct gy_error err;
    uint32_t id = v->find(v->context, GY_NAME_SEGMENT, 0, (*slot)->name.text);
    if (id != GY_NAME_UNKNOWN &&
        gy_parse(v->text(v->context, GY_NAME_SEGMENT, id), definition, &err) == GY_OK) {
        *slot = definition->expr;
        c->is_longer = true;
    }
}

static void cut_children(struct cutting *c, struct gy_expr **slot)
{
    struct gy_expr *e = *slot;
    for (uint32_t i = 0; i < e->n_children; i++) {
        if (is_cut(c)) {
            *slot = e->children[i];
            return;
        }
    }
    for (uint32_t i = 0; e->n_children > 2 && i < e->n_children; i++) {
        if (is_cut(c)) {
            e->children[i] = e->children[--e->n_children];
            return;
        }
    }
    for (uint32_t i = 0; i < e->n_children; i++) {
        cut_expr(c, &e->children[i]);
    }
}

static void cut_steps(struct cutting *c, struct gy_expr *e)
{
    for (uint32_t i = 0; e->n_steps > 1 && i < e->n_steps; i++) {
        if (is_cut(c)) {
            e->n_steps--;
            for (uint32_t k = i; k < e->n_steps; k++) {
                e->steps[k] = e->steps[k + 1];
            }
            return;
        }
    }
    for (uint32_t i = 0; i < e->n_steps; i++) {
        struct gy_step *step = &e->steps[i];
        cut_where(c, &step->where);
        if (gy_duration_is_given(&step->within) && is_cut(c)) {
            step->within = (struct gy_duration){0};
        }
        if (step->as.text.len > 0 && is_cut(c)) {
            step->as = (struct gy_name){0};
        }
    }
    cut_window(c, &e->window);
}

static void cut_test(struct cutting *c, struct gy_expr *e)
{
    for (uint32_t i = 0; e->n_values > 1 && i < e->n_values; i++) {
        if (is_cut(c)) {
            e->values[i] = e->values[--e->n_values];
            return;
        }
    }
    bool is_plain = e->kind == GY_EXPR_KNOWN || e->kind == GY_EXPR_MISSING;
    if (!is_plain && is_cut(c)) {
        e->kind = GY_EXPR_KNOWN;
        return;
    }
    cut_term(c, &e->left);
    cut_term(c, &e->low);
    cut_term(c, &e->high);
    if (e->kind == GY_EXPR_COMPARE) {
        cut_term(c, &e->right);
    }
}

static void cut_expr(struct cutting *c, struct gy_expr **slot)
{
    struct gy_expr *e = *slot;
    switch (e->kind) {
    case GY_EXPR_EVERYONE:
    case GY_EXPR_NOBODY:
    case GY_EXPR_IDENTIFIED:
    case GY_EXPR_IN_LIST:
    case GY_EXPR_ANNIVERSARY:
    case GY_EXPR_SAMPLE:
    case GY_EXPR_ENTERED:
    case GY_EXPR_LEFT:
        break;
    case GY_EXPR_NOT:
    case GY_EXPR_AND:
    case GY_EXPR_OR:
        cut_children(c, slot);
        break;
    case GY_EXPR_DID:
        cut_steps(c, e);
        break;
    case GY_EXPR_IN_SEGMENT:
        if (gy_duration_is_given(&e->ago) && is_cut(c)) {
            e->ago = (struct gy_duration){0};
        } else if (is_cut(c)) {
            inline_segment(c, slot);
        }
        break;
    case GY_EXPR_COMPARE:
    case GY_EXPR_BETWEEN:
    case GY_EXPR_IN:
    case GY_EXPR_TEXT:
    case GY_EXPR_KNOWN:
    case GY_EXPR_MISSING:
        cut_test(c, e);
        break;
    }
}

/* Makes cut `want`; false where there are not so many. */
static bool make_cut(struct gy_str text, const struct gy_vocabulary *v, size_t want,
                     struct gy_buf *out, bool *is_longer)
{
    struct gy_definition definition = {0};
    struct gy_error err;
    GY_ASSERT(gy_parse(text, &definition, &err) == GY_OK);
    struct cutting c = {.vocabulary = v, .arena = &definition.arena, .want = want};
    cut_expr(&c, &definition.expr);
    if (c.is_done) {
        gy_print_expr(definition.expr, out);
    }
    *is_longer = c.is_longer;
    gy_definition_release(&definition);
    return c.is_done;
}

void shrink_definition(struct gy_str text, const struct gy_vocabulary *v, shrink_fn shows,
                       void *context, struct gy_buf *out)
{
    struct gy_buf now = {0};
    struct gy_buf next = {0};
    bool is_longer;
    gy_buf_str(&now, text);
    for (size_t cut = 0;; cut++) {
        gy_buf_reset(&next);
        if (!make_cut(gy_buf_view(&now), v, cut, &next, &is_longer)) {
            break;
        }
        bool is_better = is_longer || next.len < now.len;
        if (is_better && shows(context, gy_buf_view(&next))) {
            struct gy_buf taken = now;
            now = next;
            next = taken;
            cut = SIZE_MAX; /* from the first again */
        }
    }
    gy_buf_str(out, gy_buf_view(&now));
    gy_buf_release(&now);
    gy_buf_release(&next);
}
