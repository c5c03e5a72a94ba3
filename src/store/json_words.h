/* json_words.h - the strings and numbers in a text that should be JSON, one by one.
 *
 * For texts that could not be taken, so it does not ask whether they are well-formed: a string is what stands between
 * two quotes, with its escapes read, in Unicode form NFC; a number is a run of its characters outside of strings.
 */
#ifndef GY_STORE_JSON_WORDS_H
#define GY_STORE_JSON_WORDS_H

#include "base/str.h"

/* True as soon as `is_it` is true of a word. The word is valid during that call. */
bool gy_json_any_word(struct gy_str json, bool (*is_it)(void *context, struct gy_str word),
                      void *context);

#endif
