/* writing.h - a command that writes says so: its writer has an entry for the audit trail, which goes with the first thing
 * that it commits.
 *
 * The entry names the author ($GYEOL_AUTHOR, else the login name, unless --author is given), the command and its first
 * operand: "segment add", "loyal". A command that names a customer leaves the operand out (command.h): what is in
 * the trail outlives an erasure.
 */
#ifndef GY_CLI_WRITING_H
#define GY_CLI_WRITING_H

#include "cli/command.h"
#include "store/writer.h"

/* gy_writer_open of the data directory `dir`, and the entry. */
GY_CHECKED enum gy_status gy_writing_open(const struct gy_cli *cli, const struct gy_args *args,
                                          const char *dir, struct gy_writer **out,
                                          struct gy_error *err);

#endif
