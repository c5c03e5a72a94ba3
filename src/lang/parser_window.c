/* parser_window.c - windows, durations, and chains of steps.
 *
 * A chain is a row of steps in the tree as in the text. Where an absent one may stand without a
 * `within` follows from what is behind it: between two steps it has none, at the end it has one and
 * only others like it may follow.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "lang/parser_internal.h"

/* ---- durations ---- */

static bool find_unit(const struct gy_token *t, enum gy_unit *out)
{
    switch ((int)(t->kind == GY_TOKEN_WORD ? t->keyword : GY_KEYWORD_NONE)) {
    case GY_KEYWORD_MINUTE:
    case GY_KEYWORD_MINUTES:
        *out = GY_UNIT_MINUTE;
        return true;
    case GY_KEYWORD_HOUR:
    case GY_KEYWORD_HOURS:
        *out = GY_UNIT_HOUR;
        return true;
    case GY_KEYWORD_DAY:
    case GY_KEYWORD_DAYS:
        *out = GY_UNIT_DAY;
        return true;
    case GY_KEYWORD_WEEK:
    case GY_KEYWORD_WEEKS:
        *out = GY_UNIT_WEEK;
        return true;
    case GY_KEYWORD_MONTH:
    case GY_KEYWORD_MONTHS:
        *out = GY_UNIT_MONTH;
        return true;
    case GY_KEYWORD_YEAR:
    case GY_KEYWORD_YEARS:
        *out = GY_UNIT_YEAR;
        return true;
    default:
        return false;
    }
}

static enum gy_status parse_unit(struct gy_parser *p, const char *expected, enum gy_unit *out)
{
    if (!find_unit(p->token, out)) {
        return gy_parser_unexpected(p, expected);
    }
    gy_parser_next(p);
    return GY_OK;
}

static const char any_unit[] = "minutes, hours, days, weeks, months or years";

enum gy_status gy_parser_duration(struct gy_parser *p, struct gy_duration *out)
{
    GY_TRY(gy_parser_integer(p, &out->n, &out->place));
    return parse_unit(p, any_unit, &out->unit);
}

/* ---- windows ---- */

static enum gy_status parse_last(struct gy_parser *p, struct gy_window *out)
{
    static const char full_unit[] = "days, weeks, months or years";
    gy_parser_next(p);
    out->kind = GY_WINDOW_LAST;
    GY_TRY(gy_parser_integer(p, &out->n, &out->place));
    if (!gy_parser_take_word(p, GY_KEYWORD_FULL)) {
        return parse_unit(p, "minutes, hours, days, weeks, months, years or \"full\"", &out->unit);
    }
    out->kind = GY_WINDOW_LAST_FULL;
    bool is_unit = find_unit(p->token, &out->unit);
    if (is_unit && (out->unit == GY_UNIT_MINUTE || out->unit == GY_UNIT_HOUR)) {
        return gy_parser_unexpected(p, full_unit);
    }
    return parse_unit(p, full_unit, &out->unit);
}

static enum gy_status parse_ago(struct gy_parser *p, struct gy_window *out)
{
    struct gy_place first;
    out->kind = GY_WINDOW_AGO;
    GY_TRY(gy_parser_integer(p, &out->n, &first));
    GY_TRY(gy_parser_expect_word(p, GY_KEYWORD_TO));
    GY_TRY(gy_parser_integer(p, &out->m, &out->place));
    GY_TRY(parse_unit(p, any_unit, &out->unit));
    return gy_parser_expect_word(p, GY_KEYWORD_AGO);
}

static enum gy_status parse_time(struct gy_parser *p, struct gy_time_literal *out)
{
    if (!gy_parser_at(p, GY_TOKEN_QUOTED)) {
        return gy_parser_unexpected(p, "a time in quotes, like \"2025-01-31\"");
    }
    out->text = p->token->text;
    out->place = p->token->place;
    gy_parser_next(p);
    return GY_OK;
}

static enum gy_status parse_from_to(struct gy_parser *p, struct gy_window *out)
{
    gy_parser_next(p);
    out->kind = GY_WINDOW_FROM_TO;
    GY_TRY(parse_time(p, &out->from));
    GY_TRY(gy_parser_expect_word(p, GY_KEYWORD_TO));
    return parse_time(p, &out->to);
}

static enum gy_status parse_one_time(struct gy_parser *p, enum gy_window_kind kind,
                                     struct gy_window *out)
{
    gy_parser_next(p);
    out->kind = kind;
    return parse_time(p, kind == GY_WINDOW_SINCE ? &out->from : &out->to);
}

static enum gy_status parse_period(struct gy_parser *p, enum gy_period week, struct gy_window *out)
{
    enum gy_unit unit = GY_UNIT_MINUTE;
    gy_parser_next(p);
    out->kind = GY_WINDOW_PERIOD;
    if (!find_unit(p->token, &unit) || unit < GY_UNIT_WEEK) {
        return gy_parser_unexpected(p, "week, month or year");
    }
    gy_parser_next(p);
    out->period = (enum gy_period)((int)week + (int)unit - (int)GY_UNIT_WEEK);
    return GY_OK;
}

static enum gy_status parse_word_period(struct gy_parser *p, enum gy_period period,
                                        struct gy_window *out)
{
    gy_parser_next(p);
    out->kind = GY_WINDOW_PERIOD;
    out->period = period;
    return GY_OK;
}

enum gy_status gy_parser_window(struct gy_parser *p, struct gy_window *out)
{
    if (gy_parser_at(p, GY_TOKEN_NUMBER)) {
        return parse_ago(p, out);
    }
    if (!gy_parser_at(p, GY_TOKEN_WORD)) {
        return GY_OK;
    }
    switch ((int)p->token->keyword) {
    case GY_KEYWORD_LAST:
        return parse_last(p, out);
    case GY_KEYWORD_SINCE:
        return parse_one_time(p, GY_WINDOW_SINCE, out);
    case GY_KEYWORD_BEFORE:
        return parse_one_time(p, GY_WINDOW_BEFORE, out);
    case GY_KEYWORD_FROM:
        return parse_from_to(p, out);
    case GY_KEYWORD_TODAY:
        return parse_word_period(p, GY_PERIOD_TODAY, out);
    case GY_KEYWORD_YESTERDAY:
        return parse_word_period(p, GY_PERIOD_YESTERDAY, out);
    case GY_KEYWORD_THIS:
        return parse_period(p, GY_PERIOD_THIS_WEEK, out);
    case GY_KEYWORD_PREVIOUS:
        return parse_period(p, GY_PERIOD_PREVIOUS_WEEK, out);
    default:
        return GY_OK;
    }
}

/* ---- chains ---- */

struct steps {
    struct gy_step *items; /* on the heap while they grow */
    uint32_t n;
    size_t capacity;
};

static struct gy_step *add_step(struct steps *steps)
{
    GY_GROW(steps->items, steps->capacity, steps->n + 1);
    struct gy_step *step = &steps->items[steps->n++];
    *step = (struct gy_step){0};
    step->as.id = GY_NAME_UNKNOWN;
    return step;
}

static enum gy_status parse_as(struct gy_parser *p, struct gy_step *step)
{
    if (!gy_parser_take_word(p, GY_KEYWORD_AS)) {
        return GY_OK;
    }
    if (gy_parser_at(p, GY_TOKEN_QUOTED) && p->token->text.len == 0) {
        return gy_parser_unexpected(p, "a name for the step that is not empty");
    }
    return gy_parser_name(p, "a name for the step", &step->as);
}

static enum gy_status parse_step(struct gy_parser *p, bool is_absent, struct steps *steps)
{
    struct gy_step *step = add_step(steps);
    step->is_absent = is_absent;
    GY_TRY(gy_parser_name(p, "the name of an event", &step->event));
    if (!is_absent) {
        GY_TRY(parse_as(p, step));
    }
    if (gy_parser_take_word(p, GY_KEYWORD_WHERE)) {
        GY_TRY(gy_parser_filter(p, GY_PARSER_CHAIN_FILTER, &step->where));
    }
    return GY_OK;
}

/* `no` absent behind a `then`, and what must follow it. `*is_between`: a step has to come. */
static enum gy_status parse_absent(struct gy_parser *p, bool *is_between, bool *is_tail,
                                   struct steps *steps)
{
    GY_TRY(parse_step(p, true, steps));
    bool has_within = !*is_between && gy_parser_at_word(p, GY_KEYWORD_WITHIN);
    if (has_within) {
        gy_parser_next(p);
        *is_tail = true;
        return gy_parser_duration(p, &steps->items[steps->n - 1].within);
    }
    if (*is_tail) {
        return gy_parser_unexpected(p, "\"within\" and a duration");
    }
    if (!gy_parser_at_word(p, GY_KEYWORD_THEN)) {
        return gy_parser_unexpected(p, *is_between ? "\"then\" and the next step"
                                                   : "\"within\", or \"then\" and the next step");
    }
    *is_between = true;
    return GY_OK;
}

static enum gy_status parse_steps(struct gy_parser *p, struct steps *steps)
{
    bool is_between = false;
    bool is_tail = false;
    GY_TRY(parse_step(p, false, steps));
    while (gy_parser_take_word(p, GY_KEYWORD_THEN)) {
        if (gy_parser_take_word(p, GY_KEYWORD_NO)) {
            GY_TRY(parse_absent(p, &is_between, &is_tail, steps));
            continue;
        }
        if (is_tail) {
            return gy_parser_unexpected(
                p, "\"no\", since nothing else stands behind \"then no … within\"");
        }
        GY_TRY(parse_step(p, false, steps));
        is_between = false;
        if (gy_parser_take_word(p, GY_KEYWORD_WITHIN)) {
            GY_TRY(gy_parser_duration(p, &steps->items[steps->n - 1].within));
        }
    }
    return GY_OK;
}

enum gy_status gy_parser_chain(struct gy_parser *p, struct gy_expr *did)
{
    struct steps steps = {0};
    enum gy_status status = parse_steps(p, &steps);
    if (status == GY_OK) {
        did->steps = GY_NEW_ARRAY(p->arena, struct gy_step, steps.n);
        memcpy(did->steps, steps.items, steps.n * sizeof *steps.items);
        did->n_steps = steps.n;
    }
    free(steps.items);
    return status;
}
