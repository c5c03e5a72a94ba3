/* webhook_signature.h - how a receiver knows who sent a webhook's body, and when.
 *
 *     Gyeol-Signature: t=1735786800,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd
 *
 * t is when it was signed, in seconds since 1970; v1 the HMAC-SHA256 of "<t>.<body>" under the webhook's secret, as hex.
 * A receiver reckons v1 by itself, compares the two in constant time, and refuses a t that is minutes old.
 */
#ifndef GY_SERVER_WEBHOOK_SIGNATURE_H
#define GY_SERVER_WEBHOOK_SIGNATURE_H

#include "base/buf.h"

enum {
    GY_HMAC_HEX = 64
};

/* HMAC-SHA256 (RFC 2104) of two texts one after the other, as lower-case hex with its NUL. */
void gy_hmac_sha256(struct gy_str secret, struct gy_str first, struct gy_str second,
                    char out[GY_HMAC_HEX + 1]);

/* Appends the header's value. */
void gy_webhook_sign(struct gy_str secret, int64_t at_ms, struct gy_str body, struct gy_buf *out);

#endif
