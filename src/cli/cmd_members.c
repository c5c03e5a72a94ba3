/* cmd_members.c - who: the customers a definition holds for, sorted by id. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "insight/excel_file.h"
#include "cli/asking.h"
#include "cli/output.h"
#include "store/json_writer.h"
#include "workspace/columns.h"
#include "workspace/member_rows.h"
#include "workspace/members_excel.h"

enum format {
    FORMAT_IDS,
    FORMAT_CSV,
    FORMAT_JSONL,
    FORMAT_XLSX
};

static const char *const format_words[] = {"ids", "csv", "jsonl", "xlsx"};
enum {
    N_FORMATS = sizeof format_words / sizeof format_words[0]
};

/* ---- options ---- */

/* False: no format has this name. */
static bool find_format(const char *word, enum format *out)
{
    for (size_t i = 0; i < N_FORMATS; i++) {
        if (strcasecmp(word, format_words[i]) == 0) {
            *out = (enum format)i;
            return true;
        }
    }
    return false;
}

static bool is_file(const char *path)
{
    return path != NULL && strcmp(path, "-") != 0;
}

/* Where no format is given, the file's ending says it: a file is read as what its name says. */
static enum gy_status read_format(const struct gy_args *args, bool json, enum format *out,
                                  struct gy_error *err)
{
    const char *dot = is_file(args->output) ? strrchr(args->output, '.') : NULL;
    if (args->format == NULL) {
        if (dot == NULL || !find_format(dot + 1, out)) {
            *out = json ? FORMAT_JSONL : args->columns != NULL ? FORMAT_CSV : FORMAT_IDS;
        }
        return GY_OK;
    }
    if (find_format(args->format, out)) {
        return GY_OK;
    }
    gy_error_set(err, GY_INVALID, "unknown format \"%s\"", args->format);
    gy_error_hint(err, "A format is ids, csv, jsonl or xlsx.");
    return GY_INVALID;
}

static enum gy_status check_options(const struct gy_args *args, enum format format,
                                    struct gy_error *err)
{
    if (format == FORMAT_IDS && args->columns != NULL) {
        return gy_error_set(err, GY_INVALID, "the format ids has no columns; csv and jsonl have");
    }
    if (format == FORMAT_XLSX && !is_file(args->output)) {
        return gy_error_set(err, GY_INVALID, "the format xlsx needs a file, -o FILE.xlsx");
    }
    return GY_OK;
}

/* ---- formats ---- */

static void put_csv(const struct gy_export *x, struct gy_buf *out)
{
    gy_members_csv_head(x, out);
    for (size_t i = 0; i < x->n; i++) {
        gy_members_csv_row(x, i, out);
    }
}

static void put_jsonl(const struct gy_export *x, struct gy_buf *out)
{
    for (size_t i = 0; i < x->n; i++) {
        struct gy_json_writer w = {0};
        gy_members_json_row(x, i, &w);
        gy_buf_str(out, gy_buf_view(&w.text));
        gy_buf_char(out, '\n');
        gy_json_writer_release(&w);
    }
}

static enum gy_status write_export(const struct gy_ask *ask, const struct gy_export *x,
                                   enum format format, const char *path, struct gy_error *err)
{
    struct gy_buf out = {0};
    enum gy_status status = GY_OK;
    switch (format) {
    case FORMAT_IDS:
        status = gy_members_put_ids(x->members, x->n, &out, err);
        break;
    case FORMAT_CSV:
        put_csv(x, &out);
        break;
    case FORMAT_JSONL:
        put_jsonl(x, &out);
        break;
    case FORMAT_XLSX:
        gy_excel_file_hush();
        return gy_members_excel(ask, x, path, err);
    }
    if (status == GY_OK) {
        status = gy_output_write(path, gy_buf_view(&out), err);
    }
    gy_buf_release(&out);
    return status;
}

static void say_written(const struct gy_export *x, const char *path)
{
    struct gy_buf line = {0};
    gy_buf_text(&line, "wrote ");
    gy_put_counted(&line, x->n, "customer");
    gy_buf_printf(&line, " to \"%s\"\n", path);
    (void)fputs(line.ptr, stderr);
    gy_buf_release(&line);
}

/* ---- running ---- */

static enum gy_status ask_members(struct gy_ask *ask, const struct gy_args *args,
                                  enum format format, struct gy_error *err)
{
    struct gy_definition definition = {0};
    struct gy_columns columns = {0};
    struct gy_value_table values = {0};
    struct gy_member *members = NULL;
    roaring_bitmap_t *audience = NULL;
    enum gy_status status = gy_ask_define_operand(ask, args, &definition, err);
    if (status != GY_OK) {
        goto done;
    }
    status = gy_columns_read(ask, args->columns, args->allow_unknown, &columns, err);
    if (status != GY_OK) {
        goto done;
    }
    status = gy_audience(ask->snapshot, definition.expr, ask->now_ms, &ask->run, &audience, err);
    if (status != GY_OK) {
        goto done;
    }
    if (columns.n > 0) {
        status = gy_columns_values(ask, &columns, audience, &values, err);
        if (status != GY_OK) {
            goto done;
        }
    }
    size_t n = gy_ask_members(ask, audience, &members);
    struct gy_export x = {&columns, &values, members, n};
    status = write_export(ask, &x, format, args->output, err);
    if (status == GY_OK && is_file(args->output)) {
        say_written(&x, args->output);
    }
done:
    free(members);
    gy_value_table_release(&values);
    if (audience != NULL) {
        roaring_bitmap_free(audience);
    }
    gy_columns_release(&columns);
    gy_definition_release(&definition);
    return status;
}

static enum gy_status run_members(struct gy_cli *cli, const struct gy_args *args,
                                  struct gy_error *err)
{
    struct gy_ask ask = {0};
    enum format format;
    GY_TRY(read_format(args, cli->json, &format, err));
    GY_TRY(check_options(args, format, err));
    enum gy_status status = gy_ask_open(&cli->asker, args->as_of, &ask, err);
    if (status == GY_OK) {
        status = ask_members(&ask, args, format, err);
    }
    gy_ask_close(&ask);
    return status;
}

static const struct gy_option options_members[] = {
    GY_OPTION_AS_OF,
    GY_OPTION_VERSION,
    GY_OPTION_ALLOW_UNKNOWN,
    {"format", 0, GY_OPTION_TEXT, offsetof(struct gy_args, format), "FORMAT",
     "ids (one a line), csv, jsonl or xlsx; the file's ending, else csv where there are columns"},
    {"columns", 0, GY_OPTION_TEXT, offsetof(struct gy_args, columns), "LIST",
     "values for each customer, separated by commas"},
    GY_OPTION_OUTPUT,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_members = {
    .name = "members",
    .operands = "'EXPR'|SEGMENT",
    .about = "The customers a definition holds for, sorted by id",
    .example = "  gyeol members 'did(\"Order Completed\" today)'\n"
               "  gyeol members -o vips.xlsx --columns 'trait.region, "
               "count(\"Order Completed\")' VIPs\n",
    .options = options_members,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_members,
};
