/* masking.h - personal fields, for askers who may not see them: GY_MASKED stands in place of a value.
 *
 * What is shown is masked, not what is asked: `trait.email = "kim@example.com"` may stand in a definition, and says who
 * has that address to somebody who knew it. Ids of customers are not masked.
 */
#ifndef GY_WORKSPACE_MASKING_H
#define GY_WORKSPACE_MASKING_H

#include "store/json_writer.h"
#include "store/personal.h"
#include "workspace/ask.h"

/* Whether the asker may not see this field; `event` is empty of a trait. */
bool gy_masks_field(const struct gy_ask *ask, struct gy_str event, struct gy_str name);

/* Whether a value is, or is reckoned from, such fields. A count or an age is not: it does not tell them. */
bool gy_masks_term(const struct gy_ask *ask, const struct gy_term *term);

/* The value, or the mask; a missing one is missing. */
void gy_json_masked(struct gy_json_writer *w, bool is_masked, const struct gy_value *value);

/* The column becomes one of strings: the mask where a value is known. */
void gy_mask_column(struct gy_value_table *table, uint32_t column);

#endif
