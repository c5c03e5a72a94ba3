/* customer_rows.h - the rows of one customer, gathered from every part and every ordinal it has.
 *
 * They stand in the order of events: by time, then by arrival (the part's sequence, then the rank
 * among rows of equal time of one part).
 */
#ifndef GY_ENGINE_CUSTOMER_ROWS_H
#define GY_ENGINE_CUSTOMER_ROWS_H

#include "engine/reader.h"
#include "lang/window.h"

/* Whose rows: a root with the ordinals under which its rows lie. */
struct gy_subject {
    uint32_t root;
    const uint32_t *ordinals; /* borrowed */
    uint32_t n_ordinals;
};

/* The customer of a root: `*root` must outlive it. */
struct gy_subject gy_subject_of(const struct gy_snapshot *snapshot, const uint32_t *root);

struct gy_row {
    struct gy_slice_view *view;
    uint32_t row;
    uint32_t rank;
    int64_t time_ms;
};

/* All zero is empty; one owner. */
struct gy_rows {
    struct gy_row *rows;
    size_t n;
    size_t capacity;
};

void gy_rows_release(struct gy_rows *rows);

/* Puts the subject's rows of `stream` in `range`, and not later than the reader's known_until_ms, behind
 * what is there, without ordering them. */
void gy_rows_gather(struct gy_rows *rows, struct gy_reader *reader,
                    const struct gy_subject *subject, uint32_t stream, struct gy_range range);
void gy_rows_sort(struct gy_rows *rows);

/* Before, at the same place, or after in the order of events: < 0, 0 or > 0. */
int gy_row_order(const struct gy_row *left, const struct gy_row *right);
/* The same, but 0 only for one and the same row: rows that the data does not tell apart keep one order. */
int gy_row_compare(const struct gy_row *left, const struct gy_row *right);

/* Row `row` of a slice. */
struct gy_row gy_row_at(struct gy_reader *reader, struct gy_slice_view *view, uint32_t row);

/* The value of a property (or GY_PROPERTY_VALUE of a trait) in that row. Strings are views into the
 * part; a list's strings are allocated in `arena`. */
struct gy_value gy_row_value(struct gy_reader *reader, const struct gy_row *row, uint32_t property,
                             struct gy_arena *arena);

/* The earliest time of a call that names the customer: INT64_MAX if there is none. */
int64_t gy_subject_first_ms(struct gy_reader *reader, const struct gy_subject *subject);

#endif
