/* filter.h - what stands behind `where`, made ready to run: true or false of one event.
 *
 * The tree is lang's; a filter adds to each node what is worth preparing once (regular expressions).
 * Here it is asked of single rows; kernel_filter.h asks it of many at once.
 */
#ifndef GY_ENGINE_FILTER_H
#define GY_ENGINE_FILTER_H

#include "base/regex.h"
#include "engine/customer_rows.h"
#include "lang/ast.h"

struct gy_filter {
    const struct gy_expr *expr; /* AND, OR, NOT, COMPARE … MISSING */
    const struct gy_filter **children;
    uint32_t n_children;
    const struct gy_regex *regex; /* of MATCHES */
};

/* Regular expressions, each compiled once and freed together. All zero is none. */
struct gy_regex_list {
    struct gy_regex **regexes;
    uint32_t n;
    uint32_t capacity;
};

void gy_regex_list_release(struct gy_regex_list *list);
/* The expression of a MATCHES test: a view, valid as long as the list. */
GY_CHECKED enum gy_status gy_regex_list_add(struct gy_regex_list *list, const struct gy_expr *test,
                                            const struct gy_regex **out, struct gy_error *err);

/* Prepares `where`; `*out` is allocated in `arena`. */
GY_CHECKED enum gy_status gy_filter_compile(const struct gy_expr *where, struct gy_arena *arena,
                                            struct gy_regex_list *regexes,
                                            const struct gy_filter **out, struct gy_error *err);

/* An AND of filters; NULL where there are none, the filter itself where there is one. */
const struct gy_filter *gy_filter_and(const struct gy_filter **filters, uint32_t n,
                                      struct gy_arena *arena);

/* What a filter needs for asking a row. */
struct gy_row_context {
    struct gy_reader *reader;
    const struct gy_zone *zone;
    struct gy_arena *arena;
};

/* Whether a string that is there passes a test of one value: COMPARE with a literal, IN, TEXT, KNOWN
 * or MISSING. */
bool gy_filter_string_passes(const struct gy_filter *test, struct gy_str text);

/* NULL passes everything. */
bool gy_filter_passes(const struct gy_filter *filter, const struct gy_row_context *context,
                      const struct gy_row *row);

/* The value that a filter's operand has in a row. */
struct gy_value gy_filter_term_value(const struct gy_term *term,
                                     const struct gy_row_context *context,
                                     const struct gy_row *row);

#endif
