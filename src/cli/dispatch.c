/* dispatch.c - from the program's words to a command and back to an exit status.
 *
 *     gyeol [--data DIR] [--json] WORD [WORD [WORD]] option|operand …
 *
 * A command's name is one to three words; the longest that fits is meant ("segment history import"
 * before "segment").
 */
#include "cli/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/output.h"

#define VERSION "0.1.0"

static const struct gy_command *const commands[] = {
    &gy_cmd_init,
    &gy_cmd_import,
    &gy_cmd_count,
    &gy_cmd_members,
    &gy_cmd_waterfall,
    &gy_cmd_why,
    &gy_cmd_explain,
    &gy_cmd_segment_add,
    &gy_cmd_segment_apply,
    &gy_cmd_segment_list,
    &gy_cmd_segment_show,
    &gy_cmd_segment_refresh,
    &gy_cmd_segment_remove,
    &gy_cmd_segment_history,
    &gy_cmd_segment_history_import,
    &gy_cmd_segment_template_list,
    &gy_cmd_segment_template_show,
    &gy_cmd_segment_template_add,
    &gy_cmd_metric_add,
    &gy_cmd_metric_list,
    &gy_cmd_metric_remove,
    &gy_cmd_list_list,
    &gy_cmd_list_add,
    &gy_cmd_list_show,
    &gy_cmd_list_remove,
    &gy_cmd_customer_show,
    &gy_cmd_customer_erase,
    &gy_cmd_report_summary,
    &gy_cmd_report_values,
    &gy_cmd_report_rfm,
    &gy_cmd_schema,
    &gy_cmd_schema_set,
    &gy_cmd_status,
    &gy_cmd_check,
    &gy_cmd_backup,
    &gy_cmd_serve,
    &gy_cmd_key_add,
    &gy_cmd_key_list,
    &gy_cmd_key_remove,
    &gy_cmd_webhook_add,
    &gy_cmd_webhook_list,
    &gy_cmd_webhook_test,
    &gy_cmd_webhook_replay,
    &gy_cmd_webhook_remove,
    &gy_cmd_user_add,
    &gy_cmd_user_list,
    &gy_cmd_user_role,
    &gy_cmd_user_reset,
    &gy_cmd_user_remove,
    &gy_cmd_token_add,
    &gy_cmd_token_list,
    &gy_cmd_token_remove,
    &gy_cmd_audit,
};

enum {
    N_COMMANDS = sizeof commands / sizeof commands[0],
    MAX_WORDS = 3
};

static const struct gy_option every_command[] = {
    {"data", 0, GY_OPTION_TEXT, offsetof(struct gy_args, data), "DIR",
     "the data directory (else $GYEOL_DATA, else ./gyeol-data)"},
    {"json", 0, GY_OPTION_FLAG, offsetof(struct gy_args, json), NULL, "reports as JSON"},
    {"help", 'h', GY_OPTION_FLAG, offsetof(struct gy_args, help), NULL, "this page"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

/* ---- errors ---- */

static void put_color(const struct gy_cli *cli, const char *code, struct gy_buf *out)
{
    if (cli->error_color) {
        gy_buf_text(out, code);
    }
}

/* The line of the text that the error is in, and a caret under its place. */
static void put_place(const struct gy_cli *cli, const struct gy_error *err, struct gy_buf *out)
{
    struct gy_str text = gy_buf_view(&cli->asker.text);
    for (uint32_t line = 1; line < err->line && text.len > 0; line++) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t skipped = end == NULL ? text.len : (size_t)(end - text.ptr) + 1;
        text = (struct gy_str){text.ptr + skipped, text.len - skipped};
    }
    const char *end = text.len == 0 ? NULL : memchr(text.ptr, '\n', text.len);
    text.len = end == NULL ? text.len : (size_t)(end - text.ptr);
    if (!gy_text_is_utf8(text) || text.len > 1000) {
        return;
    }
    struct gy_str rest = text;
    for (uint32_t column = 1; column < err->column && rest.len > 0; column++) {
        (void)gy_text_next(&rest);
    }
    struct gy_buf before = {0};
    gy_put_safe(&before, (struct gy_str){text.ptr, text.len - rest.len});
    gy_buf_text(out, "  ");
    gy_put_safe(out, text);
    gy_buf_text(out, "\n  ");
    for (size_t i = gy_text_width(gy_buf_view(&before)); i > 0; i--) {
        gy_buf_char(out, ' ');
    }
    put_color(cli, "\033[1;32m", out);
    gy_buf_char(out, '^');
    put_color(cli, "\033[0m", out);
    gy_buf_char(out, '\n');
    gy_buf_release(&before);
}

static void put_message(struct gy_buf *out, const char *text)
{
    if (gy_text_is_utf8(gy_str_of(text))) {
        gy_put_safe(out, gy_str_of(text));
    } else {
        gy_buf_text(out, text);
    }
}

void gy_cli_print_error(const struct gy_cli *cli, const struct gy_error *err)
{
    struct gy_buf out = {0};
    put_color(cli, "\033[1;31m", &out);
    gy_buf_text(&out, "gyeol: ");
    put_color(cli, "\033[0m", &out);
    if (err->context[0] != '\0') {
        put_message(&out, err->context);
        gy_buf_text(&out, ": ");
    }
    if (err->line > 0) {
        gy_buf_printf(&out, "%u:", err->line);
        if (err->column > 0) {
            gy_buf_printf(&out, "%u:", err->column);
        }
        gy_buf_char(&out, ' ');
    }
    put_message(&out, err->message);
    gy_buf_char(&out, '\n');
    if (err->line > 0 && err->column > 0 && cli->asker.text.len > 0) {
        put_place(cli, err, &out);
    }
    if (err->hint[0] != '\0') {
        gy_buf_text(&out, "  ");
        put_message(&out, err->hint);
        gy_buf_char(&out, '\n');
    }
    (void)fwrite(out.ptr, 1, out.len, stderr);
    gy_buf_release(&out);
}

/* ---- help ---- */

static void print_command_help(const struct gy_command *command)
{
    bool has_options = command->options != NULL && command->options[0].name != NULL;
    printf("gyeol %s%s%s%s\n\n%s.\n", command->name, has_options ? " [OPTION…]" : "",
           command->operands[0] != '\0' ? " " : "", command->operands, command->about);
    if (has_options) {
        printf("\nOptions\n");
        gy_options_print(command->options, stdout);
    }
    printf("\nOptions of every command\n");
    gy_options_print(every_command, stdout);
    printf("\nExample\n%s", command->example);
}

static bool is_in_group(const struct gy_command *command, const char *group)
{
    size_t len = group == NULL ? 0 : strlen(group);
    return len == 0 || (strncmp(command->name, group, len) == 0 &&
                        (command->name[len] == ' ' || command->name[len] == '\0'));
}

/* The commands that begin with `group`; all where it is NULL. False: there are none. */
static bool print_commands(const char *group, FILE *out)
{
    int width = 0;
    for (size_t i = 0; i < N_COMMANDS; i++) {
        int len = (int)strlen(commands[i]->name);
        width = is_in_group(commands[i], group) && len > width ? len : width;
    }
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (is_in_group(commands[i], group)) {
            (void)fprintf(out, "  %-*s  %s\n", width, commands[i]->name, commands[i]->about);
        }
    }
    return width > 0;
}

static void print_help(const char *group)
{
    if (group == NULL) {
        printf("gyeol: exact customer segments from what customers do\n\n"
               "gyeol [--data DIR] COMMAND …\n\nCommands\n");
    } else {
        printf("gyeol %s …\n\nCommands\n", group);
    }
    (void)print_commands(group, stdout);
    printf("\nOptions of every command\n");
    gy_options_print(every_command, stdout);
    printf("\nExample\n"
           "  gyeol init --time-zone Asia/Seoul --currency KRW --language ko\n"
           "  gyeol import orders.csv.gz --as orders\n"
           "  gyeol count 'did(\"Order Completed\" last 30 days)'\n"
           "\n\"gyeol COMMAND --help\" tells about one of them.\n");
}

/* ---- finding the command ---- */

/* How many of the words are the command's name, 0 if it is another. */
static size_t match(const struct gy_command *command, const char *const *words, size_t n)
{
    const char *rest = command->name;
    for (size_t i = 0; i < n && i < MAX_WORDS; i++) {
        size_t len = strlen(words[i]);
        if (strncmp(rest, words[i], len) != 0 || len == 0) {
            return 0;
        }
        rest += len;
        if (*rest == '\0') {
            return i + 1;
        }
        if (*rest != ' ') {
            return 0;
        }
        rest++;
    }
    return 0;
}

static const struct gy_command *find_command(const char *const *words, size_t n, size_t *n_words)
{
    const struct gy_command *found = NULL;
    *n_words = 0;
    for (size_t i = 0; i < N_COMMANDS; i++) {
        size_t matched = match(commands[i], words, n);
        if (matched > *n_words) {
            *n_words = matched;
            found = commands[i];
        }
    }
    return found;
}

static bool is_group(const char *word)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (is_in_group(commands[i], word)) {
            return true;
        }
    }
    return false;
}

/* The nearest command, or the nearest first word of one. */
static void hint_nearest(const char *typed, struct gy_error *err)
{
    enum {
        WORD_SIZE = 32
    };
    const char *names[2 * N_COMMANDS];
    char firsts[N_COMMANDS][WORD_SIZE];
    for (size_t i = 0; i < N_COMMANDS; i++) {
        names[i] = commands[i]->name;
        (void)snprintf(firsts[i], WORD_SIZE, "%.*s", (int)strcspn(commands[i]->name, " "),
                       commands[i]->name);
        names[N_COMMANDS + i] = firsts[i];
    }
    const char *nearest = gy_nearest_word(typed, names, sizeof names / sizeof names[0]);
    if (nearest != NULL) {
        gy_error_hint(err, "Did you mean \"gyeol %s\"?", nearest);
    } else {
        gy_error_hint(err, "\"gyeol --help\" lists the commands.");
    }
}

static enum gy_status refuse_command(const char *const *words, size_t n, struct gy_error *err)
{
    char typed[128];
    bool in_group = is_group(words[0]) && words[0][0] != '\0';
    if (in_group && n == 1) {
        gy_error_set(err, GY_INVALID, "\"%s\" needs a word more", words[0]);
        gy_error_hint(err, "\"gyeol %s --help\" lists them.", words[0]);
        return GY_INVALID;
    }
    (void)snprintf(typed, sizeof typed, "%s%s%s", words[0], in_group ? " " : "",
                   in_group ? words[1] : "");
    gy_error_set(err, GY_INVALID, "unknown command \"%s\"", typed);
    hint_nearest(typed, err);
    return GY_INVALID;
}

/* ---- running ---- */

static const struct gy_option no_options[] = {{NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL}};

/* The leading words that are options of every command. */
static size_t count_leading(const char *const *words, size_t n)
{
    size_t i = 0;
    while (i < n && words[i][0] == '-' && words[i][1] != '\0' && strcmp(words[i], "--") != 0) {
        i += strcmp(words[i], "--data") == 0 ? 2 : 1;
    }
    return i < n ? i : n;
}

static enum gy_status check_operands(const struct gy_command *command, const struct gy_args *args,
                                     struct gy_error *err)
{
    if (args->operands.n < command->min_operands) {
        gy_error_set(err, GY_INVALID, "\"%s\" needs %s", command->name, command->operands);
        gy_error_hint(err, "\"gyeol %s --help\" has an example.", command->name);
        return GY_INVALID;
    }
    if (args->operands.n > command->max_operands) {
        gy_error_set(err, GY_INVALID, "\"%s\" is one word too many for \"%s\"",
                     args->operands.words[command->max_operands], command->name);
        gy_error_hint(err, "A definition or a name with blanks stands in quotes.");
        return GY_INVALID;
    }
    return GY_OK;
}

static void settle(struct gy_cli *cli, const struct gy_args *args)
{
    const char *set = getenv("GYEOL_DATA"); /* NOLINT(concurrency-mt-unsafe): no threads yet */
    cli->asker.dir = args->data != NULL              ? args->data
                     : set != NULL && set[0] != '\0' ? set
                                                     : "gyeol-data";
    cli->json = args->json;
}

static void look_at_terminals(struct gy_cli *cli)
{
    const char *no_color = getenv("NO_COLOR"); /* NOLINT(concurrency-mt-unsafe): no threads yet */
    bool wanted = no_color == NULL || no_color[0] == '\0';
    cli->color = wanted && isatty(STDOUT_FILENO) == 1;
    cli->error_color = wanted && isatty(STDERR_FILENO) == 1;
    cli->is_watched = isatty(STDERR_FILENO) == 1;
}

static enum gy_status run_command(struct gy_cli *cli, const char *const *words, size_t n,
                                  size_t leading, struct gy_args *args, struct gy_error *err)
{
    const struct gy_option *const general[] = {every_command, NULL};
    size_t n_words;
    GY_TRY(gy_options_read(general, words, leading, args, &args->operands, err));
    if (leading == n || strcmp(words[leading], "help") == 0) {
        print_help(NULL);
        return GY_OK;
    }
    const struct gy_command *command = find_command(words + leading, n - leading, &n_words);
    if (command == NULL && leading + 1 < n && strcmp(words[n - 1], "--help") == 0 &&
        is_group(words[leading])) {
        print_help(words[leading]);
        return GY_OK;
    }
    if (command == NULL) {
        return refuse_command(words + leading, n - leading, err);
    }
    const struct gy_option *const tables[] = {
        every_command, command->options != NULL ? command->options : no_options, NULL};
    size_t begin = leading + n_words;
    GY_TRY(gy_options_read(tables, words + begin, n - begin, args, &args->operands, err));
    if (args->help) {
        print_command_help(command);
        return GY_OK;
    }
    GY_TRY(check_operands(command, args, err));
    settle(cli, args);
    cli->command = command;
    return command->run(cli, args, err);
}

int gy_cli_run(size_t n, const char *const *words)
{
    struct gy_cli cli = {0};
    struct gy_error err = {0};
    struct gy_args args = {0};
    size_t leading = count_leading(words, n);
    look_at_terminals(&cli);
    if (n == 1 && strcmp(words[0], "--version") == 0) {
        printf("gyeol %s\n", VERSION);
        return fflush(stdout) == 0 ? 0 : 1;
    }
    args.operands.words = gy_alloc_zero(n + 1, sizeof *args.operands.words);
    enum gy_status status = run_command(&cli, words, n, leading, &args, &err);
    if ((fflush(stdout) != 0 || ferror(stdout) != 0) && status == GY_OK) {
        status = gy_error_sys(&err, errno, "could not write to standard output");
    }
    if (status != GY_OK) {
        gy_cli_print_error(&cli, &err);
    }
    free(args.operands.words);
    gy_buf_release(&cli.asker.text);
    return gy_status_exit(status);
}
