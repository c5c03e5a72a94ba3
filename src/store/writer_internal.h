/* writer_internal.h - what the files of the writer share.
 *
 *   writer.c        open, close, taking calls
 *   commit.c        a batch becomes a part or a row of the log
 *   maintain.c      the log becomes a part, parts and id files are merged, links are applied
 *   background.c    the same on another thread
 *   erasure.c       customers are erased;  erasure_ledger.c  and stay so when a backup is restored;
 *                   erasure_contacts.c  their addresses, by which dead letters name them
 *   stored_calls.c  finding and replacing calls
 *   put_*.c         segments, metrics, lists, refreshes, keys, dead letters, accounts, webhooks
 *   audit.c         who changed what
 *   workspace_init.c  making a data directory
 */
#ifndef GY_STORE_WRITER_INTERNAL_H
#define GY_STORE_WRITER_INTERNAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "store/audit.h"
#include "store/batch.h"
#include "store/batch_plan.h"
#include "store/catalog.h"
#include "store/customer_calls.h"
#include "store/identity.h"
#include "store/key_counts.h"
#include "store/live.h"
#include "store/merge.h"
#include "store/probe.h"
#include "store/same_rows.h"
#include "store/writer.h"

enum {
    GY_TARGET_FILE_SIZE = 64 << 20
};

/* The file that the calls come from. */
struct gy_import {
    char *name; /* NULL: none */
    int64_t id; /* its row in the catalog; 0: not there yet */
    int64_t started_ms;
    bool wants_contents; /* stored events have fingerprints, which may be of their contents */
};

/* Calls to be removed with the next commit. */
struct gy_replacement {
    char *event;
    size_t event_len;
    char *property;
    size_t property_len;
    struct gy_intern values;
};

/* A stored event and its items, as a merge meets them. */
struct gy_stored_row {
    const struct gy_part *part;
    uint32_t stream;
    uint32_t ordinal; /* as stored */
    uint32_t row;
    int64_t time_ms;
};

struct gy_writer {
    int lock_fd;
    int lease_fd; /* the lock is lent by a server as long as this is open; -1: it is not */
    struct gy_catalog catalog;
    struct gy_live live;
    struct gy_identity identity;
    struct gy_batch batch;
    uint8_t fingerprint_key[16];
    int64_t next_file;
    int64_t next_sequence;
    int64_t next_link;

    struct gy_key_counts seen; /* calls of this batch, by customer and fingerprint */
    struct gy_key_counts
        occurrences; /* of calls in the file that have a fingerprint of their content */
    struct gy_same_rows same_rows; /* of the others without a messageId */
    uint64_t n_duplicates;         /* calls that came twice in this batch, or were found at once */
    uint64_t n_duplicate_lines;
    struct gy_import import;
    int64_t import_ms; /* values without a time hold from then on */

    struct gy_replacement *replacements;
    size_t n_replacements;
    size_t replacements_capacity;
    bool are_replacements_found;
    struct gy_stored_row *replaced_rows;
    size_t n_replaced_rows;
    size_t replaced_rows_capacity;
    struct gy_replaced replaced;

    struct gy_dead_letter *letters; /* of the batch */
    size_t n_letters;
    size_t letters_capacity;
    struct gy_arena letter_arena;

    bool are_links_deleted; /* of all whose erasure is pending */

    struct gy_audit_entry *audit; /* that the next transaction takes along, or NULL */
    struct gy_arena audit_arena;

    struct gy_customer_calls many;
    struct gy_buf scratch;

    struct gy_background *background; /* what goes on on other threads */
    struct gy_commit_ahead *ahead;    /* a batch that is being committed meanwhile, or NULL */
    struct gy_commit_counts waiting;  /* of such ones, until they are asked for */
};

/* The path of a new file, with a number that was never used. */
uint64_t gy_writer_new_path(struct gy_writer *w, const char *suffix, char out[GY_PATH_SIZE]);

/* ---- parts coming and going ---- */

/* What one transaction changes among the files. */
struct gy_file_change {
    struct gy_live_part *added; /* opened, to be listed */
    size_t n_added;
    size_t added_capacity;
    uint64_t *removed; /* numbers of part files that go */
    size_t n_removed;
    size_t removed_capacity;
    struct gy_id_file *ids; /* to be listed, or NULL */
    uint64_t ids_file;
    bool is_committing; /* COMMIT was tried: whether the files count is for the catalog to say */
};

/* Opens a part file just written and adds it. Removes it if it cannot be opened. */
GY_CHECKED enum gy_status gy_file_change_add(struct gy_file_change *change, struct gy_writer *w,
                                             uint64_t file, uint64_t sequence,
                                             uint64_t links_applied, struct gy_error *err);

/* Inside a transaction: the rows of the table `part`. */
GY_CHECKED enum gy_status gy_file_change_list(const struct gy_file_change *change,
                                              struct gy_writer *w, struct gy_error *err);

/* After the commit: parts in `live`, removed files unlinked. */
void gy_file_change_apply(struct gy_file_change *change, struct gy_writer *w);

/* Gives back everything; files that were written and not listed are removed. */
void gy_file_change_release(struct gy_file_change *change, struct gy_writer *w);

/* COMMIT with the counters that must not go back. */
GY_CHECKED enum gy_status gy_writer_commit_catalog(struct gy_writer *w,
                                                   struct gy_file_change *change,
                                                   struct gy_error *err);

/* Merges parts into files and adds those to `change`. `replaced` (may be NULL) are rows left out. */
struct gy_rewrite {
    const struct gy_live_part *inputs;
    size_t n_inputs;
    const struct gy_schema *schema;
    bool drops_replaced;
    bool
        moves_nothing; /* rows stay under their ordinals: for one file of several of a run, which hold
                         * different blocks */
};
GY_CHECKED enum gy_status gy_writer_rewrite(struct gy_writer *w, const struct gy_rewrite *rewrite,
                                            struct gy_file_change *change, struct gy_error *err);

/* The rows that have to move in such a merge. `*out` is owned by the caller (free). */
size_t gy_writer_list_moves(const struct gy_writer *w, const struct gy_rewrite *rewrite,
                            struct gy_move **out);

/* ---- what maintenance and background share ---- */

/* The first file of the newest runs that should be one, from file `least` on; n_files if there are none. */
size_t gy_writer_first_to_merge(const struct gy_live *live, size_t least);

/* The first of the id files before `end` that should be one; `end` if there are none. */
size_t gy_writer_first_ids_to_join(const struct gy_ids *ids, size_t end);

/* The first id file that stands in the log. */
size_t gy_writer_first_log_ids(const struct gy_live *live);

/* Inside a transaction: the rows of the id files [first, end) go. */
GY_CHECKED enum gy_status gy_writer_unlist_ids(struct gy_writer *w, size_t first, size_t end,
                                               struct gy_error *err);

/* After the commit: the joined file takes the place of the files [first, end). */
void gy_writer_exchange_ids(struct gy_writer *w, size_t first, size_t end,
                            struct gy_file_change *change);

/* Whether those who have rows under several ids since this link are many. */
bool gy_writer_are_links_many(const struct gy_live *live, uint64_t applied);

/* Whether these files have rows of children that they do not follow yet. */
GY_CHECKED enum gy_status gy_writer_needs_moves(const struct gy_live_part *files, size_t n,
                                                const struct gy_link *links, size_t n_links,
                                                bool *needs, struct gy_error *err);

/* Before it is closed: where another thread works on it, that is in vain. */
void gy_writer_part_goes(struct gy_writer *w, const struct gy_part *part);
void gy_writer_ids_go(struct gy_writer *w, const struct gy_id_file *file);

/* Writes one file anew without what is erased, in a transaction of its own. */
GY_CHECKED enum gy_status gy_writer_rewrite_file(struct gy_writer *w, size_t i,
                                                 struct gy_error *err);
GY_CHECKED enum gy_status gy_writer_rewrite_ids(struct gy_writer *w, size_t i,
                                                struct gy_error *err);

/* Sets `*has` where the part has rows of an ordinal. */
GY_CHECKED enum gy_status gy_part_names(const struct gy_part *part, uint32_t ordinal, bool *has,
                                        struct gy_error *err);

/* ---- erasure ---- */

/* The first file from `i` on with rows of customers whose erasure is pending; n_files if there is none. */
GY_CHECKED enum gy_status gy_writer_find_erased(const struct gy_writer *w, size_t *i,
                                                struct gy_error *err);

/* The first id file, before those in the log, that still has an id of theirs; the first one in the log if there is none. */
size_t gy_writer_find_erased_ids(const struct gy_writer *w);

/* Erases the customers whose ordinals are in `found`, with all their ids (which join the set), and keeps those of `hashes` that
 * nobody here has: in one transaction. */
GY_CHECKED enum gy_status gy_writer_erase_found(struct gy_writer *w, roaring_bitmap_t *found,
                                                const uint8_t (*hashes)[GY_ERASED_HASH],
                                                size_t n_hashes, struct gy_error *err);

/* Adds the texts by which a dead letter may name them without an id. */
GY_CHECKED enum gy_status gy_writer_list_contacts(const struct gy_writer *w,
                                                  const roaring_bitmap_t *ordinals,
                                                  struct gy_intern *contacts, struct gy_error *err);

/* Brings the ledger and the catalog together: what either knows to be erased is. */
GY_CHECKED enum gy_status gy_writer_sync_ledger(struct gy_writer *w, struct gy_error *err);

/* Writes the ledger anew, without the hashes `left_out` where that is not NULL. */
GY_CHECKED enum gy_status gy_writer_write_ledger(struct gy_writer *w,
                                                 const uint8_t (*left_out)[GY_ERASED_HASH],
                                                 size_t n_left_out, struct gy_error *err);

/* ---- dead letters of the batch ---- */

/* Inside a transaction. */
GY_CHECKED enum gy_status gy_writer_put_dead_letters(struct gy_writer *w, struct gy_error *err);
void gy_writer_forget_dead_letters(struct gy_writer *w);

/* ---- the audit trail ---- */

/* Before a COMMIT (catalog.h): writes the entry that was told, once. */
GY_CHECKED enum gy_status gy_writer_put_audit(void *writer, struct gy_error *err);

/* ---- calls to be replaced ---- */

/* Finds the rows of all replacements, once. */
GY_CHECKED enum gy_status gy_writer_find_replaced(struct gy_writer *w, struct gy_error *err);
void gy_writer_forget_replacements(struct gy_writer *w);

#endif
