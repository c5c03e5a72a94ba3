/* test_source.c - bytes to UTF-8: packing, encodings, and the places of what is wrong. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "ingest/source.h"

static struct gy_str view(const char *bytes, size_t len)
{
    return (struct gy_str){bytes, len};
}

/* Reads all of it; `encoding` gets what was taken. */
static enum gy_status read_all(struct gy_str bytes, const char *given, struct gy_buf *out,
                               char encoding[40], struct gy_error *err)
{
    struct gy_source *source = NULL;
    gy_buf_reset(out);
    gy_buf_append(out, "", 0);
    enum gy_status status = gy_source_open_bytes("input", bytes, given, &source, err);
    struct gy_str chunk = {0};
    while (status == GY_OK) {
        status = gy_source_read(source, &chunk, err);
        if (status != GY_OK || chunk.len == 0) {
            break;
        }
        gy_buf_str(out, chunk);
    }
    if (source != NULL) {
        snprintf(encoding, 40, "%s", gy_source_encoding(source));
    }
    gy_source_close(source);
    return status;
}

static void assert_reads(struct gy_str bytes, const char *given, const char *want,
                         const char *want_encoding)
{
    struct gy_buf out = {0};
    struct gy_error err;
    char encoding[40] = "";
    assert_ok(read_all(bytes, given, &out, encoding, &err), &err);
    assert_int_equal(out.len, strlen(want));
    assert_memory_equal(out.ptr, want, out.len);
    assert_string_equal(encoding, want_encoding);
    gy_buf_release(&out);
}

#define READS(literal, given, want, encoding) \
    assert_reads(view(literal, sizeof(literal) - 1), given, want, encoding)

static void assert_fails(struct gy_str bytes, const char *given, uint32_t line, uint32_t column,
                         const char *mentions)
{
    struct gy_buf out = {0};
    struct gy_error err = {0};
    char encoding[40] = "";
    assert_int_equal(read_all(bytes, given, &out, encoding, &err), GY_INVALID);
    assert_int_equal(err.line, line);
    assert_int_equal(err.column, column);
    assert_non_null(strstr(err.message, mentions));
    gy_buf_release(&out);
}

/* ---- encodings ---- */

static void plain_utf8_is_handed_through(void **state)
{
    (void)state;
    READS("", NULL, "", "UTF-8");
    READS("a,b\n", "auto", "a,b\n", "UTF-8");
    READS("이름\n홍길동\n", NULL, "이름\n홍길동\n", "UTF-8");
}

static void a_nul_in_utf8_stays(void **state)
{
    (void)state;
    struct gy_buf out = {0};
    struct gy_error err;
    char encoding[40];
    assert_ok(read_all(view("name\n\xea\xb0\x80\0z\n", 11), NULL, &out, encoding, &err), &err);
    assert_int_equal(out.len, 11);
    assert_string_equal(encoding, "UTF-8");
    gy_buf_release(&out);
}

static void byte_order_marks_decide_and_vanish(void **state)
{
    (void)state;
    READS("\xef\xbb\xbf"
          "a,가\n",
          NULL, "a,가\n", "UTF-8");
    READS("\xff\xfe\x61\x00\x00\xac\n\x00", NULL, "a가\n", "UTF-16LE");
    READS("\xfe\xff\x00\x61\xac\x00\x00\n", NULL, "a가\n", "UTF-16BE");
    READS("\xef\xbb\xbf"
          "a",
          "utf-8", "a", "UTF-8");
    READS("\xff\xfe\x61\x00", "utf-16le", "a", "UTF-16LE");
}

/* 가 is U+AC00: its low byte is a NUL too, so NULs alone do not tell the order. */
static void utf16_without_a_mark_is_known_by_its_ascii(void **state)
{
    (void)state;
    READS("\x00\xac\x00\xac,\x00\x31\x00\n\x00", NULL, "가가,1\n", "UTF-16LE");
    READS("\xac\x00\xac\x00\x00,\x00\x31\x00\n", NULL, "가가,1\n", "UTF-16BE");
    READS("i\0d\0,\0n\0\n\0", NULL, "id,n\n", "UTF-16LE");
    /* U+1F600, a surrogate pair */
    READS("i\0\x3d\xd8\x00\xde\n\0", NULL, "i😀\n", "UTF-16LE");
}

/* 홍길동 in CP949 is C8 AB B1 E6 B5 BF; 뷁 is 94 EE, in the part of CP949 that EUC-KR lacks. */
static void cp949_is_what_is_not_utf8(void **state)
{
    (void)state;
    READS("name\n\xc8\xab\xb1\xe6\xb5\xbf\n", NULL, "name\n홍길동\n", "CP949");
    READS("\x94\xee,1\n", NULL, "뷁,1\n", "CP949");
    READS("\x94\xee\n", "euc-kr", "뷁\n", "CP949");
    READS("\x94\xee\n", "UHC", "뷁\n", "CP949");
}

/* C8 AB alone is U+022B in UTF-8 and 홍 in CP949. */
static void two_bytes_that_are_hangul_are_cp949(void **state)
{
    (void)state;
    READS("name\n\xc8\xab\n", NULL, "name\n홍\n", "CP949");
    READS("name\n\xc8\xab\n", "utf-8", "name\nȫ\n", "UTF-8");
    /* 홍 beside a character from U+0800 on, both in UTF-8 */
    READS("\xc8\xab\xea\xb0\x80", NULL, "ȫ가", "UTF-8");
    /* Polish ł is C5 82: no syllable of KS X 1001 */
    READS("z\xc5\x82oty", NULL, "złoty", "UTF-8");
    /* Cyrillic Д is D0 94: read as CP949 no Hangul */
    READS("\xd0\x94\xd0\xb0", NULL, "Да", "UTF-8");
}

static void latin1_letters_alone_stay_utf8(void **state)
{
    (void)state;
    READS("BOX \xc2\xa3"
          "3.50\n",
          NULL, "BOX £3.50\n", "UTF-8");
    READS("caf\xc3\xa9\n", NULL, "café\n", "UTF-8");
}

static void other_encodings_are_given_by_name(void **state)
{
    (void)state;
    READS("caf\xe9\n", "windows-1252", "café\n", "windows-1252");
    struct gy_error err = {0};
    struct gy_source *source = NULL;
    assert_int_equal(gy_source_open_bytes("x", view("a", 1), "klingon", &source, &err), GY_INVALID);
    assert_null(source);
    assert_non_null(strstr(err.message, "klingon"));
    assert_int_equal(gy_source_open_bytes("x", view("a", 1), "cp949//IGNORE", &source, &err),
                     GY_INVALID);
    assert_int_equal(gy_source_open_bytes("x", view("a", 1), "../x", &source, &err), GY_INVALID);
}

/* ---- what is wrong, and where ---- */

static void bytes_of_no_encoding_are_an_error_with_a_place(void **state)
{
    (void)state;
    /* FF is in neither UTF-8 nor CP949. Line 2: 가, b, then the byte. */
    assert_fails(view("a\n\xea\xb0\x80"
                      "b\xff\n",
                      8),
                 NULL, 2, 3, "0xff");
    assert_fails(view("ab\n\xc8\xab", 5), "utf-16le", 1, 3, "0xab");
    assert_fails(view("a\n\xc8", 3), "cp949", 2, 1, "0xc8");
    assert_fails(view("a\n\xed\xa0\x80", 5), "utf-8", 2, 1, "0xed");  /* a surrogate */
    assert_fails(view("\xc0\xaf", 2), "utf-8", 1, 1, "0xc0");         /* overlong */
    assert_fails(view("\xf4\x90\x80\x80", 4), "utf-8", 1, 1, "0xf4"); /* past U+10FFFF */
}

/* The first three megabytes are ASCII: the encoding is decided by what comes then. */
static void ascii_leaves_the_encoding_open(void **state)
{
    (void)state;
    struct gy_buf text = {0};
    while (text.len < 3u << 20) {
        gy_buf_text(&text, "id,name,city\n");
    }
    size_t n = text.len;
    gy_buf_text(&text, "\xc8\xab\xb1\xe6\xb5\xbf\n");
    struct gy_buf out = {0};
    struct gy_error err;
    char encoding[40];
    assert_ok(read_all(gy_buf_view(&text), NULL, &out, encoding, &err), &err);
    assert_string_equal(encoding, "CP949");
    assert_int_equal(out.len, n + 10);
    assert_string_equal(out.ptr + n, "홍길동\n");
    gy_buf_release(&text);
    gy_buf_release(&out);
}

static void a_later_change_of_encoding_is_an_error(void **state)
{
    (void)state;
    struct gy_buf text = {0};
    gy_buf_text(&text, "가\n");
    for (int i = 0; i < 100000; i++) {
        gy_buf_text(&text, "0123456789abcdef\n");
    }
    gy_buf_text(&text, "xyz\xb1\xe6");
    assert_fails(gy_buf_view(&text), NULL, 100002, 4, "0xb1");
    gy_buf_release(&text);
}

/* Each shift lays the cuts between megabytes at another byte of the three that 가 has. */
static void characters_over_chunk_ends_stay_whole(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        struct gy_buf text = {0};
        for (size_t i = 0; i < shift; i++) {
            gy_buf_char(&text, 'x');
        }
        while (text.len < 5u << 19) {
            gy_buf_text(&text, "가😀");
        }
        struct gy_buf out = {0};
        struct gy_error err;
        char encoding[40];
        assert_ok(read_all(gy_buf_view(&text), NULL, &out, encoding, &err), &err);
        assert_true(gy_str_equal(gy_buf_view(&text), gy_buf_view(&out)));
        gy_buf_release(&text);
        gy_buf_release(&out);
    }
}

static void cp949_over_chunk_ends_stays_whole(void **state)
{
    (void)state;
    struct gy_buf text = {0};
    gy_buf_char(&text, 'x');
    while (text.len < 5u << 19) {
        gy_buf_text(&text, "\xb1\xe6"); /* 길 */
    }
    struct gy_buf out = {0};
    struct gy_error err;
    char encoding[40];
    assert_ok(read_all(gy_buf_view(&text), NULL, &out, encoding, &err), &err);
    assert_int_equal(out.len, 1 + (text.len - 1) / 2 * 3);
    assert_string_equal(out.ptr + out.len - 6, "길길");
    gy_buf_release(&text);
    gy_buf_release(&out);
}

/* ---- packing ---- */

static void add_gzip(struct gy_str text, struct gy_buf *out)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    char *to = gy_buf_room(out, text.len + 1024);
    z.next_in = (unsigned char *)(uintptr_t)text.ptr;
    z.avail_in = (uInt)text.len;
    z.next_out = (unsigned char *)to;
    z.avail_out = (uInt)text.len + 1024;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    gy_buf_added(out, z.total_out);
    deflateEnd(&z);
}

static void add_zstd(struct gy_str text, struct gy_buf *out)
{
    char *to = gy_buf_room(out, text.len + 1024);
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
    size_t n = ZSTD_compress2(zstd, to, text.len + 1024, text.ptr, text.len);
    ZSTD_freeCCtx(zstd);
    assert_false(ZSTD_isError(n));
    gy_buf_added(out, n);
}

/* Not very compressible text of about `len` bytes, so that the packed form spans many reads. */
static void add_noise(struct gy_buf *out, size_t len)
{
    uint64_t random = 7;
    while (out->len < len) {
        gy_buf_printf(out, "%llx\n", (unsigned long long)gy_test_random(&random));
    }
}

static void check_packed(void (*pack)(struct gy_str, struct gy_buf *))
{
    struct gy_buf text = {0};
    struct gy_buf packed = {0};
    struct gy_buf out = {0};
    struct gy_error err;
    char encoding[40];
    add_noise(&text, 3u << 20);
    pack(gy_buf_view(&text), &packed);
    size_t one = packed.len;
    pack(gy_buf_view(&text), &packed);
    assert_ok(read_all(gy_buf_view(&packed), NULL, &out, encoding, &err), &err);
    assert_int_equal(out.len, 2 * text.len);
    assert_memory_equal(out.ptr, text.ptr, text.len);
    assert_memory_equal(out.ptr + text.len, text.ptr, text.len);

    /* cut off inside the first and inside the second */
    const size_t cuts[] = {12, one / 2, one - 1, one + 12, packed.len - 1};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        assert_int_equal(read_all(view(packed.ptr, cuts[i]), NULL, &out, encoding, &err),
                         GY_INVALID);
        char offset[32];
        snprintf(offset, sizeof offset, "byte %zu", cuts[i]);
        assert_non_null(strstr(err.message, "ends inside"));
        assert_non_null(strstr(err.message, offset));
    }

    /* a flipped bit in the middle */
    packed.ptr[one / 2] ^= 4;
    assert_int_equal(read_all(gy_buf_view(&packed), NULL, &out, encoding, &err), GY_INVALID);
    gy_buf_release(&text);
    gy_buf_release(&packed);
    gy_buf_release(&out);
}

static void gzip_of_several_members(void **state)
{
    (void)state;
    check_packed(add_gzip);
}

static void zstd_of_several_frames(void **state)
{
    (void)state;
    check_packed(add_zstd);
}

static void zeros_behind_gzip_are_padding_and_garbage_is_not(void **state)
{
    (void)state;
    struct gy_buf packed = {0};
    add_gzip(GY_STR("a,b\n"), &packed);
    gy_buf_zero(&packed, 600000);
    assert_reads(gy_buf_view(&packed), NULL, "a,b\n", "UTF-8");
    gy_buf_char(&packed, 'x');
    assert_fails(gy_buf_view(&packed), NULL, 0, 0, "something else follows");
    gy_buf_release(&packed);
}

static void packed_cp949_is_decoded_too(void **state)
{
    (void)state;
    struct gy_buf packed = {0};
    add_gzip(GY_STR("\xc8\xab\xb1\xe6\xb5\xbf"), &packed);
    assert_reads(gy_buf_view(&packed), NULL, "홍길동", "CP949");
    gy_buf_release(&packed);
}

/* ---- files ---- */

static void write_file(const char *path, struct gy_str bytes)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, f), bytes.len);
    assert_int_equal(fclose(f), 0);
}

static void files_are_read_and_their_progress_is_known(void **state)
{
    (void)state;
    char path[] = "/tmp/gyeol-source-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    write_file(path, GY_STR("a,b\n1,2\n"));
    struct gy_source *source = NULL;
    struct gy_str chunk;
    struct gy_error err;
    assert_ok(gy_source_open(path, NULL, &source, &err), &err);
    assert_int_equal(gy_source_size(source), 8);
    assert_ok(gy_source_read(source, &chunk, &err), &err);
    assert_int_equal(chunk.len, 8);
    assert_int_equal(gy_source_position(source), 8);
    assert_ok(gy_source_read(source, &chunk, &err), &err);
    assert_int_equal(chunk.len, 0);
    gy_source_close(source);
    unlink(path);
}

static void what_cannot_be_opened_is_named(void **state)
{
    (void)state;
    struct gy_source *source = NULL;
    struct gy_error err;
    assert_int_equal(gy_source_open("/nowhere/x.csv", NULL, &source, &err), GY_IO);
    assert_non_null(strstr(err.message, "/nowhere/x.csv"));
    assert_int_equal(gy_source_open("/tmp", NULL, &source, &err), GY_INVALID);
    assert_non_null(strstr(err.message, "directory"));

    char path[] = "/tmp/gyeol-source-XXXXXX.gz";
    int fd = mkstemps(path, 3);
    assert_true(fd >= 0);
    close(fd);
    write_file(path, GY_STR("a,b\n"));
    assert_int_equal(gy_source_open(path, NULL, &source, &err), GY_INVALID);
    assert_non_null(strstr(err.message, "is not gzip data"));
    unlink(path);
}

static void files_of_other_programs_are_no_texts(void **state)
{
    (void)state;
    struct gy_buf packed = {0};
    add_gzip(GY_STR("PK\3\4\24\0\0\0"), &packed);
    assert_fails(gy_buf_view(&packed), NULL, 0, 0, "is no text but a zip file");
    gy_buf_release(&packed);
    assert_fails(GY_STR("PK\3\4\24\0\0\0"), NULL, 0, 0, "is no text but a zip file");
    assert_fails(GY_STR("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), NULL, 0, 0, "Microsoft Office");
    READS("PK,n\n", NULL, "PK,n\n", "UTF-8");
}

static void what_was_peeked_at_is_read_again(void **state)
{
    (void)state;
    struct gy_source *source = NULL;
    struct gy_str chunk;
    struct gy_error err = {0};
    assert_ok(gy_source_open_bytes("x", GY_STR("\xEF\xBB\xBF{\"a\": 1}\n"), NULL, &source, &err),
              &err);
    for (int i = 0; i < 3; i++) {
        assert_ok(gy_source_peek(source, &chunk, &err), &err);
        assert_true(gy_str_equal(chunk, GY_STR("{\"a\": 1}\n")));
    }
    assert_ok(gy_source_read(source, &chunk, &err), &err);
    assert_true(gy_str_equal(chunk, GY_STR("{\"a\": 1}\n")));
    assert_ok(gy_source_peek(source, &chunk, &err), &err);
    assert_int_equal(chunk.len, 0);
    assert_ok(gy_source_read(source, &chunk, &err), &err);
    assert_int_equal(chunk.len, 0);
    gy_source_close(source);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(what_was_peeked_at_is_read_again),
    cmocka_unit_test(files_of_other_programs_are_no_texts),
    cmocka_unit_test(plain_utf8_is_handed_through),
    cmocka_unit_test(a_nul_in_utf8_stays),
    cmocka_unit_test(byte_order_marks_decide_and_vanish),
    cmocka_unit_test(utf16_without_a_mark_is_known_by_its_ascii),
    cmocka_unit_test(cp949_is_what_is_not_utf8),
    cmocka_unit_test(two_bytes_that_are_hangul_are_cp949),
    cmocka_unit_test(latin1_letters_alone_stay_utf8),
    cmocka_unit_test(other_encodings_are_given_by_name),
    cmocka_unit_test(bytes_of_no_encoding_are_an_error_with_a_place),
    cmocka_unit_test(ascii_leaves_the_encoding_open),
    cmocka_unit_test(a_later_change_of_encoding_is_an_error),
    cmocka_unit_test(characters_over_chunk_ends_stay_whole),
    cmocka_unit_test(cp949_over_chunk_ends_stays_whole),
    cmocka_unit_test(gzip_of_several_members),
    cmocka_unit_test(zstd_of_several_frames),
    cmocka_unit_test(zeros_behind_gzip_are_padding_and_garbage_is_not),
    cmocka_unit_test(packed_cp949_is_decoded_too),
    cmocka_unit_test(files_are_read_and_their_progress_is_known),
    cmocka_unit_test(what_cannot_be_opened_is_named),
};

GY_TEST_MAIN(cases)
