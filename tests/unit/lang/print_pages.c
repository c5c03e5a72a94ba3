/* print_pages.c - docs/templates.md and docs/metrics.md, made from the tables they describe.
 *
 *     print_pages templates >docs/templates.md
 *     print_pages metrics >docs/metrics.md
 *
 * A test compares what it prints with the pages, so that they stay what the program does.
 */
#include <stdio.h>
#include <string.h>

#include "lang/builtin_metrics.h"
#include "lang/template.h"

/* ---- templates ---- */

static void print_params(const struct gy_template *t)
{
    struct gy_buf range = {0};
    puts("\n| parameter | default | kind | |\n| --- | --- | --- | --- |");
    for (const struct gy_template_param *p = t->params; p->name != NULL; p++) {
        gy_buf_reset(&range);
        gy_template_put_range(p, GY_TEMPLATE_EN, &range);
        if (p->is_required) {
            printf("| `%s` | required, such as `%s` ", p->name, p->value);
        } else {
            printf("| `%s` | `%s` ", p->name, p->value);
        }
        printf("| %s | %s · %s |\n", range.ptr, p->about[GY_TEMPLATE_EN], p->about[GY_TEMPLATE_KO]);
    }
    gy_buf_release(&range);
}

static bool print_template(const struct gy_template *t)
{
    struct gy_template_options options = {.with_examples = true};
    struct gy_template_filled filled;
    struct gy_buf needs = {0};
    struct gy_error err = {0};
    enum gy_status status = gy_template_fill(t, &options, &filled, &err);
    if (status == GY_OK) {
        gy_template_put_needs(t, &filled, NULL, GY_TEMPLATE_EN, &needs);
        printf("\n### %s\n\n**%s · %s**\n\n", t->name, t->title[GY_TEMPLATE_EN],
               t->title[GY_TEMPLATE_KO]);
        printf("- For: %s  \n  %s\n", t->purpose[GY_TEMPLATE_EN], t->purpose[GY_TEMPLATE_KO]);
        printf("- Do: %s  \n  %s\n", t->action[GY_TEMPLATE_EN], t->action[GY_TEMPLATE_KO]);
        printf("- Needs: %s\n\n```gyeol\n%s\n```\n", needs.ptr, filled.text.ptr);
        print_params(t);
    } else {
        (void)fprintf(stderr, "%s: %s\n", t->name, err.message);
    }
    gy_buf_release(&needs);
    gy_template_filled_release(&filled);
    return status == GY_OK;
}

static bool print_templates(void)
{
    const struct gy_template *t;
    bool is_good = true;
    puts(
        "# Templates\n\n"
        "The usual segments, ready to be filled in: `gyeol segment template list` shows them, `show NAME` tells about one,\n"
        "and `add NAME` checks it against the data and stores it as a segment, with its title, purpose and action in English\n"
        "and Korean.\n\n"
        "```\n"
        "gyeol segment template add lapsing --set from=45 --set to=90\n"
        "gyeol segment template add geographic --as capital --set regions=서울,경기\n"
        "gyeol segment template add vip --set order=Purchase --set revenue=amount --set window=\"6 months\"\n"
        "```\n\n"
        "Every event, property and trait that a template names is a parameter, so your own names can take the place of the usual\n"
        "ones. A text with a comma stands in double quotes within a list. A share is written `60%` or `0.6`, a duration\n"
        "`30 days`. A template needs the events and traits that it names; `--allow-unknown` stores it before they have come.\n\n"
        "Below, each definition stands as its defaults make it. This page is made from src/lang/template.def.");
    for (size_t i = 0; (t = gy_template_at(i)) != NULL; i++) {
        if (i == 0 || t->group != gy_template_at(i - 1)->group) {
            printf("\n## %s · %s\n", gy_template_group_title(t->group, GY_TEMPLATE_EN),
                   gy_template_group_title(t->group, GY_TEMPLATE_KO));
        }
        is_good = print_template(t) && is_good;
    }
    return is_good;
}

/* ---- metrics ---- */

static bool print_metrics(void)
{
    const struct gy_builtin_metric *m;
    puts(
        "# Built-in metrics\n\n"
        "Values that have a name from the start, for use as `metric.NAME` in segments, reports, columns of exports and other metrics:\n\n"
        "```\n"
        "gyeol count 'metric.orders >= 3 and metric.return_rate < 10%'\n"
        "gyeol members --columns 'metric.revenue, metric.days_since_order' vip\n"
        "gyeol report values 'metric.average_order_value, metric.order_interval' --segment vip\n"
        "```\n\n"
        "A workspace has those whose events, properties and traits it knows; of another the error says what is not there.\n"
        "A metric of the workspace's own (`gyeol metric add`) comes before a built-in one of the same name. All are as of the\n"
        "instant that is asked of, over all time where nothing else is said. For a customer without an order, what divides by\n"
        "orders is missing. This page is made from src/lang/builtin_metrics.def.\n\n"
        "| metric | unit | | definition |\n| --- | --- | --- | --- |");
    for (uint32_t i = 0; (m = gy_builtin_metric_at(i)) != NULL; i++) {
        printf("| `%s` | %s | %s · %s | `%s` |\n", m->name,
               gy_metric_unit_word(m->unit, GY_TEMPLATE_EN), m->title[GY_TEMPLATE_EN],
               m->title[GY_TEMPLATE_KO], m->text);
    }
    return true;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "templates") == 0) {
        return print_templates() ? 0 : 1;
    }
    if (argc == 2 && strcmp(argv[1], "metrics") == 0) {
        return print_metrics() ? 0 : 1;
    }
    (void)fprintf(stderr, "print_pages templates|metrics\n");
    return 2;
}
