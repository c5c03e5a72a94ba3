/* json.h - a tree as JSON, and back; the form is that of docs/language.md. */
#ifndef GY_LANG_JSON_H
#define GY_LANG_JSON_H

#include "base/buf.h"
#include "base/status.h"
#include "lang/ast.h"

void gy_json_expr(const struct gy_expr *expr, struct gy_buf *out);
void gy_json_term(const struct gy_term *term, struct gy_buf *out);

/* Reads a tree (out->expr) or a value's tree (out->term). A tree that no text has is an error, and
 * the message names the path within the JSON ("and[1].count.window"). `out` is released by the
 * caller, also on failure. */
GY_CHECKED enum gy_status gy_json_parse(struct gy_str json, struct gy_definition *out,
                                        struct gy_error *err);
GY_CHECKED enum gy_status gy_json_parse_value(struct gy_str json, struct gy_definition *out,
                                              struct gy_error *err);

#endif
