/* json_writer.h - JSON text, value by value.
 *
 * Commas are put where they belong. A number is its shortest decimal; what is missing is null. All
 * zero is ready; the text is in `text` and ends with no newline.
 *
 *     gy_json_open(&w, '{'); gy_json_key(&w, "n"); gy_json_count(&w, 3); gy_json_close(&w, '}');
 */
#ifndef GY_STORE_JSON_WRITER_H
#define GY_STORE_JSON_WRITER_H

#include <stdio.h>

#include "base/buf.h"
#include "base/str.h"
#include "store/value.h"

struct gy_json_writer {
    struct gy_buf text;
    bool needs_comma;
};

void gy_json_writer_release(struct gy_json_writer *w);

void gy_json_open(struct gy_json_writer *w, char bracket); /* '{' or '[' */
void gy_json_close(struct gy_json_writer *w, char bracket);
void gy_json_key(struct gy_json_writer *w, const char *key);
void gy_json_key_str(struct gy_json_writer *w, struct gy_str key);

void gy_json_str(struct gy_json_writer *w, struct gy_str s); /* well-formed UTF-8 */
void gy_json_text(struct gy_json_writer *w, const char *terminated);
void gy_json_number(struct gy_json_writer *w, double number); /* not finite: null */
void gy_json_count(struct gy_json_writer *w, uint64_t n);
void gy_json_bool(struct gy_json_writer *w, bool b);
void gy_json_null(struct gy_json_writer *w);
void gy_json_time(struct gy_json_writer *w, int64_t ms); /* "2025-01-02T03:04:05.678Z" */
void gy_json_value(struct gy_json_writer *w, const struct gy_value *value);
void gy_json_raw(struct gy_json_writer *w, struct gy_str json); /* a value that is JSON already */

/* Prints the text and a newline on standard output, and releases it. */
void gy_json_finish(struct gy_json_writer *w);

#endif
