/* reads.c - a walk over a plan, then over the parts' slices. */
#include "engine/reads.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/plan.h"

/* A column of a stream that some node needs; ROWS: the stream's rows, whatever their columns. */
struct use {
    uint32_t stream;
    uint32_t property;
};

#define ROWS GY_NAME_UNKNOWN

struct walk {
    const struct gy_schema *schema;
    bool *seen_exprs; /* by id */
    bool *seen_terms;
    struct use *uses;
    size_t n_uses;
    size_t capacity;
    struct gy_reads *out;
};

/* ---- the plan ---- */

static void walk_term(struct walk *w, const struct gy_plan_term *term);

static void note(struct walk *w, uint32_t stream, uint32_t property)
{
    GY_GROW(w->uses, w->capacity, w->n_uses + 1);
    w->uses[w->n_uses++] = (struct use){stream, property};
}

static void use_page(struct walk *w, enum gy_page_property which)
{
    uint32_t property = gy_page_property(w->schema, which);
    if (property != GY_ID_NONE)
        note(w, gy_page_stream(w->schema), property);
}

/* Of pages, what a property of visits is made of. */
static void use_visits(struct walk *w, uint32_t property)
{
    note(w, gy_page_stream(w->schema), ROWS);
    if (property == ROWS || property <= GY_VISIT_IS_BOUNCE)
        return;
    bool is_path = property == GY_VISIT_LANDING_PATH || property == GY_VISIT_EXIT_PATH;
    bool is_led = property <= GY_VISIT_REFERRER_HOST;
    if (property != GY_VISIT_REFERRER)
        use_page(w, GY_PAGE_URL);
    if (is_path)
        use_page(w, GY_PAGE_PATH);
    else if (property <= GY_VISIT_CHANNEL || property == GY_VISIT_SEARCH_TERM)
        use_page(w, GY_PAGE_SEARCH);
    if (is_led)
        use_page(w, GY_PAGE_REFERRER);
}

static void use(struct walk *w, uint32_t stream, uint32_t property)
{
    if (gy_is_derived(stream))
        use_visits(w, property);
    else
        note(w, stream, property);
}

static void use_operand(struct walk *w, uint32_t stream, const struct gy_term *term)
{
    if (term == NULL)
        return;
    if (term->kind == GY_TERM_PROPERTY)
        use(w, stream, term->name.id);
    use_operand(w, stream, term->left);
    use_operand(w, stream, term->right);
}

static void use_filter(struct walk *w, uint32_t stream, const struct gy_filter *filter)
{
    if (filter == NULL)
        return;
    for (uint32_t i = 0; i < filter->n_children; i++)
        use_filter(w, stream, filter->children[i]);
    if (filter->n_children > 0)
        return;
    use_operand(w, stream, filter->expr->left);
    use_operand(w, stream, filter->expr->right);
    use_operand(w, stream, filter->expr->low);
    use_operand(w, stream, filter->expr->high);
}

static void use_chain(struct walk *w, const struct gy_chain *chain)
{
    for (uint32_t i = 0; i < chain->n_steps; i++) {
        const struct gy_chain_step *step = &chain->steps[i];
        use(w, step->stream, ROWS);
        use_filter(w, step->stream, step->filter);
        for (uint32_t l = 0; l < step->n_links; l++)
            use(w, step->stream, step->links[l].property);
    }
    for (uint32_t i = 0; i < chain->n_slots; i++)
        use(w, chain->steps[chain->slots[i].step].stream, chain->slots[i].property);
}

static void use_recorded(struct walk *w, uint32_t segment)
{
    struct gy_reads *out = w->out;
    for (uint32_t i = 0; i < out->n_recorded; i++) {
        if (out->recorded[i] == segment)
            return;
    }
    uint32_t *more = GY_NEW_ARRAY(&out->arena, uint32_t, out->n_recorded + 1);
    if (out->n_recorded > 0)
        memcpy(more, out->recorded, out->n_recorded * sizeof *more);
    more[out->n_recorded++] = segment;
    out->recorded = more;
}

static void walk_expr(struct walk *w, const struct gy_plan_expr *expr)
{
    if (w->seen_exprs[expr->id])
        return;
    w->seen_exprs[expr->id] = true;
    if (expr->kind == GY_EXPR_ENTERED || expr->kind == GY_EXPR_LEFT)
        use_recorded(w, expr->expr->name.id);
    for (uint32_t i = 0; i < expr->n_children; i++)
        walk_expr(w, expr->children[i]);
    walk_term(w, expr->left);
    walk_term(w, expr->right);
    walk_term(w, expr->low);
    walk_term(w, expr->high);
    if (expr->chain != NULL)
        use_chain(w, expr->chain);
}

static void walk_term(struct walk *w, const struct gy_plan_term *term)
{
    if (term == NULL || w->seen_terms[term->id])
        return;
    w->seen_terms[term->id] = true;
    walk_term(w, term->left);
    walk_term(w, term->right);
    if (term->population != NULL) {
        walk_term(w, term->population->value);
        if (term->population->among != NULL)
            walk_expr(w, term->population->among);
    }
    if (term->kind == GY_TERM_AGGREGATE) {
        use(w, term->stream, ROWS);
        use(w, term->stream, term->property); /* ROWS where it has none */
        use_filter(w, term->stream, term->filter);
    } else if (term->kind == GY_TERM_TRAIT || term->kind == GY_TERM_AGE) {
        use(w, term->stream, ROWS);
        use(w, term->stream, GY_PROPERTY_VALUE);
    }
}

/* ---- the uses, each once ---- */

/* By stream; its rows before its columns. */
static int compare_uses(const void *a, const void *b)
{
    const struct use *l = a;
    const struct use *r = b;
    if (l->stream != r->stream)
        return l->stream < r->stream ? -1 : 1;
    uint32_t left = l->property + 1; /* ROWS is 0 */
    uint32_t right = r->property + 1;
    return (left > right) - (left < right);
}

static void settle_uses(struct walk *w, const struct gy_schema *schema)
{
    size_t n = 0;
    qsort(w->uses, w->n_uses, sizeof *w->uses, compare_uses);
    for (size_t i = 0; i < w->n_uses; i++) {
        bool is_known = w->uses[i].stream < GY_STREAM_FIRST + schema->n_streams;
        if (is_known && (n == 0 || compare_uses(&w->uses[n - 1], &w->uses[i]) != 0))
            w->uses[n++] = w->uses[i];
    }
    w->n_uses = n;
}

/* ---- the parts ---- */

static void add_rows(struct gy_read *read, const struct gy_part *part, uint32_t stream)
{
    bool has_any = false;
    for (size_t i = 0; i < gy_part_n_slices(part); i++) {
        const struct gy_slice *slice = gy_part_slice(part, i);
        if (slice->stream != stream)
            continue;
        has_any = true;
        read->n_rows += slice->n_rows;
        read->row_bytes += gy_part_rows_bytes(part, slice);
    }
    read->n_parts += has_any;
}

static uint64_t column_bytes(const struct gy_part *part, const struct use *of)
{
    uint64_t bytes = gy_part_dictionary_bytes(part, of->stream, of->property);
    for (size_t i = 0; i < gy_part_n_slices(part); i++) {
        const struct gy_slice *slice = gy_part_slice(part, i);
        if (slice->stream == of->stream)
            bytes += gy_part_column_bytes(part, slice, of->property);
    }
    return bytes;
}

static struct gy_read_column read_column(const struct gy_snapshot *snapshot, const struct use *of)
{
    const struct gy_schema *schema = gy_snapshot_schema(snapshot);
    struct gy_read_column out = {
        of->property == GY_PROPERTY_VALUE ? GY_STR("value")
                                          : gy_schema_property(schema, of->property)->name,
        0,
    };
    for (size_t p = 0; p < gy_snapshot_n_parts(snapshot); p++)
        out.bytes += column_bytes(gy_snapshot_part(snapshot, p), of);
    return out;
}

/* The stream of `uses`, which are its rows and then its columns. */
static struct gy_read read_stream(const struct gy_snapshot *snapshot, const struct use *uses,
                                  uint32_t n, struct gy_arena *arena)
{
    struct gy_read out = {.n_columns = n - 1};
    out.columns = GY_NEW_ARRAY(arena, struct gy_read_column, n);
    if (uses->stream != GY_STREAM_EXISTENCE) {
        const struct gy_stream *stream =
            gy_schema_stream(gy_snapshot_schema(snapshot), uses->stream);
        out.kind = stream->kind == GY_STREAM_TRAIT ? GY_READ_TRAIT : GY_READ_EVENT;
        out.name = stream->name;
    }
    for (size_t p = 0; p < gy_snapshot_n_parts(snapshot); p++)
        add_rows(&out, gy_snapshot_part(snapshot, p), uses->stream);
    out.bytes = out.row_bytes;
    for (uint32_t i = 0; i < out.n_columns; i++) {
        out.columns[i] = read_column(snapshot, &uses[i + 1]);
        out.bytes += out.columns[i].bytes;
    }
    return out;
}

static void read_streams(const struct gy_snapshot *snapshot, const struct walk *w,
                         struct gy_reads *out)
{
    out->streams = GY_NEW_ARRAY(&out->arena, struct gy_read, w->n_uses);
    for (size_t first = 0; first < w->n_uses;) {
        size_t end = first + 1;
        while (end < w->n_uses && w->uses[end].stream == w->uses[first].stream)
            end++;
        struct gy_read *read = &out->streams[out->n_streams++];
        *read = read_stream(snapshot, &w->uses[first], (uint32_t)(end - first), &out->arena);
        out->n_columns += read->n_columns;
        out->n_rows += read->n_rows;
        out->bytes += read->bytes;
        first = end;
    }
}

static void count_parts(const struct gy_snapshot *snapshot, const struct walk *w,
                        struct gy_reads *out)
{
    for (size_t p = 0; p < gy_snapshot_n_parts(snapshot); p++) {
        bool has_any = false;
        for (size_t u = 0; u < w->n_uses && !has_any; u++)
            has_any = gy_part_n_rows(gy_snapshot_part(snapshot, p), w->uses[u].stream) > 0;
        out->n_parts += has_any;
    }
}

/* ---- populations ---- */

static void list_populations(const struct gy_eval_plan *plan, struct gy_reads *out)
{
    out->populations = GY_NEW_ARRAY(&out->arena, struct gy_read_population, plan->n_populations);
    for (uint32_t level = 0; out->n_populations < plan->n_populations; level++) {
        for (uint32_t i = 0; i < plan->n_populations; i++) {
            const struct gy_population *p = plan->populations[i];
            if (p->level != level)
                continue;
            out->populations[out->n_populations++] = (struct gy_read_population){
                p->value->term, p->among == NULL ? NULL : p->among->expr, p->now_ms, p->level};
        }
    }
}

/* ---- all ---- */

static void read_plan(const struct gy_eval_plan *plan, const struct gy_plan_expr *expr,
                      struct gy_reads *out)
{
    struct walk w = {.schema = gy_snapshot_schema(plan->snapshot),
                     .out = out,
                     .seen_exprs = gy_alloc_zero(plan->n_exprs, sizeof *w.seen_exprs),
                     .seen_terms = gy_alloc_zero(plan->n_terms, sizeof *w.seen_terms)};
    use(&w, GY_STREAM_EXISTENCE, ROWS);
    walk_expr(&w, expr);
    settle_uses(&w, gy_snapshot_schema(plan->snapshot));
    read_streams(plan->snapshot, &w, out);
    count_parts(plan->snapshot, &w, out);
    list_populations(plan, out);
    free(w.seen_exprs);
    free(w.seen_terms);
    free(w.uses);
}

enum gy_status gy_reads_of(const struct gy_snapshot *snapshot, const struct gy_expr *expr,
                           int64_t now_ms, struct gy_reads *out, struct gy_error *err)
{
    struct gy_eval_plan plan;
    const struct gy_plan_expr *root;
    *out = (struct gy_reads){0};
    gy_eval_plan_init(&plan, snapshot);
    enum gy_status status = gy_plan_expr(&plan, expr, now_ms, &root, err);
    if (status == GY_OK)
        read_plan(&plan, root, out);
    gy_eval_plan_release(&plan);
    return status;
}

void gy_reads_release(struct gy_reads *reads)
{
    gy_arena_release(&reads->arena);
    *reads = (struct gy_reads){0};
}
