/* cmd_import.c - files into the workspace, with an account of every line. */
#include <stdint.h>
#include <string.h>

#include "base/zone.h"

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/writing.h"
#include "ingest/import_job.h"
#include "store/json_writer.h"
#include "store/writer.h"

/* ---- options ---- */

static enum gy_status read_kind(const char *word, enum gy_import_kind *out, struct gy_error *err)
{
    static const enum gy_import_kind kinds[] = {GY_IMPORT_CALLS, GY_IMPORT_EVENTS, GY_IMPORT_ORDERS,
                                                GY_IMPORT_ORDER_LINES, GY_IMPORT_CUSTOMERS};
    const char *names[sizeof kinds / sizeof kinds[0]];
    *out = GY_IMPORT_AUTO;
    for (size_t i = 0; word != NULL && i < sizeof kinds / sizeof kinds[0]; i++) {
        names[i] = gy_import_kind_word(kinds[i]);
        if (strcmp(word, names[i]) == 0) {
            *out = kinds[i];
            return GY_OK;
        }
    }
    if (word == NULL || strcmp(word, "auto") == 0) {
        return GY_OK;
    }
    gy_error_set(err, GY_INVALID, "unknown kind of file \"%s\"", word);
    const char *nearest = gy_nearest_word(word, names, sizeof kinds / sizeof kinds[0]);
    if (nearest != NULL) {
        gy_error_hint(err, "Did you mean \"%s\"?", nearest);
    } else {
        gy_error_hint(err, "A file is one of events, orders, order-lines, customers.");
    }
    return GY_INVALID;
}

static enum gy_status read_options(struct gy_cli *cli, const struct gy_args *args,
                                   struct gy_import_options *out, struct gy_error *err)
{
    *out = (struct gy_import_options){
        .map = args->map,
        .sets = args->sets.items,
        .n_sets = args->sets.n,
        .time_format = args->time_format,
        .time_zone = args->time_zone,
        .encoding = args->encoding,
        .delimiter = args->delimiter,
        .sheet = args->sheet,
        .no_header = args->no_header,
        .replace = args->replace,
        .dry_run = args->dry_run,
        .rejects_path = args->rejects,
        .progress = gy_progress_update,
        .cancel = &cli->asker.cancel,
    };
    return read_kind(args->kind, &out->kind, err);
}

/* ---- the report ---- */

static void print_amount(uint64_t n, const char *what)
{
    struct gy_buf text = {0};
    gy_put_count(&text, n);
    (void)fprintf(stderr, "  %14s %s", text.ptr, what);
    gy_buf_release(&text);
}

static void print_counted(uint64_t n, const char *noun)
{
    struct gy_buf text = {0};
    gy_put_counted(&text, n, noun);
    (void)fputs(text.ptr, stderr);
    gy_buf_release(&text);
}

static void print_recognised(const char *path, const struct gy_import_report *report)
{
    (void)fprintf(stderr, "%s: %s", path, gy_import_kind_word(report->kind));
    if (report->encoding[0] != '\0') {
        (void)fprintf(stderr, ", %s", report->encoding);
    }
    if (report->delimiter[0] != '\0') {
        if (strcmp(report->delimiter, "\t") == 0) {
            (void)fputs(", separated by tabs", stderr);
        } else {
            (void)fprintf(stderr, ", separated by \"%s\"", report->delimiter);
        }
    }
    if (report->time_format[0] != '\0') {
        (void)fprintf(stderr, ", times as %s", report->time_format);
    }
    (void)fputc('\n', stderr);
}

static void print_choices(const struct gy_import_report *report)
{
    for (uint32_t i = 0; i < report->n_choices; i++) {
        const struct gy_import_choice *choice = &report->choices[i];
        struct gy_buf text = {0};
        gy_buf_printf(&text, "  %s is \"", choice->field);
        gy_put_safe(&text, gy_str_of(choice->taken));
        gy_buf_text(&text, "\", not \"");
        gy_put_safe(&text, gy_str_of(choice->other));
        gy_buf_printf(&text, "\", which stays a column of its own (--map %s=… says otherwise)\n",
                      choice->field);
        (void)fputs(text.ptr, stderr);
        gy_buf_release(&text);
    }
}

static void print_reasons(const struct gy_import_report *report)
{
    for (uint32_t i = 0; i < report->n_reasons; i++) {
        const struct gy_import_reason *reason = &report->reasons[i];
        struct gy_buf text = {0};
        gy_put_count(&text, reason->count);
        (void)fprintf(stderr, "  %14s   %12s  %s (first in line %llu)\n", "", text.ptr,
                      reason->text, (unsigned long long)reason->first_line);
        gy_buf_release(&text);
    }
}

static void print_report(const char *path, const struct gy_import_report *report, double seconds)
{
    struct gy_buf rate = {0};
    gy_put_count(&rate, (uint64_t)((double)report->lines / (seconds > 0 ? seconds : 1)));
    print_recognised(path, report);
    print_choices(report);
    print_amount(report->lines, report->lines == 1 ? "line" : "lines");
    (void)fprintf(stderr, " in %.1f s, %s a second\n", seconds, rate.ptr);
    print_amount(report->lines_taken, "taken");
    struct gy_buf calls = {0};
    gy_put_count(&calls, report->calls_taken);
    (void)fprintf(stderr, ", as %s %s\n", calls.ptr,
                  report->calls_taken == 1 ? "event or call" : "events and calls");
    print_amount(report->lines_duplicate, "duplicate\n");
    print_amount(report->lines_rejected, "rejected\n");
    print_reasons(report);
    if (report->lines_changed > 0) {
        print_amount(report->lines_changed, "changed, not taken");
        (void)fputs(": ", stderr);
        print_counted(report->orders_changed, "order");
        (void)fputs(" not as stored (--replace takes what is in the file)\n", stderr);
    }
    if (report->orders_replaced > 0) {
        print_amount(report->orders_replaced,
                     report->orders_replaced == 1 ? "order replaced\n" : "orders replaced\n");
    }
    if (report->misfits > 0) {
        print_amount(report->misfits, report->misfits == 1
                                          ? "value that does not fit, kept as it came"
                                          : "values that do not fit, kept as they came");
        (void)fprintf(stderr, ": %s\n", report->misfit_example);
    }
    gy_buf_release(&rate);
    gy_buf_release(&calls);
}

static void add_count(struct gy_json_writer *w, const char *key, uint64_t n)
{
    gy_json_key(w, key);
    gy_json_count(w, n);
}

static void add_text(struct gy_json_writer *w, const char *key, const char *text)
{
    gy_json_key(w, key);
    gy_json_text(w, text);
}

static void add_choices(struct gy_json_writer *w, const struct gy_import_report *report)
{
    gy_json_key(w, "choices");
    gy_json_open(w, '[');
    for (uint32_t i = 0; i < report->n_choices; i++) {
        gy_json_open(w, '{');
        add_text(w, "field", report->choices[i].field);
        add_text(w, "taken", report->choices[i].taken);
        add_text(w, "other", report->choices[i].other);
        gy_json_close(w, '}');
    }
    gy_json_close(w, ']');
}

static void print_json(const char *path, const struct gy_import_report *report, double seconds)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '{');
    add_text(&w, "file", path);
    add_text(&w, "kind", gy_import_kind_word(report->kind));
    add_text(&w, "encoding", report->encoding);
    add_text(&w, "delimiter", report->delimiter);
    add_text(&w, "time_format", report->time_format);
    add_count(&w, "lines", report->lines);
    add_count(&w, "lines_taken", report->lines_taken);
    add_count(&w, "lines_duplicate", report->lines_duplicate);
    add_count(&w, "lines_rejected", report->lines_rejected);
    add_count(&w, "lines_changed", report->lines_changed);
    add_count(&w, "calls_taken", report->calls_taken);
    add_count(&w, "calls_duplicate", report->calls_duplicate);
    add_count(&w, "orders_changed", report->orders_changed);
    add_count(&w, "orders_replaced", report->orders_replaced);
    add_count(&w, "misfits", report->misfits);
    add_text(&w, "misfit_example", report->misfit_example);
    add_choices(&w, report);
    gy_json_key(&w, "rejected");
    gy_json_open(&w, '[');
    for (uint32_t i = 0; i < report->n_reasons; i++) {
        gy_json_open(&w, '{');
        add_text(&w, "reason", report->reasons[i].text);
        add_count(&w, "count", report->reasons[i].count);
        add_count(&w, "first_line", report->reasons[i].first_line);
        gy_json_close(&w, '}');
    }
    gy_json_close(&w, ']');
    gy_json_key(&w, "seconds");
    gy_json_number(&w, seconds);
    gy_json_close(&w, '}');
    gy_json_finish(&w);
}

/* ---- running ---- */

static enum gy_status import_one(struct gy_cli *cli, struct gy_writer *writer, const char *path,
                                 struct gy_import_options *options, struct gy_error *err)
{
    struct gy_import_report report = {0};
    struct gy_progress progress;
    gy_progress_begin(&progress, cli->is_watched && !cli->json);
    options->progress_context = &progress;
    int64_t start_us = gy_monotonic_us();
    enum gy_status status = gy_import_file(writer, path, options, &report, err);
    double seconds = (double)(gy_monotonic_us() - start_us) / 1e6;
    gy_progress_clear(&progress);
    if (status == GY_OK || report.lines > 0) {
        if (cli->json) {
            print_json(path, &report, seconds);
        } else {
            print_report(path, &report, seconds);
        }
    }
    if (status == GY_CANCELLED) {
        gy_error_hint(err, "What was committed stays; importing the file again finishes it.");
    }
    return status;
}

/* With the settings that nobody chose, which stay: so it is said. */
static enum gy_status make_workspace(const struct gy_cli *cli, struct gy_error *err)
{
    GY_TRY(gy_workspace_init(cli->asker.dir, NULL, err));
    (void)fprintf(stderr,
                  "made %s (time zone UTC, no currency)\n"
                  "  These stay; \"gyeol init\" makes a directory with others.\n",
                  cli->asker.dir);
    return GY_OK;
}

static enum gy_status import_into(struct gy_cli *cli, const struct gy_args *args, const char *dir,
                                  struct gy_import_options *options, struct gy_error *err)
{
    struct gy_writer *writer = NULL;
    enum gy_status status = gy_writing_open(cli, args, dir, &writer, err);
    for (size_t i = 0; status == GY_OK && i < args->operands.n; i++) {
        status = import_one(cli, writer, args->operands.words[i], options, err);
    }
    if (status == GY_OK && !args->dry_run) {
        status = gy_writer_maintain(writer, err);
    }
    gy_writer_close(writer);
    return status;
}

/* Where an import would make the data directory: on an empty one, which is thrown away. */
static enum gy_status rehearse_on_nothing(struct gy_cli *cli, const struct gy_args *args,
                                          struct gy_import_options *options, struct gy_error *err)
{
    char dir[64];
    GY_TRY(gy_workspace_make_temporary(dir, err));
    enum gy_status status = import_into(cli, args, dir, options, err);
    gy_workspace_remove_temporary(dir);
    return status;
}

static enum gy_status run_import(struct gy_cli *cli, const struct gy_args *args,
                                 struct gy_error *err)
{
    struct gy_import_options options;
    bool is_there = gy_workspace_exists(cli->asker.dir);
    GY_TRY(read_options(cli, args, &options, err));
    if (args->rejects != NULL && args->operands.n > 1) {
        return gy_error_set(err, GY_INVALID, "option \"--rejects\" goes with one file, not %zu",
                            args->operands.n);
    }
    gy_interrupt_watch(&cli->asker.cancel);
    if (!is_there && args->dry_run) {
        return rehearse_on_nothing(cli, args, &options, err);
    }
    if (!is_there) {
        GY_TRY(make_workspace(cli, err));
    }
    return import_into(cli, args, cli->asker.dir, &options, err);
}

static const struct gy_option options_import[] = {
    {"as", 0, GY_OPTION_TEXT, offsetof(struct gy_args, kind), "KIND",
     "events, orders, order-lines or customers; .jsonl is Segment-spec calls"},
    {"map", 0, GY_OPTION_TEXT, offsetof(struct gy_args, map), "FIELD=COLUMN,…",
     "which column is what; trait.NAME=COLUMN makes a trait"},
    {"set", 0, GY_OPTION_TEXTS, offsetof(struct gy_args, sets), "FIELD=VALUE",
     "a field that is the same in every line; may be given again"},
    {"time-format", 0, GY_OPTION_TEXT, offsetof(struct gy_args, time_format), "F",
     "as %Y-%m-%d %H:%M:%S, or mdy, dmy, ymd …; recognised where it is not given"},
    {"time-zone", 0, GY_OPTION_TEXT, offsetof(struct gy_args, time_zone), "ZONE",
     "of times without an offset (the workspace's)"},
    {"encoding", 0, GY_OPTION_TEXT, offsetof(struct gy_args, encoding), "NAME",
     "auto, utf-8, utf-16le, utf-16be, cp949 …"},
    {"delimiter", 0, GY_OPTION_TEXT, offsetof(struct gy_args, delimiter), "C",
     "one character, tab or blanks; recognised where it is not given"},
    {"no-header", 0, GY_OPTION_FLAG, offsetof(struct gy_args, no_header), NULL,
     "the first line is data; columns are named 1, 2, …"},
    {"sheet", 0, GY_OPTION_TEXT, offsetof(struct gy_args, sheet), "NAME",
     "of an Excel file (the first)"},
    {"rejects", 0, GY_OPTION_TEXT, offsetof(struct gy_args, rejects), "FILE",
     "rejected lines go here, in UTF-8, under the table's header"},
    {"replace", 0, GY_OPTION_FLAG, offsetof(struct gy_args, replace), NULL,
     "an order that differs from the stored one replaces it"},
    {"dry-run", 0, GY_OPTION_FLAG, offsetof(struct gy_args, dry_run), NULL,
     "read and check everything, change nothing"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_import = {
    .name = "import",
    .operands = "FILE…",
    .about = "Take files in: JSON lines of calls, and tables (CSV, TSV, XLSX; gzip, zstd; - is "
             "standard input)",
    .example =
        "  gyeol import events.jsonl\n"
        "  gyeol import orders.csv.gz --as order-lines --map order_id=InvoiceNo,"
        "customer_id=CustomerID,time=InvoiceDate,\\\n"
        "      product_id=StockCode,quantity=Quantity,price=UnitPrice,trait.country=Country\n",
    .options = options_import,
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run_import,
};
