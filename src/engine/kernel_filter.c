/* kernel_filter.c - tests over a selection. Loops over rows have no branches but for what is rare. */
#include "engine/kernel_filter.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/kernel_column.h"
#include "engine/value_ops.h"

void gy_filter_kernel_init(struct gy_filter_kernel *kernel, struct gy_reader *reader,
                           const struct gy_zone *zone)
{
    *kernel = (struct gy_filter_kernel){.reader = reader};
    gy_local_clock_init(&kernel->clock, zone);
}

void gy_filter_kernel_release(struct gy_filter_kernel *kernel)
{
    gy_verdict_cache_release(&kernel->verdicts);
    gy_local_clock_release(&kernel->clock);
    gy_arena_release(&kernel->arena);
    gy_arena_release(&kernel->marker_arena);
    *kernel = (struct gy_filter_kernel){0};
}

/* ---- operands ---- */

struct run {
    struct gy_filter_kernel *kernel;
    struct gy_slice_view *view;
    const struct gy_selection *selection;
};

/* An operand's numbers in the rows of the selection. */
struct operand {
    double *values;
    uint8_t *known;
};

static struct operand operand_of(struct run *r, const struct gy_term *term);

static void constant(struct operand out, uint32_t n, double value)
{
    for (uint32_t i = 0; i < n; i++)
        out.values[i] = value;
    memset(out.known, 1, n);
}

static void property_numbers(struct run *r, const struct gy_term *term, struct operand out)
{
    if (term->name.id == GY_NAME_UNKNOWN) {
        constant(out, r->selection->n, 0);
        memset(out.known, 0, r->selection->n);
        return;
    }
    const struct gy_view_column *column =
        gy_reader_column(r->kernel->reader, r->view, term->name.id);
    gy_column_numbers(&column->column, r->selection, out.values, out.known);
}

static double calendar_number(enum gy_term_kind kind, int64_t local_s)
{
    struct gy_civil civil;
    int64_t day = gy_local_day(local_s);
    if (kind == GY_TERM_HOUR)
        return (double)((local_s - day * 86400) / 3600);
    if (kind == GY_TERM_WEEKDAY)
        return (double)((day + 3 + 7 * 150000) % 7 + 1); /* day 0 was a Thursday */
    gy_day_to_civil(day, &civil);
    return kind == GY_TERM_MONTH ? civil.month : civil.day;
}

static void calendar_numbers(struct run *r, enum gy_term_kind kind, struct operand out)
{
    const struct gy_times *times = &r->view->times;
    for (uint32_t i = 0; i < r->selection->n; i++) {
        out.values[i] = calendar_number(
            kind, gy_local_clock_seconds(&r->kernel->clock, times, r->selection->rows[i]));
    }
    memset(out.known, 1, r->selection->n);
}

/* What is not finite is missing. */
static void calculated_numbers(struct run *r, const struct gy_term *term, struct operand out)
{
    struct operand left = operand_of(r, term->left);
    struct operand right = operand_of(r, term->right);
    bool are_times = term->left->type == GY_TYPE_TIME;
    for (uint32_t i = 0; i < r->selection->n; i++) {
        double a = left.values[i];
        double b = right.values[i];
        out.values[i] = term->kind == GY_TERM_ADD        ? a + b
                        : term->kind == GY_TERM_MULTIPLY ? a * b
                        : term->kind == GY_TERM_DIVIDE   ? a / b
                        : are_times                      ? (a - b) / (double)GY_DAY_MS
                                                         : a - b;
        out.known[i] = (uint8_t)(left.known[i] & right.known[i] & (isfinite(out.values[i]) != 0));
    }
}

static void negative_numbers(struct run *r, const struct gy_term *term, struct operand out)
{
    struct operand left = operand_of(r, term->left);
    for (uint32_t i = 0; i < r->selection->n; i++) {
        out.values[i] = -left.values[i];
        out.known[i] = left.known[i];
    }
}

static struct operand operand_of(struct run *r, const struct gy_term *term)
{
    uint32_t n = r->selection->n;
    struct operand out = {gy_arena_alloc(&r->kernel->arena, n * sizeof(double)),
                          gy_arena_alloc(&r->kernel->arena, n)};
    switch (term->kind) {
    case GY_TERM_NUMBER:
    case GY_TERM_BOOL:
        constant(out, n, term->number);
        break;
    case GY_TERM_STRING: /* a time: others never come here */
        constant(out, n, (double)term->time_ms);
        break;
    case GY_TERM_PROPERTY:
        property_numbers(r, term, out);
        break;
    case GY_TERM_HOUR:
    case GY_TERM_WEEKDAY:
    case GY_TERM_MONTH:
    case GY_TERM_DAY:
        calendar_numbers(r, term->kind, out);
        break;
    case GY_TERM_NEGATIVE:
        negative_numbers(r, term, out);
        break;
    case GY_TERM_ADD:
    case GY_TERM_SUBTRACT:
    case GY_TERM_MULTIPLY:
    case GY_TERM_DIVIDE:
        calculated_numbers(r, term, out);
        break;
    case GY_TERM_TRAIT:
    case GY_TERM_METRIC:
    case GY_TERM_AGE:
    case GY_TERM_AGGREGATE:
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
    case GY_TERM_STEP_PROPERTY:
        memset(out.known, 0, n);
        break;
    }
    return out;
}

/* ---- tests of numbers ---- */

#define COMPARE(op)                  \
    for (uint32_t i = 0; i < n; i++) \
    pass[i] = (uint8_t)(a.known[i] & b.known[i] & (a.values[i] op b.values[i]))

static void compare_operands(enum gy_compare compare, struct operand a, struct operand b,
                             uint32_t n, uint8_t *pass)
{
    switch (compare) {
    case GY_EQ:
        COMPARE(==);
        break;
    case GY_NE:
        COMPARE(!=);
        break;
    case GY_LT:
        COMPARE(<);
        break;
    case GY_LE:
        COMPARE(<=);
        break;
    case GY_GT:
        COMPARE(>);
        break;
    case GY_GE:
        COMPARE(>=);
        break;
    }
}

#undef COMPARE

static double literal_number(const struct gy_term *literal)
{
    return literal->kind == GY_TERM_STRING ? (double)literal->time_ms : literal->number;
}

static void test_in(const struct gy_expr *expr, struct operand a, uint32_t n, uint8_t *pass)
{
    memset(pass, 0, n);
    for (uint32_t v = 0; v < expr->n_values; v++) {
        double value = literal_number(expr->values[v]);
        for (uint32_t i = 0; i < n; i++)
            pass[i] |= (uint8_t)(a.values[i] == value);
    }
    for (uint32_t i = 0; i < n; i++)
        pass[i] = (uint8_t)(a.known[i] & (pass[i] ^ (uint8_t)expr->is_negated));
}

static void test_between(struct run *r, const struct gy_expr *expr, struct operand a, uint8_t *pass)
{
    struct operand low = operand_of(r, expr->low);
    struct operand high = operand_of(r, expr->high);
    for (uint32_t i = 0; i < r->selection->n; i++)
        pass[i] = (uint8_t)(a.known[i] & low.known[i] & high.known[i] &
                            (a.values[i] >= low.values[i]) & (a.values[i] <= high.values[i]));
}

static void test_numbers(struct run *r, const struct gy_expr *expr, uint8_t *pass)
{
    uint32_t n = r->selection->n;
    struct operand a = operand_of(r, expr->left);
    if (expr->kind == GY_EXPR_COMPARE)
        compare_operands(expr->compare, a, operand_of(r, expr->right), n, pass);
    else if (expr->kind == GY_EXPR_BETWEEN)
        test_between(r, expr, a, pass);
    else if (expr->kind == GY_EXPR_IN)
        test_in(expr, a, n, pass);
    else
        for (uint32_t i = 0; i < n; i++)
            pass[i] = (uint8_t)(a.known[i] ^ (expr->kind == GY_EXPR_MISSING));
}

/* ---- tests of strings ---- */

/* Rows that follow one another in a selection lie apart in memory: those ahead are asked for early. */
enum {
    AHEAD = 48
};

#define LOOK_UP(type)                                                        \
    do {                                                                     \
        const type *codes = (const type *)column->column.data;               \
        for (uint32_t i = 0; i < n; i++) {                                   \
            __builtin_prefetch(&codes[rows[i + AHEAD < n ? i + AHEAD : i]]); \
            uint32_t code = (uint32_t)codes[rows[i]];                        \
            pass[i] = verdicts[code];                                        \
            if (pass[i] == GY_NOT_ASKED && known[i] != 0)                    \
                pass[i] = gy_verdict_ask(test, column, code, verdicts);      \
        }                                                                    \
    } while (0)

static void test_codes(struct run *r, const struct gy_filter *test,
                       const struct gy_view_column *column, const uint8_t *known, uint8_t *pass)
{
    uint32_t n = r->selection->n;
    const uint32_t *rows = r->selection->rows;
    uint8_t *verdicts =
        gy_verdicts_of(&r->kernel->verdicts, test, r->view->part, column->dictionary.n)->by_code;
    if (column->column.width == 1)
        LOOK_UP(uint8_t);
    else if (column->column.width == 2)
        LOOK_UP(uint16_t);
    else if (column->column.width == 4)
        LOOK_UP(uint32_t);
    else
        memset(pass, gy_verdict_ask(test, column, 0, verdicts), n); /* there is one code */
    for (uint32_t i = 0; i < n; i++)
        pass[i] = (uint8_t)(known[i] & (pass[i] == GY_YES));
}

#undef LOOK_UP

static void test_strings(struct run *r, const struct gy_filter *test, uint8_t *pass)
{
    const struct gy_selection *selection = r->selection;
    const struct gy_view_column *column =
        gy_reader_column(r->kernel->reader, r->view, test->expr->left->name.id);
    uint8_t *known = gy_arena_alloc(&r->kernel->arena, selection->n);
    gy_column_known(&column->column, selection, known);
    if (column->column.encoding != GY_ENCODING_CODE && column->column.encoding != GY_ENCODING_TEXT)
        memset(known, 0, selection->n);
    if (test->expr->kind == GY_EXPR_MISSING) {
        for (uint32_t i = 0; i < selection->n; i++)
            pass[i] = known[i] ^ 1;
        return;
    }
    if (column->column.encoding == GY_ENCODING_CODE) {
        test_codes(r, test, column, known, pass);
        return;
    }
    for (uint32_t i = 0; i < selection->n; i++)
        pass[i] = known[i] != 0 && gy_filter_string_passes(
                                       test, gy_column_text(&column->column, selection->rows[i]));
}

/* ---- all tests ---- */

static void ask_rows(struct run *r, const struct gy_filter *filter, uint8_t *pass)
{
    struct gy_row_context context = {r->kernel->reader, r->kernel->clock.zone, &r->kernel->arena};
    for (uint32_t i = 0; i < r->selection->n; i++) {
        uint32_t at = r->selection->rows[i];
        struct gy_row row = {r->view, at, 0, gy_slice_view_time(r->view, at)};
        pass[i] = gy_filter_passes(filter, &context, &row);
    }
}

static bool is_literal(const struct gy_term *term)
{
    return term->kind == GY_TERM_STRING || term->kind == GY_TERM_NUMBER ||
           term->kind == GY_TERM_BOOL;
}

bool gy_filter_is_string_test(const struct gy_expr *expr)
{
    return expr->left->type == GY_TYPE_STRING && expr->left->kind == GY_TERM_PROPERTY &&
           expr->left->name.id != GY_NAME_UNKNOWN &&
           (expr->kind != GY_EXPR_COMPARE || is_literal(expr->right)) &&
           expr->kind != GY_EXPR_BETWEEN;
}

/* All operands have numbers: then no two types meet either, the checker saw to it. */
bool gy_filter_is_number_test(const struct gy_expr *expr)
{
    if (!gy_type_is_numeric(expr->left->type) || expr->kind == GY_EXPR_TEXT)
        return false;
    if (expr->kind == GY_EXPR_COMPARE)
        return gy_type_is_numeric(expr->right->type);
    return expr->kind != GY_EXPR_BETWEEN ||
           (gy_type_is_numeric(expr->low->type) && gy_type_is_numeric(expr->high->type));
}

static void test(struct run *r, const struct gy_filter *filter, uint8_t *pass);

static void test_children(struct run *r, const struct gy_filter *filter, uint8_t *pass)
{
    uint32_t n = r->selection->n;
    bool is_and = filter->expr->kind == GY_EXPR_AND;
    uint8_t *child = gy_arena_alloc(&r->kernel->arena, n);
    memset(pass, is_and, n);
    for (uint32_t c = 0; c < filter->n_children; c++) {
        test(r, filter->children[c], child);
        for (uint32_t i = 0; i < n; i++)
            pass[i] = is_and ? pass[i] & child[i] : pass[i] | child[i];
    }
}

static void test(struct run *r, const struct gy_filter *filter, uint8_t *pass)
{
    const struct gy_expr *expr = filter->expr;
    if (expr->kind == GY_EXPR_AND || expr->kind == GY_EXPR_OR) {
        test_children(r, filter, pass);
    } else if (expr->kind == GY_EXPR_NOT) {
        test(r, filter->children[0], pass);
        for (uint32_t i = 0; i < r->selection->n; i++)
            pass[i] ^= 1;
    } else if (gy_filter_is_number_test(expr)) {
        test_numbers(r, expr, pass);
    } else if (gy_filter_is_string_test(expr)) {
        test_strings(r, filter, pass);
    } else {
        ask_rows(r, filter, pass);
    }
}

static void keep(struct gy_selection *selection, const uint8_t *pass)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < selection->n; i++) {
        selection->rows[n] = selection->rows[i];
        selection->customers[n] = selection->customers[i];
        n += pass[i];
    }
    selection->n = n;
}

void gy_filter_kernel_run(struct gy_filter_kernel *kernel, const struct gy_filter *filter,
                          struct gy_slice_view *view, struct gy_selection *selection)
{
    struct run r = {kernel, view, selection};
    if (filter == NULL)
        return;
    bool is_and = filter->expr->kind == GY_EXPR_AND;
    const struct gy_filter **tests = is_and ? filter->children : &filter;
    uint32_t n = is_and ? filter->n_children : 1;
    for (uint32_t i = 0; i < n && selection->n > 0; i++) {
        gy_arena_reset(&kernel->arena);
        uint8_t *pass = gy_arena_alloc(&kernel->arena, selection->n);
        test(&r, tests[i], pass);
        keep(selection, pass);
    }
}
