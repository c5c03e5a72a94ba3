/* arena.c - a list of chunks, each twice the one before, up to 1 MiB. */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/status.h"

enum { FIRST_CHUNK = 4096, LARGEST_CHUNK = 1 << 20, ALIGNMENT = 16 };

struct gy_arena_chunk {
    struct gy_arena_chunk *older;
    size_t size;
    _Alignas(ALIGNMENT) char bytes[];
};

static void add_chunk(struct gy_arena *arena, size_t size)
{
    size_t want = FIRST_CHUNK;
    if (arena->first != NULL) {
        want = arena->first->size < LARGEST_CHUNK ? arena->first->size * 2 : LARGEST_CHUNK;
    }
    if (want < size) {
        want = size;
    }
    struct gy_arena_chunk *chunk = gy_alloc(sizeof *chunk + want);
    chunk->older = arena->first;
    chunk->size = want;
    arena->first = chunk;
    arena->next = chunk->bytes;
    arena->end = chunk->bytes + want;
}

void *gy_arena_alloc(struct gy_arena *arena, size_t size)
{
    GY_ASSERT(size <= SIZE_MAX / 2);
    size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (arena->first == NULL || (size_t)(arena->end - arena->next) < rounded) {
        add_chunk(arena, rounded);
    }
    void *ptr = arena->next;
    arena->next += rounded;
    return ptr;
}

void *gy_arena_zero(struct gy_arena *arena, size_t n, size_t size)
{
    size_t bytes;
    GY_ASSERT(!__builtin_mul_overflow(n, size, &bytes));
    return memset(gy_arena_alloc(arena, bytes), 0, bytes);
}

struct gy_str gy_arena_str(struct gy_arena *arena, struct gy_str s)
{
    char *copy = gy_arena_alloc(arena, s.len + 1);
    if (s.len > 0) {
        memcpy(copy, s.ptr, s.len);
    }
    copy[s.len] = '\0';
    return (struct gy_str){copy, s.len};
}

void gy_arena_reset(struct gy_arena *arena)
{
    struct gy_arena_chunk *keep = arena->first;
    if (keep == NULL) {
        return;
    }
    while (keep->older != NULL) {
        struct gy_arena_chunk *older = keep->older->older;
        free(keep->older);
        keep->older = older;
    }
    arena->next = keep->bytes;
    arena->end = keep->bytes + keep->size;
}

void gy_arena_release(struct gy_arena *arena)
{
    while (arena->first != NULL) {
        struct gy_arena_chunk *older = arena->first->older;
        free(arena->first);
        arena->first = older;
    }
    *arena = (struct gy_arena){0};
}
