/* listen.c - see listen.h. */
#include "server/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/proxies.h"

enum {
    BACKLOG = 1024
};

static enum gy_status no_address(const char *address, struct gy_error *err)
{
    gy_error_set(err, GY_INVALID, "\"%s\" is no address to listen on", address);
    gy_error_hint(err, "It is HOST:PORT, as 127.0.0.1:8700, localhost:8700 or [::1]:8700.");
    return GY_INVALID;
}

/* The host without its brackets, and the port. */
static bool split(const char *address, char *host, size_t size, const char **port)
{
    const char *colon = strrchr(address, ':');
    if (colon == NULL || colon[1] == '\0' || strspn(colon + 1, "0123456789") != strlen(colon + 1)) {
        return false;
    }
    size_t len = (size_t)(colon - address);
    bool has_brackets = len > 2 && address[0] == '[' && address[len - 1] == ']';
    if (!has_brackets && memchr(address, ':', len) != NULL) {
        return false;
    }
    len -= has_brackets ? 2 : 0;
    if (len == 0 || len >= size) {
        return false;
    }
    memcpy(host, address + (has_brackets ? 1 : 0), len);
    host[len] = '\0';
    *port = colon + 1;
    return true;
}

static enum gy_status say_bound(int fd, char bound[GY_ADDRESS_SIZE], struct gy_error *err)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    char host[INET6_ADDRSTRLEN];
    char port[8];
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0 ||
        getnameinfo((struct sockaddr *)&address, len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return gy_error_set(err, GY_IO, "could not tell where the server listens");
    }
    bool is_v6 = address.ss_family == AF_INET6;
    snprintf(bound, GY_ADDRESS_SIZE, "%s%s%s:%s", is_v6 ? "[" : "", host, is_v6 ? "]" : "", port);
    return GY_OK;
}

static enum gy_status open_socket(const struct addrinfo *at, const char *address, int *fd,
                                  struct gy_error *err)
{
    int one = 1;
    *fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd >= 0 && setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
        bind(*fd, at->ai_addr, at->ai_addrlen) == 0 && listen(*fd, BACKLOG) == 0) {
        return GY_OK;
    }
    int why = errno;
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
    if (why != EADDRINUSE) {
        return gy_error_sys(err, why, "could not listen on %s", address);
    }
    gy_error_set(err, GY_BUSY, "another process listens on %s already", address);
    gy_error_hint(err, "--listen HOST:PORT takes another port.");
    return GY_BUSY;
}

enum gy_status gy_listen(const char *address, bool may_be_open, int *fd,
                         char bound[GY_ADDRESS_SIZE], struct gy_error *err)
{
    char host[64];
    const char *port;
    struct addrinfo *at;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    *fd = -1;
    if (!split(address, host, sizeof host, &port)) {
        return no_address(address, err);
    }
    const char *number = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    if (strlen(port) > 5 || strtoul(port, NULL, 10) > 65535 ||
        getaddrinfo(number, port, &hints, &at) != 0) {
        return no_address(address, err);
    }
    enum gy_status status = GY_OK;
    if (!may_be_open && !gy_is_loopback(at->ai_addr)) {
        status = gy_error_set(err, GY_INVALID, "%s is open to other machines", address);
        gy_error_hint(err, "That takes TLS (--tls-cert and --tls-key), or a proxy that does it "
                           "(--behind-proxy with its address).");
    } else {
        status = open_socket(at, address, fd, err);
    }
    freeaddrinfo(at);
    if (status == GY_OK) {
        status = say_bound(*fd, bound, err);
    }
    if (status != GY_OK && *fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    return status;
}
