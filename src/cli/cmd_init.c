/* cmd_init.c - makes a data directory. */
#include "cli/command.h"
#include "store/json_writer.h"
#include "store/writer.h"

static enum gy_status run_init(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_init_options options = {args->time_zone, args->currency, args->language};
    enum gy_status status = gy_workspace_init(cli->asker.dir, &options, err);
    if (status == GY_CONFLICT) {
        gy_error_hint(err,
                      "Its settings stay as they are (\"gyeol status\" shows them); --data DIR "
                      "makes another, and the files are imported into it.");
    }
    GY_TRY(status);
    if (cli->json) {
        struct gy_json_writer w = {0};
        gy_json_open(&w, '{');
        gy_json_key(&w, "data");
        gy_json_text(&w, cli->asker.dir);
        gy_json_close(&w, '}');
        gy_json_finish(&w);
        return GY_OK;
    }
    (void)fprintf(stderr, "made %s (time zone %s%s%s)\n", cli->asker.dir,
                  args->time_zone != NULL ? args->time_zone : "UTC",
                  args->currency != NULL ? ", " : "", args->currency != NULL ? args->currency : "");
    return GY_OK;
}

static const struct gy_option options_init[] = {
    {"time-zone", 0, GY_OPTION_TEXT, offsetof(struct gy_args, time_zone), "ZONE",
     "whose days, weeks and months count; an IANA name, as Asia/Seoul (UTC)"},
    {"currency", 0, GY_OPTION_TEXT, offsetof(struct gy_args, currency), "CODE",
     "of amounts, as KRW"},
    {"language", 0, GY_OPTION_TEXT, offsetof(struct gy_args, language), "ko|en", "of reports (en)"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_init = {
    .name = "init",
    .operands = "",
    .about = "Make the data directory",
    .example = "  gyeol init --time-zone Asia/Seoul --currency KRW --language ko\n",
    .options = options_init,
    .run = run_init,
};
