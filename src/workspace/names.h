/* names.h - names of segments, metrics and lists: as they are typed, and among those that are stored. */
#ifndef GY_WORKSPACE_NAMES_H
#define GY_WORKSPACE_NAMES_H

#include "base/arena.h"
#include "base/status.h"
#include "lang/check.h"
#include "store/snapshot.h"

/* A name as it was typed: well-formed, in NFC, one line of 1 to 200 characters, allocated in `arena`.
 * `kind` for the message: "segment". */
GY_CHECKED enum gy_status gy_name_read(const char *typed, const char *kind, struct gy_arena *arena,
                                       struct gy_str *out, struct gy_error *err);

/* ---- stored ones; `kind` is SEGMENT, METRIC or LIST ---- */

const char *gy_name_kind_word(enum gy_name_kind kind); /* "segment" */
uint32_t gy_names_count(const struct gy_snapshot *snapshot, enum gy_name_kind kind);
struct gy_str gy_name_at(const struct gy_snapshot *snapshot, enum gy_name_kind kind, uint32_t i);

/* The place of a name as it was typed; NOT_FOUND with the nearest. */
GY_CHECKED enum gy_status gy_name_find(const struct gy_snapshot *snapshot, enum gy_name_kind kind,
                                       const char *typed, uint32_t *out, struct gy_error *err);

/* "Did you mean …?" of the nearest one, where one is near. */
void gy_name_hint(const struct gy_snapshot *snapshot, enum gy_name_kind kind, struct gy_str name,
                  struct gy_error *err);

#endif
