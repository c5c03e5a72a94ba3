/* cmd_explain.c - a definition as it was understood: its canonical text, its tree, its sentences, and
 * what it will read. */
#include "cli/asking.h"
#include "cli/explain_plan.h"
#include "workspace/explanation.h"

static void print_explanation(const struct gy_ask *ask, const struct gy_explanation *e)
{
    if (gy_cli_of(ask)->json) {
        struct gy_json_writer w = {0};
        gy_explanation_json(e, &w);
        gy_json_finish(&w);
        return;
    }
    printf("text  %s\njson  %s\nen    %s\nko    %s\n", e->text.ptr, e->json.ptr, e->english.ptr,
           e->korean.ptr);
    gy_explain_plan_print(ask, &e->reads);
}

static enum gy_status explain(struct gy_ask *ask, const struct gy_args *args, struct gy_error *err)
{
    struct gy_definition definition = {0};
    struct gy_explanation explanation = {0};
    enum gy_status status = gy_ask_define_operand(ask, args, &definition, err);
    if (status == GY_OK) {
        status = gy_explain(ask, definition.expr, &explanation, err);
    }
    if (status == GY_OK) {
        print_explanation(ask, &explanation);
    }
    gy_explanation_release(&explanation);
    gy_definition_release(&definition);
    return status;
}

static enum gy_status run_explain(struct gy_cli *cli, const struct gy_args *args,
                                  struct gy_error *err)
{
    return gy_ask_run(cli, args, explain, err);
}

static const struct gy_option options_explain[] = {
    GY_OPTION_AS_OF,
    GY_OPTION_VERSION,
    GY_OPTION_ALLOW_UNKNOWN,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_explain = {
    .name = "explain",
    .operands = "'EXPR'|SEGMENT",
    .about = "A definition as it was understood: its text, its tree, in words, and what it reads",
    .example = "  gyeol explain 'COUNT(\"Order Completed\" LAST 1 YEAR) > 2'\n"
               "  gyeol explain --json VIPs\n",
    .options = options_explain,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_explain,
};
