/* access_internal.h - what access.c and login.c share. */
#ifndef GY_SERVER_ACCESS_INTERNAL_H
#define GY_SERVER_ACCESS_INTERNAL_H

#include <pthread.h>

#include "server/access.h"
#include "server/password.h"
#include "server/throttle.h"

struct gy_access {
    const char *dir;
    struct gy_write_queue *queue;
    pthread_mutex_t
        reading; /* one reads the accounts and puts them in place; else an older reading could come later */
    pthread_rwlock_t lock; /* of the accounts; `used_ms` of sessions is atomic */
    struct gy_accounts accounts;
    struct gy_password_gate *gate;
    struct gy_throttle *by_user;
    struct gy_throttle *by_address;
};

#endif
