/* accounts.h - who may ask the server: users, their sessions and invitations, and tokens.
 *
 * Sessions, invitations and tokens are long random secrets that are shown once; what is stored of each is its hash
 * (gy_hash_secret). A password is short and chosen by a person, so what is stored of it is Argon2id's.
 *
 *     invited ── accepts with a password ──> user ── logs in ──> session ── logs out, or time ──> gone
 *        └──────── reset: no password, no sessions, a new invitation <──┘
 *
 * Invariant: once an owner can log in, one always can: none of the changes here but a reset, which hands out an
 * invitation, takes that from the last.
 */
#ifndef GY_STORE_ACCOUNTS_H
#define GY_STORE_ACCOUNTS_H

#include "base/arena.h"
#include "base/status.h"

struct gy_writer;

/* Each may what the one before it may. Stored: these numbers stay. */
enum gy_role {
    GY_ROLE_NONE = 0,
    GY_ROLE_ANALYST = 1, /* reads */
    GY_ROLE_EDITOR = 2,  /* changes segments, lists, what was imported */
    GY_ROLE_OWNER = 3,   /* users, tokens, keys */
};

const char *gy_role_name(enum gy_role role); /* "analyst"; "none" */

/* INVALID with the names that there are. */
GY_CHECKED enum gy_status gy_role_read(struct gy_str name, enum gy_role *out, struct gy_error *err);

/* ---- as readers see them ---- */

struct gy_user {
    int64_t id; /* from 1 on, never given again */
    struct gy_str name;
    enum gy_role role;
    bool sees_personal;     /* was granted; who edits sees them anyway */
    struct gy_str password; /* Argon2id, as libsodium writes it; empty: has not accepted yet */
    int64_t created_ms;
};

struct gy_session {
    uint8_t hash[32];
    int64_t user;
    int64_t created_ms;
    int64_t used_ms; /* roughly */
};

struct gy_invitation {
    uint8_t hash[32];
    int64_t user; /* 0: of the first owner, who is not there yet */
    int64_t until_ms;
};

struct gy_token {
    struct gy_str name;
    uint8_t hash[32];
    enum gy_role role;
    bool sees_personal;
    int64_t created_ms;
};

/* Users and tokens by name; all zero is none. */
struct gy_accounts {
    struct gy_arena arena;
    struct gy_user *users;
    size_t n_users;
    struct gy_session *sessions;
    size_t n_sessions;
    struct gy_invitation *invitations;
    size_t n_invitations;
    struct gy_token *tokens;
    size_t n_tokens;
    char server_url[256]; /* where people reached the server that ran last; "" where none did */
};

/* Reads all of them as of one instant. Fails with NO_WORKSPACE, IO, CORRUPT; then `out` is empty. */
GY_CHECKED enum gy_status gy_accounts_read(const char *dir, struct gy_accounts *out,
                                           struct gy_error *err);
void gy_accounts_release(struct gy_accounts *accounts);

/* NULL: there is none. Names of users are the same whatever the case of their ASCII letters. */
const struct gy_user *gy_accounts_user(const struct gy_accounts *a, int64_t id);
const struct gy_user *gy_accounts_user_named(const struct gy_accounts *a, struct gy_str name);

/* ---- changes: each a transaction of its own ---- */

/* A user who cannot log in before the invitation was accepted. CONFLICT where there is one of that name;
 * INVALID, LIMIT for a name that cannot be. `*id` may be NULL. */
GY_CHECKED enum gy_status gy_writer_add_user(struct gy_writer *w, struct gy_str name,
                                             enum gy_role role, bool sees_personal, int64_t *id,
                                             struct gy_error *err);

/* NOT_FOUND; CONFLICT where no owner could log in any more. With sessions and invitations. */
GY_CHECKED enum gy_status gy_writer_remove_user(struct gy_writer *w, int64_t id,
                                                struct gy_error *err);
GY_CHECKED enum gy_status gy_writer_set_role(struct gy_writer *w, int64_t id, enum gy_role role,
                                             bool sees_personal, struct gy_error *err);

/* Takes the user's password and sessions, if there are any, and the invitation of before. User 0 is the first
 * owner: CONFLICT where there is a user already. */
GY_CHECKED enum gy_status gy_writer_invite(struct gy_writer *w, int64_t user,
                                           const uint8_t hash[32], int64_t until_ms,
                                           struct gy_error *err);

/* Once, and not after its time: NOT_FOUND otherwise. Sets the password; of the first owner, makes the user, who is
 * called `name`, which else does not matter. `*user` may be NULL. */
GY_CHECKED enum gy_status gy_writer_accept(struct gy_writer *w, const uint8_t hash[32],
                                           struct gy_str name, struct gy_str password,
                                           int64_t now_ms, int64_t *user, struct gy_error *err);

/* Ends the user's other sessions; `kept` is the hash of one that stays, or NULL. */
GY_CHECKED enum gy_status gy_writer_set_password(struct gy_writer *w, int64_t user,
                                                 struct gy_str password, const uint8_t *kept,
                                                 struct gy_error *err);

/* A user has at most GY_USER_SESSIONS; the one that was used least lately makes room. NOT_FOUND: no such user. */
enum {
    GY_USER_SESSIONS = 32
};
GY_CHECKED enum gy_status gy_writer_add_session(struct gy_writer *w,
                                                const struct gy_session *session,
                                                struct gy_error *err);
/* Stores when these were used last, of those that are still there. */
GY_CHECKED enum gy_status gy_writer_use_sessions(struct gy_writer *w,
                                                 const struct gy_session *sessions, size_t n,
                                                 struct gy_error *err);
/* No matter whether it is there. */
GY_CHECKED enum gy_status gy_writer_end_session(struct gy_writer *w, const uint8_t hash[32],
                                                struct gy_error *err);
/* Of those that began or were used last before these instants. */
GY_CHECKED enum gy_status gy_writer_end_old_sessions(struct gy_writer *w, int64_t created_ms,
                                                     int64_t used_ms, struct gy_error *err);

/* CONFLICT where there is one of that name; NOT_FOUND. */
GY_CHECKED enum gy_status gy_writer_add_token(struct gy_writer *w, const struct gy_token *token,
                                              struct gy_error *err);
GY_CHECKED enum gy_status gy_writer_remove_token(struct gy_writer *w, struct gy_str name,
                                                 struct gy_error *err);

#endif
