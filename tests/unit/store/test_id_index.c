/* test_id_index.c - ids to ordinals and back, and files that are not as they were written. */
#include "harness.h"

#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "store/id_index.h"
#include "store/links.h"

enum {
    N = 500
};

/* Every third id is anonymous; anonymous id i has the text of external id i - 1. */
static struct gy_str id_of(uint32_t i, char out[16])
{
    int len = snprintf(out, 16, "id-%u", i % 3 == 2 ? i - 1 : i);
    return (struct gy_str){out, (size_t)len};
}

static void build(uint32_t first, uint32_t n, struct gy_buf *out)
{
    struct gy_id_builder b = {.first = first};
    for (uint32_t i = first; i < first + n; i++) {
        char text[16];
        uint32_t parent = i % 10 == 9 ? i - 1 : GY_ID_NONE;
        assert_true(gy_id_builder_add(&b, i % 3 != 2, id_of(i, text), parent));
    }
    gy_id_builder_finish(&b, out);
    gy_id_builder_release(&b);
}

static void add_file(struct gy_ids *ids, uint32_t first, uint32_t n)
{
    struct gy_error err = {0};
    struct gy_buf bytes = {0};
    struct gy_id_file *file;
    build(first, n, &bytes);
    assert_ok(gy_id_file_open_memory(gy_buf_view(&bytes), "test", &file, &err), &err);
    assert_ok(gy_ids_add(ids, file, &err), &err);
    gy_buf_release(&bytes);
}

static void test_every_id_is_found(void **state)
{
    (void)state;
    struct gy_ids ids = {0};
    add_file(&ids, 0, 200);
    add_file(&ids, 200, 1);
    add_file(&ids, 201, 0);
    add_file(&ids, 201, N - 201);
    assert_int_equal(ids.n, N);
    for (uint32_t i = 0; i < N; i++) {
        char text[16];
        bool is_external;
        assert_int_equal(gy_ids_find(&ids, i % 3 != 2, id_of(i, text)), i);
        assert_true(gy_str_equal(gy_ids_get(&ids, i, &is_external), id_of(i, text)));
        assert_int_equal(is_external, i % 3 != 2);
        assert_int_equal(gy_ids_parent(&ids, i), i % 10 == 9 ? i - 1 : GY_ID_NONE);
    }
    assert_int_equal(gy_ids_find(&ids, true, GY_STR("id-2")), GY_ID_NONE);
    assert_int_equal(gy_ids_find(&ids, false, GY_STR("id-0")), GY_ID_NONE);
    assert_int_equal(gy_ids_find(&ids, true, (struct gy_str){0}), GY_ID_NONE);
    gy_ids_release(&ids);
}

static void test_files_have_to_follow_each_other(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_ids ids = {0};
    struct gy_buf bytes = {0};
    struct gy_id_file *file;
    add_file(&ids, 0, 10);
    build(11, 5, &bytes);
    assert_ok(gy_id_file_open_memory(gy_buf_view(&bytes), "test", &file, &err), &err);
    assert_int_equal(gy_ids_add(&ids, file, &err), GY_CORRUPT);
    gy_id_file_close(file);
    gy_buf_release(&bytes);
    gy_ids_release(&ids);
}

/* Each bit of a small file. */
static void test_every_flipped_bit_is_found(void **state)
{
    (void)state;
    struct gy_buf bytes = {0};
    build(0, 12, &bytes);
    for (size_t i = 0; i < bytes.len * 8; i++) {
        struct gy_error err = {0};
        struct gy_id_file *file;
        bytes.ptr[i / 8] = (char)(bytes.ptr[i / 8] ^ (1 << (i % 8)));
        enum gy_status status = gy_id_file_open_memory(gy_buf_view(&bytes), "test", &file, &err);
        assert_true(status == GY_CORRUPT || status == GY_UNSUPPORTED);
        gy_id_file_close(file);
        bytes.ptr[i / 8] = (char)(bytes.ptr[i / 8] ^ (1 << (i % 8)));
    }
    gy_buf_release(&bytes);
}

static void test_every_cut_is_found(void **state)
{
    (void)state;
    struct gy_buf bytes = {0};
    build(0, 12, &bytes);
    for (size_t len = 0; len < bytes.len; len++) {
        struct gy_error err = {0};
        struct gy_id_file *file;
        assert_int_equal(
            gy_id_file_open_memory((struct gy_str){bytes.ptr, len}, "test", &file, &err),
            GY_CORRUPT);
        assert_null(file);
    }
    gy_buf_release(&bytes);
}

/* Files whose checksum is right although what they say cannot be: random words of a sound file are
 * overwritten, and the checksum is made new. They are refused, or every look at them ends well. */
static void test_a_lying_file_does_no_harm(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    struct gy_buf sound = {0};
    build(0, 40, &sound);
    for (int round = 0; round < 3000; round++) {
        struct gy_error err = {0};
        struct gy_id_file *file;
        struct gy_buf bytes = {0};
        gy_buf_append(&bytes, sound.ptr, sound.len);
        size_t at = 8 + gy_test_below(&random, (bytes.len - 64 - 8) / 4) * 4;
        uint32_t word = gy_test_below(&random, 3) == 0 ? (uint32_t)gy_test_random(&random)
                                                       : (uint32_t)gy_test_below(&random, 70);
        memcpy(bytes.ptr + at, &word, sizeof word);
        uint64_t checksum = gy_hash(bytes.ptr, bytes.len - 64, 0);
        memcpy(bytes.ptr + bytes.len - 64, &checksum, sizeof checksum);
        struct gy_ids ids = {0};
        if (gy_id_file_open_memory(gy_buf_view(&bytes), "test", &file, &err) == GY_OK &&
            gy_ids_add(&ids, file, &err) != GY_OK) {
            gy_id_file_close(file);
        }
        struct gy_links links = {.ids = &ids};
        for (uint32_t i = 0; i < ids.n; i++) {
            char text[16];
            gy_ids_find(&ids, true, id_of(i, text));
            gy_ids_get(&ids, i, NULL);
            gy_links_root(&links, i);
        }
        gy_ids_release(&ids);
        gy_buf_release(&bytes);
    }
    gy_buf_release(&sound);
}

/* ---- links ---- */

static void test_roots_of_a_long_chain(void **state)
{
    (void)state;
    enum {
        LONG = 20000
    };
    struct gy_links links = {0};
    for (uint32_t i = 0; i < LONG; i++)
        gy_links_add(&links, i, i + 1);
    assert_int_equal(gy_links_find_root(&links, 0), LONG);
    for (uint32_t i = 0; i <= LONG; i++)
        assert_int_equal(gy_links_root(&links, i), LONG);
    assert_int_equal(gy_links_parent(&links, LONG), GY_ID_NONE);
    gy_links_add(&links, LONG, LONG + 1);
    assert_int_equal(gy_links_find_root(&links, 7), LONG + 1);
    gy_links_release(&links);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_every_id_is_found),
    cmocka_unit_test(test_files_have_to_follow_each_other),
    cmocka_unit_test(test_every_flipped_bit_is_found),
    cmocka_unit_test(test_every_cut_is_found),
    cmocka_unit_test(test_a_lying_file_does_no_harm),
    cmocka_unit_test(test_roots_of_a_long_chain),
};

GY_TEST_MAIN(cases)
