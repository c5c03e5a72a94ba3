/* test_part.c - damage: every flipped bit is reported, and whatever the bytes say, reading what is
 * handed out stays within the part. */
#include "sample_part.h"

#include "part_checksums.h"
#include "part_reader.h"

static uint8_t *copy_of(const uint8_t *bytes, size_t len)
{
    uint8_t *copy = gy_alloc_aligned(64, len);
    memcpy(copy, bytes, len);
    return copy;
}

static void the_sample_has_every_encoding(void **state)
{
    (void)state;
    struct gy_error err;
    uint8_t *bytes;
    size_t len;
    make_bytes(&bytes, &len);
    struct gy_part *part;
    assert_ok(gy_part_open_memory(bytes, len, "sample", &part, &err), &err);
    assert_ok(gy_part_check(part, &err), &err);
    unsigned roles = 0;
    unsigned encodings = 0;
    for (uint32_t i = 0; i < part->n_columns; i++) {
        roles |= 1u << part->columns[i].role;
        encodings |= 1u << part->columns[i].encoding;
    }
    assert_int_equal(roles, 0xFE);
    assert_int_equal(encodings & ~1u, 0x3E);
    assert_true(part->n_dictionaries >= 3);
    gy_part_close(part);
}

static void every_flipped_bit_is_reported(void **state)
{
    (void)state;
    uint8_t *bytes;
    size_t len;
    make_bytes(&bytes, &len);
    for (size_t at = 0; at < len; at++) {
        for (int bit = 0; bit < 8; bit++) {
            struct gy_error err = {0};
            struct gy_part *part;
            uint8_t *copy = copy_of(bytes, len);
            copy[at] ^= (uint8_t)(1 << bit);
            enum gy_status status = gy_part_open_memory(copy, len, "flipped", &part, &err);
            if (status == GY_OK) {
                read_part(part);
                status = gy_part_check(part, &err);
            }
            if (status != GY_CORRUPT) {
                fail_msg("bit %d of byte %zu: status %d", bit, at, status);
            }
            assert_non_null(strstr(err.message, "\"flipped\""));
            gy_part_close(part);
        }
    }
    free(bytes);
}

static void a_damaged_column_is_never_handed_out(void **state)
{
    (void)state;
    struct gy_error err;
    uint8_t *bytes;
    size_t len;
    make_bytes(&bytes, &len);
    struct gy_part *part;
    assert_ok(gy_part_open_memory(copy_of(bytes, len), len, "whole", &part, &err), &err);
    const struct gy_slice *slice = gy_part_find(part, 0, EVENT_A);
    uint64_t offset = gy_part_find_column(part, slice, GY_ROLE_PROPERTY, 1)->offset;
    gy_part_close(part);
    bytes[offset] ^= 1;
    assert_ok(gy_part_open_memory(bytes, len, "damaged", &part, &err), &err);
    slice = gy_part_find(part, 0, EVENT_A);
    struct gy_column column;
    for (int again = 0; again < 2; again++) {
        assert_int_equal(gy_part_column(part, slice, 1, &column, &err), GY_CORRUPT);
        assert_string_equal(err.message, "part \"damaged\" is damaged: property 1 of stream 16 in "
                                         "block 0: its checksum does not match");
    }
    assert_ok(gy_part_column(part, slice, 2, &column, &err), &err); /* the others still are */
    gy_part_close(part);
}

static void a_part_cut_off_is_damaged(void **state)
{
    (void)state;
    uint8_t *bytes;
    size_t len;
    make_bytes(&bytes, &len);
    for (size_t shorter = 0; shorter < len; shorter++) {
        struct gy_error err;
        struct gy_part *part;
        uint8_t *copy = copy_of(bytes, shorter);
        assert_int_equal(gy_part_open_memory(copy, shorter, "cut", &part, &err), GY_CORRUPT);
        assert_null(part);
    }
    free(bytes);
}

static void a_newer_format_is_said_to_be_newer(void **state)
{
    (void)state;
    struct gy_error err;
    uint8_t *bytes;
    size_t len;
    make_bytes(&bytes, &len);
    bytes[8] = GY_PART_VERSION + 1;
    fix_checksums(bytes, len);
    struct gy_part *part;
    assert_int_equal(gy_part_open_memory(bytes, len, "new", &part, &err), GY_UNSUPPORTED);
}

/* Changes a few bytes at random, preferably to values on the edge, and mends the checksums. */
static void damage(uint8_t *bytes, size_t len, uint64_t *random)
{
    static const uint8_t edges[6] = {0, 1, 0x7F, 0x80, 0xFE, 0xFF};
    struct gy_part_footer footer;
    memcpy(&footer, bytes + len - sizeof footer, sizeof footer);
    for (uint64_t i = gy_test_below(random, 4) + 1; i > 0; i--) {
        /* Half of the changes in the directory, of which every byte means much. */
        uint64_t first = gy_test_below(random, 2) == 0 ? footer.directory_offset : 0;
        size_t at = first + gy_test_below(random, len - first);
        bytes[at] = gy_test_below(random, 2) == 0 ? edges[gy_test_below(random, 6)]
                                                  : (uint8_t)gy_test_random(random);
    }
    fix_checksums(bytes, len);
}

static void read_damaged(const uint8_t *bytes, size_t len, int n_rounds)
{
    uint64_t random = gy_test_seed();
    int n_opened = 0;
    for (int round = 0; round < n_rounds; round++) {
        struct gy_error err;
        struct gy_part *part;
        uint8_t *copy = copy_of(bytes, len);
        damage(copy, len, &random);
        if (gy_part_open_memory(copy, len, "damaged", &part, &err) == GY_OK) {
            n_opened++;
            read_part(part);
            enum gy_status status = gy_part_check(part, &err);
            assert_true(status == GY_OK || status == GY_CORRUPT);
            gy_part_close(part);
        }
    }
    assert_true(n_opened > n_rounds / 20); /* the damage got behind the checksums */
}

static void what_passes_the_checks_can_be_read(void **state)
{
    (void)state;
    uint8_t *bytes;
    size_t len;
    make_bytes(&bytes, &len);
    read_damaged(bytes, len, 20000);
    free(bytes);
}

static void read_damaged_file(const char *path, int n_rounds)
{
    struct gy_error err;
    struct gy_buf bytes = {0};
    assert_ok(gy_file_read(path, &bytes, &err), &err);
    read_damaged((const uint8_t *)bytes.ptr, bytes.len, n_rounds);
    gy_buf_release(&bytes);
}

static void damaged_tables_and_patterns_lead_nowhere_else(void **state)
{
    (void)state;
    read_damaged_file(GY_TESTS_DATA "/golden/part-v2/tables-and-patterns.part", 2000);
}

static void damaged_units_lead_nowhere_else(void **state)
{
    (void)state;
    read_damaged_file(GY_TESTS_DATA "/golden/part-v2/units-and-no-times.part", 10000);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(the_sample_has_every_encoding),
    cmocka_unit_test(every_flipped_bit_is_reported),
    cmocka_unit_test(a_damaged_column_is_never_handed_out),
    cmocka_unit_test(a_part_cut_off_is_damaged),
    cmocka_unit_test(a_newer_format_is_said_to_be_newer),
    cmocka_unit_test(what_passes_the_checks_can_be_read),
    cmocka_unit_test(damaged_tables_and_patterns_lead_nowhere_else),
    cmocka_unit_test(damaged_units_lead_nowhere_else),
};

GY_TEST_MAIN(cases)
