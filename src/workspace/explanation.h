/* explanation.h - a definition in every form it has: its canonical text, its tree, its sentences, and what it
 * will read.
 */
#ifndef GY_WORKSPACE_EXPLANATION_H
#define GY_WORKSPACE_EXPLANATION_H

#include "engine/reads.h"
#include "store/json_writer.h"
#include "workspace/ask.h"

struct gy_explanation {
    struct gy_buf text;
    struct gy_buf json;
    struct gy_buf english;
    struct gy_buf korean;
    struct gy_reads reads;
};

/* Of a checked definition, as of the ask's instant. `*out` is released by the caller, also on failure. */
GY_CHECKED enum gy_status gy_explain(const struct gy_ask *ask, const struct gy_expr *expr,
                                     struct gy_explanation *out, struct gy_error *err);
void gy_explanation_release(struct gy_explanation *e);

/* Puts one object: "text", "json" (the tree), "sentence" ("en", "ko"), "plan". */
void gy_explanation_json(const struct gy_explanation *e, struct gy_json_writer *w);

#endif
