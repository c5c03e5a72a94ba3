/* workspace.h - a data directory made for a test: from lines of calls, however they are committed.
 *
 * How the lines are cut into parts, kept in the log or merged must never show in an answer, so tests
 * vary it.
 */
#ifndef GY_TESTS_WORKSPACE_H
#define GY_TESTS_WORKSPACE_H

#include "base/buf.h"
#include "base/intern.h"
#include "engine/engine.h"
#include "store/writer.h"

struct workspace_shape {
    unsigned n_commits; /* about as many parts; at least 1 */
    unsigned n_to_log;  /* of these the last ones go to the log */
    bool is_maintained; /* the log becomes a part, small parts are merged */
    bool is_compacted;  /* everything is merged */
    uint64_t seed;      /* of where the lines are cut */
};

struct workspace {
    char dir[64];
    struct gy_writer *writer;
    struct gy_snapshot *snapshot; /* opened by workspace_open */
};

/* Makes the directory below /tmp and imports the lines. Fails the test where anything fails. */
void workspace_init(struct workspace *w, const char *time_zone, struct gy_str lines,
                    const struct workspace_shape *shape);
/* Between init and open, definitions are put with w->writer. */
void workspace_open(struct workspace *w);
void workspace_release(struct workspace *w); /* removes the directory */

/* The primary ids of an audience in code-point order, one a line. */
void workspace_ids(const struct workspace *w, const roaring_bitmap_t *audience, struct gy_buf *out);

#endif
