/* schedule.c - see schedule.h. */
#include "workspace/schedule.h"

#include "workspace/attributes.h"

/* Half of what is promised, so that a look that takes its time still keeps it. */
#define SWEEP_MS (GY_MINUTE_MS / 2)

enum gy_schedule gy_schedule_of(struct gy_str attributes)
{
    static const struct {
        const char *word;
        enum gy_schedule schedule;
    } words[] = {{"live", GY_SCHEDULE_LIVE},
                 {"hourly", GY_SCHEDULE_HOURLY},
                 {"weekly", GY_SCHEDULE_WEEKLY},
                 {"manual", GY_SCHEDULE_MANUAL}};
    json_t *object = gy_attributes_of(attributes);
    struct gy_str said = gy_attributes_string(object, "refresh", "en");
    enum gy_schedule schedule = GY_SCHEDULE_DAILY;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (gy_str_equal(said, gy_str_of(words[i].word))) {
            schedule = words[i].schedule;
        }
    }
    json_decref(object);
    return schedule;
}

/* The last multiple of `step_ms` up to an instant. */
static int64_t floor_to(int64_t ms, int64_t step_ms)
{
    return ms - ((ms % step_ms) + step_ms) % step_ms;
}

/* By the offset that holds then: where the clock is set back an hour, that hour has its turn twice, and so has
 * every hour that people see begin. */
static int64_t last_hour(const struct gy_zone *zone, int64_t now_ms)
{
    int64_t offset_ms = gy_zone_offset_ms(zone, now_ms);
    return floor_to(now_ms + offset_ms, GY_HOUR_MS) - offset_ms;
}

static int64_t day_of_turn(enum gy_schedule schedule, const struct gy_zone *zone, int64_t now_ms)
{
    int64_t day = gy_zone_day(zone, now_ms);
    return schedule == GY_SCHEDULE_WEEKLY ? day - (gy_day_weekday(day) - 1) : day;
}

int64_t gy_schedule_last(enum gy_schedule schedule, const struct gy_zone *zone, int64_t now_ms)
{
    switch (schedule) {
    case GY_SCHEDULE_LIVE:
        return floor_to(now_ms, SWEEP_MS);
    case GY_SCHEDULE_HOURLY:
        return last_hour(zone, now_ms);
    case GY_SCHEDULE_DAILY:
    case GY_SCHEDULE_WEEKLY:
        return gy_zone_day_start(zone, day_of_turn(schedule, zone, now_ms));
    case GY_SCHEDULE_MANUAL:
        break;
    }
    return INT64_MIN;
}

int64_t gy_schedule_next(enum gy_schedule schedule, const struct gy_zone *zone, int64_t now_ms)
{
    int64_t next;
    switch (schedule) {
    case GY_SCHEDULE_LIVE:
        return floor_to(now_ms, SWEEP_MS) + SWEEP_MS;
    case GY_SCHEDULE_HOURLY:
        /* an offset that changes within the hour moves the next full one */
        next = last_hour(zone, last_hour(zone, now_ms) + GY_HOUR_MS);
        return next > now_ms ? next : last_hour(zone, now_ms) + GY_HOUR_MS;
    case GY_SCHEDULE_DAILY:
        return gy_zone_day_start(zone, day_of_turn(schedule, zone, now_ms) + 1);
    case GY_SCHEDULE_WEEKLY:
        return gy_zone_day_start(zone, day_of_turn(schedule, zone, now_ms) + 7);
    case GY_SCHEDULE_MANUAL:
        break;
    }
    return INT64_MAX;
}
