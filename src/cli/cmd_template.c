/* cmd_template.c - pages about the usual segments: list, show.
 *
 * A workspace speaks one language, and so do these pages.
 */
#include <string.h>

#include "cli/output.h"
#include "cli/template_args.h"
#include "store/json_writer.h"
#include "store/snapshot.h"

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
    bool is_there = gy_snapshot_open(cli->asker.dir, &snapshot, NULL) == GY_OK;
    *out = is_there ? gy_template_language_of(gy_snapshot_language(snapshot)) : GY_TEMPLATE_EN;
    gy_snapshot_close(snapshot);
    return GY_OK;
}

#define OPTION_LANGUAGE                                                            \
    {                                                                              \
        "language", 0, GY_OPTION_TEXT, offsetof(struct gy_args, language), "CODE", \
            "en or ko; without it the workspace's"                                 \
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
        status = gy_template_from_args(args, true, &t, &filled, err);
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
    GY_OPTION_SET,
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
