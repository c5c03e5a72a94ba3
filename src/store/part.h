/* part.h - one immutable part: block × stream × column, mapped read-only or in memory.
 *
 * Customers have dense ordinals; a block is 65,536 consecutive ones. A stream is one event name, one
 * trait, or one of the two streams every store has (below). A *slice* is what a part holds of one
 * stream for the customers of one block: its rows sorted by (customer, time, arrival), an index
 * customer -> rows, and a column for each property that any of its rows carries.
 *
 *   +--------+--------------+-----------------------+-----------+--------+
 *   | header | dictionaries | columns of all slices | directory | footer |   bytes: docs/format.md
 *   +--------+--------------+-----------------------+-----------+--------+
 *
 *   slice (block 0, "Order Completed")
 *     customers    3        9     10               u16, low 16 bits of the ordinal; ascending
 *     starts       0        2     3        6       u32, n_customers + 1
 *     time         t0 t1 |  t2 |  t3 t4 t5         u32 time codes, ascending within a customer
 *     revenue      …     |  …  |  …                one raw value a row
 *
 * Invariants
 *   (1) A part whose footer or directory checksum does not match is never handed out.
 *   (2) A column is handed out only after its checksum matched once in this process, and its offsets,
 *       codes and customers were found in bounds: kernels need not check again.
 *   (3) Column data starts on a 64-byte boundary, with 64 readable bytes behind it.
 *   (4) Rows of a customer are in the order of events: time, then arrival; among rows of equal time
 *       across streams of one part, the rank column tells (0 where it is absent). Of two parts, all
 *       rows of the one with the smaller sequence arrived first.
 *
 * Immutable after open: any thread may read. Views die with the last gy_part_close.
 */
#ifndef GY_STORE_PART_H
#define GY_STORE_PART_H

#include <stdint.h>
#include <string.h>

#include "base/status.h"
#include "base/str.h"
#include "store/value.h"

enum {
    GY_BLOCK_SIZE = 65536,
    GY_MAX_SCALE = 15
};

/* Time codes: 32 bits that order as time does.
 *
 *   0                                has always been there (a trait or a customer loaded without a time)
 *   GY_CODE_1970 + day               a day before 1970 (day numbers are negative); its milliseconds, up
 *                                    to 86,399,999, stand in the second column
 *   GY_CODE_1970 + seconds           a second from 1970 on; its milliseconds, up to 999, likewise
 *
 * So times from year 1 to the end of 2105 fit, every second of the present is one code, and the past
 * costs a second column only where there is any. */
#define GY_CODE_ALWAYS    UINT32_C(0)
#define GY_CODE_1970      UINT32_C(719163)
#define GY_TIME_MIN_MS    INT64_C(-62135596800000) /* 0001-01-01T00:00:00Z: code 1 */
#define GY_TIME_MAX_MS    INT64_C(4291747199999)   /* 2105-12-31T23:59:59.999Z */
#define GY_TIME_ALWAYS_MS INT64_MIN

static inline int64_t gy_code_ms(uint32_t code, uint32_t millis)
{
    int64_t since = (int64_t)code - GY_CODE_1970;
    int64_t unit_ms = since < 0 ? 86400000 : 1000;
    return code == GY_CODE_ALWAYS ? GY_TIME_ALWAYS_MS : since * unit_ms + millis;
}

/* The last instant that has this code. */
static inline int64_t gy_code_last_ms(uint32_t code)
{
    return gy_code_ms(code, code == GY_CODE_ALWAYS ? 0 : code < GY_CODE_1970 ? 86399999 : 999);
}

/* The code of an instant; one before year 1 is GY_CODE_ALWAYS, one after the last code is UINT32_MAX. */
static inline uint32_t gy_code_of(int64_t ms, uint32_t *millis)
{
    *millis = 0;
    if (ms < GY_TIME_MIN_MS)
        return GY_CODE_ALWAYS;
    int64_t unit_ms = ms < 0 ? 86400000 : 1000;
    int64_t since = ms < 0 ? -((-ms + unit_ms - 1) / unit_ms) : ms / unit_ms;
    if (since > (int64_t)UINT32_MAX - 1 - GY_CODE_1970)
        return UINT32_MAX;
    *millis = (uint32_t)(ms - since * unit_ms);
    return (uint32_t)(GY_CODE_1970 + since);
}

/* Streams every store has; those of events and traits are numbered by the schema from
 * GY_STREAM_FIRST on. */
enum {
    GY_STREAM_EXISTENCE = 0, /* one row a customer: the earliest time of a call that names it */
    GY_STREAM_CALLS = 1,     /* a row for each identify and alias, for finding duplicates */
    GY_STREAM_FIRST = 16,
};

struct gy_part;

/* What a part holds of one stream in one block. */
struct gy_slice {
    uint32_t block_no;
    uint32_t stream;
    uint32_t n_rows;      /* at least 1 */
    uint32_t n_customers; /* at least 1, at most 65,536 */
    uint32_t min_code;    /* zone map of the time codes */
    uint32_t max_code;
    int64_t min_written_ms; /* of the times as their senders wrote them; for finding duplicates */
    int64_t max_written_ms;
    bool is_as_written; /* every time is as its sender wrote it: equal times can be searched for */
    uint32_t first_column; /* in the part's column table; for part.c */
    uint32_t n_columns;
};

/* Customer -> rows. Row range of run i: [starts[i], starts[i + 1]). */
struct gy_runs {
    uint32_t n;
    const uint16_t *customers; /* NULL: run i is customer i (then n is 65,536) */
    const uint32_t *starts;    /* NULL: run i is row i */
};

/* The first row of a run; of the one behind the last, the number of rows. */
static inline uint32_t gy_runs_start(const struct gy_runs *runs, uint32_t run)
{
    return runs->starts == NULL ? run : runs->starts[run];
}

/* The low 16 bits of a run's customer. */
static inline uint32_t gy_runs_customer(const struct gy_runs *runs, uint32_t run)
{
    return runs->customers == NULL ? run : runs->customers[run];
}

/* Whether the customers follow one another: run i is the first one's number plus i. */
static inline bool gy_runs_are_neighbours(const struct gy_runs *runs)
{
    return gy_runs_customer(runs, runs->n - 1) - gy_runs_customer(runs, 0) == runs->n - 1;
}

struct gy_times {
    const uint32_t *codes;
    /* Milliseconds within the code's second or day; one of the two, or none where all are 0. */
    const uint16_t *millis;     /* all below 1,000 */
    const uint32_t *day_millis; /* some row is of a day before 1970 */
};

static inline uint32_t gy_times_millis(const struct gy_times *times, uint32_t row)
{
    return times->millis != NULL       ? times->millis[row]
           : times->day_millis != NULL ? times->day_millis[row]
                                       : 0;
}

static inline int64_t gy_times_ms(const struct gy_times *times, uint32_t row)
{
    return gy_code_ms(times->codes[row], gy_times_millis(times, row));
}

/* Fingerprints of the calls that made the rows.
 *
 * A call is compared with rows of its customer and stream only; where times are as written, with those
 * of its own time only, and few bytes of its fingerprint tell it from them. So a fingerprint is
 * *whole*, or cut to its low 5 to 7 bytes. As a number: 0 is none; the top bit is set in a whole one;
 * the top byte of one that was cut is the number of its bytes. */
struct gy_fingerprints {
    const uint8_t *data; /* NULL: no row has one */
    uint8_t width;       /* 5 to 7: all are cut to so many bytes; 8: as numbers */
    bool is_unmarked;    /* width 8 of a part of version 1: all are whole */
};

#define GY_FINGERPRINT_WHOLE (UINT64_C(1) << 63)
#define GY_FINGERPRINT_LEAST 5 /* bytes of one that was cut */

/* A whole one; what is cut of it is not 0 either. */
static inline uint64_t gy_fingerprint_of_hash(uint64_t hash)
{
    hash |= GY_FINGERPRINT_WHOLE;
    return (hash & ((UINT64_C(1) << 8 * GY_FINGERPRINT_LEAST) - 1)) == 0 ? hash | 1 : hash;
}

static inline uint64_t gy_fingerprint_cut(uint64_t fingerprint, unsigned width)
{
    return (fingerprint & ((UINT64_C(1) << 8 * width) - 1)) | (uint64_t)width << 56;
}

/* Of a row, as a number. */
static inline uint64_t gy_fingerprint_at(const struct gy_fingerprints *f, uint32_t row)
{
    uint64_t raw = 0;
    if (f->data == NULL)
        return 0;
    memcpy(&raw, f->data + (size_t)row * f->width, sizeof raw);
    raw &= UINT64_MAX >> (64 - 8 * f->width);
    if (raw == 0)
        return 0;
    return f->width < 8 ? raw | (uint64_t)f->width << 56
                        : raw | (f->is_unmarked ? GY_FINGERPRINT_WHOLE : 0);
}

/* Whether a row with the fingerprint `stored` is of the call with the whole one; `is_its_time`: the row's
 * time is that of the call as its sender wrote it. */
static inline bool gy_fingerprint_is(uint64_t stored, uint64_t whole, bool is_its_time)
{
    if (stored >= GY_FINGERPRINT_WHOLE)
        return stored == whole;
    unsigned width = (unsigned)(stored >> 56);
    return width != 0 && width < 8 && is_its_time && stored == gy_fingerprint_cut(whole, width);
}

enum gy_encoding {
    GY_ENCODING_NONE = 0, /* no row has a value that fits the schema's type */
    GY_ENCODING_INT = 1, /* (base + raw) × 10^-scale; of times base + raw × unit. raw is unsigned,
                             * `width` bytes */
    GY_ENCODING_DOUBLE = 2, /* 8 bytes */
    GY_ENCODING_CODE = 3,   /* raw is a code of the part's dictionary of this property */
    GY_ENCODING_TEXT = 4, /* the strings themselves: starts[n_rows + 1] into bytes; may be kept as a
                             * pattern and numbers, and is made of them when it is first asked for */
    GY_ENCODING_LIST = 5, /* starts[n_rows + 1] into codes of `width` bytes */
};

/* A column of one slice. `type` says how to read it: NUMBER as INT or DOUBLE, BOOL as INT 0 or 1, TIME
 * as INT milliseconds, STRING as CODE or TEXT, LIST as LIST. */
struct gy_column {
    enum gy_value_type type;
    enum gy_encoding encoding;
    uint8_t width; /* 0 (every raw is 0, `data` is NULL), 1, 2, 4 or 8 */
    int8_t
        scale; /* -15 to 15, see gy_scaled; not 0 only where the type is NUMBER. Then |base + raw|, and
                    * with a negative scale × 10^-scale, ≤ 2^53 */
    uint8_t unit; /* not 0 only where the type is TIME: of gy_time_units_ms */
    int64_t base;
    uint32_t n_rows;
    const void *data;
    const uint64_t *present; /* a bit a row; NULL: all present */
    const uint32_t *starts;  /* TEXT, LIST */
    const char *bytes;       /* TEXT */
    double min_number;       /* zone map, NUMBER only (min > max: unknown) */
    double max_number;
    int64_t
        min_int; /* INT and CODE: of what gy_column_int gives resp. of codes, over present rows */
    int64_t max_int;
    /* Values that do not read as the schema's type (they count as missing), as JSON text. */
    uint32_t n_misfits;
    const uint32_t *misfit_rows;   /* ascending */
    const uint32_t *misfit_starts; /* n_misfits + 1 into misfit_bytes */
    const char *misfit_bytes;
};

/* Distinct strings in code-point order; the code is the place. */
struct gy_dictionary {
    uint32_t n;
    const uint32_t *starts; /* n + 1 */
    const char *bytes;
};

static inline struct gy_str gy_dictionary_str(const struct gy_dictionary *d, uint32_t code)
{
    return (struct gy_str){d->bytes + d->starts[code], d->starts[code + 1] - d->starts[code]};
}

/* Maps the file and checks (1). `*out` is owned by the caller (gy_part_close). Fails with IO (also
 * where the file is gone: err->sys_errno ENOENT), CORRUPT, UNSUPPORTED (a newer format). */
GY_CHECKED enum gy_status gy_part_open(const char *path, struct gy_part **out,
                                       struct gy_error *err);

/* The same over bytes in memory. Takes `bytes` (frees them with free, also on failure). */
GY_CHECKED enum gy_status gy_part_open_memory(uint8_t *bytes, size_t len, const char *label,
                                              struct gy_part **out, struct gy_error *err);
/* Of the last of its owners; NULL is allowed. */
void gy_part_close(struct gy_part *part);

/* One more owner, who closes it too. Any thread. */
struct gy_part *gy_part_share(struct gy_part *part);

/* Slices are sorted by (block, stream). */
size_t gy_part_n_slices(const struct gy_part *part);
const struct gy_slice *gy_part_slice(const struct gy_part *part, size_t i);
const struct gy_slice *gy_part_find(const struct gy_part *part, uint32_t block_no,
                                    uint32_t stream); /* or NULL */
uint64_t gy_part_size(const struct gy_part *part);    /* bytes */
uint64_t gy_part_n_rows(const struct gy_part *part, uint32_t stream);
const char *gy_part_label(const struct gy_part *part); /* its path */

/* These verify on first use, (2); fail with CORRUPT, naming part, slice and column. */
GY_CHECKED enum gy_status gy_part_runs(const struct gy_part *part, const struct gy_slice *slice,
                                       struct gy_runs *out, struct gy_error *err);

/* The customers of a slice as bits, and how many runs are before each word of them: a customer's run is
 * found at once, whoever else has one. */
struct gy_places {
    uint64_t there[GY_BLOCK_SIZE / 64];
    uint16_t runs_before[GY_BLOCK_SIZE / 64];
};

/* `runs` are the slice's. Made when they are first asked for, and kept with the part: 10 KB a slice. A view. */
const struct gy_places *gy_part_places(const struct gy_part *part, const struct gy_slice *slice,
                                       const struct gy_runs *runs);

GY_CHECKED enum gy_status gy_part_times(const struct gy_part *part, const struct gy_slice *slice,
                                        struct gy_times *out, struct gy_error *err);
/* A property of an event stream, or GY_PROPERTY_VALUE of a trait stream. A column that the slice does
 * not have is encoding NONE. */
#define GY_PROPERTY_VALUE UINT32_C(0)
GY_CHECKED enum gy_status gy_part_column(const struct gy_part *part, const struct gy_slice *slice,
                                         uint32_t property, struct gy_column *out,
                                         struct gy_error *err);
GY_CHECKED enum gy_status gy_part_ranks(const struct gy_part *part, const struct gy_slice *slice,
                                        struct gy_column *out, struct gy_error *err);
/* Keyed fingerprints of calls. */
GY_CHECKED enum gy_status gy_part_fingerprints(const struct gy_part *part,
                                               const struct gy_slice *slice,
                                               struct gy_fingerprints *out, struct gy_error *err);
bool gy_part_has_fingerprints(const struct gy_part *part, const struct gy_slice *slice);
/* The dictionary of a property of a stream; n is 0 where there is none. Trait: GY_PROPERTY_VALUE. */
GY_CHECKED enum gy_status gy_part_dictionary(const struct gy_part *part, uint32_t stream,
                                             uint32_t property, struct gy_dictionary *out,
                                             struct gy_error *err);

/* The properties that the slice has a column for. */
uint32_t gy_part_n_properties(const struct gy_part *part, const struct gy_slice *slice);
uint32_t gy_part_property(const struct gy_part *part, const struct gy_slice *slice, uint32_t i);

/* ---- how much there is to read, in bytes; 0 where there is nothing ---- */

/* Whose a slice's rows are, when, and in which order. */
uint64_t gy_part_rows_bytes(const struct gy_part *part, const struct gy_slice *slice);
/* As gy_part_column; and as gy_part_dictionary, which all slices of the stream share. */
uint64_t gy_part_column_bytes(const struct gy_part *part, const struct gy_slice *slice,
                              uint32_t property);
uint64_t gy_part_dictionary_bytes(const struct gy_part *part, uint32_t stream, uint32_t property);

/* Verifies every checksum and every invariant of this part. */
GY_CHECKED enum gy_status gy_part_check(const struct gy_part *part, struct gy_error *err);

/* ---- reading single rows (whole columns are for kernels) ---- */

/* The run of a customer (low 16 bits of its ordinal): false if it has none. */
bool gy_runs_find(const struct gy_runs *runs, uint16_t customer, uint32_t *first_row,
                  uint32_t *end_row);

static inline bool gy_column_is_present(const struct gy_column *c, uint32_t row)
{
    return c->encoding != GY_ENCODING_NONE &&
           (c->present == NULL || (c->present[row >> 6] >> (row & 63) & 1) != 0);
}

static inline uint64_t gy_column_raw(const struct gy_column *c, uint32_t i)
{
    switch (c->width) {
    case 1:
        return ((const uint8_t *)c->data)[i];
    case 2:
        return ((const uint16_t *)c->data)[i];
    case 4:
        return ((const uint32_t *)c->data)[i];
    case 8:
        return ((const uint64_t *)c->data)[i];
    default:
        return 0;
    }
}

/* What raw values of times count: times that are all whole days apart are days, and so on. */
enum {
    GY_TIME_UNITS = 5
};
extern const int64_t gy_time_units_ms[GY_TIME_UNITS];

/* The whole number that a raw one of an INT column stands for: base + raw, of times in ms. */
static inline int64_t gy_column_int_of_raw(const struct gy_column *c, uint64_t raw)
{
    return (int64_t)((uint64_t)c->base + raw * (uint64_t)gy_time_units_ms[c->unit]);
}

static inline int64_t gy_column_int(const struct gy_column *c, uint32_t row)
{
    return gy_column_int_of_raw(c, gy_column_raw(c, row));
}

/* The greatest raw value that an INT column may have. */
static inline uint64_t gy_column_last_raw(const struct gy_column *c)
{
    return ((uint64_t)c->max_int - (uint64_t)c->base) / (uint64_t)gy_time_units_ms[c->unit];
}

/* The string of a TEXT column, as a view into the part. */
static inline struct gy_str gy_column_text(const struct gy_column *c, uint32_t row)
{
    return (struct gy_str){c->bytes + c->starts[row], c->starts[row + 1] - c->starts[row]};
}

/* value × 10^-scale, the number exactly as it came: both factors are exact, so the division rounds to the
 * double that the decimal reads as, and a product is whole. */
extern const double gy_powers_of_ten[GY_MAX_SCALE + 1];
static inline double gy_scaled(double value, int scale)
{
    return scale >= 0 ? value / gy_powers_of_ten[scale] : value * gy_powers_of_ten[-scale];
}

double gy_column_number(const struct gy_column *c, uint32_t row); /* NUMBER, present */

/* Any present or missing value; strings are views into the part. A list's strings are allocated in
 * `arena`. */
struct gy_arena;
void gy_column_value(const struct gy_column *c, const struct gy_dictionary *dictionary,
                     uint32_t row, struct gy_arena *arena, struct gy_value *out);

#endif
