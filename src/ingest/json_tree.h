/* json_tree.h - one JSON text as a flat tree: simdjson, for C.
 *
 * The nodes stand in the order of the text. An array's elements follow it; an object's members follow it
 * as name, value, name, value. `end` is the node behind everything inside, so that what does not matter
 * is passed in one step:
 *
 *   {"a": [1, 2], "b": null}
 *   0 OBJECT n=2 end=7 | 1 "a" | 2 ARRAY n=2 end=5 | 3 1 | 4 2 | 5 "b" | 6 NULL
 *
 * The whole text is checked, also what nobody will look at: escapes, numbers within doubles (an integer
 * beyond 64 bits becomes one), UTF-8, at most 64 levels.
 */
#ifndef GY_INGEST_JSON_TREE_H
#define GY_INGEST_JSON_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum gy_json_kind {
    GY_JSON_NULL,
    GY_JSON_FALSE,
    GY_JSON_TRUE,
    GY_JSON_INT,    /* within int64_t */
    GY_JSON_NUMBER, /* any other number */
    GY_JSON_STRING,
    GY_JSON_ARRAY,
    GY_JSON_OBJECT,
};

struct gy_json_node {
    uint32_t kind; /* enum gy_json_kind */
    uint32_t n;    /* elements or members; bytes of a string */
    uint32_t end;  /* the node behind this one and all inside it */
    union {
        int64_t integer;
        double number;
        const char *string;
    } as;
};

struct gy_json_tree;

struct gy_json_tree *gy_json_tree_new(void); /* owned by the caller (free with gy_json_tree_free) */
void gy_json_tree_free(struct gy_json_tree *tree);

/* Reads `text`. The nodes are the tree's, valid until the next call; the caller may
 * change them. False if it is not valid JSON. */
bool gy_json_tree_read(struct gy_json_tree *tree, const char *text, size_t len,
                       struct gy_json_node **nodes);

#ifdef __cplusplus
}
#endif

#endif
