/* random_definition.c - text grows from the grammar, top down; what is asked for is a type. */
#include "random/random_definition.h"

#include <stdio.h>

#include "random/random_writing.h"

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
    random_put_where(w, event);
    random_put_window(w);
    put(w, ")");
}

/* An aggregate over a property, which gives `type`; false where no property fits. */
static bool put_property_aggregate(struct writing *w, enum gy_type type)
{
    const struct random_event *event = random_pick_event(w);
    enum gy_type of = type;
    const char *word;
    if (type == GY_TYPE_NUMBER && one_in(w, 3)) {
        of = random_any_type(w);
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
        put_events(w, random_pick_event(w), NULL);
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
            random_put_time_literal(w);
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
        random_put_literal(w, type);
    }
}

static void put_test_of_value(struct writing *w, unsigned depth)
{
    enum gy_type type = random_any_type(w);
    bool has_order = type == GY_TYPE_NUMBER || type == GY_TYPE_TIME;
    if (type == GY_TYPE_STRING && one_in(w, 3) && put_trait(w, GY_TYPE_LIST)) {
        if (one_in(w, 4) || is_without(w, RANDOM_WITHOUT_TEXT)) {
            PUT_ANY(w, " is known", " is missing");
        } else {
            random_put_text_test(w, true);
        }
        return;
    }
    put_term(w, type, depth);
    switch (below(w, 6)) {
    case 0:
        PUT_ANY(w, " is known", " is missing", " IS Known");
        break;
    case 1:
        random_put_in(w, type);
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
            random_put_text_test(w, false);
            break;
        }
        random_put_in(w, type);
        break;
    default:
        random_put_compare(w, type);
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
            random_put_window(w);
        }
    } else if (one_in(w, 2)) {
        put(w, " ");
        if (one_in(w, 10)) {
            put(w, "0 days");
        } else {
            random_put_duration(w);
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
        random_put_chain(w);
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
    put_term(&w, random_any_type(&w), options->depth);
    gy_arena_release(&arena);
}
