/* put_webhooks.c - webhooks come and go, and how far each was told. */
#include "store/webhooks.h"
#include "store/writer_internal.h"

static enum gy_status finish(struct gy_writer *w, enum gy_status status, struct gy_error *err)
{
    if (status == GY_OK)
        status = gy_catalog_commit(&w->catalog, err);
    gy_catalog_rollback(&w->catalog);
    return status;
}

static enum gy_status find_webhook(struct gy_writer *w, struct gy_str name, int64_t *id,
                                   struct gy_error *err)
{
    GY_TRY(gy_catalog_number(&w->catalog, id, err, "SELECT id FROM webhook WHERE name = ?", "s",
                             name));
    if (*id != 0)
        return GY_OK;
    return gy_error_set(err, GY_NOT_FOUND, "there is no webhook \"%.*s\"", GY_STR_ARG(name));
}

static enum gy_status put_webhook(struct gy_writer *w, const struct gy_webhook_put *put,
                                  struct gy_error *err)
{
    int64_t n;
    GY_TRY(gy_catalog_number(&w->catalog, &n, err, "SELECT count(*) FROM webhook WHERE name = ?",
                             "s", put->name));
    if (n > 0) {
        return gy_error_set(err, GY_CONFLICT, "there is a webhook \"%.*s\" already",
                            GY_STR_ARG(put->name));
    }
    return gy_catalog_run(&w->catalog, err,
                          "INSERT INTO webhook VALUES(NULL, ?, ?, ?, ?, 1, ?,"
                          " (SELECT coalesce(max(change), 0) + 1 FROM change_cause), 0)",
                          "ssssi", put->name, put->url, put->segments, put->secret, gy_now_ms());
}

enum gy_status gy_writer_put_webhook(struct gy_writer *w, const struct gy_webhook_put *put,
                                     struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    return finish(w, put_webhook(w, put, err), err);
}

static enum gy_status remove_webhook(struct gy_writer *w, struct gy_str name, struct gy_error *err)
{
    int64_t id;
    GY_TRY(find_webhook(w, name, &id, err));
    GY_TRY(
        gy_catalog_run(&w->catalog, err, "DELETE FROM webhook_retry WHERE webhook = ?", "i", id));
    return gy_catalog_run(&w->catalog, err, "DELETE FROM webhook WHERE id = ?", "i", id);
}

enum gy_status gy_writer_remove_webhook(struct gy_writer *w, struct gy_str name,
                                        struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    return finish(w, remove_webhook(w, name, err), err);
}

static enum gy_status replay(struct gy_writer *w, struct gy_str name, int64_t until_ms, int64_t *n,
                             struct gy_error *err)
{
    int64_t id;
    GY_TRY(find_webhook(w, name, &id, err));
    GY_TRY(gy_catalog_run(&w->catalog, err,
                          "UPDATE webhook_retry SET is_dead = 0, attempts = 0, next_ms = ?,"
                          " until_ms = ? WHERE webhook = ? AND is_dead",
                          "iii", gy_now_ms(), until_ms, id));
    *n = sqlite3_changes(w->catalog.db);
    return gy_catalog_run(&w->catalog, err, "UPDATE webhook SET is_active = 1 WHERE id = ?", "i",
                          id);
}

enum gy_status gy_writer_replay_webhook(struct gy_writer *w, struct gy_str name, int64_t until_ms,
                                        int64_t *n, struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    return finish(w, replay(w, name, until_ms, n, err), err);
}

/* ---- progress ---- */

static enum gy_status put_cursors(struct gy_writer *w, const struct gy_webhook_progress *p,
                                  struct gy_error *err)
{
    for (size_t i = 0; i < p->n_cursors; i++) {
        const struct gy_webhook_cursor *cursor = &p->cursors[i];
        GY_TRY(gy_catalog_run(
            &w->catalog, err,
            "UPDATE webhook SET change = ?, place = ?, is_active = is_active AND ?"
            " WHERE id = ?",
            "iiii", cursor->change, cursor->place, (int64_t)!cursor->is_over, cursor->webhook));
    }
    return GY_OK;
}

static enum gy_status put_retries(struct gy_writer *w, const struct gy_webhook_progress *p,
                                  struct gy_error *err)
{
    for (size_t i = 0; i < p->n_retries; i++) {
        const struct gy_webhook_retry *retry = &p->retries[i];
        GY_TRY(gy_catalog_run(&w->catalog, err,
                              "INSERT OR REPLACE INTO webhook_retry SELECT id, ?, ?, ?, ?, ?, ?, ?"
                              " FROM webhook WHERE id = ?",
                              "iiiiiisi", retry->change, retry->place, retry->attempts,
                              retry->next_ms, retry->until_ms, (int64_t)retry->is_dead,
                              retry->reason, retry->webhook));
    }
    return GY_OK;
}

static enum gy_status put_progress(struct gy_writer *w, const struct gy_webhook_progress *p,
                                   struct gy_error *err)
{
    GY_TRY(put_cursors(w, p, err));
    GY_TRY(put_retries(w, p, err));
    for (size_t i = 0; i < p->n_done; i++) {
        GY_TRY(gy_catalog_run(&w->catalog, err,
                              "DELETE FROM webhook_retry WHERE webhook = ? AND change = ? AND"
                              " place = ?",
                              "iii", p->done[i].webhook, p->done[i].change, p->done[i].place));
    }
    return GY_OK;
}

enum gy_status gy_writer_put_webhook_progress(struct gy_writer *w,
                                              const struct gy_webhook_progress *progress,
                                              struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    return finish(w, put_progress(w, progress, err), err);
}
