/* memberships.c - see memberships.h. */
#include "engine/memberships.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/run.h"

static enum gy_status plan_all(struct gy_run *run, const struct gy_expr *const *exprs,
                               const int64_t *instants_ms, uint32_t n,
                               const struct gy_plan_expr **plans, struct gy_error *err)
{
    for (uint32_t i = 0; i < n; i++)
        GY_TRY(gy_plan_expr(&run->plan, exprs[i], instants_ms[i], &plans[i], err));
    return gy_run_prepare(run, err);
}

static enum gy_status answer(struct gy_run *run, const struct gy_plan_expr *const *plans,
                             struct gy_membership *questions, size_t n, struct gy_error *err)
{
    struct gy_worker *worker = &run->workers[0];
    gy_reader_reset(&worker->reader);
    for (size_t i = 0; i < n && gy_reader_may_go_on(&worker->reader); i++) {
        struct gy_subject subject = gy_subject_of(run->snapshot, &questions[i].root);
        questions[i].holds =
            gy_customer_holds(&worker->eval, &subject, plans[questions[i].definition]);
    }
    return gy_reader_status(&worker->reader, err);
}

enum gy_status gy_memberships(const struct gy_snapshot *snapshot,
                              const struct gy_expr *const *exprs, const int64_t *instants_ms,
                              uint32_t n, struct gy_membership *questions, size_t n_questions,
                              const struct gy_run_options *options, struct gy_error *err)
{
    struct gy_run run;
    const struct gy_plan_expr **plans = gy_alloc_zero((size_t)n + 1, sizeof *plans);
    gy_run_init(&run, snapshot, options);
    enum gy_status status = plan_all(&run, exprs, instants_ms, n, plans, err);
    if (status == GY_OK)
        status = answer(&run, plans, questions, n_questions, err);
    gy_run_release(&run);
    free(plans);
    return status;
}
