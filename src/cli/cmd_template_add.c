/* cmd_template_add.c - a segment by a template. What is stored with it is there in both languages. */
#include "cli/segment_change.h"
#include "cli/template_args.h"

/* A template with its values. */
struct filled {
    const struct gy_template *t;
    struct gy_template_filled values;
    bool allow_unknown;
};

static enum gy_status check_needs(const struct filled *a, const struct gy_vocabulary *vocabulary,
                                  struct gy_error *err)
{
    const struct gy_template_param *param = gy_template_missing(a->t, &a->values, vocabulary);
    struct gy_buf missing = {0};
    if (param == NULL) {
        return GY_OK;
    }
    gy_template_put_needs(a->t, &a->values, vocabulary, GY_TEMPLATE_EN, &missing);
    gy_error_set(err, GY_INVALID, "template \"%s\" needs what has never been seen: %.*s",
                 a->t->name, GY_STR_ARG(gy_buf_view(&missing)));
    gy_error_hint(
        err,
        "\"--set %s=NAME\" gives a name of your own; --allow-unknown stores it before its "
        "events and traits have come.",
        param->name);
    gy_buf_release(&missing);
    return GY_INVALID;
}

static enum gy_status set_both(json_t *attributes, const char *name,
                               const char *const texts[GY_TEMPLATE_LANGUAGES], struct gy_error *err)
{
    return gy_attributes_set(
        attributes, name,
        json_pack("{s:s, s:s}", "en", texts[GY_TEMPLATE_EN], "ko", texts[GY_TEMPLATE_KO]), err);
}

static enum gy_status describe(const void *context, const struct gy_ask *ask, json_t *attributes,
                               struct gy_error *err)
{
    const struct filled *a = context;
    if (!a->allow_unknown) {
        GY_TRY(check_needs(a, &ask->vocabulary, err));
    }
    GY_TRY(set_both(attributes, "title", a->t->title, err));
    GY_TRY(set_both(attributes, "purpose", a->t->purpose, err));
    return set_both(attributes, "action", a->t->action, err);
}

static enum gy_status run_add(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct filled filled = {.allow_unknown = args->allow_unknown};
    struct gy_arena arena = {0};
    struct gy_segment_change change = {
        .shows_text = true, .describe = describe, .context = &filled};
    enum gy_status status = gy_template_from_args(args, false, &filled.t, &filled.values, err);
    if (status == GY_OK) {
        change.text = gy_buf_view(&filled.values.text);
        status = gy_name_read(args->segment != NULL ? args->segment : filled.t->name, "segment",
                              &arena, &change.name, err);
    }
    if (status == GY_OK) {
        status = gy_segment_change(cli, args, &change, err);
    }
    gy_template_filled_release(&filled.values);
    gy_arena_release(&arena);
    return status;
}

static const struct gy_option options_add[] = {
    {"as", 0, GY_OPTION_TEXT, offsetof(struct gy_args, segment), "SEGMENT",
     "the segment's name; without it the template's"},
    GY_OPTION_SET,
    GY_OPTION_AS_OF,
    GY_OPTION_ALLOW_UNKNOWN,
    GY_OPTION_DRY_RUN,
    GY_OPTION_AUTHOR,
    GY_OPTION_REASON,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_segment_template_add = {
    .name = "segment template add",
    .operands = "NAME",
    .about = "Make a segment of a template; says who enters and leaves",
    .example = "  gyeol segment template add lapsing --set from=45 --set to=90\n"
               "  gyeol segment template add geographic --as capital --set regions=서울,경기\n",
    .options = options_add,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_add,
};
