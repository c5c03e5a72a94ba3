/* maintain.c - the log becomes files, files become fewer, customers that were merged move together.
 *
 * A *run* is what one commit or merge wrote: files with one sequence. Looking back from the newest run,
 * runs are merged as long as the next older one is at most one and a half times as large as all of them
 * together, and there are at least four: so about log2(n) runs stand at any time, and a row is
 * rewritten about log2(n) times. Each step is a transaction of its own that leaves the data as it was.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "store/writer_internal.h"

enum {
    FEWEST_TO_MERGE = 4,
    MANY_LINKS = 1000
};

/* ---- one merge ---- */

struct rewriting {
    struct gy_writer *w;
    const struct gy_rewrite *rewrite;
    uint64_t *files; /* the numbers of the outputs */
    size_t n_files;
    size_t files_capacity;
    struct gy_key_counts dropped; /* rows left out */
    uint64_t seed;
};

static void give_path(void *context, size_t i, char out[4096])
{
    struct rewriting *r = context;
    while (r->n_files <= i) {
        GY_GROW(r->files, r->files_capacity, r->n_files + 1);
        r->files[r->n_files++] = gy_writer_new_path(r->w, "part", out);
    }
    gy_store_path(r->w->live.dir, r->files[i], "part", out);
}

/* What tells a row among those of an input, wherever it moves. */
static uint64_t row_key(const struct rewriting *r, const struct gy_part *part, uint32_t stream,
                        uint32_t root, int64_t time_ms, uint32_t row)
{
    uint64_t fields[4] = {(uint64_t)(uintptr_t)part, (uint64_t)stream << 32 | root,
                          (uint64_t)time_ms, row};
    return gy_hash(fields, sizeof fields, r->seed);
}

static bool is_dropped(void *context, uint32_t stream, uint32_t ordinal, int64_t time_ms,
                       uint32_t rank, uint64_t fingerprint, size_t input, uint32_t row)
{
    const struct rewriting *r = context;
    (void)rank;
    (void)fingerprint;
    uint64_t key = row_key(r, r->rewrite->inputs[input].part, stream, ordinal, time_ms, row);
    return gy_key_counts_get(&r->dropped, key) > 0;
}

/* The links that are committed. `live` also has those of the batch in hand, and a row must not move to
 * a customer that is only to be. */
static void stored_links(const struct gy_live *live, struct gy_links *out)
{
    *out = (struct gy_links){.ids = &live->ids};
    for (size_t i = 0; i < live->n_link_rows; i++)
        gy_links_add(out, live->link_rows[i].child, live->link_rows[i].parent);
}

/* The last link that the rows of all inputs follow. */
static uint64_t least_applied(const struct gy_rewrite *rewrite)
{
    uint64_t applied = UINT64_MAX;
    for (size_t i = 0; i < rewrite->n_inputs; i++) {
        uint64_t one = rewrite->inputs[i].links_applied;
        applied = one < applied ? one : applied;
    }
    return applied;
}

size_t gy_writer_list_moves(const struct gy_writer *w, const struct gy_rewrite *rewrite,
                            struct gy_move **out)
{
    const struct gy_live *live = &w->live;
    struct gy_links links;
    uint64_t applied = rewrite->moves_nothing ? UINT64_MAX : least_applied(rewrite);
    stored_links(live, &links);
    size_t n = gy_live_moves(live, &links, applied, out);
    gy_links_release(&links);
    return n;
}

static void list_dropped(struct rewriting *r, const struct gy_move *moves, size_t n_moves)
{
    const struct gy_writer *w = r->w;
    struct gy_links targets = {0}; /* only its table */
    gy_random_bytes(&r->seed, sizeof r->seed);
    if (!r->rewrite->drops_replaced)
        return;
    for (size_t i = 0; i < n_moves; i++)
        gy_links_set(&targets, moves[i].from, moves[i].to);
    for (size_t i = 0; i < w->n_replaced_rows; i++) {
        const struct gy_stored_row *row = &w->replaced_rows[i];
        uint32_t to = gy_links_parent(&targets, row->ordinal);
        gy_key_counts_add(&r->dropped,
                          row_key(r, row->part, row->stream, to == GY_ID_NONE ? row->ordinal : to,
                                  row->time_ms, row->row));
    }
    gy_links_release(&targets);
}

/* The outputs are opened and added; the inputs go. */
static enum gy_status exchange(struct rewriting *r, const size_t *made, size_t n_made,
                               struct gy_file_change *change, struct gy_error *err)
{
    const struct gy_live_part *inputs = r->rewrite->inputs;
    uint64_t sequence = inputs[r->rewrite->n_inputs - 1].sequence;
    uint64_t links_applied =
        r->rewrite->moves_nothing ? least_applied(r->rewrite) : (uint64_t)(r->w->next_link - 1);
    enum gy_status status = GY_OK;
    for (size_t i = 0; i < n_made; i++) {
        char path[GY_PATH_SIZE];
        uint64_t file = r->files[made[i]];
        if (status == GY_OK) {
            status = gy_file_change_add(change, r->w, file, sequence, links_applied, err);
        } else {
            gy_store_path(r->w->live.dir, file, "part", path);
            unlink(path);
        }
    }
    for (size_t i = 0; i < r->rewrite->n_inputs; i++) {
        if (inputs[i].file == 0)
            continue;
        GY_GROW(change->removed, change->removed_capacity, change->n_removed + 1);
        change->removed[change->n_removed++] = inputs[i].file;
    }
    return status;
}

enum gy_status gy_writer_rewrite(struct gy_writer *w, const struct gy_rewrite *rewrite,
                                 struct gy_file_change *change, struct gy_error *err)
{
    struct rewriting r = {.w = w, .rewrite = rewrite};
    struct gy_move *moves;
    size_t *made;
    size_t n_made;
    size_t n_moves = gy_writer_list_moves(w, rewrite, &moves);
    list_dropped(&r, moves, n_moves);
    const struct gy_part **parts = gy_realloc(NULL, rewrite->n_inputs, sizeof *parts);
    for (size_t i = 0; i < rewrite->n_inputs; i++)
        parts[i] = rewrite->inputs[i].part;
    struct gy_merge merge = {.inputs = parts,
                             .n_inputs = rewrite->n_inputs,
                             .schema = rewrite->schema,
                             .zone = w->live.zone,
                             .moves = moves,
                             .n_moves = n_moves,
                             .erased = w->live.erased.pending,
                             .drop = rewrite->drops_replaced ? is_dropped : NULL,
                             .drop_context = &r,
                             .target_size = GY_TARGET_FILE_SIZE,
                             .path = give_path,
                             .path_context = &r};
    enum gy_status status = gy_merge_files(&merge, &made, &n_made, err);
    if (status == GY_OK)
        status = exchange(&r, made, n_made, change, err);
    free(made);
    free(parts);
    free(moves);
    free(r.files);
    gy_key_counts_release(&r.dropped);
    return status;
}

/* ---- id files ---- */

/* Writes the ids of the files [first, end) as one file. */
static enum gy_status join_ids(struct gy_writer *w, size_t first, size_t end,
                               const struct gy_links *links, struct gy_file_change *change,
                               struct gy_error *err)
{
    char path[GY_PATH_SIZE];
    struct gy_buf bytes = {0};
    if (!gy_ids_join(&w->live.ids, first, end, links, w->live.erased.pending, &bytes))
        return gy_error_set(err, GY_LIMIT, "the ids do not fit into one file");
    change->ids_file = gy_writer_new_path(w, "ids", path);
    enum gy_status status = gy_file_write(path, gy_buf_view(&bytes), err);
    gy_buf_release(&bytes);
    if (status == GY_OK)
        status = gy_id_file_open(path, &change->ids, err);
    if (status != GY_OK)
        unlink(path);
    return status;
}

enum gy_status gy_writer_unlist_ids(struct gy_writer *w, size_t first, size_t end,
                                    struct gy_error *err)
{
    for (size_t i = first; i < end; i++) {
        GY_TRY(gy_catalog_run(&w->catalog, err, "DELETE FROM ids WHERE file = ?", "i",
                              (int64_t)w->live.id_file_numbers[i]));
    }
    return GY_OK;
}

void gy_writer_exchange_ids(struct gy_writer *w, size_t first, size_t end,
                            struct gy_file_change *change)
{
    struct gy_ids *ids = &w->live.ids;
    uint64_t *numbers = w->live.id_file_numbers;
    for (size_t i = first; i < end; i++) {
        char path[GY_PATH_SIZE];
        gy_writer_ids_go(w, ids->files[i]);
        gy_id_file_close(ids->files[i]);
        gy_store_path(w->live.dir, numbers[i], "ids", path);
        if (numbers[i] != 0)
            unlink(path);
    }
    ids->files[first] = change->ids;
    numbers[first] = change->ids_file;
    change->ids = NULL;
    memmove(ids->files + first + 1, ids->files + end, (ids->n_files - end) * sizeof *ids->files);
    memmove(numbers + first + 1, numbers + end, (ids->n_files - end) * sizeof *numbers);
    ids->n_files -= end - first - 1;
}

/* ---- the log ---- */

static enum gy_status commit_fold(struct gy_writer *w, struct gy_file_change *change,
                                  struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    GY_TRY(gy_file_change_list(change, w, err));
    GY_TRY(gy_catalog_run(&w->catalog, err, "DELETE FROM log", ""));
    return gy_writer_commit_catalog(w, change, err);
}

static void drop_tail(struct gy_writer *w)
{
    for (size_t i = 0; i < w->live.n_tail; i++) {
        gy_writer_part_goes(w, w->live.tail[i].part);
        gy_part_close(w->live.tail[i].part);
    }
    w->live.n_tail = 0;
}

size_t gy_writer_first_log_ids(const struct gy_live *live)
{
    size_t i = live->ids.n_files;
    while (i > 0 && live->id_file_numbers[i - 1] == 0)
        i--;
    return i;
}

enum gy_status gy_writer_fold_log(struct gy_writer *w, struct gy_error *err)
{
    struct gy_file_change change = {0};
    struct gy_rewrite rewrite = {
        .inputs = w->live.tail, .n_inputs = w->live.n_tail, .schema = &w->live.schema};
    size_t first = gy_writer_first_log_ids(&w->live);
    size_t end = w->live.ids.n_files;
    if (w->live.n_tail == 0)
        return GY_OK;
    enum gy_status status = gy_writer_rewrite(w, &rewrite, &change, err);
    if (status == GY_OK && first < end)
        status = join_ids(w, first, end, NULL, &change, err);
    if (status == GY_OK)
        status = commit_fold(w, &change, err);
    if (status == GY_OK) {
        if (first < end)
            gy_writer_exchange_ids(w, first, end, &change);
        drop_tail(w);
        gy_file_change_apply(&change, w);
    }
    gy_catalog_rollback(&w->catalog);
    gy_file_change_release(&change, w);
    return status;
}

/* ---- fewer files ---- */

static enum gy_status commit_change(struct gy_writer *w, struct gy_file_change *change,
                                    struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    GY_TRY(gy_file_change_list(change, w, err));
    return gy_writer_commit_catalog(w, change, err);
}

static enum gy_status rewrite_files(struct gy_writer *w, const struct gy_rewrite *rewrite,
                                    struct gy_error *err)
{
    struct gy_file_change change = {0};
    enum gy_status status = gy_writer_rewrite(w, rewrite, &change, err);
    if (status == GY_OK)
        status = commit_change(w, &change, err);
    if (status == GY_OK)
        gy_file_change_apply(&change, w);
    gy_catalog_rollback(&w->catalog);
    gy_file_change_release(&change, w);
    return status;
}

/* Merges the files from `first` up to `end` into one run. */
static enum gy_status merge_files(struct gy_writer *w, size_t first, size_t end,
                                  struct gy_error *err)
{
    struct gy_rewrite rewrite = {
        .inputs = w->live.files + first, .n_inputs = end - first, .schema = &w->live.schema};
    return rewrite_files(w, &rewrite, err);
}

enum gy_status gy_writer_rewrite_file(struct gy_writer *w, size_t i, struct gy_error *err)
{
    struct gy_rewrite rewrite = {.inputs = w->live.files + i,
                                 .n_inputs = 1,
                                 .schema = &w->live.schema,
                                 .moves_nothing = true};
    return rewrite_files(w, &rewrite, err);
}

/* The first file of the run that ends before `end`. */
static size_t run_before(const struct gy_live *live, size_t end, uint64_t *bytes)
{
    size_t first = end;
    *bytes = 0;
    while (first > 0 && live->files[first - 1].sequence == live->files[end - 1].sequence)
        *bytes += live->files[--first].bytes;
    return first;
}

size_t gy_writer_first_to_merge(const struct gy_live *live, size_t least)
{
    uint64_t total = 0;
    size_t n_runs = 0;
    size_t first = live->n_files;
    while (first > least) {
        uint64_t bytes;
        size_t before = run_before(live, first, &bytes);
        if (n_runs > 0 && bytes > total + total / 2)
            break;
        total += bytes;
        first = before;
        n_runs++;
    }
    return n_runs >= FEWEST_TO_MERGE ? first : live->n_files;
}

static enum gy_status merge_runs(struct gy_writer *w, struct gy_error *err)
{
    size_t first = gy_writer_first_to_merge(&w->live, 0);
    return first < w->live.n_files ? merge_files(w, first, w->live.n_files, err) : GY_OK;
}

/* ---- fewer id files ---- */

static enum gy_status commit_ids(struct gy_writer *w, size_t first, size_t end, bool takes_links,
                                 struct gy_file_change *change, struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    GY_TRY(gy_writer_unlist_ids(w, first, end, err));
    GY_TRY(gy_file_change_list(change, w, err));
    if (takes_links)
        GY_TRY(gy_catalog_run(&w->catalog, err, "DELETE FROM link", ""));
    return gy_writer_commit_catalog(w, change, err);
}

/* Joins id files; with `takes_links` all of them, and every link becomes a parent in the file. */
static enum gy_status join_id_files(struct gy_writer *w, size_t first, size_t end, bool takes_links,
                                    struct gy_error *err)
{
    struct gy_file_change change = {0};
    enum gy_status status =
        join_ids(w, first, end, takes_links ? &w->live.links : NULL, &change, err);
    if (status == GY_OK)
        status = commit_ids(w, first, end, takes_links, &change, err);
    if (status == GY_OK) {
        gy_writer_exchange_ids(w, first, end, &change);
        w->live.n_link_rows = takes_links ? 0 : w->live.n_link_rows;
    }
    gy_catalog_rollback(&w->catalog);
    gy_file_change_release(&change, w);
    return status;
}

enum gy_status gy_writer_rewrite_ids(struct gy_writer *w, size_t i, struct gy_error *err)
{
    return join_id_files(w, i, i + 1, false, err);
}

size_t gy_writer_first_ids_to_join(const struct gy_ids *ids, size_t end)
{
    uint64_t total = 0;
    uint64_t bytes = 0;
    size_t first = end;
    while (first > 0 && (total == 0 || gy_id_file_n(ids->files[first - 1]) <= total + total / 2)) {
        first--;
        total += gy_id_file_n(ids->files[first]);
        bytes += gy_id_file_size(ids->files[first]);
    }
    bool pays = end - first >= FEWEST_TO_MERGE && bytes < UINT32_MAX;
    return pays ? first : end;
}

static enum gy_status merge_ids(struct gy_writer *w, struct gy_error *err)
{
    size_t end = w->live.ids.n_files;
    size_t first = gy_writer_first_ids_to_join(&w->live.ids, end);
    return first < end ? join_id_files(w, first, end, false, err) : GY_OK;
}

/* ---- links ---- */

static size_t count_later(const struct gy_live *live, uint64_t applied)
{
    size_t n = 0;
    while (n < live->n_link_rows && live->link_rows[live->n_link_rows - 1 - n].seq > applied)
        n++;
    return n;
}

/* Every customer of a part has a row in its stream of existence. */
enum gy_status gy_part_names(const struct gy_part *part, uint32_t ordinal, bool *has,
                             struct gy_error *err)
{
    struct gy_runs runs;
    uint32_t first;
    uint32_t end;
    const struct gy_slice *slice = gy_part_find(part, ordinal >> 16, GY_STREAM_EXISTENCE);
    if (slice == NULL)
        return GY_OK;
    GY_TRY(gy_part_runs(part, slice, &runs, err));
    *has |= gy_runs_find(&runs, (uint16_t)(ordinal & 0xffff), &first, &end);
    return GY_OK;
}

enum gy_status gy_writer_needs_moves(const struct gy_live_part *files, size_t n,
                                     const struct gy_link *links, size_t n_links, bool *needs,
                                     struct gy_error *err)
{
    *needs = false;
    for (size_t f = 0; f < n && !*needs; f++) {
        for (size_t i = 0; i < n_links && !*needs; i++) {
            if (links[i].seq > files[f].links_applied)
                GY_TRY(gy_part_names(files[f].part, links[i].child, needs, err));
        }
    }
    return GY_OK;
}

/* A run without rows that move follows all links as it is. */
static enum gy_status mark_applied(struct gy_writer *w, size_t first, size_t end,
                                   struct gy_error *err)
{
    GY_TRY(gy_catalog_run(&w->catalog, err, "UPDATE part SET links_applied = ? WHERE sequence = ?",
                          "ii", w->next_link - 1, (int64_t)w->live.files[first].sequence));
    for (size_t i = first; i < end; i++)
        w->live.files[i].links_applied = (uint64_t)(w->next_link - 1);
    return GY_OK;
}

/* Rewrites every run that holds rows of children, one at a time, from the newest. */
static enum gy_status apply_links(struct gy_writer *w, struct gy_error *err)
{
    size_t end = w->live.n_files;
    while (end > 0) {
        uint64_t bytes;
        bool needs;
        size_t first = run_before(&w->live, end, &bytes);
        GY_TRY(gy_writer_needs_moves(w->live.files + first, end - first, w->live.link_rows,
                                     w->live.n_link_rows, &needs, err));
        if (needs) {
            GY_TRY(merge_files(w, first, end, err));
        } else {
            GY_TRY(mark_applied(w, first, end, err));
        }
        end = first;
    }
    gy_identity_refresh(&w->identity);
    return GY_OK;
}

bool gy_writer_are_links_many(const struct gy_live *live, uint64_t applied)
{
    size_t n = count_later(live, applied);
    return n > MANY_LINKS || n * 100 > live->ids.n;
}

/* ---- all of it ---- */

/* What of the file in hand is stored lies among older rows from now on. */
static void end_file(struct gy_writer *w)
{
    gy_same_rows_begin(&w->same_rows, (uint64_t)w->next_sequence);
}

enum gy_status gy_writer_maintain(struct gy_writer *w, struct gy_error *err)
{
    end_file(w);
    GY_TRY(gy_writer_fold_log(w, err));
    GY_TRY(merge_runs(w, err));
    GY_TRY(merge_ids(w, err));
    if (gy_writer_are_links_many(&w->live, gy_live_links_applied(&w->live)))
        GY_TRY(apply_links(w, err));
    if (w->batch.n_calls > 0)
        return GY_OK; /* they know the ids as they are */
    enum gy_status status = gy_writer_finish_erasures(w, err);
    return status == GY_BUSY ? GY_OK : status; /* the next time, then */
}

size_t gy_writer_n_runs(const struct gy_writer *w)
{
    const struct gy_live *live = &w->live;
    size_t n = 0;
    for (size_t i = 0; i < live->n_files; i++)
        n += i == 0 || live->files[i].sequence != live->files[i - 1].sequence;
    return n;
}

/* The parents in the file are then the roots, and no row of `link` is left. Links of a batch that is not
 * committed are none of the file's business, so they have to be gone. */
static bool can_take_links(const struct gy_writer *w)
{
    return w->identity.n_made == 0 && (w->live.n_link_rows > 0 || w->live.ids.n_files > 1);
}

enum gy_status gy_writer_compact(struct gy_writer *w, struct gy_error *err)
{
    end_file(w);
    GY_TRY(gy_writer_fold_log(w, err));
    if (gy_writer_n_runs(w) > 1 || count_later(&w->live, gy_live_links_applied(&w->live)) > 0)
        GY_TRY(merge_files(w, 0, w->live.n_files, err));
    if (can_take_links(w))
        GY_TRY(join_id_files(w, 0, w->live.ids.n_files, true, err));
    return GY_OK;
}

/* ---- types ---- */

static bool has_stream(const struct gy_part *part, uint32_t stream)
{
    return gy_part_n_rows(part, stream) > 0;
}

static enum gy_status rewrite_runs(struct gy_writer *w, const struct gy_schema *schema,
                                   uint32_t stream, struct gy_file_change *change,
                                   struct gy_error *err)
{
    for (size_t end = w->live.n_files, first; end > 0; end = first) {
        uint64_t bytes;
        bool has_some = false;
        first = run_before(&w->live, end, &bytes);
        for (size_t i = first; i < end; i++)
            has_some |= has_stream(w->live.files[i].part, stream);
        struct gy_rewrite rewrite = {
            .inputs = w->live.files + first, .n_inputs = end - first, .schema = schema};
        if (has_some)
            GY_TRY(gy_writer_rewrite(w, &rewrite, change, err));
    }
    return GY_OK;
}

static enum gy_status commit_type(struct gy_writer *w, const char *sql, uint32_t id,
                                  enum gy_value_type type, struct gy_file_change *change,
                                  struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    GY_TRY(gy_file_change_list(change, w, err));
    GY_TRY(gy_catalog_run(&w->catalog, err, sql, "ii", (int64_t)type, (int64_t)id));
    return gy_writer_commit_catalog(w, change, err);
}

/* `changed` is the schema with the new type, which `live` has after the commit. */
static enum gy_status change_type(struct gy_writer *w, struct gy_schema *changed, const char *sql,
                                  uint32_t id, uint32_t stream, enum gy_value_type type,
                                  struct gy_error *err)
{
    struct gy_file_change change = {0};
    enum gy_status status = rewrite_runs(w, changed, stream, &change, err);
    if (status == GY_OK)
        status = commit_type(w, sql, id, type, &change, err);
    if (status == GY_OK) {
        gy_file_change_apply(&change, w);
        struct gy_schema old = w->live.schema;
        w->live.schema = *changed;
        *changed = old;
    }
    gy_catalog_rollback(&w->catalog);
    gy_file_change_release(&change, w);
    return status;
}

static enum gy_status unknown(bool is_trait, struct gy_str event, struct gy_str name,
                              struct gy_error *err)
{
    if (is_trait)
        return gy_error_set(err, GY_NOT_FOUND, "there is no trait \"%.*s\"", GY_STR_ARG(name));
    return gy_error_set(err, GY_NOT_FOUND, "there is no property \"%.*s\" of an event \"%.*s\"",
                        GY_STR_ARG(name), GY_STR_ARG(event));
}

static enum gy_status set_type(struct gy_writer *w, bool is_trait, uint32_t stream, uint32_t id,
                               enum gy_value_type type, struct gy_error *err)
{
    struct gy_schema changed = {0};
    gy_schema_copy(&changed, &w->live.schema);
    enum gy_value_type *at =
        is_trait ? &changed.streams[id - GY_STREAM_FIRST].type : &changed.properties[id - 1].type;
    enum gy_status status = GY_OK;
    if (*at != type) {
        *at = type;
        status = change_type(w, &changed,
                             is_trait ? "UPDATE stream SET type = ? WHERE id = ?"
                                      : "UPDATE property SET type = ? WHERE id = ?",
                             id, stream, type, err);
    }
    gy_schema_release(&changed);
    return status;
}

enum gy_status gy_writer_set_type(struct gy_writer *w, bool is_trait, struct gy_str event,
                                  struct gy_str name, enum gy_value_type type, struct gy_error *err)
{
    const struct gy_schema *schema = &w->live.schema;
    if (type == GY_VALUE_MISSING || type == GY_VALUE_CELL || (type == GY_VALUE_LIST && !is_trait))
        return gy_error_set(err, GY_INVALID, "\"%.*s\" cannot have that type", GY_STR_ARG(name));
    if (w->batch.n_calls > 0)
        return gy_error_set(err, GY_CONFLICT, "there are calls that are not committed yet");
    uint32_t stream =
        is_trait ? gy_schema_find_trait(schema, name) : gy_schema_find_event(schema, event);
    uint32_t id =
        is_trait || stream == GY_ID_NONE ? stream : gy_schema_find_property(schema, stream, name);
    if (id == GY_ID_NONE)
        return unknown(is_trait, event, name, err);
    GY_TRY(gy_writer_fold_log(w, err));
    return set_type(w, is_trait, stream, id, type, err);
}
