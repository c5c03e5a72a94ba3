/* segment_json.c - see segment_json.h. */
#include "workspace/segment_json.h"

static void add_version(struct gy_json_writer *w, const struct gy_segment_version *version)
{
    gy_json_key(w, "version");
    gy_json_count(w, version->version);
    gy_json_key(w, "at");
    gy_json_time(w, version->at_ms);
    gy_json_key(w, "author");
    gy_json_str(w, version->author);
    gy_json_key(w, "reason");
    gy_json_str(w, version->reason);
    gy_json_key(w, "where");
    gy_json_str(w, version->text);
}

static void add_texts(struct gy_json_writer *w, const char *key, const struct gy_str *texts,
                      size_t n)
{
    gy_json_key(w, key);
    gy_json_open(w, '[');
    for (size_t i = 0; i < n; i++) {
        gy_json_str(w, texts[i]);
    }
    gy_json_close(w, ']');
}

void gy_segment_json(const struct gy_segment_info *segment, const struct gy_segment_state *state,
                     const struct gy_segment_versions *versions, struct gy_json_writer *w)
{
    gy_json_open(w, '{');
    gy_segment_state_json(segment, state, w);
    gy_json_key(w, "version");
    gy_json_count(w, segment->version);
    gy_json_key(w, "where");
    gy_json_str(w, segment->text);
    gy_json_key(w, "versions");
    gy_json_open(w, '[');
    for (size_t i = 0; i < versions->n; i++) {
        gy_json_open(w, '{');
        add_version(w, &versions->at[i]);
        gy_json_close(w, '}');
    }
    gy_json_close(w, ']');
    gy_json_close(w, '}');
}

void gy_segment_version_json(const struct gy_segment_info *segment,
                             const struct gy_segment_state *state,
                             const struct gy_segment_version *version,
                             const struct gy_condition_diff *diff, struct gy_json_writer *w)
{
    gy_json_open(w, '{');
    gy_segment_state_json(segment, state, w);
    add_version(w, version);
    add_texts(w, "removed", diff->removed, diff->n_removed);
    add_texts(w, "added", diff->added, diff->n_added);
    gy_json_close(w, '}');
}

void gy_segments_json(const struct gy_ask *ask, const struct gy_segment_state *states,
                      uint64_t n_everyone, struct gy_json_writer *w)
{
    gy_json_open(w, '{');
    gy_json_key(w, "as_of");
    gy_json_time(w, ask->now_ms);
    gy_json_key(w, "customers");
    gy_json_count(w, n_everyone);
    gy_json_key(w, "segments");
    gy_json_open(w, '[');
    for (uint32_t i = 0; i < gy_snapshot_n_segments(ask->snapshot); i++) {
        const struct gy_segment_info *segment = gy_snapshot_segment(ask->snapshot, i);
        gy_json_open(w, '{');
        gy_segment_state_json(segment, &states[i], w);
        gy_json_key(w, "version");
        gy_json_count(w, segment->version);
        gy_json_key(w, "where");
        gy_json_str(w, segment->text);
        gy_json_close(w, '}');
    }
    gy_json_close(w, ']');
    gy_json_close(w, '}');
}
