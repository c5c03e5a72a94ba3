/* cmd_report_values.c - how values and named metrics lie among an audience. */
#include <math.h>

#include "base/number.h"
#include "cli/output.h"
#include "cli/report_page.h"
#include "insight/distribution.h"
#include "workspace/columns.h"

/* What is reported: a distribution for each value. */
struct page {
    struct gy_columns columns;
    struct gy_value_table values;
    struct gy_distribution distributions[GY_MAX_COLUMNS];
};

/* ---- making ---- */

static enum gy_status find_audience(struct gy_ask *ask, const struct gy_args *args,
                                    roaring_bitmap_t **out, struct gy_error *err)
{
    struct gy_expr everyone = {.kind = GY_EXPR_EVERYONE};
    GY_TRY(gy_report_audience(ask, args, out, err));
    return *out != NULL ? GY_OK
                        : gy_audience(ask->snapshot, &everyone, ask->now_ms, &ask->run, out, err);
}

/* A trait never seen that was let through has no type, and is known of nobody. */
static enum gy_status check_types(const struct page *page, struct gy_error *err)
{
    for (size_t i = 0; i < page->columns.n; i++) {
        enum gy_type type = page->columns.definitions[i].term->type;
        if (type == GY_TYPE_NUMBER || type == GY_TYPE_BOOL || type == GY_TYPE_ANY) {
            continue;
        }
        gy_error_set(err, GY_INVALID, "column %zu, %.*s, is a %s: a report of values takes numbers",
                     i + 1, GY_STR_ARG(page->columns.names[i]), gy_type_word(type));
        gy_error_hint(err,
                      "\"members --columns\" gives values of every type, customer by customer.");
        return GY_INVALID;
    }
    return GY_OK;
}

static enum gy_status make_page(struct gy_ask *ask, const struct gy_args *args, struct page *page,
                                struct gy_error *err)
{
    roaring_bitmap_t *audience = NULL;
    GY_TRY(gy_columns_read(ask, args->operands.words[0], args->allow_unknown, &page->columns, err));
    GY_TRY(check_types(page, err));
    enum gy_status status = find_audience(ask, args, &audience, err);
    if (status == GY_OK) {
        status = gy_columns_values(ask, &page->columns, audience, &page->values, err);
    }
    for (size_t i = 0; status == GY_OK && i < page->columns.n; i++) {
        gy_distribution_of(&page->values.columns[i], page->values.n_rows, &page->distributions[i]);
    }
    if (audience != NULL) {
        roaring_bitmap_free(audience);
    }
    return status;
}

static void release_page(struct page *page)
{
    gy_value_table_release(&page->values);
    gy_columns_release(&page->columns);
}

/* ---- showing ---- */

/* Of nobody there is no figure: null in JSON, "-" for people. */
static double figure(const struct gy_distribution *d, double value)
{
    return d->n_known == 0 ? (double)NAN : value;
}

static void print_json(const struct gy_ask *ask, const struct page *page)
{
    struct gy_json_writer w = {0};
    gy_report_open(&w, ask);
    gy_json_key(&w, "values");
    gy_json_open(&w, '[');
    for (size_t i = 0; i < page->columns.n; i++) {
        const struct gy_distribution *d = &page->distributions[i];
        gy_json_open(&w, '{');
        gy_json_key(&w, "value");
        gy_json_str(&w, page->columns.names[i]);
        gy_report_count(&w, "customers", d->n_customers);
        gy_report_count(&w, "known", d->n_known);
        gy_report_number(&w, "sum", figure(d, d->sum));
        gy_report_number(&w, "mean", figure(d, d->mean));
        gy_report_number(&w, "lowest", figure(d, d->lowest));
        gy_report_number(&w, "lower_quarter", figure(d, d->lower_quarter));
        gy_report_number(&w, "median", figure(d, d->median));
        gy_report_number(&w, "upper_quarter", figure(d, d->upper_quarter));
        gy_report_number(&w, "highest", figure(d, d->highest));
        gy_json_close(&w, '}');
    }
    gy_json_close(&w, ']');
    gy_json_close(&w, '}');
    gy_json_finish(&w);
}

/* Whole numbers as they are, others to two places. */
static void add_figure(struct gy_listing *table, const struct gy_distribution *d, double value)
{
    if (d->n_known == 0) {
        gy_listing_text(table, "-");
        return;
    }
    gy_listing_decimal(table, value, value == floor(value) ? 0 : 2);
}

static void print_table(const struct gy_ask *ask, const struct page *page)
{
    static const enum gy_word heads[] = {
        GY_WORD_VALUE,         GY_WORD_KNOWN,         GY_WORD_MEAN,
        GY_WORD_LOWEST,        GY_WORD_LOWER_QUARTER, GY_WORD_MEDIAN,
        GY_WORD_UPPER_QUARTER, GY_WORD_HIGHEST,       GY_WORD_SUM};
    struct gy_listing table;
    gy_report_title(ask, GY_WORD_VALUES);
    gy_listing_init(&table, "lrrrrrrrr");
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        gy_listing_text(&table, gy_report_word(ask, heads[i]));
    }
    for (size_t i = 0; i < page->columns.n; i++) {
        const struct gy_distribution *d = &page->distributions[i];
        const double figures[] = {
            d->mean, d->lowest, d->lower_quarter, d->median, d->upper_quarter, d->highest, d->sum};
        gy_listing_str(&table, page->columns.names[i]);
        gy_listing_count(&table, d->n_known);
        for (size_t k = 0; k < sizeof figures / sizeof figures[0]; k++) {
            add_figure(&table, d, figures[k]);
        }
    }
    gy_listing_print(&table, gy_cli_of(ask)->color, stdout);
    gy_listing_release(&table);
}

static enum gy_status report(struct gy_ask *ask, const struct gy_args *args, struct gy_error *err)
{
    struct page page = {0};
    enum gy_status status = make_page(ask, args, &page, err);
    if (status == GY_OK && gy_cli_of(ask)->json) {
        print_json(ask, &page);
    } else if (status == GY_OK) {
        print_table(ask, &page);
    }
    release_page(&page);
    return status;
}

static enum gy_status run_values(struct gy_cli *cli, const struct gy_args *args,
                                 struct gy_error *err)
{
    return gy_ask_run(cli, args, report, err);
}

static const struct gy_option options_values[] = {
    GY_OPTION_SEGMENT,
    GY_OPTION_AS_OF,
    GY_OPTION_ALLOW_UNKNOWN,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_report_values = {
    .name = "report values",
    .operands = "'VALUE, …'",
    .about = "How values and named metrics lie among the customers: mean, median, quarters, sum",
    .example =
        "  gyeol report values 'metric.average_order_value, metric.order_interval' --segment VIPs\n"
        "  gyeol report values 'sum(\"Order Completed\".revenue last 1 year)' --json\n",
    .options = options_values,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_values,
};
