/* api_access.c - logging in and out, and who may ask: users, tokens, write keys; and who changed what.
 *
 * Secrets are in an answer once, when they are made: links, tokens, keys. A session's goes into its cookie alone. */
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/secret.h"
#include "base/zone.h"
#include "server/api.h"
#include "server/login.h"
#include "store/audit.h"
#include "store/write_keys.h"
#include "store/writer.h"
#include "workspace/names.h"

enum {
    BODY_MAX = 16 << 10,
    AUDIT_PAGE = 100,
    AUDIT_PAGE_MAX = 1000
};

#define LINK_MS (24 * INT64_C(3600000))

static void put_name(struct gy_json_writer *w, struct gy_str name)
{
    gy_json_key(w, "name");
    gy_json_str(w, name);
}

static void put_grants(struct gy_json_writer *w, enum gy_role role, bool sees_personal)
{
    gy_json_key(w, "role");
    gy_json_text(w, gy_role_name(role));
    gy_json_key(w, "personal");
    gy_json_bool(w, sees_personal || role >= GY_ROLE_EDITOR);
}

static void put_created(struct gy_json_writer *w, int64_t created_ms)
{
    gy_json_key(w, "created");
    gy_json_time(w, created_ms);
}

/* ---- who asks ---- */

static enum gy_status answer_me(struct gy_api_call *call)
{
    const struct gy_caller *caller = &call->caller;
    char csrf[GY_CSRF_SIZE];
    gy_json_open(&call->out, '{');
    put_name(&call->out, gy_str_of(caller->name));
    put_grants(&call->out, caller->role, caller->sees_personal);
    if (caller->is_session) {
        gy_csrf_token(gy_str_of(caller->session), csrf);
        gy_json_key(&call->out, "csrf");
        gy_json_text(&call->out, csrf);
    }
    gy_json_close(&call->out, '}');
    return GY_OK;
}

static enum gy_status me(struct gy_api_call *call, struct gy_error *err)
{
    (void)err;
    return answer_me(call);
}

static void put_cookie(struct gy_api_call *call, const char *session)
{
    char cookie[GY_SESSION_COOKIE_SIZE];
    gy_session_cookie_put(session, gy_exchange_is_secure(call->x), GY_SESSION_MS / 1000, cookie);
    gy_exchange_put_header(call->x, "Set-Cookie", gy_str_of(cookie));
}

static enum gy_status log_in(struct gy_api_call *call, struct gy_error *err)
{
    const char *name;
    const char *password;
    int64_t wait_ms;
    GY_TRY(gy_api_text(call, "name", NULL, &name, err));
    GY_TRY(gy_api_text(call, "password", NULL, &password, err));
    enum gy_status status = gy_login(gy_api_access(call), &call->caller, gy_str_of(name),
                                     gy_str_of(password), &wait_ms, err);
    call->retry_seconds = (unsigned)((wait_ms + 999) / 1000);
    if (status == GY_OK) {
        put_cookie(call, call->caller.session);
        status = answer_me(call);
    }
    return status;
}

static enum gy_status log_out(struct gy_api_call *call, struct gy_error *err)
{
    GY_TRY(gy_logout(gy_api_access(call), &call->caller, err));
    put_cookie(call, "");
    return GY_OK;
}

static enum gy_status change_password(struct gy_api_call *call, struct gy_error *err)
{
    const char *old;
    const char *password;
    GY_TRY(gy_api_text(call, "old", NULL, &old, err));
    GY_TRY(gy_api_text(call, "password", NULL, &password, err));
    return gy_login_change_password(gy_api_access(call), &call->caller, gy_str_of(old),
                                    gy_str_of(password), err);
}

/* ---- coming by a link ---- */

static enum gy_status invited(struct gy_api_call *call, struct gy_error *err)
{
    const char *link;
    struct gy_str name;
    GY_TRY(gy_api_text(call, "link", NULL, &link, err));
    GY_TRY(gy_login_invited(gy_api_access(call), gy_str_of(link), &call->arena, &name, err));
    gy_json_open(&call->out, '{');
    gy_json_key(&call->out, "name");
    if (name.len > 0) {
        gy_json_str(&call->out, name);
    } else {
        gy_json_null(&call->out);
    }
    gy_json_close(&call->out, '}');
    return GY_OK;
}

static enum gy_status set_up(struct gy_api_call *call, struct gy_error *err)
{
    const char *link;
    const char *typed;
    const char *password;
    struct gy_str name = {"", 0};
    GY_TRY(gy_api_text(call, "link", NULL, &link, err));
    GY_TRY(gy_api_text(call, "name", "", &typed, err));
    GY_TRY(gy_api_text(call, "password", NULL, &password, err));
    if (typed[0] != '\0') {
        GY_TRY(gy_name_read(typed, "user", &call->arena, &name, err));
    }
    GY_TRY(gy_login_accept(gy_api_access(call), &call->caller, gy_str_of(link), name,
                           gy_str_of(password), err));
    put_cookie(call, call->caller.session);
    return answer_me(call);
}

/* ---- users ---- */

/* What a change of users, tokens or keys is about. */
struct change {
    int64_t user;
    struct gy_str name;
    enum gy_role role;
    bool sees_personal;
    uint8_t hash[32];
};

/* "role" and "personal" of the body; what is not said stays. */
static enum gy_status read_grants(struct gy_api_call *call, struct change *change,
                                  struct gy_error *err)
{
    const char *role;
    GY_TRY(gy_api_text(call, "role", gy_role_name(change->role), &role, err));
    GY_TRY(gy_role_read(gy_str_of(role), &change->role, err));
    if (json_object_get(call->body, "personal") != NULL) {
        GY_TRY(gy_api_flag(call, "personal", &change->sees_personal, err));
    }
    return GY_OK;
}

static enum gy_status read_name(struct gy_api_call *call, const char *kind, struct gy_str *out,
                                struct gy_error *err)
{
    const char *typed;
    GY_TRY(gy_api_text(call, "name", NULL, &typed, err));
    return gy_name_read(typed, kind, &call->arena, out, err);
}

static enum gy_status make_change(struct gy_api_call *call, const char *action,
                                  struct gy_str object, struct gy_str detail, gy_write_fn fn,
                                  struct change *change, struct gy_error *err)
{
    struct gy_change_told told = {action, object, detail};
    return gy_access_change(gy_api_access(call), &call->caller, &told, fn, change, err);
}

static void put_user(struct gy_json_writer *w, const struct gy_user *user)
{
    gy_json_open(w, '{');
    gy_json_key(w, "id");
    gy_json_count(w, (uint64_t)user->id);
    put_name(w, user->name);
    put_grants(w, user->role, user->sees_personal);
    gy_json_key(w, "invited");
    gy_json_bool(w, user->password.len == 0);
    put_created(w, user->created_ms);
    gy_json_close(w, '}');
}

static enum gy_status list_users(struct gy_api_call *call, struct gy_error *err)
{
    struct gy_accounts accounts;
    GY_TRY(gy_accounts_read(call->asker.dir, &accounts, err));
    gy_json_open(&call->out, '[');
    for (size_t i = 0; i < accounts.n_users; i++) {
        put_user(&call->out, &accounts.users[i]);
    }
    gy_json_close(&call->out, ']');
    gy_accounts_release(&accounts);
    return GY_OK;
}

/* The user of the path's number; `change` then is as the user is. */
static enum gy_status find_user(struct gy_api_call *call, struct change *change,
                                struct gy_error *err)
{
    char *end;
    struct gy_accounts accounts;
    struct gy_str piece = gy_api_piece(call, 0);
    GY_TRY(gy_accounts_read(call->asker.dir, &accounts, err));
    int64_t id = strtoll(piece.ptr, &end, 10);
    const struct gy_user *user = *end == '\0' ? gy_accounts_user(&accounts, id) : NULL;
    if (user != NULL) {
        *change = (struct change){.user = id,
                                  .name = gy_arena_str(&call->arena, user->name),
                                  .role = user->role,
                                  .sees_personal = user->sees_personal};
    }
    gy_accounts_release(&accounts);
    return user != NULL
               ? GY_OK
               : gy_error_set(err, GY_NOT_FOUND, "there is no user \"%.*s\"", GY_STR_ARG(piece));
}

static enum gy_status write_user(struct gy_writer *w, void *context, struct gy_error *err)
{
    struct change *c = context;
    GY_TRY(gy_writer_add_user(w, c->name, c->role, c->sees_personal, &c->user, err));
    return gy_writer_invite(w, c->user, c->hash, gy_now_ms() + LINK_MS, err);
}

static enum gy_status write_invitation(struct gy_writer *w, void *context, struct gy_error *err)
{
    const struct change *c = context;
    return gy_writer_invite(w, c->user, c->hash, gy_now_ms() + LINK_MS, err);
}

static enum gy_status write_role(struct gy_writer *w, void *context, struct gy_error *err)
{
    const struct change *c = context;
    return gy_writer_set_role(w, c->user, c->role, c->sees_personal, err);
}

static enum gy_status write_removal(struct gy_writer *w, void *context, struct gy_error *err)
{
    const struct change *c = context;
    return gy_writer_remove_user(w, c->user, err);
}

static enum gy_status answer_link(struct gy_api_call *call, const struct change *change,
                                  const char *secret, struct gy_error *err)
{
    struct gy_accounts accounts;
    struct gy_buf link = {0};
    GY_TRY(gy_accounts_read(call->asker.dir, &accounts, err));
    gy_buf_printf(&link, "%s/setup#%s", accounts.server_url, secret);
    gy_accounts_release(&accounts);
    gy_json_open(&call->out, '{');
    gy_json_key(&call->out, "id");
    gy_json_count(&call->out, (uint64_t)change->user);
    put_name(&call->out, change->name);
    gy_json_key(&call->out, "link");
    gy_json_str(&call->out, gy_buf_view(&link));
    gy_json_key(&call->out, "until");
    gy_json_time(&call->out, gy_now_ms() + LINK_MS);
    gy_json_close(&call->out, '}');
    gy_buf_release(&link);
    return GY_OK;
}

static enum gy_status add_user(struct gy_api_call *call, struct gy_error *err)
{
    char secret[GY_SECRET_SIZE];
    struct change change = {.role = GY_ROLE_ANALYST};
    GY_TRY(read_name(call, "user", &change.name, err));
    GY_TRY(read_grants(call, &change, err));
    gy_secret_make(GY_SECRET_INVITATION, secret);
    gy_hash_secret(gy_str_of(secret), change.hash);
    GY_TRY(make_change(call, "user add", change.name, gy_str_of(gy_role_name(change.role)),
                       write_user, &change, err));
    call->status = 201;
    return answer_link(call, &change, secret, err);
}

static enum gy_status reset_user(struct gy_api_call *call, struct gy_error *err)
{
    char secret[GY_SECRET_SIZE];
    struct change change;
    GY_TRY(find_user(call, &change, err));
    gy_secret_make(GY_SECRET_INVITATION, secret);
    gy_hash_secret(gy_str_of(secret), change.hash);
    GY_TRY(
        make_change(call, "user reset", change.name, GY_STR(""), write_invitation, &change, err));
    return answer_link(call, &change, secret, err);
}

static enum gy_status change_user(struct gy_api_call *call, struct gy_error *err)
{
    char detail[100];
    struct change change;
    GY_TRY(find_user(call, &change, err));
    enum gy_role before = change.role;
    bool saw = change.sees_personal;
    GY_TRY(read_grants(call, &change, err));
    snprintf(detail, sizeof detail, "%s%s -> %s%s", gy_role_name(before), saw ? " (personal)" : "",
             gy_role_name(change.role), change.sees_personal ? " (personal)" : "");
    return make_change(call, "user role", change.name, gy_str_of(detail), write_role, &change, err);
}

static enum gy_status remove_user(struct gy_api_call *call, struct gy_error *err)
{
    struct change change;
    GY_TRY(find_user(call, &change, err));
    return make_change(call, "user remove", change.name, gy_str_of(gy_role_name(change.role)),
                       write_removal, &change, err);
}

/* ---- tokens ---- */

static enum gy_status list_tokens(struct gy_api_call *call, struct gy_error *err)
{
    struct gy_accounts accounts;
    GY_TRY(gy_accounts_read(call->asker.dir, &accounts, err));
    gy_json_open(&call->out, '[');
    for (size_t i = 0; i < accounts.n_tokens; i++) {
        const struct gy_token *token = &accounts.tokens[i];
        gy_json_open(&call->out, '{');
        put_name(&call->out, token->name);
        put_grants(&call->out, token->role, token->sees_personal);
        put_created(&call->out, token->created_ms);
        gy_json_close(&call->out, '}');
    }
    gy_json_close(&call->out, ']');
    gy_accounts_release(&accounts);
    return GY_OK;
}

static enum gy_status answer_secret(struct gy_api_call *call, struct gy_str name, const char *kind,
                                    const char *secret)
{
    call->status = 201;
    gy_json_open(&call->out, '{');
    put_name(&call->out, name);
    gy_json_key(&call->out, kind);
    gy_json_text(&call->out, secret);
    gy_json_close(&call->out, '}');
    return GY_OK;
}

static enum gy_status write_token(struct gy_writer *w, void *context, struct gy_error *err)
{
    const struct change *c = context;
    struct gy_token token = {.name = c->name, .role = c->role, .sees_personal = c->sees_personal};
    memcpy(token.hash, c->hash, sizeof token.hash);
    return gy_writer_add_token(w, &token, err);
}

static enum gy_status write_no_token(struct gy_writer *w, void *context, struct gy_error *err)
{
    const struct change *c = context;
    return gy_writer_remove_token(w, c->name, err);
}

static enum gy_status add_token(struct gy_api_call *call, struct gy_error *err)
{
    char secret[GY_SECRET_SIZE];
    struct change change = {.role = GY_ROLE_ANALYST};
    GY_TRY(read_name(call, "token", &change.name, err));
    GY_TRY(read_grants(call, &change, err));
    gy_secret_make(GY_SECRET_TOKEN, secret);
    gy_hash_secret(gy_str_of(secret), change.hash);
    GY_TRY(make_change(call, "token add", change.name, gy_str_of(gy_role_name(change.role)),
                       write_token, &change, err));
    return answer_secret(call, change.name, "token", secret);
}

static enum gy_status remove_token(struct gy_api_call *call, struct gy_error *err)
{
    struct change change = {.name = gy_api_piece(call, 0)};
    return make_change(call, "token remove", change.name, GY_STR(""), write_no_token, &change, err);
}

/* ---- write keys ---- */

static enum gy_status list_keys(struct gy_api_call *call, struct gy_error *err)
{
    struct gy_write_keys keys;
    GY_TRY(gy_write_keys_read(call->asker.dir, &keys, err));
    gy_json_open(&call->out, '[');
    for (size_t i = 0; i < keys.n; i++) {
        gy_json_open(&call->out, '{');
        put_name(&call->out, keys.keys[i].name);
        put_created(&call->out, keys.keys[i].created_ms);
        gy_json_close(&call->out, '}');
    }
    gy_json_close(&call->out, ']');
    gy_write_keys_release(&keys);
    return GY_OK;
}

static enum gy_status write_key(struct gy_writer *w, void *context, struct gy_error *err)
{
    const struct change *c = context;
    return gy_writer_put_write_key(w, c->name, c->hash, err);
}

static enum gy_status write_no_key(struct gy_writer *w, void *context, struct gy_error *err)
{
    const struct change *c = context;
    return gy_writer_remove_write_key(w, c->name, err);
}

static enum gy_status add_key(struct gy_api_call *call, struct gy_error *err)
{
    char secret[GY_SECRET_SIZE];
    struct change change = {0};
    GY_TRY(read_name(call, "key", &change.name, err));
    gy_secret_make(GY_SECRET_WRITE_KEY, secret);
    gy_hash_secret(gy_str_of(secret), change.hash);
    GY_TRY(make_change(call, "key add", change.name, GY_STR(""), write_key, &change, err));
    gy_api_keys_changed(call);
    return answer_secret(call, change.name, "key", secret);
}

static enum gy_status remove_key(struct gy_api_call *call, struct gy_error *err)
{
    struct change change = {.name = gy_api_piece(call, 0)};
    GY_TRY(make_change(call, "key remove", change.name, GY_STR(""), write_no_key, &change, err));
    gy_api_keys_changed(call);
    return GY_OK;
}

/* ---- the audit trail ---- */

static void put_entry(struct gy_json_writer *w, const struct gy_audit_entry *e)
{
    gy_json_open(w, '{');
    gy_json_key(w, "id");
    gy_json_count(w, (uint64_t)e->id);
    gy_json_key(w, "at");
    gy_json_time(w, e->at_ms);
    gy_json_key(w, "who");
    gy_json_str(w, e->who);
    gy_json_key(w, "address");
    gy_json_str(w, e->address);
    gy_json_key(w, "action");
    gy_json_str(w, e->action);
    gy_json_key(w, "object");
    gy_json_str(w, e->object);
    gy_json_key(w, "detail");
    gy_json_str(w, e->detail);
    gy_json_close(w, '}');
}

static enum gy_status audit(struct gy_api_call *call, struct gy_error *err)
{
    uint32_t before;
    uint32_t limit;
    struct gy_audit_page page;
    GY_TRY(gy_api_query_count(call, "before", 0, UINT32_MAX, &before, err));
    GY_TRY(gy_api_query_count(call, "limit", AUDIT_PAGE, AUDIT_PAGE_MAX, &limit, err));
    GY_TRY(gy_audit_read(call->asker.dir, before == 0 ? INT64_MAX : before, limit, &page, err));
    gy_json_open(&call->out, '{');
    gy_json_key(&call->out, "entries");
    gy_json_open(&call->out, '[');
    for (size_t i = 0; i < page.n; i++) {
        put_entry(&call->out, &page.entries[i]);
    }
    gy_json_close(&call->out, ']');
    if (page.n > 0 && page.n == limit && page.entries[page.n - 1].id > 1) {
        gy_json_key(&call->out, "next");
        gy_json_count(&call->out, (uint64_t)page.entries[page.n - 1].id);
    }
    gy_json_close(&call->out, '}');
    gy_audit_page_release(&page);
    return GY_OK;
}

/* ---- routes ---- */

static const struct gy_api_route routes[] = {
    {GY_METHOD_POST, "/api/login", GY_RIGHT_PUBLIC, BODY_MAX, 0, log_in},
    {GY_METHOD_POST, "/api/logout", GY_RIGHT_READ, 0, 0, log_out},
    {GY_METHOD_GET, "/api/me", GY_RIGHT_READ, 0, 0, me},
    {GY_METHOD_POST, "/api/me/password", GY_RIGHT_READ, BODY_MAX, 0, change_password},
    {GY_METHOD_POST, "/api/setup", GY_RIGHT_PUBLIC, BODY_MAX, 0, set_up},
    {GY_METHOD_POST, "/api/setup/check", GY_RIGHT_PUBLIC, BODY_MAX, 0, invited},
    {GY_METHOD_GET, "/api/users", GY_RIGHT_OWN, 0, 0, list_users},
    {GY_METHOD_POST, "/api/users", GY_RIGHT_OWN, BODY_MAX, 0, add_user},
    {GY_METHOD_PATCH, "/api/users/*", GY_RIGHT_OWN, BODY_MAX, 0, change_user},
    {GY_METHOD_DELETE, "/api/users/*", GY_RIGHT_OWN, 0, 0, remove_user},
    {GY_METHOD_POST, "/api/users/*/reset", GY_RIGHT_OWN, 0, 0, reset_user},
    {GY_METHOD_GET, "/api/tokens", GY_RIGHT_OWN, 0, 0, list_tokens},
    {GY_METHOD_POST, "/api/tokens", GY_RIGHT_OWN, BODY_MAX, 0, add_token},
    {GY_METHOD_DELETE, "/api/tokens/*", GY_RIGHT_OWN, 0, 0, remove_token},
    {GY_METHOD_GET, "/api/keys", GY_RIGHT_OWN, 0, 0, list_keys},
    {GY_METHOD_POST, "/api/keys", GY_RIGHT_OWN, BODY_MAX, 0, add_key},
    {GY_METHOD_DELETE, "/api/keys/*", GY_RIGHT_OWN, 0, 0, remove_key},
    {GY_METHOD_GET, "/api/audit", GY_RIGHT_OWN, 0, 0, audit},
};

extern const struct gy_api_table gy_api_access_routes;
const struct gy_api_table gy_api_access_routes = {routes, sizeof routes / sizeof *routes};
