/* authorship.c - see authorship.h. */
#include "cli/authorship.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"

enum {
    MAX_AUTHOR = 200,
    MAX_REASON = 2000 /* characters */
};

/* Of the user that the process runs as; "" where the system does not know. */
static struct gy_str login_name(struct gy_arena *arena)
{
    char room[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    if (getpwuid_r(getuid(), &entry, room, sizeof room, &found) != 0 || found == NULL) {
        return GY_STR("");
    }
    struct gy_str name = gy_str_of(found->pw_name);
    return gy_text_is_utf8(name) ? gy_arena_str(arena, name) : GY_STR("");
}

static enum gy_status read_text(const char *typed, const char *what, size_t max,
                                struct gy_arena *arena, struct gy_str *out, struct gy_error *err)
{
    struct gy_str s = gy_str_of(typed == NULL ? "" : typed);
    if (!gy_text_is_utf8(s)) {
        return gy_error_set(err, GY_INVALID, "the %s is not UTF-8", what);
    }
    *out = gy_arena_str(arena, gy_text_nfc(s, arena));
    return gy_text_length(*out) <= max
               ? GY_OK
               : gy_error_set(err, GY_INVALID, "the %s has more than %zu characters", what, max);
}

enum gy_status gy_authorship_read(const struct gy_args *args, struct gy_arena *arena,
                                  struct gy_authorship *out, struct gy_error *err)
{
    const char *set = getenv("GYEOL_AUTHOR"); /* NOLINT(concurrency-mt-unsafe): no threads yet */
    const char *author = args->author != NULL ? args->author : set;
    GY_TRY(read_text(args->reason, "reason", MAX_REASON, arena, &out->reason, err));
    GY_TRY(read_text(author, "author", MAX_AUTHOR, arena, &out->author, err));
    if (out->author.len == 0) {
        out->author = login_name(arena);
    }
    return GY_OK;
}
