/* put_refreshes.c - what a refresh or a live look found: who is in a segment now, who came and who went.
 *
 * A refresh stores all members. A live look stores what changed, and all members only now and then: until then
 * they are those of `refresh` and the changes and moves recorded after change `through`, in the order in which they
 * were recorded (gy_snapshot_refreshed).
 */
#include "store/ordinal_set.h"
#include "store/writer_internal.h"

static bool is_nobody(const roaring_bitmap_t *set)
{
    return set == NULL || roaring_bitmap_is_empty(set);
}

static enum gy_status find_segment(struct gy_writer *w, struct gy_str name, int64_t *id,
                                   struct gy_error *err)
{
    GY_TRY(gy_catalog_number(&w->catalog, id, err, "SELECT id FROM segment WHERE name = ?", "s",
                             name));
    if (*id == 0) {
        return gy_error_set(err, GY_NOT_FOUND, "there is no segment \"%.*s\"", GY_STR_ARG(name));
    }
    return GY_OK;
}

static enum gy_status put_sets(struct gy_writer *w, int64_t id, int64_t segment,
                               const struct gy_refresh *change, struct gy_error *err)
{
    struct gy_buf came = {0};
    struct gy_buf went = {0};
    gy_ordinal_set_pack(change->came, &came);
    gy_ordinal_set_pack(change->went, &went);
    enum gy_status status = gy_catalog_run(
        &w->catalog, err, "INSERT INTO refresh_change VALUES(?, ?, ?, ?, ?, ?)", "iiiibb", id,
        segment, change->at_ms, (int64_t)change->version, gy_buf_view(&came), gy_buf_view(&went));
    gy_buf_release(&came);
    gy_buf_release(&went);
    return status;
}

/* The id is one that was never given: followers go by it. */
static enum gy_status put_change(struct gy_writer *w, int64_t segment,
                                 const struct gy_refresh *change, struct gy_error *err)
{
    if (is_nobody(change->came) && is_nobody(change->went)) {
        return GY_OK;
    }
    GY_TRY(gy_catalog_run(&w->catalog, err, "INSERT INTO change_cause VALUES(NULL, ?)", "s",
                          change->cause));
    return put_sets(w, sqlite3_last_insert_rowid(w->catalog.db), segment, change, err);
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

/* Nothing of it is older than the members. */
static enum gy_status forget_look(struct gy_writer *w, int64_t segment, struct gy_error *err)
{
    GY_TRY(
        gy_catalog_run(&w->catalog, err, "DELETE FROM live_look WHERE segment = ?", "i", segment));
    return gy_catalog_run(&w->catalog, err, "DELETE FROM live_move WHERE segment = ?", "i",
                          segment);
}

static enum gy_status put_refresh(struct gy_writer *w, const struct gy_refresh *refresh,
                                  struct gy_error *err)
{
    int64_t id;
    GY_TRY(find_segment(w, refresh->segment, &id, err));
    GY_TRY(forget_look(w, id, err));
    GY_TRY(put_members(w, id, refresh, err));
    return put_change(w, id, refresh, err);
}

static enum gy_status finish(struct gy_writer *w, enum gy_status status, struct gy_error *err)
{
    if (status == GY_OK)
        status = gy_catalog_commit(&w->catalog, err);
    gy_catalog_rollback(&w->catalog);
    return status;
}

enum gy_status gy_writer_put_refreshes(struct gy_writer *w, const struct gy_refresh *refreshes,
                                       size_t n, struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    enum gy_status status = GY_OK;
    for (size_t i = 0; i < n && status == GY_OK; i++)
        status = put_refresh(w, &refreshes[i], err);
    return finish(w, status, err);
}

/* ---- live looks ---- */

#define LAST_CHANGE "(SELECT coalesce(max(change), 0) FROM change_cause)"

static enum gy_status put_move(struct gy_writer *w, const struct gy_live_move *move,
                               struct gy_error *err)
{
    int64_t segment;
    struct gy_buf gone = {0};
    struct gy_buf instead = {0};
    GY_TRY(find_segment(w, move->segment, &segment, err));
    gy_ordinal_set_pack(move->gone, &gone);
    gy_ordinal_set_pack(move->instead, &instead);
    enum gy_status status = gy_catalog_run(
        &w->catalog, err, "INSERT INTO live_move VALUES(NULL, ?, " LAST_CHANGE ", ?, ?)", "ibb",
        segment, gy_buf_view(&gone), gy_buf_view(&instead));
    gy_buf_release(&gone);
    gy_buf_release(&instead);
    return status;
}

/* Before any of its changes is put: what is stored of it are all members. */
static enum gy_status begin_look(struct gy_writer *w, const struct gy_refresh *look,
                                 struct gy_error *err)
{
    int64_t segment;
    int64_t last_ms;
    GY_TRY(find_segment(w, look->segment, &segment, err));
    GY_TRY(gy_catalog_number(&w->catalog, &last_ms, err,
                             "SELECT coalesce((SELECT at_ms FROM live_look WHERE segment = ?1),"
                             " (SELECT at_ms FROM refresh WHERE segment = ?1), ?2)",
                             "ii", segment, INT64_MIN));
    if (last_ms != look->before_ms)
        return gy_error_set(err, GY_CONFLICT, "segment \"%.*s\" was refreshed meanwhile",
                            GY_STR_ARG(look->segment));
    return gy_catalog_run(&w->catalog, err,
                          "INSERT OR IGNORE INTO live_look VALUES(?, ?, ?, " LAST_CHANGE ")", "iii",
                          segment, look->at_ms, (int64_t)look->version);
}

static enum gy_status end_look(struct gy_writer *w, const struct gy_refresh *look,
                               struct gy_error *err)
{
    int64_t segment;
    GY_TRY(find_segment(w, look->segment, &segment, err));
    if (look->members != NULL) {
        GY_TRY(forget_look(w, segment, err));
        return put_members(w, segment, look, err);
    }
    return gy_catalog_run(&w->catalog, err,
                          "UPDATE live_look SET at_ms = ?, version = ? WHERE segment = ?", "iii",
                          look->at_ms, (int64_t)look->version, segment);
}

static roaring_bitmap_t *living(const struct gy_writer *w, const roaring_bitmap_t *set)
{
    const roaring_bitmap_t *erased = w->live.erased.all;
    roaring_bitmap_t *out = set == NULL ? roaring_bitmap_create() : roaring_bitmap_copy(set);
    if (erased != NULL)
        roaring_bitmap_andnot_inplace(out, erased);
    return out;
}

/* Without those who were erased since it was looked. */
static enum gy_status put_live_change(struct gy_writer *w, const struct gy_refresh *change,
                                      struct gy_error *err)
{
    int64_t segment;
    GY_TRY(find_segment(w, change->segment, &segment, err));
    roaring_bitmap_t *came = living(w, change->came);
    roaring_bitmap_t *went = living(w, change->went);
    struct gy_refresh left = *change;
    left.came = came;
    left.went = went;
    enum gy_status status = put_change(w, segment, &left, err);
    roaring_bitmap_free(came);
    roaring_bitmap_free(went);
    return status;
}

static enum gy_status record_live(struct gy_writer *w, const struct gy_live_record *record,
                                  struct gy_error *err)
{
    for (size_t i = 0; i < record->n_looks; i++)
        GY_TRY(begin_look(w, &record->looks[i], err));
    for (size_t i = 0; i < record->n_moves; i++)
        GY_TRY(put_move(w, &record->moves[i], err));
    for (size_t i = 0; i < record->n_changes; i++)
        GY_TRY(put_live_change(w, &record->changes[i], err));
    for (size_t i = 0; i < record->n_looks; i++)
        GY_TRY(end_look(w, &record->looks[i], err));
    return GY_OK;
}

enum gy_status gy_writer_record_live(struct gy_writer *w, const struct gy_live_record *record,
                                     struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    return finish(w, record_live(w, record, err), err);
}
