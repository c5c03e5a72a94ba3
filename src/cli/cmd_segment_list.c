/* cmd_segment_list.c - the segments, and how large each is. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/asking.h"
#include "cli/output.h"
#include "workspace/attributes.h"
#include "workspace/segment_json.h"

/* ---- as a table ---- */

enum {
    N_COLUMNS = 7
};

static void add_head(struct gy_listing *table, const char *language)
{
    static const char *const heads[N_COLUMNS][2] = {
        {"segment", "세그먼트"},    {"customers", "고객"}, {"share", "비율"}, {"status", "상태"},
        {"refreshed", "새로 고침"}, {"owner", "담당"},     {"title", "제목"}};
    size_t column = strcmp(language, "ko") == 0 ? 1 : 0;
    for (size_t i = 0; i < N_COLUMNS; i++) {
        gy_listing_text(table, heads[i][column]);
    }
}

static void add_row(struct gy_listing *table, const struct gy_ask *ask, uint32_t i,
                    const struct gy_segment_state *state, uint64_t n_everyone)
{
    const struct gy_segment_info *segment = gy_snapshot_segment(ask->snapshot, i);
    const char *language = gy_snapshot_language(ask->snapshot);
    json_t *attributes = gy_attributes_of(segment->json);
    char refreshed[GY_TIME_TEXT];
    gy_put_refreshed(segment, gy_snapshot_zone(ask->snapshot), refreshed);
    gy_listing_str(table, segment->name);
    gy_listing_count(table, state->size);
    gy_listing_share(table, (double)state->size, (double)n_everyone);
    gy_listing_text(table, gy_validity_word(state->validity));
    gy_listing_text(table, refreshed);
    gy_listing_str(table, gy_attributes_string(attributes, "owner", language));
    gy_listing_str(table, gy_attributes_string(attributes, "title", language));
    json_decref(attributes);
}

static void print_table(const struct gy_ask *ask, const struct gy_segment_state *states,
                        uint64_t n_everyone)
{
    struct gy_listing table;
    gy_listing_init(&table, "lrrllll");
    add_head(&table, gy_snapshot_language(ask->snapshot));
    for (uint32_t i = 0; i < gy_snapshot_n_segments(ask->snapshot); i++) {
        add_row(&table, ask, i, &states[i], n_everyone);
    }
    gy_listing_print(&table, gy_cli_of(ask)->color, stdout);
    gy_listing_release(&table);
}

/* ---- running ---- */

static enum gy_status print_all(struct gy_ask *ask, const struct gy_args *args,
                                struct gy_error *err)
{
    uint32_t n = gy_snapshot_n_segments(ask->snapshot);
    struct gy_segment_state *states = gy_alloc_zero((size_t)n + 1, sizeof *states);
    uint64_t n_everyone = 0;
    (void)args;
    enum gy_status status = gy_ask_everyone(ask, &n_everyone, err);
    if (status == GY_OK) {
        status = gy_segment_states(ask, states, err);
    }
    if (status == GY_OK && gy_cli_of(ask)->json) {
        struct gy_json_writer w = {0};
        gy_segments_json(ask, states, n_everyone, &w);
        gy_json_finish(&w);
    } else if (status == GY_OK) {
        print_table(ask, states, n_everyone);
    }
    free(states);
    return status;
}

static enum gy_status run_list(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    return gy_ask_run(cli, args, print_all, err);
}

static const struct gy_option options_list[] = {
    GY_OPTION_AS_OF,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_segment_list = {
    .name = "segment list",
    .operands = "",
    .about = "The segments, how large each is as of the instant, when each was refreshed last",
    .example = "  gyeol segment list\n"
               "  gyeol segment list --as-of 2025-01-01 --json\n",
    .options = options_list,
    .run = run_list,
};
