/* history_watch.h - what a leaf's answers rest on: rows, the clock, other customers. */
#ifndef GY_ENGINE_HISTORY_WATCH_H
#define GY_ENGINE_HISTORY_WATCH_H

#include "engine/history_plan.h"

/* Fills in the watches and the stirs of a leaf whose nodes are planned; `stirs` has room. */
void gy_history_look(const struct gy_history_plan *plan, struct gy_history_leaf *leaf);

#endif
