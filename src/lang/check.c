/* check.c - definitions, and those they refer to.
 *
 * A definition that is referred to is parsed and checked once, however often it is named, and its
 * tree is shared. Those being checked form a chain; a name that is in it already closes a cycle. An
 * error inside one is reported at the name that leads there from the text that is checked, because
 * that is the text the reader has before them.
 *
 * What is stored was accepted when it was stored, maybe before its data had come; so in referred
 * definitions names never seen are let through.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "lang/check_internal.h"
#include "lang/parser_internal.h"

/* ---- cycles ---- */

static const char *kind_word(enum gy_name_kind kind)
{
    return kind == GY_NAME_SEGMENT ? "segment" : "metric";
}

static void put_link(struct gy_buf *out, struct gy_str name)
{
    gy_buf_printf(out, "%s\"%.*s\"", out->len == 0 ? "" : " -> ", GY_STR_ARG(name));
}

/* `from`: where in the chain of open ones the cycle begins; before the first, it begins with the
 * definition that is about to be stored. */
static void report_cycle(struct gy_checker *c, enum gy_name_kind kind, const struct gy_name *name,
                         uint32_t from)
{
    struct gy_buf chain = {0};
    put_link(&chain, name->text);
    for (uint32_t i = from; i < c->n_open; i++) {
        put_link(&chain, c->references[c->open[i]].name);
    }
    put_link(&chain, name->text);
    gy_check_error(c, name->place, "%s \"%.*s\" refers to itself: %.*s", kind_word(kind),
                   GY_STR_ARG(name->text), GY_STR_ARG(gy_buf_view(&chain)));
    gy_buf_release(&chain);
}

static bool is_self(const struct gy_checker *c, enum gy_name_kind kind, struct gy_str name)
{
    return c->options.self.len > 0 && c->options.self_kind == kind &&
           gy_str_equal(c->options.self, name);
}

static void report_open_cycle(struct gy_checker *c, const struct gy_name *name, uint32_t reference)
{
    uint32_t from = 0;
    while (c->open[from] != reference) {
        from++;
    }
    report_cycle(c, c->references[reference].kind, name, from + 1);
}

/* ---- references ---- */

static uint32_t find_reference(const struct gy_checker *c, enum gy_name_kind kind,
                               struct gy_str name)
{
    for (uint32_t i = 0; i < c->n_references; i++) {
        if (c->references[i].kind == kind && gy_str_equal(c->references[i].name, name)) {
            return i;
        }
    }
    return UINT32_MAX;
}

static uint32_t add_reference(struct gy_checker *c, enum gy_name_kind kind, struct gy_str name)
{
    GY_GROW(c->references, c->references_capacity, c->n_references + 1);
    c->references[c->n_references] = (struct gy_reference){.kind = kind, .name = name};
    return c->n_references++;
}

/* What belongs to the text that is left for a while. */
struct outside {
    bool allow_unknown;
    const struct gy_name *event;
    const struct gy_step *steps;
    uint32_t n_steps;
};

static struct outside enter(struct gy_checker *c, uint32_t reference, struct gy_place place)
{
    struct outside outside = {c->options.allow_unknown, c->event, c->steps, c->n_steps};
    if (c->n_open == 0) {
        c->open_place = place;
    }
    c->references[reference].is_open = true;
    c->open[c->n_open++] = reference;
    c->options.allow_unknown = true;
    c->event = NULL;
    c->steps = NULL;
    c->n_steps = 0;
    return outside;
}

static void leave(struct gy_checker *c, struct outside outside)
{
    c->references[c->open[--c->n_open]].is_open = false;
    c->options.allow_unknown = outside.allow_unknown;
    c->event = outside.event;
    c->steps = outside.steps;
    c->n_steps = outside.n_steps;
}

static void read_referred(struct gy_checker *c, enum gy_name_kind kind, uint32_t id,
                          uint32_t reference)
{
    struct gy_error why = {0};
    struct gy_expr *expr = NULL;
    struct gy_term *term = NULL;
    struct gy_str text = c->vocabulary->text(c->vocabulary->context, kind, id);
    bool is_segment = kind == GY_NAME_SEGMENT;
    if (gy_parse_into(text, GY_LEXER_CANONICAL_MAX, c->arena, is_segment ? &expr : NULL,
                      is_segment ? NULL : &term, &why) != GY_OK) {
        gy_check_error(c, (struct gy_place){why.line, why.column}, "%.400s", why.message);
        return;
    }
    if (is_segment) {
        gy_check_expr(c, expr);
    } else {
        gy_check_term(c, term);
    }
    c->references[reference].expr = expr;
    c->references[reference].term = term;
}

/* The number of the reference, checked; UINT32_MAX where there is an error. */
static uint32_t refer(struct gy_checker *c, enum gy_name_kind kind, struct gy_name *name)
{
    if (is_self(c, kind, name->text)) {
        report_cycle(c, kind, name, 0);
        return UINT32_MAX;
    }
    uint32_t reference = find_reference(c, kind, name->text);
    if (reference != UINT32_MAX && c->references[reference].is_open) {
        report_open_cycle(c, name, reference);
        return UINT32_MAX;
    }
    if (!gy_check_name(c, kind, name) || reference != UINT32_MAX) {
        return reference;
    }
    if (c->n_open == GY_CHECK_REFERENCES) {
        gy_check_error(c, name->place, "more than %d definitions refer to one another in a row",
                       GY_CHECK_REFERENCES);
        return UINT32_MAX;
    }
    reference = add_reference(c, kind, name->text);
    struct outside outside = enter(c, reference, name->place);
    read_referred(c, kind, name->id, reference);
    leave(c, outside);
    return reference;
}

struct gy_expr *gy_check_segment(struct gy_checker *c, struct gy_name *name)
{
    uint32_t reference = refer(c, GY_NAME_SEGMENT, name);
    return reference == UINT32_MAX ? NULL : c->references[reference].expr;
}

struct gy_term *gy_check_metric(struct gy_checker *c, struct gy_name *name)
{
    uint32_t reference = refer(c, GY_NAME_METRIC, name);
    return reference == UINT32_MAX ? NULL : c->references[reference].term;
}

/* ---- definitions ---- */

enum gy_status gy_check(struct gy_definition *definition, const struct gy_vocabulary *vocabulary,
                        const struct gy_check_options *options, struct gy_error *err)
{
    struct gy_error first = {0};
    struct gy_checker c = {.arena = &definition->arena, .vocabulary = vocabulary, .err = &first};
    if (options != NULL) {
        c.options = *options;
    }
    if (definition->expr != NULL) {
        gy_check_expr(&c, definition->expr);
    } else {
        gy_check_term(&c, definition->term);
    }
    free(c.references);
    if (first.status != GY_OK && err != NULL) {
        *err = first;
    }
    return first.status;
}

enum gy_status gy_define(struct gy_str text, const struct gy_vocabulary *vocabulary,
                         const struct gy_check_options *options, struct gy_definition *out,
                         struct gy_error *err)
{
    GY_TRY(gy_parse(text, out, err));
    return gy_check(out, vocabulary, options, err);
}

enum gy_status gy_define_value(struct gy_str text, const struct gy_vocabulary *vocabulary,
                               const struct gy_check_options *options, struct gy_definition *out,
                               struct gy_error *err)
{
    GY_TRY(gy_parse_value(text, out, err));
    return gy_check(out, vocabulary, options, err);
}
