/* text_pattern.h - texts that differ in their digits only, as numbers.
 *
 * Numbers of orders, telephone numbers, dates with a time: "o000012345" is the pattern "o000000000" and 12345. A
 * pattern stands for the texts of its length that have digits exactly where it has some; all their
 * digits in a row are the number.
 */
#ifndef GY_STORE_TEXT_PATTERN_H
#define GY_STORE_TEXT_PATTERN_H

#include <stdint.h>

#include "base/str.h"

enum {
    GY_PATTERN_MAX_BYTES = 64,
    GY_PATTERN_MAX_DIGITS = 18 /* so that numbers are below 2^63 */
};

struct gy_pattern {
    uint32_t len;                    /* 0: there is none */
    char text[GY_PATTERN_MAX_BYTES]; /* with 0 for each digit */
};

/* The pattern of a text; false where it is empty, or has too many bytes or digits. */
bool gy_pattern_of(struct gy_str text, struct gy_pattern *out);

/* False where the text is none of the pattern's; else its number. */
bool gy_pattern_read(const struct gy_pattern *pattern, struct gy_str text, int64_t *out);

/* The text of a number that is below gy_pattern_end; `pattern->len` bytes. */
void gy_pattern_print(const struct gy_pattern *pattern, uint64_t number, char *out);
uint64_t gy_pattern_end(const struct gy_pattern *pattern);

#endif
