/* encoding.c - the guess by rule, and iconv behind a narrow door. */
#include "ingest/encoding.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "ingest/utf8_check.h"

enum {
    NAME_MAX_LEN = 40
};

/* ---- UTF-8 ---- */

/* The length of the well-formed character at `p`, 0 if there is none, -1 if it is cut off.
 *
 * Table 3-7 of the Unicode standard: only the second byte's range depends on the first. */
static int character_length(const unsigned char *p, size_t len)
{
    unsigned char c = p[0];
    if (c < 0x80) {
        return 1;
    }
    int n = c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
    if (n == 0 || len < 2) {
        return n == 0 ? 0 : -1;
    }
    unsigned char low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    unsigned char high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < low || p[1] > high) {
        return 0;
    }
    for (int i = 2; i < n; i++) {
        if ((size_t)i >= len) {
            return -1;
        }
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return n;
}

/* Where the last character begins that may be cut off: at most three bytes before the end. */
static size_t before_last(struct gy_str s)
{
    size_t i = s.len;
    for (int back = 0; back < 3 && i > 0; back++) {
        unsigned char c = (unsigned char)s.ptr[i - 1];
        if (c < 0x80) {
            return i;
        }
        i--;
        if (c >= 0xc0) {
            return i;
        }
    }
    return i;
}

static size_t prefix_by_character(struct gy_str s, size_t from)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t i = from;
    while (i < s.len) {
        int n = character_length(p + i, s.len - i);
        if (n <= 0) {
            return i;
        }
        i += (size_t)n;
    }
    return i;
}

size_t gy_utf8_prefix(struct gy_str s)
{
    size_t cut = before_last(s);
    bool is_fine = gy_utf8_check(s.ptr, cut);
    return prefix_by_character(s, is_fine ? cut : 0);
}

bool gy_utf8_is_begun(struct gy_str s)
{
    return s.len > 0 && character_length((const unsigned char *)s.ptr, s.len) < 0;
}

/* ---- the guess ---- */

static bool starts_with(struct gy_str s, const char *bytes, size_t len)
{
    return s.len >= len && memcmp(s.ptr, bytes, len) == 0;
}

size_t gy_encoding_bom(const char *encoding, struct gy_str s)
{
    if (strcasecmp(encoding, "UTF-8") == 0) {
        return starts_with(s, "\xef\xbb\xbf", 3) ? 3 : 0;
    }
    if (strcasecmp(encoding, "UTF-16LE") == 0) {
        return starts_with(s, "\xff\xfe", 2) ? 2 : 0;
    }
    if (strcasecmp(encoding, "UTF-16BE") == 0) {
        return starts_with(s, "\xfe\xff", 2) ? 2 : 0;
    }
    return 0;
}

/* How many of the units are ASCII text, when `high` is the index of a unit's high byte; -1 where this
 * cannot be UTF-16. */
static ptrdiff_t count_ascii_units(struct gy_str s, size_t high)
{
    ptrdiff_t n = 0;
    bool wants_low = false;
    for (size_t i = 0; i + 1 < s.len; i += 2) {
        unsigned unit =
            (unsigned)(unsigned char)s.ptr[i + high] << 8 | (unsigned char)s.ptr[i + 1 - high];
        bool is_low = (unit & 0xfc00) == 0xdc00;
        if (unit == 0 || is_low != wants_low) {
            return -1;
        }
        wants_low = (unit & 0xfc00) == 0xd800;
        n += unit < 0x80 && (unit >= 0x20 || unit == '\n' || unit == '\r' || unit == '\t');
    }
    return n;
}

/* One unit in twenty must be ASCII: Korean prose has spaces, digits and commas well above that, while two
 * ASCII letters read as one unit are never below U+0080. Bytes that are well-formed UTF-8 too (all ASCII, but
 * for NULs) must be ASCII in every other unit: a few stray NULs make no UTF-16. */
static const char *guess_utf16(struct gy_str s, bool is_whole)
{
    ptrdiff_t little = count_ascii_units(s, 1);
    ptrdiff_t big = count_ascii_units(s, 0);
    ptrdiff_t most = little > big ? little : big;
    size_t wanted = gy_utf8_prefix(s) + 3 >= s.len ? s.len / 4 : s.len / 40;
    if (most <= 0 || (size_t)most < wanted || (is_whole && s.len % 2 != 0)) {
        return NULL;
    }
    return little > big ? "UTF-16LE" : "UTF-16BE";
}

/* Rule 5 of the header, over well-formed UTF-8. */
static bool is_hangul_in_disguise(struct gy_str s)
{
    bool is_latin1 = true;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char lead = (unsigned char)s.ptr[i];
        if (lead < 0x80) {
            continue;
        }
        if (lead > 0xc8 || (unsigned char)s.ptr[i + 1] < 0xa1) {
            return false;
        }
        is_latin1 = is_latin1 && lead <= 0xc3;
        i++;
    }
    return !is_latin1;
}

static bool is_ascii(struct gy_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

static bool is_cp949(struct gy_str s, bool is_whole)
{
    struct gy_decoder *decoder = NULL;
    if (gy_decoder_open("CP949", &decoder, NULL) != GY_OK) {
        return false;
    }
    struct gy_buf text = {0};
    bool is_bad = false;
    size_t n = gy_decoder_run(decoder, s, &text, &is_bad);
    gy_buf_release(&text);
    gy_decoder_close(decoder);
    return !is_bad && (n == s.len || !is_whole);
}

const char *gy_encoding_guess(struct gy_str s, bool is_whole)
{
    static const char *const with_bom[] = {"UTF-8", "UTF-16LE", "UTF-16BE"};
    for (size_t i = 0; i < sizeof with_bom / sizeof *with_bom; i++) {
        if (gy_encoding_bom(with_bom[i], s) > 0) {
            return with_bom[i];
        }
    }
    const char *utf16 = memchr(s.ptr, 0, s.len) != NULL ? guess_utf16(s, is_whole) : NULL;
    if (utf16 != NULL) {
        return utf16;
    }
    size_t n = gy_utf8_prefix(s);
    struct gy_str rest = {s.ptr + n, s.len - n};
    if (n < s.len && (is_whole || !gy_utf8_is_begun(rest))) {
        return is_cp949(s, is_whole) ? "CP949" : "UTF-8";
    }
    struct gy_str whole = {s.ptr, n};
    return !is_ascii(whole) && is_hangul_in_disguise(whole) ? "CP949" : "UTF-8";
}

/* ---- decoding ---- */

struct gy_decoder {
    char encoding[NAME_MAX_LEN + 1];
    iconv_t iconv;
};

static const char *proper_name(const char *name)
{
    static const char *const names[][2] = {
        {"utf-16le", "UTF-16LE"}, {"utf16le", "UTF-16LE"},  {"utf-16be", "UTF-16BE"},
        {"utf16be", "UTF-16BE"},  {"cp949", "CP949"},       {"uhc", "CP949"},
        {"euc-kr", "CP949"},      {"euckr", "CP949"},       {"ks_c_5601-1987", "CP949"},
        {"ms949", "CP949"},       {"windows-949", "CP949"}, {"utf-16", "UTF-16"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcasecmp(name, names[i][0]) == 0) {
            return names[i][1];
        }
    }
    return name;
}

/* iconv's own options ("//IGNORE") and paths must not come in through a name. */
static bool is_plain_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
    return n > 0 && n <= NAME_MAX_LEN && name[n] == '\0';
}

enum gy_status gy_decoder_open(const char *encoding, struct gy_decoder **out, struct gy_error *err)
{
    *out = NULL;
    const char *name = proper_name(encoding);
    /* (iconv_t)-1 is POSIX's way to say that it failed. */
    iconv_t failed = (iconv_t)(intptr_t)-1;
    iconv_t made = is_plain_name(name) ? iconv_open("UTF-8", name) : failed;
    if (made == failed) {
        gy_error_set(err, GY_INVALID, "unknown encoding \"%s\"", encoding);
        gy_error_hint(err, "Among the known ones are auto, utf-8, utf-16le, utf-16be and cp949.");
        return GY_INVALID;
    }
    struct gy_decoder *decoder = gy_alloc_zero(1, sizeof *decoder);
    memcpy(decoder->encoding, name, strlen(name));
    decoder->iconv = made;
    *out = decoder;
    return GY_OK;
}

void gy_decoder_close(struct gy_decoder *decoder)
{
    if (decoder == NULL) {
        return;
    }
    iconv_close(decoder->iconv);
    free(decoder);
}

const char *gy_decoder_encoding(const struct gy_decoder *decoder)
{
    return decoder->encoding;
}

size_t gy_decoder_run(struct gy_decoder *decoder, struct gy_str bytes, struct gy_buf *out,
                      bool *is_bad)
{
    *is_bad = false;
    char *from = (char *)(uintptr_t)bytes.ptr; /* iconv reads only, but says otherwise */
    size_t left = bytes.len;
    while (left > 0) {
        size_t room = left + left / 2 + 64;
        char *to = gy_buf_room(out, room);
        char *begin = to;
        size_t result = iconv(decoder->iconv, &from, &left, &to, &room);
        gy_buf_added(out, (size_t)(to - begin));
        if (result == (size_t)-1 && errno != E2BIG) {
            *is_bad = errno == EILSEQ;
            break;
        }
    }
    return bytes.len - left;
}
