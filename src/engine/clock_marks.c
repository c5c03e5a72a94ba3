/* clock_marks.c - bits by hour of the week, or by quarter of an hour. */
#include "engine/clock_marks.h"

#include <string.h>

#include "engine/number_test.h"
#include "store/part.h"

enum {
    QUARTER_S = 900,
    HOUR_QUARTERS = 4,
    DAY_QUARTERS = 96,
    MOST_DAYS = 20000 /* for which bits are worth it: 240 KB */
};

/* The quarters that are worked out: `n_days` whole days in UTC. */
struct quarters {
    const struct gy_zone *zone;
    struct gy_arena *arena;
    int64_t first_day;
    uint32_t n_days;
};

static uint32_t words_of(const struct quarters *q)
{
    return q->n_days * DAY_QUARTERS / 64 + 2;
}

/* ---- one test ---- */

static bool is_of_clock(enum gy_term_kind kind)
{
    return kind == GY_TERM_HOUR || kind == GY_TERM_WEEKDAY || kind == GY_TERM_MONTH ||
           kind == GY_TERM_DAY;
}

/* Whether the test holds for 0 to 31: no part of the clock is more. */
static bool verdicts_of(const struct gy_expr *expr, bool verdicts[32])
{
    struct gy_number_test test;
    if (!is_of_clock(expr->left->kind))
        return false;
    if (expr->kind == GY_EXPR_IN) {
        for (int v = 0; v < 32; v++) {
            bool is_found = false;
            for (uint32_t i = 0; i < expr->n_values; i++)
                is_found |= expr->values[i]->number == v;
            verdicts[v] = is_found != expr->is_negated;
        }
        return true;
    }
    if (!gy_number_test_of_expr(expr, &test))
        return false;
    for (int v = 0; v < 32; v++)
        verdicts[v] = gy_number_test_passes(&test, v);
    return true;
}

/* Sets bits [first, end). */
static void set_bits(uint64_t *words, uint32_t first, uint32_t end)
{
    uint64_t head = ~UINT64_C(0) << (first & 63);
    uint64_t tail = (UINT64_C(1) << (end & 63)) - 1;
    if (first / 64 == end / 64) {
        words[first / 64] |= head & tail;
        return;
    }
    words[first / 64] |= head;
    for (uint32_t w = first / 64 + 1; w < end / 64; w++)
        words[w] = ~UINT64_C(0);
    words[end / 64] |= tail;
}

/* A stretch of time through which the clocks are as far from UTC; in quarters since 1970, as all below. */
struct stretch {
    int64_t first;
    int64_t end;
    int64_t offset; /* local minus UTC */
};

/* What of the local quarters [first, end) lies in the stretch. */
static void set_local(const struct quarters *q, const struct stretch *s, int64_t first, int64_t end,
                      uint64_t *words)
{
    int64_t from = first - s->offset > s->first ? first - s->offset : s->first;
    int64_t to = end - s->offset < s->end ? end - s->offset : s->end;
    int64_t base = q->first_day * DAY_QUARTERS;
    if (from < to)
        set_bits(words, (uint32_t)(from - base), (uint32_t)(to - base));
}

/* A day, and what of it is asked for. */
struct calendar_day {
    int64_t day;
    struct gy_civil civil;
};

static void next_day(struct calendar_day *d)
{
    d->day++;
    if (++d->civil.day > gy_days_in_month(d->civil.year, d->civil.month))
        gy_day_to_civil(d->day, &d->civil);
}

static int part_of_day(enum gy_term_kind kind, const struct calendar_day *d)
{
    return kind == GY_TERM_WEEKDAY ? gy_day_weekday(d->day)
           : kind == GY_TERM_MONTH ? d->civil.month
                                   : d->civil.day;
}

/* The days [first, end) that pass, neighbours at once. */
static void set_days(const struct quarters *q, const struct stretch *s, enum gy_term_kind kind,
                     int64_t first, int64_t end, const bool verdicts[32], uint64_t *words)
{
    struct calendar_day d = {.day = first};
    gy_day_to_civil(first, &d.civil);
    while (d.day < end) {
        int64_t from = d.day;
        while (d.day < end && verdicts[part_of_day(kind, &d)])
            next_day(&d);
        if (from < d.day)
            set_local(q, s, from * DAY_QUARTERS, d.day * DAY_QUARTERS, words);
        else
            next_day(&d);
    }
}

/* The hours of a day that pass, neighbours at once. */
static void set_hours(const struct quarters *q, const struct stretch *s, int64_t day,
                      const bool verdicts[32], uint64_t *words)
{
    int64_t midnight = day * DAY_QUARTERS;
    for (int hour = 0; hour < 24;) {
        int first = hour;
        while (hour < 24 && verdicts[hour])
            hour++;
        if (first < hour)
            set_local(q, s, midnight + (int64_t)first * HOUR_QUARTERS,
                      midnight + (int64_t)hour * HOUR_QUARTERS, words);
        hour += first == hour;
    }
}

static void set_stretch(const struct quarters *q, const struct stretch *s, enum gy_term_kind kind,
                        const bool verdicts[32], uint64_t *words)
{
    int64_t first_day =
        (s->first + s->offset) / DAY_QUARTERS; /* after 1970, or on the day before */
    int64_t end_day = (s->end + s->offset) / DAY_QUARTERS + 1;
    if (kind != GY_TERM_HOUR)
        set_days(q, s, kind, first_day - 1, end_day, verdicts, words);
    for (int64_t day = first_day - 1; day < end_day && kind == GY_TERM_HOUR; day++)
        set_hours(q, s, day, verdicts, words);
}

/* False where some clock of the time is not whole quarters from UTC. */
static bool mark_test(const struct quarters *q, const struct gy_expr *expr, uint64_t *words)
{
    const int64_t quarter_ms = QUARTER_S * 1000;
    int64_t at_ms = q->first_day * GY_DAY_MS;
    int64_t end_ms = at_ms + q->n_days * GY_DAY_MS;
    bool verdicts[32];
    if (!verdicts_of(expr, verdicts))
        return false;
    while (at_ms < end_ms) {
        int64_t change_ms = gy_zone_next_change(q->zone, at_ms);
        int64_t next_ms = change_ms < end_ms ? change_ms : end_ms;
        int64_t offset_ms = gy_zone_offset_ms(q->zone, at_ms);
        struct stretch s = {at_ms / quarter_ms, next_ms / quarter_ms, offset_ms / quarter_ms};
        if (offset_ms % quarter_ms != 0 || next_ms % quarter_ms != 0)
            return false;
        set_stretch(q, &s, expr->left->kind, verdicts, words);
        at_ms = next_ms;
    }
    return true;
}

/* ---- the week ---- */

static bool asks_only_week(const struct gy_filter *filter)
{
    for (uint32_t c = 0; c < filter->n_children; c++) {
        if (!asks_only_week(filter->children[c]))
            return false;
    }
    return filter->n_children > 0 || filter->expr->left->kind == GY_TERM_HOUR ||
           filter->expr->left->kind == GY_TERM_WEEKDAY;
}

/* The hours of the week for which a filter of weekdays and hours holds. */
static void mark_week(const struct gy_filter *filter, bool passes[GY_WEEK_HOURS])
{
    bool verdicts[32];
    bool child[GY_WEEK_HOURS];
    enum gy_expr_kind kind = filter->expr->kind;
    for (int h = 0; h < GY_WEEK_HOURS; h++)
        passes[h] = kind == GY_EXPR_AND;
    for (uint32_t c = 0; c < filter->n_children; c++) {
        mark_week(filter->children[c], child);
        for (int h = 0; h < GY_WEEK_HOURS; h++)
            passes[h] = kind == GY_EXPR_AND   ? passes[h] && child[h]
                        : kind == GY_EXPR_NOT ? !child[h]
                                              : passes[h] || child[h];
    }
    if (filter->n_children > 0)
        return;
    verdicts_of(filter->expr, verdicts);
    for (int h = 0; h < GY_WEEK_HOURS; h++)
        passes[h] = verdicts[filter->expr->left->kind == GY_TERM_HOUR ? h % 24 : h / 24 + 1];
}

/* False where the filter asks for more than the week, or the zone's clocks change too often. */
static bool make_week(const struct gy_filter *filter, const struct gy_zone *zone, uint32_t min_code,
                      uint32_t max_code, struct gy_clock_marks *out)
{
    bool passes[GY_WEEK_HOURS];
    if (!asks_only_week(filter))
        return false;
    mark_week(filter, passes);
    out->has_week = memchr(passes, true, sizeof passes) != NULL;
    return gy_week_marks_make(passes, zone, min_code, max_code, &out->week);
}

/* ---- all tests ---- */

/* The quarters for which the filter holds; NULL where they do not tell. */
static uint64_t *mark_filter(const struct quarters *q, const struct gy_filter *filter)
{
    enum gy_expr_kind kind = filter->expr->kind;
    uint64_t *words = GY_NEW_ARRAY(q->arena, uint64_t, words_of(q));
    bool is_and = kind == GY_EXPR_AND;
    if (filter->n_children == 0)
        return mark_test(q, filter->expr, words) ? words : NULL;
    memset(words, is_and ? 0xff : 0, words_of(q) * sizeof *words);
    for (uint32_t c = 0; c < filter->n_children; c++) {
        const uint64_t *child = mark_filter(q, filter->children[c]);
        if (child == NULL)
            return NULL;
        for (uint32_t w = 0; w < words_of(q); w++)
            words[w] = is_and                ? words[w] & child[w]
                       : kind == GY_EXPR_NOT ? ~child[w]
                                             : words[w] | child[w];
    }
    return words;
}

static bool asks_only_clock(const struct gy_filter *filter)
{
    bool verdicts[32];
    for (uint32_t c = 0; c < filter->n_children; c++) {
        if (!asks_only_clock(filter->children[c]))
            return false;
    }
    return filter->n_children > 0 ||
           (filter->expr->left != NULL && verdicts_of(filter->expr, verdicts));
}

/* Where a stretch of ones, or of zeros, ends that begins at `at`; at most `n`. */
static uint32_t end_of(const uint64_t *words, uint32_t at, uint32_t n, bool of_ones)
{
    while (at < n) {
        uint64_t word = (of_ones ? ~words[at / 64] : words[at / 64]) >> (at & 63);
        if (word != 0) {
            at += (uint32_t)__builtin_ctzll(word);
            break;
        }
        at = (at / 64 + 1) * 64;
    }
    return at < n ? at : n;
}

/* False where there are too many stretches of time. */
static bool find_ranges(const struct quarters *q, const uint64_t *words, struct gy_clock_marks *out)
{
    uint32_t n = q->n_days * DAY_QUARTERS;
    for (uint32_t at = end_of(words, 0, n, false); at < n;) {
        uint32_t end = end_of(words, at, n, true);
        if (out->n_ranges == GY_RAW_RANGES)
            return false;
        out->ranges[out->n_ranges++] = (struct gy_raw_range){out->first_code + at * QUARTER_S,
                                                             out->first_code + end * QUARTER_S - 1};
        at = end_of(words, end, n, false);
    }
    return true;
}

bool gy_clock_marks_make(const struct gy_filter *filter, const struct gy_zone *zone,
                         uint32_t min_code, uint32_t max_code, struct gy_arena *arena,
                         struct gy_clock_marks *out)
{
    const uint32_t day_s = DAY_QUARTERS * QUARTER_S;
    if (min_code < GY_CODE_1970 || (max_code - min_code) / day_s > MOST_DAYS ||
        UINT32_MAX - max_code < day_s || !asks_only_clock(filter))
        return false;
    *out = (struct gy_clock_marks){0};
    if (make_week(filter, zone, min_code, max_code, out))
        return true;
    uint32_t first_day = (min_code - (uint32_t)GY_CODE_1970) / day_s;
    uint32_t last_day = (max_code - (uint32_t)GY_CODE_1970) / day_s;
    struct quarters q = {zone, arena, first_day, last_day - first_day + 1};
    *out = (struct gy_clock_marks){.first_code = (uint32_t)GY_CODE_1970 + first_day * day_s};
    const uint64_t *words = mark_filter(&q, filter);
    if (words == NULL)
        return false;
    if (!find_ranges(&q, words, out))
        out->quarters = words;
    return true;
}

/* ---- rows ---- */

static void look_up(const struct gy_clock_marks *clock, const uint32_t *codes, uint32_t n,
                    uint64_t *marks)
{
    const uint64_t *quarters = clock->quarters;
    uint32_t first_code = clock->first_code;
    for (uint32_t row = 0; row <= n; row += 64) {
        uint32_t end = n - row < 64 ? n - row : 64;
        uint64_t word = 0;
        for (uint32_t i = 0; i < end; i++) {
            uint32_t quarter = (codes[row + i] - first_code) / QUARTER_S;
            word |= (quarters[quarter / 64] >> (quarter & 63) & 1) << i;
        }
        marks[row / 64] = word;
    }
}

void gy_clock_marks_run(const struct gy_clock_marks *clock, const uint32_t *codes, uint32_t n,
                        uint64_t *marks)
{
    if (clock->has_week)
        gy_week_marks_run(&clock->week, codes, n, marks);
    else if (clock->quarters != NULL)
        look_up(clock, codes, n, marks);
    else
        gy_mark_raws((struct gy_raws){codes, 4}, 0, n, clock->ranges, clock->n_ranges, marks);
}
