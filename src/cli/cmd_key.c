/* cmd_key.c - the write keys: who may send events to the server. */
#include "base/hash.h"
#include "base/secret.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/writing.h"
#include "store/json_writer.h"
#include "store/snapshot.h"
#include "store/write_keys.h"
#include "store/writer.h"
#include "workspace/names.h"

/* ---- add ---- */

static enum gy_status put_key(const struct gy_cli *cli, const struct gy_args *args,
                              struct gy_str name, struct gy_str key, struct gy_error *err)
{
    uint8_t hash[32];
    struct gy_writer *writer;
    gy_hash_secret(key, hash);
    GY_TRY(gy_writing_open(cli, args, cli->asker.dir, &writer, err));
    enum gy_status status = gy_writer_put_write_key(writer, name, hash, err);
    gy_writer_close(writer);
    return status;
}

static void show_key(const struct gy_cli *cli, struct gy_str name, struct gy_str key)
{
    if (cli->json) {
        struct gy_json_writer w = {0};
        gy_json_open(&w, '{');
        gy_json_key(&w, "name");
        gy_json_str(&w, name);
        gy_json_key(&w, "key");
        gy_json_str(&w, key);
        gy_json_close(&w, '}');
        gy_json_finish(&w);
        return;
    }
    printf("%.*s\n", GY_STR_ARG(key));
    (void)fprintf(stderr, "key \"%.*s\" made; it is not shown again\n", GY_STR_ARG(name));
}

static enum gy_status run_add(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_arena arena = {0};
    char key[GY_SECRET_SIZE];
    struct gy_str name;
    enum gy_status status = gy_name_read(args->operands.words[0], "key", &arena, &name, err);
    if (status == GY_OK) {
        gy_secret_make(GY_SECRET_WRITE_KEY, key);
        status = put_key(cli, args, name, gy_str_of(key), err);
    }
    if (status == GY_OK) {
        show_key(cli, name, gy_str_of(key));
    }
    gy_arena_release(&arena);
    return status;
}

const struct gy_command gy_cmd_key_add = {
    .name = "key add",
    .operands = "NAME",
    .about = "Make a write key, with which events can be sent, and print it once",
    .example = "  gyeol key add web\n",
    .min_operands = 1,
    .max_operands = 1,
    .run = run_add,
};

/* ---- list ---- */

static void print_json(const struct gy_write_keys *keys)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '[');
    for (size_t i = 0; i < keys->n; i++) {
        gy_json_open(&w, '{');
        gy_json_key(&w, "name");
        gy_json_str(&w, keys->keys[i].name);
        gy_json_key(&w, "created");
        gy_json_time(&w, keys->keys[i].created_ms);
        gy_json_close(&w, '}');
    }
    gy_json_close(&w, ']');
    gy_json_finish(&w);
}

static enum gy_status print_table(const struct gy_cli *cli, const struct gy_write_keys *keys,
                                  struct gy_error *err)
{
    char created[GY_TIME_TEXT];
    struct gy_listing table;
    struct gy_snapshot *snapshot;
    GY_TRY(gy_snapshot_open(cli->asker.dir, &snapshot, err));
    gy_listing_init(&table, "ll");
    table.has_head = true;
    gy_listing_text(&table, "key");
    gy_listing_text(&table, "created");
    for (size_t i = 0; i < keys->n; i++) {
        gy_time_print_local(gy_snapshot_zone(snapshot), keys->keys[i].created_ms, created);
        gy_listing_str(&table, keys->keys[i].name);
        gy_listing_text(&table, created);
    }
    gy_listing_print(&table, cli->color, stdout);
    gy_listing_release(&table);
    gy_snapshot_close(snapshot);
    return GY_OK;
}

static enum gy_status run_list(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_write_keys keys;
    enum gy_status status = GY_OK;
    (void)args;
    GY_TRY(gy_write_keys_read(cli->asker.dir, &keys, err));
    if (cli->json) {
        print_json(&keys);
    } else {
        status = print_table(cli, &keys, err);
    }
    gy_write_keys_release(&keys);
    return status;
}

const struct gy_command gy_cmd_key_list = {
    .name = "key list",
    .operands = "",
    .about = "List the write keys by name",
    .example = "  gyeol key list\n",
    .run = run_list,
};

/* ---- remove ---- */

static enum gy_status run_remove(struct gy_cli *cli, const struct gy_args *args,
                                 struct gy_error *err)
{
    struct gy_arena arena = {0};
    struct gy_writer *writer = NULL;
    struct gy_str name;
    enum gy_status status = gy_name_read(args->operands.words[0], "key", &arena, &name, err);
    if (status == GY_OK) {
        status = gy_writing_open(cli, args, cli->asker.dir, &writer, err);
    }
    if (status == GY_OK) {
        status = gy_writer_remove_write_key(writer, name, err);
    }
    if (status == GY_OK) {
        (void)fprintf(stderr, "key \"%.*s\" removed; nothing is taken with it any more\n",
                      GY_STR_ARG(name));
    }
    gy_writer_close(writer);
    gy_arena_release(&arena);
    return status;
}

const struct gy_command gy_cmd_key_remove = {
    .name = "key remove",
    .operands = "NAME",
    .about = "Remove a write key: nothing is taken with it from then on",
    .example = "  gyeol key remove web\n",
    .min_operands = 1,
    .max_operands = 1,
    .run = run_remove,
};
