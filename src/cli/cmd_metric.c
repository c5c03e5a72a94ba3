/* cmd_metric.c - values the workspace has named: metric.NAME in definitions. */
#include "cli/output.h"
#include "cli/removal.h"
#include "cli/writing.h"
#include "engine/vocabulary.h"
#include "lang/builtin_metrics.h"
#include "store/json_writer.h"
#include "store/writer.h"
#include "workspace/definitions.h"

/* ---- add ---- */

static enum gy_status check_metric(struct gy_cli *cli, const struct gy_args *args,
                                   struct gy_str name, struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct gy_draft draft = {0};
    enum gy_status status = gy_ask_open(&cli->asker, NULL, &ask, err);
    if (status == GY_OK) {
        gy_draft_init(&draft, &ask);
        gy_draft_put_metric(&draft, name, gy_str_of(args->operands.words[1]), args->allow_unknown);
        status = gy_draft_check(&draft, err);
    }
    gy_draft_release(&draft);
    gy_ask_close(&ask);
    return status;
}

static enum gy_status run_add(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_arena arena = {0};
    struct gy_writer *writer = NULL;
    struct gy_str name;
    enum gy_status status = gy_name_read(args->operands.words[0], "metric", &arena, &name, err);
    if (status != GY_OK) {
        goto done;
    }
    status = gy_writing_open(cli, args, cli->asker.dir, &writer, err);
    if (status != GY_OK) {
        goto done;
    }
    status = check_metric(cli, args, name, err);
    if (status != GY_OK) {
        goto done;
    }
    status = gy_writer_put_metric(writer, name, gy_str_of(args->operands.words[1]), err);
    if (status == GY_OK) {
        (void)fprintf(stderr, "metric \"%.*s\": %s\n", GY_STR_ARG(name), args->operands.words[1]);
    }
done:
    gy_writer_close(writer);
    gy_arena_release(&arena);
    return status;
}

static const struct gy_option options_add[] = {
    GY_OPTION_ALLOW_UNKNOWN,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_metric_add = {
    .name = "metric add",
    .operands = "NAME 'VALUE'",
    .about = "Name a value, so that definitions can say metric.NAME",
    .example = "  gyeol metric add spend 'sum(\"Order Completed\".revenue last 1 year)'\n"
               "  gyeol count 'metric.spend >= 500'\n",
    .options = options_add,
    .min_operands = 2,
    .max_operands = 2,
    .run = run_add,
};

/* ---- list ---- */

/* One of those that the workspace has: its own, then the built-in ones whose data is there. */
struct listed {
    struct gy_str name;
    struct gy_str text;
    const struct gy_builtin_metric *builtin; /* NULL: the workspace's own */
};

static bool metric_at(const struct gy_vocabulary *vocabulary, uint32_t n_own, uint32_t i,
                      struct listed *out)
{
    *out = (struct listed){0};
    if (!vocabulary->name_at(vocabulary->context, GY_NAME_METRIC, 0, i, &out->name)) {
        return false;
    }
    uint32_t id = vocabulary->find(vocabulary->context, GY_NAME_METRIC, 0, out->name);
    out->text = vocabulary->text(vocabulary->context, GY_NAME_METRIC, id);
    out->builtin = i < n_own ? NULL : gy_builtin_metric_at(gy_builtin_metric_find(out->name));
    return true;
}

static void print_json(const struct gy_snapshot *snapshot)
{
    struct gy_json_writer w = {0};
    struct gy_vocabulary vocabulary = gy_vocabulary_of(snapshot);
    struct listed metric;
    gy_json_open(&w, '[');
    for (uint32_t i = 0; metric_at(&vocabulary, gy_snapshot_n_metrics(snapshot), i, &metric); i++) {
        gy_json_open(&w, '{');
        gy_json_key(&w, "name");
        gy_json_str(&w, metric.name);
        gy_json_key(&w, "value");
        gy_json_str(&w, metric.text);
        gy_json_key(&w, "built_in");
        gy_json_bool(&w, metric.builtin != NULL);
        gy_json_close(&w, '}');
    }
    gy_json_close(&w, ']');
    gy_json_finish(&w);
}

static void print_table(const struct gy_cli *cli, const struct gy_snapshot *snapshot)
{
    struct gy_listing table;
    struct gy_vocabulary vocabulary = gy_vocabulary_of(snapshot);
    enum gy_template_language language = gy_template_language_of(gy_snapshot_language(snapshot));
    struct listed metric;
    bool is_korean = language == GY_TEMPLATE_KO;
    gy_listing_init(&table, "lll");
    gy_listing_text(&table, is_korean ? "지표" : "metric");
    gy_listing_text(&table, is_korean ? "뜻" : "meaning");
    gy_listing_text(&table, is_korean ? "값" : "value");
    for (uint32_t i = 0; metric_at(&vocabulary, gy_snapshot_n_metrics(snapshot), i, &metric); i++) {
        gy_listing_str(&table, metric.name);
        gy_listing_text(&table, metric.builtin != NULL ? metric.builtin->title[language] : "");
        gy_listing_str(&table, metric.text);
    }
    gy_listing_print(&table, cli->color, stdout);
    gy_listing_release(&table);
}

static enum gy_status print_list(struct gy_ask *ask, const struct gy_args *args,
                                 struct gy_error *err)
{
    (void)args;
    (void)err;
    if (gy_cli_of(ask)->json) {
        print_json(ask->snapshot);
    } else {
        print_table(gy_cli_of(ask), ask->snapshot);
    }
    return GY_OK;
}

static enum gy_status run_list(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    return gy_ask_run(cli, args, print_list, err);
}

const struct gy_command gy_cmd_metric_list = {
    .name = "metric list",
    .operands = "",
    .about = "The values that have a name",
    .example = "  gyeol metric list\n",
    .run = run_list,
};

/* ---- remove ---- */

static enum gy_status run_remove(struct gy_cli *cli, const struct gy_args *args,
                                 struct gy_error *err)
{
    return gy_remove_definition(cli, args, GY_NAME_METRIC, err);
}

const struct gy_command gy_cmd_metric_remove = {
    .name = "metric remove",
    .operands = "NAME",
    .about = "Forget a named value; refused while a definition uses it",
    .example = "  gyeol metric remove spend\n",
    .min_operands = 1,
    .max_operands = 1,
    .run = run_remove,
};
