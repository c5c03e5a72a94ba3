/* sentence_en.c - the sentence in English.
 *
 * A value is a noun phrase that ends with its window, a test a clause about it: "the number of "A"
 * events in the last 7 days (…) is at least 2". Inside parentheses tests are joined by "and" or
 * "or", which stand nowhere else, so a reader can tell where each ends.
 */
#include "lang/quote.h"
#include "lang/sentence_internal.h"

/* ---- windows ---- */

static void say_from(struct gy_sayer *s, int64_t from_ms)
{
    if (gy_say_is_endless(from_ms)) {
        gy_say(s, "from the beginning");
        return;
    }
    gy_say(s, "from ");
    gy_say_time(s, from_ms);
}

/* " (after A, through B)" of a range that leaves out its begin and includes its end. */
static void say_open_range(struct gy_sayer *s, struct gy_range range)
{
    if (gy_say_is_endless(range.from_ms)) {
        gy_say(s, " (from the beginning");
    } else {
        gy_say(s, " (after ");
        gy_say_time(s, range.from_ms - 1);
    }
    if (gy_say_is_endless(range.to_ms)) {
        gy_say(s, ", which is empty)");
        return;
    }
    gy_say(s, ", through ");
    gy_say_time(s, range.to_ms - 1);
    gy_say(s, ")");
}

/* " (from A, before B)" of whole periods, " (from A, through now)" of one that goes on. */
static void say_periods(struct gy_sayer *s, struct gy_range range)
{
    bool goes_on = range.to_ms > s->now_ms;
    gy_say(s, " (");
    say_from(s, range.from_ms);
    gy_say(s, goes_on ? ", through " : ", before ");
    gy_say_time(s, goes_on ? s->now_ms : range.to_ms);
    gy_say(s, ")");
}

static void say_last(struct gy_sayer *s, const struct gy_window *w)
{
    bool is_full = w->kind == GY_WINDOW_LAST_FULL;
    struct gy_str word = gy_str_of(gy_unit_word(w->unit));
    word.len -= w->n == 1;
    gy_say(s, " in the last ");
    if (w->n != 1) {
        gy_say_integer(s, w->n);
        gy_say(s, " ");
    }
    gy_say(s, is_full ? "full " : "");
    gy_buf_str(s->out, word);
}

static void say_ago(struct gy_sayer *s, const struct gy_window *w)
{
    gy_say(s, " ");
    gy_say_integer(s, w->n);
    gy_say(s, " to ");
    gy_say_duration(s, w->m, w->unit);
    gy_say(s, " ago");
}

/* Which part of a window whose instants are written there is past. */
static void say_past_part(struct gy_sayer *s, const struct gy_window *w, struct gy_range range,
                          int64_t written_end_ms)
{
    if (range.from_ms >= range.to_ms) {
        gy_say(s, " (which is empty)");
    } else if (w->kind == GY_WINDOW_SINCE) {
        gy_say(s, " through ");
        gy_say_time(s, s->now_ms);
    } else if (written_end_ms > s->now_ms) {
        gy_say(s, " (so far through ");
        gy_say_time(s, s->now_ms);
        gy_say(s, ")");
    }
}

static void say_written(struct gy_sayer *s, const struct gy_window *w, struct gy_range range)
{
    int64_t end_ms = gy_window_range(w, INT64_MAX, s->zone).to_ms;
    if (w->kind == GY_WINDOW_BEFORE) {
        gy_say(s, " before ");
        gy_say_time(s, end_ms);
    } else {
        gy_say(s, w->kind == GY_WINDOW_SINCE ? " since " : " from ");
        gy_say_time(s, w->from.ms);
    }
    if (w->kind == GY_WINDOW_FROM_TO) {
        gy_say(s, " to before ");
        gy_say_time(s, end_ms);
    }
    say_past_part(s, w, range, end_ms);
}

static const char *period_phrase(enum gy_period period)
{
    static const char *const phrases[] = {
        [GY_PERIOD_TODAY] = " today",
        [GY_PERIOD_YESTERDAY] = " yesterday",
        [GY_PERIOD_THIS_WEEK] = " this week",
        [GY_PERIOD_THIS_MONTH] = " this month",
        [GY_PERIOD_THIS_YEAR] = " this year",
        [GY_PERIOD_PREVIOUS_WEEK] = " in the previous week",
        [GY_PERIOD_PREVIOUS_MONTH] = " in the previous month",
        [GY_PERIOD_PREVIOUS_YEAR] = " in the previous year",
    };
    return phrases[period];
}

static void say_window(struct gy_sayer *s, const struct gy_window *w)
{
    struct gy_range range = gy_window_range(w, s->now_ms, s->zone);
    switch (w->kind) {
    case GY_WINDOW_NONE:
        gy_say(s, " at any time");
        return;
    case GY_WINDOW_LAST:
        say_last(s, w);
        say_open_range(s, range);
        return;
    case GY_WINDOW_LAST_FULL:
        say_last(s, w);
        say_periods(s, range);
        return;
    case GY_WINDOW_AGO:
        say_ago(s, w);
        say_open_range(s, range);
        return;
    case GY_WINDOW_SINCE:
    case GY_WINDOW_BEFORE:
    case GY_WINDOW_FROM_TO:
        say_written(s, w, range);
        return;
    case GY_WINDOW_PERIOD:
        gy_say(s, period_phrase(w->period));
        say_periods(s, range);
        return;
    }
}

/* ---- terms ---- */

static void say_operand(struct gy_sayer *s, const struct gy_term *term)
{
    bool is_simple = gy_say_is_simple(term);
    gy_say(s, is_simple ? "" : "(");
    gy_say_en_term(s, term);
    gy_say(s, is_simple ? "" : ")");
}

static void say_named(struct gy_sayer *s, const char *kind, const struct gy_name *name)
{
    gy_say(s, kind);
    gy_say(s, " ");
    gy_say_name(s, name);
}

static void say_where(struct gy_sayer *s, const struct gy_expr *where)
{
    if (where != NULL) {
        gy_say(s, " with (");
        gy_say_en_expr(s, where, NULL);
        gy_say(s, ")");
    }
}

/* What stands before the event's name, or around the property's. */
static const char *aggregate_phrase(enum gy_aggregate aggregate)
{
    static const char *const phrases[] = {
        [GY_COUNT] = "the number of ",
        [GY_DAYS] = "the number of different days with ",
        [GY_FIRST_TIME] = "the time of the first ",
        [GY_LAST_TIME] = "the time of the latest ",
        [GY_DAYS_SINCE] = "the number of days since the latest ",
        [GY_INTERVAL] = "the average number of days between ",
        [GY_SUM] = "the sum of ",
        [GY_AVG] = "the average of ",
        [GY_MEDIAN] = "the median of ",
        [GY_MIN] = "the minimum of ",
        [GY_MAX] = "the maximum of ",
        [GY_DISTINCT] = "the number of different values of ",
        [GY_FIRST] = "the first value of ",
        [GY_LAST] = "the latest value of ",
        [GY_TOP] = "the most frequent value of ",
    };
    return phrases[aggregate];
}

static void say_aggregate(struct gy_sayer *s, const struct gy_term *term)
{
    bool is_about_one = term->aggregate == GY_FIRST_TIME || term->aggregate == GY_LAST_TIME ||
                        term->aggregate == GY_DAYS_SINCE;
    gy_say(s, aggregate_phrase(term->aggregate));
    if (gy_aggregate_takes_property(term->aggregate)) {
        gy_say_name(s, &term->name);
        gy_say(s, " over ");
    }
    gy_say_name(s, &term->event);
    gy_say(s, is_about_one ? " event" : " events");
    say_where(s, term->where);
    say_window(s, &term->window);
}

static void say_among(struct gy_sayer *s, const struct gy_term *term)
{
    if (term->among == NULL) {
        gy_say(s, " among all customers");
        return;
    }
    gy_say(s, " among the customers for whom (");
    gy_say_en_expr(s, term->among, NULL);
    gy_say(s, ")");
}

static void say_population(struct gy_sayer *s, const struct gy_term *term)
{
    if (term->kind == GY_TERM_NTILE) {
        gy_say(s, "the group, from 1 (lowest) to ");
        gy_say_integer(s, term->parts);
        gy_say(s, " (highest), by ");
    } else {
        gy_say(s, "the percentile rank (0 lowest) by ");
    }
    say_operand(s, term->left);
    say_among(s, term);
}

static void say_string(struct gy_sayer *s, const struct gy_term *term)
{
    if (term->type == GY_TYPE_TIME) {
        gy_say_time(s, term->time_ms);
    } else {
        gy_quote(term->string, s->out);
    }
}

void gy_say_en_term(struct gy_sayer *s, const struct gy_term *term)
{
    switch (term->kind) {
    case GY_TERM_NUMBER:
        gy_say_number(s, term->number);
        return;
    case GY_TERM_STRING:
        say_string(s, term);
        return;
    case GY_TERM_BOOL:
        gy_say(s, term->number != 0 ? "true" : "false");
        return;
    case GY_TERM_TRAIT:
        say_named(s, "trait", &term->name);
        return;
    case GY_TERM_METRIC:
        say_named(s, "metric", &term->name);
        return;
    case GY_TERM_AGE:
        say_named(s, "the full years since trait", &term->name);
        return;
    case GY_TERM_ADD:
    case GY_TERM_SUBTRACT:
    case GY_TERM_MULTIPLY:
    case GY_TERM_DIVIDE:
        say_operand(s, term->left);
        gy_say(s, gy_say_sign(term->kind));
        say_operand(s, term->right);
        return;
    case GY_TERM_NEGATIVE:
        gy_say(s, "-");
        say_operand(s, term->left);
        return;
    case GY_TERM_AGGREGATE:
        say_aggregate(s, term);
        return;
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
        say_population(s, term);
        return;
    case GY_TERM_PROPERTY:
        say_named(s, "property", &term->name);
        return;
    case GY_TERM_STEP_PROPERTY:
        say_named(s, "property", &term->name);
        say_named(s, " of step", &term->step);
        return;
    case GY_TERM_HOUR:
        gy_say(s, "the hour (0 to 23)");
        return;
    case GY_TERM_WEEKDAY:
        gy_say(s, "the weekday (Monday 1 to Sunday 7)");
        return;
    case GY_TERM_MONTH:
        gy_say(s, "the month (1 to 12)");
        return;
    case GY_TERM_DAY:
        gy_say(s, "the day of the month");
        return;
    }
}

/* ---- events and chains ---- */

static void say_step_event(struct gy_sayer *s, const struct gy_step *step)
{
    gy_say_name(s, &step->event);
    if (step->as.text.len > 0) {
        say_named(s, " as", &step->as);
    }
    say_where(s, step->where);
}

static void say_absent_between(struct gy_sayer *s, const struct gy_step *steps, uint32_t n)
{
    gy_say(s, "(with ");
    for (uint32_t i = 0; i < n; i++) {
        gy_say(s, i == 0 ? "no " : ", no ");
        say_step_event(s, &steps[i]);
    }
    gy_say(s, " in between) ");
}

/* A present step, and before it what must not stand between it and the present one before. */
static void say_present(struct gy_sayer *s, const struct gy_step *steps, uint32_t n_absent)
{
    const struct gy_step *step = &steps[n_absent];
    if (n_absent > 0) {
        say_absent_between(s, steps, n_absent);
    }
    say_step_event(s, step);
    if (gy_duration_is_given(&step->within)) {
        gy_say(s, " within ");
        gy_say_duration(s, step->within.n, step->within.unit);
    }
}

static void say_absent_at_end(struct gy_sayer *s, const struct gy_step *step)
{
    gy_say_duration(s, step->within.n, step->within.unit);
    gy_say(s, " passed after the last step without ");
    say_step_event(s, step);
}

static void say_steps(struct gy_sayer *s, const struct gy_expr *expr)
{
    for (uint32_t i = 0; i < expr->n_steps; i++) {
        uint32_t n_absent = 0;
        while (i + n_absent < expr->n_steps && expr->steps[i + n_absent].is_absent) {
            n_absent++;
        }
        gy_say(s, i == 0 ? "" : ", then ");
        if (i + n_absent < expr->n_steps) {
            say_present(s, &expr->steps[i], n_absent);
            i += n_absent;
        } else {
            say_absent_at_end(s, &expr->steps[i]);
        }
    }
}

static void say_did(struct gy_sayer *s, const struct gy_expr *expr, bool is_negated)
{
    gy_say(s, is_negated ? "there is no " : "there is ");
    if (expr->n_steps == 1) {
        gy_say(s, is_negated ? "event " : "an event ");
        say_step_event(s, &expr->steps[0]);
    } else {
        gy_say(s, is_negated ? "sequence (" : "a sequence (");
        say_steps(s, expr);
        gy_say(s, ")");
    }
    say_window(s, &expr->window);
}

/* ---- other tests ---- */

static void say_in_segment(struct gy_sayer *s, const struct gy_expr *expr, bool is_negated)
{
    bool is_past = gy_duration_is_given(&expr->ago);
    gy_say(s, is_past ? "the customer was " : "the customer is ");
    gy_say(s, is_negated ? "not " : "");
    say_named(s, "in segment", &expr->name);
    if (is_past) {
        gy_say(s, " ");
        gy_say_duration(s, expr->ago.n, expr->ago.unit);
        gy_say(s, " ago (at ");
        gy_say_time(s, gy_say_instant_ago(s, &expr->ago));
        gy_say(s, ")");
    }
}

static void say_change(struct gy_sayer *s, const struct gy_expr *expr, bool is_negated)
{
    gy_say(s, is_negated ? "the customer did not " : "the customer ");
    if (expr->kind == GY_EXPR_ENTERED) {
        gy_say(s, is_negated ? "enter" : "entered");
    } else {
        gy_say(s, is_negated ? "leave" : "left");
    }
    say_named(s, " segment", &expr->name);
    say_window(s, &expr->window);
}

/* The days themselves, where they are not every day of the year. */
static void say_days_ahead(struct gy_sayer *s, uint64_t n)
{
    int64_t today = gy_zone_day(s->zone, s->now_ms);
    gy_say(s, " (");
    gy_say_date(s, today);
    if (n > 366) {
        gy_say(s, " onwards");
    } else if (n > 1) {
        gy_say(s, " through ");
        gy_say_date(s, today + (int64_t)n - 1);
    }
    gy_say(s, ")");
}

static void say_anniversary(struct gy_sayer *s, const struct gy_expr *expr, bool is_negated)
{
    say_named(s, "the anniversary of trait", &expr->name);
    gy_say(s, is_negated ? " does not fall in the next " : " falls in the next ");
    gy_say_duration(s, expr->next_days, GY_UNIT_DAY);
    say_days_ahead(s, expr->next_days);
}

static void say_sample(struct gy_sayer *s, const struct gy_expr *expr, bool is_negated)
{
    gy_say(s, is_negated ? "the customer is not in the fixed random sample of "
                         : "the customer is in the fixed random sample of ");
    gy_say_percent(s, expr->share);
    if (expr->salt.len > 0) {
        gy_say(s, " with salt ");
        gy_quote(expr->salt, s->out);
    }
}

static const char *compare_phrase(enum gy_compare compare, bool is_of_times)
{
    switch (compare) {
    case GY_EQ:
        return " is ";
    case GY_NE:
        return " is something other than ";
    case GY_LT:
        return is_of_times ? " is before " : " is less than ";
    case GY_LE:
        return is_of_times ? " is at or before " : " is at most ";
    case GY_GT:
        return is_of_times ? " is after " : " is more than ";
    case GY_GE:
        return is_of_times ? " is at or after " : " is at least ";
    }
    return "";
}

static void say_compare(struct gy_sayer *s, const struct gy_expr *expr)
{
    gy_say_en_term(s, expr->left);
    gy_say(s, compare_phrase(expr->compare, gy_say_is_of_times(expr)));
    say_operand(s, expr->right);
}

static void say_between(struct gy_sayer *s, const struct gy_expr *expr)
{
    gy_say_en_term(s, expr->left);
    gy_say(s, " is from ");
    say_operand(s, expr->low);
    gy_say(s, " through ");
    say_operand(s, expr->high);
}

static void say_in(struct gy_sayer *s, const struct gy_expr *expr)
{
    gy_say_en_term(s, expr->left);
    gy_say(s, expr->is_negated ? " is something other than any of " : " is one of ");
    for (uint32_t i = 0; i < expr->n_values; i++) {
        gy_say(s, i == 0 ? "" : ", ");
        gy_say_en_term(s, expr->values[i]);
    }
}

/* The verb as it stands behind "does not", and with the ending that it has otherwise. */
static void say_text_test(struct gy_sayer *s, const struct gy_expr *expr)
{
    static const char *const verbs[][2] = {
        [GY_TEXT_CONTAINS] = {" contain", "s "},
        [GY_TEXT_STARTS_WITH] = {" start", "s with "},
        [GY_TEXT_ENDS_WITH] = {" end", "s with "},
        [GY_TEXT_MATCHES] = {" match", "es the regular expression "},
    };
    bool is_list = expr->left->type == GY_TYPE_LIST;
    gy_say_en_term(s, expr->left);
    gy_say(s, expr->is_negated ? " has a value that does not" : "");
    if (is_list) {
        gy_say(s, expr->is_negated ? " have" : " has");
        gy_say(s, " the entry ");
    } else {
        const char *ending = verbs[expr->text_op][1];
        gy_say(s, verbs[expr->text_op][0]);
        gy_say(s, expr->is_negated ? strchr(ending, ' ') : ending);
    }
    gy_quote(expr->right->string, s->out);
}

static void say_known(struct gy_sayer *s, const struct gy_expr *expr)
{
    gy_say_en_term(s, expr->left);
    gy_say(s, expr->kind == GY_EXPR_KNOWN ? " is known" : " is missing");
}

/* A test that is not made of others; negated only where gy_say_has_negative. */
static void say_leaf(struct gy_sayer *s, const struct gy_expr *expr, bool is_negated)
{
    switch (expr->kind) {
    case GY_EXPR_NOT:
    case GY_EXPR_AND:
    case GY_EXPR_OR:
        return;
    case GY_EXPR_EVERYONE:
        gy_say(s, "anyone qualifies");
        return;
    case GY_EXPR_NOBODY:
        gy_say(s, "nobody qualifies");
        return;
    case GY_EXPR_IDENTIFIED:
        gy_say(s,
               is_negated ? "the customer has no external id" : "the customer has an external id");
        return;
    case GY_EXPR_DID:
        say_did(s, expr, is_negated);
        return;
    case GY_EXPR_IN_SEGMENT:
        say_in_segment(s, expr, is_negated);
        return;
    case GY_EXPR_IN_LIST:
        say_named(s, is_negated ? "the customer is not in list" : "the customer is in list",
                  &expr->name);
        return;
    case GY_EXPR_ENTERED:
    case GY_EXPR_LEFT:
        say_change(s, expr, is_negated);
        return;
    case GY_EXPR_ANNIVERSARY:
        say_anniversary(s, expr, is_negated);
        return;
    case GY_EXPR_SAMPLE:
        say_sample(s, expr, is_negated);
        return;
    case GY_EXPR_COMPARE:
        say_compare(s, expr);
        return;
    case GY_EXPR_BETWEEN:
        say_between(s, expr);
        return;
    case GY_EXPR_IN:
        say_in(s, expr);
        return;
    case GY_EXPR_TEXT:
        say_text_test(s, expr);
        return;
    case GY_EXPR_KNOWN:
    case GY_EXPR_MISSING:
        say_known(s, expr);
        return;
    }
}

/* ---- and, or, not ---- */

static void say_bracketed(struct gy_sayer *s, const struct gy_expr *expr)
{
    gy_say(s, "(");
    gy_say_en_expr(s, expr, NULL);
    gy_say(s, ")");
}

/* "A and (B or C)" */
static void say_inline(struct gy_sayer *s, const struct gy_expr *expr)
{
    for (uint32_t i = 0; i < expr->n_children; i++) {
        const struct gy_expr *child = expr->children[i];
        gy_say(s, i == 0 ? "" : expr->kind == GY_EXPR_AND ? " and " : " or ");
        if (gy_say_is_list(child)) {
            say_bracketed(s, child);
        } else {
            gy_say_en_expr(s, child, NULL);
        }
    }
}

static void say_list(struct gy_sayer *s, const struct gy_expr *expr, const struct gy_part *part,
                     bool is_negated)
{
    bool is_and = expr->kind == GY_EXPR_AND;
    if (is_negated) {
        gy_say(s, is_and ? "not all of these hold: " : "none of these holds: ");
    } else {
        gy_say(s, is_and ? "all of these hold: " : "at least one of these holds: ");
    }
    gy_say_parts(s, expr, part);
}

static void say_not(struct gy_sayer *s, const struct gy_expr *child, const struct gy_part *part)
{
    const char *remark = gy_say_can_be_unknown(child) ? " (unknown values included)" : "";
    if (gy_say_has_negative(child)) {
        say_leaf(s, child, true);
        gy_say(s, part == NULL ? "" : remark);
    } else if (part == NULL) {
        gy_say(s, "not ");
        say_bracketed(s, child);
    } else if (gy_say_is_list(child)) {
        say_list(s, child, part, true);
    } else if (child->kind == GY_EXPR_NOT && gy_say_can_be_unknown(child->children[0])) {
        gy_say(s, "it is not true that "); /* a remark on the inner one would seem one on both */
        say_bracketed(s, child);
    } else {
        gy_say(s, "it is not true that ");
        gy_say_en_expr(s, child, part);
        gy_say(s, remark);
    }
}

void gy_say_en_expr(struct gy_sayer *s, const struct gy_expr *expr, const struct gy_part *part)
{
    if (expr->kind == GY_EXPR_NOT) {
        say_not(s, expr->children[0], part);
    } else if (!gy_say_is_list(expr)) {
        say_leaf(s, expr, false);
    } else if (part == NULL) {
        say_inline(s, expr);
    } else {
        say_list(s, expr, part, false);
    }
}

void gy_say_en_root(struct gy_sayer *s, const struct gy_expr *expr, const struct gy_part *root)
{
    bool is_everyone = expr->kind == GY_EXPR_EVERYONE;
    gy_say(s, is_everyone ? "Every customer, as of " : "Every customer for whom, as of ");
    gy_say_time(s, s->now_ms);
    gy_buf_printf(s->out, " (%s)", gy_zone_name(s->zone));
    if (!is_everyone) {
        gy_say(s, ", ");
        gy_say_en_expr(s, expr, root);
    }
}
