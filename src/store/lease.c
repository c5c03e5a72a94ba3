/* lease.c - see lease.h.
 *
 * A socket's path has at most 107 bytes, a directory's may have thousands: so the path goes through the
 * directory's descriptor. */
#include "store/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "store/catalog.h"

enum {
    PATIENCE_MS = 60000, /* a server may be merging parts */
    RETURN_MS = 10000,
    BACKLOG = 64
};

#define SOCKET_NAME "writer.socket"

/* A socket, and its address in `dir`; the directory's descriptor is to be open as long as that is used. */
static int open_socket(const char *dir, int *dir_fd, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    *dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*dir_fd < 0)
        return -1;
    snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", *dir_fd,
             SOCKET_NAME);
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

static bool is_given(int fd)
{
    char byte;
    struct pollfd ready = {fd, POLLIN, 0};
    return poll(&ready, 1, PATIENCE_MS) == 1 && read(fd, &byte, 1) == 1;
}

enum gy_status gy_lease_borrow(const char *dir, int *fd, struct gy_error *err)
{
    int dir_fd;
    struct sockaddr_un address;
    *fd = open_socket(dir, &dir_fd, &address);
    bool is_there =
        *fd >= 0 && connect(*fd, (const struct sockaddr *)&address, sizeof address) == 0;
    close_fd(dir_fd);
    if (is_there && is_given(*fd))
        return GY_OK;
    close_fd(*fd);
    *fd = -1;
    if (!is_there)
        return GY_OK;
    return gy_error_set(err, GY_BUSY, "the server does not hand over the data directory \"%s\"",
                        dir);
}

void gy_lease_return(int fd)
{
    if (fd < 0)
        return;
    struct pollfd ended = {fd, POLLIN, 0};
    if (shutdown(fd, SHUT_WR) == 0)
        (void)poll(&ended, 1, RETURN_MS);
    close(fd);
}

enum gy_status gy_lease_listen(const char *dir, int *fd, struct gy_error *err)
{
    int dir_fd;
    struct sockaddr_un address;
    *fd = open_socket(dir, &dir_fd, &address);
    if (*fd >= 0)
        unlinkat(dir_fd, SOCKET_NAME, 0); /* of a server that was killed */
    /* It has this mode from its first moment on: nobody else may ask for the writer. */
    bool works = *fd >= 0 && fchmod(*fd, 0600) == 0 &&
                 bind(*fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
                 listen(*fd, BACKLOG) == 0;
    int why = errno;
    close_fd(dir_fd);
    if (works)
        return GY_OK;
    close_fd(*fd);
    *fd = -1;
    return gy_error_sys(err, why, "could not listen in the data directory \"%s\"", dir);
}

void gy_lease_unlisten(const char *dir, int fd)
{
    char path[GY_PATH_SIZE];
    if (fd < 0)
        return;
    close(fd);
    snprintf(path, sizeof path, "%.*s/%s", GY_DIR_MAX, dir, SOCKET_NAME);
    unlink(path);
}

bool gy_lease_give(int connection)
{
    return send(connection, "", 1, MSG_NOSIGNAL) == 1;
}
