/* quote.h - strings and names as the canonical text writes them; JSON's strings are the same. */
#ifndef GY_LANG_QUOTE_H
#define GY_LANG_QUOTE_H

#include "base/buf.h"
#include "base/str.h"

/* In double quotes, with `"`, `\` and the control characters below U+0020 escaped. */
void gy_quote(struct gy_str s, struct gy_buf *out);

/* Where a name stands decides which words it can be without quotes. */
enum gy_name_position {
    GY_NAME_ALONE,     /* no keyword */
    GY_NAME_AFTER_DOT, /* any word */
    GY_NAME_OPERAND,   /* in a filter: any word but not, true and false */
};

bool gy_quote_is_needed(struct gy_str name, enum gy_name_position position);
void gy_quote_name(struct gy_str name, enum gy_name_position position, struct gy_buf *out);

/* At most 80 bytes of it, cut between code points: for messages. */
struct gy_str gy_quote_short(struct gy_str s);

#endif
