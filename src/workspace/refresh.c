/* refresh.c - see refresh.h. */
#include "workspace/refresh.h"

#include <stdlib.h>

#include "base/mem.h"

/* ---- looking ---- */

static enum gy_status check_order(const struct gy_ask *ask, const struct gy_segment_info *segment,
                                  int64_t at_ms, struct gy_error *err)
{
    char last[GY_TIME_TEXT];
    char now[GY_TIME_TEXT];
    if (!segment->is_refreshed || segment->refreshed_ms <= at_ms) {
        return GY_OK;
    }
    (void)gy_time_print_local(gy_snapshot_zone(ask->snapshot), segment->refreshed_ms, last);
    (void)gy_time_print_local(gy_snapshot_zone(ask->snapshot), at_ms, now);
    gy_error_set(err, GY_INVALID,
                 "segment \"%.*s\" was refreshed as of %s already, and cannot be as of %s",
                 GY_STR_ARG(segment->name), last, now);
    gy_error_hint(err, "Changes are recorded in the order of time; \"members --as-of\" asks "
                       "without recording.");
    return GY_INVALID;
}

static enum gy_status compare(const struct gy_ask *ask, struct gy_refreshed *out,
                              struct gy_error *err)
{
    roaring_bitmap_t *before;
    GY_TRY(gy_snapshot_refreshed(ask->snapshot, out->segment, &before, err));
    out->came = roaring_bitmap_andnot(out->members, before);
    out->went = roaring_bitmap_andnot(before, out->members);
    roaring_bitmap_free(before);
    return GY_OK;
}

enum gy_status gy_refresh_look(struct gy_ask *ask, uint32_t segment, struct gy_refreshed *out,
                               struct gy_error *err)
{
    const struct gy_segment_info *info = gy_snapshot_segment(ask->snapshot, segment);
    struct gy_span span = gy_ask_span(ask, segment);
    enum gy_validity validity = gy_span_validity(&span, ask->now_ms);
    *out =
        (struct gy_refreshed){.segment = segment,
                              .at_ms = gy_span_instant(&span, ask->now_ms),
                              .outcome = info->is_refreshed ? GY_REFRESH_AGAIN : GY_REFRESH_FIRST};
    if (validity == GY_PLANNED) {
        out->outcome = GY_REFRESH_PLANNED;
        return GY_OK;
    }
    if (validity == GY_CLOSED && info->is_refreshed && info->refreshed_ms >= span.until_ms) {
        out->outcome = GY_REFRESH_CLOSED;
        return GY_OK;
    }
    GY_TRY(check_order(ask, info, out->at_ms, err));
    struct gy_segment_question question = {segment, info->text, out->at_ms};
    GY_TRY(gy_ask_segment(ask, &question, &out->members, err));
    if (out->outcome == GY_REFRESH_AGAIN) {
        return compare(ask, out, err);
    }
    out->came = roaring_bitmap_create();
    out->went = roaring_bitmap_create();
    return GY_OK;
}

static void free_set(roaring_bitmap_t *set)
{
    if (set != NULL) {
        roaring_bitmap_free(set);
    }
}

void gy_refreshed_release(struct gy_refreshed *refreshed)
{
    free_set(refreshed->members);
    free_set(refreshed->came);
    free_set(refreshed->went);
    *refreshed = (struct gy_refreshed){0};
}

/* ---- storing ---- */

enum gy_status gy_refresh_store(const struct gy_ask *ask, struct gy_writer *writer,
                                const struct gy_refreshed *found, size_t n, struct gy_error *err)
{
    struct gy_refresh *refreshes = gy_alloc_zero(n + 1, sizeof *refreshes);
    size_t n_refreshes = 0;
    for (size_t i = 0; i < n; i++) {
        const struct gy_segment_info *segment =
            gy_snapshot_segment(ask->snapshot, found[i].segment);
        if (found[i].members != NULL) {
            refreshes[n_refreshes++] = (struct gy_refresh){
                .segment = segment->name,
                .version = segment->version,
                .at_ms = found[i].at_ms,
                .members = found[i].members,
                .came = found[i].came,
                .went = found[i].went,
            };
        }
    }
    enum gy_status status = gy_writer_put_refreshes(writer, refreshes, n_refreshes, err);
    free(refreshes);
    return status;
}
