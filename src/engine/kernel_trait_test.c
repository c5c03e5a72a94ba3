/* kernel_trait_test.c - a table of what passes, and one loop over the column. */
#include "engine/kernel_trait_test.h"

#include "engine/kernel_column.h"
#include "engine/kernel_text.h"
#include "engine/number_test.h"

enum {
    MAX_RAW = 1 << 16 /* different codes or raw numbers for which a table is worth it */
};

/* How many different raw values the table has; 0 where there is none for the column and the test. */
static uint32_t table_size(const struct gy_plan_expr *test, const struct gy_view_column *column)
{
    const struct gy_column *c = &column->column;
    struct gy_number_test number;
    if (test->left->type == GY_TYPE_STRING && c->encoding == GY_ENCODING_CODE)
        return column->dictionary.n <= MAX_RAW ? column->dictionary.n : 0;
    if (!gy_type_is_numeric(test->left->type) || c->encoding != GY_ENCODING_INT || c->width > 2 ||
        !gy_number_test_read(test, &number))
        return 0;
    return 1U << (8 * c->width);
}

static bool is_string_test(const struct gy_plan_expr *test)
{
    return test->kind == GY_EXPR_IN || test->kind == GY_EXPR_TEXT ||
           (test->kind == GY_EXPR_COMPARE && test->right->kind == GY_TERM_STRING);
}

static bool is_table_test(const struct gy_plan_expr *test)
{
    if (test->left->type == GY_TYPE_STRING)
        return is_string_test(test);
    return test->kind == GY_EXPR_COMPARE || test->kind == GY_EXPR_BETWEEN;
}

static void fill_table(const struct gy_plan_expr *test, const struct gy_view_column *column,
                       uint8_t *passes, uint32_t n)
{
    struct gy_filter filter = {.expr = test->expr, .regex = test->regex};
    struct gy_number_test number = {0};
    bool is_number =
        column->column.encoding == GY_ENCODING_INT && gy_number_test_read(test, &number);
    for (uint32_t raw = 0; raw < n; raw++) {
        passes[raw] =
            is_number
                ? gy_number_test_passes(&number, gy_column_value_of_raw(&column->column, raw))
                : gy_filter_string_passes(&filter, gy_dictionary_str(&column->dictionary, raw));
    }
}

/* A word of bits is put together before it is written: customers come in order. */
#define LOOK_UP(raw_of_run)                                        \
    do {                                                           \
        uint64_t word = 0;                                         \
        uint32_t at = 0;                                           \
        for (uint32_t run = 0; run < n; run++) {                   \
            uint32_t c = customers == NULL ? run : customers[run]; \
            if (c >> 6 != at) {                                    \
                out->words[at] = word;                             \
                word = 0;                                          \
                at = c >> 6;                                       \
            }                                                      \
            word |= (uint64_t)passes[raw_of_run] << (c & 63);      \
        }                                                          \
        out->words[at] = word;                                     \
    } while (0)

static void look_up(const struct gy_column *column, const struct gy_runs *runs,
                    const uint8_t *passes, struct gy_bits *out)
{
    const uint16_t *customers = runs->customers;
    uint32_t n = runs->n;
    if (column->width == 1)
        LOOK_UP(((const uint8_t *)column->data)[run]);
    else if (column->width == 2)
        LOOK_UP(((const uint16_t *)column->data)[run]);
    else if (column->width == 4)
        LOOK_UP(((const uint32_t *)column->data)[run]);
    else
        LOOK_UP(0); /* every raw value is 0 */
}

#undef LOOK_UP

/* Rows without a value may have any raw one. */
static void drop_absent(const struct gy_column *column, const struct gy_runs *runs,
                        struct gy_bits *out)
{
    for (uint32_t run = 0; column->present != NULL && run < runs->n; run++) {
        if (!gy_column_is_present(column, run))
            gy_bits_unset(out, runs->customers == NULL ? run : runs->customers[run]);
    }
}

bool gy_kernel_trait_test(struct gy_block_eval *block, const struct gy_plan_expr *test,
                          const struct gy_bits *mask, struct gy_bits *out)
{
    if (test->left->kind != GY_TERM_TRAIT || !is_table_test(test))
        return false;
    struct gy_slice_view *view = gy_trait_plain_slice(block, test->left);
    if (view == NULL)
        return false;
    const struct gy_view_column *column = gy_reader_column(block->reader, view, GY_PROPERTY_VALUE);
    uint32_t n = table_size(test, column);
    if (n == 0)
        return false;
    uint8_t *passes = gy_block_take(block);
    fill_table(test, column, passes, n);
    gy_bits_clear(out);
    look_up(&column->column, &view->runs, passes, out);
    drop_absent(&column->column, &view->runs, out);
    gy_bits_and(out, mask);
    gy_block_give(block, passes);
    return true;
}
