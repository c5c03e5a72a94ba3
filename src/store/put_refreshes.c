/* put_refreshes.c - what a refresh found: who is in a segment now, who came and who went. */
#include "store/ordinal_set.h"
#include "store/writer_internal.h"

static bool is_nobody(const roaring_bitmap_t *set)
{
    return set == NULL || roaring_bitmap_is_empty(set);
}

static enum gy_status put_change(struct gy_writer *w, int64_t id, const struct gy_refresh *refresh,
                                 struct gy_error *err)
{
    struct gy_buf came = {0};
    struct gy_buf went = {0};
    gy_ordinal_set_pack(refresh->came, &came);
    gy_ordinal_set_pack(refresh->went, &went);
    enum gy_status status = gy_catalog_run(
        &w->catalog, err, "INSERT INTO refresh_change VALUES(NULL, ?, ?, ?, ?, ?)", "iiibb", id,
        refresh->at_ms, (int64_t)refresh->version, gy_buf_view(&came), gy_buf_view(&went));
    gy_buf_release(&came);
    gy_buf_release(&went);
    return status;
}

static enum gy_status put_members(struct gy_writer *w, int64_t id, const struct gy_refresh *refresh,
                                  struct gy_error *err)
{
    struct gy_buf members = {0};
    gy_ordinal_set_pack(refresh->members, &members);
    enum gy_status status = gy_catalog_run(
        &w->catalog, err, "INSERT OR REPLACE INTO refresh VALUES(?, ?, ?, ?)", "iiib", id,
        refresh->at_ms, (int64_t)refresh->version, gy_buf_view(&members));
    gy_buf_release(&members);
    return status;
}

static enum gy_status put_refresh(struct gy_writer *w, const struct gy_refresh *refresh,
                                  struct gy_error *err)
{
    int64_t id;
    GY_TRY(gy_catalog_number(&w->catalog, &id, err, "SELECT id FROM segment WHERE name = ?", "s",
                             refresh->segment));
    if (id == 0) {
        return gy_error_set(err, GY_NOT_FOUND, "there is no segment \"%.*s\"",
                            GY_STR_ARG(refresh->segment));
    }
    GY_TRY(put_members(w, id, refresh, err));
    return is_nobody(refresh->came) && is_nobody(refresh->went) ? GY_OK
                                                                : put_change(w, id, refresh, err);
}

enum gy_status gy_writer_put_refreshes(struct gy_writer *w, const struct gy_refresh *refreshes,
                                       size_t n, struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    enum gy_status status = GY_OK;
    for (size_t i = 0; i < n && status == GY_OK; i++)
        status = put_refresh(w, &refreshes[i], err);
    if (status == GY_OK)
        status = gy_catalog_commit(&w->catalog, err);
    gy_catalog_rollback(&w->catalog);
    return status;
}
