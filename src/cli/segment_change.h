/* segment_change.h - a segment is defined, or defined anew: by a text, or by a template.
 *
 * Everything is checked against the workspace as it would be; who would enter and leave is said; then,
 * unless that was all that was wanted (--dry-run), it is stored. What the segment carries beside its
 * definition stays, but for what is said now.
 */
#ifndef GY_CLI_SEGMENT_CHANGE_H
#define GY_CLI_SEGMENT_CHANGE_H

#include "cli/command.h"
#include "workspace/attributes.h"
#include "workspace/definitions.h"

struct gy_segment_change {
    struct gy_str name;
    struct gy_str text;
    bool shows_text; /* it was not typed: it is shown with who enters and leaves */

    /* Says on top of `attributes` what is said now; refuses what the workspace is not ready for. */
    enum gy_status (*describe)(const void *context, const struct gy_ask *ask, json_t *attributes,
                               struct gy_error *err);
    const void *context;
};

/* By the options of the command line: as_of, allow_unknown, dry_run, author, reason. */
GY_CHECKED enum gy_status gy_segment_change(struct gy_cli *cli, const struct gy_args *args,
                                            const struct gy_segment_change *change,
                                            struct gy_error *err);

#endif
