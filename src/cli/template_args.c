/* template_args.c - see template_args.h. */
#include "cli/template_args.h"

#include <string.h>

enum gy_status gy_template_from_args(const struct gy_args *args, bool with_examples,
                                     const struct gy_template **t, struct gy_template_filled *out,
                                     struct gy_error *err)
{
    struct gy_template_setting settings[GY_MAX_TEXTS];
    struct gy_template_options options = {settings, args->sets.n, with_examples};
    GY_TRY(gy_template_find(gy_str_of(args->operands.words[0]), t, err));
    for (size_t i = 0; i < args->sets.n; i++) {
        const char *word = args->sets.items[i];
        const char *equals = strchr(word, '=');
        if (equals == NULL) {
            return gy_error_set(err, GY_INVALID, "\"--set %s\" is not PARAM=VALUE", word);
        }
        settings[i].name = (struct gy_str){word, (size_t)(equals - word)};
        settings[i].value = gy_str_of(equals + 1);
    }
    return gy_template_fill(*t, &options, out, err);
}
