/* json_internal.h - what the files that read a JSON tree share.
 *
 * json_parse.c holds the reader and its small steps, json_expr.c tests and chains, json_term.c
 * values. The reader keeps the path within the JSON, so an error says where: "and[1].count.window".
 */
#ifndef GY_LANG_JSON_INTERNAL_H
#define GY_LANG_JSON_INTERNAL_H

#include <jansson.h>

#include "base/buf.h"
#include "lang/json.h"
#include "lang/parser_internal.h"

struct gy_json_reader {
    struct gy_arena *arena;
    struct gy_buf path;
    enum gy_parser_mode mode; /* as the parser's */
    bool is_right;            /* as the parser's */
    struct gy_error *err;
};

/* ---- path and errors ---- */

GY_CHECKED enum gy_status gy_json_fail(struct gy_json_reader *r, const char *format, ...)
    GY_PRINTF(2, 3);
/* Each gives the length of the path before, for gy_json_leave. */
size_t gy_json_enter(struct gy_json_reader *r, const char *key);
size_t gy_json_enter_at(struct gy_json_reader *r, const char *key, size_t i);
void gy_json_leave(struct gy_json_reader *r, size_t path_len);

/* ---- small steps ---- */

/* `keys` ends with NULL: any other key of `object` is an error. */
GY_CHECKED enum gy_status gy_json_only(struct gy_json_reader *r, json_t *object,
                                       const char *const *keys);
GY_CHECKED enum gy_status gy_json_string(struct gy_json_reader *r, json_t *object, const char *key,
                                         struct gy_str *out);
GY_CHECKED enum gy_status gy_json_name(struct gy_json_reader *r, json_t *object, const char *key,
                                       struct gy_name *out);
GY_CHECKED enum gy_status gy_json_true(struct gy_json_reader *r, json_t *object, const char *key);
GY_CHECKED enum gy_status gy_json_integer(struct gy_json_reader *r, json_t *value, uint64_t *out);
GY_CHECKED enum gy_status gy_json_integer_key(struct gy_json_reader *r, json_t *object,
                                              const char *key, uint64_t *out);
/* Leaves `out` alone where the key is not there. */
GY_CHECKED enum gy_status gy_json_duration(struct gy_json_reader *r, json_t *object,
                                           const char *key, struct gy_duration *out);
GY_CHECKED enum gy_status gy_json_window(struct gy_json_reader *r, json_t *object,
                                         struct gy_window *out);

/* ---- trees ---- */

GY_CHECKED enum gy_status gy_json_read_expr(struct gy_json_reader *r, json_t *value,
                                            struct gy_expr **out);
GY_CHECKED enum gy_status gy_json_read_term(struct gy_json_reader *r, json_t *value,
                                            struct gy_term **out);
GY_CHECKED enum gy_status gy_json_expr_key(struct gy_json_reader *r, json_t *object,
                                           const char *key, struct gy_expr **out);
GY_CHECKED enum gy_status gy_json_term_key(struct gy_json_reader *r, json_t *object,
                                           const char *key, struct gy_term **out);
/* A literal of `in`: numbers may be negative. */
GY_CHECKED enum gy_status gy_json_literal(struct gy_json_reader *r, json_t *value,
                                          struct gy_term **out);
/* The filter under `where`, if there is one. */
GY_CHECKED enum gy_status gy_json_where(struct gy_json_reader *r, json_t *object,
                                        enum gy_parser_mode mode, struct gy_expr **out);

#endif
