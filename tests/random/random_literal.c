/* random_literal.c - numbers, strings, times, durations and windows, the odd ones often. */
#include "random/random_writing.h"

#include <stdio.h>

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

void random_put_signed(struct writing *w)
{
    if (one_in(w, 6)) {
        put(w, "-");
    }
    put_number(w);
}

void random_put_time_literal(struct writing *w)
{
    put_string(w, random_time(w->state, w->o->calls, w->arena));
}

void random_put_literal(struct writing *w, enum gy_type type)
{
    switch (type) {
    case GY_TYPE_NUMBER:
    case GY_TYPE_ANY:
        random_put_signed(w);
        break;
    case GY_TYPE_STRING:
    case GY_TYPE_LIST:
        put_string(w, random_string(w->state));
        break;
    case GY_TYPE_BOOL:
        PUT_ANY(w, "true", "false", "TRUE");
        break;
    case GY_TYPE_TIME:
        random_put_time_literal(w);
        break;
    }
}

static const enum gy_type TYPES[] = {GY_TYPE_NUMBER, GY_TYPE_NUMBER, GY_TYPE_NUMBER, GY_TYPE_STRING,
                                     GY_TYPE_STRING, GY_TYPE_TIME,   GY_TYPE_TIME,   GY_TYPE_BOOL};

enum gy_type random_any_type(struct writing *w)
{
    return TYPES[below(w, sizeof TYPES / sizeof *TYPES)];
}

void random_put_compare(struct writing *w, enum gy_type type)
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

void random_put_duration(struct writing *w)
{
    static const unsigned N[] = {1, 1, 1, 2, 3, 7, 12, 24, 30, 60, 90, 400};
    gy_buf_printf(w->out, "%u ", N[below(w, sizeof N / sizeof *N)]);
    put_unit(w);
}

void random_put_any_duration(struct writing *w)
{
    if (one_in(w, 16)) {
        PUT_ANY(w, "100000 ", "9223372036854775808 ", "18446744073709551616 ");
        put_unit(w);
    } else {
        random_put_duration(w);
    }
}

void random_put_window(struct writing *w)
{
    unsigned n = (unsigned)below(w, 4);
    switch (below(w, 11)) {
    case 0:
    case 1:
    case 2:
        put(w, " last ");
        random_put_any_duration(w);
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
        random_put_time_literal(w);
        break;
    case 6:
        put(w, " before ");
        random_put_time_literal(w);
        break;
    case 7:
        put(w, " from ");
        random_put_time_literal(w);
        put(w, " to ");
        random_put_time_literal(w);
        break;
    case 8:
        PUT_ANY(w, " today", " yesterday", " this week", " this month", " this year",
                " previous week", " previous month", " previous year");
        break;
    default:
        break;
    }
}
