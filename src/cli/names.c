/* names.c - see names.h. */
#include "cli/names.h"

#include "base/text.h"

enum {
    MAX_NAME = 200
};

enum gy_status gy_name_read(const char *typed, const char *kind, struct gy_arena *arena,
                            struct gy_str *out, struct gy_error *err)
{
    struct gy_str s = gy_str_of(typed);
    if (!gy_text_is_utf8(s)) {
        return gy_error_set(err, GY_INVALID, "the name of the %s is not UTF-8", kind);
    }
    *out = gy_arena_str(arena, gy_text_nfc(s, arena));
    if (out->len == 0 || gy_text_length(*out) > MAX_NAME) {
        return gy_error_set(err, GY_INVALID, "the name of a %s has 1 to %d characters", kind,
                            MAX_NAME);
    }
    for (size_t i = 0; i < out->len; i++) {
        if ((unsigned char)out->ptr[i] < 32 || out->ptr[i] == 127) {
            return gy_error_set(err, GY_INVALID, "the name of a %s has no control characters",
                                kind);
        }
    }
    return GY_OK;
}
