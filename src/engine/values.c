/* values.c - one column of values a term, for each customer of an audience.
 *
 * Pieces fill in rows of their own: numbers by blocks, texts customer by customer. Known bits of
 * neighbouring pieces share words, so they are bytes until all pieces are done; texts are views into
 * parts (lists: memory of their own) until they are copied into the table.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "engine/run.h"

struct fill {
    const struct gy_run *run;
    struct gy_value_table *table;
    const struct gy_plan_term **terms;
    uint8_t **known; /* a byte a row, for each column */
};

/* ---- single values ---- */

/* What is derived is gone with the next customer: a copy, freed once it is in the table. */
static struct gy_str copy_text(struct gy_str text)
{
    char *copy = gy_alloc(text.len + 1);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return (struct gy_str){copy, text.len};
}

static void put_value(struct fill *f, uint32_t column, uint32_t row, const struct gy_value *value)
{
    struct gy_value_column *c = &f->table->columns[column];
    struct gy_buf json = {0};
    switch (value->type) {
    case GY_VALUE_NUMBER:
        c->numbers[row] = value->number;
        break;
    case GY_VALUE_BOOL:
        c->numbers[row] = value->boolean ? 1.0 : 0.0;
        break;
    case GY_VALUE_TIME:
        c->times_ms[row] = value->time_ms;
        break;
    case GY_VALUE_STRING:
        c->texts[row] = copy_text(value->string);
        break;
    case GY_VALUE_LIST:
        gy_value_json(value, &json);
        c->texts[row] = gy_buf_view(&json); /* likewise */
        break;
    case GY_VALUE_MISSING:
    case GY_VALUE_CELL:
        return;
    }
    f->known[column][row] = 1;
}

static void put_customer(struct fill *f, struct gy_customer_eval *eval,
                         const struct gy_subject *subject, uint32_t column, uint32_t row)
{
    struct gy_value value = gy_customer_value(eval, subject, f->terms[column]);
    put_value(f, column, row, &value);
}

/* ---- pieces ---- */

/* The first row whose ordinal is not below `ordinal`. */
static uint32_t first_row(const struct gy_value_table *table, uint64_t ordinal)
{
    uint32_t low = 0;
    uint32_t high = table->n_rows;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (table->ordinals[middle] < ordinal)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void fill_scattered(struct fill *f, struct gy_customer_eval *eval,
                           const struct gy_piece *piece)
{
    for (size_t i = piece->first_scattered; i < piece->end_scattered; i++) {
        struct gy_subject subject = gy_run_scattered(f->run, i);
        uint32_t row = first_row(f->table, subject.root);
        if (row == f->table->n_rows || f->table->ordinals[row] != subject.root)
            continue;
        for (uint32_t c = 0; c < f->table->n_columns && gy_reader_may_go_on(eval->reader); c++)
            put_customer(f, eval, &subject, c, row);
    }
}

static bool is_text(enum gy_type type)
{
    return type == GY_TYPE_STRING || type == GY_TYPE_LIST || type == GY_TYPE_ANY;
}

static void fill_numbers(struct fill *f, struct gy_block_eval *block, uint32_t column,
                         const struct gy_bits *mask, uint32_t row, double *values)
{
    struct gy_bits known;
    struct gy_value_column *c = &f->table->columns[column];
    gy_block_numbers(block, f->terms[column], mask, &known, values);
    GY_FOR_EACH_BIT(i, mask)
    {
        while (f->table->ordinals[row] % GY_BLOCK_SIZE != i)
            row++;
        if (!gy_bits_has(&known, i))
            continue;
        f->known[column][row] = 1;
        if (c->type == GY_TYPE_TIME)
            c->times_ms[row] = (int64_t)values[i];
        else
            c->numbers[row] = values[i];
    }
}

static void fill_texts(struct fill *f, struct gy_block_eval *block, uint32_t column,
                       const struct gy_bits *mask, uint32_t row)
{
    GY_FOR_EACH_BIT(i, mask)
    {
        uint32_t ordinal = block->block_no * (uint32_t)GY_BLOCK_SIZE + i;
        struct gy_subject subject = {ordinal, &ordinal, 1};
        while (f->table->ordinals[row] != ordinal)
            row++;
        if (i % 64 == 0 && !gy_reader_may_go_on(block->reader))
            return;
        put_customer(f, block->eval, &subject, column, row);
    }
}

static void fill_block(struct fill *f, struct gy_block_eval *block)
{
    const struct gy_value_table *table = f->table;
    uint64_t first_ordinal = (uint64_t)block->block_no * GY_BLOCK_SIZE;
    uint32_t first = first_row(table, first_ordinal);
    uint32_t end = first_row(table, first_ordinal + GY_BLOCK_SIZE);
    struct gy_bits mask;
    gy_bits_clear(&mask);
    for (uint32_t row = first; row < end; row++)
        gy_bits_set(&mask, table->ordinals[row] % GY_BLOCK_SIZE);
    gy_bits_and(&mask, gy_block_roots_at(block, INT64_MAX - 1));
    double *values = gy_alloc(GY_BLOCK_SIZE * sizeof *values);
    for (uint32_t c = 0; c < table->n_columns && first < end; c++) {
        if (is_text(table->columns[c].type))
            fill_texts(f, block, c, &mask, first);
        else
            fill_numbers(f, block, c, &mask, first, values);
    }
    free(values);
}

static enum gy_status fill_piece(void *context, struct gy_worker *worker,
                                 const struct gy_piece *piece, struct gy_error *err)
{
    struct fill *f = context;
    (void)err;
    if (piece->is_block)
        fill_block(f, &worker->block);
    else
        fill_scattered(f, &worker->eval, piece);
    return GY_OK;
}

/* ---- the table ---- */

static void make_column(struct gy_value_table *table, uint32_t i, enum gy_type type)
{
    struct gy_value_column *c = &table->columns[i];
    struct gy_arena *arena = &table->arena;
    c->type = type;
    c->known = GY_NEW_ARRAY(arena, uint64_t, ((size_t)table->n_rows + 63) / 64);
    if (is_text(type))
        c->texts = GY_NEW_ARRAY(arena, struct gy_str, table->n_rows);
    else if (type == GY_TYPE_TIME)
        c->times_ms = GY_NEW_ARRAY(arena, int64_t, table->n_rows);
    else
        c->numbers = GY_NEW_ARRAY(arena, double, table->n_rows);
}

static void make_table(struct fill *f, const struct gy_term *const *terms,
                       const roaring_bitmap_t *audience)
{
    struct gy_value_table *table = f->table;
    table->n_rows = (uint32_t)roaring_bitmap_get_cardinality(audience);
    table->ordinals = GY_NEW_ARRAY(&table->arena, uint32_t, table->n_rows);
    table->columns = GY_NEW_ARRAY(&table->arena, struct gy_value_column, table->n_columns);
    f->known = gy_alloc_zero(table->n_columns, sizeof *f->known);
    roaring_bitmap_to_uint32_array(audience, table->ordinals);
    for (uint32_t c = 0; c < table->n_columns; c++) {
        make_column(table, c, terms[c]->type);
        f->known[c] = gy_alloc_zero(table->n_rows, 1);
    }
}

/* Takes texts into the table's own memory. */
static void settle_text(struct gy_value_table *table, struct gy_value_column *c, uint32_t row)
{
    struct gy_str text = c->texts[row];
    c->texts[row] = gy_arena_str(&table->arena, text);
    free((char *)(uintptr_t)text.ptr); /* put_value's */
}

static void settle(struct fill *f)
{
    for (uint32_t c = 0; c < f->table->n_columns; c++) {
        struct gy_value_column *column = &f->table->columns[c];
        for (uint32_t row = 0; row < f->table->n_rows; row++) {
            if (f->known[c][row] == 0)
                continue;
            column->known[row / 64] |= UINT64_C(1) << (row % 64);
            if (column->texts != NULL)
                settle_text(f->table, column, row);
        }
        free(f->known[c]);
    }
    free(f->known);
}

static enum gy_status plan_terms(struct gy_run *run, const struct gy_term *const *terms,
                                 uint32_t n_terms, int64_t now_ms, const struct gy_plan_term **out,
                                 struct gy_error *err)
{
    for (uint32_t i = 0; i < n_terms; i++)
        GY_TRY(gy_plan_term(&run->plan, terms[i], now_ms, &out[i], err));
    return gy_run_prepare(run, err);
}

enum gy_status gy_values(const struct gy_snapshot *snapshot, const struct gy_term *const *terms,
                         uint32_t n_terms, const roaring_bitmap_t *audience, int64_t now_ms,
                         const struct gy_run_options *options, struct gy_value_table *out,
                         struct gy_error *err)
{
    struct gy_run run;
    *out = (struct gy_value_table){.n_columns = n_terms};
    gy_run_init(&run, snapshot, options);
    struct fill fill = {&run, out, gy_alloc_zero(n_terms, sizeof *fill.terms), NULL};
    enum gy_status status = plan_terms(&run, terms, n_terms, now_ms, fill.terms, err);
    if (status == GY_OK) {
        make_table(&fill, terms, audience);
        status = gy_run_pieces(&run, fill_piece, &fill, err);
        settle(&fill);
    }
    free(fill.terms);
    gy_run_release(&run);
    if (status != GY_OK)
        gy_value_table_release(out);
    return status;
}

void gy_value_table_release(struct gy_value_table *table)
{
    gy_arena_release(&table->arena);
    *table = (struct gy_value_table){0};
}
