/* snapshots.h - the snapshot that requests see: one for all of them, made anew when something has changed.
 *
 * Whoever asks takes the newest one and gives it back. A new one shares with the one before what has not
 * changed (gy_snapshot_open_after), and is made when somebody asks: after a commit of events at most ten times a
 * second; after a change that somebody waits for (gy_snapshots_renew) at once.
 *
 * Any thread may call any of these.
 */
#ifndef GY_SERVER_SNAPSHOTS_H
#define GY_SERVER_SNAPSHOTS_H

#include "server/held_snapshot.h"

struct gy_snapshots;

/* `dir` is borrowed. Owned by the caller (gy_snapshots_free). */
struct gy_snapshots *gy_snapshots_new(const char *dir);
void gy_snapshots_free(struct gy_snapshots *snapshots);

/* The newest snapshot. Fails as gy_snapshot_open does. The caller holds it (gy_snapshot_let_go). */
GY_CHECKED enum gy_status gy_snapshots_take(struct gy_snapshots *snapshots,
                                            struct gy_held_snapshot **out, struct gy_error *err);

/* Events were committed: who asks from a tenth of a second on sees them. */
void gy_snapshots_age(struct gy_snapshots *snapshots);

/* Something was changed: who asks from now on sees it. */
void gy_snapshots_renew(struct gy_snapshots *snapshots);

/* Something was erased: from now on nothing of what was open is held for those who come. */
void gy_snapshots_forget(struct gy_snapshots *snapshots);

#endif
