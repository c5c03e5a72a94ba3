/* distribution.c - see distribution.h. */
#include "insight/distribution.h"

#include <stdlib.h>

#include "base/decimal_sum.h"
#include "base/mem.h"

static int compare_numbers(const void *a, const void *b)
{
    double l = *(const double *)a;
    double r = *(const double *)b;
    return (l > r) - (l < r);
}

/* The known numbers, ascending; how many. */
static size_t sort_known(const struct gy_value_column *column, uint32_t n_rows, double *out)
{
    size_t n = 0;
    for (uint32_t row = 0; row < n_rows; row++) {
        if ((column->known[row >> 6] >> (row & 63) & 1) != 0) {
            out[n++] = column->numbers[row];
        }
    }
    if (n > 1) {
        qsort(out, n, sizeof *out, compare_numbers);
    }
    return n;
}

static double middle(const double *sorted, size_t n)
{
    double upper = sorted[n / 2];
    return n % 2 == 1 ? upper : sorted[n / 2 - 1] / 2 + upper / 2;
}

/* The value with the number ceil(n × quarters / 4) from below. */
static double at_quarter(const double *sorted, size_t n, size_t quarters)
{
    return sorted[(n * quarters + 3) / 4 - 1];
}

void gy_distribution_of(const struct gy_value_column *column, uint32_t n_rows,
                        struct gy_distribution *out)
{
    struct gy_decimal_sum sum = {0};
    double *sorted = gy_alloc_zero((size_t)n_rows + 1, sizeof *sorted);
    size_t n = sort_known(column, n_rows, sorted);
    *out = (struct gy_distribution){.n_customers = n_rows, .n_known = n};
    for (size_t i = 0; i < n; i++) {
        gy_decimal_sum_add(&sum, sorted[i]);
    }
    if (n > 0) {
        out->sum = gy_decimal_sum_value(&sum);
        out->mean = gy_decimal_sum_mean(&sum, n);
        out->lowest = sorted[0];
        out->lower_quarter = at_quarter(sorted, n, 1);
        out->median = middle(sorted, n);
        out->upper_quarter = at_quarter(sorted, n, 3);
        out->highest = sorted[n - 1];
    }
    gy_decimal_sum_release(&sum);
    free(sorted);
}
