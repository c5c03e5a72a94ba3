/* encoding.h - which encoding a text has, and making UTF-8 of it.
 *
 * The guess is by rule, because rules beat statistics on short files:
 *
 *   1. a byte order mark                                          that encoding
 *   2. read as UTF-16 in one order, ASCII characters are common   UTF-16 in that order
 *      and there is no U+0000 and no lone surrogate
 *   3. not well-formed UTF-8, but CP949                           CP949
 *   4. well-formed UTF-8 with a code point from U+0800 on         UTF-8
 *   5. well-formed UTF-8 whose two-byte sequences are, read as    CP949 (홍 is such a one)
 *      CP949, all Hangul syllables of KS X 1001
 *   6. anything else                                              UTF-8
 *
 * Rule 5 does not count where all of them are in Latin-1 (£, é, ö): read as CP949 these are
 * syllables too (짙, 챕, 철), and a price list with a pound sign is far commoner than a Korean file whose
 * only syllables lie in those two rows.
 */
#ifndef GY_INGEST_ENCODING_H
#define GY_INGEST_ENCODING_H

#include "base/buf.h"
#include "base/status.h"
#include "base/str.h"

/* The name of the encoding of `sample`, from the front of a text: "UTF-8", "UTF-16LE", "UTF-16BE" or
 * "CP949". `is_whole`: nothing comes behind the sample. */
const char *gy_encoding_guess(struct gy_str sample, bool is_whole);

/* The length of the byte order mark of `encoding` that `bytes` begins with; 0 without one. */
size_t gy_encoding_bom(const char *encoding, struct gy_str bytes);

/* How many bytes at the front are whole, well-formed UTF-8 characters. */
size_t gy_utf8_prefix(struct gy_str bytes);

/* Whether `bytes`, which are no whole UTF-8 character, may become one with what follows. */
bool gy_utf8_is_begun(struct gy_str bytes);

struct gy_decoder;

/* Opens a decoder for `encoding`: a name as above in any case, a common other name of CP949 (UHC,
 * EUC-KR, KS_C_5601-1987), or any name that the system's iconv knows ("windows-1252"). Fails with
 * INVALID for an unknown one. `*out` is owned by the caller (gy_decoder_close). */
GY_CHECKED enum gy_status gy_decoder_open(const char *encoding, struct gy_decoder **out,
                                          struct gy_error *err);
void gy_decoder_close(struct gy_decoder *decoder); /* NULL is allowed */

const char *gy_decoder_encoding(const struct gy_decoder *decoder); /* a view: its proper name */

/* Appends `bytes` as UTF-8 to `out` and gives how many bytes were taken. Fewer than all: what is left
 * begins with a character that is not complete (`*is_bad` false) or with none of this encoding. */
size_t gy_decoder_run(struct gy_decoder *decoder, struct gy_str bytes, struct gy_buf *out,
                      bool *is_bad);

#endif
