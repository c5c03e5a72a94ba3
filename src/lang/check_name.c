/* check_name.c - names, what is near to them, and which error is the first. */
#include <stdio.h>

#include "base/text.h"
#include "lang/builtin_metrics.h"
#include "lang/check_internal.h"
#include "lang/quote.h"

/* ---- errors ---- */

static const char *const kind_words[] = {
    [GY_NAME_EVENT] = "event",     [GY_NAME_PROPERTY] = "property", [GY_NAME_TRAIT] = "trait",
    [GY_NAME_SEGMENT] = "segment", [GY_NAME_LIST] = "list",         [GY_NAME_METRIC] = "metric",
};

static bool is_before(struct gy_place a, struct gy_place b)
{
    return a.line < b.line || (a.line == b.line && a.column < b.column);
}

/* Where we are within definitions that others refer to: `in segment "x", at 1:23: `. */
static int print_whereabouts(const struct gy_checker *c, struct gy_place place, char *out,
                             size_t size)
{
    if (c->n_open == 0) {
        return 0;
    }
    const struct gy_reference *r = &c->references[c->open[c->n_open - 1]];
    struct gy_str name = gy_quote_short(r->name);
    return snprintf(out, size, "in %s \"%.*s\", at %u:%u: ", kind_words[r->kind], GY_STR_ARG(name),
                    place.line, place.column);
}

bool gy_check_error(struct gy_checker *c, struct gy_place place, const char *format, ...)
{
    struct gy_place shown = c->n_open > 0 ? c->open_place : place;
    struct gy_place best = {c->err->line, c->err->column};
    if (c->err->status != GY_OK && !is_before(shown, best)) {
        return false;
    }
    char message[2048];
    int n = print_whereabouts(c, place, message, sizeof message);
    va_list args;
    va_start(args, format);
    vsnprintf(message + n, sizeof message - (size_t)n, format, args);
    va_end(args);
    gy_error_at(c->err, shown.line, shown.column, "%s", message);
    return true;
}

/* ---- suggestions ---- */

/* A name that begins or ends as the other does is as near as the farthest that is still near. */
static size_t distance(struct gy_str name, struct gy_str other, size_t limit)
{
    size_t d = gy_text_distance(name, other, limit);
    struct gy_str shorter = name.len < other.len ? name : other;
    struct gy_str longer = name.len < other.len ? other : name;
    bool is_part = shorter.len >= 3 &&
                   (gy_str_starts_with(longer, shorter) || gy_str_ends_with(longer, shorter));
    return d > limit && is_part ? limit : d;
}

static bool find_near(const struct gy_checker *c, enum gy_name_kind kind, uint32_t scope,
                      struct gy_str name, struct gy_str *near)
{
    const struct gy_vocabulary *v = c->vocabulary;
    enum {
        LONGEST = 256
    };
    if (name.len > LONGEST) {
        return false;
    }
    size_t limit = gy_text_near(name);
    size_t best = limit + 1;
    struct gy_str other;
    for (uint32_t i = 0; v->name_at(v->context, kind, scope, i, &other); i++) {
        size_t d = distance(name, other, limit);
        if (d < best) {
            best = d;
            *near = other;
        }
    }
    return best <= limit;
}

/* A built-in metric is unknown where its data is. */
static bool hint_at_builtin(const struct gy_checker *c, struct gy_str name)
{
    struct gy_error why = {0};
    uint32_t metric = gy_builtin_metric_find(name);
    if (metric == GY_NAME_UNKNOWN || gy_builtin_metric_is_there(metric, c->vocabulary, &why)) {
        return false;
    }
    gy_error_hint(c->err, "It is built in, but what it needs is not there: %s.", why.message);
    return true;
}

void gy_check_unknown(struct gy_checker *c, enum gy_name_kind kind, const struct gy_name *scope,
                      const struct gy_name *name)
{
    struct gy_str shown = gy_quote_short(name->text);
    bool is_taken =
        scope != NULL ? gy_check_error(c, name->place, "unrecognized %s \"%.*s\" of event \"%.*s\"",
                                       kind_words[kind], GY_STR_ARG(shown), GY_STR_ARG(scope->text))
                      : gy_check_error(c, name->place, "unrecognized %s \"%.*s\"", kind_words[kind],
                                       GY_STR_ARG(shown));
    struct gy_str near = {0};
    if (is_taken && kind == GY_NAME_METRIC && hint_at_builtin(c, name->text)) {
        return;
    }
    if (is_taken && find_near(c, kind, scope == NULL ? 0 : scope->id, name->text, &near)) {
        gy_error_hint(c->err, "Did you mean \"%.*s\"?", GY_STR_ARG(near));
    }
}

/* ---- names ---- */

static uint32_t find(const struct gy_checker *c, enum gy_name_kind kind, uint32_t scope,
                     const struct gy_name *name)
{
    return c->vocabulary->find(c->vocabulary->context, kind, scope, name->text);
}

void gy_check_event(struct gy_checker *c, struct gy_name *event)
{
    event->id = find(c, GY_NAME_EVENT, 0, event);
    if (event->id == GY_NAME_UNKNOWN && !c->options.allow_unknown) {
        gy_check_unknown(c, GY_NAME_EVENT, NULL, event);
    }
}

enum gy_type gy_check_property(struct gy_checker *c, const struct gy_name *event,
                               struct gy_name *property)
{
    property->id = GY_NAME_UNKNOWN;
    if (event->id == GY_NAME_UNKNOWN) {
        return GY_TYPE_ANY;
    }
    property->id = find(c, GY_NAME_PROPERTY, event->id, property);
    if (property->id != GY_NAME_UNKNOWN) {
        return c->vocabulary->type(c->vocabulary->context, GY_NAME_PROPERTY, event->id,
                                   property->id);
    }
    if (!c->options.allow_unknown) {
        gy_check_unknown(c, GY_NAME_PROPERTY, event, property);
    }
    return GY_TYPE_ANY;
}

enum gy_type gy_check_trait(struct gy_checker *c, struct gy_name *trait)
{
    trait->id = find(c, GY_NAME_TRAIT, 0, trait);
    if (trait->id != GY_NAME_UNKNOWN) {
        return c->vocabulary->type(c->vocabulary->context, GY_NAME_TRAIT, 0, trait->id);
    }
    if (!c->options.allow_unknown) {
        gy_check_unknown(c, GY_NAME_TRAIT, NULL, trait);
    }
    return GY_TYPE_ANY;
}

bool gy_check_name(struct gy_checker *c, enum gy_name_kind kind, struct gy_name *name)
{
    name->id = find(c, kind, 0, name);
    if (name->id == GY_NAME_UNKNOWN) {
        gy_check_unknown(c, kind, NULL, name);
    }
    return name->id != GY_NAME_UNKNOWN;
}
