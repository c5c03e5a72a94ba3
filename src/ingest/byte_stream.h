/* byte_stream.h - the bytes of a file, decompressed.
 *
 * A file, standard input or a piece of memory, read once from front to back. gzip and zstd are
 * recognised by their first bytes, whatever the file is called; several members or frames behind one
 * another are one stream. Memory is bounded: a buffer of 64 KiB and what the decompressor needs (at
 * most 128 MiB, the largest zstd window that is accepted).
 *
 * Compressed data that is cut off or damaged is an error that says where, as an offset in the
 * compressed bytes; what was read before it may be wrong only in its last, unchecked bytes, and the
 * caller must not take a stream for whole before its end was given.
 *
 * One owner; not for several threads at once.
 */
#ifndef GY_INGEST_BYTE_STREAM_H
#define GY_INGEST_BYTE_STREAM_H

#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

struct gy_byte_stream;

/* Opens `path`; "-" is standard input. `*out` is owned by the caller (gy_byte_stream_close). Fails
 * with IO; with INVALID for a directory and for a name that promises compression (".gz", ".zst") that the
 * bytes do not have. */
GY_CHECKED enum gy_status gy_byte_stream_open(const char *path, struct gy_byte_stream **out,
                                              struct gy_error *err);

/* The same over `bytes`, which must outlive the stream. `name` is what errors call it. */
GY_CHECKED enum gy_status gy_byte_stream_open_bytes(const char *name, struct gy_str bytes,
                                                    struct gy_byte_stream **out,
                                                    struct gy_error *err);

void gy_byte_stream_close(struct gy_byte_stream *stream); /* NULL is allowed */

/* Fills `out` with the next `capacity` bytes; `*n` is less only where the stream ends. */
GY_CHECKED enum gy_status gy_byte_stream_read(struct gy_byte_stream *stream, char *out,
                                              size_t capacity, size_t *n, struct gy_error *err);

const char *gy_byte_stream_name(const struct gy_byte_stream *stream); /* "standard input" for "-" */

/* Bytes of the file taken so far, before decompression, and its size; 0 where that is not known. */
uint64_t gy_byte_stream_position(const struct gy_byte_stream *stream);
uint64_t gy_byte_stream_size(const struct gy_byte_stream *stream);

#endif
