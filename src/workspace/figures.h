/* figures.h - numbers, money, times and texts as people read them.
 *
 * What comes from data is made harmless for a terminal: control characters become "?".
 */
#ifndef GY_WORKSPACE_FIGURES_H
#define GY_WORKSPACE_FIGURES_H

#include "base/buf.h"
#include "base/str.h"
#include "store/value.h"

void gy_put_count(struct gy_buf *out, uint64_t n);                         /* 1,234,567 */
void gy_put_counted(struct gy_buf *out, uint64_t n, const char *noun);     /* 1 order, 2 orders */
void gy_put_decimal(struct gy_buf *out, double value, int places);         /* -1,234.50 */
void gy_put_money(struct gy_buf *out, double value, const char *currency); /* £1,234.50, ₩1,234 */
void gy_put_share(struct gy_buf *out, double part, double whole);          /* 12.3%; - of nothing */
void gy_put_bytes(struct gy_buf *out, uint64_t bytes);                     /* 12.3 MB */
void gy_put_safe(struct gy_buf *out, struct gy_str s); /* no control characters */
/* A value without the quotes of JSON; a time as a local one. */
void gy_put_shown(struct gy_buf *out, const struct gy_zone *zone, const struct gy_value *value);
void gy_put_padded(struct gy_buf *out, struct gy_str s, size_t width, bool to_right);

#endif
