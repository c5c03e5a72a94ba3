/* parser.h - text to tree, by the grammar of docs/language.md; names and types are left to check.h.
 *
 * Recursive descent over the tokens of lexer.h. Limits: 64 KiB of text, 64 levels, 1,024 leaves.
 */
#ifndef GY_LANG_PARSER_H
#define GY_LANG_PARSER_H

#include "base/status.h"
#include "lang/ast.h"

/* Fill `out->expr`, `out->term`. Fail with INVALID at a place: a token that cannot be read anywhere
 * in the text comes first, else the first token that no valid text could have there. `out` is
 * released by the caller, also on failure. */
GY_CHECKED enum gy_status gy_parse(struct gy_str text, struct gy_definition *out,
                                   struct gy_error *err);
GY_CHECKED enum gy_status gy_parse_value(struct gy_str text, struct gy_definition *out,
                                         struct gy_error *err);

#endif
