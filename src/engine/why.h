/* why.h - why a definition holds for a customer or does not, until when, and what is missing.
 *
 * The answer is a tree that follows the definition: its groups (and, or, not, references to segments)
 * down to its tests. Each node says whether it holds, and when that changes if nothing happens: no new
 * event, trait, entry of a list. What is later than `now` is not known then, also where it is stored.
 *
 *     and                           holds until 14 February, 10:00
 *      ├─ count(Order last 30 days) >= 2     found 3; these orders; until 14 February, 10:00
 *      └─ trait.vip = true                   found true; for ever
 *
 * Such an instant is exact: truth changes at it, and at no instant before. It cannot be foreseen where
 * the answer rests on other customers (percentile, ntile), where several values that grow with every
 * millisecond (`days_since`) meet in one test or one is divided by, and past the limit on work. A
 * group whose other parts decide it is foreseeable all the same, for as long as they do.
 */
#ifndef GY_ENGINE_WHY_H
#define GY_ENGINE_WHY_H

#include <stdatomic.h>

#include "engine/engine.h"

enum {
    GY_WHY_EVENTS = 3,
    /* How many nodes a tree may have, definitions that are referred to included. */
    GY_WHY_NODES = 20000,
    /* How much work foreseeing may take, a second or a few. It is counted and not timed, so that an
     * answer does not rest on the machine: each evaluation of a test is 100, and for each event
     * that it looks at 1 to 40 more. */
    GY_WHY_WORK = 1000000000
};

enum gy_flip_kind {
    GY_FLIP_NEVER, /* not before the calendar ends */
    GY_FLIP_AT,
    GY_FLIP_UNFORESEEN,
};

enum gy_unforeseen {
    GY_UNFORESEEN_OTHERS,  /* it rests on what other customers do */
    GY_UNFORESEEN_RUNNING, /* several values that change with every millisecond, or one divided by */
    GY_UNFORESEEN_WORK,    /* more would have to be looked at than GY_WHY_WORK */
};

struct gy_flip {
    enum gy_flip_kind kind;
    int64_t
        at_ms; /* AT: the first instant of the other truth, after now. UNFORESEEN: before it, the
                    * truth stays; perhaps the millisecond after now */
    enum gy_unforeseen reason; /* UNFORESEEN */
};

/* The events that a value or a test rests on. */
struct gy_why_events {
    struct gy_event *events; /* the newest ones, in order, with the properties that mattered; of a
                              * recorded change only the time, its stream is GY_ID_NONE */
    uint32_t n_events;
    uint64_t n_all;
};

/* A value that a test asks for: one of its sides, or a part of one. */
struct gy_why_value {
    const struct gy_term *term; /* of the definition */
    struct gy_value value;
    struct gy_why_events events; /* of an aggregate */
};

/* What a term stands for: of a metric its definition. */
static inline const struct gy_term *gy_why_meant(const struct gy_term *term)
{
    while (term->kind == GY_TERM_METRIC)
        term = term->left;
    return term;
}

/* What more it takes for a test to hold that compares a count or a sum with a constant. */
struct gy_shortfall {
    bool is_given;
    enum gy_aggregate aggregate; /* COUNT: events; DAYS: days with one; DISTINCT: values; SUM */
    struct gy_str event;         /* views of the definition */
    struct gy_str property;      /* DISTINCT, SUM */
    double amount;               /* whole but for SUM */
    bool is_exclusive;           /* SUM: more than the amount */
};

struct gy_why_node {
    const struct gy_expr *expr; /* of the definition */
    int64_t now_ms; /* as of when it is asked; earlier than now in `in segment(x 30 days ago)` */
    bool holds;
    struct gy_flip flip;
    struct gy_why_node
        *children; /* NOT, AND, OR: in the order of the text; IN_SEGMENT: its definition */
    uint32_t n_children;
    struct gy_why_value *values; /* what was found; constants are left out */
    uint32_t n_values;
    struct gy_why_events
        events; /* DID: those that count, of a chain one choice that fits; ENTERED, LEFT */
    struct gy_shortfall shortfall; /* where it does not hold */
};

/* Refers to the definition, which must outlive it. */
struct gy_why {
    struct gy_why_node *root;
    struct gy_arena arena; /* holds all of it */
};

struct gy_why_options {
    uint32_t max_events;       /* of each value or test, GY_WHY_EVENTS where there are no options */
    const atomic_bool *cancel; /* stops with CANCELLED soon after it is set; may be NULL */
    int64_t deadline_us;       /* by gy_monotonic_us; past it CANCELLED; 0: none */
};

/* Why `expr` holds, or not, for the customer of a root as of now. `options` may be NULL. NOT_FOUND
 * where the customer came after `now_ms`, LIMIT where references make too large a tree. */
GY_CHECKED enum gy_status gy_why(const struct gy_snapshot *snapshot, const struct gy_expr *expr,
                                 int64_t now_ms, uint32_t ordinal,
                                 const struct gy_why_options *options, struct gy_why *out,
                                 struct gy_error *err);
void gy_why_release(struct gy_why *why);

#endif
