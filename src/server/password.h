/* password.h - passwords, hashed by Argon2id as libsodium does it (its interactive limits: 64 MB, two passes).
 *
 * Each hashing takes the memory and a good part of a tenth of a second, which is the point of it. So at most two
 * run at once, a few wait, and past that it is said to come again: whoever sends passwords cannot take the memory of those
 * who send events.
 */
#ifndef GY_SERVER_PASSWORD_H
#define GY_SERVER_PASSWORD_H

#include "base/status.h"
#include "base/str.h"

struct gy_password_gate;

enum {
    GY_PASSWORD_HASH_SIZE = 128, /* with the NUL */
    GY_PASSWORD_MIN = 10,        /* characters */
    GY_PASSWORD_MAX = 256        /* bytes */
};

struct gy_password_gate *gy_password_gate_new(
    void); /* owned by the caller (gy_password_gate_free) */
void gy_password_gate_free(struct gy_password_gate *gate);

/* Whether somebody may choose it: long enough, and not the user's name. INVALID. */
GY_CHECKED enum gy_status gy_password_check(struct gy_str password, struct gy_str name,
                                            struct gy_error *err);

/* Waits for its turn. TOO_MANY: too many wait. */
GY_CHECKED enum gy_status gy_password_hash(struct gy_password_gate *gate, struct gy_str password,
                                           char out[GY_PASSWORD_HASH_SIZE], struct gy_error *err);

/* Whether `hash` is this password's. An empty one is nobody's, and takes as long. TOO_MANY. */
GY_CHECKED enum gy_status gy_password_is(struct gy_password_gate *gate, const char *hash,
                                         struct gy_str password, bool *is, struct gy_error *err);

#endif
