/* random_filter.c - filters of events, and chains of steps with them. */
#include "random/random_writing.h"

#include <stdio.h>

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
        random_put_signed(w);
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
        random_put_literal(w, type);
    }
}

void random_put_in(struct writing *w, enum gy_type type)
{
    put(w, one_in(w, 3) ? " not in (" : " in (");
    random_put_literal(w, type);
    for (uint64_t i = below(w, 4); i-- > 0;) {
        put(w, ", ");
        random_put_literal(w, type);
    }
    put(w, ")");
}

void random_put_text_test(struct writing *w, bool is_list)
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
    enum gy_type type = random_any_type(w);
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
        random_put_in(w, type);
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
            random_put_text_test(w, false);
            break;
        }
        random_put_compare(w, type);
        put_filter_right(w, event, type);
        break;
    default:
        random_put_compare(w, type);
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

void random_put_where(struct writing *w, const struct random_event *event)
{
    if (one_in(w, 2)) {
        put(w, " where ");
        put_filter(w, event, 2);
    }
}

/* ---- chains ---- */

const struct random_event *random_pick_event(struct writing *w)
{
    return &w->names->events[below(w, w->names->n_events)];
}

/* `property = STEP.property` of one type, where the two events have such; else an ordinary filter. */
static bool put_correlated(struct writing *w, const struct random_event *event,
                           const struct named_step *step)
{
    enum gy_type type = one_in(w, 2) ? GY_TYPE_STRING : random_any_type(w);
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
        random_put_where(w, event);
        return;
    }
    size_t before = w->out->len;
    put(w, " where ");
    if (!put_correlated(w, event, &steps[below(w, n_steps)])) {
        w->out->len = before;
        random_put_where(w, event);
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
    random_put_any_duration(w);
}

static void put_absent(struct writing *w, const struct named_step *steps, size_t n_steps)
{
    const struct random_event *event = random_pick_event(w);
    put(w, " then no ");
    put_name(w, event->name, GY_NAME_ALONE);
    put_step_where(w, event, steps, n_steps);
}

void random_put_chain(struct writing *w)
{
    struct named_step steps[4];
    size_t n_named = 0;
    unsigned n = is_without(w, RANDOM_WITHOUT_CHAINS) ? 1 : 1 + (unsigned)below(w, 3);
    for (unsigned i = 0; i < n; i++) {
        while (i > 0 && one_in(w, 4)) {
            put_absent(w, steps, n_named);
        }
        const struct random_event *event = random_pick_event(w);
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
    random_put_window(w);
}
