/* cmd_explain.c - a definition as it was understood: its canonical text, its tree, its sentences, and
 * what it will read. */
#include "cli/asking.h"
#include "cli/explain_plan.h"
#include "lang/json.h"
#include "lang/print.h"
#include "lang/sentence.h"
#include "store/json_writer.h"

/* The definition in every form it has, as of the instant that was asked for. */
struct explanation {
    struct gy_buf text;
    struct gy_buf json;
    struct gy_buf english;
    struct gy_buf korean;
};

static void explain(const struct gy_ask *ask, const struct gy_expr *expr, struct explanation *out)
{
    const struct gy_zone *zone = ask->vocabulary.zone;
    gy_print_expr(expr, &out->text);
    gy_json_expr(expr, &out->json);
    gy_sentence(expr, GY_LANGUAGE_EN, zone, ask->now_ms, &out->english);
    gy_sentence(expr, GY_LANGUAGE_KO, zone, ask->now_ms, &out->korean);
}

static void forget(struct explanation *e)
{
    gy_buf_release(&e->text);
    gy_buf_release(&e->json);
    gy_buf_release(&e->english);
    gy_buf_release(&e->korean);
}

static void print_as_json(const struct explanation *e, const struct gy_reads *reads)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '{');
    gy_json_key(&w, "text");
    gy_json_str(&w, gy_buf_view(&e->text));
    gy_json_key(&w, "json");
    gy_json_raw(&w, gy_buf_view(&e->json));
    gy_json_key(&w, "sentence");
    gy_json_open(&w, '{');
    gy_json_key(&w, "en");
    gy_json_str(&w, gy_buf_view(&e->english));
    gy_json_key(&w, "ko");
    gy_json_str(&w, gy_buf_view(&e->korean));
    gy_json_close(&w, '}');
    gy_json_key(&w, "plan");
    gy_explain_plan_json(reads, &w);
    gy_json_close(&w, '}');
    gy_json_finish(&w);
}

static void print_explanation(const struct gy_ask *ask, const struct gy_expr *expr,
                              const struct gy_reads *reads)
{
    struct explanation e = {0};
    explain(ask, expr, &e);
    if (gy_cli_of(ask)->json) {
        print_as_json(&e, reads);
    } else {
        printf("text  %s\njson  %s\nen    %s\nko    %s\n", e.text.ptr, e.json.ptr, e.english.ptr,
               e.korean.ptr);
        gy_explain_plan_print(ask, reads);
    }
    forget(&e);
}

static enum gy_status run_explain(struct gy_cli *cli, const struct gy_args *args,
                                  struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct gy_definition definition = {0};
    struct gy_reads reads = {0};
    enum gy_status status = gy_ask_open(&cli->asker, args->as_of, &ask, err);
    if (status == GY_OK) {
        status = gy_ask_define_operand(&ask, args, &definition, err);
    }
    if (status == GY_OK) {
        status = gy_reads_of(ask.snapshot, definition.expr, ask.now_ms, &reads, err);
    }
    if (status == GY_OK) {
        print_explanation(&ask, definition.expr, &reads);
    }
    gy_reads_release(&reads);
    gy_definition_release(&definition);
    gy_ask_close(&ask);
    return status;
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
