/* cmd_explain.c - a definition as it was understood: its canonical text and its tree. */
#include "cli/ask.h"
#include "cli/json_writer.h"
#include "lang/json.h"
#include "lang/print.h"

static void print_explanation(const struct gy_cli *cli, const struct gy_expr *expr)
{
    struct gy_buf text = {0};
    struct gy_buf json = {0};
    gy_print_expr(expr, &text);
    gy_json_expr(expr, &json);
    if (cli->json) {
        struct gy_json_writer w = {0};
        gy_json_open(&w, '{');
        gy_json_key(&w, "text");
        gy_json_str(&w, gy_buf_view(&text));
        gy_json_key(&w, "json");
        gy_json_raw(&w, gy_buf_view(&json));
        gy_json_close(&w, '}');
        gy_json_finish(&w);
    } else {
        printf("text  %s\njson  %s\n", text.ptr, json.ptr);
    }
    gy_buf_release(&text);
    gy_buf_release(&json);
}

static enum gy_status run_explain(struct gy_cli *cli, const struct gy_args *args,
                                  struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct gy_definition definition = {0};
    enum gy_status status = gy_ask_open(cli, NULL, &ask, err);
    if (status == GY_OK) {
        status =
            gy_ask_define(&ask, args->operands.words[0], args->allow_unknown, &definition, err);
    }
    if (status == GY_OK) {
        print_explanation(cli, definition.expr);
    }
    gy_definition_release(&definition);
    gy_ask_close(&ask);
    return status;
}

static const struct gy_option options_explain[] = {
    GY_OPTION_ALLOW_UNKNOWN,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_explain = {
    .name = "explain",
    .operands = "'EXPR'|SEGMENT",
    .about = "A definition as it was understood: its canonical text and its JSON tree",
    .example = "  gyeol explain 'COUNT(\"Order Completed\" LAST 1 YEAR) > 2'\n"
               "  gyeol explain --json VIPs\n",
    .options = options_explain,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_explain,
};
