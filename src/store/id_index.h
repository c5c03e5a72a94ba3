/* id_index.h - the ids of customers: id -> ordinal, ordinal -> id, ordinal -> parent.
 *
 * External and anonymous ids are separate name spaces; each id has an ordinal of its own, given in
 * the order in which ids first came. An *id file* holds the ids of consecutive ordinals and never
 * changes; a store has a few of them, one after the other, and the ids of a batch in the log stand in
 * the same form in its row. Bytes: docs/format-ids.md.
 *
 *   header | kinds | parents | starts | slots | bytes | footer
 *
 * A file tells only the parent that an id had in the commit that made it. An id that became a child
 * later has a row in the catalog's table `link`.
 *
 * Invariants
 *   (1) A file is handed out only after its checksum matched and every offset, slot and parent in it
 *       was found in bounds.
 *   (2) A parent is never the ordinal itself.
 *
 * Immutable after open: any thread may read.
 */
#ifndef GY_STORE_ID_INDEX_H
#define GY_STORE_ID_INDEX_H

#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "base/str.h"
#include "store/schema.h"

enum {
    GY_MAX_ID_BYTES = 4096
};

struct gy_id_file;

/* `*out` is owned by the caller (gy_id_file_close). Fails with IO (also where the file is gone:
 * err->sys_errno ENOENT), CORRUPT. */
GY_CHECKED enum gy_status gy_id_file_open(const char *path, struct gy_id_file **out,
                                          struct gy_error *err);
/* Copies `bytes`. */
GY_CHECKED enum gy_status gy_id_file_open_memory(struct gy_str bytes, const char *label,
                                                 struct gy_id_file **out, struct gy_error *err);
/* Of the last of its owners; NULL is allowed. */
void gy_id_file_close(struct gy_id_file *file);

/* One more owner, who closes it too. Any thread. */
struct gy_id_file *gy_id_file_share(struct gy_id_file *file);

uint32_t gy_id_file_first(const struct gy_id_file *file);
uint32_t gy_id_file_n(const struct gy_id_file *file);
uint32_t gy_id_file_n_children(const struct gy_id_file *file);
uint64_t gy_id_file_size(const struct gy_id_file *file); /* bytes */

/* ---- several files, one after the other ---- */

/* All zero is empty. The files are owned by it. */
struct gy_ids {
    struct gy_id_file **files;
    size_t n_files;
    size_t capacity;
    uint32_t n; /* ordinals covered: [0, n) */
};

void gy_ids_release(struct gy_ids *ids);

/* Takes `file`. CORRUPT if it does not begin where the last one ended; then it is not taken. */
GY_CHECKED enum gy_status gy_ids_add(struct gy_ids *ids, struct gy_id_file *file,
                                     struct gy_error *err);

uint32_t gy_ids_find(const struct gy_ids *ids, bool is_external,
                     struct gy_str id); /* or GY_ID_NONE */
struct gy_str gy_ids_get(const struct gy_ids *ids, uint32_t ordinal,
                         bool *is_external);                        /* a view */
uint32_t gy_ids_parent(const struct gy_ids *ids, uint32_t ordinal); /* or GY_ID_NONE */

/* ---- making a file ---- */

/* All zero is empty. */
struct gy_id_builder {
    uint32_t first;     /* the first ordinal; set by the caller */
    uint64_t *external; /* a bit an id */
    uint32_t *parents;
    uint32_t *starts;
    uint32_t n;
    uint32_t n_children;
    size_t capacity;
    struct gy_buf bytes;
};

void gy_id_builder_release(struct gy_id_builder *b);

/* The next id. False if no more fit into one file (4 GiB of ids). */
bool gy_id_builder_add(struct gy_id_builder *b, bool is_external, struct gy_str id,
                       uint32_t parent);

/* Puts the file's bytes behind what `out` holds. */
void gy_id_builder_finish(const struct gy_id_builder *b, struct gy_buf *out);

#endif
