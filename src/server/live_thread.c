/* live_thread.c - see live_thread.h. */
#include "server/live_thread.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/parallel.h"
#include "server/live_inbox.h"
#include "server/live_record.h"
#include "server/log_line.h"

enum {
    GATHER_MS =
        25, /* between looks at what commits told: what comes together is looked at together */
    DIRTY_MS = 200,      /* where they told nothing: new customers and merges */
    WAIT_MAX_MS = 30000, /* clocks may be set */
    AGAIN_MS = 1000,     /* after a look that failed */
    QUESTION_US = 20     /* at the start, until it was measured */
};

/* Customers of whom something was recorded in a segment, which others ask for (`entered segment(…)`). */
struct follower {
    uint32_t root;
    uint32_t segment;
};

struct gy_live {
    struct gy_live_options o;
    char *dir;
    pthread_t thread;
    struct gy_live_inbox *inbox;
    atomic_bool has_live; /* there are live segments */
    atomic_bool cancel;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t wakes;
    bool is_told;     /* the inbox has something */
    bool is_dirty;    /* something was committed */
    bool is_changed;  /* definitions or lists */
    bool is_reopened; /* another process wrote, which no commit told */
    bool is_stopping;

    struct gy_live_set set; /* the thread's, like all that follows */
    bool has_set;
    struct gy_held_snapshot
        *before; /* that the last look saw; NULL: none, or there are no live segments */
    struct follower *followers;
    size_t n_followers;
    size_t followers_capacity;
    int64_t last_ms;    /* the instant of the last look: time does not go back */
    int64_t next_ms;    /* when something is due */
    double question_us; /* what a question takes */
    double sweep_us;    /* what a sweep of the live segments takes; 0: not known */
    bool is_behind;     /* commits did not tell everything: the next look is at everybody */
    bool has_failed;
    bool was_said; /* that it fails */
};

/* ---- waiting ---- */

/* With the lock held. */
static void wait_until(struct gy_live *live, int64_t until_ms)
{
    struct timespec until = {until_ms / 1000, until_ms % 1000 * 1000000};
    (void)pthread_cond_timedwait(&live->wakes, &live->lock, &until);
}

/* When, by the monotonic clock, the next look is to begin, as far as is known; with the lock held. */
static int64_t next_look(const struct gy_live *live, int64_t last_look_ms)
{
    int64_t now_ms = gy_monotonic_ms();
    int64_t left_ms = live->next_ms == INT64_MAX ? WAIT_MAX_MS : live->next_ms - gy_now_ms();
    left_ms = left_ms < 0 ? 0 : left_ms > WAIT_MAX_MS ? WAIT_MAX_MS : left_ms;
    int64_t next_ms = now_ms + left_ms;
    next_ms = next_ms > last_look_ms + GATHER_MS ? next_ms : last_look_ms + GATHER_MS;
    if (live->has_failed) {
        return last_look_ms + AGAIN_MS;
    }
    if (live->is_changed || live->is_reopened || live->is_behind || live->n_followers > 0) {
        return last_look_ms;
    }
    int64_t soon_ms = live->is_told    ? last_look_ms + GATHER_MS
                      : live->is_dirty ? last_look_ms + DIRTY_MS
                                       : next_ms;
    return soon_ms < next_ms ? soon_ms : next_ms;
}

/* ---- a look ---- */

static void forget_set(struct gy_live *live)
{
    gy_live_set_release(&live->set);
    gy_snapshot_let_go(live->before);
    live->before = NULL;
    live->has_set = false;
    live->n_followers = 0;
}

static enum gy_status load_set(struct gy_live *live, const struct gy_snapshot *snapshot,
                               struct gy_error *err)
{
    forget_set(live);
    GY_TRY(gy_live_set_load(&live->set, snapshot, err));
    live->has_set = true;
    return GY_OK;
}

/* Commits are to tell what definitions read. What came between the snapshot and that was perhaps not told. */
static enum gy_status define_set(struct gy_live *live, const struct gy_snapshot *snapshot,
                                 struct gy_error *err)
{
    struct gy_intern known = {0};
    struct gy_intern read = {0};
    bool has_read;
    if (!live->has_set || !gy_live_set_is_current(&live->set, snapshot)) {
        GY_TRY(load_set(live, snapshot, err));
    }
    GY_TRY(gy_live_set_define(&live->set, snapshot, live->last_ms, &has_read, err));
    if (has_read) {
        if (live->set.n_live > 0) {
            gy_live_set_names(&live->set, snapshot, &known, &read);
        }
        gy_live_inbox_expect(live->inbox, live->set.n_live > 0, &known, &read);
        atomic_store(&live->has_live, live->set.n_live > 0);
        live->is_behind = live->set.n_live > 0;
    }
    return GY_OK;
}

static bool have_lists_changed(const struct gy_snapshot *before, const struct gy_snapshot *now)
{
    for (uint32_t i = 0; i < gy_snapshot_n_lists(now); i++) {
        if (gy_snapshot_list(now, i)->changed_ms != gy_snapshot_list(before, i)->changed_ms) {
            return true;
        }
    }
    return false;
}

static bool is_due(const struct gy_watched *w, const struct gy_zone *zone, int64_t now_ms)
{
    enum gy_validity validity = gy_span_validity(&w->span, now_ms);
    if (validity == GY_PLANNED) {
        return false;
    }
    if (validity == GY_CLOSED) {
        return !w->is_refreshed || w->at_ms < w->span.until_ms;
    }
    int64_t last_ms = w->schedule == GY_SCHEDULE_LIVE ? w->swept_ms : w->at_ms;
    return !w->is_refreshed || last_ms < gy_schedule_last(w->schedule, zone, now_ms);
}

static bool is_open_live(const struct gy_watched *w, int64_t now_ms)
{
    return w->schedule == GY_SCHEDULE_LIVE && gy_span_validity(&w->span, now_ms) == GY_OPEN;
}

/* Which segments are swept: those that are due or were just loaded; all live ones where `is_all` is set. */
static bool *choose(const struct gy_live *live, const struct gy_zone *zone, bool is_all)
{
    bool *wanted = gy_alloc_zero(live->set.n + 1, sizeof *wanted);
    for (size_t i = 0; i < live->set.n; i++) {
        const struct gy_watched *w = &live->set.watched[i];
        wanted[i] = is_due(w, zone, live->last_ms) ||
                    ((is_all || w->is_fresh) && is_open_live(w, live->last_ms));
    }
    return wanted;
}

static void add_followers(struct gy_live *live, struct gy_look *look)
{
    for (size_t i = 0; i < live->n_followers; i++) {
        const struct follower *f = &live->followers[i];
        struct gy_str name = gy_snapshot_segment(look->snapshot, f->segment)->name;
        uint32_t root = gy_snapshot_root(look->snapshot, f->root);
        if (root != GY_ID_NONE) {
            gy_look_add_concern(look, root, GY_ID_NONE, f->segment,
                                gy_look_cause(look, "segment", "segment", name));
        }
    }
    live->n_followers = 0;
}

static bool is_followed(const struct gy_live_set *set, uint32_t segment)
{
    for (size_t i = 0; i < set->n; i++) {
        const struct gy_watched *w = &set->watched[i];
        for (uint32_t r = 0; r < w->n_recorded; r++) {
            if (w->recorded[r] == segment) {
                return true;
            }
        }
    }
    return false;
}

static void note_followers(struct gy_live *live, const struct gy_look *look)
{
    for (size_t i = 0; i < look->n_differences; i++) {
        uint32_t segment = live->set.watched[look->differences[i].watched].place;
        if (is_followed(&live->set, segment)) {
            GY_GROW(live->followers, live->followers_capacity, live->n_followers + 1);
            live->followers[live->n_followers++] =
                (struct follower){look->differences[i].root, segment};
        }
    }
}

/* Measured by what it took lately. */
static void learn(double *us, double took_us)
{
    *us = *us == 0 ? took_us : *us + (took_us - *us) / 4;
}

static enum gy_status sweep(struct gy_live *live, struct gy_look *look, bool is_all,
                            const char *cause, struct gy_error *err)
{
    struct gy_run_options options = {.n_threads = (gy_cores() + 1) / 2, .cancel = &live->cancel};
    bool *wanted = choose(live, gy_snapshot_zone(look->snapshot), is_all);
    int64_t begin_us = gy_monotonic_us();
    enum gy_status status =
        gy_look_sweep(look, wanted, gy_look_cause(look, cause, NULL, GY_STR("")), &options, err);
    if (is_all) {
        learn(&live->sweep_us, (double)(gy_monotonic_us() - begin_us));
    }
    free(wanted);
    return status;
}

static enum gy_status ask(struct gy_live *live, struct gy_look *look, size_t n,
                          struct gy_error *err)
{
    struct gy_run_options options = {.n_threads = 1, .cancel = &live->cancel};
    int64_t begin_us = gy_monotonic_us();
    enum gy_status status = gy_look_ask(look, &options, err);
    if (n > 100) {
        learn(&live->question_us, (double)(gy_monotonic_us() - begin_us) / (double)n);
    }
    return status;
}

/* Sweeping answers all questions at once. */
static bool is_sweep_cheaper(const struct gy_live *live, size_t n_questions)
{
    return live->sweep_us > 0 && (double)n_questions * live->question_us > live->sweep_us;
}

static enum gy_status find_differences(struct gy_live *live, struct gy_look *look,
                                       const struct gy_live_notes *notes, bool is_behind,
                                       struct gy_error *err)
{
    const char *cause = "time";
    bool is_all = false;
    if (live->before == NULL || live->has_failed || notes->are_too_many) {
        cause = "catch_up";
        is_all = true;
    } else if (have_lists_changed(live->before->snapshot, look->snapshot)) {
        cause = "list";
        is_all = true;
    } else if (is_behind) {
        cause = "catch_up";
        is_all = true;
    }
    if (live->before != NULL) {
        gy_look_add_notes(look, notes);
        gy_look_add_news(look, live->before->snapshot);
        add_followers(live, look);
    }
    size_t n = is_all ? 0 : gy_look_count_questions(look);
    is_all = is_all || is_sweep_cheaper(live, n);
    GY_TRY(sweep(live, look, is_all, cause, err));
    return is_all ? GY_OK : ask(live, look, n, err);
}

/* When a segment is due next, for all that is known at `now_ms`. */
static int64_t next_of(const struct gy_watched *w, const struct gy_zone *zone, int64_t now_ms)
{
    switch (gy_span_validity(&w->span, now_ms)) {
    case GY_PLANNED:
        return w->span.from_ms;
    case GY_OPEN:
        break;
    case GY_CLOSED:
        return INT64_MAX;
    }
    int64_t next_ms = gy_schedule_next(w->schedule, zone, now_ms);
    int64_t end_ms = w->span.until_ms == INT64_MAX ? INT64_MAX : w->span.until_ms + 1;
    return end_ms < next_ms ? end_ms : next_ms;
}

static void plan_next(struct gy_live *live, const struct gy_zone *zone,
                      const struct gy_live_notes *notes)
{
    live->next_ms = notes->next_ms;
    for (size_t i = 0; i < live->set.n; i++) {
        int64_t next_ms = next_of(&live->set.watched[i], zone, live->last_ms);
        live->next_ms = next_ms < live->next_ms ? next_ms : live->next_ms;
    }
}

/* Looks on `held`, and records. What was looked at before is kept only where there are live segments, for a snapshot
 * keeps files. */
static enum gy_status look_on(struct gy_live *live, struct gy_held_snapshot *held,
                              const struct gy_live_notes *notes, struct gy_error *err)
{
    struct gy_look look;
    bool is_recorded = false;
    bool is_behind = live->is_behind;
    live->is_behind = false;
    GY_TRY(define_set(live, held->snapshot, err));
    gy_look_begin(&look, &live->set, held->snapshot, live->last_ms);
    enum gy_status status = find_differences(live, &look, notes, is_behind, err);
    if (status == GY_OK) {
        status = gy_look_record(&look, live->o.queue, &is_recorded, err);
    }
    if (status == GY_OK) {
        note_followers(live, &look);
        plan_next(live, gy_snapshot_zone(held->snapshot), notes);
        gy_snapshot_let_go(live->before);
        live->before = live->set.n_live > 0 ? gy_snapshot_hold(held) : NULL;
    }
    gy_look_release(&look);
    if (is_recorded && live->o.recorded != NULL) {
        live->o.recorded(live->o.context, held);
    }
    return status;
}

static enum gy_status look(struct gy_live *live, struct gy_error *err)
{
    struct gy_live_notes notes;
    struct gy_snapshot *snapshot;
    int64_t now_ms = gy_now_ms();
    live->last_ms = now_ms > live->last_ms ? now_ms : live->last_ms;
    gy_live_inbox_take(live->inbox, live->last_ms, &notes);
    int64_t begun_us = gy_monotonic_us();
    enum gy_status status = gy_snapshot_open_after(
        live->dir, live->before == NULL ? NULL : live->before->snapshot, &snapshot, err);
    if (status == GY_OK) {
        struct gy_held_snapshot *held = gy_snapshot_hold_new(snapshot, begun_us);
        status = look_on(live, held, &notes, err);
        gy_snapshot_let_go(held);
    }
    gy_live_notes_release(&notes);
    return status;
}

/* After a failure everybody is looked at again. Where somebody else was quicker, from what is stored now. */
static void look_once(struct gy_live *live)
{
    struct gy_error err = {0};
    enum gy_status status = look(live, &err);
    if (status == GY_CONFLICT || status == GY_NOT_FOUND || status == GY_BUSY) {
        forget_set(live);
    }
    if (status != GY_OK && !live->was_said && status != GY_CONFLICT && status != GY_CANCELLED) {
        gy_log_error("live look failed", &err);
        live->was_said = true;
    }
    live->has_failed = status != GY_OK;
    live->was_said = live->was_said && status != GY_OK;
}

static void *run(void *context)
{
    struct gy_live *live = context;
    int64_t last_look_ms = gy_monotonic_ms() - AGAIN_MS;
    pthread_mutex_lock(&live->lock);
    while (!live->is_stopping) {
        int64_t until_ms = next_look(live, last_look_ms);
        if (gy_monotonic_ms() < until_ms) {
            wait_until(live, until_ms);
            continue;
        }
        live->is_behind |= live->is_reopened;
        live->is_told = false;
        live->is_dirty = false;
        live->is_changed = false;
        live->is_reopened = false;
        pthread_mutex_unlock(&live->lock);
        look_once(live);
        last_look_ms = gy_monotonic_ms();
        pthread_mutex_lock(&live->lock);
    }
    pthread_mutex_unlock(&live->lock);
    return NULL;
}

/* ---- for others ---- */

void gy_live_free(struct gy_live *live)
{
    if (live == NULL) {
        return;
    }
    forget_set(live);
    free(live->followers);
    gy_live_inbox_free(live->inbox);
    pthread_cond_destroy(&live->wakes);
    pthread_mutex_destroy(&live->lock);
    free(live->dir);
    free(live);
}

enum gy_status gy_live_start(const struct gy_live_options *options, struct gy_live **out,
                             struct gy_error *err)
{
    pthread_condattr_t attributes;
    struct gy_live *live = gy_alloc_zero(1, sizeof *live);
    live->o = *options;
    live->dir = gy_strndup(options->dir, strlen(options->dir));
    live->inbox = gy_live_inbox_new();
    live->last_ms = INT64_MIN;
    live->next_ms = INT64_MAX;
    live->question_us = QUESTION_US;
    live->is_changed = true; /* the first look is at once */
    pthread_mutex_init(&live->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&live->wakes, &attributes);
    pthread_condattr_destroy(&attributes);
    int code = pthread_create(&live->thread, NULL, run, live);
    if (code != 0) {
        gy_live_free(live);
        return gy_error_sys(err, code, "could not start a thread");
    }
    *out = live;
    return GY_OK;
}

void gy_live_stop(struct gy_live *live)
{
    if (live == NULL) {
        return;
    }
    atomic_store(&live->cancel, true);
    pthread_mutex_lock(&live->lock);
    live->is_stopping = true;
    pthread_cond_broadcast(&live->wakes);
    pthread_mutex_unlock(&live->lock);
    pthread_join(live->thread, NULL);
}

void gy_live_committed(struct gy_live *live, const struct gy_delivery *delivery)
{
    if (live == NULL || !atomic_load_explicit(&live->has_live, memory_order_relaxed)) {
        return;
    }
    bool is_told =
        gy_live_inbox_put(live->inbox, delivery->collected.calls, delivery->collected.n_calls);
    pthread_mutex_lock(&live->lock);
    bool wakes = is_told ? !live->is_told : !live->is_dirty;
    live->is_told |= is_told;
    live->is_dirty = true;
    if (wakes) {
        pthread_cond_signal(&live->wakes);
    }
    pthread_mutex_unlock(&live->lock);
}

void gy_live_changed(struct gy_live *live)
{
    if (live == NULL) {
        return;
    }
    pthread_mutex_lock(&live->lock);
    live->is_changed = true;
    pthread_cond_signal(&live->wakes);
    pthread_mutex_unlock(&live->lock);
}

void gy_live_reopened(struct gy_live *live)
{
    if (live == NULL) {
        return;
    }
    pthread_mutex_lock(&live->lock);
    live->is_reopened = true;
    pthread_cond_signal(&live->wakes);
    pthread_mutex_unlock(&live->lock);
}
