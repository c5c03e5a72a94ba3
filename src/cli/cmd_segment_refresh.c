/* cmd_segment_refresh.c - records who entered and left since the last refresh. */
#include <stdlib.h>

#include "base/mem.h"
#include "cli/asking.h"
#include "cli/output.h"
#include "cli/writing.h"
#include "store/json_writer.h"
#include "workspace/refresh.h"

/* The segments that were asked for, each once, and what was found. */
struct found {
    struct gy_refreshed *refreshed;
    size_t n;
};

static const char *const outcome_words[] = {"first refresh", "refreshed", "planned", "closed"};

/* ---- which ---- */

static enum gy_status check_operands(const struct gy_args *args, struct gy_error *err)
{
    if (args->all == (args->operands.n == 0)) {
        return GY_OK;
    }
    return args->all ? gy_error_set(err, GY_INVALID, "option \"--all\" goes without names")
                     : gy_error_set(err, GY_INVALID,
                                    "\"segment refresh\" needs names of segments, or --all");
}

static bool has(const struct found *found, uint32_t segment)
{
    for (size_t i = 0; i < found->n; i++) {
        if (found->refreshed[i].segment == segment) {
            return true;
        }
    }
    return false;
}

static enum gy_status look_at(struct gy_ask *ask, const struct gy_args *args, struct found *found,
                              struct gy_error *err)
{
    size_t n = args->all ? gy_snapshot_n_segments(ask->snapshot) : args->operands.n;
    found->refreshed = gy_alloc_zero(n + 1, sizeof *found->refreshed);
    for (size_t i = 0; i < n; i++) {
        uint32_t segment = (uint32_t)i;
        if (!args->all) {
            GY_TRY(gy_ask_find_segment(ask, args->operands.words[i], &segment, err));
        }
        if (!has(found, segment)) {
            GY_TRY(gy_refresh_look(ask, segment, &found->refreshed[found->n++], err));
        }
    }
    return GY_OK;
}

static void release_found(struct found *found)
{
    for (size_t i = 0; i < found->n; i++) {
        gy_refreshed_release(&found->refreshed[i]);
    }
    free(found->refreshed);
}

/* ---- saying what changed ---- */

static void add_json(struct gy_json_writer *w, const struct gy_ask *ask,
                     const struct gy_refreshed *refreshed)
{
    const struct gy_segment_info *segment = gy_snapshot_segment(ask->snapshot, refreshed->segment);
    gy_json_open(w, '{');
    gy_json_key(w, "segment");
    gy_json_str(w, segment->name);
    gy_json_key(w, "outcome");
    gy_json_text(w, outcome_words[refreshed->outcome]);
    if (refreshed->members != NULL) {
        gy_json_key(w, "as_of");
        gy_json_time(w, refreshed->at_ms);
        gy_json_key(w, "version");
        gy_json_count(w, segment->version);
        gy_json_key(w, "customers");
        gy_json_count(w, roaring_bitmap_get_cardinality(refreshed->members));
        gy_json_key(w, "entered");
        gy_json_count(w, roaring_bitmap_get_cardinality(refreshed->came));
        gy_json_key(w, "left");
        gy_json_count(w, roaring_bitmap_get_cardinality(refreshed->went));
    }
    gy_json_close(w, '}');
}

static void print_json(const struct gy_ask *ask, const struct found *found)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '[');
    for (size_t i = 0; i < found->n; i++) {
        add_json(&w, ask, &found->refreshed[i]);
    }
    gy_json_close(&w, ']');
    gy_json_finish(&w);
}

static void add_row(struct gy_listing *table, const struct gy_ask *ask,
                    const struct gy_refreshed *refreshed)
{
    char time[GY_TIME_TEXT];
    gy_listing_text(table, outcome_words[refreshed->outcome]);
    gy_listing_str(table, gy_snapshot_segment(ask->snapshot, refreshed->segment)->name);
    if (refreshed->members == NULL) {
        for (int i = 0; i < 4; i++) {
            gy_listing_text(table, "");
        }
        return;
    }
    (void)gy_time_print_local(gy_snapshot_zone(ask->snapshot), refreshed->at_ms, time);
    gy_listing_count(table, roaring_bitmap_get_cardinality(refreshed->members));
    gy_listing_count(table, roaring_bitmap_get_cardinality(refreshed->came));
    gy_listing_count(table, roaring_bitmap_get_cardinality(refreshed->went));
    gy_listing_text(table, time);
}

static void print_table(const struct gy_ask *ask, const struct found *found)
{
    static const char *const heads[] = {"", "segment", "customers", "entered", "left", "as of"};
    struct gy_listing table;
    gy_listing_init(&table, "llrrrl");
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        gy_listing_text(&table, heads[i]);
    }
    for (size_t i = 0; i < found->n; i++) {
        add_row(&table, ask, &found->refreshed[i]);
    }
    gy_listing_print(&table, gy_cli_of(ask)->error_color, stderr);
    gy_listing_release(&table);
}

/* ---- running ---- */

static enum gy_status refresh(struct gy_ask *ask, const struct gy_args *args,
                              struct gy_writer *writer, struct gy_error *err)
{
    struct found found = {0};
    enum gy_status status = look_at(ask, args, &found, err);
    if (status == GY_OK) {
        status = gy_refresh_store(ask, writer, found.refreshed, found.n, err);
    }
    if (status == GY_OK && gy_cli_of(ask)->json) {
        print_json(ask, &found);
    } else if (status == GY_OK) {
        print_table(ask, &found);
    }
    release_found(&found);
    return status;
}

static enum gy_status run_refresh(struct gy_cli *cli, const struct gy_args *args,
                                  struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct gy_writer *writer = NULL;
    GY_TRY(check_operands(args, err));
    enum gy_status status = gy_writing_open(cli, args, cli->asker.dir, &writer, err);
    if (status == GY_OK) {
        status = gy_ask_open(&cli->asker, args->as_of, &ask, err);
    }
    if (status == GY_OK) {
        status = refresh(&ask, args, writer, err);
    }
    gy_ask_close(&ask);
    gy_writer_close(writer);
    return status;
}

static const struct gy_option options_refresh[] = {
    {"all", 0, GY_OPTION_FLAG, offsetof(struct gy_args, all), NULL, "every segment"},
    GY_OPTION_AS_OF,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_segment_refresh = {
    .name = "segment refresh",
    .operands = "[NAME…]",
    .about = "Record who entered and left since the last refresh: entered segment(…) asks for it",
    .example = "  gyeol segment refresh lapsed champions\n"
               "  gyeol segment refresh --all\n",
    .options = options_refresh,
    .max_operands = SIZE_MAX,
    .run = run_refresh,
};
