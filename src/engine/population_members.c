/* population_members.c - what the members of a block have: run by run where one run says it. */
#include <string.h>

#include "base/mem.h"
#include "engine/kernel_runs.h"
#include "engine/population.h"
#include "engine/run_values.h"

static struct gy_population_piece *new_piece(uint32_t most)
{
    struct gy_population_piece *piece =
        gy_alloc(sizeof *piece + (most + 1) * sizeof piece->values[0]);
    gy_bits_clear(&piece->known);
    piece->n = 0;
    return piece;
}

/* ---- run by run ---- */

/* Bits of customers in order, a word at a time. */
struct bit_writer {
    struct gy_bits *bits;
    uint32_t word_no;
    uint64_t word;
};

static void flush(struct bit_writer *writer, uint32_t word_no)
{
    writer->bits->words[writer->word_no] |= writer->word;
    writer->word_no = word_no;
    writer->word = 0;
}

/* Puts the known values of the chunk's members behind `values`, where one more is written than there are;
 * who has them, and who has a run at all, into the bits. How many. */
static size_t take_chunk(const struct gy_run_chunk *chunk, const struct gy_run_numbers *numbers,
                         const struct gy_bits *mask, struct gy_bits *known, struct gy_bits *met,
                         double *values)
{
    struct bit_writer k = {.bits = known};
    struct bit_writer m = {.bits = met};
    size_t n = 0;
    for (uint32_t i = 0; i < chunk->n_runs; i++) {
        uint32_t customer = gy_run_chunk_customer(chunk, i);
        uint32_t word_no = customer >> 6;
        if (word_no != k.word_no) {
            flush(&k, word_no);
            flush(&m, word_no);
        }
        uint64_t is_known = mask->words[word_no] >> (customer & 63) & numbers->known[i] & 1;
        values[n] = numbers->values[i];
        n += is_known;
        k.word |= is_known << (customer & 63);
        m.word |= UINT64_C(1) << (customer & 63);
    }
    flush(&k, 0);
    flush(&m, 0);
    return n;
}

/* Puts one value, that of `others`, among those at `values` + `gap`, which the piece knows already. */
static void take_others(const struct gy_bits *others, double value, size_t gap,
                        struct gy_population_piece *piece)
{
    double *to = piece->values;
    const double *from = piece->values + gap;
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++) {
        uint64_t own = piece->known.words[w];
        uint64_t all = own | others->words[w];
        for (uint64_t left = all; left != 0; left &= left - 1) {
            bool is_own = (own & left & -left) != 0;
            *to++ = is_own ? *from : value;
            from += is_own;
        }
        piece->known.words[w] = all;
    }
    piece->n += gap;
}

static struct gy_population_piece *count_runs(struct gy_run_eval *eval,
                                              const struct gy_plan_term *value,
                                              struct gy_slice_view *view,
                                              const struct gy_bits *mask)
{
    uint32_t n_members = gy_bits_count(mask);
    struct gy_population_piece *piece = new_piece(n_members);
    struct gy_bits others;
    struct gy_run_numbers numbers;
    gy_bits_clear(&others);
    gy_run_chunk_nobody(&eval->chunk);
    gy_run_values(eval, value, &numbers);
    bool is_known = numbers.known[0] != 0;
    double of_nobody = numbers.values[0];
    if (view != NULL) {
        gy_run_chunk_begin(&eval->chunk, view, mask);
        while (gy_run_chunk_next(&eval->chunk)) {
            gy_run_values(eval, value, &numbers);
            piece->n += take_chunk(&eval->chunk, &numbers, mask, &piece->known, &others,
                                   piece->values + piece->n);
        }
    }
    if (!is_known)
        return piece;
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++)
        others.words[w] = mask->words[w] & ~others.words[w];
    size_t gap = gy_bits_count(&others);
    if (gap > 0) {
        memmove(piece->values + gap, piece->values, piece->n * sizeof *piece->values);
        take_others(&others, of_nobody, gap, piece);
    }
    return piece;
}

/* ---- all ---- */

static struct gy_population_piece *count_numbers(struct gy_block_eval *block,
                                                 const struct gy_plan_term *value,
                                                 const struct gy_bits *mask)
{
    struct gy_bits known;
    double *values = gy_block_take(block);
    gy_block_numbers(block, value, mask, &known, values);
    struct gy_population_piece *piece = new_piece(gy_bits_count(&known));
    piece->known = known;
    GY_FOR_EACH_BIT(i, &known)
    piece->values[piece->n++] = values[i];
    gy_block_give(block, values);
    return piece;
}

struct gy_population_piece *gy_population_count_block(const struct gy_plan_term *value,
                                                      struct gy_block_eval *block,
                                                      const struct gy_bits *mask)
{
    struct gy_slice_view *view;
    bool is_kept = value->n_uses > 1 || block->row_by_row || block->terms[value->id] != NULL;
    struct gy_run_eval *eval = is_kept ? NULL : gy_kernel_runs_of_term(block, value, &view);
    return eval == NULL ? count_numbers(block, value, mask) : count_runs(eval, value, view, mask);
}
