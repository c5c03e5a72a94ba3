/* arena.h - memory that dies together: a query's, a block's, a parsed definition's.
 *
 * All zero is an empty arena. One owner; not for several threads at once. Everything is aligned to
 * 16 bytes. What was allocated lives until gy_arena_reset or gy_arena_release.
 */
#ifndef GY_BASE_ARENA_H
#define GY_BASE_ARENA_H

#include <stddef.h>

#include "base/str.h"

struct gy_arena_chunk;

struct gy_arena {
    struct gy_arena_chunk *first; /* the newest; older ones behind it */
    char *next;
    char *end;
};

void *gy_arena_alloc(struct gy_arena *arena, size_t size);
void *gy_arena_zero(struct gy_arena *arena, size_t n, size_t size); /* n × size zero bytes */

/* Copies the bytes and puts a NUL behind them. */
struct gy_str gy_arena_str(struct gy_arena *arena, struct gy_str s);

void gy_arena_reset(struct gy_arena *arena); /* keeps one chunk */
void gy_arena_release(struct gy_arena *arena);

#define GY_NEW(arena, type)           ((type *)gy_arena_zero((arena), 1, sizeof(type)))
#define GY_NEW_ARRAY(arena, type, n)  ((type *)gy_arena_zero((arena), (n), sizeof(type)))

#endif
