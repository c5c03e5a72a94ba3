/* byte_stream.c - an input buffer, and one of three ways to unpack it.
 *
 * refill() keeps `in[in_pos..in_len)` filled from the file. The three read functions take from
 * there: copying, through zlib, through libzstd. Which one is decided once, from the first bytes.
 */
#include "ingest/byte_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

#include "base/mem.h"

enum {
    IN_SIZE = 64 * 1024,
    MAGIC_SIZE = 8,
    ZSTD_WINDOW_LOG_MAX = 27
};

enum packing {
    PLAIN,
    GZIP,
    ZSTD,
};

struct gy_byte_stream {
    char *name;
    int fd;              /* -1: memory */
    struct gy_str bytes; /* memory: what is still to come */
    uint64_t size;
    enum packing packing;

    char *in;
    size_t in_pos;
    size_t in_len;
    uint64_t taken;    /* bytes of the file that went into `in` so far */
    bool is_file_done; /* nothing comes behind `in` */

    z_stream gzip;
    ZSTD_DStream *zstd;
    bool is_inside; /* in the middle of a gzip member or a zstd frame */
};

/* ---- the file ---- */

static enum gy_status read_some(struct gy_byte_stream *s, char *out, size_t capacity, size_t *n,
                                struct gy_error *err)
{
    if (s->fd < 0) {
        *n = s->bytes.len < capacity ? s->bytes.len : capacity;
        if (*n > 0) {
            memcpy(out, s->bytes.ptr, *n);
            s->bytes = (struct gy_str){s->bytes.ptr + *n, s->bytes.len - *n};
        }
        return GY_OK;
    }
    ssize_t got;
    do {
        got = read(s->fd, out, capacity);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return gy_error_sys(err, errno, "could not read \"%s\"", s->name);
    }
    *n = (size_t)got;
    return GY_OK;
}

/* Fills `in` with at least `want` bytes, or with all there are. */
static enum gy_status refill(struct gy_byte_stream *s, size_t want, struct gy_error *err)
{
    if (s->in_len - s->in_pos >= want) {
        return GY_OK;
    }
    memmove(s->in, s->in + s->in_pos, s->in_len - s->in_pos);
    s->in_len -= s->in_pos;
    s->in_pos = 0;
    while (s->in_len < want && !s->is_file_done) {
        size_t n = 0;
        GY_TRY(read_some(s, s->in + s->in_len, IN_SIZE - s->in_len, &n, err));
        s->in_len += n;
        s->taken += n;
        s->is_file_done = n == 0;
    }
    return GY_OK;
}

static size_t available(const struct gy_byte_stream *s)
{
    return s->in_len - s->in_pos;
}

static enum gy_status cut_off(const struct gy_byte_stream *s, const char *what,
                              struct gy_error *err)
{
    gy_error_set(err, GY_INVALID, "\"%s\" ends inside its %s data, after byte %llu", s->name, what,
                 (unsigned long long)gy_byte_stream_position(s));
    gy_error_hint(err, "The file is not complete; copy or download it again.");
    return GY_INVALID;
}

static enum gy_status damaged(const struct gy_byte_stream *s, const char *what, const char *why,
                              struct gy_error *err)
{
    return gy_error_set(err, GY_INVALID, "the %s data of \"%s\" is damaged near byte %llu: %s",
                        what, s->name, (unsigned long long)gy_byte_stream_position(s), why);
}

/* ---- plain ---- */

/* Large reads go straight to the caller, without the buffer between. */
static enum gy_status read_plain(struct gy_byte_stream *s, char *out, size_t capacity, size_t *n,
                                 struct gy_error *err)
{
    size_t buffered = available(s) < capacity ? available(s) : capacity;
    memcpy(out, s->in + s->in_pos, buffered);
    s->in_pos += buffered;
    *n = buffered;
    while (*n < capacity && !s->is_file_done) {
        size_t got = 0;
        GY_TRY(read_some(s, out + *n, capacity - *n, &got, err));
        *n += got;
        s->taken += got;
        s->is_file_done = got == 0;
    }
    return GY_OK;
}

/* ---- gzip ---- */

static bool is_gzip(const char *p, size_t len)
{
    return len >= 2 && (unsigned char)p[0] == 0x1f && (unsigned char)p[1] == 0x8b;
}

/* Between members: zeros up to the end are padding (tape blocks, some object stores); anything else
 * must be another member. */
static enum gy_status begin_member(struct gy_byte_stream *s, struct gy_error *err)
{
    if (is_gzip(s->in + s->in_pos, available(s))) {
        s->is_inside = true;
        GY_ASSERT(inflateReset(&s->gzip) == Z_OK);
        return GY_OK;
    }
    while (available(s) > 0) {
        if (s->in[s->in_pos] != 0) {
            return damaged(s, "gzip", "something else follows its last member", err);
        }
        s->in_pos++;
        GY_TRY(refill(s, 1, err));
    }
    return GY_OK;
}

static enum gy_status inflate_some(struct gy_byte_stream *s, char *out, size_t capacity, size_t *n,
                                   struct gy_error *err)
{
    s->gzip.next_in = (unsigned char *)s->in + s->in_pos;
    s->gzip.avail_in = (uInt)available(s);
    s->gzip.next_out = (unsigned char *)out;
    s->gzip.avail_out = capacity < IN_SIZE ? (uInt)capacity : IN_SIZE;
    uInt room = s->gzip.avail_out;
    int result = inflate(&s->gzip, Z_NO_FLUSH);
    s->in_pos = s->in_len - s->gzip.avail_in;
    *n = room - s->gzip.avail_out;
    if (result == Z_STREAM_END) {
        s->is_inside = false;
        return GY_OK;
    }
    if (result != Z_OK && result != Z_BUF_ERROR) {
        return damaged(s, "gzip", s->gzip.msg != NULL ? s->gzip.msg : "no deflate data", err);
    }
    return GY_OK;
}

static enum gy_status read_gzip(struct gy_byte_stream *s, char *out, size_t capacity, size_t *n,
                                struct gy_error *err)
{
    *n = 0;
    while (*n < capacity) {
        GY_TRY(refill(s, 2, err));
        if (!s->is_inside) {
            GY_TRY(begin_member(s, err));
            if (!s->is_inside) {
                return GY_OK;
            }
        }
        size_t in_before = available(s);
        size_t got = 0;
        GY_TRY(inflate_some(s, out + *n, capacity - *n, &got, err));
        *n += got;
        if (s->is_inside && got == 0 && available(s) == in_before && s->is_file_done) {
            return cut_off(s, "gzip", err);
        }
    }
    return GY_OK;
}

/* ---- zstd ---- */

static bool is_zstd(const char *p, size_t len)
{
    const unsigned char *u = (const unsigned char *)p;
    bool is_frame = len >= 4 && u[0] == 0x28 && u[1] == 0xb5 && u[2] == 0x2f && u[3] == 0xfd;
    bool is_skippable =
        len >= 4 && (u[0] & 0xf0) == 0x50 && u[1] == 0x2a && u[2] == 0x4d && u[3] == 0x18;
    return is_frame || is_skippable;
}

static enum gy_status read_zstd(struct gy_byte_stream *s, char *out, size_t capacity, size_t *n,
                                struct gy_error *err)
{
    ZSTD_outBuffer to = {out, capacity, 0};
    while (to.pos < to.size) {
        GY_TRY(refill(s, 1, err));
        if (available(s) == 0 && !s->is_inside) {
            break;
        }
        ZSTD_inBuffer from = {s->in, s->in_len, s->in_pos};
        size_t before = to.pos;
        size_t result = ZSTD_decompressStream(s->zstd, &to, &from);
        bool has_moved = from.pos > s->in_pos || to.pos > before;
        s->in_pos = from.pos;
        if (ZSTD_isError(result)) {
            return damaged(s, "zstd", ZSTD_getErrorName(result), err);
        }
        s->is_inside = result != 0;
        if (!has_moved && s->is_file_done) {
            return cut_off(s, "zstd", err);
        }
    }
    *n = to.pos;
    return GY_OK;
}

/* ---- lifecycle ---- */

static bool is_named(const struct gy_byte_stream *s, const char *suffix)
{
    return s->fd >= 0 && gy_str_ends_with(gy_str_of(s->name), gy_str_of(suffix));
}

static enum gy_status unpacked_as_named(const struct gy_byte_stream *s, struct gy_error *err)
{
    const char *what = NULL;
    if (s->packing != GZIP && is_named(s, ".gz")) {
        what = "gzip";
    } else if (s->packing != ZSTD && is_named(s, ".zst")) {
        what = "zstd";
    }
    if (what == NULL) {
        return GY_OK;
    }
    gy_error_set(err, GY_INVALID, "\"%s\" is not %s data", s->name, what);
    gy_error_hint(err, "The file may be damaged; if it is not compressed, give it another name.");
    return GY_INVALID;
}

static void prepare(struct gy_byte_stream *s)
{
    const char *p = s->in + s->in_pos;
    if (is_gzip(p, available(s))) {
        s->packing = GZIP;
        GY_ASSERT(inflateInit2(&s->gzip, 15 + 16) == Z_OK);
    } else if (is_zstd(p, available(s))) {
        s->packing = ZSTD;
        s->zstd = ZSTD_createDStream();
        GY_ASSERT(s->zstd != NULL);
        GY_ASSERT(!ZSTD_isError(
            ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX)));
    }
}

static enum gy_status begin(struct gy_byte_stream *s, struct gy_error *err)
{
    s->in = gy_alloc(IN_SIZE);
    GY_TRY(refill(s, MAGIC_SIZE, err));
    prepare(s);
    return unpacked_as_named(s, err);
}

static enum gy_status open_fd(struct gy_byte_stream *s, const char *path, struct gy_error *err)
{
    if (strcmp(path, "-") == 0) {
        s->fd = dup(STDIN_FILENO);
    } else {
        s->fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (s->fd < 0) {
        return gy_error_sys(err, errno, "could not open \"%s\"", s->name);
    }
    struct stat st;
    if (fstat(s->fd, &st) != 0) {
        return gy_error_sys(err, errno, "could not read \"%s\"", s->name);
    }
    if (S_ISDIR(st.st_mode)) {
        return gy_error_set(err, GY_INVALID, "\"%s\" is a directory, not a file", s->name);
    }
    if (S_ISREG(st.st_mode)) {
        s->size = (uint64_t)st.st_size;
        (void)posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    return GY_OK;
}

static struct gy_byte_stream *new_stream(const char *name)
{
    struct gy_byte_stream *s = gy_alloc_zero(1, sizeof *s);
    s->name = gy_strndup(name, strlen(name));
    s->fd = -1;
    return s;
}

enum gy_status gy_byte_stream_open(const char *path, struct gy_byte_stream **out,
                                   struct gy_error *err)
{
    struct gy_byte_stream *s = new_stream(strcmp(path, "-") == 0 ? "standard input" : path);
    enum gy_status status = open_fd(s, path, err);
    if (status == GY_OK) {
        status = begin(s, err);
    }
    if (status != GY_OK) {
        gy_byte_stream_close(s);
        s = NULL;
    }
    *out = s;
    return status;
}

enum gy_status gy_byte_stream_open_bytes(const char *name, struct gy_str bytes,
                                         struct gy_byte_stream **out, struct gy_error *err)
{
    struct gy_byte_stream *s = new_stream(name);
    s->bytes = bytes;
    s->size = bytes.len;
    enum gy_status status = begin(s, err);
    if (status != GY_OK) {
        gy_byte_stream_close(s);
        s = NULL;
    }
    *out = s;
    return status;
}

void gy_byte_stream_close(struct gy_byte_stream *s)
{
    if (s == NULL) {
        return;
    }
    if (s->packing == GZIP) {
        inflateEnd(&s->gzip);
    }
    ZSTD_freeDStream(s->zstd);
    if (s->fd >= 0) {
        close(s->fd);
    }
    free(s->in);
    free(s->name);
    free(s);
}

/* ---- reading ---- */

enum gy_status gy_byte_stream_read(struct gy_byte_stream *s, char *out, size_t capacity, size_t *n,
                                   struct gy_error *err)
{
    *n = 0;
    switch (s->packing) {
    case PLAIN:
        return read_plain(s, out, capacity, n, err);
    case GZIP:
        return read_gzip(s, out, capacity, n, err);
    case ZSTD:
        return read_zstd(s, out, capacity, n, err);
    }
    GY_ASSERT(false);
    return GY_INVALID;
}

const char *gy_byte_stream_name(const struct gy_byte_stream *s)
{
    return s->name;
}

uint64_t gy_byte_stream_position(const struct gy_byte_stream *s)
{
    return s->taken - available(s);
}

uint64_t gy_byte_stream_size(const struct gy_byte_stream *s)
{
    return s->size;
}
