/* random_definition.h - seeded definitions in text form, over what a vocabulary knows.
 *
 * Every construct of the language comes, with constants that the calls have, a bounded depth, and now
 * and then spelled in an unusual way. What is made parses and checks against the vocabulary (with
 * `allow_unknown`, as some names are ones never seen).
 */
#ifndef GY_TESTS_RANDOM_DEFINITION_H
#define GY_TESTS_RANDOM_DEFINITION_H

#include "base/buf.h"
#include "lang/check.h"
#include "random/random_calls.h"

/* Kinds that are left out. */
enum {
    RANDOM_WITHOUT_CHAINS = 1,      /* `did` has one step */
    RANDOM_WITHOUT_POPULATIONS = 2, /* percentile, ntile */
    RANDOM_WITHOUT_REFERENCES = 4,  /* segments and metrics */
    RANDOM_WITHOUT_RECORDED = 8,    /* lists, entered, left */
    RANDOM_WITHOUT_TEXT = 16,       /* contains, starts with, ends with, matches */
    RANDOM_WITHOUT_UNKNOWN = 32,    /* names never seen */
};

struct random_named {
    struct gy_str name;
    enum gy_type type;
};

struct random_event {
    struct gy_str name;
    struct random_named *properties;
    size_t n_properties;
};

/* What a definition may name, read from a vocabulary. Views of it. */
struct random_names {
    struct gy_arena arena;
    struct random_event *events;
    size_t n_events;
    struct random_named *traits;
    size_t n_traits;
    struct random_named *segments;
    size_t n_segments;
    struct random_named *lists;
    size_t n_lists;
    struct random_named *metrics;
    size_t n_metrics;
};

void random_names_init(struct random_names *names, const struct gy_vocabulary *vocabulary);
void random_names_release(struct random_names *names);

struct random_definition_options {
    const struct random_names *names;
    const struct random_calls *calls; /* where constants come from */
    uint32_t depth;                   /* of and, or, not and arithmetic; 3 is much */
    unsigned without;
};

/* Appends the text. */
void random_expr(uint64_t *state, const struct random_definition_options *options,
                 struct gy_buf *out);
/* A value of any type that a metric may have. */
void random_value(uint64_t *state, const struct random_definition_options *options,
                  struct gy_buf *out);

#endif
