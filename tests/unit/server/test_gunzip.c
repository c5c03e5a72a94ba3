/* test_gunzip.c - what was compressed comes back; what is damaged or would be too large does not. */
#include "harness.h"

#include <string.h>
#include <zlib.h>

#include "base/mem.h"
#include "server/gunzip.h"

static struct gy_buf zip(const void *bytes, size_t len)
{
    struct gy_buf out = {0};
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, len);
    z.next_in = (z_const Bytef *)(uintptr_t)bytes;
    z.avail_in = (uInt)len;
    z.next_out = (Bytef *)gy_buf_room(&out, room);
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    gy_buf_added(&out, room - z.avail_out);
    deflateEnd(&z);
    return out;
}

static void back_and_forth(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_buf out = {0};
    struct gy_buf zipped = zip("hello", 5);
    assert_true(gy_is_gzip(gy_buf_view(&zipped)));
    assert_false(gy_is_gzip(GY_STR("{}")));
    assert_false(gy_is_gzip(GY_STR("\x1f")));
    assert_ok(gy_gunzip(gy_buf_view(&zipped), 5, &out, &err), &err);
    assert_true(gy_str_equal(gy_buf_view(&out), GY_STR("hello")));
    gy_buf_reset(&out);
    assert_int_equal(gy_gunzip(gy_buf_view(&zipped), 4, &out, &err), GY_LIMIT);
    for (size_t len = 2; len < zipped.len; len++) {
        struct gy_str cut = {zipped.ptr, len};
        gy_buf_reset(&out);
        assert_int_equal(gy_gunzip(cut, 100, &out, &err), GY_INVALID);
    }
    zipped.ptr[zipped.len - 8] ^= 1; /* of the checksum */
    gy_buf_reset(&out);
    assert_int_equal(gy_gunzip(gy_buf_view(&zipped), 100, &out, &err), GY_INVALID);
    gy_buf_release(&zipped);
    gy_buf_release(&out);
}

/* A hundred megabytes in a hundred kilobytes: they are never made. */
static void a_bomb(void **state)
{
    (void)state;
    enum {
        SIZE = 100 << 20,
        MAX = 500 << 10
    };
    struct gy_error err = {0};
    struct gy_buf out = {0};
    void *zeros = gy_alloc_zero(1, SIZE);
    struct gy_buf zipped = zip(zeros, SIZE);
    free(zeros);
    assert_true(zipped.len < MAX);
    assert_int_equal(gy_gunzip(gy_buf_view(&zipped), MAX, &out, &err), GY_LIMIT);
    assert_true(out.capacity < 4 * MAX);
    gy_buf_release(&zipped);
    gy_buf_release(&out);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(back_and_forth),
    cmocka_unit_test(a_bomb),
};

GY_TEST_MAIN(cases)
