/* csv.c - a scanner that looks at 64 bytes at a time.
 *
 * Only three bytes matter outside quotes: the delimiter, the line end and the quote. For each block of
 * 64 bytes a mask has a bit where one of them stands; the next one is the lowest bit:
 *
 *   1 2 , a b c , 7 ↵ ...
 *   0 0 1 0 0 0 1 0 1 ...
 *
 * so a field costs a few instructions however long it is. Inside quotes only the quote matters, and
 * memchr finds it. The buffer holds whole rows: where one is cut off, what is there is moved to the
 * front, another chunk is read behind it, and the row is begun again.
 */
#include "ingest/csv.h"

#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/arena.h"
#include "base/mem.h"

enum {
    BLOCK = 64
};

/* The bytes of a block that matter, also those already passed. */
struct marks {
    uint64_t delimiters;
    uint64_t stops; /* line ends and quotes */
};

struct gy_csv {
    struct gy_source *source; /* borrowed */
    char delimiter;
    char line_end;
    char *buf; /* BLOCK zero bytes stand behind `end` */
    size_t capacity;
    size_t pos; /* where the next row begins */
    size_t end;
    bool is_last;  /* nothing comes behind `end` */
    uint32_t line; /* of the row at `pos` */
    size_t block;  /* the block that `marks` are of */
    struct marks marks;
    struct gy_arena unquoted;
    struct gy_cell cells[GY_CSV_COLUMNS_MAX];
};

/* ---- the next byte that matters ---- */

#ifdef __SSE2__
static struct marks find_special(const char *p, char delimiter, char line_end)
{
    const __m128i d = _mm_set1_epi8(delimiter);
    const __m128i n = _mm_set1_epi8(line_end);
    const __m128i q = _mm_set1_epi8('"');
    struct marks marks = {0};
    for (int i = 0; i < 4; i++) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
        __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(x, n), _mm_cmpeq_epi8(x, q));
        int delimiters = _mm_movemask_epi8(_mm_cmpeq_epi8(x, d));
        marks.delimiters |= (uint64_t)(unsigned)delimiters << (16 * i);
        marks.stops |= (uint64_t)(unsigned)_mm_movemask_epi8(stop) << (16 * i);
    }
    return marks;
}
#else
static struct marks find_special(const char *p, char delimiter, char line_end)
{
    struct marks marks = {0};
    for (int i = 0; i < BLOCK; i++) {
        bool is_stop = (p[i] == line_end) | (p[i] == '"');
        marks.delimiters |= (uint64_t)(p[i] == delimiter) << i;
        marks.stops |= (uint64_t)is_stop << i;
    }
    return marks;
}
#endif

static uint64_t all_of(struct marks marks)
{
    return marks.delimiters | marks.stops;
}

/* The first place from `i` on where a byte matters; `end` or more where none does. */
static inline size_t next_special(struct gy_csv *csv, size_t i)
{
    size_t block = i & ~(size_t)(BLOCK - 1);
    if (block != csv->block) {
        if (block >= csv->end) {
            return csv->end;
        }
        csv->block = block;
        csv->marks = find_special(csv->buf + block, csv->delimiter, csv->line_end);
    }
    uint64_t mask = all_of(csv->marks) & (~UINT64_C(0) << (i & (BLOCK - 1)));
    while (mask == 0) {
        csv->block += BLOCK;
        if (csv->block >= csv->end) {
            csv->block = SIZE_MAX;
            return csv->end;
        }
        csv->marks = find_special(csv->buf + csv->block, csv->delimiter, csv->line_end);
        mask = all_of(csv->marks);
    }
    return csv->block + (size_t)__builtin_ctzll(mask);
}

/* ---- the buffer ---- */

static enum gy_status refill(struct gy_csv *csv, struct gy_error *err)
{
    struct gy_str chunk;
    GY_TRY(gy_source_read(csv->source, &chunk, err));
    size_t kept = csv->end - csv->pos;
    if (kept > 0) {
        memmove(csv->buf, csv->buf + csv->pos, kept);
    }
    GY_GROW(csv->buf, csv->capacity, kept + chunk.len + BLOCK);
    if (chunk.len > 0) {
        memcpy(csv->buf + kept, chunk.ptr, chunk.len);
    }
    memset(csv->buf + kept + chunk.len, 0, BLOCK);
    csv->pos = 0;
    csv->end = kept + chunk.len;
    csv->is_last = chunk.len == 0;
    csv->block = SIZE_MAX;
    return GY_OK;
}

/* ---- one row ---- */

enum outcome {
    WHOLE,      /* the row is complete */
    CUT_OFF,    /* the buffer ends inside it */
    OPEN_QUOTE, /* the text ends inside quotes */
    TOO_MANY,   /* columns */
};

struct scan {
    size_t i; /* where the next field begins */
    uint32_t n_cells;
    const char *problem;
    uint32_t problem_cell;
    bool is_row_done;
    bool is_one_line; /* with its line end, and none within quotes */
    uint64_t empties; /* as in gy_row */
};

static struct gy_str without_doubled(struct gy_csv *csv, const char *p, size_t len)
{
    char *out = gy_arena_alloc(&csv->unquoted, len);
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        out[n++] = p[i];
        i += p[i] == '"';
    }
    return (struct gy_str){out, n};
}

/* The place of the quote that closes the field opened before `i`; `end` if there is none. */
static size_t find_closing(const struct gy_csv *csv, size_t i, bool *has_doubled)
{
    while (i < csv->end) {
        const char *quote = memchr(csv->buf + i, '"', csv->end - i);
        if (quote == NULL) {
            return csv->end;
        }
        i = (size_t)(quote - csv->buf);
        if (i + 1 >= csv->end || csv->buf[i + 1] != '"') {
            return i;
        }
        *has_doubled = true;
        i += 2;
    }
    return csv->end;
}

/* The end of what stands unquoted from `i` on: a delimiter, a line end, or `end`. */
static size_t find_field_end(struct gy_csv *csv, size_t i)
{
    size_t end = next_special(csv, i);
    while (end < csv->end && csv->buf[end] == '"') {
        end = next_special(csv, end + 1);
    }
    return end < csv->end ? end : csv->end;
}

/* Whether a CR belongs to the line end at `i` (or to the text's last line, which has none). */
static size_t before_cr(const struct gy_csv *csv, size_t from, size_t i)
{
    bool is_line = i == csv->end || csv->buf[i] == csv->line_end;
    return is_line && csv->line_end == '\n' && i > from && csv->buf[i - 1] == '\r' ? i - 1 : i;
}

static enum outcome end_field(struct gy_csv *csv, struct scan *s, size_t end)
{
    if (end >= csv->end && !csv->is_last) {
        return CUT_OFF;
    }
    s->n_cells++;
    s->is_row_done = end >= csv->end || csv->buf[end] == csv->line_end;
    s->i = end < csv->end ? end + 1 : end;
    return WHOLE;
}

static enum outcome scan_quoted(struct gy_csv *csv, struct scan *s, struct gy_cell *cell)
{
    size_t begin = s->i + 1;
    bool has_doubled = false;
    size_t closing = find_closing(csv, begin, &has_doubled);
    if (closing >= csv->end || (closing + 1 >= csv->end && !csv->is_last)) {
        return csv->is_last ? OPEN_QUOTE : CUT_OFF;
    }
    size_t end = find_field_end(csv, closing + 1);
    if (before_cr(csv, closing + 1, end) != closing + 1 && s->problem == NULL) {
        s->problem = "something stands between a closing quote and the next delimiter";
        s->problem_cell = s->n_cells;
    }
    cell->is_quoted = true;
    cell->text = (struct gy_str){csv->buf + begin, closing - begin};
    if (has_doubled) {
        cell->text = without_doubled(csv, cell->text.ptr, cell->text.len);
    }
    return end_field(csv, s, end);
}

static enum outcome scan_unquoted(struct gy_csv *csv, struct scan *s, struct gy_cell *cell)
{
    size_t end = find_field_end(csv, s->i);
    size_t text_end = before_cr(csv, s->i, end);
    cell->is_quoted = false;
    cell->text = (struct gy_str){csv->buf + s->i, text_end - s->i};
    return end_field(csv, s, end);
}

static enum outcome scan_row(struct gy_csv *csv, struct scan *s)
{
    while (!s->is_row_done) {
        if (s->n_cells == GY_CSV_COLUMNS_MAX) {
            return TOO_MANY;
        }
        struct gy_cell *cell = &csv->cells[s->n_cells];
        cell->offset = (uint32_t)(s->i - csv->pos);
        cell->kind = GY_CELL_TEXT;
        bool is_quoted = s->i < csv->end && csv->buf[s->i] == '"';
        enum outcome outcome = is_quoted ? scan_quoted(csv, s, cell) : scan_unquoted(csv, s, cell);
        if (outcome != WHOLE) {
            return outcome;
        }
    }
    return WHOLE;
}

/* Ends a cell at each of the delimiters of a block. */
static inline void cut_cells(struct gy_csv *csv, struct scan *s, size_t block, uint64_t delimiters)
{
    uint32_t n = s->n_cells;
    size_t begin = s->i;
    for (; delimiters != 0; delimiters &= delimiters - 1) {
        size_t end = block + (size_t)__builtin_ctzll(delimiters);
        csv->cells[n] = (struct gy_cell){.text = {csv->buf + begin, end - begin},
                                         .offset = (uint32_t)(begin - csv->pos)};
        s->empties |= (uint64_t)(end == begin && n < 64) << (n & 63);
        n++;
        begin = end + 1;
    }
    s->n_cells = n;
    s->i = begin;
}

static void end_plain_row(struct gy_csv *csv, struct scan *s, size_t end)
{
    size_t text_end = before_cr(csv, s->i, end);
    csv->cells[s->n_cells++] = (struct gy_cell){.text = {csv->buf + s->i, text_end - s->i},
                                                .offset = (uint32_t)(s->i - csv->pos)};
    s->i = end + 1;
    s->is_row_done = true;
    s->is_one_line = true;
}

/* A row without quotes that is all in the buffer: each delimiter ends a field. False where it is another
 * row, which is then scanned with more care. */
static bool scan_plain_row(struct gy_csv *csv, struct scan *s)
{
    size_t block = csv->pos & ~(size_t)(BLOCK - 1);
    struct marks all = block == csv->block
                           ? csv->marks
                           : find_special(csv->buf + block, csv->delimiter, csv->line_end);
    uint64_t ahead = ~UINT64_C(0) << (csv->pos & (BLOCK - 1));
    *s = (struct scan){.i = csv->pos};
    for (;;) {
        uint64_t stops = all.stops & ahead;
        uint64_t before_stop = (stops & (~stops + 1)) - 1; /* all where there is none */
        uint64_t delimiters = all.delimiters & ahead & before_stop;
        if (s->n_cells + BLOCK >= GY_CSV_COLUMNS_MAX) {
            return false;
        }
        cut_cells(csv, s, block, delimiters);
        if (stops != 0) {
            size_t stop = block + (size_t)__builtin_ctzll(stops);
            if (csv->buf[stop] == '"') {
                return false;
            }
            end_plain_row(csv, s, stop);
            csv->block = block;
            csv->marks = all;
            return true;
        }
        block += BLOCK;
        if (block >= csv->end) {
            return false;
        }
        all = find_special(csv->buf + block, csv->delimiter, csv->line_end);
        ahead = ~UINT64_C(0);
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static enum outcome scan_blanks(struct gy_csv *csv, struct scan *s)
{
    const char *newline = memchr(csv->buf + csv->pos, csv->line_end, csv->end - csv->pos);
    size_t line_end = newline != NULL ? (size_t)(newline - csv->buf) : csv->end;
    if (newline == NULL && !csv->is_last) {
        return CUT_OFF;
    }
    size_t end = before_cr(csv, csv->pos, line_end);
    size_t i = csv->pos;
    for (;;) {
        while (i < end && is_blank(csv->buf[i])) {
            i++;
        }
        if (i == end) {
            break;
        }
        if (s->n_cells == GY_CSV_COLUMNS_MAX) {
            return TOO_MANY;
        }
        size_t begin = i;
        while (i < end && !is_blank(csv->buf[i])) {
            i++;
        }
        csv->cells[s->n_cells++] = (struct gy_cell){.text = {csv->buf + begin, i - begin},
                                                    .offset = (uint32_t)(begin - csv->pos)};
    }
    s->i = line_end < csv->end ? line_end + 1 : line_end;
    return WHOLE;
}

static enum outcome scan_from_pos(struct gy_csv *csv, struct scan *s)
{
    if (csv->delimiter != GY_CSV_BLANKS && scan_plain_row(csv, s)) {
        return WHOLE;
    }
    *s = (struct scan){.i = csv->pos};
    gy_arena_reset(&csv->unquoted);
    return csv->delimiter == GY_CSV_BLANKS ? scan_blanks(csv, s) : scan_row(csv, s);
}

/* ---- from rows to the caller ---- */

static void fill_row(const struct gy_csv *csv, const struct scan *s, struct gy_row *row)
{
    size_t end = s->i;
    if (end > csv->pos && csv->buf[end - 1] == csv->line_end) {
        end--;
    }
    end = before_cr(csv, csv->pos, end);
    *row = (struct gy_row){.cells = csv->cells,
                           .n_cells = s->n_cells,
                           .empties = s->empties,
                           .line = csv->line,
                           .problem = s->problem,
                           .problem_cell = s->problem_cell,
                           .raw = {csv->buf + csv->pos, end - csv->pos}};
}

/* A row of one line adds one; one with quoted line ends adds those too. */
static void pass_row(struct gy_csv *csv, const struct scan *s)
{
    const char *p = csv->buf + csv->pos;
    const char *end = csv->buf + s->i;
    if (s->is_one_line) {
        csv->line++;
        p = end;
    }
    while (p < end && (p = memchr(p, csv->line_end, (size_t)(end - p))) != NULL) {
        csv->line++;
        p++;
    }
    csv->pos = s->i;
}

static enum gy_status open_quote(const struct gy_csv *csv, const struct scan *s,
                                 struct gy_error *err)
{
    struct gy_row row;
    fill_row(csv, s, &row);
    row.raw.len = csv->end - csv->pos;
    row.n_cells = s->n_cells + 1;
    uint32_t line;
    uint32_t column;
    gy_row_place(&row, s->n_cells, &line, &column);
    gy_error_at(err, line, column, "a quote opens here and is never closed");
    gy_error_hint(err, "A quote inside a quoted field is written twice: \"\".");
    return GY_INVALID;
}

static enum gy_status too_large(const struct gy_csv *csv, const char *what, int limit,
                                struct gy_error *err)
{
    gy_error_at(err, csv->line, 0, "the row has more than %d %s", limit, what);
    if (err != NULL) {
        err->status = GY_LIMIT;
    }
    return GY_LIMIT;
}

static enum gy_status cut_off(struct gy_csv *csv, const struct scan *s, struct gy_error *err)
{
    if (csv->end - csv->pos <= GY_CSV_ROW_MAX) {
        return refill(csv, err);
    }
    bool is_quoted = csv->delimiter != GY_CSV_BLANKS && csv->buf[s->i] == '"';
    return is_quoted ? open_quote(csv, s, err) : too_large(csv, "bytes", GY_CSV_ROW_MAX, err);
}

static enum gy_status read_row(struct gy_csv *csv, struct scan *s, struct gy_error *err)
{
    for (;;) {
        switch (scan_from_pos(csv, s)) {
        case WHOLE:
            return s->i - csv->pos <= GY_CSV_ROW_MAX ? GY_OK
                                                     : too_large(csv, "bytes", GY_CSV_ROW_MAX, err);
        case CUT_OFF:
            GY_TRY(cut_off(csv, s, err));
            break;
        case OPEN_QUOTE:
            return open_quote(csv, s, err);
        case TOO_MANY:
            return too_large(csv, "columns", GY_CSV_COLUMNS_MAX, err);
        }
    }
}

enum gy_status gy_csv_next(struct gy_csv *csv, struct gy_row *row, bool *has_row,
                           struct gy_error *err)
{
    *has_row = false;
    for (;;) {
        if (csv->pos == csv->end && !csv->is_last) {
            GY_TRY(refill(csv, err));
        }
        if (csv->pos == csv->end && csv->is_last) {
            return GY_OK;
        }
        struct scan s;
        GY_TRY(read_row(csv, &s, err));
        fill_row(csv, &s, row);
        pass_row(csv, &s);
        if (row->raw.len > 0 && row->n_cells > 0) {
            *has_row = true;
            return GY_OK;
        }
    }
}

/* ---- what kind of file it is ---- */

enum {
    GUESS_ROWS = 50,
    GUESS_CHARACTERS = 4
};

/* For each candidate, how often it stands outside quotes in one line. Returns where the next begins. */
static size_t count_line(struct gy_str s, size_t i, const char *candidates,
                         uint32_t counts[GUESS_CHARACTERS])
{
    bool is_quoted = false;
    memset(counts, 0, GUESS_CHARACTERS * sizeof *counts);
    for (; i < s.len && (is_quoted || (s.ptr[i] != '\n' && s.ptr[i] != '\r')); i++) {
        is_quoted ^= s.ptr[i] == '"';
        for (int c = 0; !is_quoted && c < GUESS_CHARACTERS; c++) {
            counts[c] += s.ptr[i] == candidates[c];
        }
    }
    while (i < s.len && (s.ptr[i] == '\n' || s.ptr[i] == '\r')) {
        i++;
    }
    return i;
}

/* The delimiter is the candidate that most lines have as often as the first line; of equals, the one
 * that stands there more often. */
char gy_csv_guess_delimiter(struct gy_str sample, char fallback)
{
    static const char candidates[GUESS_CHARACTERS] = {',', '\t', ';', '|'};
    uint32_t first[GUESS_CHARACTERS];
    uint32_t agree[GUESS_CHARACTERS] = {0};
    size_t i = count_line(sample, 0, candidates, first);
    for (int row = 1; row < GUESS_ROWS && i < sample.len; row++) {
        uint32_t counts[GUESS_CHARACTERS];
        i = count_line(sample, i, candidates, counts);
        for (int c = 0; c < GUESS_CHARACTERS; c++) {
            agree[c] += counts[c] == first[c];
        }
    }
    int best = -1;
    for (int c = 0; c < GUESS_CHARACTERS; c++) {
        if (first[c] > 0 && (best < 0 || agree[c] > agree[best] ||
                             (agree[c] == agree[best] && first[c] > first[best]))) {
            best = c;
        }
    }
    return best < 0 ? fallback : candidates[best];
}

/* Old spreadsheets end lines with CR alone: a text that has CR and no LF at all is one of theirs. */
static char guess_line_end(struct gy_str sample)
{
    bool has_lf = sample.len > 0 && memchr(sample.ptr, '\n', sample.len) != NULL;
    bool has_cr = sample.len > 0 && memchr(sample.ptr, '\r', sample.len) != NULL;
    return has_cr && !has_lf ? '\r' : '\n';
}

enum gy_status gy_csv_open(struct gy_source *source, char delimiter, struct gy_csv **out,
                           struct gy_error *err)
{
    *out = NULL;
    GY_ASSERT(delimiter != '"' && delimiter != '\n' && delimiter != '\r');
    struct gy_csv *csv = gy_alloc_zero(1, sizeof *csv);
    csv->source = source;
    csv->line = 1;
    enum gy_status status = refill(csv, err);
    if (status != GY_OK) {
        gy_csv_close(csv);
        return status;
    }
    struct gy_str sample = {csv->buf, csv->end};
    csv->delimiter = delimiter != 0 ? delimiter : gy_csv_guess_delimiter(sample, ',');
    csv->line_end = guess_line_end(sample);
    *out = csv;
    return GY_OK;
}

void gy_csv_close(struct gy_csv *csv)
{
    if (csv == NULL) {
        return;
    }
    gy_arena_release(&csv->unquoted);
    free(csv->buf);
    free(csv);
}

char gy_csv_delimiter(const struct gy_csv *csv)
{
    return csv->delimiter;
}
