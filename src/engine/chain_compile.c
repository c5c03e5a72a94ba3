/* chain_compile.c - links leave the filters. */
#include "engine/chain.h"

static bool is_link(const struct gy_expr *expr)
{
    return expr->kind == GY_EXPR_COMPARE && (expr->left->kind == GY_TERM_STEP_PROPERTY ||
                                             expr->right->kind == GY_TERM_STEP_PROPERTY);
}

struct compiler {
    const struct gy_expr *did;
    struct gy_arena *arena;
    struct gy_regex_list *regexes;
    struct gy_chain_slot *slots;
    uint32_t n_slots;
};

/* The slot of `step`'s property, one for all who ask. */
static uint32_t slot_of(struct compiler *c, const struct gy_term *term, uint32_t asking_step)
{
    uint32_t slot = 0;
    while (slot < c->n_slots &&
           (c->slots[slot].step != term->step.id || c->slots[slot].property != term->name.id))
        slot++;
    c->slots[slot] = (struct gy_chain_slot){term->step.id, term->name.id, asking_step};
    if (slot == c->n_slots)
        c->n_slots++;
    return slot;
}

static struct gy_chain_link link_of(struct compiler *c, const struct gy_expr *expr, uint32_t step)
{
    bool is_left = expr->left->kind == GY_TERM_PROPERTY;
    const struct gy_term *own = is_left ? expr->left : expr->right;
    const struct gy_term *other = is_left ? expr->right : expr->left;
    return (struct gy_chain_link){own->name.id, slot_of(c, other, step)};
}

static enum gy_status compile_where(struct compiler *c, uint32_t step, struct gy_chain_step *out,
                                    struct gy_error *err)
{
    struct gy_expr *where = c->did->steps[step].where;
    if (where == NULL)
        return GY_OK;
    struct gy_expr *const *conjuncts = where->kind == GY_EXPR_AND ? where->children : &where;
    uint32_t n = where->kind == GY_EXPR_AND ? where->n_children : 1;
    struct gy_chain_link *links = GY_NEW_ARRAY(c->arena, struct gy_chain_link, n);
    const struct gy_filter **filters = GY_NEW_ARRAY(c->arena, const struct gy_filter *, n);
    uint32_t n_filters = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (is_link(conjuncts[i]))
            links[out->n_links++] = link_of(c, conjuncts[i], step);
        else
            GY_TRY(
                gy_filter_compile(conjuncts[i], c->arena, c->regexes, &filters[n_filters++], err));
    }
    out->links = links;
    out->filter = gy_filter_and(filters, n_filters, c->arena);
    return GY_OK;
}

/* Room for the slots: every conjunct of every step may be a link. */
static uint32_t count_conjuncts(const struct gy_expr *did)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < did->n_steps; i++) {
        const struct gy_expr *where = did->steps[i].where;
        n += where == NULL ? 0 : where->kind == GY_EXPR_AND ? where->n_children : 1;
    }
    return n;
}

enum gy_status gy_chain_compile(const struct gy_expr *did, struct gy_range range, int64_t now_ms,
                                struct gy_derived_streams *derived, struct gy_arena *arena,
                                struct gy_regex_list *regexes, const struct gy_chain **out,
                                struct gy_error *err)
{
    struct gy_chain *chain = GY_NEW(arena, struct gy_chain);
    struct gy_chain_step *steps = GY_NEW_ARRAY(arena, struct gy_chain_step, did->n_steps);
    struct compiler c = {.did = did, .arena = arena, .regexes = regexes};
    c.slots = GY_NEW_ARRAY(arena, struct gy_chain_slot, count_conjuncts(did));
    for (uint32_t i = 0; i < did->n_steps; i++) {
        steps[i].stream = gy_derived_stream(derived, did->steps[i].event.id, now_ms);
        steps[i].within = did->steps[i].within;
        steps[i].is_absent = did->steps[i].is_absent;
        GY_TRY(compile_where(&c, i, &steps[i], err));
    }
    *chain = (struct gy_chain){steps, did->n_steps, c.slots, c.n_slots, range, now_ms};
    *out = chain;
    return GY_OK;
}
