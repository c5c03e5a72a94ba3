/* grants.c - see grants.h. */
#include "cli/grants.h"

#include <string.h>

enum gy_status gy_yes_no_read(const char *text, const char *option, bool *out, struct gy_error *err)
{
    if (text == NULL) {
        return GY_OK;
    }
    if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0) {
        return gy_error_set(err, GY_INVALID, "%s is yes or no", option);
    }
    *out = strcmp(text, "yes") == 0;
    return GY_OK;
}

enum gy_status gy_grants_read(const struct gy_args *args, struct gy_grants *out,
                              struct gy_error *err)
{
    GY_TRY(gy_yes_no_read(args->personal, "--personal", &out->sees_personal, err));
    return args->role == NULL ? GY_OK : gy_role_read(gy_str_of(args->role), &out->role, err);
}
