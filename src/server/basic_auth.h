/* basic_auth.h - the user's name in "Authorization: Basic …" (RFC 7617): SDKs put the write key there. */
#ifndef GY_SERVER_BASIC_AUTH_H
#define GY_SERVER_BASIC_AUTH_H

#include "base/arena.h"
#include "base/str.h"

/* The name up to the colon, allocated in `arena`; empty where the header is another or damaged. */
struct gy_str gy_basic_user(struct gy_str header, struct gy_arena *arena);

#endif
