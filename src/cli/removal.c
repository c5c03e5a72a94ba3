/* removal.c - see removal.h. */
#include "cli/removal.h"
#include "cli/writing.h"

#include <stdio.h>

#include "store/writer.h"
#include "workspace/definitions.h"

static enum gy_status check_removal(struct gy_ask *ask, enum gy_name_kind kind, struct gy_str name,
                                    struct gy_error *err)
{
    struct gy_draft draft;
    gy_draft_init(&draft, ask);
    gy_draft_remove(&draft, kind, name);
    enum gy_status status = gy_draft_check(&draft, err);
    gy_draft_release(&draft);
    return status;
}

static enum gy_status remove_it(struct gy_writer *writer, enum gy_name_kind kind,
                                struct gy_str name, struct gy_error *err)
{
    return kind == GY_NAME_SEGMENT  ? gy_writer_remove_segment(writer, name, err)
           : kind == GY_NAME_METRIC ? gy_writer_remove_metric(writer, name, err)
                                    : gy_writer_remove_list(writer, name, err);
}

static void say_removed(enum gy_name_kind kind, struct gy_str name)
{
    const char *word = kind == GY_NAME_SEGMENT  ? "segment"
                       : kind == GY_NAME_METRIC ? "metric"
                                                : "list";
    (void)fprintf(stderr, "removed %s \"%.*s\"\n", word, GY_STR_ARG(name));
}

enum gy_status gy_remove_definition(struct gy_cli *cli, const struct gy_args *args,
                                    enum gy_name_kind kind, struct gy_error *err)
{
    struct gy_writer *writer = NULL;
    struct gy_ask ask = {0};
    struct gy_str name;
    uint32_t place;
    enum gy_status status = gy_writing_open(cli, args, cli->asker.dir, &writer, err);
    if (status == GY_OK) {
        status = gy_ask_open(&cli->asker, NULL, &ask, err);
    }
    if (status == GY_OK) {
        status = gy_name_find(ask.snapshot, kind, args->operands.words[0], &place, err);
    }
    if (status == GY_OK) {
        name = gy_name_at(ask.snapshot, kind, place);
        status = check_removal(&ask, kind, name, err);
    }
    if (status == GY_OK) {
        status = remove_it(writer, kind, name, err);
    }
    if (status == GY_OK) {
        say_removed(kind, name);
    }
    gy_ask_close(&ask);
    gy_writer_close(writer);
    return status;
}
