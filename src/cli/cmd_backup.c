/* cmd_backup.c - a copy of the data directory, beside whoever writes. */
#include "cli/command.h"
#include "cli/output.h"
#include "store/backup.h"
#include "store/json_writer.h"

static void print_json(const struct gy_backup_report *report)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '{');
    gy_json_key(&w, "linked");
    gy_json_count(&w, report->n_linked);
    gy_json_key(&w, "copied");
    gy_json_count(&w, report->n_copied);
    gy_json_key(&w, "customers");
    gy_json_count(&w, report->check.n_customers);
    gy_json_key(&w, "rows");
    gy_json_count(&w, report->check.n_rows);
    gy_json_key(&w, "bytes");
    gy_json_count(&w, report->check.bytes);
    gy_json_close(&w, '}');
    gy_json_finish(&w);
}

static void say(const struct gy_backup_report *report)
{
    struct gy_buf text = {0};
    gy_put_counted(&text, report->check.n_customers, "customer");
    gy_buf_text(&text, ", ");
    gy_put_counted(&text, report->check.n_rows, "row");
    gy_buf_text(&text, ", ");
    gy_put_bytes(&text, report->check.bytes);
    gy_buf_text(&text, ", checked; ");
    gy_put_counted(&text, report->n_linked, "file");
    gy_buf_text(&text, report->n_linked > 0 ? " shared with the data directory (--copy copies them)"
                                            : " shared with the data directory");
    (void)fprintf(stderr, "%s\n", text.ptr);
    gy_buf_release(&text);
}

static enum gy_status run(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_backup_report report;
    struct gy_backup_options options = {.copies = args->copy};
    GY_TRY(gy_backup(cli->asker.dir, args->operands.words[0], &options, &report, err));
    say(&report);
    if (cli->json)
        print_json(&report);
    return GY_OK;
}

static const struct gy_option options[] = {
    {"copy", 0, GY_OPTION_FLAG, offsetof(struct gy_args, copy), NULL,
     "copy all files, instead of sharing those that never change by hard links"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_backup = {
    .name = "backup",
    .operands = "DIR",
    .about = "Copy the data directory as it is now, beside a server too, and check the copy",
    .example = "  gyeol backup /var/backups/gyeol/2025-06-01 --copy\n",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
