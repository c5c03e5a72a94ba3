/* kernel_text.h - strings and lists of a block's customers, as references.
 *
 * A reference is one number: a source's base plus a code of its dictionary, a row of its column, or a
 * place in its list of texts. A source is a slice's column, or what customer_eval.h was asked. So a
 * test is decided once for each code and looked up for each customer, and no string is copied.
 *
 *     source 0: dictionary of part 3, 17 codes     references 0 to 16
 *     source 1: dictionary of part 5, 20 codes     references 17 to 36
 */
#ifndef GY_ENGINE_KERNEL_TEXT_H
#define GY_ENGINE_KERNEL_TEXT_H

#include "engine/block_eval.h"

struct gy_text_source {
    const struct gy_view_column *column; /* NULL: `texts` */
    const struct gy_str *texts;
    uint32_t base;
    uint32_t n;   /* references base to base + n − 1 */
    bool by_code; /* of the dictionary; else by row */
};

struct gy_texts {
    struct gy_bits known;
    uint32_t *references; /* GY_BLOCK_SIZE */
    struct gy_text_source *sources;
    uint32_t n_sources;
    bool is_kept; /* for the block, since several nodes rest on the term */
};

/* The strings of a STRING term, or the lists of a LIST trait, for those of `mask` (kept ones also for
 * others). Given back with gy_texts_give. */
void gy_kernel_texts(struct gy_block_eval *block, const struct gy_plan_term *term,
                     const struct gy_bits *mask, struct gy_texts *out);
void gy_texts_give(struct gy_block_eval *block, struct gy_texts *texts);

/* The string of a customer that has one (not of a list). A view. */
struct gy_str gy_texts_at(const struct gy_texts *texts, uint32_t customer);

/* Those of `mask` that pass: COMPARE and IN with literals, TEXT, KNOWN, MISSING. */
void gy_texts_test(struct gy_block_eval *block, const struct gy_texts *texts,
                   const struct gy_plan_expr *test, const struct gy_bits *mask,
                   struct gy_bits *out);

/* ---- traits, whatever their type ---- */

/* The block's slices of a trait, if they have one row a customer, none after now and no customer in common,
 * so that nobody need look for the latest; else NULL. */
const struct gy_stream_view *gy_trait_plain_slices(struct gy_block_eval *block,
                                                   const struct gy_plan_term *trait);

/* The row of each customer's latest value up to an instant. */
struct gy_latest {
    struct gy_bits there;
    uint32_t *rows;   /* GY_BLOCK_SIZE */
    uint32_t *slices; /* of the stream's view */
    const struct gy_stream_view *stream;
};

void gy_kernel_latest(struct gy_block_eval *block, uint32_t stream, int64_t now_ms,
                      const struct gy_bits *mask, struct gy_latest *out);
void gy_latest_give(struct gy_block_eval *block, struct gy_latest *latest);

/* The values of a number, boolean or time trait, as gy_block_numbers. */
void gy_kernel_trait(struct gy_block_eval *block, const struct gy_plan_term *term,
                     const struct gy_bits *mask, struct gy_bits *known, double *values);

#endif
