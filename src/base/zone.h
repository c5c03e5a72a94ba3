/* zone.h - instants, calendar dates, and the local time of an IANA zone.
 *
 * An instant is milliseconds since 1970-01-01T00:00:00Z, `_ms`. A day number counts days from
 * 1970-01-01, which is 0. The calendar is the proleptic Gregorian one, years 1 to 9999.
 *
 * Local times follow the language's rule: one that occurs twice is the first of the two; one that
 * is skipped is moved on by the length of the gap; the start of a day is its midnight by this rule.
 *
 * A zone is its transitions from 1800 to 2200, read once from ICU into a sorted array. Immutable
 * after open: any thread may use it.
 */
#ifndef GY_BASE_ZONE_H
#define GY_BASE_ZONE_H

#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

struct gy_zone;

struct gy_civil {
    int32_t year;
    int32_t month; /* 1 to 12 */
    int32_t day;   /* 1 to 31 */
    int32_t hour;
    int32_t minute;
    int32_t second;
    int32_t millisecond;
};

enum {
    GY_TIME_TEXT = 40
}; /* room for every text that gy_time_print makes, with its NUL */

#define GY_MINUTE_MS INT64_C(60000)
#define GY_HOUR_MS   INT64_C(3600000)
#define GY_DAY_MS    INT64_C(86400000)

/* Fails with INVALID for a name that is no IANA zone; the hint names the nearest. `*out` is owned
 * by the caller (gy_zone_close). */
GY_CHECKED enum gy_status gy_zone_open(const char *name, struct gy_zone **out,
                                       struct gy_error *err);
void gy_zone_close(struct gy_zone *zone);
const char *gy_zone_name(const struct gy_zone *zone); /* a view, as it was opened */

/* Local minus UTC at that instant, in ms. */
int64_t gy_zone_offset_ms(const struct gy_zone *zone, int64_t utc_ms);

/* The first instant after `utc_ms` at which that offset changes; INT64_MAX if it stays for ever. */
int64_t gy_zone_next_change(const struct gy_zone *zone, int64_t utc_ms);

/* The instant of a local time (given as if it were UTC), by the rule above. */
int64_t gy_zone_to_utc(const struct gy_zone *zone, int64_t local_ms);

/* The calendar of an instant in the zone. NULL for `zone` is UTC, here and everywhere. */
void gy_zone_civil(const struct gy_zone *zone, int64_t utc_ms, struct gy_civil *out);
int64_t gy_zone_day(const struct gy_zone *zone, int64_t utc_ms);    /* its day number */
int64_t gy_zone_day_start(const struct gy_zone *zone, int64_t day); /* that day's midnight */

/* The instant whose local calendar is `n` months later (earlier if negative), at the same local
 * time; a day that the month does not have becomes its last. */
int64_t gy_zone_add_months(const struct gy_zone *zone, int64_t utc_ms, int64_t n);

/* Dates without a zone. */
int64_t gy_day_from_civil(int32_t year, int32_t month, int32_t day);
void gy_day_to_civil(int64_t day, struct gy_civil *out); /* hour and below are 0 */
int64_t gy_day_add_months(int64_t day, int64_t n);       /* clamped as above */
int gy_day_weekday(int64_t day);                         /* 1 Monday to 7 Sunday */
int32_t gy_days_in_month(int32_t year, int32_t month);

/* Reads `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM[:SS[.f…]]` with `Z`, `±HH:MM`, `±HHMM`, `±HH` or nothing
 * (local in `zone`); the whole text, decimals past the third cut off. False if it is not that, or
 * no such date or hour exists. `*is_date` (may be NULL): it was a bare date. */
bool gy_time_read(struct gy_str text, const struct gy_zone *zone, int64_t *ms, bool *is_date);

/* The commonest form of all, without much ado: the first 19 bytes of `text`, `YYYY-MM-DD?HH:MM:SS` with any
 * byte between day and hour, as if they were UTC. False if it is anything else, which may be a time all
 * the same. */
bool gy_time_read_plain(const char text[19], int64_t *local_ms);

/* "2025-01-02T03:04:05.678Z" in UTC. Returns the length. */
size_t gy_time_print(int64_t ms, char out[GY_TIME_TEXT]);

/* "2025-01-02 03:04:05" in the zone, ".678" only where it is not zero, for people. */
size_t gy_time_print_local(const struct gy_zone *zone, int64_t ms, char out[GY_TIME_TEXT]);

int64_t gy_now_ms(void);       /* the system's clock */
int64_t gy_monotonic_us(void); /* for measuring */
int64_t gy_monotonic_ms(void); /* for waiting: CLOCK_MONOTONIC */

#endif
