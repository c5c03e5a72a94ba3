/* kernel_chain_runs.c - which chains, and in which slices. */
#include "engine/kernel_chain_runs.h"
#include "engine/kernel_chain_runs_internal.h"

/* The steps' events are looked for in one slice each. Whoever has some in another one is left to others. */
static void find_slice(struct gy_run_step *step, const struct gy_stream_view *stream,
                       struct gy_bits *mask)
{
    struct gy_window_codes window;
    for (uint32_t i = 0; i < stream->n_slices; i++) {
        struct gy_slice_view *view = &stream->slices[i];
        if (gy_window_codes_of(view, step->range, &window) &&
            (step->view == NULL || view->slice->n_rows > step->view->slice->n_rows)) {
            step->view = view;
            step->cuts_to = window.cuts_to;
        }
    }
    for (uint32_t i = 0; i < stream->n_slices; i++) {
        const struct gy_slice_view *view = &stream->slices[i];
        if (view == step->view || !gy_window_codes_of(view, step->range, &window))
            continue;
        for (uint32_t run = 0; run < view->runs.n; run++)
            gy_bits_unset(mask, view->runs.customers == NULL ? run : view->runs.customers[run]);
    }
}

static bool find_test(struct gy_chain_runs *r, const struct gy_filter *filter,
                      struct gy_run_step *step)
{
    step->has_test = filter != NULL && step->view != NULL;
    if (!step->has_test)
        return true;
    if (filter->n_children > 0 || !gy_filter_is_string_test(filter->expr))
        return false;
    const struct gy_view_column *column =
        gy_reader_column(r->block->reader, step->view, filter->expr->left->name.id);
    return gy_code_test_of(&r->block->filters.verdicts, filter, step->view, column, &step->test);
}

/* Months and years have no fixed length; what is longer than all times is endless. */
static int64_t fixed_ms(const struct gy_duration *within, int64_t now_ms)
{
    if (within->n == 0)
        return INT64_MAX / 2;
    if (within->unit == GY_UNIT_MONTH || within->unit == GY_UNIT_YEAR)
        return -1;
    int64_t after_ms = gy_duration_after(now_ms, within, NULL);
    return after_ms == INT64_MAX ? INT64_MAX / 2 : after_ms - now_ms;
}

static bool find_step(struct gy_chain_runs *r, uint32_t s, struct gy_bits *mask)
{
    const struct gy_chain_step *from = &r->chain->steps[s];
    struct gy_run_step *step = &r->steps[s];
    uint32_t from_millis;
    *step = (struct gy_run_step){.range = gy_chain_step_range(r->chain, s),
                                 .within_ms = fixed_ms(&from->within, r->chain->now_ms)};
    step->from_code = gy_code_of(step->range.from_ms, &from_millis);
    find_slice(step, gy_reader_stream(r->block->reader, r->block->block_no, from->stream), mask);
    return (step->view == NULL || step->view->slice->min_code >= GY_CODE_1970) &&
           find_test(r, from->filter, step);
}

static uint32_t rows_of(const struct gy_run_step *step)
{
    return step->view == NULL ? 0 : step->view->slice->n_rows;
}

static void order_wanted(struct gy_chain_runs *r)
{
    r->n_wanted = 0;
    for (uint32_t s = 0; s < r->chain->n_steps; s++) {
        uint32_t w = r->n_wanted;
        if (r->chain->steps[s].is_absent)
            continue;
        for (; w > 0 && rows_of(&r->steps[r->wanted[w - 1]]) > rows_of(&r->steps[s]); w--)
            r->wanted[w] = r->wanted[w - 1];
        r->wanted[w] = s;
        r->n_wanted++;
    }
}

/* Strings with codes, or whole numbers at one power of ten; of times those that count ms. */
static bool link_columns(struct gy_chain_runs *r, const struct gy_view_column *first,
                         const struct gy_view_column *second)
{
    const struct gy_column *a = &first->column;
    const struct gy_column *b = &second->column;
    r->link = (struct gy_run_link){.first = a, .second = b};
    if (a->encoding != b->encoding || a->type != b->type)
        return false;
    if (a->encoding == GY_ENCODING_INT) {
        r->link.more = (uint64_t)a->base - (uint64_t)b->base;
        return a->scale == b->scale && a->unit == 0 && b->unit == 0;
    }
    if (a->encoding != GY_ENCODING_CODE)
        return false;
    if (first->dictionary.starts != second->dictionary.starts)
        r->link.codes =
            gy_code_map_get(&r->block->code_map, &first->dictionary, &second->dictionary);
    return true;
}

/* Of two steps the second one is linked to the first by one property, or nothing is. */
static bool find_link(struct gy_chain_runs *r)
{
    const struct gy_chain *chain = r->chain;
    struct gy_run_step *steps = r->steps;
    r->is_linked = chain->n_slots > 0 && steps[0].view != NULL && steps[1].view != NULL;
    if (chain->n_slots == 0)
        return true;
    if (chain->n_steps != 2 || chain->n_slots != 1 || chain->steps[1].n_links != 1)
        return false;
    if (!r->is_linked)
        return true; /* nothing is there to agree with */
    uint32_t lent = chain->slots[0].property;
    uint32_t own = chain->steps[1].links[0].property;
    struct gy_reader *reader = r->block->reader;
    return lent != GY_NAME_UNKNOWN && own != GY_NAME_UNKNOWN &&
           link_columns(r, gy_reader_column(reader, steps[0].view, lent),
                        gy_reader_column(reader, steps[1].view, own));
}

static bool prepare(struct gy_chain_runs *r, struct gy_bits *mask)
{
    if (r->chain->n_steps > GY_RUN_STEPS)
        return false;
    for (uint32_t s = 0; s < r->chain->n_steps; s++) {
        if (!find_step(r, s, mask))
            return false;
    }
    order_wanted(r);
    return find_link(r);
}

void gy_kernel_chain_runs(struct gy_block_eval *block, const struct gy_chain *chain,
                          struct gy_bits *left, struct gy_bits *out)
{
    struct gy_chain_runs r = {.block = block, .chain = chain};
    struct gy_bits *mask = gy_block_take_bits(block);
    *mask = *left;
    if (prepare(&r, mask)) {
        gy_bits_and_not(left, mask);
        if (r.steps[r.wanted[0]].view != NULL)
            gy_chain_runs_decide(&r, mask, left, out);
    }
    gy_block_give_bits(block, mask);
}
