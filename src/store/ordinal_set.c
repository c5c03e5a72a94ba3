/* ordinal_set.c - see ordinal_set.h. */
#include "store/ordinal_set.h"

#include <endian.h>
#include <string.h>

#include "base/hash.h"

enum {
    CHECKSUM_BYTES = 8
};

static void put_checksum(char out[CHECKSUM_BYTES], const char *bytes, size_t len)
{
    uint64_t checksum = htole64(gy_hash(bytes, len, 0));
    memcpy(out, &checksum, CHECKSUM_BYTES);
}

void gy_ordinal_set_pack(const roaring_bitmap_t *set, struct gy_buf *out)
{
    roaring_bitmap_t *copy = set == NULL ? roaring_bitmap_create() : roaring_bitmap_copy(set);
    (void)roaring_bitmap_run_optimize(copy);
    size_t len = roaring_bitmap_portable_size_in_bytes(copy);
    char *room = gy_buf_room(out, CHECKSUM_BYTES + len);
    (void)roaring_bitmap_portable_serialize(copy, room + CHECKSUM_BYTES);
    put_checksum(room, room + CHECKSUM_BYTES, len);
    gy_buf_added(out, CHECKSUM_BYTES + len);
    roaring_bitmap_free(copy);
}

enum gy_status gy_ordinal_set_unpack(struct gy_str bytes, roaring_bitmap_t **out,
                                     struct gy_error *err)
{
    char checksum[CHECKSUM_BYTES];
    *out = NULL;
    if (bytes.len > CHECKSUM_BYTES) {
        size_t len = bytes.len - CHECKSUM_BYTES;
        put_checksum(checksum, bytes.ptr + CHECKSUM_BYTES, len);
        if (memcmp(checksum, bytes.ptr, CHECKSUM_BYTES) == 0)
            *out = roaring_bitmap_portable_deserialize_safe(bytes.ptr + CHECKSUM_BYTES, len);
    }
    return *out != NULL
               ? GY_OK
               : gy_error_set(err, GY_CORRUPT, "a set of customers in the catalog is damaged");
}
