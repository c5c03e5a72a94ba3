/* source.h - a text as a stream of UTF-8, whatever it is packed and encoded in.
 *
 *   file, stdin ──> byte_stream (gzip, zstd) ──> encoding (UTF-16, CP949, ...) ──> chunks of UTF-8
 *
 * While nothing but ASCII came, the encoding is open: the first megabyte with another byte in it
 * decides (encoding.h has the rules). A text that later turns out not to be in that encoding is an
 * error with the line and column, and never silently wrong.
 *
 * A byte order mark is skipped. Chunks end between characters. One owner; not for several threads at once.
 */
#ifndef GY_INGEST_SOURCE_H
#define GY_INGEST_SOURCE_H

#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

struct gy_source;

/* Opens `path`; "-" is standard input. `encoding` is a name (encoding.h); NULL, "" and "auto" let the
 * bytes decide. `*out` is owned by the caller (gy_source_close). Fails with IO; with INVALID for an unknown
 * encoding, and for zip and old Excel files, which are no texts. */
GY_CHECKED enum gy_status gy_source_open(const char *path, const char *encoding,
                                         struct gy_source **out, struct gy_error *err);

/* The same over `bytes`, which must outlive the source. */
GY_CHECKED enum gy_status gy_source_open_bytes(const char *name, struct gy_str bytes,
                                               const char *encoding, struct gy_source **out,
                                               struct gy_error *err);

void gy_source_close(struct gy_source *source); /* NULL is allowed */

/* The next chunk of well-formed UTF-8, about a megabyte: a view, valid until the next read. Empty only
 * at the end. After an error every read fails with the same status. */
GY_CHECKED enum gy_status gy_source_read(struct gy_source *source, struct gy_str *chunk,
                                         struct gy_error *err);

/* The next chunk, which the next read gives again: for looking what it is. */
GY_CHECKED enum gy_status gy_source_peek(struct gy_source *source, struct gy_str *chunk,
                                         struct gy_error *err);

const char *gy_source_name(const struct gy_source *source);

/* The encoding that was taken; "UTF-8" while all is ASCII. */
const char *gy_source_encoding(const struct gy_source *source);

/* Bytes of the file read so far, and its size, as they lie on disk; 0 for a size that is not known. */
uint64_t gy_source_position(const struct gy_source *source);
uint64_t gy_source_size(const struct gy_source *source);

#endif
