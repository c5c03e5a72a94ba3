/* json_scan.h - where the values of a JSON text stand, without reading them.
 *
 * For texts of which each part is to be judged by itself: of a batch of calls one that is damaged must not spoil
 * the others, so the batch is cut first and its calls are read one by one. Strings and brackets are followed,
 * and nothing else is checked: what is cut out is still to be read as JSON. Nothing recurses; a text of
 * brackets alone costs no more than another.
 *
 * Each function takes its piece off the front of `rest`; false: it is not there, and `rest` is where the
 * reading stopped.
 */
#ifndef GY_INGEST_JSON_SCAN_H
#define GY_INGEST_JSON_SCAN_H

#include "base/str.h"

/* A value with what is inside it; blanks before it are passed over. */
bool gy_json_scan_value(struct gy_str *rest, struct gy_str *value);

/* The members of an object, one by one: `rest` begins at "{" the first time. The name is without quotes, as it
 * is written. `*is_end`: there are no more, and "}" was taken. */
bool gy_json_scan_member(struct gy_str *rest, struct gy_str *name, struct gy_str *value,
                         bool *is_end);

/* The elements of an array likewise, from "[" on. */
bool gy_json_scan_element(struct gy_str *rest, struct gy_str *value, bool *is_end);

/* Passes over blanks; true at the end of the text. */
bool gy_json_scan_end(struct gy_str *rest);

#endif
