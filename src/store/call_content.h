/* call_content.h - what a row says, as a number: to tell whether two rows say the same.
 *
 * The content of fields is a hash that does not depend on their order: the sum of the hashes of
 * (name, value), values written as JSON after they were read as their name's type. So it is the same of what
 * a call says and of the row that it became.
 */
#ifndef GY_STORE_CALL_CONTENT_H
#define GY_STORE_CALL_CONTENT_H

#include "store/call.h"
#include "store/live.h"

/* All zero to begin with; `text` is to be released. */
struct gy_content {
    uint64_t sum;
    struct gy_buf text; /* what is hashed next */
};

/* The hash of the text, under a name; the text is empty then. `mark` keeps values, misfits and items apart. */
uint64_t gy_content_field(struct gy_content *c, char mark, struct gy_str name);

/* Of a field of a call to a stream (GY_ID_NONE: it has none yet). What no property can have is 0. */
uint64_t gy_content_given(struct gy_content *c, const struct gy_live *live, uint32_t stream,
                          const struct gy_field *field);

struct gy_row_at {
    const struct gy_part *part;
    const struct gy_slice *slice;
    uint32_t row;
};

/* Adds up the properties of a stored row. */
GY_CHECKED enum gy_status gy_content_stored(struct gy_content *c, const struct gy_schema *schema,
                                            const struct gy_row_at *at, uint64_t *sum,
                                            struct gy_error *err);

/* The row's place among the misfits of the column, or GY_ID_NONE; and the text of one. */
uint32_t gy_column_misfit(const struct gy_column *c, uint32_t row);
struct gy_str gy_column_misfit_text(const struct gy_column *c, uint32_t i);

#endif
