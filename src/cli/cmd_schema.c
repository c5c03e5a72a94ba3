/* cmd_schema.c - the names the workspace knows and their types; setting one anew. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/asking.h"
#include "cli/grants.h"
#include "cli/output.h"
#include "cli/writing.h"
#include "engine/derived.h"
#include "engine/stream_rows.h"
#include "lang/quote.h"
#include "store/personal.h"
#include "store/writer.h"
#include "workspace/definitions.h"
#include "workspace/schema_json.h"

/* ---- listing ---- */

static void add_property_row(struct gy_listing *table, struct gy_str property,
                             enum gy_value_type type, const char *mark)
{
    struct gy_buf name = {0};
    gy_buf_text(&name, "  .");
    gy_buf_str(&name, property);
    gy_listing_str(table, gy_buf_view(&name));
    gy_listing_text(table, gy_stored_type_words[type]);
    gy_listing_text(table, "");
    gy_listing_text(table, mark);
    gy_buf_release(&name);
}

static void add_visits_rows(struct gy_listing *table, const struct gy_schema *schema,
                            uint64_t n_visits)
{
    gy_listing_str(table, gy_event_name(schema, GY_EVENT_VISIT));
    gy_listing_text(table, "derived");
    gy_listing_count(table, n_visits);
    gy_listing_text(table, "");
    for (uint32_t i = 0; i < GY_N_VISIT_PROPERTIES; i++) {
        add_property_row(table, gy_event_property_name(schema, GY_VISIT_PAGES + i),
                         gy_event_property_type(schema, GY_VISIT_PAGES + i), "");
    }
}

static const char *personal_mark(const struct gy_snapshot *snapshot, struct gy_str event,
                                 struct gy_str name)
{
    return gy_snapshot_is_personal(snapshot, event, name) ? "personal" : "";
}

static void add_event_rows(struct gy_listing *table, const struct gy_snapshot *snapshot,
                           const struct gy_stream *stream, uint64_t n_rows)
{
    const struct gy_schema *schema = gy_snapshot_schema(snapshot);
    gy_listing_str(table, stream->name);
    gy_listing_text(table, "event");
    gy_listing_count(table, n_rows);
    gy_listing_text(table, "");
    for (uint32_t i = 0; i < schema->n_properties; i++) {
        const struct gy_property *property = &schema->properties[i];
        if (property->stream == stream->id) {
            add_property_row(table, property->name, property->type,
                             personal_mark(snapshot, stream->name, property->name));
        }
    }
}

static void add_trait_row(struct gy_listing *table, const struct gy_snapshot *snapshot,
                          const struct gy_stream *stream, uint64_t n_rows)
{
    struct gy_buf name = {0};
    gy_buf_text(&name, "trait.");
    gy_buf_str(&name, stream->name);
    gy_listing_str(table, gy_buf_view(&name));
    gy_listing_text(table, gy_stored_type_words[stream->type]);
    gy_listing_count(table, n_rows);
    gy_listing_text(table, personal_mark(snapshot, (struct gy_str){0}, stream->name));
    gy_buf_release(&name);
}

static void print_table(const struct gy_ask *ask, const uint64_t *rows, uint64_t n_visits)
{
    const struct gy_schema *schema = gy_snapshot_schema(ask->snapshot);
    struct gy_listing table;
    gy_listing_init(&table, "llrl");
    gy_listing_text(&table, "name");
    gy_listing_text(&table, "type");
    gy_listing_text(&table, "rows");
    gy_listing_text(&table, "");
    for (uint32_t i = 0; i < schema->n_streams; i++) {
        if (schema->streams[i].kind == GY_STREAM_EVENT) {
            add_event_rows(&table, ask->snapshot, &schema->streams[i], rows[i]);
        }
    }
    if (gy_has_visits(schema)) {
        add_visits_rows(&table, schema, n_visits);
    }
    for (uint32_t i = 0; i < schema->n_streams; i++) {
        if (schema->streams[i].kind == GY_STREAM_TRAIT) {
            add_trait_row(&table, ask->snapshot, &schema->streams[i], rows[i]);
        }
    }
    gy_listing_print(&table, gy_cli_of(ask)->color, stdout);
    gy_listing_release(&table);
}

static enum gy_status print_schema(struct gy_ask *ask, const struct gy_args *args,
                                   struct gy_error *err)
{
    uint32_t n = gy_snapshot_schema(ask->snapshot)->n_streams;
    uint64_t *rows = gy_alloc_zero((size_t)n + 1, sizeof *rows);
    (void)args;
    uint64_t n_visits = 0;
    enum gy_status status = gy_schema_rows(ask, rows, &n_visits, err);
    if (status == GY_OK && gy_cli_of(ask)->json) {
        struct gy_json_writer w = {0};
        gy_schema_json(ask, rows, n_visits, &w);
        gy_json_finish(&w);
    } else if (status == GY_OK) {
        print_table(ask, rows, n_visits);
    }
    free(rows);
    return status;
}

static enum gy_status run_schema(struct gy_cli *cli, const struct gy_args *args,
                                 struct gy_error *err)
{
    return gy_ask_run(cli, args, print_schema, err);
}

static const struct gy_option options_schema[] = {
    GY_OPTION_AS_OF,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_schema = {
    .name = "schema",
    .operands = "",
    .about = "The events, properties and traits that the workspace knows, and their types",
    .example = "  gyeol schema\n",
    .options = options_schema,
    .run = run_schema,
};

/* ---- setting a type ---- */

struct target {
    bool is_trait;
    struct gy_str event;
    struct gy_str name;
};

static struct gy_str unquote(struct gy_str s)
{
    bool is_quoted =
        s.len >= 2 && (s.ptr[0] == '"' || s.ptr[0] == '\'') && s.ptr[s.len - 1] == s.ptr[0];
    return is_quoted ? (struct gy_str){s.ptr + 1, s.len - 2} : s;
}

/* `trait.NAME` or `EVENT.PROPERTY`; names may hold dots, so each dot is tried, and may be quoted. */
static enum gy_status find_target(const struct gy_schema *schema, struct gy_str typed,
                                  struct target *out, struct gy_error *err)
{
    if (gy_str_starts_with(typed, GY_STR("trait."))) {
        struct gy_str name = unquote((struct gy_str){typed.ptr + 6, typed.len - 6});
        if (gy_schema_find_trait(schema, name) != GY_ID_NONE) {
            *out = (struct target){.is_trait = true, .name = name};
            return GY_OK;
        }
    }
    for (size_t i = 0; i < typed.len; i++) {
        struct gy_str event = unquote((struct gy_str){typed.ptr, i});
        struct gy_str name = unquote((struct gy_str){typed.ptr + i + 1, typed.len - i - 1});
        uint32_t stream = typed.ptr[i] == '.' ? gy_schema_find_event(schema, event) : GY_ID_NONE;
        if (stream != GY_ID_NONE && gy_schema_find_property(schema, stream, name) != GY_ID_NONE) {
            *out = (struct target){.event = event, .name = name};
            return GY_OK;
        }
    }
    gy_error_set(err, GY_NOT_FOUND, "there is no trait or property \"%.*s\"", GY_STR_ARG(typed));
    gy_error_hint(err, "It is written trait.NAME or EVENT.PROPERTY; \"gyeol schema\" lists them.");
    return GY_NOT_FOUND;
}

static enum gy_status read_type(const char *word, bool is_trait, enum gy_value_type *out,
                                struct gy_error *err)
{
    for (int type = GY_VALUE_NUMBER; type <= GY_VALUE_LIST; type++) {
        if (strcmp(word, gy_stored_type_words[type]) == 0 && (is_trait || type != GY_VALUE_LIST)) {
            *out = (enum gy_value_type)type;
            return GY_OK;
        }
    }
    gy_error_set(err, GY_INVALID, "unknown type \"%s\"", word);
    gy_error_hint(err, "A type is number, string, boolean or time%s.",
                  is_trait ? ", or list of a trait" : "");
    return GY_INVALID;
}

/* How many of the stored values read as the type now. */
static enum gy_status say_values(const struct gy_ask *ask, const struct target *target,
                                 const char *typed, const char *type, struct gy_error *err)
{
    const struct gy_schema *schema = gy_snapshot_schema(ask->snapshot);
    uint32_t stream = target->is_trait ? gy_schema_find_trait(schema, target->name)
                                       : gy_schema_find_event(schema, target->event);
    uint32_t property = target->is_trait ? GY_PROPERTY_VALUE
                                         : gy_schema_find_property(schema, stream, target->name);
    struct gy_stored_values values;
    struct gy_buf line = {0};
    GY_TRY(gy_stream_values(ask->snapshot, stream, property, &values, err));
    gy_put_safe(&line, gy_str_of(typed));
    gy_buf_printf(&line, ": %s, ", type);
    gy_put_counted(&line, values.n_values, "value");
    if (values.n_misfits > 0) {
        gy_buf_text(&line, "; ");
        gy_put_count(&line, values.n_misfits);
        gy_buf_printf(&line, " more %s not read as one and %s as missing, such as ",
                      values.n_misfits == 1 ? "does" : "do",
                      values.n_misfits == 1 ? "counts" : "count");
        gy_put_safe(&line, gy_quote_short(values.first_misfit));
    }
    (void)fprintf(stderr, "%.*s\n", (int)line.len, line.ptr);
    gy_buf_release(&line);
    return GY_OK;
}

/* Definitions that no longer hold together with the new type are named; they stay as they are. */
static void warn_of_broken(struct gy_ask *ask)
{
    struct gy_draft draft = {0};
    struct gy_error why = {0};
    gy_draft_init(&draft, ask);
    if (gy_draft_check(&draft, &why) != GY_OK) {
        (void)fprintf(stderr, "with the new type, %s\n", why.message);
    }
    gy_draft_release(&draft);
}

static enum gy_status say_outcome(struct gy_cli *cli, const struct gy_args *args,
                                  const struct target *target, struct gy_error *err)
{
    struct gy_ask ask = {0};
    enum gy_status status = gy_ask_open(&cli->asker, NULL, &ask, err);
    if (status == GY_OK) {
        status = say_values(&ask, target, args->operands.words[0], args->operands.words[1], err);
    }
    if (status == GY_OK) {
        warn_of_broken(&ask);
    }
    gy_ask_close(&ask);
    return status;
}

/* `--personal`: what whoever may not see personal fields gets of it. */
static enum gy_status set_personal(struct gy_writer *writer, const struct gy_args *args,
                                   const struct target *target, struct gy_error *err)
{
    bool is_personal = false;
    GY_TRY(gy_yes_no_read(args->personal, "--personal", &is_personal, err));
    GY_TRY(gy_writer_set_personal(writer, target->event, target->name, is_personal, err));
    (void)fprintf(stderr, "%s is %spersonal\n", args->operands.words[0], is_personal ? "" : "not ");
    return GY_OK;
}

static enum gy_status set_type(struct gy_cli *cli, struct gy_writer *writer,
                               const struct gy_args *args, const struct target *target,
                               struct gy_error *err)
{
    enum gy_value_type type;
    GY_TRY(read_type(args->operands.words[1], target->is_trait, &type, err));
    GY_TRY(gy_writer_set_type(writer, target->is_trait, target->event, target->name, type, err));
    return say_outcome(cli, args, target, err);
}

static enum gy_status run_set(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_arena arena = {0};
    struct gy_writer *writer = NULL;
    struct gy_str typed;
    struct target target;
    if (args->operands.n == 1 && args->personal == NULL) {
        return gy_error_set(err, GY_INVALID, "what is to be set is a TYPE, or --personal yes|no");
    }
    enum gy_status status =
        gy_name_read(args->operands.words[0], "trait or property", &arena, &typed, err);
    if (status == GY_OK) {
        status = gy_writing_open(cli, args, cli->asker.dir, &writer, err);
    }
    if (status == GY_OK) {
        status = find_target(gy_writer_schema(writer), typed, &target, err);
    }
    if (status == GY_OK && args->personal != NULL) {
        status = set_personal(writer, args, &target, err);
    }
    if (status == GY_OK && args->operands.n == 2) {
        status = set_type(cli, writer, args, &target, err);
    }
    gy_writer_close(writer);
    gy_arena_release(&arena);
    return status;
}

static const struct gy_option options_set[] = {
    {"personal", 0, GY_OPTION_TEXT, offsetof(struct gy_args, personal), "yes|no",
     "whether it says who somebody is (by its name, if nothing was said)"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_schema_set = {
    .name = "schema set",
    .operands = "NAME [TYPE]",
    .about =
        "Set the type of a trait or property and read all stored values again, or whether it is "
        "personal",
    .example = "  gyeol schema set trait.postcode string\n"
               "  gyeol schema set 'Order Completed.coupon' string\n"
               "  gyeol schema set trait.loyalty_card --personal yes\n",
    .options = options_set,
    .min_operands = 1,
    .max_operands = 2,
    .run = run_set,
};
