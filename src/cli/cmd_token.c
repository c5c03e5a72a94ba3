/* cmd_token.c - the tokens: by which programs ask the server. */
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

/* ---- add ---- */

static enum gy_status put_token(const struct gy_cli *cli, const struct gy_args *args,
                                struct gy_str name, struct gy_str secret, struct gy_error *err)
{
    struct gy_writer *writer;
    struct gy_grants grants = {.role = GY_ROLE_ANALYST};
    struct gy_token token = {.name = name};
    gy_hash_secret(secret, token.hash);
    GY_TRY(gy_grants_read(args, &grants, err));
    token.role = grants.role;
    token.sees_personal = grants.sees_personal;
    GY_TRY(gy_writing_open(cli, args, cli->asker.dir, &writer, err));
    enum gy_status status = gy_writer_add_token(writer, &token, err);
    gy_writer_close(writer);
    return status;
}

static void show_token(const struct gy_cli *cli, struct gy_str name, const char *secret)
{
    if (cli->json) {
        struct gy_json_writer w = {0};
        gy_json_open(&w, '{');
        gy_json_key(&w, "name");
        gy_json_str(&w, name);
        gy_json_key(&w, "token");
        gy_json_text(&w, secret);
        gy_json_close(&w, '}');
        gy_json_finish(&w);
        return;
    }
    printf("%s\n", secret);
    (void)fprintf(stderr, "token \"%.*s\" made; it is not shown again\n", GY_STR_ARG(name));
}

static enum gy_status run_add(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_arena arena = {0};
    char secret[GY_SECRET_SIZE];
    struct gy_str name;
    enum gy_status status = gy_name_read(args->operands.words[0], "token", &arena, &name, err);
    if (status == GY_OK) {
        gy_secret_make(GY_SECRET_TOKEN, secret);
        status = put_token(cli, args, name, gy_str_of(secret), err);
    }
    if (status == GY_OK) {
        show_token(cli, name, secret);
    }
    gy_arena_release(&arena);
    return status;
}

static const struct gy_option options_add[] = {
    GY_OPTION_ROLE,
    GY_OPTION_PERSONAL,
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_token_add = {
    .name = "token add",
    .operands = "NAME",
    .about = "Make a token, with which a program can ask the server, and print it once",
    .example = "  gyeol token add dashboard\n"
               "  gyeol token add nightly-export --role editor\n",
    .options = options_add,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_add,
};

/* ---- list ---- */

static void print_json(const struct gy_accounts *accounts)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '[');
    for (size_t i = 0; i < accounts->n_tokens; i++) {
        const struct gy_token *token = &accounts->tokens[i];
        gy_json_open(&w, '{');
        gy_json_key(&w, "name");
        gy_json_str(&w, token->name);
        gy_json_key(&w, "role");
        gy_json_text(&w, gy_role_name(token->role));
        gy_json_key(&w, "personal");
        gy_json_bool(&w, token->sees_personal || token->role >= GY_ROLE_EDITOR);
        gy_json_key(&w, "created");
        gy_json_time(&w, token->created_ms);
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
    GY_TRY(gy_snapshot_open(cli->asker.dir, &snapshot, err));
    gy_listing_init(&table, "llll");
    table.has_head = true;
    gy_listing_text(&table, "token");
    gy_listing_text(&table, "role");
    gy_listing_text(&table, "personal");
    gy_listing_text(&table, "created");
    for (size_t i = 0; i < accounts->n_tokens; i++) {
        const struct gy_token *token = &accounts->tokens[i];
        bool sees = token->sees_personal || token->role >= GY_ROLE_EDITOR;
        gy_time_print_local(gy_snapshot_zone(snapshot), token->created_ms, created);
        gy_listing_str(&table, token->name);
        gy_listing_text(&table, gy_role_name(token->role));
        gy_listing_text(&table, sees ? "yes" : "no");
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

const struct gy_command gy_cmd_token_list = {
    .name = "token list",
    .operands = "",
    .about = "List the tokens by name, and what each may",
    .example = "  gyeol token list\n",
    .run = run_list,
};

/* ---- remove ---- */

static enum gy_status run_remove(struct gy_cli *cli, const struct gy_args *args,
                                 struct gy_error *err)
{
    struct gy_arena arena = {0};
    struct gy_writer *writer = NULL;
    struct gy_str name;
    enum gy_status status = gy_name_read(args->operands.words[0], "token", &arena, &name, err);
    if (status == GY_OK) {
        status = gy_writing_open(cli, args, cli->asker.dir, &writer, err);
    }
    if (status == GY_OK) {
        status = gy_writer_remove_token(writer, name, err);
    }
    if (status == GY_OK) {
        (void)fprintf(stderr, "token \"%.*s\" removed; nobody can ask with it any more\n",
                      GY_STR_ARG(name));
    }
    gy_writer_close(writer);
    gy_arena_release(&arena);
    return status;
}

const struct gy_command gy_cmd_token_remove = {
    .name = "token remove",
    .operands = "NAME",
    .about = "Remove a token: nobody can ask with it from then on",
    .example = "  gyeol token remove dashboard\n",
    .min_operands = 1,
    .max_operands = 1,
    .run = run_remove,
};
