/* kernel_text.c - references to strings: made, read, tested. */
#include "engine/kernel_text.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/kernel_aggregate.h"
#include "engine/kernel_column.h"

/* ---- sources ---- */

/* The slices' columns of one property, each with room for its references; false where 32 bits do not
 * number them all and as many answers. */
static bool add_sources(struct gy_block_eval *block, const struct gy_stream_view *stream,
                        uint32_t property, struct gy_texts *out)
{
    uint64_t base = 0;
    out->sources = GY_NEW_ARRAY(&block->arena, struct gy_text_source, stream->n_slices + 1);
    for (uint32_t s = 0; s < stream->n_slices; s++) {
        const struct gy_view_column *column =
            gy_reader_column(block->reader, &stream->slices[s], property);
        bool by_code = column->column.encoding == GY_ENCODING_CODE;
        uint32_t n = by_code ? column->dictionary.n : stream->slices[s].slice->n_rows;
        out->sources[s] = (struct gy_text_source){column, NULL, (uint32_t)base, n, by_code};
        base += n;
        if (base > UINT32_MAX - GY_BLOCK_SIZE)
            return false;
    }
    out->n_sources = stream->n_slices;
    return true;
}

static bool has_text(const struct gy_column *column, uint32_t row)
{
    bool is_text = column->encoding == GY_ENCODING_CODE || column->encoding == GY_ENCODING_TEXT ||
                   column->encoding == GY_ENCODING_LIST;
    return is_text && gy_column_is_present(column, row);
}

static uint32_t reference_to(const struct gy_text_source *source, uint32_t row)
{
    return source->base +
           (source->by_code ? (uint32_t)gy_column_raw(&source->column->column, row) : row);
}

/* ---- where references come from ---- */

static void refer_to_trait(struct gy_block_eval *block, const struct gy_plan_term *term,
                           const struct gy_bits *mask, struct gy_texts *out)
{
    struct gy_latest latest;
    gy_kernel_latest(block, term->stream, term->now_ms, mask, &latest);
    GY_FOR_EACH_BIT(i, &latest.there)
    {
        const struct gy_text_source *source = &out->sources[latest.slices[i]];
        if (!has_text(&source->column->column, latest.rows[i]))
            continue;
        gy_bits_set(&out->known, i);
        out->references[i] = reference_to(source, latest.rows[i]);
    }
    gy_latest_give(block, &latest);
}

/* Equal times: the earlier arrival is first, the later one is last. */
static void take_ends(const struct gy_scan *scan, bool is_first, struct gy_texts *out,
                      int64_t *times_ms)
{
    const struct gy_selection *selection = &scan->selection;
    const struct gy_slice_view *view = gy_scan_view(scan);
    const struct gy_text_source *source = &out->sources[scan->slice];
    for (uint32_t i = 0; i < selection->n; i++) {
        uint32_t c = selection->customers[i];
        uint32_t row = selection->rows[i];
        if (!has_text(&source->column->column, row))
            continue;
        int64_t time_ms = gy_slice_view_time(view, row);
        if (gy_bits_has(&out->known, c) &&
            (is_first ? time_ms >= times_ms[c] : time_ms < times_ms[c]))
            continue;
        gy_bits_set(&out->known, c);
        out->references[c] = reference_to(source, row);
        times_ms[c] = time_ms;
    }
}

static void refer_to_ends(struct gy_block_eval *block, const struct gy_plan_term *term,
                          const struct gy_bits *mask, struct gy_texts *out)
{
    struct gy_scan scan;
    int64_t *times_ms = gy_block_take(block);
    gy_scan_begin(&scan, block, term->stream, term->filter, term->range, mask);
    while (gy_scan_next(&scan))
        take_ends(&scan, term->term->aggregate == GY_FIRST, out, times_ms);
    gy_block_give(block, times_ms);
}

/* One more source: what single customers answered. */
static void refer_to_answers(struct gy_block_eval *block, const struct gy_plan_term *term,
                             const struct gy_bits *mask, struct gy_texts *out)
{
    struct gy_text_source *last = out->n_sources == 0 ? NULL : &out->sources[out->n_sources - 1];
    uint32_t base = last == NULL ? 0 : last->base + last->n;
    struct gy_str *texts = GY_NEW_ARRAY(&block->arena, struct gy_str, gy_bits_count(mask));
    uint32_t n = 0;
    GY_FOR_EACH_BIT(i, mask)
    {
        struct gy_value value;
        if (!gy_block_ask_value(block, term, i, &value))
            break;
        if (value.type != GY_VALUE_STRING)
            continue;
        gy_bits_set(&out->known, i);
        out->references[i] = base + n;
        bool is_derived = gy_is_derived(term->stream); /* then it is gone with the next customer */
        texts[n++] = is_derived ? gy_arena_str(&block->arena, value.string) : value.string;
    }
    out->sources[out->n_sources++] = (struct gy_text_source){NULL, texts, base, n, false};
}

/* ---- the most frequent ---- */

/* How often the customer at hand has each code of a slice, and since when not any more. */
struct code_count {
    uint32_t n;
    uint32_t last_place;
};

/* A customer's run of codes within one slice. */
struct top {
    struct gy_texts *out;
    struct gy_bits asked;      /* who has codes in several slices, or strings without codes */
    uint32_t *last_slice;      /* of each customer, plus one */
    struct code_count *counts; /* by code; all zero but for the codes of the customer at hand */
    uint32_t *codes;           /* those that it has */
    size_t n_codes;
    size_t capacity;
    uint32_t place;
    uint32_t customer;
    uint32_t slice;
};

static bool has_few_codes(const struct gy_text_source *source)
{
    return source->by_code && source->n <= GY_MOST_COUNTED_CODES;
}

static struct code_count *make_counts(const struct gy_texts *texts)
{
    uint32_t most = 1;
    for (uint32_t s = 0; s < texts->n_sources; s++) {
        const struct gy_text_source *source = &texts->sources[s];
        most = has_few_codes(source) && source->n > most ? source->n : most;
    }
    return gy_alloc_zero(most, sizeof(struct code_count));
}

/* Of equally frequent codes the one whose last place is later. Forgets the counts. */
static uint32_t most_frequent(struct top *t)
{
    uint32_t best = t->codes[0];
    struct code_count best_count = {0, 0};
    for (size_t i = 0; i < t->n_codes; i++) {
        struct code_count *count = &t->counts[t->codes[i]];
        if (count->n > best_count.n ||
            (count->n == best_count.n && count->last_place > best_count.last_place)) {
            best = t->codes[i];
            best_count = *count;
        }
        *count = (struct code_count){0, 0};
    }
    t->n_codes = 0;
    return best;
}

/* The customer's codes are all there. */
static void close_customer(struct top *t)
{
    if (t->n_codes == 0)
        return;
    if (t->last_slice[t->customer] != 0)
        gy_bits_set(&t->asked, t->customer);
    t->last_slice[t->customer] = t->slice + 1;
    gy_bits_set(&t->out->known, t->customer);
    t->out->references[t->customer] = t->out->sources[t->slice].base + most_frequent(t);
}

static void count_code(struct top *t, uint32_t code)
{
    struct code_count *count = &t->counts[code];
    if (count->n++ == 0) {
        GY_GROW(t->codes, t->capacity, t->n_codes + 1);
        t->codes[t->n_codes++] = code;
    }
    count->last_place = ++t->place;
}

static void take_codes(struct top *t, const struct gy_scan *scan)
{
    const struct gy_selection *selection = &scan->selection;
    const struct gy_text_source *source = &t->out->sources[scan->slice];
    const struct gy_column *column = &source->column->column;
    for (uint32_t i = 0; i < selection->n; i++) {
        uint32_t customer = selection->customers[i];
        uint32_t row = selection->rows[i];
        if (customer != t->customer || scan->slice != t->slice)
            close_customer(t);
        t->customer = customer;
        t->slice = scan->slice;
        if (!has_text(column, row))
            continue;
        if (has_few_codes(source))
            count_code(t, (uint32_t)gy_column_raw(column, row));
        else
            gy_bits_set(&t->asked, customer);
    }
}

static void refer_to_top(struct gy_block_eval *block, const struct gy_plan_term *term,
                         const struct gy_bits *mask, struct gy_texts *out)
{
    struct gy_scan scan;
    struct top t = {.out = out, .counts = make_counts(out)};
    t.last_slice = gy_block_take(block);
    memset(t.last_slice, 0, GY_BLOCK_SIZE * sizeof *t.last_slice);
    gy_scan_begin(&scan, block, term->stream, term->filter, term->range, mask);
    while (gy_scan_next(&scan))
        take_codes(&t, &scan);
    close_customer(&t);
    gy_bits_and_not(&out->known, &t.asked);
    if (gy_bits_any(&t.asked))
        refer_to_answers(block, term, &t.asked, out);
    gy_block_give(block, t.last_slice);
    free(t.codes);
    free(t.counts);
}

/* `out` has room for its references, and nothing else yet. */
static void refer(struct gy_block_eval *block, const struct gy_plan_term *term,
                  const struct gy_bits *mask, struct gy_texts *out)
{
    bool is_trait = term->kind == GY_TERM_TRAIT;
    bool is_aggregate = term->kind == GY_TERM_AGGREGATE;
    const struct gy_stream_view *stream =
        gy_reader_stream(block->reader, block->block_no, term->stream);
    bool has_sources =
        (is_trait || is_aggregate) &&
        add_sources(block, stream, is_trait ? GY_PROPERTY_VALUE : term->property, out);
    if (!has_sources) {
        out->n_sources = 0;
        out->sources = GY_NEW_ARRAY(&block->arena, struct gy_text_source, 1);
        refer_to_answers(block, term, mask, out);
    } else if (is_trait) {
        refer_to_trait(block, term, mask, out);
    } else if (term->term->aggregate == GY_TOP) {
        refer_to_top(block, term, mask, out);
    } else {
        refer_to_ends(block, term, mask, out);
    }
}

/* ---- what is kept ---- */

struct gy_block_known_texts {
    struct gy_bits asked; /* of whom it was asked */
    struct gy_texts texts;
};

/* The kept references of a term, which cover `mask`; NULL where they are not kept. */
static const struct gy_texts *keep_texts(struct gy_block_eval *block,
                                         const struct gy_plan_term *term,
                                         const struct gy_bits *mask)
{
    struct gy_block_known_texts *kept = block->texts[term->id];
    bool may_keep = kept != NULL || block->n_kept_terms < GY_MAX_KEPT_TERMS;
    if (term->n_uses < 2 || !may_keep || gy_is_derived(term->stream)) /* rows may be forgotten */
        return NULL;
    if (kept != NULL && gy_bits_within(mask, &kept->asked))
        return &kept->texts;
    if (kept == NULL) {
        kept = block->texts[term->id] = GY_NEW(&block->arena, struct gy_block_known_texts);
        kept->texts.references = GY_NEW_ARRAY(&block->arena, uint32_t, GY_BLOCK_SIZE);
        block->n_kept_terms++;
    }
    gy_bits_or(&kept->asked, mask);
    kept->texts = (struct gy_texts){.references = kept->texts.references, .is_kept = true};
    refer(block, term, &kept->asked, &kept->texts);
    return &kept->texts;
}

void gy_kernel_texts(struct gy_block_eval *block, const struct gy_plan_term *term,
                     const struct gy_bits *mask, struct gy_texts *out)
{
    const struct gy_texts *kept = keep_texts(block, term, mask);
    if (kept != NULL) {
        *out = *kept;
        return;
    }
    *out = (struct gy_texts){.references = gy_block_take(block)};
    refer(block, term, mask, out);
}

void gy_texts_give(struct gy_block_eval *block, struct gy_texts *texts)
{
    if (!texts->is_kept)
        gy_block_give(block, texts->references);
}

/* ---- reading ---- */

static const struct gy_text_source *source_of(const struct gy_texts *texts, uint32_t reference)
{
    uint32_t s = texts->n_sources - 1;
    while (texts->sources[s].base > reference || texts->sources[s].n == 0)
        s--;
    return &texts->sources[s];
}

static struct gy_str text_of(const struct gy_text_source *source, uint32_t place)
{
    if (source->column == NULL)
        return source->texts[place];
    return source->by_code ? gy_dictionary_str(&source->column->dictionary, place)
                           : gy_column_text(&source->column->column, place);
}

struct gy_str gy_texts_at(const struct gy_texts *texts, uint32_t customer)
{
    uint32_t reference = texts->references[customer];
    const struct gy_text_source *source = source_of(texts, reference);
    return text_of(source, reference - source->base);
}

/* ---- testing ---- */

enum {
    NOT_ASKED = 0,
    NO = 1,
    YES = 2
};

/* A test of one source's references. */
struct source_test {
    const struct gy_text_source *source;
    const struct gy_plan_expr *test;
    uint8_t *verdicts; /* by code; NULL where references are not codes */
};

static bool list_contains(const struct gy_view_column *column, uint32_t row, struct gy_str string)
{
    const struct gy_column *c = &column->column;
    for (uint32_t at = c->starts[row]; at < c->starts[row + 1]; at++) {
        uint32_t code = (uint32_t)gy_column_raw(c, at);
        if (gy_str_equal(gy_dictionary_str(&column->dictionary, code), string))
            return true;
    }
    return false;
}

static bool passes(const struct source_test *t, uint32_t place)
{
    const struct gy_expr *expr = t->test->expr;
    struct gy_filter filter = {.expr = expr, .regex = t->test->regex};
    const struct gy_view_column *column = t->source->column;
    if (expr->kind == GY_EXPR_KNOWN)
        return true;
    if (column != NULL && column->column.encoding == GY_ENCODING_LIST)
        return expr->kind == GY_EXPR_TEXT && expr->text_op == GY_TEXT_CONTAINS &&
               list_contains(column, place, expr->right->string) != expr->is_negated;
    return gy_filter_string_passes(&filter, text_of(t->source, place));
}

static bool passes_once(struct source_test *t, uint32_t place)
{
    if (t->verdicts == NULL)
        return passes(t, place);
    if (t->verdicts[place] == NOT_ASKED)
        t->verdicts[place] = passes(t, place) ? YES : NO;
    return t->verdicts[place] == YES;
}

void gy_texts_test(struct gy_block_eval *block, const struct gy_texts *texts,
                   const struct gy_plan_expr *test, const struct gy_bits *mask, struct gy_bits *out)
{
    struct source_test *tests =
        GY_NEW_ARRAY(&block->arena, struct source_test, texts->n_sources + 1);
    gy_bits_clear(out);
    if (test->kind == GY_EXPR_MISSING) {
        *out = *mask;
        gy_bits_and_not(out, &texts->known);
        return;
    }
    for (uint32_t s = 0; s < texts->n_sources; s++) {
        const struct gy_text_source *source = &texts->sources[s];
        tests[s] = (struct source_test){source, test, NULL};
        if (source->by_code)
            tests[s].verdicts = GY_NEW_ARRAY(&block->arena, uint8_t, source->n);
    }
    GY_FOR_EACH_BIT(i, &texts->known)
    {
        uint32_t reference = texts->references[i];
        const struct gy_text_source *source = source_of(texts, reference);
        if (passes_once(&tests[source - texts->sources], reference - source->base))
            gy_bits_set(out, i);
    }
    gy_bits_and(out, mask);
}
