/* background_merge.c - parts are merged on another thread than the writer's.
 *
 * What the merge needs of the writer is copied when it begins: the inputs' places, the schema, the rows that
 * have to move, and numbers for its files. Nothing of that can be overtaken: inputs stay until a merge
 * removes them, a type that was fixed since had no values then, and links made since are later than those the
 * outputs are said to follow.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/writer_internal.h"

enum {
    FILES_RESERVED = 1 << 20 /* numbers; a file has 64 MB */
};

struct gy_merging {
    char dir[GY_PATH_SIZE];
    const struct gy_zone *zone;
    struct gy_live_part *inputs;
    const struct gy_part **parts;
    size_t n_inputs;
    struct gy_schema schema;
    struct gy_move *moves;
    size_t n_moves;
    uint64_t links_applied;
    uint64_t first_file;
    size_t *made;
    size_t n_made;
    bool is_done;
};

struct gy_merging *gy_writer_begin_merge(struct gy_writer *w)
{
    struct gy_live *live = &w->live;
    size_t first = gy_writer_first_to_merge(live);
    GY_ASSERT(w->batch.n_calls == 0);
    if (first == live->n_files)
        return NULL;
    struct gy_merging *m = gy_alloc_zero(1, sizeof *m);
    memcpy(m->dir, live->dir, sizeof m->dir);
    m->zone = live->zone;
    m->n_inputs = live->n_files - first;
    m->inputs = gy_realloc(NULL, m->n_inputs, sizeof *m->inputs);
    m->parts = gy_realloc(NULL, m->n_inputs, sizeof *m->parts);
    for (size_t i = 0; i < m->n_inputs; i++) {
        m->inputs[i] = live->files[first + i];
        m->parts[i] = m->inputs[i].part;
    }
    gy_schema_copy(&m->schema, &live->schema);
    struct gy_rewrite rewrite = {
        .inputs = m->inputs, .n_inputs = m->n_inputs, .schema = &m->schema};
    m->n_moves = gy_writer_list_moves(w, &rewrite, &m->moves);
    m->links_applied = (uint64_t)(w->next_link - 1);
    m->first_file = (uint64_t)w->next_file;
    w->next_file += FILES_RESERVED;
    return m;
}

static void give_path(void *context, size_t i, char out[4096])
{
    const struct gy_merging *m = context;
    GY_ASSERT(i < FILES_RESERVED);
    gy_store_path(m->dir, m->first_file + i, "part", out);
}

enum gy_status gy_merging_run(struct gy_merging *m, struct gy_error *err)
{
    struct gy_merge merge = {.inputs = m->parts,
                             .n_inputs = m->n_inputs,
                             .schema = &m->schema,
                             .zone = m->zone,
                             .moves = m->moves,
                             .n_moves = m->n_moves,
                             .target_size = GY_TARGET_FILE_SIZE,
                             .path = give_path,
                             .path_context = m};
    enum gy_status status = gy_merge_files(&merge, &m->made, &m->n_made, err);
    m->is_done = status == GY_OK;
    return status;
}

/* The outputs are opened and added; the inputs go. */
static enum gy_status exchange(struct gy_writer *w, const struct gy_merging *m,
                               struct gy_file_change *change, struct gy_error *err)
{
    enum gy_status status = GY_OK;
    uint64_t sequence = m->inputs[m->n_inputs - 1].sequence;
    for (size_t i = 0; i < m->n_made; i++) {
        char path[GY_PATH_SIZE];
        uint64_t file = m->first_file + m->made[i];
        if (status == GY_OK) {
            status = gy_file_change_add(change, w, file, sequence, m->links_applied, err);
        } else {
            gy_store_path(m->dir, file, "part", path);
            unlink(path);
        }
    }
    for (size_t i = 0; i < m->n_inputs; i++) {
        GY_GROW(change->removed, change->removed_capacity, change->n_removed + 1);
        change->removed[change->n_removed++] = m->inputs[i].file;
    }
    return status;
}

static enum gy_status commit(struct gy_writer *w, struct gy_file_change *change,
                             struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    GY_TRY(gy_file_change_list(change, w, err));
    return gy_writer_commit_catalog(w, change, err);
}

static void release(struct gy_merging *m)
{
    gy_schema_release(&m->schema);
    free(m->inputs);
    free(m->parts);
    free(m->moves);
    free(m->made);
    free(m);
}

enum gy_status gy_writer_end_merge(struct gy_writer *w, struct gy_merging *m, struct gy_error *err)
{
    struct gy_file_change change = {0};
    enum gy_status status = GY_OK;
    if (m->is_done) {
        status = exchange(w, m, &change, err);
        if (status == GY_OK)
            status = commit(w, &change, err);
        if (status == GY_OK)
            gy_file_change_apply(&change, w);
        gy_catalog_rollback(&w->catalog);
        gy_file_change_release(&change, w);
    }
    release(m);
    return status;
}
