/* cmd_customer_erase.c - a customer who is to be forgotten. */
#include "cli/asking.h"
#include "cli/output.h"
#include "cli/writing.h"
#include "store/json_writer.h"
#include "store/writer.h"

/* What was done. */
struct deed {
    struct gy_str id;
    uint32_t n_ids;
    bool was_erased;
    bool is_forgotten;
    bool is_done; /* nothing that is erased is on disk any more */
};

static void print_json(const struct deed *deed)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '{');
    gy_json_key(&w, "ids");
    gy_json_count(&w, deed->n_ids);
    gy_json_key(&w, "was_erased");
    gy_json_bool(&w, deed->was_erased);
    gy_json_key(&w, "done");
    gy_json_bool(&w, deed->is_done);
    gy_json_close(&w, '}');
    gy_json_finish(&w);
}

static void say(const struct deed *deed)
{
    const char *rest = deed->is_done ? "nothing of it is left on disk"
                                     : "what is left on disk goes with the next maintenance";
    if (deed->is_forgotten) {
        (void)fprintf(stderr, "the id may come again, as that of a new customer\n");
    } else if (deed->was_erased) {
        (void)fprintf(stderr, "erased before; %s\n", rest);
    } else if (deed->n_ids > 0) {
        (void)fprintf(stderr, "erased, with %u id%s; %s\n", deed->n_ids,
                      deed->n_ids == 1 ? "" : "s", rest);
    } else {
        (void)fprintf(stderr, "nothing that is erased is left on disk\n");
    }
}

static enum gy_status erase(struct gy_writer *writer, const struct gy_args *args, struct deed *deed,
                            struct gy_error *err)
{
    if (args->forget) {
        GY_TRY(gy_writer_forget_erased(writer, deed->id, err));
        deed->is_forgotten = true;
    } else if (deed->id.len > 0) {
        GY_TRY(gy_writer_erase(writer, deed->id, &deed->n_ids, &deed->was_erased, err));
    }
    if (args->now)
        GY_TRY(gy_writer_finish_erasures(writer, err));
    deed->is_done = !gy_writer_has_erasures(writer);
    return GY_OK;
}

static enum gy_status check_args(const struct gy_args *args, struct gy_error *err)
{
    if (args->operands.n > 0 || (args->now && !args->forget))
        return GY_OK;
    gy_error_set(err, GY_INVALID, "the customer is missing");
    gy_error_hint(err, "Without one, --now finishes what was erased before.");
    return GY_INVALID;
}

static enum gy_status run(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    struct gy_arena arena = {0};
    struct gy_writer *writer = NULL;
    struct deed deed = {0};
    enum gy_status status = check_args(args, err);
    if (status == GY_OK && args->operands.n > 0)
        status = gy_ask_customer_id(args->operands.words[0], &arena, &deed.id, err);
    if (status == GY_OK)
        status = gy_writing_open(cli, args, cli->asker.dir, &writer, err);
    if (status == GY_OK)
        status = erase(writer, args, &deed, err);
    gy_writer_close(writer);
    if (status == GY_OK) {
        say(&deed);
        if (cli->json)
            print_json(&deed);
    }
    gy_arena_release(&arena);
    return status;
}

static const struct gy_option options[] = {
    {"now", 0, GY_OPTION_FLAG, offsetof(struct gy_args, now), NULL,
     "also on disk, before the command ends; without ID whatever is left to erase"},
    {"forget", 0, GY_OPTION_FLAG, offsetof(struct gy_args, forget), NULL,
     "of an erased customer: let the id come again"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_customer_erase = {
    .name = "customer erase",
    .names_customer = true,
    .operands = "[ID]",
    .about = "Erase a customer with all ids, events and traits, and refuse them from then on",
    .example = "  gyeol customer erase 12748 --now\n",
    .options = options,
    .min_operands = 0,
    .max_operands = 1,
    .run = run,
};
