/* store_fixture.c - see store_fixture.h. */
#include "store_fixture.h"

#include <dirent.h>
#include <jansson.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/zone.h"
#include "harness.h"

/* ---- the directory ---- */

static void remove_files(const char *dir)
{
    char path[512];
    DIR *d = opendir(dir);
    if (d == NULL)
        return;
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            unlink(path);
    }
    closedir(d);
}

static void open_writer(struct gy_fixture *f)
{
    struct gy_error err = {0};
    assert_ok(gy_writer_open(f->dir, &f->writer, &err), &err);
}

void gy_fixture_open(struct gy_fixture *f, const char *time_zone)
{
    struct gy_error err = {0};
    struct gy_init_options options = {.time_zone = time_zone, .currency = "GBP"};
    *f = (struct gy_fixture){0};
    /* In memory where that can be: a test makes hundreds of commits, each waits for the disk. */
    const char *where = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(f->dir, sizeof f->dir, "%s/gyeol-test-XXXXXX", where);
    assert_non_null(mkdtemp(f->dir));
    assert_ok(gy_workspace_init(f->dir, &options, &err), &err);
    open_writer(f);
}

void gy_fixture_close(struct gy_fixture *f)
{
    char parts[128];
    gy_writer_close(f->writer);
    gy_arena_release(&f->arena);
    snprintf(parts, sizeof parts, "%s/parts", f->dir);
    remove_files(parts);
    rmdir(parts);
    remove_files(f->dir);
    rmdir(f->dir);
    *f = (struct gy_fixture){0};
}

void gy_fixture_reopen(struct gy_fixture *f)
{
    gy_writer_close(f->writer);
    open_writer(f);
}

/* ---- calls from JSON ---- */

static struct gy_str text_of(struct gy_fixture *f, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value))
        return (struct gy_str){0};
    return gy_arena_str(&f->arena,
                        (struct gy_str){json_string_value(value), json_string_length(value)});
}

static int64_t time_of(struct gy_str text)
{
    int64_t ms = 0;
    if (!gy_time_read(text, NULL, &ms, NULL))
        fail_msg("\"%.*s\" is no time", GY_STR_ARG(text));
    return ms;
}

static bool is_list_of_objects(const json_t *json)
{
    return json_is_array(json) && json_array_size(json) > 0 &&
           json_is_object(json_array_get(json, 0));
}

static struct gy_value list_of(struct gy_fixture *f, const json_t *json)
{
    size_t n = json_array_size(json);
    struct gy_str *strings = GY_NEW_ARRAY(&f->arena, struct gy_str, n + 1);
    for (size_t i = 0; i < n; i++) {
        const json_t *at = json_array_get(json, i);
        strings[i] =
            gy_arena_str(&f->arena, (struct gy_str){json_string_value(at), json_string_length(at)});
    }
    return (struct gy_value){.type = GY_VALUE_LIST, .list = {strings, (uint32_t)n}};
}

static struct gy_value value_of(struct gy_fixture *f, const json_t *json)
{
    if (json_is_number(json))
        return (struct gy_value){.type = GY_VALUE_NUMBER, .number = json_number_value(json)};
    if (json_is_boolean(json))
        return (struct gy_value){.type = GY_VALUE_BOOL, .boolean = json_is_true(json)};
    if (json_is_string(json)) {
        return (struct gy_value){
            .type = GY_VALUE_STRING,
            .string = gy_arena_str(
                &f->arena, (struct gy_str){json_string_value(json), json_string_length(json)})};
    }
    if (json_is_array(json))
        return list_of(f, json);
    if (json_object_get(json, "$cell") != NULL)
        return (struct gy_value){.type = GY_VALUE_CELL, .string = text_of(f, json, "$cell")};
    if (json_object_get(json, "$time") != NULL) {
        return (struct gy_value){.type = GY_VALUE_TIME,
                                 .time_ms = time_of(text_of(f, json, "$time"))};
    }
    return (struct gy_value){.type = GY_VALUE_MISSING};
}

static struct gy_field *fields_of(struct gy_fixture *f, json_t *object, uint32_t *n)
{
    const char *key;
    json_t *value;
    struct gy_field *fields =
        GY_NEW_ARRAY(&f->arena, struct gy_field, json_object_size(object) + 1);
    *n = 0;
    json_object_foreach(object, key, value)
    {
        if (is_list_of_objects(value))
            continue;
        fields[(*n)++] =
            (struct gy_field){gy_arena_str(&f->arena, gy_str_of(key)), value_of(f, value)};
    }
    return fields;
}

static struct gy_item_list items_of(struct gy_fixture *f, const char *key, const json_t *array)
{
    size_t n = json_array_size(array);
    struct gy_item *items = GY_NEW_ARRAY(&f->arena, struct gy_item, n);
    for (size_t i = 0; i < n; i++)
        items[i].fields = fields_of(f, json_array_get(array, i), &items[i].n_fields);
    return (struct gy_item_list){gy_arena_str(&f->arena, gy_str_of(key)), items, (uint32_t)n};
}

static void set_lists(struct gy_fixture *f, struct gy_call *call, json_t *object)
{
    const char *key;
    json_t *value;
    struct gy_item_list *lists =
        GY_NEW_ARRAY(&f->arena, struct gy_item_list, json_object_size(object) + 1);
    json_object_foreach(object, key, value)
    {
        if (is_list_of_objects(value))
            lists[call->n_lists++] = items_of(f, key, value);
    }
    call->lists = lists;
}

static void set_times(struct gy_fixture *f, struct gy_call *call, const json_t *object)
{
    struct gy_str timestamp = text_of(f, object, "timestamp");
    struct gy_str written = text_of(f, object, "originalTimestamp");
    call->has_time = timestamp.len > 0;
    if (!call->has_time)
        return;
    call->time_ms = time_of(timestamp);
    call->written_ms = written.len > 0 ? time_of(written) : call->time_ms;
}

static enum gy_call_type type_of(const json_t *object)
{
    static const char *const names[] = {"track", "identify", "alias", "page", "screen", "group"};
    const char *type = json_string_value(json_object_get(object, "type"));
    for (size_t i = 0; type != NULL && i < sizeof names / sizeof *names; i++) {
        if (strcmp(type, names[i]) == 0)
            return (enum gy_call_type)i;
    }
    fail_msg("a call has no type");
    return GY_CALL_TRACK;
}

struct gy_call gy_fixture_call(struct gy_fixture *f, const char *json)
{
    json_error_t error;
    json_t *object = json_loads(json, 0, &error);
    if (object == NULL)
        fail_msg("%s: %s", error.text, json);
    gy_arena_reset(&f->arena);
    struct gy_call call = {.type = type_of(object),
                           .user_id = text_of(f, object, "userId"),
                           .anonymous_id = text_of(f, object, "anonymousId"),
                           .previous_id = text_of(f, object, "previousId"),
                           .event = text_of(f, object, "event"),
                           .message_id = text_of(f, object, "messageId"),
                           .content = gy_hash(json, strlen(json), 0),
                           .n_lines = 1};
    set_times(f, &call, object);
    json_t *fields = json_object_get(object, "properties");
    if (fields == NULL)
        fields = json_object_get(object, "traits");
    call.fields = fields_of(f, fields, &call.n_fields);
    if (call.type != GY_CALL_IDENTIFY)
        set_lists(f, &call, fields);
    json_decref(object);
    return call;
}

enum gy_status gy_fixture_try(struct gy_fixture *f, const char *json, struct gy_error *err)
{
    struct gy_call call = gy_fixture_call(f, json);
    return gy_writer_add(f->writer, &call, err);
}

void gy_fixture_add(struct gy_fixture *f, const char *json)
{
    struct gy_error err = {0};
    assert_ok(gy_fixture_try(f, json, &err), &err);
}

static void add_time(struct gy_buf *line, const char *time)
{
    if (time != NULL)
        gy_buf_printf(line, ",\"timestamp\":\"%s\"", time);
    gy_buf_text(line, "}");
}

void gy_fixture_track(struct gy_fixture *f, const char *user, const char *event, const char *time,
                      const char *properties)
{
    struct gy_buf line = {0};
    gy_buf_printf(&line, "{\"type\":\"track\",\"userId\":\"%s\",\"event\":\"%s\",\"properties\":%s",
                  user, event, properties == NULL ? "{}" : properties);
    add_time(&line, time);
    gy_fixture_add(f, line.ptr);
    gy_buf_release(&line);
}

void gy_fixture_identify(struct gy_fixture *f, const char *user, const char *time,
                         const char *traits)
{
    struct gy_buf line = {0};
    gy_buf_printf(&line, "{\"type\":\"identify\",\"userId\":\"%s\",\"traits\":%s", user,
                  traits == NULL ? "{}" : traits);
    add_time(&line, time);
    gy_fixture_add(f, line.ptr);
    gy_buf_release(&line);
}

/* ---- commits ---- */

void gy_fixture_commit(struct gy_fixture *f)
{
    struct gy_error err = {0};
    f->counts = (struct gy_commit_counts){0};
    assert_ok(gy_writer_commit(f->writer, 0, &f->counts, &err), &err);
}

void gy_fixture_commit_log(struct gy_fixture *f)
{
    struct gy_error err = {0};
    f->counts = (struct gy_commit_counts){0};
    assert_ok(gy_writer_commit_log(f->writer, &f->counts, &err), &err);
}

void gy_fixture_maintain(struct gy_fixture *f)
{
    struct gy_error err = {0};
    assert_ok(gy_writer_maintain(f->writer, &err), &err);
}

void gy_fixture_compact(struct gy_fixture *f)
{
    struct gy_error err = {0};
    assert_ok(gy_writer_compact(f->writer, &err), &err);
}

struct gy_snapshot *gy_fixture_snapshot(const struct gy_fixture *f)
{
    struct gy_error err = {0};
    struct gy_snapshot *s = NULL;
    assert_ok(gy_snapshot_open(f->dir, &s, &err), &err);
    return s;
}

static void print_problem(void *context, const char *problem)
{
    (void)context;
    print_message("%s\n", problem);
}

struct gy_check_report gy_fixture_check(const struct gy_fixture *f)
{
    struct gy_error err = {0};
    struct gy_check_report report = {0};
    assert_ok(gy_store_check(f->dir, print_problem, NULL, &report, &err), &err);
    return report;
}

/* ---- describing a customer ---- */

struct line {
    int64_t time_ms;
    bool is_trait;
    size_t part;
    uint32_t rank;
    uint32_t row;
    uint32_t stream;
    char *text;
};

struct description {
    const struct gy_snapshot *s;
    struct line *lines;
    size_t n;
    size_t capacity;
    struct gy_arena arena;
};

static uint32_t misfit_at(const struct gy_column *c, uint32_t row)
{
    uint32_t i = 0;
    while (i < c->n_misfits && c->misfit_rows[i] != row)
        i++;
    return i;
}

static bool print_value(struct description *d, const struct gy_part *part,
                        const struct gy_slice *slice, uint32_t property, uint32_t row,
                        struct gy_buf *out)
{
    struct gy_error err = {0};
    struct gy_column column;
    struct gy_dictionary dictionary;
    assert_ok(gy_part_column(part, slice, property, &column, &err), &err);
    assert_ok(gy_part_dictionary(part, slice->stream, property, &dictionary, &err), &err);
    uint32_t misfit = misfit_at(&column, row);
    if (misfit < column.n_misfits) {
        gy_buf_text(out, "!=");
        gy_buf_append(out, column.misfit_bytes + column.misfit_starts[misfit],
                      column.misfit_starts[misfit + 1] - column.misfit_starts[misfit]);
        return true;
    }
    if (!gy_column_is_present(&column, row))
        return false;
    struct gy_value value;
    gy_column_value(&column, &dictionary, row, &d->arena, &value);
    gy_buf_char(out, '=');
    gy_value_json(&value, out);
    return true;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void print_properties(struct description *d, const struct gy_part *part,
                             const struct gy_slice *slice, uint32_t row, struct gy_buf *out)
{
    char *texts[64];
    size_t n = 0;
    for (uint32_t i = 0; i < gy_part_n_properties(part, slice) && n < 64; i++) {
        uint32_t id = gy_part_property(part, slice, i);
        struct gy_buf text = {0};
        gy_buf_char(&text, ' ');
        gy_buf_str(&text, gy_schema_property(gy_snapshot_schema(d->s), id)->name);
        if (print_value(d, part, slice, id, row, &text)) {
            texts[n++] = text.ptr;
        } else {
            gy_buf_release(&text);
        }
    }
    qsort(texts, n, sizeof *texts, by_text);
    for (size_t i = 0; i < n; i++) {
        gy_buf_text(out, texts[i]);
        free(texts[i]);
    }
}

static void add_line(struct description *d, size_t part_at, const struct gy_slice *slice,
                     uint32_t row, int64_t time_ms, uint32_t rank)
{
    const struct gy_part *part = gy_snapshot_part(d->s, part_at);
    const struct gy_stream *stream = gy_schema_stream(gy_snapshot_schema(d->s), slice->stream);
    struct gy_buf text = {0};
    char time[GY_TIME_TEXT] = "always";
    if (time_ms != GY_TIME_ALWAYS_MS)
        gy_time_print(time_ms, time);
    bool is_trait = stream->kind == GY_STREAM_TRAIT;
    gy_buf_printf(&text, "%s %s%.*s", time, is_trait ? "trait." : "", GY_STR_ARG(stream->name));
    if (!is_trait) {
        print_properties(d, part, slice, row, &text);
    } else if (!print_value(d, part, slice, GY_PROPERTY_VALUE, row, &text)) {
        gy_buf_text(&text, " removed");
    }
    GY_GROW(d->lines, d->capacity, d->n + 1);
    d->lines[d->n++] =
        (struct line){time_ms, is_trait, part_at, rank, row, slice->stream, text.ptr};
}

static void add_slice(struct description *d, size_t part_at, const struct gy_slice *slice,
                      uint32_t ordinal)
{
    struct gy_error err = {0};
    const struct gy_part *part = gy_snapshot_part(d->s, part_at);
    struct gy_runs runs;
    struct gy_times times;
    struct gy_column ranks;
    uint32_t row;
    uint32_t end;
    assert_ok(gy_part_runs(part, slice, &runs, &err), &err);
    assert_ok(gy_part_times(part, slice, &times, &err), &err);
    assert_ok(gy_part_ranks(part, slice, &ranks, &err), &err);
    if (!gy_runs_find(&runs, (uint16_t)(ordinal & 0xffff), &row, &end))
        return;
    for (; row < end; row++) {
        uint32_t rank =
            ranks.encoding == GY_ENCODING_NONE ? 0 : (uint32_t)gy_column_int(&ranks, row);
        add_line(d, part_at, slice, row, gy_times_ms(&times, row), rank);
    }
}

static void add_ordinal(struct description *d, uint32_t ordinal)
{
    for (size_t p = 0; p < gy_snapshot_n_parts(d->s); p++) {
        const struct gy_part *part = gy_snapshot_part(d->s, p);
        for (size_t i = 0; i < gy_part_n_slices(part); i++) {
            const struct gy_slice *slice = gy_part_slice(part, i);
            if (slice->stream >= GY_STREAM_FIRST && slice->block_no == ordinal >> 16)
                add_slice(d, p, slice, ordinal);
        }
    }
}

#define ORDER(x, y)                    \
    do {                               \
        if ((x) != (y))                \
            return (x) < (y) ? -1 : 1; \
    } while (0)

static int by_order(const void *a, const void *b)
{
    const struct line *x = a;
    const struct line *y = b;
    ORDER(x->is_trait, y->is_trait);
    ORDER(x->time_ms, y->time_ms);
    ORDER(x->part, y->part);
    ORDER(x->rank, y->rank);
    ORDER(x->stream, y->stream);
    ORDER(x->row, y->row);
    return 0;
}

void gy_fixture_describe(const struct gy_snapshot *s, const char *id, struct gy_buf *out)
{
    struct description d = {.s = s};
    uint32_t root = gy_snapshot_find(s, gy_str_of(id));
    gy_buf_reset(out);
    gy_buf_text(out, "");
    if (root == GY_ID_NONE)
        return;
    size_t place = gy_snapshot_find_scattered(s, root);
    const uint32_t *ordinals = &root;
    uint32_t n = 1;
    if (place != SIZE_MAX)
        gy_snapshot_scattered(s, place, &root, &ordinals, &n);
    for (uint32_t i = 0; i < n; i++)
        add_ordinal(&d, ordinals[i]);
    if (d.n > 1)
        qsort(d.lines, d.n, sizeof *d.lines, by_order);
    for (size_t i = 0; i < d.n; i++) {
        gy_buf_text(out, d.lines[i].text);
        gy_buf_char(out, '\n');
        free(d.lines[i].text);
    }
    free(d.lines);
    gy_arena_release(&d.arena);
}

void gy_fixture_expect(const struct gy_fixture *f, const char *id, const char *expected)
{
    struct gy_buf text = {0};
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    gy_fixture_describe(s, id, &text);
    gy_snapshot_close(s);
    if (strcmp(text.ptr, expected) != 0)
        fail_msg("%s is\n%sand should be\n%s", id, text.ptr, expected);
    gy_buf_release(&text);
}
