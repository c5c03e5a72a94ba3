/* value.h - one value, as it comes in, is stored and is read back. */
#ifndef GY_STORE_VALUE_H
#define GY_STORE_VALUE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/* What a property or trait is, once the schema knows it. The numbers stand in files. */
enum gy_value_type {
    GY_VALUE_MISSING = 0,
    GY_VALUE_NUMBER = 1,
    GY_VALUE_STRING = 2,
    GY_VALUE_BOOL = 3,
    GY_VALUE_TIME = 4,
    GY_VALUE_LIST = 5,  /* of strings; traits only */
    GY_VALUE_CELL = 6,  /* on the way in only: a cell of a file without types; it may turn out to be a
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

/* Equal in type and content (NaN does not occur). */
bool gy_value_equal(const struct gy_value *a, const struct gy_value *b);

#endif
