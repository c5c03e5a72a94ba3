/* backup.h - a copy of a data directory as of one instant, made beside a writer.
 *
 * Parts and id files never change, so the copy may share them: where both lie on one file system they are hard
 * links, which take no time and no space. The catalog is copied page by page inside the read transaction in which
 * the files were listed. The copy is a data directory that can be used as it is.
 */
#ifndef GY_STORE_BACKUP_H
#define GY_STORE_BACKUP_H

#include "base/status.h"
#include "store/check_store.h"

struct gy_backup_options {
    bool copies; /* no hard links: for a copy that is to outlive the disk's blocks */
};

struct gy_backup_report {
    uint64_t n_linked; /* files */
    uint64_t n_copied;
    struct gy_check_report check; /* of the copy */
};

/* Makes `to`, mode 0700, whole and checked or not at all. CONFLICT where it is there and not an empty folder; CORRUPT
 * where the copy does not pass the check: then what is in `dir` is damaged. */
GY_CHECKED enum gy_status gy_backup(const char *dir, const char *to,
                                    const struct gy_backup_options *options,
                                    struct gy_backup_report *report, struct gy_error *err);

#endif
