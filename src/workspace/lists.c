/* lists.c - see lists.h. */
#include "workspace/lists.h"

#include <stdlib.h>

#include "workspace/names.h"

enum gy_status gy_list_sizes(const struct gy_ask *ask, uint64_t *out, struct gy_error *err)
{
    for (uint32_t i = 0; i < gy_snapshot_n_lists(ask->snapshot); i++) {
        GY_TRY(gy_snapshot_list_size(ask->snapshot, i, ask->now_ms, &out[i], err));
    }
    return GY_OK;
}

enum gy_status gy_list_customers(const struct gy_ask *ask, const char *typed,
                                 struct gy_member **members, size_t *n, struct gy_error *err)
{
    uint32_t list;
    uint32_t *ordinals = NULL;
    size_t n_ids = 0;
    GY_TRY(gy_name_find(ask->snapshot, GY_NAME_LIST, typed, &list, err));
    GY_TRY(gy_snapshot_list_members(ask->snapshot, list, ask->now_ms, &ordinals, &n_ids, err));
    roaring_bitmap_t *audience = roaring_bitmap_of_ptr(n_ids, ordinals);
    *n = gy_ask_members(ask, audience, members);
    roaring_bitmap_free(audience);
    free(ordinals);
    return GY_OK;
}

void gy_lists_json(const struct gy_snapshot *snapshot, const uint64_t *sizes,
                   struct gy_json_writer *w)
{
    gy_json_open(w, '[');
    for (uint32_t i = 0; i < gy_snapshot_n_lists(snapshot); i++) {
        const struct gy_list_info *list = gy_snapshot_list(snapshot, i);
        gy_json_open(w, '{');
        gy_json_key(w, "name");
        gy_json_str(w, list->name);
        gy_json_key(w, "ids");
        gy_json_count(w, sizes[i]);
        gy_json_key(w, "changed");
        gy_json_time(w, list->changed_ms);
        gy_json_close(w, '}');
    }
    gy_json_close(w, ']');
}
