/* cmd_status.c - how the workspace is; and whether all of it is sound. */
#include "cli/asking.h"
#include "cli/output.h"
#include "store/check_store.h"
#include "store/json_writer.h"

/* ---- status ---- */

struct figures {
    uint64_t n_customers;
    uint64_t n_identified;
    uint64_t n_events; /* items left out */
    uint64_t n_parts;
    uint64_t bytes;
    uint32_t n_event_names;
    uint32_t n_traits;
};

static enum gy_status count_customers(struct gy_ask *ask, struct figures *figures,
                                      struct gy_error *err)
{
    struct gy_expr everyone = {.kind = GY_EXPR_EVERYONE};
    struct gy_expr identified = {.kind = GY_EXPR_IDENTIFIED};
    roaring_bitmap_t *audience = NULL;
    GY_TRY(gy_audience(ask->snapshot, &everyone, ask->now_ms, &ask->run, &audience, err));
    figures->n_customers = roaring_bitmap_get_cardinality(audience);
    roaring_bitmap_free(audience);
    GY_TRY(gy_audience(ask->snapshot, &identified, ask->now_ms, &ask->run, &audience, err));
    figures->n_identified = roaring_bitmap_get_cardinality(audience);
    roaring_bitmap_free(audience);
    return GY_OK;
}

static void count_stored(const struct gy_snapshot *snapshot, struct figures *figures)
{
    const struct gy_schema *schema = gy_snapshot_schema(snapshot);
    figures->n_parts = gy_snapshot_n_parts(snapshot);
    for (size_t i = 0; i < figures->n_parts; i++) {
        figures->bytes += gy_part_size(gy_snapshot_part(snapshot, i));
    }
    for (uint32_t i = 0; i < schema->n_streams; i++) {
        const struct gy_stream *stream = &schema->streams[i];
        if (stream->kind == GY_STREAM_TRAIT) {
            figures->n_traits++;
            continue;
        }
        figures->n_event_names++;
        for (size_t part = 0; stream->parent == 0 && part < figures->n_parts; part++) {
            figures->n_events += gy_part_n_rows(gy_snapshot_part(snapshot, part), stream->id);
        }
    }
}

static void print_json(const struct gy_ask *ask, const struct figures *figures)
{
    const struct gy_snapshot *s = ask->snapshot;
    struct gy_json_writer w = {0};
    gy_json_open(&w, '{');
    gy_json_key(&w, "data");
    gy_json_text(&w, gy_snapshot_dir(s));
    gy_json_key(&w, "time_zone");
    gy_json_text(&w, gy_zone_name(gy_snapshot_zone(s)));
    gy_json_key(&w, "currency");
    gy_json_text(&w, gy_snapshot_currency(s));
    gy_json_key(&w, "language");
    gy_json_text(&w, gy_snapshot_language(s));
    const struct {
        const char *key;
        uint64_t n;
    } counts[] = {
        {"customers", figures->n_customers},   {"identified", figures->n_identified},
        {"events", figures->n_events},         {"event_names", figures->n_event_names},
        {"traits", figures->n_traits},         {"segments", gy_snapshot_n_segments(s)},
        {"metrics", gy_snapshot_n_metrics(s)}, {"lists", gy_snapshot_n_lists(s)},
        {"parts", figures->n_parts},           {"bytes", figures->bytes},
    };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        gy_json_key(&w, counts[i].key);
        gy_json_count(&w, counts[i].n);
    }
    gy_json_close(&w, '}');
    gy_json_finish(&w);
}

static void add_count(struct gy_listing *table, const char *name, uint64_t n)
{
    gy_listing_text(table, name);
    gy_listing_count(table, n);
}

static void print_table(const struct gy_ask *ask, const struct figures *figures)
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
    struct figures figures = {0};
    (void)args;
    enum gy_status status = gy_ask_open(&cli->asker, NULL, &ask, err);
    if (status == GY_OK) {
        status = count_customers(&ask, &figures, err);
    }
    if (status == GY_OK) {
        count_stored(ask.snapshot, &figures);
        if (cli->json) {
            print_json(&ask, &figures);
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
