/* ast.h - the tree of a definition: what every consumer of a segment reads.
 *
 * Two node types: an expression (`gy_expr`) is true or false of a customer; a term (`gy_term`) has a
 * value. A filter behind `where` is an expression whose terms are properties of one event. parser.h
 * makes the tree from text, json.h from JSON; check.h resolves names, settles types and fills the
 * fields marked [check]; print.h writes the canonical text, json.h the JSON.
 *
 *     count(Order last 30 days) >= 2 and trait.vip = true
 *
 *     AND ── COMPARE >= ── AGGREGATE count {event Order, window LAST 30 DAYS}
 *      │            └───── NUMBER 2
 *      └──── COMPARE = ─── TRAIT vip
 *                   └───── BOOL true
 *
 * Everything lives in the arena of the tree's `gy_definition`. Immutable after check: any thread may
 * read it. Chains of `and` and of `or` are one list, so no AND has an AND for a child.
 */
#ifndef GY_LANG_AST_H
#define GY_LANG_AST_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* Where a node stands in its text: of its first character, both from 1, columns in code points. */
struct gy_place {
    uint32_t line;
    uint32_t column;
};

/* A name as the text has it (NFC, unquoted), and what the schema calls it. */
struct gy_name {
    struct gy_str text;
    struct gy_place place;
    uint32_t id; /* [check] the schema's id; GY_NAME_UNKNOWN for one allowed though never seen */
};

#define GY_NAME_UNKNOWN UINT32_MAX

/* The type of a term, and of a property or trait. ANY: a name never seen, which fits everywhere. */
enum gy_type {
    GY_TYPE_ANY,
    GY_TYPE_NUMBER,
    GY_TYPE_STRING,
    GY_TYPE_BOOL,
    GY_TYPE_TIME,
    GY_TYPE_LIST, /* of strings; traits only */
};

enum gy_unit {
    GY_UNIT_MINUTE,
    GY_UNIT_HOUR,
    GY_UNIT_DAY,
    GY_UNIT_WEEK,
    GY_UNIT_MONTH,
    GY_UNIT_YEAR,
};

/* Types whose values are numbers to an evaluator: times in ms, booleans 1 and 0. */
static inline bool gy_type_is_numeric(enum gy_type type)
{
    return type == GY_TYPE_NUMBER || type == GY_TYPE_TIME || type == GY_TYPE_BOOL;
}

/* All zero: there is none. Zero with a place stands in the text; only `ago` may be so once checked. */
struct gy_duration {
    uint64_t n;
    enum gy_unit unit;
    struct gy_place place; /* of the number */
};

static inline bool gy_duration_is_given(const struct gy_duration *duration)
{
    return duration->n > 0 || duration->place.line > 0;
}

enum gy_window_kind {
    GY_WINDOW_NONE,      /* everything up to now */
    GY_WINDOW_LAST,      /* last n unit */
    GY_WINDOW_LAST_FULL, /* last n full unit; days to years */
    GY_WINDOW_AGO,       /* n to m unit ago */
    GY_WINDOW_SINCE,     /* since from */
    GY_WINDOW_BEFORE,    /* before to */
    GY_WINDOW_FROM_TO,   /* from .. to .. */
    GY_WINDOW_PERIOD,
};

enum gy_period {
    GY_PERIOD_TODAY,
    GY_PERIOD_YESTERDAY,
    GY_PERIOD_THIS_WEEK,
    GY_PERIOD_THIS_MONTH,
    GY_PERIOD_THIS_YEAR,
    GY_PERIOD_PREVIOUS_WEEK,
    GY_PERIOD_PREVIOUS_MONTH,
    GY_PERIOD_PREVIOUS_YEAR,
};

/* A time written in a window: its text, and [check] the instant in the workspace's zone. */
struct gy_time_literal {
    struct gy_str text;
    struct gy_place place;
    int64_t ms;   /* [check] */
    bool is_date; /* [check] a bare date */
};

struct gy_window {
    enum gy_window_kind kind;
    struct gy_place place; /* LAST, LAST_FULL: of n; AGO: of m */
    uint64_t n;            /* an integer beyond 2^63 is 2^63, here and everywhere */
    uint64_t m;
    enum gy_unit unit;
    enum gy_period period;
    struct gy_time_literal from; /* SINCE, FROM_TO */
    struct gy_time_literal to;   /* BEFORE, FROM_TO */
};

/* ---- terms ---- */

enum gy_aggregate {
    GY_COUNT,
    GY_DAYS,
    GY_FIRST_TIME,
    GY_LAST_TIME,
    GY_DAYS_SINCE,
    GY_INTERVAL, /* these take events; the ones below a property of events */
    GY_SUM,
    GY_AVG,
    GY_MEDIAN,
    GY_MIN,
    GY_MAX,
    GY_DISTINCT,
    GY_FIRST,
    GY_LAST,
    GY_TOP,
};

enum gy_term_kind {
    GY_TERM_NUMBER,
    GY_TERM_STRING, /* a string, or [check] a time where `type` is TIME */
    GY_TERM_BOOL,
    GY_TERM_TRAIT,
    GY_TERM_METRIC,
    GY_TERM_AGE,
    GY_TERM_ADD,
    GY_TERM_SUBTRACT,
    GY_TERM_MULTIPLY,
    GY_TERM_DIVIDE,
    GY_TERM_NEGATIVE,
    GY_TERM_AGGREGATE,
    GY_TERM_PERCENTILE,
    GY_TERM_NTILE,
    GY_TERM_PROPERTY,      /* in a filter, from here on: of the event that is being looked at */
    GY_TERM_STEP_PROPERTY, /* of the event of a named step before */
    GY_TERM_HOUR,
    GY_TERM_WEEKDAY,
    GY_TERM_MONTH,
    GY_TERM_DAY,
};

struct gy_expr;

struct gy_term {
    enum gy_term_kind kind;
    enum gy_type type;       /* [check] */
    struct gy_place place;   /* of its first token, be it a parenthesis */
    struct gy_place literal; /* of the string of STRING, the parts of NTILE, the trait of AGE */
    double number;           /* NUMBER, not negative except as a literal of `in`; BOOL: 1 or 0 */
    struct gy_str string;    /* STRING */
    int64_t time_ms;         /* [check] STRING of type TIME */
    struct gy_name name;   /* TRAIT, AGE: the trait; METRIC; PROPERTY, STEP_PROPERTY: the property;
                              * AGGREGATE: the property, where it takes one */
    struct gy_term *left;  /* ADD … DIVIDE, NEGATIVE; PERCENTILE, NTILE: the value;
                              * METRIC: [check] its definition */
    struct gy_term *right; /* ADD … DIVIDE */
    enum gy_aggregate aggregate;
    struct gy_name event;    /* AGGREGATE */
    struct gy_expr *where;   /* AGGREGATE, or NULL */
    struct gy_window window; /* AGGREGATE */
    uint64_t parts;          /* NTILE */
    struct gy_expr *among;   /* PERCENTILE, NTILE, or NULL */
    struct gy_name step; /* STEP_PROPERTY: the step's name; [check] id is its index in the chain */
};

/* ---- expressions ---- */

enum gy_compare {
    GY_EQ,
    GY_NE,
    GY_LT,
    GY_LE,
    GY_GT,
    GY_GE,
};

enum gy_text_op {
    GY_TEXT_CONTAINS,
    GY_TEXT_STARTS_WITH,
    GY_TEXT_ENDS_WITH,
    GY_TEXT_MATCHES,
};

enum gy_expr_kind {
    GY_EXPR_EVERYONE,
    GY_EXPR_NOBODY,
    GY_EXPR_IDENTIFIED,
    GY_EXPR_NOT,
    GY_EXPR_AND,
    GY_EXPR_OR,
    GY_EXPR_DID,
    GY_EXPR_IN_SEGMENT,
    GY_EXPR_IN_LIST,
    GY_EXPR_ENTERED,
    GY_EXPR_LEFT,
    GY_EXPR_ANNIVERSARY,
    GY_EXPR_SAMPLE,
    GY_EXPR_COMPARE,
    GY_EXPR_BETWEEN,
    GY_EXPR_IN,
    GY_EXPR_TEXT,
    GY_EXPR_KNOWN,
    GY_EXPR_MISSING,
};

/* A step of a chain. An absent one (`then no …`) says what must not stand between the present step
 * before it and the present step behind it; at the chain's end it has a `within`. */
struct gy_step {
    struct gy_name event;
    struct gy_name as;     /* text.len 0: it has no name */
    struct gy_expr *where; /* or NULL */
    struct gy_duration within;
    bool is_absent;
};

struct gy_expr {
    enum gy_expr_kind kind;
    struct gy_place place;
    struct gy_expr **children; /* NOT: one; AND, OR: two or more */
    uint32_t n_children;
    struct gy_step *steps; /* DID: one or more, the first one present */
    uint32_t n_steps;
    struct gy_window window;    /* DID, ENTERED, LEFT */
    struct gy_name name;        /* IN_SEGMENT, IN_LIST, ENTERED, LEFT; ANNIVERSARY: the trait */
    struct gy_duration ago;     /* IN_SEGMENT */
    struct gy_expr *definition; /* [check] IN_SEGMENT: the segment's tree */
    struct gy_place number;     /* ANNIVERSARY, SAMPLE: where their number stands */
    struct gy_place trait;      /* ANNIVERSARY: where the word trait stands */
    uint64_t next_days;         /* ANNIVERSARY */
    double share;               /* SAMPLE, 0 to 1 */
    struct gy_str salt;         /* SAMPLE */
    enum gy_compare compare;    /* COMPARE */
    enum gy_text_op text_op;    /* TEXT */
    bool is_negated;            /* IN, TEXT */
    struct gy_term *left;       /* COMPARE … MISSING: what is asked about */
    struct gy_term *right;      /* COMPARE; TEXT: a STRING */
    struct gy_term *low;        /* BETWEEN */
    struct gy_term *high;       /* BETWEEN */
    struct gy_term **values;    /* IN: literals */
    uint32_t n_values;
};

/* A parsed definition: an expression, or (for a metric) a term; the other is NULL. */
struct gy_definition {
    struct gy_arena arena;
    struct gy_expr *expr;
    struct gy_term *term;
};

void gy_definition_release(struct gy_definition *definition);

/* Words of the language, for printing: "count", "days_since", … */
const char *gy_aggregate_word(enum gy_aggregate aggregate);
bool gy_aggregate_takes_property(enum gy_aggregate aggregate);
const char *gy_compare_word(enum gy_compare compare); /* ">=" */
const char *gy_text_op_word(enum gy_text_op op);      /* "starts with" */
const char *gy_unit_word(enum gy_unit unit);          /* "days" */
const char *gy_period_word(enum gy_period period);    /* "previous month" */
const char *gy_type_word(enum gy_type type);          /* "number" */

#endif
