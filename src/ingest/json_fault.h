/* json_fault.h - what is wrong with a JSON text, and where.
 *
 * simdjson only says that something is; this slow second look is for the few lines that are rejected.
 */
#ifndef GY_INGEST_JSON_FAULT_H
#define GY_INGEST_JSON_FAULT_H

#include <stddef.h>

#include "base/str.h"

enum {
    GY_JSON_DEPTH_MAX = 64
};

struct gy_json_fault {
    const char *what; /* "a string is not closed"; NULL: nothing was found */
    size_t offset;
};

struct gy_json_fault gy_json_find_fault(struct gy_str text);

#endif
