/* webhook_sender.h - many webhook requests at once: libcurl behind a small interface.
 *
 * POST, JSON, signed (webhook_signature.h). Connections are kept and used again. Only http and https; certificates are
 * verified; redirects are not followed, since a body is signed for the one it was sent to; an answer's body is not
 * read. One thread's, but for gy_webhook_sender_wake.
 */
#ifndef GY_SERVER_WEBHOOK_SENDER_H
#define GY_SERVER_WEBHOOK_SENDER_H

#include "base/status.h"
#include "base/str.h"

enum {
    GY_WEBHOOK_TIMEOUT_MS = 10000,
    GY_WEBHOOK_CONNECTIONS = 256,     /* all together */
    GY_WEBHOOK_HOST_CONNECTIONS = 64, /* to one host */
    GY_WEBHOOK_REASON = 160
};

struct gy_webhook_sender;

struct gy_webhook_request {
    struct gy_str url;
    struct gy_str secret;
    struct gy_str id; /* of the delivery: the same each time it is sent */
    struct gy_str body;
    void *context;
};

struct gy_webhook_answer {
    long http_status;               /* 0: there was none */
    int64_t retry_after_s;          /* 0: not said */
    char reason[GY_WEBHOOK_REASON]; /* why it is not well, in words; "" where it is */
};

/* INVALID for what is no URL of http or https with a host, or has a user and a password in it. */
GY_CHECKED enum gy_status gy_webhook_check_url(struct gy_str url, struct gy_error *err);

/* `only_public`: addresses of this machine and of private networks are refused, whatever a name leads to. Owned by the
 * caller (gy_webhook_sender_free). */
struct gy_webhook_sender *gy_webhook_sender_new(bool only_public);
void gy_webhook_sender_free(struct gy_webhook_sender *sender); /* what is on its way is given up */

/* Begins to send; what is in the request is copied. */
void gy_webhook_sender_begin(struct gy_webhook_sender *sender,
                             const struct gy_webhook_request *request);
size_t gy_webhook_sender_n(const struct gy_webhook_sender *sender); /* on their way */

/* Waits until something is answered, at most so long, or until it is woken; then tells what is. */
typedef void (*gy_webhook_done)(void *pump, void *context, const struct gy_webhook_answer *answer);
void gy_webhook_sender_wait(struct gy_webhook_sender *sender, int64_t most_ms, gy_webhook_done done,
                            void *pump);
void gy_webhook_sender_wake(struct gy_webhook_sender *sender); /* any thread */

#endif
