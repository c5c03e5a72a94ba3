/* listen.h - where the server listens: HOST:PORT becomes a socket.
 *
 * The host is a number (127.0.0.1, [::1], 0.0.0.0) or "localhost"; port 0 is any free one. Beyond loopback a network
 * can read along, and passwords go over it: so only where TLS is spoken, or a proxy does that.
 */
#ifndef GY_SERVER_LISTEN_H
#define GY_SERVER_LISTEN_H

#include <stdbool.h>

#include "base/status.h"

enum {
    GY_ADDRESS_SIZE = 80
};

/* A socket that listens, owned by the caller (close); `bound` is its address as text. Fails with INVALID for
 * what is no such address or, unless it may be open to other machines, beyond loopback; IO, BUSY where the port
 * is taken. */
GY_CHECKED enum gy_status gy_listen(const char *address, bool may_be_open, int *fd,
                                    char bound[GY_ADDRESS_SIZE], struct gy_error *err);

#endif
