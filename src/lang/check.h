/* check.h - names and types: makes a parsed tree one that can be run.
 *
 * The checker asks a `gy_vocabulary` what the workspace knows. It expands what a definition refers
 * to (segments, metrics), settles every term's type, reads strings as times where the other side is
 * a time, and reports the first error in the text with its place and the nearest known name.
 *
 * A definition that is referred to was accepted when it was stored, so names never seen are let
 * through in it. Its tree is shared by all references to it; an error in it is reported at the name
 * in `text` that leads there. At most 64 definitions may refer to one another in a row.
 */
#ifndef GY_LANG_CHECK_H
#define GY_LANG_CHECK_H

#include "base/status.h"
#include "base/zone.h"
#include "lang/ast.h"

/* What the workspace knows, as functions over its names. `find_*` give GY_NAME_UNKNOWN for a name
 * never seen. Names are NFC. `name_at` lists all names of one kind, for suggestions: false past the
 * last. `scope` is the event for properties, else 0. */
enum gy_name_kind {
    GY_NAME_EVENT,
    GY_NAME_PROPERTY,
    GY_NAME_TRAIT,
    GY_NAME_SEGMENT,
    GY_NAME_LIST,
    GY_NAME_METRIC,
};

struct gy_vocabulary {
    void *context;
    const struct gy_zone *zone; /* the workspace's; NULL is UTC */
    uint32_t (*find)(void *context, enum gy_name_kind kind, uint32_t scope, struct gy_str name);
    /* PROPERTY (of event `scope`) and TRAIT: never ANY for a known id. */
    enum gy_type (*type)(void *context, enum gy_name_kind kind, uint32_t scope, uint32_t id);
    /* SEGMENT and METRIC: the text of its definition, valid as long as the vocabulary. */
    struct gy_str (*text)(void *context, enum gy_name_kind kind, uint32_t id);
    bool (*name_at)(void *context, enum gy_name_kind kind, uint32_t scope, uint32_t i,
                    struct gy_str *name);
};

struct gy_check_options {
    bool allow_unknown; /* events, properties and traits never seen are let through, type ANY */
    /* A definition that is about to be stored under this name: a reference to it from within is a
     * cycle. Empty: it has no name. `self_kind` is SEGMENT or METRIC. */
    struct gy_str self;
    enum gy_name_kind self_kind;
};

/* Parses and checks `text` (gy_parse of parser.h, then gy_check). `*out` is released by the caller
 * (gy_definition_release), also on failure. Fails with INVALID at a place. */
GY_CHECKED enum gy_status gy_define(struct gy_str text, const struct gy_vocabulary *vocabulary,
                                    const struct gy_check_options *options,
                                    struct gy_definition *out, struct gy_error *err);

/* The same for a value (a metric's text, a column of an export): fills out->term. */
GY_CHECKED enum gy_status gy_define_value(struct gy_str text,
                                          const struct gy_vocabulary *vocabulary,
                                          const struct gy_check_options *options,
                                          struct gy_definition *out, struct gy_error *err);

/* Checks a tree that has been parsed (from text or JSON). */
GY_CHECKED enum gy_status gy_check(struct gy_definition *definition,
                                   const struct gy_vocabulary *vocabulary,
                                   const struct gy_check_options *options, struct gy_error *err);

#endif
