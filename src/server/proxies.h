/* proxies.h - which proxies are believed, and who asks through them.
 *
 * A proxy says in X-Forwarded-For who asked it, after whoever asked that one said so, and in X-Forwarded-Proto
 * whether over TLS. Anybody can send these headers, so they are believed only from this machine and from the networks
 * that were named; the address of who asks is the last one that is none of these:
 *
 *     10.0.0.2 connects, a proxy; X-Forwarded-For: 6.6.6.6, 198.51.100.7, 10.0.0.1  ->  198.51.100.7
 */
#ifndef GY_SERVER_PROXIES_H
#define GY_SERVER_PROXIES_H

#include <sys/socket.h>

#include "base/status.h"
#include "base/str.h"

enum {
    GY_PROXIES_MAX = 16,
    GY_CLIENT_ADDRESS_SIZE = 64
};

struct gy_network {
    unsigned char bytes[16]; /* an address of version 6; one of version 4 is ::ffff:a.b.c.d */
    unsigned bits;           /* of 128 that count */
};

/* All zero: none but this machine. */
struct gy_proxies {
    struct gy_network networks[GY_PROXIES_MAX];
    size_t n;
};

/* "10.0.0.2,172.16.0.0/12,fd00::/8". INVALID. */
GY_CHECKED enum gy_status gy_proxies_read(const char *text, struct gy_proxies *out,
                                          struct gy_error *err);

bool gy_is_loopback(const struct sockaddr *address);

/* Whether what this peer says of others is believed: it is on this machine, or in one of the networks. */
bool gy_proxies_believe(const struct gy_proxies *proxies, const struct sockaddr *peer);

/* Who asks, as text: "198.51.100.7". */
void gy_proxies_client(const struct gy_proxies *proxies, const struct sockaddr *peer,
                       struct gy_str forwarded_for, char out[GY_CLIENT_ADDRESS_SIZE]);

#endif
