/* utf8_check.cc - simdjson's UTF-8 check (over 10 GB/s), for C. */
#include "ingest/utf8_check.h"

#include <simdjson.h>

extern "C" bool gy_utf8_check(const char *bytes, size_t len)
{
    return len == 0 || simdjson::validate_utf8(bytes, len);
}
