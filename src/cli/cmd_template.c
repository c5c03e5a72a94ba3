/* cmd_template.c - the usual segments, filled in: list, show, add.
 *
 * A workspace speaks one language, and so do these pages; what is stored with a segment is there in
 * both.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/attributes.h"
#include "cli/definitions.h"
#include "cli/json_writer.h"
#include "cli/output.h"
#include "lang/template.h"
#include "store/writer.h"

/* ---- language ---- */

/* As it was asked for, else the workspace's, if there is one. */
static enum gy_status find_language(const struct gy_cli *cli, const struct gy_args *args,
                                    enum gy_template_language *out, struct gy_error *err)
{
    struct gy_snapshot *snapshot = NULL;
    if (args->language != NULL) {
        *out = gy_template_language_of(args->language);
        if (*out == GY_TEMPLATE_EN && strcmp(args->language, "en") != 0) {
            return gy_error_set(err, GY_INVALID, "language \"%s\" is neither \"en\" nor \"ko\"",
                                args->language);
        }
        return GY_OK;
    }
    bool is_there = gy_snapshot_open(cli->dir, &snapshot, NULL) == GY_OK;
    *out = is_there ? gy_template_language_of(gy_snapshot_language(snapshot)) : GY_TEMPLATE_EN;
    gy_snapshot_close(snapshot);
    return GY_OK;
}

#define OPTION_LANGUAGE                                                            \
    {                                                                              \
        "language", 0, GY_OPTION_TEXT, offsetof(struct gy_args, language), "CODE", \
            "en or ko; without it the workspace's"                                 \
    }
#define OPTION_SET                                                                \
    {                                                                             \
        "set", 0, GY_OPTION_TEXTS, offsetof(struct gy_args, sets), "PARAM=VALUE", \
            "a parameter's value; may be given more than once"                    \
    }

/* ---- list ---- */

static void add_both(struct gy_json_writer *w, const char *key,
                     const char *const texts[GY_TEMPLATE_LANGUAGES])
{
    gy_json_key(w, key);
    gy_json_open(w, '{');
    gy_json_key(w, "en");
    gy_json_text(w, texts[GY_TEMPLATE_EN]);
    gy_json_key(w, "ko");
    gy_json_text(w, texts[GY_TEMPLATE_KO]);
    gy_json_close(w, '}');
}

static void add_heading(struct gy_json_writer *w, const struct gy_template *t)
{
    const char *const group[] = {gy_template_group_title(t->group, GY_TEMPLATE_EN),
                                 gy_template_group_title(t->group, GY_TEMPLATE_KO)};
    gy_json_key(w, "name");
    gy_json_text(w, t->name);
    add_both(w, "group", group);
    add_both(w, "title", t->title);
    add_both(w, "purpose", t->purpose);
    add_both(w, "action", t->action);
}

static void print_list_json(void)
{
    struct gy_json_writer w = {0};
    const struct gy_template *t;
    gy_json_open(&w, '[');
    for (size_t i = 0; (t = gy_template_at(i)) != NULL; i++) {
        gy_json_open(&w, '{');
        add_heading(&w, t);
        gy_json_close(&w, '}');
    }
    gy_json_close(&w, ']');
    gy_json_finish(&w);
}

static void print_list(const struct gy_cli *cli, enum gy_template_language language)
{
    struct gy_listing table;
    const struct gy_template *t;
    bool is_korean = language == GY_TEMPLATE_KO;
    gy_listing_init(&table, "lll");
    gy_listing_text(&table, is_korean ? "템플릿" : "template");
    gy_listing_text(&table, is_korean ? "제목" : "title");
    gy_listing_text(&table, is_korean ? "목적" : "purpose");
    for (size_t i = 0; (t = gy_template_at(i)) != NULL; i++) {
        gy_listing_text(&table, t->name);
        gy_listing_text(&table, t->title[language]);
        gy_listing_text(&table, t->purpose[language]);
    }
    gy_listing_print(&table, cli->color, stdout);
    gy_listing_release(&table);
}

static enum gy_status run_list(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    enum gy_template_language language;
    GY_TRY(find_language(cli, args, &language, err));
    if (cli->json) {
        print_list_json();
    } else {
        print_list(cli, language);
    }
    return GY_OK;
}

static const struct gy_option options_list[] = {
    OPTION_LANGUAGE,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_segment_template_list = {
    .name = "segment template list",
    .operands = "",
    .about = "The usual segments, ready to be filled in",
    .example = "  gyeol segment template list\n",
    .options = options_list,
    .run = run_list,
};

/* ---- filling in ---- */

static enum gy_status fill(const struct gy_args *args, bool with_examples,
                           const struct gy_template **t, struct gy_template_filled *out,
                           struct gy_error *err)
{
    struct gy_template_setting settings[GY_MAX_TEXTS];
    struct gy_template_options options = {settings, args->sets.n, with_examples};
    GY_TRY(gy_template_find(gy_str_of(args->operands.words[0]), t, err));
    for (size_t i = 0; i < args->sets.n; i++) {
        const char *word = args->sets.items[i];
        const char *equals = strchr(word, '=');
        if (equals == NULL) {
            return gy_error_set(err, GY_INVALID, "\"--set %s\" is not PARAM=VALUE", word);
        }
        settings[i].name = (struct gy_str){word, (size_t)(equals - word)};
        settings[i].value = gy_str_of(equals + 1);
    }
    return gy_template_fill(*t, &options, out, err);
}

/* ---- show ---- */

static void add_param(struct gy_json_writer *w, const struct gy_template_param *p)
{
    struct gy_buf range = {0};
    gy_template_put_range(p, GY_TEMPLATE_EN, &range);
    gy_json_open(w, '{');
    gy_json_key(w, "name");
    gy_json_text(w, p->name);
    gy_json_key(w, p->is_required ? "example" : "default");
    gy_json_text(w, p->value);
    gy_json_key(w, "required");
    gy_json_bool(w, p->is_required);
    gy_json_key(w, "kind");
    gy_json_str(w, gy_buf_view(&range));
    add_both(w, "about", p->about);
    gy_json_close(w, '}');
    gy_buf_release(&range);
}

static void print_show_json(const struct gy_template *t, const struct gy_template_filled *filled)
{
    struct gy_json_writer w = {0};
    struct gy_buf needs = {0};
    gy_template_put_needs(t, filled, NULL, GY_TEMPLATE_EN, &needs);
    gy_json_open(&w, '{');
    add_heading(&w, t);
    gy_json_key(&w, "needs");
    gy_json_str(&w, gy_buf_view(&needs));
    gy_json_key(&w, "where");
    gy_json_str(&w, gy_buf_view(&filled->text));
    gy_json_key(&w, "parameters");
    gy_json_open(&w, '[');
    for (const struct gy_template_param *p = t->params; p->name != NULL; p++) {
        add_param(&w, p);
    }
    gy_json_close(&w, ']');
    gy_json_close(&w, '}');
    gy_json_finish(&w);
    gy_buf_release(&needs);
}

static void print_line(const char *en, const char *ko, enum gy_template_language language,
                       struct gy_str text)
{
    struct gy_buf line = {0};
    gy_put_padded(&line, gy_str_of(language == GY_TEMPLATE_KO ? ko : en), 9, false);
    gy_buf_text(&line, "  ");
    gy_put_safe(&line, text);
    puts(line.ptr);
    gy_buf_release(&line);
}

static void print_params(const struct gy_cli *cli, const struct gy_template *t,
                         enum gy_template_language language)
{
    struct gy_listing table;
    struct gy_buf range = {0};
    bool is_korean = language == GY_TEMPLATE_KO;
    gy_listing_init(&table, "llll");
    gy_listing_text(&table, is_korean ? "매개변수" : "parameter");
    gy_listing_text(&table, is_korean ? "기본값" : "default");
    gy_listing_text(&table, is_korean ? "종류" : "kind");
    gy_listing_text(&table, is_korean ? "뜻" : "meaning");
    for (const struct gy_template_param *p = t->params; p->name != NULL; p++) {
        gy_buf_reset(&range);
        gy_template_put_range(p, language, &range);
        gy_listing_text(&table, p->name);
        gy_listing_text(&table, !p->is_required ? p->value : is_korean ? "(필수)" : "(required)");
        gy_listing_str(&table, gy_buf_view(&range));
        gy_listing_text(&table, p->about[language]);
    }
    gy_listing_print(&table, cli->color, stdout);
    gy_buf_release(&range);
    gy_listing_release(&table);
}

static void print_show(const struct gy_cli *cli, const struct gy_template *t,
                       const struct gy_template_filled *filled, enum gy_template_language language)
{
    struct gy_buf needs = {0};
    gy_template_put_needs(t, filled, NULL, language, &needs);
    print_line("template", "템플릿", language, gy_str_of(t->name));
    print_line("title", "제목", language, gy_str_of(t->title[language]));
    print_line("purpose", "목적", language, gy_str_of(t->purpose[language]));
    print_line("action", "실행", language, gy_str_of(t->action[language]));
    print_line("needs", "필요", language, gy_buf_view(&needs));
    print_line("where", "조건", language, gy_buf_view(&filled->text));
    puts("");
    print_params(cli, t, language);
    gy_buf_release(&needs);
}

static enum gy_status run_show(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_template_filled filled = {0};
    const struct gy_template *t;
    enum gy_template_language language = GY_TEMPLATE_EN;
    enum gy_status status = cli->json ? GY_OK : find_language(cli, args, &language, err);
    if (status == GY_OK) {
        status = fill(args, true, &t, &filled, err);
    }
    if (status == GY_OK && cli->json) {
        print_show_json(t, &filled);
    } else if (status == GY_OK) {
        print_show(cli, t, &filled, language);
    }
    gy_template_filled_release(&filled);
    return status;
}

static const struct gy_option options_show[] = {
    OPTION_SET,
    OPTION_LANGUAGE,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_segment_template_show = {
    .name = "segment template show",
    .operands = "NAME",
    .about = "One template: what it is for, what it needs, its parameters",
    .example = "  gyeol segment template show lapsing\n"
               "  gyeol segment template show lapsing --set from=45\n",
    .options = options_show,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_show,
};

/* ---- add ---- */

/* A segment that is about to be stored. */
struct adding {
    struct gy_cli *cli;
    const struct gy_args *args;
    const struct gy_template *t;
    struct gy_template_filled filled;
    struct gy_str name;
    struct gy_buf attributes;
};

static enum gy_status check_needs(const struct adding *a, const struct gy_vocabulary *vocabulary,
                                  struct gy_error *err)
{
    const struct gy_template_param *param = gy_template_missing(a->t, &a->filled, vocabulary);
    struct gy_buf missing = {0};
    if (param == NULL) {
        return GY_OK;
    }
    gy_template_put_needs(a->t, &a->filled, vocabulary, GY_TEMPLATE_EN, &missing);
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

/* What a segment of that name carried, with what the template says on top. */
static enum gy_status make_attributes(const struct adding *a, const struct gy_ask *ask,
                                      struct gy_buf *out, struct gy_error *err)
{
    uint32_t stored = gy_snapshot_find_segment(ask->snapshot, a->name);
    json_t *attributes = gy_attributes_of(
        stored == GY_ID_NONE ? GY_STR("") : gy_snapshot_segment(ask->snapshot, stored)->json);
    enum gy_status status = set_both(attributes, "title", a->t->title, err);
    if (status == GY_OK) {
        status = set_both(attributes, "purpose", a->t->purpose, err);
    }
    if (status == GY_OK) {
        status = set_both(attributes, "action", a->t->action, err);
    }
    if (status == GY_OK) {
        gy_attributes_text(attributes, out);
    }
    json_decref(attributes);
    return status;
}

static void print_preview_json(const struct adding *a, const struct gy_preview *preview)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '{');
    gy_json_key(&w, "segment");
    gy_json_str(&w, a->name);
    gy_json_key(&w, "where");
    gy_json_str(&w, gy_buf_view(&a->filled.text));
    gy_preview_json(preview, &w);
    gy_json_close(&w, '}');
    gy_json_finish(&w);
}

static void print_preview(const struct adding *a, const struct gy_preview *preview)
{
    struct gy_buf text = {0};
    if (a->cli->json) {
        print_preview_json(a, preview);
        return;
    }
    gy_buf_text(&text, "segment \"");
    gy_put_safe(&text, a->name);
    gy_buf_text(&text, "\": ");
    gy_put_safe(&text, gy_buf_view(&a->filled.text));
    if (preview->is_known) {
        gy_buf_text(&text, "\n");
        gy_preview_put(preview, &text);
    }
    (void)fprintf(stderr, "%s\n", text.ptr);
    gy_buf_release(&text);
}

static enum gy_status check_segment(const struct adding *a, struct gy_draft *draft,
                                    struct gy_error *err)
{
    struct gy_preview preview;
    gy_draft_put(draft, GY_NAME_SEGMENT, a->name, gy_buf_view(&a->filled.text),
                 a->args->allow_unknown);
    GY_TRY(gy_draft_check(draft, err));
    GY_TRY(gy_draft_preview(draft, 0, &preview, err));
    print_preview(a, &preview);
    return GY_OK;
}

static enum gy_status check_add(struct adding *a, struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct gy_draft draft = {0};
    enum gy_status status = gy_ask_open(a->cli, a->args->as_of, &ask, err);
    if (status == GY_OK && !a->args->allow_unknown) {
        status = check_needs(a, &ask.vocabulary, err);
    }
    if (status == GY_OK) {
        status = make_attributes(a, &ask, &a->attributes, err);
    }
    if (status == GY_OK) {
        gy_draft_init(&draft, &ask);
        status = check_segment(a, &draft, err);
    }
    gy_draft_release(&draft);
    gy_ask_close(&ask);
    return status;
}

static enum gy_status store(struct adding *a, struct gy_error *err)
{
    struct gy_writer *writer = NULL;
    GY_TRY(gy_writer_open(a->cli->dir, &writer, err));
    enum gy_status status = check_add(a, err);
    if (status == GY_OK) {
        status = gy_writer_put_segment(writer, a->name, gy_buf_view(&a->filled.text),
                                       gy_buf_view(&a->attributes), GY_STR(""), GY_STR(""), err);
    }
    gy_writer_close(writer);
    return status;
}

static enum gy_status run_add(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct adding a = {.cli = cli, .args = args};
    struct gy_arena arena = {0};
    enum gy_status status = fill(args, false, &a.t, &a.filled, err);
    if (status == GY_OK) {
        status = gy_name_read(args->segment != NULL ? args->segment : a.t->name, "segment", &arena,
                              &a.name, err);
    }
    if (status == GY_OK) {
        status = args->dry_run ? check_add(&a, err) : store(&a, err);
    }
    gy_buf_release(&a.attributes);
    gy_template_filled_release(&a.filled);
    gy_arena_release(&arena);
    return status;
}

static const struct gy_option options_add[] = {
    {"as", 0, GY_OPTION_TEXT, offsetof(struct gy_args, segment), "SEGMENT",
     "the segment's name; without it the template's"},
    OPTION_SET,
    GY_OPTION_AS_OF,
    GY_OPTION_ALLOW_UNKNOWN,
    {"dry-run", 0, GY_OPTION_FLAG, offsetof(struct gy_args, dry_run), NULL,
     "say who would enter and leave, store nothing"},
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
