/* webhook_signature.c - see webhook_signature.h. */
#include "server/webhook_signature.h"

#include <sodium.h>
#include <stdio.h>

void gy_hmac_sha256(struct gy_str secret, struct gy_str first, struct gy_str second,
                    char out[GY_HMAC_HEX + 1])
{
    crypto_auth_hmacsha256_state state;
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret.ptr, secret.len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)first.ptr, first.len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)second.ptr, second.len);
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof state);
    sodium_bin2hex(out, GY_HMAC_HEX + 1, mac, sizeof mac);
}

void gy_webhook_sign(struct gy_str secret, int64_t at_ms, struct gy_str body, struct gy_buf *out)
{
    char time[32];
    char mac[GY_HMAC_HEX + 1];
    int len = snprintf(time, sizeof time, "%lld.", (long long)(at_ms / 1000));
    gy_hmac_sha256(secret, (struct gy_str){time, (size_t)len}, body, mac);
    gy_buf_printf(out, "t=%.*s,v1=%s", len - 1, time, mac);
}
