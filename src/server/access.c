/* access.c - see access.h.
 *
 * Hashes of secrets are compared as they lie: who could tell from the time how much of a hash was right would
 * still have to find a secret that has it. */
#include "server/access_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/mem.h"
#include "server/log_line.h"
#include "store/audit.h"

enum {
    SECRET_MAX = 200, /* bytes that are looked at */
    TRIES_OF_USER = 5,
    TRIES_OF_ADDRESS = 20 /* an office's people have one */
};

/* ---- the accounts ---- */

static struct gy_session *find_session(const struct gy_accounts *a, const uint8_t hash[32])
{
    for (size_t i = 0; i < a->n_sessions; i++) {
        if (memcmp(a->sessions[i].hash, hash, 32) == 0) {
            return &a->sessions[i];
        }
    }
    return NULL;
}

/* When a session was used last is stored now and then only. */
static void keep_used(struct gy_accounts *new, const struct gy_accounts *old)
{
    for (size_t i = 0; i < new->n_sessions; i++) {
        const struct gy_session *before = find_session(old, new->sessions[i].hash);
        if (before != NULL && before->used_ms > new->sessions[i].used_ms) {
            new->sessions[i].used_ms = before->used_ms;
        }
    }
}

void gy_access_reload(struct gy_access *access)
{
    struct gy_error err = {0};
    struct gy_accounts accounts;
    pthread_mutex_lock(&access->reading);
    if (gy_accounts_read(access->dir, &accounts, &err) != GY_OK) {
        pthread_mutex_unlock(&access->reading);
        gy_log_error("users could not be read", &err);
        return;
    }
    pthread_rwlock_wrlock(&access->lock);
    struct gy_accounts old = access->accounts;
    keep_used(&accounts, &old);
    access->accounts = accounts;
    pthread_rwlock_unlock(&access->lock);
    pthread_mutex_unlock(&access->reading);
    gy_accounts_release(&old);
}

enum gy_status gy_access_open(const char *dir, struct gy_access **out, struct gy_error *err)
{
    struct gy_access *access = gy_alloc_zero(1, sizeof *access);
    access->dir = dir;
    pthread_mutex_init(&access->reading, NULL);
    pthread_rwlock_init(&access->lock, NULL);
    access->gate = gy_password_gate_new();
    access->by_user = gy_throttle_new(TRIES_OF_USER);
    access->by_address = gy_throttle_new(TRIES_OF_ADDRESS);
    enum gy_status status = gy_accounts_read(dir, &access->accounts, err);
    if (status != GY_OK) {
        gy_access_close(access);
        return status;
    }
    *out = access;
    return GY_OK;
}

void gy_access_use(struct gy_access *access, struct gy_write_queue *queue)
{
    access->queue = queue;
}

size_t gy_access_n_users(struct gy_access *access)
{
    pthread_rwlock_rdlock(&access->lock);
    size_t n = access->accounts.n_users;
    pthread_rwlock_unlock(&access->lock);
    return n;
}

void gy_access_close(struct gy_access *access)
{
    if (access == NULL) {
        return;
    }
    gy_accounts_release(&access->accounts);
    gy_password_gate_free(access->gate);
    gy_throttle_free(access->by_user);
    gy_throttle_free(access->by_address);
    pthread_mutex_destroy(&access->reading);
    pthread_rwlock_destroy(&access->lock);
    free(access);
}

/* ---- who asks ---- */

void gy_access_nobody(const struct gy_access_request *request, struct gy_caller *caller)
{
    *caller = (struct gy_caller){0};
    snprintf(caller->address, sizeof caller->address, "%s",
             request->address == NULL ? "" : request->address);
}

static void become(struct gy_caller *caller, int64_t user, struct gy_str name, enum gy_role role,
                   bool sees_personal)
{
    caller->user = user;
    snprintf(caller->name, sizeof caller->name, "%.*s", GY_STR_ARG(name));
    caller->role = role;
    caller->sees_personal = sees_personal || role >= GY_ROLE_EDITOR;
}

static enum gy_status unknown(struct gy_error *err)
{
    gy_error_set(err, GY_UNAUTHORIZED, "nobody is known by this token or session");
    gy_error_hint(
        err, "A token may have been removed, and a write key is none; a session ends by itself "
             "after a while.");
    return GY_UNAUTHORIZED;
}

static enum gy_status identify_token(struct gy_access *access, struct gy_str secret,
                                     struct gy_caller *caller, struct gy_error *err)
{
    uint8_t hash[32];
    gy_hash_secret(secret, hash);
    pthread_rwlock_rdlock(&access->lock);
    for (size_t i = 0; i < access->accounts.n_tokens; i++) {
        const struct gy_token *token = &access->accounts.tokens[i];
        if (memcmp(token->hash, hash, sizeof hash) == 0) {
            become(caller, 0, token->name, token->role, token->sees_personal);
        }
    }
    pthread_rwlock_unlock(&access->lock);
    return caller->role != GY_ROLE_NONE ? GY_OK : unknown(err);
}

static bool is_alive(const struct gy_session *session, int64_t now_ms)
{
    int64_t used_ms = __atomic_load_n(&session->used_ms, __ATOMIC_RELAXED);
    return session->created_ms > now_ms - GY_SESSION_MS && used_ms > now_ms - GY_SESSION_IDLE_MS;
}

static void become_user_of(const struct gy_access *access, const uint8_t hash[32], int64_t now_ms,
                           struct gy_caller *caller)
{
    struct gy_session *session = find_session(&access->accounts, hash);
    if (session == NULL || !is_alive(session, now_ms)) {
        return;
    }
    const struct gy_user *user = gy_accounts_user(&access->accounts, session->user);
    if (user != NULL) {
        __atomic_store_n(&session->used_ms, now_ms, __ATOMIC_RELAXED);
        become(caller, user->id, user->name, user->role, user->sees_personal);
    }
}

static enum gy_status identify_session(struct gy_access *access,
                                       const struct gy_access_request *request,
                                       struct gy_str secret, struct gy_caller *caller,
                                       struct gy_error *err)
{
    uint8_t hash[32];
    gy_hash_secret(secret, hash);
    pthread_rwlock_rdlock(&access->lock);
    become_user_of(access, hash, request->now_ms, caller);
    pthread_rwlock_unlock(&access->lock);
    if (caller->role == GY_ROLE_NONE) {
        return unknown(err);
    }
    caller->is_session = true;
    snprintf(caller->session, sizeof caller->session, "%.*s", GY_STR_ARG(secret));
    if (request->is_safe) {
        return GY_OK;
    }
    GY_TRY(gy_access_check_site(request, err));
    if (gy_csrf_token_is(secret, request->csrf)) {
        return GY_OK;
    }
    gy_error_set(err, GY_FORBIDDEN, "the header X-CSRF-Token is not the session's");
    gy_error_hint(err, "The answer to logging in and /api/me tell it.");
    return GY_FORBIDDEN;
}

/* "Bearer …"; empty: another scheme, or none. */
static struct gy_str bearer(struct gy_str header)
{
    if (header.len < 7 || strncasecmp(header.ptr, "Bearer ", 7) != 0) {
        return (struct gy_str){"", 0};
    }
    struct gy_str secret = {header.ptr + 7, header.len - 7};
    while (secret.len > 0 && secret.ptr[0] == ' ') {
        secret = (struct gy_str){secret.ptr + 1, secret.len - 1};
    }
    return secret;
}

enum gy_status gy_access_identify(struct gy_access *access, const struct gy_access_request *request,
                                  struct gy_caller *caller, struct gy_error *err)
{
    struct gy_str token = bearer(request->authorization);
    struct gy_str session = gy_session_cookie_find(request->cookie, request->is_secure);
    enum gy_status status;
    gy_access_nobody(request, caller);
    if (token.len > SECRET_MAX || session.len >= sizeof caller->session) {
        status = unknown(err);
    } else if (token.len > 0) {
        status = identify_token(access, token, caller, err);
    } else if (session.len > 0) {
        status = identify_session(access, request, session, caller, err);
    } else {
        gy_error_set(err, GY_UNAUTHORIZED, "who asks has to log in, or show a token");
        gy_error_hint(err, "`gyeol token add NAME` makes one: Authorization: Bearer TOKEN.");
        status = GY_UNAUTHORIZED;
    }
    if (status != GY_OK) {
        gy_access_nobody(request, caller);
    }
    return status;
}

/* ---- what they may ---- */

enum gy_status gy_access_check(const struct gy_caller *caller, enum gy_right right,
                               struct gy_error *err)
{
    static const enum gy_role needed[] = {
        [GY_RIGHT_PUBLIC] = GY_ROLE_NONE,
        [GY_RIGHT_READ] = GY_ROLE_ANALYST,
        [GY_RIGHT_EDIT] = GY_ROLE_EDITOR,
        [GY_RIGHT_OWN] = GY_ROLE_OWNER,
    };
    if (caller->role >= needed[right]) {
        return GY_OK;
    }
    if (caller->role == GY_ROLE_NONE) {
        return gy_error_set(err, GY_UNAUTHORIZED, "who asks has to log in, or show a token");
    }
    return gy_error_set(err, GY_FORBIDDEN, "this is for the role %s; \"%s\" is %s",
                        gy_role_name(needed[right]), caller->name, gy_role_name(caller->role));
}

/* The host of "https://crm.example.com:8700"; empty for "null" and what else is none. */
static struct gy_str host_of(struct gy_str origin)
{
    const char *at = origin.len == 0 ? NULL : memmem(origin.ptr, origin.len, "://", 3);
    if (at == NULL) {
        return (struct gy_str){"", 0};
    }
    return (struct gy_str){at + 3, origin.len - (size_t)(at + 3 - origin.ptr)};
}

/* Browsers of today say Sec-Fetch-Site themselves; older ones say Origin with every POST. A program that is no
 * browser says neither, and nobody could have made it send what it does not want. */
enum gy_status gy_access_check_site(const struct gy_access_request *request, struct gy_error *err)
{
    bool is_ours = true;
    if (request->fetch_site.len > 0) {
        is_ours = gy_str_equal(request->fetch_site, GY_STR("same-origin"));
    } else if (request->origin.len > 0) {
        struct gy_str host = host_of(request->origin);
        is_ours = host.len > 0 && host.len == request->host.len &&
                  strncasecmp(host.ptr, request->host.ptr, host.len) == 0;
    }
    return is_ours ? GY_OK
                   : gy_error_set(err, GY_FORBIDDEN, "another site's page may not ask for this");
}

/* ---- what they change ---- */

struct told_write {
    struct gy_audit_entry entry;
    gy_write_fn fn;
    void *context;
};

static enum gy_status run_told(struct gy_writer *writer, void *context, struct gy_error *err)
{
    struct told_write *write = context;
    gy_writer_tell(writer, &write->entry);
    return gy_writer_told(writer, write->fn(writer, write->context, err), err);
}

static struct told_write told_write_of(const struct gy_caller *caller,
                                       const struct gy_change_told *told, gy_write_fn fn,
                                       void *context)
{
    return (struct told_write){.entry = {.who = gy_str_of(caller->name),
                                         .address = gy_str_of(caller->address),
                                         .action = gy_str_of(told->action),
                                         .object = told->object,
                                         .detail = told->detail},
                               .fn = fn,
                               .context = context};
}

enum gy_status gy_access_write(struct gy_access *access, const struct gy_caller *caller,
                               const struct gy_change_told *told, gy_write_fn fn, void *context,
                               struct gy_error *err)
{
    struct told_write write = told_write_of(caller, told, fn, context);
    return gy_write_queue_run(access->queue, run_told, &write, err);
}

enum gy_status gy_access_change(struct gy_access *access, const struct gy_caller *caller,
                                const struct gy_change_told *told, gy_write_fn fn, void *context,
                                struct gy_error *err)
{
    struct told_write write = told_write_of(caller, told, fn, context);
    GY_TRY(gy_write_queue_run(access->queue, run_told, &write, err));
    gy_access_reload(access);
    return GY_OK;
}
