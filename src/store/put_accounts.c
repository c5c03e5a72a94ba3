/* put_accounts.c - users, sessions, invitations and tokens come and go. */
#include "base/text.h"
#include "store/accounts.h"
#include "store/writer_internal.h"

static struct gy_str hash_of(const uint8_t hash[32])
{
    return (struct gy_str){(const char *)hash, 32};
}

/* ---- one change, one transaction ---- */

struct change {
    int64_t user;
    struct gy_str name;
    enum gy_role role;
    bool sees_personal;
    struct gy_str password;
    const uint8_t *hash;
    int64_t at_ms;
    int64_t used_ms;
    const struct gy_session *sessions;
    size_t n_sessions;
};

static enum gy_status transact(struct gy_writer *w,
                               enum gy_status (*run)(struct gy_writer *, struct change *,
                                                     struct gy_error *),
                               struct change *change, struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&w->catalog, true, err));
    enum gy_status status = run(w, change, err);
    if (status == GY_OK)
        status = gy_catalog_commit(&w->catalog, err);
    gy_catalog_rollback(&w->catalog);
    return status;
}

static enum gy_status count(struct gy_writer *w, const char *sql, int64_t user, int64_t *out,
                            struct gy_error *err)
{
    return gy_catalog_number(&w->catalog, out, err, sql, "i", user);
}

static enum gy_status need_user(struct gy_writer *w, int64_t user, struct gy_error *err)
{
    int64_t n;
    GY_TRY(count(w, "SELECT count(*) FROM user WHERE id = ?", user, &n, err));
    return n > 0 ? GY_OK : gy_error_set(err, GY_NOT_FOUND, "there is no such user");
}

/* Before the user is removed or becomes less. */
static enum gy_status need_other_owner(struct gy_writer *w, int64_t user, struct gy_error *err)
{
    int64_t n_owners;
    int64_t n_others;
    GY_TRY(count(w, "SELECT count(*) FROM user WHERE role = 3 AND password <> '' AND id = ?", user,
                 &n_owners, err));
    GY_TRY(count(w, "SELECT count(*) FROM user WHERE role = 3 AND password <> '' AND id <> ?", user,
                 &n_others, err));
    if (n_owners == 0 || n_others > 0)
        return GY_OK;
    gy_error_set(err, GY_CONFLICT, "nobody else who can log in is an owner");
    gy_error_hint(err, "Make another user an owner first.");
    return GY_CONFLICT;
}

/* ---- users ---- */

static enum gy_status check_user_name(struct gy_str name, struct gy_error *err)
{
    if (name.len == 0 || name.len > GY_MAX_NAME_BYTES)
        return gy_error_set(err, name.len == 0 ? GY_INVALID : GY_LIMIT,
                            "the name of a user has between 1 and %d bytes", GY_MAX_NAME_BYTES);
    for (size_t i = 0; i < name.len; i++) {
        if ((unsigned char)name.ptr[i] < ' ' || name.ptr[i] == 0x7f)
            return gy_error_set(err, GY_INVALID, "the name of a user is one line of text");
    }
    return gy_text_is_utf8(name) && name.ptr[0] != ' ' && name.ptr[name.len - 1] != ' '
               ? GY_OK
               : gy_error_set(err, GY_INVALID,
                              "the name of a user is UTF-8, without blanks around it");
}

/* From now on nobody is the first owner any more: a link that was to make one holds no longer. */
static enum gy_status add_user(struct gy_writer *w, struct change *change, struct gy_error *err)
{
    int64_t n;
    GY_TRY(gy_catalog_number(&w->catalog, &n, err, "SELECT count(*) FROM user WHERE name = ?", "s",
                             change->name));
    if (n > 0)
        return gy_error_set(err, GY_CONFLICT, "there is a user \"%.*s\" already",
                            GY_STR_ARG(change->name));
    GY_TRY(gy_catalog_run(&w->catalog, err, "INSERT INTO user VALUES(NULL, ?, ?, ?, ?, ?)", "siisi",
                          change->name, (int64_t)change->role, (int64_t)change->sees_personal,
                          change->password, gy_now_ms()));
    change->user = sqlite3_last_insert_rowid(w->catalog.db);
    return gy_catalog_run(&w->catalog, err, "DELETE FROM invitation WHERE user = 0", "");
}

enum gy_status gy_writer_add_user(struct gy_writer *w, struct gy_str name, enum gy_role role,
                                  bool sees_personal, int64_t *id, struct gy_error *err)
{
    struct change change = {.name = name, .role = role, .sees_personal = sees_personal};
    GY_ASSERT(role != GY_ROLE_NONE);
    GY_TRY(check_user_name(name, err));
    GY_TRY(transact(w, add_user, &change, err));
    if (id != NULL)
        *id = change.user;
    return GY_OK;
}

static enum gy_status end_sessions(struct gy_writer *w, int64_t user, const uint8_t *kept,
                                   struct gy_error *err)
{
    static const uint8_t none[32];
    return gy_catalog_run(&w->catalog, err, "DELETE FROM session WHERE user = ? AND hash <> ?",
                          "ib", user, hash_of(kept == NULL ? none : kept));
}

static enum gy_status remove_user(struct gy_writer *w, struct change *change, struct gy_error *err)
{
    GY_TRY(need_user(w, change->user, err));
    GY_TRY(need_other_owner(w, change->user, err));
    GY_TRY(end_sessions(w, change->user, NULL, err));
    GY_TRY(gy_catalog_run(&w->catalog, err, "DELETE FROM invitation WHERE user = ?", "i",
                          change->user));
    return gy_catalog_run(&w->catalog, err, "DELETE FROM user WHERE id = ?", "i", change->user);
}

enum gy_status gy_writer_remove_user(struct gy_writer *w, int64_t id, struct gy_error *err)
{
    struct change change = {.user = id};
    return transact(w, remove_user, &change, err);
}

static enum gy_status set_role(struct gy_writer *w, struct change *change, struct gy_error *err)
{
    GY_TRY(need_user(w, change->user, err));
    if (change->role != GY_ROLE_OWNER)
        GY_TRY(need_other_owner(w, change->user, err));
    return gy_catalog_run(&w->catalog, err,
                          "UPDATE user SET role = ?, sees_personal = ? WHERE id = ?", "iii",
                          (int64_t)change->role, (int64_t)change->sees_personal, change->user);
}

enum gy_status gy_writer_set_role(struct gy_writer *w, int64_t id, enum gy_role role,
                                  bool sees_personal, struct gy_error *err)
{
    struct change change = {.user = id, .role = role, .sees_personal = sees_personal};
    GY_ASSERT(role != GY_ROLE_NONE);
    return transact(w, set_role, &change, err);
}

/* ---- invitations and passwords ---- */

static enum gy_status count_users(struct gy_writer *w, int64_t *out, struct gy_error *err)
{
    return count(w, "SELECT count(*) FROM user WHERE id <> ?", 0, out, err);
}

static enum gy_status invite(struct gy_writer *w, struct change *change, struct gy_error *err)
{
    int64_t n_users;
    GY_TRY(count_users(w, &n_users, err));
    if (change->user == 0 && n_users > 0)
        return gy_error_set(err, GY_CONFLICT, "there are users already");
    if (change->user != 0) {
        GY_TRY(need_user(w, change->user, err));
        GY_TRY(end_sessions(w, change->user, NULL, err));
        GY_TRY(gy_catalog_run(&w->catalog, err, "UPDATE user SET password = '' WHERE id = ?", "i",
                              change->user));
    }
    GY_TRY(gy_catalog_run(&w->catalog, err, "DELETE FROM invitation WHERE user = ?", "i",
                          change->user));
    return gy_catalog_run(&w->catalog, err, "INSERT INTO invitation VALUES(?, ?, ?)", "bii",
                          hash_of(change->hash), change->user, change->at_ms);
}

enum gy_status gy_writer_invite(struct gy_writer *w, int64_t user, const uint8_t hash[32],
                                int64_t until_ms, struct gy_error *err)
{
    struct change change = {.user = user, .hash = hash, .at_ms = until_ms};
    return transact(w, invite, &change, err);
}

static enum gy_status set_password(struct gy_writer *w, struct change *change, struct gy_error *err)
{
    GY_TRY(need_user(w, change->user, err));
    GY_TRY(end_sessions(w, change->user, change->hash, err));
    return gy_catalog_run(&w->catalog, err, "UPDATE user SET password = ? WHERE id = ?", "si",
                          change->password, change->user);
}

enum gy_status gy_writer_set_password(struct gy_writer *w, int64_t user, struct gy_str password,
                                      const uint8_t *kept, struct gy_error *err)
{
    struct change change = {.user = user, .password = password, .hash = kept};
    GY_ASSERT(password.len > 0);
    return transact(w, set_password, &change, err);
}

/* The user of an invitation that still holds: that of user 0 only as long as there are no users. */
static enum gy_status find_invited(struct gy_writer *w, const struct change *change, int64_t *user,
                                   struct gy_error *err)
{
    int64_t n_users;
    GY_TRY(count_users(w, &n_users, err));
    GY_TRY(gy_catalog_number(&w->catalog, user, err,
                             "SELECT coalesce((SELECT user FROM invitation"
                             " WHERE hash = ? AND until_ms > ?), -1)",
                             "bi", hash_of(change->hash), change->at_ms));
    if (*user > 0 || (*user == 0 && n_users == 0))
        return GY_OK;
    gy_error_set(err, GY_NOT_FOUND, "the link does not hold: it was used, or is too old");
    gy_error_hint(err, "An owner can send another; `gyeol user reset NAME` makes one.");
    return GY_NOT_FOUND;
}

static enum gy_status accept(struct gy_writer *w, struct change *change, struct gy_error *err)
{
    int64_t user;
    GY_TRY(find_invited(w, change, &user, err));
    GY_TRY(gy_catalog_run(&w->catalog, err, "DELETE FROM invitation WHERE user = ?", "i", user));
    change->user = user;
    change->hash = NULL;
    if (user != 0)
        return set_password(w, change, err);
    GY_TRY(check_user_name(change->name, err));
    return add_user(w, change, err);
}

enum gy_status gy_writer_accept(struct gy_writer *w, const uint8_t hash[32], struct gy_str name,
                                struct gy_str password, int64_t now_ms, int64_t *user,
                                struct gy_error *err)
{
    struct change change = {
        .hash = hash, .name = name, .password = password, .role = GY_ROLE_OWNER, .at_ms = now_ms};
    GY_ASSERT(password.len > 0);
    GY_TRY(transact(w, accept, &change, err));
    if (user != NULL)
        *user = change.user;
    return GY_OK;
}

/* ---- sessions ---- */

static enum gy_status add_session(struct gy_writer *w, struct change *change, struct gy_error *err)
{
    GY_TRY(need_user(w, change->user, err));
    GY_TRY(gy_catalog_run(&w->catalog, err,
                          "DELETE FROM session WHERE hash IN (SELECT hash FROM session"
                          " WHERE user = ? ORDER BY used_ms DESC LIMIT -1 OFFSET ?)",
                          "ii", change->user, (int64_t)GY_USER_SESSIONS - 1));
    return gy_catalog_run(&w->catalog, err, "INSERT INTO session VALUES(?, ?, ?, ?)", "biii",
                          hash_of(change->hash), change->user, change->at_ms, change->used_ms);
}

enum gy_status gy_writer_add_session(struct gy_writer *w, const struct gy_session *session,
                                     struct gy_error *err)
{
    struct change change = {.user = session->user,
                            .hash = session->hash,
                            .at_ms = session->created_ms,
                            .used_ms = session->used_ms};
    return transact(w, add_session, &change, err);
}

static enum gy_status use_sessions(struct gy_writer *w, struct change *change, struct gy_error *err)
{
    for (size_t i = 0; i < change->n_sessions; i++) {
        const struct gy_session *session = &change->sessions[i];
        GY_TRY(gy_catalog_run(&w->catalog, err, "UPDATE session SET used_ms = ? WHERE hash = ?",
                              "ib", session->used_ms, hash_of(session->hash)));
    }
    return GY_OK;
}

enum gy_status gy_writer_use_sessions(struct gy_writer *w, const struct gy_session *sessions,
                                      size_t n, struct gy_error *err)
{
    struct change change = {.sessions = sessions, .n_sessions = n};
    return n == 0 ? GY_OK : transact(w, use_sessions, &change, err);
}

static enum gy_status end_session(struct gy_writer *w, struct change *change, struct gy_error *err)
{
    return gy_catalog_run(&w->catalog, err, "DELETE FROM session WHERE hash = ?", "b",
                          hash_of(change->hash));
}

enum gy_status gy_writer_end_session(struct gy_writer *w, const uint8_t hash[32],
                                     struct gy_error *err)
{
    struct change change = {.hash = hash};
    return transact(w, end_session, &change, err);
}

static enum gy_status end_old_sessions(struct gy_writer *w, struct change *change,
                                       struct gy_error *err)
{
    return gy_catalog_run(&w->catalog, err,
                          "DELETE FROM session WHERE created_ms < ? OR used_ms < ?", "ii",
                          change->at_ms, change->used_ms);
}

enum gy_status gy_writer_end_old_sessions(struct gy_writer *w, int64_t created_ms, int64_t used_ms,
                                          struct gy_error *err)
{
    struct change change = {.at_ms = created_ms, .used_ms = used_ms};
    return transact(w, end_old_sessions, &change, err);
}

/* ---- tokens ---- */

static enum gy_status add_token(struct gy_writer *w, struct change *change, struct gy_error *err)
{
    int64_t n;
    GY_TRY(gy_catalog_number(&w->catalog, &n, err, "SELECT count(*) FROM token WHERE name = ?", "s",
                             change->name));
    if (n > 0) {
        gy_error_set(err, GY_CONFLICT, "there is a token \"%.*s\" already",
                     GY_STR_ARG(change->name));
        gy_error_hint(err, "It cannot be shown again; another name makes another token.");
        return GY_CONFLICT;
    }
    return gy_catalog_run(&w->catalog, err, "INSERT INTO token VALUES(?, ?, ?, ?, ?)", "sbiii",
                          change->name, hash_of(change->hash), (int64_t)change->role,
                          (int64_t)change->sees_personal, gy_now_ms());
}

enum gy_status gy_writer_add_token(struct gy_writer *w, const struct gy_token *token,
                                   struct gy_error *err)
{
    struct change change = {.name = token->name,
                            .hash = token->hash,
                            .role = token->role,
                            .sees_personal = token->sees_personal};
    GY_ASSERT(token->role != GY_ROLE_NONE);
    if (token->name.len == 0 || token->name.len > GY_MAX_NAME_BYTES)
        return gy_error_set(err, token->name.len == 0 ? GY_INVALID : GY_LIMIT,
                            "the name of a token has between 1 and %d bytes", GY_MAX_NAME_BYTES);
    return transact(w, add_token, &change, err);
}

static enum gy_status remove_token(struct gy_writer *w, struct change *change, struct gy_error *err)
{
    GY_TRY(gy_catalog_run(&w->catalog, err, "DELETE FROM token WHERE name = ?", "s", change->name));
    if (sqlite3_changes(w->catalog.db) > 0)
        return GY_OK;
    return gy_error_set(err, GY_NOT_FOUND, "there is no token \"%.*s\"", GY_STR_ARG(change->name));
}

enum gy_status gy_writer_remove_token(struct gy_writer *w, struct gy_str name, struct gy_error *err)
{
    struct change change = {.name = name};
    return transact(w, remove_token, &change, err);
}
