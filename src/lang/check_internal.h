/* check_internal.h - what the files of the checker share.
 *
 * check.c holds references and whole definitions, check_name.c names and errors, check_expr.c tests,
 * filters and chains, check_term.c values and their types.
 *
 * The error reported is the first in the text. A value's type is found out after its parts were
 * visited, so the checker does not stop at an error: it keeps the one whose place is earliest, gives
 * what is unknown the type ANY (which causes no further errors), and goes on.
 */
#ifndef GY_LANG_CHECK_INTERNAL_H
#define GY_LANG_CHECK_INTERNAL_H

#include "lang/check.h"

enum {
    GY_CHECK_REFERENCES = 64
}; /* definitions that refer to one another in a row */

/* A definition that is referred to; its tree is shared by all that refer to it. */
struct gy_reference {
    enum gy_name_kind kind;
    struct gy_str name;
    struct gy_expr *expr; /* SEGMENT; NULL where its text has an error */
    struct gy_term *term; /* METRIC; as well */
    bool is_open;         /* being checked: a reference to it is a cycle */
};

struct gy_checker {
    struct gy_arena *arena;
    const struct gy_vocabulary *vocabulary;
    struct gy_check_options options;

    struct gy_error *err; /* the earliest so far; status OK while there is none */

    struct gy_reference *references;
    uint32_t n_references;
    uint32_t references_capacity;
    uint32_t open[GY_CHECK_REFERENCES]; /* the chain of those being checked, outermost first */
    uint32_t n_open;
    struct gy_place open_place; /* of the outermost one's name, in the text that is checked */

    /* in a filter */
    const struct gy_name *event;
    const struct gy_step *steps; /* those before, in a chain */
    uint32_t n_steps;
};

/* ---- errors ---- */

/* Takes the error if none is earlier. True if it was taken: then a hint may follow. */
bool gy_check_error(struct gy_checker *c, struct gy_place place, const char *format, ...)
    GY_PRINTF(3, 4);
void gy_check_unknown(struct gy_checker *c, enum gy_name_kind kind, const struct gy_name *scope,
                      const struct gy_name *name);

/* ---- names ---- */

void gy_check_event(struct gy_checker *c, struct gy_name *event);
enum gy_type gy_check_property(struct gy_checker *c, const struct gy_name *event,
                               struct gy_name *property);
enum gy_type gy_check_trait(struct gy_checker *c, struct gy_name *trait);
bool gy_check_name(struct gy_checker *c, enum gy_name_kind kind, struct gy_name *name);

/* ---- references ---- */

struct gy_expr *gy_check_segment(struct gy_checker *c, struct gy_name *name);
struct gy_term *gy_check_metric(struct gy_checker *c, struct gy_name *name);

/* ---- trees ---- */

void gy_check_expr(struct gy_checker *c, struct gy_expr *expr);
void gy_check_term(struct gy_checker *c, struct gy_term *term);
void gy_check_filter(struct gy_checker *c, const struct gy_name *event, const struct gy_step *steps,
                     uint32_t n_steps, struct gy_expr *where);
void gy_check_window(struct gy_checker *c, struct gy_window *window);
void gy_check_time(struct gy_checker *c, struct gy_time_literal *time);

/* A STRING that is wanted as a time becomes one; one that does not read as a time is an error. */
void gy_check_read_time(struct gy_checker *c, struct gy_term *string);
/* The same, but leaves a string that does not read as one a string. */
void gy_check_try_time(struct gy_checker *c, struct gy_term *string);
/* A type that is not what is wanted: "expected a number, but trait "region" is a string". */
void gy_check_wrong_type(struct gy_checker *c, const struct gy_term *term, const char *wanted);
/* The property of an earlier step, on the right of an `=`. */
void gy_check_step_property(struct gy_checker *c, struct gy_term *term);

static inline bool gy_check_is_ordered(enum gy_type type)
{
    return type == GY_TYPE_NUMBER || type == GY_TYPE_TIME || type == GY_TYPE_ANY;
}

#endif
