/* login.h - how a person gets a session, and how it ends.
 *
 * A password that is wrong and a user who is not there are the same answer, after the same time. Tries are throttled by
 * user and by address (throttle.h); of IPv6, a network of 64 bits is one address, since one machine has it all.
 *
 * Everything here waits, for a hashing or for a commit.
 */
#ifndef GY_SERVER_LOGIN_H
#define GY_SERVER_LOGIN_H

#include "server/access.h"

/* `caller` is nobody who has an address; after it worked, the user with a new session. UNAUTHORIZED; TOO_MANY where it
 * has to wait, and `*wait_ms` says how long. */
GY_CHECKED enum gy_status gy_login(struct gy_access *access, struct gy_caller *caller,
                                   struct gy_str name, struct gy_str password, int64_t *wait_ms,
                                   struct gy_error *err);

/* Whose link it is, allocated in `arena`; empty: the first owner's. NOT_FOUND where it does not hold. */
GY_CHECKED enum gy_status gy_login_invited(struct gy_access *access, struct gy_str link,
                                           struct gy_arena *arena, struct gy_str *name,
                                           struct gy_error *err);

/* Accepts an invitation with a password, and logs in: as gy_login. `name` is the first owner's, else it does not
 * matter. NOT_FOUND, INVALID, TOO_MANY. */
GY_CHECKED enum gy_status gy_login_accept(struct gy_access *access, struct gy_caller *caller,
                                          struct gy_str link, struct gy_str name,
                                          struct gy_str password, struct gy_error *err);

/* Ends the caller's session. INVALID: it has none. */
GY_CHECKED enum gy_status gy_logout(struct gy_access *access, const struct gy_caller *caller,
                                    struct gy_error *err);

/* Ends the caller's other sessions. FORBIDDEN where `old` is wrong; INVALID, TOO_MANY. */
GY_CHECKED enum gy_status gy_login_change_password(struct gy_access *access,
                                                   const struct gy_caller *caller,
                                                   struct gy_str old, struct gy_str password,
                                                   struct gy_error *err);

#endif
