/* live.h - what a data directory holds, opened: its parts, its tail, its ids, its links, its names.
 *
 * The writer and every snapshot stand on this. The *tail* is what the log holds: each batch in it is
 * a small part in memory; neighbours of like size are merged as they come, up to a size that takes
 * no noticeable time, so that of n batches about log2(n) parts remain. Rows of ids that were linked by then move to their customer, since
 * which of two ids came first within a millisecond only the parts tell.
 *
 * Invariants
 *   (1) Part files are in order of arrival (sequence, then block), and the tail came after them.
 *   (2) The id files cover [0, ids.n) without a gap; every ordinal in a part is below ids.n.
 *   (3) A batch in the log never changes, and those that become a file are its first: so a tail that
 *       begins with the log's first batch holds what the log does, up to its own last.
 */
#ifndef GY_STORE_LIVE_H
#define GY_STORE_LIVE_H

#include "base/zone.h"
#include "store/catalog.h"
#include "store/erased.h"
#include "store/id_index.h"
#include "store/links.h"
#include "store/merge.h"
#include "store/part.h"
#include "store/schema.h"
#include "store/settings.h"

struct gy_live_part {
    struct gy_part *part;
    uint64_t file;          /* 0: in the log */
    uint64_t sequence;      /* in the tail: of its newest batch */
    uint64_t links_applied; /* its rows follow all links up to this one */
    uint64_t n_rows;
    uint64_t bytes;
};

/* All zero is empty. */
struct gy_live {
    char dir[GY_PATH_SIZE];
    struct gy_settings settings;
    struct gy_zone *zone;
    struct gy_schema schema;
    struct gy_live_part *files;
    size_t n_files;
    size_t files_capacity;
    uint64_t log_first; /* sequences of the log's batches; 0: it is empty */
    uint64_t log_last;
    struct gy_live_part *tail;
    size_t n_tail;
    size_t tail_capacity;
    struct gy_ids ids;
    uint64_t *id_file_numbers; /* a file of `ids` each; 0: in the log */
    size_t id_file_numbers_capacity;
    struct gy_link *link_rows; /* by seq */
    size_t n_link_rows;
    size_t link_rows_capacity;
    struct gy_links links; /* those, and what the id files tell */
    /* The last of the tail, and of the id files in the log, that are just being made files: what comes after
     * stays apart. NULL: none are. */
    const struct gy_part *folding;
    const struct gy_id_file *folding_ids;
    struct gy_erased erased; /* ordinals; of a writer also the hashes */
};

/* Reads all of it in the transaction that is open on `c`, and opens the files; those that `before` (an
 * earlier state of the same data directory, or NULL) has open are shared with it, and so is its tail as
 * far as it still is one. Where a part file is gone, `*is_gone` (may be NULL) tells, beside the error.
 * `live` is all zero; release it also after a failure. */
GY_CHECKED enum gy_status gy_live_load(struct gy_live *live, struct gy_catalog *c, const char *dir,
                                       const struct gy_live *before, bool *is_gone,
                                       struct gy_error *err);
void gy_live_release(struct gy_live *live);

/* Each takes the part, resp. the file, also on failure. All links that are committed are there before a
 * part is pushed, and no others. */
GY_CHECKED enum gy_status gy_live_push_tail(struct gy_live *live, struct gy_part *part,
                                            uint64_t sequence, uint64_t links_applied,
                                            struct gy_error *err);
void gy_live_push_file(struct gy_live *live, const struct gy_live_part *part);
GY_CHECKED enum gy_status gy_live_push_ids(struct gy_live *live, struct gy_id_file *file,
                                           uint64_t number, struct gy_error *err);
void gy_live_push_link(struct gy_live *live, const struct gy_link *link);

/* All parts one after the other, the tail last. */
static inline size_t gy_live_n_parts(const struct gy_live *live)
{
    return live->n_files + live->n_tail;
}
static inline const struct gy_live_part *gy_live_part(const struct gy_live *live, size_t i)
{
    return i < live->n_files ? &live->files[i] : &live->tail[i - live->n_files];
}

/* The last link that the rows of all parts follow: only later ones scatter a customer's rows. */
uint64_t gy_live_links_applied(const struct gy_live *live);

/* The links later than `applied` as moves to the roots that `links` tells, as a merge wants them.
 * Returns how many; `*out` is owned by the caller (free). */
size_t gy_live_moves(const struct gy_live *live, struct gy_links *links, uint64_t applied,
                     struct gy_move **out);

/* The number of rows of all slices. */
uint64_t gy_part_total_rows(const struct gy_part *part);

/* The ids of the files [first, end) of `ids` joined into one, with the parents that `links` tells
 * where it is not NULL, and without those of `erased` (which may be NULL). False if they do not fit into one file. */
bool gy_ids_join(const struct gy_ids *ids, size_t first, size_t end, const struct gy_links *links,
                 const roaring_bitmap_t *erased, struct gy_buf *out);

/* Forgets the links of erased ids. */
void gy_live_drop_links(struct gy_live *live);

#endif
