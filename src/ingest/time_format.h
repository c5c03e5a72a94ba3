/* time_format.h - times as files write them.
 *
 * A column of times is in one form. Which one is found from a sample of its values, or given; then every
 * value is read in that form. A form fixes what could be read in two ways (the order of day and month, the
 * unit of a number) and nothing else, so that values in it may have a time of day or none, seconds or
 * none, an offset or none:
 *
 *   iso       2024-03-05T15:20:30.123+09:00  2024/3/5 15:20  2024.03.05.  2024. 3. 5. 오후 3:20
 *             2024년 3월 5일 오후 3시 20분  2024-065  2024-W10-2
 *   compact   20240305  202403051520  20240305152030  20240305152030123  20240305T152030Z
 *   mdy       3/5/2024 3:20 PM   03-05-24
 *   dmy       5/3/2024 15:20     05.03.24
 *   ymd       24-03-05 (a year of two digits: 69 to 99 are 19xx, 00 to 68 are 20xx, as in POSIX)
 *   named     5-Mar-2024  Mar 5, 2024 15:20  Tue, 05 Mar 2024 15:20:30 GMT  05/Mar/2024:15:20:30 +0900
 *             Tue Mar  5 15:20:30 2024
 *   unix      1709619630, also with decimals; unix-ms, unix-us, unix-ns
 *
 * A time with an offset (Z, UTC, GMT, KST, ±HH:MM, ±HHMM, ±HH) is an instant, one without is local in the zone
 * that is given (zone.h has the rule for clock changes). 24:00 is the end of the day. Decimals of
 * seconds past the third are cut off. Years are 1 to 9999.
 */
#ifndef GY_INGEST_TIME_FORMAT_H
#define GY_INGEST_TIME_FORMAT_H

#include <stdint.h>

#include "base/status.h"
#include "base/str.h"
#include "base/zone.h"

enum gy_time_form {
    GY_TIME_ISO,
    GY_TIME_COMPACT,
    GY_TIME_MDY,
    GY_TIME_DMY,
    GY_TIME_YMD,
    GY_TIME_NAMED,
    GY_TIME_UNIX,
    GY_TIME_UNIX_MS,
    GY_TIME_UNIX_US,
    GY_TIME_UNIX_NS,
    GY_N_TIME_FORMS,
    GY_TIME_PATTERN = GY_N_TIME_FORMS, /* as `pattern` says */
};

enum {
    GY_TIME_PATTERN_MAX = 127
};

/* Plain values; no release. */
struct gy_time_format {
    enum gy_time_form form;
    char pattern[GY_TIME_PATTERN_MAX + 1];
};

/* From the name of a form above, or from a pattern in strftime's way: %Y %y %m %b %d %e %j %H %I %p %M %S
 * %f (decimals of a second) %z %Z %s %a %T %R %F %D %%; a blank stands for any number of them. Fails with INVALID for
 * anything else, and for a pattern that leaves the date open. */
GY_CHECKED enum gy_status gy_time_format_parse(struct gy_str text, struct gy_time_format *out,
                                               struct gy_error *err);

/* What gy_time_format_parse reads it from; a view of `format` or static. */
const char *gy_time_format_name(const struct gy_time_format *format);

/* Reads the whole of `text`, blanks around it apart. False if it is not in that form, or there is no such
 * day or hour. */
bool gy_time_format_read(const struct gy_time_format *format, const struct gy_zone *zone,
                         struct gy_str text, int64_t *ms);

/* ---- finding the form of a column ---- */

/* All zero is an empty sample. */
struct gy_time_guess {
    uint32_t n;                       /* values that are not blank */
    uint32_t n_read[GY_N_TIME_FORMS]; /* how many of them read in each form */
    uint32_t n_only_mdy;              /* read month first, but not day first; and so on */
    uint32_t n_only_dmy;
    bool differs[3];  /* some value is another time in: mdy or dmy; mdy or ymd; dmy or ymd */
    char example[48]; /* such a value */
};

void gy_time_guess_add(struct gy_time_guess *guess, struct gy_str value);

/* The form that most values are in; it must be at least half of them. Fails with INVALID where there is
 * none, or where day and month cannot be told apart; the hint says what to give. */
GY_CHECKED enum gy_status gy_time_guess_finish(const struct gy_time_guess *guess,
                                               struct gy_time_format *out, struct gy_error *err);

#endif
