/* utf8_check.h - simdjson's UTF-8 check, for C. */
#ifndef GY_INGEST_UTF8_CHECK_H
#define GY_INGEST_UTF8_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

bool gy_utf8_check(const char *bytes, size_t len); /* whether all of it is well-formed */

#ifdef __cplusplus
}
#endif

#endif
