/* why_internal.h - what the files of `why` share: the inquiry, and the course of each node's truth.
 *
 *   why.c           the tree, and the way in
 *   why_evidence.c  what a test found, and the events that count
 *   why_shortfall.c what is missing
 *   why_turns.c     the instants at which a test may change
 *   why_passing.c   those of them at which what grows or falls passes something
 *   why_moment.c    a test as of such an instant
 *   why_course.c    the course: the instants at which it does, and what follows for groups
 */
#ifndef GY_ENGINE_WHY_INTERNAL_H
#define GY_ENGINE_WHY_INTERNAL_H

#include "engine/run.h"
#include "engine/why.h"
#include "lang/turns.h"

/* One question. Its plan and worker know everything up to the instants they are about. */
struct gy_inquiry {
    const struct gy_snapshot *snapshot;
    const struct gy_zone *zone;
    int64_t now_ms;
    struct gy_subject subject;
    int64_t first_ms; /* when the customer came to be */
    uint32_t max_events;
    struct gy_run run;
    struct gy_worker *worker;
    struct gy_reader reader;       /* knows nothing later than now … */
    struct gy_customer_eval later; /* … nor does this, which evaluates as of later instants */
    uint32_t n_nodes;
    uint64_t work;
    struct gy_arena *arena; /* of the answer */
    struct gy_error *err;
};

/* How the truth of a node goes on. All instants here are the definition's, from now on; a node within
 * `in segment(x 30 days ago)` is asked as of an earlier instant for each (gy_course_instant). */
struct gy_course {
    struct gy_why_node *node;
    const struct gy_plan_expr *plan;
    const struct gy_course *parent; /* NULL: of the whole definition */
    struct gy_course *children;     /* as many as the node has */
    struct gy_instants turns;   /* a test: at these and no others it may change; a group: at these
                                     * and where its children change */
    size_t n_looked_at;         /* so many turns of a test were evaluated */
    uint64_t work;              /* what an evaluation of a test takes, as of GY_WHY_WORK */
    struct gy_instants changes; /* those turns at which a test changed */
    int64_t unforeseen_from_ms; /* a test; INT64_MAX: it is foreseeable */
    enum gy_unforeseen unforeseen;
    int64_t steady_from_ms; /* a group's truth is known to stay from here … */
    int64_t steady_to_ms;   /* … to before here; 0: not asked yet */
};

/* ---- why_evidence.c ---- */

/* Fills in the values and events of a test. */
GY_CHECKED enum gy_status gy_why_evidence(struct gy_inquiry *q, const struct gy_course *test);

/* Whether it is made of literals alone. */
bool gy_why_is_constant(const struct gy_plan_term *plan);

/* ---- why_shortfall.c ---- */

struct gy_shortfall gy_why_shortfall(struct gy_inquiry *q, const struct gy_course *test);

/* ---- why_turns.c ---- */

/* Fills in the turns, unsorted, and from when on the test is not foreseeable: all as of the test's own
 * instants after `after_ms`. */
GY_CHECKED enum gy_status gy_why_turns(struct gy_inquiry *q, struct gy_course *test,
                                       int64_t after_ms);

/* ---- why_passing.c ---- */

/* Adds the passings after `after_ms` to the turns, which are all the steps of the test; between them
 * its left side only grows or only falls against what it is compared with. Gives up where that
 * cannot be said. */
void gy_why_passings(struct gy_inquiry *q, struct gy_course *test, int64_t after_ms);

/* ---- why_moment.c ---- */

/* A test as of an instant, knowing nothing later than the inquiry's now. */
struct gy_moment {
    struct gy_eval_plan plan;
    const struct gy_plan_expr *test;
};

/* False where it failed (the reader knows why), or all work is done; else released by the caller. */
bool gy_moment_open(struct gy_inquiry *q, const struct gy_course *test, int64_t at_ms,
                    struct gy_moment *out);
void gy_moment_close(struct gy_moment *moment);

/* ---- why_course.c ---- */

/* Fills in, for the node and those below it, whether it holds and its flip. The `holds` of tests are
 * there. */
GY_CHECKED enum gy_status gy_why_foresee(struct gy_inquiry *q, struct gy_course *course);
void gy_course_release(struct gy_course *course);

static inline bool gy_course_is_test(const struct gy_course *course)
{
    return course->node->n_children == 0;
}

/* Nothing after `at_ms` is foreseeable. */
static inline void gy_course_give_up(struct gy_course *test, int64_t at_ms,
                                     enum gy_unforeseen reason)
{
    test->unforeseen_from_ms = at_ms + 1;
    test->unforeseen = reason;
}

#endif
