/* listen.h - where the server listens: HOST:PORT becomes a socket.
 *
 * The host is a number (127.0.0.1, [::1]) or "localhost"; port 0 is any free one. Only loopback is taken: what
 * comes from other machines needs TLS and rights, which are not there yet.
 */
#ifndef GY_SERVER_LISTEN_H
#define GY_SERVER_LISTEN_H

#include "base/status.h"

enum {
    GY_ADDRESS_SIZE = 80
};

/* A socket that listens, owned by the caller (close); `bound` is its address as text. Fails with INVALID for
 * what is no such address, UNSUPPORTED beyond loopback, IO, BUSY where the port is taken. */
GY_CHECKED enum gy_status gy_listen(const char *address, int *fd, char bound[GY_ADDRESS_SIZE],
                                    struct gy_error *err);

#endif
