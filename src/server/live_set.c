/* live_set.c - see live_set.h. */
#include "server/live_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "engine/reads.h"
#include "engine/vocabulary.h"
#include "server/log_line.h"

static void release_watched(struct gy_watched *w)
{
    gy_definition_release(&w->definition);
    free(w->reads);
    free(w->recorded);
    if (w->known != NULL) {
        roaring_bitmap_free(w->known);
    }
}

void gy_live_set_release(struct gy_live_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        release_watched(&set->watched[i]);
    }
    free(set->watched);
    gy_arena_release(&set->arena);
    gy_intern_release(&set->definitions);
    *set = (struct gy_live_set){0};
}

/* ---- what it is made of ---- */

/* Each thing that a definition can rest on is one line, in an order that is fixed. */
static bool add_line(struct gy_intern *lines, struct gy_buf *line)
{
    uint32_t n = lines->n;
    bool is_new = gy_intern_add(lines, gy_buf_view(line)) == n;
    gy_buf_reset(line);
    return is_new;
}

static void put_part(struct gy_buf *line, struct gy_str part)
{
    gy_buf_printf(line, "%zu:", part.len);
    gy_buf_str(line, part);
}

static void list_definitions(const struct gy_snapshot *s, struct gy_intern *lines)
{
    struct gy_buf line = {0};
    for (uint32_t i = 0; i < gy_snapshot_n_segments(s); i++) {
        const struct gy_segment_info *info = gy_snapshot_segment(s, i);
        gy_buf_printf(&line, "s%u:%u:", i, info->version);
        put_part(&line, info->name);
        put_part(&line, info->text);
        put_part(&line, info->json);
        (void)add_line(lines, &line);
    }
    for (uint32_t i = 0; i < gy_snapshot_n_metrics(s); i++) {
        gy_buf_printf(&line, "m%u:", i);
        put_part(&line, gy_snapshot_metric(s, i)->name);
        put_part(&line, gy_snapshot_metric(s, i)->text);
        (void)add_line(lines, &line);
    }
    for (uint32_t i = 0; i < gy_snapshot_n_lists(s); i++) {
        gy_buf_printf(&line, "l%u:", i);
        put_part(&line, gy_snapshot_list(s, i)->name);
        (void)add_line(lines, &line);
    }
    gy_buf_release(&line);
}

static bool are_definitions_same(const struct gy_live_set *set, const struct gy_snapshot *s)
{
    struct gy_intern lines = {0};
    list_definitions(s, &lines);
    bool are_same = lines.n == set->definitions.n;
    for (uint32_t i = 0; i < lines.n && are_same; i++) {
        are_same = gy_str_equal(lines.strings[i], set->definitions.strings[i]);
    }
    gy_intern_release(&lines);
    return are_same;
}

bool gy_live_set_is_current(const struct gy_live_set *set, const struct gy_snapshot *snapshot)
{
    if (!are_definitions_same(set, snapshot)) {
        return false;
    }
    for (size_t i = 0; i < set->n; i++) {
        const struct gy_watched *w = &set->watched[i];
        const struct gy_segment_info *info = gy_snapshot_segment(snapshot, w->place);
        if (info->is_refreshed != w->is_refreshed ||
            (info->is_refreshed && info->refreshed_ms != w->at_ms)) {
            return false;
        }
    }
    return true;
}

/* ---- loading ---- */

static enum gy_status load_known(struct gy_watched *w, const struct gy_snapshot *s,
                                 struct gy_error *err)
{
    if (w->schedule != GY_SCHEDULE_LIVE || !w->is_refreshed) {
        return GY_OK;
    }
    return gy_snapshot_refreshed(s, w->place, &w->known, err);
}

static enum gy_status load_segment(struct gy_live_set *set, const struct gy_snapshot *s,
                                   uint32_t place, struct gy_error *err)
{
    const struct gy_segment_info *info = gy_snapshot_segment(s, place);
    enum gy_schedule schedule = gy_schedule_of(info->json);
    if (schedule == GY_SCHEDULE_MANUAL) {
        return GY_OK;
    }
    struct gy_watched *w = &set->watched[set->n++];
    *w = (struct gy_watched){
        .name = gy_arena_str(&set->arena, info->name),
        .place = place,
        .version = info->version,
        .schedule = schedule,
        .span = gy_span_of(info->json, gy_snapshot_zone(s)),
        .is_refreshed = info->is_refreshed,
        .at_ms = info->is_refreshed ? info->refreshed_ms : INT64_MIN,
        .looked_version = info->refreshed_version,
        .swept_ms = INT64_MIN,
        .is_fresh = true,
    };
    set->n_live += schedule == GY_SCHEDULE_LIVE;
    return load_known(w, s, err);
}

enum gy_status gy_live_set_load(struct gy_live_set *set, const struct gy_snapshot *snapshot,
                                struct gy_error *err)
{
    uint32_t n = gy_snapshot_n_segments(snapshot);
    enum gy_status status = GY_OK;
    set->watched = gy_alloc_zero((size_t)n + 1, sizeof *set->watched);
    set->n_streams = GY_ID_NONE; /* what they read is not known yet */
    list_definitions(snapshot, &set->definitions);
    for (uint32_t i = 0; i < n && status == GY_OK; i++) {
        status = load_segment(set, snapshot, i, err);
    }
    if (status != GY_OK) {
        gy_live_set_release(set);
    }
    return status;
}

/* ---- what definitions mean and read ---- */

/* One that does not hold together (what it names was removed) is left out until it is changed. */
static void define(struct gy_watched *w, const struct gy_snapshot *s,
                   const struct gy_vocabulary *vocabulary)
{
    struct gy_check_options options = {.allow_unknown = true};
    struct gy_error err = {0};
    bool was_broken = w->is_broken;
    gy_definition_release(&w->definition);
    w->is_broken = gy_define(gy_snapshot_segment(s, w->place)->text, vocabulary, &options,
                             &w->definition, &err) != GY_OK;
    if (w->is_broken && !was_broken) {
        gy_error_context(&err, "segment \"%.*s\"", GY_STR_ARG(w->name));
        gy_log_error("segment is left out", &err);
    }
}

static uint32_t find_stream(const struct gy_schema *schema, const struct gy_read *read)
{
    if (read->kind == GY_READ_TRAIT) {
        return gy_schema_find_trait(schema, read->name);
    }
    uint32_t stream = gy_schema_find_event(schema, read->name);
    bool is_item = stream != GY_ID_NONE && gy_schema_stream(schema, stream)->parent != 0;
    return is_item ? gy_schema_stream(schema, stream)->parent : stream;
}

static void take_reads(struct gy_watched *w, const struct gy_schema *schema,
                       const struct gy_reads *reads)
{
    free(w->reads);
    w->reads = gy_alloc_zero((GY_STREAM_FIRST + schema->n_streams) / 64 + 1, sizeof *w->reads);
    for (uint32_t i = 0; i < reads->n_streams; i++) {
        uint32_t stream = reads->streams[i].kind == GY_READ_CUSTOMERS
                              ? GY_ID_NONE
                              : find_stream(schema, &reads->streams[i]);
        if (stream != GY_ID_NONE) {
            w->reads[stream >> 6] |= UINT64_C(1) << (stream & 63);
        }
    }
    free(w->recorded);
    w->recorded = gy_alloc_zero((size_t)reads->n_recorded + 1, sizeof *w->recorded);
    w->n_recorded = reads->n_recorded;
    if (reads->n_recorded > 0) {
        memcpy(w->recorded, reads->recorded, reads->n_recorded * sizeof *w->recorded);
    }
    w->has_population = reads->n_populations > 0;
}

static enum gy_status find_reads(struct gy_watched *w, const struct gy_snapshot *s, int64_t now_ms,
                                 struct gy_error *err)
{
    struct gy_reads reads;
    enum gy_status status = gy_reads_of(s, w->definition.expr, now_ms, &reads, err);
    if (status == GY_OK) {
        take_reads(w, gy_snapshot_schema(s), &reads);
    }
    gy_reads_release(&reads);
    return status;
}

enum gy_status gy_live_set_define(struct gy_live_set *set, const struct gy_snapshot *snapshot,
                                  int64_t now_ms, bool *has_read, struct gy_error *err)
{
    struct gy_vocabulary vocabulary = gy_vocabulary_of(snapshot);
    uint32_t n_streams = gy_snapshot_schema(snapshot)->n_streams;
    *has_read = false;
    for (size_t i = 0; i < set->n; i++) {
        define(&set->watched[i], snapshot, &vocabulary);
    }
    if (set->n_streams == n_streams) {
        return GY_OK;
    }
    for (size_t i = 0; i < set->n; i++) {
        struct gy_watched *w = &set->watched[i];
        if (w->schedule == GY_SCHEDULE_LIVE && !w->is_broken) {
            GY_TRY(find_reads(w, snapshot, now_ms, err));
        }
    }
    set->n_streams = n_streams;
    *has_read = true;
    return GY_OK;
}

static void add_name(struct gy_intern *names, struct gy_buf *key, const struct gy_stream *stream)
{
    gy_buf_reset(key);
    gy_buf_char(key, stream->kind == GY_STREAM_TRAIT ? 't' : 'e');
    gy_buf_str(key, stream->name);
    (void)gy_intern_add(names, gy_buf_view(key));
}

void gy_live_set_names(const struct gy_live_set *set, const struct gy_snapshot *snapshot,
                       struct gy_intern *known, struct gy_intern *read)
{
    const struct gy_schema *schema = gy_snapshot_schema(snapshot);
    struct gy_buf key = {0};
    for (uint32_t i = 0; i < schema->n_streams; i++) {
        const struct gy_stream *stream = &schema->streams[i];
        bool is_read = false;
        for (size_t w = 0; w < set->n && !is_read; w++) {
            is_read = gy_watched_reads(&set->watched[w], stream->id);
        }
        add_name(known, &key, stream);
        if (is_read) {
            add_name(read, &key, stream);
        }
    }
    gy_buf_release(&key);
}
