/* names.c - see names.h. */
#include "workspace/names.h"

#include "base/text.h"

enum {
    MAX_NAME = 200
};

enum gy_status gy_name_read(const char *typed, const char *kind, struct gy_arena *arena,
                            struct gy_str *out, struct gy_error *err)
{
    struct gy_str s = gy_str_of(typed);
    if (!gy_text_is_utf8(s)) {
        return gy_error_set(err, GY_INVALID, "the name of the %s is not UTF-8", kind);
    }
    *out = gy_arena_str(arena, gy_text_nfc(s, arena));
    if (out->len == 0 || gy_text_length(*out) > MAX_NAME) {
        return gy_error_set(err, GY_INVALID, "the name of a %s has 1 to %d characters", kind,
                            MAX_NAME);
    }
    for (size_t i = 0; i < out->len; i++) {
        if ((unsigned char)out->ptr[i] < 32 || out->ptr[i] == 127) {
            return gy_error_set(err, GY_INVALID, "the name of a %s has no control characters",
                                kind);
        }
    }
    return GY_OK;
}

/* ---- stored ones ---- */

const char *gy_name_kind_word(enum gy_name_kind kind)
{
    return kind == GY_NAME_SEGMENT ? "segment" : kind == GY_NAME_METRIC ? "metric" : "list";
}

uint32_t gy_names_count(const struct gy_snapshot *snapshot, enum gy_name_kind kind)
{
    return kind == GY_NAME_SEGMENT  ? gy_snapshot_n_segments(snapshot)
           : kind == GY_NAME_METRIC ? gy_snapshot_n_metrics(snapshot)
                                    : gy_snapshot_n_lists(snapshot);
}

struct gy_str gy_name_at(const struct gy_snapshot *snapshot, enum gy_name_kind kind, uint32_t i)
{
    return kind == GY_NAME_SEGMENT  ? gy_snapshot_segment(snapshot, i)->name
           : kind == GY_NAME_METRIC ? gy_snapshot_metric(snapshot, i)->name
                                    : gy_snapshot_list(snapshot, i)->name;
}

static uint32_t find(const struct gy_snapshot *snapshot, enum gy_name_kind kind, struct gy_str name)
{
    return kind == GY_NAME_SEGMENT  ? gy_snapshot_find_segment(snapshot, name)
           : kind == GY_NAME_METRIC ? gy_snapshot_find_metric(snapshot, name)
                                    : gy_snapshot_find_list(snapshot, name);
}

void gy_name_hint(const struct gy_snapshot *snapshot, enum gy_name_kind kind, struct gy_str name,
                  struct gy_error *err)
{
    size_t limit = gy_text_near(name);
    size_t best = limit + 1;
    struct gy_str nearest = {0};
    for (uint32_t i = 0; i < gy_names_count(snapshot, kind); i++) {
        struct gy_str other = gy_name_at(snapshot, kind, i);
        size_t distance = gy_text_distance(name, other, limit);
        if (distance < best) {
            best = distance;
            nearest = other;
        }
    }
    if (best <= limit) {
        gy_error_hint(err, "Did you mean \"%.*s\"?", GY_STR_ARG(nearest));
    }
}

enum gy_status gy_name_find(const struct gy_snapshot *snapshot, enum gy_name_kind kind,
                            const char *typed, uint32_t *out, struct gy_error *err)
{
    struct gy_arena arena = {0};
    struct gy_str name = {0};
    const char *word = gy_name_kind_word(kind);
    enum gy_status status = gy_name_read(typed, word, &arena, &name, err);
    if (status == GY_OK) {
        *out = find(snapshot, kind, name);
        if (*out == GY_ID_NONE) {
            status =
                gy_error_set(err, GY_NOT_FOUND, "there is no %s \"%.*s\"", word, GY_STR_ARG(name));
            gy_name_hint(snapshot, kind, name, err);
        }
    }
    gy_arena_release(&arena);
    return status;
}
