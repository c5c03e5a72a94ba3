/* snapshot.c - a view that stays as it is.
 *
 * One read transaction copies what the catalog says and opens the files. A part file that a merge has
 * removed meanwhile is not there: then the whole is begun again, from the newer list.
 *
 * Members of lists and recorded changes can be many, and a query reads few of them: they are read from
 * the catalog when they are asked for, within the bounds that the snapshot noted: lists and segments by
 * their ids, which are never given again; a list as of its last change then; changes up to the last one
 * recorded then.
 */
#include "store/snapshot.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "store/live.h"
#include "store/snapshot_internal.h"

enum {
    TRIES = 8,
    BLOCK_WORDS = GY_BLOCK_SIZE / 64
};

/* ---- life ---- */

void gy_snapshot_close(struct gy_snapshot *s)
{
    if (s == NULL)
        return;
    gy_live_release(&s->live);
    free(s->external);
    free(s->external_blocks);
    free(s->children);
    free(s->children_blocks);
    free(s->scattered);
    free(s->scattered_ordinals);
    free(s->segments);
    free(s->segment_ids);
    free(s->metrics);
    free(s->lists);
    free(s->list_ids);
    gy_arena_release(&s->arena);
    free(s);
}

/* ---- kinds and children ---- */

static void set_bit(uint64_t *words, uint32_t ordinal)
{
    words[ordinal >> 6] |= UINT64_C(1) << (ordinal & 63);
}

/* Sets the bits [first, first + n) that are set in `from`. */
static void copy_bits(uint64_t *words, const uint64_t *from, uint32_t first, uint32_t n)
{
    uint32_t end = first + n;
    for (uint32_t at = first; at < end;) {
        uint32_t next = (at | 63) + 1;
        uint64_t mask = UINT64_MAX << (at & 63);
        if (next > end) {
            mask &= UINT64_MAX >> (next - end);
            next = end;
        }
        words[at >> 6] |= from[at >> 6] & mask;
        at = next;
    }
}

/* Whether a file of ids is one of those that `before` has. */
static bool is_shared(const struct gy_snapshot *before, const struct gy_id_file *file)
{
    for (size_t i = 0; before != NULL && i < before->live.ids.n_files; i++) {
        if (before->live.ids.files[i] == file)
            return true;
    }
    return false;
}

/* Which ids of a file are external, and which had a parent from the beginning. */
static void mark_file(struct gy_snapshot *s, const struct gy_id_file *file)
{
    const struct gy_ids *ids = &s->live.ids;
    uint32_t first = gy_id_file_first(file);
    bool has_children = gy_id_file_n_children(file) > 0;
    for (uint32_t ordinal = first; ordinal < first + gy_id_file_n(file); ordinal++) {
        bool is_external;
        gy_ids_get(ids, ordinal, &is_external);
        if (is_external)
            set_bit(s->external, ordinal);
        if (has_children && gy_ids_parent(ids, ordinal) != GY_ID_NONE)
            set_bit(s->children, ordinal);
    }
}

/* A child stays one: so the bits of a file that is shared are those of before, or become some more here. */
static void mark_ids(struct gy_snapshot *s, const struct gy_snapshot *before)
{
    const struct gy_ids *ids = &s->live.ids;
    for (size_t f = 0; f < ids->n_files; f++) {
        uint32_t first = gy_id_file_first(ids->files[f]);
        uint32_t n = gy_id_file_n(ids->files[f]);
        if (is_shared(before, ids->files[f])) {
            copy_bits(s->external, before->external, first, n);
            copy_bits(s->children, before->children, first, n);
        } else {
            mark_file(s, ids->files[f]);
        }
    }
    for (size_t i = 0; i < s->live.n_link_rows; i++)
        set_bit(s->children, s->live.link_rows[i].child);
}

static bool mark_erased(uint32_t ordinal, void *s)
{
    set_bit(((struct gy_snapshot *)s)->children, ordinal);
    return true;
}

/* A pointer for each block, NULL where no bit is set. */
static const uint64_t **index_blocks(const uint64_t *words, uint32_t n_blocks)
{
    const uint64_t **blocks = gy_alloc_zero((size_t)n_blocks + 1, sizeof *blocks);
    for (uint32_t b = 0; b < n_blocks; b++) {
        uint64_t any = 0;
        for (size_t w = 0; w < BLOCK_WORDS; w++)
            any |= words[(size_t)b * BLOCK_WORDS + w];
        blocks[b] = any == 0 ? NULL : words + (size_t)b * BLOCK_WORDS;
    }
    return blocks;
}

static void make_bits(struct gy_snapshot *s, const struct gy_snapshot *before)
{
    uint32_t n_blocks = gy_blocks_of(s->live.ids.n);
    size_t n_words = (size_t)n_blocks * BLOCK_WORDS;
    s->external = gy_alloc_zero(n_words + 1, sizeof *s->external);
    s->children = gy_alloc_zero(n_words + 1, sizeof *s->children);
    mark_ids(s, before);
    if (s->live.erased.all != NULL)
        roaring_iterate(s->live.erased.all, mark_erased, s);
    s->external_blocks = index_blocks(s->external, n_blocks);
    s->children_blocks = index_blocks(s->children, n_blocks);
}

/* ---- scattered customers ---- */

struct pair {
    uint32_t root;
    uint32_t child;
};

static int by_root(const void *a, const void *b)
{
    const struct pair *x = a;
    const struct pair *y = b;
    if (x->root != y->root)
        return x->root < y->root ? -1 : 1;
    return (x->child > y->child) - (x->child < y->child);
}

static void add_scattered(struct gy_snapshot *s, uint32_t root)
{
    s->scattered[s->n_scattered++] =
        (struct gy_scattered){.root = root, .first = s->n_scattered_ordinals, .n = 1};
    s->scattered_ordinals[s->n_scattered_ordinals++] = root;
}

static void make_scattered(struct gy_snapshot *s)
{
    const struct gy_live *live = &s->live;
    uint64_t applied = gy_live_links_applied(live);
    struct pair *pairs = gy_realloc(NULL, live->n_link_rows + 1, sizeof *pairs);
    size_t n = 0;
    for (size_t i = 0; i < live->n_link_rows; i++) {
        uint32_t child = live->link_rows[i].child;
        if (live->link_rows[i].seq > applied && !gy_erased_has(&live->erased, child))
            pairs[n++] = (struct pair){gy_links_find_root(&s->live.links, child), child};
    }
    qsort(pairs, n, sizeof *pairs, by_root);
    s->scattered = gy_realloc(NULL, n + 1, sizeof *s->scattered);
    s->scattered_ordinals = gy_realloc(NULL, 2 * n + 1, sizeof *s->scattered_ordinals);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || pairs[i].root != pairs[i - 1].root)
            add_scattered(s, pairs[i].root);
        s->scattered_ordinals[s->n_scattered_ordinals++] = pairs[i].child;
        s->scattered[s->n_scattered - 1].n++;
    }
    free(pairs);
}

/* ---- opening ---- */

static enum gy_status read_all(struct gy_snapshot *s, struct gy_catalog *c, const char *dir,
                               const struct gy_snapshot *before, bool *is_gone,
                               struct gy_error *err)
{
    *is_gone = false;
    GY_TRY(gy_catalog_begin(c, false, err));
    GY_TRY(gy_snapshot_load_definitions(s, c, err));
    GY_TRY(gy_live_load(&s->live, c, dir, before == NULL ? NULL : &before->live, is_gone, err));
    return gy_catalog_commit(c, err);
}

static enum gy_status try_open(struct gy_snapshot *s, const char *dir,
                               const struct gy_snapshot *before, bool *is_gone,
                               struct gy_error *err)
{
    struct gy_catalog c;
    *is_gone = false;
    GY_TRY(gy_catalog_open(&c, dir, err));
    enum gy_status status = read_all(s, &c, dir, before, is_gone, err);
    gy_catalog_rollback(&c);
    gy_catalog_close(&c);
    return status;
}

enum gy_status gy_snapshot_open(const char *dir, struct gy_snapshot **out, struct gy_error *err)
{
    return gy_snapshot_open_after(dir, NULL, out, err);
}

enum gy_status gy_snapshot_open_after(const char *dir, const struct gy_snapshot *before,
                                      struct gy_snapshot **out, struct gy_error *err)
{
    *out = NULL;
    for (int left = TRIES; left > 0; left--) {
        bool is_gone;
        struct gy_error ours; /* `err` is not touched if a later try goes well */
        struct gy_snapshot *s = gy_alloc_zero(1, sizeof *s);
        enum gy_status status = try_open(s, dir, before, &is_gone, &ours);
        if (status == GY_OK) {
            make_bits(s, before);
            make_scattered(s);
            *out = s;
            return GY_OK;
        }
        gy_snapshot_close(s);
        if (is_gone)
            continue;
        if (err != NULL)
            *err = ours;
        return status;
    }
    return gy_error_set(err, GY_CORRUPT, "the data directory \"%s\" lists a file that is not there",
                        dir);
}

/* ---- settings and parts ---- */

const struct gy_schema *gy_snapshot_schema(const struct gy_snapshot *s)
{
    return &s->live.schema;
}

const struct gy_zone *gy_snapshot_zone(const struct gy_snapshot *s)
{
    return s->live.zone;
}

const char *gy_snapshot_currency(const struct gy_snapshot *s)
{
    return s->live.settings.currency;
}

const char *gy_snapshot_language(const struct gy_snapshot *s)
{
    return s->live.settings.language;
}

const char *gy_snapshot_dir(const struct gy_snapshot *s)
{
    return s->live.dir;
}

size_t gy_snapshot_n_parts(const struct gy_snapshot *s)
{
    return gy_live_n_parts(&s->live);
}

const struct gy_part *gy_snapshot_part(const struct gy_snapshot *s, size_t i)
{
    return gy_live_part(&s->live, i)->part;
}

uint64_t gy_snapshot_part_sequence(const struct gy_snapshot *s, size_t i)
{
    return gy_live_part(&s->live, i)->sequence;
}

/* ---- customers ---- */

uint32_t gy_snapshot_n_ordinals(const struct gy_snapshot *s)
{
    return s->live.ids.n;
}

struct gy_str gy_snapshot_id(const struct gy_snapshot *s, uint32_t ordinal, bool *is_external)
{
    return gy_ids_get(&s->live.ids, ordinal, is_external);
}

static uint32_t find_id(const struct gy_snapshot *s, bool is_external, struct gy_str id)
{
    uint32_t ordinal = gy_ids_find(&s->live.ids, is_external, id);
    return ordinal != GY_ID_NONE && gy_erased_has(&s->live.erased, ordinal) ? GY_ID_NONE : ordinal;
}

uint32_t gy_snapshot_find(const struct gy_snapshot *s, struct gy_str id)
{
    uint32_t ordinal = find_id(s, true, id);
    if (ordinal == GY_ID_NONE)
        ordinal = find_id(s, false, id);
    return ordinal == GY_ID_NONE ? ordinal : gy_links_root(&s->live.links, ordinal);
}

uint32_t gy_snapshot_find_kind(const struct gy_snapshot *s, bool is_external, struct gy_str id)
{
    uint32_t ordinal = find_id(s, is_external, id);
    return ordinal == GY_ID_NONE ? ordinal : gy_links_root(&s->live.links, ordinal);
}

uint32_t gy_snapshot_root(const struct gy_snapshot *s, uint32_t ordinal)
{
    return gy_erased_has(&s->live.erased, ordinal) ? GY_ID_NONE
                                                   : gy_links_root(&s->live.links, ordinal);
}

const uint64_t *gy_snapshot_external(const struct gy_snapshot *s, uint32_t block_no)
{
    return block_no < gy_blocks_of(s->live.ids.n) ? s->external_blocks[block_no] : NULL;
}

const uint64_t *gy_snapshot_children(const struct gy_snapshot *s, uint32_t block_no)
{
    return block_no < gy_blocks_of(s->live.ids.n) ? s->children_blocks[block_no] : NULL;
}

size_t gy_snapshot_n_scattered(const struct gy_snapshot *s)
{
    return s->n_scattered;
}

void gy_snapshot_scattered(const struct gy_snapshot *s, size_t i, uint32_t *root,
                           const uint32_t **ordinals, uint32_t *n_ordinals)
{
    *root = s->scattered[i].root;
    *ordinals = s->scattered_ordinals + s->scattered[i].first;
    *n_ordinals = s->scattered[i].n;
}

size_t gy_snapshot_find_scattered(const struct gy_snapshot *s, uint32_t root)
{
    size_t low = 0;
    size_t high = s->n_scattered;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->scattered[middle].root < root) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < s->n_scattered && s->scattered[low].root == root ? low : SIZE_MAX;
}

/* ---- without a data directory ---- */

static enum gy_status make_ids(struct gy_snapshot *s, const struct gy_snapshot_parts *parts,
                               struct gy_error *err)
{
    struct gy_id_builder builder = {0};
    struct gy_id_file *file = NULL;
    struct gy_buf bytes = {0};
    for (uint32_t i = 0; i < parts->n_ordinals; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%u", i);
        bool fits =
            gy_id_builder_add(&builder, parts->is_external == NULL || parts->is_external[i],
                              parts->ids != NULL ? parts->ids[i] : gy_str_of(name), GY_ID_NONE);
        GY_ASSERT(fits);
    }
    gy_id_builder_finish(&builder, &bytes);
    enum gy_status status = gy_id_file_open_memory(gy_buf_view(&bytes), "in memory", &file, err);
    if (status == GY_OK)
        status = gy_live_push_ids(&s->live, file, 0, err);
    gy_buf_release(&bytes);
    gy_id_builder_release(&builder);
    return status;
}

static void take_links(struct gy_snapshot *s, const struct gy_snapshot_parts *parts)
{
    s->live.links.ids = &s->live.ids;
    for (size_t i = 0; i < parts->n_links; i++) {
        struct gy_link link = {i + 1, parts->links[i][0], parts->links[i][1]};
        gy_live_push_link(&s->live, &link);
        gy_links_add(&s->live.links, link.child, link.parent);
    }
}

enum gy_status gy_snapshot_of_parts(const struct gy_snapshot_parts *parts, struct gy_snapshot **out,
                                    struct gy_error *err)
{
    struct gy_snapshot *s = gy_alloc_zero(1, sizeof *s);
    *out = NULL;
    s->live.settings = (struct gy_settings){.language = "en"};
    for (size_t i = 0; i < parts->n_parts; i++) {
        struct gy_live_part part = {.part = parts->parts[i], .file = i + 1, .sequence = i + 1};
        gy_live_push_file(&s->live, &part);
    }
    gy_schema_copy(&s->live.schema, parts->schema);
    take_links(s, parts);
    enum gy_status status =
        gy_zone_open(parts->zone == NULL ? "UTC" : parts->zone, &s->live.zone, err);
    if (status == GY_OK)
        status = make_ids(s, parts, err);
    if (status != GY_OK) {
        gy_snapshot_close(s);
        return status;
    }
    make_bits(s, NULL);
    make_scattered(s);
    *out = s;
    return GY_OK;
}
