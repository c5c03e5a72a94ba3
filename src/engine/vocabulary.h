/* vocabulary.h - what a snapshot knows, as lang asks for it. */
#ifndef GY_ENGINE_VOCABULARY_H
#define GY_ENGINE_VOCABULARY_H

#include "lang/check.h"
#include "store/snapshot.h"

/* Event ids are stream ids, property ids the schema's, trait ids their stream's; segments, metrics
 * and lists are places in the snapshot. Built-in metrics (lang/builtin_metrics.h) whose data is known
 * stand behind the workspace's own. Valid as long as the snapshot. */
struct gy_vocabulary gy_vocabulary_of(const struct gy_snapshot *snapshot);

#endif
