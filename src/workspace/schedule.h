/* schedule.h - when a segment is looked at without being asked: its attribute `refresh`.
 *
 *   live       what a call changes at once, what time changes within a minute
 *   hourly     after each full hour of the workspace's zone
 *   daily      after each midnight; also where nothing is said
 *   weekly     after the midnight before each Monday
 *   manual     only when it is asked
 *
 * A *turn* is the instant from which on it is due. One that was missed is made up for once, however many were.
 */
#ifndef GY_WORKSPACE_SCHEDULE_H
#define GY_WORKSPACE_SCHEDULE_H

#include "base/str.h"
#include "base/zone.h"

enum gy_schedule {
    GY_SCHEDULE_DAILY,
    GY_SCHEDULE_LIVE,
    GY_SCHEDULE_HOURLY,
    GY_SCHEDULE_WEEKLY,
    GY_SCHEDULE_MANUAL
};

/* The schedule in a segment's attributes, one JSON object. */
enum gy_schedule gy_schedule_of(struct gy_str attributes);

/* The last turn up to an instant, and the next one after it. INT64_MIN, INT64_MAX where there is none: MANUAL. LIVE
 * has one every half minute. */
int64_t gy_schedule_last(enum gy_schedule schedule, const struct gy_zone *zone, int64_t now_ms);
int64_t gy_schedule_next(enum gy_schedule schedule, const struct gy_zone *zone, int64_t now_ms);

#endif
