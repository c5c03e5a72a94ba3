/* waterfall_json.h - what each condition of a definition does, as JSON. */
#ifndef GY_WORKSPACE_WATERFALL_JSON_H
#define GY_WORKSPACE_WATERFALL_JSON_H

#include "engine/waterfall.h"
#include "store/json_writer.h"
#include "workspace/ask.h"

/* Puts one object. */
void gy_waterfall_json(const struct gy_ask *ask, const struct gy_expr *expr,
                       const struct gy_waterfall *waterfall, struct gy_json_writer *w);

#endif
