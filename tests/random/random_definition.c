/* random_definition.c - text grows from the grammar, top down; what is asked for is a type. */
#include "random/random_definition.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "harness.h"
#include "lang/quote.h"

/* ---- what is being written ---- */

struct writing {
    uint64_t *state;
    const struct random_definition_options *o;
    const struct random_names *names;
    struct gy_arena *arena;
    struct gy_buf *out;
    unsigned n_populations; /* one within another: each is asked of everyone for everyone */
};

static uint64_t below(struct writing *w, uint64_t n)
{
    return gy_test_below(w->state, n);
}

static bool one_in(struct writing *w, uint64_t n)
{
    return below(w, n) == 0;
}

static void put(struct writing *w, const char *text)
{
    gy_buf_text(w->out, text);
}

static void put_any(struct writing *w, const char *const *texts, size_t n)
{
    put(w, texts[below(w, n)]);
}
#define PUT_ANY(w, ...)                              \
    put_any((w), (const char *const[]){__VA_ARGS__}, \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void put_string(struct writing *w, struct gy_str s)
{
    gy_quote(s, w->out);
}

static void put_name(struct writing *w, struct gy_str name, enum gy_name_position position)
{
    if (one_in(w, 8)) {
        gy_quote(name, w->out);
    } else {
        gy_quote_name(name, position, w->out);
    }
}

static bool is_without(const struct writing *w, unsigned kind)
{
    return (w->o->without & kind) != 0;
}

static const struct random_named *pick(struct writing *w, const struct random_named *from, size_t n,
                                       enum gy_type type)
{
    for (unsigned tries = 0; n > 0 && tries < 12; tries++) {
        const struct random_named *one = &from[below(w, n)];
        if (one->type == type) {
            return one;
        }
    }
    return NULL;
}

/* ---- literals ---- */

static void put_number(struct writing *w)
{
    switch (below(w, 12)) {
    case 0:
        put(w, "20%");
        break;
    case 1:
        put(w, "1_000");
        break;
    case 2:
        gy_buf_printf(w->out, "%u", (unsigned)below(w, 40));
        break;
    default:
        put(w, random_number(w->state));
        break;
    }
}

static void put_signed(struct writing *w)
{
    if (one_in(w, 6)) {
        put(w, "-");
    }
    put_number(w);
}

static void put_time_literal(struct writing *w)
{
    put_string(w, random_time(w->state, w->o->calls, w->arena));
}

static void put_literal(struct writing *w, enum gy_type type)
{
    switch (type) {
    case GY_TYPE_NUMBER:
    case GY_TYPE_ANY:
        put_signed(w);
        break;
    case GY_TYPE_STRING:
    case GY_TYPE_LIST:
        put_string(w, random_string(w->state));
        break;
    case GY_TYPE_BOOL:
        PUT_ANY(w, "true", "false", "TRUE");
        break;
    case GY_TYPE_TIME:
        put_time_literal(w);
        break;
    }
}

static const enum gy_type TYPES[] = {GY_TYPE_NUMBER, GY_TYPE_NUMBER, GY_TYPE_NUMBER, GY_TYPE_STRING,
                                     GY_TYPE_STRING, GY_TYPE_TIME,   GY_TYPE_TIME,   GY_TYPE_BOOL};

static enum gy_type any_type(struct writing *w)
{
    return TYPES[below(w, sizeof TYPES / sizeof *TYPES)];
}

static void put_compare(struct writing *w, enum gy_type type)
{
    bool has_order = type == GY_TYPE_NUMBER || type == GY_TYPE_TIME;
    if (has_order) {
        PUT_ANY(w, " >= ", " < ", " > ", " <= ", " = ", " != ", ">=");
    } else {
        PUT_ANY(w, " = ", " != ");
    }
}

/* ---- durations and windows ---- */

static void put_unit(struct writing *w)
{
    PUT_ANY(w, "minutes", "hours", "hour", "days", "days", "day", "weeks", "week", "months",
            "month", "years", "YEAR");
}

static void put_duration(struct writing *w)
{
    static const unsigned N[] = {1, 1, 1, 2, 3, 7, 12, 24, 30, 60, 90, 400};
    gy_buf_printf(w->out, "%u ", N[below(w, sizeof N / sizeof *N)]);
    put_unit(w);
}

/* Also beyond the calendar. */
static void put_any_duration(struct writing *w)
{
    if (one_in(w, 16)) {
        PUT_ANY(w, "100000 ", "9223372036854775808 ", "18446744073709551616 ");
        put_unit(w);
    } else {
        put_duration(w);
    }
}

static void put_window(struct writing *w)
{
    unsigned n = (unsigned)below(w, 4);
    switch (below(w, 11)) {
    case 0:
    case 1:
    case 2:
        put(w, " last ");
        put_any_duration(w);
        break;
    case 3:
        gy_buf_printf(w->out, " last %u full ",
                      one_in(w, 20) ? 1000000000 : 1 + (unsigned)below(w, one_in(w, 2) ? 3 : 40));
        PUT_ANY(w, "days", "weeks", "months", "years");
        break;
    case 4:
        gy_buf_printf(w->out, " %u to %u ", n, n + 1 + (unsigned)below(w, 9));
        put_unit(w);
        put(w, " ago");
        break;
    case 5:
        put(w, " since ");
        put_time_literal(w);
        break;
    case 6:
        put(w, " before ");
        put_time_literal(w);
        break;
    case 7:
        put(w, " from ");
        put_time_literal(w);
        put(w, " to ");
        put_time_literal(w);
        break;
    case 8:
        PUT_ANY(w, " today", " yesterday", " this week", " this month", " this year",
                " previous week", " previous month", " previous year");
        break;
    default:
        break;
    }
}

/* ---- filters ---- */

/* A step before, by its name and the event it is of. */
struct named_step {
    struct gy_str name;
    const struct random_event *event;
};

static void put_filter(struct writing *w, const struct random_event *event, unsigned depth);

/* On the right a quoted token is a string: a property must be a bare word there. */
static const struct random_named *pick_word(struct writing *w, const struct random_event *event,
                                            enum gy_type type)
{
    const struct random_named *p = pick(w, event->properties, event->n_properties, type);
    return p == NULL || gy_quote_is_needed(p->name, GY_NAME_OPERAND) ? NULL : p;
}

static void put_filter_number(struct writing *w, const struct random_event *event, unsigned depth,
                              bool is_left)
{
    const struct random_named *p =
        is_left ? pick(w, event->properties, event->n_properties, GY_TYPE_NUMBER)
                : pick_word(w, event, GY_TYPE_NUMBER);
    if (depth > 0 && one_in(w, 4)) {
        put(w, "(");
        put_filter_number(w, event, depth - 1, is_left);
        PUT_ANY(w, " + ", " - ", " * ", " / ");
        put_filter_number(w, event, depth - 1, is_left);
        put(w, ")");
    } else if (one_in(w, 5)) {
        PUT_ANY(w, "hour()", "weekday()", "month()", "day()");
    } else if (p != NULL && !one_in(w, 6)) {
        if (is_left) {
            put_name(w, p->name, GY_NAME_OPERAND);
        } else {
            gy_quote_name(p->name, GY_NAME_OPERAND, w->out);
        }
    } else {
        put_signed(w);
    }
}

/* The right of a comparison: a literal mostly, sometimes another property of the type. */
static void put_filter_right(struct writing *w, const struct random_event *event, enum gy_type type)
{
    const struct random_named *p = pick_word(w, event, type);
    if (type == GY_TYPE_NUMBER && one_in(w, 4)) {
        put_filter_number(w, event, 1, false);
    } else if (p != NULL && one_in(w, 6)) {
        gy_quote_name(p->name, GY_NAME_OPERAND, w->out);
    } else {
        put_literal(w, type);
    }
}

static void put_in(struct writing *w, enum gy_type type)
{
    put(w, one_in(w, 3) ? " not in (" : " in (");
    put_literal(w, type);
    for (uint64_t i = below(w, 4); i-- > 0;) {
        put(w, ", ");
        put_literal(w, type);
    }
    put(w, ")");
}

static void put_text_test(struct writing *w, bool is_list)
{
    static const char *const PATTERNS[] = {
        "\"^a\"",           "\"b$\"",         "\".\"",       "\"^.$\"",   "\"^.{2}$\"",
        "\"[가-힣]\"",      "\"서|부\"",      "\"^$\"",      "\"a.b\"",   "\"[[:alpha:]]+\"",
        "\"[^[:alnum:]]\"", "\"^(a|ab)c?$\"", "\"^[^a]*$\"", "\"\\\\.\"", "\"a{1,2}\""};
    if (is_list) {
        put(w, one_in(w, 3) ? " not contains " : " contains ");
    } else if (one_in(w, 3)) {
        put(w, one_in(w, 3) ? " not matches " : " matches ");
        put_any(w, PATTERNS, sizeof PATTERNS / sizeof *PATTERNS);
        return;
    } else {
        PUT_ANY(w, " contains ", " not contains ", " starts with ", " ends with ",
                " not ends with ");
    }
    put_string(w, random_string(w->state));
}

static void put_filter_leaf(struct writing *w, const struct random_event *event)
{
    enum gy_type type = any_type(w);
    const struct random_named *p = pick(w, event->properties, event->n_properties, type);
    if (!is_without(w, RANDOM_WITHOUT_UNKNOWN) && one_in(w, 25)) {
        put(w, "never_seen");
        type = GY_TYPE_NUMBER;
    } else if (type == GY_TYPE_NUMBER || p == NULL) {
        type = GY_TYPE_NUMBER;
        put_filter_number(w, event, 2, true);
    } else {
        put_name(w, p->name, GY_NAME_OPERAND);
    }
    bool has_order = type == GY_TYPE_NUMBER || type == GY_TYPE_TIME;
    switch (below(w, 7)) {
    case 0:
        PUT_ANY(w, " is known", " is missing");
        break;
    case 1:
        put_in(w, type);
        break;
    case 2:
    case 3:
        if (has_order) {
            put(w, " between ");
            put_filter_right(w, event, type);
            put(w, " and ");
            put_filter_right(w, event, type);
            break;
        }
        if (type == GY_TYPE_STRING && !is_without(w, RANDOM_WITHOUT_TEXT)) {
            put_text_test(w, false);
            break;
        }
        put_compare(w, type);
        put_filter_right(w, event, type);
        break;
    default:
        put_compare(w, type);
        put_filter_right(w, event, type);
        break;
    }
}

static void put_filter(struct writing *w, const struct random_event *event, unsigned depth)
{
    uint64_t what = depth == 0 ? 9 : below(w, 10);
    if (what < 2) {
        put(w, "not ");
        put_filter(w, event, depth - 1);
    } else if (what < 5) {
        put(w, "(");
        put_filter(w, event, depth - 1);
        PUT_ANY(w, " and ", " or ", " AND ");
        put_filter(w, event, depth - 1);
        put(w, ")");
    } else {
        put_filter_leaf(w, event);
    }
}

static void put_where(struct writing *w, const struct random_event *event)
{
    if (one_in(w, 2)) {
        put(w, " where ");
        put_filter(w, event, 2);
    }
}

/* ---- chains ---- */

static const struct random_event *pick_event(struct writing *w)
{
    return &w->names->events[below(w, w->names->n_events)];
}

/* `property = STEP.property` of one type, where the two events have such; else an ordinary filter. */
static bool put_correlated(struct writing *w, const struct random_event *event,
                           const struct named_step *step)
{
    enum gy_type type = one_in(w, 2) ? GY_TYPE_STRING : any_type(w);
    const struct random_named *own = pick(w, event->properties, event->n_properties, type);
    const struct random_named *other =
        pick(w, step->event->properties, step->event->n_properties, type);
    if (own == NULL || other == NULL) {
        return false;
    }
    put_name(w, own->name, GY_NAME_OPERAND);
    put(w, " = ");
    put_name(w, step->name, GY_NAME_OPERAND);
    put(w, ".");
    put_name(w, other->name, GY_NAME_AFTER_DOT);
    return true;
}

static void put_step_where(struct writing *w, const struct random_event *event,
                           const struct named_step *steps, size_t n_steps)
{
    if (n_steps == 0 || one_in(w, 3)) {
        put_where(w, event);
        return;
    }
    size_t before = w->out->len;
    put(w, " where ");
    if (!put_correlated(w, event, &steps[below(w, n_steps)])) {
        w->out->len = before;
        put_where(w, event);
        return;
    }
    while (one_in(w, 3)) {
        put(w, " and ");
        if (one_in(w, 2) || !put_correlated(w, event, &steps[below(w, n_steps)])) {
            put_filter(w, event, 1);
        }
    }
}

static void put_within(struct writing *w)
{
    put(w, " within ");
    put_any_duration(w);
}

static void put_absent(struct writing *w, const struct named_step *steps, size_t n_steps)
{
    const struct random_event *event = pick_event(w);
    put(w, " then no ");
    put_name(w, event->name, GY_NAME_ALONE);
    put_step_where(w, event, steps, n_steps);
}

static void put_chain(struct writing *w)
{
    struct named_step steps[4];
    size_t n_named = 0;
    unsigned n = is_without(w, RANDOM_WITHOUT_CHAINS) ? 1 : 1 + (unsigned)below(w, 3);
    for (unsigned i = 0; i < n; i++) {
        while (i > 0 && one_in(w, 4)) {
            put_absent(w, steps, n_named);
        }
        const struct random_event *event = pick_event(w);
        put(w, i > 0 ? " then " : "");
        put_name(w, event->name, GY_NAME_ALONE);
        struct gy_str name = {&"abcd"[i], 1};
        bool is_named = n > 0 && !is_without(w, RANDOM_WITHOUT_CHAINS) && one_in(w, 2);
        if (is_named) {
            put(w, " as ");
            put_name(w, name, GY_NAME_ALONE);
        }
        put_step_where(w, event, steps, n_named);
        if (is_named) {
            steps[n_named++] = (struct named_step){name, event};
        }
        if (i > 0 && one_in(w, 2)) {
            put_within(w);
        }
    }
    for (unsigned i = 0; i < 2 && !is_without(w, RANDOM_WITHOUT_CHAINS) && one_in(w, 3); i++) {
        put_absent(w, steps, n_named);
        put_within(w);
    }
    put_window(w);
}

/* ---- values ---- */

static void put_expr(struct writing *w, unsigned depth);
static void put_term(struct writing *w, enum gy_type type, unsigned depth);

static void put_events(struct writing *w, const struct random_event *event,
                       const struct random_named *property)
{
    put(w, "(");
    put_name(w, event->name, GY_NAME_ALONE);
    if (property != NULL) {
        put(w, ".");
        put_name(w, property->name, GY_NAME_AFTER_DOT);
    }
    put_where(w, event);
    put_window(w);
    put(w, ")");
}

/* An aggregate over a property, which gives `type`; false where no property fits. */
static bool put_property_aggregate(struct writing *w, enum gy_type type)
{
    const struct random_event *event = pick_event(w);
    enum gy_type of = type;
    const char *word;
    if (type == GY_TYPE_NUMBER && one_in(w, 3)) {
        of = any_type(w);
        word = "distinct";
    } else if (type == GY_TYPE_NUMBER) {
        static const char *const WORDS[] = {"sum",  "avg", "median", "min", "max", "first",
                                            "last", "top", "sum",    "SUM", "avg"};
        uint64_t i = below(w, sizeof WORDS / sizeof *WORDS);
        word = WORDS[i];
        of = i < 3 && one_in(w, 5) ? GY_TYPE_BOOL : of;
    } else if (type == GY_TYPE_TIME) {
        static const char *const WORDS[] = {"min", "max", "first", "last", "top"};
        word = WORDS[below(w, 5)];
    } else {
        static const char *const WORDS[] = {"first", "last", "top"};
        word = WORDS[below(w, 3)];
    }
    const struct random_named *p = pick(w, event->properties, event->n_properties, of);
    if (p == NULL) {
        return false;
    }
    put(w, word);
    put_events(w, event, p);
    return true;
}

static void put_event_aggregate(struct writing *w, enum gy_type type)
{
    if (type == GY_TYPE_TIME) {
        PUT_ANY(w, "first_time", "last_time");
    } else {
        PUT_ANY(w, "count", "count", "days", "days_since", "interval");
    }
    if (!is_without(w, RANDOM_WITHOUT_UNKNOWN) && one_in(w, 40)) {
        put(w, "(\"Never seen\" last 3 days)");
    } else {
        put_events(w, pick_event(w), NULL);
    }
}

static void put_population(struct writing *w, unsigned depth)
{
    w->n_populations++;
    bool is_ntile = one_in(w, 2);
    put(w, is_ntile ? "ntile(" : "percentile(");
    put_term(w, one_in(w, 4) ? GY_TYPE_TIME : GY_TYPE_NUMBER, depth > 1 ? 1 : depth);
    if (is_ntile) {
        gy_buf_printf(w->out, ", %u", 1 + (unsigned)below(w, 6));
    }
    if (one_in(w, 2)) {
        put(w, " among (");
        put_expr(w, depth > 1 ? 1 : depth);
        put(w, ")");
    }
    put(w, ")");
    w->n_populations--;
}

static bool put_trait(struct writing *w, enum gy_type type)
{
    const struct random_named *t = pick(w, w->names->traits, w->names->n_traits, type);
    if (t == NULL) {
        return false;
    }
    put(w, "trait.");
    put_name(w, t->name, GY_NAME_AFTER_DOT);
    return true;
}

static bool put_age(struct writing *w)
{
    const struct random_named *t = pick(w, w->names->traits, w->names->n_traits, GY_TYPE_TIME);
    if (t == NULL) {
        return false;
    }
    put(w, "age(trait.");
    put_name(w, t->name, GY_NAME_AFTER_DOT);
    put(w, ")");
    return true;
}

static bool put_metric(struct writing *w, enum gy_type type)
{
    const struct random_named *m = is_without(w, RANDOM_WITHOUT_REFERENCES)
                                       ? NULL
                                       : pick(w, w->names->metrics, w->names->n_metrics, type);
    if (m == NULL) {
        return false;
    }
    put(w, "metric.");
    put_name(w, m->name, GY_NAME_AFTER_DOT);
    return true;
}

/* Of two numbers; or the days from one time to another. */
static void put_arithmetic(struct writing *w, unsigned depth)
{
    if (one_in(w, 5)) {
        put(w, "- ");
        put_term(w, GY_TYPE_NUMBER, depth);
        return;
    }
    bool of_times = one_in(w, 4);
    put(w, "(");
    put_term(w, of_times ? GY_TYPE_TIME : GY_TYPE_NUMBER, depth);
    if (of_times) {
        put(w, " - ");
        if (one_in(w, 3)) {
            put_time_literal(w);
        } else {
            put_term(w, GY_TYPE_TIME, depth);
        }
    } else {
        PUT_ANY(w, " + ", " - ", " * ", " / ");
        put_term(w, GY_TYPE_NUMBER, depth);
    }
    put(w, ")");
}

static bool put_number_of_population(struct writing *w, unsigned depth)
{
    if (is_without(w, RANDOM_WITHOUT_POPULATIONS) || w->n_populations >= 2) {
        return false;
    }
    put_population(w, depth);
    return true;
}

/* A value of that type which is no literal. */
static void put_term(struct writing *w, enum gy_type type, unsigned depth)
{
    bool is_number = type == GY_TYPE_NUMBER;
    for (;;) {
        switch (below(w, 11)) {
        case 0:
        case 1:
            if (is_number || type == GY_TYPE_TIME) {
                put_event_aggregate(w, type);
                return;
            }
            break;
        case 2:
        case 3:
        case 4:
            if (put_property_aggregate(w, type)) {
                return;
            }
            break;
        case 5:
        case 6:
            if (put_trait(w, type)) {
                return;
            }
            break;
        case 7:
            if (is_number && put_age(w)) {
                return;
            }
            break;
        case 8:
            if (is_number && put_number_of_population(w, depth)) {
                return;
            }
            break;
        case 9:
            if (is_number && depth > 0) {
                put_arithmetic(w, depth - 1);
                return;
            }
            break;
        default:
            if (put_metric(w, type)) {
                return;
            }
            break;
        }
    }
}

/* ---- tests ---- */

static void put_other_side(struct writing *w, enum gy_type type, unsigned depth)
{
    if (one_in(w, 4)) {
        put_term(w, type, depth);
    } else {
        put_literal(w, type);
    }
}

static void put_test_of_value(struct writing *w, unsigned depth)
{
    enum gy_type type = any_type(w);
    bool has_order = type == GY_TYPE_NUMBER || type == GY_TYPE_TIME;
    if (type == GY_TYPE_STRING && one_in(w, 3) && put_trait(w, GY_TYPE_LIST)) {
        if (one_in(w, 4) || is_without(w, RANDOM_WITHOUT_TEXT)) {
            PUT_ANY(w, " is known", " is missing");
        } else {
            put_text_test(w, true);
        }
        return;
    }
    put_term(w, type, depth);
    switch (below(w, 6)) {
    case 0:
        PUT_ANY(w, " is known", " is missing", " IS Known");
        break;
    case 1:
        put_in(w, type);
        break;
    case 2:
        if (has_order) {
            put(w, " between ");
            put_other_side(w, type, depth);
            put(w, " and ");
            put_other_side(w, type, depth);
            break;
        }
        if (type == GY_TYPE_STRING && !is_without(w, RANDOM_WITHOUT_TEXT)) {
            put_text_test(w, false);
            break;
        }
        put_in(w, type);
        break;
    default:
        put_compare(w, type);
        put_other_side(w, type, depth);
        break;
    }
}

static bool put_segment_test(struct writing *w)
{
    bool is_recorded = !is_without(w, RANDOM_WITHOUT_RECORDED) && one_in(w, 3);
    if (is_without(w, RANDOM_WITHOUT_REFERENCES) || w->names->n_segments == 0) {
        return false;
    }
    put(w, !is_recorded ? "in segment(" : one_in(w, 2) ? "entered segment(" : "left segment(");
    put_name(w, w->names->segments[below(w, w->names->n_segments)].name, GY_NAME_ALONE);
    if (is_recorded) {
        size_t before = w->out->len;
        while (w->out->len == before) { /* it must have one */
            put_window(w);
        }
    } else if (one_in(w, 2)) {
        put(w, " ");
        if (one_in(w, 10)) {
            put(w, "0 days");
        } else {
            put_duration(w);
        }
        put(w, " ago");
    }
    put(w, ")");
    return true;
}

static bool put_list_test(struct writing *w)
{
    if (is_without(w, RANDOM_WITHOUT_RECORDED) || w->names->n_lists == 0) {
        return false;
    }
    put(w, "in list(");
    put_name(w, w->names->lists[below(w, w->names->n_lists)].name, GY_NAME_ALONE);
    put(w, ")");
    return true;
}

static void put_sample(struct writing *w)
{
    PUT_ANY(w, "sample(20%", "sample(0.5", "sample(0", "sample(1", "sample(100%", "sample(0.75");
    if (one_in(w, 2)) {
        put(w, ", ");
        put_string(w, random_string(w->state));
    }
    put(w, ")");
}

static void put_anniversary(struct writing *w)
{
    put(w, "anniversary(");
    if (!put_trait(w, GY_TYPE_TIME)) {
        put(w, "trait.never_seen");
    }
    static const unsigned DAYS[] = {1, 2, 7, 30, 60, 365, 366, 2000};
    gy_buf_printf(w->out, " next %u days)", DAYS[below(w, sizeof DAYS / sizeof *DAYS)]);
}

static void put_leaf(struct writing *w, unsigned depth)
{
    switch (below(w, 16)) {
    case 0:
        PUT_ANY(w, "everyone", "nobody", "identified", "Identified");
        break;
    case 1:
        put_sample(w);
        break;
    case 2:
        put_anniversary(w);
        break;
    case 3:
        if (!put_list_test(w)) {
            put_test_of_value(w, depth);
        }
        break;
    case 4:
    case 5:
        if (!put_segment_test(w)) {
            put_test_of_value(w, depth);
        }
        break;
    case 6:
    case 7:
    case 8:
    case 9:
        put(w, "did(");
        put_chain(w);
        put(w, ")");
        break;
    default:
        put_test_of_value(w, depth);
        break;
    }
}

static void put_expr(struct writing *w, unsigned depth)
{
    uint64_t what = depth == 0 ? 9 : below(w, 10);
    if (what < 2) {
        put(w, "not ");
        put_expr(w, depth - 1);
    } else if (what < 6) {
        const char *word = one_in(w, 2) ? " and " : " or ";
        put(w, "(");
        put_expr(w, depth - 1);
        for (uint64_t i = 1 + below(w, 2); i-- > 0;) {
            put(w, word);
            put_expr(w, depth - 1);
        }
        put(w, ")");
    } else {
        put_leaf(w, depth);
    }
}

/* ---- from outside ---- */

void random_expr(uint64_t *state, const struct random_definition_options *options,
                 struct gy_buf *out)
{
    struct gy_arena arena = {0};
    struct writing w = {state, options, options->names, &arena, out, 0};
    put_expr(&w, options->depth);
    gy_arena_release(&arena);
}

void random_value(uint64_t *state, const struct random_definition_options *options,
                  struct gy_buf *out)
{
    struct gy_arena arena = {0};
    struct writing w = {state, options, options->names, &arena, out, 0};
    put_term(&w, any_type(&w), options->depth);
    gy_arena_release(&arena);
}
