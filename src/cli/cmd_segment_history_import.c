/* cmd_segment_history_import.c - recorded membership from elsewhere, for migrations and tests.
 *
 * JSON lines {"segment": "vips", "id": "c01", "change": "entered" or "left", "at": TIME}. All lines of a
 * file are taken, or none.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/asking.h"
#include "cli/lines.h"
#include "cli/writing.h"
#include "store/writer.h"

enum {
    MAX_FILE = 1 << 30,
    MAX_LINE = 65536
};

struct history {
    struct gy_change *changes;
    size_t n;
    size_t capacity;
    struct gy_arena arena;
};

static enum gy_status take_text(const json_t *object, const char *key, struct gy_arena *arena,
                                struct gy_str *out, uint32_t line_no, struct gy_error *err)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value) || json_string_length(value) == 0) {
        return gy_error_at(err, line_no, 0, "\"%s\" is not a text", key);
    }
    struct gy_str s = {json_string_value(value), json_string_length(value)};
    *out = gy_arena_str(arena, gy_text_nfc(s, arena));
    return GY_OK;
}

/* The parts of a change, as texts. */
struct parts {
    struct gy_str segment;
    struct gy_str id;
    struct gy_str change;
    struct gy_str at;
};

static enum gy_status take_parts(const json_t *object, struct gy_arena *arena, struct parts *out,
                                 uint32_t line_no, struct gy_error *err)
{
    if (!json_is_object(object) || json_object_size(object) != 4) {
        return gy_error_at(err, line_no, 0,
                           "the line is not an object of \"segment\", \"id\", \"change\", \"at\"");
    }
    GY_TRY(take_text(object, "segment", arena, &out->segment, line_no, err));
    GY_TRY(take_text(object, "id", arena, &out->id, line_no, err));
    GY_TRY(take_text(object, "change", arena, &out->change, line_no, err));
    return take_text(object, "at", arena, &out->at, line_no, err);
}

static enum gy_status read_change(const json_t *object, const struct gy_ask *ask,
                                  struct history *history, uint32_t line_no, struct gy_error *err)
{
    struct parts parts = {0};
    GY_TRY(take_parts(object, &history->arena, &parts, line_no, err));
    struct gy_change change = {.segment = parts.segment, .id = parts.id};
    change.entered = gy_str_equal(parts.change, GY_STR("entered"));
    if (!change.entered && !gy_str_equal(parts.change, GY_STR("left"))) {
        return gy_error_at(err, line_no, 0, "\"change\" is \"%.*s\"; it is \"entered\" or \"left\"",
                           GY_STR_ARG(parts.change));
    }
    if (!gy_time_read(parts.at, gy_snapshot_zone(ask->snapshot), &change.at_ms, NULL)) {
        return gy_error_at(err, line_no, 0, "\"at\" is \"%.*s\", which is no time",
                           GY_STR_ARG(parts.at));
    }
    if (gy_snapshot_find_segment(ask->snapshot, change.segment) == GY_ID_NONE) {
        return gy_error_at(err, line_no, 0, "there is no segment \"%.*s\"",
                           GY_STR_ARG(change.segment));
    }
    GY_GROW(history->changes, history->capacity, history->n + 1);
    history->changes[history->n++] = change;
    return GY_OK;
}

static enum gy_status read_line(struct gy_str line, const struct gy_ask *ask,
                                struct history *history, uint32_t line_no, struct gy_error *err)
{
    json_error_t why;
    if (line.len > MAX_LINE) {
        return gy_error_at(err, line_no, 0, "the line has more than %d bytes", MAX_LINE);
    }
    json_t *object = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, &why);
    if (object == NULL) {
        return gy_error_at(err, line_no, (uint32_t)(why.column > 0 ? why.column : 0),
                           "the line is no JSON: %s", why.text);
    }
    enum gy_status status = read_change(object, ask, history, line_no, err);
    json_decref(object);
    return status;
}

static enum gy_status read_history(struct gy_str text, const struct gy_ask *ask,
                                   struct history *history, struct gy_error *err)
{
    struct gy_str line;
    for (uint32_t line_no = 1; gy_lines_next(&text, &line); line_no++) {
        if (line.len > 0) {
            GY_TRY(read_line(line, ask, history, line_no, err));
        }
    }
    return GY_OK;
}

static enum gy_status run_history_import(struct gy_cli *cli, const struct gy_args *args,
                                         struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct gy_buf text = {0};
    struct history history = {0};
    struct gy_writer *writer = NULL;
    enum gy_status status = gy_lines_read(args->operands.words[0], MAX_FILE, &text, err);
    if (status != GY_OK) {
        goto done;
    }
    status = gy_writing_open(cli, args, cli->asker.dir, &writer, err);
    if (status != GY_OK) {
        goto done;
    }
    status = gy_ask_open(&cli->asker, NULL, &ask, err);
    if (status != GY_OK) {
        goto done;
    }
    status = read_history(gy_buf_view(&text), &ask, &history, err);
    if (status != GY_OK) {
        gy_error_context(err, "reading \"%s\"", args->operands.words[0]);
        goto done;
    }
    status = gy_writer_record_changes(writer, history.changes, history.n, err);
    if (status == GY_OK) {
        (void)fprintf(stderr, "%zu change%s recorded\n", history.n, history.n == 1 ? "" : "s");
    }
done:
    gy_ask_close(&ask);
    gy_writer_close(writer);
    free(history.changes);
    gy_arena_release(&history.arena);
    gy_buf_release(&text);
    return status;
}

const struct gy_command gy_cmd_segment_history_import = {
    .name = "segment history import",
    .operands = "FILE",
    .about = "Take recorded membership in: JSON lines {\"segment\",\"id\",\"change\",\"at\"}",
    .example =
        "  echo '{\"segment\": \"vips\", \"id\": \"c01\", \"change\": \"entered\", \"at\": \"2025-01-01\"}' |\n"
        "      gyeol segment history import -\n",
    .min_operands = 1,
    .max_operands = 1,
    .run = run_history_import,
};
