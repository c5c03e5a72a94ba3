/* refresh.h - looks who is in a segment, and records who came and who went since the last look.
 *
 *   last refresh        members then  ──(merged since? the root instead)──┐
 *   this one            members now   ────────────────────────────────────┴──> came, went, at the instant
 *
 * The first refresh of a segment records nobody. A planned segment is not refreshed yet; a closed one is
 * refreshed once more, as of its end, and never again (validity.h). Looking changes nothing: what was
 * found is stored together, all of it or nothing.
 */
#ifndef GY_WORKSPACE_REFRESH_H
#define GY_WORKSPACE_REFRESH_H

#include "store/writer.h"
#include "workspace/ask.h"

enum gy_refresh_outcome {
    GY_REFRESH_FIRST,
    GY_REFRESH_AGAIN,
    GY_REFRESH_PLANNED, /* nothing was looked at, nor is there anything to store */
    GY_REFRESH_CLOSED   /* likewise */
};

struct gy_refreshed {
    uint32_t segment; /* its place in the snapshot */
    enum gy_refresh_outcome outcome;
    int64_t at_ms; /* FIRST, AGAIN: the instant; the rest too */
    roaring_bitmap_t *members;
    roaring_bitmap_t *came;
    roaring_bitmap_t *went;
};

/* As of the ask's instant, which must not be before that of the last refresh (INVALID). The ask must be
 * of a workspace that nobody else changes: its writer's lock is held. `*out` is released by the caller,
 * also on failure. */
GY_CHECKED enum gy_status gy_refresh_look(struct gy_ask *ask, uint32_t segment,
                                          struct gy_refreshed *out, struct gy_error *err);
void gy_refreshed_release(struct gy_refreshed *refreshed);

GY_CHECKED enum gy_status gy_refresh_store(const struct gy_ask *ask, struct gy_writer *writer,
                                           const struct gy_refreshed *found, size_t n,
                                           struct gy_error *err);

#endif
