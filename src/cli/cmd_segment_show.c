/* cmd_segment_show.c - one segment: what it is for, how large it is, its versions; or one of them. */
#include "cli/asking.h"
#include "cli/output.h"
#include "workspace/attributes.h"
#include "workspace/segment_json.h"

/* What is shown: a segment by its newest definition, or by the version that was asked for. */
struct page {
    const struct gy_segment_info *segment;
    struct gy_segment_state state;
    struct gy_segment_versions versions;
    bool is_chosen; /* --version; else the segment as it stands */
    struct gy_segment_version chosen;
    struct gy_condition_diff diff; /* of the chosen one to the one before it */
};

/* ---- gathering ---- */

static enum gy_status choose(struct gy_ask *ask, uint32_t segment, const char *typed,
                             struct page *page, struct gy_error *err)
{
    GY_TRY(gy_ask_version(ask, segment, typed, &page->chosen, err));
    page->is_chosen = true;
    for (size_t i = 0; i < page->versions.n; i++) {
        if (page->versions.at[i].version + 1 == page->chosen.version) {
            page->diff =
                gy_condition_diff(page->versions.at[i].text, page->chosen.text, &ask->arena);
        }
    }
    return GY_OK;
}

static enum gy_status gather(struct gy_ask *ask, const struct gy_args *args, struct page *page,
                             struct gy_error *err)
{
    uint32_t i;
    GY_TRY(gy_ask_find_segment(ask, args->operands.words[0], &i, err));
    GY_TRY(gy_snapshot_versions(ask->snapshot, i, &ask->arena, &page->versions, err));
    page->segment = gy_snapshot_segment(ask->snapshot, i);
    if (args->version != NULL) {
        GY_TRY(choose(ask, i, args->version, page, err));
    }
    struct gy_str text = page->is_chosen ? page->chosen.text : page->segment->text;
    return gy_segment_state(ask, i, text, &page->state, err);
}

/* ---- for people ---- */

static void print_line(const char *key, struct gy_str text)
{
    struct gy_buf safe = {0};
    gy_put_safe(&safe, text);
    if (safe.len > 0) {
        printf("%-11s %s\n", key, safe.ptr);
    }
    gy_buf_release(&safe);
}

static void print_attribute(const json_t *attributes, const char *name, const char *language)
{
    struct gy_buf text = {0};
    const json_t *value = json_object_get(attributes, name);
    if (json_is_integer(value)) {
        gy_buf_printf(&text, "%lld", (long long)json_integer_value(value));
    } else if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            gy_buf_text(&text, i == 0 ? "" : ", ");
            gy_buf_text(&text, json_string_value(json_array_get(value, i)));
        }
    } else if (value != NULL) {
        gy_buf_str(&text, gy_attributes_string(attributes, name, language));
    }
    print_line(name, gy_buf_view(&text));
    gy_buf_release(&text);
}

static void print_attributes(const struct gy_ask *ask, const struct page *page)
{
    json_t *attributes = gy_attributes_of(page->segment->json);
    for (size_t k = 0; k < GY_N_ATTRIBUTES; k++) {
        print_attribute(attributes, gy_attribute_names[k], gy_snapshot_language(ask->snapshot));
    }
    json_decref(attributes);
}

static void print_state(const struct gy_ask *ask, const struct page *page)
{
    const struct gy_zone *zone = gy_snapshot_zone(ask->snapshot);
    struct gy_buf text = {0};
    char time[GY_TIME_TEXT];
    (void)gy_time_print_local(zone, page->state.at_ms, time);
    gy_put_count(&text, page->state.size);
    printf("%-11s %s, as of %s\n", "customers", text.ptr, time);
    printf("%-11s %s\n", "status", gy_validity_word(page->state.validity));
    gy_put_refreshed(page->segment, zone, time);
    printf("%-11s %s\n", "refreshed", time);
    gy_buf_release(&text);
}

/* A version's number, then when, by whom and why. */
static void print_version(const struct gy_ask *ask, const struct gy_segment_version *version)
{
    char time[GY_TIME_TEXT];
    struct gy_buf text = {0};
    (void)gy_time_print_local(gy_snapshot_zone(ask->snapshot), version->at_ms, time);
    gy_buf_printf(&text, "%u, of %s", version->version, time);
    if (version->author.len > 0) {
        gy_buf_text(&text, ", by ");
        gy_buf_str(&text, version->author);
    }
    print_line("version", gy_buf_view(&text));
    print_line("reason", version->reason);
    print_line("where", version->text);
    gy_buf_release(&text);
}

static void print_page(const struct gy_ask *ask, const struct page *page)
{
    print_line("name", page->segment->name);
    print_attributes(ask, page);
    print_state(ask, page);
    if (page->is_chosen) {
        puts("");
        print_version(ask, &page->chosen);
        for (size_t i = 0; i < page->diff.n_removed; i++) {
            print_line("  -", page->diff.removed[i]);
        }
        for (size_t i = 0; i < page->diff.n_added; i++) {
            print_line("  +", page->diff.added[i]);
        }
        return;
    }
    for (size_t i = page->versions.n; i-- > 0;) {
        puts("");
        print_version(ask, &page->versions.at[i]);
    }
}

/* ---- running ---- */

static enum gy_status show(struct gy_ask *ask, const struct gy_args *args, struct gy_error *err)
{
    struct page page = {0};
    GY_TRY(gather(ask, args, &page, err));
    if (gy_cli_of(ask)->json) {
        struct gy_json_writer w = {0};
        if (page.is_chosen) {
            gy_segment_version_json(page.segment, &page.state, &page.chosen, &page.diff, &w);
        } else {
            gy_segment_json(page.segment, &page.state, &page.versions, &w);
        }
        gy_json_finish(&w);
    } else {
        print_page(ask, &page);
    }
    return GY_OK;
}

static enum gy_status run_show(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    return gy_ask_run(cli, args, show, err);
}

static const struct gy_option options_show[] = {
    GY_OPTION_AS_OF,
    GY_OPTION_VERSION,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_segment_show = {
    .name = "segment show",
    .operands = "NAME",
    .about = "One segment: what it is for, how large it is, its versions with author and reason",
    .example = "  gyeol segment show lapsed\n"
               "  gyeol segment show lapsed --version 2\n",
    .options = options_show,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_show,
};
