/* time_format.c - the forms, and choosing one of them by counting.
 *
 * The sample is read in every form. Most forms exclude each other; where they do not, the more particular
 * one stands first in the enum and wins a tie (20240305152000 is a date, though it is also a number of
 * milliseconds). Only the orders of day, month and two-digit year are never decided by a tie: if
 * some value would be another day, the choice is the user's.
 */
#include "ingest/time_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/time_scan.h"

static const char *const form_names[GY_N_TIME_FORMS] = {
    "iso", "compact", "mdy", "dmy", "ymd", "named", "unix", "unix-ms", "unix-us", "unix-ns"};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct gy_str trim(struct gy_str s)
{
    while (s.len > 0 && is_blank(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

/* ---- dates ---- */

/* 065 and W10-2 behind "2024-" */
static bool scan_iso_day(struct gy_str *s, struct gy_time_parts *t)
{
    int32_t n;
    int32_t weekday;
    if (gy_scan_char(s, 'W')) {
        return gy_scan_digits(s, 2, 2, &n) && gy_scan_char(s, '-') &&
               gy_scan_digits(s, 1, 1, &weekday) && gy_time_set_week(t, n, weekday);
    }
    return gy_scan_digits(s, 3, 3, &n) && gy_time_set_ordinal(t, n);
}

static bool scan_korean_date(struct gy_str *s, struct gy_time_parts *t)
{
    gy_scan_blanks(s);
    if (!gy_scan_digits(s, 1, 2, &t->month) || !gy_scan_word(s, "월")) {
        return false;
    }
    gy_scan_blanks(s);
    return gy_scan_digits(s, 1, 2, &t->day) && gy_scan_word(s, "일");
}

static bool has_digits(struct gy_str s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i >= s.len || s.ptr[i] < '0' || s.ptr[i] > '9') {
            return false;
        }
    }
    return true;
}

static char scan_separator(struct gy_str *s)
{
    char c = s->len > 0 ? s->ptr[0] : '\0';
    return (c == '-' || c == '/' || c == '.') && gy_scan_char(s, c) ? c : '\0';
}

/* "-3-5", "/03/05", ". 3. 5." behind the year */
static bool scan_month_day(struct gy_str *s, struct gy_time_parts *t)
{
    char separator = scan_separator(s);
    if (separator == '\0') {
        return false;
    }
    if (separator == '-' && s->len > 0 && (s->ptr[0] == 'W' || has_digits(*s, 3))) {
        return scan_iso_day(s, t);
    }
    gy_scan_blanks(s);
    if (!gy_scan_digits(s, 1, 2, &t->month) || !gy_scan_char(s, separator)) {
        return false;
    }
    gy_scan_blanks(s);
    bool has_day = gy_scan_digits(s, 1, 2, &t->day);
    if (separator == '.') {
        (void)gy_scan_char(s, '.');
    }
    return has_day;
}

static bool scan_iso(struct gy_str *s, struct gy_time_parts *t)
{
    if (!gy_scan_digits(s, 4, 4, &t->year)) {
        return false;
    }
    struct gy_str korean = *s;
    gy_scan_blanks(&korean);
    if (gy_scan_word(&korean, "년")) {
        *s = korean;
        return scan_korean_date(s, t);
    }
    return scan_month_day(s, t);
}

static bool scan_short_ymd(struct gy_str *s, struct gy_time_parts *t)
{
    if (!gy_scan_digits(s, 2, 2, &t->year)) {
        return false;
    }
    t->year = gy_full_year(t->year);
    return scan_month_day(s, t);
}

/* Two numbers and a year. */
static bool scan_year_last(struct gy_str *s, int32_t *first, int32_t *second, int32_t *year)
{
    if (!gy_scan_digits(s, 1, 2, first)) {
        return false;
    }
    char separator = scan_separator(s);
    if (separator == '\0') {
        return false;
    }
    gy_scan_blanks(s);
    if (!gy_scan_digits(s, 1, 2, second) || !gy_scan_char(s, separator)) {
        return false;
    }
    gy_scan_blanks(s);
    size_t before = s->len;
    if (!gy_scan_digits(s, 2, 4, year) || before - s->len == 3) {
        return false;
    }
    *year = before - s->len == 2 ? gy_full_year(*year) : *year;
    return true;
}

/* 20240305, and digits of the time of day right behind it: HHMM, HHMMSS or HHMMSSfff. */
static bool scan_compact(struct gy_str *s, struct gy_time_parts *t)
{
    size_t n = 0;
    while (has_digits(*s, n + 1)) {
        n++;
    }
    if ((n != 8 && n != 12 && n != 14 && n != 17) || !gy_scan_digits(s, 4, 4, &t->year) ||
        t->year < 1900 || t->year > 2100 || !gy_scan_digits(s, 2, 2, &t->month) ||
        !gy_scan_digits(s, 2, 2, &t->day)) {
        return false;
    }
    if (n == 8) {
        return gy_scan_rest(s, t);
    }
    bool is_read = gy_scan_digits(s, 2, 2, &t->hour) && gy_scan_digits(s, 2, 2, &t->minute) &&
                   (n < 14 || gy_scan_digits(s, 2, 2, &t->second)) &&
                   (n < 17 || gy_scan_digits(s, 3, 3, &t->millisecond));
    return is_read && (s->len == 0 || gy_scan_zone(s, t)) && s->len == 0;
}

/* ---- dates with the month's name ---- */

static void skip_between(struct gy_str *s)
{
    gy_scan_blanks(s);
    if (!gy_scan_char(s, '-') && !gy_scan_char(s, '/')) {
        (void)gy_scan_char(s, ',');
    }
    gy_scan_blanks(s);
}

static bool scan_any_year(struct gy_str *s, int32_t *year)
{
    size_t before = s->len;
    if (!gy_scan_digits(s, 2, 4, year) || before - s->len == 3) {
        return false;
    }
    *year = before - s->len == 2 ? gy_full_year(*year) : *year;
    return true;
}

/* "15:20:30 [zone] 2024", as C's ctime and date(1) print it */
static bool scan_clock_then_year(struct gy_str *s, struct gy_time_parts *t)
{
    if (!gy_scan_clock(s, t)) {
        return false;
    }
    gy_scan_blanks(s);
    struct gy_str zone = *s;
    if (!has_digits(*s, 1) && gy_scan_zone(&zone, t)) {
        *s = zone;
        gy_scan_blanks(s);
    }
    return gy_scan_digits(s, 4, 4, &t->year) && s->len == 0;
}

static bool is_year_next(struct gy_str s)
{
    return has_digits(s, 4) && !has_digits(s, 5);
}

static bool scan_named(struct gy_str *s, struct gy_time_parts *t)
{
    gy_scan_weekday(s);
    (void)gy_scan_char(s, ',');
    gy_scan_blanks(s);
    if (has_digits(*s, 1)) {
        if (!gy_scan_digits(s, 1, 2, &t->day)) {
            return false;
        }
        skip_between(s);
        if (!gy_scan_month(s, &t->month)) {
            return false;
        }
        skip_between(s);
        return scan_any_year(s, &t->year) && gy_scan_rest(s, t);
    }
    if (!gy_scan_month(s, &t->month)) {
        return false;
    }
    skip_between(s);
    if (!gy_scan_digits(s, 1, 2, &t->day)) {
        return false;
    }
    skip_between(s);
    if (is_year_next(*s)) {
        return gy_scan_digits(s, 4, 4, &t->year) && gy_scan_rest(s, t);
    }
    return scan_clock_then_year(s, t);
}

/* ---- reading ---- */

static bool read_parts(enum gy_time_form form, struct gy_str s, struct gy_time_parts *t)
{
    switch (form) {
    case GY_TIME_ISO:
        return scan_iso(&s, t) && gy_scan_rest(&s, t);
    case GY_TIME_COMPACT:
        return scan_compact(&s, t);
    case GY_TIME_MDY:
        return scan_year_last(&s, &t->month, &t->day, &t->year) && gy_scan_rest(&s, t);
    case GY_TIME_DMY:
        return scan_year_last(&s, &t->day, &t->month, &t->year) && gy_scan_rest(&s, t);
    case GY_TIME_YMD:
        return scan_short_ymd(&s, t) && gy_scan_rest(&s, t);
    case GY_TIME_NAMED:
        return scan_named(&s, t);
    case GY_TIME_UNIX:
    case GY_TIME_UNIX_MS:
    case GY_TIME_UNIX_US:
    case GY_TIME_UNIX_NS:
    case GY_TIME_PATTERN:
        break;
    }
    return false;
}

bool gy_time_format_read(const struct gy_time_format *format, const struct gy_zone *zone,
                         struct gy_str text, int64_t *ms)
{
    struct gy_str s = trim(text);
    if (format->form == GY_TIME_ISO && s.len == 19 && (s.ptr[10] == ' ' || s.ptr[10] == 'T') &&
        gy_time_read_plain(s.ptr, ms)) {
        *ms = gy_zone_to_utc(zone, *ms);
        return true;
    }
    switch (format->form) {
    case GY_TIME_ISO:
    case GY_TIME_COMPACT:
    case GY_TIME_MDY:
    case GY_TIME_DMY:
    case GY_TIME_YMD:
    case GY_TIME_NAMED: {
        struct gy_time_parts t = {0};
        return read_parts(format->form, s, &t) && gy_time_join(&t, zone, ms);
    }
    case GY_TIME_UNIX:
        return gy_scan_unix(s, 0, ms);
    case GY_TIME_UNIX_MS:
        return gy_scan_unix(s, 1, ms);
    case GY_TIME_UNIX_US:
        return gy_scan_unix(s, 1000, ms);
    case GY_TIME_UNIX_NS:
        return gy_scan_unix(s, 1000000, ms);
    case GY_TIME_PATTERN:
        return gy_time_pattern_read(format->pattern, zone, s, ms);
    }
    return false;
}

/* ---- names ---- */

enum gy_status gy_time_format_parse(struct gy_str text, struct gy_time_format *out,
                                    struct gy_error *err)
{
    *out = (struct gy_time_format){.form = GY_TIME_PATTERN};
    for (int i = 0; i < GY_N_TIME_FORMS; i++) {
        if (gy_str_equal(text, gy_str_of(form_names[i]))) {
            out->form = (enum gy_time_form)i;
            return GY_OK;
        }
    }
    if (text.len > GY_TIME_PATTERN_MAX || text.len == 0 || memchr(text.ptr, '\0', text.len)) {
        return gy_error_set(err, GY_INVALID, "a time format has 1 to %d characters",
                            GY_TIME_PATTERN_MAX);
    }
    if (memchr(text.ptr, '%', text.len) == NULL) {
        gy_error_set(err, GY_INVALID, "unknown time format \"%.*s\"", GY_STR_ARG(text));
        gy_error_hint(
            err,
            "Give a pattern such as %%Y-%%m-%%d %%H:%%M:%%S, or one of iso, compact, mdy, dmy, "
            "ymd, named, unix, unix-ms, unix-us, unix-ns.");
        return GY_INVALID;
    }
    memcpy(out->pattern, text.ptr, text.len);
    return gy_time_pattern_check(out->pattern, err);
}

const char *gy_time_format_name(const struct gy_time_format *format)
{
    return format->form == GY_TIME_PATTERN ? format->pattern : form_names[format->form];
}

/* ---- the guess ---- */

/* Numbers count only in the unit in which they are years from 1973 to 5138: a column of small
 * numbers is not a column of times. */
static bool is_of_unit(enum gy_time_form form, struct gy_str s)
{
    struct gy_str digits = s;
    (void)gy_scan_char(&digits, '-');
    size_t n = 0;
    while (has_digits(digits, n + 1)) {
        n++;
    }
    size_t least = 9 + 3 * (size_t)(form - GY_TIME_UNIX);
    return n >= least && n < least + 3;
}

static void keep_example(struct gy_time_guess *guess, struct gy_str s)
{
    if (guess->example[0] == '\0') {
        snprintf(guess->example, sizeof guess->example, "%.*s", GY_STR_ARG(s));
    }
}

static void compare_orders(struct gy_time_guess *guess, const bool *is_read, const int64_t *ms,
                           struct gy_str s)
{
    guess->n_only_mdy += is_read[GY_TIME_MDY] && !is_read[GY_TIME_DMY];
    guess->n_only_dmy += is_read[GY_TIME_DMY] && !is_read[GY_TIME_MDY];
    static const enum gy_time_form pairs[3][2] = {
        {GY_TIME_MDY, GY_TIME_DMY}, {GY_TIME_MDY, GY_TIME_YMD}, {GY_TIME_DMY, GY_TIME_YMD}};
    for (int i = 0; i < 3; i++) {
        enum gy_time_form a = pairs[i][0];
        enum gy_time_form b = pairs[i][1];
        if (is_read[a] && is_read[b] && ms[a] != ms[b]) {
            guess->differs[i] = true;
            keep_example(guess, s);
        }
    }
}

void gy_time_guess_add(struct gy_time_guess *guess, struct gy_str value)
{
    struct gy_str s = trim(value);
    if (s.len == 0) {
        return;
    }
    bool is_read[GY_N_TIME_FORMS];
    int64_t ms[GY_N_TIME_FORMS] = {0};
    guess->n++;
    for (int i = 0; i < GY_N_TIME_FORMS; i++) {
        struct gy_time_format format = {.form = (enum gy_time_form)i};
        is_read[i] = gy_time_format_read(&format, NULL, s, &ms[i]) &&
                     (i < GY_TIME_UNIX || is_of_unit(format.form, s));
        guess->n_read[i] += is_read[i];
    }
    compare_orders(guess, is_read, ms, s);
}

static enum gy_status ambiguous(const struct gy_time_guess *guess, struct gy_error *err)
{
    gy_error_set(err, GY_INVALID, "cannot tell day and month apart in times such as \"%s\"",
                 guess->example);
    gy_error_hint(err, "Say which it is: --time-format mdy (month first), dmy (day first) or ymd.");
    return GY_INVALID;
}

/* Whether another order of day, month and year would do as well, or nearly so. */
static bool is_in_doubt(const struct gy_time_guess *guess, enum gy_time_form best)
{
    static const enum gy_time_form orders[3] = {GY_TIME_MDY, GY_TIME_DMY, GY_TIME_YMD};
    for (int i = 0; i < 3; i++) {
        for (int j = i + 1; j < 3; j++) {
            bool is_concerned = orders[i] == best || orders[j] == best;
            bool is_tie = guess->n_read[orders[i]] == guess->n_read[orders[j]];
            if (is_concerned && is_tie && guess->differs[i + j - 1]) {
                return true;
            }
        }
    }
    uint32_t most = guess->n_only_mdy > guess->n_only_dmy ? guess->n_only_mdy : guess->n_only_dmy;
    uint32_t least = guess->n_only_mdy + guess->n_only_dmy - most;
    bool is_by_order = best == GY_TIME_MDY || best == GY_TIME_DMY;
    return is_by_order && (uint64_t)least * 20 > most;
}

enum gy_status gy_time_guess_finish(const struct gy_time_guess *guess, struct gy_time_format *out,
                                    struct gy_error *err)
{
    int best = 0;
    for (int i = 1; i < GY_N_TIME_FORMS; i++) {
        best = guess->n_read[i] > guess->n_read[best] ? i : best;
    }
    if (guess->n == 0 || guess->n_read[best] < guess->n - guess->n / 2) {
        gy_error_set(err, GY_INVALID, "the times are in no known form");
        gy_error_hint(err, "Give it as a pattern, such as --time-format \"%%d.%%m.%%Y %%H:%%M\".");
        return GY_INVALID;
    }
    *out = (struct gy_time_format){.form = (enum gy_time_form)best};
    return is_in_doubt(guess, out->form) ? ambiguous(guess, err) : GY_OK;
}
