/* lease.h - the data directory's writer, lent by the server that has it.
 *
 * A server holds the writer's lock as long as it runs, and listens on the socket `writer.socket` in the directory.
 * Another process that wants to write connects; the server commits what it has, closes its writer, and sends
 * one byte. From then on until the connection ends, however it ends, the directory is the other's to lock;
 * the server ends it from its side when it has read what was written.
 *
 * So whoever can enter the directory can ask: its owner.
 */
#ifndef GY_STORE_LEASE_H
#define GY_STORE_LEASE_H

#include "base/status.h"

/* Asks for it. `*fd` is -1 where no server listens; else it was lent, until gy_lease_return. BUSY: the server did
 * not answer in time. */
GY_CHECKED enum gy_status gy_lease_borrow(const char *dir, int *fd, struct gy_error *err);

/* Gives it back, after the lock: waits until the server goes by what was written. */
void gy_lease_return(int fd);

/* The server's side: a socket that listens, owned by the caller; with the writer's lock held. */
GY_CHECKED enum gy_status gy_lease_listen(const char *dir, int *fd, struct gy_error *err);
void gy_lease_unlisten(const char *dir, int fd);

/* Says that it is lent. False: nobody wants it any more. */
bool gy_lease_give(int connection);

#endif
