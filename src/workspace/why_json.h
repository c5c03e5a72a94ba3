/* why_json.h - the answer of `why` as JSON. */
#ifndef GY_WORKSPACE_WHY_JSON_H
#define GY_WORKSPACE_WHY_JSON_H

#include "engine/why.h"
#include "store/json_writer.h"
#include "workspace/ask.h"

/* Puts one object. `id` is the customer's primary one. */
void gy_why_json(const struct gy_ask *ask, struct gy_str id, const struct gy_why *why,
                 struct gy_json_writer *w);

/* Why an instant is not foreseeable, in words. */
const char *gy_unforeseen_text(enum gy_unforeseen reason);

#endif
