/* cmd_segment.c - segments by name: add, list, show, remove. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/attributes.h"
#include "cli/definitions.h"
#include "cli/json_writer.h"
#include "cli/output.h"
#include "store/writer.h"

/* ---- add ---- */

static enum gy_status read_attributes(const struct gy_args *args, json_t *attributes,
                                      struct gy_error *err)
{
    GY_TRY(gy_attributes_set_text(attributes, "title", args->title, err));
    GY_TRY(gy_attributes_set_text(attributes, "purpose", args->purpose, err));
    GY_TRY(gy_attributes_set_text(attributes, "action", args->action, err));
    GY_TRY(gy_attributes_set_text(attributes, "owner", args->owner, err));
    GY_TRY(gy_attributes_set_text(attributes, "priority", args->priority, err));
    GY_TRY(gy_attributes_set_text(attributes, "tags", args->tags, err));
    return gy_attributes_set_text(attributes, "refresh", args->refresh, err);
}

static void print_preview(const struct gy_cli *cli, struct gy_str name,
                          const struct gy_preview *preview)
{
    if (cli->json) {
        struct gy_json_writer w = {0};
        gy_json_open(&w, '{');
        gy_json_key(&w, "segment");
        gy_json_str(&w, name);
        gy_preview_json(preview, &w);
        gy_json_close(&w, '}');
        gy_json_finish(&w);
        return;
    }
    struct gy_buf text = {0};
    gy_buf_text(&text, "segment \"");
    gy_put_safe(&text, name);
    gy_buf_text(&text, "\": ");
    if (preview->is_known) {
        gy_preview_put(preview, &text);
    } else {
        gy_buf_text(&text, "this version cannot evaluate it yet");
    }
    (void)fprintf(stderr, "%s\n", text.ptr);
    gy_buf_release(&text);
}

/* What the segment carries: what it had, and what is said now on top. */
static enum gy_status merge_attributes(const struct gy_ask *ask, const struct gy_args *args,
                                       struct gy_str name, struct gy_buf *out, struct gy_error *err)
{
    uint32_t stored = gy_snapshot_find_segment(ask->snapshot, name);
    json_t *attributes = gy_attributes_of(
        stored == GY_ID_NONE ? GY_STR("") : gy_snapshot_segment(ask->snapshot, stored)->json);
    enum gy_status status = read_attributes(args, attributes, err);
    if (status == GY_OK) {
        gy_attributes_text(attributes, out);
    }
    json_decref(attributes);
    return status;
}

static enum gy_status check_add(struct gy_cli *cli, const struct gy_args *args, struct gy_str name,
                                struct gy_buf *attributes, struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct gy_draft draft = {0};
    struct gy_preview preview;
    enum gy_status status = gy_ask_open(cli, args->as_of, &ask, err);
    if (status != GY_OK) {
        goto done;
    }
    gy_draft_init(&draft, &ask);
    gy_draft_put(&draft, GY_NAME_SEGMENT, name, gy_str_of(args->operands.words[1]),
                 args->allow_unknown);
    status = gy_draft_check(&draft, err);
    if (status != GY_OK) {
        goto done;
    }
    status = merge_attributes(&ask, args, name, attributes, err);
    if (status != GY_OK) {
        goto done;
    }
    status = gy_draft_preview(&draft, 0, &preview, err);
    if (status == GY_OK) {
        print_preview(cli, name, &preview);
    }
done:
    gy_draft_release(&draft);
    gy_ask_close(&ask);
    return status;
}

static enum gy_status run_add(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_arena arena = {0};
    struct gy_buf attributes = {0};
    struct gy_writer *writer = NULL;
    struct gy_str name;
    enum gy_status status = gy_name_read(args->operands.words[0], "segment", &arena, &name, err);
    if (status != GY_OK) {
        goto done;
    }
    if (!args->dry_run) {
        status = gy_writer_open(cli->dir, &writer, err);
        if (status != GY_OK) {
            goto done;
        }
    }
    status = check_add(cli, args, name, &attributes, err);
    if (status == GY_OK && !args->dry_run) {
        status = gy_writer_put_segment(writer, name, gy_str_of(args->operands.words[1]),
                                       gy_buf_view(&attributes), GY_STR(""), GY_STR(""), err);
    }
done:
    gy_writer_close(writer);
    gy_buf_release(&attributes);
    gy_arena_release(&arena);
    return status;
}

static const struct gy_option options_add[] = {
    GY_OPTION_AS_OF,
    GY_OPTION_ALLOW_UNKNOWN,
    {"dry-run", 0, GY_OPTION_FLAG, offsetof(struct gy_args, dry_run), NULL,
     "say who would enter and leave, store nothing"},
    {"title", 0, GY_OPTION_TEXT, offsetof(struct gy_args, title), "TEXT", "what people call it"},
    {"purpose", 0, GY_OPTION_TEXT, offsetof(struct gy_args, purpose), "TEXT", "why it is there"},
    {"action", 0, GY_OPTION_TEXT, offsetof(struct gy_args, action), "TEXT", "what is done with it"},
    {"owner", 0, GY_OPTION_TEXT, offsetof(struct gy_args, owner), "TEXT", "who does it"},
    {"priority", 0, GY_OPTION_TEXT, offsetof(struct gy_args, priority), "N", "1 comes first"},
    {"tags", 0, GY_OPTION_TEXT, offsetof(struct gy_args, tags), "A,B", "words to find it by"},
    {"refresh", 0, GY_OPTION_TEXT, offsetof(struct gy_args, refresh), "WHEN",
     "live, hourly, daily or weekly"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_segment_add = {
    .name = "segment add",
    .operands = "NAME 'EXPR'",
    .about = "Define a segment, or define it anew; says who enters and leaves",
    .example = "  gyeol segment add lapsed 'days_since(\"Order Completed\") > 90' --owner crm\n",
    .options = options_add,
    .min_operands = 2,
    .max_operands = 2,
    .run = run_add,
};

/* ---- list ---- */

struct size {
    bool is_known;
    uint64_t n;
};

/* How large each segment is. One that this version cannot evaluate has no size. */
static enum gy_status measure(struct gy_ask *ask, struct size *sizes, uint64_t *n_everyone,
                              struct gy_error *err)
{
    struct gy_expr everyone = {.kind = GY_EXPR_EVERYONE};
    roaring_bitmap_t *audience = NULL;
    GY_TRY(gy_audience(ask->snapshot, &everyone, ask->now_ms, &ask->run, &audience, err));
    *n_everyone = roaring_bitmap_get_cardinality(audience);
    roaring_bitmap_free(audience);
    for (uint32_t i = 0; i < gy_snapshot_n_segments(ask->snapshot); i++) {
        struct gy_error why = {0};
        audience = NULL;
        enum gy_status status = gy_ask_segment(ask, i, ask->now_ms, &audience, &why);
        if (status != GY_OK && status != GY_UNSUPPORTED) {
            *err = why;
            return status;
        }
        sizes[i].is_known = status == GY_OK;
        sizes[i].n = status == GY_OK ? roaring_bitmap_get_cardinality(audience) : 0;
        if (audience != NULL) {
            roaring_bitmap_free(audience);
        }
    }
    return GY_OK;
}

static void add_json(struct gy_json_writer *w, const struct gy_segment_info *segment,
                     const struct size *size)
{
    gy_json_open(w, '{');
    gy_json_key(w, "name");
    gy_json_str(w, segment->name);
    gy_json_key(w, "where");
    gy_json_str(w, segment->text);
    gy_json_key(w, "customers");
    if (size->is_known) {
        gy_json_count(w, size->n);
    } else {
        gy_json_null(w);
    }
    gy_json_key(w, "version");
    gy_json_count(w, segment->version);
    gy_json_key(w, "changed");
    gy_json_time(w, segment->changed_ms);
    gy_json_key(w, "attributes");
    gy_json_raw(w, segment->json.len == 0 ? GY_STR("{}") : segment->json);
    gy_json_close(w, '}');
}

static void print_json(const struct gy_ask *ask, const struct size *sizes, uint64_t n_everyone)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '{');
    gy_json_key(&w, "as_of");
    gy_json_time(&w, ask->now_ms);
    gy_json_key(&w, "customers");
    gy_json_count(&w, n_everyone);
    gy_json_key(&w, "segments");
    gy_json_open(&w, '[');
    for (uint32_t i = 0; i < gy_snapshot_n_segments(ask->snapshot); i++) {
        add_json(&w, gy_snapshot_segment(ask->snapshot, i), &sizes[i]);
    }
    gy_json_close(&w, ']');
    gy_json_close(&w, '}');
    gy_json_finish(&w);
}

static void add_row(struct gy_listing *table, const struct gy_ask *ask, uint32_t i,
                    const struct size *size, uint64_t n_everyone)
{
    const struct gy_segment_info *segment = gy_snapshot_segment(ask->snapshot, i);
    const char *language = gy_snapshot_language(ask->snapshot);
    json_t *attributes = gy_attributes_of(segment->json);
    gy_listing_str(table, segment->name);
    if (size->is_known) {
        gy_listing_count(table, size->n);
        gy_listing_share(table, (double)size->n, (double)n_everyone);
    } else {
        gy_listing_text(table, "-");
        gy_listing_text(table, "-");
    }
    gy_listing_str(table, gy_attributes_string(attributes, "owner", language));
    gy_listing_str(table, gy_attributes_string(attributes, "title", language));
    json_decref(attributes);
}

static void print_table(const struct gy_ask *ask, const struct size *sizes, uint64_t n_everyone)
{
    struct gy_listing table;
    bool is_korean = strcmp(gy_snapshot_language(ask->snapshot), "ko") == 0;
    gy_listing_init(&table, "lrrll");
    gy_listing_text(&table, is_korean ? "세그먼트" : "segment");
    gy_listing_text(&table, is_korean ? "고객" : "customers");
    gy_listing_text(&table, is_korean ? "비율" : "share");
    gy_listing_text(&table, is_korean ? "담당" : "owner");
    gy_listing_text(&table, is_korean ? "제목" : "title");
    for (uint32_t i = 0; i < gy_snapshot_n_segments(ask->snapshot); i++) {
        add_row(&table, ask, i, &sizes[i], n_everyone);
    }
    gy_listing_print(&table, ask->cli->color, stdout);
    gy_listing_release(&table);
}

static enum gy_status run_list(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct size *sizes = NULL;
    uint64_t n_everyone = 0;
    enum gy_status status = gy_ask_open(cli, args->as_of, &ask, err);
    if (status != GY_OK) {
        goto done;
    }
    sizes = gy_alloc_zero((size_t)gy_snapshot_n_segments(ask.snapshot) + 1, sizeof *sizes);
    status = measure(&ask, sizes, &n_everyone, err);
    if (status != GY_OK) {
        goto done;
    }
    if (cli->json) {
        print_json(&ask, sizes, n_everyone);
    } else {
        print_table(&ask, sizes, n_everyone);
    }
done:
    free(sizes);
    gy_ask_close(&ask);
    return status;
}

static const struct gy_option options_as_of[] = {
    GY_OPTION_AS_OF,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_segment_list = {
    .name = "segment list",
    .operands = "",
    .about = "The segments, and how large each is as of the instant",
    .example = "  gyeol segment list\n"
               "  gyeol segment list --as-of 2025-01-01 --json\n",
    .options = options_as_of,
    .run = run_list,
};

/* ---- show ---- */

static void print_attribute(const json_t *attributes, const char *name, const char *language)
{
    struct gy_buf text = {0};
    const json_t *value = json_object_get(attributes, name);
    if (json_is_integer(value)) {
        gy_buf_printf(&text, "%lld", (long long)json_integer_value(value));
    } else if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            gy_buf_text(&text, i == 0 ? "" : ", ");
            gy_put_safe(&text, gy_str_of(json_string_value(json_array_get(value, i))));
        }
    } else if (value != NULL) {
        gy_put_safe(&text, gy_attributes_string(attributes, name, language));
    }
    if (text.len > 0) {
        printf("%-10s %s\n", name, text.ptr);
    }
    gy_buf_release(&text);
}

static void print_segment(const struct gy_ask *ask, uint32_t i, const struct size *size)
{
    const struct gy_segment_info *segment = gy_snapshot_segment(ask->snapshot, i);
    json_t *attributes = gy_attributes_of(segment->json);
    char changed[GY_TIME_TEXT];
    struct gy_buf text = {0};
    (void)gy_time_print_local(gy_snapshot_zone(ask->snapshot), segment->changed_ms, changed);
    gy_put_safe(&text, segment->name);
    printf("%-10s %s\n", "name", text.ptr);
    for (size_t k = 0; k < GY_N_ATTRIBUTES; k++) {
        print_attribute(attributes, gy_attribute_names[k], gy_snapshot_language(ask->snapshot));
    }
    gy_buf_reset(&text);
    gy_put_count(&text, size->n);
    printf("%-10s %s\n", "customers", size->is_known ? text.ptr : "-");
    printf("%-10s %u, of %s\n", "version", segment->version, changed);
    gy_buf_reset(&text);
    gy_put_safe(&text, segment->text);
    printf("%-10s %s\n", "where", text.ptr);
    gy_buf_release(&text);
    json_decref(attributes);
}

static enum gy_status run_show(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct size size = {0};
    roaring_bitmap_t *audience = NULL;
    uint32_t segment;
    enum gy_status status = gy_ask_open(cli, args->as_of, &ask, err);
    if (status != GY_OK) {
        goto done;
    }
    status = gy_ask_find_segment(&ask, args->operands.words[0], &segment, err);
    if (status != GY_OK) {
        goto done;
    }
    struct gy_error why = {0};
    status = gy_ask_segment(&ask, segment, ask.now_ms, &audience, &why);
    if (status != GY_OK && status != GY_UNSUPPORTED) {
        *err = why;
        goto done;
    }
    size.is_known = status == GY_OK;
    size.n = size.is_known ? roaring_bitmap_get_cardinality(audience) : 0;
    status = GY_OK;
    if (cli->json) {
        struct gy_json_writer w = {0};
        add_json(&w, gy_snapshot_segment(ask.snapshot, segment), &size);
        gy_json_finish(&w);
    } else {
        print_segment(&ask, segment, &size);
    }
done:
    if (audience != NULL) {
        roaring_bitmap_free(audience);
    }
    gy_ask_close(&ask);
    return status;
}

const struct gy_command gy_cmd_segment_show = {
    .name = "segment show",
    .operands = "NAME",
    .about = "One segment: its definition, what it is for, how large it is",
    .example = "  gyeol segment show lapsed\n",
    .options = options_as_of,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_show,
};

/* ---- remove ---- */

static enum gy_status check_removal(struct gy_cli *cli, const char *typed, struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct gy_draft draft = {0};
    uint32_t segment;
    enum gy_status status = gy_ask_open(cli, NULL, &ask, err);
    if (status == GY_OK) {
        status = gy_ask_find_segment(&ask, typed, &segment, err);
    }
    if (status == GY_OK) {
        gy_draft_init(&draft, &ask);
        gy_draft_remove(&draft, GY_NAME_SEGMENT, gy_snapshot_segment(ask.snapshot, segment)->name);
        status = gy_draft_check(&draft, err);
    }
    gy_draft_release(&draft);
    gy_ask_close(&ask);
    return status;
}

static enum gy_status run_remove(struct gy_cli *cli, const struct gy_args *args,
                                 struct gy_error *err)
{
    struct gy_arena arena = {0};
    struct gy_writer *writer = NULL;
    struct gy_str name;
    enum gy_status status = gy_name_read(args->operands.words[0], "segment", &arena, &name, err);
    if (status != GY_OK) {
        goto done;
    }
    status = gy_writer_open(cli->dir, &writer, err);
    if (status != GY_OK) {
        goto done;
    }
    status = check_removal(cli, args->operands.words[0], err);
    if (status != GY_OK) {
        goto done;
    }
    status = gy_writer_remove_segment(writer, name, err);
done:
    gy_writer_close(writer);
    gy_arena_release(&arena);
    return status;
}

const struct gy_command gy_cmd_segment_remove = {
    .name = "segment remove",
    .operands = "NAME",
    .about = "Forget a segment; refused while another one refers to it",
    .example = "  gyeol segment remove lapsed\n",
    .min_operands = 1,
    .max_operands = 1,
    .run = run_remove,
};
