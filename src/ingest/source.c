/* source.c - raw megabytes in, whole characters out.
 *
 * `raw` holds one megabyte as read, in front of it the few bytes of a character that the one before cut
 * off. UTF-8 is checked and handed out where it lies; anything else goes through a decoder into `text`.
 */
#include "ingest/source.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ingest/byte_stream.h"
#include "ingest/encoding.h"

enum {
    FIRST = 64 * 1024, /* small files need no more */
    CHUNK = 1 << 20,
    CARRY_MAX = 64
};

enum phase {
    OPEN,    /* nothing but ASCII so far: the encoding is not decided */
    UTF8,    /* checked, not converted */
    DECODED, /* through `decoder` */
};

struct gy_source {
    struct gy_byte_stream *stream;
    enum phase phase;
    struct gy_decoder *decoder;
    char *raw;
    size_t room;      /* for new bytes in `raw`: FIRST, once that was full CHUNK */
    size_t raw_len;   /* bytes in `raw` */
    size_t raw_given; /* of these, taken by the last read */
    struct gy_buf text;
    struct gy_str peeked; /* read, and not given yet */
    bool is_first;        /* a byte order mark may stand here */
    bool is_done;         /* `raw` holds the last of the stream */
    enum gy_status failed;
    uint32_t line;   /* of the next character to hand out */
    uint32_t column; /* its column, in code points */
};

/* ---- where we are ---- */

static void advance(struct gy_source *s, struct gy_str text)
{
    if (text.len == 0) {
        return;
    }
    size_t newlines = 0;
    for (size_t i = 0; i < text.len; i++) {
        newlines += text.ptr[i] == '\n';
    }
    const char *last = memrchr(text.ptr, '\n', text.len);
    const char *p = last != NULL ? last + 1 : text.ptr;
    uint32_t characters = 0;
    for (; p < text.ptr + text.len; p++) {
        characters += ((unsigned char)*p & 0xc0) != 0x80;
    }
    s->line += (uint32_t)newlines;
    s->column = last != NULL ? 1 + characters : s->column + characters;
}

static enum gy_status not_a_character(struct gy_source *s, const unsigned char *bytes, size_t len,
                                      struct gy_error *err)
{
    const char *encoding = gy_source_encoding(s);
    if (len == 0 || s->line == 0) {
        return gy_error_set(err, GY_INVALID, "\"%s\" is not %s", gy_source_name(s), encoding);
    }
    gy_error_at(err, s->line, s->column, "byte 0x%02x is no character of %s here", bytes[0],
                encoding);
    gy_error_hint(err, "If the file is in another encoding, name it, as in --encoding %s.",
                  s->phase == DECODED ? "utf-8" : "cp949");
    return GY_INVALID;
}

/* ---- filling ---- */

/* Moves what was not taken to the front and reads a megabyte behind it. */
static enum gy_status fill(struct gy_source *s, struct gy_error *err)
{
    size_t carry = s->raw_len - s->raw_given;
    GY_ASSERT(carry <= CARRY_MAX);
    memmove(s->raw, s->raw + s->raw_given, carry);
    size_t n = 0;
    GY_TRY(gy_byte_stream_read(s->stream, s->raw + carry, s->room, &n, err));
    if (n == s->room && s->room < CHUNK) {
        s->room = CHUNK;
        s->raw = gy_realloc(s->raw, CHUNK + CARRY_MAX, 1);
        size_t more = 0;
        GY_TRY(gy_byte_stream_read(s->stream, s->raw + carry + n, CHUNK - n, &more, err));
        n += more;
    }
    s->raw_len = carry + n;
    s->raw_given = 0;
    s->is_done = n < s->room;
    return GY_OK;
}

static bool is_ascii(struct gy_str s)
{
    unsigned char all = 0;
    for (size_t i = 0; i < s.len; i++) {
        all |= (unsigned char)s.ptr[i];
    }
    return all < 0x80;
}

/* A NUL may be half of a UTF-16 character: it too ends the time of plain ASCII. */
static bool is_undecided(struct gy_str s)
{
    return is_ascii(s) && memchr(s.ptr, 0, s.len) == NULL;
}

/* What began as ASCII cannot go on as UTF-16. */
static const char *guess(const struct gy_source *s, struct gy_str raw)
{
    const char *name = gy_encoding_guess(raw, s->is_done);
    bool is_utf16 = strncmp(name, "UTF-16", 6) == 0;
    return is_utf16 && !s->is_first ? "UTF-8" : name;
}

static enum gy_status take_encoding(struct gy_source *s, const char *name, struct gy_error *err)
{
    if (strcasecmp(name, "utf-8") == 0 || strcasecmp(name, "utf8") == 0) {
        s->phase = UTF8;
        return GY_OK;
    }
    s->phase = DECODED;
    return gy_decoder_open(name, &s->decoder, err);
}

static void skip_bom(struct gy_source *s)
{
    if (s->is_first) {
        struct gy_str raw = {s->raw, s->raw_len};
        s->raw_given = gy_encoding_bom(gy_source_encoding(s), raw);
    }
    s->is_first = false;
}

/* ---- taking ---- */

static enum gy_status take_utf8(struct gy_source *s, struct gy_str *chunk, struct gy_error *err)
{
    struct gy_str raw = {s->raw + s->raw_given, s->raw_len - s->raw_given};
    size_t n = gy_utf8_prefix(raw);
    struct gy_str rest = {raw.ptr + n, raw.len - n};
    *chunk = (struct gy_str){raw.ptr, n};
    advance(s, *chunk);
    s->raw_given += n;
    if (rest.len > 0 && (s->is_done || !gy_utf8_is_begun(rest))) {
        return not_a_character(s, (const unsigned char *)rest.ptr, rest.len, err);
    }
    return GY_OK;
}

static enum gy_status take_decoded(struct gy_source *s, struct gy_str *chunk, struct gy_error *err)
{
    struct gy_str raw = {s->raw + s->raw_given, s->raw_len - s->raw_given};
    bool is_bad = false;
    gy_buf_reset(&s->text);
    size_t n = gy_decoder_run(s->decoder, raw, &s->text, &is_bad);
    *chunk = gy_buf_view(&s->text);
    advance(s, *chunk);
    s->raw_given += n;
    if (is_bad || (n < raw.len && (s->is_done || raw.len - n > CARRY_MAX))) {
        return not_a_character(s, (const unsigned char *)raw.ptr + n, raw.len - n, err);
    }
    return GY_OK;
}

/* Other programs' files, which would be read as a text of some odd encoding. */
static enum gy_status check_magic(const struct gy_source *s, struct gy_error *err)
{
    struct gy_str start = {s->raw, s->raw_len};
    bool is_zip = gy_str_starts_with(start, GY_STR("PK\3\4"));
    bool is_ole = gy_str_starts_with(start, GY_STR("\xd0\xcf\x11\xe0"));
    if (!s->is_first || (!is_zip && !is_ole)) {
        return GY_OK;
    }
    gy_error_set(err, GY_INVALID, "\"%s\" is no text but a %s file", gy_source_name(s),
                 is_zip ? "zip" : "Microsoft Office");
    gy_error_hint(err,
                  "An Excel workbook must be called .xlsx, and nothing behind it; anything else "
                  "must be unpacked or saved as CSV.");
    return GY_INVALID;
}

static enum gy_status take(struct gy_source *s, struct gy_str *chunk, struct gy_error *err)
{
    GY_TRY(fill(s, err));
    GY_TRY(check_magic(s, err));
    struct gy_str raw = {s->raw, s->raw_len};
    if (s->phase == OPEN && !is_undecided(raw)) {
        GY_TRY(take_encoding(s, guess(s, raw), err));
    }
    skip_bom(s);
    return s->phase == DECODED ? take_decoded(s, chunk, err) : take_utf8(s, chunk, err);
}

/* ---- the public face ---- */

static struct gy_source *new_source(void)
{
    struct gy_source *s = gy_alloc_zero(1, sizeof *s);
    s->room = FIRST;
    s->raw = gy_alloc(FIRST + CARRY_MAX);
    s->is_first = true;
    s->line = 1;
    s->column = 1;
    return s;
}

/* Takes `s` also on failure. */
static enum gy_status finish_open(struct gy_source *s, enum gy_status status, const char *encoding,
                                  struct gy_source **out, struct gy_error *err)
{
    bool is_given = encoding != NULL && encoding[0] != '\0' && strcasecmp(encoding, "auto") != 0;
    if (status == GY_OK && is_given) {
        status = take_encoding(s, encoding, err);
    }
    if (status != GY_OK) {
        gy_source_close(s);
        s = NULL;
    }
    *out = s;
    return status;
}

enum gy_status gy_source_open(const char *path, const char *encoding, struct gy_source **out,
                              struct gy_error *err)
{
    struct gy_source *s = new_source();
    enum gy_status status = gy_byte_stream_open(path, &s->stream, err);
    return finish_open(s, status, encoding, out, err);
}

enum gy_status gy_source_open_bytes(const char *name, struct gy_str bytes, const char *encoding,
                                    struct gy_source **out, struct gy_error *err)
{
    struct gy_source *s = new_source();
    enum gy_status status = gy_byte_stream_open_bytes(name, bytes, &s->stream, err);
    return finish_open(s, status, encoding, out, err);
}

void gy_source_close(struct gy_source *s)
{
    if (s == NULL) {
        return;
    }
    gy_byte_stream_close(s->stream);
    gy_decoder_close(s->decoder);
    gy_buf_release(&s->text);
    free(s->raw);
    free(s);
}

enum gy_status gy_source_read(struct gy_source *s, struct gy_str *chunk, struct gy_error *err)
{
    *chunk = (struct gy_str){0};
    if (s->failed != GY_OK) {
        return gy_error_set(err, s->failed, "\"%s\" could not be read before", gy_source_name(s));
    }
    *chunk = s->peeked;
    s->peeked = (struct gy_str){0};
    while (chunk->len == 0 && !s->is_done) {
        s->failed = take(s, chunk, err);
        GY_TRY(s->failed);
    }
    return GY_OK;
}

enum gy_status gy_source_peek(struct gy_source *s, struct gy_str *chunk, struct gy_error *err)
{
    GY_TRY(gy_source_read(s, chunk, err));
    s->peeked = *chunk;
    return GY_OK;
}

const char *gy_source_name(const struct gy_source *s)
{
    return gy_byte_stream_name(s->stream);
}

const char *gy_source_encoding(const struct gy_source *s)
{
    return s->phase == DECODED ? gy_decoder_encoding(s->decoder) : "UTF-8";
}

uint64_t gy_source_position(const struct gy_source *s)
{
    return gy_byte_stream_position(s->stream);
}

uint64_t gy_source_size(const struct gy_source *s)
{
    return gy_byte_stream_size(s->stream);
}
