/* removal.h - takes a segment, a metric or a list away, which is refused while another definition uses it. */
#ifndef GY_CLI_REMOVAL_H
#define GY_CLI_REMOVAL_H

#include "cli/asking.h"

/* The first operand is the name as it was typed. Says on standard error what is gone. NOT_FOUND with the nearest; CONFLICT
 * naming what uses it. */
GY_CHECKED enum gy_status gy_remove_definition(struct gy_cli *cli, const struct gy_args *args,
                                               enum gy_name_kind kind, struct gy_error *err);

#endif
