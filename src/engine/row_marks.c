/* row_marks.c - filters as operations on words of bits. */
#include "engine/row_marks.h"

#include "engine/clock_marks.h"
#include "engine/kernel_column.h"
#include "engine/number_test.h"

enum {
    PIECE_ROWS = 4096, /* marked at a time: what children say of them stays in the first cache */
    PIECE_WORDS = PIECE_ROWS / 64 + 1
};

enum marker_kind {
    MARK_NONE,
    MARK_ALL,
    MARK_AND,
    MARK_OR,
    MARK_NOT,
    MARK_PRESENT,
    MARK_RANGES,
    MARK_TABLE,
    MARK_CLOCK
};

struct gy_marker {
    enum marker_kind kind;
    const struct gy_marker **children;
    uint32_t n_children;
    struct gy_raws raws; /* RANGES, TABLE */
    struct gy_raw_range ranges[GY_RAW_RANGES];
    uint32_t n_ranges;
    bool is_negated;         /* RANGES: what lies in none of them */
    const uint8_t *passes;   /* TABLE: 1 for each code that does */
    const uint64_t *present; /* PRESENT, RANGES, TABLE: the rows that have a value; NULL: all */
    struct gy_clock_marks clock;
    const uint32_t *codes; /* CLOCK: of the rows' times */
};

static const struct gy_marker marks_none = {.kind = MARK_NONE};
static const struct gy_marker marks_all = {.kind = MARK_ALL};

bool gy_marker_is_none(const struct gy_marker *marker)
{
    return marker == NULL || marker->kind == MARK_NONE;
}

/* ---- making: what the parts of a filter rest on ---- */

struct maker {
    struct gy_filter_kernel *kernel;
    struct gy_slice_view *view;
    struct gy_arena *arena;
};

static struct gy_marker *new_marker(const struct maker *m, enum marker_kind kind)
{
    struct gy_marker *marker = GY_NEW(m->arena, struct gy_marker);
    marker->kind = kind;
    return marker;
}

static const struct gy_marker *not_of(const struct maker *m, const struct gy_marker *child)
{
    if (child->kind == MARK_NONE || child->kind == MARK_ALL)
        return child->kind == MARK_NONE ? &marks_all : &marks_none;
    struct gy_marker *marker = new_marker(m, MARK_NOT);
    marker->children = GY_NEW_ARRAY(m->arena, const struct gy_marker *, 1);
    marker->children[0] = child;
    marker->n_children = 1;
    return marker;
}

static const struct gy_marker *present_rows(const struct maker *m, const struct gy_column *column)
{
    if (column->present == NULL)
        return &marks_all;
    struct gy_marker *marker = new_marker(m, MARK_PRESENT);
    marker->present = column->present;
    return marker;
}

/* ---- tests of strings ---- */

/* False where there are too many. */
static bool add_range(struct gy_marker *marker, uint32_t low, uint32_t high)
{
    if (marker->n_ranges == GY_RAW_RANGES)
        return false;
    marker->ranges[marker->n_ranges++] = (struct gy_raw_range){low, high};
    return true;
}

/* The first code from `code` on that passes, or does not; `end` where there is none before it. */
static uint32_t next_code(const uint8_t *passes, uint32_t code, uint32_t end, bool that_passes)
{
    const uint8_t *at = memchr(passes + code, that_passes ? GY_YES : GY_NO, end - code);
    return at == NULL ? end : (uint32_t)(at - passes);
}

/* Codes that pass, of those that the slice has. */
static const struct gy_marker *code_marker(const struct maker *m, const struct gy_column *column,
                                           const uint8_t *passes)
{
    struct gy_marker *marker = new_marker(m, MARK_RANGES);
    *marker = (struct gy_marker){.kind = MARK_RANGES,
                                 .raws = {column->data, column->width},
                                 .passes = passes,
                                 .present = column->present};
    uint32_t code = (uint32_t)column->min_int;
    uint32_t end = (uint32_t)column->max_int + 1;
    while ((code = next_code(passes, code, end, true)) < end && marker->kind == MARK_RANGES) {
        uint32_t behind = next_code(passes, code, end, false);
        if (!add_range(marker, code, behind - 1))
            marker->kind = MARK_TABLE;
        code = behind;
    }
    const struct gy_raw_range *first = &marker->ranges[0];
    if (marker->n_ranges == 0)
        return &marks_none;
    bool are_all = first->low == column->min_int && first->high == column->max_int;
    return are_all ? present_rows(m, column) : marker;
}

static const struct gy_marker *string_marker(const struct maker *m, const struct gy_filter *filter)
{
    const struct gy_expr *expr = filter->expr;
    const struct gy_view_column *column =
        gy_reader_column(m->kernel->reader, m->view, expr->left->name.id);
    enum gy_encoding encoding = column->column.encoding;
    bool has_strings = encoding == GY_ENCODING_CODE || encoding == GY_ENCODING_TEXT;
    if (!has_strings)
        return expr->kind == GY_EXPR_MISSING ? &marks_all : &marks_none;
    if (expr->kind == GY_EXPR_KNOWN)
        return present_rows(m, &column->column);
    if (expr->kind == GY_EXPR_MISSING)
        return not_of(m, present_rows(m, &column->column));
    if (encoding != GY_ENCODING_CODE || column->dictionary.n > m->view->slice->n_rows)
        return NULL;
    const uint8_t *passes = gy_verdicts_of_all(&m->kernel->verdicts, filter, m->view->part, column);
    return code_marker(m, &column->column, passes);
}

/* ---- tests of numbers ---- */

static void add_between(const struct gy_column *column, double low, double high,
                        struct gy_marker *marker)
{
    uint64_t n_raws = gy_column_last_raw(column) + 1;
    uint64_t first = gy_column_raws_below(column, n_raws, low, false);
    uint64_t end = gy_column_raws_below(column, n_raws, high, true);
    if (first < end)
        marker->ranges[marker->n_ranges++] =
            (struct gy_raw_range){(uint32_t)first, (uint32_t)(end - 1)};
}

/* False where the test is of another kind. */
static bool add_number_test(const struct gy_column *column, const struct gy_expr *expr,
                            struct gy_marker *marker)
{
    struct gy_number_test test;
    if (expr->kind == GY_EXPR_IN) {
        for (uint32_t i = 0; i < expr->n_values && i < GY_RAW_RANGES; i++) {
            const struct gy_term *value = expr->values[i];
            double number = value->kind == GY_TERM_STRING ? (double)value->time_ms : value->number;
            add_between(column, number, number, marker);
        }
        marker->is_negated = expr->is_negated;
        return expr->n_values <= GY_RAW_RANGES;
    }
    if (!gy_number_test_of_expr(expr, &test))
        return false;
    double low = test.low;
    if (test.is_between) {
        add_between(column, low, test.high, marker);
        return true;
    }
    bool is_below = test.compare == GY_LT || test.compare == GY_GE;
    bool is_order = test.compare != GY_EQ && test.compare != GY_NE;
    if (!is_order)
        add_between(column, low, low, marker);
    else { /* what is below, or below and equal: else what is not */
        uint64_t n_raws = gy_column_last_raw(column) + 1;
        uint64_t n = gy_column_raws_below(column, n_raws, low, !is_below);
        if (n > 0)
            marker->ranges[marker->n_ranges++] = (struct gy_raw_range){0, (uint32_t)(n - 1)};
    }
    marker->is_negated = test.compare == GY_NE || test.compare == GY_GT || test.compare == GY_GE;
    return true;
}

static const struct gy_marker *number_marker(const struct maker *m, const struct gy_expr *expr)
{
    const struct gy_column *column =
        &gy_reader_column(m->kernel->reader, m->view, expr->left->name.id)->column;
    bool has_numbers =
        column->encoding == GY_ENCODING_INT || column->encoding == GY_ENCODING_DOUBLE;
    if (!has_numbers)
        return expr->kind == GY_EXPR_MISSING ? &marks_all : &marks_none;
    if (expr->kind == GY_EXPR_KNOWN)
        return present_rows(m, column);
    if (expr->kind == GY_EXPR_MISSING)
        return not_of(m, present_rows(m, column));
    if (column->encoding != GY_ENCODING_INT || column->width > 4 || column->base != column->min_int)
        return NULL;
    struct gy_marker *marker = new_marker(m, MARK_RANGES);
    marker->raws = (struct gy_raws){column->data, column->width};
    marker->present = column->present;
    if (!add_number_test(column, expr, marker))
        return NULL;
    if (column->width > 0)
        return marker;
    return (marker->n_ranges > 0) != marker->is_negated ? present_rows(m, column) : &marks_none;
}

/* ---- all tests ---- */

static const struct gy_marker *clock_marker(const struct maker *m, const struct gy_filter *filter)
{
    const struct gy_slice *slice = m->view->slice;
    struct gy_clock_marks clock;
    if (!gy_clock_marks_make(filter, m->kernel->clock.zone, slice->min_code, slice->max_code,
                             m->arena, &clock))
        return NULL;
    if (!clock.has_week && clock.quarters == NULL && clock.n_ranges == 0)
        return &marks_none;
    struct gy_marker *marker = new_marker(m, MARK_CLOCK);
    marker->clock = clock;
    marker->codes = m->view->times.codes;
    return marker;
}

static const struct gy_marker *marker_of(const struct maker *m, const struct gy_filter *filter);

static const struct gy_marker *marker_of_children(const struct maker *m,
                                                  const struct gy_filter *filter)
{
    bool is_and = filter->expr->kind == GY_EXPR_AND;
    enum marker_kind settles = is_and ? MARK_NONE : MARK_ALL;
    enum marker_kind adds_nothing = is_and ? MARK_ALL : MARK_NONE;
    struct gy_marker *marker = new_marker(m, is_and ? MARK_AND : MARK_OR);
    marker->children = GY_NEW_ARRAY(m->arena, const struct gy_marker *, filter->n_children);
    for (uint32_t c = 0; c < filter->n_children; c++) {
        const struct gy_marker *child = marker_of(m, filter->children[c]);
        if (child == NULL || child->kind == settles)
            return child;
        if (child->kind != adds_nothing)
            marker->children[marker->n_children++] = child;
    }
    if (marker->n_children == 0)
        return is_and ? &marks_all : &marks_none;
    return marker->n_children == 1 ? marker->children[0] : marker;
}

static const struct gy_marker *marker_of(const struct maker *m, const struct gy_filter *filter)
{
    const struct gy_expr *expr = filter->expr;
    const struct gy_marker *clock = clock_marker(m, filter);
    if (clock != NULL)
        return clock;
    if (expr->kind == GY_EXPR_AND || expr->kind == GY_EXPR_OR)
        return marker_of_children(m, filter);
    if (expr->kind == GY_EXPR_NOT) {
        const struct gy_marker *child = marker_of(m, filter->children[0]);
        return child == NULL ? NULL : not_of(m, child);
    }
    if (gy_filter_is_string_test(expr))
        return string_marker(m, filter);
    if (gy_filter_is_number_test(expr) && expr->left->kind == GY_TERM_PROPERTY &&
        expr->left->name.id != GY_NAME_UNKNOWN)
        return number_marker(m, expr);
    return NULL;
}

/* Made once, though more than one look at a definition asks for it. */
struct gy_known_marker {
    const struct gy_filter *filter;
    const struct gy_slice_view *view;
    const struct gy_marker *marker; /* or NULL */
    struct gy_known_marker *next;
};

const struct gy_marker *gy_marker_of(struct gy_filter_kernel *kernel,
                                     const struct gy_filter *filter, struct gy_slice_view *view)
{
    struct maker m = {kernel, view, &kernel->marker_arena};
    for (struct gy_known_marker *known = kernel->markers; known != NULL; known = known->next) {
        if (known->filter == filter && known->view == view)
            return known->marker;
    }
    struct gy_known_marker *known = GY_NEW(m.arena, struct gy_known_marker);
    *known = (struct gy_known_marker){filter, view, marker_of(&m, filter), kernel->markers};
    kernel->markers = known;
    return known->marker;
}

void gy_markers_forget(struct gy_filter_kernel *kernel)
{
    gy_arena_reset(&kernel->marker_arena);
    kernel->markers = NULL;
}

/* ---- marking ---- */

/* Ones for the first `n` rows of a piece, 0 behind them. */
static void fill(uint32_t n, uint64_t *marks)
{
    memset(marks, 0xff, n / 64 * sizeof *marks);
    marks[n / 64] = (UINT64_C(1) << (n & 63)) - 1;
}

/* Drops rows without a value. */
static void drop_absent(const uint64_t *present, uint32_t first, uint32_t n, uint64_t *marks)
{
    uint32_t shift = first & 63;
    const uint64_t *words = present + first / 64;
    for (uint32_t w = 0; present != NULL && w <= n / 64; w++) {
        if (marks[w] != 0)
            marks[w] &= words[w] >> shift | words[w + 1] << 1 << (63 - shift);
    }
}

static void turn(uint32_t n, uint64_t *marks)
{
    for (uint32_t w = 0; w < n / 64; w++)
        marks[w] = ~marks[w];
    marks[n / 64] = ~marks[n / 64] & ((UINT64_C(1) << (n & 63)) - 1);
}

#define LOOK_UP(type)                                             \
    do {                                                          \
        const type *codes = (const type *)m->raws.values + first; \
        for (uint32_t row = 0; row <= n; row += 64) {             \
            uint32_t end = n - row < 64 ? n - row : 64;           \
            uint64_t word = 0;                                    \
            for (uint32_t i = 0; i < end; i++)                    \
                word |= (uint64_t)passes[codes[row + i]] << i;    \
            marks[row / 64] = word;                               \
        }                                                         \
    } while (0)

static void look_up(const struct gy_marker *m, uint32_t first, uint32_t n, uint64_t *marks)
{
    const uint8_t *passes = m->passes;
    if (m->raws.width == 1)
        LOOK_UP(uint8_t);
    else if (m->raws.width == 2)
        LOOK_UP(uint16_t);
    else
        LOOK_UP(uint32_t);
}

#undef LOOK_UP

static void mark(const struct gy_marker *m, uint32_t first, uint32_t n, uint64_t *marks);

static void mark_children(const struct gy_marker *m, uint32_t first, uint32_t n, uint64_t *marks)
{
    uint64_t child[PIECE_WORDS];
    mark(m->children[0], first, n, marks);
    for (uint32_t c = 1; c < m->n_children; c++) {
        mark(m->children[c], first, n, child);
        for (uint32_t w = 0; w <= n / 64; w++)
            marks[w] = m->kind == MARK_AND ? marks[w] & child[w] : marks[w] | child[w];
    }
}

static void mark(const struct gy_marker *m, uint32_t first, uint32_t n, uint64_t *marks)
{
    switch (m->kind) {
    case MARK_NONE:
        memset(marks, 0, (n / 64 + 1) * sizeof *marks);
        break;
    case MARK_ALL:
        fill(n, marks);
        break;
    case MARK_AND:
    case MARK_OR:
        mark_children(m, first, n, marks);
        break;
    case MARK_NOT:
        mark(m->children[0], first, n, marks);
        turn(n, marks);
        break;
    case MARK_PRESENT:
        fill(n, marks);
        drop_absent(m->present, first, n, marks);
        break;
    case MARK_RANGES:
        gy_mark_raws(m->raws, first, n, m->ranges, m->n_ranges, marks);
        if (m->is_negated)
            turn(n, marks);
        drop_absent(m->present, first, n, marks);
        break;
    case MARK_TABLE:
        look_up(m, first, n, marks);
        drop_absent(m->present, first, n, marks);
        break;
    case MARK_CLOCK:
        gy_clock_marks_run(&m->clock, m->codes + first, n, marks);
        break;
    }
}

void gy_marker_run(const struct gy_marker *marker, uint32_t first, uint32_t n, uint64_t *marks)
{
    uint32_t done = 0;
    for (; n - done >= PIECE_ROWS; done += PIECE_ROWS)
        mark(marker, first + done, PIECE_ROWS, marks + done / 64);
    mark(marker, first + done, n - done, marks + done / 64);
}

/* ---- single rows ---- */

bool gy_marker_is_slow(const struct gy_marker *marker)
{
    for (uint32_t c = 0; c < marker->n_children; c++) {
        if (gy_marker_is_slow(marker->children[c]))
            return true;
    }
    return marker->kind == MARK_TABLE || marker->kind == MARK_CLOCK;
}

static uint32_t raw_at(struct gy_raws raws, uint32_t row)
{
    return raws.width == 1   ? ((const uint8_t *)raws.values)[row]
           : raws.width == 2 ? ((const uint16_t *)raws.values)[row]
                             : ((const uint32_t *)raws.values)[row];
}

static bool is_present(const struct gy_marker *m, uint32_t row)
{
    return m->present == NULL || (m->present[row / 64] >> (row % 64) & 1) != 0;
}

static bool passes_row(const struct gy_marker *m, uint32_t row)
{
    uint64_t word[2];
    bool is_or = m->kind == MARK_OR;
    switch (m->kind) {
    case MARK_NONE:
        return false;
    case MARK_ALL:
        return true;
    case MARK_AND:
    case MARK_OR:
        for (uint32_t c = 0; c < m->n_children; c++) {
            if (passes_row(m->children[c], row) == is_or)
                return is_or;
        }
        return !is_or;
    case MARK_NOT:
        return !passes_row(m->children[0], row);
    case MARK_PRESENT:
        return is_present(m, row);
    case MARK_TABLE:
        return is_present(m, row) && m->passes[raw_at(m->raws, row)] != 0;
    case MARK_RANGES:
    case MARK_CLOCK:
        break;
    }
    mark(m, row, 1, word);
    return (word[0] & 1) != 0;
}

void gy_marker_keep(const struct gy_marker *marker, uint32_t first, uint32_t n, uint64_t *marks)
{
    for (uint32_t w = 0; w <= n / 64; w++) {
        uint64_t kept = 0;
        for (uint64_t left = marks[w]; left != 0; left &= left - 1) {
            bool passes = passes_row(marker, first + w * 64 + (uint32_t)__builtin_ctzll(left));
            kept |= passes ? left & (UINT64_C(0) - left) : 0;
        }
        marks[w] = kept;
    }
}
