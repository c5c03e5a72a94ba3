/* cmd_segment_add.c - a segment by a text: defined, or defined anew. And taken away. */
#include "cli/removal.h"
#include "cli/segment_change.h"

/* ---- add ---- */

static enum gy_status describe(const void *context, const struct gy_ask *ask, json_t *attributes,
                               struct gy_error *err)
{
    const struct gy_args *args = context;
    const struct {
        const char *name;
        const char *value;
    } said[] = {
        {"title", args->title},
        {"purpose", args->purpose},
        {"action", args->action},
        {"owner", args->owner},
        {"priority", args->priority},
        {"tags", args->tags},
        {"refresh", args->refresh},
        {"valid_from", args->valid_from},
        {"valid_until", args->valid_until},
    };
    (void)ask;
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        GY_TRY(gy_attributes_set_text(attributes, said[i].name, said[i].value, err));
    }
    return GY_OK;
}

static enum gy_status run_add(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_arena arena = {0};
    struct gy_segment_change change = {
        .text = gy_str_of(args->operands.words[1]), .describe = describe, .context = args};
    enum gy_status status =
        gy_name_read(args->operands.words[0], "segment", &arena, &change.name, err);
    if (status == GY_OK) {
        status = gy_segment_change(cli, args, &change, err);
    }
    gy_arena_release(&arena);
    return status;
}

static const struct gy_option options_add[] = {
    GY_OPTION_AS_OF,
    GY_OPTION_ALLOW_UNKNOWN,
    GY_OPTION_DRY_RUN,
    GY_OPTION_AUTHOR,
    GY_OPTION_REASON,
    {"title", 0, GY_OPTION_TEXT, offsetof(struct gy_args, title), "TEXT", "what people call it"},
    {"purpose", 0, GY_OPTION_TEXT, offsetof(struct gy_args, purpose), "TEXT", "why it is there"},
    {"action", 0, GY_OPTION_TEXT, offsetof(struct gy_args, action), "TEXT", "what is done with it"},
    {"owner", 0, GY_OPTION_TEXT, offsetof(struct gy_args, owner), "TEXT", "who does it"},
    {"priority", 0, GY_OPTION_TEXT, offsetof(struct gy_args, priority), "N", "1 comes first"},
    {"tags", 0, GY_OPTION_TEXT, offsetof(struct gy_args, tags), "A,B", "words to find it by"},
    {"refresh", 0, GY_OPTION_TEXT, offsetof(struct gy_args, refresh), "WHEN",
     "live, hourly, daily (where nothing is said), weekly or manual"},
    {"valid-from", 0, GY_OPTION_TEXT, offsetof(struct gy_args, valid_from), "T",
     "planned before this instant"},
    {"valid-until", 0, GY_OPTION_TEXT, offsetof(struct gy_args, valid_until), "T",
     "closed after this instant, with its last audience kept"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_segment_add = {
    .name = "segment add",
    .operands = "NAME 'EXPR'",
    .about = "Define a segment, or define it anew; says who enters and leaves",
    .example = "  gyeol segment add lapsed 'days_since(\"Order Completed\") > 90' --owner crm\n"
               "  gyeol segment add lapsed 'days_since(\"Order Completed\") > 120' \\\n"
               "      --reason 'most come back within four months'\n",
    .options = options_add,
    .min_operands = 2,
    .max_operands = 2,
    .run = run_add,
};

/* ---- remove ---- */

static enum gy_status run_remove(struct gy_cli *cli, const struct gy_args *args,
                                 struct gy_error *err)
{
    return gy_remove_definition(cli, args, GY_NAME_SEGMENT, err);
}

const struct gy_command gy_cmd_segment_remove = {
    .name = "segment remove",
    .operands = "NAME",
    .about = "Forget a segment and its past; refused while another one refers to it",
    .example = "  gyeol segment remove lapsed\n",
    .min_operands = 1,
    .max_operands = 1,
    .run = run_remove,
};
