/* upkeep.c - see upkeep.h. */
#include "server/upkeep.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/mem.h"
#include "base/zone.h"
#include "server/log_line.h"

enum {
    FOLD,       /* the place of that work; the others are for the rest */
    PLACES = 3, /* so that a large merge does not keep small ones waiting */
    BEHIND_FACTOR = 8,
    AGAIN_MS = 10000, /* after a failure; twice as long after each further one */
    AGAIN_MS_MAX = 600000,
    LOOK_EVERY_MS = 10000, /* for other work, where none was found */
    NICE = 10,
    RUNS_MANY = 24 /* from then on merges are as urgent as all else */
};

struct work {
    struct gy_upkeep *upkeep;
    struct gy_background *background; /* NULL: the place is free */
    pthread_t thread;
    bool is_urgent;
    atomic_bool is_ended;
    enum gy_status status;
    struct gy_error err;
};

/* When something is tried again that failed. */
struct patience {
    int64_t after_ms; /* on the monotonic clock */
    int64_t wait_ms;
};

struct gy_upkeep {
    struct gy_upkeep_options o;
    struct work places[PLACES];
    struct patience patience[2]; /* for the log; for the rest */
    bool is_held;                /* nothing begins */
    uint64_t n_logged;           /* calls in the log */
    uint64_t n_folding;          /* of them those that are becoming a file */
    int64_t fold_at_ms;          /* where the log is not full before */
    int64_t look_at_ms;
};

/* ---- one work ---- */

static void *run(void *context)
{
    struct work *work = context;
    struct gy_upkeep *upkeep = work->upkeep;
    if (!work->is_urgent) {
        (void)setpriority(PRIO_PROCESS, 0,
                          NICE); /* of this thread alone, on Linux, and those it makes */
    }
    work->status = gy_background_run(work->background, &work->err);
    atomic_store(&work->is_ended, true);
    upkeep->o.ended(upkeep->o.context);
    return NULL;
}

static void begin(struct gy_upkeep *upkeep, struct work *work, struct gy_writer *writer,
                  struct gy_background *background, bool is_urgent)
{
    *work = (struct work){.upkeep = upkeep, .background = background, .is_urgent = is_urgent};
    int code = pthread_create(&work->thread, NULL, run, work);
    if (code == 0) {
        return;
    }
    struct gy_error err = {0}; /* it waits for another time */
    work->background = NULL;
    GY_ASSERT(gy_writer_end_background(writer, background, &err) == GY_OK);
}

static void be_patient(struct patience *patience)
{
    patience->wait_ms = patience->wait_ms == 0 ? AGAIN_MS : 2 * patience->wait_ms;
    if (patience->wait_ms > AGAIN_MS_MAX) {
        patience->wait_ms = AGAIN_MS_MAX;
    }
    patience->after_ms = gy_monotonic_ms() + patience->wait_ms;
}

static void note_end(struct gy_upkeep *upkeep, const struct work *work)
{
    bool is_fold = work == &upkeep->places[FOLD];
    struct patience *patience = &upkeep->patience[is_fold ? 0 : 1];
    if (work->status == GY_CANCELLED) {
        return;
    }
    if (work->status != GY_OK) {
        gy_log_error("maintenance failed", &work->err);
        be_patient(patience);
        return;
    }
    *patience = (struct patience){0};
    upkeep->look_at_ms = gy_monotonic_ms();
    if (is_fold) {
        upkeep->n_logged -= upkeep->n_folding;
    }
}

/* Waits where it has not ended. */
static void end(struct gy_upkeep *upkeep, struct work *work, struct gy_writer *writer)
{
    struct gy_error err = {0};
    pthread_join(work->thread, NULL);
    enum gy_status status = gy_writer_end_background(writer, work->background, &err);
    if (work->status == GY_OK && status != GY_OK) {
        work->status = status;
        work->err = err;
    }
    work->background = NULL;
    note_end(upkeep, work);
}

/* ---- what is due ---- */

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t next_fold_ms(const struct gy_upkeep *u)
{
    if (u->places[FOLD].background != NULL) {
        return INT64_MAX;
    }
    bool is_full = u->n_logged >= u->o.log_calls_max;
    return later(is_full ? 0 : u->fold_at_ms, u->patience[0].after_ms);
}

static int64_t next_look_ms(const struct gy_upkeep *u)
{
    bool is_full = true;
    for (size_t i = FOLD + 1; i < PLACES; i++) {
        is_full &= u->places[i].background != NULL;
    }
    return is_full ? INT64_MAX : later(u->look_at_ms, u->patience[1].after_ms);
}

static bool has_ended(const struct gy_upkeep *u)
{
    bool has = false;
    for (size_t i = 0; i < PLACES; i++) {
        has |= u->places[i].background != NULL && atomic_load(&u->places[i].is_ended);
    }
    return has;
}

int64_t gy_upkeep_next_ms(const struct gy_upkeep *u)
{
    int64_t fold = next_fold_ms(u);
    int64_t look = next_look_ms(u);
    if (has_ended(u)) {
        return 0;
    }
    return u->is_held ? INT64_MAX : fold < look ? fold : look;
}

bool gy_upkeep_is_due(const struct gy_upkeep *u)
{
    int64_t next = gy_upkeep_next_ms(u);
    return next != INT64_MAX && next <= gy_monotonic_ms();
}

static void fold(struct gy_upkeep *u, struct gy_writer *writer)
{
    struct gy_background *background = gy_writer_begin_fold(writer);
    u->n_folding = u->n_logged;
    u->fold_at_ms = gy_monotonic_ms() + u->o.log_ms_max;
    if (background != NULL) {
        begin(u, &u->places[FOLD], writer, background, true);
    } else {
        u->n_logged = 0;
    }
}

static void end_erasures(struct gy_upkeep *u, struct gy_writer *writer)
{
    struct gy_error err = {0};
    if (gy_writer_end_erasures(writer, &err) != GY_OK) {
        gy_log_error("erasure failed", &err);
        be_patient(&u->patience[1]);
    }
}

static void look(struct gy_upkeep *u, struct gy_writer *writer)
{
    end_erasures(u, writer);
    u->look_at_ms = gy_monotonic_ms() + LOOK_EVERY_MS;
    for (size_t i = FOLD + 1; i < PLACES; i++) {
        if (u->places[i].background != NULL) {
            continue;
        }
        struct gy_background *background = gy_writer_begin_background(writer);
        if (background == NULL) {
            return;
        }
        begin(u, &u->places[i], writer, background, gy_writer_n_runs(writer) >= RUNS_MANY);
    }
}

void gy_upkeep_step(struct gy_upkeep *u, struct gy_writer *writer)
{
    for (size_t i = 0; i < PLACES; i++) {
        if (u->places[i].background != NULL && atomic_load(&u->places[i].is_ended)) {
            end(u, &u->places[i], writer);
        }
    }
    if (u->is_held) {
        return;
    }
    if (next_fold_ms(u) <= gy_monotonic_ms()) {
        fold(u, writer);
    }
    if (next_look_ms(u) <= gy_monotonic_ms()) {
        look(u, writer);
    }
}

/* ---- for the writing thread ---- */

struct gy_upkeep *gy_upkeep_new(const struct gy_upkeep_options *options)
{
    struct gy_upkeep *u = gy_alloc_zero(1, sizeof *u);
    u->o = *options;
    gy_upkeep_begin(u);
    return u;
}

void gy_upkeep_free(struct gy_upkeep *u)
{
    GY_ASSERT(u == NULL || gy_upkeep_is_idle(u));
    free(u);
}

void gy_upkeep_begin(struct gy_upkeep *u)
{
    u->is_held = false;
    u->n_logged = 0;
    u->fold_at_ms = gy_monotonic_ms() + u->o.log_ms_max;
    u->look_at_ms = gy_monotonic_ms();
}

void gy_upkeep_note(struct gy_upkeep *u, uint64_t n_calls)
{
    u->n_logged += n_calls;
}

bool gy_upkeep_is_behind(const struct gy_upkeep *u)
{
    return u->n_logged >= BEHIND_FACTOR * u->o.log_calls_max;
}

void gy_upkeep_hold(struct gy_upkeep *u)
{
    u->is_held = true;
}

void gy_upkeep_cancel(struct gy_upkeep *u)
{
    for (size_t i = 0; i < PLACES; i++) {
        if (u->places[i].background != NULL) {
            gy_background_cancel(u->places[i].background);
        }
    }
}

bool gy_upkeep_is_idle(const struct gy_upkeep *u)
{
    for (size_t i = 0; i < PLACES; i++) {
        if (u->places[i].background != NULL) {
            return false;
        }
    }
    return true;
}

void gy_upkeep_end(struct gy_upkeep *u, struct gy_writer *writer)
{
    gy_upkeep_hold(u);
    gy_upkeep_cancel(u);
    for (size_t i = 0; i < PLACES; i++) {
        if (u->places[i].background != NULL) {
            end(u, &u->places[i], writer);
        }
    }
}
