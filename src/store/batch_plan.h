/* batch_plan.h - what becomes of a batch at its commit.
 *
 * A plan is made in steps, each of which may be looked at before the next:
 *
 *   gy_plan_roots     whose each call is
 *   gy_plan_order     the calls in order of (customer, time, arrival)
 *   gy_dedupe_mark    (dedupe.h) which calls are stored already
 *   gy_plan_settle    which names are new, which type each has, which values do not fit
 *   gy_plan_write     the part
 *
 * The batch is not changed, so a commit that failed can be tried again.
 */
#ifndef GY_STORE_BATCH_PLAN_H
#define GY_STORE_BATCH_PLAN_H

#include "base/arena.h"
#include "store/batch.h"
#include "store/identity.h"
#include "store/part_writer.h"

#define GY_PLAN_DROPPED UINT32_MAX

struct gy_plan_column {
    const struct gy_batch_column *from;
    uint32_t property; /* its id; GY_PROPERTY_VALUE of a trait */
    enum gy_value_type type;
    uint64_t *has_entry; /* a bit a row of the batch's stream; NULL: row i has entry i */
    uint32_t *before;    /* the entries before each word of it */
    uint64_t *values; /* an entry: as in gy_batch_column, but a STRING or a list's element is a code
                          * of the dictionary where there is one; NULL: `from->bits` as they are */
    uint8_t *is_misfit; /* an entry; NULL: none is */
    uint32_t n_misfits;
    uint32_t *dictionary; /* numbers of strings, in order; NULL: none */
    uint32_t n_dictionary;
    uint32_t *list_codes; /* LIST: its own lists, as codes of the dictionary */
};

struct gy_plan_stream {
    uint32_t id;
    const struct gy_batch_stream *from; /* NULL: existence */
    uint32_t *rows;                     /* of `from`, those that stay, in order; existence: calls */
    uint32_t n_rows;
    int64_t *times;                 /* a row of `from`; NULL: those of the calls */
    struct gy_plan_column *columns; /* by property */
    uint32_t n_columns;
};

/* The rows of a stream of the batch that are their calls' own, of the calls in order. */
struct gy_own_rows {
    uint32_t *rows; /* NULL: some rows of the stream are not */
    uint32_t n;
};

struct gy_plan {
    const struct gy_batch *batch;
    struct gy_identity *identity;
    uint32_t *roots; /* a call */
    uint32_t *order; /* calls that stay, by (root, time, arrival) */
    uint32_t n_order;
    uint32_t *positions; /* a call: its place in `order`, or GY_PLAN_DROPPED */
    uint64_t *dropped;   /* a bit a call */
    uint32_t n_dropped;
    uint32_t *rank_bases;         /* a call */
    struct gy_own_rows *own_rows; /* a stream of the batch; until they are a plan's stream's */
    uint32_t n_own_rows;

    const struct gy_schema *schema; /* the one to be: `new_schema`, or the old one */
    struct gy_schema new_schema;
    bool has_new_schema;
    uint32_t *stream_ids;           /* a stream of the batch: its id in `schema`, or GY_ID_NONE */
    struct gy_plan_stream *streams; /* by id */
    uint32_t n_streams;
    uint64_t n_misfits;
    char misfit_example[256];
    uint32_t first_block; /* of the part */
    uint32_t n_blocks;
    uint64_t n_rows;

    uint8_t *string_classes; /* a string of the batch; see batch_types.c */
    uint32_t *string_marks;
    struct gy_arena arena;
};

/* All zero but for what it stands on, which is borrowed. */
void gy_plan_init(struct gy_plan *plan, const struct gy_batch *batch, struct gy_identity *identity);
void gy_plan_release(struct gy_plan *plan);

void gy_plan_roots(struct gy_plan *plan);
void gy_plan_order(struct gy_plan *plan);

static inline bool gy_plan_is_dropped(const struct gy_plan *plan, uint32_t call)
{
    return (plan->dropped[call >> 6] >> (call & 63) & 1) != 0;
}
static inline void gy_plan_drop(struct gy_plan *plan, uint32_t call)
{
    plan->n_dropped += !gy_plan_is_dropped(plan, call);
    plan->dropped[call >> 6] |= UINT64_C(1) << (call & 63);
}

/* After the calls that go were dropped. `import_ms`: the instant from which a value without a time
 * holds that is not its customer's first. */
GY_CHECKED enum gy_status gy_plan_settle(struct gy_plan *plan, int64_t import_ms,
                                         struct gy_error *err);

/* Writes it with `w`, which is neither finished nor abandoned here. */
GY_CHECKED enum gy_status gy_plan_write(struct gy_plan *plan, struct gy_part_writer *w,
                                        struct gy_error *err);

/* ---- between the files of the plan ---- */

/* Types, values and dictionary of a column (batch_types.c). `type` is the schema's, or MISSING if the
 * column is new; then it is decided. False if no value of it stays. */
bool gy_plan_settle_column(struct gy_plan *plan, const struct gy_batch_stream *stream,
                           enum gy_value_type type, struct gy_plan_column *column);

/* The value of an entry as it came; a list's strings are allocated in `arena`. */
void gy_batch_value(const struct gy_batch *batch, const struct gy_batch_column *column,
                    uint32_t entry, struct gy_arena *arena, struct gy_value *out);

#endif
