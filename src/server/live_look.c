/* live_look.c - see live_look.h. */
#include "server/live_look.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/memberships.h"
#include "store/json_writer.h"

void gy_look_begin(struct gy_look *look, struct gy_live_set *set,
                   const struct gy_snapshot *snapshot, int64_t now_ms)
{
    *look = (struct gy_look){.set = set, .snapshot = snapshot, .now_ms = now_ms};
    look->moved = gy_alloc_zero(set->n + 1, sizeof *look->moved);
    look->is_swept = gy_alloc_zero(set->n + 1, sizeof *look->is_swept);
    look->instants_ms = gy_alloc_zero(set->n + 1, sizeof *look->instants_ms);
    look->swept = gy_alloc_zero(set->n + 1, sizeof(roaring_bitmap_t *));
    for (size_t i = 0; i < set->n; i++) {
        look->instants_ms[i] = gy_span_instant(&set->watched[i].span, now_ms);
    }
}

static void free_set(roaring_bitmap_t *set)
{
    if (set != NULL) {
        roaring_bitmap_free(set);
    }
}

void gy_look_release(struct gy_look *look)
{
    for (size_t i = 0; look->set != NULL && i < look->set->n; i++) {
        free_set(look->moved[i].gone);
        free_set(look->moved[i].instead);
        free_set(look->swept[i]);
        struct gy_watched *w = &look->set->watched[i];
        if (w->schedule != GY_SCHEDULE_LIVE) {
            free_set(w->known);
            w->known = NULL;
        }
    }
    free(look->moved);
    free(look->is_swept);
    free(look->instants_ms);
    free(look->swept);
    free(look->concerns);
    free(look->differences);
    gy_intern_release(&look->causes);
    *look = (struct gy_look){0};
}

/* ---- concerns ---- */

uint32_t gy_look_cause(struct gy_look *look, const char *type, const char *key, struct gy_str name)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '{');
    gy_json_key(&w, "type");
    gy_json_text(&w, type);
    if (key != NULL) {
        gy_json_key(&w, key);
        gy_json_str(&w, name);
    }
    gy_json_close(&w, '}');
    uint32_t cause = gy_intern_add(&look->causes, gy_buf_view(&w.text));
    gy_json_writer_release(&w);
    return cause;
}

void gy_look_add_concern(struct gy_look *look, uint32_t root, uint32_t stream, uint32_t segment,
                         uint32_t cause)
{
    GY_GROW(look->concerns, look->concerns_capacity, look->n_concerns + 1);
    look->concerns[look->n_concerns] =
        (struct gy_concern){root, stream, segment, cause, (uint32_t)look->n_concerns};
    look->n_concerns++;
}

void gy_look_add_notes(struct gy_look *look, const struct gy_live_notes *notes)
{
    const struct gy_schema *schema = gy_snapshot_schema(look->snapshot);
    for (size_t i = 0; i < notes->n; i++) {
        const struct gy_live_note *note = &notes->notes[i];
        const char *kind = note->is_trait ? "trait" : "event";
        uint32_t stream = note->is_trait ? gy_schema_find_trait(schema, note->name)
                                         : gy_schema_find_event(schema, note->name);
        uint32_t root = gy_snapshot_find_kind(look->snapshot, note->is_external, note->id);
        if (root != GY_ID_NONE && stream != GY_ID_NONE) {
            gy_look_add_concern(look, root, stream, GY_ID_NONE,
                                gy_look_cause(look, kind, kind, note->name));
        }
    }
}

static void move(struct gy_look *look, uint32_t child, uint32_t root)
{
    for (size_t i = 0; i < look->set->n; i++) {
        struct gy_live_moved *moved = &look->moved[i];
        const roaring_bitmap_t *known = look->set->watched[i].known;
        if (known == NULL || !roaring_bitmap_contains(known, child)) {
            continue;
        }
        if (moved->gone == NULL) {
            moved->gone = roaring_bitmap_create();
            moved->instead = roaring_bitmap_create();
        }
        roaring_bitmap_add(moved->gone, child);
        if (root != GY_ID_NONE) {
            roaring_bitmap_add(moved->instead, root);
        }
    }
}

/* `fresh` are the bits of children that were none before, or were not there. */
static void take_children(struct gy_look *look, uint32_t word_no, uint64_t fresh, uint32_t cause)
{
    while (fresh != 0) {
        uint32_t child = word_no * 64 + (uint32_t)__builtin_ctzll(fresh);
        uint32_t root = gy_snapshot_root(look->snapshot, child);
        fresh &= fresh - 1;
        move(look, child, root);
        if (root != GY_ID_NONE) { /* else it was erased: there is nobody who could leave */
            gy_look_add_concern(look, root, GY_ID_NONE, GY_ID_NONE, cause);
        }
    }
}

static void add_merges(struct gy_look *look, const struct gy_snapshot *before)
{
    uint32_t cause = gy_look_cause(look, "merge", NULL, GY_STR(""));
    uint32_t n_blocks = gy_blocks_of(gy_snapshot_n_ordinals(look->snapshot));
    for (uint32_t b = 0; b < n_blocks; b++) {
        const uint64_t *now = gy_snapshot_children(look->snapshot, b);
        const uint64_t *then = gy_snapshot_children(before, b);
        for (uint32_t w = 0; now != NULL && w < GY_BLOCK_SIZE / 64; w++) {
            take_children(look, b * (GY_BLOCK_SIZE / 64) + w,
                          now[w] & ~(then == NULL ? 0 : then[w]), cause);
        }
    }
}

void gy_look_add_news(struct gy_look *look, const struct gy_snapshot *before)
{
    uint32_t cause = gy_look_cause(look, "customer", NULL, GY_STR(""));
    uint32_t n = gy_snapshot_n_ordinals(look->snapshot);
    for (uint32_t ordinal = gy_snapshot_n_ordinals(before); ordinal < n; ordinal++) {
        if (gy_snapshot_root(look->snapshot, ordinal) == ordinal) {
            gy_look_add_concern(look, ordinal, GY_ID_NONE, GY_ID_NONE, cause);
        }
    }
    add_merges(look, before);
}

/* ---- which concern is a segment's ---- */

static int compare_concerns(const void *a, const void *b)
{
    const struct gy_concern *l = a;
    const struct gy_concern *r = b;
    if (l->root != r->root) {
        return l->root < r->root ? -1 : 1;
    }
    return (l->order > r->order) - (l->order < r->order);
}

static void sort_concerns(struct gy_look *look)
{
    if (look->n_concerns > 1) {
        qsort(look->concerns, look->n_concerns, sizeof *look->concerns, compare_concerns);
    }
}

static bool reads_recorded(const struct gy_watched *w, uint32_t segment)
{
    for (uint32_t i = 0; i < w->n_recorded; i++) {
        if (w->recorded[i] == segment) {
            return true;
        }
    }
    return false;
}

/* 2: what it reads has changed; 1: perhaps; 0: no. */
static int concerns(const struct gy_watched *w, const struct gy_concern *c)
{
    if (c->segment != GY_ID_NONE) {
        return reads_recorded(w, c->segment) ? 2 : 0;
    }
    return c->stream == GY_ID_NONE ? 1 : gy_watched_reads(w, c->stream) ? 2 : 0;
}

/* The last of the most certain ones of the concerns [first, end), or NULL. */
static const struct gy_concern *find_concern(const struct gy_look *look, const struct gy_watched *w,
                                             size_t first, size_t end)
{
    const struct gy_concern *found = NULL;
    int best = 0;
    for (size_t i = first; i < end; i++) {
        int how = concerns(w, &look->concerns[i]);
        if (how > 0 && how >= best) {
            best = how;
            found = &look->concerns[i];
        }
    }
    return found;
}

static size_t end_of_root(const struct gy_look *look, size_t first)
{
    size_t end = first + 1;
    while (end < look->n_concerns && look->concerns[end].root == look->concerns[first].root) {
        end++;
    }
    return end;
}

static size_t first_of_root(const struct gy_look *look, uint32_t root)
{
    size_t low = 0;
    size_t high = look->n_concerns;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (look->concerns[middle].root < root) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* ---- questions ---- */

/* Those that are ranked among others are only swept, and so is the end of one that closes. */
static bool is_asked(const struct gy_look *look, size_t i)
{
    const struct gy_watched *w = &look->set->watched[i];
    return w->schedule == GY_SCHEDULE_LIVE && w->known != NULL && !w->is_broken &&
           !w->has_population && !look->is_swept[i] &&
           gy_span_validity(&w->span, look->now_ms) == GY_OPEN;
}

struct questions {
    struct gy_membership *at;
    uint32_t *causes;
    size_t n;
    size_t capacity;
    size_t causes_capacity;
    bool is_counting; /* only `n` */
};

static void add_question(struct questions *q, uint32_t root, size_t watched, uint32_t cause)
{
    if (!q->is_counting) {
        GY_GROW(q->at, q->capacity, q->n + 1);
        GY_GROW(q->causes, q->causes_capacity, q->n + 1);
        q->at[q->n] = (struct gy_membership){.root = root, .definition = (uint32_t)watched};
        q->causes[q->n] = cause;
    }
    q->n++;
}

static void list_questions(const struct gy_look *look, struct questions *q)
{
    for (size_t first = 0; first < look->n_concerns;) {
        size_t end = end_of_root(look, first);
        for (size_t i = 0; i < look->set->n; i++) {
            const struct gy_concern *c =
                is_asked(look, i) ? find_concern(look, &look->set->watched[i], first, end) : NULL;
            if (c != NULL) {
                add_question(q, c->root, i, c->cause);
            }
        }
        first = end;
    }
}

size_t gy_look_count_questions(struct gy_look *look)
{
    struct questions q = {.is_counting = true};
    sort_concerns(look);
    list_questions(look, &q);
    return q.n;
}

/* Whether a customer is known to be in a segment, after moves. */
static bool is_known(const struct gy_look *look, size_t i, uint32_t root)
{
    const struct gy_live_moved *moved = &look->moved[i];
    if (moved->gone != NULL && roaring_bitmap_contains(moved->instead, root)) {
        return true;
    }
    return roaring_bitmap_contains(look->set->watched[i].known, root) &&
           (moved->gone == NULL || !roaring_bitmap_contains(moved->gone, root));
}

static void add_difference(struct gy_look *look, size_t watched, uint32_t cause, uint32_t root,
                           bool entered)
{
    GY_GROW(look->differences, look->differences_capacity, look->n_differences + 1);
    look->differences[look->n_differences++] =
        (struct gy_difference){(uint32_t)watched, cause, root, entered};
}

/* Definitions are numbered by the set; those that no question is about stand for nobody, so that they are not planned. */
static const struct gy_expr **list_definitions(const struct gy_look *look,
                                               const struct questions *q)
{
    static const struct gy_expr nobody = {.kind = GY_EXPR_NOBODY};
    const struct gy_expr **exprs = gy_alloc_zero(look->set->n + 1, sizeof *exprs);
    for (size_t i = 0; i < look->set->n; i++) {
        exprs[i] = &nobody;
    }
    for (size_t i = 0; i < q->n; i++) {
        uint32_t definition = q->at[i].definition;
        exprs[definition] = look->set->watched[definition].definition.expr;
    }
    return exprs;
}

enum gy_status gy_look_ask(struct gy_look *look, const struct gy_run_options *options,
                           struct gy_error *err)
{
    struct questions q = {0};
    sort_concerns(look);
    list_questions(look, &q);
    if (q.n == 0) {
        return GY_OK;
    }
    const struct gy_expr **exprs = list_definitions(look, &q);
    enum gy_status status = gy_memberships(look->snapshot, exprs, look->instants_ms,
                                           (uint32_t)look->set->n, q.at, q.n, options, err);
    for (size_t i = 0; i < q.n && status == GY_OK; i++) {
        bool was = is_known(look, q.at[i].definition, q.at[i].root);
        if (was != q.at[i].holds) {
            add_difference(look, q.at[i].definition, q.causes[i], q.at[i].root, q.at[i].holds);
        }
    }
    free(exprs);
    free(q.at);
    free(q.causes);
    return status;
}

/* ---- sweeps ---- */

static roaring_bitmap_t *known_now(const struct gy_look *look, size_t i)
{
    const struct gy_live_moved *moved = &look->moved[i];
    roaring_bitmap_t *known = roaring_bitmap_copy(look->set->watched[i].known);
    if (moved->gone != NULL) {
        roaring_bitmap_andnot_inplace(known, moved->gone);
        roaring_bitmap_or_inplace(known, moved->instead);
    }
    return known;
}

/* Why a sweep finds what no concern told. */
static uint32_t cause_of_sweep(struct gy_look *look, const struct gy_watched *w, uint32_t cause)
{
    if (w->looked_version != w->version) {
        return gy_look_cause(look, "definition", NULL, GY_STR(""));
    }
    if (w->schedule != GY_SCHEDULE_LIVE) {
        return gy_look_cause(look, "schedule", NULL, GY_STR(""));
    }
    return w->has_population ? gy_look_cause(look, "population", NULL, GY_STR("")) : cause;
}

static void add_all(struct gy_look *look, size_t i, const roaring_bitmap_t *set, bool entered,
                    uint32_t cause)
{
    const struct gy_watched *w = &look->set->watched[i];
    bool has_concerns = w->schedule == GY_SCHEDULE_LIVE && w->looked_version == w->version;
    roaring_uint32_iterator_t at;
    for (roaring_init_iterator(set, &at); at.has_value; roaring_advance_uint32_iterator(&at)) {
        size_t first = first_of_root(look, at.current_value);
        bool has_some = has_concerns && first < look->n_concerns &&
                        look->concerns[first].root == at.current_value;
        const struct gy_concern *c =
            has_some ? find_concern(look, w, first, end_of_root(look, first)) : NULL;
        add_difference(look, i, c != NULL ? c->cause : cause, at.current_value, entered);
    }
}

static void compare(struct gy_look *look, size_t i, uint32_t cause)
{
    const struct gy_watched *w = &look->set->watched[i];
    if (w->known == NULL) {
        return; /* the first look records nobody */
    }
    roaring_bitmap_t *known = known_now(look, i);
    roaring_bitmap_t *came = roaring_bitmap_andnot(look->swept[i], known);
    roaring_bitmap_t *went = roaring_bitmap_andnot(known, look->swept[i]);
    uint32_t otherwise = cause_of_sweep(look, w, cause);
    add_all(look, i, went, false, otherwise);
    add_all(look, i, came, true, otherwise);
    roaring_bitmap_free(known);
    roaring_bitmap_free(came);
    roaring_bitmap_free(went);
}

/* What it is held against; of other schedules it is only kept during the look. */
static enum gy_status find_known(struct gy_look *look, size_t i, struct gy_error *err)
{
    struct gy_watched *w = &look->set->watched[i];
    if (w->known != NULL || !w->is_refreshed) {
        return GY_OK;
    }
    return gy_snapshot_refreshed(look->snapshot, w->place, &w->known, err);
}

static enum gy_status evaluate(struct gy_look *look, const struct gy_run_options *options,
                               const size_t *places, uint32_t n, struct gy_error *err)
{
    const struct gy_expr **exprs = gy_alloc_zero((size_t)n + 1, sizeof *exprs);
    int64_t *instants_ms = gy_alloc_zero((size_t)n + 1, sizeof *instants_ms);
    roaring_bitmap_t **found = gy_alloc_zero((size_t)n + 1, sizeof(roaring_bitmap_t *));
    for (uint32_t i = 0; i < n; i++) {
        exprs[i] = look->set->watched[places[i]].definition.expr;
        instants_ms[i] = look->instants_ms[places[i]];
    }
    enum gy_status status =
        gy_audiences(look->snapshot, exprs, instants_ms, n, options, found, err);
    for (uint32_t i = 0; i < n && status == GY_OK; i++) {
        look->swept[places[i]] = found[i];
        look->is_swept[places[i]] = true;
    }
    free(exprs);
    free(instants_ms);
    free(found);
    return status;
}

enum gy_status gy_look_sweep(struct gy_look *look, const bool *wanted, uint32_t cause,
                             const struct gy_run_options *options, struct gy_error *err)
{
    size_t *places = gy_alloc_zero(look->set->n + 1, sizeof *places);
    uint32_t n = 0;
    enum gy_status status = GY_OK;
    for (size_t i = 0; i < look->set->n && status == GY_OK; i++) {
        if (wanted[i] && !look->set->watched[i].is_broken) {
            status = find_known(look, i, err);
            places[n++] = i;
        }
    }
    if (status == GY_OK && n > 0) {
        status = evaluate(look, options, places, n, err);
    }
    sort_concerns(look);
    for (uint32_t i = 0; i < n && status == GY_OK; i++) {
        compare(look, places[i], cause);
    }
    free(places);
    return status;
}
