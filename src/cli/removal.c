/* removal.c - see removal.h. */
#include "cli/removal.h"
#include "cli/writing.h"

#include <stdio.h>

#include "store/writer.h"
#include "workspace/definitions.h"

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
    enum gy_status status = gy_writing_open(cli, args, cli->asker.dir, &writer, err);
    if (status == GY_OK) {
        status = gy_ask_open(&cli->asker, NULL, &ask, err);
    }
    if (status == GY_OK) {
        status = gy_definition_remove(&ask, writer, kind, args->operands.words[0], &name, err);
    }
    if (status == GY_OK) {
        say_removed(kind, name);
    }
    gy_ask_close(&ask);
    gy_writer_close(writer);
    return status;
}
