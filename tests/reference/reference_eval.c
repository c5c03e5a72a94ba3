/* reference_eval.c - truth and values, one customer at a time, straight from the contract. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "reference/reference_internal.h"

struct asked {
    struct ref_data *data;
    int64_t now;
    const struct ref_customer *customer;
};

static bool holds(const struct asked *a, const struct gy_expr *e);
static struct ref_value value_of(const struct asked *a, const struct gy_term *t);

static const struct ref_value MISSING = {.type = GY_TYPE_ANY};

static struct ref_value number(double n)
{
    return isfinite(n) ? (struct ref_value){.type = GY_TYPE_NUMBER, .number = n} : MISSING;
}

static struct ref_value at_time(int64_t ms)
{
    return (struct ref_value){.type = GY_TYPE_TIME, .time_ms = ms};
}

/* ---- comparing ---- */

/* -1, 0, 1; 2 where they cannot be compared (one is missing). */
static int compare(const struct ref_value *x, const struct ref_value *y)
{
    if (x->type != y->type || x->type == GY_TYPE_ANY) {
        return 2;
    }
    switch (x->type) {
    case GY_TYPE_NUMBER:
    case GY_TYPE_BOOL:
        return (x->number > y->number) - (x->number < y->number);
    case GY_TYPE_TIME:
        return (x->time_ms > y->time_ms) - (x->time_ms < y->time_ms);
    case GY_TYPE_STRING: {
        int order = gy_str_compare(x->string, y->string);
        return (order > 0) - (order < 0);
    }
    case GY_TYPE_ANY:
    case GY_TYPE_LIST:
        break;
    }
    return 2;
}

static bool compare_holds(enum gy_compare op, int order)
{
    if (order == 2) {
        return false;
    }
    switch (op) {
    case GY_EQ:
        return order == 0;
    case GY_NE:
        return order != 0;
    case GY_LT:
        return order < 0;
    case GY_LE:
        return order <= 0;
    case GY_GT:
        return order > 0;
    case GY_GE:
        return order >= 0;
    }
    abort();
}

/* The comparison of an expression, whatever its terms are of. */
typedef struct ref_value (*term_fn)(const void *context, const struct gy_term *t);

static bool list_contains(const struct ref_value *list, struct gy_str s)
{
    for (size_t i = 0; i < list->n_list; i++) {
        if (gy_str_equal(list->list[i], s)) {
            return true;
        }
    }
    return false;
}

static bool test_holds(const struct gy_expr *e, term_fn term, const void *context)
{
    struct ref_value left = term(context, e->left);
    bool is_known = left.type != GY_TYPE_ANY;
    if (e->kind == GY_EXPR_COMPARE) {
        struct ref_value right = term(context, e->right);
        return compare_holds(e->compare, compare(&left, &right));
    }
    if (e->kind == GY_EXPR_BETWEEN) {
        struct ref_value low = term(context, e->low);
        struct ref_value high = term(context, e->high);
        return compare_holds(GY_GE, compare(&left, &low)) &&
               compare_holds(GY_LE, compare(&left, &high));
    }
    if (e->kind == GY_EXPR_IN) {
        bool is_in = false;
        for (uint32_t i = 0; i < e->n_values; i++) {
            struct ref_value v = term(context, e->values[i]);
            is_in = is_in || compare(&left, &v) == 0;
        }
        return is_known && is_in != e->is_negated;
    }
    if (e->kind == GY_EXPR_TEXT) {
        bool has = left.type == GY_TYPE_LIST
                       ? list_contains(&left, e->right->string)
                       : left.type == GY_TYPE_STRING &&
                             ref_text_holds(e->text_op, left.string, e->right->string);
        return is_known && has != e->is_negated;
    }
    return is_known == (e->kind == GY_EXPR_KNOWN);
}

/* ---- arithmetic and literals, the same everywhere ---- */

static struct ref_value arithmetic(const struct gy_term *t, term_fn term, const void *context)
{
    struct ref_value l = term(context, t->left);
    if (t->kind == GY_TERM_NEGATIVE) {
        return l.type == GY_TYPE_NUMBER ? number(-l.number) : MISSING;
    }
    struct ref_value r = term(context, t->right);
    if (l.type == GY_TYPE_TIME && r.type == GY_TYPE_TIME) {
        return number((double)(l.time_ms - r.time_ms) / 86400000.0);
    }
    if (l.type != GY_TYPE_NUMBER || r.type != GY_TYPE_NUMBER) {
        return MISSING;
    }
    switch (t->kind) {
    case GY_TERM_ADD:
        return number(l.number + r.number);
    case GY_TERM_SUBTRACT:
        return number(l.number - r.number);
    case GY_TERM_MULTIPLY:
        return number(l.number * r.number);
    default:
        return r.number == 0 ? MISSING : number(l.number / r.number);
    }
}

static struct ref_value literal(const struct gy_term *t)
{
    if (t->kind == GY_TERM_STRING && t->type == GY_TYPE_TIME) {
        return at_time(t->time_ms);
    }
    if (t->kind == GY_TERM_STRING) {
        return (struct ref_value){.type = GY_TYPE_STRING, .string = t->string};
    }
    return (struct ref_value){.type = t->kind == GY_TERM_BOOL ? GY_TYPE_BOOL : GY_TYPE_NUMBER,
                              .number = t->number};
}

/* ---- filters ---- */

struct filtered {
    const struct asked *asked;
    const struct ref_event *event;
    const struct gy_step *steps; /* of the chain, or NULL */
    const struct ref_event *const
        *chosen; /* by step; NULL for absent ones and those not yet chosen */
    uint32_t n_steps;
};

static struct ref_value property(const struct ref_event *e, struct gy_str name)
{
    for (size_t i = 0; i < e->n_properties; i++) {
        if (gy_str_equal(e->properties[i].name, name)) {
            return e->properties[i].value;
        }
    }
    return MISSING;
}

static struct ref_value filter_term(const void *context, const struct gy_term *t)
{
    const struct filtered *f = context;
    struct gy_civil local;
    gy_zone_civil(f->asked->data->zone, f->event->time_ms, &local);
    switch (t->kind) {
    case GY_TERM_PROPERTY:
        return property(f->event, t->name.text);
    case GY_TERM_STEP_PROPERTY:
        for (uint32_t i = 0; i < f->n_steps; i++) {
            if (f->steps[i].as.text.len > 0 && gy_str_equal(f->steps[i].as.text, t->step.text)) {
                return property(f->chosen[i], t->name.text);
            }
        }
        abort();
    case GY_TERM_HOUR:
        return number(local.hour);
    case GY_TERM_WEEKDAY:
        return number(gy_day_weekday(gy_day_from_civil(local.year, local.month, local.day)));
    case GY_TERM_MONTH:
        return number(local.month);
    case GY_TERM_DAY:
        return number(local.day);
    case GY_TERM_NUMBER:
    case GY_TERM_STRING:
    case GY_TERM_BOOL:
        return literal(t);
    default:
        return arithmetic(t, filter_term, context);
    }
}

static bool passes(const struct filtered *f, const struct gy_expr *where)
{
    if (where == NULL) {
        return true;
    }
    switch (where->kind) {
    case GY_EXPR_NOT:
        return !passes(f, where->children[0]);
    case GY_EXPR_AND:
        for (uint32_t i = 0; i < where->n_children; i++) {
            if (!passes(f, where->children[i])) {
                return false;
            }
        }
        return true;
    case GY_EXPR_OR:
        for (uint32_t i = 0; i < where->n_children; i++) {
            if (passes(f, where->children[i])) {
                return true;
            }
        }
        return false;
    default:
        return test_holds(where, filter_term, f);
    }
}

/* ---- aggregates ---- */

struct matching {
    const struct ref_event **events;
    struct ref_value *values; /* of the property; those that lack it are left out */
    size_t n;
};

static struct matching match(const struct asked *a, const struct gy_term *t)
{
    bool is_of_visits = gy_str_equal(t->event.text, GY_STR("Visit")) && ref_has_visits(a->data);
    const struct ref_customer *c =
        is_of_visits ? ref_with_visits(a->data, a->customer, a->now) : a->customer;
    struct matching m = {gy_alloc_zero(c->n_events + 1, sizeof *m.events),
                         gy_alloc_zero(c->n_events + 1, sizeof *m.values), 0};
    for (size_t i = 0; i < c->n_events; i++) {
        const struct ref_event *e = &c->events[i];
        struct filtered f = {.asked = a, .event = e};
        if (!gy_str_equal(e->name, t->event.text) ||
            !ref_in_window(a->data->zone, a->now, e->time_ms, &t->window) ||
            !passes(&f, t->where)) {
            continue;
        }
        struct ref_value v = MISSING;
        if (gy_aggregate_takes_property(t->aggregate)) {
            v = property(e, t->name.text);
            if (v.type == GY_TYPE_ANY) {
                continue;
            }
        }
        m.events[m.n] = e;
        m.values[m.n++] = v;
    }
    return m;
}

static int by_value(const void *x, const void *y)
{
    return compare(x, y);
}

static struct ref_value median(struct matching *m)
{
    if (m->n == 0) {
        return MISSING;
    }
    qsort(m->values, m->n, sizeof *m->values, by_value);
    double low = m->values[(m->n - 1) / 2].number;
    double high = m->values[m->n / 2].number;
    if (m->n % 2 == 1) {
        return number(low);
    }
    /* The mean of the two, as of every pair: their exact decimal sum, halved and rounded once. */
    struct ref_sum sum = {0};
    ref_sum_add(&sum, low);
    ref_sum_add(&sum, high);
    return number(ref_sum_mean(&sum, 2));
}

static struct ref_value top(const struct matching *m)
{
    size_t best = 0;
    size_t best_count = 0;
    for (size_t i = 0; i < m->n; i++) { /* i: the latest event with its value wins ties */
        size_t count = 0;
        bool is_latest = true;
        for (size_t k = 0; k < m->n; k++) {
            bool same = compare(&m->values[i], &m->values[k]) == 0;
            count += same;
            is_latest = is_latest && !(same && k > i);
        }
        if (is_latest && count >= best_count) {
            best = i;
            best_count = count;
        }
    }
    return m->n == 0 ? MISSING : m->values[best];
}

static struct ref_value sum_or_mean(const struct matching *m, uint64_t divisor)
{
    struct ref_sum sum = {0};
    for (size_t i = 0; i < m->n; i++) {
        ref_sum_add(&sum, m->values[i].number);
    }
    return number(ref_sum_mean(&sum, divisor));
}

static struct ref_value extreme(const struct matching *m, int sign)
{
    if (m->n == 0) {
        return MISSING;
    }
    size_t best = 0;
    for (size_t i = 1; i < m->n; i++) {
        if (compare(&m->values[i], &m->values[best]) == sign) {
            best = i;
        }
    }
    return m->values[best];
}

static size_t distinct(const struct matching *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++) {
        bool is_new = true;
        for (size_t k = 0; k < i; k++) {
            is_new = is_new && compare(&m->values[i], &m->values[k]) != 0;
        }
        n += is_new;
    }
    return n;
}

static size_t different_days(const struct asked *a, const struct matching *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++) { /* events are in order of time */
        n += i == 0 || gy_zone_day(a->data->zone, m->events[i]->time_ms) !=
                           gy_zone_day(a->data->zone, m->events[i - 1]->time_ms);
    }
    return n;
}

static struct ref_value of_matching(const struct asked *a, const struct gy_term *t,
                                    struct matching *m)
{
    size_t n = m->n;
    int64_t first = n == 0 ? 0 : m->events[0]->time_ms;
    int64_t last = n == 0 ? 0 : m->events[n - 1]->time_ms;
    switch (t->aggregate) {
    case GY_COUNT:
        return number((double)n);
    case GY_DAYS:
        return number((double)different_days(a, m));
    case GY_FIRST_TIME:
        return n == 0 ? MISSING : at_time(first);
    case GY_LAST_TIME:
        return n == 0 ? MISSING : at_time(last);
    case GY_DAYS_SINCE:
        return n == 0 ? MISSING : number((double)(a->now - last) / 86400000.0);
    case GY_INTERVAL:
        return n < 2 ? MISSING : number((double)(last - first) / 86400000.0 / (double)(n - 1));
    case GY_SUM:
        return sum_or_mean(m, 1);
    case GY_AVG:
        return n == 0 ? MISSING : sum_or_mean(m, n);
    case GY_MEDIAN:
        return median(m);
    case GY_MIN:
        return extreme(m, -1);
    case GY_MAX:
        return extreme(m, 1);
    case GY_DISTINCT:
        return number((double)distinct(m));
    case GY_FIRST:
        return n == 0 ? MISSING : m->values[0];
    case GY_LAST:
        return n == 0 ? MISSING : m->values[n - 1];
    case GY_TOP:
        return top(m);
    }
    abort();
}

static struct ref_value aggregate(const struct asked *a, const struct gy_term *t)
{
    struct matching m = match(a, t);
    struct ref_value v = of_matching(a, t, &m);
    free(m.events);
    free(m.values);
    return v;
}

/* ---- chains: every choice of events is tried ---- */

struct chain {
    const struct asked *asked;
    const struct gy_expr *did;
    const struct ref_event **chosen; /* by step */
};

static bool step_fits(const struct chain *c, uint32_t s, const struct ref_event *e)
{
    const struct gy_step *step_of = &c->did->steps[s];
    struct filtered f = {c->asked, e, c->did->steps, c->chosen, s};
    return gy_str_equal(e->name, step_of->event.text) && passes(&f, step_of->where);
}

/* No event of the absent steps [first, end) among the customer's events (from, to). */
static bool none_between(const struct chain *c, uint32_t first, uint32_t end, size_t from,
                         size_t to)
{
    for (uint32_t s = first; s < end; s++) {
        for (size_t i = from + 1; i < to; i++) {
            if (step_fits(c, s, &c->asked->customer->events[i])) {
                return false;
            }
        }
    }
    return true;
}

static bool ends_well(const struct chain *c, uint32_t first, size_t last_event)
{
    const struct ref_customer *who = c->asked->customer;
    int64_t t = who->events[last_event].time_ms;
    for (uint32_t s = first; s < c->did->n_steps; s++) {
        const struct gy_duration *d = &c->did->steps[s].within;
        int64_t until = ref_step(c->asked->data->zone, t, 1, d->n, d->unit);
        size_t end = last_event + 1;
        while (end < who->n_events && who->events[end].time_ms <= until) {
            end++;
        }
        if (until > c->asked->now || !none_between(c, s, s + 1, last_event, end)) {
            return false;
        }
    }
    return true;
}

/* Steps from `s` on can be found behind event `before` (SIZE_MAX: anywhere). */
static bool find_from(struct chain *c, uint32_t s, size_t before)
{
    const struct ref_customer *who = c->asked->customer;
    uint32_t present = s;
    while (present < c->did->n_steps && c->did->steps[present].is_absent) {
        present++;
    }
    if (present == c->did->n_steps) {
        return ends_well(c, s, before);
    }
    const struct gy_duration *within = &c->did->steps[present].within;
    for (size_t i = before == SIZE_MAX ? 0 : before + 1; i < who->n_events; i++) {
        const struct ref_event *e = &who->events[i];
        bool is_late = before != SIZE_MAX && within->n > 0 &&
                       e->time_ms > ref_step(c->asked->data->zone, who->events[before].time_ms, 1,
                                             within->n, within->unit);
        if (is_late ||
            !ref_in_window(c->asked->data->zone, c->asked->now, e->time_ms, &c->did->window) ||
            !step_fits(c, present, e) ||
            (before != SIZE_MAX && !none_between(c, s, present, before, i))) {
            continue;
        }
        c->chosen[present] = e;
        if (find_from(c, present + 1, i)) {
            return true;
        }
        c->chosen[present] = NULL;
    }
    return false;
}

static bool did(const struct asked *a, const struct gy_expr *e)
{
    struct asked with_visits = *a;
    if (ref_has_visits(a->data)) {
        with_visits.customer = ref_with_visits(a->data, a->customer, a->now);
    }
    struct chain c = {&with_visits, e, gy_alloc_zero(e->n_steps, sizeof *c.chosen)};
    bool found = find_from(&c, 0, SIZE_MAX);
    free(c.chosen);
    return found;
}

/* ---- traits and dates ---- */

static struct ref_value trait(const struct asked *a, struct gy_str name)
{
    struct ref_value v = MISSING;
    for (size_t i = 0; i < a->customer->n_traits; i++) {
        const struct ref_trait *t = &a->customer->traits[i];
        if (t->time_ms <= a->now && gy_str_equal(t->name, name)) {
            v = t->value;
        }
    }
    return v;
}

static struct ref_value age(const struct asked *a, struct gy_str name)
{
    struct ref_value born = trait(a, name);
    int64_t today = gy_zone_day(a->data->zone, a->now);
    if (born.type != GY_TYPE_TIME || gy_zone_day(a->data->zone, born.time_ms) > today) {
        return MISSING;
    }
    int64_t day = gy_zone_day(a->data->zone, born.time_ms);
    int n = 0;
    while (gy_day_add_months(day, 12 * (n + 1)) <= today) {
        n++;
    }
    return number(n);
}

static bool anniversary(const struct asked *a, const struct gy_expr *e)
{
    struct ref_value v = trait(a, e->name.text);
    if (v.type != GY_TYPE_TIME) {
        return false;
    }
    struct gy_civil want;
    gy_zone_civil(a->data->zone, v.time_ms, &want);
    int64_t today = gy_zone_day(a->data->zone, a->now);
    for (uint64_t i = 0; i < e->next_days && i < 400; i++) {
        struct gy_civil day;
        gy_day_to_civil(today + (int64_t)i, &day);
        int32_t last = gy_days_in_month(day.year, want.month);
        if (day.month == want.month && day.day == (want.day > last ? last : want.day)) {
            return true;
        }
    }
    return false;
}

static bool sample(const struct asked *a, const struct gy_expr *e)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < e->salt.len + 1 + a->customer->id.len; i++) {
        unsigned char byte = i < e->salt.len ? (unsigned char)e->salt.ptr[i]
                             : i == e->salt.len
                                 ? 0
                                 : (unsigned char)a->customer->id.ptr[i - e->salt.len - 1];
        h = (h ^ byte) * UINT64_C(0x100000001b3);
    }
    h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    h ^= h >> 33;
    return (long double)h < ldexpl((long double)e->share, 64);
}

/* ---- populations ---- */

static bool exists(const struct asked *a)
{
    return a->customer->parent == SIZE_MAX && a->customer->first_ms <= a->now;
}

static struct ref_value population(const struct asked *a, const struct gy_term *t)
{
    if (t->among != NULL && !holds(a, t->among)) {
        return MISSING;
    }
    struct ref_value own = value_of(a, t->left);
    if (own.type == GY_TYPE_ANY) {
        return MISSING;
    }
    uint64_t n = 0;
    uint64_t r = 0;
    for (size_t i = 0; i < a->data->n_customers; i++) {
        struct asked other = {a->data, a->now, &a->data->customers[i]};
        if (!exists(&other) || (t->among != NULL && !holds(&other, t->among))) {
            continue;
        }
        struct ref_value v = value_of(&other, t->left);
        n += v.type != GY_TYPE_ANY;
        r += compare(&v, &own) == -1;
    }
    return t->kind == GY_TERM_NTILE ? number((double)(1 + r * t->parts / n))
                                    : number(100.0 * (double)r / (double)n);
}

/* ---- terms and expressions ---- */

static struct ref_value customer_term(const void *context, const struct gy_term *t)
{
    return value_of(context, t);
}

static struct ref_value value_of(const struct asked *a, const struct gy_term *t)
{
    switch (t->kind) {
    case GY_TERM_TRAIT:
        return trait(a, t->name.text);
    case GY_TERM_METRIC:
        return value_of(a, t->left);
    case GY_TERM_AGE:
        return age(a, t->name.text);
    case GY_TERM_AGGREGATE:
        return aggregate(a, t);
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
        return population(a, t);
    case GY_TERM_NUMBER:
    case GY_TERM_STRING:
    case GY_TERM_BOOL:
        return literal(t);
    default:
        return arithmetic(t, customer_term, a);
    }
}

static bool in_list(const struct asked *a, struct gy_str name)
{
    for (size_t i = 0; i < a->data->n_lists; i++) {
        const struct ref_list *list = &a->data->lists[i];
        for (size_t k = 0; gy_str_equal(list->name, name) && k < list->n; k++) {
            if (gy_str_equal(list->ids[k], a->customer->id)) {
                return true;
            }
        }
    }
    return false;
}

/* A change recorded under an id that was merged away, or claimed, since then is its customer's. */
static bool changed(const struct asked *a, const struct gy_expr *e)
{
    for (size_t i = 0; i < a->data->n_changes; i++) {
        const struct ref_change *c = &a->data->changes[i];
        if (gy_str_equal(c->segment, e->name.text) && ref_has_id(a->data, a->customer, c->id) &&
            c->entered == (e->kind == GY_EXPR_ENTERED) &&
            ref_in_window(a->data->zone, a->now, c->at_ms, &e->window)) {
            return true;
        }
    }
    return false;
}

static bool in_segment(const struct asked *a, const struct gy_expr *e)
{
    struct asked then = *a;
    if (e->ago.n > 0) {
        then.now = ref_step(a->data->zone, a->now, -1, e->ago.n, e->ago.unit);
    }
    return exists(&then) && holds(&then, e->definition);
}

static bool holds(const struct asked *a, const struct gy_expr *e)
{
    switch (e->kind) {
    case GY_EXPR_EVERYONE:
        return true;
    case GY_EXPR_NOBODY:
        return false;
    case GY_EXPR_IDENTIFIED:
        return a->customer->is_external;
    case GY_EXPR_NOT:
        return !holds(a, e->children[0]);
    case GY_EXPR_AND:
        for (uint32_t i = 0; i < e->n_children; i++) {
            if (!holds(a, e->children[i])) {
                return false;
            }
        }
        return true;
    case GY_EXPR_OR:
        for (uint32_t i = 0; i < e->n_children; i++) {
            if (holds(a, e->children[i])) {
                return true;
            }
        }
        return false;
    case GY_EXPR_DID:
        return did(a, e);
    case GY_EXPR_IN_SEGMENT:
        return in_segment(a, e);
    case GY_EXPR_IN_LIST:
        return in_list(a, e->name.text);
    case GY_EXPR_ENTERED:
    case GY_EXPR_LEFT:
        return changed(a, e);
    case GY_EXPR_ANNIVERSARY:
        return anniversary(a, e);
    case GY_EXPR_SAMPLE:
        return sample(a, e);
    default:
        return test_holds(e, customer_term, a);
    }
}

static int by_id(const void *x, const void *y)
{
    const struct gy_str *a = x;
    const struct gy_str *b = y;
    return gy_str_compare(*a, *b);
}

void ref_members(struct ref_data *data, const struct gy_expr *expr, int64_t now_ms,
                 struct gy_buf *out)
{
    struct gy_str *ids = gy_alloc_zero(data->n_customers + 1, sizeof *ids);
    size_t n = 0;
    for (size_t i = 0; i < data->n_customers; i++) {
        struct asked a = {data, now_ms, &data->customers[i]};
        if (exists(&a) && holds(&a, expr)) {
            ids[n++] = data->customers[i].id;
        }
    }
    qsort(ids, n, sizeof *ids, by_id);
    for (size_t i = 0; i < n; i++) {
        gy_buf_str(out, ids[i]);
        gy_buf_char(out, '\n');
    }
    free(ids);
}

/* ---- for tables ---- */

bool ref_exists(struct ref_data *data, const struct ref_customer *customer, int64_t now_ms)
{
    struct asked a = {data, now_ms, customer};
    return exists(&a);
}

bool ref_holds(struct ref_data *data, const struct ref_customer *customer,
               const struct gy_expr *expr, int64_t now_ms)
{
    struct asked a = {data, now_ms, customer};
    return holds(&a, expr);
}

struct ref_value ref_value_of(struct ref_data *data, const struct ref_customer *customer,
                              const struct gy_term *term, int64_t now_ms)
{
    struct asked a = {data, now_ms, customer};
    return value_of(&a, term);
}

bool ref_passes(struct ref_data *data, const struct ref_event *event, const struct gy_expr *where)
{
    struct asked a = {data, event->time_ms, NULL};
    struct filtered f = {.asked = &a, .event = event};
    return passes(&f, where);
}

struct ref_value ref_property_of(const struct ref_event *event, struct gy_str name)
{
    return property(event, name);
}
