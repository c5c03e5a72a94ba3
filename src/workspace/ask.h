/* ask.h - what is needed to ask the workspace something: the snapshot, the instant, and definitions
 * as somebody wrote them.
 *
 * Where a definition is wanted, a segment's name is one too: a text that parses is a definition, any
 * other that is the name of a segment stands for it. Definitions are read as they stand, whatever the
 * instant, but for one version that is asked for.
 */
#ifndef GY_WORKSPACE_ASK_H
#define GY_WORKSPACE_ASK_H

#include <stdatomic.h>

#include "base/buf.h"
#include "engine/engine.h"
#include "engine/vocabulary.h"
#include "store/snapshot.h"
#include "workspace/names.h"
#include "workspace/validity.h"

/* Who asks: a command, or a request. It must outlive its asks. */
struct gy_asker {
    const char *dir;     /* the data directory */
    struct gy_buf text;  /* the definition that was refused: an error's place is shown in it */
    atomic_bool cancel;  /* set by others: the evaluation ends with CANCELLED */
    bool masks_personal; /* may not see personal fields (masking.h) */
};

struct gy_ask {
    struct gy_asker *asker;
    struct gy_snapshot *snapshot;
    bool is_borrowed; /* the snapshot is somebody else's */
    struct gy_vocabulary vocabulary;
    int64_t now_ms;
    uint32_t closed; /* the segment as of whose end it is asked, or GY_ID_NONE */
    struct gy_run_options run;
    struct gy_arena arena; /* what was read from the catalog */
};

/* Opens the data directory for reading, as of `as_of` (a time in the workspace's zone; NULL: the
 * clock's now). Closed by the caller, also on failure. */
GY_CHECKED enum gy_status gy_ask_open(struct gy_asker *asker, const char *as_of, struct gy_ask *out,
                                      struct gy_error *err);

/* The same of a snapshot that is open; it must outlive the ask. */
GY_CHECKED enum gy_status gy_ask_open_on(struct gy_asker *asker, struct gy_snapshot *snapshot,
                                         const char *as_of, struct gy_ask *out,
                                         struct gy_error *err);
void gy_ask_close(struct gy_ask *ask);

/* A definition, or a segment by its name. A segment that is closed (validity.h) is asked as of the
 * instant until which it was valid: that becomes ask->now_ms, and the segment ask->closed. `*out` is
 * released by the caller, also on failure. */
GY_CHECKED enum gy_status gy_ask_define(struct gy_ask *ask, const char *text, bool allow_unknown,
                                        struct gy_definition *out, struct gy_error *err);

/* The definition of a stored segment, likewise. */
GY_CHECKED enum gy_status gy_ask_define_segment(struct gy_ask *ask, uint32_t segment,
                                                struct gy_definition *out, struct gy_error *err);

/* The same of a segment as its version `typed` had it. */
GY_CHECKED enum gy_status gy_ask_define_version(struct gy_ask *ask, const char *segment,
                                                const char *typed, struct gy_definition *out,
                                                struct gy_error *err);

/* Version `typed` ("3") of a segment, valid as long as the ask. INVALID, NOT_FOUND. */
GY_CHECKED enum gy_status gy_ask_version(struct gy_ask *ask, uint32_t segment, const char *typed,
                                         struct gy_segment_version *out, struct gy_error *err);

/* Checks a text against `vocabulary`, so that an error can be pointed at in it. `context` (may be
 * NULL) says which text it is: "segment". */
GY_CHECKED enum gy_status gy_ask_define_text(struct gy_asker *asker, struct gy_str text,
                                             const struct gy_vocabulary *vocabulary,
                                             const struct gy_check_options *options,
                                             struct gy_definition *out, struct gy_error *err);
GY_CHECKED enum gy_status gy_ask_define_value(struct gy_asker *asker, struct gy_str text,
                                              const struct gy_vocabulary *vocabulary,
                                              const struct gy_check_options *options,
                                              struct gy_definition *out, struct gy_error *err);

/* The span in which a stored segment is valid, and the instant as of which it is seen. */
struct gy_span gy_ask_span(const struct gy_ask *ask, uint32_t segment);
int64_t gy_ask_instant(const struct gy_ask *ask, uint32_t segment);

/* The customers of a stored segment as of an instant, by the definition `text` (its own, or that of a
 * version). */
struct gy_segment_question {
    uint32_t segment;
    struct gy_str text;
    int64_t at_ms;
};
GY_CHECKED enum gy_status gy_ask_segment(struct gy_ask *ask,
                                         const struct gy_segment_question *question,
                                         roaring_bitmap_t **out, struct gy_error *err);

/* Those of several, in one pass. `out` has room for n; on failure all of it is NULL. */
GY_CHECKED enum gy_status gy_ask_segments(struct gy_ask *ask,
                                          const struct gy_segment_question *questions, uint32_t n,
                                          roaring_bitmap_t **out, struct gy_error *err);

/* How many customers there are. */
GY_CHECKED enum gy_status gy_ask_everyone(const struct gy_ask *ask, uint64_t *out,
                                          struct gy_error *err);

/* Finds a segment by the name as it was typed; NOT_FOUND with the nearest. */
GY_CHECKED enum gy_status gy_ask_find_segment(struct gy_ask *ask, const char *name, uint32_t *out,
                                              struct gy_error *err);

/* A customer's id as it was typed: well-formed, in NFC, as ids are stored; allocated in `arena`. */
GY_CHECKED enum gy_status gy_ask_customer_id(const char *typed, struct gy_arena *arena,
                                             struct gy_str *out, struct gy_error *err);

/* The customer of an id as it was typed: the root, and its primary id (a view of the snapshot). NOT_FOUND. */
GY_CHECKED enum gy_status gy_ask_find_customer(const struct gy_ask *ask, const char *typed,
                                               uint32_t *root, struct gy_str *id,
                                               struct gy_error *err);

/* The ids of an audience, sorted by code point. `*out` is owned by the caller (free). */
struct gy_member {
    struct gy_str id; /* a view, valid as long as the snapshot */
    uint32_t ordinal;
    uint32_t row; /* its place by ordinal */
};
size_t gy_ask_members(const struct gy_ask *ask, const roaring_bitmap_t *audience,
                      struct gy_member **out);

/* Appends their ids, one a line. INVALID for an id with a line end in it: its lines would read as other ids. */
GY_CHECKED enum gy_status gy_members_put_ids(const struct gy_member *members, size_t n,
                                             struct gy_buf *out, struct gy_error *err);

#endif
