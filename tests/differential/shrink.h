/* shrink.h - the smallest definition that still shows a fault. */
#ifndef GY_TESTS_DIFFERENTIAL_SHRINK_H
#define GY_TESTS_DIFFERENTIAL_SHRINK_H

#include "base/buf.h"
#include "lang/check.h"

/* Whether the text still shows it; false also for a text that is not valid. */
typedef bool (*shrink_fn)(void *context, struct gy_str text);

/* Leaves out parts of `text`, one at a time, as long as `shows` says that the fault stays; puts what
 * a segment or metric stands for in the place of its name where that keeps the fault. Appends to
 * `out`. */
void shrink_definition(struct gy_str text, const struct gy_vocabulary *vocabulary, shrink_fn shows,
                       void *context, struct gy_buf *out);

#endif
