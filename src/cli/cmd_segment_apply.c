/* cmd_segment_apply.c - makes the workspace's segments like a file.
 *
 * Everything is checked together first, so that segments of the file may refer to each other in any
 * order; who enters and leaves is shown; then all is stored, or nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/asking.h"
#include "cli/authorship.h"
#include "cli/output.h"
#include "cli/segments_file.h"
#include "cli/writing.h"
#include "store/writer.h"
#include "workspace/attributes.h"
#include "workspace/preview.h"

enum deed {
    DEED_NONE,
    DEED_ADD,
    DEED_CHANGE,
    DEED_REMOVE
};

struct step {
    enum deed deed;
    struct gy_str name;
    struct gy_str text;
    struct gy_buf attributes;
    struct gy_preview preview;
};

struct plan {
    struct step *steps; /* the file's segments in its order, then the removed ones */
    size_t n;
    struct gy_draft draft; /* item i is of step i */
};

static const char *const deed_words[] = {"unchanged", "new", "changed", "removed"};

/* ---- the plan ---- */

static enum deed find_deed(const struct gy_ask *ask, const struct step *step)
{
    uint32_t stored = gy_snapshot_find_segment(ask->snapshot, step->name);
    if (stored == GY_ID_NONE) {
        return DEED_ADD;
    }
    const struct gy_segment_info *info = gy_snapshot_segment(ask->snapshot, stored);
    bool is_same = gy_str_equal(info->text, step->text) &&
                   gy_str_equal(info->json, gy_buf_view(&step->attributes));
    return is_same ? DEED_NONE : DEED_CHANGE;
}

static bool is_in_file(const struct gy_segments_file *file, struct gy_str name)
{
    for (size_t i = 0; i < file->n; i++) {
        if (gy_str_equal(file->segments[i].name, name)) {
            return true;
        }
    }
    return false;
}

static void plan_steps(struct plan *plan, struct gy_ask *ask, const struct gy_segments_file *file,
                       const struct gy_args *args)
{
    uint32_t n_stored = gy_snapshot_n_segments(ask->snapshot);
    plan->steps = gy_alloc_zero(file->n + n_stored + 1, sizeof *plan->steps);
    gy_draft_init(&plan->draft, ask);
    for (size_t i = 0; i < file->n; i++) {
        struct step *step = &plan->steps[plan->n++];
        step->name = file->segments[i].name;
        step->text = file->segments[i].text;
        gy_attributes_text(file->segments[i].attributes, &step->attributes);
        step->deed = find_deed(ask, step);
        gy_draft_put_segment(&plan->draft, step->name, step->text, gy_buf_view(&step->attributes),
                             args->allow_unknown);
    }
    for (uint32_t i = 0; args->prune && i < n_stored; i++) {
        struct gy_str name = gy_snapshot_segment(ask->snapshot, i)->name;
        if (!is_in_file(file, name)) {
            plan->steps[plan->n++] = (struct step){.deed = DEED_REMOVE, .name = name};
            gy_draft_remove(&plan->draft, GY_NAME_SEGMENT, name);
        }
    }
}

static void release_plan(struct plan *plan)
{
    for (size_t i = 0; i < plan->n; i++) {
        gy_buf_release(&plan->steps[i].attributes);
    }
    free(plan->steps);
    gy_draft_release(&plan->draft);
}

static enum gy_status check_step(const struct plan *plan, size_t i, struct gy_error *err)
{
    struct gy_span span = gy_span_of(gy_buf_view(&plan->steps[i].attributes),
                                     gy_snapshot_zone(plan->draft.ask->snapshot));
    GY_TRY(gy_draft_check_item(&plan->draft, i, err));
    return gy_span_check(&span, err);
}

static enum gy_status check_plan(struct plan *plan, const struct gy_segments_file *file,
                                 const char *path, struct gy_error *err)
{
    for (size_t i = 0; i < file->n; i++) {
        enum gy_status status = check_step(plan, i, err);
        if (status != GY_OK) {
            gy_error_context(err, "segment \"%.*s\" in line %u of \"%s\"",
                             GY_STR_ARG(file->segments[i].name), file->segments[i].line, path);
            return status;
        }
    }
    GY_TRY(gy_draft_check(&plan->draft, err));
    for (size_t i = 0; i < plan->n; i++) {
        if (plan->steps[i].deed != DEED_NONE) {
            GY_TRY(gy_preview_make(&plan->draft, i, &plan->steps[i].preview, err));
        }
    }
    return GY_OK;
}

/* ---- showing ---- */

static void add_row(struct gy_listing *table, const struct step *step, const char *currency)
{
    const struct gy_preview *preview = &step->preview;
    gy_listing_text(table, deed_words[step->deed]);
    gy_listing_str(table, step->name);
    if (step->deed == DEED_NONE) {
        for (int i = 0; i < 5; i++) {
            gy_listing_text(table, "");
        }
        return;
    }
    gy_listing_count(table, preview->size);
    gy_listing_count(table, preview->n_entering);
    gy_listing_money(table, preview->entering_revenue, currency);
    gy_listing_count(table, preview->n_leaving);
    gy_listing_money(table, preview->leaving_revenue, currency);
}

static void print_table(const struct gy_ask *ask, const struct plan *plan)
{
    struct gy_listing table;
    static const char *const head[] = {"",        "segment", "customers", "enter",
                                       "revenue", "leave",   "revenue"};
    gy_listing_init(&table, "llrrrrr");
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++) {
        gy_listing_text(&table, head[i]);
    }
    for (size_t i = 0; i < plan->n; i++) {
        add_row(&table, &plan->steps[i], gy_snapshot_currency(ask->snapshot));
    }
    gy_listing_print(&table, gy_cli_of(ask)->error_color, stderr);
    gy_listing_release(&table);
}

static void print_json(const struct plan *plan)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '[');
    for (size_t i = 0; i < plan->n; i++) {
        const struct step *step = &plan->steps[i];
        gy_json_open(&w, '{');
        gy_json_key(&w, "segment");
        gy_json_str(&w, step->name);
        gy_json_key(&w, "change");
        gy_json_text(&w, deed_words[step->deed]);
        if (step->deed != DEED_NONE) {
            gy_preview_json(&step->preview, &w);
        }
        gy_json_close(&w, '}');
    }
    gy_json_close(&w, ']');
    gy_json_finish(&w);
}

/* ---- storing ---- */

static enum gy_status store_plan(struct gy_writer *writer, const struct plan *plan,
                                 const struct gy_authorship *by, struct gy_error *err)
{
    struct gy_segment_put *puts = gy_alloc_zero(plan->n + 1, sizeof *puts);
    size_t n = 0;
    for (size_t i = 0; i < plan->n; i++) {
        const struct step *step = &plan->steps[i];
        if (step->deed != DEED_NONE) {
            puts[n++] = (struct gy_segment_put){
                .name = step->name,
                .text = step->deed == DEED_REMOVE ? GY_STR("") : step->text,
                .json = gy_buf_view(&step->attributes),
                .author = by->author,
                .reason = by->reason,
            };
        }
    }
    enum gy_status status = gy_writer_put_segments(writer, puts, n, err);
    free(puts);
    return status;
}

/* `writer` NULL: a dry run. */
static enum gy_status apply(struct gy_ask *ask, const struct gy_args *args,
                            const struct gy_segments_file *file, struct gy_writer *writer,
                            struct gy_error *err)
{
    struct plan plan = {0};
    struct gy_authorship by = {0};
    GY_TRY(gy_authorship_read(args, &ask->arena, &by, err));
    plan_steps(&plan, ask, file, args);
    enum gy_status status = check_plan(&plan, file, args->operands.words[0], err);
    if (status == GY_OK && gy_cli_of(ask)->json) {
        print_json(&plan);
    } else if (status == GY_OK) {
        print_table(ask, &plan);
    }
    if (status == GY_OK && writer != NULL) {
        status = store_plan(writer, &plan, &by, err);
    }
    release_plan(&plan);
    return status;
}

static enum gy_status run_apply(struct gy_cli *cli, const struct gy_args *args,
                                struct gy_error *err)
{
    struct gy_segments_file file = {0};
    struct gy_writer *writer = NULL;
    struct gy_ask ask = {0};
    enum gy_status status = gy_segments_file_read(args->operands.words[0], &file, err);
    if (status == GY_OK && !args->dry_run) {
        status = gy_writing_open(cli, args, cli->asker.dir, &writer, err);
    }
    if (status == GY_OK) {
        status = gy_ask_open(&cli->asker, args->as_of, &ask, err);
    }
    if (status == GY_OK) {
        status = apply(&ask, args, &file, writer, err);
    }
    gy_ask_close(&ask);
    gy_writer_close(writer);
    gy_segments_file_release(&file);
    return status;
}

static const struct gy_option options_apply[] = {
    GY_OPTION_AS_OF,
    GY_OPTION_ALLOW_UNKNOWN,
    {"prune", 0, GY_OPTION_FLAG, offsetof(struct gy_args, prune), NULL,
     "also remove the segments that the file does not have"},
    GY_OPTION_DRY_RUN,
    GY_OPTION_AUTHOR,
    GY_OPTION_REASON,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_segment_apply = {
    .name = "segment apply",
    .operands = "FILE.yaml",
    .about = "Make the segments like a file's; says who enters and leaves first",
    .example = "  gyeol segment apply --dry-run segments.yaml\n"
               "  gyeol segment apply segments.yaml --author kim --reason 'the plan for spring'\n",
    .options = options_apply,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_apply,
};
