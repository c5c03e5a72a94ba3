/* known_names.h - a small workspace for tests of the language: a vocabulary read from JSON lines, or
 * made by hand, with segments, metrics and lists as a case declares them. */
#ifndef GY_TESTS_LANG_KNOWN_NAMES_H
#define GY_TESTS_LANG_KNOWN_NAMES_H

#include <jansson.h>

#include "lang/check.h"

struct field {
    char *name;
    enum gy_type type;
    bool has_value;
};

struct stream {
    char *name;
    struct field *fields;
    uint32_t n;
    uint32_t capacity;
};

struct definition {
    char *name;
    char *text;
};

struct definitions {
    struct definition *items;
    uint32_t n;
    uint32_t capacity;
};

struct workspace {
    struct stream *events;
    uint32_t n_events;
    uint32_t events_capacity;
    struct stream traits;
    struct definitions segments;
    struct definitions metrics;
    struct definitions lists; /* no texts */
    struct gy_vocabulary vocabulary;
};

void workspace_init(struct workspace *w); /* one without names */

/* Initialises it and reads calls, a JSON object a line, gzipped or not. The types are inferred from all lines: strings are times where
 * every value reads as one. Ends the test on a file that cannot be read. */
void workspace_read(struct workspace *w, const char *path);
void workspace_release(struct workspace *w);

void workspace_property(struct workspace *w, const char *event, const char *property,
                        enum gy_type type);
void workspace_trait(struct workspace *w, const char *trait, enum gy_type type);
void workspace_define(struct definitions *definitions, const char *name, const char *text);
void workspace_forget(struct workspace *w); /* the segments, metrics and lists */

#endif
