/* import_job.c - one file into the store: what it is, how far it is, what became of its lines. */
#include "ingest/import_job.h"

#include <strings.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/text.h"
#include "ingest/import_internal.h"
#include "ingest/segment_spec.h"
#include "ingest/table.h"

/* A chunk is committed when it has this many calls or takes this much memory. */
enum {
    CHUNK_CALLS = 1000000,
    CALLS_AHEAD = 8 /* whose places in the writer's tables are fetched by then */
};
#define CHUNK_BYTES  (UINT64_C(1) << 29) /* two at a time are in hand */
#define PROGRESS_US  100000
#define LINE_MAX_LEN ((size_t)16 << 20)

const char *gy_import_kind_word(enum gy_import_kind kind)
{
    switch (kind) {
    case GY_IMPORT_AUTO:
        return "auto";
    case GY_IMPORT_CALLS:
        return "calls";
    case GY_IMPORT_EVENTS:
        return "events";
    case GY_IMPORT_ORDERS:
        return "orders";
    case GY_IMPORT_ORDER_LINES:
        return "order-lines";
    case GY_IMPORT_CUSTOMERS:
        return "customers";
    }
    return "";
}

/* ---- calls and chunks ---- */

static void report_counts(struct gy_import *import, const struct gy_commit_counts *counts)
{
    struct gy_import_report *report = import->report;
    report->calls_taken += counts->taken;
    report->calls_duplicate += counts->duplicates;
    report->lines_taken += counts->lines_taken;
    report->lines_duplicate += counts->lines_duplicate;
    report->misfits += counts->misfits;
    if (report->misfit_example[0] == '\0') {
        memcpy(report->misfit_example, counts->misfit_example, sizeof report->misfit_example);
    }
}

/* What was committed on the way counts also where the last commit fails. */
enum gy_status gy_import_commit(struct gy_import *import, struct gy_error *err)
{
    struct gy_commit_counts counts = {0};
    enum gy_status status = import->options->dry_run
                                ? gy_writer_rehearse(import->writer, &counts, err)
                                : gy_writer_commit(import->writer, import->position, &counts, err);
    report_counts(import, &counts);
    return status;
}

static enum gy_status commit_chunk(struct gy_import *import, struct gy_error *err)
{
    return import->commits_ahead ? gy_writer_commit_ahead(import->writer, import->position, err)
                                 : gy_import_commit(import, err);
}

/* Gives up what is not committed. */
static void give_up(struct gy_import *import)
{
    struct gy_commit_counts counts = {0};
    (void)!gy_writer_wait(import->writer, &counts, NULL);
    report_counts(import, &counts);
    gy_writer_discard(import->writer);
}

/* A single call is refused by adding it. */
static enum gy_status add_calls(struct gy_writer *writer, const struct gy_call *calls, uint32_t n,
                                struct gy_error *err)
{
    if (n > 1) {
        GY_TRY(gy_writer_check(writer, calls, n, err));
    }
    for (uint32_t i = 0; i < n; i++) {
        GY_TRY(gy_writer_add(writer, &calls[i], err));
    }
    return GY_OK;
}

enum gy_status gy_import_calls(struct gy_import *import, const struct gy_call *calls, uint32_t n,
                               bool *refused, char why[512], struct gy_error *err)
{
    struct gy_error inner;
    bool is_full = gy_writer_batch_calls(import->writer) >= CHUNK_CALLS ||
                   gy_writer_batch_bytes(import->writer) >= CHUNK_BYTES;
    if (is_full) {
        GY_TRY(commit_chunk(import, err));
    }
    enum gy_status status = add_calls(import->writer, calls, n, &inner);
    *refused = status == GY_INVALID || status == GY_LIMIT || status == GY_ERASED;
    if (*refused) {
        memcpy(why, inner.message, 512);
        return GY_OK;
    }
    if (status != GY_OK) {
        *err = inner;
    }
    return status;
}

enum gy_status gy_import_go_on(const struct gy_import *import, struct gy_error *err)
{
    const atomic_bool *cancel = import->options->cancel;
    if (cancel == NULL || !atomic_load_explicit(cancel, memory_order_relaxed)) {
        return GY_OK;
    }
    gy_error_set(err, GY_CANCELLED, "the import was cancelled");
    gy_error_hint(err, "What was committed stays; import the file again to finish.");
    return GY_CANCELLED;
}

enum gy_status gy_import_step(struct gy_import *import, struct gy_error *err)
{
    const struct gy_import_options *options = import->options;
    uint64_t lines = ++import->report->lines;
    GY_TRY(gy_import_go_on(import, err));
    if (options->progress == NULL || lines % 256 != 0) {
        return GY_OK;
    }
    int64_t now = gy_monotonic_us();
    if (now >= import->next_progress_us) {
        import->next_progress_us = now + PROGRESS_US;
        options->progress(options->progress_context, import->position, import->size, lines);
    }
    return GY_OK;
}

/* ---- packs ---- */

static enum gy_status take_line(struct gy_import *import, const struct gy_pack *pack,
                                const struct gy_pack_line *line, struct gy_error *err)
{
    import->position = line->position;
    import->report->lines_blank += line->n_blank;
    GY_TRY(gy_import_step(import, err));
    const char *reason = line->reason;
    char why[512];
    if (reason == NULL) {
        bool refused;
        const struct gy_call *calls = pack->calls + line->first_call;
        GY_TRY(gy_import_calls(import, calls, line->n_calls, &refused, why, err));
        reason = refused ? why : NULL;
    }
    if (reason != NULL) {
        gy_import_reject_line(import, line->line, line->raw, reason);
    }
    return GY_OK;
}

static enum gy_status take_pack(struct gy_import *import, const struct gy_pack *pack,
                                struct gy_error *err)
{
    for (uint32_t i = 0; i < pack->n_lines; i++) {
        uint32_t soon = pack->lines[i].first_call + CALLS_AHEAD;
        if (soon < pack->n_calls) {
            gy_writer_expect(import->writer, &pack->calls[soon]);
        }
        GY_TRY(take_line(import, pack, &pack->lines[i], err));
    }
    import->report->lines_blank += pack->n_blank;
    if (pack->status != GY_OK && err != NULL) {
        *err = pack->error;
    }
    return pack->status;
}

/* A pipe may keep its reader waiting for ever, and then nobody could end the reader's thread. */
static bool is_regular(const char *path)
{
    struct stat st;
    return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

enum gy_status gy_import_packs(struct gy_import *import, gy_fill_fn fill, void *context,
                               struct gy_error *err)
{
    bool is_threaded = gy_cores() > 1 && is_regular(import->path);
    import->commits_ahead = gy_cores() > 1 && !import->options->dry_run;
    struct gy_ahead *ahead = gy_ahead_open(fill, context, is_threaded);
    enum gy_status status = GY_OK;
    const struct gy_pack *pack;
    while (status == GY_OK && (pack = gy_ahead_next(ahead)) != NULL) {
        status = take_pack(import, pack, err);
    }
    gy_ahead_close(ahead);
    return status;
}

/* ---- times ---- */

enum gy_status gy_import_time_format(struct gy_import *import, const struct gy_table *table,
                                     const struct gy_column_map *map, enum gy_table_field field,
                                     struct gy_time_format *out, struct gy_error *err)
{
    *out = (struct gy_time_format){0};
    if (!gy_column_map_has(map, field)) {
        return GY_OK;
    }
    if (import->options->time_format != NULL) {
        return gy_time_format_parse(gy_str_of(import->options->time_format), out, err);
    }
    struct gy_time_guess guess = {0};
    for (uint32_t i = 0; i < gy_table_n_ahead(table); i++) {
        gy_time_guess_add(&guess, gy_column_map_field(map, gy_table_ahead(table, i), field));
    }
    if (guess.n == 0) {
        return GY_OK; /* no time is there to be read */
    }
    enum gy_status status = gy_time_guess_finish(&guess, out, err);
    if (status != GY_OK) {
        gy_error_context(err, "the column of \"%s\"", gy_table_field_word(field));
    } else if (field == GY_FIELD_TIME) {
        snprintf(import->report->time_format, sizeof import->report->time_format, "%s",
                 gy_time_format_name(out));
    }
    return status;
}

/* ---- tables ---- */

/* A header for the report, cut where it is long. */
static void copy_header(const struct gy_row *header, uint32_t column, char out[64])
{
    struct gy_str text = header->cells[column].text;
    snprintf(out, 64, "%.*s", GY_STR_ARG(gy_text_cut(text, 63)));
}

static void report_choices(const struct gy_column_map *map, const struct gy_row *header,
                           struct gy_import_report *report)
{
    for (uint32_t i = 0; i < map->n_choices; i++) {
        struct gy_import_choice *choice = &report->choices[report->n_choices++];
        choice->field = gy_table_field_word(map->choices[i].field);
        copy_header(header, map->choices[i].taken, choice->taken);
        copy_header(header, map->choices[i].other, choice->other);
    }
}

static enum gy_status import_table(struct gy_import *import, struct gy_error *err)
{
    struct gy_import_report *report = import->report;
    struct gy_table *table = NULL;
    struct gy_column_map map = {0};
    enum gy_status status =
        gy_table_open(import->path, import->input, import->options, &table, err);
    import->input = NULL;
    if (status == GY_OK) {
        import->size = gy_table_size(table);
        const struct gy_row *first = gy_table_n_ahead(table) > 0 ? gy_table_ahead(table, 0) : NULL;
        status = gy_column_map_make(import->options, gy_table_header(table), first, &map, err);
        report->kind = map.kind;
        report->delimiter[0] = gy_table_delimiter(table);
    }
    if (status == GY_OK) {
        report_choices(&map, gy_table_header(table), report);
        gy_import_keep_header(import, gy_table_header(table));
        bool is_orders = map.kind == GY_IMPORT_ORDERS || map.kind == GY_IMPORT_ORDER_LINES;
        status = is_orders ? gy_import_orders(import, table, &map, err)
                           : gy_import_table(import, table, &map, err);
    }
    if (table != NULL) {
        snprintf(report->encoding, sizeof report->encoding, "%s", gy_table_encoding(table));
    }
    gy_column_map_release(&map);
    gy_table_close(table);
    return status;
}

/* ---- JSON lines ---- */

/* One array of calls is JSON too, but has no lines: its first tells, before anything is taken. */
static enum gy_status check_first_line(struct gy_str line, uint32_t line_no, struct gy_error *err)
{
    size_t blanks = 0;
    while (blanks < line.len && (line.ptr[blanks] == ' ' || line.ptr[blanks] == '\t')) {
        blanks++;
    }
    if (blanks == line.len || line.ptr[blanks] != '[') {
        return GY_OK;
    }
    gy_error_at(err, line_no, (uint32_t)blanks + 1, "the file is a JSON array, not JSON lines");
    gy_error_hint(err, "Each line is one call; jq -c '.[]' makes such lines of an array.");
    return GY_INVALID;
}

/* What reads JSON lines, in a thread of its own (pack.h). */
struct line_reader {
    struct gy_spec_parser *parser;
    const struct gy_import *import;
    struct gy_source *source;
    struct gy_str chunk; /* what is left of it */
    struct gy_buf carry; /* a line that a chunk ended within */
    uint64_t n_lines;
    uint64_t n_blank;
    uint64_t n_blank_told;
};

/* With its line end. */
static struct gy_str copy_line(struct gy_str line, struct gy_arena *arena)
{
    char *bytes = gy_arena_alloc(arena, line.len + 1);
    memcpy(bytes, line.ptr, line.len);
    bytes[line.len] = '\n';
    return (struct gy_str){bytes, line.len + 1};
}

static enum gy_status add_line(struct line_reader *r, struct gy_str line, struct gy_pack *pack,
                               struct gy_error *err)
{
    if (r->n_lines == 0) {
        GY_TRY(check_first_line(line, (uint32_t)r->n_blank + 1, err));
    }
    struct gy_pack_line *out = gy_pack_add_line(pack);
    out->line = ++r->n_lines + r->n_blank;
    out->position = gy_source_position(r->source);
    out->n_blank = r->n_blank - r->n_blank_told;
    r->n_blank_told = r->n_blank;
    if (r->import->rejects != NULL) {
        out->raw = copy_line(line, &pack->arena);
    }
    pack->bytes += line.len;
    struct gy_call call;
    struct gy_error inner;
    enum gy_status status =
        gy_spec_parse_into(r->parser, line, r->import->zone, &pack->arena, &call, &inner);
    if (status == GY_OK) {
        call.n_lines = 1;
        *gy_pack_add_call(pack) = call;
    } else {
        out->reason = gy_arena_str(&pack->arena, gy_str_of(inner.message)).ptr;
    }
    return GY_OK;
}

static bool is_blank(struct gy_str line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (strchr(" \t\r", line.ptr[i]) == NULL || line.ptr[i] == '\0') {
            return false;
        }
    }
    return true;
}

static enum gy_status too_long(const struct line_reader *r, struct gy_error *err)
{
    return gy_error_at(err, (uint32_t)(r->n_lines + r->n_blank) + 1, 0,
                       "a line is longer than %zu bytes", LINE_MAX_LEN);
}

/* Takes a line off the chunk, and what was carried over; one that the chunk ends within is carried over
 * in its turn, and `*is_whole` is false. */
static enum gy_status cut_line(struct line_reader *r, struct gy_str *line, bool *is_whole,
                               struct gy_error *err)
{
    const char *end = memchr(r->chunk.ptr, '\n', r->chunk.len);
    size_t len = end == NULL ? r->chunk.len : (size_t)(end - r->chunk.ptr);
    *line = (struct gy_str){r->chunk.ptr, len};
    *is_whole = end != NULL;
    if (r->carry.len + len > LINE_MAX_LEN) {
        return too_long(r, err);
    }
    if (end == NULL || r->carry.len > 0) {
        gy_buf_str(&r->carry, *line);
        *line = gy_buf_view(&r->carry);
    }
    size_t used = len + (end != NULL);
    r->chunk = (struct gy_str){r->chunk.ptr + used, r->chunk.len - used};
    return GY_OK;
}

static enum gy_status take_last(struct line_reader *r, struct gy_pack *pack, struct gy_error *err)
{
    pack->is_last = true;
    pack->n_blank = r->n_blank - r->n_blank_told;
    if (is_blank(gy_buf_view(&r->carry))) {
        return GY_OK;
    }
    pack->n_blank = 0;
    return add_line(r, gy_buf_view(&r->carry), pack, err);
}

static enum gy_status fill_with_lines(void *context, struct gy_pack *pack, struct gy_error *err)
{
    struct line_reader *r = context;
    while (!gy_pack_is_full(pack)) {
        struct gy_str line;
        bool is_whole;
        if (r->chunk.len == 0) {
            GY_TRY(gy_source_read(r->source, &r->chunk, err));
        }
        if (r->chunk.len == 0) {
            return take_last(r, pack, err);
        }
        GY_TRY(cut_line(r, &line, &is_whole, err));
        if (!is_whole) {
            continue;
        }
        if (is_blank(line)) {
            r->n_blank++;
        } else {
            GY_TRY(add_line(r, line, pack, err));
        }
        gy_buf_reset(&r->carry);
    }
    return GY_OK;
}

static enum gy_status import_calls(struct gy_import *import, struct gy_error *err)
{
    struct line_reader reader = {.import = import, .source = import->input};
    import->input = NULL;
    import->report->kind = GY_IMPORT_CALLS;
    if (reader.source == NULL) {
        GY_TRY(gy_source_open(import->path, import->options->encoding, &reader.source, err));
    }
    import->size = gy_source_size(reader.source);
    reader.parser = gy_spec_parser_new();
    enum gy_status status = gy_import_packs(import, fill_with_lines, &reader, err);
    snprintf(import->report->encoding, sizeof import->report->encoding, "%s",
             gy_source_encoding(reader.source));
    gy_spec_parser_free(reader.parser);
    gy_buf_release(&reader.carry);
    gy_source_close(reader.source);
    return status;
}

/* ---- a file ---- */

static bool is_json(const char *path)
{
    static const char *const endings[] = {".jsonl", ".ndjson", ".json"};
    size_t len = strlen(path);
    for (int turn = 0; turn < 2; turn++) {
        const char *packed = turn == 0 ? ".gz" : ".zst";
        size_t n = strlen(packed);
        if (len > n && strcasecmp(path + len - n, packed) == 0) {
            len -= n;
        }
    }
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t n = strlen(endings[i]);
        if (len >= n && strncasecmp(path + len - n, endings[i], n) == 0) {
            return true;
        }
    }
    return false;
}

/* Standard input has no name that tells: it is calls where it begins with a brace. */
static enum gy_status look_at_input(struct gy_import *import, bool *is_calls, struct gy_error *err)
{
    struct gy_str chunk;
    GY_TRY(gy_source_open(import->path, import->options->encoding, &import->input, err));
    GY_TRY(gy_source_peek(import->input, &chunk, err));
    while (chunk.len > 0 && strchr(" \t\r\n", chunk.ptr[0]) != NULL && chunk.ptr[0] != '\0') {
        chunk = (struct gy_str){chunk.ptr + 1, chunk.len - 1};
    }
    *is_calls = chunk.len > 0 && chunk.ptr[0] == '{';
    return GY_OK;
}

static enum gy_status find_kind(struct gy_import *import, bool *is_calls, struct gy_error *err)
{
    enum gy_import_kind kind = import->options->kind;
    if (kind == GY_IMPORT_AUTO && strcmp(import->path, "-") == 0) {
        return look_at_input(import, is_calls, err);
    }
    *is_calls = kind == GY_IMPORT_CALLS || (kind == GY_IMPORT_AUTO && is_json(import->path));
    return GY_OK;
}

static enum gy_status run(struct gy_import *import, struct gy_error *err)
{
    const struct gy_import_options *options = import->options;
    const char *zone =
        options->time_zone != NULL ? options->time_zone : gy_writer_time_zone(import->writer);
    GY_TRY(gy_zone_open(zone, &import->zone, err));
    GY_TRY(gy_import_open_rejects(import, err));
    gy_writer_begin_file(import->writer, import->path);
    bool is_calls = false;
    enum gy_status status = find_kind(import, &is_calls, err);
    if (status == GY_OK) {
        status = is_calls ? import_calls(import, err) : import_table(import, err);
    }
    if (status == GY_OK) {
        status = gy_import_commit(import, err);
    } else {
        give_up(import);
    }
    enum gy_status closed = gy_import_close_account(import, status == GY_OK ? err : NULL);
    return status != GY_OK ? status : closed;
}

enum gy_status gy_import_file(struct gy_writer *writer, const char *path,
                              const struct gy_import_options *options,
                              struct gy_import_report *report, struct gy_error *err)
{
    *report = (struct gy_import_report){0};
    struct gy_import import = {
        .writer = writer, .options = options, .report = report, .path = path};
    enum gy_status status = run(&import, err);
    if (status != GY_OK) {
        gy_error_context(err, "importing \"%s\"", path);
    }
    gy_source_close(import.input);
    gy_zone_close(import.zone);
    gy_arena_release(&import.arena);
    gy_buf_release(&import.head);
    gy_buf_release(&import.line);
    return status;
}
