/* preview.c - see preview.h. */
#include "workspace/preview.h"

#include "workspace/figures.h"

#include "insight/revenue.h"

/* ---- before and after ---- */

static enum gy_status audience_before(const struct gy_draft *draft, size_t i,
                                      roaring_bitmap_t **out, struct gy_error *err)
{
    struct gy_ask *ask = draft->ask;
    uint32_t segment = gy_snapshot_find_segment(ask->snapshot, draft->items[i].name);
    if (segment == GY_ID_NONE) {
        *out = roaring_bitmap_create();
        return GY_OK;
    }
    struct gy_segment_question question = {
        segment, gy_snapshot_segment(ask->snapshot, segment)->text, gy_ask_instant(ask, segment)};
    return gy_ask_segment(ask, &question, out, err);
}

static enum gy_status audience_after(const struct gy_draft *draft, size_t i, roaring_bitmap_t **out,
                                     struct gy_error *err)
{
    const struct gy_draft_item *item = &draft->items[i];
    const struct gy_ask *ask = draft->ask;
    struct gy_definition definition = {0};
    struct gy_check_options options = {
        .allow_unknown = item->allow_unknown, .self = item->name, .self_kind = GY_NAME_SEGMENT};
    if (item->is_removed) {
        *out = roaring_bitmap_create();
        return GY_OK;
    }
    struct gy_span span = gy_span_of(item->attributes, gy_snapshot_zone(ask->snapshot));
    enum gy_status status =
        gy_ask_define_text(ask->asker, item->text, &draft->vocabulary, &options, &definition, err);
    if (status == GY_OK) {
        status = gy_audience(ask->snapshot, definition.expr, gy_span_instant(&span, ask->now_ms),
                             &ask->run, out, err);
    }
    gy_definition_release(&definition);
    return status;
}

/* Those of `set` who are not in `other`: how many, and their revenue. */
static enum gy_status weigh(const struct gy_ask *ask, const roaring_bitmap_t *set,
                            const roaring_bitmap_t *other, uint64_t *n, double *revenue,
                            struct gy_error *err)
{
    roaring_bitmap_t *moved = roaring_bitmap_andnot(set, other);
    *n = roaring_bitmap_get_cardinality(moved);
    enum gy_status status = gy_revenue(ask->snapshot, moved, ask->now_ms, &ask->run, revenue, err);
    roaring_bitmap_free(moved);
    return status;
}

static enum gy_status compare(const struct gy_ask *ask, const roaring_bitmap_t *before,
                              const roaring_bitmap_t *after, struct gy_preview *out,
                              struct gy_error *err)
{
    out->size = roaring_bitmap_get_cardinality(after);
    GY_TRY(weigh(ask, after, before, &out->n_entering, &out->entering_revenue, err));
    return weigh(ask, before, after, &out->n_leaving, &out->leaving_revenue, err);
}

enum gy_status gy_preview_make(const struct gy_draft *draft, size_t i, struct gy_preview *out,
                               struct gy_error *err)
{
    roaring_bitmap_t *before = NULL;
    roaring_bitmap_t *after = NULL;
    *out = (struct gy_preview){0};
    enum gy_status status = audience_before(draft, i, &before, err);
    if (status == GY_OK) {
        status = audience_after(draft, i, &after, err);
    }
    if (status == GY_OK) {
        status = compare(draft->ask, before, after, out, err);
    }
    if (before != NULL) {
        roaring_bitmap_free(before);
    }
    if (after != NULL) {
        roaring_bitmap_free(after);
    }
    return status;
}

/* ---- saying it ---- */

static void put_moved(struct gy_buf *out, uint64_t n, const char *verb, double revenue,
                      const char *currency)
{
    gy_buf_text(out, ", ");
    gy_put_count(out, n);
    gy_buf_printf(out, " %s (", verb);
    gy_put_money(out, revenue, currency);
    gy_buf_char(out, ')');
}

void gy_preview_put(const struct gy_preview *preview, const char *currency, struct gy_buf *out)
{
    gy_put_counted(out, preview->size, "customer");
    put_moved(out, preview->n_entering, "enter", preview->entering_revenue, currency);
    put_moved(out, preview->n_leaving, "leave", preview->leaving_revenue, currency);
}

void gy_preview_json(const struct gy_preview *preview, struct gy_json_writer *w)
{
    gy_json_key(w, "customers");
    gy_json_count(w, preview->size);
    gy_json_key(w, "enter");
    gy_json_count(w, preview->n_entering);
    gy_json_key(w, "enter_revenue");
    gy_json_number(w, preview->entering_revenue);
    gy_json_key(w, "leave");
    gy_json_count(w, preview->n_leaving);
    gy_json_key(w, "leave_revenue");
    gy_json_number(w, preview->leaving_revenue);
}
