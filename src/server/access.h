/* access.h - who asks, and what they may.
 *
 *     Authorization: Bearer gyt_…      a program with a token: its role
 *     Cookie: gyeol=gys_…              a person who logged in (session_cookie.h): the user's role
 *
 * Everything that is asked under /api/ goes through gy_access_identify and gy_access_check. What changes something goes
 * through gy_access_write, which commits the change and the entry of the audit trail in one transaction.
 *
 * Users, sessions and tokens are held in memory, as they are stored (store/accounts.h): identifying waits for
 * nothing. Any thread may ask.
 */
#ifndef GY_SERVER_ACCESS_H
#define GY_SERVER_ACCESS_H

#include "base/status.h"
#include "server/session_cookie.h"
#include "server/write_queue.h"
#include "store/accounts.h"

struct gy_access;

/* What a route asks for. */
enum gy_right {
    GY_RIGHT_PUBLIC, /* nothing: logging in, health */
    GY_RIGHT_READ,   /* analyst and on */
    GY_RIGHT_EDIT,   /* editor and on */
    GY_RIGHT_OWN,    /* owner */
};

enum {
    GY_CALLER_NAME_SIZE = 1024,
    GY_CALLER_ADDRESS_SIZE = 64
};

/* How long a session lives: in use, and without. */
#define GY_SESSION_MS      (7 * 24 * INT64_C(3600000))
#define GY_SESSION_IDLE_MS (12 * INT64_C(3600000))

struct gy_caller {
    int64_t user;                   /* 0: a token, or nobody */
    char name[GY_CALLER_NAME_SIZE]; /* of the user or the token; "" of nobody */
    enum gy_role role;              /* GY_ROLE_NONE: nobody */
    bool sees_personal;             /* fields that are personal are not masked */
    bool is_session;
    char session[GY_SECRET_SIZE];         /* its secret; "" of a token */
    char address[GY_CALLER_ADDRESS_SIZE]; /* where it asks from */
};

/* What a request says of who asks; all are views, empty where it says nothing. */
struct gy_access_request {
    struct gy_str authorization;
    struct gy_str cookie;
    struct gy_str csrf; /* X-CSRF-Token */
    struct gy_str origin;
    struct gy_str fetch_site; /* Sec-Fetch-Site */
    struct gy_str host;
    const char *address; /* of who asks, as far as it is known */
    bool is_secure;      /* came over TLS, here or at a proxy that is believed */
    bool is_safe;        /* GET, HEAD, OPTIONS: changes nothing */
    int64_t now_ms;
};

/* Reads who there is. Fails as gy_accounts_read does. `dir` is borrowed. Owned by the caller (gy_access_close). */
GY_CHECKED enum gy_status gy_access_open(const char *dir, struct gy_access **out,
                                         struct gy_error *err);
void gy_access_use(struct gy_access *access, struct gy_write_queue *queue); /* borrowed */

/* How many users there are. */
size_t gy_access_n_users(struct gy_access *access);

/* Reads anew what another process may have changed. */
void gy_access_reload(struct gy_access *access);
/* Stores when sessions were used last: while the queue still runs. */
void gy_access_keep_sessions(struct gy_access *access);
void gy_access_close(struct gy_access *access);

/* ---- who asks ---- */

/* UNAUTHORIZED where nobody is known by it; FORBIDDEN where a session's request that changes something does not show that
 * it comes from a page of ours. A caller is filled in any case; after a failure it is nobody. */
GY_CHECKED enum gy_status gy_access_identify(struct gy_access *access,
                                             const struct gy_access_request *request,
                                             struct gy_caller *caller, struct gy_error *err);

/* Fills a caller who is nobody and has an address: of public routes. */
void gy_access_nobody(const struct gy_access_request *request, struct gy_caller *caller);

/* OK, or why the caller may not: UNAUTHORIZED for nobody, else FORBIDDEN. */
GY_CHECKED enum gy_status gy_access_check(const struct gy_caller *caller, enum gy_right right,
                                          struct gy_error *err);

/* Whether a browser sends it for a page of ours, or no browser sends it: what other sites make their visitors'
 * browsers send is FORBIDDEN. */
GY_CHECKED enum gy_status gy_access_check_site(const struct gy_access_request *request,
                                               struct gy_error *err);

/* ---- what they change ---- */

struct gy_change_told {
    const char *action;   /* "segment add", as the command is called */
    struct gy_str object; /* its name; may be empty */
    struct gy_str detail; /* before and after, in short; may be empty */
};

/* Runs `fn` on the writing thread (gy_write_queue_run) and tells the audit trail, together or not at all. */
GY_CHECKED enum gy_status gy_access_write(struct gy_access *access, const struct gy_caller *caller,
                                          const struct gy_change_told *told, gy_write_fn fn,
                                          void *context, struct gy_error *err);

/* The same for a change of users, sessions or tokens, of which then is known. */
GY_CHECKED enum gy_status gy_access_change(struct gy_access *access, const struct gy_caller *caller,
                                           const struct gy_change_told *told, gy_write_fn fn,
                                           void *context, struct gy_error *err);

#endif
