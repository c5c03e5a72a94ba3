/* cmd_user.c - the people who may log in to the server: they come by a link that holds once and for a day. */
#include "base/hash.h"
#include "base/secret.h"
#include "cli/command.h"
#include "cli/grants.h"
#include "cli/output.h"
#include "cli/writing.h"
#include "store/accounts.h"
#include "store/json_writer.h"
#include "store/snapshot.h"
#include "workspace/names.h"

#define LINK_MS (24 * INT64_C(3600000))

/* The user whom the first operand names. */
static enum gy_status find_user(const struct gy_accounts *accounts, const struct gy_args *args,
                                const struct gy_user **out, struct gy_error *err)
{
    struct gy_arena arena = {0};
    struct gy_str name;
    enum gy_status status = gy_name_read(args->operands.words[0], "user", &arena, &name, err);
    if (status == GY_OK) {
        *out = gy_accounts_user_named(accounts, name);
        if (*out == NULL) {
            status = gy_error_set(err, GY_NOT_FOUND, "there is no user \"%.*s\"", GY_STR_ARG(name));
            gy_error_hint(err, "`gyeol user list` names them.");
        }
    }
    gy_arena_release(&arena);
    return status;
}

/* ---- links ---- */

static void show_link(const struct gy_cli *cli, struct gy_str name, const char *server_url,
                      const char *secret)
{
    struct gy_buf link = {0};
    gy_buf_printf(&link, "%s/setup#%s",
                  server_url[0] == '\0' ? "http://127.0.0.1:8700" : server_url, secret);
    if (cli->json) {
        struct gy_json_writer w = {0};
        gy_json_open(&w, '{');
        gy_json_key(&w, "name");
        gy_json_str(&w, name);
        gy_json_key(&w, "link");
        gy_json_str(&w, gy_buf_view(&link));
        gy_json_close(&w, '}');
        gy_json_finish(&w);
    } else {
        printf("%s\n", link.ptr);
        (void)fprintf(stderr, "with this link \"%.*s\" chooses a password, once, within 24 hours\n",
                      GY_STR_ARG(name));
    }
    gy_buf_release(&link);
}

static enum gy_status invite(const struct gy_cli *cli, struct gy_writer *writer,
                             const struct gy_accounts *accounts, int64_t user, struct gy_str name,
                             struct gy_error *err)
{
    char secret[GY_SECRET_SIZE];
    uint8_t hash[32];
    gy_secret_make(GY_SECRET_INVITATION, secret);
    gy_hash_secret(gy_str_of(secret), hash);
    GY_TRY(gy_writer_invite(writer, user, hash, gy_now_ms() + LINK_MS, err));
    show_link(cli, name, accounts->server_url, secret);
    return GY_OK;
}

/* ---- what all that change have in common ---- */

typedef enum gy_status (*change_fn)(const struct gy_cli *cli, const struct gy_args *args,
                                    struct gy_writer *writer, const struct gy_accounts *accounts,
                                    struct gy_error *err);

/* The accounts are read with the writer in hand: nobody else changes them meanwhile. */
static enum gy_status change(struct gy_cli *cli, const struct gy_args *args, change_fn fn,
                             struct gy_error *err)
{
    struct gy_writer *writer = NULL;
    struct gy_accounts accounts = {0};
    enum gy_status status = gy_writing_open(cli, args, cli->asker.dir, &writer, err);
    if (status == GY_OK) {
        status = gy_accounts_read(cli->asker.dir, &accounts, err);
    }
    if (status == GY_OK) {
        status = fn(cli, args, writer, &accounts, err);
    }
    gy_accounts_release(&accounts);
    gy_writer_close(writer);
    return status;
}

/* ---- add ---- */

static enum gy_status add(const struct gy_cli *cli, const struct gy_args *args,
                          struct gy_writer *writer, const struct gy_accounts *accounts,
                          struct gy_error *err)
{
    struct gy_arena arena = {0};
    struct gy_grants grants = {.role = GY_ROLE_ANALYST};
    struct gy_str name;
    int64_t id;
    enum gy_status status = gy_name_read(args->operands.words[0], "user", &arena, &name, err);
    if (status == GY_OK) {
        status = gy_grants_read(args, &grants, err);
    }
    if (status == GY_OK) {
        status = gy_writer_add_user(writer, name, grants.role, grants.sees_personal, &id, err);
    }
    if (status == GY_OK) {
        status = invite(cli, writer, accounts, id, name, err);
    }
    gy_arena_release(&arena);
    return status;
}

static enum gy_status run_add(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    return change(cli, args, add, err);
}

static const struct gy_option options_add[] = {
    GY_OPTION_ROLE,
    GY_OPTION_PERSONAL,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_user_add = {
    .name = "user add",
    .operands = "NAME",
    .about = "Add a user, and print the link by which they choose a password",
    .example = "  gyeol user add kim@example.com --role editor\n",
    .options = options_add,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_add,
};

/* ---- list ---- */

static bool sees_personal(const struct gy_user *user)
{
    return user->sees_personal || user->role >= GY_ROLE_EDITOR;
}

static void print_json(const struct gy_accounts *accounts)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '[');
    for (size_t i = 0; i < accounts->n_users; i++) {
        const struct gy_user *user = &accounts->users[i];
        gy_json_open(&w, '{');
        gy_json_key(&w, "name");
        gy_json_str(&w, user->name);
        gy_json_key(&w, "role");
        gy_json_text(&w, gy_role_name(user->role));
        gy_json_key(&w, "personal");
        gy_json_bool(&w, sees_personal(user));
        gy_json_key(&w, "invited");
        gy_json_bool(&w, user->password.len == 0);
        gy_json_key(&w, "created");
        gy_json_time(&w, user->created_ms);
        gy_json_close(&w, '}');
    }
    gy_json_close(&w, ']');
    gy_json_finish(&w);
}

static enum gy_status print_table(const struct gy_cli *cli, const struct gy_accounts *accounts,
                                  struct gy_error *err)
{
    char created[GY_TIME_TEXT];
    struct gy_listing table;
    struct gy_snapshot *snapshot;
    static const char *const head[] = {"user", "role", "personal", "password", "created"};
    GY_TRY(gy_snapshot_open(cli->asker.dir, &snapshot, err));
    gy_listing_init(&table, "lllll");
    table.has_head = true;
    for (size_t i = 0; i < sizeof head / sizeof *head; i++) {
        gy_listing_text(&table, head[i]);
    }
    for (size_t i = 0; i < accounts->n_users; i++) {
        const struct gy_user *user = &accounts->users[i];
        gy_time_print_local(gy_snapshot_zone(snapshot), user->created_ms, created);
        gy_listing_str(&table, user->name);
        gy_listing_text(&table, gy_role_name(user->role));
        gy_listing_text(&table, sees_personal(user) ? "yes" : "no");
        gy_listing_text(&table, user->password.len > 0 ? "set" : "not yet");
        gy_listing_text(&table, created);
    }
    gy_listing_print(&table, cli->color, stdout);
    gy_listing_release(&table);
    gy_snapshot_close(snapshot);
    return GY_OK;
}

static enum gy_status run_list(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_accounts accounts;
    enum gy_status status = GY_OK;
    (void)args;
    GY_TRY(gy_accounts_read(cli->asker.dir, &accounts, err));
    if (cli->json) {
        print_json(&accounts);
    } else {
        status = print_table(cli, &accounts, err);
    }
    gy_accounts_release(&accounts);
    return status;
}

const struct gy_command gy_cmd_user_list = {
    .name = "user list",
    .operands = "",
    .about = "List the users by name, and what each may",
    .example = "  gyeol user list\n",
    .run = run_list,
};

/* ---- role ---- */

static enum gy_status set_role(const struct gy_cli *cli, const struct gy_args *args,
                               struct gy_writer *writer, const struct gy_accounts *accounts,
                               struct gy_error *err)
{
    const struct gy_user *user;
    enum gy_role role;
    (void)cli;
    GY_TRY(find_user(accounts, args, &user, err));
    bool sees = user->sees_personal;
    GY_TRY(gy_role_read(gy_str_of(args->operands.words[1]), &role, err));
    GY_TRY(gy_yes_no_read(args->personal, "--personal", &sees, err));
    GY_TRY(gy_writer_set_role(writer, user->id, role, sees, err));
    (void)fprintf(stderr, "user \"%.*s\" is %s now\n", GY_STR_ARG(user->name), gy_role_name(role));
    return GY_OK;
}

static enum gy_status run_role(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    return change(cli, args, set_role, err);
}

static const struct gy_option options_role[] = {
    GY_OPTION_PERSONAL,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_user_role = {
    .name = "user role",
    .operands = "NAME ROLE",
    .about = "Set what a user may: analyst, editor or owner",
    .example = "  gyeol user role kim@example.com owner\n"
               "  gyeol user role lee@example.com analyst --personal yes\n",
    .options = options_role,
    .min_operands = 2,
    .max_operands = 2,
    .run = run_role,
};

/* ---- reset ---- */

static enum gy_status reset(const struct gy_cli *cli, const struct gy_args *args,
                            struct gy_writer *writer, const struct gy_accounts *accounts,
                            struct gy_error *err)
{
    const struct gy_user *user;
    GY_TRY(find_user(accounts, args, &user, err));
    return invite(cli, writer, accounts, user->id, user->name, err);
}

static enum gy_status run_reset(struct gy_cli *cli, const struct gy_args *args,
                                struct gy_error *err)
{
    return change(cli, args, reset, err);
}

const struct gy_command gy_cmd_user_reset = {
    .name = "user reset",
    .operands = "NAME",
    .about = "Take a user's password and sessions, and print a link to choose a new one",
    .example = "  gyeol user reset kim@example.com\n",
    .min_operands = 1,
    .max_operands = 1,
    .run = run_reset,
};

/* ---- remove ---- */

static enum gy_status remove_it(const struct gy_cli *cli, const struct gy_args *args,
                                struct gy_writer *writer, const struct gy_accounts *accounts,
                                struct gy_error *err)
{
    const struct gy_user *user;
    (void)cli;
    GY_TRY(find_user(accounts, args, &user, err));
    GY_TRY(gy_writer_remove_user(writer, user->id, err));
    (void)fprintf(stderr, "user \"%.*s\" removed, and logged out\n", GY_STR_ARG(user->name));
    return GY_OK;
}

static enum gy_status run_remove(struct gy_cli *cli, const struct gy_args *args,
                                 struct gy_error *err)
{
    return change(cli, args, remove_it, err);
}

const struct gy_command gy_cmd_user_remove = {
    .name = "user remove",
    .operands = "NAME",
    .about = "Remove a user, and end their sessions; the last owner stays",
    .example = "  gyeol user remove kim@example.com\n",
    .min_operands = 1,
    .max_operands = 1,
    .run = run_remove,
};
