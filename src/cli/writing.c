/* writing.c - see writing.h. */
#include "cli/writing.h"

#include "base/text.h"
#include "cli/authorship.h"
#include "store/audit.h"

/* The operand as text; of one that is none, nothing. */
static struct gy_str object_of(const struct gy_cli *cli, const struct gy_args *args)
{
    if (args->operands.n == 0 || cli->command->names_customer) {
        return GY_STR("");
    }
    struct gy_str operand = gy_str_of(args->operands.words[0]);
    return gy_text_is_utf8(operand) ? operand : GY_STR("");
}

enum gy_status gy_writing_open(const struct gy_cli *cli, const struct gy_args *args,
                               const char *dir, struct gy_writer **out, struct gy_error *err)
{
    struct gy_arena arena = {0};
    struct gy_authorship by;
    *out = NULL;
    enum gy_status status = gy_authorship_read(args, &arena, &by, err);
    if (status == GY_OK) {
        status = gy_writer_open(dir, out, err);
    }
    if (status == GY_OK) {
        struct gy_audit_entry entry = {.who = by.author,
                                       .action = gy_str_of(cli->command->name),
                                       .object = object_of(cli, args),
                                       .detail = by.reason};
        gy_writer_tell(*out, &entry);
    }
    gy_arena_release(&arena);
    return status;
}
