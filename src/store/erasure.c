/* erasure.c - customers are erased.
 *
 * In two steps. The first is one transaction: it writes down whom (their ordinals, and a keyed hash of each id), and
 * takes them out of what the catalog names people in. From then on nobody sees them. The second takes
 * what is left on disk: rows in the log and in parts, ids, links, scraps of deleted rows. Each of its moves is a
 * transaction of its own that finds by itself what is still to be done, so a kill between any two only means
 * that the next maintenance goes on; the erasure counts as done when the write-ahead log, the last place that
 * may hold old pages, is empty.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/json_words.h"
#include "store/ordinal_set.h"
#include "store/writer_internal.h"

enum {
    SHORT_PATIENCE_MS = 50 /* senders wait for their acknowledgement meanwhile */
};

bool gy_writer_has_erasures(const struct gy_writer *w)
{
    return w->live.erased.pending != NULL;
}

/* ---- who ---- */

static uint32_t find_id(const struct gy_writer *w, struct gy_str id)
{
    uint32_t ordinal = gy_ids_find(&w->live.ids, true, id);
    if (ordinal != GY_ID_NONE || gy_erased_has_id(&w->live.erased, true, id))
        return ordinal; /* the anonymous id that reads the same is somebody else's */
    return gy_ids_find(&w->live.ids, false, id);
}

/* Adds all ids of the customers that some of them belong to. */
static void add_siblings(struct gy_writer *w, roaring_bitmap_t *ordinals)
{
    struct gy_links *links = &w->live.links;
    roaring_bitmap_t *roots = roaring_bitmap_create();
    roaring_uint32_iterator_t at;
    for (roaring_init_iterator(ordinals, &at); at.has_value; roaring_advance_uint32_iterator(&at))
        roaring_bitmap_add(roots, gy_links_find_root(links, at.current_value));
    roaring_bitmap_or_inplace(ordinals, roots);
    for (uint32_t ordinal = 0; ordinal < w->live.ids.n; ordinal++) {
        if (gy_links_parent(links, ordinal) != GY_ID_NONE &&
            roaring_bitmap_contains(roots, gy_links_find_root(links, ordinal)))
            roaring_bitmap_add(ordinals, ordinal);
    }
    roaring_bitmap_free(roots);
}

/* ---- the catalog's rows ---- */

static const char insert_erased[] = "INSERT INTO erased VALUES(NULL, ?, ?, ?, 0)";

static enum gy_status put_ordinals(struct gy_writer *w, const roaring_bitmap_t *ordinals,
                                   struct gy_error *err)
{
    uint8_t hash[GY_ERASED_HASH];
    struct gy_str view = {(const char *)hash, sizeof hash};
    int64_t now_ms = gy_now_ms();
    roaring_uint32_iterator_t at;
    for (roaring_init_iterator(ordinals, &at); at.has_value; roaring_advance_uint32_iterator(&at)) {
        bool is_external;
        struct gy_str id = gy_ids_get(&w->live.ids, at.current_value, &is_external);
        gy_erased_hash(&w->live.erased, is_external, id, hash);
        GY_TRY(gy_catalog_run(&w->catalog, err, insert_erased, "bii", view,
                              (int64_t)at.current_value, now_ms));
    }
    return GY_OK;
}

/* Those that came with an ordinal stand there already. */
static enum gy_status put_hashes(struct gy_writer *w, const uint8_t (*hashes)[GY_ERASED_HASH],
                                 size_t n, struct gy_error *err)
{
    for (size_t i = 0; i < n; i++) {
        int64_t n_same;
        struct gy_str hash = {(const char *)hashes[i], GY_ERASED_HASH};
        GY_TRY(gy_catalog_number(&w->catalog, &n_same, err,
                                 "SELECT count(*) FROM erased WHERE hash = ?", "b", hash));
        if (n_same == 0)
            GY_TRY(gy_catalog_run(&w->catalog, err, insert_erased, "bni", hash, gy_now_ms()));
    }
    return GY_OK;
}

/* The same text may be another customer's id in the other name space: then it stays, as theirs. */
static bool is_others(const struct gy_writer *w, const roaring_bitmap_t *ordinals, bool is_external,
                      struct gy_str id)
{
    uint32_t other = gy_ids_find(&w->live.ids, !is_external, id);
    return other != GY_ID_NONE && !gy_erased_has(&w->live.erased, other) &&
           !roaring_bitmap_contains(ordinals, other);
}

static enum gy_status delete_named(struct gy_writer *w, const roaring_bitmap_t *ordinals,
                                   struct gy_error *err)
{
    roaring_uint32_iterator_t at;
    for (roaring_init_iterator(ordinals, &at); at.has_value; roaring_advance_uint32_iterator(&at)) {
        bool is_external;
        struct gy_str id = gy_ids_get(&w->live.ids, at.current_value, &is_external);
        if (is_others(w, ordinals, is_external, id))
            continue;
        GY_TRY(gy_catalog_run(&w->catalog, err,
                              "DELETE FROM list_member WHERE list IN (SELECT id FROM list) AND"
                              " member = ?",
                              "s", id));
        GY_TRY(gy_catalog_run(&w->catalog, err, "DELETE FROM change WHERE member = ?", "s", id));
    }
    return GY_OK;
}

/* The numbers that `sql` gives; `*out` is owned by the caller (free). */
static enum gy_status list_rows(struct gy_writer *w, const char *sql, int64_t **out, size_t *n,
                                struct gy_error *err)
{
    sqlite3_stmt *stmt;
    size_t capacity = 0;
    bool has_row = true;
    *out = NULL;
    *n = 0;
    enum gy_status status = gy_catalog_select(&w->catalog, &stmt, err, sql, "");
    while (status == GY_OK) {
        status = gy_catalog_next(&w->catalog, stmt, &has_row, err);
        if (status != GY_OK || !has_row)
            break;
        GY_GROW(*out, capacity, *n + 1);
        (*out)[(*n)++] = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_finalize(stmt);
    return status;
}

/* A column of sets, by the number that tells its rows apart. */
struct sets {
    const char *list;
    const char *read;
    const char *write;
};

/* Of a change that some webhook has still to be told of the places must not move; its readers leave erased customers
 * out, and the number of one says nothing without an id. */
#define CHANGES_TOLD                                                                       \
    "SELECT id FROM refresh_change WHERE id < (SELECT coalesce(min(change), 1 << 62) FROM" \
    " webhook) AND id NOT IN (SELECT change FROM webhook_retry)"

static const struct sets all_sets[] = {
    {"SELECT segment FROM refresh", "SELECT members FROM refresh WHERE segment = ?",
     "UPDATE refresh SET members = ? WHERE segment = ?"},
    {CHANGES_TOLD, "SELECT came FROM refresh_change WHERE id = ?",
     "UPDATE refresh_change SET came = ? WHERE id = ?"},
    {CHANGES_TOLD, "SELECT went FROM refresh_change WHERE id = ?",
     "UPDATE refresh_change SET went = ? WHERE id = ?"},
    {"SELECT id FROM live_move", "SELECT gone FROM live_move WHERE id = ?",
     "UPDATE live_move SET gone = ? WHERE id = ?"},
    {"SELECT id FROM live_move", "SELECT instead FROM live_move WHERE id = ?",
     "UPDATE live_move SET instead = ? WHERE id = ?"},
};

static enum gy_status read_set(struct gy_writer *w, const char *sql, int64_t row,
                               roaring_bitmap_t **out, struct gy_error *err)
{
    sqlite3_stmt *stmt;
    bool has_row;
    *out = NULL;
    GY_TRY(gy_catalog_select(&w->catalog, &stmt, err, sql, "i", row));
    enum gy_status status = gy_catalog_next(&w->catalog, stmt, &has_row, err);
    if (status == GY_OK)
        status = gy_ordinal_set_unpack(gy_catalog_str(stmt, 0), out, err);
    sqlite3_finalize(stmt);
    return status;
}

static enum gy_status shrink_set(struct gy_writer *w, const struct sets *sets, int64_t row,
                                 const roaring_bitmap_t *ordinals, struct gy_error *err)
{
    roaring_bitmap_t *set;
    struct gy_buf bytes = {0};
    enum gy_status status = GY_OK;
    GY_TRY(read_set(w, sets->read, row, &set, err));
    if (roaring_bitmap_intersect(set, ordinals)) {
        roaring_bitmap_andnot_inplace(set, ordinals);
        gy_ordinal_set_pack(set, &bytes);
        status = gy_catalog_run(&w->catalog, err, sets->write, "bi", gy_buf_view(&bytes), row);
    }
    gy_buf_release(&bytes);
    roaring_bitmap_free(set);
    return status;
}

static enum gy_status shrink_sets(struct gy_writer *w, const roaring_bitmap_t *ordinals,
                                  struct gy_error *err)
{
    enum gy_status status = GY_OK;
    for (size_t s = 0; s < sizeof all_sets / sizeof *all_sets && status == GY_OK; s++) {
        int64_t *rows;
        size_t n;
        status = list_rows(w, all_sets[s].list, &rows, &n, err);
        for (size_t i = 0; i < n && status == GY_OK; i++)
            status = shrink_set(w, &all_sets[s], rows[i], ordinals, err);
        free(rows);
    }
    return status;
}

/* ---- dead letters ---- */

struct named {
    const struct gy_erased *erased;
    const struct gy_intern *contacts;
};

static bool names_them(void *context, struct gy_str word)
{
    const struct named *named = context;
    return gy_erased_has_id(named->erased, true, word) ||
           gy_erased_has_id(named->erased, false, word) ||
           (named->contacts->n > 0 && gy_intern_find(named->contacts, word) != GY_INTERN_NONE);
}

static enum gy_status drop_letter(struct gy_writer *w, int64_t row, struct named *named,
                                  struct gy_error *err)
{
    sqlite3_stmt *stmt;
    bool has_row;
    bool is_named = false;
    GY_TRY(gy_catalog_select(&w->catalog, &stmt, err, "SELECT call FROM dead_letter WHERE id = ?",
                             "i", row));
    enum gy_status status = gy_catalog_next(&w->catalog, stmt, &has_row, err);
    if (status == GY_OK && has_row)
        is_named = gy_json_any_word(gy_catalog_str(stmt, 0), names_them, named);
    sqlite3_finalize(stmt);
    if (status != GY_OK || !is_named)
        return status;
    return gy_catalog_run(&w->catalog, err, "DELETE FROM dead_letter WHERE id = ?", "i", row);
}

static enum gy_status drop_letters(struct gy_writer *w, const struct gy_intern *contacts,
                                   struct gy_error *err)
{
    int64_t *rows = NULL;
    size_t n = 0;
    struct gy_erased now = {0}; /* with those that this transaction erases */
    struct named named = {&now, contacts};
    enum gy_status status = gy_erased_load(&now, &w->catalog, err);
    if (status == GY_OK)
        status = list_rows(w, "SELECT id FROM dead_letter", &rows, &n, err);
    for (size_t i = 0; i < n && status == GY_OK; i++)
        status = drop_letter(w, rows[i], &named, err);
    free(rows);
    gy_erased_release(&now);
    return status;
}

/* ---- the first step ---- */

static enum gy_status put_all(struct gy_writer *w, const roaring_bitmap_t *ordinals,
                              const uint8_t (*hashes)[GY_ERASED_HASH], size_t n_hashes,
                              const struct gy_intern *contacts, struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    GY_TRY(put_ordinals(w, ordinals, err));
    GY_TRY(put_hashes(w, hashes, n_hashes, err));
    GY_TRY(delete_named(w, ordinals, err));
    GY_TRY(shrink_sets(w, ordinals, err));
    GY_TRY(drop_letters(w, contacts, err));
    return gy_catalog_commit(&w->catalog, err);
}

/* What the writer remembers of ids may be of one that is erased now. */
static enum gy_status reload(struct gy_writer *w, struct gy_error *err)
{
    gy_identity_reset(&w->identity);
    gy_id_cache_release(&w->identity.cache);
    w->are_links_deleted = false;
    return gy_erased_load(&w->live.erased, &w->catalog, err);
}

enum gy_status gy_writer_erase_found(struct gy_writer *w, roaring_bitmap_t *found,
                                     const uint8_t (*hashes)[GY_ERASED_HASH], size_t n_hashes,
                                     struct gy_error *err)
{
    struct gy_intern contacts = {0};
    add_siblings(w, found);
    enum gy_status status = gy_writer_list_contacts(w, found, &contacts, err);
    if (status == GY_OK)
        status = put_all(w, found, hashes, n_hashes, &contacts, err);
    gy_catalog_rollback(&w->catalog);
    gy_intern_release(&contacts);
    GY_TRY(status);
    GY_TRY(reload(w, err));
    return gy_writer_write_ledger(w, NULL, 0, err);
}

static enum gy_status check_batch(struct gy_writer *w, struct gy_error *err)
{
    GY_TRY(gy_writer_wait(w, NULL, err));
    return w->batch.n_calls == 0
               ? GY_OK
               : gy_error_set(err, GY_CONFLICT, "there are calls that are not committed yet");
}

static bool is_erased_id(const struct gy_writer *w, struct gy_str id)
{
    return gy_erased_has_id(&w->live.erased, true, id) ||
           gy_erased_has_id(&w->live.erased, false, id);
}

enum gy_status gy_writer_erase(struct gy_writer *w, struct gy_str id, uint32_t *n_ids,
                               bool *was_erased, struct gy_error *err)
{
    *n_ids = 0;
    GY_TRY(check_batch(w, err));
    uint32_t ordinal = find_id(w, id);
    *was_erased =
        ordinal == GY_ID_NONE ? is_erased_id(w, id) : gy_erased_has(&w->live.erased, ordinal);
    if (*was_erased)
        return GY_OK;
    if (ordinal == GY_ID_NONE)
        return gy_error_set(err, GY_NOT_FOUND, "there is no customer \"%.*s\"", GY_STR_ARG(id));
    roaring_bitmap_t *ordinals = roaring_bitmap_of(1, ordinal);
    enum gy_status status = gy_writer_erase_found(w, ordinals, NULL, 0, err);
    *n_ids = (uint32_t)roaring_bitmap_get_cardinality(ordinals);
    roaring_bitmap_free(ordinals);
    return status;
}

/* ---- the second step ---- */

static enum gy_status names_pending(const struct gy_writer *w, const struct gy_part *part,
                                    bool *names, struct gy_error *err)
{
    roaring_uint32_iterator_t at;
    *names = false;
    for (roaring_init_iterator(w->live.erased.pending, &at); at.has_value && !*names;
         roaring_advance_uint32_iterator(&at))
        GY_TRY(gy_part_names(part, at.current_value, names, err));
    return GY_OK;
}

enum gy_status gy_writer_find_erased(const struct gy_writer *w, size_t *i, struct gy_error *err)
{
    bool names = false;
    if (w->live.erased.pending == NULL)
        *i = w->live.n_files;
    for (; *i < w->live.n_files; ++*i) {
        GY_TRY(names_pending(w, w->live.files[*i].part, &names, err));
        if (names)
            break;
    }
    return GY_OK;
}

static enum gy_status rewrite_parts(struct gy_writer *w, struct gy_error *err)
{
    size_t i = 0;
    GY_TRY(gy_writer_find_erased(w, &i, err));
    while (i < w->live.n_files) {
        GY_TRY(gy_writer_rewrite_file(w, i, err));
        i = 0; /* they may have moved up */
        GY_TRY(gy_writer_find_erased(w, &i, err));
    }
    return GY_OK;
}

/* Whether an id file still has one of their ids. */
static bool has_ids(const struct gy_writer *w, const struct gy_id_file *file)
{
    roaring_uint32_iterator_t at;
    uint64_t end = (uint64_t)gy_id_file_first(file) + gy_id_file_n(file);
    bool has = false;
    roaring_init_iterator(w->live.erased.pending, &at);
    for (roaring_move_uint32_iterator_equalorlarger(&at, gy_id_file_first(file));
         at.has_value && at.current_value < end && !has; roaring_advance_uint32_iterator(&at))
        has = gy_ids_get(&w->live.ids, at.current_value, NULL).ptr[0] != (char)0xff;
    return has;
}

size_t gy_writer_find_erased_ids(const struct gy_writer *w)
{
    size_t end = gy_writer_first_log_ids(&w->live);
    size_t i = 0;
    while (i < end && w->live.erased.pending != NULL && !has_ids(w, w->live.ids.files[i]))
        i++;
    return w->live.erased.pending == NULL ? end : i;
}

/* Whether the log names them, by a row or an id. */
static enum gy_status is_log_naming(const struct gy_writer *w, bool *names, struct gy_error *err)
{
    *names = false;
    for (size_t i = gy_writer_first_log_ids(&w->live); i < w->live.ids.n_files && !*names; i++)
        *names = has_ids(w, w->live.ids.files[i]);
    for (size_t i = 0; i < w->live.n_tail && !*names; i++)
        GY_TRY(names_pending(w, w->live.tail[i].part, names, err));
    return GY_OK;
}

static enum gy_status rewrite_ids(struct gy_writer *w, struct gy_error *err)
{
    for (size_t i = gy_writer_find_erased_ids(w); i < gy_writer_first_log_ids(&w->live);
         i = gy_writer_find_erased_ids(w))
        GY_TRY(gy_writer_rewrite_ids(w, i, err));
    return GY_OK;
}

/* And who was recorded since, by somebody who had looked before. */
static enum gy_status delete_links(struct gy_writer *w, struct gy_error *err)
{
    roaring_uint32_iterator_t at;
    if (w->are_links_deleted)
        return GY_OK;
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    GY_TRY(shrink_sets(w, w->live.erased.pending, err));
    for (roaring_init_iterator(w->live.erased.pending, &at); at.has_value;
         roaring_advance_uint32_iterator(&at))
        GY_TRY(gy_catalog_run(&w->catalog, err, "DELETE FROM link WHERE child = ?", "i",
                              (int64_t)at.current_value));
    GY_TRY(gy_catalog_commit(&w->catalog, err));
    gy_live_drop_links(&w->live);
    gy_identity_reset(&w->identity);
    w->are_links_deleted = true;
    return GY_OK;
}

/* Once no file and no row of the log names them. Where a reader is in the way nothing is written: the next try does. */
static enum gy_status clear_catalog(struct gy_writer *w, int patience_ms, struct gy_error *err)
{
    GY_TRY(gy_catalog_empty_log(&w->catalog, patience_ms, err));
    enum gy_status status = delete_links(w, err);
    gy_catalog_rollback(&w->catalog);
    GY_TRY(status);
    GY_TRY(gy_catalog_scrub(&w->catalog, patience_ms, err));
    GY_TRY(gy_catalog_run(&w->catalog, err, "UPDATE erased SET is_done = 1 WHERE is_done = 0", ""));
    return reload(w, err);
}

enum gy_status gy_writer_finish_erasures(struct gy_writer *w, struct gy_error *err)
{
    bool names;
    GY_TRY(check_batch(w, err));
    if (w->live.erased.pending == NULL)
        return GY_OK;
    GY_TRY(is_log_naming(w, &names, err));
    if (names)
        GY_TRY(gy_writer_fold_log(w, err));
    GY_TRY(rewrite_parts(w, err));
    GY_TRY(rewrite_ids(w, err));
    return clear_catalog(w, GY_CATALOG_PATIENCE_MS, err);
}

enum gy_status gy_writer_end_erasures(struct gy_writer *w, struct gy_error *err)
{
    bool names;
    size_t i = 0;
    GY_TRY(check_batch(w, err));
    if (w->live.erased.pending == NULL)
        return GY_OK;
    GY_TRY(is_log_naming(w, &names, err));
    GY_TRY(gy_writer_find_erased(w, &i, err));
    bool is_left = names || i < w->live.n_files ||
                   gy_writer_find_erased_ids(w) < gy_writer_first_log_ids(&w->live);
    enum gy_status status = is_left ? GY_OK : clear_catalog(w, SHORT_PATIENCE_MS, err);
    return status == GY_BUSY ? GY_OK : status;
}

/* ---- forgetting ---- */

static enum gy_status forget_hashes(struct gy_writer *w, const uint8_t (*hashes)[GY_ERASED_HASH],
                                    size_t n, struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    for (size_t i = 0; i < n; i++) {
        struct gy_str hash = {(const char *)hashes[i], GY_ERASED_HASH};
        GY_TRY(gy_catalog_run(&w->catalog, err,
                              "DELETE FROM erased WHERE hash = ? AND ordinal IS NULL", "b", hash));
        GY_TRY(gy_catalog_run(&w->catalog, err, "UPDATE erased SET hash = NULL WHERE hash = ?", "b",
                              hash));
    }
    return gy_catalog_commit(&w->catalog, err);
}

static enum gy_status prepare_forgetting(struct gy_writer *w, struct gy_str id,
                                         struct gy_error *err)
{
    GY_TRY(check_batch(w, err));
    if (!is_erased_id(w, id))
        return gy_error_set(err, GY_NOT_FOUND, "no customer \"%.*s\" was erased", GY_STR_ARG(id));
    return gy_writer_finish_erasures(w, err);
}

/* The ledger first: a hash that it has and the catalog does not would be taken for an erasure that is still to
 * be done. The entry of the audit trail goes with what it tells of, the last transaction alone. */
enum gy_status gy_writer_forget_erased(struct gy_writer *w, struct gy_str id, struct gy_error *err)
{
    uint8_t hashes[2][GY_ERASED_HASH];
    struct gy_audit_entry *entry = w->audit;
    w->audit = NULL;
    enum gy_status status = prepare_forgetting(w, id, err);
    w->audit = entry;
    GY_TRY(status);
    gy_erased_hash(&w->live.erased, true, id, hashes[0]);
    gy_erased_hash(&w->live.erased, false, id, hashes[1]);
    GY_TRY(gy_writer_write_ledger(w, hashes, 2, err));
    status = forget_hashes(w, hashes, 2, err);
    gy_catalog_rollback(&w->catalog);
    return status == GY_OK ? reload(w, err) : status;
}
