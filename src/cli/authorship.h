/* authorship.h - who changes a definition, and why: kept with the version that the change makes. */
#ifndef GY_CLI_AUTHORSHIP_H
#define GY_CLI_AUTHORSHIP_H

#include "base/arena.h"
#include "cli/command.h"

struct gy_authorship {
    struct gy_str author; /* --author, else $GYEOL_AUTHOR, else the login name; may be empty */
    struct gy_str reason; /* --reason; may be empty */
};

/* Allocated in `arena`. INVALID for what is no text. */
GY_CHECKED enum gy_status gy_authorship_read(const struct gy_args *args, struct gy_arena *arena,
                                             struct gy_authorship *out, struct gy_error *err);

#endif
