/* why_moment.c - a test as of another instant. */
#include "engine/why_internal.h"

enum {
    PLAN_WORK = 100 /* what planning takes, where to count an event is 1 */
};

bool gy_moment_open(struct gy_inquiry *q, const struct gy_course *test, int64_t at_ms,
                    struct gy_moment *out)
{
    q->work += PLAN_WORK + test->work;
    if (q->work > GY_WHY_WORK || !gy_reader_may_go_on(&q->reader))
        return false;
    gy_eval_plan_init(&out->plan, q->snapshot);
    out->plan.known_until_ms = q->now_ms;
    struct gy_error err = {0};
    enum gy_status status = gy_plan_expr(&out->plan, test->node->expr, at_ms, &out->test, &err);
    if (status != GY_OK) {
        gy_reader_fail(&q->reader, status, err.message);
        gy_moment_close(out);
        return false;
    }
    q->later.plan = &out->plan;
    q->reader.derived = &out->plan.derived;
    return true;
}

void gy_moment_close(struct gy_moment *moment)
{
    gy_eval_plan_release(&moment->plan);
}
