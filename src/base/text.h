/* text.h - Unicode text: validity, normal form, code points, width on a terminal. */
#ifndef GY_BASE_TEXT_H
#define GY_BASE_TEXT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/str.h"

bool gy_text_is_ascii(struct gy_str s);
/* Well-formed: no surrogates, no overlong forms, to U+10FFFF. */
bool gy_text_is_utf8(struct gy_str s);

/* The NFC form of well-formed UTF-8: `s` itself where it is that already (decided without ICU for
 * ASCII and precomposed Hangul), else allocated in `arena`. */
struct gy_str gy_text_nfc(struct gy_str s, struct gy_arena *arena);

/* Takes one code point off the front of well-formed UTF-8; `s` is not empty. */
uint32_t gy_text_next(struct gy_str *s);
void gy_text_put(struct gy_buf *buf, uint32_t code_point); /* as UTF-8 */
/* The longest front of well-formed UTF-8 that has at most `most` bytes and ends between code points. */
struct gy_str gy_text_cut(struct gy_str s, size_t most);
size_t gy_text_length(struct gy_str s); /* in code points */

bool gy_text_is_letter(uint32_t code_point); /* Unicode's general category L* */

/* Columns that the text takes on a terminal: East Asian wide ones are two, combining marks none. */
size_t gy_text_width(struct gy_str s);

/* How far apart two names are, for "did you mean": the Damerau-Levenshtein distance (optimal string
 * alignment) over code points, where Hangul syllables are compared as their letters, so that 주뭉 is
 * near to 주문. More than `limit` is given as limit + 1. */
size_t gy_text_distance(struct gy_str a, struct gy_str b, size_t limit);
/* The distance up to which a name may have been meant by this one: one letter, and every third of its
 * letters, of which 주문 has five. */
size_t gy_text_near(struct gy_str name);

#endif
