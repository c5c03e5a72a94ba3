/* background.c - maintenance on another thread than the writer's.
 *
 * What the work needs of the writer is copied when it begins: the inputs' places, the schema, the rows that
 * have to move, and numbers for its files. Nothing of that can be overtaken: a type that was fixed since had no
 * values then, and links made since are later than those the outputs are said to follow. Where the writer
 * itself takes an input away meanwhile, the work has come to nothing: its outputs are dropped at the end. Inputs
 * have a second owner until then. Who is erased meanwhile is still in the outputs, and gets out of them like of any
 * other file.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/writer_internal.h"

enum {
    FILES_RESERVED = 1 << 20 /* numbers; a file has 64 MB */
};

enum kind {
    FOLD,      /* the log into a file */
    MERGE,     /* runs into one */
    JOIN_IDS,  /* id files into one */
    MOVE_ROWS, /* the rows of a run to the customers that they were linked to */
    ERASE,     /* a file without the rows of who is erased */
};

struct gy_background {
    enum kind kind;
    char dir[GY_PATH_SIZE];
    const struct gy_zone *zone;
    struct gy_live_part *inputs;
    const struct gy_part **parts;
    size_t n_inputs;
    struct gy_ids ids;
    struct gy_link *links; /* later than those that the inputs follow */
    size_t n_links;
    struct gy_schema schema;
    struct gy_move *moves;
    size_t n_moves;
    roaring_bitmap_t *erased; /* who is left out; or NULL */
    uint64_t links_applied;
    uint64_t first_file;
    uint64_t ids_file;

    atomic_bool is_cancelled;
    bool is_done;
    bool is_void; /* an input has gone */
    bool moves_nothing;
    size_t *made;
    size_t n_made;
    bool made_ids;

    struct gy_background *next; /* that runs */
};

/* ---- begin ---- */

static bool runs(const struct gy_writer *w, enum kind kind)
{
    for (const struct gy_background *b = w->background; b != NULL; b = b->next) {
        if (b->kind == kind)
            return true;
    }
    return false;
}

static struct gy_background *begin(struct gy_writer *w, enum kind kind)
{
    struct gy_background *b = gy_alloc_zero(1, sizeof *b);
    GY_ASSERT(w->batch.n_calls == 0);
    b->kind = kind;
    b->zone = w->live.zone;
    memcpy(b->dir, w->live.dir, sizeof b->dir);
    atomic_init(&b->is_cancelled, false);
    gy_schema_copy(&b->schema, &w->live.schema);
    b->links_applied = (uint64_t)(w->next_link - 1);
    if (w->live.erased.pending != NULL)
        b->erased = roaring_bitmap_copy(w->live.erased.pending);
    b->next = w->background;
    w->background = b;
    return b;
}

static void take_parts(struct gy_writer *w, struct gy_background *b,
                       const struct gy_live_part *inputs, size_t n)
{
    b->n_inputs = n;
    b->inputs = gy_realloc(NULL, n, sizeof *b->inputs);
    b->parts = gy_realloc(NULL, n, sizeof *b->parts);
    for (size_t i = 0; i < n; i++) {
        b->inputs[i] = inputs[i];
        b->parts[i] = gy_part_share(inputs[i].part);
    }
    struct gy_rewrite rewrite = {.inputs = b->inputs,
                                 .n_inputs = n,
                                 .schema = &b->schema,
                                 .moves_nothing = b->kind == ERASE};
    b->n_moves = gy_writer_list_moves(w, &rewrite, &b->moves);
    b->first_file = (uint64_t)w->next_file;
    w->next_file += FILES_RESERVED;
}

static void take_ids(struct gy_writer *w, struct gy_background *b, size_t first, size_t end)
{
    const struct gy_ids *ids = &w->live.ids;
    b->ids.files = gy_realloc(NULL, end - first, sizeof(struct gy_id_file *));
    for (size_t i = first; i < end; i++)
        b->ids.files[b->ids.n_files++] = gy_id_file_share(ids->files[i]);
    b->ids.n = gy_id_file_first(ids->files[end - 1]) + gy_id_file_n(ids->files[end - 1]);
    b->ids_file = (uint64_t)w->next_file++;
}

struct gy_background *gy_writer_begin_fold(struct gy_writer *w)
{
    struct gy_live *live = &w->live;
    size_t first = gy_writer_first_log_ids(live);
    if (live->n_tail == 0 || runs(w, FOLD))
        return NULL;
    struct gy_background *b = begin(w, FOLD);
    take_parts(w, b, live->tail, live->n_tail);
    live->folding = live->tail[live->n_tail - 1].part;
    if (first < live->ids.n_files) {
        take_ids(w, b, first, live->ids.n_files);
        live->folding_ids = live->ids.files[live->ids.n_files - 1];
    }
    return b;
}

/* The files behind the last one that is being worked on. */
static size_t first_free(const struct gy_writer *w)
{
    size_t first = 0;
    for (const struct gy_background *b = w->background; b != NULL; b = b->next) {
        for (size_t i = 0; i < b->n_inputs; i++) {
            for (size_t f = first; f < w->live.n_files; f++)
                first = w->live.files[f].part == b->inputs[i].part ? f + 1 : first;
        }
    }
    return first;
}

static struct gy_background *begin_merge(struct gy_writer *w)
{
    struct gy_live *live = &w->live;
    size_t first = gy_writer_first_to_merge(live, first_free(w));
    if (first == live->n_files)
        return NULL;
    struct gy_background *b = begin(w, MERGE);
    take_parts(w, b, live->files + first, live->n_files - first);
    return b;
}

static struct gy_background *begin_join(struct gy_writer *w)
{
    size_t end = gy_writer_first_log_ids(&w->live);
    size_t first = gy_writer_first_ids_to_join(&w->live.ids, end);
    if (first == end || runs(w, JOIN_IDS))
        return NULL;
    struct gy_background *b = begin(w, JOIN_IDS);
    take_ids(w, b, first, end);
    return b;
}

/* The run that follows the fewest links, if those it does not follow are many. */
static struct gy_background *begin_moves(struct gy_writer *w)
{
    const struct gy_live *live = &w->live;
    size_t at = 0;
    size_t end;
    for (size_t i = 1; i < live->n_files; i++)
        at = live->files[i].links_applied < live->files[at].links_applied ? i : at;
    if (live->n_files == 0 || !gy_writer_are_links_many(live, live->files[at].links_applied))
        return NULL;
    for (end = at + 1; end < live->n_files; end++) {
        if (live->files[end].sequence != live->files[at].sequence)
            break;
    }
    while (at > 0 && live->files[at - 1].sequence == live->files[at].sequence)
        at--;
    struct gy_background *b = begin(w, MOVE_ROWS);
    take_parts(w, b, live->files + at, end - at);
    b->links = gy_realloc(NULL, live->n_link_rows, sizeof *b->links);
    memcpy(b->links, live->link_rows, live->n_link_rows * sizeof *b->links);
    b->n_links = live->n_link_rows;
    return b;
}

static bool is_worked_on(const struct gy_writer *w, const struct gy_part *part)
{
    for (const struct gy_background *b = w->background; b != NULL; b = b->next) {
        for (size_t i = 0; i < b->n_inputs; i++) {
            if (b->inputs[i].part == part)
                return true;
        }
    }
    return false;
}

/* One file of a run can neither take rows from the others nor give them some: its rows stay where they are. A file that
 * cannot be read is left to others to complain about. */
static struct gy_background *begin_erasure(struct gy_writer *w)
{
    struct gy_live *live = &w->live;
    size_t i = 0;
    while (gy_writer_find_erased(w, &i, NULL) == GY_OK && i < live->n_files) {
        if (is_worked_on(w, live->files[i].part)) {
            i++;
            continue;
        }
        struct gy_background *b = begin(w, ERASE);
        take_parts(w, b, live->files + i, 1);
        b->links_applied = live->files[i].links_applied;
        return b;
    }
    i = gy_writer_find_erased_ids(w);
    if (i == gy_writer_first_log_ids(live) || runs(w, JOIN_IDS))
        return NULL;
    struct gy_background *b = begin(w, JOIN_IDS);
    take_ids(w, b, i, i + 1);
    return b;
}

struct gy_background *gy_writer_begin_background(struct gy_writer *w)
{
    struct gy_background *b = begin_erasure(w);
    if (b == NULL)
        b = begin_merge(w);
    if (b == NULL && !runs(w, MERGE) && !runs(w, MOVE_ROWS) && !runs(w, ERASE))
        b = begin_moves(w);
    return b != NULL ? b : begin_join(w);
}

/* ---- run ---- */

static void give_path(void *context, size_t i, char out[4096])
{
    const struct gy_background *b = context;
    GY_ASSERT(i < FILES_RESERVED);
    gy_store_path(b->dir, b->first_file + i, "part", out);
}

static enum gy_status merge_parts(struct gy_background *b, struct gy_error *err)
{
    struct gy_merge merge = {.inputs = b->parts,
                             .n_inputs = b->n_inputs,
                             .schema = &b->schema,
                             .zone = b->zone,
                             .moves = b->moves,
                             .n_moves = b->n_moves,
                             .erased = b->erased,
                             .is_cancelled = &b->is_cancelled,
                             .target_size = GY_TARGET_FILE_SIZE,
                             .path = give_path,
                             .path_context = b};
    return gy_merge_files(&merge, &b->made, &b->n_made, err);
}

static enum gy_status join_ids(struct gy_background *b, struct gy_error *err)
{
    char path[GY_PATH_SIZE];
    struct gy_buf bytes = {0};
    enum gy_status status = GY_OK;
    gy_store_path(b->dir, b->ids_file, "ids", path);
    if (gy_ids_join(&b->ids, 0, b->ids.n_files, NULL, b->erased, &bytes)) {
        status = gy_file_write(path, gy_buf_view(&bytes), err);
    } else {
        status = gy_error_set(err, GY_LIMIT, "the ids do not fit into one file");
    }
    b->made_ids = status == GY_OK;
    gy_buf_release(&bytes);
    return status;
}

static enum gy_status run(struct gy_background *b, struct gy_error *err)
{
    if (b->kind == MOVE_ROWS) {
        bool needs;
        GY_TRY(gy_writer_needs_moves(b->inputs, b->n_inputs, b->links, b->n_links, &needs, err));
        b->moves_nothing = !needs;
    }
    if (b->n_inputs > 0 && !b->moves_nothing)
        GY_TRY(merge_parts(b, err));
    return b->ids.n_files > 0 ? join_ids(b, err) : GY_OK;
}

enum gy_status gy_background_run(struct gy_background *b, struct gy_error *err)
{
    enum gy_status status = run(b, err);
    b->is_done = status == GY_OK;
    return status;
}

void gy_background_cancel(struct gy_background *b)
{
    atomic_store_explicit(&b->is_cancelled, true, memory_order_relaxed);
}

/* ---- inputs that go ---- */

void gy_writer_part_goes(struct gy_writer *w, const struct gy_part *part)
{
    for (struct gy_background *b = w->background; b != NULL; b = b->next) {
        for (size_t i = 0; i < b->n_inputs; i++)
            b->is_void |= b->inputs[i].part == part;
    }
}

void gy_writer_ids_go(struct gy_writer *w, const struct gy_id_file *file)
{
    for (struct gy_background *b = w->background; b != NULL; b = b->next) {
        for (size_t i = 0; i < b->ids.n_files; i++)
            b->is_void |= b->ids.files[i] == file;
    }
}

/* ---- end ---- */

static void remove_outputs(const struct gy_background *b)
{
    char path[GY_PATH_SIZE];
    for (size_t i = 0; i < b->n_made; i++) {
        gy_store_path(b->dir, b->first_file + b->made[i], "part", path);
        unlink(path);
    }
    gy_store_path(b->dir, b->ids_file, "ids", path);
    if (b->made_ids)
        unlink(path);
}

/* The outputs are opened and added; the inputs go. */
static enum gy_status exchange(struct gy_writer *w, const struct gy_background *b,
                               struct gy_file_change *change, struct gy_error *err)
{
    char path[GY_PATH_SIZE];
    for (size_t i = 0; i < b->n_made; i++) {
        GY_TRY(gy_file_change_add(change, w, b->first_file + b->made[i],
                                  b->inputs[b->n_inputs - 1].sequence, b->links_applied, err));
    }
    for (size_t i = 0; i < b->n_inputs && b->kind != FOLD && !b->moves_nothing; i++) {
        GY_GROW(change->removed, change->removed_capacity, change->n_removed + 1);
        change->removed[change->n_removed++] = b->inputs[i].file;
    }
    if (!b->made_ids)
        return GY_OK;
    change->ids_file = b->ids_file;
    gy_store_path(b->dir, b->ids_file, "ids", path);
    return gy_id_file_open(path, &change->ids, err);
}

/* Where the id files stand by now that become one. */
static void find_ids(const struct gy_writer *w, const struct gy_background *b, size_t *first,
                     size_t *end)
{
    *first = 0;
    while (w->live.ids.files[*first] != b->ids.files[0])
        (*first)++;
    *end = *first + b->ids.n_files;
}

static enum gy_status commit(struct gy_writer *w, const struct gy_background *b,
                             struct gy_file_change *change, struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    if (b->kind == FOLD) {
        GY_TRY(gy_catalog_run(&w->catalog, err, "DELETE FROM log WHERE sequence <= ?", "i",
                              (int64_t)b->inputs[b->n_inputs - 1].sequence));
    } else if (b->kind == JOIN_IDS) {
        size_t first;
        size_t end;
        find_ids(w, b, &first, &end);
        GY_TRY(gy_writer_unlist_ids(w, first, end, err));
    } else if (b->moves_nothing) {
        GY_TRY(gy_catalog_run(&w->catalog, err,
                              "UPDATE part SET links_applied = ? WHERE sequence = ?", "ii",
                              (int64_t)b->links_applied, (int64_t)b->inputs[0].sequence));
    }
    GY_TRY(gy_file_change_list(change, w, err));
    return gy_writer_commit_catalog(w, change, err);
}

static void drop_folded(struct gy_writer *w, size_t n)
{
    struct gy_live *live = &w->live;
    for (size_t i = 0; i < n; i++)
        gy_part_close(live->tail[i].part);
    memmove(live->tail, live->tail + n, (live->n_tail - n) * sizeof *live->tail);
    live->n_tail -= n;
}

static void follow_links(struct gy_writer *w, const struct gy_background *b)
{
    for (size_t i = 0; i < w->live.n_files; i++) {
        if (w->live.files[i].sequence == b->inputs[0].sequence)
            w->live.files[i].links_applied = b->links_applied;
    }
}

/* Nothing here may fail: it is committed. */
static void take_over(struct gy_writer *w, const struct gy_background *b,
                      struct gy_file_change *change)
{
    if (b->made_ids) {
        size_t first;
        size_t end;
        find_ids(w, b, &first, &end);
        gy_writer_exchange_ids(w, first, end, change);
    }
    if (b->kind == FOLD)
        drop_folded(w, b->n_inputs);
    if (b->moves_nothing)
        follow_links(w, b);
    gy_file_change_apply(change, w);
}

static void leave(struct gy_writer *w, struct gy_background *b)
{
    struct gy_background **at = &w->background;
    while (*at != b)
        at = &(*at)->next;
    *at = b->next;
    if (b->kind == FOLD) {
        w->live.folding = NULL;
        w->live.folding_ids = NULL;
    }
}

static void release(struct gy_background *b)
{
    for (size_t i = 0; i < b->n_inputs; i++)
        gy_part_close(b->inputs[i].part);
    gy_ids_release(&b->ids);
    gy_schema_release(&b->schema);
    if (b->erased != NULL)
        roaring_bitmap_free(b->erased);
    free(b->links);
    free(b->inputs);
    free(b->parts);
    free(b->moves);
    free(b->made);
    free(b);
}

enum gy_status gy_writer_end_background(struct gy_writer *w, struct gy_background *b,
                                        struct gy_error *err)
{
    struct gy_file_change change = {0};
    enum gy_status status = GY_OK;
    leave(w, b);
    if (b->is_done && !b->is_void) {
        status = exchange(w, b, &change, err);
        if (status == GY_OK)
            status = commit(w, b, &change, err);
        if (status == GY_OK)
            take_over(w, b, &change);
        gy_catalog_rollback(&w->catalog);
        if (status != GY_OK && !change.is_committing)
            remove_outputs(b);
        gy_file_change_release(&change, w);
    } else {
        remove_outputs(b);
    }
    release(b);
    return status;
}
