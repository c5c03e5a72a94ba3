/* kernel_codes.c - verdicts, and loops over codes. */
#include "engine/kernel_codes.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

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

/* ---- one test, over ranges ---- */

/* A dictionary is its part's: that of a slice with fewer rows may be mostly others'. */
static bool has_code_in_each_row(const struct gy_view_column *column,
                                 const struct gy_slice_view *view)
{
    return column->column.encoding == GY_ENCODING_CODE && column->column.present == NULL &&
           column->column.width > 0 && column->dictionary.n <= view->slice->n_rows;
}

static const uint8_t *decide_all(struct gy_verdict_cache *cache, const struct gy_filter *test,
                                 const struct gy_slice_view *view,
                                 const struct gy_view_column *column)
{
    struct gy_verdicts *verdicts = gy_verdicts_of(cache, test, view->part, column->dictionary.n);
    for (uint32_t code = 0; !verdicts->is_complete && code < column->dictionary.n; code++) {
        if (verdicts->by_code[code] == GY_NOT_ASKED)
            (void)gy_verdict_ask(test, column, code, verdicts->by_code);
    }
    verdicts->is_complete = true;
    return verdicts->by_code;
}

bool gy_code_test_of(struct gy_verdict_cache *cache, const struct gy_filter *test,
                     const struct gy_slice_view *view, const struct gy_view_column *column,
                     struct gy_code_test *out)
{
    if (!has_code_in_each_row(column, view))
        return false;
    *out = (struct gy_code_test){&column->column, decide_all(cache, test, view, column)};
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
