/* text.c - UTF-8 by hand, everything that needs Unicode's tables by ICU.
 *
 * Nearly all text that passes is ASCII or Korean. Both are told apart by a few comparisons, so that
 * ICU, which wants UTF-16, is asked only about the rest.
 */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "base/mem.h"

/* ---- bytes and code points ---- */

static size_t ascii_prefix(struct gy_str s)
{
    size_t i = 0;
    for (; i + 8 <= s.len; i += 8) {
        uint64_t word;
        memcpy(&word, s.ptr + i, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
    }
    while (i < s.len && (unsigned char)s.ptr[i] < 0x80) {
        i++;
    }
    return i;
}

bool gy_text_is_ascii(struct gy_str s)
{
    return ascii_prefix(s) == s.len;
}

/* The length of the well-formed sequence at `p`, or 0: Unicode's table 3-7. Only the second byte's
 * range depends on the first, which shuts out overlong forms, surrogates and what is past U+10FFFF. */
static size_t sequence_length(const unsigned char *p, size_t available)
{
    unsigned char lead = p[0];
    if (lead < 0x80) {
        return 1;
    }
    size_t len = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || len > available) {
        return 0;
    }
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return len;
}

bool gy_text_is_utf8(struct gy_str s)
{
    size_t i = 0;
    while (i < s.len) {
        if ((unsigned char)s.ptr[i] < 0x80) {
            i += ascii_prefix((struct gy_str){s.ptr + i, s.len - i});
            continue;
        }
        size_t len = sequence_length((const unsigned char *)s.ptr + i, s.len - i);
        if (len == 0) {
            return false;
        }
        i += len;
    }
    return true;
}

uint32_t gy_text_next(struct gy_str *s)
{
    const unsigned char *p = (const unsigned char *)s->ptr;
    unsigned char lead = p[0];
    size_t len = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (len > s->len) {
        len = s->len;
    }
    uint32_t code_point = len == 1 ? lead : lead & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        code_point = code_point << 6 | (p[i] & 0x3Fu);
    }
    s->ptr += len;
    s->len -= len;
    return code_point;
}

void gy_text_put(struct gy_buf *buf, uint32_t code_point)
{
    char out[4];
    size_t len = 1;
    if (code_point < 0x80) {
        out[0] = (char)code_point;
    } else {
        len = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
        for (size_t i = len - 1; i > 0; i--) {
            out[i] = (char)(0x80 | (code_point & 0x3F));
            code_point >>= 6;
        }
        out[0] = (char)((0xF00 >> len & 0xF0) | code_point);
    }
    gy_buf_append(buf, out, len);
}

struct gy_str gy_text_cut(struct gy_str s, size_t most)
{
    size_t len = s.len <= most ? s.len : most;
    while (len < s.len && len > 0 && ((unsigned char)s.ptr[len] & 0xC0) == 0x80) {
        len--;
    }
    return (struct gy_str){s.ptr, len};
}

size_t gy_text_length(struct gy_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        n += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
    }
    return n;
}

/* ---- normal form ---- */

static bool is_hangul_syllable(uint32_t c)
{
    return c >= 0xAC00 && c <= 0xD7A3;
}

/* Code points that NFC leaves as they are, whatever stands before them: Latin to U+02FF, common kana,
 * compatibility jamo, the main ideographs, Hangul syllables. Text of only these is in NFC. */
static bool is_settled(uint32_t c)
{
    return c < 0x300 || is_hangul_syllable(c) || (c >= 0x4E00 && c <= 0x9FFF) ||
           (c >= 0x3131 && c <= 0x318E) || (c >= 0x3041 && c <= 0x3096) ||
           (c >= 0x30A1 && c <= 0x30FA);
}

static bool is_all_settled(struct gy_str s)
{
    while (s.len > 0) {
        size_t n = ascii_prefix(s);
        s.ptr += n;
        s.len -= n;
        if (s.len > 0 && !is_settled(gy_text_next(&s))) {
            return false;
        }
    }
    return true;
}

/* UTF-16 has at most one unit per byte of UTF-8. */
static UChar *to_utf16(struct gy_str s, int32_t *len)
{
    GY_ASSERT(s.len <= INT32_MAX / 32); /* no input has a text of 64 MiB: readers bound it */
    UErrorCode status = U_ZERO_ERROR;
    UChar *out = gy_alloc((s.len + 1) * sizeof *out);
    u_strFromUTF8(out, (int32_t)s.len + 1, len, s.ptr, (int32_t)s.len, &status);
    GY_ASSERT(U_SUCCESS(status));
    return out;
}

static struct gy_str from_utf16(const UChar *text, int32_t len, struct gy_arena *arena)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t capacity = len * 3 + 1;
    char *out = gy_arena_alloc(arena, (size_t)capacity);
    int32_t out_len;
    u_strToUTF8(out, capacity, &out_len, text, len, &status);
    GY_ASSERT(U_SUCCESS(status));
    return (struct gy_str){out, (size_t)out_len};
}

/* NFC makes UTF-16 text at most three times as long (Unicode Standard Annex 15, table 11). */
static struct gy_str compose(const UNormalizer2 *nfc, const UChar *text, int32_t len,
                             struct gy_arena *arena)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t capacity = len * 3 + 1;
    UChar *composed = gy_alloc((size_t)capacity * sizeof *composed);
    int32_t n = unorm2_normalize(nfc, text, len, composed, capacity, &status);
    GY_ASSERT(U_SUCCESS(status));
    struct gy_str result = from_utf16(composed, n, arena);
    free(composed);
    return result;
}

struct gy_str gy_text_nfc(struct gy_str s, struct gy_arena *arena)
{
    if (is_all_settled(s)) {
        return s;
    }
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
    int32_t len;
    UChar *text = to_utf16(s, &len);
    bool is_normal = unorm2_isNormalized(nfc, text, len, &status);
    GY_ASSERT(U_SUCCESS(status));
    struct gy_str result = is_normal ? s : compose(nfc, text, len, arena);
    free(text);
    return result;
}

/* ---- properties ---- */

bool gy_text_is_letter(uint32_t code_point)
{
    if (code_point < 0x80) {
        uint32_t lower = code_point | 0x20;
        return lower >= 'a' && lower <= 'z';
    }
    return is_hangul_syllable(code_point) ||
           (U_GET_GC_MASK((UChar32)code_point) & U_GC_L_MASK) != 0;
}

/* Marks and controls take no column, nor do the vowels and finals that join a Hangul lead. A soft
 * hyphen is shown. */
static size_t width_of(uint32_t c)
{
    if (c >= 0x20 && c < 0x7F) {
        return 1;
    }
    if (is_hangul_syllable(c)) {
        return 2;
    }
    const uint32_t none = U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CC_MASK | U_GC_CF_MASK;
    bool joins = (c >= 0x1160 && c <= 0x11FF) || (c >= 0xD7B0 && c <= 0xD7FB);
    if (joins || (c != 0xAD && (U_GET_GC_MASK((UChar32)c) & none) != 0)) {
        return 0;
    }
    int32_t width = u_getIntPropertyValue((UChar32)c, UCHAR_EAST_ASIAN_WIDTH);
    return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

size_t gy_text_width(struct gy_str s)
{
    size_t width = 0;
    while (s.len > 0) {
        width += width_of(gy_text_next(&s));
    }
    return width;
}

/* ---- distance ---- */

enum {
    MOST_LETTERS = 256
}; /* longer names are as far apart as can be: nobody mistypes those */

/* The letters of a syllable's lead and final, as compatibility jamo from U+3100; a final of two
 * letters is two. So a letter is the same wherever in a syllable it stands. */
static const uint8_t leads[] = {0x31, 0x32, 0x34, 0x37, 0x38, 0x39, 0x41, 0x42, 0x43, 0x45,
                                0x46, 0x47, 0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E};
static const uint8_t finals[][2] = {
    {0},          {0x31},       {0x32},       {0x31, 0x45}, {0x34},       {0x34, 0x48},
    {0x34, 0x4E}, {0x37},       {0x39},       {0x39, 0x31}, {0x39, 0x41}, {0x39, 0x42},
    {0x39, 0x45}, {0x39, 0x4C}, {0x39, 0x4D}, {0x39, 0x4E}, {0x41},       {0x42},
    {0x42, 0x45}, {0x45},       {0x46},       {0x47},       {0x48},       {0x4A},
    {0x4B},       {0x4C},       {0x4D},       {0x4E}};

static size_t put_letters(uint32_t c, uint32_t out[4])
{
    if (!is_hangul_syllable(c)) {
        out[0] = c;
        return 1;
    }
    uint32_t index = c - 0xAC00;
    const uint8_t *final = finals[index % 28];
    size_t n = 0;
    out[n++] = 0x3100 + leads[index / (21 * 28)];
    out[n++] = 0x314F + index / 28 % 21;
    for (int i = 0; i < 2 && final[i] != 0; i++) {
        out[n++] = 0x3100u + final[i];
    }
    return n;
}

/* False where there are too many. */
static bool spell(struct gy_str s, uint32_t out[MOST_LETTERS], size_t *n)
{
    *n = 0;
    while (s.len > 0) {
        if (*n + 4 > MOST_LETTERS) {
            return false;
        }
        *n += put_letters(gy_text_next(&s), out + *n);
    }
    return true;
}

size_t gy_text_near(struct gy_str name)
{
    uint32_t letters[4];
    size_t n = 0;
    while (name.len > 0) {
        n += put_letters(gy_text_next(&name), letters);
    }
    return 1 + n / 3;
}

static uint16_t least(uint16_t a, uint16_t b)
{
    return a < b ? a : b;
}

/* Row i holds, for each j, the distance of a's first i letters from b's first j. */
static size_t align(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b)
{
    uint16_t rows[3][MOST_LETTERS + 1];
    for (size_t j = 0; j <= n_b; j++) {
        rows[0][j] = (uint16_t)j;
    }
    for (size_t i = 1; i <= n_a; i++) {
        const uint16_t *before = rows[(i + 1) % 3]; /* row i - 2 */
        const uint16_t *above = rows[(i + 2) % 3];  /* row i - 1 */
        uint16_t *row = rows[i % 3];
        row[0] = (uint16_t)i;
        for (size_t j = 1; j <= n_b; j++) {
            uint16_t kept = (uint16_t)(above[j - 1] + (a[i - 1] != b[j - 1]));
            uint16_t one_more = (uint16_t)(least(above[j], row[j - 1]) + 1);
            row[j] = least(kept, one_more);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], (uint16_t)(before[j - 2] + 1));
            }
        }
    }
    return rows[n_a % 3][n_b];
}

size_t gy_text_distance(struct gy_str a, struct gy_str b, size_t limit)
{
    uint32_t letters_a[MOST_LETTERS];
    uint32_t letters_b[MOST_LETTERS];
    size_t n_a;
    size_t n_b;
    if (!spell(a, letters_a, &n_a) || !spell(b, letters_b, &n_b)) {
        return gy_str_equal(a, b) ? 0 : limit + 1;
    }
    if ((n_a > n_b ? n_a - n_b : n_b - n_a) > limit) {
        return limit + 1;
    }
    size_t distance = align(letters_a, n_a, letters_b, n_b);
    return distance > limit ? limit + 1 : distance;
}
