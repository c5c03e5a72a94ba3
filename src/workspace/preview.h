/* preview.h - who would enter and who would leave where a definition changes: how many, and what they
 * have brought in.
 */
#ifndef GY_WORKSPACE_PREVIEW_H
#define GY_WORKSPACE_PREVIEW_H

#include "store/json_writer.h"
#include "workspace/definitions.h"

struct gy_preview {
    uint64_t size; /* with the change */
    uint64_t n_entering;
    uint64_t n_leaving;
    double entering_revenue; /* insight/revenue.h, as of the ask's instant */
    double leaving_revenue;
};

/* Where segment `i` of the draft becomes what it is there: its members as whoever asks for it by name at
 * the ask's instant would see them, before and after. */
GY_CHECKED enum gy_status gy_preview_make(const struct gy_draft *draft, size_t i,
                                          struct gy_preview *out, struct gy_error *err);

/* "1,234 customers, 5 enter (£1,234.50), 2 leave (£0.00)" */
void gy_preview_put(const struct gy_preview *preview, const char *currency, struct gy_buf *out);

/* The keys "customers", "enter", "enter_revenue", "leave", "leave_revenue". */
void gy_preview_json(const struct gy_preview *preview, struct gy_json_writer *w);

#endif
