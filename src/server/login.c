/* login.c - see login.h. */
#include "server/login.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/zone.h"
#include "server/access_internal.h"
#include "server/log_line.h"

/* ---- sessions ---- */

/* All sessions, with when they were used last; the caller's (free). */
static struct gy_session *copy_sessions(struct gy_access *access, size_t *n)
{
    pthread_rwlock_rdlock(&access->lock);
    *n = access->accounts.n_sessions;
    struct gy_session *copy = gy_alloc_zero(*n + 1, sizeof *copy);
    for (size_t i = 0; i < *n; i++) {
        copy[i] = access->accounts.sessions[i];
        copy[i].used_ms = __atomic_load_n(&access->accounts.sessions[i].used_ms, __ATOMIC_RELAXED);
    }
    pthread_rwlock_unlock(&access->lock);
    return copy;
}

struct session_write {
    struct gy_session added; /* of user 0: none */
    struct gy_session *used;
    size_t n_used;
    int64_t now_ms;
};

/* What is remembered of the others is stored along. */
static enum gy_status write_session(struct gy_writer *writer, void *context, struct gy_error *err)
{
    const struct session_write *write = context;
    if (write->added.user != 0) {
        GY_TRY(gy_writer_add_session(writer, &write->added, err));
    }
    GY_TRY(gy_writer_use_sessions(writer, write->used, write->n_used, err));
    return gy_writer_end_old_sessions(writer, write->now_ms - GY_SESSION_MS,
                                      write->now_ms - GY_SESSION_IDLE_MS, err);
}

void gy_access_keep_sessions(struct gy_access *access)
{
    struct gy_error err = {0};
    struct session_write write = {.now_ms = gy_now_ms()};
    write.used = copy_sessions(access, &write.n_used);
    if (write.n_used > 0 &&
        gy_write_queue_record(access->queue, write_session, &write, &err) != GY_OK) {
        gy_log_error("sessions could not be kept", &err);
    }
    free(write.used);
}

/* The caller becomes the user, with a session of their own. */
static enum gy_status begin_session(struct gy_access *access, struct gy_caller *caller,
                                    const struct gy_user *user, const char *action,
                                    struct gy_error *err)
{
    struct gy_change_told told = {action, user->name, {0}};
    struct session_write write = {.now_ms = gy_now_ms()};
    struct gy_caller known = *caller;
    write.added =
        (struct gy_session){.user = user->id, .created_ms = write.now_ms, .used_ms = write.now_ms};
    snprintf(known.name, sizeof known.name, "%.*s", GY_STR_ARG(user->name));
    known.user = user->id;
    known.role = user->role;
    known.sees_personal = user->sees_personal || user->role >= GY_ROLE_EDITOR;
    known.is_session = true;
    gy_secret_make(GY_SECRET_SESSION, known.session);
    gy_hash_secret(gy_str_of(known.session), write.added.hash);
    write.used = copy_sessions(access, &write.n_used);
    enum gy_status status = gy_access_change(access, &known, &told, write_session, &write, err);
    free(write.used);
    if (status == GY_OK) {
        *caller = known;
    }
    return status;
}

/* ---- users, as they are now ---- */

/* A copy, its texts in `arena`; false: there is none. */
static bool copy_user(const struct gy_user *from, struct gy_arena *arena, struct gy_user *to)
{
    if (from == NULL) {
        *to = (struct gy_user){.name = GY_STR(""), .password = GY_STR("")};
        return false;
    }
    *to = *from;
    to->name = gy_arena_str(arena, from->name);
    to->password = gy_arena_str(arena, from->password);
    return true;
}

static bool user_named(struct gy_access *access, struct gy_str name, struct gy_arena *arena,
                       struct gy_user *out)
{
    pthread_rwlock_rdlock(&access->lock);
    bool found = copy_user(gy_accounts_user_named(&access->accounts, name), arena, out);
    pthread_rwlock_unlock(&access->lock);
    return found;
}

static bool user_of(struct gy_access *access, int64_t id, struct gy_arena *arena,
                    struct gy_user *out)
{
    pthread_rwlock_rdlock(&access->lock);
    bool found = copy_user(gy_accounts_user(&access->accounts, id), arena, out);
    pthread_rwlock_unlock(&access->lock);
    return found;
}

/* ---- logging in ---- */

/* Names that are the same user's are the same here. */
static struct gy_str folded(struct gy_str name, struct gy_arena *arena)
{
    char *copy = gy_arena_alloc(arena, name.len + 1);
    for (size_t i = 0; i < name.len; i++) {
        copy[i] = (char)tolower((unsigned char)name.ptr[i]);
    }
    return (struct gy_str){copy, name.len};
}

/* Of IPv6, the network's 64 bits. */
static struct gy_str network_of(const char *address, struct gy_arena *arena)
{
    unsigned char bytes[16];
    struct gy_str whole = gy_str_of(address);
    return inet_pton(AF_INET6, address, bytes) == 1
               ? gy_arena_str(arena, (struct gy_str){(const char *)bytes, 8})
               : whole;
}

static enum gy_status throttle(struct gy_access *access, struct gy_str user, struct gy_str network,
                               int64_t *wait_ms, struct gy_error *err)
{
    int64_t now_ms = gy_monotonic_ms(); /* who waits, waits no longer where the clock is set back */
    *wait_ms = gy_throttle_try(access->by_address, network, now_ms);
    if (*wait_ms == 0) {
        *wait_ms = gy_throttle_try(access->by_user, user, now_ms);
    }
    return *wait_ms == 0
               ? GY_OK
               : gy_error_set(err, GY_TOO_MANY, "too many tries; the next one in %lld seconds",
                              (long long)(*wait_ms + 999) / 1000);
}

/* The address keeps its others: who has a password of their own could else try those of all. */
static void forget_tries(struct gy_access *access, struct gy_str user, struct gy_str network)
{
    gy_throttle_forget(access->by_user, user);
    gy_throttle_undo(access->by_address, network);
}

/* Only the names of users are logged: what is typed as a name may be a password. */
static void say_failed(const struct gy_caller *caller, const struct gy_user *user)
{
    struct gy_log_line line;
    gy_log_begin(&line, "warning", "login failed");
    gy_log_text(&line, "address", caller->address);
    if (user->id != 0) {
        gy_log_text(&line, "user", user->name.ptr);
    }
    gy_log_end(&line);
}

static enum gy_status log_in(struct gy_access *access, struct gy_caller *caller, struct gy_str name,
                             struct gy_str password, struct gy_arena *arena, int64_t *wait_ms,
                             struct gy_error *err)
{
    bool is;
    struct gy_user user;
    struct gy_str key = folded(name, arena);
    struct gy_str network = network_of(caller->address, arena);
    GY_TRY(throttle(access, key, network, wait_ms, err));
    (void)user_named(access, name, arena, &user);
    GY_TRY(gy_password_is(access->gate, user.password.ptr, password, &is, err));
    if (!is) {
        say_failed(caller, &user);
        return gy_error_set(err, GY_UNAUTHORIZED, "the name or the password is not right");
    }
    forget_tries(access, key, network);
    return begin_session(access, caller, &user, "login", err);
}

enum gy_status gy_login(struct gy_access *access, struct gy_caller *caller, struct gy_str name,
                        struct gy_str password, int64_t *wait_ms, struct gy_error *err)
{
    struct gy_arena arena = {0};
    *wait_ms = 0;
    enum gy_status status = log_in(access, caller, name, password, &arena, wait_ms, err);
    gy_arena_release(&arena);
    return status;
}

/* ---- coming by a link ---- */

enum gy_status gy_login_invited(struct gy_access *access, struct gy_str link,
                                struct gy_arena *arena, struct gy_str *name, struct gy_error *err)
{
    uint8_t hash[32];
    bool is_there = false;
    int64_t now_ms = gy_now_ms();
    gy_hash_secret(link, hash);
    *name = GY_STR("");
    pthread_rwlock_rdlock(&access->lock);
    const struct gy_accounts *a = &access->accounts;
    for (size_t i = 0; i < a->n_invitations; i++) {
        bool holds =
            a->invitations[i].until_ms > now_ms && (a->invitations[i].user != 0 || a->n_users == 0);
        if (holds && memcmp(a->invitations[i].hash, hash, sizeof hash) == 0) {
            const struct gy_user *user = gy_accounts_user(a, a->invitations[i].user);
            is_there = true;
            *name = user == NULL ? GY_STR("") : gy_arena_str(arena, user->name);
        }
    }
    pthread_rwlock_unlock(&access->lock);
    if (is_there) {
        return GY_OK;
    }
    gy_error_set(err, GY_NOT_FOUND, "the link does not hold: it was used, or is too old");
    gy_error_hint(err, "An owner can send another; `gyeol user reset NAME` makes one.");
    return GY_NOT_FOUND;
}

struct acceptance {
    uint8_t hash[32];
    struct gy_str name;
    struct gy_str password; /* its hash */
    int64_t user;
};

static enum gy_status write_acceptance(struct gy_writer *writer, void *context,
                                       struct gy_error *err)
{
    struct acceptance *a = context;
    return gy_writer_accept(writer, a->hash, a->name, a->password, gy_now_ms(), &a->user, err);
}

static enum gy_status accept_link(struct gy_access *access, struct gy_caller *caller,
                                  struct gy_str link, struct gy_str name, struct gy_str password,
                                  struct gy_arena *arena, struct gy_error *err)
{
    char hash[GY_PASSWORD_HASH_SIZE];
    struct gy_str invited;
    struct gy_user user;
    struct gy_caller known = *caller;
    struct acceptance acceptance = {0};
    GY_TRY(gy_login_invited(access, link, arena, &invited, err));
    invited = invited.len > 0 ? invited : name;
    GY_TRY(gy_password_check(password, invited, err));
    GY_TRY(gy_password_hash(access->gate, password, hash, err));
    gy_hash_secret(link, acceptance.hash);
    acceptance.name = invited;
    acceptance.password = gy_str_of(hash);
    snprintf(known.name, sizeof known.name, "%.*s", GY_STR_ARG(invited));
    struct gy_change_told told = {"user accept", invited, {0}};
    GY_TRY(gy_access_change(access, &known, &told, write_acceptance, &acceptance, err));
    if (!user_of(access, acceptance.user, arena, &user)) {
        return gy_error_set(err, GY_NOT_FOUND, "the user has just been removed");
    }
    gy_throttle_forget(access->by_user, folded(user.name, arena));
    return begin_session(access, caller, &user, "login", err);
}

enum gy_status gy_login_accept(struct gy_access *access, struct gy_caller *caller,
                               struct gy_str link, struct gy_str name, struct gy_str password,
                               struct gy_error *err)
{
    struct gy_arena arena = {0};
    enum gy_status status = accept_link(access, caller, link, name, password, &arena, err);
    gy_arena_release(&arena);
    return status;
}

/* ---- ending, and another password ---- */

static enum gy_status write_end(struct gy_writer *writer, void *hash, struct gy_error *err)
{
    return gy_writer_end_session(writer, hash, err);
}

enum gy_status gy_logout(struct gy_access *access, const struct gy_caller *caller,
                         struct gy_error *err)
{
    uint8_t hash[32];
    struct gy_change_told told = {"logout", gy_str_of(caller->name), {0}};
    if (!caller->is_session) {
        return gy_error_set(err, GY_INVALID, "a token has no session to end");
    }
    gy_hash_secret(gy_str_of(caller->session), hash);
    return gy_access_change(access, caller, &told, write_end, hash, err);
}

struct new_password {
    int64_t user;
    struct gy_str password; /* its hash */
    uint8_t kept[32];
};

static enum gy_status write_password(struct gy_writer *writer, void *context, struct gy_error *err)
{
    const struct new_password *new = context;
    return gy_writer_set_password(writer, new->user, new->password, new->kept, err);
}

static enum gy_status change_password(struct gy_access *access, const struct gy_caller *caller,
                                      struct gy_str old, struct gy_str password,
                                      struct gy_arena *arena, struct gy_error *err)
{
    bool is;
    int64_t wait_ms;
    char hash[GY_PASSWORD_HASH_SIZE];
    struct gy_user user;
    struct new_password new = {.user = caller->user};
    struct gy_change_told told = {"user password", gy_str_of(caller->name), {0}};
    if (!caller->is_session || !user_of(access, caller->user, arena, &user)) {
        return gy_error_set(err, GY_INVALID, "a token has no password");
    }
    struct gy_str key = folded(user.name, arena);
    GY_TRY(gy_password_check(password, user.name, err));
    GY_TRY(throttle(access, key, network_of(caller->address, arena), &wait_ms, err));
    GY_TRY(gy_password_is(access->gate, user.password.ptr, old, &is, err));
    if (!is) {
        return gy_error_set(err, GY_FORBIDDEN, "the old password is not right");
    }
    forget_tries(access, key, network_of(caller->address, arena));
    GY_TRY(gy_password_hash(access->gate, password, hash, err));
    new.password = gy_str_of(hash);
    gy_hash_secret(gy_str_of(caller->session), new.kept);
    return gy_access_change(access, caller, &told, write_password, &new, err);
}

enum gy_status gy_login_change_password(struct gy_access *access, const struct gy_caller *caller,
                                        struct gy_str old, struct gy_str password,
                                        struct gy_error *err)
{
    struct gy_arena arena = {0};
    enum gy_status status = change_password(access, caller, old, password, &arena, err);
    gy_arena_release(&arena);
    return status;
}
