/* history_watch.c - a walk down a leaf's terms, at all instants at once. */
#include "engine/history_watch.h"

/* ---- watches ---- */

static void stir_always(const struct gy_history_plan *p, struct gy_history_leaf *leaf)
{
    memset(leaf->stirs, 1, p->n * sizeof *leaf->stirs);
}

enum {
    MAX_WATCHES = 64 /* of a leaf; one with more is asked of everyone */
};

/* Watches rows in the ranges, by instant; both arrays stay. */
static void watch(const struct gy_history_plan *p, struct gy_history_leaf *leaf, uint32_t stream,
                  const struct gy_filter *filter, const int64_t *from_ms, const int64_t *to_ms)
{
    struct gy_arena *arena = &p->plan->arena;
    if (!gy_instants_ascend(from_ms, p->n) || !gy_instants_ascend(to_ms, p->n) ||
        leaf->n_watches == MAX_WATCHES) {
        stir_always(p, leaf);
        return;
    }
    if (leaf->watches == NULL)
        leaf->watches = GY_NEW_ARRAY(arena, struct gy_watch, MAX_WATCHES);
    struct gy_watch *w = &leaf->watches[leaf->n_watches++];
    *w = (struct gy_watch){.stream = stream,
                           .filter = filter,
                           .range = {from_ms[0], to_ms[p->n - 1]},
                           .from_ms = from_ms};
    gy_instant_index_init(&w->enters, to_ms, p->n, arena);
    gy_instant_index_init(&w->leaves, from_ms, p->n, arena);
}

static void watch_ranges(const struct gy_history_plan *p, struct gy_history_leaf *leaf,
                         uint32_t stream, const struct gy_filter *filter,
                         const struct gy_range *ranges)
{
    int64_t *from_ms = GY_NEW_ARRAY(&p->plan->arena, int64_t, p->n);
    int64_t *to_ms = GY_NEW_ARRAY(&p->plan->arena, int64_t, p->n);
    for (uint32_t i = 0; i < p->n; i++) {
        from_ms[i] = ranges[i].from_ms;
        to_ms[i] = ranges[i].to_ms;
    }
    watch(p, leaf, stream, filter, from_ms, to_ms);
}

/* ---- what a term looks at ---- */

/* `nodes` are a term's, by instant; the tree below is the same at each. */
static void watch_term(const struct gy_history_plan *p, struct gy_history_leaf *leaf,
                       const struct gy_plan_term *const *nodes);

static void watch_trait(const struct gy_history_plan *p, struct gy_history_leaf *leaf,
                        const struct gy_plan_term *const *nodes)
{
    struct gy_range *ranges = GY_NEW_ARRAY(&p->plan->arena, struct gy_range, p->n);
    for (uint32_t i = 0; i < p->n; i++)
        ranges[i] = (struct gy_range){INT64_MIN, nodes[i]->now_ms + 1};
    watch_ranges(p, leaf, nodes[0]->stream, NULL, ranges);
}

/* What a derived event says may change with each of the rows that it is made of, whatever the window, until now; and
 * it is in the window where such a row is. */
static void watch_events(const struct gy_history_plan *p, struct gy_history_leaf *leaf,
                         uint32_t stream, const struct gy_filter *filter,
                         const struct gy_range *ranges, const int64_t *nows_ms)
{
    if (!gy_is_derived(stream)) {
        watch_ranges(p, leaf, stream, filter, ranges);
        return;
    }
    struct gy_range *until = GY_NEW_ARRAY(&p->plan->arena, struct gy_range, p->n);
    for (uint32_t i = 0; i < p->n; i++)
        until[i] = (struct gy_range){INT64_MIN, nows_ms[i] + 1};
    stream = gy_page_stream(gy_snapshot_schema(p->plan->snapshot));
    leaf->is_derived = true;
    watch_ranges(p, leaf, stream, NULL, ranges);
    watch_ranges(p, leaf, stream, NULL, until);
}

static void watch_aggregate(const struct gy_history_plan *p, struct gy_history_leaf *leaf,
                            const struct gy_plan_term *const *nodes)
{
    struct gy_range *ranges = GY_NEW_ARRAY(&p->plan->arena, struct gy_range, p->n);
    int64_t *nows_ms = GY_NEW_ARRAY(&p->plan->arena, int64_t, p->n);
    for (uint32_t i = 0; i < p->n; i++) {
        ranges[i] = nodes[i]->range;
        nows_ms[i] = nodes[i]->now_ms;
    }
    watch_events(p, leaf, nodes[0]->stream, nodes[0]->filter, ranges, nows_ms);
    if (nodes[0]->term->aggregate == GY_DAYS_SINCE)
        stir_always(p, leaf);
}

/* Ages and anniversaries change as days begin. */
static void stir_with_days(const struct gy_history_plan *p, struct gy_history_leaf *leaf,
                           const struct gy_plan_term *const *nodes)
{
    for (uint32_t i = 1; i < p->n; i++)
        leaf->stirs[i] |= gy_zone_day(p->plan->zone, nodes[i]->now_ms) !=
                          gy_zone_day(p->plan->zone, nodes[i - 1]->now_ms);
}

static void watch_side(const struct gy_history_plan *p, struct gy_history_leaf *leaf,
                       const struct gy_plan_term *const *nodes, bool is_left)
{
    const struct gy_plan_term **sides =
        gy_arena_alloc(&p->plan->arena, p->n * sizeof(const struct gy_plan_term *));
    for (uint32_t i = 0; i < p->n; i++)
        sides[i] = is_left ? nodes[i]->left : nodes[i]->right;
    if (sides[0] != NULL)
        watch_term(p, leaf, sides);
}

static void watch_term(const struct gy_history_plan *p, struct gy_history_leaf *leaf,
                       const struct gy_plan_term *const *nodes)
{
    switch (nodes[0]->kind) {
    case GY_TERM_TRAIT:
        watch_trait(p, leaf, nodes);
        break;
    case GY_TERM_AGE:
        watch_trait(p, leaf, nodes);
        stir_with_days(p, leaf, nodes);
        break;
    case GY_TERM_AGGREGATE:
        watch_aggregate(p, leaf, nodes);
        break;
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
        stir_always(p, leaf);
        break;
    case GY_TERM_ADD:
    case GY_TERM_SUBTRACT:
    case GY_TERM_MULTIPLY:
    case GY_TERM_DIVIDE:
    case GY_TERM_NEGATIVE:
        watch_side(p, leaf, nodes, true);
        watch_side(p, leaf, nodes, false);
        break;
    case GY_TERM_NUMBER:
    case GY_TERM_STRING:
    case GY_TERM_BOOL:
    case GY_TERM_METRIC:
    case GY_TERM_PROPERTY:
    case GY_TERM_STEP_PROPERTY:
    case GY_TERM_HOUR:
    case GY_TERM_WEEKDAY:
    case GY_TERM_MONTH:
    case GY_TERM_DAY:
        break; /* the same at every instant, or never in a plan */
    }
}

/* ---- what a leaf looks at ---- */

static void watch_chain(const struct gy_history_plan *p, struct gy_history_leaf *leaf)
{
    const struct gy_chain *chain = leaf->nodes[0]->chain;
    struct gy_range *ranges = GY_NEW_ARRAY(&p->plan->arena, struct gy_range, p->n);
    int64_t *nows_ms = GY_NEW_ARRAY(&p->plan->arena, int64_t, p->n);
    for (uint32_t i = 0; i < p->n; i++) {
        ranges[i] = leaf->nodes[i]->chain->range;
        nows_ms[i] = leaf->nodes[i]->now_ms;
    }
    for (uint32_t s = 0; s < chain->n_steps; s++)
        watch_events(p, leaf, chain->steps[s].stream, chain->steps[s].filter, ranges, nows_ms);
    if (chain->steps[chain->n_steps - 1].is_absent) /* its time has to have passed */
        stir_always(p, leaf);
}

static void watch_terms(const struct gy_history_plan *p, struct gy_history_leaf *leaf)
{
    const struct gy_plan_term **nodes =
        gy_arena_alloc(&p->plan->arena, p->n * sizeof(const struct gy_plan_term *));
    for (int which = 0; which < 4; which++) {
        for (uint32_t i = 0; i < p->n; i++) {
            const struct gy_plan_expr *e = leaf->nodes[i];
            const struct gy_plan_term *const terms[] = {e->left, e->right, e->low, e->high};
            nodes[i] = terms[which];
        }
        if (nodes[0] != NULL)
            watch_term(p, leaf, nodes);
        if (nodes[0] != NULL && leaf->nodes[0]->kind == GY_EXPR_ANNIVERSARY)
            stir_with_days(p, leaf, nodes);
    }
}

static void stir_with_bitmaps(const struct gy_history_plan *p, struct gy_history_leaf *leaf)
{
    for (uint32_t i = 1; i < p->n; i++)
        leaf->stirs[i] = !roaring_bitmap_equals(leaf->nodes[i]->roots, leaf->nodes[i - 1]->roots);
}

void gy_history_look(const struct gy_history_plan *p, struct gy_history_leaf *leaf)
{
    switch (leaf->nodes[0]->kind) {
    case GY_EXPR_EVERYONE:
    case GY_EXPR_NOBODY:
    case GY_EXPR_IDENTIFIED:
    case GY_EXPR_SAMPLE:
    case GY_EXPR_NOT: /* no leaves, from here on */
    case GY_EXPR_AND:
    case GY_EXPR_OR:
    case GY_EXPR_IN_SEGMENT:
        break;
    case GY_EXPR_DID:
        watch_chain(p, leaf);
        break;
    case GY_EXPR_IN_LIST:
    case GY_EXPR_ENTERED:
    case GY_EXPR_LEFT:
        stir_with_bitmaps(p, leaf);
        break;
    case GY_EXPR_ANNIVERSARY:
    case GY_EXPR_COMPARE:
    case GY_EXPR_BETWEEN:
    case GY_EXPR_IN:
    case GY_EXPR_TEXT:
    case GY_EXPR_KNOWN:
    case GY_EXPR_MISSING:
        watch_terms(p, leaf);
        break;
    }
}
