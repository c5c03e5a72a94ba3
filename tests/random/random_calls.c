/* random_calls.c - what is called by whom and when is drawn from small pools, see the header. */
#include "random/random_calls.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "harness.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static bool one_in(uint64_t *state, uint64_t n)
{
    return gy_test_below(state, n) == 0;
}

/* ---- pools ---- */

static const char *const FEW_NUMBERS[] = {"0",   "1",   "2",   "3",   "4",     "5",   "10",
                                          "0.1", "0.2", "0.3", "2.5", "19.99", "100", "29.9"};
static const char *const ODD_NUMBERS[] = {"0.0",
                                          "1e2",
                                          "1e15",
                                          "0.000001",
                                          "1.5e-7",
                                          "9007199254740993",
                                          "9007199254740992",
                                          "123456789012345678",
                                          "1e21",
                                          "1e300",
                                          "1.7e308",
                                          "5e-324",
                                          "2.2250738585072014e-308",
                                          "1e-300",
                                          "0.30000000000000004",
                                          "4503599627370496.5",
                                          "1234567.891",
                                          "33.333333333333336",
                                          "99999999999999999999"};

const char *random_number(uint64_t *state)
{
    return one_in(state, 8) ? ODD_NUMBERS[gy_test_below(state, COUNT_OF(ODD_NUMBERS))]
                            : FEW_NUMBERS[gy_test_below(state, COUNT_OF(FEW_NUMBERS))];
}

static const struct gy_str FEW_STRINGS[] = {
    {"서울", 6}, {"부산", 6}, {"경기", 6}, {"a", 1}, {"ab", 2}, {"abc", 3}, {"b", 1}, {"A", 1},
};
static const struct gy_str ODD_STRINGS[] = {
    {"", 0},
    {" ", 1},
    {"\xe1\x84\x89\xe1\x85\xa5\xe1\x84\x8b\xe1\x85\xae\xe1\x86\xaf", 15}, /* 서울, NFD */
    {"e\xcc\x81", 3},                                                     /* é, NFD */
    {"\xc3\xa9", 2},                                                      /* é, NFC */
    {"\xf0\x9f\x98\x80", 4},
    {"\xef\xbf\xbd", 3}, /* by code point before what is beyond the plane, by UTF-16 behind it */
    {"a\0b", 3},
    {"2025-01-01", 10},
    {"12", 2},
    {"true", 4},
    {"x\"y\\z'", 6},
    {"a\nb", 3},
    {"가나다라마바사아자차카타파하가나다라마바사아자차카타파하가나다라마바사아자차카타파하", 126},
};

struct gy_str random_string(uint64_t *state)
{
    return one_in(state, 5) ? ODD_STRINGS[gy_test_below(state, COUNT_OF(ODD_STRINGS))]
                            : FEW_STRINGS[gy_test_below(state, COUNT_OF(FEW_STRINGS))];
}

/* Of pages, of what led to them, and what stands there that is none. */
static const char *const ADDRESSES[] = {
    "https://www.shop.kr/",
    "https://shop.kr/a?utm_source=News&utm_medium=Email&utm_campaign=%EB%B4%84+1&q=x#q=y",
    "https://shop.kr/b?gclid=1&q=%EC%84%9C%EC%9A%B8",
    "http://user@SHOP.kr.:8080/c/d?utm_medium=cpc;utm_term=%e1%84%80%e1%85%a1&utm_content=a",
    "https://shop.kr/?utm_source=google&utm_medium=cpc&s=%ff",
    "https://shop.kr/?utm_campaign=x&utm_term=&search=a%2Gb",
    "/a?utm_source=facebook&utm_medium=cpc&query=",
    "?keyword=abc",
    "utm_source=y&utm_medium=social",
    "https://www.google.co.kr/search?q=a+b",
    "https://search.naver.com/search.naver?where=nexearch&query=%EC%84%9C%EC%9A%B8",
    "https://m.facebook.com/",
    "https://blog.example",
    "$direct",
    "",
};

/* Around them clocks change, months end, a year is a leap year, a whole day is skipped (Apia). */
static const char *const CENTRES[] = {
    "2024-03-10T07:00:00Z",     "2024-11-03T06:30:00Z", "2025-03-30T01:00:00Z",
    "2025-10-26T01:15:00Z",     "2024-02-29T15:00:00Z", "2025-03-01T00:00:00Z",
    "2024-12-31T15:00:00Z",     "2011-12-30T10:00:00Z", "2025-03-31T03:00:00Z",
    "2021-09-25T14:00:00Z",     "1999-12-31T23:59:59Z", "1970-01-01T00:00:00Z",
    "2025-06-15T12:34:56.789Z",
};

static const int64_t STEPS_MS[] = {0,          0,           0,           1,           -1,
                                   1000,       -1000,       60000,       3600000,     -3600000,
                                   1800000,    86400000,    -86400000,   86399999,    604800000,
                                   -604800000, 2592000000,  -2592000000, -7776000000, 1209600000,
                                   -172800000, -5184000000, -31536000000};

/* Events are from within these years; the second day of the first, as zones are behind it. */
static int64_t within_years(int64_t ms)
{
    static const int64_t FIRST_MS = -25566 * GY_DAY_MS; /* 1900-01-02 */
    return ms < FIRST_MS ? FIRST_MS : ms;
}

/* As long as windows are: so many minutes, hours, days or weeks, or months. */
static const int64_t COUNTS[] = {1, 1, 1, 2, 3, 7, 12, 24, 30, 60, 90};
static const int64_t LENGTHS_MS[] = {GY_MINUTE_MS, GY_HOUR_MS, GY_DAY_MS, GY_DAY_MS, 7 * GY_DAY_MS};

static int64_t window_before(uint64_t *state, const struct random_calls *calls, int64_t ms)
{
    int64_t n = COUNTS[gy_test_below(state, COUNT_OF(COUNTS))];
    if (one_in(state, 4)) {
        return gy_zone_add_months(calls->zone, ms, -n * (one_in(state, 4) ? 12 : 1));
    }
    return ms - n * LENGTHS_MS[gy_test_below(state, COUNT_OF(LENGTHS_MS))];
}

/* The centre, the places before it that windows end at, and a few days' beginnings. */
static void draw_instants(uint64_t *state, struct random_calls *calls)
{
    enum {
        N = 24
    };
    const char *centre = CENTRES[gy_test_below(state, COUNT_OF(CENTRES))];
    GY_ASSERT(gy_time_read(gy_str_of(centre), NULL, &calls->centre_ms, NULL));
    calls->instants = GY_NEW_ARRAY(&calls->arena, int64_t, N);
    calls->n_instants = N;
    calls->instants[0] = calls->centre_ms;
    for (size_t i = 1; i < N; i++) {
        int64_t back = (int64_t)gy_test_below(state, one_in(state, 3) ? 400 : 40);
        int64_t today = gy_zone_day(calls->zone, calls->centre_ms);
        int64_t ms = window_before(state, calls, calls->centre_ms);
        if (one_in(state, 3)) {
            ms = gy_zone_day_start(calls->zone, today - back + (one_in(state, 6) ? 45 : 0));
        } else if (one_in(state, 3)) {
            ms = calls->centre_ms - (int64_t)gy_test_below(state, 30 * GY_DAY_MS);
        }
        calls->instants[i] = within_years(ms);
    }
}

int64_t random_instant(uint64_t *state, const struct random_calls *calls)
{
    int64_t ms = one_in(state, 3) ? window_before(state, calls, calls->centre_ms)
                                  : calls->instants[gy_test_below(state, calls->n_instants)];
    if (one_in(state, 2)) {
        ms += STEPS_MS[gy_test_below(state, COUNT_OF(STEPS_MS))];
    }
    ms = within_years(ms);
    return calls->is_to_the_second ? ms / 1000 * 1000 : ms;
}

/* ---- times as text ---- */

static const char *const ODD_TIMES[] = {
    "1988-02-29",
    "1900-02-28",
    "2000-12-31T23:59:59.999Z",
    "0001-01-01",
    "9999-12-31T23:59:59Z",
    "1970-01-01",
    "2004-02-29T23:30+09",
    "1969-12-31T23:59:59.999Z",
    "2106-01-01",
    "1961-08-10T00:15",
};

struct gy_str random_time(uint64_t *state, const struct random_calls *calls, struct gy_arena *arena)
{
    if (one_in(state, 6)) {
        return gy_str_of(ODD_TIMES[gy_test_below(state, COUNT_OF(ODD_TIMES))]);
    }
    int64_t ms = random_instant(state, calls);
    int64_t minutes = (int64_t)gy_test_below(state, 3) * 330;
    struct gy_civil c;
    char text[80];
    switch (gy_test_below(state, 4)) {
    case 0:
        gy_zone_civil(calls->zone, ms, &c);
        snprintf(text, sizeof text, "%04d-%02d-%02d", c.year, c.month, c.day);
        break;
    case 1: /* of no zone: local */
        gy_zone_civil(calls->zone, ms, &c);
        snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03d", c.year, c.month, c.day,
                 c.hour, c.minute, c.second, c.millisecond);
        break;
    case 2:
        gy_zone_civil(NULL, ms + minutes * GY_MINUTE_MS, &c);
        snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03d987+%02d:%02d", c.year,
                 c.month, c.day, c.hour, c.minute, c.second, c.millisecond, (int)minutes / 60,
                 (int)minutes % 60);
        break;
    default:
        gy_time_print(ms, text);
        break;
    }
    return gy_arena_str(arena, gy_str_of(text));
}

/* A text that reads as exactly this instant. */
static void put_timestamp(uint64_t *state, const struct random_calls *calls, int64_t ms,
                          struct gy_buf *out)
{
    char text[GY_TIME_TEXT];
    struct gy_civil c;
    int64_t back;
    gy_zone_civil(calls->zone, ms, &c);
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03d", c.year, c.month, c.day,
             c.hour, c.minute, c.second, c.millisecond);
    if (!one_in(state, 6) || !gy_time_read(gy_str_of(text), calls->zone, &back, NULL) ||
        back != ms) {
        gy_time_print(ms, text);
    }
    gy_buf_printf(out, "\"%s\"", text);
}

/* ---- values as JSON ---- */

static void put_json_string(struct gy_str s, struct gy_buf *out)
{
    gy_buf_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c < 0x20) {
            gy_buf_printf(out, "\\u%04x", c);
        } else if (c == '"' || c == '\\') {
            gy_buf_char(out, '\\');
            gy_buf_char(out, (char)c);
        } else {
            gy_buf_char(out, (char)c);
        }
    }
    gy_buf_char(out, '"');
}

struct field {
    const char *name;
    char type; /* n number, s string, b boolean, t time, l list */
};

/* What the numbers, strings or times of one name are like in these calls: a store may keep a column of
 * whole numbers, of cents or of dates in ways of their own. */
static unsigned style_of(const struct random_calls *calls, const char *name, unsigned n_styles)
{
    uint64_t h = calls->style;
    for (const char *c = name; *c != '\0'; c++) {
        h = (h ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
    }
    return (unsigned)((h ^ h >> 29) % n_styles);
}

static void put_number(uint64_t *state, unsigned style, struct gy_buf *out)
{
    int whole = (int)gy_test_below(state, 2000001) - 1000000;
    switch (style) {
    case 0: /* few whole numbers, none negative */
        gy_buf_printf(out, "%u", (unsigned)gy_test_below(state, 6));
        break;
    case 1:
        gy_buf_printf(out, "%d", one_in(state, 3) ? whole : whole % 11);
        break;
    case 2: /* cents */
        gy_buf_printf(out, "%s%d.%02u", one_in(state, 9) ? "-" : "",
                      whole < 0 ? -whole / 3000 : whole % 20, (unsigned)gy_test_below(state, 100));
        break;
    case 3: /* every digit of a double */
        gy_buf_printf(out, "%.17g", (double)whole / (double)(1 + gy_test_below(state, 9999)));
        break;
    default:
        gy_buf_printf(out, "%s%s", one_in(state, 6) ? "-" : "", random_number(state));
        break;
    }
}

static void put_string(uint64_t *state, unsigned style, struct gy_buf *out)
{
    if (style == 0 && !one_in(state, 4)) { /* almost each is another one */
        gy_buf_printf(out, "\"a%llu\"", (unsigned long long)gy_test_below(state, 1000000));
    } else {
        put_json_string(random_string(state), out);
    }
}

static void put_time(uint64_t *state, struct random_calls *calls, unsigned style,
                     struct gy_buf *out)
{
    struct gy_civil c;
    if (style == 0) {
        gy_day_to_civil((int64_t)gy_test_below(state, 20000), &c);
        gy_buf_printf(out, "\"%04d-%02d-%02d\"", c.year, c.month, c.day);
    } else {
        put_json_string(random_time(state, calls, &calls->arena), out);
    }
}

static void put_list(uint64_t *state, struct gy_buf *out)
{
    gy_buf_char(out, '[');
    for (uint64_t i = gy_test_below(state, 4); i-- > 0;) {
        put_json_string(random_string(state), out);
        gy_buf_text(out, i > 0 ? "," : "");
    }
    gy_buf_char(out, ']');
}

static void put_value(uint64_t *state, struct random_calls *calls, const char *name, char type,
                      struct gy_buf *out)
{
    switch (type) {
    case 'n':
        put_number(state, style_of(calls, name, 6), out);
        break;
    case 's':
        put_string(state, style_of(calls, name, 4), out);
        break;
    case 'u':
        put_json_string(gy_str_of(ADDRESSES[gy_test_below(state, COUNT_OF(ADDRESSES))]), out);
        break;
    case 'b':
        gy_buf_text(out, one_in(state, 2) ? "true" : "false");
        break;
    case 't':
        put_time(state, calls, style_of(calls, name, 3), out);
        break;
    default:
        put_list(state, out);
        break;
    }
}

/* Of its type for the most part, sometimes null or of another. */
static void put_field_value(uint64_t *state, struct random_calls *calls, const struct field *field,
                            struct gy_buf *out)
{
    if (!calls->is_tidy && one_in(state, 12)) {
        gy_buf_text(out, "null");
    } else {
        bool is_misfit = !calls->is_tidy && one_in(state, 15);
        put_value(state, calls, field->name,
                  is_misfit ? "nsbt"[gy_test_below(state, 4)] : field->type, out);
    }
}

static void put_first_value(char type, struct gy_buf *out)
{
    gy_buf_text(out, type == 'n'   ? "2"
                     : type == 's' ? "\"서울\""
                     : type == 'u' ? "\"https://www.shop.kr/\""
                     : type == 'b' ? "true"
                     : type == 't' ? "\"2024-05-06\""
                                   : "[\"a\"]");
}

/* ---- names ---- */

struct event {
    const char *name;
    struct field fields[6];
    const char *list;            /* its items, or NULL */
    struct field item_fields[6]; /* one may have the name of a field of the event */
};

static const struct event EVENTS[] = {
    {"Order Completed",
     {{"revenue", 'n'},
      {"status", 's'},
      {"gift", 'b'},
      {"due date", 't'},
      {"e\xcc\x81t\xc3\xa9", 's'}},
     "products",
     {{"sku", 's'}, {"price", 'n'}, {"qty", 'n'}, {"status", 's'}, {"등급", 's'}}},
    {"Page Viewed", /* of which visits are made */
     {{"url", 'u'},
      {"path", 's'},
      {"search", 'u'},
      {"referrer", 'u'},
      {"시간", 'n'},
      {"last", 's'}},
     NULL,
     {{NULL, 0}}},
    {"조회",
     {{"품목", 's'}, {"price", 'n'}, {"sku", 's'}, {"at", 't'}},
     "목록",
     {{"sku", 's'}, {"price", 'n'}}},
    {"Ping", {{NULL, 0}}, NULL, {{NULL, 0}}},
};

static const struct field TRAITS[] = {{"age", 'n'},  {"score", 'n'}, {"region", 's'},
                                      {"이름", 's'}, {"vip", 'b'},   {"birthday", 't'},
                                      {"in", 't'},   {"tags", 'l'},  {"관심 분야", 'l'}};

/* ---- calls ---- */

static void put_fields(uint64_t *state, struct random_calls *calls, const struct field *fields,
                       size_t n, const char **separator, struct gy_buf *out)
{
    for (size_t i = 0; i < n && fields[i].name != NULL; i++) {
        if (state != NULL && !calls->is_tidy && one_in(state, 4)) {
            continue;
        }
        gy_buf_text(out, *separator);
        put_json_string(gy_str_of(fields[i].name), out);
        gy_buf_char(out, ':');
        if (state != NULL) {
            put_field_value(state, calls, &fields[i], out);
        } else {
            put_first_value(fields[i].type, out);
        }
        *separator = ",";
    }
}

/* Arrays of objects make items; other arrays and objects are not read. */
static void put_items(uint64_t *state, struct random_calls *calls, const struct event *event,
                      const char **separator, struct gy_buf *out)
{
    if (event->list == NULL || (state != NULL && one_in(state, 3))) {
        return;
    }
    gy_buf_printf(out, "%s\"%s\":[", *separator, event->list);
    *separator = ",";
    uint64_t n = state == NULL ? 1 : gy_test_below(state, 4);
    bool is_spoilt = state != NULL && one_in(state, 20);
    for (uint64_t i = 0; i < n; i++) {
        const char *inner = "";
        gy_buf_text(out, i > 0 ? ",{" : "{");
        put_fields(state, calls, event->item_fields, COUNT_OF(event->item_fields), &inner, out);
        gy_buf_char(out, '}');
    }
    gy_buf_text(out, is_spoilt && n > 0 ? ",7]" : "]");
    if (state != NULL && one_in(state, 10)) {
        gy_buf_text(out, ",\"nested\":{\"price\":3},\"words\":[\"a\",\"b\"]");
    }
}

static void add_line(struct random_calls *calls, const struct gy_buf *json, int64_t ms,
                     bool is_link, uint32_t person)
{
    GY_GROW(calls->lines, calls->capacity, calls->n_lines + 1);
    calls->lines[calls->n_lines++] =
        (struct random_line){gy_arena_str(&calls->arena, gy_buf_view(json)), ms, is_link, person};
}

static void put_properties(uint64_t *state, struct random_calls *calls, const struct event *event,
                           struct gy_buf *out)
{
    const char *separator = "";
    gy_buf_text(out, "\"properties\":{");
    bool items_first = state != NULL && one_in(state, 2);
    if (items_first) {
        put_items(state, calls, event, &separator, out);
    }
    put_fields(state, calls, event->fields, COUNT_OF(event->fields), &separator, out);
    if (!items_first) {
        put_items(state, calls, event, &separator, out);
    }
    gy_buf_char(out, '}');
}

/* An identity is written as the JSON of its members, with a comma behind. */
static void put_track(uint64_t *state, struct random_calls *calls, const struct event *event,
                      struct gy_str identity, struct gy_str tail, struct gy_buf *out)
{
    bool properties_first = state != NULL && one_in(state, 4);
    gy_buf_text(out, "{\"type\":\"track\",");
    if (properties_first) {
        put_properties(state, calls, event, out);
        gy_buf_char(out, ',');
    }
    gy_buf_str(out, identity);
    gy_buf_printf(out, "\"event\":\"%s\",", event->name);
    if (!properties_first) {
        put_properties(state, calls, event, out);
        gy_buf_char(out, ',');
    }
    gy_buf_str(out, tail);
    gy_buf_char(out, '}');
}

/* Without a time, a trait comes once for each person: so no answer rests on when it was imported. */
static void put_traits(uint64_t *state, struct random_calls *calls, uint32_t person, bool is_timed,
                       struct gy_buf *out)
{
    const char *separator = "";
    gy_buf_text(out, "\"traits\":{");
    for (size_t i = 0; i < COUNT_OF(TRAITS); i++) {
        uint64_t bit = UINT64_C(1) << i;
        if (one_in(state, 2) || (!is_timed && (calls->untimed[person] & bit) != 0)) {
            continue;
        }
        calls->untimed[person] |= is_timed ? 0 : bit;
        gy_buf_printf(out, "%s\"%s\":", separator, TRAITS[i].name);
        put_field_value(state, calls, &TRAITS[i], out);
        separator = ",";
    }
    gy_buf_char(out, '}');
}

/* By what a call names its person. */
struct identity {
    bool with_user;
    bool is_old;     /* by the id of old */
    unsigned device; /* 0 none, 1 its own, 2 and 3 those that people share */
};

static struct identity draw_identity(uint64_t *state, uint32_t person, bool external_only)
{
    bool is_guest = person % 7 == 3;    /* nobody knows who it is */
    bool was_renamed = person % 5 == 1; /* it has an id of old */
    uint64_t what = gy_test_below(state, 6);
    struct identity identity = {0};
    identity.with_user = external_only || (!is_guest && what != 2);
    identity.is_old = identity.with_user && was_renamed && one_in(state, 3);
    if (!external_only && what == 0) {
        identity.device = 2 + (unsigned)gy_test_below(state, 2);
    } else if (!external_only && (is_guest || what < 3)) {
        identity.device = 1;
    }
    return identity;
}

static bool is_link(const struct identity *identity)
{
    return identity->with_user && identity->device != 0;
}

static void put_identity(const struct identity *identity, uint32_t person, struct gy_buf *out)
{
    if (identity->with_user) {
        gy_buf_printf(out, "\"userId\":\"%s%02u%s\",", person % 4 == 0 ? "고객-" : "c", person,
                      identity->is_old ? "-old" : "");
    }
    if (identity->device == 1) {
        gy_buf_printf(out, "\"anonymousId\":\"e\xcc\x81-phone-%02u\",", person);
    } else if (identity->device > 1) {
        gy_buf_printf(out, "\"anonymousId\":\"kiosk-%u\",", identity->device - 2);
    }
}

static bool may_become_one(const struct random_used *a, const struct random_used *b)
{
    bool is_same_id = a->person == b->person && a->id == b->id;
    return !is_same_id &&
           (a->person == b->person || a->person == UINT32_MAX || b->person == UINT32_MAX);
}

static bool is_taken(const struct random_calls *calls, const struct random_used *use)
{
    for (size_t i = 0; i < calls->n_used; i++) {
        if (calls->used[i].time_ms == use->time_ms && may_become_one(&calls->used[i], use)) {
            return true;
        }
    }
    return false;
}

/* The instant, or the next one that no other id of the person has. */
static int64_t take_instant(struct random_calls *calls, const struct identity *identity,
                            uint32_t person, int64_t ms)
{
    bool is_shared = !identity->with_user && identity->device > 1;
    struct random_used use = {ms, is_shared ? UINT32_MAX : person,
                              identity->with_user ? identity->is_old : 2 + identity->device};
    while (is_taken(calls, &use)) {
        use.time_ms += calls->is_to_the_second ? 1000 : 1;
    }
    GY_GROW(calls->used, calls->used_capacity, calls->n_used + 1);
    calls->used[calls->n_used++] = use;
    return use.time_ms;
}

static void put_tail(uint64_t *state, struct random_calls *calls, int64_t ms, struct gy_buf *out)
{
    if (ms != RANDOM_UNTIMED) {
        gy_buf_text(out, "\"timestamp\":");
        put_timestamp(state, calls, ms, out);
        gy_buf_char(out, ',');
    }
    if (one_in(state, 10)) {
        gy_buf_text(out, "\"context\":{\"ip\":\"10.0.0.1\",\"traits\":{\"age\":99}},");
    }
    gy_buf_printf(out, "\"messageId\":\"m%u\"", calls->n_messages++);
}

static void add_track(uint64_t *state, struct random_calls *calls, uint32_t person)
{
    const struct event *event = &EVENTS[gy_test_below(state, COUNT_OF(EVENTS))];
    struct identity who = draw_identity(state, person, false);
    int64_t ms = take_instant(calls, &who, person, random_instant(state, calls));
    struct gy_buf identity = {0};
    struct gy_buf tail = {0};
    struct gy_buf line = {0};
    put_identity(&who, person, &identity);
    put_tail(state, calls, ms, &tail);
    put_track(state, calls, event, gy_buf_view(&identity), gy_buf_view(&tail), &line);
    add_line(calls, &line, ms, is_link(&who), person);
    if (one_in(state, 25)) { /* the same call saying something else: the first stays */
        gy_buf_reset(&line);
        put_track(state, calls, event, gy_buf_view(&identity), gy_buf_view(&tail), &line);
        add_line(calls, &line, ms, is_link(&who), person);
    }
    gy_buf_release(&identity);
    gy_buf_release(&tail);
    gy_buf_release(&line);
}

static void add_identify(uint64_t *state, struct random_calls *calls, uint32_t person)
{
    bool is_timed = person % 7 == 3 || !one_in(state, 4);
    struct identity who = draw_identity(state, person, !is_timed);
    int64_t ms =
        is_timed ? take_instant(calls, &who, person, random_instant(state, calls)) : RANDOM_UNTIMED;
    struct gy_buf line = {0};
    gy_buf_text(&line, "{\"type\":\"identify\",");
    put_identity(&who, person, &line);
    put_traits(state, calls, person, is_timed, &line);
    gy_buf_char(&line, ',');
    put_tail(state, calls, ms, &line);
    gy_buf_char(&line, '}');
    add_line(calls, &line, ms, is_link(&who), person);
    gy_buf_release(&line);
}

static void add_alias(uint64_t *state, struct random_calls *calls,
                      const struct random_calls_options *options, uint32_t person)
{
    bool was_renamed = person % 5 == 1;
    if (person % 7 == 3 || (!was_renamed && options->without_device_aliases)) {
        return;
    }
    int64_t ms = random_instant(state, calls);
    const char *prefix = person % 4 == 0 ? "고객-" : "c";
    struct gy_buf line = {0};
    gy_buf_printf(&line, "{\"type\":\"alias\",\"userId\":\"%s%02u\",\"previousId\":\"", prefix,
                  person);
    if (was_renamed) {
        gy_buf_printf(&line, "%s%02u-old\",", prefix, person);
    } else {
        gy_buf_printf(&line, "e\xcc\x81-phone-%02u\",", person);
    }
    put_tail(state, calls, ms, &line);
    gy_buf_char(&line, '}');
    add_line(calls, &line, ms, true, person);
    gy_buf_release(&line);
}

/* Everything once, with a value of its type. */
static void add_first(struct random_calls *calls)
{
    struct gy_buf line = {0};
    struct gy_buf tail = {0};
    for (size_t i = 0; i < COUNT_OF(EVENTS); i++) {
        gy_buf_reset(&line);
        gy_buf_reset(&tail);
        gy_buf_printf(&tail,
                      "\"timestamp\":\"1995-05-05T05:05:05.005Z\",\"messageId\":\"first-%zu\"", i);
        put_track(NULL, calls, &EVENTS[i], GY_STR("\"userId\":\"first\","), gy_buf_view(&tail),
                  &line);
        add_line(calls, &line, INT64_C(799650305005), false, UINT32_MAX);
    }
    gy_buf_reset(&line);
    gy_buf_text(&line, "{\"type\":\"identify\",\"userId\":\"first\",\"traits\":{");
    const char *separator = "";
    put_fields(NULL, calls, TRAITS, COUNT_OF(TRAITS), &separator, &line);
    gy_buf_text(&line, "},\"timestamp\":\"1995-05-05T05:05:05.005Z\",\"messageId\":\"first\"}");
    add_line(calls, &line, INT64_C(799650305005), false, UINT32_MAX);
    calls->n_first = calls->n_lines;
    gy_buf_release(&line);
    gy_buf_release(&tail);
}

void random_calls_make(uint64_t *state, const struct random_calls_options *options,
                       struct random_calls *calls)
{
    *calls = (struct random_calls){.zone = options->zone, .n_persons = options->n_persons};
    calls->untimed = GY_NEW_ARRAY(&calls->arena, uint64_t, options->n_persons);
    calls->style = gy_test_random(state);
    calls->is_tidy = one_in(state, 3);
    calls->is_to_the_second = one_in(state, 3);
    draw_instants(state, calls);
    add_first(calls);
    uint64_t n = (uint64_t)options->n_persons * options->calls_per_person;
    for (uint64_t i = 0; i < n; i++) {
        uint32_t person = (uint32_t)gy_test_below(state, options->n_persons);
        uint64_t what = gy_test_below(state, 20);
        if (what < 14) {
            add_track(state, calls, person);
        } else if (what < 19) {
            add_identify(state, calls, person);
        } else {
            add_alias(state, calls, options, person);
        }
    }
}

void random_calls_release(struct random_calls *calls)
{
    free(calls->lines);
    free(calls->used);
    gy_arena_release(&calls->arena);
    *calls = (struct random_calls){0};
}

/* ---- another order, and more than once ---- */

static bool is_tied_to_link(const struct random_calls *calls, size_t line)
{
    for (size_t i = 0; i < calls->n_lines; i++) {
        if (calls->lines[i].is_link && calls->lines[i].time_ms == calls->lines[line].time_ms) {
            return true;
        }
    }
    return false;
}

/* Exchanges lines of one time at the places `at`, until they follow one another as before. */
static void restore_ties(struct random_line *lines, const size_t *at, size_t n, size_t *was)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = i + 1; k < n; k++) {
            if (lines[at[i]].time_ms == lines[at[k]].time_ms && was[i] > was[k]) {
                struct random_line line = lines[at[i]];
                lines[at[i]] = lines[at[k]];
                lines[at[k]] = line;
                size_t place = was[i];
                was[i] = was[k];
                was[k] = place;
            }
        }
    }
}

void random_calls_permute(uint64_t *state, struct random_calls *calls)
{
    size_t *at = gy_alloc_zero(calls->n_lines + 1, sizeof *at);
    size_t *was = gy_alloc_zero(calls->n_lines + 1, sizeof *was);
    size_t n = 0;
    for (size_t i = calls->n_first; i < calls->n_lines; i++) {
        if (!calls->lines[i].is_link && !is_tied_to_link(calls, i)) {
            was[n] = i;
            at[n++] = i;
        }
    }
    for (size_t i = n; i-- > 1;) {
        size_t k = gy_test_below(state, i + 1);
        struct random_line line = calls->lines[at[i]];
        calls->lines[at[i]] = calls->lines[at[k]];
        calls->lines[at[k]] = line;
        size_t place = was[i];
        was[i] = was[k];
        was[k] = place;
    }
    restore_ties(calls->lines, at, n, was);
    free(at);
    free(was);
}

void random_calls_repeat(uint64_t *state, struct random_calls *calls, uint32_t one_of)
{
    size_t n = calls->n_lines;
    for (size_t i = calls->n_first; i < n; i++) {
        if (!one_in(state, one_of)) {
            continue;
        }
        struct random_line line = calls->lines[i];
        GY_GROW(calls->lines, calls->capacity, calls->n_lines + 1);
        calls->lines[calls->n_lines++] = line;
        size_t place = i + 1 + gy_test_below(state, calls->n_lines - i - 1);
        for (size_t k = calls->n_lines - 1; k > place; k--) {
            calls->lines[k] = calls->lines[k - 1];
        }
        calls->lines[place] = line;
        n += place < n;
    }
}

void random_calls_text(const struct random_calls *calls, size_t first, size_t end,
                       struct gy_buf *out)
{
    for (size_t i = first; i < end; i++) {
        gy_buf_str(out, calls->lines[i].json);
        gy_buf_char(out, '\n');
    }
}

struct gy_str random_id(uint64_t *state, const struct random_calls *calls, struct gy_arena *arena)
{
    uint32_t person = (uint32_t)gy_test_below(state, calls->n_persons);
    char text[64];
    switch (gy_test_below(state, 8)) {
    case 0:
        snprintf(text, sizeof text, "kiosk-%u", (unsigned)gy_test_below(state, 2));
        break;
    case 1:
        snprintf(text, sizeof text, "\xc3\xa9-phone-%02u", person);
        break;
    case 2:
        snprintf(text, sizeof text, "nobody");
        break;
    default:
        snprintf(text, sizeof text, "%s%02u", person % 4 == 0 ? "고객-" : "c", person);
        break;
    }
    return gy_arena_str(arena, gy_str_of(text));
}
