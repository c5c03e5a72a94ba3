/* print.h - the canonical text of a tree. parse(print(tree)) gives the same tree. */
#ifndef GY_LANG_PRINT_H
#define GY_LANG_PRINT_H

#include "base/buf.h"
#include "lang/ast.h"

void gy_print_expr(const struct gy_expr *expr, struct gy_buf *out);
void gy_print_term(const struct gy_term *term, struct gy_buf *out);

#endif
