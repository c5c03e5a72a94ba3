/* zone.c - a zone as two timelines of intervals with a constant offset: by UTC and by local time.
 *
 * A local time belongs to the first interval that has not ended by it. At a transition from offset
 * a to offset b at instant t, clocks show t + a before and t + b after. Where they are set back
 * (b < a) the times from t + b to t + a occur twice, and the first of them has offset a; where they
 * are set forward those from t + a to t + b are skipped, and moving one on by the gap b - a also
 * means taking it with offset a. So in both cases offset a holds until local time t + max(a, b), and
 * that is where the local timeline has its transition.
 *
 * An index over pieces of 99 days gives the interval where a piece begins; from there a lookup walks
 * at most a few steps, mostly none. An evaluation makes millions of these.
 */
#include "base/zone.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <unicode/ucal.h>
#include <unicode/uenum.h>
#include <unicode/ustring.h>

#include "base/mem.h"
#include "base/text.h"

enum {
    PIECE_SHIFT = 33, /* 2^33 ms are 99 days */
    N_PIECES = 1472,  /* 400 years and a little */
    MOST_INTERVALS = 2048,
    LONGEST_NAME = 63
};

#define FIRST_MS INT64_C(-5364662400000) /* 1800-01-01 */
#define LAST_MS  INT64_C(7258118400000)  /* 2200-01-01 */

struct timeline {
    int64_t starts[MOST_INTERVALS]; /* of interval i ≥ 1; the first has always been there */
    uint16_t index[N_PIECES];       /* the interval at the beginning of a piece */
};

struct gy_zone {
    char name[LONGEST_NAME + 1];
    uint32_t n; /* intervals, at least 1 */
    int32_t offsets_ms[MOST_INTERVALS];
    struct timeline utc;
    struct timeline local;
};

/* ---- the timelines ---- */

static void build_index(struct timeline *line, uint32_t n)
{
    uint32_t interval = 0;
    for (int64_t piece = 0; piece < N_PIECES; piece++) {
        int64_t begin = FIRST_MS + (piece << PIECE_SHIFT);
        while (interval + 1 < n && line->starts[interval + 1] <= begin) {
            interval++;
        }
        line->index[piece] = (uint16_t)interval;
    }
}

static uint32_t find_interval(const struct timeline *line, uint32_t n, int64_t ms)
{
    if (ms >= line->starts[n - 1]) {
        return n - 1;
    }
    if (ms < FIRST_MS) {
        return 0;
    }
    uint32_t interval = line->index[(uint64_t)(ms - FIRST_MS) >> PIECE_SHIFT];
    while (line->starts[interval + 1] <= ms) {
        interval++;
    }
    return interval;
}

static void add_interval(struct gy_zone *zone, int64_t start_ms, int32_t offset_ms)
{
    uint32_t n = zone->n;
    GY_ASSERT(n < MOST_INTERVALS);
    int32_t before = n == 0 ? offset_ms : zone->offsets_ms[n - 1];
    if (n > 0 && before == offset_ms) {
        return; /* only the name of the time changes */
    }
    zone->offsets_ms[n] = offset_ms;
    zone->utc.starts[n] = start_ms;
    zone->local.starts[n] =
        n == 0 ? start_ms : start_ms + (before > offset_ms ? before : offset_ms);
    GY_ASSERT(n == 0 || zone->local.starts[n] > zone->local.starts[n - 1]);
    zone->n++;
}

/* ---- ICU ---- */

static int32_t icu_offset_ms(UCalendar *calendar, UErrorCode *status)
{
    return ucal_get(calendar, UCAL_ZONE_OFFSET, status) +
           ucal_get(calendar, UCAL_DST_OFFSET, status);
}

static bool next_transition(UCalendar *calendar, double *at_ms, UErrorCode *status)
{
    return ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, at_ms, status) &&
           U_SUCCESS(*status) && *at_ms < (double)LAST_MS;
}

static void read_transitions(struct gy_zone *zone, UCalendar *calendar, UErrorCode *status)
{
    double at_ms = (double)FIRST_MS;
    ucal_setMillis(calendar, at_ms, status);
    add_interval(zone, INT64_MIN, icu_offset_ms(calendar, status));
    while (U_SUCCESS(*status) && next_transition(calendar, &at_ms, status)) {
        ucal_setMillis(calendar, at_ms, status);
        add_interval(zone, (int64_t)at_ms, icu_offset_ms(calendar, status));
    }
}

/* Names of three letters that ICU knows from old Java and that are no IANA zones: they are
 * ambiguous, CST being Chicago to some and China to others. */
static bool is_java_name(const char *name)
{
    static const char names[] = "ACT AET AGT ART AST BET BST CAT CNT CST CTT EAT ECT IET IST JST "
                                "MIT NET NST PLT PNT PRT PST SST VST";
    return strlen(name) == 3 && strstr(names, name) != NULL;
}

static bool has_zone_letters(const char *name)
{
    for (const char *p = name; *p != '\0'; p++) {
        char lower = (char)(*p | 0x20);
        bool is_letter = lower >= 'a' && lower <= 'z';
        bool is_digit = *p >= '0' && *p <= '9';
        if (!is_letter && !is_digit && strchr("/_+-", *p) == NULL) {
            return false;
        }
    }
    return true;
}

static bool is_iana_zone(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len > LONGEST_NAME || !has_zone_letters(name) || is_java_name(name) ||
        strcmp(name, "Etc/Unknown") == 0) {
        return false;
    }
    UChar id[LONGEST_NAME + 1];
    UChar canonical[128];
    UBool is_system = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_charsToUChars(name, id, (int32_t)len + 1);
    ucal_getCanonicalTimeZoneID(id, (int32_t)len, canonical, 128, &is_system, &status);
    return U_SUCCESS(status) && is_system;
}

/* ---- the nearest name ---- */

static struct gy_str lower_case(const char *name, char out[LONGEST_NAME + 1])
{
    size_t len = 0;
    for (; len < LONGEST_NAME && name[len] != '\0'; len++) {
        char c = name[len];
        out[len] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    return (struct gy_str){out, len};
}

/* How far `asked` is from a zone, or from its last part: people type "seoul". */
static size_t zone_distance(struct gy_str asked, const char *zone, size_t limit)
{
    char lower[LONGEST_NAME + 1];
    struct gy_str name = lower_case(zone, lower);
    size_t distance = gy_text_distance(asked, name, limit);
    const char *slash = memrchr(name.ptr, '/', name.len);
    if (slash != NULL) {
        struct gy_str city = {slash + 1, (size_t)(name.ptr + name.len - slash - 1)};
        size_t city_distance = gy_text_distance(asked, city, limit);
        distance = city_distance < distance ? city_distance : distance;
    }
    return distance;
}

static bool nearest_zone(const char *asked, char out[LONGEST_NAME + 1])
{
    UErrorCode status = U_ZERO_ERROR;
    UEnumeration *zones =
        ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL, NULL, NULL, &status);
    char lower[LONGEST_NAME + 1];
    struct gy_str name = lower_case(asked, lower);
    size_t best = name.len / 3 + 1;
    bool is_found = false;
    int32_t len = 0;
    for (const char *zone; (zone = uenum_next(zones, &len, &status)) != NULL;) {
        size_t distance = zone_distance(name, zone, best);
        if (distance < best && len <= LONGEST_NAME && is_iana_zone(zone)) {
            best = distance;
            memcpy(out, zone, (size_t)len + 1);
            is_found = true;
        }
    }
    uenum_close(zones);
    return is_found;
}

static enum gy_status refuse_name(const char *name, struct gy_error *err)
{
    char nearest[LONGEST_NAME + 1];
    gy_error_set(err, GY_INVALID, "unrecognized time zone \"%s\"", name);
    if (nearest_zone(name, nearest)) {
        gy_error_hint(err, "Did you mean \"%s\"?", nearest);
    } else {
        gy_error_hint(err, "Time zones have IANA names, such as \"Asia/Seoul\".");
    }
    return GY_INVALID;
}

/* ---- opening ---- */

enum gy_status gy_zone_open(const char *name, struct gy_zone **out, struct gy_error *err)
{
    *out = NULL;
    if (!is_iana_zone(name)) {
        return refuse_name(name, err);
    }
    UChar id[LONGEST_NAME + 1];
    UErrorCode status = U_ZERO_ERROR;
    u_charsToUChars(name, id, (int32_t)strlen(name) + 1);
    UCalendar *calendar = ucal_open(id, -1, "en", UCAL_GREGORIAN, &status);
    struct gy_zone *zone = gy_alloc_zero(1, sizeof *zone);
    memcpy(zone->name, name, strlen(name) + 1);
    if (U_SUCCESS(status)) {
        read_transitions(zone, calendar, &status);
        build_index(&zone->utc, zone->n);
        build_index(&zone->local, zone->n);
    }
    ucal_close(calendar);
    if (U_FAILURE(status)) {
        gy_zone_close(zone);
        return gy_error_set(err, GY_IO, "could not load the time zone \"%s\": ICU says %s", name,
                            u_errorName(status));
    }
    *out = zone;
    return GY_OK;
}

void gy_zone_close(struct gy_zone *zone)
{
    free(zone);
}

const char *gy_zone_name(const struct gy_zone *zone)
{
    return zone == NULL ? "UTC" : zone->name;
}

/* ---- instants and local times ---- */

static int64_t saturated_add(int64_t a, int64_t b)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) {
        return b > 0 ? INT64_MAX : INT64_MIN;
    }
    return sum;
}

/* The day that holds `ms`; `*rest` is what has passed of it. */
static int64_t split_day(int64_t ms, int64_t *rest)
{
    bool is_before = ms % GY_DAY_MS < 0;
    *rest = ms % GY_DAY_MS + (is_before ? GY_DAY_MS : 0);
    return ms / GY_DAY_MS - is_before;
}

static int64_t to_local(const struct gy_zone *zone, int64_t utc_ms)
{
    return saturated_add(utc_ms, gy_zone_offset_ms(zone, utc_ms));
}

int64_t gy_zone_offset_ms(const struct gy_zone *zone, int64_t utc_ms)
{
    return zone == NULL ? 0 : zone->offsets_ms[find_interval(&zone->utc, zone->n, utc_ms)];
}

int64_t gy_zone_next_change(const struct gy_zone *zone, int64_t utc_ms)
{
    if (zone == NULL) {
        return INT64_MAX;
    }
    uint32_t next = find_interval(&zone->utc, zone->n, utc_ms) + 1;
    return next < zone->n ? zone->utc.starts[next] : INT64_MAX;
}

int64_t gy_zone_to_utc(const struct gy_zone *zone, int64_t local_ms)
{
    if (zone == NULL) {
        return local_ms;
    }
    uint32_t interval = find_interval(&zone->local, zone->n, local_ms);
    return saturated_add(local_ms, -(int64_t)zone->offsets_ms[interval]);
}

void gy_zone_civil(const struct gy_zone *zone, int64_t utc_ms, struct gy_civil *out)
{
    int64_t rest_ms;
    gy_day_to_civil(split_day(to_local(zone, utc_ms), &rest_ms), out);
    int32_t rest = (int32_t)rest_ms;
    out->hour = rest / 3600000;
    out->minute = rest / 60000 % 60;
    out->second = rest / 1000 % 60;
    out->millisecond = rest % 1000;
}

int64_t gy_zone_day(const struct gy_zone *zone, int64_t utc_ms)
{
    int64_t rest_ms;
    return split_day(to_local(zone, utc_ms), &rest_ms);
}

/* Local midnight and `rest_ms` after it, as if local time were UTC; saturated. */
static int64_t join_day(int64_t day, int64_t rest_ms)
{
    int64_t ms;
    if (__builtin_mul_overflow(day, GY_DAY_MS, &ms)) {
        return day > 0 ? INT64_MAX : INT64_MIN;
    }
    return saturated_add(ms, rest_ms);
}

int64_t gy_zone_day_start(const struct gy_zone *zone, int64_t day)
{
    return gy_zone_to_utc(zone, join_day(day, 0));
}

int64_t gy_zone_add_months(const struct gy_zone *zone, int64_t utc_ms, int64_t n)
{
    int64_t rest_ms;
    int64_t day = split_day(to_local(zone, utc_ms), &rest_ms);
    return gy_zone_to_utc(zone, join_day(gy_day_add_months(day, n), rest_ms));
}

/* ---- clocks ---- */

int64_t gy_now_ms(void)
{
    struct timespec now;
    GY_ASSERT(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t gy_monotonic_us(void)
{
    struct timespec now;
    GY_ASSERT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t gy_monotonic_ms(void)
{
    return gy_monotonic_us() / 1000;
}
