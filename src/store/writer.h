/* writer.h - the one process that changes a data directory.
 *
 * Calls are gathered in a batch. A batch becomes durable as a whole: as a part file listed in the
 * catalog (imports), or as a row of the log (live calls). Only then is it acknowledged. Duplicates
 * are found before that commit, against the batch itself and everything stored.
 *
 * What a commit does, in this order: resolve ids to ordinals, drop duplicates, settle the types of
 * new names, sort, write the part, fsync, rename, fsync the directory, and in one SQLite transaction
 * list the part, the new ids, names, links and the progress of the import. A part that no catalog row
 * names is garbage of a crash; the next writer removes it.
 */
#ifndef GY_STORE_WRITER_H
#define GY_STORE_WRITER_H

#include <roaring/roaring.h>

#include "base/status.h"
#include "store/call.h"
#include "store/schema.h"

struct gy_writer;

struct gy_init_options {
    const char *time_zone; /* NULL: UTC */
    const char *currency;  /* NULL: "" */
    const char *language;  /* NULL: "en" */
};

/* Makes the data directory (mode 0700). CONFLICT where there is one already. */
GY_CHECKED enum gy_status gy_workspace_init(const char *dir, const struct gy_init_options *options,
                                            struct gy_error *err);
bool gy_workspace_exists(const char *dir);

/* Makes one with default settings among the system's temporary files, for a rehearsal where there is none;
 * `dir` is where it is. To be removed: with its files, but for parts, which a rehearsal has none of. */
GY_CHECKED enum gy_status gy_workspace_make_temporary(char dir[64], struct gy_error *err);
void gy_workspace_remove_temporary(const char *dir);

/* Takes the writer's lock, which a server that has it lends (lease.h). Fails with NO_WORKSPACE, BUSY (another process
 * writes), IO, CORRUPT. Removes what a crash left behind. `*out` is owned by the caller (gy_writer_close). */
GY_CHECKED enum gy_status gy_writer_open(const char *dir, struct gy_writer **out,
                                         struct gy_error *err);
/* As gy_writer_open, and asks no server: for the server itself. */
GY_CHECKED enum gy_status gy_writer_open_own(const char *dir, struct gy_writer **out,
                                             struct gy_error *err);
void gy_writer_close(struct gy_writer *w); /* what was not committed is gone */

/* ---- calls ---- */

/* Adds a call to the batch. INVALID (no id, no time, a time outside the years 1 to 2105 …) and LIMIT (too many
 * names, an id that is too long …) and ERASED (it is of an erased customer): this call cannot be taken, the reason is in `err`, and nothing of
 * it is kept; go on with the next one. A duplicate is GY_OK, and counted at the commit. Anything else
 * (IO, CORRUPT, from looking at what is stored) is no fault of the call. */
GY_CHECKED enum gy_status gy_writer_add(struct gy_writer *w, const struct gy_call *call,
                                        struct gy_error *err);

/* A call will be added soon: fetches what will be looked at then. */
void gy_writer_expect(const struct gy_writer *w, const struct gy_call *call);

/* Whether all of these calls can be added, for what is to be taken whole or not at all: calls of different
 * events, and at most one identify. INVALID, LIMIT and ERASED as gy_writer_add fails with the first that cannot
 * be; adds nothing. */
GY_CHECKED enum gy_status gy_writer_check(struct gy_writer *w, const struct gy_call *calls,
                                          uint32_t n, struct gy_error *err);

uint64_t gy_writer_batch_calls(const struct gy_writer *w);
uint64_t gy_writer_batch_bytes(const struct gy_writer *w); /* memory it takes, roughly */

/* The next calls come from a file: the occurrences of rows without a messageId are counted anew, and
 * a trait without a time holds from this instant where the customer has one that has always been there. `name` goes into
 * the import's row; NULL: they come from no file any more. A row without a messageId that is an event and nothing
 * else is known by what it says: see same_rows.h. gy_writer_maintain and gy_writer_compact end the file: what came
 * before them is then as of another. */
void gy_writer_begin_file(struct gy_writer *w, const char *name);

/* Whether the `content` of a call from the file matters. Any thread may ask while the file is read; of the call only
 * its content may still be missing. */
bool gy_writer_wants_content(const struct gy_writer *w, const struct gy_call *call);

struct gy_commit_counts {
    uint64_t taken;       /* calls that are new */
    uint64_t duplicates;  /* calls that are stored already, or twice in the batch */
    uint64_t lines_taken; /* the sum of n_lines over those calls */
    uint64_t lines_duplicate;
    uint64_t misfits; /* values kept as they came because they do not read as their name's type */
    /* "trait \"age\" is a number; 3 values are not, the first is \"old\""; or "" */
    char misfit_example[256];
};

/* Makes the batch durable as a part file. `position` (bytes or lines of the file read so far) goes
 * into the import's row. After a failure the batch is still there: try again, or close. Adds to
 * `counts` (which may be NULL). An empty batch does nothing. */
GY_CHECKED enum gy_status gy_writer_commit(struct gy_writer *w, uint64_t position,
                                           struct gy_commit_counts *counts, struct gy_error *err);

/* The same in a thread of its own, while calls are added to the next batch. What came of it is known when
 * gy_writer_wait says so; until then nothing may be called but that, gy_writer_add and gy_writer_check,
 * gy_writer_batch_calls and _bytes, gy_writer_commit, _commit_ahead, _rehearse and _discard, and
 * gy_writer_close. They wait where they must: another batch, or a call that links ids. */
GY_CHECKED enum gy_status gy_writer_commit_ahead(struct gy_writer *w, uint64_t position,
                                                 struct gy_error *err);

/* Waits for the end of gy_writer_commit_ahead, if there is one. After a failure (also where it was found
 * by adding a call) nothing that was not committed is there any more, also of the batch in hand. Adds to
 * `counts` (which may be NULL: they are then kept for the next time). */
GY_CHECKED enum gy_status gy_writer_wait(struct gy_writer *w, struct gy_commit_counts *counts,
                                         struct gy_error *err);

/* Does everything that gy_writer_commit does but write: counts as it would, then forgets the batch. So
 * it knows of what is stored and of this batch, but not of those that were rehearsed before. */
GY_CHECKED enum gy_status gy_writer_rehearse(struct gy_writer *w, struct gy_commit_counts *counts,
                                             struct gy_error *err);

/* Forgets the batch, its dead letters, and the replacements that were asked for. */
void gy_writer_discard(struct gy_writer *w);

/* Makes the batch durable as a row of the log (small batches; queries see it as a tail part). */
GY_CHECKED enum gy_status gy_writer_commit_log(struct gy_writer *w, struct gy_commit_counts *counts,
                                               struct gy_error *err);

/* Turns the whole log into a part file, merges parts where many are small, rewrites what moved
 * customers left behind. Does nothing where there is nothing to do. */
GY_CHECKED enum gy_status gy_writer_maintain(struct gy_writer *w, struct gy_error *err);

/* Of that, only turns the log into a part file. */
GY_CHECKED enum gy_status gy_writer_fold_log(struct gy_writer *w, struct gy_error *err);

/* Maintenance beside other work: a large merge takes minutes, and it only reads parts, which never change.
 *
 *     b = gy_writer_begin_fold(w)         the log becomes a part file
 *     b = gy_writer_begin_background(w)   or what else is to be done: parts and id files become fewer, rows
 *                                         move to the customers that they were linked to
 *         gy_background_run(b)            on any thread, while the writer does what it likes
 *     gy_writer_end_background(w, b)      lists what was made, in a transaction of its own
 *
 * Where the writer changes what it works on meanwhile (it folds the log itself, compacts, replaces calls), it was
 * in vain. Of several at a time no two work on the same.
 */
struct gy_background;

/* NULL where there is nothing to do. No calls may be in the batch. To be ended, before the writer is closed. */
struct gy_background *gy_writer_begin_fold(struct gy_writer *w);
struct gy_background *gy_writer_begin_background(struct gy_writer *w);
GY_CHECKED enum gy_status gy_background_run(struct gy_background *background, struct gy_error *err);
/* How many runs of parts (what one commit or merge wrote) there are: each is looked at for each call. */
size_t gy_writer_n_runs(const struct gy_writer *w);

/* On any thread: it soon ends, with CANCELLED. */
void gy_background_cancel(struct gy_background *background);
/* Takes `background`, also one that failed or was never run: then nothing has changed. */
GY_CHECKED enum gy_status gy_writer_end_background(struct gy_writer *w,
                                                   struct gy_background *background,
                                                   struct gy_error *err);

/* Merges everything into one run. */
GY_CHECKED enum gy_status gy_writer_compact(struct gy_writer *w, struct gy_error *err);

/* ---- orders, which a later file may say differently ---- */

/* What is stored of the order calls with these messageIds (order_id and kind, as ingest builds them)
 * of an event: for each, whether one is there, and a hash of its content. */
struct gy_stored_call {
    bool is_there;
    uint64_t content; /* gy_writer_call_content of the call as it is stored */
};

/* The content of a call apart from its messageId: customer, event, time, fields and items, in any
 * order of fields, each value read as the type that the schema has for its name (a cell "12.50" of a
 * number is 12.5). So it is the content of the stored call exactly if the two say the same. */
uint64_t gy_writer_call_content(const struct gy_writer *w, const struct gy_call *call);

/* Looks up calls by event name and the value of one of its string properties (`order_id`). */
GY_CHECKED enum gy_status gy_writer_find_calls(struct gy_writer *w, struct gy_str event,
                                               struct gy_str property, const struct gy_str *values,
                                               size_t n, struct gy_stored_call *out,
                                               struct gy_error *err);

/* At the next commit, the stored calls of `event` whose string property `property` has one of these
 * values are removed, with their items, in the same transaction that adds the batch. */
void gy_writer_replace_calls(struct gy_writer *w, struct gy_str event, struct gy_str property,
                             const struct gy_str *values, size_t n);

/* ---- the catalog ---- */

const char *gy_writer_time_zone(const struct gy_writer *w); /* the workspace's IANA zone */
const struct gy_schema *gy_writer_schema(const struct gy_writer *w);

/* `author` and `reason` may be empty. A text equal to the newest version's adds no version. `json`:
 * the attributes, one JSON object. */
GY_CHECKED enum gy_status gy_writer_put_segment(struct gy_writer *w, struct gy_str name,
                                                struct gy_str text, struct gy_str json,
                                                struct gy_str author, struct gy_str reason,
                                                struct gy_error *err);
/* With its versions and with all that was recorded of it. */
GY_CHECKED enum gy_status gy_writer_remove_segment(struct gy_writer *w, struct gy_str name,
                                                   struct gy_error *err);
/* Several at once, all of them or none: puts those with a text, removes the others (NOT_FOUND where
 * one is not there). */
struct gy_segment_put {
    struct gy_str name;
    struct gy_str text; /* empty: remove it */
    struct gy_str json;
    struct gy_str author; /* may be empty */
    struct gy_str reason; /* may be empty */
};
GY_CHECKED enum gy_status gy_writer_put_segments(struct gy_writer *w,
                                                 const struct gy_segment_put *puts, size_t n,
                                                 struct gy_error *err);
GY_CHECKED enum gy_status gy_writer_put_metric(struct gy_writer *w, struct gy_str name,
                                               struct gy_str text, struct gy_error *err);
GY_CHECKED enum gy_status gy_writer_remove_metric(struct gy_writer *w, struct gy_str name,
                                                  struct gy_error *err);

/* The list is then exactly these ids (`add` keeps those that were there). The first time of a list
 * holds for always. */
GY_CHECKED enum gy_status gy_writer_put_list(struct gy_writer *w, struct gy_str name,
                                             const struct gy_str *ids, size_t n, bool keep_others,
                                             struct gy_error *err);
/* Takes these ids off the list, from now on; those that are not in it do not matter. */
GY_CHECKED enum gy_status gy_writer_take_from_list(struct gy_writer *w, struct gy_str name,
                                                   const struct gy_str *ids, size_t n,
                                                   struct gy_error *err);
GY_CHECKED enum gy_status gy_writer_remove_list(struct gy_writer *w, struct gy_str name,
                                                struct gy_error *err);

/* A recorded change of membership; the same one twice is one. All of `changes` or none. */
struct gy_change {
    struct gy_str segment;
    struct gy_str id;
    bool entered;
    int64_t at_ms;
};
GY_CHECKED enum gy_status gy_writer_record_changes(struct gy_writer *w,
                                                   const struct gy_change *changes, size_t n,
                                                   struct gy_error *err);

/* Who is in a segment as of an instant, and what changed since the refresh before: then the next refresh
 * is held against these members. All of `refreshes` or none; NOT_FOUND where there is no such segment.
 * Sets are of roots. The instant must not be before that of the segment's last refresh. */
struct gy_refresh {
    struct gy_str segment;
    uint32_t version; /* that was evaluated */
    int64_t at_ms;
    const roaring_bitmap_t *members;
    const roaring_bitmap_t *came; /* NULL: nobody */
    const roaring_bitmap_t *went; /* NULL: nobody */
    struct gy_str cause;          /* of the change, one JSON object; may be empty */
    int64_t before_ms; /* of a live look: the instant of the one that it is held against; INT64_MIN: it is the first */
};
GY_CHECKED enum gy_status gy_writer_put_refreshes(struct gy_writer *w,
                                                  const struct gy_refresh *refreshes, size_t n,
                                                  struct gy_error *err);

/* Customers who are known to be in a segment and have become children of others since the look before: from now
 * on `instead` are in it and `gone` are not, which is no change. */
struct gy_live_move {
    struct gy_str segment;
    const roaring_bitmap_t *gone;
    const roaring_bitmap_t *instead;
};

/* What a live look found, all of it or nothing; NOT_FOUND as above, CONFLICT where a segment was looked at by somebody
 * else meanwhile. Each segment with a move or a change has a look too.
 * Changes have no `members`; a look has no `came` and `went`, and `members` (after all that) only where they are to be
 * stored anew: the first time, and where many changes have come together, for members are read by going through
 * those. */
struct gy_live_record {
    const struct gy_refresh *looks;
    size_t n_looks;
    const struct gy_live_move *moves;
    size_t n_moves;
    const struct gy_refresh *changes;
    size_t n_changes;
};
GY_CHECKED enum gy_status gy_writer_record_live(struct gy_writer *w,
                                                const struct gy_live_record *record,
                                                struct gy_error *err);

/* ---- who is told of changes (webhooks.h) ---- */

/* CONFLICT where there is one of that name. It is told of what is recorded from now on. `segments` is a JSON array of
 * names; an empty one: all. */
struct gy_webhook_put {
    struct gy_str name;
    struct gy_str url;
    struct gy_str segments;
    struct gy_str secret;
};
GY_CHECKED enum gy_status gy_writer_put_webhook(struct gy_writer *w,
                                                const struct gy_webhook_put *put,
                                                struct gy_error *err);
/* With all that it was not told yet. NOT_FOUND. */
GY_CHECKED enum gy_status gy_writer_remove_webhook(struct gy_writer *w, struct gy_str name,
                                                   struct gy_error *err);
/* Its dead letters are tried again from now until `until_ms`, and it is active again. `*n`: how many they are.
 * NOT_FOUND. */
GY_CHECKED enum gy_status gy_writer_replay_webhook(struct gy_writer *w, struct gy_str name,
                                                   int64_t until_ms, int64_t *n,
                                                   struct gy_error *err);

/* How far webhooks were told, all of it or nothing. What is of a webhook that was removed is left out. */
struct gy_webhook_cursor {
    int64_t webhook;
    int64_t change;
    int64_t place;
    bool is_over; /* it wants no more: inactive from now on */
};
struct gy_webhook_retry; /* webhooks.h */
struct gy_webhook_progress {
    const struct gy_webhook_cursor *cursors;
    size_t n_cursors;
    const struct gy_webhook_retry *retries; /* new, or tried once more */
    size_t n_retries;
    const struct gy_webhook_retry *done;
    size_t n_done;
};
GY_CHECKED enum gy_status gy_writer_put_webhook_progress(struct gy_writer *w,
                                                         const struct gy_webhook_progress *progress,
                                                         struct gy_error *err);

/* ---- erasure ----
 *
 * Who is erased is nobody from then on: no query sees them, lists and recorded changes do not name them, and a
 * call that does is refused (ERASED). What is left on disk goes with the next maintenance, or with
 * gy_writer_finish_erasures. No calls may be in the batch.
 */

/* Erases the customer who has an id, with all ids that belong to them. NOT_FOUND; `*was_erased` where it
 * has been before. */
GY_CHECKED enum gy_status gy_writer_erase(struct gy_writer *w, struct gy_str id, uint32_t *n_ids,
                                          bool *was_erased, struct gy_error *err);

/* After it no byte of an erased customer is in the data directory: parts, dictionaries and id files that had some
 * are written anew, the catalog and its log are cleared. BUSY where a reader keeps the log in use: try again. */
GY_CHECKED enum gy_status gy_writer_finish_erasures(struct gy_writer *w, struct gy_error *err);
bool gy_writer_has_erasures(const struct gy_writer *w); /* that are not finished */

/* The end of them, where gy_writer_begin_background has had everything else done: the catalog is cleared. Does
 * nothing where something is left to be done there, or where a reader is in the way. */
GY_CHECKED enum gy_status gy_writer_end_erasures(struct gy_writer *w, struct gy_error *err);

/* Lets an id of an erased customer come again, as that of a new one; first all erasures are finished. NOT_FOUND
 * where it is none. */
GY_CHECKED enum gy_status gy_writer_forget_erased(struct gy_writer *w, struct gy_str id,
                                                  struct gy_error *err);

/* ---- what a server needs beside calls ---- */

/* A key that may send events; only its hash (gy_hash_secret) is kept. CONFLICT where there is one of that
 * name. */
GY_CHECKED enum gy_status gy_writer_put_write_key(struct gy_writer *w, struct gy_str name,
                                                  const uint8_t hash[32], struct gy_error *err);
GY_CHECKED enum gy_status gy_writer_remove_write_key(struct gy_writer *w, struct gy_str name,
                                                     struct gy_error *err); /* NOT_FOUND */

/* Where people reach the server, for the links that other commands make (gy_accounts). */
GY_CHECKED enum gy_status gy_writer_put_server_url(struct gy_writer *w, struct gy_str url,
                                                   struct gy_error *err);

/* Keeps a call that was sent and could not be taken, as it came: in the transaction of the next commit,
 * which it makes one also of an empty batch. Only the newest 10,000 letters stay, and none that names an
 * erased customer. Texts are copied. */
struct gy_dead_letter {
    struct gy_str write_key; /* the name of the key it was sent with */
    struct gy_str reason;
    struct gy_str call;
};
void gy_writer_add_dead_letter(struct gy_writer *w, const struct gy_dead_letter *letter);

/* Sets the type of a trait or of an event's property and reads all stored values again. */
GY_CHECKED enum gy_status gy_writer_set_type(struct gy_writer *w, bool is_trait,
                                             struct gy_str event, struct gy_str name,
                                             enum gy_value_type type, struct gy_error *err);

#endif
