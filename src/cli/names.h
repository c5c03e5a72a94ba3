/* names.h - names of segments, metrics and lists, as they are typed. */
#ifndef GY_CLI_NAMES_H
#define GY_CLI_NAMES_H

#include "base/arena.h"
#include "base/status.h"

/* A name as it was typed: well-formed, in NFC, one line of 1 to 200 characters, allocated in `arena`.
 * `kind` for the message: "segment". */
GY_CHECKED enum gy_status gy_name_read(const char *typed, const char *kind, struct gy_arena *arena,
                                       struct gy_str *out, struct gy_error *err);

#endif
