/* file.c - whole files and durable writes, in plain open, read, write, fsync and rename: a test
 * that makes each of them fail in turn reaches every path here. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BUFFER_SIZE = 1 << 16,
    READ_SIZE = 1 << 16
};

/* ---- reading ---- */

static int open_retrying(const char *path, int flags, mode_t mode)
{
    int fd;
    do {
        fd = open(path, flags | O_CLOEXEC, mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static enum gy_status map_fd(int fd, const char *path, struct gy_map *out, struct gy_error *err)
{
    struct stat about;
    if (fstat(fd, &about) != 0) {
        return gy_error_sys(err, errno, "could not look at the file \"%s\"", path);
    }
    if (!S_ISREG(about.st_mode)) {
        return gy_error_set(err, GY_IO, "cannot map \"%s\": it is not a regular file", path);
    }
    if (about.st_size == 0) {
        return GY_OK;
    }
    void *ptr = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (ptr == MAP_FAILED) {
        return gy_error_sys(err, errno, "could not map the file \"%s\"", path);
    }
    *out = (struct gy_map){ptr, (size_t)about.st_size};
    return GY_OK;
}

enum gy_status gy_map_open(const char *path, struct gy_map *out, struct gy_error *err)
{
    *out = (struct gy_map){0};
    int fd = open_retrying(path, O_RDONLY, 0);
    if (fd < 0) {
        return gy_error_sys(err, errno, "could not open the file \"%s\"", path);
    }
    enum gy_status status = map_fd(fd, path, out, err);
    close(fd);
    return status;
}

void gy_map_close(struct gy_map *map)
{
    if (map->ptr != NULL) {
        /* munmap wants no const. NOLINTNEXTLINE(performance-no-int-to-ptr) */
        munmap((void *)(uintptr_t)map->ptr, map->size);
    }
    *map = (struct gy_map){0};
}

/* Reads to the end of `fd`; false with errno where it fails. */
static bool read_all(int fd, struct gy_buf *out)
{
    for (;;) {
        char *room = gy_buf_room(out, READ_SIZE);
        ssize_t n = read(fd, room, READ_SIZE);
        if (n > 0) {
            gy_buf_added(out, (size_t)n);
        } else if (n == 0) {
            gy_buf_added(out, 0);
            return true;
        } else if (errno != EINTR) {
            return false;
        }
    }
}

enum gy_status gy_file_read(const char *path, struct gy_buf *out, struct gy_error *err)
{
    size_t len_before = out->len;
    int fd = open_retrying(path, O_RDONLY, 0);
    if (fd < 0) {
        return gy_error_sys(err, errno, "could not open the file \"%s\"", path);
    }
    enum gy_status status = GY_OK;
    if (!read_all(fd, out)) {
        status = gy_error_sys(err, errno, "could not read the file \"%s\"", path);
        out->len = len_before;
    }
    close(fd);
    return status;
}

/* ---- folders ---- */

/* The folder that holds `path`; false where the name is too long. */
static bool parent_of(const char *path, char *out, size_t size)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    while (len > 0 && path[len - 1] != '/') {
        len--;
    }
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    int n = len == 0 ? snprintf(out, size, ".") : snprintf(out, size, "%.*s", (int)len, path);
    return n >= 0 && (size_t)n < size;
}

enum gy_status gy_dir_sync(const char *path, struct gy_error *err)
{
    int fd = open_retrying(path, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) {
        return gy_error_sys(err, errno, "could not open the folder \"%s\"", path);
    }
    enum gy_status status = GY_OK;
    if (fsync(fd) != 0) {
        status = gy_error_sys(err, errno, "could not sync the folder \"%s\"", path);
    }
    close(fd);
    return status;
}

static enum gy_status sync_parent(const char *path, struct gy_error *err)
{
    char parent[4096];
    if (!parent_of(path, parent, sizeof parent)) {
        return gy_error_sys(err, ENAMETOOLONG, "cannot write \"%s\"", path);
    }
    return gy_dir_sync(parent, err);
}

enum gy_status gy_dir_make(const char *path, uint32_t mode, struct gy_error *err)
{
    if (mkdir(path, (mode_t)mode) == 0) {
        return sync_parent(path, err);
    }
    int why = errno;
    struct stat about;
    if (why == EEXIST && stat(path, &about) == 0 && S_ISDIR(about.st_mode)) {
        return GY_OK;
    }
    return gy_error_sys(err, why, "could not make the folder \"%s\"", path);
}

/* ---- writing ---- */

/* What a dead process left under the temporary name is in nobody's hands: it is removed, not
 * followed or overwritten. */
static int create_fresh(const char *path, mode_t mode)
{
    int fd = open_retrying(path, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (fd < 0 && errno == EEXIST && unlink(path) == 0) {
        fd = open_retrying(path, O_WRONLY | O_CREAT | O_EXCL, mode);
    }
    return fd;
}

static enum gy_status open_writer(struct gy_file_writer *w, const char *path, mode_t mode,
                                  struct gy_error *err)
{
    *w = (struct gy_file_writer){.fd = -1};
    size_t len = strlen(path);
    if (len >= sizeof w->path) {
        return gy_error_sys(err, ENAMETOOLONG, "cannot write a file");
    }
    memcpy(w->path, path, len + 1);
    char temporary[sizeof w->temporary];
    snprintf(temporary, sizeof temporary, "%s.tmp", w->path);
    w->fd = create_fresh(temporary, mode);
    if (w->fd < 0) {
        return gy_error_sys(err, errno, "could not create the file \"%s\"", temporary);
    }
    memcpy(w->temporary, temporary, sizeof temporary);
    return GY_OK;
}

enum gy_status gy_file_writer_open(struct gy_file_writer *w, const char *path, struct gy_error *err)
{
    return open_writer(w, path, 0666, err);
}

static enum gy_status write_all(struct gy_file_writer *w, const char *bytes, size_t len,
                                struct gy_error *err)
{
    while (len > 0) {
        ssize_t n = write(w->fd, bytes, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return gy_error_sys(err, n == 0 ? EIO : errno, "could not write the file \"%s\"",
                                w->temporary);
        }
        bytes += n;
        len -= (size_t)n;
    }
    return GY_OK;
}

static enum gy_status flush(struct gy_file_writer *w, struct gy_error *err)
{
    GY_TRY(write_all(w, w->buffer.ptr, w->buffer.len, err));
    gy_buf_reset(&w->buffer);
    return GY_OK;
}

enum gy_status gy_file_writer_append(struct gy_file_writer *w, const void *bytes, size_t len,
                                     struct gy_error *err)
{
    GY_ASSERT(w->temporary[0] != '\0');
    if (w->buffer.len + len >= BUFFER_SIZE) {
        GY_TRY(flush(w, err));
    }
    if (len >= BUFFER_SIZE) {
        GY_TRY(write_all(w, bytes, len, err));
    } else {
        gy_buf_append(&w->buffer, bytes, len);
    }
    w->size += len;
    return GY_OK;
}

/* Everything on disk and the file closed. */
static enum gy_status settle(struct gy_file_writer *w, struct gy_error *err)
{
    GY_TRY(flush(w, err));
    if (fsync(w->fd) != 0) {
        return gy_error_sys(err, errno, "could not sync the file \"%s\"", w->temporary);
    }
    int fd = w->fd;
    w->fd = -1;
    if (close(fd) != 0) {
        return gy_error_sys(err, errno, "could not close the file \"%s\"", w->temporary);
    }
    return GY_OK;
}

static enum gy_status put_in_place(struct gy_file_writer *w, struct gy_error *err)
{
    if (rename(w->temporary, w->path) != 0) {
        return gy_error_sys(err, errno, "could not rename the file \"%s\" to \"%s\"", w->temporary,
                            w->path);
    }
    w->temporary[0] = '\0';
    enum gy_status status = sync_parent(w->path, err);
    if (status != GY_OK) {
        unlink(w->path);
    }
    return status;
}

enum gy_status gy_file_writer_finish(struct gy_file_writer *w, struct gy_error *err)
{
    GY_ASSERT(w->temporary[0] != '\0');
    enum gy_status status = settle(w, err);
    if (status == GY_OK) {
        status = put_in_place(w, err);
    }
    gy_file_writer_abandon(w);
    return status;
}

void gy_file_writer_abandon(struct gy_file_writer *w)
{
    if (w->temporary[0] != '\0') {
        if (w->fd >= 0) {
            close(w->fd);
        }
        unlink(w->temporary);
        w->temporary[0] = '\0';
    }
    w->fd = -1;
    gy_buf_release(&w->buffer);
}

static enum gy_status write_file(const char *path, struct gy_str bytes, mode_t mode,
                                 struct gy_error *err)
{
    struct gy_file_writer w;
    GY_TRY(open_writer(&w, path, mode, err));
    enum gy_status status = gy_file_writer_append(&w, bytes.ptr, bytes.len, err);
    if (status == GY_OK) {
        return gy_file_writer_finish(&w, err);
    }
    gy_file_writer_abandon(&w);
    return status;
}

enum gy_status gy_file_write(const char *path, struct gy_str bytes, struct gy_error *err)
{
    return write_file(path, bytes, 0666, err);
}

enum gy_status gy_file_write_private(const char *path, struct gy_str bytes, struct gy_error *err)
{
    return write_file(path, bytes, 0600, err);
}
