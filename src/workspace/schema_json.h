/* schema_json.h - the names the workspace knows, their types, how many rows each has. */
#ifndef GY_WORKSPACE_SCHEMA_JSON_H
#define GY_WORKSPACE_SCHEMA_JSON_H

#include "store/json_writer.h"
#include "workspace/ask.h"

extern const char *const gy_stored_type_words[]; /* by enum gy_value_type; "" for what is none */

/* The rows of each stream as of the ask's instant, by its place in the schema; and how many visits there are. */
GY_CHECKED enum gy_status gy_schema_rows(const struct gy_ask *ask, uint64_t *rows,
                                         uint64_t *n_visits, struct gy_error *err);

/* Puts one object. */
void gy_schema_json(const struct gy_ask *ask, const uint64_t *rows, uint64_t n_visits,
                    struct gy_json_writer *w);

#endif
