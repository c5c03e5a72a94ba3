/* connection_watch.h - ends connections on which a request does not arrive in time.
 *
 * The HTTP library ends a connection that is silent; one that sends a byte a second is never silent. So each
 * connection has an instant by which the request that is arriving must be complete, and a thread that looks
 * twice a second ends those that are late. While the server works on a request there is no such instant; but
 * it can be told at once when the client goes away meanwhile, since then the work is for nobody.
 *
 * Any thread may call any of these.
 */
#ifndef GY_SERVER_CONNECTION_WATCH_H
#define GY_SERVER_CONNECTION_WATCH_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/status.h"

struct gy_connection_watch;
struct gy_watched; /* a connection */

/* Owned by the caller (gy_connection_watch_free, after the last connection has gone). */
GY_CHECKED enum gy_status gy_connection_watch_new(struct gy_connection_watch **out,
                                                  struct gy_error *err);
void gy_connection_watch_free(struct gy_connection_watch *watch);

/* From when a connection is there until before its socket is closed. */
struct gy_watched *gy_watch_begin(struct gy_connection_watch *watch, int fd);
void gy_watch_end(struct gy_connection_watch *watch, struct gy_watched *watched);

/* The connection has so many seconds from now on; 0: all the time. */
void gy_watch_allow(struct gy_watched *watched, unsigned seconds);

/* `*gone` becomes true when the other side ends the connection; NULL: nobody wants to know any more, and
 * `*gone` is not touched again. */
void gy_watch_leaving(struct gy_connection_watch *watch, struct gy_watched *watched,
                      atomic_bool *gone);

#endif
