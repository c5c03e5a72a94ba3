/* segments_file.h - segments as a file that a team keeps under version control.
 *
 *   segments:
 *     - name: at_risk
 *       where: days_since("Order Completed") > 90
 *       title: { en: At risk, ko: 이탈 위험 }     the other keys are those of attributes.h
 *
 * YAML. Nothing else may stand in it: an unknown key, a key or a name that stands twice is an error
 * with its line.
 */
#ifndef GY_CLI_SEGMENTS_FILE_H
#define GY_CLI_SEGMENTS_FILE_H

#include <jansson.h>

#include "base/arena.h"
#include "base/status.h"

struct gy_file_segment {
    struct gy_str name; /* in NFC */
    struct gy_str text;
    json_t *attributes;
    uint32_t line; /* where it begins */
};

struct gy_segments_file {
    struct gy_file_segment *segments;
    size_t n;
    struct gy_arena arena; /* holds all but the attributes */
};

/* Released by the caller, also on failure. "-" is standard input. */
GY_CHECKED enum gy_status gy_segments_file_read(const char *path, struct gy_segments_file *out,
                                                struct gy_error *err);
void gy_segments_file_release(struct gy_segments_file *file);

#endif
