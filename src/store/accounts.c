/* accounts.c - reading the tables user, session, invitation and token. */
#include "store/accounts.h"

#include <stdlib.h>
#include <strings.h>

#include "base/mem.h"
#include "store/catalog.h"

static const char *const role_names[] = {"none", "analyst", "editor", "owner"};

const char *gy_role_name(enum gy_role role)
{
    return role_names[role];
}

enum gy_status gy_role_read(struct gy_str name, enum gy_role *out, struct gy_error *err)
{
    for (int role = GY_ROLE_ANALYST; role <= GY_ROLE_OWNER; role++) {
        if (gy_str_equal(name, gy_str_of(role_names[role]))) {
            *out = (enum gy_role)role;
            return GY_OK;
        }
    }
    gy_error_set(err, GY_INVALID, "unknown role \"%.*s\"", GY_STR_ARG(name));
    gy_error_hint(err, "A role is analyst (reads), editor (changes segments and lists) or owner.");
    return GY_INVALID;
}

/* ---- rows ---- */

static enum gy_status damaged(const char *what, struct gy_error *err)
{
    return gy_error_set(err, GY_CORRUPT, "the catalog holds %s that cannot be", what);
}

static bool take_hash(sqlite3_stmt *row, int column, uint8_t out[32])
{
    struct gy_str hash = gy_catalog_str(row, column);
    if (hash.len == 32)
        memcpy(out, hash.ptr, 32);
    return hash.len == 32;
}

static bool take_role(sqlite3_stmt *row, int column, enum gy_role *out)
{
    int64_t role = sqlite3_column_int64(row, column);
    *out = role >= GY_ROLE_ANALYST && role <= GY_ROLE_OWNER ? (enum gy_role)role : GY_ROLE_NONE;
    return *out != GY_ROLE_NONE;
}

/* An account's arrays grow by one; they are small, and read seldom. */
static enum gy_status take_user(struct gy_accounts *a, sqlite3_stmt *row, struct gy_error *err)
{
    struct gy_user user = {.id = sqlite3_column_int64(row, 0),
                           .name = gy_arena_str(&a->arena, gy_catalog_str(row, 1)),
                           .sees_personal = sqlite3_column_int64(row, 3) != 0,
                           .password = gy_arena_str(&a->arena, gy_catalog_str(row, 4)),
                           .created_ms = sqlite3_column_int64(row, 5)};
    if (!take_role(row, 2, &user.role))
        return damaged("a user", err);
    a->users = gy_realloc(a->users, a->n_users + 1, sizeof *a->users);
    a->users[a->n_users++] = user;
    return GY_OK;
}

static enum gy_status take_session(struct gy_accounts *a, sqlite3_stmt *row, struct gy_error *err)
{
    struct gy_session session = {.user = sqlite3_column_int64(row, 1),
                                 .created_ms = sqlite3_column_int64(row, 2),
                                 .used_ms = sqlite3_column_int64(row, 3)};
    if (!take_hash(row, 0, session.hash))
        return damaged("a session", err);
    a->sessions = gy_realloc(a->sessions, a->n_sessions + 1, sizeof *a->sessions);
    a->sessions[a->n_sessions++] = session;
    return GY_OK;
}

static enum gy_status take_invitation(struct gy_accounts *a, sqlite3_stmt *row,
                                      struct gy_error *err)
{
    struct gy_invitation invitation = {.user = sqlite3_column_int64(row, 1),
                                       .until_ms = sqlite3_column_int64(row, 2)};
    if (!take_hash(row, 0, invitation.hash))
        return damaged("an invitation", err);
    a->invitations = gy_realloc(a->invitations, a->n_invitations + 1, sizeof *a->invitations);
    a->invitations[a->n_invitations++] = invitation;
    return GY_OK;
}

static enum gy_status take_token(struct gy_accounts *a, sqlite3_stmt *row, struct gy_error *err)
{
    struct gy_token token = {.name = gy_arena_str(&a->arena, gy_catalog_str(row, 0)),
                             .sees_personal = sqlite3_column_int64(row, 3) != 0,
                             .created_ms = sqlite3_column_int64(row, 4)};
    if (!take_hash(row, 1, token.hash) || !take_role(row, 2, &token.role))
        return damaged("a token", err);
    a->tokens = gy_realloc(a->tokens, a->n_tokens + 1, sizeof *a->tokens);
    a->tokens[a->n_tokens++] = token;
    return GY_OK;
}

/* ---- all of it ---- */

static enum gy_status read_each(struct gy_catalog *c, const char *sql,
                                enum gy_status (*take)(struct gy_accounts *, sqlite3_stmt *,
                                                       struct gy_error *),
                                struct gy_accounts *out, struct gy_error *err)
{
    sqlite3_stmt *row;
    bool has_row = true;
    enum gy_status status = gy_catalog_select(c, &row, err, sql, "");
    while (status == GY_OK) {
        status = gy_catalog_next(c, row, &has_row, err);
        if (status != GY_OK || !has_row)
            break;
        status = take(out, row, err);
    }
    sqlite3_finalize(row);
    return status;
}

/* Before version 4 there are none yet. */
static enum gy_status read_all(struct gy_catalog *c, struct gy_accounts *out, struct gy_error *err)
{
    int64_t version;
    GY_TRY(gy_catalog_version(c, &version, err));
    if (version < 4)
        return GY_OK;
    GY_TRY(read_each(c,
                     "SELECT id, name, role, sees_personal, password, created_ms FROM user"
                     " ORDER BY name",
                     take_user, out, err));
    GY_TRY(read_each(c, "SELECT hash, user, created_ms, used_ms FROM session", take_session, out,
                     err));
    GY_TRY(read_each(c, "SELECT hash, user, until_ms FROM invitation", take_invitation, out, err));
    GY_TRY(gy_catalog_setting(c, "server_url", out->server_url, sizeof out->server_url, err));
    return read_each(c,
                     "SELECT name, hash, role, sees_personal, created_ms FROM token ORDER BY name",
                     take_token, out, err);
}

enum gy_status gy_accounts_read(const char *dir, struct gy_accounts *out, struct gy_error *err)
{
    struct gy_catalog c;
    *out = (struct gy_accounts){0};
    GY_TRY(gy_catalog_open(&c, dir, err));
    enum gy_status status = gy_catalog_begin(&c, false, err);
    if (status == GY_OK)
        status = read_all(&c, out, err);
    gy_catalog_rollback(&c);
    gy_catalog_close(&c);
    if (status != GY_OK)
        gy_accounts_release(out);
    return status;
}

void gy_accounts_release(struct gy_accounts *accounts)
{
    free(accounts->users);
    free(accounts->sessions);
    free(accounts->invitations);
    free(accounts->tokens);
    gy_arena_release(&accounts->arena);
    *accounts = (struct gy_accounts){0};
}

const struct gy_user *gy_accounts_user(const struct gy_accounts *a, int64_t id)
{
    for (size_t i = 0; i < a->n_users; i++) {
        if (a->users[i].id == id)
            return &a->users[i];
    }
    return NULL;
}

const struct gy_user *gy_accounts_user_named(const struct gy_accounts *a, struct gy_str name)
{
    for (size_t i = 0; i < a->n_users; i++) {
        struct gy_str other = a->users[i].name;
        if (other.len == name.len && strncasecmp(other.ptr, name.ptr, name.len) == 0)
            return &a->users[i];
    }
    return NULL;
}
