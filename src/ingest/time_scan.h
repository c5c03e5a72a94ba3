/* time_scan.h - the pieces that written times consist of: internal to time_format.c, time_pattern.c and
 * time_scan.c.
 *
 * Each gy_scan_ function takes its piece off the front of the text and says whether it was there; where
 * it was not, the text may have been taken in part and the reading is over.
 */
#ifndef GY_INGEST_TIME_SCAN_H
#define GY_INGEST_TIME_SCAN_H

#include <stdint.h>

#include "base/str.h"
#include "base/zone.h"
#include "ingest/time_format.h"

struct gy_time_parts {
    int32_t year;
    int32_t month;
    int32_t day;
    int32_t hour;
    int32_t minute;
    int32_t second;
    int32_t millisecond;
    enum {
        NO_HALF,
        AM,
        PM,
    } half;
    bool has_offset;
    int32_t offset_minutes;
};

bool gy_scan_char(struct gy_str *s, char c);
bool gy_scan_word(struct gy_str *s, const char *word); /* ASCII letters in any case */
void gy_scan_blanks(struct gy_str *s);
bool gy_scan_digits(struct gy_str *s, int at_least, int at_most, int32_t *out);
bool gy_scan_fraction(struct gy_str *s, int32_t *millisecond); /* digits behind the point */
bool gy_scan_month(struct gy_str *s, int32_t *month);          /* an English name, short or whole */
void gy_scan_weekday(struct gy_str *s); /* English or Korean, if one is there */
bool gy_scan_half(struct gy_str *s, struct gy_time_parts *t); /* AM, PM, 오전, 오후 */
bool gy_scan_offset(struct gy_str *s,
                    struct gy_time_parts *t); /* ±HH[:MM], also behind UTC or GMT */
bool gy_scan_zone(struct gy_str *s, struct gy_time_parts *t); /* Z, UTC, GMT, KST, or an offset */
int32_t gy_full_year(int32_t two_digits);

/* 15:20:30.5, 오후 3시 20분, 3:20 PM, 152030 */
bool gy_scan_clock(struct gy_str *s, struct gy_time_parts *t);

/* What may stand behind a date (which was taken off the same text): a time of day and a zone, or nothing;
 * to the end of the text. */
bool gy_scan_rest(struct gy_str *s, struct gy_time_parts *t);

/* The month and day of the year's n-th day, of a day of an ISO week. */
bool gy_time_set_ordinal(struct gy_time_parts *t, int32_t day_of_year);
bool gy_time_set_week(struct gy_time_parts *t, int32_t week, int32_t weekday);

/* Puts the parts together; false if there is no such day or hour. */
bool gy_time_join(const struct gy_time_parts *t, const struct gy_zone *zone, int64_t *ms);

/* Seconds, or a smaller unit of which `per_ms` make a millisecond (0: seconds); whole text. */
bool gy_scan_unix(struct gy_str s, int64_t per_ms, int64_t *ms);

/* time_pattern.c */
bool gy_time_pattern_read(const char *pattern, const struct gy_zone *zone, struct gy_str text,
                          int64_t *ms);
GY_CHECKED enum gy_status gy_time_pattern_check(const char *pattern, struct gy_error *err);

#endif
