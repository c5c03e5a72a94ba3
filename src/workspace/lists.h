/* lists.h - uploaded lists of ids: how large each is, who is on one. */
#ifndef GY_WORKSPACE_LISTS_H
#define GY_WORKSPACE_LISTS_H

#include "store/json_writer.h"
#include "workspace/ask.h"

/* Of each list of the snapshot, as of the ask's instant; ids that nobody has included. */
GY_CHECKED enum gy_status gy_list_sizes(const struct gy_ask *ask, uint64_t *out,
                                        struct gy_error *err);

/* The customers of a list, by its name as it was typed, as of the ask's instant; `*members` is owned by the caller
 * (free). */
GY_CHECKED enum gy_status gy_list_customers(const struct gy_ask *ask, const char *typed,
                                            struct gy_member **members, size_t *n,
                                            struct gy_error *err);

/* Puts one array. */
void gy_lists_json(const struct gy_snapshot *snapshot, const uint64_t *sizes,
                   struct gy_json_writer *w);

#endif
