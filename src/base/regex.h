/* regex.h - POSIX extended regular expressions, in linear time.
 *
 * Syntax and meaning are POSIX's, over code points: `.` is any character, a line feed too; `^` and
 * `$` are the ends of the text. What POSIX leaves undefined (`a**`, an empty alternative, `\d`) is
 * an error. Back-references there are none; a repetition goes to 1,000 at most; classes such as
 * [:alpha:] are ASCII's. Immutable after compile: any thread may match with it.
 */
#ifndef GY_BASE_REGEX_H
#define GY_BASE_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gy_regex;

enum {
    GY_REGEX_WHY = 160
};

/* The pattern is UTF-8. `*out` is owned by the caller (gy_regex_free). False for a pattern that is
 * invalid or undefined: `*out` is NULL and `why` says why. */
bool gy_regex_compile(struct gy_str pattern, struct gy_regex **out, char why[GY_REGEX_WHY]);
void gy_regex_free(struct gy_regex *regex); /* NULL is allowed */

/* Whether it matches anywhere in the text. */
bool gy_regex_matches(const struct gy_regex *regex, struct gy_str text);

#ifdef __cplusplus
}
#endif

#endif
