/* workspace_figures.c - see workspace_figures.h. */
#include "workspace/workspace_figures.h"

static enum gy_status count_customers(struct gy_ask *ask, struct gy_workspace_figures *figures,
                                      struct gy_error *err)
{
    struct gy_expr everyone = {.kind = GY_EXPR_EVERYONE};
    struct gy_expr identified = {.kind = GY_EXPR_IDENTIFIED};
    roaring_bitmap_t *audience = NULL;
    GY_TRY(gy_audience(ask->snapshot, &everyone, ask->now_ms, &ask->run, &audience, err));
    figures->n_customers = roaring_bitmap_get_cardinality(audience);
    roaring_bitmap_free(audience);
    GY_TRY(gy_audience(ask->snapshot, &identified, ask->now_ms, &ask->run, &audience, err));
    figures->n_identified = roaring_bitmap_get_cardinality(audience);
    roaring_bitmap_free(audience);
    return GY_OK;
}

static void count_stored(const struct gy_snapshot *snapshot, struct gy_workspace_figures *figures)
{
    const struct gy_schema *schema = gy_snapshot_schema(snapshot);
    figures->n_parts = gy_snapshot_n_parts(snapshot);
    for (size_t i = 0; i < figures->n_parts; i++) {
        figures->bytes += gy_part_size(gy_snapshot_part(snapshot, i));
    }
    for (uint32_t i = 0; i < schema->n_streams; i++) {
        const struct gy_stream *stream = &schema->streams[i];
        if (stream->kind == GY_STREAM_TRAIT) {
            figures->n_traits++;
            continue;
        }
        figures->n_event_names++;
        for (size_t part = 0; stream->parent == 0 && part < figures->n_parts; part++) {
            figures->n_events += gy_part_n_rows(gy_snapshot_part(snapshot, part), stream->id);
        }
    }
}

enum gy_status gy_workspace_count(struct gy_ask *ask, struct gy_workspace_figures *out,
                                  struct gy_error *err)
{
    *out = (struct gy_workspace_figures){0};
    GY_TRY(count_customers(ask, out, err));
    count_stored(ask->snapshot, out);
    return GY_OK;
}

void gy_workspace_figures_json(const struct gy_ask *ask, const struct gy_workspace_figures *figures,
                               struct gy_json_writer *w)
{
    const struct gy_snapshot *s = ask->snapshot;
    gy_json_open(w, '{');
    gy_json_key(w, "data");
    gy_json_text(w, gy_snapshot_dir(s));
    gy_json_key(w, "time_zone");
    gy_json_text(w, gy_zone_name(gy_snapshot_zone(s)));
    gy_json_key(w, "currency");
    gy_json_text(w, gy_snapshot_currency(s));
    gy_json_key(w, "language");
    gy_json_text(w, gy_snapshot_language(s));
    const struct {
        const char *key;
        uint64_t n;
    } counts[] = {
        {"customers", figures->n_customers},   {"identified", figures->n_identified},
        {"events", figures->n_events},         {"event_names", figures->n_event_names},
        {"traits", figures->n_traits},         {"segments", gy_snapshot_n_segments(s)},
        {"metrics", gy_snapshot_n_metrics(s)}, {"lists", gy_snapshot_n_lists(s)},
        {"parts", figures->n_parts},           {"bytes", figures->bytes},
    };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        gy_json_key(w, counts[i].key);
        gy_json_count(w, counts[i].n);
    }
    gy_json_close(w, '}');
}
