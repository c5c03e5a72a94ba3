/* part_internal.h - the bytes of a part, as its writer lays them and its reader finds them.
 *
 * docs/format.md says what they mean. The structs are the bytes: little-endian, without gaps.
 */
#ifndef GY_STORE_PART_INTERNAL_H
#define GY_STORE_PART_INTERNAL_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/file.h"
#include "store/part.h"
#include "store/text_pattern.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "parts are mapped as they lie on disk");

#define GY_PART_MAGIC "GYEOLPRT"

enum {
    GY_PART_VERSION = 2,
    GY_PART_OLDEST_VERSION = 1,
    GY_PART_ALIGN = 64,
};

/* An encoding on disk only (version 2): readers are handed GY_ENCODING_TEXT. */
#define GY_ENCODING_PATTERN 6

#define GY_PART_MAX_WHOLE (INT64_C(1) << 53) /* doubles hold every whole number up to here */

struct gy_part_header {
    char magic[8];
    uint32_t version;
    uint32_t entity_kind; /* 0: customers */
    uint8_t reserved[48]; /* zero */
};

struct gy_part_footer {
    uint64_t directory_offset;
    uint64_t directory_size;
    uint32_t n_slices;
    uint32_t n_columns;
    uint32_t n_dictionaries;
    uint32_t reserved; /* zero */
    uint64_t directory_checksum;
    uint64_t file_size;
    uint64_t checksum; /* of the header, then the footer up to here */
    char magic[8];
};

struct gy_slice_entry {
    uint32_t block_no;
    uint32_t stream;
    uint32_t n_rows;
    uint32_t n_customers;
    uint32_t min_code;
    uint32_t max_code;
    uint32_t first_column;
    uint32_t n_columns;
    int64_t min_written_ms;
    int64_t max_written_ms;
    uint32_t is_as_written; /* 0 or 1 */
    uint32_t reserved;      /* zero */
};

/* What a column is to its slice; columns of a slice are in this order, then by property. */
enum gy_column_role {
    GY_ROLE_CUSTOMERS = 1,   /* u16 a customer; left out where the slice has all 65,536 */
    GY_ROLE_STARTS = 2,      /* u32, n_customers + 1; left out where every customer has one row */
    GY_ROLE_TIME = 3,        /* u32 a row; left out where gy_slice_needs_times says so */
    GY_ROLE_MILLIS = 4,      /* u16 a row, or u32 (days before 1970); left out where all are 0 */
    GY_ROLE_RANK = 5,        /* INT; left out where all are 0 */
    GY_ROLE_FINGERPRINT = 6, /* 5 to 8 bytes a row; version 1: 8 */
    GY_ROLE_PROPERTY = 7,
};

struct gy_column_entry {
    uint8_t role;
    uint8_t type; /* gy_value_type; NUMBER for every role but PROPERTY */
    uint8_t encoding;
    uint8_t width;
    int8_t scale;         /* version 1: not negative; of times: the unit, version 1: 0 */
    uint8_t has_presence; /* 0 or 1 */
    uint16_t last_place;  /* INT, CODE with n_values: of the table; else 0 */
    uint32_t property;    /* 0 for every role but PROPERTY */
    uint32_t n_values; /* LIST: codes; TEXT: bytes; PATTERN: bytes of the pattern; INT and CODE by a
                           * key: its property; else 0 */
    uint32_t n_misfits;
    uint32_t n_misfit_bytes;
    int64_t base; /* INT: the smallest value; else 0 */
    uint64_t min; /* INT, CODE: an int64; DOUBLE: the bits of a double; else 0 */
    uint64_t max;
    uint64_t offset;
    uint64_t size;
    uint64_t checksum;
};

struct gy_dictionary_entry {
    uint32_t stream;
    uint32_t property;
    uint32_t n;
    uint32_t n_bytes;
    uint64_t offset;
    uint64_t size;
    uint64_t checksum;
};

_Static_assert(sizeof(struct gy_part_header) == 64, "header");
_Static_assert(sizeof(struct gy_part_footer) == 64, "footer");
_Static_assert(sizeof(struct gy_slice_entry) == 56, "slice entry");
_Static_assert(sizeof(struct gy_column_entry) == 72, "column entry");
_Static_assert(sizeof(struct gy_dictionary_entry) == 40, "dictionary entry");

/* Of the header, then of the footer as far as the checksum. */
uint64_t gy_part_footer_checksum(const struct gy_part_header *header,
                                 const struct gy_part_footer *footer);

static inline uint64_t gy_part_align(uint64_t n)
{
    return (n + GY_PART_ALIGN - 1) / GY_PART_ALIGN * GY_PART_ALIGN;
}

/* Where the arrays of a column lie within its region, and how long the region is. Every factor is
 * below 2^32, so nothing overflows. An array that the column does not have has the place of the next. */
struct gy_column_layout {
    uint64_t n_data; /* elements of `width` bytes */
    uint64_t present;
    uint64_t data;
    uint64_t starts;
    uint64_t bytes;
    uint64_t misfit_rows;
    uint64_t misfit_starts;
    uint64_t misfit_bytes;
    uint64_t size;
};

void gy_column_layout(const struct gy_column_entry *entry, const struct gy_slice *slice,
                      struct gy_column_layout *out);

struct gy_part {
    const uint8_t *bytes; /* of the map or of `owned`; on a 64-byte boundary */
    uint64_t size;
    uint32_t version;
    struct gy_map map;
    uint8_t *owned;
    atomic_uint n_more_owners;
    char *label;
    struct gy_slice *slices;
    uint32_t n_slices;
    uint32_t n_columns;
    uint32_t n_dictionaries;
    const struct gy_column_entry *columns; /* these two lie in `bytes` */
    const struct gy_dictionary_entry *dictionaries;
    struct gy_places *_Atomic *places; /* part_places.c, by slice */
    _Atomic uint8_t *verified;         /* 1 where it is; columns first, then dictionaries */
    void *_Atomic
        *made; /* a column: what it is made of patterns or a table, once it was asked for */
};

/* Whether a column is a table of values by those of another property, the key: of INT and CODE, n_values is
 * that property. A key is an INT or CODE itself; its places are its raw values. */
static inline bool gy_column_has_key(const struct gy_column_entry *e)
{
    return (e->encoding == GY_ENCODING_INT || e->encoding == GY_ENCODING_CODE) && e->n_values != 0;
}

/* Times have their unit in place of a scale. */
static inline uint64_t gy_column_entry_unit_ms(const struct gy_column_entry *e)
{
    return e->type == GY_VALUE_TIME ? (uint64_t)gy_time_units_ms[e->scale] : 1;
}

/* The greatest raw value of an INT. */
static inline uint64_t gy_column_entry_last_raw(const struct gy_column_entry *e)
{
    return (e->max - e->min) / gy_column_entry_unit_ms(e);
}

static inline uint64_t gy_column_last_place(const struct gy_column_entry *key)
{
    return key->encoding == GY_ENCODING_CODE ? key->max : gy_column_entry_last_raw(key);
}

/* Traits are mostly loaded without a time; then the slice's entry says all that there is to say of times. Not
 * more rows than gy_part_times has codes for. */
static inline bool gy_slice_needs_times(uint32_t max_code, uint32_t n_rows)
{
    return max_code != GY_CODE_ALWAYS || n_rows > GY_BLOCK_SIZE;
}

/* The texts of a column of patterns: n_rows + 1 starts, then the bytes. */
struct gy_part_texts {
    const char *bytes;
    uint32_t starts[];
};

/* The pattern of such a column, and the number of a row less the base. */
void gy_part_pattern(const struct gy_part *part, const struct gy_slice *slice,
                     const struct gy_column_entry *entry, struct gy_pattern *out);
static inline uint64_t gy_part_pattern_raw(const uint8_t *data, unsigned width, uint32_t row)
{
    uint64_t raw;
    if (width == 0)
        return 0;
    memcpy(&raw, data + (size_t)row * width, sizeof raw); /* a region has as much behind it */
    return raw & UINT64_MAX >> (64 - 8 * width);
}

/* Fails with CORRUPT, naming the part. */
enum gy_status gy_part_corrupt(const struct gy_part *part, struct gy_error *err, const char *format,
                               ...) GY_PRINTF(3, 4);

void gy_part_forget_places(struct gy_part *part);

/* The entry of a column of a slice, or NULL. */
const struct gy_column_entry *gy_part_find_column(const struct gy_part *part,
                                                  const struct gy_slice *slice,
                                                  enum gy_column_role role, uint32_t property);
const struct gy_dictionary_entry *gy_part_find_dictionary(const struct gy_part *part,
                                                          uint32_t stream, uint32_t property);

/* part_directory.c: finds the directory and checks all that can be checked without the columns:
 * checksums of header, footer and directory, every place and size against the file. */
GY_CHECKED enum gy_status gy_part_read_directory(struct gy_part *part, struct gy_error *err);

/* part_check.c: the checksum of a column and everything that kernels rely on. Of a time column, also
 * the order within the runs. `slice` is the one that has the column. */
GY_CHECKED enum gy_status gy_part_verify_column(const struct gy_part *part,
                                                const struct gy_slice *slice,
                                                const struct gy_column_entry *entry,
                                                struct gy_error *err);
GY_CHECKED enum gy_status gy_part_verify_dictionary(const struct gy_part *part,
                                                    const struct gy_dictionary_entry *entry,
                                                    struct gy_error *err);

/* The column as it lies, unverified. */
void gy_part_view_column(const struct gy_part *part, const struct gy_slice *slice,
                         const struct gy_column_entry *entry, struct gy_column *out);
void gy_part_view_dictionary(const struct gy_part *part, const struct gy_dictionary_entry *entry,
                             struct gy_dictionary *out);

#endif
