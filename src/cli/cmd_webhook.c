/* cmd_webhook.c - webhooks: who is told when customers enter and leave segments. */
#include <string.h>

#include "base/secret.h"
#include "base/zone.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/writing.h"
#include "server/webhook_body.h"
#include "server/webhook_sender.h"
#include "store/json_writer.h"
#include "store/snapshot.h"
#include "store/webhooks.h"
#include "store/writer.h"
#include "workspace/names.h"

enum {
    REPLAY_MS = 24 * 3600 * 1000
};

/* ---- add ---- */

/* The segments' names as a JSON array; each must be there. */
static enum gy_status read_segments(const struct gy_snapshot *snapshot,
                                    const struct gy_texts *words, struct gy_json_writer *out,
                                    struct gy_error *err)
{
    gy_json_open(out, '[');
    for (size_t i = 0; i < words->n; i++) {
        uint32_t place;
        GY_TRY(gy_name_find(snapshot, GY_NAME_SEGMENT, words->items[i], &place, err));
        gy_json_str(out, gy_snapshot_segment(snapshot, place)->name);
    }
    gy_json_close(out, ']');
    return GY_OK;
}

static enum gy_status put(struct gy_cli *cli, const struct gy_args *args, struct gy_str name,
                          struct gy_str segments, struct gy_str secret, struct gy_error *err)
{
    struct gy_writer *writer;
    struct gy_webhook_put webhook = {name, gy_str_of(args->operands.words[1]), segments, secret};
    GY_TRY(gy_writing_open(cli, args, cli->asker.dir, &writer, err));
    enum gy_status status = gy_writer_put_webhook(writer, &webhook, err);
    gy_writer_close(writer);
    return status;
}

static void show_secret(const struct gy_cli *cli, struct gy_str name, const char *secret)
{
    if (cli->json) {
        struct gy_json_writer w = {0};
        gy_json_open(&w, '{');
        gy_json_key(&w, "name");
        gy_json_str(&w, name);
        gy_json_key(&w, "secret");
        gy_json_text(&w, secret);
        gy_json_close(&w, '}');
        gy_json_finish(&w);
        return;
    }
    printf("%s\n", secret);
    (void)fprintf(
        stderr,
        "webhook \"%.*s\" made; this secret signs what it is told, and is not shown again\n",
        GY_STR_ARG(name));
}

static enum gy_status add(struct gy_cli *cli, const struct gy_args *args,
                          const struct gy_snapshot *snapshot, struct gy_error *err)
{
    struct gy_arena arena = {0};
    struct gy_json_writer segments = {0};
    char secret[GY_SECRET_SIZE];
    struct gy_str name;
    gy_secret_make(GY_SECRET_WEBHOOK, secret);
    enum gy_status status = gy_name_read(args->operands.words[0], "webhook", &arena, &name, err);
    if (status == GY_OK) {
        status = gy_webhook_check_url(gy_str_of(args->operands.words[1]), err);
    }
    if (status == GY_OK) {
        status = read_segments(snapshot, &args->segments, &segments, err);
    }
    if (status == GY_OK) {
        status = put(cli, args, name, gy_buf_view(&segments.text), gy_str_of(secret), err);
    }
    if (status == GY_OK) {
        show_secret(cli, name, secret);
    }
    gy_json_writer_release(&segments);
    gy_arena_release(&arena);
    return status;
}

static enum gy_status run_add(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_snapshot *snapshot;
    GY_TRY(gy_snapshot_open(cli->asker.dir, &snapshot, err));
    enum gy_status status = add(cli, args, snapshot, err);
    gy_snapshot_close(snapshot);
    return status;
}

static const struct gy_option options_add[] = {
    {"segment", 0, GY_OPTION_TEXTS, offsetof(struct gy_args, segments), "NAME",
     "only of this segment; may be given several times"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_webhook_add = {
    .name = "webhook add",
    .operands = "NAME URL",
    .about = "Tell a URL when customers enter and leave segments, and print its secret once",
    .example = "  gyeol webhook add crm https://crm.example.com/gyeol --segment lapsed\n",
    .options = options_add,
    .min_operands = 2,
    .max_operands = 2,
    .run = run_add,
};

/* ---- list ---- */

static void print_json(const struct gy_webhooks *webhooks)
{
    struct gy_json_writer w = {0};
    gy_webhooks_json(webhooks, &w);
    gy_json_finish(&w);
}

static void print_table(const struct gy_cli *cli, const struct gy_webhooks *webhooks)
{
    static const char *const heads[] = {"webhook", "status", "waiting", "dead", "segments", "URL"};
    struct gy_listing table;
    gy_listing_init(&table, "llrrll");
    table.has_head = true;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        gy_listing_text(&table, heads[i]);
    }
    for (size_t i = 0; i < webhooks->n; i++) {
        const struct gy_webhook *webhook = &webhooks->webhooks[i];
        gy_listing_str(&table, webhook->name);
        gy_listing_text(&table, webhook->is_active ? "active" : "over");
        gy_listing_count(&table, (uint64_t)webhook->n_waiting);
        gy_listing_count(&table, (uint64_t)webhook->n_dead);
        gy_listing_str(&table, webhook->segments.len == 2 ? GY_STR("all") : webhook->segments);
        gy_listing_str(&table, webhook->url);
    }
    gy_listing_print(&table, cli->color, stdout);
    gy_listing_release(&table);
}

static enum gy_status run_list(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_webhooks webhooks;
    (void)args;
    GY_TRY(gy_webhooks_read(cli->asker.dir, &webhooks, err));
    if (cli->json) {
        print_json(&webhooks);
    } else {
        print_table(cli, &webhooks);
    }
    gy_webhooks_release(&webhooks);
    return GY_OK;
}

const struct gy_command gy_cmd_webhook_list = {
    .name = "webhook list",
    .operands = "",
    .about = "List the webhooks, what waits to be told, and what was given up",
    .example = "  gyeol webhook list\n",
    .run = run_list,
};

/* ---- remove, replay ---- */

static enum gy_status remove_one(struct gy_writer *writer, struct gy_str name, struct gy_error *err)
{
    GY_TRY(gy_writer_remove_webhook(writer, name, err));
    (void)fprintf(stderr, "webhook \"%.*s\" removed, with what it was not told yet\n",
                  GY_STR_ARG(name));
    return GY_OK;
}

static enum gy_status replay_one(struct gy_writer *writer, struct gy_str name, struct gy_error *err)
{
    int64_t n;
    GY_TRY(gy_writer_replay_webhook(writer, name, gy_now_ms() + REPLAY_MS, &n, err));
    (void)fprintf(stderr, "webhook \"%.*s\" is active; %lld that were given up are tried again\n",
                  GY_STR_ARG(name), (long long)n);
    return GY_OK;
}

static enum gy_status change(struct gy_cli *cli, const struct gy_args *args,
                             enum gy_status (*fn)(struct gy_writer *, struct gy_str,
                                                  struct gy_error *),
                             struct gy_error *err)
{
    struct gy_arena arena = {0};
    struct gy_writer *writer = NULL;
    struct gy_str name;
    enum gy_status status = gy_name_read(args->operands.words[0], "webhook", &arena, &name, err);
    if (status == GY_OK) {
        status = gy_writing_open(cli, args, cli->asker.dir, &writer, err);
    }
    if (status == GY_OK) {
        status = fn(writer, name, err);
    }
    gy_writer_close(writer);
    gy_arena_release(&arena);
    return status;
}

static enum gy_status run_remove(struct gy_cli *cli, const struct gy_args *args,
                                 struct gy_error *err)
{
    return change(cli, args, remove_one, err);
}

static enum gy_status run_replay(struct gy_cli *cli, const struct gy_args *args,
                                 struct gy_error *err)
{
    return change(cli, args, replay_one, err);
}

const struct gy_command gy_cmd_webhook_remove = {
    .name = "webhook remove",
    .operands = "NAME",
    .about = "Tell a webhook nothing more",
    .example = "  gyeol webhook remove crm\n",
    .min_operands = 1,
    .max_operands = 1,
    .run = run_remove,
};

const struct gy_command gy_cmd_webhook_replay = {
    .name = "webhook replay",
    .operands = "NAME",
    .about = "Try again what was given up, and go on where it wanted no more",
    .example = "  gyeol webhook replay crm\n",
    .min_operands = 1,
    .max_operands = 1,
    .run = run_replay,
};

/* ---- test ---- */

static void take_answer(void *out, void *context, const struct gy_webhook_answer *answer)
{
    (void)context;
    *(struct gy_webhook_answer *)out = *answer;
}

static void send_test(const struct gy_webhook *webhook, struct gy_webhook_answer *answer)
{
    struct gy_buf id = {0};
    struct gy_buf body = {0};
    struct gy_webhook_sender *sender = gy_webhook_sender_new(false);
    gy_webhook_test_body(webhook->name, gy_now_ms(), &id, &body);
    struct gy_webhook_request request = {webhook->url, webhook->secret, gy_buf_view(&id),
                                         gy_buf_view(&body), NULL};
    gy_webhook_sender_begin(sender, &request);
    while (gy_webhook_sender_n(sender) > 0) {
        gy_webhook_sender_wait(sender, GY_WEBHOOK_TIMEOUT_MS, take_answer, answer);
    }
    gy_webhook_sender_free(sender);
    gy_buf_release(&id);
    gy_buf_release(&body);
}

static enum gy_status test(const struct gy_webhooks *webhooks, struct gy_str name,
                           struct gy_error *err)
{
    for (size_t i = 0; i < webhooks->n; i++) {
        struct gy_webhook_answer answer = {0};
        if (!gy_str_equal(webhooks->webhooks[i].name, name)) {
            continue;
        }
        send_test(&webhooks->webhooks[i], &answer);
        if (answer.reason[0] != '\0') {
            return gy_error_set(err, GY_IO, "could not tell webhook \"%.*s\": %s", GY_STR_ARG(name),
                                answer.reason);
        }
        (void)fprintf(stderr, "webhook \"%.*s\" answered %ld\n", GY_STR_ARG(name),
                      answer.http_status);
        return GY_OK;
    }
    return gy_error_set(err, GY_NOT_FOUND, "there is no webhook \"%.*s\"", GY_STR_ARG(name));
}

static enum gy_status run_test(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_arena arena = {0};
    struct gy_webhooks webhooks = {0};
    struct gy_str name;
    enum gy_status status = gy_name_read(args->operands.words[0], "webhook", &arena, &name, err);
    if (status == GY_OK) {
        status = gy_webhooks_read(cli->asker.dir, &webhooks, err);
    }
    if (status == GY_OK) {
        status = test(&webhooks, name, err);
    }
    gy_webhooks_release(&webhooks);
    gy_arena_release(&arena);
    return status;
}

const struct gy_command gy_cmd_webhook_test = {
    .name = "webhook test",
    .operands = "NAME",
    .about = "Send a webhook one signed body of type \"test\", from here and once",
    .example = "  gyeol webhook test crm\n",
    .min_operands = 1,
    .max_operands = 1,
    .run = run_test,
};
