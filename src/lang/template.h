/* template.h - the usual segments, ready to be filled in.
 *
 * A template is a text of the segment language with parameters, and what a marketer wants to know
 * about it: its title, what it is for, what to do with it. template.def holds them all.
 *
 *     count({order} last {window}) >= {orders}
 *     order = Order Completed, window = 1 year, orders = 4
 *     count("Order Completed" last 1 year) >= 4
 *
 * Invariants
 *   (1) Every event, property, trait and segment that a template names is one of its parameters. So
 *       the parameters say what it needs, and a shop that calls its orders otherwise can say so.
 *   (2) A value enters the text as a literal of its kind (a quoted string, a number, a number and a
 *       unit), never as it was typed: no value can be anything but a value.
 *   (3) What comes out is canonical text.
 *
 * The table is constant: any thread may read it.
 */
#ifndef GY_LANG_TEMPLATE_H
#define GY_LANG_TEMPLATE_H

#include "base/buf.h"
#include "base/status.h"
#include "lang/check.h"

enum gy_template_language {
    GY_TEMPLATE_EN,
    GY_TEMPLATE_KO,
    GY_TEMPLATE_LANGUAGES
};

/* "ko" is Korean, anything else English. */
enum gy_template_language gy_template_language_of(const char *code);

enum gy_param_kind {
    GY_PARAM_EVENT,    /* a name, as are the next three */
    GY_PARAM_PROPERTY, /* of the event that the parameter `of` names */
    GY_PARAM_TRAIT,
    GY_PARAM_SEGMENT,
    GY_PARAM_TEXT,
    GY_PARAM_TEXTS,    /* texts between commas; one that has a comma stands in double quotes */
    GY_PARAM_NUMBER,   /* 12, 0.5, 500_000 */
    GY_PARAM_INTEGER,  /* 12 */
    GY_PARAM_INTEGERS, /* 11, 12 */
    GY_PARAM_SHARE,    /* 60% or 0.6 */
    GY_PARAM_DURATION, /* 30 days */
};

struct gy_template_param {
    const char *name;
    enum gy_param_kind kind;
    const char *value; /* the default; of a required one, an example */
    bool is_required;
    double min; /* of numbers, both included; of durations in days (a month 30, a year 365) */
    double max;
    const char *of;    /* PROPERTY: the parameter that names its event */
    enum gy_type type; /* PROPERTY, TRAIT: what its values must be; ANY: anything */
    const char *above; /* the parameter whose number this one must be greater than, or NULL */
    const char *about[GY_TEMPLATE_LANGUAGES];
};

enum gy_template_group {
#define GY_TEMPLATE_GROUP(name, en, ko) GY_TEMPLATES_##name,
#define GY_TEMPLATE(...)
#include "lang/template.def"
#undef GY_TEMPLATE
#undef GY_TEMPLATE_GROUP
    GY_TEMPLATE_GROUPS
};

const char *gy_template_group_title(enum gy_template_group group,
                                    enum gy_template_language language);

struct gy_template {
    const char *name; /* reads as one word, so `in segment(name)` needs no quotes */
    enum gy_template_group group;
    const char *text; /* with parameters as {name} */
    const char *title[GY_TEMPLATE_LANGUAGES];
    const char *purpose[GY_TEMPLATE_LANGUAGES];
    const char *action[GY_TEMPLATE_LANGUAGES];
    const struct gy_template_param *params; /* ends with one whose name is NULL */
};

/* In the order of the table, group by group; NULL past the last. */
const struct gy_template *gy_template_at(size_t i);

/* Fails with NOT_FOUND; the hint names the nearest. */
GY_CHECKED enum gy_status gy_template_find(struct gy_str name, const struct gy_template **out,
                                           struct gy_error *err);

/* ---- filling in ---- */

struct gy_template_setting {
    struct gy_str name;
    struct gy_str value;
};

struct gy_template_filled {
    struct gy_buf text;    /* canonical */
    struct gy_str *values; /* by parameter, as typed (in NFC), or its default */
    struct gy_arena arena; /* holds the values */
};

struct gy_template_options {
    const struct gy_template_setting *settings;
    size_t n_settings;
    bool with_examples; /* a required parameter that is not set takes its example */
};

/* Fails with INVALID for a parameter that the template does not have, one that is set twice, one
 * that is required and not set, and a value that is not of its kind or out of its range. `out` is
 * released by the caller, also on failure. */
GY_CHECKED enum gy_status gy_template_fill(const struct gy_template *t,
                                           const struct gy_template_options *options,
                                           struct gy_template_filled *out, struct gy_error *err);
void gy_template_filled_release(struct gy_template_filled *filled);

/* ---- saying what there is ---- */

/* What the filled template needs of the data, as `event "Order Completed" (revenue: number)`. With a
 * vocabulary only what it does not know; nothing is put where it knows everything. */
void gy_template_put_needs(const struct gy_template *t, const struct gy_template_filled *filled,
                           const struct gy_vocabulary *vocabulary,
                           enum gy_template_language language, struct gy_buf *out);

/* The first parameter whose name the vocabulary does not know, or NULL. */
const struct gy_template_param *gy_template_missing(const struct gy_template *t,
                                                    const struct gy_template_filled *filled,
                                                    const struct gy_vocabulary *vocabulary);

/* A parameter's kind and range: "whole number, 1 to 1000". */
void gy_template_put_range(const struct gy_template_param *param,
                           enum gy_template_language language, struct gy_buf *out);

#endif
