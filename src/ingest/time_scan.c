/* time_scan.c - small readers, each for one piece. */
#include "ingest/time_scan.h"

#include <string.h>
#include <strings.h>

/* ---- characters ---- */

static void drop(struct gy_str *s, size_t n)
{
    s->ptr += n;
    s->len -= n;
}

bool gy_scan_char(struct gy_str *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c) {
        return false;
    }
    drop(s, 1);
    return true;
}

bool gy_scan_word(struct gy_str *s, const char *word)
{
    size_t len = strlen(word);
    if (s->len < len || strncasecmp(s->ptr, word, len) != 0) {
        return false;
    }
    drop(s, len);
    return true;
}

void gy_scan_blanks(struct gy_str *s)
{
    while (s->len > 0 && (s->ptr[0] == ' ' || s->ptr[0] == '\t')) {
        drop(s, 1);
    }
}

static bool is_digit(struct gy_str s, size_t i)
{
    return i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9';
}

bool gy_scan_digits(struct gy_str *s, int at_least, int at_most, int32_t *out)
{
    int n = 0;
    int32_t value = 0;
    while (n < at_most && is_digit(*s, (size_t)n)) {
        value = value * 10 + (s->ptr[n] - '0');
        n++;
    }
    drop(s, (size_t)n);
    *out = value;
    return n >= at_least;
}

bool gy_scan_fraction(struct gy_str *s, int32_t *millisecond)
{
    if (!is_digit(*s, 0)) {
        return false;
    }
    int32_t place = 100;
    *millisecond = 0;
    for (; is_digit(*s, 0); drop(s, 1)) {
        *millisecond += (s->ptr[0] - '0') * place;
        place /= 10;
    }
    return true;
}

/* ---- words ---- */

static bool is_letter(struct gy_str s)
{
    return s.len > 0 && (unsigned char)((s.ptr[0] | 0x20) - 'a') < 26;
}

/* Whether a word may begin here: most times have none, and looking through all names takes longer than all
 * the rest (it was half of 222 ns for "2010-12-01 08:26:00"). */
static bool is_word(struct gy_str s)
{
    return s.len > 0 && (is_letter(s) || s.ptr[0] == '(' || (unsigned char)s.ptr[0] >= 0x80);
}

/* A whole name, or its first three letters; with a dot behind it, if there is one. */
static int find_name(struct gy_str *s, const char *const *names, int n)
{
    for (int i = 0; i < n; i++) {
        char first[4] = {names[i][0], names[i][1], names[i][2], '\0'};
        struct gy_str whole = *s;
        struct gy_str shortened = *s;
        if (gy_scan_word(&whole, names[i]) && !is_letter(whole)) {
            *s = whole;
        } else if (gy_scan_word(&shortened, first) && !is_letter(shortened)) {
            *s = shortened;
        } else {
            continue;
        }
        (void)gy_scan_char(s, '.');
        return i;
    }
    return -1;
}

bool gy_scan_month(struct gy_str *s, int32_t *month)
{
    static const char *const names[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
    struct gy_str september = *s;
    if (gy_scan_word(&september, "Sept") && !is_letter(september)) {
        *s = september;
        (void)gy_scan_char(s, '.');
        *month = 9;
        return true;
    }
    *month = find_name(s, names, 12) + 1;
    return *month > 0;
}

void gy_scan_weekday(struct gy_str *s)
{
    static const char *const names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday"};
    if (!is_word(*s)) {
        return;
    }
    static const char *const korean[] = {"월", "화", "수", "목", "금", "토", "일"};
    struct gy_str rest = *s;
    bool is_in_brackets = gy_scan_char(&rest, '(');
    bool is_found = find_name(&rest, names, 7) >= 0;
    for (int i = 0; i < 7 && !is_found; i++) {
        struct gy_str name = rest;
        if (gy_scan_word(&name, korean[i])) {
            is_found = gy_scan_word(&name, "요일") || is_in_brackets;
            rest = is_found ? name : rest;
        }
    }
    if (is_found && (!is_in_brackets || gy_scan_char(&rest, ')'))) {
        *s = rest;
    }
}

bool gy_scan_half(struct gy_str *s, struct gy_time_parts *t)
{
    static const struct {
        const char *word;
        bool is_pm;
    } halves[] = {{"오전", false}, {"오후", true}, {"a.m.", false},
                  {"p.m.", true},  {"AM", false},  {"PM", true}};
    for (size_t i = 0; is_word(*s) && i < sizeof halves / sizeof *halves; i++) {
        if (gy_scan_word(s, halves[i].word)) {
            t->half = halves[i].is_pm ? PM : AM;
            return true;
        }
    }
    return false;
}

/* ---- zones ---- */

bool gy_scan_offset(struct gy_str *s, struct gy_time_parts *t)
{
    int32_t sign = gy_scan_char(s, '+') ? 1 : gy_scan_char(s, '-') ? -1 : 0;
    int32_t hours;
    int32_t minutes = 0;
    if (sign == 0 || !gy_scan_digits(s, 1, 2, &hours)) {
        return false;
    }
    bool has_colon = gy_scan_char(s, ':');
    if ((has_colon || is_digit(*s, 0)) && !gy_scan_digits(s, 2, 2, &minutes)) {
        return false;
    }
    t->has_offset = true;
    t->offset_minutes = sign * (hours * 60 + minutes);
    return hours < 24 && minutes < 60;
}

bool gy_scan_zone(struct gy_str *s, struct gy_time_parts *t)
{
    if (gy_scan_word(s, "KST")) {
        t->has_offset = true;
        t->offset_minutes = 9 * 60;
        return true;
    }
    bool is_named = gy_scan_word(s, "UTC") || gy_scan_word(s, "GMT") || gy_scan_word(s, "Z");
    bool has_sign = s->len > 0 && (s->ptr[0] == '+' || s->ptr[0] == '-');
    if (has_sign) {
        return gy_scan_offset(s, t);
    }
    t->has_offset = is_named;
    t->offset_minutes = 0;
    return is_named;
}

int32_t gy_full_year(int32_t two_digits)
{
    return two_digits + (two_digits < 69 ? 2000 : 1900);
}

/* ---- the time of day ---- */

/* ":20:30.5", or "시 20분 30초" */
static bool scan_minutes(struct gy_str *s, struct gy_time_parts *t)
{
    if (gy_scan_char(s, ':')) {
        if (!gy_scan_digits(s, 2, 2, &t->minute)) {
            return false;
        }
        if (!gy_scan_char(s, ':')) {
            return true;
        }
        bool has_seconds = gy_scan_digits(s, 2, 2, &t->second);
        bool has_point = gy_scan_char(s, '.') || gy_scan_char(s, ',');
        return has_seconds && (!has_point || gy_scan_fraction(s, &t->millisecond));
    }
    if (!gy_scan_word(s, "시")) {
        return false;
    }
    gy_scan_blanks(s);
    if (is_digit(*s, 0) && !(gy_scan_digits(s, 1, 2, &t->minute) && gy_scan_word(s, "분"))) {
        return false;
    }
    gy_scan_blanks(s);
    return !is_digit(*s, 0) || (gy_scan_digits(s, 1, 2, &t->second) && gy_scan_word(s, "초"));
}

/* "152030.5", without colons, as ISO 8601's basic format has it */
static bool scan_basic_clock(struct gy_str *s, struct gy_time_parts *t)
{
    if (!gy_scan_digits(s, 2, 2, &t->hour) || !gy_scan_digits(s, 2, 2, &t->minute)) {
        return false;
    }
    if (is_digit(*s, 0) && !gy_scan_digits(s, 2, 2, &t->second)) {
        return false;
    }
    bool has_point = gy_scan_char(s, '.') || gy_scan_char(s, ',');
    return !has_point || gy_scan_fraction(s, &t->millisecond);
}

bool gy_scan_clock(struct gy_str *s, struct gy_time_parts *t)
{
    bool has_half = gy_scan_half(s, t);
    gy_scan_blanks(s);
    bool is_basic = is_digit(*s, 0) && is_digit(*s, 1) && is_digit(*s, 2);
    if (is_basic ? !scan_basic_clock(s, t)
                 : !gy_scan_digits(s, 1, 2, &t->hour) || !scan_minutes(s, t)) {
        return false;
    }
    struct gy_str behind = *s;
    gy_scan_blanks(&behind);
    if (!has_half && gy_scan_half(&behind, t)) {
        *s = behind;
    }
    return true;
}

/* "(Korean Standard Time)", as browsers print it behind an offset */
static void skip_comment(struct gy_str *s)
{
    if (s->len >= 2 && s->ptr[0] == '(' && s->ptr[s->len - 1] == ')') {
        drop(s, s->len);
    }
}

bool gy_scan_rest(struct gy_str *s, struct gy_time_parts *t)
{
    if (is_digit(*s, 0) && s->ptr[-1] >= '0' && s->ptr[-1] <= '9') {
        return false; /* "2024-03-0515:20": the digits of the date go on */
    }
    gy_scan_blanks(s);
    gy_scan_weekday(s);
    bool has_mark = gy_scan_char(s, 'T') || gy_scan_char(s, 't') || gy_scan_char(s, ',') ||
                    gy_scan_char(s, ':') || gy_scan_char(s, '_');
    gy_scan_blanks(s);
    if (s->len == 0) {
        return !has_mark;
    }
    if (!gy_scan_clock(s, t)) {
        return false;
    }
    gy_scan_blanks(s);
    if (s->len > 0 && !gy_scan_zone(s, t)) {
        return false;
    }
    gy_scan_blanks(s);
    skip_comment(s);
    return s->len == 0;
}

/* ---- putting together ---- */

bool gy_time_set_ordinal(struct gy_time_parts *t, int32_t day_of_year)
{
    if (t->year < 1 || t->year > 9999 || day_of_year < 1) {
        return false;
    }
    struct gy_civil date;
    gy_day_to_civil(gy_day_from_civil(t->year, 1, 1) + day_of_year - 1, &date);
    t->month = date.month;
    t->day = date.day;
    return date.year == t->year;
}

/* Week 1 is the one with January 4th. */
bool gy_time_set_week(struct gy_time_parts *t, int32_t week, int32_t weekday)
{
    if (t->year < 1 || t->year > 9998 || week < 1 || week > 53 || weekday < 1 || weekday > 7) {
        return false;
    }
    int64_t fourth = gy_day_from_civil(t->year, 1, 4);
    int64_t next = gy_day_from_civil(t->year + 1, 1, 4);
    int64_t monday = fourth - gy_day_weekday(fourth) + 1;
    int64_t day = monday + (week - 1) * 7 + weekday - 1;
    struct gy_civil date;
    gy_day_to_civil(day, &date);
    t->year = date.year;
    t->month = date.month;
    t->day = date.day;
    return day < next - gy_day_weekday(next) + 1;
}

/* The hour of a 24-hour clock, or -1. */
static int32_t full_hour(const struct gy_time_parts *t)
{
    if (t->half == NO_HALF) {
        bool is_end = t->hour == 24 && t->minute == 0 && t->second == 0 && t->millisecond == 0;
        return t->hour < 24 || is_end ? t->hour : -1;
    }
    if (t->hour > 12) {
        return -1;
    }
    return t->hour % 12 + (t->half == PM ? 12 : 0);
}

bool gy_time_join(const struct gy_time_parts *t, const struct gy_zone *zone, int64_t *ms)
{
    int32_t hour = full_hour(t);
    bool is_leap_second = t->second == 60 && t->minute == 59;
    if (t->year < 1 || t->year > 9999 || t->month < 1 || t->month > 12 || t->day < 1 ||
        t->day > gy_days_in_month(t->year, t->month) || hour < 0 || t->minute > 59 ||
        (t->second > 59 && !is_leap_second)) {
        return false;
    }
    int64_t local = gy_day_from_civil(t->year, t->month, t->day) * GY_DAY_MS + hour * GY_HOUR_MS +
                    t->minute * GY_MINUTE_MS + t->second * INT64_C(1000) + t->millisecond;
    *ms = t->has_offset ? local - t->offset_minutes * GY_MINUTE_MS : gy_zone_to_utc(zone, local);
    return true;
}

/* ---- numbers ---- */

#define YEAR_1_MS     INT64_C(-62135596800000)
#define YEAR_10000_MS INT64_C(253402300800000)

bool gy_scan_unix(struct gy_str s, int64_t per_ms, int64_t *ms)
{
    bool is_negative = gy_scan_char(&s, '-');
    int64_t value = 0;
    size_t n = 0;
    for (; is_digit(s, 0); drop(&s, 1), n++) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, s.ptr[0] - '0', &value)) {
            return false;
        }
    }
    int32_t fraction = 0;
    if (n == 0 || (gy_scan_char(&s, '.') && !gy_scan_fraction(&s, &fraction)) || s.len > 0) {
        return false;
    }
    if (per_ms > 0) {
        value /= per_ms;
    } else if (__builtin_mul_overflow(value, 1000, &value) ||
               __builtin_add_overflow(value, fraction, &value)) {
        return false;
    }
    *ms = is_negative ? -value : value;
    return *ms >= YEAR_1_MS && *ms < YEAR_10000_MS;
}
