/* removal.h - takes a segment, a metric or a list away, which is refused while another definition uses it. */
#ifndef GY_CLI_REMOVAL_H
#define GY_CLI_REMOVAL_H

#include "cli/asking.h"

/* `typed` is the name as it was typed. Says on standard error what is gone. NOT_FOUND with the nearest; CONFLICT naming what uses it. */
GY_CHECKED enum gy_status gy_remove_definition(struct gy_cli *cli, enum gy_name_kind kind,
                                               const char *typed, struct gy_error *err);

#endif
