/* gunzip.c - see gunzip.h. */
#include "server/gunzip.h"

#include <limits.h>
#include <zlib.h>

enum {
    PIECE = 64 << 10,
    GZIP_ONLY = 16 + MAX_WBITS
};

bool gy_is_gzip(struct gy_str bytes)
{
    return bytes.len >= 2 && (unsigned char)bytes.ptr[0] == 0x1f &&
           (unsigned char)bytes.ptr[1] == 0x8b;
}

static enum gy_status inflate_all(z_stream *z, size_t max, struct gy_buf *out, struct gy_error *err)
{
    int code = Z_OK;
    while (code == Z_OK) {
        z->next_out = (Bytef *)gy_buf_room(out, PIECE);
        z->avail_out = PIECE;
        code = inflate(z, Z_NO_FLUSH);
        gy_buf_added(out, PIECE - z->avail_out);
        if (out->len > max) {
            return gy_error_set(err, GY_LIMIT, "the body has more than %zu bytes", max);
        }
    }
    return code == Z_STREAM_END
               ? GY_OK
               : gy_error_set(err, GY_INVALID, "the gzip data is damaged or cut off");
}

enum gy_status gy_gunzip(struct gy_str bytes, size_t max, struct gy_buf *out, struct gy_error *err)
{
    z_stream z = {0};
    GY_ASSERT(bytes.len <= UINT_MAX);
    z.next_in = (z_const Bytef *)(uintptr_t)bytes.ptr;
    z.avail_in = (uInt)bytes.len;
    if (inflateInit2(&z, GZIP_ONLY) != Z_OK) {
        return gy_error_set(err, GY_IO, "could not begin to decompress");
    }
    enum gy_status status = inflate_all(&z, max, out, err);
    inflateEnd(&z);
    return status;
}
