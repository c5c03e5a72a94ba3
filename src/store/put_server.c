/* put_server.c - what a server keeps beside calls: the keys that may send them, and those that could not
 * be taken. */
#include "base/mem.h"
#include "store/writer_internal.h"

enum {
    LETTERS_MAX = 10000 /* whoever has a key must not fill the disk with what is wrong */
};

/* ---- keys ---- */

static enum gy_status put_key(struct gy_writer *w, struct gy_str name, const uint8_t hash[32],
                              struct gy_error *err)
{
    int64_t n;
    GY_TRY(gy_catalog_number(&w->catalog, &n, err, "SELECT count(*) FROM write_key WHERE name = ?",
                             "s", name));
    if (n > 0) {
        gy_error_set(err, GY_CONFLICT, "there is a key \"%.*s\" already", GY_STR_ARG(name));
        gy_error_hint(err, "It cannot be shown again; another name makes another key.");
        return GY_CONFLICT;
    }
    return gy_catalog_run(&w->catalog, err, "INSERT INTO write_key VALUES(?, ?, ?)", "sbi", name,
                          (struct gy_str){(const char *)hash, 32}, gy_now_ms());
}

enum gy_status gy_writer_put_write_key(struct gy_writer *w, struct gy_str name,
                                       const uint8_t hash[32], struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    enum gy_status status = put_key(w, name, hash, err);
    if (status == GY_OK)
        status = gy_catalog_commit(&w->catalog, err);
    gy_catalog_rollback(&w->catalog);
    return status;
}

static enum gy_status remove_key(struct gy_writer *w, struct gy_str name, struct gy_error *err)
{
    GY_TRY(gy_catalog_run(&w->catalog, err, "DELETE FROM write_key WHERE name = ?", "s", name));
    if (sqlite3_changes(w->catalog.db) > 0)
        return GY_OK;
    return gy_error_set(err, GY_NOT_FOUND, "there is no key \"%.*s\"", GY_STR_ARG(name));
}

enum gy_status gy_writer_remove_write_key(struct gy_writer *w, struct gy_str name,
                                          struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    enum gy_status status = remove_key(w, name, err);
    if (status == GY_OK)
        status = gy_catalog_commit(&w->catalog, err);
    gy_catalog_rollback(&w->catalog);
    return status;
}

/* ---- where it is reached ---- */

enum gy_status gy_writer_put_server_url(struct gy_writer *w, struct gy_str url,
                                        struct gy_error *err)
{
    return gy_catalog_run(&w->catalog, err, "INSERT OR REPLACE INTO meta VALUES('server_url', ?)",
                          "s", url);
}

/* ---- dead letters ---- */

void gy_writer_add_dead_letter(struct gy_writer *w, const struct gy_dead_letter *letter)
{
    if (gy_erased_is_named(&w->live.erased, letter->call))
        return;
    GY_GROW(w->letters, w->letters_capacity, w->n_letters + 1);
    w->letters[w->n_letters++] =
        (struct gy_dead_letter){gy_arena_str(&w->letter_arena, letter->write_key),
                                gy_arena_str(&w->letter_arena, letter->reason),
                                gy_arena_str(&w->letter_arena, letter->call)};
}

static enum gy_status put_letters(struct gy_writer *w, sqlite3_stmt *stmt, struct gy_error *err)
{
    int64_t now_ms = gy_now_ms();
    size_t first = w->n_letters > LETTERS_MAX ? w->n_letters - LETTERS_MAX : 0;
    for (size_t i = first; i < w->n_letters; i++) {
        const struct gy_dead_letter *letter = &w->letters[i];
        GY_TRY(gy_catalog_again(&w->catalog, stmt, err, "issb", now_ms, letter->write_key,
                                letter->reason, letter->call));
    }
    return GY_OK;
}

enum gy_status gy_writer_put_dead_letters(struct gy_writer *w, struct gy_error *err)
{
    sqlite3_stmt *stmt;
    if (w->n_letters == 0)
        return GY_OK;
    GY_TRY(gy_catalog_select(&w->catalog, &stmt, err,
                             "INSERT INTO dead_letter VALUES(NULL, ?, ?, ?, ?)", ""));
    enum gy_status status = put_letters(w, stmt, err);
    sqlite3_finalize(stmt);
    GY_TRY(status);
    return gy_catalog_run(&w->catalog, err, "DELETE FROM dead_letter WHERE id <= ?", "i",
                          (int64_t)sqlite3_last_insert_rowid(w->catalog.db) - LETTERS_MAX);
}

void gy_writer_forget_dead_letters(struct gy_writer *w)
{
    gy_arena_reset(&w->letter_arena);
    w->n_letters = 0;
}
