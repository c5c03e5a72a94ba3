/* pack.h - lines of a file as calls, made by one thread and taken by another.
 *
 * Reading a line and adding its calls cost about the same, so a thread of its own reads ahead: it fills
 * packs of some thousand lines, which are taken in the order of the file. A pack owns all that its
 * lines point to. What went wrong stands behind the lines that were read before it, so that who takes
 * them sees what one thread would have seen.
 *
 *   file ──> gy_fill_fn ──> pack │ pack │ pack ──> gy_ahead_next
 *            (its own thread)    at most GY_AHEAD_PACKS in hand
 */
#ifndef GY_INGEST_PACK_H
#define GY_INGEST_PACK_H

#include "base/arena.h"
#include "base/status.h"
#include "store/call.h"

enum {
    GY_AHEAD_PACKS = 8,
    GY_PACK_LINES = 256,
    GY_PACK_BYTES = 1 << 20
};

struct gy_pack_line {
    uint64_t line;      /* of the file, from 1 */
    uint64_t position;  /* bytes of the file read by then, as they lie on disk */
    uint64_t n_blank;   /* empty lines before it that are no rows */
    struct gy_str raw;  /* as it came, with its line end; of a sheet only where rejects are kept */
    const char *reason; /* why it cannot be taken; NULL: it makes these calls */
    uint32_t first_call;
    uint32_t n_calls;
};

struct gy_pack {
    struct gy_pack_line *lines;
    uint32_t n_lines;
    uint32_t lines_capacity;
    struct gy_call *calls;
    uint32_t n_calls;
    uint32_t calls_capacity;
    uint64_t n_blank; /* empty lines behind the last of `lines` */
    struct gy_arena arena;
    size_t bytes; /* of the file in it, roughly */
    bool is_last;
    enum gy_status status; /* what happened behind the lines */
    struct gy_error error;
};

static inline bool gy_pack_is_full(const struct gy_pack *pack)
{
    return pack->n_lines >= GY_PACK_LINES || pack->bytes >= GY_PACK_BYTES;
}

/* Adds a line without calls so far. */
struct gy_pack_line *gy_pack_add_line(struct gy_pack *pack);
/* Adds a call to the last line: all zero. */
struct gy_call *gy_pack_add_call(struct gy_pack *pack);

/* Takes the last one away again. */
void gy_pack_drop_call(struct gy_pack *pack);

/* Fills an empty pack until it is full or the file ends (`is_last`). Runs in one thread only, not always
 * the caller's. */
typedef enum gy_status (*gy_fill_fn)(void *context, struct gy_pack *pack, struct gy_error *err);

struct gy_ahead;

/* `is_threaded`: with a thread of its own; else packs are filled when they are asked for, as it must be
 * where reading may wait for others. Owned by the caller (gy_ahead_close). */
struct gy_ahead *gy_ahead_open(gy_fill_fn fill, void *context, bool is_threaded);

/* Ends reading; nothing of the file is read afterwards. NULL is allowed. */
void gy_ahead_close(struct gy_ahead *ahead);

/* The next pack: a view, valid until the next call. NULL behind the last. A pack with a status is the
 * last. */
const struct gy_pack *gy_ahead_next(struct gy_ahead *ahead);

#endif
