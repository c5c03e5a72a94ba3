/* template_args.h - a template and its parameters' values, as the command line says them. */
#ifndef GY_CLI_TEMPLATE_ARGS_H
#define GY_CLI_TEMPLATE_ARGS_H

#include "cli/command.h"
#include "lang/template.h"

#define GY_OPTION_SET                                                             \
    {                                                                             \
        "set", 0, GY_OPTION_TEXTS, offsetof(struct gy_args, sets), "PARAM=VALUE", \
            "a parameter's value; may be given more than once"                    \
    }

/* The template that the first operand names, filled in with every --set; with examples where a required
 * value is not given, if that is wanted. Released by the caller (gy_template_filled_release), also on
 * failure. */
GY_CHECKED enum gy_status gy_template_from_args(const struct gy_args *args, bool with_examples,
                                                const struct gy_template **t,
                                                struct gy_template_filled *out,
                                                struct gy_error *err);

#endif
