/* file.h - whole files and durable writes.
 *
 * A file that must survive is written beside its place, fsynced, renamed into place, and its
 * directory fsynced. After a failed fsync the file is thrown away: the kernel may already have
 * dropped the pages, so trying again would prove nothing.
 */
#ifndef GY_BASE_FILE_H
#define GY_BASE_FILE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "base/str.h"

/* A file mapped read-only. All zero is none. An empty file has ptr NULL and size 0. */
struct gy_map {
    const uint8_t *ptr;
    size_t size;
};

GY_CHECKED enum gy_status gy_map_open(const char *path, struct gy_map *out, struct gy_error *err);
void gy_map_close(struct gy_map *map);

/* Puts the file's bytes behind what `out` holds. */
GY_CHECKED enum gy_status gy_file_read(const char *path, struct gy_buf *out, struct gy_error *err);

/* Writes `bytes` to `path` as said above; replaces what was there. On failure nothing stays. */
GY_CHECKED enum gy_status gy_file_write(const char *path, struct gy_str bytes,
                                        struct gy_error *err);
/* The same, mode 0600: for its owner alone, wherever it lies. */
GY_CHECKED enum gy_status gy_file_write_private(const char *path, struct gy_str bytes,
                                                struct gy_error *err);

/* For files written piece by piece. */
struct gy_file_writer {
    int fd;
    uint64_t size;        /* bytes written so far, buffered ones too */
    char path[4096];      /* where it will be */
    char temporary[4128]; /* where it is until it is finished: path + ".tmp" */
    struct gy_buf buffer;
};

GY_CHECKED enum gy_status gy_file_writer_open(struct gy_file_writer *w, const char *path,
                                              struct gy_error *err);
GY_CHECKED enum gy_status gy_file_writer_append(struct gy_file_writer *w, const void *bytes,
                                                size_t len, struct gy_error *err);
/* Flushes, fsyncs, renames, fsyncs the directory. Takes `w` also on failure. */
GY_CHECKED enum gy_status gy_file_writer_finish(struct gy_file_writer *w, struct gy_error *err);
void gy_file_writer_abandon(struct gy_file_writer *w); /* removes what was written */

/* Makes the folder where it is not there yet (its parent is), and syncs the parent. */
GY_CHECKED enum gy_status gy_dir_make(const char *path, uint32_t mode, struct gy_error *err);
GY_CHECKED enum gy_status gy_dir_sync(const char *path, struct gy_error *err);

#endif
