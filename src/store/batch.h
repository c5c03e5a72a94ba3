/* batch.h - calls gathered in memory, column by column, until a commit makes them a part.
 *
 * Each call is one row of its event's stream, or of the stream CALLS (identify and alias); items and
 * traits are rows of streams of their own. Values stay as they came, with their kind, since what type a
 * new name has is known only when all of its values are there. Strings are numbered once for the whole
 * batch.
 *
 * Calls of one kind repeat: each stream remembers which column each field of its last call was, so
 * that the next one compares names instead of looking them up.
 *
 * A call is added in two steps: gy_batch_resolve finds where everything goes and can refuse; then
 * gy_batch_append cannot fail.
 */
#ifndef GY_STORE_BATCH_H
#define GY_STORE_BATCH_H

#include "base/intern.h"
#include "base/status.h"
#include "store/call.h"
#include "store/schema.h"

enum {
    GY_BATCH_CALLS = 0, /* the place of the stream CALLS among a batch's streams */
    GY_MAX_NAME_BYTES = 1024,
    GY_MAX_STRING_BYTES = 1 << 24,
    GY_BATCH_RECENT = 256,
    GY_BATCH_NAMES = 64
};

#define GY_BATCH_NONE UINT32_MAX

struct gy_batch_call {
    uint32_t customer;  /* the ordinal it belongs to, perhaps a child by now */
    uint32_t stream;    /* place in the batch */
    uint32_t first_seq; /* of its rows in event streams; they count up */
    uint32_t n_lines;
    int64_t time_ms;      /* GY_TIME_ALWAYS_MS: without a time */
    int64_t written_ms;   /* GY_TIME_ALWAYS_MS without a time */
    uint64_t fingerprint; /* whole; 0: the call is known by what it says (same_rows.h) */
    uint64_t content;     /* as in gy_call */
    uint32_t row;         /* its own in `stream`; items of it have rows of theirs */
    uint8_t type;         /* enum gy_call_type */
};

/* The values of one property or trait: an entry for each row that has one. */
struct gy_batch_column {
    struct gy_str name; /* empty: the value of a trait */
    uint32_t *rows;     /* ascending; NULL: entry i is of row i */
    uint8_t *kinds;     /* enum gy_value_type; NULL: all are `kind` */
    uint8_t kind;
    bool is_number; /* the schema knows it as one: cells that read as numbers are taken as such */
    uint64_t *bits; /* NUMBER a double; BOOL; TIME; STRING, CELL a string's number; LIST its place
                         * in `list_codes` << 32 | its length */
    uint32_t n;
    uint32_t capacity;
    uint32_t stamp; /* of the row that its last value came with, see batch.c */
    struct gy_intern_slot
        *recent; /* GY_BATCH_RECENT strings it has had, by their hashes; or NULL */
};

/* Where a name stands that stays there, and which column it is of. */
struct gy_batch_name {
    const char *ptr; /* NULL: none */
    uint32_t column;
};

enum gy_batch_kind {
    GY_BATCH_KIND_CALLS,
    GY_BATCH_KIND_EVENT, /* also items */
    GY_BATCH_KIND_TRAIT,
};

struct gy_batch_stream {
    enum gy_batch_kind kind;
    struct gy_str name;
    struct gy_str property; /* items: the property that they are the objects of */
    uint32_t parent;        /* items: the place of their event's stream; else GY_BATCH_NONE */
    uint32_t *calls;        /* a row */
    uint32_t *seqs;         /* a row; events only */
    uint32_t n_rows;
    uint32_t capacity;
    uint32_t n_calls;         /* whose own rows are in it */
    bool has_fingerprints;    /* one of those calls has one */
    int64_t first_written_ms; /* of those calls */
    int64_t last_written_ms;
    struct gy_batch_column *columns;
    uint32_t n_columns;
    uint32_t columns_capacity;
    struct gy_intern names; /* of the columns, in their order */
    uint32_t n_known_names; /* of the schema, be they in this batch or not */
    uint32_t n_new_names;   /* columns that the schema does not know */
    uint32_t schema_id;     /* GY_ID_NONE: not known yet */
    uint32_t *shape;        /* the columns of the last call's fields */
    uint32_t n_shape;
    uint32_t shape_capacity;
    struct gy_batch_name *staying; /* GY_BATCH_NAMES of them, by `ptr`; NULL: none */
    uint32_t *from_parent; /* items: the column that takes the parent's column, or GY_BATCH_NONE */
    uint32_t n_from_parent;
    uint32_t from_parent_capacity;
    uint32_t first_items; /* the first stream of its items, or GY_BATCH_NONE */
    uint32_t next_items;  /* items: the next one of the same parent */
};

struct gy_batch {
    const struct gy_schema *schema; /* borrowed; what is known so far */
    const struct gy_batch
        *before; /* borrowed: a batch whose names are not in `schema` yet, or NULL */
    struct gy_batch_call *calls;
    uint32_t n_calls;
    uint32_t calls_capacity;
    struct gy_batch_stream *streams;
    uint32_t n_streams;
    uint32_t streams_capacity;
    struct gy_intern event_names; /* -> event_streams */
    uint32_t *event_streams;
    size_t event_streams_capacity;
    struct gy_intern trait_names;
    uint32_t *trait_streams;
    size_t trait_streams_capacity;
    uint32_t last_event;
    uint32_t resolved_event; /* of the call that was resolved, or GY_BATCH_NONE */
    uint32_t n_new_events;
    uint32_t n_new_traits;
    uint32_t n_known_events;
    uint32_t n_known_traits;
    struct gy_intern strings;
    uint32_t *list_codes;
    size_t n_list_codes;
    size_t list_codes_capacity;
    uint32_t n_seqs;
    uint32_t stamp;
    uint64_t bytes;
    struct gy_arena arena;
    uint32_t *places; /* what gy_batch_resolve found: columns, field by field */
    size_t n_places;
    size_t places_capacity;
    struct gy_intern new_names;
};

/* All zero but for the schema. */
void gy_batch_init(struct gy_batch *batch, const struct gy_schema *schema);

/* The same behind a batch that is not committed yet: its names count as known for the limits. Names that
 * come again count twice, so what is refused may be taken once the batch stands alone. */
void gy_batch_init_after(struct gy_batch *batch, const struct gy_schema *schema,
                         const struct gy_batch *before);
/* The one before is committed, and `schema` knows its names. */
void gy_batch_stand_alone(struct gy_batch *batch);

void gy_batch_release(struct gy_batch *batch);
void gy_batch_reset(struct gy_batch *batch, const struct gy_schema *schema);

/* Names that stayed where they were do so no longer. */
void gy_batch_forget_names(struct gy_batch *batch);

/* Memory that it takes, roughly. */
uint64_t gy_batch_bytes(const struct gy_batch *batch);

/* Checks what the call says and finds the streams and columns it goes to. INVALID, LIMIT. */
GY_CHECKED enum gy_status gy_batch_resolve(struct gy_batch *batch, const struct gy_call *call,
                                           struct gy_error *err);

/* Whether all of these calls together could be added: of different events, and at most one identify.
 * INVALID, LIMIT as the first that could not. */
GY_CHECKED enum gy_status gy_batch_check(struct gy_batch *batch, const struct gy_call *calls,
                                         uint32_t n, struct gy_error *err);

/* Adds the call that was just resolved. `entry` has all but `stream`, `row` and `first_seq`. */
void gy_batch_append(struct gy_batch *batch, const struct gy_call *call,
                     const struct gy_batch_call *entry);

static inline uint32_t gy_batch_row(const struct gy_batch_column *column, uint32_t entry)
{
    return column->rows == NULL ? entry : column->rows[entry];
}
static inline enum gy_value_type gy_batch_entry_kind(const struct gy_batch_column *column,
                                                     uint32_t entry)
{
    return (enum gy_value_type)(column->kinds == NULL ? column->kind : column->kinds[entry]);
}

/* The string with that number. */
static inline struct gy_str gy_batch_string(const struct gy_batch *batch, uint64_t number)
{
    return batch->strings.strings[number];
}

#endif
