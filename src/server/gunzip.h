/* gunzip.h - a body that was sent compressed.
 *
 * Senders do not always say so, or say it where it is not: what counts is how the bytes begin.
 */
#ifndef GY_SERVER_GUNZIP_H
#define GY_SERVER_GUNZIP_H

#include "base/buf.h"
#include "base/status.h"

bool gy_is_gzip(struct gy_str bytes);

/* Puts what was compressed into `out`. INVALID for what is damaged or ends early, LIMIT past `max` bytes: no more than
 * that is ever made. */
GY_CHECKED enum gy_status gy_gunzip(struct gy_str bytes, size_t max, struct gy_buf *out,
                                    struct gy_error *err);

#endif
