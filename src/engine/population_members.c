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

/* Puts the known values of the chunk's members behind `values`, where one more is written than there are.
 * How many. */
static size_t take_values(const struct gy_run_chunk *chunk, const struct gy_run_numbers *numbers,
                          const struct gy_bits *mask, double *values)
{
    size_t n = 0;
    for (uint32_t i = 0; i < chunk->n_runs; i++) {
        uint32_t customer = gy_run_chunk_customer(chunk, i);
        values[n] = numbers->values[i];
        n += mask->words[customer >> 6] >> (customer & 63) & numbers->known[i] & 1;
    }
    return n;
}

/* Bits of customers in order, a word at a time. */
struct bit_writer {
    struct gy_bits *bits;
    uint32_t word_no;
    uint64_t word;
};

static void put_bit(struct bit_writer *writer, uint32_t customer, uint64_t bit)
{
    if (customer >> 6 != writer->word_no) {
        writer->bits->words[writer->word_no] |= writer->word;
        writer->word_no = customer >> 6;
        writer->word = 0;
    }
    writer->word |= bit << (customer & 63);
}

/* Who of the chunk's members has a value, and who has a run at all. */
static void take_bits(const struct gy_run_chunk *chunk, const struct gy_run_numbers *numbers,
                      const struct gy_bits *mask, struct gy_bits *known, struct gy_bits *met)
{
    struct bit_writer k = {.bits = known};
    struct bit_writer m = {.bits = met};
    for (uint32_t i = 0; i < chunk->n_runs; i++) {
        uint32_t customer = gy_run_chunk_customer(chunk, i);
        uint64_t is_member = mask->words[customer >> 6] >> (customer & 63) & 1;
        put_bit(&k, customer, is_member & numbers->known[i]);
        put_bit(&m, customer, is_member);
    }
    known->words[k.word_no] |= k.word;
    met->words[m.word_no] |= m.word;
}

/* Customers from the first to the last of the chunk. */
struct customers {
    uint32_t first;
    uint32_t last;
};

static struct customers customers_of(const struct gy_run_chunk *chunk)
{
    return (struct customers){gy_run_chunk_customer(chunk, 0),
                              gy_run_chunk_customer(chunk, chunk->n_runs - 1)};
}

/* Those of a word. */
static uint64_t members_among(struct customers c, const struct gy_bits *mask, uint32_t w)
{
    uint64_t members = mask->words[w];
    if (w == c.first >> 6)
        members &= UINT64_MAX << (c.first & 63);
    if (w == c.last >> 6)
        members &= UINT64_MAX >> (63 - (c.last & 63));
    return members;
}

static size_t count_members(struct customers c, const struct gy_bits *mask)
{
    size_t n = 0;
    for (uint32_t w = c.first >> 6; w <= c.last >> 6; w++)
        n += (size_t)__builtin_popcountll(members_among(c, mask, w));
    return n;
}

/* As take_bits where all members from the first to the last customer have a value. */
static void take_all_bits(struct customers c, const struct gy_bits *mask, struct gy_bits *known,
                          struct gy_bits *met)
{
    for (uint32_t w = c.first >> 6; w <= c.last >> 6; w++) {
        known->words[w] |= members_among(c, mask, w);
        met->words[w] |= members_among(c, mask, w);
    }
}

/* Puts the chunk's members behind those of the piece; who has a run at all into `met`. */
static void take_chunk(const struct gy_run_chunk *chunk, const struct gy_run_numbers *numbers,
                       const struct gy_bits *mask, struct gy_population_piece *piece,
                       struct gy_bits *met)
{
    struct customers customers = customers_of(chunk);
    size_t n = take_values(chunk, numbers, mask, piece->values + piece->n);
    if (n == count_members(customers, mask))
        take_all_bits(customers, mask, &piece->known, met);
    else
        take_bits(chunk, numbers, mask, &piece->known, met);
    piece->n += n;
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
            take_chunk(&eval->chunk, &numbers, mask, piece, &others);
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
