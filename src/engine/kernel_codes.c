/* kernel_codes.c - verdicts, and loops over codes. */
#include "engine/kernel_codes.h"

#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/mem.h"

#if GY_HAS_AVX2_CODE
#include <immintrin.h>
#endif

void gy_verdict_cache_release(struct gy_verdict_cache *cache)
{
    for (size_t i = 0; i < cache->n; i++) {
        free(cache->all[i]->by_code);
        free(cache->all[i]);
    }
    free(cache->all);
    *cache = (struct gy_verdict_cache){0};
}

struct gy_verdicts *gy_verdicts_of(struct gy_verdict_cache *cache, const struct gy_filter *test,
                                   const struct gy_part *part, uint32_t n_codes)
{
    for (size_t i = cache->n; i > 0; i--) {
        if (cache->all[i - 1]->test == test && cache->all[i - 1]->part == part)
            return cache->all[i - 1];
    }
    struct gy_verdicts *verdicts = gy_alloc_zero(1, sizeof *verdicts);
    *verdicts = (struct gy_verdicts){part, test, gy_alloc((size_t)n_codes + 1), false};
    memset(verdicts->by_code, GY_NOT_ASKED, n_codes);
    GY_GROW(cache->all, cache->capacity, cache->n + 1);
    cache->all[cache->n++] = verdicts;
    return verdicts;
}

uint8_t gy_verdict_ask(const struct gy_filter *test, const struct gy_view_column *column,
                       uint32_t code, uint8_t *verdicts)
{
    bool passes = gy_filter_string_passes(test, gy_dictionary_str(&column->dictionary, code));
    verdicts[code] = passes ? GY_YES : GY_NO;
    return verdicts[code];
}

/* ---- all codes ---- */

#if GY_HAS_AVX2_CODE

/* The first place of a part of two bytes or more from `at` on. The last two bytes of a part are looked for at 32
 * places at once: in UTF-8 they differ more than the first. */
GY_AVX2 static const char *find_avx2(const char *at, const char *end, struct gy_str part)
{
    size_t last = part.len - 1;
    __m256i ends = _mm256_set1_epi8(part.ptr[last]);
    __m256i before = _mm256_set1_epi8(part.ptr[last - 1]);
    for (; (size_t)(end - at) >= 32 + last; at += 32) {
        __m256i a = _mm256_loadu_si256((const __m256i_u *)(const void *)(at + last - 1));
        __m256i b = _mm256_loadu_si256((const __m256i_u *)(const void *)(at + last));
        __m256i both = _mm256_and_si256(_mm256_cmpeq_epi8(a, before), _mm256_cmpeq_epi8(b, ends));
        uint32_t places = (uint32_t)_mm256_movemask_epi8(both);
        for (; places != 0; places &= places - 1) {
            const char *place = at + __builtin_ctz(places);
            if (memcmp(place, part.ptr, part.len) == 0)
                return place;
        }
    }
    return memmem(at, (size_t)(end - at), part.ptr, part.len);
}

#endif

static const char *find(const char *at, const char *end, struct gy_str part)
{
#if GY_HAS_AVX2_CODE
    if (gy_cpu_has_avx2() && part.len >= 2)
        return find_avx2(at, end, part);
#endif
    return memmem(at, (size_t)(end - at), part.ptr, part.len);
}

/* Strings of a dictionary follow one another: what all contain is searched for in one go. What is found across
 * the end of a string is in none. */
static void find_in_all(const struct gy_dictionary *dictionary, struct gy_str part, uint8_t found,
                        uint8_t *verdicts)
{
    if (dictionary->n == 0)
        return; /* it has no starts either */
    const char *at = dictionary->bytes + dictionary->starts[0];
    const char *end = dictionary->bytes + dictionary->starts[dictionary->n];
    uint32_t code = 0;
    while ((at = find(at, end, part)) != NULL) {
        uint32_t first = (uint32_t)(at - dictionary->bytes);
        while (dictionary->starts[code + 1] <= first)
            code++;
        bool is_within = first + part.len <= dictionary->starts[code + 1];
        if (is_within)
            verdicts[code] = found;
        at = is_within ? dictionary->bytes + dictionary->starts[code + 1] : at + 1;
    }
}

/* Codes are in the order of their strings. */
static void find_equal(const struct gy_dictionary *dictionary, struct gy_str text, uint8_t found,
                       uint8_t *verdicts)
{
    uint32_t low = 0;
    uint32_t high = dictionary->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (gy_str_compare(gy_dictionary_str(dictionary, middle), text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < dictionary->n && gy_str_equal(gy_dictionary_str(dictionary, low), text))
        verdicts[low] = found;
}

void gy_verdicts_decide(const struct gy_filter *test, const struct gy_dictionary *dictionary,
                        uint8_t *verdicts)
{
    const struct gy_expr *expr = test->expr;
    bool is_equality = expr->kind == GY_EXPR_COMPARE && expr->right->type == GY_TYPE_STRING &&
                       (expr->compare == GY_EQ || expr->compare == GY_NE);
    bool contains = expr->kind == GY_EXPR_TEXT && expr->text_op == GY_TEXT_CONTAINS &&
                    expr->right->string.len > 0;
    bool is_negated = expr->kind == GY_EXPR_COMPARE ? expr->compare == GY_NE : expr->is_negated;
    uint8_t found = is_negated ? GY_NO : GY_YES;
    memset(verdicts, is_negated ? GY_YES : GY_NO, dictionary->n);
    if (is_equality) {
        find_equal(dictionary, expr->right->string, found, verdicts);
    } else if (expr->kind == GY_EXPR_IN) {
        for (uint32_t i = 0; i < expr->n_values; i++)
            find_equal(dictionary, expr->values[i]->string, found, verdicts);
    } else if (contains) {
        find_in_all(dictionary, expr->right->string, found, verdicts);
    } else {
        for (uint32_t code = 0; code < dictionary->n; code++)
            verdicts[code] = gy_filter_string_passes(test, gy_dictionary_str(dictionary, code));
    }
}

const uint8_t *gy_verdicts_of_all(struct gy_verdict_cache *cache, const struct gy_filter *test,
                                  const struct gy_part *part, const struct gy_view_column *column)
{
    struct gy_verdicts *verdicts = gy_verdicts_of(cache, test, part, column->dictionary.n);
    if (!verdicts->is_complete)
        gy_verdicts_decide(test, &column->dictionary, verdicts->by_code);
    verdicts->is_complete = true;
    return verdicts->by_code;
}

/* ---- one test, over ranges ---- */

/* A dictionary is its part's: that of a slice with fewer rows may be mostly others'. */
static bool has_code_in_each_row(const struct gy_view_column *column,
                                 const struct gy_slice_view *view)
{
    return column->column.encoding == GY_ENCODING_CODE && column->column.present == NULL &&
           column->column.width > 0 && column->dictionary.n <= view->slice->n_rows;
}

bool gy_code_test_of(struct gy_verdict_cache *cache, const struct gy_filter *test,
                     const struct gy_slice_view *view, const struct gy_view_column *column,
                     struct gy_code_test *out)
{
    if (!has_code_in_each_row(column, view))
        return false;
    *out =
        (struct gy_code_test){&column->column, gy_verdicts_of_all(cache, test, view->part, column)};
    return true;
}

#define FOR_EACH_CODE(statement)                                    \
    do {                                                            \
        const struct gy_column *column = test->column;              \
        if (column->width == 1) {                                   \
            const uint8_t *codes = (const uint8_t *)column->data;   \
            for (uint32_t row = first; row < end; row++)            \
                statement;                                          \
        } else if (column->width == 2) {                            \
            const uint16_t *codes = (const uint16_t *)column->data; \
            for (uint32_t row = first; row < end; row++)            \
                statement;                                          \
        } else {                                                    \
            const uint32_t *codes = (const uint32_t *)column->data; \
            for (uint32_t row = first; row < end; row++)            \
                statement;                                          \
        }                                                           \
    } while (0)

bool gy_code_test_any(const struct gy_code_test *test, uint32_t first, uint32_t end)
{
    FOR_EACH_CODE(if (test->passes[codes[row]] != 0) return true);
    return false;
}

uint32_t gy_code_test_count(const struct gy_code_test *test, uint32_t first, uint32_t end)
{
    uint32_t n = 0;
    FOR_EACH_CODE(n += test->passes[codes[row]]);
    return n;
}

#undef FOR_EACH_CODE
