/* value.h - one value, as it comes in, is stored and is read back. */
#ifndef GY_STORE_VALUE_H
#define GY_STORE_VALUE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/zone.h"

/* What a property or trait is, once the schema knows it. The numbers stand in files. */
enum gy_value_type {
    GY_VALUE_MISSING = 0,
    GY_VALUE_NUMBER = 1,
    GY_VALUE_STRING = 2,
    GY_VALUE_BOOL = 3,
    GY_VALUE_TIME = 4,
    GY_VALUE_LIST = 5, /* of strings; traits only */
    GY_VALUE_CELL = 6, /* on the way in only: a cell of a file without types; it may turn out to be a
                        * number, a boolean, a time or a string by what else is in its column */
};

struct gy_value {
    enum gy_value_type type;
    union {
        double number;
        bool boolean;
        int64_t time_ms;
        struct gy_str string; /* STRING, CELL */
        struct {
            const struct gy_str *strings;
            uint32_t n;
        } list;
    };
};

/* The value as JSON: 12.5, "text", true, "2025-01-02T03:04:05.678Z", ["a","b"], null. */
void gy_value_json(const struct gy_value *value, struct gy_buf *out);

/* Reads JSON text as gy_value_json writes it: a number, string, boolean, null or array of strings (a
 * time comes back as the string it is in JSON). False if it is not that. Strings are allocated in
 * `arena`. A number that stands for more digits than a double holds is rounded. */
bool gy_value_parse_json(struct gy_str json, struct gy_arena *arena, struct gy_value *out);

/* Equal in type and content (NaN does not occur). */
bool gy_value_equal(const struct gy_value *a, const struct gy_value *b);

/* Reads a value again as another type, when the schema has changed its mind:
 *
 *   from \ to  NUMBER           STRING             BOOL                TIME
 *   NUMBER     itself           shortest decimal   1 and 0             -
 *   STRING     gy_number_read   itself             true, false (Aa)    gy_time_read in `zone`
 *   BOOL       1, 0             "true", "false"    itself              -
 *   TIME       -                as gy_time_print   -                   itself
 *
 * A list reads as nothing but a list, MISSING as nothing; a cell reads as its string. False where it
 * does not read: it is a misfit. Texts that are made are allocated in `arena`, others are views. */
bool gy_value_convert(const struct gy_value *value, enum gy_value_type type,
                      const struct gy_zone *zone, struct gy_arena *arena, struct gy_value *out);

#endif
