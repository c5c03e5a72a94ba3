/* cmd_list.c - uploaded lists of external ids: in list(NAME). */
#include <stdlib.h>

#include "base/intern.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/lines.h"
#include "cli/output.h"
#include "cli/removal.h"
#include "cli/writing.h"
#include "store/writer.h"
#include "workspace/definitions.h"
#include "workspace/lists.h"

enum {
    MAX_FILE = 1 << 30,
    MAX_ID = 1024
};

/* ---- add ---- */

/* One id a line; empty lines are passed over, an id that stands twice is one. */
static enum gy_status read_ids(struct gy_str text, struct gy_arena *arena, struct gy_intern *ids,
                               struct gy_error *err)
{
    struct gy_str line;
    for (uint32_t line_no = 1; gy_lines_next(&text, &line); line_no++) {
        if (line.len > MAX_ID) {
            return gy_error_at(err, line_no, 0, "an id has at most %d bytes", MAX_ID);
        }
        if (line.len > 0) {
            (void)gy_intern_add(ids, gy_text_nfc(line, arena));
        }
    }
    return GY_OK;
}

/* A file of ids, read. All zero is none. */
struct ids {
    struct gy_buf text;
    struct gy_arena arena;
    struct gy_intern set;
};

static enum gy_status open_ids(const char *path, struct ids *out, struct gy_error *err)
{
    GY_TRY(gy_lines_read(path, MAX_FILE, &out->text, err));
    enum gy_status status = read_ids(gy_buf_view(&out->text), &out->arena, &out->set, err);
    if (status != GY_OK) {
        gy_error_context(err, "reading \"%s\"", path);
    }
    return status;
}

static void release_ids(struct ids *ids)
{
    gy_intern_release(&ids->set);
    gy_arena_release(&ids->arena);
    gy_buf_release(&ids->text);
}

/* Ids that nobody has are kept: they may come later, or be wrong. So how many customers there are is said. */
static enum gy_status say_stored(struct gy_cli *cli, const struct gy_args *args, uint32_t n_ids,
                                 struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct gy_buf line = {0};
    struct gy_member *members = NULL;
    size_t n_customers = 0;
    enum gy_status status = gy_ask_open(&cli->asker, NULL, &ask, err);
    if (status == GY_OK) {
        status = gy_list_customers(&ask, args->operands.words[0], &members, &n_customers, err);
    }
    if (status == GY_OK) {
        gy_buf_printf(&line, "list \"%s\": ", args->operands.words[0]);
        gy_put_counted(&line, n_ids, "id");
        gy_buf_text(&line, args->keep ? " added; it has " : " stored; it has ");
        gy_put_counted(&line, n_customers, "customer");
        (void)fprintf(stderr, "%.*s\n", (int)line.len, line.ptr);
    }
    free(members);
    gy_buf_release(&line);
    gy_ask_close(&ask);
    return status;
}

static enum gy_status run_add(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_arena arena = {0};
    struct ids ids = {0};
    struct gy_writer *writer = NULL;
    struct gy_str name;
    enum gy_status status = gy_name_read(args->operands.words[0], "list", &arena, &name, err);
    if (status == GY_OK) {
        status = open_ids(args->operands.words[1], &ids, err);
    }
    if (status == GY_OK) {
        status = gy_writing_open(cli, args, cli->asker.dir, &writer, err);
    }
    if (status == GY_OK) {
        status = gy_writer_put_list(writer, name, ids.set.strings, ids.set.n, args->keep, err);
    }
    if (status == GY_OK) {
        status = say_stored(cli, args, ids.set.n, err);
    }
    gy_writer_close(writer);
    release_ids(&ids);
    gy_arena_release(&arena);
    return status;
}

static const struct gy_option options_add[] = {
    {"keep", 0, GY_OPTION_FLAG, offsetof(struct gy_args, keep), NULL,
     "the ids that are there stay; else the list is then exactly the file"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_list_add = {
    .name = "list add",
    .operands = "NAME FILE",
    .about = "Upload a list of external ids, one a line",
    .example = "  gyeol list add newsletter ids.txt\n"
               "  gyeol count 'in list(newsletter)'\n",
    .options = options_add,
    .min_operands = 2,
    .max_operands = 2,
    .run = run_add,
};

/* ---- remove ---- */

/* The name of the list that is there. */
static enum gy_status find_list(struct gy_ask *ask, const char *typed, struct gy_str *out,
                                struct gy_error *err)
{
    uint32_t place;
    GY_TRY(gy_name_find(ask->snapshot, GY_NAME_LIST, typed, &place, err));
    *out = gy_name_at(ask->snapshot, GY_NAME_LIST, place);
    return GY_OK;
}

static enum gy_status take_off(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    const char *const *words = args->operands.words;
    struct ids ids = {0};
    struct gy_writer *writer = NULL;
    struct gy_ask ask = {0};
    struct gy_str name;
    enum gy_status status = open_ids(words[1], &ids, err);
    if (status == GY_OK) {
        status = gy_writing_open(cli, args, cli->asker.dir, &writer, err);
    }
    if (status == GY_OK) {
        status = gy_ask_open(&cli->asker, NULL, &ask, err);
    }
    if (status == GY_OK) {
        status = find_list(&ask, words[0], &name, err);
    }
    if (status == GY_OK) {
        status = gy_writer_take_from_list(writer, name, ids.set.strings, ids.set.n, err);
    }
    gy_ask_close(&ask);
    gy_writer_close(writer);
    release_ids(&ids);
    return status;
}

/* The whole list, or the ids of a file off it. */
static enum gy_status run_remove(struct gy_cli *cli, const struct gy_args *args,
                                 struct gy_error *err)
{
    return args->operands.n == 1 ? gy_remove_definition(cli, args, GY_NAME_LIST, err)
                                 : take_off(cli, args, err);
}

const struct gy_command gy_cmd_list_remove = {
    .name = "list remove",
    .operands = "NAME [FILE]",
    .about =
        "Forget a list, which is refused while a definition uses it; or take a file's ids off it",
    .example = "  gyeol list remove newsletter unsubscribed.txt\n"
               "  gyeol list remove newsletter\n",
    .min_operands = 1,
    .max_operands = 2,
    .run = run_remove,
};

/* ---- show ---- */

static enum gy_status show(struct gy_ask *ask, const struct gy_args *args, struct gy_error *err)
{
    struct gy_member *members;
    size_t n;
    struct gy_buf text = {0};
    GY_TRY(gy_list_customers(ask, args->operands.words[0], &members, &n, err));
    enum gy_status status = gy_members_put_ids(members, n, &text, err);
    if (status == GY_OK) {
        status = gy_output_write(NULL, gy_buf_view(&text), err);
    }
    gy_buf_release(&text);
    free(members);
    return status;
}

static enum gy_status run_show(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    return gy_ask_run(cli, args, show, err);
}

static const struct gy_option options_as_of[] = {
    GY_OPTION_AS_OF,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_list_show = {
    .name = "list show",
    .operands = "NAME",
    .about = "The customers of a list, one id a line",
    .example = "  gyeol list show newsletter\n",
    .options = options_as_of,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_show,
};

/* ---- all lists ---- */

static void print_table(const struct gy_cli *cli, const struct gy_snapshot *snapshot,
                        const uint64_t *sizes)
{
    struct gy_listing table;
    char time[GY_TIME_TEXT];
    gy_listing_init(&table, "lrl");
    gy_listing_text(&table, "list");
    gy_listing_text(&table, "ids");
    gy_listing_text(&table, "changed");
    for (uint32_t i = 0; i < gy_snapshot_n_lists(snapshot); i++) {
        const struct gy_list_info *list = gy_snapshot_list(snapshot, i);
        gy_listing_str(&table, list->name);
        gy_listing_count(&table, sizes[i]);
        (void)gy_time_print_local(gy_snapshot_zone(snapshot), list->changed_ms, time);
        gy_listing_text(&table, time);
    }
    gy_listing_print(&table, cli->color, stdout);
    gy_listing_release(&table);
}

static enum gy_status print_all(struct gy_ask *ask, const struct gy_args *args,
                                struct gy_error *err)
{
    uint32_t n = gy_snapshot_n_lists(ask->snapshot);
    uint64_t *sizes = gy_alloc_zero((size_t)n + 1, sizeof *sizes);
    (void)args;
    enum gy_status status = gy_list_sizes(ask, sizes, err);
    if (status == GY_OK && gy_cli_of(ask)->json) {
        struct gy_json_writer w = {0};
        gy_lists_json(ask->snapshot, sizes, &w);
        gy_json_finish(&w);
    } else if (status == GY_OK) {
        print_table(gy_cli_of(ask), ask->snapshot, sizes);
    }
    free(sizes);
    return status;
}

static enum gy_status run_list(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    return gy_ask_run(cli, args, print_all, err);
}

const struct gy_command gy_cmd_list_list = {
    .name = "list",
    .operands = "",
    .about = "The uploaded lists, and how many ids are in each as of the instant",
    .example = "  gyeol list\n"
               "  gyeol list --as-of 2025-01-01\n",
    .options = options_as_of,
    .run = run_list,
};
