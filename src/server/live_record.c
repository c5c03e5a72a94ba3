/* live_record.c - see live_record.h. */
#include "server/live_record.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/writer.h"

enum {
    SINCE_MAX =
        200 /* changes of a segment that readers go through before its members are stored anew */
};

struct recording {
    struct gy_look *look;
    struct gy_refresh *looks;
    struct gy_live_move *moves;
    struct gy_refresh *changes;
    bool *is_anew; /* by the place in the set: its members are stored */
    struct gy_live_record record;
};

/* ---- making it ---- */

static bool has_moved(const struct gy_look *look, size_t i)
{
    return look->moved[i].gone != NULL;
}

/* Differences are sorted by segment. */
static bool has_difference(const struct gy_look *look, size_t i)
{
    for (size_t d = 0; d < look->n_differences; d++) {
        if (look->differences[d].watched == i) {
            return true;
        }
    }
    return false;
}

static bool should_store(const struct gy_look *look, size_t i)
{
    const struct gy_watched *w = &look->set->watched[i];
    return look->is_swept[i] && (w->is_fresh || !w->is_refreshed || w->n_since > SINCE_MAX ||
                                 w->schedule != GY_SCHEDULE_LIVE);
}

static void add_look(struct recording *r, size_t i)
{
    const struct gy_watched *w = &r->look->set->watched[i];
    r->is_anew[i] = should_store(r->look, i);
    r->looks[r->record.n_looks++] = (struct gy_refresh){
        .segment = w->name,
        .version = w->version,
        .at_ms = r->look->instants_ms[i],
        .members = r->is_anew[i] ? r->look->swept[i] : NULL,
        .before_ms = w->is_refreshed ? w->at_ms : INT64_MIN,
    };
}

static void add_looks(struct recording *r)
{
    struct gy_look *look = r->look;
    for (size_t i = 0; i < look->set->n; i++) {
        if (!look->is_swept[i] && !has_moved(look, i) && !has_difference(look, i)) {
            continue;
        }
        add_look(r, i);
        if (has_moved(look, i)) {
            r->moves[r->record.n_moves++] = (struct gy_live_move){
                look->set->watched[i].name, look->moved[i].gone, look->moved[i].instead};
        }
    }
}

static int compare_differences(const void *a, const void *b)
{
    const struct gy_difference *l = a;
    const struct gy_difference *r = b;
    if (l->watched != r->watched) {
        return l->watched < r->watched ? -1 : 1;
    }
    return (l->cause > r->cause) - (l->cause < r->cause);
}

/* One change for each segment and cause. */
static void add_changes(struct recording *r)
{
    struct gy_look *look = r->look;
    for (size_t first = 0, end; first < look->n_differences; first = end) {
        const struct gy_difference *d = &look->differences[first];
        roaring_bitmap_t *came = roaring_bitmap_create();
        roaring_bitmap_t *went = roaring_bitmap_create();
        for (end = first;
             end < look->n_differences && compare_differences(d, &look->differences[end]) == 0;
             end++) {
            roaring_bitmap_add(look->differences[end].entered ? came : went,
                               look->differences[end].root);
        }
        r->changes[r->record.n_changes++] = (struct gy_refresh){
            .segment = look->set->watched[d->watched].name,
            .version = look->set->watched[d->watched].version,
            .at_ms = look->instants_ms[d->watched],
            .came = came,
            .went = went,
            .cause = look->causes.strings[d->cause],
        };
    }
}

static void make(struct recording *r)
{
    struct gy_look *look = r->look;
    if (look->n_differences > 1) {
        qsort(look->differences, look->n_differences, sizeof *look->differences,
              compare_differences);
    }
    r->looks = gy_alloc_zero(look->set->n + 1, sizeof *r->looks);
    r->moves = gy_alloc_zero(look->set->n + 1, sizeof *r->moves);
    r->changes = gy_alloc_zero(look->n_differences + 1, sizeof *r->changes);
    r->is_anew = gy_alloc_zero(look->set->n + 1, sizeof *r->is_anew);
    add_looks(r);
    add_changes(r);
    r->record.looks = r->looks;
    r->record.moves = r->moves;
    r->record.changes = r->changes;
}

static void release(struct recording *r)
{
    for (size_t i = 0; i < r->record.n_changes; i++) {
        roaring_bitmap_free((roaring_bitmap_t *)(uintptr_t)r->changes[i].came);
        roaring_bitmap_free((roaring_bitmap_t *)(uintptr_t)r->changes[i].went);
    }
    free(r->looks);
    free(r->moves);
    free(r->changes);
    free(r->is_anew);
}

/* ---- from then on it is known ---- */

static void take_moved(struct gy_look *look, size_t i)
{
    struct gy_watched *w = &look->set->watched[i];
    if (has_moved(look, i) && w->known != NULL) {
        roaring_bitmap_andnot_inplace(w->known, look->moved[i].gone);
        roaring_bitmap_or_inplace(w->known, look->moved[i].instead);
        w->n_since++;
    }
}

static void take_swept(const struct recording *r, size_t i)
{
    struct gy_look *look = r->look;
    struct gy_watched *w = &look->set->watched[i];
    if (r->is_anew[i]) {
        w->n_since = 0;
        w->is_fresh = false;
    }
    if (w->known != NULL) {
        roaring_bitmap_free(w->known);
    }
    w->known = look->swept[i];
    look->swept[i] = NULL;
    w->swept_ms = look->now_ms;
}

static void take_changes(struct recording *r)
{
    struct gy_look *look = r->look;
    for (size_t d = 0; d < look->n_differences; d++) {
        const struct gy_difference *difference = &look->differences[d];
        struct gy_watched *w = &look->set->watched[difference->watched];
        w->n_since += d == 0 || compare_differences(difference - 1, difference) != 0;
        if (difference->entered) {
            roaring_bitmap_add(w->known, difference->root);
        } else {
            roaring_bitmap_remove(w->known, difference->root);
        }
    }
}

static void take_over(struct recording *r)
{
    struct gy_look *look = r->look;
    for (size_t i = 0; i < look->set->n; i++) {
        struct gy_watched *w = &look->set->watched[i];
        bool is_looked_at = look->is_swept[i] || has_moved(look, i) || has_difference(look, i);
        if (is_looked_at) {
            take_moved(look, i);
            w->is_refreshed = true;
            w->at_ms = look->instants_ms[i];
            w->looked_version = w->version;
        }
    }
    take_changes(r);
    for (size_t i = 0; i < look->set->n; i++) {
        if (look->is_swept[i]) {
            take_swept(r, i);
        }
    }
}

static enum gy_status run(struct gy_writer *writer, void *context, struct gy_error *err)
{
    return gy_writer_record_live(writer, &((struct recording *)context)->record, err);
}

enum gy_status gy_look_record(struct gy_look *look, struct gy_write_queue *queue, bool *is_recorded,
                              struct gy_error *err)
{
    struct recording r = {.look = look};
    make(&r);
    enum gy_status status =
        r.record.n_looks == 0 ? GY_OK : gy_write_queue_record(queue, run, &r, err);
    if (status == GY_OK) {
        take_over(&r);
    }
    *is_recorded = status == GY_OK && r.record.n_looks > 0;
    release(&r);
    return status;
}
