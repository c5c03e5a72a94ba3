/* kernel_codes.h - a test of strings, decided once for each code of a dictionary.
 *
 * `where category = "shoes"` asks every row for its string, but a part has few different ones: what the
 * test says of a code is its *verdict*, asked for when the code is first met and looked up from then on.
 * Where every row of a slice has a code and the test is the whole filter, whole ranges of rows are asked
 * without laying them out as a selection.
 */
#ifndef GY_ENGINE_KERNEL_CODES_H
#define GY_ENGINE_KERNEL_CODES_H

#include "engine/filter.h"

enum gy_verdict {
    GY_NO = 0,
    GY_YES = 1,
    GY_NOT_ASKED = 2
};

/* Of one test and the dictionary of one part. */
struct gy_verdicts {
    const struct gy_part *part;
    const struct gy_filter *test;
    uint8_t *by_code;
    bool is_complete;
};

/* One thread's, all zero at first. */
struct gy_verdict_cache {
    struct gy_verdicts **all;
    size_t n;
    size_t capacity;
};

void gy_verdict_cache_release(struct gy_verdict_cache *cache);

/* The verdicts so far. A view, valid as long as the cache. */
struct gy_verdicts *gy_verdicts_of(struct gy_verdict_cache *cache, const struct gy_filter *test,
                                   const struct gy_part *part, uint32_t n_codes);

/* Asks for the verdict of a code and notes it. */
uint8_t gy_verdict_ask(const struct gy_filter *test, const struct gy_view_column *column,
                       uint32_t code, uint8_t *verdicts);

/* Decides all codes of a dictionary: 1 for those that pass, 0 for the others. `test` is one of
 * gy_filter_string_passes, but not MISSING. */
void gy_verdicts_decide(const struct gy_filter *test, const struct gy_dictionary *dictionary,
                        uint8_t *verdicts);

/* The verdicts of all codes, as bytes that are 1 where a code passes. `test` is one test of the string of
 * `column`, a column of codes. A view, valid as long as the cache. */
const uint8_t *gy_verdicts_of_all(struct gy_verdict_cache *cache, const struct gy_filter *test,
                                  const struct gy_part *part, const struct gy_view_column *column);

/* A filter that is one test of a string for which every row of a slice has a code. */
struct gy_code_test {
    const struct gy_column *column;
    const uint8_t *passes; /* by code: 1 where it does */
};

/* `test` is one test of the string of `column`. False where some row has no code, or where deciding all
 * codes is not worth it. */
bool gy_code_test_of(struct gy_verdict_cache *cache, const struct gy_filter *test,
                     const struct gy_slice_view *view, const struct gy_view_column *column,
                     struct gy_code_test *out);

/* Whether some of the rows [first, end) pass; how many do. */
bool gy_code_test_any(const struct gy_code_test *test, uint32_t first, uint32_t end);
uint32_t gy_code_test_count(const struct gy_code_test *test, uint32_t first, uint32_t end);

#endif
