/* live.c - loading what the catalog lists.
 *
 * Everything is read inside the caller's transaction, the files are opened inside it too: that takes
 * well under a millisecond, and a reader holds no lock that a writer waits for (the log is WAL).
 */
#include "store/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

enum {
    TAIL_ROWS = 1 << 17, /* of parts that are merged at once: some ten milliseconds of work */
    FAN_IN = 64,
    FEWEST_TO_MERGE = 4
};

/* ---- small things ---- */

uint64_t gy_part_total_rows(const struct gy_part *part)
{
    uint64_t n = 0;
    for (size_t i = 0; i < gy_part_n_slices(part); i++)
        n += gy_part_slice(part, i)->n_rows;
    return n;
}

static void close_parts(struct gy_live_part *parts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        gy_part_close(parts[i].part);
}

void gy_live_release(struct gy_live *live)
{
    close_parts(live->files, live->n_files);
    close_parts(live->tail, live->n_tail);
    free(live->files);
    free(live->tail);
    gy_links_release(&live->links);
    gy_ids_release(&live->ids);
    free(live->id_file_numbers);
    free(live->link_rows);
    gy_schema_release(&live->schema);
    gy_zone_close(live->zone);
    gy_erased_release(&live->erased);
    *live = (struct gy_live){0};
}

uint64_t gy_live_links_applied(const struct gy_live *live)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < gy_live_n_parts(live); i++) {
        uint64_t applied = gy_live_part(live, i)->links_applied;
        least = applied < least ? applied : least;
    }
    return least;
}

void gy_live_push_file(struct gy_live *live, const struct gy_live_part *part)
{
    GY_GROW(live->files, live->files_capacity, live->n_files + 1);
    live->files[live->n_files++] = *part;
}

void gy_live_push_link(struct gy_live *live, const struct gy_link *link)
{
    GY_GROW(live->link_rows, live->link_rows_capacity, live->n_link_rows + 1);
    live->link_rows[live->n_link_rows++] = *link;
}

/* ---- moves ---- */

static int by_target(const void *a, const void *b)
{
    const struct gy_move *x = a;
    const struct gy_move *y = b;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

size_t gy_live_moves(const struct gy_live *live, struct gy_links *links, uint64_t applied,
                     struct gy_move **out)
{
    size_t first = live->n_link_rows;
    size_t n = 0;
    while (first > 0 && live->link_rows[first - 1].seq > applied)
        first--;
    *out = gy_realloc(NULL, live->n_link_rows - first + 1, sizeof **out);
    for (size_t i = first; i < live->n_link_rows; i++) {
        uint32_t child = live->link_rows[i].child;
        uint32_t root = gy_links_find_root(links, child);
        if (root != child) /* a circle, in damaged data */
            (*out)[n++] = (struct gy_move){child, root};
    }
    if (n > 1)
        qsort(*out, n, sizeof **out, by_target);
    return n;
}

/* ---- the tail ---- */

void gy_live_drop_links(struct gy_live *live)
{
    size_t n = 0;
    gy_links_release(&live->links);
    live->links.ids = &live->ids;
    for (size_t i = 0; i < live->n_link_rows; i++) {
        struct gy_link link = live->link_rows[i];
        if (gy_erased_has(&live->erased, link.child))
            continue;
        live->link_rows[n++] = link;
        gy_links_add(&live->links, link.child, link.parent);
    }
    live->n_link_rows = n;
}

static uint64_t newest_link(const struct gy_live *live)
{
    return live->n_link_rows == 0 ? 0 : live->link_rows[live->n_link_rows - 1].seq;
}

/* Merges `n` neighbours of the tail into one part, which takes the place of the first. */
static enum gy_status merge_tail(struct gy_live *live, struct gy_live_part *parts, size_t n,
                                 struct gy_error *err)
{
    const struct gy_part *inputs[FAN_IN];
    uint64_t applied = UINT64_MAX;
    uint64_t n_rows = 0;
    for (size_t i = 0; i < n; i++) {
        inputs[i] = parts[i].part;
        applied = parts[i].links_applied < applied ? parts[i].links_applied : applied;
        n_rows += parts[i].n_rows;
    }
    struct gy_move *moves;
    size_t n_moves = gy_live_moves(live, &live->links, applied, &moves);
    struct gy_merge merge = {.inputs = inputs,
                             .n_inputs = n,
                             .schema = &live->schema,
                             .zone = live->zone,
                             .moves = moves,
                             .n_moves = n_moves};
    struct gy_part *merged = NULL;
    enum gy_status status = gy_merge_memory(&merge, &merged, err);
    free(moves);
    GY_TRY(status);
    GY_ASSERT(merged != NULL);
    for (size_t i = 0; i < n; i++)
        gy_part_close(parts[i].part);
    parts[0] = (struct gy_live_part){.part = merged,
                                     .sequence = parts[n - 1].sequence,
                                     .links_applied =
                                         applied > newest_link(live) ? applied : newest_link(live),
                                     .n_rows = n_rows,
                                     .bytes = gy_part_size(merged)};
    return GY_OK;
}

static void push(struct gy_live *live, struct gy_part *part, uint64_t sequence,
                 uint64_t links_applied)
{
    GY_GROW(live->tail, live->tail_capacity, live->n_tail + 1);
    live->tail[live->n_tail++] = (struct gy_live_part){.part = part,
                                                       .sequence = sequence,
                                                       .links_applied = links_applied,
                                                       .n_rows = gy_part_total_rows(part),
                                                       .bytes = gy_part_size(part)};
}

/* How many of the last parts should be one: those that are hardly larger than the last, once they are a few. Pairs
 * would be fewer parts to look at, and each row merged twice as often. */
static size_t count_to_merge(const struct gy_live *live)
{
    const struct gy_live_part *last = live->tail + live->n_tail - 1;
    uint64_t n_rows = 0;
    size_t n = 0;
    while (n < live->n_tail && last[-(ptrdiff_t)n].part != live->folding &&
           last[-(ptrdiff_t)n].n_rows <= 2 * last->n_rows) {
        n_rows += last[-(ptrdiff_t)n].n_rows;
        n++;
    }
    return n >= FEWEST_TO_MERGE && n <= FAN_IN && n_rows <= TAIL_ROWS ? n : 0;
}

enum gy_status gy_live_push_tail(struct gy_live *live, struct gy_part *part, uint64_t sequence,
                                 uint64_t links_applied, struct gy_error *err)
{
    push(live, part, sequence, links_applied);
    for (size_t n = count_to_merge(live); n > 0; n = count_to_merge(live)) {
        GY_TRY(merge_tail(live, live->tail + live->n_tail - n, n, err));
        live->n_tail -= n - 1;
    }
    return GY_OK;
}

/* One pass over what was pushed: neighbours become one, as many as may. */
static enum gy_status merge_neighbours(struct gy_live *live, struct gy_error *err)
{
    size_t n_out = 0;
    for (size_t first = 0, end; first < live->n_tail; first = end) {
        uint64_t n_rows = live->tail[first].n_rows;
        for (end = first + 1; end < live->n_tail && end - first < FAN_IN; end++) {
            n_rows += live->tail[end].n_rows;
            if (n_rows > TAIL_ROWS)
                break;
        }
        enum gy_status status =
            end - first > 1 ? merge_tail(live, live->tail + first, end - first, err) : GY_OK;
        if (status != GY_OK) {
            memmove(live->tail + n_out, live->tail + first,
                    (live->n_tail - first) * sizeof *live->tail);
            live->n_tail -= first - n_out;
            return status;
        }
        live->tail[n_out++] = live->tail[first];
    }
    live->n_tail = n_out;
    return GY_OK;
}

/* The whole log at once: each row is moved once or twice, where one by one it would be a dozen times. */
static enum gy_status settle_tail(struct gy_live *live, struct gy_error *err)
{
    size_t before = SIZE_MAX;
    while (live->n_tail > 1 && live->n_tail < before) {
        before = live->n_tail;
        GY_TRY(merge_neighbours(live, err));
    }
    return GY_OK;
}

/* ---- ids ---- */

/* Of an erased id another text stands there, and it is nobody's child. */
static bool add_erased(struct gy_id_builder *b, bool is_external, uint32_t ordinal)
{
    struct gy_buf text = {0};
    gy_erased_placeholder(ordinal, &text);
    bool fits = gy_id_builder_add(b, is_external, gy_buf_view(&text), GY_ID_NONE);
    gy_buf_release(&text);
    return fits;
}

bool gy_ids_join(const struct gy_ids *ids, size_t first, size_t end, const struct gy_links *links,
                 const roaring_bitmap_t *erased, struct gy_buf *out)
{
    struct gy_id_builder b = {.first = gy_id_file_first(ids->files[first])};
    uint32_t last = gy_id_file_first(ids->files[end - 1]) + gy_id_file_n(ids->files[end - 1]);
    bool fits = true;
    for (uint32_t ordinal = b.first; ordinal < last && fits; ordinal++) {
        bool is_external;
        struct gy_str id = gy_ids_get(ids, ordinal, &is_external);
        if (erased != NULL && roaring_bitmap_contains(erased, ordinal)) {
            fits = add_erased(&b, is_external, ordinal);
            continue;
        }
        uint32_t parent =
            links == NULL ? gy_ids_parent(ids, ordinal) : gy_links_parent(links, ordinal);
        fits = gy_id_builder_add(&b, is_external, id, parent);
    }
    if (fits)
        gy_id_builder_finish(&b, out);
    gy_id_builder_release(&b);
    return fits;
}

/* Joins the last two id files, both of the log, into one. */
static enum gy_status join_last(struct gy_live *live, struct gy_error *err)
{
    struct gy_ids *ids = &live->ids;
    struct gy_buf bytes = {0};
    struct gy_id_file *joined = NULL;
    enum gy_status status = GY_OK;
    if (gy_ids_join(ids, ids->n_files - 2, ids->n_files, NULL, live->erased.pending, &bytes)) {
        status = gy_id_file_open_memory(gy_buf_view(&bytes), "of the log", &joined, err);
    }
    gy_buf_release(&bytes);
    if (joined == NULL)
        return status;
    gy_id_file_close(ids->files[--ids->n_files]);
    gy_id_file_close(ids->files[ids->n_files - 1]);
    ids->files[ids->n_files - 1] = joined;
    return GY_OK;
}

static bool should_join(const struct gy_live *live)
{
    size_t n = live->ids.n_files;
    return n > 1 && live->id_file_numbers[n - 1] == 0 && live->id_file_numbers[n - 2] == 0 &&
           live->ids.files[n - 2] != live->folding_ids &&
           gy_id_file_n(live->ids.files[n - 2]) / 2 <= gy_id_file_n(live->ids.files[n - 1]);
}

enum gy_status gy_live_push_ids(struct gy_live *live, struct gy_id_file *file, uint64_t number,
                                struct gy_error *err)
{
    enum gy_status status = gy_ids_add(&live->ids, file, err);
    if (status != GY_OK) {
        gy_id_file_close(file);
        return status;
    }
    GY_GROW(live->id_file_numbers, live->id_file_numbers_capacity, live->ids.n_files);
    live->id_file_numbers[live->ids.n_files - 1] = number;
    size_t before = 0;
    while (should_join(live) && live->ids.n_files != before) {
        before = live->ids.n_files;
        GY_TRY(join_last(live, err));
    }
    return GY_OK;
}

/* ---- loading ---- */

struct load {
    struct gy_live *live;
    struct gy_catalog *c;
    const struct gy_live *before; /* or one that is empty */
};

typedef enum gy_status (*row_fn)(const struct load *l, sqlite3_stmt *row, struct gy_error *err);

/* Of a statement with one place, where only what comes after that sequence is read. */
static enum gy_status each_row(const struct load *l, const char *sql, uint64_t after, row_fn take,
                               struct gy_error *err)
{
    sqlite3_stmt *stmt;
    bool has_row = true;
    enum gy_status status = gy_catalog_select(l->c, &stmt, err, sql, "i", (int64_t)after);
    while (status == GY_OK) {
        status = gy_catalog_next(l->c, stmt, &has_row, err);
        if (status != GY_OK || !has_row)
            break;
        status = take(l, stmt, err);
    }
    sqlite3_finalize(stmt);
    return status;
}

static uint64_t column_u64(sqlite3_stmt *row, int column)
{
    return (uint64_t)sqlite3_column_int64(row, column);
}

/* The part of that file, with an owner more; NULL where it is not open. Files are listed in the order of
 * arrival, and those of one merge by number, so that the next one mostly stands where the last one was found. */
static struct gy_part *share_part(const struct load *l, uint64_t file)
{
    size_t n = l->before->n_files;
    for (size_t i = 0; i < n; i++) {
        const struct gy_live_part *part = &l->before->files[(l->live->n_files + i) % n];
        if (part->file == file)
            return gy_part_share(part->part);
    }
    return NULL;
}

static struct gy_id_file *share_ids(const struct load *l, uint64_t file)
{
    size_t n = l->before->ids.n_files;
    for (size_t i = 0; i < n; i++) {
        size_t at = (l->live->ids.n_files + i) % n;
        if (l->before->id_file_numbers[at] == file)
            return gy_id_file_share(l->before->ids.files[at]);
    }
    return NULL;
}

static enum gy_status take_part(const struct load *l, sqlite3_stmt *row, struct gy_error *err)
{
    char path[GY_PATH_SIZE];
    struct gy_live_part part = {.file = column_u64(row, 0),
                                .sequence = column_u64(row, 1),
                                .links_applied = column_u64(row, 2),
                                .n_rows = column_u64(row, 3),
                                .bytes = column_u64(row, 4)};
    gy_store_path(l->live->dir, part.file, "part", path);
    part.part = share_part(l, part.file);
    if (part.part == NULL)
        GY_TRY(gy_part_open(path, &part.part, err));
    if (gy_part_size(part.part) != part.bytes) {
        gy_part_close(part.part);
        return gy_error_set(err, GY_CORRUPT, "part \"%s\" is not the file that was listed", path);
    }
    gy_live_push_file(l->live, &part);
    return GY_OK;
}

static enum gy_status take_ids(const struct load *l, sqlite3_stmt *row, struct gy_error *err)
{
    char path[GY_PATH_SIZE];
    uint64_t number = column_u64(row, 0);
    struct gy_id_file *file = share_ids(l, number);
    gy_store_path(l->live->dir, number, "ids", path);
    if (file == NULL)
        GY_TRY(gy_id_file_open(path, &file, err));
    return gy_live_push_ids(l->live, file, number, err);
}

static enum gy_status take_link(const struct load *l, sqlite3_stmt *row, struct gy_error *err)
{
    struct gy_live *live = l->live;
    int64_t child = sqlite3_column_int64(row, 1);
    int64_t parent = sqlite3_column_int64(row, 2);
    if (child < 0 || parent < 0 || child >= GY_ID_NONE || parent >= GY_ID_NONE || child == parent)
        return gy_error_set(err, GY_CORRUPT, "the catalog holds a link that cannot be");
    struct gy_link link = {column_u64(row, 0), (uint32_t)child, (uint32_t)parent};
    gy_live_push_link(live, &link);
    gy_links_add(&live->links, link.child, link.parent);
    return GY_OK;
}

/* Whether the tail of before is the beginning of the log (3). */
static bool has_tail(const struct load *l)
{
    return l->before->log_first != 0 && l->before->log_first == l->live->log_first &&
           l->before->log_last <= l->live->log_last;
}

static enum gy_status take_log_part(const struct load *l, sqlite3_stmt *row, struct gy_error *err)
{
    char label[64];
    struct gy_part *part;
    struct gy_str blob = gy_catalog_str(row, 2);
    snprintf(label, sizeof label, "batch %llu of the log", (unsigned long long)column_u64(row, 0));
    uint8_t *bytes = gy_alloc_aligned(64, (blob.len + 63) / 64 * 64);
    if (blob.len > 0)
        memcpy(bytes, blob.ptr, blob.len);
    GY_TRY(gy_part_open_memory(bytes, blob.len, label, &part, err));
    if (has_tail(l))
        return gy_live_push_tail(l->live, part, column_u64(row, 0), column_u64(row, 1), err);
    push(l->live, part, column_u64(row, 0), column_u64(row, 1)); /* for settle_tail */
    return GY_OK;
}

static enum gy_status take_log_ids(const struct load *l, sqlite3_stmt *row, struct gy_error *err)
{
    struct gy_id_file *file;
    GY_TRY(gy_id_file_open_memory(gy_catalog_str(row, 0), "of the log", &file, err));
    return gy_live_push_ids(l->live, file, 0, err);
}

static enum gy_status check_links(const struct gy_live *live, struct gy_error *err)
{
    for (size_t i = 0; i < live->n_link_rows; i++) {
        if (live->link_rows[i].child >= live->ids.n || live->link_rows[i].parent >= live->ids.n)
            return gy_error_set(err, GY_CORRUPT, "the catalog links an ordinal that has no id");
    }
    return GY_OK;
}

static enum gy_status check_erased(const struct gy_live *live, struct gy_error *err)
{
    const roaring_bitmap_t *all = live->erased.all;
    return all == NULL || roaring_bitmap_maximum(all) < live->ids.n
               ? GY_OK
               : gy_error_set(err, GY_CORRUPT, "the catalog erases an ordinal that has no id");
}

static bool is_in_bounds(const struct gy_part *part, uint32_t n_ordinals)
{
    size_t n = gy_part_n_slices(part);
    uint32_t n_blocks = (uint32_t)(((uint64_t)n_ordinals + GY_BLOCK_SIZE - 1) / GY_BLOCK_SIZE);
    return n == 0 || gy_part_slice(part, n - 1)->block_no < n_blocks;
}

static enum gy_status check_blocks(const struct gy_live *live, struct gy_error *err)
{
    for (size_t i = 0; i < gy_live_n_parts(live); i++) {
        if (!is_in_bounds(gy_live_part(live, i)->part, live->ids.n)) {
            return gy_error_set(err, GY_CORRUPT, "part \"%s\" holds customers that have no id",
                                gy_part_label(gy_live_part(live, i)->part));
        }
    }
    return GY_OK;
}

static enum gy_status take_log_bounds(const struct load *l, sqlite3_stmt *row, struct gy_error *err)
{
    (void)err;
    l->live->log_first = column_u64(row, 0);
    l->live->log_last = column_u64(row, 1);
    return GY_OK;
}

static enum gy_status share_log_ids(const struct load *l, struct gy_error *err)
{
    for (size_t i = 0; i < l->before->ids.n_files; i++) {
        if (l->before->id_file_numbers[i] == 0)
            GY_TRY(gy_live_push_ids(l->live, gy_id_file_share(l->before->ids.files[i]), 0, err));
    }
    return GY_OK;
}

static enum gy_status share_tail(const struct load *l, struct gy_error *err)
{
    for (size_t i = 0; i < l->before->n_tail; i++) {
        const struct gy_live_part *part = &l->before->tail[i];
        GY_TRY(gy_live_push_tail(l->live, gy_part_share(part->part), part->sequence,
                                 part->links_applied, err));
    }
    return GY_OK;
}

static enum gy_status load(const struct load *l, struct gy_error *err)
{
    GY_TRY(gy_settings_load(l->c, &l->live->settings, &l->live->zone, err));
    GY_TRY(gy_catalog_schema(l->c, &l->live->schema, err));
    GY_TRY(gy_erased_load_ordinals(&l->live->erased, l->c, err));
    GY_TRY(each_row(l,
                    "SELECT file, sequence, links_applied, n_rows, bytes FROM part"
                    " WHERE sequence > ? ORDER BY sequence, first_block, file",
                    0, take_part, err));
    GY_TRY(each_row(l, "SELECT file FROM ids WHERE file > ? ORDER BY first_ordinal", 0, take_ids,
                    err));
    GY_TRY(each_row(l,
                    "SELECT ifnull(min(sequence), 0), ifnull(max(sequence), 0) FROM log"
                    " WHERE sequence > ?",
                    0, take_log_bounds, err));
    uint64_t known = has_tail(l) ? l->before->log_last : 0;
    if (known != 0)
        GY_TRY(share_log_ids(l, err));
    GY_TRY(each_row(l,
                    "SELECT ids FROM log WHERE sequence > ? AND ids IS NOT NULL ORDER BY sequence",
                    known, take_log_ids, err));
    GY_TRY(each_row(l, "SELECT seq, child, parent FROM link WHERE seq > ? ORDER BY seq", 0,
                    take_link, err));
    GY_TRY(check_links(l->live, err));
    GY_TRY(check_erased(l->live, err));
    if (known != 0)
        GY_TRY(share_tail(l, err));
    GY_TRY(each_row(l,
                    "SELECT sequence, links_applied, part FROM log WHERE sequence > ?"
                    " ORDER BY sequence",
                    known, take_log_part, err));
    if (known == 0)
        GY_TRY(settle_tail(l->live, err));
    return check_blocks(l->live, err);
}

enum gy_status gy_live_load(struct gy_live *live, struct gy_catalog *c, const char *dir,
                            const struct gy_live *before, bool *is_gone, struct gy_error *err)
{
    static const struct gy_live nothing;
    struct load l = {live, c, before == NULL ? &nothing : before};
    struct gy_error ours = {0};
    snprintf(live->dir, sizeof live->dir, "%s", dir);
    live->links.ids = &live->ids;
    enum gy_status status = load(&l, &ours);
    if (is_gone != NULL)
        *is_gone = status == GY_IO && ours.sys_errno == ENOENT;
    if (status != GY_OK && err != NULL)
        *err = ours;
    return status;
}
