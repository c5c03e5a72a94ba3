/* definitions.h - the workspace's definitions as they would be after a change.
 *
 * Before a segment, metric or list is changed or taken away, everything that refers to it must still
 * hold together. A `gy_draft` is the workspace's vocabulary with changes laid over it: definitions
 * put and removed. Checking every definition against the draft finds what would break, in whatever
 * order the changes refer to each other.
 */
#ifndef GY_WORKSPACE_DEFINITIONS_H
#define GY_WORKSPACE_DEFINITIONS_H

#include "workspace/ask.h"

struct gy_writer;

struct gy_draft_item {
    enum gy_name_kind kind; /* SEGMENT, METRIC or LIST */
    struct gy_str name;
    struct gy_str text;       /* SEGMENT, METRIC; len 0: removed */
    struct gy_str attributes; /* SEGMENT: one JSON object */
    uint32_t id;              /* the snapshot's place, or behind its last for a new one */
    bool is_removed;
    bool allow_unknown;
};

struct gy_draft {
    struct gy_ask *ask;
    struct gy_draft_item *items;
    size_t n_items;
    size_t capacity;
    uint32_t n_new[GY_NAME_METRIC + 1]; /* new names so far, by kind */
    struct gy_vocabulary vocabulary;    /* of the workspace as it would be */
};

/* `draft` must stay where it is: its vocabulary points at it. Names and texts are borrowed. */
void gy_draft_init(struct gy_draft *draft, struct gy_ask *ask);
void gy_draft_release(struct gy_draft *draft);

/* `text` is not read yet. A name is put or removed once. */
void gy_draft_put_metric(struct gy_draft *draft, struct gy_str name, struct gy_str text,
                         bool allow_unknown);
void gy_draft_put_segment(struct gy_draft *draft, struct gy_str name, struct gy_str text,
                          struct gy_str attributes, bool allow_unknown);
void gy_draft_remove(struct gy_draft *draft, enum gy_name_kind kind, struct gy_str name);

/* Checks what was put, then every other segment and metric. Of what was put the error is the
 * definition's own, with its place; of another it is a CONFLICT that names it. */
GY_CHECKED enum gy_status gy_draft_check(const struct gy_draft *draft, struct gy_error *err);

/* Only what was put at place `i`. */
GY_CHECKED enum gy_status gy_draft_check_item(const struct gy_draft *draft, size_t i,
                                              struct gy_error *err);

/* Removes a stored definition, by its name as it was typed, unless another refers to it (CONFLICT). The ask must be of a
 * workspace that nobody else changes: its writer is ours. `*name` (may be NULL) is a view of the snapshot. NOT_FOUND. */
GY_CHECKED enum gy_status gy_definition_remove(struct gy_ask *ask, struct gy_writer *writer,
                                               enum gy_name_kind kind, const char *typed,
                                               struct gy_str *name, struct gy_error *err);

#endif
