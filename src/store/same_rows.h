/* same_rows.h - which rows of a file are stored already, where they have no messageId.
 *
 * Such a row is its own identity: it is the same as a stored one of its customer, stream and time that says
 * the same and has no fingerprint either. But two equal rows of a file are two. So each stored row
 * accounts for one row of the file, and what the file has more often than the store is new: the store
 * ends with as many as the one of the two that had more, whatever the order of the rows, and
 * however often a file comes.
 *
 * Only rows that were stored before the file began account for its rows, and only where there are some at that
 * very customer, stream and time is anything compared or counted: the import of new data pays nothing.
 *
 * Rows of stores of earlier releases have fingerprints: of their text and how often it came before in their
 * file. Those are counted as they were then.
 *
 * One owner. Parts must not be merged while a file is read: begin anew afterwards.
 */
#ifndef GY_STORE_SAME_ROWS_H
#define GY_STORE_SAME_ROWS_H

#include "base/buf.h"
#include "store/batch_plan.h"
#include "store/key_counts.h"

/* All zero but for the key is empty. */
struct gy_same_rows {
    const uint8_t *fingerprint_key; /* 16 bytes; borrowed */
    uint64_t before;                /* parts of smaller sequences were there when the file began */
    struct gy_key_counts
        accounted;                /* stored rows that account for one, and fingerprints that came */
    struct gy_key_counts pending; /* the same, by the commit in hand */
    uint64_t *pending_keys;
    size_t n_pending;
    size_t pending_capacity;
    struct gy_buf text;
};

void gy_same_rows_release(struct gy_same_rows *s);

/* The next rows are of another file; parts from the sequence `before` on are its own. */
void gy_same_rows_begin(struct gy_same_rows *s, uint64_t before);

/* True if a call is to be known by what it says: an event of one id and nothing else, from a file. By
 * the call alone, so that it is the same whenever it comes. */
bool gy_same_rows_takes(const struct gy_call *call);

/* The fingerprint that stores of earlier releases have of a call without a messageId. `text` is scratch. */
uint64_t gy_content_fingerprint(struct gy_buf *text, const uint8_t key[16],
                                const struct gy_batch_call *call, struct gy_str event,
                                uint32_t occurrence);

/* Drops from an ordered plan the calls that are stored: of `calls`, which are those of one known stream
 * of events, in order. What accounts for them does so only after `settle`; `forget` takes it back. */
GY_CHECKED enum gy_status gy_same_rows_mark(struct gy_same_rows *s, struct gy_plan *plan,
                                            const uint32_t *calls, uint32_t n,
                                            struct gy_error *err);
void gy_same_rows_forget(struct gy_same_rows *s);
void gy_same_rows_settle(struct gy_same_rows *s);

#endif
