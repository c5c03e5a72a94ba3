/* cmd_count.c - how many customers. */
#include "cli/asking.h"
#include "lang/print.h"
#include "store/json_writer.h"

static void print_count(const struct gy_ask *ask, const struct gy_definition *definition,
                        uint64_t count)
{
    if (!gy_cli_of(ask)->json) {
        printf("%llu\n", (unsigned long long)count);
        return;
    }
    struct gy_buf text = {0};
    struct gy_json_writer w = {0};
    gy_print_expr(definition->expr, &text);
    gy_json_open(&w, '{');
    gy_json_key(&w, "count");
    gy_json_count(&w, count);
    gy_json_key(&w, "as_of");
    gy_json_time(&w, ask->now_ms);
    gy_json_key(&w, "text");
    gy_json_str(&w, gy_buf_view(&text));
    gy_json_close(&w, '}');
    gy_json_finish(&w);
    gy_buf_release(&text);
}

static enum gy_status run_count(struct gy_cli *cli, const struct gy_args *args,
                                struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct gy_definition definition = {0};
    roaring_bitmap_t *audience = NULL;
    enum gy_status status = gy_ask_open(&cli->asker, args->as_of, &ask, err);
    if (status != GY_OK) {
        goto done;
    }
    status = gy_ask_define_operand(&ask, args, &definition, err);
    if (status != GY_OK) {
        goto done;
    }
    status = gy_audience(ask.snapshot, definition.expr, ask.now_ms, &ask.run, &audience, err);
    if (status != GY_OK) {
        goto done;
    }
    print_count(&ask, &definition, roaring_bitmap_get_cardinality(audience));
done:
    if (audience != NULL) {
        roaring_bitmap_free(audience);
    }
    gy_definition_release(&definition);
    gy_ask_close(&ask);
    return status;
}

static const struct gy_option options_count[] = {
    GY_OPTION_AS_OF,
    GY_OPTION_VERSION,
    GY_OPTION_ALLOW_UNKNOWN,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_count = {
    .name = "count",
    .operands = "'EXPR'|SEGMENT",
    .about = "How many customers a definition holds for",
    .example = "  gyeol count 'count(\"Order Completed\" last 365 days) >= 5'\n"
               "  gyeol count --as-of 2025-01-01 VIPs\n",
    .options = options_count,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_count,
};
