/* live_inbox.h - what commits tell those who follow them: which customer did what.
 *
 *     the writing thread ── put ──> [ (customer, event or trait) … ] ── take ──> the live thread
 *
 * Only what somebody reads is kept: the live thread says which events and traits those are (names that the workspace has
 * not seen when it said so are kept too). What waits is bounded; past that it says so, and the live thread looks at
 * everybody. What happened a little after now, by the clock of a sender that is ahead, waits until then: before, no look
 * would see it.
 */
#ifndef GY_SERVER_LIVE_INBOX_H
#define GY_SERVER_LIVE_INBOX_H

#include "base/arena.h"
#include "base/intern.h"
#include "store/call.h"

struct gy_live_inbox;

struct gy_live_note {
    struct gy_str id; /* of the customer */
    bool is_external;
    bool is_trait;
    struct gy_str name; /* of the event or trait */
    int64_t time_ms;    /* when it happened; INT64_MIN: it is not said */
};

struct gy_live_notes {
    struct gy_live_note *notes; /* in the order of the calls */
    size_t n;
    size_t capacity;
    bool are_too_many; /* some were left out */
    int64_t next_ms;   /* when the first of those that stayed behind happens; INT64_MAX: none did */
    struct gy_arena arena;
};

/* Owned by the caller (gy_live_inbox_free). Nothing is kept until it is said what is read. */
struct gy_live_inbox *gy_live_inbox_new(void);
void gy_live_inbox_free(struct gy_live_inbox *inbox);

/* Whether anybody reads at all, and what. Names are the letter 'e' for an event or 't' for a trait, then the name. Takes
 * both sets: all `known` names, and of those the ones that are `read`. */
void gy_live_inbox_expect(struct gy_live_inbox *inbox, bool is_used, struct gy_intern *known,
                          struct gy_intern *read);

/* True if something was kept. Any thread. */
bool gy_live_inbox_put(struct gy_live_inbox *inbox, const struct gy_call *calls, size_t n);

enum {
    GY_LIVE_AHEAD_MS = 5000
};

/* What was kept since, for a look as of `now_ms`; released by the caller. What happens within GY_LIVE_AHEAD_MS after it
 * stays; what is later than that does not, and is found by time like all that is to come. */
void gy_live_inbox_take(struct gy_live_inbox *inbox, int64_t now_ms, struct gy_live_notes *out);
void gy_live_notes_release(struct gy_live_notes *notes);

#endif
