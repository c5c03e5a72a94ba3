/* commit.c - a batch becomes durable.
 *
 * Files first, the catalog last: a part and an id file are written, synced and renamed before the
 * transaction that lists them, so a catalog never lists what is not there. When COMMIT itself fails it
 * is not known whether its pages reached the disk, and a later recovery may find them; so the files
 * then stay, as garbage that the next writer removes, if it is garbage.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/dedupe.h"
#include "store/writer_internal.h"

enum {
    MAX_LOG_BYTES = 64 << 20 /* of a batch in memory */
};

uint64_t gy_writer_new_path(struct gy_writer *w, const char *suffix, char out[GY_PATH_SIZE])
{
    uint64_t file = (uint64_t)w->next_file++;
    gy_store_path(w->live.dir, file, suffix, out);
    return file;
}

/* ---- files that come and go ---- */

enum gy_status gy_file_change_add(struct gy_file_change *change, struct gy_writer *w, uint64_t file,
                                  uint64_t sequence, uint64_t links_applied, struct gy_error *err)
{
    char path[GY_PATH_SIZE];
    struct gy_live_part part = {.file = file, .sequence = sequence, .links_applied = links_applied};
    gy_store_path(w->live.dir, file, "part", path);
    enum gy_status status = gy_part_open(path, &part.part, err);
    if (status != GY_OK) {
        unlink(path);
        return status;
    }
    part.n_rows = gy_part_total_rows(part.part);
    part.bytes = gy_part_size(part.part);
    GY_GROW(change->added, change->added_capacity, change->n_added + 1);
    change->added[change->n_added++] = part;
    return GY_OK;
}

static enum gy_status list_part(struct gy_writer *w, const struct gy_live_part *p,
                                struct gy_error *err)
{
    size_t n = gy_part_n_slices(p->part);
    int64_t first = n == 0 ? 0 : gy_part_slice(p->part, 0)->block_no;
    int64_t last = n == 0 ? 0 : gy_part_slice(p->part, n - 1)->block_no;
    return gy_catalog_run(&w->catalog, err, "INSERT INTO part VALUES(?, ?, ?, ?, ?, ?, ?)",
                          "iiiiiii", (int64_t)p->file, (int64_t)p->sequence, first,
                          last - first + 1, (int64_t)p->n_rows, (int64_t)p->bytes,
                          (int64_t)p->links_applied);
}

static enum gy_status list_ids(const struct gy_file_change *change, struct gy_writer *w,
                               struct gy_error *err)
{
    if (change->ids == NULL)
        return GY_OK;
    return gy_catalog_run(&w->catalog, err, "INSERT INTO ids VALUES(?, ?, ?, ?)", "iiii",
                          (int64_t)change->ids_file, (int64_t)gy_id_file_first(change->ids),
                          (int64_t)gy_id_file_n(change->ids),
                          (int64_t)gy_id_file_size(change->ids));
}

enum gy_status gy_file_change_list(const struct gy_file_change *change, struct gy_writer *w,
                                   struct gy_error *err)
{
    for (size_t i = 0; i < change->n_removed; i++) {
        GY_TRY(gy_catalog_run(&w->catalog, err, "DELETE FROM part WHERE file = ?", "i",
                              (int64_t)change->removed[i]));
    }
    for (size_t i = 0; i < change->n_added; i++)
        GY_TRY(list_part(w, &change->added[i], err));
    return list_ids(change, w, err);
}

static void unlink_file(const struct gy_writer *w, uint64_t file, const char *suffix)
{
    char path[GY_PATH_SIZE];
    gy_store_path(w->live.dir, file, suffix, path);
    unlink(path); /* what stays is garbage, for the next writer to remove */
}

static void remove_live(struct gy_writer *w, uint64_t file)
{
    struct gy_live *live = &w->live;
    for (size_t i = 0; i < live->n_files; i++) {
        if (live->files[i].file != file)
            continue;
        gy_writer_part_goes(w, live->files[i].part);
        gy_part_close(live->files[i].part);
        memmove(&live->files[i], &live->files[i + 1],
                (live->n_files - i - 1) * sizeof *live->files);
        live->n_files--;
    }
}

static int by_arrival(const void *a, const void *b)
{
    const struct gy_live_part *x = a;
    const struct gy_live_part *y = b;
    if (x->sequence != y->sequence)
        return x->sequence < y->sequence ? -1 : 1;
    uint32_t x_block = gy_part_n_slices(x->part) == 0 ? 0 : gy_part_slice(x->part, 0)->block_no;
    uint32_t y_block = gy_part_n_slices(y->part) == 0 ? 0 : gy_part_slice(y->part, 0)->block_no;
    return (x_block > y_block) - (x_block < y_block);
}

void gy_file_change_apply(struct gy_file_change *change, struct gy_writer *w)
{
    for (size_t i = 0; i < change->n_removed; i++) {
        remove_live(w, change->removed[i]);
        unlink_file(w, change->removed[i], "part");
    }
    for (size_t i = 0; i < change->n_added; i++)
        gy_live_push_file(&w->live, &change->added[i]);
    change->n_added = 0;
    if (w->live.n_files > 1)
        qsort(w->live.files, w->live.n_files, sizeof *w->live.files, by_arrival);
    w->are_replacements_found = false; /* the rows that were found may have gone elsewhere */
    gy_identity_refresh(&w->identity);
}

void gy_file_change_release(struct gy_file_change *change, struct gy_writer *w)
{
    for (size_t i = 0; i < change->n_added; i++) {
        gy_part_close(change->added[i].part);
        if (!change->is_committing)
            unlink_file(w, change->added[i].file, "part");
    }
    if (change->ids != NULL) {
        gy_id_file_close(change->ids);
        if (!change->is_committing)
            unlink_file(w, change->ids_file, "ids");
    }
    free(change->added);
    free(change->removed);
    *change = (struct gy_file_change){0};
}

enum gy_status gy_writer_commit_catalog(struct gy_writer *w, struct gy_file_change *change,
                                        struct gy_error *err)
{
    static const char sql[] = "UPDATE meta SET value = ? WHERE key = ?";
    GY_TRY(gy_catalog_run(&w->catalog, err, sql, "is", w->next_file, GY_STR("next_file")));
    GY_TRY(gy_catalog_run(&w->catalog, err, sql, "is", w->next_sequence, GY_STR("next_sequence")));
    GY_TRY(gy_catalog_run(&w->catalog, err, sql, "is", w->next_link, GY_STR("next_link")));
    if (change != NULL)
        change->is_committing = true;
    return gy_catalog_commit(&w->catalog, err);
}

/* ---- one commit ---- */

struct commit {
    struct gy_writer *w;
    struct gy_batch *batch;
    uint64_t n_twice; /* calls that came twice in the batch, or were found at once */
    uint64_t n_twice_lines;
    size_t n_fresh; /* ids that it brings */
    int64_t import_ms;
    struct gy_plan plan;
    bool has_rows;
    struct gy_file_change change;
    struct gy_id_builder ids; /* the new ids, with their parents */
    struct gy_link *links;    /* of ids that were there before */
    size_t n_links;
    uint64_t sequence;
    uint64_t links_applied;
    int64_t position;
    bool is_log;
    struct gy_part *log_part;
    uint8_t *log_bytes; /* of the part; only until it is in the catalog */
    size_t log_size;
    struct gy_buf log_ids;
    int64_t import_id;
};

static void release_commit(struct commit *c)
{
    gy_plan_release(&c->plan);
    gy_file_change_release(&c->change, c->w);
    gy_id_builder_release(&c->ids);
    free(c->links);
    free(c->log_bytes);
    gy_part_close(c->log_part);
    gy_buf_release(&c->log_ids);
}

/* A link of a new id goes into the id file as its parent, one of an old id becomes a row. */
static enum gy_status split_links(struct commit *c, struct gy_error *err)
{
    const struct gy_identity *identity = &c->w->identity;
    uint32_t first = c->w->live.ids.n;
    uint32_t *parents = gy_realloc(NULL, identity->n_fresh + 1, sizeof *parents);
    memset(parents, 0xff, (identity->n_fresh + 1) * sizeof *parents);
    c->links = gy_realloc(NULL, identity->n_made + 1, sizeof *c->links);
    for (size_t i = 0; i < identity->n_made; i++) {
        struct gy_link link = identity->made[i];
        if (link.child >= first) {
            parents[link.child - first] = link.parent;
            continue;
        }
        link.seq = (uint64_t)(c->w->next_link + (int64_t)c->n_links);
        c->links[c->n_links++] = link;
    }
    bool fits = true;
    c->ids.first = first;
    for (size_t i = 0; i < identity->n_fresh && fits; i++) {
        fits = gy_id_builder_add(&c->ids, identity->fresh[i].is_external, identity->fresh[i].id,
                                 parents[i]);
    }
    free(parents);
    c->links_applied = (uint64_t)(c->w->next_link + (int64_t)c->n_links - 1);
    return fits ? GY_OK : gy_error_set(err, GY_LIMIT, "the batch brings more than 4 GiB of ids");
}

/* What stands on the ids and links as they are now. Nothing behind it asks for more of them than where
 * the rows of linked ids lie, so that ids may be added meanwhile, but no links. */
static enum gy_status begin(struct commit *c, struct gy_error *err)
{
    struct gy_writer *w = c->w;
    c->n_twice = w->n_duplicates;
    c->n_twice_lines = w->n_duplicate_lines;
    c->n_fresh = w->identity.n_fresh;
    c->import_ms = w->import_ms;
    GY_TRY(gy_writer_find_replaced(w, err));
    gy_plan_init(&c->plan, c->batch, &w->identity);
    gy_plan_roots(&c->plan);
    return split_links(c, err);
}

/* Which calls stay, and what they bring. */
static enum gy_status settle(struct commit *c, struct gy_error *err)
{
    gy_plan_order(&c->plan);
    GY_TRY(gy_dedupe_mark(&c->plan, &c->w->replaced, &c->w->many, &c->w->same_rows, err));
    GY_TRY(gy_plan_settle(&c->plan, c->import_ms, err));
    c->has_rows = c->plan.n_order > 0;
    return GY_OK;
}

static enum gy_status write_part_file(struct commit *c, struct gy_error *err)
{
    char path[GY_PATH_SIZE];
    struct gy_part_writer *writer;
    uint64_t file = gy_writer_new_path(c->w, "part", path);
    GY_TRY(gy_part_writer_new(path, &writer, err));
    enum gy_status status = gy_plan_write(&c->plan, writer, err);
    if (status != GY_OK) {
        gy_part_writer_abandon(writer);
        return status;
    }
    GY_TRY(gy_part_writer_finish(writer, err));
    return gy_file_change_add(&c->change, c->w, file, c->sequence, c->links_applied, err);
}

static enum gy_status write_id_file(struct commit *c, struct gy_error *err)
{
    char path[GY_PATH_SIZE];
    struct gy_buf bytes = {0};
    c->change.ids_file = gy_writer_new_path(c->w, "ids", path);
    gy_id_builder_finish(&c->ids, &bytes);
    enum gy_status status = gy_file_write(path, gy_buf_view(&bytes), err);
    gy_buf_release(&bytes);
    if (status == GY_OK)
        status = gy_id_file_open(path, &c->change.ids, err);
    if (status != GY_OK)
        unlink(path);
    return status;
}

static enum gy_status write_files(struct commit *c, struct gy_error *err)
{
    if (c->has_rows)
        GY_TRY(write_part_file(c, err));
    return c->ids.n > 0 ? write_id_file(c, err) : GY_OK;
}

/* The same in memory, for a row of the log. The part is opened from a copy, for the tail. */
static enum gy_status write_memory(struct commit *c, struct gy_error *err)
{
    struct gy_part_writer *writer;
    char label[64];
    GY_TRY(gy_part_writer_new(NULL, &writer, err));
    enum gy_status status = gy_plan_write(&c->plan, writer, err);
    if (status != GY_OK) {
        gy_part_writer_abandon(writer);
        return status;
    }
    GY_TRY(gy_part_writer_finish_memory(writer, &c->log_bytes, &c->log_size, err));
    snprintf(label, sizeof label, "batch %llu of the log", (unsigned long long)c->sequence);
    uint8_t *copy = gy_alloc_aligned(64, (c->log_size + 63) / 64 * 64);
    memcpy(copy, c->log_bytes, c->log_size);
    GY_TRY(gy_part_open_memory(copy, c->log_size, label, &c->log_part, err));
    if (c->ids.n == 0)
        return GY_OK;
    gy_id_builder_finish(&c->ids, &c->log_ids);
    return gy_id_file_open_memory(gy_buf_view(&c->log_ids), "of the log", &c->change.ids, err);
}

/* Parts with rows that are replaced are written again without them. */
static enum gy_status rewrite_replaced(struct commit *c, struct gy_error *err)
{
    struct gy_writer *w = c->w;
    for (size_t i = 0; i < w->live.n_files; i++) {
        bool has_some = false;
        for (size_t r = 0; r < w->n_replaced_rows && !has_some; r++)
            has_some = w->replaced_rows[r].part == w->live.files[i].part;
        struct gy_rewrite rewrite = {.inputs = &w->live.files[i],
                                     .n_inputs = 1,
                                     .schema = &w->live.schema,
                                     .drops_replaced = true,
                                     .moves_nothing = true};
        if (has_some)
            GY_TRY(gy_writer_rewrite(w, &rewrite, &c->change, err));
    }
    return GY_OK;
}

/* ---- its transaction ---- */

static enum gy_status put_names(struct commit *c, struct gy_error *err)
{
    const struct gy_schema *old = &c->w->live.schema;
    const struct gy_schema *new = c->plan.schema;
    struct gy_catalog *catalog = &c->w->catalog;
    for (uint32_t i = 0; i < old->n_streams; i++) {
        if (old->streams[i].type != new->streams[i].type) {
            GY_TRY(gy_catalog_run(catalog, err, "UPDATE stream SET type = ? WHERE id = ?", "ii",
                                  (int64_t) new->streams[i].type, (int64_t)old->streams[i].id));
        }
    }
    for (uint32_t i = old->n_streams; i < new->n_streams; i++) {
        const struct gy_stream *s = &new->streams[i];
        GY_TRY(gy_catalog_run(catalog, err, "INSERT INTO stream VALUES(?, ?, ?, ?, ?)", "iisii",
                              (int64_t)s->id, (int64_t)s->kind, s->name, (int64_t)s->type,
                              (int64_t)s->parent));
    }
    for (uint32_t i = old->n_properties; i < new->n_properties; i++) {
        const struct gy_property *p = &new->properties[i];
        GY_TRY(gy_catalog_run(catalog, err, "INSERT INTO property VALUES(?, ?, ?, ?)", "iisi",
                              (int64_t)p->id, (int64_t)p->stream, p->name, (int64_t)p->type));
    }
    return GY_OK;
}

static enum gy_status put_links(struct commit *c, struct gy_error *err)
{
    sqlite3_stmt *stmt;
    enum gy_status status =
        gy_catalog_select(&c->w->catalog, &stmt, err, "INSERT INTO link VALUES(?, ?, ?)", "");
    for (size_t i = 0; i < c->n_links && status == GY_OK; i++) {
        status = gy_catalog_again(&c->w->catalog, stmt, err, "iii", (int64_t)c->links[i].seq,
                                  (int64_t)c->links[i].child, (int64_t)c->links[i].parent);
    }
    sqlite3_finalize(stmt);
    return status;
}

static int64_t n_duplicates(const struct commit *c)
{
    return (int64_t)(c->plan.n_dropped + c->n_twice);
}

static enum gy_status put_import(struct commit *c, struct gy_error *err)
{
    const struct gy_import *import = &c->w->import;
    struct gy_catalog *catalog = &c->w->catalog;
    c->import_id = import->id;
    if (import->name == NULL || c->is_log)
        return GY_OK;
    if (import->id != 0) {
        return gy_catalog_run(catalog, err,
                              "UPDATE import SET position = ?, taken = taken + ?,"
                              " duplicates = duplicates + ?, committed_ms = ? WHERE id = ?",
                              "iiiii", c->position, (int64_t)c->plan.n_order, n_duplicates(c),
                              gy_now_ms(), import->id);
    }
    GY_TRY(gy_catalog_run(catalog, err, "INSERT INTO import VALUES(NULL, ?, ?, ?, ?, ?, ?)",
                          "siiiii", gy_str_of(import->name), c->position, (int64_t)c->plan.n_order,
                          n_duplicates(c), import->started_ms, gy_now_ms()));
    c->import_id = sqlite3_last_insert_rowid(catalog->db);
    return GY_OK;
}

static enum gy_status put_log(struct commit *c, struct gy_error *err)
{
    if (!c->is_log || !c->has_rows)
        return GY_OK;
    return gy_catalog_run(&c->w->catalog, err, "INSERT INTO log VALUES(?, ?, ?, ?, ?, ?)",
                          c->ids.n > 0 ? "iiiibb" : "iiiibn", (int64_t)c->sequence, gy_now_ms(),
                          (int64_t)c->ids.n, (int64_t)c->links_applied,
                          (struct gy_str){(const char *)c->log_bytes, c->log_size},
                          gy_buf_view(&c->log_ids));
}

static enum gy_status put_all(struct commit *c, struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&c->w->catalog, true, err));
    GY_TRY(put_names(c, err));
    GY_TRY(put_links(c, err));
    GY_TRY(put_import(c, err));
    GY_TRY(put_log(c, err));
    GY_TRY(gy_writer_put_dead_letters(c->w, err));
    if (!c->is_log)
        GY_TRY(gy_file_change_list(&c->change, c->w, err));
    return gy_writer_commit_catalog(c->w, &c->change, err);
}

static enum gy_status put_in_catalog(struct commit *c, struct gy_error *err)
{
    int64_t next_link = c->w->next_link;
    c->w->next_link += (int64_t)c->n_links;
    enum gy_status status = put_all(c, err);
    if (status != GY_OK) {
        gy_catalog_rollback(&c->w->catalog);
        c->w->next_link = next_link;
    }
    return status;
}

/* ---- afterwards ---- */

/* Nothing here may fail: it is committed. What could only fail for damaged memory is asserted. */
static void take_over(struct commit *c)
{
    struct gy_writer *w = c->w;
    struct gy_error err = {0};
    gy_file_change_apply(&c->change, w);
    if (c->change.ids != NULL) {
        GY_ASSERT(gy_live_push_ids(&w->live, c->change.ids, c->is_log ? 0 : c->change.ids_file,
                                   &err) == GY_OK);
    }
    c->change.ids = NULL;
    for (size_t i = 0; i < c->n_links; i++)
        gy_live_push_link(&w->live, &c->links[i]);
    if (c->plan.has_new_schema) {
        gy_schema_release(&w->live.schema);
        w->live.schema = c->plan.new_schema;
        c->plan.has_new_schema = false;
    }
    w->import.id = c->import_id;
    gy_writer_forget_replacements(w);
    gy_writer_forget_dead_letters(w);
    gy_same_rows_settle(&w->same_rows);
    gy_customer_calls_reset(&w->many);
    gy_identity_settled(&w->identity, c->n_fresh);
}

/* Of the batch in hand, once it is committed. */
static void forget_batch(struct gy_writer *w)
{
    w->n_duplicates = 0;
    w->n_duplicate_lines = 0;
    gy_key_counts_reset(&w->seen);
    gy_batch_reset(&w->batch, &w->live.schema);
}

static void join_counts(struct gy_commit_counts *counts, const struct gy_commit_counts *more)
{
    counts->taken += more->taken;
    counts->duplicates += more->duplicates;
    counts->lines_taken += more->lines_taken;
    counts->lines_duplicate += more->lines_duplicate;
    counts->misfits += more->misfits;
    if (counts->misfit_example[0] == '\0')
        memcpy(counts->misfit_example, more->misfit_example, sizeof counts->misfit_example);
}

static void add_counts(const struct commit *c, struct gy_commit_counts *counts)
{
    struct gy_commit_counts own = {.taken = c->plan.n_order,
                                   .duplicates = (uint64_t)n_duplicates(c),
                                   .lines_duplicate = c->n_twice_lines,
                                   .misfits = c->plan.n_misfits};
    if (counts == NULL)
        return;
    for (uint32_t i = 0; i < c->batch->n_calls; i++) {
        uint32_t n_lines = c->batch->calls[i].n_lines;
        if (gy_plan_is_dropped(&c->plan, i)) {
            own.lines_duplicate += n_lines;
        } else {
            own.lines_taken += n_lines;
        }
    }
    memcpy(own.misfit_example, c->plan.misfit_example, sizeof own.misfit_example);
    join_counts(counts, &own);
}

static bool is_empty(const struct gy_writer *w)
{
    return w->batch.n_calls == 0 && w->n_duplicates == 0 && w->n_replacements == 0 &&
           w->n_letters == 0;
}

static enum gy_status make_durable(struct commit *c, struct gy_error *err)
{
    c->sequence = (uint64_t)c->w->next_sequence;
    if (c->has_rows && c->is_log) {
        GY_TRY(write_memory(c, err));
    } else if (!c->is_log) {
        GY_TRY(rewrite_replaced(c, err));
        GY_TRY(write_files(c, err));
    }
    c->w->next_sequence++;
    return put_in_catalog(c, err);
}

/* It is committed and in the tail; should merging the tail fail, its parts stay apart. */
static void push_tail(const struct commit *c, struct gy_part *part)
{
    struct gy_live *live = &c->w->live;
    enum gy_status status = gy_live_push_tail(live, part, c->sequence, c->links_applied, NULL);
    if (status != GY_OK)
        GY_ASSERT(live->n_tail > 1);
    gy_identity_refresh(&c->w->identity);
}

static enum gy_status commit_file(struct gy_writer *w, uint64_t position,
                                  struct gy_commit_counts *counts, struct gy_error *err);

/* A row of the log has rows of a part. Ids that come without any (a claim by a call that turned out to
 * be a duplicate) go into a file. */
static enum gy_status commit_batch(struct gy_writer *w, bool is_log, uint64_t position,
                                   struct gy_commit_counts *counts, struct gy_error *err)
{
    struct commit c = {.w = w, .batch = &w->batch, .is_log = is_log, .position = (int64_t)position};
    enum gy_status status = begin(&c, err);
    if (status == GY_OK)
        status = settle(&c, err);
    if (status == GY_OK && is_log && !c.has_rows && w->identity.n_fresh > 0) {
        release_commit(&c);
        return commit_file(w, position, counts, err);
    }
    if (status == GY_OK)
        status = make_durable(&c, err);
    if (status != GY_OK) {
        release_commit(&c);
        return status;
    }
    add_counts(&c, counts);
    struct gy_part *tail_part = c.log_part;
    c.log_part = NULL;
    take_over(&c);
    forget_batch(w);
    if (tail_part != NULL)
        push_tail(&c, tail_part);
    release_commit(&c);
    return GY_OK;
}

/* The log comes first, so that what is in it always came after what is in files. */
static enum gy_status commit_file(struct gy_writer *w, uint64_t position,
                                  struct gy_commit_counts *counts, struct gy_error *err)
{
    GY_TRY(gy_writer_fold_log(w, err));
    return commit_batch(w, false, position, counts, err);
}

enum gy_status gy_writer_commit(struct gy_writer *w, uint64_t position,
                                struct gy_commit_counts *counts, struct gy_error *err)
{
    GY_TRY(gy_writer_wait(w, counts, err));
    return is_empty(w) ? GY_OK : commit_file(w, position, counts, err);
}

/* Replaced calls lie in files that have to be written anew, and a large batch is a file in all but name:
 * that is no work for the log. */
enum gy_status gy_writer_commit_log(struct gy_writer *w, struct gy_commit_counts *counts,
                                    struct gy_error *err)
{
    GY_TRY(gy_writer_wait(w, counts, err));
    if (w->n_replacements > 0 || gy_batch_bytes(&w->batch) > MAX_LOG_BYTES)
        return gy_writer_commit(w, 0, counts, err);
    return is_empty(w) ? GY_OK : commit_batch(w, true, 0, counts, err);
}

enum gy_status gy_writer_rehearse(struct gy_writer *w, struct gy_commit_counts *counts,
                                  struct gy_error *err)
{
    struct commit c = {.w = w, .batch = &w->batch};
    GY_TRY(gy_writer_wait(w, counts, err));
    enum gy_status status = is_empty(w) ? GY_OK : begin(&c, err);
    if (status == GY_OK && !is_empty(w))
        status = settle(&c, err);
    if (status == GY_OK && !is_empty(w))
        add_counts(&c, counts);
    release_commit(&c);
    if (status == GY_OK) {
        gy_same_rows_settle(&w->same_rows);
        gy_writer_discard(w);
    }
    return status;
}

/* ---- while calls are added ---- */

struct gy_commit_ahead {
    struct commit commit;
    struct gy_batch batch;
    struct gy_key_counts seen; /* of the batch, which may have to be taken back */
    pthread_t thread;
    bool is_threaded;
    enum gy_status status;
    struct gy_error error;
};

static void *run_ahead(void *arg)
{
    struct gy_commit_ahead *ahead = arg;
    ahead->status = settle(&ahead->commit, &ahead->error);
    if (ahead->status == GY_OK)
        ahead->status = make_durable(&ahead->commit, &ahead->error);
    return NULL;
}

static void free_ahead(struct gy_commit_ahead *ahead)
{
    release_commit(&ahead->commit);
    gy_batch_release(&ahead->batch);
    gy_key_counts_release(&ahead->seen);
    free(ahead);
}

/* The writer has a new batch, which knows that this one comes before it. */
static void hand_over(struct gy_writer *w, struct gy_commit_ahead *ahead)
{
    ahead->batch = w->batch;
    ahead->seen = w->seen;
    gy_batch_init_after(&w->batch, &w->live.schema, &ahead->batch);
    w->seen = (struct gy_key_counts){0};
}

static void take_back(struct gy_writer *w, struct gy_commit_ahead *ahead)
{
    gy_batch_release(&w->batch);
    w->batch = ahead->batch;
    w->seen = ahead->seen;
    ahead->batch = (struct gy_batch){0};
    ahead->seen = (struct gy_key_counts){0};
}

enum gy_status gy_writer_commit_ahead(struct gy_writer *w, uint64_t position, struct gy_error *err)
{
    GY_TRY(gy_writer_wait(w, NULL, err));
    if (is_empty(w))
        return GY_OK;
    GY_TRY(gy_writer_fold_log(w, err));
    struct gy_commit_ahead *ahead = gy_alloc_zero(1, sizeof *ahead);
    hand_over(w, ahead);
    ahead->commit = (struct commit){.w = w, .batch = &ahead->batch, .position = (int64_t)position};
    enum gy_status status = begin(&ahead->commit, err);
    if (status != GY_OK) {
        take_back(w, ahead);
        free_ahead(ahead);
        return status;
    }
    w->n_duplicates = 0;
    w->n_duplicate_lines = 0;
    w->ahead = ahead;
    ahead->is_threaded = pthread_create(&ahead->thread, NULL, run_ahead, ahead) == 0;
    if (!ahead->is_threaded)
        (void)run_ahead(ahead);
    return GY_OK;
}

/* After a failure nothing that stands on the batch can stay: ids that it has brought may be in use. */
static enum gy_status end_ahead(struct gy_writer *w, struct gy_error *err)
{
    struct gy_commit_ahead *ahead = w->ahead;
    enum gy_status status = ahead->status;
    w->ahead = NULL;
    if (status == GY_OK) {
        add_counts(&ahead->commit, &w->waiting);
        take_over(&ahead->commit);
        gy_batch_stand_alone(&w->batch);
    } else {
        if (err != NULL)
            *err = ahead->error;
        gy_writer_discard(w);
    }
    free_ahead(ahead);
    return status;
}

enum gy_status gy_writer_wait(struct gy_writer *w, struct gy_commit_counts *counts,
                              struct gy_error *err)
{
    enum gy_status status = GY_OK;
    if (w->ahead != NULL) {
        if (w->ahead->is_threaded)
            pthread_join(w->ahead->thread, NULL);
        status = end_ahead(w, err);
    }
    if (counts != NULL) {
        join_counts(counts, &w->waiting);
        w->waiting = (struct gy_commit_counts){0};
    }
    return status;
}
