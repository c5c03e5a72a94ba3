/* server.h - `gyeol serve`: a data directory that SDKs, jobs and people can lean on.
 *
 *     http ──> router ──> collector ──> write_queue ──> store
 *                    └──> (api_*.c: a file for each resource)
 *
 * It has the directory's writer as long as it runs, and lends it to other commands (lender.h). Everything it says
 * of itself is a line on standard error (log_line.h).
 */
#ifndef GY_SERVER_SERVER_H
#define GY_SERVER_SERVER_H

#include "base/status.h"

struct gy_server;

struct gy_server_options {
    const char *dir;          /* made where there is none */
    const char *listen;       /* NULL: 127.0.0.1:8700 */
    unsigned request_seconds; /* a body must have come within; 0: 30 */
    const char *tls_cert;     /* files of PEM, both or none: then TLS is spoken */
    const char *tls_key;
    const char *
        behind_proxy; /* networks of proxies (proxies.h) from which alone it is asked; NULL: none */
    bool only_public_webhooks; /* none is told at an address of this machine or a private network */
    const char *url;           /* where people reach it, for links; NULL: where it listens */
};

/* Listens when it returns. Block the signals that end it before, so that its threads do too. Fails with what
 * gy_listen, gy_workspace_init and gy_writer_open fail with. While there is no user, a link for the first owner is
 * made, and logged. Owned by the caller (gy_server_stop). */
GY_CHECKED enum gy_status gy_server_start(const struct gy_server_options *options,
                                          struct gy_server **out, struct gy_error *err);

/* Takes nothing more, commits and acknowledges what was taken, and ends. */
void gy_server_stop(struct gy_server *server);

#endif
