/* command.h - what every command is: a row of a table, and a function.
 *
 * To add a command: a file cmd_*.c with its `struct gy_command`, a line in commands.c, its options'
 * fields in `struct gy_args`, docs/commands.md.
 */
#ifndef GY_CLI_COMMAND_H
#define GY_CLI_COMMAND_H

#include "base/status.h"
#include "cli/options.h"
#include "workspace/ask.h"

/* The values of all options of all commands; a command reads those that it has. */
struct gy_args {
    const char *data; /* of every command */
    bool json;
    bool help;

    const char *as_of; /* of those that ask */
    const char *version;
    bool allow_unknown;
    const char *format;
    const char *columns;
    const char *output;
    const char *segment;
    const char *by;
    const char *from;
    const char *to;
    const char *events;

    const char *time_zone; /* init; import */
    const char *currency;
    const char *language;

    const char *kind; /* import */
    const char *map;
    struct gy_texts sets;
    const char *time_format;
    const char *encoding;
    const char *delimiter;
    const char *sheet;
    const char *rejects;
    bool no_header;
    bool replace;

    bool dry_run; /* import, segment */
    bool prune;
    bool keep; /* list add */
    const char *title;
    const char *purpose;
    const char *action;
    const char *owner;
    const char *priority;
    const char *tags;
    const char *refresh;
    const char *valid_from;
    const char *valid_until;
    const char *author;
    const char *reason;
    bool all; /* segment refresh */

    bool now; /* customer erase */
    bool forget;

    bool copy; /* backup */

    const char *listen; /* serve */
    const char *request_timeout;
    const char *tls_cert;
    const char *tls_key;
    const char *behind_proxy;
    const char *url;
    bool only_public_webhooks;

    struct gy_texts segments; /* webhook add */

    const char *role; /* user, token */
    const char *personal;
    const char *limit; /* audit */

    struct gy_operands operands;
};

struct gy_command;

/* One run of the program. */
struct gy_cli {
    struct gy_asker
        asker; /* the data directory; cancelled by an interrupt, where a command asks for that (interrupt.h) */
    bool json;                        /* reports as JSON */
    bool color;                       /* on standard output */
    bool error_color;                 /* on standard error */
    bool is_watched;                  /* standard error is a terminal: progress is shown */
    const struct gy_command *command; /* that is run */
};

struct gy_command {
    const char *name;     /* "segment add" */
    const char *operands; /* "NAME 'EXPR'"; "" where there are none */
    const char *about;    /* one line */
    const char *example;  /* lines, each ending with a newline */
    const struct gy_option *options;
    size_t min_operands;
    size_t max_operands;
    bool names_customer; /* its first operand: not for the audit trail */
    enum gy_status (*run)(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err);
};

/* The options that many commands have, for their tables. */
#define GY_OPTION_AS_OF                                                                     \
    {                                                                                       \
        "as-of", 0, GY_OPTION_TEXT, offsetof(struct gy_args, as_of), "T",                   \
            "as of this instant: 2025-01-31, 2025-01-31T18:30 (the workspace's zone), …Z" \
    }
#define GY_OPTION_ALLOW_UNKNOWN                                                            \
    {                                                                                      \
        "allow-unknown", 0, GY_OPTION_FLAG, offsetof(struct gy_args, allow_unknown), NULL, \
            "events, properties and traits never seen are let through"                     \
    }
#define GY_OPTION_VERSION                                                     \
    {                                                                         \
        "version", 0, GY_OPTION_TEXT, offsetof(struct gy_args, version), "N", \
            "the segment's definition as version N had it"                    \
    }
#define GY_OPTION_DRY_RUN                                                      \
    {                                                                          \
        "dry-run", 0, GY_OPTION_FLAG, offsetof(struct gy_args, dry_run), NULL, \
            "say who would enter and leave, store nothing"                     \
    }
#define GY_OPTION_AUTHOR                                                       \
    {                                                                          \
        "author", 0, GY_OPTION_TEXT, offsetof(struct gy_args, author), "NAME", \
            "who changes it (else $GYEOL_AUTHOR, else the login name)"         \
    }
#define GY_OPTION_REASON                                                       \
    {                                                                          \
        "reason", 0, GY_OPTION_TEXT, offsetof(struct gy_args, reason), "TEXT", \
            "why the definition changes; kept with its new version"            \
    }
#define GY_OPTION_OUTPUT                                                         \
    {                                                                            \
        "output", 'o', GY_OPTION_TEXT, offsetof(struct gy_args, output), "FILE", \
            "write to this file"                                                 \
    }

extern const struct gy_command gy_cmd_init;
extern const struct gy_command gy_cmd_import;
extern const struct gy_command gy_cmd_count;
extern const struct gy_command gy_cmd_members;
extern const struct gy_command gy_cmd_waterfall;
extern const struct gy_command gy_cmd_why;
extern const struct gy_command gy_cmd_explain;
extern const struct gy_command gy_cmd_segment_add;
extern const struct gy_command gy_cmd_segment_apply;
extern const struct gy_command gy_cmd_segment_list;
extern const struct gy_command gy_cmd_segment_show;
extern const struct gy_command gy_cmd_segment_refresh;
extern const struct gy_command gy_cmd_segment_remove;
extern const struct gy_command gy_cmd_segment_history;
extern const struct gy_command gy_cmd_segment_history_import;
extern const struct gy_command gy_cmd_segment_template_list;
extern const struct gy_command gy_cmd_segment_template_show;
extern const struct gy_command gy_cmd_segment_template_add;
extern const struct gy_command gy_cmd_metric_add;
extern const struct gy_command gy_cmd_metric_list;
extern const struct gy_command gy_cmd_metric_remove;
extern const struct gy_command gy_cmd_list_add;
extern const struct gy_command gy_cmd_list_remove;
extern const struct gy_command gy_cmd_list_show;
extern const struct gy_command gy_cmd_list_list;
extern const struct gy_command gy_cmd_customer_show;
extern const struct gy_command gy_cmd_customer_erase;
extern const struct gy_command gy_cmd_report_summary;
extern const struct gy_command gy_cmd_report_values;
extern const struct gy_command gy_cmd_report_rfm;
extern const struct gy_command gy_cmd_schema;
extern const struct gy_command gy_cmd_schema_set;
extern const struct gy_command gy_cmd_status;
extern const struct gy_command gy_cmd_backup;
extern const struct gy_command gy_cmd_check;
extern const struct gy_command gy_cmd_serve;
extern const struct gy_command gy_cmd_key_add;
extern const struct gy_command gy_cmd_key_list;
extern const struct gy_command gy_cmd_key_remove;
extern const struct gy_command gy_cmd_webhook_add;
extern const struct gy_command gy_cmd_webhook_list;
extern const struct gy_command gy_cmd_webhook_test;
extern const struct gy_command gy_cmd_webhook_replay;
extern const struct gy_command gy_cmd_webhook_remove;
extern const struct gy_command gy_cmd_user_add;
extern const struct gy_command gy_cmd_user_list;
extern const struct gy_command gy_cmd_user_role;
extern const struct gy_command gy_cmd_user_reset;
extern const struct gy_command gy_cmd_user_remove;
extern const struct gy_command gy_cmd_token_add;
extern const struct gy_command gy_cmd_token_list;
extern const struct gy_command gy_cmd_token_remove;
extern const struct gy_command gy_cmd_audit;

/* ---- dispatch ---- */

/* Runs the program's words (argv without the program's name): finds the command, reads its options,
 * runs it, prints what went wrong. The exit status: 0 done, 1 could not be done, 2 the input is
 * wrong. */
int gy_cli_run(size_t n, const char *const *words);

/* Prints an error with its place and hint on standard error; a place is pointed at in cli->text. */
void gy_cli_print_error(const struct gy_cli *cli, const struct gy_error *err);

#endif
