/* grants.h - what a user or a token may, as options say it: --role and --personal. */
#ifndef GY_CLI_GRANTS_H
#define GY_CLI_GRANTS_H

#include "cli/command.h"
#include "store/accounts.h"

struct gy_grants {
    enum gy_role role;
    bool sees_personal;
};

#define GY_OPTION_ROLE                                                     \
    {                                                                      \
        "role", 0, GY_OPTION_TEXT, offsetof(struct gy_args, role), "ROLE", \
            "analyst (reads, the default), editor or owner"                \
    }
#define GY_OPTION_PERSONAL                                                           \
    {                                                                                \
        "personal", 0, GY_OPTION_TEXT, offsetof(struct gy_args, personal), "yes|no", \
            "whether an analyst sees personal fields unmasked (no)"                  \
    }

/* "yes" or "no"; `*out` stays where nothing was said. INVALID. */
GY_CHECKED enum gy_status gy_yes_no_read(const char *text, const char *option, bool *out,
                                         struct gy_error *err);

/* `*out` is what holds where an option does not say otherwise. */
GY_CHECKED enum gy_status gy_grants_read(const struct gy_args *args, struct gy_grants *out,
                                         struct gy_error *err);

#endif
