/* asking.h - a command asks: the workspace is opened, and what is asked is read from the command line. */
#ifndef GY_CLI_ASKING_H
#define GY_CLI_ASKING_H

#include "cli/command.h"
#include "workspace/ask.h"

/* The command whose ask it is. */
static inline struct gy_cli *gy_cli_of(const struct gy_ask *ask)
{
    return (struct gy_cli *)((char *)ask->asker - offsetof(struct gy_cli, asker));
}

/* Opens, runs `body`, closes. */
GY_CHECKED enum gy_status gy_ask_run(struct gy_cli *cli, const struct gy_args *args,
                                     enum gy_status (*body)(struct gy_ask *, const struct gy_args *,
                                                            struct gy_error *),
                                     struct gy_error *err);

/* gy_ask_define; that a segment is closed is said on standard error. */
GY_CHECKED enum gy_status gy_ask_define_said(struct gy_ask *ask, const char *text,
                                             bool allow_unknown, struct gy_definition *out,
                                             struct gy_error *err);

/* The same of the last operand, by the options of the command line; with --version
 * as that version of the segment had it. */
GY_CHECKED enum gy_status gy_ask_define_operand(struct gy_ask *ask, const struct gy_args *args,
                                                struct gy_definition *out, struct gy_error *err);

/* How many events are to be shown, as option `--events` says it (NULL: what is in `*out` stays). */
GY_CHECKED enum gy_status gy_ask_max_events(const char *text, uint32_t *out, struct gy_error *err);

#endif
