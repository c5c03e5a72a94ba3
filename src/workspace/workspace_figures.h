/* workspace_figures.h - how the workspace is: settings, customers, events, size. */
#ifndef GY_WORKSPACE_WORKSPACE_FIGURES_H
#define GY_WORKSPACE_WORKSPACE_FIGURES_H

#include "store/json_writer.h"
#include "workspace/ask.h"

struct gy_workspace_figures {
    uint64_t n_customers;
    uint64_t n_identified;
    uint64_t n_events; /* items left out */
    uint64_t n_parts;
    uint64_t bytes;
    uint32_t n_event_names;
    uint32_t n_traits;
};

GY_CHECKED enum gy_status gy_workspace_count(struct gy_ask *ask, struct gy_workspace_figures *out,
                                             struct gy_error *err);

/* Puts one object. */
void gy_workspace_figures_json(const struct gy_ask *ask, const struct gy_workspace_figures *figures,
                               struct gy_json_writer *w);

#endif
