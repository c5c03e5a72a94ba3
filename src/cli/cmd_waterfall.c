/* cmd_waterfall.c - what each condition of a definition does to its audience. */
#include <string.h>

#include "cli/asking.h"
#include "cli/output.h"
#include "engine/waterfall.h"
#include "lang/print.h"
#include "store/json_writer.h"
#include "workspace/waterfall_json.h"

/* ---- as a table ---- */

struct words {
    const char *condition;
    const char *alone;
    const char *remaining;
    const char *unknown;
    const char *without;
    const char *everyone;
    const char *result;
    const char *result_of_and;
    const char *result_of_or;
};

static const struct words english = {
    "condition",
    "alone",
    "remaining",
    "unknown",
    "without it",
    "everyone",
    "result",
    "result: all of these",
    "result: any of these",
};

static const struct words korean = {
    "조건",
    "단독",
    "남은 고객",
    "모름",
    "빼면",
    "전체",
    "결과",
    "결과: 모두 해당",
    "결과: 하나라도 해당",
};

static void add_head(struct gy_listing *table, const struct words *words)
{
    gy_listing_text(table, words->condition);
    gy_listing_text(table, words->alone);
    gy_listing_text(table, words->remaining);
    gy_listing_text(table, words->unknown);
    gy_listing_text(table, words->without);
}

/* A row that only says how many there are. */
static void add_total(struct gy_listing *table, const char *what, uint64_t n)
{
    gy_listing_text(table, what);
    gy_listing_text(table, "");
    gy_listing_count(table, n);
    gy_listing_text(table, "");
    gy_listing_text(table, "");
}

/* +1,234, -12, 0 */
static void add_change(struct gy_listing *table, int64_t change)
{
    struct gy_buf text = {0};
    gy_buf_text(&text, change > 0 ? "+" : change < 0 ? "-" : "");
    gy_put_count(&text, change < 0 ? (uint64_t)-change : (uint64_t)change);
    gy_listing_str(table, gy_buf_view(&text));
    gy_buf_release(&text);
}

static void add_condition(struct gy_listing *table, const struct gy_condition *condition)
{
    struct gy_buf text = {0};
    gy_buf_printf(&text, "%*s", 2 * (int)condition->depth, "");
    gy_print_expr(condition->expr, &text);
    gy_listing_str(table, gy_buf_view(&text));
    gy_listing_count(table, condition->n_alone);
    gy_listing_count(table, condition->n_remain);
    gy_listing_count(table, condition->n_unknown);
    add_change(table, condition->more_without);
    gy_buf_release(&text);
}

static void print_as_table(const struct gy_ask *ask, const struct gy_expr *expr,
                           const struct gy_waterfall *waterfall)
{
    struct gy_listing table;
    const struct words *words =
        strcmp(gy_snapshot_language(ask->snapshot), "ko") == 0 ? &korean : &english;
    gy_listing_init(&table, "lrrrr");
    add_head(&table, words);
    add_total(&table, words->everyone, waterfall->n_everyone);
    for (uint32_t i = 0; i < waterfall->n_conditions; i++) {
        add_condition(&table, &waterfall->conditions[i]);
    }
    add_total(&table,
              expr->kind == GY_EXPR_AND  ? words->result_of_and
              : expr->kind == GY_EXPR_OR ? words->result_of_or
                                         : words->result,
              waterfall->n_members);
    gy_listing_print(&table, gy_cli_of(ask)->color, stdout);
    gy_listing_release(&table);
}

/* ---- the command ---- */

static enum gy_status show(struct gy_ask *ask, const struct gy_expr *expr, struct gy_error *err)
{
    struct gy_waterfall waterfall;
    enum gy_status status =
        gy_waterfall(ask->snapshot, expr, ask->now_ms, &ask->run, &waterfall, err);
    if (status == GY_OK) {
        if (gy_cli_of(ask)->json) {
            struct gy_json_writer w = {0};
            gy_waterfall_json(ask, expr, &waterfall, &w);
            gy_json_finish(&w);
        } else {
            print_as_table(ask, expr, &waterfall);
        }
    }
    gy_waterfall_release(&waterfall);
    return status;
}

static enum gy_status run_waterfall(struct gy_cli *cli, const struct gy_args *args,
                                    struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct gy_definition definition = {0};
    enum gy_status status = gy_ask_open(&cli->asker, args->as_of, &ask, err);
    if (status == GY_OK) {
        status = gy_ask_define_operand(&ask, args, &definition, err);
    }
    if (status == GY_OK) {
        status = show(&ask, definition.expr, err);
    }
    gy_definition_release(&definition);
    gy_ask_close(&ask);
    return status;
}

static const struct gy_option options_waterfall[] = {
    GY_OPTION_AS_OF,
    GY_OPTION_VERSION,
    GY_OPTION_ALLOW_UNKNOWN,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_waterfall = {
    .name = "waterfall",
    .operands = "'EXPR'|SEGMENT",
    .about = "What each condition of a definition does: how many it holds for, how many remain",
    .example = "  gyeol waterfall 'did(\"Order Completed\") and trait.country = \"France\"'\n"
               "  gyeol waterfall --as-of 2025-01-01 VIPs\n",
    .options = options_waterfall,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_waterfall,
};
