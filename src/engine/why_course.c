/* why_course.c - when the truth of a test changes, and what follows for groups.
 *
 * A test is evaluated at its turns, in order, and only as far as somebody asks. A group is never
 * evaluated: its truth follows from its children's, three-valued, since a test may not be foreseeable:
 * what the others decide is decided. So the next change of the whole definition is found by stepping
 * from change to change of its tests.
 */
#include "engine/why_internal.h"

#define NEVER_MS INT64_MAX

enum truth {
    FALSE,
    TRUE,
    UNKNOWN,
};

/* ---- instants ---- */

static const struct gy_duration *ago_of(const struct gy_course *course)
{
    const struct gy_expr *expr = course->node->expr;
    return expr->kind == GY_EXPR_IN_SEGMENT && expr->ago.n > 0 ? &expr->ago : NULL;
}

/* As of when the node is asked where the whole definition is asked as of `at_ms`. */
static int64_t own_instant(const struct gy_inquiry *q, const struct gy_course *course,
                           int64_t at_ms)
{
    const struct gy_course *parent = course->parent;
    if (parent == NULL)
        return at_ms;
    int64_t own_ms = own_instant(q, parent, at_ms);
    const struct gy_duration *ago = ago_of(parent);
    return ago == NULL ? own_ms
                       : gy_instant_within_calendar(gy_duration_before(own_ms, ago, q->zone));
}

/* The earliest instant as of which the node is asked from now on. A month ago of a later instant may be
 * a few days earlier. */
static int64_t earliest_instant(const struct gy_inquiry *q, const struct gy_course *course)
{
    const struct gy_course *parent = course->parent;
    if (parent == NULL)
        return q->now_ms;
    int64_t own_ms = earliest_instant(q, parent);
    const struct gy_duration *ago = ago_of(parent);
    if (ago == NULL)
        return own_ms;
    own_ms = gy_duration_before(own_ms, ago, q->zone);
    if (own_ms != INT64_MIN && (ago->unit == GY_UNIT_MONTH || ago->unit == GY_UNIT_YEAR))
        own_ms -= 8 * GY_DAY_MS;
    return gy_instant_within_calendar(own_ms);
}

/* From the node's own instants to those of the whole definition, which reach them later. */
static void lead_out(const struct gy_inquiry *q, const struct gy_course *course,
                     struct gy_instants *turns)
{
    for (const struct gy_course *p = course->parent; p != NULL; p = p->parent) {
        struct gy_instants outer = {0};
        const struct gy_duration *ago = ago_of(p);
        if (ago == NULL)
            continue;
        int64_t after_ms = earliest_instant(q, p);
        for (size_t i = 0; i < turns->n; i++)
            gy_ago_turns(ago, turns->ms[i], q->zone, after_ms, &outer);
        gy_instants_release(turns);
        *turns = outer;
    }
    gy_instants_sort(turns);
}

/* ---- tests ---- */

static bool truth_so_far(const struct gy_course *test)
{
    return test->node->holds != (test->changes.n % 2 == 1);
}

/* Evaluates the test at its next turn; false where that cannot be done. */
static bool look_at_turn(struct gy_inquiry *q, struct gy_course *test)
{
    struct gy_moment moment;
    int64_t at_ms = test->turns.ms[test->n_looked_at];
    if (!gy_moment_open(q, test, own_instant(q, test, at_ms), &moment)) {
        test->unforeseen_from_ms = at_ms;
        test->unforeseen = GY_UNFORESEEN_WORK;
        return false;
    }
    if (gy_customer_holds(&q->later, &q->subject, moment.test) != truth_so_far(test))
        gy_instants_add(&test->changes, at_ms);
    gy_moment_close(&moment);
    test->n_looked_at++;
    return true;
}

static bool has_turn_before(const struct gy_course *test, int64_t end_ms)
{
    return test->n_looked_at < test->turns.n && test->turns.ms[test->n_looked_at] < end_ms &&
           test->turns.ms[test->n_looked_at] < test->unforeseen_from_ms;
}

/* The first change after `after_ms`, be it to not being known. */
static int64_t next_change_of_test(struct gy_inquiry *q, struct gy_course *test, int64_t after_ms)
{
    const struct gy_instants *changes = &test->changes;
    bool goes_on = true;
    while (goes_on && (changes->n == 0 || changes->ms[changes->n - 1] <= after_ms) &&
           has_turn_before(test, NEVER_MS))
        goes_on = look_at_turn(q, test);
    int64_t next_ms = test->unforeseen_from_ms > after_ms ? test->unforeseen_from_ms : NEVER_MS;
    for (size_t i = changes->n; i-- > 0 && changes->ms[i] > after_ms;)
        next_ms = changes->ms[i];
    return next_ms;
}

static enum truth truth_of_test(struct gy_inquiry *q, struct gy_course *test, int64_t at_ms)
{
    bool goes_on = true;
    while (goes_on && has_turn_before(test, at_ms + 1))
        goes_on = look_at_turn(q, test);
    if (at_ms >= test->unforeseen_from_ms)
        return UNKNOWN;
    size_t n = test->changes.n;
    while (n > 0 && test->changes.ms[n - 1] > at_ms)
        n--;
    return test->node->holds != (n % 2 == 1) ? TRUE : FALSE;
}

/* ---- groups ---- */

static enum truth truth_at(struct gy_inquiry *q, struct gy_course *course, int64_t at_ms);

/* Whether a child is `wanted`; UNKNOWN where it may be. */
static enum truth some_child_is(struct gy_inquiry *q, struct gy_course *group, enum truth wanted,
                                int64_t at_ms)
{
    enum truth found = FALSE;
    for (uint32_t i = 0; i < group->node->n_children; i++) {
        enum truth truth = truth_at(q, &group->children[i], at_ms);
        if (truth == wanted)
            return TRUE;
        if (truth == UNKNOWN)
            found = UNKNOWN;
    }
    return found;
}

static enum truth opposite(enum truth truth)
{
    return truth == UNKNOWN ? UNKNOWN : truth == TRUE ? FALSE : TRUE;
}

static enum truth truth_at(struct gy_inquiry *q, struct gy_course *course, int64_t at_ms)
{
    if (gy_course_is_test(course))
        return truth_of_test(q, course, at_ms);
    if (q->first_ms > own_instant(q, course, at_ms))
        return FALSE; /* nothing holds for who does not exist yet */
    enum gy_expr_kind kind = course->node->expr->kind;
    if (kind == GY_EXPR_AND || kind == GY_EXPR_NOT)
        return opposite(some_child_is(q, course, kind == GY_EXPR_AND ? FALSE : TRUE, at_ms));
    return some_child_is(q, course, TRUE, at_ms);
}

static int64_t next_change(struct gy_inquiry *q, struct gy_course *course, int64_t after_ms);

/* The first instant after `after_ms` at which a group's truth could change. */
static int64_t next_turn(struct gy_inquiry *q, struct gy_course *group, int64_t after_ms)
{
    int64_t next_ms = NEVER_MS;
    for (uint32_t i = 0; i < group->node->n_children; i++) {
        int64_t change_ms = next_change(q, &group->children[i], after_ms);
        next_ms = change_ms < next_ms ? change_ms : next_ms;
    }
    for (size_t i = 0; i < group->turns.n; i++) {
        if (group->turns.ms[i] > after_ms && group->turns.ms[i] < next_ms)
            next_ms = group->turns.ms[i];
    }
    return next_ms;
}

static int64_t next_change(struct gy_inquiry *q, struct gy_course *course, int64_t after_ms)
{
    if (gy_course_is_test(course))
        return next_change_of_test(q, course, after_ms);
    if (after_ms >= course->steady_from_ms && after_ms < course->steady_to_ms)
        return course->steady_to_ms;
    enum truth before = truth_at(q, course, after_ms);
    int64_t next_ms = after_ms;
    do
        next_ms = next_turn(q, course, next_ms);
    while (next_ms < NEVER_MS && truth_at(q, course, next_ms) == before);
    course->steady_from_ms = after_ms;
    course->steady_to_ms = next_ms;
    return next_ms;
}

/* ---- flips ---- */

static enum gy_unforeseen reason_at(struct gy_inquiry *q, const struct gy_course *course,
                                    int64_t at_ms)
{
    for (uint32_t i = 0; i < course->node->n_children; i++) {
        if (truth_at(q, &course->children[i], at_ms) == UNKNOWN)
            return reason_at(q, &course->children[i], at_ms);
    }
    return course->unforeseen;
}

static struct gy_flip flip_of(struct gy_inquiry *q, struct gy_course *course)
{
    int64_t next_ms = next_change(q, course, q->now_ms);
    if (next_ms == NEVER_MS)
        return (struct gy_flip){.kind = GY_FLIP_NEVER};
    if (truth_at(q, course, next_ms) != UNKNOWN)
        return (struct gy_flip){.kind = GY_FLIP_AT, .at_ms = next_ms};
    return (struct gy_flip){GY_FLIP_UNFORESEEN, next_ms, reason_at(q, course, next_ms)};
}

static enum gy_status begin(struct gy_inquiry *q, struct gy_course *course)
{
    int64_t after_ms = earliest_instant(q, course);
    course->unforeseen_from_ms = NEVER_MS;
    if (gy_course_is_test(course))
        GY_TRY(gy_why_turns(q, course, after_ms));
    else if (q->first_ms > after_ms)
        gy_instants_add(&course->turns, q->first_ms);
    lead_out(q, course, &course->turns);
    if (course->unforeseen_from_ms < NEVER_MS && after_ms < q->now_ms)
        course->unforeseen_from_ms = q->now_ms + 1; /* as of an earlier instant: no telling when */
    return GY_OK;
}

enum gy_status gy_why_foresee(struct gy_inquiry *q, struct gy_course *course)
{
    GY_TRY(begin(q, course));
    for (uint32_t i = 0; i < course->node->n_children; i++)
        GY_TRY(gy_why_foresee(q, &course->children[i]));
    if (!gy_course_is_test(course))
        course->node->holds = truth_at(q, course, q->now_ms) == TRUE;
    course->node->flip = flip_of(q, course);
    return GY_OK;
}

void gy_course_release(struct gy_course *course)
{
    for (uint32_t i = 0; i < course->node->n_children && course->children != NULL; i++)
        gy_course_release(&course->children[i]);
    gy_instants_release(&course->turns);
    gy_instants_release(&course->changes);
}
