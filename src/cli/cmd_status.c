/* cmd_status.c - how the workspace is; and whether all of it is sound. */
#include "cli/asking.h"
#include "cli/output.h"
#include "store/check_store.h"
#include "workspace/workspace_figures.h"

/* ---- status ---- */

static void add_count(struct gy_listing *table, const char *name, uint64_t n)
{
    gy_listing_text(table, name);
    gy_listing_count(table, n);
}

static void print_table(const struct gy_ask *ask, const struct gy_workspace_figures *figures)
{
    const struct gy_snapshot *s = ask->snapshot;
    struct gy_listing table;
    struct gy_buf bytes = {0};
    gy_put_bytes(&bytes, figures->bytes);
    printf("%s: time zone %s, currency %s, language %s\n\n", gy_snapshot_dir(s),
           gy_zone_name(gy_snapshot_zone(s)),
           gy_snapshot_currency(s)[0] != '\0' ? gy_snapshot_currency(s) : "not set",
           gy_snapshot_language(s));
    gy_listing_init(&table, "lr");
    table.has_head = false;
    add_count(&table, "customers", figures->n_customers);
    add_count(&table, "  identified", figures->n_identified);
    add_count(&table, "events", figures->n_events);
    add_count(&table, "event names (of 4,096)", figures->n_event_names);
    add_count(&table, "traits (of 4,096)", figures->n_traits);
    add_count(&table, "segments", gy_snapshot_n_segments(s));
    add_count(&table, "metrics", gy_snapshot_n_metrics(s));
    add_count(&table, "lists", gy_snapshot_n_lists(s));
    add_count(&table, "parts", figures->n_parts);
    gy_listing_text(&table, "on disk");
    gy_listing_str(&table, gy_buf_view(&bytes));
    gy_listing_print(&table, false, stdout);
    gy_listing_release(&table);
    gy_buf_release(&bytes);
}

static enum gy_status run_status(struct gy_cli *cli, const struct gy_args *args,
                                 struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct gy_workspace_figures figures = {0};
    (void)args;
    enum gy_status status = gy_ask_open(&cli->asker, NULL, &ask, err);
    if (status == GY_OK) {
        status = gy_workspace_count(&ask, &figures, err);
    }
    if (status == GY_OK) {
        if (cli->json) {
            struct gy_json_writer w = {0};
            gy_workspace_figures_json(&ask, &figures, &w);
            gy_json_finish(&w);
        } else {
            print_table(&ask, &figures);
        }
    }
    gy_ask_close(&ask);
    return status;
}

const struct gy_command gy_cmd_status = {
    .name = "status",
    .operands = "",
    .about = "How the workspace is: settings, customers, events, size",
    .example = "  gyeol status --json\n",
    .run = run_status,
};

/* ---- check ---- */

static void print_problem(void *context, const char *problem)
{
    struct gy_json_writer *problems = context;
    if (problems != NULL) {
        gy_json_text(problems, problem);
    } else {
        (void)fprintf(stdout, "%s\n", problem);
    }
}

static void print_check_text(const struct gy_check_report *report)
{
    struct gy_buf text = {0};
    gy_put_counted(&text, report->n_parts, "part");
    gy_buf_text(&text, ", ");
    gy_put_counted(&text, report->n_slices, "slice");
    gy_buf_text(&text, ", ");
    gy_put_counted(&text, report->n_rows, "row");
    gy_buf_text(&text, ", ");
    gy_put_counted(&text, report->n_customers, "customer");
    gy_buf_text(&text, ", ");
    gy_put_bytes(&text, report->bytes);
    gy_buf_text(&text, ": ");
    gy_put_counted(&text, report->n_problems, "problem");
    (void)fprintf(stderr, "%s\n", text.ptr);
    gy_buf_release(&text);
}

static void print_check(const struct gy_cli *cli, const struct gy_check_report *report,
                        const struct gy_json_writer *problems)
{
    if (!cli->json) {
        print_check_text(report);
        return;
    }
    struct gy_json_writer w = {0};
    gy_json_open(&w, '{');
    gy_json_key(&w, "parts");
    gy_json_count(&w, report->n_parts);
    gy_json_key(&w, "slices");
    gy_json_count(&w, report->n_slices);
    gy_json_key(&w, "rows");
    gy_json_count(&w, report->n_rows);
    gy_json_key(&w, "customers");
    gy_json_count(&w, report->n_customers);
    gy_json_key(&w, "bytes");
    gy_json_count(&w, report->bytes);
    gy_json_key(&w, "problems");
    gy_json_raw(&w, gy_buf_view(&problems->text));
    gy_json_close(&w, '}');
    gy_json_finish(&w);
}

static enum gy_status run_check(struct gy_cli *cli, const struct gy_args *args,
                                struct gy_error *err)
{
    struct gy_check_report report = {0};
    struct gy_json_writer problems = {0};
    (void)args;
    gy_json_open(&problems, '[');
    enum gy_status status =
        gy_store_check(cli->asker.dir, print_problem, cli->json ? &problems : NULL, &report, err);
    gy_json_close(&problems, ']');
    if (status == GY_OK || status == GY_CORRUPT) {
        print_check(cli, &report, &problems);
    }
    gy_json_writer_release(&problems);
    return status;
}

const struct gy_command gy_cmd_check = {
    .name = "check",
    .operands = "",
    .about = "Verify every checksum and every invariant of the data directory",
    .example = "  gyeol check\n",
    .run = run_check,
};
