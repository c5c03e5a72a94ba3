/* lender.c - see lender.h. */
#include "server/lender.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "server/log_line.h"
#include "store/lease.h"

struct gy_lender {
    const char *dir;
    struct gy_write_queue *queue;
    int listen_fd;
    int stop_fd; /* readable: the thread is to end */
    pthread_t thread;
};

/* Until there is something to read, or the end of it; false: the thread is to end. */
static bool wait_for(const struct gy_lender *lender, int fd)
{
    struct pollfd fds[2] = {{fd, POLLIN, 0}, {lender->stop_fd, POLLIN, 0}};
    while (poll(fds, 2, -1) <= 0) {
        /* a signal came */
    }
    return fds[1].revents == 0;
}

/* Whatever it sends does not matter; it is done when the connection ends. */
static void wait_for_end(const struct gy_lender *lender, int connection)
{
    char byte;
    while (wait_for(lender, connection) && read(connection, &byte, 1) > 0) {
        /* go on */
    }
}

static void lend(const struct gy_lender *lender, int connection)
{
    struct gy_log_line line;
    if (!gy_write_queue_lend(lender->queue)) {
        return;
    }
    if (gy_lease_give(connection)) {
        gy_log_begin(&line, "info", "lent");
        gy_log_end(&line);
        wait_for_end(lender, connection);
    }
    gy_write_queue_take_back(lender->queue);
}

static void *run(void *context)
{
    const struct gy_lender *lender = context;
    while (wait_for(lender, lender->listen_fd)) {
        int connection = accept4(lender->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (connection >= 0) {
            lend(lender, connection);
            close(connection);
        }
    }
    return NULL;
}

static void release(struct gy_lender *lender)
{
    gy_lease_unlisten(lender->dir, lender->listen_fd);
    if (lender->stop_fd >= 0) {
        close(lender->stop_fd);
    }
    free(lender);
}

enum gy_status gy_lender_start(const char *dir, struct gy_write_queue *queue,
                               struct gy_lender **out, struct gy_error *err)
{
    struct gy_lender *lender = gy_alloc_zero(1, sizeof *lender);
    *lender = (struct gy_lender){.dir = dir, .queue = queue, .listen_fd = -1};
    lender->stop_fd = eventfd(0, EFD_CLOEXEC);
    enum gy_status status = gy_lease_listen(dir, &lender->listen_fd, err);
    if (status == GY_OK) {
        int code = pthread_create(&lender->thread, NULL, run, lender);
        status = code == 0 ? GY_OK : gy_error_sys(err, code, "could not start a thread");
    }
    if (status != GY_OK) {
        release(lender);
        return status;
    }
    *out = lender;
    return GY_OK;
}

void gy_lender_stop(struct gy_lender *lender)
{
    if (lender == NULL) {
        return;
    }
    (void)eventfd_write(lender->stop_fd, 1);
    pthread_join(lender->thread, NULL);
    release(lender);
}
