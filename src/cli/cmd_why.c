/* cmd_why.c - why a customer is in a segment or not: what was found, what counts, until when. */
#include "cli/asking.h"
#include "cli/why_text.h"
#include "workspace/why_json.h"

static enum gy_status ask_why(struct gy_ask *ask, const struct gy_args *args,
                              const struct gy_expr *expr, struct gy_error *err)
{
    struct gy_why_options options = {.max_events = GY_WHY_EVENTS, .cancel = &ask->asker->cancel};
    struct gy_why why;
    struct gy_str id = {0};
    uint32_t root = GY_ID_NONE;
    GY_TRY(gy_ask_max_events(args->events, &options.max_events, err));
    GY_TRY(gy_ask_find_customer(ask, args->operands.words[0], &root, &id, err));
    GY_TRY(gy_why(ask->snapshot, expr, ask->now_ms, root, &options, &why, err));
    if (gy_cli_of(ask)->json) {
        struct gy_json_writer w = {0};
        gy_why_json(ask, id, &why, &w);
        gy_json_finish(&w);
    } else {
        gy_why_print_text(ask, id, &why);
    }
    gy_why_release(&why);
    return GY_OK;
}

static enum gy_status define_and_ask(struct gy_ask *ask, const struct gy_args *args,
                                     struct gy_error *err)
{
    struct gy_definition definition = {0};
    enum gy_status status = gy_ask_define_operand(ask, args, &definition, err);
    if (status == GY_OK) {
        status = ask_why(ask, args, definition.expr, err);
    }
    gy_definition_release(&definition);
    return status;
}

static enum gy_status run_why(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    return gy_ask_run(cli, args, define_and_ask, err);
}

static const struct gy_option options_why[] = {
    GY_OPTION_AS_OF,
    GY_OPTION_VERSION,
    GY_OPTION_ALLOW_UNKNOWN,
    {"events", 0, GY_OPTION_TEXT, offsetof(struct gy_args, events), "N",
     "how many of the newest events are shown of each value (3)"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_why = {
    .name = "why",
    .operands = "CUSTOMER 'EXPR'|SEGMENT",
    .about = "Why a customer is in a segment or not, until when, and what is missing",
    .example = "  gyeol why 12748 VIPs\n"
               "  gyeol why 12748 'count(\"Order Completed\" last 90 days) >= 3'\n",
    .options = options_why,
    .min_operands = 2,
    .max_operands = 2,
    .run = run_why,
};
